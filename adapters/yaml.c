/* adapters/yaml.c - see yaml.h. The only file that knows libyaml. */
#include "adapters/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct open_node {
    struct aver_yaml_node *node, *last;
    bool have_key; /* MAP: the next node is the value of this key */
    aver_bytes key;
    uint64_t key_line, key_column;
};

struct reading {
    const char *file_name;
    struct aver_arena *arena;
    struct aver_why *why;
    struct aver_yaml_node *root;
    struct open_node open[AVER_YAML_DEPTH_MAX];
    size_t depth;
    unsigned documents;
};

static aver_err fail(struct reading *r, const char *code, yaml_mark_t at, const char *fmt, ...)
    AVER_PRINTF(4, 5);
static aver_err fail(struct reading *r, const char *code, yaml_mark_t at, const char *fmt, ...)
{
    char place[sizeof r->why->place], text[sizeof r->why->text];
    snprintf(place, sizeof place, "%s:%zu:%zu", r->file_name, at.line + 1, at.column + 1);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return aver_fail(r->why, AVER_E_INPUT, code, place, "%s", text);
}

/* Puts the node where it belongs: at the root, into a list, or as the value of the key that was read. */
static void attach(struct reading *r, struct aver_yaml_node *node)
{
    if (r->depth == 0) {
        r->root = node;
        return;
    }
    struct open_node *in = &r->open[r->depth - 1];
    if (in->have_key) {
        node->key = in->key;
        node->key_line = in->key_line;
        node->key_column = in->key_column;
        in->have_key = false;
    }
    if (in->last)
        in->last->next = node;
    else
        in->node->first = node;
    in->last = node;
    in->node->count++;
}

static bool wants_key(const struct reading *r)
{
    return r->depth && r->open[r->depth - 1].node->kind == AVER_YAML_MAP && !r->open[r->depth - 1].have_key;
}

static aver_err refuse_decoration(struct reading *r, const yaml_event_t *e, const yaml_char_t *anchor,
                                  const yaml_char_t *tag)
{
    if (anchor)
        return fail(r, "YAML-ANCHOR", e->start_mark,
                    "anchors are not allowed; write the value where it is meant");
    if (tag) return fail(r, "YAML-TAG", e->start_mark, "tags are not allowed; what a value is, its key says");
    return AVER_OK;
}

static aver_err scalar(struct reading *r, const yaml_event_t *e)
{
    AVER_TRY(refuse_decoration(r, e, e->data.scalar.anchor, e->data.scalar.tag));
    aver_bytes text = aver_bytes_of(e->data.scalar.value, e->data.scalar.length);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return fail(r, "YAML-CONTROL", e->start_mark, "a control character (0x%02x) is not allowed", c);
    }
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (wants_key(r)) {
        struct open_node *in = &r->open[r->depth - 1];
        if (plain && aver_bytes_is(text, "<<"))
            return fail(r, "YAML-MERGE", e->start_mark, "merge keys are not allowed; write the values out");
        if (text.len == 0) return fail(r, "YAML-KEY", e->start_mark, "a key is empty");
        in->key = aver_arena_copy(r->arena, text);
        in->key_line = e->start_mark.line + 1;
        in->key_column = e->start_mark.column + 1;
        in->have_key = true;
        return AVER_OK;
    }
    struct aver_yaml_node *node = AVER_NEW(r->arena, struct aver_yaml_node);
    node->kind = AVER_YAML_SCALAR;
    node->line = e->start_mark.line + 1;
    node->column = e->start_mark.column + 1;
    node->plain = plain;
    node->text = aver_arena_copy(r->arena, text);
    attach(r, node);
    return AVER_OK;
}

static aver_err begin(struct reading *r, const yaml_event_t *e, enum aver_yaml_kind kind)
{
    bool map = kind == AVER_YAML_MAP;
    AVER_TRY(refuse_decoration(r, e, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor,
                               map ? e->data.mapping_start.tag : e->data.sequence_start.tag));
    if (wants_key(r)) return fail(r, "YAML-KEY", e->start_mark, "a key must be a scalar");
    if (r->depth == AVER_YAML_DEPTH_MAX)
        return fail(r, "YAML-DEPTH", e->start_mark, "more than %d maps and lists inside each other",
                    AVER_YAML_DEPTH_MAX);
    struct aver_yaml_node *node = AVER_NEW(r->arena, struct aver_yaml_node);
    node->kind = kind;
    node->line = e->start_mark.line + 1;
    node->column = e->start_mark.column + 1;
    attach(r, node);
    r->open[r->depth++] = (struct open_node){.node = node};
    return AVER_OK;
}

static int key_order(const void *a, const void *b)
{
    const struct aver_yaml_node *x = *(struct aver_yaml_node *const *)a,
                                *y = *(struct aver_yaml_node *const *)b;
    int c = aver_bytes_cmp(x->key, y->key);
    if (c) return c;
    if (x->key_line != y->key_line) return x->key_line < y->key_line ? -1 : 1;
    return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

/* Sorted rather than compared each with each: a map of 50,000 keys must not cost their square. Of several duplicates the
 * first in the file is reported. */
static aver_err refuse_duplicates(struct reading *r, const struct aver_yaml_node *map)
{
    if (map->count < 2) return AVER_OK;
    const struct aver_yaml_node **sorted =
        AVER_NEW_ARRAY(r->arena, const struct aver_yaml_node *, map->count);
    size_t n = 0;
    for (const struct aver_yaml_node *c = map->first; c; c = c->next) sorted[n++] = c;
    qsort(sorted, n, sizeof *sorted, key_order);
    const struct aver_yaml_node *second = NULL, *first = NULL;
    for (size_t i = 1; i < n; i++) {
        const struct aver_yaml_node *c = sorted[i];
        if (!aver_bytes_eq(sorted[i - 1]->key, c->key)) continue;
        bool earlier = !second || c->key_line < second->key_line ||
                       (c->key_line == second->key_line && c->key_column < second->key_column);
        if (earlier) second = c, first = sorted[i - 1];
    }
    if (!second) return AVER_OK;
    yaml_mark_t at = {.line = second->key_line - 1, .column = second->key_column - 1};
    return fail(r, "YAML-DUPLICATE", at, "the key \"%.*s\" stands on line %zu already; remove one of the two",
                AVER_STR(second->key), (size_t)first->key_line);
}

static aver_err end(struct reading *r)
{
    const struct aver_yaml_node *node = r->open[--r->depth].node;
    return node->kind == AVER_YAML_MAP ? refuse_duplicates(r, node) : AVER_OK;
}

static aver_err event(struct reading *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT: return AVER_OK;
    case YAML_DOCUMENT_START_EVENT:
        if (e->data.document_start.version_directive ||
            e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
            return fail(r, "YAML-DIRECTIVE", e->start_mark, "directives (%%YAML, %%TAG) are not allowed");
        if (++r->documents > 1)
            return fail(r, "YAML-DOCUMENTS", e->start_mark,
                        "a file holds one document; put the second into its own");
        return AVER_OK;
    case YAML_ALIAS_EVENT:
        return fail(r, "YAML-ALIAS", e->start_mark,
                    "aliases are not allowed; write the value where it is meant");
    case YAML_SCALAR_EVENT: return scalar(r, e);
    case YAML_SEQUENCE_START_EVENT: return begin(r, e, AVER_YAML_LIST);
    case YAML_MAPPING_START_EVENT: return begin(r, e, AVER_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return end(r);
    }
    AVER_UNREACHABLE();
}

/* Marks count characters; a line is looked for by its number. */
static bool tab_at(aver_bytes in, yaml_mark_t mark)
{
    size_t at = 0;
    for (size_t line = 0; line < mark.line && at < in.len; at++) line += in.ptr[at] == '\n';
    for (size_t column = 0; column < mark.column && at < in.len; at++)
        column += at + 1 == in.len || (in.ptr[at + 1] & 0xc0) != 0x80;
    return at < in.len && in.ptr[at] == '\t';
}

/* libyaml 0.2.5 looks at every open flow level for each token, which makes deep flow nesting quadratic. It reads at most
 * 1,024 characters ahead of the event it gives (its bound on a simple key), so leaving at the first level too many keeps
 * that small; the tests hold the time of 256 KiB of '['. */
static aver_err read_events(struct reading *r, yaml_parser_t *parser, aver_bytes in)
{
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(parser, &e)) {
            if (parser->error == YAML_MEMORY_ERROR) aver_oom(0);
            if (parser->error == YAML_SCANNER_ERROR && tab_at(in, parser->problem_mark))
                return fail(r, "YAML-SYNTAX", parser->problem_mark, "a tab stands here; indent with spaces");
            const char *context = parser->context ? parser->context : "";
            return fail(r, "YAML-SYNTAX", parser->problem_mark, "%s%s%s",
                        parser->problem ? parser->problem : "not YAML", *context ? ", " : "", context);
        }
        aver_err err = event(r, &e);
        bool last = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
        if (err != AVER_OK || last) return err;
    }
}

aver_err aver_yaml_read(struct aver_yaml_node **out, const char *file_name, aver_bytes in,
                        struct aver_arena *arena, struct aver_why *why)
{
    struct reading r = {.file_name = file_name, .arena = arena, .why = why};
    yaml_mark_t start = {0};
    if (in.len > AVER_YAML_BYTES_MAX)
        return fail(&r, "YAML-SIZE", start, "the file has %zu bytes, at most %d are allowed", in.len,
                    AVER_YAML_BYTES_MAX);
    if (!aver_bytes_utf8(in)) {
        /* The first line that is not: a line feed is never part of a longer sequence. */
        size_t from = 0, to = 0;
        for (;; from = ++to, start.line++) {
            while (to < in.len && in.ptr[to] != '\n') to++;
            if (!aver_bytes_utf8(aver_bytes_cut(in, from, to - from))) break;
        }
        return fail(&r, "YAML-UTF8", start, "the file is not UTF-8; save it as UTF-8");
    }
    /* A byte order mark, as some editors leave it before the text. */
    if (in.len >= 3 && !memcmp(in.ptr, "\xef\xbb\xbf", 3)) in = aver_bytes_cut(in, 3, in.len - 3);
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) aver_oom(sizeof parser);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, in.ptr ? in.ptr : (const unsigned char *)"", in.len);
    aver_err err = read_events(&r, &parser, in);
    yaml_parser_delete(&parser);
    if (err != AVER_OK) return err;
    bool empty = r.root && r.root->kind == AVER_YAML_SCALAR && r.root->plain && r.root->text.len == 0;
    if (!r.root || empty) return fail(&r, "YAML-EMPTY", start, "the file holds no document");
    *out = r.root;
    return AVER_OK;
}

struct aver_yaml_node *aver_yaml_child(const struct aver_yaml_node *map, aver_bytes key)
{
    if (!map || map->kind != AVER_YAML_MAP) return NULL;
    for (struct aver_yaml_node *c = map->first; c; c = c->next)
        if (aver_bytes_eq(c->key, key)) return c;
    return NULL;
}
