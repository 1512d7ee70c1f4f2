/* adapters/policy_yaml.c - see policy_yaml.h: the walk of the file along the table, and the compiled bytes. */
#include "adapters/policy_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "adapters/policy_schema.h"
#include "ledger/model/tx.h"

#define SHOWN_MAX 40 /* bytes of a wrong value that a finding quotes */

static void find(struct aver_policy_checking *c, enum aver_severity severity, const char *code, uint64_t line,
                 uint64_t column, aver_bytes path, const char *fmt, va_list ap)
{
    if (c->findings->count >= AVER_POLICY_FINDINGS_MAX) {
        c->dropped++;
        return;
    }
    char text[sizeof((struct aver_why *)0)->text];
    vsnprintf(text, sizeof text, fmt, ap);
    struct aver_policy_finding *f = aver_list_add(c->arena, c->findings, sizeof *f);
    *f = (struct aver_policy_finding){
        line, column, code, path, aver_arena_copy(c->arena, aver_bytes_str(text)), severity};
}

void aver_policy_find(struct aver_policy_checking *c, enum aver_severity severity, const char *code,
                      uint64_t line, uint64_t column, aver_bytes path, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    find(c, severity, code, line, column, path, fmt, ap);
    va_end(ap);
}

static const struct aver_yaml_node *yaml_at(const struct aver_yaml_node *node, aver_bytes path)
{
    for (size_t from = 0; node && from < path.len;) {
        size_t to = from;
        while (to < path.len && path.ptr[to] != '.') to++;
        aver_bytes step = aver_bytes_cut(path, from, to - from);
        uint64_t index;
        if (node->kind == AVER_YAML_LIST) {
            if (aver_bytes_u64(&index, step) != AVER_OK) return NULL;
            for (node = node->first; node && index > 0; index--) node = node->next;
        } else {
            node = aver_yaml_child(node, step);
        }
        from = to + 1;
    }
    return node;
}

void aver_policy_find_at(struct aver_policy_checking *c, enum aver_severity severity, const char *code,
                         const struct aver_policy_node *node, const char *fmt, ...)
{
    const struct aver_yaml_node *y = yaml_at(c->yaml, node->path);
    bool keyed = y && y->key.ptr && y->kind != AVER_YAML_SCALAR;
    va_list ap;
    va_start(ap, fmt);
    find(c, severity, code, node->line, y ? (keyed ? y->key_column : y->column) : 1, node->path, fmt, ap);
    va_end(ap);
}

/* A value of another form: what stands there, and what should. */
static void refuse_value(struct aver_policy_checking *c, const struct aver_policy_shape *shape,
                         const struct aver_yaml_node *y, aver_bytes path)
{
    aver_bytes t = y->text;
    struct aver_nearest near = {.wanted = t};
    if (y->kind == AVER_YAML_SCALAR && shape->form == AVER_FORM_ENUM)
        for (size_t i = 0; shape->values[i]; i++) aver_nearest_offer(&near, aver_bytes_str(shape->values[i]));
    if (y->kind != AVER_YAML_SCALAR)
        aver_policy_find(c, AVER_ERROR, "POLICY-VALUE", y->line, y->column, path,
                         "a %s stands where %s should be", y->kind == AVER_YAML_MAP ? "map" : "list",
                         shape->what);
    else if (t.len == 0)
        aver_policy_find(c, AVER_ERROR, "POLICY-VALUE", y->line, y->column, path,
                         "the value is empty; write %s", shape->what);
    else if (near.best.ptr)
        aver_policy_find(c, AVER_ERROR, "POLICY-VALUE", y->line, y->column, path,
                         "\"%.*s\" is not %s; did you mean %.*s?",
                         (int)(t.len > SHOWN_MAX ? SHOWN_MAX : t.len), (const char *)t.ptr, shape->what,
                         AVER_STR(near.best));
    else
        aver_policy_find(c, AVER_ERROR, "POLICY-VALUE", y->line, y->column, path, "\"%.*s\" is not %s",
                         (int)(t.len > SHOWN_MAX ? SHOWN_MAX : t.len), (const char *)t.ptr, shape->what);
}

/* The codes of a range are all of its first one's form. */
static bool digits_in_range(aver_bytes code, const struct aver_policy_shape *shape)
{
    if (!shape->max) return true;
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] < '0' || code.ptr[i] > '9') return false;
    return (int64_t)code.len >= shape->min && (int64_t)code.len <= shape->max;
}

static bool text_valid(aver_bytes t, const struct aver_policy_shape *shape)
{
    if ((int64_t)t.len < shape->min || (int64_t)t.len > shape->max || aver_bytes_trim(t).len != t.len)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (t.ptr[i] < 0x20 || t.ptr[i] == 0x7f) return false;
    return true;
}

static bool plan_id_valid(aver_bytes t)
{
    if (t.len < 1 || t.len > AVER_POLICY_PLAN_ID_MAX) return false;
    for (size_t i = 0; i < t.len; i++) {
        uint8_t c = t.ptr[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
        if (!ok) return false;
    }
    return true;
}

/* "20 %", "12.5%": one space or none before the sign. */
static bool rate_parse(uint64_t *bps, aver_bytes t)
{
    if (t.len < 2 || t.ptr[t.len - 1] != '%') return false;
    t.len--;
    if (t.ptr[t.len - 1] == ' ') t.len--;
    return aver_decimal_parse(bps, t, 2) == AVER_OK;
}

static bool in_range(int64_t n, const struct aver_policy_shape *shape)
{
    return n >= shape->min && n <= shape->max;
}

/* Fills kind and value; false when the scalar is not what the shape wants. */
static bool scalar_value(struct aver_policy_node *node, const struct aver_policy_shape *shape, aver_bytes t)
{
    uint64_t n = 0;
    aver_money money;
    aver_day day;
    struct aver_policy_range range;
    node->kind = AVER_POLICY_TEXT;
    node->text = t;
    switch (shape->form) {
    case AVER_FORM_TEXT: return text_valid(t, shape);
    case AVER_FORM_NAME: return aver_name_valid(t);
    case AVER_FORM_PLAN_ID: return plan_id_valid(t);
    case AVER_FORM_CODE: return aver_policy_code_valid(t) && in_range((int64_t)t.len, shape);
    case AVER_FORM_RANGE: return aver_policy_range(&range, t) && digits_in_range(range.from, shape);
    case AVER_FORM_ENUM:
        for (size_t i = 0; shape->values[i]; i++)
            if (aver_bytes_is(t, shape->values[i])) return true;
        return false;
    case AVER_FORM_INT:
        node->kind = AVER_POLICY_INT;
        if (aver_bytes_u64(&n, t) != AVER_OK || n > INT64_MAX) return false;
        break;
    case AVER_FORM_MONEY:
        node->kind = AVER_POLICY_MONEY;
        if (aver_money_parse(&money, t) != AVER_OK) return false;
        n = money.cents;
        break;
    case AVER_FORM_RATE:
        node->kind = AVER_POLICY_RATE;
        if (!rate_parse(&n, t) || n > INT64_MAX) return false;
        break;
    case AVER_FORM_DATE:
        node->kind = AVER_POLICY_DATE;
        if (aver_day_parse_iso(&day, t) != AVER_OK) return false;
        node->number = day;
        return true;
    case AVER_FORM_BOOL:
        node->kind = AVER_POLICY_BOOL;
        node->number = aver_bytes_is(t, "true");
        return node->number || aver_bytes_is(t, "false");
    case AVER_FORM_MAP:
    case AVER_FORM_LIST: AVER_UNREACHABLE();
    }
    node->number = (int64_t)n;
    return in_range(node->number, shape);
}

static bool digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* Letters and digits at the same places. */
static bool same_shape(aver_bytes a, aver_bytes b)
{
    for (size_t i = 0; a.len == b.len && i < a.len; i++)
        if (digit(a.ptr[i]) != digit(b.ptr[i])) return false;
    return a.len == b.len;
}

/* A range that is two codes, but the wrong way round or unlike each other, deserves its own words. */
static bool range_fault(struct aver_policy_checking *c, const struct aver_yaml_node *y, aver_bytes path)
{
    struct aver_policy_range r;
    (void)!aver_policy_range(&r, y->text);
    if (!aver_policy_code_valid(r.from) || !aver_policy_code_valid(r.to)) return false;
    bool reversed = same_shape(r.from, r.to) && aver_bytes_cmp(r.from, r.to) > 0;
    aver_policy_find(
        c, AVER_ERROR, "POLICY-RANGE", y->line, y->column, path, "%.*s %s %.*s%s", AVER_STR(r.from),
        reversed ? "comes after" : "and", AVER_STR(r.to),
        reversed
            ? "; swap them"
            : " are codes of two shapes; write a range of each, with letters and digits at the same places");
    return true;
}

static void build(struct aver_policy_checking *c, struct aver_policy_node *node,
                  const struct aver_policy_shape *shape, const struct aver_yaml_node *y);

static const struct aver_policy_key *key_named(const struct aver_policy_shape *shape, aver_bytes name)
{
    for (const struct aver_policy_key *k = shape->keys; k && k->name; k++)
        if (aver_bytes_is(name, k->name)) return k;
    return NULL;
}

/* The shape of this key's value; NULL, with a finding, when there is no such key here. */
static const struct aver_policy_shape *shape_of_key(struct aver_policy_checking *c, aver_bytes path,
                                                    const struct aver_policy_shape *shape,
                                                    const struct aver_yaml_node *y)
{
    const struct aver_policy_key *key = key_named(shape, y->key);
    if (key) return key->shape;
    aver_bytes shown = aver_bytes_cut(y->key, 0, y->key.len > SHOWN_MAX ? SHOWN_MAX : y->key.len);
    const struct aver_yaml_node *networks = aver_yaml_child(c->yaml, AVER_LIT("networks"));
    bool tiers = shape->names == AVER_NAMES_TIERS && networks && networks->kind == AVER_YAML_MAP;
    if (shape->of && aver_policy_key_valid(y->key) && (!tiers || aver_yaml_child(networks, y->key)))
        return shape->of;
    if (shape->of && !aver_policy_key_valid(y->key)) {
        aver_policy_find(c, AVER_ERROR, "POLICY-KEY", y->key_line, y->key_column, path,
                         "\"%.*s\" is no name: use a-z, 0-9 and '_', at most %d, and not \"path\"",
                         AVER_STR(shown), AVER_POLICY_KEY_MAX);
        return NULL;
    }
    struct aver_nearest near = {.wanted = y->key};
    for (const struct aver_policy_key *k = shape->keys; k && k->name; k++)
        aver_nearest_offer(&near, aver_bytes_str(k->name));
    if (tiers)
        for (const struct aver_yaml_node *n = networks->first; n; n = n->next)
            aver_nearest_offer(&near, n->key);
    const char *code = tiers && !shape->keys ? "POLICY-TIER" : "POLICY-KEY";
    const char *lacks = !tiers        ? "not a key that stands here"
                        : shape->keys ? "neither a key that stands here nor a tier of networks"
                                      : "no tier of networks";
    if (shape != &aver_policy_root_shape && key_named(&aver_policy_root_shape, y->key))
        aver_policy_find(c, AVER_ERROR, code, y->key_line, y->key_column, path,
                         "\"%.*s\" is %s; it stands at the top of the policy, without indentation",
                         AVER_STR(shown), lacks);
    else if (near.best.ptr)
        aver_policy_find(c, AVER_ERROR, code, y->key_line, y->key_column, path,
                         "\"%.*s\" is %s; did you mean %.*s?", AVER_STR(shown), lacks, AVER_STR(near.best));
    else
        aver_policy_find(c, AVER_ERROR, code, y->key_line, y->key_column, path, "\"%.*s\" is %s; remove it",
                         AVER_STR(shown), lacks);
    return NULL;
}

static int node_order(const void *a, const void *b)
{
    return aver_policy_key_cmp(((const struct aver_policy_node *)a)->key,
                               ((const struct aver_policy_node *)b)->key);
}

static aver_bytes path_below(struct aver_policy_checking *c, aver_bytes path, aver_bytes step)
{
    return aver_bytes_str(
        aver_arena_printf(c->arena, "%.*s%s%.*s", AVER_STR(path), path.len ? "." : "", AVER_STR(step)));
}

static void count_fault(struct aver_policy_checking *c, const struct aver_policy_node *node,
                        const struct aver_policy_shape *shape, const struct aver_yaml_node *y)
{
    if (in_range((int64_t)y->count, shape)) return;
    bool few = (int64_t)y->count < shape->min;
    aver_policy_find(c, AVER_ERROR, "POLICY-VALUE", y->line, y->column, node->path,
                     "%zu entries, %s %d: write %s", y->count, few ? "at least" : "at most",
                     (int)(few ? shape->min : shape->max), shape->what);
}

static void build_map(struct aver_policy_checking *c, struct aver_policy_node *node,
                      const struct aver_policy_shape *shape, const struct aver_yaml_node *y)
{
    node->kind = AVER_POLICY_MAP;
    node->children = AVER_NEW_ARRAY(c->arena, struct aver_policy_node, y->count);
    count_fault(c, node, shape, y);
    for (const struct aver_yaml_node *v = y->first; v; v = v->next) {
        const struct aver_policy_shape *of = shape_of_key(c, node->path, shape, v);
        if (!of) continue;
        struct aver_policy_node *child = &node->children[node->count++];
        child->key = v->key;
        child->parent = node;
        child->line = v->key_line;
        child->path = path_below(c, node->path, v->key);
        build(c, child, of, v);
    }
    for (const struct aver_policy_key *k = shape->keys; k && k->name; k++)
        if (k->required && !aver_yaml_child(y, aver_bytes_str(k->name)))
            aver_policy_find(c, AVER_ERROR, "POLICY-KEY", node->line, y->key.ptr ? y->key_column : y->column,
                             node->path, "the key %s is missing; it holds %s", k->name, k->shape->what);
    qsort(node->children, node->count, sizeof *node->children, node_order);
    /* Sorting moved the children: theirs must find them again. */
    for (size_t i = 0; i < node->count; i++)
        for (size_t k = 0; k < node->children[i].count; k++)
            node->children[i].children[k].parent = &node->children[i];
}

static void build_list(struct aver_policy_checking *c, struct aver_policy_node *node,
                       const struct aver_policy_shape *shape, const struct aver_yaml_node *y)
{
    node->kind = AVER_POLICY_LIST;
    node->children = AVER_NEW_ARRAY(c->arena, struct aver_policy_node, y->count);
    count_fault(c, node, shape, y);
    for (const struct aver_yaml_node *v = y->first; v; v = v->next) {
        struct aver_policy_node *child = &node->children[node->count];
        char index[24];
        snprintf(index, sizeof index, "%zu", node->count++);
        child->parent = node;
        child->line = v->line;
        child->path = path_below(c, node->path, aver_bytes_str(index));
        build(c, child, shape->of, v);
    }
}

/* As deep as the table is, and no deeper. */
static void build(struct aver_policy_checking *c, struct aver_policy_node *node,
                  const struct aver_policy_shape *shape, const struct aver_yaml_node *y)
{
    bool map = shape->form == AVER_FORM_MAP, list = shape->form == AVER_FORM_LIST;
    enum aver_yaml_kind want = map ? AVER_YAML_MAP : list ? AVER_YAML_LIST : AVER_YAML_SCALAR;
    if (y->kind != want) {
        refuse_value(c, shape, y, node->path);
    } else if (map) {
        build_map(c, node, shape, y);
    } else if (list) {
        build_list(c, node, shape, y);
    } else if (!scalar_value(node, shape, y->text)) {
        *node = (struct aver_policy_node){
            .line = node->line, .key = node->key, .path = node->path, .parent = node->parent};
        struct aver_policy_range range; /* one of codes that this list does not have */
        if (shape->form != AVER_FORM_RANGE || aver_policy_range(&range, y->text) ||
            !range_fault(c, y, node->path))
            refuse_value(c, shape, y, node->path);
    }
}

static aver_err resolve_contracts(struct aver_policy_checking *c, struct aver_policy *policy,
                                  aver_policy_resolve *resolve, void *ctx, struct aver_why *why)
{
    const struct aver_policy_node *contracts = aver_policy_child(c->root, AVER_LIT("contracts"));
    const struct {
        const char *name;
        aver_digest *digest;
    } each[] = {
        {"eligibility", &policy->eligibility}, {"coverage", &policy->coverage}, {"payout", &policy->payout}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        const struct aver_policy_node *n = aver_policy_child(contracts, aver_bytes_str(each[i].name));
        if (!n || n->kind != AVER_POLICY_TEXT) continue;
        aver_err err = resolve(ctx, each[i].digest, n->text, why);
        if (err == AVER_E_NOT_FOUND)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-CONTRACT", n,
                                "no contract \"%.*s\" is deployed; deploy it first, or name one that is",
                                AVER_STR(n->text));
        else if (err != AVER_OK)
            return err;
    }
    return AVER_OK;
}

static int finding_order(const void *a, const void *b)
{
    const struct aver_policy_finding *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    int c = strcmp(x->code, y->code);
    return c ? c : aver_bytes_cmp(x->text, y->text);
}

/* The first error as the compiler's own failure. */
static aver_err verdict(struct aver_policy_checking *c, const char *file_name, struct aver_why *why)
{
    struct aver_policy_finding *f = c->findings->items;
    if (c->findings->count) qsort(f, c->findings->count, sizeof *f, finding_order);
    if (c->dropped) {
        struct aver_policy_finding *more = aver_list_add(c->arena, c->findings, sizeof *more);
        f = c->findings->items;
        *more = (struct aver_policy_finding){
            f[AVER_POLICY_FINDINGS_MAX - 1].line,
            1,
            "POLICY-MORE",
            AVER_LIT(""),
            aver_bytes_str(
                aver_arena_printf(c->arena, "and %zu findings more; mend these first", c->dropped)),
            AVER_ERROR};
    }
    for (size_t i = 0; i < c->findings->count; i++) {
        if (f[i].severity != AVER_ERROR) continue;
        char place[sizeof why->place];
        snprintf(place, sizeof place, "%s:%zu:%zu", file_name, (size_t)f[i].line, (size_t)f[i].column);
        return aver_fail(why, AVER_E_INPUT, f[i].code, place, "%.*s%s%.*s", AVER_STR(f[i].path),
                         f[i].path.len ? ": " : "", AVER_STR(f[i].text));
    }
    return AVER_OK;
}

/* A file that is no YAML has one finding, at the place that its reader names last: "file:line:column". */
static void yaml_finding(struct aver_policy_checking *c, const struct aver_why *why)
{
    unsigned long line = 1, column = 1;
    const char *p = strrchr(why->place, ':');
    if (p) column = strtoul(p + 1, NULL, 10);
    while (p && p > why->place && p[-1] != ':') p--;
    if (p) line = strtoul(p, NULL, 10);
    const char *code = (const char *)aver_arena_copy(c->arena, aver_bytes_str(why->code)).ptr;
    aver_policy_find(c, AVER_ERROR, code, line ? line : 1, column ? column : 1, AVER_LIT(""), "%s",
                     why->text);
}

aver_err aver_policy_compile(struct aver_buf *out, const char *file_name, aver_bytes yaml,
                             aver_policy_resolve *resolve, void *ctx, struct aver_arena *arena,
                             struct aver_list *findings, struct aver_why *why)
{
    AVER_ASSERT((out != NULL) == (resolve != NULL));
    *findings = (struct aver_list){0};
    struct aver_policy_checking c = {.arena = arena, .findings = findings};
    struct aver_yaml_node *file;
    struct aver_why yaml_why;
    if (aver_yaml_read(&file, file_name, yaml, arena, &yaml_why) != AVER_OK) {
        yaml_finding(&c, &yaml_why);
        return aver_fail(why, AVER_E_INPUT, yaml_why.code, yaml_why.place, "%s", yaml_why.text);
    }
    struct aver_policy_node root = {.line = file->line, .path = AVER_LIT("")};
    c.yaml = file;
    c.root = &root;
    build(&c, &root, &aver_policy_root_shape, file);
    if (root.kind == AVER_POLICY_MAP) aver_policy_check(&c);
    struct aver_policy policy = {.format = AVER_LIT(AVER_POLICY_FORMAT), .source = aver_sha256(yaml)};
    if (resolve) AVER_TRY(resolve_contracts(&c, &policy, resolve, ctx, why));
    AVER_TRY(verdict(&c, file_name, why));
    if (!out) return AVER_OK;

    policy.plan_id = aver_policy_at(&root, AVER_LIT("plan.id"))->text;
    policy.effective_from = (aver_day)aver_policy_at(&root, AVER_LIT("plan.effective.start"))->number;
    policy.effective_to = (aver_day)aver_policy_at(&root, AVER_LIT("plan.effective.end"))->number;
    struct aver_buf tree = {0};
    aver_policy_encode(&tree, &root);
    policy.tree = aver_buf_view(&tree);
    size_t start = out->len;
    if (tree.len <= AVER_POLICY_BYTES_MAX) aver_schema_encode(out, &aver_policy_schema, &policy);
    bool fits = tree.len <= AVER_POLICY_BYTES_MAX && out->len - start <= AVER_POLICY_BYTES_MAX;
    size_t size = tree.len;
    aver_buf_free(&tree);
    if (fits) return AVER_OK;
    out->len = start;
    aver_policy_find(
        &c, AVER_ERROR, "POLICY-SIZE", 1, 1, AVER_LIT(""),
        "compiled, the policy takes about %zu bytes, at most %d are allowed; move lists of codes into ranges",
        size, AVER_POLICY_BYTES_MAX);
    return verdict(&c, file_name, why);
}
