/* aver/claim.c - aver claim list and show. */
#include "aver/claims.h"
#include "aver/output.h"
#include "aver/verbs.h"

static void list_row(struct aver_command *cmd, const struct aver_claim_row *r)
{
    const char *status = aver_claim_status_names[r->state.status];
    if (!cmd->json) {
        aver_print(cmd, "%.*s  %-20.*s %-8s %12s %12s  %-12.*s %.*s\n", AVER_STR(r->id),
                   AVER_STR(r->state.control), status,
                   aver_money_words(&cmd->arena, (int64_t)r->state.charge.cents),
                   aver_money_words(&cmd->arena, (int64_t)r->state.paid.cents), AVER_STR(r->state.payee),
                   AVER_STR(r->state.trace.ptr ? r->state.trace : AVER_LIT("open")));
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", r->state.control);
    aver_json_field(&w, "id", r->id);
    aver_json_field_str(&w, "status", status);
    aver_json_field_uint(&w, "version", r->state.version);
    aver_json_field_money(&w, "charge", (int64_t)r->state.charge.cents);
    aver_json_field_money(&w, "paid", (int64_t)r->state.paid.cents);
    aver_json_field(&w, "payee", r->state.payee);
    aver_json_field(&w, "party", r->state.party);
    aver_json_field_str(&w, "received", aver_time_words(&cmd->arena, r->state.received));
    aver_json_field(&w, "trace", r->state.trace);
    aver_json_field_uint(&w, "entry", r->state.entry);
    aver_json_field_uint(&w, "height", r->state.height);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_list rows = {0};
    uint64_t status;
    const char *payee = aver_option(cmd, "payee");
    AVER_CLI_TRY(cmd, aver_option_choice(cmd, "status", aver_claim_status_names, AVER_CLAIM_HELD, &status));
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_claim_rows(cmd, &s, &rows);
    if (err == AVER_OK && !cmd->json)
        aver_print(cmd, "%-24s  %-20s %-8s %12s %12s  %-12s %s\n", "id", "patient control no.", "status",
                   "charge", "paid", "payee", "remitted");
    const struct aver_claim_row *row = rows.items;
    for (size_t i = 0; err == AVER_OK && i < rows.count; i++) {
        if (status && row[i].state.status != status) continue;
        if (payee && !aver_bytes_is(row[i].state.payee, payee)) continue;
        if (aver_flag(cmd, "open") && row[i].state.trace.ptr) continue;
        list_row(cmd, &row[i]);
    }
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {
    {"status", "S", false, "only these: decided, denied, pended or held", NULL},
    {"payee", "NPI", false, "only those of this payee", NULL},
    {"open", NULL, false, "only those that no remittance has reported", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_claim_list = {
    .name = "claim list",
    .args = "",
    .summary = "Lists claims in the order they were filed.",
    .options = list_options,
    .examples = {"aver claim list --ledger summit --open", "aver claim list --status pended --json"},
    .run = run_list,
};

static void show_adjustments(struct aver_command *cmd, const struct aver_line_decision *line)
{
    const struct aver_adjustment *a = line->adjustments.items;
    for (size_t i = 0; i < line->adjustments.count; i++)
        aver_print(cmd, "%48s  %-7s %.*s\n", aver_money_words(&cmd->arena, -a[i].amount.cents),
                   aver_reason_words(&cmd->arena, &a[i]), AVER_STR(a[i].because));
}

static void show_line(struct aver_command *cmd, const struct aver_found *f,
                      const struct aver_line_decision *line)
{
    const struct aver_line *l = aver_claim_line(&f->claim, line->number);
    aver_print(cmd, "%4llu  %-9s %8s %11s %11s %11s %11s  %s\n", (unsigned long long)line->number,
               aver_billed_words(&cmd->arena, l), l ? aver_units_words(&cmd->arena, l->units) : "",
               aver_money_words(&cmd->arena, (int64_t)line->charge.cents),
               aver_money_words(&cmd->arena, (int64_t)line->allowed.cents),
               aver_money_words(&cmd->arena, (int64_t)line->paid.cents),
               aver_money_words(&cmd->arena, aver_line_owed(line)), aver_line_status_names[line->status]);
    show_adjustments(cmd, line);
    if (line->reason.ptr)
        aver_print(cmd, "      %.*s (%.*s)\n", AVER_STR(line->reason), AVER_STR(line->because));
}

static void show(struct aver_command *cmd, const struct aver_found *f)
{
    const struct aver_decision *d = f->decision;
    aver_print(cmd, "claim %s   %.*s   %s\n", f->id, AVER_STR(f->state.control),
               aver_claim_status_names[d->status]);
    aver_print(cmd, "filed by %.*s on %s, paid to %.*s, plan %.*s\n\n", AVER_STR(f->state.party),
               aver_time_words(&cmd->arena, f->state.received), AVER_STR(d->payee),
               AVER_STR(d->plan.ptr ? d->plan : AVER_LIT("none")));
    aver_print(cmd, "%4s  %-9s %8s %11s %11s %11s %11s\n", "line", "procedure", "units", "charge", "allowed",
               "paid", "member owes");
    const struct aver_line_decision *line = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) show_line(cmd, f, &line[i]);
    aver_print(cmd, "%-24s %11s %11s %11s %11s\n", "total",
               aver_money_words(&cmd->arena, (int64_t)d->charge.cents),
               aver_money_words(&cmd->arena, (int64_t)d->allowed.cents),
               aver_money_words(&cmd->arena, (int64_t)d->paid.cents),
               aver_money_words(&cmd->arena, (int64_t)d->patient_responsibility.cents));
}

static void show_json_line(struct aver_command *cmd, struct aver_json_writer *w, const struct aver_found *f,
                           const struct aver_line_decision *line)
{
    const struct aver_line *l = aver_claim_line(&f->claim, line->number);
    const struct aver_adjustment *a = line->adjustments.items;
    aver_json_begin_object(w);
    aver_json_field_uint(w, "number", line->number);
    if (l) aver_json_field(w, "procedure", l->procedure);
    if (l && l->revenue_code.ptr) aver_json_field(w, "revenue_code", l->revenue_code);
    if (l) aver_json_field_str(w, "units", aver_units_words(&cmd->arena, l->units));
    aver_json_field_str(w, "status", aver_line_status_names[line->status]);
    aver_json_field_money(w, "charge", (int64_t)line->charge.cents);
    aver_json_field_money(w, "allowed", (int64_t)line->allowed.cents);
    aver_json_field_money(w, "paid", (int64_t)line->paid.cents);
    aver_json_field_money(w, "member_owes", aver_line_owed(line));
    aver_json_key(w, "adjustments");
    aver_json_begin_array(w);
    for (size_t i = 0; i < line->adjustments.count; i++) {
        aver_json_begin_object(w);
        aver_json_field_str(w, "group", aver_group_names[a[i].group]);
        aver_json_field(w, "carc", a[i].carc);
        aver_json_field_money(w, "amount", a[i].amount.cents);
        aver_json_field(w, "because", a[i].because);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    aver_json_field(w, "reason", line->reason);
    aver_json_field(w, "because", line->because);
    aver_json_end_object(w);
}

static void show_json(struct aver_command *cmd, const struct aver_found *f)
{
    const struct aver_decision *d = f->decision;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", f->state.control);
    aver_json_field_str(&w, "id", f->id);
    aver_json_field_str(&w, "status", aver_claim_status_names[d->status]);
    aver_json_field_uint(&w, "version", d->version);
    aver_json_field(&w, "party", f->state.party);
    aver_json_field(&w, "payee", d->payee);
    aver_json_field(&w, "plan", d->plan);
    aver_json_field_str(&w, "received", aver_time_words(&cmd->arena, f->state.received));
    aver_json_field_money(&w, "charge", (int64_t)d->charge.cents);
    aver_json_field_money(&w, "allowed", (int64_t)d->allowed.cents);
    aver_json_field_money(&w, "paid", (int64_t)d->paid.cents);
    aver_json_field_money(&w, "member_owes", (int64_t)d->patient_responsibility.cents);
    aver_json_key(&w, "lines");
    aver_json_begin_array(&w);
    const struct aver_line_decision *line = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) show_json_line(cmd, &w, f, &line[i]);
    aver_json_end_array(&w);
    aver_json_field(&w, "trace", f->state.trace);
    aver_json_field_uint(&w, "entry", f->state.entry);
    aver_json_field_uint(&w, "height", f->state.height);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_show(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_found found;
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_claim_find(cmd, &s, cmd->args[0], &found);
    if (err == AVER_OK) (cmd->json ? show_json : show)(cmd, &found);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option show_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_claim_show = {
    .name = "claim show",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Shows a claim and what was decided, line by line.",
    .more = "ID is the claim's id, or its patient control number where only one claim has it.",
    .options = show_options,
    .examples = {"aver claim show 26407789 --ledger summit", "aver claim show 26407789 --json"},
    .run = run_show,
};
