/* ledger/model/policy.c - see policy.h. */
#include "ledger/model/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define P struct aver_policy
static const struct aver_field policy_fields[] = {
    AVER_FIELD(1, P, format, TEXT, 32),
    AVER_FIELD(2, P, plan_id, TEXT, AVER_POLICY_PLAN_ID_MAX),
    AVER_FIELD(3, P, effective_from, DAY, 0),
    AVER_FIELD(4, P, effective_to, DAY, 0),
    AVER_FIELD(5, P, eligibility, DIGEST, 0),
    AVER_FIELD(6, P, coverage, DIGEST, 0),
    AVER_FIELD(7, P, payout, DIGEST, 0),
    AVER_FIELD(8, P, source, DIGEST, 0),
    AVER_FIELD(9, P, tree, RAW, AVER_POLICY_BYTES_MAX),
};
AVER_SCHEMA(aver_policy_schema, "policy", P, policy_fields);
#undef P

struct loading {
    struct aver_cbor in;
    struct aver_arena *arena;
    struct aver_why *why;
};

static aver_err tree_fail(struct loading *l, const struct aver_policy_node *node, const char *text)
{
    char place[AVER_POLICY_PATH_MAX + 1];
    snprintf(place, sizeof place, "%.*s", AVER_STR(node->path));
    return aver_fail(l->why, AVER_E_INPUT, "POLICY-TREE", place, "%s; publish the policy again", text);
}

bool aver_policy_key_valid(aver_bytes key)
{
    if (key.len < 1 || key.len > AVER_POLICY_KEY_MAX || aver_bytes_is(key, "path")) return false;
    for (size_t i = 0; i < key.len; i++) {
        uint8_t c = key.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

int aver_policy_key_cmp(aver_bytes a, aver_bytes b)
{
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : aver_bytes_cmp(a, b);
}

static bool number_fits(enum aver_policy_kind kind, int64_t n)
{
    switch (kind) {
    case AVER_POLICY_MONEY: return n >= 0 && n < AVER_MONEY_LIMIT;
    case AVER_POLICY_RATE: return n >= 0 && n <= AVER_POLICY_RATE_MAX;
    case AVER_POLICY_DATE: return n >= AVER_DAY_MIN && n <= AVER_DAY_MAX;
    case AVER_POLICY_INT:
    case AVER_POLICY_BOOL:
    case AVER_POLICY_MAP:
    case AVER_POLICY_LIST:
    case AVER_POLICY_TEXT: return true;
    }
    AVER_UNREACHABLE();
}

static aver_err load_node(struct loading *l, struct aver_policy_node *node);

/* What is derived of a node once it is read. */
static void make_ready(struct loading *l, struct aver_policy_node *node)
{
    struct aver_buf shown = {0};
    aver_policy_text(&shown, node);
    node->shown = aver_arena_copy(l->arena, aver_buf_view(&shown));
    aver_buf_free(&shown);
    if (node->kind != AVER_POLICY_TEXT || !aver_policy_range(&node->range, node->text))
        node->range = (struct aver_policy_range){AVER_BYTES_NONE, AVER_BYTES_NONE};
}

static aver_bytes path_of(struct aver_arena *arena, aver_bytes parent, aver_bytes name)
{
    size_t before = parent.len ? parent.len + 1 : 0;
    uint8_t *path = aver_arena_raw(arena, before + name.len + 1);
    if (before) {
        memcpy(path, parent.ptr, parent.len);
        path[parent.len] = '.';
    }
    memcpy(path + before, name.ptr, name.len);
    path[before + name.len] = 0;
    return aver_bytes_of(path, before + name.len);
}

/* The count was checked against the bytes that are left, so the array is never larger than the input allows. */
static aver_err load_children(struct loading *l, struct aver_policy_node *node)
{
    bool map = node->kind == AVER_POLICY_MAP;
    AVER_TRY(map ? aver_cbor_map(&l->in, &node->count) : aver_cbor_array(&l->in, &node->count));
    node->children = AVER_NEW_ARRAY(l->arena, struct aver_policy_node, node->count);
    for (size_t i = 0; i < node->count; i++) {
        struct aver_policy_node *child = &node->children[i];
        child->parent = node;
        char step[24];
        aver_bytes name = AVER_BYTES_NONE;
        if (!map) {
            snprintf(step, sizeof step, "%zu", i);
            name = aver_bytes_str(step);
        } else {
            AVER_TRY(aver_cbor_text(&l->in, &child->key));
            if (!aver_policy_key_valid(child->key))
                return tree_fail(l, node, "a key is not a name of the policy form");
            if (i > 0 && aver_policy_key_cmp(node->children[i - 1].key, child->key) >= 0)
                return tree_fail(l, node, "its keys are not sorted");
            name = child->key;
        }
        child->path = path_of(l->arena, node->path, name);
        if (child->path.len > AVER_POLICY_PATH_MAX) return tree_fail(l, node, "a path below it is too long");
        AVER_TRY(load_node(l, child));
        make_ready(l, child);
    }
    return AVER_OK;
}

/* Recursion ends: the tree was read as one RAW item, so it is at most AVER_CBOR_DEPTH_MAX deep. */
static aver_err load_node(struct loading *l, struct aver_policy_node *node)
{
    size_t count;
    uint64_t kind;
    AVER_TRY(aver_cbor_array(&l->in, &count));
    if (count != 3) return tree_fail(l, node, "a node is not [line, kind, value]");
    AVER_TRY(aver_cbor_uint(&l->in, &node->line));
    AVER_TRY(aver_cbor_uint(&l->in, &kind));
    if (kind < AVER_POLICY_MAP || kind > AVER_POLICY_DATE)
        return tree_fail(l, node, "a node is of an unknown kind");
    if (node->line == 0) return tree_fail(l, node, "a node has no line");
    node->kind = (enum aver_policy_kind)kind;
    switch (node->kind) {
    case AVER_POLICY_MAP:
    case AVER_POLICY_LIST: return load_children(l, node);
    case AVER_POLICY_TEXT:
        AVER_TRY(aver_cbor_text(&l->in, &node->text));
        if (node->text.len == 0) return tree_fail(l, node, "a text is empty");
        /* Decisions quote it, and no record holds such a character. */
        for (size_t i = 0; i < node->text.len; i++)
            if (node->text.ptr[i] < 0x20 || node->text.ptr[i] == 0x7f)
                return tree_fail(l, node, "a text holds a control character");
        return AVER_OK;
    case AVER_POLICY_BOOL: {
        bool b;
        AVER_TRY(aver_cbor_bool(&l->in, &b));
        node->number = b;
        return AVER_OK;
    }
    case AVER_POLICY_INT:
    case AVER_POLICY_MONEY:
    case AVER_POLICY_RATE:
    case AVER_POLICY_DATE:
        AVER_TRY(aver_cbor_int(&l->in, &node->number));
        return number_fits(node->kind, node->number) ? AVER_OK
                                                     : tree_fail(l, node, "a number is out of range");
    }
    AVER_UNREACHABLE();
}

static void find_matches(struct aver_policy_loaded *p, struct aver_arena *arena)
{
    const struct aver_policy_node *benefits = aver_policy_child(&p->root, AVER_LIT("benefits"));
    for (size_t i = 0; benefits && i < benefits->count; i++) {
        const struct aver_policy_node *match = aver_policy_child(&benefits->children[i], AVER_LIT("match"));
        *(struct aver_policy_match *)aver_list_add(arena, &p->matches, sizeof(struct aver_policy_match)) =
            (struct aver_policy_match){.benefit = &benefits->children[i],
                                       .procedures = aver_policy_child(match, AVER_LIT("procedures")),
                                       .places = aver_policy_child(match, AVER_LIT("places")),
                                       .revenue_codes = aver_policy_child(match, AVER_LIT("revenue_codes"))};
    }
}

aver_err aver_policy_load(struct aver_policy_loaded *out, aver_bytes bytes, struct aver_arena *arena,
                          struct aver_why *why)
{
    *out = (struct aver_policy_loaded){0};
    if (bytes.len > AVER_POLICY_BYTES_MAX)
        return aver_fail(why, AVER_E_INPUT, "RECORD-FIELD", "",
                         "the policy takes %zu bytes, at most %d are allowed", bytes.len,
                         AVER_POLICY_BYTES_MAX);
    AVER_TRY(aver_schema_read(bytes, &aver_policy_schema, &out->policy, arena, why));
    const struct aver_policy *p = &out->policy;
    if (!aver_bytes_is(p->format, AVER_POLICY_FORMAT))
        return aver_fail(why, AVER_E_INPUT, "RECORD-FIELD", "/format", "the policy's format is not %s",
                         AVER_POLICY_FORMAT);
    if (p->effective_to < p->effective_from)
        return aver_fail(why, AVER_E_INPUT, "RECORD-FIELD", "/effective_to",
                         "the policy ends before it begins");
    struct loading l = {aver_cbor_open(p->tree, why), arena, why};
    out->root.path = AVER_LIT("");
    AVER_TRY(load_node(&l, &out->root));
    make_ready(&l, &out->root);
    AVER_TRY(aver_cbor_end(&l.in));
    if (out->root.kind != AVER_POLICY_MAP) return tree_fail(&l, &out->root, "the root is not a map");
    find_matches(out, arena);
    out->digest = aver_sha256(bytes);
    return AVER_OK;
}

void aver_policy_encode(struct aver_buf *out, const struct aver_policy_node *node)
{
    aver_cbor_put_array(out, 3);
    aver_cbor_put_uint(out, node->line);
    aver_cbor_put_uint(out, node->kind);
    switch (node->kind) {
    case AVER_POLICY_MAP:
        aver_cbor_put_map(out, node->count);
        for (size_t i = 0; i < node->count; i++) {
            AVER_ASSERT(aver_policy_key_valid(node->children[i].key));
            AVER_ASSERT(i == 0 || aver_policy_key_cmp(node->children[i - 1].key, node->children[i].key) < 0);
            aver_cbor_put_text(out, node->children[i].key);
            aver_policy_encode(out, &node->children[i]);
        }
        return;
    case AVER_POLICY_LIST:
        aver_cbor_put_array(out, node->count);
        for (size_t i = 0; i < node->count; i++) aver_policy_encode(out, &node->children[i]);
        return;
    case AVER_POLICY_TEXT: aver_cbor_put_text(out, node->text); return;
    case AVER_POLICY_BOOL: aver_cbor_put_bool(out, node->number != 0); return;
    case AVER_POLICY_INT:
    case AVER_POLICY_MONEY:
    case AVER_POLICY_RATE:
    case AVER_POLICY_DATE:
        AVER_ASSERT(number_fits(node->kind, node->number));
        aver_cbor_put_int(out, node->number);
        return;
    }
    AVER_UNREACHABLE();
}

const struct aver_policy_node *aver_policy_child(const struct aver_policy_node *node, aver_bytes key)
{
    if (!node || node->kind != AVER_POLICY_MAP) return NULL;
    size_t lo = 0, hi = node->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        aver_bytes at = node->children[mid].key;
        /* The order of aver_policy_key_cmp, and mostly lengths already differ. */
        int c = at.len != key.len         ? (at.len < key.len ? -1 : 1)
                : key.len == 0            ? 0
                : at.ptr[0] != key.ptr[0] ? at.ptr[0] - key.ptr[0]
                                          : memcmp(at.ptr, key.ptr, key.len);
        if (c == 0) return &node->children[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct aver_policy_node *aver_policy_at(const struct aver_policy_node *node, aver_bytes path)
{
    size_t from = 0;
    while (node && from < path.len) {
        size_t to = from;
        while (to < path.len && path.ptr[to] != '.') to++;
        aver_bytes step = aver_bytes_cut(path, from, to - from);
        if (node->kind == AVER_POLICY_LIST) {
            uint64_t index;
            bool there = aver_bytes_u64(&index, step) == AVER_OK && index < node->count;
            node = there ? &node->children[index] : NULL;
        } else {
            node = aver_policy_child(node, step);
        }
        if (to + 1 == path.len) return NULL; /* a point at the end names nothing */
        from = to + 1;
    }
    return node;
}

#define TEXT_MAX 80 /* of a map's or list's text; the promise of policy.h */

/* Stops once it is past the promise, so that a large map costs no more than what is shown of it. */
static void put_text(struct aver_buf *out, const struct aver_policy_node *node, size_t limit)
{
    char text[AVER_MONEY_TEXT];
    switch (node->kind) {
    case AVER_POLICY_MAP:
    case AVER_POLICY_LIST:
        aver_buf_byte(out, node->kind == AVER_POLICY_MAP ? '{' : '[');
        for (size_t i = 0; i < node->count && out->len <= limit; i++) {
            if (i > 0) aver_buf_str(out, ", ");
            if (node->children[i].key.ptr) aver_buf_printf(out, "%.*s: ", AVER_STR(node->children[i].key));
            put_text(out, &node->children[i], limit);
        }
        aver_buf_byte(out, node->kind == AVER_POLICY_MAP ? '}' : ']');
        return;
    case AVER_POLICY_TEXT: aver_buf_bytes(out, node->text); return;
    case AVER_POLICY_INT: aver_buf_printf(out, "%" PRId64, node->number); return;
    case AVER_POLICY_BOOL: aver_buf_str(out, node->number ? "true" : "false"); return;
    case AVER_POLICY_MONEY: aver_buf_printf(out, "$%s", aver_cents_text(text, node->number)); return;
    case AVER_POLICY_RATE: aver_buf_printf(out, "%s %%", aver_cents_x12(text, node->number)); return;
    case AVER_POLICY_DATE: {
        char iso[AVER_DAY_TEXT];
        aver_buf_str(out, aver_day_iso(iso, (aver_day)node->number));
        return;
    }
    }
    AVER_UNREACHABLE();
}

void aver_policy_text(struct aver_buf *out, const struct aver_policy_node *node)
{
    size_t start = out->len;
    put_text(out, node, start + TEXT_MAX);
    bool group = node->kind == AVER_POLICY_MAP || node->kind == AVER_POLICY_LIST;
    if (!group || out->len - start <= TEXT_MAX) return;
    size_t keep = start + TEXT_MAX - 4;
    while (keep > start + 1 && (out->ptr[keep] & 0xc0) == 0x80) keep--; /* never inside a UTF-8 sequence */
    out->len = keep;
    aver_buf_str(out, node->kind == AVER_POLICY_MAP ? "...}" : "...]");
}

/* 0 a digit, 1 a letter, -1 neither. */
static int code_class(uint8_t c) { return c >= '0' && c <= '9' ? 0 : c >= 'A' && c <= 'Z' ? 1 : -1; }

bool aver_policy_code_valid(aver_bytes code)
{
    if (code.len < 1 || code.len > AVER_POLICY_CODE_MAX) return false;
    for (size_t i = 0; i < code.len; i++)
        if (code_class(code.ptr[i]) < 0) return false;
    return true;
}

/* Letters and digits at the same places. */
static bool same_shape(aver_bytes a, aver_bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (code_class(a.ptr[i]) != code_class(b.ptr[i])) return false;
    return true;
}

bool aver_policy_range(struct aver_policy_range *out, aver_bytes text)
{
    size_t dash = 0;
    while (dash < text.len && text.ptr[dash] != '-') dash++;
    out->from = aver_bytes_cut(text, 0, dash);
    out->to = dash < text.len ? aver_bytes_cut(text, dash + 1, text.len - dash - 1) : out->from;
    return aver_policy_code_valid(out->from) && aver_policy_code_valid(out->to) &&
           same_shape(out->from, out->to) && aver_bytes_cmp(out->from, out->to) <= 0;
}

/* Mostly the first character tells. What has the shape of a valid code is one. */
bool aver_policy_range_has(const struct aver_policy_range *range, aver_bytes code)
{
    if (code.len == 0 || code.ptr[0] < range->from.ptr[0] || code.ptr[0] > range->to.ptr[0]) return false;
    return same_shape(range->from, code) && aver_bytes_cmp(range->from, code) <= 0 &&
           aver_bytes_cmp(code, range->to) <= 0;
}
