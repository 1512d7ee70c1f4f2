/* aver/contract_cover.c - aver contract cover: what of the contracts and of the policy the tests reached. */
#include "aver/cover.h"
#include "aver/lines.h"
#include "aver/output.h"
#include "aver/suite.h"
#include "aver/verbs.h"

#define SHOWN_MAX 20 /* lines whose text is printed, of one file */

struct covering {
    struct aver_cover_of rows;
    struct aver_lines_of lines;
};

static aver_err begin(void *user, struct aver_project *project)
{
    return aver_cover_begin(&((struct covering *)user)->rows, project);
}

static aver_err each(void *user, struct aver_case_result *result)
{
    aver_cover_add(&((struct covering *)user)->rows, result);
    return AVER_OK;
}

static aver_err end(void *user, struct aver_project *project)
{
    return aver_lines_add(&((struct covering *)user)->lines, project);
}

static void say_file(struct covering *c, const struct aver_lines_file *f)
{
    struct aver_command *cmd = c->lines.cmd;
    const char *never = aver_lines_never(&c->lines, f);
    size_t shown = 0;
    aver_print(cmd, "%6llu %%  %s   %zu of %zu lines%s%s\n",
               (unsigned long long)aver_lines_percent(f->reached, f->code), f->path, f->reached, f->code,
               *never ? "; never: " : "", never);
    for (size_t i = 1; i < f->count && shown < SHOWN_MAX; i++)
        if (f->line[i].code && !f->line[i].runs && ++shown)
            aver_print(cmd, "%14zu | %.*s\n", i, AVER_STR(aver_lines_text(f, i)));
}

static void say(struct covering *c, uint64_t lines, uint64_t rows)
{
    struct aver_command *cmd = c->lines.cmd;
    const struct aver_cover_of *of = &c->rows;
    const struct aver_lines_file *file = c->lines.files.items;
    const struct aver_cover_row *row = of->rows.items;
    const struct aver_cover_code *code = of->codes.items;
    for (size_t i = 0; i < c->lines.files.count; i++) say_file(c, &file[i]);
    for (size_t i = 0; i < of->rows.count; i++)
        aver_print(cmd, "%8s  %s%s\n", row[i].hits ? aver_suite_count(&cmd->arena, row[i].hits) : "never",
                   aver_cover_name(of, &row[i]),
                   row[i].hits ? ""
                               : aver_arena_printf(&cmd->arena, "   (policy line %llu)",
                                                   (unsigned long long)row[i].line));
    aver_print(cmd, "lines %zu/%zu, %llu %%\n", c->lines.reached, c->lines.code, (unsigned long long)lines);
    aver_print(cmd, "policy rows %zu/%zu, %llu %%\nreason codes", aver_cover_reached(of), of->rows.count,
               (unsigned long long)rows);
    for (size_t i = 0; i < of->codes.count; i++)
        aver_print(cmd, " %s (%llu)", code[i].code, (unsigned long long)code[i].hits);
    aver_print(cmd, "\n");
}

static void json_file(struct covering *c, const struct aver_lines_file *f)
{
    struct aver_json_writer w = aver_json_line(c->lines.cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "file", f->path);
    aver_json_field_uint(&w, "lines", f->code);
    aver_json_field_uint(&w, "lines_reached", f->reached);
    aver_json_key(&w, "never");
    aver_json_begin_array(&w);
    for (size_t i = 1; i < f->count; i++)
        if (f->line[i].code && !f->line[i].runs) aver_json_put_int(&w, (int64_t)i);
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(c->lines.cmd, &w);
}

static void json_row(struct covering *c, const struct aver_cover_row *row)
{
    struct aver_json_writer w = aver_json_line(c->lines.cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "plan", row->plan);
    aver_json_field(&w, "row", row->path);
    if (row->id) aver_json_field_str(&w, "id", row->id);
    aver_json_field_uint(&w, "policy_line", row->line);
    aver_json_field_uint(&w, "reached", row->hits);
    aver_json_end_object(&w);
    aver_json_end_line(c->lines.cmd, &w);
}

static void json(struct covering *c, uint64_t lines, uint64_t rows)
{
    const struct aver_cover_of *of = &c->rows;
    const struct aver_lines_file *file = c->lines.files.items;
    const struct aver_cover_row *row = of->rows.items;
    const struct aver_cover_code *code = of->codes.items;
    for (size_t i = 0; i < c->lines.files.count; i++) json_file(c, &file[i]);
    for (size_t i = 0; i < of->rows.count; i++) json_row(c, &row[i]);
    struct aver_json_writer w = aver_json_line(c->lines.cmd);
    aver_json_begin_object(&w);
    aver_json_field_uint(&w, "lines", c->lines.code);
    aver_json_field_uint(&w, "lines_reached", c->lines.reached);
    aver_json_field_uint(&w, "lines_percent", lines);
    aver_json_field_uint(&w, "rows", of->rows.count);
    aver_json_field_uint(&w, "rows_reached", aver_cover_reached(of));
    aver_json_field_uint(&w, "percent", rows);
    aver_json_key(&w, "reason_codes");
    aver_json_begin_object(&w);
    for (size_t i = 0; i < of->codes.count; i++) aver_json_field_uint(&w, code[i].code, code[i].hits);
    aver_json_end_object(&w);
    aver_json_end_object(&w);
    aver_json_end_line(c->lines.cmd, &w);
}

static int run_cover(struct aver_command *cmd)
{
    struct covering c = {.rows = {.cmd = cmd}, .lines = {.cmd = cmd}};
    struct aver_suite suite = {
        .cmd = cmd, .seed = 1, .runs = AVER_SUITE_RUNS, .user = &c, .begin = begin, .each = each, .end = end};
    struct aver_list tests = {0};
    uint64_t min;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "min", 0, 100, 0, &min));
    AVER_CLI_TRY(cmd, aver_suite_run(&suite, cmd->args, cmd->args_count, &tests));
    uint64_t rows = aver_lines_percent(aver_cover_reached(&c.rows), c.rows.rows.count);
    uint64_t lines = aver_lines_percent(c.lines.reached, c.lines.code);
    (cmd->json ? json : say)(&c, lines, rows);
    if (lines < min)
        aver_note(cmd, "%llu %% of the contracts' lines are reached, and --min asks for %llu %%",
                  (unsigned long long)lines, (unsigned long long)min);
    if (rows < min)
        aver_note(cmd, "%llu %% of the policy's rows are reached, and --min asks for %llu %%",
                  (unsigned long long)rows, (unsigned long long)min);
    return lines < min || rows < min ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"min", "N", false, "exit 1 when less than N percent of the lines, or of the rows, are reached", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_cover = {
    .name = "contract cover",
    .args = "[DIR]",
    .args_max = 1,
    .summary = "Lists the contracts' lines, the policy's rows and the reason codes that the tests reached.",
    .more =
        "Lines: those on which a statement begins. Rows: benefits by tier, limits, networks, prior authorization, exclusions.",
    .options = options,
    .examples = {"aver contract cover summit-ppo", "aver contract cover summit-ppo --min 90 --json"},
    .run = run_cover,
};
