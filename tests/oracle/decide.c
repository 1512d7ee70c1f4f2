/* tests/oracle/decide.c - decides the claims of contract directories, for a second implementation to compare with.
 *
 * Of each DIR: the contract directory (aver/project.h), DIR/claims.csv (adapters/csv_claims.h), DIR/received.txt, a day a claim,
 * and DIR/used.txt, what was used elsewhere: member, counter, tier or "-", period, pool and cents. Prints fields with a space between, "-" for what is absent:
 *   D  DIR
 *   L  claim, line number, status, allowed, paid, tier, benefit, waits for, adjustments
 *      adjustments: group|CARC|amount|because, with ';' between; amounts are cents
 *   A  person ("*": the family), period, counter, tier, used: after the claim, of the patient in the benefit years of its lines,
 *      those after them, and the lifetime
 *   C  claim, status, paid, payee, patient responsibility; or "refused" and the words
 * The last line of a claim is C.
 *
 * Without a DIR it prints every key that a policy can have, "*" for any name and for an item of a list, and each of the words that
 * it can be:
 *   K  path [word] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/intake.h"
#include "adapters/policy_schema.h"
#include "aver/contract_claims.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/project.h"
#include "base/hash.h"
#include "ledger/model/benefit_year.h"
#include "ledger/transition/work.h"

static aver_bytes shown(aver_bytes text) { return text.len ? text : AVER_LIT("-"); }

static void say_line(struct aver_command *cmd, const struct aver_claim *claim,
                     const struct aver_line_decision *l)
{
    const struct aver_adjustment *a = l->adjustments.items;
    aver_print(cmd, "L %.*s %llu %s %llu %llu %.*s %.*s %.*s ", AVER_STR(claim->patient_control_number),
               (unsigned long long)l->number, aver_line_status_names[l->status],
               (unsigned long long)l->allowed.cents, (unsigned long long)l->paid.cents,
               AVER_STR(shown(l->tier)), AVER_STR(shown(l->benefit)), AVER_STR(shown(l->because)));
    if (l->adjustments.count == 0) aver_print(cmd, "-");
    for (size_t i = 0; i < l->adjustments.count; i++)
        aver_print(cmd, "%s%s|%.*s|%lld|%.*s", i ? ";" : "", aver_group_names[a[i].group],
                   AVER_STR(a[i].carc), (long long)a[i].amount.cents, AVER_STR(a[i].because));
    aver_print(cmd, "\n");
}

static aver_err say_balances(struct aver_command *cmd, const struct aver_view *view, aver_bytes family,
                             aver_bytes person, aver_bytes pool, aver_bytes period)
{
    struct aver_stored stored;
    struct aver_balances balances;
    struct aver_work names = {.arena = &cmd->arena};
    aver_bytes name = aver_work_balances_name(
        &names, family, aver_bytes_is(person, "*") ? AVER_BYTES_NONE : person, pool, period);
    aver_err err = view->get(view->self, name, &stored, &cmd->why);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    AVER_TRY(aver_schema_read(aver_arena_copy(&cmd->arena, stored.record), &aver_balances_schema, &balances,
                              &cmd->arena, &cmd->why));
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; i < balances.items.count; i++)
        aver_print(cmd, "A %.*s %.*s %.*s %.*s %lld\n", AVER_STR(person), AVER_STR(period),
                   AVER_STR(b[i].counter), AVER_STR(shown(b[i].tier)), (long long)b[i].used.cents);
    return AVER_OK;
}

static aver_err say_years(struct aver_command *cmd, struct aver_bench *bench, const struct aver_claim *claim,
                          const struct aver_decision *d)
{
    static const aver_digest none;
    const struct aver_view *view = &bench->memory.view;
    const struct aver_policy_loaded *policy;
    if (aver_digest_eq(d->policy, none)) return AVER_OK;
    AVER_TRY(aver_machine_policy(bench->machine, view, d->policy, &policy, &cmd->why));
    aver_bytes pool = aver_policy_pool(policy), period = AVER_LIT(AVER_PERIOD_LIFETIME);
    struct aver_benefit_year year = aver_benefit_year_of(policy, claim->statement_from);
    for (bool first = true;; first = false) {
        AVER_TRY(say_balances(cmd, view, d->family_id, d->member_id, pool, period));
        AVER_TRY(say_balances(cmd, view, d->family_id, AVER_LIT("*"), pool, period));
        if (!first) {
            if (year.from > claim->statement_to) return AVER_OK;
            year = aver_benefit_year_of(policy, year.to + 1);
        }
        period = aver_arena_copy(&cmd->arena, aver_bytes_str(year.period));
    }
}

static aver_err say_claim(struct aver_command *cmd, struct aver_bench *bench, const struct aver_claim *claim,
                          const struct aver_decision *d)
{
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) say_line(cmd, claim, &l[i]);
    if (d->family_id.ptr) AVER_TRY(say_years(cmd, bench, claim, d));
    aver_print(cmd, "C %.*s %s %llu %.*s %llu\n", AVER_STR(claim->patient_control_number),
               aver_claim_status_names[d->status], (unsigned long long)d->paid.cents,
               AVER_STR(shown(d->payee)), (unsigned long long)d->patient_responsibility.cents);
    return AVER_OK;
}

/* The days of received.txt, one a claim. AVER_E_INPUT ORACLE-DAYS. */
static aver_err read_days(struct aver_command *cmd, struct aver_list *claims, const char *path)
{
    struct aver_happening *h = claims->items;
    struct aver_buf bytes = {0};
    aver_err err = aver_path_read(&bytes, path, AVER_INTAKE_FILE_MAX, &cmd->why);
    bool good = err == AVER_OK && bytes.len == claims->count * 11;
    for (size_t i = 0; good && i < claims->count; i++)
        good =
            aver_day_parse_iso(&h[i].received, aver_bytes_cut(aver_buf_view(&bytes), i * 11, 10)) == AVER_OK;
    aver_buf_free(&bytes);
    AVER_TRY(err);
    return good ? AVER_OK
                : aver_fail(&cmd->why, AVER_E_INPUT, "ORACLE-DAYS", path,
                            "has not a day, 2026-03-01, for each of the %zu claims", claims->count);
}

/* What members used before their claims. AVER_E_INPUT ORACLE-USED. */
static aver_err read_used(struct aver_command *cmd, struct aver_bench *bench, const char *path)
{
    struct aver_buf text = {0};
    char member[41], counter[41], tier[41], period[41], pool[41];
    long long cents;
    int read = 0;
    aver_err err = aver_path_read(&text, path, AVER_INTAKE_FILE_MAX, &cmd->why);
    aver_buf_byte(&text, 0);
    for (const char *at = (const char *)text.ptr; err == AVER_OK && *at; at += read) {
        aver_bytes family;
        if (sscanf(at, "%40s %40s %40s %40s %40s %lld\n%n", member, counter, tier, period, pool, &cents,
                   &read) < 6)
            err = aver_fail(&cmd->why, AVER_E_INPUT, "ORACLE-USED", path,
                            "has not member, counter, tier, period, pool and cents");
        else
            err = aver_bench_opening(bench, aver_bytes_str(member), aver_bytes_str(counter),
                                     strcmp(tier, "-") ? aver_bytes_str(tier) : AVER_BYTES_NONE,
                                     aver_bytes_str(pool), aver_bytes_str(period), cents, &family, &cmd->why);
    }
    aver_buf_free(&text);
    return err;
}

static aver_err decide(struct aver_command *cmd, struct aver_project *project, struct aver_bench *bench,
                       const char *dir, int *code)
{
    struct aver_list claims = {0};
    AVER_TRY(aver_claims_of_files(cmd, &claims, aver_arena_printf(&cmd->arena, "%s/claims.csv", dir), code));
    AVER_TRY(read_days(cmd, &claims, aver_arena_printf(&cmd->arena, "%s/received.txt", dir)));
    AVER_TRY(aver_project_read(cmd, project, dir));
    AVER_TRY(aver_project_open(project, NULL, 0, 1, &cmd->arena, bench, &cmd->why));
    AVER_TRY(read_used(cmd, bench, aver_arena_printf(&cmd->arena, "%s/used.txt", dir)));
    const struct aver_happening *h = claims.items;
    aver_print(cmd, "D %s\n", dir);
    for (size_t i = 0; i < claims.count; i++) {
        struct aver_found found;
        struct aver_applied applied;
        AVER_TRY(aver_claims_decide(cmd, bench, &h[i], &found, &applied));
        if (found.decision)
            AVER_TRY(say_claim(cmd, bench, h[i].claim, found.decision));
        else
            aver_print(cmd, "C %.*s refused %s: %s\n", AVER_STR(h[i].claim->patient_control_number),
                       aver_outcome_names[applied.outcome], applied.words);
        if (applied.words[0]) aver_note(cmd, "%s: %s", dir, applied.words);
    }
    return AVER_OK;
}

/* The schema is no deeper than what it describes: AVER_POLICY_DEPTH_MAX. */
static void say_keys(struct aver_command *cmd, const struct aver_policy_shape *shape, const char *path)
{
    const char *dot = path[0] ? "." : "";
    if (path[0]) aver_print(cmd, "K %s\n", path);
    for (size_t i = 0; shape->values && shape->values[i]; i++)
        aver_print(cmd, "K %s %s\n", path, shape->values[i]);
    for (size_t i = 0; shape->keys && shape->keys[i].name; i++)
        say_keys(cmd, shape->keys[i].shape,
                 aver_arena_printf(&cmd->arena, "%s%s%s", path, dot, shape->keys[i].name));
    if (shape->of) say_keys(cmd, shape->of, aver_arena_printf(&cmd->arena, "%s%s*", path, dot));
}

static int run_decide(struct aver_command *cmd)
{
    int code = AVER_EXIT_DONE;
    if (cmd->args_count == 0) say_keys(cmd, &aver_policy_root_shape, "");
    for (size_t i = 0; i < cmd->args_count; i++) {
        struct aver_project project = {0};
        struct aver_bench bench = {0};
        aver_err err = decide(cmd, &project, &bench, cmd->args[i], &code);
        aver_bench_close(&bench);
        aver_project_end(&project);
        if (err == AVER_OK) err = aver_out_flush(cmd);
        AVER_CLI_TRY(cmd, err);
        aver_arena_reset(&cmd->arena);
    }
    return code;
}

static const struct aver_option options[] = {AVER_OPTION_END};
static const struct aver_verb verb = {
    .name = "decide",
    .args = "[DIR...]",
    .args_max = 10000,
    .summary =
        "Decides the claims of contract directories, for the oracle to compare with; or prints what keys a policy can have.",
    .options = options,
    .examples = {"decide plan-1", "decide plan-1 plan-2"},
    .run = run_decide,
    .program = true,
};

int main(int argc, char **argv) { return aver_command_main(&verb, argc, argv); }
