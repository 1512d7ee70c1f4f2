/* adapters/x12_837_loops.c - see x12_837_loops.h.
 * The tables restate 005010X222A1: per loop its segments in their order, how often each may stand, and whether it must.
 * ALWAYS: the guide requires it and its absence rejects. EXPECTED: the guide requires it, nothing of ours depends on it,
 * and its absence is a warning. Qualified segments (REF, DTP, AMT, HI) are one row; x12_837_codes.c holds their values. */
#include "adapters/x12_837_loops.h"

#include <limits.h>
#include <string.h>

enum need { MAY, ALWAYS, EXPECTED };

struct row {
    uint32_t id;
    uint8_t order; /* rows of one order stand in any order among themselves */
    uint8_t need;
    uint16_t max;           /* 0: without bound */
    int8_t loop;            /* the inner loop that it opens; -1: a segment of this loop */
    uint8_t element;        /* the inner loop's qualifier stands here ... */
    const char *qualifiers; /* ... and is one of these */
};

#define I2 AVER_X12_ID2
#define I3 AVER_X12_ID3
#define SEG2(a, b, order, need, max)                                                                         \
    {                                                                                                        \
        I2(a, b), order, need, max, -1, 0, NULL                                                              \
    }
#define SEG3(a, b, c, order, need, max)                                                                      \
    {                                                                                                        \
        I3(a, b, c), order, need, max, -1, 0, NULL                                                           \
    }
#define NM1(order, need, max, loop, qualifiers)                                                              \
    {                                                                                                        \
        I3('N', 'M', '1'), order, need, max, loop, 1, qualifiers                                             \
    }
#define HL(order, need, loop, level)                                                                         \
    {                                                                                                        \
        I2('H', 'L'), order, need, 0, loop, 3, level                                                         \
    }
#define OPEN2(a, b, order, need, max, loop)                                                                  \
    {                                                                                                        \
        I2(a, b), order, need, max, loop, 0, NULL                                                            \
    }
#define OPEN3(a, b, c, order, need, max, loop)                                                               \
    {                                                                                                        \
        I3(a, b, c), order, need, max, loop, 0, NULL                                                         \
    }
#define N3       SEG2('N', '3', 1, ALWAYS, 1)
#define N4       SEG2('N', '4', 2, ALWAYS, 1)
#define MAY_N3   SEG2('N', '3', 1, MAY, 1)
#define MAY_N4   SEG2('N', '4', 2, MAY, 1)
#define REF(max) SEG3('R', 'E', 'F', 4, MAY, max)
#define PER(max) SEG3('P', 'E', 'R', 5, MAY, max)
#define CAS      SEG3('C', 'A', 'S', 2, MAY, 5)

static const struct row header[] = {
    SEG3('B', 'H', 'T', 1, ALWAYS, 1),
    NM1(2, ALWAYS, 1, AVER_837_1000A, "41"),
    NM1(3, ALWAYS, 1, AVER_837_1000B, "40"),
    HL(4, ALWAYS, AVER_837_2000A, "20"),
};
static const struct row l1000a[] = {SEG3('P', 'E', 'R', 1, EXPECTED, 2)};
static const struct row l2000a[] = {
    SEG3('P', 'R', 'V', 1, MAY, 1),           SEG3('C', 'U', 'R', 2, MAY, 1),
    NM1(3, ALWAYS, 1, AVER_837_2010AA, "85"), NM1(4, MAY, 1, AVER_837_2010AB, "87"),
    NM1(5, MAY, 1, AVER_837_2010AC, "PE"),    HL(6, ALWAYS, AVER_837_2000B, "22"),
};
static const struct row l2010aa[] = {N3, N4, SEG3('R', 'E', 'F', 4, EXPECTED, 3), PER(2)};
static const struct row address[] = {N3, N4};
static const struct row l2010ac[] = {N3, N4, REF(2)};
static const struct row l2000b[] = {
    SEG3('S', 'B', 'R', 1, ALWAYS, 1),
    SEG3('P', 'A', 'T', 2, MAY, 1),
    NM1(3, ALWAYS, 1, AVER_837_2010BA, "IL"),
    NM1(4, ALWAYS, 1, AVER_837_2010BB, "PR"),
    OPEN3('C', 'L', 'M', 5, MAY, 0, AVER_837_2300),
    HL(6, MAY, AVER_837_2000C, "23"),
};
static const struct row l2010ba[] = {MAY_N3, MAY_N4, SEG3('D', 'M', 'G', 3, MAY, 1), REF(2), PER(1)};
static const struct row l2010bb[] = {MAY_N3, MAY_N4, REF(5)};
static const struct row l2000c[] = {
    SEG3('P', 'A', 'T', 1, ALWAYS, 1),
    NM1(2, ALWAYS, 1, AVER_837_2010CA, "QC"),
    OPEN3('C', 'L', 'M', 3, MAY, 0, AVER_837_2300),
};
static const struct row l2010ca[] = {N3, N4, SEG3('D', 'M', 'G', 3, ALWAYS, 1), REF(2), PER(1)};
static const struct row l2300[] = {
    SEG3('D', 'T', 'P', 1, MAY, 20),
    SEG3('P', 'W', 'K', 2, MAY, 10),
    SEG3('C', 'N', '1', 3, MAY, 1),
    SEG3('A', 'M', 'T', 4, MAY, 1),
    SEG3('R', 'E', 'F', 5, MAY, 20),
    SEG2('K', '3', 6, MAY, 10),
    SEG3('N', 'T', 'E', 7, MAY, 1),
    SEG3('C', 'R', '1', 8, MAY, 1),
    SEG3('C', 'R', '2', 9, MAY, 1),
    SEG3('C', 'R', 'C', 10, MAY, 8),
    SEG2('H', 'I', 11, ALWAYS, 4),
    SEG3('H', 'C', 'P', 12, MAY, 1),
    NM1(13, MAY, 2, AVER_837_2310A, "DN P3"),
    NM1(13, MAY, 1, AVER_837_2310B, "82"),
    NM1(13, MAY, 1, AVER_837_2310C, "77"),
    NM1(13, MAY, 1, AVER_837_2310D, "DQ"),
    NM1(13, MAY, 1, AVER_837_2310E, "PW"),
    NM1(13, MAY, 1, AVER_837_2310F, "45"),
    OPEN3('S', 'B', 'R', 14, MAY, 10, AVER_837_2320),
    OPEN2('L', 'X', 15, ALWAYS, 50, AVER_837_2400),
};
static const struct row referring[] = {REF(3)};
static const struct row rendering[] = {SEG3('P', 'R', 'V', 1, MAY, 1), REF(20)};
static const struct row facility[] = {N3, N4, REF(4), PER(1)};
static const struct row supervising[] = {REF(20)};
static const struct row l2320[] = {
    CAS,
    SEG3('A', 'M', 'T', 3, MAY, 3),
    SEG2('O', 'I', 5, ALWAYS, 1),
    SEG3('M', 'O', 'A', 6, MAY, 1),
    NM1(7, ALWAYS, 1, AVER_837_2330A, "IL"),
    NM1(8, EXPECTED, 1, AVER_837_2330B, "PR"),
    NM1(9, MAY, 6, AVER_837_2330C, "DN P3 82 77 DQ 85"),
};
static const struct row l2330a[] = {MAY_N3, MAY_N4, REF(1)};
static const struct row l2330b[] = {MAY_N3, MAY_N4, SEG3('D', 'T', 'P', 3, MAY, 1), REF(7)};
static const struct row l2400[] = {
    SEG3('S', 'V', '1', 1, ALWAYS, 1),
    SEG3('S', 'V', '5', 2, MAY, 1),
    SEG3('P', 'W', 'K', 3, MAY, 11),
    SEG3('C', 'R', '1', 4, MAY, 1),
    SEG3('C', 'R', '3', 5, MAY, 1),
    SEG3('C', 'R', 'C', 6, MAY, 5),
    SEG3('D', 'T', 'P', 7, ALWAYS, 12),
    SEG3('Q', 'T', 'Y', 8, MAY, 2),
    SEG3('M', 'E', 'A', 9, MAY, 5),
    SEG3('C', 'N', '1', 10, MAY, 1),
    SEG3('R', 'E', 'F', 11, MAY, 18),
    SEG3('A', 'M', 'T', 12, MAY, 2),
    SEG2('K', '3', 13, MAY, 10),
    SEG3('N', 'T', 'E', 14, MAY, 2),
    SEG3('P', 'S', '1', 15, MAY, 1),
    SEG3('H', 'C', 'P', 16, MAY, 1),
    OPEN3('L', 'I', 'N', 17, MAY, 1, AVER_837_2410),
    NM1(18, MAY, 1, AVER_837_2420A, "82"),
    NM1(18, MAY, 1, AVER_837_2420B, "QB"),
    NM1(18, MAY, 1, AVER_837_2420C, "77"),
    NM1(18, MAY, 1, AVER_837_2420D, "DQ"),
    NM1(18, MAY, 1, AVER_837_2420E, "DK"),
    NM1(18, MAY, 2, AVER_837_2420F, "DN P3"),
    NM1(18, MAY, 1, AVER_837_2420G, "PW"),
    NM1(18, MAY, 1, AVER_837_2420H, "45"),
    OPEN3('S', 'V', 'D', 19, MAY, 15, AVER_837_2430),
    OPEN2('L', 'Q', 20, MAY, 0, AVER_837_2440),
};
static const struct row l2410[] = {SEG3('C', 'T', 'P', 1, ALWAYS, 1), SEG3('R', 'E', 'F', 2, MAY, 1)};
static const struct row ordering[] = {MAY_N3, MAY_N4, REF(20), PER(1)};
static const struct row l2430[] = {CAS, SEG3('D', 'T', 'P', 3, ALWAYS, 1), SEG3('A', 'M', 'T', 4, MAY, 1)};
static const struct row l2440[] = {SEG3('F', 'R', 'M', 1, ALWAYS, 99)};

struct table {
    const char *name;
    const struct row *rows;
    size_t count;
};
#define TABLE(name, rows)                                                                                    \
    {                                                                                                        \
        name, rows, sizeof(rows) / sizeof(rows[0])                                                           \
    }

static const struct table tables[AVER_837_LOOPS] = {
    [AVER_837_HEADER] = TABLE("header", header),
    [AVER_837_1000A] = TABLE("1000A", l1000a),
    [AVER_837_1000B] = {"1000B", NULL, 0},
    [AVER_837_2000A] = TABLE("2000A", l2000a),
    [AVER_837_2010AA] = TABLE("2010AA", l2010aa),
    [AVER_837_2010AB] = TABLE("2010AB", address),
    [AVER_837_2010AC] = TABLE("2010AC", l2010ac),
    [AVER_837_2000B] = TABLE("2000B", l2000b),
    [AVER_837_2010BA] = TABLE("2010BA", l2010ba),
    [AVER_837_2010BB] = TABLE("2010BB", l2010bb),
    [AVER_837_2000C] = TABLE("2000C", l2000c),
    [AVER_837_2010CA] = TABLE("2010CA", l2010ca),
    [AVER_837_2300] = TABLE("2300", l2300),
    [AVER_837_2310A] = TABLE("2310A", referring),
    [AVER_837_2310B] = TABLE("2310B", rendering),
    [AVER_837_2310C] = TABLE("2310C", facility),
    [AVER_837_2310D] = TABLE("2310D", supervising),
    [AVER_837_2310E] = TABLE("2310E", address),
    [AVER_837_2310F] = TABLE("2310F", address),
    [AVER_837_2320] = TABLE("2320", l2320),
    [AVER_837_2330A] = TABLE("2330A", l2330a),
    [AVER_837_2330B] = TABLE("2330B", l2330b),
    [AVER_837_2330C] = TABLE("2330C-G", supervising),
    [AVER_837_2400] = TABLE("2400", l2400),
    [AVER_837_2410] = TABLE("2410", l2410),
    [AVER_837_2420A] = TABLE("2420A", rendering),
    [AVER_837_2420B] = TABLE("2420B", supervising),
    [AVER_837_2420C] = TABLE("2420C", facility),
    [AVER_837_2420D] = TABLE("2420D", supervising),
    [AVER_837_2420E] = TABLE("2420E", ordering),
    [AVER_837_2420F] = TABLE("2420F", supervising),
    [AVER_837_2420G] = TABLE("2420G", address),
    [AVER_837_2420H] = TABLE("2420H", address),
    [AVER_837_2430] = TABLE("2430", l2430),
    [AVER_837_2440] = TABLE("2440", l2440),
};
_Static_assert(sizeof l2400 / sizeof l2400[0] <= AVER_837_ITEMS_MAX, "every row has its counter");

#define NOT_YET 0xff /* frame.at before any row has matched */

const char *aver_837_loop_name(enum aver_837_loop loop) { return tables[loop].name; }

bool aver_837_open(const struct aver_837_walk *w, enum aver_837_loop loop)
{
    for (unsigned d = 0; d < w->depth; d++)
        if (w->stack[d].loop == loop) return true;
    return false;
}

static void push(struct aver_837_walk *w, enum aver_837_loop loop)
{
    AVER_ASSERT(w->depth <= AVER_837_DEPTH);
    struct aver_837_frame *f = &w->stack[w->depth++];
    memset(f, 0, sizeof *f);
    f->loop = (uint8_t)loop;
    f->at = NOT_YET;
}

void aver_837_walk_start(struct aver_837_walk *w)
{
    w->depth = 0;
    push(w, AVER_837_HEADER);
}

bool aver_837_listed(const char *list, aver_bytes word)
{
    size_t n = 0; /* of this word, as far as it agrees */
    bool same = true;
    for (const char *p = list;; p++) {
        if (*p == ' ' || *p == 0) {
            if (same && n == word.len) return true;
            if (*p == 0) return false;
            n = 0;
            same = true;
        } else {
            same = same && n < word.len && word.ptr[n] == (uint8_t)*p;
            n++;
        }
    }
}

static bool known_id(uint32_t id)
{
    for (size_t l = 0; l < AVER_837_LOOPS; l++)
        for (size_t i = 0; i < tables[l].count; i++)
            if (tables[l].rows[i].id == id) return true;
    return false;
}

struct aver_837_step aver_837_find(const struct aver_837_walk *w, const struct aver_x12_segment *s)
{
    bool repeat = false, qualifier = false, earlier = false;
    struct aver_837_step step = {.loop = aver_837_top(w)};
    for (unsigned up = 0; up < w->depth; up++) {
        const struct aver_837_frame *f = &w->stack[w->depth - 1 - up];
        const struct table *t = &tables[f->loop];
        unsigned from = f->at == NOT_YET ? 0 : t->rows[f->at].order;
        for (size_t i = 0; i < t->count; i++) {
            const struct row *r = &t->rows[i];
            if (r->id != s->id) continue;
            bool wanted = !r->element || aver_837_listed(r->qualifiers, aver_x12_element(s, r->element));
            if (r->order < from)
                earlier |= wanted;
            else if (!wanted) {
                qualifier = true;
                step.qualifier = r->element;
            } else if (r->max && f->count[i] >= r->max) {
                repeat = true;
            } else {
                step.closes = up;
                step.row = (uint8_t)i;
                step.opens = r->loop >= 0;
                step.loop = r->loop >= 0 ? (enum aver_837_loop)r->loop : (enum aver_837_loop)f->loop;
                return step;
            }
        }
    }
    step.fit = repeat            ? AVER_837_REPEAT
               : earlier         ? AVER_837_ORDER
               : qualifier       ? AVER_837_QUALIFIER
               : known_id(s->id) ? AVER_837_NOT_HERE
                                 : AVER_837_UNKNOWN;
    return step;
}

static const char *row_name(const struct row *r)
{
    if (r->loop >= 0) return tables[r->loop].name;
    switch (r->id) {
    case I3('B', 'H', 'T'): return "BHT";
    case I3('P', 'E', 'R'): return "PER";
    case I3('R', 'E', 'F'): return "REF";
    case I2('N', '3'): return "N3";
    case I2('N', '4'): return "N4";
    case I3('S', 'B', 'R'): return "SBR";
    case I3('P', 'A', 'T'): return "PAT";
    case I3('D', 'M', 'G'): return "DMG";
    case I2('H', 'I'): return "HI";
    case I2('O', 'I'): return "OI";
    case I3('S', 'V', '1'): return "SV1";
    case I3('D', 'T', 'P'): return "DTP";
    case I3('C', 'T', 'P'): return "CTP";
    case I3('F', 'R', 'M'): return "FRM";
    default: return "a segment";
    }
}

/* Rows before `order` that must stand and do not; each is named once. */
static unsigned missing(struct aver_837_frame *f, unsigned order, const char *missed[AVER_837_MISSED_MAX],
                        bool hard[AVER_837_MISSED_MAX])
{
    const struct table *t = &tables[f->loop];
    unsigned n = 0;
    for (size_t i = 0; i < t->count && n < AVER_837_MISSED_MAX; i++) {
        if (t->rows[i].need == MAY || f->count[i] || t->rows[i].order >= order) continue;
        f->count[i] = 1;
        missed[n] = row_name(&t->rows[i]);
        hard[n++] = t->rows[i].need == ALWAYS;
    }
    return n;
}

unsigned aver_837_close(struct aver_837_walk *w, const char *missed[AVER_837_MISSED_MAX],
                        bool hard[AVER_837_MISSED_MAX])
{
    AVER_ASSERT(w->depth > 0);
    return missing(&w->stack[--w->depth], UINT_MAX, missed, hard);
}

unsigned aver_837_passed(struct aver_837_walk *w, const struct aver_837_step *step,
                         const char *missed[AVER_837_MISSED_MAX], bool hard[AVER_837_MISSED_MAX])
{
    struct aver_837_frame *f = &w->stack[w->depth - 1];
    const struct row *rows = tables[f->loop].rows;
    unsigned order = rows[step->row].order;
    if (f->at != NOT_YET && rows[f->at].order == order) return 0;
    return missing(f, order, missed, hard);
}

void aver_837_take(struct aver_837_walk *w, const struct aver_837_step *step)
{
    struct aver_837_frame *f = &w->stack[w->depth - 1];
    f->at = step->row;
    if (f->count[step->row] < UINT16_MAX) f->count[step->row]++;
    if (step->opens) push(w, step->loop);
}
