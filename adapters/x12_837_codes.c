/* adapters/x12_837_codes.c - presence, length and code values of single elements, as 005010X222A1 fixes them.
 * Only segments whose content reaches the canonical claim, or decides about it, have a table. */
#include "adapters/x12_837_state.h"

#include <string.h>

struct spec {
    uint8_t element;
    bool required;
    uint8_t max;      /* length; 0: a composite, looked at elsewhere */
    const char *list; /* the values that may stand here; NULL: any */
};

#define RELATIONSHIPS "01 18 19 20 21 39 40 53 G8"
#define NEEDED(n, max)                                                                                       \
    {                                                                                                        \
        n, true, max, NULL                                                                                   \
    }
#define MAYBE(n, max)                                                                                        \
    {                                                                                                        \
        n, false, max, NULL                                                                                  \
    }
#define NEEDED_OF(n, list)                                                                                   \
    {                                                                                                        \
        n, true, 80, list                                                                                    \
    }
#define MAYBE_OF(n, list)                                                                                    \
    {                                                                                                        \
        n, false, 80, list                                                                                   \
    }

static const struct spec bht[] = {NEEDED_OF(1, "0019"), NEEDED_OF(2, "00 18"), NEEDED(3, 50), NEEDED(4, 8),
                                  MAYBE_OF(6, "31 CH RP")};
static const struct spec hl[] = {NEEDED(1, 12), MAYBE(2, 12), NEEDED(3, 2), MAYBE_OF(4, "0 1")};
static const struct spec nm1[] = {NEEDED_OF(2, "1 2"), MAYBE(3, 60), MAYBE(4, 35),
                                  MAYBE(5, 25),        MAYBE(7, 10), MAYBE(9, 80)};
static const struct spec n3[] = {NEEDED(1, 55), MAYBE(2, 55)};
static const struct spec n4[] = {NEEDED(1, 30), MAYBE(2, 2), MAYBE(3, 15), MAYBE(4, 3)};
static const struct spec ref[] = {NEEDED(1, 3), NEEDED(2, 50)};
static const struct spec prv[] = {NEEDED(1, 3), NEEDED_OF(2, "PXC"), NEEDED(3, 50)};
static const struct spec sbr_ours[] = {NEEDED_OF(1, "P S T A B C D E F G H U"), MAYBE_OF(2, "18"),
                                       MAYBE(3, 50), MAYBE(4, 60), MAYBE(9, 2)};
static const struct spec sbr_other[] = {NEEDED_OF(1, "P S T A B C D E F G H U"), NEEDED_OF(2, RELATIONSHIPS),
                                        MAYBE(3, 50), MAYBE(4, 60), MAYBE(9, 2)};
static const struct spec pat[] = {NEEDED_OF(1, "01 19 20 21 39 40 53 G8")};
static const struct spec dmg[] = {NEEDED_OF(1, "D8"), NEEDED(2, 8), MAYBE_OF(3, "F M U")};
static const struct spec clm[] = {
    NEEDED(1, 38),
    NEEDED(2, 18),
    NEEDED(5, 0),
    NEEDED_OF(6, "N Y"),
    NEEDED_OF(7, "A B C"),
    NEEDED_OF(8, "N W Y"),
    NEEDED_OF(9, "I Y"),
    MAYBE_OF(10, "P"),
    MAYBE(11, 0),
    MAYBE_OF(12, "02 03 05 09"),
    MAYBE_OF(20, "1 2 3 4 5 6 7 8 9 10 11 15"),
};
static const struct spec dtp[] = {NEEDED(1, 3), NEEDED(2, 3), NEEDED(3, 35)};
static const struct spec amt[] = {NEEDED(1, 3), NEEDED(2, 18)};
static const struct spec lx[] = {NEEDED(1, 6)};
static const struct spec sv1[] = {
    NEEDED(1, 0), NEEDED(2, 18),      NEEDED_OF(3, "MJ UN"), NEEDED(4, 15),       MAYBE(5, 2),
    NEEDED(7, 0), MAYBE_OF(9, "N Y"), MAYBE_OF(11, "N Y"),   MAYBE_OF(12, "N Y"), MAYBE_OF(15, "0"),
};
static const struct spec cas[] = {NEEDED_OF(1, "CO CR OA PI PR"), NEEDED(2, 5), NEEDED(3, 18)};
static const struct spec svd[] = {NEEDED(1, 80), NEEDED(2, 18), NEEDED(3, 0), NEEDED(5, 15)};
static const struct spec lin[] = {NEEDED_OF(2, "EN EO HI N4 ON UK UP"), NEEDED(3, 48)};
static const struct spec ctp[] = {NEEDED(4, 15), NEEDED(5, 0)};

struct specs {
    const struct spec *rows;
    size_t count;
    unsigned elements; /* of the segment in 005010; more are a fault */
};
#define SPECS(t, elements) ((struct specs){t, sizeof(t) / sizeof(t[0]), elements})
#define I2                 AVER_X12_ID2
#define I3                 AVER_X12_ID3

static struct specs specs_of(uint32_t id, enum aver_837_loop loop)
{
    switch (id) {
    case I3('B', 'H', 'T'): return SPECS(bht, 6);
    case I2('H', 'L'): return SPECS(hl, 4);
    case I3('N', 'M', '1'): return SPECS(nm1, 12);
    case I2('N', '3'): return SPECS(n3, 2);
    case I2('N', '4'): return SPECS(n4, 7);
    case I3('R', 'E', 'F'): return SPECS(ref, 4);
    case I3('P', 'R', 'V'): return SPECS(prv, 6);
    case I3('S', 'B', 'R'): return loop == AVER_837_2320 ? SPECS(sbr_other, 9) : SPECS(sbr_ours, 9);
    case I3('P', 'A', 'T'): return loop == AVER_837_2000C ? SPECS(pat, 9) : (struct specs){0};
    case I3('D', 'M', 'G'): return SPECS(dmg, 11);
    case I3('C', 'L', 'M'): return SPECS(clm, 20);
    case I3('D', 'T', 'P'): return SPECS(dtp, 3);
    case I3('A', 'M', 'T'): return SPECS(amt, 3);
    case I2('L', 'X'): return SPECS(lx, 1);
    case I3('S', 'V', '1'): return SPECS(sv1, 21);
    case I3('C', 'A', 'S'): return SPECS(cas, 19);
    case I3('S', 'V', 'D'): return SPECS(svd, 6);
    case I3('L', 'I', 'N'): return SPECS(lin, 31);
    case I3('C', 'T', 'P'): return SPECS(ctp, 11);
    case I2('H', 'I'): return (struct specs){NULL, 0, 12};
    default: return (struct specs){0};
    }
}

static void characters_check(struct aver_837 *s)
{
    const struct aver_x12_segment *g = &s->x12.segment;
    for (unsigned n = 1; n <= g->count; n++) {
        aver_bytes e = g->e[n];
        for (size_t i = 0; i < e.len; i++) {
            uint8_t c = e.ptr[i];
            bool separates = c == s->x12.component || (s->x12.repetition && c == s->x12.repetition);
            if ((c < ' ' || c == 0x7f) && !separates) { /* separators may be control characters: 0x1d, 0x1f */
                aver_837_reject(
                    s, "X12-CHARACTER", n, 0, "6",
                    "the element holds the control character 0x%02x; break no lines inside of segments", c);
                return;
            }
            if (s->x12.repetition && c == s->x12.repetition) {
                aver_837_reject(
                    s, "X12-REPETITION", n, 0, "3",
                    "the element holds the repetition separator, and nothing repeats in this segment");
                return;
            }
        }
        if (!aver_bytes_utf8(e)) {
            aver_837_reject(s, "X12-CHARACTER", n, 0, "6", "the element is not UTF-8; send ASCII or UTF-8");
            return;
        }
    }
}

void aver_837_elements_check(struct aver_837 *s, enum aver_837_loop loop)
{
    const struct aver_x12_segment *g = &s->x12.segment;
    struct specs specs = specs_of(g->id, loop);
    if (!specs.elements) return;
    if (g->flags & (AVER_X12_REPEATS | AVER_X12_CONTROL | AVER_X12_HIGH)) characters_check(s);
    if (g->count > specs.elements || g->flags & AVER_X12_TOO_MANY)
        aver_837_reject(s, "X12-ELEMENTS", specs.elements + 1, 0, "3", "the segment has at most %u elements",
                        specs.elements);
    for (size_t i = 0; i < specs.count; i++) {
        const struct spec *sp = &specs.rows[i];
        aver_bytes e = aver_x12_element(g, sp->element);
        if (!e.ptr) {
            if (sp->required)
                aver_837_reject(s, aver_837_code(s, sp->element), sp->element, 0, "1",
                                "the element is required and missing");
        } else if (sp->list) {
            if (!aver_837_listed(sp->list, e))
                aver_837_reject(s, aver_837_code(s, sp->element), sp->element, 0, "7",
                                "\"%.*s\" may not stand here; %s may", AVER_STR(e), sp->list);
        } else if (sp->max && e.len > sp->max) {
            aver_837_reject(s, aver_837_code(s, sp->element), sp->element, 0, "5",
                            "the element has %zu characters, at most %u may stand here", e.len, sp->max);
        } else if (!sp->max && aver_x12_components(&s->x12, e) > AVER_X12_COMPONENTS_MAX) {
            aver_837_reject(s, aver_837_code(s, sp->element), sp->element, AVER_X12_COMPONENTS_MAX + 1, "3",
                            "the element has more than %d components", AVER_X12_COMPONENTS_MAX);
        }
    }
}
