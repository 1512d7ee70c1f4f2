/* aver/remit.c - aver remit and remit show: a payment to a payee, and the file that explains it.
 *
 * The ledger records the remittance first; the file is made from its records and can be made again at any time. What is
 * written out as X12 835 has been read again by an independent checker. */
#include "adapters/remit_csv.h"
#include "adapters/x835.h"
#include "adapters/x835_check.h"
#include "aver/claims.h"
#include "aver/codes.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/verbs.h"

#include <stdio.h>
#include <string.h>

#define TRACE_PAYEE_BYTES 10 /* of the payee's id in a trace that nobody chose */

enum format { FORMAT_835 = 1, FORMAT_CSV };
static const char *const format_names[] = {NULL, "835", "csv"};

/* Policies already loaded, by digest. */
struct policies {
    struct aver_command *cmd;
    struct aver_session *s;
    struct aver_list loaded; /* of struct aver_policy_loaded * */
};

/* *out is NULL where no policy applied. */
static aver_err policy_of(struct policies *p, aver_digest digest, const struct aver_policy_loaded **out)
{
    static const aver_digest none;
    *out = NULL;
    if (aver_digest_eq(digest, none)) return AVER_OK;
    struct aver_policy_loaded **known = p->loaded.items;
    for (size_t i = 0; i < p->loaded.count; i++)
        if (aver_digest_eq(known[i]->digest, digest)) {
            *out = known[i];
            return AVER_OK;
        }
    aver_bytes content;
    struct aver_policy_loaded *policy = AVER_NEW(&p->cmd->arena, struct aver_policy_loaded);
    AVER_TRY(aver_session_artifact(p->cmd, p->s, digest, &content));
    AVER_TRY(
        aver_policy_load(policy, aver_arena_copy(&p->cmd->arena, content), &p->cmd->arena, &p->cmd->why));
    *(struct aver_policy_loaded **)aver_list_add(&p->cmd->arena, &p->loaded, sizeof policy) = policy;
    *out = policy;
    return AVER_OK;
}

/* Looks for the remittance that carried a balance into this one. */
struct carrying {
    struct aver_command *cmd;
    const struct aver_remittance *into;
    uint64_t entry;
    aver_bytes trace;
};

static aver_err look_at(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct carrying *c = user;
    struct aver_remittance r = {0};
    (void)name;
    AVER_TRY(aver_schema_read(aver_arena_copy(&c->cmd->arena, stored.record), &aver_remittance_schema, &r,
                              &c->cmd->arena, why));
    if (!aver_bytes_eq(r.payee, c->into->payee) || r.entry >= c->into->entry || r.entry < c->entry)
        return AVER_OK;
    c->entry = r.entry;
    c->trace = r.trace;
    return AVER_OK;
}

/* Where no claim of a remittance met a policy (unknown members, say), the payer is that of the newest policy which was in
 * force when it was made: the same each time the file is written. */
struct paying {
    struct aver_command *cmd;
    uint64_t until, height; /* of the remittance; of what was found */
    aver_digest policy;
};

static aver_err look_for_payer(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct paying *p = user;
    struct aver_plan_state plan = {0};
    (void)name;
    AVER_TRY(aver_schema_read(stored.record, &aver_plan_state_schema, &plan, &p->cmd->arena, why));
    const struct aver_plan_version *v = plan.versions.items;
    for (size_t i = 0; i < plan.versions.count; i++)
        if (v[i].height <= p->until && v[i].height > p->height)
            p->height = v[i].height, p->policy = v[i].policy;
    return AVER_OK;
}

static aver_err payer_policy(struct aver_command *cmd, struct aver_session *s, uint64_t height,
                             aver_digest *out)
{
    struct paying p = {.cmd = cmd, .until = height};
    AVER_TRY(aver_ledger_names(s->ledger, "l/", look_for_payer, &p, &cmd->why));
    *out = p.policy;
    return AVER_OK;
}

/* The id stands in for it: another claim may know the name. */
static bool has_no_name(const struct aver_x835_payee *p)
{
    return aver_bytes_eq(p->name, p->npi.ptr ? p->npi : p->tax_id.ptr ? p->tax_id : p->other_id);
}

/* All that the writers need, in the command's arena. */
static aver_err gather(struct aver_command *cmd, struct aver_session *s, const struct aver_remittance *r,
                       uint64_t height, struct aver_x835_remit *out)
{
    struct policies policies = {.cmd = cmd, .s = s};
    static const aver_digest none;
    aver_digest payer = none; /* the policy of the newest claim that was decided under one */
    const struct aver_policy_loaded *policy;
    const aver_bytes *ids = r->claims.items;
    struct aver_x835_claim *claims = AVER_NEW_ARRAY(&cmd->arena, struct aver_x835_claim, r->claims.count);
    *out = (struct aver_x835_remit){.remittance = r, .claims = claims, .count = r->claims.count};
    out->usage = aver_flag(cmd, "test") ? 'T' : 'P';
    for (size_t i = 0; i < r->claims.count; i++) {
        struct aver_found *f = AVER_NEW(&cmd->arena, struct aver_found);
        AVER_TRY(aver_claim_load(cmd, s, ids[i], f));
        AVER_TRY(policy_of(&policies, f->decision->policy, &policy));
        if (policy) payer = f->decision->policy;
        claims[i] = (struct aver_x835_claim){.claim = &f->claim,
                                             .decision = f->decision,
                                             .filing_indicator =
                                                 aver_x835_filing_indicator(policy ? &policy->root : NULL),
                                             .received = aver_day_of_ms(f->state.received)};
        if (i == 0 || has_no_name(&out->payee)) out->payee = aver_x835_payee_of(r->payee, &f->claim);
    }
    if (aver_digest_eq(payer, none)) AVER_TRY(payer_policy(cmd, s, height, &payer));
    AVER_TRY(policy_of(&policies, payer, &policy));
    if (policy) out->payer = aver_x835_payer_from_policy(&policy->root);
    if (r->carried_in.cents) {
        struct carrying c = {.cmd = cmd, .into = r};
        AVER_TRY(aver_ledger_names(s->ledger, "r/", look_at, &c, &cmd->why));
        out->carried_in_trace = c.trace;
    }
    return AVER_OK;
}

static aver_bytes carc_text(const void *codes, aver_bytes code)
{
    return aver_codes_text(codes, AVER_CODES_CARC, code);
}

static aver_bytes rarc_text(const void *codes, aver_bytes code)
{
    return aver_codes_text(codes, AVER_CODES_RARC, code);
}

static aver_err make_file(struct aver_command *cmd, struct aver_session *s, const struct aver_remittance *r,
                          uint64_t height, enum format format, struct aver_buf *bytes)
{
    struct aver_x835_remit remit;
    struct aver_x835_totals totals;
    AVER_TRY(gather(cmd, s, r, height, &remit));
    if (format == FORMAT_CSV) {
        struct aver_codes codes = {0};
        AVER_TRY(aver_codes_open(&codes, aver_option(cmd, "ledger"), &cmd->arena, &cmd->why));
        remit.texts = &codes;
        remit.carc_text = carc_text;
        remit.rarc_text = rarc_text;
        return aver_remit_csv_write(bytes, &remit, &cmd->why);
    }
    AVER_TRY(aver_x835_write(bytes, &remit, &cmd->why));
    return aver_x835_check(aver_buf_view(bytes), &totals, &cmd->why);
}

static void say(struct aver_command *cmd, const struct aver_remittance *r, const char *path,
                const struct aver_buf *bytes)
{
    char date[AVER_DAY_TEXT];
    aver_day_iso(date, r->date);
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "trace", r->trace);
        aver_json_field(&w, "payee", r->payee);
        aver_json_field_str(&w, "date", date);
        aver_json_field_uint(&w, "claims", r->claims.count);
        aver_json_field_money(&w, "claims_paid", r->claims_paid.cents);
        aver_json_field_money(&w, "carried_in", r->carried_in.cents);
        aver_json_field_money(&w, "carried_out", r->carried_out.cents);
        aver_json_field_money(&w, "payment", (int64_t)r->payment.cents);
        if (path)
            aver_json_field_str(&w, "file", path);
        else
            aver_json_field(&w, "content", aver_buf_view(bytes));
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    if (!path) {
        aver_buf_bytes(&cmd->out, aver_buf_view(bytes));
        return;
    }
    aver_print(cmd, "%.*s  to %.*s  %s  %zu claim%s, paid %s, payment %s", AVER_STR(r->trace),
               AVER_STR(r->payee), date, r->claims.count, r->claims.count == 1 ? "" : "s",
               aver_money_words(&cmd->arena, r->claims_paid.cents),
               aver_money_words(&cmd->arena, (int64_t)r->payment.cents));
    if (r->carried_in.cents)
        aver_print(cmd, ", carried in %s", aver_money_words(&cmd->arena, r->carried_in.cents));
    if (r->carried_out.cents)
        aver_print(cmd, ", carried forward %s", aver_money_words(&cmd->arena, r->carried_out.cents));
    aver_print(cmd, "  %s\n", path);
}

/* The remittance of this trace, and the height at which it was made. */
static aver_err read_remittance(struct aver_command *cmd, struct aver_session *s, aver_bytes trace,
                                struct aver_remittance *r, uint64_t *height)
{
    const struct aver_view *view = aver_ledger_view(s->ledger);
    struct aver_stored stored = {0};
    struct aver_buf name = {0};
    aver_buf_str(&name, "r/");
    aver_name_escape(&name, trace);
    aver_err err = name.len > AVER_STATE_NAME_MAX
                       ? AVER_E_NOT_FOUND
                       : view->get(view->self, aver_buf_view(&name), &stored, &cmd->why);
    aver_buf_free(&name);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "REMIT-UNKNOWN", "",
                         "this ledger has no remittance of that trace");
    AVER_TRY(err);
    *height = stored.height;
    memset(r, 0, sizeof *r);
    return aver_schema_read(aver_arena_copy(&cmd->arena, stored.record), &aver_remittance_schema, r,
                            &cmd->arena, &cmd->why);
}

/* Makes the remittance's file and puts it where it is wanted. */
static aver_err put(struct aver_command *cmd, struct aver_session *s, aver_bytes trace, enum format format,
                    const char *path)
{
    struct aver_remittance r;
    struct aver_buf bytes = {0};
    uint64_t height = 0;
    AVER_TRY(read_remittance(cmd, s, trace, &r, &height));
    aver_err err = make_file(cmd, s, &r, height, format, &bytes);
    if (err == AVER_OK && path) err = aver_path_write(path, aver_buf_view(&bytes), 0640, true, &cmd->why);
    if (err == AVER_OK) say(cmd, &r, path, &bytes);
    aver_buf_free(&bytes);
    return err;
}

struct due {
    aver_bytes payee, trace;
};
struct dues {
    struct aver_command *cmd;
    aver_day date;
    struct aver_list list; /* of struct due */
    int code;              /* the worst of what came of them */
};

/* "R20260305-1234567893-1": the date, the payee's id, and which remittance to it this is. An id that a trace cannot hold as it
 * is stands there by its hash, so that two payees never meet in one trace. */
static aver_bytes trace_for(struct dues *d, aver_bytes payee, uint64_t before)
{
    char id[2 * sizeof(aver_digest) + 1], date[AVER_DAY_TEXT];
    bool fits = payee.len <= TRACE_PAYEE_BYTES;
    for (size_t i = 0; fits && i < payee.len; i++)
        fits = (payee.ptr[i] >= '0' && payee.ptr[i] <= '9') || (payee.ptr[i] >= 'A' && payee.ptr[i] <= 'Z');
    if (!fits) {
        aver_digest digest = aver_sha256(payee);
        aver_hex(id, aver_digest_bytes(&digest));
        for (size_t i = 0; i < TRACE_PAYEE_BYTES; i++)
            if (id[i] >= 'a') id[i] = (char)(id[i] - 'a' + 'A');
        payee = aver_bytes_of(id, TRACE_PAYEE_BYTES);
    }
    return aver_bytes_str(aver_arena_printf(&d->cmd->arena, "R%s-%.*s-%llu", aver_day_ccyymmdd(date, d->date),
                                            AVER_STR(payee), (unsigned long long)before + 1));
}

static void add_due(struct dues *d, aver_bytes payee, const struct aver_payee_state *state)
{
    struct due *due = aver_list_add(&d->cmd->arena, &d->list, sizeof *due);
    const char *trace = aver_option(d->cmd, "trace");
    *due = (struct due){payee, trace ? aver_bytes_str(trace) : trace_for(d, payee, state->remittances)};
}

/* The payee's id is its name in the state without its escapes. */
static aver_bytes unescape(struct aver_arena *arena, aver_bytes text)
{
    uint8_t *out = aver_arena_alloc(arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '%' && text.len - i > 2;
        if (escape && aver_unhex(&out[n], 1, aver_bytes_cut(text, i + 1, 2)) == AVER_OK)
            i += 2;
        else
            out[n] = text.ptr[i];
        n++;
    }
    return aver_bytes_of(out, n);
}

static aver_err find_due(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct dues *d = user;
    struct aver_payee_state state = {0};
    AVER_TRY(aver_schema_read(aver_arena_copy(&d->cmd->arena, stored.record), &aver_payee_state_schema,
                              &state, &d->cmd->arena, why));
    if (state.open) add_due(d, unescape(&d->cmd->arena, aver_bytes_cut(name, 2, name.len - 2)), &state);
    return AVER_OK;
}

static aver_err find_dues(struct aver_command *cmd, struct aver_session *s, struct dues *d)
{
    const char *payee = aver_option(cmd, "payee");
    if (!strcmp(payee, "all")) return aver_ledger_names(s->ledger, "q/", find_due, d, &cmd->why);
    struct aver_payee_state state = {0};
    struct aver_buf name = {0};
    aver_buf_str(&name, "q/");
    aver_name_escape(&name, aver_bytes_str(payee));
    aver_buf_byte(&name, 0);
    aver_err err = name.len > AVER_STATE_NAME_MAX
                       ? AVER_E_NOT_FOUND
                       : aver_session_get(cmd, s, &aver_payee_state_schema, &state, (const char *)name.ptr);
    aver_buf_free(&name);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (err == AVER_E_NOT_FOUND || !state.open)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "OUT-NOTHING", payee,
                         "there is nothing to pay: no decided claim of this payee waits for a remittance");
    add_due(d, aver_bytes_str(payee), &state);
    return AVER_OK;
}

/* "clinics.835" for one payee, "clinics.TRACE.835" for each of several. */
static const char *path_for(struct aver_command *cmd, aver_bytes trace, bool several)
{
    const char *path = aver_option(cmd, "out");
    if (!path || !several) return path;
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (!dot || (slash && dot < slash)) dot = path + strlen(path);
    return aver_arena_printf(&cmd->arena, "%.*s.%.*s%s", (int)(dot - path), path, AVER_STR(trace), dot);
}

static aver_err remit(struct aver_command *cmd, struct aver_session *s, enum format format, struct dues *d)
{
    struct aver_list items = {0};
    struct aver_item_result *results;
    AVER_TRY(aver_session_key(cmd, s, "key"));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    AVER_TRY(find_dues(cmd, s, d));
    if (!d->list.count)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "OUT-NOTHING", "",
                         "there is nothing to pay: no decided claim waits for a remittance");
    if (d->list.count > 1 && aver_option(cmd, "trace"))
        return aver_usage(cmd, "--trace names one remittance; leave it out when there are several payees");
    const struct due *due = d->list.items;
    for (size_t i = 0; i < d->list.count; i++) {
        struct aver_remit act = {due[i].payee, due[i].trace, d->date};
        AVER_TRY(aver_session_add(cmd, &items, &aver_remit_schema, &act));
    }
    AVER_TRY(aver_session_send(cmd, s, AVER_TX_REMIT, &items, AVER_NOT_AFTER_HOURS, &results));
    for (size_t i = 0; i < d->list.count; i++) {
        aver_err one = !aver_item_stands(&results[i]) ? aver_session_refused(cmd, &results[i])
                                                      : put(cmd, s, due[i].trace, format,
                                                            path_for(cmd, due[i].trace, d->list.count > 1));
        if (one == AVER_OK) continue;
        int code = aver_command_fail(cmd, one);
        if (code > d->code) d->code = code;
        if (aver_item_stands(&results[i]))
            aver_note(cmd, "the remittance %.*s stands in the ledger; aver remit show makes its file again",
                      AVER_STR(due[i].trace));
    }
    return AVER_OK;
}

static int run_remit(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct dues d = {.cmd = cmd};
    const char *date = aver_option(cmd, "date");
    uint64_t format;
    int64_t now;
    AVER_CLI_TRY(cmd, aver_session_clock(cmd, &now));
    d.date = aver_day_of_ms(now);
    AVER_CLI_TRY(cmd, aver_option_choice(cmd, "format", format_names, FORMAT_CSV, &format));
    if (date && aver_day_parse_iso(&d.date, aver_bytes_str(date)) != AVER_OK)
        return aver_command_fail(cmd, aver_usage(cmd, "--date takes a date like 2026-03-05"));
    aver_err err = remit(cmd, &s, format ? (enum format)format : FORMAT_835, &d);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return d.code;
}

static const struct aver_option remit_options[] = {
    {"payee", "NPI", true, "who is paid, as aver claim list shows it; or: all", NULL},
    {"out", "FILE", false, "where the file goes (default: standard output)", NULL},
    {"format", "F", false, "835 (the default) or csv", NULL},
    {"date", "YYYY-MM-DD", false, "the payment's date (default: today, UTC)", NULL},
    {"trace", "T", false, "the payment's trace number (default: made from date and payee)", NULL},
    {"test", NULL, false, "mark the 835 as a test (ISA15 = T)", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_KEY,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_remit = {
    .name = "remit",
    .args = "",
    .summary = "Pays a payee what was decided since the last remittance, and writes the 835.",
    .more =
        "For several payees the trace is put into the file's name: clinics.835 becomes clinics.TRACE.835.",
    .options = remit_options,
    .examples = {"aver remit --payee 1234567893 --ledger summit --key operations.key --out clinic.835",
                 "aver remit --payee all --date 2026-03-31 --key operations.key --out march.835"},
    .run = run_remit,
};

static int run_show(struct aver_command *cmd)
{
    struct aver_session s = {0};
    uint64_t format;
    AVER_CLI_TRY(cmd, aver_option_choice(cmd, "format", format_names, FORMAT_CSV, &format));
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK)
        err = put(cmd, &s, aver_bytes_str(cmd->args[0]), format ? (enum format)format : FORMAT_835,
                  aver_option(cmd, "out"));
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option show_options[] = {
    {"out", "FILE", false, "where the file goes (default: standard output)", NULL},
    {"format", "F", false, "835 (the default) or csv", NULL},
    {"test", NULL, false, "mark the 835 as a test (ISA15 = T)", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_remit_show = {
    .name = "remit show",
    .args = "TRACE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Writes the file of an earlier remittance again, byte for byte.",
    .options = show_options,
    .examples = {"aver remit show R20260331-1234567893-1 --ledger summit --out clinic.835",
                 "aver remit show R20260331-1234567893-1 --format csv"},
    .run = run_show,
};
