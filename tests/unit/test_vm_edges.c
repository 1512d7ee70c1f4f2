/* tests/unit/test_vm_edges.c - the last value that is let through and the first that is not: amounts of money, roundings, splits,
 * days, sizes of texts and arguments, and gas to the unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "tests/unit/vm_host.h"

#define GAS 5000000

static struct vm_host host;

static struct aver_run run_at(const char *body, uint64_t gas)
{
    char source[4096];
    struct aver_vm *vm = NULL;
    struct aver_run run;
    struct aver_why why = {0};
    snprintf(source, sizeof source, "return {main = function(lines, n, s)\n%s\nend}", body);
    if (aver_vm_new(&vm, vm_host_setup(), "edge", aver_bytes_str(source), &why) != AVER_OK)
        fail_msg("%s %s: %s\n%s", why.code, why.place, why.text, body);
    assert_int_equal(vm_host_run(vm, &host, "main", gas, &run, &why), AVER_OK);
    aver_vm_free(vm);
    return run;
}

struct edge {
    const char *expression, *value; /* NULL: it traps */
    enum aver_trap trap;
};

static void check(const struct edge *edges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char body[512], expected[128];
        snprintf(body, sizeof body, "put(%s)", edges[i].expression);
        struct aver_run run = run_at(body, GAS);
        snprintf(expected, sizeof expected, "%s ", edges[i].value ? edges[i].value : "");
        if (run.trap != edges[i].trap || (edges[i].value && strcmp(host.log, expected) != 0))
            fail_msg("%s: wanted trap %d, %s; got %d (%s), %s", edges[i].expression, edges[i].trap, expected,
                     run.trap, run.trap_text, host.log);
        if (run.trap != AVER_TRAP_NONE) assert_int_equal(run.trap_line, 2);
    }
}
#define CHECK(edges) check(edges, sizeof edges / sizeof edges[0])

static void test_money(void **state)
{
    (void)state;
    /* An amount is below 10^13 cents, on either side of zero. */
    static const struct edge edges[] = {
        {"money.add(9999999999998, 1)", "9999999999999", AVER_TRAP_NONE},
        {"money.add(9999999999999, 1)", NULL, AVER_TRAP_RANGE},
        {"money.add(9999999999999, -9999999999999)", "0", AVER_TRAP_NONE},
        {"money.add(-9999999999999, -1)", NULL, AVER_TRAP_RANGE},
        {"money.add(10000000000000, -1)", NULL, AVER_TRAP_RANGE},
        {"money.add(9223372036854775807, 9223372036854775807)", NULL, AVER_TRAP_RANGE},
        {"money.sub(-9999999999998, 1)", "-9999999999999", AVER_TRAP_NONE},
        {"money.sub(-9999999999999, 1)", NULL, AVER_TRAP_RANGE},
        {"money.sub(0, 10000000000000)", NULL, AVER_TRAP_RANGE},
        {"money.sub(0, -9223372036854775807 - 1)", NULL, AVER_TRAP_RANGE},
        {"money.bps(9999999999999, 10000)", "9999999999999", AVER_TRAP_NONE},
        {"money.bps(9999999999999, 10001, 'down')", NULL, AVER_TRAP_RANGE},
        {"money.bps(-9999999999999, 10000)", "-9999999999999", AVER_TRAP_NONE},
        {"money.bps(-9999999999999, 10001)", NULL, AVER_TRAP_RANGE},
        {"money.bps(1, 99999999999990000)", "9999999999999", AVER_TRAP_NONE},
        {"money.bps(1, 100000000000000000)", NULL, AVER_TRAP_RANGE},
        {"money.bps(0, 9223372036854775807)", "0", AVER_TRAP_NONE},
        /* The tie, and what lies beside it, in each rounding. */
        {"money.bps(1, 4999)", "0", AVER_TRAP_NONE},
        {"money.bps(1, 5000)", "1", AVER_TRAP_NONE},
        {"money.bps(-1, 5000)", "-1", AVER_TRAP_NONE},
        {"money.bps(1, 5000, 'half_even')", "0", AVER_TRAP_NONE},
        {"money.bps(3, 5000, 'half_even')", "2", AVER_TRAP_NONE},
        {"money.bps(1, 9999, 'down')", "0", AVER_TRAP_NONE},
        {"money.bps(1, 10000, 'down')", "1", AVER_TRAP_NONE},
        {"money.bps(1, 1, 'up')", "1", AVER_TRAP_NONE},
        {"money.bps(1, 0, 'up')", "0", AVER_TRAP_NONE},
        {"money.bps(1, 1, 'Up')", NULL, AVER_TRAP_ARGUMENT},
        {"money.muldiv(9223372036854775807, 1, 1)", "9223372036854775807", AVER_TRAP_NONE},
        {"money.muldiv(9223372036854775807, 2, 2)", "9223372036854775807", AVER_TRAP_NONE},
        {"money.muldiv(9223372036854775807, 2, 1)", NULL, AVER_TRAP_RANGE},
        {"money.muldiv(-9223372036854775807 - 1, 1, 1)", "-9223372036854775808", AVER_TRAP_NONE},
        {"money.muldiv(-9223372036854775807 - 1, -1, 1)", NULL, AVER_TRAP_RANGE},
        {"money.muldiv(1, 1, 1)", "1", AVER_TRAP_NONE},
        {"money.muldiv(1, 1, 0)", NULL, AVER_TRAP_ARGUMENT},
        {"money.muldiv(1, 1, -1)", NULL, AVER_TRAP_ARGUMENT},
        {"money.split(9999999999999, {1})[1]", "9999999999999", AVER_TRAP_NONE},
        {"money.split(10000000000000, {1})[1]", NULL, AVER_TRAP_RANGE},
        {"#money.split(1, {0, 1})", "2", AVER_TRAP_NONE},
        {"#money.split(1, {0, 0})", NULL, AVER_TRAP_RANGE},
        {"#money.split(1, {-1, 2})", NULL, AVER_TRAP_ARGUMENT},
        {"math.abs(-9223372036854775807)", "9223372036854775807", AVER_TRAP_NONE},
        {"math.abs(-9223372036854775807 - 1)", NULL, AVER_TRAP_RANGE},
    };
    CHECK(edges);
}

static void test_splits_are_exact(void **state)
{
    (void)state;
    struct aver_run run =
        run_at("local w = {} for i = 1, 256 do w[i] = i * 7919 % 97\n"
               "for k = 0, 2 do local cents, sum = (k - 1) * (i * 104729 + 1), 0\n"
               "for share, at in each(money.split(cents, w[1] == 0 and {1} or w)) do sum = sum + share end\n"
               "if sum ~= cents then fail('a cent is lost') end end end put('exact')",
               AVER_VM_GAS_LIMIT_MAX * 20);
    assert_int_equal(run.trap, AVER_TRAP_NONE);
    assert_string_equal(host.log, "exact ");
    run = run_at("local w = {} for i = 1, 257 do w[i] = 1 end money.split(1, w)", GAS);
    assert_int_equal(run.trap, AVER_TRAP_ARGUMENT);
}

static void test_days(void **state)
{
    (void)state;
    static const struct edge edges[] = {
        {"date.text(date.of('0001-01-01'))", "0001-01-01", AVER_TRAP_NONE},
        {"date.text(date.of('9999-12-31'))", "9999-12-31", AVER_TRAP_NONE},
        {"date.text(date.of('0001-01-01') - 1)", NULL, AVER_TRAP_ARGUMENT},
        {"date.text(date.of('9999-12-31') + 1)", NULL, AVER_TRAP_ARGUMENT},
        {"date.of('0000-12-31')", NULL, AVER_TRAP_ARGUMENT},
        {"date.of('10000-01-01')", NULL, AVER_TRAP_ARGUMENT},
        {"date.text(date.of('2024-02-29'))", "2024-02-29", AVER_TRAP_NONE},
        {"date.of('2023-02-29')", NULL, AVER_TRAP_ARGUMENT},
        {"date.of('2100-02-29')", NULL, AVER_TRAP_ARGUMENT},
        {"date.text(date.of('2000-02-29'))", "2000-02-29", AVER_TRAP_NONE},
        {"date.text(date.add_months(date.of('9999-11-30'), 1))", "9999-12-30", AVER_TRAP_NONE},
        {"date.add_months(date.of('9999-12-01'), 1)", NULL, AVER_TRAP_RANGE},
        {"date.add_months(date.of('0001-01-31'), -1)", NULL, AVER_TRAP_RANGE},
        {"date.text(date.add_months(date.of('2024-01-31'), 1))", "2024-02-29", AVER_TRAP_NONE},
        {"date.text(date.add_months(date.of('0001-01-01'), 119987))", "9999-12-01", AVER_TRAP_NONE},
        {"date.add_months(date.of('0001-01-01'), 119988)", NULL, AVER_TRAP_RANGE},
        {"date.add_months(date.of('0001-01-01'), 9223372036854775807)", NULL, AVER_TRAP_RANGE},
        {"date.years_between(date.of('0001-01-01'), date.of('9999-12-31'))", "9998", AVER_TRAP_NONE},
        {"date.years_between(date.of('2000-03-01'), date.of('2026-02-28'))", "25", AVER_TRAP_NONE},
        {"date.years_between(date.of('2000-03-01'), date.of('2026-03-01'))", "26", AVER_TRAP_NONE},
        {"date.years_between(date.of('2026-03-02'), date.of('2026-03-01'))", NULL, AVER_TRAP_ARGUMENT},
    };
    CHECK(edges);
}

static void test_sizes(void **state)
{
    (void)state;
#define LONG "local s = 'x' for i = 1, 12 do s = s .. s end " /* as long as a text may be */
    static const struct {
        const char *body;
        enum aver_trap trap;
    } sizes[] = {
        {LONG "s = s .. ''", AVER_TRAP_NONE},
        {LONG "s = s .. 'x'", AVER_TRAP_RANGE},
        {LONG "s = 1 .. s", AVER_TRAP_RANGE},
        {LONG "s = str.upper(s) s = str.sub(s, 4096) if s ~= 'X' then fail() end", AVER_TRAP_NONE},
        {LONG "if str.sub(s, 4097) ~= '' or str.find(s, s) ~= 1 or str.find(s, s .. '') ~= 1 then fail() end",
         AVER_TRAP_NONE},
        {"local x = str.sub('abc', 0)", AVER_TRAP_ARGUMENT},
        {"local x = str.sub('abc', 1, -1)", AVER_TRAP_ARGUMENT},
        {"local x = math.max(1, 2, 3, 4, 5, 6, 7, 8)", AVER_TRAP_NONE},
        {"local x = math.max(1, 2, 3, 4, 5, 6, 7, 8, 9)", AVER_TRAP_ARGUMENT},
        {"local x = big().text", AVER_TRAP_NONE},
        {"local x = big().longer", AVER_TRAP_RANGE},
        {"local x = big()[1000000] + 1", AVER_TRAP_NONE},
        {"local x = big()[1000001] + 1", AVER_TRAP_ERROR},
        {"local x = big()[0]", AVER_TRAP_NONE},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct aver_run run = run_at(sizes[i].body, GAS);
        if (run.trap != sizes[i].trap) fail_msg("%s: trap %d, %s", sizes[i].body, run.trap, run.trap_text);
    }
}

/* Whatever it does: with one gas less than it takes it is out of gas, with as much or more it ends as it does, and takes the same. */
static void test_gas_to_the_unit(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "local x = n + n * n - n",
        "for i = 1, 1000 do local x = i * i end",
        "for i = 1, 1000 do put(i) end",
        "local i = 0 while i < 500 do i = i + 1 if i % 7 == 0 then put(i) end end",
        "local function f(k) if k > 0 then return f(k - 1) + n end return 0 end put(f(100))",
        "local t = {} for i = 1, 200 do t[i] = {i, text(i), k = i} end for v in each(t) do put(v[1], v.k) end",
        "local t = {} for i = 1, 100 do t['k' .. i] = -i end for k, v in sorted_pairs(t) do put(k, v) end",
        "local t = {} for i = 1, 100 do t[i] = i * 37 % 101 end put(sort(t)[1], sort(t, t)[100])",
        "for l in each(lines) do l:adjust('PR', l.charge) put(l.procedure) end",
        "put(money.split(100, {1, 2, 3})[1], money.bps(999, 2000), date.text(date.of('2026-03-01')))",
        "put(str.find(s, 'v'), str.upper(s), str.compare(s, 'x'), #s)",
        "local t = {1, 2, 3} t[2] = nil t.x = 1 t.x = nil t.y = 2 put(#t, #lines)",
        "fail('no')",
        "local x = nil + 1",
        "local x = {} x[{}] = 1",
        "local x = 9223372036854775807 x = x + n",
        "local function f() return f() end f()",
        "put(big().text) local x = big().longer",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct aver_run whole = run_at(bodies[i], GAS);
        uint64_t hash = host.log_hash;
        assert_true(whole.trap != AVER_TRAP_GAS && whole.gas_used > 0);
        for (uint64_t more = 0; more < 3; more++) {
            struct aver_run run = run_at(bodies[i], whole.gas_used + more);
            assert_int_equal(run.trap, whole.trap);
            assert_int_equal(run.trap_line, whole.trap_line);
            assert_int_equal(run.gas_used, whole.gas_used);
            assert_true(host.log_hash == hash);
        }
        for (uint64_t less = 1; less < 40 && less <= whole.gas_used; less++) {
            struct aver_run run = run_at(bodies[i], whole.gas_used - less);
            if (run.trap != AVER_TRAP_GAS || run.gas_used != whole.gas_used - less)
                fail_msg("%s: with %d less: trap %d, gas %d", bodies[i], (int)less, run.trap,
                         (int)run.gas_used);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_money), cmocka_unit_test(test_splits_are_exact), cmocka_unit_test(test_days),
        cmocka_unit_test(test_sizes), cmocka_unit_test(test_gas_to_the_unit),
    };
    aver_crypto_start();
    return cmocka_run_group_tests_name("vm_edges", tests, NULL, NULL);
}
