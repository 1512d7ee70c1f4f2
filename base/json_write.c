/* base/json_write.c - the JSON writer; see json.h. */
#include "base/json.h"

#include <inttypes.h>

static void new_line(struct aver_json_writer *w)
{
    if (!w->pretty) return;
    aver_buf_byte(w->buf, '\n');
    for (unsigned i = 0; i < w->depth; i++) aver_buf_str(w->buf, "  ");
}

/* What stands between the item before and this one. */
static void next_item(struct aver_json_writer *w)
{
    if (w->level[w->depth - 1].any) aver_buf_byte(w->buf, ',');
    w->level[w->depth - 1].any = true;
    new_line(w);
}

static void before_value(struct aver_json_writer *w)
{
    AVER_ASSERT(!w->done);
    if (w->depth == 0) return;
    AVER_ASSERT(w->level[w->depth - 1].object == w->keyed);
    if (!w->keyed) next_item(w);
    w->keyed = false;
}

static void after_value(struct aver_json_writer *w) { w->done = w->depth == 0; }

static void begin(struct aver_json_writer *w, bool object)
{
    before_value(w);
    AVER_ASSERT(w->depth < AVER_JSON_DEPTH_MAX);
    aver_buf_byte(w->buf, object ? '{' : '[');
    w->level[w->depth].object = object;
    w->level[w->depth].any = false;
    w->depth++;
}

static void end(struct aver_json_writer *w, bool object)
{
    AVER_ASSERT(w->depth > 0 && !w->keyed && w->level[w->depth - 1].object == object);
    w->depth--;
    if (w->level[w->depth].any) new_line(w);
    aver_buf_byte(w->buf, object ? '}' : ']');
    after_value(w);
}

void aver_json_begin_object(struct aver_json_writer *w) { begin(w, true); }
void aver_json_end_object(struct aver_json_writer *w) { end(w, true); }
void aver_json_begin_array(struct aver_json_writer *w) { begin(w, false); }
void aver_json_end_array(struct aver_json_writer *w) { end(w, false); }

/* The length of the character at `at`, or 0 where none of UTF-8 begins. */
static size_t character(aver_bytes text, size_t at)
{
    for (size_t n = 1; n <= 4 && at + n <= text.len; n++)
        if (aver_bytes_utf8(aver_bytes_cut(text, at, n))) return n;
    return 0;
}

/* RFC 8259 section 7: "the characters that MUST be escaped: quotation mark, reverse solidus, and the control characters
 * (U+0000 through U+001F)". */
static const char *escape(char out[8], uint8_t c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
    }
    static const char hex[] = "0123456789abcdef";
    const char text[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15], 0};
    for (size_t i = 0; i < sizeof text; i++) out[i] = text[i];
    return out;
}

static void quoted(struct aver_buf *buf, aver_bytes text)
{
    bool clean = aver_bytes_utf8(text);
    char scratch[8];
    size_t from = 0; /* what is copied as it stands begins here */
    aver_buf_byte(buf, '"');
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.ptr[i];
        size_t n = clean || c < 0x80 ? 1 : character(text, i);
        if (n && c >= 0x20 && c != '"' && c != '\\') {
            i += n;
            continue;
        }
        aver_buf_bytes(buf, aver_bytes_cut(text, from, i - from));
        aver_buf_str(buf, n ? escape(scratch, c) : "\\ufffd");
        from = ++i;
    }
    aver_buf_bytes(buf, aver_bytes_cut(text, from, text.len - from));
    aver_buf_byte(buf, '"');
}

void aver_json_key_bytes(struct aver_json_writer *w, aver_bytes name)
{
    AVER_ASSERT(w->depth > 0 && w->level[w->depth - 1].object && !w->keyed && name.ptr);
    next_item(w);
    quoted(w->buf, name);
    aver_buf_str(w->buf, w->pretty ? ": " : ":");
    w->keyed = true;
}

void aver_json_key(struct aver_json_writer *w, const char *name)
{
    aver_json_key_bytes(w, aver_bytes_str(name));
}

void aver_json_put_string(struct aver_json_writer *w, aver_bytes text)
{
    before_value(w);
    if (text.ptr)
        quoted(w->buf, text);
    else
        aver_buf_str(w->buf, "null");
    after_value(w);
}

void aver_json_put_str(struct aver_json_writer *w, const char *text)
{
    aver_json_put_string(w, aver_bytes_str(text));
}

void aver_json_put_number(struct aver_json_writer *w, aver_bytes text)
{
    AVER_ASSERT(aver_json_is_number(text));
    before_value(w);
    aver_buf_bytes(w->buf, text);
    after_value(w);
}

void aver_json_put_int(struct aver_json_writer *w, int64_t value)
{
    before_value(w);
    aver_buf_printf(w->buf, "%" PRId64, value);
    after_value(w);
}

void aver_json_put_uint(struct aver_json_writer *w, uint64_t value)
{
    before_value(w);
    aver_buf_printf(w->buf, "%" PRIu64, value);
    after_value(w);
}

static void put_word(struct aver_json_writer *w, const char *word)
{
    before_value(w);
    aver_buf_str(w->buf, word);
    after_value(w);
}

void aver_json_put_bool(struct aver_json_writer *w, bool value) { put_word(w, value ? "true" : "false"); }
void aver_json_put_null(struct aver_json_writer *w) { put_word(w, "null"); }

/* The value itself; of an array or object only its beginning. */
static void enter(struct aver_json_writer *w, const struct aver_json *v)
{
    switch (v->kind) {
    case AVER_JSON_NULL: aver_json_put_null(w); return;
    case AVER_JSON_FALSE:
    case AVER_JSON_TRUE: aver_json_put_bool(w, v->kind == AVER_JSON_TRUE); return;
    case AVER_JSON_NUMBER: aver_json_put_number(w, v->text); return;
    case AVER_JSON_STRING: aver_json_put_string(w, v->text); return;
    case AVER_JSON_ARRAY:
    case AVER_JSON_OBJECT: begin(w, v->kind == AVER_JSON_OBJECT); return;
    }
    AVER_UNREACHABLE();
}

static bool is_container(const struct aver_json *v)
{
    return v->kind == AVER_JSON_ARRAY || v->kind == AVER_JSON_OBJECT;
}

void aver_json_put_value(struct aver_json_writer *w, const struct aver_json *value)
{
    const struct aver_json *v = value;
    enter(w, v);
    for (;;) {
        if (v->first) {
            v = v->first;
        } else {
            if (is_container(v)) end(w, v->kind == AVER_JSON_OBJECT);
            while (v != value && !v->next) {
                v = v->parent;
                end(w, v->kind == AVER_JSON_OBJECT);
            }
            if (v == value) return;
            v = v->next;
        }
        if (v->key.ptr) aver_json_key_bytes(w, v->key);
        enter(w, v);
    }
}

void aver_json_finish(struct aver_json_writer *w)
{
    AVER_ASSERT(w->done);
    if (w->pretty) aver_buf_byte(w->buf, '\n');
}
