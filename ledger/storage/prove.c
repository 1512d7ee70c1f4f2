/* ledger/storage/prove.c - see prove.h. */
#include "ledger/storage/prove.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/model/state.h"
#include "ledger/storage/ledger_private.h"

struct aver_past {
    struct aver_epoch epoch;
    enum aver_past_kind kind;
    struct aver_view_memory view; /* COMMITMENTS: its pages only */
};

/* ---- epochs ---- */

aver_err aver_epoch_before(struct aver_ledger *l, uint64_t entry, struct aver_epoch *out,
                           struct aver_why *why)
{
    struct aver_store_group group;
    const struct aver_frame *frame;
    struct aver_entry state;
    uint64_t first = l->head.tree.size, offset = l->head.offset;
    if (entry < first) {
        AVER_TRY(aver_store_group(l->store, entry, &group, why));
        first = group.first;
        offset = group.offset;
    }
    while (first > 0) {
        AVER_TRY(aver_store_group(l->store, first - 1, &group, why));
        AVER_TRY(aver_ledger_frame(l, AVER_SLOT_ENTRIES, group.offset, &frame, why));
        if (frame->state.ptr) {
            AVER_TRY(aver_entry_read(&state, frame->state, why));
            /* A group ends with its state root and its header. */
            *out = (struct aver_epoch){first - 2, frame->height, state.root, offset};
            return AVER_OK;
        }
        first = group.first;
        offset = group.offset;
    }
    return aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-EPOCH", "",
                     "no epoch was over before entry %" PRIu64 ": there was no state yet", entry);
}

/* ---- by touch lists ---- */

struct gather {
    struct aver_ledger *ledger;
    struct aver_map values; /* key -> value commitment, or gone, as they were at the epoch */
    bool back; /* what came since is taken back: of several touches the first counts, else the last */
    aver_progress_fn progress;
    void *user;
};

static void note(struct gather *g, const struct aver_touch *t)
{
    static const aver_digest none;
    aver_bytes key = aver_digest_bytes(&t->key);
    if (aver_digest_eq(t->after, none)) return; /* only read */
    if (g->back && aver_map_find(&g->values, key)) return;
    const aver_digest *value = g->back ? &t->before : &t->after;
    aver_map_set(&g->values, key, aver_digest_bytes(value))->gone = aver_digest_eq(*value, none);
}

static aver_err touches_of(struct gather *g, const struct aver_frame_item *item, struct aver_arena *arena,
                           struct aver_why *why)
{
    uint8_t key[32];
    struct aver_entry entry;
    struct aver_receipt receipt;
    aver_bytes plain;
    AVER_TRY(aver_entry_read(&entry, item->entry, why));
    AVER_TRY(aver_bodies_find(&g->ledger->bodies, key, item->key, why));
    aver_err err = aver_body_unseal(&plain, item->receipt, item->nonce_r, g->ledger->chain, &entry.receipt,
                                    key, "receipt", arena, why);
    aver_wipe(key, sizeof key);
    AVER_TRY(err);
    AVER_TRY(aver_schema_read(plain, &aver_receipt_schema, &receipt, arena, why));
    const struct aver_touch *touch = receipt.touches.items;
    for (size_t i = 0; i < receipt.touches.count; i++) note(g, &touch[i]);
    return AVER_OK;
}

/* All items of the frames from one byte of the log to another. */
static aver_err gather(struct gather *g, uint64_t from, uint64_t to, struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_arena of_frame = {0}, of_item = {0};
    struct aver_frame frame;
    aver_err err = AVER_OK;
    for (uint64_t at = from, next; err == AVER_OK && at < to; at = next) {
        aver_arena_reset(&of_frame);
        err = aver_log_read(&g->ledger->log, &payload, &next, at, why);
        if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), &of_frame, why);
        const struct aver_frame_item *item = frame.items.items;
        for (size_t i = 0; err == AVER_OK && i < frame.items.count; i++) {
            aver_arena_reset(&of_item);
            err = touches_of(g, &item[i], &of_item, why);
            if (err != AVER_OK && why)
                snprintf(why->place, sizeof why->place, "group %" PRIu64 ", item %zu", frame.height, i);
        }
        if (err == AVER_OK && g->progress) g->progress(g->user, next - from, to - from);
    }
    aver_buf_free(&payload);
    aver_arena_free(&of_frame);
    aver_arena_free(&of_item);
    return err;
}

/* Puts what was gathered on the trie below the past's pages. */
static aver_err settle(struct aver_past *past, const struct aver_map *values, aver_digest *root,
                       struct aver_why *why)
{
    struct aver_smt smt = {.store = aver_view_memory_pages(&past->view)};
    struct aver_arena arena = {0};
    struct aver_map_item **item = aver_map_sorted(values, &arena);
    struct aver_smt_update *update = AVER_NEW_ARRAY(&arena, struct aver_smt_update, values->count + 1);
    for (size_t i = 0; i < values->count; i++) {
        aver_digest key, value;
        memcpy(key.b, item[i]->key.ptr, sizeof key.b);
        memcpy(value.b, item[i]->value, sizeof value.b);
        aver_smt_set(&update[i], &key, item[i]->gone ? NULL : &value);
    }
    aver_smt_sort(update, values->count);
    aver_err err = aver_smt_apply(&smt, root, update, values->count, why);
    aver_arena_free(&arena);
    return err;
}

static aver_err by_touches(struct aver_past *past, struct gather *g, bool back, struct aver_why *why)
{
    struct aver_ledger *l = g->ledger;
    aver_digest root;
    g->back = back;
    aver_map_clear(&g->values);
    aver_view_memory_init(&past->view, back ? &l->backing : NULL);
    AVER_TRY(gather(g, back ? past->epoch.offset : 0, back ? l->head.offset : past->epoch.offset, why));
    AVER_TRY(settle(past, &g->values, &root, why));
    if (aver_digest_eq(root, past->epoch.root)) return AVER_OK;
    char place[64];
    snprintf(place, sizeof place, "group %" PRIu64, past->epoch.height);
    return aver_fail(
        why, AVER_E_DIFFERS, "LEDGER-STATE-ROOT", place,
        "the touch lists do not lead to the state root of this group; aver audit says what is damaged");
}

static aver_err nearer_first(struct aver_past *past, struct gather *g, struct aver_why *why)
{
    bool back = g->ledger->head.offset - past->epoch.offset <= past->epoch.offset;
    aver_err err = by_touches(past, g, back, why);
    if (err != AVER_E_KEY_GONE) return err;
    aver_view_memory_free(&past->view);
    return by_touches(past, g, !back, why);
}

/* ---- by execution ---- */

static aver_err execute(struct aver_past *past, struct gather *g, struct aver_why *why)
{
    struct aver_ledger *l = g->ledger;
    struct aver_head head = {0};
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    struct aver_replay replay = {
        .view = &past->view, .machine = aver_machine_new(), .bodies = &l->bodies, .chain = l->chain};
    struct aver_frame frame;
    struct aver_chain_group group;
    aver_err err = AVER_OK;
    aver_view_memory_init(&past->view, NULL);
    while (err == AVER_OK && head.height < past->epoch.height) {
        uint64_t next, at = head.offset;
        aver_arena_reset(&arena);
        err = aver_log_read(&l->log, &payload, &next, at, why);
        if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), &arena, why);
        if (err == AVER_OK) err = aver_chain_frame(&head, &group, &frame, at, next, NULL, NULL, why);
        if (err == AVER_OK) err = aver_replay_frame(&replay, &frame, &group, why);
        if (err == AVER_OK && g->progress) g->progress(g->user, next, past->epoch.offset);
    }
    if (err == AVER_OK && !aver_digest_eq(head.state_root, past->epoch.root))
        err = aver_fail(why, AVER_E_DIFFERS, "LEDGER-STATE-ROOT", "",
                        "the log, executed again, ends at another state root");
    aver_replay_free(&replay);
    aver_machine_free(replay.machine);
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    return err;
}

/* ---- a past ---- */

aver_err aver_past_open(struct aver_past **out, struct aver_ledger *ledger, const struct aver_epoch *epoch,
                        enum aver_past_kind kind, aver_progress_fn progress, void *user, struct aver_why *why)
{
    *out = NULL;
    if (ledger->broken) return aver_ledger_writable(ledger, why);
    struct aver_past *past = calloc(1, sizeof *past);
    if (!past) aver_oom(sizeof *past);
    past->epoch = *epoch;
    past->kind = kind;
    struct gather g = {.ledger = ledger, .progress = progress, .user = user};
    aver_err err = kind == AVER_PAST_RECORDS ? execute(past, &g, why) : nearer_first(past, &g, why);
    aver_map_free(&g.values);
    if (err == AVER_OK)
        *out = past;
    else
        aver_past_close(past);
    return err;
}

void aver_past_close(struct aver_past *past)
{
    if (!past) return;
    aver_view_memory_free(&past->view);
    free(past);
}

const struct aver_epoch *aver_past_epoch(const struct aver_past *past) { return &past->epoch; }

const struct aver_view *aver_past_view(const struct aver_past *past)
{
    return past->kind == AVER_PAST_RECORDS ? &past->view.view : NULL;
}

/* ---- proofs ---- */

static struct aver_smt trie_of(struct aver_past *past)
{
    return (struct aver_smt){.store = aver_view_memory_pages(&past->view)};
}

aver_err aver_past_prove(struct aver_past *past, const aver_digest *key, struct aver_smt_proof *out,
                         aver_digest *value, struct aver_why *why)
{
    struct aver_smt smt = trie_of(past);
    struct aver_smt_leaf leaf;
    aver_digest path = aver_sha256(aver_digest_bytes(key));
    AVER_TRY(aver_smt_prove(&smt, out, &leaf, &path, why));
    if (value) *value = out->end == AVER_SMT_MEMBER ? leaf.value : (aver_digest){{0}};
    return AVER_OK;
}

/* A leaf that is there, with its proof. */
static aver_err open_leaf(struct aver_past *past, struct aver_smt_opened *out, struct aver_smt_proof *proof,
                          const struct aver_smt_leaf *leaf, struct aver_why *why)
{
    AVER_TRY(aver_past_prove(past, &leaf->key, proof, NULL, why));
    if (proof->end != AVER_SMT_MEMBER)
        return aver_fail(
            why, AVER_E_CORRUPT, "SMT-PAGE", "",
            "a leaf of the state trie is not where its key leads; rebuild the state from the log");
    *out = (struct aver_smt_opened){aver_digest_bytes(&leaf->key), aver_digest_bytes(&leaf->value), proof};
    return AVER_OK;
}

aver_err aver_past_ics23(struct aver_past *past, const aver_digest *key, struct aver_buf *out,
                         struct aver_why *why)
{
    struct aver_smt smt = trie_of(past);
    struct aver_smt_proof proof[2];
    struct aver_smt_opened opened[2];
    struct aver_smt_leaf leaf = {.key = *key};
    struct aver_smt_neighbours near;
    aver_digest path = aver_sha256(aver_digest_bytes(key));
    AVER_TRY(aver_past_prove(past, key, &proof[0], &leaf.value, why));
    if (proof[0].end == AVER_SMT_MEMBER) {
        opened[0] = (struct aver_smt_opened){aver_digest_bytes(key), aver_digest_bytes(&leaf.value), proof};
        aver_smt_ics23_exist(out, opened);
        return AVER_OK;
    }
    AVER_TRY(aver_smt_neighbours(&smt, &near, &path, why));
    if (!near.has_left && !near.has_right)
        return aver_fail(why, AVER_E_NOT_FOUND, "SMT-ABSENT", "",
                         "the state of this epoch is empty, and ICS-23 has no proof of that");
    if (near.has_left) AVER_TRY(open_leaf(past, &opened[0], &proof[0], &near.left, why));
    if (near.has_right) AVER_TRY(open_leaf(past, &opened[1], &proof[1], &near.right, why));
    aver_smt_ics23_absent(out, aver_digest_bytes(key), near.has_left ? &opened[0] : NULL,
                          near.has_right ? &opened[1] : NULL);
    return AVER_OK;
}

/* ---- secrets ---- */

aver_err aver_ledger_secret(struct aver_ledger *l, aver_bytes name, uint8_t secret[32], struct aver_why *why)
{
    const struct aver_view *view = &l->view.view;
    aver_bytes family = aver_name_family(name);
    struct aver_arena arena = {0};
    struct aver_stored stored;
    aver_bytes owner = family.ptr ? aver_bytes_cut(name, 0, 2 + family.len) : AVER_LIT("g");
    aver_err err = view->get(view->self, owner, &stored, why);
    if (err == AVER_E_NOT_FOUND)
        err = aver_fail(why, err, "STATE-SECRET", "", "there is no %.*s, and so no secret for its names",
                        AVER_STR(owner));
    else if (err == AVER_OK && family.ptr) {
        struct aver_family record;
        err = aver_schema_read(stored.record, &aver_family_schema, &record, &arena, why);
        if (err == AVER_OK) memcpy(secret, record.secret.ptr, 32);
    } else if (err == AVER_OK) {
        struct aver_genesis record;
        err = aver_schema_read(stored.record, &aver_genesis_schema, &record, &arena, why);
        if (err == AVER_OK) memcpy(secret, record.secret.ptr, 32);
    }
    aver_arena_free(&arena);
    return err;
}
