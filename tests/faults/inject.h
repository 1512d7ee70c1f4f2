/* tests/faults/inject.h - faults of memory and disk, made on purpose, and a record of what reaches the disk.
 *
 * inject.c takes the place of the C library's functions that allocate, write, sync, truncate, name and map, for the program it
 * is linked with and for the libraries under it (LMDB); as a shared object it does so for any program by LD_PRELOAD. Files count
 * only if they lie below `root`.
 *
 * LD_PRELOAD: AVER_FAULT="OPS:AT:HOW[:forever]", OPS joined by '+' of memory, write, sync, truncate, name, open, map; HOW one of
 * eio, enospc, short, kill; AVER_FAULT_ROOT; and AVER_FAULT_FIRED, a file that is made when the fault strikes. */
#ifndef AVER_TESTS_FAULTS_INJECT_H
#define AVER_TESTS_FAULTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inject_op {
    INJECT_MEMORY = 1,   /* malloc, calloc, realloc, posix_memalign */
    INJECT_WRITE = 2,    /* write, pwrite, writev, pwritev */
    INJECT_SYNC = 4,     /* fsync, fdatasync, msync */
    INJECT_TRUNCATE = 8, /* ftruncate */
    INJECT_NAME = 16,    /* rename, link, mkdir */
    INJECT_OPEN = 32,    /* open of a file below the root */
    INJECT_MAP = 64,     /* mmap */
};
#define INJECT_DISK (INJECT_WRITE | INJECT_SYNC | INJECT_TRUNCATE | INJECT_NAME | INJECT_OPEN)

enum inject_how {
    INJECT_EIO,    /* of a write the first half was done */
    INJECT_ENOSPC, /* nothing was done */
    INJECT_SHORT,  /* a write does its first half and says so; anything else succeeds */
    INJECT_KILL,   /* the process ends there; of a write the first half was done */
};

#define INJECT_PATH_BYTES 256
#define INJECT_KILLED     9 /* what such a process ends with */

/* What is written down of an operation that succeeded; its path or data follows, padded to 8 bytes. */
enum trace_kind {
    TRACE_CREATE = 1, /* path, inode */
    TRACE_WRITE,      /* inode, offset, data; `synced`: by O_DSYNC */
    TRACE_SYNC,       /* inode */
    TRACE_SYNC_FAILED,
    TRACE_TRUNCATE, /* inode, offset: the new size */
    TRACE_RENAME,   /* path NUL path */
    TRACE_UNLINK,   /* path */
    TRACE_MKDIR,    /* path */
    TRACE_SYNC_DIR, /* path */
};
struct trace_op {
    uint32_t kind, synced;
    uint64_t inode, offset, len;
};
struct trace {
    uint64_t ops, used, room;
    uint8_t bytes[];
};

struct inject {
    bool armed; /* nothing is counted before */
    unsigned ops;
    enum inject_how how;
    uint64_t at; /* the call that fails, from 1; 0: none */
    bool forever;
    char root[INJECT_PATH_BYTES];
    struct trace *trace;   /* NULL: nothing is recorded */
    _Atomic uint64_t seen; /* calls of these kinds so far */
    _Atomic bool fired;
};

/* Where the state lies; a test puts it into memory that it shares with its children. */
extern struct inject *inject_now;

#endif
