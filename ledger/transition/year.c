/* ledger/transition/year.c - the benefit year of each line of a claim (adjudication-rules 18). */
#include "ledger/transition/adjudicate.h"

#include "ledger/model/benefit_year.h"

struct aver_case_year aver_case_year_of(struct aver_case *c, aver_day day)
{
    struct aver_benefit_year year = aver_benefit_year_of(c->policy, day);
    return (struct aver_case_year){aver_arena_copy(c->arena, aver_bytes_str(year.period)), year.from,
                                   year.to};
}

/* DTP 435 stands on an inpatient claim (X12 005010X223A2 2300). */
static aver_day admission(const struct aver_claim *claim)
{
    const struct aver_named_date *d = claim->dates.items;
    for (size_t i = 0; claim->type == AVER_CLAIM_INSTITUTIONAL && i < claim->dates.count; i++)
        if (aver_bytes_is(d[i].kind, "435")) return d[i].from;
    return AVER_NO_DAY;
}

void aver_case_years(struct aver_case *c)
{
    const struct aver_policy_node *rule = aver_policy_at(&c->policy->root, AVER_LIT("plan.inpatient_year"));
    aver_day admitted = admission(c->claim);
    if (rule && aver_bytes_is(rule->text, "service_from")) admitted = AVER_NO_DAY;
    for (size_t i = 0; i < c->lines_count; i++) {
        struct aver_case_line *l = &c->lines[i];
        l->by_admission = admitted != AVER_NO_DAY;
        l->accrues = l->by_admission ? admitted : l->line->service_from;
        /* Mostly one day, so one text. */
        bool same = i > 0 && c->lines[i - 1].accrues == l->accrues;
        l->year = same ? c->lines[i - 1].year : aver_case_year_of(c, l->accrues);
    }
}
