/* adapters/policy_ranges.h - which procedures, revenue codes and DRGs the parts of a policy speak about: overlaps, and entries that can never decide
 * anything. Every question is answered from sorted ranges, so that a file full of codes costs n log n. */
#ifndef AVER_ADAPTERS_POLICY_RANGES_H
#define AVER_ADAPTERS_POLICY_RANGES_H

#include "adapters/policy_yaml.h"

/* POLICY-OVERLAP, POLICY-UNREACHABLE. */
void aver_policy_check_ranges(struct aver_policy_checking *c);

#endif
