/* tests/unit/test_sha256.c - SHA-256 and HMAC as we pad and compress them are libsodium's, for every length up to some blocks,
 * by both compression functions and however the input is cut. */
#include "base/sha256.h"

#include <sodium.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/hash.h"
#include "tests/unit/rng.h"

#define SEED 20261121
#define LEN  300

static void fill(uint8_t *out, size_t n, uint64_t *rng)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)rng_next(rng);
}

static void compare_all(void)
{
    uint64_t rng = SEED;
    uint8_t data[LEN], want[32];
    for (size_t len = 0; len <= LEN; len++) {
        fill(data, len, &rng);
        crypto_hash_sha256(want, data, len);
        aver_digest d = aver_sha256(aver_bytes_of(data, len));
        assert_memory_equal(d.b, want, 32);
        for (int i = 0; i < 8; i++) {
            size_t a = rng_below(&rng, len + 1), b = a + rng_below(&rng, len - a + 1);
            aver_bytes parts[] = {aver_bytes_of(data, a), AVER_BYTES_NONE, aver_bytes_of(data + a, b - a),
                                  aver_bytes_of(data + b, len - b)};
            d = aver_sha256_parts(parts, 4);
            assert_memory_equal(d.b, want, 32);
        }
    }
}

/* Until aver_crypto_start. */
static void test_without_instructions(void **state)
{
    (void)state;
    compare_all();
}

static void test_as_started(void **state)
{
    (void)state;
    aver_crypto_start();
    compare_all();
}

static void test_compress(void **state)
{
    (void)state;
    uint64_t rng = SEED;
    uint8_t blocks[7 * AVER_SHA256_BLOCK];
    aver_sha256_compress *fast = aver_sha256_by_processor();
    if (!fast) skip(); /* this processor has no such instructions */
    for (int i = 0; i < 5000; i++) {
        uint32_t a[8], b[8];
        size_t count = rng_below(&rng, 8);
        fill(blocks, sizeof blocks, &rng);
        fill((uint8_t *)a, sizeof a, &rng);
        memcpy(b, a, sizeof a);
        aver_sha256_by_sodium(a, blocks, count);
        fast(b, blocks, count);
        assert_memory_equal(a, b, sizeof a);
    }
}

static void test_hmac(void **state)
{
    (void)state;
    uint64_t rng = SEED;
    uint8_t key[LEN], data[LEN], want[32];
    for (size_t len = 0; len <= LEN; len++) {
        size_t n = rng_below(&rng, LEN + 1), cut = rng_below(&rng, n + 1);
        fill(key, len, &rng);
        fill(data, n, &rng);
        crypto_auth_hmacsha256_state st;
        crypto_auth_hmacsha256_init(&st, key, len);
        crypto_auth_hmacsha256_update(&st, data, n);
        crypto_auth_hmacsha256_final(&st, want);
        aver_bytes parts[] = {aver_bytes_of(data, cut), aver_bytes_of(data + cut, n - cut)};
        struct aver_hmac_key ready;
        aver_hmac_key_make(&ready, aver_bytes_of(key, len));
        for (int again = 0; again < 2; again++) {
            aver_digest d = aver_hmac256_by(&ready, parts, 2);
            assert_memory_equal(d.b, want, 32);
        }
        aver_digest d = aver_hmac256(aver_bytes_of(key, len), parts, 2);
        assert_memory_equal(d.b, want, 32);
    }
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_instructions), /* first: the next one starts them */
        cmocka_unit_test(test_as_started),
        cmocka_unit_test(test_compress),
        cmocka_unit_test(test_hmac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
