/* adapters/csv.h - comma-separated values as RFC 4180 says, read strictly and row by row, and written.
 *
 * UTF-8, with or without a byte order mark; rows end with CR LF or LF; fields in quotes may hold commas, quotes (doubled) and
 * line ends. Empty lines are passed over. A row that is wrong is reported and the next one is read: nothing else is lost. */
#ifndef AVER_ADAPTERS_CSV_H
#define AVER_ADAPTERS_CSV_H

#include "base/arena.h"

#define AVER_CSV_FIELD_MAX  8192  /* bytes */
#define AVER_CSV_ROW_MAX    65536 /* bytes */
#define AVER_CSV_FIELDS_MAX 128   /* of one row */

struct aver_csv {
    aver_bytes in;
    struct aver_arena *arena;
    size_t at;     /* next byte to read */
    uint64_t line; /* that it stands on, 1-based */
    uint64_t rows; /* read so far, bad ones too, the first one (the header) not counted */
    bool begun;
    size_t width; /* fields of the first row; every other has as many */
    uint8_t separator;
    aver_bytes fields[AVER_CSV_FIELDS_MAX];
};

struct aver_csv_row {
    uint64_t line;         /* of its first byte */
    uint64_t row;          /* 0 for the first row of the file, then 1, 2, ... */
    size_t offset, length; /* its bytes in the file, the line end included */
    size_t count;
    const aver_bytes
        *fields; /* good until the next row; the bytes borrow the input or lie in the arena; never absent */
};

enum aver_csv_step { AVER_CSV_END, AVER_CSV_ROW, AVER_CSV_BAD };

/* Borrows the input. The arena takes only fields that hold doubled quotes. */
void aver_csv_open(struct aver_csv *csv, aver_bytes in, struct aver_arena *arena);
/* After that: fields with another separator (then quotes within a field are text), and no first row that names them: each row has `width` fields, and counts from 1. */
void aver_csv_rows_only(struct aver_csv *csv, uint8_t separator, size_t width);
/* The next row. AVER_CSV_BAD: `row` says where (count 0), `why` (not NULL) what:
 *   CSV-QUOTE     a quote inside a field without quotes, or something after a closing one
 *   CSV-UNCLOSED  a quote that is not closed within AVER_CSV_ROW_MAX; reading goes on with the next line
 *   CSV-FIELDS    more or fewer fields than the first row
 *   CSV-SIZE      a field or row over its bound, or too many fields
 *   CSV-UTF8, CSV-NUL, CSV-CR (a carriage return alone) */
enum aver_csv_step aver_csv_next(struct aver_csv *csv, struct aver_csv_row *row, struct aver_why *why);

/* Appends one field to a row that is being written, a comma before it unless it is the first; quotes where they are needed.
 * Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a carriage return, and is no plain number)
 * gets an apostrophe before it: these files are made for people to open. */
void aver_csv_put(struct aver_buf *out, bool first, aver_bytes field);
void aver_csv_put_end(struct aver_buf *out); /* CR LF */

#endif
