/* ledger/model/smt_bucket.h - a page that holds all the leaves of a subtree, few as they are, side by side: so a leaf is found, and
 * changed, with one page however large the trie is. Each leaf takes 64 bytes; what is hashed from them is made anew where it is
 * needed, but for the nodes of the first four levels, which are kept.
 *
 * Bytes: the tag; how many leaves each of the 16 slots has (numbered as a branch's, a byte each); the leaves in path
 * order, key and value of each; the hashes of the inner nodes among 1 to 15 in order. Which nodes are inner follows from the counts. */
#ifndef AVER_LEDGER_MODEL_SMT_BUCKET_H
#define AVER_LEDGER_MODEL_SMT_BUCKET_H

#include "ledger/model/smt.h"

/* As many as fit, with all that is beside them, in one page of LMDB's own (4,096 bytes, 16 of them its header). */
#define AVER_SMT_BUCKET_LEAVES    55
#define AVER_SMT_BUCKET_BYTES_MAX (17 + 64 * AVER_SMT_BUCKET_LEAVES + 32 * (AVER_SMT_SLOTS - 1))

/* A bucket laid open. Borrows the page's bytes. */
struct aver_smt_bucket {
    uint8_t slot[AVER_SMT_SLOTS]; /* leaves in each */
    unsigned count;
    const uint8_t *leaves;            /* 64 bytes each */
    uint8_t kind[AVER_SMT_SLOTS];     /* of the nodes 1 to 15 */
    aver_digest hash[AVER_SMT_SLOTS]; /* of those that are inner; else zero */
};

static inline bool aver_smt_is_bucket(aver_bytes page)
{
    return page.len > 0 && page.ptr[0] == AVER_SMT_TAG_BUCKET;
}
/* SMT-PAGE, AVER_E_CORRUPT: not such bytes. */
AVER_MUST_CHECK aver_err aver_smt_bucket_read(struct aver_smt_bucket *bucket, aver_bytes in,
                                              struct aver_why *why);
/* One of the leaves, with path and hash. */
struct aver_smt_update aver_smt_bucket_leaf(const struct aver_smt *smt, const struct aver_smt_bucket *bucket,
                                            unsigned index);
/* All of them; returns how many. */
unsigned aver_smt_bucket_leaves(const struct aver_smt *smt, const struct aver_smt_bucket *bucket,
                                struct aver_smt_update out[AVER_SMT_BUCKET_LEAVES]);
/* What an apply makes of a bucket at `depth` (NULL: of nothing) that has room for all of `u`, which is sorted and lies below it. Returns
 * the new bytes' length. `top` is what stands for it above: its hash where there are two leaves or more, the leaf itself where there
 * is one, else zero. */
struct aver_smt_bucket_top {
    unsigned count;
    aver_digest hash, key, value;
};
size_t aver_smt_bucket_change(const struct aver_smt *smt, uint8_t out[AVER_SMT_BUCKET_BYTES_MAX],
                              struct aver_smt_bucket_top *top, const struct aver_smt_bucket *bucket,
                              unsigned depth, const struct aver_smt_update *u, size_t n);

/* The hash of a subtree by its leaves, sorted, that share their first `depth` bits: zero for none. */
aver_digest aver_smt_leaves_hash(const struct aver_smt_update *leaves, size_t n, unsigned depth);

#endif
