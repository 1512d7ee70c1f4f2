/* aver/explain_member.c - an explanation in the words of a member: what it was, what the plan's price is, what stays to pay and
 * why, where the accumulators stand, and what to do. No codes. */
#include "aver/explain.h"
#include "aver/output.h"

#define MARGIN     4
#define TEXT_WIDTH 92

/* Sentences, broken at spaces. */
static void say(struct aver_command *cmd, int margin, const char *text)
{
    aver_bytes rest = aver_bytes_trim(aver_bytes_str(text));
    while (rest.len) {
        size_t n = rest.len;
        if (n > TEXT_WIDTH) {
            n = TEXT_WIDTH;
            while (n > 0 && rest.ptr[n] != ' ') n--;
            if (n == 0) /* one long word */
                while (n < rest.len && rest.ptr[n] != ' ') n++;
        }
        aver_print(cmd, "%*s%.*s\n", margin, "", AVER_STR(aver_bytes_cut(rest, 0, n)));
        rest = aver_bytes_trim(aver_bytes_cut(rest, n, rest.len - n));
    }
}

static void say_line(const struct aver_explaining *e, const struct aver_line_decision *d)
{
    struct aver_command *cmd = e->cmd;
    const struct aver_plain *p = &e->plain;
    const struct aver_line *l = aver_plain_line(p, d->number);
    const char *status = aver_plain_status(p, d), *next = aver_plain_next(p, d);
    aver_print(cmd, "\n%llu. %s", (unsigned long long)d->number, aver_plain_service(p, d));
    if (l)
        aver_print(cmd, ", %s, %s", aver_plain_days(p->arena, l->service_from, l->service_to),
                   aver_plain_provider(p, l));
    aver_print(cmd, ": charged %s\n", aver_plain_money(p->arena, (int64_t)d->charge.cents));
    for (size_t i = 0; i < d->adjustments.count; i++) say(cmd, MARGIN, aver_plain_adjustment(p, d, i));
    say(cmd, MARGIN, aver_plain_spared(p, d));
    const struct aver_count *count = d->counts.items;
    for (size_t i = 0; i < d->counts.count; i++) say(cmd, MARGIN, aver_plain_count(p, &count[i]));
    if (*status) say(cmd, MARGIN, status);
    say(cmd, MARGIN, aver_plain_earlier_words(p, d));
    if (d->status == AVER_LINE_DECIDED)
        say(cmd, MARGIN,
            aver_arena_printf(p->arena, "The plan pays %s. You may owe %s.",
                              aver_plain_money(p->arena, (int64_t)d->paid.cents),
                              aver_plain_money(p->arena, aver_line_owed(d))));
    if (*next) say(cmd, MARGIN, aver_arena_printf(p->arena, "What to do: %s", next));
}

static void say_standing(const struct aver_explaining *e, const struct aver_plain_standing *s)
{
    struct aver_arena *arena = e->plain.arena;
    aver_print(e->cmd, "    %s %s, %s%s%s: %s", s->scope == AVER_SCOPE_FAMILY ? "Your family's" : "Your",
               aver_plain_counter(arena, s->counter), s->tier.len ? aver_plain_tier(arena, s->tier) : "",
               s->tier.len ? ", " : "", aver_plain_period(arena, s->period),
               aver_plain_money(arena, s->after));
    if (s->limit >= 0) aver_print(e->cmd, " of %s", aver_plain_money(arena, s->limit));
    aver_print(e->cmd, " used");
    if (s->credit) aver_print(e->cmd, ", %s counted beside it", aver_plain_money(arena, s->credit));
    if (s->limit >= 0) aver_print(e->cmd, ", %s left", aver_plain_money(arena, s->left));
    const char *reported = aver_plain_reported(&e->plain, s->counter, s->tier, s->period, s->scope);
    aver_print(e->cmd, " (this claim: %s%s%s)\n", aver_plain_money(arena, s->after - s->before),
               *reported ? "; " : "", reported);
}

static void say_sums(const struct aver_explaining *e)
{
    const struct aver_plain *p = &e->plain;
    const struct aver_line_decision *line = p->decision->lines.items;
    struct aver_plain_sums sums = {0};
    for (size_t i = 0; i < p->decision->lines.count; i++) aver_plain_sum(&sums, &line[i]);
    aver_print(e->cmd, "\nTogether: charged %s", aver_plain_money(p->arena, sums.charge));
    if (p->decision->status == AVER_CLAIM_PENDED || p->decision->status == AVER_CLAIM_HELD) {
        aver_print(e->cmd, "; nothing is decided yet, nothing is owed yet\n");
        return;
    }
    aver_print(e->cmd, ", %s %s, the plan pays %s%s%s, you may owe %s\n",
               sums.off < 0 ? "added" : "taken off",
               aver_plain_money(p->arena, sums.off < 0 ? -sums.off : sums.off),
               aver_plain_money(p->arena, sums.paid), sums.paid ? " to " : "",
               sums.paid ? aver_plain_payee(p) : "", aver_plain_money(p->arena, sums.owed));
}

void aver_explain_member(const struct aver_explaining *e, uint64_t only)
{
    struct aver_command *cmd = e->cmd;
    const struct aver_plain *p = &e->plain;
    const struct aver_line_decision *line = p->decision->lines.items;
    const char *patient = aver_plain_patient(p), *plan = aver_plain_policy(p, "plan.name");
    const char *appeal = aver_plain_appeal(p);
    aver_print(cmd, "How the claim %.*s was decided%s%s. This is not a bill.\n",
               AVER_STR(e->found->state.control), *patient ? " for " : "", patient);
    if (*plan)
        aver_print(cmd, "%s, by %s, %s\n", plan, aver_plain_policy(p, "payer.name"),
                   aver_plain_policy(p, "payer.phone"));
    for (size_t i = 0; i < p->decision->lines.count; i++)
        if (!only || line[i].number == only) say_line(e, &line[i]);
    if (!only) say_sums(e);
    struct aver_list standings = aver_plain_standings(p);
    const struct aver_plain_standing *s = standings.items;
    if (standings.count && !only) {
        aver_print(cmd, "\nWhere you stand after this claim:\n");
        for (size_t i = 0; i < standings.count; i++) say_standing(e, &s[i]);
    }
    if (*appeal) {
        aver_print(cmd, "\nIf you disagree:\n");
        say(cmd, MARGIN, appeal);
    }
    aver_print(cmd, "\nTo have it checked: claim %s, entry %llu of the ledger's log, height %llu.\n",
               e->found->id, (unsigned long long)e->found->state.entry,
               (unsigned long long)e->found->state.height);
    say(cmd, 0,
        "Ask the plan for its bundle (aver bundle): aver-verify decides the claim again on your own computer.");
}
