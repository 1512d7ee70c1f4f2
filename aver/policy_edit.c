/* aver/policy_edit.c - see policy_edit.h. */
#include "aver/policy_edit.h"

#include <string.h>

#include "adapters/yaml.h"

/* ---- placeholders ---------------------------------------------------------------------------------------------------- */

/* Replaces each ${name=default}; used[i] is set for the edits that had one. */
static void fill(struct aver_buf *out, aver_bytes in, const struct aver_policy_edit *edits, size_t count,
                 bool *used)
{
    for (size_t i = 0; i < in.len;) {
        const uint8_t *end = NULL, *equals = NULL;
        if (i + 1 < in.len && in.ptr[i] == '$' && in.ptr[i + 1] == '{') {
            end = memchr(in.ptr + i, '}', in.len - i);
            equals = end ? memchr(in.ptr + i, '=', (size_t)(end - in.ptr) - i) : NULL;
        }
        if (!equals) {
            aver_buf_byte(out, in.ptr[i++]);
            continue;
        }
        size_t name = i + 2, middle = (size_t)(equals - in.ptr), last = (size_t)(end - in.ptr);
        aver_bytes key = aver_bytes_cut(in, name, middle - name);
        aver_bytes text = aver_bytes_cut(in, middle + 1, last - middle - 1);
        for (size_t k = 0; k < count; k++)
            if (edits[k].value.ptr && aver_bytes_eq(edits[k].name, key)) {
                text = edits[k].value;
                used[k] = true;
            }
        aver_buf_bytes(out, text);
        i = last + 1;
    }
}

/* ---- paths ----------------------------------------------------------------------------------------------------------- */

static const struct aver_yaml_node *at(const struct aver_yaml_node *node, aver_bytes path)
{
    while (node && path.len) {
        const uint8_t *dot = memchr(path.ptr, '.', path.len);
        aver_bytes head = dot ? aver_bytes_cut(path, 0, (size_t)(dot - path.ptr)) : path;
        size_t skip = dot ? head.len + 1 : head.len;
        path = aver_bytes_cut(path, skip, path.len - skip);
        uint64_t index;
        if (node->kind == AVER_YAML_MAP) {
            node = aver_yaml_child(node, head);
        } else if (node->kind == AVER_YAML_LIST && aver_bytes_u64(&index, head) == AVER_OK) {
            for (node = node->first; node && index; index--) node = node->next;
        } else {
            node = NULL;
        }
    }
    return node;
}

/* Byte offset of a line and column (in characters) of the text. */
static size_t offset_of(aver_bytes text, uint64_t line, uint64_t column)
{
    size_t i = 0;
    while (line > 1 && i < text.len) line -= text.ptr[i++] == '\n';
    for (; column > 1 && i < text.len; column--) {
        i++;
        while (i < text.len && (text.ptr[i] & 0xc0) == 0x80) i++;
    }
    return i;
}

/* Where the value that begins at `from` ends: a quoted scalar, a flow map or list, or a plain scalar as read. 0: another form. */
static size_t value_end(aver_bytes text, size_t from, const struct aver_yaml_node *node)
{
    if (from >= text.len) return 0;
    uint8_t quote = text.ptr[from] == '"' || text.ptr[from] == '\'' ? text.ptr[from] : 0;
    if (node->kind == AVER_YAML_SCALAR && node->plain)
        return from + node->text.len <= text.len && !memcmp(text.ptr + from, node->text.ptr, node->text.len)
                   ? from + node->text.len
                   : 0;
    if (node->kind == AVER_YAML_SCALAR && !quote) return 0;
    if (node->kind != AVER_YAML_SCALAR && text.ptr[from] != '{' && text.ptr[from] != '[') return 0;
    size_t depth = 0;
    quote = 0;
    for (size_t i = from; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (quote) {
            bool doubled = c == '\'' && i + 1 < text.len && text.ptr[i + 1] == c; /* '' within '...' */
            if (quote == '"' ? c == '\\' : doubled)
                i++;
            else if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
        }
        if (!quote && depth == 0) return i + 1;
    }
    return 0;
}

static uint64_t last_line(const struct aver_yaml_node *node)
{
    uint64_t last = node->line;
    for (const struct aver_yaml_node *c = node->first; c; c = c->next) { /* depth: AVER_YAML_DEPTH_MAX */
        uint64_t line = last_line(c);
        if (line > last) last = line;
    }
    return last;
}

static void splice(struct aver_buf *text, size_t from, size_t to, aver_bytes with, struct aver_arena *arena)
{
    aver_bytes rest = aver_arena_copy(arena, aver_bytes_of(text->ptr + to, text->len - to));
    text->len = from;
    aver_buf_bytes(text, with);
    aver_buf_bytes(text, rest);
}

static aver_err cannot(struct aver_why *why, const char *file, const struct aver_policy_edit *edit,
                       const char *what)
{
    return aver_fail(why, AVER_E_INPUT, "POLICY-EDIT", file, "%.*s: %s", AVER_STR(edit->name), what);
}

static aver_err edit_path(struct aver_buf *text, const char *file, const struct aver_policy_edit *edit,
                          struct aver_arena *arena, struct aver_why *why)
{
    struct aver_yaml_node *root;
    aver_bytes in = aver_arena_copy(arena, aver_buf_view(text));
    AVER_TRY(aver_yaml_read(&root, file, in, arena, why));
    const struct aver_yaml_node *node = at(root, edit->name);
    if (!node || node == root)
        return aver_fail(why, AVER_E_NOT_FOUND, "POLICY-EDIT", file, "the policy has no value at %.*s",
                         AVER_STR(edit->name));
    if (edit->value.ptr) {
        size_t from = offset_of(in, node->line, node->column), to = value_end(in, from, node);
        if (!to) return cannot(why, file, edit, "only a value that stands on one line can be set");
        splice(text, from, to, edit->value, arena);
        return AVER_OK;
    }
    if (!node->key.ptr) return cannot(why, file, edit, "only a key of a map can be taken out");
    size_t from = offset_of(in, node->key_line, 1), key = offset_of(in, node->key_line, node->key_column);
    if (aver_bytes_trim(aver_bytes_cut(in, from, key - from)).len)
        return cannot(why, file, edit, "only a key that begins its line can be taken out");
    splice(text, from, offset_of(in, last_line(node) + 1, 1), AVER_BYTES_NONE, arena);
    return AVER_OK;
}

aver_err aver_policy_edit(aver_bytes *out, const char *file, aver_bytes yaml,
                          const struct aver_policy_edit *edits, size_t count, struct aver_arena *arena,
                          struct aver_why *why)
{
    struct aver_buf text = {0};
    bool *used = AVER_NEW_ARRAY(arena, bool, count + 1);
    aver_err err = AVER_OK;
    fill(&text, yaml, edits, count, used);
    for (size_t i = 0; err == AVER_OK && i < count; i++)
        if (!used[i]) err = edit_path(&text, file, &edits[i], arena, why);
    *out = aver_arena_copy(arena, aver_buf_view(&text));
    aver_buf_free(&text);
    return err;
}
