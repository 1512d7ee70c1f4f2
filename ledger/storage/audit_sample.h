/* ledger/storage/audit_sample.h - a sample of claims that nobody could choose and anybody can draw again (docs/audit.md).
 *
 *   commitment  SHA-256(nonce)                       published by the auditor before
 *   frame       the claims' entries among [from, to) of the log as it stood at the end of a group; found by reading the whole log
 *               and computing its root, so that nothing can be left out
 *   seed        SHA-256(root || nonce)               root: of the log at the end of the first group after the frame's, which is
 *                                                    the first that a checkpoint after the frame can have
 *   draw        the entries with the least HMAC-SHA-256(seed, entry as 8 bytes big-endian)
 *
 * The node cannot choose, since it does not know the nonce when it makes the root; the auditor cannot, since the nonce is
 * committed to before there is a root: who is audited compares the time of that group with when the commitment reached him. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_SAMPLE_H
#define AVER_LEDGER_STORAGE_AUDIT_SAMPLE_H

#include "ledger/storage/audit.h"

#define AVER_NONCE_LENGTH 32 /* bytes of the auditor's nonce */

/* The log at the end of a group. */
struct aver_sample_log {
    uint64_t size, height;
    int64_t time; /* of the group, ms since 1970 UTC */
    aver_digest root;
};

struct aver_sample_pick {
    uint64_t entry, height;
    aver_digest rank;
    bool opened; /* what follows could be read */
    char claim_id[AVER_CLAIM_ID_BYTES + 1];
    int64_t charge, paid; /* cents */
};

struct aver_sample {
    /* in */
    uint64_t frame;    /* size of the log, at the end of a group */
    uint64_t from, to; /* of its entries; to 0: to its end */
    uint64_t size;     /* how many to draw */
    uint8_t nonce[AVER_NONCE_LENGTH];
    /* out */
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    struct aver_sample_log frame_log, seed_log;
    uint64_t claims;         /* in the frame */
    aver_digest claims_list; /* SHA-256 over their entries, 8 bytes big-endian each, ascending */
    aver_digest commitment, seed;
    struct aver_list picks; /* of struct aver_sample_pick, in the order drawn; all if the frame has no more */
};

/* Where the log stands now, for the frame to be fixed: its last group. Everything is read and the chain checked.
 * AVER_E_NOT_FOUND SAMPLE-EMPTY: no group. AVER_E_CORRUPT LEDGER-*: the log is not whole. */
AVER_MUST_CHECK aver_err aver_sample_now(const char *dir, struct aver_sample_log *out,
                                         aver_progress_fn progress, void *user, struct aver_why *why);

/* Draws. Picks lie in the arena. AVER_E_INPUT SAMPLE-FRAME: no group ends at `frame`, or from and to are not within it;
 * AVER_E_NOT_FOUND SAMPLE-EARLY: no group after the frame yet; SAMPLE-EMPTY: no claim in it. AVER_E_CORRUPT as above.
 * AVER_E_DIFFERS LEDGER-CHECKPOINT: the published checkpoint is not of this log. Bodies that cannot be opened are no error. */
AVER_MUST_CHECK aver_err aver_sample_draw(const char *dir, struct aver_sample *sample,
                                          struct aver_arena *arena, aver_progress_fn progress, void *user,
                                          struct aver_why *why);

#endif
