/* tests/unit/test_laws.c - what holds whatever the plan, the families and the claims: random ones, from a seed, thousands of
 * them, decided by the contracts of contracts/.
 *
 *   every decision keeps its identities; every posting begins where the one before it ended; the state's balances are the sums
 *   of the postings and pass no limit; no member and no family pays more in network in a year than the out-of-pocket maximum;
 *   the same items give the same receipts; the order of claims of different families changes no decision; a claim sent again
 *   changes nothing; what is remitted is what was decided, each claim once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/rng.h"
#include "tests/unit/world.h"

#define FAMILIES 6
#define CLAIMS   220
#define SEEDS    12
#define YEARS    3 /* 2025, 2026, 2027 */

static const char *const people[] = {"self", "spouse", "child"};
#define PEOPLE 3

/* A plan, and its limits in cents. */
struct plan {
    int64_t deductible[2], deductible_family[2], oop[2], oop_family[2]; /* in network, out of network */
    bool aggregate;
    char yaml[8192];
};

/* One world and what the test itself knows of it. */
struct run {
    struct world w;
    struct plan plan;
    aver_digest digest;           /* over all receipts */
    aver_bytes decisions[CLAIMS]; /* encoded, by claim */
    struct aver_claim *claims[CLAIMS];
    struct aver_list used;                  /* of struct used */
    int64_t share[FAMILIES][PEOPLE][YEARS]; /* in network, PR 1, 2 and 3 */
    uint64_t paid, payable, denied, pended, held;
};

/* What the postings of all decisions add up to, by what they name. */
struct used {
    char key[128];
    int64_t cents;
    uint64_t postings;
};

static struct used *used_of(struct run *r, aver_bytes family, aver_bytes member, const struct aver_posting *p)
{
    char key[sizeof((struct used *)0)->key];
    bool one = p->scope == AVER_SCOPE_MEMBER;
    snprintf(key, sizeof key, "f/%.*s/y/%.*s/plan/%.*s %.*s %.*s", AVER_STR(family),
             one ? (int)member.len : 1, one ? (const char *)member.ptr : "*", AVER_STR(p->period),
             AVER_STR(p->counter), AVER_STR(p->tier));
    struct used *u = r->used.items;
    for (size_t i = 0; i < r->used.count; i++)
        if (strcmp(u[i].key, key) == 0) return &u[i];
    u = aver_list_add(&r->w.arena, &r->used, sizeof *u);
    memcpy(u->key, key, sizeof key);
    return u;
}

/* ---- making ------------------------------------------------------------------------------------------------------------ */

static int64_t some_cents(uint64_t *rng, int64_t most)
{
    return (int64_t)rng_below(rng, (uint64_t)most / 50 + 1) * 50;
}

static const char *one_of(uint64_t *rng, const char *const *words, size_t count)
{
    return words[rng_below(rng, count)];
}
#define ONE_OF(rng, ...)                                                                                     \
    one_of(rng, (const char *const[]){__VA_ARGS__},                                                          \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define MONEY    "%lld.%02d"
#define CENTS(c) (long long)((c) / 100), (int)((c) % 100)

static void share_text(uint64_t *rng, char out[160])
{
    int n = 0;
    bool copay = rng_below(rng, 2), deductible = rng_below(rng, 2),
         coinsurance = rng_below(rng, 2) || !(copay || deductible);
    out[0] = 0;
    if (copay)
        n += snprintf(out + n, 160 - (size_t)n, "copay: " MONEY ", copay_per: %s",
                      CENTS(some_cents(rng, 8000) + 50), ONE_OF(rng, "visit", "day", "line"));
    if (deductible) n += snprintf(out + n, 160 - (size_t)n, "%sdeductible: true", n ? ", " : "");
    if (coinsurance)
        n += snprintf(out + n, 160 - (size_t)n, "%scoinsurance: %d %%", n ? ", " : "",
                      1 + (int)rng_below(rng, 100));
    snprintf(out + n, 160 - (size_t)n, "%s", rng_below(rng, 8) ? "" : ", counts_to_oop: false");
}

static void make_plan(struct plan *p, uint64_t *rng)
{
    char share[8][160];
    for (int i = 0; i < 8; i++) share_text(rng, share[i]);
    for (int i = 0; i < 2; i++) {
        p->deductible[i] = some_cents(rng, 100000);
        p->deductible_family[i] = p->deductible[i] + some_cents(rng, 100000);
        p->oop[i] = some_cents(rng, 300000) + 100;
        p->oop_family[i] = p->oop[i] + some_cents(rng, 300000);
    }
    p->aggregate = rng_below(rng, 2);
    const char *rule = p->aggregate ? "aggregate" : "embedded";
    int n = snprintf(
        p->yaml, sizeof p->yaml,
        "format: payer-policy/1\n"
        "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
        "plan: {id: plan, name: Plan, effective: {start: 2025-07-01, end: 2027-06-30}, benefit_year: calendar,\n"
        "       claim_filing_indicator: \"12\"}\n"
        "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
        "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
        "deductible:\n"
        "  in_network: {individual: " MONEY ", family: " MONEY ", family_rule: %s}\n"
        "  out_of_network: {individual: " MONEY ", family: " MONEY ", family_rule: %s}\n"
        "oop_max:\n"
        "  in_network: {individual: " MONEY ", family: " MONEY "}\n"
        "  out_of_network: {individual: " MONEY ", family: " MONEY "}\n"
        "cost_share: {order: %s, coinsurance_base: %s, rounding: %s}\n"
        "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees, percent: %d %%}, lesser_of: %s, missing: pend}\n"
        "balance_billing: {in_network: CO, out_of_network: %s}\n"
        "timely_filing: {limit: 3650, unit: days, counted_from: service_from}\n"
        "duplicates: {exact: %s, suspected: pend}\n"
        "span: pend\n"
        "benefits:\n",
        CENTS(p->deductible[0]), CENTS(p->deductible_family[0]), rule, CENTS(p->deductible[1]),
        CENTS(p->deductible_family[1]), rule, CENTS(p->oop[0]), CENTS(p->oop_family[0]), CENTS(p->oop[1]),
        CENTS(p->oop_family[1]),
        ONE_OF(rng, "[copay, deductible, coinsurance]", "[deductible, copay, coinsurance]",
               "[deductible, coinsurance, copay]"),
        ONE_OF(rng, "after_copay", "allowed_less_deductible"),
        ONE_OF(rng, "half_up", "half_even", "down", "up"), 50 + (int)rng_below(rng, 100),
        ONE_OF(rng, "per_line", "none"), ONE_OF(rng, "PR", "CO"), ONE_OF(rng, "deny", "pend"));
    for (int i = 0; i < 4; i++)
        n += snprintf(
            p->yaml + n, sizeof p->yaml - (size_t)n,
            "  b%d:\n"
            "    name: Benefit %d\n"
            "    match: {procedures: [\"%c0001-%c9999\"]}\n"
            "    %s\n"
            "    cost_share: {in_network: {%s}, out_of_network: {%s}}\n",
            i, i, 'P' + i, 'P' + i,
            i == 3 ? ONE_OF(rng, "limit: {visits: 3, per: benefit_year}", "limit: {visits: 2, per: lifetime}")
                   : "",
            share[2 * i], share[2 * i + 1]);
    snprintf(p->yaml + n, sizeof p->yaml - (size_t)n,
             "  none:\n    name: None\n    match: {procedures: [\"N0001-N9999\"]}\n    covered: false\n");
}

static void make_tables(struct run *r, uint64_t *rng)
{
    static const char *const codes[] = {"P0001", "P0002", "Q0001", "Q0002",
                                        "R0001", "R0002", "S0001", "S0002"};
    struct aver_table_entry entries[8], roster[2];
    struct aver_table_row rows[8], tiers[2];
    for (size_t i = 0; i < 8; i++) {
        uint64_t price = rng_below(rng, 9) ? rng_below(rng, 40000) * 10007 : 0;
        rows[i] =
            (struct aver_table_row){.from = 0, .to = AVER_NO_DAY, .price = price, .bundled = price == 0};
        entries[i] = (struct aver_table_entry){aver_bytes_str(codes[i]), {&rows[i], 1, 1}};
    }
    struct aver_table fees = {.name = AVER_LIT("fees"), .kind = AVER_TABLE_FEES, .entries = {entries, 8, 8}};
    world_table(&r->w, &fees);
    for (size_t i = 0; i < 2; i++) {
        tiers[i] = (struct aver_table_row){.from = 0, .to = AVER_NO_DAY, .tier = AVER_LIT("in_network")};
        roster[i] =
            (struct aver_table_entry){aver_bytes_str(i ? "2222222222" : "1111111111"), {&tiers[i], 1, 1}};
    }
    struct aver_table providers = {
        .name = AVER_LIT("providers"), .kind = AVER_TABLE_ROSTER, .entries = {roster, 2, 2}};
    world_table(&r->w, &providers);
}

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
            covers[i][1] = (struct aver_cover){.plan = AVER_LIT("plan"), .from = gap + 20, .to = AVER_NO_DAY};
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
                                        "S0001", "S0002", "P0009", "N0001", "X0001"};
    static aver_bytes modifiers[] = {{(const uint8_t *)"25", 2}, {(const uint8_t *)"76", 2}};
    aver_day first = aver_day_of(2025, 7, 15);
    /* Few days, so that visits and duplicates meet. */
    aver_day day = first + (aver_day)(rng_below(rng, 24) * 29 + rng_below(rng, 2));
    struct aver_line *l =
        world_line(&r->w, c, one_of(rng, codes, rng_below(rng, 6) ? 8 : 11), some_cents(rng, 60000), day);
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
        world_claim(&r->w, control, member, ONE_OF(rng, "1111111111", "2222222222", "3333333333"));
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

/* ---- the laws ---------------------------------------------------------------------------------------------------------- */

static void check_postings(struct run *r, const struct aver_decision *d, const struct aver_adjustment *a)
{
    const struct aver_posting *p = a->postings.items;
    for (size_t i = 0; i < a->postings.count; i++) {
        struct used *u = used_of(r, d->family_id, d->member_id, &p[i]);
        assert_int_equal(p[i].before.cents, u->cents);
        assert_int_equal(p[i].amount.cents, a->amount.cents);
        u->cents += p[i].amount.cents;
        u->postings++;
        bool out = aver_bytes_is(p[i].tier, "out_of_network"), member = p[i].scope == AVER_SCOPE_MEMBER;
        const struct plan *plan = &r->plan;
        bool deductible = aver_bytes_is(p[i].counter, "deductible");
        if (deductible && member && plan->aggregate) continue;
        int64_t limit = deductible ? (member ? plan->deductible[out] : plan->deductible_family[out])
                                   : (member ? plan->oop[out] : plan->oop_family[out]);
        assert_true(u->cents <= limit);
    }
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
    const struct aver_line_decision *l = d->lines.items;
    const struct aver_line *filed = c->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        for (size_t k = 0; k < l[i].adjustments.count; k++) {
            bool counts = false;
            const struct aver_posting *p = a[k].postings.items;
            check_postings(r, d, &a[k]);
            for (size_t n = 0; n < a[k].postings.count; n++) counts |= aver_bytes_is(p[n].counter, "oop_max");
            if (!counts || !aver_bytes_is(l[i].tier, "in_network")) continue;
            int year = aver_day_civil(filed[i].service_from).year - 2025;
            int person = aver_bytes_cut(d->member_id, 3, 2).ptr[0] == 'c' ? 2
                         : d->member_id.ptr[4] == 'e'                     ? 0
                                                                          : 1;
            r->share[d->family_id.ptr[1] - '0'][person][year] += a[k].amount.cents;
        }
    }
}

static void check_balances(struct run *r)
{
    const struct used *u = r->used.items;
    for (size_t i = 0; i < r->used.count; i++) {
        struct aver_stored stored;
        struct aver_balances balances;
        char key[sizeof u[i].key], *counter, *tier;
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
    for (int f = 0; f < FAMILIES; f++)
        for (int y = 0; y < YEARS; y++) {
            int64_t family = 0;
            for (int p = 0; p < PEOPLE; p++) {
                assert_true(r->share[f][p][y] <= r->plan.oop[0]);
                family += r->share[f][p][y];
            }
            assert_true(family <= r->plan.oop_family[0]);
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

/* All claims of a world, family by family or as they came; each family's in its own order. */
static void run(struct run *r, uint64_t seed, bool by_family, bool check)
{
    uint64_t rng = seed, families = ~seed;
    memset(r, 0, sizeof *r);
    world_start(&r->w, aver_day_of(2027, 6, 1));
    world_contract_file(&r->w, "eligibility");
    world_contract_file(&r->w, "coverage");
    world_contract_file(&r->w, "payout");
    make_plan(&r->plan, &rng);
    make_tables(r, &rng);
    if (!world_policy(&r->w, "plan", "plan.yaml", aver_bytes_str(r->plan.yaml)))
        fail_msg("seed %d: %s: %s\n%s", (int)seed, r->w.why.place, r->w.why.text, r->plan.yaml);
    make_families(r, &families);
    for (size_t i = 0; i < CLAIMS; i++) r->claims[i] = make_claim(r, i, &rng);
    for (size_t pass = 0; pass < (by_family ? FAMILIES : 1); pass++)
        for (size_t i = 0; i < CLAIMS; i++) {
            struct aver_buf bytes = {0};
            if (by_family && family_at(i) != FAMILIES - 1 - pass) continue;
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

static void laws(void **state)
{
    static struct run a, b;
    (void)state;
    uint64_t payable = 0, denied = 0, pended = 0, postings = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run(&a, seed, false, true);
        check_balances(&a);
        check_remittances(&a);
        payable += a.payable, denied += a.denied, pended += a.pended;
        for (size_t i = 0; i < a.used.count; i++) postings += ((struct used *)a.used.items)[i].postings;
        run(&b, seed, true, false);
        for (size_t i = 0; i < CLAIMS; i++)
            if (!aver_bytes_eq(a.decisions[i], b.decisions[i]))
                fail_msg("seed %d: claim %zu is decided otherwise when other families come first", (int)seed,
                         i);
        world_end(&b.w);
        world_end(&a.w);
    }
    run(&a, 1, false, false);
    run(&b, 1, false, false);
    assert_true(aver_digest_eq(a.digest, b.digest));
    world_end(&a.w);
    world_end(&b.w);
    print_message("%d claims: %d payable, %d denied, %d pended; %d postings\n", SEEDS * CLAIMS, (int)payable,
                  (int)denied, (int)pended, (int)postings);
    assert_true(payable > SEEDS * CLAIMS / 5 && denied > 20 && pended > 20 && postings > 500);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(laws)};
    return cmocka_run_group_tests_name("laws", tests, NULL, NULL);
}
