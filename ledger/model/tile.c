/* ledger/model/tile.c - see tile.h. */
#include "ledger/model/tile.h"

#include <string.h>

#define GROUPS_MAX 6 /* of three digits: an index is below 2^55, which has 17 digits */
#define INDEX_MAX  (AVER_MERKLE_SIZE_MAX >> AVER_TILE_BITS)

/* ---- paths ---- */

static bool tile_ok(const struct aver_tile *tile)
{
    return tile->level >= AVER_TILE_ENTRIES && tile->level < AVER_TILE_LEVELS && tile->index <= INDEX_MAX &&
           tile->width >= 1 && tile->width <= AVER_TILE_WIDTH;
}

char *aver_tile_path(char out[AVER_TILE_PATH], const struct aver_tile *tile)
{
    unsigned group[GROUPS_MAX], groups = 0;
    AVER_ASSERT(tile_ok(tile));
    uint64_t index = tile->index;
    do group[groups++] = (unsigned)(index % 1000);
    while ((index /= 1000) != 0);

    struct aver_buf path = {0};
    aver_buf_str(&path, "tile/");
    if (tile->level == AVER_TILE_ENTRIES)
        aver_buf_str(&path, "entries");
    else
        aver_buf_printf(&path, "%d", tile->level);
    /* tlog-tiles: "encoded into zero-padded 3-digit path elements. All but the last path element MUST begin with an x." */
    while (groups-- > 0) aver_buf_printf(&path, groups ? "/x%03u" : "/%03u", group[groups]);
    if (tile->width < AVER_TILE_WIDTH) aver_buf_printf(&path, ".p/%u", tile->width);
    AVER_ASSERT(path.len < AVER_TILE_PATH);
    memcpy(out, path.ptr, path.len);
    out[path.len] = 0;
    aver_buf_free(&path);
    return out;
}

/* Cuts `prefix` off `in`, if it begins with it. */
static bool cut_prefix(aver_bytes *in, const char *prefix)
{
    size_t len = strlen(prefix);
    if (in->len < len || memcmp(in->ptr, prefix, len) != 0) return false;
    *in = aver_bytes_cut(*in, len, in->len - len);
    return true;
}

static bool read_path(struct aver_tile *out, aver_bytes in)
{
    struct aver_tile tile = {.level = AVER_TILE_ENTRIES, .width = AVER_TILE_WIDTH};
    if (!cut_prefix(&in, "tile/")) return false;
    if (!cut_prefix(&in, "entries/")) {
        if (in.len < 2 || in.ptr[0] < '0' || in.ptr[0] >= '0' + AVER_TILE_LEVELS || in.ptr[1] != '/')
            return false;
        tile.level = in.ptr[0] - '0';
        in = aver_bytes_cut(in, 2, in.len - 2);
    }
    for (unsigned groups = 1;; groups++) {
        bool more = cut_prefix(&in, "x");
        if (groups > GROUPS_MAX || in.len < 3) return false;
        unsigned v = 0;
        for (unsigned i = 0; i < 3; i++) {
            if (in.ptr[i] < '0' || in.ptr[i] > '9') return false;
            v = v * 10 + (unsigned)(in.ptr[i] - '0');
        }
        if (groups == 1 && more && v == 0) return false;
        tile.index = tile.index * 1000 + v;
        in = aver_bytes_cut(in, 3, in.len - 3);
        if (!more) break;
        if (!cut_prefix(&in, "/")) return false;
    }
    if (cut_prefix(&in, ".p/")) {
        uint64_t width;
        if (aver_bytes_u64(&width, in) != AVER_OK || width == 0 || width >= AVER_TILE_WIDTH) return false;
        tile.width = (unsigned)width;
        in.len = 0;
    }
    if (in.len || tile.index > INDEX_MAX) return false;
    *out = tile;
    return true;
}

aver_err aver_tile_path_read(struct aver_tile *out, aver_bytes path, struct aver_why *why)
{
    if (!read_path(out, path))
        return aver_fail(
            why, AVER_E_INPUT, "TILE-PATH", "",
            "not the path of a tile; they look like tile/0/x001/x234/067 or tile/entries/000.p/17");
    return AVER_OK;
}

/* ---- what to write ---- */

/* How many hashes or entries a log of `size` has at a level. */
static uint64_t count_at(int level, uint64_t size)
{
    return level > 0 ? size >> AVER_TILE_BITS * level : size;
}

struct aver_tile aver_tile_at(int level, uint64_t index, uint64_t size)
{
    uint64_t count = count_at(level, size), first = index / AVER_TILE_WIDTH * AVER_TILE_WIDTH;
    AVER_ASSERT(index < count);
    return (struct aver_tile){level, index / AVER_TILE_WIDTH,
                              count - first < AVER_TILE_WIDTH ? (unsigned)(count - first) : AVER_TILE_WIDTH};
}

static aver_err check_range(uint64_t from, uint64_t to, struct aver_why *why)
{
    if (from <= to && to <= AVER_MERKLE_SIZE_MAX) return AVER_OK;
    return aver_fail(why, AVER_E_RANGE, "TILE-RANGE", "", "a log only grows, and to fewer than 2^63 entries");
}

static aver_err put_tile(const struct aver_tile *tile, aver_bytes bytes, aver_tile_put *put, void *ctx,
                         struct aver_why *why)
{
    char path[AVER_TILE_PATH];
    return put(ctx, tile, aver_tile_path(path, tile), bytes, why);
}

aver_err aver_tile_grow(uint64_t from, uint64_t to, struct aver_merkle_source source, aver_tile_put *put,
                        void *ctx, struct aver_why *why)
{
    aver_digest hash[AVER_TILE_WIDTH];
    AVER_TRY(check_range(from, to, why));
    for (int level = 0; level < AVER_TILE_LEVELS; level++) {
        /* From the tile that was partial, or not there yet, to the last one. */
        uint64_t had = count_at(level, from), has = count_at(level, to);
        for (uint64_t at = had / AVER_TILE_WIDTH * AVER_TILE_WIDTH; had < has && at < has;
             at += AVER_TILE_WIDTH) {
            struct aver_tile tile = aver_tile_at(level, at, to);
            for (unsigned i = 0; i < tile.width; i++)
                AVER_TRY(source.get(source.ctx, &hash[i], AVER_TILE_BITS * (unsigned)level, at + i, why));
            AVER_TRY(put_tile(&tile, aver_bytes_of(hash, tile.width * sizeof hash[0]), put, ctx, why));
        }
    }
    return AVER_OK;
}

aver_err aver_tile_entry_put(struct aver_buf *bundle, aver_bytes entry, struct aver_why *why)
{
    if (entry.len > AVER_TILE_ENTRY_MAX)
        return aver_fail(why, AVER_E_LIMIT, "TILE-ENTRY", "",
                         "a log entry of %zu bytes is above the %d that fit", entry.len, AVER_TILE_ENTRY_MAX);
    aver_buf_byte(bundle, (uint8_t)(entry.len >> 8));
    aver_buf_byte(bundle, (uint8_t)entry.len);
    aver_buf_bytes(bundle, entry);
    return AVER_OK;
}

static aver_err fill_bundle(struct aver_buf *bundle, const struct aver_tile *tile, struct aver_tile_log log,
                            struct aver_why *why)
{
    bundle->len = 0;
    for (unsigned i = 0; i < tile->width; i++) {
        aver_bytes entry;
        AVER_TRY(log.entry(log.ctx, &entry, tile->index * AVER_TILE_WIDTH + i, why));
        AVER_TRY(aver_tile_entry_put(bundle, entry, why));
    }
    return AVER_OK;
}

aver_err aver_tile_grow_entries(uint64_t from, uint64_t to, struct aver_tile_log log, aver_tile_put *put,
                                void *ctx, struct aver_why *why)
{
    struct aver_buf bundle = {0};
    aver_err err = check_range(from, to, why);
    uint64_t at = from / AVER_TILE_WIDTH * AVER_TILE_WIDTH;
    for (; err == AVER_OK && from < to && at < to; at += AVER_TILE_WIDTH) {
        struct aver_tile tile = aver_tile_at(AVER_TILE_ENTRIES, at, to);
        err = fill_bundle(&bundle, &tile, log, why);
        if (err == AVER_OK) err = put_tile(&tile, aver_buf_view(&bundle), put, ctx, why);
    }
    aver_buf_free(&bundle);
    return err;
}

aver_err aver_tile_entry_next(aver_bytes *out, aver_bytes *bundle, struct aver_why *why)
{
    *out = AVER_BYTES_NONE;
    if (bundle->len == 0) return AVER_OK;
    size_t len = bundle->len < 2 ? 0 : (size_t)bundle->ptr[0] << 8 | bundle->ptr[1];
    if (bundle->len < 2 + len)
        return aver_fail(why, AVER_E_INPUT, "TILE-BUNDLE", "",
                         "an entry bundle ends inside an entry; fetch it again");
    *out = aver_bytes_cut(*bundle, 2, len);
    *bundle = aver_bytes_cut(*bundle, 2 + len, bundle->len - 2 - len);
    return AVER_OK;
}

/* ---- reading hashes back ---- */

static aver_err get_from_tiles(void *ctx, aver_digest *out, unsigned level, uint64_t index,
                               struct aver_why *why)
{
    const struct aver_tile_files *files = ctx;
    aver_digest hash[AVER_TILE_WIDTH / 2];
    unsigned above =
        level % AVER_TILE_BITS; /* levels above the foot of the tile, so at most 128 of its hashes */
    uint64_t first = index << above;
    struct aver_tile tile = aver_tile_at((int)(level / AVER_TILE_BITS), first, files->size);
    aver_bytes bytes;
    AVER_TRY(files->get(files->ctx, &bytes, &tile, why));
    if (bytes.len < tile.width * sizeof hash[0]) {
        char path[AVER_TILE_PATH];
        return aver_fail(why, AVER_E_CORRUPT, "TILE-SHORT", aver_tile_path(path, &tile),
                         "%zu bytes where %u hashes belong", bytes.len, tile.width);
    }
    size_t count = (size_t)1 << above, from = first % AVER_TILE_WIDTH;
    AVER_ASSERT(from + count <= tile.width);
    memcpy(hash, bytes.ptr + from * sizeof hash[0], count * sizeof hash[0]);
    *out = aver_merkle_root_of(hash, count);
    return AVER_OK;
}

struct aver_merkle_source aver_tile_source(struct aver_tile_files *files)
{
    return (struct aver_merkle_source){get_from_tiles, files};
}
