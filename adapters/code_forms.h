/* adapters/code_forms.h - codes that senders write in several ways, in the one form that tables and policies have. */
#ifndef AVER_ADAPTERS_CODE_FORMS_H
#define AVER_ADAPTERS_CODE_FORMS_H

#include "base/arena.h"

#define AVER_REVENUE_CODE_DIGITS 4  /* NUBC: 0120; X12 837I SV201 */
#define AVER_NDC_DIGITS          11 /* X12 LIN03: labeler 5, product 4, package 2 */

/* Four digits. */
bool aver_revenue_code_valid(aver_bytes code);
/* Room and board, 0100 to 0219: its units are days. */
bool aver_revenue_code_is_stay(aver_bytes code);
/* A diagnosis related group: three digits (MS-DRG), or three and a level of severity (APR-DRG). */
bool aver_drg_valid(aver_bytes code);
/* A national drug code as 11 digits: as they are, or from its three parts with hyphens, of which one may lack the zero that it
 * begins with (4-4-2, 5-3-2, 5-4-1; FDA, 21 CFR 207.33). Absent where it is neither: of ten digits without hyphens nobody can
 * say where the zero belongs. */
aver_bytes aver_ndc_digits(struct aver_arena *arena, aver_bytes text);
/* A unit of measure of drugs (X12 CTP05-1). */
bool aver_drug_unit_valid(aver_bytes unit);
#define AVER_DRUG_UNITS "F2 (international unit), GR (gram), ME (milligram), ML (milliliter) or UN (unit)"

#endif
