/* tests/unit/data.h - third-party test data: read where it is, skipped where it is not.
 * $AVER_DATA is its directory, ../shared/data when unset. Under $CI missing data is a failure: a run that looks
 * complete is complete. Include after cmocka.h. */
#ifndef AVER_TESTS_DATA_H
#define AVER_TESTS_DATA_H

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

/* The path of something in the data directory, in the arena; skips or fails the test when it is not there. */
static inline const char *data_path(struct aver_arena *arena, const char *name)
{
    const char *dir = getenv("AVER_DATA");
    const char *path = aver_arena_printf(arena, "%s/%s", dir && *dir ? dir : "../shared/data", name);
    FILE *f = fopen(path, "rb"); /* opens a directory too */
    if (f) {
        fclose(f);
        return path;
    }
    if (getenv("CI")) fail_msg("%s is not there; set AVER_DATA", path);
    print_message("%s is not there; set AVER_DATA to run this\n", path);
    aver_arena_free(arena); /* skip() does not come back */
    skip();
    return NULL;
}

/* A whole file; present even when it is empty. */
static inline aver_bytes data_file(struct aver_arena *arena, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("could not open %s", path);
    struct aver_buf buf = {0};
    uint8_t chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) aver_buf_put(&buf, chunk, n);
    fclose(f);
    aver_bytes copy = aver_arena_copy(arena, buf.len ? aver_buf_view(&buf) : AVER_LIT(""));
    aver_buf_free(&buf);
    return copy;
}

#endif
