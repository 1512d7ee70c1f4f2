/* vm/tree.c - objects of the host that never change (aver_object_type.part), as tables of the contract's memory: reading them
 * is no crossing, and costs what reading any table costs.
 *
 * They are made once, with the image for their root (image.c). The tables lie in memory of their own that nothing writes to,
 * so it is not restored: the printed text writes to tables by __set alone, which knows them, and the collector is stopped. The
 * texts in them lie in the image, because Lua chains texts to each other. What is not in a table is asked of the object, so
 * that what is missing traps as in any object. */
#include "vm/internal.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX ((uint32_t)1 << 20)

struct vm_tree_node {
    struct aver_object object;
    const void *table;
    const struct vm_image *image;
    uint32_t tree,
        place; /* the image's root that it belongs to, and its place in the registry's table of that */
    uint32_t children; /* where those of its parts that are nodes begin */
};

static uint32_t hash(const void *p)
{
    return (uint32_t)(((uint64_t)(uintptr_t)p >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* ---- finding ---- */

const struct vm_tree_node *vm_tree_of(const struct aver_vm *vm, struct aver_object object)
{
    const struct vm_trees *t = &vm->trees;
    for (uint32_t h = hash(object.self); t->slots; h++) {
        uint32_t i = t->by_self[h & (t->slots - 1)];
        if (!i) break;
        const struct vm_tree_node *n = &t->nodes[i - 1];
        if (n->object.self == object.self && n->object.type == object.type && n->image == vm->image) return n;
    }
    return NULL;
}

const struct aver_object *vm_tree_object(const struct aver_vm *vm, const void *table)
{
    const struct vm_trees *t = &vm->trees;
    const uint8_t *at = table;
    if (at < vm->memory.frozen + vm->image->frozen_from || at >= vm->memory.frozen + vm->image->trees_to)
        return NULL;
    for (uint32_t h = hash(table);; h++) {
        uint32_t i = t->by_table[h & (t->slots - 1)];
        AVER_ASSERT(i); /* a contract sees no other tables of that memory */
        if (t->nodes[i - 1].table == table) return &t->nodes[i - 1].object;
    }
}

void vm_tree_push(struct aver_vm *vm, const struct vm_tree_node *node)
{
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_TREES + (lua_Integer)node->tree);
    lua_rawgeti(vm->L, -1, node->place);
    lua_replace(vm->L, -2);
}

static void put(uint32_t *slots, uint32_t count, const void *key, uint32_t value)
{
    uint32_t h = hash(key);
    while (slots[h & (count - 1)]) h++;
    slots[h & (count - 1)] = value;
}

static void index_all(struct vm_trees *t)
{
    free(t->by_self);
    t->slots = 16;
    while (t->slots < 2 * t->count) t->slots *= 2;
    t->by_self = calloc(2 * (size_t)t->slots, sizeof *t->by_self);
    if (!t->by_self) aver_oom(2 * (size_t)t->slots * sizeof *t->by_self);
    t->by_table = t->by_self + t->slots;
    for (uint32_t i = 0; i < t->count; i++) {
        put(t->by_self, t->slots, t->nodes[i].object.self, i + 1);
        put(t->by_table, t->slots, t->nodes[i].table, i + 1);
    }
}

/* ---- making ---- */

static bool add(struct aver_vm *vm, struct aver_object object, uint32_t tree, uint32_t place)
{
    struct vm_trees *t = &vm->trees;
    if (t->count == NODES_MAX) return false;
    if (t->count == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 256;
        t->nodes = realloc(t->nodes, t->cap * sizeof *t->nodes);
        if (!t->nodes) aver_oom(t->cap * sizeof *t->nodes);
    }
    t->nodes[t->count++] =
        (struct vm_tree_node){.object = object, .image = vm->image, .tree = tree, .place = place};
    return true;
}

static bool is_node(const struct aver_value *v) { return v->kind == AVER_OBJECT && v->object.type->part; }

/* The nodes below the root, each before its children. */
static bool discover(struct aver_vm *vm, uint32_t tree)
{
    struct vm_trees *t = &vm->trees;
    uint32_t from = t->count;
    if (!add(vm, vm->image->roots[tree], tree, 1)) return false;
    for (uint32_t i = from; i < t->count; i++) {
        struct aver_object o = t->nodes[i].object;
        struct aver_value v = aver_nil();
        aver_bytes name;
        t->nodes[i].children = t->count;
        for (uint64_t k = 0; o.type->part(o.self, k, &name, &v); k++)
            if (is_node(&v) && !add(vm, v.object, tree, t->count - from + 1)) return false;
    }
    return true;
}

/* Whether it pushed the part. What a contract could not be handed stays out, and is refused where it is read. */
static bool push_part(struct aver_vm *vm, const struct aver_value *v, int tree, uint32_t *child)
{
    lua_State *L = vm->L;
    switch (v->kind) {
    case AVER_NIL: return false;
    case AVER_BOOL: lua_pushboolean(L, v->boolean); return true;
    case AVER_INT: lua_pushinteger(L, v->integer); return true;
    case AVER_TEXT:
        if (v->text.len > AVER_VM_STRING_MAX) return false;
        lua_pushlstring(L, v->text.len ? (const char *)v->text.ptr : "", v->text.len);
        return true;
    case AVER_OBJECT:
        AVER_ASSERT(is_node(v));
        lua_rawgeti(L, tree, vm->trees.nodes[(*child)++].place);
        return true;
    case AVER_TABLE: break;
    }
    AVER_UNREACHABLE();
}

enum { TREE = 1, META, NODE };

static void make_node(struct aver_vm *vm, struct vm_tree_node *n)
{
    lua_State *L = vm->L;
    const struct aver_object o = n->object;
    struct aver_value v = aver_nil();
    aver_bytes name;
    int items = 0, names = 0;
    uint32_t child = n->children;
    for (uint64_t k = 0; o.type->part(o.self, k, &name, &v); k++) name.ptr ? names++ : items++;
    lua_createtable(L, items, names);
    n->table = lua_topointer(L, NODE);
    lua_Integer item = 0;
    for (uint64_t k = 0; o.type->part(o.self, k, &name, &v); k++) {
        if (!name.ptr) item++;
        if (!push_part(vm, &v, TREE, &child)) continue;
        if (!name.ptr) {
            lua_rawseti(L, NODE, item);
            continue;
        }
        lua_pushlstring(L, (const char *)name.ptr, name.len);
        lua_insert(L, -2);
        lua_rawset(L, NODE);
    }
    lua_pushvalue(L, META);
    lua_setmetatable(L, NODE);
    lua_rawseti(L, TREE, n->place);
}

struct making {
    uint32_t tree, from;
};

static void make_tree(struct aver_vm *vm, void *arg)
{
    const struct making *making = arg;
    struct vm_trees *t = &vm->trees;
    lua_State *L = vm->L;
    lua_settop(L, 0);
    vm->memory.freezing = FREEZE_TABLES;
    lua_createtable(L, (int)(t->count - making->from), 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_TREE_META);
    for (uint32_t i = t->count; i-- > making->from;) make_node(vm, &t->nodes[i]); /* children first */
    vm->memory.freezing = 0;
    lua_settop(L, TREE);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_TREES + (lua_Integer)making->tree);
}

bool vm_trees_make(struct aver_vm *vm)
{
    for (uint32_t i = 0; i < VM_ROOTS_MAX; i++) {
        struct making making = {i, vm->trees.count};
        if (!vm->image->roots[i].type) continue;
        if (!discover(vm, i) || vm_guarded(vm, make_tree, &making) != 0) return false;
    }
    vm->image->trees_to = vm->image->terms_to = vm->memory.frozen_used;
    index_all(&vm->trees);
    return true;
}

void vm_trees_forget(struct vm_trees *t)
{
    t->count = 0;
    index_all(t);
}

void vm_trees_free(struct vm_trees *t)
{
    free(t->nodes);
    free(t->by_self);
}
