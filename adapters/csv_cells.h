/* adapters/csv_cells.h - cells of a claim in CSV: what each must look like, and what spreadsheets make of it.
 *
 * Each reads the value of a column in the sheet's current row; what is wrong becomes a finding of that row (csv_sheet.h):
 * CSV-VALUE if nothing else is said. What is absent stays absent. */
#ifndef AVER_ADAPTERS_CSV_CELLS_H
#define AVER_ADAPTERS_CSV_CELLS_H

#include "adapters/csv_sheet.h"

/* Each word of a cell with several; false at the end. `cell` becomes what is left. */
bool aver_cell_word(aver_bytes *cell, aver_bytes *word);
/* Ten digits, else CSV-NPI; a wrong check digit is a warning of that code. */
aver_bytes aver_cell_npi(struct aver_sheet *sheet, size_t column);
/* A place of service, "11". A spreadsheet makes 1 of "01". */
aver_bytes aver_cell_place(struct aver_sheet *sheet, size_t column);
/* HCPCS and CPT codes have five characters. A spreadsheet makes 100 of "00100". */
aver_bytes aver_cell_procedure(struct aver_sheet *sheet, size_t column);
/* X12's code for self, spouse, child, other; "18" where it is empty. */
aver_bytes aver_cell_relationship(struct aver_sheet *sheet, size_t column);
/* One word of the column: a diagnosis code without its point, as the canonical claim carries it. */
aver_bytes aver_cell_diagnosis(struct aver_sheet *sheet, size_t column, aver_bytes word);
/* Whether an 835 gives a patient control number back byte for byte: its separators are * ~ : ^, and it is ASCII. */
bool aver_cell_echoes(aver_bytes control);

#endif
