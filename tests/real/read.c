/* tests/real/read.c - reads a ledger: every claim's lines as they were decided, and every accumulator, for a script to compare with
 * what was published. Prints fields with a space between, "-" for what is absent:
 *   L  claim, line number, procedure, status, charge, allowed, paid, adjustments
 *      adjustments: group|CARC|amount with ';' between; amounts are cents
 *   C  claim, status, member, paid, patient responsibility, year of the first service
 *   A  family, person ("*": the family), year, counter, tier, used
 * in the order of the ledger's entries, accumulators after all claims. */
#include <string.h>

#include "aver/claims.h"
#include "aver/output.h"
#include "base/hash.h"

static aver_bytes shown(aver_bytes text) { return text.len ? text : AVER_LIT("-"); }

static void say_line(struct aver_command *cmd, const struct aver_found *f, const struct aver_line_decision *l)
{
    const struct aver_adjustment *a = l->adjustments.items;
    const struct aver_line *billed = aver_claim_line(&f->claim, l->number);
    aver_print(cmd, "L %.*s %llu %.*s %s %llu %llu %llu ", AVER_STR(f->claim.patient_control_number),
               (unsigned long long)l->number, AVER_STR(shown(billed ? billed->procedure : AVER_BYTES_NONE)),
               aver_line_status_names[l->status], (unsigned long long)l->charge.cents,
               (unsigned long long)l->allowed.cents, (unsigned long long)l->paid.cents);
    if (l->adjustments.count == 0) aver_print(cmd, "-");
    for (size_t i = 0; i < l->adjustments.count; i++)
        aver_print(cmd, "%s%s|%.*s|%lld", i ? ";" : "", aver_group_names[a[i].group], AVER_STR(a[i].carc),
                   (long long)a[i].amount.cents);
    aver_print(cmd, "\n");
}

static void say_claim(struct aver_command *cmd, const struct aver_found *f)
{
    const struct aver_decision *d = f->decision;
    const struct aver_line_decision *l = d->lines.items;
    const struct aver_line *first = f->claim.lines.items;
    for (size_t i = 0; i < d->lines.count; i++) say_line(cmd, f, &l[i]);
    aver_print(cmd, "C %.*s %s %.*s %llu %llu %d\n", AVER_STR(f->claim.patient_control_number),
               aver_claim_status_names[d->status], AVER_STR(shown(d->member_id)),
               (unsigned long long)d->paid.cents, (unsigned long long)d->patient_responsibility.cents,
               (int)aver_day_civil(first->service_from).year);
}

/* f/FAMILY/y/PERSON/POOL/PERIOD; what else stands under a family is not asked for. */
static aver_err say_balances(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_command *cmd = user;
    struct aver_arena arena = {0};
    struct aver_balances balances = {0};
    aver_bytes part[6];
    size_t parts = 0, from = 0;
    for (size_t i = 0; i <= name.len && parts < 6; i++)
        if (i == name.len || name.ptr[i] == '/')
            part[parts++] = aver_bytes_cut(name, from, i - from), from = i + 1;
    if (parts != 6 || !aver_bytes_is(part[2], "y")) return AVER_OK;
    aver_err err = aver_schema_read(aver_arena_copy(&arena, stored.record), &aver_balances_schema, &balances,
                                    &arena, why);
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; err == AVER_OK && i < balances.items.count; i++)
        aver_print(cmd, "A %.*s %.*s %.*s %.*s %.*s %lld\n", AVER_STR(part[1]), AVER_STR(part[3]),
                   AVER_STR(part[5]), AVER_STR(b[i].counter), AVER_STR(b[i].tier),
                   (long long)b[i].used.cents);
    aver_arena_free(&arena);
    return err;
}

static int run_read(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_list rows = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_claim_rows(cmd, &s, &rows);
    const struct aver_claim_row *row = rows.items;
    for (size_t i = 0; err == AVER_OK && i < rows.count; i++) {
        struct aver_found found;
        err = aver_claim_load(cmd, &s, row[i].id, &found);
        if (err == AVER_OK) say_claim(cmd, &found);
    }
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "f/", say_balances, cmd, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
static const struct aver_verb verb = {
    .name = "read",
    .args = "",
    .summary = "Reads what a ledger decided and what it accumulated.",
    .options = options,
    .examples = {"read --ledger summit", "read --ledger summit | grep ^A"},
    .run = run_read,
    .program = true,
};

int main(int argc, char **argv) { return aver_command_main(&verb, argc, argv); }
