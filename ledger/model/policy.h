/* ledger/model/policy.h - a payer policy in its compiled form: what is signed, hashed, executed and put into bundles.
 *
 * The YAML (adapters/policy_yaml) is compiled once, at publication, and decides nothing afterwards. The tree keeps, for
 * each value, its kind and the line of the YAML it stood on, so that every cent can name its reason by path, value and
 * line. Encoding of a node: the array [line, kind, value]; a MAP's value is a CBOR map from text keys to nodes, a LIST's an
 * array of nodes, a BOOL's true or false, a TEXT's text, and an integer for INT, MONEY (cents), RATE (basis points) and
 * DATE (day number). */
#ifndef AVER_LEDGER_MODEL_POLICY_H
#define AVER_LEDGER_MODEL_POLICY_H

#include "base/schema.h"

#define AVER_POLICY_BYTES_MAX   262144
#define AVER_POLICY_FORMAT      "payer-policy/1"
#define AVER_POLICY_PATH_MAX    200
#define AVER_POLICY_KEY_MAX     40
#define AVER_POLICY_PLAN_ID_MAX 64
#define AVER_POLICY_CODE_MAX    11 /* of a procedure, place, CARC or RARC */
#define AVER_POLICY_RATE_MAX                                                                                 \
    100000 /* basis points: ten times the whole, for prices set as a percentage of a schedule */

enum aver_policy_kind {
    AVER_POLICY_MAP = 1,
    AVER_POLICY_LIST,
    AVER_POLICY_TEXT,
    AVER_POLICY_INT,
    AVER_POLICY_BOOL,
    AVER_POLICY_MONEY,
    AVER_POLICY_RATE,
    AVER_POLICY_DATE
};

/* What "99202-99215" or "G0402" stands for: every code from `from` to `to` that has letters and digits at the same places
 * as they have, so that 70010-76499 does not take in the CPT category II code 7010F. */
struct aver_policy_range {
    aver_bytes from, to;
};
struct aver_policy_node {
    enum aver_policy_kind kind;
    uint64_t line;
    aver_bytes key; /* within its map; absent in lists and at the root */
    aver_bytes
        path; /* from the root, joined by '.', list items by their index from 0: "benefits.imaging.match.procedures.0" */
    int64_t number;                    /* INT, MONEY, RATE, DATE, BOOL (0, 1) */
    aver_bytes text;                   /* TEXT */
    size_t count;                      /* MAP, LIST */
    struct aver_policy_node *children; /* a MAP's sorted bytewise by encoded key, as in the encoding */
    const struct aver_policy_node *parent;
    /* Set when a policy is loaded, for who looks often: */
    aver_bytes shown;               /* as aver_policy_text gives it */
    struct aver_policy_range range; /* of a TEXT that is one; else absent */
};

struct aver_policy {
    aver_bytes format; /* AVER_POLICY_FORMAT */
    aver_bytes plan_id;
    aver_day effective_from, effective_to; /* both inclusive; by the date of service */
    aver_digest eligibility, coverage,
        payout;         /* SHA-256 of the sources of the contracts that decide its claims */
    aver_digest source; /* SHA-256 of the YAML bytes */
    aver_bytes tree;    /* the encoded root node */
};
extern const struct aver_schema aver_policy_schema;

/* A policy ready for use: the record and its tree, all in the arena; text borrows `bytes`. AVER_E_INPUT: CBOR-*, RECORD-FIELD,
 * POLICY-TREE (a node of another form; place is its path). */
/* Which lines a benefit is for: its lists, NULL those that it has not. */
struct aver_policy_match {
    const struct aver_policy_node *benefit, *procedures, *places, *revenue_codes;
};
struct aver_policy_loaded {
    struct aver_policy policy;
    struct aver_policy_node root;
    struct aver_list matches; /* struct aver_policy_match, one for each of its benefits, in their order */
    aver_digest digest;       /* SHA-256 of the compiled bytes */
};
AVER_MUST_CHECK aver_err aver_policy_load(struct aver_policy_loaded *out, aver_bytes bytes,
                                          struct aver_arena *arena, struct aver_why *why);

/* A child by key (MAP), NULL if there is none or `node` is NULL or no map. */
const struct aver_policy_node *aver_policy_child(const struct aver_policy_node *node, aver_bytes key);
/* By dotted path from `node`; NULL if there is none. "" is the node itself. */
const struct aver_policy_node *aver_policy_at(const struct aver_policy_node *node, aver_bytes path);
/* As a person reads it: "$30.00", "20 %", "2026-01-01", "true", "97110-97546"; maps and lists "{...}", "[...]" with at most
 * 80 bytes. */
void aver_policy_text(struct aver_buf *out, const struct aver_policy_node *node);

/* A key: [a-z0-9_]{1,40}, and not "path", which a contract sees as a node's own path. */
bool aver_policy_key_valid(aver_bytes key);
/* The order of a MAP's keys: as their encodings, so the shorter first, then bytewise. */
int aver_policy_key_cmp(aver_bytes a, aver_bytes b);
/* Appends the node's encoding. Asserts that keys are valid and sorted. */
void aver_policy_encode(struct aver_buf *out, const struct aver_policy_node *node);

/* [A-Z0-9]{1,11} */
bool aver_policy_code_valid(aver_bytes code);
/* Borrows `text`. False unless it is a code, or two of one shape with a '-' between and the first not above the second. */
bool aver_policy_range(struct aver_policy_range *out, aver_bytes text);
bool aver_policy_range_has(const struct aver_policy_range *range, aver_bytes code);

#endif
