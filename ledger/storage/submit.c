/* ledger/storage/submit.c - a signed batch becomes groups of the log: see aver_ledger_submit in ledger.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/model/receipts.h"
#include "ledger/storage/intake.h"

void aver_intake_receipt(const struct aver_ledger *ledger, struct aver_item_result *out,
                         const struct aver_claim_state *state, struct aver_arena *arena)
{
    struct aver_buf bytes = {0};
    struct aver_intake_receipt receipt = {.chain = ledger->chain,
                                          .claim_id = aver_bytes_str(out->claim_id),
                                          .party = state->party,
                                          .patient_control_number = state->control,
                                          .leaf = state->leaf,
                                          .filing_id = state->filing_id,
                                          .received = state->received,
                                          .by_height = state->height};
    aver_schema_encode(&bytes, &aver_intake_receipt_schema, &receipt);
    out->intake_receipt = aver_arena_copy(arena, aver_buf_view(&bytes));
    out->entry = state->entry;
    out->height = state->height;
    aver_buf_free(&bytes);
}

/* ---- receipts ---- */

struct signing {
    struct aver_item_result *of[AVER_RECEIPTS_MAX];
    aver_bytes receipts[AVER_RECEIPTS_MAX], proofs[AVER_RECEIPTS_MAX];
    size_t count;
};

static void sign_together(struct aver_intake *s, struct signing *g)
{
    const struct aver_ledger *l = s->ledger;
    if (g->count == 0) return;
    aver_receipts_sign(g->proofs, g->receipts, g->count, l->chain, &l->node_pk, &l->node_sk, s->arena);
    for (size_t i = 0; i < g->count; i++) g->of[i]->receipt_proof = g->proofs[i];
    g->count = 0;
}

/* As many as may be under each signature: whose they are is of no matter. */
static void sign_receipts(struct aver_intake *s)
{
    struct signing g;
    g.count = 0;
    for (size_t b = 0; b < s->batches_count; b++) {
        const struct aver_submission *sub = s->batches[b].of;
        for (size_t i = 0; sub->err == AVER_OK && i < sub->count; i++) {
            if (!sub->results[i].intake_receipt.ptr) continue;
            if (g.count == AVER_RECEIPTS_MAX) sign_together(s, &g);
            g.of[g.count] = &sub->results[i];
            g.receipts[g.count++] = sub->results[i].intake_receipt;
        }
    }
    sign_together(s, &g);
}

/* ---- one item ---- */

void aver_intake_applied(struct aver_item_result *out, const struct aver_applied *applied,
                         struct aver_arena *arena)
{
    const struct aver_decision *d = applied->record.decision;
    out->outcome = applied->outcome;
    if (applied->words[0]) out->words = aver_arena_printf(arena, "%s", applied->words);
    if (d)
        out->decided =
            (struct aver_item_decided){d->status, d->charge, d->allowed, d->paid, d->patient_responsibility};
}

/* AVER_OK and the result filled, or AVER_E_NOT_FOUND. */
static aver_err filed_before(struct aver_intake *s, struct aver_intake_batch *b, size_t i,
                             struct aver_item_result *out, uint8_t filing[16], struct aver_why *why)
{
    struct aver_claim_state state;
    if (b->env.batch.kind != AVER_TX_CLAIMS) return AVER_E_NOT_FOUND;
    AVER_TRY(aver_filed_before(&state, out->claim_id, filing, &s->ledger->view.view, &b->env,
                               b->of->items[i].item, &s->item, why));
    out->how = AVER_ITEM_REPEATED;
    out->outcome = aver_claim_outcome(state.status);
    aver_intake_receipt(s->ledger, out, &state, s->arena);
    return AVER_OK;
}

/* Nothing is filed by a clock that is plainly wrong: the ledger's time would stay there for good. */
static aver_err read_clock(struct aver_intake *s, struct aver_why *why)
{
    s->now = aver_ledger_clock();
    if (s->now < 0 || s->now > AVER_TIME_MAX)
        return aver_fail(why, AVER_E_IO, "CLOCK", "",
                         "the clock does not say a time from 1970 to 9999: set it");
    return aver_ledger_leap(s->ledger->head.height ? s->ledger->head.time : s->now, s->now, why);
}

aver_err aver_intake_group(struct aver_intake *s, struct aver_why *why)
{
    struct aver_ledger *ledger = s->ledger;
    if (s->group.open && !aver_group_full(&s->group)) return AVER_OK;
    if (s->group.open) {
        bool epoch = aver_ledger_epoch_due(ledger, s->group.items_count, false);
        AVER_TRY(aver_group_end(ledger, &s->group, epoch, true, why));
        /* LMDB follows when all is taken in, or deferred; before that, only where there is much. */
        if (epoch && (ledger->deferred || aver_ledger_much(ledger)))
            AVER_TRY(aver_ledger_epoch_ended(ledger, why));
        AVER_TRY(read_clock(s, why));
    }
    aver_group_begin(ledger, &s->group, s->now);
    return AVER_OK;
}

static aver_err new_result(struct aver_intake *s, const struct aver_intake_batch *b,
                           struct aver_item_result *out, const struct aver_applied *applied, uint64_t entry,
                           struct aver_why *why)
{
    out->how = AVER_ITEM_NEW;
    out->entry = entry;
    out->height = s->ledger->view.view.height;
    if (b->env.batch.kind != AVER_TX_CLAIMS) return AVER_OK;
    struct aver_claim_state state;
    struct aver_stored stored;
    char name[2 + AVER_CLAIM_ID_BYTES + 1] = "c/";
    memcpy(out->claim_id, applied->claim_id, sizeof out->claim_id);
    memcpy(name + 2, applied->claim_id, AVER_CLAIM_ID_BYTES + 1);
    const struct aver_view *view = &s->ledger->view.view;
    AVER_TRY(view->get(view->self, aver_bytes_str(name), &stored, why));
    AVER_TRY(aver_schema_read(stored.record, &aver_claim_state_schema, &state, &s->item, why));
    aver_intake_receipt(s->ledger, out, &state, s->arena);
    return AVER_OK;
}

void aver_intake_name(struct aver_intake *s, struct aver_intake_batch *b)
{
    uint64_t height = s->ledger->view.view.height;
    if (b->logged && b->in_group == height) return;
    aver_group_batch(s->ledger, &s->group, &b->env.digest, b->logged ? AVER_BYTES_NONE : b->of->cose,
                     b->leaves, b->of->count);
    b->logged = true;
    b->in_group = height;
}

void aver_intake_watch(struct aver_at_work *e, const struct aver_intake *s, const struct aver_intake_batch *b,
                       size_t i, enum aver_quarantine_doing doing)
{
    const struct aver_view *view = &s->ledger->view.view;
    const struct aver_batch_item *item = i == SIZE_MAX ? NULL : &b->of->items[i];
    *e = (struct aver_at_work){.quarantine = &s->ledger->quarantine,
                               .doing = doing,
                               .height = view->height,
                               .time = view->time,
                               .entry = s->group.head.tree.size,
                               .cose = b->of->cose};
    if (item) {
        e->env = &b->env;
        e->index = i;
        e->salt = item->salt;
        e->item = item->item;
        e->claim_id = b->of->results[i].claim_id;
    }
    aver_at_work_begin(e);
}

bool aver_intake_quarantined(const struct aver_intake *s, struct aver_intake_batch *b, size_t i,
                             const char *claim_id, struct aver_arena *arena)
{
    struct aver_item_result *out = &b->of->results[i];
    struct aver_why why;
    const struct aver_quarantine_entry *e = aver_quarantine_item(
        &s->ledger->quarantine, b->env.batch.kind, b->env.party, b->of->items[i].item, claim_id);
    if (!e) return false;
    aver_err err = aver_quarantine_refuse(e, &why);
    (void)err; /* of this item alone */
    *out = (struct aver_item_result){.how = AVER_ITEM_QUARANTINED,
                                     .words = aver_arena_printf(arena, "%s", why.text)};
    return true;
}

static aver_err take_item(struct aver_intake *s, struct aver_intake_batch *b, size_t i, struct aver_why *why)
{
    struct aver_ledger *ledger = s->ledger;
    struct aver_item_result *out = &b->of->results[i];
    const struct aver_batch_item *given = &b->of->items[i];
    struct aver_applied applied;
    uint8_t filing[16];
    aver_arena_reset(&s->item);
    if (aver_intake_quarantined(s, b, i, NULL, s->arena)) return AVER_OK;
    aver_err err = filed_before(s, b, i, out, filing, why);
    if (err != AVER_E_NOT_FOUND) return err;
    if (aver_intake_quarantined(s, b, i, out->claim_id, s->arena)) return AVER_OK;
    AVER_TRY(aver_intake_group(s, why));
    if (!b->unexpired) AVER_TRY(aver_envelope_expired(&b->env, &ledger->view.view, why));
    b->unexpired = true;
    uint64_t entry = s->group.head.tree.size;
    struct aver_item item = {given->salt, given->item, b->leaves[i], entry,
                             b->env.batch.kind == AVER_TX_CLAIMS ? filing : NULL};
    AVER_TRY(aver_apply(ledger->machine, &ledger->view.view, &b->env, &item, &s->item, &applied, why));
    aver_intake_applied(out, &applied, s->arena);
    if ((unsigned)applied.outcome >= AVER_OUT_MALFORMED) {
        out->how = AVER_ITEM_REFUSED;
        return AVER_OK;
    }
    aver_intake_name(s, b);
    AVER_TRY(aver_group_item(ledger, &s->group, i, given, &applied, &s->item, why));
    return new_result(s, b, out, &applied, entry, why);
}

aver_err aver_intake_item(struct aver_intake *s, struct aver_intake_batch *b, size_t i, struct aver_why *why)
{
    aver_intake_watch(&s->at_work, s, b, i, AVER_DOING_INTAKE);
    aver_err err = take_item(s, b, i, why);
    aver_at_work_end();
    return err;
}

static aver_err check_bounds(aver_bytes cose, const struct aver_batch_item *items, size_t count,
                             struct aver_why *why)
{
    if (count == 0 || count > AVER_BATCH_ITEMS_MAX)
        return aver_fail(why, AVER_E_LIMIT, "TX-COUNT", "", "a batch has 1 to %d items, this one %zu",
                         AVER_BATCH_ITEMS_MAX, count);
    if (cose.len > AVER_ITEM_BYTES_MAX)
        return aver_fail(why, AVER_E_LIMIT, "TX-SIZE", "", "the envelope has more than %d bytes",
                         AVER_ITEM_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (items[i].salt.len != AVER_SALT_BYTES)
            return aver_fail(why, AVER_E_INPUT, "TX-FORM", "salt", "the salt of item %zu has not %d bytes", i,
                             AVER_SALT_BYTES);
        if (items[i].item.len > AVER_ITEM_BYTES_MAX)
            return aver_fail(why, AVER_E_LIMIT, "TX-SIZE", "", "item %zu has more than %d bytes", i,
                             AVER_ITEM_BYTES_MAX);
    }
    return AVER_OK;
}

aver_err aver_intake_open(const struct aver_intake *s, struct aver_intake_batch *b,
                          const struct aver_view *view, struct aver_arena *arena, struct aver_why *why)
{
    struct aver_submission *of = b->of;
    AVER_TRY(check_bounds(of->cose, of->items, of->count, why));
    const struct aver_quarantine_entry *kept = aver_quarantine_envelope(&s->ledger->quarantine, of->cose);
    if (kept) return aver_quarantine_refuse(kept, why);
    memset(of->results, 0, of->count * sizeof *of->results);
    AVER_TRY(aver_envelope_open(&b->env, view, of->cose, s->ledger->chain, s->genesis_key, arena, why));
    if (!b->leaves) {
        aver_digest *leaves = AVER_NEW_ARRAY(arena, aver_digest, of->count);
        for (size_t i = 0; i < of->count; i++) leaves[i] = aver_leaf(of->items[i].salt, of->items[i].item);
        b->leaves = leaves;
    }
    return aver_envelope_leaves(&b->env, b->leaves, of->count, why);
}

aver_err aver_intake_done(struct aver_intake *s, struct aver_intake_batch *b, aver_err err,
                          struct aver_why *why)
{
    if (err != AVER_OK && (b->unexpired || err != AVER_E_REFUSED)) return err;
    b->of->err = err;
    if (err != AVER_OK) b->of->why = *why;
    s->done++;
    if (s->progress) s->progress(s->user, s->done, s->total);
    return AVER_OK;
}

/* One batch by this thread alone. */
static aver_err take_batch(struct aver_intake *s, struct aver_intake_batch *b, struct aver_why *why)
{
    struct aver_submission *of = b->of;
    b->opened = true;
    aver_intake_forget(s->ledger);
    aver_intake_watch(&s->at_work, s, b, SIZE_MAX, AVER_DOING_INTAKE);
    of->err = aver_intake_open(s, b, &s->ledger->view.view, s->arena, &of->why);
    aver_at_work_end();
    for (size_t i = 0; of->err == AVER_OK && i < of->count; i++) {
        struct aver_why local = {0};
        aver_err err = aver_intake_done(s, b, aver_intake_item(s, b, i, &local), &local);
        if (err != AVER_OK && why) *why = local;
        AVER_TRY(err);
    }
    return AVER_OK;
}

static aver_err take_all(struct aver_intake *s, struct aver_why *why)
{
    struct aver_ledger *ledger = s->ledger;
    for (size_t batch = 0, item = 0; batch < s->batches_count;) {
        struct aver_intake_batch *b = &s->batches[batch];
        if (!s->group.open) {
            ledger->view.view.height = ledger->head.height + 1;
            ledger->view.view.time =
                ledger->head.height && s->now < ledger->head.time ? ledger->head.time : s->now;
        }
        if (item || aver_intake_gathers(s, b)) {
            AVER_TRY(aver_intake_ahead(s, &batch, &item, why));
        } else {
            AVER_TRY(take_batch(s, b, why));
            batch++;
        }
    }
    bool pending = s->group.open && s->group.items_count;
    bool epoch = (pending || ledger->epoch_items) &&
                 aver_ledger_epoch_due(ledger, pending ? s->group.items_count : 0, true);
    if (!pending && !epoch) {
        AVER_TRY(aver_ledger_appended(ledger, why));
        return ledger->deferred || !ledger->hashes.count ? AVER_OK : aver_ledger_flush(ledger, why);
    }
    if (!s->group.open) aver_group_begin(ledger, &s->group, s->now);
    AVER_TRY(aver_group_end(ledger, &s->group, epoch, false, why));
    return epoch ? aver_ledger_epoch_ended(ledger, why) : AVER_OK;
}

aver_err aver_ledger_take(struct aver_ledger *ledger, struct aver_submission *submissions, size_t count,
                          struct aver_arena *arena, aver_progress_fn progress, void *user,
                          const struct aver_public_key *genesis_key, struct aver_why *why)
{
    AVER_TRY(aver_ledger_writable(ledger, why));
    struct aver_intake s = {.ledger = ledger,
                            .arena = arena,
                            .genesis_key = genesis_key,
                            .batches_count = count,
                            .progress = progress,
                            .user = user};
    AVER_TRY(read_clock(&s, why));
    s.batches = calloc(count + 1, sizeof *s.batches);
    if (!s.batches) aver_oom(count * sizeof *s.batches);
    for (size_t i = 0; i < count; i++) {
        s.batches[i].of = &submissions[i];
        s.total += submissions[i].count;
    }
    aver_intake_forget(ledger);
    aver_err err = take_all(&s, why);
    if (err == AVER_OK) sign_receipts(&s);
    /* Whole groups may stand in the log; what came after them leaves no trace. And once all is in LMDB it counts, whether
     * or not the world can be told at once: the next submit tells it. */
    aver_err after = err == AVER_OK    ? ledger->deferred ? AVER_OK : aver_ledger_publish(ledger, NULL)
                        : !ledger->broken ? aver_ledger_recover(ledger, NULL)
                                       : AVER_OK;
    (void)after; /* a recovery that failed has broken the ledger: the next call says so */
    ledger->view.view.height = ledger->head.height;
    ledger->view.view.time = ledger->head.time;
    aver_group_free(&s.group);
    aver_arena_free(&s.item);
    free(s.batches);
    return err;
}

aver_err aver_ledger_submit_all(struct aver_ledger *ledger, struct aver_submission *submissions, size_t count,
                                struct aver_arena *arena, aver_progress_fn progress, void *user,
                                struct aver_why *why)
{
    return aver_ledger_take(ledger, submissions, count, arena, progress, user, NULL, why);
}

aver_err aver_ledger_submit(struct aver_ledger *ledger, aver_bytes cose, const struct aver_batch_item *items,
                            size_t count, struct aver_item_result *results, struct aver_arena *arena,
                            aver_progress_fn progress, void *user, struct aver_why *why)
{
    struct aver_submission one = {.cose = cose, .items = items, .count = count, .results = results};
    AVER_TRY(aver_ledger_take(ledger, &one, 1, arena, progress, user, NULL, why));
    if (one.err != AVER_OK && why) *why = one.why;
    return one.err;
}
