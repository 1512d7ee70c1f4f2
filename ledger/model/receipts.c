/* ledger/model/receipts.c - see receipts.h. */
#include "ledger/model/receipts.h"

#include <string.h>

#define RECEIPT_BYTES_MAX 1024 /* either of them: the sum of its fields' bounds is below */
#define HASH_BYTES        sizeof(aver_digest)

#define R struct aver_receipts
static const struct aver_field receipts_fields[] = {
    AVER_FIELD(1, R, version, UINT, AVER_RECEIPTS_VERSION),
    AVER_FIELD(2, R, chain, TEXT, AVER_CHAIN_BYTES_MAX),
    AVER_FIELD(3, R, count, UINT, 0),
    AVER_FIELD(4, R, root, DIGEST, 0),
};
AVER_SCHEMA(aver_receipts_schema, "intake_receipts", R, receipts_fields);
#undef R

#define P struct aver_receipt_proof
static const struct aver_field receipt_proof_fields[] = {
    AVER_FIELD(1, P, receipt, BYTES, RECEIPT_BYTES_MAX),
    AVER_FIELD(2, P, index, UINT, 0),
    AVER_FIELD(3, P, path, BYTES, AVER_MERKLE_LEVELS *HASH_BYTES),
    AVER_FIELD(4, P, receipts, BYTES, RECEIPT_BYTES_MAX),
};
AVER_SCHEMA(aver_receipt_proof_schema, "receipt_proof", P, receipt_proof_fields);
#undef P

/* ---- signing ---- */

/* All hashes of the tree, level by level: a last one without a neighbour rises as it is, which gives the tree of RFC 9162 2.1.1,
 * whose left parts are complete. */
static size_t hash_up(aver_digest *hashes, size_t count)
{
    size_t from = 0;
    for (; count > 1; from += count, count = (count + 1) / 2) {
        aver_digest *below = hashes + from, *above = below + count;
        for (size_t i = 0; i < count / 2; i++) above[i] = aver_merkle_node(&below[2 * i], &below[2 * i + 1]);
        if (count & 1) above[count / 2] = below[count - 1];
    }
    return from;
}

static void path_of(struct aver_buf *path, const aver_digest *hashes, size_t count, size_t index)
{
    for (; count > 1; hashes += count, count = (count + 1) / 2, index /= 2)
        if ((index ^ 1) < count) aver_buf_put(path, hashes[index ^ 1].b, HASH_BYTES);
}

void aver_receipts_sign(aver_bytes *proofs, const aver_bytes *receipts, size_t count, aver_bytes chain,
                        const struct aver_public_key *pk, const struct aver_secret_key *sk,
                        struct aver_arena *arena)
{
    AVER_ASSERT(count >= 1 && count <= AVER_RECEIPTS_MAX);
    struct aver_buf payload = {0}, cose = {0}, path = {0}, proof = {0}, tree = {0};
    struct aver_receipts header = {.version = AVER_RECEIPTS_VERSION, .chain = chain, .count = count};
    /* Each level is at most half of the one below and one more, and there are no more than eleven. */
    aver_buf_reserve(&tree, (2 * count + AVER_MERKLE_LEVELS) * HASH_BYTES);
    aver_digest *hashes = (aver_digest *)tree.ptr;
    for (size_t i = 0; i < count; i++) hashes[i] = aver_merkle_leaf(receipts[i]);
    header.root = hashes[hash_up(hashes, count)];
    aver_schema_encode(&payload, &aver_receipts_schema, &header);
    aver_cose_sign(&cose, AVER_RECEIPTS_CONTENT_TYPE, aver_buf_view(&payload), AVER_RECEIPTS_PURPOSE, chain,
                   pk, sk);
    aver_buf_reserve(&path, AVER_MERKLE_LEVELS * HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        path.len = proof.len = 0;
        path_of(&path, hashes, count, i);
        aver_schema_encode(
            &proof, &aver_receipt_proof_schema,
            &(struct aver_receipt_proof){receipts[i], i, aver_buf_view(&path), aver_buf_view(&cose)});
        proofs[i] = aver_arena_copy(arena, aver_buf_view(&proof));
    }
    aver_buf_free(&payload);
    aver_buf_free(&cose);
    aver_buf_free(&path);
    aver_buf_free(&proof);
    aver_buf_free(&tree);
}

/* ---- opening ---- */

static aver_err bad_form(struct aver_why *why, const char *what)
{
    return aver_fail(why, AVER_E_INPUT, "RECEIPT-FORM", "", "%s", what);
}

aver_err aver_receipt_open(struct aver_receipt_opened *out, aver_bytes bytes, struct aver_arena *arena,
                           struct aver_why *why)
{
    struct aver_receipt_proof proof;
    aver_digest path[AVER_MERKLE_LEVELS];
    AVER_TRY(aver_schema_read(bytes, &aver_receipt_proof_schema, &proof, arena, why));
    AVER_TRY(aver_schema_read(proof.receipt, &aver_intake_receipt_schema, &out->receipt, arena, why));
    AVER_TRY(aver_cose_read(&out->cose, proof.receipts, why));
    if (!aver_bytes_is(out->cose.content_type, AVER_RECEIPTS_CONTENT_TYPE))
        return bad_form(why, "it was signed as something else");
    AVER_TRY(aver_schema_read(out->cose.payload, &aver_receipts_schema, &out->receipts, arena, why));
    if (out->receipts.version != AVER_RECEIPTS_VERSION || out->receipts.count > AVER_MERKLE_SIZE_MAX)
        return bad_form(why, "it is of a version, or of a number of receipts, that there is not");
    if (!aver_bytes_eq(out->receipts.chain, out->receipt.chain))
        return bad_form(why, "the receipt names another ledger than what was signed");
    if (proof.path.len % HASH_BYTES) return bad_form(why, "its path is no list of hashes");
    if (proof.path.len) memcpy(path, proof.path.ptr, proof.path.len);
    aver_digest leaf = aver_merkle_leaf(proof.receipt);
    return aver_merkle_verify(&out->receipts.root, out->receipts.count, proof.index, &leaf, path,
                              proof.path.len / HASH_BYTES, why);
}

bool aver_receipt_signed(const struct aver_receipt_opened *opened, const struct aver_public_key *key)
{
    return aver_cose_verify(&opened->cose, AVER_RECEIPTS_PURPOSE, opened->receipts.chain, key);
}
