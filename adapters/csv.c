/* adapters/csv.c - see csv.h. */
#include "adapters/csv.h"

#include <string.h>

void aver_csv_open(struct aver_csv *csv, aver_bytes in, struct aver_arena *arena)
{
    *csv = (struct aver_csv){.in = in, .arena = arena, .line = 1, .separator = ','};
    if (in.len >= 3 && memcmp(in.ptr, "\xef\xbb\xbf", 3) == 0) csv->at = 3;
}

void aver_csv_rows_only(struct aver_csv *csv, uint8_t separator, size_t width)
{
    csv->separator = separator;
    csv->begun = true;
    csv->width = width;
}

/* Where a row is read; only `at` and `newlines` move. */
struct scan {
    aver_bytes in;
    size_t start, at, limit; /* limit: the end of the input, or where the row would be too long */
    uint64_t newlines;       /* passed inside the row */
    size_t count;
    struct aver_csv *csv;
    struct aver_why *why;
};

static bool bad(struct scan *s, const char *code, const char *text)
{
    (void)aver_fail(s->why, AVER_E_INPUT, code, "", "%s", text);
    return false;
}

/* At the end of a row: LF, CR LF, or the end of the input. */
static bool at_row_end(const struct scan *s)
{
    if (s->at == s->in.len || s->in.ptr[s->at] == '\n') return true;
    return s->in.ptr[s->at] == '\r' && s->at + 1 < s->in.len && s->in.ptr[s->at + 1] == '\n';
}

static bool too_long(const struct scan *s) { return s->at >= s->limit && s->limit < s->in.len; }

/* Between the quotes, doubled ones not yet made single. */
static bool quoted(struct scan *s, aver_bytes *field, bool *doubled)
{
    size_t from = ++s->at;
    *doubled = false;
    for (;; s->at++) {
        if (too_long(s) || s->at == s->in.len)
            return bad(s, "CSV-UNCLOSED",
                       "a quote is opened and not closed; close it, or double it if it is meant");
        uint8_t c = s->in.ptr[s->at];
        if (c == '\n') s->newlines++;
        if (c == 0) return bad(s, "CSV-NUL", "a NUL byte is not text; remove it");
        if (c != '"') continue;
        bool pair = s->at + 1 < s->in.len && s->in.ptr[s->at + 1] == '"';
        if (!pair) break;
        *doubled = true;
        s->at++;
    }
    *field = aver_bytes_cut(s->in, from, s->at - from);
    s->at++;
    if (!at_row_end(s) && s->in.ptr[s->at] != s->csv->separator)
        return bad(s, "CSV-QUOTE",
                   "something follows a closing quote; put a comma between, or double the quote");
    return true;
}

static bool unquoted(struct scan *s, aver_bytes *field)
{
    size_t from = s->at;
    while (!at_row_end(s) && s->in.ptr[s->at] != s->csv->separator) {
        if (too_long(s)) return bad(s, "CSV-SIZE", "the row is longer than 65,536 bytes; split it");
        switch (s->in.ptr[s->at++]) {
        case '"':
            if (s->csv->separator != ',') break;
            return bad(s, "CSV-QUOTE", "a quote inside a field; put the field in quotes and double it");
        case '\r':
            return bad(s, "CSV-CR", "a carriage return without a line feed; end rows with CR LF or LF");
        case 0: return bad(s, "CSV-NUL", "a NUL byte is not text; remove it");
        default: break;
        }
    }
    *field = aver_bytes_cut(s->in, from, s->at - from);
    return true;
}

static aver_bytes undouble(struct aver_arena *arena, aver_bytes field)
{
    uint8_t *p = aver_arena_alloc(arena, field.len);
    size_t n = 0;
    for (size_t i = 0; i < field.len; i++) {
        p[n++] = field.ptr[i];
        if (field.ptr[i] == '"') i++;
    }
    return aver_bytes_of(p, n);
}

static bool read_fields(struct scan *s)
{
    for (;;) {
        aver_bytes field;
        bool doubled = false;
        bool in_quotes = s->at < s->in.len && s->in.ptr[s->at] == '"';
        if (in_quotes ? !quoted(s, &field, &doubled) : !unquoted(s, &field)) return false;
        if (field.len > AVER_CSV_FIELD_MAX)
            return bad(s, "CSV-SIZE", "a field is longer than 8,192 bytes; shorten it");
        if (!aver_bytes_utf8(field))
            return bad(s, "CSV-UTF8", "a field is not UTF-8; save the file as UTF-8");
        if (s->count == AVER_CSV_FIELDS_MAX) return bad(s, "CSV-SIZE", "the row has more than 128 fields");
        s->csv->fields[s->count++] = doubled ? undouble(s->csv->arena, field) : field;
        if (at_row_end(s)) return true;
        s->at++; /* the separator */
    }
}

static void skip_row_end(struct scan *s)
{
    if (s->at < s->in.len && s->in.ptr[s->at] == '\r') s->at++;
    if (s->at < s->in.len && s->in.ptr[s->at] == '\n') {
        s->at++;
        s->newlines++;
    }
}

/* After a fault: the next line. After a quote that never closes that is the line after the one on which the row began, for
 * the quote has swallowed rows that are good. */
static void skip_line(struct scan *s, bool from_start)
{
    if (from_start) {
        s->at = s->start;
        s->newlines = 0;
    }
    const uint8_t *lf = s->at < s->in.len ? memchr(s->in.ptr + s->at, '\n', s->in.len - s->at) : NULL;
    s->at = lf ? (size_t)(lf - s->in.ptr) : s->in.len;
    skip_row_end(s);
}

enum aver_csv_step aver_csv_next(struct aver_csv *csv, struct aver_csv_row *row, struct aver_why *why)
{
    struct scan s = {.in = csv->in, .at = csv->at, .csv = csv, .why = why};
    while (s.at < s.in.len && at_row_end(&s)) skip_row_end(&s);
    csv->line += s.newlines;
    s.newlines = 0;
    csv->at = s.start = s.at;
    if (s.at >= s.in.len) return AVER_CSV_END;
    s.limit = s.in.len - s.at > AVER_CSV_ROW_MAX ? s.at + AVER_CSV_ROW_MAX : s.in.len;
    *row = (struct aver_csv_row){.line = csv->line, .row = csv->begun ? ++csv->rows : 0, .offset = s.start};
    bool good = read_fields(&s);
    if (good)
        skip_row_end(&s);
    else
        skip_line(&s, strcmp(why->code, "CSV-UNCLOSED") == 0);
    bool first = !csv->begun;
    csv->begun = true;
    csv->at = s.at;
    csv->line += s.newlines;
    row->length = s.at - s.start;
    if (!good) return AVER_CSV_BAD;
    if (first) csv->width = s.count;
    if (s.count != csv->width) {
        (void)aver_fail(
            why, AVER_E_INPUT, "CSV-FIELDS", "",
            "the row has %zu fields and the first row %zu; a comma is %s, or a field with commas lacks its quotes",
            s.count, csv->width, s.count < csv->width ? "missing" : "too many");
        return AVER_CSV_BAD;
    }
    row->count = s.count;
    row->fields = csv->fields;
    return AVER_CSV_ROW;
}

static bool plain_number(aver_bytes t)
{
    size_t i = t.len && t.ptr[0] == '-', digits = 0, points = 0;
    for (; i < t.len; i++) {
        bool point = t.ptr[i] == '.';
        if (!point && (t.ptr[i] < '0' || t.ptr[i] > '9')) return false;
        points += point;
        digits += !point;
    }
    return digits > 0 && points <= 1;
}

void aver_csv_put(struct aver_buf *out, bool first, aver_bytes field)
{
    if (!first) aver_buf_byte(out, ',');
    bool formula = field.len && memchr("=+-@\t\r", field.ptr[0], 6) && !plain_number(field);
    bool quotes = false;
    for (size_t i = 0; i < field.len; i++) quotes |= memchr("\",\r\n", field.ptr[i], 4) != NULL;
    if (field.len && (field.ptr[0] == ' ' || field.ptr[field.len - 1] == ' ')) quotes = true;
    if (quotes) aver_buf_byte(out, '"');
    if (formula) aver_buf_byte(out, '\'');
    for (size_t i = 0; i < field.len; i++) {
        if (field.ptr[i] == '"') aver_buf_byte(out, '"');
        aver_buf_byte(out, field.ptr[i]);
    }
    if (quotes) aver_buf_byte(out, '"');
}

void aver_csv_put_end(struct aver_buf *out) { aver_buf_str(out, "\r\n"); }
