/* tests/fuzz/fuzz_tlog_proof.c - any bytes as a proof of a log entry, as a request to a witness, and as a witness's answer. A
 * proof that is read is written again and must come out the same; nobody's signature is ever believed. */
#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys of the seeds of 32 bytes 7 and 32 bytes 20; they signed the corpus. */
#define POLICY                                                                                               \
    "log claims.example.org/blue-river+154c61c0+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\n"              \
    "witness w witness.example.net/w0+a44301ea+BCCCi/XFvcrLaEhjM2wgL7VZnaSL5VlmFXQhcHBb7Kn3\n"               \
    "quorum w\n"

static void try_proof(aver_bytes in, const struct aver_tlog_policy *policy)
{
    struct aver_tlog_proof proof;
    struct aver_buf entry = {0}, again = {0};
    struct aver_why why;
    if (aver_tlog_proof_read(&proof, &entry, in, &why) == AVER_OK) {
        aver_tlog_proof_put(&again, &proof, aver_buf_view(&entry));
        AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
        aver_digest leaf = aver_merkle_leaf(aver_buf_view(&entry));
        aver_err err = aver_tlog_proof_check(&proof, &leaf, policy, NULL, NULL, &why);
        AVER_ASSERT(err != AVER_OK || in.len > 400); /* that of the corpus holds; nothing so short does */
    } else {
        AVER_ASSERT(why.text[0] && !strcmp(why.code, "TLOG-PROOF"));
    }
    aver_buf_free(&entry);
    aver_buf_free(&again);
}

static void try_request(aver_bytes in, const struct aver_tlog_policy *policy)
{
    static struct aver_witness_request request;
    struct aver_why why;
    bool fork;
    if (aver_witness_open(&request, in, policy, &why) != AVER_WITNESS_COSIGNED) return;
    const struct aver_witness_last never = {0, aver_merkle_empty()};
    enum aver_witness_status status = aver_witness_judge(&request, &never, &fork, &why);
    AVER_ASSERT(!fork && (status == AVER_WITNESS_COSIGNED || why.text[0]));
    const struct aver_witness_last before = {request.old, never.root};
    (void)aver_witness_judge(&request, &before, &fork, &why);
    struct aver_buf again = {0};
    aver_witness_ask(&again, request.old, &request.path,
                     aver_bytes_of(request.note.text.ptr, in.len - (size_t)(request.note.text.ptr - in.ptr)));
    AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
    aver_buf_free(&again);
}

static void try_answer(aver_bytes in, const struct aver_tlog_policy *policy)
{
    static const char note[] =
        "claims.example.org/blue-river\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n\n"
        "\xe2\x80\x94 a AAAAAAA=\n";
    struct aver_buf merged = {0};
    size_t added;
    if (aver_witness_merge(&merged, aver_bytes_str(note), in, policy, &added, NULL) == AVER_OK) {
        struct aver_note read;
        AVER_ASSERT(added == 1 && aver_note_read(&read, aver_buf_view(&merged), NULL) == AVER_OK);
        AVER_ASSERT(read.count == 2 && aver_note_verify(&read, &policy->node[0].key, NULL) == AVER_OK);
    } else {
        AVER_ASSERT(merged.len == 0);
    }
    aver_buf_free(&merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct aver_tlog_policy policy;
    aver_bytes in = aver_bytes_of(data, size);
    if (!policy.nodes_count) {
        aver_crypto_start();
        AVER_ASSERT(aver_tlog_policy_read(&policy, AVER_LIT(POLICY), NULL) == AVER_OK);
    }
    try_proof(in, &policy);
    try_request(in, &policy);
    try_answer(in, &policy);
    return 0;
}
