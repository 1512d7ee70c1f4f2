/* ledger/storage/replay.c - see replay.h. */
#include "ledger/storage/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cose.h"

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

static aver_err at(struct aver_why *why, const char *place, aver_err err)
{
    if (why) snprintf(why->place, sizeof why->place, "%s", place);
    return err;
}

aver_err aver_replay_unseal(struct aver_replay_item *out, struct aver_bodies *bodies, aver_bytes chain,
                            const struct aver_frame_item *item, uint64_t entry, uint64_t height,
                            struct aver_arena *arena, struct aver_why *why)
{
    uint8_t key[32];
    aver_bytes plain;
    *out = (struct aver_replay_item){.receipt = AVER_BYTES_NONE};
    snprintf(out->place, sizeof out->place, "entry %" PRIu64 " (group %" PRIu64 ")", entry, height);
    AVER_TRY(aver_entry_read(&out->entry, item->entry, why));
    aver_err err = aver_bodies_find(bodies, key, item->key, why);
    if (err == AVER_OK)
        err = aver_body_unseal(&plain, item->body, item->nonce_b, chain, &out->entry.body, key, "body", arena,
                               why);
    if (err == AVER_OK)
        err = aver_body_unseal(&out->receipt, item->receipt, item->nonce_r, chain, &out->entry.receipt, key,
                               "receipt", arena, why);
    aver_wipe(key, sizeof key);
    if (err == AVER_OK) err = aver_body_read(&out->body, plain, why);
    if (err != AVER_OK) return at(why, out->place, err);
    if (!aver_digest_eq(aver_body_commitment(out->body.salt, plain), out->entry.body) ||
        !aver_digest_eq(aver_receipt_commitment(out->body.salt, out->receipt), out->entry.receipt))
        return aver_fail(why, AVER_E_DIFFERS, "LEDGER-BODY", out->place,
                         "the entry does not commit to this body and receipt");
    return AVER_OK;
}

aver_err aver_replay_open(struct aver_replay_batch *out, const struct aver_view *view, aver_bytes chain,
                          const struct aver_frame_batch *batch, const struct aver_body *genesis,
                          struct aver_arena *arena, struct aver_why *why)
{
    struct aver_public_key node_key;
    *out = (struct aver_replay_batch){.leaves = batch->leaves, .leaves_count = batch->leaves_count};
    if (genesis) {
        struct aver_genesis g;
        AVER_TRY(aver_schema_read(genesis->item, &aver_genesis_schema, &g, arena, why));
        memcpy(node_key.b, g.node_key.ptr, sizeof node_key.b);
    }
    AVER_TRY(
        aver_envelope_open(&out->envelope, view, batch->cose, chain, genesis ? &node_key : NULL, arena, why));
    AVER_TRY(aver_envelope_leaves(&out->envelope, out->leaves, out->leaves_count, why));
    return aver_envelope_expired(&out->envelope, view, why);
}

void aver_replay_keep(struct aver_replay *r, const struct aver_replay_batch *batch, aver_bytes cose)
{
    struct aver_cose parts;
    aver_arena_reset(&r->batch);
    r->last = *batch;
    aver_bytes leaves =
        aver_arena_copy(&r->batch, aver_bytes_of(batch->leaves, batch->leaves_count * sizeof(aver_digest)));
    r->last.leaves = (const aver_digest *)leaves.ptr;
    r->last.envelope.party = aver_arena_copy(&r->batch, batch->envelope.party);
    /* The header's text borrows the envelope: it is read again from the copy, which was read before. */
    AVER_ASSERT(aver_cose_read(&parts, aver_arena_copy(&r->batch, cose), NULL) == AVER_OK &&
                aver_schema_read(parts.payload, &aver_batch_schema, &r->last.envelope.batch, &r->batch,
                                 NULL) == AVER_OK);
}

bool aver_replay_signed(const struct aver_replay_batch *batch, const struct aver_frame_item *item,
                        const struct aver_replay_item *opened)
{
    const struct aver_body *body = &opened->body;
    return item->index < batch->leaves_count && body->index == item->index &&
           aver_digest_eq(body->batch, batch->envelope.digest) &&
           aver_digest_eq(aver_leaf(body->salt, body->item), batch->leaves[item->index]);
}

/* A difference of results: the owner of the replay decides whether it ends it. */
static aver_err differs(struct aver_replay *r, struct aver_why *why,
                        const struct aver_replay_difference *difference)
{
    if (why) *why = *difference->why;
    return r->differs ? r->differs(r->ctx, difference) : AVER_E_DIFFERS;
}

static aver_err compare(struct aver_replay *r, const struct aver_replay_item *item, uint64_t entry,
                        const struct aver_applied *applied, struct aver_why *why)
{
    r->receipts++;
    if (aver_bytes_eq(applied->receipt, item->receipt)) return AVER_OK;
    struct aver_why what;
    struct aver_receipt recorded;
    if (aver_schema_read(item->receipt, &aver_receipt_schema, &recorded, &r->item, NULL) == AVER_OK &&
        aver_receipt_other_prices(&recorded, why))
        return at(why, item->place, AVER_E_NOT_FOUND);
    struct aver_buf text = {0};
    aver_receipt_difference(&text, item->receipt, applied->receipt, &r->item);
    (void)aver_fail(&what, AVER_E_DIFFERS, "LEDGER-REPLAY", item->place, "the receipt differs: %.*s",
                    AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return differs(r, why, &(struct aver_replay_difference){&what, item, entry, applied});
}

void aver_replay_watch(struct aver_at_work *e, const struct aver_replay *r,
                       const struct aver_replay_batch *batch, const struct aver_replay_item *opened,
                       uint64_t entry, uint64_t height, int64_t time)
{
    if (!r->quarantine) return;
    *e = (struct aver_at_work){.quarantine = r->quarantine,
                               .doing = r->doing,
                               .height = height,
                               .time = time,
                               .entry = entry,
                               .env = batch ? &batch->envelope : NULL};
    if (opened) {
        e->index = opened->body.index;
        e->salt = opened->body.salt;
        e->item = opened->body.item;
    }
    aver_at_work_begin(e);
}

static aver_err apply(struct aver_replay *r, const struct aver_replay_batch *batch,
                      const struct aver_frame_item *item, const struct aver_replay_item *o, uint64_t entry,
                      struct aver_why *why)
{
    if (!aver_replay_signed(batch, item, o))
        return aver_fail(why, AVER_E_DIFFERS, "LEDGER-BODY", o->place,
                         "the body is not the item that was signed at this place");
    if (batch->envelope.batch.kind == AVER_TX_CLAIMS) r->claims++;
    struct aver_applied applied;
    struct aver_item apply = {o->body.salt, o->body.item, batch->leaves[item->index], entry, NULL};
    aver_err err = aver_apply(r->machine, &r->view->view, &batch->envelope, &apply, &r->item, &applied, why);
    if (err != AVER_OK) return at(why, o->place, err);
    if (applied.record.decision) r->paid += (int64_t)applied.record.decision->paid.cents;
    return compare(r, o, entry, &applied, why);
}

aver_err aver_replay_apply(struct aver_replay *r, const struct aver_replay_batch *batch,
                           const struct aver_frame_item *item, const struct aver_replay_item *o,
                           uint64_t entry, struct aver_why *why)
{
    struct aver_at_work at_work;
    aver_replay_watch(&at_work, r, batch, o, entry, r->view->view.height, r->view->view.time);
    aver_err err = apply(r, batch, item, o, entry, why);
    aver_at_work_end();
    return err;
}

static aver_err open_batch(struct aver_replay *r, const struct aver_frame_batch *batch,
                           const struct aver_body *genesis, struct aver_why *why)
{
    struct aver_replay_batch opened;
    aver_arena_reset(&r->batch);
    struct aver_frame_batch copy = *batch;
    copy.cose = aver_arena_copy(&r->batch, batch->cose);
    aver_bytes leaves =
        aver_arena_copy(&r->batch, aver_bytes_of(batch->leaves, batch->leaves_count * sizeof(aver_digest)));
    copy.leaves = (const aver_digest *)leaves.ptr;
    AVER_TRY(aver_replay_open(&opened, &r->view->view, r->chain, &copy, genesis, &r->batch, why));
    r->last = opened;
    r->signatures++;
    return AVER_OK;
}

aver_err aver_replay_root(struct aver_replay *r, const struct aver_frame *frame,
                          const struct aver_chain_group *group, struct aver_why *why)
{
    if (!frame->state.ptr) return AVER_OK;
    aver_digest root;
    AVER_TRY(aver_view_memory_root(r->view, &root, why));
    if (aver_digest_eq(root, group->state.root)) return AVER_OK;
    struct aver_why what;
    char place[64];
    snprintf(place, sizeof place, "group %" PRIu64, frame->height);
    (void)aver_fail(&what, AVER_E_DIFFERS, "LEDGER-STATE-ROOT", place,
                    "the state has another root than this group says");
    return differs(r, why, &(struct aver_replay_difference){.why = &what});
}

aver_err aver_replay_frame(struct aver_replay *r, const struct aver_frame *frame,
                           const struct aver_chain_group *group, struct aver_why *why)
{
    const struct aver_frame_batch *batch = frame->batches.items;
    const struct aver_frame_item *item = frame->items.items;
    r->view->view.height = frame->height;
    r->view->view.time = group->header.time;
    for (size_t i = 0; i < frame->items.count; i++) {
        struct aver_replay_item o;
        struct aver_at_work at_work;
        aver_arena_reset(&r->item);
        aver_replay_watch(&at_work, r, NULL, NULL, group->first + i, frame->height, group->header.time);
        aver_err err = aver_replay_unseal(&o, r->bodies, r->chain, &item[i], group->first + i, frame->height,
                                          &r->item, why);
        if (err == AVER_OK) r->bodies_opened++;
        if (err == AVER_OK && (i == 0 || item[i].batch != item[i - 1].batch) &&
            !batch[item[i].batch].continued) {
            err = open_batch(r, &batch[item[i].batch], frame->height == 1 ? &o.body : NULL, why);
            if (err != AVER_OK) err = at(why, o.place, err);
        }
        aver_at_work_end();
        AVER_TRY(err);
        AVER_TRY(aver_replay_apply(r, &r->last, &item[i], &o, group->first + i, why));
    }
    return aver_replay_root(r, frame, group, why);
}

aver_err aver_replay_resume(struct aver_replay *r, const struct aver_frame *frame, int64_t time,
                            struct aver_why *why)
{
    const struct aver_frame_batch *batch = frame->batches.items;
    if (frame->batches.count == 0 || batch[frame->batches.count - 1].continued)
        return bad_group(why, frame->height, "LEDGER-BATCH",
                         "it holds no envelope of the batch that the next group continues");
    r->view->view.height = frame->height;
    r->view->view.time = time;
    return open_batch(r, &batch[frame->batches.count - 1], NULL, why);
}

void aver_replay_free(struct aver_replay *r)
{
    aver_arena_free(&r->batch);
    aver_arena_free(&r->item);
}
