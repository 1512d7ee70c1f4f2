/* tests/unit/test_receipts.c - ledger/model/receipts.h: each receipt of a tree is proved by its own proof and by nothing else, and
 * no byte of a proof can be changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "ledger/model/receipts.h"

#define CHAIN AVER_LIT("claims.example.org/blue-river")

static struct aver_public_key node, other;
static struct aver_secret_key node_sk, other_sk;
static aver_bytes receipts[AVER_RECEIPTS_MAX], proofs[AVER_RECEIPTS_MAX];
static struct aver_arena arena;

static aver_bytes receipt_of(unsigned n, aver_bytes chain)
{
    struct aver_buf out = {0};
    uint8_t filing[16] = {(uint8_t)n, (uint8_t)(n >> 8), 1};
    struct aver_intake_receipt r = {.chain = chain,
                                    .claim_id = AVER_LIT("0123456789ABCDEFGHJKMNPQ"),
                                    .party = AVER_LIT("clinic"),
                                    .patient_control_number = AVER_LIT("V-1"),
                                    .leaf = aver_sha256(aver_bytes_of(&n, sizeof n)),
                                    .filing_id = aver_bytes_of(filing, sizeof filing),
                                    .received = 1772000000000 + n,
                                    .by_height = n};
    aver_schema_encode(&out, &aver_intake_receipt_schema, &r);
    aver_bytes bytes = aver_arena_copy(&arena, aver_buf_view(&out));
    aver_buf_free(&out);
    return bytes;
}

static int setup(void **state)
{
    uint8_t seed[32] = {7};
    (void)state;
    aver_crypto_start();
    aver_key_from_seed(&node, &node_sk, seed);
    seed[0] = 8;
    aver_key_from_seed(&other, &other_sk, seed);
    for (unsigned i = 0; i < AVER_RECEIPTS_MAX; i++) receipts[i] = receipt_of(i, CHAIN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static bool holds(aver_bytes proof, const aver_bytes *receipt)
{
    struct aver_receipt_opened opened;
    struct aver_buf again = {0};
    struct aver_arena scratch = {0};
    bool ok =
        aver_receipt_open(&opened, proof, &scratch, NULL) == AVER_OK && aver_receipt_signed(&opened, &node);
    if (ok && receipt) {
        aver_schema_encode(&again, &aver_intake_receipt_schema, &opened.receipt);
        assert_true(aver_bytes_eq(aver_buf_view(&again), *receipt));
    }
    aver_buf_free(&again);
    aver_arena_free(&scratch);
    return ok;
}

static void sign(size_t count, const struct aver_public_key *pk, const struct aver_secret_key *sk)
{
    aver_receipts_sign(proofs, receipts, count, CHAIN, pk, sk, &arena);
}

static struct aver_receipt_proof parts_of(aver_bytes proof)
{
    struct aver_receipt_proof parts;
    assert_int_equal(aver_schema_read(proof, &aver_receipt_proof_schema, &parts, &arena, NULL), AVER_OK);
    return parts;
}

static aver_bytes made_of(const struct aver_receipt_proof *parts)
{
    struct aver_buf out = {0};
    aver_schema_encode(&out, &aver_receipt_proof_schema, parts);
    aver_bytes bytes = aver_arena_copy(&arena, aver_buf_view(&out));
    aver_buf_free(&out);
    return bytes;
}

static void each_receipt_of_every_size_is_proved(void **state)
{
    (void)state;
    static const size_t large[] = {255, 256, 257, 1000, 1023, 1024};
    for (size_t n = 1; n <= 70; n++) {
        aver_digest leaves[70];
        sign(n, &node, &node_sk);
        for (size_t i = 0; i < n; i++) {
            struct aver_receipt_opened opened;
            leaves[i] = aver_merkle_leaf(receipts[i]);
            assert_true(holds(proofs[i], &receipts[i]));
            assert_int_equal(aver_receipt_open(&opened, proofs[i], &arena, NULL), AVER_OK);
            assert_int_equal(opened.receipts.count, n);
            assert_int_equal(parts_of(proofs[i]).index, i);
            if (n == 1) assert_int_equal(parts_of(proofs[i]).path.len, 0);
            if (i + 1 == n) assert_true(aver_digest_eq(opened.receipts.root, aver_merkle_root_of(leaves, n)));
        }
    }
    for (size_t k = 0; k < sizeof large / sizeof large[0]; k++) {
        sign(large[k], &node, &node_sk);
        for (size_t i = 0; i < large[k]; i += large[k] / 9) assert_true(holds(proofs[i], &receipts[i]));
        assert_true(holds(proofs[large[k] - 1], &receipts[large[k] - 1]));
    }
}

static void the_same_receipts_give_the_same_bytes(void **state)
{
    (void)state;
    aver_bytes first[5];
    sign(5, &node, &node_sk);
    memcpy(first, proofs, sizeof first);
    sign(5, &node, &node_sk);
    for (int i = 0; i < 5; i++) assert_true(aver_bytes_eq(first[i], proofs[i]));
    /* And in another tree, the same receipt. */
    sign(4, &node, &node_sk);
    for (int i = 0; i < 4; i++) {
        assert_false(aver_bytes_eq(first[i], proofs[i]));
        assert_true(aver_bytes_eq(parts_of(first[i]).receipt, parts_of(proofs[i]).receipt));
    }
}

/* Every bit of every proof of some trees: whole in front of the reader, it proves nothing any more. */
static void no_bit_can_be_changed(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 7};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        sign(sizes[k], &node, &node_sk);
        for (size_t i = 0; i < sizes[k]; i += 3) {
            aver_bytes copy = aver_arena_copy(&arena, proofs[i]);
            for (size_t at = 0; at < copy.len; at++)
                for (int bit = 0; bit < 8; bit += at % 5 ? 7 : 1) {
                    ((uint8_t *)(uintptr_t)copy.ptr)[at] ^= (uint8_t)(1 << bit);
                    if (holds(copy, NULL)) fail_msg("bit %d of byte %zu of %zu", bit, at, copy.len);
                    ((uint8_t *)(uintptr_t)copy.ptr)[at] ^= (uint8_t)(1 << bit);
                }
            for (size_t len = 0; len < copy.len; len++)
                assert_false(holds(aver_bytes_cut(copy, 0, len), NULL));
            assert_true(holds(copy, NULL));
        }
    }
}

static void nothing_is_proved_at_another_place_or_by_another_tree(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 20; n++) {
        struct aver_receipt_proof other_tree;
        sign(n + 1, &node, &node_sk);
        other_tree = parts_of(proofs[0]);
        sign(n, &node, &node_sk);
        for (size_t i = 0; i < n; i++) {
            struct aver_receipt_proof p = parts_of(proofs[i]), q;
            for (uint64_t at = 0; at <= n; at++) {
                q = p;
                q.index = at;
                assert_int_equal(holds(made_of(&q), NULL), at == i);
                if (at == n || at == i) continue;
                q = p;
                q.path = parts_of(proofs[at]).path;
                assert_false(holds(made_of(&q), NULL));
                q.index = at; /* all but the receipt */
                assert_false(holds(made_of(&q), NULL));
            }
            q = p;
            q.receipts = other_tree.receipts;
            assert_false(holds(made_of(&q), NULL));
            q = p;
            q.path.len -= q.path.len ? 32 : 0;
            assert_int_equal(holds(made_of(&q), NULL), n == 1);
        }
    }
}

static void of_another_node_chain_or_version(void **state)
{
    (void)state;
    struct aver_receipt_opened opened;
    struct aver_why why;
    sign(3, &other, &other_sk);
    assert_int_equal(aver_receipt_open(&opened, proofs[1], &arena, &why), AVER_OK);
    assert_false(aver_receipt_signed(&opened, &node));
    assert_true(aver_receipt_signed(&opened, &other));
    /* Signed for another chain than the receipts name, and the other way round. */
    aver_receipts_sign(proofs, receipts, 3, AVER_LIT("claims.other"), &node, &node_sk, &arena);
    assert_int_equal(aver_receipt_open(&opened, proofs[1], &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "RECEIPT-FORM");
    aver_bytes foreign = receipt_of(1, AVER_LIT("claims.other"));
    aver_receipts_sign(proofs, &foreign, 1, CHAIN, &node, &node_sk, &arena);
    assert_int_equal(aver_receipt_open(&opened, proofs[0], &arena, &why), AVER_E_INPUT);
    /* What the node signed for another purpose is no receipt, whatever it holds. */
    sign(2, &node, &node_sk);
    struct aver_receipt_proof p = parts_of(proofs[0]);
    struct aver_cose cose;
    struct aver_buf out = {0};
    assert_int_equal(aver_cose_read(&cose, p.receipts, NULL), AVER_OK);
    aver_cose_sign(&out, AVER_RECEIPTS_CONTENT_TYPE, cose.payload, AVER_BATCH_PURPOSE, CHAIN, &node,
                   &node_sk);
    p.receipts = aver_buf_view(&out);
    assert_false(holds(made_of(&p), NULL));
    out.len = 0;
    aver_cose_sign(&out, AVER_BATCH_CONTENT_TYPE, cose.payload, AVER_RECEIPTS_PURPOSE, CHAIN, &node,
                   &node_sk);
    p.receipts = aver_buf_view(&out);
    assert_int_equal(aver_receipt_open(&opened, made_of(&p), &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "RECEIPT-FORM");
    out.len = 0;
    struct aver_receipts none = {.version = 0, .chain = CHAIN, .count = 2, .root = aver_merkle_empty()};
    struct aver_buf payload = {0};
    aver_schema_encode(&payload, &aver_receipts_schema, &none);
    aver_cose_sign(&out, AVER_RECEIPTS_CONTENT_TYPE, aver_buf_view(&payload), AVER_RECEIPTS_PURPOSE, CHAIN,
                   &node, &node_sk);
    p.receipts = aver_buf_view(&out);
    assert_int_equal(aver_receipt_open(&opened, made_of(&p), &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "RECEIPT-FORM");
    aver_buf_free(&payload);
    aver_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_receipt_of_every_size_is_proved),
        cmocka_unit_test(the_same_receipts_give_the_same_bytes),
        cmocka_unit_test(no_bit_can_be_changed),
        cmocka_unit_test(nothing_is_proved_at_another_place_or_by_another_tree),
        cmocka_unit_test(of_another_node_chain_or_version),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
