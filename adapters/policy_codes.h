/* adapters/policy_codes.h - the codes that a policy writes out: whether there are such, and whether a denial may carry them. */
#ifndef AVER_ADAPTERS_POLICY_CODES_H
#define AVER_ADAPTERS_POLICY_CODES_H

#include "adapters/policy_yaml.h"

/* POLICY-CODE, POLICY-REMARK. */
void aver_policy_check_codes(struct aver_policy_checking *c);

#endif
