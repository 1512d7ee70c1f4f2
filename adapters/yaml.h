/* adapters/yaml.h - a strict YAML reader: the part of YAML 1.1 in which a person writes settings, and nothing more.
 *
 * One document of UTF-8, block and flow maps and lists, and scalars that stay text: what a value means is the schema's
 * business, never the scalar's look (no `no` that is false, no 0777 that is octal). Refused: anchors and aliases (expansion
 * bombs), tags, merge keys, directives, keys that are not scalars, and the same key twice.
 *
 * Built on libyaml's event interface only, which copies no subtree and composes no document. */
#ifndef AVER_ADAPTERS_YAML_H
#define AVER_ADAPTERS_YAML_H

#include "base/arena.h"

#define AVER_YAML_BYTES_MAX 262144
#define AVER_YAML_DEPTH_MAX 16 /* maps and lists inside each other, flow or block */

enum aver_yaml_kind { AVER_YAML_SCALAR = 1, AVER_YAML_MAP, AVER_YAML_LIST };

struct aver_yaml_node {
    enum aver_yaml_kind kind;
    uint64_t line, column; /* of the value's first character, 1-based; columns count characters */
    bool plain;            /* SCALAR: neither quoted nor a block scalar */
    aver_bytes text;       /* SCALAR: UTF-8, no control characters but line feed and tab; never absent */
    size_t count;          /* MAP, LIST */
    struct aver_yaml_node *first, *next; /* the children, in the order of the file */
    aver_bytes key;                      /* within a map; absent in lists and at the root */
    uint64_t key_line, key_column;
};

/* Reads `in` into the arena; nothing borrows the input. `file_name` is for places only.
 * AVER_E_INPUT with place "file:line:column":
 *   YAML-SIZE       more than AVER_YAML_BYTES_MAX
 *   YAML-UTF8       not UTF-8
 *   YAML-SYNTAX     not YAML, in libyaml's words; a tab where spaces should indent
 *   YAML-EMPTY      no document, or an empty one
 *   YAML-DOCUMENTS  a second document
 *   YAML-DIRECTIVE  %YAML or %TAG
 *   YAML-ANCHOR, YAML-ALIAS, YAML-TAG, YAML-MERGE ("<<")
 *   YAML-KEY        a key that is no scalar, or empty
 *   YAML-DUPLICATE  a key for the second time; the text names the line of the first
 *   YAML-DEPTH      deeper than AVER_YAML_DEPTH_MAX
 *   YAML-CONTROL    a control character in a scalar */
AVER_MUST_CHECK aver_err aver_yaml_read(struct aver_yaml_node **out, const char *file_name, aver_bytes in,
                                        struct aver_arena *arena, struct aver_why *why);

/* A map's child by key; NULL if there is none, or `map` is NULL or no map. */
struct aver_yaml_node *aver_yaml_child(const struct aver_yaml_node *map, aver_bytes key);

#endif
