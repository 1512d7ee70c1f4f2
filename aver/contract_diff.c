/* aver/contract_diff.c - aver contract diff: the same claims under two versions of contracts, policy and tables. */
#include <string.h>

#include "aver/cases.h"
#include "aver/contract_claims.h"
#include "aver/output.h"
#include "aver/project.h"
#include "aver/suite.h"
#include "aver/verbs.h"

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
                            const struct aver_happening *happening, struct side *out)
{
    struct aver_found found;
    struct aver_applied applied;
    AVER_TRY(aver_claims_decide(cmd, bench, happening, &found, &applied));
    *out = (struct side){.reasons = ""};
    if (!found.decision) {
        aver_claims_refused(cmd, happening->claim, &applied);
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
            cmd,
            "%llu claim%s, %llu differ%s; plan pays %s -> %s (%s: %s and %s), members owe %s -> %s (%s)\n",
            (unsigned long long)t->claims, t->claims == 1 ? "" : "s", (unsigned long long)t->differ,
            t->differ == 1 ? "s" : "", aver_money_words(a, t->side[0].paid),
            aver_money_words(a, t->side[1].paid), signed_words(a, t->side[1].paid - t->side[0].paid),
            signed_words(a, t->gains), signed_words(a, t->losses), aver_money_words(a, t->side[0].owes),
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

static aver_err diff_one(struct aver_command *cmd, struct aver_bench *benches,
                         const struct aver_happening *happening, struct sums *t)
{
    struct side s[2];
    for (int k = 0; k < 2; k++) {
        AVER_TRY(decide_side(cmd, &benches[k], happening, &s[k]));
        t->side[k].paid += s[k].paid;
        t->side[k].owes += s[k].owes;
    }
    bool differs = differ(s);
    int64_t more = s[1].paid - s[0].paid;
    *(more > 0 ? &t->gains : &t->losses) += more;
    t->claims++;
    t->differ += differs;
    if (cmd->json)
        json_claim(cmd, happening->claim, s, differs);
    else if (differs)
        say_claim(cmd, happening->claim, s);
    return AVER_OK;
}

static aver_err diff(struct aver_command *cmd, struct aver_project *projects, struct aver_bench *benches,
                     struct sums *t, int *code)
{
    struct aver_list happenings = {0};
    const char *files = aver_option(cmd, "claims");
    if ((files != NULL) == aver_flag(cmd, "recorded"))
        return aver_usage(cmd, "say --claims FILE, or --recorded for those of a ledger");
    if (!files && !aver_option(cmd, "ledger"))
        return aver_usage(cmd, "--recorded needs --ledger DIR, or the environment variable AVER_LEDGER");
    AVER_TRY(files ? aver_claims_of_files(cmd, &happenings, files, code)
                   : aver_claims_recorded(cmd, &happenings, code));
    AVER_TRY(aver_claims_received(cmd, &happenings));
    for (int i = 0; i < 2; i++) {
        AVER_TRY(aver_project_load(cmd, &projects[i], cmd->args[i]));
        if (!files) projects[i].members.path = NULL; /* those whom the ledger enrolled */
        AVER_TRY(aver_project_open(&projects[i], NULL, i, 1, &cmd->arena, &benches[i], &cmd->why));
    }
    const struct aver_happening *h = happenings.items;
    for (size_t i = 0; i < happenings.count; i++)
        if (h[i].claim)
            AVER_TRY(diff_one(cmd, benches, &h[i], t));
        else
            for (int k = 0; k < 2; k++) AVER_TRY(aver_bench_enrol(&benches[k], h[i].enrolled, &cmd->why));
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
    {"claims", "FILE", false, "claims as aver submit reads them, or a directory of such files", NULL},
    {"recorded", NULL, false, "instead: the enrolments and claims of the ledger, as it recorded them", NULL},
    {"ledger", "DIR", false, "with --recorded: the ledger's directory", "AVER_LEDGER"},
    AVER_OPTION_RECEIVED,
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
                 "aver contract diff summit-2026 candidate --recorded --ledger /srv/ledger --json"},
    .run = run_diff,
};
