/* ledger/transition/accrual.c - what another party reports of a member's accumulators: a pharmacy manager, or the carrier before.
 *
 * A report is posted to the member's balance and the family's, as a claim's adjustment would be, and may pass the limit: it is
 * marked then. It can be taken back, by the exact negative of what it posted. */
#include "ledger/model/benefit_year.h"
#include "ledger/transition/adjudicate.h"
#include "ledger/transition/kinds.h"

#include <stdio.h>
#include <string.h>

/* The report and what its member and plan say of it. */
struct reporting {
    struct aver_act *a;
    struct aver_accrual report;
    struct aver_case c;
    struct aver_case_line line;
    struct aver_line_decision decision;
    enum aver_outcome *outcome;
};

static bool refuse(struct reporting *r, enum aver_outcome outcome)
{
    *r->outcome = outcome;
    return false;
}

static bool well_formed(struct reporting *r)
{
    const struct aver_accrual *p = &r->report;
    bool tier = p->tier.ptr != NULL, maximum = aver_case_counter_is_maximum(p->counter);
    bool counter = maximum || aver_bytes_is(p->counter, "deductible") || aver_bytes_is(p->counter, "oop_max");
    if (aver_name_valid(p->source) && counter && tier != maximum && p->reverses == (p->amount.cents == 0))
        return true;
    aver_say(
        r->a, AVER_OUT_MALFORMED,
        "a report names its source, deductible or oop_max with a tier or a maximum without one, and an amount or what "
        "it takes back");
    return refuse(r, AVER_OUT_MALFORMED);
}

/* The member's family is opened for what follows. */
static aver_err find_member(struct reporting *r, bool *ok)
{
    struct aver_act *a = r->a;
    struct aver_member_state member;
    struct aver_enrolled *enrolled = AVER_NEW(a->work.arena, struct aver_enrolled);
    struct aver_family family;
    struct aver_stored stored;
    aver_bytes id = r->report.member_id;
    *ok = false;
    AVER_TRY(aver_act_lookup(a, aver_work_name(&a->work, "m/", id), &aver_member_state_schema, &member, ok));
    if (!*ok) {
        *r->outcome = aver_say(a, AVER_OUT_UNKNOWN, "there is no member %.*s", AVER_STR(id));
        return AVER_OK;
    }
    const struct aver_view *view = a->work.view;
    AVER_TRY(view->get(view->self, aver_work_family_name(&a->work, member.family), &stored, a->why));
    AVER_TRY(aver_schema_read(aver_arena_copy(a->work.arena, stored.record), &aver_family_schema, &family,
                              a->work.arena, a->why));
    aver_work_family(&a->work, member.family, family.secret);
    AVER_TRY(aver_act_lookup(a, aver_work_member_name(&a->work, member.family, id), &aver_enrolled_schema,
                             enrolled, ok));
    *ok = *ok && enrolled->member;
    if (!*ok) *r->outcome = aver_say(a, AVER_OUT_UNKNOWN, "the member %.*s has left", AVER_STR(id));
    r->c.family = member.family;
    r->c.member = enrolled->member;
    return AVER_OK;
}

static aver_err find_policy(struct reporting *r, struct aver_machine *machine, bool *ok)
{
    struct aver_act *a = r->a;
    struct aver_plan_state plan;
    const struct aver_plan_version *best = NULL;
    aver_day day = r->report.day;
    char iso[AVER_DAY_TEXT];
    AVER_TRY(aver_act_lookup(a, aver_work_name(&a->work, "l/", r->report.plan), &aver_plan_state_schema,
                             &plan, ok));
    const struct aver_plan_version *v = plan.versions.items;
    for (size_t i = 0; *ok && i < plan.versions.count; i++)
        if (v[i].from <= day && day <= v[i].to) best = &v[i]; /* later approvals come later */
    *ok = best != NULL;
    if (!best) {
        *r->outcome = aver_say(a, AVER_OUT_UNKNOWN, "no policy of plan %.*s is in force on %s",
                               AVER_STR(r->report.plan), aver_day_iso(iso, day));
        return AVER_OK;
    }
    AVER_TRY(aver_machine_policy(machine, a->work.view, best->policy, &r->c.policy, a->why));
    r->c.pool = aver_policy_pool(r->c.policy);
    const struct aver_policy_node *node = aver_case_counter_node(&r->c.policy->root, r->report.counter);
    if (r->report.tier.ptr) node = aver_policy_child(node, r->report.tier);
    *ok = node != NULL;
    if (!node)
        *r->outcome =
            aver_say(a, AVER_OUT_UNKNOWN, "the policy of that day has no %.*s%s%.*s",
                     AVER_STR(r->report.counter), r->report.tier.ptr ? " " : "", AVER_STR(r->report.tier));
    return AVER_OK;
}

static aver_err take_back(struct reporting *r, aver_bytes name, struct aver_accrual_state *state, bool found)
{
    struct aver_act *a = r->a;
    struct aver_list taken = {0};
    bool below = false;
    if (!found || state->reversed) {
        *r->outcome = aver_say(a, found ? AVER_OUT_EXISTS : AVER_OUT_UNKNOWN, "%s",
                               found ? "this report was taken back before"
                                     : "nothing was reported under this reference");
        return AVER_OK;
    }
    r->c.pool = state->pool;
    AVER_TRY(aver_case_reverse(&r->c, &state->postings, &taken, &below));
    if (below) {
        *r->outcome = aver_say(a, AVER_OUT_CONFLICT, "without it a balance would be below zero");
        return AVER_OK;
    }
    state->reversed = a->work.view->height;
    aver_work_put(&a->work, name, &aver_accrual_state_schema, state);
    return aver_case_balances_write(&r->c);
}

static aver_err post(struct reporting *r, aver_bytes name, struct aver_accrual_state *state, bool found)
{
    struct aver_act *a = r->a;
    const struct aver_accrual *p = &r->report;
    if (found) {
        const struct aver_posting *before = state->postings.items;
        bool same = before->amount.cents == p->amount.cents && !state->reversed;
        *r->outcome =
            aver_say(a, same ? AVER_OUT_EXISTS : AVER_OUT_CONFLICT, "%s",
                     state->reversed ? "this reference was taken back: report it under another"
                     : same          ? "it was reported before"
                            : "another amount was reported under this reference: take it back first");
        return AVER_OK;
    }
    *state = (struct aver_accrual_state){.source = p->source,
                                         .reference = p->reference,
                                         .member_id = p->member_id,
                                         .plan = p->plan,
                                         .pool = r->c.pool,
                                         .day = p->day,
                                         .height = a->work.view->height};
    aver_err err =
        aver_case_post(&r->c, &r->line, p->counter, p->amount.cents, AVER_BASIS_ADJUSTMENT, &state->postings);
    if (err == AVER_E_RANGE || err == AVER_E_LIMIT) {
        *r->outcome = aver_say(a, AVER_OUT_CONFLICT, "the accumulators of the member do not hold it");
        return AVER_OK;
    }
    AVER_TRY(err);
    const struct aver_posting *made = state->postings.items;
    for (size_t i = 0; i < state->postings.count; i++)
        if (made[i].before.cents + made[i].amount.cents < 0) {
            *r->outcome = aver_say(a, AVER_OUT_CONFLICT, "with it a balance would be below zero");
            return AVER_OK;
        }
    AVER_TRY(aver_case_past(&r->c, &r->line, p->counter, &state->past));
    if (state->past) aver_say(a, AVER_OUT_APPLIED, "%.*s is past its limit", AVER_STR(p->counter));
    aver_work_put(&a->work, name, &aver_accrual_state_schema, state);
    return aver_case_balances_write(&r->c);
}

aver_err aver_apply_accrual(struct aver_act *a, struct aver_machine *machine, enum aver_outcome *outcome)
{
    struct reporting r = {.a = a, .outcome = outcome};
    struct aver_accrual_state state;
    bool ok, found;
    if (!aver_act_decode(a, &aver_accrual_schema, &r.report)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    snprintf(a->out->subject, sizeof a->out->subject, "m/%.*s", AVER_STR(r.report.member_id));
    if (!well_formed(&r)) return AVER_OK;
    r.c = (struct aver_case){
        .work = &a->work, .arena = a->work.arena, .view = a->work.view, .machine = machine, .why = a->why};
    r.line = (struct aver_case_line){.of = &r.c, .decision = &r.decision, .accrues = r.report.day};
    r.decision.tier = r.report.tier;
    aver_accrual_id(r.c.id, &r.report);
    AVER_TRY(find_member(&r, &ok));
    if (!ok) return AVER_OK;
    aver_bytes name =
        aver_work_name(&a->work, aver_arena_printf(a->work.arena, "f/%.*s/x/", AVER_STR(r.c.family)),
                       aver_bytes_str(r.c.id));
    AVER_TRY(aver_act_lookup(a, name, &aver_accrual_state_schema, &state, &found));
    if (r.report.reverses) return take_back(&r, name, &state, found);
    AVER_TRY(find_policy(&r, machine, &ok));
    if (!ok) return AVER_OK;
    r.line.year = aver_case_year_of(&r.c, r.report.day);
    return post(&r, name, &state, found);
}
