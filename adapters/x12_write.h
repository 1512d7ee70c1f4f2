/* adapters/x12_write.h - segments for what we send as X12: 835, 999, 277CA.
 *
 * Delimiters are '*' between elements, ':' between components, '^' between repetitions, '~' and a newline after a segment.
 * Text is made fit for them: a delimiter becomes '-', an accented letter of Latin-1 loses its accent, any other character
 * outside X12's extended set (5010 appendix B.1.1.2) becomes '?', control characters become spaces; spaces at both ends go. */
#ifndef AVER_ADAPTERS_X12_WRITE_H
#define AVER_ADAPTERS_X12_WRITE_H

#include "base/date.h"
#include "base/money.h"

struct aver_x12_writer {
    struct aver_buf *out;
    uint64_t segments; /* ended so far; the caller sets it back to 0 before ST */
    size_t pending;    /* separators of elements that are empty so far: X12 sends none before a terminator */
};

void aver_x12_put_segment(struct aver_x12_writer *w, const char *id);
/* Each adds the next element; one that is absent or empty holds its place. `max` is the element's length in the guide. */
void aver_x12_put_text(struct aver_x12_writer *w, aver_bytes text, size_t max);
void aver_x12_put_code(struct aver_x12_writer *w, const char *code); /* as it stands: "" for none */
void aver_x12_put_number(struct aver_x12_writer *w, uint64_t n);
void aver_x12_put_cents(struct aver_x12_writer *w, int64_t cents); /* 0 too */
void aver_x12_put_units(struct aver_x12_writer *w, uint64_t thousandths);
void aver_x12_put_day(struct aver_x12_writer *w, aver_day day); /* CCYYMMDD; AVER_NO_DAY: empty */
/* The next component of the element added last, which is not empty; an empty component is left out. */
void aver_x12_put_component(struct aver_x12_writer *w, aver_bytes text, size_t max);
void aver_x12_put_end(struct aver_x12_writer *w);

/* The text made fit, at most `max` bytes of it. */
void aver_x12_clean(struct aver_buf *out, aver_bytes text, size_t max);

/* ISA of 106 bytes and GS; ISA13 = GS06 = control, of at most nine digits. Ids are of qualifier ZZ, 15 characters. Time is 0000: what
 * is written depends on what is recorded, not on when it is asked for. */
void aver_x12_begin_interchange(struct aver_x12_writer *w, aver_bytes sender, aver_bytes receiver,
                                aver_day day, uint64_t control, char usage, const char *functional_id,
                                const char *version);
/* GE and IEA for one group of `sets`. */
void aver_x12_end_interchange(struct aver_x12_writer *w, uint64_t sets, uint64_t control);

#endif
