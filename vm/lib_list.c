/* vm/lib_list.c - the library's global functions (each, len, text, fail; those that sort are in lib_sort.c) and math. */
#include "vm/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These functions work on Lua's own values. call_function has put the arguments at vm->first and after. */

static enum aver_trap give(struct aver_call *call, int pushed)
{
    call->vm->pushed = pushed;
    return AVER_TRAP_NONE;
}

/* A name in front of a list, and nothing that is called: print.c prints the loop. */
static enum aver_trap each(struct aver_call *call)
{
    (void)call;
    AVER_UNREACHABLE();
}

/* ---- len, text, fail ---- */

static enum aver_trap len(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    const struct aver_value *v = &call->args[0];
    bool ok =
        v->kind == AVER_TEXT || v->kind == AVER_TABLE || (v->kind == AVER_OBJECT && v->object.type->length);
    if (!ok) vm_arg_bad(call, 0, "t", "a list, a table or a string");
    call->result = aver_int(vm_length(call->vm, call->vm->first));
    return AVER_TRAP_NONE;
}

static enum aver_trap text(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    const struct aver_value *v = &call->args[0];
    char number[24];
    switch (v->kind) {
    case AVER_NIL: call->result = aver_text(AVER_LIT("nil")); return AVER_TRAP_NONE;
    case AVER_BOOL:
        call->result = aver_text(v->boolean ? AVER_LIT("true") : AVER_LIT("false"));
        return AVER_TRAP_NONE;
    case AVER_TEXT: call->result = *v; return AVER_TRAP_NONE;
    case AVER_INT:
        vm_push_text(call->vm,
                     aver_bytes_of(number, (size_t)snprintf(number, sizeof number, "%" PRId64, v->integer)));
        return give(call, 1);
    case AVER_OBJECT:
    case AVER_TABLE: break;
    }
    vm_arg_bad(call, 0, "v", "an integer, a string, a boolean or nil");
}

static enum aver_trap fail(struct aver_call *call)
{
    vm_arg_count(call, 0, 1);
    aver_bytes words = call->argc ? vm_arg_text(call, 0, "text") : AVER_LIT("no reason given");
    aver_bytes shown = aver_bytes_cut(words, 0, words.len < 180 ? words.len : 180);
    vm_trap(call->vm, AVER_TRAP_FAIL, "%.*s", AVER_STR(shown));
}

static const struct aver_function globals[] = {
    {"each", each, GAS_EACH, "fun(list: any): (fun(): any, integer)", NULL},
    {"sorted_pairs", vm_sorted_pairs, 40, "fun(t: table): (fun(): (integer|string), any)", NULL},
    {"sort", vm_sort, 40, "fun(list: any, keys?: (integer|string)[]): any[]", NULL},
    {"len", len, 5, "fun(t: any): integer", NULL},
    {"text", text, 10, "fun(v: integer|string|boolean|nil): string", NULL},
    {"fail", fail, 1, "fun(text?: string)", NULL},
};
const struct aver_library vm_lib_globals = {NULL, globals, sizeof globals / sizeof globals[0]};

/* ---- math ---- */

static enum aver_trap extreme(struct aver_call *call, bool greatest)
{
    vm_arg_count(call, 1, AVER_VM_ARGS_MAX);
    int64_t best = vm_arg_int(call, 0, "a");
    for (int i = 1; i < call->argc; i++) {
        int64_t v = vm_arg_int(call, i, "b");
        if (greatest ? v > best : v < best) best = v;
    }
    call->result = aver_int(best);
    return AVER_TRAP_NONE;
}

static enum aver_trap math_min(struct aver_call *call) { return extreme(call, false); }
static enum aver_trap math_max(struct aver_call *call) { return extreme(call, true); }

static enum aver_trap math_abs(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    int64_t v = vm_arg_int(call, 0, "a");
    if (v == INT64_MIN) return AVER_TRAP_RANGE;
    call->result = aver_int(v < 0 ? -v : v);
    return AVER_TRAP_NONE;
}

static const struct aver_function math[] = {
    {"min", math_min, 6, "fun(a: integer, ...: integer): integer", NULL},
    {"max", math_max, 6, "fun(a: integer, ...: integer): integer", NULL},
    {"abs", math_abs, 6, "fun(a: integer): integer", NULL},
};
const struct aver_library vm_lib_math = {"math", math, sizeof math / sizeof math[0]};

/* ---- at once ---- */

static const struct aver_function *row_of(lua_State *L)
{
    return ((const struct vm_function_of_ours *)lua_touserdata(L, lua_upvalueindex(1)))->row;
}

/* Two integers, behind the depth. */
static bool are_two(lua_State *L) { return lua_gettop(L) == 3 && lua_isinteger(L, 2) && lua_isinteger(L, 3); }

static int min_at_once(lua_State *L)
{
    if (!are_two(L)) return vm_call(L);
    vm_charge(vm_of(L), row_of(L)->gas);
    if (lua_tointegerx(L, 3, NULL) >= lua_tointegerx(L, 2, NULL)) lua_settop(L, 2);
    return 1;
}

static int max_at_once(lua_State *L)
{
    if (!are_two(L)) return vm_call(L);
    vm_charge(vm_of(L), row_of(L)->gas);
    if (lua_tointegerx(L, 3, NULL) <= lua_tointegerx(L, 2, NULL)) lua_settop(L, 2);
    return 1;
}

const struct vm_at_once vm_at_once_rows[] = {{math_min, min_at_once}, {math_max, max_at_once}};
const size_t vm_at_once_count = sizeof vm_at_once_rows / sizeof vm_at_once_rows[0];
