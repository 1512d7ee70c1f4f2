/* adapters/x12_finding.c - where in an X12 file a finding stands, in words and for programs. See x12.h. */
#include "adapters/x12.h"

#include <stdio.h>
#include <string.h>

/* Every claim has a place, so this does without printf. Control numbers are quoted cut: a hostile file makes them long. */
struct words {
    char text[192];
    size_t n;
};

static void put(struct words *w, const void *ptr, size_t len)
{
    AVER_ASSERT(len <= sizeof w->text - w->n);
    memcpy(w->text + w->n, ptr, len);
    w->n += len;
}
#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static void put_cut(struct words *w, aver_bytes b) { put(w, b.ptr, b.len > 9 ? 9 : b.len); }

static void put_number(struct words *w, uint64_t v)
{
    char digits[20];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + v % 10);
    while (v /= 10);
    put(w, digits + n, sizeof digits - n);
}

aver_bytes aver_x12_place(const struct aver_x12 *x, const struct aver_x12_segment *s, unsigned element,
                          unsigned component)
{
    struct words w = {.n = 0};
    if (x->interchange.ptr) PUT(&w, "ISA "), put_cut(&w, x->interchange), PUT(&w, ", ");
    if (x->set.ptr) PUT(&w, "ST "), put_cut(&w, x->set), PUT(&w, ", ");
    bool named = s->raw.ptr && s->id;
    if (s->ordinal) {
        PUT(&w, "segment "), put_number(&w, s->ordinal);
        if (named) PUT(&w, " ("), put_cut(&w, s->e[0]), PUT(&w, ")");
        PUT(&w, ", ");
    } else if (named)
        put_cut(&w, s->e[0]), PUT(&w, ", ");
    if (element) PUT(&w, "element "), put_number(&w, element), PUT(&w, ", ");
    if (component) PUT(&w, "component "), put_number(&w, component), PUT(&w, ", ");
    PUT(&w, "line "), put_number(&w, s->line);
    return aver_arena_copy(x->intake->arena, aver_bytes_of(w.text, w.n));
}

static size_t overflow(struct aver_x12 *x)
{
    if (x->overflow == AVER_INTAKE_NONE) {
        x->overflow = x->intake->findings.count;
        struct aver_finding *f = aver_intake_finding(x->intake, AVER_LEVEL_CLAIM, "X12-FINDINGS");
        f->place = aver_x12_place(x, &x->segment, 0, 0);
        f->covers_from = x->segment.offset;
        aver_finding_say(x->intake, f,
                         "the file has more than %d findings; what is rejected from here on is not described",
                         AVER_X12_FINDINGS_MAX);
    }
    return x->overflow;
}

size_t aver_x12_find(struct aver_x12 *x, const struct aver_x12_segment *s, const struct aver_x12_fault *fault,
                     const char *fmt, ...)
{
    bool warning = fault->level == AVER_LEVEL_WARNING;
    size_t at = x->intake->findings.count;
    /* A warning has no one who needs its index, so nothing is lost when it is not kept. */
    if (warning && (x->warnings >= AVER_X12_WARNINGS_MAX || at >= AVER_X12_FINDINGS_MAX))
        return AVER_INTAKE_NONE;
    if (at >= AVER_X12_FINDINGS_MAX) {
        size_t k = overflow(x);
        struct aver_finding *f = &aver_intake_findings(x->intake)[k];
        if (fault->level > f->level) f->level = fault->level;
        if (s->end > f->covers_to) f->covers_to = s->end;
        return k;
    }
    x->warnings += warning;
    struct aver_finding *f = aver_intake_finding(x->intake, fault->level, fault->code);
    f->place = aver_x12_place(x, s, fault->element, fault->component);
    f->path = aver_bytes_str(fault->loop);
    f->claim = fault->claim;
    f->at = (struct aver_position){.offset = s->offset,
                                   .line = s->line,
                                   .interchange = x->interchange,
                                   .group = x->group,
                                   .set = x->set,
                                   .segment = s->ordinal,
                                   .segment_id = s->raw.ptr && s->id ? s->e[0] : AVER_BYTES_NONE,
                                   .element = fault->element,
                                   .component = fault->component};
    f->ik304 = aver_bytes_str(fault->ik304);
    f->ik403 = aver_bytes_str(fault->ik403);
    f->category = aver_bytes_str(fault->category);
    if (s->raw.ptr) aver_finding_original(f, s->raw);
    if (!warning) {
        f->covers_from = s->offset;
        f->covers_to = s->end > s->offset ? s->end : s->offset;
    }
    char text[sizeof((struct aver_why *)0)->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    f->text = aver_arena_copy(x->intake->arena, aver_bytes_str(text));
    return at;
}
