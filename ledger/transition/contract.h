/* ledger/transition/contract.h - what an adjudication contract can reach beside the library of vm/: the claim, its member,
 * the policy, prices, accumulators and history. The one list of it, for running, checking and documenting. */
#ifndef AVER_LEDGER_TRANSITION_CONTRACT_H
#define AVER_LEDGER_TRANSITION_CONTRACT_H

#include "vm/vm.h"

const struct aver_vm_setup *aver_contract_setup(void);
/* The prices of all that, as a table in Markdown; those of vm/ are aver_vm_prices. */
void aver_contract_prices(struct aver_buf *out);
/* The object types, for the LuaCATS definitions. */
const struct aver_object_type *const *aver_contract_types(size_t *count);

#endif
