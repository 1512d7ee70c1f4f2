/* aver/case_laws.c - the laws that every claim of every test is held against: see case_run.h. */
#include "aver/case_run.h"

#include "aver/output.h"
#include "ledger/model/benefit_year.h"

struct seen { /* an accumulator as the last claim left it */
    aver_bytes family, person, year, counter, tier;
    int64_t used;
};
struct share { /* PR 1, 2 and 3 of a year; person "*": of the family */
    aver_bytes family, person, year, tier;
    int64_t cents;
};

static void broken(struct aver_case_run *r, uint64_t line, const char *words)
{
    aver_case_fault_add(r, line, 0)->words = words;
}

static const struct aver_case_claim *last(const struct aver_case_run *r)
{
    return (const struct aver_case_claim *)r->out->claims.items + r->out->claims.count - 1;
}

/* ---- accumulators ---------------------------------------------------------------------------------------------------- */

static struct seen *seen_of(struct aver_case_run *r, aver_bytes family, aver_bytes person, aver_bytes year,
                            aver_bytes counter, aver_bytes tier)
{
    struct seen *s = r->seen.items;
    for (size_t i = 0; i < r->seen.count; i++)
        if (aver_bytes_eq(s[i].family, family) && aver_bytes_eq(s[i].person, person) &&
            aver_bytes_eq(s[i].year, year) && aver_bytes_eq(s[i].counter, counter) &&
            aver_bytes_eq(s[i].tier, tier))
            return &s[i];
    s = aver_list_add(r->arena, &r->seen, sizeof *s);
    *s = (struct seen){family, person, year, counter, tier, 0};
    return s;
}

static int64_t posted_by(const struct aver_list *postings, bool family, const struct seen *s)
{
    int64_t sum = 0;
    const struct aver_posting *p = postings->items;
    for (size_t n = 0; n < postings->count; n++)
        if ((p[n].scope == AVER_SCOPE_FAMILY) == family && aver_bytes_eq(p[n].counter, s->counter) &&
            aver_bytes_eq(p[n].tier, s->tier) && aver_bytes_eq(p[n].period, s->year))
            sum += p[n].amount.cents;
    return sum;
}

/* What the claim's lines and adjustments say that they took. */
static int64_t posted(const struct aver_decision *d, bool family, const struct seen *s)
{
    int64_t sum = 0;
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        sum += posted_by(&l[i].postings, family, s);
        for (size_t k = 0; k < l[i].adjustments.count; k++) sum += posted_by(&a[k].postings, family, s);
    }
    return sum;
}

/* The limit that the policy gives a person, or the family; false where there is none that binds (adjudication-rules 3). */
static bool limit_of(const struct aver_policy_loaded *policy, aver_bytes counter, aver_bytes tier,
                     bool family, int64_t *limit)
{
    const struct aver_policy_node *node = aver_case_counter_node(&policy->root, counter);
    if (tier.ptr) node = aver_policy_child(node, tier);
    const struct aver_policy_node *rule = aver_policy_child(node, AVER_LIT("family_rule"));
    const struct aver_policy_node *n =
        aver_policy_child(node, family ? AVER_LIT("family") : AVER_LIT("individual"));
    if (!n || (!family && rule && aver_bytes_is(rule->text, "aggregate"))) return false;
    *limit = n->number;
    return true;
}

static void watch(struct aver_case_run *r, uint64_t line, const struct aver_policy_loaded *policy,
                  struct seen *s, int64_t used)
{
    const struct aver_decision *d = last(r)->found.decision;
    struct aver_arena *a = r->arena;
    bool family = aver_bytes_is(s->person, "*");
    int64_t limit, moved = posted(d, family, s);
    const char *what = aver_arena_printf(a, "%.*s %.*s of %s%.*s in %.*s", AVER_STR(s->counter),
                                         AVER_STR(s->tier), family ? "the family " : "",
                                         AVER_STR(family ? s->family : s->person), AVER_STR(s->year));
    if (used < s->used)
        broken(r, line,
               aver_arena_printf(a, "law: %s went down, from %s to %s", what, aver_money_words(a, s->used),
                                 aver_money_words(a, used)));
    else if (used != s->used + moved)
        broken(r, line,
               aver_arena_printf(a, "law: %s moved by %s, but adjustments took %s", what,
                                 aver_money_words(a, used - s->used), aver_money_words(a, moved)));
    if (moved && limit_of(policy, s->counter, s->tier, family, &limit) && used > limit)
        broken(r, line,
               aver_arena_printf(a, "law: %s came to %s, past its limit of %s", what,
                                 aver_money_words(a, used), aver_money_words(a, limit)));
    s->used = used;
}

static aver_err watch_all(struct aver_case_run *r, uint64_t line, const struct aver_policy_loaded *policy,
                          aver_bytes person, aver_bytes year)
{
    struct aver_balances balances;
    aver_bytes family = last(r)->found.decision->family_id;
    AVER_TRY(aver_case_balances_of(r, family, person, aver_policy_pool(policy), year, &balances));
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; i < balances.items.count; i++)
        watch(r, line, policy, seen_of(r, family, person, year, b[i].counter, b[i].tier), b[i].used.cents);
    /* What is no more in the record. */
    struct seen *s = r->seen.items;
    for (size_t i = 0; i < r->seen.count; i++) {
        bool there = !aver_bytes_eq(s[i].family, family) || !aver_bytes_eq(s[i].person, person) ||
                     !aver_bytes_eq(s[i].year, year);
        for (size_t k = 0; k < balances.items.count; k++)
            there =
                there || (aver_bytes_eq(b[k].counter, s[i].counter) && aver_bytes_eq(b[k].tier, s[i].tier));
        if (!there) watch(r, line, policy, &s[i], 0);
    }
    return AVER_OK;
}

/* ---- the out-of-pocket maximum --------------------------------------------------------------------------------------- */

static struct share *share_of(struct aver_case_run *r, aver_bytes family, aver_bytes person, aver_bytes year,
                              aver_bytes tier)
{
    struct share *s = r->shares.items;
    for (size_t i = 0; i < r->shares.count; i++)
        if (aver_bytes_eq(s[i].family, family) && aver_bytes_eq(s[i].person, person) &&
            aver_bytes_eq(s[i].year, year) && aver_bytes_eq(s[i].tier, tier))
            return &s[i];
    s = aver_list_add(r->arena, &r->shares, sizeof *s);
    *s = (struct share){family, person, year, tier, 0};
    return s;
}

static int64_t cost_share(const struct aver_line_decision *l)
{
    int64_t sum = 0;
    const struct aver_adjustment *a = l->adjustments.items;
    for (size_t i = 0; i < l->adjustments.count; i++)
        if (a[i].group == AVER_GROUP_PR &&
            (aver_bytes_is(a[i].carc, "1") || aver_bytes_is(a[i].carc, "2") || aver_bytes_is(a[i].carc, "3")))
            sum += a[i].amount.cents;
    return sum;
}

/* Whether the benefit's cost share in this tier counts to the maximum: it does unless the policy says otherwise. */
static bool counts(const struct aver_policy_loaded *policy, const struct aver_line_decision *l)
{
    const struct aver_policy_node *benefit =
        l->benefit.ptr ? aver_policy_at(&policy->root, l->benefit) : NULL;
    const struct aver_policy_node *share =
        aver_policy_child(aver_policy_child(benefit, AVER_LIT("cost_share")), l->tier);
    const struct aver_policy_node *n = aver_policy_child(share, AVER_LIT("counts_to_oop"));
    return !n || n->number;
}

static void charge(struct aver_case_run *r, uint64_t line, const struct aver_policy_loaded *policy,
                   aver_bytes person, aver_bytes year, const struct aver_line_decision *l)
{
    bool family = aver_bytes_is(person, "*");
    aver_bytes family_id = last(r)->found.decision->family_id;
    struct share *s = share_of(r, family_id, person, year, l->tier);
    struct aver_arena *a = r->arena;
    int64_t limit;
    s->cents += cost_share(l);
    if (cost_share(l) && limit_of(policy, AVER_LIT("oop_max"), l->tier, family, &limit) && s->cents > limit)
        broken(r, line,
               aver_arena_printf(
                   a, "law: the cost share of %s%.*s in %.*s, %.*s, came to %s, past oop_max: %s",
                   family ? "the family " : "", AVER_STR(family ? family_id : person), AVER_STR(year),
                   AVER_STR(l->tier), aver_money_words(a, s->cents), aver_money_words(a, limit)));
}

/* ---- maxima ---------------------------------------------------------------------------------------------------------- */

static bool names(const struct aver_policy_node *list, aver_bytes name)
{
    for (size_t i = 0; list && i < list->count; i++)
        if (aver_bytes_eq(list->children[i].text, name)) return true;
    return list == NULL;
}

/* What the plan paid toward each maximum that is for the line, whatever the contract counted (adjudication-rules 11). Of one that
 * counts what is considered as much holds, since no more is paid. */
static void pay(struct aver_case_run *r, uint64_t line, const struct aver_policy_loaded *policy,
                aver_bytes person, aver_bytes year, const struct aver_line_decision *l)
{
    const struct aver_policy_node *maxima = aver_policy_child(&policy->root, AVER_LIT("maxima"));
    aver_bytes prefix = AVER_LIT("benefits."), family_id = last(r)->found.decision->family_id;
    bool family = aver_bytes_is(person, "*");
    struct aver_arena *a = r->arena;
    if (!l->benefit.ptr || !l->tier.ptr || !l->paid.cents) return;
    aver_bytes benefit = aver_bytes_cut(l->benefit, prefix.len, l->benefit.len - prefix.len);
    for (size_t i = 0; maxima && i < maxima->count; i++) {
        const struct aver_policy_node *m = &maxima->children[i], *per = aver_policy_child(m, AVER_LIT("per"));
        if (!names(aver_policy_child(m, AVER_LIT("benefits")), benefit) ||
            !names(aver_policy_child(m, AVER_LIT("tiers")), l->tier))
            continue;
        bool lifetime = per && aver_bytes_is(per->text, "lifetime");
        aver_bytes id = aver_policy_child(m, AVER_LIT("id"))->text;
        struct share *s =
            share_of(r, family_id, person, lifetime ? AVER_LIT(AVER_PERIOD_LIFETIME) : year, id);
        s->cents += (int64_t)l->paid.cents;
        const struct aver_policy_node *most =
            aver_policy_child(m, family ? AVER_LIT("family") : AVER_LIT("individual"));
        if (most && s->cents > most->number)
            broken(r, line,
                   aver_arena_printf(a, "law: the plan has paid %s for %s%.*s, past %.*s: %s",
                                     aver_money_words(a, s->cents), family ? "the family " : "",
                                     AVER_STR(family ? family_id : person), AVER_STR(m->path),
                                     aver_money_words(a, most->number)));
    }
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

static void add_period(struct aver_case_run *r, struct aver_list *periods, aver_bytes period)
{
    const aver_bytes *done = periods->items;
    for (size_t i = 0; i < periods->count; i++)
        if (aver_bytes_eq(done[i], period)) return;
    *(aver_bytes *)aver_list_add(r->arena, periods, sizeof period) = aver_arena_copy(r->arena, period);
}

static void periods_of(struct aver_case_run *r, struct aver_list *periods, const struct aver_list *postings)
{
    const struct aver_posting *p = postings->items;
    for (size_t i = 0; i < postings->count; i++) add_period(r, periods, p[i].period);
}

static aver_err over_years(struct aver_case_run *r, uint64_t line, const struct aver_policy_loaded *policy)
{
    const struct aver_case_claim *c = last(r);
    const struct aver_decision *d = c->found.decision;
    const struct aver_line *lines = c->found.claim.lines.items;
    const struct aver_line_decision *l = d->lines.items;
    struct aver_list periods = {0};
    aver_day admitted = aver_admission_day(policy, &c->found.claim);
    for (size_t i = 0; i < c->found.claim.lines.count; i++) {
        struct aver_benefit_year year =
            aver_benefit_year_of(policy, admitted == AVER_NO_DAY ? lines[i].service_from : admitted);
        aver_bytes period = aver_bytes_str(year.period);
        const struct aver_adjustment *a = l[i].adjustments.items;
        add_period(r, &periods, period);
        period = aver_arena_copy(r->arena, period);
        periods_of(r, &periods, &l[i].postings);
        for (size_t k = 0; k < l[i].adjustments.count; k++) periods_of(r, &periods, &a[k].postings);
        if (l[i].tier.ptr && counts(policy, &l[i])) {
            charge(r, line, policy, d->member_id, period, &l[i]);
            charge(r, line, policy, AVER_LIT("*"), period, &l[i]);
        }
        pay(r, line, policy, d->member_id, period, &l[i]);
        pay(r, line, policy, AVER_LIT("*"), period, &l[i]);
    }
    for (size_t i = 0; i < periods.count; i++) {
        AVER_TRY(watch_all(r, line, policy, d->member_id, ((aver_bytes *)periods.items)[i]));
        AVER_TRY(watch_all(r, line, policy, AVER_LIT("*"), ((aver_bytes *)periods.items)[i]));
    }
    return AVER_OK;
}

aver_err aver_case_laws(struct aver_case_run *r, uint64_t line, aver_bytes again)
{
    const struct aver_case_claim *c = last(r);
    const struct aver_decision *d = c->found.decision;
    const struct aver_policy_loaded *policy;
    struct aver_why why;
    if (aver_decision_check(d, &why) != AVER_OK)
        broken(r, line, aver_arena_printf(r->arena, "law: %s: %s (%s)", why.code, why.text, why.place));
    if (d->gas > AVER_GAS_CLAIM_MAX(d->lines.count))
        broken(r, line, "law: more gas was used than a claim may use");
    if (!aver_bytes_eq(c->receipt, again))
        broken(r, line, "law: a second run of the same claims gave another receipt");
    if (!d->family_id.ptr) {
        aver_case_told(r, line, &c->found, NULL);
        return AVER_OK;
    }
    AVER_TRY(aver_case_policy(r, d, &policy));
    aver_case_told(r, line, &c->found, policy);
    return policy ? over_years(r, line, policy) : AVER_OK;
}

void aver_case_laws_opening(struct aver_case_run *r, aver_bytes family, aver_bytes member, aver_bytes counter,
                            aver_bytes tier, aver_bytes year, int64_t used)
{
    const aver_bytes persons[] = {member, AVER_LIT("*")};
    for (size_t i = 0; i < 2; i++) {
        seen_of(r, family, persons[i], year, counter, tier)->used += used;
        if (aver_bytes_is(counter, "oop_max")) share_of(r, family, persons[i], year, tier)->cents += used;
    }
}
