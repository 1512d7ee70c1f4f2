/* aver/contract_trace.c - aver contract trace and diff: claims of a file against the contracts of one directory, or of two. */
#include <stdlib.h>
#include <string.h>

#include "aver/explain.h"
#include "aver/files.h"
#include "aver/intake.h"
#include "aver/output.h"
#include "aver/cases.h"
#include "aver/suite.h"
#include "aver/verbs.h"

/* ---- claims of a file ------------------------------------------------------------------------------------------------ */

static aver_err read_one(struct aver_command *cmd, const char *path, struct aver_intake *intake, int *code)
{
    struct aver_buf bytes = {0};
    size_t from = intake->findings.count;
    aver_err err = aver_path_read(&bytes, path, AVER_INTAKE_FILE_MAX, &cmd->why);
    aver_bytes file = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    aver_intake_read(intake, file, AVER_INTAKE_AUTO);
    const struct aver_finding *f = aver_intake_findings(intake);
    for (size_t i = from; i < intake->findings.count; i++) {
        bool warning = f[i].level == AVER_LEVEL_WARNING;
        aver_note(cmd, "%s: %s%.*s [%.*s] (%.*s)", path, warning ? "warning: " : "", AVER_STR(f[i].text),
                  AVER_STR(f[i].code), AVER_STR(f[i].place));
        if (!warning) *code = AVER_EXIT_NO;
    }
    return AVER_OK;
}

/* The claims of a file, or of all files of a directory by their names, in the command's arena; what was refused is told on
 * stderr. *code becomes 1 where something was. */
static aver_err read_claims(struct aver_command *cmd, const char *path, struct aver_intake *intake, int *code)
{
    struct aver_list files = {0};
    aver_intake_init(intake, &cmd->arena);
    if (!aver_suite_is_dir(path)) return read_one(cmd, path, intake, code);
    AVER_TRY(aver_project_list(cmd, &files, path, "", ""));
    const char *const *file = files.items;
    for (size_t i = 0; i < files.count; i++) AVER_TRY(read_one(cmd, file[i], intake, code));
    return AVER_OK;
}

/* Files one claim. `out->decision` is NULL where the ledger would not take it, and words say why. */
static aver_err decide(struct aver_command *cmd, struct aver_bench *bench, const struct aver_claim *claim,
                       aver_day received, struct aver_found *out, struct aver_applied *applied)
{
    AVER_TRY(aver_bench_file(bench, claim, received == AVER_NO_DAY ? claim->statement_to : received, applied,
                             &cmd->why));
    *out = (struct aver_found){
        .claim = *claim, .receipt = applied->record, .decision = applied->record.decision};
    memcpy(out->id, applied->claim_id, sizeof out->id);
    out->state.control = claim->patient_control_number;
    out->state.height = applied->record.height;
    return AVER_OK;
}

static aver_err received_option(struct aver_command *cmd, aver_day *out)
{
    const char *text = aver_option(cmd, "received");
    *out = AVER_NO_DAY;
    if (!text || aver_day_parse_iso(out, aver_bytes_str(text)) == AVER_OK) return AVER_OK;
    return aver_usage(cmd, "--received is a day: 2026-03-31");
}

#define OPTION_RECEIVED                                                                                      \
    {                                                                                                        \
        "received", "DAY", false, "when the claims arrived (default: the last day of each)", NULL            \
    }

static void say_refused(struct aver_command *cmd, const struct aver_claim *claim,
                        const struct aver_applied *applied)
{
    aver_note(cmd, "claim %.*s: %s: %s", AVER_STR(claim->patient_control_number),
              aver_outcome_names[applied->outcome], applied->words);
}

/* ---- trace ----------------------------------------------------------------------------------------------------------- */

static aver_err trace_one(struct aver_command *cmd, struct aver_bench *bench, const struct aver_claim *claim,
                          aver_day received, uint64_t only, int *code)
{
    struct aver_found found;
    struct aver_applied applied;
    AVER_TRY(decide(cmd, bench, claim, received, &found, &applied));
    if (!found.decision) {
        say_refused(cmd, claim, &applied);
        *code = AVER_EXIT_NO;
        return AVER_OK;
    }
    struct aver_explaining e = {
        .cmd = cmd, .view = &bench->memory.view, .found = &found, .source = !aver_flag(cmd, "no-source")};
    /* A claim without the line that is asked for has nothing to say. */
    if (only && !aver_claim_line(claim, only)) return AVER_OK;
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
    struct aver_intake intake;
    uint64_t only;
    aver_day received;
    AVER_TRY(aver_option_number(cmd, "line", 1, AVER_CLAIM_LINES_MAX, 0, &only));
    AVER_TRY(received_option(cmd, &received));
    AVER_TRY(read_claims(cmd, cmd->args[0], &intake, code));
    const char *dir = aver_option(cmd, "dir");
    AVER_TRY(aver_project_read(cmd, project, dir ? dir : "."));
    AVER_TRY(aver_project_open(project, NULL, 0, 1, &cmd->arena, bench, &cmd->why));
    const struct aver_intake_claim *claim = aver_intake_claims(&intake);
    for (size_t i = 0; i < intake.claims.count; i++)
        AVER_TRY(trace_one(cmd, bench, claim[i].claim, received, only, code));
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
    OPTION_RECEIVED,
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

/* ---- diff ------------------------------------------------------------------------------------------------------------ */

/* What one side came to for a claim. */
struct side {
    bool taken; /* the ledger took the claim */
    uint64_t status;
    int64_t paid, owes;
    const char *reasons;
};
struct sums {
    uint64_t claims, differ;
    int64_t gains, losses; /* of what the plan pays, both sides of zero apart */
    struct side side[2];
};

static const char *reasons_of(struct aver_command *cmd, const struct aver_decision *d)
{
    struct aver_buf text = {0};
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        aver_buf_printf(&text, "%s%llu: ", i ? "; " : "", (unsigned long long)l[i].number);
        aver_case_adjustments(&text, &l[i]);
        if (l[i].because.ptr) aver_buf_printf(&text, " (%.*s)", AVER_STR(l[i].because));
    }
    const char *kept = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return kept;
}

static aver_err decide_side(struct aver_command *cmd, struct aver_bench *bench,
                            const struct aver_claim *claim, aver_day received, struct side *out)
{
    struct aver_found found;
    struct aver_applied applied;
    AVER_TRY(decide(cmd, bench, claim, received, &found, &applied));
    *out = (struct side){.reasons = ""};
    if (!found.decision) {
        say_refused(cmd, claim, &applied);
        return AVER_OK;
    }
    *out =
        (struct side){true, found.decision->status, (int64_t)found.decision->paid.cents,
                      (int64_t)found.decision->patient_responsibility.cents, reasons_of(cmd, found.decision)};
    return AVER_OK;
}

static const char *signed_words(struct aver_arena *arena, int64_t cents)
{
    return aver_arena_printf(arena, "%s%s", cents > 0 ? "+" : "", aver_money_words(arena, cents));
}

static const char *status_of(const struct side *s)
{
    return s->taken ? aver_claim_status_names[s->status] : "refused";
}

static void json_claim(struct aver_command *cmd, const struct aver_claim *claim, const struct side *s,
                       bool differs)
{
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", claim->patient_control_number);
    aver_json_field_str(&w, "answer", differs ? "differs" : "same");
    static const char *const names[] = {"old", "new"};
    for (int i = 0; i < 2; i++) {
        aver_json_key(&w, names[i]);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "status", status_of(&s[i]));
        aver_json_field_money(&w, "paid", s[i].paid);
        aver_json_field_money(&w, "member_owes", s[i].owes);
        aver_json_field_str(&w, "reasons", s[i].reasons);
        aver_json_end_object(&w);
    }
    aver_json_field_money(&w, "paid_change", s[1].paid - s[0].paid);
    aver_json_field_money(&w, "member_change", s[1].owes - s[0].owes);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static void say_claim(struct aver_command *cmd, const struct aver_claim *claim, const struct side *s)
{
    struct aver_arena *a = &cmd->arena;
    int64_t paid = s[1].paid - s[0].paid, owes = s[1].owes - s[0].owes;
    aver_print(cmd, "%-20.*s paid %s -> %s (%s)   member owes %s -> %s (%s)   %s%s%s\n",
               AVER_STR(claim->patient_control_number), aver_money_words(a, s[0].paid),
               aver_money_words(a, s[1].paid), signed_words(a, paid), aver_money_words(a, s[0].owes),
               aver_money_words(a, s[1].owes), signed_words(a, owes), status_of(&s[0]),
               !strcmp(status_of(&s[0]), status_of(&s[1])) ? "" : " -> ",
               !strcmp(status_of(&s[0]), status_of(&s[1])) ? "" : status_of(&s[1]));
    if (paid || owes)
        aver_print(cmd, "    provider %s, member %s\n",
                   paid + owes > 0   ? aver_arena_printf(a, "gains %s", aver_money_words(a, paid + owes))
                   : paid + owes < 0 ? aver_arena_printf(a, "loses %s", aver_money_words(a, -paid - owes))
                                     : "neither gains nor loses",
                   owes < 0   ? aver_arena_printf(a, "gains %s", aver_money_words(a, -owes))
                   : owes > 0 ? aver_arena_printf(a, "loses %s", aver_money_words(a, owes))
                              : "neither gains nor loses");
    aver_print(cmd, "    - %s\n    + %s\n", s[0].reasons, s[1].reasons);
}

static bool differ(const struct side *s)
{
    return s[0].taken != s[1].taken || s[0].status != s[1].status || s[0].paid != s[1].paid ||
           s[0].owes != s[1].owes || strcmp(s[0].reasons, s[1].reasons);
}

static void say_sums(struct aver_command *cmd, const struct sums *t)
{
    struct aver_arena *a = &cmd->arena;
    if (!cmd->json) {
        aver_print(
            cmd, "%llu claims, %llu differ; plan pays %s -> %s (%s: %s and %s), members owe %s -> %s (%s)\n",
            (unsigned long long)t->claims, (unsigned long long)t->differ,
            aver_money_words(a, t->side[0].paid), aver_money_words(a, t->side[1].paid),
            signed_words(a, t->side[1].paid - t->side[0].paid), signed_words(a, t->gains),
            signed_words(a, t->losses), aver_money_words(a, t->side[0].owes),
            aver_money_words(a, t->side[1].owes), signed_words(a, t->side[1].owes - t->side[0].owes));
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_uint(&w, "claims", t->claims);
    aver_json_field_uint(&w, "differ", t->differ);
    aver_json_field_money(&w, "old_paid", t->side[0].paid);
    aver_json_field_money(&w, "new_paid", t->side[1].paid);
    aver_json_field_money(&w, "old_member_owes", t->side[0].owes);
    aver_json_field_money(&w, "new_member_owes", t->side[1].owes);
    aver_json_field_money(&w, "paid_more", t->gains);
    aver_json_field_money(&w, "paid_less", -t->losses);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static aver_err diff(struct aver_command *cmd, struct aver_project *projects, struct aver_bench *benches,
                     struct sums *t, int *code)
{
    struct aver_intake intake;
    aver_day received;
    AVER_TRY(received_option(cmd, &received));
    AVER_TRY(read_claims(cmd, aver_option(cmd, "claims"), &intake, code));
    for (int i = 0; i < 2; i++) {
        AVER_TRY(aver_project_read(cmd, &projects[i], cmd->args[i]));
        AVER_TRY(aver_project_open(&projects[i], NULL, i, 1, &cmd->arena, &benches[i], &cmd->why));
    }
    const struct aver_intake_claim *claim = aver_intake_claims(&intake);
    for (size_t i = 0; i < intake.claims.count; i++) {
        struct side s[2];
        for (int k = 0; k < 2; k++) {
            AVER_TRY(decide_side(cmd, &benches[k], claim[i].claim, received, &s[k]));
            t->side[k].paid += s[k].paid;
            t->side[k].owes += s[k].owes;
        }
        bool differs = differ(s);
        int64_t more = s[1].paid - s[0].paid;
        *(more > 0 ? &t->gains : &t->losses) += more;
        t->claims++;
        t->differ += differs;
        if (cmd->json)
            json_claim(cmd, claim[i].claim, s, differs);
        else if (differs)
            say_claim(cmd, claim[i].claim, s);
    }
    say_sums(cmd, t);
    return AVER_OK;
}

static int run_diff(struct aver_command *cmd)
{
    struct aver_project projects[2] = {{0}};
    struct aver_bench *benches =
        AVER_NEW_ARRAY(&cmd->arena, struct aver_bench, 2); /* all zeros holds nothing */
    struct sums t = {0};
    int code = AVER_EXIT_DONE;
    aver_err err = diff(cmd, projects, benches, &t, &code);
    for (int i = 0; i < 2; i++) {
        aver_bench_close(&benches[i]);
        aver_project_end(&projects[i]);
    }
    AVER_CLI_TRY(cmd, err);
    return t.differ ? AVER_EXIT_NO : code;
}

static const struct aver_option diff_options[] = {
    {"claims", "FILE", true, "claims as aver submit reads them, or a directory of such files", NULL},
    OPTION_RECEIVED,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_diff = {
    .name = "contract diff",
    .args = "OLD_DIR NEW_DIR",
    .args_min = 2,
    .args_max = 2,
    .summary = "Decides the same claims under two versions: who gains, who loses, to the cent.",
    .more = "Exit code 0: all the same; 1: some differ, or a part of the file was refused.",
    .options = diff_options,
    .examples = {"aver contract diff summit-2026 summit-2027 --claims march.837",
                 "aver contract diff old new --claims march.csv --json"},
    .run = run_diff,
};
