/* vm/parser.c - tokens to a tree: the grammar of Lua 5.4 (manual, chapter 9) less what the dialect leaves out. */
#include "vm/lexer.h"

#include <stdio.h>
#include <string.h>

struct parser {
    struct vm_lexer lexer;
    struct vm_source *source;
    struct vm_token token, ahead;
    bool has_ahead;
    uint32_t nesting;
    uint32_t loops; /* around this place, in this function */
    struct vm_function *function;
};

#define SYNTAX "DIALECT-SYNTAX"

static void next(struct parser *p)
{
    p->token = p->has_ahead ? p->ahead : vm_lexer_next(&p->lexer);
    p->has_ahead = false;
}

static int look_ahead(struct parser *p)
{
    if (!p->has_ahead) p->ahead = vm_lexer_next(&p->lexer);
    p->has_ahead = true;
    return p->ahead.kind;
}

static const char *shown(char out[96], const struct vm_token *t)
{
    if (t->kind == TK_END) return "the end of the file";
    snprintf(out, 96, "\"%.*s\"%s", (int)(t->raw.len < 40 ? t->raw.len : 40), (const char *)t->raw.ptr,
             t->raw.len > 40 ? "..." : "");
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    return out;
}

AVER_NORETURN static void unexpected(struct parser *p, const char *wanted)
{
    char text[96];
    vm_refuse(p->source, p->token.at, SYNTAX, "", "%s expected, not %s", wanted, shown(text, &p->token));
}

static bool accept(struct parser *p, int kind)
{
    if (p->token.kind != kind) return false;
    next(p);
    return true;
}

static void expect(struct parser *p, int kind, const char *name)
{
    if (!accept(p, kind)) unexpected(p, name);
}

/* The end of what opened at `open`. */
static void expect_close(struct parser *p, int kind, const char *name, const char *opener,
                         struct vm_place open)
{
    char wanted[96];
    if (accept(p, kind)) return;
    if (open.line == p->token.at.line) unexpected(p, name);
    snprintf(wanted, sizeof wanted, "%s (to close %s at line %u)", name, opener, open.line);
    unexpected(p, wanted);
}

static void deeper(struct parser *p)
{
    if (++p->nesting > VM_NESTING_MAX)
        vm_refuse(p->source, p->token.at, "DIALECT-LIMIT", "move a part into a local or a function",
                  "nested more than %d deep", VM_NESTING_MAX);
}

static aver_bytes name(struct parser *p, const char *wanted)
{
    if (p->token.kind != TK_NAME) unexpected(p, wanted);
    aver_bytes text = p->token.text;
    next(p);
    return text;
}

/* ---- expressions ---- */

static struct vm_expr *expression(struct parser *p);
static struct vm_function *function_body(struct parser *p, struct vm_place at);

static struct vm_expr *make(struct parser *p, enum vm_expr_kind kind, struct vm_place at)
{
    struct vm_expr *e = AVER_NEW(p->source->arena, struct vm_expr);
    e->kind = kind;
    e->at = at;
    e->depth = 1;
    return e;
}

/* `e` holds `part`: every walk over the tree recurses as deep as this. */
static void holds(struct parser *p, struct vm_expr *e, const struct vm_expr *part)
{
    if (part && part->depth >= e->depth) e->depth = part->depth + 1;
    if (e->depth > VM_NESTING_MAX)
        vm_refuse(p->source, e->at, "DIALECT-LIMIT", "name a part of it with \"local\"",
                  "an expression of more than %d levels", VM_NESTING_MAX);
}

static void list_add(struct vm_exprs *list, struct vm_expr *e)
{
    if (list->last)
        list->last->next = e;
    else
        list->first = e;
    list->last = e;
    list->count++;
}

static struct vm_expr *text_of(struct parser *p, aver_bytes text, struct vm_place at)
{
    struct vm_expr *e = make(p, EX_TEXT, at);
    e->text = text;
    return e;
}

static struct vm_expr *table(struct parser *p)
{
    struct vm_expr *e = make(p, EX_TABLE, p->token.at);
    struct vm_item **tail = &e->items;
    uint32_t bracketed = 0;
    deeper(p);
    expect(p, '{', "\"{\"");
    while (p->token.kind != '}') {
        struct vm_item *item = AVER_NEW(p->source->arena, struct vm_item);
        if (p->token.kind == '[') {
            struct vm_place at = p->token.at;
            next(p);
            item->key = expression(p);
            expect(p, ']', "\"]\"");
            expect(p, '=', "\"=\"");
            if (item->key->kind != EX_TEXT && ++bracketed > VM_BRACKETED_MAX)
                vm_refuse(p->source, at, "DIALECT-LIMIT", "use texts as keys, or a list",
                          "more than %d keys in brackets", VM_BRACKETED_MAX);
        } else if (p->token.kind == TK_NAME && look_ahead(p) == '=') {
            item->key = text_of(p, p->token.text, p->token.at);
            next(p);
            next(p);
        }
        item->value = expression(p);
        if (item->key) {
            holds(p, e, item->key);
            e->items_keyed++;
        } else {
            e->items_listed++;
        }
        holds(p, e, item->value);
        *tail = item;
        tail = &item->next;
        if (!accept(p, ',') && !accept(p, ';')) break;
    }
    expect_close(p, '}', "\"}\"", "\"{\"", e->at);
    if (e->items_keyed > AVER_VM_TABLE_KEYS_MAX)
        vm_refuse(p->source, e->at, "DIALECT-LIMIT", "publish it as a table instead",
                  "a table of more than %d keys that are no list", AVER_VM_TABLE_KEYS_MAX);
    p->nesting--;
    return e;
}

static void arguments(struct parser *p, struct vm_expr *call)
{
    struct vm_place open = p->token.at;
    if (p->token.kind == TK_TEXT) {
        list_add(&call->args, text_of(p, p->token.text, open));
        next(p);
    } else if (p->token.kind == '{') {
        list_add(&call->args, table(p));
    } else {
        expect(p, '(', "the arguments of a call");
        if (p->token.kind != ')') do {
                list_add(&call->args, expression(p));
            } while (accept(p, ','));
        expect_close(p, ')', "\")\"", "\"(\"", open);
    }
    if (call->args.count > VM_ARGUMENTS_MAX)
        vm_refuse(p->source, open, "DIALECT-LIMIT", "give a table", "more than %d arguments",
                  VM_ARGUMENTS_MAX);
    for (struct vm_expr *arg = call->args.first; arg; arg = arg->next) holds(p, call, arg);
}

static struct vm_expr *primary(struct parser *p)
{
    struct vm_place at = p->token.at;
    if (p->token.kind == TK_NAME) {
        struct vm_expr *e = make(p, EX_NAME, at);
        e->text = name(p, "a name");
        return e;
    }
    if (p->token.kind != '(') unexpected(p, "an expression");
    next(p);
    struct vm_expr *e = expression(p);
    expect_close(p, ')', "\")\"", "\"(\"", at);
    e->enclosed = true;
    return e;
}

static struct vm_expr *suffixed(struct parser *p)
{
    deeper(p);
    struct vm_expr *e = primary(p);
    for (int chain = 0;; chain++) {
        struct vm_expr *outer;
        if (chain > VM_CHAIN_MAX)
            vm_refuse(p->source, p->token.at, "DIALECT-LIMIT", "name a part of it with \"local\"",
                      "a chain of more than %d fields", VM_CHAIN_MAX);
        switch (p->token.kind) {
        case '.': {
            next(p);
            outer = make(p, EX_INDEX, e->at);
            outer->of = e;
            struct vm_place at = p->token.at;
            outer->key = text_of(p, name(p, "a field's name"), at);
            break;
        }
        case '[':
            next(p);
            outer = make(p, EX_INDEX, e->at);
            outer->of = e;
            outer->key = expression(p);
            expect(p, ']', "\"]\"");
            holds(p, outer, outer->key);
            break;
        case ':':
            next(p);
            outer = make(p, EX_METHOD, e->at);
            outer->callee = e;
            outer->method = name(p, "a method's name");
            arguments(p, outer);
            break;
        case '(':
        case '{':
        case TK_TEXT:
            outer = make(p, EX_CALL, e->at);
            outer->callee = e;
            arguments(p, outer);
            break;
        default: p->nesting--; return e;
        }
        holds(p, outer, e);
        e = outer;
    }
}

static struct vm_expr *simple(struct parser *p)
{
    struct vm_place at = p->token.at;
    struct vm_expr *e;
    switch (p->token.kind) {
    case TK_NIL: e = make(p, EX_NIL, at); break;
    case TK_TRUE: e = make(p, EX_TRUE, at); break;
    case TK_FALSE: e = make(p, EX_FALSE, at); break;
    case TK_INTEGER:
        e = make(p, EX_INTEGER, at);
        e->integer = p->token.integer;
        break;
    case TK_TEXT: e = text_of(p, p->token.text, at); break;
    case '{': return table(p);
    case TK_FUNCTION:
        next(p);
        e = make(p, EX_FUNCTION, at);
        e->function = function_body(p, at);
        return e;
    default: return suffixed(p);
    }
    next(p);
    return e;
}

/* Lua's priorities (lparser.c, table "priority"): left and right. */
struct priority {
    int left, right;
    enum vm_expr_kind kind;
    enum vm_operator op;
};

static bool binary_priority(int token, struct priority *out)
{
    switch (token) {
    case '+': *out = (struct priority){10, 10, EX_BINARY, OP_ADD}; return true;
    case '-': *out = (struct priority){10, 10, EX_BINARY, OP_SUB}; return true;
    case '*': *out = (struct priority){11, 11, EX_BINARY, OP_MUL}; return true;
    case '%': *out = (struct priority){11, 11, EX_BINARY, OP_MOD}; return true;
    case TK_DIVIDE: *out = (struct priority){11, 11, EX_BINARY, OP_DIV}; return true;
    case TK_CONCAT: *out = (struct priority){9, 8, EX_CONCAT, OP_ADD}; return true;
    case TK_EQ: *out = (struct priority){3, 3, EX_BINARY, OP_EQ}; return true;
    case TK_NE: *out = (struct priority){3, 3, EX_BINARY, OP_NE}; return true;
    case '<': *out = (struct priority){3, 3, EX_BINARY, OP_LT}; return true;
    case TK_LE: *out = (struct priority){3, 3, EX_BINARY, OP_LE}; return true;
    case '>': *out = (struct priority){3, 3, EX_BINARY, OP_GT}; return true;
    case TK_GE: *out = (struct priority){3, 3, EX_BINARY, OP_GE}; return true;
    case TK_AND: *out = (struct priority){2, 2, EX_AND, OP_ADD}; return true;
    case TK_OR: *out = (struct priority){1, 1, EX_OR, OP_ADD}; return true;
    default: return false;
    }
}
#define UNARY_PRIORITY  12
#define CONCAT_PRIORITY 9

static struct vm_expr *operation(struct parser *p, int limit)
{
    struct vm_place at = p->token.at;
    struct vm_expr *e;
    int c = p->token.kind;
    deeper(p);
    if (c == TK_NOT || c == '-' || c == '#') {
        next(p);
        e = make(p, c == TK_NOT ? EX_NOT : c == '-' ? EX_NEGATE : EX_LENGTH, at);
        e->a = operation(p, UNARY_PRIORITY);
        holds(p, e, e->a);
    } else {
        e = simple(p);
    }
    for (struct priority pr; binary_priority(p->token.kind, &pr) && pr.left > limit;) {
        struct vm_expr *outer = make(p, pr.kind, e->at);
        outer->op = pr.op;
        if (pr.kind == EX_CONCAT) {
            /* All of a chain at once: every operand binds tighter than "..". */
            outer->callee = NULL;
            list_add(&outer->args, e);
            holds(p, outer, e);
            while (accept(p, TK_CONCAT)) {
                list_add(&outer->args, operation(p, CONCAT_PRIORITY));
                holds(p, outer, outer->args.last);
            }
            if (outer->args.count > VM_OPERANDS_MAX)
                vm_refuse(p->source, outer->at, "DIALECT-LIMIT", "join a part of them first",
                          "more than %d texts joined at once", VM_OPERANDS_MAX);
        } else {
            next(p);
            outer->a = e;
            outer->b = operation(p, pr.right);
            holds(p, outer, outer->a);
            holds(p, outer, outer->b);
        }
        e = outer;
    }
    p->nesting--;
    return e;
}

static struct vm_expr *expression(struct parser *p) { return operation(p, 0); }

/* ---- statements ---- */

static void block(struct parser *p, struct vm_block *out);

static void locals_add(struct vm_locals *list, struct vm_local *l)
{
    if (list->last)
        list->last->next = l;
    else
        list->first = l;
    list->last = l;
    list->count++;
}

static struct vm_local *declare(struct parser *p, struct vm_locals *list)
{
    struct vm_local *l = AVER_NEW(p->source->arena, struct vm_local);
    l->at = p->token.at;
    l->name = name(p, "a name");
    l->owner = p->function;
    l->index = p->function->locals_count++;
    locals_add(list, l);
    return l;
}

static struct vm_function *function_body(struct parser *p, struct vm_place at)
{
    struct vm_function *f = AVER_NEW(p->source->arena, struct vm_function), *outer = p->function;
    uint32_t loops = p->loops;
    f->at = at;
    f->parent = outer;
    p->function = f;
    p->loops = 0;
    deeper(p);
    struct vm_place open = p->token.at;
    expect(p, '(', "\"(\"");
    if (p->token.kind != ')') do {
            declare(p, &f->params);
        } while (accept(p, ','));
    expect_close(p, ')', "\")\"", "\"(\"", open);
    if (f->params.count > VM_ARGUMENTS_MAX)
        vm_refuse(p->source, open, "DIALECT-LIMIT", "take a table", "more than %d parameters",
                  VM_ARGUMENTS_MAX);
    block(p, &f->body);
    expect_close(p, TK_DONE, "\"end\"", "\"function\"", at);
    p->nesting--;
    p->function = outer;
    p->loops = loops;
    return f;
}

static void expressions(struct parser *p, struct vm_exprs *out)
{
    do {
        list_add(out, expression(p));
    } while (accept(p, ','));
}

/* Every expression has one value, so what stands on the right must be as much as what stands on the left. */
static void check_counts(struct parser *p, const struct vm_stmt *s, uint32_t names)
{
    const struct vm_expr *last = s->values.last;
    if (s->values.count > names)
        vm_refuse(p->source, last->at, "DIALECT-VALUES", "leave it out", "%u values for %u names",
                  s->values.count, names);
    if (s->values.count && s->values.count < names)
        vm_refuse(p->source, last->at, "DIALECT-VALUES",
                  "a function gives one value: return a table, and write = nil where nil is meant",
                  "%u names and %u values", names, s->values.count);
}

static void local_statement(struct parser *p, struct vm_stmt *s)
{
    if (p->token.kind == TK_FUNCTION) {
        struct vm_place at = p->token.at;
        next(p);
        s->kind = ST_LOCAL_FUNCTION;
        declare(p, &s->locals);
        struct vm_expr *e = make(p, EX_FUNCTION, at);
        list_add(&s->values, e);
        e->function = function_body(p, at);
        return;
    }
    s->kind = ST_LOCAL;
    do {
        struct vm_local *l = declare(p, &s->locals);
        if (!accept(p, '<')) continue;
        struct vm_place at = p->token.at;
        aver_bytes attribute = name(p, "\"const\"");
        if (!aver_bytes_is(attribute, "const"))
            vm_refuse(p->source, at, "DIALECT-FEATURE", "leave it out: nothing needs closing",
                      "the attribute \"%.*s\" is not part of the dialect",
                      (int)(attribute.len < 40 ? attribute.len : 40), (const char *)attribute.ptr);
        l->is_const = true;
        expect(p, '>', "\">\"");
    } while (accept(p, ','));
    if (accept(p, '=')) expressions(p, &s->values);
    check_counts(p, s, s->locals.count);
}

static void function_statement(struct parser *p, struct vm_stmt *s)
{
    struct vm_place at = p->token.at;
    next(p);
    struct vm_expr *target = make(p, EX_NAME, p->token.at);
    target->text = name(p, "a function's name");
    while (accept(p, '.')) {
        struct vm_expr *outer = make(p, EX_INDEX, target->at);
        outer->of = target;
        struct vm_place key = p->token.at;
        outer->key = text_of(p, name(p, "a field's name"), key);
        holds(p, outer, target);
        target = outer;
    }
    if (p->token.kind == ':')
        vm_refuse(p->source, p->token.at, "DIALECT-FEATURE",
                  "write a dot, and the table as the first parameter",
                  "only objects of the host have methods");
    s->kind = target->kind == EX_INDEX ? ST_SET : ST_ASSIGN;
    list_add(&s->targets, target);
    struct vm_expr *e = make(p, EX_FUNCTION, at);
    list_add(&s->values, e);
    e->function = function_body(p, at);
}

static void if_statement(struct parser *p, struct vm_stmt *s)
{
    struct vm_clause **tail = &s->clauses;
    bool last = false;
    s->kind = ST_IF;
    do {
        struct vm_clause *c = AVER_NEW(p->source->arena, struct vm_clause);
        c->at = p->token.at;
        last = p->token.kind == TK_ELSE;
        next(p);
        if (!last) {
            c->condition = expression(p);
            expect(p, TK_THEN, "\"then\"");
        }
        block(p, &c->body);
        *tail = c;
        tail = &c->next;
    } while (!last && (p->token.kind == TK_ELSEIF || p->token.kind == TK_ELSE));
    expect_close(p, TK_DONE, "\"end\"", "\"if\"", s->at);
}

static void loop_body(struct parser *p, struct vm_stmt *s, const char *opener)
{
    expect(p, TK_DO, "\"do\"");
    p->loops++;
    block(p, &s->body);
    p->loops--;
    expect_close(p, TK_DONE, "\"end\"", opener, s->at);
}

static void for_statement(struct parser *p, struct vm_stmt *s)
{
    next(p);
    declare(p, &s->locals);
    if (accept(p, '=')) {
        s->kind = ST_FOR;
        expressions(p, &s->values);
        if (s->values.count < 2 || s->values.count > 3)
            vm_refuse(p->source, s->at, SYNTAX, "", "\"for\" takes a first and a last number, and a step");
    } else {
        s->kind = ST_EACH;
        if (accept(p, ',')) declare(p, &s->locals);
        if (p->token.kind == ',')
            vm_refuse(p->source, p->token.at, "DIALECT-ITERATOR", "", "\"for\" takes at most two names");
        expect(p, TK_IN, "\"=\" or \"in\"");
        struct vm_expr *e = expression(p);
        if (p->token.kind == ',')
            vm_refuse(p->source, p->token.at, "DIALECT-ITERATOR", "write each(list) or sorted_pairs(table)",
                      "\"for\" takes one iterator");
        list_add(&s->values, e);
    }
    loop_body(p, s, "\"for\"");
}

/* What begins like a statement and is none: other languages' words for it. */
AVER_NORETURN static void no_statement(struct parser *p, const struct vm_expr *e)
{
    char text[96];
    bool name = e->kind == EX_NAME && !e->enclosed;
    if (name && aver_bytes_is(e->text, "continue"))
        vm_refuse(p->source, e->at, SYNTAX, "put the rest of the loop's body into an \"if\"",
                  "there is no \"continue\"");
    if (strchr("+-*%", p->token.kind) && p->token.kind && look_ahead(p) == '=')
        vm_refuse(p->source, p->token.at, SYNTAX, "write x = x + 1", "there is no \"%c=\"", p->token.kind);
    vm_refuse(p->source, p->token.at, SYNTAX, "a statement is a call, an assignment or begins with a keyword",
              "syntax error near %s", shown(text, &p->token));
}

/* A call, or an assignment. */
static void expression_statement(struct parser *p, struct vm_stmt *s)
{
    struct vm_expr *e = suffixed(p);
    if (p->token.kind != '=' && p->token.kind != ',') {
        if (e->enclosed || (e->kind != EX_CALL && e->kind != EX_METHOD)) no_statement(p, e);
        s->kind = ST_CALL;
        list_add(&s->values, e);
        return;
    }
    list_add(&s->targets, e);
    while (accept(p, ',')) list_add(&s->targets, suffixed(p));
    expect(p, '=', "\"=\"");
    expressions(p, &s->values);
    check_counts(p, s, s->targets.count);
    for (const struct vm_expr *t = s->targets.first; t; t = t->next) {
        if (t->enclosed || (t->kind != EX_NAME && t->kind != EX_INDEX))
            vm_refuse(p->source, t->at, SYNTAX, "", "nothing can be assigned to this");
        if (t->kind == EX_INDEX && s->targets.count > 1)
            vm_refuse(p->source, t->at, "DIALECT-VALUES", "write one assignment after the other",
                      "fields are assigned one at a time");
    }
    s->kind = e->kind == EX_INDEX ? ST_SET : ST_ASSIGN;
}

static bool block_ends(int kind)
{
    return kind == TK_END || kind == TK_DONE || kind == TK_ELSE || kind == TK_ELSEIF || kind == TK_UNTIL;
}

static void return_statement(struct parser *p, struct vm_stmt *s)
{
    next(p);
    s->kind = ST_RETURN;
    if (!block_ends(p->token.kind) && p->token.kind != ';') expressions(p, &s->values);
    if (s->values.count > 1)
        vm_refuse(p->source, s->values.last->at, "DIALECT-VALUES", "return a table",
                  "a function gives one value");
    accept(p, ';');
    if (!block_ends(p->token.kind)) {
        char text[96];
        vm_refuse(p->source, p->token.at, SYNTAX,
                  "close what is open with \"end\" before it, or write do return ... end",
                  "\"return\" ends its block, and %s stands after it", shown(text, &p->token));
    }
}

static void statement(struct parser *p, struct vm_stmt *s)
{
    struct vm_place at = p->token.at;
    switch (p->token.kind) {
    case TK_LOCAL:
        next(p);
        local_statement(p, s);
        return;
    case TK_FUNCTION: function_statement(p, s); return;
    case TK_IF: if_statement(p, s); return;
    case TK_FOR: for_statement(p, s); return;
    case TK_WHILE:
        next(p);
        s->kind = ST_WHILE;
        list_add(&s->values, expression(p));
        loop_body(p, s, "\"while\"");
        return;
    case TK_REPEAT:
        next(p);
        s->kind = ST_REPEAT;
        p->loops++;
        block(p, &s->body);
        p->loops--;
        s->end = p->token.at;
        expect_close(p, TK_UNTIL, "\"until\"", "\"repeat\"", at);
        list_add(&s->values, expression(p));
        return;
    case TK_DO:
        next(p);
        s->kind = ST_DO;
        block(p, &s->body);
        expect_close(p, TK_DONE, "\"end\"", "\"do\"", at);
        return;
    case TK_BREAK:
        if (!p->loops) vm_refuse(p->source, at, SYNTAX, "", "\"break\" stands in no loop");
        next(p);
        s->kind = ST_BREAK;
        return;
    case TK_RETURN: return_statement(p, s); return;
    default: expression_statement(p, s); return;
    }
}

static void block(struct parser *p, struct vm_block *out)
{
    deeper(p);
    while (!block_ends(p->token.kind)) {
        if (accept(p, ';')) continue;
        struct vm_stmt *s = AVER_NEW(p->source->arena, struct vm_stmt);
        s->at = p->token.at;
        statement(p, s);
        if (out->last)
            out->last->next = s;
        else
            out->first = s;
        out->last = s;
    }
    p->nesting--;
}

struct vm_function *vm_parse(struct vm_source *s)
{
    struct parser p = {.source = s};
    struct vm_function *chunk = AVER_NEW(s->arena, struct vm_function);
    chunk->at = (struct vm_place){1, 1};
    p.function = chunk;
    vm_lexer_start(&p.lexer, s);
    next(&p);
    block(&p, &chunk->body);
    if (p.token.kind != TK_END) unexpected(&p, "the end of the file");
    return chunk;
}
