/* tests/unit/test_merkle.c - the log tree against the vectors of transparency-dev/merkle, against the definition of
 * RFC 9162 read naively, and base64 on the way. */
#include "tests/unit/vectors.h"

#include "base/base64.h"
#include "ledger/model/merkle.h"

#define SIZE_MAX_TRIED 130

static aver_digest leaf[SIZE_MAX_TRIED];

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    for (unsigned i = 0; i < SIZE_MAX_TRIED; i++) {
        uint8_t entry[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
        leaf[i] = aver_merkle_leaf(aver_bytes_of(entry, sizeof entry));
    }
    return 0;
}

/* MTH of RFC 9162 2.1.1, word for word. */
static aver_digest naive_root(const aver_digest *d, size_t n)
{
    if (n == 0) return aver_merkle_empty();
    if (n == 1) return d[0];
    size_t k = 1;
    while (2 * k < n) k *= 2;
    aver_digest left = naive_root(d, k), right = naive_root(d + k, n - k);
    return aver_merkle_node(&left, &right);
}

static void assert_digest(aver_digest got, const char *hex)
{
    char text[65];
    aver_hex(text, aver_digest_bytes(&got));
    assert_string_equal(text, hex);
}

static void known_hashes(void **state)
{
    (void)state;
    assert_digest(aver_merkle_empty(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest(aver_merkle_leaf(AVER_LIT("")),
                  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_digest(aver_merkle_root_of(NULL, 0),
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void roots_and_edge(void **state)
{
    (void)state;
    struct aver_merkle tree = {0};
    struct aver_buf buf = {0};
    for (size_t n = 0;; n++) {
        aver_digest want = naive_root(leaf, n);
        assert_true(aver_digest_eq(aver_merkle_root(&tree), want));
        assert_true(aver_digest_eq(aver_merkle_root_of(leaf, n), want));

        struct aver_merkle again;
        buf.len = 0;
        aver_merkle_write(&buf, &tree);
        assert_int_equal(buf.len, 8 + 32 * __builtin_popcountll(n));
        assert_int_equal(aver_merkle_read(&again, aver_buf_view(&buf), NULL), AVER_OK);
        assert_int_equal(again.size, n);
        assert_true(aver_digest_eq(aver_merkle_root(&again), want));
        for (size_t cut = 0; cut < buf.len; cut += 13)
            assert_int_equal(aver_merkle_read(&again, aver_bytes_of(buf.ptr, cut), NULL), AVER_E_CORRUPT);

        if (n == SIZE_MAX_TRIED) break;
        tree = again; /* goes on from what was read back */
        aver_merkle_append(&tree, &leaf[n], NULL, NULL);
    }
    uint8_t huge[8 + 32] = {0x80};
    struct aver_merkle no;
    struct aver_why why;
    assert_int_equal(aver_merkle_read(&no, aver_bytes_of(huge, sizeof huge), &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "MERKLE-EDGE");
    aver_buf_free(&buf);
}

static void hear(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    size_t *heard = ctx;
    aver_digest want = naive_root(leaf + (index << level), (size_t)1 << level);
    assert_true(aver_digest_eq(*hash, want));
    ++*heard;
}

static void each_complete_subtree_is_told_once(void **state)
{
    (void)state;
    struct aver_merkle tree = {0};
    size_t heard = 0, want = 0;
    for (size_t n = 0; n < SIZE_MAX_TRIED; n++) aver_merkle_append(&tree, &leaf[n], hear, &heard);
    for (size_t n = SIZE_MAX_TRIED; n; n /= 2) want += n;
    assert_int_equal(heard, want);
}

static void inclusion_of_all(void **state)
{
    (void)state;
    struct aver_merkle_leaves all = {leaf, SIZE_MAX_TRIED};
    struct aver_merkle_source source = aver_merkle_source_of(&all);
    struct aver_merkle_proof proof;
    for (uint64_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        aver_digest root = naive_root(leaf, size);
        for (uint64_t i = 0; i < size; i++) {
            assert_int_equal(aver_merkle_prove(&proof, i, size, source, NULL), AVER_OK);
            assert_int_equal(aver_merkle_verify(&root, size, i, &leaf[i], proof.hash, proof.count, NULL),
                             AVER_OK);
            uint64_t j = (i + 1) % size;
            if (j != i) /* another place */
                assert_int_equal(aver_merkle_verify(&root, size, j, &leaf[i], proof.hash, proof.count, NULL),
                                 AVER_E_DIFFERS);
            proof.hash[proof.count] = root; /* one hash too many */
            assert_int_equal(aver_merkle_verify(&root, size, i, &leaf[i], proof.hash, proof.count + 1, NULL),
                             AVER_E_DIFFERS);
            if (proof.count == 0) continue;
            assert_int_equal(aver_merkle_verify(&root, size, i, &leaf[i], proof.hash, proof.count - 1, NULL),
                             AVER_E_DIFFERS);
            proof.hash[i % proof.count].b[i % 32] ^= 1;
            assert_int_equal(aver_merkle_verify(&root, size, i, &leaf[i], proof.hash, proof.count, NULL),
                             AVER_E_DIFFERS);
        }
        struct aver_why why;
        assert_int_equal(aver_merkle_prove(&proof, size, size, source, &why), AVER_E_RANGE);
        assert_string_equal(why.code, "MERKLE-RANGE");
    }
    assert_int_equal(aver_merkle_prove(&proof, 0, AVER_MERKLE_SIZE_MAX + 1, source, NULL), AVER_E_RANGE);
}

static void consistency_of_all(void **state)
{
    (void)state;
    struct aver_merkle_leaves all = {leaf, SIZE_MAX_TRIED};
    struct aver_merkle_source source = aver_merkle_source_of(&all);
    struct aver_merkle_proof p;
    for (uint64_t b = 1; b <= SIZE_MAX_TRIED; b++) {
        aver_digest root_b = naive_root(leaf, b);
        for (uint64_t a = 1; a <= b; a++) {
            aver_digest root_a = naive_root(leaf, a);
            assert_int_equal(aver_merkle_prove_consistency(&p, a, b, source, NULL), AVER_OK);
            assert_int_equal(aver_merkle_verify_consistency(&root_a, a, &root_b, b, p.hash, p.count, NULL),
                             AVER_OK);
            if (a == b) continue;
            aver_digest other = root_a;
            other.b[a % 32] ^= 1;
            assert_int_equal(aver_merkle_verify_consistency(&other, a, &root_b, b, p.hash, p.count, NULL),
                             AVER_E_DIFFERS);
            other = root_b;
            other.b[a % 32] ^= 1;
            assert_int_equal(aver_merkle_verify_consistency(&root_a, a, &other, b, p.hash, p.count, NULL),
                             AVER_E_DIFFERS);
            assert_int_equal(
                aver_merkle_verify_consistency(&root_a, a, &root_b, b, p.hash, p.count - 1, NULL),
                AVER_E_DIFFERS);
            p.hash[p.count] = root_a;
            assert_int_equal(
                aver_merkle_verify_consistency(&root_a, a, &root_b, b, p.hash, p.count + 1, NULL),
                AVER_E_DIFFERS);
        }
    }
    assert_int_equal(aver_merkle_prove_consistency(&p, 0, 5, source, NULL), AVER_E_RANGE);
    assert_int_equal(aver_merkle_prove_consistency(&p, 6, 5, source, NULL), AVER_E_RANGE);
}

/* A source that only counts what it is asked, for a log too large to hold. */
static aver_err count_get(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *why)
{
    (void)why;
    assert_true((index + 1) << level <= UINT64_C(1000000007));
    memset(out, (int)level, sizeof *out);
    ++*(size_t *)ctx;
    return AVER_OK;
}

static void proofs_read_few_hashes(void **state)
{
    (void)state;
    size_t reads = 0;
    struct aver_merkle_proof proof;
    struct aver_merkle_source source = {count_get, &reads};
    assert_int_equal(aver_merkle_prove(&proof, 123456789, 1000000007, source, NULL), AVER_OK);
    assert_int_equal(proof.count, 30);
    assert_in_range(reads, 30, 60);
    reads = 0;
    assert_int_equal(aver_merkle_prove_consistency(&proof, 999999999, 1000000007, source, NULL), AVER_OK);
    assert_in_range(reads, 1, 60);
}

static bool digest_of(aver_digest *out, aver_bytes base64)
{
    return aver_base64_exact(out->b, sizeof out->b, base64) == AVER_OK;
}

/* A few files have words for roots; their SHA-256 stands for them, so that equal words stay equal. */
static bool root_of(aver_digest *out, aver_bytes base64)
{
    uint8_t word[64];
    size_t len;
    if (digest_of(out, base64)) return true;
    if (base64.len > sizeof word || aver_base64_get(word, &len, base64) != AVER_OK) return false;
    *out = aver_sha256(aver_bytes_of(word, len));
    return true;
}

static void vector(const char *path, const char *json)
{
    const char *at = vectors_field(json, "wantErr");
    assert_non_null(at);
    bool want_err = *at == 't', ok = true;
    aver_digest hash[AVER_MERKLE_PROOF_MAX];
    size_t count = 0;
    at = vectors_field(json, "proof");
    assert_non_null(at);
    if (*at == '[') {
        for (at += 1 + strspn(at + 1, " \n\r\t,"); *at != ']'; at += strspn(at, " \n\r\t,")) {
            assert_in_range(count, 0, AVER_MERKLE_PROOF_MAX - 1);
            ok &= digest_of(&hash[count++], vectors_string(&at));
        }
    }
    if (vectors_field(json, "leafIdx")) {
        aver_digest root, of;
        ok = ok && root_of(&root, vectors_text(json, "root")) &&
             digest_of(&of, vectors_text(json, "leafHash")) &&
             aver_merkle_verify(&root, vectors_number(json, "treeSize"), vectors_number(json, "leafIdx"), &of,
                                hash, count, NULL) == AVER_OK;
    } else {
        aver_digest a, b;
        ok = ok && root_of(&a, vectors_text(json, "root1")) && root_of(&b, vectors_text(json, "root2")) &&
             aver_merkle_verify_consistency(&a, vectors_number(json, "size1"), &b,
                                            vectors_number(json, "size2"), hash, count, NULL) == AVER_OK;
    }
    if (ok == want_err) fail_msg("%s: %s", path, ok ? "accepted" : "refused");
}

static void vectors(void **state)
{
    char dir[1024];
    (void)state;
    vectors_dir(dir, "vectors/merkle/testdata/inclusion");
    assert_in_range(vectors_each(dir, vector), 90, 1000);
    vectors_dir(dir, "vectors/merkle/testdata/consistency");
    assert_in_range(vectors_each(dir, vector), 90, 1000);
}

static void base64_is_strict(void **state)
{
    (void)state;
    /* RFC 4648 section 10 */
    static const char *const good[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct aver_buf text = {0};
        uint8_t back[16];
        size_t len = 99;
        aver_base64_put(&text, aver_bytes_str(good[i][0]));
        assert_true(aver_bytes_is(aver_buf_view(&text), good[i][1]));
        assert_int_equal(aver_base64_get(back, &len, aver_buf_view(&text)), AVER_OK);
        assert_true(aver_bytes_is(aver_bytes_of(back, len), good[i][0]));
        aver_buf_free(&text);
    }
    static const char *const bad[] = {"Z",    "Zg",         "Zg=",      "Zh==",   "Zm9=",
                                      "Z===", "====",       "Zg==Zg==", "Zm9v\n", "Zm 9",
                                      "Zm-_", "Zm8=\n\n\n", "=m9v",     "Z=9v",   "Zm=v"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t out[16];
        size_t len;
        if (aver_base64_get(out, &len, aver_bytes_str(bad[i])) != AVER_E_INPUT)
            fail_msg("accepted %s", bad[i]);
    }
    uint8_t two[2];
    assert_int_equal(aver_base64_exact(two, 2, AVER_LIT("Zm8=")), AVER_OK);
    assert_int_equal(aver_base64_exact(two, 2, AVER_LIT("Zg==")), AVER_E_INPUT);
    assert_int_equal(aver_base64_exact(two, 2, AVER_LIT("Zm9vYg==")), AVER_E_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes),
        cmocka_unit_test(roots_and_edge),
        cmocka_unit_test(each_complete_subtree_is_told_once),
        cmocka_unit_test(inclusion_of_all),
        cmocka_unit_test(consistency_of_all),
        cmocka_unit_test(proofs_read_few_hashes),
        cmocka_unit_test(vectors),
        cmocka_unit_test(base64_is_strict),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
