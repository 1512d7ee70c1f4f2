/* aver/contract_test.c - aver contract test: runs tables and tests in Lua against the contracts of a directory, and shows what differs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aver/cover.h"
#include "aver/explain.h"
#include "aver/files.h"
#include "aver/lines.h"
#include "aver/output.h"
#include "aver/suite.h"
#include "aver/verbs.h"

#define WORDS_MAX 1000
#define RUNS_MAX  1000000
#define NEVER_MAX 8 /* rows named that no test reached */

enum depth { DEPTH_QUIET, DEPTH_DECISIONS, DEPTH_ADJUSTMENTS, DEPTH_ALL };

struct testing {
    struct aver_command *cmd;
    struct aver_cover_of cover;
    struct aver_lines_of lines;
    uint64_t seed, runs;
    uint64_t fuzzed; /* tests with arguments */
    enum depth depth;
    bool part; /* of the tests only: a file, or those that match */
    uint64_t passed, failed;
    struct aver_list shown; /* of const char *: rule and outcome of each line that a table describes */
    struct aver_buf junit;  /* the test cases; the head is known at the end */
};

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- for people ------------------------------------------------------------------------------------------------------ */

static const char *source_of(struct testing *t, const struct aver_case_result *result,
                             const struct aver_case_claim *c, const struct aver_adjustment *a)
{
    struct aver_explaining e = {.cmd = t->cmd, .view = result->view, .found = &c->found};
    return aver_explain_chain(&e, a);
}

static void say_adjustment(struct testing *t, const struct aver_case_result *result,
                           const struct aver_case_claim *c, const struct aver_adjustment *a)
{
    struct aver_arena *arena = &t->cmd->arena;
    const char *why = aver_arena_printf(arena, "%.*s%s%.*s", AVER_STR(a->because), a->value.ptr ? " = " : "",
                                        AVER_STR(a->value));
    aver_print(t->cmd, "         %-7s %10s  %-64s %s\n", aver_reason_words(arena, a),
               aver_money_words(arena, -a->amount.cents), why, source_of(t, result, c, a));
}

static void say_line(struct testing *t, const struct aver_case_result *result,
                     const struct aver_case_claim *c, const struct aver_line_decision *d, bool adjustments)
{
    struct aver_arena *arena = &t->cmd->arena;
    const struct aver_line *l = aver_claim_line(&c->found.claim, d->number);
    const struct aver_adjustment *a = d->adjustments.items;
    aver_print(t->cmd, "       %.*s line %llu  %s   charge %s  allowed %s  paid %s  member owes %s   %s\n",
               AVER_STR(c->found.claim.patient_control_number), (unsigned long long)d->number,
               aver_billed_words(arena, l), aver_money_words(arena, (int64_t)d->charge.cents),
               aver_money_words(arena, (int64_t)d->allowed.cents),
               aver_money_words(arena, (int64_t)d->paid.cents), aver_money_words(arena, aver_line_owed(d)),
               aver_line_status_names[d->status]);
    for (size_t i = 0; adjustments && i < d->adjustments.count; i++) say_adjustment(t, result, c, &a[i]);
    if (adjustments && d->reason.ptr)
        aver_print(t->cmd, "         waits: %.*s   %.*s\n", AVER_STR(d->reason), AVER_STR(d->because));
}

static void say_gas(struct testing *t, const struct aver_case_claim *c)
{
    struct aver_arena *arena = &t->cmd->arena;
    aver_print(t->cmd, "       gas  eligibility %s, coverage %s, payout %s\n",
               aver_suite_count(arena, c->stage_gas[AVER_STAGE_ELIGIBILITY]),
               aver_suite_count(arena, c->stage_gas[AVER_STAGE_COVERAGE]),
               aver_suite_count(arena, c->stage_gas[AVER_STAGE_PAYOUT]));
}

/* All that -v, -vv or -vvv asks for of one claim. */
static aver_err say_claim(struct testing *t, const struct aver_case_result *result,
                          const struct aver_case_claim *c)
{
    const struct aver_decision *d = c->found.decision;
    const struct aver_line_decision *l = d->lines.items;
    struct aver_explaining e = {.cmd = t->cmd, .view = result->view, .found = &c->found, .source = true};
    if (t->depth == DEPTH_ALL) {
        AVER_TRY(aver_explain_begin(&e));
        AVER_TRY(aver_explain_lines(&e, 0));
        aver_explain_held(&e);
        if (c->words[0]) aver_print(t->cmd, "  words   %s\n", c->words);
        aver_print(t->cmd, "\n");
        say_gas(t, c);
        return AVER_OK;
    }
    for (size_t i = 0; i < d->lines.count; i++) say_line(t, result, c, &l[i], t->depth >= DEPTH_ADJUSTMENTS);
    if (c->words[0]) aver_print(t->cmd, "         held: %s\n", c->words);
    return AVER_OK;
}

static void say_fault(struct testing *t, const struct aver_case_result *result,
                      const struct aver_case_fault *f, const struct aver_case_fault *next)
{
    aver_print(t->cmd, "     %s:%llu   ", result->test->file, (unsigned long long)f->line);
    if (f->number) aver_print(t->cmd, "line %llu, ", (unsigned long long)f->number);
    if (f->words)
        aver_print(t->cmd, "%s\n", f->words);
    else
        aver_print(t->cmd, "%s: expected %.*s, got %.*s\n", f->column, AVER_STR(f->expected),
                   AVER_STR(f->got));
    if (t->depth != DEPTH_QUIET || f->claim == SIZE_MAX) return; /* -v shows the claims anyway */
    if (next && next->claim == f->claim && next->number == f->number)
        return; /* the line's faults stand together */
    const struct aver_case_claim *c = (const struct aver_case_claim *)result->claims.items + f->claim;
    const struct aver_line_decision *l = c->found.decision->lines.items;
    for (size_t i = 0; i < c->found.decision->lines.count; i++)
        if (!f->number || l[i].number == f->number) say_line(t, result, c, &l[i], true);
    if (c->words[0]) aver_print(t->cmd, "         held: %s\n", c->words);
}

/* The title as a regular expression that a shell takes between single quotes. */
static const char *again_words(struct testing *t, const struct aver_case_test *test)
{
    char *text = aver_arena_printf(&t->cmd->arena, "%.*s", AVER_STR(test->title));
    for (char *p = text; *p; p++)
        if (strchr("'\\^$.|?*+()[]{}", *p)) *p = '.';
    return text;
}

static aver_err say_result(struct testing *t, const struct aver_case_result *result)
{
    const struct aver_case_test *test = result->test;
    const struct aver_case_fault *f = result->faults.items;
    const struct aver_case_claim *c = result->claims.items;
    const char *const *note = result->notes.items;
    aver_print(t->cmd, " %-6s %-14s %10s gas   %.*s", result->faults.count ? "not ok" : "ok",
               aver_suite_group(t->cmd, test), aver_suite_count(&t->cmd->arena, result->gas),
               AVER_STR(test->title));
    if (result->runs)
        aver_print(t->cmd, " (%llu run%s)", (unsigned long long)result->runs, result->runs == 1 ? "" : "s");
    aver_print(t->cmd, "\n");
    for (size_t i = 0; i < result->faults.count; i++)
        say_fault(t, result, &f[i], i + 1 < result->faults.count ? &f[i + 1] : NULL);
    if (result->faults.count && result->with)
        aver_print(t->cmd, "     with %s\n     found in run %llu of seed %llu, and made smaller\n",
                   result->with, (unsigned long long)result->runs, (unsigned long long)t->seed);
    for (size_t i = 0; (result->faults.count || t->depth != DEPTH_QUIET) && i < result->notes.count; i++)
        aver_print(t->cmd, "     note: %s\n", note[i]);
    for (size_t i = 0; t->depth != DEPTH_QUIET && i < result->claims.count; i++)
        AVER_TRY(say_claim(t, result, &c[i]));
    if (result->faults.count)
        aver_print(t->cmd, "     again: aver contract test %s --match '%s'%s -vvv\n", test->file,
                   again_words(t, test),
                   result->with ? aver_arena_printf(&t->cmd->arena, " --seed %llu --runs %llu",
                                                    (unsigned long long)t->seed, (unsigned long long)t->runs)
                                : "");
    return AVER_OK;
}

/* ---- for programs ---------------------------------------------------------------------------------------------------- */

static void json_lines(struct testing *t, struct aver_json_writer *w, const struct aver_case_result *result,
                       const struct aver_case_claim *c)
{
    const struct aver_line_decision *l = c->found.decision->lines.items;
    for (size_t i = 0; i < c->found.decision->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        aver_json_begin_object(w);
        aver_json_field(w, "claim", c->found.claim.patient_control_number);
        aver_json_field_uint(w, "line", l[i].number);
        aver_json_field_str(w, "status", aver_line_status_names[l[i].status]);
        aver_json_field_money(w, "allowed", (int64_t)l[i].allowed.cents);
        aver_json_field_money(w, "paid", (int64_t)l[i].paid.cents);
        aver_json_key(w, "adjustments");
        aver_json_begin_array(w);
        for (size_t k = 0; k < l[i].adjustments.count; k++) {
            aver_json_begin_object(w);
            aver_json_field_str(w, "reason", aver_reason_words(&t->cmd->arena, &a[k]));
            aver_json_field_money(w, "amount", a[k].amount.cents);
            aver_json_field(w, "because", a[k].because);
            aver_json_field(w, "value", a[k].value);
            aver_json_field_str(w, "source", source_of(t, result, c, &a[k]));
            aver_json_end_object(w);
        }
        aver_json_end_array(w);
        aver_json_field(w, "because", l[i].because);
        aver_json_end_object(w);
    }
}

static void json_result(struct testing *t, const struct aver_case_result *result)
{
    const struct aver_case_fault *f = result->faults.items;
    const struct aver_case_claim *c = result->claims.items;
    struct aver_json_writer w = aver_json_line(t->cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "test", result->test->title);
    aver_json_field_str(&w, "file", result->test->file);
    aver_json_field_uint(&w, "line", result->test->line);
    aver_json_field_str(&w, "status", result->faults.count ? "failed" : "passed");
    aver_json_field_uint(&w, "gas", result->gas);
    if (result->with) {
        aver_json_field_uint(&w, "runs", result->runs);
        aver_json_field_uint(&w, "seed", t->seed);
        aver_json_field_str(&w, "with", result->with);
    }
    aver_json_key(&w, "faults");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < result->faults.count; i++) {
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "line", f[i].line);
        if (f[i].number) aver_json_field_uint(&w, "claim_line", f[i].number);
        if (f[i].column) aver_json_field_str(&w, "column", f[i].column);
        aver_json_field(&w, "expected", f[i].expected);
        aver_json_field(&w, "got", f[i].got);
        if (f[i].words) aver_json_field_str(&w, "text", f[i].words);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_key(&w, "lines");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < result->claims.count; i++) json_lines(t, &w, result, &c[i]);
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(t->cmd, &w);
}

/* XML 1.0 forbids control characters even escaped. */
static void xml(struct aver_buf *out, aver_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = text.ptr[i];
        if (ch == '&')
            aver_buf_str(out, "&amp;");
        else if (ch == '<')
            aver_buf_str(out, "&lt;");
        else if (ch == '>')
            aver_buf_str(out, "&gt;");
        else if (ch == '"')
            aver_buf_str(out, "&quot;");
        else
            aver_buf_byte(out, ch < 0x20 ? ' ' : ch);
    }
}

static void junit_result(struct testing *t, const struct aver_case_result *result)
{
    struct aver_buf *out = &t->junit;
    const struct aver_case_fault *f = result->faults.items;
    aver_buf_str(out, "  <testcase classname=\"");
    xml(out, aver_bytes_str(aver_suite_group(t->cmd, result->test)));
    aver_buf_str(out, "\" name=\"");
    xml(out, result->test->title);
    aver_buf_str(out, "\" file=\"");
    xml(out, aver_bytes_str(result->test->file));
    aver_buf_printf(out, "\" line=\"%llu\"", (unsigned long long)result->test->line);
    aver_buf_str(out, result->faults.count ? ">\n" : "/>\n");
    for (size_t i = 0; i < result->faults.count; i++) {
        const char *text = f[i].words
                               ? f[i].words
                               : aver_arena_printf(&t->cmd->arena, "%s: expected %.*s, got %.*s", f[i].column,
                                                   AVER_STR(f[i].expected), AVER_STR(f[i].got));
        aver_buf_str(out, "    <failure message=\"");
        xml(out, aver_bytes_str(text));
        aver_buf_printf(out, "\">line %llu, claim line %llu</failure>\n", (unsigned long long)f[i].line,
                        (unsigned long long)f[i].number);
    }
    if (result->faults.count) aver_buf_str(out, "  </testcase>\n");
}

static aver_err write_junit(struct testing *t, const char *path)
{
    struct aver_buf out = {0};
    aver_buf_printf(&out,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<testsuite name=\"aver contract test\" tests=\"%llu\" failures=\"%llu\">\n",
                    (unsigned long long)(t->passed + t->failed), (unsigned long long)t->failed);
    aver_buf_bytes(&out, aver_buf_view(&t->junit));
    aver_buf_str(&out, "</testsuite>\n");
    aver_err err = aver_path_write(path, aver_buf_view(&out), 0644, true, &t->cmd->why);
    aver_buf_free(&out);
    return err;
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static aver_err begin(void *user, struct aver_project *project)
{
    struct testing *t = user;
    const char *const *word = (const char *const *)t->cmd->args;
    t->part = t->part || aver_flag(t->cmd, "match");
    for (size_t i = 0; i < t->cmd->args_count; i++) t->part = t->part || !aver_suite_is_dir(word[i]);
    return aver_cover_begin(&t->cover, project);
}

/* The rule is what the title says before its colon; the outcome the line's status and its reasons in their order. */
static void add_shown(struct testing *t, const struct aver_case_result *result)
{
    const struct aver_case_claim *c = result->claims.items;
    aver_bytes title = result->test->title;
    const uint8_t *colon = title.len ? memchr(title.ptr, ':', title.len) : NULL;
    if (colon) title = aver_bytes_cut(title, 0, (size_t)(colon - title.ptr));
    for (size_t i = 0; !result->test->lua && i < result->claims.count; i++) {
        const struct aver_line_decision *l = c[i].found.decision->lines.items;
        for (size_t n = 0; n < c[i].found.decision->lines.count; n++) {
            struct aver_buf key = {0};
            aver_buf_printf(&key, "%.*s: %s", AVER_STR(title), aver_line_status_names[l[n].status]);
            const struct aver_adjustment *a = l[n].adjustments.items;
            for (size_t k = 0; k < l[n].adjustments.count; k++)
                aver_buf_printf(&key, " %s", aver_reason_words(&t->cmd->arena, &a[k]));
            if (!l[n].adjustments.count) aver_buf_printf(&key, " %.*s", AVER_STR(l[n].because));
            aver_buf_byte(&key, 0);
            *(const char **)aver_list_add(&t->cmd->arena, &t->shown, sizeof(char *)) =
                (const char *)aver_arena_copy(&t->cmd->arena, aver_buf_view(&key)).ptr;
            aver_buf_free(&key);
        }
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many different ones there are. */
static size_t count_shown(struct testing *t)
{
    const char **s = t->shown.items;
    size_t n = 0;
    if (t->shown.count) qsort(s, t->shown.count, sizeof *s, by_text);
    for (size_t i = 0; i < t->shown.count; i++) n += i == 0 || strcmp(s[i - 1], s[i]) != 0;
    return n;
}

static aver_err each(void *user, struct aver_case_result *result)
{
    struct testing *t = user;
    if (result->faults.count)
        t->failed++;
    else
        t->passed++;
    t->fuzzed += result->runs > 0;
    aver_cover_add(&t->cover, result);
    add_shown(t, result);
    junit_result(t, result);
    if (!t->cmd->json) return say_result(t, result);
    json_result(t, result);
    return AVER_OK;
}

static aver_err end(void *user, struct aver_project *project)
{
    return aver_lines_add(&((struct testing *)user)->lines, project);
}

static void say_sum(struct testing *t, int64_t ms)
{
    size_t reached = aver_cover_reached(&t->cover), rows = t->cover.rows.count;
    const struct aver_cover_row *row = t->cover.rows.items;
    if (t->cmd->json) {
        struct aver_json_writer w = aver_json_line(t->cmd);
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "passed", t->passed);
        aver_json_field_uint(&w, "failed", t->failed);
        aver_json_field_uint(&w, "lines", t->lines.code);
        aver_json_field_uint(&w, "lines_reached", t->lines.reached);
        aver_json_field_uint(&w, "policy_rows", rows);
        aver_json_field_uint(&w, "policy_rows_reached", reached);
        aver_json_field_uint(&w, "reason_codes", t->cover.codes.count);
        aver_json_field_uint(&w, "table_rows", t->shown.count);
        aver_json_field_uint(&w, "outcomes", count_shown(t));
        aver_json_field_uint(&w, "ms", (uint64_t)ms);
        aver_json_end_object(&w);
        aver_json_end_line(t->cmd, &w);
        return;
    }
    aver_print(t->cmd, "%llu passed, %llu failed\n", (unsigned long long)t->passed,
               (unsigned long long)t->failed);
    if (t->fuzzed)
        aver_print(t->cmd,
                   "   %llu of them with arguments, %llu runs each, seed %llu (--seed N draws others)\n",
                   (unsigned long long)t->fuzzed, (unsigned long long)t->runs, (unsigned long long)t->seed);
    if (t->part) return; /* a part of the tests reaches a part of the lines and rows */
    aver_print(t->cmd, "   lines %llu %%   policy rows %zu/%zu   reason codes %zu   %lld.%02d s\n",
               (unsigned long long)aver_lines_percent(t->lines.reached, t->lines.code), reached, rows,
               t->cover.codes.count, (long long)(ms / 1000), (int)(ms % 1000 / 10));
    if (t->shown.count)
        aver_print(t->cmd, "   %zu rows of tables, %zu different pairs of rule and outcome\n", t->shown.count,
                   count_shown(t));
    if (reached == rows) return;
    aver_print(t->cmd, "   rows never used:");
    size_t said = 0;
    for (size_t i = 0; i < rows && said < NEVER_MAX; i++)
        if (!row[i].hits) aver_print(t->cmd, "%s %s", said++ ? "," : "", aver_cover_name(&t->cover, &row[i]));
    if (rows - reached > said) aver_print(t->cmd, ", %zu more (aver contract cover)", rows - reached - said);
    aver_print(t->cmd, "\n");
}

static int list_tests(struct aver_command *cmd, const struct aver_list *tests)
{
    const struct aver_case_test *test = tests->items;
    for (size_t i = 0; i < tests->count; i++) {
        if (!cmd->json) {
            aver_print(cmd, "%s:%llu  %.*s\n", test[i].file, (unsigned long long)test[i].line,
                       AVER_STR(test[i].title));
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "test", test[i].title);
        aver_json_field_str(&w, "file", test[i].file);
        aver_json_field_uint(&w, "line", test[i].line);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
    return AVER_EXIT_DONE;
}

static aver_err run_all(struct testing *t, struct aver_suite *suite, struct aver_list *tests)
{
    const char *junit = aver_option(t->cmd, "junit");
    int64_t started = monotonic_ms();
    AVER_TRY(aver_suite_run(suite, t->cmd->args, t->cmd->args_count, tests));
    say_sum(t, monotonic_ms() - started);
    return junit ? write_junit(t, junit) : AVER_OK;
}

static int run_test(struct aver_command *cmd)
{
    struct testing t = {.cmd = cmd, .cover = {.cmd = cmd}, .lines = {.cmd = cmd}};
    struct aver_suite suite = {.cmd = cmd,
                               .match = aver_option(cmd, "match"),
                               .shuffled = aver_flag(cmd, "seed"),
                               .user = &t,
                               .begin = begin,
                               .each = each,
                               .end = end};
    struct aver_list tests = {0};
    size_t depth = aver_option_count(cmd, "v");
    t.depth = depth > DEPTH_ALL ? DEPTH_ALL : (enum depth)depth;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "seed", 0, UINT64_MAX, 1, &suite.seed));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "runs", 1, RUNS_MAX, AVER_SUITE_RUNS, &suite.runs));
    t.seed = suite.seed;
    t.runs = suite.runs;
    if (aver_flag(cmd, "list")) {
        suite.each = NULL;
        AVER_CLI_TRY(cmd, aver_suite_run(&suite, cmd->args, cmd->args_count, &tests));
        return list_tests(cmd, &tests);
    }
    aver_err err = run_all(&t, &suite, &tests);
    aver_buf_free(&t.junit);
    AVER_CLI_TRY(cmd, err);
    return t.failed ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"v", NULL, false, "show each decision; -vv its adjustments; -vvv accumulators, source lines, gas", NULL},
    {"match", "RE", false, "only tests whose \"FILE: TITLE\" has this regular expression", NULL},
    {"list", NULL, false, "list the tests, run none", NULL},
    {"junit", "FILE", false, "also write the results as JUnit XML", NULL},
    {"seed", "N", false, "draw arguments, the order of the tests, secrets and salts from N (default: 1)",
     NULL},
    {"runs", "N", false, "how often a test with arguments is run (default: 100)", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_test = {
    .name = "contract test",
    .args = "[DIR|FILE]...",
    .args_max = WORDS_MAX,
    .summary = "Runs a directory's tests, tables and Lua, each on a ledger of its own.",
    .more =
        "Checked in every test, unasked: the money identities, the out-of-pocket maximum, accumulators that never go down, the\n"
        "same bytes from a second run, gas within the limit. docs/contract-tools.md says how tests are written.",
    .options = options,
    .examples = {"aver contract test summit-ppo", "aver contract test summit-ppo --match deductible -vvv"},
    .run = run_test,
};
