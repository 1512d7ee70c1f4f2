/* ledger/storage/audit_follow.c - see audit_follow.h. */
#include "ledger/storage/audit_follow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/model/tile.h"
#include "ledger/storage/audit_private.h"

#define VKEY_MAX      1024
#define TILE_FILE_MAX (AVER_TILE_WIDTH * (2 + AVER_TILE_ENTRY_MAX))
#define POSITION_MAX  64

/* The tiles below a directory. */
struct tiles {
    const char *dir;
    struct aver_buf bytes;
    struct aver_tile_files files;
};

struct round {
    struct aver_follow *f;
    struct aver_arena *arena;
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    struct aver_buf vkey;
    struct aver_note_key key;
    struct aver_buf shown_note, kept_note;
    struct aver_checkpoint shown, kept; /* kept.size 0: none */
    struct tiles theirs, own;
    struct aver_merkle tree;  /* own, then with the new entries */
    struct aver_list entries; /* aver_bytes: the new ones */
    struct aver_map hashes;   /* of the new subtrees: level, index -> hash */
};

/* A path below a directory. */
struct path {
    char text[AVER_PATH_BYTES];
};
static struct path below(const char *dir, const char *name)
{
    struct path p;
    snprintf(p.text, sizeof p.text, "%.350s/%.120s", dir, name);
    return p;
}

/* ---- tiles ---- */

/* A partial one may have become full since the checkpoint was read, and its file is gone then. */
static aver_err tile_get(void *ctx, aver_bytes *out, const struct aver_tile *tile, struct aver_why *why)
{
    struct tiles *t = ctx;
    char name[AVER_TILE_PATH];
    struct aver_tile full = {tile->level, tile->index, AVER_TILE_WIDTH};
    t->bytes.len = 0;
    struct path path = below(t->dir, aver_tile_path(name, tile));
    aver_err err = aver_file_read(&t->bytes, path.text, TILE_FILE_MAX, why);
    if (err == AVER_E_NOT_FOUND && tile->width < AVER_TILE_WIDTH) {
        path = below(t->dir, aver_tile_path(name, &full));
        err = aver_file_read(&t->bytes, path.text, TILE_FILE_MAX, why);
    }
    *out = aver_buf_view(&t->bytes);
    return err;
}

static void tiles_of(struct tiles *t, const char *dir, uint64_t size)
{
    t->dir = dir;
    t->files = (struct aver_tile_files){tile_get, t, size};
}

/* The growing edge of the tree of `size` entries. */
static aver_err edge(struct tiles *t, uint64_t size, struct aver_merkle *out, struct aver_why *why)
{
    struct aver_merkle_source source = aver_tile_source(&t->files);
    *out = (struct aver_merkle){.size = size};
    for (unsigned level = 0; level < AVER_MERKLE_LEVELS; level++)
        if (size >> level & 1)
            AVER_TRY(source.get(source.ctx, &out->peak[level], level, (size >> level) - 1, why));
    return AVER_OK;
}

/* ---- what is kept, and what is shown ---- */

static aver_err genesis_key(struct round *r, struct aver_public_key *out, struct aver_why *why)
{
    struct aver_bodies bodies = {.fd = -1};
    struct aver_log log;
    struct aver_buf payload = {0};
    struct aver_frame frame;
    struct aver_replay_item opened;
    struct aver_genesis genesis;
    struct path path = below(r->f->from, "log/groups");
    uint64_t next;
    AVER_TRY(aver_log_open(&log, path.text, false, why));
    aver_err err = aver_log_read(&log, &payload, &next, 0, why);
    if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), r->arena, why);
    if (err == AVER_OK && frame.items.count == 0)
        err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-ENTRY", "group 1", "the first group is empty");
    if (err == AVER_OK) err = aver_bodies_open(&bodies, r->f->from, false, why);
    if (err == AVER_OK) err = aver_bodies_load(&bodies, 0, why);
    if (err == AVER_OK)
        err = aver_replay_unseal(&opened, &bodies, aver_bytes_str(r->chain), frame.items.items, 0, 1,
                                 r->arena, why);
    if (err == AVER_OK)
        err = aver_schema_read(opened.body.item, &aver_genesis_schema, &genesis, r->arena, why);
    if (err == AVER_OK) memcpy(out->b, genesis.node_key.ptr, sizeof out->b);
    aver_bodies_close(&bodies);
    aver_log_close(&log);
    aver_buf_free(&payload);
    return err;
}

static aver_err learn_key(struct round *r, struct aver_why *why)
{
    struct path path = below(r->f->own, "vkey");
    struct aver_public_key pk;
    struct aver_why what = {0};
    aver_err err = aver_file_read(&r->vkey, path.text, VKEY_MAX, why);
    if (err == AVER_OK) {
        while (r->vkey.len && r->vkey.ptr[r->vkey.len - 1] == '\n') r->vkey.len--;
        if (r->f->vkey && !aver_bytes_is(aver_buf_view(&r->vkey), r->f->vkey))
            return aver_fail(
                why, AVER_E_REFUSED, "FOLLOW-OWN", path.text,
                "this directory follows another key; give each node's key a directory of its own");
        return aver_note_vkey_read(&r->key, aver_buf_view(&r->vkey), why);
    }
    if (err != AVER_E_NOT_FOUND) return err;
    if (r->f->vkey) {
        aver_buf_str(&r->vkey, r->f->vkey);
    } else {
        if (genesis_key(r, &pk, &what) != AVER_OK)
            return aver_fail(
                why, AVER_E_NOT_FOUND, "FOLLOW-KEY", r->f->from,
                "the node's key cannot be had from the genesis (%s): ask the insurer for the word that aver "
                "log vkey prints, and give it with --vkey",
                what.text);
        AVER_TRY(aver_note_key_of(&r->key, aver_bytes_str(r->chain), &pk, why));
        aver_note_vkey_put(&r->vkey, &r->key);
    }
    AVER_TRY(aver_note_vkey_read(&r->key, aver_buf_view(&r->vkey), why));
    return aver_audit_write_private(path.text, aver_buf_view(&r->vkey), why);
}

/* The directory, and that it is this ledger's. */
static aver_err open_own(struct round *r, struct aver_why *why)
{
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    struct aver_buf conf = {0};
    const char *own = r->f->own;
    if (strlen(own) > AVER_PATH_BYTES / 2 || strlen(r->f->from) > AVER_PATH_BYTES / 2)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", own, "the path is too long");
    AVER_TRY(aver_ledger_conf(r->f->from, r->chain, why));
    if (mkdir(own, 0700) && errno != EEXIST) return aver_fail_errno(why, "make the directory", own);
    if (mkdir(below(own, "log").text, 0700) && errno != EEXIST)
        return aver_fail_errno(why, "make the directory", own);
    aver_err err = aver_ledger_conf(own, chain, why);
    if (err == AVER_E_NOT_FOUND) {
        AVER_TRY(aver_file_read(&conf, below(r->f->from, "ledger.conf").text, AVER_NOTE_BYTES_MAX, why));
        err = aver_audit_write_private(below(own, "ledger.conf").text, aver_buf_view(&conf), why);
        aver_buf_free(&conf);
        return err;
    }
    AVER_TRY(err);
    if (strcmp(chain, r->chain))
        return aver_fail(why, AVER_E_REFUSED, "FOLLOW-OWN", own,
                         "this directory follows the ledger %s, not %s", chain, r->chain);
    return AVER_OK;
}

static aver_err read_checkpoints(struct round *r, struct aver_why *why)
{
    struct aver_follow *f = r->f;
    AVER_TRY(aver_file_read(&r->shown_note, below(f->from, "checkpoint").text, AVER_NOTE_BYTES_MAX, why));
    AVER_TRY(aver_checkpoint_open(&r->shown, aver_buf_view(&r->shown_note), &r->key, why));
    aver_err err = aver_file_read(&r->kept_note, below(f->own, "checkpoint").text, AVER_NOTE_BYTES_MAX, why);
    f->first = err == AVER_E_NOT_FOUND;
    if (err == AVER_OK) err = aver_checkpoint_open(&r->kept, aver_buf_view(&r->kept_note), &r->key, why);
    if (err != AVER_OK && !f->first) return err;
    f->kept_size = r->kept.size;
    f->shown_size = r->shown.size;
    f->shown_root = r->shown.root;
    tiles_of(&r->theirs, f->from, r->shown.size);
    tiles_of(&r->own, f->own, r->kept.size);
    if (f->first) return AVER_OK;
    AVER_TRY(edge(&r->own, r->kept.size, &r->tree, why));
    if (aver_digest_eq(aver_merkle_root(&r->tree), r->kept.root)) return AVER_OK;
    return aver_fail(
        why, AVER_E_CORRUPT, "FOLLOW-OWN", f->own,
        "the own tiles do not give the root of the checkpoint that was kept; begin anew in another directory");
}

/* ---- a fork ---- */

static aver_err keep_evidence(struct round *r, const struct aver_evidence *e, struct aver_why *why)
{
    struct aver_follow *f = r->f;
    struct aver_buf text = {0};
    struct aver_checkpoint smaller, larger;
    char name[100];
    aver_evidence_write(&text, e);
    AVER_ASSERT(aver_evidence_check(e, &f->kind, &smaller, &larger, why) == AVER_OK);
    aver_digest digest = aver_sha256(aver_buf_view(&text));
    char hex[9];
    aver_hex(hex, aver_bytes_of(digest.b, 4));
    snprintf(name, sizeof name, "evidence-%" PRIu64 "-%" PRIu64 "-%s.json", smaller.size, larger.size, hex);
    snprintf(f->evidence, sizeof f->evidence, "%s", below(f->own, name).text);
    aver_err err = aver_audit_write_private(f->evidence, aver_buf_view(&text), why);
    aver_buf_free(&text);
    f->forked = true;
    return err;
}

static aver_err not_theirs(struct aver_why *why, const char *what)
{
    return aver_fail(
        why, AVER_E_DIFFERS, "LEDGER-TILE", "tile/",
        "%s; the checkpoint is signed and of the kept history as far as can be told, so this is damage, or a "
        "publication that is under way",
        what);
}

/* Their tiles lead to the root that they signed: do they hold another history than the one that was kept? AVER_OK and *forked,
 * or why their files prove nothing. */
static aver_err compare_history(struct round *r, bool *forked, struct aver_why *why)
{
    struct aver_evidence e = {.vkey = aver_buf_view(&r->vkey),
                              .smaller = aver_buf_view(&r->kept_note),
                              .larger = aver_buf_view(&r->shown_note)};
    struct aver_merkle before;
    struct aver_why what = {0};
    *forked = false;
    aver_err err = edge(&r->theirs, r->kept.size, &before, &what);
    if (err == AVER_OK)
        err = aver_merkle_prove_consistency(&e.proof, r->kept.size, r->shown.size,
                                            aver_tile_source(&r->theirs.files), &what);
    e.root = aver_merkle_root(&before);
    if (err == AVER_OK)
        err = aver_merkle_verify_consistency(&e.root, r->kept.size, &r->shown.root, r->shown.size,
                                             e.proof.hash, e.proof.count, &what);
    if (err != AVER_OK) return not_theirs(why, "the published tiles do not lead to the published checkpoint");
    if (aver_digest_eq(e.root, r->kept.root)) return AVER_OK;
    *forked = true;
    return keep_evidence(r, &e, why);
}

/* A smaller checkpoint than was kept: the own tiles say what the log was at that size. */
static aver_err shown_smaller(struct round *r, struct aver_why *why)
{
    struct aver_evidence e = {.vkey = aver_buf_view(&r->vkey),
                              .smaller = aver_buf_view(&r->shown_note),
                              .larger = aver_buf_view(&r->kept_note)};
    struct aver_merkle before;
    if (r->shown.size == 0)
        return aver_fail(why, AVER_E_DIFFERS, "LEDGER-SHORT", "checkpoint",
                         "the node signed an empty log after one of %" PRIu64 " entries", r->kept.size);
    AVER_TRY(edge(&r->own, r->shown.size, &before, why));
    e.root = aver_merkle_root(&before);
    if (r->shown.size < r->kept.size)
        AVER_TRY(aver_merkle_prove_consistency(&e.proof, r->shown.size, r->kept.size,
                                               aver_tile_source(&r->own.files), why));
    return keep_evidence(r, &e, why);
}

/* ---- new entries ---- */

static void hash_key(uint8_t key[9], unsigned level, uint64_t index)
{
    key[0] = (uint8_t)level;
    aver_put_u64(key + 1, index);
}

static void made(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    struct round *r = ctx;
    uint8_t key[9];
    if (level % AVER_TILE_BITS) return;
    hash_key(key, level, index);
    aver_map_set(&r->hashes, aver_bytes_of(key, sizeof key), aver_digest_bytes(hash));
}

/* Entries of the kept size and beyond, out of their bundles, appended to the own tree. */
static aver_err read_entries(struct round *r, struct aver_why *why)
{
    uint64_t next = r->kept.size;
    while (next < r->shown.size) {
        struct aver_tile tile = aver_tile_at(AVER_TILE_ENTRIES, next, r->shown.size);
        aver_bytes bundle, entry;
        uint64_t index = tile.index * AVER_TILE_WIDTH;
        AVER_TRY(tile_get(&r->theirs, &bundle, &tile, why));
        for (unsigned i = 0; i < tile.width; i++, index++) {
            AVER_TRY(aver_tile_entry_next(&entry, &bundle, why));
            if (!entry.ptr) return not_theirs(why, "a bundle holds fewer entries than it should");
            if (index < next) continue;
            entry = aver_arena_copy(r->arena, entry);
            *(aver_bytes *)aver_list_add(r->arena, &r->entries, sizeof entry) = entry;
            aver_digest leaf = aver_merkle_leaf(entry);
            aver_merkle_append(&r->tree, &leaf, made, r);
            next++;
        }
    }
    return AVER_OK;
}

static aver_err own_hash(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *why)
{
    struct round *r = ctx;
    uint8_t key[9];
    hash_key(key, level, index);
    const struct aver_map_item *item = aver_map_find(&r->hashes, aver_bytes_of(key, sizeof key));
    struct aver_merkle_source own = aver_tile_source(&r->own.files);
    if (!item) return own.get(own.ctx, out, level, index, why);
    memcpy(out->b, item->value, sizeof out->b);
    return AVER_OK;
}

static aver_err own_entry(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *why)
{
    struct round *r = ctx;
    if (index >= r->kept.size) {
        *out = ((const aver_bytes *)r->entries.items)[index - r->kept.size];
        return AVER_OK;
    }
    /* Of the own bundle that was partial. */
    struct aver_tile tile = aver_tile_at(AVER_TILE_ENTRIES, index, r->kept.size);
    aver_bytes bundle;
    AVER_TRY(tile_get(&r->own, &bundle, &tile, why));
    for (uint64_t i = tile.index * AVER_TILE_WIDTH; i <= index; i++)
        AVER_TRY(aver_tile_entry_next(out, &bundle, why));
    return AVER_OK;
}

static aver_err put_own(void *ctx, const struct aver_tile *tile, const char *path, aver_bytes bytes,
                        struct aver_why *why)
{
    struct round *r = ctx;
    (void)tile;
    return aver_file_replace(below(r->f->own, path).text, bytes, why);
}

static aver_err write_tiles(struct round *r, struct aver_why *why)
{
    AVER_TRY(aver_tile_grow_entries(r->kept.size, r->shown.size, (struct aver_tile_log){own_entry, r},
                                    put_own, r, why));
    return aver_tile_grow(r->kept.size, r->shown.size, (struct aver_merkle_source){own_hash, r}, put_own, r,
                          why);
}

/* ---- the groups ---- */

static aver_err same_entry(struct round *r, uint64_t *at, aver_bytes entry, struct aver_why *why)
{
    const aver_bytes *want = r->entries.items;
    if (*at < r->entries.count && aver_bytes_eq(want[*at], entry)) {
        ++*at;
        return AVER_OK;
    }
    return aver_fail(why, AVER_E_DIFFERS, "LEDGER-ENTRY", "log/groups",
                     "the groups do not hold entry %" PRIu64 " as the checkpoint's log does",
                     r->kept.size + *at);
}

static aver_err frame_entries(struct round *r, uint64_t *at, const struct aver_frame *frame,
                              struct aver_why *why)
{
    const struct aver_frame_item *item = frame->items.items;
    for (size_t i = 0; i < frame->items.count; i++) AVER_TRY(same_entry(r, at, item[i].entry, why));
    if (frame->state.ptr) AVER_TRY(same_entry(r, at, frame->state, why));
    return same_entry(r, at, frame->header, why);
}

/* Where the own log stands at the kept checkpoint: as noted, else counted. What a broken-off round left behind is cut off. */
static aver_err own_offset(struct round *r, struct aver_log *log, uint64_t *out, struct aver_why *why)
{
    struct aver_buf text = {0};
    struct aver_arena arena = {0};
    struct aver_frame frame;
    uint64_t size = 0, next;
    char want[POSITION_MAX];
    *out = 0;
    int n = snprintf(want, sizeof want, "%" PRIu64 " ", r->kept.size);
    aver_err err = aver_file_read(&text, below(r->f->own, "position").text, POSITION_MAX, NULL);
    bool noted = err == AVER_OK && text.len > (size_t)n && memcmp(text.ptr, want, (size_t)n) == 0 &&
                 aver_bytes_u64(out, aver_bytes_of(text.ptr + n, text.len - (size_t)n)) == AVER_OK &&
                 *out <= log->end;
    err = AVER_OK;
    if (!noted) *out = 0;
    while (!noted && err == AVER_OK && size < r->kept.size) {
        aver_arena_reset(&arena);
        err = aver_log_read(log, &text, &next, *out, why);
        if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&text), &arena, why);
        if (err == AVER_OK) {
            size += frame.items.count + (frame.state.ptr ? 2 : 1);
            *out = next;
        }
    }
    if (err != AVER_OK || (!noted && size != r->kept.size))
        err = aver_fail(why, AVER_E_CORRUPT, "FOLLOW-OWN", log->path,
                        "the own copy of the groups is not whole; begin anew in another directory");
    if (err == AVER_OK && *out < log->end) err = aver_log_cut(log, *out, why);
    aver_buf_free(&text);
    aver_arena_free(&arena);
    return err;
}

static aver_err copy_frames(struct round *r, struct aver_log *from, struct aver_log *own,
                            struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    struct aver_frame frame;
    uint64_t at = 0, offset = own->end, next;
    aver_err err = AVER_OK;
    while (err == AVER_OK && at < r->entries.count) {
        aver_arena_reset(&arena);
        err = aver_log_read(from, &payload, &next, offset, why);
        if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), &arena, why);
        if (err == AVER_E_NOT_FOUND || err == AVER_E_INPUT)
            err = aver_fail(why, AVER_E_DIFFERS, "LEDGER-SHORT", "log/groups",
                            "no whole group lies at byte %" PRIu64 ", and the checkpoint has %" PRIu64
                            " entries more",
                            offset, (uint64_t)r->entries.count - at);
        if (err == AVER_OK) err = frame_entries(r, &at, &frame, why);
        if (err == AVER_OK)
            err = aver_log_append(own, &offset, &(aver_bytes){payload.ptr, payload.len}, 1, why);
        offset = own->end;
    }
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    return err;
}

static aver_err copy_groups(struct round *r, struct aver_why *why)
{
    struct path theirs = below(r->f->from, "log/groups"), mine = below(r->f->own, "log/groups");
    struct path dir = below(r->f->own, "log");
    struct aver_log from = {.fd = -1}, own = {.fd = -1};
    char position[POSITION_MAX];
    uint64_t offset;
    aver_err err = aver_log_open(&own, mine.text, true, why);
    if (err == AVER_E_NOT_FOUND) {
        AVER_TRY(aver_log_create(dir.text, mine.text, why));
        err = aver_log_open(&own, mine.text, true, why);
    }
    AVER_TRY(err);
    err = own_offset(r, &own, &offset, why);
    if (err == AVER_OK) err = aver_log_open(&from, theirs.text, false, why);
    if (err == AVER_OK) err = copy_frames(r, &from, &own, why);
    aver_log_close(&from);
    snprintf(position, sizeof position, "%" PRIu64 " %" PRIu64, r->shown.size, own.end);
    aver_log_close(&own);
    AVER_TRY(err);
    return aver_audit_write_private(below(r->f->own, "position").text, aver_bytes_str(position), why);
}

/* ---- a round ---- */

static aver_err grow(struct round *r, struct aver_why *why)
{
    char name[48];
    bool forked = false;
    aver_err err = read_entries(r, why);
    bool ours = err == AVER_OK && aver_digest_eq(aver_merkle_root(&r->tree), r->shown.root);
    if (!ours && r->kept.size) AVER_TRY(compare_history(r, &forked, why));
    if (forked) return AVER_OK;
    AVER_TRY(err);
    if (!ours)
        return not_theirs(why, "the published entries do not give the root of the published checkpoint");
    AVER_TRY(copy_groups(r, why));
    AVER_TRY(write_tiles(r, why));
    snprintf(name, sizeof name, "checkpoints/%" PRIu64, r->shown.size);
    AVER_TRY(aver_file_replace(below(r->f->own, name).text, aver_buf_view(&r->shown_note), why));
    return aver_audit_write_private(below(r->f->own, "checkpoint").text, aver_buf_view(&r->shown_note), why);
}

static aver_err one_round(struct round *r, struct aver_why *why)
{
    AVER_TRY(open_own(r, why));
    AVER_TRY(learn_key(r, why));
    AVER_TRY(read_checkpoints(r, why));
    bool same = r->shown.size == r->kept.size && aver_digest_eq(r->shown.root, r->kept.root);
    if (r->f->first || r->shown.size > r->kept.size) return grow(r, why);
    return same ? AVER_OK : shown_smaller(r, why);
}

aver_err aver_ledger_follow(struct aver_follow *f, struct aver_arena *arena, aver_progress_fn progress,
                            void *user, struct aver_why *why)
{
    struct round *r = AVER_NEW(arena, struct round);
    r->f = f;
    r->arena = arena;
    f->forked = f->first = false;
    aver_err err = one_round(r, why);
    aver_buf_free(&r->vkey);
    aver_buf_free(&r->shown_note);
    aver_buf_free(&r->kept_note);
    aver_buf_free(&r->theirs.bytes);
    aver_buf_free(&r->own.bytes);
    aver_map_free(&r->hashes);
    AVER_TRY(err);
    if (f->forked) return AVER_OK;
    struct path state = below(f->own, "audit.state");
    f->audit.state = aver_arena_printf(arena, "%s", state.text);
    f->audit.copy_of = f->from;
    return aver_ledger_audit(f->own, &f->audit, arena, progress, user, why);
}
