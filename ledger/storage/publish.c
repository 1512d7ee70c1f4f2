/* ledger/storage/publish.c - see publish.h. */
#include "ledger/storage/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES       640
#define SYNCED_BYTES_MAX 32
#define SETTLE_BYTES     1048576

aver_err aver_file_read(struct aver_buf *out, const char *path, size_t max, struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the file", path);
    aver_err err = AVER_OK;
    size_t begin = out->len;
    for (;;) {
        aver_buf_reserve(out, 65536);
        ssize_t n = read(fd, out->ptr + out->len, 65536);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) err = aver_fail_errno(why, "read the file", path);
        if (n <= 0) break;
        out->len += (size_t)n;
        if (out->len - begin > max) {
            err = aver_fail(why, AVER_E_LIMIT, "FILE-SIZE", path, "the file is larger than %zu bytes", max);
            break;
        }
    }
    close(fd);
    return err;
}

aver_err aver_file_settle(int fd, uint64_t from, uint64_t to, const char *path, struct aver_why *why)
{
    struct aver_buf part = {0};
    aver_err err = AVER_OK;
    if (from >= to) return AVER_OK;
    if (to - from > AVER_SETTLE_BYTES_MAX) from = to - AVER_SETTLE_BYTES_MAX;
    aver_buf_reserve(&part, SETTLE_BYTES);
    while (err == AVER_OK && from < to) {
        size_t len = to - from < SETTLE_BYTES ? (size_t)(to - from) : SETTLE_BYTES;
        ssize_t n = pread(fd, part.ptr, len, (off_t)from);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0) errno = EIO; /* it became shorter */
        if (n <= 0)
            err = aver_fail_errno(why, "read the file", path);
        else if (pwrite(fd, part.ptr, (size_t)n, (off_t)from) != n)
            err = aver_fail_errno(why, "write the file again", path);
        else
            from += (uint64_t)n;
    }
    aver_buf_free(&part);
    if (err == AVER_OK && fdatasync(fd)) err = aver_fail_errno(why, "sync the file", path);
    return err;
}

/* The directories on the way to a file below the ledger's own. */
static void make_dirs(char *path)
{
    for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = 0;
        (void)mkdir(path, 0755); /* if it cannot be made, opening the file says so */
        *p = '/';
    }
}

/* So that the new name survives too. */
static void sync_directory(const char *path)
{
    char dir[PATH_BYTES];
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash) slash[slash == dir] = 0;
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd); /* not every file system can; the file itself is synced */
    close(fd);
}

static aver_err replace(const char *path, aver_bytes bytes, bool sync, struct aver_why *why)
{
    char tmp[PATH_BYTES];
    snprintf(tmp, sizeof tmp, "%s.new", path);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 && errno == ENOENT) {
        make_dirs(tmp);
        fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    if (fd < 0) return aver_fail_errno(why, "create the file", tmp);
    aver_err err = AVER_OK;
    for (size_t done = 0; err == AVER_OK && done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            err = aver_fail_errno(why, "write the file", tmp);
        } else {
            done += (size_t)n;
        }
    }
    if (err == AVER_OK && sync && fsync(fd)) err = aver_fail_errno(why, "sync the file", tmp);
    close(fd);
    if (err == AVER_OK && rename(tmp, path)) err = aver_fail_errno(why, "move the file into place", path);
    if (err != AVER_OK) unlink(tmp);
    if (err == AVER_OK && sync) sync_directory(path);
    return err;
}

aver_err aver_file_replace(const char *path, aver_bytes bytes, struct aver_why *why)
{
    return replace(path, bytes, false, why);
}

aver_err aver_file_replace_synced(const char *path, aver_bytes bytes, struct aver_why *why)
{
    return replace(path, bytes, true, why);
}

/* ---- what is there ---- */

static bool there(const char *dir, const char *path, off_t bytes)
{
    char full[PATH_BYTES];
    struct stat st;
    snprintf(full, sizeof full, "%s/%s", dir, path);
    return stat(full, &st) == 0 && (bytes ? st.st_size == bytes : st.st_size > 0);
}

/* A file for each tile of a level that holds `count` hashes or entries. */
static bool level_there(const char *dir, int level, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += AVER_TILE_WIDTH) {
        char path[AVER_TILE_PATH];
        struct aver_tile tile = {level, i / AVER_TILE_WIDTH,
                                 count - i < AVER_TILE_WIDTH ? (unsigned)(count - i) : AVER_TILE_WIDTH};
        off_t bytes = level == AVER_TILE_ENTRIES ? 0 : (off_t)(tile.width * sizeof(aver_digest));
        if (!there(dir, aver_tile_path(path, &tile), bytes)) return false;
    }
    return true;
}

static bool all_there(const char *dir, uint64_t size)
{
    bool ok = level_there(dir, AVER_TILE_ENTRIES, size);
    for (int level = 0; ok && level < AVER_TILE_LEVELS; level++, size >>= AVER_TILE_BITS)
        ok = level_there(dir, level, size);
    return ok;
}

/* 0 if it is not known. Whole tiles, so that each that is compared is compared from its beginning. */
static uint64_t read_synced(const char *dir)
{
    char path[PATH_BYTES];
    struct aver_buf bytes = {0};
    uint64_t size = 0;
    snprintf(path, sizeof path, "%s/tile.synced", dir);
    if (aver_file_read(&bytes, path, SYNCED_BYTES_MAX, NULL) != AVER_OK || bytes.len == 0 ||
        aver_bytes_u64(&size, aver_bytes_of(bytes.ptr, bytes.len - 1)) != AVER_OK)
        size = 0;
    aver_buf_free(&bytes);
    return size - size % AVER_TILE_WIDTH;
}

/* Everything on the file system at once: cheaper than file by file. What cannot be synced is compared again another time. */
static void sync_all(struct aver_publisher *p)
{
    char path[PATH_BYTES], text[SYNCED_BYTES_MAX];
    int fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    bool ok = syncfs(fd) == 0;
    close(fd);
    snprintf(path, sizeof path, "%s/tile.synced", p->dir);
    int n = snprintf(text, sizeof text, "%" PRIu64 "\n", p->size);
    if (ok && aver_file_replace_synced(path, aver_bytes_of(text, (size_t)n), NULL) == AVER_OK)
        p->synced = p->size;
}

void aver_publish_look(struct aver_publisher *p, uint64_t log_size, const aver_digest *root)
{
    char path[PATH_BYTES];
    struct aver_buf bytes = {0};
    struct aver_checkpoint checkpoint;
    snprintf(path, sizeof path, "%s/checkpoint", p->dir);
    p->size = 0;
    p->checked = false;
    p->synced = read_synced(p->dir);
    if (aver_file_read(&bytes, path, AVER_NOTE_BYTES_MAX, NULL) == AVER_OK &&
        aver_checkpoint_open(&checkpoint, aver_buf_view(&bytes), &p->key, NULL) == AVER_OK &&
        checkpoint.size <= log_size &&
        (checkpoint.size < log_size || aver_digest_eq(checkpoint.root, *root)) &&
        all_there(p->dir, checkpoint.size))
        p->size = checkpoint.size;
    if (p->synced > p->size) p->synced = 0;
    aver_buf_free(&bytes);
}

/* ---- growing ---- */

static void remove_partials(const char *full_tile)
{
    char dir_path[PATH_BYTES], path[PATH_BYTES + 260];
    snprintf(dir_path, sizeof dir_path, "%s.p", full_tile);
    DIR *dir = opendir(dir_path);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", dir_path, e->d_name);
        if (e->d_name[0] != '.') (void)unlink(path); /* what stays does no harm: the audit reads it too */
    }
    closedir(dir);
    (void)rmdir(dir_path);
}

static bool holds(const char *path, aver_bytes bytes)
{
    struct aver_buf there = {0};
    bool same = aver_file_read(&there, path, bytes.len, NULL) == AVER_OK &&
                aver_bytes_eq(aver_buf_view(&there), bytes);
    aver_buf_free(&there);
    return same;
}

/* The first `width` hashes or entries of a tile. */
static aver_bytes narrower(const struct aver_tile *tile, aver_bytes bytes, unsigned width)
{
    aver_bytes rest = bytes, entry;
    if (tile->level != AVER_TILE_ENTRIES) return aver_bytes_cut(bytes, 0, width * sizeof(aver_digest));
    for (unsigned i = 0; i < width; i++)
        if (aver_tile_entry_next(&entry, &rest, NULL) != AVER_OK) break;
    return aver_bytes_cut(bytes, 0, bytes.len - rest.len);
}

/* Partials of earlier checkpoints, of which power may have taken a part. */
static aver_err mend_partials(const struct aver_tile *tile, const char *dir_path, aver_bytes bytes,
                              struct aver_why *why)
{
    char path[PATH_BYTES + 260];
    DIR *dir = opendir(dir_path);
    aver_err err = AVER_OK;
    if (!dir) return errno == ENOENT ? AVER_OK : aver_fail_errno(why, "open the directory", dir_path);
    for (struct dirent *e; err == AVER_OK && (e = readdir(dir)) != NULL;) {
        uint64_t width;
        if (aver_bytes_u64(&width, aver_bytes_str(e->d_name)) != AVER_OK || width == 0) continue;
        snprintf(path, sizeof path, "%s/%s", dir_path, e->d_name);
        if (width > tile->width) {
            (void)unlink(path); /* of no checkpoint of this log */
            continue;
        }
        aver_bytes part = narrower(tile, bytes, (unsigned)width);
        if (!holds(path, part)) err = aver_file_replace(path, part, why);
    }
    closedir(dir);
    return err;
}

static aver_err put_tile(void *ctx, const struct aver_tile *tile, const char *path, aver_bytes bytes,
                         struct aver_why *why)
{
    const struct aver_publisher *p = ctx;
    char full[PATH_BYTES - 8];
    snprintf(full, sizeof full, "%s/%s", p->dir, path);
    if (p->checked || !holds(full, bytes)) AVER_TRY(aver_file_replace(full, bytes, why));
    if (tile->width == AVER_TILE_WIDTH) {
        remove_partials(full);
    } else if (!p->checked) {
        *strrchr(full, '/') = 0;
        return mend_partials(tile, full, bytes, why);
    }
    return AVER_OK;
}

aver_err aver_publish_grow(struct aver_publisher *p, uint64_t size, const aver_digest *root,
                           struct aver_merkle_source hashes, struct aver_tile_log entries,
                           struct aver_why *why)
{
    if (size == p->size && p->checked) return AVER_OK;
    uint64_t from = p->checked ? p->size : p->synced;
    AVER_TRY(aver_tile_grow_entries(from, size, entries, put_tile, p, why));
    AVER_TRY(aver_tile_grow(from, size, hashes, put_tile, p, why));
    p->checked = true;
    if (size == p->size) return AVER_OK;
    struct aver_buf note = {0};
    char path[PATH_BYTES - 8];
    snprintf(path, sizeof path, "%s/checkpoint", p->dir);
    aver_checkpoint_sign(&note, size, root, &p->key, p->sk);
    aver_err err = aver_file_replace(path, aver_buf_view(&note), why);
    aver_buf_free(&note);
    if (err != AVER_OK) return err;
    p->size = size;
    if (p->size - p->synced >= AVER_PUBLISH_SYNC_EVERY) sync_all(p);
    return AVER_OK;
}
