/* vm/vm.h - the sandboxed, gas-metered Lua that runs contracts. Knows nothing of claims, storage or YAML.
 *
 * A contract is the text of a Lua chunk that returns a table of entry points. Every execution starts from the same
 * state: the prepared image of that contract in an arena of its own, copied back before each run. What a contract can
 * reach is a closed list: the library of vm/, and the functions and objects that the host hands in. What it can say is
 * a checked dialect of Lua 5.4 (README.md), and Lua is only given the text that we print of it, with the metering in it:
 * gas is defined by the source and is the same on every Lua 5.4. Running out of gas leaves by longjmp to the host: no
 * handler runs, nothing can catch it.
 *
 * Results are the same on every node: a trap is a number. Words about it (file, line, Lua's message) are for people and
 * never decide anything. */
#ifndef AVER_VM_VM_H
#define AVER_VM_VM_H

#include "base/arena.h"

/* The version of the gas prices, kept in every receipt. A program has one table: what was decided by another is executed again by
 * a release that has that one. (A test builds a program that says another.) */
#ifndef AVER_GAS_TABLE_VERSION
#define AVER_GAS_TABLE_VERSION 7
#endif
#define AVER_VM_SOURCE_BYTES_MAX 65536
#define AVER_VM_ARGS_MAX         8
#define AVER_VM_CALL_LINES_MAX   8
/* Of one execution. Passing one of the next five is AVER_TRAP_RANGE. */
#define AVER_VM_STRING_MAX     4096 /* bytes of one text */
#define AVER_VM_KEY_BYTES_MAX  256  /* of a text that is a key of a table */
#define AVER_VM_TABLE_KEYS_MAX 1024 /* texts that are keys of one table */
/* Integer keys of one table that were set or removed other than at the end of its list 1, 2, 3 ... */
#define AVER_VM_OUTSIDE_MAX    64
#define AVER_VM_CALL_DEPTH_MAX 128
#define AVER_VM_MEMORY_MAX     (128 << 20) /* of one execution; touched pages only */
#define AVER_VM_LENGTH_MAX     INT32_MAX   /* what a host's list may say is its length */
/* No run may be given more gas: what a program can count up to (bounds.c) rests on it. */
#define AVER_VM_GAS_MOST (UINT64_C(1) << 31)
/* With a gas limit up to this one, gas always ends before that memory does. */
#define AVER_VM_GAS_LIMIT_MAX 15000000
/* What preparing a contract for its objects may take; no execution pays for it. */
#define AVER_VM_PREPARE_GAS 2000000

/* Why an execution ended early. Numbers are stable and stand in receipts. Where two would apply, the one met first in
 * the order of execution is the trap: execution is sequential, so there is always exactly one. */
enum aver_trap {
    AVER_TRAP_NONE = 0,
    AVER_TRAP_GAS = 1, /* out of gas */
    AVER_TRAP_ERROR =
        2, /* a Lua error: arithmetic on nil, calling what is no function, indexing nothing ... */
    AVER_TRAP_FAIL = 3,     /* the contract called fail() */
    AVER_TRAP_ARGUMENT = 4, /* a library or host function was given what it does not take */
    AVER_TRAP_FIELD = 5,    /* a field or method that the object does not have, or a write to a host object */
    AVER_TRAP_RANGE = 6,    /* checked arithmetic left its range, or a bound of the dialect was passed */
    AVER_TRAP_ENTRY = 7,    /* the contract has no such entry point, or the chunk returned no table */
    AVER_TRAP_RULE =
        8, /* the host refused: the act would break a rule of adjudication (an identity, a state) */
    AVER_TRAP_FAMILY = 9, /* the host refused: state of another family */
};

enum aver_kind { AVER_NIL, AVER_BOOL, AVER_INT, AVER_TEXT, AVER_OBJECT, AVER_TABLE };

struct aver_object_type;
struct aver_object {
    const struct aver_object_type *type;
    void *self; /* the host's; must stay valid for the run */
};

/* A value crossing between contract and host. TEXT borrows the giver's memory: the contract's for arguments, good until
 * the host function returns; the host's for results, copied before it matters. TABLE only ever arrives as an argument. */
struct aver_value {
    enum aver_kind kind;
    union {
        bool boolean;
        int64_t integer;
        aver_bytes text;
        struct aver_object object;
        int table; /* opaque, for aver_call_field and aver_call_item */
    };
};

static inline struct aver_value aver_nil(void) { return (struct aver_value){.kind = AVER_NIL}; }
static inline struct aver_value aver_bool(bool v)
{
    return (struct aver_value){.kind = AVER_BOOL, .boolean = v};
}
static inline struct aver_value aver_int(int64_t v)
{
    return (struct aver_value){.kind = AVER_INT, .integer = v};
}
static inline struct aver_value aver_text(aver_bytes v)
{
    return v.ptr ? (struct aver_value){.kind = AVER_TEXT, .text = v} : aver_nil();
}
static inline struct aver_value aver_obj(const struct aver_object_type *type, void *self)
{
    return (struct aver_value){.kind = AVER_OBJECT, .object = {type, self}};
}

/* Fields of a type that are facts: they are always there to be read, it is cheap, and a change of one while a contract runs is told
 * by aver_call_changed. */
struct aver_facts {
    const struct aver_object_type *type;
    const char *const *names; /* the last NULL */
    uint32_t most;            /* so many objects are handed over so, at most AVER_VM_FACTS_MAX */
};
#define AVER_VM_FACTS_MAX 32

struct aver_vm;
struct aver_call {
    void *host; /* as given to aver_vm_run */
    struct aver_vm *vm;
    const void *user;                         /* of the function's row */
    struct aver_object self;                  /* of a method; type NULL for a plain function */
    int argc;                                 /* without self */
    struct aver_value args[AVER_VM_ARGS_MAX]; /* beyond argc: NIL */
    struct aver_value result;                 /* NIL unless set */
};

/* A trap other than NONE ends the execution. It may say why in words with aver_call_say. */
typedef enum aver_trap (*aver_host_fn)(struct aver_call *call);

/* The host function's row: name, price, and the LuaCATS line that documents it. `gas` is charged before fn runs; a
 * function whose work grows with its input charges the rest itself with aver_call_charge before it works. */
struct aver_function {
    const char *name;
    aver_host_fn fn;
    uint64_t gas;
    const char *signature; /* "fun(cents: integer, bps: integer, rounding?: string): integer" */
    const void *user;
};

/* How a field of an object is read. */
struct aver_property {
    enum aver_trap (*read)(void *host, void *self, const void *user, struct aver_value *out);
    const void *user;
};

/* How contracts see a host object. Any of the callbacks may be NULL. Reading what is not there is AVER_TRAP_FIELD for
 * `get` (return it), nil for `index` out of bounds. Objects are read-only to contracts, two of one type and self are equal.
 * `find` is for types whose objects all have the same fields: what a name stands for, false if it is none of them. It must
 * always give the same answer, since a vm asks it but once for a name in the contract. Other types have `get`. */
struct aver_object_type {
    const char *name; /* "Line": the LuaCATS class */
    bool (*find)(aver_bytes field, struct aver_property *out);
    enum aver_trap (*get)(void *host, void *self, aver_bytes field, struct aver_value *out);
    enum aver_trap (*index)(void *host, void *self, uint64_t i, struct aver_value *out); /* 1-based, i >= 1 */
    uint64_t (*length)(void *host, void *self);                                          /* what # gives */
    /* For types whose objects do not change while a vm lives that was given them: the part at place i, from 0; false past the
     * last one. `name` is absent for the items of a list, which come in their order; of two with one name the later counts. An
     * object that a run binds, and all objects that are its parts, then are tables to the contract: read without asking, at the
     * price of a table, and never written. What is not among the parts is asked as above, which says the same of those that are. */
    bool (*part)(void *self, uint64_t i, aver_bytes *name, struct aver_value *out);
    const struct aver_function *methods;
    size_t methods_count;
    const char *const *fields; /* for the definitions only: "charge integer", "lines Line[]" */
    size_t fields_count;
};

/* name NULL: the functions are global; otherwise a table of that name holds them. */
struct aver_library {
    const char *name;
    const struct aver_function *functions;
    size_t count;
};

#define AVER_GAS_CALL_FIELD 3 /* what aver_call_field and aver_call_item charge */

/* Inside a host function. */
void aver_call_charge(struct aver_call *call, uint64_t gas); /* does not return when the gas runs out */
void aver_call_say(struct aver_call *call, const char *fmt, ...) AVER_PRINTF(2, 3);
/* A field of a TABLE argument by name, or its item i (1-based; NIL past the end). Nested tables are TABLE again. */
struct aver_value aver_call_field(struct aver_call *call, const struct aver_value *table, const char *name);
struct aver_value aver_call_item(struct aver_call *call, const struct aver_value *table, uint64_t i);
/* Whether every key of a TABLE argument that is a text is one of `names` (the last is NULL); else *other is one that is not, the
 * first bytewise, good until the host function returns. */
bool aver_call_keys(struct aver_call *call, const struct aver_value *table, const char *const *names,
                    aver_bytes *other);
/* What the host wants to keep about a value that never changes, to find it again in later calls; NULL where the value may change.
 * NULL is there at first, and may be again. Of a TABLE, one slot; what it points to, the host takes of aver_call_memo_room. Of a
 * TEXT, one for each `kind`, an address of the host's; what it points to must live as long as the objects of the run. No charge
 * may depend on what is found. */
void **aver_call_memo_table(struct aver_call *call, const struct aver_value *table);
struct aver_arena *aver_call_memo_room(struct aver_call *call);
const void **aver_call_memo_text(struct aver_call *call, aver_bytes text, const void *kind);
/* A fact of an object is another now than when it was handed over. */
void aver_call_changed(struct aver_call *call, const struct aver_object *object, const char *field);
/* The contract's source lines that led here, innermost first; at most `max`. Returns how many. */
size_t aver_call_lines(struct aver_call *call, uint64_t *lines, size_t max);

/* A prepared contract: its image with the host's libraries bound. Belongs to one thread. */
struct aver_vm_setup {
    const struct aver_library *libraries; /* of the host, beside those of vm/ */
    size_t libraries_count;
    const char *const *objects; /* names of globals that each run binds to values */
    size_t objects_count;
    /* A global function(name, function) with which the chunk declares its entry points as it is loaded, instead of returning
     * them in a table; NULL: there is none. A name twice is a trap of loading. */
    const char *declares;
    /* The name of an entry point that is run once for the objects that a run binds, before the first run with them, without
     * arguments; NULL: there is none. What it returns is the last argument of every entry point from then on: nil, a boolean, an
     * integer, a text, a part of an object that never changes, or a table of these and of tables of them; as a copy that is not
     * written to (AVER_TRAP_FIELD). Nothing else that it did is left. It depends on the contract and on its objects alone, so it is
     * the same on every node, and what ends it early ends every run with these objects, at no gas. */
    const char *prepare;
    const char *const *prepare_calls; /* the host's global functions that it may call, the last NULL */
    /* Types whose facts, those that the source names, are read when an object is handed over, and then cost what a field of a
     * table costs. That holds for a few objects of each type; with more of them, and for other fields, nothing is different. */
    const struct aver_facts *facts;
    size_t facts_count;
};

/* Whether the source is of the dialect. AVER_E_INPUT: CONTRACT-SIZE (longer than AVER_VM_SOURCE_BYTES_MAX) and, with the
 * place "name:line:column":
 *   DIALECT-SYNTAX    no Lua, or a token that is none        DIALECT-TEXT      a text or comment without end, an escape
 *   DIALECT-NUMBER    a fraction, a number of 2^63 or more   DIALECT-OPERATOR  / ^ and bitwise; < between texts
 *   DIALECT-FEATURE   goto, "...", attributes, ":" methods   DIALECT-NAME      reserved or not declared
 *   DIALECT-GLOBAL    a write to a global                    DIALECT-CONST     a write to a constant
 *   DIALECT-VALUES    more or fewer values than names        DIALECT-ITERATOR  "for ... in" other than each, sorted_pairs
 *   DIALECT-INDEX     a comparison as a key                  DIALECT-CALL      a call of what holds a whole function
 *   DIALECT-LIMIT     nesting, locals, constants and the other bounds of vm/README.md
 * `report` (may be NULL) then gets the line, a caret under the place and what to write instead, for people. */
AVER_MUST_CHECK aver_err aver_vm_check(const struct aver_vm_setup *setup, const char *name, aver_bytes source,
                                       struct aver_buf *report, struct aver_why *why);

/* The place "name:line:column", the line of the source, a caret under the column, and what to write instead (may be empty). */
void aver_vm_show(struct aver_buf *out, const char *name, aver_bytes source, uint64_t line, uint64_t column,
                  const char *code, const char *what, const char *instead);

/* What the source says of its host, for tools that check it against what it will meet. */
enum aver_vm_use_kind {
    AVER_USE_METHOD, /* object:name(args) */
    AVER_USE_FUNCTION, /* name(args), of the host or of vm/; of a library, whose name is `path` then: path.name(args) */
    AVER_USE_OBJECT, /* name.path, of an object that each run binds, as far as the fields are named */
    AVER_USE_OPTION, /* name = text or { texts } in a table that a method is given; comes before the method */
};
struct aver_vm_said {
    enum {
        AVER_SAID_OTHER,
        AVER_SAID_TEXT,
        AVER_SAID_BEGINNING, /* the text is joined to more */
        AVER_SAID_OBJECT     /* what the host binds under the name `text` */
    } kind;
    aver_bytes text;
    uint64_t line, column;
};
struct aver_vm_use {
    enum aver_vm_use_kind kind;
    aver_bytes name, path;
    uint64_t line, column;
    size_t argc; /* at most AVER_VM_ARGS_MAX are told */
    struct aver_vm_said args[AVER_VM_ARGS_MAX];
};
typedef void aver_vm_use_fn(void *user, const struct aver_vm_use *use);
/* Calls fn for each use; what it is given is good until it returns. Errors as of aver_vm_check. */
AVER_MUST_CHECK aver_err aver_vm_uses(const struct aver_vm_setup *setup, const char *name, aver_bytes source,
                                      aver_vm_use_fn *fn, void *user, struct aver_why *why);

/* Checks the source as aver_vm_check does, runs the chunk once under a fixed gas limit, keeps the image. The setup must
 * outlive the vm. AVER_E_INPUT also: CONTRACT-LOAD (the chunk traps; place is "name:line"), CONTRACT-ENTRY (it returns no
 * table of functions). AVER_E_IO, VM-MEMORY: no address space; AVER_E_LIMIT, VM-MEMORY: no memory for the image; VM-LUA: Lua
 * refuses the printed text. All are this node's fault. */
AVER_MUST_CHECK aver_err aver_vm_new(struct aver_vm **out, const struct aver_vm_setup *setup,
                                     const char *name, aver_bytes source, struct aver_why *why);
void aver_vm_free(struct aver_vm *vm);

/* As aver_vm_new, and counts what each line of the source does: for tools. Results, traps and gas are those of a contract that
 * is not counted; it runs more slowly. */
AVER_MUST_CHECK aver_err aver_vm_new_counting(struct aver_vm **out, const struct aver_vm_setup *setup,
                                              const char *name, aver_bytes source, struct aver_why *why);
struct aver_vm_line {
    bool code;     /* a statement begins on it, or the condition of an elseif or until */
    uint64_t runs; /* how often one did, loading included */
    uint64_t
        gas; /* of executions, not of loading: what stands on the line, and what the functions that it called charged; what is
                     paid before it is reached counts even where it is not. Of a run out of gas, also what it could not pay. */
};
/* By line, *count of them; [0] has the price of the executions as such. All gas together is that of the runs. NULL: the contract
 * was not made by aver_vm_new_counting. Borrowed; good while the vm lives. */
const struct aver_vm_line *aver_vm_lines(const struct aver_vm *vm, size_t *count);
bool aver_vm_has_entry(const struct aver_vm *vm, const char *entry);
/* The entry points' names, sorted, in the arena: list of aver_bytes. */
struct aver_list aver_vm_entries(struct aver_vm *vm, struct aver_arena *arena);
/* The line on which an entry point's function begins, and the names of its parameters (list of aver_bytes, in the arena). The
 * contract has the entry point. */
void aver_vm_entry(struct aver_vm *vm, aver_bytes entry, struct aver_arena *arena, uint64_t *line,
                   struct aver_list *parameters);

struct aver_run {
    const char *entry;
    const struct aver_value *args;
    size_t args_count;
    const struct aver_value *objects; /* as many as setup->objects_count */
    void *host;
    uint64_t gas_limit; /* at most AVER_VM_GAS_MOST */
    /* out: */
    uint64_t gas_used; /* at most gas_limit */
    enum aver_trap trap;
    uint64_t trap_line;  /* of the contract; 0 where there is none */
    char trap_text[256]; /* words for people: not in any receipt */
};

/* One execution from the prepared image. Returns AVER_OK also when the contract trapped (run->trap says how). AVER_E_LIMIT:
 * the memory ceiling of this node was reached, which is this node's fault and never a verdict. */
AVER_MUST_CHECK aver_err aver_vm_run(struct aver_vm *vm, struct aver_run *run, struct aver_why *why);

/* Prepares for run->objects, as aver_vm_run does when it first meets them. Of `run` it reads these alone; run->gas_used is what
 * setup->prepare took, and the trap the one that it ended by. Errors as of aver_vm_run. */
AVER_MUST_CHECK aver_err aver_vm_prepare(struct aver_vm *vm, struct aver_run *run, struct aver_why *why);

/* Everything that the contract can reach, one a line, sorted: "money.bps: our function", "contract.payout^helper:
 * function". Found by walking through Lua's values, to be compared with the list that was meant. */
void aver_vm_reachable(struct aver_vm *vm, struct aver_buf *out);

/* The gas prices, as a table in Markdown. */
void aver_vm_prices(struct aver_buf *out);

/* The library of vm/ itself and of a setup, as a LuaCATS ---@meta file. */
void aver_vm_definitions(struct aver_buf *out, const struct aver_vm_setup *setup,
                         const struct aver_object_type *const *types, size_t types_count);
/* Only the setup's part, for a file that stands beside another one. */
void aver_vm_definitions_more(struct aver_buf *out, const struct aver_vm_setup *setup,
                              const struct aver_object_type *const *types, size_t types_count);

#endif
