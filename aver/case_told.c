/* aver/case_told.c - see case_run.h: a member is told every amount, in words. */
#include "aver/case_run.h"

#include "aver/output.h"
#include "aver/plain.h"

#include <string.h>

static void fault(struct aver_case_run *r, uint64_t line, uint64_t number, const char *what, const char *text)
{
    aver_case_fault_add(r, line, number)->words =
        aver_arena_printf(r->arena, "law: the member is told %s: %s", what, *text ? text : "nothing");
}

/* A sentence of an adjustment has its amount, no code and nothing that was not filled in. */
static void hold(struct aver_case_run *r, uint64_t line, const struct aver_plain *p,
                 const struct aver_line_decision *d, size_t at)
{
    const struct aver_adjustment *a = (const struct aver_adjustment *)d->adjustments.items + at;
    const char *text = aver_plain_adjustment(p, d, at);
    const char *amount = aver_plain_money(r->arena, a->amount.cents < 0 ? -a->amount.cents : a->amount.cents);
    if (!strstr(text, amount))
        fault(r, line, d->number, aver_arena_printf(r->arena, "not that %s", amount), text);
    if (!a->note.len && strstr(text, aver_reason_words(r->arena, a)))
        fault(r, line, d->number, "a code", text);
    if (strchr(text, '{') && !a->note.len) fault(r, line, d->number, "what is not filled in", text);
}

void aver_case_told(struct aver_case_run *r, uint64_t line, const struct aver_found *found,
                    const struct aver_policy_loaded *policy)
{
    struct aver_plain p = {
        .arena = r->arena, .claim = &found->claim, .decision = found->decision, .policy = policy};
    const struct aver_line_decision *d = found->decision->lines.items;
    for (size_t i = 0; i < found->decision->lines.count; i++) {
        for (size_t k = 0; k < d[i].adjustments.count; k++) hold(r, line, &p, &d[i], k);
        bool open = d[i].status == AVER_LINE_PENDED || d[i].status == AVER_LINE_HELD;
        const char *status = aver_plain_status(&p, &d[i]), *spared = aver_plain_spared(&p, &d[i]);
        if (open && !*status) fault(r, line, d[i].number, "not that it waits", status);
        if (strchr(spared, '{')) fault(r, line, d[i].number, "what is not filled in", spared);
    }
}
