/* tests/unit/test_batch.c - a signed batch is what tx.h says: its header names the items, and one signature serves all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/cose.h"
#include "ledger/model/batch.h"
#include "ledger/model/receipts.h"
#include "ledger/model/merkle.h"

#define ITEMS 5
#define CHAIN AVER_LIT("test.example")

struct made {
    struct aver_public_key pk;
    struct aver_buf cose;
    struct aver_batch header; /* as signed */
    struct aver_batch_item items[ITEMS];
    uint8_t salts[ITEMS][AVER_SALT_BYTES];
};

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

static void make(struct made *m, size_t count)
{
    struct aver_secret_key sk;
    uint8_t seed[32] = {7};
    static const char *const texts[ITEMS] = {"one", "two", "three", "four", "five"};
    memset(m, 0, sizeof *m);
    aver_key_from_seed(&m->pk, &sk, seed);
    for (size_t i = 0; i < ITEMS; i++) {
        memset(m->salts[i], (int)i + 1, AVER_SALT_BYTES);
        m->items[i] =
            (struct aver_batch_item){aver_bytes_of(m->salts[i], AVER_SALT_BYTES), aver_bytes_str(texts[i])};
    }
    m->header = (struct aver_batch){.chain = CHAIN, .kind = AVER_TX_CLAIMS, .not_after = 1772000000000};
    aver_batch_sign(&m->cose, &m->header, m->items, count, &m->pk, &sk);
}

static void header_says_what_travels(void **state)
{
    (void)state;
    for (size_t count = 1; count <= ITEMS; count++) {
        struct made m;
        struct aver_cose cose;
        struct aver_batch read;
        struct aver_arena arena = {0};
        aver_digest leaves[ITEMS];
        uint8_t kid[16];
        make(&m, count);
        for (size_t i = 0; i < count; i++) leaves[i] = aver_leaf(m.items[i].salt, m.items[i].item);
        aver_kid(kid, &m.pk);
        assert_int_equal(aver_cose_read(&cose, aver_buf_view(&m.cose), NULL), AVER_OK);
        assert_true(aver_bytes_is(cose.content_type, AVER_BATCH_CONTENT_TYPE));
        assert_true(aver_bytes_eq(cose.kid, aver_bytes_of(kid, sizeof kid)));
        memset(&read, 0, sizeof read);
        assert_int_equal(aver_schema_read(cose.payload, &aver_batch_schema, &read, &arena, NULL), AVER_OK);
        assert_int_equal(read.version, AVER_BATCH_VERSION);
        assert_int_equal(read.kind, AVER_TX_CLAIMS);
        assert_int_equal(read.count, count);
        assert_int_equal(read.not_after, 1772000000000);
        assert_true(aver_bytes_eq(read.chain, CHAIN));
        assert_true(aver_digest_eq(read.root, aver_merkle_root_of(leaves, count)));
        aver_arena_free(&arena);
        aver_buf_free(&m.cose);
    }
}

static void signature_holds_for_its_chain_and_purpose_only(void **state)
{
    (void)state;
    struct made m;
    struct aver_cose cose;
    make(&m, ITEMS);
    assert_int_equal(aver_cose_read(&cose, aver_buf_view(&m.cose), NULL), AVER_OK);
    assert_true(aver_cose_verify(&cose, AVER_BATCH_PURPOSE, CHAIN, &m.pk));
    assert_false(aver_cose_verify(&cose, AVER_BATCH_PURPOSE, AVER_LIT("test.examplf"), &m.pk));
    assert_false(aver_cose_verify(&cose, AVER_RECEIPTS_PURPOSE, CHAIN, &m.pk));
    m.cose.ptr[m.cose.len - 1] ^= 1;
    assert_int_equal(aver_cose_read(&cose, aver_buf_view(&m.cose), NULL), AVER_OK);
    assert_false(aver_cose_verify(&cose, AVER_BATCH_PURPOSE, CHAIN, &m.pk));
    aver_buf_free(&m.cose);
}

static void salts_change_the_root(void **state)
{
    (void)state;
    struct made a, b;
    struct aver_secret_key sk;
    uint8_t seed[32] = {7};
    make(&a, ITEMS);
    make(&b, ITEMS);
    assert_true(aver_digest_eq(a.header.root, b.header.root));
    b.salts[2][0] ^= 1;
    aver_key_from_seed(&b.pk, &sk, seed);
    b.cose.len = 0;
    aver_batch_sign(&b.cose, &b.header, b.items, ITEMS, &b.pk, &sk);
    assert_false(aver_digest_eq(a.header.root, b.header.root));
    aver_buf_free(&a.cose);
    aver_buf_free(&b.cose);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_says_what_travels),
        cmocka_unit_test(signature_holds_for_its_chain_and_purpose_only),
        cmocka_unit_test(salts_change_the_root),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
