/* vm/dialect.h - the checked dialect of Lua: from source to the text that Lua is given.
 *
 *   vm_parse   source -> tree; refuses what is not Lua and what the dialect leaves out
 *   vm_check   resolves every name; refuses what is not declared, and what passes a bound
 *   vm_bounds  finds the + - * whose result may leave 64 bits (bounds.c)
 *   vm_price   puts the gas of each block on the tree (gas.h)
 *   vm_print   writes the tree as Lua text with the charges in it, every statement on its own line
 *
 * The dialect is a closed list: what is not in the grammar of parser.c does not exist. Each pass leaves at the first
 * thing it refuses, by longjmp to vm_dialect; all memory is the arena's. */
#ifndef AVER_VM_DIALECT_H
#define AVER_VM_DIALECT_H

#include "vm/lines.h"

#include <setjmp.h>

#define VM_NESTING_MAX   64  /* blocks, functions and expressions within each other */
#define VM_CONSTANTS_MAX 200 /* different ones in one function */
#define VM_LOCALS_MAX    150 /* alive at once in one function */
#define VM_UPVALUES_MAX  60
#define VM_ARGUMENTS_MAX 16 /* and parameters */
#define VM_OPERANDS_MAX  50 /* of one chain of ".." */
/* Lua has 255 registers for the locals and unfinished values of a function; the inserted code uses the rest. */
#define VM_REGISTERS_MAX 220
/* For its own words about a value Lua walks back along a chain of fields, by recursion. */
#define VM_CHAIN_MAX 32
/* Keys of a table constructor that are no names; an integer outside a list costs more to find (tables.c). */
#define VM_BRACKETED_MAX 64
/* Names of the inserted code begin so; no name of a contract may. */
#define VM_RESERVED "__"

struct vm_source {
    const char *name;
    aver_bytes text;
    struct aver_arena *arena;
    const struct aver_vm_setup *setup;
    struct vm_lines *lines; /* NULL: nothing is counted */
    struct aver_list
        methods;             /* out: aver_bytes, the names that are called with a colon; some of them often */
    struct aver_list fields; /* out: aver_bytes, the names of fields; some of them often */
    /* of the refusal: */
    jmp_buf leave;
    char code[32];
    struct vm_place at;
    char what[320];    /* one clause, small letter first, no full stop */
    char instead[300]; /* what to write instead; may be empty */
};

AVER_NORETURN void vm_refuse(struct vm_source *s, struct vm_place at, const char *code, const char *instead,
                             const char *fmt, ...) AVER_PRINTF(5, 6);

struct vm_function *vm_parse(struct vm_source *s);
void vm_check(struct vm_source *s, struct vm_function *chunk);
void vm_bounds(struct vm_function *chunk);
/* `counts`: also what lines.c counts by, once vm_lines_of was there. */
void vm_print(const struct vm_function *chunk, bool counts, struct aver_buf *out);

/* All passes. The printed text is appended to `out`. AVER_E_INPUT: DIALECT-*, with the place "name:line:column". `s` then
 * holds the refusal. */
AVER_MUST_CHECK aver_err vm_dialect(struct vm_source *s, struct vm_function **chunk, struct aver_buf *out,
                                    struct aver_why *why);

/* What the host binds. NULL where there is none of that name. vm_library_has: whether `library` has the function. */
enum vm_binding { VM_UNBOUND, VM_FUNCTION, VM_LIBRARY, VM_OBJECT };
enum vm_binding vm_binding_of(const struct aver_vm_setup *setup, aver_bytes name);
bool vm_library_has(const struct aver_vm_setup *setup, aver_bytes library, aver_bytes function);

#endif
