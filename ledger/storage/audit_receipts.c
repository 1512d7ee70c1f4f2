/* ledger/storage/audit_receipts.c - what the node promised at intake, held against the log: the claim with this leaf, of this
 * party, was received then and stands in the log by that height. Each way to break it has a code of its own. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/model/receipts.h"
#include "ledger/storage/audit_private.h"

struct promise {
    struct aver_audit_run *run;
    char place[256];
    const struct aver_intake_receipt *receipt;
};

static void broken(struct promise *p, const char *code, const char *fmt, ...) AVER_PRINTF(3, 4);
static void broken(struct promise *p, const char *code, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->run->audit->promises_broken++;
    aver_audit_find(p->run, AVER_AUDIT_DIFFERS, code, p->place,
                    "the node signed a promise for claim %.*s: %s", AVER_STR(p->receipt->claim_id), text);
}

static aver_err claim_in_log(struct aver_audit_run *run, struct aver_claim_state *out, aver_bytes claim_id,
                             struct aver_arena *arena)
{
    struct aver_stored stored;
    struct aver_buf name = {0};
    const struct aver_view *view = &run->view.view;
    aver_buf_str(&name, "c/");
    aver_name_escape(&name, claim_id);
    aver_err err = view->get(view->self, aver_buf_view(&name), &stored, NULL);
    if (err == AVER_OK) err = aver_schema_read(stored.record, &aver_claim_state_schema, out, arena, NULL);
    aver_buf_free(&name);
    return err;
}

static void hold(struct promise *p, struct aver_arena *arena)
{
    struct aver_audit_run *run = p->run;
    const struct aver_intake_receipt *r = p->receipt;
    struct aver_claim_state state;
    if (claim_in_log(run, &state, r->claim_id, arena) != AVER_OK) {
        if (run->executed && run->whole)
            broken(p, "RECEIPT-ABSENT",
                   "it stands in the log by height %" PRIu64 "; the log, of height %" PRIu64
                   ", does not have it",
                   r->by_height, run->head.height);
        else
            aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-UNKNOWN", p->place,
                            "claim %.*s was not met before the audit had to stop", AVER_STR(r->claim_id));
    } else if (!aver_digest_eq(state.leaf, r->leaf) || !aver_bytes_eq(state.filing_id, r->filing_id) ||
               !aver_bytes_eq(state.party, r->party))
        broken(p, "RECEIPT-CLAIM", "another claim, or one of another party, stands in the log under its id");
    else if (state.height > r->by_height)
        broken(p, "RECEIPT-LATE", "it stands in the log by height %" PRIu64 "; it came at height %" PRIu64,
               r->by_height, state.height);
    else if (state.received != r->received)
        broken(p, "RECEIPT-TIME",
               "it was received at %" PRId64 "; the log says %" PRId64 " (ms since 1970 UTC)", r->received,
               state.received);
    else
        run->audit->promises_kept++;
}

static void check(struct aver_audit_run *run, const struct aver_audit_receipt *given,
                  const struct aver_public_key *pk, struct aver_arena *arena)
{
    struct aver_receipt_opened opened;
    struct aver_why why = {0};
    struct promise p = {.run = run, .receipt = &opened.receipt};
    snprintf(p.place, sizeof p.place, "intake receipt %s", given->name);
    aver_err err = aver_receipt_open(&opened, given->bytes, arena, &why);
    /* What nobody can hold the node to is no broken promise, and no kept one either. */
    if (err == AVER_E_DIFFERS || err == AVER_E_RANGE)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-PROOF", p.place,
                        "what was signed does not hold this receipt: %s", why.text);
    else if (err != AVER_OK)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-FORM", p.place, "this is no intake receipt: %s",
                        why.text);
    else if (!aver_bytes_is(opened.receipt.chain, run->chain))
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-CHAIN", p.place,
                        "it is of the ledger %.*s, and this is %s: audit that one with it",
                        AVER_STR(opened.receipt.chain), run->chain);
    else if (!pk)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-UNKNOWN", p.place,
                        "the genesis could not be opened, so the node's key is not known");
    else if (!aver_receipt_signed(&opened, pk))
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-SIGNATURE", p.place,
                        "the node of this ledger did not sign it, so it promises nothing: it was altered, or "
                        "another node's key made it");
    else {
        run->audit->signatures++;
        hold(&p, arena);
    }
}

void aver_audit_receipts(struct aver_audit_run *run, const struct aver_public_key *pk)
{
    struct aver_arena arena = {0};
    const struct aver_audit_receipt *receipt = run->audit->intake_receipts.items;
    for (size_t i = 0; i < run->audit->intake_receipts.count; i++) {
        aver_arena_reset(&arena);
        check(run, &receipt[i], pk, &arena);
    }
    aver_arena_free(&arena);
}
