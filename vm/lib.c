/* vm/lib.c - binds what a contract can reach, and prints it. The closed list is: our libraries, the host's libraries, the
 * objects that the host names. check.c lets nothing else be named, nothing be written to, and no library be a value. */
#include "vm/dialect.h"
#include "vm/internal.h"

#include <inttypes.h>
#include <string.h>

static const struct aver_library *const own[] = {&vm_lib_globals, &vm_lib_math, &vm_lib_money, &vm_lib_date,
                                                 &vm_lib_str};
#define OWN (sizeof own / sizeof own[0])

static void put(lua_State *L, const char *name) /* pops the value; the table is below it */
{
    lua_pushlstring(L, name, strlen(name));
    lua_insert(L, -2);
    lua_rawset(L, -3);
}

/* Names are checked before: what is not there is an object of the host while the contract is loaded. */
static int no_such_name(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, NULL) : "?";
    vm_trap(vm_of(L), AVER_TRAP_ERROR,
            "%s exists only while an entry point runs: read it inside the function", name);
}

static bool has(const struct aver_library *lib, aver_bytes name)
{
    for (size_t i = 0; i < lib->count; i++)
        if (aver_bytes_is(name, lib->functions[i].name)) return true;
    return false;
}

static enum vm_binding binding_in(const struct aver_library *lib, aver_bytes name)
{
    if (lib->name) return aver_bytes_is(name, lib->name) ? VM_LIBRARY : VM_UNBOUND;
    return has(lib, name) ? VM_FUNCTION : VM_UNBOUND;
}

enum vm_binding vm_binding_of(const struct aver_vm_setup *setup, aver_bytes name)
{
    enum vm_binding b = VM_UNBOUND;
    for (size_t i = 0; !b && i < OWN; i++) b = binding_in(own[i], name);
    for (size_t i = 0; !b && i < setup->libraries_count; i++) b = binding_in(&setup->libraries[i], name);
    for (size_t i = 0; !b && i < setup->objects_count; i++)
        if (aver_bytes_is(name, setup->objects[i])) b = VM_OBJECT;
    if (!b && setup->declares && aver_bytes_is(name, setup->declares)) b = VM_FUNCTION;
    return b;
}

bool vm_library_has(const struct aver_vm_setup *setup, aver_bytes library, aver_bytes function)
{
    for (size_t i = 0; i < OWN; i++)
        if (own[i]->name && aver_bytes_is(library, own[i]->name) && has(own[i], function)) return true;
    for (size_t i = 0; i < setup->libraries_count; i++) {
        const struct aver_library *lib = &setup->libraries[i];
        if (lib->name && aver_bytes_is(library, lib->name) && has(lib, function)) return true;
    }
    return false;
}

/* The globals' real table is on top. */
static void bind(struct aver_vm *vm, const struct aver_library *lib, enum function_kind kind)
{
    lua_State *L = vm->L;
    if (lib->name) lua_createtable(L, 0, (int)lib->count);
    for (size_t i = 0; i < lib->count; i++) {
        vm_push_function(vm, &lib->functions[i], lib, kind);
        put(L, lib->functions[i].name);
    }
    if (!lib->name) return;
    lua_pushlstring(L, lib->name, strlen(lib->name));
    AVER_ASSERT(lua_rawget(L, -3) == LUA_TNIL); /* two libraries of one name */
    lua_pop(L, 1);
    put(L, lib->name);
}

void vm_bind(struct aver_vm *vm)
{
    lua_State *L = vm->L;
    lua_createtable(L, 0, 16);
    for (size_t i = 0; i < OWN; i++) bind(vm, own[i], FUNCTION_VM);
    for (size_t i = 0; i < vm->setup->libraries_count; i++) bind(vm, &vm->setup->libraries[i], FUNCTION_HOST);
    lua_createtable(L, 0, 1);
    lua_pushcclosure(L, no_such_name, 0);
    put(L, "__index");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
}

/* ---- arguments ---- */

static const char *kind_name(enum aver_kind kind)
{
    switch (kind) {
    case AVER_NIL: return "nil";
    case AVER_BOOL: return "a boolean";
    case AVER_INT: return "an integer";
    case AVER_TEXT: return "a string";
    case AVER_OBJECT: return "an object of the host";
    case AVER_TABLE: return "a table";
    }
    AVER_UNREACHABLE();
}

void vm_arg_bad(struct aver_call *call, int i, const char *name, const char *wanted)
{
    vm_trap(call->vm, AVER_TRAP_ARGUMENT, "argument %d, \"%s\", must be %s and is %s", i + 1, name, wanted,
            i < call->argc ? kind_name(call->args[i].kind) : "missing");
}

int64_t vm_arg_int(struct aver_call *call, int i, const char *name)
{
    if (call->args[i].kind != AVER_INT) vm_arg_bad(call, i, name, "an integer");
    return call->args[i].integer;
}

aver_bytes vm_arg_text(struct aver_call *call, int i, const char *name)
{
    if (call->args[i].kind != AVER_TEXT) vm_arg_bad(call, i, name, "a string");
    return call->args[i].text;
}

void vm_arg_count(struct aver_call *call, int min, int max)
{
    if (call->argc < min || call->argc > max)
        vm_trap(call->vm, AVER_TRAP_ARGUMENT, "takes %d to %d arguments and was given %d", min, max,
                call->argc);
}

/* ---- definitions (LuaCATS, https://luals.github.io/wiki/annotations) ---- */

static void define_library(struct aver_buf *out, const struct aver_library *lib)
{
    if (lib->name) aver_buf_printf(out, "\n---@class %slib\n", lib->name);
    for (size_t i = 0; i < lib->count; i++) {
        const struct aver_function *f = &lib->functions[i];
        if (lib->name)
            aver_buf_printf(out, "---@field %s %s\n", f->name, f->signature);
        else
            aver_buf_printf(out, "\n---@type %s\n%s = nil\n", f->signature, f->name);
    }
    if (lib->name) aver_buf_printf(out, "%s = {}\n", lib->name);
}

static void define_type(struct aver_buf *out, const struct aver_object_type *type)
{
    aver_buf_printf(out, "\n---@class %s\n", type->name);
    for (size_t i = 0; i < type->fields_count; i++) aver_buf_printf(out, "---@field %s\n", type->fields[i]);
    for (size_t i = 0; i < type->methods_count; i++) {
        const struct aver_function *f = &type->methods[i];
        const char *rest = strncmp(f->signature, "fun(", 4) == 0 ? f->signature + 4 : ")";
        aver_buf_printf(out, "---@field %s fun(self: %s%s%s\n", f->name, type->name,
                        rest[0] == ')' ? "" : ", ", rest);
    }
}

static void define_setup(struct aver_buf *out, const struct aver_vm_setup *setup)
{
    for (size_t i = 0; i < setup->libraries_count; i++) define_library(out, &setup->libraries[i]);
    for (size_t i = 0; i < setup->objects_count; i++)
        aver_buf_printf(out, "\n---@type any\n%s = nil\n", setup->objects[i]);
    if (setup->declares)
        aver_buf_printf(out, "\n---@type fun(name: string, body: function)\n%s = nil\n", setup->declares);
}

void aver_vm_definitions(struct aver_buf *out, const struct aver_vm_setup *setup,
                         const struct aver_object_type *const *types, size_t types_count)
{
    aver_buf_str(out, "---@meta\n-- What a contract can reach: all of it.\n");
    if (setup->prepare)
        aver_buf_printf(
            out,
            "--\n"
            "-- A contract returns a table of its entry points. One that is called %s, without parameters, runs once\n"
            "-- for each version of the policy; what it returns is the last argument of the others: tables of\n"
            "-- integers, texts, booleans and parts of the policy, which are read and never written. Of the host's\n"
            "-- functions it can call",
            setup->prepare);
    for (const char *const *name = setup->prepare_calls; setup->prepare && name && *name; name++)
        aver_buf_printf(out, "%s %s", name == setup->prepare_calls ? "" : ",", *name);
    if (setup->prepare) aver_buf_str(out, ".\n");
    for (size_t i = 0; i < types_count; i++) define_type(out, types[i]);
    for (size_t i = 0; i < OWN; i++) define_library(out, own[i]);
    define_setup(out, setup);
}

void aver_vm_definitions_more(struct aver_buf *out, const struct aver_vm_setup *setup,
                              const struct aver_object_type *const *types, size_t types_count)
{
    aver_buf_str(out, "---@meta\n");
    for (size_t i = 0; i < types_count; i++) define_type(out, types[i]);
    define_setup(out, setup);
}

/* ---- prices ---- */

void aver_vm_prices(struct aver_buf *out)
{
#define ROW(name, gas, text) aver_buf_printf(out, "| " text " | %d |\n", gas);
    aver_buf_str(out, "| in the source | gas |\n|---|---|\n");
    VM_PRICES(ROW)
    aver_buf_str(out, "\n| while it runs | gas |\n|---|---|\n");
    VM_RUN_PRICES(ROW)
#undef ROW
    aver_buf_printf(out, "| each %d bytes of a text that is made or handed over | 1 |\n", GAS_STRING_BYTES);
    aver_buf_printf(out, "| each %d bytes of a text that is looked at | 1 |\n", GAS_TEXT_BYTES);
    aver_buf_printf(out, "| str.find: each %d bytes of both texts | 1 |\n", GAS_FIND_BYTES);
    aver_buf_printf(out, "| an execution, for each %d bytes of the source | 1 |\n", GAS_SOURCE_BYTES);
    aver_buf_printf(out, "| an execution, for each %d gas that loading took | 1 |\n", GAS_LOAD_PART);
    aver_buf_str(out, "\n| of the library | gas |\n|---|---|\n");
    for (size_t i = 0; i < OWN; i++)
        for (size_t k = 0; k < own[i]->count; k++)
            aver_buf_printf(out, "| %s%s%s | %" PRIu64 " |\n", own[i]->name ? own[i]->name : "",
                            own[i]->name ? "." : "", own[i]->functions[k].name, own[i]->functions[k].gas);
}
