/* adapters/table_join.c - see table_join.h. */
#include "adapters/table_join.h"

#include <stdlib.h>
#include <string.h>

static int by_row(const void *a, const void *b) { return aver_table_row_cmp(a, b); }

static const char *place_of(char place[AVER_TABLE_CODE_MAX + 1], aver_bytes code)
{
    AVER_ASSERT(code.len <= AVER_TABLE_CODE_MAX);
    memcpy(place, code.ptr, code.len);
    place[code.len] = 0;
    return place;
}

/* The rows of both entries, of one code. */
static struct aver_table_entry both(const struct aver_table_entry *a, const struct aver_table_entry *b,
                                    struct aver_arena *arena)
{
    size_t count = a->rows.count + b->rows.count, size = sizeof(struct aver_table_row);
    struct aver_table_row *rows = AVER_NEW_ARRAY(arena, struct aver_table_row, count);
    memcpy(rows, a->rows.items, a->rows.count * size);
    memcpy(rows + a->rows.count, b->rows.items, b->rows.count * size);
    qsort(rows, count, size, by_row);
    return (struct aver_table_entry){a->code, {.items = rows, .count = count, .cap = count}};
}

static aver_err same_kind(const struct aver_table *a, const struct aver_table *b, struct aver_why *why)
{
    if (a->kind == b->kind) return AVER_OK;
    return aver_fail(why, AVER_E_INPUT, "TABLE-KIND", "",
                     "one is a table of %s and the other of %s; publish them under names of their own",
                     aver_table_kind_names[a->kind], aver_table_kind_names[b->kind]);
}

aver_err aver_table_join(struct aver_table *table, const struct aver_table *more, struct aver_arena *arena,
                         struct aver_why *why)
{
    struct aver_list all = {0};
    const struct aver_table_entry *a = table->entries.items, *b = more->entries.items;
    size_t a_count = table->entries.count, b_count = more->entries.count, i = 0, k = 0;
    char place[AVER_TABLE_CODE_MAX + 1];
    AVER_TRY(same_kind(table, more, why));
    while (i < a_count || k < b_count) {
        int c = i == a_count ? 1 : k == b_count ? -1 : aver_bytes_cmp(a[i].code, b[k].code);
        struct aver_table_entry *entry = aver_list_add(arena, &all, sizeof *entry);
        *entry = c < 0 ? a[i] : c > 0 ? b[k] : both(&a[i], &b[k], arena);
        if (entry->rows.count > AVER_TABLE_ROWS_MAX)
            return aver_fail(why, AVER_E_INPUT, "TABLE-SIZE", place_of(place, entry->code),
                             "the code has more than %d rows", AVER_TABLE_ROWS_MAX);
        i += c <= 0;
        k += c >= 0;
    }
    if (all.count > AVER_TABLE_ENTRIES_MAX)
        return aver_fail(why, AVER_E_INPUT, "TABLE-SIZE", "",
                         "%zu codes, at most %d are allowed; split the table", all.count,
                         AVER_TABLE_ENTRIES_MAX);
    table->entries = all;
    return aver_table_check(table, why);
}

static aver_err begin(struct aver_table_entry *entry, aver_day from, struct aver_why *why)
{
    char place[AVER_TABLE_CODE_MAX + 1], day[AVER_DAY_TEXT];
    struct aver_table_row *row = entry->rows.items;
    for (size_t i = 0; i < entry->rows.count; i++) {
        if (row[i].from == AVER_DAY_MIN) row[i].from = from;
        if (row[i].from < from || (row[i].to != AVER_NO_DAY && row[i].to < from))
            return aver_fail(
                why, AVER_E_INPUT, "TABLE-FROM", place_of(place, entry->code),
                "this code has a row of days before %s; such a table is published whole, without --from",
                aver_day_iso(day, from));
    }
    return AVER_OK;
}

/* What it says of the days before. */
static struct aver_table until(const struct aver_table *table, aver_day from, struct aver_arena *arena)
{
    struct aver_table out = {.kind = table->kind};
    const struct aver_table_entry *entry = table->entries.items;
    for (size_t i = 0; i < table->entries.count; i++) {
        const struct aver_table_row *row = entry[i].rows.items;
        struct aver_table_entry kept = {.code = entry[i].code};
        for (size_t k = 0; k < entry[i].rows.count; k++) {
            if (row[k].from >= from) continue;
            struct aver_table_row *r = aver_list_add(arena, &kept.rows, sizeof *r);
            *r = row[k];
            if (r->to == AVER_NO_DAY || r->to >= from) r->to = from - 1;
        }
        if (kept.rows.count)
            *(struct aver_table_entry *)aver_list_add(arena, &out.entries, sizeof kept) = kept;
    }
    return out;
}

aver_err aver_table_from(struct aver_table *table, aver_day from, const struct aver_table *before,
                         struct aver_arena *arena, struct aver_why *why)
{
    struct aver_table_entry *entry = table->entries.items;
    if (before) AVER_TRY(same_kind(table, before, why));
    for (size_t i = 0; i < table->entries.count; i++) AVER_TRY(begin(&entry[i], from, why));
    if (!before) return AVER_OK;
    struct aver_table earlier = until(before, from, arena);
    return aver_table_join(table, &earlier, arena, why);
}
