/* ledger/transition/machine.h - contracts and policies made ready once and kept, by digest. A cache and nothing more: it
 * changes no answer. */
#ifndef AVER_LEDGER_TRANSITION_MACHINE_H
#define AVER_LEDGER_TRANSITION_MACHINE_H

#include "ledger/model/policy.h"
#include "ledger/model/table.h"
#include "ledger/transition/apply.h"
#include "ledger/transition/memo.h"
#include "vm/vm.h"

/* Borrowed, good while the machine lives. AVER_E_NOT_FOUND when the view has no such artifact; AVER_E_CORRUPT when what it has
 * does not load, since publication checked that it does. */
AVER_MUST_CHECK aver_err aver_machine_contract(struct aver_machine *machine, const struct aver_view *view,
                                               aver_digest digest, struct aver_vm **out,
                                               struct aver_why *why);
AVER_MUST_CHECK aver_err aver_machine_policy(struct aver_machine *machine, const struct aver_view *view,
                                             aver_digest digest, const struct aver_policy_loaded **out,
                                             struct aver_why *why);

/* A machine whose contracts count what their lines do (aver_vm_lines): for tools. It decides as any other. */
struct aver_machine *aver_machine_new_counting(void);
/* The contract, if the machine has made it ready; else NULL. Borrowed. */
const struct aver_vm *aver_machine_ready(struct aver_machine *machine, aver_digest contract);

/* What it keeps of commitments, for aver_work. Borrowed. */
struct aver_memo *aver_machine_memo(struct aver_machine *machine);

/* The decoded form of a table's entry, good until the next call. Kept by its bytes, so that what the view gives decides.
 * AVER_E_INPUT as aver_schema_read. */
AVER_MUST_CHECK aver_err aver_machine_entry(struct aver_machine *machine, aver_bytes bytes,
                                            const struct aver_table_entry **out, struct aver_why *why);

#endif
