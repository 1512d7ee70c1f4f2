/* tests/faults/tree.c - see tree.h. */
#include "tests/faults/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void end(const char *doing, const char *path)
{
    printf("could not %s %s: %s\n", doing, path, strerror(errno));
    exit(1);
}

void tree_temporary(char out[TREE_TOP_BYTES])
{
    const char *base = getenv("TMPDIR");
    if (!base) base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(out, TREE_TOP_BYTES, "%s/aver-faults.XXXXXX", base);
    if (!mkdtemp(out)) end("make", out);
}

/* Calls back with both paths of each thing in a directory. False: it is none. */
static bool each(const char *from, const char *to, void (*fn)(const char *from, const char *to))
{
    DIR *d = opendir(from);
    if (!d) return false;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char a[TREE_PATH_BYTES], b[TREE_PATH_BYTES];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        snprintf(a, sizeof a, "%s/%s", from, e->d_name);
        snprintf(b, sizeof b, "%s/%s", to, e->d_name);
        fn(a, b);
    }
    closedir(d);
    return true;
}

void tree_read(struct aver_buf *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) end("open", path);
    for (;;) {
        aver_buf_reserve(out, 65536);
        ssize_t n = read(fd, out->ptr + out->len, 65536);
        if (n < 0) end("read", path);
        if (n == 0) break;
        out->len += (size_t)n;
    }
    close(fd);
}

void tree_write(const char *path, aver_bytes bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || (bytes.len && write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len)) end("write", path);
    close(fd);
}

void tree_make(const char *path)
{
    if (mkdir(path, 0700)) end("make", path);
}

void tree_copy(const char *from, const char *to)
{
    struct stat st;
    if (stat(from, &st)) end("look at", from);
    if (S_ISDIR(st.st_mode)) {
        if (mkdir(to, 0700)) end("make", to);
        each(from, to, tree_copy);
        return;
    }
    struct aver_buf bytes = {0};
    tree_read(&bytes, from);
    tree_write(to, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
}

static void remove_one(const char *path, const char *unused)
{
    (void)unused;
    tree_remove(path);
}

void tree_remove(const char *path)
{
    if (each(path, "", remove_one))
        rmdir(path);
    else
        unlink(path);
}
