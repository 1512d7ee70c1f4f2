/* ledger/transition/receipt_diff.c - the first field in which two receipts differ, by the table of their fields. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/model/decision.h"
#include "ledger/transition/receipt_diff.h"
#include "vm/vm.h"

struct diff {
    struct aver_buf *out;
    char path[200];
};

static void value_put(struct aver_buf *out, const struct aver_field *f, const void *record)
{
    const void *p = (const uint8_t *)record + f->offset;
    if (aver_field_absent(f, record)) {
        aver_buf_str(out, "absent");
        return;
    }
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: {
        uint64_t v = *(const uint64_t *)p;
        if (f->names && v <= f->max && f->names[v])
            aver_buf_str(out, f->names[v]);
        else
            aver_buf_printf(out, "%" PRIu64, v);
        return;
    }
    case AVER_T_INT: aver_buf_printf(out, "%" PRId64, *(const int64_t *)p); return;
    case AVER_T_BOOL: aver_buf_str(out, *(const bool *)p ? "true" : "false"); return;
    case AVER_T_MONEY:
        aver_buf_printf(out, "%" PRIu64 " cents", (uint64_t)((const aver_money *)p)->cents);
        return;
    case AVER_T_DELTA:
        aver_buf_printf(out, "%" PRId64 " cents", (int64_t)((const aver_delta *)p)->cents);
        return;
    case AVER_T_DAY: {
        char day[AVER_DAY_TEXT];
        aver_buf_str(out, aver_day_iso(day, *(const aver_day *)p));
        return;
    }
    case AVER_T_TEXT: {
        aver_bytes b = *(const aver_bytes *)p;
        aver_buf_bytes(out, aver_bytes_cut(b, 0, b.len < 80 ? b.len : 80));
        return;
    }
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_RAW: {
        aver_bytes b = *(const aver_bytes *)p;
        aver_buf_hex(out, aver_bytes_cut(b, 0, b.len < 32 ? b.len : 32));
        return;
    }
    case AVER_T_DIGEST: aver_buf_hex(out, aver_digest_bytes(p)); return;
    case AVER_T_STRUCT: aver_buf_str(out, "present"); return;
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: aver_buf_printf(out, "%zu of them", ((const struct aver_list *)p)->count); return;
    }
    AVER_UNREACHABLE();
}

static bool say(struct diff *d, size_t path, const struct aver_field *f, const void *a, const void *b)
{
    snprintf(d->path + path, sizeof d->path - path, "%s%s", path ? "." : "", f->name);
    aver_buf_printf(d->out, "%s is ", d->path);
    value_put(d->out, f, a);
    aver_buf_str(d->out, " in the record and ");
    value_put(d->out, f, b);
    aver_buf_str(d->out, " when executed again");
    return true;
}

static bool record_differs(struct diff *d, size_t path, const struct aver_schema *schema, const void *a,
                           const void *b);

static bool step(struct diff *d, size_t path, const struct aver_field *f, long index, const void *a,
                 const void *b)
{
    int n = index < 0 ? snprintf(d->path + path, sizeof d->path - path, "%s%s", path ? "." : "", f->name)
                      : snprintf(d->path + path, sizeof d->path - path, "%s%s[%ld]", path ? "." : "", f->name,
                                 index);
    size_t deeper = path + (size_t)n < sizeof d->path ? path + (size_t)n : sizeof d->path - 1;
    return record_differs(d, deeper, f->of, a, b);
}

/* Equal as scalars; lists and structs are gone into. The depth is that of the tables, which do not recur. */
static bool field_differs(struct diff *d, size_t path, const struct aver_field *f, const void *a,
                          const void *b)
{
    const uint8_t *x = (const uint8_t *)a + f->offset, *y = (const uint8_t *)b + f->offset;
    if (aver_field_absent(f, a) != aver_field_absent(f, b)) return say(d, path, f, a, b);
    if (aver_field_absent(f, a)) return false;
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT:
    case AVER_T_INT:
    case AVER_T_MONEY:
    case AVER_T_DELTA: return memcmp(x, y, 8) != 0 && say(d, path, f, a, b);
    case AVER_T_BOOL: return *(const bool *)x != *(const bool *)y && say(d, path, f, a, b);
    case AVER_T_DAY: return memcmp(x, y, sizeof(aver_day)) != 0 && say(d, path, f, a, b);
    case AVER_T_DIGEST: return memcmp(x, y, sizeof(aver_digest)) != 0 && say(d, path, f, a, b);
    case AVER_T_TEXT:
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_RAW:
        return !aver_bytes_eq(*(const aver_bytes *)x, *(const aver_bytes *)y) && say(d, path, f, a, b);
    case AVER_T_STRUCT: return step(d, path, f, -1, *(void *const *)x, *(void *const *)y);
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: break;
    }
    const struct aver_list *la = (const struct aver_list *)x, *lb = (const struct aver_list *)y;
    for (size_t i = 0; i < la->count && i < lb->count; i++) {
        if (f->type == AVER_T_LIST) {
            if (step(d, path, f, (long)i, (uint8_t *)la->items + i * f->of->size,
                     (uint8_t *)lb->items + i * f->of->size))
                return true;
        } else if (f->type == AVER_T_UINTS
                       ? ((uint64_t *)la->items)[i] != ((uint64_t *)lb->items)[i]
                       : !aver_bytes_eq(((aver_bytes *)la->items)[i], ((aver_bytes *)lb->items)[i])) {
            aver_buf_printf(d->out, "in item %zu, ", i);
            return say(d, path, f, a, b);
        }
    }
    return la->count != lb->count && say(d, path, f, a, b);
}

static bool record_differs(struct diff *d, size_t path, const struct aver_schema *schema, const void *a,
                           const void *b)
{
    for (size_t i = 0; i < schema->count; i++) {
        d->path[path] = 0;
        if (field_differs(d, path, &schema->fields[i], a, b)) return true;
    }
    return false;
}

/* What was decided before what was touched: a person wants to know of the money. */
static bool decisions_differ(struct diff *d, const struct aver_receipt *a, const struct aver_receipt *b)
{
    int n = snprintf(d->path, sizeof d->path, "decision");
    return a->decision && b->decision &&
           record_differs(d, (size_t)n, &aver_decision_schema, a->decision, b->decision);
}

bool aver_receipt_other_prices(const struct aver_receipt *recorded, struct aver_why *why)
{
    if (!recorded->decision || recorded->decision->gas_table == AVER_GAS_TABLE_VERSION) return false;
    (void)aver_fail(why, AVER_E_NOT_FOUND, "GAS-TABLE", "",
                    "it was decided by version %" PRIu64
                    " of the gas prices and this program has version %d: execute it "
                    "again with a release that has that version",
                    recorded->decision->gas_table, AVER_GAS_TABLE_VERSION);
    return true;
}

void aver_receipt_difference(struct aver_buf *out, aver_bytes recorded, aver_bytes again,
                             struct aver_arena *arena)
{
    struct aver_receipt a, b;
    struct diff d = {.out = out};
    if (aver_schema_read(recorded, &aver_receipt_schema, &a, arena, NULL) != AVER_OK)
        aver_buf_str(out, "the one recorded is no receipt");
    else if (aver_schema_read(again, &aver_receipt_schema, &b, arena, NULL) != AVER_OK)
        aver_buf_str(out, "executed again it gives no receipt");
    else if (!decisions_differ(&d, &a, &b) && !record_differs(&d, 0, &aver_receipt_schema, &a, &b))
        aver_buf_str(out, "in its encoding only");
}
