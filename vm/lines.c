/* vm/lines.c - which line of the source a charge is for, and how often each line ran: for tools that measure contracts.
 *
 * A charge is taken at one place for much that follows it (gas.c), so the walk here notes for each place the statements that
 * it pays. What is printed for counting says __paid(place) where it takes a charge and __at(line) before each statement; both
 * only count. Charges of the library and the host go to the line under way. */
#include "vm/internal.h"
#include "vm/lines.h"

/* ---- the walk -------------------------------------------------------------------------------------------------------- */

struct walk {
    struct vm_lines *lines;
    struct aver_arena *arena;
};

static void block(struct walk *w, struct vm_block *b, uint32_t payer);

/* The place where a charge is taken; 0 where none is. */
static uint32_t place(struct walk *w, uint64_t charge)
{
    if (!charge) return 0;
    *(struct vm_paid *)aver_list_add(w->arena, &w->lines->paid, sizeof(struct vm_paid)) = (struct vm_paid){0};
    return (uint32_t)w->lines->paid.count;
}

/* `payer` 0: the loop around it pays for all its turns at once, on its own line. */
static void pays(struct walk *w, uint32_t payer, uint32_t line, uint64_t gas)
{
    if (!payer || !gas) return;
    struct vm_paid *p = (struct vm_paid *)w->lines->paid.items + payer - 1;
    *(struct vm_part *)aver_list_add(w->arena, &p->parts, sizeof(struct vm_part)) =
        (struct vm_part){line, gas};
}

static void code(struct walk *w, uint32_t line)
{
    AVER_ASSERT(line < w->lines->count);
    w->lines->line[line].code = true;
}

static void function(struct walk *w, struct vm_function *f)
{
    f->body.paid = place(w, f->body.charge);
    pays(w, f->body.paid, f->at.line, GAS_ENTRY);
    block(w, &f->body, f->body.paid);
}

/* For the functions in it. */
static void expression(void *user, struct vm_expr *e)
{
    if (e->kind == EX_FUNCTION)
        function(user, e->function);
    else
        vm_parts(e, expression, user);
}

static void list(struct walk *w, const struct vm_exprs *es)
{
    for (struct vm_expr *e = es->first; e; e = e->next) expression(w, e);
}

/* Each turn pays for itself, and for its condition, which stands at `condition`. */
static void loop(struct walk *w, struct vm_stmt *s, uint32_t condition)
{
    s->body.paid = place(w, s->body.charge);
    pays(w, s->body.paid, s->at.line, GAS_TURN + (vm_is_each(s) ? GAS_ITEM : 0));
    if (condition) pays(w, s->body.paid, condition, s->own);
    block(w, &s->body, s->body.paid);
}

static void statement(struct walk *w, struct vm_stmt *s, uint32_t payer)
{
    if (s->kind != ST_REPEAT) pays(w, payer, s->at.line, s->own);
    list(w, &s->targets);
    list(w, &s->values);
    switch (s->kind) {
    case ST_DO: block(w, &s->body, payer); return;
    case ST_WHILE: loop(w, s, s->at.line); return;
    case ST_REPEAT:
        code(w, s->end.line);
        loop(w, s, s->end.line);
        return;
    case ST_FOR:
    case ST_EACH: loop(w, s, 0); return;
    case ST_IF:
        for (struct vm_clause *c = s->clauses; c; c = c->next) {
            if (c->condition) {
                code(w, c->at.line);
                expression(w, c->condition);
            }
            c->body.paid = place(w, c->body.charge);
            block(w, &c->body, c->body.paid ? c->body.paid : payer);
        }
        return;
    case ST_LOCAL:
    case ST_LOCAL_FUNCTION:
    case ST_ASSIGN:
    case ST_SET:
    case ST_CALL:
    case ST_RETURN:
    case ST_BREAK: return;
    }
    AVER_UNREACHABLE();
}

static void block(struct walk *w, struct vm_block *b, uint32_t payer)
{
    for (struct vm_stmt *s = b->first; s; s = s->next) {
        code(w, s->at.line);
        s->paid = place(w, s->charge);
        if (s->paid) payer = s->paid;
        statement(w, s, payer);
    }
}

void vm_lines_of(struct vm_lines *lines, struct vm_function *chunk, aver_bytes source)
{
    struct walk w = {.lines = lines, .arena = &lines->arena};
    lines->count = 2; /* by number: none is 0 */
    for (size_t i = 0; i < source.len; i++) lines->count += source.ptr[i] == '\n' || source.ptr[i] == '\r';
    lines->line = AVER_NEW_ARRAY(&lines->arena, struct aver_vm_line, lines->count);
    function(&w, chunk);
}

/* ---- while it runs --------------------------------------------------------------------------------------------------- */

void vm_lines_charge(struct aver_vm *vm, uint64_t gas)
{
    uint64_t line = vm_current_line(vm);
    AVER_ASSERT(line < vm->lines->count);
    if (!vm->loading && !vm->preparing) vm->lines->line[line].gas += gas;
}

/* __at(line) */
static int at(lua_State *L)
{
    vm_of(L)->lines->line[lua_tointegerx(L, 1, NULL)].runs++;
    return 0;
}

/* __paid(place) */
static int paid(lua_State *L)
{
    struct aver_vm *vm = vm_of(L);
    const struct vm_paid *p = (const struct vm_paid *)vm->lines->paid.items + lua_tointegerx(L, 1, NULL) - 1;
    const struct vm_part *part = p->parts.items;
    for (size_t i = 0; !vm->loading && !vm->preparing && i < p->parts.count; i++)
        vm->lines->line[part[i].line].gas += part[i].gas;
    return 0;
}

int vm_push_counters(lua_State *L)
{
    lua_pushcclosure(L, at, 0);
    lua_pushcclosure(L, paid, 0);
    return 2;
}

const struct aver_vm_line *aver_vm_lines(const struct aver_vm *vm, size_t *count)
{
    *count = vm->lines ? vm->lines->count : 0;
    return vm->lines ? vm->lines->line : NULL;
}
