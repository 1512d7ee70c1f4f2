/* base/bytes.c - see bytes.h. */
#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

aver_bytes aver_bytes_str(const char *s) { return s ? aver_bytes_of(s, strlen(s)) : AVER_BYTES_NONE; }

int aver_bytes_cmp(aver_bytes a, aver_bytes b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : a.len < b.len ? -1 : a.len > b.len;
}

aver_bytes aver_bytes_cut(aver_bytes b, size_t from, size_t len)
{
    AVER_ASSERT(from <= b.len && len <= b.len - from);
    return aver_bytes_of(b.ptr ? b.ptr + from : NULL, len);
}

aver_bytes aver_bytes_trim(aver_bytes b)
{
    while (b.len && (b.ptr[0] == ' ' || b.ptr[0] == '\t')) b.ptr++, b.len--;
    while (b.len && (b.ptr[b.len - 1] == ' ' || b.ptr[b.len - 1] == '\t')) b.len--;
    return b;
}

/* RFC 3629 section 4: the ranges of the second byte exclude overlong forms, surrogates and what is above U+10FFFF. */
bool aver_bytes_utf8(aver_bytes b)
{
    size_t i = 0;
    while (i < b.len) {
        uint8_t c = b.ptr[i];
        if (c < 0x80) {
            uint64_t eight = 0;
            if (b.len - i >= sizeof eight) memcpy(&eight, b.ptr + i, sizeof eight);
            i += b.len - i >= sizeof eight && !(eight & UINT64_C(0x8080808080808080)) ? sizeof eight : 1;
            continue;
        }
        size_t more = c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
        if (more == 0 || b.len - i <= more) return false;
        uint8_t lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
        uint8_t hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        if (b.ptr[i + 1] < lo || b.ptr[i + 1] > hi) return false;
        for (size_t k = 2; k <= more; k++)
            if ((b.ptr[i + k] & 0xc0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

aver_err aver_bytes_u64(uint64_t *out, aver_bytes text)
{
    if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0')) return AVER_E_INPUT;
    uint64_t v = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return AVER_E_INPUT;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(text.ptr[i] - '0'), &v))
            return AVER_E_RANGE;
    }
    *out = v;
    return AVER_OK;
}

void aver_buf_free(struct aver_buf *buf)
{
    free(buf->ptr);
    *buf = (struct aver_buf){0};
}

void aver_buf_grow(struct aver_buf *buf, size_t more)
{
    size_t need, cap = buf->cap ? buf->cap : 256;
    if (__builtin_add_overflow(buf->len, more, &need)) aver_oom(SIZE_MAX);
    while (cap < need)
        if (__builtin_mul_overflow(cap, (size_t)2, &cap)) aver_oom(need);
    uint8_t *ptr = realloc(buf->ptr, cap);
    if (!ptr) aver_oom(cap);
    buf->ptr = ptr;
    buf->cap = cap;
}

void aver_buf_str(struct aver_buf *buf, const char *s) { aver_buf_put(buf, s, strlen(s)); }

void aver_buf_printf(struct aver_buf *buf, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    AVER_ASSERT(n >= 0);
    aver_buf_reserve(buf, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf((char *)buf->ptr + buf->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    buf->len += (size_t)n;
}

static const char HEX[] = "0123456789abcdef";

void aver_buf_hex(struct aver_buf *buf, aver_bytes b)
{
    aver_buf_reserve(buf, b.len * 2);
    for (size_t i = 0; i < b.len; i++) {
        buf->ptr[buf->len++] = (uint8_t)HEX[b.ptr[i] >> 4];
        buf->ptr[buf->len++] = (uint8_t)HEX[b.ptr[i] & 15];
    }
}

void aver_hex(char *out, aver_bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        out[2 * i] = HEX[b.ptr[i] >> 4];
        out[2 * i + 1] = HEX[b.ptr[i] & 15];
    }
    out[2 * b.len] = 0;
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

aver_err aver_unhex(uint8_t *out, size_t out_len, aver_bytes hex)
{
    if (hex.len != out_len * 2) return AVER_E_INPUT;
    for (size_t i = 0; i < out_len; i++) {
        int hi = hex_digit(hex.ptr[2 * i]), lo = hex_digit(hex.ptr[2 * i + 1]);
        if (hi < 0 || lo < 0) return AVER_E_INPUT;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return AVER_OK;
}
