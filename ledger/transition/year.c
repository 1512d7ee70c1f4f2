/* ledger/transition/year.c - the benefit year of each line of a claim (adjudication-rules 18). */
#include "ledger/transition/adjudicate.h"

#include "ledger/model/benefit_year.h"

struct aver_case_year aver_case_year_of(struct aver_case *c, aver_day day)
{
    struct aver_benefit_year year = aver_benefit_year_of(c->policy, day);
    return (struct aver_case_year){aver_arena_copy(c->arena, aver_bytes_str(year.period)), year.from,
                                   year.to};
}

void aver_case_years(struct aver_case *c)
{
    aver_day admitted = aver_admission_day(c->policy, c->claim);
    for (size_t i = 0; i < c->lines_count; i++) {
        struct aver_case_line *l = &c->lines[i];
        l->by_admission = admitted != AVER_NO_DAY;
        l->accrues = l->by_admission ? admitted : l->line->service_from;
        /* Mostly one day, so one text. */
        bool same = i > 0 && c->lines[i - 1].accrues == l->accrues;
        l->year = same ? c->lines[i - 1].year : aver_case_year_of(c, l->accrues);
    }
}
