/* ledger/transition/host_gas.h - what host functions charge beside their row, where their work grows: of gas table version
 * AVER_GAS_TABLE_VERSION (vm/gas.h). vm/GAS.md tells how they were found. */
#ifndef AVER_LEDGER_TRANSITION_HOST_GAS_H
#define AVER_LEDGER_TRANSITION_HOST_GAS_H

#include "vm/vm.h"

/* name, gas, what it pays */
#define HOST_PRICES(X)                                                                                       \
    X(RANGE, 5, "in_ranges, concerns, rule_for, benefit_for: for each code or range of codes in the list")   \
    X(BENEFIT, 10, "benefit_for, rule_for: for each benefit or rule, up to the one")                         \
    X(NETWORK, 50, "network_of: for each network with a roster")                                             \
    X(SEEN, 2, "history.duplicate, history.visit, Line:count_visit, a copay: for each service or visit")     \
    X(PAIRS_SORTED, 20, "edits.pairs, once for a day: for each line and service of it")                      \
    X(PAIRS_CODE, 2, "edits.pairs: for each different procedure of the day")                                 \
    X(USE, 10, "history.uses, Line:count_use: for each use of the rule that the member has")                 \
    X(READ, 30, "accumulators and visits, when a record of them is first read: for each in it")              \
    X(TIER, 30, "accum.left, accum.limit, Line:adjust that consumes: for each other tier that counts there") \
    X(CONSUMED, 300, "Line:adjust: for each accumulator that it consumes; Line:count: for each maximum")     \
    X(MAXIMUM, 10, "accum.left, accum.limit, Line:count: for each maximum of the policy, if one is named")   \
    X(EVERY_LINE, 2, "Claim:deny, Claim:pend: for each line of the claim")                                   \
    X(DENIED, 150, "Claim:deny: for each line that it denies")

#define HOST_PRICE_ENUM(name, gas, text) HOST_GAS_##name = (gas),
enum { HOST_PRICES(HOST_PRICE_ENUM) };

#define HOST_GAS_PATH_BYTES 4 /* opt: one gas for so many bytes of the path */
#define HOST_GAS_ENTRY_BYTE 1 /* for each byte of a table's entry: decoded, it takes some ten times that */

#endif
