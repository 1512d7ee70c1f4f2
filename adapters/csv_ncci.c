/* adapters/csv_ncci.c - see csv_ncci.h. */
#include "adapters/csv_ncci.h"

#include <string.h>

#include "adapters/csv.h"

#define LOOK_MAX 8192 /* bytes of notices and headings within which a publication shows what it is */

enum {
    PTP_ONE,
    PTP_TWO,
    PTP_BEFORE_1996,
    PTP_EFFECTIVE,
    PTP_DELETED,
    PTP_INDICATOR,
    PTP_RATIONALE,
    PTP_FIELDS
};
enum { MUE_CODE, MUE_UNITS, MUE_INDICATOR, MUE_RATIONALE, MUE_FIELDS };

static const struct published {
    enum aver_table_kind kind;
    const char *heading; /* words of its headings; ours are others */
    const char *columns; /* the names by which csv_tables.h knows what is written */
    size_t fields;
} forms[] = {
    {AVER_TABLE_PAIRS, "Column 1", "column1,column2,modifier_indicator,effective,deleted,rationale",
     PTP_FIELDS},
    {AVER_TABLE_UNITS, "MUE Adjudication", "hcpcs_code,mue_units,mue_mai,mue_rationale", MUE_FIELDS}};

static bool has(aver_bytes text, const char *words)
{
    size_t len = strlen(words);
    for (size_t i = 0; i + len <= text.len; i++)
        if (!memcmp(text.ptr + i, words, len)) return true;
    return false;
}

/* A row begins with a code of HCPCS level I or II: five letters and digits, the second one a digit. */
static bool is_row(aver_bytes row, uint8_t separator)
{
    size_t quoted = row.len && row.ptr[0] == '"';
    aver_bytes v = aver_bytes_cut(row, quoted, row.len - quoted);
    if (v.len < 7 || v.ptr[1] < '0' || v.ptr[1] > '9' || v.ptr[5 + quoted] != separator) return false;
    for (size_t i = 0; i < 5; i++)
        if (!((v.ptr[i] >= '0' && v.ptr[i] <= '9') || (v.ptr[i] >= 'A' && v.ptr[i] <= 'Z'))) return false;
    return true;
}

static void put_pair(struct aver_buf *out, aver_bytes *v)
{
    if (aver_bytes_is(v[PTP_DELETED], "*")) v[PTP_DELETED] = AVER_BYTES_NONE;
    if (aver_bytes_is(v[PTP_INDICATOR], "9") && aver_bytes_eq(v[PTP_EFFECTIVE], v[PTP_DELETED])) return;
    const size_t order[] = {PTP_ONE, PTP_TWO, PTP_INDICATOR, PTP_EFFECTIVE, PTP_DELETED, PTP_RATIONALE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) aver_csv_put(out, i == 0, v[order[i]]);
}

static void put_units(struct aver_buf *out, aver_bytes *v)
{
    const uint8_t *space =
        v[MUE_INDICATOR].len ? memchr(v[MUE_INDICATOR].ptr, ' ', v[MUE_INDICATOR].len) : NULL;
    if (space) v[MUE_INDICATOR] = aver_bytes_cut(v[MUE_INDICATOR], 0, (size_t)(space - v[MUE_INDICATOR].ptr));
    for (size_t i = 0; i < MUE_FIELDS; i++) aver_csv_put(out, i == 0, v[i]);
}

/* The rows, from the first one that looks like one. One that cannot be read goes on as it is. */
static void put_rows(struct aver_buf *out, const struct published *form, struct aver_csv *csv)
{
    struct aver_csv_row row;
    struct aver_why why;
    uint64_t line = 1;
    for (enum aver_csv_step step; (step = aver_csv_next(csv, &row, &why)) != AVER_CSV_END;) {
        aver_bytes v[PTP_FIELDS], raw = aver_bytes_trim(aver_bytes_cut(csv->in, row.offset, row.length));
        if (line == 1 && (row.line == 1 || !is_row(raw, csv->separator))) continue;
        for (; line < row.line; line++) aver_buf_byte(out, '\n');
        for (size_t i = 0; step == AVER_CSV_ROW && i < form->fields; i++)
            v[i] = aver_bytes_trim(row.fields[i]);
        if (step == AVER_CSV_BAD)
            aver_buf_bytes(out, raw);
        else if (form->kind == AVER_TABLE_PAIRS)
            put_pair(out, v);
        else
            put_units(out, v);
    }
}

aver_bytes aver_ncci_normal(enum aver_table_kind kind, aver_bytes file, struct aver_arena *arena)
{
    aver_bytes look = aver_bytes_cut(file, 0, file.len < LOOK_MAX ? file.len : LOOK_MAX);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct published *form = &forms[i];
        if (form->kind != kind || !has(look, form->heading)) continue;
        struct aver_csv csv;
        struct aver_buf out = {0};
        aver_csv_open(&csv, file, arena);
        aver_csv_rows_only(&csv, memchr(look.ptr, '\t', look.len) ? '\t' : ',', form->fields);
        aver_buf_str(&out, form->columns);
        put_rows(&out, form, &csv);
        aver_bytes normal = aver_arena_copy(arena, aver_buf_view(&out));
        aver_buf_free(&out);
        return normal;
    }
    return AVER_BYTES_NONE;
}
