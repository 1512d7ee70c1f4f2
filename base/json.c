/* base/json.c - the JSON reader and what is asked of its tree. The writer is in json_write.c; see json.h. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many members, comparing each pair is cheaper than sorting. */
#define LINEAR_MAX 8

struct reader {
    aver_bytes in;
    size_t at;
    struct aver_arena *arena;
    struct aver_why *why;
    struct aver_json *root;
    struct aver_json *focus;                     /* what is being read; errors give its pointer */
    struct aver_json *open[AVER_JSON_DEPTH_MAX]; /* arrays and objects not yet closed, outermost first */
    struct aver_json *last[AVER_JSON_DEPTH_MAX]; /* and the last child of each */
    size_t depth, nodes;
    bool grammar;   /* names may repeat */
    aver_bytes key; /* read, and waiting for its value */
    size_t key_at;
};

/* ---- places ---- */

static void pointer_token(struct aver_buf *buf, const struct aver_json *value)
{
    aver_buf_byte(buf, '/');
    if (value->parent->kind == AVER_JSON_ARRAY) {
        aver_buf_printf(buf, "%u", (unsigned)value->index);
        return;
    }
    /* RFC 6901 section 3: "'~' needs to be encoded as '~0' and '/' needs to be encoded as '~1'" */
    for (size_t i = 0; i < value->key.len; i++) {
        uint8_t c = value->key.ptr[i];
        if (c == '~' || c == '/')
            aver_buf_str(buf, c == '~' ? "~0" : "~1");
        else
            aver_buf_byte(buf, c);
    }
}

void aver_json_pointer(struct aver_buf *buf, const struct aver_json *value)
{
    const struct aver_json *path[AVER_JSON_DEPTH_MAX];
    size_t n = 0;
    for (; value->parent; value = value->parent) {
        AVER_ASSERT(n < AVER_JSON_DEPTH_MAX);
        path[n++] = value;
    }
    while (n) pointer_token(buf, path[--n]);
}

static char *place(char out[AVER_JSON_PLACE], aver_bytes in, size_t at, const struct aver_json *value)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        if (in.ptr[i] == '\n')
            line++, column = 1;
        else if ((in.ptr[i] & 0xc0) != 0x80)
            column++;
    }
    struct aver_buf pointer = {0};
    if (value) aver_json_pointer(&pointer, value);
    /* A key may hold anything, and a place is one line. */
    for (size_t i = 0; i < pointer.len; i++)
        if (pointer.ptr[i] < 0x20 || pointer.ptr[i] == 0x7f) pointer.ptr[i] = '?';
    int shown = pointer.len < AVER_JSON_PLACE ? (int)pointer.len : AVER_JSON_PLACE;
    snprintf(out, AVER_JSON_PLACE, "line %zu, column %zu%s%.*s", line, column, shown ? ", " : "", shown,
             shown ? (const char *)pointer.ptr : "");
    aver_buf_free(&pointer);
    return out;
}

char *aver_json_place(char out[AVER_JSON_PLACE], aver_bytes text, const struct aver_json *value)
{
    AVER_ASSERT(value->offset <= text.len);
    return place(out, text, value->offset, value);
}

static aver_err fail(struct reader *r, size_t at, aver_err err, const char *code, const char *fmt, ...)
    AVER_PRINTF(5, 6);

static aver_err fail(struct reader *r, size_t at, aver_err err, const char *code, const char *fmt, ...)
{
    if (!r->why) return err;
    char where[AVER_JSON_PLACE], text[sizeof r->why->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return aver_fail(r->why, err, code, place(where, r->in, at, r->focus), "%s", text);
}

static aver_err unexpected(struct reader *r, const char *wanted)
{
    if (r->at == r->in.len)
        return fail(r, r->at, AVER_E_INPUT, "JSON-CUT",
                    "the text ends where %s should come; it may have been cut off", wanted);
    uint8_t c = r->in.ptr[r->at];
    char found[16];
    if (c > 0x20 && c < 0x7f)
        snprintf(found, sizeof found, "%s%c%s", c == '\'' ? "" : "'", c, c == '\'' ? "" : "'");
    else
        snprintf(found, sizeof found, "byte 0x%02x", c);
    return fail(r, r->at, AVER_E_INPUT, "JSON-SYNTAX", "%s should come here, not %s", wanted, found);
}

/* ---- scalars ---- */

static uint8_t peek(const struct reader *r) { return r->at < r->in.len ? r->in.ptr[r->at] : 0; }

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static size_t digits(aver_bytes t, size_t from)
{
    size_t n = 0;
    while (from + n < t.len && is_digit(t.ptr[from + n])) n++;
    return n;
}

bool aver_json_is_number(aver_bytes t)
{
    size_t at = t.len && t.ptr[0] == '-';
    size_t whole = digits(t, at);
    if (whole == 0 || (whole > 1 && t.ptr[at] == '0')) return false;
    at += whole;
    if (at < t.len && t.ptr[at] == '.') {
        size_t n = digits(t, at + 1);
        if (n == 0) return false;
        at += 1 + n;
    }
    if (at < t.len && (t.ptr[at] | 0x20) == 'e') {
        at++;
        if (at < t.len && (t.ptr[at] == '+' || t.ptr[at] == '-')) at++;
        size_t n = digits(t, at);
        if (n == 0) return false;
        at += n;
    }
    return at == t.len;
}

static bool number_byte(uint8_t c)
{
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static aver_err read_number(struct reader *r, struct aver_json *value)
{
    size_t from = r->at, to = from;
    while (to < r->in.len && number_byte(r->in.ptr[to])) to++;
    value->text = aver_bytes_cut(r->in, from, to - from);
    if (!aver_json_is_number(value->text))
        return fail(
            r, from, AVER_E_INPUT, "JSON-NUMBER",
            "'%.*s' is not a JSON number: write digits as in -12.50 or 1e3, without leading zeros or a plus",
            to - from < 40 ? (int)(to - from) : 40, (const char *)value->text.ptr);
    value->kind = AVER_JSON_NUMBER;
    r->at = to;
    return AVER_OK;
}

static aver_err read_word(struct reader *r, struct aver_json *value, const char *word,
                          enum aver_json_kind kind)
{
    size_t n = strlen(word), have = r->in.len - r->at;
    if (memcmp(r->in.ptr + r->at, word, n < have ? n : have) != 0) return unexpected(r, "a value");
    if (have < n) {
        r->at = r->in.len;
        return unexpected(r, word);
    }
    value->text = aver_bytes_cut(r->in, r->at, n);
    value->kind = kind;
    r->at += n;
    return AVER_OK;
}

/* Four hexadecimal digits, or -1. */
static int32_t hex4(aver_bytes raw, size_t at)
{
    uint8_t b[2];
    if (raw.len - at < 4 || aver_unhex(b, 2, aver_bytes_cut(raw, at, 4)) != AVER_OK) return -1;
    return b[0] << 8 | b[1];
}

static size_t utf8_put(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* The bytes between the quotes, with their escapes resolved. No escape is shorter than what it stands for. */
static aver_err unescape(struct reader *r, aver_bytes *out, aver_bytes raw)
{
    uint8_t *to = aver_arena_alloc(r->arena, raw.len);
    size_t base = (size_t)(raw.ptr - r->in.ptr), n = 0, i = 0;
    while (i < raw.len) {
        if (raw.ptr[i] != '\\') {
            to[n++] = raw.ptr[i++];
            continue;
        }
        size_t at = i;
        uint8_t c = raw.ptr[i + 1]; /* a backslash is never the last: it would have escaped the quote */
        i += 2;
        if (c != 'u') {
            static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
            const char *found = c ? strchr(from, c) : NULL;
            if (!found)
                return fail(r, base + at, AVER_E_INPUT, "JSON-ESCAPE",
                            "a backslash here must begin one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
            to[n++] = (uint8_t)means[found - from];
            continue;
        }
        int32_t unit = hex4(raw, i);
        if (unit < 0)
            return fail(r, base + at, AVER_E_INPUT, "JSON-ESCAPE",
                        "\\u must be followed by four hexadecimal digits");
        i += 4;
        uint32_t code = (uint32_t)unit;
        if (unit >= 0xd800 && unit <= 0xdfff) {
            bool pair = unit < 0xdc00 && raw.len - i >= 6 && raw.ptr[i] == '\\' && raw.ptr[i + 1] == 'u';
            int32_t low = pair ? hex4(raw, i + 2) : -1;
            if (low < 0xdc00 || low > 0xdfff)
                return fail(r, base + at, AVER_E_INPUT, "JSON-SURROGATE",
                            "\\u%04x is half of a surrogate pair and stands for no character alone",
                            (unsigned)unit);
            i += 6;
            code = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
        }
        n += utf8_put(to + n, code);
    }
    *out = aver_bytes_of(to, n);
    return AVER_OK;
}

/* Where the first character begins that is not UTF-8. */
static size_t utf8_wrong_at(aver_bytes raw)
{
    size_t i = 0;
    for (;;) {
        size_t n = 1;
        while (n <= 4 && i + n <= raw.len && !aver_bytes_utf8(aver_bytes_cut(raw, i, n))) n++;
        if (n > 4 || i + n > raw.len) return i;
        i += n;
    }
}

static aver_err read_string(struct reader *r, aver_bytes *out)
{
    size_t quote = r->at, i = quote + 1;
    bool escapes = false;
    uint8_t seen = 0;
    for (;; i++) {
        if (i >= r->in.len)
            return fail(r, quote, AVER_E_INPUT, "JSON-CUT", "the string that begins here has no end quote");
        uint8_t c = r->in.ptr[i];
        if (c == '"') break;
        if (c == '\\') {
            escapes = true;
            i++; /* what is escaped does not end the string; unescape looks at it */
            continue;
        }
        if (c < 0x20)
            return fail(r, i, AVER_E_INPUT, "JSON-CONTROL",
                        "a string holds the bare control character 0x%02x; write it as \\u%04x", c, c);
        seen |= c;
    }
    aver_bytes raw = aver_bytes_cut(r->in, quote + 1, i - quote - 1);
    if (seen >= 0x80 && !aver_bytes_utf8(raw))
        return fail(r, quote + 1 + utf8_wrong_at(raw), AVER_E_INPUT, "JSON-UTF8",
                    "byte 0x%02x here is not UTF-8; save the text as UTF-8", raw.ptr[utf8_wrong_at(raw)]);
    if (escapes)
        AVER_TRY(unescape(r, out, raw));
    else
        *out = raw;
    r->at = i + 1;
    return AVER_OK;
}

/* ---- names in an object ---- */

static int key_order(aver_bytes a, aver_bytes b)
{
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    return a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
}

static int member_order(const void *x, const void *y)
{
    const struct aver_json *a = *(const struct aver_json *const *)x, *b = *(const struct aver_json *const *)y;
    int c = key_order(a->key, b->key);
    return c ? c : a->index < b->index ? -1 : a->index > b->index;
}

/* Sorting and not hashing: nobody can choose names that make it slow. */
static struct aver_json *find_duplicate(struct reader *r, struct aver_json *object)
{
    const struct aver_json *twice = NULL;
    if (object->count <= LINEAR_MAX) {
        for (AVER_JSON_EACH(b, object))
            for (const struct aver_json *a = object->first; a != b && !twice; a = a->next)
                if (aver_bytes_eq(a->key, b->key)) twice = b;
        return (struct aver_json *)twice;
    }
    object->sorted = AVER_NEW_ARRAY(r->arena, const struct aver_json *, object->count);
    for (AVER_JSON_EACH(a, object)) object->sorted[a->index] = a;
    qsort(object->sorted, object->count, sizeof object->sorted[0], member_order);
    for (uint32_t i = 1; i < object->count; i++) {
        const struct aver_json *b = object->sorted[i];
        if (aver_bytes_eq(object->sorted[i - 1]->key, b->key) && (!twice || b->index < twice->index))
            twice = b;
    }
    return (struct aver_json *)twice;
}

/* ---- the tree ---- */

static aver_err new_value(struct reader *r, struct aver_json **out)
{
    if (r->nodes == AVER_JSON_NODES_MAX)
        return fail(r, r->at, AVER_E_LIMIT, "JSON-NODES", "more than %zu values in one text; split it",
                    AVER_JSON_NODES_MAX);
    r->nodes++;
    struct aver_json *v = AVER_NEW(r->arena, struct aver_json);
    v->offset = (uint32_t)r->at;
    if (r->depth) {
        struct aver_json *parent = r->open[r->depth - 1], **last = &r->last[r->depth - 1];
        v->parent = parent;
        v->index = parent->count++;
        if (parent->kind == AVER_JSON_OBJECT) v->key = r->key, v->key_offset = (uint32_t)r->key_at;
        if (*last)
            (*last)->next = v;
        else
            parent->first = v;
        *last = v;
    } else {
        r->root = v;
    }
    r->focus = *out = v;
    return AVER_OK;
}

enum step { STEP_VALUE, STEP_FIRST_VALUE, STEP_FIRST_KEY, STEP_KEY, STEP_AFTER, STEP_END };

/* What comes after a value that is complete. */
static enum step leave(struct reader *r)
{
    r->focus = r->depth ? r->open[r->depth - 1] : NULL;
    return r->depth ? STEP_AFTER : STEP_END;
}

static aver_err open_container(struct reader *r, enum step *step, struct aver_json *v,
                               enum aver_json_kind kind)
{
    if (r->depth == AVER_JSON_DEPTH_MAX)
        return fail(r, r->at, AVER_E_LIMIT, "JSON-DEPTH", "arrays and objects are nested more than %d deep",
                    AVER_JSON_DEPTH_MAX);
    v->kind = kind;
    r->last[r->depth] = NULL;
    r->open[r->depth++] = v;
    r->at++;
    *step = kind == AVER_JSON_ARRAY ? STEP_FIRST_VALUE : STEP_FIRST_KEY;
    return AVER_OK;
}

static aver_err close_container(struct reader *r, enum step *step)
{
    struct aver_json *v = r->open[--r->depth];
    r->at++;
    v->text = aver_bytes_cut(r->in, v->offset, r->at - v->offset);
    struct aver_json *twice = v->kind == AVER_JSON_OBJECT && !r->grammar ? find_duplicate(r, v) : NULL;
    if (twice) {
        r->focus = twice;
        return fail(r, twice->key_offset, AVER_E_INPUT, "JSON-DUPLICATE-KEY",
                    "this name was given before in the same object; keep one of the two");
    }
    *step = leave(r);
    return AVER_OK;
}

static aver_err read_value(struct reader *r, enum step *step)
{
    uint8_t c = peek(r);
    if (r->at == r->in.len || c == ']' || c == '}' || c == ',' || c == ':') return unexpected(r, "a value");
    struct aver_json *v = NULL;
    AVER_TRY(new_value(r, &v));
    if (c == '{') return open_container(r, step, v, AVER_JSON_OBJECT);
    if (c == '[') return open_container(r, step, v, AVER_JSON_ARRAY);
    if (c == '"') {
        v->kind = AVER_JSON_STRING;
        AVER_TRY(read_string(r, &v->text));
    } else if (c == 't') {
        AVER_TRY(read_word(r, v, "true", AVER_JSON_TRUE));
    } else if (c == 'f') {
        AVER_TRY(read_word(r, v, "false", AVER_JSON_FALSE));
    } else if (c == 'n') {
        AVER_TRY(read_word(r, v, "null", AVER_JSON_NULL));
    } else if (c != 'e' && c != 'E' && number_byte(c)) {
        AVER_TRY(read_number(r, v));
    } else {
        return unexpected(r, "a value");
    }
    *step = leave(r);
    return AVER_OK;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->in.len) {
        uint8_t c = r->in.ptr[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
        r->at++;
    }
}

static aver_err read_key(struct reader *r, enum step *step)
{
    if (peek(r) != '"') return unexpected(r, "a name in double quotes");
    r->key_at = r->at;
    AVER_TRY(read_string(r, &r->key));
    skip_space(r);
    if (peek(r) != ':') return unexpected(r, "':' after the name");
    r->at++;
    *step = STEP_VALUE;
    return AVER_OK;
}

static aver_err read_after(struct reader *r, enum step *step)
{
    bool object = r->open[r->depth - 1]->kind == AVER_JSON_OBJECT;
    if (peek(r) == (object ? '}' : ']')) return close_container(r, step);
    if (peek(r) != ',')
        return unexpected(r, object ? "',' or '}' after a member" : "',' or ']' after an element");
    r->at++;
    *step = object ? STEP_KEY : STEP_VALUE;
    return AVER_OK;
}

static aver_err read_text(struct reader *r)
{
    enum step step = STEP_VALUE;
    while (step != STEP_END) {
        skip_space(r);
        switch (step) {
        case STEP_FIRST_VALUE:
            AVER_TRY(peek(r) == ']' ? close_container(r, &step) : read_value(r, &step));
            break;
        case STEP_VALUE: AVER_TRY(read_value(r, &step)); break;
        case STEP_FIRST_KEY: AVER_TRY(peek(r) == '}' ? close_container(r, &step) : read_key(r, &step)); break;
        case STEP_KEY: AVER_TRY(read_key(r, &step)); break;
        case STEP_AFTER: AVER_TRY(read_after(r, &step)); break;
        case STEP_END: AVER_UNREACHABLE();
        }
    }
    skip_space(r);
    if (r->at != r->in.len)
        return fail(r, r->at, AVER_E_INPUT, "JSON-TRAILING",
                    "the JSON value ends before this; remove what follows it");
    return AVER_OK;
}

static bool begins(aver_bytes in, const char *bytes)
{
    size_t n = strlen(bytes);
    return in.len >= n && memcmp(in.ptr, bytes, n) == 0;
}

static aver_err read_all(struct reader *r, aver_bytes text, struct aver_why *why)
{
    if (text.len > AVER_JSON_BYTES_MAX)
        return aver_fail(why, AVER_E_LIMIT, "JSON-SIZE", "",
                         "%zu bytes of JSON, and %zu is the most; split it", text.len, AVER_JSON_BYTES_MAX);
    /* RFC 8259 8.1: "Implementations MUST NOT add a byte order mark (U+FEFF) to the beginning of a networked-transmitted
     * JSON text." Readers may ignore one; then two files with different hashes would be one text. */
    if (begins(text, "\xef\xbb\xbf") || begins(text, "\xff\xfe") || begins(text, "\xfe\xff"))
        return fail(r, 0, AVER_E_INPUT, "JSON-BOM",
                    "the text begins with a byte order mark; save it as UTF-8 without one");
    return read_text(r);
}

aver_err aver_json_parse(const struct aver_json **out, struct aver_arena *arena, aver_bytes text,
                         struct aver_why *why)
{
    struct reader r = {.in = text, .arena = arena, .why = why};
    AVER_TRY(read_all(&r, text, why));
    *out = r.root;
    return AVER_OK;
}

aver_err aver_json_grammar(struct aver_arena *arena, aver_bytes text, struct aver_why *why)
{
    struct reader r = {.in = text, .arena = arena, .why = why, .grammar = true};
    return read_all(&r, text, why);
}

/* ---- asking the tree ---- */

const struct aver_json *aver_json_find(const struct aver_json *object, aver_bytes name)
{
    if (!object || object->kind != AVER_JSON_OBJECT) return NULL;
    if (!object->sorted) {
        for (AVER_JSON_EACH(m, object))
            if (aver_bytes_eq(m->key, name)) return m;
        return NULL;
    }
    size_t low = 0, high = object->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = key_order(name, object->sorted[mid]->key);
        if (c == 0) return object->sorted[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct aver_json *aver_json_get(const struct aver_json *object, const char *name)
{
    return aver_json_find(object, aver_bytes_str(name));
}

const struct aver_json *aver_json_at(const struct aver_json *array, size_t index)
{
    if (!array || array->kind != AVER_JSON_ARRAY || index >= array->count) return NULL;
    const struct aver_json *v = array->first;
    while (index--) v = v->next;
    return v;
}

static aver_bytes text_of(const struct aver_json *value, enum aver_json_kind kind)
{
    return value && value->kind == kind ? value->text : AVER_BYTES_NONE;
}

aver_bytes aver_json_string(const struct aver_json *value) { return text_of(value, AVER_JSON_STRING); }
aver_bytes aver_json_number(const struct aver_json *value) { return text_of(value, AVER_JSON_NUMBER); }

const char *aver_json_kind_name(const struct aver_json *value)
{
    if (!value) return "nothing";
    switch (value->kind) {
    case AVER_JSON_NULL: return "null";
    case AVER_JSON_FALSE: return "false";
    case AVER_JSON_TRUE: return "true";
    case AVER_JSON_NUMBER: return "a number";
    case AVER_JSON_STRING: return "a string";
    case AVER_JSON_ARRAY: return "an array";
    case AVER_JSON_OBJECT: return "an object";
    }
    AVER_UNREACHABLE();
}
