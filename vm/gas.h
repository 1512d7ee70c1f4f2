/* vm/gas.h - the gas prices of table version AVER_GAS_TABLE_VERSION. All of them: what is not here costs nothing, and
 * nothing here depends on the Lua that runs the contract. One gas is meant to cover a few nanoseconds and, where memory
 * is made, eight bytes.
 *
 * Prices of the source are summed over a block and taken when it is entered (function entry, turn of a loop, branch);
 * prices of work whose size is known only at run time are taken by the function that does it, before it does it. */
#ifndef AVER_VM_GAS_H
#define AVER_VM_GAS_H

#include "vm/ast.h"

/* name, gas, what it pays */
#define VM_PRICES(X)                                                                                         \
    X(VALUE, 1, "a literal, a local")                                                                        \
    X(GLOBAL, 3, "a function or an object of the host, by name")                                             \
    X(FIELD, 3, "t.name")                                                                                    \
    X(INDEX, 4, "t[key]")                                                                                    \
    X(ARITHMETIC, 2, "+ - * and the minus sign")                                                             \
    X(CHECKED, 6, "the same, on top, where the source does not show that the result fits")                   \
    X(DIVISION, 4, "// %% by a literal")                                                                     \
    X(DIVISION_BY, 12, "// %% by another value")                                                             \
    X(COMPARE, 2, "== ~= with a literal; < <= > >=")                                                         \
    X(EQUAL, 12, "== ~= of two values that may be long texts")                                               \
    X(LOGIC, 1, "and or not")                                                                                \
    X(LENGTH, 8, "#")                                                                                        \
    X(CONCAT, 12, "..: the whole chain")                                                                     \
    X(CALL, 10, "a call, or a method's")                                                                     \
    X(METHOD, 12, "a method's call, on top")                                                                 \
    X(ENTRY, 4, "entering a function")                                                                       \
    X(CLOSURE, 16, "function ... end as a value")                                                            \
    X(UPVALUE, 6, "for each local of the functions around it that it uses")                                  \
    X(TABLE, 16, "{ }")                                                                                      \
    X(LISTED, 3, "for each item without a key")                                                              \
    X(KEYED, 9, "for each item with a key")                                                                  \
    X(ASSIGN, 1, "local, and assigning to one")                                                              \
    X(SET, 12, "assigning to a field")                                                                       \
    X(BRANCH, 1, "each condition of an if")                                                                  \
    X(TURN, 3, "a turn of a loop, and beginning it")                                                         \
    X(EACH, 14, "beginning for ... in each(list), beside the list")                                          \
    X(ITEM, 4, "each turn of that, on top")                                                                  \
    X(PREPAID, 8, "beginning a numeric loop that calls nothing, whose turns are paid before the first")      \
    X(RETURN, 1, "return")

/* Prices of work of a size known only at run time. */
#define VM_RUN_PRICES(X)                                                                                     \
    X(RUN, 800, "an execution")                                                                              \
    X(STEP, 6, "a field, method or item of a host object; a step of sorted_pairs")                           \
    X(OBJECT, 10, "an object that the host hands over")                                                      \
    X(FACT, 4, "for each fact of it that the source names, where it is handed over with facts")              \
    X(STRING, 6, "a text that is made or handed over")                                                       \
    X(OPERAND, 2, "an operand of \"..\"")                                                                    \
    X(DIGITS, 12, "an operand of \"..\" that is an integer, on top")                                         \
    X(SORTED, 22,                                                                                            \
      "sorted_pairs and sort: for each key, besides one for each time that their number can be halved")      \
    X(NEW_KEY, 14, "a key that the table did not have")                                                      \
    X(REMADE, 6, "a new key after keys were removed: for each key that the table ever held at once")         \
    X(KNOWN, 24, "the first assignment to a field of a table, or the first # of it")                         \
    X(COUNTED, 6, "then, for each key that it holds")                                                        \
    X(SPLIT_STEP, 4, "money.split: for each pair of its weights")

#define VM_PRICE_ENUM(name, gas, text) GAS_##name = (gas),
enum { VM_PRICES(VM_PRICE_ENUM) VM_RUN_PRICES(VM_PRICE_ENUM) };

#define GAS_STRING_BYTES                                                                                     \
    4 /* one gas per so many bytes of a text that is made or handed over; Lua also hashes it, once */
#define GAS_TEXT_BYTES   64     /* one gas per so many bytes of a text that is looked at */
#define GAS_FIND_BYTES   4      /* str.find: one gas, on top, per so many bytes of both texts */
#define GAS_SOURCE_BYTES 256    /* an execution: one gas per so many bytes of the source */
#define GAS_LOAD_PART    16     /* an execution: this part of the gas that loading took */
#define GAS_LOAD         400000 /* for the chunk itself, once, when the contract is loaded */
/* A branch, or what follows a branch that may leave, is paid with what comes before it as long as no more than this is
 * paid ahead. */
#define GAS_AHEAD 32

/* Puts a charge on every block. */
void vm_price(struct vm_function *chunk);
/* Whether the expression can be nothing but an integer when it is evaluated without a trap. */
bool vm_is_integer(const struct vm_expr *e);
/* Whether it is a literal, with a minus sign before it or not. */
bool vm_literal(const struct vm_expr *e, int64_t *value);
/* Whether the loop goes through a list. */
bool vm_is_each(const struct vm_stmt *s);
/* Whether it divides by what is no literal, or by zero. */
bool vm_divides(const struct vm_expr *e);

#endif
