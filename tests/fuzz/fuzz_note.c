/* tests/fuzz/fuzz_note.c - any bytes as a signed note, a checkpoint, a verifier key and a tile path. What is read is
 * written again and must come out the same. */
#include "ledger/model/note.h"
#include "ledger/model/tile.h"

#include <string.h>

/* What the key of the corpus has signed. */
#define SIGNED   "claims.example.org/blue-river\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n"
#define COSIGNED "claims.example.org/blue-river\n9\nFiohwiMOAoTqOMuHOe5Lt1lHoazV1SnGOOwGiWn7PEo=\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_note(aver_bytes in)
{
    static struct aver_note note;
    static struct aver_note_key key;
    struct aver_checkpoint cp;
    struct aver_why why;
    if (!key.name.ptr) {
        struct aver_public_key pk;
        struct aver_secret_key sk;
        uint8_t seed[32]; /* the key that signed corpus/note/checkpoint */
        memset(seed, 7, sizeof seed);
        aver_crypto_start();
        aver_key_from_seed(&pk, &sk, seed);
        AVER_ASSERT(aver_note_key_of(&key, AVER_LIT("claims.example.org/blue-river"), &pk, NULL) == AVER_OK);
    }
    if (aver_note_read(&note, in, &why) != AVER_OK) return;
    AVER_ASSERT(note.count >= 1 && note.text.len + 1 < in.len);
    bool believed = aver_note_verify(&note, &key, &why) == AVER_OK;
    AVER_ASSERT(!believed || aver_bytes_is(note.text, SIGNED) || aver_bytes_is(note.text, COSIGNED));
    if (aver_checkpoint_read(&cp, note.text, &why) == AVER_OK)
        AVER_ASSERT(cp.origin.len && cp.extension.len < note.text.len);
}

static void try_vkey(aver_bytes in)
{
    struct aver_note_key key;
    struct aver_buf again = {0};
    if (aver_note_vkey_read(&key, in, NULL) != AVER_OK) return;
    aver_note_vkey_put(&again, &key);
    AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
    aver_buf_free(&again);
}

static void try_path(aver_bytes in)
{
    struct aver_tile tile;
    char again[AVER_TILE_PATH];
    if (aver_tile_path_read(&tile, in, NULL) == AVER_OK)
        AVER_ASSERT(aver_bytes_is(in, aver_tile_path(again, &tile)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_bytes in = aver_bytes_of(data, size), bundle = in, entry;
    try_note(in);
    try_vkey(in);
    try_path(in);
    do
        if (aver_tile_entry_next(&entry, &bundle, NULL) != AVER_OK) break;
    while (entry.ptr);
    return 0;
}
