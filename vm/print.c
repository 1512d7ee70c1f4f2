/* vm/print.c - the tree as Lua text, with what meters and guards it:
 *
 *   - gas: each charge of gas.c is taken off __G, which is a local of the chunk; below zero, __more asks the host;
 *     A numeric loop may pay for all its turns at once, by __turns;
 *   - depth: every function has a first parameter __d, one more than its caller's, and every call of a function gives it.
 *     Those of ours take it too (host.c);
 *   - a loop over each(list) reads the items itself, up to the first nil;
 *   - methods are called by __M, which has a function of ours for each name: the object, then the line;
 *   - a field is written by __set, texts are joined by __cat, lengths come from __len, keys pass __key: they charge for what
 *     they do and let through what the dialect knows (support.c);
 *   - where the source does not show that the result of + - * fits (bounds.c), it is checked: beside names and literals in
 *     place, which calls __over; else by __add, __sub and __mul;
 *   - division by what is no literal is done by __div and __mod, which give the line of a division by zero;
 *   - "+0" makes of an operand that is no integer an error: Lua would compare texts by its locale, and count from text;
 *   - parentheses make one value of a call, and of "return f()" a call that keeps its caller's line.
 *
 * Every statement stands on the line on which it was written, and all of it there, however many lines it took, but for
 * the functions in it, whose statements again stand on their own lines. Lines are in receipts, and versions of Lua
 * differ in which line they give to a part of an expression that takes several. */
#include "vm/dialect.h"
#include "vm/gas.h"

#include <inttypes.h>

struct printer {
    struct aver_buf *out;
    uint32_t line;
    bool counts; /* also what lines.c counts by */
};

static void block(struct printer *p, const struct vm_block *b);
static void value(struct printer *p, const struct vm_expr *e);

static void put(struct printer *p, const char *s) { aver_buf_str(p->out, s); }

static void move_to(struct printer *p, struct vm_place at)
{
    for (; p->line < at.line; p->line++) aver_buf_byte(p->out, '\n');
}

static void charge(struct printer *p, uint64_t gas, uint32_t paid)
{
    if (!gas) return;
    aver_buf_printf(p->out, "do local __g=__G-%" PRIu64 " __G=__g if __g<0 then __G=__more(__g) end end ",
                    gas);
    if (p->counts) aver_buf_printf(p->out, "__paid(%" PRIu32 ");", paid);
}

static void text(struct printer *p, aver_bytes b)
{
    aver_buf_byte(p->out, '"');
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.ptr[i];
        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            aver_buf_printf(p->out, "\\%03u", c);
        else
            aver_buf_byte(p->out, c);
    }
    aver_buf_byte(p->out, '"');
}

static void function_body(struct printer *p, const struct vm_function *f)
{
    put(p, "(__d");
    for (const struct vm_local *l = f->params.first; l; l = l->next) {
        put(p, ",");
        aver_buf_bytes(p->out, l->name);
    }
    aver_buf_printf(p->out, ")if __d>%d then __deep()end ", AVER_VM_CALL_DEPTH_MAX);
    block(p, &f->body);
    put(p, "end");
}

/* ---- expressions ---- */

static void list(struct printer *p, const struct vm_exprs *es, bool comma)
{
    for (const struct vm_expr *e = es->first; e; e = e->next) {
        if (comma) put(p, ",");
        comma = true;
        value(p, e);
    }
}

/* Before a dot, a bracket, a colon or an argument. */
static void prefix(struct printer *p, const struct vm_expr *e)
{
    bool bare = e->kind == EX_LOCAL || e->kind == EX_GLOBAL || e->kind == EX_LIBRARY || e->kind == EX_INDEX;
    if (!bare) put(p, "(");
    value(p, e);
    if (!bare) put(p, ")");
}

static void call(struct printer *p, const struct vm_expr *e)
{
    if (e->kind == EX_METHOD) {
        put(p, "__M.");
        aver_buf_bytes(p->out, e->method);
        uint32_t line = p->line;
        put(p, "(");
        value(p, e->callee);
        aver_buf_printf(p->out, ",%" PRIu32, line);
    } else {
        prefix(p, e->callee);
        put(p, "(__d+1");
    }
    list(p, &e->args, true);
    put(p, ")");
}

static void table(struct printer *p, const struct vm_expr *e)
{
    put(p, "{");
    for (const struct vm_item *i = e->items; i; i = i->next) {
        if (i->key) {
            bool plain = i->key->kind == EX_TEXT || i->key->kind == EX_INTEGER;
            put(p, plain ? "[" : "[__key(");
            value(p, i->key);
            put(p, plain ? "]=" : ")]=");
        }
        value(p, i->value);
        put(p, ",");
    }
    put(p, "}");
}

/* The form, with `a` for each @ and `b` for each #. */
static void form(struct printer *p, const char *s, const struct vm_expr *a, const struct vm_expr *b)
{
    for (; *s; s++) {
        if (*s == '@')
            value(p, a);
        else if (*s == '#')
            value(p, b);
        else
            aver_buf_byte(p->out, (uint8_t)*s);
    }
}

/* name * c, c neither 0 nor 1 */
static void checked_product(struct printer *p, const struct vm_expr *name, const struct vm_expr *literal,
                            int64_t c)
{
    int64_t low = c < 0 ? INT64_MAX / c : INT64_MIN / c, high = c == -1 ? INT64_MAX
                                                                : c < 0 ? INT64_MIN / c
                                                                        : INT64_MAX / c;
    put(p, "((");
    value(p, name);
    aver_buf_printf(p->out, "<%" PRId64 " or ", low);
    value(p, name);
    aver_buf_printf(p->out, ">%" PRId64 ")and __over()or ", high);
    form(p, "@*#)", name, literal);
}

/* Of names and literals: nothing happens between two readings of a name. No literal stands beside a bitwise operator:
 * before 5.4.5 Lua makes wrong code of that in a function with many constants. */
static void checked_here(struct printer *p, const struct vm_expr *e)
{
    const struct vm_expr *a = e->a, *b = e->b;
    int64_t c;
    if (e->kind == EX_NEGATE) {
        form(p, "(@<-9223372036854775807 and __over()or-@)", a, NULL);
        return;
    }
    if (vm_literal(a, &c)) { /* the name first */
        a = e->b;
        b = e->a;
    }
    if (!vm_literal(b, &c))
        form(p,
             e->op == OP_ADD ? "((@~(@+#))&(#~(@+#))<0 and __over()or @+#)"
                             : "((@~#)&(@~(@-#))<0 and __over()or @-#)",
             a, b);
    else if (e->op == OP_MUL)
        checked_product(p, a, b, c);
    else if (e->op == OP_ADD)
        form(p, c > 0 ? "(@+#<@ and __over()or @+#)" : "(@+#>@ and __over()or @+#)", a, b);
    else
        form(p, c > 0 ? "(@-#>@ and __over()or @-#)" : "(@-#<@ and __over()or @-#)", a, b);
}

static void binary(struct printer *p, const struct vm_expr *e, const char *op)
{
    if (vm_divides(e)) {
        form(p, e->op == OP_DIV ? "__div(@,#)" : "__mod(@,#)", e->a, e->b);
        return;
    }
    if (e->kind == EX_BINARY && e->op <= OP_MUL && e->checked == VM_CHECK_CALL) {
        form(p, e->op == OP_ADD ? "__add(@,#)" : e->op == OP_SUB ? "__sub(@,#)" : "__mul(@,#)", e->a, e->b);
        return;
    }
    if (e->kind == EX_BINARY && e->op <= OP_MUL && e->checked == VM_CHECK_HERE) {
        checked_here(p, e);
        return;
    }
    bool order = e->kind == EX_BINARY && e->op >= OP_LT && !vm_is_integer(e->a) && !vm_is_integer(e->b);
    put(p, order ? "((" : "(");
    value(p, e->a);
    put(p, order ? ")+0" : "");
    put(p, op);
    value(p, e->b);
    put(p, ")");
}

static void value(struct printer *p, const struct vm_expr *e)
{
    static const char *const operators[] = {
        [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "//", [OP_MOD] = "%", [OP_EQ] = "==",
        [OP_NE] = "~=", [OP_LT] = "<",  [OP_LE] = "<=", [OP_GT] = ">",   [OP_GE] = ">="};
    switch (e->kind) {
    case EX_NIL: put(p, "nil"); return;
    case EX_TRUE: put(p, "true"); return;
    case EX_FALSE: put(p, "false"); return;
    case EX_INTEGER: aver_buf_printf(p->out, "%" PRId64, e->integer); return;
    case EX_TEXT: text(p, e->text); return;
    case EX_LOCAL: aver_buf_bytes(p->out, e->local->name); return;
    case EX_GLOBAL: aver_buf_bytes(p->out, e->text); return;
    case EX_LIBRARY:
        aver_buf_bytes(p->out, e->library);
        put(p, ".");
        aver_buf_bytes(p->out, e->text);
        return;
    case EX_INDEX:
        prefix(p, e->of);
        put(p, "[");
        value(p, e->key);
        put(p, "]");
        return;
    case EX_CALL:
    case EX_METHOD:
        put(p, "(");
        call(p, e);
        put(p, ")");
        return;
    case EX_FUNCTION:
        put(p, "function");
        function_body(p, e->function);
        return;
    case EX_TABLE: table(p, e); return;
    case EX_BINARY: binary(p, e, operators[e->op]); return;
    case EX_AND: binary(p, e, " and "); return;
    case EX_OR: binary(p, e, " or "); return;
    case EX_NOT: form(p, "(not @)", e->a, NULL); return;
    case EX_NEGATE:
        if (e->checked == VM_CHECK_HERE)
            checked_here(p, e);
        else
            form(p, e->checked == VM_FITS ? "(-@)" : "__sub(0,@)", e->a, NULL);
        return;
    case EX_LENGTH:
        put(p, "__len(");
        value(p, e->a);
        put(p, ")");
        return;
    case EX_CONCAT:
        put(p, "__cat(");
        list(p, &e->args, false);
        put(p, ")");
        return;
    case EX_NAME: break;
    }
    AVER_UNREACHABLE();
}

static void integer(struct printer *p, const struct vm_expr *e)
{
    put(p, "(");
    value(p, e);
    put(p, vm_is_integer(e) ? ")" : ")+0");
}

/* ---- statements ---- */

static void names(struct printer *p, const struct vm_locals *list)
{
    for (const struct vm_local *l = list->first; l; l = l->next) {
        if (l != list->first) put(p, ",");
        aver_buf_bytes(p->out, l->name);
    }
}

/* Of an elseif or until, whose line is its own. */
static void condition(struct printer *p, const struct vm_expr *e, uint32_t line)
{
    if (p->counts) aver_buf_printf(p->out, "__at(%" PRIu32 ")or ", line);
    value(p, e);
}

static void clauses(struct printer *p, const struct vm_stmt *s)
{
    for (const struct vm_clause *c = s->clauses; c; c = c->next) {
        move_to(p, c->at);
        if (c->condition) {
            put(p, c == s->clauses ? "if " : "elseif ");
            if (c == s->clauses)
                value(p, c->condition);
            else
                condition(p, c->condition, c->at.line);
            put(p, " then ");
        } else {
            put(p, "else ");
        }
        block(p, &c->body);
    }
    put(p, "end;");
}

static void loop(struct printer *p, const struct vm_stmt *s)
{
    put(p, " do ");
    block(p, &s->body);
    put(p, "end;");
}

static void numeric_for(struct printer *p, const struct vm_stmt *s)
{
    put(p, "for ");
    names(p, &s->locals);
    put(p, "=");
}

static void for_loop(struct printer *p, const struct vm_stmt *s)
{
    if (s->turn)
        put(p, "do local __a,__b,__c=");
    else
        numeric_for(p, s);
    for (const struct vm_expr *e = s->values.first; e; e = e->next) {
        if (e != s->values.first) put(p, ",");
        integer(p, e);
    }
    if (s->turn) {
        aver_buf_printf(p->out, "%s __turns(__a,__b,__c,%" PRIu64 ") ", s->values.count == 2 ? ",1" : "",
                        s->turn);
        numeric_for(p, s);
        put(p, "__a,__b,__c");
    }
    loop(p, s);
    if (s->turn) put(p, "end;");
}

/* for item, i in each(list): no iterator is called, the loop reads the items itself. */
static void each(struct printer *p, const struct vm_stmt *s)
{
    put(p, "do local __t=");
    value(p, s->values.first->args.first);
    put(p, " for __i=1,9223372036854775807 do local ");
    names(p, &s->locals);
    put(p, s->locals.count == 2 ? "=__t[__i],__i if " : "=__t[__i]if ");
    aver_buf_bytes(p->out, s->locals.first->name);
    put(p, "==nil then break end ");
    block(p, &s->body);
    put(p, "end;end;");
}

static void statement(struct printer *p, const struct vm_stmt *s)
{
    const struct vm_expr *v = s->values.first;
    switch (s->kind) {
    case ST_LOCAL:
        put(p, "local ");
        names(p, &s->locals);
        if (v) put(p, "=");
        list(p, &s->values, false);
        put(p, ";");
        return;
    case ST_LOCAL_FUNCTION:
        put(p, "local function ");
        names(p, &s->locals);
        function_body(p, v->function);
        put(p, ";");
        return;
    case ST_ASSIGN:
        list(p, &s->targets, false);
        put(p, "=");
        list(p, &s->values, false);
        put(p, ";");
        return;
    case ST_SET:
        put(p, "__set(");
        value(p, s->targets.first->of);
        put(p, ",");
        value(p, s->targets.first->key);
        put(p, ",");
        value(p, v);
        put(p, ");");
        return;
    case ST_CALL:
        call(p, v);
        put(p, ";");
        return;
    case ST_DO:
        put(p, "do ");
        block(p, &s->body);
        put(p, "end;");
        return;
    case ST_WHILE:
        put(p, "while ");
        value(p, v);
        loop(p, s);
        return;
    case ST_REPEAT:
        put(p, "repeat ");
        block(p, &s->body);
        move_to(p, s->end);
        put(p, "until ");
        condition(p, v, s->end.line);
        put(p, ";");
        return;
    case ST_IF: clauses(p, s); return;
    case ST_FOR: for_loop(p, s); return;
    case ST_EACH:
        if (vm_is_each(s)) {
            each(p, s);
            return;
        }
        put(p, "for ");
        names(p, &s->locals);
        put(p, " in ");
        call(p, v);
        loop(p, s);
        return;
    case ST_RETURN:
        put(p, "return ");
        if (v) value(p, v);
        put(p, ";");
        return;
    case ST_BREAK: put(p, "break;"); return;
    }
    AVER_UNREACHABLE();
}

static void block(struct printer *p, const struct vm_block *b)
{
    charge(p, b->charge, b->paid);
    for (const struct vm_stmt *s = b->first; s; s = s->next) {
        move_to(p, s->at);
        charge(p, s->charge, s->paid);
        if (p->counts) aver_buf_printf(p->out, "__at(%" PRIu32 ");", s->at.line);
        statement(p, s);
    }
}

void vm_print(const struct vm_function *chunk, bool counts, struct aver_buf *out)
{
    struct printer p = {.out = out, .line = 1, .counts = counts};
    aver_buf_printf(out,
                    "local __M,__G,__own,__more,__set,__cat,__len,__key,__deep,__div,__mod,__turns,"
                    "__over,__add,__sub,__mul%s=...;"
                    "__own(function()return __G end)local __d=0;",
                    counts ? ",__at,__paid" : "");
    block(&p, &chunk->body);
    put(&p, "\n");
}
