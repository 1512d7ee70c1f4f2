/* base/base64.c - see base64.h. */
#include "base/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void aver_base64_put(struct aver_buf *buf, aver_bytes b)
{
    for (size_t i = 0; i < b.len; i += 3) {
        size_t left = b.len - i;
        uint32_t v = (uint32_t)b.ptr[i] << 16;
        if (left > 1) v |= (uint32_t)b.ptr[i + 1] << 8;
        if (left > 2) v |= b.ptr[i + 2];
        aver_buf_byte(buf, (uint8_t)alphabet[v >> 18]);
        aver_buf_byte(buf, (uint8_t)alphabet[v >> 12 & 63]);
        aver_buf_byte(buf, left > 1 ? (uint8_t)alphabet[v >> 6 & 63] : '=');
        aver_buf_byte(buf, left > 2 ? (uint8_t)alphabet[v & 63] : '=');
    }
}

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

aver_err aver_base64_get(uint8_t *out, size_t *out_len, aver_bytes text)
{
    if (text.len % 4) return AVER_E_INPUT;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i += 4) {
        const uint8_t *q = text.ptr + i;
        unsigned pad = 0;
        if (i + 4 == text.len) pad = q[3] != '=' ? 0 : q[2] != '=' ? 1 : 2;
        uint32_t v = 0;
        for (unsigned k = 0; k < 4; k++) {
            int d = k < 4 - pad ? value_of(q[k]) : 0;
            if (d < 0) return AVER_E_INPUT;
            v = v << 6 | (uint32_t)d;
        }
        if ((pad == 1 && (v & 0xff)) || (pad == 2 && (v & 0xffff))) return AVER_E_INPUT;
        out[n++] = (uint8_t)(v >> 16);
        if (pad < 2) out[n++] = (uint8_t)(v >> 8);
        if (pad < 1) out[n++] = (uint8_t)v;
    }
    *out_len = n;
    return AVER_OK;
}

aver_err aver_base64_exact(uint8_t *out, size_t len, aver_bytes text)
{
    uint8_t tmp[AVER_BASE64_EXACT_MAX + 3];
    AVER_ASSERT(len <= AVER_BASE64_EXACT_MAX);
    if (text.len != (len + 2) / 3 * 4) return AVER_E_INPUT;
    size_t got = 0;
    AVER_TRY(aver_base64_get(tmp, &got, text));
    if (got != len) return AVER_E_INPUT;
    memcpy(out, tmp, len);
    return AVER_OK;
}
