/* tests/unit/test_json.c - the JSON reader refuses what it says and keeps what it reads; the writer writes what the
 * reader reads. JSONTestSuite is nst's collection of texts: y_ must be read, n_ must be refused, i_ is ours to say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "tests/unit/data.h"

static struct aver_arena arena;

static int forget(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static const struct aver_json *read_ok(const char *text)
{
    struct aver_why why = {0};
    const struct aver_json *v = NULL;
    aver_err err = aver_json_parse(&v, &arena, aver_bytes_str(text), &why);
    if (err) print_error("%s: %s %s: %s\n", text, why.code, why.place, why.text);
    assert_int_equal(err, AVER_OK);
    return v;
}

static void refused(aver_bytes text, aver_err want, const char *code, const char *where)
{
    struct aver_why why = {0};
    const struct aver_json *v = NULL;
    aver_err err = aver_json_parse(&v, &arena, text, &why);
    if (err != want || strcmp(why.code, code) != 0 || strcmp(why.place, where) != 0)
        print_error("%.*s: %d %s at '%s': %s\n", AVER_STR(text), err, why.code, why.place, why.text);
    assert_int_equal(err, want);
    assert_string_equal(why.code, code);
    assert_string_equal(why.place, where);
    assert_true(why.text[0] && !strchr(why.text, '\n'));
    assert_null(v);
    assert_int_equal(aver_json_parse(&v, &arena, text, NULL), want);
}

static void pointer_is(const struct aver_json *v, const char *want)
{
    struct aver_buf buf = {0};
    aver_json_pointer(&buf, v);
    aver_buf_byte(&buf, 0);
    assert_string_equal((const char *)buf.ptr, want);
    aver_buf_free(&buf);
}

static bool bytes_are(aver_bytes b, const char *s) { return b.ptr && aver_bytes_is(b, s); }

/* ---- JSONTestSuite ---- */

/* RFC 8259 section 4: "The names within an object SHOULD be unique." These two files are well formed and give a name
 * twice; the reader sees that they are well formed and refuses them for the name alone. */
static const char *const DUPLICATES[] = {"y_object_duplicated_key.json",
                                         "y_object_duplicated_key_and_value.json"};

/* Where RFC 8259 leaves it to us. Numbers are text and have no size; strings are Unicode or nothing. */
static const struct {
    const char *file, *code;
} OURS[] = {
    {"i_number_double_huge_neg_exp.json", NULL},
    {"i_number_huge_exp.json", NULL},
    {"i_number_neg_int_huge_exp.json", NULL},
    {"i_number_pos_double_huge_exp.json", NULL},
    {"i_number_real_neg_overflow.json", NULL},
    {"i_number_real_pos_overflow.json", NULL},
    {"i_number_real_underflow.json", NULL},
    {"i_number_too_big_neg_int.json", NULL},
    {"i_number_too_big_pos_int.json", NULL},
    {"i_number_very_big_negative_int.json", NULL},
    {"i_object_key_lone_2nd_surrogate.json", "JSON-SURROGATE"},
    {"i_string_1st_surrogate_but_2nd_missing.json", "JSON-SURROGATE"},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", "JSON-SURROGATE"},
    {"i_string_UTF-16LE_with_BOM.json", "JSON-BOM"},
    {"i_string_UTF-8_invalid_sequence.json", "JSON-UTF8"},
    {"i_string_UTF8_surrogate_U+D800.json", "JSON-UTF8"},
    {"i_string_incomplete_surrogate_and_escape_valid.json", "JSON-SURROGATE"},
    {"i_string_incomplete_surrogate_pair.json", "JSON-SURROGATE"},
    {"i_string_incomplete_surrogates_escape_valid.json", "JSON-SURROGATE"},
    {"i_string_invalid_lonely_surrogate.json", "JSON-SURROGATE"},
    {"i_string_invalid_surrogate.json", "JSON-SURROGATE"},
    {"i_string_invalid_utf-8.json", "JSON-UTF8"},
    {"i_string_inverted_surrogates_U+1D11E.json", "JSON-SURROGATE"},
    {"i_string_iso_latin_1.json", "JSON-UTF8"},
    {"i_string_lone_second_surrogate.json", "JSON-SURROGATE"},
    {"i_string_lone_utf8_continuation_byte.json", "JSON-UTF8"},
    {"i_string_not_in_unicode_range.json", "JSON-UTF8"},
    {"i_string_overlong_sequence_2_bytes.json", "JSON-UTF8"},
    {"i_string_overlong_sequence_6_bytes.json", "JSON-UTF8"},
    {"i_string_overlong_sequence_6_bytes_null.json", "JSON-UTF8"},
    {"i_string_truncated-utf-8.json", "JSON-UTF8"},
    {"i_string_utf16BE_no_BOM.json", "JSON-SYNTAX"},
    {"i_string_utf16LE_no_BOM.json", "JSON-SYNTAX"},
    {"i_structure_500_nested_arrays.json", "JSON-DEPTH"},
    {"i_structure_UTF-8_BOM_empty_object.json", "JSON-BOM"},
};

static size_t ours_find(const char *file)
{
    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
        if (!strcmp(OURS[i].file, file)) return i;
    fail_msg("%s is not in the table", file);
    return 0;
}

static bool is_duplicate_case(const char *file)
{
    for (size_t i = 0; i < sizeof DUPLICATES / sizeof DUPLICATES[0]; i++)
        if (!strcmp(DUPLICATES[i], file)) return true;
    return false;
}

static void test_suite(void **state)
{
    (void)state;
    const char *dir = data_path(&arena, "vectors/JSONTestSuite/test_parsing");
    DIR *d = opendir(dir);
    assert_non_null(d);
    size_t read = 0, formed = 0, duplicate = 0, refusals = 0, ours = 0, wrong = 0;
    for (struct dirent *e; (e = readdir(d));) {
        const char *file = e->d_name;
        if (file[0] == '.') continue;
        aver_bytes text = data_file(&arena, aver_arena_printf(&arena, "%s/%s", dir, file));
        struct aver_why why = {0};
        const struct aver_json *v = NULL;
        aver_err form = aver_json_grammar(&arena, text, NULL), err = aver_json_parse(&v, &arena, text, &why);
        const char *want = NULL; /* the code, where one is pinned */
        bool good;
        if (file[0] == 'y') {
            bool twice = is_duplicate_case(file);
            if (twice) want = "JSON-DUPLICATE-KEY";
            good = form == AVER_OK && (twice ? err != AVER_OK : err == AVER_OK);
            formed += form == AVER_OK;
            read += err == AVER_OK, duplicate += twice;
        } else if (file[0] == 'n') {
            good = form != AVER_OK && err != AVER_OK && strcmp(why.code, "JSON-DUPLICATE-KEY") != 0;
            refusals += err != AVER_OK;
        } else {
            want = OURS[ours_find(file)].code;
            good = (err != AVER_OK) == (want != NULL);
            ours++;
        }
        if (!good || (want && strcmp(why.code, want) != 0)) {
            print_error("%s: %d %s at %s: %s\n", file, err, why.code, why.place, why.text);
            wrong++;
        }
    }
    closedir(d);
    assert_int_equal(wrong, 0);
    assert_int_equal(formed, 95);
    assert_int_equal(read, 93);
    assert_int_equal(duplicate, 2);
    assert_int_equal(refusals, 188);
    assert_int_equal(ours, sizeof OURS / sizeof OURS[0]);
}

/* ---- the tree ---- */

static void test_tree(void **state)
{
    (void)state;
    const char *text = "{\"claim\": {\"total\": 125.50, \"lines\": [1, -0, 2.5E+3],\n \"paid\": true},"
                       " \"note\": \"\", \"x\": null, \"no\": false}";
    const struct aver_json *root = read_ok(text), *claim = aver_json_get(root, "claim");
    assert_int_equal(root->kind, AVER_JSON_OBJECT);
    assert_int_equal(root->count, 4);
    assert_true(bytes_are(root->text, text));
    assert_true(bytes_are(aver_json_number(aver_json_get(claim, "total")), "125.50"));
    const struct aver_json *lines = aver_json_get(claim, "lines");
    assert_true(bytes_are(lines->text, "[1, -0, 2.5E+3]"));
    assert_int_equal(lines->count, 3);
    static const char *const numbers[] = {"1", "-0", "2.5E+3"};
    size_t n = 0;
    for (AVER_JSON_EACH(v, lines)) {
        assert_true(bytes_are(aver_json_number(v), numbers[n]));
        assert_int_equal(v->index, n);
        assert_ptr_equal(v, aver_json_at(lines, n++));
        assert_null(v->key.ptr);
    }
    assert_int_equal(n, 3);
    assert_null(aver_json_at(lines, 3));
    assert_int_equal(aver_json_get(claim, "paid")->kind, AVER_JSON_TRUE);
    assert_int_equal(aver_json_get(root, "no")->kind, AVER_JSON_FALSE);
    assert_int_equal(aver_json_get(root, "x")->kind, AVER_JSON_NULL);
    /* An empty string is there; what is of another kind, or not there at all, is absent. */
    assert_true(bytes_are(aver_json_string(aver_json_get(root, "note")), ""));
    assert_null(aver_json_string(aver_json_get(root, "x")).ptr);
    assert_null(aver_json_number(aver_json_get(root, "note")).ptr);
    assert_null(aver_json_get(aver_json_get(aver_json_get(root, "absent"), "a"), "b"));
    assert_null(aver_json_get(lines, "0"));
    assert_null(aver_json_at(root, 0));
    for (AVER_JSON_EACH(v, aver_json_get(root, "absent"))) fail_msg("%s", aver_json_kind_name(v));
    assert_string_equal(aver_json_kind_name(lines), "an array");
    assert_string_equal(aver_json_kind_name(NULL), "nothing");
    /* Offsets point at the first byte of value and name. */
    assert_int_equal(text[lines->offset], '[');
    assert_memory_equal(text + lines->key_offset, "\"lines\"", 7);
    char where[AVER_JSON_PLACE];
    assert_string_equal(aver_json_place(where, aver_bytes_str(text), aver_json_get(claim, "paid")),
                        "line 2, column 10, /claim/paid");
    assert_string_equal(aver_json_place(where, aver_bytes_str(text), root), "line 1, column 1");
}

static void test_scalars_at_the_root(void **state)
{
    (void)state;
    assert_true(bytes_are(aver_json_number(read_ok(" 9007199254740993 ")), "9007199254740993"));
    assert_true(bytes_are(aver_json_string(read_ok("\"a\"")), "a"));
    assert_int_equal(read_ok("null")->kind, AVER_JSON_NULL);
    assert_int_equal(read_ok("[]")->count, 0);
    assert_int_equal(read_ok("\t{ }\r\n")->count, 0);
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *means;
    } cases[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\\uD834\\udd1e\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e"},
        {"\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\"", "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e"},
        {"\"\\ud7ff\\ue000\\uffff\\udbff\\udfff\"", "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"},
        {"\"\\u007f\\u0080\\u07ff\\u0800\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80"},
        {"\"\\\\u0041\"", "\\u0041"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(bytes_are(aver_json_string(read_ok(cases[i].text)), cases[i].means));
    assert_true(aver_bytes_eq(aver_json_string(read_ok("\"a\\u0000b\"")), AVER_LIT("a\0b")));
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"0",   "-0",   "10",   "1.0",    "-1.50",
                                       "1e3", "1E+3", "1e-3", "0.1e00", "123456789012345678901234567890"};
    static const char *const bad[] = {"",     "-",   "+1", "01", "-01", "1.",  ".5",    "1e",    "1e+",
                                      "1.e3", "0x1", "1 ", " 1", "1-2", "--1", "1.2.3", "1e2e3", "NaN"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(aver_json_is_number(aver_bytes_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(aver_json_is_number(aver_bytes_str(bad[i])));
    assert_false(aver_json_is_number(AVER_BYTES_NONE));
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code, *place;
    } cases[] = {
        {"", "JSON-CUT", "line 1, column 1"},
        {" \n ", "JSON-CUT", "line 2, column 2"},
        {"{", "JSON-CUT", "line 1, column 2"},
        {"{\"a\"", "JSON-CUT", "line 1, column 5"},
        {"{\"a\":", "JSON-CUT", "line 1, column 6"},
        {"{\"a\":[1,", "JSON-CUT", "line 1, column 9, /a"},
        {"[tru", "JSON-CUT", "line 1, column 5, /0"},
        {"[trux]", "JSON-SYNTAX", "line 1, column 2, /0"},
        {"[\"abc", "JSON-CUT", "line 1, column 2, /0"},
        {"[\"abc\\\"]", "JSON-CUT", "line 1, column 2, /0"},
        {"[\"abc\\", "JSON-CUT", "line 1, column 2, /0"},
        {"[1,]", "JSON-SYNTAX", "line 1, column 4"},
        {"[1 2]", "JSON-SYNTAX", "line 1, column 4"},
        {"{\"a\":1,}", "JSON-SYNTAX", "line 1, column 8"},
        {"{\"a\" 1}", "JSON-SYNTAX", "line 1, column 6"},
        {"{a:1}", "JSON-SYNTAX", "line 1, column 2"},
        {"[}", "JSON-SYNTAX", "line 1, column 2"},
        {"[1}", "JSON-SYNTAX", "line 1, column 3"},
        {"['a']", "JSON-SYNTAX", "line 1, column 2, /0"},
        {"[// no\n1]", "JSON-SYNTAX", "line 1, column 2, /0"},
        {"{\"a\":[{\"b\":01}]}", "JSON-NUMBER", "line 1, column 12, /a/0/b"},
        {"[.5]", "JSON-NUMBER", "line 1, column 2, /0"},
        {"[-Infinity]", "JSON-NUMBER", "line 1, column 2, /0"},
        {"[1]x", "JSON-TRAILING", "line 1, column 4"},
        {"1 2", "JSON-TRAILING", "line 1, column 3"},
        {"[\"a\tb\"]", "JSON-CONTROL", "line 1, column 4, /0"},
        {"{\"a\nb\":1}", "JSON-CONTROL", "line 1, column 4"},
        {"[\"\\x\"]", "JSON-ESCAPE", "line 1, column 3, /0"},
        {"[\"\\u12g4\"]", "JSON-ESCAPE", "line 1, column 3, /0"},
        {"[\"\\u123\"]", "JSON-ESCAPE", "line 1, column 3, /0"},
        {"[\"\\\xc3\xa9\"]", "JSON-ESCAPE", "line 1, column 3, /0"},
        {"[\"a\\ud800\"]", "JSON-SURROGATE", "line 1, column 4, /0"},
        {"[\"\\ud800\\ud800\"]", "JSON-SURROGATE", "line 1, column 3, /0"},
        {"[\"\\ud800\\n\"]", "JSON-SURROGATE", "line 1, column 3, /0"},
        {"[\"\\udc00\\ud800\"]", "JSON-SURROGATE", "line 1, column 3, /0"},
        {"\xef\xbb\xbf[]", "JSON-BOM", "line 1, column 1"},
        {"\xfe\xff", "JSON-BOM", "line 1, column 1"},
        {"[\"\xc3\xa9\xc3\xa9 \xc0\x80\"]", "JSON-UTF8", "line 1, column 6, /0"},
        {"[\"\xed\xa0\x80\"]", "JSON-UTF8", "line 1, column 3, /0"},
        {"[\"\xf4\x90\x80\x80\"]", "JSON-UTF8", "line 1, column 3, /0"},
        {"[\"abc\xe2\x82\"]", "JSON-UTF8", "line 1, column 6, /0"},
        {"[\xc3\xa9]", "JSON-SYNTAX", "line 1, column 2, /0"},
        {"{\"a\":1,\n \"a\":2}", "JSON-DUPLICATE-KEY", "line 2, column 2, /a"},
        {"{\"x\":{\"a\":1,\"\\u0061\":2}}", "JSON-DUPLICATE-KEY", "line 1, column 13, /x/a"},
        {"{\"\":1,\"\":2}", "JSON-DUPLICATE-KEY", "line 1, column 7, /"},
        {"{\"a/b\":{\"m~n\":{\"\":[0,q]}}}", "JSON-SYNTAX", "line 1, column 22, /a~1b/m~0n//1"},
        {"{\"a\\nb\":[?]}", "JSON-SYNTAX", "line 1, column 10, /a?b/0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refused(aver_bytes_str(cases[i].text), AVER_E_INPUT, cases[i].code, cases[i].place);
    refused(AVER_BYTES_NONE, AVER_E_INPUT, "JSON-CUT", "line 1, column 1");
    refused(AVER_LIT("[1]\0"), AVER_E_INPUT, "JSON-TRAILING", "line 1, column 4");
    refused(AVER_LIT("[\0]"), AVER_E_INPUT, "JSON-SYNTAX", "line 1, column 2, /0");
    refused(AVER_LIT("{\"a\0\":1}"), AVER_E_INPUT, "JSON-CONTROL", "line 1, column 4");
}

/* RFC 6901 section 5, and what it says of '~01' in section 4. */
static void test_pointers(void **state)
{
    (void)state;
    const struct aver_json *root = read_ok(
        "{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, \"k\\\"l\": 6, \" \": 7, \"m~n\": 8, \"~1\": 9}");
    pointer_is(root, "");
    pointer_is(aver_json_get(root, "foo"), "/foo");
    pointer_is(aver_json_at(aver_json_get(root, "foo"), 1), "/foo/1");
    pointer_is(aver_json_get(root, ""), "/");
    pointer_is(aver_json_get(root, "a/b"), "/a~1b");
    pointer_is(aver_json_get(root, "c%d"), "/c%d");
    pointer_is(aver_json_get(root, "k\"l"), "/k\"l");
    pointer_is(aver_json_get(root, " "), "/ ");
    pointer_is(aver_json_get(root, "m~n"), "/m~0n");
    pointer_is(aver_json_get(root, "~1"), "/~01");
}

static aver_bytes nested(size_t depth, const char *open, const char *inner, const char *close)
{
    struct aver_buf buf = {0};
    for (size_t i = 0; i < depth; i++) aver_buf_str(&buf, open);
    aver_buf_str(&buf, inner);
    for (size_t i = 0; i < depth; i++) aver_buf_str(&buf, close);
    aver_bytes copy = aver_arena_copy(&arena, aver_buf_view(&buf));
    aver_buf_free(&buf);
    return copy;
}

static void test_depth(void **state)
{
    (void)state;
    const struct aver_json *v;
    assert_int_equal(aver_json_parse(&v, &arena, nested(AVER_JSON_DEPTH_MAX, "[", "1", "]"), NULL), AVER_OK);
    for (size_t i = 0; i < AVER_JSON_DEPTH_MAX; i++) v = v->first;
    assert_true(bytes_are(v->text, "1"));
    struct aver_buf buf = {0};
    aver_json_pointer(&buf, v);
    assert_int_equal(buf.len, 2 * AVER_JSON_DEPTH_MAX);
    aver_buf_free(&buf);
    assert_int_equal(aver_json_parse(&v, &arena, nested(AVER_JSON_DEPTH_MAX, "{\"a\":", "[]", "}"), NULL),
                     AVER_E_LIMIT);
    struct aver_why why;
    assert_int_equal(aver_json_parse(&v, &arena, nested(AVER_JSON_DEPTH_MAX + 1, "[", "", "]"), &why),
                     AVER_E_LIMIT);
    assert_string_equal(why.code, "JSON-DEPTH");
    assert_memory_equal(why.place, "line 1, column 65, /0/0", 23);
    /* A long pointer is cut, never more than the place holds. */
    aver_bytes deep = nested(AVER_JSON_DEPTH_MAX + 1, "{\"a long name\":", "1", "}");
    assert_int_equal(aver_json_parse(&v, &arena, deep, &why), AVER_E_LIMIT);
    assert_int_equal(strlen(why.place), AVER_JSON_PLACE - 1);
}

static void test_sizes(void **state)
{
    (void)state;
    struct aver_buf buf = {0};
    struct aver_why why;
    const struct aver_json *v = NULL;
    aver_buf_reserve(&buf, AVER_JSON_BYTES_MAX + 1);
    memset(buf.ptr, ' ', AVER_JSON_BYTES_MAX + 1);
    buf.ptr[0] = '7';
    assert_int_equal(aver_json_parse(&v, &arena, aver_bytes_of(buf.ptr, AVER_JSON_BYTES_MAX), &why), AVER_OK);
    assert_int_equal(aver_json_parse(&v, &arena, aver_bytes_of(buf.ptr, AVER_JSON_BYTES_MAX + 1), &why),
                     AVER_E_LIMIT);
    assert_string_equal(why.code, "JSON-SIZE");
    /* The array itself is a value too. */
    size_t n = 0;
    for (size_t i = 0; i < AVER_JSON_NODES_MAX; i++) buf.ptr[n++] = i ? ',' : '[', buf.ptr[n++] = '1';
    buf.ptr[n++] = ']';
    assert_int_equal(aver_json_parse(&v, &arena, aver_bytes_of(buf.ptr, n), &why), AVER_E_LIMIT);
    assert_string_equal(why.code, "JSON-NODES");
    aver_arena_free(&arena);
    buf.ptr[n - 3] = ']';
    assert_int_equal(aver_json_parse(&v, &arena, aver_bytes_of(buf.ptr, n - 2), &why), AVER_OK);
    assert_int_equal(v->count, AVER_JSON_NODES_MAX - 1);
    aver_buf_free(&buf);
}

/* Names are compared by sorting once there are many: found, not found, and twice, at every size around the switch. */
static void test_many_names(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 2, 7, 8, 9, 10, 17, 1000, 100000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        unsigned n = sizes[s];
        struct aver_buf buf = {0};
        for (unsigned i = 0; i < n; i++)
            aver_buf_printf(&buf, "%c\"k%u\":%u", i ? ',' : '{', i * 7919 % 1000003, i);
        size_t open_end = buf.len;
        aver_buf_str(&buf, "}");
        const struct aver_json *v;
        assert_int_equal(aver_json_parse(&v, &arena, aver_buf_view(&buf), NULL), AVER_OK);
        assert_int_equal(v->count, n);
        for (unsigned i = 0; i < n; i++) {
            char name[16], number[16];
            snprintf(name, sizeof name, "k%u", i * 7919 % 1000003);
            snprintf(number, sizeof number, "%u", i);
            assert_true(bytes_are(aver_json_number(aver_json_get(v, name)), number));
        }
        assert_null(aver_json_get(v, "k"));
        assert_null(aver_json_get(v, "k1000003"));
        assert_null(aver_json_get(v, ""));
        /* The first of the repetitions in source order is the one named. */
        buf.len = open_end;
        aver_buf_printf(&buf, ",\n\"k%u\":1,\n\"k0\":2}", (n - 1) * 7919 % 1000003);
        struct aver_why why;
        assert_int_equal(aver_json_parse(&v, &arena, aver_buf_view(&buf), &why), AVER_E_INPUT);
        assert_string_equal(why.code, "JSON-DUPLICATE-KEY");
        assert_memory_equal(why.place, "line 2, column 1, /k", 20);
        aver_buf_free(&buf);
    }
}

/* ---- the writer ---- */

static void written(struct aver_buf *buf, const char *want)
{
    aver_buf_byte(buf, 0);
    assert_string_equal((const char *)buf->ptr, want);
    aver_buf_free(buf);
}

static void write_sample(struct aver_json_writer *w)
{
    aver_json_begin_object(w);
    aver_json_key(w, "claim");
    aver_json_put_str(w, "C-1");
    aver_json_key(w, "amounts");
    aver_json_begin_array(w);
    aver_json_put_number(w, AVER_LIT("125.50"));
    aver_json_put_int(w, INT64_MIN);
    aver_json_put_uint(w, UINT64_MAX);
    aver_json_begin_object(w);
    aver_json_end_object(w);
    aver_json_begin_array(w);
    aver_json_end_array(w);
    aver_json_end_array(w);
    aver_json_key(w, "flags");
    aver_json_begin_object(w);
    aver_json_key(w, "a");
    aver_json_put_bool(w, true);
    aver_json_key(w, "b");
    aver_json_put_bool(w, false);
    aver_json_key(w, "c");
    aver_json_put_null(w);
    aver_json_key(w, "d");
    aver_json_put_string(w, AVER_BYTES_NONE);
    aver_json_end_object(w);
    aver_json_end_object(w);
    aver_json_finish(w);
}

static void test_writer(void **state)
{
    (void)state;
    struct aver_buf buf = {0};
    struct aver_json_writer w = {.buf = &buf};
    write_sample(&w);
    written(&buf, "{\"claim\":\"C-1\",\"amounts\":[125.50,-9223372036854775808,18446744073709551615,{},[]],"
                  "\"flags\":{\"a\":true,\"b\":false,\"c\":null,\"d\":null}}");
    w = (struct aver_json_writer){.buf = &buf, .pretty = true};
    write_sample(&w);
    written(&buf, "{\n  \"claim\": \"C-1\",\n  \"amounts\": [\n    125.50,\n    -9223372036854775808,\n"
                  "    18446744073709551615,\n    {},\n    []\n  ],\n  \"flags\": {\n    \"a\": true,\n"
                  "    \"b\": false,\n    \"c\": null,\n    \"d\": null\n  }\n}\n");
}

static void string_writes(aver_bytes text, const char *want)
{
    struct aver_buf buf = {0};
    struct aver_json_writer w = {.buf = &buf};
    aver_json_put_string(&w, text);
    aver_json_finish(&w);
    written(&buf, want);
}

static void test_writer_strings(void **state)
{
    (void)state;
    string_writes(AVER_LIT(""), "\"\"");
    string_writes(AVER_LIT("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    string_writes(AVER_LIT("\0\x01\x1f\x20\x7f"), "\"\\u0000\\u0001\\u001f \x7f\"");
    string_writes(AVER_LIT("\xc3\xa9\xf0\x9d\x84\x9e"), "\"\xc3\xa9\xf0\x9d\x84\x9e\"");
    /* One replacement for each byte that is not UTF-8; what is well formed around it stays. */
    string_writes(AVER_LIT("\xff"), "\"\\ufffd\"");
    string_writes(AVER_LIT("\xc3\xa9\xc3"), "\"\xc3\xa9\\ufffd\"");
    string_writes(AVER_LIT("a\xe2\x82z\n\xe2\x82\xac"), "\"a\\ufffd\\ufffdz\\n\xe2\x82\xac\"");
    string_writes(AVER_LIT("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
}

static void test_writer_copies_a_tree(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]", "{}", "1.50", "\"a\"", "[[],[[]],{}]", "{\"a\":{\"b\":[1,{\"c\":[]},2]},\"d\":{}}", "[[[1]],2]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct aver_buf buf = {0};
        struct aver_json_writer w = {.buf = &buf};
        aver_json_put_value(&w, read_ok(texts[i]));
        aver_json_finish(&w);
        written(&buf, texts[i]);
    }
    /* A part of a tree, among other values: its own key and what follows it stay behind. */
    struct aver_buf buf = {0};
    struct aver_json_writer w = {.buf = &buf};
    aver_json_begin_array(&w);
    aver_json_put_value(&w, aver_json_get(read_ok("{\"x\":{\"y\":[1]},\"z\":2}"), "x"));
    aver_json_put_null(&w);
    aver_json_end_array(&w);
    aver_json_finish(&w);
    written(&buf, "[{\"y\":[1]},null]");
}

static void key_outside_an_object(struct aver_json_writer *w) { aver_json_key(w, "a"); }
static void value_without_a_key(struct aver_json_writer *w)
{
    aver_json_begin_object(w), aver_json_put_null(w);
}
static void wrong_end(struct aver_json_writer *w) { aver_json_begin_object(w), aver_json_end_array(w); }
static void end_of_nothing(struct aver_json_writer *w) { aver_json_end_object(w); }
static void two_values(struct aver_json_writer *w) { aver_json_put_null(w), aver_json_put_null(w); }
static void unfinished(struct aver_json_writer *w) { aver_json_begin_array(w), aver_json_finish(w); }
static void not_a_number(struct aver_json_writer *w) { aver_json_put_number(w, AVER_LIT("1.")); }

static void two_keys(struct aver_json_writer *w)
{
    aver_json_begin_object(w);
    aver_json_key(w, "a");
    aver_json_key(w, "b");
}

static void key_left_waiting(struct aver_json_writer *w)
{
    aver_json_begin_object(w);
    aver_json_key(w, "a");
    aver_json_end_object(w);
}

static void too_deep(struct aver_json_writer *w)
{
    for (int i = 0; i <= AVER_JSON_DEPTH_MAX; i++) aver_json_begin_array(w);
}

/* Each misuse stops the process; so each has a process of its own. */
static void test_writer_misuse(void **state)
{
    (void)state;
    static void (*const misuses[])(struct aver_json_writer *) = {
        key_outside_an_object,
        value_without_a_key,
        wrong_end,
        end_of_nothing,
        two_values,
        unfinished,
        not_a_number,
        two_keys,
        key_left_waiting,
        too_deep,
    };
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct rlimit no_core = {0, 0};
            setrlimit(RLIMIT_CORE, &no_core);
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr)) _exit(3);
            struct aver_buf buf = {0};
            struct aver_json_writer w = {.buf = &buf};
            misuses[i](&w);
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) fail_msg("misuse %zu went through", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_suite, forget),
        cmocka_unit_test_teardown(test_tree, forget),
        cmocka_unit_test_teardown(test_scalars_at_the_root, forget),
        cmocka_unit_test_teardown(test_strings, forget),
        cmocka_unit_test_teardown(test_numbers, forget),
        cmocka_unit_test_teardown(test_refusals, forget),
        cmocka_unit_test_teardown(test_pointers, forget),
        cmocka_unit_test_teardown(test_depth, forget),
        cmocka_unit_test_teardown(test_sizes, forget),
        cmocka_unit_test_teardown(test_many_names, forget),
        cmocka_unit_test_teardown(test_writer, forget),
        cmocka_unit_test_teardown(test_writer_strings, forget),
        cmocka_unit_test_teardown(test_writer_copies_a_tree, forget),
        cmocka_unit_test_teardown(test_writer_misuse, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
