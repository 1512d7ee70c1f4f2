/* ledger/storage/audit.c - the whole ledger again from its genesis, and everything compared: see audit.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/storage/audit_private.h"

#define AT_THE_END UINT64_MAX

void aver_audit_find(struct aver_audit_run *run, enum aver_audit_verdict verdict, const char *code,
                     const char *place, const char *fmt, ...)
{
    struct aver_audit *audit = run->audit;
    if (verdict == AVER_AUDIT_DIFFERS || audit->verdict == AVER_AUDIT_SAME) audit->verdict = verdict;
    if (audit->findings.count >= AVER_FINDINGS_MAX) {
        audit->findings_left_out++;
        return;
    }
    struct aver_audit_finding *f = aver_list_add(run->arena, &audit->findings, sizeof *f);
    va_list ap;
    f->verdict = verdict;
    f->height = run->finding_height;
    f->by_execution = run->finding_by_execution;
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

/* By group; in a group what was read comes before what was executed. Else as they were found. */
static void sort_findings(struct aver_list *findings)
{
    struct aver_audit_finding *f = findings->items, held;
    for (size_t i = 1; i < findings->count; i++) {
        size_t k = i;
        held = f[i];
        for (; k > 0 && (f[k - 1].height > held.height ||
                         (f[k - 1].height == held.height && f[k - 1].by_execution && !held.by_execution));
             k--)
            f[k] = f[k - 1];
        f[k] = held;
    }
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
static aver_err told(void *ctx, const struct aver_replay_difference *difference)
{
    struct aver_audit_run *run = ctx;
    run->finding_height = run->view.view.height;
    run->finding_by_execution = true;
    if (difference->item)
        aver_audit_differs(run, difference);
    else
        aver_audit_why(run, AVER_AUDIT_DIFFERS, difference->why);
    run->finding_by_execution = false;
    return AVER_OK;
}

/* What ends the execution: the state is not known from here on. */
static void stop(struct aver_audit_run *run, aver_err err, const struct aver_why *why)
{
    bool could_not = err == AVER_E_KEY_GONE || err == AVER_E_IO || err == AVER_E_FULL ||
                     strcmp(why->code, "VM-MEMORY") == 0 || strcmp(why->code, "GAS-TABLE") == 0;
    run->executed = false;
    run->finding_height = run->executed_head.height + 1;
    run->finding_by_execution = true;
    aver_audit_why(run, could_not ? AVER_AUDIT_COULD_NOT : AVER_AUDIT_DIFFERS, why);
    aver_audit_find(
        run, AVER_AUDIT_COULD_NOT, "AUDIT-STOPPED", why->place,
        "from here on nothing was executed again, since what comes later may depend on this item; frames, entries, "
        "headers and the log tree were checked to the end");
    run->finding_by_execution = false;
}

/* A group was executed and its state is in the view. */
static aver_err committed(void *ctx, const struct aver_window_frame *f, struct aver_why *why)
{
    struct aver_audit_run *run = ctx;
    run->executed_head = f->head;
    run->executed_bytes = aver_audit_chain_bytes(&run->executed_bytes, &f->payload);
    run->since_saved += f->frame.items.count;
    uint64_t every = run->audit->save_every ? run->audit->save_every : AVER_AUDIT_SAVE_ITEMS;
    if (!run->audit->state || run->since_saved < every) return AVER_OK;
    run->save_err = aver_audit_save(run, why);
    return run->save_err;
}

/* What made this program fail an assert when it was executed again: it is not tried a second time unasked, and nothing that may depend
 * on it either. */
static bool quarantined(struct aver_audit_run *run, const struct aver_window_frame *f, struct aver_why *why)
{
    const struct aver_quarantine_entry *e =
        aver_quarantine_logged(&run->quarantine, f->group.first, run->head.tree.size, true);
    char place[64];
    if (!e) return false;
    snprintf(place, sizeof place, "entry %" PRIu64 " (group %" PRIu64 ")", e->record.entry, e->record.height);
    (void)aver_fail(
        why, AVER_E_IO, "LEDGER-QUARANTINE", place,
        "executing this entry again made %.*s fail an assert (%.*s): audit it with a program without that "
        "bug, after aver quarantine release %s",
        AVER_STR(e->record.program), AVER_STR(e->record.place), e->id);
    return true;
}

/* Executes what waits in the window. */
static aver_err execute(struct aver_audit_run *run, struct aver_why *why)
{
    struct aver_why what = {0};
    if (!run->executed) return AVER_OK;
    aver_err err = aver_window_execute(run->window, committed, run, &what);
    run->audit->claims = run->replay.claims;
    if (run->save_err != AVER_OK) {
        *why = what;
        return run->save_err;
    }
    if (err != AVER_OK) stop(run, err, &what);
    return AVER_OK;
}

/* The log up to where an earlier run had executed it must be what it was, byte for byte. */
static void resumed_here(struct aver_audit_run *run)
{
    if (aver_digest_eq(run->executed_bytes, run->saved.bytes) &&
        run->head.tree.size == run->executed_head.tree.size &&
        aver_digest_eq(run->head.header, run->executed_head.header))
        return;
    run->executed = false;
    aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-REWRITTEN", "log/groups",
                    "the log up to byte %" PRIu64
                    " is not what it was when the interrupted audit read it; nothing was executed again",
                    run->head.offset);
}

/* A batch that goes on from before where an interrupted audit is taken up. */
static aver_err take_up_batch(struct aver_audit_run *run, struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    struct aver_frame frame;
    struct aver_entry header;
    uint64_t next;
    aver_err err = aver_log_read(&run->log, &payload, &next, run->executed_head.batch_offset, why);
    if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), &arena, why);
    if (err == AVER_OK) err = aver_entry_read(&header, frame.header, why);
    if (err == AVER_OK) err = aver_replay_resume(&run->replay, &frame, header.time, why);
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    return err;
}

static bool bad_frame(struct aver_audit_run *run, uint64_t offset, const struct aver_why *why)
{
    char place[256];
    snprintf(place, sizeof place, "log/groups, byte %" PRIu64 ", %.100s", offset, why->place);
    aver_audit_find(run, AVER_AUDIT_DIFFERS, why->code, place, "%s; nothing after it was checked", why->text);
    return false;
}

static void meet_checkpoint(struct aver_audit_run *run)
{
    if (run->head.tree.size != run->checkpoint_size) return;
    run->checkpoint_root = aver_merkle_root(&run->head.tree);
    run->checkpoint_met = true;
}

/* The frame in `f` is read, and executed or put by for it. *on is false when the log cannot be followed any further. */
static aver_err one_frame(struct aver_audit_run *run, struct aver_window_frame *f, uint64_t next, bool *on,
                          struct aver_why *why)
{
    struct aver_why what = {0};
    uint64_t offset = run->head.offset, batch_offset = run->head.batch_offset;
    run->finding_height = run->head.height + 1;
    aver_err err = aver_frame_read(&f->frame, aver_buf_view(&f->payload), &f->arena, &what);
    if (err == AVER_OK)
        err = aver_chain_frame(&run->head, &f->group, &f->frame, offset, next,
                               run->audit->copy_of ? NULL : aver_audit_hash, run, &what);
    *on = err == AVER_OK || bad_frame(run, offset, &what);
    if (err != AVER_OK) return AVER_OK;
    f->head = run->head;
    if (!run->audit->copy_of) {
        entries_of(run, &f->frame);
        index_group(run, &f->frame, f->group.first, offset, batch_offset);
    }
    run->audit->groups++;
    meet_checkpoint(run);
    if (offset < run->saved.offset) {
        run->executed_bytes = aver_audit_chain_bytes(&run->executed_bytes, &f->payload);
        if (next >= run->saved.offset) resumed_here(run);
        return AVER_OK;
    }
    if (!run->executed) return AVER_OK;
    if (quarantined(run, f, &what)) {
        AVER_TRY(execute(run, why));
        if (run->executed) stop(run, AVER_E_IO, &what);
        return AVER_OK;
    }
    const struct aver_frame_batch *batch = f->frame.batches.items;
    if (run->saved.offset && !run->replay.last.leaves && f->frame.batches.count && batch[0].continued &&
        (err = take_up_batch(run, &what)) != AVER_OK) {
        stop(run, err, &what);
        return AVER_OK;
    }
    bool full;
    aver_window_take(run->window, &full);
    return full ? execute(run, why) : AVER_OK;
}

static aver_err tail(struct aver_audit_run *run, const struct aver_why *bad, struct aver_why *why)
{
    run->finding_height = run->head.height + 1;
    aver_err err = aver_log_tail(&run->log, run->head.offset, why);
    if (err == AVER_E_CORRUPT)
        aver_audit_why(run, AVER_AUDIT_DIFFERS, why);
    else if (err != AVER_OK)
        return err;
    else if (run->live)
        run->whole = true; /* he is about to finish it */
    else
        aver_audit_find(
            run, AVER_AUDIT_COULD_NOT, "LEDGER-TAIL", bad->place,
            "the last group is not whole (%s): either a crash left it so, and the next open for writing cuts it "
            "off, or it was damaged",
            bad->text);
    return AVER_OK;
}

static aver_err interrupted(struct aver_audit_run *run, struct aver_why *why)
{
    AVER_TRY(execute(run, why));
    if (run->audit->state && run->executed && run->since_saved) AVER_TRY(aver_audit_save(run, why));
    run->ended = true;
    run->finding_height = AT_THE_END;
    aver_audit_find(run, AVER_AUDIT_COULD_NOT, "AUDIT-ENDED", "",
                    "the audit was interrupted after group %" PRIu64 "; %s", run->executed_head.height,
                    run->audit->state ? "the same command goes on from there"
                                      : "with a state file the same command would go on from there");
    return AVER_OK;
}

static aver_err follow(struct aver_audit_run *run, aver_progress_fn progress, void *user,
                       struct aver_why *why)
{
    struct aver_audit *audit = run->audit;
    aver_err err;
    bool on = true;
    while (on) {
        uint64_t next;
        struct aver_window_frame *f = aver_window_next(run->window);
        err = aver_log_read(&run->log, &f->payload, &next, run->head.offset, why);
        if (err != AVER_OK) break;
        AVER_TRY(one_frame(run, f, next, &on, why));
        if (progress) progress(user, next, run->log.end);
        if (audit->interrupted && audit->interrupted(audit->interrupted_user)) return interrupted(run, why);
    }
    struct aver_why end = *why;
    AVER_TRY(execute(run, why));
    if (run->head.offset < run->saved.offset) {
        run->executed = false;
        aver_audit_find(run, AVER_AUDIT_DIFFERS, "LEDGER-REWRITTEN", "log/groups",
                        "the interrupted audit read it to byte %" PRIu64 ", and now it ends before",
                        run->saved.offset);
    }
    if (!on) return AVER_OK;
    run->whole = err == AVER_E_NOT_FOUND;
    if (run->whole) return AVER_OK;
    *why = end;
    return err == AVER_E_INPUT ? tail(run, &end, why) : err;
}

/* ---- what was told to the world ---- */

bool aver_audit_node_key(struct aver_audit_run *run, struct aver_public_key *out)
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

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (unsigned)n;
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
    if (run->audit->copy_of) run->live = false;
    run->tiles =
        (struct aver_audit_tiles){.dir = run->dir, .live = run->live, .wanted = run->checkpoint_size};
    aver_view_memory_init(&run->view, NULL);
    run->replay = (struct aver_replay){.view = &run->view,
                                       .machine = aver_machine_new(),
                                       .bodies = &run->bodies,
                                       .chain = aver_bytes_str(run->chain),
                                       .differs = told,
                                       .ctx = run,
                                       .quarantine = &run->quarantine,
                                       .doing = AVER_DOING_AUDIT};
    unsigned threads = run->audit->threads ? run->audit->threads : cores();
    run->crew = aver_crew_new(threads < AVER_AUDIT_THREADS_MAX ? threads : AVER_AUDIT_THREADS_MAX);
    run->window = aver_window_new(&run->replay, run->crew);
    const char *keys = run->audit->copy_of ? run->audit->copy_of : run->dir;
    aver_err err = aver_bodies_open(&run->bodies, keys, false, why);
    if (err == AVER_OK) err = aver_bodies_load(&run->bodies, 0, why);
    if (err == AVER_OK) err = aver_quarantine_open(&run->quarantine, run->dir, &run->bodies, why);
    run->executed = err == AVER_OK;
    if (err != AVER_OK) stop(run, AVER_E_KEY_GONE, why);
    if (!run->executed || !run->audit->state) return AVER_OK;
    AVER_TRY(aver_audit_load(run, why));
    if (!run->audit->copy_of || !run->saved.offset) return AVER_OK;
    /* What lies before is the auditor's own. */
    run->head = run->executed_head;
    run->executed_bytes = run->saved.bytes;
    run->audit->groups = run->head.height;
    meet_checkpoint(run);
    return AVER_OK;
}

static aver_err compare_all(struct aver_audit_run *run, struct aver_why *why)
{
    struct aver_public_key pk;
    bool known = aver_audit_node_key(run, &pk);
    run->finding_height = AT_THE_END;
    check_checkpoint(run, known ? &pk : NULL);
    if (!run->audit->copy_of) aver_audit_tiles_end(run);
    aver_audit_receipts(run, known ? &pk : NULL);
    if (run->audit->copy_of) return run->executed && run->since_saved ? aver_audit_save(run, why) : AVER_OK;
    if (run->executed && run->whole) return aver_audit_state(run, why);
    aver_audit_find(run, AVER_AUDIT_COULD_NOT, "LEDGER-STATE", "state/data.mdb",
                    "the state was not compared, since the log could not be executed to its end");
    return AVER_OK;
}

/* What an audit counts anew each time; what the caller asked for stays. */
static void begin_audit(struct aver_audit *audit)
{
    struct aver_audit fresh = {.threads = audit->threads,
                               .intake_receipts = audit->intake_receipts,
                               .state = audit->state,
                               .save_every = audit->save_every,
                               .copy_of = audit->copy_of,
                               .interrupted = audit->interrupted,
                               .interrupted_user = audit->interrupted_user};
    *audit = fresh;
}

aver_err aver_ledger_audit(const char *dir, struct aver_audit *audit, struct aver_arena *arena,
                           aver_progress_fn progress, void *user, struct aver_why *why)
{
    struct aver_audit_run *run = AVER_NEW(arena, struct aver_audit_run);
    struct aver_why local;
    if (!why) why = &local;
    begin_audit(audit);
    *run = (struct aver_audit_run){
        .dir = dir, .audit = audit, .arena = arena, .log = {.fd = -1}, .bodies = {.fd = -1}};
    aver_err err = begin(run, why);
    if (err == AVER_OK) err = follow(run, progress, user, why);
    if (run->window) audit->again = aver_window_again(run->window);
    /* The threads leave before another process is started. */
    aver_window_free(run->window);
    aver_crew_free(run->crew);
    if (err == AVER_OK && !run->ended) err = compare_all(run, why);
    sort_findings(&audit->findings);
    audit->entries = run->head.tree.size;
    audit->log_root = aver_merkle_root(&run->head.tree);
    audit->state_root = run->head.state_root;
    audit->claims = run->replay.claims;
    audit->signatures += run->replay.signatures;
    audit->bodies = run->replay.bodies_opened;
    audit->receipts = run->replay.receipts;
    audit->paid = run->replay.paid;
    audit->checkpoint_size = run->checkpoint_size;
    audit->log_bytes = run->head.offset;
    memcpy(audit->chain, run->chain, sizeof audit->chain);
    aver_machine_free(run->replay.machine);
    aver_replay_free(&run->replay);
    aver_view_memory_free(&run->view);
    aver_map_free(&run->groups);
    aver_quarantine_close(&run->quarantine);
    aver_bodies_close(&run->bodies);
    aver_log_close(&run->log);
    aver_buf_free(&run->checkpoint);
    aver_buf_free(&run->tiles.bundle.bytes);
    return err;
}
