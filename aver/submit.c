/* aver/submit.c - aver submit: files of claims become one signed batch each, and each claim gets its answer.
 *
 * The good claims of a file go on whatever is wrong with the others. Nothing of a claim but its patient control number
 * stands in the words here; the findings' texts are the readers'. */
#include "aver/claims.h"
#include "aver/files.h"
#include "aver/intake.h"
#include "aver/output.h"
#include "aver/verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NOT_AFTER_HOURS_MAX 720 /* 30 days: AVER_BATCH_NOT_AFTER_MS */
#define FILES_MAX           10000

struct submitting {
    struct aver_command *cmd;
    struct aver_session s;
    bool dry;
    const char *receipts; /* a directory, or NULL */
    uint64_t format, not_after_hours;
    uint64_t accepted, repeated, rejected; /* claims */
};

static void worse(int *code, int one)
{
    if (one > *code) *code = one;
}

static void json_errors(struct aver_json_writer *w, const struct aver_finding *const *findings, size_t count)
{
    aver_json_key(w, "errors");
    aver_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        aver_json_begin_object(w);
        aver_json_field(w, "code", findings[i]->code);
        aver_json_field(w, "place", findings[i]->place);
        aver_json_field(w, "text", findings[i]->text);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

static void put_claim(struct aver_json_writer *w, aver_bytes control)
{
    aver_json_key(w, "claim");
    aver_json_put_string(w, control); /* null where the file gives none */
}

/* ---- what the reader refused --------------------------------------------------------------------------------------- */

static void say_finding(struct submitting *u, const char *path, const struct aver_finding *f)
{
    aver_note(u->cmd, "%s: %s%.*s%s%.*s [%.*s] (%.*s)", path, f->claim.ptr ? "claim " : "",
              AVER_STR(f->claim),
              f->level == AVER_LEVEL_WARNING ? ": warning: "
              : f->claim.ptr                 ? ": "
                                             : "",
              AVER_STR(f->text), AVER_STR(f->code), AVER_STR(f->place));
}

static void say_rejected(struct submitting *u, const char *path, aver_bytes control, aver_bytes place,
                         const struct aver_finding *const *findings, size_t count)
{
    u->rejected++;
    if (!u->cmd->json) {
        aver_print(u->cmd, "%-24s  %-20.*s rejected   %.*s\n", "-", AVER_STR(control),
                   AVER_STR(findings[0]->code));
        return;
    }
    struct aver_json_writer w = aver_json_line(u->cmd);
    aver_json_begin_object(&w);
    put_claim(&w, control);
    aver_json_field_str(&w, "file", path);
    aver_json_field(&w, "place", place);
    aver_json_field_str(&w, "status", "rejected");
    json_errors(&w, findings, count);
    aver_json_end_object(&w);
    aver_json_end_line(u->cmd, &w);
}

/* A rejected claim's own findings stand around the one that rejected it. */
static size_t around(const struct aver_intake *intake, const struct aver_intake_rejected *r,
                     const struct aver_finding **out, size_t max, bool *told)
{
    const struct aver_finding *f = aver_intake_findings(intake);
    size_t from = r->finding, to = r->finding + 1, n = 0;
    aver_bytes control = f[r->finding].claim;
    while (control.ptr && from > 0 && aver_bytes_eq(f[from - 1].claim, control)) from--;
    while (control.ptr && to < intake->findings.count && aver_bytes_eq(f[to].claim, control)) to++;
    out[n++] = &f[r->finding];
    told[r->finding] = true;
    for (size_t i = from; i < to; i++) {
        if (i == r->finding || f[i].level == AVER_LEVEL_WARNING) continue;
        told[i] = true;
        if (n < max) out[n++] = &f[i];
    }
    return n;
}

#define ERRORS_MAX 32 /* told of one claim on stdout; stderr has all */

/* All findings on stderr; on stdout one answer per rejected claim, and one per finding that rejects a part of the file in
 * which claims cannot even be counted. */
static int say_refused(struct submitting *u, const char *path, const struct aver_intake *intake)
{
    const struct aver_finding *f = aver_intake_findings(intake), *errors[ERRORS_MAX];
    const struct aver_intake_rejected *r = aver_intake_rejects(intake);
    bool *told = AVER_NEW_ARRAY(intake->arena, bool, intake->findings.count + 1);
    int code = AVER_EXIT_DONE;
    for (size_t i = 0; i < intake->findings.count; i++) say_finding(u, path, &f[i]);
    for (size_t i = 0; i < intake->rejected.count; i++) {
        size_t n = around(intake, &r[i], errors, ERRORS_MAX, told);
        say_rejected(u, path, r[i].claim, r[i].place, errors, n);
        code = AVER_EXIT_NO;
    }
    for (size_t i = 0; i < intake->findings.count; i++) {
        if (f[i].level == AVER_LEVEL_WARNING) continue;
        code = AVER_EXIT_NO;
        errors[0] = &f[i];
        if (!told[i]) say_rejected(u, path, f[i].claim, f[i].place, errors, 1);
    }
    return code;
}

/* ---- what the ledger answered -------------------------------------------------------------------------------------- */

static aver_err keep_receipt(struct submitting *u, const struct aver_item_result *result)
{
    if (!u->receipts || !result->receipt_proof.len) return AVER_OK;
    return aver_path_write(aver_arena_printf(&u->cmd->arena, "%s/%s.receipt", u->receipts, result->claim_id),
                           result->receipt_proof, 0640, true, &u->cmd->why);
}

static void say_taken(struct submitting *u, const char *path, const struct aver_claim *claim,
                      const struct aver_item_result *result, const struct aver_claim_state *state)
{
    struct aver_command *cmd = u->cmd;
    bool again = result->how == AVER_ITEM_REPEATED;
    const char *first = aver_time_words(&cmd->arena, state->received),
               *status = aver_claim_status_names[state->status];
    const char *owes =
        result->decided.status
            ? aver_money_words(&cmd->arena, (int64_t)result->decided.patient_responsibility.cents)
            : NULL;
    again ? u->repeated++ : u->accepted++;
    if (!cmd->json) {
        aver_print(cmd, "%s  %-20.*s %-9s paid %s", result->claim_id, AVER_STR(claim->patient_control_number),
                   status, aver_money_words(&cmd->arena, (int64_t)state->paid.cents));
        if (owes) aver_print(cmd, "  member owes %s", owes);
        if (again) aver_print(cmd, "  filed before, first on %s", first);
        if (result->words)
            aver_note(cmd, "claim %.*s: %s", AVER_STR(claim->patient_control_number), result->words);
        aver_print(cmd, "\n");
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    put_claim(&w, claim->patient_control_number);
    aver_json_field_str(&w, "file", path);
    aver_json_field_str(&w, "id", result->claim_id);
    aver_json_field_str(&w, "status", "accepted");
    aver_json_field_str(&w, "outcome", aver_outcome_names[result->outcome]);
    aver_json_field_str(&w, "decision", status);
    aver_json_field_money(&w, "charge", (int64_t)state->charge.cents);
    aver_json_field_money(&w, "paid", (int64_t)state->paid.cents);
    if (owes) aver_json_field_str(&w, "member_owes", owes);
    aver_json_key(&w, "repeated");
    aver_json_put_bool(&w, again);
    aver_json_field_str(&w, "received", first);
    aver_json_field_uint(&w, "entry", state->entry);
    aver_json_field_uint(&w, "height", state->height);
    json_errors(&w, NULL, 0);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

/* One claim that the ledger would not take. */
static void say_not_taken(struct submitting *u, const char *path, const struct aver_intake_claim *claim,
                          const struct aver_item_result *result)
{
    (void)aver_session_refused(u->cmd, result);
    struct aver_finding f = {.level = AVER_LEVEL_CLAIM,
                             .code = aver_bytes_str(u->cmd->why.code),
                             .place = claim->place,
                             .claim = claim->claim->patient_control_number,
                             .text = aver_bytes_str(u->cmd->why.text)};
    const struct aver_finding *one = &f;
    say_finding(u, path, &f);
    say_rejected(u, path, f.claim, f.place, &one, 1);
}

/* Every claim gets its answer, also when a receipt cannot be written: the claim is filed, and filing it again gives the same
 * receipt. The first such error is returned at the end. */
static aver_err say_results(struct submitting *u, const char *path, const struct aver_intake *intake,
                            const struct aver_item_result *results, int *code)
{
    const struct aver_intake_claim *claims = aver_intake_claims(intake);
    struct aver_why first = {0};
    aver_err unkept = AVER_OK;
    for (size_t i = 0; i < intake->claims.count; i++) {
        struct aver_claim_state state;
        if (!aver_item_stands(&results[i])) {
            say_not_taken(u, path, &claims[i], &results[i]);
            worse(code, AVER_EXIT_NO);
            continue;
        }
        AVER_TRY(aver_session_get(u->cmd, &u->s, &aver_claim_state_schema, &state,
                                  aver_arena_printf(&u->cmd->arena, "c/%s", results[i].claim_id)));
        say_taken(u, path, claims[i].claim, &results[i], &state);
        aver_err err = keep_receipt(u, &results[i]);
        if (err != AVER_OK && unkept == AVER_OK) {
            unkept = err;
            first = u->cmd->why;
        }
    }
    if (unkept != AVER_OK) u->cmd->why = first;
    return unkept;
}

static void say_dry(struct submitting *u, const char *path, const struct aver_intake *intake)
{
    const struct aver_intake_claim *claims = aver_intake_claims(intake);
    for (size_t i = 0; i < intake->claims.count; i++) {
        const struct aver_claim *c = claims[i].claim;
        u->accepted++;
        if (!u->cmd->json) {
            aver_print(u->cmd, "%-24s  %-20.*s can be filed  charge %s, %zu line%s\n", "-",
                       AVER_STR(c->patient_control_number),
                       aver_money_words(&u->cmd->arena, (int64_t)c->total_charge.cents), c->lines.count,
                       c->lines.count == 1 ? "" : "s");
            continue;
        }
        struct aver_json_writer w = aver_json_line(u->cmd);
        aver_json_begin_object(&w);
        put_claim(&w, c->patient_control_number);
        aver_json_field_str(&w, "file", path);
        aver_json_field(&w, "place", claims[i].place);
        aver_json_field_str(&w, "status", "accepted");
        aver_json_field_money(&w, "charge", (int64_t)c->total_charge.cents);
        aver_json_field_uint(&w, "lines", c->lines.count);
        json_errors(&w, NULL, 0);
        aver_json_end_object(&w);
        aver_json_end_line(u->cmd, &w);
    }
}

/* ---- one file ------------------------------------------------------------------------------------------------------ */

static aver_err file_claims(struct submitting *u, const char *path, const struct aver_intake *intake,
                            int *code)
{
    const struct aver_intake_claim *claims = aver_intake_claims(intake);
    struct aver_list items = {0};
    struct aver_item_result *results;
    for (size_t i = 0; i < intake->claims.count; i++)
        AVER_TRY(aver_session_add(u->cmd, &items, &aver_claim_schema, claims[i].claim));
    if (!items.count) return AVER_OK;
    AVER_TRY(aver_session_send(u->cmd, &u->s, AVER_TX_CLAIMS, &items, u->not_after_hours, &results));
    return say_results(u, path, intake, results, code);
}

static aver_err submit_file(struct submitting *u, const char *path, int *code)
{
    struct aver_arena arena = {0};
    struct aver_buf bytes = {0};
    struct aver_intake intake;
    aver_err err = aver_path_read(&bytes, path, AVER_INTAKE_FILE_MAX, &u->cmd->why);
    bool read = err == AVER_OK;
    if (read) {
        aver_intake_init(&intake, &arena);
        aver_intake_read(&intake, aver_buf_view(&bytes), u->format);
    }
    if (err == AVER_OK) {
        if (u->dry)
            say_dry(u, path, &intake);
        else
            err = file_claims(u, path, &intake, code);
    }
    if (read) worse(code, say_refused(u, path, &intake));
    aver_arena_free(&arena);
    aver_buf_free(&bytes);
    aver_arena_reset(&u->cmd->arena);
    return err;
}

static aver_err make_ready(struct submitting *u)
{
    if (u->dry) return AVER_OK;
    if (!aver_option(u->cmd, "ledger"))
        return aver_usage(u->cmd, "--ledger DIR is needed (or AVER_LEDGER); --dry-run does without");
    if (!aver_option(u->cmd, "key"))
        return aver_usage(u->cmd, "--key FILE is needed; --dry-run does without");
    if (u->receipts && mkdir(u->receipts, 0750) && errno != EEXIST)
        return aver_fail_errno(&u->cmd->why, "make the directory", u->receipts);
    struct stat st;
    if (u->receipts && (stat(u->receipts, &st) || !S_ISDIR(st.st_mode)))
        return aver_usage(u->cmd, "--receipts takes a directory; this is none");
    AVER_TRY(aver_session_key(u->cmd, &u->s, "key"));
    return aver_session_open(u->cmd, &u->s, AVER_LEDGER_WRITE);
}

static int submit_all(struct submitting *u)
{
    struct aver_command *cmd = u->cmd;
    int code = AVER_EXIT_DONE;
    AVER_CLI_TRY(cmd, make_ready(u));
    for (size_t i = 0; i < cmd->args_count; i++) {
        aver_err err = submit_file(u, cmd->args[i], &code);
        if (err != AVER_OK) worse(&code, aver_command_fail(cmd, err));
    }
    if (!cmd->json)
        aver_note(cmd, "%llu accepted, %llu filed before, %llu rejected", (unsigned long long)u->accepted,
                  (unsigned long long)u->repeated, (unsigned long long)u->rejected);
    return code;
}

static int run_submit(struct aver_command *cmd)
{
    struct submitting u = {
        .cmd = cmd, .dry = aver_flag(cmd, "dry-run"), .receipts = aver_option(cmd, "receipts")};
    AVER_CLI_TRY(
        cmd, aver_option_choice(cmd, "format", aver_intake_format_names, AVER_INTAKE_FORMAT_MAX, &u.format));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "not-after-hours", 1, NOT_AFTER_HOURS_MAX, AVER_NOT_AFTER_HOURS,
                                         &u.not_after_hours));
    int code = submit_all(&u);
    aver_session_close(&u.s);
    return code;
}

static const struct aver_option options[] = {
    {"format", "F", false, "auto (the default), 837p or csv", NULL},
    {"key", "FILE", false, "the key that signs (aver key new)", NULL},
    {"ledger", "DIR", false, "the ledger's directory", "AVER_LEDGER"},
    {"receipts", "DIR2", false, "write the signed intake receipts to DIR2/CLAIM.receipt", NULL},
    {"not-after-hours", "N", false, "how long the batch may be on its way (default 24)", NULL},
    {"dry-run", NULL, false, "read, map and check; needs neither key nor ledger, signs nothing", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_submit = {
    .name = "submit",
    .args = "FILE...",
    .args_min = 1,
    .args_max = FILES_MAX,
    .summary = "Files claims, one signed batch a file, and says what was decided on each.",
    .more = "Good claims go on; the exit code is 1 if any is rejected. Sending a claim again pays it once.",
    .options = options,
    .examples = {"aver submit monday.837 --ledger summit --key clinic.key --receipts receipts",
                 "aver submit --dry-run monday.837 claims.csv --json"},
    .run = run_submit,
};
