/* tests/unit/test_vm.c - what contracts can do, what stops them, and that nothing of one run reaches another.
 * Called with --gas the program prints the gas of some awkward contracts and ends: one test compares what it prints
 * in processes with other environments, addresses and stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "tests/unit/rng.h"
#include "vm/vm.h"

/* ---- a host ---- */

struct host {
    char log[2048];
    uint64_t lines[AVER_VM_CALL_LINES_MAX];
    size_t lines_count;
    int64_t paid;
};

struct line {
    int64_t charge;
    const char *procedure;
};
static struct line claim_lines[] = {{15000, "99213"}, {12000, "97110"}, {250000, "70553"}};
#define CLAIM_LINES (sizeof claim_lines / sizeof claim_lines[0])

static enum aver_trap line_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    struct line *l = self;
    (void)host;
    if (aver_bytes_is(field, "charge"))
        *out = aver_int(l->charge);
    else if (aver_bytes_is(field, "procedure"))
        *out = aver_text(aver_bytes_str(l->procedure));
    else if (aver_bytes_is(field, "modifier"))
        *out = aver_nil();
    else if (aver_bytes_is(field, "other_family"))
        return AVER_TRAP_FAMILY;
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}

static enum aver_trap line_adjust(struct aver_call *call)
{
    struct host *h = call->host;
    struct line *l = call->self.self;
    assert_true(l >= claim_lines && l < claim_lines + CLAIM_LINES);
    if (call->argc < 2 || call->args[0].kind != AVER_TEXT || call->args[1].kind != AVER_INT)
        return AVER_TRAP_ARGUMENT;
    if (call->args[1].integer > l->charge) {
        aver_call_say(call, "more than the charge");
        return AVER_TRAP_RULE;
    }
    if (call->args[2].kind == AVER_TABLE) {
        struct aver_value rarc = aver_call_field(call, &call->args[2], "rarc");
        struct aver_value second = aver_call_item(call, &rarc, 2), third = aver_call_item(call, &rarc, 3);
        assert_int_equal(second.kind, AVER_TEXT);
        assert_int_equal(third.kind, AVER_NIL);
        assert_int_equal(aver_call_field(call, &call->args[2], "none").kind, AVER_NIL);
        snprintf(h->log, sizeof h->log, "%.*s", AVER_STR(second.text));
    }
    h->paid += call->args[1].integer;
    h->lines_count = aver_call_lines(call, h->lines, AVER_VM_CALL_LINES_MAX);
    return AVER_TRAP_NONE;
}

static const struct aver_function line_methods[] = {
    {"adjust", line_adjust, 20, "fun(group: string, cents: integer, more?: table)", NULL},
};
static const char *const line_fields[] = {"charge integer", "procedure string"};
static const struct aver_object_type line_type = {.name = "Line",
                                                  .get = line_get,
                                                  .methods = line_methods,
                                                  .methods_count = 1,
                                                  .fields = line_fields,
                                                  .fields_count = 2};

static enum aver_trap lines_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    (void)host;
    (void)self;
    if (i <= CLAIM_LINES) *out = aver_obj(&line_type, &claim_lines[i - 1]);
    return AVER_TRAP_NONE;
}
static uint64_t lines_length(void *host, void *self)
{
    (void)host;
    (void)self;
    return CLAIM_LINES;
}
static const struct aver_object_type lines_type = {
    .name = "Lines", .index = lines_index, .length = lines_length};

static enum aver_trap host_log(struct aver_call *call)
{
    struct host *h = call->host;
    size_t n = strlen(h->log);
    for (int i = 0; i < call->argc; i++) {
        const struct aver_value *v = &call->args[i];
        switch (v->kind) {
        case AVER_NIL: n += (size_t)snprintf(h->log + n, sizeof h->log - n, "nil "); break;
        case AVER_BOOL:
            n += (size_t)snprintf(h->log + n, sizeof h->log - n, v->boolean ? "true " : "false ");
            break;
        case AVER_INT:
            n += (size_t)snprintf(h->log + n, sizeof h->log - n, "%" PRId64 " ", v->integer);
            break;
        case AVER_TEXT:
            n += (size_t)snprintf(h->log + n, sizeof h->log - n, "%.*s ", AVER_STR(v->text));
            break;
        case AVER_OBJECT:
            n += (size_t)snprintf(h->log + n, sizeof h->log - n, "<%s> ", v->object.type->name);
            break;
        case AVER_TABLE: n += (size_t)snprintf(h->log + n, sizeof h->log - n, "table "); break;
        }
        if (n > sizeof h->log - 200) fail_msg("the log is full");
    }
    return AVER_TRAP_NONE;
}

static enum aver_trap host_work(struct aver_call *call)
{
    aver_call_charge(call, (uint64_t)call->args[0].integer);
    call->result = aver_text(aver_bytes_str(call->user));
    return AVER_TRAP_NONE;
}

static const struct aver_function global_functions[] = {{"log", host_log, 3, "fun(...)", NULL}};
static const struct aver_function work_functions[] = {
    {"work", host_work, 3, "fun(gas: integer): string", "done"}};
static const struct aver_library libraries[] = {{NULL, global_functions, 1}, {"host", work_functions, 1}};
static const char *const objects[] = {"policy"};
static const struct aver_vm_setup setup = {
    .libraries = libraries, .libraries_count = 2, .objects = objects, .objects_count = 1};

/* ---- running ---- */

#define GAS 1000000

static struct host host;

static struct aver_vm *load(const char *source)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    if (aver_vm_new(&vm, &setup, "test.lua", aver_bytes_str(source), &why) != AVER_OK)
        fail_msg("%s %s: %s\n%s", why.code, why.place, why.text, source);
    return vm;
}

static struct aver_run run_entry(struct aver_vm *vm, const char *entry, uint64_t gas)
{
    static const struct aver_value policy = {.kind = AVER_INT, .integer = 77};
    struct aver_value args[] = {aver_obj(&lines_type, claim_lines), aver_int(7),
                                aver_text(AVER_LIT("seven"))};
    struct aver_run run = {
        .entry = entry, .args = args, .args_count = 3, .objects = &policy, .host = &host, .gas_limit = gas};
    struct aver_why why = {0};
    memset(&host, 0, sizeof host);
    if (aver_vm_run(vm, &run, &why) != AVER_OK) fail_msg("%s: %s", why.code, why.text);
    assert_true(run.gas_used <= run.gas_limit);
    return run;
}

/* The body of an entry point main(lines, n, s), on the second line of a contract. */
static struct aver_run run_body(const char *body)
{
    char source[8192];
    snprintf(source, sizeof source, "local M = {} function M.main(lines, n, s)\n%s\nend return M", body);
    struct aver_vm *vm = load(source);
    struct aver_run run = run_entry(vm, "main", GAS);
    aver_vm_free(vm);
    return run;
}

static void logs(const char *body, const char *expected)
{
    struct aver_run run = run_body(body);
    if (run.trap != AVER_TRAP_NONE)
        fail_msg("%s\ntrap %d line %d: %s", body, run.trap, (int)run.trap_line, run.trap_text);
    assert_string_equal(host.log, expected);
}

static void traps_at(const char *body, enum aver_trap trap, uint64_t line, const char *words)
{
    struct aver_run run = run_body(body);
    if (run.trap != trap || run.trap_line != line || !strstr(run.trap_text, words))
        fail_msg("%s\ntrap %d line %d: %s", body, run.trap, (int)run.trap_line, run.trap_text);
}
static void traps(const char *body, enum aver_trap trap, const char *words)
{
    traps_at(body, trap, 2, words);
}

static void refused(const char *source, const char *code, const char *place, const char *words)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    if (aver_vm_new(&vm, &setup, "test.lua", aver_bytes_str(source), &why) == AVER_OK)
        fail_msg("accepted: %s", source);
    if (strcmp(why.code, code) != 0 || strcmp(why.place, place) != 0 || !strstr(why.text, words))
        fail_msg("%s\n%s %s: %s", source, why.code, why.place, why.text);
}

/* ---- the library ---- */

static void test_library(void **state)
{
    (void)state;
    logs("for l, i in each(lines) do log(i, l.procedure) end", "1 99213 2 97110 3 70553 ");
    logs("for v, i in each({7, false, 9, nil, 11}) do log(i, v) end", "1 7 2 false 3 9 ");
    logs("for v in each({}) do log(v) end", "");
    logs(
        "for k, v in sorted_pairs({b = 1, a = 2, [10] = 3, [-4] = 4, B = 5, [\"\"] = 6, [2] = 7, ab = 8}) do log(k, v) end",
        "-4 4 2 7 10 3  6 B 5 a 2 ab 8 b 1 ");
    logs("local t = {a=1, b=2, c=3} for k in sorted_pairs(t) do t.b = nil t.d = 4 log(k) end", "a c ");
    logs("for k in sorted_pairs({}) do log(k) end", "");
    logs("log(len(lines), len({1,2,nil,4}), len(\"abc\"), #lines, #\"ab\")", "3 2 3 3 2 ");
    logs("log(text(12), text(-9223372036854775807 - 1), text(\"x\"), text(true), text(nil))",
         "12 -9223372036854775808 x true nil ");
    logs("log(math.min(3, -1, 2), math.max(3, -1, 7), math.abs(-5), math.min(4))", "-1 7 5 4 ");
    logs(
        "log(money.bps(12345, 2000), money.bps(1, 5000), money.bps(1, 5000, \"half_even\"), money.bps(1, 1, \"up\"), "
        "money.bps(9999, 1, \"down\"))",
        "2469 1 0 1 0 ");
    logs("log(money.muldiv(10, 1, 3), money.muldiv(-5, 1, 2), money.muldiv(9223372036854775807, 5, 5))",
         "3 -3 9223372036854775807 ");
    logs("for v in each(money.split(100, {1, 1, 1})) do log(v) end", "34 33 33 ");
    logs("log(money.add(1, 2), money.sub(1, 2))", "3 -1 ");
    logs("log(date.of(\"1970-01-02\"), date.of(\"2026-03-01\"), date.year(20513), date.text(20513))",
         "1 20513 2026 2026-03-01 ");
    logs("log(date.text(date.add_months(date.of(\"2023-08-31\"), 6)))", "2024-02-29 ");
    logs("log(date.years_between(date.of(\"2000-02-29\"), date.of(\"2026-02-28\")))", "25 ");
    logs(
        "log(str.starts_with(\"99213\", \"99\"), str.starts_with(\"9\", \"99\"), str.ends_with(\"abc\", \"bc\"), "
        "str.ends_with(\"c\", \"bc\"), str.starts_with(\"\", \"\"))",
        "true false true false true ");
    logs(
        "log(str.find(\"abcabc\", \"ca\"), str.find(\"abc\", \"x\"), str.find(\"abc\", \"\"), str.find(\"a.c\", \".\"))",
        "3 nil 1 2 ");
    uint64_t r = 3;
    for (int i = 0; i < 600;
         i++) { /* few letters, so that beginnings repeat; short, and about what is found by bits */
        char in[301], of[71], body[512], expected[16] = "nil ";
        size_t n = i < 400 ? rng_next(&r) % 41 : 240 + rng_next(&r) % 61;
        size_t m = i < 400 ? rng_next(&r) % 9 : 58 + rng_next(&r) % 13;
        for (size_t k = 0; k < n; k++) in[k] = "aab"[rng_next(&r) % 3];
        for (size_t k = 0; k < m; k++) of[k] = "aab"[rng_next(&r) % 3];
        if (i >= 400 && i % 2) memcpy(of, in + rng_next(&r) % (n - m), m);
        in[n] = of[m] = 0;
        const char *at = strstr(in, of);
        if (at) snprintf(expected, sizeof expected, "%d ", (int)(at - in) + 1);
        snprintf(body, sizeof body, "log(str.find(\"%s\", \"%s\"))", in, of);
        logs(body, expected);
    }
    logs(
        "log(str.sub(\"abcdef\", 2, 4), str.sub(\"abc\", 2), str.sub(\"abc\", 4), str.sub(\"abc\", 3, 99), str.upper(\"aZ1z\"))",
        "bcd bc  c AZ1Z ");
    logs("log(policy, n, s, 7 // 2, 7 % 3, -7 // 2, \"a\" .. 1)", "77 7 seven 3 1 -4 a1 ");
    logs("log(host.work(10))", "done ");
}

static void test_arguments(void **state)
{
    (void)state;
    traps("for v in each(5) do end", AVER_TRAP_ERROR, "each goes through a list");
    traps("for k in sorted_pairs(lines) do end", AVER_TRAP_ARGUMENT, "\"t\"");
    traps("for k in sorted_pairs({[true] = 1}) do end", AVER_TRAP_ERROR, "a key is");
    traps("for k in sorted_pairs({[{}] = 1}) do end", AVER_TRAP_ERROR, "not a table value");
    traps("text({})", AVER_TRAP_ARGUMENT, "\"v\"");
    traps("text(text)", AVER_TRAP_ARGUMENT, "function");
    traps("for i = \"1\", 2 do text(i) end", AVER_TRAP_ERROR, "arithmetic on a string");
    traps("local t = {f = len} t:f(1)", AVER_TRAP_ERROR, "with a dot");
    traps("str.compare(1, \"a\")", AVER_TRAP_ARGUMENT, "\"a\"");
    traps("len(5)", AVER_TRAP_ARGUMENT, "list");
    traps("math.min()", AVER_TRAP_ARGUMENT, "1 to 8");
    traps("math.min(1, \"2\")", AVER_TRAP_ARGUMENT, "argument 2");
    traps("math.min(1, 2, 3, 4, 5, 6, 7, 8, 9)", AVER_TRAP_ARGUMENT, "no more than 8");
    traps("math.abs(-9223372036854775807 - 1)", AVER_TRAP_RANGE, "math.abs");
    traps("money.bps(1, 1, \"nearest\")", AVER_TRAP_ARGUMENT, "rounding");
    traps("money.bps(10000000000000, 1)", AVER_TRAP_RANGE, "cents");
    traps("money.bps(9999999999999, 10001)", AVER_TRAP_RANGE, "range");
    traps("money.add(9999999999999, 1)", AVER_TRAP_RANGE, "range");
    traps("money.sub(-9999999999999, 1)", AVER_TRAP_RANGE, "range");
    traps("money.muldiv(1, 1, 0)", AVER_TRAP_ARGUMENT, "den");
    traps("money.muldiv(9223372036854775807, 2, 1)", AVER_TRAP_RANGE, "fit");
    traps("money.split(1, {})", AVER_TRAP_RANGE, "weights");
    traps("money.split(1, {-1})", AVER_TRAP_ARGUMENT, "weights");
    traps("date.of(\"2026-02-30\")", AVER_TRAP_ARGUMENT, "date");
    traps("date.of(20513)", AVER_TRAP_ARGUMENT, "\"text\"");
    traps("date.year(2932897)", AVER_TRAP_ARGUMENT, "\"d\"");
    traps("date.add_months(0, 97000)", AVER_TRAP_RANGE, "years");
    traps("date.add_months(0, 9223372036854775807)", AVER_TRAP_RANGE, "years");
    traps("date.years_between(1, 0)", AVER_TRAP_ARGUMENT, "after");
    traps("str.sub(\"a\", 0)", AVER_TRAP_ARGUMENT, "count from 1");
    traps("str.upper(nil)", AVER_TRAP_ARGUMENT, "string");
    traps("fail(\"no such tier\")", AVER_TRAP_FAIL, "no such tier");
    traps("fail()", AVER_TRAP_FAIL, "no reason");
    traps("host.work(host.work)", AVER_TRAP_ARGUMENT, "argument 1 of host.work");
}

static void test_errors(void **state)
{
    (void)state;
    traps("local x = nil + 1", AVER_TRAP_ERROR, "arithmetic");
    traps_at("local x\n\nx()", AVER_TRAP_ERROR, 4, "local 'x'");
    traps_at("local function f(a)\nreturn a.b.c\nend\nlocal x = f({})", AVER_TRAP_ERROR, 3, "field 'b'");
    traps("local x = 1 // 0", AVER_TRAP_ERROR, "divide by zero");
    traps("local x = \"10\" + 1", AVER_TRAP_ERROR, "arithmetic");
    traps("local x = (\"x\"):rep(3)", AVER_TRAP_ERROR, "method \"rep\" of a string");
    traps("local x = lines[1]:charge()", AVER_TRAP_FIELD, "Line has no method \"charge\"");
    traps("local x = lines:adjust(fail(\"first\"))", AVER_TRAP_FAIL, "first");
    traps("local x = n // (n - 7)", AVER_TRAP_ERROR, "divide by zero");
    traps("local x = n % (n - 7)", AVER_TRAP_ERROR, "divide by zero");
    traps("local x = n % s", AVER_TRAP_ERROR, "arithmetic on a string");
    traps("local x = n .. {}", AVER_TRAP_ERROR, "concatenate a table");
    traps("local x = s < s", AVER_TRAP_ERROR, "str.compare");
    traps("local x = s < n", AVER_TRAP_ERROR, "arithmetic");
    traps("local x = #n", AVER_TRAP_ERROR, "length of a number");
    traps("local x = nil x.y = 1", AVER_TRAP_ERROR, "index a nil");
    traps("local t = {} t[nil] = 1", AVER_TRAP_ERROR, "a key is");
    traps("local t = {} t[t] = 1", AVER_TRAP_ERROR, "a key is");
    traps_at("local t = {f = function(a)\nend}\nt:f(1)", AVER_TRAP_ERROR, 4, "with a dot");
    traps("local x = lines[1].chrage", AVER_TRAP_FIELD, "Line has no field \"chrage\"");
    traps("local x = lines.name", AVER_TRAP_FIELD, "Lines has no field");
    traps("local x = lines[1][1]", AVER_TRAP_FIELD, "no list");
    traps("local x = lines[{}]", AVER_TRAP_FIELD, "whole numbers");
    traps("local x = #lines[1]", AVER_TRAP_FIELD, "no length");
    traps("lines[1].charge = 0", AVER_TRAP_FIELD, "read only");
    traps("lines[1] = 0", AVER_TRAP_FIELD, "read only");
    traps("local x = lines[1].other_family", AVER_TRAP_FAMILY, "Line.other_family");
    traps("local x = lines < lines", AVER_TRAP_ERROR, "arithmetic");
    traps("local x = lines .. \"\"", AVER_TRAP_ERROR, "concatenate");
    traps("lines()", AVER_TRAP_ERROR, "call");
    struct aver_vm *vm = load("return {main = function() end}");
    struct aver_run run = run_entry(vm, "payout", GAS);
    assert_int_equal(run.trap, AVER_TRAP_ENTRY);
    assert_int_equal(run.trap_line, 0);
    aver_vm_free(vm);
}

static void test_objects(void **state)
{
    (void)state;
    logs("log(lines, lines[1], lines[0], lines[4], lines[-1], lines[1].charge, lines[1].modifier)",
         "<Lines> <Line> nil nil nil 15000 nil ");
    logs(
        "log(lines[1] == lines[1], lines[1] == lines[2], lines == lines[1], lines[1] ~= lines[1], lines == 1)",
        "true false false false false ");
    logs("lines[1]:adjust(\"CO\", 10, {rarc = {\"N1\", \"N130\"}})", "N130");
    assert_int_equal(host.paid, 10);
    traps("lines[1]:adjust(\"CO\", 15001)", AVER_TRAP_RULE, "Line:adjust: more than the charge");
    traps("lines[1]:adjust(1)", AVER_TRAP_ARGUMENT, "Line:adjust");
    traps("lines[1].adjust(\"CO\", 1)", AVER_TRAP_ARGUMENT, "with a colon");
    traps("lines[1].adjust(lines, \"CO\", 1)", AVER_TRAP_ARGUMENT, "with a colon");
    traps("lines[1].adjust()", AVER_TRAP_ARGUMENT, "with a colon");
    traps("lines[1]:adjust(\"CO\", 1, {rarc = {1, log}})", AVER_TRAP_ARGUMENT, "item 2 is a function");
}

static void test_call_lines(void **state)
{
    (void)state;
    struct aver_vm *vm = load("local M = {}\n"
                              "local function owes(line, cents)\n"
                              "  line:adjust('PR', cents)\n"
                              "end\n"
                              "local function share(line)\n"
                              "  owes(line, 5)\n"
                              "end\n"
                              "function M.main(lines)\n"
                              "  for line in each(lines) do\n"
                              "    share(line)\n"
                              "  end\n"
                              "end\n"
                              "function M.deep(lines, n)\n"
                              "  local function f(k)\n"
                              "    if k == 0 then lines[1]:adjust('PR', 1) return end\n"
                              "    f(k - 1)\n"
                              "  end\n"
                              "  f(20)\n"
                              "end\n"
                              "return M\n");
    assert_int_equal(run_entry(vm, "main", GAS).trap, AVER_TRAP_NONE);
    assert_int_equal(host.lines_count, 3);
    assert_int_equal(host.lines[0], 3);
    assert_int_equal(host.lines[1], 6);
    assert_int_equal(host.lines[2], 10);
    assert_int_equal(host.paid, 15);
    assert_int_equal(run_entry(vm, "deep", GAS).trap, AVER_TRAP_NONE);
    assert_int_equal(host.lines_count, AVER_VM_CALL_LINES_MAX);
    assert_int_equal(host.lines[0], 15);
    assert_int_equal(host.lines[7], 16);
    aver_vm_free(vm);
}

/* ---- loading ---- */

static void test_loading(void **state)
{
    (void)state;
    refused("return {", "DIALECT-SYNTAX", "test.lua:1:9", "expected");
    refused("\n\nx = = 1", "DIALECT-SYNTAX", "test.lua:3:5", "expression expected");
    refused("\x1bLua", "DIALECT-SYNTAX", "test.lua:1:1", "binary chunk");
    refused("local x\n\nx()", "CONTRACT-LOAD", "test.lua:3", "call a nil value");
    refused("x = 1", "DIALECT-GLOBAL", "test.lua:1:1", "global");
    refused("local p = policy", "DIALECT-NAME", "test.lua:1:11", "only while an entry point runs");
    refused("local function f()\nreturn policy\nend\nlocal p = f()", "CONTRACT-LOAD", "test.lua:2",
            "only while an entry point runs");
    refused("log(1)", "CONTRACT-LOAD", "test.lua:1", "only while an entry point runs");
    refused("while true do end", "CONTRACT-LOAD", "test.lua:1", "out of gas");
    refused("local t = {} for i = 1, 400000 do t[i] = i end", "CONTRACT-LOAD", "test.lua:1", "out of gas");
    refused("", "CONTRACT-ENTRY", "test.lua", "table");
    refused("return 1", "CONTRACT-ENTRY", "test.lua", "table");
    refused("return {}", "CONTRACT-ENTRY", "test.lua", "table");
    refused("return {main = 1}", "CONTRACT-ENTRY", "test.lua", "function");
    refused("return {function() end}", "CONTRACT-ENTRY", "test.lua", "function");
    refused("return {main = len}", "CONTRACT-ENTRY", "test.lua", "function");

    char *big = malloc(AVER_VM_SOURCE_BYTES_MAX + 2);
    const char *tail = "\nreturn {main = function() end}";
    memset(big, ' ', AVER_VM_SOURCE_BYTES_MAX + 1);
    big[AVER_VM_SOURCE_BYTES_MAX + 1] = 0;
    refused(big, "CONTRACT-SIZE", "test.lua", "longer");
    memcpy(big + AVER_VM_SOURCE_BYTES_MAX - strlen(tail), tail, strlen(tail) + 1);
    aver_vm_free(load(big));
    free(big);

    struct aver_vm *vm = load(
        "local n = money.bps(100, 5000) local M = {} function M.b() log(n) end function M.a() end return M");
    assert_int_equal(run_entry(vm, "b", GAS).trap, AVER_TRAP_NONE);
    assert_string_equal(host.log, "50 ");
    assert_true(aver_vm_has_entry(vm, "a"));
    assert_false(aver_vm_has_entry(vm, "c"));
    struct aver_arena arena = {0};
    struct aver_list list = aver_vm_entries(vm, &arena);
    assert_int_equal(list.count, 2);
    assert_true(aver_bytes_is(((aver_bytes *)list.items)[0], "a"));
    assert_true(aver_bytes_is(((aver_bytes *)list.items)[1], "b"));
    aver_arena_free(&arena);
    aver_vm_free(vm);
}

static void test_dialect(void **state)
{
    (void)state;
    logs(
        "-- 1.5 / _ENV goto ...\nlog(\"1.5 / _ENV goto ...\", [[a / b]], 0x7fffffffffffffff // 1, 1 ~= 2, 10 --[[ / ]] // 3)",
        "1.5 / _ENV goto ... a / b 9223372036854775807 true 3 ");
    logs("local x <const> = 5 local t = {{1, 2}, {3}} log(x, t[t[1][1]][2], 1 <= 2, \"a\"..\"b\")",
         "5 2 true ab ");
}

/* ---- isolation ---- */

static void test_freshness(void **state)
{
    (void)state;
    struct aver_vm *vm = load("local count, list, M = 0, {}, {}\n"
                              "function M.main(lines)\n"
                              "  count = count + 1\n"
                              "  list[#list + 1] = lines[1]\n"
                              "  M['extra' .. count] = M.main\n"
                              "  M.other = nil\n"
                              "  log(count, #list, M.seen == nil)\n"
                              "  M.seen = true\n"
                              "end\n"
                              "function M.other() log('here') end\n"
                              "return M\n");
    uint64_t gas = run_entry(vm, "main", GAS).gas_used;
    for (int i = 0; i < 20; i++) {
        struct aver_run run = run_entry(vm, "main", GAS);
        assert_int_equal(run.trap, AVER_TRAP_NONE);
        assert_int_equal(run.gas_used, gas);
        assert_string_equal(host.log, "1 1 true ");
        assert_int_equal(run_entry(vm, "extra1", GAS).trap, AVER_TRAP_ENTRY);
        assert_int_equal(run_entry(vm, "other", GAS).trap, AVER_TRAP_NONE);
    }
    aver_vm_free(vm);
}

static const char BOMBS[] =
    "local M = {}\n"
    "function M.right(lines) local s = 0 for l, i in each(lines) do s = s + l.charge * i end log(s) end\n"
    "function M.loop() while true do end end\n"
    "function M.recurse() local function f(n) return 1 + f(n) end local x = f(1) end\n"
    "function M.tail(lines) local function f(n) if n > 0 then return f(n - 1) end return 0 end while true do local x = f(99) end end\n"
    "function M.double() local s = 'x' while true do s = s .. s end end\n"
    "function M.strings() local n = 0 while true do n = n + 1 local s = 'x' .. n end end\n"
    "function M.array() local t, n = {}, 0 while true do n = n + 1 t[n] = n end end\n"
    "function M.keys() local t, n = {}, 0 while true do n = n + 1 t['k' .. n] = n end end\n"
    "function M.churn() local t, n = {a = 1}, 0 while true do n = n + 1 t['k' .. n] = 1 t['k' .. n] = nil end end\n"
    "function M.nest() local t = {} while true do t = {t} end end\n"
    "function M.closures() local f while true do local g = f f = function() return g end end end\n"
    "function M.walk() local t = {} for i = 1, 10000 do t[i] = i end while true do for k in sorted_pairs(t) do break end end end\n"
    "function M.objects(lines) while true do local l = lines[1] end end\n"
    "function M.error(lines) local t = nil while true do lines[1]:adjust('PR', 1) t.x = 1 end end\n"
    "function M.compare() local a = 'x' for i = 1, 11 do a = a .. a end local b, c = a .. 'y', a .. 'y'\n"
    "  while true do local d = b == c or str.compare(b, c) < 0 end end\n"
    "return M\n";

static void test_runaways(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        enum aver_trap trap;
    } bombs[] = {{"loop", AVER_TRAP_GAS},     {"recurse", AVER_TRAP_RANGE}, {"tail", AVER_TRAP_GAS},
                 {"double", AVER_TRAP_RANGE}, {"strings", AVER_TRAP_GAS},   {"array", AVER_TRAP_GAS},
                 {"keys", AVER_TRAP_RANGE},   {"churn", AVER_TRAP_GAS},     {"nest", AVER_TRAP_GAS},
                 {"closures", AVER_TRAP_GAS}, {"walk", AVER_TRAP_GAS},      {"objects", AVER_TRAP_GAS},
                 {"error", AVER_TRAP_ERROR},  {"compare", AVER_TRAP_GAS}};
    enum { KINDS = sizeof bombs / sizeof bombs[0] };
    struct aver_vm *vm = load(BOMBS);
    uint64_t gas = run_entry(vm, "right", GAS).gas_used, first[KINDS] = {0};
    for (int i = 0; i < 1000; i++) {
        struct aver_run run = run_entry(vm, bombs[i % KINDS].entry, 200000);
        if (run.trap != bombs[i % KINDS].trap)
            fail_msg("%s: %d %s", bombs[i % KINDS].entry, run.trap, run.trap_text);
        if (i < KINDS) first[i] = run.gas_used;
        assert_int_equal(run.gas_used, first[i % KINDS]);
        if (run.trap == AVER_TRAP_GAS) assert_int_equal(run.gas_used, 200000);
        run = run_entry(vm, "right", GAS);
        assert_int_equal(run.trap, AVER_TRAP_NONE);
        assert_int_equal(run.gas_used, gas);
        assert_string_equal(host.log, "789000 ");
    }
    /* The largest limit that is safe: gas ends before memory does. */
    for (int i = 0; i < KINDS; i++)
        if (bombs[i].trap == AVER_TRAP_GAS) {
            struct aver_run run = run_entry(vm, bombs[i].entry, AVER_VM_GAS_LIMIT_MAX);
            assert_int_equal(run.trap, AVER_TRAP_GAS);
        }
    assert_int_equal(run_entry(vm, "right", gas).trap, AVER_TRAP_NONE);
    aver_vm_free(vm);
}

static void test_memory_is_no_verdict(void **state)
{
    (void)state;
    struct aver_vm *vm = load(BOMBS);
    static const struct aver_value policy = {.kind = AVER_NIL};
    struct aver_run run = {.entry = "nest", .objects = &policy, .host = &host, .gas_limit = AVER_VM_GAS_MOST};
    struct aver_why why = {0};
    assert_int_equal(aver_vm_run(vm, &run, &why), AVER_E_LIMIT);
    assert_int_equal(run.trap, AVER_TRAP_NONE);
    assert_string_equal(why.code, "VM-MEMORY");
    assert_int_equal(run_entry(vm, "right", GAS).trap, AVER_TRAP_NONE);
    assert_string_equal(host.log, "789000 ");
    aver_vm_free(vm);
}

static void test_out_of_gas_exactly(void **state)
{
    (void)state;
    struct aver_vm *vm =
        load("local M = {} function M.main(lines) for l in each(lines) do log(l.procedure) end\n"
             "local t = {} for i = 1, 300 do t[i] = i end log(host.work(1000)) end\n"
             "function M.empty() end return M");
    struct aver_run run = run_entry(vm, "main", GAS);
    assert_int_equal(run.trap, AVER_TRAP_NONE);
    uint64_t gas = run.gas_used;
    assert_int_equal(run_entry(vm, "main", gas).trap, AVER_TRAP_NONE);
    assert_int_equal(run_entry(vm, "main", gas + 1).gas_used, gas);
    for (uint64_t limit = 0; limit < gas; limit += limit + 7 < gas ? 7 : 1) {
        run = run_entry(vm, "main", limit);
        assert_int_equal(run.trap, AVER_TRAP_GAS);
        assert_int_equal(run.gas_used, limit);
    }
    run = run_entry(vm, "main", gas - 1);
    assert_int_equal(run.trap, AVER_TRAP_GAS);
    assert_int_equal(run.gas_used, gas - 1);
    assert_int_equal(run_entry(vm, "main", gas).gas_used, gas);
    assert_true(run_entry(vm, "empty", GAS).gas_used < gas);
    aver_vm_free(vm);
}

static void test_bounds(void **state)
{
    (void)state;
    logs("local s = 'x' for i = 1, 12 do s = s .. s end log(#s)", "4096 ");
    traps("local s = 'x' for i = 1, 12 do s = s .. s end s = s .. s", AVER_TRAP_RANGE, "4096 bytes");
    logs("local t = {} for i = 1, 1000 do t['k' .. i] = i end log(t.k1000)", "1000 ");
    traps("local t = {} for i = 1, 2000 do t['k' .. i] = i end", AVER_TRAP_RANGE, "1024 keys");
    logs("local t = {} for i = 1, 5000 do t[i] = i end log(#t, len(t))", "5000 5000 ");
}

/* ---- the same everywhere ---- */

/* Contracts whose tables are rebuilt at moments that depend on hashes: of strings, of addresses of tables, of functions
 * of Lua and of ours. */
static const char AWKWARD[] =
    "local M = {}\n"
    "function M.strings() local t = {} for i = 1, 3000 do t['k' .. i] = i if i > 5 then t['k' .. (i * 7 % i)] = nil end\n"
    "  if i > 20 then t['k' .. (i - 20)] = nil end end log(#t) end\n"
    "function M.tables() local t, q = {}, {} for i = 1, 2000 do local k = 't' .. i q[i] = {k} t[k] = q[i] if i > 9 then t[q[i - 9][1]] = nil end end end\n"
    "function M.functions() local t, q = {}, {} for i = 1, 2000 do local k = function() return i end q[i] = k t['f' .. i] = k\n"
    "  if i > 9 then t['f' .. q[i - 9]()] = nil end end end\n"
    "function M.ours(lines) local t, fs = {}, {len, text, log, math.min, math.max, money.bps, str.sub, date.of, lines, str.find}\n"
    "  for i = 1, 400 do t[i % 10 + 1] = fs[i % 10 + 1] t['s' .. i] = 1 if i < 60 then t[i * 7 % 10 + 1] = nil end t['s' .. (i - 3)] = nil end end\n"
    "function M.holes() local s = 0 for k = 1, 60 do local t = {} for i = 1, 60 do if (i * k) % 7 ~= 3 then t[i] = i end\n"
    "  t['s' .. (i % k)] = 1 t['s' .. ((i * 5) % k)] = nil end s = s * 31 + #t end log(s) end\n"
    "function M.loop() while true do end end\n"
    "return M\n";
static const char *const AWKWARD_ENTRIES[] = {"strings", "tables", "functions", "ours", "holes", "loop"};

static void awkward(struct aver_buf *out, int others)
{
    struct aver_vm *first[8];
    for (int i = 0; i < others; i++) first[i] = load("return {main = function() end}");
    struct aver_vm *vm = load(AWKWARD);
    for (size_t i = 0; i < sizeof AWKWARD_ENTRIES / sizeof AWKWARD_ENTRIES[0]; i++) {
        struct aver_run run = run_entry(vm, AWKWARD_ENTRIES[i], GAS);
        aver_buf_printf(out, "%s %d %" PRIu64 " %s\n", AWKWARD_ENTRIES[i], run.trap, run.gas_used, host.log);
    }
    aver_vm_free(vm);
    for (int i = 0; i < others; i++) aver_vm_free(first[i]);
}

static void test_same_in_every_process(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"env -i", "env LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 TZ=Asia/Tokyo",
                                           "env A=b", "env BIG=\"$(head -c 30000 /dev/zero | tr '\\0' x)\"",
                                           "nice -n 1"};
    struct aver_buf expected = {0}, again = {0};
    awkward(&expected, 0);
    awkward(&again, 5);
    aver_buf_byte(&expected, 0);
    aver_buf_byte(&again, 0);
    assert_string_equal(expected.ptr, again.ptr);
    assert_non_null(strstr((char *)expected.ptr, "loop 1 1000000"));
    char self[512] = {0};
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    for (int i = 0; i < 10; i++) {
        char command[1024], got[8192];
        snprintf(command, sizeof command, "%s '%s' --gas %d", prefixes[i % 5], self, i % 3);
        FILE *p = popen(command, "r");
        assert_non_null(p);
        got[fread(got, 1, sizeof got - 1, p)] = 0;
        assert_int_equal(pclose(p), 0);
        assert_string_equal(got, expected.ptr);
    }
    aver_buf_free(&expected);
    aver_buf_free(&again);
}

static void *in_a_thread(void *arg)
{
    struct aver_vm *vm = load(AWKWARD);
    static const struct aver_value policy = {.kind = AVER_NIL};
    struct aver_run run = {.entry = "tables", .objects = &policy, .gas_limit = GAS};
    for (int i = 0; i < 20; i++)
        if (aver_vm_run(vm, &run, NULL) != AVER_OK) run.gas_used = 0;
    aver_vm_free(vm);
    *(uint64_t *)arg = run.gas_used;
    return NULL;
}

static void test_same_in_every_thread(void **state)
{
    (void)state;
    pthread_t threads[4];
    uint64_t gas[4] = {0};
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, in_a_thread, &gas[i]), 0);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 1; i < 4; i++) assert_int_equal(gas[i], gas[0]);
    assert_true(gas[0] > 0 && gas[0] < GAS);
}

/* ---- what can be reached ---- */

static void test_reachable(void **state)
{
    (void)state;
    struct aver_vm *vm = load("local helper = function(x) return money.bps(x, 1) end\n"
                              "return {main = function(l) return helper(l) end}");
    struct aver_buf out = {0};
    aver_vm_reachable(vm, &out);
    aver_buf_byte(&out, 0);
    assert_string_equal(out.ptr, "contract.main: function\n"
                                 "contract.main^__deep: our function\n"
                                 "contract.main^__more: our function\n"
                                 "contract.main^helper: function\n"
                                 "contract: table\n"
                                 "date.add_months: our function\n"
                                 "date.of: our function\n"
                                 "date.text: our function\n"
                                 "date.year: our function\n"
                                 "date.years_between: our function\n"
                                 "date: table\n"
                                 "each: our function\n"
                                 "fail: our function\n"
                                 "host.work: our function\n"
                                 "host: table\n"
                                 "len: our function\n"
                                 "log: our function\n"
                                 "math.abs: our function\n"
                                 "math.max: our function\n"
                                 "math.min: our function\n"
                                 "math: table\n"
                                 "money.add: our function\n"
                                 "money.bps: our function\n"
                                 "money.muldiv: our function\n"
                                 "money.split: our function\n"
                                 "money.sub: our function\n"
                                 "money: table\n"
                                 "sort: our function\n"
                                 "sorted_pairs: our function\n"
                                 "str.compare: our function\n"
                                 "str.ends_with: our function\n"
                                 "str.find: our function\n"
                                 "str.starts_with: our function\n"
                                 "str.sub: our function\n"
                                 "str.upper: our function\n"
                                 "str: table\n"
                                 "text: our function\n");
    aver_buf_free(&out);
    char lua[] =
        "_G _VERSION assert collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile "
        "next os package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string "
        "table tonumber tostring type unpack utf8 warn xpcall";
    for (char *rest = lua, *name; (name = strsep(&rest, " "));) {
        char body[64];
        snprintf(body, sizeof body, "local x = %s", name);
        refused(body, "DIALECT-NAME", "test.lua:1:11", "\"");
    }
    aver_vm_free(vm);
}

static void test_definitions(void **state)
{
    (void)state;
    static const struct aver_object_type *const types[] = {&line_type, &lines_type};
    struct aver_buf out = {0};
    aver_vm_definitions(&out, &setup, types, 2);
    aver_buf_byte(&out, 0);
    const char *text = (const char *)out.ptr;
    assert_ptr_equal(strstr(text, "---@meta\n"), text);
    assert_non_null(
        strstr(text, "---@class Line\n---@field charge integer\n---@field procedure string\n"
                     "---@field adjust fun(self: Line, group: string, cents: integer, more?: table)\n"));
    assert_non_null(strstr(text, "---@type fun(list: any): (fun(): any, integer)\neach = nil\n"));
    assert_non_null(strstr(text, "---@field add fun(a: integer, b: integer): integer\n"));
    assert_non_null(strstr(text, "money = {}\n"));
    assert_non_null(strstr(text, "---@type any\npolicy = nil\n"));
    aver_buf_free(&out);
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    if (argc == 3 && strcmp(argv[1], "--gas") == 0) {
        struct aver_buf out = {0};
        awkward(&out, argv[2][0] - '0');
        fwrite(out.ptr, 1, out.len, stdout);
        aver_buf_free(&out);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_call_lines),
        cmocka_unit_test(test_loading),
        cmocka_unit_test(test_dialect),
        cmocka_unit_test(test_freshness),
        cmocka_unit_test(test_runaways),
        cmocka_unit_test(test_memory_is_no_verdict),
        cmocka_unit_test(test_out_of_gas_exactly),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_same_in_every_process),
        cmocka_unit_test(test_same_in_every_thread),
        cmocka_unit_test(test_reachable),
        cmocka_unit_test(test_definitions),
    };
    return cmocka_run_group_tests_name("vm", tests, NULL, NULL);
}
