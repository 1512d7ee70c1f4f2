/* ledger/storage/audit.h - the whole ledger executed again from its genesis, and everything compared: frames, entries,
 * headers, log roots, signatures, seals, receipts, state roots, checkpoint, tiles and LMDB's records.
 *
 * Three answers that are never mixed up: same, differs, could not check. Findings come in the order of the log and are the
 * same whatever the number of threads. Work is shared out by family (DESIGN section 4); what an item read while it was
 * executed out of turn is held against the state when its turn comes, and an item that read anything else is executed again
 * then, so that the answer is that of one thread. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_H
#define AVER_LEDGER_STORAGE_AUDIT_H

#include "ledger/model/tx.h"
#include "ledger/storage/ledger.h"

#define AVER_AUDIT_THREADS_MAX 256
#define AVER_AUDIT_SAVE_ITEMS  100000 /* between two savings, if the caller says nothing */

enum aver_audit_verdict { AVER_AUDIT_SAME = 0, AVER_AUDIT_DIFFERS = 1, AVER_AUDIT_COULD_NOT = 2 };

/* One sentence with its place. */
struct aver_audit_finding {
    enum aver_audit_verdict verdict;
    char code[32], place[256], text[640];
    uint64_t height;   /* of the group it was found in; UINT64_MAX: of the ledger as a whole */
    bool by_execution; /* not by reading alone */
    /* Of a receipt that differs, for who counts cents; claim_id is empty for any other finding, and where it is no claim's. */
    uint64_t entry;
    char claim_id[AVER_CLAIM_ID_BYTES + 1];
    int64_t recorded, again; /* cents paid */
};

/* Who holds an intake receipt and where: a proof (ledger/model/receipts.h) and a name for findings. */
struct aver_audit_receipt {
    const char *name;
    aver_bytes bytes;
};

struct aver_audit {
    /* ---- in ---- */
    unsigned threads;                 /* 0: one for each core */
    struct aver_list intake_receipts; /* of struct aver_audit_receipt, to hold against the log */
    /* A file of the auditor's own in which an unfinished audit is kept; NULL: none. If it is there, the audit goes on from it
     * after the log up to there was read again and found to be, byte for byte, what it was. It is written in one step after
     * every `save_every` items at the next end of a group (0: AVER_AUDIT_SAVE_ITEMS), and stays when the audit ends; the key
     * that authenticates it lies beside it, FILE.key, mode 0600. It holds health data in clear. */
    const char *state;
    uint64_t save_every;
    /* A follower's own copy (audit_follow.h) of the ledger in this directory, where the bodies' keys are read; NULL: it is no
     * copy. Of a copy there is no LMDB, its tiles were made from what was checked, the audit begins where the saved state
     * stands without reading what lies before, and the state is saved when it ends. */
    const char *copy_of;
    /* Asked after every group; true ends the audit, saved if there is a state file: verdict COULD_NOT, code AUDIT-ENDED.
     * May be NULL. */
    bool (*interrupted)(void *user);
    void *interrupted_user;

    /* ---- out ---- */
    enum aver_audit_verdict
        verdict; /* DIFFERS if anything differs, else COULD_NOT if anything could not be checked */
    uint64_t groups, entries, claims, signatures, bodies, receipts, records;
    uint64_t resumed; /* entries that an earlier run had executed */
    uint64_t
        again; /* items that were executed a second time, at their turn: tells of speed and of nothing else */
    uint64_t differing; /* receipts */
    int64_t cents;      /* sum of |recorded - again| over them */
    aver_digest log_root, state_root;
    int64_t paid; /* cents, over all decisions */
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    uint64_t log_bytes;         /* of log/groups, up to the last group that was read */
    uint64_t checkpoint_size;   /* of the node's signed checkpoint; 0: none */
    struct aver_list findings;  /* of struct aver_audit_finding */
    uint64_t findings_left_out; /* beyond those kept; they still decide the verdict */
    uint64_t promises_kept, promises_broken;
};

/* Audits the ledger in `dir`. `progress` is told bytes of the log; audit->claims is up to date when it is. Findings lie in the
 * arena. The error is of what kept the audit from its work, no verdict: as aver_ledger_open; AVER_E_CORRUPT AUDIT-STATE: the
 * state file is not one that this auditor wrote for this ledger (delete it to begin anew). */
AVER_MUST_CHECK aver_err aver_ledger_audit(const char *dir, struct aver_audit *audit,
                                           struct aver_arena *arena, aver_progress_fn progress, void *user,
                                           struct aver_why *why);

#endif
