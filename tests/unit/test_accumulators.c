/* tests/unit/test_accumulators.c - what plans, benefit years and other parties do to accumulators, whatever the plan and the
 * claims: random ones, from a seed.
 *
 *   no member and no family owes past what the plan's limits leave, no maximum is passed, and no more visits are paid than the
 *   plan has, whether services come in one claim or in many, in whatever order; whatever was paid before, a service is paid no
 *   less by a richer plan; what another party reports is posted once and may be taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/generated.h"

static struct world w;
static uint64_t rng;

/* ---- however services are split into claims, and ordered ---------------------------------------------------------------- */

#define SERVICES 60
#define YEARS    4

struct service {
    struct gen_service of;
    size_t member, provider;
};

/* What was decided of all services, by whose accumulators: those of "other" are its own, or shared. */
struct sums {
    int64_t share[2][GEN_PEOPLE][YEARS][GEN_TIERS], deductible[2][GEN_PEOPLE][YEARS][GEN_TIERS];
    int64_t paid[2][GEN_PEOPLE][YEARS], considered[2][GEN_PEOPLE][YEARS];
    struct aver_list visits; /* struct visit, each once */
    uint64_t met;            /* limits met to the cent */
};
struct visit {
    size_t own, member, provider;
    int benefit, year;
    aver_day day;
};

static void add_visit(struct sums *out, struct visit v)
{
    const struct visit *seen = out->visits.items;
    for (size_t i = 0; i < out->visits.count; i++)
        if (memcmp(&seen[i], &v, sizeof v) == 0) return;
    *(struct visit *)aver_list_add(&w.arena, &out->visits, sizeof v) = v;
}

static bool is_maximum(aver_bytes path) { return path.len > 7 && memcmp(path.ptr, "maxima.", 7) == 0; }

/* What is considered of a line: the allowed amount, less what is past maxima and visits and how often. */
static int64_t considered(const struct aver_line_decision *l)
{
    const struct aver_posting *p = l->postings.items;
    for (size_t i = 0; i < l->postings.count; i++)
        if (p[i].basis == AVER_BASIS_CONSIDERED && p[i].scope == AVER_SCOPE_MEMBER) return p[i].amount.cents;
    return 0;
}

static void add_up(struct sums *out, const struct gen_plan *p, const struct aver_decision *d,
                   const struct service *s)
{
    const struct aver_line_decision *l = d->lines.items;
    size_t own = !p->pooled && aver_bytes_is(d->plan, "other"), prefix = strlen("benefits.b");
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        size_t m = s[i].member;
        int year = gen_year(p, s[i].of.day), tier = gen_tier(&l[i]), benefit = -1;
        bool past = false;
        if (l[i].status != AVER_LINE_DECIDED) continue;
        if (l[i].benefit.len == prefix + 1) benefit = l[i].benefit.ptr[prefix] - '0';
        out->share[own][m][year][tier] += gen_counted_share(p, &l[i]);
        for (size_t k = 0; k < l[i].adjustments.count; k++) {
            if (gen_is(&a[k], AVER_GROUP_PR, "1")) out->deductible[own][m][year][tier] += a[k].amount.cents;
            past |= gen_is(&a[k], AVER_GROUP_PR, "119") && !is_maximum(a[k].because);
        }
        if (benefit != 2) out->paid[own][m][p->paid_per[0] == 'l' ? 0 : year] += (int64_t)l[i].paid.cents;
        if (tier == 0) out->considered[own][m][p->considered_per[0] == 'l' ? 0 : year] += considered(&l[i]);
        if (past || l[i].allowed.cents == 0 || !p->limit[benefit].visits) continue;
        if (p->limit[benefit].count_if[0] == 'p' && l[i].paid.cents == 0) continue;
        struct visit v;
        memset(&v, 0, sizeof v);
        v.own = own, v.member = m, v.provider = s[i].provider, v.benefit = benefit, v.day = s[i].of.day;
        v.year = p->limit[benefit].per[0] == 'l' ? 0 : year;
        add_visit(out, v);
    }
}

static void below(struct sums *s, int64_t sum, int64_t limit, const char *what)
{
    if (sum > limit) fail_msg("%s: %lld, past %lld", what, (long long)sum, (long long)limit);
    s->met += sum == limit && limit > 0;
}

static void check_caps(struct sums *s, const struct gen_plan *p)
{
    for (size_t own = 0; own < 2; own++)
        for (int y = 0; y < YEARS; y++) {
            int64_t paid = 0;
            for (size_t m = 0; m < GEN_PEOPLE; m++) {
                below(s, s->paid[own][m][y], p->paid, "paid");
                below(s, s->considered[own][m][y], p->considered, "considered");
                paid += s->paid[own][m][y];
            }
            below(s, paid, gen_family(p->paid), "paid for the family");
            for (int t = 0; t < GEN_TIERS; t++) {
                int64_t share = 0, deductible = 0;
                for (size_t m = 0; m < GEN_PEOPLE; m++) {
                    below(s, s->share[own][m][y][t], p->oop[t], "cost share");
                    if (!p->aggregate) below(s, s->deductible[own][m][y][t], p->deductible[t], "deductible");
                    share += s->share[own][m][y][t];
                    deductible += s->deductible[own][m][y][t];
                }
                below(s, share, gen_family(p->oop[t]), "cost share of the family");
                below(s, deductible, gen_family(p->deductible[t]), "deductible of the family");
            }
        }
    const struct visit *v = s->visits.items;
    for (size_t i = 0; i < s->visits.count; i++) {
        int visits = 0;
        for (size_t k = 0; k < s->visits.count; k++)
            visits += v[k].own == v[i].own && v[k].member == v[i].member && v[k].benefit == v[i].benefit &&
                      v[k].year == v[i].year;
        below(s, visits, p->limit[v[i].benefit].visits, "visits");
    }
}

/* How many of the services that are left go on the next claim: one member, one provider, and no two alike. */
static size_t next_claim(const struct service *s, size_t left, int way)
{
    size_t most = way == 0 ? SERVICES : way == 1 ? 1 : 1 + rng_below(&rng, 6), n = 1;
    while (n < left && n < most && s[n].member == s[0].member && s[n].provider == s[0].provider) n++;
    return n;
}

static int by_person(const void *a, const void *b)
{
    const struct service *x = a, *y = b;
    if (x->member != y->member) return x->member < y->member ? -1 : 1;
    if (x->provider != y->provider) return x->provider < y->provider ? -1 : 1;
    return memcmp(&x->of, &y->of, sizeof x->of);
}

static void shuffle(struct service *s)
{
    for (size_t i = SERVICES; i > 1; i--) {
        size_t k = rng_below(&rng, i);
        struct service swap = s[i - 1];
        s[i - 1] = s[k], s[k] = swap;
    }
}

static void test_split(void **state)
{
    (void)state;
    uint64_t met = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct service s[SERVICES];
        struct gen_plan plan;
        aver_day days[GEN_DAYS];
        rng = 1000 + seed;
        gen_plan_draw(&plan, &rng);
        gen_days(&rng, days);
        memset(s, 0, sizeof s);
        for (size_t i = 0; i < SERVICES; i++) {
            s[i].of = gen_service_draw(&rng, days[rng_below(&rng, GEN_DAYS)]);
            s[i].of.units += i; /* no two are alike */
            s[i].member = rng_below(&rng, 4) % GEN_PEOPLE;
            s[i].provider = rng_below(&rng, 3);
        }
        for (int way = 0; way < 4; way++) {
            struct sums sums = {0};
            if (way == 0)
                qsort(s, SERVICES, sizeof *s, by_person);
            else
                shuffle(s);
            gen_open(&w, &plan);
            gen_enrol(&w);
            for (size_t i = 0, n; i < SERVICES; i += n) {
                struct gen_service lines[SERVICES];
                n = next_claim(&s[i], SERVICES - i, way);
                for (size_t k = 0; k < n; k++) lines[k] = s[i + k].of;
                struct aver_applied a = gen_file(&w, i, s[i].member, s[i].provider, lines, n);
                add_up(&sums, &plan, a.record.decision, &s[i]);
            }
            check_caps(&sums, &plan);
            met += sums.met;
            world_end(&w);
        }
    }
    print_message("%llu limits met to the cent\n", (unsigned long long)met);
    assert_true(met > 100);
}

/* ---- a richer benefit -------------------------------------------------------------------------------------------------- */

#define RICHER   14
#define HISTORY  8
#define ONE_MORE 8 /* services after it */

static void make_richer(struct gen_plan *p, size_t how)
{
    for (int t = 0; t < GEN_TIERS; t++) {
        if (how == 0) p->deductible[t] /= 2;
        if (how == 1) p->oop[t] = p->oop[t] / 2 + 1;
        if (how == 2) p->crossing[t] = true;
        for (int b = 0; b < GEN_BENEFITS; b++) {
            if (how == 3) p->share[b][t].copay /= 2;
            if (how == 4) p->share[b][t].coinsurance /= 2;
            if (how == 5) p->share[b][t].deductible = false;
            if (how == 6) p->share[b][t].counts = true;
            if (how == 7) p->share[b][t].rest = "drop";
        }
    }
    for (int b = 0; b < GEN_BENEFITS; b++)
        if (how == 8) p->limit[b].visits *= 2;
    if (how == 9) p->often *= 2;
    if (how == 10) p->paid *= 2;
    if (how == 11) p->considered *= 2;
    if (how == 12) p->aggregate = false;
    if (how == 13) p->carry = true;
}

/* The state, to go back to: records are never changed in place. */
static struct aver_list kept(void)
{
    size_t n = w.state.count;
    struct world_record *copy = AVER_NEW_ARRAY(&w.arena, struct world_record, n);
    memcpy(copy, w.state.items, n * sizeof *copy);
    return (struct aver_list){copy, n, n};
}

static void go_back(struct aver_list to)
{
    w.state.count = to.count;
    memcpy(w.state.items, to.items, to.count * sizeof(struct world_record));
}

/* The next version; false where nothing is said otherwise. */
static bool publish(const struct gen_plan *p, const struct gen_plan *before)
{
    static const char *const plans[] = {"plan", "other"};
    for (int i = 0; i < 2; i++) {
        const char *yaml = gen_plan_text(&w.arena, p, plans[i]);
        if (strcmp(yaml, gen_plan_text(&w.arena, before, plans[i])) == 0) return false;
        assert_true(world_policy(&w, plans[i], "plan.yaml", aver_bytes_str(yaml)));
    }
    return true;
}

static void pay_services(const struct service *s, int64_t paid[ONE_MORE])
{
    struct aver_list before = kept();
    for (size_t i = 0; i < ONE_MORE; i++) {
        struct aver_applied a = gen_file(&w, HISTORY + i, s[i].member, s[i].provider, &s[i].of, 1);
        paid[i] = (int64_t)a.record.decision->paid.cents;
        go_back(before);
    }
}

/* After any history, of any service: the plan's next version is richer in one respect. Of a history as a whole it does not hold,
 * under any plan: the deductible that one service no longer takes may fall on another that was free, a visit that is now paid
 * may be the last one. */
static void test_richer(void **state)
{
    (void)state;
    size_t more = 0, all = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct gen_claim claims[HISTORY];
        struct gen_plan plan;
        struct service s[ONE_MORE];
        int64_t paid[ONE_MORE], now[ONE_MORE];
        rng = 5000 + seed;
        gen_plan_draw(&plan, &rng);
        gen_claims(&rng, claims, HISTORY);
        for (size_t i = 0; i < ONE_MORE; i++) {
            const struct gen_claim *near = &claims[rng_below(&rng, HISTORY)];
            s[i] = (struct service){.member = near->member, .provider = near->provider};
            s[i].of = gen_service_draw(&rng, near->lines[0].day);
        }
        gen_open(&w, &plan);
        gen_enrol(&w);
        for (size_t i = 0; i < seed % HISTORY; i++)
            gen_file_claim(&w, i, &claims[i], claims[i].lines, claims[i].count);
        struct aver_list before = kept();
        pay_services(s, paid);
        for (size_t how = 0; how < RICHER; how++) {
            struct gen_plan richer = plan;
            make_richer(&richer, how);
            if (!publish(&richer, &plan)) continue;
            pay_services(s, now);
            go_back(before);
            for (size_t i = 0; i < ONE_MORE; i++, all++) {
                if (now[i] < paid[i])
                    fail_msg("seed %d: %zu is richer and pays %lld less", (int)seed, how,
                             (long long)(paid[i] - now[i]));
                more += now[i] > paid[i];
            }
        }
        world_end(&w);
    }
    print_message("of %zu services the plan's richer version pays more for %zu, and for none less\n", all,
                  more);
    assert_true(more > 150);
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
    struct gen_plan plan = gen_plain();
    gen_open(&w, &plan);
    gen_enrol(&w);
    /* Posted once, to the member and the family. */
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_EXISTS);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3001)), AVER_OUT_CONFLICT);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 3000);
    assert_int_equal(balance_of("*", "2026", "deductible", "in_network"), 3000);
    assert_int_equal(balance_of("kim", "2027", "carry_over", "in_network"), 0);
    /* A claim goes on from there: 20.00 of 50.00 are left. */
    struct gen_service s = {"P0001", 10000, 1000, aver_day_of(2026, 3, 1)};
    struct aver_decision *d = gen_file(&w, 1, 0, 0, &s, 1).record.decision;
    assert_int_equal(d->paid.cents, 10000 - 2000 - 1600);
    /* Past the limit, and marked; then nothing is left. */
    assert_int_equal(sent(accrual("2", "deductible", "in_network", 1)), AVER_OUT_APPLIED);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 5001);
    s.charge = 2000, s.day++;
    d = gen_file(&w, 2, 0, 0, &s, 1).record.decision;
    assert_int_equal(d->paid.cents, 1600);
    /* A contract takes nothing from a counter that is past its limit; taken back, it has what it had. */
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 0)), AVER_OUT_APPLIED);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 0)), AVER_OUT_EXISTS);
    assert_int_equal(sent(accrual("1", "deductible", "in_network", 3000)), AVER_OUT_CONFLICT);
    assert_int_equal(balance_of("kim", "2026", "deductible", "in_network"), 2001);
    s.charge = 4000, s.day++;
    d = gen_file(&w, 3, 0, 0, &s, 1).record.decision;
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
    other.plan = AVER_LIT("third");
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
