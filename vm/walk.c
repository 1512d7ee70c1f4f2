/* vm/walk.c - what a contract can really reach, found by walking through Lua's own values and not by asking the tables
 * that were meant to bind it. */
#include "vm/internal.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16

struct walk {
    struct aver_arena arena;
    struct aver_list seen;  /* const void * */
    struct aver_list lines; /* const char * */
};

static bool seen(struct walk *w, const void *p)
{
    const void **items = w->seen.items;
    for (size_t i = 0; i < w->seen.count; i++)
        if (items[i] == p) return true;
    *(const void **)aver_list_add(&w->arena, &w->seen, sizeof p) = p;
    return false;
}

static void visit(struct aver_vm *vm, struct walk *w, const char *path, int depth);

static void visit_table(struct aver_vm *vm, struct walk *w, const char *path, int depth)
{
    lua_State *L = vm->L;
    if (lua_getmetatable(L, -1)) {
        lua_pushlstring(L, "__index", 7);
        lua_rawget(L, -2);
        if (lua_istable(L, -1))
            visit_table(vm, w, path, depth + 1); /* reading goes on there; nothing else does */
        lua_pop(L, 2);
    }
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2); /* lua_tolstring would change a number key */
        const char *key =
            lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, NULL) : lua_typename(L, lua_type(L, -1));
        const char *name = aver_arena_printf(&w->arena, "%s%s%s", path, *path ? "." : "", key);
        lua_pop(L, 1);
        visit(vm, w, name, depth + 1);
    }
}

/* The value on top of the stack, which stays there. */
static void visit(struct aver_vm *vm, struct walk *w, const char *path, int depth)
{
    lua_State *L = vm->L;
    int type = lua_type(L, -1);
    AVER_ASSERT(depth < DEPTH_MAX && lua_checkstack(L, 8));
    if (type != LUA_TTABLE && type != LUA_TFUNCTION && type != LUA_TUSERDATA && type != LUA_TTHREAD) return;
    if (seen(w, lua_topointer(L, -1))) return;
    if (*path)
        *(const char **)aver_list_add(&w->arena, &w->lines, sizeof path) = aver_arena_printf(
            &w->arena, "%s: %s%s", path, lua_iscfunction(L, -1) ? "our " : "", lua_typename(L, type));
    if (type == LUA_TTABLE) visit_table(vm, w, path, depth);
    if (type != LUA_TFUNCTION || lua_iscfunction(L, -1))
        return; /* a contract cannot see into a function of ours */
    const char *name;
    for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL; i++) {
        visit(vm, w, aver_arena_printf(&w->arena, "%s^%s", path, name), depth + 1);
        lua_pop(L, 1);
    }
}

static void walk_all(struct aver_vm *vm, void *arg)
{
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_GLOBALS);
    visit(vm, arg, "", 0);
    lua_rawgeti(vm->L, LUA_REGISTRYINDEX, REGISTRY_MODULE);
    visit(vm, arg, "contract", 0);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void aver_vm_reachable(struct aver_vm *vm, struct aver_buf *out)
{
    struct walk w = {0};
    vm_restore(vm);
    vm->gas_left = UINT64_MAX;
    AVER_ASSERT(vm_guarded(vm, walk_all, &w) == 0);
    qsort(w.lines.items, w.lines.count, sizeof(char *), by_text);
    for (size_t i = 0; i < w.lines.count; i++)
        aver_buf_printf(out, "%s\n", ((const char **)w.lines.items)[i]);
    aver_arena_free(&w.arena);
}
