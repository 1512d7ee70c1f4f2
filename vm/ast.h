/* vm/ast.h - a contract's source as a tree. Everything lies in one arena and lives as long as it.
 *
 * The parser makes it, check.c resolves its names, gas.c puts prices on it, print.c writes it out for Lua. Depth is bounded
 * by the parser (VM_NESTING_MAX), so every walk over it may recurse. */
#ifndef AVER_VM_AST_H
#define AVER_VM_AST_H

#include "base/arena.h"

struct vm_expr;
struct vm_stmt;
struct vm_function;

struct vm_place {
    uint32_t line, column; /* from 1; columns count bytes */
};

/* One declaration of a local name. */
struct vm_local {
    aver_bytes name;
    struct vm_place at;
    struct vm_function *owner;
    uint32_t index; /* of the owner's declarations */
    bool is_const;
    uint64_t most, step;   /* bounds.c: what is assigned, and what is added again and again, is no greater */
    struct vm_local *next; /* in the list it was declared in */
};
struct vm_locals {
    struct vm_local *first, *last;
    uint32_t count;
};

enum vm_expr_kind {
    EX_NIL,
    EX_TRUE,
    EX_FALSE,
    EX_INTEGER,
    EX_TEXT,
    EX_NAME,    /* before check.c */
    EX_LOCAL,   /* a local or an upvalue */
    EX_GLOBAL,  /* a function or an object that the host binds */
    EX_LIBRARY, /* money.bps: `library` and `text` */
    EX_INDEX,
    EX_CALL,
    EX_METHOD,
    EX_FUNCTION,
    EX_TABLE,
    EX_BINARY,
    EX_AND,
    EX_OR,
    EX_NOT,
    EX_NEGATE,
    EX_LENGTH,
    EX_CONCAT, /* of all its operands at once */
};

enum vm_operator { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

/* Whether the result of + - * or the minus sign can leave 64 bits, and who finds out: the printed expression itself, or a
 * function that it calls. */
enum vm_checked { VM_FITS, VM_CHECK_HERE, VM_CHECK_CALL };

struct vm_exprs {
    struct vm_expr *first, *last;
    uint32_t count;
};

struct vm_item {         /* of a table constructor */
    struct vm_expr *key; /* NULL: the next of the list */
    struct vm_expr *value;
    struct vm_item *next;
};

struct vm_expr {
    enum vm_expr_kind kind;
    struct vm_place at;   /* its first token */
    uint32_t depth;       /* 1 for a leaf */
    bool enclosed;        /* in parentheses: nothing to assign to, and no statement */
    struct vm_expr *next; /* in a list */
    union {
        int64_t integer;
        struct {
            aver_bytes text;    /* TEXT, NAME, GLOBAL, LIBRARY */
            aver_bytes library; /* LIBRARY */
        };
        struct vm_local *local;
        struct {
            struct vm_expr *of, *key;
        };
        struct {
            struct vm_expr *callee; /* of a METHOD: the object */
            aver_bytes method;
            struct vm_exprs args; /* and the operands of CONCAT */
        };
        struct vm_function *function;
        struct {
            struct vm_item *items;
            uint32_t items_listed, items_keyed;
        };
        struct {
            enum vm_operator op;
            enum vm_checked checked; /* bounds.c */
            struct vm_expr *a, *b;   /* AND, OR, BINARY; NOT, NEGATE, LENGTH: a */
        };
    };
};

struct vm_block {
    struct vm_stmt *first, *last;
    uint64_t charge; /* gas, taken when the block is entered; 0: nothing is inserted */
    uint32_t paid;   /* the place where it is taken, from 1 (lines.c); 0: not counted */
};

enum vm_stmt_kind {
    ST_LOCAL,          /* locals, values */
    ST_LOCAL_FUNCTION, /* locals (one), values (one FUNCTION) */
    ST_ASSIGN,         /* targets (LOCAL), values: as many */
    ST_SET,            /* target (INDEX) = values (one) */
    ST_CALL,           /* values: one CALL or METHOD */
    ST_DO,             /* body */
    ST_WHILE,          /* values: the condition; body */
    ST_REPEAT,         /* body; values: the condition */
    ST_IF,             /* clauses */
    ST_FOR,            /* locals (one), values: from, to, step or not; body */
    ST_EACH,           /* locals (one or two), values: one CALL of each or sorted_pairs; body */
    ST_RETURN,         /* values: one or none */
    ST_BREAK,
};

struct vm_clause {
    struct vm_place at;
    struct vm_expr *condition; /* NULL: else */
    struct vm_block body;
    struct vm_clause *next;
};

struct vm_stmt {
    enum vm_stmt_kind kind;
    struct vm_place at;
    uint64_t own;    /* what it costs itself, without the blocks in it, whoever pays it */
    uint64_t charge; /* gas, taken before this statement; 0: nothing is inserted */
    uint32_t paid;   /* as of a block */
    uint64_t
        turn; /* of FOR: gas for each turn, taken for all of them before the first; 0: each pays itself */
    struct vm_stmt *next;
    struct vm_locals locals;
    struct vm_exprs targets, values;
    struct vm_block body;
    struct vm_place end; /* of REPEAT: "until" */
    struct vm_clause *clauses;
};

struct vm_function {
    struct vm_place at;
    struct vm_function *parent; /* NULL: the chunk itself */
    struct vm_locals params;
    struct vm_block body;
    struct vm_local **upvalues; /* of its parents, in the order of first use */
    uint32_t upvalues_count, upvalues_cap;
    uint32_t locals_count; /* declarations, parameters included */
};

/* Gives `fn` the expressions that `e` itself is made of, in the order of the source; a function's body is none of them. */
typedef void vm_part_fn(void *user, struct vm_expr *part);
void vm_parts(const struct vm_expr *e, vm_part_fn *fn, void *user);

#endif
