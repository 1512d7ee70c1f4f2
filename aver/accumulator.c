/* aver/accumulator.c - aver accumulator post and list: what members used elsewhere, and what stands in their accumulators. */
#include "adapters/csv_accruals.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/session.h"
#include "aver/sheet.h"
#include "aver/verbs.h"
#include "ledger/model/state.h"

#include <string.h>

/* ---- post ------------------------------------------------------------------------------------------------------------ */

struct posting {
    struct aver_command *cmd;
    struct aver_session s;
    struct aver_list findings; /* of struct aver_sheet_finding */
    struct aver_list accruals; /* of struct aver_accrual */
    struct aver_item_result *results;
    uint64_t posted, repeated, refused;
};

static aver_err send_accruals(struct posting *p)
{
    struct aver_command *cmd = p->cmd;
    struct aver_list items = {0};
    const struct aver_accrual *a = p->accruals.items;
    for (size_t i = 0; i < p->accruals.count; i++)
        AVER_TRY(aver_session_add(cmd, &items, &aver_accrual_schema, &a[i]));
    return items.count
               ? aver_session_send(cmd, &p->s, AVER_TX_ACCRUAL, &items, AVER_NOT_AFTER_HOURS, &p->results)
               : AVER_OK;
}

/* *rejected: some row of the file was left out. */
static aver_err post(struct posting *p, bool *rejected)
{
    struct aver_command *cmd = p->cmd;
    const char *path = cmd->args[0];
    struct aver_buf bytes = {0};
    aver_err err = aver_path_read(&bytes, path, AVER_ACCRUALS_BYTES_MAX, &cmd->why);
    aver_bytes csv = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    AVER_TRY(aver_session_key(cmd, &p->s, "key"));
    AVER_TRY(aver_session_open(cmd, &p->s, AVER_LEDGER_WRITE));
    err = aver_accruals_from_csv(&p->accruals, path, csv, &cmd->arena, &p->findings, &cmd->why);
    aver_sheet_say(cmd, path, &p->findings);
    if (err != AVER_OK && err != AVER_E_INPUT) return err;
    *rejected = err == AVER_E_INPUT;
    return send_accruals(p);
}

/* What stands under the accrual's id now; false where nothing does. */
static bool find_state(struct posting *p, const struct aver_accrual *a, struct aver_accrual_state *out)
{
    struct aver_member_state member;
    struct aver_command *cmd = p->cmd;
    struct aver_buf name = {0};
    char id[AVER_ACCRUAL_ID_BYTES + 1];
    aver_accrual_id(id, a);
    aver_buf_str(&name, "m/");
    aver_name_escape(&name, a->member_id);
    const char *kept = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&name)));
    aver_buf_free(&name);
    if (aver_session_get(cmd, &p->s, &aver_member_state_schema, &member, kept) != AVER_OK) return false;
    kept = aver_arena_printf(&cmd->arena, "f/%.*s/x/%s", AVER_STR(member.family), id);
    return aver_session_get(cmd, &p->s, &aver_accrual_state_schema, out, kept) == AVER_OK;
}

/* Whether the member ever has cover by a plan of these accumulators: else no claim will see what is posted. */
static bool has_cover(struct posting *p, const struct aver_accrual *a)
{
    struct aver_member *member;
    aver_bytes family;
    if (aver_session_member(p->cmd, &p->s, a->member_id, &family, &member) != AVER_OK) return true;
    const struct aver_cover *c = member->covers.items;
    for (size_t i = 0; i < member->covers.count; i++)
        if (aver_bytes_eq(c[i].plan, a->plan)) return true;
    return false;
}

static void refuse(struct aver_command *cmd, const struct aver_accrual *a, const struct aver_item_result *r)
{
    (void)aver_session_refused(cmd, r);
    aver_note(cmd, "error: %.*s %.*s, %.*s%s%.*s of %.*s: %s [%s]", AVER_STR(a->source),
              AVER_STR(a->reference), AVER_STR(a->counter), a->tier.ptr ? " " : "", AVER_STR(a->tier),
              AVER_STR(a->member_id), cmd->why.text, cmd->why.code);
}

static void say_accrual(struct posting *p, size_t at)
{
    struct aver_command *cmd = p->cmd;
    const struct aver_accrual *a = (const struct aver_accrual *)p->accruals.items + at;
    const struct aver_item_result *r = &p->results[at];
    struct aver_accrual_state state = {0};
    bool stands = aver_item_stands(r) || r->outcome == AVER_OUT_EXISTS;
    bool known = stands && find_state(p, a, &state);
    const struct aver_posting *made = state.postings.items;
    if (!stands) refuse(cmd, a, r);
    if (known && state.past && !a->reverses)
        aver_note(cmd, "warning: %.*s %.*s: %.*s of %.*s is past its limit", AVER_STR(a->source),
                  AVER_STR(a->reference), AVER_STR(a->counter), AVER_STR(a->member_id));
    if (stands && !a->reverses && aver_bytes_eq(state.pool, a->plan) && !has_cover(p, a))
        aver_note(cmd,
                  "warning: %.*s %.*s: %.*s has no cover by plan %.*s: no claim of that member will see it",
                  AVER_STR(a->source), AVER_STR(a->reference), AVER_STR(a->member_id), AVER_STR(a->plan));
    if (!cmd->json) return;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "source", a->source);
    aver_json_field(&w, "reference", a->reference);
    aver_json_field(&w, "member_id", a->member_id);
    aver_json_field(&w, "counter", a->counter);
    if (a->tier.ptr) aver_json_field(&w, "tier", a->tier);
    aver_json_field_str(&w, "status", !stands ? "refused" : a->reverses ? "taken back" : "posted");
    if (!stands) {
        aver_json_field_str(&w, "code", aver_outcome_names[r->outcome]);
        aver_json_field_str(&w, "error", r->words);
    }
    if (known) {
        aver_json_field_money(&w, "amount", made->amount.cents);
        aver_json_field(&w, "period", made->period);
        aver_json_field_money(&w, "before", made->before.cents);
        aver_json_key(&w, "past_limit");
        aver_json_put_bool(&w, state.past);
        aver_json_key(&w, "stands");
        aver_json_put_bool(&w, !state.reversed);
    }
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_post(struct aver_command *cmd)
{
    struct posting p = {.cmd = cmd};
    bool rejected = false;
    aver_err err = post(&p, &rejected);
    for (size_t i = 0; err == AVER_OK && p.results && i < p.accruals.count; i++) {
        const struct aver_item_result *r = &p.results[i];
        say_accrual(&p, i);
        if (r->how == AVER_ITEM_NEW)
            p.posted++;
        else if (aver_item_stands(r) || r->outcome == AVER_OUT_EXISTS)
            p.repeated++;
        else
            p.refused++;
    }
    aver_session_close(&p.s);
    AVER_CLI_TRY(cmd, err);
    if (!cmd->json)
        aver_print(cmd, "reports: %llu posted or taken back, %llu known already, %llu refused%s\n",
                   (unsigned long long)p.posted, (unsigned long long)p.repeated,
                   (unsigned long long)p.refused, rejected ? "; rows with errors were left out" : "");
    return rejected || p.refused ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option post_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_accumulator_post = {
    .name = "accumulator post",
    .args = "FILE.csv",
    .args_min = 1,
    .args_max = 1,
    .summary =
        "Posts what members used elsewhere, as a pharmacy manager or the carrier before reports it; or takes it back.",
    .more =
        "Columns: source, reference, member_id, plan, day, counter (deductible, oop_max, maxima.ID), tier, amount, reverses, note.\n"
        "A row is posted once, by source, reference, member, counter and tier. It may bring a counter past its limit, and is marked\n"
        "then. A row with reverses = yes and no amount takes back what was posted under the same five.",
    .options = post_options,
    .examples = {"aver accumulator post pharmacy.csv --ledger summit --key operations.key",
                 "aver accumulator post pharmacy.csv --key operations.key --json"},
    .run = run_post,
};

/* ---- list ------------------------------------------------------------------------------------------------------------ */

static void say_balance(struct aver_command *cmd, aver_bytes person, aver_bytes pool, aver_bytes period,
                        const struct aver_balance *b)
{
    if (!cmd->json) {
        aver_print(cmd, "%-20.*s %-24.*s %-10.*s %-24.*s %-16.*s %12s\n", AVER_STR(person), AVER_STR(pool),
                   AVER_STR(period), AVER_STR(b->counter), AVER_STR(b->tier),
                   aver_money_words(&cmd->arena, b->used.cents));
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    bool family = aver_bytes_is(person, "*");
    aver_json_field_str(&w, "scope", family ? "family" : "member");
    if (!family) aver_json_field(&w, "member_id", person);
    aver_json_field(&w, "accumulators", pool);
    aver_json_field(&w, "period", period);
    aver_json_field(&w, "counter", b->counter);
    if (b->tier.ptr) aver_json_field(&w, "tier", b->tier);
    aver_json_field_money(&w, "used", b->used.cents);
    aver_json_field_uint(&w, "postings", b->postings);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

struct listing {
    struct aver_command *cmd;
    aver_bytes person;
    size_t prefix; /* of names, up to the pool */
};

static aver_err list_balances(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct listing *l = user;
    struct aver_arena arena = {0};
    struct aver_balances balances;
    aver_bytes rest = aver_bytes_cut(name, l->prefix, name.len - l->prefix);
    size_t slash = 0;
    while (slash < rest.len && rest.ptr[slash] != '/') slash++;
    aver_err err = slash < rest.len
                       ? aver_schema_read(stored.record, &aver_balances_schema, &balances, &arena, why)
                       : AVER_E_CORRUPT;
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; err == AVER_OK && i < balances.items.count; i++)
        say_balance(l->cmd, l->person, aver_bytes_cut(rest, 0, slash),
                    aver_bytes_cut(rest, slash + 1, rest.len - slash - 1), &b[i]);
    aver_arena_free(&arena);
    return err;
}

static aver_err list_of(struct aver_command *cmd, struct aver_session *s, aver_bytes family,
                        aver_bytes person)
{
    struct aver_buf prefix = {0};
    aver_buf_printf(&prefix, "f/%.*s/y/", AVER_STR(family));
    if (aver_bytes_is(person, "*"))
        aver_buf_byte(&prefix, '*');
    else
        aver_name_escape(&prefix, person);
    aver_buf_byte(&prefix, '/');
    struct listing l = {cmd, person, prefix.len};
    const char *kept = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&prefix)));
    aver_buf_free(&prefix);
    return aver_ledger_names(s->ledger, kept, list_balances, &l, &cmd->why);
}

static aver_err list_member(struct aver_command *cmd, struct aver_session *s)
{
    struct aver_member_state member;
    struct aver_buf name = {0};
    aver_bytes id = aver_bytes_str(cmd->args[0]);
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_READ));
    aver_buf_str(&name, "m/");
    aver_name_escape(&name, id);
    const char *kept = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&name)));
    aver_buf_free(&name);
    aver_err err = aver_session_get(cmd, s, &aver_member_state_schema, &member, kept);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, err, "MEMBER-NONE", cmd->args[0],
                         "no such member is enrolled; aver member list names them");
    AVER_TRY(err);
    AVER_TRY(list_of(cmd, s, member.family, id));
    return list_of(cmd, s, member.family, AVER_LIT("*"));
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = list_member(cmd, &s);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_accumulator_list = {
    .name = "accumulator list",
    .args = "MEMBER",
    .args_min = 1,
    .args_max = 1,
    .summary =
        "Lists what a member and the family have used: by plan, benefit year or lifetime, counter and tier.",
    .options = list_options,
    .examples = {"aver accumulator list M-1001 --ledger summit",
                 "aver accumulator list M-1001 --ledger summit --json"},
    .run = run_list,
};
