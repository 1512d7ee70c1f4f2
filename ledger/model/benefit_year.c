/* ledger/model/benefit_year.c - see benefit_year.h. */
#include "ledger/model/benefit_year.h"

#include <stdio.h>

/* The day and month on which the policy's years begin. */
static struct aver_civil begins(const struct aver_policy_loaded *policy)
{
    const struct aver_policy_node *plan = aver_policy_child(&policy->root, AVER_LIT("plan"));
    const struct aver_policy_node *kind = aver_policy_child(plan, AVER_LIT("benefit_year"));
    const struct aver_policy_node *from = aver_policy_child(plan, AVER_LIT("benefit_year_begins"));
    if (!kind || !aver_bytes_is(kind->text, "plan")) return (struct aver_civil){.month = 1, .day = 1};
    struct aver_civil c = aver_day_civil(from ? (aver_day)from->number : policy->policy.effective_from);
    if (c.month == 2 && c.day == 29) c.day = 28;
    return c;
}

struct aver_benefit_year aver_benefit_year_of(const struct aver_policy_loaded *policy, aver_day day)
{
    struct aver_benefit_year out;
    struct aver_civil first = begins(policy);
    int year = aver_day_civil(day).year;
    out.from = aver_day_of(year, first.month, first.day);
    if (out.from > day) out.from = year > 1 ? aver_day_of(year - 1, first.month, first.day) : AVER_DAY_MIN;
    aver_day next = aver_day_add_months(out.from, 12);
    out.to = next == AVER_NO_DAY ? AVER_DAY_MAX : next - 1;
    aver_day_iso(out.period, out.from);
    if (first.month == 1 && first.day == 1) out.period[4] = 0;
    return out;
}

aver_day aver_admission_day(const struct aver_policy_loaded *policy, const struct aver_claim *claim)
{
    const struct aver_policy_node *rule = aver_policy_at(&policy->root, AVER_LIT("plan.inpatient_year"));
    const struct aver_named_date *d = claim->dates.items;
    if (claim->type != AVER_CLAIM_INSTITUTIONAL || (rule && aver_bytes_is(rule->text, "service_from")))
        return AVER_NO_DAY;
    for (size_t i = 0; i < claim->dates.count; i++)
        if (aver_bytes_is(d[i].kind, "435")) return d[i].from;
    return AVER_NO_DAY;
}

aver_bytes aver_policy_pool(const struct aver_policy_loaded *policy)
{
    const struct aver_policy_node *name = aver_policy_at(&policy->root, AVER_LIT("plan.accumulators"));
    return name ? name->text : policy->policy.plan_id;
}
