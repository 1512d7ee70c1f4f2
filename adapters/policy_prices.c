/* adapters/policy_prices.c - see policy_prices.h. Parts that could not be read (kind 0) are reported already. */
#include "adapters/policy_prices.h"

static const struct aver_policy_node *child(const struct aver_policy_node *node, const char *key)
{
    return aver_policy_child(node, aver_bytes_str(key));
}

static bool is_list(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_LIST; }

static bool is_map(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_MAP; }

/* An agreed rate is a sum or a table's. */
static void check_rates(struct aver_policy_checking *c, const struct aver_policy_node *list)
{
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *item = &list->children[i], *rate = child(item, "rate"),
                                      *table = child(item, "table");
        if (!is_map(item) || !rate != !table) continue;
        aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", rate ? rate : item,
                            "a rate is a sum or stands in a table; write rate or table, one of both");
    }
}

/* The one way in which the tier prices what no agreed rate does; NULL where there is none, or a second one in *other. */
static const struct aver_policy_node *way_of(const struct aver_policy_node *tier,
                                             const struct aver_policy_node **other)
{
    static const char *const ways[] = {"table", "rbrvs", "percent_of_charge"};
    const struct aver_policy_node *way = NULL;
    *other = NULL;
    for (size_t i = 0; i < 3; i++) {
        const struct aver_policy_node *one = child(tier, ways[i]);
        if (one && way) *other = one;
        if (one && !way) way = one;
    }
    return way;
}

/* Every tier is priced in one way. */
static void check_schedules(struct aver_policy_checking *c)
{
    const struct aver_policy_node *fees = child(c->root, "fee_schedule");
    for (size_t i = 0; is_map(fees) && i < fees->count; i++) {
        const struct aver_policy_node *tier = &fees->children[i], *other, *percent = child(tier, "percent");
        if (!is_map(tier)) continue;
        const struct aver_policy_node *way = way_of(tier, &other);
        check_rates(c, child(tier, "case_rates"));
        check_rates(c, child(tier, "per_diem"));
        if (other)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", other,
                                "the tier %.*s is priced by the %.*s on line %zu already; keep one of them",
                                AVER_STR(tier->key), AVER_STR(way->key), (size_t)way->line);
        else if (!way)
            aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", tier,
                                "the tier %.*s has no price; name its table, rbrvs, or percent_of_charge",
                                AVER_STR(tier->key));
        else if (percent && aver_bytes_is(way->key, "percent_of_charge"))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", percent,
                                "percent is of a table; write percent_of_charge alone");
        if (child(tier, "rbrvs") && !child(c->root, "localities"))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", child(tier, "rbrvs"),
                                "relative values are paid by locality; name the table of localities, such as "
                                "localities: {table: localities}");
    }
}

/* A line takes the percentage of each of its modifiers once. */
static void check_modifiers(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = child(c->root, "modifier_prices");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *modifier = child(&list->children[i], "modifier");
        for (size_t k = 0; modifier && modifier->kind && k < i; k++) {
            const struct aver_policy_node *earlier = child(&list->children[k], "modifier");
            if (!earlier || !earlier->kind || !aver_bytes_eq(earlier->text, modifier->text)) continue;
            aver_policy_find_at(c, AVER_ERROR, "POLICY-ID", modifier,
                                "modifier %.*s has its percentage on line %zu already; keep one of them",
                                AVER_STR(modifier->text), (size_t)earlier->line);
            break;
        }
    }
}

static void check_protected(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = child(c->root, "protected"), *networks = child(c->root, "networks");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *item = &list->children[i], *tier = child(item, "tier");
        if (item->kind != AVER_POLICY_MAP) continue;
        if (tier && tier->kind && networks && networks->kind == AVER_POLICY_MAP &&
            (!aver_policy_child(networks, tier->text) || aver_bytes_is(tier->text, "out_of_network")))
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-TIER", tier,
                "%.*s is no tier that protects; name the one of networks whose cost share the member owes",
                AVER_STR(tier->text));
        if (!child(item, "places") && !child(item, "procedures") && !child(item, "revenue_codes"))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-KEY", item,
                                "this protects every service; add places, procedures or revenue_codes");
    }
}

/* A list whose percentages are all the whole takes nothing off. */
static void check_multiple(struct aver_policy_checking *c)
{
    const struct aver_policy_node *list = child(c->root, "multiple_procedures");
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *percents = child(&list->children[i], "percents");
        bool takes = !is_list(percents);
        for (size_t k = 1; is_list(percents) && k < percents->count; k++)
            if (percents->children[k - 1].kind &&
                percents->children[k].number > percents->children[k - 1].number) {
                aver_policy_find_at(
                    c, AVER_WARNING, "POLICY-PRICE", &percents->children[k],
                    "a cheaper procedure keeps more of its price than a dearer one; write the percentages from "
                    "the greatest down");
                break;
            }
        for (size_t k = 0; is_list(percents) && k < percents->count; k++)
            takes |= !percents->children[k].kind || percents->children[k].number < 10000;
        if (!takes)
            aver_policy_find_at(
                c, AVER_WARNING, "POLICY-UNREACHABLE", percents,
                "100 %% takes nothing off; write the part that stays for each rank, such as [100 %%, 50 %%]");
    }
}

void aver_policy_check_prices(struct aver_policy_checking *c)
{
    check_schedules(c);
    check_modifiers(c);
    check_multiple(c);
    check_protected(c);
}
