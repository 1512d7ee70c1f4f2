/* tests/unit/test_reversal.c - what a claim consumes is taken back by its own records alone, and nothing else goes: plans, members
 * and histories are random, from a seed.
 *
 *   a claim adds postings, and records that carry its id; of all other records none goes, changes or moves;
 *   its records lie where its receipt says that it wrote;
 *   taken back, in any order and between other claims, exactly its own are gone; when all are taken back nothing is left;
 *   then the state is that of a history in which the claim never was, cent by cent and record by record: but for what those
 *   later claims consumed that were decided otherwise with it before them.
 *
 * Consumed is: deductible, out-of-pocket and maxima of member and family, what is carried over and what counts to other tiers;
 * visits and copays by visit and day; uses of rules of how often; services against duplicates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/transition/adjudicate.h"
#include "tests/unit/generated.h"

#define SEEDS   24
#define CLAIMS  40
#define WITHOUT 4 /* histories of each seed in which one claim never was */

/* What one claim came to. */
struct made {
    struct aver_decision *decision;
    struct aver_list touches; /* of its receipt */
    bool taken;
};

static struct made file(struct world *w, size_t number, const struct gen_claim *c)
{
    struct aver_applied a = gen_file_claim(w, number, c, c->lines, c->count);
    return (struct made){.decision = a.record.decision, .touches = a.record.touches};
}

/* ---- what is consumed -------------------------------------------------------------------------------------------------- */

/* Records that are lists of what claims took; each item begins with the claim's id. */
static const struct kind {
    char letter;
    const struct aver_schema *schema;
    size_t size;
} kinds[] = {{'d', &aver_services_schema, sizeof(struct aver_service)},
             {'u', &aver_uses_schema, sizeof(struct aver_use)},
             {'v', &aver_visits_schema, sizeof(struct aver_visit)}};
_Static_assert(!offsetof(struct aver_service, claim_id) && !offsetof(struct aver_use, claim_id) &&
                   !offsetof(struct aver_visit, claim_id),
               "the claim's id stands first");

struct item {
    aver_bytes name, claim, bytes; /* of the record; the item as it is encoded */
    size_t place;                  /* in it */
};
struct sum {
    aver_bytes key; /* "NAME COUNTER TIER" */
    int64_t cents;
};
struct consumed {
    struct aver_list items; /* struct item, by record */
    struct aver_list sums;  /* struct sum, by key; none is zero */
};

/* The rest of a name after "f/F1/K/"; K's kind, or none. */
static const struct kind *kind_of(aver_bytes name)
{
    const char *prefix = "f/" WORLD_FAMILY "/";
    size_t n = strlen(prefix);
    if (name.len <= n || memcmp(name.ptr, prefix, n) != 0) return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (name.ptr[n] == kinds[i].letter) return &kinds[i];
    return NULL;
}

static bool is_balances(aver_bytes name)
{
    return name.len > strlen("f/" WORLD_FAMILY "/y") &&
           memcmp(name.ptr, "f/" WORLD_FAMILY "/y", strlen("f/" WORLD_FAMILY "/y")) == 0;
}

static void read_list(struct world *w, struct aver_list *list, const struct kind *kind, aver_bytes record)
{
    WORLD_OK(w, aver_schema_read(record, kind->schema, list, &w->arena, &w->why));
}

static aver_bytes encoded(struct world *w, const struct aver_schema *schema, const void *record)
{
    struct aver_buf buf = {0};
    aver_schema_encode(&buf, schema, record);
    aver_bytes out = aver_arena_copy(&w->arena, aver_buf_view(&buf));
    aver_buf_free(&buf);
    return out;
}

static int by_item(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = aver_bytes_cmp(x->name, y->name);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}
static int by_key(const void *a, const void *b)
{
    return aver_bytes_cmp(((const struct sum *)a)->key, ((const struct sum *)b)->key);
}

static struct sum *sum_of(struct world *w, struct aver_list *sums, const char *key)
{
    struct sum *s = sums->items;
    for (size_t i = 0; i < sums->count; i++)
        if (aver_bytes_is(s[i].key, key)) return &s[i];
    s = aver_list_add(&w->arena, sums, sizeof *s);
    *s = (struct sum){aver_arena_copy(&w->arena, aver_bytes_str(key)), 0};
    return s;
}

static void put_in_order(struct consumed *c)
{
    struct sum *s = c->sums.items;
    size_t kept = 0;
    for (size_t i = 0; i < c->sums.count; i++)
        if (s[i].cents) s[kept++] = s[i];
    c->sums.count = kept;
    if (kept) qsort(s, kept, sizeof *s, by_key);
    if (c->items.count) qsort(c->items.items, c->items.count, sizeof(struct item), by_item);
}

static struct consumed read_state(struct world *w)
{
    struct consumed out = {0};
    const struct world_record *r = w->state.items;
    for (size_t i = 0; i < w->state.count; i++) {
        const struct kind *kind = kind_of(r[i].name);
        struct aver_balances balances;
        struct aver_list list;
        if (kind) {
            const struct aver_schema *of = aver_schema_field(kind->schema, AVER_LIT("items"))->of;
            read_list(w, &list, kind, r[i].value);
            for (size_t k = 0; k < list.count; k++) {
                const uint8_t *item = (const uint8_t *)list.items + k * kind->size;
                *(struct item *)aver_list_add(&w->arena, &out.items, sizeof(struct item)) = (struct item){
                    r[i].name, *(const aver_bytes *)(const void *)item, encoded(w, of, item), k};
            }
        }
        if (!is_balances(r[i].name)) continue;
        WORLD_OK(w, aver_schema_read(r[i].value, &aver_balances_schema, &balances, &w->arena, &w->why));
        const struct aver_balance *b = balances.items.items;
        for (size_t k = 0; k < balances.items.count; k++)
            sum_of(w, &out.sums,
                   aver_arena_printf(&w->arena, "%.*s %.*s %.*s", AVER_STR(r[i].name), AVER_STR(b[k].counter),
                                     AVER_STR(b[k].tier)))
                ->cents = b[k].used.cents;
    }
    put_in_order(&out);
    return out;
}

/* All lists of postings of a decision, in the order in which they were posted. */
static struct aver_list postings_of(struct world *w, const struct aver_decision *d)
{
    struct aver_list out = {0};
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        for (size_t k = 0; k <= l[i].adjustments.count; k++) {
            const struct aver_list *from = k < l[i].adjustments.count ? &a[k].postings : &l[i].postings;
            const struct aver_posting *p = from->items;
            for (size_t j = 0; j < from->count; j++)
                *(struct aver_posting *)aver_list_add(&w->arena, &out, sizeof *p) = p[j];
        }
    }
    return out;
}

static struct sum *sum_of_posting(struct world *w, struct consumed *c, const struct aver_decision *d,
                                  const struct aver_posting *p)
{
    aver_bytes who = p->scope == AVER_SCOPE_MEMBER ? d->member_id : AVER_LIT("*");
    aver_bytes pool = p->pool.ptr ? p->pool : d->plan;
    return sum_of(w, &c->sums,
                  aver_arena_printf(&w->arena, "f/" WORLD_FAMILY "/y/%.*s/%.*s/%.*s %.*s %.*s", AVER_STR(who),
                                    AVER_STR(pool), AVER_STR(p->period), AVER_STR(p->counter),
                                    AVER_STR(p->tier)));
}

/* What the decision of a claim posted. Each posting begins where one before it ended, whatever the order of lines. */
static void add_postings(struct world *w, struct consumed *c, const struct aver_decision *d)
{
    struct aver_list postings = postings_of(w, d);
    struct aver_posting *p = postings.items;
    for (size_t left = postings.count; left; left--) {
        size_t i = 0;
        while (i < left && sum_of_posting(w, c, d, &p[i])->cents != p[i].before.cents) i++;
        if (i == left) fail_msg("%zu postings begin nowhere", left);
        sum_of_posting(w, c, d, &p[i])->cents += p[i].amount.cents;
        memmove(&p[i], &p[i + 1], (left - 1 - i) * sizeof *p);
    }
    put_in_order(c);
}

static void take_postings(struct world *w, struct consumed *c, const struct aver_decision *d)
{
    struct aver_list postings = postings_of(w, d);
    const struct aver_posting *p = postings.items;
    for (size_t i = 0; i < postings.count; i++) sum_of_posting(w, c, d, &p[i])->cents -= p[i].amount.cents;
    put_in_order(c);
}

static size_t drop_items(struct consumed *c, aver_bytes claim)
{
    struct item *it = c->items.items;
    size_t kept = 0, count = c->items.count;
    for (size_t i = 0; i < count; i++)
        if (!aver_bytes_eq(it[i].claim, claim)) it[kept++] = it[i];
    c->items.count = kept;
    return count - kept;
}

static void must_equal(const struct consumed *a, const struct consumed *b, const char *what)
{
    const struct item *x = a->items.items, *y = b->items.items;
    for (size_t i = 0; i < a->items.count || i < b->items.count; i++) {
        if (i >= a->items.count || i >= b->items.count)
            fail_msg("%s: %zu records, not %zu; the first: %.*s", what, a->items.count, b->items.count,
                     AVER_STR((i < a->items.count ? x : y)[i].name));
        if (!aver_bytes_eq(x[i].name, y[i].name) || !aver_bytes_eq(x[i].bytes, y[i].bytes))
            fail_msg("%s: %.*s of %.*s, not %.*s of %.*s", what, AVER_STR(x[i].name), AVER_STR(x[i].claim),
                     AVER_STR(y[i].name), AVER_STR(y[i].claim));
    }
    const struct sum *s = a->sums.items, *t = b->sums.items;
    for (size_t i = 0; i < a->sums.count || i < b->sums.count; i++)
        if (i >= a->sums.count || i >= b->sums.count || !aver_bytes_eq(s[i].key, t[i].key) ||
            s[i].cents != t[i].cents)
            fail_msg("%s: %zu balances, not %zu; %.*s", what, a->sums.count, b->sums.count,
                     AVER_STR((i < a->sums.count ? s : t)[i].key));
}

/* ---- taking back ------------------------------------------------------------------------------------------------------- */

/* Whether the receipt says that the claim wrote this record. */
static bool wrote(const struct made *m, aver_bytes name)
{
    const struct aver_touch *t = m->touches.items;
    aver_digest key = aver_state_key(aver_bytes_of(gen_secret, sizeof gen_secret), name), none = {{0}};
    for (size_t i = 0; i < m->touches.count; i++)
        if (aver_digest_eq(t[i].key, key)) return !aver_digest_eq(t[i].after, none);
    return false;
}

/* By the records alone: the exact negatives of its postings, and of the lists what carries its id. */
static void take_back(struct world *w, struct made *m)
{
    const struct aver_decision *d = m->decision;
    struct aver_work work;
    struct aver_member member = {.member_id = d->member_id};
    struct aver_list out = {0}, postings = postings_of(w, d);
    const struct aver_posting *p = postings.items;
    bool below = false;
    struct consumed before = read_state(w);
    w->view.height++;
    WORLD_OK(w, aver_work_begin(&work, &w->view, &w->arena, &w->why));
    aver_work_family(&work, AVER_LIT(WORLD_FAMILY), aver_bytes_of(gen_secret, sizeof gen_secret));
    struct aver_case c = {.work = &work,
                          .arena = &w->arena,
                          .view = &w->view,
                          .family = AVER_LIT(WORLD_FAMILY),
                          .member = &member,
                          .pool = postings.count && p->pool.ptr ? p->pool : d->plan,
                          .why = &w->why};
    snprintf(c.id, sizeof c.id, "%.*s", AVER_STR(d->claim_id));
    WORLD_OK(w, aver_case_reverse(&c, &postings, &out, &below));
    assert_false(below);
    assert_int_equal(out.count, postings.count);
    WORLD_OK(w, aver_case_balances_write(&c));
    const struct world_record *r = w->state.items;
    for (size_t i = 0, count = w->state.count; i < count; i++) {
        const struct kind *kind = kind_of(r[i].name);
        struct aver_list list;
        size_t kept = 0;
        if (!kind || !wrote(m, r[i].name)) continue;
        WORLD_OK(w, aver_work_get(&work, r[i].name, kind->schema, &list, &w->why));
        uint8_t *items = list.items;
        for (size_t k = 0; k < list.count; k++)
            if (!aver_bytes_eq(*(aver_bytes *)(void *)(items + k * kind->size), d->claim_id))
                memmove(items + kept++ * kind->size, items + k * kind->size, kind->size);
        if (kept == list.count)
            fail_msg("%.*s was written and has nothing of the claim", AVER_STR(r[i].name));
        list.count = kept;
        aver_work_put(&work, r[i].name, kind->schema, &list);
    }
    aver_work_touches(&work);
    WORLD_OK(w, aver_work_commit(&work, &w->view, &w->why));
    m->taken = true;
    drop_items(&before, d->claim_id);
    take_postings(w, &before, d);
    struct consumed after = read_state(w);
    must_equal(&after, &before, "without what it consumed");
}

/* A claim adds what its decision posts and records with its id, each in its receipt, and leaves all others as they are. */
static struct made file_checked(struct world *w, size_t number, const struct gen_claim *claim)
{
    struct consumed before = read_state(w);
    struct made m = file(w, number, claim);
    struct consumed after = read_state(w);
    const struct item *it = after.items.items;
    for (size_t i = 0; i < after.items.count; i++)
        if (aver_bytes_eq(it[i].claim, m.decision->claim_id)) assert_true(wrote(&m, it[i].name));
    size_t added = drop_items(&after, m.decision->claim_id);
    add_postings(w, &before, m.decision);
    must_equal(&after, &before, "without what it added");
    if (m.decision->status == AVER_CLAIM_DENIED) assert_int_equal(added, 0);
    return m;
}

/* How many of a kind, and of visits how many are not the first of theirs. */
struct records {
    size_t services, uses, visits, shared;
};

static size_t filed_at(const struct made *made, aver_bytes claim)
{
    for (size_t i = 0; i < CLAIMS; i++)
        if (aver_bytes_eq(made[i].decision->claim_id, claim)) return i;
    fail_msg("a record of no claim: %.*s", AVER_STR(claim));
    return 0;
}

/* Services in ledger order; uses by day before that; visits by day and provider, each claim once for a visit. */
static void look_at_records(struct world *w, const struct made *made, struct records *out)
{
    const struct world_record *r = w->state.items;
    for (size_t i = 0; i < w->state.count; i++) {
        const struct kind *kind = kind_of(r[i].name);
        struct aver_list list;
        if (!kind) continue;
        read_list(w, &list, kind, r[i].value);
        const struct aver_service *s = list.items;
        const struct aver_use *u = list.items;
        const struct aver_visit *v = list.items;
        out->services += kind->letter == 'd' ? list.count : 0;
        out->uses += kind->letter == 'u' ? list.count : 0;
        out->visits += kind->letter == 'v' ? list.count : 0;
        for (size_t k = 1; k < list.count; k++) switch (kind->letter) {
            case 'd': assert_true(filed_at(made, s[k - 1].claim_id) <= filed_at(made, s[k].claim_id)); break;
            case 'u':
                assert_true(u[k - 1].day < u[k].day ||
                            (u[k - 1].day == u[k].day &&
                             filed_at(made, u[k - 1].claim_id) <= filed_at(made, u[k].claim_id)));
                break;
            case 'v': {
                int provider = aver_bytes_cmp(v[k - 1].provider, v[k].provider);
                bool same = v[k - 1].day == v[k].day && provider == 0;
                out->shared += same;
                assert_true(v[k - 1].day < v[k].day || (v[k - 1].day == v[k].day && provider <= 0));
                if (same) assert_true(filed_at(made, v[k - 1].claim_id) < filed_at(made, v[k].claim_id));
                break;
            }
            }
    }
}

static void test_taken_back(void **state)
{
    (void)state;
    struct records all = {0};
    size_t taken = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world w;
        struct gen_plan plan;
        struct gen_claim claims[CLAIMS];
        struct made made[CLAIMS];
        uint64_t rng = seed;
        gen_plan_draw(&plan, &rng);
        gen_claims(&rng, claims, CLAIMS);
        gen_open(&w, &plan);
        gen_enrol(&w);
        for (size_t i = 0; i < CLAIMS; i++) {
            made[i] = file_checked(&w, i, &claims[i]);
            /* Now and then one of those before goes, and the others go on. */
            size_t at = rng_below(&rng, 3 * CLAIMS);
            if (at <= i && !made[at].taken) take_back(&w, &made[at]), taken++;
        }
        look_at_records(&w, made, &all);
        for (size_t left = CLAIMS, at = rng_below(&rng, CLAIMS); left; left--, at = (at + 7) % CLAIMS)
            if (!made[at].taken) take_back(&w, &made[at]), taken++;
        struct consumed none = {0}, end = read_state(&w);
        must_equal(&end, &none, "when all are taken back");
        world_end(&w);
    }
    print_message(
        "%zu claims taken back, of %zu services, %zu uses and %zu visits, %zu of these with other claims\n",
        taken, all.services, all.uses, all.visits, all.shared);
    assert_true(taken == SEEDS * CLAIMS && all.services > 800 && all.uses > 150 && all.visits > 300 &&
                all.shared > 40);
}

/* ---- as if it had never been ------------------------------------------------------------------------------------------- */

/* What was decided, without what tells how full the accumulators were. */
static aver_bytes said(struct world *w, const struct aver_decision *d)
{
    struct aver_buf b = {0};
    const struct aver_line_decision *l = d->lines.items;
    aver_buf_printf(&b, "%d", (int)d->status);
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        aver_buf_printf(&b, "\n%d %llu", (int)l[i].status, (unsigned long long)l[i].paid.cents);
        for (size_t k = 0; k < l[i].adjustments.count; k++)
            aver_buf_printf(&b, " %d-%.*s %lld %.*s", (int)a[k].group, AVER_STR(a[k].carc),
                            (long long)a[k].amount.cents, AVER_STR(a[k].because));
    }
    struct aver_list postings = postings_of(w, d);
    const struct aver_posting *p = postings.items;
    for (size_t i = 0; i < postings.count; i++)
        aver_buf_printf(&b, "\n%.*s %lld", AVER_STR(p[i].counter), (long long)p[i].amount.cents);
    aver_bytes out = aver_arena_copy(&w->arena, aver_buf_view(&b));
    aver_buf_free(&b);
    return out;
}

/* Of both histories, what the claim that was decided otherwise consumed. */
static void leave_out(struct world *w, struct consumed *state, const struct aver_decision *d)
{
    drop_items(state, d->claim_id);
    take_postings(w, state, d);
}

static void test_never_was(void **state)
{
    (void)state;
    size_t same = 0, otherwise = 0, whole = 0;
    for (uint64_t seed = 101; seed <= 100 + SEEDS; seed++) {
        struct gen_plan plan;
        struct gen_claim claims[CLAIMS];
        uint64_t rng = seed;
        gen_plan_draw(&plan, &rng);
        gen_claims(&rng, claims, CLAIMS);
        for (int way = 0; way < WITHOUT; way++) {
            struct world with, without;
            struct made made[CLAIMS], never[CLAIMS];
            size_t gone = rng_below(&rng, CLAIMS), differ = 0;
            gen_open(&with, &plan);
            gen_enrol(&with);
            gen_open(&without, &plan);
            gen_enrol(&without);
            for (size_t i = 0; i < CLAIMS; i++) made[i] = file(&with, i, &claims[i]);
            while (made[gone].decision->status != AVER_CLAIM_PAYABLE) gone = rng_below(&rng, CLAIMS);
            for (size_t i = 0; i < CLAIMS; i++)
                if (i != gone) never[i] = file(&without, i, &claims[i]);
            take_back(&with, &made[gone]);
            struct consumed a = read_state(&with), b = read_state(&without);
            for (size_t i = 0; i < CLAIMS; i++) {
                if (i == gone) continue;
                bool alike = aver_bytes_eq(said(&with, made[i].decision), said(&without, never[i].decision));
                if (i < gone) assert_true(alike);
                same += alike && i > gone;
                if (alike) continue;
                differ++;
                leave_out(&with, &a, made[i].decision);
                leave_out(&without, &b, never[i].decision);
            }
            otherwise += differ;
            whole += differ == 0;
            must_equal(&a, &b, "as if it had never been");
            world_end(&with);
            world_end(&without);
        }
    }
    print_message("%zu later claims decided as without it, %zu otherwise; in %zu histories none\n", same,
                  otherwise, whole);
    assert_true(same > 500 && otherwise > 50 && whole > 10);
}

/* Adjudication-rules 17, in its cents: what a claim frees goes to the next one decided; those between stand. */
static void test_freed_room(void **state)
{
    (void)state;
    struct world w;
    struct gen_plan plan = gen_plain();
    plan.deductible[0] = 50000;
    plan.oop[0] = plan.paid = plan.considered = 1000000;
    plan.share[2][0] = (struct gen_share){.copay = 2500, .per = "day", .rest = "next_line", .counts = true};
    plan.limit[2].visits = 1;
    plan.limit[2].per = "benefit_year", plan.limit[2].count_if = "allowed", plan.limit[2].past = "balance";
    plan.often = 1;
    gen_open(&w, &plan);
    gen_enrol(&w);
    const aver_day day = aver_day_of(2026, 3, 2);
    static const struct {
        const char *procedure;
        int64_t charge;
        int after; /* days */
        int64_t paid, share;
        int takes_back; /* a claim before this one; -1: none */
    } filed[] = {
        {"P0001", 30000, 0, 0, 30000, -1},     /* PR-1 300.00 of 500.00 */
        {"P0001", 40000, 1, 16000, 24000, -1}, /* PR-1 200.00, PR-2 40.00 */
        {"P0001", 10000, 2, 0, 10000, 0},      /* of the 300.00 that are free again */
        {"R0001", 1500, 0, 0, 1500, -1},       /* the one visit */
        {"R0002", 9000, 1, 0, 0, -1},          /* past it */
        {"R0003", 9000, 0, 8000, 1000, -1},    /* of it: the rest of its copay */
        {"R0004", 9000, 0, 7500, 1500,
         3},                         /* counted by the claim before still, and 15.00 of its copay free */
        {"R0005", 9000, 2, 0, 0, 5}, /* counted by the claim before still */
        {"R0006", 9000, 3, 6500, 2500, 6}, /* counted by none */
        {"S0001", 100, 0, 0, 100, -1},     /* the one use of the rule of how often */
        {"S0002", 100, 1, 0, 0, -1},       /* past it */
        {"S0003", 100, 2, 0, 100, 9},      /* free again */
        {"P0001", 40000, 1, 0, 0, -1},     /* billed before, as the second */
        {"P0001", 40000, 1, 80, 39920, 1}, /* never billed: PR-1 399.00, PR-2 0.20 */
    };
    struct made made[sizeof filed / sizeof filed[0]];
    for (size_t i = 0; i < sizeof filed / sizeof filed[0]; i++) {
        struct gen_claim c = {.count = 1, .admitted = AVER_NO_DAY};
        c.lines[0] =
            (struct gen_service){.charge = filed[i].charge, .units = 1000, .day = day + filed[i].after};
        snprintf(c.lines[0].procedure, sizeof c.lines[0].procedure, "%s", filed[i].procedure);
        if (filed[i].takes_back >= 0) take_back(&w, &made[filed[i].takes_back]);
        made[i] = file_checked(&w, i, &c);
        const struct aver_line_decision *l = made[i].decision->lines.items;
        if ((int64_t)l->paid.cents != filed[i].paid || gen_counted_share(&plan, l) != filed[i].share)
            fail_msg("claim %zu: paid %lld, share %lld", i, (long long)l->paid.cents,
                     (long long)gen_counted_share(&plan, l));
    }
    world_end(&w);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_taken_back), cmocka_unit_test(test_never_was),
                                       cmocka_unit_test(test_freed_room)};
    return cmocka_run_group_tests_name("reversal", tests, NULL, NULL);
}
