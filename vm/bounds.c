/* vm/bounds.c - which of the source's + - * can leave 64 bits, and how print.c checks it.
 *
 * Every result that does not fit is AVER_TRAP_RANGE; this file only saves the check where the source shows that there is
 * nothing to check. It finds, for each local and each expression, a magnitude that an integer there never passes:
 *
 *   - a literal has its own; a length has LENGTH_MOST; x % c is below c; x // c is that much less than x;
 *   - what comes from a call, a field or a parameter has none: NO_BOUND;
 *   - a local has the greatest of all that is assigned to it, anywhere. Where that is "x = x + step" with a small step, gas
 *     bounds how often it happens: no run has more than AVER_VM_GAS_MOST, and each time costs at least ADDING_GAS;
 *   - the variable of a numeric loop lies between its ends, and gas bounds its turns in the same way.
 *
 * Gas depends on the answer (gas.c), so it is a rule of the dialect and not a matter of taste. That a bound is never passed is
 * tested by an evaluator that checks every operation (tests/fuzz/evaluator.h). */
#include "vm/dialect.h"
#include "vm/gas.h"

#define NO_BOUND    (UINT64_C(1) << 63)
#define LENGTH_MOST ((uint64_t)AVER_VM_LENGTH_MAX)
#define STEP_MOST   (UINT64_C(1) << 31) /* of what is added again and again */
#define ADDING_GAS  4
#define TURN_GAS    3
#define PASSES_MAX  16 /* then what still grows has no bound; as many passes again, and no local has one */

_Static_assert(GAS_ASSIGN + GAS_ARITHMETIC + 2 * GAS_VALUE >= ADDING_GAS, "what x = x + y costs at least");
_Static_assert(GAS_TURN >= TURN_GAS && GAS_STEP >= TURN_GAS, "what a turn of a loop costs at least");

struct bounds {
    bool changed;
    int pass;
};

static uint64_t expression(struct bounds *b, struct vm_expr *e);
static void block(struct bounds *b, struct vm_block *k);

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > NO_BOUND - b ? NO_BOUND : a + b;
} /* both <= NO_BOUND */

static uint64_t product(uint64_t a, uint64_t b)
{
    uint64_t r;
    return __builtin_mul_overflow(a, b, &r) || r > NO_BOUND ? NO_BOUND : r;
}

bool vm_literal(const struct vm_expr *e, int64_t *value)
{
    bool negative = e->kind == EX_NEGATE && e->a->kind == EX_INTEGER;
    if (!negative && e->kind != EX_INTEGER) return false;
    *value = negative ? -e->a->integer : e->integer; /* a literal is below 2^63 */
    return true;
}

static uint64_t magnitude(int64_t v) { return v < 0 ? 0 - (uint64_t)v : (uint64_t)v; }

static bool is_atom(const struct vm_expr *e)
{
    int64_t v;
    return e->kind == EX_LOCAL || vm_literal(e, &v);
}

static enum vm_checked how(const struct vm_expr *e)
{
    int64_t c;
    if (vm_literal(e->b, &c)) {
        if (c == 0 || (c == 1 && e->op == OP_MUL)) return VM_FITS;
        return e->a->kind == EX_LOCAL ? VM_CHECK_HERE : VM_CHECK_CALL;
    }
    if (vm_literal(e->a, &c)) {
        if ((c == 0 && e->op != OP_SUB) || (c == 1 && e->op == OP_MUL)) return VM_FITS;
        return e->b->kind == EX_LOCAL && e->op != OP_SUB ? VM_CHECK_HERE : VM_CHECK_CALL;
    }
    return is_atom(e->a) && is_atom(e->b) && e->op != OP_MUL ? VM_CHECK_HERE : VM_CHECK_CALL;
}

/* Of + - *, of operands with these bounds. */
static uint64_t result(struct vm_expr *e, uint64_t x, uint64_t y)
{
    uint64_t r = e->op == OP_MUL ? product(x, y) : sum(x, y);
    e->checked = r == NO_BOUND ? how(e) : VM_FITS;
    return r;
}

/* ---- locals ---- */

static uint64_t bound_of(const struct vm_local *l)
{
    return sum(l->most, product(l->step, AVER_VM_GAS_MOST / ADDING_GAS));
}

static void join(struct bounds *b, struct vm_local *l, uint64_t value)
{
    if (b->pass > 2 * PASSES_MAX) value = NO_BOUND;
    if (value <= l->most) return;
    l->most = b->pass > PASSES_MAX ? NO_BOUND : value;
    b->changed = true;
}

/* "x = x + step" and the like: the step, or NULL. */
static struct vm_expr *step_of(const struct vm_local *l, const struct vm_expr *e)
{
    if (e->kind != EX_BINARY || e->op > OP_SUB) return NULL;
    if (e->a->kind == EX_LOCAL && e->a->local == l) return e->b;
    return e->op == OP_ADD && e->b->kind == EX_LOCAL && e->b->local == l ? e->a : NULL;
}

static void assign(struct bounds *b, struct vm_local *l, struct vm_expr *e)
{
    struct vm_expr *step = step_of(l, e);
    uint64_t by = step ? expression(b, step) : NO_BOUND;
    uint64_t value = step ? result(e, bound_of(l), by) : expression(b, e);
    if (by > STEP_MOST) {
        join(b, l, value);
    } else if (by > l->step) {
        l->step = b->pass > PASSES_MAX ? STEP_MOST : by;
        b->changed = true;
    }
}

/* ---- expressions: each gives its bound, and notes what is to be checked ---- */

static uint64_t binary(struct bounds *b, struct vm_expr *e)
{
    uint64_t x = expression(b, e->a), y = expression(b, e->b);
    int64_t c;
    switch (e->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL: return result(e, x, y);
    case OP_DIV:
        if (!vm_literal(e->b, &c) || c == 0 || c == -1) return x;
        return least(x, x / magnitude(c) + 1);
    case OP_MOD: return y;
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return 0;
    }
    AVER_UNREACHABLE();
}

static void list(struct bounds *b, const struct vm_exprs *es)
{
    for (struct vm_expr *e = es->first; e; e = e->next) expression(b, e);
}

static void function(struct bounds *b, struct vm_function *f)
{
    for (struct vm_local *l = f->params.first; l; l = l->next) join(b, l, NO_BOUND);
    block(b, &f->body);
}

static uint64_t expression(struct bounds *b, struct vm_expr *e)
{
    uint64_t x;
    switch (e->kind) {
    case EX_NIL:
    case EX_TRUE:
    case EX_FALSE:
    case EX_TEXT: return 0; /* no integer: arithmetic with it traps */
    case EX_INTEGER: return magnitude(e->integer);
    case EX_LOCAL: return bound_of(e->local);
    case EX_GLOBAL:
    case EX_LIBRARY: return NO_BOUND;
    case EX_INDEX:
        expression(b, e->of);
        expression(b, e->key);
        return NO_BOUND;
    case EX_CALL:
    case EX_METHOD:
        expression(b, e->callee);
        list(b, &e->args);
        return NO_BOUND;
    case EX_FUNCTION: function(b, e->function); return 0;
    case EX_TABLE:
        for (struct vm_item *i = e->items; i; i = i->next) {
            if (i->key) expression(b, i->key);
            expression(b, i->value);
        }
        return 0;
    case EX_BINARY: return binary(b, e);
    case EX_AND: expression(b, e->a); return expression(b, e->b);
    case EX_OR: x = expression(b, e->a); return most(x, expression(b, e->b));
    case EX_NOT: expression(b, e->a); return 0;
    case EX_NEGATE:
        x = expression(b, e->a);
        e->checked = x < NO_BOUND ? VM_FITS : e->a->kind == EX_LOCAL ? VM_CHECK_HERE : VM_CHECK_CALL;
        return x;
    case EX_LENGTH: expression(b, e->a); return LENGTH_MOST;
    case EX_CONCAT: list(b, &e->args); return 0;
    case EX_NAME: break;
    }
    AVER_UNREACHABLE();
}

/* ---- statements ---- */

static void numeric_for(struct bounds *b, struct vm_stmt *s)
{
    struct vm_expr *e = s->values.first;
    uint64_t from = expression(b, e), to = expression(b, e->next), step = 1;
    if (e->next->next) step = expression(b, e->next->next);
    uint64_t by_turns = sum(from, product(step, AVER_VM_GAS_MOST / TURN_GAS));
    join(b, s->locals.first, least(most(from, to), by_turns));
    block(b, &s->body);
}

static void each(struct bounds *b, struct vm_stmt *s)
{
    struct vm_local *first = s->locals.first;
    const struct vm_expr *call = s->values.first;
    list(b, &call->args);
    bool counted = vm_is_each(s);
    join(b, first, NO_BOUND);
    if (first->next) join(b, first->next, counted ? AVER_VM_GAS_MOST / TURN_GAS : NO_BOUND);
    block(b, &s->body);
}

static void statement(struct bounds *b, struct vm_stmt *s)
{
    struct vm_expr *e = s->values.first;
    switch (s->kind) {
    case ST_LOCAL:
    case ST_LOCAL_FUNCTION:
        for (struct vm_local *l = s->locals.first; l && e; l = l->next, e = e->next)
            join(b, l, expression(b, e));
        return;
    case ST_ASSIGN:
        for (struct vm_expr *t = s->targets.first; t; t = t->next, e = e->next) assign(b, t->local, e);
        return;
    case ST_SET:
        expression(b, s->targets.first->of);
        expression(b, s->targets.first->key);
        expression(b, e);
        return;
    case ST_CALL:
    case ST_RETURN: list(b, &s->values); return;
    case ST_DO: block(b, &s->body); return;
    case ST_WHILE:
    case ST_REPEAT:
        list(b, &s->values);
        block(b, &s->body);
        return;
    case ST_IF:
        for (struct vm_clause *c = s->clauses; c; c = c->next) {
            if (c->condition) expression(b, c->condition);
            block(b, &c->body);
        }
        return;
    case ST_FOR: numeric_for(b, s); return;
    case ST_EACH: each(b, s); return;
    case ST_BREAK: return;
    }
    AVER_UNREACHABLE();
}

static void block(struct bounds *b, struct vm_block *k)
{
    for (struct vm_stmt *s = k->first; s; s = s->next) statement(b, s);
}

void vm_bounds(struct vm_function *chunk)
{
    struct bounds b = {.changed = true};
    for (b.pass = 1; b.changed; b.pass++) {
        b.changed = false;
        function(&b, chunk);
    }
}
