/* ledger/model/table.c - see table.h. */
#include "ledger/model/table.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/model/smt_memory.h"
#include "ledger/model/tx.h"

const char *const aver_table_kind_names[] = {NULL,    "fees", "roster", "codes",     "pairs",
                                             "units", "rvus", "gpcis",  "localities"};

#define R struct aver_table_row
static const struct aver_field row_fields[] = {
    AVER_FIELD(1, R, from, DAY, 0),
    AVER_OPTIONAL(2, R, to, DAY, 0),
    AVER_OPTIONAL(3, R, modifier, TEXT, 2),
    AVER_OPTIONAL(4, R, place, TEXT, 2),
    AVER_OPTIONAL(5, R, price, UINT, AVER_TABLE_PRICE_MAX),
    AVER_OPTIONAL(6, R, bundled, BOOL, 0),
    AVER_OPTIONAL(7, R, tier, TEXT, 40),
    AVER_OPTIONAL(8, R, description, TEXT, 120),
    AVER_OPTIONAL(9, R, units, UINT, AVER_TABLE_UNITS_MAX),
    AVER_OPTIONAL(10, R, indicator, UINT, 9),
    AVER_OPTIONAL(11, R, locality, TEXT, AVER_TABLE_LOCALITY_MAX),
    AVER_OPTIONAL(12, R, work, UINT, AVER_TABLE_VALUE_MAX),
    AVER_OPTIONAL(13, R, practice, UINT, AVER_TABLE_VALUE_MAX),
    AVER_OPTIONAL(14, R, malpractice, UINT, AVER_TABLE_VALUE_MAX),
    AVER_OPTIONAL(15, R, practice_facility, UINT, AVER_TABLE_VALUE_MAX),
    AVER_OPTIONAL(16, R, column_2, TEXT, AVER_TABLE_CODE_MAX),
    AVER_OPTIONAL(17, R, unit, TEXT, 2),
};
AVER_SCHEMA(aver_table_row_schema, "row", R, row_fields);
#undef R

#define E struct aver_table_entry
static const struct aver_field entry_fields[] = {
    AVER_FIELD(1, E, code, TEXT, AVER_TABLE_CODE_MAX),
    AVER_SUB(2, E, rows, LIST, AVER_TABLE_ROWS_MAX, &aver_table_row_schema),
};
AVER_SCHEMA(aver_table_entry_schema, "entry", E, entry_fields);
#undef E

#define T struct aver_table
static const struct aver_field table_fields[] = {
    AVER_FIELD(1, T, name, TEXT, 64),
    AVER_ENUM(2, T, kind, AVER_TABLE_KINDS, aver_table_kind_names),
    AVER_FIELD(3, T, source, DIGEST, 0),
    AVER_SUB(4, T, entries, LIST, AVER_TABLE_ENTRIES_MAX, &aver_table_entry_schema),
};
AVER_SCHEMA(aver_table_schema, "table", T, table_fields);
#undef T

aver_digest aver_table_root(const struct aver_table *table)
{
    const struct aver_table_entry *entries = table->entries.items;
    size_t n = table->entries.count;
    struct aver_smt_update *updates = calloc(n ? n : 1, sizeof *updates);
    if (!updates) aver_oom(n * sizeof *updates);
    struct aver_buf row = {0};
    for (size_t i = 0; i < n; i++) {
        row.len = 0;
        aver_schema_encode(&row, &aver_table_entry_schema, &entries[i]);
        aver_smt_set_row(&updates[i], entries[i].code, aver_buf_view(&row));
    }
    aver_buf_free(&row);
    aver_smt_sort(updates, n);
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), true};
    aver_digest root = {{0}};
    /* Plain memory has no fault of the world's, and codes are unique. */
    aver_err err = n ? aver_smt_apply(&smt, &root, updates, n, NULL) : AVER_OK;
    AVER_ASSERT(err == AVER_OK);
    aver_smt_memory_free(&memory);
    free(updates);
    return root;
}

int aver_table_row_cmp(const struct aver_table_row *a, const struct aver_table_row *b)
{
    int c = aver_bytes_cmp(a->modifier, b->modifier);
    if (c == 0) c = aver_bytes_cmp(a->place, b->place);
    if (c == 0) c = aver_bytes_cmp(a->locality, b->locality);
    if (c == 0) c = aver_bytes_cmp(a->column_2, b->column_2);
    return c ? c : a->from < b->from ? -1 : a->from > b->from;
}

bool aver_table_row_overlaps(const struct aver_table_row *earlier, const struct aver_table_row *later)
{
    return aver_bytes_eq(earlier->modifier, later->modifier) && aver_bytes_eq(earlier->place, later->place) &&
           aver_bytes_eq(earlier->locality, later->locality) &&
           aver_bytes_eq(earlier->column_2, later->column_2) &&
           (earlier->to == AVER_NO_DAY || earlier->to >= later->from);
}

/* What a row of this kind may not say; NULL if nothing is wrong. */
static const char *row_fault(uint64_t kind, const struct aver_table_row *r)
{
    if (r->to != AVER_NO_DAY && r->to < r->from) return "a row ends before it begins";
    bool of_rvus = kind == AVER_TABLE_RVUS, of_indices = kind == AVER_TABLE_GPCIS;
    if (kind != AVER_TABLE_FEES && (r->place.ptr || r->bundled)) return "only fees have place and bundled";
    if (kind != AVER_TABLE_FEES && !of_rvus && (r->modifier.ptr || r->price))
        return "only fees and relative values have modifier and price";
    if (of_rvus && (r->price == 0 || r->price > AVER_TABLE_FACTOR_MAX))
        return "the conversion factor of relative values is above 0 and below $10,000";
    if (!of_rvus && !of_indices && (r->work || r->practice || r->malpractice))
        return "only relative values and indices have work, practice and malpractice";
    if (!of_rvus && r->practice_facility) return "only relative values have a value for facilities";
    if (kind != AVER_TABLE_FEES && r->unit.ptr) return "only fees have a unit of measure";
    if (kind != AVER_TABLE_FEES && r->locality.ptr) return "only fees are for a locality";
    if (kind == AVER_TABLE_ROSTER && !r->tier.ptr) return "a row of a roster needs its tier";
    if (kind == AVER_TABLE_LOCALITIES && !r->tier.ptr) return "a row of localities needs its locality";
    if (kind != AVER_TABLE_ROSTER && kind != AVER_TABLE_LOCALITIES && r->tier.ptr)
        return "only rosters have tiers";
    bool of_pair = kind == AVER_TABLE_PAIRS, of_units = kind == AVER_TABLE_UNITS;
    if (of_pair != (r->column_2.ptr != NULL)) return "each pair has a column 2, and nothing else has one";
    if (!of_units && r->units) return "only tables of units have units";
    if (!of_units && !of_pair && r->indicator) return "only pairs and units have an indicator";
    if (of_pair && r->indicator > 1 && r->indicator != 9) return "the indicator of a pair is 0, 1 or 9";
    if (of_units && (r->indicator < 1 || r->indicator > 3)) return "the indicator of units is 1, 2 or 3";
    if (r->bundled && r->price) return "a bundled service has no price of its own";
    return NULL;
}

static aver_err entry_check(const struct aver_table *table, const struct aver_table_entry *e,
                            struct aver_why *why)
{
    char place[AVER_TABLE_CODE_MAX + 1];
    snprintf(place, sizeof place, "%.*s", AVER_STR(e->code));
    const struct aver_table_row *rows = e->rows.items;
    if (e->rows.count == 0) return aver_fail(why, AVER_E_INPUT, "TABLE-ROW", place, "the code has no row");
    for (size_t i = 0; i < e->rows.count; i++) {
        const char *fault = row_fault(table->kind, &rows[i]);
        if (fault) return aver_fail(why, AVER_E_INPUT, "TABLE-ROW", place, "%s", fault);
        if (i == 0) continue;
        if (aver_table_row_cmp(&rows[i - 1], &rows[i]) > 0)
            return aver_fail(
                why, AVER_E_INPUT, "TABLE-ORDER", place,
                "its rows are not in the order of modifier, place, locality, column 2 and first day");
        if (aver_table_row_overlaps(&rows[i - 1], &rows[i]))
            return aver_fail(why, AVER_E_INPUT, "TABLE-OVERLAP", place,
                             "two rows hold on the same day; end the one before the other begins");
    }
    return AVER_OK;
}

aver_err aver_table_check(const struct aver_table *table, struct aver_why *why)
{
    AVER_TRY(aver_schema_check(&aver_table_schema, table, why));
    if (!aver_name_valid(table->name))
        return aver_fail(why, AVER_E_INPUT, "TABLE-NAME", "",
                         "a table's name is of a-z, 0-9, '.', '_' and '-', at most 64 long");
    const struct aver_table_entry *e = table->entries.items;
    for (size_t i = 0; i < table->entries.count; i++) {
        if (i > 0 && aver_bytes_cmp(e[i - 1].code, e[i].code) >= 0) {
            char place[AVER_TABLE_CODE_MAX + 1];
            snprintf(place, sizeof place, "%.*s", AVER_STR(e[i].code));
            return aver_fail(why, AVER_E_INPUT, "TABLE-ORDER", place, "the codes do not ascend");
        }
        AVER_TRY(entry_check(table, &e[i], why));
    }
    return AVER_OK;
}

const struct aver_table_entry *aver_table_find(const struct aver_table *table, aver_bytes code)
{
    const struct aver_table_entry *e = table->entries.items;
    size_t lo = 0, hi = table->entries.count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = aver_bytes_cmp(e[mid].code, code);
        if (c == 0) return &e[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct aver_table_row *aver_table_pair_on(const struct aver_table_entry *entry, size_t *at,
                                                aver_bytes column_2, aver_day day)
{
    const struct aver_table_row *rows = entry->rows.items;
    size_t lo = *at, hi = lo, n = entry->rows.count, step = 1;
    while (hi < n && aver_bytes_cmp(rows[hi].column_2, column_2) < 0) { /* in steps that grow */
        lo = hi + 1;
        hi = step < n - hi ? hi + step : n;
        step *= 2;
    }
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (aver_bytes_cmp(rows[mid].column_2, column_2) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *at = lo;
    for (size_t i = lo; i < n && aver_bytes_eq(rows[i].column_2, column_2) && rows[i].from <= day; i++)
        if (rows[i].to == AVER_NO_DAY || day <= rows[i].to) return &rows[i];
    return NULL;
}

bool aver_table_by_locality(const struct aver_table_entry *entry)
{
    const struct aver_table_row *rows = entry->rows.items;
    for (size_t i = 0; i < entry->rows.count; i++)
        if (rows[i].locality.ptr) return true;
    return false;
}

const struct aver_table_row *aver_table_row_on(const struct aver_table_entry *entry, aver_day day,
                                               const aver_bytes *modifiers, size_t modifiers_count,
                                               aver_bytes place, aver_bytes locality)
{
    const struct aver_table_row *best = NULL, *rows = entry->rows.items;
    size_t best_rank = 0;
    for (size_t i = 0; i < entry->rows.count; i++) {
        const struct aver_table_row *r = &rows[i];
        if (day < r->from || (r->to != AVER_NO_DAY && day > r->to)) continue;
        if (r->place.ptr && !aver_bytes_eq(r->place, place)) continue;
        if (r->locality.ptr && !aver_bytes_eq(r->locality, locality)) continue;
        size_t m = 0;
        while (r->modifier.ptr && m < modifiers_count && !aver_bytes_eq(r->modifier, modifiers[m])) m++;
        if (r->modifier.ptr && m == modifiers_count) continue;
        /* Modifier before place; of two modifiers the one that stands first on the line. Never 0. */
        size_t most = 2 * (modifiers_count + 1);
        size_t rank = !r->modifier.ptr ? 1 + (r->place.ptr != NULL)
                                       : 2 + (r->place.ptr ? most : 0) + (modifiers_count - m);
        rank = 2 * rank + (r->locality.ptr != NULL);
        if (rank > best_rank) best_rank = rank, best = r;
    }
    return best;
}
