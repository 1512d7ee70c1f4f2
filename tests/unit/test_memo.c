/* tests/unit/test_memo.c - what is kept of commitments is what would be made anew, whatever was asked before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "ledger/model/state.h"
#include "ledger/transition/memo.h"

static void check(struct aver_memo *memo, aver_bytes secret, aver_bytes name, uint64_t height,
                  aver_bytes record)
{
    struct aver_hmac_key key;
    aver_hmac_key_make(&key, secret);
    struct aver_memo_entry *e = aver_memo_key(memo, secret, &key, name);
    assert_non_null(e);
    assert_true(aver_digest_eq(e->key, aver_state_key(secret, name)));
    assert_true(aver_digest_eq(aver_memo_value(e, &key, name, height, record),
                               aver_state_value(secret, name, height, record)));
}

static void same(void **state)
{
    (void)state;
    static struct aver_memo memo;
    uint8_t secrets[2][32] = {{1}, {2}}, record[AVER_MEMO_RECORD_BYTES + 1] = {7};
    char text[32];
    /* More names than there are slots; each asked twice, then with another height, record, length and secret. */
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < 3 * AVER_MEMO_SLOTS; i++) {
            aver_bytes secret = aver_bytes_of(secrets[0], 32);
            aver_bytes name =
                aver_bytes_of(text, (size_t)snprintf(text, sizeof text, "%c/%u", "ltqa"[i % 4], i));
            record[0] = (uint8_t)i;
            check(&memo, secret, name, 5, aver_bytes_of(record, 40));
            check(&memo, secret, name, 5, aver_bytes_of(record, 40));
            check(&memo, secret, name, 6, aver_bytes_of(record, 40));
            record[39]++;
            check(&memo, secret, name, 6, aver_bytes_of(record, 40));
            check(&memo, secret, name, 6, aver_bytes_of(record, 39));
            check(&memo, secret, name, 6, aver_bytes_of(record, AVER_MEMO_RECORD_BYTES));
            check(&memo, secret, name, 6, aver_bytes_of(record, sizeof record));
            check(&memo, aver_bytes_of(secrets[1], 32), name, 6, aver_bytes_of(record, 39));
        }
}

static void not_kept(void **state)
{
    (void)state;
    static struct aver_memo memo;
    uint8_t secret[32] = {3};
    char longer[AVER_MEMO_NAME_BYTES + 2] = "t/";
    struct aver_hmac_key key;
    aver_bytes s = aver_bytes_of(secret, 32);
    aver_hmac_key_make(&key, s);
    memset(longer + 2, 'x', sizeof longer - 3);
    assert_non_null(aver_memo_key(&memo, s, &key, AVER_LIT("g")));
    assert_non_null(aver_memo_key(&memo, s, &key, aver_bytes_of(longer, AVER_MEMO_NAME_BYTES)));
    assert_null(aver_memo_key(&memo, s, &key, aver_bytes_of(longer, AVER_MEMO_NAME_BYTES + 1)));
    assert_null(aver_memo_key(&memo, s, &key, AVER_LIT("f/F1")));
    assert_null(aver_memo_key(&memo, s, &key, AVER_LIT("m/M1")));
    assert_null(aver_memo_key(&memo, s, &key, AVER_LIT("c/C1")));
    assert_null(aver_memo_key(&memo, AVER_BYTES_NONE, &key, AVER_LIT("g")));
    assert_null(aver_memo_key(NULL, s, &key, AVER_LIT("g")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same), cmocka_unit_test(not_kept)};
    aver_crypto_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
