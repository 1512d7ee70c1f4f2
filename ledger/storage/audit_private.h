/* ledger/storage/audit_private.h - what the files of an audit share; nobody else includes it. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_PRIVATE_H
#define AVER_LEDGER_STORAGE_AUDIT_PRIVATE_H

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
    struct aver_view_memory view;
    struct aver_replay replay;
    struct aver_head head;
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

/* audit_tiles.c: every entry and every hash of the log tree passes by; a tile is compared when it is full, the rest at the end. */
void aver_audit_entry(struct aver_audit_run *run, aver_bytes entry);
void aver_audit_hash(void *ctx, unsigned level, uint64_t index,
                     const aver_digest *hash); /* an aver_merkle_made; ctx: run */
void aver_audit_tiles_end(struct aver_audit_run *run);

/* audit_state.c: LMDB against the state executed again. In a process of its own, since a damaged file can end the one that
 * reads it. AVER_E_IO: that process could not be started. */
AVER_MUST_CHECK aver_err aver_audit_state(struct aver_audit_run *run, struct aver_why *why);

#endif
