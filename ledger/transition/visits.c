/* ledger/transition/visits.c - visits of a benefit, and the copays taken for them. What a claim takes of a visit is a record of its
 * own, so that a reversal takes back its own; the visit is what its claims say of it together. */
#include "ledger/transition/adjudicate.h"

#include <string.h>

#include "ledger/model/benefit_year.h"

/* What was taken of the visits of one benefit in one period, as this claim has changed it so far. */
struct case_visits {
    const struct aver_policy_node *benefit;
    aver_bytes period;
    aver_bytes name;
    struct aver_visits record;
    bool lifetime, changed;
};

/* limit.per: lifetime counts in one period for good (adjudication-rules 10). */
static aver_err visits_of(struct aver_case *c, const struct aver_case_line *line, struct case_visits **out)
{
    struct case_visits *v = c->visits.items;
    for (size_t i = 0; i < c->visits.count; i++)
        if (v[i].benefit == line->benefit &&
            (v[i].lifetime || aver_bytes_eq(v[i].period, line->year.period))) {
            *out = &v[i];
            return AVER_OK;
        }
    const struct aver_policy_node *per = aver_policy_at(line->benefit, AVER_LIT("limit.per"));
    bool lifetime = per && aver_bytes_is(per->text, "lifetime");
    aver_bytes period = lifetime ? AVER_LIT(AVER_PERIOD_LIFETIME) : line->year.period;
    v = aver_list_add(c->arena, &c->visits, sizeof *v);
    aver_bytes parts[] = {c->pool, line->benefit->key, period};
    *v = (struct case_visits){.benefit = line->benefit,
                              .period = period,
                              .name = aver_case_name(c, "v", parts, 3),
                              .lifetime = lifetime};
    aver_err err = aver_work_get(c->work, v->name, &aver_visits_schema, &v->record, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    c->read += v->record.items.count;
    *out = v;
    return AVER_OK;
}

/* One visit: member, benefit, provider, day (adjudication-rules 9 and 10). */
static bool same_visit(const struct aver_visit *a, const struct aver_visit *b)
{
    return a->day == b->day && aver_bytes_eq(a->provider, b->provider);
}

/* The first that is not before the visit. */
static size_t place_of(const struct aver_list *list, const struct aver_visit *visit)
{
    const struct aver_visit *v = list->items;
    size_t lo = 0, hi = list->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (v[mid].day < visit->day ||
            (v[mid].day == visit->day && aver_bytes_cmp(v[mid].provider, visit->provider) < 0))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* What this claim takes of the line's visit, nothing yet. */
static struct aver_visit visit_of(const struct aver_case *c, const struct aver_case_line *line)
{
    return (struct aver_visit){.claim_id = aver_bytes_str(c->id),
                               .provider = aver_claim_rendering_id(c->claim, line->line),
                               .day = line->line->service_from};
}

aver_err aver_case_visits_count(struct aver_case *c, const struct aver_case_line *line, size_t *out)
{
    struct case_visits *list;
    AVER_TRY(visits_of(c, line, &list));
    *out = list->record.items.count;
    return AVER_OK;
}

aver_err aver_case_visit(struct aver_case *c, const struct aver_case_line *line, struct aver_visit_facts *out)
{
    struct case_visits *list;
    struct aver_visit mine = visit_of(c, line);
    *out = (struct aver_visit_facts){0};
    AVER_TRY(visits_of(c, line, &list));
    const struct aver_visit *v = list->record.items.items;
    size_t count = list->record.items.count, at = place_of(&list->record.items, &mine);
    for (size_t first = 0, next; first < count; first = next) {
        bool counted = false, own = first == at && same_visit(&v[first], &mine);
        for (next = first; next < count && (next == first || same_visit(&v[next], &v[first])); next++) {
            counted |= v[next].counted;
            if (v[next].day == mine.day && aver_money_add(&out->day_copay, out->day_copay, v[next].copay))
                return AVER_E_RANGE;
            if (own && aver_money_add(&out->copay, out->copay, v[next].copay)) return AVER_E_RANGE;
        }
        out->counted |= own && counted;
        out->used += !own && counted;
    }
    return AVER_OK;
}

aver_err aver_case_visit_add(struct aver_case *c, const struct aver_case_line *line, bool count,
                             int64_t copay)
{
    struct case_visits *list;
    struct aver_visit mine = visit_of(c, line);
    AVER_TRY(visits_of(c, line, &list));
    struct aver_list *items = &list->record.items;
    struct aver_visit *v = items->items;
    aver_money day;
    if (aver_money_of(&day, copay)) return AVER_E_RANGE;
    for (size_t i = 0; i < items->count; i++)
        if (v[i].day == mine.day && aver_money_add(&day, day, v[i].copay)) return AVER_E_RANGE;
    /* Behind what claims before it took of the visit; what this one took stands last. */
    size_t at = place_of(items, &mine);
    while (at < items->count && same_visit(&v[at], &mine)) at++;
    if (at > 0 && same_visit(&v[at - 1], &mine) && aver_bytes_eq(v[at - 1].claim_id, mine.claim_id)) {
        at--;
    } else if (items->count == AVER_VISITS_MAX) {
        return aver_fail(c->why, AVER_E_LIMIT, "VISITS", "",
                         "more than %d claims for visits of one benefit in one period", AVER_VISITS_MAX);
    } else {
        aver_list_add(c->arena, items, sizeof *v);
        v = items->items;
        memmove(&v[at + 1], &v[at], (items->count - 1 - at) * sizeof *v);
        v[at] = mine;
    }
    v[at].counted |= count;
    v[at].copay.cents += (uint64_t)copay; /* of the day's, which are in range */
    list->changed = true;
    return AVER_OK;
}

void aver_case_visits_write(struct aver_case *c)
{
    const struct case_visits *v = c->visits.items;
    for (size_t i = 0; i < c->visits.count; i++)
        if (v[i].changed) aver_work_put(c->work, v[i].name, &aver_visits_schema, &v[i].record);
}
