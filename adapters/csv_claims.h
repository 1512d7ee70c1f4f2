/* adapters/csv_claims.h - professional claims from one flat CSV file: a row for each line of a claim, the rows of a claim
 * adjacent and with one patient_control_number.
 *
 *   once a claim (in its first row; later rows repeat it or leave it empty):
 *     patient_control_number (in every row), member_id, total_charge, [last_name, first_name, birth_date, sex, relationship,
 *     group_number, payer_id, payer_name, billing_npi, billing_name, billing_tax_id, billing_postal_code, billing_state, frequency, original_reference,
 *     diagnoses, assignment]
 *   for each line, and for the claim where the first row has it:
 *     [rendering_npi, place_of_service, prior_auth]
 *   for each line:
 *     procedure, units, charge, service_from, [line_number, modifiers, service_to, diagnosis_pointers, control_number]
 *
 * Several values in a cell (diagnoses, modifiers, diagnosis_pointers) stand with spaces between. relationship is self, spouse,
 * child, other, or the X12 code; where it is not self, last_name, first_name, birth_date and sex are the patient's. Money is
 * dollars, units have up to three decimals, dates are 2026-03-01 or 20260301.
 *
 * total_charge is what shows that a claim is whole: where a row is lost, the sum of the lines is another (CLAIM-TOTAL). */
#ifndef AVER_ADAPTERS_CSV_CLAIMS_H
#define AVER_ADAPTERS_CSV_CLAIMS_H

#include "adapters/intake.h"

/* Reads the whole file, which must stay as long as the intake is used. A bad row rejects its claim only; a header that cannot be
 * used rejects the file. Finding codes: those of csv.h and csv_sheet.h, CLAIM-* as in ledger/model/claim.h, and
 *   CSV-CLAIM     a row says something else of its claim than the claim's first row
 *   CSV-LINES     a claim with more than AVER_CLAIM_LINES_MAX rows
 *   CSV-EMPTY     warning: no rows
 *   CSV-NPI       an NPI that has not ten digits; warning: one with a wrong check digit
 *   CSV-FILE      the file passes AVER_INTAKE_FILE_MAX */
void aver_csv_claims_read(struct aver_intake *intake, aver_bytes file);

#endif
