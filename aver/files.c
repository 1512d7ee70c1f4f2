/* aver/files.c - see files.h. */
#include "aver/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES 65536

aver_err aver_path_read(struct aver_buf *out, const char *path, uint64_t max, struct aver_why *why)
{
    bool standard = !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the file", path);
    aver_err err = AVER_OK;
    for (;;) {
        aver_buf_reserve(out, READ_BYTES);
        ssize_t n = read(fd, out->ptr + out->len, READ_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) err = aver_fail_errno(why, "read the file", path);
        if (n <= 0) break;
        out->len += (size_t)n;
        if (out->len > max) {
            err = aver_fail(why, AVER_E_LIMIT, "FILE-SIZE", path,
                            "the file is larger than %llu bytes: split it", (unsigned long long)max);
            break;
        }
    }
    if (!standard) close(fd);
    return err;
}

static aver_err write_all(int fd, aver_bytes bytes, const char *path, struct aver_why *why)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return aver_fail_errno(why, "write the file", path);
        bytes = aver_bytes_cut(bytes, (size_t)n, bytes.len - (size_t)n);
    }
    return fsync(fd) ? aver_fail_errno(why, "sync the file", path) : AVER_OK;
}

static void sync_directory(const char *path)
{
    char *copy = strdup(path);
    if (!copy) return;
    char *slash = strrchr(copy, '/');
    if (slash) slash[slash == copy] = 0;
    int fd = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* not every file system can; the file itself is synced */
        close(fd);
    }
    free(copy);
}

aver_err aver_path_write(const char *path, aver_bytes bytes, mode_t mode, bool replace, struct aver_why *why)
{
    struct aver_buf name = {0};
    aver_buf_printf(&name, "%s.%ld.new", path, (long)getpid());
    const char *temporary = (const char *)name.ptr;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    aver_err err = fd < 0 ? aver_fail_errno(why, "make the file", path) : write_all(fd, bytes, path, why);
    if (fd >= 0 && close(fd) && err == AVER_OK) err = aver_fail_errno(why, "close the file", path);
    if (err == AVER_OK) {
        /* link refuses a name that is there, in one step; rename replaces it. */
        int bad = replace ? rename(temporary, path) : link(temporary, path);
        if (bad && errno == EEXIST)
            err = aver_fail(why, AVER_E_EXISTS, "FILE-EXISTS", path,
                            "the file is there already and is left as it is");
        else if (bad)
            err = aver_fail_errno(why, "name the file", path);
    }
    if (fd >= 0 && (err != AVER_OK || !replace)) unlink(temporary);
    if (err == AVER_OK) sync_directory(path);
    aver_buf_free(&name);
    return err;
}

aver_bytes aver_path_base(const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/');
    aver_bytes base = aver_bytes_str(slash ? slash + 1 : path);
    size_t n = strlen(ending);
    if (base.len > n && !memcmp(base.ptr + base.len - n, ending, n)) base.len -= n;
    return base;
}
