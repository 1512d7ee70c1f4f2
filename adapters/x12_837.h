/* adapters/x12_837.h - professional claims, X12 837P, into canonical claims.
 * Accepted: 005010X222A1 (the HIPAA version) and 005010X222A2. Every other version, and 837I and 837D, get a finding that
 * says so, and their claims stand in the intake's `rejected`.
 *
 * What is checked: envelopes (x12.h), the place of every segment (x12_837_loops.h), required elements, code values, types
 * and lengths of what the canonical claim carries (x12_837_codes.c), the rules between them, and aver_claim_check.
 * Segments that may stand where they stand but carry nothing the canonical claim has are skipped (PWK, CN1, K3, NTE,
 * CR1-3, CRC, HCP, MEA, QTY, PS1, SV5, OI, MOA, FRM ...).
 *
 * Finding codes: X12-SSSNN where element NN of segment SSS is at fault (ik403 says how); X12-SEGMENT-* and X12-REQUIRED for
 * places; X12-MONEY; X12-CLM02-SUM; X12-POINTER; X12-HL-*; X12-NPI (a warning); CLAIM-* as in ledger/model/claim.h; and
 * the envelopes'. */
#ifndef AVER_ADAPTERS_X12_837_H
#define AVER_ADAPTERS_X12_837_H

#include "adapters/intake.h"

#define AVER_837P_LINES_MAX   50 /* 005010X222 2400 LX: at most 50 to a claim */
#define AVER_837_FINDINGS_MAX 20 /* described for one claim, or one provider, subscriber or patient */

/* Reads the whole file. It must stay as long as the intake is used. */
void aver_x12_837_read(struct aver_intake *intake, aver_bytes file);

/* The NPI check digit (45 CFR 162.406; ISO/IEC 7812 Luhn over "80840" and the ten digits). */
bool aver_npi_valid(aver_bytes npi);

#endif
