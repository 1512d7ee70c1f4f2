/* ledger/model/tile.h - the log laid out as files (c2sp.org/tlog-tiles): which tiles and entry bundles there are, what is
 * in them, and which of them to write when the log grows. Pure: paths and bytes go to a callback, and come from one.
 *
 *   tile/<L>/<N>[.p/<W>]         256 hashes of subtrees of 256^L entries each, W of them while it is not full
 *   tile/entries/<N>[.p/<W>]     256 entries, each after its length as a big-endian uint16
 *   checkpoint                   see note.h */
#ifndef AVER_LEDGER_MODEL_TILE_H
#define AVER_LEDGER_MODEL_TILE_H

#include "ledger/model/merkle.h"

#define AVER_TILE_WIDTH     256
#define AVER_TILE_BITS      8
#define AVER_TILE_LEVELS    8 /* levels 0 to 7 hold any tree below 2^64 entries; the format's own limit is 63 */
#define AVER_TILE_ENTRIES   (-1) /* the `level` of entry bundles */
#define AVER_TILE_ENTRY_MAX 65535

struct aver_tile {
    int level; /* AVER_TILE_ENTRIES, or 0 to AVER_TILE_LEVELS - 1 */
    uint64_t index;
    unsigned width; /* 1 to 256; 256 is a full one */
};

/* Holds any path and its NUL: "tile/entries/", seven elements of five, ".p/255". */
#define AVER_TILE_PATH 64
/* "tile/0/x001/x234/067.p/8": asserts that the tile is one. Returns out. */
char *aver_tile_path(char out[AVER_TILE_PATH], const struct aver_tile *tile);
/* Reads one path, the only spelling of its tile. TILE-PATH, AVER_E_INPUT. */
AVER_MUST_CHECK aver_err aver_tile_path_read(struct aver_tile *out, aver_bytes path, struct aver_why *why);

/* The tile that holds hash `index` of `level` in a log of `size` entries (for AVER_TILE_ENTRIES: that entry), full or as
 * wide as it is at that size. Asserts that there is such a hash. */
struct aver_tile aver_tile_at(int level, uint64_t index, uint64_t size);

/* A file to write. The bytes are borrowed for the call. Its error ends the work and is handed through. */
typedef aver_err aver_tile_put(void *ctx, const struct aver_tile *tile, const char *path, aver_bytes bytes,
                               struct aver_why *why);

/* The hash tiles that a log of `to` entries has and one of `from` had not, or had less wide; level by level, ascending. The
 * source is asked only at levels 0, 8, 16 ... TILE-RANGE, AVER_E_RANGE: not from <= to <= AVER_MERKLE_SIZE_MAX. */
AVER_MUST_CHECK aver_err aver_tile_grow(uint64_t from, uint64_t to, struct aver_merkle_source source,
                                        aver_tile_put *put, void *ctx, struct aver_why *why);

/* Entry `index`, borrowed until the next call. */
struct aver_tile_log {
    aver_err (*entry)(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *why);
    void *ctx;
};
/* The same for entry bundles. TILE-ENTRY, AVER_E_LIMIT: an entry is longer than AVER_TILE_ENTRY_MAX. */
AVER_MUST_CHECK aver_err aver_tile_grow_entries(uint64_t from, uint64_t to, struct aver_tile_log log,
                                                aver_tile_put *put, void *ctx, struct aver_why *why);

/* Appends an entry to a bundle. TILE-ENTRY, AVER_E_LIMIT, as above. */
AVER_MUST_CHECK aver_err aver_tile_entry_put(struct aver_buf *bundle, aver_bytes entry, struct aver_why *why);
/* Cuts the next entry off `bundle`; at its end `*out` is absent. TILE-BUNDLE, AVER_E_INPUT: it ends inside an entry. */
AVER_MUST_CHECK aver_err aver_tile_entry_next(aver_bytes *out, aver_bytes *bundle, struct aver_why *why);

/* A source of subtree hashes over tiles, for proofs out of nothing but the published files of a log of `size` entries.
 * `get` gives a tile's bytes, borrowed until the next call; it may give those of a wider tile of the same index.
 * TILE-SHORT, AVER_E_CORRUPT: a tile holds less than its width. */
struct aver_tile_files {
    aver_err (*get)(void *ctx, aver_bytes *out, const struct aver_tile *tile, struct aver_why *why);
    void *ctx;
    uint64_t size;
};
struct aver_merkle_source aver_tile_source(struct aver_tile_files *files); /* borrows `files` */

#endif
