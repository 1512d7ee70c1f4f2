/* adapters/csv_sheet.h - a CSV file with named columns, and what is wrong with its cells: the part that tables, enrolment and
 * claims have in common. Values are trimmed; an empty one is absent. A finding names line, column and value, and says what
 * to do; a row with an error is bad, the rows after it are read all the same. */
#ifndef AVER_ADAPTERS_CSV_SHEET_H
#define AVER_ADAPTERS_CSV_SHEET_H

#include "adapters/csv.h"
#include "base/date.h"
#include "base/money.h"

#define AVER_SHEET_COLUMNS_MAX  48
#define AVER_SHEET_ERRORS_MAX   1000 /* findings kept; `dropped` counts the others */
#define AVER_SHEET_WARNINGS_MAX 100
#define AVER_SHEET_VALUE_MAX    60 /* bytes of a value that a finding keeps */

struct aver_sheet_column {
    const char *name;
    bool column_required, value_required; /* in the header; in every row */
};

/* Codes: those of csv.h, and
 *   CSV-EMPTY    no header
 *   CSV-FORMAT   no text: a spreadsheet's own file, an archive, UTF-16
 *   CSV-COLUMN   an unknown column (the text names the nearest known one), a missing one, one that stands twice, a value under a
 *                column without a name; columns with semicolons or tabs between
 *   CSV-MISSING  an empty value where one is needed
 *   CSV-VALUE    a value that is not what its column wants
 * and those of the readers built on this. */
struct aver_sheet_finding {
    bool error;
    const char *code;
    uint64_t line, row; /* row 0: the header or the file */
    size_t offset;      /* of the row in the file */
    aver_bytes column;  /* absent when the whole row is meant */
    aver_bytes value;   /* as it stands, cut to AVER_SHEET_VALUE_MAX; absent when there is none */
    aver_bytes text;    /* one sentence: what is wrong and what to do */
};

struct aver_sheet {
    struct aver_csv csv;
    struct aver_arena *arena;
    const struct aver_sheet_column *columns;
    size_t columns_count;
    size_t where[AVER_SHEET_COLUMNS_MAX]; /* of each column in the file; SIZE_MAX: not there */
    struct aver_list findings;            /* of struct aver_sheet_finding, by row */
    size_t errors, warnings, dropped;
    size_t guessed; /* unknown columns that are near a known one */
    size_t errors_max,
        warnings_max; /* set by aver_sheet_open to the above; who empties the findings may raise them */
    struct aver_csv_row row;                   /* the current one */
    bool bad;                                  /* it has an error so far */
    aver_bytes values[AVER_SHEET_COLUMNS_MAX]; /* by column; absent when empty or not there */
};

/* Reads the header. False when the rows cannot be read for lack of it; the findings say why. */
bool aver_sheet_open(struct aver_sheet *sheet, aver_bytes in, const struct aver_sheet_column *columns,
                     size_t count, struct aver_arena *arena);
/* The next row, good or bad; false at the end. A row that is no CSV has no values. Rows of empty fields are passed over, and so are
 * columns without a name that are empty in every row: spreadsheets leave them behind. */
bool aver_sheet_next(struct aver_sheet *sheet);
/* At the current row. An error makes the row bad. `column` SIZE_MAX: the whole row. The second: at another row, which it does not
 * make bad. */
void aver_sheet_find(struct aver_sheet *sheet, bool error, const char *code, size_t column, const char *fmt,
                     ...) AVER_PRINTF(5, 6);
void aver_sheet_find_at(struct aver_sheet *sheet, bool error, const char *code,
                        const struct aver_csv_row *row, const char *column, aver_bytes value, const char *fmt,
                        ...) AVER_PRINTF(7, 8);
/* The value of a column; where it is not what is asked for, a finding CSV-VALUE and the absent value. */
aver_bytes aver_sheet_text(struct aver_sheet *sheet, size_t column,
                           size_t bytes_max); /* one line, no control characters */
aver_bytes aver_sheet_code(struct aver_sheet *sheet, size_t column, size_t bytes_max); /* [A-Z0-9]+ */
aver_day aver_sheet_day(struct aver_sheet *sheet, size_t column); /* 2026-03-01 or 20260301 */
aver_money aver_sheet_money(struct aver_sheet *sheet, size_t column);
uint64_t aver_sheet_decimal(struct aver_sheet *sheet, size_t column, unsigned decimals, uint64_t max,
                            const char *what);
bool aver_sheet_flag(struct aver_sheet *sheet, size_t column); /* true, yes, y, 1; false, no, n, 0 or empty */
/* The 1-based place among `names`, which end with NULL after names[0] = NULL; 0 when absent or not one of them. */
uint64_t aver_sheet_enum(struct aver_sheet *sheet, size_t column, const char *const *names, size_t count);
/* What a reader returns: AVER_E_INPUT and the first error as "file:line", if there is one. */
AVER_MUST_CHECK aver_err aver_sheet_verdict(const struct aver_sheet *sheet, const char *file_name,
                                            struct aver_why *why);

#endif
