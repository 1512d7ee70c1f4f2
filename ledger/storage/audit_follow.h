/* ledger/storage/audit_follow.h - an auditor who keeps a copy of a ledger of his own, and notices when its history is another.
 *
 *   OWN/vkey                the node's key: from the caller, or out of the genesis the first time
 *   OWN/checkpoint          the last one accepted           OWN/checkpoints/SIZE   every one that was
 *   OWN/tile/...            the log's tree and entries, written from what was checked
 *   OWN/log/groups          the groups with their sealed bodies       OWN/ledger.conf
 *   OWN/audit.state, .key   the state after the last group executed (audit.h): health data
 *   OWN/evidence-*.json     what shows a fork (audit_evidence.h)
 *
 * The bodies' keys stay with the node: they are read there, so that a key that is destroyed is destroyed for the auditor too.
 *
 * One round: the published checkpoint must be signed by the node and be of the kept history: new entries, appended to the own
 * tree, give its root. The groups must hold those entries. Then what is new is executed again. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_FOLLOW_H
#define AVER_LEDGER_STORAGE_AUDIT_FOLLOW_H

#include "ledger/storage/audit.h"
#include "ledger/storage/audit_evidence.h"

struct aver_follow {
    /* in */
    const char *from; /* the ledger's directory, as its node publishes it or a mirror of it */
    const char *own;  /* the auditor's; made when it is not there */
    const char *vkey; /* the node's key as one word; NULL: the kept one, else that of the genesis */
    /* out */
    bool first;                     /* nothing was kept before */
    bool forked;                    /* history is another than was kept, or is shown shorter */
    enum aver_evidence_kind kind;   /* if it forked */
    char evidence[512];             /* path of the evidence */
    uint64_t kept_size, shown_size; /* of the two checkpoints */
    aver_digest shown_root;
    struct aver_audit
        audit; /* in: threads, interrupted, receipts. Of the execution of all that is kept, if not forked */
};

/* One round. On a fork nothing kept is changed but for the evidence, and audit is not filled. Errors, none of them a verdict:
 * AVER_E_NOT_FOUND FOLLOW-KEY (neither given nor to be had from the genesis); AVER_E_REFUSED FOLLOW-OWN (the own directory is of
 * another ledger or key); AVER_E_CORRUPT FOLLOW-OWN (the own copy is damaged); NOTE-* (the checkpoint is not signed by the node);
 * AVER_E_DIFFERS LEDGER-TILE, LEDGER-SHORT (what is published is not what the checkpoint says); of the world. */
AVER_MUST_CHECK aver_err aver_ledger_follow(struct aver_follow *follow, struct aver_arena *arena,
                                            aver_progress_fn progress, void *user, struct aver_why *why);

#endif
