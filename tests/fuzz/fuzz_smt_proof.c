/* tests/fuzz/fuzz_smt_proof.c - any bytes as a state proof, as a page of the trie and as the edge of a log tree. What is
 * read is written again and must come out the same; no proof shows a key both there and absent. */
#include "ledger/model/merkle.h"
#include "ledger/model/smt_bucket.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_proof(aver_bytes in)
{
    static struct aver_smt_proof proof;
    struct aver_buf again = {0};
    aver_digest path = aver_sha256(AVER_LIT("key")), value = aver_sha256(AVER_LIT("value")), root;
    if (aver_smt_proof_read(&proof, in, NULL) != AVER_OK) return;
    aver_smt_proof_write(&again, &proof);
    AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
    aver_buf_free(&again);
    if (aver_smt_proof_root(&root, &path, &value, &proof, NULL) != AVER_OK) return;
    bool member = aver_smt_verify_member(&root, AVER_LIT("key"), AVER_LIT("value"), &proof, NULL) == AVER_OK;
    bool absent = aver_smt_verify_absent(&root, AVER_LIT("key"), &proof, NULL) == AVER_OK;
    AVER_ASSERT(member != absent);
}

static void try_page(aver_bytes in)
{
    static struct aver_smt_page page;
    uint8_t again[AVER_SMT_PAGE_BYTES_MAX];
    if (aver_smt_page_read(&page, in, NULL) != AVER_OK) return;
    size_t len = aver_smt_page_write(again, &page);
    AVER_ASSERT(aver_bytes_eq(aver_bytes_of(again, len), in));
    aver_smt_page_hash(&page, 0xffff);
}

static void try_bucket(aver_bytes in)
{
    static const struct aver_smt smt;
    static struct aver_smt_update leaves[AVER_SMT_BUCKET_LEAVES];
    uint8_t again[AVER_SMT_BUCKET_BYTES_MAX];
    struct aver_smt_bucket bucket;
    struct aver_smt_bucket_top top;
    if (aver_smt_bucket_read(&bucket, in, NULL) != AVER_OK) return;
    AVER_ASSERT(aver_smt_bucket_leaves(&smt, &bucket, leaves) == bucket.count);
    size_t len = aver_smt_bucket_change(&smt, again, &top, &bucket, 0, NULL, 0);
    AVER_ASSERT(aver_bytes_eq(aver_bytes_of(again, len), in));
    if (bucket.count == AVER_SMT_BUCKET_LEAVES) return;
    /* A change of what is damaged may be wrong, but gives a page. */
    leaves[0].path = aver_sha256(in);
    len = aver_smt_bucket_change(&smt, again, &top, &bucket, 0, leaves, 1);
    AVER_ASSERT(aver_smt_bucket_read(&bucket, aver_bytes_of(again, len), NULL) == AVER_OK);
}

static void try_edge(aver_bytes in)
{
    static struct aver_merkle tree;
    struct aver_buf again = {0};
    if (aver_merkle_read(&tree, in, NULL) != AVER_OK) return;
    aver_merkle_root(&tree);
    aver_merkle_write(&again, &tree);
    AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
    aver_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_bytes in = aver_bytes_of(data, size);
    aver_crypto_start();
    try_proof(in);
    if (data) try_page(in);
    if (data) try_bucket(in);
    try_edge(in);
    return 0;
}
