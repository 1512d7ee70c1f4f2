/* vm/memory.c - the memory of one contract: a bump allocator that charges gas, at the same low address everywhere, and
 * with the same string hashes everywhere.
 *
 * Why hashes matter: no order of a table is visible to a contract, but which slot a key takes decides when a table in
 * which keys were removed is rebuilt, and a rebuilt table is memory, which costs gas. Stock Lua seeds its string hash
 * with the time and with addresses. The seed lies in the block that lua_newstate asks for first, and is set before the
 * first string is made, which is after the second request. So the second request is where we put our own there. Where in
 * the block it lies is found by looking, once per process: of two states made at one address from different depths of
 * the C stack, it is the one word that differs. Then two states are made with one seed, and must agree in every byte. */
#include "vm/internal.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define BOUNDARY    ((size_t)1 << 32)
#define ALIGN       8
#define PROBE_BYTES 65536
#define NO_OFFSET   SIZE_MAX
/* A TString's own fields and the NUL come on top of the text. */
#define STRING_HEAD 64

static size_t seed_offset = NO_OFFSET; /* in the first block */
static size_t nodes_bytes;             /* of a table with TABLE_NODES_MAX hash slots */

struct probe {
    _Alignas(16) uint8_t bytes[PROBE_BYTES];
    uint8_t first[PROBE_BYTES]; /* the first block, as it was at the second request */
    size_t used, first_bytes, newest;
    unsigned calls;
    bool plant;
    uintptr_t stack_low;
};

static void *probe_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
    struct probe *p = ud;
    if (nsize == 0) return NULL;
    p->calls++;
    if (p->calls == 1) p->first_bytes = nsize;
    if (p->calls == 2) {
        p->stack_low = (uintptr_t)__builtin_frame_address(0);
        memcpy(p->first, p->bytes, p->first_bytes);
        if (p->plant) memset(p->bytes + seed_offset, 0x5a, sizeof(uint32_t));
    }
    if (ptr && nsize <= osize) return ptr;
    if (nsize > PROBE_BYTES - p->used) return NULL;
    uint8_t *block = p->bytes + p->used;
    if (ptr) memcpy(block, ptr, osize);
    p->newest = nsize;
    p->used += (nsize + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    return block;
}

static lua_State *probe_make(struct probe *p, bool plant)
{
    memset(p, 0, sizeof *p);
    p->plant = plant;
    return lua_newstate(probe_alloc, p);
}

__attribute__((noinline)) static lua_State *probe_make_deeper(struct probe *p, bool plant)
{
    volatile char depth[1040];
    depth[0] = 1;
    lua_State *L = probe_make(p, plant);
    depth[1] = depth[0];
    return L;
}

static size_t seed_find(const struct probe *a, const uint8_t *first, size_t bytes, uintptr_t low,
                        uintptr_t high)
{
    size_t found = NO_OFFSET;
    for (size_t at = 0; at + 8 <= bytes; at += 8) {
        uintptr_t one, two;
        memcpy(&one, a->first + at, 8);
        memcpy(&two, first + at, 8);
        /* Lua's jump buffer of the moment lies on the C stack, at another depth. */
        if (one == two || (one >= low && one <= high && two >= low && two <= high)) continue;
        for (size_t half = at; half < at + 8; half += 4) {
            if (memcmp(a->first + half, first + half, 4) == 0) continue;
            if (found != NO_OFFSET) return NO_OFFSET;
            found = half;
        }
    }
    return found;
}

static void probe(void)
{
    static struct probe p;
    static uint8_t other[PROBE_BYTES];
    uintptr_t high = (uintptr_t)__builtin_frame_address(0);
    if (!probe_make(&p, false)) return;
    uintptr_t low = p.stack_low;
    memcpy(other, p.first, sizeof other);
    if (!probe_make_deeper(&p, false)) return;
    if (p.stack_low < low) low = p.stack_low;
    size_t offset = seed_find(&p, other, p.first_bytes, low, high);
    if (offset == NO_OFFSET) return;
    seed_offset = offset;
    lua_State *L = probe_make(&p, true);
    size_t used = p.used;
    memcpy(other, p.bytes, sizeof other);
    L = L ? probe_make_deeper(&p, true) : NULL;
    if (!L || p.used != used || memcmp(other, p.bytes, used) != 0) {
        seed_offset = NO_OFFSET;
        return;
    }
    lua_gc(L, LUA_GCSTOP);
    lua_createtable(L, 0, TABLE_NODES_MAX);
    nodes_bytes = p.newest;
}

aver_err vm_memory_open(struct aver_vm *vm, struct aver_why *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, probe);
    if (seed_offset == NO_OFFSET)
        return aver_fail(
            why, AVER_E_REFUSED, "VM-LUA", NULL,
            "this Lua library does not start from one state each time: link the Lua 5.4 of a distribution");
    struct memory *m = &vm->memory;
    size_t reserve = BOUNDARY + AVER_VM_MEMORY_MAX;
    uint8_t *p = mmap(NULL, reserve, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) goto fail;
    size_t lead = (BOUNDARY - (uintptr_t)p % BOUNDARY) % BOUNDARY;
    if (lead) munmap(p, lead);
    if (lead < BOUNDARY) munmap(p + lead + AVER_VM_MEMORY_MAX, BOUNDARY - lead);
    m->base = p + lead;
    m->ceiling = AVER_VM_MEMORY_MAX;
    if (mprotect(m->base, m->ceiling, PROT_READ | PROT_WRITE) == 0) return AVER_OK;
    munmap(m->base, m->ceiling);
    m->base = NULL;
fail:
    return aver_fail(why, AVER_E_LIMIT, "VM-MEMORY", NULL,
                     "no address space for a contract's memory: raise the limit");
}

void vm_memory_close(struct aver_vm *vm)
{
    if (vm->memory.base) munmap(vm->memory.base, vm->memory.ceiling);
    vm->memory.base = NULL;
}

/* Bounds that gas alone would not make safe: one instruction may compare two strings or follow one chain of keys. */
static void check_bounds(struct aver_vm *vm, size_t tag, size_t nsize)
{
    if (tag == LUA_TSTRING && nsize > AVER_VM_STRING_MAX + STRING_HEAD)
        vm_trap(vm, AVER_TRAP_RANGE, "a string of more than %d bytes", AVER_VM_STRING_MAX);
    if (tag == LUA_TNIL && nsize > nodes_bytes && nsize % nodes_bytes == 0 &&
        ((nsize / nodes_bytes) & (nsize / nodes_bytes - 1)) == 0)
        vm_trap(vm, AVER_TRAP_RANGE, "a table of more than %d keys that are no list", TABLE_NODES_MAX);
}

void *vm_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
    struct aver_vm *vm = ud;
    struct memory *m = &vm->memory;
    uint8_t *block = ptr;
    if (nsize == 0) {
        if (block && block == m->base + m->last) m->used = m->last;
        return NULL;
    }
    if (vm->L) {
        /* Also where the block keeps its size: when Lua rebuilds a table it counts its list part and asks for the same
         * size again, which is all that tells us of that work. */
        vm_charge(vm, (nsize + GAS_ALLOC_BYTES - 1) / GAS_ALLOC_BYTES);
        if (!ptr) check_bounds(vm, osize, nsize);
    } else if (++m->calls == 2) {
        memcpy(m->base + seed_offset, &m->seed, sizeof m->seed);
    }
    if ((ptr || osize == LUA_TNIL) && nsize > m->largest) m->largest = nsize;
    bool newest = block && block == m->base + m->last;
    if (block && !newest && nsize <= osize) return block;
    size_t at = newest ? m->last : m->used;
    if (nsize > m->ceiling - at) vm_leave_memory(vm);
    if (block && !newest) memcpy(m->base + at, block, osize);
    m->last = at;
    m->used = at + ((nsize + ALIGN - 1) & ~(size_t)(ALIGN - 1));
    return m->base + at;
}
