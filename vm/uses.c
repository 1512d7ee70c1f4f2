/* vm/uses.c - what a contract's source says of its host: methods, functions, fields of bound objects, and the texts it gives
 * them. For tools that check a contract against what it will meet. */
#include "vm/dialect.h"

#include <string.h>

struct uses {
    aver_vm_use_fn *fn;
    void *user;
    struct aver_arena *arena;
};

static void expression(void *user, struct vm_expr *e);
static void block(struct uses *u, const struct vm_block *b);

static struct aver_vm_said said(const struct vm_expr *e)
{
    const struct vm_expr *first = e->kind == EX_CONCAT ? e->args.first : e;
    struct aver_vm_said s = {.kind = AVER_SAID_OTHER, .line = first->at.line, .column = first->at.column};
    if (e->kind == EX_GLOBAL) {
        s.kind = AVER_SAID_OBJECT;
        s.text = e->text;
    }
    if (first->kind != EX_TEXT) return s;
    s.kind = first == e ? AVER_SAID_TEXT : AVER_SAID_BEGINNING;
    s.text = first->text;
    return s;
}

static void add_said(struct aver_vm_use *use, const struct vm_expr *e)
{
    if (use->argc < AVER_VM_ARGS_MAX) use->args[use->argc++] = said(e);
}

static struct aver_vm_use use_of(enum aver_vm_use_kind kind, aver_bytes name, struct vm_place at)
{
    return (struct aver_vm_use){.kind = kind, .name = name, .line = at.line, .column = at.column};
}

/* { rarc = { "N130" } }: each option that is a text or a list of texts. */
static void options(struct uses *u, const struct vm_expr *table)
{
    for (const struct vm_item *i = table->items; i; i = i->next) {
        if (!i->key || i->key->kind != EX_TEXT) continue;
        struct aver_vm_use use = use_of(AVER_USE_OPTION, i->key->text, i->key->at);
        if (i->value->kind == EX_TABLE) {
            for (const struct vm_item *k = i->value->items; k; k = k->next)
                if (!k->key) add_said(&use, k->value);
        } else {
            add_said(&use, i->value);
        }
        u->fn(u->user, &use);
    }
}

static void call(struct uses *u, const struct vm_expr *e)
{
    bool method = e->kind == EX_METHOD, library = !method && e->callee->kind == EX_LIBRARY,
         function = library || (!method && e->callee->kind == EX_GLOBAL);
    struct aver_vm_use use =
        use_of(method ? AVER_USE_METHOD : AVER_USE_FUNCTION, method ? e->method : e->callee->text, e->at);
    if (library) use.path = e->callee->library;
    for (const struct vm_expr *a = e->args.first; a; a = a->next) {
        add_said(&use, a);
        if (method && a->kind == EX_TABLE) options(u, a);
    }
    if (method || function) u->fn(u->user, &use);
    vm_parts(e, expression, u);
}

/* The fields of a bound object as far as the source names them: policy.plan.effective["end"]. */
static bool path_of(struct uses *u, const struct vm_expr *e, aver_bytes *object, const char **path)
{
    if (e->kind == EX_GLOBAL) {
        *object = e->text;
        *path = "";
        return true;
    }
    if (e->kind != EX_INDEX || e->key->kind != EX_TEXT || !path_of(u, e->of, object, path)) return false;
    *path = aver_arena_printf(u->arena, "%s%s%.*s", *path, **path ? "." : "", AVER_STR(e->key->text));
    return true;
}

static void index_of(struct uses *u, const struct vm_expr *e)
{
    aver_bytes object;
    const char *path;
    if (path_of(u, e, &object, &path)) {
        struct aver_vm_use use = use_of(AVER_USE_OBJECT, object, e->at);
        use.path = aver_bytes_str(path);
        u->fn(u->user, &use);
        return;
    }
    vm_parts(e, expression, u);
}

static void list(struct uses *u, const struct vm_exprs *es)
{
    for (struct vm_expr *e = es->first; e; e = e->next) expression(u, e);
}

static void expression(void *user, struct vm_expr *e)
{
    if (e->kind == EX_CALL || e->kind == EX_METHOD)
        call(user, e);
    else if (e->kind == EX_INDEX)
        index_of(user, e);
    else if (e->kind == EX_FUNCTION)
        block(user, &e->function->body);
    else
        vm_parts(e, expression, user);
}

static void block(struct uses *u, const struct vm_block *b)
{
    for (const struct vm_stmt *s = b->first; s; s = s->next) {
        list(u, &s->targets);
        list(u, &s->values);
        block(u, &s->body);
        for (const struct vm_clause *c = s->clauses; c; c = c->next) {
            if (c->condition) expression(u, c->condition);
            block(u, &c->body);
        }
    }
}

aver_err aver_vm_uses(const struct aver_vm_setup *setup, const char *name, aver_bytes source,
                      aver_vm_use_fn *fn, void *user, struct aver_why *why)
{
    struct aver_arena arena = {0};
    struct aver_buf printed = {0};
    struct vm_source s = {.name = name, .text = source, .arena = &arena, .setup = setup};
    struct vm_function *chunk;
    aver_err err = vm_dialect(&s, &chunk, &printed, why);
    aver_buf_free(&printed);
    if (err == AVER_OK) block(&(struct uses){fn, user, &arena}, &chunk->body);
    aver_arena_free(&arena);
    return err;
}
