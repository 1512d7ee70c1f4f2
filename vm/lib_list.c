/* vm/lib_list.c - the library's global functions (each, sorted_pairs, len, text, fail) and math. */
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

/* ---- each ---- */

/* Upvalues: the list, the index of the last item. Gives item, index; nil at the end. */
static int each_next(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    int64_t i = lua_tointegerx(L, lua_upvalueindex(2), NULL) + 1;
    vm_charge(vm, GAS_STEP);
    lua_pushinteger(L, i);
    lua_copy(L, -1, lua_upvalueindex(2));
    const struct aver_object *o = vm_object(L, lua_upvalueindex(1));
    if (o) {
        struct aver_value v = aver_nil();
        enum aver_trap trap = o->type->index(vm->host, o->self, (uint64_t)i, &v);
        if (trap != AVER_TRAP_NONE) vm_trap(vm, trap, "item %" PRId64 " of %s", i, o->type->name);
        vm_push(vm, &v);
    } else {
        lua_rawgeti(L, lua_upvalueindex(1), i);
    }
    lua_insert(L, -2);
    return 2;
}

static enum aver_trap each(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    const struct aver_value *list = &call->args[0];
    bool ok = list->kind == AVER_TABLE || (list->kind == AVER_OBJECT && list->object.type->index);
    if (!ok) vm_arg_bad(call, 0, "list", "a list");
    lua_State *L = call->vm->L;
    lua_pushvalue(L, call->vm->first);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, each_next, 2);
    return give(call, 1);
}

/* ---- sorted_pairs ---- */

struct key {
    const uint8_t *text; /* NULL: an integer */
    size_t len;
    int64_t integer;
    lua_Integer at; /* in the list of keys as they were found */
};

static int key_order(const void *pa, const void *pb)
{
    const struct key *a = pa, *b = pb;
    if (!a->text || !b->text) {
        if (a->text || b->text) return a->text ? 1 : -1;
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    return aver_bytes_cmp(aver_bytes_of(a->text, a->len), aver_bytes_of(b->text, b->len));
}

/* Keys of one table differ, so the order is total and any sort gives the same result. A heap sort, whose steps are
 * bounded by n log n whatever the keys are, and which needs no memory (qsort may call malloc). */
static void sift(struct key *keys, size_t i, size_t n)
{
    struct key top = keys[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && key_order(&keys[child + 1], &keys[child]) > 0) child++;
        if (key_order(&keys[child], &top) <= 0) break;
        keys[i] = keys[child];
    }
    keys[i] = top;
}

static void sort_keys(struct key *keys, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) sift(keys, i, n);
    for (size_t end = n; end > 1;) {
        struct key last = keys[--end];
        keys[end] = keys[0];
        keys[0] = last;
        sift(keys, 0, end);
    }
}

/* Upvalues: the table, the sorted keys, the index of the last one. A key removed meanwhile is passed over. */
static int sorted_next(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    int64_t i = lua_tointegerx(L, lua_upvalueindex(3), NULL);
    for (;;) {
        vm_charge(vm, GAS_STEP);
        if (lua_rawgeti(L, lua_upvalueindex(2), ++i) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) break;
        lua_pop(L, 2);
    }
    lua_pushinteger(L, i);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_pop(L, 1);
    return 2;
}

static enum aver_trap sorted_pairs(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    if (call->args[0].kind != AVER_TABLE) vm_arg_bad(call, 0, "t", "a table");
    struct aver_vm *vm = call->vm;
    lua_State *L = vm->L;
    /* Before the walk: places where keys were cost time too. What is sorted is copied twice. */
    uint64_t peak = vm_table_of(vm, vm->first)->peak, n = vm_table_of(vm, vm->first)->held, log = 1,
             bytes = 0;
    while (n >> log) log++;
    vm_charge(vm, peak + n * (GAS_SORTED + log));
    lua_settop(L, vm->first);
    lua_replace(L, 1);
    lua_settop(L, 1);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) bytes += lua_rawlen(L, -2);
    vm_charge(vm, bytes * log / GAS_STRING_BYTES);

    lua_createtable(L, (int)n, 0); /* 2: the keys as they were found */
    struct key *keys = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *keys, 0); /* 3 */
    uint64_t found = 0;
    for (lua_pushnil(L); lua_next(L, 1);) {
        lua_pop(L, 1);
        AVER_ASSERT(found < n);
        struct key *k = &keys[found++];
        *k = (struct key){.at = (lua_Integer)found};
        if (lua_type(L, -1) == LUA_TSTRING)
            k->text = (const uint8_t *)lua_tolstring(L, -1, &k->len);
        else
            k->integer = lua_tointegerx(L, -1, NULL);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, (lua_Integer)found);
    }
    AVER_ASSERT(found == n);
    sort_keys(keys, (size_t)n);
    lua_pushvalue(L, 1);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 0; i < (lua_Integer)n; i++) {
        lua_rawgeti(L, 2, keys[i].at);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, sorted_next, 3);
    return give(call, 1);
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
    {"each", each, 14, "fun(list: any): (fun(): any, integer)", NULL},
    {"sorted_pairs", sorted_pairs, 40, "fun(t: table): (fun(): (integer|string), any)", NULL},
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
