/* adapters/table_from.c - see table_from.h. */
#include "adapters/table_from.h"

#include <stdlib.h>
#include <string.h>

static int by_row(const void *a, const void *b) { return aver_table_row_cmp(a, b); }

static aver_err begin(struct aver_table_entry *entry, aver_day from, struct aver_why *why)
{
    struct aver_table_row *row = entry->rows.items;
    for (size_t i = 0; i < entry->rows.count; i++) {
        if (row[i].from == AVER_DAY_MIN) row[i].from = from;
        if (row[i].from >= from && (row[i].to == AVER_NO_DAY || row[i].to >= row[i].from)) continue;
        char place[AVER_TABLE_CODE_MAX + 1] = "", day[AVER_DAY_TEXT];
        memcpy(place, entry->code.ptr, entry->code.len);
        return aver_fail(
            why, AVER_E_INPUT, "TABLE-FROM", place,
            "this code has a row of days before %s; such a table is published whole, without --from",
            aver_day_iso(day, from));
    }
    return AVER_OK;
}

/* Adds what an entry in force says of the days before. */
static void keep(struct aver_table_entry *out, const struct aver_table_entry *in_force, aver_day from,
                 struct aver_arena *arena)
{
    const struct aver_table_row *row = in_force->rows.items;
    for (size_t i = 0; i < in_force->rows.count; i++) {
        if (row[i].from >= from) continue;
        struct aver_table_row *kept = aver_list_add(arena, &out->rows, sizeof *kept);
        *kept = row[i];
        if (kept->to == AVER_NO_DAY || kept->to >= from) kept->to = from - 1;
    }
    if (out->rows.count) qsort(out->rows.items, out->rows.count, sizeof(struct aver_table_row), by_row);
}

aver_err aver_table_from(struct aver_table *table, aver_day from, const struct aver_table *before,
                         struct aver_arena *arena, struct aver_why *why)
{
    struct aver_list all = {0};
    struct aver_table_entry *fresh = table->entries.items;
    const struct aver_table_entry *old = before ? before->entries.items : NULL;
    size_t fresh_count = table->entries.count, old_count = before ? before->entries.count : 0, i = 0, k = 0;
    if (before && before->kind != table->kind)
        return aver_fail(why, AVER_E_INPUT, "TABLE-KIND", "",
                         "the version in force is a table of %s; publish this one under another name",
                         aver_table_kind_names[before->kind]);
    for (size_t f = 0; f < fresh_count; f++) AVER_TRY(begin(&fresh[f], from, why));
    while (i < fresh_count || k < old_count) {
        int c = i == fresh_count ? 1 : k == old_count ? -1 : aver_bytes_cmp(fresh[i].code, old[k].code);
        struct aver_table_entry entry = c <= 0 ? fresh[i] : (struct aver_table_entry){.code = old[k].code};
        if (c >= 0) keep(&entry, &old[k], from, arena);
        if (entry.rows.count) *(struct aver_table_entry *)aver_list_add(arena, &all, sizeof entry) = entry;
        i += c <= 0;
        k += c >= 0;
    }
    table->entries = all;
    return aver_table_check(table, why);
}
