/* adapters/policy_check.c - what a table of keys cannot say about a policy: that its parts agree with each other. Parts that
 * could not be read (kind 0, reported already) are passed over. */
#include <stdlib.h>

#include "adapters/policy_codes.h"
#include "adapters/policy_lines.h"
#include "adapters/policy_prices.h"
#include "adapters/policy_ranges.h"
#include "adapters/policy_yaml.h"

#define AT(path) aver_policy_at(c->root, AVER_LIT(path))

static const struct aver_policy_node *child(const struct aver_policy_node *node, const char *key)
{
    return aver_policy_child(node, aver_bytes_str(key));
}

static bool is_map(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_MAP; }
static bool is_list(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_LIST; }
static bool is_true(const struct aver_policy_node *n)
{
    return n && n->kind == AVER_POLICY_BOOL && n->number;
}
static bool is_false(const struct aver_policy_node *n)
{
    return n && n->kind == AVER_POLICY_BOOL && !n->number;
}

static void check_dates(struct aver_policy_checking *c)
{
    const struct aver_policy_node *start = AT("plan.effective.start"), *end = AT("plan.effective.end");
    if (!start || !end || !start->kind || !end->kind || start->number <= end->number) return;
    char a[AVER_DAY_TEXT], b[AVER_DAY_TEXT];
    aver_policy_find_at(c, AVER_ERROR, "POLICY-DATES", end, "the plan ends on %s, before it begins on %s",
                        aver_day_iso(b, (aver_day)end->number), aver_day_iso(a, (aver_day)start->number));
}

/* The order of `networks` in the file: whoever is on no roster belongs to the last tier. */
static void check_networks(struct aver_policy_checking *c)
{
    const struct aver_policy_node *networks = AT("networks");
    const struct aver_yaml_node *file = aver_yaml_child(c->yaml, AVER_LIT("networks"));
    if (!is_map(networks)) return;
    if (!child(networks, "out_of_network"))
        aver_policy_find_at(
            c, AVER_ERROR, "POLICY-NETWORK", networks,
            "the last tier must be out_of_network, for providers on no roster; add `out_of_network: {}`");
    for (const struct aver_yaml_node *y = file->first; y; y = y->next) {
        const struct aver_policy_node *tier = aver_policy_child(networks, y->key);
        if (!is_map(tier)) continue;
        bool roster = child(tier, "roster") != NULL, last = aver_bytes_is(y->key, "out_of_network");
        if (last && roster)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-NETWORK", tier,
                                "out_of_network has no roster: every provider on no other one belongs to it");
        if (last && y->next)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-NETWORK", tier,
                                "out_of_network must be the last tier; move it down");
        if (!last && !roster)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-NETWORK", tier, "%.*s needs a roster; name its table",
                                AVER_STR(y->key));
    }
}

static void check_tiers(struct aver_policy_checking *c)
{
    static const char *const sections[] = {"fee_schedule", "balance_billing"};
    const struct aver_policy_node *networks = AT("networks"), *oop_max = AT("oop_max");
    if (!is_map(networks)) return;
    for (size_t t = 0; t < networks->count; t++) {
        aver_bytes tier = networks->children[t].key;
        for (size_t i = 0; i < 2; i++) {
            const struct aver_policy_node *section = child(c->root, sections[i]);
            if (is_map(section) && !aver_policy_child(section, tier))
                aver_policy_find_at(c, AVER_ERROR, "POLICY-TIER", section,
                                    "%s says nothing for the tier %.*s; add it", sections[i], AVER_STR(tier));
        }
        if ((!oop_max || oop_max->kind) && !aver_policy_child(oop_max, tier))
            aver_policy_find_at(
                c, AVER_WARNING, "POLICY-OOP", oop_max ? oop_max : networks,
                "no out-of-pocket maximum for the tier %.*s: nothing caps what a member pays there",
                AVER_STR(tier));
    }
}

static int id_order(const void *a, const void *b)
{
    const struct aver_policy_node *x = *(const struct aver_policy_node *const *)a;
    const struct aver_policy_node *y = *(const struct aver_policy_node *const *)b;
    int c = aver_bytes_cmp(x->text, y->text);
    return c ? c : x->parent < y->parent ? -1 : x->parent > y->parent; /* two items of one list */
}

static void check_ids(struct aver_policy_checking *c, const struct aver_policy_node *list)
{
    if (!is_list(list)) return;
    const struct aver_policy_node **ids =
        AVER_NEW_ARRAY(c->arena, const struct aver_policy_node *, list->count);
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct aver_policy_node *id = child(&list->children[i], "id");
        if (id && id->kind) ids[n++] = id;
    }
    if (n) qsort(ids, n, sizeof *ids, id_order);
    for (size_t i = 1; i < n; i++)
        if (aver_bytes_eq(ids[i - 1]->text, ids[i]->text))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-ID", ids[i],
                                "\"%.*s\" is the id of an entry already; give it another",
                                AVER_STR(ids[i]->text));
}

/* Each name in the list is a key of the map, and not `own`. */
static void check_names(struct aver_policy_checking *c, const struct aver_policy_node *list,
                        const struct aver_policy_node *map, const char *what, aver_bytes own)
{
    for (size_t i = 0; is_list(list) && is_map(map) && i < list->count; i++) {
        const struct aver_policy_node *name = &list->children[i];
        if (!name->kind) continue;
        if (own.ptr && aver_bytes_eq(name->text, own))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-NAME", name, "%.*s is the %s itself; take it out",
                                AVER_STR(name->text), what);
        else if (!aver_policy_child(map, name->text))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-NAME", name, "there is no %s %.*s here", what,
                                AVER_STR(name->text));
        for (size_t k = 0; k < i; k++)
            if (list->children[k].kind && aver_bytes_eq(list->children[k].text, name->text))
                aver_policy_find_at(c, AVER_ERROR, "POLICY-NAME", name, "%.*s stands twice",
                                    AVER_STR(name->text));
    }
}

static void check_family(struct aver_policy_checking *c, const struct aver_policy_node *section)
{
    if (!is_map(section) && !is_list(section)) return;
    for (size_t i = 0; i < section->count; i++) {
        const struct aver_policy_node *tier = &section->children[i];
        const struct aver_policy_node *one = child(tier, "individual"), *all = child(tier, "family");
        if (one && all && one->kind && all->kind && one->number > all->number) {
            char a[AVER_MONEY_TEXT], b[AVER_MONEY_TEXT];
            aver_policy_find_at(c, AVER_ERROR, "POLICY-FAMILY", one, "individual $%s is above family $%s",
                                aver_cents_text(a, one->number), aver_cents_text(b, all->number));
        }
        const struct aver_policy_node *rule = child(tier, "family_rule");
        if (rule && !all && aver_bytes_is(rule->text, "aggregate"))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-FAMILY", rule,
                                "aggregate counts the family's amount alone, and there is none; add family");
        else if (rule && !all)
            aver_policy_find_at(c, AVER_WARNING, "POLICY-FAMILY", rule,
                                "family_rule has no effect without a family amount");
        check_names(c, child(tier, "counts_to"), section, "tier", tier->key);
    }
}

static void check_year(struct aver_policy_checking *c)
{
    const struct aver_policy_node *kind = AT("plan.benefit_year"), *from = AT("plan.benefit_year_begins");
    const struct aver_policy_node *start = AT("plan.effective.start");
    if (!kind || !kind->kind) return;
    bool plan = aver_bytes_is(kind->text, "plan");
    if (from && !plan)
        aver_policy_find_at(c, AVER_ERROR, "POLICY-YEAR", from,
                            "a calendar year begins on January 1st; write benefit_year: plan");
    const struct aver_policy_node *first = from ? from : start;
    if (!plan || !first || !first->kind) return;
    struct aver_civil day = aver_day_civil((aver_day)first->number);
    if (day.month == 2 && day.day == 29)
        aver_policy_find_at(
            c, AVER_ERROR, "POLICY-YEAR", first,
            "no year begins on February 29th; name another day under plan.benefit_year_begins");
}

static void check_frequency(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = AT("frequency");
    check_ids(c, list);
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *rule = &list->children[i], *per = child(rule, "per");
        const struct aver_policy_node *window = child(rule, "window"), *unit = child(rule, "unit");
        if (!per || !per->kind) continue;
        bool rolling = aver_bytes_is(per->text, "rolling");
        if (rolling && (!window || !unit))
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-WINDOW", rule,
                "a limit that rolls is within a window; add window and unit, such as 24 and months");
        if (!rolling && (window || unit))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-WINDOW", window ? window : unit,
                                "only a limit that rolls has a window; write per: rolling, or take it out");
    }
}

static void check_maxima(struct aver_policy_checking *c)
{
    const struct aver_policy_node *maxima = AT("maxima"), *benefits = AT("benefits"), *tiers = AT("networks");
    check_family(c, maxima);
    check_ids(c, maxima);
    for (size_t i = 0; is_list(maxima) && i < maxima->count; i++) {
        const struct aver_policy_node *m = &maxima->children[i], *one = child(m, "individual");
        if (one && one->kind && one->number == 0)
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-MAXIMUM", one,
                "of a maximum of nothing nothing is paid; write covered: false at the benefits");
        check_names(c, child(m, "benefits"), benefits, "benefit", AVER_BYTES_NONE);
        check_names(c, child(m, "tiers"), tiers, "tier", AVER_BYTES_NONE);
    }
}

/* A deductible above what caps it is never taken in full. */
static void check_caps(struct aver_policy_checking *c)
{
    static const char *const whose[] = {"individual", "family"};
    const struct aver_policy_node *deductible = AT("deductible"), *oop_max = AT("oop_max");
    for (size_t i = 0; is_map(deductible) && is_map(oop_max) && i < deductible->count; i++) {
        const struct aver_policy_node *tier = &deductible->children[i];
        for (size_t k = 0; k < 2; k++) {
            const struct aver_policy_node *one = child(tier, whose[k]);
            const struct aver_policy_node *cap = child(aver_policy_child(oop_max, tier->key), whose[k]);
            char a[AVER_MONEY_TEXT], b[AVER_MONEY_TEXT];
            if (one && cap && one->kind && cap->kind && one->number > cap->number)
                aver_policy_find_at(
                    c, AVER_WARNING, "POLICY-OOP", one,
                    "the deductible $%s is above the out-of-pocket maximum $%s on line %zu, which cuts it off; lower it",
                    aver_cents_text(a, one->number), aver_cents_text(b, cap->number), (size_t)cap->line);
        }
    }
}

static void check_order(struct aver_policy_checking *c)
{
    static const char *const parts[] = {"copay", "deductible", "coinsurance"};
    const struct aver_policy_node *order = AT("cost_share.order");
    if (!is_list(order)) return;
    for (size_t p = 0; p < 3; p++) {
        size_t times = 0;
        for (size_t i = 0; i < order->count; i++) times += aver_bytes_is(order->children[i].text, parts[p]);
        if (times != 1)
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-ORDER", order,
                "%s stands %zu times in the order; name copay, deductible and coinsurance once each",
                parts[p], times);
    }
}

static void check_share(struct aver_policy_checking *c, const struct aver_policy_node *share)
{
    bool copay = child(share, "copay") != NULL, deductible = is_true(child(share, "deductible"));
    const struct aver_policy_node *deductibles = AT("deductible");
    if (copay && deductible && !AT("cost_share.order"))
        aver_policy_find_at(
            c, AVER_ERROR, "POLICY-ORDER", share,
            "copay and deductible together need an order; add cost_share.order, such as [copay, deductible, coinsurance]");
    if (deductible && (!deductibles || deductibles->kind) && !aver_policy_child(deductibles, share->key))
        aver_policy_find_at(c, AVER_ERROR, "POLICY-DEDUCTIBLE", child(share, "deductible"),
                            "the plan names no deductible for the tier %.*s; add deductible.%.*s",
                            AVER_STR(share->key), AVER_STR(share->key));
    const struct aver_policy_node *per = child(share, "copay_per");
    if (per && !copay)
        aver_policy_find_at(c, AVER_WARNING, "POLICY-COST-SHARE", per,
                            "copay_per has no effect without a copay");
    const struct aver_policy_node *rest = child(share, "copay_rest");
    if (rest && (!copay || (per && per->kind && aver_bytes_is(per->text, "line"))))
        aver_policy_find_at(c, AVER_WARNING, "POLICY-COST-SHARE", rest,
                            "copay_rest has no effect without a copay for a visit or a day");
}

static void check_benefit(struct aver_policy_checking *c, const struct aver_policy_node *benefit)
{
    const struct aver_policy_node *share = child(benefit, "cost_share"), *networks = AT("networks");
    const struct aver_policy_node *limit = child(benefit, "limit");
    if (is_false(child(benefit, "covered"))) {
        const struct aver_policy_node *unused = share   ? share
                                                : limit ? limit
                                                        : child(benefit, "waiting_period");
        if (unused)
            aver_policy_find_at(c, AVER_WARNING, "POLICY-COST-SHARE", unused,
                                "%.*s has no effect on a benefit that is not covered", AVER_STR(unused->key));
        return;
    }
    if (share && !is_map(share)) return;
    for (size_t t = 0; is_map(networks) && t < networks->count; t++) {
        const struct aver_policy_node *at = aver_policy_child(share, networks->children[t].key);
        if (!at)
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-COST-SHARE", share ? share : benefit,
                "no cost share for the tier %.*s; name it, as {} where the member pays nothing",
                AVER_STR(networks->children[t].key));
        else if (is_map(at))
            check_share(c, at);
    }
}

/* A list of providers that is looked up twice. */
static void check_barred(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = AT("barred_providers");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *table = child(&list->children[i], "table");
        for (size_t k = 0; table && table->kind && k < i; k++) {
            const struct aver_policy_node *earlier = child(&list->children[k], "table");
            if (!earlier || !earlier->kind || !aver_bytes_eq(earlier->text, table->text)) continue;
            aver_policy_find_at(c, AVER_WARNING, "POLICY-UNREACHABLE", table,
                                "%.*s is looked up on line %zu already; remove one of them",
                                AVER_STR(table->text), (size_t)earlier->line);
            break;
        }
    }
}

/* An entry that asks for nothing, or for no age that there is. */
static void check_edits(struct aver_policy_checking *c)
{
    static const char *const asks[] = {"age", "sex", "places", "diagnoses", "modifiers"};
    const struct aver_policy_node *list = AT("edits");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *edit = &list->children[i], *age = child(edit, "age");
        const struct aver_policy_node *from = child(age, "from"), *to = child(age, "to");
        size_t asked = 0;
        for (size_t k = 0; k < sizeof asks / sizeof *asks; k++) asked += child(edit, asks[k]) != NULL;
        if (is_map(edit) && !asked)
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-KEY", edit,
                "this asks nothing of its procedures; add age, sex, places, diagnoses or modifiers");
        if (is_map(age) && !from && !to)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-KEY", age, "an age has from, to, or both; add one");
        if (from && to && from->kind && to->kind && from->number > to->number)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-VALUE", from,
                                "nobody is %d or older and not older than %d; swap from and to",
                                (int)from->number, (int)to->number);
    }
}

/* Where the documents of the plan say what a value says. */
static void check_citations(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = AT("citations");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *path = child(&list->children[i], "of");
        if (!path || !path->kind) continue;
        const struct aver_policy_node *cited = aver_policy_at(c->root, path->text);
        if (!cited || cited == c->root || aver_bytes_is(cited->path, "citations"))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-CITATION", path,
                                "the policy has nothing at %.*s; write the path of a value or of a section",
                                AVER_STR(path->text));
        for (size_t k = 0; k < i; k++) {
            const struct aver_policy_node *earlier = child(&list->children[k], "of");
            if (!earlier || !earlier->kind || !aver_bytes_eq(earlier->text, path->text)) continue;
            aver_policy_find_at(c, AVER_ERROR, "POLICY-CITATION", path,
                                "%.*s has its source on line %zu already; keep one of them",
                                AVER_STR(path->text), (size_t)earlier->line);
            break;
        }
    }
}

void aver_policy_check(struct aver_policy_checking *c)
{
    check_citations(c);
    check_dates(c);
    check_networks(c);
    check_tiers(c);
    check_family(c, AT("deductible"));
    check_family(c, AT("oop_max"));
    check_year(c);
    check_maxima(c);
    check_frequency(c);
    check_caps(c);
    check_order(c);
    check_ids(c, AT("multiple_procedures"));
    check_ids(c, AT("protected"));
    check_ids(c, AT("edits"));
    check_ids(c, AT("barred_providers"));
    check_edits(c);
    check_barred(c);
    aver_policy_check_prices(c);
    aver_policy_check_lines(c);
    const struct aver_policy_node *benefits = AT("benefits");
    for (size_t i = 0; is_map(benefits) && i < benefits->count; i++)
        if (is_map(&benefits->children[i])) check_benefit(c, &benefits->children[i]);
    check_ids(c, AT("prior_auth"));
    check_ids(c, AT("exclusions"));
    aver_policy_check_codes(c);
    aver_policy_check_ranges(c);
}
