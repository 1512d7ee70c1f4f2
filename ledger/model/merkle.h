/* ledger/model/merkle.h - the log tree: RFC 9162 section 2.1 with SHA-256. Pure arithmetic on hashes: who keeps them,
 * and where, is behind struct aver_merkle_source.
 *
 *             root(7)              A subtree is named by (level, index): it covers the leaves
 *            /       \             index << level up to (index + 1) << level, all of them present.
 *        (2,0)       root(3)       What is not such a complete subtree is computed when asked for,
 *       /    \       /    \        out of at most 64 that are.
 *    (1,0)  (1,1)  (1,2)   6
 *     / \    / \    / \
 *    0   1  2   3  4   5 */
#ifndef AVER_LEDGER_MODEL_MERKLE_H
#define AVER_LEDGER_MODEL_MERKLE_H

#include "base/hash.h"

/* A tree holds fewer than 2^63 leaves, so that no sum of two positions overflows. */
#define AVER_MERKLE_LEVELS   63
#define AVER_MERKLE_SIZE_MAX ((UINT64_C(1) << AVER_MERKLE_LEVELS) - 1)

/* RFC 9162 2.1.1: "MTH({}) = HASH()." */
aver_digest aver_merkle_empty(void);
/* RFC 9162 2.1.1: "MTH({d[0]}) = HASH(0x00 || d[0])." */
aver_digest aver_merkle_leaf(aver_bytes entry);
/* RFC 9162 2.1.1: "MTH(D_n) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n]))" */
aver_digest aver_merkle_node(const aver_digest *left, const aver_digest *right);
/* The root over `n` leaf hashes; the empty root for none. */
aver_digest aver_merkle_root_of(const aver_digest *leaves, size_t n);

/* The growing edge of a tree: peak[k] is the complete subtree of 2^k leaves, meaningful where bit k of `size` is set.
 * All zeros is the empty tree. A plain value: copy it to keep an earlier state. */
struct aver_merkle {
    uint64_t size;
    aver_digest peak[AVER_MERKLE_LEVELS];
};

/* Hears of each subtree when it becomes complete: the leaf at level 0 first, then what it completes above. */
typedef void aver_merkle_made(void *ctx, unsigned level, uint64_t index, const aver_digest *hash);

/* `made` may be NULL. Asserts that the tree is not full. */
void aver_merkle_append(struct aver_merkle *tree, const aver_digest *leaf, aver_merkle_made *made, void *ctx);
aver_digest aver_merkle_root(const struct aver_merkle *tree);

/* The edge as bytes: the size as 8 bytes big-endian, then the peaks, the largest subtree first: one for each bit set in
 * the size, so at most AVER_MERKLE_BYTES_MAX. */
#define AVER_MERKLE_BYTES_MAX (8 + 32 * AVER_MERKLE_LEVELS)
void aver_merkle_write(struct aver_buf *buf, const struct aver_merkle *tree);
/* Reads all of `in`. MERKLE-EDGE, AVER_E_CORRUPT: not such bytes. Whether the peaks are right only the root can tell. */
AVER_MUST_CHECK aver_err aver_merkle_read(struct aver_merkle *tree, aver_bytes in, struct aver_why *why);

/* Where proofs get their hashes: the complete subtree (level, index). It is asked only for subtrees that lie wholly
 * below the tree size given. Its errors are handed through. */
struct aver_merkle_source {
    aver_err (*get)(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *why);
    void *ctx;
};

/* A source over an array of all leaf hashes, for trees small enough to keep whole (a batch of claims). Asked for a
 * subtree above the leaves it hashes them, so a proof costs O(n). Both stay borrowed while the source is used. */
struct aver_merkle_leaves {
    const aver_digest *leaf;
    size_t count;
};
struct aver_merkle_source aver_merkle_source_of(struct aver_merkle_leaves *leaves);

/* Hashes in the order of RFC 9162: the sibling nearest the leaf first. */
#define AVER_MERKLE_PROOF_MAX (AVER_MERKLE_LEVELS + 1)
struct aver_merkle_proof {
    size_t count;
    aver_digest hash[AVER_MERKLE_PROOF_MAX];
};

/* RFC 9162 2.1.3.1, "Generating an Inclusion Proof": PATH(index, D_size). At most 2 * 63 subtrees are read.
 * MERKLE-RANGE, AVER_E_RANGE: index >= size, or size above AVER_MERKLE_SIZE_MAX. Else the source's errors. */
AVER_MUST_CHECK aver_err aver_merkle_prove(struct aver_merkle_proof *out, uint64_t index, uint64_t size,
                                           struct aver_merkle_source source, struct aver_why *why);
/* RFC 9162 2.1.4.1, "Generating a Consistency Proof": PROOF(first, D_second); empty when first == second.
 * MERKLE-RANGE, AVER_E_RANGE: not 0 < first <= second <= AVER_MERKLE_SIZE_MAX. Else the source's errors. */
AVER_MUST_CHECK aver_err aver_merkle_prove_consistency(struct aver_merkle_proof *out, uint64_t first,
                                                       uint64_t second, struct aver_merkle_source source,
                                                       struct aver_why *why);

/* RFC 9162 2.1.3.2, "Verifying an Inclusion Proof". `hash` is borrowed and may be NULL when count is 0.
 * MERKLE-RANGE, AVER_E_RANGE: the index lies outside the tree. MERKLE-PROOF, AVER_E_DIFFERS: it does not lead to `root`,
 * or has too few or too many hashes. */
AVER_MUST_CHECK aver_err aver_merkle_verify(const aver_digest *root, uint64_t size, uint64_t index,
                                            const aver_digest *leaf, const aver_digest *hash, size_t count,
                                            struct aver_why *why);
/* RFC 9162 2.1.4.2, "Verifying Consistency between Two Tree Heads", and equal sizes with an empty proof and equal roots.
 * An empty tree is consistent with everything and proves nothing: first == 0 is refused.
 * MERKLE-RANGE, AVER_E_RANGE: not 0 < first <= second. MERKLE-PROOF, AVER_E_DIFFERS: as above, for either root. */
AVER_MUST_CHECK aver_err aver_merkle_verify_consistency(const aver_digest *first_root, uint64_t first,
                                                        const aver_digest *second_root, uint64_t second,
                                                        const aver_digest *hash, size_t count,
                                                        struct aver_why *why);

#endif
