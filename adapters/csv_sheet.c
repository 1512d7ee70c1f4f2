/* adapters/csv_sheet.c - see csv_sheet.h. */
#include "adapters/csv_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

static void add(struct aver_sheet *s, bool error, const char *code, const struct aver_csv_row *row,
                aver_bytes column, aver_bytes value, const char *fmt, va_list ap)
{
    size_t *count = error ? &s->errors : &s->warnings;
    if ((*count)++ >= (error ? s->errors_max : s->warnings_max)) {
        s->dropped++;
        return;
    }
    char text[sizeof((struct aver_why *)0)->text];
    vsnprintf(text, sizeof text, fmt, ap);
    size_t keep = value.len;
    if (keep > AVER_SHEET_VALUE_MAX) {
        keep = AVER_SHEET_VALUE_MAX;
        while (keep > 0 && (value.ptr[keep] & 0xc0) == 0x80) keep--;
    }
    struct aver_sheet_finding *f = aver_list_add(s->arena, &s->findings, sizeof *f);
    *f = (struct aver_sheet_finding){error,
                                     code,
                                     row->line,
                                     row->row,
                                     row->offset,
                                     column,
                                     value.ptr ? aver_bytes_cut(value, 0, keep) : value,
                                     aver_arena_copy(s->arena, aver_bytes_str(text))};
}

void aver_sheet_find(struct aver_sheet *s, bool error, const char *code, size_t column, const char *fmt, ...)
{
    if (error) s->bad = true;
    bool whole = column == SIZE_MAX;
    va_list ap;
    va_start(ap, fmt);
    add(s, error, code, &s->row, whole ? AVER_BYTES_NONE : aver_bytes_str(s->columns[column].name),
        whole ? AVER_BYTES_NONE : s->values[column], fmt, ap);
    va_end(ap);
}

void aver_sheet_find_at(struct aver_sheet *s, bool error, const char *code, const struct aver_csv_row *row,
                        const char *column, aver_bytes value, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add(s, error, code, row, aver_bytes_str(column), value, fmt, ap);
    va_end(ap);
}

static const char *code_of(struct aver_sheet *s, const struct aver_why *why)
{
    return (const char *)aver_arena_copy(s->arena, aver_bytes_str(why->code)).ptr;
}

static void place_column(struct aver_sheet *s, size_t field, aver_bytes name)
{
    if (!name.len) return; /* it may stand empty in every row: spreadsheets leave such columns behind */
    struct aver_nearest near = {.wanted = name};
    for (size_t i = 0; i < s->columns_count; i++) {
        if (!aver_bytes_is(name, s->columns[i].name)) {
            aver_nearest_offer(&near, aver_bytes_str(s->columns[i].name));
            continue;
        }
        if (s->where[i] != SIZE_MAX)
            aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, s->columns[i].name, name,
                               "the column %s stands twice; remove one", s->columns[i].name);
        s->where[i] = field;
        return;
    }
    aver_bytes shown =
        aver_bytes_cut(name, 0, name.len > AVER_SHEET_VALUE_MAX ? AVER_SHEET_VALUE_MAX : name.len);
    s->guessed += near.best.ptr != NULL;
    if (near.best.ptr)
        aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, NULL, name,
                           "the column \"%.*s\" is not known; did you mean %.*s?", AVER_STR(shown),
                           AVER_STR(near.best));
    else
        aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, NULL, name,
                           "the column \"%.*s\" is not known; remove it", AVER_STR(shown));
}

/* What is no text of rows at all; NULL: it may be. */
static const char *no_sheet(aver_bytes in)
{
    static const char bytes[][4] = {{'P', 'K', 3, 4}, {'\x1f', '\x8b', 8, 0}};
    if (in.len >= 4 && !memcmp(in.ptr, bytes[0], 4))
        return "this is a spreadsheet's own file or an archive; save the sheet as CSV (UTF-8)";
    if (in.len >= 4 && !memcmp(in.ptr, bytes[1], 3)) return "this is a compressed file; unpack it first";
    if (in.len >= 2 && ((in.ptr[0] == 0xff && in.ptr[1] == 0xfe) || (in.ptr[0] == 0xfe && in.ptr[1] == 0xff)))
        return "the file is UTF-16; save it as CSV (UTF-8)";
    return NULL;
}

/* Nothing in the first row is a column's name: one sentence for all of it. */
static bool foreign(struct aver_sheet *s)
{
    if (s->guessed) return false;
    for (size_t i = 0; i < s->columns_count; i++)
        if (s->where[i] != SIZE_MAX) return false;
    aver_bytes first = s->row.fields[0];
    bool semicolons = s->row.count == 1 && memchr(first.ptr, ';', first.len);
    bool tabs = s->row.count == 1 && memchr(first.ptr, '\t', first.len);
    s->findings.count = 0;
    s->errors = 0;
    if (semicolons || tabs)
        aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, NULL, AVER_BYTES_NONE,
                           "the columns stand with %s between; save the file with commas",
                           tabs ? "tabs" : "semicolons");
    else
        aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, NULL, AVER_BYTES_NONE,
                           "the first row has no column that is read here; it names them, such as %s",
                           s->columns[0].name);
    return true;
}

bool aver_sheet_open(struct aver_sheet *s, aver_bytes in, const struct aver_sheet_column *columns,
                     size_t count, struct aver_arena *arena)
{
    AVER_ASSERT(count <= AVER_SHEET_COLUMNS_MAX);
    *s = (struct aver_sheet){.arena = arena,
                             .columns = columns,
                             .columns_count = count,
                             .errors_max = AVER_SHEET_ERRORS_MAX,
                             .warnings_max = AVER_SHEET_WARNINGS_MAX};
    aver_csv_open(&s->csv, in, arena);
    for (size_t i = 0; i < count; i++) s->where[i] = SIZE_MAX;
    struct aver_why why;
    s->row.line = 1;
    if (no_sheet(in)) {
        aver_sheet_find(s, true, "CSV-FORMAT", SIZE_MAX, "%s", no_sheet(in));
        return false;
    }
    switch (aver_csv_next(&s->csv, &s->row, &why)) {
    case AVER_CSV_END:
        aver_sheet_find(s, true, "CSV-EMPTY", SIZE_MAX, "the file is empty; its first row names the columns");
        return false;
    case AVER_CSV_BAD: aver_sheet_find(s, true, code_of(s, &why), SIZE_MAX, "%s", why.text); return false;
    case AVER_CSV_ROW: break;
    }
    for (size_t f = 0; f < s->row.count; f++) place_column(s, f, aver_bytes_trim(s->row.fields[f]));
    if (foreign(s)) return false;
    for (size_t i = 0; i < count; i++)
        if (columns[i].column_required && s->where[i] == SIZE_MAX)
            aver_sheet_find_at(s, true, "CSV-COLUMN", &s->row, columns[i].name, AVER_BYTES_NONE,
                               "the column %s is missing; add it", columns[i].name);
    return s->errors == 0;
}

/* Commas and white space alone: what a spreadsheet makes of an empty row. */
static bool blank(const struct aver_csv_row *row)
{
    for (size_t f = 0; f < row->count; f++)
        if (aver_bytes_trim(row->fields[f]).len) return false;
    return true;
}

/* A value under a column that has no name would be lost. */
static void look_for_nameless(struct aver_sheet *s)
{
    size_t named = 0;
    for (size_t i = 0; i < s->columns_count; i++) named += s->where[i] != SIZE_MAX;
    if (named == s->row.count) return;
    for (size_t f = 0; f < s->row.count; f++) {
        size_t i = 0;
        while (i < s->columns_count && s->where[i] != f) i++;
        if (i < s->columns_count || !aver_bytes_trim(s->row.fields[f]).len) continue;
        aver_sheet_find(
            s, true, "CSV-COLUMN", SIZE_MAX,
            "a value stands in column %zu, which has no name; name the column or remove the value", f + 1);
    }
}

bool aver_sheet_next(struct aver_sheet *s)
{
    struct aver_why why;
    enum aver_csv_step step;
    s->bad = false;
    for (size_t i = 0; i < s->columns_count; i++) s->values[i] = AVER_BYTES_NONE;
    do step = aver_csv_next(&s->csv, &s->row, &why);
    while (step == AVER_CSV_ROW && blank(&s->row));
    switch (step) {
    case AVER_CSV_END: return false;
    case AVER_CSV_BAD: aver_sheet_find(s, true, code_of(s, &why), SIZE_MAX, "%s", why.text); return true;
    case AVER_CSV_ROW: break;
    }
    look_for_nameless(s);
    for (size_t i = 0; i < s->columns_count; i++) {
        if (s->where[i] == SIZE_MAX) continue;
        aver_bytes v = aver_bytes_trim(s->row.fields[s->where[i]]);
        if (v.len) s->values[i] = v;
    }
    for (size_t i = 0; i < s->columns_count; i++)
        if (s->columns[i].value_required && !s->values[i].ptr)
            aver_sheet_find(s, true, "CSV-MISSING", i, "%s is empty; every row needs it", s->columns[i].name);
    return true;
}

aver_bytes aver_sheet_text(struct aver_sheet *s, size_t column, size_t bytes_max)
{
    aver_bytes v = s->values[column];
    bool control = false;
    for (size_t i = 0; i < v.len; i++) control |= v.ptr[i] < 0x20 || v.ptr[i] == 0x7f;
    if (v.len <= bytes_max && !control) return v;
    aver_sheet_find(s, true, "CSV-VALUE", column,
                    control ? "%s holds a line end or a control character; remove it"
                            : "%s is longer than %zu bytes; shorten it",
                    s->columns[column].name, bytes_max);
    return AVER_BYTES_NONE;
}

/* "1E+05", "1.23457E+09": digits that were many more. */
static bool shortened(aver_bytes v)
{
    const uint8_t *e = memchr(v.ptr, 'E', v.len);
    return e && e > v.ptr && (size_t)(e - v.ptr) + 1 < v.len && e[1] == '+';
}

aver_bytes aver_sheet_code(struct aver_sheet *s, size_t column, size_t bytes_max)
{
    aver_bytes v = s->values[column];
    bool good = v.len <= bytes_max;
    for (size_t i = 0; i < v.len; i++)
        good &= (v.ptr[i] >= 'A' && v.ptr[i] <= 'Z') || (v.ptr[i] >= '0' && v.ptr[i] <= '9');
    if (good) return v;
    if (shortened(v)) {
        aver_sheet_find(
            s, true, "CSV-VALUE", column,
            "%s is a number that a spreadsheet has shortened; format the column as text, and write the code in full",
            s->columns[column].name);
        return AVER_BYTES_NONE;
    }
    aver_sheet_find(s, true, "CSV-VALUE", column,
                    "%s is not a code of at most %zu capital letters and digits", s->columns[column].name,
                    bytes_max);
    return AVER_BYTES_NONE;
}

aver_day aver_sheet_day(struct aver_sheet *s, size_t column)
{
    aver_day day;
    aver_bytes v = s->values[column];
    if (!v.ptr) return AVER_NO_DAY;
    if (aver_day_parse_iso(&day, v) == AVER_OK || aver_day_parse_ccyymmdd(&day, v) == AVER_OK) return day;
    aver_sheet_find(s, true, "CSV-VALUE", column, "%s is not a date; write it as 2026-03-01",
                    s->columns[column].name);
    return AVER_NO_DAY;
}

aver_money aver_sheet_money(struct aver_sheet *s, size_t column)
{
    aver_money m = {0};
    aver_bytes v = s->values[column];
    if (v.ptr && aver_money_parse(&m, v) != AVER_OK)
        aver_sheet_find(
            s, true, "CSV-VALUE", column,
            "%s is not an amount in dollars; write it as 1234.50, without sign, comma or currency",
            s->columns[column].name);
    return m;
}

uint64_t aver_sheet_decimal(struct aver_sheet *s, size_t column, unsigned decimals, uint64_t max,
                            const char *what)
{
    uint64_t n = 0;
    aver_bytes v = s->values[column];
    if (!v.ptr || (aver_decimal_parse(&n, v, decimals) == AVER_OK && n <= max)) return n;
    aver_sheet_find(s, true, "CSV-VALUE", column, "%s is not %s", s->columns[column].name, what);
    return 0;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

static bool is_word(aver_bytes v, const char *word)
{
    if (v.len != strlen(word)) return false;
    for (size_t i = 0; i < v.len; i++)
        if (lower(v.ptr[i]) != (uint8_t)word[i]) return false;
    return true;
}

bool aver_sheet_flag(struct aver_sheet *s, size_t column)
{
    static const char *const words[] = {"true", "yes", "y", "1", "false", "no", "n", "0"};
    aver_bytes v = s->values[column];
    if (!v.ptr) return false;
    for (size_t i = 0; i < 8; i++)
        if (is_word(v, words[i])) return i < 4;
    aver_sheet_find(s, true, "CSV-VALUE", column, "%s is not yes or no", s->columns[column].name);
    return false;
}

uint64_t aver_sheet_enum(struct aver_sheet *s, size_t column, const char *const *names, size_t count)
{
    aver_bytes v = s->values[column];
    if (!v.ptr) return 0;
    for (uint64_t i = 1; i <= count; i++)
        if (aver_bytes_is(v, names[i])) return i;
    char known[200] = "";
    for (size_t i = 1, n = 0; i <= count && n < sizeof known; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s",
                              i == 1       ? ""
                              : i == count ? " or "
                                           : ", ",
                              names[i]);
    aver_sheet_find(s, true, "CSV-VALUE", column, "%s is not one of its values: write %s",
                    s->columns[column].name, known);
    return 0;
}

aver_err aver_sheet_verdict(const struct aver_sheet *s, const char *file_name, struct aver_why *why)
{
    const struct aver_sheet_finding *f = s->findings.items;
    for (size_t i = 0; i < s->findings.count; i++) {
        if (!f[i].error) continue;
        char place[256];
        snprintf(place, sizeof place, "%s:%zu", file_name, (size_t)f[i].line);
        return aver_fail(why, AVER_E_INPUT, f[i].code, place, "%.*s", AVER_STR(f[i].text));
    }
    return AVER_OK;
}
