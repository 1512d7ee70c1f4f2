/* tests/fuzz/replay.c - feeds files to a fuzz target, so that a corpus is a regression test of the normal run, with any
 * compiler and without a fuzzer. Arguments are files and directories (their files, not deeper). */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_BYTES_MAX (16 << 20)
#define PATH_BYTES_MAX  4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t fed, unread;

static void feed(const char *path)
{
    /* Named before it is fed: when the target stops the process, the last line says on what. */
    printf("%s\n", path);
    fflush(stdout);
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_BYTES_MAX);
    size_t size = f && data ? fread(data, 1, INPUT_BYTES_MAX, f) : 0;
    if (!f || !data || ferror(f)) {
        unread++;
    } else {
        /* A block of just the input's size, so that the sanitizer sees the first byte too many. */
        uint8_t *exact = malloc(size ? size : 1);
        if (exact) {
            if (size) memcpy(exact, data, size);
            (void)LLVMFuzzerTestOneInput(exact, size);
            fed++;
        } else {
            unread++;
        }
        free(exact);
    }
    free(data);
    if (f) fclose(f);
}

static void feed_directory(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) unread++;
    for (int i = 0; i < n; i++) {
        char file[PATH_BYTES_MAX];
        struct stat st;
        int len = snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (len > 0 && (size_t)len < sizeof file && stat(file, &st) == 0 && S_ISREG(st.st_mode)) feed(file);
        free(entries[i]);
    }
    if (n >= 0) free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            feed_directory(argv[i]);
        else
            feed(argv[i]);
    }
    if (fed == 0) unread = 1; /* a target without a corpus proves nothing */
    printf("%zu passed, %zu failed\n", fed, unread);
    return unread != 0;
}
