/* tests/unit/test_ed25519_vectors.c - our verdict on signatures that were made to be misjudged: Wycheproof's Ed25519
 * cases, keys of small order, which verify for any message where an implementation is lenient, and what verifiers are known
 * to differ on. Run from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "tests/unit/data.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Cases marked "acceptable" are where verifiers may differ; our verdict must not change with a libsodium, so each such
 * case has its line here. The file read today (151 cases) has none; row 0 stands for no case. */
static const struct {
    long long tc_id;
    bool verifies;
} ACCEPTABLE[] = {{0, false}};

static struct aver_arena arena;

static aver_bytes member(const struct aver_json *object, const char *name)
{
    aver_bytes text = aver_json_string(aver_json_get(object, name));
    if (!text.ptr) fail_msg("\"%s\" is missing", name);
    return text;
}

static aver_bytes unhex(aver_bytes hex)
{
    uint8_t *out = aver_arena_alloc(&arena, hex.len / 2 + 1);
    assert_int_equal(aver_unhex(out, hex.len / 2, hex), AVER_OK);
    return aver_bytes_of(out, hex.len / 2);
}

/* A signature of another length than 64 cannot even be given to aver_verify. */
static bool verdict(const struct aver_public_key *pk, const struct aver_json *test)
{
    struct aver_signature sig;
    aver_bytes bytes = unhex(member(test, "sig"));
    if (bytes.len != sizeof sig.b) return false;
    memcpy(sig.b, bytes.ptr, sizeof sig.b);
    return aver_verify(&sig, unhex(member(test, "msg")), pk);
}

static bool pinned(long long tc_id)
{
    for (size_t i = 0; i < COUNT(ACCEPTABLE); i++)
        if (tc_id && ACCEPTABLE[i].tc_id == tc_id) return ACCEPTABLE[i].verifies;
    fail_msg("case %lld is \"acceptable\" and not in the table", tc_id);
    return false;
}

static void test_wycheproof(void **state)
{
    (void)state;
    aver_bytes text =
        data_file(&arena, data_path(&arena, "vectors/wycheproof/testvectors_v1/ed25519_test.json"));
    struct aver_why why = {0};
    const struct aver_json *root = NULL;
    if (aver_json_parse(&root, &arena, text, &why)) fail_msg("%s %s: %s", why.code, why.place, why.text);
    size_t valid = 0, invalid = 0, wrong = 0;
    for (AVER_JSON_EACH(group, aver_json_get(root, "testGroups"))) {
        struct aver_public_key pk;
        aver_bytes key = unhex(member(aver_json_get(group, "publicKey"), "pk"));
        assert_int_equal(key.len, sizeof pk.b);
        memcpy(pk.b, key.ptr, sizeof pk.b);
        for (AVER_JSON_EACH(test, aver_json_get(group, "tests"))) {
            uint64_t id;
            assert_int_equal(aver_bytes_u64(&id, aver_json_number(aver_json_get(test, "tcId"))), AVER_OK);
            aver_bytes result = member(test, "result");
            bool want = aver_bytes_is(result, "valid");
            if (aver_bytes_is(result, "acceptable"))
                want = pinned((long long)id);
            else
                assert_true(want || aver_bytes_is(result, "invalid"));
            valid += want, invalid += !want;
            if (verdict(&pk, test) != want) {
                print_error("case %llu should %s\n", (unsigned long long)id, want ? "verify" : "be refused");
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(valid, 88);
    assert_int_equal(invalid, 63);
    aver_arena_free(&arena);
}

/* The points of order 1, 2, 4 and 8, and encodings of them that are not canonical. With A of small order, R = A or the
 * identity and S = 0 satisfy the equation for many messages or all of them. */
static void test_small_order(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (size_t a = 0; a < COUNT(points); a++)
        for (size_t r = 0; r < COUNT(points); r++) {
            struct aver_public_key pk;
            struct aver_signature sig = {{0}};
            assert_int_equal(aver_unhex(pk.b, 32, aver_bytes_str(points[a])), AVER_OK);
            assert_int_equal(aver_unhex(sig.b, 32, aver_bytes_str(points[r])), AVER_OK);
            for (uint8_t m = 0; m < 16; m++) assert_false(aver_verify(&sig, aver_bytes_of(&m, 1), &pk));
        }
}

/* Our own after the kinds of "Taming the many EdDSAs", made by tests/interop/ed25519_cases.py. */
static void test_where_verifiers_differ(void **state)
{
    (void)state;
    struct aver_why why = {0};
    const struct aver_json *root = NULL;
    size_t verified = 0, refused = 0;
    if (aver_json_parse(&root, &arena, data_file(&arena, "tests/vectors/ed25519.json"), &why))
        fail_msg("%s %s: %s", why.code, why.place, why.text);
    for (AVER_JSON_EACH(row, root)) {
        struct aver_public_key pk;
        struct aver_signature sig;
        bool want = aver_json_get(row, "verifies")->kind == AVER_JSON_TRUE;
        memcpy(pk.b, unhex(member(row, "public_key")).ptr, sizeof pk.b);
        memcpy(sig.b, unhex(member(row, "signature")).ptr, sizeof sig.b);
        if (aver_verify(&sig, unhex(member(row, "message")), &pk) != want)
            fail_msg("\"%.*s\" should %s", AVER_STR(member(row, "description")),
                     want ? "verify" : "be refused");
        verified += want, refused += !want;
    }
    assert_int_equal(verified, 3);
    assert_int_equal(refused, 23);
    aver_arena_free(&arena);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wycheproof),
        cmocka_unit_test(test_small_order),
        cmocka_unit_test(test_where_verifiers_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
