/* ledger/storage/audit.c - the whole ledger again from its genesis, and everything compared: see aver_ledger_audit in ledger.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cose.h"
#include "ledger/storage/audit_private.h"

void aver_audit_find(struct aver_audit_run *run, enum aver_audit_verdict verdict, const char *code,
                     const char *place, const char *fmt, ...)
{
    struct aver_audit *audit = run->audit;
    if (verdict == AVER_AUDIT_DIFFERS || audit->verdict == AVER_AUDIT_SAME) audit->verdict = verdict;
    if (audit->findings.count >= AVER_FINDINGS_MAX) return;
    struct aver_audit_finding *f = aver_list_add(run->arena, &audit->findings, sizeof *f);
    va_list ap;
    f->verdict = verdict;
    snprintf(f->code, sizeof f->code, "%s", code);
    snprintf(f->place, sizeof f->place, "%s", place);
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
}

void aver_audit_why(struct aver_audit_run *run, enum aver_audit_verdict verdict, const struct aver_why *why)
{
    aver_audit_find(run, verdict, why->code, why->place, "%s", why->text);
}

/* ---- the log ---- */

static void entries_of(struct aver_audit_run *run, const struct aver_frame *frame)
{
    const struct aver_frame_item *item = frame->items.items;
    for (size_t i = 0; i < frame->items.count; i++) aver_audit_entry(run, item[i].entry);
    if (frame->state.ptr) aver_audit_entry(run, frame->state);
    aver_audit_entry(run, frame->header);
}

static void index_group(struct aver_audit_run *run, const struct aver_frame *frame, uint64_t first,
                        uint64_t offset, uint64_t batch_offset)
{
    uint8_t key[8], value[16];
    const struct aver_frame_batch *batch = frame->batches.items;
    aver_put_u64(key, first);
    aver_put_u64(value, offset);
    aver_put_u64(value + 8, frame->batches.count && batch[0].continued ? batch_offset : offset);
    aver_map_set(&run->groups, aver_bytes_of(key, sizeof key), aver_bytes_of(value, sizeof value));
}

/* A receipt or a state root that differs: told, and the replay goes on, since our own state is known. */
static aver_err told(void *ctx, const struct aver_why *why)
{
    aver_audit_why(ctx, AVER_AUDIT_DIFFERS, why);
    return AVER_OK;
}

/* What ends the execution: the state is not known from here on. */
static void stop(struct aver_audit_run *run, aver_err err, const struct aver_why *why)
{
    bool could_not = err == AVER_E_KEY_GONE || err == AVER_E_IO || err == AVER_E_FULL;
    run->executed = false;
    aver_audit_why(run, could_not ? AVER_AUDIT_COULD_NOT : AVER_AUDIT_DIFFERS, why);
    aver_audit_find(
        run, AVER_AUDIT_COULD_NOT, "AUDIT-STOPPED", why->place,
        "from here on nothing was executed again, since what comes later may depend on this item; frames, entries, "
        "headers and the log tree were checked to the end");
}

/* False when the log cannot be followed any further. */
static bool one_frame(struct aver_audit_run *run, aver_bytes payload, uint64_t next, struct aver_arena *arena)
{
    struct aver_frame frame;
    struct aver_chain_group group;
    struct aver_why why = {0};
    uint64_t offset = run->head.offset, batch_offset = run->head.batch_offset;
    aver_err err = aver_frame_read(&frame, payload, arena, &why);
    if (err == AVER_OK)
        err = aver_chain_frame(&run->head, &group, &frame, offset, next, aver_audit_hash, run, &why);
    if (err != AVER_OK) {
        char place[256];
        snprintf(place, sizeof place, "log/groups, byte %" PRIu64 ", %.100s", offset, why.place);
        aver_audit_find(run, AVER_AUDIT_DIFFERS, why.code, place, "%s; nothing after it was checked",
                        why.text);
        return false;
    }
    entries_of(run, &frame);
    index_group(run, &frame, group.first, offset, batch_offset);
    run->audit->groups++;
    if (run->head.tree.size == run->checkpoint_size) {
        run->checkpoint_root = aver_merkle_root(&run->head.tree);
        run->checkpoint_met = true;
    }
    if (!run->executed) return true;
    err = aver_replay_frame(&run->replay, &frame, &group, &why);
    if (err != AVER_OK) stop(run, err, &why);
    return true;
}

static aver_err follow(struct aver_audit_run *run, aver_progress_fn progress, void *user,
                       struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    uint64_t next;
    aver_err err;
    bool on = true;
    while (on && (err = aver_log_read(&run->log, &payload, &next, run->head.offset, why)) == AVER_OK) {
        aver_arena_reset(&arena);
        on = one_frame(run, aver_buf_view(&payload), next, &arena);
        if (progress) progress(user, next, run->log.end);
    }
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    if (!on) return AVER_OK;
    run->whole = err == AVER_E_NOT_FOUND;
    if (run->whole) return AVER_OK;
    if (err != AVER_E_INPUT) return err;
    struct aver_why bad = *why;
    err = aver_log_tail(&run->log, run->head.offset, why);
    if (err == AVER_E_CORRUPT)
        aver_audit_why(run, AVER_AUDIT_DIFFERS, why);
    else if (err != AVER_OK)
        return err;
    else if (run->live)
        run->whole = true; /* he is about to finish it */
    else
        aver_audit_find(
            run, AVER_AUDIT_COULD_NOT, "LEDGER-TAIL", bad.place,
            "the last group is not whole (%s): either a crash left it so, and the next open for writing cuts it "
            "off, or it was damaged",
            bad.text);
    return AVER_OK;
}

/* ---- what was told to the world ---- */

static bool node_key(struct aver_audit_run *run, struct aver_public_key *out)
{
    struct aver_stored stored;
    struct aver_genesis genesis;
    struct aver_arena arena = {0};
    const struct aver_view *view = &run->view.view;
    bool ok = view->get(view->self, AVER_LIT("g"), &stored, NULL) == AVER_OK &&
              aver_schema_read(stored.record, &aver_genesis_schema, &genesis, &arena, NULL) == AVER_OK;
    if (ok) memcpy(out->b, genesis.node_key.ptr, sizeof out->b);
    aver_arena_free(&arena);
    return ok;
}

static void check_checkpoint(struct aver_audit_run *run, const struct aver_public_key *pk)
{
    struct aver_note_key key;
    struct aver_checkpoint checkpoint;
    struct aver_why why = {0};
    if (run->checkpoint.len == 0) {
        aver_audit_find(
            run, AVER_AUDIT_COULD_NOT, "LEDGER-CHECKPOINT", "checkpoint",
            "there is no signed checkpoint; open the ledger once for writing to publish it again");
        return;
    }
    if (!pk) {
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "LEDGER-CHECKPOINT", "checkpoint",
                        "the genesis could not be opened, so the key that signs the checkpoint is not known");
        return;
    }
    aver_err err = aver_note_key_of(&key, aver_bytes_str(run->chain), pk, &why);
    if (err == AVER_OK) err = aver_checkpoint_open(&checkpoint, aver_buf_view(&run->checkpoint), &key, &why);
    if (err != AVER_OK) {
        aver_audit_find(run, AVER_AUDIT_DIFFERS, why.code, "checkpoint", "%s", why.text);
        return;
    }
    run->audit->signatures++;
    uint64_t entries = run->head.tree.size;
    if (run->checkpoint_met && !aver_digest_eq(run->checkpoint_root, checkpoint.root))
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-CHECKPOINT", "checkpoint",
                        "the signed root is not that of the log");
    else if (!run->checkpoint_met)
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-SHORT", "checkpoint",
                        "the signed checkpoint has %" PRIu64
                        " entries, and the log has no group that ends there (%" PRIu64 " entries were read)",
                        checkpoint.size, entries);
    else if (checkpoint.size < entries && !run->live)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "LEDGER-CHECKPOINT", "checkpoint",
                        "the last %" PRIu64
                        " entries are under no signed checkpoint; open the ledger once for writing to "
                        "publish it",
                        entries - checkpoint.size);
}

/* ---- receipts that others hold against the log ---- */

static bool promise_kept(struct aver_audit_run *run, const struct aver_intake_receipt *r,
                         struct aver_arena *arena)
{
    struct aver_claim_state state;
    struct aver_stored stored;
    struct aver_buf name = {0};
    const struct aver_view *view = &run->view.view;
    aver_buf_str(&name, "c/");
    aver_name_escape(&name, r->claim_id);
    bool kept = view->get(view->self, aver_buf_view(&name), &stored, NULL) == AVER_OK &&
                aver_schema_read(stored.record, &aver_claim_state_schema, &state, arena, NULL) == AVER_OK &&
                aver_digest_eq(state.leaf, r->leaf) && aver_bytes_eq(state.filing_id, r->filing_id) &&
                aver_bytes_eq(state.party, r->party) && state.received == r->received &&
                state.height <= r->by_height;
    aver_buf_free(&name);
    return kept;
}

static void check_receipt(struct aver_audit_run *run, aver_bytes bytes, size_t number,
                          const struct aver_public_key *pk)
{
    struct aver_cose cose;
    struct aver_intake_receipt receipt;
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    char place[64];
    snprintf(place, sizeof place, "intake receipt %zu", number + 1);
    aver_err err = aver_cose_read(&cose, bytes, &why);
    if (err == AVER_OK)
        err = aver_schema_read(cose.payload, &aver_intake_receipt_schema, &receipt, &arena, &why);
    if (err != AVER_OK)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-FORM", place, "this is no intake receipt: %s",
                        why.text);
    else if (!pk || !aver_bytes_is(cose.content_type, AVER_RECEIPT_CONTENT_TYPE) ||
             !aver_cose_verify(&cose, AVER_RECEIPT_PURPOSE, aver_bytes_str(run->chain), pk))
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-SIGNATURE", place,
                        "the node of this ledger did not sign it");
    else if (promise_kept(run, &receipt, &arena))
        run->audit->promises_kept++;
    else if (!run->executed)
        aver_audit_find(run, AVER_AUDIT_COULD_NOT, "RECEIPT-BROKEN", place,
                        "claim %.*s was not met before the audit had to stop", AVER_STR(receipt.claim_id));
    else {
        run->audit->promises_broken++;
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "RECEIPT-BROKEN", place,
                        "the node signed that claim %.*s stands in the log by height %" PRIu64
                        ", and it does not, or not so",
                        AVER_STR(receipt.claim_id), receipt.by_height);
    }
    if (err == AVER_OK) run->audit->signatures++;
    aver_arena_free(&arena);
}

/* ---- all of it ---- */

static bool somebody_writes(const char *dir)
{
    char path[AVER_PATH_BYTES];
    snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

/* The checkpoint is read before the log: what it covers is then in the log. */
static void read_checkpoint(struct aver_audit_run *run)
{
    char path[AVER_PATH_BYTES];
    struct aver_note note;
    struct aver_checkpoint checkpoint;
    snprintf(path, sizeof path, "%s/checkpoint", run->dir);
    if (aver_file_read(&run->checkpoint, path, AVER_NOTE_BYTES_MAX, NULL) == AVER_OK &&
        aver_note_read(&note, aver_buf_view(&run->checkpoint), NULL) == AVER_OK &&
        aver_checkpoint_read(&checkpoint, note.text, NULL) == AVER_OK)
        run->checkpoint_size = checkpoint.size;
}

static aver_err begin(struct aver_audit_run *run, struct aver_why *why)
{
    if (strlen(run->dir) >= AVER_PATH_BYTES - 32)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "", "the path of the ledger is too long");
    AVER_TRY(aver_ledger_conf(run->dir, run->chain, why));
    snprintf(run->log_path, sizeof run->log_path, "%s/log/groups", run->dir);
    snprintf(run->state_path, sizeof run->state_path, "%s/state", run->dir);
    run->live = somebody_writes(run->dir);
    read_checkpoint(run);
    AVER_TRY(aver_log_open(&run->log, run->log_path, false, why));
    run->tiles =
        (struct aver_audit_tiles){.dir = run->dir, .live = run->live, .wanted = run->checkpoint_size};
    aver_view_memory_init(&run->view, NULL);
    run->replay = (struct aver_replay){.view = &run->view,
                                       .machine = aver_machine_new(),
                                       .bodies = &run->bodies,
                                       .chain = aver_bytes_str(run->chain),
                                       .differs = told,
                                       .ctx = run};
    aver_err err = aver_bodies_open(&run->bodies, run->dir, false, why);
    if (err == AVER_OK) err = aver_bodies_load(&run->bodies, 0, why);
    run->executed = err == AVER_OK;
    if (err != AVER_OK) stop(run, AVER_E_KEY_GONE, why);
    return AVER_OK;
}

static aver_err compare_all(struct aver_audit_run *run, struct aver_why *why)
{
    struct aver_public_key pk;
    bool known = node_key(run, &pk);
    struct aver_audit *audit = run->audit;
    check_checkpoint(run, known ? &pk : NULL);
    aver_audit_tiles_end(run);
    const aver_bytes *receipts = audit->intake_receipts.items;
    for (size_t i = 0; i < audit->intake_receipts.count; i++)
        check_receipt(run, receipts[i], i, known ? &pk : NULL);
    if (run->executed && run->whole) return aver_audit_state(run, why);
    aver_audit_find(run, AVER_AUDIT_COULD_NOT, "LEDGER-STATE", "state/data.mdb",
                    "the state was not compared, since the log could not be executed to its end");
    return AVER_OK;
}

aver_err aver_ledger_audit(const char *dir, struct aver_audit *audit, struct aver_arena *arena,
                           aver_progress_fn progress, void *user, struct aver_why *why)
{
    struct aver_audit_run *run = AVER_NEW(arena, struct aver_audit_run);
    struct aver_why local;
    struct aver_list receipts = audit->intake_receipts;
    if (!why) why = &local;
    *audit = (struct aver_audit){.intake_receipts = receipts};
    *run = (struct aver_audit_run){
        .dir = dir, .audit = audit, .arena = arena, .log = {.fd = -1}, .bodies = {.fd = -1}};
    aver_err err = begin(run, why);
    if (err == AVER_OK) err = follow(run, progress, user, why);
    if (err == AVER_OK) err = compare_all(run, why);
    audit->entries = run->head.tree.size;
    audit->log_root = aver_merkle_root(&run->head.tree);
    audit->state_root = run->head.state_root;
    audit->claims = run->replay.claims;
    audit->signatures += run->replay.signatures;
    audit->bodies = run->replay.bodies_opened;
    audit->receipts = run->replay.receipts;
    audit->paid = run->replay.paid;
    aver_machine_free(run->replay.machine);
    aver_replay_free(&run->replay);
    aver_view_memory_free(&run->view);
    aver_map_free(&run->groups);
    aver_bodies_close(&run->bodies);
    aver_log_close(&run->log);
    aver_buf_free(&run->checkpoint);
    aver_buf_free(&run->tiles.bundle.bytes);
    return err;
}
