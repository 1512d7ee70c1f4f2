/* aver/contract_gas.c - aver contract gas: what each test costs, by stage; kept in a file, and compared with it;
 * or each line, or claims by their size. */
#include <stdlib.h>
#include <string.h>

#include "aver/files.h"
#include "aver/lines.h"
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
struct size { /* the claims of one number of lines */
    uint64_t lines, claims, least, most, sum;
};
struct costing {
    struct aver_command *cmd;
    struct aver_list costs; /* of struct cost, in the order run */
    struct aver_list sizes; /* of struct size, by lines */
    struct aver_lines_of lines;
    const char *dir;
};

static aver_err begin(void *user, struct aver_project *project)
{
    ((struct costing *)user)->dir = project->dir;
    return AVER_OK;
}

static aver_err end(void *user, struct aver_project *project)
{
    return aver_lines_add(&((struct costing *)user)->lines, project);
}

static void add_size(struct costing *c, uint64_t lines, uint64_t gas)
{
    struct size *s = c->sizes.items;
    size_t at = 0;
    while (at < c->sizes.count && s[at].lines < lines) at++;
    if (at == c->sizes.count || s[at].lines != lines) {
        aver_list_add(&c->cmd->arena, &c->sizes, sizeof *s);
        s = c->sizes.items;
        memmove(&s[at + 1], &s[at], (c->sizes.count - 1 - at) * sizeof *s);
        s[at] = (struct size){.lines = lines, .least = UINT64_MAX};
    }
    s[at].claims++;
    s[at].sum += gas;
    if (gas < s[at].least) s[at].least = gas;
    if (gas > s[at].most) s[at].most = gas;
}

static aver_err each(void *user, struct aver_case_result *result)
{
    struct costing *c = user;
    const struct aver_case_claim *claim = result->claims.items;
    for (size_t i = 0; i < result->claims.count; i++)
        add_size(c, claim[i].found.claim.lines.count, claim[i].found.decision->gas);
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

/* ---- by line, and by size -------------------------------------------------------------------------------------------- */

struct line_cost {
    const struct aver_lines_file *file;
    size_t number;
    uint64_t runs, gas;
};

static int dearest_first(const void *a, const void *b)
{
    const struct line_cost *x = a, *y = b;
    if (x->gas != y->gas) return x->gas < y->gas ? 1 : -1;
    int by_file = strcmp(x->file->path, y->file->path);
    return by_file ? by_file : x->number < y->number ? -1 : 1;
}

static void say_line(struct costing *g, const struct line_cost *c, uint64_t all)
{
    struct aver_arena *arena = &g->cmd->arena;
    aver_bytes text = c->number ? aver_lines_text(c->file, c->number) : AVER_LIT("(an execution as such)");
    if (g->cmd->json) {
        struct aver_json_writer w = aver_json_line(g->cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", c->file->path);
        aver_json_field_uint(&w, "line", c->number);
        aver_json_field_uint(&w, "runs", c->runs);
        aver_json_field_uint(&w, "gas", c->gas);
        aver_json_field(&w, "source", text);
        aver_json_end_object(&w);
        aver_json_end_line(g->cmd, &w);
        return;
    }
    const char *place =
        c->number ? aver_arena_printf(arena, "%s:%zu", c->file->path, c->number) : c->file->path;
    aver_print(g->cmd, "%12s %4llu.%llu %% %9s   %s  %.*s\n", aver_suite_count(arena, c->gas),
               (unsigned long long)(c->gas * 1000 / all / 10), (unsigned long long)(c->gas * 1000 / all % 10),
               c->number ? aver_suite_count(arena, c->runs) : "", place, AVER_STR(text));
}

static int say_lines(struct costing *g)
{
    struct aver_list costs = {0};
    const struct aver_lines_file *f = g->lines.files.items;
    uint64_t all = 0;
    for (size_t i = 0; i < g->lines.files.count; i++)
        for (size_t n = 0; n < f[i].count; n++) {
            if (!f[i].line[n].gas) continue;
            all += f[i].line[n].gas;
            *(struct line_cost *)aver_list_add(&g->cmd->arena, &costs, sizeof(struct line_cost)) =
                (struct line_cost){&f[i], n, f[i].line[n].runs, f[i].line[n].gas};
        }
    const struct line_cost *c = costs.items;
    if (costs.count) qsort(costs.items, costs.count, sizeof *c, dearest_first);
    if (!g->cmd->json) aver_print(g->cmd, "%12s %8s %9s   line\n", "gas", "of all", "runs");
    for (size_t i = 0; i < costs.count; i++) say_line(g, &c[i], all);
    if (!g->cmd->json)
        aver_print(g->cmd, "%12s   all lines, in all runs of the tests\n",
                   aver_suite_count(&g->cmd->arena, all));
    return AVER_EXIT_DONE;
}

static int say_sizes(struct costing *g)
{
    struct aver_arena *arena = &g->cmd->arena;
    const struct size *s = g->sizes.items;
    if (!g->cmd->json)
        aver_print(g->cmd, "%6s %8s %12s %12s %12s %14s\n", "lines", "claims", "least gas", "mean", "most",
                   "mean a line");
    for (size_t i = 0; i < g->sizes.count; i++) {
        uint64_t mean = s[i].sum / s[i].claims;
        if (!g->cmd->json) {
            aver_print(g->cmd, "%6llu %8s %12s %12s %12s %14s\n", (unsigned long long)s[i].lines,
                       aver_suite_count(arena, s[i].claims), aver_suite_count(arena, s[i].least),
                       aver_suite_count(arena, mean), aver_suite_count(arena, s[i].most),
                       aver_suite_count(arena, mean / s[i].lines));
            continue;
        }
        struct aver_json_writer w = aver_json_line(g->cmd);
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "lines", s[i].lines);
        aver_json_field_uint(&w, "claims", s[i].claims);
        aver_json_field_uint(&w, "least", s[i].least);
        aver_json_field_uint(&w, "mean", mean);
        aver_json_field_uint(&w, "most", s[i].most);
        aver_json_end_object(&w);
        aver_json_end_line(g->cmd, &w);
    }
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
    aver_note(g->cmd, "%zu test%s from %s; --snapshot takes the new counts over", differences,
              differences == 1 ? " differs" : "s differ", snapshot_path(g));
    return AVER_EXIT_NO;
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static int run_gas(struct aver_command *cmd)
{
    struct costing g = {.cmd = cmd, .lines = {.cmd = cmd}};
    struct aver_suite suite = {
        .cmd = cmd, .seed = 1, .runs = AVER_SUITE_RUNS, .user = &g, .begin = begin, .each = each, .end = end};
    struct aver_list tests = {0};
    static const struct {
        const char *option;
        int (*say)(struct costing *g);
    } ways[] = {
        {"snapshot", write_snapshot}, {"check", check_snapshot}, {"lines", say_lines}, {"sizes", say_sizes}};
    int (*way)(struct costing * g) = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!aver_flag(cmd, ways[i].option)) continue;
        if (way) AVER_CLI_TRY(cmd, aver_usage(cmd, "of --snapshot, --check, --lines and --sizes give one"));
        way = ways[i].say;
    }
    AVER_CLI_TRY(cmd, aver_suite_run(&suite, cmd->args, cmd->args_count, &tests));
    return way ? way(&g) : say_all(&g);
}

static const struct aver_option options[] = {
    {"snapshot", NULL, false, "write DIR/gas.snapshot", NULL},
    {"check", NULL, false, "compare with DIR/gas.snapshot; exit 1 when a test differs", NULL},
    {"lines", NULL, false, "by line of the contracts instead, the dearest first", NULL},
    {"sizes", NULL, false, "by the number of lines of a claim instead", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_gas = {
    .name = "contract gas",
    .args = "[DIR]",
    .args_max = 1,
    .summary =
        "Says what gas each test costs, by stage; or each line of the contracts, or claims of each size.",
    .options = options,
    .examples = {"aver contract gas summit-ppo --lines", "aver contract gas summit-ppo --check --json"},
    .run = run_gas,
};
