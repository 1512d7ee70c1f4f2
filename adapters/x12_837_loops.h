/* adapters/x12_837_loops.h - which segment may stand where in a professional claim (005010X222A1, X222A2 section 2.4).
 *
 * A set is a tree of loops; each loop is an ordered table of segments and inner loops. The walk keeps the open loops on a
 * stack of fixed depth and moves forward only: a segment belongs to the innermost open loop that still has a place for
 * it, and the loops inside that one close. Segments of one group of the table (`order`) may stand in any order among
 * themselves, as X12 says nothing about REF, DTP and NM1 loops that share a position. */
#ifndef AVER_ADAPTERS_X12_837_LOOPS_H
#define AVER_ADAPTERS_X12_837_LOOPS_H

#include "adapters/x12.h"

enum aver_837_loop {
    AVER_837_HEADER, /* ST, BHT */
    AVER_837_1000A,
    AVER_837_1000B,
    AVER_837_2000A,
    AVER_837_2010AA,
    AVER_837_2010AB,
    AVER_837_2010AC,
    AVER_837_2000B,
    AVER_837_2010BA,
    AVER_837_2010BB,
    AVER_837_2000C,
    AVER_837_2010CA,
    AVER_837_2300,
    AVER_837_2310A,
    AVER_837_2310B,
    AVER_837_2310C,
    AVER_837_2310D,
    AVER_837_2310E,
    AVER_837_2310F,
    AVER_837_2320,
    AVER_837_2330A,
    AVER_837_2330B,
    AVER_837_2330C, /* C to G: another payer's numbers for providers */
    AVER_837_2400,
    AVER_837_2410,
    AVER_837_2420A,
    AVER_837_2420B,
    AVER_837_2420C,
    AVER_837_2420D,
    AVER_837_2420E,
    AVER_837_2420F,
    AVER_837_2420G,
    AVER_837_2420H,
    AVER_837_2430,
    AVER_837_2440,
    AVER_837_LOOPS
};

#define AVER_837_DEPTH      6  /* header, 2000A, 2000B, 2000C, 2300, 2400, and one loop inside */
#define AVER_837_ITEMS_MAX  28 /* rows of one loop's table */
#define AVER_837_MISSED_MAX 16

struct aver_837_frame {
    uint8_t loop, at;                   /* the row that matched last */
    uint16_t count[AVER_837_ITEMS_MAX]; /* how often each row matched */
};

struct aver_837_walk {
    struct aver_837_frame stack[AVER_837_DEPTH + 1];
    unsigned depth; /* open loops; stack[depth - 1] is the innermost */
};

enum aver_837_fit {
    AVER_837_FITS,
    AVER_837_UNKNOWN,   /* no loop of the guide has this segment id */
    AVER_837_NOT_HERE,  /* it may not stand at this place */
    AVER_837_ORDER,     /* it may stand in an open loop, but earlier */
    AVER_837_QUALIFIER, /* its id may stand here, its qualifier not */
    AVER_837_REPEAT,    /* once too often */
};

struct aver_837_step {
    enum aver_837_fit fit;
    unsigned closes;         /* how many of the innermost open loops close before the segment */
    bool opens;              /* the segment opens the loop `loop` */
    enum aver_837_loop loop; /* the loop in which it stands; where it does not fit, the innermost open one */
    uint8_t row;
    uint8_t qualifier; /* the element that holds the loop's qualifier; 0 if none */
};

void aver_837_walk_start(struct aver_837_walk *walk);
/* Looks where the segment belongs; changes nothing. */
struct aver_837_step aver_837_find(const struct aver_837_walk *walk, const struct aver_x12_segment *segment);
/* Closes the innermost loop and names in `missed` the ids ("N3", or the loop's name) of what it should have held and
 * does not: returns how many. `hard` tells those that reject from those that only warn. */
unsigned aver_837_close(struct aver_837_walk *walk, const char *missed[AVER_837_MISSED_MAX],
                        bool hard[AVER_837_MISSED_MAX]);
/* The same for what should have stood in the open loop before this step's segment: call it once the step's loops have
 * been closed, and before the step is taken. */
unsigned aver_837_passed(struct aver_837_walk *walk, const struct aver_837_step *step,
                         const char *missed[AVER_837_MISSED_MAX], bool hard[AVER_837_MISSED_MAX]);
/* Takes the step that aver_837_find found. */
void aver_837_take(struct aver_837_walk *walk, const struct aver_837_step *step);

static inline enum aver_837_loop aver_837_top(const struct aver_837_walk *w)
{
    return w->stack[w->depth - 1].loop;
}
bool aver_837_open(const struct aver_837_walk *walk, enum aver_837_loop loop);
const char *aver_837_loop_name(enum aver_837_loop loop);
/* `word` is one of the words of `list`, which one space divides. */
bool aver_837_listed(const char *list, aver_bytes word);

#endif
