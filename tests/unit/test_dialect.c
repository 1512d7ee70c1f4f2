/* tests/unit/test_dialect.c - what the dialect is: what is refused, where and in which words; what is let through; the bounds,
 * on both sides; that lines stay the author's; and that vm/README.md tells the prices that are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/hash.h"
#include "vm/dialect.h"
#include "vm_host.h"

#define GAS 1000000

static struct vm_host host;
static int wrong;

static void refused(const char *source, const char *code, const char *place, const char *words)
{
    struct aver_why why = {0};
    if (aver_vm_check(vm_host_setup(), "t", aver_bytes_str(source), NULL, &why) != AVER_E_INPUT ||
        strcmp(why.code, code) != 0 || strcmp(why.place, place) != 0 || !strstr(why.text, words)) {
        print_error("%.300s\nwanted %s %s\n   got %s %s: %s\n", source, code, place, why.code, why.place,
                    why.text);
        wrong++;
    }
}

static void accepted(const char *source)
{
    struct aver_why why = {0};
    if (aver_vm_check(vm_host_setup(), "t", aver_bytes_str(source), NULL, &why) != AVER_OK) {
        print_error("%.300s\nrefused: %s %s: %s\n", source, why.code, why.place, why.text);
        wrong++;
    }
}

static struct aver_run run_main(const char *source)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    struct aver_run run;
    if (aver_vm_new(&vm, vm_host_setup(), "t", aver_bytes_str(source), &why) != AVER_OK)
        fail_msg("%.2000s\n%s %s: %s", source, why.code, why.place, why.text);
    if (vm_host_run(vm, &host, "main", GAS, &run, &why) != AVER_OK) fail_msg("%s: %s", why.code, why.text);
    aver_vm_free(vm);
    return run;
}

static void traps(const char *source, enum aver_trap trap, uint64_t line)
{
    struct aver_run run = run_main(source);
    if (run.trap == trap && run.trap_line == line) return;
    print_error("%.300s\nwanted trap %d at line %d, got %d at %d: %s\n", source, trap, (int)line, run.trap,
                (int)run.trap_line, run.trap_text);
    wrong++;
}

static void writes(const char *body, const char *expected)
{
    char source[8192];
    snprintf(source, sizeof source, "return {main = function(lines, n, s)\n%s\nend}", body);
    struct aver_run run = run_main(source);
    if (run.trap == AVER_TRAP_NONE && strcmp(host.log, expected) == 0) return;
    print_error("%s\nwanted %s\ngot %s (trap %d: %s)\n", body, expected, host.log, run.trap, run.trap_text);
    wrong++;
}

/* ---- what is refused ---- */

static const struct {
    const char *source, *code, *place, *words;
} bad[] = {
    {"local x = 1.5", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = .5", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 3.", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 1e3", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 1E-3", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 0x1p4", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 0x.8", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 3..4", "DIALECT-NUMBER", "t:1:11", "whole"},
    {"local x = 9223372036854775808", "DIALECT-NUMBER", "t:1:11", "above"},
    {"local x = -9223372036854775808", "DIALECT-NUMBER", "t:1:12", "above"},
    {"local x = 0xffffffffffffffff", "DIALECT-NUMBER", "t:1:11", "above"},
    {"local x = 0x10000000000000000", "DIALECT-NUMBER", "t:1:11", "above"},
    {"local x = 99999999999999999999999", "DIALECT-NUMBER", "t:1:11", "above"},
    {"local x = 0x", "DIALECT-NUMBER", "t:1:11", "no number"},
    {"local x = 12abc", "DIALECT-NUMBER", "t:1:11", "no number"},
    {"local x = 1 / 2", "DIALECT-OPERATOR", "t:1:13", "money.muldiv"},
    {"local x = 1 ^ 2", "DIALECT-OPERATOR", "t:1:13", "fractions"},
    {"local x = 1 | 2", "DIALECT-OPERATOR", "t:1:13", "bitwise"},
    {"local x = 1 & 2", "DIALECT-OPERATOR", "t:1:13", "bitwise"},
    {"local x = 1 ~ 2", "DIALECT-OPERATOR", "t:1:13", "bitwise"},
    {"local x = ~2", "DIALECT-OPERATOR", "t:1:11", "bitwise"},
    {"local x = 1 << 2", "DIALECT-OPERATOR", "t:1:13", "bitwise"},
    {"local x = 1 >> 2", "DIALECT-OPERATOR", "t:1:13", "bitwise"},
    {"local x = \"a\" < \"b\"", "DIALECT-OPERATOR", "t:1:11", "str.compare"},
    {"local a local x = a >= \"b\"", "DIALECT-OPERATOR", "t:1:24", "str.compare"},
    {"local x = 1 != 2", "DIALECT-SYNTAX", "t:1:13", "~="},
    {"local x = `a`", "DIALECT-SYNTAX", "t:1:11", "unexpected symbol"},
    {"local x = \xc3\xa9", "DIALECT-SYNTAX", "t:1:11", "of byte c3"},
    {"goto x", "DIALECT-FEATURE", "t:1:1", "goto"},
    {"::x::", "DIALECT-FEATURE", "t:1:1", "goto"},
    {"local goto = 1", "DIALECT-FEATURE", "t:1:7", "goto"},
    {"local function f(...) end", "DIALECT-FEATURE", "t:1:18", "fixed number"},
    {"local x = ...", "DIALECT-FEATURE", "t:1:11", "fixed number"},
    {"local x <close> = nil", "DIALECT-FEATURE", "t:1:10", "close"},
    {"local x < --[[ ]]\n close > = nil", "DIALECT-FEATURE", "t:2:2", "close"},
    {"local x <final> = nil", "DIALECT-FEATURE", "t:1:10", "final"},
    {"local M = {} function M:f() end", "DIALECT-FEATURE", "t:1:24", "dot"},
    {"\x1bLua", "DIALECT-SYNTAX", "t:1:1", "binary"},
    {"local _ENV = {}", "DIALECT-NAME", "t:1:7", "_ENV"},
    {"\nlocal x = {_ENV = 1}", "DIALECT-NAME", "t:2:12", "_ENV"},
    {"local __G = 1", "DIALECT-NAME", "t:1:7", "underscores"},
    {"local t = {} t.__index = 1", "DIALECT-NAME", "t:1:16", "underscores"},
    {"local x = y", "DIALECT-NAME", "t:1:11", "\"y\" is not declared"},
    {"local x = x", "DIALECT-NAME", "t:1:11", "write \"local x\""},
    {"do local a end local b = a", "DIALECT-NAME", "t:1:26", "not declared"},
    {"for i = 1, 2 do end local b = i", "DIALECT-NAME", "t:1:31", "not declared"},
    {"local x = pairs({})", "DIALECT-NAME", "t:1:11", "sorted_pairs"},
    {"local x = tostring(1)", "DIALECT-NAME", "t:1:11", "text(value)"},
    {"setmetatable({}, {})", "DIALECT-NAME", "t:1:1", "no metatables"},
    {"local x = pcall(each)", "DIALECT-NAME", "t:1:11", "ask before"},
    {"local owed = 1 return owde", "DIALECT-NAME", "t:1:23", "did you mean \"owed\""},
    {"local a = 1 return b", "DIALECT-NAME", "t:1:20", "write \"local b\""},
    {"local x = money", "DIALECT-NAME", "t:1:11", "library and no value"},
    {"local x = money[1]", "DIALECT-NAME", "t:1:17", "library"},
    {"local x = money.bpz", "DIALECT-NAME", "t:1:17", "money has no function \"bpz\""},
    {"local x = policy", "DIALECT-NAME", "t:1:11", "only while an entry point runs"},
    {"x = 1", "DIALECT-GLOBAL", "t:1:1", "write \"local\""},
    {"function f() end", "DIALECT-GLOBAL", "t:1:10", "global"},
    {"len = 1", "DIALECT-GLOBAL", "t:1:1", "read only"},
    {"each = 1", "DIALECT-GLOBAL", "t:1:1", "read only"},
    {"policy = 1", "DIALECT-GLOBAL", "t:1:1", "read only"},
    {"money.bps = nil", "DIALECT-GLOBAL", "t:1:1", "read only"},
    {"function money.x() end", "DIALECT-GLOBAL", "t:1:10", "read only"},
    {"local a a, b = 1, 2", "DIALECT-GLOBAL", "t:1:12", "\"b\""},
    {"local x <const> = 1 x = 2", "DIALECT-CONST", "t:1:21", "constant"},
    {"local a, b = 1", "DIALECT-VALUES", "t:1:14", "one value"},
    {"local a = 1, 2", "DIALECT-VALUES", "t:1:14", "2 values for 1"},
    {"local a, b a, b = len(1)", "DIALECT-VALUES", "t:1:19", "one value"},
    {"local function f() return 1, 2 end", "DIALECT-VALUES", "t:1:30", "return a table"},
    {"local t, a = {}, 1 t[1], a = 1, 2", "DIALECT-VALUES", "t:1:20", "one at a time"},
    {"local x = each({})", "DIALECT-ITERATOR", "t:1:11", "\"for\""},
    {"local t = {each}", "DIALECT-ITERATOR", "t:1:12", "\"for\""},
    {"local t for k in t do end", "DIALECT-ITERATOR", "t:1:18", "each(list)"},
    {"for k in len(1) do end", "DIALECT-ITERATOR", "t:1:10", "each(list)"},
    {"for k in each() do end", "DIALECT-ITERATOR", "t:1:10", "each(list)"},
    {"local each for k in each(1) do end", "DIALECT-ITERATOR", "t:1:21", "each(list)"},
    {"for a, b, c in each({}) do end", "DIALECT-ITERATOR", "t:1:9", "two names"},
    {"for a in each({}), 1 do end", "DIALECT-ITERATOR", "t:1:18", "one iterator"},
    {"local t, a, b = {}, 1, 2 local x = t[a < b]", "DIALECT-INDEX", "t:1:38", "comparison"},
    {"local t, a = {}, 1 local x = t[not a]", "DIALECT-INDEX", "t:1:32", "comparison"},
    {"local t, a = {}, 1 local x = t[(a == 1)]", "DIALECT-INDEX", "t:1:33", "comparison"},
    {"local x = (function() return 1 end)()", "DIALECT-CALL", "t:1:12", "local"},
    {"local t = {} t[function() end](1)", "DIALECT-CALL", "t:1:14", "local"},
    {"local x = \"abc", "DIALECT-TEXT", "t:1:11", "no end"},
    {"local x = \"abc\ndef\"", "DIALECT-TEXT", "t:1:11", "no end"},
    {"local x = [[abc", "DIALECT-TEXT", "t:1:11", "no end"},
    {"--[==[ abc ]=]", "DIALECT-TEXT", "t:1:3", "comment"},
    {"local x = \"a\\q\"", "DIALECT-TEXT", "t:1:13", "escape"},
    {"local x = \"\\256\"", "DIALECT-TEXT", "t:1:12", "escape"},
    {"local x = \"\\xg0\"", "DIALECT-TEXT", "t:1:12", "escape"},
    {"local x = \"\\u{110000}\"", "DIALECT-TEXT", "t:1:12", "escape"},
    {"return {", "DIALECT-SYNTAX", "t:1:9", "end of the file"},
    {"return {\n1,\n2", "DIALECT-SYNTAX", "t:3:2", "to close \"{\" at line 1"},
    {"if true then\n\n", "DIALECT-SYNTAX", "t:3:1", "\"end\" (to close \"if\" at line 1)"},
    {"local function f()\nif true then end\n", "DIALECT-SYNTAX", "t:3:1", "\"function\" at line 1"},
    {"local t = {} t.x", "DIALECT-SYNTAX", "t:1:17", "statement"},
    {"break", "DIALECT-SYNTAX", "t:1:1", "no loop"},
    {"while true do local function f() break end end", "DIALECT-SYNTAX", "t:1:34", "no loop"},
    {"return 1 local x", "DIALECT-SYNTAX", "t:1:10", "close what is open"},
    {"while true do continue end", "DIALECT-SYNTAX", "t:1:15", "no \"continue\""},
    {"local x = 1 x += 1", "DIALECT-SYNTAX", "t:1:15", "write x = x + 1"},
    {"local x = 1 x + 1", "DIALECT-SYNTAX", "t:1:15", "syntax error near \"+\""},
    {"local a (a) = 1", "DIALECT-SYNTAX", "t:1:10", "assigned"},
    {"local a (a.b) = 1", "DIALECT-SYNTAX", "t:1:10", "assigned"},
    {"local f (f())", "DIALECT-SYNTAX", "t:1:14", "statement"},
    {"local f f() = 1", "DIALECT-SYNTAX", "t:1:9", "assigned"},
    {"for i = 1 do end", "DIALECT-SYNTAX", "t:1:1", "first and a last"},
    {"local x = = 1", "DIALECT-SYNTAX", "t:1:11", "an expression expected, not \"=\""},
    {"end", "DIALECT-SYNTAX", "t:1:1", "end of the file expected"},
    {"--[==[ ]] \n ]==] local x = 1 / 2", "DIALECT-OPERATOR", "t:2:19", "fractions"},
    {"-- [[\nlocal x = 1 / 2", "DIALECT-OPERATOR", "t:2:13", "fractions"},
    {"local x = \"\\\"\" / 2", "DIALECT-OPERATOR", "t:1:16", "fractions"},
    {"local x = \"\\z \n \" / 2", "DIALECT-OPERATOR", "t:2:4", "fractions"},
    {"local x = \"a\\\r\nb\" / 2", "DIALECT-OPERATOR", "t:2:4", "fractions"},
    {"local x = [=[ ]] ]=] / 2", "DIALECT-OPERATOR", "t:1:22", "fractions"},
};

static void test_refused(void **state)
{
    (void)state;
    wrong = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i].source, bad[i].code, bad[i].place, bad[i].words);
    assert_int_equal(wrong, 0);
}

static void test_accepted(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        ";;;",
        "return",
        "return 1;",
        "-- 1.5 / _ENV goto ...\nlocal x = \"1.5 / _ENV goto ...\" --[[ / ]]",
        "local x <const> = 5 local y = x",
        "local x = 0x7fffffffffffffff local y = 0XaF local z = 9223372036854775807",
        "local x = -9223372036854775807 - 1",
        "local a, b, c local d, e = 1, 2 a, b = b, a",
        "local function f() return f() end",
        "local f f = function() return f() end",
        "local M = {} function M.a() end M.b = {} function M.b.c(x) return x end return M",
        "local t = {1, 2; 3, x = 4, [\"y\"] = 5, [6] = 7, [1 + 1] = 8,}",
        "for i = 1, 3 do end for i = 3, 1, -1 do break end",
        "for v in each({}) do end for k, v in sorted_pairs({}) do break end",
        "repeat local x = 1 until x == 1",
        "while false do end if true then elseif false then else end do end",
        "local function f() return policy end",
        "local bps = money.bps local x = bps(1, 2)",
        "local money = {bps = 1} local x = money.bps money.bps = 2 local y = money",
        "local len = 1 local x = len",
        "local s = \"a\\n\\t\\\\\\\"\\'\\065\\x41\\u{41}\\z   b\\\nc\" local t = [==[\n]]]==] local u = 'x'",
        "local t = {} local x = t[1 and 2] local y = t[#t] local z = t.a.b[1].c",
        "local f local x = f{1} local y = f\"a\" local z = f(1)(2)(3)",
        "local o local x = o:m(1):n(2).p",
        "local x = not nil == true and 1 + 2 * 3 .. \"a\" .. 4 <= 5",
        "local _ = 1 local _x = 2 local x__ = 3",
    };
    wrong = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) accepted(good[i]);
    assert_int_equal(wrong, 0);
}

/* ---- bounds ---- */

static struct aver_buf many; /* a source that repeats */

static const char *repeat(const char *head, const char *each, size_t times, const char *tail)
{
    many.len = 0;
    aver_buf_str(&many, head);
    for (size_t i = 1; i <= times; i++)
        for (const char *p = each; *p; p++) {
            if (*p == '@')
                aver_buf_printf(&many, "%zu", i);
            else
                aver_buf_byte(&many, (uint8_t)*p);
        }
    aver_buf_str(&many, tail);
    aver_buf_byte(&many, 0);
    return (const char *)many.ptr;
}

static void test_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *head, *each, *tail;
        size_t last; /* the last that is let through */
        const char *words;
    } bounds[] = {
        {"", "local a@ ", "", VM_LOCALS_MAX, "150 locals"},
        {"local t = {} ", "t.a@ = nil ", "", VM_CONSTANTS_MAX, "200 different"},
        {"local x ", "x = @ ", "", VM_CONSTANTS_MAX, "200 different"},
        {"", "do local a@ end ", "", 2500, NULL},
        {"local f = function(a0", ", a@", ") end", VM_ARGUMENTS_MAX - 1, "16 parameters"},
        {"local f = len(1", ", @", ")", VM_ARGUMENTS_MAX - 1, "16 arguments"},
        {"local s = 1", " .. @", "", VM_OPERANDS_MAX - 1, "50 texts"},
        {"local t local x = t", ".a", "", VM_CHAIN_MAX, "32 fields"},
        {"local t = {", "[@] = 1, ", "}", VM_BRACKETED_MAX, "64 keys in brackets"},
        {"local t = {", "1, ", "}", 20000, NULL},
        {"local x = 1", " + 1", "", VM_NESTING_MAX - 1, "64 levels"},
        {"local x = 1 local y = ", "- ", "x", VM_NESTING_MAX - 3, "deep"},
    };
    wrong = 0;
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct aver_why why = {0};
        const char *at = repeat(bounds[i].head, bounds[i].each, bounds[i].last, bounds[i].tail);
        accepted(at);
        if (!bounds[i].words) continue;
        at = repeat(bounds[i].head, bounds[i].each, bounds[i].last + 1, bounds[i].tail);
        aver_err err = aver_vm_check(vm_host_setup(), "t", aver_bytes_str(at), NULL, &why);
        if (err != AVER_E_INPUT || strcmp(why.code, "DIALECT-LIMIT") != 0 ||
            !strstr(why.text, bounds[i].words)) {
            print_error("%.60s... x %zu: %s %s: %s\n", at, bounds[i].last + 1, why.code, why.place, why.text);
            wrong++;
        }
    }
    /* Upvalues: from two functions around, so that neither has too many locals. */
    for (int extra = 0; extra < 2; extra++) {
        char tail[64];
        repeat("", "local a@ ", VM_UPVALUES_MAX + extra, "return {main = function() local s = 0 ");
        struct aver_buf source = {0};
        aver_buf_put(&source, many.ptr, many.len - 1);
        repeat("", "s = a@ ", VM_UPVALUES_MAX + extra, "");
        aver_buf_put(&source, many.ptr, many.len - 1);
        snprintf(tail, sizeof tail, "end}");
        aver_buf_put(&source, tail, strlen(tail) + 1);
        if (extra)
            refused((const char *)source.ptr, "DIALECT-LIMIT", "t:1:1115", "60 locals");
        else
            accepted((const char *)source.ptr);
        aver_buf_free(&source);
    }
    assert_int_equal(wrong, 0);
}

/* Whatever is let through must fit Lua's own bounds: registers, levels of its parser. */
static void test_fits_lua(void **state)
{
    (void)state;
    static const struct {
        const char *open, *close;
    } nests[] = {
        {"{", "}"},       {"(", ")"},           {"{1,2,3,", "}"},      {"len({", "})"},
        {"{a=", "}"},     {"1+(", ")"},         {"\"a\"..(", ")"},     {"-(", ")"},
        {"(1 and ", ")"}, {"{[1]=", "}"},       {"str.sub(1,2,", ")"}, {"(function() return ", " end)"},
        {"#(", ")"},      {"not (1 == (", "))"}};
    for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++) {
        size_t passed = 0;
        for (size_t depth = 1; depth <= 64; depth++) {
            struct aver_vm *vm = NULL;
            struct aver_why why = {0};
            struct aver_buf s = {0};
            for (int locals = 1; locals <= VM_LOCALS_MAX - 5; locals++)
                aver_buf_printf(&s, "local a%d ", locals);
            aver_buf_str(&s, "local x = nil and ");
            for (size_t k = 0; k < depth; k++) aver_buf_str(&s, nests[i].open);
            aver_buf_str(&s, "1");
            for (size_t k = 0; k < depth; k++) aver_buf_str(&s, nests[i].close);
            aver_buf_str(&s, " return {main = function() end}");
            aver_err err = aver_vm_new(&vm, vm_host_setup(), "t", aver_buf_view(&s), &why);
            if (err == AVER_OK)
                passed = depth;
            else if (strncmp(why.code, "DIALECT-", 8) != 0)
                fail_msg("%s x %zu: %s %s", nests[i].open, depth, why.code, why.text);
            aver_vm_free(vm);
            aver_buf_free(&s);
        }
        assert_true(passed >= 10 && passed < 64);
    }
    /* A list of fifty unfinished items in each of several tables in each other. */
    for (int tables = 1; tables <= 8; tables++) {
        struct aver_vm *vm = NULL;
        struct aver_why why = {0};
        struct aver_buf s = {0};
        aver_buf_str(&s, "local x = ");
        for (int t = 0; t < tables; t++) aver_buf_str(&s, repeat("{", "1,", 49, ""));
        for (int t = 0; t < tables; t++) aver_buf_str(&s, "}");
        aver_buf_str(&s, " return {main = function() end}");
        aver_err err = aver_vm_new(&vm, vm_host_setup(), "t", aver_buf_view(&s), &why);
        assert_true(err == AVER_OK ? tables <= 4 : strcmp(why.code, "DIALECT-LIMIT") == 0);
        aver_vm_free(vm);
        aver_buf_free(&s);
    }
}

#define MAIN(body) "return {main = function(lines, n, s)\n" body "\nend}"

static void test_bounds_of_a_run(void **state)
{
    (void)state;
    wrong = 0;
    traps(MAIN("local function f(k) if k > 0 then f(k - 1) end end f(126)"), AVER_TRAP_NONE, 0);
    traps(MAIN("local function f(k)\nif k > 0 then f(k - 1) end end f(127)"), AVER_TRAP_RANGE, 2);
    traps(MAIN("local t = {} for i = 1, 64 do t[i * 2] = i end"), AVER_TRAP_NONE, 0);
    traps(MAIN("local t = {} for i = 1, 65 do t[i * 2 + 1] = i end"), AVER_TRAP_RANGE, 2);
    traps(MAIN("local t = {} for i = 1, 100 do t[i] = i end for i = 1, 64 do t[i] = nil end"), AVER_TRAP_NONE,
          0);
    traps(MAIN("local t = {} for i = 1, 100 do t[i] = i end\nfor i = 1, 65 do t[i] = nil end"),
          AVER_TRAP_RANGE, 3);
    traps(MAIN("local t = {} for i = 1, 1024 do t['k' .. i] = i end t.k1 = nil t.x = 1"), AVER_TRAP_NONE, 0);
    traps(MAIN("local t = {} for i = 1, 1024 do t['k' .. i] = i end\nt.x = 1"), AVER_TRAP_RANGE, 3);
    traps(MAIN("local k = 'x' for i = 1, 8 do k = k .. k end local t = {[k] = 1} t[k] = 2"), AVER_TRAP_NONE,
          0);
    traps(MAIN("local k = 'x' for i = 1, 8 do k = k .. k end local t = {}\nt[k .. 1] = 2"), AVER_TRAP_RANGE,
          3);
    traps(MAIN("local k = 'x' for i = 1, 8 do k = k .. k end\nlocal t = {[k .. 1] = 1}"), AVER_TRAP_RANGE, 3);
    assert_int_equal(wrong, 0);
}

/* ---- arithmetic never leaves 64 bits ---- */

__extension__ typedef __int128 wide;

static void number(char out[64], int64_t v)
{
    if (v == INT64_MIN)
        snprintf(out, 64, "(-9223372036854775807 - 1)");
    else
        snprintf(out, 64, v < 0 ? "(%" PRId64 ")" : "%" PRId64, v);
}

/* a op b in every way in which it can be printed: of parameters, of fields, with a literal on either side, of what the source
 * shows, and as a step of a loop. */
static void edge(const char *op, int64_t a, int64_t b, wide result)
{
    static const char *const forms[] = {
        "local function f(a, b)\nlocal r = a %s b return r end put(f(%s, %s))",
        "local t = {} t.o = '%s' t.a = %s t.b = %s\nlocal r = t.a %s t.b put(r)",
        "local function f(a)\nlocal r = a %s %s return r end put(f(%s))",
        "local function f(b)\nlocal r = %s %s b return r end put(f(%s))",
        "local a, b = %s, %s\nlocal r = a %s b put(r)",
        "local a, b = %s, %s\nlocal i = 0 while i < 1 do i = i + 1 a = a %s b end put(a)",
    };
    char x[64], y[64], body[512], source[640], expected[64];
    bool fits = result >= INT64_MIN && result <= INT64_MAX;
    number(x, a);
    number(y, b);
    snprintf(expected, sizeof expected, "%" PRId64 " ", fits ? (int64_t)result : 0);
    for (int form = 0; form < 6; form++) {
        switch (form) {
        case 0: snprintf(body, sizeof body, forms[form], op, x, y); break;
        case 1: snprintf(body, sizeof body, forms[form], op, x, y, op); break;
        case 2: snprintf(body, sizeof body, forms[form], op, y, x); break;
        case 3: snprintf(body, sizeof body, forms[form], x, op, y); break;
        default: snprintf(body, sizeof body, forms[form], x, y, op); break;
        }
        if (fits) {
            writes(body, expected);
        } else {
            snprintf(source, sizeof source, "return {main = function(lines, n, s)\n%s\nend}", body);
            traps(source, AVER_TRAP_RANGE, 3);
        }
    }
}

static void test_arithmetic_is_checked(void **state)
{
    static const int64_t values[] = {
        INT64_MIN,  INT64_MIN + 1, -(INT64_C(1) << 62), -3037000500,   -2,       -1, 0, 1, 2, 3, 2147483648,
        3037000499, 3037000500,    INT64_C(1) << 62,    INT64_MAX - 1, INT64_MAX};
    enum { VALUES = sizeof values / sizeof values[0] };
    (void)state;
    wrong = 0;
    for (int i = 0; i < VALUES; i++)
        for (int k = 0; k < VALUES; k++) {
            wide a = values[i], b = values[k];
            edge("+", values[i], values[k], a + b);
            edge("-", values[i], values[k], a - b);
            edge("*", values[i], values[k], a * b);
        }
    edge("//", INT64_MIN, -1, -(wide)INT64_MIN);
    edge("//", INT64_MAX, -1, -(wide)INT64_MAX);
    edge("%", INT64_MIN, -1, 0);
    traps(MAIN("local function f(a)\nreturn -a end f(-9223372036854775807 - 1)"), AVER_TRAP_RANGE, 3);
    traps(MAIN("local t = {-9223372036854775807 - 1}\nput(-t[1])"), AVER_TRAP_RANGE, 3);
    writes("local t = {-9223372036854775807} put(-t[1], - -t[1])",
           "9223372036854775807 -9223372036854775807 ");
    /* What grows by more than one statement, through other names, in closures. */
    traps(MAIN("local a, b = 1, 1\nfor i = 1, 100 do a, b = b, a + b end"), AVER_TRAP_RANGE, 3);
    traps(MAIN("local x = 1 local function f() x = x * 2 end\nfor i = 1, 63 do\nf() end"), AVER_TRAP_RANGE,
          2);
    traps(MAIN("local x = 1\nrepeat x = x + x until x < 0"), AVER_TRAP_RANGE, 3);
    traps(MAIN("local x, y = 1, 0\nwhile true do y = x x = y * 3 end"), AVER_TRAP_RANGE, 3);
    writes("local x = 0 for i = 9223372036854775800, 9223372036854775807 do x = i end put(x)",
           "9223372036854775807 ");
    assert_int_equal(wrong, 0);
}

/* ---- what it means ---- */

static void test_meaning(void **state)
{
    (void)state;
    wrong = 0;
    writes("put(1 + 2 * 3 - 4 // 2 % 3, (1 + 2) * 3, -2 * -3, - -2, 7 // -2, -7 // 2, 7 % -3, -7 % 3)",
           "5 9 6 2 -4 -4 -2 2 ");
    writes("local z = 0 - 9223372036854775807 - 1 put(z // 1, z % -1, z // 2, z % (n - 8), z * 1, z + 1)",
           "-9223372036854775808 0 -4611686018427387904 0 -9223372036854775808 -9223372036854775807 ");
    writes(
        "for _, a in sorted_pairs({7, -7}) do for _, b in sorted_pairs({2, -2, 3, -3}) do put(a // b, a % b) end end",
        "3 1 -4 -1 2 1 -3 -2 -4 1 3 -1 -3 2 2 -1 ");
    writes("put(1 .. 2, 'a' .. -1 .. 'b', 1 .. '', #('ab' .. 12))", "12 a-1b 1 4 ");
    writes("put(1 < 2, 2 <= 1, n > 6, n >= 8, n == 7, n ~= 7, 'a' == 'a', nil == false)",
           "true false true false true false true false ");
    writes("put(nil and 1, false or 2, 3 and 4, not nil, not 0, 1 and nil or 5)", "nil 2 4 true false 5 ");
    writes("local function f() end local function g() return end local t = {f(), g()} put(f(), g(), #t)",
           "nil nil 0 ");
    writes("local a, b = 1, 2 a, b = b, a put(a, b)", "2 1 ");
    writes(
        "local t = {10, 20, 30, nil, 50} put(#t) t[4] = 40 put(#t) t[5] = nil put(#t) t[2] = nil put(#t, t[3]) "
        "t[2] = 1 put(#t) t[#t + 1] = 9 put(#t)",
        "3 5 4 1 30 4 5 ");
    writes("local t = {x = 1, ['y z'] = 2, [3] = 3, 'one', 'two'} put(t.x, t['y z'], t[3], t[1], t[2], #t)",
           "1 2 3 one two 3 ");
    writes(
        "local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end put(fs[1](), fs[1](), fs[2]())",
        "2 3 3 ");
    writes("local i = 0 repeat local j = i i = i + 1 until j == 3 put(i)", "4 ");
    writes("local i = 0 while true do i = i + 1 if i > 4 then break end end put(i)", "5 ");
    writes(
        "for i = 3, 1, -1 do put(i) end for i = 1, 0 do put('never') end for i = 9223372036854775806, 9223372036854775807 do put(i) end",
        "3 2 1 9223372036854775806 9223372036854775807 ");
    writes("local s = 0 for i = 1, 10 do if i % 2 == 0 then s = s + i else s = s - 1 end end put(s)", "25 ");
    writes("local function fact(k) if k == 0 then return 1 end return k * fact(k - 1) end put(fact(20))",
           "2432902008176640000 ");
    writes("local M = {} M.add = function(a, b) return a + b end put(M.add(1, 2), M['add'](3, 4))", "3 7 ");
    writes("put(str.compare('a', 'b'), str.compare('b', 'a'), str.compare('a', 'a'), str.compare('', 'a'))",
           "-1 1 0 -1 ");
    writes("put('\\65\\x42\\u{e9}\\z  \n  c\\0d' == 'AB\\195\\169c\\000d', [[\nx]], 'a\\\nb')",
           "true x a\nb ");
    writes("local x <const> = n local f = function() return x + 1 end put(f())", "8 ");
    writes("for v, i in each(lines) do put(i, v.procedure) v:adjust('CO', 1) end",
           "1 99213 <2 2 97110 <2 3 70553 <2 ");
    writes("local a = {} local b = a put(a == b, a == {}, lines[1] == lines[1], put == put)",
           "true false true true ");
    assert_int_equal(wrong, 0);
}

static void test_lines(void **state)
{
    (void)state;
    wrong = 0;
    traps(MAIN("local a = {\n1,\n2,\nnil + 1,\n}"), AVER_TRAP_ERROR, 2);
    traps(MAIN("local a =\nn\n..\n{}"), AVER_TRAP_ERROR, 2);
    traps(MAIN("\n\nlen(\n\n1)"), AVER_TRAP_ARGUMENT, 4);
    traps(MAIN("--[[\n\n]] local x = [[\n\n]] local y = x.y.z"), AVER_TRAP_ERROR, 6);
    traps(MAIN("if n == 1 then\nput(1)\nelseif n.x.y then\nend"), AVER_TRAP_ERROR, 4);
    traps(MAIN("repeat\nlocal x\nuntil x.y"), AVER_TRAP_ERROR, 4);
    traps(MAIN("local f = function()\nlocal x = nil\nreturn x.y\nend\nreturn f()"), AVER_TRAP_ERROR, 4);
    traps(MAIN("local t = {f = function()\nreturn nil + 1\nend, g = 1}\nlocal x = t.f()"), AVER_TRAP_ERROR,
          3);
    traps(MAIN("local x = 1 //\n(n - 7)"), AVER_TRAP_ERROR, 2);
    traps(MAIN("local x = 1\nlocal y = n // 0"), AVER_TRAP_ERROR, 3);
    traps(MAIN("local x = n < s"), AVER_TRAP_ERROR, 2);
    traps(MAIN("for i = 1, 10 do\nif i == 5 then fail() end\nend"), AVER_TRAP_FAIL, 3);
    traps(MAIN("while true do\nend"), AVER_TRAP_GAS, 2);
    assert_int_equal(wrong, 0);

    run_main("local function owes(line)\n"
             "  return line:adjust('PR',\n"
             "    1)\n"
             "end\n"
             "return {main = function(lines)\n"
             "  local x = {\n"
             "    owes(lines[1]),\n"
             "    function()\n"
             "      return 1\n"
             "    end,\n"
             "  }\n"
             "  return owes(lines[1])\n"
             "end}");
    assert_string_equal(host.log, "<2<6 <2<12 ");
}

static void test_report(void **state)
{
    (void)state;
    struct aver_buf out = {0};
    struct aver_why why = {0};
    assert_int_equal(aver_vm_check(vm_host_setup(), "plan.lua",
                                   aver_bytes_str("local caf\x65 = 1\n\tlocal s = \"\xc3\xa9\" .. 1 / 2\n"),
                                   &out, &why),
                     AVER_E_INPUT);
    aver_buf_byte(&out, 0);
    assert_string_equal(out.ptr, "plan.lua:2:22: DIALECT-OPERATOR: \"/\" gives fractions\n"
                                 "    2 |  local s = \"\xc3\xa9\" .. 1 / 2\n"
                                 "      |                     ^\n"
                                 "        use \"//\", money.bps or money.muldiv\n");
    assert_string_equal(why.place, "plan.lua:2:22");
    assert_string_equal(why.text, "\"/\" gives fractions: use \"//\", money.bps or money.muldiv");
    aver_buf_free(&out);
}

static void test_prices_in_readme(void **state)
{
    (void)state;
    static char readme[32768];
    FILE *f = fopen("vm/README.md", "rb");
    if (!f) fail_msg("run from the root of the repository");
    readme[fread(readme, 1, sizeof readme - 1, f)] = 0;
    fclose(f);
    struct aver_buf prices = {0};
    aver_vm_prices(&prices);
    aver_buf_byte(&prices, 0);
    if (!strstr(readme, (const char *)prices.ptr)) fail_msg("vm/README.md should hold\n%s", prices.ptr);
    aver_buf_free(&prices);
}

static int end(void **state)
{
    (void)state;
    aver_buf_free(&many);
    return 0;
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_bounds),          cmocka_unit_test(test_fits_lua),
        cmocka_unit_test(test_bounds_of_a_run), cmocka_unit_test(test_arithmetic_is_checked),
        cmocka_unit_test(test_meaning),         cmocka_unit_test(test_lines),
        cmocka_unit_test(test_report),          cmocka_unit_test(test_prices_in_readme),
    };
    return cmocka_run_group_tests_name("dialect", tests, NULL, end);
}
