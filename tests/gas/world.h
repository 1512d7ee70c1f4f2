/* tests/gas/world.h - a claim before its contracts, as large as one gets, on a ledger on disk: where prices are measured.
 *
 * What contracts ask of the host is answered as on a node: tables, balances and history lie in LMDB, the policy is a loaded
 * one. The member's family has as much history as the state's bounds allow, so that a price that forgets to grow shows. */
#ifndef AVER_TESTS_GAS_WORLD_H
#define AVER_TESTS_GAS_WORLD_H

#include "ledger/transition/adjudicate.h"
#include "vm/vm.h"

#define GAS_WORLD_LINES    50 /* X12 005010X222: at most 50 service lines in a professional claim */
#define GAS_WORLD_BALANCES 600
#define GAS_WORLD_SERVICES 600
#define GAS_WORLD_VISITS   600
#define GAS_WORLD_USES     600
#define GAS_WORLD_ROWS     200 /* of one code of a table */

struct gas_world;
/* Makes a ledger in a new directory below /tmp; gas_world_close removes it. Ends the process if it cannot. */
struct gas_world *gas_world_open(void);
void gas_world_close(struct gas_world *w);

/* One contract, loaded; its entry point "main" is called as main(claim, member). `libraries` may be NULL: those of
 * aver_contract_setup. AVER_E_INPUT: the source is refused. */
aver_err gas_load(struct aver_vm **out, aver_bytes source, struct aver_why *why);

struct gas_run {
    double ns; /* of this thread's processor time, for the execution alone */
    uint64_t gas;
    enum aver_trap trap;
    uint64_t line;
    char words[256];
};
/* One execution on a case of its own. False when this node failed (memory); never for what the contract did. */
bool gas_execute(struct gas_world *w, struct aver_vm *vm, uint64_t limit, struct gas_run *out);

/* Processor time of this thread, nanoseconds. */
double gas_clock(void);

#endif
