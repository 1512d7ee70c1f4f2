/* ledger/storage/replay.h - a frame of the log, checked and executed again: at an open for writing, to bring LMDB up to the log,
 * and in an audit, from genesis.
 *
 * Two steps. aver_chain_frame needs nothing but the head before: form, heights, times, the chain of headers, the log tree.
 * aver_replay_frame needs the keys and the state: signatures, leaves, seals, and every item applied again. */
#ifndef AVER_LEDGER_STORAGE_REPLAY_H
#define AVER_LEDGER_STORAGE_REPLAY_H

#include "ledger/storage/bodies.h"
#include "ledger/storage/head.h"
#include "ledger/storage/quarantine.h"
#include "ledger/storage/view_memory.h"
#include "ledger/transition/apply.h"
#include "ledger/transition/receipt_diff.h"

/* Appends an entry to the log tree. */
void aver_chain_append(struct aver_head *head, aver_bytes entry, aver_merkle_made *made, void *ctx);
/* Appends the header entry that closes the group of the height after the head's, and to `out` its bytes. The head then stands
 * after the group, but for offset, batch and keys. */
void aver_chain_close(struct aver_head *head, int64_t time, struct aver_buf *out, aver_merkle_made *made,
                      void *ctx);

/* What a frame says of itself. */
struct aver_chain_group {
    uint64_t first;                  /* log index of its first entry */
    struct aver_entry state, header; /* state.kind 0: none */
};
/* Checks a frame that lies from `offset` to `next` against the head and moves the head behind it. AVER_E_CORRUPT LEDGER-ENTRY (an
 * entry that is not one, or of another kind), LEDGER-HEIGHT, LEDGER-TIME (before the header before), LEDGER-HEADER (previous,
 * size or root are not those of the log), LEDGER-BATCH (it continues a batch that is not the one before); place is the
 * group. On failure the head is half moved: drop it. */
AVER_MUST_CHECK aver_err aver_chain_frame(struct aver_head *head, struct aver_chain_group *out,
                                          const struct aver_frame *frame, uint64_t offset, uint64_t next,
                                          aver_merkle_made *made, void *ctx, struct aver_why *why);

/* An item of a frame, unsealed. Borrows the arena; the entry commits to body and receipt. */
struct aver_replay_item {
    struct aver_entry entry;
    struct aver_body body;
    aver_bytes receipt;
    char place[64]; /* "entry N (group H)" */
};
/* AVER_E_KEY_GONE BODY-KEY, AVER_E_SIGNATURE BODY-SEAL, AVER_E_DIFFERS LEDGER-BODY, those of aver_body_read; place is the
 * item's, and out->place is set whatever happens. Several threads may unseal at once. */
AVER_MUST_CHECK aver_err aver_replay_unseal(struct aver_replay_item *out, struct aver_bodies *bodies,
                                            aver_bytes chain, const struct aver_frame_item *item,
                                            uint64_t entry, uint64_t height, struct aver_arena *arena,
                                            struct aver_why *why);

/* A signed batch, opened. Borrows the frame and the arena. */
struct aver_replay_batch {
    struct aver_envelope envelope;
    const aver_digest *leaves;
    size_t leaves_count;
};
/* Signature, leaves and expiry, as the view stands at its height and time. `genesis`: the first item's body, in group 1; else
 * NULL. Errors: those of aver_envelope_open, _leaves, _expired. */
AVER_MUST_CHECK aver_err aver_replay_open(struct aver_replay_batch *out, const struct aver_view *view,
                                          aver_bytes chain, const struct aver_frame_batch *batch,
                                          const struct aver_body *genesis, struct aver_arena *arena,
                                          struct aver_why *why);
/* Whether the body is what was signed at this place of the batch. */
bool aver_replay_signed(const struct aver_replay_batch *batch, const struct aver_frame_item *item,
                        const struct aver_replay_item *opened);

/* What was found when an item was executed again. */
struct aver_replay_difference {
    const struct aver_why *why;
    const struct aver_replay_item *item; /* NULL: it is the state root that differs */
    uint64_t entry;
    const struct aver_applied *applied;
};

struct aver_replay {
    struct aver_view_memory *view;
    struct aver_machine *machine;
    struct aver_bodies *bodies;
    aver_bytes chain;
    /* Hears of a receipt or state root that differs and decides whether to go on; NULL: it ends the replay. */
    aver_err (*differs)(void *ctx, const struct aver_replay_difference *difference);
    void *ctx;
    /* Where an item that fails an assert is kept, and as what; NULL: nowhere. */
    const struct aver_quarantine *quarantine;
    enum aver_quarantine_doing doing;
    /* Counted: */
    uint64_t claims, signatures, bodies_opened, receipts;
    int64_t paid; /* cents */
    /* Private: the last batch, which the next frame may continue. */
    struct aver_replay_batch last;
    struct aver_arena batch, item;
};
/* Executes the items of a frame that aver_chain_frame found sound. The error is AVER_E_KEY_GONE BODY-KEY, AVER_E_SIGNATURE BODY-SEAL or
 * TX-SIGNATURE, AVER_E_DIFFERS LEDGER-REPLAY (receipt), LEDGER-STATE-ROOT, LEDGER-BODY (a body that is not the item that was
 * signed); those of aver_envelope_open, _expired, _leaves; or the world's. Place is
 * "entry N (group H)". */
AVER_MUST_CHECK aver_err aver_replay_frame(struct aver_replay *replay, const struct aver_frame *frame,
                                           const struct aver_chain_group *group, struct aver_why *why);
/* Takes up a batch in the middle: `frame` holds its envelope, and the next frame to replay continues it. */
AVER_MUST_CHECK aver_err aver_replay_resume(struct aver_replay *replay, const struct aver_frame *frame,
                                            int64_t time, struct aver_why *why);
/* The steps of aver_replay_frame, for who opens and executes several frames at once and commits them in order. The view's height
 * and time are those of the item's group. */
AVER_MUST_CHECK aver_err aver_replay_apply(struct aver_replay *replay, const struct aver_replay_batch *batch,
                                           const struct aver_frame_item *item,
                                           const struct aver_replay_item *opened, uint64_t entry,
                                           struct aver_why *why);
/* The state root of the frame, if it has one. */
AVER_MUST_CHECK aver_err aver_replay_root(struct aver_replay *replay, const struct aver_frame *frame,
                                          const struct aver_chain_group *group, struct aver_why *why);
/* The batch that the next frame may continue, copied. */
void aver_replay_keep(struct aver_replay *replay, const struct aver_replay_batch *batch, aver_bytes cose);
void aver_replay_free(struct aver_replay *replay); /* what is private */
/* Names what a thread executes again, should it fail an assert; ends with aver_at_work_end. `batch` and `opened` as far as they are
 * known, else NULL. */
void aver_replay_watch(struct aver_at_work *at_work, const struct aver_replay *replay,
                       const struct aver_replay_batch *batch, const struct aver_replay_item *opened,
                       uint64_t entry, uint64_t height, int64_t time);

#endif
