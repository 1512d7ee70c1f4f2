/* base/schema.h - a record described once, in a table of its fields.
 *
 * The table serves every form that a record takes: deterministic CBOR (a map from small integer keys), JSON (field
 * names), the fields a contract sees, CSV columns, and the tables of docs/formats.md. So a name, a unit or a bound is
 * written in one place.
 *
 * Encoding: a map; keys are the fields' numbers, 1 to 255, ascending, so that bytewise and length-first order agree. Up to 23 a number
 * is one byte, above it two. An
 * optional field that holds its absent value is left out, and a reader refuses it when it is present with that value:
 * one record has one encoding. Absent values: UINT and INT 0, BOOL false, MONEY and DELTA 0, DAY AVER_NO_DAY, TEXT, BYTES
 * and RAW ptr NULL, DIGEST all zeros, STRUCT NULL, lists count 0. Empty text is not allowed anywhere. */
#ifndef AVER_BASE_SCHEMA_H
#define AVER_BASE_SCHEMA_H

#include "base/arena.h"
#include "base/cbor.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/money.h"

enum aver_type {
    AVER_T_UINT, /* uint64_t, at most `max` where max is not 0; with `names`, an enumeration: 1..max where a name is */
    AVER_T_INT,    /* int64_t */
    AVER_T_BOOL,   /* bool */
    AVER_T_MONEY,  /* aver_money, cents */
    AVER_T_DELTA,  /* aver_delta, cents */
    AVER_T_DAY,    /* aver_day, days since 1970-01-01 */
    AVER_T_TEXT,   /* aver_bytes, UTF-8 without control characters, 1..max bytes */
    AVER_T_BYTES,  /* aver_bytes, at most max bytes */
    AVER_T_FIXED,  /* aver_bytes, exactly max bytes */
    AVER_T_DIGEST, /* aver_digest */
    AVER_T_STRUCT, /* pointer to a struct described by `of` */
    AVER_T_LIST,   /* struct aver_list of structs described by `of`, at most max */
    AVER_T_TEXTS,  /* struct aver_list of aver_bytes, at most max, each 1..AVER_TEXTS_BYTES_MAX bytes */
    AVER_T_UINTS,  /* struct aver_list of uint64_t, at most max */
    AVER_T_RAW,    /* aver_bytes: one CBOR item of the profile, kept as it is, at most max bytes */
};

#define AVER_TEXTS_BYTES_MAX 256

struct aver_schema;
struct aver_field {
    uint8_t key; /* from 1 */
    uint8_t type;
    bool optional;
    uint32_t offset;
    uint64_t max;
    const char *name;
    const struct aver_schema *of;
    const char *const *names; /* of an enumeration: names[value], names[0] unused */
};

struct aver_schema {
    const char *name;
    size_t size; /* of the struct, for allocation */
    size_t count;
    const struct aver_field *fields; /* by ascending key */
};

/* Rows of a field table: AVER_FIELD(1, struct aver_line, number, UINT, 999) */
#define AVER_FIELD(k, s, member, t, m)                                                                       \
    {                                                                                                        \
        k, AVER_T_##t, false, offsetof(s, member), m, #member, NULL, NULL                                    \
    }
#define AVER_OPTIONAL(k, s, member, t, m)                                                                    \
    {                                                                                                        \
        k, AVER_T_##t, true, offsetof(s, member), m, #member, NULL, NULL                                     \
    }
#define AVER_ENUM(k, s, member, m, n)                                                                        \
    {                                                                                                        \
        k, AVER_T_UINT, false, offsetof(s, member), m, #member, NULL, n                                      \
    }
#define AVER_OPT_ENUM(k, s, member, m, n)                                                                    \
    {                                                                                                        \
        k, AVER_T_UINT, true, offsetof(s, member), m, #member, NULL, n                                       \
    }
#define AVER_SUB(k, s, member, t, m, o)                                                                      \
    {                                                                                                        \
        k, AVER_T_##t, false, offsetof(s, member), m, #member, o, NULL                                       \
    }
#define AVER_OPT_SUB(k, s, member, t, m, o)                                                                  \
    {                                                                                                        \
        k, AVER_T_##t, true, offsetof(s, member), m, #member, o, NULL                                        \
    }
#define AVER_SCHEMA(var, text, s, f)                                                                         \
    const struct aver_schema var = {text, sizeof(s), sizeof(f) / sizeof(f[0]), f}

/* Appends the record's encoding. Asserts that the record keeps its bounds (aver_schema_check says it without asserting). */
void aver_schema_encode(struct aver_buf *out, const struct aver_schema *schema, const void *record);

/* Reads one record; text and bytes borrow the input, structs and lists lie in the arena. AVER_E_INPUT: CBOR-* and
 * RECORD-FIELD (unknown, missing, out of order, empty, out of bounds). */
AVER_MUST_CHECK aver_err aver_schema_decode(struct aver_cbor *in, const struct aver_schema *schema,
                                            void *record, struct aver_arena *arena);
/* The same for bytes that must hold the record and nothing else. */
AVER_MUST_CHECK aver_err aver_schema_read(aver_bytes in, const struct aver_schema *schema, void *record,
                                          struct aver_arena *arena, struct aver_why *why);

/* AVER_E_INPUT, RECORD-FIELD, with the field's path in `place`, when the record does not keep the bounds of its table. */
AVER_MUST_CHECK aver_err aver_schema_check(const struct aver_schema *schema, const void *record,
                                           struct aver_why *why);

/* By name; NULL if there is none. */
const struct aver_field *aver_schema_field(const struct aver_schema *schema, aver_bytes name);

/* Absent as defined above. */
bool aver_field_absent(const struct aver_field *field, const void *record);

/* Fields whose absent value is not all zero bits (days) set to absent. A zeroed record needs this before it is filled. */
void aver_schema_init(const struct aver_schema *schema, void *record);

#endif
