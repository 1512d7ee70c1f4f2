/* aver/plain.h - a decision in sentences that a member understands: no codes, every amount, what it comes from, and what to do.
 *
 * The sentences are a table of templates (plain.c) by reason code and group. A template names what it needs, {left}; the first
 * of a code of which everything is known is taken, so that a new counter or limit needs words and no code. */
#ifndef AVER_AVER_PLAIN_H
#define AVER_AVER_PLAIN_H

#include "aver/codes.h"
#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/policy.h"

/* What another party had reported of an accumulator when the claim was decided (aver accumulator post). */
struct aver_plain_report {
    aver_bytes source, counter, tier, period;
    uint64_t scope;
    int64_t cents; /* of all its reports together */
};

/* What an earlier line billed that makes this one a duplicate, or look like one. */
struct aver_plain_earlier {
    uint64_t line;          /* of the claim that is explained */
    aver_bytes control, id; /* of the other claim: patient control number, claim id */
    uint64_t number;        /* of the other line */
    aver_money charge;
    int64_t received; /* ms */
};

struct aver_plain {
    struct aver_arena *arena;
    const struct aver_claim *claim;
    const struct aver_decision *decision;
    const struct aver_policy_loaded *policy; /* NULL: none applied */
    const struct aver_codes *codes;          /* or NULL */
    struct aver_list earlier;                /* of struct aver_plain_earlier; empty: none, or nobody looked */
    struct aver_list reports;                /* of struct aver_plain_report; empty: none, or nobody looked */
};

/* Everything here lies in the arena and ends with a NUL. */
/* "$60.00", "-$0.05". */
const char *aver_plain_money(struct aver_arena *arena, int64_t cents);
/* What was done: the licensed text of the procedure, the claim's own description, the name of the benefit, or "Service G0429". */
const char *aver_plain_service(const struct aver_plain *p, const struct aver_line_decision *line);
/* "in network", "out of network"; another tier by its name. */
const char *aver_plain_tier(struct aver_arena *arena, aver_bytes tier);
/* "2026", "the year from 2026-07-01", "your lifetime": the period of an accumulator. */
const char *aver_plain_period(struct aver_arena *arena, aver_bytes period);
/* "deductible", "out-of-pocket maximum"; "dental maximum" of maxima.dental; another counter by its name. */
const char *aver_plain_counter(struct aver_arena *arena, aver_bytes counter);
/* First and last name of the patient as the claim has them; "" where it has none. */
const char *aver_plain_patient(const struct aver_plain *p);
/* Who gave the service of a line, or of the claim (line NULL): a name, else a number. */
const char *aver_plain_provider(const struct aver_plain *p, const struct aver_line *line);
/* The claim's line of this number; NULL if there is none. */
const struct aver_line *aver_plain_line(const struct aver_plain *p, uint64_t number);
/* "2026-03-02", "2026-03-02 to 2026-03-04". */
const char *aver_plain_days(struct aver_arena *arena, aver_day from, aver_day to);
/* A text of the policy, such as payer.name; "" where it has none. */
const char *aver_plain_policy(const struct aver_plain *p, const char *path);
/* Whom the plan pays: "you" or a provider. */
const char *aver_plain_payee(const struct aver_plain *p);
/* Why adjustment `at` of the line was taken, and who bears it. */
const char *aver_plain_adjustment(const struct aver_plain *p, const struct aver_line_decision *line,
                                  size_t at);
/* What of the member's share a decided line did not take though its benefit has it: a deductible that was met, a copay that was
 * taken, an out-of-pocket maximum that is reached; "" where nothing. */
const char *aver_plain_spared(const struct aver_plain *p, const struct aver_line_decision *line);
/* "pbm reported $90.00 of it": who reported what of an accumulator; "" where nobody did. */
const char *aver_plain_reported(const struct aver_plain *p, aver_bytes counter, aver_bytes tier,
                                aver_bytes period, uint64_t scope);
/* Which earlier line a duplicate is of: "The earlier bill is line 1 of claim X-1."; "" where it is none. */
const char *aver_plain_earlier_words(const struct aver_plain *p, const struct aver_line_decision *line);
/* "20 visits a year", "1 service in any 12 months": what stands at the path of a limit; NULL where it is none. */
const char *aver_plain_maximum(const struct aver_plain *p, aver_bytes path);
/* How much of a limit is used with this line; "" where the limit cannot be told. */
const char *aver_plain_count(const struct aver_plain *p, const struct aver_count *count);
/* What a line that is denied, pended or held says beside its adjustments; "" for one that is decided. */
const char *aver_plain_status(const struct aver_plain *p, const struct aver_line_decision *line);
/* What the member or the provider can do about a line: one sentence for each reason, each once; "" where nothing. */
const char *aver_plain_next(const struct aver_plain *p, const struct aver_line_decision *line);
/* What a person at the insurer must do with a pended line; the contract's own words stand beside it. */
const char *aver_plain_task(const struct aver_line_decision *line);
/* The policy's words on appeals: "" where it has none, and while nothing is decided. */
const char *aver_plain_appeal(const struct aver_plain *p);

/* A line's charge by where it went: charge = off + not_covered + deductible + copay + coinsurance + paid. Cents. */
struct aver_plain_sums {
    int64_t charge, allowed, off, not_covered, deductible, copay, coinsurance, paid, owed;
};
void aver_plain_sum(struct aver_plain_sums *sums, const struct aver_line_decision *line); /* adds */

/* What a claim took from one accumulator, over all its lines: by adjustments, and what lines count to maxima. */
struct aver_plain_standing {
    aver_bytes counter, tier, period;
    uint64_t scope;
    int64_t before, after; /* cents used */
    int64_t credit;        /* cents that count beside them: other tiers, what was carried over */
    int64_t limit;         /* cents; negative: the policy has none for it */
    int64_t left;          /* limit - after - credit, not below 0; 0 without a limit */
};
/* A list of struct aver_plain_standing, in the order in which they were first touched; a family's without a limit is left out. */
struct aver_list aver_plain_standings(const struct aver_plain *p);
/* The limit of an accumulator in the policy, cents; -1: none. */
int64_t aver_plain_limit(const struct aver_policy_loaded *policy, const struct aver_posting *posting);

#endif
