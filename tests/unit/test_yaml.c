/* tests/unit/test_yaml.c - the strict YAML reader: what it reads, what it refuses and where, and that no input, of the YAML
 * test suite or made to be slow, does it harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <string.h>
#include <time.h>

#include "adapters/yaml.h"
#include "tests/unit/data.h"

static struct aver_arena arena;

static int clean(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static struct aver_yaml_node *good(const char *text)
{
    struct aver_yaml_node *root = NULL;
    struct aver_why why = {0};
    if (aver_yaml_read(&root, "t.yaml", aver_bytes_str(text), &arena, &why) != AVER_OK)
        fail_msg("%s: %s %s %s", text, why.code, why.place, why.text);
    return root;
}

static void bad_bytes(aver_bytes in, const char *code, const char *place)
{
    struct aver_yaml_node *root = NULL;
    struct aver_why why = {0};
    assert_int_equal(aver_yaml_read(&root, "t.yaml", in, &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, code);
    assert_string_equal(why.place, place);
    assert_true(why.text[0] != 0);
    assert_int_equal(aver_yaml_read(&root, "t.yaml", in, &arena, NULL), AVER_E_INPUT);
}

static void bad(const char *text, const char *code, const char *place)
{
    bad_bytes(aver_bytes_str(text), code, place);
}

static const struct aver_yaml_node *at(const struct aver_yaml_node *n, const char *key)
{
    n = aver_yaml_child(n, aver_bytes_str(key));
    assert_non_null(n);
    return n;
}

static void test_reads(void **state)
{
    (void)state;
    const struct aver_yaml_node *r =
        good("# words\nplan:\n  id: a\n  days: [\"1\", 2,\n    '3']\n  none:\n  text: |\n    x\n    y\n");
    const struct aver_yaml_node *plan = at(r, "plan"), *id = at(plan, "id"), *days = at(plan, "days");
    assert_int_equal(r->kind, AVER_YAML_MAP);
    assert_int_equal(plan->count, 4);
    assert_int_equal(plan->key_line, 2);
    assert_int_equal(plan->line, 3);
    assert_int_equal(plan->column, 3);
    assert_true(aver_bytes_is(id->text, "a"));
    assert_true(id->plain);
    assert_int_equal(id->line, 3);
    assert_int_equal(id->column, 7);
    assert_int_equal(days->count, 3);
    assert_false(days->first->plain);
    assert_true(days->first->next->plain);
    assert_true(aver_bytes_is(days->first->next->next->text, "3"));
    assert_int_equal(days->first->next->next->line, 5);
    assert_int_equal(days->first->next->next->column, 5);
    assert_non_null(at(plan, "none")->text.ptr);
    assert_int_equal(at(plan, "none")->text.len, 0);
    assert_true(aver_bytes_is(at(plan, "text")->text, "x\ny\n"));
    assert_false(at(plan, "text")->plain);
    assert_null(aver_yaml_child(r, AVER_LIT("plans")));
    assert_null(aver_yaml_child(id, AVER_LIT("plans")));
    assert_null(aver_yaml_child(NULL, AVER_LIT("plans")));
}

/* YAML 1.1 makes false of no, 511 of 0777, 685230 of 190:20:30 and a float of 1e3: here text stays text. */
static void test_scalars_stay_text(void **state)
{
    (void)state;
    static const char *const words[] = {"no",   "0777",       "190:20:30", "1e3", "~",
                                        "null", "2026-01-01", "12.50",     "=",   ".inf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[64];
        snprintf(text, sizeof text, "k: %s\n", words[i]);
        assert_true(aver_bytes_is(at(good(text), "k")->text, words[i]));
    }
    assert_true(aver_bytes_is(good("alone")->text, "alone"));
    assert_true(aver_bytes_is(at(good("\xef\xbb\xbfk: v"), "k")->text, "v"));
    assert_true(aver_bytes_is(at(good("k: \"a\\tb\\u00e9\""), "k")->text, "a\tb\xc3\xa9"));
    assert_int_equal(at(good("\xc3\xa9: v"), "\xc3\xa9")->column, 4);
}

static void test_refuses(void **state)
{
    (void)state;
    bad("", "YAML-EMPTY", "t.yaml:1:1");
    bad("# only words\n", "YAML-EMPTY", "t.yaml:1:1");
    bad("---\n", "YAML-EMPTY", "t.yaml:1:1");
    bad("a: 1\n---\nb: 2\n", "YAML-DOCUMENTS", "t.yaml:2:1");
    bad("%YAML 1.1\n---\na: 1\n", "YAML-DIRECTIVE", "t.yaml:1:1");
    bad("%TAG ! tag:x,2000:\n---\na: 1\n", "YAML-DIRECTIVE", "t.yaml:1:1");
    bad("a: &x 1\n", "YAML-ANCHOR", "t.yaml:1:4");
    bad("a: &x {b: 1}\n", "YAML-ANCHOR", "t.yaml:1:4");
    bad("a: 1\nb: *x\n", "YAML-ALIAS", "t.yaml:2:4");
    bad("a: !!str 1\n", "YAML-TAG", "t.yaml:1:4");
    bad("a: ! 1\n", "YAML-TAG", "t.yaml:1:4");
    bad("a: !x [1]\n", "YAML-TAG", "t.yaml:1:4");
    bad("a:\n  <<: {b: 1}\n", "YAML-MERGE", "t.yaml:2:3");
    bad("a: 1\nb: 2\na: 3\n", "YAML-DUPLICATE", "t.yaml:3:1");
    bad("{a: 1, b: 2, \"a\": 3}\n", "YAML-DUPLICATE", "t.yaml:1:14");
    bad("[a]: 1\n", "YAML-KEY", "t.yaml:1:1");
    bad("? {a: 1}\n: 1\n", "YAML-KEY", "t.yaml:1:3");
    bad("\"\": 1\n", "YAML-KEY", "t.yaml:1:1");
    bad("a: \"\\0\"\n", "YAML-CONTROL", "t.yaml:1:4");
    bad("a: [1, 2\n", "YAML-SYNTAX", "t.yaml:2:1");
    bad("a: b: c\n", "YAML-SYNTAX", "t.yaml:1:5");
    bad("a:\n\tb: 1\n", "YAML-SYNTAX", "t.yaml:2:1");
    bad("a: 1\nb: \xff\n", "YAML-UTF8", "t.yaml:2:1");
    bad_bytes(aver_bytes_of("a\0b", 3), "YAML-SYNTAX", "t.yaml:1:1");
    bad_bytes(aver_bytes_of("\xff\xfe"
                            "a\0",
                            4),
              "YAML-UTF8", "t.yaml:1:1");
}

static void test_merge_word_in_quotes_is_a_key(void **state)
{
    (void)state;
    assert_true(aver_bytes_is(at(good("\"<<\": 1"), "<<")->text, "1"));
}

static void nest(struct aver_buf *b, const char *open, const char *close, size_t n)
{
    b->len = 0;
    for (size_t i = 0; i < n; i++) aver_buf_str(b, open);
    aver_buf_str(b, "x");
    for (size_t i = 0; i < n; i++) aver_buf_str(b, close);
}

static void test_depth(void **state)
{
    (void)state;
    static const char *const forms[][2] = {{"[", "]"}, {"{a: ", "}"}, {"- ", ""}, {"? - ", ""}};
    struct aver_buf b = {0};
    for (size_t i = 0; i < 3; i++) {
        struct aver_yaml_node *root;
        nest(&b, forms[i][0], forms[i][1], AVER_YAML_DEPTH_MAX);
        assert_int_equal(aver_yaml_read(&root, "t.yaml", aver_buf_view(&b), &arena, NULL), AVER_OK);
        nest(&b, forms[i][0], forms[i][1], AVER_YAML_DEPTH_MAX + 1);
        struct aver_why why;
        assert_int_equal(aver_yaml_read(&root, "t.yaml", aver_buf_view(&b), &arena, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "YAML-DEPTH");
    }
    aver_buf_free(&b);
}

/* Inputs at the size cap that are quadratic in libyaml 0.2.5 when it is let run: 80 kB of '[' take it 8.7 seconds. */
static void test_slow_inputs(void **state)
{
    (void)state;
    static const char *const units[] = {"[",      "{",      "[[],",   "{a: ",   "- ",     "? ",     "[?",
                                        "-\n",    "a: [\n", "\n",     "#",      "[a, ",   "\"",     "'",
                                        "a ",     "&a ",    "!a ",    ": ",     "{? a, ", "[a:",    "[\n ",
                                        "a: 1\n", "[]\n",   "- - - ", "a\n\n ", "|\n ",   "[\"a\","};
    struct aver_buf b = {0};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        b.len = 0;
        size_t len = strlen(units[i]);
        while (b.len + len <= AVER_YAML_BYTES_MAX) aver_buf_str(&b, units[i]);
        struct aver_yaml_node *root;
        clock_t from = clock();
        (void)!aver_yaml_read(&root, "t.yaml", aver_buf_view(&b), &arena, NULL);
        double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
        if (getenv("AVER_TEST_TIMES")) print_message("%-8s %.3f s\n", units[i], seconds);
        if (seconds > 2) fail_msg("\"%s\" took %.1f s", units[i], seconds);
        aver_arena_reset(&arena);
    }
    b.len = 0;
    for (size_t i = 0; i < 20000; i++) aver_buf_printf(&b, "k%zu: v\n", i);
    struct aver_yaml_node *root;
    assert_int_equal(aver_yaml_read(&root, "t.yaml", aver_buf_view(&b), &arena, NULL), AVER_OK);
    assert_int_equal(root->count, 20000);
    aver_buf_free(&b);
}

static void test_size(void **state)
{
    (void)state;
    struct aver_buf b = {0};
    aver_buf_str(&b, "a: 1\n#");
    while (b.len < AVER_YAML_BYTES_MAX) aver_buf_byte(&b, 'x');
    struct aver_yaml_node *root;
    assert_int_equal(aver_yaml_read(&root, "t.yaml", aver_buf_view(&b), &arena, NULL), AVER_OK);
    aver_buf_byte(&b, 'x');
    bad_bytes(aver_buf_view(&b), "YAML-SIZE", "t.yaml:1:1");
    aver_buf_free(&b);
}

/* The suite writes what cannot be seen with signs of its own: an open box for a space, guillemets and dashes for tabs,
 * and so on (its ReadMe). */
static aver_bytes unescape(aver_bytes in)
{
    static const struct {
        const char *sign, *means;
    } signs[] = {{"\xe2\x90\xa3", " "},
                 {"\xe2\x86\xb5", ""},
                 {"\xe2\x88\x8e", ""},
                 {"\xe2\x86\x90", "\r"},
                 {"\xe2\x87\x94", "\xef\xbb\xbf"},
                 {"\xc2\xbb", "\t"},
                 {"\xe2\x80\x94", ""}};
    struct aver_buf b = {0};
    bool no_newline = false;
    for (size_t i = 0; i < in.len;) {
        size_t s = 0, n = sizeof signs / sizeof *signs;
        for (; s < n; s++) {
            size_t len = strlen(signs[s].sign);
            if (in.len - i >= len && memcmp(in.ptr + i, signs[s].sign, len) == 0) break;
        }
        if (s == n) {
            aver_buf_byte(&b, in.ptr[i++]);
            continue;
        }
        no_newline |= s == 2;
        aver_buf_str(&b, signs[s].means);
        i += strlen(signs[s].sign);
    }
    if (no_newline && b.len && b.ptr[b.len - 1] == '\n') b.len--;
    aver_bytes copy = aver_arena_copy(&arena, b.len ? aver_buf_view(&b) : AVER_LIT(""));
    aver_buf_free(&b);
    return copy;
}

static void test_yaml_test_suite(void **state)
{
    (void)state;
    const char *dir = data_path(&arena, "vectors/yaml-test-suite/src");
    struct {
        const char *code;
        size_t want, count;
    } codes[] = {{"read", 180, 0},         {"YAML-SYNTAX", 122, 0},   {"YAML-EMPTY", 3, 0},
                 {"YAML-DOCUMENTS", 9, 0}, {"YAML-DIRECTIVE", 19, 0}, {"YAML-ANCHOR", 30, 0},
                 {"YAML-TAG", 26, 0},      {"YAML-KEY", 16, 0},       {"YAML-CONTROL", 1, 0}};
    size_t codes_count = sizeof codes / sizeof *codes, files = 0, cases = 0, read_but_should_fail = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (!strstr(e->d_name, ".yaml")) continue;
        files++;
        struct aver_yaml_node *file;
        struct aver_why why;
        /* The suite's own files are YAML that the reader takes. */
        aver_bytes in = data_file(&arena, aver_arena_printf(&arena, "%s/%s", dir, e->d_name));
        if (aver_yaml_read(&file, e->d_name, in, &arena, &why) != AVER_OK)
            fail_msg("%s %s", why.place, why.text);
        assert_int_equal(file->kind, AVER_YAML_LIST);
        const struct aver_yaml_node *yaml = NULL;
        bool fails = false;
        for (const struct aver_yaml_node *t = file->first; t; t = t->next) {
            const struct aver_yaml_node *own = aver_yaml_child(t, AVER_LIT("yaml"));
            if (own) yaml = own, fails = false; /* later cases of a file repeat what they do not change */
            if (aver_yaml_child(t, AVER_LIT("fail"))) fails = true;
            if (!own) continue;
            cases++;
            struct aver_yaml_node *root;
            why = (struct aver_why){0};
            aver_err err = aver_yaml_read(&root, "case", unescape(yaml->text), &arena, &why);
            assert_true(err == AVER_OK || err == AVER_E_INPUT);
            const char *code = err == AVER_OK ? "read" : why.code;
            size_t i = 0;
            while (i < codes_count && strcmp(codes[i].code, code) != 0) i++;
            if (i == codes_count) fail_msg("%s: %s", e->d_name, code);
            codes[i].count++;
            if (err == AVER_OK && fails) read_but_should_fail++;
        }
    }
    closedir(d);
    assert_int_equal(files, 351);
    assert_int_equal(cases, 406);
    /* What libyaml 0.2.5 reads though the suite says it should not: none gives a value another meaning. */
    assert_int_equal(read_but_should_fail, 11);
    for (size_t i = 0; i < codes_count; i++)
        if (codes[i].count != codes[i].want)
            fail_msg("%s: %zu cases, pinned at %zu", codes[i].code, codes[i].count, codes[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_reads, clean),
        cmocka_unit_test_teardown(test_scalars_stay_text, clean),
        cmocka_unit_test_teardown(test_refuses, clean),
        cmocka_unit_test_teardown(test_merge_word_in_quotes_is_a_key, clean),
        cmocka_unit_test_teardown(test_depth, clean),
        cmocka_unit_test_teardown(test_slow_inputs, clean),
        cmocka_unit_test_teardown(test_size, clean),
        cmocka_unit_test_teardown(test_yaml_test_suite, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
