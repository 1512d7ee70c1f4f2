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

/* Findings of a file while its rejected claims are answered for. Both lists are in the order of the file. */
struct refusing {
    const struct aver_intake *intake;
    bool *told;  /* by finding */
    size_t next; /* the first finding that may be some claim's own and is not told */
    uint64_t
        *where; /* of each rejected claim, an offset within it or what it lies in; ascending at the end */
};

static bool is_own(const struct aver_finding *f) { return f->level != AVER_LEVEL_WARNING && f->claim.ptr; }

/* What rejected the claim, and then its own findings. */
static size_t errors_of(struct refusing *q, size_t at, const struct aver_finding **out, size_t max)
{
    const struct aver_intake_rejected *r = &aver_intake_rejects(q->intake)[at];
    const struct aver_finding *f = aver_intake_findings(q->intake);
    size_t n = 0;
    out[n++] = &f[r->finding];
    q->where[at] = f[r->finding].at.offset;
    q->told[r->finding] = true;
    for (; q->next < q->intake->findings.count; q->next++) {
        const struct aver_finding *own = &f[q->next];
        if (q->told[q->next] || !is_own(own)) continue;
        if (!aver_bytes_eq(own->claim, r->claim)) break;
        q->told[q->next] = true;
        q->where[at] = own->at.offset;
        if (n < max) out[n++] = own;
    }
    return n;
}

static int by_offset(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Whether a rejected claim lies in what the finding covers: then it is counted already. */
static bool covers_a_claim(const struct refusing *q, const struct aver_finding *f)
{
    size_t low = 0, high = q->intake->rejected.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (q->where[middle] < f->covers_from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < q->intake->rejected.count && q->where[low] < f->covers_to;
}

#define ERRORS_MAX 32 /* told of one claim on stdout; stderr has all */

/* All findings on stderr; on stdout one answer per rejected claim, and one per part of the file in which claims cannot even be
 * counted. With --json also one, with no claim, for what is wrong with a part whose claims are answered for. */
static int say_refused(struct submitting *u, const char *path, const struct aver_intake *intake)
{
    const struct aver_finding *f = aver_intake_findings(intake), *errors[ERRORS_MAX], *part = NULL;
    const struct aver_intake_rejected *r = aver_intake_rejects(intake);
    struct refusing q = {.intake = intake,
                         .told = AVER_NEW_ARRAY(intake->arena, bool, intake->findings.count + 1),
                         .where = AVER_NEW_ARRAY(intake->arena, uint64_t, intake->rejected.count + 1)};
    int code = AVER_EXIT_DONE;
    for (size_t i = 0; i < intake->findings.count; i++) say_finding(u, path, &f[i]);
    for (size_t i = 0; i < intake->rejected.count; i++) {
        size_t n = errors_of(&q, i, errors, ERRORS_MAX);
        say_rejected(u, path, r[i].claim, r[i].place, errors, n);
        code = AVER_EXIT_NO;
    }
    qsort(q.where, intake->rejected.count, sizeof *q.where, by_offset);
    uint64_t reach = 0; /* how far what rejected a claim covers */
    for (size_t i = 0; i < intake->findings.count; i++) {
        if (f[i].level == AVER_LEVEL_WARNING) continue;
        code = AVER_EXIT_NO;
        if (q.told[i]) {
            if (f[i].covers_to > reach) reach = f[i].covers_to;
            continue;
        }
        bool counted = f[i].covers_from < reach || covers_a_claim(&q, &f[i]) ||
                       (part && part->covers_from == f[i].covers_from && part->covers_to == f[i].covers_to);
        if (counted && !u->cmd->json) continue;
        errors[0] = &f[i];
        if (!counted) part = &f[i];
        say_rejected(u, path, f[i].claim, f[i].place, errors, 1);
        if (counted) u->rejected--;
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
    .more =
        "Good claims go on; the exit code is 1 if any is rejected. Sending a claim again pays it once.\n"
        "A CSV has a row for each line of a claim: patient_control_number, procedure, units, charge, service_from; in a claim's first\n"
        "row also member_id and total_charge, and what is known of the rest. A hospital's has type institutional, type_of_bill,\n"
        "statement_from, statement_to, admission_date, drg and revenue_code; a drug ndc, ndc_units, ndc_unit (docs/files.md).",
    .options = options,
    .examples = {"aver submit monday.837 --ledger summit --key clinic.key --receipts receipts",
                 "aver submit --dry-run monday.837 claims.csv --json"},
    .run = run_submit,
};
