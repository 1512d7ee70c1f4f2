/* aver/policy_tables.c - see policy_tables.h. */
#include "aver/policy_tables.h"

static void add(struct aver_arena *arena, struct aver_list *out, const struct aver_policy_node *node)
{
    if (node && node->kind == AVER_POLICY_TEXT)
        *(const struct aver_policy_node **)aver_list_add(arena, out, sizeof(void *)) = node;
}

/* `key` of each child of `map`. */
static void add_each(struct aver_arena *arena, struct aver_list *out, const struct aver_policy_node *map,
                     aver_bytes key)
{
    for (size_t i = 0; map && i < map->count; i++) add(arena, out, aver_policy_child(&map->children[i], key));
}

struct aver_list aver_policy_tables(struct aver_arena *arena, const struct aver_policy_loaded *policy)
{
    struct aver_list out = {0};
    add_each(arena, &out, aver_policy_child(&policy->root, AVER_LIT("fee_schedule")), AVER_LIT("table"));
    const struct aver_policy_node *tiers = aver_policy_child(&policy->root, AVER_LIT("fee_schedule"));
    for (size_t i = 0; tiers && i < tiers->count; i++) {
        const struct aver_policy_node *tier = &tiers->children[i];
        add(arena, &out, aver_policy_at(tier, AVER_LIT("drugs.table")));
        add(arena, &out, aver_policy_at(tier, AVER_LIT("rbrvs.rvus")));
        add(arena, &out, aver_policy_at(tier, AVER_LIT("rbrvs.gpcis")));
        add_each(arena, &out, aver_policy_child(tier, AVER_LIT("case_rates")), AVER_LIT("table"));
        add_each(arena, &out, aver_policy_child(tier, AVER_LIT("per_diem")), AVER_LIT("table"));
    }
    add(arena, &out, aver_policy_at(&policy->root, AVER_LIT("localities.table")));
    add_each(arena, &out, aver_policy_child(&policy->root, AVER_LIT("networks")), AVER_LIT("roster"));
    const struct aver_policy_node *ncci = aver_policy_child(&policy->root, AVER_LIT("ncci"));
    add_each(arena, &out, ncci, AVER_LIT("table"));
    add_each(arena, &out, ncci, AVER_LIT("institutional_table"));
    add_each(arena, &out, aver_policy_child(&policy->root, AVER_LIT("barred_providers")), AVER_LIT("table"));
    add(arena, &out, aver_policy_at(&policy->root, AVER_LIT("code_sets.procedures")));
    add(arena, &out, aver_policy_at(&policy->root, AVER_LIT("code_sets.revenue_codes")));
    return out;
}
