/* vm/support.c - the functions that the inserted code calls (print.c), and what is known of each table.
 *
 * Lua's tables are made anew when they are full, at moments that depend on hashes and on the version of Lua, and that
 * work shows nowhere in the source. So each table that is written to has a record here, of what the source did to it,
 * and a new key pays for the work that it may cause: making a table anew takes time in proportion to the keys it held,
 * and happens without the table growing only after keys were removed. Keys are integers and texts. Lua finds a text by a
 * hash that nobody can foresee, but an integer outside a list by its remainder, which anybody can: so there are few of
 * those. The length of a table is the number of its items before the first gap, which Lua's own # does not promise. */
#include "vm/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLICE 4096 /* gas that the inserted code holds at a time */

/* ---- gas ---- */

uint64_t vm_slice(struct aver_vm *vm)
{
    if (!vm->owned) return 0;
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_OWNER);
    lua_getupvalue(vm->L, -1, 1);
    lua_Integer slice = lua_tointegerx(vm->L, -1, NULL);
    lua_pop(vm->L, 2);
    return slice > 0 ? (uint64_t)slice : 0;
}

void vm_slice_set(struct aver_vm *vm, uint64_t slice)
{
    if (!vm->owned) return;
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_OWNER);
    lua_pushinteger(vm->L, (lua_Integer)slice);
    lua_setupvalue(vm->L, -2, 1);
    lua_pop(vm->L, 1);
}

AVER_NORETURN static void out_of_gas(struct aver_vm *vm)
{
    vm->gas_left = 0;
    vm_slice_set(vm, 0);
    vm_trap(vm, AVER_TRAP_GAS, "out of gas");
}

void vm_charge_slowly(struct aver_vm *vm, uint64_t gas)
{
    if (vm->lines) vm_lines_charge(vm, gas);
    if (gas <= vm->gas_left) {
        vm->gas_left -= gas;
        return;
    }
    uint64_t slice = vm_slice(vm), rest = gas - vm->gas_left;
    if (rest > slice) out_of_gas(vm);
    vm->gas_left = 0;
    vm_slice_set(vm, slice - rest);
}

/* __own(function() return __G end): how the host sees __G. */
static int own(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    lua_settop(L, 1);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_OWNER);
    vm->owned = true;
    return 0;
}

/* __more(g): __G is below zero by as much as is still to be paid. Returns its new value. */
static int more(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    uint64_t due = (uint64_t)-lua_tointegerx(L, 1, NULL);
    if (due > vm->gas_left) out_of_gas(vm);
    vm->gas_left -= due;
    uint64_t slice = vm->gas_left / 2 < SLICE ? vm->gas_left / 2 : SLICE;
    vm->gas_left -= slice;
    lua_pushinteger(L, (lua_Integer)slice);
    return 1;
}

/* __turns(from, to, step, gas): the price of all turns of a loop. */
static int turns(lua_State *L)
{
    int64_t from = lua_tointegerx(L, 1, NULL), to = lua_tointegerx(L, 2, NULL),
            step = lua_tointegerx(L, 3, NULL);
    uint64_t gas = (uint64_t)lua_tointegerx(L, 4, NULL), more_turns = 0, all;
    if (step == 0 || (step > 0 ? from > to : from < to)) return 0;
    if (step > 0)
        more_turns = ((uint64_t)to - (uint64_t)from) / (uint64_t)step;
    else
        more_turns = ((uint64_t)from - (uint64_t)to) / (0 - (uint64_t)step);
    if (more_turns == UINT64_MAX || __builtin_mul_overflow(more_turns + 1, gas, &all)) all = UINT64_MAX;
    vm_charge(vm_of(L), all);
    return 0;
}

static int deep(lua_State *L)
{
    vm_trap(vm_of(L), AVER_TRAP_RANGE, "calls more than %d deep", AVER_VM_CALL_DEPTH_MAX);
}

/* ---- tables ---- */

struct vm_table *vm_table_slot(const struct vm_tables *m, const void *table)
{
    uint64_t h = ((uint64_t)(uintptr_t)table >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    for (uint32_t i = (uint32_t)h;; i++) {
        struct vm_table *t = &m->slots[i & (m->cap - 1)];
        if (!t->table || t->table == table) return t;
    }
}

static void grow(struct aver_vm *vm)
{
    struct vm_tables *m = &vm->tables, wider = {.cap = m->cap ? m->cap * 2 : 16, .count = m->count};
    wider.slots = vm_alloc(vm, NULL, 0, wider.cap * sizeof *wider.slots);
    memset(wider.slots, 0, wider.cap * sizeof *wider.slots);
    for (uint32_t i = 0; i < m->cap; i++)
        if (m->slots[i].table) *vm_table_slot(&wider, m->slots[i].table) = m->slots[i];
    *m = wider;
}

/* Charges before it looks at each key. Keys that a constructor let in are as many as the source has. */
static void count_keys(struct aver_vm *vm, lua_State *L, int index,
                       struct vm_table *t) /* leaves things on the stack */
{
    uint32_t integers = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        vm_charge(vm, GAS_COUNTED);
        if (lua_type(L, -2) == LUA_TSTRING)
            t->texts++;
        else
            integers++;
    }
    while (t->list < integers && lua_rawgeti(L, index, (lua_Integer)t->list + 1) != LUA_TNIL) {
        t->list++;
        lua_pop(L, 1);
    }
    t->outside = integers - t->list;
    t->held = t->peak = integers + t->texts;
}

struct vm_table *vm_table_of(struct aver_vm *vm, int index)
{
    struct vm_tables *m = &vm->tables;
    const void *table = lua_topointer(vm->L, index);
    if (vm_is_term(vm, table)) return vm_table_slot(&vm->image->known, table);
    if (m->cap) {
        struct vm_table *t = vm_table_slot(m, table);
        if (t->table) return t;
    }
    vm_charge(vm, GAS_KNOWN);
    struct vm_table fresh = {.table = table};
    int top = lua_gettop(vm->L);
    count_keys(vm, vm->L, index, &fresh);
    lua_settop(vm->L, top);
    if (4 * (m->count + 1) > 3 * m->cap) grow(vm);
    struct vm_table *t = vm_table_slot(m, table);
    m->count++;
    *t = fresh;
    return t;
}

/* A key that was not there. */
static void added(struct aver_vm *vm, struct vm_table *t)
{
    vm_charge(vm, GAS_NEW_KEY);
    if (t->removed) {
        vm_charge(vm, (uint64_t)GAS_REMADE * t->peak);
        t->removed--;
    }
    if (++t->held > t->peak) t->peak = t->held;
}

static void outside(struct aver_vm *vm, struct vm_table *t)
{
    if (++t->outside > AVER_VM_OUTSIDE_MAX)
        vm_trap(
            vm, AVER_TRAP_RANGE,
            "more than %d integer keys set or removed out of the order of a list: use text(key) as the key",
            AVER_VM_OUTSIDE_MAX);
}

static void set_integer(struct aver_vm *vm, lua_State *L, struct vm_table *t, int64_t k)
{
    bool had = lua_rawgeti(L, 1, k) != LUA_TNIL, has = !lua_isnil(L, 3);
    lua_settop(L, 3);
    if (!had && has) {
        bool next = k == (int64_t)t->list + 1;
        if (!next) outside(vm, t);
        added(vm, t);
        if (next) t->list++;
    } else if (had && !has) {
        t->held--;
        if (k >= 1 && k <= (int64_t)t->list) {
            if (k != (int64_t)t->list) {
                outside(vm, t);
                t->removed++;
            }
            t->list = (uint32_t)k - 1;
        } else {
            outside(vm, t);
            t->removed++;
        }
    }
    lua_rawseti(L, 1, k);
    /* The items behind a gap that was closed. */
    while (t->held > t->list + t->texts && lua_rawgeti(L, 1, (lua_Integer)t->list + 1) != LUA_TNIL) {
        vm_charge(vm, GAS_COUNTED);
        t->list++;
        lua_pop(L, 1);
    }
}

static void check_text_key(struct aver_vm *vm, lua_State *L, int index)
{
    if (lua_rawlen(L, index) > AVER_VM_KEY_BYTES_MAX)
        vm_trap(vm, AVER_TRAP_RANGE, "a key of more than %d bytes", AVER_VM_KEY_BYTES_MAX);
}

static void set_text(struct aver_vm *vm, lua_State *L, struct vm_table *t)
{
    check_text_key(vm, L, 2);
    lua_pushvalue(L, 2);
    bool had = lua_rawget(L, 1) != LUA_TNIL, has = !lua_isnil(L, 3);
    lua_settop(L, 3);
    if (!had && has) {
        if (t->texts == AVER_VM_TABLE_KEYS_MAX)
            vm_trap(vm, AVER_TRAP_RANGE, "a table of more than %d keys that are no list",
                    AVER_VM_TABLE_KEYS_MAX);
        added(vm, t);
        t->texts++;
    } else if (had && !has) {
        t->held--;
        t->texts--;
        t->removed++;
    }
    lua_rawset(L, 1);
}

AVER_NORETURN static void bad_key(struct aver_vm *vm, lua_State *L, int index)
{
    vm_trap(vm, AVER_TRAP_ERROR, "a key is an integer or a text, not a %s value",
            lua_typename(L, lua_type(L, index)));
}

/* __set(table, key, value) */
static int set(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const struct aver_object *o = vm_object(L, 1);
    if (o) vm_trap(vm, AVER_TRAP_FIELD, "a %s is read only", o->type->name);
    if (!lua_istable(L, 1))
        vm_trap(vm, AVER_TRAP_ERROR, "attempt to index a %s value (assigning to a field of it)",
                lua_typename(L, lua_type(L, 1)));
    if (vm_is_term(vm, lua_topointer(L, 1)))
        vm_trap(vm, AVER_TRAP_FIELD, "what %s returned is read only", vm->setup->prepare);
    lua_settop(L, 3);
    struct vm_table *t = vm_table_of(vm, 1);
    if (lua_isinteger(L, 2))
        set_integer(vm, L, t, lua_tointegerx(L, 2, NULL));
    else if (lua_type(L, 2) == LUA_TSTRING)
        set_text(vm, L, t);
    else
        bad_key(vm, L, 2);
    return 0;
}

/* __key(key): a key in brackets of a table constructor. */
static int key(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING)
        check_text_key(vm, L, 1);
    else if (!lua_isinteger(L, 1))
        bad_key(vm, L, 1);
    return 1;
}

/* ---- lengths and texts ---- */

int64_t vm_length(struct aver_vm *vm, int index)
{
    lua_State *L = vm->L;
    const struct aver_object *o = vm_object(L, index);
    if (lua_type(L, index) == LUA_TSTRING) return (int64_t)lua_rawlen(L, index);
    if (!o && lua_istable(L, index)) return vm_table_of(vm, index)->list;
    if (o && o->type->length) {
        vm_charge(vm, GAS_STEP);
        uint64_t n = o->type->length(vm->host, o->self);
        AVER_ASSERT(n <= AVER_VM_LENGTH_MAX);
        return (int64_t)n;
    }
    if (o) vm_trap(vm, AVER_TRAP_FIELD, "a %s has no length", o->type->name);
    vm_trap(vm, AVER_TRAP_ERROR, "attempt to get length of a %s value", lua_typename(L, lua_type(L, index)));
}

/* __len(value) */
static int length(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushinteger(L, vm_length(vm_of(L), 1));
    return 1;
}

void vm_push_text(struct aver_vm *vm, aver_bytes text)
{
    if (text.len > AVER_VM_STRING_MAX)
        vm_trap(vm, AVER_TRAP_RANGE, "a string of more than %d bytes", AVER_VM_STRING_MAX);
    vm_charge(vm, GAS_STRING + text.len / GAS_STRING_BYTES);
    lua_pushlstring(vm->L, text.len ? (const char *)text.ptr : "", text.len);
}

/* __cat(a, b, ...) */
static int cat(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    uint8_t out[AVER_VM_STRING_MAX + 1];
    size_t n = 0;
    int top = lua_gettop(L);
    for (int i = 1; i <= top; i++) {
        char number[24];
        const char *p = number;
        size_t len;
        if (lua_isinteger(L, i)) {
            vm_charge(vm, GAS_DIGITS);
            len = (size_t)snprintf(number, sizeof number, "%" PRId64, (int64_t)lua_tointegerx(L, i, NULL));
        } else if (lua_type(L, i) == LUA_TSTRING) {
            p = lua_tolstring(L, i, &len);
        } else {
            vm_trap(vm, AVER_TRAP_ERROR, "attempt to concatenate a %s value (operand %d of the \"..\")",
                    lua_typename(L, lua_type(L, i)), i);
        }
        if (len > AVER_VM_STRING_MAX - n)
            vm_trap(vm, AVER_TRAP_RANGE, "a string of more than %d bytes", AVER_VM_STRING_MAX);
        vm_charge(vm, GAS_OPERAND + len / GAS_TEXT_BYTES);
        memcpy(out + n, p, len);
        n += len;
    }
    vm_push_text(vm, aver_bytes_of(out, n));
    return 1;
}

/* ---- arithmetic ---- */

static int64_t operand(lua_State *L, int i)
{
    if (!lua_isinteger(L, i))
        vm_trap(vm_of(L), AVER_TRAP_ERROR, "attempt to perform arithmetic on a %s value%s",
                lua_typename(L, lua_type(L, i)),
                lua_type(L, i) == LUA_TSTRING
                    ? " (texts are joined with \"..\" and compared with str.compare)"
                    : "");
    return lua_tointegerx(L, i, NULL);
}

/* __over(): the printed expression has found that its result does not fit. */
static int over(lua_State *L)
{
    vm_trap(vm_of(L), AVER_TRAP_RANGE, "the result of an operation passes 2^63");
}

/* __add, __sub, __mul (a, b) */
static int add(lua_State *L)
{
    int64_t r, a = operand(L, 1), b = operand(L, 2);
    if (__builtin_add_overflow(a, b, &r)) over(L);
    lua_pushinteger(L, r);
    return 1;
}
static int subtract(lua_State *L)
{
    int64_t r, a = operand(L, 1), b = operand(L, 2);
    if (__builtin_sub_overflow(a, b, &r)) over(L);
    lua_pushinteger(L, r);
    return 1;
}
static int multiply(lua_State *L)
{
    int64_t r, a = operand(L, 1), b = operand(L, 2);
    if (__builtin_mul_overflow(a, b, &r)) over(L);
    lua_pushinteger(L, r);
    return 1;
}

/* By what is no literal. Lua 5.4.4 gives a wrong line when it is zero. */
static int64_t dividend(lua_State *L, int64_t *divisor)
{
    int64_t a = operand(L, 1);
    *divisor = operand(L, 2);
    if (*divisor == 0) vm_trap(vm_of(L), AVER_TRAP_ERROR, "attempt to divide by zero");
    return a;
}

/* __div(a, b): towards minus infinity, as in Lua. */
static int divide(lua_State *L)
{
    int64_t b, a = dividend(L, &b);
    if (b == -1 && a == INT64_MIN) over(L);
    lua_pushinteger(L, b != -1 && a % b != 0 && (a ^ b) < 0 ? a / b - 1 : a / b);
    return 1;
}

/* __mod(a, b): of the divisor's sign, as in Lua. */
static int modulo(lua_State *L)
{
    int64_t b, a = dividend(L, &b);
    int64_t r = b == -1 ? 0 : a % b;
    lua_pushinteger(L, r != 0 && (r ^ b) < 0 ? r + b : r);
    return 1;
}

int vm_push_support(lua_State *L)
{
    static const lua_CFunction functions[] = {own,    more,   set,   cat,  length, key,      deep,
                                              divide, modulo, turns, over, add,    subtract, multiply};
    enum { COUNT = sizeof functions / sizeof functions[0] };
    lua_pushinteger(L, 0); /* __G */
    for (int i = 0; i < COUNT; i++) lua_pushcclosure(L, functions[i], 0);
    return 1 + COUNT;
}
