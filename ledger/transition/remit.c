/* ledger/transition/remit.c - one payment to one payee: every decided claim not yet reported, none twice.
 *
 * sum(paid) + carried in - carried out = payment >= 0: a sum below zero is not paid but carried forward (X12 RFI 222, PLB FB). */
#include "ledger/transition/kinds.h"

static bool trace_valid(aver_bytes t)
{
    if (t.len < 1 || t.len > 30) return false;
    for (size_t i = 0; i < t.len; i++) {
        uint8_t c = t.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return true;
}

static void reverse(aver_bytes *ids, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        aver_bytes swap = ids[i];
        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = swap;
    }
}

/* Walks the payee's list from the newest claim back, marks each as reported, and leaves the ids in ledger order. What one
 * 835 or one payment cannot hold stays open for the next. */
static aver_err collect(struct aver_act *a, struct aver_payee_state *payee, struct aver_remittance *r)
{
    uint64_t most = payee->open < AVER_REMIT_CLAIMS_MAX ? payee->open : AVER_REMIT_CLAIMS_MAX;
    while (r->claims.count < most) {
        struct aver_claim_state state;
        aver_bytes name = aver_work_name(&a->work, "c/", payee->newest);
        AVER_TRY(aver_work_get(&a->work, name, &aver_claim_state_schema, &state, a->why));
        if (aver_delta_add(&r->claims_paid, r->claims_paid, (aver_delta){(int64_t)state.paid.cents})) break;
        *(aver_bytes *)aver_list_add(a->work.arena, &r->claims, sizeof(aver_bytes)) = payee->newest;
        payee->newest = state.open_before;
        state.open_before = AVER_BYTES_NONE;
        state.trace = r->trace;
        aver_work_put(&a->work, name, &aver_claim_state_schema, &state);
    }
    reverse(r->claims.items, r->claims.count);
    payee->open -= r->claims.count;
    payee->remittances++;
    return AVER_OK;
}

aver_err aver_apply_remit(struct aver_act *a, enum aver_outcome *outcome)
{
    struct aver_remit act;
    struct aver_payee_state payee;
    struct aver_remittance r;
    struct aver_why why = {0};
    aver_err err;
    if (aver_schema_read(a->item->item, &aver_remit_schema, &act, a->work.arena, &why) != AVER_OK ||
        !trace_valid(act.trace)) {
        *outcome = aver_say(a, AVER_OUT_MALFORMED, "%s",
                            why.text[0] ? why.text : "the trace must be 1 to 30 of A-Z, 0-9, '-'");
        return AVER_OK;
    }
    aver_bytes trace_name = aver_work_name(&a->work, "r/", act.trace);
    err = aver_work_get(&a->work, trace_name, &aver_remittance_schema, &r, a->why);
    if (err == AVER_OK) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "there is a remittance %.*s already", AVER_STR(act.trace));
        return AVER_OK;
    }
    if (err != AVER_E_NOT_FOUND) return err;
    aver_bytes payee_name = aver_work_name(&a->work, "q/", act.payee);
    err = aver_work_get(&a->work, payee_name, &aver_payee_state_schema, &payee, a->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (err == AVER_E_NOT_FOUND || payee.open == 0) {
        *outcome = aver_say(a, AVER_OUT_NOTHING, "%.*s has no decided claim that is not in a remittance yet",
                            AVER_STR(act.payee));
        return AVER_OK;
    }
    r = (struct aver_remittance){.payee = act.payee,
                                 .trace = act.trace,
                                 .date = act.date,
                                 .carried_in = payee.carried,
                                 .entry = a->item->entry};
    AVER_TRY(collect(a, &payee, &r));
    /* What is carried is never above zero and what the claims pay never below it. */
    aver_delta sum;
    AVER_ASSERT(aver_delta_add(&sum, r.claims_paid, r.carried_in) == AVER_OK);
    if (sum.cents >= 0)
        r.payment.cents = (uint64_t)sum.cents;
    else
        r.carried_out = sum;
    payee.carried = r.carried_out;
    aver_work_put(&a->work, payee_name, &aver_payee_state_schema, &payee);
    aver_work_put(&a->work, trace_name, &aver_remittance_schema, &r);
    return AVER_OK;
}
