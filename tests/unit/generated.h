/* tests/unit/generated.h - plans and claims of all kinds, drawn from a seed, for laws that hold whatever they are.
 *
 * A plan has calendar or plan years, embedded or aggregate deductibles, tiers that count to each other, carry-over, maxima of a
 * year and a lifetime, limits of visits, a rule of how often, copays by visit, day and line; each limit of a family is half as
 * much again as that of a member. Drawn one by one, so that every compiler draws the same. */
#ifndef AVER_TESTS_GENERATED_H
#define AVER_TESTS_GENERATED_H

#include <stdarg.h>

#include "tests/unit/rng.h"
#include "tests/unit/world.h"

#define GEN_BENEFITS 4 /* b0 to b3, of the codes P0001 to P0009, Q..., R..., S...; N0001 is not covered */
#define GEN_CODES    9
#define GEN_TIERS    2
#define GEN_PEOPLE   3
#define GEN_LINES    4
#define GEN_DAYS     4 /* of one history */
#define GEN_FROM     aver_day_of(2025, 1, 1)
#define GEN_TO       aver_day_of(2027, 12, 31)

static const char *const gen_people[GEN_PEOPLE] = {"kim", "lee", "max"};
static const char *const gen_providers[] = {"1111111111", "2222222222",
                                            "3333333333"}; /* the last is on no roster */
static const char *const gen_tiers[GEN_TIERS] = {"in_network", "out_of_network"};
static const uint8_t gen_secret[32] = {9, 9};

struct gen_share {
    int64_t copay; /* 0: none */
    const char *per, *rest;
    bool deductible, counts;
    int coinsurance; /* percent */
};
struct gen_plan {
    int64_t deductible[GEN_TIERS], oop[GEN_TIERS], paid, considered;
    bool plan_year, pooled, aggregate, carry, crossing[GEN_TIERS] /* this tier counts to the other */;
    const char *order, *base, *rounding, *lines_by, *lesser_of, *balance, *exact, *inpatient, *paid_per,
        *considered_per;
    int out_percent;
    struct gen_share share[GEN_BENEFITS][GEN_TIERS];
    struct {
        int visits; /* 0: no limit */
        const char *per, *count_if, *past;
    } limit[GEN_BENEFITS];
    int often;
    const char *often_count, *often_per;
    uint64_t price[GEN_BENEFITS][GEN_CODES]; /* 0: bundled */
};

static inline int64_t gen_some(uint64_t *rng, int64_t most)
{
    return (int64_t)rng_below(rng, (uint64_t)most / 50 + 1) * 50;
}
static inline bool gen_maybe(uint64_t *rng) { return rng_below(rng, 2); }
static inline int64_t gen_family(int64_t member) { return member * 3 / 2; }
static inline const char *gen_one(uint64_t *rng, const char *const *words, size_t count)
{
    return words[rng_below(rng, count)];
}
#define GEN_ONE(rng, ...)                                                                                    \
    gen_one(rng, (const char *const[]){__VA_ARGS__},                                                         \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline struct gen_share gen_share_draw(uint64_t *rng)
{
    struct gen_share s = {0};
    if (gen_maybe(rng)) s.copay = gen_some(rng, 8000) + 50;
    s.per = GEN_ONE(rng, "visit", "visit", "day", "line");
    s.rest = GEN_ONE(rng, "next_line", "drop");
    s.deductible = gen_maybe(rng);
    s.coinsurance = gen_maybe(rng) ? (int)rng_below(rng, 101) : 0;
    s.counts = rng_below(rng, 8) != 0;
    return s;
}

static inline void gen_plan_draw(struct gen_plan *p, uint64_t *rng)
{
    *p = (struct gen_plan){0};
    for (int t = 0; t < GEN_TIERS; t++) {
        p->deductible[t] = gen_some(rng, 40000);
        p->oop[t] = gen_some(rng, 80000) + 50;
        p->crossing[t] = gen_maybe(rng);
    }
    p->paid = gen_some(rng, 60000) + 50;
    p->considered = gen_some(rng, 200000) + 50;
    p->paid_per = GEN_ONE(rng, "benefit_year", "lifetime");
    p->considered_per = GEN_ONE(rng, "benefit_year", "lifetime");
    p->plan_year = gen_maybe(rng);
    p->pooled = gen_maybe(rng);
    p->aggregate = gen_maybe(rng);
    p->carry = gen_maybe(rng);
    p->order = GEN_ONE(rng, "[copay, deductible, coinsurance]", "[deductible, copay, coinsurance]",
                       "[deductible, coinsurance, copay]");
    p->base = GEN_ONE(rng, "after_copay", "allowed_less_deductible");
    p->rounding = GEN_ONE(rng, "half_up", "half_even", "down", "up");
    p->lines_by = GEN_ONE(rng, "number", "number", "service_from");
    p->lesser_of = GEN_ONE(rng, "per_line", "per_line", "none");
    p->balance = GEN_ONE(rng, "PR", "CO");
    p->exact = GEN_ONE(rng, "deny", "pend");
    p->inpatient = GEN_ONE(rng, "admission", "admission", "service_from");
    p->out_percent = 50 + (int)rng_below(rng, 100);
    p->often = 2 + (int)rng_below(rng, 20);
    p->often_count = GEN_ONE(rng, "services", "units");
    p->often_per = GEN_ONE(rng, "benefit_year", "lifetime", "rolling, window: 20, unit: days",
                           "rolling, window: 3, unit: months");
    for (int b = 0; b < GEN_BENEFITS; b++) {
        for (int t = 0; t < GEN_TIERS; t++) p->share[b][t] = gen_share_draw(rng);
        p->limit[b].visits = b < 2 ? 0 : 1 + (int)rng_below(rng, 20);
        p->limit[b].per = GEN_ONE(rng, "benefit_year", "lifetime");
        p->limit[b].count_if = GEN_ONE(rng, "allowed", "paid");
        p->limit[b].past = GEN_ONE(rng, "balance", "charge");
        for (int i = 0; i < GEN_CODES; i++)
            p->price[b][i] = rng_below(rng, 16) ? (1 + rng_below(rng, 25000)) * 10007 : 0;
    }
}

/* 50.00 of deductible, then 20 %; carried over; 100.00 paid a year, 1000.00 considered in a lifetime. Prices are
 * far above any charge. */
static inline struct gen_plan gen_plain(void)
{
    struct gen_plan p = {.deductible = {5000, 5000},
                         .oop = {20000, 20000},
                         .paid = 10000,
                         .considered = 100000,
                         .carry = true,
                         .order = "[copay, deductible, coinsurance]",
                         .base = "after_copay",
                         .rounding = "half_up",
                         .lines_by = "number",
                         .lesser_of = "per_line",
                         .balance = "PR",
                         .exact = "deny",
                         .paid_per = "benefit_year",
                         .considered_per = "lifetime",
                         .inpatient = "admission",
                         .out_percent = 100,
                         .often = 9999,
                         .often_count = "services",
                         .often_per = "lifetime"};
    for (int b = 0; b < GEN_BENEFITS; b++)
        for (int t = 0; t < GEN_TIERS; t++)
            p.share[b][t] = (struct gen_share){.deductible = true, .counts = true, .coinsurance = 20};
    for (int b = 0; b < GEN_BENEFITS; b++)
        for (int i = 0; i < GEN_CODES; i++) p.price[b][i] = UINT64_C(9999000000);
    return p;
}

/* ---- the plan as YAML -------------------------------------------------------------------------------------------------- */

#define GEN_MONEY    "%lld.%02d"
#define GEN_CENTS(c) (long long)((c) / 100), (int)((c) % 100)

static inline const char *gen_share_text(struct aver_arena *a, const struct gen_share *s)
{
    const char *copay =
        s->copay ? aver_arena_printf(a, "copay: " GEN_MONEY ", copay_per: %s, ", GEN_CENTS(s->copay), s->per)
                 : "";
    const char *rest = s->copay && s->per[0] != 'l' ? aver_arena_printf(a, "copay_rest: %s, ", s->rest) : "";
    return aver_arena_printf(a, "{%s%sdeductible: %s, coinsurance: %d %%%s}", copay, rest,
                             s->deductible ? "true" : "false", s->coinsurance,
                             s->counts ? "" : ", counts_to_oop: false");
}

static inline const char *gen_plan_text(struct aver_arena *a, const struct gen_plan *p, const char *id)
{
    const char *limits[] = {"", ""}, *benefits = "";
    const char *crossing[] = {", counts_to: [out_of_network]", ", counts_to: [in_network]"};
    for (int t = 0; t < GEN_TIERS; t++) {
        const char *cross = p->crossing[t] ? crossing[t] : "";
        limits[0] = aver_arena_printf(
            a, "%s  %s: {individual: " GEN_MONEY ", family: " GEN_MONEY ", family_rule: %s%s%s}\n", limits[0],
            gen_tiers[t], GEN_CENTS(p->deductible[t]), GEN_CENTS(gen_family(p->deductible[t])),
            p->aggregate ? "aggregate" : "embedded", cross, p->carry ? ", carry_over_months: 3" : "");
        limits[1] =
            aver_arena_printf(a, "%s  %s: {individual: " GEN_MONEY ", family: " GEN_MONEY "%s}\n", limits[1],
                              gen_tiers[t], GEN_CENTS(p->oop[t]), GEN_CENTS(gen_family(p->oop[t])), cross);
    }
    for (int b = 0; b < GEN_BENEFITS; b++) {
        const char *limit =
            p->limit[b].visits
                ? aver_arena_printf(a, "    limit: {visits: %d, per: %s, count_if: %s, past: %s}\n",
                                    p->limit[b].visits, p->limit[b].per, p->limit[b].count_if,
                                    p->limit[b].past)
                : "";
        benefits = aver_arena_printf(
            a,
            "%s  b%d:\n    name: Benefit %d\n    match: {procedures: [\"%c0001-%c9999\"]}\n%s"
            "    cost_share: {in_network: %s, out_of_network: %s}\n",
            benefits, b, b, 'P' + b, 'P' + b, limit, gen_share_text(a, &p->share[b][0]),
            gen_share_text(a, &p->share[b][1]));
    }
    return aver_arena_printf(
        a,
        "format: payer-policy/1\n"
        "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
        "plan: {id: %s, name: Plan, effective: {start: 2025-01-01, end: 2027-12-31}, inpatient_year: %s, %s%s claim_filing_indicator: \"12\"}\n"
        "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
        "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
        "deductible:\n%soop_max:\n%s"
        "cost_share: {order: %s, coinsurance_base: %s, rounding: %s, lines_by: %s}\n"
        "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees, percent: %d %%}, lesser_of: %s, missing: pend}\n"
        "balance_billing: {in_network: CO, out_of_network: %s}\n"
        "timely_filing: {limit: 3650, unit: days, counted_from: service_from}\n"
        "duplicates: {exact: %s, suspected: pend}\n"
        "span: pend\n"
        "frequency:\n"
        "  - {id: often, procedures: [\"Q0002\", \"S0001-S9999\"], limit: %d, count: %s, per: %s}\n"
        "maxima:\n"
        "  - {id: paid, individual: " GEN_MONEY ", family: " GEN_MONEY ", per: %s, benefits: [b0, b1, b3]}\n"
        "  - {id: considered, individual: " GEN_MONEY ", per: %s, basis: allowed, tiers: [in_network]}\n"
        "benefits:\n%s"
        "  none:\n    name: None\n    match: {procedures: [\"N0001-N9999\"]}\n    covered: false\n",
        id, p->inpatient,
        p->plan_year ? "benefit_year: plan, benefit_year_begins: 2020-10-15," : "benefit_year: calendar,",
        p->pooled ? " accumulators: shared," : "", limits[0], limits[1], p->order, p->base, p->rounding,
        p->lines_by, p->out_percent, p->lesser_of, p->balance, p->exact, p->often, p->often_count,
        p->often_per, GEN_CENTS(p->paid), GEN_CENTS(gen_family(p->paid)), p->paid_per,
        GEN_CENTS(p->considered), p->considered_per, benefits);
}

/* The year in which accumulators count a service of that day: 0, 1, ... */
static inline int gen_year(const struct gen_plan *p, aver_day day)
{
    int year = aver_day_civil(day).year;
    if (!p->plan_year) return year - 2025;
    return year - 2025 + (day >= aver_day_of(year, 10, 15));
}

/* ---- a world ----------------------------------------------------------------------------------------------------------- */

static inline void gen_tables(struct world *w, const struct gen_plan *p)
{
    struct aver_table_entry fees[GEN_BENEFITS * GEN_CODES], roster[2];
    struct aver_table_row prices[GEN_BENEFITS * GEN_CODES],
        tier = {.from = 0, .to = AVER_NO_DAY, .tier = AVER_LIT("in_network")};
    size_t n = 0;
    for (int b = 0; b < GEN_BENEFITS; b++)
        for (int i = 0; i < GEN_CODES; i++, n++) {
            uint64_t price = p->price[b][i];
            prices[n] =
                (struct aver_table_row){.from = 0, .to = AVER_NO_DAY, .price = price, .bundled = price == 0};
            fees[n] = (struct aver_table_entry){
                aver_bytes_str(aver_arena_printf(&w->arena, "%c%04d", 'P' + b, i + 1)), {&prices[n], 1, 1}};
        }
    for (int i = 0; i < 2; i++)
        roster[i] = (struct aver_table_entry){aver_bytes_str(gen_providers[i]), {&tier, 1, 1}};
    struct aver_table table = {.name = AVER_LIT("fees"), .kind = AVER_TABLE_FEES, .entries = {fees, n, n}};
    world_table(w, &table);
    table = (struct aver_table){
        .name = AVER_LIT("providers"), .kind = AVER_TABLE_ROSTER, .entries = {roster, 2, 2}};
    world_table(w, &table);
}

/* The contracts, the tables, and two plans that differ in nothing but their names: "plan" and "other". */
static inline void gen_open(struct world *w, const struct gen_plan *p)
{
    static const char *const plans[] = {"plan", "other"};
    world_start(w, aver_day_of(2027, 6, 1));
    world_contract_file(w, "eligibility");
    world_contract_file(w, "coverage");
    world_contract_file(w, "payout");
    for (int i = 0; i < 2; i++) {
        const char *yaml = gen_plan_text(&w->arena, p, plans[i]);
        if (world_policy(w, plans[i], "plan.yaml", aver_bytes_str(yaml))) continue;
        printf("%s: %s\n%s", w->why.place, w->why.text, yaml);
        exit(1);
    }
    gen_tables(w, p);
}

/* One family, of which lee changes from one plan to the other within a year. */
static inline void gen_enrol(struct world *w)
{
    aver_day change = aver_day_of(2026, 6, 1);
    struct aver_cover one = {.plan = AVER_LIT("plan"), .from = aver_day_of(2024, 1, 1), .to = AVER_NO_DAY};
    struct aver_cover two[] = {{.plan = AVER_LIT("plan"), .from = one.from, .to = change - 1},
                               {.plan = AVER_LIT("other"), .from = change, .to = AVER_NO_DAY}};
    struct aver_member members[GEN_PEOPLE];
    for (int i = 0; i < GEN_PEOPLE; i++)
        members[i] = (struct aver_member){.member_id = aver_bytes_str(gen_people[i]),
                                          .relationship = i ? AVER_CHILD : AVER_SELF,
                                          .last_name = AVER_LIT("Example"),
                                          .first_name = aver_bytes_str(gen_people[i]),
                                          .birth_date = 1000 + i,
                                          .covers = {&one, 1, 1}};
    members[1].covers = (struct aver_list){two, 2, 2};
    struct aver_family family = {.family_id = AVER_LIT(WORLD_FAMILY),
                                 .secret = aver_bytes_of(gen_secret, sizeof gen_secret),
                                 .members = {members, GEN_PEOPLE, GEN_PEOPLE}};
    world_must(w, &w->proposer, AVER_TX_ENROL, &aver_family_schema, &family);
}

/* ---- claims ------------------------------------------------------------------------------------------------------------ */

struct gen_service {
    char procedure[8];
    int64_t charge;
    uint64_t units;
    aver_day day;
};
struct gen_claim {
    size_t member, provider, count;
    aver_day admitted; /* of an inpatient claim, else AVER_NO_DAY */
    struct gen_service lines[GEN_LINES];
};

/* Days about the ends of years, in their last quarter and elsewhere: few, so that claims meet. */
static inline void gen_days(uint64_t *rng, aver_day days[GEN_DAYS])
{
    static const int some[] = {0,   1,   2,   60,  90,  270, 286, 287, 288, 300,
                               330, 364, 365, 366, 420, 515, 516, 640, 652, 653};
    for (size_t i = 0; i < GEN_DAYS; i++)
        days[i] = GEN_FROM + some[rng_below(rng, sizeof some / sizeof some[0])];
}

static inline struct gen_service gen_service_draw(uint64_t *rng, aver_day day)
{
    struct gen_service s;
    char benefit = "PQRRSSS"[rng_below(rng, 7)];
    if (rng_below(rng, 20) == 0) benefit = 'N';
    /* The code behind the last is on no schedule: the line waits. */
    int code = 1 + (int)rng_below(rng, rng_below(rng, 20) ? GEN_CODES : GEN_CODES + 1);
    snprintf(s.procedure, sizeof s.procedure, "%c%04d", benefit, code);
    s.charge = gen_some(rng, rng_below(rng, 4) ? 8000 : 40000) + 1;
    s.charge += (int64_t)rng_below(rng, 3);
    s.units = 1000 * (1 + rng_below(rng, 3));
    s.day = day + (rng_below(rng, 4) ? 0 : (aver_day)rng_below(rng, 2));
    return s;
}

/* One after another; now and then one is billed again, as another claim. */
static inline void gen_claims(uint64_t *rng, struct gen_claim *out, size_t count)
{
    aver_day days[GEN_DAYS];
    gen_days(rng, days);
    for (size_t i = 0; i < count; i++) {
        if (i && rng_below(rng, 8) == 0) {
            out[i] = out[rng_below(rng, i)];
            continue;
        }
        out[i] = (struct gen_claim){.member = rng_below(rng, 4) % GEN_PEOPLE, .admitted = AVER_NO_DAY};
        out[i].provider = rng_below(rng, 5) % 3;
        out[i].count = 1 + rng_below(rng, GEN_LINES);
        aver_day day = days[rng_below(rng, GEN_DAYS)];
        if (rng_below(rng, 6) == 0) out[i].admitted = day - (aver_day)rng_below(rng, 40);
        for (size_t k = 0; k < out[i].count; k++) {
            out[i].lines[k] = gen_service_draw(rng, day);
            out[i].lines[k].units += 100 * k; /* no two of one claim are alike */
        }
    }
}

/* ---- what holds of every decision -------------------------------------------------------------------------------------- */

#define GEN_MUST(holds, what)                                                                                \
    do {                                                                                                     \
        if (!(holds)) {                                                                                      \
            printf("line %llu: %s\n", (unsigned long long)l->number, what);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

static inline bool gen_is(const struct aver_adjustment *a, enum aver_group group, const char *carc)
{
    return a->group == group && aver_bytes_is(a->carc, carc);
}

/* The identities of one line, computed anew. */
static inline void gen_line_identities(const struct aver_line_decision *l,
                                       const struct aver_policy_loaded *policy)
{
    const struct aver_adjustment *a = l->adjustments.items;
    int64_t left = (int64_t)l->charge.cents, share = 0, above = 0, paid = (int64_t)l->paid.cents;
    for (size_t i = 0; i < l->adjustments.count; i++) {
        const struct aver_posting *p = a[i].postings.items;
        bool is_share = gen_is(&a[i], AVER_GROUP_PR, "1") || gen_is(&a[i], AVER_GROUP_PR, "2") ||
                        gen_is(&a[i], AVER_GROUP_PR, "3");
        left -= a[i].amount.cents;
        share += is_share ? a[i].amount.cents : 0;
        above -= gen_is(&a[i], AVER_GROUP_OA, "94") ? a[i].amount.cents : 0;
        GEN_MUST(a[i].amount.cents != 0, "an adjustment of nothing");
        GEN_MUST(a[i].amount.cents > 0 || gen_is(&a[i], AVER_GROUP_OA, "94"), "negative, and no OA-94");
        GEN_MUST(policy && aver_policy_at(&policy->root, a[i].because),
                 "a reason that the policy does not have");
        GEN_MUST(a[i].postings.count == 0 || is_share, "what is no cost share consumes nothing");
        for (size_t k = 0; k < a[i].postings.count; k++)
            GEN_MUST(p[k].amount.cents == a[i].amount.cents, "a posting of another amount");
    }
    GEN_MUST(l->status > AVER_LINE_DENIED || left == paid, "charge less adjustments is what is paid");
    GEN_MUST(l->paid.cents <= l->allowed.cents, "more is paid than allowed");
    GEN_MUST(share + paid <= (int64_t)l->allowed.cents, "more is shared and paid than allowed");
    GEN_MUST((int64_t)l->allowed.cents <= (int64_t)l->charge.cents + above,
             "more is allowed than the charge");
    if (l->status == AVER_LINE_DENIED)
        GEN_MUST(l->allowed.cents == 0 && l->adjustments.count <= 1 && l->postings.count == 0 &&
                     l->counts.count == 0,
                 "a denied line consumes");
    if (l->status > AVER_LINE_DENIED)
        GEN_MUST(paid == 0 && l->adjustments.count == 0 && l->postings.count == 0 && l->counts.count == 0,
                 "a line that waits consumes");
}

/* Of a whole decision (DESIGN 6), beside what aver_decision_check finds. */
static inline void gen_identities(struct world *w, const struct aver_decision *d)
{
    const struct aver_line_decision *l = d->lines.items;
    static const aver_digest none;
    struct aver_policy_loaded policy, *loaded = NULL;
    uint64_t charge = 0, allowed = 0, paid = 0, patient = 0;
    aver_bytes compiled;
    if (!aver_digest_eq(d->policy, none)) {
        WORLD_OK(w, world_artifact(w, d->policy, &compiled, &w->why));
        WORLD_OK(w, aver_policy_load(&policy, compiled, &w->arena, &w->why));
        loaded = &policy;
    }
    for (size_t i = 0; i < d->lines.count; i++, l++) {
        const struct aver_adjustment *a = l->adjustments.items;
        if (d->family_id.ptr) gen_line_identities(l, loaded);
        charge += l->charge.cents, allowed += l->allowed.cents, paid += l->paid.cents;
        for (size_t k = 0; k < l->adjustments.count; k++)
            patient += a[k].group == AVER_GROUP_PR ? (uint64_t)a[k].amount.cents : 0;
    }
    l = d->lines.items;
    GEN_MUST(charge == d->charge.cents && allowed == d->allowed.cents && paid == d->paid.cents &&
                 patient == d->patient_responsibility.cents,
             "the claim's sums are not its lines'");
    WORLD_OK(w, aver_decision_check(d, &w->why));
}

/* The tier of a line that was decided. */
static inline int gen_tier(const struct aver_line_decision *l)
{
    return aver_bytes_is(l->tier, gen_tiers[1]);
}

/* What the member owes of a line, PR 1, 2 and 3, where the plan says that it counts to oop_max: cents. */
static inline int64_t gen_counted_share(const struct gen_plan *p, const struct aver_line_decision *l)
{
    const struct aver_adjustment *a = l->adjustments.items;
    int64_t sum = 0;
    for (size_t i = 0; i < l->adjustments.count; i++)
        if (gen_is(&a[i], AVER_GROUP_PR, "1") || gen_is(&a[i], AVER_GROUP_PR, "2") ||
            gen_is(&a[i], AVER_GROUP_PR, "3"))
            sum += a[i].amount.cents;
    size_t prefix = strlen("benefits.b");
    if (sum == 0 || l->benefit.len != prefix + 1) return 0;
    return p->share[l->benefit.ptr[prefix] - '0'][gen_tier(l)].counts ? sum : 0;
}

/* Decided, not trapped, and with all identities. */
static inline struct aver_applied gen_file_claim(struct world *w, size_t number,
                                                 const struct gen_claim *claim,
                                                 const struct gen_service *lines, size_t count)
{
    const char *control = aver_arena_printf(&w->arena, "C%zu", number);
    struct aver_claim *c = world_claim(w, control, gen_people[claim->member], gen_providers[claim->provider]);
    if (claim->admitted != AVER_NO_DAY) {
        c->type = AVER_CLAIM_INSTITUTIONAL;
        *(struct aver_named_date *)aver_list_add(&w->arena, &c->dates, sizeof(struct aver_named_date)) =
            (struct aver_named_date){AVER_LIT("435"), claim->admitted, claim->admitted};
    }
    for (size_t i = 0; i < count; i++)
        world_line(w, c, lines[i].procedure, lines[i].charge, lines[i].day)->units = lines[i].units;
    struct aver_applied a = world_file_claim(w, c);
    if (!a.record.decision || a.record.decision->status == AVER_CLAIM_HELD) {
        printf("claim %zu of %s: %s\n", number, gen_people[claim->member], a.words);
        exit(1);
    }
    gen_identities(w, a.record.decision);
    return a;
}

static inline struct aver_applied gen_file(struct world *w, size_t number, size_t member, size_t provider,
                                           const struct gen_service *lines, size_t count)
{
    struct gen_claim claim = {.member = member, .provider = provider, .admitted = AVER_NO_DAY};
    return gen_file_claim(w, number, &claim, lines, count);
}

#endif
