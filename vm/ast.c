/* vm/ast.c - what an expression is made of. */
#include "vm/ast.h"

static void each_of(const struct vm_exprs *es, vm_part_fn *fn, void *user)
{
    for (struct vm_expr *e = es->first; e; e = e->next) fn(user, e);
}

void vm_parts(const struct vm_expr *e, vm_part_fn *fn, void *user)
{
    switch (e->kind) {
    case EX_CALL:
    case EX_METHOD:
        fn(user, e->callee);
        each_of(&e->args, fn, user);
        return;
    case EX_CONCAT: each_of(&e->args, fn, user); return;
    case EX_INDEX:
        fn(user, e->of);
        fn(user, e->key);
        return;
    case EX_TABLE:
        for (const struct vm_item *i = e->items; i; i = i->next) {
            if (i->key) fn(user, i->key);
            fn(user, i->value);
        }
        return;
    case EX_BINARY:
    case EX_AND:
    case EX_OR:
        fn(user, e->a);
        fn(user, e->b);
        return;
    case EX_NOT:
    case EX_NEGATE:
    case EX_LENGTH: fn(user, e->a); return;
    case EX_NIL:
    case EX_TRUE:
    case EX_FALSE:
    case EX_INTEGER:
    case EX_TEXT:
    case EX_NAME:
    case EX_LOCAL:
    case EX_GLOBAL:
    case EX_LIBRARY:
    case EX_FUNCTION: return;
    }
    AVER_UNREACHABLE();
}
