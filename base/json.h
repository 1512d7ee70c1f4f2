/* base/json.h - a strict JSON reader (RFC 8259) and a small writer.
 *
 * The reader refuses what readers disagree about: names that come twice in one object, text that is not UTF-8, lone
 * surrogates, a byte order mark, anything after the value. A number is never converted: its text is kept as it stands,
 * so that "125.50" reaches aver_money_parse and no double is ever made of it. */
#ifndef AVER_BASE_JSON_H
#define AVER_BASE_JSON_H

#include "base/arena.h"

#define AVER_JSON_BYTES_MAX ((size_t)64 << 20) /* of one text */
#define AVER_JSON_NODES_MAX ((size_t)4 << 20)  /* values in one text: one for each 16 bytes of the largest */
#define AVER_JSON_DEPTH_MAX 64                 /* arrays and objects inside one another, read or written */

enum aver_json_kind {
    AVER_JSON_NULL = 1,
    AVER_JSON_FALSE,
    AVER_JSON_TRUE,
    AVER_JSON_NUMBER,
    AVER_JSON_STRING,
    AVER_JSON_ARRAY,
    AVER_JSON_OBJECT,
};

/* A value. It lives in the arena it was read into and borrows from both arena and source text: it is good while both
 * are. Read the members freely, write none. */
struct aver_json {
    const struct aver_json *parent; /* NULL at the root */
    const struct aver_json *first;  /* first element or member, in source order; NULL where there is none */
    const struct aver_json *next;   /* the next one in the same array or object */
    const struct aver_json *
        *sorted;     /* for aver_json_find: the members of a large object in an order of its own */
    aver_bytes key;  /* name of an object's member, unescaped; absent elsewhere */
    aver_bytes text; /* string: unescaped UTF-8, may hold NUL; all else: its exact source bytes */
    uint32_t offset, key_offset; /* where the value, and its name, begin in the source */
    uint32_t count;              /* elements or members */
    uint32_t index;              /* its place in the parent */
    enum aver_json_kind kind;
};

/* Reads one JSON text. On failure *out is left alone and `why` holds a code and, as place, "line L, column C, POINTER"
 * (columns count characters; the JSON Pointer is left out at the root):
 *   AVER_E_LIMIT  JSON-SIZE, JSON-DEPTH, JSON-NODES
 *   AVER_E_INPUT  JSON-BOM, JSON-UTF8, JSON-CUT (the text ends too early), JSON-SYNTAX, JSON-NUMBER, JSON-CONTROL (a
 *                 bare control character in a string), JSON-ESCAPE, JSON-SURROGATE, JSON-DUPLICATE-KEY, JSON-TRAILING
 * Memory taken is at most 96 bytes a value (8 more for a member of a large object) and the length of each string that
 * holds an escape. */
AVER_MUST_CHECK aver_err aver_json_parse(const struct aver_json **out, struct aver_arena *arena,
                                         aver_bytes text, struct aver_why *why);
/* The same text, read only for its form: RFC 8259 section 4 says "SHOULD be unique" of an object's names, so a repeated one is
 * well formed, and aver_json_parse refuses it all the same. Errors as there, JSON-DUPLICATE-KEY left out. */
AVER_MUST_CHECK aver_err aver_json_grammar(struct aver_arena *arena, aver_bytes text, struct aver_why *why);

/* All of these take NULL, and a value of another kind, as having nothing in it, so that look-ups can be chained. */
const struct aver_json *aver_json_get(const struct aver_json *object, const char *name);
const struct aver_json *aver_json_find(const struct aver_json *object, aver_bytes name);
const struct aver_json *aver_json_at(const struct aver_json *array,
                                     size_t index);         /* walks; to visit all use EACH */
aver_bytes aver_json_string(const struct aver_json *value); /* absent unless a string */
aver_bytes aver_json_number(const struct aver_json *value); /* absent unless a number */

/* for (AVER_JSON_EACH(child, value)): elements or members in source order; none where `value` is NULL or a scalar. */
#define AVER_JSON_EACH(child, value)                                                                         \
    const struct aver_json *child = (value) ? (value)->first : NULL;                                         \
    child;                                                                                                   \
    child = child->next

/* "a number", "an object": for sentences. NULL gives "nothing". */
const char *aver_json_kind_name(const struct aver_json *value);

/* Appends the JSON Pointer (RFC 6901) of a value; that of the root is empty. */
void aver_json_pointer(struct aver_buf *buf, const struct aver_json *value);

#define AVER_JSON_PLACE 256
/* The place of a value as aver_json_parse writes it, for the errors of those who read the tree; returns out. Control
 * characters become '?', and what does not fit is cut off. Reads `text`, the source, up to the value. */
char *aver_json_place(char out[AVER_JSON_PLACE], aver_bytes text, const struct aver_json *value);

/* Whether all of `text` is one number of RFC 8259 section 6. */
bool aver_json_is_number(aver_bytes text);

/* The writer appends one JSON text to a buffer and sets commas and line ends itself. Zeros but for `buf` and `pretty`
 * are a writer at its start. Misuse is a bug of the caller and asserted: a value without a key in an object, a key
 * outside one, an end that does not fit, a second value at the root, nesting past AVER_JSON_DEPTH_MAX, a number that is
 * none. That a name comes twice is not looked for. */
struct aver_json_writer {
    struct aver_buf *buf; /* borrowed */
    bool pretty;          /* two spaces a level and one value a line, instead of no space at all */
    bool keyed, done;     /* a key waits for its value; the root is written */
    unsigned depth;
    struct {
        bool object, any;
    } level[AVER_JSON_DEPTH_MAX];
};

void aver_json_begin_object(struct aver_json_writer *w);
void aver_json_end_object(struct aver_json_writer *w);
void aver_json_begin_array(struct aver_json_writer *w);
void aver_json_end_array(struct aver_json_writer *w);
void aver_json_key(struct aver_json_writer *w, const char *name);
void aver_json_key_bytes(struct aver_json_writer *w, aver_bytes name);
/* Each byte that is not part of well-formed UTF-8 is written as \ufffd; absent is written as null. */
void aver_json_put_string(struct aver_json_writer *w, aver_bytes text);
void aver_json_put_str(struct aver_json_writer *w, const char *text); /* the same; NULL is written as null */
void aver_json_put_number(struct aver_json_writer *w, aver_bytes text); /* as it stands */
void aver_json_put_int(struct aver_json_writer *w, int64_t value);
void aver_json_put_uint(struct aver_json_writer *w, uint64_t value);
void aver_json_put_bool(struct aver_json_writer *w, bool value);
void aver_json_put_null(struct aver_json_writer *w);
/* A value that was read, with all that is in it; numbers keep their text, strings get this writer's escapes. */
void aver_json_put_value(struct aver_json_writer *w, const struct aver_json *value);
/* Asserts that one whole value was written; a pretty one gets its last newline. */
void aver_json_finish(struct aver_json_writer *w);

#endif
