/* adapters/policy_rows.h - a policy against what stands beside it: the rows of the tables that it names, and the other versions of
 * its plan. What is found joins the findings of policy_yaml.h, at the policy's lines; all of it is a warning but a table of another
 * kind, since tables and versions change without the policy. */
#ifndef AVER_ADAPTERS_POLICY_ROWS_H
#define AVER_ADAPTERS_POLICY_ROWS_H

#include "adapters/policy_yaml.h"
#include "ledger/model/policy.h"
#include "ledger/model/table.h"

/* The kind that a table must have which stands at this path of a policy, as in "networks.in_network.roster". */
enum aver_table_kind aver_policy_table_kind(aver_bytes path);

struct aver_policy_table {
    const struct aver_policy_node *node; /* that names it */
    const struct aver_table *table;      /* NULL: there is none of that name */
};
/*   POLICY-TABLE        a table of another kind; warning: none of that name
 *   POLICY-GAP          warning: a code whose dated rows leave days of the plan out, a table without a row in the plan's days, a
 *                       benefit of which no code has a price
 *   POLICY-UNREACHABLE  warning: codes of a fee table that no benefit has
 *   POLICY-TIER         warning: a roster with a tier that `networks` does not have
 *   POLICY-CODE         warning: a code that the code set does not have */
void aver_policy_check_rows(struct aver_list *findings, struct aver_arena *arena,
                            const struct aver_policy_loaded *policy, const struct aver_policy_table *tables,
                            size_t count);

struct aver_policy_version {
    aver_day from, to;
    const char *what; /* "2025.yaml", "the version published at height 9" */
    bool published;
};
/*   POLICY-VERSIONS     warning: days between this version and another that no version has; or days of one that is only in part
 *                       superseded */
void aver_policy_check_versions(struct aver_list *findings, struct aver_arena *arena,
                                const struct aver_policy_loaded *policy,
                                const struct aver_policy_version *others, size_t count);

#endif
