/* vm/image.c - what a run begins with: the loaded contract, with the objects that never change as tables (tree.c) and with
 * what its entry point `prepare` made of them, the terms.
 *
 * There is one image for each set of objects. `prepare` runs in it as any entry point does; what it returned is then written
 * down, the image put back, and the terms made anew in it: so nothing but they is left of it, they take no more room than they
 * need, and like the trees they lie in memory that is never written to and never restored. */
#include "vm/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGES_MAX  64                  /* of one vm; with more, all are forgotten */
#define ROOM_MAX    2                   /* how often room is made in the table of short texts */
#define FILLERS_MAX 1024                /* and by how many texts at most */
#define FROZEN_FULL (VM_FROZEN_MAX / 2) /* past this they are forgotten before another is made */

/* ---- what preparing returned, outside Lua ---- */

struct term {
    enum { TERM_NIL, TERM_BOOL, TERM_INT, TERM_TEXT, TERM_NODE, TERM_TABLE } kind;
    union {
        bool boolean;
        int64_t integer;
        aver_bytes text;
        const struct vm_tree_node *node;
        uint32_t table; /* place in terms.tables, from 0 */
    };
};
struct term_pair {
    struct term key, value;
};
struct term_table {
    struct aver_list pairs; /* struct term_pair */
    int items;              /* of them, whose keys may be those of a list */
};
struct terms {
    struct aver_arena arena;
    struct aver_list tables; /* struct term_table; those that are still to be looked at come last */
    struct term root;
};

/* On Lua's stack: a table from each table met to its place, and the list of them. */
enum { HANDLER = 1, RESULT, MET, LIST };

static uint32_t place_of(struct aver_vm *vm, struct terms *t)
{
    lua_State *L = vm->L;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, MET) == LUA_TNIL) {
        aver_list_add(&t->arena, &t->tables, sizeof(struct term_table));
        ((struct term_table *)t->tables.items)[t->tables.count - 1] = (struct term_table){0};
        lua_pushvalue(L, -2);
        lua_pushinteger(L, (lua_Integer)t->tables.count);
        lua_rawset(L, MET);
        lua_pushvalue(L, -2);
        lua_rawseti(L, LIST, (lua_Integer)t->tables.count);
        lua_pop(L, 1);
        return (uint32_t)t->tables.count - 1;
    }
    uint32_t place = (uint32_t)lua_tointegerx(L, -1, NULL) - 1;
    lua_pop(L, 1);
    return place;
}

/* Of the value on top of the stack, which stays there. */
static struct term term_of(struct aver_vm *vm, struct terms *t)
{
    lua_State *L = vm->L;
    struct term term = {.kind = TERM_NIL};
    switch (lua_type(L, -1)) {
    case LUA_TNIL: return term;
    case LUA_TBOOLEAN:
        term.kind = TERM_BOOL;
        term.boolean = lua_toboolean(L, -1);
        return term;
    case LUA_TNUMBER:
        term.kind = TERM_INT;
        term.integer = lua_tointegerx(L, -1, NULL);
        return term;
    case LUA_TSTRING: {
        size_t len;
        const char *p = lua_tolstring(L, -1, &len);
        term.kind = TERM_TEXT;
        term.text = aver_arena_copy(&t->arena, aver_bytes_of(p, len));
        return term;
    }
    case LUA_TTABLE: {
        const struct aver_object *object = vm_tree_object(vm, lua_topointer(L, -1));
        term.kind = object ? TERM_NODE : TERM_TABLE;
        if (object)
            term.node = vm_tree_of(vm, *object);
        else
            term.table = place_of(vm, t);
        return term;
    }
    default:
        vm_trap(vm, AVER_TRAP_ARGUMENT,
                "%s returns values, parts of the policy and tables of them, and no %s", vm->setup->prepare,
                lua_typename(L, lua_type(L, -1)));
    }
}

static void take_table(struct aver_vm *vm, struct terms *t, uint32_t place)
{
    lua_State *L = vm->L;
    struct term_table table = {0};
    int64_t most = 0;
    lua_rawgeti(L, LIST, (lua_Integer)place + 1);
    for (lua_pushnil(L); lua_next(L, -2); most++) {
        struct term_pair *pair = aver_list_add(&t->arena, &table.pairs, sizeof *pair);
        struct term value = term_of(vm, t);
        lua_pop(L, 1);
        *pair = (struct term_pair){term_of(vm, t), value};
    }
    lua_pop(L, 1);
    const struct term_pair *pairs = table.pairs.items;
    for (size_t i = 0; i < table.pairs.count; i++)
        table.items +=
            pairs[i].key.kind == TERM_INT && pairs[i].key.integer >= 1 && pairs[i].key.integer <= most;
    ((struct term_table *)t->tables.items)[place] = table;
}

static void prepare_body(struct aver_vm *vm, void *arg)
{
    struct terms *t = arg;
    lua_State *L = vm->L;
    struct aver_value objects[VM_ROOTS_MAX];
    for (size_t i = 0; i < vm->setup->objects_count; i++)
        objects[i] = vm->image->roots[i].type
                         ? (struct aver_value){.kind = AVER_OBJECT, .object = vm->image->roots[i]}
                         : aver_nil();
    vm_call_entry(vm, vm->setup->prepare, &(struct aver_run){.objects = objects}, 1);
    vm->gas_end = vm->gas_left + vm_slice(vm);
    lua_createtable(L, 0, 0);
    lua_createtable(L, 0, 0);
    lua_pushvalue(L, RESULT);
    t->root = term_of(vm, t);
    for (uint32_t i = 0; i < t->tables.count; i++) take_table(vm, t, i);
}

/* ---- the terms, in the image ---- */

static void push_term(struct aver_vm *vm, const struct term *term)
{
    lua_State *L = vm->L;
    switch (term->kind) {
    case TERM_NIL: lua_pushnil(L); return;
    case TERM_BOOL: lua_pushboolean(L, term->boolean); return;
    case TERM_INT: lua_pushinteger(L, term->integer); return;
    case TERM_TEXT:
        lua_pushlstring(L, term->text.len ? (const char *)term->text.ptr : "", term->text.len);
        return;
    case TERM_NODE: vm_tree_push(vm, term->node); return;
    case TERM_TABLE: lua_rawgeti(L, 1, (lua_Integer)term->table + 1); return;
    }
    AVER_UNREACHABLE();
}

static void make_table(struct aver_vm *vm, const struct term_table *table)
{
    lua_State *L = vm->L;
    const struct term_pair *pairs = table->pairs.items;
    struct vm_table record = {.table = lua_topointer(L, -1)};
    for (size_t i = 0; i < table->pairs.count; i++) {
        push_term(vm, &pairs[i].key);
        push_term(vm, &pairs[i].value);
        lua_rawset(L, -3);
        record.texts += pairs[i].key.kind == TERM_TEXT;
    }
    while (lua_rawgeti(L, -1, (lua_Integer)record.list + 1) != LUA_TNIL) {
        record.list++;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    record.held = record.peak = (uint32_t)table->pairs.count;
    record.outside = record.held - record.texts - record.list;
    *vm_table_slot(&vm->image->known, record.table) = record;
}

static void make_terms(struct aver_vm *vm, void *arg)
{
    const struct terms *t = arg;
    const struct term_table *tables = t->tables.items;
    lua_State *L = vm->L;
    lua_settop(L, 0);
    vm->memory.freezing = FREEZE_TABLES;
    lua_createtable(L, (int)t->tables.count, 0);
    for (size_t i = 0; i < t->tables.count; i++) {
        lua_createtable(L, tables[i].items, (int)tables[i].pairs.count - tables[i].items);
        lua_rawseti(L, 1, (lua_Integer)i + 1);
    }
    for (size_t i = 0; i < t->tables.count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        make_table(vm, &tables[i]);
        lua_pop(L, 1);
    }
    vm->memory.freezing = 0;
    push_term(vm, &t->root);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_TERMS);
    lua_settop(L, 0);
}

static void known_room(struct vm_tables *known, size_t tables)
{
    known->cap = 16;
    while (known->cap < 2 * tables) known->cap *= 2;
    known->slots = calloc(known->cap, sizeof *known->slots);
    if (!known->slots) aver_oom(known->cap * sizeof *known->slots);
}

/* False: there is no room for what it makes. */
static bool prepare(struct aver_vm *vm)
{
    struct vm_image *image = vm->image;
    struct terms terms = {0};
    vm_restore(vm);
    vm->gas_left = AVER_VM_PREPARE_GAS;
    vm->preparing = true;
    int left = vm_guarded(vm, prepare_body, &terms);
    vm->preparing = false;
    image->gas = AVER_VM_PREPARE_GAS - vm->gas_end;
    image->trap = vm->trap;
    image->trap_line = vm->trap_line;
    memcpy(image->trap_text, vm->trap_text, sizeof image->trap_text);
    if (left == 0) {
        known_room(&image->known, terms.tables.count);
        vm_restore(vm);
        left = vm_guarded(vm, make_terms, &terms);
        image->terms_to = vm->memory.frozen_used;
        vm_image_keep(vm, image);
    }
    aver_arena_free(&terms.arena);
    return left == 0 || left == LEAVE_TRAP;
}

/* ---- the images ---- */

/* Changes with every one of the bytes. It tells of an accident: nobody chooses them who could choose it. */
static uint64_t frozen_sum(const struct aver_vm *vm, const struct vm_image *image)
{
    const uint8_t *p = vm->memory.frozen + image->frozen_from, *end = vm->memory.frozen + image->terms_to;
    uint64_t sums[4] = {1, 2, 3, 4}, word;
    for (size_t i = 0; p < end; p += sizeof word, i++) { /* blocks are of whole words */
        memcpy(&word, p, sizeof word);
        sums[i % 4] = (sums[i % 4] ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        sums[i % 4] ^= sums[i % 4] >> 32;
    }
    return ((sums[0] * 3 + sums[1]) * 3 + sums[2]) * 3 + sums[3];
}

void vm_image_keep(struct aver_vm *vm, struct vm_image *image)
{
    image->len = vm->memory.used;
    image->bytes = realloc(image->bytes, image->len);
    if (!image->bytes) aver_oom(image->len);
    memcpy(image->bytes, vm->memory.base, image->len);
    image->strings = vm->memory.strings;
    image->frozen = frozen_sum(vm, image);
}

/* Texts that nobody asks for, until the table has no place for another. */
static void fill_strings(struct aver_vm *vm, void *arg)
{
    char name[16];
    (void)arg;
    for (int i = 0; i < FILLERS_MAX && vm->memory.strings == vm->image->strings; i++) {
        lua_pushlstring(vm->L, name, (size_t)snprintf(name, sizeof name, "\1%d", i));
        lua_pop(vm->L, 1);
    }
    lua_settop(vm->L, 0);
}

void vm_image_room(struct aver_vm *vm)
{
    struct vm_image *image = vm->image;
    if (image->made_room == ROOM_MAX) return;
    image->made_room++;
    const enum aver_trap trap = vm->trap;
    const uint64_t line = vm->trap_line;
    char text[sizeof vm->trap_text];
    memcpy(text, vm->trap_text, sizeof text);
    vm_restore(vm);
    if (vm_guarded(vm, fill_strings, NULL) == 0) vm_image_keep(vm, image);
    vm->trap = trap;
    vm->trap_line = line;
    memcpy(vm->trap_text, text, sizeof text);
}

void **aver_call_memo_table(struct aver_call *call, const struct aver_value *table)
{
    struct aver_vm *vm = call->vm;
    const void *p = table->kind == AVER_TABLE ? lua_topointer(vm->L, table->table) : NULL;
    return p && vm_is_term(vm, p) ? &vm_table_slot(&vm->image->known, p)->memo : NULL;
}

struct aver_arena *aver_call_memo_room(struct aver_call *call) { return &call->vm->image->memo; }

/* Texts of the image neither move nor change while it is in use. */
const void **aver_call_memo_text(struct aver_call *call, aver_bytes text, const void *kind)
{
    struct aver_vm *vm = call->vm;
    if (text.ptr < vm->memory.base || text.ptr >= vm->memory.base + vm->image->len) return NULL;
    if (!vm->image->texts) {
        vm->image->texts = calloc(VM_MEMOS, sizeof *vm->image->texts);
        if (!vm->image->texts) aver_oom(VM_MEMOS * sizeof *vm->image->texts);
    }
    uint64_t h = ((uintptr_t)text.ptr >> 3) * UINT64_C(0x9e3779b97f4a7c15) ^
                 (uintptr_t)kind * UINT64_C(0xc2b2ae3d27d4eb4f);
    struct vm_memo *m = &vm->image->texts[(h >> 40) & (VM_MEMOS - 1)];
    if (m->text != text.ptr || m->kind != kind) *m = (struct vm_memo){text.ptr, kind, NULL};
    return &m->what;
}

static void image_free(const struct aver_vm *vm, struct vm_image *image)
{
    AVER_ASSERT(!image->bytes || image->frozen == frozen_sum(vm, image));
    free(image->bytes);
    free(image->known.slots);
    free(image->texts);
    aver_arena_free(&image->memo);
}

static void forget(struct aver_vm *vm)
{
    for (uint32_t i = 0; i < vm->images_count; i++) {
        image_free(vm, vm->images[i]);
        free(vm->images[i]);
    }
    vm->images_count = 0;
    vm_trees_forget(&vm->trees);
    vm->memory.frozen_used = vm->loaded.terms_to;
    vm->memory.freezing = 0;
    vm->image = &vm->loaded;
}

static bool is_for(const struct vm_image *image, const struct aver_object roots[VM_ROOTS_MAX])
{
    for (int i = 0; i < VM_ROOTS_MAX; i++)
        if (image->roots[i].self != roots[i].self || image->roots[i].type != roots[i].type) return false;
    return true;
}

/* Whether the image for these objects could be made. */
static bool make(struct aver_vm *vm, const struct aver_object roots[VM_ROOTS_MAX])
{
    if (vm->images_count == IMAGES_MAX || vm->memory.frozen_used > FROZEN_FULL) forget(vm);
    struct vm_image *image = calloc(1, sizeof *image);
    if (!image) aver_oom(sizeof *image);
    vm->images = realloc(vm->images, (vm->images_count + 1) * sizeof *vm->images);
    if (!vm->images) aver_oom((vm->images_count + 1) * sizeof *vm->images);
    vm->images[vm->images_count++] = image;
    vm->image = &vm->loaded;
    vm_restore(vm);
    memcpy(image->roots, roots, sizeof image->roots);
    image->tables = vm->loaded.tables;
    image->frozen_from = image->trees_to = image->terms_to = vm->memory.frozen_used;
    vm->image = image;
    if (!vm_trees_make(vm)) return false;
    vm_image_keep(vm, image);
    return !vm->prepares || prepare(vm);
}

aver_err vm_image_for(struct aver_vm *vm, const struct aver_value *objects, struct aver_why *why)
{
    struct aver_object roots[VM_ROOTS_MAX] = {{NULL, NULL}};
    bool any = vm->prepares;
    for (size_t i = 0; i < vm->setup->objects_count; i++)
        if (objects[i].kind == AVER_OBJECT && objects[i].object.type->part) {
            roots[i] = objects[i].object;
            any = true;
        }
    if (is_for(vm->image, roots) && (!any || vm->image != &vm->loaded)) return AVER_OK;
    vm->image = &vm->loaded;
    if (!any) return AVER_OK;
    for (uint32_t i = 0; i < vm->images_count; i++)
        if (is_for(vm->images[i], roots)) {
            vm->image = vm->images[i];
            return AVER_OK;
        }
    if (make(vm, roots)) return AVER_OK;
    /* Alone it may have room. */
    forget(vm);
    if (make(vm, roots)) return AVER_OK;
    forget(vm);
    return aver_fail(why, AVER_E_LIMIT, "VM-MEMORY", vm->setup->objects_count ? vm->setup->objects[0] : "",
                     "what contracts read takes more than the %d bytes that this node gives to it",
                     VM_FROZEN_MAX);
}

void vm_images_free(struct aver_vm *vm)
{
    forget(vm);
    image_free(vm, &vm->loaded);
    free(vm->images);
}
