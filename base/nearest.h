/* base/nearest.h - "did you mean": the known name closest to one that is not known. */
#ifndef AVER_BASE_NEAREST_H
#define AVER_BASE_NEAREST_H

#include "base/bytes.h"

#define AVER_NEAREST_BYTES_MAX 64 /* longer names have no nearest one */

struct aver_nearest {
    aver_bytes wanted, best; /* best: absent until one is near enough */
    unsigned distance;
};

/* Start with {.wanted = name}, offer each known name, read `best`. Near enough is an edit distance (insert, delete,
 * replace, or swap two neighbours) of at most a third of the wanted name, and at least 1 is always allowed. Case differences
 * count nothing. */
void aver_nearest_offer(struct aver_nearest *nearest, aver_bytes known);

#endif
