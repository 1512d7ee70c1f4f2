/* vm/vm.c - the life of a contract: load, image, run. See vm.h, and internal.h for how an execution ends early. */
#include "vm/dialect.h"
#include "vm/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_NAME   "=c" /* so that Lua's messages begin with "c:LINE: " */
#define RETAIN_BYTES ((size_t)1 << 20)
#define STACK_READY  100
#define PAGE_BYTES   ((size_t)4096)

/* ---- the early ends ---- */

uint64_t vm_current_line(struct aver_vm *vm)
{
    lua_Debug ar;
    for (int level = 0; vm->L && lua_getstack(vm->L, level, &ar); level++) {
        lua_getinfo(vm->L, "Sl", &ar);
        if (ar.currentline > 0) return (uint64_t)ar.currentline;
    }
    return 0;
}

void vm_trap(struct aver_vm *vm, enum aver_trap trap, const char *fmt, ...)
{
    AVER_ASSERT(vm->running && trap != AVER_TRAP_NONE);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(vm->trap_text, sizeof vm->trap_text, fmt, ap);
    va_end(ap);
    vm->trap = trap;
    vm->trap_line = vm_current_line(vm);
    vm->gas_end = vm->gas_left + vm_slice(vm);
    longjmp(vm->leave, LEAVE_TRAP);
}

void vm_leave_memory(struct aver_vm *vm)
{
    AVER_ASSERT(vm->running);
    longjmp(vm->leave, LEAVE_MEMORY);
}

/* What Lua's words do not say of an error that the inserted code brought about (print.c). */
static const char *hint(const char *words)
{
    if (strstr(words, "'__t'")) return " (each goes through a list)";
    if (strstr(words, "arithmetic on a string"))
        return " (texts are joined with \"..\" and compared with str.compare)";
    return "";
}

/* Called where the error is raised, before anything is unwound. Lua puts "c:LINE: " before its words. */
static int error_handler(lua_State *L)
{
    size_t len = 0;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : "an error without words";
    const char *words = strncmp(text, "c:", 2) == 0 ? strchr(text + 2, ' ') : NULL;
    words = words ? words + 1 : text;
    vm_trap(vm_of(L), AVER_TRAP_ERROR, "%s%s", words, hint(words));
}

static int panic(lua_State *L)
{
    (void)L;
    AVER_UNREACHABLE();
}

/* Runs `body`; how it was left, or 0. */
int vm_guarded(struct aver_vm *vm, void (*body)(struct aver_vm *, void *), void *arg)
{
    AVER_ASSERT(!vm->running);
    vm->running = true;
    vm->trap = AVER_TRAP_NONE;
    vm->trap_line = 0;
    vm->trap_text[0] = 0;
    int left = setjmp(vm->leave);
    if (left == 0) body(vm, arg);
    vm->running = false;
    return left;
}

/* ---- loading ---- */

struct load {
    aver_bytes printed;
    const struct aver_list *methods, *fields;
    const char *syntax; /* Lua's words if it does not take the printed text */
    bool entry_bad;
};

static const char *read_source(lua_State *L, void *ud, size_t *size)
{
    (void)L;
    aver_bytes *source = ud;
    const char *p = (const char *)source->ptr;
    *size = source->len;
    source->len = 0;
    return p;
}

/* What setup->declares names: puts a function among the entry points. The name's depth comes first, as in every call. */
static int declare(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const char *self = vm->setup->declares;
    lua_settop(L, 3);
    if (!vm->loading)
        vm_trap(vm, AVER_TRAP_ERROR, "%s stands at the top of the file, not within a function that runs",
                self);
    if (lua_type(L, 2) != LUA_TSTRING || !lua_isfunction(L, 3) || lua_iscfunction(L, 3))
        vm_trap(vm, AVER_TRAP_ARGUMENT, "%s takes a name and a function", self);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        vm_trap(vm, AVER_TRAP_ARGUMENT, "%s(\"%.100s\") stands here and before", self,
                lua_tolstring(L, 2, NULL));
    lua_pop(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, -3);
    return 0;
}

static void bind_declare(struct aver_vm *vm)
{
    lua_State *L = vm->L;
    lua_createtable(L, 0, 0);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
    lua_pushlstring(L, vm->setup->declares, strlen(vm->setup->declares));
    lua_pushcclosure(L, declare, 0);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static void load_body(struct aver_vm *vm, void *arg)
{
    struct load *load = arg;
    lua_State *L = vm->L;
    lua_gc(L, LUA_GCSTOP);
    vm_make_object_meta(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_OBJECT_META);
    vm_make_tree_meta(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_TREE_META);
    lua_pushcfunction(L, error_handler);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_HANDLER);
    vm_bind(vm);
    if (vm->setup->declares) bind_declare(vm);
    aver_bytes printed = load->printed;
    /* What Lua makes of the text is read and never written: its functions' code, constants and lines. Texts are not among it,
     * because Lua chains them to each other, nor are closures. */
    vm->memory.freezing = FREEZE_FUNCTIONS;
    int loaded = lua_load(L, read_source, &printed, CHUNK_NAME, "t");
    vm->memory.freezing = 0;
    if (loaded != LUA_OK) {
        load->syntax = lua_tolstring(L, -1, NULL);
        return;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    vm_push_methods(vm, load->methods);
    int given = 1 + vm_push_support(L);
    if (vm->lines) given += vm_push_counters(L);
    if (lua_pcall(L, given, 1, 1) != LUA_OK) vm_trap(vm, AVER_TRAP_ERROR, "an error within an error");

    if (vm->setup->declares) lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    load->entry_bad = !lua_istable(L, -1);
    size_t count = 0;
    if (!load->entry_bad) {
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1), count++)
            if (lua_type(L, -2) != LUA_TSTRING || !lua_isfunction(L, -1) || lua_iscfunction(L, -1)) {
                load->entry_bad = true;
                return;
            }
        load->entry_bad = count == 0;
    }
    if (load->entry_bad) return;
    vm->entries = AVER_NEW_ARRAY(&vm->arena, aver_bytes, count);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        size_t len;
        const char *name = lua_tolstring(L, -2, &len);
        vm->entries[vm->entries_count++] = aver_arena_copy(&vm->arena, aver_bytes_of(name, len));
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    /* The objects' slots exist in the image, so that binding them changes no table's size. */
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
    for (size_t i = 0; i < vm->setup->objects_count; i++) {
        const char *name = vm->setup->objects[i];
        lua_pushlstring(L, name, strlen(name));
        AVER_ASSERT(lua_rawget(L, -2) == LUA_TNIL);
        lua_pop(L, 1);
        lua_pushlstring(L, name, strlen(name));
        lua_pushboolean(L, 0);
        lua_rawset(L, -3);
    }
    for (int i = 0; i < VM_ROOTS_MAX; i++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_TREES + i);
    }
    lua_pushnil(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, REGISTRY_TERMS);
    lua_settop(L, 0);
    AVER_ASSERT(lua_checkstack(L, STACK_READY)); /* so that few runs make it grow */
    vm_make_blocks(vm);
    vm_facts_make(vm, load->fields);
    /* A run begins with no slice. */
    vm->gas_left += vm_slice(vm);
    vm_slice_set(vm, 0);
}

static int by_bytes(const void *a, const void *b)
{
    return aver_bytes_cmp(*(const aver_bytes *)a, *(const aver_bytes *)b);
}

static aver_err load_result(struct aver_vm *vm, const struct load *load, int left, const char *name,
                            struct aver_why *why)
{
    char place[256];
    if (left == LEAVE_MEMORY)
        return aver_fail(why, AVER_E_LIMIT, "VM-MEMORY", name,
                         "the contract takes more than the %d bytes that this node gives to one",
                         IMAGE_BYTES_MAX);
    if (left == LEAVE_TRAP) {
        snprintf(place, sizeof place, "%.200s:%" PRIu64, name, vm->trap_line);
        return aver_fail(why, AVER_E_INPUT, "CONTRACT-LOAD", place, "loading the contract fails: %s",
                         vm->trap_text);
    }
    if (load->syntax)
        return aver_fail(why, AVER_E_LIMIT, "VM-LUA", name, "this node's Lua refuses what we made of it: %s",
                         load->syntax);
    if (load->entry_bad && vm->setup->declares)
        return aver_fail(why, AVER_E_INPUT, "CONTRACT-ENTRY", name,
                         "there is no %s(\"name\", function() ... end) in it", vm->setup->declares);
    if (load->entry_bad)
        return aver_fail(
            why, AVER_E_INPUT, "CONTRACT-ENTRY", name,
            "the contract must end by returning a table of its entry points, each a function by its name");
    return AVER_OK;
}

static aver_err load(struct aver_vm *vm, const char *name, aver_bytes printed, const struct vm_source *source,
                     struct aver_why *why)
{
    AVER_TRY(vm_memory_open(vm, why));
    lua_State *L = lua_newstate(vm_alloc, vm);
    AVER_ASSERT(L);
    vm->L = L;
    lua_atpanic(L, panic);
    *(struct aver_vm **)lua_getextraspace(L) = vm;

    struct load load = {.printed = printed, .methods = &source->methods, .fields = &source->fields};
    vm->memory.ceiling = IMAGE_BYTES_MAX;
    vm->gas_left = GAS_LOAD;
    vm->loading = true;
    int left = vm_guarded(vm, load_body, &load);
    vm->loading = false;
    vm->memory.ceiling = AVER_VM_MEMORY_MAX;
    AVER_TRY(load_result(vm, &load, left, name, why));

    qsort(vm->entries, vm->entries_count, sizeof *vm->entries, by_bytes);
    vm->run_gas += (GAS_LOAD - vm->gas_left) / GAS_LOAD_PART;
    vm->prepares = vm->setup->prepare && aver_vm_has_entry(vm, vm->setup->prepare);
    vm->loaded.trees_to = vm->loaded.terms_to = vm->memory.frozen_used;
    vm->loaded.tables = vm->tables;
    vm_image_keep(vm, &vm->loaded);
    return AVER_OK;
}

static void lines_free(struct vm_lines *lines)
{
    if (lines) aver_arena_free(&lines->arena);
    free(lines);
}

static aver_err make(struct aver_vm **out, const struct aver_vm_setup *setup, const char *name,
                     aver_bytes source, struct vm_lines *lines, struct aver_why *why)
{
    struct aver_arena arena = {0};
    struct aver_buf printed = {0};
    struct vm_source s = {.name = name, .text = source, .arena = &arena, .setup = setup, .lines = lines};
    struct vm_function *chunk;
    aver_err err = vm_dialect(&s, &chunk, &printed, why);
    if (err != AVER_OK) {
        aver_arena_free(&arena);
        aver_buf_free(&printed);
        lines_free(lines);
        return err;
    }
    struct aver_vm *vm = calloc(1, sizeof *vm);
    if (!vm) aver_oom(sizeof *vm);
    AVER_ASSERT(setup->objects_count <= VM_ROOTS_MAX &&
                setup->facts_count <= VM_FACTS_SLOTS / AVER_VM_FACTS_MAX);
    vm->setup = setup;
    vm->image = &vm->loaded;
    vm->lines = lines;
    vm->members = AVER_NEW_ARRAY(&vm->arena, struct vm_member, MEMBERS);
    vm->run_gas = GAS_RUN + source.len / GAS_SOURCE_BYTES;
    err = load(vm, name, aver_buf_view(&printed), &s, why);
    aver_arena_free(&arena);
    aver_buf_free(&printed);
    if (err != AVER_OK) {
        aver_vm_free(vm);
        return err;
    }
    *out = vm;
    return AVER_OK;
}

static aver_err check_size(aver_bytes source, const char *name, struct aver_why *why)
{
    if (source.len <= AVER_VM_SOURCE_BYTES_MAX) return AVER_OK;
    return aver_fail(why, AVER_E_INPUT, "CONTRACT-SIZE", name,
                     "the contract's source is longer than %d bytes", AVER_VM_SOURCE_BYTES_MAX);
}

aver_err aver_vm_new(struct aver_vm **out, const struct aver_vm_setup *setup, const char *name,
                     aver_bytes source, struct aver_why *why)
{
    AVER_TRY(check_size(source, name, why));
    return make(out, setup, name, source, NULL, why);
}

aver_err aver_vm_new_counting(struct aver_vm **out, const struct aver_vm_setup *setup, const char *name,
                              aver_bytes source, struct aver_why *why)
{
    AVER_TRY(check_size(source, name, why));
    struct vm_lines *lines = calloc(1, sizeof *lines);
    if (!lines) aver_oom(sizeof *lines);
    return make(out, setup, name, source, lines, why);
}

void aver_vm_free(struct aver_vm *vm)
{
    if (!vm) return;
    AVER_ASSERT(!vm->running);
    vm_images_free(vm);
    vm_memory_close(vm); /* the lua_State with all it holds */
    aver_arena_free(&vm->arena);
    vm_trees_free(&vm->trees);
    lines_free(vm->lines);
    free(vm);
}

bool aver_vm_has_entry(const struct aver_vm *vm, const char *entry)
{
    for (size_t i = 0; i < vm->entries_count; i++)
        if (aver_bytes_is(vm->entries[i], entry)) return true;
    return false;
}

struct aver_list aver_vm_entries(struct aver_vm *vm, struct aver_arena *arena)
{
    struct aver_list list = {0};
    for (size_t i = 0; i < vm->entries_count; i++)
        *(aver_bytes *)aver_list_add(arena, &list, sizeof(aver_bytes)) =
            aver_arena_copy(arena, vm->entries[i]);
    return list;
}

void aver_vm_entry(struct aver_vm *vm, aver_bytes entry, struct aver_arena *arena, uint64_t *line,
                   struct aver_list *parameters)
{
    lua_State *L = vm->L;
    lua_Debug ar;
    const char *name;
    vm_restore(vm);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    lua_pushlstring(L, (const char *)entry.ptr, entry.len);
    AVER_ASSERT(lua_rawget(L, -2) == LUA_TFUNCTION);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    *line = (uint64_t)ar.linedefined;
    /* The first is the depth, which print.c gives every function. */
    for (int i = 2; (name = lua_getlocal(L, NULL, i)); i++)
        *(aver_bytes *)aver_list_add(arena, parameters, sizeof(aver_bytes)) =
            aver_arena_copy(arena, aver_bytes_str(name));
    lua_settop(L, 0);
}

/* ---- running ---- */

void vm_restore(struct aver_vm *vm)
{
    struct memory *m = &vm->memory;
    const struct vm_image *image = vm->image;
    if (m->used > image->len + RETAIN_BYTES) {
        size_t from = (image->len + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
        madvise(m->base + from, m->used - from, MADV_DONTNEED);
    }
    memcpy(m->base, image->bytes, image->len);
    m->used = m->last = image->len;
    m->strings = image->strings;
    vm_memory_ahead(m, 0);
    vm->tables = image->tables;
    vm->blocks_used = 0;
    vm_facts_restart(vm);
}

static void bind_objects(struct aver_vm *vm, const struct aver_value *objects)
{
    lua_State *L = vm->L;
    if (!vm->setup->objects_count) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
    for (size_t i = 0; i < vm->setup->objects_count; i++) {
        const char *name = vm->setup->objects[i];
        lua_pushlstring(L, name, strlen(name));
        vm_push(vm, &objects[i]);
        lua_rawset(L, -3);
    }
    lua_pop(L, 1);
}

void vm_call_entry(struct aver_vm *vm, const char *entry, const struct aver_run *run, int results)
{
    lua_State *L = vm->L;
    int given = (int)run->args_count + 1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_HANDLER);
    bind_objects(vm, run->objects);
    lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    lua_pushlstring(L, entry, strlen(entry));
    if (lua_rawget(L, -2) != LUA_TFUNCTION)
        vm_trap(vm, AVER_TRAP_ENTRY, "the contract has no entry point \"%s\"", entry);
    lua_remove(L, -2);
    lua_pushinteger(L, 1); /* the depth of the call */
    for (size_t i = 0; i < run->args_count; i++) vm_push(vm, &run->args[i]);
    if (vm->prepares) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, REGISTRY_TERMS);
        given++;
    }
    /* Errors end in the handler, which does not come back. What comes back is Lua's "error in error handling". */
    if (lua_pcall(L, given, results, 1) != LUA_OK) vm_trap(vm, AVER_TRAP_ERROR, "an error within an error");
}

static void run_body(struct aver_vm *vm, void *arg)
{
    struct aver_run *run = arg;
    vm_charge(vm, vm->run_gas);
    vm_call_entry(vm, run->entry, run, 0);
    vm->gas_end = vm->gas_left + vm_slice(vm);
}

static void say_trap(struct aver_run *run, enum aver_trap trap, uint64_t line, const char text[256])
{
    run->trap = trap;
    run->trap_line = line;
    memcpy(run->trap_text, text, sizeof run->trap_text);
}

aver_err aver_vm_prepare(struct aver_vm *vm, struct aver_run *run, struct aver_why *why)
{
    AVER_TRY(vm_image_for(vm, run->objects, why));
    run->gas_used = vm->image->gas;
    say_trap(run, vm->image->trap, vm->image->trap_line, vm->image->trap_text);
    return AVER_OK;
}

aver_err aver_vm_run(struct aver_vm *vm, struct aver_run *run, struct aver_why *why)
{
    AVER_ASSERT(run->args_count <= AVER_VM_ARGS_MAX && run->gas_limit <= AVER_VM_GAS_MOST);
    AVER_TRY(vm_image_for(vm, run->objects, why));
    if (vm->image->trap) {
        run->gas_used = 0;
        say_trap(run, vm->image->trap, vm->image->trap_line, vm->image->trap_text);
        return AVER_OK;
    }
    vm_restore(vm);
    vm->gas_left = run->gas_limit;
    vm->host = run->host;
    int left = vm_guarded(vm, run_body, run);
    vm->host = NULL;
    if (left == LEAVE_MEMORY)
        return aver_fail(
            why, AVER_E_LIMIT, "VM-MEMORY", run->entry,
            "the contract used the %d bytes that this node gives to an execution before its gas ended",
            AVER_VM_MEMORY_MAX);
    if (vm->memory.strings != vm->image->strings) vm_image_room(vm);
    run->gas_used = run->gas_limit - vm->gas_end;
    say_trap(run, vm->trap, vm->trap_line, vm->trap_text);
    return AVER_OK;
}
