/* adapters/x12_reader.h - what x12.c and x12_segment.c share; nobody else includes it. */
#ifndef AVER_ADAPTERS_X12_READER_H
#define AVER_ADAPTERS_X12_READER_H

#include "adapters/x12.h"

#define ISA_BYTES 106 /* with its terminator (X12.5) */

/* What the reader stands in. */
enum state { OUTSIDE, IN_INTERCHANGE, IN_GROUP, IN_SET };
/* What a byte is inside of segments. */
enum byte_class { PLAIN, SEPARATOR, TERMINATOR, REPETITION, NEWLINE, CONTROL, HIGH };
/* Warnings that are given once a file. */
enum warned { WARNED_MARK = 1, WARNED_SPACE = 2, WARNED_EMPTY = 4, WARNED_END = 8, WARNED_REPETITION = 16 };

enum got { GOT_SEGMENT, GOT_END, GOT_TOO_LONG };

void aver_x12_warn_once(struct aver_x12 *x12, unsigned which, const char *code, const char *text);

bool aver_x12_alphanumeric(uint8_t c);
/* An ISA of 106 bytes with its 16 separators in place begins here. */
bool aver_x12_isa_shape(aver_bytes rest);
/* The delimiters in x12 are pairwise different, and no letters, digits, spaces, NULs or bytes above 0x7f. */
bool aver_x12_delimiters_usable(const struct aver_x12 *x12);
void aver_x12_classes_set(struct aver_x12 *x12);

/* Passes over white space; sets *spaces when some of it was not a line end. */
void aver_x12_space_skip(struct aver_x12 *x12, bool *spaces);
/* Reads the segment at x12->at. False when it passes AVER_X12_SEGMENT_MAX; x12->next then tells how far was looked. */
bool aver_x12_segment_scan(struct aver_x12 *x12, bool *too_long);
/* The next segment behind white space and empty segments, or the pending one again. */
enum got aver_x12_segment_next(struct aver_x12 *x12);

#endif
