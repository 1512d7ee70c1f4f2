/* ledger/storage/audit_private.h - what the files of an audit share; nobody else includes it. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_PRIVATE_H
#define AVER_LEDGER_STORAGE_AUDIT_PRIVATE_H

#include "ledger/storage/audit.h"
#include "ledger/storage/audit_window.h"
#include "ledger/storage/ledger_private.h"

#define AVER_FINDINGS_MAX 200 /* kept; those beyond it still decide the verdict */

/* A tile in the making, and what is published of it. */
struct aver_audit_tiles {
    const char *dir;
    bool live;       /* somebody writes: wider tiles than the log was read to are his */
    uint64_t wanted; /* entries of the checkpoint: what must be there */
    struct {
        uint64_t index;
        unsigned count;
        uint8_t bytes[AVER_TILE_WIDTH * sizeof(aver_digest)];
    } level[AVER_TILE_LEVELS];
    struct {
        uint64_t index;
        unsigned count;
        struct aver_buf bytes;
        size_t end[AVER_TILE_WIDTH + 1]; /* of its first n entries */
    } bundle;
};

struct aver_audit_run {
    const char *dir;
    struct aver_audit *audit;
    struct aver_arena *arena; /* the caller's: findings */
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    char log_path[AVER_PATH_BYTES], state_path[AVER_PATH_BYTES];
    bool live;     /* somebody writes to the ledger while it is audited */
    bool executed; /* everything so far was executed again: the state is known */
    bool whole;    /* the log was read to its end */
    struct aver_log log;
    struct aver_bodies bodies;
    struct aver_quarantine quarantine;
    struct aver_view_memory view;
    struct aver_replay replay;
    struct aver_crew *crew;
    struct aver_window *window;
    struct aver_head head;          /* after the last frame that was read */
    struct aver_head executed_head; /* after the last one that was executed */
    aver_digest executed_bytes;     /* of all frames up to there: aver_audit_chain_bytes */
    uint64_t since_saved;           /* items executed */
    aver_err save_err;
    bool ended; /* interrupted */
    struct {    /* an earlier run's; offset 0: none */
        uint64_t offset;
        aver_digest bytes;
    } saved;
    uint64_t finding_height; /* of the group that is worked on */
    bool finding_by_execution;
    struct aver_map groups;      /* as LMDB's entry database */
    struct aver_buf checkpoint;  /* the file; empty: not there */
    uint64_t checkpoint_size;    /* as it says, not yet believed */
    aver_digest checkpoint_root; /* of the log when it had that size */
    bool checkpoint_met;         /* it had */
    struct aver_audit_tiles tiles;
};

void aver_audit_find(struct aver_audit_run *run, enum aver_audit_verdict verdict, const char *code,
                     const char *place, const char *fmt, ...) AVER_PRINTF(5, 6);
/* The same from what a callee said. */
void aver_audit_why(struct aver_audit_run *run, enum aver_audit_verdict verdict, const struct aver_why *why);

/* The node's key, out of the genesis that was executed; false: there is none yet. */
bool aver_audit_node_key(struct aver_audit_run *run, struct aver_public_key *out);

/* audit_save.c: an unfinished audit in the auditor's file. Loading sets view, executed_head, saved and what was counted; without a
 * file it does nothing. AVER_E_CORRUPT AUDIT-STATE; of the world. */
AVER_MUST_CHECK aver_err aver_audit_load(struct aver_audit_run *run, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_audit_save(struct aver_audit_run *run, struct aver_why *why);
/* Replaces a file that only its owner may read, in one step, synced. AVER_E_FULL, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_audit_write_private(const char *path, aver_bytes bytes, struct aver_why *why);
/* SHA-256(the value before, SHA-256 of the frame's payload), from 32 zero bytes. */
aver_digest aver_audit_chain_bytes(const aver_digest *before, const struct aver_buf *payload);

/* audit_receipts.c: the intake receipts that the caller brought, against the state after the last group. */
void aver_audit_receipts(struct aver_audit_run *run, const struct aver_public_key *pk);
/* audit_money.c: two receipts of one item that differ, as a finding: the first field, and where money differs, policy and line. */
void aver_audit_differs(struct aver_audit_run *run, const struct aver_replay_difference *difference);

/* audit_tiles.c: every entry and every hash of the log tree passes by; a tile is compared when it is full, the rest at the end. */
void aver_audit_entry(struct aver_audit_run *run, aver_bytes entry);
void aver_audit_hash(void *ctx, unsigned level, uint64_t index,
                     const aver_digest *hash); /* an aver_merkle_made; ctx: run */
void aver_audit_tiles_end(struct aver_audit_run *run);

/* audit_state.c: LMDB against the state executed again. In a process of its own, since a damaged file can end the one that
 * reads it. AVER_E_IO: that process could not be started. */
AVER_MUST_CHECK aver_err aver_audit_state(struct aver_audit_run *run, struct aver_why *why);

#endif
