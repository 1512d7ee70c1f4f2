/* ledger/storage/log.c - see log.h. */
#include "ledger/storage/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SEARCH_BYTES 1048576
#define PAGE_BYTES   4096

aver_err aver_log_create(const char *dir, const char *path, struct aver_why *why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return aver_fail_errno(why, "create the log", path);
    close(fd);
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) return aver_fail_errno(why, "open the log's directory", dir);
    aver_err err = fsync(dir_fd) ? aver_fail_errno(why, "sync the log's directory", dir) : AVER_OK;
    close(dir_fd);
    return err;
}

aver_err aver_log_open(struct aver_log *log, const char *path, bool write, struct aver_why *why)
{
    *log = (struct aver_log){.fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC), .path = path};
    if (log->fd < 0) return aver_fail_errno(why, "open the log", path);
    struct stat st;
    if (fstat(log->fd, &st)) {
        aver_err err = aver_fail_errno(why, "look at the log", path);
        aver_log_close(log);
        return err;
    }
    log->end = (uint64_t)st.st_size;
    return AVER_OK;
}

void aver_log_close(struct aver_log *log)
{
    if (log->fd >= 0) close(log->fd);
    log->fd = -1;
}

/* Everything, or errno. */
static bool write_all(int fd, struct iovec *part, size_t parts, uint64_t at)
{
    while (parts) {
        ssize_t n = pwritev(fd, part, (int)parts, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            if (n == 0) errno = EIO;
            return false;
        }
        at += (uint64_t)n;
        size_t done = (size_t)n;
        while (parts && done >= part->iov_len) done -= part->iov_len, part++, parts--;
        if (parts) {
            part->iov_base = (uint8_t *)part->iov_base + done;
            part->iov_len -= done;
        }
    }
    return true;
}

/* What was written is seldom read again soon, and its pages in memory serve the next group better than fresh ones, which the
 * machine must find and clear. The last page is not whole and stays. */
static void give_back_pages(const struct aver_log *log, uint64_t from, uint64_t to)
{
    from -= from % PAGE_BYTES;
    to -= to % PAGE_BYTES;
    if (to > from) (void)posix_fadvise(log->fd, (off_t)from, (off_t)(to - from), POSIX_FADV_DONTNEED);
}

aver_err aver_log_append(struct aver_log *log, uint64_t *offset, const aver_bytes *pieces, size_t count,
                         struct aver_why *why)
{
    uint8_t head[AVER_FRAME_HEAD_BYTES] = AVER_FRAME_MAGIC;
    struct iovec part[AVER_LOG_PIECES_MAX + 2] = {{head, sizeof head}};
    size_t len = 0, parts = 1;
    AVER_ASSERT(count <= AVER_LOG_PIECES_MAX);
    for (size_t i = 0; i < count; i++) {
        len += pieces[i].len;
        if (pieces[i].len) part[parts++] = (struct iovec){(uint8_t *)(uintptr_t)pieces[i].ptr, pieces[i].len};
    }
    if (len > AVER_FRAME_BYTES_MAX)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-FRAME", log->path,
                         "a group of %zu bytes is larger than %d", len, AVER_FRAME_BYTES_MAX);
    for (int i = 0; i < 4; i++) head[8 + i] = (uint8_t)(len >> (24 - 8 * i));
    aver_digest digest = aver_sha256_parts(pieces, count);
    part[parts++] = (struct iovec){digest.b, sizeof digest.b};
    if (!write_all(log->fd, part, parts, log->end)) {
        bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
        aver_err err = aver_fail_errno(why, "append to the log", log->path);
        if (full && ftruncate(log->fd, (off_t)log->end) == 0)
            return aver_fail(why, AVER_E_FULL, "DISK-FULL", log->path,
                             "no room for a group of %zu bytes; the ledger is as it was", len);
        return err == AVER_E_FULL ? AVER_E_IO : err;
    }
    /* A sync that failed may have dropped what it could not write, and the next one would not say so. */
    if (fdatasync(log->fd)) {
        aver_err err = aver_fail_errno(why, "sync the log", log->path);
        return err == AVER_E_FULL ? AVER_E_IO : err;
    }
    *offset = log->end;
    log->end += sizeof head + len + sizeof digest;
    give_back_pages(log, *offset, log->end);
    return AVER_OK;
}

static aver_err read_all(const struct aver_log *log, uint8_t *out, size_t len, uint64_t at,
                         struct aver_why *why)
{
    while (len) {
        ssize_t n = pread(log->fd, out, len, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return aver_fail_errno(why, "read the log", log->path);
        if (n == 0)
            return aver_fail(why, AVER_E_IO, "IO", log->path, "the log became shorter while it was read");
        out += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return AVER_OK;
}

static aver_err bad(const struct aver_log *log, uint64_t offset, struct aver_why *why, const char *what)
{
    char place[256];
    snprintf(place, sizeof place, "%s, byte %" PRIu64, log->path, offset);
    return aver_fail(why, AVER_E_INPUT, "LEDGER-FRAME", place, "no whole group lies here: %s", what);
}

aver_err aver_log_read(const struct aver_log *log, struct aver_buf *payload, uint64_t *next, uint64_t offset,
                       struct aver_why *why)
{
    payload->len = 0;
    if (offset == log->end)
        return aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-END", log->path, "the log ends there");
    if (offset > log->end || log->end - offset < AVER_FRAME_HEAD_BYTES + AVER_FRAME_TAIL_BYTES)
        return bad(log, offset, why, "the file ends within its head");
    uint8_t head[AVER_FRAME_HEAD_BYTES];
    AVER_TRY(read_all(log, head, sizeof head, offset, why));
    if (memcmp(head, AVER_FRAME_MAGIC, 8) != 0)
        return bad(log, offset, why, "it does not begin with " AVER_FRAME_MAGIC);
    uint64_t len = (uint64_t)head[8] << 24 | (uint64_t)head[9] << 16 | (uint64_t)head[10] << 8 | head[11];
    if (len > AVER_FRAME_BYTES_MAX) return bad(log, offset, why, "it says a length that no group has");
    if (log->end - offset - AVER_FRAME_HEAD_BYTES - AVER_FRAME_TAIL_BYTES < len)
        return bad(log, offset, why, "the file ends before it does");
    aver_buf_reserve(payload, len + AVER_FRAME_TAIL_BYTES);
    AVER_TRY(read_all(log, payload->ptr, len + AVER_FRAME_TAIL_BYTES, offset + sizeof head, why));
    payload->len = len;
    aver_digest digest = aver_sha256(aver_buf_view(payload));
    if (memcmp(digest.b, payload->ptr + len, sizeof digest) != 0)
        return bad(log, offset, why, "its bytes do not have the hash that it carries");
    *next = offset + sizeof head + len + AVER_FRAME_TAIL_BYTES;
    return AVER_OK;
}

/* A length that was altered may lead anywhere, so a whole frame is looked for at every byte, by its magic. */
aver_err aver_log_tail(const struct aver_log *log, uint64_t offset, struct aver_why *why)
{
    struct aver_buf window = {0}, frame = {0};
    aver_err err = AVER_OK;
    uint64_t at = offset + 1;
    while (err == AVER_OK && at < log->end &&
           log->end - at >= AVER_FRAME_HEAD_BYTES + AVER_FRAME_TAIL_BYTES) {
        size_t len = log->end - at < SEARCH_BYTES ? (size_t)(log->end - at) : SEARCH_BYTES;
        window.len = 0;
        aver_buf_reserve(&window, len);
        err = read_all(log, window.ptr, len, at, why);
        const uint8_t *p = window.ptr, *end = window.ptr + len;
        while (err == AVER_OK && (p = memmem(p, (size_t)(end - p), AVER_FRAME_MAGIC, 8)) != NULL) {
            uint64_t next, found = at + (uint64_t)(p - window.ptr);
            aver_err read = aver_log_read(log, &frame, &next, found, NULL);
            if (read == AVER_OK) {
                char place[256];
                snprintf(place, sizeof place, "%s, byte %" PRIu64, log->path, offset);
                err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-FRAME", place,
                                "the group here is damaged, and a whole one follows at byte %" PRIu64
                                "; restore the log from a backup, nothing was changed",
                                found);
            } else if (read != AVER_E_INPUT) {
                err = aver_fail(why, read, "IO", log->path, "could not read the log");
            }
            p++;
        }
        at += len < 8 ? len : len - 7; /* the magic may lie across two windows */
        if (len < SEARCH_BYTES) break;
    }
    aver_buf_free(&window);
    aver_buf_free(&frame);
    return err;
}

aver_err aver_log_cut(struct aver_log *log, uint64_t offset, struct aver_why *why)
{
    AVER_ASSERT(offset <= log->end);
    if (ftruncate(log->fd, (off_t)offset) || fdatasync(log->fd))
        return aver_fail_errno(why, "cut off the unfinished last group", log->path);
    log->end = offset;
    return AVER_OK;
}
