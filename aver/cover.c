/* aver/cover.c - see cover.h. */
#include "aver/cover.h"

#include <stdlib.h>
#include <string.h>

#include "aver/output.h"

/* ---- gathering ------------------------------------------------------------------------------------------------------- */

static void add_row(struct aver_cover_of *c, aver_bytes plan, const struct aver_policy_node *node)
{
    const struct aver_policy_node *id = aver_policy_child(node, AVER_LIT("id"));
    struct aver_cover_row *row = aver_list_add(&c->cmd->arena, &c->rows, sizeof *row);
    *row = (struct aver_cover_row){.plan = plan, .path = node->path, .line = node->line};
    if (id) row->id = aver_arena_printf(&c->cmd->arena, "%.*s", AVER_STR(id->text));
}

static void add_children(struct aver_cover_of *c, aver_bytes plan, const struct aver_policy_node *node)
{
    for (size_t i = 0; node && i < node->count; i++) add_row(c, plan, &node->children[i]);
}

static int by_line(const void *a, const void *b)
{
    const struct aver_cover_row *x = a, *y = b;
    int plan = aver_bytes_cmp(x->plan, y->plan);
    if (plan) return plan;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : aver_bytes_cmp(x->path, y->path);
}

aver_err aver_cover_begin(struct aver_cover_of *c, struct aver_project *project)
{
    struct aver_list policies = {0};
    AVER_TRY(aver_project_policies(project, &c->cmd->arena, &policies, &c->cmd->why));
    const struct aver_policy_loaded *p = policies.items;
    for (size_t i = 0; i < policies.count; i++) {
        aver_bytes plan = p[i].policy.plan_id;
        const struct aver_policy_node *benefits = aver_policy_child(&p[i].root, AVER_LIT("benefits"));
        for (size_t k = 0; benefits && k < benefits->count; k++) {
            const struct aver_policy_node *b = &benefits->children[k];
            const struct aver_policy_node *share = aver_policy_child(b, AVER_LIT("cost_share"));
            const struct aver_policy_node *limit = aver_policy_child(b, AVER_LIT("limit"));
            if (!share) add_row(c, plan, b);
            add_children(c, plan, share);
            if (limit) add_row(c, plan, limit);
        }
        add_children(c, plan, aver_policy_child(&p[i].root, AVER_LIT("networks")));
        add_children(c, plan, aver_policy_child(&p[i].root, AVER_LIT("prior_auth")));
        add_children(c, plan, aver_policy_child(&p[i].root, AVER_LIT("exclusions")));
    }
    if (c->rows.count) qsort(c->rows.items, c->rows.count, sizeof(struct aver_cover_row), by_line);
    return AVER_OK;
}

/* The row itself, or something in it. */
static bool within(aver_bytes path, aver_bytes row)
{
    return path.len >= row.len && row.len && !memcmp(path.ptr, row.ptr, row.len) &&
           (path.len == row.len || path.ptr[row.len] == '.');
}

static void hit(struct aver_cover_of *c, aver_bytes plan, aver_bytes path)
{
    struct aver_cover_row *row = c->rows.items;
    for (size_t i = 0; path.len && i < c->rows.count; i++)
        if (aver_bytes_eq(row[i].plan, plan) && within(path, row[i].path)) row[i].hits++;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct aver_cover_code *)a)->code, ((const struct aver_cover_code *)b)->code);
}

static void hit_code(struct aver_cover_of *c, const struct aver_adjustment *a)
{
    const char *code = aver_reason_words(&c->cmd->arena, a);
    struct aver_cover_code *known = c->codes.items;
    for (size_t i = 0; i < c->codes.count; i++)
        if (!strcmp(known[i].code, code)) {
            known[i].hits++;
            return;
        }
    *(struct aver_cover_code *)aver_list_add(&c->cmd->arena, &c->codes, sizeof *known) =
        (struct aver_cover_code){code, 1};
    qsort(c->codes.items, c->codes.count, sizeof *known, by_code);
}

static void add_line(struct aver_cover_of *c, aver_bytes plan, const struct aver_line_decision *l)
{
    const struct aver_adjustment *a = l->adjustments.items;
    for (size_t i = 0; i < l->adjustments.count; i++) {
        hit(c, plan, a[i].because);
        hit_code(c, &a[i]);
    }
    hit(c, plan, l->because);
    if (l->tier.ptr)
        hit(c, plan, aver_bytes_str(aver_arena_printf(&c->cmd->arena, "networks.%.*s", AVER_STR(l->tier))));
    if (l->benefit.ptr && l->status == AVER_LINE_DECIDED)
        hit(c, plan,
            aver_bytes_str(aver_arena_printf(&c->cmd->arena, "%.*s.cost_share.%.*s", AVER_STR(l->benefit),
                                             AVER_STR(l->tier))));
}

void aver_cover_add(struct aver_cover_of *c, const struct aver_case_result *result)
{
    const struct aver_case_claim *claim = result->claims.items;
    for (size_t i = 0; i < result->claims.count; i++) {
        const struct aver_decision *d = claim[i].found.decision;
        const struct aver_line_decision *l = d->lines.items;
        for (size_t k = 0; k < d->lines.count; k++) add_line(c, d->plan, &l[k]);
    }
}

size_t aver_cover_reached(const struct aver_cover_of *c)
{
    const struct aver_cover_row *row = c->rows.items;
    size_t n = 0;
    for (size_t i = 0; i < c->rows.count; i++) n += row[i].hits > 0;
    return n;
}

const char *aver_cover_name(const struct aver_cover_of *c, const struct aver_cover_row *row)
{
    return aver_arena_printf(&c->cmd->arena, "%.*s%s%s%s", AVER_STR(row->path), row->id ? " (" : "",
                             row->id ? row->id : "", row->id ? ")" : "");
}
