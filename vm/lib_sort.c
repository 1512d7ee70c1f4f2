/* vm/lib_sort.c - what sorts: sorted_pairs and sort.
 *
 * A merge sort, since Lua's table.sort is not stable and picks its pivots by the clock, and qsort may call malloc. It takes
 * at most n * ceil(log2 n) comparisons, whatever the keys are. Nothing of the contract is called meanwhile: what is sorted
 * by are integers and texts that exist before, so a comparison can neither fail nor lie, and what it costs is known and
 * paid before the first one. */
#include "vm/internal.h"

#include <inttypes.h>
#include <string.h>

struct key {
    const uint8_t *text; /* NULL: an integer */
    union {
        size_t len;
        int64_t integer;
    };
};

/* Integers before texts; texts by their bytes. */
static int key_order(const struct key *a, const struct key *b)
{
    if (!a->text || !b->text) {
        if (a->text || b->text) return a->text ? 1 : -1;
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    return aver_bytes_cmp(aver_bytes_of(a->text, a->len), aver_bytes_of(b->text, b->len));
}

/* The key at a stack index. */
static struct key key_at(lua_State *L, int index)
{
    struct key k = {0};
    if (lua_type(L, index) == LUA_TSTRING)
        k.text = (const uint8_t *)lua_tolstring(L, index, &k.len);
    else
        k.integer = lua_tointegerx(L, index, NULL);
    return k;
}

struct sorting {
    struct key *keys;
    uint32_t *order, *spare; /* places in `keys`, from 0 */
    size_t n;
};

/* Room for n keys, in the contract's memory; pushes it. */
static struct sorting sorting_of(lua_State *L, size_t n)
{
    struct sorting s = {.n = n};
    s.keys = lua_newuserdatauv(L, (n + 1) * (sizeof *s.keys + 2 * sizeof *s.order), 0);
    s.order = (uint32_t *)(s.keys + n + 1);
    s.spare = s.order + n + 1;
    for (size_t i = 0; i < n; i++) s.order[i] = (uint32_t)i;
    return s;
}

/* order[from .. middle) and order[middle .. to), each sorted, into spare. Of equal keys the one on the left is first. */
static void merge(struct sorting *s, size_t from, size_t middle, size_t to)
{
    size_t a = from, b = middle;
    for (size_t i = from; i < to; i++) {
        bool left = b == to || (a < middle && key_order(&s->keys[s->order[a]], &s->keys[s->order[b]]) <= 0);
        s->spare[i] = s->order[left ? a++ : b++];
    }
}

static void sort_keys(struct sorting *s)
{
    for (size_t width = 1; width < s->n; width *= 2) {
        for (size_t from = 0; from < s->n; from += 2 * width) {
            size_t middle = from + width < s->n ? from + width : s->n;
            merge(s, from, middle, middle + width < s->n ? middle + width : s->n);
        }
        uint32_t *sorted = s->spare;
        s->spare = s->order;
        s->order = sorted;
    }
}

/* How often n can be halved: no less than ceil(log2 n). */
static uint64_t halvings(uint64_t n)
{
    uint64_t log = 1;
    while (n >> log) log++;
    return log;
}

/* ---- sorted_pairs ---- */

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

enum aver_trap vm_sorted_pairs(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    if (call->args[0].kind != AVER_TABLE) vm_arg_bad(call, 0, "t", "a table");
    struct aver_vm *vm = call->vm;
    lua_State *L = vm->L;
    /* Before the walk: places where keys were cost time too. What is sorted is copied twice. */
    uint64_t peak = vm_table_of(vm, vm->first)->peak, n = vm_table_of(vm, vm->first)->held, bytes = 0;
    vm_charge(vm, peak + n * (GAS_SORTED + halvings(n)));
    lua_settop(L, vm->first);
    lua_replace(L, 1);
    lua_settop(L, 1);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) bytes += lua_rawlen(L, -2);
    vm_charge(vm, bytes * halvings(n) / GAS_STRING_BYTES);

    lua_createtable(L, (int)n, 0);               /* 2: the keys as they were found */
    struct sorting s = sorting_of(L, (size_t)n); /* 3 */
    uint64_t found = 0;
    for (lua_pushnil(L); lua_next(L, 1);) {
        lua_pop(L, 1);
        AVER_ASSERT(found < n);
        s.keys[found++] = key_at(L, -1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, (lua_Integer)found);
    }
    AVER_ASSERT(found == n);
    sort_keys(&s);
    lua_pushvalue(L, 1);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 0; i < (lua_Integer)n; i++) {
        lua_rawgeti(L, 2, (lua_Integer)s.order[i] + 1);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, sorted_next, 3);
    vm->pushed = 1;
    return AVER_TRAP_NONE;
}

/* ---- sort ---- */

/* The items of a list of the host, as a table on top of the stack; how many. */
static uint64_t take_items(struct aver_vm *vm, const struct aver_object *o)
{
    lua_createtable(vm->L, 0, 0);
    for (uint64_t n = 0;; n++) {
        struct aver_value v = aver_nil();
        vm_charge(vm, GAS_STEP);
        enum aver_trap trap = o->type->index(vm->host, o->self, n + 1, &v);
        if (trap != AVER_TRAP_NONE) vm_trap(vm, trap, "item %" PRIu64 " of %s", n + 1, o->type->name);
        if (v.kind == AVER_NIL) return n;
        vm_charge(vm, GAS_NEW_KEY);
        vm_push(vm, &v);
        lua_rawseti(vm->L, -2, (lua_Integer)n + 1);
    }
}

/* The n keys in the list at a stack index; how many bytes of text. They are all integers or all texts. */
static uint64_t take_keys(struct aver_call *call, struct sorting *s, int list, const char *name)
{
    lua_State *L = call->vm->L;
    uint64_t bytes = 0;
    for (size_t i = 0; i < s->n; i++) {
        int type = lua_rawgeti(L, list, (lua_Integer)i + 1);
        if ((type != LUA_TSTRING && !lua_isinteger(L, -1)) ||
            (i > 0 && (type == LUA_TSTRING) != (s->keys[0].text != NULL)))
            vm_trap(call->vm, AVER_TRAP_ARGUMENT,
                    "item %zu of \"%s\": what is sorted by is all integers or all strings", i + 1, name);
        s->keys[i] = key_at(L, -1); /* stays alive without the stack: nothing is ever collected */
        if (s->keys[i].text) bytes += s->keys[i].len;
        lua_pop(L, 1);
    }
    return bytes;
}

enum aver_trap vm_sort(struct aver_call *call)
{
    vm_arg_count(call, 1, 2);
    struct aver_vm *vm = call->vm;
    lua_State *L = vm->L;
    const struct aver_value *list = &call->args[0];
    int items = vm->first, keys = items;
    if (list->kind != AVER_TABLE && (list->kind != AVER_OBJECT || !list->object.type->index))
        vm_arg_bad(call, 0, "list", "a list");
    if (call->argc > 1 && call->args[1].kind != AVER_TABLE) vm_arg_bad(call, 1, "keys", "a list");
    uint64_t n;
    if (list->kind == AVER_TABLE) {
        n = vm_table_of(vm, items)->list;
    } else {
        n = take_items(vm, &list->object);
        items = lua_gettop(L);
        if (call->argc == 1) keys = items;
    }
    if (call->argc > 1) {
        keys = vm->first + 1;
        uint64_t given = vm_table_of(vm, keys)->list;
        if (given != n) {
            aver_call_say(call, "%" PRIu64 " items and %" PRIu64 " keys", n, given);
            return AVER_TRAP_ARGUMENT;
        }
    }
    vm_charge(vm, n * (GAS_SORTED + halvings(n)));
    struct sorting s = sorting_of(L, (size_t)n);
    vm_charge(vm,
              take_keys(call, &s, keys, call->argc > 1 ? "keys" : "list") * halvings(n) / GAS_STRING_BYTES);
    sort_keys(&s);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 0; i < (lua_Integer)n; i++) {
        lua_rawgeti(L, items, (lua_Integer)s.order[i] + 1);
        lua_rawseti(L, -2, i + 1);
    }
    vm->pushed = 1;
    return AVER_TRAP_NONE;
}
