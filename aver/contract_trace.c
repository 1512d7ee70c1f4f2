/* aver/contract_trace.c - aver contract trace: claims of a file, and why each cent. */
#include <stdlib.h>
#include <string.h>

#include "aver/contract_claims.h"
#include "aver/output.h"
#include "aver/project.h"
#include "aver/suite.h"
#include "aver/verbs.h"

static aver_err trace_one(struct aver_command *cmd, struct aver_bench *bench,
                          const struct aver_happening *happening, uint64_t only, int *code)
{
    const struct aver_claim *claim = happening->claim;
    struct aver_found found;
    struct aver_applied applied;
    AVER_TRY(aver_claims_decide(cmd, bench, happening, &found, &applied));
    if (!found.decision) {
        aver_claims_refused(cmd, claim, &applied);
        *code = AVER_EXIT_NO;
        return AVER_OK;
    }
    struct aver_explaining e = {
        .cmd = cmd, .view = &bench->memory.view, .found = &found, .source = !aver_flag(cmd, "no-source")};
    /* A claim without the line that is asked for has nothing to say. */
    if (only && !aver_claim_line(claim, only)) return AVER_OK;
    AVER_TRY(aver_explain_begin(&e));
    AVER_TRY(aver_explain_lines(&e, only));
    if (cmd->json) return AVER_OK;
    aver_explain_held(&e);
    if (applied.words[0]) aver_print(cmd, "  words   %s\n", applied.words);
    aver_print(cmd, "  claim   %.*s: %s, charge %s, paid %s; gas eligibility %s, coverage %s, payout %s\n",
               AVER_STR(claim->patient_control_number), aver_claim_status_names[found.decision->status],
               aver_money_words(&cmd->arena, (int64_t)found.decision->charge.cents),
               aver_money_words(&cmd->arena, (int64_t)found.decision->paid.cents),
               aver_suite_count(&cmd->arena, applied.stage_gas[AVER_STAGE_ELIGIBILITY]),
               aver_suite_count(&cmd->arena, applied.stage_gas[AVER_STAGE_COVERAGE]),
               aver_suite_count(&cmd->arena, applied.stage_gas[AVER_STAGE_PAYOUT]));
    return AVER_OK;
}

static aver_err trace(struct aver_command *cmd, struct aver_project *project, struct aver_bench *bench,
                      int *code)
{
    struct aver_list claims = {0};
    uint64_t only;
    AVER_TRY(aver_option_number(cmd, "line", 1, AVER_CLAIM_LINES_MAX, 0, &only));
    AVER_TRY(aver_claims_of_files(cmd, &claims, cmd->args[0], code));
    AVER_TRY(aver_claims_received(cmd, &claims));
    const char *dir = aver_option(cmd, "dir");
    AVER_TRY(aver_project_load(cmd, project, dir ? dir : "."));
    AVER_TRY(aver_project_open(project, NULL, 0, 1, &cmd->arena, bench, &cmd->why));
    const struct aver_happening *claim = claims.items;
    for (size_t i = 0; i < claims.count; i++) AVER_TRY(trace_one(cmd, bench, &claim[i], only, code));
    return AVER_OK;
}

static int run_trace(struct aver_command *cmd)
{
    struct aver_project project = {0};
    struct aver_bench bench = {0};
    int code = AVER_EXIT_DONE;
    aver_err err = trace(cmd, &project, &bench, &code);
    aver_bench_close(&bench);
    aver_project_end(&project);
    AVER_CLI_TRY(cmd, err);
    return code;
}

static const struct aver_option trace_options[] = {
    {"dir", "DIR", false, "the contract directory (default: the one you stand in)", NULL},
    {"line", "N", false, "only this line of each claim", NULL},
    AVER_OPTION_RECEIVED,
    {"no-source", NULL, false, "leave the source lines out", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_trace = {
    .name = "contract trace",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Decides the claims of a file in memory and says why each cent was or was not paid.",
    .more = "FILE is an 837P or CSV as aver submit reads it, or a directory of them. Nothing is written.",
    .options = trace_options,
    .examples = {"aver contract trace claims/monday.csv",
                 "aver contract trace monday.837 --dir summit-ppo --line 2 --json"},
    .run = run_trace,
};
