/* vm/host.c - values, functions and objects crossing between a contract and its host. */
#include "vm/internal.h"

#include <stdio.h>
#include <string.h>

/* ---- values ---- */

static const char no_object = 0; /* never the address of an object's type */

struct vm_object_block { /* what a contract holds as userdata */
    const char *mark;    /* only our userdata exist; the mark is for assertions */
    struct aver_object object;
};

/* A contract holds no other userdata than ours: blocks of objects, and never a light one. */
const struct aver_object *vm_object(lua_State *L, int index)
{
    const struct aver_vm *vm = vm_of(L);
    const void *at = lua_topointer(L, index);
    const struct aver_object *o = vm_facts_object(vm, at);
    if (o) return o;
    const struct vm_object_block *block = lua_touserdata(L, index);
    if (!block) return vm->trees.count ? vm_tree_object(vm, at) : NULL;
    AVER_ASSERT(block->mark == &no_object);
    return &block->object;
}

static struct vm_object_block *push_block(lua_State *L)
{
    struct vm_object_block *block = lua_newuserdatauv(L, sizeof *block, 0);
    *block = (struct vm_object_block){.mark = &no_object};
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_OBJECT_META);
    lua_setmetatable(L, -2);
    return block;
}

void vm_make_blocks(struct aver_vm *vm)
{
    for (uint32_t i = 0; i < VM_BLOCKS; i++) {
        vm->blocks[i] = push_block(vm->L);
        lua_rawseti(vm->L, LUA_REGISTRYINDEX, REGISTRY_BLOCKS + (lua_Integer)i);
    }
}

static void push_object(struct aver_vm *vm, struct aver_object object)
{
    const struct vm_tree_node *node = object.type->part ? vm_tree_of(vm, object) : NULL;
    if (node) {
        vm_tree_push(vm, node);
        return;
    }
    if (vm_facts_push(vm, object)) return;
    vm_charge(vm, GAS_OBJECT);
    struct vm_object_block *block;
    if (vm->blocks_used < VM_BLOCKS) {
        lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_BLOCKS + (lua_Integer)vm->blocks_used);
        block = vm->blocks[vm->blocks_used++];
    } else {
        block = push_block(vm->L);
    }
    block->object = object;
}

void vm_push(struct aver_vm *vm, const struct aver_value *v)
{
    lua_State *L = vm->L;
    switch (v->kind) {
    case AVER_NIL: lua_pushnil(L); return;
    case AVER_BOOL: lua_pushboolean(L, v->boolean); return;
    case AVER_INT: lua_pushinteger(L, v->integer); return;
    case AVER_TEXT: vm_push_text(vm, v->text); return;
    case AVER_OBJECT:
        AVER_ASSERT(v->object.type);
        push_object(vm, v->object);
        return;
    case AVER_TABLE: break;
    }
    AVER_UNREACHABLE();
}

/* The value at a stack index; false for what no host takes. Text and tables stay good while they are on the stack. */
static bool value_at(lua_State *L, int index, struct aver_value *out)
{
    int whole;
    switch (lua_type(L, index)) {
    case LUA_TNIL: out->kind = AVER_NIL; return true;
    case LUA_TBOOLEAN:
        out->kind = AVER_BOOL;
        out->boolean = lua_toboolean(L, index);
        return true;
    case LUA_TNUMBER:
        out->kind = AVER_INT;
        out->integer = lua_tointegerx(L, index, &whole);
        return whole;
    case LUA_TSTRING:
        out->kind = AVER_TEXT;
        out->text.ptr = (const uint8_t *)lua_tolstring(L, index, &out->text.len);
        return true;
    case LUA_TTABLE: {
        const struct aver_vm *vm = vm_of(L);
        const void *table = lua_topointer(L, index);
        const struct aver_object *node = vm_facts_object(vm, table);
        if (!node && vm->trees.count) node = vm_tree_object(vm, table);
        if (node) {
            out->kind = AVER_OBJECT;
            out->object = *node;
            return true;
        }
        out->kind = AVER_TABLE;
        out->table = index;
        return true;
    }
    case LUA_TUSERDATA:
        out->kind = AVER_OBJECT;
        out->object = *vm_object(L, index);
        return true;
    default: return false;
    }
}

static const char *function_name(char out[128], const struct vm_function_of_ours *f)
{
    const struct aver_library *library = f->owner;
    if (f->kind == FUNCTION_METHOD)
        snprintf(out, 128, "%s:%s", ((const struct aver_object_type *)f->owner)->name, f->row->name);
    else if (library->name)
        snprintf(out, 128, "%s.%s", library->name, f->row->name);
    else
        snprintf(out, 128, "%s", f->row->name);
    return out;
}

/* ---- functions ---- */

/* Those of the library that are called most need no struct aver_call. They do what vm_call does, or leave it to it. */
static lua_CFunction at_once(aver_host_fn fn)
{
    for (size_t i = 0; i < vm_at_once_count; i++)
        if (vm_at_once_rows[i].fn == fn) return vm_at_once_rows[i].at_once;
    return vm_call;
}

AVER_NORETURN static void bad_argument(struct aver_vm *vm, const struct vm_function_of_ours *f, int i,
                                       int index)
{
    char name[128];
    lua_State *L = vm->L;
    vm_trap(vm, AVER_TRAP_ARGUMENT, "argument %d of %s is a %s", i, function_name(name, f),
            lua_type(L, index) == LUA_TNUMBER ? "fraction" : lua_typename(L, lua_type(L, index)));
}

/* Calls f with what lies on the stack from `first` on. */
static int call_it(lua_State *L, struct aver_vm *vm, const struct vm_function_of_ours *f,
                   struct aver_object self, int first)
{
    char name[128];
    struct aver_call call; /* set field by field: it is large, and mostly arguments that are not given */
    call.host = vm->host;
    call.vm = vm;
    call.user = f->row->user;
    call.self = self;
    call.result = aver_nil();
    call.argc = lua_gettop(L) - first + 1;
    if (call.argc > AVER_VM_ARGS_MAX)
        vm_trap(vm, AVER_TRAP_ARGUMENT, "%s takes no more than %d arguments", function_name(name, f),
                AVER_VM_ARGS_MAX);
    for (int i = 0; i < call.argc; i++)
        if (!value_at(L, first + i, &call.args[i])) bad_argument(vm, f, i + 1, first + i);
    for (int i = call.argc; i < AVER_VM_ARGS_MAX; i++) call.args[i].kind = AVER_NIL;
    vm->pushed = 0;
    vm->first = first;
    vm->said[0] = 0;
    enum aver_trap trap = f->row->fn(&call);
    if (trap != AVER_TRAP_NONE)
        vm_trap(vm, trap, "%s%s%s", function_name(name, f), vm->said[0] ? ": " : " refuses", vm->said);
    if (vm->pushed) return vm->pushed;
    /* There is room: Lua gives a C function LUA_MINSTACK slots, and table_index asks for more than it uses. */
    vm_push(vm, &call.result);
    return 1;
}

/* Every function that a contract can call comes through here, but for what lib_list.c and lib_money.c do at once. It is given
 * the depth first. */
int vm_call(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const struct vm_function_of_ours *f = lua_touserdata(L, lua_upvalueindex(1));
    char name[128];
    if (f->kind != FUNCTION_VM && (vm->loading || (vm->preparing && !f->prepares)))
        vm_trap(vm, AVER_TRAP_ERROR, "%s exists only while an entry point%s runs", function_name(name, f),
                vm->preparing ? " other than this one" : "");
    vm_charge(vm, f->row->gas);
    if (f->kind == FUNCTION_METHOD)
        vm_trap(vm, AVER_TRAP_ARGUMENT, "%s is called with a colon, on a %s", function_name(name, f),
                ((const struct aver_object_type *)f->owner)->name);
    vm->call_line = 0;
    return call_it(L, vm, f, (struct aver_object){NULL, NULL}, 2);
}

/* A closure, never a bare C function: the address of a closure lies in our memory and is the same everywhere. */
static void push_closure(lua_State *L, const struct vm_function_of_ours *f)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)f);
    lua_pushcclosure(L, vm_call, 1);
}

static bool prepares(const struct aver_vm_setup *setup, const struct aver_function *row,
                     const struct aver_library *of)
{
    for (const char *const *name = setup->prepare_calls; name && *name && !of->name; name++)
        if (!strcmp(*name, row->name)) return true;
    return false;
}

void vm_push_function(struct aver_vm *vm, const struct aver_function *row, const struct aver_library *of,
                      enum function_kind kind)
{
    struct vm_function_of_ours *f = AVER_NEW(&vm->arena, struct vm_function_of_ours);
    *f = (struct vm_function_of_ours){row, of, kind, kind == FUNCTION_HOST && prepares(vm->setup, row, of)};
    lua_pushlightuserdata(vm->L, f);
    lua_pushcclosure(vm->L, row->user ? vm_call : at_once(row->fn), 1);
}

void aver_call_charge(struct aver_call *call, uint64_t gas) { vm_charge(call->vm, gas); }

void aver_call_say(struct aver_call *call, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(call->vm->said, sizeof call->vm->said, fmt, ap);
    va_end(ap);
}

/* The value on top of the stack. Text stays alive without the stack, since nothing is ever collected; tables must stay
 * on it. */
static struct aver_value take_top(struct aver_call *call, const char *field, uint64_t item)
{
    lua_State *L = call->vm->L;
    struct aver_value v;
    if (!value_at(L, lua_gettop(L), &v)) {
        if (field)
            vm_trap(call->vm, AVER_TRAP_ARGUMENT, "field \"%s\" is a %s", field,
                    lua_typename(L, lua_type(L, -1)));
        vm_trap(call->vm, AVER_TRAP_ARGUMENT, "item %llu is a %s", (unsigned long long)item,
                lua_typename(L, lua_type(L, -1)));
    }
    if (v.kind != AVER_TABLE) lua_pop(L, 1);
    return v;
}

static int table_index(struct aver_call *call, const struct aver_value *table)
{
    AVER_ASSERT(table->kind == AVER_TABLE);
    vm_charge(call->vm, AVER_GAS_CALL_FIELD);
    if (!lua_checkstack(call->vm->L, 4)) vm_trap(call->vm, AVER_TRAP_ERROR, "stack overflow");
    return table->table;
}

struct aver_value aver_call_field(struct aver_call *call, const struct aver_value *table, const char *name)
{
    int index = table_index(call, table);
    /* No table of a contract has a metatable, so this is a raw one; and Lua remembers names by where they lie in C. */
    lua_getfield(call->vm->L, index, name);
    return take_top(call, name, 0);
}

struct aver_value aver_call_item(struct aver_call *call, const struct aver_value *table, uint64_t i)
{
    int index = table_index(call, table);
    if (i == 0 || i > INT64_MAX) return aver_nil();
    lua_rawgeti(call->vm->L, index, (lua_Integer)i);
    return take_top(call, NULL, i);
}

bool aver_call_keys(struct aver_call *call, const struct aver_value *table, const char *const *names,
                    aver_bytes *other)
{
    lua_State *L = call->vm->L;
    int index = table_index(call, table);
    *other = AVER_BYTES_NONE;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        size_t len, i = 0;
        vm_charge(call->vm, GAS_STEP);
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        const char *p = lua_tolstring(L, -2, &len);
        aver_bytes key = aver_bytes_of(p, len);
        while (names[i] && !aver_bytes_is(key, names[i])) i++;
        if (!names[i] && (!other->ptr || aver_bytes_cmp(key, *other) < 0)) *other = key;
    }
    return !other->ptr;
}

size_t aver_call_lines(struct aver_call *call, uint64_t *lines, size_t max)
{
    lua_Debug ar;
    size_t n = 0;
    int level = 1; /* 0 is the function of ours */
    if (call->vm->call_line && max) {
        lines[n++] = call->vm->call_line;
        level++;
    }
    for (; n < max && lua_getstack(call->vm->L, level, &ar); level++) {
        lua_getinfo(call->vm->L, "l", &ar);
        if (ar.currentline > 0) lines[n++] = (uint64_t)ar.currentline;
    }
    return n;
}

/* ---- objects ---- */

static const struct vm_function_of_ours *method_of(struct aver_vm *vm, const struct aver_object_type *type,
                                                   aver_bytes name)
{
    const struct aver_function *row = NULL;
    for (size_t i = 0; i < type->methods_count && !row; i++)
        if (aver_bytes_is(name, type->methods[i].name)) row = &type->methods[i];
    if (!row) return NULL;
    struct vm_function_of_ours **known = vm->methods.items;
    for (size_t i = 0; i < vm->methods.count; i++)
        if (known[i]->row == row && known[i]->owner == type) return known[i];
    struct vm_function_of_ours *f = AVER_NEW(&vm->arena, struct vm_function_of_ours);
    *f = (struct vm_function_of_ours){row, type, FUNCTION_METHOD, false};
    *(struct vm_function_of_ours **)aver_list_add(&vm->arena, &vm->methods, sizeof f) = f;
    return f;
}

/* What a name, `p` in Lua's memory, stands for in objects of a type. Good until the next call. */
static const struct vm_member *member_of(struct aver_vm *vm, const struct aver_object_type *type,
                                         const char *p, size_t len)
{
    uint64_t h = ((uintptr_t)p >> 3) * UINT64_C(0x9e3779b97f4a7c15) ^
                 ((uintptr_t)type >> 3) * UINT64_C(0xc2b2ae3d27d4eb4f);
    struct vm_member *slot = &vm->members[(h >> 40) & (MEMBERS - 1)];
    if (slot->type == type && slot->name == p) return slot;
    *slot = (struct vm_member){.type = type};
    slot->method = method_of(vm, type, aver_bytes_of(p, len));
    if (slot->method || !type->find || !type->find(aver_bytes_of(p, len), &slot->property))
        slot->property = (struct aver_property){0};
    /* Texts that a run makes lie above the image, where the next run may have others: they are not found again. */
    const uint8_t *at = (const uint8_t *)p;
    if (at >= vm->memory.base && at < vm->memory.base + vm->loaded.len) slot->name = p;
    return slot;
}

static int object_index(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const struct aver_object *o = vm_object(L, 1);
    struct aver_value v = aver_nil();
    enum aver_trap trap = AVER_TRAP_FIELD;
    AVER_ASSERT(o);
    vm_charge(vm, GAS_STEP);
    int key = lua_type(L, 2);
    if (key == LUA_TSTRING) {
        size_t len;
        const char *p = lua_tolstring(L, 2, &len);
        const struct vm_member *m = member_of(vm, o->type, p, len);
        if (m->method) {
            push_closure(L, m->method);
            return 1;
        }
        if (m->property.read)
            trap = m->property.read(vm->host, o->self, m->property.user, &v);
        else if (o->type->get)
            trap = o->type->get(vm->host, o->self, aver_bytes_of(p, len), &v);
        if (trap == AVER_TRAP_FIELD)
            vm_trap(vm, trap, "%s has no field \"%.*s\"", o->type->name, (int)(len < 60 ? len : 60), p);
        if (trap != AVER_TRAP_NONE)
            vm_trap(vm, trap, "%s.%.*s", o->type->name, (int)(len < 60 ? len : 60), p);
    } else if (key == LUA_TNUMBER && lua_isinteger(L, 2)) {
        int64_t i = lua_tointegerx(L, 2, NULL);
        if (!o->type->index) vm_trap(vm, AVER_TRAP_FIELD, "a %s is no list", o->type->name);
        trap = i < 1 ? AVER_TRAP_NONE : o->type->index(vm->host, o->self, (uint64_t)i, &v);
        if (trap != AVER_TRAP_NONE) vm_trap(vm, trap, "item %lld of %s", (long long)i, o->type->name);
    } else {
        vm_trap(vm, AVER_TRAP_FIELD, "a %s is indexed by names and whole numbers", o->type->name);
    }
    vm_push(vm, &v);
    return 1;
}

/* What a method's name in the source stands for, in the objects that it was last called on. */
struct method_name {
    aver_bytes name;
    const struct aver_object_type *type;
    const struct vm_function_of_ours *function;
};

/* object:name(...), with the object, the line and the arguments on the stack. */
static int call_method(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    struct method_name *m = lua_touserdata(L, lua_upvalueindex(1));
    const struct aver_object *self = vm_object(L, 1);
    if (!self)
        vm_trap(vm, AVER_TRAP_ERROR, "attempt to call the method \"%.*s\" of a %s value%s", AVER_STR(m->name),
                lua_typename(L, lua_type(L, 1)),
                lua_istable(L, 1) ? " (a function in a table is called with a dot, not with a colon)" : "");
    vm_charge(vm, GAS_STEP);
    if (self->type != m->type) {
        const struct vm_function_of_ours *f = method_of(vm, self->type, m->name);
        if (!f)
            vm_trap(vm, AVER_TRAP_FIELD, "%s has no method \"%.*s\"", self->type->name, AVER_STR(m->name));
        m->type = self->type;
        m->function = f;
    }
    vm_charge(vm, m->function->row->gas);
    vm->call_line = (uint64_t)lua_tointegerx(L, 2, NULL);
    return call_it(L, vm, m->function, *self, 3);
}

void vm_push_methods(struct aver_vm *vm, const struct aver_list *names)
{
    lua_State *L = vm->L;
    const aver_bytes *name = names->items;
    lua_createtable(L, 0, 0);
    for (size_t i = 0; i < names->count; i++) {
        lua_pushlstring(L, (const char *)name[i].ptr, name[i].len);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL) {
            lua_pop(L, 2);
            continue;
        }
        lua_pop(L, 1);
        struct method_name *m = AVER_NEW(&vm->arena, struct method_name);
        *m = (struct method_name){.name = aver_arena_copy(&vm->arena, name[i])};
        lua_pushlightuserdata(L, m);
        lua_pushcclosure(L, call_method, 1);
        lua_rawset(L, -3);
    }
}

static int object_newindex(lua_State *L)
{
    const struct aver_object *o = vm_object(L, 1);
    vm_trap(vm_of(L), AVER_TRAP_FIELD, "a %s is read only", o->type->name);
}

static int object_len(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const struct aver_object *o = vm_object(L, 1);
    vm_charge(vm, GAS_STEP);
    if (!o->type->length) vm_trap(vm, AVER_TRAP_FIELD, "a %s has no length", o->type->name);
    lua_pushinteger(L, (lua_Integer)o->type->length(vm->host, o->self));
    return 1;
}

static int object_eq(lua_State *L)
{
    const struct aver_object *a = vm_object(L, 1), *b = vm_object(L, 2);
    vm_charge(vm_of(L), GAS_STEP);
    lua_pushboolean(L, a && b && a->type == b->type && a->self == b->self);
    return 1;
}

void vm_make_object_meta(lua_State *L)
{
    static const struct {
        const char *event;
        lua_CFunction fn;
    } events[] = {{"__index", object_index},
                  {"__newindex", object_newindex},
                  {"__len", object_len},
                  {"__eq", object_eq}};
    lua_createtable(L, 0, 4);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        lua_pushlstring(L, events[i].event, strlen(events[i].event));
        lua_pushcclosure(L, events[i].fn, 0);
        lua_rawset(L, -3);
    }
}

void vm_make_tree_meta(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushcclosure(L, object_index, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcclosure(L, object_newindex, 0);
    lua_setfield(L, -2, "__newindex");
}
