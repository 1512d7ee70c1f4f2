/* vm/internal.h - what the files of vm/ share. Not for others: they read vm.h.
 *
 * Every early end of an execution is one longjmp to the setjmp in vm.c: gas, memory, a trap of the library, a trap of
 * the host, and a Lua error (whose message handler jumps before Lua unwinds anything). So nothing of the contract runs
 * after a trap, and nothing needs to be unwound: the next run copies the image back over whatever was left. */
#ifndef AVER_VM_INTERNAL_H
#define AVER_VM_INTERNAL_H

#include "vm/gas.h"
#include "vm/lines.h"

#include <lua.h>
#include <setjmp.h>

#define IMAGE_BYTES_MAX (8 << 20) /* what a loaded contract may take up; loading ends by gas before that */

/* The memory of one contract. */
struct memory {
    uint8_t *base;
    size_t used, ceiling;
    size_t last;     /* where the newest block begins: it alone can grow in place */
    uint8_t *frozen; /* behind the rest: what no run changes, so that it is not restored */
    size_t frozen_used;
    const uint8_t *strings; /* Lua's table of its short texts, as far as it can be told; else NULL */
    int freezing; /* objects that are made now of this kind, and the parts of objects, lie there; 0: none */
};
#define VM_FROZEN_MAX (32 << 20)

/* What the source did to one table: see support.c. All zeros: no table. */
struct vm_table {
    const void *table;
    uint32_t list;    /* items before the first gap */
    uint32_t texts;   /* keys that are texts */
    uint32_t outside; /* integer keys set or removed other than at the list's end, so far */
    uint32_t held;    /* keys in all */
    uint32_t peak;    /* the most that it ever held */
    uint32_t removed; /* keys removed for which no new key has paid */
    void *memo;       /* of a term: the host's */
};
struct vm_tables { /* open addressing; the slots lie in the contract's memory */
    struct vm_table *slots;
    uint32_t cap, count;
};

/* What a function of ours is to Lua: the one upvalue of its closure. */
enum function_kind { FUNCTION_VM, FUNCTION_HOST, FUNCTION_METHOD };
struct vm_function_of_ours {
    const struct aver_function *row;
    const void *owner; /* its library, or its object type */
    enum function_kind kind;
    bool prepares; /* the entry point that prepares may call it */
};

/* What a name in the contract's text stands for, in objects of one type. Texts of the image neither move nor change, so where
 * a name lies says which it is. Any row may be forgotten at any time. */
#define MEMBERS 512
struct vm_member {
    const struct aver_object_type *type;
    const char *name;
    const struct vm_function_of_ours *method; /* or */
    struct aver_property property;            /* or, read NULL: ask the object */
};

/* Objects that a run hands over lie ready in the image, as many as most runs need. */
#define VM_BLOCKS 48
struct vm_object_block;

#define FREEZE_FUNCTIONS (LUA_NUMTYPES + 1) /* Lua's prototypes: lobject.h, LUA_TPROTO */
#define FREEZE_TABLES    LUA_TTABLE

/* What tree.c made of objects that never change, for all images. */
struct vm_tree_node;
struct vm_trees {
    struct vm_tree_node *nodes;
    uint32_t count, cap;
    uint32_t *by_self, *by_table, slots; /* places of nodes, from 1, by hash */
};

/* What a run begins with: the contract as it was loaded, with what it was prepared for (image.c). */
#define VM_ROOTS_MAX 2 /* objects of a setup */
#define VM_MEMOS     512
struct vm_memo {
    const uint8_t *text;
    const void *kind, *what;
};
struct vm_image {
    struct aver_object roots[VM_ROOTS_MAX]; /* the objects that never change; type NULL: another value */
    uint8_t *bytes;
    size_t len;
    struct vm_tables tables;                /* of what lies in `bytes` */
    size_t frozen_from, trees_to, terms_to; /* what is frozen for this image: trees, then terms */
    const uint8_t *strings;                 /* memory.strings; */
    uint32_t made_room;                     /* how often it was made larger (image.c) */
    struct vm_tables known;                 /* the terms' tables; slots of malloc */
    struct vm_memo *texts;                  /* VM_MEMOS of them, by where a text lies; NULL: none yet */
    struct aver_arena memo;                 /* of what the host keeps */
    uint64_t frozen;                        /* a sum over it, asserted at the end */
    uint64_t gas;                           /* that preparing took */
    enum aver_trap trap;                    /* that ended it */
    uint64_t trap_line;
    char trap_text[256];
};

/* Objects that are tables to the contract: facts.c. */
#define VM_FACTS_SLOTS 192 /* at most */
struct vm_facts_type;
struct vm_facts_slot;
struct vm_facts {
    struct vm_facts_type *types;
    size_t types_count;
    lua_Integer names; /* in the registry, before the tables */
    struct vm_facts_slot *slots;
    uint32_t count;
    const uint8_t *from, *to; /* where the tables lie */
    uint8_t *at;              /* for each eighth byte there: the slot, from 1 */
};

enum leave { LEAVE_TRAP = 1, LEAVE_MEMORY };

struct aver_vm {
    lua_State *L;
    struct memory memory;
    struct vm_image loaded; /* the contract itself */
    struct vm_image **images;
    uint32_t images_count;
    struct vm_image *image; /* the one that is in use: of `images`, or `loaded` */
    struct vm_trees trees;
    struct vm_facts facts;
    bool prepares;    /* it has the entry point setup->prepare */
    uint64_t run_gas; /* the price of an execution as such */
    const struct aver_vm_setup *setup;
    struct aver_arena arena;   /* of what is below */
    struct aver_list methods;  /* struct vm_function_of_ours *: those that were ever called */
    struct vm_member *members; /* MEMBERS of them */
    aver_bytes *entries;       /* sorted */
    size_t entries_count;
    struct vm_lines *lines;                    /* NULL: nothing is counted */
    struct vm_object_block *blocks[VM_BLOCKS]; /* in the contract's memory */

    /* of the execution under way: */
    jmp_buf leave;
    bool running, loading, preparing;
    bool owned;        /* the inserted code has said where its gas is */
    uint64_t gas_left; /* without the slice that the inserted code holds */
    uint64_t gas_end;  /* with it, when the execution ended */
    struct vm_tables tables;
    uint32_t blocks_used;
    int first;          /* where the arguments of the function under way begin on Lua's stack */
    uint64_t call_line; /* where the method under way was called; 0: it is no method */
    void *host;
    int pushed; /* results that a function of the library left on Lua's stack */
    enum aver_trap trap;
    uint64_t trap_line;
    char trap_text[256];
    char said[200];
};

/* Places in the registry. 1 and 2 are Lua's own. */
enum {
    REGISTRY_OBJECT_META = 3,
    REGISTRY_GLOBALS,
    REGISTRY_MODULE,
    REGISTRY_HANDLER,
    REGISTRY_OWNER,
    REGISTRY_TREE_META,
    REGISTRY_TERMS, /* what preparing returned */
    REGISTRY_TREES, /* VM_ROOTS_MAX of them */
    REGISTRY_BLOCKS = REGISTRY_TREES + VM_ROOTS_MAX,
    REGISTRY_FACTS =
        REGISTRY_BLOCKS + VM_BLOCKS /* names of facts, then the tables: behind each other (facts.c) */
};

static inline struct aver_vm *vm_of(lua_State *L) { return *(struct aver_vm **)lua_getextraspace(L); }

/* memory.c */
AVER_MUST_CHECK aver_err vm_memory_open(struct aver_vm *vm, struct aver_why *why);
void vm_memory_close(struct aver_vm *vm);
void vm_memory_ahead(struct memory *m,
                     size_t from); /* makes sure of the page after what is used, if `from` was in another */
void *vm_alloc(void *ud, void *ptr, size_t osize,
               size_t nsize); /* lua_Alloc; never returns NULL for nsize > 0 */

/* vm.c */
AVER_NORETURN void vm_trap(struct aver_vm *vm, enum aver_trap trap, const char *fmt, ...) AVER_PRINTF(3, 4);
AVER_NORETURN void vm_leave_memory(struct aver_vm *vm);
/* Of the source, innermost; 0: none is under way. */
uint64_t vm_current_line(struct aver_vm *vm);
void vm_restore(struct aver_vm *vm); /* the image in use, as every run finds it */
void vm_call_entry(struct aver_vm *vm, const char *entry, const struct aver_run *run, int results);
/* Runs `body` so that it may be left early; how it was, or 0. */
int vm_guarded(struct aver_vm *vm, void (*body)(struct aver_vm *, void *), void *arg);

/* support.c */
void vm_charge_slowly(struct aver_vm *vm, uint64_t gas); /* from the slice too, and by lines */
static inline void vm_charge(struct aver_vm *vm, uint64_t gas)
{
    if (gas <= vm->gas_left && !vm->lines)
        vm->gas_left -= gas;
    else
        vm_charge_slowly(vm, gas);
}
uint64_t vm_slice(struct aver_vm *vm);
void vm_slice_set(struct aver_vm *vm, uint64_t slice);
int vm_push_support(lua_State *L); /* what the printed text takes as its arguments; how many */
struct vm_table *vm_table_slot(const struct vm_tables *tables, const void *table);
/* The record of the table at a stack index; good until the next call. */
struct vm_table *vm_table_of(struct aver_vm *vm, int index);
int64_t vm_length(struct aver_vm *vm, int index);
void vm_push_text(struct aver_vm *vm, aver_bytes text); /* charged and bounded */

/* lines.c */
void vm_lines_charge(struct aver_vm *vm, uint64_t gas);
int vm_push_counters(lua_State *L); /* what the printed text takes beside them; how many */

/* host.c */
void vm_push(struct aver_vm *vm, const struct aver_value *v);
void vm_push_function(struct aver_vm *vm, const struct aver_function *row, const struct aver_library *of,
                      enum function_kind kind);
int vm_call(lua_State *L); /* what a closure of vm_push_function does */
/* Pushes a table from names of methods, list of aver_bytes, to what calls them. */
void vm_push_methods(struct aver_vm *vm, const struct aver_list *names);
void vm_make_blocks(struct aver_vm *vm); /* when the metatable of objects is in the registry */
void vm_make_tree_meta(lua_State *L);    /* pushes it */
void vm_make_object_meta(lua_State *L);  /* pushes it */
const struct aver_object *vm_object(lua_State *L, int index); /* NULL if it is none */

/* tree.c: of the image in use */
const struct vm_tree_node *vm_tree_of(const struct aver_vm *vm, struct aver_object object); /* or NULL */
const struct aver_object *vm_tree_object(const struct aver_vm *vm, const void *table);      /* or NULL */
void vm_tree_push(struct aver_vm *vm, const struct vm_tree_node *node);
/* Makes the image's roots and what is below them, in a vm as it was restored. False: there is no room for them. */
bool vm_trees_make(struct aver_vm *vm);
void vm_trees_forget(struct vm_trees *trees);
void vm_trees_free(struct vm_trees *trees);

/* facts.c */
void vm_facts_make(struct aver_vm *vm,
                   const struct aver_list *fields); /* list of aver_bytes: names of fields */
void vm_facts_restart(struct aver_vm *vm);
const struct aver_object *vm_facts_object(const struct aver_vm *vm, const void *table); /* or NULL */
/* Whether it pushed the object, charged. */
bool vm_facts_push(struct aver_vm *vm, struct aver_object object);

/* image.c */
/* Makes the image for these objects the one in use. AVER_E_LIMIT, VM-MEMORY. */
AVER_MUST_CHECK aver_err vm_image_for(struct aver_vm *vm, const struct aver_value *objects,
                                      struct aver_why *why);
void vm_image_keep(struct aver_vm *vm, struct vm_image *image); /* what the memory holds now */
void vm_images_free(struct aver_vm *vm);
/* After a run in which Lua made its table of short texts anew: so that the next ones find it large enough. */
void vm_image_room(struct aver_vm *vm);
/* Whether the table is one of the terms of the image in use. */
static inline bool vm_is_term(const struct aver_vm *vm, const void *table)
{
    const uint8_t *at = table;
    return at >= vm->memory.frozen + vm->image->trees_to && at < vm->memory.frozen + vm->image->terms_to;
}

/* lib.c: binds the libraries: the table of globals is in the registry. */
void vm_bind(struct aver_vm *vm);
/* lib_sort.c */
enum aver_trap vm_sorted_pairs(struct aver_call *call);
enum aver_trap vm_sort(struct aver_call *call);
/* lib_list.c (globals, math), lib_money.c (money, date), lib_str.c */
extern const struct aver_library vm_lib_globals, vm_lib_math, vm_lib_money, vm_lib_date, vm_lib_str;

/* What a library function is to Lua, where vm_call would take longer than what it does. lib_list.c */
struct vm_at_once {
    aver_host_fn fn;
    lua_CFunction at_once;
};
extern const struct vm_at_once vm_at_once_rows[];
extern const size_t vm_at_once_count;

/* Arguments of a library function. `i` from 0. Each traps with words that name the argument. */
int64_t vm_arg_int(struct aver_call *call, int i, const char *name);
aver_bytes vm_arg_text(struct aver_call *call, int i, const char *name);
void vm_arg_count(struct aver_call *call, int min, int max);
AVER_NORETURN void vm_arg_bad(struct aver_call *call, int i, const char *name, const char *wanted);

#endif
