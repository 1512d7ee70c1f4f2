/* adapters/table_join.h - a table made of several: files of one publication, or the next edition of what is in force, for
 * publications that come each quarter or year and carry no dates (NCCI MUE, relative values, cost indices). */
#ifndef AVER_ADAPTERS_TABLE_JOIN_H
#define AVER_ADAPTERS_TABLE_JOIN_H

#include "ledger/model/table.h"

/* Adds the rows of `more`, a table of the same kind, which is not changed; all in the arena. AVER_E_INPUT TABLE-KIND, or
 * TABLE-OVERLAP, TABLE-SIZE with the code as place. */
AVER_MUST_CHECK aver_err aver_table_join(struct aver_table *table, const struct aver_table *more,
                                         struct aver_arena *arena, struct aver_why *why);

/* Rows of `table` that have no first day begin on `from`. What the version in force, `before`, says of earlier days is added, so
 * that services of those go on as they did; what it says of `from` and later gives way. `before` (NULL: there is none) is not
 * changed; all in the arena. AVER_E_INPUT, with the code as place: TABLE-KIND, TABLE-SIZE, or
 *   TABLE-FROM  a row of `table` is of days before `from`: a table that has dates of its own is published whole */
AVER_MUST_CHECK aver_err aver_table_from(struct aver_table *table, aver_day from,
                                         const struct aver_table *before, struct aver_arena *arena,
                                         struct aver_why *why);

#endif
