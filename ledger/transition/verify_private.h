/* ledger/transition/verify_private.h - what the two halves of a check share; nobody else includes it. verify.c shows that what the
 * bundle carries is what the log holds, verify_again.c decides the claim again from it. */
#ifndef AVER_LEDGER_TRANSITION_VERIFY_PRIVATE_H
#define AVER_LEDGER_TRANSITION_VERIFY_PRIVATE_H

#include "ledger/model/decision.h"
#include "ledger/model/entry.h"
#include "ledger/model/state.h"
#include "ledger/transition/verify.h"
#include "ledger/transition/view.h"

/* A read whose commitments are known. */
struct aver_verify_read {
    const struct aver_bundle_read *read;
    aver_digest key, value;         /* value zero: there was none */
    const struct aver_touch *touch; /* of the claim's receipt; NULL: it does not name the key */
    bool other;                     /* and names another value before: to be proved yet */
    bool used;
};

struct aver_verify_run {
    struct aver_verify *v;
    struct aver_arena *arena;
    struct aver_bundle b;
    struct aver_bundle_hashes hashes;
    struct aver_checkpoint checkpoint;
    struct aver_entry header, previous, state;
    struct aver_genesis genesis; /* where b.genesis */
    struct aver_receipt receipt;
    struct aver_verify_read *reads; /* of b.reads.count */
    bool *table_used, *content_used, secret_used;
    struct aver_why why;
};

/* One line. DIFFERS and COULD_NOT take the code; SAME none. */
void aver_verify_say(struct aver_verify_run *run, enum aver_verdict verdict, const char *what,
                     const char *code, const char *fmt, ...) AVER_PRINTF(5, 6);

/* Decides the claim again; all that the bundle carries has been proved. */
void aver_verify_again(struct aver_verify_run *run);

#endif
