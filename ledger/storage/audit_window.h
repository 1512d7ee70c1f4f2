/* ledger/storage/audit_window.h - a stretch of the log executed by many threads, with the answer of one.
 *
 * Frames gather in a window. When it is full: (1) bodies are unsealed and signatures verified, each by whoever is free; (2) items are
 * executed ahead of their turn, as at intake (ahead.h), in the order of families and payees that their receipts on record name;
 * (3) all is committed in the order of the log by the caller's thread.
 *
 * Step 3 believes nothing: an item counts as executed only if every record that it read is the one that stands in the state at
 * its turn, and if its receipt is the one on record. Any other item is executed again at its turn. So a receipt that lies
 * costs time and changes no answer.
 *
 * Only claims and enrolments gather; a frame with anything else is executed alone, in order. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_WINDOW_H
#define AVER_LEDGER_STORAGE_AUDIT_WINDOW_H

#include "ledger/storage/crew.h"
#include "ledger/storage/replay.h"

/* A frame that aver_chain_frame found sound. Payload and arena belong to the window and are used again. */
struct aver_window_frame {
    struct aver_buf payload;
    struct aver_arena arena;
    struct aver_frame frame;
    struct aver_chain_group group;
    struct aver_head head; /* after it */
};

struct aver_window;
/* `replay`, its view without a backing, and `crew` are borrowed. Member 0 of the crew executes with replay's machine. */
struct aver_window *aver_window_new(struct aver_replay *replay, struct aver_crew *crew);
void aver_window_free(struct aver_window *window); /* NULL is fine */
/* Where the next frame is to be read: payload emptied, arena reset. */
struct aver_window_frame *aver_window_next(struct aver_window *window);
/* Takes in the frame that aver_window_next gave. *full: aver_window_execute is due. */
void aver_window_take(struct aver_window *window, bool *full);
/* Executes all that was taken in. `committed` is called after each frame, in order; its error ends the work. Errors: as
 * aver_replay_frame. */
typedef aver_err aver_window_fn(void *ctx, const struct aver_window_frame *frame, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_window_execute(struct aver_window *window, aver_window_fn *committed, void *ctx,
                                             struct aver_why *why);
/* Items that were executed a second time, at their turn, since the window was made. */
uint64_t aver_window_again(const struct aver_window *window);

#endif
