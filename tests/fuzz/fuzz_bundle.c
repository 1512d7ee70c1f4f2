/* tests/fuzz/fuzz_bundle.c - any bytes as a bundle: never "same" and never an accusation under a key that did not sign them, whatever
 * they hold; and what is read is written back as it was. */
#include "ledger/transition/verify.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_arena arena = {0};
    struct aver_bundle bundle;
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_note_key key;
    uint8_t seed[32] = {1};
    aver_bytes in = aver_bytes_of(data, size);
    aver_crypto_start();
    aver_key_from_seed(&pk, &sk, seed);
    if (aver_note_key_of(&key, AVER_LIT("fuzz.example"), &pk, NULL) != AVER_OK) return 0;
    struct aver_verify trusting = {.log = NULL}, trusted = {.log = &key};
    aver_bundle_verify(&trusting, in, &arena);
    AVER_ASSERT(trusting.verdict == AVER_VERDICT_COULD_NOT);
    aver_bundle_verify(&trusted, in, &arena);
    AVER_ASSERT(trusted.verdict == AVER_VERDICT_COULD_NOT);
    if (aver_bundle_read(&bundle, in, &arena, NULL) == AVER_OK) {
        struct aver_buf again = {0};
        aver_schema_encode(&again, &aver_bundle_schema, &bundle);
        AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), in));
        aver_buf_free(&again);
    }
    aver_arena_free(&arena);
    return 0;
}
