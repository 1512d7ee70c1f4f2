/* aver/contract.h - contract files, as contract check and deploy read them; and what is wrong with one that is of the dialect. */
#ifndef AVER_AVER_CONTRACT_H
#define AVER_AVER_CONTRACT_H

#include "aver/command.h"
#include "ledger/model/policy.h"
#include "ledger/model/tx.h"
#include "vm/vm.h"

#define AVER_CONTRACTS_MAX 100

/* The file, in the command's arena. AVER_E_INPUT CONTRACT-NAME: its name can be no contract's; errors of aver_path_read. */
AVER_MUST_CHECK aver_err aver_contract_read(struct aver_command *cmd, const char *path,
                                            struct aver_publication *out);

/* Whether a contract, or a test in Lua, is of the dialect; what is not is shown on stderr at its place, with a caret. Errors of
 * aver_vm_check. */
AVER_MUST_CHECK aver_err aver_contract_dialect(struct aver_command *cmd, const struct aver_vm_setup *setup,
                                               const char *path, aver_bytes source);

/*   CHECK-METHOD   no object has such a method        CHECK-GROUP   a group other than CO, OA, PI, PR
 *   CHECK-CARC     no claim adjustment reason code; as a warning: one that we have no words for
 *   CHECK-RARC     no remark code                     CHECK-COUNTER an accumulator that the policy does not have
 *   CHECK-PATH     a `because`, or a field of `policy`, that the policy does not have, and of which the contract does not ask
 *                  with opt(policy, PATH) whether it is there
 *   CHECK-TABLE    as a warning, of a policy: a table that the directory does not have
 * Only what the source says in so many words is looked at; what it computes is checked when it runs. */
struct aver_contract_finding {
    bool warning;
    uint64_t line, column;
    const char *code, *text, *instead;
};

/* Looks through a contract of the dialect; findings in the command's arena, by line. `policies`: those that it decides by, list of
 * const struct aver_policy_loaded *; none: what needs a policy is not looked at. */
AVER_MUST_CHECK aver_err aver_contract_look(struct aver_command *cmd, const char *path, aver_bytes source,
                                            const struct aver_list *policies, struct aver_list *findings);

#endif
