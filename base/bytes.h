/* base/bytes.h - a borrowed run of bytes, and a buffer that grows.
 * Text is bytes too; where a function wants UTF-8 it says so. */
#ifndef AVER_BASE_BYTES_H
#define AVER_BASE_BYTES_H

#include "base/err.h"

#include <string.h>

/* Borrowed: whoever made the bytes owns them. ptr == NULL means absent, which is not the same as empty. */
typedef struct aver_bytes {
    const uint8_t *ptr;
    size_t len;
} aver_bytes;

#define AVER_BYTES_NONE ((aver_bytes){NULL, 0})
/* A string literal as bytes, without its NUL. */
#define AVER_LIT(s) ((aver_bytes){(const uint8_t *)("" s), sizeof(s) - 1})
/* For printf("%.*s"). */
#define AVER_STR(b) (int)(b).len, (b).ptr ? (const char *)(b).ptr : ""

static inline aver_bytes aver_bytes_of(const void *ptr, size_t len) { return (aver_bytes){ptr, len}; }
aver_bytes aver_bytes_str(const char *s); /* without the NUL; NULL gives absent */
static inline bool aver_bytes_eq(aver_bytes a, aver_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool aver_bytes_is(aver_bytes a, const char *s)
{
    return aver_bytes_eq(a, aver_bytes_of(s, s ? strlen(s) : 0));
}
int aver_bytes_cmp(aver_bytes a, aver_bytes b); /* memcmp order, the shorter first on a tie */
aver_bytes aver_bytes_cut(aver_bytes b, size_t from, size_t len); /* asserts from + len <= b.len */
aver_bytes aver_bytes_trim(aver_bytes b);                         /* without spaces and tabs at both ends */
bool aver_bytes_utf8(aver_bytes b); /* well-formed UTF-8 (RFC 3629), NUL allowed */

/* Decimal digits only, no sign, no leading zero but "0" itself. AVER_E_INPUT, AVER_E_RANGE. */
AVER_MUST_CHECK aver_err aver_bytes_u64(uint64_t *out, aver_bytes text);

/* A growable buffer on the heap. All zeros is an empty one. Growth never fails (see aver_oom). */
struct aver_buf {
    uint8_t *ptr;
    size_t len, cap;
};

void aver_buf_free(struct aver_buf *buf);
void aver_buf_grow(struct aver_buf *buf, size_t more); /* whether there is room or not */
static inline void aver_buf_reserve(struct aver_buf *buf, size_t more)
{
    if (more > buf->cap - buf->len) aver_buf_grow(buf, more);
}
static inline void aver_buf_put(struct aver_buf *buf, const void *ptr, size_t len)
{
    if (len == 0) return;
    aver_buf_reserve(buf, len);
    memcpy(buf->ptr + buf->len, ptr, len);
    buf->len += len;
}
static inline void aver_buf_byte(struct aver_buf *buf, uint8_t byte)
{
    aver_buf_reserve(buf, 1);
    buf->ptr[buf->len++] = byte;
}
static inline void aver_buf_bytes(struct aver_buf *buf, aver_bytes b) { aver_buf_put(buf, b.ptr, b.len); }
void aver_buf_str(struct aver_buf *buf, const char *s);
void aver_buf_printf(struct aver_buf *buf, const char *fmt, ...) AVER_PRINTF(2, 3);
void aver_buf_hex(struct aver_buf *buf, aver_bytes b); /* lower case */
static inline aver_bytes aver_buf_view(const struct aver_buf *buf)
{
    return (aver_bytes){buf->ptr, buf->len};
}

/* `out` must hold 2 * len + 1. */
void aver_hex(char *out, aver_bytes b);
/* Exactly out_len bytes from 2 * out_len hexadecimal digits of either case. AVER_E_INPUT. */
AVER_MUST_CHECK aver_err aver_unhex(uint8_t *out, size_t out_len, aver_bytes hex);

#endif
