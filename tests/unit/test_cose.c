/* tests/unit/test_cose.c - the one form of COSE_Sign1 that the ledger takes: what is signed is what RFC 9052 says, by the
 * published EdDSA examples; every other form is refused by its code; a signature holds for one chain and purpose only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/cose.h"
#include "base/json.h"
#include "tests/unit/data.h"

#define TYPE "application/test"

static struct aver_public_key pk;
static struct aver_secret_key sk;
static struct aver_arena arena;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[32];
    aver_crypto_start();
    memset(seed, 7, sizeof seed);
    aver_key_from_seed(&pk, &sk, seed);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static aver_bytes kept(struct aver_buf *buf)
{
    aver_bytes copy = aver_arena_copy(&arena, buf->len ? aver_buf_view(buf) : AVER_LIT(""));
    aver_buf_free(buf);
    return copy;
}

static aver_bytes unhex(aver_bytes hex)
{
    uint8_t *out = aver_arena_alloc(&arena, hex.len / 2 + 1);
    assert_int_equal(aver_unhex(out, hex.len / 2, hex), AVER_OK);
    return aver_bytes_of(out, hex.len / 2);
}

/* RFC 9052 4.4: "Sig_structure = [context, body_protected, external_aad, payload]", written apart from cose.c. */
static aver_bytes to_be_signed(aver_bytes protected_header, aver_bytes aad, aver_bytes payload)
{
    struct aver_buf out = {0};
    aver_cbor_put_array(&out, 4);
    aver_cbor_put_text(&out, AVER_LIT("Signature1"));
    aver_cbor_put_bytes(&out, protected_header);
    aver_cbor_put_bytes(&out, aad);
    aver_cbor_put_bytes(&out, payload);
    return kept(&out);
}

static aver_bytes header(int64_t alg, const char *type, size_t kid_len)
{
    struct aver_buf out = {0};
    uint8_t kid[64];
    memset(kid, 1, sizeof kid);
    aver_kid(kid, &pk);
    aver_cbor_put_map(&out, 3);
    aver_cbor_put_uint(&out, 1);
    aver_cbor_put_int(&out, alg);
    aver_cbor_put_uint(&out, 3);
    aver_cbor_put_text(&out, aver_bytes_str(type));
    aver_cbor_put_uint(&out, 4);
    aver_cbor_put_bytes(&out, aver_bytes_of(kid, kid_len));
    return kept(&out);
}

static aver_bytes envelope(aver_bytes protected_header, aver_bytes unprotected, size_t signature_len)
{
    struct aver_buf out = {0};
    static const uint8_t signature[128];
    aver_buf_byte(&out, 0xd2);
    aver_cbor_put_array(&out, 4);
    aver_cbor_put_bytes(&out, protected_header);
    aver_buf_bytes(&out, unprotected);
    aver_cbor_put_bytes(&out, AVER_LIT("payload"));
    aver_cbor_put_bytes(&out, aver_bytes_of(signature, signature_len));
    return kept(&out);
}

static aver_bytes signed_payload(aver_bytes payload, const char *purpose, aver_bytes chain)
{
    struct aver_buf out = {0};
    aver_cose_sign(&out, TYPE, payload, purpose, chain, &pk, &sk);
    return kept(&out);
}

static void refuse(aver_bytes bytes, const char *code)
{
    struct aver_cose cose;
    struct aver_why why = {0};
    assert_int_equal(aver_cose_read(&cose, bytes, &why), AVER_E_INPUT);
    assert_string_equal(why.code, code);
}

static void signs_and_verifies(void **state)
{
    (void)state;
    struct aver_cose cose;
    struct aver_why why;
    aver_bytes bytes = signed_payload(AVER_LIT("payload"), "batch", AVER_LIT("summit"));
    assert_int_equal(aver_cose_read(&cose, bytes, &why), AVER_OK);
    assert_true(aver_bytes_is(cose.payload, "payload"));
    assert_true(aver_bytes_is(cose.content_type, TYPE));
    uint8_t kid[16];
    aver_kid(kid, &pk);
    assert_true(aver_bytes_eq(cose.kid, aver_bytes_of(kid, 16)));
    assert_true(aver_bytes_eq(cose.protected_header, header(-8, TYPE, 16)));
    assert_true(aver_cose_verify(&cose, "batch", AVER_LIT("summit"), &pk));
    /* What was signed is the Sig_structure with our external_aad. */
    aver_bytes message =
        to_be_signed(cose.protected_header, AVER_LIT("averment/1 batch summit"), cose.payload);
    assert_true(aver_verify(&cose.signature, message, &pk));
    /* Ed25519 is deterministic. */
    assert_true(aver_bytes_eq(bytes, signed_payload(AVER_LIT("payload"), "batch", AVER_LIT("summit"))));
    /* An empty payload is attached, not detached. */
    assert_int_equal(aver_cose_read(&cose, signed_payload(AVER_LIT(""), "batch", AVER_LIT("summit")), &why),
                     AVER_OK);
    assert_true(aver_cose_verify(&cose, "batch", AVER_LIT("summit"), &pk));
}

static void holds_for_one_chain_purpose_and_key(void **state)
{
    (void)state;
    struct aver_cose cose;
    struct aver_public_key other;
    struct aver_secret_key other_secret;
    uint8_t seed[32] = {9};
    aver_key_from_seed(&other, &other_secret, seed);
    assert_int_equal(aver_cose_read(&cose, signed_payload(AVER_LIT("p"), "batch", AVER_LIT("a b")), NULL),
                     AVER_OK);
    assert_true(aver_cose_verify(&cose, "batch", AVER_LIT("a b"), &pk));
    assert_false(aver_cose_verify(&cose, "batch", AVER_LIT("a"), &pk));
    assert_false(aver_cose_verify(&cose, "receipt", AVER_LIT("a b"), &pk));
    assert_false(aver_cose_verify(&cose, "batch", AVER_LIT("a b"), &other));
}

/* RFC 8032 verdicts differ between libraries on odd inputs, not on this: one bit anywhere, and it is refused or does not
 * verify. */
static void every_bit_counts(void **state)
{
    (void)state;
    aver_bytes good = signed_payload(AVER_LIT("payload"), "batch", AVER_LIT("summit"));
    uint8_t *bytes = aver_arena_alloc(&arena, good.len);
    for (size_t bit = 0; bit < good.len * 8; bit++) {
        struct aver_cose cose;
        memcpy(bytes, good.ptr, good.len);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (aver_cose_read(&cose, aver_bytes_of(bytes, good.len), NULL) == AVER_OK)
            assert_false(aver_cose_verify(&cose, "batch", AVER_LIT("summit"), &pk));
    }
    for (size_t len = 0; len < good.len; len++) {
        struct aver_cose cose;
        assert_int_equal(aver_cose_read(&cose, aver_bytes_cut(good, 0, len), NULL), AVER_E_INPUT);
    }
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    struct aver_cose cose;
    aver_bytes none = AVER_LIT("\xa0");
    assert_int_equal(aver_cose_read(&cose, envelope(header(-8, TYPE, 16), none, 64), NULL), AVER_OK);
    refuse(envelope(header(-7, TYPE, 16), none, 64), "COSE-ALG");  /* ES256 */
    refuse(envelope(header(-19, TYPE, 16), none, 64), "COSE-ALG"); /* Ed25519 of RFC 9864 */
    refuse(envelope(header(8, TYPE, 16), none, 64), "COSE-ALG");
    refuse(envelope(header(-8, TYPE, 15), none, 64), "COSE-FORM");
    refuse(envelope(header(-8, TYPE, 17), none, 64), "COSE-FORM");
    refuse(envelope(header(-8, TYPE, 16), none, 63), "COSE-FORM");
    refuse(envelope(header(-8, TYPE, 16), none, 65), "COSE-FORM");
    refuse(envelope(header(-8, TYPE, 16), AVER_LIT("\xa1\x04\x40"), 64), "COSE-UNPROTECTED");
    refuse(envelope(header(-8, TYPE, 16), AVER_LIT("\xf6"), 64), "CBOR-TYPE");
    refuse(envelope(AVER_LIT(""), none, 64), "CBOR-SHORT");
    refuse(envelope(AVER_LIT("\xa0"), none, 64), "COSE-FORM");
    refuse(envelope(AVER_LIT("\xa1\x01\x27"), none, 64), "COSE-FORM");
    struct aver_buf with_tail = {0};
    aver_buf_bytes(&with_tail, header(-8, TYPE, 16));
    aver_buf_byte(&with_tail, 0);
    refuse(envelope(kept(&with_tail), none, 64), "CBOR-TRAILING");
    aver_buf_bytes(&with_tail, envelope(header(-8, TYPE, 16), none, 64));
    aver_buf_byte(&with_tail, 0);
    refuse(kept(&with_tail), "CBOR-TRAILING");
    refuse(AVER_LIT(""), "COSE-FORM");
    refuse(AVER_LIT("\x84"), "COSE-FORM");         /* untagged */
    refuse(AVER_LIT("\xd8\x12\x84"), "COSE-FORM"); /* tag 18 in two bytes */
    refuse(AVER_LIT("\xd2\x83\x40\xa0\x40"), "COSE-FORM");
    refuse(AVER_LIT("\xd2\x84\x40\xa0\xf6\x40"), "CBOR-TYPE"); /* payload detached */
}

static const struct aver_json *published(const char *name)
{
    const struct aver_json *root;
    const char *path = data_path(&arena, aver_arena_printf(&arena, "vectors/cose/%s.json", name));
    assert_int_equal(aver_json_parse(&root, &arena, data_file(&arena, path), NULL), AVER_OK);
    return root;
}

static aver_bytes cbor_of(const struct aver_json *example)
{
    return unhex(aver_json_string(aver_json_get(aver_json_get(example, "output"), "cbor")));
}

/* The examples carry kid unprotected and no content type, so their form is refused; what they sign is what we sign. */
static void published_eddsa_example(void **state)
{
    (void)state;
    const struct aver_json *example = published("eddsa-examples/eddsa-sig-01");
    const struct aver_json *key =
        aver_json_get(aver_json_get(aver_json_get(example, "input"), "sign0"), "key");
    aver_bytes bytes = cbor_of(example), protected_header, payload, signature;
    struct aver_cbor in = aver_cbor_open(aver_bytes_cut(bytes, 1, bytes.len - 1), NULL);
    size_t n;
    aver_bytes ignored;
    assert_int_equal(bytes.ptr[0], 0xd2);
    assert_int_equal(aver_cbor_array(&in, &n), AVER_OK);
    assert_int_equal(n, 4);
    assert_int_equal(aver_cbor_bytes(&in, &protected_header), AVER_OK);
    assert_int_equal(aver_cbor_item(&in, &ignored), AVER_OK);
    assert_int_equal(aver_cbor_bytes(&in, &payload), AVER_OK);
    assert_int_equal(aver_cbor_bytes(&in, &signature), AVER_OK);
    assert_int_equal(aver_cbor_end(&in), AVER_OK);
    aver_bytes want =
        unhex(aver_json_string(aver_json_get(aver_json_get(example, "intermediates"), "ToBeSign_hex")));
    aver_bytes message = to_be_signed(protected_header, AVER_LIT(""), payload);
    assert_true(aver_bytes_eq(message, want));

    struct aver_public_key published_pk;
    struct aver_secret_key published_sk;
    struct aver_signature made;
    uint8_t seed[32];
    assert_int_equal(aver_unhex(seed, 32, aver_json_string(aver_json_get(key, "d_hex"))), AVER_OK);
    aver_key_from_seed(&published_pk, &published_sk, seed);
    assert_true(aver_bytes_eq(aver_bytes_of(published_pk.b, 32),
                              unhex(aver_json_string(aver_json_get(key, "x_hex")))));
    aver_sign(&made, message, &published_sk);
    assert_true(aver_bytes_eq(aver_bytes_of(made.b, 64), signature));
    refuse(bytes, "COSE-UNPROTECTED");
}

static void published_examples_in_other_forms(void **state)
{
    (void)state;
    static const struct {
        const char *name, *code;
    } rows[] = {
        {"eddsa-examples/eddsa-01", "COSE-FORM"},            /* COSE_Sign, tag 98 */
        {"eddsa-examples/eddsa-02", "COSE-FORM"},            /* the same, Ed448 */
        {"eddsa-examples/eddsa-sig-02", "COSE-UNPROTECTED"}, /* Ed448 */
        {"sign1-tests/sign-fail-01", "COSE-FORM"},           /* "Wrong CBOR Tag" */
        {"sign1-tests/sign-fail-02", "COSE-UNPROTECTED"},    /* "Change signature", kid unprotected */
        {"sign1-tests/sign-fail-03", "COSE-UNPROTECTED"},
        {"sign1-tests/sign-fail-04", "COSE-UNPROTECTED"},
        {"sign1-tests/sign-fail-06", "COSE-UNPROTECTED"},
        {"sign1-tests/sign-fail-07", "COSE-UNPROTECTED"},
        {"sign1-tests/sign-pass-01", "COSE-UNPROTECTED"}, /* "Redo protected": alg unprotected */
        {"sign1-tests/sign-pass-02", "COSE-UNPROTECTED"}, /* ES256 */
        {"sign1-tests/sign-pass-03", "COSE-FORM"},        /* "Remove CBOR Tag" */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refuse(cbor_of(published(rows[i].name)), rows[i].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_verifies),      cmocka_unit_test(holds_for_one_chain_purpose_and_key),
        cmocka_unit_test(every_bit_counts),        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(published_eddsa_example), cmocka_unit_test(published_examples_in_other_forms),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
