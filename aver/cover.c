/* aver/cover.c - see cover.h; and aver contract cover. */
#include "aver/cover.h"

#include <stdlib.h>
#include <string.h>

#include "aver/output.h"
#include "aver/suite.h"
#include "aver/verbs.h"

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

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static aver_err begin(void *user, struct aver_project *project) { return aver_cover_begin(user, project); }

static aver_err each(void *user, struct aver_case_result *result)
{
    aver_cover_add(user, result);
    return AVER_OK;
}

static void say(struct aver_command *cmd, const struct aver_cover_of *c, uint64_t percent)
{
    const struct aver_cover_row *row = c->rows.items;
    const struct aver_cover_code *code = c->codes.items;
    for (size_t i = 0; i < c->rows.count; i++)
        aver_print(cmd, "%8s  %s%s\n", row[i].hits ? aver_suite_count(&cmd->arena, row[i].hits) : "never",
                   aver_cover_name(c, &row[i]),
                   row[i].hits ? ""
                               : aver_arena_printf(&cmd->arena, "   (policy line %llu)",
                                                   (unsigned long long)row[i].line));
    aver_print(cmd, "policy rows %zu/%zu, %llu %%\nreason codes", aver_cover_reached(c), c->rows.count,
               (unsigned long long)percent);
    for (size_t i = 0; i < c->codes.count; i++)
        aver_print(cmd, " %s (%llu)", code[i].code, (unsigned long long)code[i].hits);
    aver_print(cmd, "\n");
}

static void json(struct aver_command *cmd, const struct aver_cover_of *c, uint64_t percent)
{
    const struct aver_cover_row *row = c->rows.items;
    const struct aver_cover_code *code = c->codes.items;
    struct aver_json_writer w;
    for (size_t i = 0; i < c->rows.count; i++) {
        w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "plan", row[i].plan);
        aver_json_field(&w, "row", row[i].path);
        if (row[i].id) aver_json_field_str(&w, "id", row[i].id);
        aver_json_field_uint(&w, "policy_line", row[i].line);
        aver_json_field_uint(&w, "reached", row[i].hits);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
    w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_uint(&w, "rows", c->rows.count);
    aver_json_field_uint(&w, "rows_reached", aver_cover_reached(c));
    aver_json_field_uint(&w, "percent", percent);
    aver_json_key(&w, "reason_codes");
    aver_json_begin_object(&w);
    for (size_t i = 0; i < c->codes.count; i++) aver_json_field_uint(&w, code[i].code, code[i].hits);
    aver_json_end_object(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_cover(struct aver_command *cmd)
{
    struct aver_cover_of c = {.cmd = cmd};
    struct aver_suite suite = {.cmd = cmd, .seed = 1, .user = &c, .begin = begin, .each = each};
    struct aver_list tests = {0};
    uint64_t min;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "min", 0, 100, 0, &min));
    AVER_CLI_TRY(cmd, aver_suite_run(&suite, cmd->args, cmd->args_count, &tests));
    uint64_t percent = c.rows.count ? aver_cover_reached(&c) * 100 / c.rows.count : 100;
    (cmd->json ? json : say)(cmd, &c, percent);
    if (percent >= min) return AVER_EXIT_DONE;
    aver_note(cmd, "%llu %% of the policy's rows are reached, and --min asks for %llu %%",
              (unsigned long long)percent, (unsigned long long)min);
    return AVER_EXIT_NO;
}

static const struct aver_option options[] = {
    {"min", "N", false, "exit 1 when less than N percent of the rows are reached", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_cover = {
    .name = "contract cover",
    .args = "[DIR]",
    .args_max = 1,
    .summary = "Lists the policy's rows and reason codes, and how often the tests reached each.",
    .more = "Rows: benefits by tier, their limits, networks, prior authorization, exclusions.",
    .options = options,
    .examples = {"aver contract cover summit-ppo", "aver contract cover summit-ppo --min 90 --json"},
    .run = run_cover,
};
