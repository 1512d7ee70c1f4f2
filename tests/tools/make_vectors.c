/* tests/tools/make_vectors.c - writes the frozen vectors into a directory. Run once for a format; afterwards the files say what
 * the format is, and this program only shows what has changed:
 *     build/dev/tools/make_vectors DIR && diff -r DIR tests/vectors */
#include <stdio.h>

#include "tests/vectors/cases.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_vectors DIR\n");
        return 64;
    }
    aver_crypto_start();
    for (size_t i = 0; i < VECTOR_FILES; i++) {
        struct aver_buf out = {0};
        char path[1024];
        snprintf(path, sizeof path, "%s/%s.json", argv[1], vector_files[i].name);
        vector_make(&out, &vector_files[i]);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(out.ptr, 1, out.len, f) != out.len || fclose(f) != 0) {
            perror(path);
            return 1;
        }
        aver_buf_free(&out);
    }
    return 0;
}
