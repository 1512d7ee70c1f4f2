/* aver/explain.c - aver explain, and its form for an examiner: nothing left out.
 *
 * Per line, what it came to; per adjustment, the amount, the reason, the policy's words and where the plan's documents have
 * them, the table entry, the contract's source lines with their call chain, and what it took from which accumulator; at the
 * end what was read, what ran, and where the log holds it (29 CFR 2560.503-1(g)(1): the specific reason, the plan
 * provision, what is needed to perfect the claim, how to have it reviewed). */
#include "aver/explain.h"

#include "aver/carc_words.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/verbs.h"

#include <string.h>

static void say_posting(const struct aver_explaining *e, const struct aver_posting *p)
{
    struct aver_arena *arena = &e->cmd->arena;
    int64_t limit = aver_plain_limit(e->plain.policy, p), after = p->before.cents + p->amount.cents;
    aver_print(e->cmd, "            took  %.*s%s%.*s, %s, %.*s: used %s -> %s", AVER_STR(p->counter),
               p->tier.ptr ? " " : "", AVER_STR(p->tier), aver_scope_names[p->scope], AVER_STR(p->period),
               aver_money_words(arena, p->before.cents), aver_money_words(arena, after));
    if (limit >= 0)
        aver_print(e->cmd, " of %s%s", aver_money_words(arena, limit),
                   after + p->credit.cents >= limit ? ", reached" : "");
    if (p->credit.cents)
        aver_print(e->cmd, "; %s beside it, of other tiers and the year before",
                   aver_money_words(arena, p->credit.cents));
    if (p->pool.ptr) aver_print(e->cmd, "; shared as %.*s", AVER_STR(p->pool));
    aver_print(e->cmd, "\n");
}

static const char *digest_words(const struct aver_explaining *e, const aver_digest *digest)
{
    static const aver_digest none;
    return aver_digest_eq(*digest, none) ? "none"
                                         : aver_digest_words(&e->cmd->arena, digest->b, sizeof digest->b);
}

/* Beside the table of a case rate that has weights: what they are weights of. NULL: the table has prices. */
static const struct aver_policy_node *base_rate(const struct aver_explaining *e,
                                                const struct aver_adjustment *a)
{
    const struct aver_policy_node *at =
        e->plain.policy ? aver_policy_at(&e->plain.policy->root, a->because) : NULL;
    return at ? aver_policy_child(at->parent, AVER_LIT("base_rate")) : NULL;
}

static void say_row(const struct aver_explaining *e, const struct aver_table_row *row,
                    const struct aver_policy_node *base)
{
    struct aver_command *cmd = e->cmd;
    char from[AVER_DAY_TEXT], to[AVER_DAY_TEXT];
    if (row->price && base)
        aver_print(cmd, ": weight %s, of the base rate %s", aver_explain_price(&cmd->arena, row->price),
                   aver_money_words(&cmd->arena, base->number));
    else if (row->price)
        aver_print(cmd, ": %s a %.*s", aver_explain_price(&cmd->arena, row->price),
                   AVER_STR(row->unit.ptr ? row->unit : AVER_LIT("unit")));
    else if (row->bundled)
        aver_print(cmd, ": paid within another service");
    else if (row->column_2.ptr)
        aver_print(cmd, ": column 2 %.*s, indicator %llu", AVER_STR(row->column_2),
                   (unsigned long long)row->indicator);
    else if (row->indicator)
        aver_print(cmd, ": indicator %llu, units %llu", (unsigned long long)row->indicator,
                   (unsigned long long)row->units);
    if (row->modifier.len) aver_print(cmd, ", modifier %.*s", AVER_STR(row->modifier));
    if (row->place.len) aver_print(cmd, ", place %.*s", AVER_STR(row->place));
    aver_print(cmd, " from %s", aver_day_iso(from, row->from));
    if (row->to != AVER_NO_DAY) aver_print(cmd, " to %s", aver_day_iso(to, row->to));
}

static void say_table(const struct aver_explaining *e, const struct aver_adjustment *a,
                      const struct aver_line *line)
{
    struct aver_entry_used used;
    bool found = aver_explain_entry(e, a, line, &used);
    aver_print(e->cmd, "            table %.*s, code %.*s", AVER_STR(a->table), AVER_STR(a->table_key));
    if (used.row) say_row(e, used.row, base_rate(e, a));
    if (found)
        aver_print(e->cmd, "  (entry %s of table %s)", digest_words(e, &used.digest),
                   digest_words(e, &used.root));
    aver_print(e->cmd, "\n");
}

/* The code's text where somebody has loaded it, else our own short words. */
static void say_text(const struct aver_explaining *e, enum aver_code_set set, const char *label,
                     aver_bytes code)
{
    aver_bytes text = aver_codes_text(e->codes, set, code);
    if (text.ptr) aver_print(e->cmd, "            %s  %.*s: %.*s\n", label, AVER_STR(code), AVER_STR(text));
}

static void say_reason(const struct aver_explaining *e, const struct aver_adjustment *a)
{
    struct aver_command *cmd = e->cmd;
    const aver_bytes *rarc = a->rarc.items;
    aver_print(cmd, "%10s  %-7s %s; %s\n", aver_money_words(&cmd->arena, -a->amount.cents),
               aver_reason_words(&cmd->arena, a), aver_carc_words(a->carc), aver_group_words(a->group));
    say_text(e, AVER_CODES_CARC, "text", a->carc);
    if (!a->rarc.count) return;
    aver_print(cmd, "            remark");
    for (size_t i = 0; i < a->rarc.count; i++) aver_print(cmd, " %.*s", AVER_STR(rarc[i]));
    aver_print(cmd, "\n");
    for (size_t i = 0; i < a->rarc.count; i++) say_text(e, AVER_CODES_RARC, "text", rarc[i]);
}

static void say_policy(const struct aver_explaining *e, const char *label, aver_bytes path, aver_bytes value,
                       uint64_t line)
{
    aver_bytes source = aver_explain_citation(e, path);
    aver_print(e->cmd, "            %s   %.*s", label, AVER_STR(path));
    if (value.ptr) aver_print(e->cmd, " = %.*s", AVER_STR(value));
    if (line) aver_print(e->cmd, "  (policy line %llu)", (unsigned long long)line);
    if (source.ptr) aver_print(e->cmd, "\n            see   %.*s", AVER_STR(source));
    aver_print(e->cmd, "\n");
}

static void say_adjustment(const struct aver_explaining *e, const struct aver_adjustment *a,
                           const struct aver_line *of)
{
    struct aver_command *cmd = e->cmd;
    say_reason(e, a);
    say_policy(e, "why", a->because, a->value, a->policy_line);
    if (a->table.ptr) say_table(e, a, of);
    aver_print(cmd, "            by    %s\n", aver_explain_chain(e, a));
    const uint64_t *line = a->lines.items;
    for (size_t i = 0; e->source && i < a->lines.count; i++) {
        aver_bytes text = aver_explain_source(e, a->stage, line[i]);
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
    const char *next = aver_plain_next(&e->plain, d);
    aver_print(cmd,
               "\nclaim %s   line %llu   %s x%s   charge %s   allowed %s   paid %s   member owes %s   %s\n",
               e->found->id, (unsigned long long)d->number, aver_billed_words(&cmd->arena, l),
               l ? aver_units_words(&cmd->arena, l->units) : "?",
               aver_money_words(&cmd->arena, (int64_t)d->charge.cents),
               aver_money_words(&cmd->arena, (int64_t)d->allowed.cents),
               aver_money_words(&cmd->arena, (int64_t)d->paid.cents),
               aver_money_words(&cmd->arena, aver_line_owed(d)), aver_line_status_names[d->status]);
    if (l && l->drug_code.ptr)
        aver_print(cmd, "  drug %.*s, %s %.*s\n", AVER_STR(l->drug_code),
                   aver_units_words(&cmd->arena, l->drug_units), AVER_STR(l->drug_unit));
    if (d->benefit.ptr)
        aver_print(cmd, "  benefit %.*s, tier %.*s\n", AVER_STR(d->benefit), AVER_STR(d->tier));
    const struct aver_adjustment *a = d->adjustments.items;
    for (size_t i = 0; i < d->adjustments.count; i++) say_adjustment(e, &a[i], l);
    const char *spared = aver_plain_spared(&e->plain, d);
    if (*spared) aver_print(cmd, "            spared %s\n", spared);
    const struct aver_count *n = d->counts.items;
    for (size_t i = 0; i < d->counts.count; i++)
        aver_print(cmd, "            counts %.*s: used %s -> %s of %s\n", AVER_STR(n[i].limit),
                   aver_units_words(&cmd->arena, n[i].before),
                   aver_units_words(&cmd->arena, n[i].before + n[i].amount),
                   aver_units_words(&cmd->arena, n[i].most));
    const struct aver_posting *counted = d->postings.items;
    for (size_t i = 0; i < d->postings.count; i++) {
        aver_print(cmd, "%10s  counts  what is %s of the line\n",
                   aver_money_words(&cmd->arena, counted[i].amount.cents),
                   aver_basis_names[counted[i].basis]);
        say_posting(e, &counted[i]);
    }
    if (d->status == AVER_LINE_PENDED && d->reason.ptr) {
        aver_print(cmd, "  pended  %.*s\n", AVER_STR(d->reason));
        say_policy(e, "why", d->because, AVER_BYTES_NONE, 0);
        aver_print(cmd, "            task  %s\n", aver_plain_task(d));
    }
    const struct aver_plain_earlier *x = e->plain.earlier.items;
    for (size_t i = 0; i < e->plain.earlier.count; i++)
        if (x[i].line == d->number)
            aver_print(cmd, "            before  claim %.*s line %llu, %.*s, charge %s, received %s\n",
                       AVER_STR(x[i].id), (unsigned long long)x[i].number, AVER_STR(x[i].control),
                       aver_money_words(&cmd->arena, (int64_t)x[i].charge.cents),
                       aver_time_words(&cmd->arena, x[i].received));
    if (*next) aver_print(cmd, "            next  %s\n", next);
}

void aver_explain_held(const struct aver_explaining *e)
{
    const struct aver_decision *d = e->found->decision;
    if (d->status != AVER_CLAIM_HELD) return;
    aver_print(e->cmd, "  held    %s at %s:%llu\n", aver_explain_trap(d->trap),
               aver_explain_contract(e, d->trap_stage), (unsigned long long)d->trap_line);
    aver_bytes text = e->source ? aver_explain_source(e, d->trap_stage, d->trap_line) : AVER_BYTES_NONE;
    if (text.ptr)
        aver_print(e->cmd, "            %5llu | %.*s\n", (unsigned long long)d->trap_line, AVER_STR(text));
}

static void say_end(const struct aver_explaining *e)
{
    struct aver_command *cmd = e->cmd;
    const struct aver_decision *d = e->found->decision;
    const char *appeal = aver_plain_appeal(&e->plain);
    aver_explain_held(e);
    aver_print(cmd, "\n  next    %s\n", aver_explain_next(e));
    if (*appeal) aver_print(cmd, "  appeal  %s\n", appeal);
    aver_print(cmd, "  read    plan %.*s, policy %s", AVER_STR(d->plan.ptr ? d->plan : AVER_LIT("none")),
               digest_words(e, &d->policy));
    const struct aver_table_used *t = d->tables.items;
    for (size_t i = 0; i < d->tables.count; i++)
        aver_print(cmd, ", table %.*s %s", AVER_STR(t[i].name), digest_words(e, &t[i].root));
    aver_print(cmd, ", %zu records of the state\n", e->found->receipt.touches.count);
    const struct aver_plain_report *r = e->plain.reports.items;
    for (size_t i = 0; i < e->plain.reports.count; i++)
        aver_print(cmd, "  before  %.*s reported %s of %.*s%s%.*s, %s, %.*s\n", AVER_STR(r[i].source),
                   aver_money_words(&cmd->arena, r[i].cents), AVER_STR(r[i].counter),
                   r[i].tier.ptr ? " " : "", AVER_STR(r[i].tier), aver_scope_names[r[i].scope],
                   AVER_STR(r[i].period));
    aver_print(cmd,
               "  run     eligibility %s, coverage %s, payout %s; %llu gas (prices %llu); decided by %s\n",
               digest_words(e, &d->eligibility), digest_words(e, &d->coverage), digest_words(e, &d->payout),
               (unsigned long long)d->gas, (unsigned long long)d->gas_table,
               d->decided_by == 2 ? "a person" : "contract");
    aver_print(cmd, "  proof   log entry %llu, height %llu   (aver log prove %s)\n",
               (unsigned long long)e->found->state.entry, (unsigned long long)e->found->state.height,
               e->found->id);
}

aver_err aver_explain_lines(const struct aver_explaining *e, uint64_t only)
{
    const struct aver_decision *d = e->found->decision;
    const struct aver_line_decision *line = d->lines.items;
    size_t said = 0;
    AVER_ASSERT(e->plain.arena); /* begun */
    for (size_t i = 0; i < d->lines.count; i++) {
        if (only && line[i].number != only) continue;
        (e->cmd->json ? aver_explain_json : say_line)(e, &line[i]);
        said++;
    }
    if (!said)
        return aver_fail(&e->cmd->why, AVER_E_REFUSED, "CLAIM-LINE", e->found->id,
                         "the claim has no line %llu", (unsigned long long)only);
    return AVER_OK;
}

enum { FOR_EXAMINER = 1, FOR_MEMBER };
static const char *const readers[] = {NULL, "examiner", "member"};
enum { AS_TEXT = 1, AS_HTML };
static const char *const formats[] = {NULL, "text", "html"};

struct asked {
    uint64_t only, reader, format;
    const char *out; /* a file; NULL: standard output */
};

static aver_err read_options(struct aver_command *cmd, struct asked *q)
{
    AVER_TRY(aver_option_number(cmd, "line", 1, AVER_CLAIM_LINES_MAX, 0, &q->only));
    AVER_TRY(aver_option_choice(cmd, "for", readers, FOR_MEMBER, &q->reader));
    AVER_TRY(aver_option_choice(cmd, "format", formats, AS_HTML, &q->format));
    q->out = aver_option(cmd, "out");
    if (q->out && !q->format) q->format = AS_HTML;
    if (q->format == AS_HTML && q->reader == FOR_EXAMINER)
        return aver_usage(cmd, "the page is written for a member; leave out --for examiner");
    if (q->format == AS_HTML && q->only)
        return aver_usage(cmd, "the page shows the whole claim; leave out --line");
    if (q->format == AS_TEXT && q->out)
        return aver_usage(cmd, "--out is for the page: --format html; text goes to standard output");
    if (q->format == AS_HTML && cmd->json && !q->out)
        return aver_usage(cmd, "standard output cannot hold both; name a file for the page by --out FILE");
    return AVER_OK;
}

static aver_err write_page(const struct aver_explaining *e, const struct asked *q)
{
    struct aver_command *cmd = e->cmd;
    struct aver_buf page = {0};
    char hex[65];
    aver_explain_page(e, &page);
    if (!q->out) {
        aver_buf_bytes(&cmd->out, aver_buf_view(&page));
        aver_buf_free(&page);
        return AVER_OK;
    }
    aver_digest digest = aver_sha256(aver_buf_view(&page));
    aver_err err = aver_path_write(q->out, aver_buf_view(&page), 0600, true, &cmd->why);
    size_t len = page.len;
    aver_buf_free(&page);
    AVER_TRY(err);
    aver_hex(hex, aver_digest_bytes(&digest));
    if (!cmd->json) {
        aver_print(cmd, "%s: claim %s, %zu bytes\n", q->out, e->found->id, len);
        return AVER_OK;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", e->found->state.control);
    aver_json_field_str(&w, "id", e->found->id);
    aver_json_field_str(&w, "file", q->out);
    aver_json_field_uint(&w, "bytes", len);
    aver_json_field_str(&w, "sha256", hex);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
    return AVER_OK;
}

static aver_err explain(struct aver_explaining *e, struct aver_ledger *ledger, const struct asked *q)
{
    AVER_TRY(aver_explain_begin(e));
    AVER_TRY(aver_explain_reports(e, ledger));
    AVER_TRY(aver_explain_earlier(e));
    if (q->only && !aver_claim_line(&e->found->claim, q->only))
        return aver_fail(&e->cmd->why, AVER_E_REFUSED, "CLAIM-LINE", e->found->id,
                         "the claim has no line %llu", (unsigned long long)q->only);
    if (q->format == AS_HTML) return write_page(e, q);
    if (q->reader == FOR_MEMBER && !e->cmd->json) {
        aver_explain_member(e, q->only);
        return AVER_OK;
    }
    AVER_TRY(aver_explain_lines(e, q->only));
    if (!e->cmd->json) say_end(e);
    return AVER_OK;
}

static int run_explain(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_found found;
    struct aver_codes codes = {0};
    struct asked q = {0};
    struct aver_explaining e = {
        .cmd = cmd, .found = &found, .codes = &codes, .source = !aver_flag(cmd, "no-source")};
    AVER_CLI_TRY(cmd, read_options(cmd, &q));
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_claim_find(cmd, &s, cmd->args[0], &found);
    if (err == AVER_OK) err = aver_codes_open(&codes, aver_option(cmd, "ledger"), &cmd->arena, &cmd->why);
    if (err == AVER_OK) {
        e.view = aver_ledger_view(s.ledger);
        err = explain(&e, s.ledger, &q);
    }
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"for", "WHO", false, "examiner: everything (the default); member: in plain words", NULL},
    {"format", "FORM", false, "text (the default), or html: an explanation of benefits to print", NULL},
    {"out", "FILE", false, "write the page to this file", NULL},
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
    .more = "ID is the claim's id, or its patient control number where only one claim has it.\n"
            "Texts of codes that you have a licence to are used where they are loaded: aver codes load.",
    .options = options,
    .examples = {"aver explain 26407789 --for member --ledger summit",
                 "aver explain 26407789 --format html --out eob.html"},
    .run = run_explain,
};
