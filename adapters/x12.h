/* adapters/x12.h - X12 interchanges: delimiters, segments and the ISA/GS/ST envelopes (X12.5, X12.6; 005010).
 * Knows no transaction set: what stands between ST and SE is the caller's.
 *
 * The reader walks a borrowed file once, forward, without recursion and without allocating for segments or elements; it
 * allocates in the intake's arena for findings only. An interchange whose form is lost is given up and the next well
 * formed ISA is sought behind the place where reading stopped, so that hostile files cost linear time.
 *
 * Tolerated with one warning each a file: a byte order mark, white space before ISA and between segments, empty segments,
 * a last segment without terminator, a letter as repetition separator (ISA11 = U, a habit from 4010: taken as none). */
#ifndef AVER_ADAPTERS_X12_H
#define AVER_ADAPTERS_X12_H

#include "adapters/intake.h"

#define AVER_X12_SEGMENT_MAX    16384 /* bytes of one segment */
#define AVER_X12_ELEMENTS_MAX   40    /* of one segment; 005010's longest in a claim is SV1 with 21 */
#define AVER_X12_COMPONENTS_MAX 12    /* of one element; C022 and C003 have 9 and 8 */
#define AVER_X12_SET_SEGMENTS_MAX                                                                            \
    10000000                            /* of one ST..SE: SE01 has at most 10 digits, this is what is read */
#define AVER_X12_INTERCHANGES_MAX 10000 /* of one file */
#define AVER_X12_FINDINGS_MAX     20000 /* of one file; beyond it claims are still rejected, but not described */
#define AVER_X12_WARNINGS_MAX     1000 /* of one file */

/* A segment id as a number, so that it can be a case label. */
#define AVER_X12_ID2(a, b)    ((uint32_t)(a) << 16 | (uint32_t)(b) << 8)
#define AVER_X12_ID3(a, b, c) (AVER_X12_ID2(a, b) | (uint32_t)(c))

enum aver_x12_flag {
    AVER_X12_REPEATS = 1,  /* an element holds the repetition separator */
    AVER_X12_CONTROL = 2,  /* ... a control character */
    AVER_X12_HIGH = 4,     /* ... a byte above 0x7e */
    AVER_X12_CUT = 16,     /* the file ends before its terminator */
    AVER_X12_TOO_MANY = 8, /* more than AVER_X12_ELEMENTS_MAX elements: the rest are not in e[] */
};

struct aver_x12_segment {
    aver_bytes raw;   /* borrowed, without the terminator */
    uint64_t offset;  /* of its first byte in the file */
    uint64_t end;     /* behind its terminator */
    uint64_t line;    /* 1-based */
    uint32_t ordinal; /* in its set: ST is 1; 0 outside of sets */
    uint32_t id;      /* AVER_X12_ID3; 0 when the id is not 2 or 3 letters and digits */
    uint32_t count;   /* elements behind the id */
    unsigned flags;   /* enum aver_x12_flag */
    aver_bytes e[AVER_X12_ELEMENTS_MAX + 1]; /* e[0] is the id; valid up to `count` */
};

enum aver_x12_event {
    AVER_X12_END,
    AVER_X12_GROUP,   /* segment is GS */
    AVER_X12_SET,     /* segment is ST */
    AVER_X12_SEGMENT, /* any segment inside a set */
    AVER_X12_SET_END, /* segment is SE, or what stood there in its place; its counts are judged at the next call, which
                         * withdraws the set's claims if they are false */
    AVER_X12_GROUP_END, /* likewise */
};

struct aver_x12 {
    struct aver_intake *intake;
    aver_bytes file;
    struct aver_x12_segment segment;                    /* the one of the last event */
    uint8_t element, component, repetition, terminator; /* repetition 0: none */
    aver_bytes interchange, group, set;                 /* ISA13, GS06, ST02; absent outside of them */
    aver_bytes version;                                 /* GS08 */
    aver_bytes functional;                              /* GS01 */
    aver_bytes set_id, set_version;                     /* ST01, ST03 */
    /* The finding that gave up the level, AVER_INTAKE_NONE if none did. The caller may set group_refused at
     * AVER_X12_GROUP and set_refused at or before AVER_X12_SET_END. */
    size_t interchange_refused, group_refused, set_refused;

    /* The rest is the reader's own. */
    size_t at, next;
    uint64_t line;
    uint8_t class[256];
    int state, leaving;
    bool pending; /* the segment read has not been used up */
    bool lost;    /* the interchange was given up; what is open is being closed */
    aver_bytes isa, gs, st;
    uint64_t interchange_from, group_from, set_from, segments, sets, groups, interchanges;
    size_t claims_interchange, claims_group, claims_set, sets_interchange, sets_group;
    unsigned warned;
    size_t warnings, overflow;
    uint64_t *set_numbers; /* the ST02 of this group: open addressing over hashes of at most 9 bytes */
    size_t set_numbers_count, set_numbers_cap;
};

/* The file must stay as long as the intake is used. */
void aver_x12_start(struct aver_x12 *x12, struct aver_intake *intake, aver_bytes file);
/* The next event. Findings about envelopes have been added to the intake, and claims accepted under an envelope that then
 * turned out false have been withdrawn, when it returns. */
enum aver_x12_event aver_x12_next(struct aver_x12 *x12);
/* The finding of level SET or above that refuses what stands here, the widest first; AVER_INTAKE_NONE if none does. */
size_t aver_x12_refused(const struct aver_x12 *x12);

/* Element n of the segment without spaces around it; absent when it is not there or empty. */
static inline aver_bytes aver_x12_element(const struct aver_x12_segment *s, unsigned n)
{
    if (n > s->count) return AVER_BYTES_NONE;
    aver_bytes b = s->e[n];
    while (b.len && b.ptr[0] == ' ') b.ptr++, b.len--;
    while (b.len && b.ptr[b.len - 1] == ' ') b.len--;
    return b.len ? b : AVER_BYTES_NONE;
}
/* Component n (1-based) of an element, likewise. */
aver_bytes aver_x12_component_at(const struct aver_x12 *x12, aver_bytes element, unsigned n);
unsigned aver_x12_components(const struct aver_x12 *x12, aver_bytes element); /* how many, at least 1 */

/* What a finding says beside its text. ik304 and ik403 may be NULL. */
struct aver_x12_fault {
    enum aver_level level;
    const char *code; /* lives as long as the intake */
    const char *loop; /* "2300" or NULL */
    unsigned element, component;
    const char *ik304, *ik403, *category;
    aver_bytes claim;
};
/* Adds a finding about `segment` (which may be kept from earlier) and returns its index. */
size_t aver_x12_find(struct aver_x12 *x12, const struct aver_x12_segment *segment,
                     const struct aver_x12_fault *fault, const char *fmt, ...) AVER_PRINTF(4, 5);
/* "ISA 000000905, ST 0021, segment 23 (CLM), element 2, line 31" in the intake's arena. */
aver_bytes aver_x12_place(const struct aver_x12 *x12, const struct aver_x12_segment *segment,
                          unsigned element, unsigned component);

#endif
