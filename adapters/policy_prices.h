/* adapters/policy_prices.h - how a policy prices services: whether its schedules, modifiers and protections agree. */
#ifndef AVER_ADAPTERS_POLICY_PRICES_H
#define AVER_ADAPTERS_POLICY_PRICES_H

#include "adapters/policy_yaml.h"

/* POLICY-PRICE, POLICY-TIER, POLICY-ID, POLICY-UNREACHABLE. */
void aver_policy_check_prices(struct aver_policy_checking *c);

#endif
