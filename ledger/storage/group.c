/* ledger/storage/group.c - a group in the making: what its items became, sealed and put in a frame, and the frame made
 * durable. The order is that of ledger.h: keys, then the frame, then (elsewhere) LMDB. */
#include <string.h>

#include "ledger/storage/ledger_private.h"

#define ENTRY_BYTES_MAX 96 /* of an item: two digests and their heads */

void aver_group_begin(struct aver_ledger *ledger, struct aver_group_work *g, int64_t now)
{
    g->batches.len = g->items.len = g->entries.len = 0;
    g->batches_count = g->items_count = 0;
    g->head = ledger->head;
    g->first = g->head.tree.size;
    g->batch_offset = aver_append_end(&ledger->append);
    g->open = true;
    ledger->view.view.height = g->head.height + 1;
    ledger->view.view.time = g->head.height && now < g->head.time ? g->head.time : now;
}

void aver_group_batch(struct aver_ledger *ledger, struct aver_group_work *g, const aver_digest *digest,
                      aver_bytes cose, const aver_digest *leaves, size_t count)
{
    if (cose.ptr) {
        aver_frame_put_batch(&g->batches, cose, leaves, count);
        g->head.batch = *digest;
        g->head.batch_offset = aver_append_end(&ledger->append);
        g->head.batch_next = 0;
    } else {
        AVER_ASSERT(g->batches_count == 0 && aver_digest_eq(g->head.batch, *digest));
        aver_frame_put_continued(&g->batches, digest);
        g->batch_offset = g->head.batch_offset;
    }
    g->batches_count++;
}

#define BODY_HEAD_MAX 80 /* of a body, without its item: digest, number, salt and the heads */

static uint8_t *put(uint8_t *to, const void *bytes, size_t len)
{
    to = aver_cbor_head_at(to, AVER_CBOR_BYTES, len);
    memcpy(to, bytes, len);
    return to + len;
}

/* What aver_body_encode writes before the item's bytes. */
static size_t body_head(uint8_t head[BODY_HEAD_MAX], const aver_digest *batch, uint64_t index,
                        const struct aver_batch_item *item)
{
    AVER_ASSERT(item->salt.len == AVER_SALT_BYTES);
    uint8_t *to = aver_cbor_head_at(head, AVER_CBOR_ARRAY, 4);
    to = put(to, batch->b, sizeof batch->b);
    to = aver_cbor_head_at(to, AVER_CBOR_UINT, index);
    to = put(to, item->salt.ptr, item->salt.len);
    return (size_t)(aver_cbor_head_at(to, AVER_CBOR_BYTES, item->item.len) - head);
}

void aver_group_seal(struct aver_sealed_item *out, aver_bytes chain, const aver_digest *batch, uint64_t index,
                     const struct aver_batch_item *item, aver_bytes receipt,
                     const uint8_t key_id[AVER_KEY_ID_BYTES], const uint8_t key[32], const uint8_t *nonces,
                     struct aver_arena *arena)
{
    size_t room = AVER_KEY_ID_BYTES + 2 * (AVER_NONCE_BYTES + AVER_SEAL_BYTES) + BODY_HEAD_MAX +
                  item->item.len + receipt.len + ENTRY_BYTES_MAX + 6 * AVER_CBOR_HEAD_MAX;
    uint8_t *start = aver_arena_raw(arena, room), *to = start, head[BODY_HEAD_MAX];
    size_t head_len = body_head(head, batch, index, item), body_len = head_len + item->item.len;
    to = put(to, key_id, AVER_KEY_ID_BYTES);
    to = put(to, nonces, AVER_NONCE_BYTES);
    to = aver_cbor_head_at(to, AVER_CBOR_BYTES, body_len + AVER_SEAL_BYTES);
    memcpy(to, head, head_len);
    if (item->item.len) memcpy(to + head_len, item->item.ptr, item->item.len);
    aver_bytes body = {to, body_len}; /* sealed where it lies */
    struct aver_entry e = {.kind = AVER_ENTRY_ITEM,
                           .body = aver_body_commitment(item->salt, body),
                           .receipt = aver_receipt_commitment(item->salt, receipt)};
    aver_body_seal_at(to, nonces, body, chain, &e.body, key);
    to += body_len + AVER_SEAL_BYTES;
    nonces += AVER_NONCE_BYTES;
    to = put(to, nonces, AVER_NONCE_BYTES);
    to = aver_cbor_head_at(to, AVER_CBOR_BYTES, receipt.len + AVER_SEAL_BYTES);
    aver_body_seal_at(to, nonces, receipt, chain, &e.receipt, key);
    to += receipt.len + AVER_SEAL_BYTES;
    struct aver_buf entry = {0};
    aver_entry_encode(&entry, &e);
    AVER_ASSERT(entry.len <= ENTRY_BYTES_MAX);
    to = put(to, entry.ptr, entry.len);
    AVER_ASSERT(to <= start + room);
    out->tail = aver_bytes_of(start, (size_t)(to - start));
    out->entry = aver_bytes_of(to - entry.len, entry.len);
    aver_buf_free(&entry);
}

void aver_group_put(struct aver_ledger *ledger, struct aver_group_work *g, uint64_t index,
                    const struct aver_sealed_item *sealed)
{
    aver_bytes entry = sealed->entry;
    aver_frame_put_tail(&g->items, g->batches_count - 1, index, sealed->tail);
    aver_chain_append(&g->head, entry, aver_ledger_made, ledger);
    aver_buf_byte(&g->entries, (uint8_t)(entry.len >> 8));
    aver_buf_byte(&g->entries, (uint8_t)entry.len);
    aver_buf_bytes(&g->entries, entry);
    g->head.batch_next = index + 1;
    g->items_count++;
}

aver_err aver_group_item(struct aver_ledger *ledger, struct aver_group_work *g, uint64_t index,
                         const struct aver_batch_item *item, const struct aver_applied *applied,
                         struct aver_arena *arena, struct aver_why *why)
{
    uint8_t id[AVER_KEY_ID_BYTES], key[32], nonces[2 * AVER_NONCE_BYTES];
    struct aver_sealed_item sealed;
    AVER_TRY(aver_bodies_key(&ledger->bodies, id, key, applied->subject, why));
    aver_random(nonces, sizeof nonces);
    aver_group_seal(&sealed, ledger->chain, &g->head.batch, index, item, applied->receipt, id, key, nonces,
                    arena);
    aver_wipe(key, sizeof key);
    aver_group_put(ledger, g, index, &sealed);
    return AVER_OK;
}

bool aver_group_full(const struct aver_group_work *g)
{
    return g->items_count >= AVER_GROUP_ITEMS_MAX || g->items.len + g->batches.len >= AVER_GROUP_BYTES_MAX;
}

static aver_err append(struct aver_ledger *ledger, uint64_t *offset, const aver_bytes *pieces,
                       struct aver_group_work *g, struct aver_buf *others, bool follows, struct aver_why *why)
{
    struct aver_buf *memory[AVER_APPEND_BUFFERS] = {&g->batches, &g->items, others};
    AVER_TRY(aver_ledger_appended(ledger, why));
    if (follows) {
        *offset = aver_append_begin(&ledger->append, pieces, AVER_FRAME_PIECES, memory);
        return AVER_OK;
    }
    aver_err err = aver_log_append(&ledger->log, offset, pieces, AVER_FRAME_PIECES, why);
    if (err == AVER_E_IO) ledger->broken = true;
    return err;
}

aver_err aver_ledger_appended(struct aver_ledger *ledger, struct aver_why *why)
{
    aver_err err = aver_append_wait(&ledger->append, why);
    if (err == AVER_E_IO) ledger->broken = true; /* a frame whose sync failed is on the disk, or not */
    return err;
}

aver_err aver_group_end(struct aver_ledger *ledger, struct aver_group_work *g, bool epoch, bool follows,
                        struct aver_why *why)
{
    struct aver_buf state = {0}, header = {0}, others = {0};
    aver_bytes pieces[AVER_FRAME_PIECES];
    struct aver_head head = g->head;
    uint64_t offset;
    aver_err err = AVER_OK;
    if (epoch) {
        struct aver_entry e = {.kind = AVER_ENTRY_STATE, .height = head.height + 1};
        err = aver_view_memory_root(&ledger->view, &e.root, why);
        aver_entry_encode(&state, &e);
        aver_chain_append(&head, aver_buf_view(&state), aver_ledger_made, ledger);
        head.state_root = e.root;
    }
    aver_chain_close(&head, ledger->view.view.time, &header, aver_ledger_made, ledger);
    aver_frame_pieces(pieces, &others,
                      &(struct aver_frame_parts){head.height, &g->batches, &g->items, g->batches_count,
                                                 g->items_count, aver_buf_view(&state),
                                                 aver_buf_view(&header)});
    if (err == AVER_OK && ledger->broken) err = aver_ledger_writable(ledger, why);
    if (err == AVER_OK) err = aver_bodies_sync(&ledger->bodies, why);
    if (err == AVER_OK) err = append(ledger, &offset, pieces, g, &others, follows, why);
    if (err == AVER_OK) {
        aver_ledger_index(ledger, g->first, offset, g->batch_offset);
        for (aver_bytes rest = aver_buf_view(&g->entries); rest.len;) {
            size_t len = (size_t)rest.ptr[0] << 8 | rest.ptr[1];
            aver_ledger_recent(ledger, aver_bytes_cut(rest, 2, len));
            rest = aver_bytes_cut(rest, 2 + len, rest.len - 2 - len);
        }
        if (epoch) aver_ledger_recent(ledger, aver_buf_view(&state));
        aver_ledger_recent(ledger, aver_buf_view(&header));
        head.offset = aver_append_end(&ledger->append);
        ledger->head = head;
        ledger->epoch_items = epoch ? 0 : ledger->epoch_items + g->items_count;
        g->open = false;
    }
    aver_buf_free(&state);
    aver_buf_free(&header);
    aver_buf_free(&others);
    return err;
}

void aver_group_free(struct aver_group_work *g)
{
    aver_buf_free(&g->batches);
    aver_buf_free(&g->items);
    aver_buf_free(&g->entries);
}
