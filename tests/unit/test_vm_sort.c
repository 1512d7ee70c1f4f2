/* tests/unit/test_vm_sort.c - sort and sorted_pairs: the order is the stable one for every length and every kind of input, what it
 * costs is known and paid first, and what cannot be compared is told so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "tests/unit/rng.h"
#include "tests/unit/vm_host.h"
#include "vm/gas.h"

#define GAS 5000000

static struct vm_host host;
static struct aver_buf source;

static struct aver_vm *load(const char *text)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    if (aver_vm_new(&vm, vm_host_setup(), "sort", aver_bytes_str(text), &why) != AVER_OK)
        fail_msg("%s %s: %s\n%s", why.code, why.place, why.text, text);
    return vm;
}

static struct aver_run run_with(struct aver_vm *vm, uint64_t gas)
{
    struct aver_run run;
    struct aver_why why = {0};
    assert_int_equal(vm_host_run(vm, &host, "main", gas, &run, &why), AVER_OK);
    return run;
}

/* What the body does; its log is in `host`. */
static struct aver_run run_body(const char *body)
{
    source.len = 0;
    aver_buf_printf(&source, "return {main = function(lines, n, s)\n%s\nend}", body);
    aver_buf_byte(&source, 0);
    struct aver_vm *vm = load((const char *)source.ptr);
    struct aver_run run = run_with(vm, GAS);
    aver_vm_free(vm);
    return run;
}

static void writes(const char *body, const char *expected)
{
    struct aver_run run = run_body(body);
    if (run.trap != AVER_TRAP_NONE) fail_msg("%s\n%s", body, run.trap_text);
    assert_string_equal(host.log, expected);
}

static void traps(const char *body, enum aver_trap trap, const char *words)
{
    struct aver_run run = run_body(body);
    if (run.trap != trap || !strstr(run.trap_text, words))
        fail_msg("%s\nwanted trap %d, %s\ngot %d: %s", body, trap, words, run.trap, run.trap_text);
    assert_int_equal(run.trap_line, 2);
}

static void test_what_it_gives(void **state)
{
    (void)state;
    writes("for v in each(sort({3, -1, 2, 9223372036854775807, -9223372036854775807, 2})) do put(v) end",
           "-9223372036854775807 -1 2 2 3 9223372036854775807 ");
    writes("for v in each(sort({'b', 'a', '', 'ab', 'B', 'a\\1', '\\255'})) do put(v) end",
           " B a a\1 ab b \xff ");
    /* By the fee, the greatest first, and as filed where fees are equal. */
    writes("local fees = {} for l, i in each(lines) do fees[i] = -l.charge end "
           "for l, rank in each(sort(lines, fees)) do put(rank, l.procedure) end",
           "1 70553 2 99213 3 97110 ");
    writes("for v in each(sort({'a', 'b', 'c', 'd', 'e'}, {1, 0, 1, 0, 1})) do put(v) end", "b d a c e ");
    /* By two keys: by the last one first. */
    writes("local t = {{2, 'x'}, {1, 'y'}, {2, 'w'}, {1, 'z'}} local function by(list, k) local keys = {} "
           "for v, i in each(list) do keys[i] = v[k] end return sort(list, keys) end "
           "for v in each(by(by(t, 2), 1)) do put(v[1], v[2]) end",
           "1 y 1 z 2 w 2 x ");
    /* The list stays as it was; what is given is a list of its own. */
    writes("local t = {3, 1, 2} local u = sort(t) u[4] = 9 put(t[1], #t, u[1], #u, #sort({}), #sort({}, {}))",
           "3 3 1 4 0 0 ");
    /* Items before the first gap; keys that are no list are no items. */
    writes("local t = {2, 1, x = 7} t[5] = 0 put(#sort(t), sort(t)[1])", "2 1 ");
    /* Anything can be an item. */
    writes("local t = {len, {}, 'x', true} put(sort(t, {4, 3, 2, 1})[1], sort(t, {1, 2, 3, 4})[3])",
           "true x ");
    writes("for k in sorted_pairs({10, 20, b = 1, a = 2, [-3] = 4}) do put(k) end", "-3 1 2 a b ");
}

static void test_what_it_refuses(void **state)
{
    (void)state;
    traps("sort({1, 'x'})", AVER_TRAP_ARGUMENT, "item 2 of \"list\"");
    traps("sort({'x', 1})", AVER_TRAP_ARGUMENT, "all integers or all strings");
    traps("sort({true})", AVER_TRAP_ARGUMENT, "item 1");
    traps("sort({{}})", AVER_TRAP_ARGUMENT, "item 1");
    traps("sort(lines)", AVER_TRAP_ARGUMENT, "item 1");
    traps("sort({1, 2}, {1, 'x'})", AVER_TRAP_ARGUMENT, "item 2 of \"keys\"");
    traps("sort({1, 2}, {1})", AVER_TRAP_ARGUMENT, "2 items and 1 keys");
    traps("sort(lines, {1, 2, 3, 4})", AVER_TRAP_ARGUMENT, "3 items and 4 keys");
    traps("sort({1}, nil)", AVER_TRAP_ARGUMENT, "\"keys\"");
    traps("sort({1}, lines)", AVER_TRAP_ARGUMENT, "\"keys\"");
    traps("sort(7)", AVER_TRAP_ARGUMENT, "\"list\"");
    traps("sort('abc')", AVER_TRAP_ARGUMENT, "\"list\"");
    traps("sort(lines[1], {})", AVER_TRAP_ARGUMENT, "\"list\"");
    traps("sort()", AVER_TRAP_ARGUMENT, "arguments");
    traps("sort({}, {}, {})", AVER_TRAP_ARGUMENT, "arguments");
    /* There is no function to compare by: so none that fails, lies or never ends. */
    traps("sort({1, 2}, function(a, b) return a < b end)", AVER_TRAP_ARGUMENT, "is a function");
}

/* What a stable sort is: the places of the keys, in the order of the keys, and of their places where keys are equal. */
static void check_order(int length, int different, int shape, uint64_t *r)
{
    int64_t keys[400];
    if (different <= length / 150) different = length / 150 + 1; /* a function has few different numbers */
    source.len = 0;
    aver_buf_str(&source, "local k = {");
    for (int i = 0; i < length; i++) {
        keys[i] = shape == 0   ? (int64_t)(rng_next(r) % (uint64_t)different) - different / 2
                  : shape == 1 ? i / different
                  : shape == 2 ? -(i / different)
                               : (i % 2 ? i : -i) / different;
        aver_buf_printf(&source, "%" PRId64 ",", keys[i]);
    }
    aver_buf_str(&source, "} local t = {} for i = 1, #k do t[i] = i end\n"
                          "return {main = function() for v in each(sort(t, k)) do put(v) end end}");
    aver_buf_byte(&source, 0);
    struct vm_host expected = {.log_hash = UINT64_C(0xcbf29ce484222325)};
    int order[400];
    for (int i = 0; i < length; i++) {
        int at = i;
        for (; at > 0 && keys[order[at - 1]] > keys[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < length; i++) {
        char number[16];
        vm_host_write(&expected, number, (size_t)snprintf(number, sizeof number, "%d ", order[i] + 1));
    }
    struct aver_vm *vm = load((const char *)source.ptr);
    assert_int_equal(run_with(vm, GAS).trap, AVER_TRAP_NONE);
    assert_true(host.log_hash == expected.log_hash);
    aver_vm_free(vm);
}

static void test_every_length_is_stable(void **state)
{
    uint64_t r = 7;
    (void)state;
    for (int length = 0; length <= 70; length++)
        for (int shape = 0; shape < 4; shape++) check_order(length, 1 + length / 3, shape, &r);
    for (int i = 0; i < 100; i++)
        check_order((int)(rng_next(&r) % 400), 1 + (int)(rng_next(&r) % 50), (int)(rng_next(&r) % 4), &r);
}

/* The gas of sort over n keys of `bytes` bytes is what the table of prices says, and it is taken before the work. */
static void test_the_price(void **state)
{
    (void)state;
    struct aver_vm *vm =
        load("local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1000 end\n"
             "local u = {} for i = 1, 300 do u[i] = 'the same beginning of a text ' .. i end\n"
             "return {main = function() local x = sort(t) end,\n"
             "texts = function() local x = sort(u) end,\n"
             "none = function() local x = len(t) end}");
    struct aver_why why = {0};
    struct aver_run none, texts, run = run_with(vm, GAS);
    assert_int_equal(run.trap, AVER_TRAP_NONE);
    assert_int_equal(vm_host_run(vm, &host, "none", GAS, &none, &why), AVER_OK);
    assert_int_equal(vm_host_run(vm, &host, "texts", GAS, &texts, &why), AVER_OK);
    /* 2^9 < 1000 < 2^10; 35 is the difference of the functions' own prices. */
    assert_int_equal(run.gas_used - none.gas_used, 35 + 1000 * (GAS_SORTED + 10));
    /* 2^8 < 300 < 2^9; 9 texts of 30 bytes, 90 of 31, 201 of 32. */
    assert_int_equal(texts.gas_used - none.gas_used,
                     35 + 300 * (GAS_SORTED + 9) + (9 * 30 + 90 * 31 + 201 * 32) * 9 / GAS_STRING_BYTES);
    assert_int_equal(run_with(vm, run.gas_used - 1).trap, AVER_TRAP_GAS);
    assert_int_equal(run_with(vm, run.gas_used).trap, AVER_TRAP_NONE);
    assert_int_equal(run_with(vm, run.gas_used + 1).gas_used, run.gas_used);
    aver_vm_free(vm);
}

static int end(void **state)
{
    (void)state;
    aver_buf_free(&source);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_gives),
        cmocka_unit_test(test_what_it_refuses),
        cmocka_unit_test(test_every_length_is_stable),
        cmocka_unit_test(test_the_price),
    };
    aver_crypto_start();
    return cmocka_run_group_tests_name("vm_sort", tests, NULL, end);
}
