/* aver/files.h - files of the command line: read with a cap, written whole or not at all. */
#ifndef AVER_AVER_FILES_H
#define AVER_AVER_FILES_H

#include "base/bytes.h"

#include <sys/types.h>

/* Appends the file's bytes; "-" is standard input. AVER_E_NOT_FOUND NO-FILE; AVER_E_LIMIT FILE-SIZE above `max` bytes;
 * AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_path_read(struct aver_buf *out, const char *path, uint64_t max,
                                        struct aver_why *why);

/* Writes a new file beside `path`, syncs it, and gives it the name: after a crash there is the old file or the new one.
 * AVER_E_EXISTS FILE-EXISTS when it is there and `replace` is false; AVER_E_FULL, AVER_E_IO, and nothing is left behind. */
AVER_MUST_CHECK aver_err aver_path_write(const char *path, aver_bytes bytes, mode_t mode, bool replace,
                                         struct aver_why *why);

/* The last part of a path without this ending: "contracts/coverage.lua" and ".lua" give "coverage". Borrows `path`. */
aver_bytes aver_path_base(const char *path, const char *ending);

#endif
