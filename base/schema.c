/* base/schema.c - see schema.h. */
#include "base/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const void *at(const struct aver_field *f, const void *record)
{
    return (const uint8_t *)record + f->offset;
}

#define READ(type) (*(const type *)at(f, record))

bool aver_field_absent(const struct aver_field *f, const void *record)
{
    static const aver_digest zero;
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: return READ(uint64_t) == 0;
    case AVER_T_INT: return READ(int64_t) == 0;
    case AVER_T_BOOL: return !READ(bool);
    case AVER_T_MONEY: return READ(aver_money).cents == 0;
    case AVER_T_DELTA: return READ(aver_delta).cents == 0;
    case AVER_T_DAY: return READ(aver_day) == AVER_NO_DAY;
    case AVER_T_TEXT:
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_RAW: return READ(aver_bytes).ptr == NULL;
    case AVER_T_DIGEST: return aver_digest_eq(READ(aver_digest), zero);
    case AVER_T_STRUCT: return READ(void *) == NULL;
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: return READ(struct aver_list).count == 0;
    }
    AVER_UNREACHABLE();
}

void aver_schema_init(const struct aver_schema *schema, void *record)
{
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].type == AVER_T_DAY)
            *(aver_day *)((uint8_t *)record + schema->fields[i].offset) = AVER_NO_DAY;
}

const struct aver_field *aver_schema_field(const struct aver_schema *schema, aver_bytes name)
{
    for (size_t i = 0; name.len && i < schema->count; i++) {
        const char *field = schema->fields[i].name;
        if ((uint8_t)field[0] == name.ptr[0] && aver_bytes_is(name, field)) return &schema->fields[i];
    }
    return NULL;
}

/* The value's own bounds. Returns what is wrong, NULL if nothing is. */
static const char *text_fault(aver_bytes t, uint64_t max)
{
    if (t.len == 0) return "is empty";
    if (t.len > max) return "is too long";
    bool ascii = true, control = false;
    for (size_t i = 0; i < t.len; i++) {
        ascii &= t.ptr[i] < 0x80;
        control |= t.ptr[i] < 0x20 || t.ptr[i] == 0x7f;
    }
    if (!ascii && !aver_bytes_utf8(t)) return "is not well-formed UTF-8";
    return control ? "holds a control character" : NULL;
}

static const char *value_fault(const struct aver_field *f, const void *record)
{
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: {
        uint64_t v = READ(uint64_t);
        if (v > (f->max ? f->max : (uint64_t)INT64_MAX)) return "is too large";
        return f->names && (v == 0 || !f->names[v]) ? "is not one of its values" : NULL;
    }
    case AVER_T_MONEY: return READ(aver_money).cents >= (uint64_t)AVER_MONEY_LIMIT ? "is too large" : NULL;
    case AVER_T_DELTA: {
        int64_t c = READ(aver_delta).cents;
        return c >= AVER_MONEY_LIMIT || c <= -AVER_MONEY_LIMIT ? "is too large" : NULL;
    }
    case AVER_T_DAY: {
        aver_day d = READ(aver_day);
        return d < AVER_DAY_MIN || d > AVER_DAY_MAX ? "is not a valid day" : NULL;
    }
    case AVER_T_TEXT: return text_fault(READ(aver_bytes), f->max);
    case AVER_T_BYTES:
    case AVER_T_RAW: {
        aver_bytes b = READ(aver_bytes);
        return !b.ptr ? "is missing" : b.len > f->max ? "is too long" : NULL;
    }
    case AVER_T_FIXED: {
        aver_bytes b = READ(aver_bytes);
        return !b.ptr || b.len != f->max ? "has the wrong length" : NULL;
    }
    case AVER_T_STRUCT: return READ(void *) ? NULL : "is missing";
    case AVER_T_LIST:
    case AVER_T_UINTS: return READ(struct aver_list).count > f->max ? "has too many items" : NULL;
    case AVER_T_TEXTS: {
        struct aver_list l = READ(struct aver_list);
        if (l.count > f->max) return "has too many items";
        for (size_t i = 0; i < l.count; i++) {
            const char *fault = text_fault(((aver_bytes *)l.items)[i], AVER_TEXTS_BYTES_MAX);
            if (fault) return fault;
        }
        return NULL;
    }
    case AVER_T_INT:
    case AVER_T_BOOL:
    case AVER_T_DIGEST: return NULL;
    }
    AVER_UNREACHABLE();
}

/* Puts the field around a fault before its path. The path is put together on the way out, since almost no record has a
 * fault. */
static aver_err fault_within(struct aver_why *why, aver_err err, const char *name, size_t index, bool item)
{
    if (!why) return err;
    char inner[160]; /* deeper paths are cut at their end */
    memcpy(inner, why->place, sizeof inner - 1);
    inner[sizeof inner - 1] = 0;
    if (item)
        snprintf(why->place, sizeof why->place, "/%.64s/%zu%s", name, index, inner);
    else
        snprintf(why->place, sizeof why->place, "/%.64s%s", name, inner);
    return err;
}

static aver_err check_at(const struct aver_schema *s, const void *record, struct aver_why *why)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct aver_field *f = &s->fields[i];
        if (f->optional && aver_field_absent(f, record)) continue;
        const char *fault = value_fault(f, record);
        if (fault) {
            (void)aver_fail(why, AVER_E_INPUT, "RECORD-FIELD", "", "%s.%s %s", s->name, f->name, fault);
            return fault_within(why, AVER_E_INPUT, f->name, 0, false);
        }
        if (f->type == AVER_T_STRUCT) {
            aver_err err = check_at(f->of, READ(void *), why);
            if (err != AVER_OK) return fault_within(why, err, f->name, 0, false);
        } else if (f->type == AVER_T_LIST) {
            struct aver_list l = READ(struct aver_list);
            for (size_t k = 0; k < l.count; k++) {
                aver_err err = check_at(f->of, (const uint8_t *)l.items + k * f->of->size, why);
                if (err != AVER_OK) return fault_within(why, err, f->name, k, true);
            }
        }
    }
    return AVER_OK;
}

aver_err aver_schema_check(const struct aver_schema *schema, const void *record, struct aver_why *why)
{
    return check_at(schema, record, why);
}

/* value_fault has seen that it is UTF-8. */
static void put_text(struct aver_buf *out, aver_bytes text)
{
    aver_cbor_put_head(out, AVER_CBOR_TEXT, text.len);
    aver_buf_bytes(out, text);
}

static void encode_value(struct aver_buf *out, const struct aver_field *f, const void *record)
{
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: aver_cbor_put_uint(out, READ(uint64_t)); return;
    case AVER_T_INT: aver_cbor_put_int(out, READ(int64_t)); return;
    case AVER_T_BOOL: aver_cbor_put_bool(out, READ(bool)); return;
    case AVER_T_MONEY: aver_cbor_put_uint(out, READ(aver_money).cents); return;
    case AVER_T_DELTA: aver_cbor_put_int(out, READ(aver_delta).cents); return;
    case AVER_T_DAY: aver_cbor_put_int(out, READ(aver_day)); return;
    case AVER_T_TEXT: put_text(out, READ(aver_bytes)); return;
    case AVER_T_BYTES:
    case AVER_T_FIXED: aver_cbor_put_bytes(out, READ(aver_bytes)); return;
    case AVER_T_RAW: aver_buf_bytes(out, READ(aver_bytes)); return;
    case AVER_T_DIGEST: {
        aver_digest d = READ(aver_digest);
        aver_cbor_put_bytes(out, aver_digest_bytes(&d));
        return;
    }
    case AVER_T_STRUCT: aver_schema_encode(out, f->of, READ(void *)); return;
    case AVER_T_LIST: {
        struct aver_list l = READ(struct aver_list);
        aver_cbor_put_array(out, l.count);
        for (size_t i = 0; i < l.count; i++)
            aver_schema_encode(out, f->of, (const uint8_t *)l.items + i * f->of->size);
        return;
    }
    case AVER_T_TEXTS: {
        struct aver_list l = READ(struct aver_list);
        aver_cbor_put_array(out, l.count);
        for (size_t i = 0; i < l.count; i++) put_text(out, ((aver_bytes *)l.items)[i]);
        return;
    }
    case AVER_T_UINTS: {
        struct aver_list l = READ(struct aver_list);
        aver_cbor_put_array(out, l.count);
        for (size_t i = 0; i < l.count; i++) aver_cbor_put_uint(out, ((uint64_t *)l.items)[i]);
        return;
    }
    }
    AVER_UNREACHABLE();
}

void aver_schema_encode(struct aver_buf *out, const struct aver_schema *s, const void *record)
{
    size_t present = 0;
    for (size_t i = 0; i < s->count; i++)
        present += !(s->fields[i].optional && aver_field_absent(&s->fields[i], record));
    aver_cbor_put_map(out, present);
    for (size_t i = 0; i < s->count; i++) {
        const struct aver_field *f = &s->fields[i];
        if (f->optional && aver_field_absent(f, record)) continue;
        AVER_ASSERT(value_fault(f, record) == NULL);
        aver_cbor_put_uint(out, f->key);
        encode_value(out, f, record);
    }
}

static aver_err decode_value(struct aver_cbor *in, const struct aver_field *f, void *slot,
                             struct aver_arena *arena)
{
    int64_t n;
    size_t count;
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: return aver_cbor_uint(in, slot);
    case AVER_T_INT: return aver_cbor_int(in, slot);
    case AVER_T_BOOL: return aver_cbor_bool(in, slot);
    case AVER_T_MONEY: return aver_cbor_uint(in, &((aver_money *)slot)->cents);
    case AVER_T_DELTA: return aver_cbor_int(in, &((aver_delta *)slot)->cents);
    case AVER_T_DAY:
        AVER_TRY(aver_cbor_int(in, &n));
        if (n < AVER_DAY_MIN || n > AVER_DAY_MAX)
            return aver_cbor_fail(in, "RECORD-FIELD", "%s is not a valid day", f->name);
        *(aver_day *)slot = (aver_day)n;
        return AVER_OK;
    case AVER_T_TEXT: return aver_cbor_text(in, slot);
    case AVER_T_BYTES:
    case AVER_T_FIXED: return aver_cbor_bytes(in, slot);
    case AVER_T_RAW: return aver_cbor_item(in, slot);
    case AVER_T_DIGEST: {
        aver_bytes b;
        AVER_TRY(aver_cbor_bytes(in, &b));
        if (b.len != 32) return aver_cbor_fail(in, "RECORD-FIELD", "%s is not a digest of 32 bytes", f->name);
        memcpy(slot, b.ptr, 32);
        return AVER_OK;
    }
    case AVER_T_STRUCT: {
        void *sub = aver_arena_alloc(arena, f->of->size);
        AVER_TRY(aver_schema_decode(in, f->of, sub, arena));
        *(void **)slot = sub;
        return AVER_OK;
    }
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: {
        AVER_TRY(aver_cbor_array(in, &count));
        if (count > f->max)
            return aver_cbor_fail(in, "RECORD-FIELD", "%s has %zu items, at most %" PRIu64 " are allowed",
                                  f->name, count, f->max);
        size_t size = f->type == AVER_T_LIST    ? f->of->size
                      : f->type == AVER_T_TEXTS ? sizeof(aver_bytes)
                                                : sizeof(uint64_t);
        struct aver_list *l = slot;
        *l = (struct aver_list){aver_arena_array(arena, count, size), count, count};
        for (size_t i = 0; i < count; i++) {
            void *item = (uint8_t *)l->items + i * size;
            AVER_TRY(f->type == AVER_T_LIST    ? aver_schema_decode(in, f->of, item, arena)
                     : f->type == AVER_T_TEXTS ? aver_cbor_text(in, item)
                                               : aver_cbor_uint(in, item));
        }
        return AVER_OK;
    }
    }
    AVER_UNREACHABLE();
}

aver_err aver_schema_decode(struct aver_cbor *in, const struct aver_schema *s, void *record,
                            struct aver_arena *arena)
{
    size_t pairs, next = 0;
    memset(record, 0, s->size);
    aver_schema_init(s, record);
    AVER_TRY(aver_cbor_map(in, &pairs));
    while (pairs--) {
        uint64_t key;
        AVER_TRY(aver_cbor_uint(in, &key));
        while (next < s->count && s->fields[next].key < key && s->fields[next].optional) next++;
        if (next == s->count || s->fields[next].key != key)
            return aver_cbor_fail(in, "RECORD-FIELD",
                                  "%s: field %" PRIu64
                                  " is unknown, repeated, out of order, or follows a missing one",
                                  s->name, key);
        const struct aver_field *f = &s->fields[next++];
        AVER_TRY(decode_value(in, f, (uint8_t *)record + f->offset, arena));
        if (f->optional && aver_field_absent(f, record))
            return aver_cbor_fail(in, "RECORD-FIELD", "%s.%s is present but empty", s->name, f->name);
        const char *fault = value_fault(f, record);
        if (fault) return aver_cbor_fail(in, "RECORD-FIELD", "%s.%s %s", s->name, f->name, fault);
    }
    for (; next < s->count; next++)
        if (!s->fields[next].optional)
            return aver_cbor_fail(in, "RECORD-FIELD", "%s.%s is missing", s->name, s->fields[next].name);
    return AVER_OK;
}

aver_err aver_schema_read(aver_bytes bytes, const struct aver_schema *schema, void *record,
                          struct aver_arena *arena, struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(bytes, why);
    AVER_TRY(aver_schema_decode(&in, schema, record, arena));
    return aver_cbor_end(&in);
}
