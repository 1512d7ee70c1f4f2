/* tests/unit/test_visits.c - visits and their copays as claims leave them in the state: whose a visit is, what each claim took of it,
 * whose accumulators hold it, and how many a record takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/generated.h"
#include "vm/vm.h"

#define DAY    aver_day_of(2026, 3, 2)
#define RECORD "f/" WORLD_FAMILY "/v/kim/plan/b2/2026"

static struct world w;
static int procedures;

/* 25.00 for a visit, three visits a year. */
static void start(void)
{
    struct gen_plan plan = gen_plain();
    plan.limit[2].visits = 3;
    plan.limit[2].per = "benefit_year";
    plan.limit[2].count_if = "allowed";
    plan.limit[2].past = "balance";
    plan.share[2][0] = (struct gen_share){.copay = 2500, .per = "visit", .rest = "next_line", .counts = true};
    procedures = 0;
    gen_open(&w, &plan);
    gen_enrol(&w);
}

static void add_provider(struct aver_list *list, const char *npi)
{
    struct aver_provider *p = aver_list_add(&w.arena, list, sizeof *p);
    *p = (struct aver_provider){.role = AVER_LIT("82"), .npi = aver_bytes_str(npi)};
}

static struct aver_decision *file(struct aver_claim *c)
{
    struct aver_applied a = world_file_claim(&w, c);
    assert_non_null(a.record.decision);
    gen_identities(&w, a.record.decision);
    return a.record.decision;
}

/* A line of the visit benefit, of another procedure than those before. */
static struct aver_line *line(struct aver_claim *c, int64_t charge, aver_day day)
{
    return world_line(&w, c, aver_arena_printf(&w.arena, "R000%d", ++procedures), charge, day);
}

/* `rendering` NULL: who bills. */
static struct aver_decision *bill(const char *control, const char *billing, const char *rendering,
                                  int64_t charge, aver_day day)
{
    struct aver_claim *c = world_claim(&w, control, "kim", billing);
    if (rendering) add_provider(&c->providers, rendering);
    line(c, charge, day);
    return file(c);
}

static struct aver_visits record(void)
{
    struct aver_visits visits;
    struct aver_stored stored;
    WORLD_OK(&w, world_get(&w, AVER_LIT(RECORD), &stored, &w.why));
    WORLD_OK(&w, aver_schema_read(stored.record, &aver_visits_schema, &visits, &w.arena, &w.why));
    return visits;
}

static void must_be(const struct aver_visit *v, const struct aver_decision *d, const char *provider,
                    aver_day day, uint64_t copay)
{
    assert_true(aver_bytes_eq(v->claim_id, d->claim_id));
    assert_true(aver_bytes_is(v->provider, provider));
    assert_int_equal(v->day, day);
    assert_int_equal(v->copay.cents, copay);
    assert_true(v->counted);
}

/* Each claim has a record of its own, of what it took; by day and provider, then in ledger order. */
static void test_shared(void **state)
{
    (void)state;
    start();
    struct aver_decision *late = bill("A", gen_providers[1], NULL, 1000, DAY + 1);
    struct aver_decision *first = bill("B", gen_providers[1], NULL, 1500, DAY);
    struct aver_decision *other = bill("C", gen_providers[0], NULL, 9000, DAY);
    struct aver_claim *two = world_claim(&w, "D", "kim", gen_providers[1]);
    line(two, 300, DAY);
    line(two, 400, DAY);
    line(two, 500, DAY + 1);
    struct aver_decision *second = file(two);
    struct aver_visits visits = record();
    const struct aver_visit *v = visits.items.items;
    assert_int_equal(visits.items.count, 5);
    must_be(&v[0], other, gen_providers[0], DAY, 2500);
    must_be(&v[1], first, gen_providers[1], DAY, 1500);
    must_be(&v[2], second, gen_providers[1], DAY, 700); /* of two lines */
    must_be(&v[3], late, gen_providers[1], DAY + 1, 1000);
    must_be(&v[4], second, gen_providers[1], DAY + 1, 500);
    /* Three visits, whatever the records: a fourth is past the limit, another claim of one of the three is not. */
    assert_int_equal(bill("E", gen_providers[0], NULL, 9000, DAY + 2)->paid.cents, 0);
    assert_int_equal(bill("F", gen_providers[1], NULL, 9000, DAY)->paid.cents, 9000 - 300);
    assert_int_equal(record().items.count, 6);
    world_end(&w);
}

/* A visit is that of who renders, of the line before the claim, and of who bills where nobody else is named. */
static void test_rendering(void **state)
{
    (void)state;
    start();
    const char *group = gen_providers[0], *partner = gen_providers[1], *doctor = "5555555555",
               *nurse = "6666666666";
    assert_int_equal(bill("A", group, doctor, 9000, DAY)->paid.cents, 6500);
    assert_int_equal(bill("B", group, nurse, 9000, DAY)->paid.cents, 6500); /* another visit */
    assert_int_equal(bill("C", partner, doctor, 9000, DAY)->paid.cents,
                     9000); /* the doctor's, billed by another */
    assert_int_equal(bill("D", doctor, NULL, 9000, DAY)->paid.cents,
                     3200); /* out of network: PR-1 50.00, PR-2 8.00 */
    struct aver_claim *c = world_claim(&w, "E", "kim", group);
    add_provider(&c->providers, nurse);
    add_provider(&line(c, 9000, DAY)->providers, doctor);
    assert_int_equal(file(c)->paid.cents, 9000);
    struct aver_visits visits = record();
    const struct aver_visit *v = visits.items.items;
    assert_int_equal(visits.items.count, 5);
    for (size_t i = 0; i < 5; i++) assert_true(aver_bytes_is(v[i].provider, i < 4 ? doctor : nurse));
    world_end(&w);
}

/* A record takes AVER_VISITS_MAX; what a claim adds to its own record of a visit is always taken. */
static void test_full(void **state)
{
    (void)state;
    struct aver_why why;
    for (size_t full = AVER_VISITS_MAX - 1; full <= AVER_VISITS_MAX; full++) {
        struct aver_visits visits = {0};
        struct aver_buf bytes = {0};
        start();
        for (size_t i = 0; i < full; i++)
            *(struct aver_visit *)aver_list_add(&w.arena, &visits.items, sizeof(struct aver_visit)) =
                (struct aver_visit){.claim_id = AVER_LIT("0123456789abcdef01234567"),
                                    .provider = AVER_LIT("4444444444"),
                                    .day = aver_day_of(2026, 1, 1)};
        aver_schema_encode(&bytes, &aver_visits_schema, &visits);
        WORLD_OK(&w, world_put(&w, AVER_LIT(RECORD), aver_buf_view(&bytes), (aver_digest){{0}},
                               (aver_digest){{0}}, &why));
        aver_buf_free(&bytes);
        struct aver_claim *c = world_claim(&w, "A", "kim", gen_providers[0]);
        line(c, 1000, DAY);
        line(c, 9000, DAY);
        struct aver_applied a = world_file_claim(&w, c);
        if (full < AVER_VISITS_MAX) {
            assert_int_equal(a.record.decision->paid.cents, 7500);
            assert_int_equal(record().items.count, AVER_VISITS_MAX);
        } else {
            assert_int_equal(a.outcome, AVER_OUT_TRAPPED);
            assert_int_equal(a.record.decision->trap, AVER_TRAP_RULE);
            assert_non_null(strstr(a.words, "too many claims for visits"));
        }
        world_end(&w);
    }
}

/* Who changes plans within a year goes on where they stood, if the plans share their accumulators: visits and the deductible. */
static void test_plans_share(void **state)
{
    (void)state;
    for (int pooled = 0; pooled < 2; pooled++) {
        struct gen_plan plan = gen_plain();
        plan.pooled = pooled;
        plan.limit[2].visits = 2;
        plan.limit[2].per = pooled ? "lifetime" : "benefit_year";
        plan.limit[2].count_if = "allowed";
        plan.limit[2].past = "balance";
        gen_open(&w, &plan);
        gen_enrol(&w);
        aver_day change = aver_day_of(2026, 6, 1);
        struct gen_service s = {"R0001", 4000, 1000, change - 2};
        const uint64_t paid[] = {0, 2400, 0, pooled ? 0 : 2400, 0};
        for (size_t i = 0; i < 5; i++, s.day++) {
            struct aver_decision *d = gen_file(&w, i, 1, 0, &s, 1).record.decision;
            assert_true(aver_bytes_is(d->plan, s.day < change ? "plan" : "other"));
            assert_int_equal(d->paid.cents, paid[i]);
        }
        world_end(&w);
    }
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared), cmocka_unit_test(test_rendering),
                                       cmocka_unit_test(test_full), cmocka_unit_test(test_plans_share)};
    return cmocka_run_group_tests_name("visits", tests, NULL, NULL);
}
