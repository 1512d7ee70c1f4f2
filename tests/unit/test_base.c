/* tests/unit/test_base.c - errors, bytes, buffers, arenas and hashes. Money and dates have files of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "tests/unit/rng.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* ---- err ---- */

static void test_fail(void **state)
{
    (void)state;
    struct aver_why why = {0};
    assert_int_equal(aver_fail(NULL, AVER_E_INPUT, "A", "b", "c"), AVER_E_INPUT);
    assert_int_equal(aver_fail(&why, AVER_E_LIMIT, "X-DEPTH", "line 3", "more than %d", 64), AVER_E_LIMIT);
    assert_string_equal(why.code, "X-DEPTH");
    assert_string_equal(why.place, "line 3");
    assert_string_equal(why.text, "more than 64");
    /* A caller adds to what a callee said. */
    assert_int_equal(aver_fail(&why, AVER_E_INPUT, why.code, why.place, "policy: %s", why.text),
                     AVER_E_INPUT);
    assert_string_equal(why.code, "X-DEPTH");
    assert_string_equal(why.place, "line 3");
    assert_string_equal(why.text, "policy: more than 64");
    /* What is too long is cut and ends with its NUL; what is not given is empty. */
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_int_equal(aver_fail(&why, AVER_E_INPUT, longer, longer, "%s", longer), AVER_E_INPUT);
    assert_int_equal(strlen(why.code), sizeof why.code - 1);
    assert_int_equal(strlen(why.place), sizeof why.place - 1);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    assert_int_equal(aver_fail(&why, AVER_E_INPUT, NULL, NULL, "t"), AVER_E_INPUT);
    assert_string_equal(why.code, "");
    assert_string_equal(why.place, "");
}

static void test_fail_errno(void **state)
{
    (void)state;
    static const struct {
        int number;
        aver_err err;
        const char *code;
    } cases[] = {
        {ENOSPC, AVER_E_FULL, "DISK-FULL"},
        {EDQUOT, AVER_E_FULL, "DISK-FULL"},
        {ENOENT, AVER_E_NOT_FOUND, "NO-FILE"},
        {EEXIST, AVER_E_EXISTS, "IO"},
        {EACCES, AVER_E_IO, "IO"},
        {EIO, AVER_E_IO, "IO"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct aver_why why = {0};
        errno = cases[i].number;
        assert_int_equal(aver_fail_errno(&why, "open the log", "a/b"), cases[i].err);
        assert_string_equal(why.code, cases[i].code);
        assert_string_equal(why.place, "a/b");
        assert_memory_equal(why.text, "could not open the log: ", 24);
    }
    for (int e = AVER_OK; e <= AVER_E_IO; e++)
        for (int other = AVER_OK; other < e; other++)
            assert_string_not_equal(aver_err_name((aver_err)e), aver_err_name((aver_err)other));
}

/* ---- bytes ---- */

static int sign(int c) { return (c > 0) - (c < 0); }

static void test_bytes(void **state)
{
    (void)state;
    assert_null(aver_bytes_str(NULL).ptr);
    assert_non_null(aver_bytes_str("").ptr);
    assert_int_equal(AVER_LIT("a\0b").len, 3);
    assert_true(aver_bytes_eq(AVER_LIT("a\0b"), AVER_LIT("a\0b")));
    assert_false(aver_bytes_eq(AVER_LIT("a\0b"), AVER_LIT("a\0c")));
    assert_false(aver_bytes_is(AVER_LIT("ab"), "a"));
    assert_false(aver_bytes_is(AVER_LIT("a"), "ab"));
    assert_true(aver_bytes_is(AVER_LIT("ab"), "ab"));

    static const char *const order[] = {"", "A", "AB", "B", "a", "a\x01", "a\x7f", "a\x80", "a\xff", "b"};
    for (size_t i = 0; i < COUNT(order); i++)
        for (size_t k = 0; k < COUNT(order); k++)
            assert_int_equal(sign(aver_bytes_cmp(aver_bytes_str(order[i]), aver_bytes_str(order[k]))),
                             sign((int)i - (int)k));
    assert_int_equal(aver_bytes_cmp(AVER_BYTES_NONE, AVER_BYTES_NONE), 0);

    aver_bytes b = AVER_LIT("abcdef");
    assert_true(aver_bytes_is(aver_bytes_cut(b, 2, 3), "cde"));
    assert_true(aver_bytes_is(aver_bytes_cut(b, 6, 0), ""));
    assert_null(aver_bytes_cut(AVER_BYTES_NONE, 0, 0).ptr);
    assert_true(aver_bytes_is(aver_bytes_trim(AVER_LIT(" \t a b\t ")), "a b"));
    assert_true(aver_bytes_is(aver_bytes_trim(AVER_LIT("\t \t")), ""));
    assert_true(aver_bytes_is(aver_bytes_trim(AVER_LIT("\na\r")), "\na\r"));
    assert_null(aver_bytes_trim(AVER_BYTES_NONE).ptr);
}

static void test_u64(void **state)
{
    (void)state;
    uint64_t v = 7;
    static const char *const bad[] = {"", "01", "00", "-1", "+1", " 1", "1 ", "1a", "0x1", "1.0"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(aver_bytes_u64(&v, aver_bytes_str(bad[i])), AVER_E_INPUT);
    assert_int_equal(aver_bytes_u64(&v, AVER_BYTES_NONE), AVER_E_INPUT);
    assert_int_equal(aver_bytes_u64(&v, AVER_LIT("18446744073709551616")), AVER_E_RANGE);
    assert_int_equal(aver_bytes_u64(&v, AVER_LIT("99999999999999999999")), AVER_E_RANGE);
    assert_int_equal(v, 7);
    assert_int_equal(aver_bytes_u64(&v, AVER_LIT("0")), AVER_OK);
    assert_int_equal(v, 0);
    assert_int_equal(aver_bytes_u64(&v, AVER_LIT("18446744073709551615")), AVER_OK);
    assert_true(v == UINT64_MAX);
}

/* Decodes, and then looks at what came out: another way than ranges of the second byte. */
static bool utf8_by_decoding(const uint8_t *p, size_t len)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < len;) {
        size_t more = p[i] < 0x80 ? 0 : p[i] >> 5 == 6 ? 1 : p[i] >> 4 == 14 ? 2 : p[i] >> 3 == 30 ? 3 : 9;
        if (more == 9 || more >= len - i) return false;
        uint32_t code = more == 0 ? p[i] : p[i] & (0x3f >> more);
        for (size_t k = 1; k <= more; k++) {
            if (p[i + k] >> 6 != 2) return false;
            code = code << 6 | (p[i + k] & 0x3f);
        }
        if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
        i += more + 1;
    }
    return true;
}

static void utf8_agrees(const uint8_t *p, size_t len)
{
    if (aver_bytes_utf8(aver_bytes_of(p, len)) != utf8_by_decoding(p, len))
        fail_msg("%zu bytes: %02x %02x %02x %02x", len, p[0], p[1], p[2], p[3]);
}

/* All sequences of up to three bytes, and of four those that begin as four should. */
static void test_utf8(void **state)
{
    (void)state;
    uint8_t p[4] = {0};
    assert_true(aver_bytes_utf8(AVER_BYTES_NONE));
    assert_true(aver_bytes_utf8(AVER_LIT("a\0b")));
    for (uint32_t n = 0; n < 1 << 24; n++) {
        p[0] = (uint8_t)(n >> 16), p[1] = (uint8_t)(n >> 8), p[2] = (uint8_t)n;
        utf8_agrees(p, 3);
        if (p[2] == 0) utf8_agrees(p, 2);
        if (p[2] == 0 && p[1] == 0) utf8_agrees(p, 1);
    }
    static const uint8_t tails[] = {0x00, 0x7f, 0x80, 0x81, 0xbe, 0xbf, 0xc0, 0xff};
    for (unsigned head = 0xf0; head <= 0xff; head++)
        for (unsigned second = 0; second <= 0xff; second++)
            for (size_t t = 0; t < COUNT(tails) * COUNT(tails); t++) {
                p[0] = (uint8_t)head, p[1] = (uint8_t)second;
                p[2] = tails[t / COUNT(tails)], p[3] = tails[t % COUNT(tails)];
                utf8_agrees(p, 4);
            }
}

static void test_buf(void **state)
{
    (void)state;
    struct aver_buf buf = {0}, hex = {0};
    aver_buf_put(&buf, NULL, 0);
    assert_int_equal(buf.len, 0);
    for (int i = 0; i < 1000; i++) {
        aver_buf_byte(&buf, (uint8_t)i);
        aver_buf_str(&buf, "xyz");
        aver_buf_printf(&buf, "%d,", i);
    }
    size_t at = 0;
    for (int i = 0; i < 1000; i++) {
        char want[16];
        int n = snprintf(want, sizeof want, "%cxyz%d,", (char)i, i);
        assert_memory_equal(buf.ptr + at, want, (size_t)n);
        at += (size_t)n;
    }
    assert_int_equal(buf.len, at);
    aver_buf_hex(&hex, AVER_LIT("\x00\x1f\xff"));
    assert_true(aver_bytes_is(aver_buf_view(&hex), "001fff"));
    aver_buf_free(&hex);
    aver_buf_free(&buf);
    assert_null(buf.ptr);
    assert_int_equal(buf.len + buf.cap, 0);
}

static void test_hex(void **state)
{
    (void)state;
    char text[2 * 256 + 1];
    uint8_t all[256], back[256];
    for (int i = 0; i < 256; i++) all[i] = (uint8_t)i;
    aver_hex(text, aver_bytes_of(all, sizeof all));
    assert_int_equal(strlen(text), 512);
    assert_int_equal(aver_unhex(back, sizeof back, aver_bytes_str(text)), AVER_OK);
    assert_memory_equal(all, back, sizeof all);
    assert_int_equal(aver_unhex(back, 2, AVER_LIT("aBcD")), AVER_OK);
    assert_memory_equal(back, "\xab\xcd", 2);
    assert_int_equal(aver_unhex(back, 0, AVER_LIT("")), AVER_OK);
    static const char *const bad[] = {"",     "a",    "abc",  "abcdef", "abcg", "ab d",
                                      "0xab", "ab/0", "ab:0", "@bcd",   "ab`0"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(aver_unhex(back, 2, aver_bytes_str(bad[i])), AVER_E_INPUT);
}

/* ---- arena ---- */

static void test_arena(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    uint64_t seed = 1;
    uint8_t *kept[500];
    size_t sizes[500];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(kept); i++) {
            sizes[i] = i == 250 ? (size_t)20 << 20 : rng_below(&seed, 3000);
            kept[i] = aver_arena_alloc(&arena, sizes[i]);
            assert_int_equal((uintptr_t)kept[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k += k < 64 ? 1 : 61) assert_int_equal(kept[i][k], 0);
            memset(kept[i], (int)(i % 255 + 1), sizes[i]);
        }
        for (size_t i = 0; i < COUNT(kept); i++) /* nobody wrote into another's memory */
            for (size_t k = 0; k < sizes[i]; k += k < 64 ? 1 : 61) assert_int_equal(kept[i][k], i % 255 + 1);
        aver_arena_reset(&arena);
    }
    aver_arena_free(&arena);
    assert_null(arena.head);
    aver_arena_reset(&arena);
    aver_arena_free(&arena);
}

static void test_arena_copies(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    assert_null(aver_arena_copy(&arena, AVER_BYTES_NONE).ptr);
    aver_bytes empty = aver_arena_copy(&arena, AVER_LIT(""));
    assert_true(empty.ptr && empty.len == 0 && empty.ptr[0] == 0);
    char text[] = "abc";
    aver_bytes copy = aver_arena_copy(&arena, aver_bytes_str(text));
    text[0] = 'X';
    assert_string_equal((const char *)copy.ptr, "abc");
    char *long_text = aver_arena_printf(&arena, "%050000d|%s", 7, "end");
    assert_int_equal(strlen(long_text), 50004);
    assert_string_equal(long_text + 49999, "7|end");

    struct aver_list list = {0};
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t *item = aver_list_add(&arena, &list, sizeof *item);
        assert_int_equal(*item, 0);
        *item = i * 3;
    }
    assert_int_equal(list.count, 5000);
    for (uint32_t i = 0; i < 5000; i++) assert_int_equal(((uint32_t *)list.items)[i], i * 3);
    aver_arena_free(&arena);
}

/* ---- hash ---- */

static void digest_is(aver_digest d, const char *hex)
{
    char text[65];
    aver_hex(text, aver_digest_bytes(&d));
    assert_string_equal(text, hex);
}

/* FIPS 180-4's examples. */
static void test_sha256(void **state)
{
    (void)state;
    digest_is(aver_sha256(AVER_BYTES_NONE),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_is(aver_sha256(AVER_LIT("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    aver_bytes long_one = AVER_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    digest_is(aver_sha256(long_one), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    for (size_t cut = 0; cut <= long_one.len; cut++) {
        aver_bytes parts[] = {aver_bytes_cut(long_one, 0, cut), AVER_BYTES_NONE,
                              aver_bytes_cut(long_one, cut, long_one.len - cut)};
        assert_true(aver_digest_eq(aver_sha256_parts(parts, 3), aver_sha256(long_one)));
    }
    assert_false(aver_digest_eq(aver_sha256(AVER_LIT("a")), aver_sha256(AVER_LIT("b"))));
}

static aver_bytes run(uint8_t *out, uint8_t byte, size_t n)
{
    memset(out, byte, n);
    return aver_bytes_of(out, n);
}

/* RFC 4231 section 4, test cases 1 to 4, 6 and 7. */
static void test_hmac256(void **state)
{
    (void)state;
    uint8_t k1[20], k3[20], k4[25], k6[131], d3[50], d4[50];
    for (uint8_t i = 0; i < sizeof k4; i++) k4[i] = i + 1;
    const struct {
        aver_bytes key, data;
        const char *want;
    } cases[] = {
        {run(k1, 0x0b, 20), AVER_LIT("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {AVER_LIT("Jefe"), AVER_LIT("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {run(k3, 0xaa, 20), run(d3, 0xdd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {aver_bytes_of(k4, 25), run(d4, 0xcd, 50),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {run(k6, 0xaa, 131), AVER_LIT("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {run(k6, 0xaa, 131),
         AVER_LIT(
             "This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
             "be hashed before being used by the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        aver_bytes parts[] = {aver_bytes_cut(cases[i].data, 0, 3), AVER_BYTES_NONE,
                              aver_bytes_cut(cases[i].data, 3, cases[i].data.len - 3)};
        digest_is(aver_hmac256(cases[i].key, &cases[i].data, 1), cases[i].want);
        digest_is(aver_hmac256(cases[i].key, parts, 3), cases[i].want);
    }
}

static void unhex(uint8_t *out, size_t n, const char *hex)
{
    assert_int_equal(aver_unhex(out, n, aver_bytes_str(hex)), AVER_OK);
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static void test_ed25519(void **state)
{
    (void)state;
    static const struct {
        const char *seed, *pk, *message, *sig;
    } cases[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
         "655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
         "b00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
         "c027beceea1ec40a"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t seed[32], message[2], kid[16];
        struct aver_public_key pk, want_pk;
        struct aver_secret_key sk;
        struct aver_signature sig, want_sig;
        unhex(seed, 32, cases[i].seed);
        unhex(want_pk.b, 32, cases[i].pk);
        unhex(want_sig.b, 64, cases[i].sig);
        unhex(message, i, cases[i].message);
        aver_bytes m = aver_bytes_of(message, i);
        aver_key_from_seed(&pk, &sk, seed);
        assert_memory_equal(pk.b, want_pk.b, 32);
        aver_sign(&sig, m, &sk);
        assert_memory_equal(sig.b, want_sig.b, 64);
        assert_true(aver_verify(&sig, m, &pk));
        for (size_t bit = 0; bit < 512; bit++) {
            sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(aver_verify(&sig, m, &pk));
            sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_false(aver_verify(&sig, AVER_LIT("other"), &pk));
        /* kid: the beginning of the key's digest. */
        aver_digest d = aver_sha256(aver_bytes_of(pk.b, sizeof pk.b));
        aver_kid(kid, &pk);
        assert_memory_equal(kid, d.b, sizeof kid);
    }
}

/* draft-irtf-cfrg-xchacha-03 A.3.1 */
static void test_seal(void **state)
{
    (void)state;
    aver_bytes text = AVER_LIT(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
        "sunscreen would be it.");
    uint8_t key[32], nonce[24], aad[12], sealed[200], opened[200], want[16];
    for (uint8_t i = 0; i < 32; i++) key[i] = 0x80 + i;
    for (uint8_t i = 0; i < 24; i++) nonce[i] = 0x40 + i;
    unhex(aad, 12, "50515253c0c1c2c3c4c5c6c7");
    aver_bytes ad = aver_bytes_of(aad, 12), box = aver_bytes_of(sealed, text.len + 16);
    aver_seal(sealed, text, ad, nonce, key);
    unhex(want, 16, "bd6d179d3e83d43b9576579493c0e939");
    assert_memory_equal(sealed, want, 16);
    unhex(want, 16, "c0875924c1c7987947deafd8780acf49");
    assert_memory_equal(sealed + text.len, want, 16);
    assert_int_equal(aver_unseal(opened, box, ad, nonce, key), AVER_OK);
    assert_memory_equal(opened, text.ptr, text.len);
    for (size_t i = 0; i < box.len; i++) {
        sealed[i] ^= 1;
        assert_int_equal(aver_unseal(opened, box, ad, nonce, key), AVER_E_SIGNATURE);
        sealed[i] ^= 1;
    }
    assert_int_equal(aver_unseal(opened, box, AVER_BYTES_NONE, nonce, key), AVER_E_SIGNATURE);
    assert_int_equal(aver_unseal(opened, aver_bytes_cut(box, 0, 15), ad, nonce, key), AVER_E_SIGNATURE);
    aver_wipe(key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++) assert_int_equal(key[i], 0);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail),   cmocka_unit_test(test_fail_errno), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_u64),    cmocka_unit_test(test_utf8),       cmocka_unit_test(test_buf),
        cmocka_unit_test(test_hex),    cmocka_unit_test(test_arena),      cmocka_unit_test(test_arena_copies),
        cmocka_unit_test(test_sha256), cmocka_unit_test(test_hmac256),    cmocka_unit_test(test_ed25519),
        cmocka_unit_test(test_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
