/* ledger/transition/postings.c - accumulators as consumption records: each posting names its adjustment, the balance before
 * it, and by its hash the list that made the balance. Nothing is written until the claim is decided. */
#include "ledger/transition/adjudicate.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/model/benefit_year.h"

/* One balance as this claim has changed it. Lies in the case's arena and does not move. */
struct case_balance {
    struct aver_balance now;
    bool stands; /* the record has it, or will have it */
};

/* The balances of one person (or "*", the family) in one benefit year. */
struct case_balances {
    enum aver_scope scope;
    aver_bytes period;
    aver_bytes name;
    struct case_balance *stored; /* as they were read, by (counter, tier) */
    size_t stored_count;
    struct aver_list
        asked; /* struct case_balance *: those that the record has not, in the order in which they were asked for */
    size_t standing;           /* of both */
    struct aver_list postings; /* struct case_posting: what this claim adds, in order */
};
struct case_posting {
    struct aver_posting made;
    struct case_balance *to;
};

/* What was read for (scope, period), once; it does not move. */
static aver_err load(struct aver_case *c, enum aver_scope scope, aver_bytes period,
                     struct case_balances **out)
{
    struct case_balances **known = c->balances.items;
    for (size_t i = 0; i < c->balances.count; i++)
        if (known[i]->scope == scope && aver_bytes_eq(known[i]->period, period)) {
            *out = known[i];
            return AVER_OK;
        }
    struct aver_balances record = {0};
    struct case_balances *b = AVER_NEW(c->arena, struct case_balances);
    *b = (struct case_balances){
        .scope = scope,
        .period = period,
        .name = aver_work_balances_name(c->work, c->family,
                                        scope == AVER_SCOPE_MEMBER ? c->member->member_id : AVER_BYTES_NONE,
                                        c->pool, period)};
    aver_err err = aver_work_get(c->work, b->name, &aver_balances_schema, &record, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    const struct aver_balance *items = record.items.items;
    b->stored_count = b->standing = record.items.count;
    b->stored = AVER_NEW_ARRAY(c->arena, struct case_balance, b->stored_count);
    for (size_t i = 0; i < b->stored_count; i++) b->stored[i] = (struct case_balance){items[i], true};
    c->read += b->stored_count;
    *(struct case_balances **)aver_list_add(c->arena, &c->balances, sizeof b) = b;
    *out = b;
    return AVER_OK;
}

static int by_counter(const struct aver_balance *b, aver_bytes counter, aver_bytes tier)
{
    int order = aver_bytes_cmp(b->counter, counter);
    return order ? order : aver_bytes_cmp(b->tier, tier);
}

static bool is_of(const struct aver_balance *b, aver_bytes counter, aver_bytes tier)
{
    return aver_bytes_eq(b->counter, counter) && aver_bytes_eq(b->tier, tier);
}

/* The balance of (counter, tier), made where there is none yet. */
static struct case_balance *balance(struct aver_case *c, struct case_balances *b, aver_bytes counter,
                                    aver_bytes tier)
{
    struct case_balance **asked = b->asked.items;
    size_t lo = 0, hi = b->stored_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = by_counter(&b->stored[mid].now, counter, tier);
        if (order == 0) return &b->stored[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t i = 0; i < b->asked.count; i++)
        if (is_of(&asked[i]->now, counter, tier)) return asked[i];
    struct case_balance *fresh = AVER_NEW(c->arena, struct case_balance);
    *fresh = (struct case_balance){.now = {.counter = aver_arena_copy(c->arena, counter), .tier = tier}};
    *(struct case_balance **)aver_list_add(c->arena, &b->asked, sizeof fresh) = fresh;
    return fresh;
}

/* ---- what the policy says of a counter ------------------------------------------------------------------------------- */

#define MAXIMA     "maxima."
#define CARRY_OVER "carry_over" /* the counter of what the end of the year before credits to a deductible */

/* Which balances count against a limit, of one scope and period. */
struct case_account {
    struct case_account *next;
    aver_bytes period;
    struct case_balances *of;
    struct case_balance *own;
    struct case_balance **beside; /* other tiers, and what was carried over */
    size_t beside_count;
};

/* A counter in a tier; binds is false where the policy sets no limit. Lies in the case's arena and does not move. */
struct case_limit {
    aver_bytes counter, tier;
    struct {
        bool binds;
        int64_t cents;
        aver_bytes path;
        struct case_account *accounts; /* those that were asked for */
    } of[AVER_SCOPE_FAMILY + 1];       /* by enum aver_scope */
    bool lifetime;
    bool carries;           /* this counter is credited with what was carried over */
    int carry_over_months;  /* of the end of the year, whose charges count in the next one too; 0: none */
    struct aver_list tiers; /* aver_bytes: other tiers whose charges count here */
};

bool aver_case_counter_is_maximum(aver_bytes counter)
{
    size_t n = strlen(MAXIMA);
    return counter.len > n && memcmp(counter.ptr, MAXIMA, n) == 0;
}

const struct aver_policy_node *aver_case_counter_node(const struct aver_policy_node *root, aver_bytes counter)
{
    const struct aver_policy_node *maxima = aver_policy_child(root, AVER_LIT("maxima"));
    size_t n = strlen(MAXIMA);
    if (!aver_case_counter_is_maximum(counter)) return aver_policy_child(root, counter);
    for (size_t i = 0; maxima && i < maxima->count; i++) {
        const struct aver_policy_node *id = aver_policy_child(&maxima->children[i], AVER_LIT("id"));
        if (id && aver_bytes_eq(id->text, aver_bytes_cut(counter, n, counter.len - n)))
            return &maxima->children[i];
    }
    return NULL;
}

/* A limit is of a counter that is known. */
bool aver_case_counter_known(const struct aver_case *c, aver_bytes counter)
{
    struct case_limit *const *l = c->limits.items;
    for (size_t i = 0; i < c->limits.count; i++)
        if (aver_bytes_eq(l[i]->counter, counter)) return true;
    return aver_case_counter_node(&c->policy->root, counter) && !aver_bytes_is(counter, "maxima");
}

bool aver_case_maximum_of_paid(const struct aver_case *c, aver_bytes counter)
{
    const struct aver_policy_node *basis =
        aver_policy_child(aver_case_counter_node(&c->policy->root, counter), AVER_LIT("basis"));
    return !basis || !aver_bytes_is(basis->text, "allowed");
}

static void read_limit(struct case_limit *l, enum aver_scope scope, const struct aver_policy_node *node)
{
    if (!node) return;
    l->of[scope].binds = true;
    l->of[scope].cents = node->number;
    l->of[scope].path = node->path;
}

/* The other tiers of the counter that name this one under counts_to. */
static void read_crossing(struct aver_case *c, struct case_limit *l, const struct aver_policy_node *counter)
{
    for (size_t i = 0; counter && i < counter->count; i++) {
        const struct aver_policy_node *other = &counter->children[i];
        const struct aver_policy_node *to = aver_policy_child(other, AVER_LIT("counts_to"));
        if (aver_bytes_eq(other->key, l->tier)) continue;
        for (size_t k = 0; to && k < to->count; k++)
            if (aver_bytes_eq(to->children[k].text, l->tier))
                *(aver_bytes *)aver_list_add(c->arena, &l->tiers, sizeof(aver_bytes)) = other->key;
    }
}

static struct case_limit *limit_of(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter)
{
    bool maximum = aver_case_counter_is_maximum(counter);
    aver_bytes tier = maximum ? AVER_BYTES_NONE : line->decision->tier;
    struct case_limit **known = c->limits.items;
    for (size_t i = 0; i < c->limits.count; i++)
        if (aver_bytes_eq(known[i]->counter, counter) && aver_bytes_eq(known[i]->tier, tier)) return known[i];
    struct case_limit *l = AVER_NEW(c->arena, struct case_limit);
    *(struct case_limit **)aver_list_add(c->arena, &c->limits, sizeof l) = l;
    *l = (struct case_limit){.counter = aver_arena_copy(c->arena, counter), .tier = tier};
    const struct aver_policy_node *node = aver_case_counter_node(&c->policy->root, counter);
    if (!maximum) {
        read_crossing(c, l, node);
        node = aver_policy_child(node, tier);
    }
    const struct aver_policy_node *rule = aver_policy_child(node, AVER_LIT("family_rule"));
    const struct aver_policy_node *per = aver_policy_child(node, AVER_LIT("per"));
    const struct aver_policy_node *months = aver_policy_child(node, AVER_LIT("carry_over_months"));
    if (!rule || !aver_bytes_is(rule->text, "aggregate"))
        read_limit(l, AVER_SCOPE_MEMBER, aver_policy_child(node, AVER_LIT("individual")));
    read_limit(l, AVER_SCOPE_FAMILY, aver_policy_child(node, AVER_LIT("family")));
    l->lifetime = per && aver_bytes_is(per->text, "lifetime");
    l->carries = aver_bytes_is(counter, "deductible");
    l->carry_over_months = months ? (int)months->number : 0;
    return l;
}

static aver_bytes period_of(const struct case_limit *limit, const struct aver_case_line *line)
{
    return limit->lifetime ? AVER_LIT(AVER_PERIOD_LIFETIME) : line->year.period;
}

/* ---- what is used, and what is left ---------------------------------------------------------------------------------- */

static aver_err account_of(struct aver_case *c, const struct aver_case_line *line, struct case_limit *limit,
                           enum aver_scope scope, struct case_account **out)
{
    aver_bytes period = period_of(limit, line);
    for (struct case_account *a = limit->of[scope].accounts; a; a = a->next)
        if (aver_bytes_eq(a->period, period)) {
            *out = a;
            return AVER_OK;
        }
    struct case_account *a = AVER_NEW(c->arena, struct case_account);
    const aver_bytes *tiers = limit->tiers.items;
    *a = (struct case_account){.next = limit->of[scope].accounts, .period = period};
    AVER_TRY(load(c, scope, period, &a->of));
    a->own = balance(c, a->of, limit->counter, limit->tier);
    a->beside = AVER_NEW_ARRAY(c->arena, struct case_balance *, 1 + 2 * limit->tiers.count);
    for (size_t i = 0; i <= limit->tiers.count; i++) {
        aver_bytes tier = i ? tiers[i - 1] : limit->tier;
        if (i) a->beside[a->beside_count++] = balance(c, a->of, limit->counter, tier);
        if (limit->carries) a->beside[a->beside_count++] = balance(c, a->of, AVER_LIT(CARRY_OVER), tier);
    }
    limit->of[scope].accounts = a;
    *out = a;
    return AVER_OK;
}

/* What counts against the limit beside its own balance: each sum is below AVER_MONEY_LIMIT, and tiers are few. */
static int64_t used_beside(const struct case_account *a)
{
    int64_t used = 0;
    for (size_t i = 0; i < a->beside_count; i++) used += a->beside[i]->now.used.cents;
    return used;
}

static int64_t used_of(const struct case_account *a) { return a->own->now.used.cents + used_beside(a); }

/* Family rule, adjudication-rules 3 and 19: room = min(member left, family left), of the limits that bind. */
static aver_err room(struct aver_case *c, const struct aver_case_line *line, struct case_limit *limit,
                     int64_t *left, aver_bytes *path)
{
    *left = AVER_MONEY_LIMIT - 1;
    *path = AVER_BYTES_NONE;
    for (enum aver_scope scope = AVER_SCOPE_MEMBER; scope <= AVER_SCOPE_FAMILY; scope++) {
        struct case_account *a;
        if (!limit->of[scope].binds) continue;
        AVER_TRY(account_of(c, line, limit, scope, &a));
        c->tiers += limit->tiers.count;
        int64_t room = limit->of[scope].cents - used_of(a);
        if (room < 0) room = 0;
        if (room >= *left && path->ptr) continue;
        if (room < *left) *left = room;
        *path = limit->of[scope].path;
    }
    return AVER_OK;
}

aver_err aver_case_left(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                        int64_t *left)
{
    aver_bytes path;
    return room(c, line, limit_of(c, line, counter), left, &path);
}

aver_err aver_case_limit_path(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                              aver_bytes *path)
{
    int64_t left;
    return room(c, line, limit_of(c, line, counter), &left, path);
}

/* ---- what is posted -------------------------------------------------------------------------------------------------- */

static aver_err post_to(struct aver_case *c, struct case_balances *b, struct case_balance *to,
                        struct aver_posting *p, struct aver_list *postings)
{
    aver_delta after;
    if (!to->stands && b->standing == AVER_BALANCES_MAX) return AVER_E_LIMIT;
    p->counter = to->now.counter;
    p->tier = to->now.tier;
    p->scope = b->scope;
    p->period = b->period;
    p->before = to->now.used;
    if (aver_delta_add(&after, p->before, p->amount)) return AVER_E_RANGE;
    b->standing += !to->stands;
    to->stands = true;
    to->now.used = after;
    to->now.postings++;
    *(struct aver_posting *)aver_list_add(c->arena, postings, sizeof *p) = *p;
    *(struct case_posting *)aver_list_add(c->arena, &b->postings, sizeof(struct case_posting)) =
        (struct case_posting){*p, to};
    return AVER_OK;
}

/* The last months of the year, whose deductible is credited to the next year too (adjudication-rules 18). */
static bool carries_over(const struct case_limit *limit, const struct aver_case_line *line)
{
    if (!limit->carry_over_months || line->year.to == AVER_DAY_MAX) return false;
    return line->accrues >= aver_day_add_months(line->year.to + 1, -limit->carry_over_months);
}

aver_err aver_case_post(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                        int64_t amount, enum aver_basis basis, struct aver_list *postings)
{
    struct case_limit *limit = limit_of(c, line, counter);
    bool own = aver_bytes_eq(c->pool, c->policy->policy.plan_id), carry = carries_over(limit, line);
    aver_bytes next = carry ? aver_case_year_of(c, line->year.to + 1).period : AVER_BYTES_NONE;
    for (enum aver_scope scope = AVER_SCOPE_MEMBER; scope <= AVER_SCOPE_FAMILY; scope++) {
        struct case_account *a;
        struct case_balances *b;
        struct aver_posting p = {.amount = {amount}, .basis = basis, .pool = own ? AVER_BYTES_NONE : c->pool};
        AVER_TRY(account_of(c, line, limit, scope, &a));
        struct aver_posting mine = p;
        mine.credit.cents = used_beside(a);
        if (basis == AVER_BASIS_CONSIDERED) mine.after = line->decision->adjustments.count;
        AVER_TRY(post_to(c, a->of, a->own, &mine, postings));
        if (!carry) continue;
        c->carried++;
        AVER_TRY(load(c, scope, next, &b));
        AVER_TRY(post_to(c, b, balance(c, b, AVER_LIT(CARRY_OVER), limit->tier), &p, postings));
    }
    return AVER_OK;
}

aver_err aver_case_past(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                        bool *past)
{
    struct case_limit *limit = limit_of(c, line, counter);
    *past = false;
    for (enum aver_scope scope = AVER_SCOPE_MEMBER; scope <= AVER_SCOPE_FAMILY; scope++) {
        struct case_account *a;
        if (!limit->of[scope].binds) continue;
        AVER_TRY(account_of(c, line, limit, scope, &a));
        *past |= used_of(a) > limit->of[scope].cents;
    }
    return AVER_OK;
}

aver_err aver_case_reverse(struct aver_case *c, const struct aver_list *postings, struct aver_list *out,
                           bool *below)
{
    const struct aver_posting *made = postings->items;
    for (size_t i = 0; i < postings->count; i++) {
        struct case_balances *b;
        struct aver_posting p = {.amount = {-made[i].amount.cents},
                                 .pool = made[i].pool,
                                 .basis = made[i].basis,
                                 .after = made[i].after};
        AVER_TRY(load(c, (enum aver_scope)made[i].scope, made[i].period, &b));
        AVER_TRY(post_to(c, b, balance(c, b, made[i].counter, made[i].tier), &p, out));
        *below |= p.before.cents + p.amount.cents < 0;
    }
    return AVER_OK;
}

/* Each posting goes into the hash of its balance, in the order in which it was made. */
static void hash_postings(struct aver_case *c, struct case_balances *b)
{
    const struct case_posting *p = b->postings.items;
    struct aver_buf posting = {0};
    for (size_t i = 0; i < b->postings.count; i++) {
        struct aver_balance *to = &p[i].to->now;
        posting.len = 0;
        aver_schema_encode(&posting, &aver_posting_schema, &p[i].made);
        aver_bytes parts[] = {aver_digest_bytes(&to->head), aver_bytes_str(c->id), aver_buf_view(&posting)};
        to->head = aver_sha256_parts(parts, 3);
    }
    aver_buf_free(&posting);
}

static int in_order(const void *a, const void *b)
{
    const struct aver_balance *right = b;
    return by_counter(a, right->counter, right->tier);
}

/* The record as it is now: what was asked for and never posted to is not in it. */
static struct aver_balances record_of(struct aver_case *c, const struct case_balances *b)
{
    struct case_balance *const *asked = b->asked.items;
    struct aver_balance *items = AVER_NEW_ARRAY(c->arena, struct aver_balance, b->standing);
    size_t count = 0;
    for (size_t i = 0; i < b->stored_count; i++) items[count++] = b->stored[i].now;
    for (size_t i = 0; i < b->asked.count; i++)
        if (asked[i]->stands) items[count++] = asked[i]->now;
    AVER_ASSERT(count == b->standing);
    if (count > b->stored_count) qsort(items, count, sizeof *items, in_order);
    return (struct aver_balances){{items, count, count}};
}

aver_err aver_case_balances_write(struct aver_case *c)
{
    struct case_balances *const *b = c->balances.items;
    for (size_t i = 0; i < c->balances.count; i++) {
        if (b[i]->postings.count == 0) continue;
        hash_postings(c, b[i]);
        struct aver_balances record = record_of(c, b[i]);
        aver_work_put(c->work, b[i]->name, &aver_balances_schema, &record);
    }
    return AVER_OK;
}
