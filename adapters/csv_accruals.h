/* adapters/csv_accruals.h - what members used elsewhere, as a pharmacy manager or the carrier before reports it, from CSV.
 *
 *   source, reference, member_id, plan, day, counter (deductible, oop_max, maxima.ID), [tier], [amount], [reverses], [note]
 * One row a report. `amount` is in dollars, with a minus where less was used than reported before; a row that `reverses` has
 * none and takes back what was reported under the same source, reference, member, counter and tier. */
#ifndef AVER_ADAPTERS_CSV_ACCRUALS_H
#define AVER_ADAPTERS_CSV_ACCRUALS_H

#include "adapters/csv_sheet.h"
#include "ledger/model/tx.h"

#define AVER_ACCRUALS_BYTES_MAX 67108864

/* `accruals` is a list of struct aver_accrual, in the order of the file; text borrows `csv` or lies in the arena. A row with an
 * error is left out, the others are given all the same. `findings` is a list of struct aver_sheet_finding; beside the codes of
 * csv_sheet.h:
 *   ACCRUAL-AMOUNT   an amount of nothing, or one where the row takes back
 *   ACCRUAL-TIER     a counter that has tiers without one, or a maximum with one
 *   ACCRUAL-SIZE     the file passes AVER_ACCRUALS_BYTES_MAX
 * AVER_E_INPUT with the first error's code, "file:line" and text. */
AVER_MUST_CHECK aver_err aver_accruals_from_csv(struct aver_list *accruals, const char *file_name,
                                                aver_bytes csv, struct aver_arena *arena,
                                                struct aver_list *findings, struct aver_why *why);

#endif
