/* ledger/storage/intake.h - what submit.c and intake_ahead.c share: signed batches on their way into groups. Nobody else includes it. */
#ifndef AVER_LEDGER_STORAGE_INTAKE_H
#define AVER_LEDGER_STORAGE_INTAKE_H

#include "ledger/storage/ledger_private.h"

/* A submission that is worked on. */
struct aver_intake_batch {
    struct aver_submission *of;
    bool opened; /* or found to be wrong: of->err */
    struct aver_envelope env;
    const aver_digest *leaves;
    bool logged;       /* a group holds its envelope */
    uint64_t in_group; /* height of the last group that names it */
    bool unexpired;
};

struct aver_intake {
    struct aver_ledger *ledger;
    struct aver_arena *arena;    /* the caller's: what results hold */
    struct aver_arena item;      /* of one item */
    struct aver_at_work at_work; /* of what this thread works on */
    struct aver_group_work group;
    int64_t now;
    const struct aver_public_key *genesis_key;
    struct aver_intake_batch *batches;
    size_t batches_count;
    uint64_t done, total; /* items, of all batches */
    aver_progress_fn progress;
    void *user;
};

/* ---- submit.c ---- */

/* A group with room for one item. A group is closed only when another item wants in, so that the last one can carry the state root. */
AVER_MUST_CHECK aver_err aver_intake_group(struct aver_intake *intake, struct aver_why *why);
/* What may be wrong with a batch as such; nothing of it was applied then. Judged at the view's height; several threads may open
 * batches at once, each with a view and arenas of its own. */
AVER_MUST_CHECK aver_err aver_intake_open(const struct aver_intake *intake, struct aver_intake_batch *batch,
                                          const struct aver_view *view, struct aver_arena *arena,
                                          struct aver_why *why);
/* Names what a thread works on, should it fail an assert; ends with aver_at_work_end. `index` is SIZE_MAX for the envelope. */
void aver_intake_watch(struct aver_at_work *at_work, const struct aver_intake *intake,
                       const struct aver_intake_batch *batch, size_t index, enum aver_quarantine_doing doing);
/* Whether an item is in quarantine, by its bytes or by `claim_id` if that is known (else NULL); then its result says so. */
bool aver_intake_quarantined(const struct aver_intake *intake, struct aver_intake_batch *batch, size_t index,
                             const char *claim_id, struct aver_arena *arena);
/* Notes the end of a submission's item: AVER_OK unless the error is the world's, and then it ends all. */
AVER_MUST_CHECK aver_err aver_intake_done(struct aver_intake *intake, struct aver_intake_batch *batch,
                                          aver_err err, struct aver_why *why);
/* Takes in one item at its turn. */
AVER_MUST_CHECK aver_err aver_intake_item(struct aver_intake *intake, struct aver_intake_batch *batch,
                                          size_t index, struct aver_why *why);
/* Lets the open group name the batch. */
void aver_intake_name(struct aver_intake *intake, struct aver_intake_batch *batch);
/* What `out` says of an item that was applied and logged, or refused. */
void aver_intake_applied(struct aver_item_result *out, const struct aver_applied *applied,
                         struct aver_arena *arena);
/* The intake receipt of a claim, made from its state alone, so that filing again gives the same bytes. Not signed yet. */
void aver_intake_receipt(const struct aver_ledger *ledger, struct aver_item_result *out,
                         const struct aver_claim_state *state, struct aver_arena *arena);

/* ---- intake_ahead.c ---- */

/* Whether items of this batch may be executed ahead: claims and enrolments. */
bool aver_intake_gathers(struct aver_intake *intake, const struct aver_intake_batch *batch);
/* Takes in items of batches that gather, beginning with item `*item` of batch `*batch`, and moves both behind them. */
AVER_MUST_CHECK aver_err aver_intake_ahead(struct aver_intake *intake, size_t *batch, size_t *item,
                                           struct aver_why *why);
/* Keys may be others from here on. */
void aver_intake_forget(struct aver_ledger *ledger);

#endif
