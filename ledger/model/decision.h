/* ledger/model/decision.h - what was decided on a claim, and the receipt of any item.
 *
 * A receipt is per item of a batch; a claim's carries its decision. Both are canonical (base/schema.h) and their bytes are
 * what re-execution must reproduce. Every identity of DESIGN section 6 holds on them: aver_decision_check. */
#ifndef AVER_LEDGER_MODEL_DECISION_H
#define AVER_LEDGER_MODEL_DECISION_H

#include "base/schema.h"

#define AVER_LINE_ADJUSTMENTS_MAX 64
#define AVER_CALL_CHAIN_MAX       8
#define AVER_COUNTER_MAX          80 /* "maxima." and an id */
#define AVER_PAYEE_MAX            96 /* "member:" and a member id, or a provider's id */
#define AVER_POSTINGS_MAX         16 /* of one adjustment */
#define AVER_LINE_POSTINGS_MAX    32 /* of one line, beside those of its adjustments */
#define AVER_LINE_COUNTS_MAX      32
#define AVER_TABLES_USED_MAX      64    /* by one decision */
#define AVER_TOUCHES_MAX          65536 /* by one item: a remittance touches every claim that it reports */

enum aver_claim_status { AVER_CLAIM_PAYABLE = 1, AVER_CLAIM_DENIED, AVER_CLAIM_PENDED, AVER_CLAIM_HELD };
extern const char *const
    aver_claim_status_names[]; /* "decided" (some line not denied), "denied", "pended", "held" (a trap) */
enum aver_line_status { AVER_LINE_DECIDED = 1, AVER_LINE_DENIED, AVER_LINE_PENDED, AVER_LINE_HELD };
extern const char *const aver_line_status_names[];
enum aver_stage { AVER_STAGE_ELIGIBILITY = 1, AVER_STAGE_COVERAGE, AVER_STAGE_PAYOUT, AVER_STAGE_HOST };
extern const char *const aver_stage_names[];
/* X12 835 CAS01, without CR, which is not sent (5010). */
enum aver_group { AVER_GROUP_CO = 1, AVER_GROUP_OA, AVER_GROUP_PI, AVER_GROUP_PR };
extern const char *const aver_group_names[];

/* A consumption record: what one adjustment, or a line, took from one accumulator. A reversal is its exact negative. */
enum aver_scope { AVER_SCOPE_MEMBER = 1, AVER_SCOPE_FAMILY };
extern const char *const aver_scope_names[];
/* What a posting is the amount of: an adjustment's own (0), or of a line what the plan paid, or what of it was considered. */
enum aver_basis { AVER_BASIS_ADJUSTMENT = 0, AVER_BASIS_PAID, AVER_BASIS_CONSIDERED };
extern const char *const aver_basis_names[];
struct aver_posting {
    aver_bytes
        counter; /* "deductible", "oop_max": the policy path of its limits is counter.tier; "maxima.dental": of a
                           maximum, which has no tier; "carry_over": what the next year's deductible is credited with */
    aver_bytes tier;
    uint64_t scope;
    aver_bytes period; /* benefit year: "2026", "2026-07-01"; "all": a lifetime */
    aver_delta amount; /* cents */
    aver_delta before; /* the balance used before; after = before + amount */
    aver_bytes pool;   /* whose accumulators; absent: those of the decision's plan */
    aver_delta
        credit; /* what counted against the limit beside `before`: other tiers, and what was carried over */
    uint64_t basis; /* enum aver_basis */
    uint64_t after; /* CONSIDERED: how many of the line's adjustments had been taken off */
};

/* What a line used of something that is counted and not paid: visits, or how often. */
struct aver_count {
    aver_bytes limit;        /* policy path of the limit */
    uint64_t before, amount; /* thousandths: of one visit, service or unit */
    uint64_t most;           /* thousandths: the limit */
};

struct aver_adjustment {
    uint64_t group;
    aver_bytes carc;       /* "45", "B7" */
    aver_delta amount;     /* cents, never zero; positive lowers the payment */
    aver_bytes because;    /* policy path; it exists in the policy */
    aver_bytes value;      /* the policy's value there, as a person reads it */
    uint64_t policy_line;  /* of the YAML */
    struct aver_list rarc; /* aver_bytes */
    uint64_t stage;
    struct aver_list lines;    /* uint64_t: the contract's source lines, innermost first */
    struct aver_list postings; /* of struct aver_posting */
    aver_bytes table;          /* name of the table the amount came from */
    aver_bytes table_key;      /* its code */
    aver_bytes note;           /* words for the member */
};

struct aver_line_decision {
    uint64_t number;
    uint64_t status;
    aver_money charge, allowed, paid;
    struct aver_list adjustments; /* of struct aver_adjustment, in the order posted */
    aver_bytes benefit;           /* policy path of the benefit that matched */
    aver_bytes tier;
    aver_bytes reason;         /* PENDED: what a person must do */
    aver_bytes because;        /* PENDED: policy path */
    struct aver_list postings; /* of struct aver_posting: what the line itself counts to maxima */
    struct aver_list counts;   /* of struct aver_count */
    uint64_t units_paid;       /* thousandths, where fewer units are paid than were billed; else 0 */
};

struct aver_table_used {
    aver_bytes name;
    aver_digest root;
};

struct aver_decision {
    aver_bytes claim_id;
    uint64_t version; /* of the claim: 1, and one more for each that replaces it */
    uint64_t status;
    aver_money charge, allowed, paid, patient_responsibility; /* patient_responsibility: sum of PR */
    struct aver_list lines; /* of struct aver_line_decision, as the claim's */
    aver_bytes family_id;   /* absent: the member is unknown */
    aver_bytes member_id;   /* of the patient, as enrolled */
    aver_bytes plan;
    aver_digest policy;                        /* compiled form; zero: none applied */
    aver_digest eligibility, coverage, payout; /* contracts */
    struct aver_list tables;                   /* of struct aver_table_used, by name */
    uint64_t gas;                              /* of all stages together */
    uint64_t gas_table;                        /* AVER_GAS_TABLE_VERSION */
    aver_bytes payee;
    uint64_t trap, trap_stage, trap_line; /* HELD: enum aver_trap, enum aver_stage, source line */
    uint64_t decided_by;                  /* 1 contract, 2 person */
};

/* One state key that was read or written, by its commitments (docs/formats.md, state). */
struct aver_touch {
    aver_digest key;
    aver_digest before; /* zero: it was absent */
    aver_digest after;  /* zero: only read */
};

struct aver_receipt {
    uint64_t outcome; /* enum aver_outcome */
    uint64_t height;
    struct aver_list touches;       /* of struct aver_touch, keys ascending */
    struct aver_decision *decision; /* of a claim */
};

extern const struct aver_schema aver_receipt_schema, aver_decision_schema, aver_line_decision_schema,
    aver_adjustment_schema, aver_posting_schema, aver_touch_schema;

/* The identities of DESIGN section 6 that a decision shows by itself. AVER_E_DIFFERS with the identity as code and the line
 * in `place`:
 *   MONEY-LINE     charge - sum(adjustments) = paid
 *   MONEY-CLAIM    totals are the sums of the lines; patient_responsibility the sum of PR
 *   MONEY-ALLOWED  0 <= paid <= allowed; allowed above the charge only with a negative adjustment that says so
 *   MONEY-SHARE    PR 1, 2, 3 <= allowed
 *   MONEY-ZERO     an adjustment of zero
 *   MONEY-DENIED   a denied line pays and allows nothing and consumes nothing: one adjustment takes its whole charge (none
 *                  if that is zero); a claim is denied if and only if all its lines are
 *   MONEY-HELD     a claim that is pended or held pays nothing and posts nothing: its lines carry their charge and no
 *                  adjustment, its totals but the charge are zero; no other claim has such a line
 *   MONEY-45       CARC 45 in a group other than CO or PR, or for the whole charge
 *   MONEY-POSTING  a posting of another amount than its adjustment; of a line, of another amount than what is paid, or than
 *                  what its first adjustments leave, none of which is the member's share; one of nothing, or with an overflow
 *   COUNT-LIMIT    a count of nothing, of a line that is not decided, or past its limit */
AVER_MUST_CHECK aver_err aver_decision_check(const struct aver_decision *decision, struct aver_why *why);

#endif
