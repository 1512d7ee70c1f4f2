/* adapters/policy_lines.c - see policy_lines.h. Parts that could not be read (kind 0) are reported already. */
#include "adapters/policy_lines.h"

static const struct aver_policy_node *child(const struct aver_policy_node *node, const char *key)
{
    return aver_policy_child(node, aver_bytes_str(key));
}

static bool is_map(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_MAP; }

static void check_entry(struct aver_policy_checking *c, const struct aver_policy_node *entry, bool stays)
{
    if (!is_map(entry) || child(entry, "procedures") || child(entry, "revenue_codes") ||
        (stays && child(entry, "drgs")))
        return;
    aver_policy_find_at(c, AVER_ERROR, "POLICY-KEY", entry,
                        "the key procedures is missing, and nothing else says which services are meant; add "
                        "procedures, revenue_codes%s",
                        stays ? " or drgs" : " or both");
}

static void check_entries(struct aver_policy_checking *c, const struct aver_policy_node *list, bool stays)
{
    for (size_t i = 0; list && list->kind == AVER_POLICY_LIST && i < list->count; i++)
        check_entry(c, &list->children[i], stays);
}

/* A DRG's rate is for all lines of a claim; what a rate for some lines says of the others has no place there. */
static void check_stay(struct aver_policy_checking *c, const struct aver_policy_node *rate)
{
    static const char *const of_services[] = {"procedures", "revenue_codes", "includes"},
                             *const of_stays[] = {"carve_outs", "stop_loss"};
    bool stay = child(rate, "drgs") != NULL;
    for (size_t i = 0; stay && i < sizeof of_services / sizeof of_services[0]; i++)
        if (child(rate, of_services[i]))
            aver_policy_find_at(
                c, AVER_ERROR, "POLICY-PRICE", child(rate, of_services[i]),
                "a rate for DRGs pays for the whole stay, but for its carve_outs; take %s out",
                of_services[i]);
    for (size_t i = 0; !stay && i < sizeof of_stays / sizeof of_stays[0]; i++)
        if (child(rate, of_stays[i]))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", child(rate, of_stays[i]),
                                "only a rate for DRGs has %s; add drgs, or take it out", of_stays[i]);
    if (child(rate, "base_rate") && !child(rate, "table"))
        aver_policy_find_at(c, AVER_ERROR, "POLICY-PRICE", child(rate, "base_rate"),
                            "a base rate is multiplied with the weights of a table; name the table");
}

void aver_policy_check_lines(struct aver_policy_checking *c)
{
    static const char *const lists[] = {"exclusions", "prior_auth", "edits", "frequency"};
    const struct aver_policy_node *benefits = child(c->root, "benefits"),
                                  *tiers = child(c->root, "fee_schedule"),
                                  *sets = child(c->root, "code_sets");
    for (size_t i = 0; is_map(benefits) && i < benefits->count; i++)
        check_entry(c, child(&benefits->children[i], "match"), false);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        check_entries(c, child(c->root, lists[i]), false);
    check_entry(c, sets, false);
    for (size_t t = 0; is_map(tiers) && t < tiers->count; t++) {
        const struct aver_policy_node *cases = child(&tiers->children[t], "case_rates");
        check_entries(c, cases, true);
        check_entries(c, child(&tiers->children[t], "per_diem"), false);
        for (size_t i = 0; cases && cases->kind == AVER_POLICY_LIST && i < cases->count; i++)
            if (is_map(&cases->children[i])) check_stay(c, &cases->children[i]);
    }
}
