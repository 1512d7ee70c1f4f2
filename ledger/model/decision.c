/* ledger/model/decision.c - see decision.h. */
#include "ledger/model/decision.h"

#include <stdio.h>

#include "ledger/model/claim.h"
#include "ledger/model/outcome.h"
#include "ledger/model/policy.h"
#include "ledger/model/tx.h"

#define TEXT_MAX 400 /* words for people */
#define ID_MAX   80  /* payees, members and plans */

const char *const aver_claim_status_names[] = {NULL, "decided", "denied", "pended", "held"};
const char *const aver_line_status_names[] = {NULL, "decided", "denied", "pended", "held"};
const char *const aver_stage_names[] = {NULL, "eligibility", "coverage", "payout", "host"};
const char *const aver_group_names[] = {NULL, "CO", "OA", "PI", "PR"};
const char *const aver_scope_names[] = {NULL, "member", "family"};
const char *const aver_basis_names[] = {NULL, "paid", "considered"};
static const char *const decided_by_names[] = {NULL, "contract", "person"};

#define P struct aver_posting
static const struct aver_field posting_fields[] = {
    AVER_FIELD(1, P, counter, TEXT, AVER_COUNTER_MAX),
    AVER_OPTIONAL(2, P, tier, TEXT, 64),
    AVER_ENUM(3, P, scope, 2, aver_scope_names),
    AVER_FIELD(4, P, period, TEXT, 16),
    AVER_FIELD(5, P, amount, DELTA, 0),
    AVER_FIELD(6, P, before, DELTA, 0),
    AVER_OPTIONAL(7, P, pool, TEXT, 64),
    AVER_OPTIONAL(8, P, credit, DELTA, 0),
    AVER_OPT_ENUM(9, P, basis, 2, aver_basis_names),
    AVER_OPTIONAL(10, P, after, UINT, AVER_LINE_ADJUSTMENTS_MAX),
};
AVER_SCHEMA(aver_posting_schema, "posting", P, posting_fields);
#undef P

#define C struct aver_count
static const struct aver_field count_fields[] = {
    AVER_FIELD(1, C, limit, TEXT, AVER_POLICY_PATH_MAX),
    AVER_FIELD(2, C, before, UINT, 0),
    AVER_FIELD(3, C, amount, UINT, AVER_CLAIM_UNITS_MAX),
    AVER_FIELD(4, C, most, UINT, 0),
};
static AVER_SCHEMA(count_schema, "count", C, count_fields);
#undef C

#define A struct aver_adjustment
static const struct aver_field adjustment_fields[] = {
    AVER_ENUM(1, A, group, 4, aver_group_names),
    AVER_FIELD(2, A, carc, TEXT, 5),
    AVER_FIELD(3, A, amount, DELTA, 0),
    AVER_OPTIONAL(4, A, because, TEXT, AVER_POLICY_PATH_MAX), /* absent where no policy applied */
    AVER_OPTIONAL(5, A, value, TEXT, TEXT_MAX),
    AVER_OPTIONAL(6, A, policy_line, UINT, 0),
    AVER_OPTIONAL(7, A, rarc, TEXTS, 5), /* the 835's MIA and MOA hold five */
    AVER_ENUM(8, A, stage, 4, aver_stage_names),
    AVER_OPTIONAL(9, A, lines, UINTS, AVER_CALL_CHAIN_MAX),
    AVER_OPT_SUB(10, A, postings, LIST, AVER_POSTINGS_MAX, &aver_posting_schema),
    AVER_OPTIONAL(11, A, table, TEXT, 64),
    AVER_OPTIONAL(12, A, table_key, TEXT, 48),
    AVER_OPTIONAL(13, A, note, TEXT, TEXT_MAX),
};
AVER_SCHEMA(aver_adjustment_schema, "adjustment", A, adjustment_fields);
#undef A

#define L struct aver_line_decision
static const struct aver_field line_decision_fields[] = {
    AVER_FIELD(1, L, number, UINT, 999999),
    AVER_ENUM(2, L, status, 4, aver_line_status_names),
    AVER_FIELD(3, L, charge, MONEY, 0),
    AVER_FIELD(4, L, allowed, MONEY, 0),
    AVER_FIELD(5, L, paid, MONEY, 0),
    AVER_OPT_SUB(6, L, adjustments, LIST, AVER_LINE_ADJUSTMENTS_MAX, &aver_adjustment_schema),
    AVER_OPTIONAL(7, L, benefit, TEXT, AVER_POLICY_PATH_MAX),
    AVER_OPTIONAL(8, L, tier, TEXT, 64),
    AVER_OPTIONAL(9, L, reason, TEXT, TEXT_MAX),
    AVER_OPTIONAL(10, L, because, TEXT, AVER_POLICY_PATH_MAX),
    AVER_OPT_SUB(11, L, postings, LIST, AVER_LINE_POSTINGS_MAX, &aver_posting_schema),
    AVER_OPT_SUB(12, L, counts, LIST, AVER_LINE_COUNTS_MAX, &count_schema),
    AVER_OPTIONAL(13, L, units_paid, UINT, AVER_CLAIM_UNITS_MAX),
};
AVER_SCHEMA(aver_line_decision_schema, "line_decision", L, line_decision_fields);
#undef L

#define T struct aver_table_used
static const struct aver_field table_used_fields[] = {
    AVER_FIELD(1, T, name, TEXT, 64),
    AVER_FIELD(2, T, root, DIGEST, 0),
};
static AVER_SCHEMA(table_used_schema, "table_used", T, table_used_fields);
#undef T

#define D struct aver_decision
static const struct aver_field decision_fields[] = {
    AVER_FIELD(1, D, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(2, D, version, UINT, 0),
    AVER_ENUM(3, D, status, 4, aver_claim_status_names),
    AVER_FIELD(4, D, charge, MONEY, 0),
    AVER_FIELD(5, D, allowed, MONEY, 0),
    AVER_FIELD(6, D, paid, MONEY, 0),
    AVER_FIELD(7, D, patient_responsibility, MONEY, 0),
    AVER_SUB(8, D, lines, LIST, AVER_CLAIM_LINES_MAX, &aver_line_decision_schema),
    AVER_OPTIONAL(9, D, family_id, TEXT, 40),
    AVER_OPTIONAL(10, D, member_id, TEXT, ID_MAX),
    AVER_OPTIONAL(11, D, plan, TEXT, ID_MAX),
    AVER_OPTIONAL(12, D, policy, DIGEST, 0),
    AVER_OPTIONAL(13, D, eligibility, DIGEST, 0),
    AVER_OPTIONAL(14, D, coverage, DIGEST, 0),
    AVER_OPTIONAL(15, D, payout, DIGEST, 0),
    AVER_OPT_SUB(16, D, tables, LIST, AVER_TABLES_USED_MAX, &table_used_schema),
    AVER_FIELD(17, D, gas, UINT, 0),
    AVER_FIELD(18, D, gas_table, UINT, 0),
    AVER_FIELD(19, D, payee, TEXT, AVER_PAYEE_MAX),
    AVER_OPTIONAL(20, D, trap, UINT, 255),
    AVER_OPT_ENUM(21, D, trap_stage, 4, aver_stage_names),
    AVER_OPTIONAL(22, D, trap_line, UINT, 0),
    AVER_ENUM(23, D, decided_by, 2, decided_by_names),
};
AVER_SCHEMA(aver_decision_schema, "decision", D, decision_fields);
#undef D

#define T struct aver_touch
static const struct aver_field touch_fields[] = {
    AVER_FIELD(1, T, key, DIGEST, 0),
    AVER_OPTIONAL(2, T, before, DIGEST, 0),
    AVER_OPTIONAL(3, T, after, DIGEST, 0),
};
AVER_SCHEMA(aver_touch_schema, "touch", T, touch_fields);
#undef T

#define R struct aver_receipt
static const struct aver_field receipt_fields[] = {
    AVER_ENUM(1, R, outcome, AVER_OUTCOME_MAX, aver_outcome_names),
    AVER_FIELD(2, R, height, UINT, 0),
    AVER_OPT_SUB(3, R, touches, LIST, AVER_TOUCHES_MAX, &aver_touch_schema),
    AVER_OPT_SUB(4, R, decision, STRUCT, 0, &aver_decision_schema),
};
AVER_SCHEMA(aver_receipt_schema, "receipt", R, receipt_fields);
#undef R

/* What the identities are about, gathered once per line. */
struct line_sums {
    aver_delta all;        /* of the adjustments */
    aver_delta pr;         /* group PR */
    aver_delta cost_share; /* PR 1, 2, 3 */
    bool negative;         /* there is a negative one */
};

struct check {
    const struct aver_line_decision *line;
    struct line_sums sums;
    size_t line_at; /* of the line; without one, SIZE_MAX */
    struct aver_why *why;
};

static aver_err broken(const struct check *c, const char *code, const char *text)
{
    char place[64] = "";
    if (c->line_at != SIZE_MAX) snprintf(place, sizeof place, "/lines/%zu", c->line_at);
    return aver_fail(c->why, AVER_E_DIFFERS, code, place, "%s", text);
}

static const struct aver_adjustment *adjustment(const struct check *c, size_t i)
{
    return (const struct aver_adjustment *)c->line->adjustments.items + i;
}

static bool is_cost_share(const struct aver_adjustment *a)
{
    return a->group == AVER_GROUP_PR &&
           (aver_bytes_is(a->carc, "1") || aver_bytes_is(a->carc, "2") || aver_bytes_is(a->carc, "3"));
}

/* Sums that leave their type cannot balance: the line's amounts are all within it. */
static aver_err add_up(struct check *c)
{
    for (size_t i = 0; i < c->line->adjustments.count; i++) {
        const struct aver_adjustment *a = adjustment(c, i);
        bool overflow =
            aver_delta_add(&c->sums.all, c->sums.all, a->amount) ||
            (a->group == AVER_GROUP_PR && aver_delta_add(&c->sums.pr, c->sums.pr, a->amount)) ||
            (is_cost_share(a) && aver_delta_add(&c->sums.cost_share, c->sums.cost_share, a->amount));
        if (overflow) return broken(c, "MONEY-LINE", "the adjustments pass the largest amount");
        c->sums.negative |= a->amount.cents < 0;
    }
    return AVER_OK;
}

/* "charge - sum(adjustments) = paid" (DESIGN 6) */
static aver_err check_line_identity(const struct check *c)
{
    aver_delta charge, paid, left;
    bool in_range = !aver_delta_of(&charge, (int64_t)c->line->charge.cents) &&
                    !aver_delta_of(&paid, (int64_t)c->line->paid.cents) &&
                    !aver_delta_add(&left, charge, (aver_delta){-c->sums.all.cents});
    if (!in_range || left.cents != paid.cents)
        return broken(c, "MONEY-LINE", "the charge less the adjustments is not what is paid");
    return AVER_OK;
}

/* "0 <= paid <= allowed"; "allowed may pass the charge only with a negative adjustment that says so (case rates: OA-94)"
 * (DESIGN 6) */
static aver_err check_allowed(const struct check *c)
{
    if (c->line->paid.cents > c->line->allowed.cents)
        return broken(c, "MONEY-ALLOWED", "more is paid than allowed");
    if (c->line->allowed.cents > c->line->charge.cents && !c->sums.negative)
        return broken(c, "MONEY-ALLOWED", "more is allowed than charged, and no negative adjustment says so");
    return AVER_OK;
}

/* "cost share (PR 1, 2, 3) <= allowed" (DESIGN 6) */
static aver_err check_cost_share(const struct check *c)
{
    if (c->sums.cost_share.cents > (int64_t)c->line->allowed.cents)
        return broken(c, "MONEY-SHARE", "deductible, coinsurance and copay together pass the allowed amount");
    return AVER_OK;
}

/* "no zero adjustment" (DESIGN 6; X12 835 CAS03 forbids it too) */
static aver_err check_zero(const struct check *c, const struct aver_adjustment *a)
{
    return a->amount.cents == 0
               ? broken(c, "MONEY-ZERO", "an adjustment of zero says nothing and is not sent")
               : AVER_OK;
}

/* "CARC 45 takes CO or PR, never PI, and may not equal the whole charge" (X12, description of CARC 45) */
static aver_err check_carc_45(const struct check *c, const struct aver_adjustment *a)
{
    if (!aver_bytes_is(a->carc, "45")) return AVER_OK;
    if (a->group != AVER_GROUP_CO && a->group != AVER_GROUP_PR)
        return broken(c, "MONEY-45", "CARC 45 takes group CO or PR");
    if (a->amount.cents == (int64_t)c->line->charge.cents)
        return broken(c, "MONEY-45", "CARC 45 may not take the whole charge");
    return AVER_OK;
}

/* "every posting is backed by the adjustment that names it" (DESIGN 6) */
static aver_err check_postings(const struct check *c, const struct aver_adjustment *a)
{
    const struct aver_posting *p = a->postings.items;
    for (size_t i = 0; i < a->postings.count; i++) {
        aver_delta after;
        if (p[i].amount.cents != a->amount.cents || p[i].basis || p[i].after)
            return broken(c, "MONEY-POSTING", "a posting of another amount than its adjustment");
        if (aver_delta_add(&after, p[i].before, p[i].amount))
            return broken(c, "MONEY-POSTING", "a posting takes its balance past the largest amount");
    }
    return AVER_OK;
}

/* What the line's first adjustments leave of the charge, before the member's share. */
static bool considered(const struct check *c, uint64_t first, int64_t *left)
{
    *left = (int64_t)c->line->charge.cents;
    if (first > c->line->adjustments.count) return false;
    for (size_t i = 0; i < first; i++) {
        if (is_cost_share(adjustment(c, i))) return false;
        *left -= adjustment(c, i)->amount.cents; /* a sum of at most 64 amounts */
    }
    return true;
}

/* The second identity of money: what a maximum counts is what the plan pays of the line, or what of it was considered
 * (adjudication-rules 11). */
static aver_err check_line_postings(const struct check *c)
{
    const struct aver_posting *p = c->line->postings.items;
    for (size_t i = 0; i < c->line->postings.count; i++) {
        aver_delta after;
        int64_t backed = (int64_t)c->line->paid.cents;
        if (p[i].basis == AVER_BASIS_ADJUSTMENT ||
            (p[i].basis == AVER_BASIS_CONSIDERED && !considered(c, p[i].after, &backed)) ||
            (p[i].basis == AVER_BASIS_PAID && p[i].after))
            return broken(c, "MONEY-POSTING", "a posting of the line that says neither paid nor considered");
        if (p[i].amount.cents != backed || backed <= 0)
            return broken(c, "MONEY-POSTING",
                          "a posting of another amount than the line's paid or considered one");
        if (aver_delta_add(&after, p[i].before, p[i].amount))
            return broken(c, "MONEY-POSTING", "a posting takes its balance past the largest amount");
    }
    return AVER_OK;
}

static aver_err check_counts(const struct check *c)
{
    const struct aver_count *n = c->line->counts.items;
    for (size_t i = 0; i < c->line->counts.count; i++)
        if (c->line->status != AVER_LINE_DECIDED || n[i].amount == 0 || n[i].before > n[i].most ||
            n[i].amount > n[i].most - n[i].before)
            return broken(c, "COUNT-LIMIT",
                          "a count of nothing, of a line that is not decided, or past its limit");
    return AVER_OK;
}

/* A denial takes the whole charge in one reason and touches no accumulator. */
static aver_err check_denied(const struct check *c)
{
    const struct aver_line_decision *l = c->line;
    if (l->status != AVER_LINE_DENIED) return AVER_OK;
    if (l->paid.cents != 0 || l->allowed.cents != 0)
        return broken(c, "MONEY-DENIED", "a denied line pays or allows something");
    if (l->adjustments.count != (l->charge.cents == 0 ? 0 : 1))
        return broken(c, "MONEY-DENIED",
                      "a denied line carries one adjustment for its whole charge, none if that is zero");
    if ((l->adjustments.count == 1 && adjustment(c, 0)->postings.count != 0) || l->postings.count != 0)
        return broken(c, "MONEY-DENIED", "a denied line posts to an accumulator");
    return AVER_OK;
}

static bool is_open(uint64_t line_status)
{
    return line_status == AVER_LINE_PENDED || line_status == AVER_LINE_HELD;
}

/* A line of a claim that waits: it carries its charge and no decision. */
static aver_err check_open_line(const struct check *c)
{
    if (c->line->paid.cents != 0 || c->line->allowed.cents != 0 || c->line->adjustments.count != 0 ||
        c->line->postings.count != 0 || c->line->counts.count != 0)
        return broken(c, "MONEY-HELD", "a line of a pended or held claim pays, allows or adjusts something");
    return AVER_OK;
}

static aver_err check_decided_line(struct check *c)
{
    if (is_open(c->line->status))
        return broken(c, "MONEY-HELD", "a pended or held line in a claim that is neither");
    AVER_TRY(add_up(c));
    for (size_t i = 0; i < c->line->adjustments.count; i++) {
        AVER_TRY(check_zero(c, adjustment(c, i)));
        AVER_TRY(check_carc_45(c, adjustment(c, i)));
        AVER_TRY(check_postings(c, adjustment(c, i)));
    }
    AVER_TRY(check_line_identity(c));
    AVER_TRY(check_denied(c));
    AVER_TRY(check_line_postings(c));
    AVER_TRY(check_counts(c));
    AVER_TRY(check_allowed(c));
    return check_cost_share(c);
}

struct totals {
    aver_money charge, allowed, paid;
    aver_delta pr;
    size_t denied;
};

static bool total_up(struct totals *t, const struct check *c)
{
    t->denied += c->line->status == AVER_LINE_DENIED;
    return !aver_money_add(&t->charge, t->charge, c->line->charge) &&
           !aver_money_add(&t->allowed, t->allowed, c->line->allowed) &&
           !aver_money_add(&t->paid, t->paid, c->line->paid) && !aver_delta_add(&t->pr, t->pr, c->sums.pr);
}

/* "claim: charge = sum of lines, charge - sum(all adjustments) = paid" (DESIGN 6): the second follows from the lines when
 * the totals are their sums. */
static aver_err check_totals(const struct aver_decision *d, const struct totals *t, const struct check *c)
{
    if (d->charge.cents != t->charge.cents)
        return broken(c, "MONEY-CLAIM", "the charge is not the sum of the lines'");
    if (d->allowed.cents != t->allowed.cents)
        return broken(c, "MONEY-CLAIM", "what is allowed is not the sum of the lines'");
    if (d->paid.cents != t->paid.cents)
        return broken(c, "MONEY-CLAIM", "what is paid is not the sum of the lines'");
    if (t->pr.cents < 0 || d->patient_responsibility.cents != (uint64_t)t->pr.cents)
        return broken(c, "MONEY-CLAIM", "the patient's responsibility is not the sum of the PR adjustments");
    return AVER_OK;
}

aver_err aver_decision_check(const struct aver_decision *d, struct aver_why *why)
{
    const struct check whole = {.line_at = SIZE_MAX, .why = why};
    bool open = d->status == AVER_CLAIM_PENDED || d->status == AVER_CLAIM_HELD;
    const struct aver_line_decision *lines = d->lines.items;
    struct totals totals = {0};
    for (size_t i = 0; i < d->lines.count; i++) {
        struct check c = {.line = &lines[i], .line_at = i, .why = why};
        AVER_TRY(open ? check_open_line(&c) : check_decided_line(&c));
        if (!total_up(&totals, &c))
            return broken(&c, "MONEY-CLAIM", "the lines' sums pass the largest amount");
    }
    AVER_TRY(check_totals(d, &totals, &whole));
    if (!open && (d->status == AVER_CLAIM_DENIED) != (totals.denied == d->lines.count))
        return broken(&whole, "MONEY-DENIED", "a claim is denied if and only if all its lines are");
    return AVER_OK;
}
