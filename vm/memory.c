/* vm/memory.c - the memory of one contract: a bump allocator. What it gives out is paid by the source (gas.h), at least one
 * gas for each nine bytes, so that with a limit of AVER_VM_GAS_LIMIT_MAX gas ends first. Reaching the ceiling all the same
 * is this node's fault and no verdict. Nothing is ever collected. */
#include "vm/internal.h"

#include <string.h>
#include <sys/mman.h>

#define ALIGN 8
#define PAGE  ((size_t)4096)
/* The C library compares texts by reads of up to so many bytes that may pass a text's end. One that passes into a page that was
 * never written to is right, but takes as long as some hundred others: 150 ns where 1 was paid for. So the page that such a
 * read would reach is there before the text is. */
#define READ_AHEAD ((size_t)64)
/* The table of short texts as Lua first makes it: 128 places. */
#define STRINGS_FIRST (128 * sizeof(void *))
#define MAPPED        (AVER_VM_MEMORY_MAX + PAGE + VM_FROZEN_MAX)

aver_err vm_memory_open(struct aver_vm *vm, struct aver_why *why)
{
    struct memory *m = &vm->memory;
    void *p = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p != MAP_FAILED) {
        m->base = p;
        m->ceiling = AVER_VM_MEMORY_MAX;
        m->frozen = m->base + AVER_VM_MEMORY_MAX + PAGE;
        return AVER_OK;
    }
    return aver_fail(why, AVER_E_IO, "VM-MEMORY", NULL,
                     "no address space for a contract's memory: raise the limit");
}

void vm_memory_close(struct aver_vm *vm)
{
    if (vm->memory.base) munmap(vm->memory.base, MAPPED);
    vm->memory.base = NULL;
}

void vm_memory_ahead(struct memory *m, size_t from)
{
    size_t ahead = m->used + READ_AHEAD;
    if ((from + READ_AHEAD) / PAGE != ahead / PAGE) *(volatile uint8_t *)(m->base + ahead) = 0;
}

static void *freeze(struct memory *m, size_t size, struct aver_vm *vm)
{
    if (size > VM_FROZEN_MAX - m->frozen_used) vm_leave_memory(vm);
    uint8_t *block = m->frozen + m->frozen_used;
    m->frozen_used += (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    return block;
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
    /* "When ptr is NULL, osize encodes the kind of object that Lua is allocating" (manual, lua_Alloc); 0 is a part of one. */
    if (m->freezing && !block && (osize == (size_t)m->freezing || osize == 0)) return freeze(m, nsize, vm);
    if (m->freezing && block >= m->frozen) { /* a part that grows or is cut to its size */
        if (nsize <= osize) return block;
        void *wider = freeze(m, nsize, vm);
        return memcpy(wider, block, osize);
    }
    bool newest = block && block == m->base + m->last;
    if (block && !newest && nsize <= osize) return block;
    size_t at = newest ? m->last : m->used;
    if (nsize > m->ceiling - at) vm_leave_memory(vm);
    if (block && !newest) memcpy(m->base + at, block, osize);
    if (block ? block == m->strings : nsize == STRINGS_FIRST && !m->strings) m->strings = m->base + at;
    m->last = at;
    m->used = at + ((nsize + ALIGN - 1) & ~(size_t)(ALIGN - 1));
    vm_memory_ahead(m, at);
    return m->base + at;
}
