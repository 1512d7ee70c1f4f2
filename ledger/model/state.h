/* ledger/model/state.h - the names and records of the state, and their commitments.
 *
 * A name is text; LMDB keeps names of one family together. In the trie neither names nor records appear, only commitments:
 *   key   = SHA-256(HMAC(S, "k", name), name)
 *   value = SHA-256(HMAC(S, "v", height as 8 bytes big-endian, name), record)
 * where S is the family's secret for names that begin with "f/", else the ledger's, and height that of the group that wrote
 * the record. The inner HMAC opens one key or value without opening S.
 *
 *   name                                record
 *   g                                   struct aver_genesis
 *   k/<kid, hex>                        struct aver_key_state
 *   p/<party>                           struct aver_party_state
 *   a/<artifact digest, hex>            struct aver_artifact_state
 *   n/<contract name>                   struct aver_name_state: the artifact in force
 *   t/<table name>                      struct aver_name_state
 *   l/<plan id, escaped>                struct aver_plan_state: the policies of the plan
 *   m/<member id, escaped>              struct aver_member_state
 *   f/<family>                          struct aver_family: what was enrolled last. Decides nothing but the family's secret
 *   f/<family>/m/<member>               struct aver_enrolled: one member, as claims are decided by it
 *   f/<family>/b/<day of birth>         struct aver_born: the members born on that day, for patients who come without an id
 *   f/<family>/y/<member>/<pool>/<period>  struct aver_balances; member "*" for the family's own. The pool is what plans name
 *                                       to share accumulators, else the plan's id
 *   f/<family>/d/<member>/<day>         struct aver_services: what was billed for that day, against duplicates
 *   f/<family>/v/<member>/<pool>/<benefit>/<period>  struct aver_visits
 *   f/<family>/u/<member>/<pool>/<rule>  struct aver_uses: of a rule of how often
 *   f/<family>/x/<accrual id>            struct aver_accrual_state: what another party reported, and whether it was taken back
 *   c/<claim id>                        struct aver_claim_state
 *   q/<payee id, escaped>               struct aver_payee_state: claims not yet remitted
 *   r/<trace>                           struct aver_remittance
 * "Escaped": bytes outside [A-Za-z0-9._-] become %XX, upper-case hex; a <member> within f/ is escaped too. */
#ifndef AVER_LEDGER_MODEL_STATE_H
#define AVER_LEDGER_MODEL_STATE_H

#include "base/schema.h"

#define AVER_STATE_NAME_MAX 480 /* below LMDB's 511 */

/* How long the lists of the records grow. Who adds to one checks first: a record past its bound cannot be encoded. */
#define AVER_PARTY_KEYS_MAX    1000
#define AVER_PLAN_VERSIONS_MAX 10000
#define AVER_BALANCES_MAX      1000
#define AVER_SERVICES_MAX      2000  /* of one member on one day */
#define AVER_VISITS_MAX        2000  /* of one benefit in one period: what each claim took of each */
#define AVER_USES_MAX          2000  /* of one rule of how often */
#define AVER_USE_WINDOW_MAX    36500 /* days, months or years that a window rolls over */
#define AVER_REMIT_CLAIMS_MAX  10000 /* X12 005010X221 1.3.2: at most 10,000 CLP segments in one ST-SE */

struct aver_member;

struct aver_key_state {
    aver_bytes party;
    aver_bytes public_key; /* 32 bytes */
    uint64_t from;         /* height since which it may sign */
    uint64_t revoked;      /* height since which it may not; 0: it may */
    aver_bytes reason;
};
struct aver_party_state {
    aver_bytes name;
    uint64_t role;
    aver_bytes npi;
    uint64_t since, revoked; /* heights */
    struct aver_list kids;   /* aver_bytes as hex text, in the order added */
    aver_bytes
        word; /* an insurer that was added later: the insurer of the genesis on whose word it stands, in the end */
};
struct aver_artifact_state {
    uint64_t kind;
    aver_bytes name;
    aver_bytes proposer;         /* party */
    uint64_t proposed, approved; /* heights; approved 0: not in force */
    aver_bytes approver;
    uint64_t entry; /* log index of the item that holds the content */
};
struct aver_name_state {
    aver_digest artifact;
    uint64_t height; /* of the approval */
};
struct aver_plan_version {
    aver_digest policy;
    aver_day from, to;
    uint64_t height; /* of the approval: the revision; of two that hold on a day, the later one decides */
};
struct aver_plan_state {
    struct aver_list versions; /* of struct aver_plan_version, in the order approved */
};
struct aver_member_state {
    aver_bytes family;
    aver_digest
        secret; /* SHA-256 of the family's secret: who opens the family's state cannot do it by another */
};
struct aver_enrolled {
    struct aver_member *member; /* NULL: has left */
};
struct aver_born_member {
    aver_bytes member_id, first_name;
};
struct aver_born {
    struct aver_list members; /* of struct aver_born_member, member_id ascending; empty when they have left */
};

struct aver_balance {
    aver_bytes counter, tier;
    aver_delta used;   /* cents */
    uint64_t postings; /* how many made it */
    aver_digest head;  /* SHA-256(head before, claim id, encoded posting): the list that made it */
};
struct aver_balances {
    struct aver_list items; /* of struct aver_balance, by (counter, tier) */
};

/* Adjudication-rules 13: the key of a line against duplicates. */
struct aver_service {
    aver_bytes claim_id;
    uint64_t line;
    aver_bytes provider; /* rendering NPI, else billing */
    aver_day to;
    aver_bytes procedure;
    struct aver_list modifiers; /* aver_bytes, sorted */
    aver_bytes place;
    uint64_t units;
    aver_money charge;
    bool waits;            /* its claim was pended or held: it may never be paid */
    uint64_t units_denied; /* of `units` those that are not paid, while the line is */
};
struct aver_services {
    struct aver_list items; /* of struct aver_service, in ledger order */
};

/* A consumption record: what one claim took of one visit (adjudication-rules 9 and 10: member, benefit, provider, day). The visit is
 * what its claims say together: it is counted if one of them counted it, and its copay is the sum of theirs. */
struct aver_visit {
    aver_bytes claim_id;
    aver_bytes provider; /* rendering NPI, else billing */
    aver_day day;
    aver_money copay; /* what the claim took of it */
    bool counted;     /* by the claim, against the visit limit */
};
struct aver_visits {
    struct aver_list items; /* of struct aver_visit, by day and provider, then in ledger order */
};

/* A consumption record: what one line used of a rule of how often. */
struct aver_use {
    aver_bytes claim_id;
    uint64_t line;
    aver_day day;
    uint64_t units; /* thousandths; a service is 1000 */
};
struct aver_uses {
    struct aver_list items; /* of struct aver_use, by day, then in ledger order */
};

struct aver_accrual_state {
    aver_bytes source, reference, member_id, plan, pool;
    aver_day day;
    struct aver_list postings; /* of struct aver_posting: what it posted */
    uint64_t height;
    uint64_t reversed; /* height at which it was taken back; 0: it stands */
    bool past;         /* the counter was past its limit with it */
};

struct aver_claim_state {
    uint64_t version;
    uint64_t status;      /* enum aver_claim_status */
    aver_bytes party;     /* who filed */
    aver_bytes filing_id; /* 16 bytes */
    aver_digest leaf;
    int64_t received;       /* ms */
    uint64_t height, entry; /* where it stands in the log */
    aver_bytes payee;
    aver_money charge, paid;
    aver_bytes
        open_before; /* id of the claim that was the newest open one of the payee; a list from the newest back */
    aver_bytes trace; /* the remittance that reported it */
    aver_bytes family;
    aver_bytes control; /* patient control number */
};
struct aver_payee_state {
    aver_bytes newest; /* id of the newest claim not yet remitted */
    uint64_t open;     /* how many */
    uint64_t remittances;
    aver_delta carried; /* a negative balance carried forward: 0 or below */
};
struct aver_remittance {
    aver_bytes payee, trace;
    aver_day date;
    struct aver_list claims; /* aver_bytes: ids in ledger order */
    aver_delta claims_paid;  /* sum */
    aver_delta carried_in, carried_out;
    aver_money payment; /* claims_paid + carried_in - carried_out, never negative */
    uint64_t entry;
};

extern const struct aver_schema aver_key_state_schema, aver_party_state_schema, aver_artifact_state_schema,
    aver_name_state_schema, aver_plan_state_schema, aver_member_state_schema, aver_balances_schema,
    aver_services_schema, aver_visits_schema, aver_claim_state_schema, aver_payee_state_schema,
    aver_remittance_schema, aver_enrolled_schema, aver_born_schema, aver_accrual_state_schema,
    aver_uses_schema;

/* Appends the text, escaped as above. */
void aver_name_escape(struct aver_buf *out, aver_bytes text);

/* The family id of a name that begins with "f/", absent for any other. */
aver_bytes aver_name_family(aver_bytes name);

aver_digest aver_state_key_opening(aver_bytes secret, aver_bytes name); /* HMAC(S, "k", name) */
aver_digest aver_state_value_opening(aver_bytes secret, aver_bytes name,
                                     uint64_t height); /* HMAC(S, "v", height, name) */
aver_digest aver_state_key(aver_bytes secret, aver_bytes name);
aver_digest aver_state_value(aver_bytes secret, aver_bytes name, uint64_t height, aver_bytes record);
/* The same by a secret made ready once, for who commits to many names. */
aver_digest aver_state_key_by(const struct aver_hmac_key *secret, aver_bytes name);
aver_digest aver_state_value_by(const struct aver_hmac_key *secret, aver_bytes name, uint64_t height,
                                aver_bytes record);

#endif
