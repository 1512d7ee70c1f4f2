/* ledger/storage/head.c - see head.h. */
#include "ledger/storage/head.h"

#include <string.h>

#define VERSION 1
#define PARTS   11

static void put_digest(struct aver_buf *out, const aver_digest *d)
{
    aver_cbor_put_bytes(out, aver_digest_bytes(d));
}

void aver_head_write(struct aver_buf *out, const struct aver_head *head)
{
    struct aver_buf edge = {0};
    aver_merkle_write(&edge, &head->tree);
    aver_cbor_put_array(out, PARTS);
    aver_cbor_put_uint(out, VERSION);
    aver_cbor_put_uint(out, head->height);
    aver_cbor_put_int(out, head->time);
    aver_cbor_put_uint(out, head->offset);
    put_digest(out, &head->header);
    put_digest(out, &head->state_root);
    put_digest(out, &head->batch);
    aver_cbor_put_uint(out, head->batch_offset);
    aver_cbor_put_uint(out, head->batch_next);
    aver_cbor_put_uint(out, head->keys);
    aver_cbor_put_bytes(out, aver_buf_view(&edge));
    aver_buf_free(&edge);
}

static aver_err get_digest(struct aver_cbor *in, aver_digest *out)
{
    aver_bytes b;
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len != sizeof out->b) return AVER_E_INPUT;
    memcpy(out->b, b.ptr, sizeof out->b);
    return AVER_OK;
}

static aver_err read_parts(struct aver_head *out, aver_bytes bytes)
{
    struct aver_cbor in = aver_cbor_open(bytes, NULL);
    size_t n;
    uint64_t version;
    aver_bytes edge;
    AVER_TRY(aver_cbor_array(&in, &n));
    AVER_TRY(aver_cbor_uint(&in, &version));
    if (n != PARTS || version != VERSION) return AVER_E_INPUT;
    AVER_TRY(aver_cbor_uint(&in, &out->height));
    AVER_TRY(aver_cbor_int(&in, &out->time));
    AVER_TRY(aver_cbor_uint(&in, &out->offset));
    AVER_TRY(get_digest(&in, &out->header));
    AVER_TRY(get_digest(&in, &out->state_root));
    AVER_TRY(get_digest(&in, &out->batch));
    AVER_TRY(aver_cbor_uint(&in, &out->batch_offset));
    AVER_TRY(aver_cbor_uint(&in, &out->batch_next));
    AVER_TRY(aver_cbor_uint(&in, &out->keys));
    AVER_TRY(aver_cbor_bytes(&in, &edge));
    AVER_TRY(aver_merkle_read(&out->tree, edge, NULL));
    return aver_cbor_end(&in);
}

aver_err aver_head_read(struct aver_head *out, aver_bytes in, struct aver_why *why)
{
    *out = (struct aver_head){0};
    if (read_parts(out, in) == AVER_OK) return AVER_OK;
    return aver_fail(
        why, AVER_E_CORRUPT, "LEDGER-STATE", "state/data.mdb",
        "the state does not say where it stands; delete the directory state/ and open the ledger for "
        "writing to rebuild it from the log");
}

void aver_hash_key(uint8_t key[AVER_HASH_KEY_BYTES], unsigned level, uint64_t index)
{
    key[0] = (uint8_t)level;
    aver_put_u64(key + 1, index / AVER_HASH_RUN);
}
