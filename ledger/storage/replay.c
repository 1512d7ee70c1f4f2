/* ledger/storage/replay.c - see replay.h. */
#include "ledger/storage/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void aver_chain_append(struct aver_head *head, aver_bytes entry, aver_merkle_made *made, void *ctx)
{
    aver_digest leaf = aver_merkle_leaf(entry);
    aver_merkle_append(&head->tree, &leaf, made, ctx);
}

void aver_chain_close(struct aver_head *head, int64_t time, struct aver_buf *out, aver_merkle_made *made,
                      void *ctx)
{
    struct aver_entry header = {.kind = AVER_ENTRY_HEADER,
                                .height = head->height + 1,
                                .time = time,
                                .previous = head->header,
                                .size = head->tree.size,
                                .root = aver_merkle_root(&head->tree)};
    size_t at = out->len;
    aver_entry_encode(out, &header);
    aver_bytes entry = aver_bytes_of(out->ptr + at, out->len - at);
    aver_chain_append(head, entry, made, ctx);
    head->height++;
    head->time = time;
    head->header = aver_sha256(entry);
}

static aver_err bad_group(struct aver_why *why, uint64_t height, const char *code, const char *what)
{
    char place[64];
    snprintf(place, sizeof place, "group %" PRIu64, height);
    return aver_fail(why, AVER_E_CORRUPT, code, place, "%s", what);
}

static aver_err read_entry(struct aver_entry *out, aver_bytes bytes, enum aver_entry_kind kind,
                           uint64_t height, struct aver_why *why)
{
    if (aver_entry_read(out, bytes, NULL) != AVER_OK || out->kind != kind)
        return bad_group(why, height, "LEDGER-ENTRY",
                         "an entry of this group is not one, or not of its kind");
    return AVER_OK;
}

static aver_err check_batches(struct aver_head *head, const struct aver_frame *frame, uint64_t offset,
                              struct aver_why *why)
{
    const struct aver_frame_batch *batch = frame->batches.items;
    const struct aver_frame_item *item = frame->items.items;
    size_t n = 0;
    for (size_t b = 0; b < frame->batches.count; b++) {
        if (!batch[b].continued) {
            head->batch = batch[b].digest;
            head->batch_offset = offset;
            head->batch_next = 0;
        } else if (!aver_digest_eq(batch[b].digest, head->batch)) {
            return bad_group(why, frame->height, "LEDGER-BATCH",
                             "it continues a batch that is not the last of the group before");
        }
        if (n == frame->items.count || item[n].batch != b)
            return bad_group(why, frame->height, "LEDGER-BATCH", "it names a batch and has no item of it");
        for (; n < frame->items.count && item[n].batch == b; n++) {
            if (item[n].index < head->batch_next)
                return bad_group(why, frame->height, "LEDGER-BATCH",
                                 "an item of a continued batch comes again");
            head->batch_next = item[n].index + 1;
        }
    }
    return AVER_OK;
}

aver_err aver_chain_frame(struct aver_head *head, struct aver_chain_group *out,
                          const struct aver_frame *frame, uint64_t offset, uint64_t next,
                          aver_merkle_made *made, void *ctx, struct aver_why *why)
{
    const struct aver_frame_item *item = frame->items.items;
    struct aver_entry entry;
    *out = (struct aver_chain_group){.first = head->tree.size};
    if (frame->height != head->height + 1)
        return bad_group(why, frame->height, "LEDGER-HEIGHT",
                         "its height is not one more than that of the group before");
    AVER_TRY(check_batches(head, frame, offset, why));
    for (size_t i = 0; i < frame->items.count; i++) {
        AVER_TRY(read_entry(&entry, item[i].entry, AVER_ENTRY_ITEM, frame->height, why));
        aver_chain_append(head, item[i].entry, made, ctx);
    }
    if (frame->state.ptr) {
        AVER_TRY(read_entry(&out->state, frame->state, AVER_ENTRY_STATE, frame->height, why));
        if (out->state.height != frame->height)
            return bad_group(why, frame->height, "LEDGER-HEIGHT", "its state root is of another height");
        aver_chain_append(head, frame->state, made, ctx);
        head->state_root = out->state.root;
    }
    AVER_TRY(read_entry(&out->header, frame->header, AVER_ENTRY_HEADER, frame->height, why));
    if (out->header.height != frame->height)
        return bad_group(why, frame->height, "LEDGER-HEIGHT", "its header is of another height");
    if (head->height && out->header.time < head->time)
        return bad_group(why, frame->height, "LEDGER-TIME", "its time is before that of the group before");
    struct aver_buf expected = {0};
    aver_chain_close(head, out->header.time, &expected, made, ctx);
    bool same = aver_bytes_eq(aver_buf_view(&expected), frame->header);
    aver_buf_free(&expected);
    if (!same)
        return bad_group(why, frame->height, "LEDGER-HEADER",
                         "its header does not name the header before it, or not the log's size and root");
    head->offset = next;
    return AVER_OK;
}

/* ---- execution ---- */

struct opened {
    struct aver_entry entry;
    struct aver_body body;
    aver_bytes receipt;
    char place[64];
};

static aver_err at(struct aver_why *why, const struct opened *o, aver_err err)
{
    if (why) snprintf(why->place, sizeof why->place, "%s", o->place);
    return err;
}

static aver_err open_item(struct aver_replay *r, struct opened *out, const struct aver_frame_item *item,
                          uint64_t entry, uint64_t height, struct aver_why *why)
{
    uint8_t key[32];
    aver_bytes plain;
    *out = (struct opened){.receipt = AVER_BYTES_NONE};
    snprintf(out->place, sizeof out->place, "entry %" PRIu64 " (group %" PRIu64 ")", entry, height);
    AVER_TRY(aver_entry_read(&out->entry, item->entry, why));
    aver_err err = aver_bodies_find(r->bodies, key, item->key, why);
    if (err == AVER_OK)
        err = aver_body_unseal(&plain, item->body, item->nonce_b, r->chain, &out->entry.body, key, "body",
                               &r->item, why);
    if (err == AVER_OK)
        err = aver_body_unseal(&out->receipt, item->receipt, item->nonce_r, r->chain, &out->entry.receipt,
                               key, "receipt", &r->item, why);
    aver_wipe(key, sizeof key);
    if (err == AVER_OK) err = aver_body_read(&out->body, plain, why);
    if (err != AVER_OK) return at(why, out, err);
    r->bodies_opened++;
    if (!aver_digest_eq(aver_body_commitment(out->body.salt, plain), out->entry.body) ||
        !aver_digest_eq(aver_receipt_commitment(out->body.salt, out->receipt), out->entry.receipt))
        return aver_fail(why, AVER_E_DIFFERS, "LEDGER-BODY", out->place,
                         "the entry does not commit to this body and receipt");
    return AVER_OK;
}

static aver_err open_batch(struct aver_replay *r, const struct aver_frame_batch *batch,
                           const struct opened *first, bool genesis, struct aver_why *why)
{
    struct aver_public_key node_key;
    aver_arena_reset(&r->batch);
    if (genesis) {
        struct aver_genesis g;
        AVER_TRY(aver_schema_read(first->body.item, &aver_genesis_schema, &g, &r->batch, why));
        memcpy(node_key.b, g.node_key.ptr, sizeof node_key.b);
    }
    aver_bytes cose = aver_arena_copy(&r->batch, batch->cose);
    aver_bytes leaves =
        aver_arena_copy(&r->batch, aver_bytes_of(batch->leaves, batch->leaves_count * sizeof(aver_digest)));
    r->leaves = (const aver_digest *)leaves.ptr;
    r->leaves_count = batch->leaves_count;
    AVER_TRY(aver_envelope_open(&r->envelope, &r->view->view, cose, r->chain, genesis ? &node_key : NULL,
                                &r->batch, why));
    r->signatures++;
    return aver_envelope_leaves(&r->envelope, r->leaves, r->leaves_count, why);
}

/* A difference of results: the owner of the replay decides whether it ends it. */
static aver_err differs(struct aver_replay *r, struct aver_why *why, const struct aver_why *what)
{
    if (why) *why = *what;
    return r->differs ? r->differs(r->ctx, what) : AVER_E_DIFFERS;
}

static aver_err compare(struct aver_replay *r, const struct opened *o, const struct aver_applied *applied,
                        struct aver_why *why)
{
    r->receipts++;
    if (aver_bytes_eq(applied->receipt, o->receipt)) return AVER_OK;
    struct aver_why what;
    struct aver_buf text = {0};
    aver_receipt_difference(&text, o->receipt, applied->receipt, &r->item);
    (void)aver_fail(&what, AVER_E_DIFFERS, "LEDGER-REPLAY", o->place, "the receipt differs: %.*s",
                    AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return differs(r, why, &what);
}

static aver_err replay_item(struct aver_replay *r, const struct aver_frame_item *item, const struct opened *o,
                            uint64_t entry, struct aver_why *why)
{
    if (item->index >= r->leaves_count || o->body.index != item->index ||
        !aver_digest_eq(o->body.batch, r->envelope.digest) ||
        !aver_digest_eq(aver_leaf(o->body.salt, o->body.item), r->leaves[item->index]))
        return aver_fail(why, AVER_E_DIFFERS, "LEDGER-BODY", o->place,
                         "the body is not the item that was signed at this place");
    if (r->envelope.batch.kind == AVER_TX_CLAIMS) r->claims++;
    struct aver_applied applied;
    struct aver_item apply = {o->body.salt, o->body.item, r->leaves[item->index], entry};
    aver_err err = aver_apply(r->machine, &r->view->view, &r->envelope, &apply, &r->item, &applied, why);
    if (err != AVER_OK) return at(why, o, err);
    if (applied.record.decision) r->paid += (int64_t)applied.record.decision->paid.cents;
    return compare(r, o, &applied, why);
}

aver_err aver_replay_frame(struct aver_replay *r, const struct aver_frame *frame,
                           const struct aver_chain_group *group, struct aver_why *why)
{
    const struct aver_frame_batch *batch = frame->batches.items;
    const struct aver_frame_item *item = frame->items.items;
    r->view->view.height = frame->height;
    r->view->view.time = group->header.time;
    for (size_t i = 0; i < frame->items.count; i++) {
        struct opened o;
        aver_arena_reset(&r->item);
        AVER_TRY(open_item(r, &o, &item[i], group->first + i, frame->height, why));
        if ((i == 0 || item[i].batch != item[i - 1].batch) && !batch[item[i].batch].continued) {
            aver_err err = open_batch(r, &batch[item[i].batch], &o, frame->height == 1, why);
            if (err == AVER_OK) err = aver_envelope_expired(&r->envelope, &r->view->view, why);
            if (err != AVER_OK) return at(why, &o, err);
        }
        AVER_TRY(replay_item(r, &item[i], &o, group->first + i, why));
    }
    if (!frame->state.ptr) return AVER_OK;
    aver_digest root;
    AVER_TRY(aver_view_memory_root(r->view, &root, why));
    if (aver_digest_eq(root, group->state.root)) return AVER_OK;
    struct aver_why what;
    char place[64];
    snprintf(place, sizeof place, "group %" PRIu64, frame->height);
    (void)aver_fail(&what, AVER_E_DIFFERS, "LEDGER-STATE-ROOT", place,
                    "the state has another root than this group says");
    return differs(r, why, &what);
}

aver_err aver_replay_resume(struct aver_replay *r, const struct aver_frame *frame, int64_t time,
                            struct aver_why *why)
{
    const struct aver_frame_batch *batch = frame->batches.items;
    struct opened none = {.receipt = AVER_BYTES_NONE};
    if (frame->batches.count == 0 || batch[frame->batches.count - 1].continued)
        return bad_group(why, frame->height, "LEDGER-BATCH",
                         "it holds no envelope of the batch that the next group continues");
    r->view->view.height = frame->height;
    r->view->view.time = time;
    return open_batch(r, &batch[frame->batches.count - 1], &none, false, why);
}

void aver_replay_free(struct aver_replay *r)
{
    aver_arena_free(&r->batch);
    aver_arena_free(&r->item);
}
