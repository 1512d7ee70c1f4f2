/* ledger/storage/head.h - where a ledger stands after a group: all that the next group needs to know of those before. */
#ifndef AVER_LEDGER_STORAGE_HEAD_H
#define AVER_LEDGER_STORAGE_HEAD_H

#include "ledger/model/merkle.h"
#include "ledger/storage/frame.h"

/* All zeros stands before the genesis. */
struct aver_head {
    uint64_t height;
    int64_t time;
    uint64_t offset;        /* in the log: where the next frame begins */
    aver_digest header;     /* SHA-256 of the last header entry */
    aver_digest state_root; /* of the last state root entry */
    aver_digest batch;      /* the last batch, */
    uint64_t batch_offset;  /* the frame that holds its envelope, */
    uint64_t batch_next;    /* and the least index that an item of it may have now */
    uint64_t keys;          /* records of keys/bodies that LMDB knows; 0 in an audit */
    struct aver_merkle tree;
};

/* As one CBOR array, for LMDB. AVER_E_CORRUPT LEDGER-STATE: not such bytes. */
void aver_head_write(struct aver_buf *out, const struct aver_head *head);
AVER_MUST_CHECK aver_err aver_head_read(struct aver_head *out, aver_bytes in, struct aver_why *why);

/* The log tree's hashes are kept in runs of AVER_HASH_RUN: key is level (1 byte) and number of the run (8 bytes, big-endian). */
#define AVER_HASH_RUN       32
#define AVER_HASH_KEY_BYTES 9
void aver_hash_key(uint8_t key[AVER_HASH_KEY_BYTES], unsigned level, uint64_t index);

static inline void aver_put_u64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++) out[i] = (uint8_t)(v >> (56 - 8 * i));
}
static inline uint64_t aver_get_u64(const uint8_t in[8])
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) v = v << 8 | in[i];
    return v;
}

#endif
