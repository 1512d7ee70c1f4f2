/* tests/fuzz/evaluator.h - a second implementation of the dialect: walks the checked tree, knows no Lua, keeps its own tables
 * and counts gas by the charges on the tree and by vm/gas.h. What it says of a contract must be what vm/ says.
 *
 * Of the library it knows len, text, fail, sort, put, math.min, math.max, money.add and str.compare, and no objects. */
#ifndef AVER_TESTS_EVALUATOR_H
#define AVER_TESTS_EVALUATOR_H

#include "base/money.h"
#include "tests/unit/vm_host.h"
#include "vm/dialect.h"
#include "vm/gas.h"

__extension__ typedef __int128 ev_wide;

enum ev_kind { EV_NIL, EV_BOOL, EV_INT, EV_TEXT, EV_TABLE, EV_FUNCTION, EV_NATIVE };

struct ev_native {
    const char *library, *name; /* library NULL: a global */
    uint64_t gas;
};
static const struct ev_native ev_natives[] = {
    {NULL, "len", 5},   {NULL, "text", 10},  {NULL, "fail", 1},     {NULL, "put", 3},   {"math", "min", 6},
    {"math", "max", 6}, {"money", "add", 6}, {"str", "compare", 8}, {NULL, "sort", 40},
};
enum { EV_LEN, EV_TEXT_OF, EV_FAIL, EV_PUT, EV_MIN, EV_MAX, EV_ADD, EV_COMPARE, EV_SORT, EV_NATIVES };

struct ev_value {
    enum ev_kind kind;
    union {
        bool boolean;
        int64_t integer;
        aver_bytes text;
        struct ev_table *table;
        struct ev_function *function;
        int native;
    };
};

struct ev_entry {
    struct ev_value key, value;
};
struct ev_table {
    struct aver_list entries; /* in no order; none is nil */
    bool known;
    uint64_t list, texts, outside, peak, removed;
};
struct ev_box {
    struct ev_value value;
};
struct ev_function {
    struct vm_function *tree;
    struct ev_box **upvalues;
};
struct ev_frame {
    struct ev_function *function;
    struct ev_box **locals;
    int64_t depth;
    struct ev_value result;
};

struct evaluator {
    struct aver_arena arena;
    jmp_buf leave;
    enum aver_trap trap;
    uint64_t gas;
    bool loading; /* the host's names do not exist then */
    struct vm_host host;
};

/* ---- ends and charges ---- */

AVER_NORETURN static inline void ev_trap(struct evaluator *ev, enum aver_trap trap)
{
    ev->trap = trap;
    longjmp(ev->leave, 1);
}

static inline void ev_charge(struct evaluator *ev, uint64_t gas)
{
    if (gas > ev->gas) {
        ev->gas = 0;
        ev_trap(ev, AVER_TRAP_GAS);
    }
    ev->gas -= gas;
}

static inline struct ev_value ev_nil(void) { return (struct ev_value){.kind = EV_NIL}; }
static inline struct ev_value ev_int(int64_t v) { return (struct ev_value){.kind = EV_INT, .integer = v}; }
static inline struct ev_value ev_bool(bool v) { return (struct ev_value){.kind = EV_BOOL, .boolean = v}; }
static inline bool ev_true(struct ev_value v) { return v.kind != EV_NIL && (v.kind != EV_BOOL || v.boolean); }

static inline struct ev_value ev_new_text(struct evaluator *ev, aver_bytes text)
{
    ev_charge(ev, GAS_STRING + text.len / GAS_STRING_BYTES);
    return (struct ev_value){.kind = EV_TEXT, .text = aver_arena_copy(&ev->arena, text)};
}

static inline bool ev_equal(struct ev_value a, struct ev_value b)
{
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case EV_NIL: return true;
    case EV_BOOL: return a.boolean == b.boolean;
    case EV_INT: return a.integer == b.integer;
    case EV_TEXT: return aver_bytes_eq(a.text, b.text);
    case EV_TABLE: return a.table == b.table;
    case EV_FUNCTION: return a.function == b.function;
    case EV_NATIVE: return a.native == b.native;
    }
    AVER_UNREACHABLE();
}

/* ---- tables ---- */

static inline struct ev_entry *ev_find(const struct ev_table *t, struct ev_value key)
{
    struct ev_entry *e = t->entries.items;
    for (size_t i = 0; i < t->entries.count; i++)
        if (ev_equal(e[i].key, key)) return &e[i];
    return NULL;
}

static inline void ev_put(struct evaluator *ev, struct ev_table *t, struct ev_value key,
                          struct ev_value value)
{
    struct ev_entry *e = ev_find(t, key);
    if (value.kind == EV_NIL) {
        if (e) *e = ((struct ev_entry *)t->entries.items)[--t->entries.count];
        return;
    }
    if (!e) e = aver_list_add(&ev->arena, &t->entries, sizeof *e);
    *e = (struct ev_entry){key, value};
}

static inline void ev_know(struct evaluator *ev, struct ev_table *t)
{
    if (t->known) return;
    ev_charge(ev, GAS_KNOWN);
    ev_charge(ev, (uint64_t)GAS_COUNTED * t->entries.count);
    t->known = true;
    const struct ev_entry *e = t->entries.items;
    for (size_t i = 0; i < t->entries.count; i++) t->texts += e[i].key.kind == EV_TEXT;
    while (ev_find(t, ev_int((int64_t)t->list + 1))) t->list++;
    t->outside = t->entries.count - t->texts - t->list;
    t->peak = t->entries.count;
}

static inline void ev_outside(struct evaluator *ev, struct ev_table *t)
{
    if (++t->outside > AVER_VM_OUTSIDE_MAX) ev_trap(ev, AVER_TRAP_RANGE);
}

static inline void ev_set(struct evaluator *ev, struct ev_value of, struct ev_value key,
                          struct ev_value value)
{
    if (of.kind != EV_TABLE) ev_trap(ev, AVER_TRAP_ERROR);
    struct ev_table *t = of.table;
    ev_know(ev, t);
    if (key.kind != EV_INT && key.kind != EV_TEXT) ev_trap(ev, AVER_TRAP_ERROR);
    if (key.kind == EV_TEXT && key.text.len > AVER_VM_KEY_BYTES_MAX) ev_trap(ev, AVER_TRAP_RANGE);
    bool had = ev_find(t, key) != NULL, has = value.kind != EV_NIL;
    uint64_t held = t->entries.count;
    if (!had && has) {
        bool next = key.kind == EV_INT && key.integer == (int64_t)t->list + 1;
        if (key.kind == EV_INT && !next) ev_outside(ev, t);
        if (key.kind == EV_TEXT && t->texts == AVER_VM_TABLE_KEYS_MAX) ev_trap(ev, AVER_TRAP_RANGE);
        ev_charge(ev, GAS_NEW_KEY);
        if (t->removed) {
            ev_charge(ev, GAS_REMADE * t->peak);
            t->removed--;
        }
        if (held + 1 > t->peak) t->peak = held + 1;
        t->texts += key.kind == EV_TEXT;
        t->list += next;
    } else if (had && !has && key.kind == EV_TEXT) {
        t->texts--;
        t->removed++;
    } else if (had && !has) {
        if (key.integer < 1 || key.integer != (int64_t)t->list) {
            ev_outside(ev, t);
            t->removed++;
        }
        if (key.integer >= 1 && key.integer <= (int64_t)t->list) t->list = (uint64_t)key.integer - 1;
    }
    ev_put(ev, t, key, value);
    if (key.kind == EV_INT)
        while (t->entries.count > t->list + t->texts && ev_find(t, ev_int((int64_t)t->list + 1))) {
            ev_charge(ev, GAS_COUNTED);
            t->list++;
        }
}

static inline struct ev_value ev_index(struct evaluator *ev, struct ev_value of, struct ev_value key)
{
    if (of.kind != EV_TABLE) ev_trap(ev, AVER_TRAP_ERROR);
    const struct ev_entry *e = ev_find(of.table, key);
    return e ? e->value : ev_nil();
}

static inline int64_t ev_length(struct evaluator *ev, struct ev_value v)
{
    if (v.kind == EV_TEXT) return (int64_t)v.text.len;
    if (v.kind != EV_TABLE) ev_trap(ev, AVER_TRAP_ERROR);
    ev_know(ev, v.table);
    return (int64_t)v.table->list;
}

/* ---- what is called ---- */

static inline int64_t ev_arg_int(struct evaluator *ev, struct ev_value v)
{
    if (v.kind != EV_INT) ev_trap(ev, AVER_TRAP_ARGUMENT);
    return v.integer;
}
static inline aver_bytes ev_arg_text(struct evaluator *ev, struct ev_value v)
{
    if (v.kind != EV_TEXT) ev_trap(ev, AVER_TRAP_ARGUMENT);
    return v.text;
}
static inline int64_t ev_arg_cents(struct evaluator *ev, struct ev_value v)
{
    aver_delta d;
    if (aver_delta_of(&d, ev_arg_int(ev, v)) != AVER_OK) ev_trap(ev, AVER_TRAP_RANGE);
    return d.cents;
}

static inline void ev_log(struct evaluator *ev, struct ev_value v)
{
    char number[32];
    switch (v.kind) {
    case EV_NIL: vm_host_write(&ev->host, "nil ", 4); return;
    case EV_BOOL: vm_host_write(&ev->host, v.boolean ? "true " : "false ", v.boolean ? 5 : 6); return;
    case EV_INT:
        vm_host_write(&ev->host, number, (size_t)snprintf(number, sizeof number, "%" PRId64 " ", v.integer));
        return;
    case EV_TEXT:
        vm_host_write(&ev->host, (const char *)v.text.ptr, v.text.len);
        vm_host_write(&ev->host, " ", 1);
        return;
    case EV_TABLE: vm_host_write(&ev->host, "table ", 6); return;
    case EV_FUNCTION:
    case EV_NATIVE: break;
    }
    AVER_UNREACHABLE();
}

static inline int ev_key_order(struct ev_value a, struct ev_value b)
{
    if (a.kind != b.kind) return a.kind == EV_INT ? -1 : 1;
    if (a.kind == EV_INT) return (a.integer > b.integer) - (a.integer < b.integer);
    return aver_bytes_cmp(a.text, b.text);
}

/* By insertion, which is stable. */
static inline struct ev_value ev_sort(struct evaluator *ev, const struct ev_value *args, int argc)
{
    for (int i = 0; i < argc; i++)
        if (args[i].kind != EV_TABLE) ev_trap(ev, AVER_TRAP_ARGUMENT);
    uint64_t n = (uint64_t)ev_length(ev, args[0]), log = 1, bytes = 0;
    if (argc > 1 && (uint64_t)ev_length(ev, args[1]) != n) ev_trap(ev, AVER_TRAP_ARGUMENT);
    while (n >> log) log++;
    ev_charge(ev, n * (GAS_SORTED + log));
    struct ev_value *keys = AVER_NEW_ARRAY(&ev->arena, struct ev_value, n + 1);
    struct ev_value *items = AVER_NEW_ARRAY(&ev->arena, struct ev_value, n + 1);
    for (uint64_t i = 0; i < n; i++) {
        struct ev_value at = ev_int((int64_t)i + 1), key = ev_find(args[argc - 1].table, at)->value;
        if ((key.kind != EV_INT && key.kind != EV_TEXT) || (i > 0 && key.kind != keys[0].kind))
            ev_trap(ev, AVER_TRAP_ARGUMENT);
        if (key.kind == EV_TEXT) bytes += key.text.len;
        uint64_t k = i;
        for (; k > 0 && ev_key_order(keys[k - 1], key) > 0; k--) {
            keys[k] = keys[k - 1];
            items[k] = items[k - 1];
        }
        keys[k] = key;
        items[k] = ev_find(args[0].table, at)->value;
    }
    ev_charge(ev, bytes * log / GAS_STRING_BYTES);
    struct ev_table *t = AVER_NEW(&ev->arena, struct ev_table);
    for (uint64_t i = 0; i < n; i++) ev_put(ev, t, ev_int((int64_t)i + 1), items[i]);
    return (struct ev_value){.kind = EV_TABLE, .table = t};
}

static inline struct ev_value ev_native(struct evaluator *ev, int native, const struct ev_value *args,
                                        int argc)
{
    static const int least[EV_NATIVES] = {1, 1, 0, 0, 1, 1, 2, 2, 1},
                     most[EV_NATIVES] = {1, 1, 1, 8, 8, 8, 2, 2, 2};
    if (ev->loading && native == EV_PUT) ev_trap(ev, AVER_TRAP_ERROR);
    ev_charge(ev, ev_natives[native].gas);
    for (int i = 0; i < argc; i++)
        if (args[i].kind == EV_FUNCTION || args[i].kind == EV_NATIVE) ev_trap(ev, AVER_TRAP_ARGUMENT);
    if (argc < least[native] || argc > most[native]) ev_trap(ev, AVER_TRAP_ARGUMENT);
    char number[32];
    switch (native) {
    case EV_LEN:
        if (args[0].kind != EV_TEXT && args[0].kind != EV_TABLE) ev_trap(ev, AVER_TRAP_ARGUMENT);
        return ev_int(ev_length(ev, args[0]));
    case EV_TEXT_OF:
        switch (args[0].kind) {
        case EV_NIL: return ev_new_text(ev, AVER_LIT("nil"));
        case EV_BOOL: return ev_new_text(ev, args[0].boolean ? AVER_LIT("true") : AVER_LIT("false"));
        case EV_TEXT: return ev_new_text(ev, args[0].text);
        case EV_INT:
            snprintf(number, sizeof number, "%" PRId64, args[0].integer);
            return ev_new_text(ev, aver_bytes_str(number));
        case EV_TABLE:
        case EV_FUNCTION:
        case EV_NATIVE: ev_trap(ev, AVER_TRAP_ARGUMENT);
        }
        break;
    case EV_FAIL:
        if (argc) ev_arg_text(ev, args[0]);
        ev_trap(ev, AVER_TRAP_FAIL);
    case EV_PUT:
        for (int i = 0; i < argc; i++) ev_log(ev, args[i]);
        return ev_nil();
    case EV_MIN:
    case EV_MAX: {
        int64_t best = ev_arg_int(ev, args[0]);
        for (int i = 1; i < argc; i++) {
            int64_t v = ev_arg_int(ev, args[i]);
            if (native == EV_MAX ? v > best : v < best) best = v;
        }
        return ev_int(best);
    }
    case EV_ADD: {
        int64_t a = ev_arg_cents(ev, args[0]), b = ev_arg_cents(ev, args[1]);
        aver_delta d;
        if (aver_delta_of(&d, a + b) != AVER_OK) ev_trap(ev, AVER_TRAP_RANGE);
        return ev_int(d.cents);
    }
    case EV_COMPARE: {
        aver_bytes a = ev_arg_text(ev, args[0]);
        ev_charge(ev, a.len / GAS_TEXT_BYTES);
        aver_bytes b = ev_arg_text(ev, args[1]);
        ev_charge(ev, b.len / GAS_TEXT_BYTES);
        int order = aver_bytes_cmp(a, b);
        return ev_int((order > 0) - (order < 0));
    }
    case EV_SORT: return ev_sort(ev, args, argc);
    default: break;
    }
    AVER_UNREACHABLE();
}

enum ev_way { EV_ON, EV_BREAK, EV_RETURN };
static enum ev_way ev_block(struct evaluator *ev, struct ev_frame *f, const struct vm_block *b);
static struct ev_value ev_expr(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e);

static inline void ev_declare(struct evaluator *ev, struct ev_frame *f, const struct vm_local *l,
                              struct ev_value v)
{
    f->locals[l->index] = AVER_NEW(&ev->arena, struct ev_box);
    f->locals[l->index]->value = v;
}

static inline struct ev_box *ev_box_of(const struct ev_frame *f, const struct vm_local *l)
{
    const struct vm_function *tree = f->function->tree;
    if (l->owner == tree) return f->locals[l->index];
    for (uint32_t i = 0; i < tree->upvalues_count; i++)
        if (tree->upvalues[i] == l) return f->function->upvalues[i];
    AVER_UNREACHABLE();
}

static inline struct ev_function *ev_close(struct evaluator *ev, const struct ev_frame *f,
                                           struct vm_function *tree)
{
    struct ev_function *c = AVER_NEW(&ev->arena, struct ev_function);
    c->tree = tree;
    c->upvalues = AVER_NEW_ARRAY(&ev->arena, struct ev_box *, tree->upvalues_count + 1);
    for (uint32_t i = 0; i < tree->upvalues_count; i++) c->upvalues[i] = ev_box_of(f, tree->upvalues[i]);
    return c;
}

static inline struct ev_value ev_enter(struct evaluator *ev, struct ev_function *c, int64_t depth,
                                       const struct ev_value *args, int argc)
{
    struct ev_frame f = {.function = c, .depth = depth};
    int i = 0;
    if (depth > AVER_VM_CALL_DEPTH_MAX) ev_trap(ev, AVER_TRAP_RANGE);
    f.locals = AVER_NEW_ARRAY(&ev->arena, struct ev_box *, c->tree->locals_count + 1);
    for (const struct vm_local *l = c->tree->params.first; l; l = l->next, i++)
        ev_declare(ev, &f, l, i < argc ? args[i] : ev_nil());
    ev_block(ev, &f, &c->tree->body);
    return f.result;
}

static inline struct ev_value ev_call(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e)
{
    struct ev_value callee = ev_expr(ev, f, e->callee), args[VM_ARGUMENTS_MAX];
    int argc = 0;
    for (const struct vm_expr *a = e->args.first; a; a = a->next) args[argc++] = ev_expr(ev, f, a);
    if (callee.kind == EV_NATIVE) return ev_native(ev, callee.native, args, argc);
    if (callee.kind != EV_FUNCTION || e->kind == EX_METHOD) ev_trap(ev, AVER_TRAP_ERROR);
    return ev_enter(ev, callee.function, f->depth + 1, args, argc);
}

/* ---- expressions ---- */

static inline int64_t ev_number(struct evaluator *ev, struct ev_value v)
{
    if (v.kind != EV_INT) ev_trap(ev, AVER_TRAP_ERROR);
    return v.integer;
}

static inline int64_t ev_fits(struct evaluator *ev, ev_wide v)
{
    if (v < INT64_MIN || v > INT64_MAX) ev_trap(ev, AVER_TRAP_RANGE);
    return (int64_t)v;
}

static inline int64_t ev_arithmetic(struct evaluator *ev, enum vm_operator op, int64_t a, int64_t b)
{
    if (op == OP_ADD) return ev_fits(ev, (ev_wide)a + b);
    if (op == OP_SUB) return ev_fits(ev, (ev_wide)a - b);
    if (op == OP_MUL) return ev_fits(ev, (ev_wide)a * b);
    if (b == 0) ev_trap(ev, AVER_TRAP_ERROR);
    ev_wide q = (ev_wide)a / b, r = (ev_wide)a % b;
    if (r != 0 && (r < 0) != (b < 0)) q--, r += b;
    return ev_fits(ev, op == OP_DIV ? q : r);
}

static inline struct ev_value ev_binary(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e)
{
    struct ev_value a = ev_expr(ev, f, e->a), b;
    bool checked = e->op >= OP_LT && !vm_is_integer(e->a) && !vm_is_integer(e->b);
    if (checked) ev_number(ev, a);
    b = ev_expr(ev, f, e->b);
    /* A local on the left is read when the operation is done, after the right side (as Lua does). */
    bool called = vm_divides(e) || (e->op <= OP_MUL && e->checked == VM_CHECK_CALL);
    if (!checked && !called && e->a->kind == EX_LOCAL && e->a->local->owner == f->function->tree)
        a = ev_expr(ev, f, e->a);
    if (e->op == OP_EQ) return ev_bool(ev_equal(a, b));
    if (e->op == OP_NE) return ev_bool(!ev_equal(a, b));
    int64_t x = ev_number(ev, a), y = ev_number(ev, b);
    if (e->op == OP_LT) return ev_bool(x < y);
    if (e->op == OP_LE) return ev_bool(x <= y);
    if (e->op == OP_GT) return ev_bool(x > y);
    if (e->op == OP_GE) return ev_bool(x >= y);
    return ev_int(ev_arithmetic(ev, e->op, x, y));
}

static inline struct ev_value ev_concat(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e)
{
    struct ev_value v[VM_OPERANDS_MAX];
    char number[32];
    uint32_t n = 0;
    for (const struct vm_expr *a = e->args.first; a; a = a->next) v[n++] = ev_expr(ev, f, a);
    uint8_t text[AVER_VM_STRING_MAX];
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        aver_bytes piece;
        if (v[i].kind == EV_INT) {
            ev_charge(ev, GAS_DIGITS);
            snprintf(number, sizeof number, "%" PRId64, v[i].integer);
            piece = aver_bytes_str(number);
        } else if (v[i].kind == EV_TEXT) {
            piece = v[i].text;
        } else {
            ev_trap(ev, AVER_TRAP_ERROR);
        }
        if (piece.len > sizeof text - len) ev_trap(ev, AVER_TRAP_RANGE);
        ev_charge(ev, GAS_OPERAND + piece.len / GAS_TEXT_BYTES);
        if (piece.len) memcpy(text + len, piece.ptr, piece.len);
        len += piece.len;
    }
    return ev_new_text(ev, aver_bytes_of(text, len));
}

static inline struct ev_value ev_table(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e)
{
    struct ev_table *t = AVER_NEW(&ev->arena, struct ev_table);
    struct ev_value *listed = AVER_NEW_ARRAY(&ev->arena, struct ev_value, e->items_listed + 1);
    uint32_t n = 0;
    for (const struct vm_item *i = e->items; i; i = i->next) {
        if (!i->key) {
            listed[n++] = ev_expr(ev, f, i->value);
            continue;
        }
        struct ev_value key = ev_expr(ev, f, i->key);
        if (i->key->kind != EX_TEXT && key.kind == EV_TEXT && key.text.len > AVER_VM_KEY_BYTES_MAX)
            ev_trap(ev, AVER_TRAP_RANGE);
        if (key.kind != EV_TEXT && key.kind != EV_INT) ev_trap(ev, AVER_TRAP_ERROR);
        ev_put(ev, t, key, ev_expr(ev, f, i->value));
    }
    for (uint32_t i = 0; i < n; i++) ev_put(ev, t, ev_int((int64_t)i + 1), listed[i]);
    return (struct ev_value){.kind = EV_TABLE, .table = t};
}

static inline struct ev_value ev_native_of(struct evaluator *ev, const struct vm_expr *e)
{
    for (int i = 0; i < EV_NATIVES; i++) {
        const struct ev_native *n = &ev_natives[i];
        bool library = e->kind == EX_LIBRARY;
        if (library ? n->library && aver_bytes_is(e->library, n->library) && aver_bytes_is(e->text, n->name)
                    : !n->library && aver_bytes_is(e->text, n->name))
            return (struct ev_value){.kind = EV_NATIVE, .native = i};
    }
    if (ev->loading) ev_trap(ev, AVER_TRAP_ERROR);
    return ev_int(77); /* policy */
}

static struct ev_value ev_expr(struct evaluator *ev, struct ev_frame *f, const struct vm_expr *e)
{
    struct ev_value v;
    switch (e->kind) {
    case EX_NIL: return ev_nil();
    case EX_TRUE: return ev_bool(true);
    case EX_FALSE: return ev_bool(false);
    case EX_INTEGER: return ev_int(e->integer);
    case EX_TEXT: return (struct ev_value){.kind = EV_TEXT, .text = e->text};
    case EX_LOCAL: return ev_box_of(f, e->local)->value;
    case EX_GLOBAL:
    case EX_LIBRARY: return ev_native_of(ev, e);
    case EX_INDEX: {
        struct ev_value of = ev_expr(ev, f, e->of), key = ev_expr(ev, f, e->key);
        /* A name before the bracket is read when the field is, as Lua does. */
        if (e->of->kind == EX_LOCAL) of = ev_expr(ev, f, e->of);
        return ev_index(ev, of, key);
    }
    case EX_CALL:
    case EX_METHOD: return ev_call(ev, f, e);
    case EX_FUNCTION: return (struct ev_value){.kind = EV_FUNCTION, .function = ev_close(ev, f, e->function)};
    case EX_TABLE: return ev_table(ev, f, e);
    case EX_BINARY: return ev_binary(ev, f, e);
    case EX_AND: return ev_true(v = ev_expr(ev, f, e->a)) ? ev_expr(ev, f, e->b) : v;
    case EX_OR: return ev_true(v = ev_expr(ev, f, e->a)) ? v : ev_expr(ev, f, e->b);
    case EX_NOT: return ev_bool(!ev_true(ev_expr(ev, f, e->a)));
    case EX_NEGATE: return ev_int(ev_fits(ev, -(ev_wide)ev_number(ev, ev_expr(ev, f, e->a))));
    case EX_LENGTH: return ev_int(ev_length(ev, ev_expr(ev, f, e->a)));
    case EX_CONCAT: return ev_concat(ev, f, e);
    case EX_NAME: break;
    }
    AVER_UNREACHABLE();
}

/* ---- statements ---- */

static inline enum ev_way ev_for(struct evaluator *ev, struct ev_frame *f, const struct vm_stmt *s)
{
    const struct vm_expr *e = s->values.first;
    int64_t from = ev_number(ev, ev_expr(ev, f, e)), to = ev_number(ev, ev_expr(ev, f, e->next)), step = 1;
    if (e->next->next) step = ev_number(ev, ev_expr(ev, f, e->next->next));
    ev_wide turns = step == 0 ? 0 : ((ev_wide)to - from) / step + 1;
    if (step == 0 || (step > 0 ? from > to : from < to)) turns = 0;
    if (s->turn && turns > 0) {
        ev_wide gas = turns > ((ev_wide)1 << 70) ? UINT64_MAX : turns * s->turn;
        ev_charge(ev, gas > UINT64_MAX ? UINT64_MAX : (uint64_t)gas);
    }
    if (step == 0) ev_trap(ev, AVER_TRAP_ERROR);
    for (ev_wide i = 0; i < turns; i++) {
        ev_declare(ev, f, s->locals.first, ev_int((int64_t)(from + i * step)));
        enum ev_way way = ev_block(ev, f, &s->body);
        if (way == EV_BREAK) break;
        if (way == EV_RETURN) return way;
    }
    return EV_ON;
}

/* The keys of sorted_pairs; n keys, by insertion. */
static inline struct ev_value *ev_sorted(struct evaluator *ev, struct ev_table *t, size_t *n)
{
    ev_know(ev, t);
    uint64_t log = 1, bytes = 0;
    *n = t->entries.count;
    while (*n >> log) log++;
    ev_charge(ev, t->peak + *n * (GAS_SORTED + log));
    struct ev_value *keys = AVER_NEW_ARRAY(&ev->arena, struct ev_value, *n + 1);
    const struct ev_entry *e = t->entries.items;
    for (size_t i = 0; i < *n; i++) {
        size_t at = i;
        if (e[i].key.kind == EV_TEXT) bytes += e[i].key.text.len;
        for (; at > 0 && ev_key_order(keys[at - 1], e[i].key) > 0; at--) keys[at] = keys[at - 1];
        keys[at] = e[i].key;
    }
    ev_charge(ev, bytes * log / GAS_STRING_BYTES);
    return keys;
}

static inline enum ev_way ev_each(struct evaluator *ev, struct ev_frame *f, const struct vm_stmt *s)
{
    const struct vm_expr *call = s->values.first;
    bool list = aver_bytes_is(call->callee->text, "each");
    struct ev_value of = ev_expr(ev, f, call->args.first);
    size_t n = 0, k = 0;
    if (!list) ev_charge(ev, 40);
    if (of.kind != EV_TABLE) ev_trap(ev, list ? AVER_TRAP_ERROR : AVER_TRAP_ARGUMENT);
    struct ev_value *keys = list ? NULL : ev_sorted(ev, of.table, &n);
    for (int64_t i = 1;; i++) {
        struct ev_value first, second;
        if (!list) ev_charge(ev, GAS_STEP);
        if (list) {
            first = ev_index(ev, of, ev_int(i));
            second = ev_int(i);
            if (first.kind == EV_NIL) return EV_ON;
        } else {
            if (k == n) return EV_ON;
            first = keys[k++];
            second = ev_index(ev, of, first);
            if (second.kind == EV_NIL) continue;
        }
        ev_declare(ev, f, s->locals.first, first);
        if (s->locals.first->next) ev_declare(ev, f, s->locals.first->next, second);
        enum ev_way way = ev_block(ev, f, &s->body);
        if (way == EV_BREAK) return EV_ON;
        if (way == EV_RETURN) return way;
    }
}

static inline enum ev_way ev_loop(struct evaluator *ev, struct ev_frame *f, const struct vm_stmt *s)
{
    bool until = s->kind == ST_REPEAT;
    while (until || ev_true(ev_expr(ev, f, s->values.first))) {
        enum ev_way way = ev_block(ev, f, &s->body);
        if (way == EV_BREAK) break;
        if (way == EV_RETURN) return way;
        if (until && ev_true(ev_expr(ev, f, s->values.first))) break;
    }
    return EV_ON;
}

static inline void ev_assign(struct evaluator *ev, struct ev_frame *f, const struct vm_stmt *s)
{
    struct ev_value v[VM_LOCALS_MAX + 1];
    const struct vm_expr *t[VM_LOCALS_MAX + 1];
    uint32_t n = 0;
    AVER_ASSERT(s->targets.count <= VM_LOCALS_MAX);
    for (const struct vm_expr *e = s->values.first; e; e = e->next) v[n++] = ev_expr(ev, f, e);
    n = 0;
    for (const struct vm_expr *e = s->targets.first; e; e = e->next) t[n++] = e;
    while (n-- > 0) ev_box_of(f, t[n]->local)->value = v[n]; /* the last one first */
}

static inline enum ev_way ev_statement(struct evaluator *ev, struct ev_frame *f, const struct vm_stmt *s)
{
    const struct vm_expr *e = s->values.first;
    switch (s->kind) {
    case ST_LOCAL: {
        struct ev_value v[VM_LOCALS_MAX + 1];
        uint32_t n = 0;
        for (; e; e = e->next) v[n++] = ev_expr(ev, f, e);
        uint32_t i = 0;
        for (const struct vm_local *l = s->locals.first; l; l = l->next, i++)
            ev_declare(ev, f, l, i < n ? v[i] : ev_nil());
        return EV_ON;
    }
    case ST_LOCAL_FUNCTION:
        ev_declare(ev, f, s->locals.first, ev_nil());
        ev_box_of(f, s->locals.first)->value = ev_expr(ev, f, e);
        return EV_ON;
    case ST_ASSIGN: ev_assign(ev, f, s); return EV_ON;
    case ST_SET: {
        struct ev_value of = ev_expr(ev, f, s->targets.first->of),
                        key = ev_expr(ev, f, s->targets.first->key);
        ev_set(ev, of, key, ev_expr(ev, f, e));
        return EV_ON;
    }
    case ST_CALL: ev_expr(ev, f, e); return EV_ON;
    case ST_DO: return ev_block(ev, f, &s->body);
    case ST_WHILE:
    case ST_REPEAT: return ev_loop(ev, f, s);
    case ST_IF:
        for (const struct vm_clause *c = s->clauses; c; c = c->next)
            if (!c->condition || ev_true(ev_expr(ev, f, c->condition))) return ev_block(ev, f, &c->body);
        return EV_ON;
    case ST_FOR: return ev_for(ev, f, s);
    case ST_EACH: return ev_each(ev, f, s);
    case ST_RETURN:
        if (e) f->result = ev_expr(ev, f, e);
        return EV_RETURN;
    case ST_BREAK: return EV_BREAK;
    }
    AVER_UNREACHABLE();
}

static enum ev_way ev_block(struct evaluator *ev, struct ev_frame *f, const struct vm_block *b)
{
    ev_charge(ev, b->charge);
    for (const struct vm_stmt *s = b->first; s; s = s->next) {
        ev_charge(ev, s->charge);
        enum ev_way way = ev_statement(ev, f, s);
        if (way != EV_ON) return way;
    }
    return EV_ON;
}

/* Loads the chunk and calls main(n, s). False if loading traps. ev->trap, ev->gas (what is left) and ev->host say the rest. */
static inline bool ev_run(struct evaluator *ev, struct vm_function *chunk, size_t source_len, uint64_t limit,
                          int64_t n, aver_bytes s)
{
    struct ev_function *volatile top = AVER_NEW(&ev->arena, struct ev_function);
    volatile bool loaded = false;
    top->tree = chunk;
    ev->host = (struct vm_host){.log_hash = UINT64_C(0xcbf29ce484222325)};
    ev->gas = GAS_LOAD;
    ev->trap = AVER_TRAP_NONE;
    ev->loading = true;
    if (setjmp(ev->leave) != 0) return loaded;
    struct ev_value module = ev_enter(ev, top, 0, NULL, 0);
    struct ev_value main = ev_index(ev, module, (struct ev_value){.kind = EV_TEXT, .text = AVER_LIT("main")});
    uint64_t load = GAS_LOAD - ev->gas;
    loaded = true;
    ev->loading = false;
    ev->gas = limit;
    ev_charge(ev, GAS_RUN + source_len / GAS_SOURCE_BYTES + load / GAS_LOAD_PART);
    struct ev_value args[2] = {ev_int(n), ev_new_text(ev, s)};
    AVER_ASSERT(main.kind == EV_FUNCTION);
    ev_enter(ev, main.function, 1, args, 2);
    return true;
}

#endif
