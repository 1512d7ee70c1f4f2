/* ledger/storage/frame.h - a group as it lies in log/groups. Pure: bytes in, bytes out.
 *
 *   frame      magic "AVERGRP1", length of the payload (4 bytes, big-endian), payload, SHA-256 of the payload (32 bytes)
 *
 *   payload  = [ version: 1, height: uint, batches: [* batch], items: [* item], entries: [? state, header] ]
 *   batch    = [ cose: bstr, leaves: bstr ]        ; leaves: 32 bytes each, of ALL items that were signed
 *            / [ digest: bstr .size 32 ]           ; continues the last batch of the frame before; first of its frame only
 *   item     = [ batch: uint, index: uint,         ; which batch of this frame, which of its items
 *                key: bstr .size 16,               ; whose key seals it (bodies.h)
 *                nonce_b: bstr .size 24, body: bstr,       ; sealed (entry.h says of what)
 *                nonce_r: bstr .size 24, receipt: bstr,    ; sealed
 *                entry: bstr ]                     ; the log entry
 *   state, header = bstr                           ; log entries
 *
 * in the CBOR of base/cbor.h. The leaves of refused and repeated items are kept although those items are not logged, so
 * that the signed root stays checkable, and so that erasing one body's key never breaks its neighbours. Items of a batch
 * come by ascending index, across frames too. */
#ifndef AVER_LEDGER_STORAGE_FRAME_H
#define AVER_LEDGER_STORAGE_FRAME_H

#include "ledger/model/entry.h"
#include "ledger/model/tx.h"

#define AVER_FRAME_MAGIC       "AVERGRP1"
#define AVER_FRAME_VERSION     1
#define AVER_FRAME_HEAD_BYTES  12
#define AVER_FRAME_TAIL_BYTES  32
#define AVER_FRAME_BYTES_MAX   268435456 /* payload: 256 MiB */
#define AVER_FRAME_ITEMS_MAX   100000
#define AVER_FRAME_BATCHES_MAX 100000
#define AVER_KEY_ID_BYTES      16
#define AVER_NONCE_BYTES       24
#define AVER_SEAL_BYTES        16 /* the tag that sealing adds */
#define AVER_FRAME_ENTRY_MAX   4096

struct aver_frame_batch {
    bool continued;
    aver_digest digest;        /* SHA-256 of the COSE_Sign1, computed or, when continued, as read */
    aver_bytes cose;           /* absent when continued */
    const aver_digest *leaves; /* borrowed */
    size_t leaves_count;
};
struct aver_frame_item {
    uint64_t batch, index;
    aver_bytes key, nonce_b, body, nonce_r, receipt, entry;
};
struct aver_frame {
    uint64_t height;
    struct aver_list batches; /* of struct aver_frame_batch */
    struct aver_list items;   /* of struct aver_frame_item */
    aver_bytes state, header; /* encoded entries; state absent: the group closes no epoch */
};

/* Borrows the payload. AVER_E_INPUT: CBOR-*, FRAME-FORM. */
AVER_MUST_CHECK aver_err aver_frame_read(struct aver_frame *out, aver_bytes payload, struct aver_arena *arena,
                                         struct aver_why *why);

/* Writing: the batches and the items are appended to buffers of their own while the group is made, then put together. */
void aver_frame_put_batch(struct aver_buf *batches, aver_bytes cose, const aver_digest *leaves, size_t count);
void aver_frame_put_continued(struct aver_buf *batches, const aver_digest *digest);
void aver_frame_put_item(struct aver_buf *items, const struct aver_frame_item *item);
/* The same item when all behind `index` is encoded already, in `tail`. */
void aver_frame_put_tail(struct aver_buf *items, uint64_t batch, uint64_t index, aver_bytes tail);
struct aver_frame_parts {
    uint64_t height;
    const struct aver_buf *batches, *items;
    size_t batches_count, items_count;
    aver_bytes state, header;
};
void aver_frame_write(struct aver_buf *payload, const struct aver_frame_parts *parts);
/* The same bytes as pieces, one after the other; they borrow the parts and `rest`, which is emptied before. */
#define AVER_FRAME_PIECES 5
void aver_frame_pieces(aver_bytes pieces[AVER_FRAME_PIECES], struct aver_buf *rest,
                       const struct aver_frame_parts *parts);

#endif
