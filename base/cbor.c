/* base/cbor.c - see cbor.h. */
#include "base/cbor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

aver_err aver_cbor_fail(struct aver_cbor *in, const char *code, const char *fmt, ...)
{
    if (in->why) {
        char place[32], text[256];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        snprintf(place, sizeof place, "byte %zu", (size_t)(in->p - in->start));
        return aver_fail(in->why, AVER_E_INPUT, code, place, "%s", text);
    }
    return AVER_E_INPUT;
}

/* Leaves the reader before the head when it fails, so that the place is the head's. */
static aver_err head(struct aver_cbor *in, int *major, uint64_t *value)
{
    size_t left = (size_t)(in->end - in->p);
    if (left == 0) return aver_cbor_fail(in, "CBOR-SHORT", "the input ends where an item should begin");
    uint8_t info = in->p[0] & 31;
    *major = in->p[0] >> 5;
    if (info < 24) {
        *value = info;
        in->p += 1;
        return AVER_OK;
    }
    if (info > 27)
        return aver_cbor_fail(in, "CBOR-FORM", "indefinite length or reserved head 0x%02x", in->p[0]);
    size_t n = (size_t)1 << (info - 24);
    if (left < 1 + n) return aver_cbor_fail(in, "CBOR-SHORT", "the input ends inside a head");
    uint64_t v = 0;
    for (size_t i = 1; i <= n; i++) v = v << 8 | in->p[i];
    /* Simple values and floats live under major type 7; the profile has only the one-byte ones. */
    if (*major == AVER_CBOR_SIMPLE)
        return aver_cbor_fail(in, "CBOR-TYPE", "floats and extended simple values are not allowed");
    bool minimal = n == 1 ? v >= 24 : v >> (n * 4) != 0;
    if (!minimal)
        return aver_cbor_fail(in, "CBOR-MINIMAL", "the number %" PRIu64 " is not in its shortest form", v);
    *value = v;
    in->p += 1 + n;
    return AVER_OK;
}

static aver_err expect(struct aver_cbor *in, enum aver_cbor_major want, uint64_t *value)
{
    static const char *const names[] = {"an unsigned integer",
                                        "a negative integer",
                                        "a byte string",
                                        "a text string",
                                        "an array",
                                        "a map",
                                        "a tag",
                                        "a simple value"};
    const uint8_t *at = in->p;
    int major = 0;
    if (aver_cbor_quick(in, want, value)) return AVER_OK;
    AVER_TRY(head(in, &major, value));
    if (major != (int)want) {
        in->p = at;
        return aver_cbor_fail(in, "CBOR-TYPE", "%s where %s should be", names[major], names[want]);
    }
    return AVER_OK;
}

static aver_err out_of_range(struct aver_cbor *in, const uint8_t *at)
{
    in->p = at;
    return aver_cbor_fail(in, "CBOR-RANGE", "the integer is outside the 64-bit signed range");
}

aver_err aver_cbor_int(struct aver_cbor *in, int64_t *out)
{
    const uint8_t *at = in->p;
    uint64_t v;
    bool negative = aver_cbor_peek(in) == AVER_CBOR_NINT;
    AVER_TRY(expect(in, negative ? AVER_CBOR_NINT : AVER_CBOR_UINT, &v));
    if (v > INT64_MAX) return out_of_range(in, at);
    *out = negative ? -1 - (int64_t)v : (int64_t)v;
    return AVER_OK;
}

aver_err aver_cbor_uint(struct aver_cbor *in, uint64_t *out)
{
    const uint8_t *at = in->p;
    AVER_TRY(expect(in, AVER_CBOR_UINT, out));
    return *out > INT64_MAX ? out_of_range(in, at) : AVER_OK;
}

aver_err aver_cbor_bool(struct aver_cbor *in, bool *out)
{
    const uint8_t *at = in->p;
    uint64_t v;
    AVER_TRY(expect(in, AVER_CBOR_SIMPLE, &v));
    if (v != 20 && v != 21) {
        in->p = at;
        return aver_cbor_fail(in, "CBOR-TYPE", "simple value %" PRIu64 " where true or false should be", v);
    }
    *out = v == 21;
    return AVER_OK;
}

static aver_err string(struct aver_cbor *in, enum aver_cbor_major major, aver_bytes *out)
{
    const uint8_t *at = in->p;
    uint64_t n;
    AVER_TRY(expect(in, major, &n));
    if (n > (size_t)(in->end - in->p)) {
        in->p = at;
        return aver_cbor_fail(in, "CBOR-SHORT", "a string of %" PRIu64 " bytes, and fewer are left", n);
    }
    *out = aver_bytes_of(in->p, (size_t)n);
    if (major == AVER_CBOR_TEXT && !aver_bytes_utf8(*out)) {
        in->p = at;
        return aver_cbor_fail(in, "CBOR-UTF8", "the text is not well-formed UTF-8");
    }
    in->p += n;
    return AVER_OK;
}

aver_err aver_cbor_bytes(struct aver_cbor *in, aver_bytes *out) { return string(in, AVER_CBOR_BYTES, out); }
aver_err aver_cbor_text(struct aver_cbor *in, aver_bytes *out) { return string(in, AVER_CBOR_TEXT, out); }

/* Every item takes at least a byte, so a count above what is left is a lie, refused before anyone believes it. */
static aver_err container(struct aver_cbor *in, enum aver_cbor_major major, uint64_t bytes_each,
                          size_t *count)
{
    const uint8_t *at = in->p;
    uint64_t n;
    AVER_TRY(expect(in, major, &n));
    if (n > (size_t)(in->end - in->p) / bytes_each) {
        in->p = at;
        return aver_cbor_fail(in, "CBOR-SHORT", "%" PRIu64 " items announced, more than the input can hold",
                              n);
    }
    *count = (size_t)n;
    return AVER_OK;
}

aver_err aver_cbor_array(struct aver_cbor *in, size_t *count)
{
    return container(in, AVER_CBOR_ARRAY, 1, count);
}
aver_err aver_cbor_map(struct aver_cbor *in, size_t *count) { return container(in, AVER_CBOR_MAP, 2, count); }

bool aver_cbor_null(struct aver_cbor *in)
{
    if (in->p == in->end || *in->p != 0xf6) return false;
    in->p++;
    return true;
}

int aver_cbor_peek(const struct aver_cbor *in) { return in->p == in->end ? -1 : *in->p >> 5; }

static aver_err item(struct aver_cbor *in, unsigned depth)
{
    aver_bytes ignored;
    size_t n;
    int64_t number;
    const uint8_t *at = in->p;
    int major = aver_cbor_peek(in);
    if (depth > AVER_CBOR_DEPTH_MAX)
        return aver_cbor_fail(in, "CBOR-DEPTH", "more than %d levels deep", AVER_CBOR_DEPTH_MAX);
    switch (major) {
    case AVER_CBOR_UINT:
    case AVER_CBOR_NINT: return aver_cbor_int(in, &number);
    case AVER_CBOR_BYTES: return aver_cbor_bytes(in, &ignored);
    case AVER_CBOR_TEXT: return aver_cbor_text(in, &ignored);
    case AVER_CBOR_ARRAY:
        AVER_TRY(aver_cbor_array(in, &n));
        while (n--) AVER_TRY(item(in, depth + 1));
        return AVER_OK;
    case AVER_CBOR_MAP: {
        AVER_TRY(aver_cbor_map(in, &n));
        aver_bytes last = AVER_BYTES_NONE;
        while (n--) {
            const uint8_t *key_at = in->p;
            AVER_TRY(item(in, depth + 1));
            aver_bytes key = aver_bytes_of(key_at, (size_t)(in->p - key_at));
            if (last.ptr && aver_bytes_cmp(last, key) >= 0) {
                in->p = key_at;
                return aver_cbor_fail(in, "CBOR-ORDER", "map keys must be unique and sorted bytewise");
            }
            last = key;
            AVER_TRY(item(in, depth + 1));
        }
        return AVER_OK;
    }
    case AVER_CBOR_SIMPLE:
        if (*in->p == 0xf4 || *in->p == 0xf5 || *in->p == 0xf6) {
            in->p++;
            return AVER_OK;
        }
        return aver_cbor_fail(in, "CBOR-TYPE", "only true, false and null are allowed of the simple values");
    case AVER_CBOR_TAG: return aver_cbor_fail(in, "CBOR-TYPE", "tags are not allowed here");
    default: in->p = at; return aver_cbor_fail(in, "CBOR-SHORT", "the input ends where an item should begin");
    }
}

aver_err aver_cbor_item(struct aver_cbor *in, aver_bytes *out)
{
    const uint8_t *at = in->p;
    AVER_TRY(item(in, 0));
    *out = aver_bytes_of(at, (size_t)(in->p - at));
    return AVER_OK;
}

aver_err aver_cbor_end(struct aver_cbor *in)
{
    if (in->p == in->end) return AVER_OK;
    return aver_cbor_fail(in, "CBOR-TRAILING", "%zu bytes after the end", (size_t)(in->end - in->p));
}

aver_err aver_cbor_check(aver_bytes bytes, struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(bytes, why);
    aver_bytes ignored;
    AVER_TRY(aver_cbor_item(&in, &ignored));
    return aver_cbor_end(&in);
}

void aver_cbor_put_int(struct aver_buf *out, int64_t v)
{
    if (v < 0)
        aver_cbor_put_head(out, AVER_CBOR_NINT, (uint64_t)(-1 - v));
    else
        aver_cbor_put_head(out, AVER_CBOR_UINT, (uint64_t)v);
}

void aver_cbor_put_uint(struct aver_buf *out, uint64_t v)
{
    AVER_ASSERT(v <= INT64_MAX);
    aver_cbor_put_head(out, AVER_CBOR_UINT, v);
}

void aver_cbor_put_bool(struct aver_buf *out, bool v) { aver_buf_byte(out, v ? 0xf5 : 0xf4); }
void aver_cbor_put_null(struct aver_buf *out) { aver_buf_byte(out, 0xf6); }

void aver_cbor_put_bytes(struct aver_buf *out, aver_bytes v)
{
    aver_cbor_put_head(out, AVER_CBOR_BYTES, v.len);
    aver_buf_bytes(out, v);
}

void aver_cbor_put_text(struct aver_buf *out, aver_bytes v)
{
    AVER_ASSERT(aver_bytes_utf8(v));
    aver_cbor_put_head(out, AVER_CBOR_TEXT, v.len);
    aver_buf_bytes(out, v);
}

void aver_cbor_put_array(struct aver_buf *out, size_t count)
{
    aver_cbor_put_head(out, AVER_CBOR_ARRAY, count);
}
void aver_cbor_put_map(struct aver_buf *out, size_t count) { aver_cbor_put_head(out, AVER_CBOR_MAP, count); }
