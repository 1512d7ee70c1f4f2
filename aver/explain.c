/* aver/explain.c - aver explain: why each cent was or was not paid, for people.
 *
 * Per line, what it came to; per adjustment, the amount, the reason, the policy's words, the contract's source lines with
 * their call chain, and what it took from which accumulator; at the end what was read, what ran, and where the log holds
 * it (29 CFR 2560.503-1(g)(1): the specific reason, the plan provision, what is needed to perfect the claim). */
#include "aver/explain.h"

#include "aver/carc_words.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/model/table.h"
#include "vm/vm.h"

#include <string.h>

static aver_digest contract_of(const struct aver_decision *d, uint64_t stage)
{
    switch ((enum aver_stage)stage) {
    case AVER_STAGE_ELIGIBILITY: return d->eligibility;
    case AVER_STAGE_COVERAGE: return d->coverage;
    case AVER_STAGE_PAYOUT: return d->payout;
    case AVER_STAGE_HOST: return (aver_digest){{0}};
    }
    AVER_UNREACHABLE();
}

/* "coverage.lua", from the name under which the contract was published; the stage's name where that cannot be told. */
static const char *contract_file(const struct aver_explaining *e, uint64_t stage)
{
    if (stage == AVER_STAGE_HOST) return "the ledger itself";
    struct aver_artifact_state state;
    struct aver_stored stored;
    char hex[65];
    aver_digest digest = contract_of(e->found->decision, stage);
    aver_hex(hex, aver_digest_bytes(&digest));
    aver_err err = e->view->get(e->view->self, aver_bytes_str(aver_arena_printf(&e->cmd->arena, "a/%s", hex)),
                                &stored, NULL);
    if (err == AVER_OK)
        err = aver_schema_read(aver_arena_copy(&e->cmd->arena, stored.record), &aver_artifact_state_schema,
                               &state, &e->cmd->arena, NULL);
    return err == AVER_OK ? aver_arena_printf(&e->cmd->arena, "%.*s.lua", AVER_STR(state.name))
                          : aver_stage_names[stage];
}

/* Line `number` of a text, trimmed; absent when there is none. */
static aver_bytes line_of(aver_bytes text, uint64_t number)
{
    while (number > 1 && text.len) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) + 1 : text.len;
        text = aver_bytes_cut(text, n, text.len - n);
        number--;
    }
    if (number != 1 || !text.len) return AVER_BYTES_NONE;
    const uint8_t *end = memchr(text.ptr, '\n', text.len);
    return aver_bytes_trim(aver_bytes_cut(text, 0, end ? (size_t)(end - text.ptr) : text.len));
}

static aver_bytes source_line(const struct aver_explaining *e, uint64_t stage, uint64_t number)
{
    aver_bytes text;
    if (stage == AVER_STAGE_HOST || !number) return AVER_BYTES_NONE;
    if (e->view->artifact(e->view->self, contract_of(e->found->decision, stage), &text, NULL) != AVER_OK)
        return AVER_BYTES_NONE;
    return line_of(text, number);
}

/* "coverage.lua:36 < 55": where it was done, then who called. */
const char *aver_explain_chain(const struct aver_explaining *e, const struct aver_adjustment *a)
{
    struct aver_buf text = {0};
    const uint64_t *line = a->lines.items;
    aver_buf_str(&text, contract_file(e, a->stage));
    for (size_t i = 0; i < a->lines.count; i++)
        aver_buf_printf(&text, "%s%llu", i ? " < " : ":", (unsigned long long)line[i]);
    const char *kept = aver_arena_printf(&e->cmd->arena, "%.*s", AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return kept;
}

static void say_posting(const struct aver_explaining *e, const struct aver_posting *p)
{
    struct aver_arena *arena = &e->cmd->arena;
    aver_print(e->cmd, "            took  %.*s %.*s, %s, %.*s: used %s -> %s\n", AVER_STR(p->counter),
               AVER_STR(p->tier), aver_scope_names[p->scope], AVER_STR(p->period),
               aver_money_words(arena, p->before.cents),
               aver_money_words(arena, p->before.cents + p->amount.cents));
}

/* "92", "0.087": millionths of a dollar, for people. */
static const char *price_words(struct aver_arena *arena, uint64_t micros)
{
    char *text = aver_arena_printf(arena, "%llu.%06u", (unsigned long long)(micros / 1000000),
                                   (unsigned)(micros % 1000000));
    size_t n = strlen(text);
    while (text[n - 1] == '0' && text[n - 3] != '.') n--; /* two decimals stay */
    text[n] = 0;
    return text;
}

/* The row that held for the line; NULL where the table or the row cannot be found any more. */
static const struct aver_table_row *row_of(const struct aver_explaining *e, const struct aver_adjustment *a,
                                           const struct aver_line *line)
{
    const struct aver_table_used *t = e->found->decision->tables.items;
    for (size_t i = 0; line && i < e->found->decision->tables.count; i++) {
        aver_bytes bytes;
        struct aver_table_entry *entry = AVER_NEW(&e->cmd->arena, struct aver_table_entry);
        if (!aver_bytes_eq(t[i].name, a->table)) continue;
        if (e->view->table_entry(e->view->self, t[i].root, a->table_key, &bytes, NULL) != AVER_OK)
            return NULL;
        bytes = aver_arena_copy(&e->cmd->arena, bytes);
        if (aver_schema_read(bytes, &aver_table_entry_schema, entry, &e->cmd->arena, NULL) != AVER_OK)
            return NULL;
        aver_bytes place =
            line->place_of_service.ptr ? line->place_of_service : e->found->claim.place_of_service;
        return aver_table_row_on(entry, line->service_from, line->modifiers.items, line->modifiers.count,
                                 place);
    }
    return NULL;
}

static void say_table(const struct aver_explaining *e, const struct aver_adjustment *a,
                      const struct aver_line *line)
{
    const struct aver_table_row *row = row_of(e, a, line);
    char from[AVER_DAY_TEXT];
    aver_print(e->cmd, "            table %.*s, code %.*s", AVER_STR(a->table), AVER_STR(a->table_key));
    if (row && (row->price || row->bundled))
        aver_print(e->cmd, ": %s a unit from %s", price_words(&e->cmd->arena, row->price),
                   aver_day_iso(from, row->from));
    else if (row && row->indicator)
        aver_print(e->cmd, ": indicator %llu, units %llu", (unsigned long long)row->indicator,
                   (unsigned long long)row->units);
    aver_print(e->cmd, "\n");
}

static void say_adjustment(const struct aver_explaining *e, const struct aver_adjustment *a,
                           const struct aver_line *of)
{
    struct aver_command *cmd = e->cmd;
    aver_print(cmd, "%10s  %-7s %s; %s\n", aver_money_words(&cmd->arena, -a->amount.cents),
               aver_reason_words(&cmd->arena, a), aver_carc_words(a->carc), aver_group_words(a->group));
    if (a->rarc.count) {
        const aver_bytes *rarc = a->rarc.items;
        aver_print(cmd, "            remark");
        for (size_t i = 0; i < a->rarc.count; i++) aver_print(cmd, " %.*s", AVER_STR(rarc[i]));
        aver_print(cmd, "\n");
    }
    aver_print(cmd, "            why   %.*s", AVER_STR(a->because));
    if (a->value.ptr) aver_print(cmd, " = %.*s", AVER_STR(a->value));
    if (a->policy_line) aver_print(cmd, "  (policy line %llu)", (unsigned long long)a->policy_line);
    aver_print(cmd, "\n");
    if (a->table.ptr) say_table(e, a, of);
    aver_print(cmd, "            by    %s\n", aver_explain_chain(e, a));
    const uint64_t *line = a->lines.items;
    for (size_t i = 0; e->source && i < a->lines.count; i++) {
        aver_bytes text = source_line(e, a->stage, line[i]);
        if (text.ptr)
            aver_print(cmd, "            %5llu | %.*s\n", (unsigned long long)line[i], AVER_STR(text));
    }
    const struct aver_posting *p = a->postings.items;
    for (size_t i = 0; i < a->postings.count; i++) say_posting(e, &p[i]);
    if (a->note.ptr) aver_print(cmd, "            note  %.*s\n", AVER_STR(a->note));
}

static void say_line(const struct aver_explaining *e, const struct aver_line_decision *d)
{
    struct aver_command *cmd = e->cmd;
    const struct aver_line *l = aver_claim_line(&e->found->claim, d->number);
    aver_print(cmd,
               "\nclaim %s   line %llu   %.*s x%s   charge %s   allowed %s   paid %s   member owes %s   %s\n",
               e->found->id, (unsigned long long)d->number, AVER_STR(l ? l->procedure : AVER_BYTES_NONE),
               l ? aver_units_words(&cmd->arena, l->units) : "?",
               aver_money_words(&cmd->arena, (int64_t)d->charge.cents),
               aver_money_words(&cmd->arena, (int64_t)d->allowed.cents),
               aver_money_words(&cmd->arena, (int64_t)d->paid.cents),
               aver_money_words(&cmd->arena, aver_line_owed(d)), aver_line_status_names[d->status]);
    if (d->benefit.ptr)
        aver_print(cmd, "  benefit %.*s, tier %.*s\n", AVER_STR(d->benefit), AVER_STR(d->tier));
    const struct aver_adjustment *a = d->adjustments.items;
    for (size_t i = 0; i < d->adjustments.count; i++) say_adjustment(e, &a[i], l);
    if (d->status == AVER_LINE_PENDED && d->reason.ptr)
        aver_print(cmd, "  pended  %.*s  (%.*s)\n", AVER_STR(d->reason), AVER_STR(d->because));
}

static const char *trap_words(uint64_t trap)
{
    switch ((enum aver_trap)trap) {
    case AVER_TRAP_NONE: return "nothing";
    case AVER_TRAP_GAS: return "it ran out of gas";
    case AVER_TRAP_ERROR: return "an error in its code";
    case AVER_TRAP_FAIL: return "it gave up by fail()";
    case AVER_TRAP_ARGUMENT: return "a function was given what it does not take";
    case AVER_TRAP_FIELD: return "it used a field that there is not";
    case AVER_TRAP_RANGE: return "a number left its range";
    case AVER_TRAP_ENTRY: return "it lacks the entry point";
    case AVER_TRAP_RULE: return "it would have broken a rule of adjudication";
    case AVER_TRAP_FAMILY: return "it reached for another family's state";
    }
    AVER_UNREACHABLE();
}

/* What the reader can do about it. */
static const char *next_words(const struct aver_explaining *e)
{
    const struct aver_decision *d = e->found->decision;
    switch ((enum aver_claim_status)d->status) {
    case AVER_CLAIM_PAYABLE:
        return e->found->state.trace.ptr
                   ? aver_arena_printf(&e->cmd->arena,
                                       "reported in remittance %.*s; aver remit show prints it",
                                       AVER_STR(e->found->state.trace))
                   : "the next remittance to the payee reports it (aver remit)";
    case AVER_CLAIM_DENIED:
        return "nothing is paid; where a line lacks something, the provider mends it and files a new claim, with a patient control "
               "number of its own";
    case AVER_CLAIM_PENDED:
        return "a person of the insurer settles what is pended above; until then nothing is paid, owed or used up, and no remittance "
               "reports it";
    case AVER_CLAIM_HELD:
        return "the insurer mends the contract; the claim keeps the date on which it was filed, nothing is paid, owed or used up";
    }
    AVER_UNREACHABLE();
}

void aver_explain_held(const struct aver_explaining *e)
{
    const struct aver_decision *d = e->found->decision;
    if (d->status != AVER_CLAIM_HELD) return;
    aver_print(e->cmd, "  held    %s at %s:%llu\n", trap_words(d->trap), contract_file(e, d->trap_stage),
               (unsigned long long)d->trap_line);
    aver_bytes text = e->source ? source_line(e, d->trap_stage, d->trap_line) : AVER_BYTES_NONE;
    if (text.ptr)
        aver_print(e->cmd, "            %5llu | %.*s\n", (unsigned long long)d->trap_line, AVER_STR(text));
}

static const char *digest_words(const struct aver_explaining *e, const aver_digest *digest)
{
    static const aver_digest none;
    return aver_digest_eq(*digest, none) ? "none"
                                         : aver_digest_words(&e->cmd->arena, digest->b, sizeof digest->b);
}

static void say_end(const struct aver_explaining *e)
{
    struct aver_command *cmd = e->cmd;
    const struct aver_decision *d = e->found->decision;
    aver_explain_held(e);
    aver_print(cmd, "\n  next    %s\n", next_words(e));
    aver_print(cmd, "  read    plan %.*s, policy %s", AVER_STR(d->plan.ptr ? d->plan : AVER_LIT("none")),
               digest_words(e, &d->policy));
    const struct aver_table_used *t = d->tables.items;
    for (size_t i = 0; i < d->tables.count; i++)
        aver_print(cmd, ", table %.*s %s", AVER_STR(t[i].name), digest_words(e, &t[i].root));
    aver_print(cmd, ", %zu records of the state\n", e->found->receipt.touches.count);
    aver_print(cmd,
               "  run     eligibility %s, coverage %s, payout %s; %llu gas (prices %llu); decided by %s\n",
               digest_words(e, &d->eligibility), digest_words(e, &d->coverage), digest_words(e, &d->payout),
               (unsigned long long)d->gas, (unsigned long long)d->gas_table,
               d->decided_by == 2 ? "a person" : "contract");
    aver_print(cmd, "  proof   log entry %llu, height %llu   (aver log prove %s)\n",
               (unsigned long long)e->found->state.entry, (unsigned long long)e->found->state.height,
               e->found->id);
}

static void json_lines(struct aver_json_writer *w, const struct aver_list *lines)
{
    const uint64_t *line = lines->items;
    aver_json_key(w, "source_lines");
    aver_json_begin_array(w);
    for (size_t i = 0; i < lines->count; i++) aver_json_put_uint(w, line[i]);
    aver_json_end_array(w);
}

static void json_adjustment(const struct aver_explaining *e, struct aver_json_writer *w,
                            const struct aver_adjustment *a)
{
    const aver_bytes *rarc = a->rarc.items;
    const struct aver_posting *p = a->postings.items;
    aver_json_begin_object(w);
    aver_json_field_money(w, "amount", a->amount.cents);
    aver_json_field_str(w, "group", aver_group_names[a->group]);
    aver_json_field(w, "carc", a->carc);
    aver_json_field_str(w, "words", aver_carc_words(a->carc));
    aver_json_key(w, "rarc");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->rarc.count; i++) aver_json_put_string(w, rarc[i]);
    aver_json_end_array(w);
    aver_json_field(w, "because", a->because);
    aver_json_field(w, "value", a->value);
    aver_json_field_uint(w, "policy_line", a->policy_line);
    aver_json_field_str(w, "stage", aver_stage_names[a->stage]);
    aver_json_field_str(w, "source", aver_explain_chain(e, a));
    json_lines(w, &a->lines);
    aver_json_field(w, "table", a->table);
    aver_json_field(w, "table_key", a->table_key);
    aver_json_key(w, "postings");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->postings.count; i++) {
        aver_json_begin_object(w);
        aver_json_field(w, "counter", p[i].counter);
        aver_json_field(w, "tier", p[i].tier);
        aver_json_field_str(w, "scope", aver_scope_names[p[i].scope]);
        aver_json_field(w, "period", p[i].period);
        aver_json_field_money(w, "amount", p[i].amount.cents);
        aver_json_field_money(w, "before", p[i].before.cents);
        aver_json_field_money(w, "after", p[i].before.cents + p[i].amount.cents);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    aver_json_field(w, "note", a->note);
    aver_json_end_object(w);
}

static void json_line(const struct aver_explaining *e, const struct aver_line_decision *d)
{
    const struct aver_decision *all = e->found->decision;
    const struct aver_line *l = aver_claim_line(&e->found->claim, d->number);
    const struct aver_adjustment *a = d->adjustments.items;
    struct aver_json_writer w = aver_json_line(e->cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", e->found->state.control);
    aver_json_field_str(&w, "id", e->found->id);
    aver_json_field_uint(&w, "line", d->number);
    if (l) aver_json_field(&w, "procedure", l->procedure);
    aver_json_field_str(&w, "status", aver_line_status_names[d->status]);
    aver_json_field_money(&w, "charge", (int64_t)d->charge.cents);
    aver_json_field_money(&w, "allowed", (int64_t)d->allowed.cents);
    aver_json_field_money(&w, "paid", (int64_t)d->paid.cents);
    aver_json_field_money(&w, "member_owes", aver_line_owed(d));
    aver_json_field(&w, "benefit", d->benefit);
    aver_json_field(&w, "tier", d->tier);
    aver_json_key(&w, "adjustments");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < d->adjustments.count; i++) json_adjustment(e, &w, &a[i]);
    aver_json_end_array(&w);
    aver_json_field(&w, "reason", d->reason);
    aver_json_field(&w, "because", d->because);
    if (all->status == AVER_CLAIM_HELD) {
        aver_json_field_str(&w, "trap", trap_words(all->trap));
        aver_json_field_uint(&w, "trap_line", all->trap_line);
    }
    aver_json_field_str(&w, "next", next_words(e));
    aver_json_field(&w, "plan", all->plan);
    aver_json_field_hex(&w, "policy", aver_digest_bytes(&all->policy));
    aver_json_field_hex(&w, "eligibility", aver_digest_bytes(&all->eligibility));
    aver_json_field_hex(&w, "coverage", aver_digest_bytes(&all->coverage));
    aver_json_field_hex(&w, "payout", aver_digest_bytes(&all->payout));
    aver_json_field_uint(&w, "gas", all->gas);
    aver_json_field_uint(&w, "gas_table", all->gas_table);
    aver_json_field_str(&w, "decided_by", all->decided_by == 2 ? "person" : "contract");
    aver_json_field_uint(&w, "entry", e->found->state.entry);
    aver_json_field_uint(&w, "height", e->found->state.height);
    aver_json_end_object(&w);
    aver_json_end_line(e->cmd, &w);
}

aver_err aver_explain_lines(const struct aver_explaining *e, uint64_t only)
{
    const struct aver_decision *d = e->found->decision;
    const struct aver_line_decision *line = d->lines.items;
    size_t said = 0;
    for (size_t i = 0; i < d->lines.count; i++) {
        if (only && line[i].number != only) continue;
        (e->cmd->json ? json_line : say_line)(e, &line[i]);
        said++;
    }
    if (!said)
        return aver_fail(&e->cmd->why, AVER_E_REFUSED, "CLAIM-LINE", e->found->id,
                         "the claim has no line %llu", (unsigned long long)only);
    return AVER_OK;
}

static int run_explain(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_found found;
    struct aver_explaining e = {.cmd = cmd, .found = &found, .source = !aver_flag(cmd, "no-source")};
    uint64_t only;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "line", 1, AVER_CLAIM_LINES_MAX, 0, &only));
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_claim_find(cmd, &s, cmd->args[0], &found);
    if (err == AVER_OK) {
        e.view = aver_ledger_view(s.ledger);
        err = aver_explain_lines(&e, only);
    }
    if (err == AVER_OK && !cmd->json) say_end(&e);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"line", "N", false, "only this line of the claim", NULL},
    {"source", NULL, false, "also print the contract's source lines (the default)", NULL},
    {"no-source", NULL, false, "leave the source lines out", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_explain = {
    .name = "explain",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Says why each cent of a claim was or was not paid.",
    .more = "ID is the claim's id, or its patient control number where only one claim has it.",
    .options = options,
    .examples = {"aver explain 26407789 --ledger summit", "aver explain 26407789 --line 2 --json"},
    .run = run_explain,
};
