/* adapters/csv_tables.h - fee schedules, relative values, provider rosters, code sets and NCCI edits from CSV.
 *
 *   fees    code, price, from, [modifier], [place], [locality], [to], [bundled], [description], [unit]; the code is a procedure, a
 *           revenue code (four digits), a DRG (three), or with a unit of measure (F2, GR, ME, ML, UN) a drug's NDC of 11 digits, whose
 *           hyphens are taken out
 *   roster  npi, tier, from, [to], [description]
 *   codes   code, from, [to], [description]
 *           or the list of excluded individuals and entities of the US Department of Health's inspector general (OIG LEIE) as
 *           it is published: the NPIs of those who have one, while they are excluded
 *   pairs   column1, column2, modifier_indicator, [effective], [deleted], [rationale]: NCCI PTP, column2 is not paid
 *           (without the column `effective` a row of a pair begins after the one that was deleted before it)
 *   units   hcpcs_code, mue_units, mue_mai, [effective], [deleted], [mue_rationale], [mue_service]: NCCI MUE; mue_service
 *           is passed over
 *           pairs and units also as CMS publishes them (csv_ncci.h)
 *   rvus    hcpcs_code, rvu_work, rvu_non_pe, rvu_fac_pe, rvu_mp, cf, [mod], [effective], [deleted], [rvu_non_sum], [rvu_fac_sum],
 *           [rvu_opps_non_pe], [rvu_opps_fac_pe], [rvu_opps_mp]: relative value units of work, practice expense (of a place that
 *           is no facility, and of one that is) and malpractice, and the conversion factor, dollars with up to six decimals; the
 *           others are passed over, and so is a row without any value: such a code has no price here
 *   gpcis   mac, locality, gpci_work, gpci_pe, gpci_mp, [state], [locality_name], [gpci_gaf], [effective], [deleted]: the
 *           locality's name is MAC-LOCALITY
 *   localities  postal_code (five digits) or state, locality (MAC-LOCALITY), from, [to], [description]
 * `price` is dollars a unit, with up to six decimals; it may be empty only where `bundled` says yes. Dates are 2026-03-01 or
 * 20260301 and inclusive; an empty `to` is open. Rows come in any order. */
#ifndef AVER_ADAPTERS_CSV_TABLES_H
#define AVER_ADAPTERS_CSV_TABLES_H

#include "adapters/csv_sheet.h"
#include "ledger/model/table.h"

/* Reads a table; text borrows `csv` or lies in the arena, and so do the lists. `findings` is a list of struct
 * aver_sheet_finding. Beside the codes of csv_sheet.h:
 *   TABLE-OVERLAP  two rows of one code hold on the same day; the text names both lines
 *   TABLE-ROW      a row that ends before it begins, a price with `bundled` or none without it
 *   TABLE-NPI      warning: an NPI with a wrong check digit (Luhn with prefix 80840)
 *   TABLE-SIZE     more than AVER_TABLE_ENTRIES_MAX codes, AVER_TABLE_ROWS_MAX rows of one, or AVER_TABLE_BYTES_MAX bytes
 *   TABLE-LEIE     warning: how many of the excluded have no NPI, and are not in the table
 *   TABLE-EMPTY    warning: no row
 *   TABLE-NAME     the name is not one a table may have
 * AVER_E_INPUT with the first error's code, "file:line" and text. */
AVER_MUST_CHECK aver_err aver_table_from_csv(struct aver_table *out, aver_bytes name,
                                             enum aver_table_kind kind, const char *file_name, aver_bytes csv,
                                             struct aver_arena *arena, struct aver_list *findings,
                                             struct aver_why *why);

#endif
