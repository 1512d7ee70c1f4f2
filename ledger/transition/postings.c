/* ledger/transition/postings.c - accumulators as consumption records: each posting names its adjustment, the balance before
 * it, and by its hash the list that made the balance. Nothing is written until the claim is decided. */
#include "ledger/transition/adjudicate.h"

#include <string.h>

/* The balances of one person (or "*", the family) in one benefit year, as this claim has changed them so far. */
struct case_balances {
    enum aver_scope scope;
    aver_bytes period;
    aver_bytes name;
    struct aver_balances record;
    struct aver_list postings; /* struct aver_posting: what this claim adds, in order */
};

static aver_err load(struct aver_case *c, enum aver_scope scope, aver_bytes period,
                     struct case_balances **out)
{
    struct case_balances *b = c->balances.items;
    for (size_t i = 0; i < c->balances.count; i++)
        if (b[i].scope == scope && aver_bytes_eq(b[i].period, period)) {
            *out = &b[i];
            return AVER_OK;
        }
    struct aver_buf buf = {0};
    aver_buf_str(&buf, "f/");
    aver_buf_bytes(&buf, c->family);
    aver_buf_str(&buf, "/y/");
    if (scope == AVER_SCOPE_MEMBER)
        aver_name_escape(&buf, c->member->member_id);
    else
        aver_buf_str(&buf, "*");
    aver_buf_byte(&buf, '/');
    aver_name_escape(&buf, period);
    b = aver_list_add(c->arena, &c->balances, sizeof *b);
    *b = (struct case_balances){
        .scope = scope, .period = period, .name = aver_arena_copy(c->arena, aver_buf_view(&buf))};
    aver_buf_free(&buf);
    aver_err err = aver_work_get(c->work, b->name, &aver_balances_schema, &b->record, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    c->read += b->record.items.count;
    *out = b;
    return AVER_OK;
}

static int by_counter(const struct aver_balance *b, aver_bytes counter, aver_bytes tier)
{
    int order = aver_bytes_cmp(b->counter, counter);
    return order ? order : aver_bytes_cmp(b->tier, tier);
}

/* The first that is not before (counter, tier). */
static size_t place_of(const struct case_balances *b, aver_bytes counter, aver_bytes tier)
{
    const struct aver_balance *items = b->record.items.items;
    size_t lo = 0, hi = b->record.items.count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (by_counter(&items[mid], counter, tier) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_of(const struct aver_balance *b, aver_bytes counter, aver_bytes tier)
{
    return aver_bytes_eq(b->counter, counter) && aver_bytes_eq(b->tier, tier);
}

#define FEW 8 /* so many are sooner compared than put in order */

static struct aver_balance *balance(const struct case_balances *b, aver_bytes counter, aver_bytes tier)
{
    struct aver_balance *items = b->record.items.items;
    size_t count = b->record.items.count, at = 0;
    if (count > FEW)
        at = place_of(b, counter, tier);
    else
        while (at < count && !is_of(&items[at], counter, tier)) at++;
    return at < count && is_of(&items[at], counter, tier) ? &items[at] : NULL;
}

/* What the policy says of a counter in a tier; binds is false where it sets no limit. */
struct case_limit {
    aver_bytes counter, tier;
    struct {
        bool binds;
        int64_t cents;
    } of[AVER_SCOPE_FAMILY + 1]; /* by enum aver_scope */
};

static void read_limit(struct case_limit *l, enum aver_scope scope, const struct aver_policy_node *node)
{
    if (!node) return;
    l->of[scope].binds = true;
    l->of[scope].cents = node->number;
}

static const struct case_limit *limit_of(struct aver_case *c, aver_bytes counter, aver_bytes tier)
{
    struct case_limit *l = c->limits.items;
    for (size_t i = 0; i < c->limits.count; i++)
        if (aver_bytes_eq(l[i].counter, counter) && aver_bytes_eq(l[i].tier, tier)) return &l[i];
    l = aver_list_add(c->arena, &c->limits, sizeof *l);
    *l = (struct case_limit){.counter = aver_arena_copy(c->arena, counter),
                             .tier = aver_arena_copy(c->arena, tier)};
    const struct aver_policy_node *node =
        aver_policy_child(aver_policy_child(&c->policy->root, counter), tier);
    const struct aver_policy_node *rule = aver_policy_child(node, AVER_LIT("family_rule"));
    if (!rule || !aver_bytes_is(rule->text, "aggregate"))
        read_limit(l, AVER_SCOPE_MEMBER, aver_policy_child(node, AVER_LIT("individual")));
    read_limit(l, AVER_SCOPE_FAMILY, aver_policy_child(node, AVER_LIT("family")));
    return l;
}

/* Family rule, adjudication-rules 3 and 19: room = min(member left, family left), of the limits that bind. */
aver_err aver_case_left(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                        aver_bytes tier, int64_t *left)
{
    const struct case_limit *limit = limit_of(c, counter, tier);
    *left = AVER_MONEY_LIMIT - 1;
    for (enum aver_scope scope = AVER_SCOPE_MEMBER; scope <= AVER_SCOPE_FAMILY; scope++) {
        struct case_balances *b;
        if (!limit->of[scope].binds) continue;
        AVER_TRY(load(c, scope, line->period, &b));
        const struct aver_balance *used = balance(b, counter, tier);
        int64_t room = limit->of[scope].cents - (used ? used->used.cents : 0);
        if (room < *left) *left = room > 0 ? room : 0;
    }
    return AVER_OK;
}

aver_err aver_case_post(struct aver_case *c, const struct aver_case_line *line, aver_bytes counter,
                        aver_bytes tier, int64_t amount, struct aver_list *postings)
{
    for (enum aver_scope scope = AVER_SCOPE_MEMBER; scope <= AVER_SCOPE_FAMILY; scope++) {
        struct case_balances *b;
        AVER_TRY(load(c, scope, line->period, &b));
        struct aver_list *list = &b->record.items;
        struct aver_balance *of = balance(b, counter, tier);
        if (!of) {
            size_t at = place_of(b, counter, tier);
            if (list->count == AVER_BALANCES_MAX) return AVER_E_LIMIT;
            aver_list_add(c->arena, list, sizeof *of);
            of = (struct aver_balance *)list->items + at;
            memmove(of + 1, of, (list->count - 1 - at) * sizeof *of);
            *of = (struct aver_balance){.counter = aver_arena_copy(c->arena, counter),
                                        .tier = aver_arena_copy(c->arena, tier)};
        }
        struct aver_posting *p = aver_list_add(c->arena, postings, sizeof *p);
        *p = (struct aver_posting){.counter = of->counter,
                                   .tier = of->tier,
                                   .scope = scope,
                                   .period = line->period,
                                   .amount = {amount},
                                   .before = of->used};
        aver_delta after;
        if (aver_delta_add(&after, p->before, p->amount)) return AVER_E_RANGE;
        of->used = after;
        of->postings++;
        *(struct aver_posting *)aver_list_add(c->arena, &b->postings, sizeof *p) = *p;
    }
    return AVER_OK;
}

/* Each posting goes into the hash of its balance, in the order in which it was made. */
static void hash_postings(struct aver_case *c, struct case_balances *b)
{
    const struct aver_posting *p = b->postings.items;
    struct aver_buf posting = {0};
    for (size_t i = 0; i < b->postings.count; i++) {
        struct aver_balance *of = balance(b, p[i].counter, p[i].tier);
        posting.len = 0;
        aver_schema_encode(&posting, &aver_posting_schema, &p[i]);
        aver_bytes parts[] = {aver_digest_bytes(&of->head), aver_bytes_str(c->id), aver_buf_view(&posting)};
        of->head = aver_sha256_parts(parts, 3);
    }
    aver_buf_free(&posting);
}

aver_err aver_case_balances_write(struct aver_case *c)
{
    struct case_balances *b = c->balances.items;
    for (size_t i = 0; i < c->balances.count; i++) {
        if (b[i].postings.count == 0) continue;
        hash_postings(c, &b[i]);
        aver_work_put(c->work, b[i].name, &aver_balances_schema, &b[i].record);
    }
    return AVER_OK;
}
