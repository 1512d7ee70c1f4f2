/* adapters/policy_lines.h - which lines of a claim an entry of a policy is for: each entry names procedures, revenue codes or, where
 * that may be, DRGs. */
#ifndef AVER_ADAPTERS_POLICY_LINES_H
#define AVER_ADAPTERS_POLICY_LINES_H

#include "adapters/policy_yaml.h"

/* POLICY-KEY: an entry for no line. POLICY-PRICE: a rate of a stay with what only a rate of a service has, or the other way
 * round. */
void aver_policy_check_lines(struct aver_policy_checking *c);

#endif
