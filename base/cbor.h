/* base/cbor.h - the strict profile of deterministic CBOR that everything signed, hashed or stored is written in.
 *
 * RFC 8949 section 4.2.1 (core deterministic encoding), and less than that:
 *   integers of the int64 range in their shortest head; byte strings; text strings (well-formed UTF-8); arrays; maps whose
 *   keys are unique and sorted bytewise by their encoding; true, false, null. No floats, no tags (COSE's tag 18 is
 *   read by cose.h), no indefinite lengths, no other simple values, at most AVER_CBOR_DEPTH_MAX deep, nothing after
 *   the end. One value has one encoding: what the reader accepts, the writer writes back byte for byte.
 * The reader borrows its input, allocates nothing, and never believes a length that the input does not hold. */
#ifndef AVER_BASE_CBOR_H
#define AVER_BASE_CBOR_H

#include "base/bytes.h"

#define AVER_CBOR_DEPTH_MAX 16

enum aver_cbor_major {
    AVER_CBOR_UINT,
    AVER_CBOR_NINT,
    AVER_CBOR_BYTES,
    AVER_CBOR_TEXT,
    AVER_CBOR_ARRAY,
    AVER_CBOR_MAP,
    AVER_CBOR_TAG,
    AVER_CBOR_SIMPLE
};

struct aver_cbor {
    const uint8_t *start, *p, *end;
    struct aver_why *why; /* may be NULL; place becomes "byte N" */
};

static inline struct aver_cbor aver_cbor_open(aver_bytes in, struct aver_why *why)
{
    return (struct aver_cbor){in.ptr, in.ptr, in.ptr + in.len, why};
}

/* Fails at the reader's place: AVER_E_INPUT with `code` ("CBOR-..."). Returns AVER_E_INPUT. */
aver_err aver_cbor_fail(struct aver_cbor *in, const char *code, const char *fmt, ...) AVER_PRINTF(3, 4);

/* The head of the next item, if it is of that type and well formed; else nothing is read, and what is below says what is wrong. */
static inline bool aver_cbor_quick(struct aver_cbor *in, enum aver_cbor_major major, uint64_t *value)
{
    const uint8_t *p = in->p;
    size_t left = (size_t)(in->end - p);
    if (left == 0 || *p >> 5 != (int)major) return false;
    unsigned info = *p & 31;
    if (info < 24) {
        *value = info;
        in->p = p + 1;
        return true;
    }
    if (info > 27 || major == AVER_CBOR_SIMPLE) return false;
    size_t n = (size_t)1 << (info - 24);
    if (left <= n) return false;
    uint64_t v = p[1];
    for (size_t i = 2; i <= n; i++) v = v << 8 | p[i];
    if (n == 1 ? v < 24 : v >> (n * 4) == 0) return false;
    *value = v;
    in->p = p + 1 + n;
    return true;
}

/* Each reads one item or its head. AVER_E_INPUT: CBOR-SHORT (input ends), CBOR-TYPE (another type), CBOR-MINIMAL (longer
 * head than needed), CBOR-RANGE (outside int64), CBOR-FORM (indefinite, reserved), CBOR-UTF8. */
AVER_MUST_CHECK aver_err aver_cbor_int(struct aver_cbor *in, int64_t *out);
AVER_MUST_CHECK aver_err aver_cbor_uint(struct aver_cbor *in, uint64_t *out); /* 0..INT64_MAX */
AVER_MUST_CHECK aver_err aver_cbor_bool(struct aver_cbor *in, bool *out);
AVER_MUST_CHECK aver_err aver_cbor_bytes(struct aver_cbor *in, aver_bytes *out); /* borrowed, never absent */
AVER_MUST_CHECK aver_err aver_cbor_text(struct aver_cbor *in, aver_bytes *out);  /* borrowed, never absent */
/* `count` items (pairs, for a map) follow; no more than the input can still hold. */
AVER_MUST_CHECK aver_err aver_cbor_array(struct aver_cbor *in, size_t *count);
AVER_MUST_CHECK aver_err aver_cbor_map(struct aver_cbor *in, size_t *count);
/* True, and consumed, if the next item is null. */
bool aver_cbor_null(struct aver_cbor *in);
/* The next item's major type, -1 at the end. */
int aver_cbor_peek(const struct aver_cbor *in);
/* One whole item, checked as by aver_cbor_check, and its bytes. CBOR-DEPTH, CBOR-ORDER (map keys). */
AVER_MUST_CHECK aver_err aver_cbor_item(struct aver_cbor *in, aver_bytes *out);
/* CBOR-TRAILING unless the input is used up. */
AVER_MUST_CHECK aver_err aver_cbor_end(struct aver_cbor *in);
/* One item of the profile, whole and alone. */
AVER_MUST_CHECK aver_err aver_cbor_check(aver_bytes in, struct aver_why *why);

void aver_cbor_put_int(struct aver_buf *out, int64_t v);
void aver_cbor_put_uint(struct aver_buf *out, uint64_t v); /* asserts v <= INT64_MAX */
void aver_cbor_put_bool(struct aver_buf *out, bool v);
void aver_cbor_put_null(struct aver_buf *out);
void aver_cbor_put_bytes(struct aver_buf *out, aver_bytes v);
void aver_cbor_put_text(struct aver_buf *out, aver_bytes v); /* asserts well-formed UTF-8 */
void aver_cbor_put_array(struct aver_buf *out, size_t count);
void aver_cbor_put_map(struct aver_buf *out, size_t count); /* the caller writes keys in order */

#define AVER_CBOR_HEAD_MAX 9
/* Writes a head where there is room for AVER_CBOR_HEAD_MAX bytes, and gives its end. */
static inline uint8_t *aver_cbor_head_at(uint8_t *at, enum aver_cbor_major major, uint64_t v)
{
    uint8_t type = (uint8_t)((unsigned)major << 5);
    if (v < 24) {
        *at++ = (uint8_t)(type | v);
        return at;
    }
    size_t n = v <= UINT8_MAX ? 1 : v <= UINT16_MAX ? 2 : v <= UINT32_MAX ? 4 : 8;
    *at++ = (uint8_t)(type | (n == 1 ? 24 : n == 2 ? 25 : n == 4 ? 26 : 27));
    for (size_t i = n; i-- > 0;) *at++ = (uint8_t)(v >> (8 * i));
    return at;
}
static inline void aver_cbor_put_head(struct aver_buf *out, enum aver_cbor_major major, uint64_t v)
{
    aver_buf_reserve(out, AVER_CBOR_HEAD_MAX);
    out->len = (size_t)(aver_cbor_head_at(out->ptr + out->len, major, v) - out->ptr);
}

#endif
