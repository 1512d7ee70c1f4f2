/* vm/gas.c - the prices of the source put on its blocks.
 *
 * A run of statements is paid as a whole before its first one. Inside it, a branch that is dear pays for itself when it
 * is entered; what follows a statement that may leave the block is a run of its own if it is dear. What is cheap is
 * paid ahead: a charge costs time too. Loops and functions always pay for themselves; a numeric loop that calls nothing
 * and ends only by counting pays all its turns before the first. */
#include "vm/gas.h"

static uint64_t block(struct vm_block *b);
static void function(struct vm_function *f);

bool vm_is_integer(const struct vm_expr *e)
{
    return e->kind == EX_INTEGER || e->kind == EX_NEGATE || e->kind == EX_LENGTH ||
           (e->kind == EX_BINARY && e->op <= OP_MOD);
}

bool vm_divides(const struct vm_expr *e)
{
    return e->kind == EX_BINARY && (e->op == OP_DIV || e->op == OP_MOD) &&
           (e->b->kind != EX_INTEGER || e->b->integer == 0);
}

bool vm_is_each(const struct vm_stmt *s)
{
    return s->kind == ST_EACH && aver_bytes_is(s->values.first->callee->text, "each");
}

/* ---- expressions ---- */

static uint64_t expression(struct vm_expr *e);

static uint64_t list(const struct vm_exprs *es)
{
    uint64_t gas = 0;
    for (struct vm_expr *e = es->first; e; e = e->next) gas += expression(e);
    return gas;
}

static bool is_short(const struct vm_expr *e)
{
    return e->kind <= EX_INTEGER || (e->kind == EX_TEXT && e->text.len <= 32) || vm_is_integer(e);
}

static uint64_t arithmetic(const struct vm_expr *e)
{
    return e->checked == VM_FITS ? GAS_ARITHMETIC : GAS_ARITHMETIC + GAS_CHECKED;
}

static uint64_t operator_price(const struct vm_expr *e)
{
    switch (e->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL: return arithmetic(e);
    case OP_DIV:
    case OP_MOD: return vm_divides(e) ? GAS_DIVISION_BY : GAS_DIVISION;
    case OP_EQ:
    case OP_NE: return is_short(e->a) || is_short(e->b) ? GAS_COMPARE : GAS_EQUAL;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return GAS_COMPARE;
    }
    AVER_UNREACHABLE();
}

static uint64_t table(struct vm_expr *e)
{
    uint64_t gas = GAS_TABLE;
    for (struct vm_item *i = e->items; i; i = i->next) {
        gas += expression(i->value);
        gas += i->key ? GAS_KEYED + expression(i->key) : GAS_LISTED;
    }
    return gas;
}

static uint64_t expression(struct vm_expr *e)
{
    switch (e->kind) {
    case EX_NIL:
    case EX_TRUE:
    case EX_FALSE:
    case EX_INTEGER:
    case EX_TEXT:
    case EX_LOCAL: return GAS_VALUE;
    case EX_GLOBAL:
    case EX_LIBRARY: return GAS_GLOBAL;
    case EX_INDEX:
        return e->key->kind == EX_TEXT ? GAS_FIELD + expression(e->of)
                                       : GAS_INDEX + expression(e->of) + expression(e->key);
    case EX_CALL: return GAS_CALL + expression(e->callee) + list(&e->args);
    case EX_METHOD: return GAS_CALL + GAS_METHOD + expression(e->callee) + list(&e->args);
    case EX_FUNCTION:
        function(e->function);
        return GAS_CLOSURE + (uint64_t)e->function->upvalues_count * GAS_UPVALUE;
    case EX_TABLE: return table(e);
    case EX_BINARY: return operator_price(e) + expression(e->a) + expression(e->b);
    case EX_AND:
    case EX_OR: return GAS_LOGIC + expression(e->a) + expression(e->b);
    case EX_NOT: return GAS_LOGIC + expression(e->a);
    case EX_NEGATE: return arithmetic(e) + expression(e->a);
    case EX_LENGTH: return GAS_LENGTH + expression(e->a);
    case EX_CONCAT: return GAS_CONCAT + list(&e->args);
    case EX_NAME: break;
    }
    AVER_UNREACHABLE();
}

/* ---- statements ---- */

static bool leaves(const struct vm_stmt *s, bool by_break);

static bool block_leaves(const struct vm_block *b, bool by_break)
{
    for (const struct vm_stmt *s = b->first; s; s = s->next)
        if (leaves(s, by_break)) return true;
    return false;
}

/* Whether what follows the statement may not be reached. */
static bool leaves(const struct vm_stmt *s, bool by_break)
{
    switch (s->kind) {
    case ST_RETURN: return true;
    case ST_BREAK: return by_break;
    case ST_DO: return block_leaves(&s->body, by_break);
    case ST_IF:
        for (const struct vm_clause *c = s->clauses; c; c = c->next)
            if (block_leaves(&c->body, by_break)) return true;
        return false;
    case ST_WHILE:
    case ST_REPEAT:
    case ST_FOR:
    case ST_EACH: return block_leaves(&s->body, false);
    case ST_LOCAL:
    case ST_LOCAL_FUNCTION:
    case ST_ASSIGN:
    case ST_SET:
    case ST_CALL: return false;
    }
    AVER_UNREACHABLE();
}

/* Whether evaluating the expression calls anything; what it makes of a function does not. */
static void note_call(void *found, struct vm_expr *e)
{
    if (e->kind == EX_CALL || e->kind == EX_METHOD) *(bool *)found = true;
    vm_parts(e, note_call, found);
}

static bool calls(struct vm_expr *e)
{
    bool found = false;
    note_call(&found, e);
    return found;
}

static bool list_calls(const struct vm_exprs *es)
{
    bool found = false;
    for (struct vm_expr *e = es->first; e; e = e->next) note_call(&found, e);
    return found;
}

static bool block_calls(const struct vm_block *b)
{
    for (const struct vm_stmt *s = b->first; s; s = s->next) {
        if (s->kind == ST_EACH || list_calls(&s->targets) || list_calls(&s->values) || block_calls(&s->body))
            return true;
        for (const struct vm_clause *c = s->clauses; c; c = c->next)
            if ((c->condition && calls(c->condition)) || block_calls(&c->body)) return true;
    }
    return false;
}

/* What is paid at one place: `ahead` of it for what may not be reached. */
struct run {
    uint64_t *at;
    uint64_t gas, ahead;
};

static bool paid_ahead(struct run *run, uint64_t gas)
{
    if (run->ahead + gas > GAS_AHEAD) return false;
    run->ahead += gas;
    run->gas += gas;
    return true;
}

/* What the statement costs by itself, without the blocks in it. */
static uint64_t own(struct vm_stmt *s)
{
    uint64_t gas = vm_is_each(s) ? expression(s->values.first->args.first) + GAS_EACH : list(&s->values);
    switch (s->kind) {
    case ST_LOCAL:
    case ST_LOCAL_FUNCTION: return gas + s->locals.count * (uint64_t)GAS_ASSIGN;
    case ST_ASSIGN: return gas + s->targets.count * (uint64_t)GAS_ASSIGN;
    case ST_SET: return gas + GAS_SET + expression(s->targets.first->of) + expression(s->targets.first->key);
    case ST_IF:
        for (struct vm_clause *c = s->clauses; c; c = c->next)
            if (c->condition) gas += GAS_BRANCH + expression(c->condition);
        return gas;
    case ST_FOR: return gas + GAS_TURN + (s->turn ? GAS_PREPAID : 0);
    case ST_EACH: return gas + GAS_TURN;
    case ST_RETURN:
    case ST_BREAK: return gas + GAS_RETURN;
    case ST_CALL:
    case ST_DO:
    case ST_WHILE:
    case ST_REPEAT: return gas;
    }
    AVER_UNREACHABLE();
}

static void clauses(struct vm_stmt *s, struct run *run)
{
    for (struct vm_clause *c = s->clauses; c; c = c->next) {
        uint64_t gas = block(&c->body);
        if (!paid_ahead(run, gas)) c->body.charge = gas;
    }
}

static void loop(struct vm_stmt *s)
{
    uint64_t turn = GAS_TURN + block(&s->body);
    if (s->kind == ST_WHILE || s->kind == ST_REPEAT) turn += list(&s->values);
    if (vm_is_each(s)) turn += GAS_ITEM;
    if (s->kind == ST_FOR && !block_leaves(&s->body, true) && !block_calls(&s->body))
        s->turn = turn;
    else
        s->body.charge = turn;
}

static void statement(struct vm_stmt *s, struct run *run)
{
    bool loops = s->kind == ST_WHILE || s->kind == ST_REPEAT || s->kind == ST_FOR || s->kind == ST_EACH;
    if (loops) loop(s);
    s->own = own(s);
    if (s->kind != ST_REPEAT) run->gas += s->own; /* its condition is paid with each turn alone */
    if (s->kind == ST_DO) run->gas += block(&s->body);
    if (s->kind == ST_IF) clauses(s, run);
}

/* The gas of the first run, which whoever enters the block pays. The others are paid inside. */
static uint64_t block(struct vm_block *b)
{
    uint64_t first = 0;
    struct run run = {.at = &first};
    for (struct vm_stmt *s = b->first; s;) {
        struct run part = {.at = &s->charge};
        bool left = false;
        for (; s && !left; s = s->next) {
            statement(s, &part);
            left = leaves(s, true);
        }
        if (part.at == &b->first->charge) { /* nothing before it */
            run.gas = part.gas;
            run.ahead = part.ahead;
        } else if (!paid_ahead(&run, part.gas)) {
            *run.at = run.gas;
            run = part;
        }
    }
    *run.at = run.gas;
    return first;
}

static void function(struct vm_function *f) { f->body.charge = GAS_ENTRY + block(&f->body); }

void vm_price(struct vm_function *chunk) { function(chunk); }
