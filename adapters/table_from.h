/* adapters/table_from.h - a table's next edition: rows that hold from a day on, in place of those in force until then. For
 * publications that come each quarter or year and carry no dates (NCCI MUE, relative values, cost indices). */
#ifndef AVER_ADAPTERS_TABLE_FROM_H
#define AVER_ADAPTERS_TABLE_FROM_H

#include "ledger/model/table.h"

/* Rows of `table` that have no first day begin on `from`. What the version in force, `before` (NULL: there is none), says of
 * earlier days is added, so that services of those go on as they did; what it says of `from` and later gives way. `before` is not
 * changed; all in the arena.
 *   TABLE-FROM  a row of `table` is of days before `from`: a table that has dates of its own is published whole
 *   TABLE-KIND  `before` is of another kind
 * AVER_E_INPUT, with the code as place. */
AVER_MUST_CHECK aver_err aver_table_from(struct aver_table *table, aver_day from,
                                         const struct aver_table *before, struct aver_arena *arena,
                                         struct aver_why *why);

#endif
