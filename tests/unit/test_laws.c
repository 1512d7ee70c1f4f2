/* tests/unit/test_laws.c - what holds whatever the plan, the families and the claims: random ones, from a seed, thousands of
 * them, decided by the contracts of contracts/.
 *
 *   every decision keeps its identities, computed anew; every posting begins where the one before it ended; the state's balances
 *   are the sums of the postings and of what other parties reported, and only these pass a limit, other tiers and what was
 *   carried over counted in; no member and no family owes more in a year and tier than the out-of-pocket maximum; the same
 *   items give the same receipts; the order of items of different families changes no decision and no record; a claim sent
 *   again changes nothing; what is remitted is what was decided, each claim once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/generated.h"

#define FAMILIES 6
#define CLAIMS   220
#define SEEDS    12
#define YEARS    4 /* benefit years from 2025 or the one before */

static const char *const people[] = {"self", "spouse", "child"};
#define PEOPLE 3

/* One world and what the test itself knows of it. */
struct run {
    struct world w;
    struct gen_plan plan;
    aver_digest digest;           /* over all receipts */
    aver_bytes decisions[CLAIMS]; /* encoded, by claim */
    struct aver_claim *claims[CLAIMS];
    struct aver_accrual
        reports[CLAIMS];   /* what another party reports before a claim of the family; or no source */
    struct aver_list used; /* of struct used */
    /* PR 1, 2 and 3, as far as it counts, by whose accumulators they are: those of "other" are its own, or shared. */
    int64_t share[2][FAMILIES][PEOPLE][YEARS][GEN_TIERS];
    uint64_t paid, payable, denied, pended, held, reported, past;
};

/* What the postings of all decisions add up to, by what they name. */
struct used {
    char key[128];
    int64_t cents;
    uint64_t postings;
};

static struct used *used_of(struct run *r, const struct aver_decision *d, const struct aver_posting *p)
{
    char key[sizeof((struct used *)0)->key];
    bool one = p->scope == AVER_SCOPE_MEMBER;
    aver_bytes pool = p->pool.ptr ? p->pool : d->plan;
    snprintf(key, sizeof key, "f/%.*s/y/%.*s/%.*s/%.*s %.*s %.*s", AVER_STR(d->family_id),
             one ? (int)d->member_id.len : 1, one ? (const char *)d->member_id.ptr : "*", AVER_STR(pool),
             AVER_STR(p->period), AVER_STR(p->counter), AVER_STR(p->tier));
    struct used *u = r->used.items;
    for (size_t i = 0; i < r->used.count; i++)
        if (strcmp(u[i].key, key) == 0) return &u[i];
    u = aver_list_add(&r->w.arena, &r->used, sizeof *u);
    memcpy(u->key, key, sizeof key);
    return u;
}

/* ---- making ------------------------------------------------------------------------------------------------------------ */

static void make_families(struct run *r, uint64_t *rng)
{
    for (int f = 0; f < FAMILIES; f++) {
        struct aver_cover covers[PEOPLE][2];
        struct aver_member members[PEOPLE];
        uint8_t secret[32] = {(uint8_t)f, 5};
        static const uint64_t relationships[] = {AVER_SELF, AVER_SPOUSE, AVER_CHILD};
        /* Member ids ascend: "F0-child" is made of "a" so that the subscriber need not come first. */
        static const char *const order[] = {"child", "self", "spouse"};
        static const int at[] = {2, 0, 1};
        for (int i = 0; i < PEOPLE; i++) {
            aver_day gap = aver_day_of(2026, 1, 1) + (aver_day)rng_below(rng, 300);
            bool two = rng_below(rng, 3) == 0;
            covers[i][0] = (struct aver_cover){
                .plan = AVER_LIT("plan"), .from = aver_day_of(2025, 8, 1), .to = two ? gap : AVER_NO_DAY};
            covers[i][1] =
                (struct aver_cover){.plan = rng_below(rng, 2) ? AVER_LIT("plan") : AVER_LIT("other"),
                                    .from = gap + 20,
                                    .to = AVER_NO_DAY};
            members[i] = (struct aver_member){
                .member_id = aver_bytes_str(aver_arena_printf(&r->w.arena, "F%d-%s", f, order[i])),
                .relationship = relationships[at[i]],
                .first_name = aver_bytes_str(order[i]),
                .birth_date = 1000 + at[i],
                .covers = {covers[i], two ? 2 : 1, two ? 2 : 1}};
        }
        struct aver_family family = {.family_id = aver_bytes_str(aver_arena_printf(&r->w.arena, "F%d", f)),
                                     .secret = aver_bytes_of(secret, sizeof secret),
                                     .members = {members, PEOPLE, PEOPLE}};
        world_must(&r->w, &r->w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    }
}

static void make_line(struct run *r, struct aver_claim *c, uint64_t *rng)
{
    static const char *const codes[] = {"P0001", "P0002", "Q0001", "Q0002", "R0001", "R0002",
                                        "S0001", "S0002", "P0010", "N0001", "X0001"};
    static aver_bytes modifiers[] = {{(const uint8_t *)"25", 2}, {(const uint8_t *)"76", 2}};
    aver_day first = aver_day_of(2025, 7, 15);
    /* Few days, so that visits and duplicates meet. */
    aver_day day = first + (aver_day)(rng_below(rng, 24) * 29 + rng_below(rng, 2));
    const char *code = gen_one(rng, codes, rng_below(rng, 6) ? 8 : 11);
    struct aver_line *l = world_line(&r->w, c, code, gen_some(rng, 60000), day);
    l->units = rng_below(rng, 3) ? 1000 : 100 + rng_below(rng, 9000);
    if (rng_below(rng, 12) == 0) {
        l->service_to = day + (aver_day)rng_below(rng, 40);
        if (l->service_to > c->statement_to) c->statement_to = l->service_to;
    }
    if (rng_below(rng, 8) == 0) {
        aver_bytes *m = AVER_NEW_ARRAY(&r->w.arena, aver_bytes, 1);
        *m = modifiers[rng_below(rng, 2)];
        l->modifiers = (struct aver_list){m, 1, 1};
    }
    if (rng_below(rng, 10) == 0) l->place_of_service = AVER_LIT("22");
}

/* Family of claim i: known without deciding it. */
static size_t family_at(size_t i) { return i * 7 % FAMILIES; }

static struct aver_claim *make_claim(struct run *r, size_t i, uint64_t *rng)
{
    char control[16], member[24];
    snprintf(control, sizeof control, "C%zu", i);
    if (i >= 20 && rng_below(rng, 12) == 0) {
        /* Billed again: an earlier claim of the family under another number. */
        struct aver_claim *again = AVER_NEW(&r->w.arena, struct aver_claim);
        *again = *r->claims[i - FAMILIES * (1 + rng_below(rng, 3))];
        again->patient_control_number = aver_arena_copy(&r->w.arena, aver_bytes_str(control));
        return again;
    }
    snprintf(member, sizeof member, "F%zu-%s", family_at(i),
             rng_below(rng, 40) ? people[rng_below(rng, PEOPLE)] : "nobody");
    struct aver_claim *c =
        world_claim(&r->w, control, member, GEN_ONE(rng, "1111111111", "2222222222", "3333333333"));
    for (uint64_t lines = 1 + rng_below(rng, 5); lines; lines--) make_line(r, c, rng);
    if (rng_below(rng, 40) == 0) c->use = AVER_USE_PREDETERMINATION;
    if (rng_below(rng, 40) == 0) {
        c->frequency = AVER_FREQUENCY_VOID;
        c->original_reference = AVER_LIT("X");
    }
    if (rng_below(rng, 4) == 0) c->assignment = AVER_LIT("AY");
    if (rng_below(rng, 8) == 0) {
        c->patient = AVER_NEW(&r->w.arena, struct aver_person);
        aver_schema_init(&aver_person_schema, c->patient);
        c->patient->birth_date = 1000 + (aver_day)rng_below(rng, 4);
    }
    return c;
}

/* Of a pharmacy, say: an amount, mostly above zero, or that an earlier one of the family is taken back. */
static struct aver_accrual make_report(struct run *r, size_t i, uint64_t *rng)
{
    static const char *const counters[] = {"deductible", "oop_max", "maxima.paid", "maxima.considered"};
    size_t counter = rng_below(rng, 4);
    size_t earlier = FAMILIES * (1 + rng_below(rng, 6));
    if (rng_below(rng, 6)) return (struct aver_accrual){0};
    if (rng_below(rng, 3) == 0 && i >= earlier && r->reports[i - earlier].source.ptr) {
        struct aver_accrual back = r->reports[i - earlier];
        back.amount.cents = 0, back.reverses = true;
        return back;
    }
    struct aver_accrual report = {.source = AVER_LIT("rx.example"),
                                  .plan = AVER_LIT("plan"),
                                  .counter = aver_bytes_str(counters[counter]),
                                  .day = aver_day_of(2025, 7, 15) + (aver_day)rng_below(rng, 700)};
    const char *person = people[rng_below(rng, PEOPLE)];
    report.reference = aver_bytes_str(aver_arena_printf(&r->w.arena, "R%zu", i));
    report.member_id = aver_bytes_str(aver_arena_printf(&r->w.arena, "F%zu-%s", family_at(i), person));
    if (counter < 2) report.tier = aver_bytes_str(gen_tiers[rng_below(rng, 2)]);
    report.amount.cents = rng_below(rng, 5) ? gen_some(rng, 20000) + 50 : -gen_some(rng, 2000) - 50;
    return report;
}

/* ---- the laws ---------------------------------------------------------------------------------------------------------- */

static int64_t used_by(struct run *r, const struct aver_decision *d, struct aver_posting p,
                       const char *counter, int tier)
{
    p.counter = aver_bytes_str(counter);
    p.tier = aver_bytes_str(gen_tiers[tier]);
    return used_of(r, d, &p)->cents;
}

/* What counts to the limit of a posting's counter beside its own balance: other tiers, and what was carried over. */
static int64_t counted_beside(struct run *r, const struct aver_decision *d, const struct aver_posting *p)
{
    int tier = aver_bytes_is(p->tier, gen_tiers[1]);
    bool deductible = aver_bytes_is(p->counter, "deductible"), crossed = r->plan.crossing[1 - tier];
    int64_t sum = 0;
    if (!p->tier.ptr || aver_bytes_is(p->counter, "carry_over")) return 0;
    if (deductible) sum += used_by(r, d, *p, "carry_over", tier);
    if (crossed) sum += used_by(r, d, *p, deductible ? "deductible" : "oop_max", 1 - tier);
    if (crossed && deductible) sum += used_by(r, d, *p, "carry_over", 1 - tier);
    return sum;
}

/* False where none binds. */
static bool limit_of(const struct gen_plan *plan, const struct aver_posting *p, int64_t *limit)
{
    bool member = p->scope == AVER_SCOPE_MEMBER;
    int tier = aver_bytes_is(p->tier, gen_tiers[1]);
    if (aver_bytes_is(p->counter, "carry_over")) return false;
    if (aver_bytes_is(p->counter, "deductible")) {
        *limit = plan->deductible[tier];
        if (member && plan->aggregate) return false;
    } else if (aver_bytes_is(p->counter, "oop_max")) {
        *limit = plan->oop[tier];
    } else if (aver_bytes_is(p->counter, "maxima.paid")) {
        *limit = plan->paid;
    } else {
        assert_true(aver_bytes_is(p->counter, "maxima.considered"));
        *limit = plan->considered;
        if (!member) return false;
    }
    if (!member) *limit = gen_family(*limit);
    return true;
}

static void check_postings(struct run *r, const struct aver_decision *d, const struct aver_list *postings)
{
    const struct aver_posting *p = postings->items;
    for (size_t i = 0; i < postings->count; i++) {
        struct used *u = used_of(r, d, &p[i]);
        int64_t limit, before = u->cents, beside = counted_beside(r, d, &p[i]);
        assert_int_equal(p[i].before.cents, before);
        if (!aver_bytes_is(p[i].counter, "carry_over")) assert_int_equal(p[i].credit.cents, beside);
        u = used_of(r, d, &p[i]); /* the list may have moved */
        u->cents += p[i].amount.cents;
        u->postings++;
        if (limit_of(&r->plan, &p[i], &limit)) assert_true(u->cents + beside <= limit);
    }
}

static int64_t *share_of(struct run *r, const struct aver_decision *d, aver_day day, int tier)
{
    int family = d->family_id.ptr[1] - '0', person = d->member_id.ptr[3] == 'c'   ? 2
                                                     : d->member_id.ptr[4] == 'e' ? 0
                                                                                  : 1;
    bool own = !r->plan.pooled && aver_bytes_is(d->plan, "other");
    return &r->share[own][family][person][gen_year(&r->plan, day)][tier];
}

/* What was reported is posted whole, to the member and the family, or not at all; it alone passes a limit, and is marked then. */
static void check_report(struct run *r, const struct aver_accrual *report, enum aver_outcome outcome)
{
    char id[AVER_ACCRUAL_ID_BYTES + 1];
    struct aver_accrual_state state;
    struct aver_stored stored;
    bool past = false;
    struct aver_decision d = {.family_id = aver_bytes_cut(report->member_id, 0, 2),
                              .member_id = report->member_id,
                              .plan = report->plan};
    if (outcome != AVER_OUT_APPLIED) return;
    aver_accrual_id(id, report);
    const char *name = aver_arena_printf(&r->w.arena, "f/%.*s/x/%s", AVER_STR(d.family_id), id);
    WORLD_OK(&r->w, world_get(&r->w, aver_bytes_str(name), &stored, &r->w.why));
    WORLD_OK(&r->w,
             aver_schema_read(stored.record, &aver_accrual_state_schema, &state, &r->w.arena, &r->w.why));
    assert_int_equal(state.reversed != 0, report->reverses);
    const struct aver_posting *p = state.postings.items;
    for (size_t i = 0; i < state.postings.count; i++) {
        struct used *u = used_of(r, &d, &p[i]);
        int64_t limit;
        if (!report->reverses) {
            assert_int_equal(p[i].before.cents, u->cents);
            assert_int_equal(p[i].amount.cents, report->amount.cents);
        }
        u->cents += report->reverses ? -p[i].amount.cents : p[i].amount.cents;
        u->postings++;
        assert_true(u->cents >= 0);
        int64_t cents = u->cents, beside = counted_beside(r, &d, &p[i]);
        past |= limit_of(&r->plan, &p[i], &limit) && cents + beside > limit;
    }
    if (!report->reverses) assert_int_equal(state.past, past);
    /* A correction below zero makes room for as much again. */
    if (!report->reverses && report->amount.cents < 0 && aver_bytes_is(report->counter, "oop_max"))
        *share_of(r, &d, report->day, aver_bytes_is(report->tier, gen_tiers[1])) += report->amount.cents;
    r->reported++;
    r->past += past;
}

static void check_decision(struct run *r, const struct aver_claim *c, const struct aver_decision *d)
{
    struct aver_why why = {0};
    if (aver_decision_check(d, &why) != AVER_OK) fail_msg("%s: %s", why.code, why.text);
    assert_int_equal(d->charge.cents, c->total_charge.cents);
    if (d->status == AVER_CLAIM_HELD)
        fail_msg("the standard contracts trapped: trap %d in stage %d at line %d", (int)d->trap,
                 (int)d->trap_stage, (int)d->trap_line);
    r->paid += d->paid.cents;
    r->payable += d->status == AVER_CLAIM_PAYABLE;
    r->denied += d->status == AVER_CLAIM_DENIED;
    r->pended += d->status == AVER_CLAIM_PENDED;
    gen_identities(&r->w, d);
    const struct aver_line_decision *l = d->lines.items;
    const struct aver_line *filed = c->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        for (size_t k = 0; k < l[i].adjustments.count; k++) check_postings(r, d, &a[k].postings);
        check_postings(r, d, &l[i].postings);
        int64_t share = gen_counted_share(&r->plan, &l[i]);
        if (share == 0) continue;
        *share_of(r, d, filed[i].service_from, gen_tier(&l[i])) += share;
    }
}

static void check_balances(struct run *r)
{
    const struct used *u = r->used.items;
    for (size_t i = 0; i < r->used.count; i++) {
        struct aver_stored stored;
        struct aver_balances balances;
        char key[sizeof u[i].key], *counter, *tier;
        if (u[i].postings == 0) continue; /* asked for, never posted to */
        memcpy(key, u[i].key, sizeof key);
        counter = strchr(key, ' ');
        *counter++ = 0;
        tier = strchr(counter, ' ');
        *tier++ = 0;
        WORLD_OK(&r->w, world_get(&r->w, aver_bytes_str(key), &stored, &r->w.why));
        WORLD_OK(&r->w,
                 aver_schema_read(stored.record, &aver_balances_schema, &balances, &r->w.arena, &r->w.why));
        const struct aver_balance *b = balances.items.items;
        bool found = false;
        for (size_t k = 0; k < balances.items.count; k++)
            if (aver_bytes_is(b[k].counter, counter) && aver_bytes_is(b[k].tier, tier)) {
                found = true;
                assert_int_equal(b[k].used.cents, u[i].cents);
                assert_int_equal(b[k].postings, u[i].postings);
            }
        assert_true(found);
    }
    for (int n = 0; n < 2 * FAMILIES; n++)
        for (int y = 0; y < YEARS; y++)
            for (int t = 0; t < GEN_TIERS; t++) {
                int64_t family = 0;
                for (int p = 0; p < PEOPLE; p++) {
                    assert_true(r->share[n % 2][n / 2][p][y][t] <= r->plan.oop[t]);
                    family += r->share[n % 2][n / 2][p][y][t];
                }
                assert_true(family <= gen_family(r->plan.oop[t]));
            }
}

/* Everybody is paid; then nobody is owed anything. */
static void check_remittances(struct run *r)
{
    uint64_t payments = 0, claims = 0;
    size_t names = r->w.state.count;
    for (size_t i = 0; i < names; i++) {
        aver_bytes name = ((struct world_record *)r->w.state.items)[i].name;
        if (name.ptr[0] != 'q') continue;
        char payee[64], trace[24];
        snprintf(payee, sizeof payee, "%.*s", AVER_STR(aver_bytes_cut(name, 2, name.len - 2)));
        char *escaped = strstr(payee, "%3A");
        if (escaped) *escaped = ':', memmove(escaped + 1, escaped + 3, strlen(escaped + 3) + 1);
        snprintf(trace, sizeof trace, "T%zu", i);
        struct aver_remit remit = {aver_bytes_str(payee), aver_bytes_str(trace), aver_day_of(2027, 7, 1)};
        world_must(&r->w, &r->w.proposer, AVER_TX_REMIT, &aver_remit_schema, &remit);
        remit.trace = AVER_LIT("AGAIN");
        assert_int_equal(world_send(&r->w, &r->w.proposer, AVER_TX_REMIT, &aver_remit_schema, &remit).outcome,
                         AVER_OUT_NOTHING);
        struct aver_stored stored;
        struct aver_remittance made;
        aver_bytes key = aver_bytes_str(aver_arena_printf(&r->w.arena, "r/%s", trace));
        WORLD_OK(&r->w, world_get(&r->w, key, &stored, &r->w.why));
        WORLD_OK(&r->w,
                 aver_schema_read(stored.record, &aver_remittance_schema, &made, &r->w.arena, &r->w.why));
        payments += made.payment.cents;
        claims += made.claims.count;
    }
    assert_int_equal(payments, r->paid);
    assert_int_equal(claims, r->payable + r->denied);
}

/* ---- running ----------------------------------------------------------------------------------------------------------- */

/* In which order the claims of a world come; each family's always in its own. */
enum way { AS_DRAWN, BY_FAMILY, MIXED };

static void in_order(enum way way, uint64_t seed, size_t order[CLAIMS])
{
    size_t next[FAMILIES] = {0};
    for (size_t at = 0, pass = 0; at < CLAIMS; at++) {
        size_t family = family_at(at);
        while (way == BY_FAMILY && next[FAMILIES - 1 - pass] >= CLAIMS) pass++;
        if (way == BY_FAMILY) family = FAMILIES - 1 - pass;
        if (way == MIXED) do
                family = rng_below(&seed, FAMILIES);
            while (next[family] >= CLAIMS);
        size_t i = next[family];
        while (family_at(i) != family) i++;
        order[at] = i++;
        while (i < CLAIMS && family_at(i) != family) i++;
        next[family] = i;
    }
}

static void run(struct run *r, uint64_t seed, enum way way, bool check)
{
    uint64_t rng = seed, families = ~seed;
    size_t order[CLAIMS];
    memset(r, 0, sizeof *r);
    gen_plan_draw(&r->plan, &rng);
    r->plan.lines_by = "number"; /* so that postings are made in the order in which a decision lists them */
    gen_open(&r->w, &r->plan);
    make_families(r, &families);
    for (size_t i = 0; i < CLAIMS; i++) {
        r->claims[i] = make_claim(r, i, &rng);
        r->reports[i] = make_report(r, i, &rng);
    }
    in_order(way, seed, order);
    for (size_t at = 0; at < CLAIMS; at++) {
        struct aver_buf bytes = {0};
        size_t i = order[at];
        if (r->reports[i].source.ptr) {
            const struct aver_accrual *report = &r->reports[i];
            enum aver_outcome sent =
                world_send(&r->w, &r->w.proposer, AVER_TX_ACCRUAL, &aver_accrual_schema, report).outcome;
            if (check) check_report(r, report, sent);
        }
        struct aver_applied a = world_file_claim(&r->w, r->claims[i]);
        assert_non_null(a.record.decision);
        aver_schema_encode(&bytes, &aver_decision_schema, a.record.decision);
        r->decisions[i] = aver_arena_copy(&r->w.arena, aver_buf_view(&bytes));
        aver_buf_free(&bytes);
        r->digest = aver_sha256_parts((aver_bytes[]){aver_digest_bytes(&r->digest), a.receipt}, 2);
        if (!check) continue;
        check_decision(r, r->claims[i], a.record.decision);
        if (i % 5 == 0) assert_int_equal(world_file_claim(&r->w, r->claims[i]).outcome, AVER_OUT_EXISTS);
    }
}

/* Decisions and the records of all families, byte for byte. */
static void must_be_same(struct run *a, struct run *b, uint64_t seed)
{
    const struct world_record *s = a->w.state.items;
    size_t of_families = 0;
    for (size_t i = 0; i < CLAIMS; i++)
        if (!aver_bytes_eq(a->decisions[i], b->decisions[i]))
            fail_msg("seed %d: claim %zu is decided otherwise when other families come first", (int)seed, i);
    for (size_t i = 0; i < a->w.state.count; i++) {
        /* A report says at which height it came. */
        if (s[i].name.ptr[0] != 'f' || aver_bytes_cut(s[i].name, 4, s[i].name.len - 4).ptr[1] == 'x')
            continue;
        const struct world_record *other = world_find(&b->w.state, s[i].name);
        if (!other || !aver_bytes_eq(other->value, s[i].value))
            fail_msg("seed %d: %.*s is another when other families come first", (int)seed,
                     AVER_STR(s[i].name));
        of_families++;
    }
    assert_true(of_families > FAMILIES * PEOPLE);
    assert_int_equal(a->w.state.count, b->w.state.count);
}

static void laws(void **state)
{
    static struct run a, b;
    (void)state;
    uint64_t payable = 0, denied = 0, pended = 0, postings = 0, reported = 0, past = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run(&a, seed, AS_DRAWN, true);
        check_balances(&a);
        for (enum way way = BY_FAMILY; way <= MIXED; way++) {
            run(&b, seed, way, false);
            must_be_same(&a, &b, seed);
            world_end(&b.w);
        }
        check_remittances(&a);
        reported += a.reported, past += a.past;
        payable += a.payable, denied += a.denied, pended += a.pended;
        for (size_t i = 0; i < a.used.count; i++) postings += ((struct used *)a.used.items)[i].postings;
        world_end(&a.w);
    }
    run(&a, 1, AS_DRAWN, false);
    run(&b, 1, AS_DRAWN, false);
    assert_true(aver_digest_eq(a.digest, b.digest));
    world_end(&a.w);
    world_end(&b.w);
    print_message("%d claims: %d payable, %d denied, %d pended; %d postings; %d reports, %d past a limit\n",
                  SEEDS * CLAIMS, (int)payable, (int)denied, (int)pended, (int)postings, (int)reported,
                  (int)past);
    assert_true(payable > SEEDS * CLAIMS / 5 && denied > 20 && pended > 20 && postings > 500);
    assert_true(reported > 100 && past > 20);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(laws)};
    return cmocka_run_group_tests_name("laws", tests, NULL, NULL);
}
