/* adapters/csv_claims.h - professional and institutional claims from one flat CSV file: a row for each line of a claim, the rows of a claim
 * adjacent and with one patient_control_number.
 *
 *   once a claim (in its first row; later rows repeat it or leave it empty):
 *     patient_control_number (in every row), member_id, total_charge, [last_name, first_name, birth_date, sex, relationship,
 *     group_number, payer_id, payer_name, billing_npi, billing_name, billing_tax_id, billing_postal_code, billing_state, frequency, original_reference,
 *     diagnoses, assignment, type, type_of_bill, statement_from, statement_to, admission_date, drg]
 *   for each line, and for the claim where the first row has it:
 *     [rendering_npi, place_of_service, prior_auth]
 *   for each line:
 *     procedure, units, charge, service_from, [line_number, revenue_code, modifiers, service_to, diagnosis_pointers,
 *     control_number, ndc, ndc_units, ndc_unit]
 *
 * Several values in a cell (diagnoses, modifiers, diagnosis_pointers) stand with spaces between. relationship is self, spouse,
 * child, other, or the X12 code; where it is not self, last_name, first_name, birth_date and sex are the patient's. Money is
 * dollars, units have up to three decimals, dates are 2026-03-01 or 20260301.
 *
 * type is professional, unless given, or institutional. An institutional claim has a type_of_bill (111: facility 11, frequency 1),
 * statement_from and statement_to, its admission_date if it is inpatient, and perhaps the DRG of the stay; its lines have a
 * revenue_code of four digits, a procedure where there is one, and no days where they are the statement's. Units of room and
 * board (0100 to 0219) are days.
 *
 * A drug has an ndc of 11 digits or with hyphens (5-4-2, or with one part a digit short), a quantity and its unit: F2, GR, ME, ML, UN.
 *
 * total_charge is what shows that a claim is whole: where a row is lost, the sum of the lines is another (CLAIM-TOTAL). */
#ifndef AVER_ADAPTERS_CSV_CLAIMS_H
#define AVER_ADAPTERS_CSV_CLAIMS_H

#include "adapters/intake.h"

/* Reads the whole file, which must stay as long as the intake is used. A bad row rejects its claim only; a header that cannot be
 * used rejects the file. Finding codes: those of csv.h and csv_sheet.h, CLAIM-* as in ledger/model/claim.h, and
 *   CSV-CLAIM     a row says something else of its claim than the claim's first row
 *   CSV-TYPE      what only an institutional claim has, or what such a claim does not have
 *   CSV-STATEMENT warning: a service outside the statement's days
 *   CSV-LINES     a claim with more than AVER_CLAIM_LINES_MAX rows
 *   CSV-CONTROL   warning: a patient control number that an 835 cannot give back as it is
 *   CSV-EMPTY     warning: no rows
 *   CSV-NPI       an NPI that has not ten digits; warning: one with a wrong check digit
 *   CSV-FILE      the file passes AVER_INTAKE_FILE_MAX */
void aver_csv_claims_read(struct aver_intake *intake, aver_bytes file);

#endif
