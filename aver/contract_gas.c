/* aver/contract_gas.c - aver contract gas: what each test costs, by stage; kept in a file, and compared with it. */
#include <stdlib.h>
#include <string.h>

#include "aver/files.h"
#include "aver/output.h"
#include "aver/suite.h"
#include "aver/verbs.h"
#include "vm/vm.h"

#define SNAPSHOT_NAME "gas.snapshot"
#define SNAPSHOT_MAX  (1 << 20)
#define SNAPSHOT_HEAD                                                                                        \
    "# aver contract gas --snapshot; by gas prices %d. eligibility coverage payout, then the test.\n"

struct cost {
    const char *test; /* "cost-share: the title" */
    uint64_t stage[AVER_STAGE_HOST], gas;
};
struct costing {
    struct aver_command *cmd;
    struct aver_list costs; /* of struct cost, in the order run */
    const char *dir;
};

static aver_err begin(void *user, struct aver_project *project)
{
    ((struct costing *)user)->dir = project->dir;
    return AVER_OK;
}

static aver_err each(void *user, struct aver_case_result *result)
{
    struct costing *c = user;
    struct cost *cost = aver_list_add(&c->cmd->arena, &c->costs, sizeof *cost);
    memcpy(cost->stage, result->stage_gas, sizeof cost->stage);
    cost->gas = result->gas;
    cost->test = aver_arena_printf(&c->cmd->arena, "%s: %.*s", aver_suite_group(c->cmd, result->test),
                                   AVER_STR(result->test->title));
    return AVER_OK;
}

static const struct cost *find(const struct aver_list *costs, const char *test)
{
    const struct cost *c = costs->items;
    for (size_t i = 0; i < costs->count; i++)
        if (!strcmp(c[i].test, test)) return &c[i];
    return NULL;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static void json_cost(struct aver_command *cmd, const struct cost *c)
{
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "test", c->test);
    for (size_t s = AVER_STAGE_ELIGIBILITY; s < AVER_STAGE_HOST; s++)
        aver_json_field_uint(&w, aver_stage_names[s], c->stage[s]);
    aver_json_field_uint(&w, "gas", c->gas);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static void say_cost(struct aver_command *cmd, const struct cost *c)
{
    struct aver_arena *arena = &cmd->arena;
    aver_print(cmd, "%12s %12s %12s %12s   %s\n", aver_suite_count(arena, c->gas),
               aver_suite_count(arena, c->stage[AVER_STAGE_ELIGIBILITY]),
               aver_suite_count(arena, c->stage[AVER_STAGE_COVERAGE]),
               aver_suite_count(arena, c->stage[AVER_STAGE_PAYOUT]), c->test);
}

static int say_all(struct costing *g)
{
    const struct cost *c = g->costs.items;
    struct cost sum = {.test = "all tests"};
    if (!g->cmd->json)
        aver_print(g->cmd, "%12s %12s %12s %12s   %s\n", "gas", "eligibility", "coverage", "payout", "test");
    for (size_t i = 0; i < g->costs.count; i++) {
        (g->cmd->json ? json_cost : say_cost)(g->cmd, &c[i]);
        for (size_t s = 0; s < AVER_STAGE_HOST; s++) sum.stage[s] += c[i].stage[s];
        sum.gas += c[i].gas;
    }
    (g->cmd->json ? json_cost : say_cost)(g->cmd, &sum);
    return AVER_EXIT_DONE;
}

/* ---- the snapshot ---------------------------------------------------------------------------------------------------- */

static const char *snapshot_path(struct costing *g)
{
    return aver_arena_printf(&g->cmd->arena, "%s/%s", g->dir, SNAPSHOT_NAME);
}

static void json_sum(struct costing *g, const char *path, size_t differences)
{
    struct aver_json_writer w = aver_json_line(g->cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "snapshot", path);
    aver_json_field_uint(&w, "tests", g->costs.count);
    aver_json_field_uint(&w, "differ", differences);
    aver_json_end_object(&w);
    aver_json_end_line(g->cmd, &w);
}

static int write_snapshot(struct costing *g)
{
    const struct cost *c = g->costs.items;
    const char *path = snapshot_path(g);
    struct aver_buf out = {0};
    aver_buf_printf(&out, SNAPSHOT_HEAD, AVER_GAS_TABLE_VERSION);
    for (size_t i = 0; i < g->costs.count; i++) {
        for (size_t s = AVER_STAGE_ELIGIBILITY; s < AVER_STAGE_HOST; s++)
            aver_buf_printf(&out, "%llu ", (unsigned long long)c[i].stage[s]);
        aver_buf_printf(&out, "%s\n", c[i].test);
    }
    aver_err err = aver_path_write(path, aver_buf_view(&out), 0644, true, &g->cmd->why);
    aver_buf_free(&out);
    AVER_CLI_TRY(g->cmd, err);
    if (g->cmd->json)
        json_sum(g, path, 0);
    else
        aver_print(g->cmd, "%s: %zu tests\n", path, g->costs.count);
    return AVER_EXIT_DONE;
}

static aver_bytes cut_before(aver_bytes *rest, char end)
{
    const uint8_t *p = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    aver_bytes head = p ? aver_bytes_cut(*rest, 0, (size_t)(p - rest->ptr)) : *rest;
    *rest = p ? aver_bytes_cut(*rest, head.len + 1, rest->len - head.len - 1) : AVER_BYTES_NONE;
    return head;
}

static aver_err read_snapshot(struct costing *g, struct aver_list *costs)
{
    const char *path = snapshot_path(g);
    struct aver_buf bytes = {0};
    aver_err err = aver_path_read(&bytes, path, SNAPSHOT_MAX, &g->cmd->why);
    aver_bytes text = aver_arena_copy(&g->cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    for (unsigned number = 1; text.len; number++) {
        aver_bytes line = cut_before(&text, '\n');
        if (!line.len || line.ptr[0] == '#') continue;
        struct cost *c = aver_list_add(&g->cmd->arena, costs, sizeof *c);
        for (size_t s = AVER_STAGE_ELIGIBILITY; err == AVER_OK && s < AVER_STAGE_HOST; s++) {
            err = aver_bytes_u64(&c->stage[s], cut_before(&line, ' '));
            c->gas += c->stage[s];
        }
        if (err != AVER_OK || !line.len)
            return aver_fail(&g->cmd->why, AVER_E_INPUT, "GAS-SNAPSHOT",
                             aver_arena_printf(&g->cmd->arena, "%s:%u", path, number),
                             "a line is three counts and the test; make the file again with --snapshot");
        c->test = aver_arena_printf(&g->cmd->arena, "%.*s", AVER_STR(line));
    }
    return AVER_OK;
}

/* NULL where a test is in one of both only. */
static void say_difference(struct aver_command *cmd, const struct cost *before, const struct cost *after)
{
    const struct cost none = {0}, *b = before ? before : &none, *a = after ? after : &none;
    const char *test = after ? after->test : before->test;
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "test", test);
        if (before) aver_json_field_uint(&w, "before", before->gas);
        if (after) aver_json_field_uint(&w, "after", after->gas);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    if (!before || !after) {
        aver_print(cmd, "%s   %s\n", before ? "gone" : "new ", test);
        return;
    }
    aver_print(cmd, "%s -> %s (%+lld:", aver_suite_count(&cmd->arena, b->gas),
               aver_suite_count(&cmd->arena, a->gas), (long long)a->gas - (long long)b->gas);
    for (size_t s = AVER_STAGE_ELIGIBILITY; s < AVER_STAGE_HOST; s++)
        if (a->stage[s] != b->stage[s])
            aver_print(cmd, " %s %+lld", aver_stage_names[s],
                       (long long)a->stage[s] - (long long)b->stage[s]);
    aver_print(cmd, ")   %s\n", test);
}

static int check_snapshot(struct costing *g)
{
    struct aver_list kept = {0};
    size_t differences = 0;
    AVER_CLI_TRY(g->cmd, read_snapshot(g, &kept));
    const struct cost *now = g->costs.items, *before = kept.items;
    for (size_t i = 0; i < g->costs.count; i++) {
        const struct cost *b = find(&kept, now[i].test);
        if (b && !memcmp(b->stage, now[i].stage, sizeof b->stage)) continue;
        say_difference(g->cmd, b, &now[i]);
        differences++;
    }
    for (size_t i = 0; i < kept.count; i++)
        if (!find(&g->costs, before[i].test)) {
            say_difference(g->cmd, &before[i], NULL);
            differences++;
        }
    if (g->cmd->json)
        json_sum(g, snapshot_path(g), differences);
    else if (!differences)
        aver_print(g->cmd, "%zu tests, the gas of each as in the snapshot\n", g->costs.count);
    if (!differences) return AVER_EXIT_DONE;
    aver_note(g->cmd, "%zu tests differ from %s; --snapshot takes the new counts over", differences,
              snapshot_path(g));
    return AVER_EXIT_NO;
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static int run_gas(struct aver_command *cmd)
{
    struct costing g = {.cmd = cmd};
    struct aver_suite suite = {.cmd = cmd, .seed = 1, .user = &g, .begin = begin, .each = each};
    struct aver_list tests = {0};
    bool keep = aver_flag(cmd, "snapshot"), check = aver_flag(cmd, "check");
    if (keep && check) AVER_CLI_TRY(cmd, aver_usage(cmd, "--snapshot writes and --check compares: give one"));
    AVER_CLI_TRY(cmd, aver_suite_run(&suite, cmd->args, cmd->args_count, &tests));
    return keep ? write_snapshot(&g) : check ? check_snapshot(&g) : say_all(&g);
}

static const struct aver_option options[] = {
    {"snapshot", NULL, false, "write DIR/gas.snapshot", NULL},
    {"check", NULL, false, "compare with DIR/gas.snapshot; exit 1 when a test differs", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_gas = {
    .name = "contract gas",
    .args = "[DIR]",
    .args_max = 1,
    .summary = "Says what gas each test costs, by stage.",
    .options = options,
    .examples = {"aver contract gas summit-ppo --snapshot", "aver contract gas summit-ppo --check --json"},
    .run = run_gas,
};
