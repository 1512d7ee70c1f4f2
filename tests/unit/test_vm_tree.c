/* tests/unit/test_vm_tree.c - objects that never change, as tables of a contract: read as a table is, never written, not to be
 * mistaken for a contract's own, the same in every run, and more of them than a vm keeps. */
#include "vm/vm.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROOTS 150 /* more than a vm keeps */

struct node {
    const char *name;
    int64_t number;        /* of a leaf */
    const char *text;      /* or */
    const struct node *of; /* or */
    size_t count;
    bool list;
};

static const struct node codes[] = {{.text = "11"}, {.text = "22"}, {.number = 33}};
static const struct node inner[] = {{.name = "deep", .number = 7}, {.name = "zero", .number = 0}};
static char long_text[AVER_VM_STRING_MAX + 2];
static const struct node texts[] = {{.text = "short"}, {.text = long_text}, {.text = "last"}};
static struct node parts[ROOTS][5];
static struct node roots[ROOTS];

static const struct aver_object_type node_type;

static struct aver_value value_of(const struct node *n)
{
    if (n->of) return aver_obj(&node_type, (void *)(uintptr_t)n);
    return n->text ? aver_text(aver_bytes_str(n->text)) : aver_int(n->number);
}
static enum aver_trap node_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct node *n = self;
    (void)host;
    for (size_t i = 0; !n->list && i < n->count; i++)
        if (aver_bytes_is(field, n->of[i].name)) {
            *out = value_of(&n->of[i]);
            return AVER_TRAP_NONE;
        }
    return AVER_TRAP_FIELD;
}
static enum aver_trap node_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    const struct node *n = self;
    (void)host;
    if (!n->list) return AVER_TRAP_FIELD;
    if (i <= n->count) *out = value_of(&n->of[i - 1]);
    return AVER_TRAP_NONE;
}
static uint64_t node_length(void *host, void *self)
{
    (void)host;
    return ((const struct node *)self)->count;
}
static bool node_part(void *self, uint64_t i, aver_bytes *name, struct aver_value *out)
{
    const struct node *n = self;
    if (i >= n->count) return false;
    *name = n->list ? AVER_BYTES_NONE : aver_bytes_str(n->of[i].name);
    *out = value_of(&n->of[i]);
    return true;
}
static const struct aver_object_type node_type = {
    .name = "Node", .get = node_get, .index = node_index, .length = node_length, .part = node_part};

/* Nodes without end. */
static bool endless_part(void *self, uint64_t i, aver_bytes *name, struct aver_value *out)
{
    static const struct aver_object_type endless = {.name = "Endless", .part = endless_part};
    (void)i;
    *name = AVER_BYTES_NONE;
    *out = aver_obj(&endless, self);
    return true;
}
static const struct aver_object_type endless_type = {.name = "Endless", .part = endless_part};

/* kind(v): what the host is given for it. */
static enum aver_trap kind(struct aver_call *call)
{
    const struct aver_value *v = &call->args[0];
    call->result = aver_text(v->kind == AVER_OBJECT && v->object.type == &node_type ? AVER_LIT("node")
                             : v->kind == AVER_TABLE                                ? AVER_LIT("table")
                                                                                    : AVER_LIT("other"));
    return AVER_TRAP_NONE;
}
/* inner(): a node that the host hands over. */
static enum aver_trap give_inner(struct aver_call *call)
{
    call->result = aver_obj(&node_type, &((struct node *)(uintptr_t)roots[0].of)[1]);
    return AVER_TRAP_NONE;
}
static enum aver_trap say(struct aver_call *call)
{
    *(int64_t *)call->host = call->args[0].integer;
    return AVER_TRAP_NONE;
}
static const struct aver_function functions[] = {{"kind", kind, 1, "fun(v: any): string", NULL},
                                                 {"inner", give_inner, 1, "fun(): Node", NULL},
                                                 {"say", say, 1, "fun(v: integer)", NULL}};
static const struct aver_library library = {NULL, functions, 3};
static const char *const objects[] = {"policy"};
static const struct aver_vm_setup setup = {
    .libraries = &library, .libraries_count = 1, .objects = objects, .objects_count = 1};

static int prepare(void **state)
{
    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    for (size_t i = 0; i < ROOTS; i++) {
        parts[i][0] = (struct node){.name = "number", .number = (int64_t)i};
        parts[i][1] = (struct node){.name = "inner", .of = inner, .count = 2};
        parts[i][2] = (struct node){.name = "codes", .of = codes, .count = 3, .list = true};
        parts[i][3] = (struct node){.name = "texts", .of = texts, .count = 3, .list = true};
        parts[i][4] = (struct node){.name = "long", .text = long_text};
        roots[i] = (struct node){.of = parts[i], .count = 5};
    }
    return 0;
}

static struct aver_vm *vm_of(const char *body, bool counting)
{
    char source[1024];
    struct aver_why why;
    struct aver_vm *vm;
    snprintf(source, sizeof source, "return { main = function()\n%s\nend }\n", body);
    if ((counting ? aver_vm_new_counting : aver_vm_new)(&vm, &setup, "t", aver_bytes_str(source), &why))
        fail_msg("%s: %s (%s)", why.code, why.text, why.place);
    return vm;
}

static struct aver_run run_on(struct aver_vm *vm, const struct node *root, int64_t *said)
{
    struct aver_why why;
    struct aver_value object = aver_obj(&node_type, (void *)(uintptr_t)root);
    struct aver_run run = {.entry = "main", .objects = &object, .host = said, .gas_limit = 100000};
    *said = -1;
    if (aver_vm_run(vm, &run, &why)) fail_msg("%s: %s", why.code, why.text);
    return run;
}

static void gives(const char *body, int64_t expected)
{
    int64_t said;
    for (int counting = 0; counting < 2; counting++) {
        struct aver_vm *vm = vm_of(body, counting);
        struct aver_run first = run_on(vm, &roots[0], &said), again;
        if (first.trap) fail_msg("%s: %s", body, first.trap_text);
        if (said != expected) fail_msg("%s: %" PRId64 ", not %" PRId64, body, said, expected);
        again = run_on(vm, &roots[0], &said);
        assert_true(again.gas_used == first.gas_used && said == expected);
        aver_vm_free(vm);
    }
}

static void traps(const char *body, enum aver_trap trap, const char *words)
{
    int64_t said;
    struct aver_vm *vm = vm_of(body, false);
    for (int i = 0; i < 2; i++) {
        struct aver_run run = run_on(vm, &roots[0], &said);
        if (run.trap != trap || !strstr(run.trap_text, words))
            fail_msg("%s: trap %d (%s), not %d (%s)", body, (int)run.trap, run.trap_text, (int)trap, words);
    }
    aver_vm_free(vm);
}

static void test_read(void **state)
{
    (void)state;
    gives("say(policy.inner.deep)", 7);
    gives("local t = policy.codes say(t[3])", 33);
    gives("if policy.codes[4] == nil then say(1) end", 1);
    gives("if policy.codes[0] == nil then say(1) end", 1);
    gives("say(len(policy.codes) + #policy.codes)", 6);
    gives("local n = 0 for code, i in each(policy.codes) do n = n * 10 + i end say(n)", 123);
    gives(
        "local n = 0 for code in each(policy.codes) do n = n + 1 if code == \"22\" then break end end say(n)",
        2);
    gives("if policy.inner == policy.inner and policy.inner ~= policy.codes then say(1) end", 1);
    gives("if policy.inner == inner() and inner().zero == 0 then say(1) end", 1);
    gives("if policy.codes ~= { \"11\", \"22\", 33 } then say(1) end", 1);
    gives(
        "if kind(policy) == \"node\" and kind(policy.codes) == \"node\" and kind({}) == \"table\" then say(1) end",
        1);
    gives("local t = { policy.inner, policy } say(t[1].deep + t[2].inner.deep)", 14);
}

static void test_refused(void **state)
{
    (void)state;
    traps("policy.number = 1", AVER_TRAP_FIELD, "read only");
    traps("policy.other = 1", AVER_TRAP_FIELD, "read only");
    traps("policy.inner.deep = nil", AVER_TRAP_FIELD, "read only");
    traps("policy.codes[1] = \"x\"", AVER_TRAP_FIELD, "read only");
    traps("policy.codes[4] = \"x\"", AVER_TRAP_FIELD, "read only");
    traps("local x = policy.none", AVER_TRAP_FIELD, "Node has no field \"none\"");
    traps("local x = policy.codes.none", AVER_TRAP_FIELD, "Node has no field \"none\"");
    traps("local x = policy[1]", AVER_TRAP_FIELD, "");
    traps("local x = policy[nil]", AVER_TRAP_FIELD, "indexed by names");
    traps("for x in each(policy.inner) do end", AVER_TRAP_FIELD, "");
    traps("for k, v in sorted_pairs(policy) do end", AVER_TRAP_ARGUMENT, "a table");
    traps("local x = sort({ 1 }, policy.codes)", AVER_TRAP_ARGUMENT, "a list");
    traps("local x = policy:deep()", AVER_TRAP_FIELD, "no method");
    traps("local x = policy.inner()", AVER_TRAP_ERROR, "call");
    traps("local x = policy.inner + 1", AVER_TRAP_ERROR, "arithmetic");
    traps("local x = text(policy.inner)", AVER_TRAP_ARGUMENT, "");
    traps("local t = {} t[policy.inner] = 1", AVER_TRAP_ERROR, "a key is");
    /* A text longer than a contract may have is refused where it is read, and only there. */
    gives("local t = policy.texts say(len(t[1] .. t[3]))", 9);
    traps("local x = policy.long", AVER_TRAP_RANGE, "string of more than");
    traps("local x = policy.texts[2]", AVER_TRAP_RANGE, "string of more than");
    traps("for x in each(policy.texts) do end", AVER_TRAP_RANGE, "string of more than");
}

/* A read costs what it costs of a table of the contract's own. */
static void test_price(void **state)
{
    (void)state;
    int64_t said;
    struct aver_vm *once = vm_of("local t = policy local x = t.number", false),
                   *twice = vm_of("local t = policy local x = t.number x = t.number", false),
                   *own = vm_of("local t = { number = 1 } local x = t.number", false),
                   *own_twice = vm_of("local t = { number = 1 } local x = t.number x = t.number", false);
    uint64_t a = run_on(once, &roots[0], &said).gas_used, b = run_on(twice, &roots[0], &said).gas_used,
             c = run_on(own, &roots[0], &said).gas_used, d = run_on(own_twice, &roots[0], &said).gas_used;
    assert_true(b > a && b - a == d - c);
    aver_vm_free(once);
    aver_vm_free(twice);
    aver_vm_free(own);
    aver_vm_free(own_twice);
}

/* In turns and after they were forgotten, with runs between that ended early: each run sees its own. */
static void test_many(void **state)
{
    (void)state;
    int64_t said;
    uint64_t gas = 0;
    struct aver_vm *vm =
        vm_of("local n = policy.number local t = { }\n"
              "for i = 1, 20 do t[\"k\" .. policy.codes[1] .. i] = policy.inner end\n"
              "if n == 13 then while true do t[len(t) + 1] = policy.codes[2] .. len(t) end end\n"
              "say(n * 100 + t[\"k1120\"].deep)",
              false);
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < ROOTS; i++) {
            struct aver_run run = run_on(vm, &roots[round == 1 ? ROOTS - 1 - i : i], &said);
            size_t number = round == 1 ? ROOTS - 1 - i : i;
            if (number == 13) {
                assert_int_equal(run.trap, AVER_TRAP_GAS);
                continue;
            }
            if (run.trap) fail_msg("%s", run.trap_text);
            assert_int_equal(said, (int64_t)number * 100 + 7);
            if (!gas) gas = run.gas_used;
            assert_int_equal(run.gas_used, gas);
        }
    aver_vm_free(vm);
}

static void test_too_large(void **state)
{
    (void)state;
    int64_t said;
    struct aver_why why;
    struct aver_vm *vm = vm_of("say(policy.number)", false);
    struct aver_value object = aver_obj(&endless_type, &said);
    struct aver_run run = {.entry = "main", .objects = &object, .host = &said, .gas_limit = 100000};
    assert_int_equal(run_on(vm, &roots[2], &said).trap, AVER_TRAP_NONE);
    assert_int_equal(aver_vm_run(vm, &run, &why), AVER_E_LIMIT);
    assert_string_equal(why.code, "VM-MEMORY");
    assert_int_equal(run_on(vm, &roots[3], &said).trap, AVER_TRAP_NONE);
    assert_int_equal(said, 3);
    aver_vm_free(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_price), cmocka_unit_test(test_many),
                                       cmocka_unit_test(test_too_large)};
    return cmocka_run_group_tests(tests, prepare, NULL);
}
