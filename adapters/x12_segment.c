/* adapters/x12_segment.c - bytes to segments and elements: delimiters, white space, the bounds of one segment.
 * See x12_reader.h. */
#include "adapters/x12_reader.h"

#include <string.h>

aver_bytes aver_x12_component_at(const struct aver_x12 *x, aver_bytes e, unsigned n)
{
    if (!e.ptr) return AVER_BYTES_NONE;
    const uint8_t *p = e.ptr, *end = e.ptr + e.len;
    while (n > 1 && p < end)
        if (*p++ == x->component) n--;
    if (n > 1 || p == end) return AVER_BYTES_NONE;
    const uint8_t *q = memchr(p, x->component, (size_t)(end - p));
    aver_bytes c = aver_bytes_trim(aver_bytes_of(p, (size_t)((q ? q : end) - p)));
    return c.len ? c : AVER_BYTES_NONE;
}

unsigned aver_x12_components(const struct aver_x12 *x, aver_bytes e)
{
    unsigned n = 1;
    for (size_t i = 0; i < e.len; i++) n += e.ptr[i] == x->component;
    return n;
}

void aver_x12_warn_once(struct aver_x12 *x, unsigned which, const char *code, const char *text)
{
    if (x->warned & which) return;
    x->warned |= which;
    struct aver_x12_fault f = {.level = AVER_LEVEL_WARNING, .code = code};
    (void)aver_x12_find(x, &x->segment, &f, "%s", text);
}

/* X12.5 ISA has elements of fixed length, so its separators stand at fixed places. */
bool aver_x12_isa_shape(aver_bytes b)
{
    static const uint8_t at[] = {3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103};
    if (b.len < ISA_BYTES || memcmp(b.ptr, "ISA", 3) != 0) return false;
    for (size_t i = 1; i < sizeof at; i++)
        if (b.ptr[at[i]] != b.ptr[3]) return false;
    return true;
}

bool aver_x12_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool aver_x12_delimiters_usable(const struct aver_x12 *x)
{
    uint8_t d[] = {x->element, x->component, x->terminator, x->repetition};
    size_t n = x->repetition ? 4 : 3;
    for (size_t i = 0; i < n; i++) {
        if (aver_x12_alphanumeric(d[i]) || d[i] == ' ' || d[i] == 0 || d[i] >= 0x80) return false;
        for (size_t k = 0; k < i; k++)
            if (d[i] == d[k]) return false;
    }
    return true;
}

void aver_x12_classes_set(struct aver_x12 *x)
{
    memset(x->class, PLAIN, sizeof x->class);
    memset(x->class, CONTROL, 0x20);
    memset(x->class + 0x7f, HIGH, sizeof x->class - 0x7f);
    x->class['\n'] = NEWLINE;
    if (x->repetition) x->class[x->repetition] = REPETITION;
    x->class[x->element] = SEPARATOR;
    x->class[x->terminator] = TERMINATOR;
}

static uint32_t id_of(aver_bytes b)
{
    if (b.len != 2 && b.len != 3) return 0;
    for (size_t i = 0; i < b.len; i++)
        if (!aver_x12_alphanumeric(b.ptr[i])) return 0;
    return AVER_X12_ID3(b.ptr[0], b.ptr[1], b.len == 3 ? b.ptr[2] : 0);
}

/* Reads the segment at x->at into x->segment. False when there is none (end of file) or it passes the bound; then
 * x->next tells how far was looked. */
bool aver_x12_segment_scan(struct aver_x12 *x, bool *too_long)
{
    const uint8_t *base = x->file.ptr, *p = base + x->at, *end = base + x->file.len;
    if (end - p > AVER_X12_SEGMENT_MAX + 1) end = p + AVER_X12_SEGMENT_MAX + 1;
    struct aver_x12_segment *s = &x->segment;
    s->offset = x->at;
    s->line = x->line;
    s->ordinal = 0;
    s->flags = 0;
    unsigned n = 0;
    const uint8_t *from = p;
    uint64_t lines = 0;
    bool terminated = false;
    for (; p < end; p++) {
        uint8_t k = x->class[*p];
        if (k == PLAIN) continue;
        if (k == SEPARATOR || k == TERMINATOR) {
            if (n <= AVER_X12_ELEMENTS_MAX)
                s->e[n++] = aver_bytes_of(from, (size_t)(p - from));
            else
                s->flags |= AVER_X12_TOO_MANY;
            from = p + 1;
            if (k == TERMINATOR) {
                terminated = true;
                break;
            }
        } else if (k == REPETITION)
            s->flags |= AVER_X12_REPEATS;
        else if (k == HIGH)
            s->flags |= AVER_X12_HIGH;
        else {
            s->flags |= AVER_X12_CONTROL;
            lines += k == NEWLINE;
        }
    }
    x->next = (size_t)(p - base);
    if (!terminated) {
        *too_long = p < base + x->file.len;
        if (*too_long) return false;
        while (p > from && (p[-1] <= ' ')) p--; /* the white space at the end of the file is not data */
        if (n <= AVER_X12_ELEMENTS_MAX)
            s->e[n++] = aver_bytes_of(from, (size_t)(p - from));
        else
            s->flags |= AVER_X12_TOO_MANY;
    }
    s->raw = aver_bytes_of(base + x->at, (size_t)(p - (base + x->at)));
    s->count = n - 1;
    s->id = id_of(s->e[0]);
    x->line += lines + (terminated && x->terminator == '\n');
    x->at = x->next + (terminated ? 1 : 0);
    s->end = x->at;
    if (!terminated) s->flags |= AVER_X12_CUT;
    return true;
}

void aver_x12_space_skip(struct aver_x12 *x, bool *spaces)
{
    while (x->at < x->file.len && x->file.ptr[x->at] <= ' ' &&
           (x->state == OUTSIDE || x->file.ptr[x->at] != x->terminator)) {
        uint8_t c = x->file.ptr[x->at++];
        if (c == '\n')
            x->line++;
        else if (c != '\r')
            *spaces = true;
    }
}

enum got aver_x12_segment_next(struct aver_x12 *x)
{
    if (x->pending) {
        x->pending = false;
        return GOT_SEGMENT;
    }
    bool spaces = false;
    for (;;) {
        aver_x12_space_skip(x, &spaces);
        if (x->at == x->file.len) {
            x->segment.raw = AVER_BYTES_NONE;
            x->segment.offset = x->segment.end = x->at;
            x->segment.line = x->line;
            x->segment.id = x->segment.count = x->segment.ordinal = 0;
            return GOT_END;
        }
        if (x->file.ptr[x->at] != x->terminator) break;
        if (x->terminator == '\n') x->line++;
        /* CR LF after a CR terminator, or blank lines where the terminator is a newline, are not empty segments. */
        bool newline = x->terminator == '\n' || x->terminator == '\r';
        x->segment.offset = x->at;
        x->segment.line = x->line;
        x->segment.raw = AVER_BYTES_NONE;
        x->segment.ordinal = 0;
        x->at++;
        if (!newline)
            aver_x12_warn_once(x, WARNED_EMPTY, "X12-SEGMENT-EMPTY",
                               "an empty segment is skipped; send none");
    }
    bool too_long = false;
    if (!aver_x12_segment_scan(x, &too_long)) return too_long ? GOT_TOO_LONG : GOT_END;
    x->segment.ordinal = x->state == IN_SET ? (uint32_t)++x->segments : 0;
    if (spaces)
        aver_x12_warn_once(x, WARNED_SPACE, "X12-SPACE",
                           "white space stands between segments and is skipped; send none but newlines");
    return GOT_SEGMENT;
}
