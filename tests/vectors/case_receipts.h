/* tests/vectors/case_receipts.h - intake receipts under one signature, and what is none: see cases.h. */
#ifndef AVER_TESTS_VECTOR_CASE_RECEIPTS_H
#define AVER_TESTS_VECTOR_CASE_RECEIPTS_H

#include "ledger/model/receipts.h"
#include "tests/vectors/case_records.h"

#define VECTOR_RECEIPTS 7

/* What a reader that knows the key says of a proof. */
static inline const char *receipt_verdict(const struct aver_receipt_opened *opened, aver_err err,
                                          const struct aver_public_key *pk)
{
    if (err == AVER_E_DIFFERS || err == AVER_E_RANGE) return "another receipt";
    if (err != AVER_OK) return "no receipt";
    return aver_receipt_signed(opened, pk) ? "signed" : "not signed";
}

static inline void put_receipt(struct aver_json_writer *w, struct aver_arena *a, const char *description,
                               aver_bytes proof, const struct aver_public_key *pk)
{
    struct aver_receipt_opened opened;
    struct aver_receipt_proof parts;
    aver_err err = aver_receipt_open(&opened, proof, a, NULL);
    const char *verdict = receipt_verdict(&opened, err, pk);
    begin(w, description);
    put_hex(w, "public_key", aver_bytes_of(pk->b, sizeof pk->b));
    put_hex(w, "proof", proof);
    put_str(w, "verdict", verdict);
    if (strcmp(verdict, "signed") == 0 &&
        aver_schema_read(proof, &aver_receipt_proof_schema, &parts, a, NULL) == AVER_OK) {
        put_hex(w, "receipt", parts.receipt);
        put_hex(w, "path", parts.path);
        put_hex(w, "receipts", parts.receipts);
        put_hex(w, "payload", opened.cose.payload);
        aver_json_key(w, "index");
        aver_json_put_uint(w, parts.index);
        aver_json_key(w, "count");
        aver_json_put_uint(w, opened.receipts.count);
        put_hex(w, "root", aver_digest_bytes(&opened.receipts.root));
    }
    aver_json_end_object(w);
}

/* The proof with parts of it exchanged. */
static inline aver_bytes receipt_remade(struct aver_arena *a, aver_bytes proof, const aver_bytes *path,
                                        uint64_t index, const aver_bytes *receipts)
{
    struct aver_receipt_proof p = {0};
    struct aver_buf out = {0};
    AVER_ASSERT(aver_schema_read(proof, &aver_receipt_proof_schema, &p, a, NULL) == AVER_OK);
    if (path) p.path = *path;
    if (receipts) p.receipts = *receipts;
    p.index = index;
    aver_schema_encode(&out, &aver_receipt_proof_schema, &p);
    aver_bytes bytes = aver_arena_copy(a, aver_buf_view(&out));
    aver_buf_free(&out);
    return bytes;
}

static inline void make_receipts(struct aver_json_writer *w, struct aver_arena *a)
{
    struct aver_public_key pk, other;
    struct aver_secret_key sk, other_sk;
    uint8_t seed[32], filing[16];
    aver_bytes receipts[VECTOR_RECEIPTS], alone, two[2], all[VECTOR_RECEIPTS], others[VECTOR_RECEIPTS];
    memset(seed, 7, sizeof seed);
    aver_key_from_seed(&pk, &sk, seed);
    memset(seed, 8, sizeof seed);
    aver_key_from_seed(&other, &other_sk, seed);
    for (uint8_t i = 0; i < VECTOR_RECEIPTS; i++) {
        char id[AVER_CLAIM_ID_BYTES + 1];
        memset(filing, 0x30 + i, sizeof filing);
        aver_claim_id(id, AVER_LIT(PARTY), filing);
        struct aver_intake_receipt r = {.chain = AVER_LIT(CHAIN),
                                        .claim_id = aver_bytes_str(id),
                                        .party = AVER_LIT(PARTY),
                                        .patient_control_number =
                                            aver_bytes_str(aver_arena_printf(a, "PCN-%d", i)),
                                        .leaf = aver_leaf(salt_of(a, i), aver_bytes_str("a claim")),
                                        .filing_id = aver_arena_copy(a, aver_bytes_of(filing, sizeof filing)),
                                        .received = INT64_C(1772409600123),
                                        .by_height = 9};
        receipts[i] = encoded(a, &aver_intake_receipt_schema, &r);
    }
    aver_receipts_sign(&alone, receipts, 1, AVER_LIT(CHAIN), &pk, &sk, a);
    aver_receipts_sign(two, receipts, 2, AVER_LIT(CHAIN), &pk, &sk, a);
    aver_receipts_sign(all, receipts, VECTOR_RECEIPTS, AVER_LIT(CHAIN), &pk, &sk, a);
    aver_receipts_sign(others, receipts, VECTOR_RECEIPTS, AVER_LIT(CHAIN), &other, &other_sk, a);
    put_receipt(w, a, "alone", alone, &pk);
    put_receipt(w, a, "the second of two", two[1], &pk);
    for (int i = 0; i < VECTOR_RECEIPTS; i++)
        put_receipt(w, a, aver_arena_printf(a, "number %d of %d, from 0", i, VECTOR_RECEIPTS), all[i], &pk);
    struct aver_receipt_proof first = {0}, of_two = {0}, last = {0};
    AVER_ASSERT(aver_schema_read(all[0], &aver_receipt_proof_schema, &first, a, NULL) == AVER_OK);
    AVER_ASSERT(aver_schema_read(two[0], &aver_receipt_proof_schema, &of_two, a, NULL) == AVER_OK);
    AVER_ASSERT(aver_schema_read(all[6], &aver_receipt_proof_schema, &last, a, NULL) == AVER_OK);
    aver_bytes shorter = aver_bytes_cut(first.path, 0, first.path.len - 32),
               odd = aver_bytes_cut(first.path, 0, first.path.len - 1), none = AVER_LIT("");
    put_receipt(w, a, "by the key of another node", others[3], &pk);
    put_receipt(w, a, "at the place of its neighbour", receipt_remade(a, all[0], NULL, 1, NULL), &pk);
    put_receipt(w, a, "behind the last", receipt_remade(a, all[6], NULL, 7, NULL), &pk);
    put_receipt(w, a, "a hash short", receipt_remade(a, all[0], &shorter, 0, NULL), &pk);
    put_receipt(w, a, "a byte short of a hash", receipt_remade(a, all[0], &odd, 0, NULL), &pk);
    put_receipt(w, a, "the path of the last", receipt_remade(a, all[0], &last.path, 0, NULL), &pk);
    put_receipt(w, a, "no path, of seven", receipt_remade(a, all[0], &none, 0, NULL), &pk);
    put_receipt(w, a, "under what two were signed by", receipt_remade(a, all[0], NULL, 0, &of_two.receipts),
                &pk);
    put_receipt(w, a, "one bit of the signature changed",
                copy_with(a, all[2], all[2].len - 1, all[2].ptr[all[2].len - 1] ^ 1), &pk);
    /* One that names another ledger than its signature. */
    struct aver_intake_receipt r;
    AVER_ASSERT(aver_schema_read(receipts[0], &aver_intake_receipt_schema, &r, a, NULL) == AVER_OK);
    aver_receipts_sign(&alone, receipts, 1, AVER_LIT("summit-demo2"), &pk, &sk, a);
    put_receipt(w, a, "signed for another ledger than it names", alone, &pk);
    r.chain = AVER_LIT("summit-demo2");
    receipts[0] = encoded(a, &aver_intake_receipt_schema, &r);
    aver_receipts_sign(&alone, receipts, 1, AVER_LIT(CHAIN), &pk, &sk, a);
    put_receipt(w, a, "that names another ledger than it was signed for", alone, &pk);
    put_receipt(w, a, "a bare receipt", receipts[1], &pk);
    put_receipt(w, a, "nothing", AVER_BYTES_NONE, &pk);
}

#endif
