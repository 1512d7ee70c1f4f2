/* tests/unit/test_audit_evidence.c - evidence of a fork: what it proves, and that nothing that was changed proves anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "ledger/storage/audit_evidence.h"

#include <stdio.h>
#include <string.h>

#define LEAVES 40

struct world {
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_note_key key;
    struct aver_buf vkey, note[2];
    aver_digest leaf[2][LEAVES]; /* of two histories that are one up to FORK */
    struct aver_arena arena;
};
#define FORK 10

static void begin(struct world *w)
{
    uint8_t seed[32] = {9};
    *w = (struct world){.vkey = {0}};
    aver_key_from_seed(&w->pk, &w->sk, seed);
    assert_int_equal(aver_note_key_of(&w->key, AVER_LIT("log.example"), &w->pk, NULL), AVER_OK);
    aver_note_vkey_put(&w->vkey, &w->key);
    for (int h = 0; h < 2; h++)
        for (uint8_t i = 0; i < LEAVES; i++) {
            uint8_t entry[2] = {i, (uint8_t)(i < FORK ? 0 : h)};
            w->leaf[h][i] = aver_merkle_leaf(aver_bytes_of(entry, sizeof entry));
        }
}

static void end(struct world *w)
{
    aver_buf_free(&w->vkey);
    aver_buf_free(&w->note[0]);
    aver_buf_free(&w->note[1]);
    aver_arena_free(&w->arena);
}

/* The checkpoint of `small` entries of history a, and one of `large` entries of history b, with b's proof. */
static struct aver_evidence evidence(struct world *w, int a, size_t small, int b, size_t large)
{
    struct aver_evidence e = {.vkey = aver_buf_view(&w->vkey),
                              .root = aver_merkle_root_of(w->leaf[b], small)};
    struct aver_merkle_leaves leaves = {w->leaf[b], large};
    aver_digest roots[] = {aver_merkle_root_of(w->leaf[a], small), aver_merkle_root_of(w->leaf[b], large)};
    w->note[0].len = w->note[1].len = 0;
    aver_checkpoint_sign(&w->note[0], small, &roots[0], &w->key, &w->sk);
    aver_checkpoint_sign(&w->note[1], large, &roots[1], &w->key, &w->sk);
    e.smaller = aver_buf_view(&w->note[0]);
    e.larger = aver_buf_view(&w->note[1]);
    assert_int_equal(
        aver_merkle_prove_consistency(&e.proof, small, large, aver_merkle_source_of(&leaves), NULL), AVER_OK);
    return e;
}

static void every_pair(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (size_t small = 1; small <= LEAVES; small++)
        for (size_t large = small; large <= LEAVES; large++)
            for (int other = 0; other < 2; other++) {
                struct aver_evidence e = evidence(&w, 0, small, other, large), again;
                enum aver_evidence_kind kind;
                struct aver_checkpoint s, l;
                struct aver_buf text = {0};
                struct aver_why why = {0};
                aver_evidence_write(&text, &e);
                assert_int_equal(aver_evidence_read(&again, aver_buf_view(&text), &w.arena, &why), AVER_OK);
                assert_int_equal(aver_evidence_check(&again, &kind, &s, &l, &why), AVER_OK);
                assert_int_equal(kind, other && small > FORK ? AVER_EVIDENCE_FORK : AVER_EVIDENCE_ROLLBACK);
                assert_int_equal(s.size, small);
                assert_int_equal(l.size, large);
                aver_buf_free(&text);
                aver_arena_reset(&w.arena);
            }
    end(&w);
}

/* One byte of the file: it is refused, or it says what it said. */
static void every_byte(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct aver_evidence e = evidence(&w, 0, 13, 1, 37), again;
    struct aver_buf text = {0};
    unsigned believed = 0;
    aver_evidence_write(&text, &e);
    for (size_t i = 0; i < text.len; i++) {
        enum aver_evidence_kind kind;
        struct aver_checkpoint s, l;
        text.ptr[i] ^= 1;
        if (aver_evidence_read(&again, aver_buf_view(&text), &w.arena, NULL) == AVER_OK &&
            aver_evidence_check(&again, &kind, &s, &l, NULL) == AVER_OK) {
            believed++;
            assert_int_equal(kind, AVER_EVIDENCE_FORK);
            assert_int_equal(s.size, 13);
            assert_int_equal(l.size, 37);
            assert_true(aver_digest_eq(again.root, e.root));
        }
        text.ptr[i] ^= 1;
        aver_arena_reset(&w.arena);
    }
    assert_int_equal(believed, 0);
    aver_buf_free(&text);
    end(&w);
}

static void refused(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    struct aver_evidence e = evidence(&w, 0, 13, 1, 37);
    struct aver_evidence swapped = e;
    enum aver_evidence_kind kind;
    struct aver_checkpoint s, l;
    struct aver_why why = {0};
    /* The larger one first. */
    swapped.smaller = e.larger;
    swapped.larger = e.smaller;
    assert_int_equal(aver_evidence_check(&swapped, &kind, &s, &l, &why), AVER_E_RANGE);
    /* The root of the smaller one itself, so that it would be no fork: the proof does not lead from it. */
    swapped = e;
    swapped.root = aver_merkle_root_of(w.leaf[0], 13);
    assert_int_equal(aver_evidence_check(&swapped, &kind, &s, &l, &why), AVER_E_DIFFERS);
    /* Another key. */
    uint8_t seed[32] = {10};
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_note_key key;
    struct aver_buf vkey = {0};
    aver_key_from_seed(&pk, &sk, seed);
    assert_int_equal(aver_note_key_of(&key, AVER_LIT("log.example"), &pk, NULL), AVER_OK);
    aver_note_vkey_put(&vkey, &key);
    swapped = e;
    swapped.vkey = aver_buf_view(&vkey);
    assert_int_equal(aver_evidence_check(&swapped, &kind, &s, &l, &why), AVER_E_REFUSED);
    aver_buf_free(&vkey);
#define HEAD "{\"evidence\":\"averment-checkpoints/1\",\"vkey\":\"a\",\"smaller\":\"b\""
#define HASH "\"1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\""
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"evidence\":\"averment-checkpoints/2\"}",
        (HEAD "}"),
        (HEAD ",\"larger\":\"c\",\"root\":\"\",\"proof\":[]}"),
        (HEAD ",\"larger\":\"c\",\"root\":" HASH ",\"proof\":{}}"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(aver_evidence_read(&e, aver_bytes_str(bad[i]), &w.arena, &why), AVER_E_INPUT);
    /* More hashes than any proof has. */
    struct aver_buf text = {0};
    aver_buf_str(&text, HEAD ",\"larger\":\"c\",\"root\":" HASH ",\"proof\":[");
    for (int i = 0; i <= AVER_MERKLE_PROOF_MAX; i++) aver_buf_printf(&text, "%s" HASH, i ? "," : "");
    aver_buf_str(&text, "]}");
    assert_int_equal(aver_evidence_read(&e, aver_buf_view(&text), &w.arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "EVIDENCE-FORM");
    aver_buf_free(&text);
    end(&w);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
