/* adapters/policy_ranges.c - see policy_ranges.h. */
#include "adapters/policy_ranges.h"

#include <stdlib.h>

struct item {
    uint32_t shape; /* length, and which places are letters: ranges of two shapes never meet */
    struct aver_policy_range range;
    const struct aver_policy_node *node;  /* the range in the file */
    const struct aver_policy_node *owner; /* the benefit, exclusion or authorization rule */
    size_t number;                        /* in the order added, for two on one line */
    size_t furthest; /* of this item and those before it with its shape: the one whose `to` is the greatest */
};

struct set {
    struct aver_list items; /* of struct item, sorted by (shape, from, to descending, place in the file) */
};

static uint32_t shape_of(aver_bytes code)
{
    uint32_t shape = (uint32_t)code.len << 16;
    for (size_t i = 0; i < code.len; i++) shape |= (uint32_t)(code.ptr[i] > '9') << i;
    return shape;
}

static bool before(const struct item *a, const struct item *b)
{
    return a->node->line != b->node->line ? a->node->line < b->node->line : a->number < b->number;
}

static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->shape != y->shape) return x->shape < y->shape ? -1 : 1;
    int c = aver_bytes_cmp(x->range.from, y->range.from);
    if (c == 0) c = aver_bytes_cmp(y->range.to, x->range.to);
    return c ? c : before(x, y) ? -1 : before(y, x);
}

static void add_ranges(struct aver_policy_checking *c, struct set *set, const struct aver_policy_node *owner,
                       const struct aver_policy_node *codes)
{
    for (size_t i = 0; codes && codes->kind == AVER_POLICY_LIST && i < codes->count; i++) {
        const struct aver_policy_node *n = &codes->children[i];
        struct aver_policy_range range;
        if (n->kind != AVER_POLICY_TEXT || !aver_policy_range(&range, n->text)) continue;
        struct item *item = aver_list_add(c->arena, &set->items, sizeof *item);
        *item = (struct item){shape_of(range.from), range, n, owner, set->items.count - 1, 0};
    }
}

static void finish(struct set *set)
{
    struct item *items = set->items.items;
    if (set->items.count) qsort(items, set->items.count, sizeof *items, item_order);
    for (size_t i = 0; i < set->items.count; i++) {
        bool first = i == 0 || items[i - 1].shape != items[i].shape;
        size_t best = first ? i : items[i - 1].furthest;
        items[i].furthest = aver_bytes_cmp(items[i].range.to, items[best].range.to) > 0 ? i : best;
    }
}

/* Of the ranges that begin at `code` or before, with this shape, the one that reaches furthest; NULL if none begins so
 * early. */
static const struct item *furthest_from(const struct set *set, uint32_t shape, aver_bytes code)
{
    const struct item *items = set->items.items;
    size_t lo = 0, hi = set->items.count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        bool early = items[mid].shape != shape ? items[mid].shape < shape
                                               : aver_bytes_cmp(items[mid].range.from, code) <= 0;
        if (early)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo == 0 || items[lo - 1].shape != shape ? NULL : &items[items[lo - 1].furthest];
}

static bool touches(const struct set *set, const struct item *item)
{
    const struct item *f = furthest_from(set, item->shape, item->range.to);
    return f && aver_bytes_cmp(f->range.to, item->range.from) >= 0;
}

/* One range of the set that holds all of the item's; NULL if none does. */
static const struct item *holder(const struct set *set, const struct item *item)
{
    const struct item *f = furthest_from(set, item->shape, item->range.from);
    return f && aver_bytes_cmp(f->range.to, item->range.to) >= 0 ? f : NULL;
}

/* A benefit is named by its key, an entry of a list by its id. */
static aver_bytes name_of(const struct aver_policy_node *owner)
{
    const struct aver_policy_node *id = owner->key.ptr ? NULL : aver_policy_child(owner, AVER_LIT("id"));
    return id ? id->text : owner->key;
}

/* `noun`: what each owner is, of which a code, `what`, belongs to one. */
static void check_overlaps(struct aver_policy_checking *c, const struct set *benefits, const char *what,
                           const char *noun)
{
    const struct item *items = benefits->items.items;
    for (size_t i = 1; i < benefits->items.count; i++) {
        if (items[i - 1].shape != items[i].shape) continue;
        const struct item *a = &items[items[i - 1].furthest], *b = &items[i];
        if (aver_bytes_cmp(a->range.to, b->range.from) < 0) continue;
        const struct item *earlier = before(a, b) ? a : b, *later = earlier == a ? b : a;
        if (a->owner == b->owner)
            aver_policy_find_at(c, AVER_WARNING, "POLICY-OVERLAP", later->node,
                                "%.*s overlaps %.*s of the same %s on line %zu; one of them suffices",
                                AVER_STR(later->node->text), AVER_STR(earlier->node->text), noun,
                                (size_t)earlier->node->line);
        else
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-OVERLAP", later->node,
                "%.*s on line %zu overlaps %.*s of the %s %.*s on line %zu; a %s belongs to one %s",
                AVER_STR(later->node->text), (size_t)later->node->line, AVER_STR(earlier->node->text), noun,
                AVER_STR(name_of(earlier->owner)), (size_t)earlier->node->line, what, noun);
    }
}

/* Entries of a list are tried in the order of the file, and the first that holds decides. */
static void check_earlier(struct aver_policy_checking *c, const struct set *set, const char *done)
{
    const struct item *items = set->items.items;
    for (size_t i = 1; i < set->items.count; i++) {
        if (items[i - 1].shape != items[i].shape) continue;
        const struct item *a = &items[items[i - 1].furthest], *b = &items[i];
        /* What is exempt by place from the first may still meet the second. */
        bool always = a->owner == b->owner || !aver_policy_child(a->owner, AVER_LIT("exempt_places"));
        if (aver_bytes_cmp(a->range.to, b->range.to) >= 0 && before(a, b) && always)
            aver_policy_find_at(c, AVER_WARNING, "POLICY-UNREACHABLE", b->node,
                                "%.*s is %s by %.*s on line %zu already; remove it", AVER_STR(b->node->text),
                                done, AVER_STR(a->node->text), (size_t)a->node->line);
    }
}

static void check_behind_exclusions(struct aver_policy_checking *c, const struct set *set,
                                    const struct set *exclusions)
{
    const struct item *items = set->items.items;
    for (size_t i = 0; i < set->items.count; i++) {
        const struct item *h = holder(exclusions, &items[i]);
        if (h)
            aver_policy_find_at(c, AVER_WARNING, "POLICY-UNREACHABLE", items[i].node,
                                "%.*s never decides anything: the exclusion of %.*s on line %zu comes first",
                                AVER_STR(items[i].node->text), AVER_STR(h->node->text),
                                (size_t)h->node->line);
    }
}

static void check_without_benefit(struct aver_policy_checking *c, const struct set *set,
                                  const struct set *covered, const char *so)
{
    const struct item *items = set->items.items;
    for (size_t i = 0; i < set->items.count; i++)
        if (!touches(covered, &items[i]))
            aver_policy_find_at(c, AVER_WARNING, "POLICY-UNREACHABLE", items[i].node,
                                "%.*s is in no benefit that is covered, so %s", AVER_STR(items[i].node->text),
                                so);
}

static void add_list(struct aver_policy_checking *c, struct set *set, const struct aver_policy_node *list,
                     aver_bytes key)
{
    for (size_t i = 0; list && list->kind == AVER_POLICY_LIST && i < list->count; i++)
        add_ranges(c, set, &list->children[i], aver_policy_child(&list->children[i], key));
}

/* What was agreed in each tier. A stay has one rate; of those for services the first that names one is paid. */
static void check_agreed(struct aver_policy_checking *c, const struct aver_policy_node *list)
{
    static const char *const keys[] = {"procedures", "revenue_codes"};
    struct set stays = {{0}};
    add_list(c, &stays, list, AVER_LIT("drgs"));
    finish(&stays);
    check_overlaps(c, &stays, "DRG", "rate");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct set services = {{0}};
        add_list(c, &services, list, aver_bytes_str(keys[i]));
        finish(&services);
        check_earlier(c, &services, "paid");
    }
}

/* Of the codes that stand under this key beside those of the other kind; `what`: such a code, for people. */
static void check_codes(struct aver_policy_checking *c, aver_bytes key, const char *what)
{
    struct set benefits = {{0}}, covered = {{0}}, exclusions = {{0}}, prior_auth = {{0}}, multiple = {{0}},
               edits = {{0}};
    const struct aver_policy_node *b = aver_policy_child(c->root, AVER_LIT("benefits"));
    for (size_t i = 0; b && b->kind == AVER_POLICY_MAP && i < b->count; i++) {
        const struct aver_policy_node *benefit = &b->children[i];
        const struct aver_policy_node *is_covered = aver_policy_child(benefit, AVER_LIT("covered"));
        const struct aver_policy_node *codes =
            aver_policy_child(aver_policy_child(benefit, AVER_LIT("match")), key);
        add_ranges(c, &benefits, benefit, codes);
        if (!is_covered || is_covered->number) add_ranges(c, &covered, benefit, codes);
    }
    const struct {
        aver_bytes key;
        struct set *set;
    } lists[] = {{AVER_LIT("exclusions"), &exclusions},
                 {AVER_LIT("prior_auth"), &prior_auth},
                 {AVER_LIT("multiple_procedures"), &multiple},
                 {AVER_LIT("edits"), &edits}};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        add_list(c, lists[l].set, aver_policy_child(c->root, lists[l].key), key);
    finish(&benefits);
    finish(&covered);
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) finish(lists[l].set);
    check_overlaps(c, &benefits, what, "benefit");
    check_overlaps(c, &multiple, what, "rule");
    check_earlier(c, &exclusions, "excluded");
    check_earlier(c, &prior_auth, "covered");
    check_behind_exclusions(c, &benefits, &exclusions);
    check_behind_exclusions(c, &prior_auth, &exclusions);
    /* A line with a procedure may have its benefit by that. */
    if (!aver_bytes_is(key, "procedures")) return;
    check_without_benefit(c, &prior_auth, &covered, "no authorization is ever asked for it");
    check_without_benefit(c, &multiple, &covered, "it is never reduced");
    check_without_benefit(c, &edits, &covered, "it is denied anyway");
}

void aver_policy_check_ranges(struct aver_policy_checking *c)
{
    check_codes(c, AVER_LIT("procedures"), "procedure");
    check_codes(c, AVER_LIT("revenue_codes"), "revenue code");
    const struct aver_policy_node *tiers = aver_policy_child(c->root, AVER_LIT("fee_schedule"));
    for (size_t t = 0; tiers && tiers->kind == AVER_POLICY_MAP && t < tiers->count; t++) {
        check_agreed(c, aver_policy_child(&tiers->children[t], AVER_LIT("case_rates")));
        check_agreed(c, aver_policy_child(&tiers->children[t], AVER_LIT("per_diem")));
    }
}
