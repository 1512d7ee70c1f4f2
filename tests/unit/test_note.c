/* tests/unit/test_note.c - signed notes and checkpoints: our own are read again, frozen ones stay what they are, and what
 * is not one is refused by its code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "ledger/model/merkle.h"
#include "ledger/model/note.h"

#include <stdio.h>
#include <string.h>

static struct aver_secret_key sk;
static struct aver_note_key key, other;
static struct aver_secret_key other_sk;
static struct aver_why why;

static void key_from(struct aver_note_key *k, struct aver_secret_key *s, uint8_t fill, const char *name)
{
    uint8_t seed[32];
    struct aver_public_key pk;
    memset(seed, fill, sizeof seed);
    aver_key_from_seed(&pk, s, seed);
    assert_int_equal(aver_note_key_of(k, aver_bytes_str(name), &pk, NULL), AVER_OK);
}

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    key_from(&key, &sk, 7, "claims.example.org/blue-river");
    key_from(&other, &other_sk, 9, "witness.example.net");
    return 0;
}

static aver_bytes text_of(const struct aver_buf *buf) { return aver_buf_view(buf); }

/* The checkpoint below was read and its signature verified by Go's golang.org/x/mod/sumdb/note. */
#define FROZEN_VKEY "claims.example.org/blue-river+154c61c0+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
#define FROZEN_NOTE                                                                                          \
    "claims.example.org/blue-river\n1\n1ewqhBRmf3Lc2+veZwCQBIEABvRztY27Za0iXplK32M=\n\n"                     \
    "\xe2\x80\x94 claims.example.org/blue-river FUxhwJTr024ii8YPh3vBhaInEJ/aiUNkDenJJmRKAnEjQoULbH6He7Xg"    \
    "KxPCjio6uyCHEvI3kI6kBVijOoDwTthQxgc=\n"

static void frozen(void **state)
{
    (void)state;
    struct aver_buf buf = {0};
    aver_note_vkey_put(&buf, &key);
    aver_buf_byte(&buf, 0);
    assert_string_equal((char *)buf.ptr, FROZEN_VKEY);
    buf.len = 0;
    aver_digest root = aver_merkle_leaf(AVER_LIT("one entry"));
    aver_checkpoint_sign(&buf, 1, &root, &key, &sk);
    aver_buf_byte(&buf, 0);
    assert_string_equal((char *)buf.ptr, FROZEN_NOTE);
    aver_buf_free(&buf);
}

static void round_trip(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 20852163, AVER_MERKLE_SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct aver_buf buf = {0}, vkey = {0};
        struct aver_checkpoint cp;
        struct aver_note_key again;
        aver_digest root = sizes[i] ? aver_merkle_leaf(AVER_LIT("x")) : aver_merkle_empty();
        aver_checkpoint_sign(&buf, sizes[i], &root, &key, &sk);
        aver_note_vkey_put(&vkey, &key);
        assert_int_equal(aver_note_vkey_read(&again, text_of(&vkey), NULL), AVER_OK);
        assert_int_equal(again.id, key.id);
        assert_int_equal(aver_checkpoint_open(&cp, text_of(&buf), &again, &why), AVER_OK);
        assert_true(aver_bytes_eq(cp.origin, key.name));
        assert_int_equal(cp.size, sizes[i]);
        assert_true(aver_digest_eq(cp.root, root));
        assert_int_equal(cp.extension.len, 0);

        assert_int_equal(aver_checkpoint_open(&cp, text_of(&buf), &other, &why), AVER_E_REFUSED);
        assert_string_equal(why.code, "NOTE-UNSIGNED");
        for (size_t at = 0; at < buf.len; at++) { /* every byte counts */
            for (unsigned bit = 0; bit < 8; bit++) {
                buf.ptr[at] ^= (uint8_t)(1 << bit);
                assert_int_not_equal(aver_checkpoint_open(&cp, text_of(&buf), &again, &why), AVER_OK);
                buf.ptr[at] ^= (uint8_t)(1 << bit);
            }
            assert_int_not_equal(aver_checkpoint_open(&cp, aver_bytes_of(buf.ptr, at), &again, &why),
                                 AVER_OK);
        }
        aver_buf_free(&buf);
        aver_buf_free(&vkey);
    }
}

/* The signature line of `k` under `text`, without the text. */
static void put_line(struct aver_buf *buf, const char *text, const struct aver_note_key *k,
                     const struct aver_secret_key *s)
{
    struct aver_buf note = {0};
    assert_int_equal(aver_note_sign(&note, aver_bytes_str(text), k, s, NULL), AVER_OK);
    size_t from = strlen(text) + 1;
    aver_buf_put(buf, note.ptr + from, note.len - from);
    aver_buf_free(&note);
}

static aver_err verify(const struct aver_buf *buf, const struct aver_note_key *k)
{
    static struct aver_note note;
    aver_err err = aver_note_read(&note, text_of(buf), &why);
    return err ? err : aver_note_verify(&note, k, &why);
}

static void several_signatures(void **state)
{
    (void)state;
    const char *text = "a text\n\nwith an empty line: \xc3\xa9\n";
    struct aver_buf buf = {0};
    struct aver_note note;
    aver_buf_str(&buf, text);
    aver_buf_byte(&buf, '\n');
    put_line(&buf, text, &other, &other_sk);
    assert_int_equal(verify(&buf, &key), AVER_E_REFUSED);
    /* a line of an unknown type: longer than Ed25519 and under a name and id of its own */
    aver_buf_str(&buf, "\xe2\x80\x94 pq.example.net ");
    uint8_t blob[2424] = {1, 2, 3, 4};
    aver_base64_put(&buf, aver_bytes_of(blob, sizeof blob));
    aver_buf_byte(&buf, '\n');
    for (unsigned i = 0; i < 13; i++)
        put_line(&buf, "another text\n", &(struct aver_note_key){other.name, i, other.pk, AVER_NOTE_ED25519},
                 &other_sk);
    put_line(&buf, text, &key, &sk); /* the sixteenth */
    assert_int_equal(verify(&buf, &key), AVER_OK);
    assert_int_equal(verify(&buf, &other), AVER_OK);
    assert_int_equal(aver_note_read(&note, text_of(&buf), NULL), AVER_OK);
    assert_int_equal(note.count, 16);
    assert_true(aver_bytes_is(note.text, text));

    /* a second line of a known key that does not verify spoils the note */
    size_t good = buf.len;
    put_line(&buf, "another text\n", &key, &sk);
    assert_int_equal(verify(&buf, &key), AVER_E_SIGNATURE);
    assert_string_equal(why.code, "NOTE-FORGED");
    assert_int_equal(verify(&buf, &other), AVER_OK);
    buf.len = good;
    while (buf.len < AVER_NOTE_BYTES_MAX / 2 && verify(&buf, &key) == AVER_OK)
        put_line(&buf, text, &key, &sk);
    assert_string_equal(why.code, "NOTE-SIZE");
    aver_buf_free(&buf);
}

static void signing_wants_plain_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "no newline", "tab\there\n", "return\r\n", "\xff\n"};
    struct aver_buf buf = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(aver_note_sign(&buf, aver_bytes_str(bad[i]), &key, &sk, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "NOTE-TEXT");
        assert_int_equal(buf.len, 0);
    }
}

#define DASH "\xe2\x80\x94 "
static void bad_notes(void **state)
{
    (void)state;
    static const struct {
        const char *note, *code;
    } bad[] = {
        {"", "NOTE-FORM"},
        {"text", "NOTE-FORM"},
        {"text\n", "NOTE-FORM"},
        {"text\n" DASH "a AAAAAAA=\n", "NOTE-FORM"},     /* no empty line */
        {"text\n\n", "NOTE-FORM"},                       /* no signature */
        {"text\n\n" DASH "a AAAAAAA=", "NOTE-FORM"},     /* no newline at the end */
        {"text\n\n" DASH "a AAAAAAA=\n\n", "NOTE-FORM"}, /* the last empty line is at the end */
        {"text\r\n\n" DASH "a AAAAAAA=\n", "NOTE-TEXT"},
        {"text\xc0\x80\n\n" DASH "a AAAAAAA=\n", "NOTE-TEXT"},
        {"text\n\n- a AAAAAAA=\n", "NOTE-SIGNATURE"},      /* a hyphen */
        {"text\n\n" DASH " AAAAAAA=\n", "NOTE-SIGNATURE"}, /* no name */
        {"text\n\n" DASH "a\n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a \n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a+b AAAAAAA=\n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a\xc2\xa0z AAAAAAA=\n", "NOTE-SIGNATURE"},     /* no-break space */
        {"text\n\n" DASH "a\xe2\x80\xa8z AAAAAAA=\n", "NOTE-SIGNATURE"}, /* line separator */
        {"text\n\n" DASH "a AAAAAA==\n", "NOTE-SIGNATURE"},              /* an id and nothing more */
        {"text\n\n" DASH "a AAAAAAA\n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a AAAAAAB=\n", "NOTE-SIGNATURE"}, /* pad bits */
        {"text\n\n" DASH "a AAA=AAAA\n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a  AAAAAAA=\n", "NOTE-SIGNATURE"},
        {"text\n\n" DASH "a AAAAAAA= \n", "NOTE-SIGNATURE"},
    };
    static struct aver_note note;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (aver_note_read(&note, aver_bytes_str(bad[i].note), &why) != AVER_E_INPUT ||
            strcmp(why.code, bad[i].code) != 0)
            fail_msg("note %zu: %s", i, why.code);
    }
    assert_int_equal(aver_note_read(&note, AVER_LIT("text\n\n" DASH "a AAAAAAA=\n"), &why), AVER_OK);
    assert_int_equal(note.signature[0].type, AVER_NOTE_OTHER);
}

static void bad_checkpoints(void **state)
{
    (void)state;
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    static const struct {
        const char *text, *place;
    } bad[] = {
        {"", "line 1"},
        {"o", "line 1"},
        {"\n1\n" ROOT, "line 1"},
        {"o\n", "line 2"},
        {"o\n\n" ROOT, "line 2"},
        {"o\n01\n" ROOT, "line 2"},
        {"o\n+1\n" ROOT, "line 2"},
        {"o\n 1\n" ROOT, "line 2"},
        {"o\n-1\n" ROOT, "line 2"},
        {"o\n9223372036854775808\n" ROOT, "line 2"},
        {"o\n99999999999999999999\n" ROOT, "line 2"},
        {"o\n1\n", "line 3"},
        {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", "line 3"},
        {"o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", "line 3"},
        {"o\n0\n" ROOT, "line 3"},
        {"o\n1\n" ROOT "\n", "line 4"},
        {"o\n1\n" ROOT "ext\n\n", "line 5"},
    };
    struct aver_checkpoint cp;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (aver_checkpoint_read(&cp, aver_bytes_str(bad[i].text), &why) != AVER_E_INPUT ||
            strcmp(why.code, "NOTE-CHECKPOINT") != 0 || strcmp(why.place, bad[i].place) != 0)
            fail_msg("checkpoint %zu: %s at %s", i, why.code, why.place);
    }
    assert_int_equal(aver_checkpoint_read(&cp, AVER_LIT("o\n1\n" ROOT "ext 1\next 2\n"), &why), AVER_OK);
    assert_true(aver_bytes_is(cp.extension, "ext 1\next 2\n"));

    /* signed by the right key, but for another log */
    struct aver_buf buf = {0};
    assert_int_equal(aver_note_sign(&buf, AVER_LIT("elsewhere\n1\n" ROOT), &key, &sk, NULL), AVER_OK);
    assert_int_equal(aver_checkpoint_open(&cp, text_of(&buf), &key, &why), AVER_E_REFUSED);
    assert_string_equal(why.code, "NOTE-ORIGIN");
    aver_buf_free(&buf);
}

static void verifier_keys(void **state)
{
    (void)state;
    struct aver_note_key got;
    char text[256];
    struct aver_buf good = {0};
    aver_note_vkey_put(&good, &key);
    snprintf(text, sizeof text, "%.*s", (int)good.len, (const char *)good.ptr);
    size_t plus = strcspn(text, "+");
    for (size_t at = 0; at < good.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            good.ptr[at] ^= (uint8_t)(1 << bit);
            assert_int_equal(aver_note_vkey_read(&got, text_of(&good), &why), AVER_E_INPUT);
            good.ptr[at] ^= (uint8_t)(1 << bit);
        }
        assert_int_equal(aver_note_vkey_read(&got, aver_bytes_of(good.ptr, at), &why), AVER_E_INPUT);
    }
    for (char *c = text + plus; c < text + plus + 9; c++)
        if (*c >= 'a') *c = (char)(*c - 32);
    assert_int_equal(aver_note_vkey_read(&got, aver_bytes_str(text), &why), AVER_E_INPUT);
    assert_string_equal(why.code, "NOTE-VKEY");
    static const char *const names[] = {"", "a b", "a+b", "a\nb", "\xc2\x85", "\xe3\x80\x80", "\xff"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(aver_note_key_of(&got, aver_bytes_str(names[i]), &key.pk, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "NOTE-NAME");
    }
    aver_buf_free(&good);
}

/* A witness's line holds for its text and time, and for nothing else. */
static void cosignatures(void **state)
{
    (void)state;
    struct aver_note_key witness, again;
    struct aver_buf buf = {0}, vkey = {0};
    struct aver_note note;
    const struct aver_note_signature *found;
    assert_int_equal(aver_note_cosigner_of(&witness, AVER_LIT("witness.example.net"), &other.pk, NULL),
                     AVER_OK);
    assert_int_not_equal(witness.id, other.id); /* one key, two types: two ids */
    aver_note_vkey_put(&vkey, &witness);
    assert_int_equal(aver_note_vkey_read(&again, text_of(&vkey), &why), AVER_OK);
    assert_int_equal(again.type, AVER_NOTE_COSIGNATURE);
    assert_int_equal(again.id, witness.id);
    const uint64_t times[] = {1, 1781510400, AVER_NOTE_TIME_MAX};
    for (size_t i = 0; i < 3; i++) {
        buf.len = 0;
        aver_buf_str(&buf, FROZEN_NOTE);
        assert_int_equal(aver_note_read(&note, text_of(&buf), NULL), AVER_OK);
        struct aver_buf text = {0};
        aver_buf_bytes(&text, note.text); /* the buffer moves */
        aver_note_cosign(&buf, text_of(&text), &witness, &other_sk, times[i]);
        aver_buf_free(&text);
        assert_int_equal(aver_note_read(&note, text_of(&buf), &why), AVER_OK);
        assert_int_equal(note.count, 2);
        assert_int_equal(aver_note_find(&note, &witness, &found, &why), AVER_OK);
        assert_true(found->time == times[i]);
        assert_true(found->line.ptr + found->line.len == buf.ptr + buf.len);
        assert_int_equal(aver_note_verify(&note, &key, &why), AVER_OK);
        /* The same bytes are no plain signature of that key. */
        assert_int_equal(aver_note_verify(&note, &other, &why), AVER_E_REFUSED);
        for (size_t at = (size_t)(found->line.ptr - buf.ptr); at < buf.len; at++) {
            buf.ptr[at] ^= 1;
            aver_err err = aver_note_read(&note, text_of(&buf), &why);
            if (err == AVER_OK) err = aver_note_verify(&note, &witness, &why);
            assert_int_not_equal(err, AVER_OK);
            buf.ptr[at] ^= 1;
        }
    }
    aver_buf_free(&buf);
    aver_buf_free(&vkey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen),
        cmocka_unit_test(cosignatures),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(several_signatures),
        cmocka_unit_test(signing_wants_plain_text),
        cmocka_unit_test(bad_notes),
        cmocka_unit_test(bad_checkpoints),
        cmocka_unit_test(verifier_keys),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
