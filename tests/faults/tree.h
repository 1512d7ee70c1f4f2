/* tests/faults/tree.h - directories of the tests: made, copied, removed. Whatever fails ends the process. */
#ifndef AVER_TESTS_FAULTS_TREE_H
#define AVER_TESTS_FAULTS_TREE_H

#include "base/bytes.h"

#define TREE_TOP_BYTES  200
#define TREE_PATH_BYTES 512

/* A new directory: in memory (/dev/shm) where there is one, since nothing here depends on a real disk; else in $TMPDIR, /tmp. */
void tree_temporary(char out[TREE_TOP_BYTES]);
void tree_make(const char *path);
void tree_copy(const char *from, const char *to);
void tree_remove(const char *path); /* also if there is none */
void tree_write(const char *path, aver_bytes bytes);
void tree_read(struct aver_buf *out, const char *path);

#endif
