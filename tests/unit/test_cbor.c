/* tests/unit/test_cbor.c - the strict profile: every rule refused on one side of its boundary and accepted on the other;
 * what is accepted is written back byte for byte; the examples of RFC 8949 appendix A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/cbor.h"
#include "base/json.h"
#include "tests/unit/data.h"

/* The bytes of a hexadecimal literal; absent never. */
static aver_bytes unhex(struct aver_arena *arena, aver_bytes hex)
{
    uint8_t *out = aver_arena_alloc(arena, hex.len / 2 + 1);
    assert_int_equal(aver_unhex(out, hex.len / 2, hex), AVER_OK);
    return aver_bytes_of(out, hex.len / 2);
}

/* Reads one item with the typed readers and writes it with the writers. The input has passed aver_cbor_check. */
static void rewrite(struct aver_buf *out, struct aver_cbor *in)
{
    aver_bytes b;
    int64_t n;
    bool flag;
    size_t count;
    switch (aver_cbor_peek(in)) {
    case AVER_CBOR_UINT:
    case AVER_CBOR_NINT:
        assert_int_equal(aver_cbor_int(in, &n), AVER_OK);
        aver_cbor_put_int(out, n);
        return;
    case AVER_CBOR_BYTES:
        assert_int_equal(aver_cbor_bytes(in, &b), AVER_OK);
        assert_non_null(b.ptr);
        aver_cbor_put_bytes(out, b);
        return;
    case AVER_CBOR_TEXT:
        assert_int_equal(aver_cbor_text(in, &b), AVER_OK);
        assert_non_null(b.ptr);
        aver_cbor_put_text(out, b);
        return;
    case AVER_CBOR_ARRAY:
        assert_int_equal(aver_cbor_array(in, &count), AVER_OK);
        aver_cbor_put_array(out, count);
        while (count--) rewrite(out, in);
        return;
    case AVER_CBOR_MAP:
        assert_int_equal(aver_cbor_map(in, &count), AVER_OK);
        aver_cbor_put_map(out, count);
        for (count *= 2; count--;) rewrite(out, in);
        return;
    case AVER_CBOR_SIMPLE:
        if (aver_cbor_null(in)) {
            aver_cbor_put_null(out);
            return;
        }
        assert_int_equal(aver_cbor_bool(in, &flag), AVER_OK);
        aver_cbor_put_bool(out, flag);
        return;
    default: fail();
    }
}

static void assert_accepted(aver_bytes bytes)
{
    struct aver_buf again = {0};
    struct aver_why why;
    if (aver_cbor_check(bytes, &why) != AVER_OK) fail_msg("refused: %s %s %s", why.code, why.place, why.text);
    struct aver_cbor in = aver_cbor_open(bytes, NULL);
    rewrite(&again, &in);
    assert_int_equal(aver_cbor_end(&in), AVER_OK);
    assert_true(aver_bytes_eq(bytes, aver_buf_view(&again)));
    aver_buf_free(&again);
}

static void accept(const char *hex)
{
    struct aver_arena arena = {0};
    assert_accepted(unhex(&arena, aver_bytes_str(hex)));
    aver_arena_free(&arena);
}

static void refuse(const char *hex, const char *code, const char *place)
{
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    assert_int_equal(aver_cbor_check(unhex(&arena, aver_bytes_str(hex)), &why), AVER_E_INPUT);
    assert_string_equal(why.code, code);
    assert_string_equal(why.place, place);
    aver_arena_free(&arena);
}

static void integers_are_shortest_and_int64(void **state)
{
    (void)state;
    accept("00"), accept("17"), accept("1818"), accept("18ff"), accept("190100"), accept("19ffff");
    accept("1a00010000"), accept("1affffffff"), accept("1b0000000100000000");
    accept("1b7fffffffffffffff"); /* INT64_MAX */
    accept("20"), accept("37"), accept("3818");
    accept("3b7fffffffffffffff"); /* INT64_MIN */
    refuse("1800", "CBOR-MINIMAL", "byte 0");
    refuse("1817", "CBOR-MINIMAL", "byte 0");
    refuse("190001", "CBOR-MINIMAL", "byte 0");
    refuse("1900ff", "CBOR-MINIMAL", "byte 0");
    refuse("1a0000ffff", "CBOR-MINIMAL", "byte 0");
    refuse("1b00000000ffffffff", "CBOR-MINIMAL", "byte 0");
    refuse("3817", "CBOR-MINIMAL", "byte 0");
    refuse("1b8000000000000000", "CBOR-RANGE", "byte 0");
    refuse("3b8000000000000000", "CBOR-RANGE", "byte 0");
}

static void lengths_are_shortest_too(void **state)
{
    (void)state;
    refuse("580161", "CBOR-MINIMAL", "byte 0");
    refuse("780161", "CBOR-MINIMAL", "byte 0");
    refuse("980100", "CBOR-MINIMAL", "byte 0");
    refuse("b8010000", "CBOR-MINIMAL", "byte 0");
}

static void claimed_lengths_are_not_believed(void **state)
{
    (void)state;
    refuse("", "CBOR-SHORT", "byte 0");
    refuse("18", "CBOR-SHORT", "byte 0");
    refuse("1b00000000000000", "CBOR-SHORT", "byte 0");
    refuse("9b0000000010000000", "CBOR-MINIMAL", "byte 0"); /* 2^28 items in nine bytes */
    refuse("9a10000000", "CBOR-SHORT", "byte 0");           /* the same in its shortest form */
    refuse("ba10000000", "CBOR-SHORT", "byte 0");
    refuse("9b0000000100000000", "CBOR-SHORT", "byte 0");
    refuse("5b7fffffffffffffff", "CBOR-SHORT", "byte 0");
    refuse("5bffffffffffffffff", "CBOR-SHORT", "byte 0");
    refuse("9bffffffffffffffff", "CBOR-SHORT", "byte 0");
    refuse("bbffffffffffffffff", "CBOR-SHORT", "byte 0");
    refuse("410100", "CBOR-TRAILING", "byte 2");
    refuse("4201", "CBOR-SHORT", "byte 0");
    refuse("8201", "CBOR-SHORT", "byte 0");
    refuse("82018118", "CBOR-SHORT", "byte 3");
    refuse("a10102a1", "CBOR-TRAILING", "byte 3");
    refuse("a2010203", "CBOR-SHORT", "byte 0");
    accept("8101"), accept("80"), accept("a0"), accept("40"), accept("60");
}

static void only_the_types_of_the_profile(void **state)
{
    (void)state;
    accept("f4"), accept("f5"), accept("f6");
    refuse("f7", "CBOR-TYPE", "byte 0");
    refuse("e0", "CBOR-TYPE", "byte 0");
    refuse("f3", "CBOR-TYPE", "byte 0");
    refuse("f8ff", "CBOR-TYPE", "byte 0");
    refuse("f90000", "CBOR-TYPE", "byte 0");
    refuse("fa00000000", "CBOR-TYPE", "byte 0");
    refuse("fb0000000000000000", "CBOR-TYPE", "byte 0");
    refuse("c000", "CBOR-TYPE", "byte 0");
    refuse("81d28440a04040", "CBOR-TYPE", "byte 1");
    refuse("5f4101ff", "CBOR-FORM", "byte 0");
    refuse("7f6161ff", "CBOR-FORM", "byte 0");
    refuse("9fff", "CBOR-FORM", "byte 0");
    refuse("bfff", "CBOR-FORM", "byte 0");
    refuse("1c", "CBOR-FORM", "byte 0");
    refuse("5e", "CBOR-FORM", "byte 0");
    refuse("ff", "CBOR-TYPE", "byte 0"); /* a break alone */
}

static void text_is_utf8(void **state)
{
    (void)state;
    accept("63e6b0b4"), accept("64f0908591"), accept("6100"), accept("63ed9fbf"), accept("64f48fbfbf");
    refuse("61ff", "CBOR-UTF8", "byte 0");
    refuse("62c080", "CBOR-UTF8", "byte 0");     /* overlong NUL */
    refuse("63eda080", "CBOR-UTF8", "byte 0");   /* surrogate */
    refuse("64f4908080", "CBOR-UTF8", "byte 0"); /* above U+10FFFF */
    refuse("61e6", "CBOR-UTF8", "byte 0");       /* cut short */
    accept("42c080");                            /* bytes are free */
}

static void map_keys_ascend(void **state)
{
    (void)state;
    accept("a201020304");
    refuse("a203040102", "CBOR-ORDER", "byte 3");
    refuse("a201020103", "CBOR-ORDER", "byte 3"); /* twice */
    accept("a3"
           "0a00"
           "2000"
           "616100"); /* 10, -1, "a": RFC 8949 4.2.1 */
    refuse("a2"
           "2000"
           "0a00",
           "CBOR-ORDER", "byte 3"); /* -1 before 10 */
    accept("a2"
           "1864"
           "00"
           "20"
           "00"); /* bytewise, not shortest first (RFC 7049 had it so) */
    refuse("a2"
           "20"
           "00"
           "1864"
           "00",
           "CBOR-ORDER", "byte 3");
    refuse("a161", "CBOR-SHORT", "byte 0");
    refuse("a16161", "CBOR-SHORT", "byte 3");
    accept("a2"
           "8101"
           "00"
           "8102"
           "00"); /* keys of any type */
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct aver_buf nest = {0};
    for (int arrays = 1; arrays <= AVER_CBOR_DEPTH_MAX + 1; arrays++) {
        nest.len = 0;
        for (int i = 0; i < arrays; i++) aver_cbor_put_array(&nest, 1);
        aver_cbor_put_null(&nest);
        struct aver_why why = {0};
        aver_err err = aver_cbor_check(aver_buf_view(&nest), &why);
        if (arrays <= AVER_CBOR_DEPTH_MAX) {
            assert_int_equal(err, AVER_OK);
        } else {
            assert_int_equal(err, AVER_E_INPUT);
            assert_string_equal(why.code, "CBOR-DEPTH");
        }
    }
    nest.len = 0;
    for (int i = 0; i < 100000; i++) aver_buf_byte(&nest, 0x81);
    assert_int_equal(aver_cbor_check(aver_buf_view(&nest), NULL), AVER_E_INPUT);
    aver_buf_free(&nest);
}

static void typed_readers_keep_their_place(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x82, 0x20, 0x61, 'a'};
    struct aver_why why = {0};
    struct aver_cbor in = aver_cbor_open(aver_bytes_of(bytes, sizeof bytes), &why);
    size_t count;
    uint64_t number;
    int64_t n;
    bool flag;
    aver_bytes text;
    assert_int_equal(aver_cbor_map(&in, &count), AVER_E_INPUT);
    assert_string_equal(why.code, "CBOR-TYPE");
    assert_int_equal(aver_cbor_array(&in, &count), AVER_OK);
    assert_int_equal(count, 2);
    assert_int_equal(aver_cbor_uint(&in, &number), AVER_E_INPUT); /* -1 is no uint */
    assert_int_equal(aver_cbor_bool(&in, &flag), AVER_E_INPUT);
    assert_false(aver_cbor_null(&in));
    assert_string_equal(why.place, "byte 1");
    assert_int_equal(aver_cbor_int(&in, &n), AVER_OK);
    assert_int_equal(n, -1);
    assert_int_equal(aver_cbor_bytes(&in, &text), AVER_E_INPUT); /* text is no byte string */
    assert_int_equal(aver_cbor_end(&in), AVER_E_INPUT);
    assert_string_equal(why.code, "CBOR-TRAILING");
    assert_int_equal(aver_cbor_text(&in, &text), AVER_OK);
    assert_int_equal(aver_cbor_end(&in), AVER_OK);
    assert_int_equal(aver_cbor_peek(&in), -1);
    assert_int_equal(aver_cbor_int(&in, &n), AVER_E_INPUT);
    assert_string_equal(why.code, "CBOR-SHORT");
}

/* Inside the profile by the RFC's own notation, decided without our reader: no tag, float, undefined or other simple
 * value, no indefinite length, and not the two integers past int64. */
static bool inside_profile(aver_bytes hex, bool roundtrip)
{
    uint8_t first;
    assert_int_equal(aver_unhex(&first, 1, aver_bytes_cut(hex, 0, 2)), AVER_OK);
    if (!roundtrip || first >> 5 == AVER_CBOR_TAG) return false;
    if (first >> 5 == AVER_CBOR_SIMPLE) return first >= 0xf4 && first <= 0xf6;
    return !aver_bytes_is(hex, "1bffffffffffffffff") && !aver_bytes_is(hex, "3bffffffffffffffff");
}

static void rfc8949_appendix_a(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    const struct aver_json *all;
    size_t accepted = 0, refused = 0;
    aver_bytes text = data_file(&arena, data_path(&arena, "vectors/cbor/appendix_a.json"));
    assert_int_equal(aver_json_parse(&all, &arena, text, NULL), AVER_OK);
    for (AVER_JSON_EACH(example, all)) {
        aver_bytes hex = aver_json_string(aver_json_get(example, "hex"));
        bool roundtrip = aver_json_get(example, "roundtrip")->kind == AVER_JSON_TRUE;
        aver_bytes bytes = unhex(&arena, hex);
        if (inside_profile(hex, roundtrip)) {
            assert_accepted(bytes);
            accepted++;
        } else {
            assert_int_equal(aver_cbor_check(bytes, NULL), AVER_E_INPUT);
            refused++;
        }
    }
    assert_int_equal(accepted, 35);
    assert_int_equal(refused, 47);
    aver_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_shortest_and_int64),
        cmocka_unit_test(lengths_are_shortest_too),
        cmocka_unit_test(claimed_lengths_are_not_believed),
        cmocka_unit_test(only_the_types_of_the_profile),
        cmocka_unit_test(text_is_utf8),
        cmocka_unit_test(map_keys_ascend),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(typed_readers_keep_their_place),
        cmocka_unit_test(rfc8949_appendix_a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
