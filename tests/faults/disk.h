/* tests/faults/disk.h - a disk on which power can fail: from a record of what was asked of it (inject.h) the trees that could be
 * found afterwards.
 *
 * What a sync covered is there. Anything else may be there or not, in any combination and any order, and a write may have
 * reached the disk by half or by some of its sectors. A name is there once its directory was synced, and not by a sync of the
 * file. This is stricter than file systems with a journal are. */
#ifndef AVER_TESTS_FAULTS_DISK_H
#define AVER_TESTS_FAULTS_DISK_H

#include "base/bytes.h"
#include "tests/faults/inject.h"

#define DISK_SECTOR 512

struct disk;

struct disk *disk_new(void);
void disk_free(struct disk *disk);
/* What lies there already, all of it durable. `root` as in struct inject. */
void disk_load(struct disk *disk, const char *root);

/* The next operation of a record; *at begins with 0. False at its end. `data` borrows the record. */
bool trace_next(const struct trace *trace, uint64_t *at, struct trace_op *op, const uint8_t **data);
/* `random` decides what a failed sync has lost for good; it moves on. Returns whether anything became durable. The data must
 * outlive the disk. */
bool disk_apply(struct disk *disk, const struct trace_op *op, const uint8_t *data, uint64_t *random);

enum disk_fate { DISK_LOSES_ALL, DISK_LOSES_NOTHING, DISK_LOSES_SOME };
/* Writes the tree that is found after power failed now, into a new directory. `random` moves on. */
void disk_image(const struct disk *disk, const char *out, enum disk_fate fate, uint64_t *random);

/* xorshift64*: the same everywhere from the same seed, which is not 0. */
uint64_t disk_random(uint64_t *state, uint64_t below);

#endif
