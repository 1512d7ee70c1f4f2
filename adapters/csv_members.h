/* adapters/csv_members.h - enrolment from CSV: families, their members, and when each was covered by which plan.
 *
 *   family_id, member_id, relationship (self, spouse, child, other), last_name, first_name, birth_date, sex (F, M, U), plan,
 *   group_number, coverage_from, [coverage_to]
 * One row a period of cover; rows come in any order; what a member's rows say of the person agrees. */
#ifndef AVER_ADAPTERS_CSV_MEMBERS_H
#define AVER_ADAPTERS_CSV_MEMBERS_H

#include "adapters/csv_sheet.h"
#include "ledger/model/tx.h"

#define AVER_ENROLMENT_BYTES_MAX 268435456 /* about three million rows */

/* `families` is a list of struct aver_family by family_id; text borrows `csv` or lies in the arena. `secret` is absent: who
 * enrols the family draws it. A family with an error in any of its rows is left out whole, the others are given all the same (a row that is no CSV
 * says of no family that it is its own: after one, look before going on).
 * `findings` is a list of struct aver_sheet_finding; beside the codes of csv_sheet.h:
 *   MEMBER-DATES     cover ends before it begins
 *   MEMBER-BORN      warning: cover begins before the member is born
 *   MEMBER-DIFFERS   two rows of a member say different things of the person
 *   MEMBER-FAMILY    one member id in two families
 *   MEMBER-OVERLAP   two periods of cover of one member overlap
 *   MEMBER-SELF      a family has no member whose relationship is self, or several
 *   MEMBER-COUNT     more than AVER_FAMILY_MEMBERS_MAX members, or AVER_MEMBER_COVERS_MAX periods of one
 *   MEMBER-SIZE      the file passes AVER_ENROLMENT_BYTES_MAX
 * AVER_E_INPUT with the first error's code, "file:line" and text. */
AVER_MUST_CHECK aver_err aver_families_from_csv(struct aver_list *families, const char *file_name,
                                                aver_bytes csv, struct aver_arena *arena,
                                                struct aver_list *findings, struct aver_why *why);

#endif
