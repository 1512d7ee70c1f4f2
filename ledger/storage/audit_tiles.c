/* ledger/storage/audit_tiles.c - the published tiles against the log. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/storage/audit_private.h"

#define TILE_FILE_MAX (AVER_TILE_WIDTH * (2 + AVER_TILE_ENTRY_MAX))

struct tile_now { /* what a tile should hold, as far as the log goes */
    int level;
    uint64_t index;
    unsigned count;
    aver_bytes bytes;
    const size_t *end; /* of a bundle's entries; NULL: 32 bytes each */
};

static size_t prefix(const struct tile_now *t, unsigned width)
{
    return t->end ? t->end[width] : width * sizeof(aver_digest);
}

/* 1 the file is right, 0 it is not there, -1 it is another (and found). */
static int compare_file(struct aver_audit_run *run, const struct tile_now *t, unsigned width)
{
    char path[AVER_TILE_PATH], full[AVER_PATH_BYTES + AVER_TILE_PATH];
    struct aver_tile tile = {t->level, t->index, width};
    struct aver_buf bytes = {0};
    struct aver_why why;
    snprintf(full, sizeof full, "%s/%s", run->dir, aver_tile_path(path, &tile));
    aver_err err = aver_file_read(&bytes, full, TILE_FILE_MAX, &why);
    int is = 1;
    if (err == AVER_E_NOT_FOUND) {
        is = 0;
    } else if (err != AVER_OK && err != AVER_E_LIMIT) {
        aver_audit_why(run, AVER_AUDIT_COULD_NOT, &why);
    } else if (err == AVER_E_LIMIT || bytes.len != prefix(t, width) ||
               memcmp(bytes.ptr, t->bytes.ptr, bytes.len) != 0) {
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-TILE", path,
                        "the tile does not hold what the log does");
        is = -1;
    }
    aver_buf_free(&bytes);
    return is;
}

/* Every partial that lies there, whichever checkpoint it was for. True if the one of `wanted` is among them, or may be. */
static bool compare_partials(struct aver_audit_run *run, const struct tile_now *t, unsigned wanted)
{
    char path[AVER_TILE_PATH], dir_path[AVER_PATH_BYTES + AVER_TILE_PATH];
    struct aver_tile tile = {t->level, t->index, AVER_TILE_WIDTH};
    snprintf(dir_path, sizeof dir_path, "%s/%s.p", run->dir, aver_tile_path(path, &tile));
    DIR *dir = opendir(dir_path);
    bool there = false;
    if (!dir && (errno == ENOENT || errno == ENOTDIR)) return false;
    if (!dir) {
        struct aver_why why;
        aver_err err = aver_fail_errno(&why, "open the directory", dir_path);
        (void)err; /* it may well be there: nobody is accused */
        aver_audit_why(run, AVER_AUDIT_COULD_NOT, &why);
        return true;
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        uint64_t width;
        if (aver_bytes_u64(&width, aver_bytes_str(e->d_name)) != AVER_OK || width == 0 ||
            width >= AVER_TILE_WIDTH)
            continue;
        if (width > t->count) {
            if (!run->live)
                aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-TILE", path,
                                "a partial tile of %u is there, and the log has only %u for it",
                                (unsigned)width, t->count);
            continue;
        }
        if (compare_file(run, t, (unsigned)width) != 0 && width == wanted) there = true;
    }
    closedir(dir);
    return there;
}

static void compare(struct aver_audit_run *run, const struct tile_now *t)
{
    uint64_t has = run->tiles.wanted >> (t->level > 0 ? AVER_TILE_BITS * t->level : 0),
             begin = t->index * AVER_TILE_WIDTH;
    unsigned wanted = has <= begin                     ? 0
                      : has - begin >= AVER_TILE_WIDTH ? AVER_TILE_WIDTH
                                                       : (unsigned)(has - begin);
    bool there = t->count == AVER_TILE_WIDTH && compare_file(run, t, AVER_TILE_WIDTH) != 0;
    if (compare_partials(run, t, wanted) && wanted < AVER_TILE_WIDTH) there = true;
    if (wanted && !there) {
        char path[AVER_TILE_PATH];
        struct aver_tile tile = {t->level, t->index, wanted};
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-TILE", aver_tile_path(path, &tile),
                        "the tile is not there; open the ledger for writing to publish it again");
    }
}

static void compare_bundle(struct aver_audit_run *run)
{
    compare(run, &(struct tile_now){AVER_TILE_ENTRIES, run->tiles.bundle.index, run->tiles.bundle.count,
                                    aver_buf_view(&run->tiles.bundle.bytes), run->tiles.bundle.end});
}

static void compare_level(struct aver_audit_run *run, int level)
{
    compare(run,
            &(struct tile_now){
                level, run->tiles.level[level].index, run->tiles.level[level].count,
                aver_bytes_of(run->tiles.level[level].bytes, sizeof run->tiles.level[level].bytes), NULL});
}

void aver_audit_entry(struct aver_audit_run *run, aver_bytes entry)
{
    struct aver_audit_tiles *t = &run->tiles;
    if (aver_tile_entry_put(&t->bundle.bytes, entry, NULL) != AVER_OK)
        return; /* frame.h bounds it below that */
    t->bundle.end[++t->bundle.count] = t->bundle.bytes.len;
    if (t->bundle.count < AVER_TILE_WIDTH) return;
    compare_bundle(run);
    t->bundle.index++;
    t->bundle.count = 0;
    t->bundle.bytes.len = 0;
}

void aver_audit_hash(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    struct aver_audit_run *run = ctx;
    if (level % AVER_TILE_BITS || level / AVER_TILE_BITS >= AVER_TILE_LEVELS) return;
    int l = (int)(level / AVER_TILE_BITS);
    unsigned slot = (unsigned)(index % AVER_TILE_WIDTH);
    memcpy(run->tiles.level[l].bytes + slot * sizeof *hash, hash->b, sizeof *hash);
    run->tiles.level[l].index = index / AVER_TILE_WIDTH;
    run->tiles.level[l].count = slot + 1;
    if (slot + 1 < AVER_TILE_WIDTH) return;
    compare_level(run, l);
    run->tiles.level[l].index++;
    run->tiles.level[l].count = 0;
}

void aver_audit_tiles_end(struct aver_audit_run *run)
{
    if (run->tiles.bundle.count) compare_bundle(run);
    for (int l = 0; l < AVER_TILE_LEVELS; l++)
        if (run->tiles.level[l].count) compare_level(run, l);
    aver_buf_free(&run->tiles.bundle.bytes);
}
