/* tests/unit/test_schema.c - one record, one encoding: every schema of the model round-trips at random, every refusal of
 * the decoder is met, a changed byte is refused or is another record's own encoding; and records as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/schema_json.h"
#include "ledger/model/bundle.h"
#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"
#include "tests/unit/random_record.h"

static const struct aver_schema *const all[] = {
    &aver_claim_schema,          &aver_batch_schema,       &aver_genesis_schema,
    &aver_party_act_schema,      &aver_publication_schema, &aver_approval_schema,
    &aver_family_schema,         &aver_remit_schema,       &aver_intake_receipt_schema,
    &aver_receipt_schema,        &aver_key_state_schema,   &aver_party_state_schema,
    &aver_artifact_state_schema, &aver_name_state_schema,  &aver_plan_state_schema,
    &aver_member_state_schema,   &aver_balances_schema,    &aver_services_schema,
    &aver_visits_schema,         &aver_claim_state_schema, &aver_payee_state_schema,
    &aver_remittance_schema,     &aver_enrolled_schema,    &aver_bundle_schema,
    &aver_born_schema,           &aver_accrual_schema,     &aver_accrual_state_schema,
    &aver_uses_schema,
};
#define ALL (sizeof all / sizeof all[0])

/* A record with one field of each type, the even keys optional. */
enum { COLOUR_RED = 1, COLOUR_BLUE = 3 };
static const char *const colours[] = {NULL, "red", NULL, "blue"};
struct small {
    uint64_t n;
};
struct sample {
    uint64_t colour, count;
    int64_t balance;
    bool flag;
    aver_money money;
    aver_delta delta;
    aver_day day;
    aver_bytes text, bytes, fixed, raw;
    aver_digest digest;
    struct small *small;
    struct aver_list list, texts, uints;
};
static const struct aver_field small_fields[] = {AVER_FIELD(1, struct small, n, UINT, 9)};
static AVER_SCHEMA(small_schema, "small", struct small, small_fields);
#define S struct sample
static const struct aver_field sample_fields[] = {
    AVER_ENUM(1, S, colour, 3, colours),
    AVER_OPTIONAL(2, S, count, UINT, 100),
    AVER_FIELD(3, S, balance, INT, 0),
    AVER_OPTIONAL(4, S, flag, BOOL, 0),
    AVER_FIELD(5, S, money, MONEY, 0),
    AVER_OPTIONAL(6, S, delta, DELTA, 0),
    AVER_FIELD(7, S, day, DAY, 0),
    AVER_OPTIONAL(8, S, text, TEXT, 4),
    AVER_FIELD(9, S, bytes, BYTES, 2),
    AVER_OPTIONAL(10, S, fixed, FIXED, 2),
    AVER_FIELD(11, S, raw, RAW, 3),
    AVER_OPTIONAL(12, S, digest, DIGEST, 0),
    AVER_SUB(13, S, small, STRUCT, 0, &small_schema),
    AVER_OPT_SUB(14, S, list, LIST, 2, &small_schema),
    AVER_FIELD(15, S, texts, TEXTS, 2),
    AVER_OPTIONAL(16, S, uints, UINTS, 2),
};
static AVER_SCHEMA(sample_schema, "sample", S, sample_fields);
#undef S

/* The smallest sample, but for what `middle` says: pairs by hand, so that the reader is tried apart from the writer. */
#define HEAD    "010103000500070009400bf60da101000f80"
#define MINIMAL "a8" HEAD

static aver_err decode(const char *hex, struct sample *out, struct aver_arena *arena, struct aver_why *why)
{
    size_t n = strlen(hex) / 2;
    uint8_t *bytes = aver_arena_alloc(arena, n + 1);
    assert_int_equal(aver_unhex(bytes, n, aver_bytes_str(hex)), AVER_OK);
    return aver_schema_read(aver_bytes_of(bytes, n), &sample_schema, out, arena, why);
}

static void accept(const char *hex)
{
    struct aver_arena arena = {0};
    struct sample sample;
    struct aver_why why;
    struct aver_buf again = {0}, text = {0};
    if (decode(hex, &sample, &arena, &why) != AVER_OK) fail_msg("%s: %s: %s", hex, why.code, why.text);
    assert_int_equal(aver_schema_check(&sample_schema, &sample, &why), AVER_OK);
    aver_schema_encode(&again, &sample_schema, &sample);
    aver_buf_hex(&text, aver_buf_view(&again));
    aver_buf_byte(&text, 0);
    assert_string_equal((char *)text.ptr, hex);
    aver_buf_free(&again);
    aver_buf_free(&text);
    aver_arena_free(&arena);
}

static void refuse(const char *hex, const char *code, const char *says)
{
    struct aver_arena arena = {0};
    struct sample sample;
    struct aver_why why = {0};
    if (decode(hex, &sample, &arena, &why) != AVER_E_INPUT) fail_msg("%s was accepted", hex);
    assert_string_equal(why.code, code);
    if (!strstr(why.text, says)) fail_msg("%s: \"%s\" does not say \"%s\"", hex, why.text, says);
    aver_arena_free(&arena);
}

static void field_order(void **state)
{
    (void)state;
    accept(MINIMAL);
    accept("a90101020103000500070009400bf60da101000f80");
    refuse("a703000500070009400bf60da101000f80", "RECORD-FIELD", "follows a missing one");
    refuse("a7010103000500070009400bf60da10100", "RECORD-FIELD", "sample.texts is missing");
    refuse("a9" HEAD "1101", "RECORD-FIELD", "field 17 is unknown");
    refuse("a90101" HEAD, "RECORD-FIELD", "field 1 is");
    refuse("a9" HEAD "0201", "RECORD-FIELD", "field 2 is");
    refuse(MINIMAL "00", "CBOR-TRAILING", "after the end");
    refuse("a9" HEAD, "CBOR-SHORT", "ends");
    refuse("80", "CBOR-TYPE", "a map should be");
    refuse("a1610101", "CBOR-TYPE", "unsigned integer should be");
}

static void absent_is_left_out(void **state)
{
    (void)state;
#define WITH_TAIL(pair) "a9" HEAD pair
    refuse("a90101020003000500070009400bf60da101000f80", "RECORD-FIELD", "count is present but empty");
    refuse("a90101030004f40500070009400bf60da101000f80", "RECORD-FIELD", "flag is present but empty");
    refuse("a90101030005000600070009400bf60da101000f80", "RECORD-FIELD", "delta is present but empty");
    refuse(WITH_TAIL("1080"), "RECORD-FIELD", "uints is present but empty");
    refuse("a9010103000500070009400bf60da101000e800f80", "RECORD-FIELD", "list is present but empty");
    refuse("a9010103000500070009400bf60c5820"
           "00000000000000000000000000000000000000000000000000000000000000000da101000f80",
           "RECORD-FIELD", "digest is present but empty");
    accept("a90101030004f50500070009400bf60da101000f80");
    accept(WITH_TAIL("108100"));
}

/* Everything before the field, then the field, then everything after it. */
static void bounds(void **state)
{
    (void)state;
#define TAIL7 "09400bf60da101000f80"
    accept("a80103030005000700" TAIL7);
    refuse("a80100030005000700" TAIL7, "RECORD-FIELD", "colour is not one of its values");
    refuse("a80102030005000700" TAIL7, "RECORD-FIELD", "colour is not one of its values");
    refuse("a80104030005000700" TAIL7, "RECORD-FIELD", "colour is too large");
    accept("a90101021864030005000700" TAIL7);
    refuse("a90101021865030005000700" TAIL7, "RECORD-FIELD", "count is too large");
    accept("a80101033b7fffffffffffffff05000700" TAIL7);
    accept("a801010300051b000009184e729fff0700" TAIL7); /* 10^13 - 1 */
    refuse("a801010300051b000009184e72a0000700" TAIL7, "RECORD-FIELD", "money is too large");
    refuse("a80101030005200700" TAIL7, "CBOR-TYPE", "unsigned");
    accept("a9010103000500063b000009184e729ffe0700" TAIL7);
    refuse("a9010103000500063b000009184e729fff0700" TAIL7, "RECORD-FIELD", "delta is too large");
    accept("a8010103000500071a002cc0a0" TAIL7); /* 9999-12-31 */
    refuse("a8010103000500071a002cc0a1" TAIL7, "RECORD-FIELD", "day is not a valid day");
    accept("a8010103000500073a000af939" TAIL7); /* 0001-01-01 */
    refuse("a8010103000500073a000af93a" TAIL7, "RECORD-FIELD", "day is not a valid day");
    accept("a90101030005000700086461626364" TAIL7);
    refuse("a9010103000500070008656162636465" TAIL7, "RECORD-FIELD", "text is too long");
    refuse("a901010300050007000860" TAIL7, "RECORD-FIELD", "text is empty");
    refuse("a9010103000500070008610a" TAIL7, "RECORD-FIELD", "text holds a control character");
    refuse("a9010103000500070008617f" TAIL7, "RECORD-FIELD", "text holds a control character");
    refuse("a901010300050007000861ff" TAIL7, "CBOR-UTF8", "UTF-8");
#define HEAD7 "0101030005000700"
    accept("a8" HEAD7 "094200010bf60da101000f80");
    refuse("a8" HEAD7 "09430001020bf60da101000f80", "RECORD-FIELD", "bytes is too long");
    accept("a9" HEAD7 "09400a4200010bf60da101000f80");
    refuse("a9" HEAD7 "09400a41000bf60da101000f80", "RECORD-FIELD", "fixed has the wrong length");
    accept("a8" HEAD7 "09400b8201020da101000f80");
    refuse("a8" HEAD7 "09400b830102030da101000f80", "RECORD-FIELD", "raw is too long");
    refuse("a8" HEAD7 "09400b18000da101000f80", "CBOR-MINIMAL", "shortest");
    refuse("a9" HEAD7 "09400bf60c400da101000f80", "RECORD-FIELD", "digest is not a digest");
    refuse("a8" HEAD7 "09400bf60da1010a0f80", "RECORD-FIELD", "small.n is too large");
    refuse("a8" HEAD7 "09400bf60da00f80", "RECORD-FIELD", "small.n is missing");
    refuse("a8" HEAD7 "09400bf60df60f80", "CBOR-TYPE", "a map should be");
    accept("a9" HEAD7 "09400bf60da101000e82a10100a101090f80");
    refuse("a9" HEAD7 "09400bf60da101000e83a10100a10100a101000f80", "RECORD-FIELD", "list has 3 items");
    refuse("a8" HEAD7 "09400bf60da101000f83616161616161", "RECORD-FIELD", "texts has 3 items");
    refuse("a8" HEAD7 "09400bf60da101000f8160", "RECORD-FIELD", "texts is empty");
    refuse("a9" HEAD "108120", "CBOR-TYPE", "unsigned");
    refuse("a9" HEAD "1083000000", "RECORD-FIELD", "uints has 3 items");
}

static void check_names_the_path(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    struct sample sample;
    struct aver_why why;
    assert_int_equal(decode(MINIMAL, &sample, &arena, &why), AVER_OK);
    ((struct small *)aver_list_add(&arena, &sample.list, sizeof(struct small)))->n = 9;
    ((struct small *)aver_list_add(&arena, &sample.list, sizeof(struct small)))->n = 10;
    assert_int_equal(aver_schema_check(&sample_schema, &sample, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "RECORD-FIELD");
    assert_string_equal(why.place, "/list/1/n");
    sample.small = NULL;
    assert_int_equal(aver_schema_check(&sample_schema, &sample, &why), AVER_E_INPUT);
    assert_string_equal(why.place, "/small");
    aver_arena_free(&arena);
}

static void tables_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALL; i++)
        for (size_t k = 0; k < all[i]->count; k++) {
            assert_int_equal(all[i]->fields[k].key, k + 1);
            assert_true(all[i]->fields[k].key <= UINT8_MAX);
            assert_ptr_equal(aver_schema_field(all[i], aver_bytes_str(all[i]->fields[k].name)),
                             &all[i]->fields[k]);
        }
    assert_null(aver_schema_field(all[0], AVER_LIT("no such field")));
}

static void random_round_trips(void **state)
{
    (void)state;
    uint64_t seed = 20260301;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (size_t n = 0; n < ALL * 60; n++) {
        const struct aver_schema *s = all[n % ALL];
        struct aver_arena arena = {0};
        struct aver_buf first = {0}, again = {0};
        struct aver_why why;
        void *record = aver_arena_alloc(&arena, s->size), *copy = aver_arena_alloc(&arena, s->size);
        random_record(&seed, &arena, s, record);
        assert_int_equal(aver_schema_check(s, record, &why), AVER_OK);
        aver_schema_encode(&first, s, record);
        assert_int_equal(aver_cbor_check(aver_buf_view(&first), &why), AVER_OK);
        if (aver_schema_read(aver_buf_view(&first), s, copy, &arena, &why) != AVER_OK)
            fail_msg("%s: %s %s", s->name, why.place, why.text);
        aver_schema_encode(&again, s, copy);
        assert_true(aver_bytes_eq(aver_buf_view(&first), aver_buf_view(&again)));
        aver_buf_free(&first);
        aver_buf_free(&again);
        aver_arena_free(&arena);
    }
}

/* Bytes that are accepted are the one encoding of what they say. */
static void changed_bytes(void **state)
{
    (void)state;
    uint64_t seed = 7;
    size_t refused = 0, accepted = 0;
    for (size_t n = 0; n < 4000; n++) {
        struct aver_arena arena = {0};
        struct aver_buf bytes = {0}, again = {0};
        struct aver_claim claim = {0};
        random_record(&seed, &arena, &aver_claim_schema, &claim);
        aver_schema_encode(&bytes, &aver_claim_schema, &claim);
        size_t at = random_next(&seed) % bytes.len;
        if (n % 4 == 0)
            bytes.len = at; /* cut off */
        else
            bytes.ptr[at] ^=
                (uint8_t)(n % 4 == 1 ? 1u << random_next(&seed) % 8 : 1 + random_next(&seed) % 255);
        if (aver_schema_read(aver_buf_view(&bytes), &aver_claim_schema, &claim, &arena, NULL) == AVER_OK) {
            aver_schema_encode(&again, &aver_claim_schema, &claim);
            assert_true(aver_bytes_eq(aver_buf_view(&bytes), aver_buf_view(&again)));
            accepted++;
        } else {
            refused++;
        }
        aver_buf_free(&bytes);
        aver_buf_free(&again);
        aver_arena_free(&arena);
    }
    assert_true(refused > 1000 &&
                accepted > 1000); /* both happen: most bytes are text, most heads are not free */
}

static void as_json(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    struct sample sample;
    struct aver_why why;
    struct aver_buf out = {0};
    struct aver_json_writer w = {.buf = &out};
    assert_int_equal(
        decode("b001030207032204f505192ee0062407194fe60862c3a90941ff0a420102"
               "0bf60c582000000000000000000000000000000000000000000000000000000000000000ab0da10103"
               "0e81a101090f826161616210820102",
               &sample, &arena, &why),
        AVER_OK);
    aver_schema_json(&w, &sample_schema, &sample);
    aver_json_finish(&w);
    aver_buf_byte(&out, 0);
    assert_string_equal(
        (char *)out.ptr,
        "{\"colour\":\"blue\",\"count\":7,\"balance\":-3,\"flag\":true,\"money\":\"120.00\",\"delta\":\"-0.05\","
        "\"day\":\"2026-01-01\",\"text\":\"\xc3\xa9\",\"bytes\":\"ff\",\"fixed\":\"0102\",\"raw\":\"f6\","
        "\"digest\":\"00000000000000000000000000000000000000000000000000000000000000ab\",\"small\":{\"n\":3},"
        "\"list\":[{\"n\":9}],\"texts\":[\"a\",\"b\"],\"uints\":[1,2]}");
    out.len = 0;
    w = (struct aver_json_writer){.buf = &out};
    assert_int_equal(decode(MINIMAL, &sample, &arena, &why), AVER_OK);
    aver_schema_json(&w, &sample_schema, &sample);
    aver_json_finish(&w);
    aver_buf_byte(&out, 0);
    assert_string_equal((char *)out.ptr,
                        "{\"colour\":\"red\",\"balance\":0,\"money\":\"0.00\",\"day\":\"1970-01-01\","
                        "\"bytes\":\"\",\"raw\":\"f6\",\"small\":{\"n\":0},\"texts\":[]}");
    aver_buf_free(&out);
    aver_arena_free(&arena);
}

static void random_json_parses(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (size_t n = 0; n < ALL * 5; n++) {
        const struct aver_schema *s = all[n % ALL];
        struct aver_arena arena = {0};
        struct aver_buf out = {0};
        struct aver_json_writer w = {.buf = &out, .pretty = n % 2};
        const struct aver_json *tree;
        void *record = aver_arena_alloc(&arena, s->size);
        random_record(&seed, &arena, s, record);
        aver_schema_json(&w, s, record);
        aver_json_finish(&w);
        assert_int_equal(aver_json_parse(&tree, &arena, aver_buf_view(&out), NULL), AVER_OK);
        for (size_t k = 0; k < s->count; k++)
            assert_int_equal(aver_json_get(tree, s->fields[k].name) == NULL,
                             s->fields[k].optional && aver_field_absent(&s->fields[k], record));
        aver_buf_free(&out);
        aver_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_order),
        cmocka_unit_test(absent_is_left_out),
        cmocka_unit_test(bounds),
        cmocka_unit_test(check_names_the_path),
        cmocka_unit_test(tables_are_in_order),
        cmocka_unit_test(random_round_trips),
        cmocka_unit_test(changed_bytes),
        cmocka_unit_test(as_json),
        cmocka_unit_test(random_json_parses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
