/* tests/unit/vectors.h - third-party vectors for the tree tests: where they lie, and as much reading of flat JSON objects
 * as those files need. */
#ifndef AVER_TESTS_VECTORS_H
#define AVER_TESTS_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* $AVER_DATA/`below`; where it is missing the test is skipped, but in CI it fails. */
static inline void vectors_dir(char out[1024], const char *below)
{
    const char *data = getenv("AVER_DATA");
    snprintf(out, 1024, "%s/%s", data ? data : "../shared/data", below);
    DIR *dir = opendir(out);
    if (dir) {
        closedir(dir);
        return;
    }
    print_message("no vectors at %s (set AVER_DATA)\n", out);
    assert_null(getenv("CI"));
    skip();
}

static inline void vectors_file(struct aver_buf *out, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) aver_buf_put(out, part, n);
    fclose(f);
    aver_buf_byte(out, 0);
}

/* Calls `each` for every .json file below `dir` and returns how many there were. */
static inline size_t vectors_each(const char *dir, void (*each)(const char *path, const char *json))
{
    size_t count = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[2048];
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        size_t len = strlen(e->d_name);
        if (len > 5 && strcmp(e->d_name + len - 5, ".json") == 0) {
            struct aver_buf json = {0};
            vectors_file(&json, path);
            each(path, (const char *)json.ptr);
            aver_buf_free(&json);
            count++;
        } else {
            count += vectors_each(path, each);
        }
    }
    closedir(d);
    return count;
}

/* The text after `"name":` and spaces; NULL when there is no such field. */
static inline const char *vectors_field(const char *json, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(json, key);
    return at ? at + strlen(key) + strspn(at + strlen(key), " \t\r\n") : NULL;
}

static inline uint64_t vectors_number(const char *json, const char *name)
{
    const char *at = vectors_field(json, name);
    assert_non_null(at);
    return strtoull(at, NULL, 10);
}

/* The string that begins at *at (a quotation mark), without its quotation marks; *at moves behind it. No escapes. */
static inline aver_bytes vectors_string(const char **at)
{
    assert_int_equal(**at, '"');
    const char *from = *at + 1, *to = strchr(from, '"');
    assert_non_null(to);
    *at = to + 1;
    return aver_bytes_of(from, (size_t)(to - from));
}

static inline aver_bytes vectors_text(const char *json, const char *name)
{
    const char *at = vectors_field(json, name);
    assert_non_null(at);
    return vectors_string(&at);
}

#endif
