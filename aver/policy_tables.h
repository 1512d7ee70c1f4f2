/* aver/policy_tables.h - the tables that a policy names: what must be published, or lie in a contract directory, before claims are
 * decided by it. */
#ifndef AVER_AVER_POLICY_TABLES_H
#define AVER_AVER_POLICY_TABLES_H

#include "ledger/model/policy.h"

/* The values of fee_schedule.TIER.table, networks.TIER.roster, ncci.EDIT.table, barred_providers.N.table and code_sets.procedures, in this order: a list of
 * const struct aver_policy_node *, which borrow the policy. */
struct aver_list aver_policy_tables(struct aver_arena *arena, const struct aver_policy_loaded *policy);

#endif
