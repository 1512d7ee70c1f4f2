/* ledger/storage/frame.c - see frame.h. */
#include "ledger/storage/frame.h"

static aver_err form(struct aver_cbor *in, const char *what)
{
    return aver_cbor_fail(in, "FRAME-FORM", "a group frame: %s", what);
}

static aver_err sized(struct aver_cbor *in, aver_bytes *out, size_t min, size_t max, const char *what)
{
    AVER_TRY(aver_cbor_bytes(in, out));
    return out->len < min || out->len > max ? form(in, what) : AVER_OK;
}

static aver_err read_batch(struct aver_cbor *in, struct aver_frame_batch *out, bool first)
{
    size_t n;
    aver_bytes b;
    AVER_TRY(aver_cbor_array(in, &n));
    if (n == 1) {
        if (!first) return form(in, "only the first batch may continue one of the frame before");
        AVER_TRY(sized(in, &b, sizeof out->digest, sizeof out->digest, "the digest of a batch has 32 bytes"));
        out->continued = true;
        out->digest = *(const aver_digest *)b.ptr;
        return AVER_OK;
    }
    if (n != 2) return form(in, "a batch is its envelope and its leaves, or a digest");
    AVER_TRY(aver_cbor_bytes(in, &out->cose));
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len == 0 || b.len % sizeof(aver_digest) || b.len / sizeof(aver_digest) > AVER_BATCH_ITEMS_MAX)
        return form(in, "the leaves of a batch are 32 bytes each, one at least");
    out->leaves = (const aver_digest *)b.ptr;
    out->leaves_count = b.len / sizeof(aver_digest);
    out->digest = aver_sha256(out->cose);
    return AVER_OK;
}

static aver_err read_item(struct aver_cbor *in, struct aver_frame_item *out, const struct aver_frame *frame)
{
    size_t n;
    AVER_TRY(aver_cbor_array(in, &n));
    if (n != 8) return form(in, "an item has eight parts");
    AVER_TRY(aver_cbor_uint(in, &out->batch));
    AVER_TRY(aver_cbor_uint(in, &out->index));
    if (out->batch >= frame->batches.count) return form(in, "an item names a batch that is not in the frame");
    const struct aver_frame_batch *batch = (struct aver_frame_batch *)frame->batches.items + out->batch;
    if (out->index >= (batch->continued ? AVER_BATCH_ITEMS_MAX : batch->leaves_count))
        return form(in, "an item stands outside its batch");
    const struct aver_frame_item *last = frame->items.count > 1 ? out - 1 : NULL;
    if (last && (last->batch > out->batch || (last->batch == out->batch && last->index >= out->index)))
        return form(in, "items come by ascending batch and index");
    AVER_TRY(sized(in, &out->key, AVER_KEY_ID_BYTES, AVER_KEY_ID_BYTES, "a key id has 16 bytes"));
    AVER_TRY(sized(in, &out->nonce_b, AVER_NONCE_BYTES, AVER_NONCE_BYTES, "a nonce has 24 bytes"));
    AVER_TRY(sized(in, &out->body, AVER_SEAL_BYTES, SIZE_MAX, "a sealed body has 16 bytes at least"));
    AVER_TRY(sized(in, &out->nonce_r, AVER_NONCE_BYTES, AVER_NONCE_BYTES, "a nonce has 24 bytes"));
    AVER_TRY(sized(in, &out->receipt, AVER_SEAL_BYTES, SIZE_MAX, "a sealed receipt has 16 bytes at least"));
    return sized(in, &out->entry, 1, AVER_FRAME_ENTRY_MAX, "an entry has 1 to 4096 bytes");
}

aver_err aver_frame_read(struct aver_frame *out, aver_bytes payload, struct aver_arena *arena,
                         struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(payload, why);
    size_t n;
    uint64_t version;
    *out = (struct aver_frame){0};
    AVER_TRY(aver_cbor_array(&in, &n));
    if (n != 5) return form(&in, "five parts");
    AVER_TRY(aver_cbor_uint(&in, &version));
    if (version != AVER_FRAME_VERSION) return form(&in, "version 1 is the only one");
    AVER_TRY(aver_cbor_uint(&in, &out->height));
    if (out->height == 0) return form(&in, "heights begin at 1");
    AVER_TRY(aver_cbor_array(&in, &n));
    if (n > AVER_FRAME_BATCHES_MAX) return form(&in, "more batches than a frame may hold");
    for (size_t i = 0; i < n; i++)
        AVER_TRY(
            read_batch(&in, aver_list_add(arena, &out->batches, sizeof(struct aver_frame_batch)), i == 0));
    AVER_TRY(aver_cbor_array(&in, &n));
    if (n > AVER_FRAME_ITEMS_MAX) return form(&in, "more items than a frame may hold");
    for (size_t i = 0; i < n; i++)
        AVER_TRY(read_item(&in, aver_list_add(arena, &out->items, sizeof(struct aver_frame_item)), out));
    AVER_TRY(aver_cbor_array(&in, &n));
    if (n != 1 && n != 2) return form(&in, "a state root and a header, or a header");
    if (n == 2) AVER_TRY(sized(&in, &out->state, 1, AVER_FRAME_ENTRY_MAX, "an entry has 1 to 4096 bytes"));
    AVER_TRY(sized(&in, &out->header, 1, AVER_FRAME_ENTRY_MAX, "an entry has 1 to 4096 bytes"));
    return aver_cbor_end(&in);
}

void aver_frame_put_batch(struct aver_buf *batches, aver_bytes cose, const aver_digest *leaves, size_t count)
{
    aver_cbor_put_array(batches, 2);
    aver_cbor_put_bytes(batches, cose);
    aver_cbor_put_bytes(batches, aver_bytes_of(leaves, count * sizeof *leaves));
}

void aver_frame_put_continued(struct aver_buf *batches, const aver_digest *digest)
{
    aver_cbor_put_array(batches, 1);
    aver_cbor_put_bytes(batches, aver_digest_bytes(digest));
}

void aver_frame_put_item(struct aver_buf *items, const struct aver_frame_item *item)
{
    aver_cbor_put_array(items, 8);
    aver_cbor_put_uint(items, item->batch);
    aver_cbor_put_uint(items, item->index);
    aver_cbor_put_bytes(items, item->key);
    aver_cbor_put_bytes(items, item->nonce_b);
    aver_cbor_put_bytes(items, item->body);
    aver_cbor_put_bytes(items, item->nonce_r);
    aver_cbor_put_bytes(items, item->receipt);
    aver_cbor_put_bytes(items, item->entry);
}

void aver_frame_put_tail(struct aver_buf *items, uint64_t batch, uint64_t index, aver_bytes tail)
{
    aver_cbor_put_array(items, 8);
    aver_cbor_put_uint(items, batch);
    aver_cbor_put_uint(items, index);
    aver_buf_bytes(items, tail);
}

void aver_frame_pieces(aver_bytes pieces[AVER_FRAME_PIECES], struct aver_buf *rest,
                       const struct aver_frame_parts *parts)
{
    rest->len = 0;
    aver_cbor_put_array(rest, 5);
    aver_cbor_put_uint(rest, AVER_FRAME_VERSION);
    aver_cbor_put_uint(rest, parts->height);
    aver_cbor_put_array(rest, parts->batches_count);
    size_t first = rest->len;
    aver_cbor_put_array(rest, parts->items_count);
    size_t second = rest->len;
    aver_cbor_put_array(rest, parts->state.ptr ? 2 : 1);
    if (parts->state.ptr) aver_cbor_put_bytes(rest, parts->state);
    aver_cbor_put_bytes(rest, parts->header);
    aver_bytes whole = aver_buf_view(rest);
    pieces[0] = aver_bytes_cut(whole, 0, first);
    pieces[1] = aver_buf_view(parts->batches);
    pieces[2] = aver_bytes_cut(whole, first, second - first);
    pieces[3] = aver_buf_view(parts->items);
    pieces[4] = aver_bytes_cut(whole, second, whole.len - second);
}

void aver_frame_write(struct aver_buf *payload, const struct aver_frame_parts *parts)
{
    struct aver_buf rest = {0};
    aver_bytes pieces[AVER_FRAME_PIECES];
    aver_frame_pieces(pieces, &rest, parts);
    for (size_t i = 0; i < AVER_FRAME_PIECES; i++) aver_buf_bytes(payload, pieces[i]);
    aver_buf_free(&rest);
}
