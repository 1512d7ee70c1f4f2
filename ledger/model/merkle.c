/* ledger/model/merkle.c - see merkle.h. */
#include "ledger/model/merkle.h"

#include <inttypes.h>
#include <string.h>

aver_digest aver_merkle_empty(void) { return aver_sha256(AVER_BYTES_NONE); }

aver_digest aver_merkle_leaf(aver_bytes entry)
{
    const aver_bytes parts[2] = {aver_bytes_of("\x00", 1), entry};
    return aver_sha256_parts(parts, 2);
}

aver_digest aver_merkle_node(const aver_digest *left, const aver_digest *right)
{
    uint8_t both[65];
    both[0] = 0x01;
    memcpy(both + 1, left->b, 32);
    memcpy(both + 33, right->b, 32);
    return aver_sha256(aver_bytes_of(both, sizeof both));
}

static void no_one_hears(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    (void)ctx, (void)level, (void)index, (void)hash;
}

void aver_merkle_append(struct aver_merkle *tree, const aver_digest *leaf, aver_merkle_made *made, void *ctx)
{
    AVER_ASSERT(tree->size < AVER_MERKLE_SIZE_MAX);
    if (!made) made = no_one_hears;
    aver_digest hash = *leaf;
    uint64_t index = tree->size;
    unsigned level = 0;
    made(ctx, level, index, &hash);
    for (; index & 1; level++, index >>= 1) {
        hash = aver_merkle_node(&tree->peak[level], &hash);
        made(ctx, level + 1, index >> 1, &hash);
    }
    tree->peak[level] = hash;
    tree->size++;
}

aver_digest aver_merkle_root(const struct aver_merkle *tree)
{
    if (tree->size == 0) return aver_merkle_empty();
    unsigned level = (unsigned)__builtin_ctzll(tree->size);
    aver_digest root = tree->peak[level];
    while (++level < AVER_MERKLE_LEVELS)
        if (tree->size >> level & 1) root = aver_merkle_node(&tree->peak[level], &root);
    return root;
}

aver_digest aver_merkle_root_of(const aver_digest *leaves, size_t n)
{
    struct aver_merkle tree;
    tree.size = 0;
    for (size_t i = 0; i < n; i++) aver_merkle_append(&tree, &leaves[i], NULL, NULL);
    return aver_merkle_root(&tree);
}

void aver_merkle_write(struct aver_buf *buf, const struct aver_merkle *tree)
{
    for (int shift = 56; shift >= 0; shift -= 8) aver_buf_byte(buf, (uint8_t)(tree->size >> shift));
    for (unsigned level = AVER_MERKLE_LEVELS; level-- > 0;)
        if (tree->size >> level & 1) aver_buf_put(buf, tree->peak[level].b, 32);
}

aver_err aver_merkle_read(struct aver_merkle *tree, aver_bytes in, struct aver_why *why)
{
    uint64_t size = 0;
    for (size_t i = 0; i < 8 && i < in.len; i++) size = size << 8 | in.ptr[i];
    if (in.len < 8 || size > AVER_MERKLE_SIZE_MAX || in.len != 8 + 32 * (size_t)__builtin_popcountll(size))
        return aver_fail(why, AVER_E_CORRUPT, "MERKLE-EDGE", "",
                         "%zu bytes are not the edge of a log tree; rebuild it from the log", in.len);
    *tree = (struct aver_merkle){.size = size};
    const uint8_t *at = in.ptr + 8;
    for (unsigned level = AVER_MERKLE_LEVELS; level-- > 0;) {
        if (!(size >> level & 1)) continue;
        memcpy(tree->peak[level].b, at, 32);
        at += 32;
    }
    return AVER_OK;
}

/* ---- proofs: making ---- */

/* RFC 9162 2.1.1: "let k be the largest power of two smaller than n (i.e., k < n <= 2k)". */
static uint64_t split_of(uint64_t n) { return UINT64_C(1) << (63 - __builtin_clzll(n - 1)); }

/* MTH(D[lo:hi]). By the way ranges are split, lo is a multiple of the largest power of two that fits in, so the range is
 * a row of complete subtrees, each smaller than the one before: read them and join them from the right. */
static aver_err range_root(aver_digest *out, uint64_t lo, uint64_t hi, struct aver_merkle_source source,
                           struct aver_why *why)
{
    bool have = false;
    for (uint64_t left = hi - lo; left; left &= left - 1) {
        unsigned level = (unsigned)__builtin_ctzll(left);
        aver_digest hash;
        hi -= UINT64_C(1) << level;
        AVER_TRY(source.get(source.ctx, &hash, level, hi >> level, why));
        *out = have ? aver_merkle_node(&hash, out) : hash;
        have = true;
    }
    return AVER_OK;
}

static void reverse(struct aver_merkle_proof *proof)
{
    for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
        j--;
        aver_digest t = proof->hash[i];
        proof->hash[i] = proof->hash[j];
        proof->hash[j] = t;
    }
}

aver_err aver_merkle_prove(struct aver_merkle_proof *out, uint64_t index, uint64_t size,
                           struct aver_merkle_source source, struct aver_why *why)
{
    if (size > AVER_MERKLE_SIZE_MAX || index >= size)
        return aver_fail(why, AVER_E_RANGE, "MERKLE-RANGE", "",
                         "entry %" PRIu64 " is not in a log of %" PRIu64 " entries", index, size);
    /* RFC 9162 2.1.3.1: "PATH(m, D_n) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k; and
     * PATH(m, D_n) = PATH(m - k, D[k:n]) : MTH(D[0:k]) for m >= k". Walked from the root, so written backwards. */
    uint64_t lo = 0, hi = size;
    out->count = 0;
    while (hi - lo > 1) {
        uint64_t k = lo + split_of(hi - lo);
        aver_digest *next = &out->hash[out->count++];
        if (index < k) {
            AVER_TRY(range_root(next, k, hi, source, why));
            hi = k;
        } else {
            AVER_TRY(range_root(next, lo, k, source, why));
            lo = k;
        }
    }
    reverse(out);
    return AVER_OK;
}

static aver_err bad_sizes(uint64_t first, uint64_t second, struct aver_why *why)
{
    return aver_fail(why, AVER_E_RANGE, "MERKLE-RANGE", "",
                     "a log of %" PRIu64 " entries cannot be proved to have grown to %" PRIu64
                     "; the first size must be above zero and not above the second",
                     first, second);
}

aver_err aver_merkle_prove_consistency(struct aver_merkle_proof *out, uint64_t first, uint64_t second,
                                       struct aver_merkle_source source, struct aver_why *why)
{
    if (first == 0 || first > second || second > AVER_MERKLE_SIZE_MAX) return bad_sizes(first, second, why);
    /* RFC 9162 2.1.4.1: SUBPROOF(m, D_n, b), where b says that the subtree began with the old tree, so that its hash is
     * known to the verifier and left out. */
    uint64_t lo = 0, hi = second, m = first;
    bool known = true;
    out->count = 0;
    while (m != hi - lo) {
        uint64_t k = split_of(hi - lo);
        aver_digest *next = &out->hash[out->count++];
        if (m <= k) {
            AVER_TRY(range_root(next, lo + k, hi, source, why));
            hi = lo + k;
        } else {
            AVER_TRY(range_root(next, lo, lo + k, source, why));
            lo += k;
            m -= k;
            known = false;
        }
    }
    if (!known) AVER_TRY(range_root(&out->hash[out->count++], lo, hi, source, why));
    reverse(out);
    return AVER_OK;
}

static aver_err get_from_leaves(void *ctx, aver_digest *out, unsigned level, uint64_t index,
                                struct aver_why *why)
{
    const struct aver_merkle_leaves *all = ctx;
    (void)why;
    AVER_ASSERT(index < all->count >> level);
    *out = aver_merkle_root_of(all->leaf + (index << level), (size_t)1 << level);
    return AVER_OK;
}

struct aver_merkle_source aver_merkle_source_of(struct aver_merkle_leaves *leaves)
{
    return (struct aver_merkle_source){get_from_leaves, leaves};
}

/* ---- proofs: checking ---- */

static aver_err differs(struct aver_why *why, const char *what)
{
    return aver_fail(why, AVER_E_DIFFERS, "MERKLE-PROOF", "", "%s", what);
}

aver_err aver_merkle_verify(const aver_digest *root, uint64_t size, uint64_t index, const aver_digest *leaf,
                            const aver_digest *hash, size_t count, struct aver_why *why)
{
    /* RFC 9162 2.1.3.2, step 1: "If leaf_index is greater than or equal to tree_size, then fail the proof verification." */
    if (index >= size)
        return aver_fail(why, AVER_E_RANGE, "MERKLE-RANGE", "",
                         "entry %" PRIu64 " is not in a log of %" PRIu64 " entries", index, size);
    uint64_t fn = index, sn = size - 1;
    aver_digest r = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (sn == 0) return differs(why, "the inclusion proof has more hashes than the tree has levels");
        if ((fn & 1) || fn == sn) {
            r = aver_merkle_node(&hash[i], &r);
            while (!(fn & 1) && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            r = aver_merkle_node(&r, &hash[i]);
        }
        fn >>= 1, sn >>= 1;
    }
    if (sn != 0) return differs(why, "the inclusion proof has fewer hashes than the tree has levels");
    if (!aver_digest_eq(r, *root)) return differs(why, "the inclusion proof does not lead to this root");
    return AVER_OK;
}

aver_err aver_merkle_verify_consistency(const aver_digest *first_root, uint64_t first,
                                        const aver_digest *second_root, uint64_t second,
                                        const aver_digest *hash, size_t count, struct aver_why *why)
{
    if (first == 0 || first > second) return bad_sizes(first, second, why);
    if (first == second) {
        if (count) return differs(why, "the sizes are equal, so the consistency proof must be empty");
        if (!aver_digest_eq(*first_root, *second_root))
            return differs(why, "two roots for one size: the log has forked");
        return AVER_OK;
    }
    /* RFC 9162 2.1.4.2, step 1: "If consistency_path is an empty array, stop and fail the proof verification."
     * Step 2: "If first is an exact power of 2, then prepend first_hash to the consistency_path array." */
    if (count == 0) return differs(why, "the consistency proof is empty");
    bool whole = (first & (first - 1)) == 0;
    uint64_t fn = first - 1, sn = second - 1;
    while (fn & 1) fn >>= 1, sn >>= 1;
    aver_digest fr = whole ? *first_root : hash[0], sr = fr;
    for (size_t i = whole ? 0 : 1; i < count; i++) {
        if (sn == 0) return differs(why, "the consistency proof has more hashes than the tree has levels");
        if ((fn & 1) || fn == sn) {
            fr = aver_merkle_node(&hash[i], &fr);
            sr = aver_merkle_node(&hash[i], &sr);
            while (!(fn & 1) && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            sr = aver_merkle_node(&sr, &hash[i]);
        }
        fn >>= 1, sn >>= 1;
    }
    if (sn != 0) return differs(why, "the consistency proof has fewer hashes than the tree has levels");
    if (!aver_digest_eq(fr, *first_root))
        return differs(why, "the consistency proof does not lead to the first root");
    if (!aver_digest_eq(sr, *second_root))
        return differs(why, "the consistency proof does not lead to the second root");
    return AVER_OK;
}
