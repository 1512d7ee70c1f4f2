/* vm/facts.c - objects whose facts a contract reads without asking.
 *
 * An object of a type of setup->facts is a table to the contract, with the fields in it that the source names and the type says
 * are facts: they are asked once, when the object is handed over, and again when the host says that one has changed. All else
 * is asked as of any object (host.c). Nothing of a contract can write to such a table, since it writes by __set alone.
 *
 * The tables lie ready in the image, beside each other, so that where a table lies says which it is. An object that is handed
 * over again is the same table; with no table left it is handed over as any other object, which no contract can tell. */
#include "vm/internal.h"

#include <string.h>

struct vm_fact {
    const char *name;
    lua_Integer key;               /* where the registry has the name as a text of Lua */
    struct aver_property property; /* or, read NULL: ask the object */
};

struct vm_facts_type {
    const struct aver_object_type *type;
    struct vm_fact *facts;
    size_t facts_count;
    uint32_t first, used, most; /* its slots */
};

struct vm_facts_slot {
    struct aver_object object;
    const void *table;
};

static bool names(const struct aver_list *fields, const char *name)
{
    const aver_bytes *field = fields->items;
    for (size_t i = 0; i < fields->count; i++)
        if (aver_bytes_is(field[i], name)) return true;
    return false;
}

/* Those that the source names. */
static void gather(struct aver_vm *vm, struct vm_facts_type *t, const struct aver_facts *facts,
                   const struct aver_list *fields)
{
    size_t count = 0;
    while (facts->names[count]) count++;
    t->facts = AVER_NEW_ARRAY(&vm->arena, struct vm_fact, count);
    for (size_t i = 0; i < count; i++) {
        struct vm_fact fact = {.name = facts->names[i]};
        if (!names(fields, fact.name)) continue;
        AVER_ASSERT(t->type->find ? t->type->find(aver_bytes_str(fact.name), &fact.property)
                                  : t->type->get != NULL);
        fact.key = REGISTRY_FACTS + vm->facts.names++;
        lua_pushstring(vm->L, fact.name);
        lua_rawseti(vm->L, LUA_REGISTRYINDEX, fact.key);
        t->facts[t->facts_count++] = fact;
    }
}

static void push_table(const struct aver_vm *vm, uint32_t slot)
{
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_FACTS + vm->facts.names + (lua_Integer)slot);
}

/* Nothing else is made meanwhile, so the tables of a type and all that is in them lie behind each other. */
static void make_tables(struct aver_vm *vm, const struct vm_facts_type *t)
{
    lua_State *L = vm->L;
    for (uint32_t i = 0; i < t->most; i++) {
        lua_createtable(L, 0, (int)t->facts_count);
        struct vm_facts_slot *slot = &vm->facts.slots[t->first + i];
        slot->table = lua_topointer(L, -1);
        for (size_t k = 0; k < t->facts_count; k++) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, t->facts[k].key);
            lua_pushboolean(L, 0);
            lua_rawset(L, -3);
        }
        lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_OBJECT_META);
        lua_setmetatable(L, -2);
        lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_FACTS + vm->facts.names + (lua_Integer)(t->first + i));
    }
}

void vm_facts_make(struct aver_vm *vm, const struct aver_list *fields)
{
    struct vm_facts *f = &vm->facts;
    const struct aver_vm_setup *setup = vm->setup;
    f->types = AVER_NEW_ARRAY(&vm->arena, struct vm_facts_type, setup->facts_count);
    f->slots = AVER_NEW_ARRAY(&vm->arena, struct vm_facts_slot, setup->facts_count * AVER_VM_FACTS_MAX);
    for (size_t i = 0; i < setup->facts_count; i++) {
        struct vm_facts_type t = {
            .type = setup->facts[i].type, .first = f->count, .most = setup->facts[i].most};
        AVER_ASSERT(!t.type->part && t.most <= AVER_VM_FACTS_MAX);
        gather(vm, &t, &setup->facts[i], fields);
        if (!t.facts_count) continue;
        f->count += t.most;
        f->types[f->types_count++] = t;
    }
    for (size_t i = 0; i < f->types_count; i++) make_tables(vm, &f->types[i]);
    if (!f->count) return;
    f->from = f->slots[0].table;
    f->to = (const uint8_t *)f->slots[f->count - 1].table + 1;
    f->at = aver_arena_alloc(&vm->arena, (size_t)(f->to - f->from) / 8 + 1);
    memset(f->at, 0, (size_t)(f->to - f->from) / 8 + 1);
    AVER_ASSERT(f->count <= UINT8_MAX);
    for (uint32_t i = 0; i < f->count; i++) {
        const uint8_t *table = f->slots[i].table;
        AVER_ASSERT(table >= f->from && table < f->to && (uintptr_t)table % 8 == (uintptr_t)f->from % 8);
        f->at[(size_t)(table - f->from) / 8] = (uint8_t)(i + 1);
    }
}

const struct aver_object *vm_facts_object(const struct aver_vm *vm, const void *table)
{
    const uint8_t *at = table;
    if (at < vm->facts.from || at >= vm->facts.to) return NULL;
    uint8_t slot = vm->facts.at[(size_t)(at - vm->facts.from) / 8];
    return slot ? &vm->facts.slots[slot - 1].object : NULL;
}

void vm_facts_restart(struct aver_vm *vm)
{
    for (size_t i = 0; i < vm->facts.types_count; i++) vm->facts.types[i].used = 0;
}

/* The table is on top of the stack. */
static void ask(struct aver_vm *vm, struct aver_object object, const struct vm_fact *f)
{
    struct aver_value v = aver_nil();
    enum aver_trap trap = f->property.read
                              ? f->property.read(vm->host, object.self, f->property.user, &v)
                              : object.type->get(vm->host, object.self, aver_bytes_str(f->name), &v);
    if (trap != AVER_TRAP_NONE) vm_trap(vm, trap, "%s.%s", object.type->name, f->name);
    vm_charge(vm, GAS_FACT);
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, f->key);
    vm_push(vm, &v);
    lua_rawset(vm->L, -3);
}

static struct vm_facts_type *type_of(struct vm_facts *f, const struct aver_object_type *type)
{
    for (size_t i = 0; i < f->types_count; i++)
        if (f->types[i].type == type) return &f->types[i];
    return NULL;
}

bool vm_facts_push(struct aver_vm *vm, struct aver_object object)
{
    struct vm_facts_type *t = type_of(&vm->facts, object.type);
    if (!t) return false;
    struct vm_facts_slot *slots = &vm->facts.slots[t->first];
    uint32_t i = 0;
    while (i < t->used && slots[i].object.self != object.self) i++;
    if (i == t->most) return false;
    vm_charge(vm, GAS_OBJECT);
    push_table(vm, t->first + i);
    if (i < t->used) return true;
    slots[i].object = object;
    t->used++;
    if (!lua_checkstack(vm->L, 4)) vm_trap(vm, AVER_TRAP_ERROR, "stack overflow");
    for (size_t k = 0; k < t->facts_count; k++) ask(vm, object, &t->facts[k]);
    return true;
}

static const struct vm_fact *fact_of(const struct vm_facts_type *t, const char *name)
{
    for (size_t k = 0; k < t->facts_count; k++)
        if (t->facts[k].name[0] == name[0] && !strcmp(t->facts[k].name, name)) return &t->facts[k];
    return NULL;
}

void aver_call_changed(struct aver_call *call, const struct aver_object *object, const char *field)
{
    struct aver_vm *vm = call->vm;
    const struct vm_facts_type *t = type_of(&vm->facts, object->type);
    const struct vm_fact *fact = t ? fact_of(t, field) : NULL;
    if (!fact) return;
    for (uint32_t s = t->first; s < t->first + t->used; s++) {
        if (vm->facts.slots[s].object.self != object->self) continue;
        push_table(vm, s);
        ask(vm, *object, fact);
        lua_pop(vm->L, 1);
        return;
    }
}
