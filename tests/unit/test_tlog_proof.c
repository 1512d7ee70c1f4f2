/* tests/unit/test_tlog_proof.c - proofs of log entries as text, and the witness protocol: what is read, what is refused, and what
 * a witness answers at each step of an honest and of a dishonest log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES 70
#define TIME    UINT64_C(1781510400)

static struct aver_note_key log_key, north, south;
static struct aver_secret_key log_sk, north_sk, south_sk;
static aver_digest leaves[ENTRIES], forked[ENTRIES]; /* the fork has another entry 5 */
static struct aver_tlog_policy policy;               /* the log; north and south, quorum both */
static struct aver_buf policy_text;
static struct aver_why why;
static struct aver_buf kept, answer; /* of the witness */

static void key_from(uint8_t fill, struct aver_public_key *pk, struct aver_secret_key *sk)
{
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    aver_key_from_seed(pk, sk, seed);
}

static void put_word(const char *before, const struct aver_note_key *key)
{
    aver_buf_str(&policy_text, before);
    aver_note_vkey_put(&policy_text, key);
    aver_buf_byte(&policy_text, '\n');
}

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    struct aver_public_key pk;
    key_from(7, &pk, &log_sk);
    assert_int_equal(aver_note_key_of(&log_key, AVER_LIT("claims.example.org/blue-river"), &pk, NULL),
                     AVER_OK);
    key_from(20, &pk, &north_sk);
    assert_int_equal(aver_note_cosigner_of(&north, AVER_LIT("witness.example.net/north"), &pk, NULL),
                     AVER_OK);
    key_from(21, &pk, &south_sk);
    assert_int_equal(aver_note_cosigner_of(&south, AVER_LIT("witness.example.net/south"), &pk, NULL),
                     AVER_OK);
    for (uint8_t i = 0; i < ENTRIES; i++) {
        const uint8_t other = 200;
        leaves[i] = aver_merkle_leaf(aver_bytes_of(&i, 1));
        forked[i] = i == 5 ? aver_merkle_leaf(aver_bytes_of(&other, 1)) : leaves[i];
    }
    put_word("log ", &log_key);
    put_word("witness north ", &north);
    put_word("witness south ", &south);
    aver_buf_str(&policy_text, "group both all north south\nquorum both\n");
    assert_int_equal(aver_tlog_policy_read(&policy, aver_buf_view(&policy_text), NULL), AVER_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_buf_free(&policy_text);
    aver_buf_free(&kept);
    aver_buf_free(&answer);
    return 0;
}

static void put_checkpoint(struct aver_buf *buf, const aver_digest *of, uint64_t size)
{
    aver_digest root = aver_merkle_root_of(of, size);
    aver_checkpoint_sign(buf, size, &root, &log_key, &log_sk);
}

/* A request to go from `old` to `size` entries of this log. */
static void put_request(struct aver_buf *buf, const aver_digest *of, uint64_t old, uint64_t size)
{
    struct aver_merkle_leaves all = {of, ENTRIES};
    struct aver_merkle_proof path = {0};
    struct aver_buf note = {0};
    if (old && old <= size)
        assert_int_equal(aver_merkle_prove_consistency(&path, old, size, aver_merkle_source_of(&all), NULL),
                         AVER_OK);
    put_checkpoint(&note, of, size);
    aver_witness_ask(buf, old, &path, aver_buf_view(&note));
    aver_buf_free(&note);
}

/* ---- proofs ---- */

static void put_proof(struct aver_buf *buf, uint8_t index, uint64_t size, const char *by)
{
    struct aver_merkle_leaves all = {leaves, ENTRIES};
    struct aver_tlog_proof proof = {.index = index};
    struct aver_buf note = {0};
    struct aver_note read;
    assert_int_equal(aver_merkle_prove(&proof.path, index, size, aver_merkle_source_of(&all), NULL), AVER_OK);
    put_checkpoint(&note, leaves, size);
    struct aver_buf text = {0};
    assert_int_equal(aver_note_read(&read, aver_buf_view(&note), NULL), AVER_OK);
    aver_buf_bytes(&text, read.text);
    for (; *by; by++)
        aver_note_cosign(&note, aver_buf_view(&text), *by == 'n' ? &north : &south,
                         *by == 'n' ? &north_sk : &south_sk, TIME);
    proof.checkpoint = aver_buf_view(&note);
    aver_tlog_proof_put(buf, &proof, aver_bytes_of(&index, 1));
    aver_buf_free(&text);
    aver_buf_free(&note);
}

static aver_err whole(aver_bytes text, struct aver_tlog_seen *seen)
{
    struct aver_tlog_proof proof;
    struct aver_buf entry = {0};
    aver_err err = aver_tlog_proof_read(&proof, &entry, text, &why);
    aver_digest leaf = aver_merkle_leaf(aver_buf_view(&entry));
    if (err == AVER_OK) err = aver_tlog_proof_check(&proof, &leaf, &policy, NULL, seen, &why);
    if (err == AVER_OK) { /* one text for one proof */
        struct aver_buf again = {0};
        aver_tlog_proof_put(&again, &proof, aver_buf_view(&entry));
        assert_true(aver_bytes_eq(aver_buf_view(&again), text));
        aver_buf_free(&again);
    }
    aver_buf_free(&entry);
    return err;
}

static void proofs_hold(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= ENTRIES; size += size < 10 ? 1 : 15)
        for (uint8_t index = 0; index < size; index++) {
            struct aver_buf buf = {0};
            struct aver_tlog_seen seen;
            put_proof(&buf, index, size, "sn");
            assert_int_equal(whole(aver_buf_view(&buf), &seen), AVER_OK);
            assert_int_equal(seen.checkpoint.size, size);
            assert_int_equal(seen.witnesses, 2);
            aver_buf_free(&buf);
        }
    struct aver_buf buf = {0};
    put_proof(&buf, 3, 9, "n");
    assert_int_equal(whole(aver_buf_view(&buf), NULL), AVER_E_REFUSED);
    assert_string_equal(why.code, "TRUST-WITNESSES");
    aver_buf_free(&buf);
}

static void every_bit_counts(void **state)
{
    (void)state;
    struct aver_buf buf = {0};
    put_proof(&buf, 6, 9, "ns");
    for (size_t i = 0; i < buf.len; i++)
        for (uint8_t bit = 1; bit; bit = (uint8_t)(bit << 1)) {
            buf.ptr[i] ^= bit;
            assert_int_not_equal(whole(aver_buf_view(&buf), NULL), AVER_OK);
            buf.ptr[i] ^= bit;
        }
    for (size_t len = 0; len < buf.len; len++)
        assert_int_not_equal(whole(aver_bytes_of(buf.ptr, len), NULL), AVER_OK);
    aver_buf_free(&buf);
}

#define FIRST "c2sp.org/tlog-proof@v1\n"
#define HASH  "1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n"
static void bad_proofs(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } of[] = {
        {"", "line 1"},
        {"c2sp.org/tlog-proof@v2\nindex 0\n\nx", "line 1"},
        {FIRST, "line 2"},
        {FIRST "index\n\nx", "line 2"},
        {FIRST "index 01\n\nx", "line 2"},
        {FIRST "index -1\n\nx", "line 2"},
        {FIRST "index 9223372036854775807\n\nx", "line 2"},
        {FIRST "index  1\n\nx", "line 2"},
        {FIRST "extra \nindex 1\n\nx", "line 2"},
        {FIRST "extra QQ\nindex 1\n\nx", "line 2"},
        {FIRST "extra QR==\nindex 1\n\nx", "line 2"},
        {FIRST "extra QQ==\nextra QQ==\nindex 1\n\nx", "line 3"},
        {FIRST "index 1\nextra QQ==\n\nx", "line 3"},
        {FIRST "index 1\n" HASH, "line 4"},
        {FIRST "index 1\n" HASH "AAAA\n\nx", "line 4"},
        {FIRST "extra QQ==\nindex 1\n" HASH "\n", "line 6"},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        struct aver_tlog_proof proof;
        memset(&why, 0, sizeof why);
        if (aver_tlog_proof_read(&proof, NULL, aver_bytes_str(of[i].text), &why) != AVER_E_INPUT ||
            strcmp(why.code, "TLOG-PROOF") != 0 || strcmp(why.place, of[i].place) != 0)
            fail_msg("row %zu: %s %s: %s", i, why.code, why.place, why.text);
    }
    /* 63 hashes are read, 64 are not; the longest extra data is, a byte more is not. */
    for (int n = 63; n <= 64; n++) {
        struct aver_buf buf = {0};
        struct aver_tlog_proof proof;
        aver_buf_str(&buf, FIRST "index 1\n");
        for (int i = 0; i < n; i++) aver_buf_str(&buf, HASH);
        aver_buf_str(&buf, "\nx");
        assert_int_equal(aver_tlog_proof_read(&proof, NULL, aver_buf_view(&buf), NULL),
                         n == 63 ? AVER_OK : AVER_E_INPUT);
        aver_buf_free(&buf);
    }
    for (size_t n = AVER_TLOG_EXTRA_MAX; n <= AVER_TLOG_EXTRA_MAX + 3; n += 3) {
        struct aver_buf buf = {0}, out = {0};
        struct aver_tlog_proof proof;
        aver_buf_str(&buf, FIRST "extra ");
        for (size_t i = 0; i < n; i += 3) aver_buf_str(&buf, "AAAA"); /* both are multiples of three */
        aver_buf_str(&buf, "\nindex 1\n\nx");
        bool fits = n == AVER_TLOG_EXTRA_MAX;
        assert_int_equal(aver_tlog_proof_read(&proof, &out, aver_buf_view(&buf), NULL),
                         fits ? AVER_OK : AVER_E_LIMIT);
        assert_int_equal(out.len, fits ? n : 0);
        aver_buf_free(&buf);
        aver_buf_free(&out);
    }
}

/* ---- the witness ---- */

static struct aver_witness_last last;
static bool fork_seen;

/* What the witness north answers; if it cosigns, it remembers. */
static int asked(aver_bytes text)
{
    struct aver_witness_request request;
    fork_seen = false;
    kept.len = answer.len = 0;
    enum aver_witness_status status = aver_witness_open(&request, text, &policy, &why);
    if (status == AVER_WITNESS_COSIGNED) status = aver_witness_judge(&request, &last, &fork_seen, &why);
    if (status != AVER_WITNESS_COSIGNED) return (int)status;
    aver_witness_cosign(&kept, &answer, &request, &policy, &north, &north_sk, TIME);
    last = (struct aver_witness_last){request.checkpoint.size, request.checkpoint.root};
    return (int)status;
}

static int asked_for(const aver_digest *of, uint64_t old, uint64_t size)
{
    struct aver_buf buf = {0};
    put_request(&buf, of, old, size);
    int status = asked(aver_buf_view(&buf));
    aver_buf_free(&buf);
    return status;
}

static void a_log_that_grows(void **state)
{
    (void)state;
    last = (struct aver_witness_last){0, aver_merkle_empty()};
    assert_int_equal(asked_for(leaves, 0, 0), 200);
    assert_int_equal(asked_for(leaves, 0, 7), 200);
    /* What it keeps is signed by both, and the answer is the last line of it. */
    struct aver_note note;
    assert_int_equal(aver_note_read(&note, aver_buf_view(&kept), NULL), AVER_OK);
    assert_int_equal(note.count, 2);
    assert_int_equal(aver_note_verify(&note, &log_key, NULL), AVER_OK);
    assert_int_equal(aver_note_verify(&note, &north, NULL), AVER_OK);
    assert_true(aver_bytes_eq(note.signature[1].line, aver_buf_view(&answer)));

    assert_int_equal(asked_for(leaves, 0, 7), 409); /* it is at 7 */
    assert_int_equal(asked_for(leaves, 6, 7), 409);
    assert_int_equal(asked_for(leaves, 7, 7), 200); /* the same once more */
    assert_int_equal(asked_for(leaves, 8, 7), 400); /* shrinking */
    assert_int_equal(asked_for(leaves, 7, 6), 400);
    assert_int_equal(asked_for(leaves, 6, 6), 409); /* a rollback */
    assert_int_equal(last.size, 7);
    for (uint64_t size = 8; size <= ENTRIES; size += 9)
        assert_int_equal(asked_for(leaves, last.size, size), 200);

    assert_false(fork_seen);
    assert_int_equal(asked_for(forked, last.size, last.size), 422);
    assert_true(fork_seen);
    assert_int_equal(asked_for(forked, last.size, ENTRIES), 422);
    assert_int_equal(asked_for(forked, 0, last.size), 409);
    assert_true(fork_seen); /* two roots for one size, whatever it asks */
    assert_int_equal(asked_for(leaves, last.size, ENTRIES), 200);
}

static void bad_requests(void **state)
{
    (void)state;
    struct aver_buf good = {0}, bad = {0};
    last = (struct aver_witness_last){6, aver_merkle_root_of(leaves, 6)};
    put_request(&good, leaves, 6, 9);
    size_t head = (size_t)((uint8_t *)memmem(good.ptr, good.len, "\n\n", 2) - good.ptr) + 2;
    aver_bytes note = aver_bytes_of(good.ptr + head, good.len - head);
    static const struct {
        const char *head;
        int status;
    } of[] = {
        {"", 400},           {"old\n\n", 400},         {"old 06\n\n", 400},        {"old 6\n", 400},
        {"size 6\n\n", 400}, {"old 6\nAAAA\n\n", 400}, {"old 6\n\n", 422},         {"old 6\n" HASH "\n", 422},
        {"old 10\n\n", 400}, {"old 5\n\n", 409},       {"old 0\n" HASH "\n", 409},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        bad.len = 0;
        aver_buf_str(&bad, of[i].head);
        aver_buf_bytes(&bad, note);
        int status = asked(aver_buf_view(&bad));
        if (status != of[i].status) fail_msg("row %zu: %d: %s", i, status, why.text);
    }
    /* No bit of it can be changed. */
    for (size_t i = 0; i < good.len; i++) {
        good.ptr[i] ^= 1;
        assert_int_not_equal(asked(aver_buf_view(&good)), 200);
        good.ptr[i] ^= 1;
    }
    /* Never asked before, a proof has no place. */
    last = (struct aver_witness_last){0, aver_merkle_empty()};
    bad.len = 0;
    aver_buf_str(&bad, "old 0\n" HASH "\n");
    aver_buf_bytes(&bad, note);
    assert_int_equal(asked(aver_buf_view(&bad)), 422);
    /* An empty log has one root; another log's origin, another key, and no signature at all. */
    static const char empty[] = "claims.example.org/blue-river\n0\n" HASH;
    bad.len = 0;
    aver_buf_str(&bad, "old 0\n\n");
    assert_int_equal(aver_note_sign(&bad, aver_bytes_str(empty), &log_key, &log_sk, NULL), AVER_OK);
    assert_int_equal(asked(aver_buf_view(&bad)), 422);
    struct aver_note_key other;
    assert_int_equal(aver_note_key_of(&other, log_key.name, &south.pk, NULL), AVER_OK);
    bad.len = 0;
    aver_buf_str(&bad, "old 0\n\n");
    assert_int_equal(aver_note_sign(&bad, aver_bytes_str(empty), &other, &south_sk, NULL), AVER_OK);
    assert_int_equal(asked(aver_buf_view(&bad)), 403);
    bad.len = 0;
    aver_buf_str(&bad, "old 0\n\n");
    assert_int_equal(aver_note_sign(&bad, AVER_LIT("elsewhere\n1\n" HASH), &log_key, &log_sk, NULL), AVER_OK);
    assert_int_equal(asked(aver_buf_view(&bad)), 404);
    aver_buf_free(&good);
    aver_buf_free(&bad);
}

/* ---- keeping answers ---- */

static aver_err merged(struct aver_buf *out, aver_bytes note, aver_bytes lines, size_t *added)
{
    out->len = 0;
    return aver_witness_merge(out, note, lines, &policy, added, &why);
}

static void cosign(struct aver_buf *out, aver_bytes note, const struct aver_note_key *key,
                   const struct aver_secret_key *sk, uint64_t time)
{
    struct aver_note read;
    assert_int_equal(aver_note_read(&read, note, NULL), AVER_OK);
    aver_note_cosign(out, read.text, key, sk, time);
}

static void answers_are_merged(void **state)
{
    (void)state;
    struct aver_buf note = {0}, lines = {0}, one = {0}, two = {0};
    size_t added;
    put_checkpoint(&note, leaves, 9);
    cosign(&lines, aver_buf_view(&note), &south, &south_sk, TIME);
    assert_int_equal(merged(&one, aver_buf_view(&note), aver_buf_view(&lines), &added), AVER_OK);
    assert_int_equal(added, 1);
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&one), NULL, &why), AVER_E_REFUSED);
    lines.len = 0;
    cosign(&lines, aver_buf_view(&note), &north, &north_sk, TIME);
    cosign(&lines, aver_buf_view(&note),
           &(struct aver_note_key){AVER_LIT("unknown"), 1, north.pk, AVER_NOTE_COSIGNATURE}, &north_sk, TIME);
    assert_int_equal(merged(&two, aver_buf_view(&one), aver_buf_view(&lines), &added), AVER_OK);
    assert_int_equal(added, 1);
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&two), NULL, &why), AVER_OK);
    /* The log first, then by name; no unknown line; an earlier time changes nothing, a later one takes the line's place. */
    struct aver_note read;
    assert_int_equal(aver_note_read(&read, aver_buf_view(&two), NULL), AVER_OK);
    assert_int_equal(read.count, 3);
    assert_true(aver_bytes_eq(read.signature[0].name, log_key.name));
    assert_true(aver_bytes_eq(read.signature[1].name, north.name));
    for (int step = -1; step <= 1; step++) {
        lines.len = 0;
        cosign(&lines, aver_buf_view(&note), &north, &north_sk, TIME + (uint64_t)(int64_t)step);
        assert_int_equal(merged(&one, aver_buf_view(&two), aver_buf_view(&lines), &added), AVER_OK);
        assert_int_equal(aver_note_read(&read, aver_buf_view(&one), NULL), AVER_OK);
        assert_int_equal(read.count, 3);
        assert_true(read.signature[1].time == TIME + (step > 0));
    }
    /* Refused whole: nobody's, a line for another checkpoint, something else than lines. */
    static const struct {
        const char *answer, *code;
    } bad[] = {{"", "NOTE-FORM"},
               {"12\n", "NOTE-SIGNATURE"},
               {"text\n\n\xe2\x80\x94 a AAAAAAA=\n", "NOTE-FORM"},
               {"\xe2\x80\x94 a AAAAAAA=\n", "WITNESS-NONE"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_not_equal(merged(&one, aver_buf_view(&two), aver_bytes_str(bad[i].answer), &added),
                             AVER_OK);
        assert_string_equal(why.code, bad[i].code);
        assert_int_equal(one.len, 0);
    }
    struct aver_buf elsewhere = {0};
    put_checkpoint(&elsewhere, leaves, 10);
    lines.len = 0;
    cosign(&lines, aver_buf_view(&elsewhere), &north, &north_sk, TIME);
    assert_int_equal(merged(&one, aver_buf_view(&two), aver_buf_view(&lines), &added), AVER_E_SIGNATURE);
    aver_buf_free(&elsewhere);
    aver_buf_free(&note);
    aver_buf_free(&lines);
    aver_buf_free(&one);
    aver_buf_free(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_hold),  cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(bad_proofs),   cmocka_unit_test(a_log_that_grows),
        cmocka_unit_test(bad_requests), cmocka_unit_test(answers_are_merged),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
