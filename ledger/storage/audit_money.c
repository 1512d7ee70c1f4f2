/* ledger/storage/audit_money.c - two receipts of one item that differ, told: the first field of the record that does, and where
 * money differs also the adjustment on both sides with its policy path, policy line and contract line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/money.h"
#include "ledger/storage/audit_private.h"

/* The contract's published name, else the stage's. */
static void contract_put(struct aver_buf *out, const struct aver_audit_run *run,
                         const struct aver_decision *d, uint64_t stage, struct aver_arena *arena)
{
    const aver_digest *digest = stage == AVER_STAGE_ELIGIBILITY ? &d->eligibility
                                : stage == AVER_STAGE_COVERAGE  ? &d->coverage
                                                                : &d->payout;
    struct aver_artifact_state state;
    struct aver_stored stored;
    char name[2 + 64 + 1] = "a/";
    aver_hex(name + 2, aver_digest_bytes(digest));
    const struct aver_view *view = &run->view.view;
    if (stage == AVER_STAGE_HOST)
        aver_buf_str(out, "the ledger itself");
    else if (view->get(view->self, aver_bytes_str(name), &stored, NULL) == AVER_OK &&
             aver_schema_read(stored.record, &aver_artifact_state_schema, &state, arena, NULL) == AVER_OK)
        aver_buf_printf(out, "%.*s.lua", AVER_STR(state.name));
    else
        aver_buf_str(out, aver_stage_names[stage]);
}

static void adjustment_put(struct aver_buf *out, const struct aver_audit_run *run,
                           const struct aver_decision *d, const struct aver_adjustment *a,
                           struct aver_arena *arena)
{
    char money[AVER_MONEY_TEXT];
    if (!a) {
        aver_buf_str(out, "no such adjustment");
        return;
    }
    aver_buf_printf(out, "%s-%.*s %s because %.*s", aver_group_names[a->group], AVER_STR(a->carc),
                    aver_cents_text(money, a->amount.cents), AVER_STR(a->because));
    if (a->policy_line) aver_buf_printf(out, " (policy line %" PRIu64 ")", a->policy_line);
    aver_buf_str(out, " by ");
    contract_put(out, run, d, a->stage, arena);
    if (a->lines.count) aver_buf_printf(out, ":%" PRIu64, *(const uint64_t *)a->lines.items);
}

static bool same_adjustment(const struct aver_adjustment *a, const struct aver_adjustment *b)
{
    return a->group == b->group && aver_bytes_eq(a->carc, b->carc) && a->amount.cents == b->amount.cents &&
           aver_bytes_eq(a->because, b->because) && a->policy_line == b->policy_line;
}

/* The first line whose money differs, and in it the first adjustment that does. */
static void line_put(struct aver_buf *out, const struct aver_audit_run *run, const struct aver_decision *a,
                     const struct aver_decision *b, struct aver_arena *arena)
{
    const struct aver_line_decision *x = a->lines.items, *y = b->lines.items;
    for (size_t i = 0; i < a->lines.count && i < b->lines.count; i++) {
        const struct aver_adjustment *p = x[i].adjustments.items, *q = y[i].adjustments.items;
        size_t n = 0, np = x[i].adjustments.count, nq = y[i].adjustments.count;
        char recorded[AVER_MONEY_TEXT], again[AVER_MONEY_TEXT];
        while (n < np && n < nq && same_adjustment(&p[n], &q[n])) n++;
        if (n == np && n == nq && x[i].paid.cents == y[i].paid.cents) continue;
        aver_buf_printf(out, "; line %" PRIu64 ": paid %s in the record and %s when executed again",
                        x[i].number, aver_cents_text(recorded, (int64_t)x[i].paid.cents),
                        aver_cents_text(again, (int64_t)y[i].paid.cents));
        if (n == np && n == nq) return;
        aver_buf_str(out, ", ");
        adjustment_put(out, run, a, n < np ? &p[n] : NULL, arena);
        aver_buf_str(out, " in the record and ");
        adjustment_put(out, run, b, n < nq ? &q[n] : NULL, arena);
        aver_buf_str(out, " again");
        return;
    }
}

void aver_audit_differs(struct aver_audit_run *run, const struct aver_replay_difference *difference)
{
    struct aver_receipt recorded;
    struct aver_arena arena = {0};
    struct aver_buf text = {0};
    struct aver_audit *audit = run->audit;
    const struct aver_decision *a = NULL, *b = difference->applied->record.decision;
    aver_buf_str(&text, difference->why->text);
    if (aver_schema_read(difference->item->receipt, &aver_receipt_schema, &recorded, &arena, NULL) == AVER_OK)
        a = recorded.decision;
    if (a && b) line_put(&text, run, a, b, &arena);
    size_t before = audit->findings.count;
    aver_audit_find(run, AVER_AUDIT_DIFFERS, difference->why->code, difference->why->place, "%.*s",
                    AVER_STR(aver_buf_view(&text)));
    int64_t was = a ? (int64_t)a->paid.cents : 0, is = b ? (int64_t)b->paid.cents : 0;
    audit->differing++;
    audit->cents += llabs(was - is);
    if (audit->findings.count > before) {
        struct aver_audit_finding *f = (struct aver_audit_finding *)audit->findings.items + before;
        f->entry = difference->entry;
        f->recorded = was;
        f->again = is;
        snprintf(f->claim_id, sizeof f->claim_id, "%.*s", AVER_STR(b ? b->claim_id : AVER_BYTES_NONE));
    }
    aver_buf_free(&text);
    aver_arena_free(&arena);
}
