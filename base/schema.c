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

/* Whether all bytes are printable ASCII, as almost all text is: eight at a time. */
static bool printable(const uint8_t *p, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80, spaces = ones * 0x20;
    uint64_t bad = 0, eight;
    for (; len >= sizeof eight; p += sizeof eight, len -= sizeof eight) {
        memcpy(&eight, p, sizeof eight);
        /* Above 0x7e, or (the high bit lent) below 0x20. */
        bad |= eight | (eight + ones) | ~((eight | highs) - spaces);
    }
    if (len) {
        eight = spaces;
        memcpy(&eight, p, len);
        bad |= eight | (eight + ones) | ~((eight | highs) - spaces);
    }
    return !(bad & highs);
}

/* The value's own bounds. Returns what is wrong, NULL if nothing is. */
static const char *text_fault(aver_bytes t, uint64_t max)
{
    if (t.len == 0) return "is empty";
    if (t.len > max) return "is too long";
    if (printable(t.ptr, t.len)) return NULL;
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

/* A field's key, the head of its value, and what follows the head. Keys are below 24. */
static inline void put_head(struct aver_buf *out, const struct aver_field *f, enum aver_cbor_major major,
                            uint64_t v)
{
    aver_buf_reserve(out, 1 + AVER_CBOR_HEAD_MAX);
    uint8_t *to = out->ptr + out->len;
    *to++ = f->key;
    out->len = (size_t)(aver_cbor_head_at(to, major, v) - out->ptr);
}

static inline void put_string(struct aver_buf *out, const struct aver_field *f, enum aver_cbor_major major,
                              const void *bytes, size_t len)
{
    aver_buf_reserve(out, 1 + AVER_CBOR_HEAD_MAX + len);
    uint8_t *to = out->ptr + out->len;
    *to++ = f->key;
    to = aver_cbor_head_at(to, major, len);
    if (len) memcpy(to, bytes, len);
    out->len = (size_t)(to - out->ptr) + len;
}

static inline void put_signed(struct aver_buf *out, const struct aver_field *f, int64_t v)
{
    put_head(out, f, v < 0 ? AVER_CBOR_NINT : AVER_CBOR_UINT, v < 0 ? (uint64_t)(-1 - v) : (uint64_t)v);
}

/* A list, and what is nested: seldom, so apart. */
static void encode_nested(struct aver_buf *out, const struct aver_field *f, const void *record)
{
    struct aver_list l = f->type == AVER_T_STRUCT ? (struct aver_list){0} : READ(struct aver_list);
    AVER_ASSERT(value_fault(f, record) == NULL);
    if (f->type == AVER_T_STRUCT) {
        aver_buf_byte(out, f->key);
        aver_schema_encode(out, f->of, READ(void *));
        return;
    }
    put_head(out, f, AVER_CBOR_ARRAY, l.count);
    for (size_t i = 0; i < l.count; i++)
        if (f->type == AVER_T_LIST) {
            aver_schema_encode(out, f->of, (const uint8_t *)l.items + i * f->of->size);
        } else if (f->type == AVER_T_TEXTS) {
            aver_bytes text = ((const aver_bytes *)l.items)[i]; /* value_fault has seen that it is UTF-8 */
            aver_cbor_put_head(out, AVER_CBOR_TEXT, text.len);
            aver_buf_bytes(out, text);
        } else {
            aver_cbor_put_uint(out, ((const uint64_t *)l.items)[i]);
        }
}

/* As encode_field, for the types that are met less often. */
static bool encode_other(struct aver_buf *out, const struct aver_field *f, const void *record)
{
    if (f->optional && aver_field_absent(f, record)) return false;
    switch ((enum aver_type)f->type) {
    case AVER_T_INT: put_signed(out, f, READ(int64_t)); return true;
    case AVER_T_BOOL: put_head(out, f, AVER_CBOR_SIMPLE, READ(bool) ? 21 : 20); return true;
    case AVER_T_DELTA: {
        int64_t cents = READ(aver_delta).cents;
        AVER_ASSERT(cents < AVER_MONEY_LIMIT && cents > -AVER_MONEY_LIMIT);
        put_signed(out, f, cents);
        return true;
    }
    case AVER_T_DAY: {
        aver_day day = READ(aver_day);
        AVER_ASSERT(day >= AVER_DAY_MIN && day <= AVER_DAY_MAX);
        put_signed(out, f, day);
        return true;
    }
    case AVER_T_BYTES:
    case AVER_T_FIXED: {
        aver_bytes b = READ(aver_bytes);
        AVER_ASSERT(value_fault(f, record) == NULL);
        put_string(out, f, AVER_CBOR_BYTES, b.ptr, b.len);
        return true;
    }
    case AVER_T_RAW:
        AVER_ASSERT(value_fault(f, record) == NULL);
        aver_buf_byte(out, f->key);
        aver_buf_bytes(out, READ(aver_bytes));
        return true;
    case AVER_T_STRUCT:
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: encode_nested(out, f, record); return true;
    case AVER_T_UINT:
    case AVER_T_MONEY:
    case AVER_T_TEXT:
    case AVER_T_DIGEST: break;
    }
    AVER_UNREACHABLE();
}

/* False: it is optional and absent. Asserts what value_fault says, in the same pass. */
static bool encode_field(struct aver_buf *out, const struct aver_field *f, const void *record)
{
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: {
        uint64_t v = READ(uint64_t);
        if (f->optional && v == 0) return false;
        AVER_ASSERT(v <= (f->max ? f->max : (uint64_t)INT64_MAX) && (!f->names || (v && f->names[v])));
        put_head(out, f, AVER_CBOR_UINT, v);
        return true;
    }
    case AVER_T_MONEY: {
        uint64_t v = READ(aver_money).cents;
        if (f->optional && v == 0) return false;
        AVER_ASSERT(v < (uint64_t)AVER_MONEY_LIMIT);
        put_head(out, f, AVER_CBOR_UINT, v);
        return true;
    }
    case AVER_T_TEXT: {
        aver_bytes text = READ(aver_bytes);
        if (f->optional && !text.ptr) return false;
        AVER_ASSERT(text_fault(text, f->max) == NULL);
        put_string(out, f, AVER_CBOR_TEXT, text.ptr, text.len);
        return true;
    }
    case AVER_T_DIGEST:
        if (f->optional && aver_field_absent(f, record)) return false;
        put_string(out, f, AVER_CBOR_BYTES, at(f, record), sizeof(aver_digest));
        return true;
    case AVER_T_INT:
    case AVER_T_BOOL:
    case AVER_T_DELTA:
    case AVER_T_DAY:
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_STRUCT:
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS:
    case AVER_T_RAW: break;
    }
    return encode_other(out, f, record);
}

#define LONG_HEAD 24 /* RFC 8949 section 3: the first number that does not fit into the head's own byte */

void aver_schema_encode(struct aver_buf *out, const struct aver_schema *s, const void *record)
{
    size_t map = out->len; /* its head is one byte, unless more than 23 fields are there */
    unsigned present = 0;
    aver_buf_byte(out, 0);
    const struct aver_field *f = s->fields, *end = f + s->count;
    for (; f < end && f->key < LONG_HEAD; f++) present += encode_field(out, f, record);
    for (; f < end; f++) {
        aver_buf_byte(out, LONG_HEAD); /* what follows is the number in a byte of its own */
        if (encode_field(out, f, record))
            present++;
        else
            out->len--;
    }
    if (present < LONG_HEAD) {
        out->ptr[map] = (uint8_t)(AVER_CBOR_MAP << 5 | present);
        return;
    }
    aver_buf_byte(out, 0);
    memmove(out->ptr + map + 2, out->ptr + map + 1, out->len - map - 2);
    out->ptr[map] = (uint8_t)(AVER_CBOR_MAP << 5 | LONG_HEAD);
    out->ptr[map + 1] = (uint8_t)present;
}

/* What most fields hold: a number, text or bytes, well formed and within bounds. False: nothing was read, and decode_value says
 * what it is or what is wrong with it. */
static bool decode_quick(struct aver_cbor *in, const struct aver_field *f, void *slot)
{
    const uint8_t *start = in->p;
    uint64_t v;
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT:
        if (!aver_cbor_quick(in, AVER_CBOR_UINT, &v)) return false;
        if (v > (f->max ? f->max : (uint64_t)INT64_MAX) || (f->optional && v == 0) ||
            (f->names && (v == 0 || !f->names[v])))
            break;
        *(uint64_t *)slot = v;
        return true;
    case AVER_T_MONEY:
        if (!aver_cbor_quick(in, AVER_CBOR_UINT, &v)) return false;
        if (v >= (uint64_t)AVER_MONEY_LIMIT || (f->optional && v == 0)) break;
        ((aver_money *)slot)->cents = v;
        return true;
    case AVER_T_DAY: /* from 1970 on */
        if (!aver_cbor_quick(in, AVER_CBOR_UINT, &v)) return false;
        if (v > (uint64_t)AVER_DAY_MAX) break;
        *(aver_day *)slot = (aver_day)v;
        return true;
    case AVER_T_TEXT:
        if (!aver_cbor_quick(in, AVER_CBOR_TEXT, &v)) return false;
        if (v == 0 || v > f->max || v > (size_t)(in->end - in->p) || !printable(in->p, (size_t)v)) break;
        *(aver_bytes *)slot = aver_bytes_of(in->p, (size_t)v);
        in->p += v;
        return true;
    case AVER_T_FIXED:
        if (!aver_cbor_quick(in, AVER_CBOR_BYTES, &v)) return false;
        if (v != f->max || v > (size_t)(in->end - in->p)) break;
        *(aver_bytes *)slot = aver_bytes_of(in->p, (size_t)v);
        in->p += v;
        return true;
    case AVER_T_INT:
    case AVER_T_BOOL:
    case AVER_T_DELTA:
    case AVER_T_BYTES:
    case AVER_T_DIGEST:
    case AVER_T_STRUCT:
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS:
    case AVER_T_RAW: return false;
    }
    in->p = start;
    return false;
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
        void *sub = aver_arena_raw(arena, f->of->size); /* which decoding zeroes, as it does items */
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
        /* No overflow: there are no more items than the input has bytes. */
        *l = (struct aver_list){aver_arena_raw(arena, count * size), count, count};
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
        if (decode_quick(in, f, (uint8_t *)record + f->offset)) continue;
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
