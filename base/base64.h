/* base/base64.h - standard base64 with padding (RFC 4648 section 4), strict: one text for each run of bytes. */
#ifndef AVER_BASE_BASE64_H
#define AVER_BASE_BASE64_H

#include "base/bytes.h"

/* Bytes that `len` characters of base64 can hold at most. */
#define AVER_BASE64_DECODED(len) ((len) / 4 * 3)

void aver_base64_put(struct aver_buf *buf, aver_bytes b);

/* Reads all of `text`. `out` must hold AVER_BASE64_DECODED(text.len); *out_len becomes what was written.
 * AVER_E_INPUT: a length that is no multiple of four, a character outside the alphabet (spaces and line ends too),
 * padding that is missing or too early, or pad bits that are not zero (RFC 4648 section 3.5). */
AVER_MUST_CHECK aver_err aver_base64_get(uint8_t *out, size_t *out_len, aver_bytes text);

/* The same where the length is known beforehand; any other length is AVER_E_INPUT. `len` is at most
 * AVER_BASE64_EXACT_MAX. */
#define AVER_BASE64_EXACT_MAX 128
AVER_MUST_CHECK aver_err aver_base64_exact(uint8_t *out, size_t len, aver_bytes text);

#endif
