/* adapters/remit_csv.h - a remittance as CSV (RFC 4180, UTF-8), for people and spreadsheets.
 *
 * One header row, then one row for each adjustment of each line, in the order of the 835; a line without an adjustment has one
 * row with the adjustment's columns empty. Money is decimal dollars with two places. The charge, allowed and paid
 * amounts of a line stand in its first row only, so that a column can be summed; balances carried from and to
 * other remittances have rows of their own with `record` = "carried_in" and "carried_out". The sum of column `paid`
 * is the payment. `payee` is as the ledger has it, "member:ID" where a member is paid; carc_text and rarc_text are what the
 * remittance's texts give for the codes, empty without. A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
#ifndef AVER_ADAPTERS_REMIT_CSV_H
#define AVER_ADAPTERS_REMIT_CSV_H

#include "adapters/x835.h"

/* Appends the file. Reads the remittance, payee and claims of `remit`. Fails as aver_x835_write does for X835-PENDED,
 * X835-LINES and X835-SUM. */
AVER_MUST_CHECK aver_err aver_remit_csv_write(struct aver_buf *out, const struct aver_x835_remit *remit,
                                              struct aver_why *why);

#endif
