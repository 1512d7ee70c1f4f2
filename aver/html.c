/* aver/html.c - see html.h. */
#include "aver/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the well-formed UTF-8 character at the beginning, 0 where there is none. */
static size_t character(aver_bytes t)
{
    for (size_t n = 1; n <= 4 && n <= t.len; n++)
        if (aver_bytes_utf8(aver_bytes_cut(t, 0, n))) return n;
    return 0;
}

static bool turns_direction(const uint8_t *p, size_t n)
{
    if (n == 2) return p[0] == 0xd8 && p[1] == 0x9c; /* U+061C */
    if (n != 3 || p[0] != 0xe2) return false;
    if (p[1] == 0x80) return p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae);
    return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

static void put(struct aver_buf *out, const uint8_t *p, size_t n)
{
    bool control = n == 1 ? p[0] < 0x20 || p[0] == 0x7f : n == 2 && p[0] == 0xc2 && p[1] < 0xa0; /* C0, C1 */
    if (control || turns_direction(p, n)) {
        aver_buf_str(out, REPLACEMENT);
        return;
    }
    switch (n == 1 ? p[0] : 0) {
    case '&': aver_buf_str(out, "&amp;"); return;
    case '<': aver_buf_str(out, "&lt;"); return;
    case '>': aver_buf_str(out, "&gt;"); return;
    case '"': aver_buf_str(out, "&quot;"); return;
    case '\'': aver_buf_str(out, "&#39;"); return;
    default: aver_buf_put(out, p, n);
    }
}

void aver_html_text(struct aver_buf *out, aver_bytes text)
{
    while (text.len) {
        size_t n = character(text);
        if (n)
            put(out, text.ptr, n);
        else
            aver_buf_str(out, REPLACEMENT);
        n = n ? n : 1;
        text = aver_bytes_cut(text, n, text.len - n);
    }
}

void aver_html_printf(struct aver_buf *out, const char *fmt, ...)
{
    struct aver_buf text = {0};
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    AVER_ASSERT(n >= 0);
    aver_buf_reserve(&text, (size_t)n + 1);
    vsnprintf((char *)text.ptr, (size_t)n + 1, fmt, again);
    va_end(again);
    aver_html_text(out, aver_bytes_of(text.ptr, (size_t)n));
    aver_buf_free(&text);
}
