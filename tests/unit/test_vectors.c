/* tests/unit/test_vectors.c - the frozen vectors: this program still makes them byte for byte, and reads them as they say.
 * tests/interop/test_vectors.py reads the same files in another language. Run from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/data.h"
#include "tests/unit/storage_story.h"
#include "tests/vectors/cases.h"

static struct aver_arena arena;

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static aver_bytes file_bytes(const char *name)
{
    return data_file(&arena, aver_arena_printf(&arena, "tests/vectors/%s.json", name));
}

static const struct aver_json *read_file(const char *name)
{
    const struct aver_json *root;
    struct aver_why why;
    if (aver_json_parse(&root, &arena, file_bytes(name), &why) != AVER_OK) fail_msg("%s: %s", name, why.text);
    assert_true(root->count > 0);
    return root;
}

static aver_bytes hex(const struct aver_json *object, const char *name)
{
    aver_bytes text = aver_json_string(aver_json_get(object, name));
    assert_non_null(text.ptr);
    uint8_t *out = aver_arena_alloc(&arena, text.len / 2 + 1);
    assert_int_equal(aver_unhex(out, text.len / 2, text), AVER_OK);
    return aver_bytes_of(out, text.len / 2);
}

static void files_are_made_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTOR_FILES; i++) {
        struct aver_buf made = {0};
        vector_make(&made, &vector_files[i]);
        if (!aver_bytes_eq(aver_buf_view(&made), file_bytes(vector_files[i].name)))
            fail_msg("tests/vectors/%s.json: a format has changed; its version must change with it",
                     vector_files[i].name);
        aver_buf_free(&made);
    }
}

static void cbor_is_accepted_and_refused(void **state)
{
    (void)state;
    for (AVER_JSON_EACH(row, read_file("cbor"))) {
        aver_bytes want = aver_json_string(aver_json_get(row, "refused"));
        struct aver_why why = {0};
        aver_err err = aver_cbor_check(hex(row, "hex"), &why);
        assert_int_equal(err, want.ptr ? AVER_E_INPUT : AVER_OK);
        if (want.ptr) assert_true(aver_bytes_is(want, why.code));
    }
}

static const struct aver_schema *schema_named(aver_bytes name)
{
    static const struct aver_schema *const all[] = {
        &aver_claim_schema,   &aver_batch_schema,       &aver_intake_receipt_schema,
        &aver_receipt_schema, &aver_claim_state_schema, &aver_remittance_schema,
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (aver_bytes_is(name, all[i]->name)) return all[i];
    fail_msg("no record named %.*s", AVER_STR(name));
    return NULL;
}

static void records_read_as_they_say(void **state)
{
    (void)state;
    for (AVER_JSON_EACH(row, read_file("records"))) {
        const struct aver_schema *s = schema_named(aver_json_string(aver_json_get(row, "record")));
        void *record = aver_arena_alloc(&arena, s->size);
        struct aver_buf again = {0}, fields = {0}, want = {0};
        struct aver_json_writer w = {.buf = &fields}, frozen = {.buf = &want};
        struct aver_why why;
        if (aver_schema_read(hex(row, "hex"), s, record, &arena, &why) != AVER_OK) fail_msg("%s", why.text);
        aver_schema_encode(&again, s, record);
        assert_true(aver_bytes_eq(aver_buf_view(&again), hex(row, "hex")));
        aver_schema_json(&w, s, record);
        aver_json_put_value(&frozen, aver_json_get(row, "fields"));
        assert_true(aver_bytes_eq(aver_buf_view(&fields), aver_buf_view(&want)));
        if (s == &aver_claim_schema) assert_int_equal(aver_claim_check(record, NULL), AVER_OK);
        if (s == &aver_receipt_schema && ((struct aver_receipt *)record)->decision)
            assert_int_equal(aver_decision_check(((struct aver_receipt *)record)->decision, NULL), AVER_OK);
        aver_buf_free(&again);
        aver_buf_free(&fields);
        aver_buf_free(&want);
    }
}

static void cose_verdicts(void **state)
{
    (void)state;
    size_t verified = 0;
    for (AVER_JSON_EACH(row, read_file("cose"))) {
        struct aver_cose cose;
        struct aver_public_key pk;
        struct aver_why why = {0};
        aver_bytes want = aver_json_string(aver_json_get(row, "refused"));
        memcpy(pk.b, hex(row, "public_key").ptr, sizeof pk.b);
        assert_int_equal(aver_cose_read(&cose, hex(row, "cose"), &why), want.ptr ? AVER_E_INPUT : AVER_OK);
        if (want.ptr) {
            assert_true(aver_bytes_is(want, why.code));
            continue;
        }
        const char *purpose =
            aver_arena_printf(&arena, "%.*s", AVER_STR(aver_json_string(aver_json_get(row, "purpose"))));
        bool ok = aver_cose_verify(&cose, purpose, aver_json_string(aver_json_get(row, "chain")), &pk);
        assert_int_equal(ok, aver_json_get(row, "verifies")->kind == AVER_JSON_TRUE);
        verified += ok;
    }
    assert_int_equal(verified, 1);
}

static void policy_loads(void **state)
{
    (void)state;
    for (AVER_JSON_EACH(row, read_file("policy"))) {
        struct aver_policy_loaded loaded;
        struct aver_why why;
        if (aver_policy_load(&loaded, hex(row, "hex"), &arena, &why) != AVER_OK)
            fail_msg("%s: %s", why.place, why.text);
        assert_true(aver_bytes_eq(loaded.policy.tree, hex(row, "tree")));
        assert_true(aver_bytes_eq(aver_digest_bytes(&loaded.digest), hex(row, "digest")));
        const struct aver_policy_node *rate = aver_policy_at(&loaded.root, AVER_LIT("coinsurance.0"));
        assert_non_null(rate);
        assert_int_equal(rate->kind, AVER_POLICY_RATE);
        assert_int_equal(rate->number, 2000);
        assert_int_equal(rate->line, 7);
    }
}

static void entries_read_as_they_say(void **state)
{
    (void)state;
    size_t read = 0;
    for (AVER_JSON_EACH(row, read_file("entries"))) {
        if (!aver_json_get(row, "entry")) continue;
        struct aver_entry e;
        struct aver_buf again = {0};
        assert_int_equal(aver_entry_read(&e, hex(row, "hex"), NULL), AVER_OK);
        aver_entry_encode(&again, &e);
        assert_true(aver_bytes_eq(aver_buf_view(&again), hex(row, "hex")));
        aver_buf_free(&again);
        read++;
    }
    assert_int_equal(read, 4);
}

/* A ledger takes the batches in their order, and none of the other encodings of the first. */
static void a_ledger_takes_the_transactions(void **state)
{
    (void)state;
    struct story s = {0};
    struct vector_signer operations = vector_signer(TX_OPERATIONS), compliance = vector_signer(TX_COMPLIANCE);
    struct aver_insurer insurers[] = {{"operations", operations.pk}, {"compliance", compliance.pk}};
    struct aver_why why = {0};
    size_t taken = 0, refused = 0;
    story_clock(TX_NOT_AFTER - 86400000);
    story_temp(s.dir);
    story_ok(aver_ledger_create(s.dir, CHAIN, insurers, 2, &why), &why);
    story_open(&s, AVER_LEDGER_WRITE);
    const struct aver_json *first = NULL;
    for (AVER_JSON_EACH(row, read_file("transactions"))) {
        struct aver_batch_item items[4];
        struct aver_item_result results[4];
        aver_bytes leaf[4];
        aver_bytes want = aver_json_string(aver_json_get(row, "refused"));
        size_t n = 0;
        if (!first) first = row;
        for (AVER_JSON_EACH(item, aver_json_get(want.ptr ? first : row, "items"))) {
            leaf[n] = hex(item, "leaf");
            items[n++] = (struct aver_batch_item){hex(item, "salt"), hex(item, "item")};
        }
        aver_err err =
            aver_ledger_submit(s.ledger, hex(row, "cose"), items, n, results, &arena, NULL, NULL, &why);
        if (want.ptr) {
            assert_int_equal(err, AVER_E_INPUT);
            assert_true(aver_bytes_is(want, why.code));
            refused++;
            continue;
        }
        story_ok(err, &why);
        for (size_t i = 0; i < n; i++) {
            if (results[i].how != AVER_ITEM_NEW) fail_msg("%zu: %s", taken, results[i].words);
            struct aver_opened opened;
            story_ok(aver_ledger_item(s.ledger, results[i].entry, &opened, &arena, &why), &why);
            assert_true(aver_bytes_eq(opened.cose, hex(row, "cose")));
            assert_true(aver_bytes_eq(aver_digest_bytes(&opened.leaf), leaf[i]));
        }
        taken++;
    }
    assert_int_equal(taken, 6);
    assert_int_equal(refused, 14);
    story_end(&s);
}

/* Our own proofs as bytes, with every bit of root, key, value and proof turned; and the state rebuilt from its records. */
static bool shows(const struct aver_json *row, aver_bytes root, aver_bytes key, aver_bytes value,
                  aver_bytes bytes)
{
    static struct aver_smt_proof proof;
    aver_digest r;
    memcpy(r.b, root.ptr, 32);
    if (aver_smt_proof_read(&proof, bytes, NULL) != AVER_OK) return false;
    return (aver_json_get(row, "value") ? aver_smt_verify_member(&r, key, value, &proof, NULL)
                                        : aver_smt_verify_absent(&r, key, &proof, NULL)) == AVER_OK;
}

static void state_proofs_hold_as_they_are(void **state)
{
    (void)state;
    const struct aver_json *file = read_file("state")->first;
    const aver_bytes root = hex(file, "root");
    size_t held = 0;
    for (int absent = 0; absent < 2; absent++)
        for (AVER_JSON_EACH(row, aver_json_get(file, absent ? "absent" : "records"))) {
            aver_bytes part[4] = {root, hex(row, "key"), absent ? root : hex(row, "value"),
                                  hex(row, "proof")};
            assert_true(shows(row, part[0], part[1], part[2], part[3]));
            held++;
            for (size_t p = 0; p < 4; p++) {
                if (absent && (p == 1 || p == 2)) continue; /* no value; and other keys are absent too */
                uint8_t *b = (uint8_t *)(uintptr_t)part[p].ptr;
                for (size_t bit = 0; bit < 8 * part[p].len; bit++) {
                    b[bit / 8] ^= (uint8_t)(1u << bit % 8);
                    assert_false(shows(row, part[0], part[1], part[2], part[3]));
                    b[bit / 8] ^= (uint8_t)(1u << bit % 8);
                }
            }
        }
    assert_int_equal(held, STATE_RECORDS + STATE_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_made_byte_for_byte),
        cmocka_unit_test(cbor_is_accepted_and_refused),
        cmocka_unit_test(records_read_as_they_say),
        cmocka_unit_test(cose_verdicts),
        cmocka_unit_test(policy_loads),
        cmocka_unit_test(entries_read_as_they_say),
        cmocka_unit_test(a_ledger_takes_the_transactions),
        cmocka_unit_test(state_proofs_hold_as_they_are),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
