/* ledger/transition/receipt_diff.h - where two receipts differ, in words. */
#ifndef AVER_LEDGER_TRANSITION_RECEIPT_DIFF_H
#define AVER_LEDGER_TRANSITION_RECEIPT_DIFF_H

#include "ledger/model/decision.h"

/* Whether the receipt is of a decision under a version of the gas prices that this program does not have: what comes out
 * otherwise then is no difference, it could not be checked. `why`, NULL allowed, is GAS-TABLE and says what to do. */
bool aver_receipt_other_prices(const struct aver_receipt *recorded, struct aver_why *why);

/* The first field in which two encoded receipts differ: "decision.lines[2].adjustments[0].amount is 1200 in the record and 1300
 * when executed again". What was decided comes before what was touched. */
void aver_receipt_difference(struct aver_buf *out, aver_bytes recorded, aver_bytes again,
                             struct aver_arena *arena);

#endif
