/* vm/internal.h - what the files of vm/ share. Not for others: they read vm.h.
 *
 * Every early end of an execution is one longjmp to the setjmp in vm.c: gas, memory, a trap of the library, a trap of
 * the host, and a Lua error (whose message handler jumps before Lua unwinds anything). So nothing of the contract runs
 * after a trap, and nothing needs to be unwound: the next run copies the image back over whatever was left. */
#ifndef AVER_VM_INTERNAL_H
#define AVER_VM_INTERNAL_H

#include "vm/vm.h"

#include <lua.h>
#include <setjmp.h>

/* The gas prices of table version 1. One gas is about what one VM instruction costs. */
#define GAS_PERIOD      100 /* instructions are charged in advance, so many at a time */
#define GAS_IMAGE_BYTES 256 /* one gas per so many bytes of the image that a run copies back */
#define GAS_ALLOC_BYTES                                                                                      \
    8 /* one gas per so many bytes that Lua asks for, also where a block keeps its place */
#define GAS_SCAN_BYTES 128     /* sorted_pairs: one gas per so many bytes that the table may take up */
#define GAS_TEXT_BYTES 16      /* text functions: one gas per so many bytes looked at */
#define GAS_FIELD      4       /* a field, method or item of a host object; a step of each or sorted_pairs */
#define GAS_LOAD       4000000 /* for the chunk itself, once, when the contract is loaded */

#define IMAGE_BYTES_MAX (4 << 20) /* what a loaded contract may take up */
#define TABLE_NODES_MAX 1024      /* hash slots of one table: bounds what chains of colliding keys can cost */

/* The memory of one contract. It begins on a 4 GiB boundary: Lua hashes the low 32 bits of an address where a table or a
 * function is a key, and on such a boundary they are the same in every process. */
struct memory {
    uint8_t *base;
    size_t used, ceiling;
    size_t last;    /* where the newest block begins: it alone can grow in place */
    size_t largest; /* the largest vector allocated so far: no table takes up more */
    unsigned calls; /* allocations of lua_newstate: see memory.c about the seed */
    uint32_t seed;
};

enum leave { LEAVE_TRAP = 1, LEAVE_MEMORY };

struct aver_vm {
    lua_State *L;
    struct memory memory;
    uint8_t *image;
    size_t image_bytes, image_largest;
    const struct aver_vm_setup *setup;
    struct aver_arena arena; /* of the names below */
    aver_bytes *entries;     /* sorted */
    size_t entries_count;

    /* of the execution under way: */
    jmp_buf leave;
    bool running, loading;
    uint64_t gas_left;
    void *host;
    int pushed; /* results that a function of the library left on Lua's stack */
    enum aver_trap trap;
    uint64_t trap_line;
    char trap_text[256];
    char said[200];
};

/* Places in the registry. 1 and 2 are Lua's own. */
enum { REGISTRY_OBJECT_META = 3, REGISTRY_GLOBALS, REGISTRY_ENV, REGISTRY_MODULE, REGISTRY_HANDLER };

static inline struct aver_vm *vm_of(lua_State *L) { return *(struct aver_vm **)lua_getextraspace(L); }

/* memory.c */
AVER_MUST_CHECK aver_err vm_memory_open(struct aver_vm *vm, struct aver_why *why);
void vm_memory_close(struct aver_vm *vm);
void *vm_alloc(void *ud, void *ptr, size_t osize,
               size_t nsize); /* lua_Alloc; never returns NULL for nsize > 0 */

/* vm.c */
AVER_NORETURN void vm_trap(struct aver_vm *vm, enum aver_trap trap, const char *fmt, ...) AVER_PRINTF(3, 4);
AVER_NORETURN void vm_leave_memory(struct aver_vm *vm);
void vm_charge(struct aver_vm *vm, uint64_t gas);
void vm_restore(struct aver_vm *vm); /* the image, as every run finds it */
/* Runs `body` so that it may be left early; how it was, or 0. */
int vm_guarded(struct aver_vm *vm, void (*body)(struct aver_vm *, void *), void *arg);

/* host.c */
void vm_push(struct aver_vm *vm, const struct aver_value *v);
void vm_push_function(lua_State *L, const struct aver_function *row, const void *owner, int kind);
void vm_make_object_meta(lua_State *L); /* pushes it */
enum { FUNCTION_VM, FUNCTION_HOST, FUNCTION_METHOD };
const struct aver_object *vm_object(lua_State *L, int index); /* NULL if it is none */

/* lib.c: binds the libraries and leaves the environment table on the stack. */
void vm_bind(struct aver_vm *vm);
/* lib_list.c (globals, math), lib_money.c (money, date), lib_str.c */
extern const struct aver_library vm_lib_globals, vm_lib_math, vm_lib_money, vm_lib_date, vm_lib_str;

/* Arguments of a library function. `i` from 0. Each traps with words that name the argument. */
int64_t vm_arg_int(struct aver_call *call, int i, const char *name);
aver_bytes vm_arg_text(struct aver_call *call, int i, const char *name);
void vm_arg_count(struct aver_call *call, int min, int max);
AVER_NORETURN void vm_arg_bad(struct aver_call *call, int i, const char *name, const char *wanted);

/* scan.c: what the dialect leaves out, found token by token before Lua reads the text. AVER_E_INPUT, CONTRACT-SYNTAX. */
AVER_MUST_CHECK aver_err vm_scan(const char *name, aver_bytes source, struct aver_why *why);

#endif
