/* ledger/transition/verify.c - what a bundle carries, held against the log and the state that it proves: see verify.h. Read from
 * the bottom: aver_bundle_verify tells the order, which is also that of the hashes in the bundle. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cose.h"
#include "ledger/transition/verify_private.h"

const char *aver_verdict_words(enum aver_verdict verdict)
{
    switch (verdict) {
    case AVER_VERDICT_SAME: return "same";
    case AVER_VERDICT_DIFFERS: return "differs";
    case AVER_VERDICT_COULD_NOT: return "could not check";
    }
    AVER_UNREACHABLE();
}

void aver_verify_say(struct aver_verify_run *run, enum aver_verdict verdict, const char *what,
                     const char *code, const char *fmt, ...)
{
    struct aver_verify_line *line = aver_list_add(run->arena, &run->v->lines, sizeof *line);
    va_list ap;
    line->verdict = verdict;
    line->what = what;
    snprintf(line->code, sizeof line->code, "%s", code);
    va_start(ap, fmt);
    vsnprintf(line->text, sizeof line->text, fmt, ap);
    va_end(ap);
}

#define SAME(run, what, ...)            aver_verify_say(run, AVER_VERDICT_SAME, what, "", __VA_ARGS__)
#define COULD_NOT(run, what, code, ...) aver_verify_say(run, AVER_VERDICT_COULD_NOT, what, code, __VA_ARGS__)
#define DIFFERS(run, what, code, ...)   aver_verify_say(run, AVER_VERDICT_DIFFERS, what, code, __VA_ARGS__)

#define TRUST "trust" /* the one line that is about us, not about the bundle */

/* The evidence does not hold together: nothing further is looked at. */
static bool broken(struct aver_verify_run *run, const char *what)
{
    COULD_NOT(run, what, run->why.code, "%s", run->why.text);
    return false;
}

static bool unsound(struct aver_verify_run *run, const char *what, const char *text)
{
    COULD_NOT(run, what, "BUNDLE-UNSOUND", "%s", text);
    return false;
}

static bool is_zero(const aver_digest *d) { return aver_digest_eq(*d, (aver_digest){{0}}); }

/* ---- whose log ---- */

static bool same_key(const struct aver_note_key *a, const struct aver_note_key *b)
{
    return a->id == b->id && a->type == b->type && aver_bytes_eq(a->name, b->name) &&
           memcmp(a->pk.b, b->pk.b, sizeof a->pk.b) == 0;
}

static bool check_checkpoint(struct aver_verify_run *run)
{
    struct aver_verify *v = run->v;
    struct aver_public_key pk;
    struct aver_tlog_seen seen = {.witnesses = 0};
    memcpy(pk.b, run->b.node_key.ptr, sizeof pk.b);
    if (aver_note_key_of(&v->key, run->b.chain, &pk, &run->why) != AVER_OK) return broken(run, "checkpoint");
    if (v->log && !same_key(v->log, &v->key))
        return unsound(run, "checkpoint", "the bundle is of another log than that of the key given");
    if (aver_checkpoint_open(&run->checkpoint, run->b.checkpoint, &v->key, &run->why) != AVER_OK)
        return broken(run, "checkpoint");
    if (v->policy) {
        if (aver_tlog_policy_check(v->policy, v->log, run->b.checkpoint, &seen, &run->why) != AVER_OK)
            return broken(run, "checkpoint");
        if (!same_key(&seen.log, &v->key))
            return unsound(run, "checkpoint", "the log of the policy that signed is not that of the bundle");
    }
    v->trusted = v->log || v->policy;
    SAME(run, "checkpoint", "%" PRIu64 " entries, signed by the log key %.*s+%08" PRIx32,
         run->checkpoint.size, AVER_STR(v->key.name), v->key.id);
    if (seen.witnesses)
        SAME(run, "witnesses", "%zu of the policy's witnesses cosigned the checkpoint", seen.witnesses);
    if (!v->trusted)
        COULD_NOT(run, TRUST, "BUNDLE-TRUST",
                  "what follows holds if the log key %.*s+%08" PRIx32
                  " is the node's, and nothing given here says so",
                  AVER_STR(v->key.name), v->key.id);
    return true;
}

/* ---- entries ---- */

static bool in_log(struct aver_verify_run *run, const char *what, aver_bytes bytes, uint64_t index,
                   const struct aver_list *path)
{
    struct aver_merkle_proof proof;
    aver_digest leaf = aver_merkle_leaf(bytes);
    if (aver_bundle_path(&run->hashes, &proof, path, &run->why) != AVER_OK ||
        aver_merkle_verify(&run->checkpoint.root, run->checkpoint.size, index, &leaf, proof.hash, proof.count,
                           &run->why) != AVER_OK)
        return broken(run, what);
    return true;
}

static bool item_in_log(struct aver_verify_run *run, const char *what, aver_digest body, aver_digest receipt,
                        uint64_t index, const struct aver_list *path)
{
    struct aver_entry e = {.kind = AVER_ENTRY_ITEM, .body = body, .receipt = receipt};
    struct aver_buf bytes = {0};
    aver_entry_encode(&bytes, &e);
    bool ok = in_log(run, what, aver_buf_view(&bytes), index, path);
    aver_buf_free(&bytes);
    return ok;
}

static aver_digest body_commitment(aver_digest batch, uint64_t index, aver_bytes salt, aver_bytes item)
{
    struct aver_body body = {batch, index, salt, item};
    struct aver_buf bytes = {0};
    aver_body_encode(&bytes, &body);
    aver_digest commitment = aver_body_commitment(salt, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    return commitment;
}

static bool entry_of(struct aver_verify_run *run, const char *what, struct aver_entry *out, aver_bytes bytes,
                     enum aver_entry_kind kind)
{
    if (aver_entry_read(out, bytes, &run->why) != AVER_OK) return broken(run, what);
    return out->kind == kind || unsound(run, what, "the entry is of another kind");
}

/* A key stands once in a touch list: who looks it up finds what there is. */
static bool ascending(const struct aver_list *touches)
{
    const struct aver_touch *t = touches->items;
    for (size_t i = 1; i < touches->count; i++)
        if (memcmp(t[i - 1].key.b, t[i].key.b, sizeof t[i].key.b) >= 0) return false;
    return true;
}

/* The leaf of the claim under what was signed. Whether the signature holds, the envelope says later. */
static bool check_batch(struct aver_verify_run *run)
{
    struct aver_cose cose;
    struct aver_batch batch;
    struct aver_merkle_proof proof;
    aver_digest leaf = aver_leaf(run->b.salt, run->b.item);
    if (aver_cose_read(&cose, run->b.batch, &run->why) != AVER_OK ||
        aver_schema_read(cose.payload, &aver_batch_schema, &batch, run->arena, &run->why) != AVER_OK ||
        aver_bundle_path(&run->hashes, &proof, &run->b.batch_path, &run->why) != AVER_OK ||
        aver_merkle_verify(&batch.root, batch.count, run->b.index, &leaf, proof.hash, proof.count,
                           &run->why) != AVER_OK)
        return broken(run, "batch");
    SAME(run, "batch", "the claim is item %" PRIu64 " of the %" PRIu64 " that one signature covers",
         run->b.index + 1, batch.count);
    return true;
}

static bool check_claim(struct aver_verify_run *run)
{
    const struct aver_bundle *b = &run->b;
    aver_digest body = body_commitment(aver_sha256(b->batch), b->index, b->salt, b->item);
    run->v->entry = b->claim->index;
    if (!item_in_log(run, "claim", body, aver_receipt_commitment(b->salt, b->receipt), b->claim->index,
                     &b->claim->path))
        return false;
    if (aver_schema_read(b->receipt, &aver_receipt_schema, &run->receipt, run->arena, &run->why) != AVER_OK)
        return broken(run, "claim");
    if (!ascending(&run->receipt.touches)) {
        DIFFERS(run, "claim", "BUNDLE-TOUCHES", "the keys of the receipt's touch list do not ascend");
        return false;
    }
    SAME(run, "claim", "claim and receipt are entry %" PRIu64 " of the log", b->claim->index);
    run->v->decision = run->receipt.decision;
    if (run->receipt.decision)
        snprintf(run->v->claim_id, sizeof run->v->claim_id, "%.*s",
                 AVER_STR(run->receipt.decision->claim_id));
    return true;
}

/* The header before says where the claim's group begins. */
static bool check_group(struct aver_verify_run *run)
{
    const struct aver_bundle *b = &run->b;
    const struct aver_entry *h = &run->header, *p = &run->previous;
    if (!entry_of(run, "state root", &run->state, b->state->bytes, AVER_ENTRY_STATE) ||
        !in_log(run, "state root", b->state->bytes, b->state->index, &b->state->path) ||
        !entry_of(run, "group", &run->header, b->header->bytes, AVER_ENTRY_HEADER) ||
        !in_log(run, "group", b->header->bytes, b->header->index, &b->header->path) ||
        !entry_of(run, "group", &run->previous, b->previous, AVER_ENTRY_HEADER))
        return false;
    if (!aver_digest_eq(aver_sha256(b->previous), h->previous) || p->height + 1 != h->height ||
        h->size != b->header->index || b->claim->index >= h->size || b->claim->index <= p->size)
        return unsound(run, "group", "the claim does not stand between the two headers");
    if (b->state->index >= p->size || run->state.height > p->height)
        return unsound(run, "state root", "it does not stand before the claim's group");
    if (run->receipt.height != h->height)
        DIFFERS(run, "group", "BUNDLE-HEIGHT",
                "the receipt says height %" PRIu64 " and stands in the group of height %" PRIu64,
                run->receipt.height, h->height);
    char day[AVER_DAY_TEXT];
    int64_t seconds = h->time / 1000 % 86400;
    SAME(run, "group", "height %" PRIu64 ", %s %02d:%02d:%02d UTC; state root of height %" PRIu64, h->height,
         aver_day_iso(day, aver_day_of_ms(h->time)), (int)(seconds / 3600), (int)(seconds / 60 % 60),
         (int)(seconds % 60), run->state.height);
    return true;
}

static const struct aver_bundle_read *read_named(const struct aver_bundle *b, aver_bytes name)
{
    const struct aver_bundle_read *r = b->reads.items;
    for (size_t i = 0; i < b->reads.count; i++)
        if (r[i].name.ptr && aver_bytes_eq(r[i].name, name)) return &r[i];
    return NULL;
}

/* The first entry of the log names the secret under which the state is committed to: there is no other. */
static bool check_genesis(struct aver_verify_run *run)
{
    const struct aver_bundle_genesis *g = run->b.genesis;
    const struct aver_bundle_read *r = read_named(&run->b, AVER_LIT("g"));
    if (!r || !r->record.ptr)
        return unsound(run, "genesis", "the record of the genesis is not among the reads");
    if (!item_in_log(run, "genesis", body_commitment(g->batch, 0, g->salt, r->record), g->receipt, 0,
                     &g->path))
        return false;
    if (aver_schema_read(r->record, &aver_genesis_schema, &run->genesis, run->arena, &run->why) != AVER_OK)
        return broken(run, "genesis");
    if (!aver_bytes_eq(run->genesis.node_key, run->b.node_key) ||
        !aver_bytes_eq(run->genesis.chain, run->b.chain))
        return unsound(run, "genesis", "the log begins with another chain or another node's key");
    SAME(run, "genesis", "the log begins with the secret of its state and the key of its node");
    return true;
}

/* ---- the state ---- */

static const struct aver_touch *touch_of(const struct aver_list *touches, const aver_digest *key)
{
    const struct aver_touch *t = touches->items;
    for (size_t i = 0; i < touches->count; i++)
        if (aver_digest_eq(t[i].key, *key)) return &t[i];
    return NULL;
}

/* What says that a secret is the family's is the record of a member, which names its hash. */
static bool family_secret(struct aver_verify_run *run, aver_bytes family)
{
    struct aver_member_state member;
    const struct aver_bundle_read *r = run->b.reads.items;
    aver_bytes secret = run->b.genesis->family_secret;
    for (size_t i = 0; secret.ptr && i < run->b.reads.count; i++) {
        if (!r[i].record.ptr || r[i].name.len < 2 || memcmp(r[i].name.ptr, "m/", 2) != 0) continue;
        if (aver_schema_read(r[i].record, &aver_member_state_schema, &member, run->arena, NULL) == AVER_OK &&
            aver_bytes_eq(member.family, family) && aver_digest_eq(member.secret, aver_sha256(secret))) {
            run->secret_used = true;
            return true;
        }
    }
    return unsound(run, "state", "the secret of a family is not the one that its member's record names");
}

static aver_digest opened(aver_bytes opening, aver_bytes what)
{
    return aver_sha256_parts((aver_bytes[]){opening, what}, 2);
}

/* The names under a family are made from its id: one that is none would lead to another's. */
static bool names_family(struct aver_verify_run *run, const struct aver_bundle_read *r)
{
    struct aver_member_state member;
    if (!r->record.ptr || r->name.len < 2 || memcmp(r->name.ptr, "m/", 2) != 0) return true;
    if (aver_schema_read(r->record, &aver_member_state_schema, &member, run->arena, NULL) == AVER_OK &&
        aver_family_id_valid(member.family))
        return true;
    return unsound(run, "state", "the record of a member names no family");
}

/* The claim is the first item after the state root. */
static bool nothing_between(const struct aver_verify_run *run)
{
    return run->previous.size == run->b.state->index + 1 && run->b.claim->index == run->previous.size + 1;
}

static bool commit_read(struct aver_verify_run *run, struct aver_verify_read *out)
{
    const struct aver_bundle_read *r = out->read;
    if (!r->name.ptr) {
        out->key = r->key;
        out->touch = touch_of(&run->receipt.touches, &out->key);
        if (out->touch) out->value = out->touch->before;
        return out->touch || unsound(run, "state", "a closed read is none of the receipt's");
    }
    if (!names_family(run, r)) return false;
    if (run->b.genesis) {
        aver_bytes secret = run->genesis.secret, family = aver_name_family(r->name);
        if (family.ptr && !aver_family_id_valid(family)) return unsound(run, "state", "a read of no family");
        if (family.ptr && !family_secret(run, family)) return false;
        if (family.ptr) secret = run->b.genesis->family_secret;
        out->key = aver_state_key(secret, r->name);
        if (r->record.ptr) out->value = aver_state_value(secret, r->name, r->height, r->record);
    } else {
        out->key = opened(r->key_opening, r->name);
        if (r->record.ptr) out->value = opened(r->value_opening, r->record);
    }
    out->touch = touch_of(&run->receipt.touches, &out->key);
    /* Who opens an absence chooses the key, and anything is absent under a wrong one: the receipt says which was meant. Under
     * the ledger's own secret there is no choice. */
    if (!out->touch && !run->b.genesis && !r->record.ptr)
        return unsound(run, "state", "an absence is opened that the receipt does not name");
    /* An item since may have written the record, unless none stands between: then the claim was decided by what is not there. What
     * has no proof (the genesis: nothing says at which height it was written) accuses nobody. */
    out->other = out->touch && !aver_digest_eq(out->touch->before, out->value);
    if (out->other && !(run->b.genesis && r->proof && nothing_between(run)))
        return unsound(run, "state", "a record is not the one that the claim's receipt names");
    return true;
}

static bool read_touches(struct aver_verify_run *run, aver_bytes bytes, struct aver_list *out)
{
    struct aver_cbor in = aver_cbor_open(bytes, &run->why);
    size_t count;
    if (aver_cbor_array(&in, &count) != AVER_OK) return broken(run, "earlier items");
    for (size_t i = 0; i < count; i++) {
        struct aver_touch *t = aver_list_add(run->arena, out, sizeof *t);
        if (aver_schema_decode(&in, &aver_touch_schema, t, run->arena) != AVER_OK)
            return broken(run, "earlier items");
    }
    if (aver_cbor_end(&in) != AVER_OK) return broken(run, "earlier items");
    return ascending(out) || unsound(run, "earlier items", "the keys of a touch list do not ascend");
}

static bool check_writers(struct aver_verify_run *run, struct aver_list **touches)
{
    const struct aver_bundle_writer *w = run->b.writers.items;
    *touches = AVER_NEW_ARRAY(run->arena, struct aver_list, run->b.writers.count + 1);
    for (size_t i = 0; i < run->b.writers.count; i++) {
        struct aver_touches_opened o = {w[i].salt, w[i].touches, w[i].decision};
        if (w[i].index <= run->b.state->index || w[i].index >= run->b.claim->index)
            return unsound(run, "earlier items", "an item that does not stand between state root and claim");
        (*touches)[i] = (struct aver_list){0};
        if (!item_in_log(run, "earlier items", w[i].body, aver_touches_commitment(&o), w[i].index,
                         &w[i].path) ||
            !read_touches(run, w[i].touches, &(*touches)[i]))
            return false;
    }
    return true;
}

static bool prove_read(struct aver_verify_run *run, const struct aver_verify_read *r,
                       const struct aver_list *touches, bool *writer_used)
{
    struct aver_smt_proof proof;
    /* That of the genesis is the item of the log's first entry. */
    if (!r->read->writer && !r->read->proof)
        return r->touch || unsound(run, "state", "the receipt does not name the genesis");
    if (r->read->writer) {
        const struct aver_touch *t = touch_of(&touches[r->read->writer - 1], &r->key);
        writer_used[r->read->writer - 1] = true;
        if (!t || is_zero(&t->after) || !aver_digest_eq(t->after, r->value))
            return unsound(run, "state", "an earlier item did not write what the claim read");
        return true;
    }
    if (aver_bundle_proof(&run->hashes, &proof, r->read->proof, &run->why) != AVER_OK)
        return broken(run, "state");
    aver_bytes key = aver_digest_bytes(&r->key);
    aver_err err =
        is_zero(&r->value)
            ? aver_smt_verify_absent(&run->state.root, key, &proof, &run->why)
            : aver_smt_verify_member(&run->state.root, key, aver_digest_bytes(&r->value), &proof, &run->why);
    return err == AVER_OK || broken(run, "state");
}

static bool check_reads(struct aver_verify_run *run)
{
    const struct aver_bundle_read *r = run->b.reads.items;
    size_t count = run->b.reads.count, since = 0, open = 0;
    struct aver_list *touches;
    bool *used = AVER_NEW_ARRAY(run->arena, bool, run->b.writers.count + 1);
    memset(used, 0, run->b.writers.count + 1);
    run->reads = AVER_NEW_ARRAY(run->arena, struct aver_verify_read, count + 1);
    if (!check_writers(run, &touches)) return false;
    for (size_t i = 0; i < count; i++) {
        run->reads[i] = (struct aver_verify_read){.read = &r[i]};
        if (!commit_read(run, &run->reads[i]) || !prove_read(run, &run->reads[i], touches, used))
            return false;
        if (run->reads[i].other) {
            DIFFERS(run, "state", "BUNDLE-OTHER",
                    "the claim was decided by another record %.*s than the state holds", AVER_STR(r[i].name));
            return false;
        }
        since += r[i].writer != 0;
        open += r[i].name.ptr && run->reads[i].touch;
    }
    if (run->b.genesis && run->b.genesis->family_secret.ptr && !run->secret_used)
        return unsound(run, "state", "the secret of a family is shown of which nothing is read");
    for (size_t i = 0; i < run->b.writers.count; i++)
        if (!used[i]) return unsound(run, "earlier items", "an item is opened that nothing needs");
    run->v->reads = run->receipt.touches.count;
    run->v->opened = open;
    SAME(run, "state",
         "%zu records proved in the state: %zu at its root, %zu by what %zu earlier item%s wrote since",
         count, count - since, since, run->b.writers.count, run->b.writers.count == 1 ? "" : "s");
    return true;
}

/* ---- tables ---- */

static bool check_tables(struct aver_verify_run *run)
{
    const struct aver_bundle_table *t = run->b.tables.items;
    struct aver_smt_proof proof;
    size_t absent = 0, count = run->b.tables.count;
    for (size_t i = 0; i < count; i++) {
        if (aver_bundle_proof(&run->hashes, &proof, t[i].proof, &run->why) != AVER_OK)
            return broken(run, "tables");
        aver_err err = t[i].entry.ptr
                           ? aver_smt_verify_member(&t[i].root, t[i].code, t[i].entry, &proof, &run->why)
                           : aver_smt_verify_absent(&t[i].root, t[i].code, &proof, &run->why);
        if (err != AVER_OK) return broken(run, "tables");
        absent += !t[i].entry.ptr;
    }
    if (count)
        SAME(run, "tables", "%zu entries proved in their tables, %zu of them not there", count, absent);
    return true;
}

/* ---- what a decision shows by itself ---- */

static void check_money(struct aver_verify_run *run)
{
    const struct aver_decision *d = run->receipt.decision;
    if (!d)
        DIFFERS(run, "money", "BUNDLE-DECISION", "the receipt of a claim has no decision");
    else if (aver_decision_check(d, &run->why) != AVER_OK)
        DIFFERS(run, "money", run->why.code, "%s (%s)", run->why.text, run->why.place);
    else
        SAME(run, "money", "on every line charge = paid + adjustments, and the totals are the sums");
}

static bool evidence(struct aver_verify_run *run)
{
    if (!check_checkpoint(run) || !check_batch(run) || !check_claim(run) || !check_group(run) ||
        (run->b.genesis && !check_genesis(run)) || !check_reads(run) || !check_tables(run))
        return false;
    if (run->hashes.used * sizeof(aver_digest) != run->hashes.hashes.len)
        return unsound(run, "hashes", "the bundle carries hashes that nothing needs");
    return true;
}

static void sum_up(struct aver_verify_run *run)
{
    struct aver_verify *v = run->v;
    const struct aver_verify_line *line = v->lines.items;
    bool differs = false, could_not = !v->decided_again;
    for (size_t i = 0; i < v->lines.count; i++) {
        differs |= line[i].verdict == AVER_VERDICT_DIFFERS;
        could_not |= line[i].verdict == AVER_VERDICT_COULD_NOT && strcmp(line[i].what, TRUST) != 0;
    }
    v->otherwise = differs ? AVER_VERDICT_DIFFERS : could_not ? AVER_VERDICT_COULD_NOT : AVER_VERDICT_SAME;
    v->verdict = v->trusted ? v->otherwise : AVER_VERDICT_COULD_NOT;
}

void aver_bundle_verify(struct aver_verify *v, aver_bytes file, struct aver_arena *arena)
{
    struct aver_verify_run *run = AVER_NEW(arena, struct aver_verify_run);
    *v = (struct aver_verify){
        .log = v->log, .policy = v->policy, .pack = v->pack, .pack_count = v->pack_count};
    *run = (struct aver_verify_run){.v = v, .arena = arena, .why = {.code = "BUNDLE-CLOSED"}};
    if (aver_bundle_read(&run->b, file, arena, &run->why) != AVER_OK) {
        COULD_NOT(run, "form", run->why.code, "this is no bundle, or it was altered: %s (%s)", run->why.text,
                  run->why.place);
    } else {
        run->hashes.hashes = run->b.hashes;
        if (evidence(run)) {
            check_money(run);
            aver_verify_again(run);
        }
    }
    sum_up(run);
}
