/* ledger/storage/recover.c - LMDB brought up to the log: what a crash left behind is executed again, and an unfinished last
 * frame is cut off. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/storage/ledger_private.h"

/* What was told to the world cannot be cut off, nor can it be missing: neither from the newest checkpoint nor from that which
 * witnesses keep. */
static aver_err check_published(struct aver_ledger *l, struct aver_why *why)
{
    static const char *const names[] = {"checkpoint", "checkpoint.asked", "checkpoint.cosigned"};
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < sizeof names / sizeof names[0]; i++) {
        char path[AVER_PATH_BYTES + 32];
        struct aver_buf bytes = {0};
        struct aver_checkpoint checkpoint;
        snprintf(path, sizeof path, "%s/%s", l->dir, names[i]);
        if (aver_file_read(&bytes, path, AVER_NOTE_BYTES_MAX, NULL) == AVER_OK &&
            aver_checkpoint_open(&checkpoint, aver_buf_view(&bytes), &l->publisher.key, NULL) == AVER_OK &&
            checkpoint.size > l->head.tree.size)
            err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-SHORT", l->log_path,
                            "the signed %s has %" PRIu64 " entries and the log %" PRIu64
                            " whole ones; restore it from a backup, nothing was changed",
                            names[i], checkpoint.size, l->head.tree.size);
        aver_buf_free(&bytes);
    }
    return err;
}

static aver_err resume(struct aver_ledger *l, struct aver_replay *replay, struct aver_why *why)
{
    const struct aver_frame *frame;
    struct aver_entry header;
    AVER_TRY(aver_ledger_frame(l, AVER_SLOT_ENVELOPE, l->head.batch_offset, &frame, why));
    AVER_TRY(aver_entry_read(&header, frame->header, why));
    return aver_replay_resume(replay, frame, header.time, why);
}

/* Nothing of the log can be left out, and what made this program fail an assert is not tried a second time unasked. */
static aver_err check_quarantine(struct aver_ledger *l, uint64_t first, uint64_t end, struct aver_why *why)
{
    char place[64];
    const struct aver_quarantine_entry *e = aver_quarantine_logged(&l->quarantine, first, end, false);
    if (!e) return AVER_OK;
    snprintf(place, sizeof place, "entry %" PRIu64 " (group %" PRIu64 ")", e->record.entry, e->record.height);
    return aver_fail(
        why, AVER_E_IO, "LEDGER-QUARANTINE", place,
        "executing this entry again made %.*s fail an assert (%.*s); nothing is lost and nothing was "
        "changed: open it with a program without that bug after aver quarantine release %s",
        AVER_STR(e->record.program), AVER_STR(e->record.place), e->id);
}

static aver_err one_frame(struct aver_ledger *l, struct aver_replay *replay, aver_bytes payload,
                          uint64_t next, struct aver_arena *arena, struct aver_why *why)
{
    struct aver_frame frame;
    struct aver_chain_group group;
    struct aver_head head = l->head;
    uint64_t offset = l->head.offset;
    AVER_TRY(aver_frame_read(&frame, payload, arena, why));
    const struct aver_frame_batch *batch = frame.batches.items;
    if (frame.batches.count && batch[0].continued && !replay->last.leaves) AVER_TRY(resume(l, replay, why));
    AVER_TRY(aver_chain_frame(&head, &group, &frame, offset, next, aver_ledger_made, l, why));
    AVER_TRY(check_quarantine(l, group.first, head.tree.size, why));
    AVER_TRY(aver_replay_frame(replay, &frame, &group, why));
    aver_ledger_index(l, group.first, offset,
                      frame.batches.count && batch[0].continued ? l->head.batch_offset : offset);
    l->head = head;
    l->epoch_items = frame.state.ptr ? 0 : l->epoch_items + frame.items.count;
    return AVER_OK;
}

/* Until a frame cannot be read, and *end says why. The error is that of executing one. */
static aver_err replay_log(struct aver_ledger *l, aver_err *end, bool *any, struct aver_why *why)
{
    struct aver_replay replay = {.view = &l->view,
                                 .machine = l->machine,
                                 .bodies = &l->bodies,
                                 .chain = l->chain,
                                 .quarantine = &l->quarantine,
                                 .doing = AVER_DOING_RECOVERY};
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    uint64_t next;
    aver_err err = AVER_OK;
    while (err == AVER_OK &&
           (*end = aver_log_read(&l->log, &payload, &next, l->head.offset, why)) == AVER_OK) {
        aver_arena_reset(&arena);
        err = one_frame(l, &replay, aver_buf_view(&payload), next, &arena, why);
        *any = true;
        if (err == AVER_OK && l->epoch_items == 0 && aver_ledger_much(l)) err = aver_ledger_flush(l, why);
    }
    aver_replay_free(&replay);
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    return err;
}

/* The log's end: cleanly, or in a frame that was never finished. */
static aver_err end_of_log(struct aver_ledger *l, aver_err err, struct aver_why *why)
{
    if (l->log.end < l->head.offset)
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-SHORT", l->log_path,
                         "the log is %" PRIu64
                         " bytes shorter than the state that was made from it; restore it from a backup",
                         l->head.offset - l->log.end);
    if (err == AVER_E_NOT_FOUND) return check_published(l, why);
    if (err != AVER_E_INPUT) return err;
    AVER_TRY(aver_log_tail(&l->log, l->head.offset, why));
    AVER_TRY(check_published(l, why));
    return aver_log_cut(&l->log, l->head.offset, why);
}

/* What is executed again is committed to LMDB, and acknowledged when it is sent again: it must not go before that. LMDB only ever
 * holds what was synced. */
static aver_err settle(struct aver_ledger *l, struct aver_why *why)
{
    AVER_TRY(aver_file_settle(l->log.fd, l->head.offset, l->log.end, l->log_path, why));
    return aver_file_settle(l->bodies.fd, l->head.keys * AVER_KEY_RECORD_BYTES,
                            l->bodies.written * AVER_KEY_RECORD_BYTES, l->bodies.path, why);
}

static aver_err recover(struct aver_ledger *l, struct aver_why *why)
{
    bool any = false;
    struct aver_why local;
    if (!why) why = &local;
    aver_err appended = aver_ledger_appended(l, why);
    (void)appended; /* it counts, or left nothing behind, or has broken the ledger */
    AVER_TRY(aver_ledger_wait(l, why));
    aver_view_memory_clear(&l->view);
    aver_map_clear(&l->hashes);
    aver_map_clear(&l->groups);
    l->epoch_items = 0;
    for (int i = 0; i < AVER_FRAME_SLOTS; i++) l->cache[i].valid = false;
    AVER_TRY(aver_store_refresh(l->store, why));
    AVER_TRY(aver_store_head(l->store, &l->head, why));
    AVER_TRY(settle(l, why));
    aver_err end = AVER_OK, err = replay_log(l, &end, &any, why);
    if (err == AVER_E_IO || err == AVER_E_FULL || err == AVER_E_KEY_GONE || err == AVER_E_CORRUPT) return err;
    if (err != AVER_OK)
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-REPLAY", why->place,
            "the log, executed again, does not give what it says (%s); aver audit says more, nothing was changed",
            why->text);
    AVER_TRY(end_of_log(l, end, why));
    if (l->broken) return aver_ledger_writable(l, why);
    aver_recent_cut(&l->recent, l->head.tree.size);
    /* A crash within an epoch: it ends here, with what of it is in the log. */
    AVER_TRY(aver_ledger_epoch_end(l, why));
    return any ? aver_ledger_flush(l, why) : AVER_OK;
}

aver_err aver_ledger_recover(struct aver_ledger *l, struct aver_why *why)
{
    aver_err err = recover(l, why);
    if (err != AVER_OK) l->broken = true;
    return err;
}
