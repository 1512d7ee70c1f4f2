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

#define AVER_POLICY_BYTES_MAX 262144
#define AVER_POLICY_FORMAT    "payer-policy/1"
#define AVER_POLICY_PATH_MAX  200

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

struct aver_policy_node {
    enum aver_policy_kind kind;
    uint64_t line;
    aver_bytes key;  /* within its map; absent in lists and at the root */
    aver_bytes path; /* from the root, joined by '.', list items by their index from 0: "benefits.imaging.match.procedures.0" */
    int64_t number;  /* INT, MONEY, RATE, DATE, BOOL (0, 1) */
    aver_bytes text; /* TEXT */
    size_t count;    /* MAP, LIST */
    struct aver_policy_node *children; /* a MAP's sorted bytewise by encoded key, as in the encoding */
    const struct aver_policy_node *parent;
};

struct aver_policy {
    aver_bytes format; /* AVER_POLICY_FORMAT */
    aver_bytes plan_id;
    aver_day effective_from, effective_to; /* both inclusive; by the date of service */
    aver_digest eligibility, coverage, payout; /* SHA-256 of the sources of the contracts that decide its claims */
    aver_digest source;                        /* SHA-256 of the YAML bytes */
    aver_bytes tree;                           /* the encoded root node */
};
extern const struct aver_schema aver_policy_schema;

/* A policy ready for use: the record and its tree, all in the arena; text borrows `bytes`. AVER_E_INPUT: CBOR-*, RECORD-FIELD,
 * POLICY-TREE (a node of another form; place is its path). */
struct aver_policy_loaded {
    struct aver_policy policy;
    struct aver_policy_node root;
    aver_digest digest; /* SHA-256 of the compiled bytes */
};
AVER_MUST_CHECK aver_err aver_policy_load(struct aver_policy_loaded *out, aver_bytes bytes, struct aver_arena *arena,
                                          struct aver_why *why);

/* A child by key (MAP), NULL if there is none or `node` is NULL or no map. */
const struct aver_policy_node *aver_policy_child(const struct aver_policy_node *node, aver_bytes key);
/* By dotted path from `node`; NULL if there is none. "" is the node itself. */
const struct aver_policy_node *aver_policy_at(const struct aver_policy_node *node, aver_bytes path);
/* As a person reads it: "$30.00", "20 %", "2026-01-01", "true", "97110-97546"; maps and lists "{...}", "[...]" with at most
 * 80 bytes. */
void aver_policy_text(struct aver_buf *out, const struct aver_policy_node *node);

#endif
