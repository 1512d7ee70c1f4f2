/* ledger/storage/query.c - what a ledger answers: see ledger.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/storage/ledger_private.h"

const struct aver_view *aver_ledger_view(struct aver_ledger *ledger) { return &ledger->view.view; }
aver_bytes aver_ledger_chain(const struct aver_ledger *ledger) { return ledger->chain; }
const struct aver_public_key *aver_ledger_node_key(const struct aver_ledger *ledger)
{
    return &ledger->node_pk;
}

struct aver_ledger_facts aver_ledger_facts(struct aver_ledger *ledger)
{
    return (struct aver_ledger_facts){.height = ledger->head.height,
                                      .entries = ledger->head.tree.size,
                                      .time = ledger->head.time,
                                      .log_root = aver_merkle_root(&ledger->head.tree),
                                      .state_root = ledger->head.state_root};
}

/* ---- one item ---- */

static aver_err unseal(struct aver_ledger *ledger, struct aver_opened *out,
                       const struct aver_frame_item *item, struct aver_arena *arena, struct aver_why *why)
{
    uint8_t key[32];
    aver_bytes plain;
    AVER_TRY(aver_bodies_find(&ledger->bodies, key, item->key, why));
    aver_err err = aver_body_unseal(&plain, item->body, item->nonce_b, ledger->chain, &out->entry.body, key,
                                    "body", arena, why);
    if (err == AVER_OK)
        err = aver_body_unseal(&out->receipt, item->receipt, item->nonce_r, ledger->chain,
                               &out->entry.receipt, key, "receipt", arena, why);
    aver_wipe(key, sizeof key);
    return err == AVER_OK ? aver_body_read(&out->body, plain, why) : err;
}

/* The envelope is in this frame, or in that where its batch began. */
static aver_err envelope_of(struct aver_ledger *ledger, struct aver_opened *out, uint64_t batch,
                            uint64_t batch_offset, uint64_t index, const struct aver_frame *frame,
                            struct aver_arena *arena, struct aver_why *why)
{
    const struct aver_frame_batch *b = (const struct aver_frame_batch *)frame->batches.items + batch;
    if (b->continued) {
        AVER_TRY(aver_ledger_frame(ledger, AVER_SLOT_ENVELOPE, batch_offset, &frame, why));
        b = (const struct aver_frame_batch *)frame->batches.items + (frame->batches.count - 1);
    }
    if (frame->batches.count == 0 || b->continued || index >= b->leaves_count)
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-BATCH", "log/groups",
                         "the envelope of this item is not where it should be");
    out->cose = aver_arena_copy(arena, b->cose);
    out->leaf = b->leaves[index];
    return AVER_OK;
}

aver_err aver_ledger_item(struct aver_ledger *ledger, uint64_t entry, struct aver_opened *out,
                          struct aver_arena *arena, struct aver_why *why)
{
    struct aver_store_group group;
    const struct aver_frame *frame;
    aver_bytes bytes;
    char place[64];
    *out = (struct aver_opened){.receipt = AVER_BYTES_NONE};
    AVER_TRY(aver_ledger_entry(ledger, entry, &bytes, why));
    AVER_TRY(aver_entry_read(&out->entry, bytes, why));
    if (out->entry.kind != AVER_ENTRY_ITEM) return AVER_OK;
    AVER_TRY(aver_store_group(ledger->store, entry, &group, why));
    AVER_TRY(aver_ledger_frame(ledger, AVER_SLOT_ENTRIES, group.offset, &frame, why));
    if (entry - group.first >= frame->items.count)
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-STATE", "state/data.mdb",
            "the index of entries does not fit the log; delete the directory state/ and open the ledger for "
            "writing to rebuild it");
    const struct aver_frame_item *item =
        (const struct aver_frame_item *)frame->items.items + (entry - group.first);
    snprintf(place, sizeof place, "entry %" PRIu64 " (group %" PRIu64 ")", entry, frame->height);
    aver_err err = unseal(ledger, out, item, arena, why);
    if (err != AVER_OK && why) snprintf(why->place, sizeof why->place, "%s", place);
    AVER_TRY(err);
    return envelope_of(ledger, out, item->batch, group.batch_offset, item->index, frame, arena, why);
}

/* ---- names ---- */

struct names {
    aver_bytes prefix;
    aver_name_fn fn;
    void *user;
    bool past;
};

static aver_err name_met(void *ctx, aver_bytes name, aver_bytes value, struct aver_why *why)
{
    struct names *n = ctx;
    struct aver_stored stored;
    if (name.len < n->prefix.len || memcmp(name.ptr, n->prefix.ptr, n->prefix.len) != 0) {
        n->past = true;
        return AVER_E_NOT_FOUND;
    }
    AVER_TRY(aver_store_record(&stored, name, value, why));
    return n->fn(n->user, name, stored, why);
}

aver_err aver_ledger_names(struct aver_ledger *ledger, const char *prefix, aver_name_fn fn, void *user,
                           struct aver_why *why)
{
    struct names n = {.prefix = aver_bytes_str(prefix), .fn = fn, .user = user};
    aver_err err = aver_store_walk(ledger->store, AVER_DB_STATE, n.prefix, name_met, &n, why);
    return n.past ? AVER_OK : err;
}
