/* ledger/transition/adjudicate.h - one claim through its three contracts.
 *
 * The host finds the member, the plan and its policy; eligibility, coverage and payout then explain, cent by cent, what the
 * plan does not pay (DESIGN section 1: pay by subtraction). The host keeps the books while they do it: an act that would
 * break an identity is a trap, and what is left of each line at the end is paid. */
#ifndef AVER_LEDGER_TRANSITION_ADJUDICATE_H
#define AVER_LEDGER_TRANSITION_ADJUDICATE_H

#include "ledger/model/claim.h"
#include "ledger/model/table.h"
#include "ledger/transition/machine.h"
#include "ledger/transition/work.h"

/* Of all stages of one claim together: what looks from line to line takes more of each line the more there are. */
#define AVER_GAS_CLAIM_MAX(lines) (UINT64_C(5000000) + UINT64_C(10000) * (uint64_t)(lines))

struct aver_case;

/* A benefit year, by its first and last day. */
struct aver_case_year {
    aver_bytes
        period; /* of accumulators: "2026"; of a year that begins later than on January 1st its first day */
    aver_day from, to;
};

/* One line while it is decided. */
struct aver_case_line {
    struct aver_case *of;
    const struct aver_line *line;
    struct aver_line_decision *decision;
    const struct aver_policy_node *benefit; /* set by the contract, or NULL */
    int64_t left;                           /* cents: charge - adjustments so far; what would be paid now */
    int64_t share;                          /* of these, deductible, coinsurance and copay */
    size_t
        priced; /* how many of its adjustments say what is allowed: those of allow and reduce, which come first */
    bool allowed_set, visit_counted;
    bool located;        /* the locality was looked up */
    aver_bytes locality; /* of the place of service, as the policy's table of localities has it, or none */
    bool sealed;         /* what the plan pays of it is counted: no adjustment may follow */
    struct aver_case_year year;  /* of `accrues` */
    aver_day accrues;            /* the day by which accumulators go: service_from, or the admission */
    bool by_admission;           /* the claim belongs wholly to the year of its admission */
    struct aver_service service; /* what it bills, as the history keeps it */
    aver_bytes prior_auth;       /* the authorization's number that it names, or none */
};

struct aver_case {
    const struct aver_claim *claim;
    char id[25];
    aver_bytes family;                /* id; absent: the member is unknown */
    const struct aver_member *member; /* NULL then, and of twins of whom the claim's first name tells none */
    bool twins;
    const struct aver_policy_loaded *policy;
    aver_bytes pool; /* whose accumulators the plan's claims use: plan.accumulators, else the plan's own id */
    struct aver_case_line *lines;
    size_t lines_count;
    aver_day received;
    enum aver_stage stage;
    struct aver_decision *decision;
    struct aver_machine *machine;
    struct aver_work *work;
    struct aver_arena *arena;
    const struct aver_view *view;
    struct aver_list balances; /* struct case_balances *, private to postings.c */
    struct aver_list limits;   /* struct case_limit *, private to postings.c */
    struct aver_list visits;   /* struct case_visits, private to visits.c */
    struct aver_list services; /* struct case_services, private to history.c */
    struct aver_list uses;     /* struct case_uses, private to uses.c */
    struct aver_list tables;   /* of struct aver_table_used */
    uint64_t read, read_paid; /* balances and visits read from the state, and how many of them were charged */
    uint64_t tiers,
        carried;     /* other tiers added up, and postings to the next year, that are not yet charged */
    aver_err failed; /* the world's error met inside a host function; ends the item */
    struct aver_why *why;
};

/* Decides the claim. Returns the world's errors only; what a contract did wrong is in the decision (status HELD). `said` gets
 * what no receipt holds: words and stage_gas. Reads the state and writes none of it; *out lies in work's arena. */
AVER_MUST_CHECK aver_err aver_adjudicate(struct aver_case **out, struct aver_machine *machine,
                                         struct aver_work *work, const char *claim_id,
                                         const struct aver_claim *claim, struct aver_decision *decision,
                                         struct aver_applied *said, struct aver_why *why);
/* Writes what the decision changes in the records of the family; the caller writes the claim's own. Once. */
AVER_MUST_CHECK aver_err aver_adjudicate_write(struct aver_case *c);

/* A case whose claim, id and decision are set, before its contracts: no line is decided. */
void aver_case_begin(struct aver_case *c);

/* The world's error inside a host function: remembered, and the contract is left. */
enum aver_trap aver_case_failed(struct aver_case *c, aver_err err);

/* Benefit years: year.c. Sets those of all lines; the policy is chosen. */
void aver_case_years(struct aver_case *c);
struct aver_case_year aver_case_year_of(struct aver_case *c, aver_day day);

/* Accumulators: postings.c. A counter is the name of a map of the policy: COUNTER.TIER.individual and .family are its limits,
 * of a year and a tier, and family_rule "aggregate" lets only the family's bind (adjudication-rules 3). "maxima.NAME" has no
 * tier; it is of a year or of a lifetime, and of what is paid or considered rather than of an adjustment
 * (adjudication-rules 11). What another tier counts to this one (counts_to), and what the end of the year before carried over
 * (carry_over_months), lies in the balances of its own tier and year and is added when one is asked what is left. */
const struct aver_policy_node *aver_case_counter_node(const struct aver_policy_node *root,
                                                      aver_bytes counter); /* NULL: the policy has none */
bool aver_case_counter_known(const struct aver_case *c, aver_bytes counter);
bool aver_case_counter_is_maximum(aver_bytes counter);
/* Whether a maximum of the policy counts what the plan pays; else it counts what is considered. */
bool aver_case_maximum_of_paid(const struct aver_case *c, aver_bytes counter);
AVER_MUST_CHECK aver_err aver_case_left(struct aver_case *c, const struct aver_case_line *line,
                                        aver_bytes counter, int64_t *left);
/* The policy path of the limit that leaves least, of those of the member and of the family. AVER_BYTES_NONE: none binds. */
AVER_MUST_CHECK aver_err aver_case_limit_path(struct aver_case *c, const struct aver_case_line *line,
                                              aver_bytes counter, aver_bytes *path);
/* Adds the postings of `amount` to the list, with this basis (0: that of an adjustment). The amount is within what is left.
 * AVER_E_RANGE: the balance would leave the range of money; AVER_E_LIMIT: the person would have more than AVER_BALANCES_MAX
 * balances. */
AVER_MUST_CHECK aver_err aver_case_post(struct aver_case *c, const struct aver_case_line *line,
                                        aver_bytes counter, int64_t amount, enum aver_basis basis,
                                        struct aver_list *postings);
/* Whether what counts is above the limit of the member or the family: only what another party reported brings it there. */
AVER_MUST_CHECK aver_err aver_case_past(struct aver_case *c, const struct aver_case_line *line,
                                        aver_bytes counter, bool *past);
/* The exact negatives of postings that were made earlier, in c->pool: appends them to `out`. *below: a balance would fall below
 * zero. */
AVER_MUST_CHECK aver_err aver_case_reverse(struct aver_case *c, const struct aver_list *postings,
                                           struct aver_list *out, bool *below);
AVER_MUST_CHECK aver_err aver_case_balances_write(struct aver_case *c);

/* Duplicates: history.c. */
enum aver_duplicate { AVER_DUPLICATE_NONE, AVER_DUPLICATE_SUSPECTED, AVER_DUPLICATE_EXACT };
AVER_MUST_CHECK aver_err aver_case_duplicate(struct aver_case *c, const struct aver_case_line *line,
                                             enum aver_duplicate *out);
/* What the line bills. Lies in the case's arena. */
struct aver_service aver_case_service(struct aver_case *c, const struct aver_line *line);
/* What earlier claims billed for the member on the line's day: a list of struct aver_service, denied lines left out. */
AVER_MUST_CHECK aver_err aver_case_day(struct aver_case *c, const struct aver_case_line *line,
                                       const struct aver_list **out);
/* Thousandths of the line's units that are paid, as far as they decide it. */
static inline uint64_t aver_case_units(const struct aver_case_line *line)
{
    return line->decision->units_paid ? line->decision->units_paid : line->line->units;
}
/* The different procedures that the claim and earlier ones bill on the line's day, ascending bytewise: aver_bytes. Before, for
 * the price: how many aver_case_codes will sort (0 when it has), and at most how many codes there are. */
AVER_MUST_CHECK aver_err aver_case_codes(struct aver_case *c, const struct aver_case_line *line,
                                         struct aver_list *out);
AVER_MUST_CHECK aver_err aver_case_codes_count(struct aver_case *c, const struct aver_case_line *line,
                                               size_t *unsorted, size_t *codes);
/* How much aver_case_duplicate will look through, for its price. */
AVER_MUST_CHECK aver_err aver_case_services_count(struct aver_case *c, const struct aver_case_line *line,
                                                  size_t *out);

/* Visits: visits.c. The visit that this line belongs to: how many others of its benefit and period were counted, and what copay
 * it has paid, by earlier claims and by this one. */
struct aver_visit_facts {
    uint64_t used;        /* counted visits of this benefit and period, this one left out */
    bool counted;         /* this visit is among the counted */
    aver_money copay;     /* taken for this visit so far */
    aver_money day_copay; /* taken for this benefit on this day, whatever the provider */
};
/* AVER_E_RANGE: the copays of a day leave the range of money. */
AVER_MUST_CHECK aver_err aver_case_visit(struct aver_case *c, const struct aver_case_line *line,
                                         struct aver_visit_facts *out);
/* How much that looks through, for its price. */
AVER_MUST_CHECK aver_err aver_case_visits_count(struct aver_case *c, const struct aver_case_line *line,
                                                size_t *out);
/* Adds to what this claim takes of the visit. AVER_E_LIMIT: the period has AVER_VISITS_MAX records; AVER_E_RANGE: the copays of the
 * day leave the range of money. */
AVER_MUST_CHECK aver_err aver_case_visit_add(struct aver_case *c, const struct aver_case_line *line,
                                             bool count, int64_t copay);
void aver_case_visits_write(struct aver_case *c);

/* "f/FAMILY/KIND/MEMBER" and the parts, escaped; in the arena. */
aver_bytes aver_case_name(struct aver_case *c, const char *kind, const aver_bytes *parts, size_t count);

/* How often: uses.c. A rule of the policy's frequency: `limit` services or units (count) per benefit_year, lifetime, or rolling:
 * in any window of `window` and `unit` that has the line's day in it. Thousandths. */
struct aver_use_facts {
    uint64_t used; /* by other lines */
    uint64_t mine, limit;
};
AVER_MUST_CHECK aver_err aver_case_uses(struct aver_case *c, const struct aver_case_line *line,
                                        const struct aver_policy_node *rule, struct aver_use_facts *out);
/* How much that looks through, for its price. */
AVER_MUST_CHECK aver_err aver_case_uses_count(struct aver_case *c, const struct aver_policy_node *rule,
                                              size_t *out);
/* AVER_E_LIMIT: the member has AVER_USES_MAX uses of the rule. */
AVER_MUST_CHECK aver_err aver_case_use_add(struct aver_case *c, const struct aver_case_line *line,
                                           const struct aver_policy_node *rule, uint64_t units);
void aver_case_uses_write(struct aver_case *c);
AVER_MUST_CHECK aver_err aver_case_history_room(struct aver_case *c, bool *room);
AVER_MUST_CHECK aver_err aver_case_history_write(struct aver_case *c);

#endif
