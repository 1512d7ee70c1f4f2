/* base/schema_json.c - see schema_json.h. */
#include "base/schema_json.h"

#define READ(type) (*(const type *)((const uint8_t *)record + f->offset))

static void put_hex(struct aver_json_writer *w, aver_bytes b)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, b);
    aver_json_put_string(w, hex.len ? aver_buf_view(&hex) : AVER_LIT(""));
    aver_buf_free(&hex);
}

static void put_cents(struct aver_json_writer *w, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    aver_json_put_str(w, aver_cents_text(text, cents));
}

static void put_list(struct aver_json_writer *w, const struct aver_field *f, struct aver_list l)
{
    aver_json_begin_array(w);
    for (size_t i = 0; i < l.count; i++) {
        if (f->type == AVER_T_LIST)
            aver_schema_json(w, f->of, (const uint8_t *)l.items + i * f->of->size);
        else if (f->type == AVER_T_TEXTS)
            aver_json_put_string(w, ((const aver_bytes *)l.items)[i]);
        else
            aver_json_put_uint(w, ((const uint64_t *)l.items)[i]);
    }
    aver_json_end_array(w);
}

static void put_value(struct aver_json_writer *w, const struct aver_field *f, const void *record)
{
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT:
        if (f->names)
            aver_json_put_str(w, f->names[READ(uint64_t)]);
        else
            aver_json_put_uint(w, READ(uint64_t));
        return;
    case AVER_T_INT: aver_json_put_int(w, READ(int64_t)); return;
    case AVER_T_BOOL: aver_json_put_bool(w, READ(bool)); return;
    case AVER_T_MONEY: put_cents(w, (int64_t)READ(aver_money).cents); return;
    case AVER_T_DELTA: put_cents(w, READ(aver_delta).cents); return;
    case AVER_T_DAY: {
        char text[AVER_DAY_TEXT];
        aver_json_put_str(w, aver_day_iso(text, READ(aver_day)));
        return;
    }
    case AVER_T_TEXT: aver_json_put_string(w, READ(aver_bytes)); return;
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_RAW: put_hex(w, READ(aver_bytes)); return;
    case AVER_T_DIGEST: {
        aver_digest d = READ(aver_digest);
        put_hex(w, aver_digest_bytes(&d));
        return;
    }
    case AVER_T_STRUCT: aver_schema_json(w, f->of, READ(void *)); return;
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: put_list(w, f, READ(struct aver_list)); return;
    }
    AVER_UNREACHABLE();
}

void aver_schema_json_fields(struct aver_json_writer *w, const struct aver_schema *schema, const void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct aver_field *f = &schema->fields[i];
        if (f->optional && aver_field_absent(f, record)) continue;
        aver_json_key(w, f->name);
        put_value(w, f, record);
    }
}

void aver_schema_json(struct aver_json_writer *w, const struct aver_schema *schema, const void *record)
{
    aver_json_begin_object(w);
    aver_schema_json_fields(w, schema, record);
    aver_json_end_object(w);
}
