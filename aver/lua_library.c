/* aver/lua_library.c - all that a test in Lua can reach: lua_test.h says what it is for, docs/contract-tools.md how it is used. */
#include "aver/lua_host.h"

#define NOTES_MAX 100

static enum aver_trap assume(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    if (call->args[0].kind != AVER_NIL && !(call->args[0].kind == AVER_BOOL && !call->args[0].boolean))
        return AVER_TRAP_NONE;
    h->assumed_away = true;
    return AVER_TRAP_FAIL;
}

static enum aver_trap test_note(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    aver_bytes words;
    enum aver_trap trap = aver_lua_text(call, 0, "the note", &words);
    if (trap) return trap;
    if (h->run->out->notes.count == NOTES_MAX)
        return aver_lua_refuse(call, "a test makes at most %d notes", NOTES_MAX);
    *(const char **)aver_list_add(aver_lua_arena(call), &h->run->out->notes, sizeof(char *)) =
        aver_arena_printf(aver_lua_arena(call), "%.*s", AVER_STR(words));
    return AVER_TRAP_NONE;
}

static const struct aver_function test_methods[] = {{"note", test_note, 10, "fun(words: string)", NULL}};
const struct aver_object_type aver_test_type = {.name = "Test", .methods = test_methods, .methods_count = 1};

static const struct aver_function global_functions[] = {
    {"line", aver_lua_given_line, 20,
     "fun(procedure: string?, charge: string|integer, options?: {units?: string|integer, modifiers?: string, diagnoses?: string, place?: string, auth?: string, day?: string|integer, revenue?: string, drug?: string}): GivenLine",
     NULL},
    {"on", aver_lua_on, 10, "fun(day: string|integer)", NULL},
    {"adjudicate", aver_lua_adjudicate, 100, "fun(claim: GivenClaim): Decision", NULL},
    {"expect", aver_lua_expect, 10, "fun(decision: Decision): Expectation", NULL},
    {"check", aver_lua_check, 10, "fun(condition: any, words?: string)", NULL},
    {"assume", assume, 10, "fun(condition: any)", NULL},
};

const struct aver_vm_setup *aver_lua_test_setup(void)
{
    static struct aver_library libraries[2];
    static const struct aver_vm_setup setup = {
        .libraries = libraries, .libraries_count = 2, .declares = "test"};
    libraries[0] =
        (struct aver_library){NULL, global_functions, sizeof global_functions / sizeof *global_functions};
    libraries[1] = aver_lua_given;
    return &setup;
}

const struct aver_object_type *const *aver_lua_test_types(size_t *count)
{
    static const struct aver_object_type *const types[] = {
        &aver_test_type,     &aver_given_line_type,     &aver_given_claim_type,    &aver_lua_decision_type,
        &aver_lua_line_type, &aver_lua_adjustment_type, &aver_lua_expectation_type};
    *count = sizeof types / sizeof *types;
    return types;
}
