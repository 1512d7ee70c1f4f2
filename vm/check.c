/* vm/check.c - what every name means, and the bounds of a function that Lua has too (so that Lua never is the one to
 * refuse, in words and at bounds that differ from version to version). */
#include "base/nearest.h"
#include "vm/dialect.h"

#include <stdio.h>
#include <string.h>

#define VM_CHECK_REGISTERS 5 /* of an operation that checks itself in place (print.c) */
#define VM_LOOP_REGISTERS  7 /* Lua's own, and those of a loop that is paid ahead */

struct scope {
    struct vm_function *function;
    struct scope *outer;
    uint32_t alive;  /* locals of the author's, in this function at this place */
    uint32_t hidden; /* registers that Lua's loops take */
    const struct vm_expr *constants[VM_CONSTANTS_MAX];
    uint32_t constants_count;
};

struct check {
    struct vm_source *source;
    struct vm_local **visible; /* innermost last */
    uint32_t visible_count, visible_cap;
    struct scope *scope;
    uint32_t functions; /* seen so far */
};

#define SHOWN(b) (int)((b).len < 60 ? (b).len : 60), (const char *)(b).ptr

static uint32_t expression(struct check *c, struct vm_expr *e);
static void block(struct check *c, struct vm_block *b);

/* ---- names ---- */

static void show(struct check *c, struct vm_local *l)
{
    struct scope *s = c->scope;
    if (++s->alive > VM_LOCALS_MAX)
        vm_refuse(c->source, l->at, "DIALECT-LIMIT", "move a part into a function of its own",
                  "more than %d locals at once in one function", VM_LOCALS_MAX);
    if (c->visible_count == c->visible_cap) {
        uint32_t cap = c->visible_cap ? c->visible_cap * 2 : 64;
        struct vm_local **wider = AVER_NEW_ARRAY(c->source->arena, struct vm_local *, cap);
        if (c->visible_count) memcpy(wider, c->visible, c->visible_count * sizeof *wider);
        c->visible = wider;
        c->visible_cap = cap;
    }
    c->visible[c->visible_count++] = l;
}

static void show_all(struct check *c, const struct vm_locals *list)
{
    for (struct vm_local *l = list->first; l; l = l->next) show(c, l);
}

static struct vm_local *find(const struct check *c, aver_bytes name)
{
    for (uint32_t i = c->visible_count; i-- > 0;)
        if (aver_bytes_eq(c->visible[i]->name, name)) return c->visible[i];
    return NULL;
}

/* Notes that the functions from here out to the owner of `l` hold it. */
static void capture(struct check *c, struct vm_local *l, struct vm_place at)
{
    for (struct vm_function *f = c->scope->function; f != l->owner; f = f->parent) {
        bool held = false;
        for (uint32_t i = 0; i < f->upvalues_count; i++) held = held || f->upvalues[i] == l;
        if (held) continue;
        if (f->upvalues_count == VM_UPVALUES_MAX)
            vm_refuse(c->source, at, "DIALECT-LIMIT", "put some of them into a table",
                      "a function uses more than %d locals of the functions around it", VM_UPVALUES_MAX);
        if (f->upvalues_count == f->upvalues_cap) {
            uint32_t cap = f->upvalues_cap ? f->upvalues_cap * 2 : 8;
            struct vm_local **wider = AVER_NEW_ARRAY(c->source->arena, struct vm_local *, cap);
            if (f->upvalues_count) memcpy(wider, f->upvalues, f->upvalues_count * sizeof *wider);
            f->upvalues = wider;
            f->upvalues_cap = cap;
        }
        f->upvalues[f->upvalues_count++] = l;
    }
}

AVER_NORETURN static void undeclared(struct check *c, struct vm_place at, aver_bytes name)
{
    static const struct {
        const char *name, *instead;
    } known[] = {{"pairs", "write sorted_pairs(table)"},
                 {"ipairs", "write each(list)"},
                 {"next", "write sorted_pairs(table)"},
                 {"tostring", "write text(value)"},
                 {"tonumber", "the host gives numbers as numbers"},
                 {"string", "the functions for texts are in str"},
                 {"table", "write t[#t + 1] = value, and sort(list); there is no library for tables"},
                 {"error", "write fail(\"why\")"},
                 {"assert", "write if not ... then fail(\"why\") end"},
                 {"type", "a contract knows what its values are"},
                 {"select", "functions take a fixed number of arguments"},
                 {"print", "a contract prints nothing: see aver contract trace"},
                 {"os", "the day is claim.received"},
                 {"pcall", "what goes wrong ends the execution; ask before: if ... then fail(\"why\") end"},
                 {"xpcall", "what goes wrong ends the execution; ask before: if ... then fail(\"why\") end"},
                 {"setmetatable", "tables have no metatables: write a function"},
                 {"getmetatable", "tables have no metatables: write a function"},
                 {"rawget", "write t[key]"},
                 {"rawset", "write t[key] = value"},
                 {"rawlen", "write #t"},
                 {"rawequal", "write a == b"},
                 {"unpack", "a function gives one value: give the table"},
                 {"require", "a contract is one file"},
                 {"dofile", "a contract is one file"},
                 {"load", "a contract runs no text"},
                 {"loadstring", "a contract runs no text"},
                 {"coroutine", "write a loop"},
                 {"debug", "a contract does not see itself: see aver contract trace"},
                 {"io", "a contract sees what the claim, the policy and the ledger say"},
                 {"utf8", "the functions for texts are in str"},
                 {"collectgarbage", "memory is taken care of"},
                 {"_G", "names are locals, or what the host binds"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (aver_bytes_is(name, known[i].name))
            vm_refuse(c->source, at, "DIALECT-NAME", known[i].instead,
                      "\"%s\" of Lua is not part of the dialect", known[i].name);
    char instead[192];
    struct aver_nearest near = {.wanted = name};
    /* Every name of one or two letters is near to every other. */
    for (uint32_t i = name.len > 2 ? c->visible_count : 0; i-- > 0;)
        aver_nearest_offer(&near, c->visible[i]->name);
    if (near.best.ptr)
        snprintf(instead, sizeof instead, "did you mean \"%.*s\"?", SHOWN(near.best));
    else
        snprintf(instead, sizeof instead, "write \"local %.*s\" before its first use", SHOWN(name));
    vm_refuse(c->source, at, "DIALECT-NAME", instead, "\"%.*s\" is not declared", SHOWN(name));
}

static bool is_iterator(aver_bytes name)
{
    return aver_bytes_is(name, "each") || aver_bytes_is(name, "sorted_pairs");
}

static void resolve(struct check *c, struct vm_expr *e)
{
    aver_bytes name = e->text;
    struct vm_local *l = find(c, name);
    if (l) {
        capture(c, l, e->at);
        e->kind = EX_LOCAL;
        e->local = l;
        return;
    }
    switch (vm_binding_of(c->source->setup, name)) {
    case VM_UNBOUND: undeclared(c, e->at, name);
    case VM_LIBRARY:
        vm_refuse(c->source, e->at, "DIALECT-NAME", "name one of its functions, as in money.bps",
                  "\"%.*s\" is a library and no value", SHOWN(name));
    case VM_OBJECT:
        if (!c->scope->outer)
            vm_refuse(c->source, e->at, "DIALECT-NAME", "read it inside the function",
                      "\"%.*s\" exists only while an entry point runs", SHOWN(name));
        break;
    case VM_FUNCTION:
        if (is_iterator(name))
            vm_refuse(c->source, e->at, "DIALECT-ITERATOR", "write for item in each(list) do",
                      "\"%.*s\" stands only after the \"in\" of a \"for\"", SHOWN(name));
        break;
    }
    e->kind = EX_GLOBAL;
}

/* "money.bps": the index of a library's name. */
static bool is_library(const struct check *c, const struct vm_expr *e)
{
    return e->kind == EX_INDEX && e->of->kind == EX_NAME && !find(c, e->of->text) &&
           vm_binding_of(c->source->setup, e->of->text) == VM_LIBRARY;
}

static void resolve_library(struct check *c, struct vm_expr *e)
{
    aver_bytes library = e->of->text;
    if (e->key->kind != EX_TEXT)
        vm_refuse(c->source, e->key->at, "DIALECT-NAME", "name one of its functions, as in money.bps",
                  "\"%.*s\" is a library and no table", SHOWN(library));
    aver_bytes function = e->key->text;
    if (!vm_library_has(c->source->setup, library, function))
        vm_refuse(c->source, e->key->at, "DIALECT-NAME", "vm/README.md and api.meta.lua list them",
                  "%.*s has no function \"%.*s\"", SHOWN(library), SHOWN(function));
    e->kind = EX_LIBRARY;
    e->text = function;
    e->library = library;
}

/* ---- bounds ---- */

static void constant(struct check *c, const struct vm_expr *e)
{
    struct scope *s = c->scope;
    for (uint32_t i = 0; i < s->constants_count; i++) {
        const struct vm_expr *k = s->constants[i];
        if (k->kind == EX_INTEGER ? e->kind == EX_INTEGER && k->integer == e->integer
                                  : e->kind != EX_INTEGER && aver_bytes_eq(k->text, e->text))
            return;
    }
    if (s->constants_count == VM_CONSTANTS_MAX)
        vm_refuse(c->source, e->at, "DIALECT-LIMIT", "move a part into a function of its own",
                  "more than %d different numbers, texts and field names in one function", VM_CONSTANTS_MAX);
    s->constants[s->constants_count++] = e;
}

static void named_constant(struct check *c, aver_bytes name, struct vm_place at)
{
    struct vm_expr *e = AVER_NEW(c->source->arena, struct vm_expr);
    *e = (struct vm_expr){.kind = EX_TEXT, .at = at, .text = name};
    constant(c, e);
}

/* `registers`: of unfinished values, above the locals. */
static void fits(struct check *c, uint32_t registers, struct vm_place at)
{
    if (c->scope->alive + c->scope->hidden + registers > VM_REGISTERS_MAX)
        vm_refuse(c->source, at, "DIALECT-LIMIT",
                  "name a part of it with \"local\", or move a part into a function",
                  "too many unfinished values at once");
}

static uint32_t most(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* ---- expressions: each returns how many registers it takes at most ---- */

static uint32_t function(struct check *c, struct vm_function *f)
{
    struct scope s = {.function = f, .outer = c->scope};
    uint32_t visible = c->visible_count;
    c->functions++;
    c->scope = &s;
    show_all(c, &f->params);
    block(c, &f->body);
    c->scope = s.outer;
    c->visible_count = visible;
    return 1;
}

static uint32_t list(struct check *c, const struct vm_exprs *es, uint32_t before)
{
    uint32_t most_seen = before + es->count, i = 0;
    for (struct vm_expr *e = es->first; e; e = e->next, i++)
        most_seen = most(most_seen, before + i + expression(c, e));
    return most_seen;
}

static uint32_t call(struct check *c, struct vm_expr *e)
{
    uint32_t functions = c->functions;
    uint32_t registers = expression(c, e->callee);
    /* Versions of Lua differ in the line they give such a call. */
    if (c->functions != functions)
        vm_refuse(c->source, e->at, "DIALECT-CALL", "name it with \"local\" first",
                  "what is called must not hold a whole function");
    if (e->kind == EX_METHOD) {
        named_constant(c, e->method, e->at);
        *(aver_bytes *)aver_list_add(c->source->arena, &c->source->methods, sizeof(aver_bytes)) = e->method;
    }
    /* What calls a method lies below its object. */
    return most(e->kind == EX_METHOD ? registers + 1 : registers, list(c, &e->args, 3));
}

static uint32_t index_of(struct check *c, struct vm_expr *e)
{
    const struct vm_expr *k = e->key;
    if (is_library(c, e)) {
        resolve_library(c, e);
        named_constant(c, e->text, e->at);
        named_constant(c, e->library, e->at);
        return 2;
    }
    /* Lua up to 5.4.7 makes wrong code of t[a < b] where t is an upvalue. */
    if (k->kind == EX_NOT || (k->kind == EX_BINARY && k->op >= OP_EQ))
        vm_refuse(c->source, k->at, "DIALECT-INDEX", "keys are integers and texts", "a comparison is no key");
    if (k->kind == EX_TEXT)
        *(aver_bytes *)aver_list_add(c->source->arena, &c->source->fields, sizeof(aver_bytes)) = k->text;
    uint32_t registers = expression(c, e->of);
    return most(registers, 1 + expression(c, e->key));
}

static uint32_t binary(struct check *c, struct vm_expr *e)
{
    const struct vm_expr *text = e->a->kind == EX_TEXT ? e->a : e->b->kind == EX_TEXT ? e->b : NULL;
    if (text && e->kind == EX_BINARY && e->op >= OP_LT)
        vm_refuse(c->source, text->at, "DIALECT-OPERATOR", "write str.compare(a, b) < 0",
                  "the operators < <= > >= compare integers, not texts");
    uint32_t registers = 1 + expression(c, e->a);
    registers = most(registers, 2 + expression(c, e->b));
    return e->kind == EX_BINARY ? most(registers, VM_CHECK_REGISTERS) : registers;
}

static uint32_t table(struct check *c, const struct vm_expr *e)
{
    uint32_t registers = 1, listed = 0;
    for (struct vm_item *i = e->items; i; i = i->next) {
        if (i->key) {
            registers = most(registers, 1 + listed % 50 + 1 + expression(c, i->key));
            registers = most(registers, 1 + listed % 50 + 2 + expression(c, i->value));
        } else {
            registers = most(registers, 1 + listed % 50 + expression(c, i->value));
            listed++;
        }
    }
    return most(registers, 1 + (listed < 50 ? listed : 50));
}

static uint32_t expression(struct check *c, struct vm_expr *e)
{
    switch (e->kind) {
    case EX_NIL:
    case EX_TRUE:
    case EX_FALSE: return 1;
    case EX_INTEGER:
    case EX_TEXT: constant(c, e); return 1;
    case EX_NAME:
        resolve(c, e);
        if (e->kind == EX_GLOBAL) constant(c, e);
        return 1;
    case EX_INDEX: return index_of(c, e);
    case EX_CALL:
    case EX_METHOD: return call(c, e);
    case EX_FUNCTION: return function(c, e->function);
    case EX_TABLE: return table(c, e);
    case EX_BINARY:
    case EX_AND:
    case EX_OR: return binary(c, e);
    case EX_NOT: return expression(c, e->a);
    case EX_NEGATE: return most(VM_CHECK_REGISTERS, 2 + expression(c, e->a));
    case EX_LENGTH: return 1 + expression(c, e->a);
    case EX_CONCAT: return list(c, &e->args, 1);
    case EX_LOCAL:
    case EX_GLOBAL:
    case EX_LIBRARY: break;
    }
    AVER_UNREACHABLE(); /* resolved already: no expression stands in two places */
}

/* ---- statements ---- */

static void target(struct check *c, struct vm_expr *e)
{
    aver_bytes name = e->text;
    struct vm_local *l = find(c, name);
    if (!l && vm_binding_of(c->source->setup, name) != VM_UNBOUND)
        vm_refuse(c->source, e->at, "DIALECT-GLOBAL", "choose another name, with \"local\"",
                  "\"%.*s\" is the host's and read only", SHOWN(name));
    if (!l)
        vm_refuse(c->source, e->at, "DIALECT-GLOBAL", "write \"local\" before it",
                  "a write to the global \"%.*s\"", SHOWN(name));
    if (l->is_const) vm_refuse(c->source, e->at, "DIALECT-CONST", "", "\"%.*s\" is constant", SHOWN(name));
    resolve(c, e);
}

static void set(struct check *c, struct vm_stmt *s)
{
    struct vm_expr *t = s->targets.first;
    if (is_library(c, t))
        vm_refuse(c->source, t->at, "DIALECT-GLOBAL", "", "the library \"%.*s\" is read only",
                  SHOWN(t->of->text));
    uint32_t registers = 1 + expression(c, t->of);
    registers = most(registers, 2 + expression(c, t->key));
    fits(c, most(registers, 3 + expression(c, s->values.first)), s->at);
}

static void each(struct check *c, struct vm_stmt *s)
{
    struct vm_expr *e = s->values.first;
    bool good = e->kind == EX_CALL && e->callee->kind == EX_NAME && is_iterator(e->callee->text) &&
                !find(c, e->callee->text) && e->args.count == 1;
    if (!good)
        vm_refuse(c->source, e->at, "DIALECT-ITERATOR", "write each(list) or sorted_pairs(table)",
                  "\"for ... in\" takes one of the two iterators");
    e->callee->kind = EX_GLOBAL;
    constant(c, e->callee);
    fits(c, list(c, &e->args, 3), s->at);
}

static void clauses(struct check *c, struct vm_stmt *s)
{
    for (struct vm_clause *k = s->clauses; k; k = k->next) {
        if (k->condition) fits(c, expression(c, k->condition), k->at);
        block(c, &k->body);
    }
}

/* A loop's own names are seen in its body only. */
static void loop(struct check *c, struct vm_stmt *s)
{
    uint32_t visible = c->visible_count, alive = c->scope->alive;
    c->scope->hidden += VM_LOOP_REGISTERS;
    show_all(c, &s->locals);
    block(c, &s->body);
    c->scope->hidden -= VM_LOOP_REGISTERS;
    c->visible_count = visible;
    c->scope->alive = alive;
}

static void statement(struct check *c, struct vm_stmt *s)
{
    switch (s->kind) {
    case ST_LOCAL:
        fits(c, list(c, &s->values, 0), s->at);
        show_all(c, &s->locals);
        return;
    case ST_LOCAL_FUNCTION:
        show_all(c, &s->locals);
        fits(c, list(c, &s->values, 0), s->at);
        return;
    case ST_ASSIGN:
        fits(c, list(c, &s->values, 0), s->at);
        for (struct vm_expr *t = s->targets.first; t; t = t->next) target(c, t);
        return;
    case ST_SET: set(c, s); return;
    case ST_CALL:
    case ST_RETURN: fits(c, list(c, &s->values, 0), s->at); return;
    case ST_DO: block(c, &s->body); return;
    case ST_WHILE:
        fits(c, list(c, &s->values, 0), s->at);
        block(c, &s->body);
        return;
    case ST_REPEAT: {
        /* The condition sees the names of the body. */
        uint32_t visible = c->visible_count, alive = c->scope->alive;
        for (struct vm_stmt *inner = s->body.first; inner; inner = inner->next) statement(c, inner);
        fits(c, list(c, &s->values, 0), s->end);
        c->visible_count = visible;
        c->scope->alive = alive;
        return;
    }
    case ST_IF: clauses(c, s); return;
    case ST_FOR:
        fits(c, list(c, &s->values, 0), s->at);
        loop(c, s);
        return;
    case ST_EACH:
        each(c, s);
        loop(c, s);
        return;
    case ST_BREAK: return;
    }
    AVER_UNREACHABLE();
}

static void block(struct check *c, struct vm_block *b)
{
    uint32_t visible = c->visible_count, alive = c->scope->alive;
    for (struct vm_stmt *s = b->first; s; s = s->next) statement(c, s);
    c->visible_count = visible;
    c->scope->alive = alive;
}

void vm_check(struct vm_source *s, struct vm_function *chunk)
{
    struct check c = {.source = s};
    function(&c, chunk);
}
