/* ledger/transition/contract.h - what an adjudication contract can reach beside the library of vm/: the claim, its member,
 * the policy, prices, accumulators and history. The one list of it, for running, checking and documenting. */
#ifndef AVER_LEDGER_TRANSITION_CONTRACT_H
#define AVER_LEDGER_TRANSITION_CONTRACT_H

#include "ledger/model/policy.h"
#include "vm/vm.h"

const struct aver_vm_setup *aver_contract_setup(void);
/* Whether a contract that loads can be prepared for a policy; *gas (may be NULL) is what its entry point `prepare` takes, 0 if it
 * has none. AVER_E_INPUT CONTRACT-PREPARE: it ends early; the place is "name:line", and *line (may be NULL) that line or 0. Other
 * errors as of aver_vm_new. */
AVER_MUST_CHECK aver_err aver_contract_prepare(const char *name, aver_bytes source,
                                               const struct aver_policy_loaded *policy, uint64_t *gas,
                                               uint64_t *line, struct aver_why *why);
/* The prices of all that, as a table in Markdown; those of vm/ are aver_vm_prices. */
void aver_contract_prices(struct aver_buf *out);
/* The object types, for the LuaCATS definitions. */
const struct aver_object_type *const *aver_contract_types(size_t *count);

#endif
