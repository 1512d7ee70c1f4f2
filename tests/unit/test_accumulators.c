/* tests/unit/test_accumulators.c - what plans, benefit years and other parties do to accumulators, whatever the plan and the
 * claims: random ones, from a seed.
 *
 *   no member pays past the yearly maximum and no maximum is passed, whether services come in one claim or in many, in whatever
 *   order; where a benefit becomes richer the plan pays no less; what another party reports is posted once and may be taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/rng.h"
#include "tests/unit/world.h"

#define PEOPLE 3
#define IN     "1111111111"
#define OUT    "3333333333"

static const char *const people[PEOPLE] = {"kim", "lee", "max"};
static const uint8_t secret[32] = {9, 9};

/* What a plan says; cents, and percent. */
struct terms {
    int64_t deductible[2], oop[2], copay, year_paid, life_considered;
    int plain, half;
    bool plan_year, in_to_out, out_to_in, carry, aggregate, deductible_first, less_deductible;
};

static struct world w;
static uint64_t rng;

static int64_t some(int64_t most) { return (int64_t)rng_below(&rng, (uint64_t)most / 50 + 1) * 50; }
static bool maybe(void) { return rng_below(&rng, 2); }

static struct terms draw(void)
{
    struct terms t = {.deductible = {some(40000), some(60000)},
                      .oop = {some(80000) + 50, some(120000) + 50},
                      .copay = some(4000) + 50,
                      .year_paid = some(120000) + 50,
                      .life_considered = some(300000) + 50,
                      .plain = (int)rng_below(&rng, 101),
                      .half = (int)rng_below(&rng, 101),
                      .plan_year = maybe(),
                      .in_to_out = maybe(),
                      .out_to_in = maybe(),
                      .carry = maybe(),
                      .aggregate = maybe(),
                      .deductible_first = maybe(),
                      .less_deductible = maybe()};
    return t;
}

#define MONEY    "%lld.%02d"
#define CENTS(c) (long long)((c) / 100), (int)((c) % 100)

static void open_world(const struct terms *t)
{
    static const char *const crossing[] = {"", ", counts_to: [out_of_network]", ", counts_to: [in_network]"};
    const char *in = crossing[t->in_to_out ? 1 : 0], *out = crossing[t->out_to_in ? 2 : 0];
    const char *rule = t->aggregate ? "aggregate" : "embedded",
               *carry = t->carry ? ", carry_over_months: 3" : "";
    world_start(&w, aver_day_of(2027, 6, 1));
    world_contract_file(&w, "eligibility");
    world_contract_file(&w, "coverage");
    world_contract_file(&w, "payout");
    const char *yaml = aver_arena_printf(
        &w.arena,
        "format: payer-policy/1\n"
        "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
        "plan: {id: plan, name: Plan, effective: {start: 2025-01-01, end: 2027-12-31}, %s claim_filing_indicator: \"12\"}\n"
        "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
        "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
        "deductible:\n"
        "  in_network: {individual: " MONEY ", family: " MONEY ", family_rule: %s%s%s}\n"
        "  out_of_network: {individual: " MONEY ", family: " MONEY ", family_rule: %s%s%s}\n"
        "oop_max:\n"
        "  in_network: {individual: " MONEY ", family: " MONEY "%s}\n"
        "  out_of_network: {individual: " MONEY ", family: " MONEY "%s}\n"
        "cost_share: {order: [%s, coinsurance], coinsurance_base: %s}\n"
        "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees}, lesser_of: per_line, missing: pend}\n"
        "balance_billing: {in_network: CO, out_of_network: PR}\n"
        "timely_filing: {limit: 3650, unit: days, counted_from: service_from}\n"
        "duplicates: {exact: deny, suspected: pend}\n"
        "span: pend\n"
        "maxima:\n"
        "  - {id: paid, individual: " MONEY ", family: " MONEY ", per: benefit_year, benefits: [plain]}\n"
        "  - {id: considered, individual: " MONEY ", per: lifetime, basis: allowed, tiers: [in_network]}\n"
        "benefits:\n"
        "  plain:\n    name: Plain\n    match: {procedures: [\"P0001-P9999\"]}\n"
        "    cost_share: {in_network: {deductible: true, coinsurance: %d %%}, out_of_network: {deductible: true, coinsurance: 40 %%}}\n"
        "  half:\n    name: Half\n    match: {procedures: [\"H0001-H9999\"]}\n"
        "    cost_share: {in_network: {copay: " MONEY
        ", deductible: true, coinsurance: %d %%}, out_of_network: {coinsurance: 50 %%}}\n",
        t->plan_year ? "benefit_year: plan, benefit_year_begins: 2020-10-15," : "benefit_year: calendar,",
        CENTS(t->deductible[0]), CENTS(2 * t->deductible[0]), rule, in, carry, CENTS(t->deductible[1]),
        CENTS(2 * t->deductible[1]), rule, out, carry, CENTS(t->oop[0]), CENTS(2 * t->oop[0]), in,
        CENTS(t->oop[1]), CENTS(2 * t->oop[1]), out,
        t->deductible_first ? "deductible, copay" : "copay, deductible",
        t->less_deductible ? "allowed_less_deductible" : "after_copay", CENTS(t->year_paid),
        CENTS(2 * t->year_paid), CENTS(t->life_considered), t->plain, CENTS(t->copay), t->half);
    if (!world_policy(&w, "plan", "plan.yaml", aver_bytes_str(yaml)))
        fail_msg("%s: %s\n%s", w.why.place, w.why.text, yaml);
    static struct aver_table_row price, tier;
    static struct aver_table_entry fees[2], roster;
    price = (struct aver_table_row){.from = 0, .to = AVER_NO_DAY, .price = UINT64_C(9999000000)};
    tier = (struct aver_table_row){.from = 0, .to = AVER_NO_DAY, .tier = AVER_LIT("in_network")};
    fees[0] = (struct aver_table_entry){AVER_LIT("H0001"), {&price, 1, 1}};
    fees[1] = (struct aver_table_entry){AVER_LIT("P0001"), {&price, 1, 1}};
    roster = (struct aver_table_entry){AVER_LIT(IN), {&tier, 1, 1}};
    struct aver_table table = {.name = AVER_LIT("fees"), .kind = AVER_TABLE_FEES, .entries = {fees, 2, 2}};
    world_table(&w, &table);
    table = (struct aver_table){
        .name = AVER_LIT("providers"), .kind = AVER_TABLE_ROSTER, .entries = {&roster, 1, 1}};
    world_table(&w, &table);
    static struct aver_cover cover;
    static struct aver_member members[PEOPLE];
    cover = (struct aver_cover){.plan = AVER_LIT("plan"), .from = aver_day_of(2024, 1, 1), .to = AVER_NO_DAY};
    for (int i = 0; i < PEOPLE; i++)
        members[i] = (struct aver_member){.member_id = aver_bytes_str(people[i]),
                                          .relationship = i ? AVER_CHILD : AVER_SELF,
                                          .last_name = AVER_LIT("Example"),
                                          .first_name = aver_bytes_str(people[i]),
                                          .birth_date = 1000 + i,
                                          .covers = {&cover, 1, 1}};
    struct aver_family family = {.family_id = AVER_LIT(WORLD_FAMILY),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {members, PEOPLE, PEOPLE}};
    world_must(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
}

/* ---- claims ------------------------------------------------------------------------------------------------------------ */

struct service {
    const char *procedure, *provider;
    int64_t charge;
    aver_day day;
};

static struct service draw_service(void)
{
    static const int days[] = {0, 1, 30, 90, 180, 270, 288, 300, 330, 364, 365, 400, 500, 640, 652, 653, 700};
    return (struct service){.procedure = maybe() ? "P0001" : "H0001",
                            .provider = maybe() ? IN : OUT,
                            .charge = some(50000) + (int64_t)rng_below(&rng, 3) + 1,
                            .day = aver_day_of(2025, 1, 1) +
                                   days[rng_below(&rng, sizeof days / sizeof days[0])] +
                                   (int)rng_below(&rng, 3)};
}

static struct aver_decision *file(const char *member, const char *control, const struct service *s,
                                  size_t count)
{
    struct aver_claim *c = world_claim(&w, control, member, s->provider);
    for (size_t i = 0; i < count; i++) {
        struct aver_line *l = world_line(&w, c, s[i].procedure, s[i].charge, s[i].day);
        l->units = 1000 + i; /* no two are alike */
    }
    struct aver_applied a = world_file_claim(&w, c);
    assert_non_null(a.record.decision);
    if (a.record.decision->status == AVER_CLAIM_HELD) fail_msg("held: %s", a.words);
    struct aver_why why;
    if (aver_decision_check(a.record.decision, &why) != AVER_OK) fail_msg("%s: %s", why.code, why.text);
    return a.record.decision;
}

/* ---- however services are split into claims, and ordered ---------------------------------------------------------------- */

struct sums { /* of one member, both by calendar year; the plan's are of calendar years here */
    int64_t share[3], paid_plain[3], considered, owed, paid;
};

static void add_up(struct sums *out, const struct aver_decision *d, const struct service *s)
{
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        int year = aver_day_civil(s[i].day).year - 2025;
        bool in = aver_bytes_is(l[i].tier, "in_network");
        for (size_t k = 0; k < l[i].adjustments.count; k++)
            if (in && a[k].group == AVER_GROUP_PR && a[k].carc.len == 1)
                out->share[year] += a[k].amount.cents;
        if (s[i].procedure[0] == 'P') out->paid_plain[year] += (int64_t)l[i].paid.cents;
        out->paid += (int64_t)l[i].paid.cents;
        const struct aver_posting *p = l[i].postings.items;
        for (size_t k = 0; k < l[i].postings.count; k++)
            if (p[k].basis == AVER_BASIS_CONSIDERED && p[k].scope == AVER_SCOPE_MEMBER)
                out->considered += p[k].amount.cents;
    }
}

static void check_caps(const struct sums *s, const struct terms *t)
{
    for (int y = 0; y < 3; y++) {
        assert_true(s->share[y] <= t->oop[0]);
        assert_true(s->paid_plain[y] <= t->year_paid);
    }
    assert_true(s->considered <= t->life_considered);
}

static void test_split(void **state)
{
    (void)state;
    size_t met = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct service s[24];
        rng = 1000 + seed;
        struct terms t = draw();
        t.plan_year = false;
        for (size_t i = 0; i < 24; i++) s[i] = draw_service(), s[i].provider = s[0].provider;
        for (int way = 0; way < 4; way++) {
            struct sums sums = {0};
            for (size_t i = 24; way > 1 && i > 1; i--) {
                size_t k = rng_below(&rng, i);
                struct service swap = s[i - 1];
                s[i - 1] = s[k], s[k] = swap;
            }
            open_world(&t);
            for (size_t i = 0, n; i < 24; i += n) {
                char control[16];
                n = way == 0 ? 24 : way == 1 ? 1 : 1 + rng_below(&rng, 24 - i < 6 ? 24 - i : 6);
                snprintf(control, sizeof control, "C%zu", i);
                add_up(&sums, file("kim", control, &s[i], n), &s[i]);
            }
            check_caps(&sums, &t);
            for (int y = 0; y < 3; y++) met += sums.share[y] == t.oop[0] || sums.paid_plain[y] == t.year_paid;
            world_end(&w);
        }
    }
    print_message("%zu limits met to the cent\n", met);
    assert_true(met > 20);
}

/* ---- a richer benefit -------------------------------------------------------------------------------------------------- */

static int64_t paid_for(const struct terms *t, const struct service *s, size_t count)
{
    open_world(t);
    int64_t paid = (int64_t)file("kim", "A", s, count)->paid.cents;
    world_end(&w);
    return paid;
}

static void test_richer(void **state)
{
    (void)state;
    size_t more = 0, all = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct service s[3];
        rng = 5000 + seed;
        struct terms t = draw(), richer[7];
        size_t n = 1 + rng_below(&rng, 3);
        for (size_t i = 0; i < n; i++) s[i] = draw_service(), s[i].provider = s[0].provider;
        for (size_t i = 0; i < 7; i++) richer[i] = t;
        richer[0].deductible[0] /= 2, richer[0].deductible[1] /= 2;
        richer[1].oop[0] = richer[1].oop[0] / 2 + 1, richer[1].oop[1] = richer[1].oop[1] / 2 + 1;
        richer[2].copay = richer[2].copay / 2 + 1;
        richer[3].plain /= 2;
        richer[4].half /= 2;
        richer[5].year_paid *= 2;
        richer[6].life_considered *= 2;
        int64_t paid = paid_for(&t, s, n);
        for (size_t i = 0; i < 7; i++, all++) {
            int64_t now = paid_for(&richer[i], s, n);
            if (now < paid)
                fail_msg("seed %d: %zu is richer and pays %lld less", (int)seed, i, (long long)(paid - now));
            more += now > paid;
        }
    }
    print_message("%zu of %zu richer plans pay more, none less\n", more, all);
    assert_true(more > 30);
}

/* ---- what another party reports ---------------------------------------------------------------------------------------- */

static struct aver_accrual accrual(const char *reference, const char *counter, const char *tier,
                                   int64_t cents)
{
    return (struct aver_accrual){.source = AVER_LIT("rx.example"),
                                 .reference = aver_bytes_str(reference),
                                 .member_id = AVER_LIT("kim"),
                                 .plan = AVER_LIT("plan"),
                                 .day = aver_day_of(2026, 2, 1),
                                 .counter = aver_bytes_str(counter),
                                 .tier = tier ? aver_bytes_str(tier) : AVER_BYTES_NONE,
                                 .amount = {cents},
                                 .reverses = cents == 0};
}

static enum aver_outcome sent(struct aver_accrual a)
{
    return world_send(&w, &w.proposer, AVER_TX_ACCRUAL, &aver_accrual_schema, &a).outcome;
}

static int64_t balance_of(const char *person, const char *period, const char *counter, const char *tier)
{
    struct aver_stored stored;
    struct aver_balances balances;
    const char *name = aver_arena_printf(&w.arena, "f/" WORLD_FAMILY "/y/%s/plan/%s", person, period);
    if (world_get(&w, aver_bytes_str(name), &stored, &w.why) != AVER_OK) return 0;
    WORLD_OK(&w, aver_schema_read(stored.record, &aver_balances_schema, &balances, &w.arena, &w.why));
    const struct aver_balance *b = balances.items.items;
    for (size_t k = 0; k < balances.items.count; k++)
        if (aver_bytes_is(b[k].counter, counter) && aver_bytes_is(b[k].tier, tier)) return b[k].used.cents;
    return 0;
}

static void test_accruals(void **state)
{
    (void)state;
    struct terms t = {.deductible = {5000, 5000},
                      .oop = {20000, 20000},
                      .copay = 50,
                      .year_paid = 10000,
                      .life_considered = 100000,
                      .plain = 20,
                      .carry = true};
    open_world(&t);
    /* Posted once, to the member and the family. */
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_EXISTS);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3001)), AVER_OUT_CONFLICT);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 3000);
    assert_int_equal(balance_of("*", "2026", "deductible", "in_network"), 3000);
    assert_int_equal(balance_of("kim", "2027", "carry_over", "in_network"), 0);
    /* A claim goes on from there: 20.00 of 50.00 are left. */
    struct service s = {"P0001", IN, 10000, aver_day_of(2026, 3, 1)};
    struct aver_decision *d = file("kim", "A", &s, 1);
    assert_int_equal(d->paid.cents, 10000 - 2000 - 1600);
    /* Past the limit, and marked; then nothing is left. */
    assert_int_equal(sent(accrual("2", "deductible", "in_network", 1)), AVER_OUT_APPLIED);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 5001);
    s.charge = 2000, s.day++;
    d = file("kim", "B", &s, 1);
    assert_int_equal(d->paid.cents, 1600);
    /* A contract takes nothing from a counter that is past its limit; taken back, it has what it had. */
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 0)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 0)), AVER_OUT_EXISTS);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_CONFLICT);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 2001);
    s.charge = 4000, s.day++;
    d = file("kim", "C", &s, 1);
    assert_int_equal(d->paid.cents, 801);
    /* Corrections, and never below zero. */
    assert_int_equal(sent(accrual("3", "oop_max", "in_network", -1)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("4", "oop_max", "in_network", -100000)), AVER_OUT_CONFLICT);
    assert_int_equal(sent(accrual("5", "oop_max", "out_of_network", 0)), AVER_OUT_UNKNOWN);
    /* In the last months the deductible is carried over, as a claim's is. */
    struct aver_accrual late = accrual("6", "deductible", "out_of_network", 700);
    late.day = aver_day_of(2026, 12, 31);
    assert_int_equal(sent(late), AVER_OUT_APPLIED);
    assert_int_equal(balance_of("kim", "2027", "carry_over", "out_of_network"), 700);
    late.amount.cents = 0, late.reverses = true;
    assert_int_equal(sent(late), AVER_OUT_APPLIED);
    assert_int_equal(balance_of("kim", "2027", "carry_over", "out_of_network"), 0);
    assert_int_equal(balance_of("*", "2026", "deductible", "out_of_network"), 0);
    /* Maxima, of the year and the lifetime. */
    assert_int_equal(sent(accrual("7", "maxima.paid", NULL, 1000)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("7", "maxima.considered", NULL, 1000)), AVER_OUT_APPLIED);
    assert_true(balance_of("kim", "all", "maxima.considered", "") > 1000);
    /* What it cannot be. */
    assert_int_equal(sent(accrual("8", "maxima.none", NULL, 1000)), AVER_OUT_UNKNOWN);
    assert_int_equal(sent(accrual("8", "maxima.paid", "in_network", 1000)), AVER_OUT_MALFORMED);
    assert_int_equal(sent(accrual("8", "deductible", NULL, 1000)), AVER_OUT_MALFORMED);
    assert_int_equal(sent(accrual("8", "deductible", "platinum", 1000)), AVER_OUT_UNKNOWN);
    assert_int_equal(sent(accrual("8", "carry_over", "in_network", 1000)), AVER_OUT_MALFORMED);
    struct aver_accrual other = accrual("8", "deductible", "in_network", 1000);
    other.reverses = true;
    assert_int_equal(sent(other), AVER_OUT_MALFORMED);
    other = accrual("8", "deductible", "in_network", 1000);
    other.member_id = AVER_LIT("nobody");
    assert_int_equal(sent(other), AVER_OUT_UNKNOWN);
    other = accrual("8", "deductible", "in_network", 1000);
    other.plan = AVER_LIT("other");
    assert_int_equal(sent(other), AVER_OUT_UNKNOWN);
    other = accrual("8", "deductible", "in_network", 1000);
    other.day = aver_day_of(2028, 1, 1);
    assert_int_equal(sent(other), AVER_OUT_UNKNOWN);
    world_end(&w);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_split), cmocka_unit_test(test_richer),
                                       cmocka_unit_test(test_accruals)};
    return cmocka_run_group_tests_name("accumulators", tests, NULL, NULL);
}
