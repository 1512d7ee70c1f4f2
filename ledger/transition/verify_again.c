/* ledger/transition/verify_again.c - a claim decided again from what its bundle carries: see verify.h. The code that decides is the
 * node's own; only the view below it is another. */
#include <stdio.h>
#include <string.h>

#include "ledger/model/claim.h"
#include "ledger/transition/adjudicate.h"
#include "ledger/transition/receipt_diff.h"
#include "ledger/transition/verify_private.h"

/* ---- the world as the bundle has it ---- */

static struct aver_verify_read *read_of(struct aver_verify_run *run, aver_bytes name)
{
    for (size_t i = 0; i < run->b.reads.count; i++)
        if (run->reads[i].read->name.ptr && aver_bytes_eq(run->reads[i].read->name, name)) {
            run->reads[i].used = true;
            return &run->reads[i];
        }
    return NULL;
}

static aver_err missing(struct aver_why *why, const char *what, aver_bytes name)
{
    return aver_fail(why, AVER_E_KEY_GONE, "BUNDLE-CLOSED", "", "%s %.*s is not in the bundle", what,
                     AVER_STR(name));
}

/* The enrolment of a family is read for its secret, and nothing else of it is in the bundle. */
static aver_err get_family(struct aver_verify_run *run, aver_bytes family, struct aver_stored *out,
                           struct aver_why *why)
{
    struct aver_family record = {.family_id = family, .secret = run->b.genesis->family_secret};
    struct aver_buf bytes = {0};
    if (!run->secret_used) return missing(why, "the secret of the family", family);
    aver_schema_encode(&bytes, &aver_family_schema, &record);
    *out = (struct aver_stored){.record = aver_arena_copy(run->arena, aver_buf_view(&bytes))};
    aver_buf_free(&bytes);
    return AVER_OK;
}

static aver_err get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct aver_verify_run *run = self;
    aver_bytes family = aver_name_family(name);
    if (run->b.genesis && family.ptr && name.len == 2 + family.len) return get_family(run, family, out, why);
    const struct aver_verify_read *r = read_of(self, name);
    if (!r) return missing(why, "the record", name);
    if (!r->read->record.ptr) return AVER_E_NOT_FOUND;
    *out = (struct aver_stored){.record = r->read->record, .height = r->read->height};
    return AVER_OK;
}

/* What is written shows in the receipt. */
static aver_err put(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                    struct aver_why *why)
{
    (void)self, (void)name, (void)record, (void)key, (void)value, (void)why;
    return AVER_OK;
}

static aver_err artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    struct aver_verify_run *run = self;
    const struct aver_bundle_content *c = run->b.contents.items;
    for (size_t i = 0; i < run->b.contents.count; i++)
        if (aver_digest_eq(c[i].digest, digest)) {
            run->content_used[i] = true;
            *out = c[i].bytes;
            return AVER_OK;
        }
    for (size_t i = 0; i < run->v->pack_count; i++)
        if (aver_digest_eq(aver_sha256(run->v->pack[i]), digest)) {
            *out = run->v->pack[i];
            return AVER_OK;
        }
    char hex[65];
    aver_hex(hex, aver_digest_bytes(&digest));
    return aver_fail(why, AVER_E_KEY_GONE, "BUNDLE-PACK", "",
                     "the contract or policy %s is neither in the bundle nor in a pack given with it", hex);
}

static aver_err artifact_put(void *self, aver_digest digest, aver_bytes content, struct aver_why *why)
{
    (void)self, (void)digest, (void)content;
    return aver_fail(why, AVER_E_REFUSED, "BUNDLE-CLOSED", "", "a claim publishes nothing");
}

static aver_err table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                            struct aver_why *why)
{
    struct aver_verify_run *run = self;
    const struct aver_bundle_table *t = run->b.tables.items;
    for (size_t i = 0; i < run->b.tables.count; i++) {
        if (!aver_digest_eq(t[i].root, root) || !aver_bytes_eq(t[i].code, code)) continue;
        run->table_used[i] = true;
        if (!t[i].entry.ptr) return AVER_E_NOT_FOUND;
        *out = t[i].entry;
        return AVER_OK;
    }
    return missing(why, "the table's entry", code);
}

static aver_err opening(aver_bytes bytes, aver_digest *out)
{
    if (!bytes.ptr) return AVER_E_NOT_FOUND;
    memcpy(out->b, bytes.ptr, sizeof out->b);
    return AVER_OK;
}

static aver_err open_key(void *self, aver_bytes name, aver_digest *out, struct aver_why *why)
{
    const struct aver_verify_read *r = read_of(self, name);
    (void)why;
    return r ? opening(r->read->key_opening, out) : AVER_E_NOT_FOUND;
}

static aver_err open_value(void *self, aver_bytes name, uint64_t height, aver_digest *out,
                           struct aver_why *why)
{
    const struct aver_verify_read *r = read_of(self, name);
    const struct aver_verify_run *run = self;
    (void)why;
    if (!r) return AVER_E_NOT_FOUND;
    return opening(height == run->header.height ? r->read->after_opening : r->read->value_opening, out);
}

/* ---- what came of it ---- */

static void could_not(struct aver_verify_run *run, const char *what)
{
    aver_verify_say(run, AVER_VERDICT_COULD_NOT, what, run->why.code, "%s", run->why.text);
}

static void differs(struct aver_verify_run *run, const char *what)
{
    aver_verify_say(run, AVER_VERDICT_DIFFERS, what, run->why.code, "%s", run->why.text);
}

/* Whether what is wrong with an envelope shows that the node took in what it should have refused. A key that the state root does not
 * know an item since may have added. And the envelope of a large batch is judged in the group where it begins, which may be an
 * earlier one than the claim's. */
static bool node_wrong(aver_err err, const char *code, uint64_t count)
{
    if (err == AVER_E_INPUT || err == AVER_E_SIGNATURE || err == AVER_E_DIFFERS) return true;
    if (err != AVER_E_REFUSED || !strcmp(code, "TX-KEY-UNKNOWN")) return false;
    return count == 1 || (strcmp(code, "TX-EXPIRED") && strcmp(code, "TX-KEY-REVOKED"));
}

static bool sent_rightly(struct aver_verify_run *run, const struct aver_view *view, struct aver_envelope *env)
{
    aver_err err = aver_envelope_open(env, view, run->b.batch, run->b.chain, NULL, run->arena, &run->why);
    if (err == AVER_OK) {
        err = aver_envelope_expired(env, view, &run->why);
        if (err == AVER_OK && env->batch.kind != AVER_TX_CLAIMS)
            err = aver_fail(&run->why, AVER_E_DIFFERS, "BUNDLE-KIND", "",
                            "the batch is one of %s, not of claims", aver_tx_kind_names[env->batch.kind]);
    }
    if (err == AVER_OK) {
        aver_verify_say(run, AVER_VERDICT_SAME, "signature", "", "signed by a key that %.*s had then",
                        AVER_STR(env->party));
        return true;
    }
    (node_wrong(err, run->why.code, env->batch.count) ? differs : could_not)(run, "signature");
    return false;
}

static bool same_bytes(struct aver_verify_run *run, aver_bytes again)
{
    if (aver_bytes_eq(again, run->b.receipt)) return true;
    if (aver_receipt_other_prices(&run->receipt, &run->why)) {
        could_not(run, "decided again");
        run->v->decided_again = false;
        return false;
    }
    struct aver_buf text = {0};
    aver_receipt_difference(&text, run->b.receipt, again, run->arena);
    aver_verify_say(run, AVER_VERDICT_DIFFERS, "decided again", "BUNDLE-REPLAY", "%.*s",
                    AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return false;
}

/* With every secret at hand: the whole item, receipt for receipt. */
static void apply_again(struct aver_verify_run *run, struct aver_machine *machine, struct aver_view *view,
                        const struct aver_envelope *env)
{
    struct aver_applied applied;
    struct aver_item item = {run->b.salt, run->b.item, aver_leaf(run->b.salt, run->b.item),
                             run->b.claim->index, NULL};
    if (aver_apply(machine, view, env, &item, run->arena, &applied, &run->why) != AVER_OK) {
        could_not(run, "decided again");
        return;
    }
    run->v->decided_again = true;
    if (same_bytes(run, applied.receipt))
        aver_verify_say(run, AVER_VERDICT_SAME, "decided again", "",
                        "the receipt comes out the same, byte for byte: outcome, amounts, gas and state");
}

/* ---- for one reader ---- */

/* Each touch of the decision must be the receipt's. What is left over are records that do not decide: the claim's own and the
 * payee's, and the genesis. */
static bool same_touches(struct aver_verify_run *run, struct aver_work *work)
{
    struct aver_list touches = aver_work_touches(work);
    const struct aver_touch *mine = touches.items, *theirs = run->receipt.touches.items;
    for (size_t i = 0; i < touches.count; i++) {
        size_t k = 0;
        while (k < run->receipt.touches.count && !aver_digest_eq(theirs[k].key, mine[i].key)) k++;
        if (k == run->receipt.touches.count) {
            aver_verify_say(run, AVER_VERDICT_DIFFERS, "decided again", "BUNDLE-REPLAY",
                            "it reads a record that the receipt does not name");
            return false;
        }
        /* Who opened the value may have done it wrongly: that accuses nobody. */
        if (!aver_digest_eq(mine[i].after, theirs[k].after)) {
            aver_verify_say(
                run, AVER_VERDICT_COULD_NOT, "decided again", "BUNDLE-AFTER",
                "a record that it leaves is not the one that the receipt names, as it is opened here");
            return false;
        }
    }
    return true;
}

/* Everything that was written is opened, and nothing else: a zero in the touches then means that nothing was. */
static bool writes_opened(struct aver_verify_run *run)
{
    for (size_t i = 0; i < run->b.reads.count; i++) {
        const struct aver_verify_read *r = &run->reads[i];
        if (!r->read->name.ptr) continue;
        bool written = r->touch && !aver_digest_eq(r->touch->after, (aver_digest){{0}});
        if (written == (r->read->after_opening.ptr != NULL)) continue;
        aver_verify_say(run, AVER_VERDICT_COULD_NOT, "decided again", "BUNDLE-CLOSED",
                        "what the claim wrote to %.*s is not opened as the receipt says",
                        AVER_STR(r->read->name));
        return false;
    }
    return true;
}

static void decide_again(struct aver_verify_run *run, struct aver_machine *machine, struct aver_view *view)
{
    struct aver_claim claim;
    struct aver_applied said = {0};
    struct aver_case *c;
    struct aver_work work = {.view = view, .arena = run->arena};
    struct aver_decision *decision = AVER_NEW(run->arena, struct aver_decision);
    struct aver_receipt again = run->receipt;
    if (!run->receipt.decision || !writes_opened(run)) return;
    if (aver_schema_read(run->b.item, &aver_claim_schema, &claim, run->arena, &run->why) != AVER_OK ||
        aver_claim_check(&claim, &run->why) != AVER_OK) {
        differs(run, "decided again");
        return;
    }
    if (aver_adjudicate(&c, machine, &work, run->v->claim_id, &claim, decision, &said, &run->why) !=
            AVER_OK ||
        aver_adjudicate_write(c) != AVER_OK) {
        could_not(run, "decided again");
        return;
    }
    struct aver_buf bytes = {0};
    run->v->decided_again = true;
    again.decision = decision;
    again.outcome = aver_claim_outcome(decision->status);
    aver_schema_encode(&bytes, &aver_receipt_schema, &again);
    if (same_bytes(run, aver_buf_view(&bytes)) && same_touches(run, &work))
        aver_verify_say(
            run, AVER_VERDICT_SAME, "decided again", "",
            "the decision comes out the same: outcome, amounts and gas, and the %llu of %llu records "
            "that are opened here; the others do not decide it",
            (unsigned long long)run->v->opened, (unsigned long long)run->v->reads);
    aver_buf_free(&bytes);
}

/* A bundle carries nothing that could be changed without a difference. */
static void all_used(struct aver_verify_run *run)
{
    bool ok = true;
    for (size_t i = 0; i < run->b.reads.count; i++)
        ok = ok && (run->reads[i].used || !run->reads[i].read->name.ptr);
    for (size_t i = 0; i < run->b.tables.count; i++) ok = ok && run->table_used[i];
    for (size_t i = 0; i < run->b.contents.count; i++) ok = ok && run->content_used[i];
    if (!ok)
        aver_verify_say(run, AVER_VERDICT_COULD_NOT, "bundle", "BUNDLE-UNSOUND",
                        "the bundle carries what the decision did not ask for");
}

void aver_verify_again(struct aver_verify_run *run)
{
    struct aver_machine *machine = aver_machine_new();
    struct aver_envelope env;
    struct aver_view view = {.self = run,
                             .get = get,
                             .put = put,
                             .artifact = artifact,
                             .artifact_put = artifact_put,
                             .table_entry = table_entry,
                             .height = run->header.height,
                             .time = run->header.time};
    run->table_used = AVER_NEW_ARRAY(run->arena, bool, run->b.tables.count + 1);
    run->content_used = AVER_NEW_ARRAY(run->arena, bool, run->b.contents.count + 1);
    memset(run->table_used, 0, run->b.tables.count + 1);
    memset(run->content_used, 0, run->b.contents.count + 1);
    if (!run->b.genesis) {
        view.open_key = open_key;
        view.open_value = open_value;
    }
    if (sent_rightly(run, &view, &env)) {
        if (run->b.genesis)
            apply_again(run, machine, &view, &env);
        else
            decide_again(run, machine, &view);
        if (run->v->decided_again) all_used(run);
    }
    aver_machine_free(machine);
}
