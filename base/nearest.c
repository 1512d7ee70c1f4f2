/* base/nearest.c - see nearest.h. */
#include "base/nearest.h"

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Optimal string alignment in three rows. */
static unsigned edit_distance(aver_bytes a, aver_bytes b)
{
    unsigned rows[3][AVER_NEAREST_BYTES_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) above[j] = (unsigned)j, before[j] = 0;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            uint8_t x = lower(a.ptr[i - 1]), y = lower(b.ptr[j - 1]);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b.ptr[j - 2]) && y == lower(a.ptr[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.len];
}

void aver_nearest_offer(struct aver_nearest *nearest, aver_bytes known)
{
    aver_bytes wanted = nearest->wanted;
    if (wanted.len > AVER_NEAREST_BYTES_MAX || known.len > AVER_NEAREST_BYTES_MAX) return;
    unsigned distance = edit_distance(wanted, known);
    unsigned enough = wanted.len < 3 ? 1 : (unsigned)wanted.len / 3;
    if (distance > enough || (nearest->best.ptr && distance >= nearest->distance)) return;
    nearest->best = known;
    nearest->distance = distance;
}
