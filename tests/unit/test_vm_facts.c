/* tests/unit/test_vm_facts.c - objects whose facts are handed over with them: they read, compare and refuse as all objects do, a
 * change is seen, and of more objects than have room for facts each is still itself. */
#include "vm/vm.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ITEMS 20 /* of which MOST have facts */
#define MOST  6

struct item {
    int64_t number, asked; /* asked: how often its number was read */
};
static struct item items[ITEMS];
static const struct aver_object_type item_type;

static enum aver_trap read_number(void *host, void *self, const void *user, struct aver_value *out)
{
    struct item *item = self;
    (void)host, (void)user;
    item->asked++;
    *out = aver_int(item->number);
    return AVER_TRAP_NONE;
}
static enum aver_trap read_name(void *host, void *self, const void *user, struct aver_value *out)
{
    (void)host, (void)user;
    if (((struct item *)self)->number % 2) *out = aver_text(AVER_LIT("odd"));
    return AVER_TRAP_NONE;
}
static bool find(aver_bytes field, struct aver_property *out)
{
    if (aver_bytes_is(field, "number"))
        *out = (struct aver_property){read_number, NULL};
    else if (aver_bytes_is(field, "name") || aver_bytes_is(field, "plain"))
        *out = (struct aver_property){read_name, NULL};
    else
        return false;
    return true;
}
static enum aver_trap add(struct aver_call *call)
{
    struct item *item = call->self.self;
    item->number += call->args[0].integer;
    aver_call_changed(call, &call->self, "number");
    return AVER_TRAP_NONE;
}
static const struct aver_function methods[] = {{"add", add, 1, "fun(self: Item, n: integer)", NULL}};
static const struct aver_object_type item_type = {
    .name = "Item", .find = find, .methods = methods, .methods_count = 1};

static enum aver_trap item(struct aver_call *call)
{
    int64_t i = call->args[0].integer;
    if (i >= 1 && i <= ITEMS) call->result = aver_obj(&item_type, &items[i - 1]);
    return AVER_TRAP_NONE;
}
static enum aver_trap is_item(struct aver_call *call)
{
    call->result = aver_bool(call->args[0].kind == AVER_OBJECT && call->args[0].object.type == &item_type);
    return AVER_TRAP_NONE;
}
static enum aver_trap say(struct aver_call *call)
{
    *(int64_t *)call->host = call->args[0].integer;
    return AVER_TRAP_NONE;
}
static const struct aver_function functions[] = {{"item", item, 1, "fun(i: integer): Item?", NULL},
                                                 {"is_item", is_item, 1, "fun(v: any): boolean", NULL},
                                                 {"say", say, 1, "fun(v: integer)", NULL}};
static const struct aver_library library = {NULL, functions, 3};
static const char *const names[] = {"number", "name", NULL};
static const struct aver_facts facts[] = {{&item_type, names, MOST}};
static const struct aver_vm_setup setup = {
    .libraries = &library, .libraries_count = 1, .facts = facts, .facts_count = 1};

static struct aver_run run(const char *body, int64_t *said)
{
    char source[1024];
    struct aver_why why;
    struct aver_vm *vm;
    struct aver_run again, first = {.entry = "main", .host = said, .gas_limit = 100000};
    snprintf(source, sizeof source, "return { main = function()\n%s\nend }\n", body);
    if (aver_vm_new(&vm, &setup, "t", aver_bytes_str(source), &why)) fail_msg("%s (%s)", why.text, why.place);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < ITEMS; k++) items[k] = (struct item){.number = k + 1};
        *said = -1;
        again = first;
        if (aver_vm_run(vm, &again, &why)) fail_msg("%s", why.text);
        if (i && (again.gas_used != first.gas_used || again.trap != first.trap))
            fail_msg("%s: other gas", body);
        first.gas_used = again.gas_used;
        first.trap = again.trap;
    }
    aver_vm_free(vm);
    return again;
}

static void gives(const char *body, int64_t expected)
{
    int64_t said;
    struct aver_run r = run(body, &said);
    if (r.trap) fail_msg("%s: %s", body, r.trap_text);
    if (said != expected) fail_msg("%s: %" PRId64 ", not %" PRId64, body, said, expected);
}

static void traps(const char *body, enum aver_trap trap, const char *words)
{
    int64_t said;
    struct aver_run r = run(body, &said);
    if (r.trap != trap || !strstr(r.trap_text, words))
        fail_msg("%s: trap %d (%s), not %d (%s)", body, (int)r.trap, r.trap_text, (int)trap, words);
}

static void test_read(void **state)
{
    (void)state;
    gives("local a = item(3) say(a.number)", 3);
    gives(
        "local a = item(3) if a.name == \"odd\" and a.plain == \"odd\" and item(4).name == nil then say(1) end",
        1);
    gives("local a = item(3) if is_item(a) and not is_item({ number = 3 }) then say(1) end", 1);
    gives("local a, b = item(3), item(3) if a == b and a ~= item(4) then say(a.number) end", 3);
    gives("local s = 0 for i = 1, 20 do s = s + item(i).number end say(s)", 210);
    /* Whether an object has room for its facts shows nowhere. */
    gives(
        "local t, n = {}, 0 for i = 1, 20 do t[i] = item(i) end\n"
        "for i = 1, 20 do if t[i] == item(i) and t[i].number == i and is_item(t[i]) then n = n + 1 end end say(n)",
        20);
}

static void test_asked_once(void **state)
{
    int64_t said;
    (void)state;
    run("local n = 0 for i = 1, 50 do n = n + item(2).number end say(n)", &said);
    assert_int_equal(said, 100);
    assert_int_equal(items[1].asked, 1);
    /* Not at all where the source does not name it. */
    run("if item(1).name == \"odd\" then say(1) end", &said);
    assert_int_equal(items[0].asked, 0);
}

static void test_changed(void **state)
{
    (void)state;
    gives("local a = item(3) a:add(10) say(a.number)", 13);
    gives("local a, b = item(3), item(3) a:add(10) say(b.number)", 13);
    gives(
        "local n = 0 for i = 1, 20 do local a = item(i) a:add(1) n = n + a.number + item(i).number end say(n)",
        460);
    /* The next run has its own: run() compares the two. */
    gives("local a = item(1) a:add(1) a:add(1) say(a.number)", 3);
}

static void test_refused(void **state)
{
    (void)state;
    traps("local a = item(1) a.number = 5", AVER_TRAP_FIELD, "read only");
    traps("local a = item(1) a.other = 5", AVER_TRAP_FIELD, "read only");
    traps("local a = item(20) for i = 1, 20 do item(i) end a.number = 5", AVER_TRAP_FIELD, "read only");
    traps("say(item(1).other)", AVER_TRAP_FIELD, "no field \"other\"");
    traps("say(item(1)[1])", AVER_TRAP_FIELD, "no list");
    traps("say(#item(1))", AVER_TRAP_FIELD, "no length");
    traps("for v in each(item(1)) do end", AVER_TRAP_FIELD, "no list");
    traps("for k, v in sorted_pairs(item(1)) do end", AVER_TRAP_ARGUMENT, "a table");
    traps("item(1):number()", AVER_TRAP_FIELD, "no method");
    traps("local t = {} t[item(1)] = 1", AVER_TRAP_ERROR, "a key is");
    traps("say(item(1) + 1)", AVER_TRAP_ERROR, "arithmetic");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_asked_once),
                                       cmocka_unit_test(test_changed), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
