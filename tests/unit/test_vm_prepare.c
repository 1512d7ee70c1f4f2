/* tests/unit/test_vm_prepare.c - the entry point that prepares: what it returns reaches every entry point as a copy that is read
 * only, nothing else of it is left, no run pays for it, and what ends it ends every run in the same way. */
#include "vm/vm.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PLANS 100 /* more than a vm keeps */

/* A plan: { number = its own, codes = { 5, 6, 7 } }. */
struct plan {
    int64_t number;
};
static const int64_t codes[] = {5, 6, 7};
static struct plan plans[PLANS];
static const struct aver_object_type codes_type, plan_type;

static enum aver_trap no_field(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    (void)host, (void)self, (void)field, (void)out;
    return AVER_TRAP_FIELD;
}
static enum aver_trap codes_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    (void)host, (void)self;
    if (i <= 3) *out = aver_int(codes[i - 1]);
    return AVER_TRAP_NONE;
}
static bool codes_part(void *self, uint64_t i, aver_bytes *name, struct aver_value *out)
{
    (void)self;
    *name = AVER_BYTES_NONE;
    if (i < 3) *out = aver_int(codes[i]);
    return i < 3;
}
static const struct aver_object_type codes_type = {
    .name = "Codes", .get = no_field, .index = codes_index, .part = codes_part};
static bool plan_part(void *self, uint64_t i, aver_bytes *name, struct aver_value *out)
{
    *name = i == 0 ? AVER_LIT("number") : AVER_LIT("codes");
    *out = i == 0 ? aver_int(((struct plan *)self)->number) : aver_obj(&codes_type, (void *)(uintptr_t)codes);
    return i < 2;
}
static const struct aver_object_type plan_type = {.name = "Plan", .get = no_field, .part = plan_part};

static int64_t prepared; /* how often prepare asked */
static enum aver_trap asked(struct aver_call *call)
{
    prepared++;
    call->result = aver_int(11);
    return AVER_TRAP_NONE;
}
static enum aver_trap say(struct aver_call *call)
{
    *(int64_t *)call->host = call->args[0].integer;
    return AVER_TRAP_NONE;
}
static enum aver_trap kind(struct aver_call *call)
{
    static const char *const names[] = {"nil", "boolean", "integer", "text", "object", "table"};
    call->result = aver_text(aver_bytes_str(names[call->args[0].kind]));
    return AVER_TRAP_NONE;
}
static const struct aver_function functions[] = {{"asked", asked, 1, "fun(): integer", NULL},
                                                 {"say", say, 1, "fun(v: integer)", NULL},
                                                 {"kind", kind, 1, "fun(v: any): string", NULL}};
static const struct aver_library library = {NULL, functions, 3};
static const char *const objects[] = {"policy"}, *const calls[] = {"asked", NULL};
static const struct aver_vm_setup setup = {.libraries = &library,
                                           .libraries_count = 1,
                                           .objects = objects,
                                           .objects_count = 1,
                                           .prepare = "prepare",
                                           .prepare_calls = calls};

static struct aver_vm *vm_of(const char *top, const char *prepare, const char *body, bool counting)
{
    char source[2048];
    struct aver_why why;
    struct aver_vm *vm;
    snprintf(source, sizeof source,
             "%s\nreturn { prepare = function()\n%s\nend,\nmain = function(n, terms)\n%s\nend }\n", top,
             prepare, body);
    if ((counting ? aver_vm_new_counting : aver_vm_new)(&vm, &setup, "t", aver_bytes_str(source), &why))
        fail_msg("%s: %s (%s)", why.code, why.text, why.place);
    return vm;
}

static struct aver_run run_on(struct aver_vm *vm, struct plan *plan, int64_t *said)
{
    struct aver_why why;
    struct aver_value object = aver_obj(&plan_type, plan), arg = aver_int(1);
    struct aver_run run = {.entry = "main",
                           .args = &arg,
                           .args_count = 1,
                           .objects = &object,
                           .host = said,
                           .gas_limit = 1000000};
    *said = -1;
    if (aver_vm_run(vm, &run, &why)) fail_msg("%s: %s", why.code, why.text);
    return run;
}

static void gives(const char *top, const char *prepare, const char *body, int64_t expected)
{
    int64_t said;
    for (int counting = 0; counting < 2; counting++) {
        struct aver_vm *vm = vm_of(top, prepare, body, counting);
        struct aver_run first = run_on(vm, &plans[3], &said), again;
        if (first.trap) fail_msg("%s | %s: %s", prepare, body, first.trap_text);
        if (said != expected) fail_msg("%s | %s: %" PRId64 ", not %" PRId64, prepare, body, said, expected);
        again = run_on(vm, &plans[3], &said);
        assert_true(again.gas_used == first.gas_used && said == expected);
        aver_vm_free(vm);
    }
}

static void traps(const char *prepare, const char *body, enum aver_trap trap, const char *words)
{
    int64_t said;
    struct aver_vm *vm = vm_of("local outside = { 1 }", prepare, body, false);
    for (int i = 0; i < 2; i++) {
        struct aver_run run = run_on(vm, &plans[3], &said);
        if (run.trap != trap || !strstr(run.trap_text, words))
            fail_msg("%s | %s: trap %d (%s), not %d (%s)", prepare, body, (int)run.trap, run.trap_text,
                     (int)trap, words);
        assert_int_equal(said, -1);
    }
    aver_vm_free(vm);
}

static void test_given(void **state)
{
    (void)state;
    gives("", "return { a = 7 }", "say(terms.a)", 7);
    gives("", "return 7", "say(terms)", 7);
    gives("", "return nil", "if terms == nil then say(1) end", 1);
    gives("", "", "if terms == nil and n == 1 then say(1) end", 1);
    gives("", "return { t = \"a\" .. \"b\", yes = true, no = false }",
          "if terms.t == \"ab\" and terms.yes and terms.no == false and terms.none == nil then say(1) end",
          1);
    gives(
        "", "return { n = policy.number * 10, codes = policy.codes, policy = policy }",
        "if terms.codes == policy.codes and terms.policy == policy and kind(terms.codes) == \"object\" then\n"
        "say(terms.n + terms.codes[3]) end",
        37);
    gives("", "return { asked() }", "say(terms[1])", 11);
    gives("", "local out = {} for code, i in each(policy.codes) do out[i] = { code = code } end return out",
          "local sum = 0 for t in each(terms) do sum = sum * 10 + t.code end say(sum * 100 + #terms)", 56703);
    /* The shape stays: one table twice, and one that holds itself. */
    gives(
        "", "local t = { 5 } local out = { a = t, b = t } out.self = out return out",
        "if terms.a == terms.b and terms.self == terms and terms.self.self.a == terms.b then say(terms.a[1]) end",
        5);
    gives("", "return { [3] = 1, [1] = 2, [-5] = 3, [100000] = 4, x = 5 }",
          "say(terms[3] + terms[1] + terms[-5] + terms[100000] + terms.x + 100 * #terms)", 115);
    gives("", "local t = {} for i = 1, 500 do t[\"key\" .. i] = i end return t",
          "local n = 0 for k, v in sorted_pairs(terms) do n = n + v end say(n)", 125250);
    gives("", "return { 3, 1, 2 }", "local n = 0 for v in each(sort(terms)) do n = n * 10 + v end say(n)",
          123);
    gives("", "return { { 1 } }",
          "if kind(terms) == \"table\" and kind(terms[1]) == \"table\" then say(1) end", 1);
    /* In a table of the contract's own they can be kept and left out. */
    gives("", "return { { 8 } }", "local t = {} t[1] = terms[1] t[2] = terms[1] t[2] = nil say(t[1][1] + #t)",
          9);
}

/* Each begins with the file as it was loaded. */
static void test_nothing_else(void **state)
{
    (void)state;
    gives("local kept = { 1 } local seen = 0", "kept[1] = 9 kept[2] = 9 seen = 9 return { kept = kept }",
          "say(#kept * 1000 + kept[1] * 100 + seen * 10 + terms.kept[1])", 1109);
    gives("local kept = { 1 }", "return kept", "kept[1] = 2 say(terms[1] * 10 + kept[1])", 12);
}

static void test_refused(void **state)
{
    (void)state;
    traps("return { a = { 1 } }", "terms.a = 2", AVER_TRAP_FIELD, "read only");
    traps("return { a = { 1 } }", "terms.b = 2", AVER_TRAP_FIELD, "read only");
    traps("return { a = { 1 } }", "terms.a[1] = nil", AVER_TRAP_FIELD, "read only");
    traps("return { a = { 1 } }", "local a = terms.a a[2] = 1", AVER_TRAP_FIELD, "read only");
    traps("return function() end", "", AVER_TRAP_ARGUMENT, "no function");
    traps("return { a = { b = { function() end } } }", "", AVER_TRAP_ARGUMENT, "no function");
    traps("say(1) return { }", "", AVER_TRAP_ERROR, "say exists only");
    traps("return { } ", "say(terms.a.b)", AVER_TRAP_ERROR, "index");
    traps("return policy.none", "say(1)", AVER_TRAP_FIELD, "no field");
    traps("while true do end", "say(1)", AVER_TRAP_GAS, "gas");
    traps("local t = { } while true do t[#t + 1] = \"x\" .. #t end", "say(1)", AVER_TRAP_GAS, "gas");
    traps("local function f(g) g(g) end f(f)", "say(1)", AVER_TRAP_RANGE, "deep");
    traps("fail(\"no\")", "say(1)", AVER_TRAP_FAIL, "no");
}

/* A run pays nothing for it, whatever it took; the line is that of the source. */
static void test_price(void **state)
{
    (void)state;
    int64_t said;
    const char *slow = "local n = 0 for i = 1, 50000 do n = n + asked() end return { n }";
    struct aver_vm *cheap = vm_of("local a", "asked() return { 1 }", "say(terms[1])", false),
                   *dear = vm_of("local a", slow, "say(terms[1])", false),
                   *ends = vm_of("local a", "local x\nx = x + 1", "say(1)", false);
    struct aver_why why;
    struct aver_value object = aver_obj(&plan_type, &plans[1]);
    struct aver_run run = {.objects = &object};
    assert_int_equal(aver_vm_prepare(dear, &run, &why), AVER_OK);
    assert_int_equal(run.trap, AVER_TRAP_NONE);
    assert_in_range(run.gas_used, 500000, AVER_VM_PREPARE_GAS);
    prepared = 0;
    uint64_t a = run_on(cheap, &plans[1], &said).gas_used, b = run_on(dear, &plans[1], &said).gas_used;
    assert_int_equal(said, 550000);
    /* The sources are of about one length. */
    assert_true(a == b || a + 1 == b);
    run_on(cheap, &plans[1], &said);
    assert_int_equal(prepared, 1); /* the dear one was prepared before */

    run = run_on(ends, &plans[1], &said);
    assert_int_equal(run.trap, AVER_TRAP_ERROR);
    assert_int_equal(run.gas_used, 0);
    assert_int_equal(run.trap_line, 4);
    run.gas_used = 1;
    assert_int_equal(aver_vm_prepare(ends, &run, &why), AVER_OK);
    assert_int_equal(run.trap, AVER_TRAP_ERROR);
    assert_true(run.gas_used > 1);
    aver_vm_free(cheap);
    aver_vm_free(dear);
    aver_vm_free(ends);
}

/* In turns and after they were forgotten, with runs between that ended early: each run has its own plan's. */
static void test_many(void **state)
{
    (void)state;
    int64_t said;
    uint64_t gas = 0;
    struct aver_vm *vm =
        vm_of("local function twice(n) return 2 * n end",
              "if policy.number == 13 then fail(\"13\") end\n"
              "return { n = twice(policy.number), \"plan \" .. policy.number, policy.codes }",
              "local t = { } for i = 1, 20 do t[\"k\" .. i] = terms[1] .. i end\n"
              "if policy.number == 14 then while true do t[#t + 1] = terms[1] .. #t end end\n"
              "say(terms.n * 10 + terms[2][1])",
              false);
    for (int round = 0; round < 3; round++)
        for (size_t k = 0; k < PLANS; k++) {
            size_t i = round == 1 ? PLANS - 1 - k : k;
            struct aver_run run = run_on(vm, &plans[i], &said);
            if (i == 13 || i == 14) {
                assert_int_equal(run.trap, i == 13 ? AVER_TRAP_FAIL : AVER_TRAP_GAS);
                continue;
            }
            if (run.trap) fail_msg("%s", run.trap_text);
            assert_int_equal(said, (int64_t)i * 20 + 5);
            if (i == 20 && !gas) gas = run.gas_used;
            if (i == 20) assert_int_equal(run.gas_used, gas);
        }
    aver_vm_free(vm);
}

static int make_plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLANS; i++) plans[i].number = (int64_t)i;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_given), cmocka_unit_test(test_nothing_else),
                                       cmocka_unit_test(test_refused), cmocka_unit_test(test_price),
                                       cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, make_plans, NULL);
}
