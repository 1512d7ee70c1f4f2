/* adapters/csv_ncci.h - the National Correct Coding Initiative's tables as the Centers for Medicare & Medicaid Services publish
 * them each quarter, read as the tables of csv_tables.h.
 *
 *   PTP  a text file of seven columns with tabs between (or commas, saved from the workbook): column 1, column 2, whether in
 *        existence before 1996, effective date, deletion date (the last day; * for none), modifier indicator, rationale
 *   MUE  a CSV file of four columns: code, units, adjudication indicator (a digit, then words), rationale. It has no dates
 *
 * Notices and headings of several lines stand before the first row of both. */
#ifndef AVER_ADAPTERS_CSV_NCCI_H
#define AVER_ADAPTERS_CSV_NCCI_H

#include "ledger/model/table.h"

/* The same table under the column names of csv_tables.h, each row on the line that it has in the file; absent when the file
 * is not such a publication. Pairs that were deleted on the day on which they began (indicator 9) never held and are left
 * out. A row that is not of this form stays as it is, for the reader to find fault with. In the arena. */
aver_bytes aver_ncci_normal(enum aver_table_kind kind, aver_bytes file, struct aver_arena *arena);

#endif
