/* tests/unit/test_tlog_policy.c - trust policies: what is read, what is refused at which line, and which checkpoints with
 * which cosignatures satisfy them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/model/merkle.h"
#include "ledger/model/tlog_policy.h"

#include <stdio.h>
#include <string.h>

#define WITNESSES 7
#define TIME      UINT64_C(1781510400)

struct actor {
    char name[48];
    struct aver_note_key key;
    struct aver_secret_key sk;
    struct aver_buf vkey;
};
static struct actor a_log, b_log, witness[WITNESSES];
static struct aver_buf checkpoint; /* signed by a_log */
static struct aver_tlog_policy policy;
static struct aver_tlog_seen seen;
static struct aver_why why;

static void make(struct actor *a, uint8_t fill, bool cosigner, const char *name)
{
    uint8_t seed[32];
    struct aver_public_key pk;
    memset(seed, fill, sizeof seed);
    aver_key_from_seed(&pk, &a->sk, seed);
    snprintf(a->name, sizeof a->name, "%s", name);
    assert_int_equal(
        (cosigner ? aver_note_cosigner_of : aver_note_key_of)(&a->key, aver_bytes_str(a->name), &pk, NULL),
        AVER_OK);
    aver_note_vkey_put(&a->vkey, &a->key);
}

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    make(&a_log, 7, false, "claims.example.org/blue-river");
    make(&b_log, 8, false, "claims.example.org/red-rock");
    for (uint8_t i = 0; i < WITNESSES; i++) {
        char name[32];
        snprintf(name, sizeof name, "witness.example.net/w%u", i);
        make(&witness[i], (uint8_t)(20 + i), true, name);
    }
    aver_digest root = aver_merkle_leaf(AVER_LIT("one entry"));
    aver_checkpoint_sign(&checkpoint, 1, &root, &a_log.key, &a_log.sk);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_buf_free(&checkpoint);
    aver_buf_free(&a_log.vkey);
    aver_buf_free(&b_log.vkey);
    for (int i = 0; i < WITNESSES; i++) aver_buf_free(&witness[i].vkey);
    return 0;
}

/* A text in which @A and @B stand for the logs' keys, and @0 to @6 for the witnesses'. The last one made lives on. */
static aver_bytes text(const char *with)
{
    static struct aver_buf buf;
    buf.len = 0;
    for (const char *c = with; *c; c++) {
        if (*c != '@') {
            aver_buf_byte(&buf, (uint8_t)*c);
            continue;
        }
        c++;
        const struct actor *a = *c == 'A' ? &a_log : *c == 'B' ? &b_log : &witness[*c - '0'];
        aver_buf_bytes(&buf, aver_buf_view(&a->vkey));
    }
    return aver_buf_view(&buf);
}

static void reads(const char *with)
{
    aver_err err = aver_tlog_policy_read(&policy, text(with), &why);
    if (err != AVER_OK) fail_msg("%s %s: %s", why.code, why.place, why.text);
}

/* The checkpoint with cosignatures of these witnesses: "013". */
static aver_bytes cosigned(const char *by)
{
    static struct aver_buf buf;
    buf.len = 0;
    aver_buf_bytes(&buf, aver_buf_view(&checkpoint));
    struct aver_note note;
    assert_int_equal(aver_note_read(&note, aver_buf_view(&checkpoint), NULL), AVER_OK);
    for (; *by; by++) {
        const struct actor *w = &witness[*by - '0'];
        aver_note_cosign(&buf, note.text, &w->key, &w->sk, TIME + (uint64_t)(*by - '0'));
    }
    return aver_buf_view(&buf);
}

static aver_err check(const char *by)
{
    memset(&why, 0, sizeof why);
    return aver_tlog_policy_check(&policy, NULL, cosigned(by), &seen, &why);
}

static const char two_levels[] = "# who watches\n"
                                 "log @A https://claims.example.org/\n"
                                 "\t witness X1 @0 \t https://x1.example/w  \n"
                                 "witness X2 @1\nwitness X3 @2\n"
                                 "group X 2 X1 X2 X3\n\n"
                                 "  # the others\n"
                                 "witness Y1 @3\nwitness Y\xe2\x84\xaa @4\nwitness Y3 @5\n"
                                 "group Y any Y1 Y\xe2\x84\xaa Y3\n"
                                 "group X-and-Y all X Y\n"
                                 "quorum X-and-Y\n"
                                 "log @B\n"
                                 "witness later @6\n";

static void an_example(void **state)
{
    (void)state;
    reads(two_levels);
    assert_int_equal(policy.logs_count, 2);
    assert_int_equal(policy.nodes_count, 10);
    assert_true(aver_bytes_is(policy.log[0].url, "https://claims.example.org/"));
    assert_null(policy.log[1].url.ptr);
    assert_true(aver_bytes_is(policy.node[0].url, "https://x1.example/w"));
    assert_true(aver_bytes_is(policy.node[policy.quorum].name, "X-and-Y"));
    assert_int_equal(policy.node[3].need, 2);
    assert_int_equal(policy.node[3].of, 3);

    static const struct {
        const char *by, *words; /* NULL: satisfied */
    } of[] = {
        {"013", NULL},
        {"125", NULL},
        {"0123456", NULL},
        {"6130", NULL},
        {"",
         "the quorum X-and-Y needs 2 of its 2 members and has 0, not X, Y; Y needs 1 of its 3 members and "
         "has 0, not Y1, Y\xe2\x84\xaa, Y3; X needs 2 of its 3 members and has 0, not X1, X2, X3"},
        {"03",
         "the quorum X-and-Y needs 2 of its 2 members and has 1, not X; X needs 2 of its 3 members and has "
         "1, not X2, X3"},
        {"012",
         "the quorum X-and-Y needs 2 of its 2 members and has 1, not Y; Y needs 1 of its 3 members and "
         "has 0, not Y1, Y\xe2\x84\xaa, Y3"},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        assert_int_equal(check(of[i].by), of[i].words ? AVER_E_REFUSED : AVER_OK);
        assert_string_equal(why.text, of[i].words ? of[i].words : "");
        assert_string_equal(why.code, of[i].words ? "TRUST-WITNESSES" : "");
        assert_int_equal(seen.witnesses, strlen(of[i].by));
        assert_int_equal(seen.checkpoint.size, 1);
        assert_int_equal(seen.log.id, a_log.key.id);
        assert_int_equal(seen.time[0], strchr(of[i].by, '0') ? TIME : 0);
    }
}

static void small_ones(void **state)
{
    (void)state;
    reads("log @A\nquorum none\n");
    assert_int_equal(check(""), AVER_OK);
    assert_int_equal(check("05"), AVER_OK);
    assert_int_equal(seen.witnesses, 0);

    reads("log @B\nlog @A\nwitness w @0\nquorum w\n");
    assert_int_equal(check("10"), AVER_OK);
    assert_int_equal(seen.time[0], TIME);
    assert_int_equal(check("1"), AVER_E_REFUSED);
    assert_string_equal(why.text, "the quorum w has not cosigned");

    reads("log @B\nquorum none\n");
    assert_int_equal(check(""), AVER_E_REFUSED);
    assert_string_equal(why.code, "TRUST-LOG");
}

static void a_log_known_from_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        const struct actor *known;
        aver_err err;
        const char *code;
    } of[] = {
        {"quorum none\n", NULL, AVER_E_REFUSED, "TRUST-LOG"},
        {"quorum none\n", &a_log, AVER_OK, ""},
        {"quorum none\n", &b_log, AVER_E_REFUSED, "NOTE-UNSIGNED"},
        {"log @A\nquorum none\n", &a_log, AVER_OK, ""},
        {"log @A\nquorum none\n", &b_log, AVER_E_REFUSED, "NOTE-UNSIGNED"},
        {"log @B\nquorum none\n", &a_log, AVER_E_REFUSED, "TRUST-LOG"},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        reads(of[i].policy);
        memset(&why, 0, sizeof why);
        assert_int_equal(aver_tlog_policy_check(&policy, of[i].known ? &of[i].known->key : NULL, cosigned(""),
                                                &seen, &why),
                         of[i].err);
        assert_string_equal(why.code, of[i].code);
    }
    /* A key that signs another log's checkpoint speaks for no log. */
    struct aver_buf note = {0};
    reads("log @A\nquorum none\n");
    assert_int_equal(aver_note_sign(&note,
                                    AVER_LIT("elsewhere\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"),
                                    &a_log.key, &a_log.sk, NULL),
                     AVER_OK);
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&note), NULL, &why), AVER_E_REFUSED);
    assert_string_equal(why.code, "TRUST-LOG");
    assert_int_equal(aver_tlog_policy_check(&policy, &a_log.key, aver_buf_view(&note), NULL, &why),
                     AVER_E_REFUSED);
    assert_string_equal(why.code, "TRUST-LOG");
    aver_buf_free(&note);
}

/* Any byte of the note but those of lines that nobody named. */
static void changed_bytes(void **state)
{
    (void)state;
    reads("log @A\nwitness w @0\nwitness v @1\ngroup both all w v\nquorum both\n");
    struct aver_buf note = {0};
    aver_buf_bytes(&note, cosigned("01"));
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&note), NULL, NULL), AVER_OK);
    for (size_t i = 0; i < note.len; i++)
        for (uint8_t bit = 1; bit; bit = (uint8_t)(bit << 1)) {
            note.ptr[i] ^= bit;
            assert_int_not_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&note), NULL, NULL),
                                 AVER_OK);
            note.ptr[i] ^= bit;
        }
    aver_buf_free(&note);
}

/* The latest of several times counts; a line of a known witness that does not hold makes the note worthless. */
static void several_lines_of_one(void **state)
{
    (void)state;
    struct aver_buf buf = {0};
    struct aver_note note;
    reads("log @A\nwitness w @0\nquorum none\n");
    assert_int_equal(aver_note_read(&note, aver_buf_view(&checkpoint), NULL), AVER_OK);
    aver_buf_bytes(&buf, aver_buf_view(&checkpoint));
    aver_note_cosign(&buf, note.text, &witness[0].key, &witness[0].sk, 5);
    aver_note_cosign(&buf, note.text, &witness[0].key, &witness[0].sk, AVER_NOTE_TIME_MAX);
    aver_note_cosign(&buf, note.text, &witness[0].key, &witness[0].sk, 9);
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&buf), &seen, NULL), AVER_OK);
    assert_int_equal(seen.time[0], AVER_NOTE_TIME_MAX);
    assert_int_equal(seen.witnesses, 1);
    aver_note_cosign(&buf, AVER_LIT("another\n1\nx\n"), &witness[0].key, &witness[0].sk, 10);
    assert_int_equal(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&buf), &seen, &why),
                     AVER_E_SIGNATURE);
    assert_string_equal(why.code, "NOTE-FORGED");
    aver_buf_free(&buf);
}

static void refused_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code, *place;
    } of[] = {
        {"", "TRUST-QUORUM", "line 1"},
        {"log @A\n", "TRUST-QUORUM", "line 2"},
        {"quorum none", "TRUST-TEXT", "line 1"},
        {"quorum none\n\nquorum none\n", "TRUST-QUORUM", "line 3"},
        {"quorum none\r\n", "TRUST-TEXT", "line 1"},
        {"#\x7f\nquorum none\n", "TRUST-TEXT", "line 1"},
        {"quorum\n", "TRUST-LINE", "line 1"},
        {"quorum none none\n", "TRUST-LINE", "line 1"},
        {"quorum none # comment\n", "TRUST-LINE", "line 1"},
        {"Quorum none\n", "TRUST-LINE", "line 1"},
        {"quorum w\nwitness w @0\n", "TRUST-NAME", "line 1"},
        {"log\n", "TRUST-LINE", "line 1"},
        {"log @A url more\n", "TRUST-LINE", "line 1"},
        {"log @Ax\n", "TRUST-KEY", "line 1"},
        {"log blue\n", "TRUST-KEY", "line 1"},
        {"log @A\nlog @B\nlog @A\n", "TRUST-KEY", "line 3"},
        {"witness\n", "TRUST-LINE", "line 1"},
        {"witness w\n", "TRUST-LINE", "line 1"},
        {"witness w @0 url more\n", "TRUST-LINE", "line 1"},
        {"witness w @A\n", "TRUST-KEY", "line 1"},
        {"witness none @0\n", "TRUST-NAME", "line 1"},
        {"witness w @0\nwitness w @1\n", "TRUST-NAME", "line 2"},
        {"witness w @0\nwitness v @0\n", "TRUST-KEY", "line 2"},
        {"witness w @0\ngroup\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g some w\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g all\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g any\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g 0 w\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g 01 w\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g 2 w\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup g 18446744073709551615 w\n", "TRUST-LINE", "line 2"},
        {"witness w @0\ngroup w all w\n", "TRUST-NAME", "line 2"},
        {"witness w @0\ngroup none all w\n", "TRUST-NAME", "line 2"},
        {"witness w @0\ngroup g all w w\n", "TRUST-NAME", "line 2"},
        {"witness w @0\ngroup g all g\n", "TRUST-NAME", "line 2"},
        {"witness w @0\ngroup g any w none\n", "TRUST-NAME", "line 2"},
        {"witness w @0\ngroup g all w\ngroup h all w\n", "TRUST-NAME", "line 3"},
        {"group g all w\nwitness w @0\nquorum g\n", "TRUST-NAME", "line 1"},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        memset(&why, 0, sizeof why);
        if (aver_tlog_policy_read(&policy, text(of[i].text), &why) != AVER_E_INPUT ||
            strcmp(why.code, of[i].code) != 0 || strcmp(why.place, of[i].place) != 0 || !why.text[0])
            fail_msg("row %zu: %s %s: %s", i, why.code, why.place, why.text);
    }
    assert_int_equal(aver_tlog_policy_read(&policy, aver_bytes_of("quorum none\n#\0\n", 15), NULL),
                     AVER_E_INPUT);
}

static void put_many(struct aver_buf *buf, const char *word, int count)
{
    for (int i = 0; i < count; i++) {
        struct actor a = {.vkey = {0}};
        make(&a, (uint8_t)(100 + i), word[0] == 'w', "many.example");
        if (word[0] == 'l')
            aver_buf_str(buf, "log ");
        else
            aver_buf_printf(buf, "witness w%d ", i);
        aver_buf_bytes(buf, aver_buf_view(&a.vkey));
        aver_buf_byte(buf, '\n');
        aver_buf_free(&a.vkey);
    }
}

static void bounds(void **state)
{
    (void)state;
    for (int extra = 0; extra < 4; extra++) {
        struct aver_buf buf = {0};
        put_many(&buf, "log", AVER_TLOG_LOGS_MAX + (extra == 1));
        put_many(&buf, "witness", AVER_TLOG_WITNESSES_MAX + (extra == 2));
        for (int i = 0; i < AVER_TLOG_GROUPS_MAX + (extra == 3); i++)
            aver_buf_printf(&buf, "group g%d any w%d\n", i, i < AVER_TLOG_WITNESSES_MAX ? i : 0);
        aver_buf_str(&buf, "quorum g0\n");
        assert_int_equal(aver_tlog_policy_read(&policy, aver_buf_view(&buf), &why),
                         extra ? AVER_E_LIMIT : AVER_OK);
        if (extra) assert_string_equal(why.code, "TRUST-SIZE");
        aver_buf_free(&buf);
    }
    struct aver_buf buf = {0};
    aver_buf_str(&buf, "quorum none\n#");
    while (buf.len < AVER_TLOG_POLICY_BYTES_MAX - 1) aver_buf_byte(&buf, 'x');
    aver_buf_byte(&buf, '\n');
    assert_int_equal(aver_tlog_policy_read(&policy, aver_buf_view(&buf), &why), AVER_OK);
    aver_buf_str(&buf, "\n");
    assert_int_equal(aver_tlog_policy_read(&policy, aver_buf_view(&buf), &why), AVER_E_LIMIT);
    aver_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_example),    cmocka_unit_test(small_ones),
        cmocka_unit_test(changed_bytes), cmocka_unit_test(a_log_known_from_elsewhere),
        cmocka_unit_test(bounds),        cmocka_unit_test(several_lines_of_one),
        cmocka_unit_test(refused_texts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
