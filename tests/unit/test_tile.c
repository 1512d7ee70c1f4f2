/* tests/unit/test_tile.c - the log as files: paths, what is written when it grows, and proofs out of the files alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/model/tile.h"

#include <stdio.h>
#include <string.h>

#define LOG_MAX 70000 /* the size of the example in tlog-tiles */

static aver_digest leaf[LOG_MAX];
static struct aver_why why;

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    for (uint32_t i = 0; i < LOG_MAX; i++) leaf[i] = aver_merkle_leaf(aver_bytes_of(&i, 1 + i % 4));
    return 0;
}

static void paths(void **state)
{
    (void)state;
    static const struct {
        struct aver_tile tile;
        const char *path;
    } good[] = {
        {{0, 0, 256}, "tile/0/000"},
        {{0, 999, 1}, "tile/0/999.p/1"},
        {{1, 1000, 255}, "tile/1/x001/000.p/255"},
        {{7, 1234067, 256}, "tile/7/x001/x234/067"}, /* the example of tlog-tiles */
        {{AVER_TILE_ENTRIES, 1234067, 8}, "tile/entries/x001/x234/067.p/8"},
        {{0, (UINT64_C(1) << 55) - 1, 256}, "tile/0/x036/x028/x797/x018/x963/967"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char path[AVER_TILE_PATH];
        struct aver_tile tile;
        assert_string_equal(aver_tile_path(path, &good[i].tile), good[i].path);
        assert_int_equal(aver_tile_path_read(&tile, aver_bytes_str(path), &why), AVER_OK);
        assert_int_equal(tile.level, good[i].tile.level);
        assert_int_equal(tile.index, good[i].tile.index);
        assert_int_equal(tile.width, good[i].tile.width);
        for (size_t cut = 0; cut < strlen(path); cut++) /* no prefix is a path, but the full tile's */
            assert_true(aver_tile_path_read(&tile, aver_bytes_of(path, cut), &why) == AVER_E_INPUT ||
                        path[cut] == '.' || tile.width < good[i].tile.width);
    }
    static const char *const bad[] = {"",
                                      "tile",
                                      "tile/0",
                                      "tile/0/",
                                      "tile/0/00",
                                      "tile/0/0000",
                                      "/tile/0/000",
                                      "tile/8/000",
                                      "tile/00/000",
                                      "tile/-1/000",
                                      "tile/x/000",
                                      "tile/0/x001",
                                      "tile/0/x001/",
                                      "tile/0/x000/001",
                                      "tile/0/001/002",
                                      "tile/0/x001/x02/003",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p/",
                                      "tile/0/000.p",
                                      "tile/0/000/",
                                      "tile/0/000 ",
                                      "tile/0/X001/000",
                                      "tile/0/x036/x028/x797/x018/x963/968",
                                      "tile/0/x001/x000/x000/x000/x000/x000/000",
                                      "tile/entries",
                                      "tile/entries/../000",
                                      "tile/0/000.p/1/",
                                      "tile/0/+01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct aver_tile tile;
        if (aver_tile_path_read(&tile, aver_bytes_str(bad[i]), &why) != AVER_E_INPUT)
            fail_msg("read %s", bad[i]);
        assert_string_equal(why.code, "TILE-PATH");
    }
}

/* ---- a folder of tiles, in memory; only the widest of each is kept ---- */

#define FILES_MAX 400
struct folder {
    size_t count, puts;
    struct {
        struct aver_tile tile;
        struct aver_buf bytes;
    } file[FILES_MAX];
};
static struct folder folder;

static void folder_clear(void)
{
    for (size_t i = 0; i < folder.count; i++) aver_buf_free(&folder.file[i].bytes);
    folder.count = folder.puts = 0;
}

static size_t folder_find(int level, uint64_t index)
{
    size_t i = 0;
    while (i < folder.count && (folder.file[i].tile.level != level || folder.file[i].tile.index != index))
        i++;
    return i;
}

static aver_err keep(void *ctx, const struct aver_tile *tile, const char *path, aver_bytes bytes,
                     struct aver_why *w)
{
    char again[AVER_TILE_PATH];
    (void)ctx, (void)w;
    assert_string_equal(path, aver_tile_path(again, tile));
    if (tile->level != AVER_TILE_ENTRIES) assert_int_equal(bytes.len, 32 * tile->width);
    size_t i = folder_find(tile->level, tile->index);
    assert_in_range(i, 0, FILES_MAX - 1);
    if (i == folder.count)
        folder.file[folder.count++].bytes = (struct aver_buf){0};
    else
        assert_true(tile->width > folder.file[i].tile.width); /* never written twice at one width */
    folder.puts++;
    folder.file[i].tile = *tile;
    folder.file[i].bytes.len = 0;
    aver_buf_bytes(&folder.file[i].bytes, bytes);
    return AVER_OK;
}

static aver_err open_tile(void *ctx, aver_bytes *out, const struct aver_tile *tile, struct aver_why *w)
{
    (void)ctx, (void)w;
    size_t i = folder_find(tile->level, tile->index);
    assert_true(i < folder.count && folder.file[i].tile.width >= tile->width);
    *out = aver_buf_view(&folder.file[i].bytes);
    return AVER_OK;
}

/* All complete subtrees of the log, as a node that keeps hashes by level would hold them. */
static aver_digest *level_hash[AVER_MERKLE_LEVELS];
static aver_digest pool[2 * LOG_MAX + 64];
static void keep_hash(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    (void)ctx;
    level_hash[level][index] = *hash;
}
static aver_err by_level(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *w)
{
    (void)ctx, (void)w;
    assert_int_equal(level % 8, 0);
    *out = level_hash[level][index];
    return AVER_OK;
}

static void hash_all(void)
{
    struct aver_merkle tree = {0};
    size_t at = 0;
    for (unsigned level = 0; level < AVER_MERKLE_LEVELS; level++) {
        level_hash[level] = pool + at;
        at += (size_t)LOG_MAX >> level;
    }
    for (size_t i = 0; i < LOG_MAX; i++) aver_merkle_append(&tree, &leaf[i], keep_hash, NULL);
}

static void the_example_of_70000(void **state)
{
    (void)state;
    const struct aver_merkle_source source = {by_level, NULL};
    size_t full[3] = {0};
    unsigned part[3] = {0};
    hash_all();
    folder_clear();
    assert_int_equal(aver_tile_grow(0, 70000, source, keep, NULL, &why), AVER_OK);
    /* tlog-tiles: "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width
     * 112, one full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1" */
    for (size_t i = 0; i < folder.count; i++) {
        const struct aver_tile *tile = &folder.file[i].tile;
        assert_in_range(tile->level, 0, 2);
        if (tile->width == 256)
            full[tile->level]++;
        else
            part[tile->level] = tile->width;
    }
    assert_int_equal(folder.count, 273 + 1 + 1 + 1 + 1);
    assert_true(full[0] == 273 && full[1] == 1 && full[2] == 0);
    assert_true(part[0] == 112 && part[1] == 17 && part[2] == 1);
    assert_int_equal(aver_tile_grow(70000, 70000, source, keep, NULL, &why), AVER_OK); /* nothing new */
    assert_int_equal(folder.puts, folder.count);
    assert_int_equal(aver_tile_grow(2, 1, source, keep, NULL, &why), AVER_E_RANGE);
    assert_string_equal(why.code, "TILE-RANGE");
}

static void growing_in_steps_and_proving_from_files(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 255, 256, 257, 300, 511, 512, 1000, 65535, 65536, 65537, 70000};
    const struct aver_merkle_source source = {by_level, NULL};
    uint64_t from = 0;
    hash_all();
    folder_clear();
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint64_t size = sizes[s];
        assert_int_equal(aver_tile_grow(from, size, source, keep, NULL, &why), AVER_OK);
        struct aver_tile_files files = {open_tile, NULL, size};
        struct aver_merkle_source tiles = aver_tile_source(&files);
        struct aver_merkle_proof proof;
        aver_digest root = aver_merkle_root_of(leaf, size);
        for (uint64_t k = 0; k < 20; k++) {
            uint64_t i = k * (size - 1) / 19;
            assert_int_equal(aver_merkle_prove(&proof, i, size, tiles, &why), AVER_OK);
            assert_int_equal(aver_merkle_verify(&root, size, i, &leaf[i], proof.hash, proof.count, &why),
                             AVER_OK);
        }
        if (from) {
            aver_digest before = aver_merkle_root_of(leaf, from);
            assert_int_equal(aver_merkle_prove_consistency(&proof, from, size, tiles, &why), AVER_OK);
            assert_int_equal(
                aver_merkle_verify_consistency(&before, from, &root, size, proof.hash, proof.count, &why),
                AVER_OK);
        }
        from = size;
    }
    folder.file[0].bytes.len = 32; /* cut short */
    struct aver_tile_files files = {open_tile, NULL, 70000};
    struct aver_merkle_proof proof;
    assert_int_equal(aver_merkle_prove(&proof, 1, 70000, aver_tile_source(&files), &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "TILE-SHORT");
    folder_clear();
}

static aver_err entry_of(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *w)
{
    static uint8_t bytes[AVER_TILE_ENTRY_MAX + 1];
    (void)w;
    memset(bytes, (int)index, sizeof bytes);
    *out = aver_bytes_of(bytes, ctx && index == 300 ? *(size_t *)ctx : index % 7 * 50);
    return AVER_OK;
}

static void entry_bundles(void **state)
{
    (void)state;
    size_t largest = AVER_TILE_ENTRY_MAX;
    struct aver_tile_log log = {entry_of, &largest};
    folder_clear();
    assert_int_equal(aver_tile_grow_entries(0, 200, log, keep, NULL, &why), AVER_OK);
    assert_int_equal(aver_tile_grow_entries(200, 200, log, keep, NULL, &why), AVER_OK);
    assert_int_equal(aver_tile_grow_entries(200, 600, log, keep, NULL, &why), AVER_OK);
    assert_int_equal(folder.puts, 4); /* 0 twice, 1, and 2 with 88 entries */
    assert_int_equal(folder.count, 3);
    uint64_t index = 0;
    for (size_t i = 0; i < folder.count; i++) {
        aver_bytes bundle = aver_buf_view(&folder.file[i].bytes), entry, want;
        unsigned count = 0;
        for (;; count++, index++) {
            assert_int_equal(aver_tile_entry_next(&entry, &bundle, &why), AVER_OK);
            if (!entry.ptr) break;
            assert_int_equal(entry_of(&largest, &want, index, NULL), AVER_OK);
            assert_true(aver_bytes_eq(entry, want));
        }
        assert_int_equal(count, folder.file[i].tile.width);
    }
    assert_int_equal(index, 600);

    largest++;
    assert_int_equal(aver_tile_grow_entries(600, 601, log, keep, NULL, &why), AVER_OK);
    folder_clear();
    assert_int_equal(aver_tile_grow_entries(300, 301, log, keep, NULL, &why), AVER_E_LIMIT);
    assert_string_equal(why.code, "TILE-ENTRY");
    assert_int_equal(aver_tile_grow_entries(301, 300, log, keep, NULL, &why), AVER_E_RANGE);
    static const uint8_t cut[] = {0, 2, 'a'};
    for (size_t len = 1; len <= sizeof cut; len++) {
        aver_bytes bundle = aver_bytes_of(cut, len), entry;
        assert_int_equal(aver_tile_entry_next(&entry, &bundle, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "TILE-BUNDLE");
    }
    folder_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(the_example_of_70000),
        cmocka_unit_test(growing_in_steps_and_proving_from_files),
        cmocka_unit_test(entry_bundles),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
