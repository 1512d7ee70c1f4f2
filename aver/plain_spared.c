/* aver/plain_spared.c - see plain.h: what of the member's share a line did not take though its benefit has it, and what other
 * parties reported of the accumulators, and what was billed before. */
#include "aver/claims.h"
#include "aver/plain.h"
#include "base/money.h"
#include "ledger/model/benefit_year.h"

#include <string.h>

/* A line's cost share as the policy has it, and which parts of it were taken. */
struct share {
    const struct aver_plain *p;
    const struct aver_line_decision *line;
    int64_t copay, rate;       /* cents, basis points; 0: none */
    bool deductible, per_line; /* a deductible above zero; the copay is of each line */
    bool capped;               /* an out-of-pocket maximum may cut it */
    bool family;               /* the deductible has a family amount */
    bool own;                  /* ... and the member's own amount binds */
    bool took_copay, took_deductible, took_coinsurance;
    int64_t left; /* what was left when all of it was taken */
    const char *year;
};

static const struct aver_policy_node *child(const struct aver_policy_node *n, const char *key)
{
    return aver_policy_child(n, aver_bytes_str(key));
}

static int64_t number_of(const struct aver_policy_node *n) { return n ? n->number : 0; }

static const struct aver_policy_node *of_tier(const struct share *s, const char *section)
{
    return aver_policy_child(child(&s->p->policy->root, section), s->line->tier);
}

static bool is_text(const struct aver_policy_node *n, const char *text)
{
    return n && n->kind == AVER_POLICY_TEXT && aver_bytes_is(n->text, text);
}

static bool is_false(const struct aver_policy_node *n)
{
    return n && n->kind == AVER_POLICY_BOOL && !n->number;
}

/* The benefit year of a line, as its accumulators name it: that of the service, or of the admission. */
static aver_bytes period_of(const struct aver_plain *p, const struct aver_line *line)
{
    aver_day admitted = aver_admission_day(p->policy, p->claim);
    aver_day day = admitted == AVER_NO_DAY ? line->service_from : admitted;
    struct aver_benefit_year year = aver_benefit_year_of(p->policy, day);
    return aver_arena_copy(p->arena, aver_bytes_str(year.period));
}

static void read_policy(struct share *s, const struct aver_policy_node *cost)
{
    const struct aver_policy_node *limits = of_tier(s, "deductible");
    s->copay = number_of(child(cost, "copay"));
    s->per_line = is_text(child(cost, "copay_per"), "line");
    s->rate = number_of(child(cost, "coinsurance"));
    s->capped = of_tier(s, "oop_max") && !is_false(child(cost, "counts_to_oop"));
    s->family = child(limits, "family") != NULL;
    s->own = !is_text(child(limits, "family_rule"), "aggregate");
    s->deductible = number_of(child(cost, "deductible")) &&
                    number_of(child(limits, s->own ? "individual" : "family")) > 0;
}

static void read_line(struct share *s)
{
    const struct aver_adjustment *a = s->line->adjustments.items;
    s->left = (int64_t)s->line->paid.cents;
    for (size_t i = 0; i < s->line->adjustments.count; i++) {
        if (aver_bytes_is(a[i].carc, "253")) s->left += a[i].amount.cents;
        if (a[i].group != AVER_GROUP_PR) continue;
        s->took_deductible |= aver_bytes_is(a[i].carc, "1");
        s->took_coinsurance |= aver_bytes_is(a[i].carc, "2");
        s->took_copay |= aver_bytes_is(a[i].carc, "3");
    }
}

/* Whether another line of the claim paid a copay of the same benefit on the same day. */
static bool copay_beside(const struct share *s)
{
    const struct aver_line *mine = aver_plain_line(s->p, s->line->number);
    const struct aver_line_decision *d = s->p->decision->lines.items;
    for (size_t i = 0; i < s->p->decision->lines.count; i++) {
        const struct aver_line *other = aver_plain_line(s->p, d[i].number);
        const struct aver_adjustment *a = d[i].adjustments.items;
        if (&d[i] == s->line || !other || other->service_from != mine->service_from ||
            !aver_bytes_eq(d[i].benefit, s->line->benefit))
            continue;
        for (size_t k = 0; k < d[i].adjustments.count; k++)
            if (aver_bytes_is(a[k].carc, "3")) return true;
    }
    return false;
}

const char *aver_plain_reported(const struct aver_plain *p, aver_bytes counter, aver_bytes tier,
                                aver_bytes period, uint64_t scope)
{
    const struct aver_plain_report *r = p->reports.items;
    const char *text = "";
    for (size_t i = 0; i < p->reports.count; i++)
        if (r[i].scope == scope && r[i].cents && aver_bytes_eq(r[i].counter, counter) &&
            aver_bytes_eq(r[i].tier, tier) && aver_bytes_eq(r[i].period, period))
            text = aver_arena_printf(p->arena, "%s%s%.*s reported %s of it", text, *text ? ", " : "",
                                     AVER_STR(r[i].source), aver_plain_money(p->arena, r[i].cents));
    return text;
}

/* What was reported of the counter that spared the member: of the member's own and, where it is another amount, the family's. */
static const char *reported_of(const struct share *s, const char *counter, bool own)
{
    const struct aver_line *line = aver_plain_line(s->p, s->line->number);
    aver_bytes name = aver_bytes_str(counter), period = period_of(s->p, line);
    const char *member = "", *family = "";
    if (own) member = aver_plain_reported(s->p, name, s->line->tier, period, AVER_SCOPE_MEMBER);
    if (child(of_tier(s, counter), "family"))
        family = aver_plain_reported(s->p, name, s->line->tier, period, AVER_SCOPE_FAMILY);
    if (*member) return aver_arena_printf(s->p->arena, " (%s)", member);
    return *family ? aver_arena_printf(s->p->arena, " (of your family's, %s)", family) : "";
}

static const char *deductible_words(const struct share *s)
{
    const char *whose = !s->own     ? "Your family's deductible"
                        : s->family ? "Your deductible, or your family's,"
                                    : "Your deductible";
    const char *reported = reported_of(s, "deductible", s->own);
    if (s->took_coinsurance || !s->capped)
        return aver_arena_printf(s->p->arena, "%s for %s was met before this%s: nothing of it is due here.",
                                 whose, s->year, reported);
    return aver_arena_printf(
        s->p->arena,
        "%s for %s was met before this%s, or your out-of-pocket maximum is reached%s: nothing of it is due here.",
        whose, s->year, reported, reported_of(s, "oop_max", true));
}

static const char *copay_words(const struct share *s)
{
    const char *copay = aver_plain_money(s->p->arena, s->copay);
    if (!s->per_line && (s->took_coinsurance || s->took_deductible || !s->capped || copay_beside(s)))
        return aver_arena_printf(s->p->arena, "The copay of %s for this visit was taken already.", copay);
    if (s->per_line)
        return aver_arena_printf(s->p->arena,
                                 "No copay is due here: your out-of-pocket maximum for %s is reached%s.",
                                 s->year, reported_of(s, "oop_max", true));
    return aver_arena_printf(
        s->p->arena,
        "No copay is due here: it was taken for this visit already, or your out-of-pocket maximum for %s is reached%s.",
        s->year, reported_of(s, "oop_max", true));
}

/* Coinsurance that comes to a cent or more is only left out where the out-of-pocket maximum is reached. */
static bool capped_out(const struct share *s)
{
    int64_t part = 0;
    bool due = s->rate && !s->took_coinsurance && s->capped;
    return due && aver_muldiv(&part, s->left, s->rate, 10000, AVER_ROUND_DOWN) == AVER_OK && part > 0;
}

const char *aver_plain_spared(const struct aver_plain *p, const struct aver_line_decision *line)
{
    struct share s = {.p = p, .line = line};
    const struct aver_line *of = aver_plain_line(p, line->number);
    if (!p->policy || !of || line->status != AVER_LINE_DECIDED || !line->benefit.ptr || !line->tier.ptr)
        return "";
    const struct aver_policy_node *benefit = aver_policy_at(&p->policy->root, line->benefit);
    const struct aver_policy_node *cost = aver_policy_child(child(benefit, "cost_share"), line->tier);
    if (!cost) return "";
    read_policy(&s, cost);
    read_line(&s);
    if (s.left <= 0 && !s.took_coinsurance) return ""; /* nothing was left to take of */
    s.year = aver_plain_period(p->arena, period_of(p, of));
    if (capped_out(&s)) {
        bool some = s.took_copay || s.took_deductible;
        const char *whose = child(of_tier(&s, "oop_max"), "family")
                                ? "Your out-of-pocket maximum, or your family's,"
                                : "Your out-of-pocket maximum";
        return aver_arena_printf(
            p->arena, "%s for %s is reached%s: %s.", whose, s.year, reported_of(&s, "oop_max", true),
            some ? "you owe no more of this service" : "you owe nothing of this service");
    }
    const char *deductible = s.deductible && !s.took_deductible ? deductible_words(&s) : "";
    const char *copay = s.copay && !s.took_copay && s.left > 0 ? copay_words(&s) : "";
    if (!*deductible || !*copay) return *deductible ? deductible : copay;
    return aver_arena_printf(p->arena, "%s %s", copay, deductible);
}

const char *aver_plain_count(const struct aver_plain *p, const struct aver_count *count)
{
    const char *maximum = aver_plain_maximum(p, count->limit);
    uint64_t after = count->before + count->amount;
    const char *used = aver_units_words(p->arena, after);
    return maximum ? aver_arena_printf(p->arena, "Your plan covers %s of this; with this one %s %s used.",
                                       maximum, used, after == 1000 ? "is" : "are")
                   : "";
}

const char *aver_plain_earlier_words(const struct aver_plain *p, const struct aver_line_decision *line)
{
    const struct aver_plain_earlier *x = p->earlier.items;
    const char *text = "";
    for (size_t i = 0; i < p->earlier.count; i++)
        if (x[i].line == line->number)
            text = aver_arena_printf(p->arena, "%s%s line %llu of claim %.*s", text,
                                     *text ? " and" : "The earlier bill is", (unsigned long long)x[i].number,
                                     AVER_STR(x[i].control));
    return *text ? aver_arena_printf(p->arena, "%s.", text) : "";
}
