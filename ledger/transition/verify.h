/* ledger/transition/verify.h - a bundle checked, and its claim decided again: same, differs, or could not check.
 *
 * Pure, and nothing of it needs a ledger: bytes in, answers out. The three answers are never mixed up:
 *   same       all that the bundle carries is in the log of a key that the caller trusts, and deciding the claim again gives what
 *              is recorded there, bit for bit;
 *   differs    what the log says, as proved here, is not what the same inputs give, or breaks a rule by itself. Whoever has the
 *              bundle can show that the node is wrong;
 *   could not  anything else: a byte that was changed, a proof that does not lead where it should, a record that was not opened
 *              for this reader, a log key that nobody vouches for. An altered bundle accuses nobody. */
#ifndef AVER_LEDGER_TRANSITION_VERIFY_H
#define AVER_LEDGER_TRANSITION_VERIFY_H

#include "ledger/model/bundle.h"
#include "ledger/model/decision.h"
#include "ledger/model/tlog_policy.h"
#include "ledger/model/tx.h"

enum aver_verdict { AVER_VERDICT_SAME = 0, AVER_VERDICT_DIFFERS = 1, AVER_VERDICT_COULD_NOT = 2 };

struct aver_verify_line {
    enum aver_verdict verdict; /* of this step alone; SAME: it holds */
    const char *what;          /* "checkpoint", "log", "signature", ... */
    char code[32];             /* empty where it holds */
    char text[640];
};

struct aver_verify {
    /* in: whom to believe. Neither: the checkpoint is held against the key that the bundle itself names, and at best the answer is
     * "same, if the key is the node's", which is not same. */
    const struct aver_note_key *log;
    const struct aver_tlog_policy *policy;
    /* in: contracts and policies for a bundle without them; others than it needs do no harm */
    const aver_bytes *pack;
    size_t pack_count;
    /* out: */
    enum aver_verdict verdict; /* COULD_NOT where the log's key is not trusted */
    /* What it would be, were the key one to trust: DIFFERS if a line differs, else COULD_NOT if one could not be checked or the
     * claim was not decided again. */
    enum aver_verdict otherwise;
    bool trusted;                           /* the log key is one that the caller trusts */
    bool decided_again;                     /* the claim was executed, with the result in the lines */
    struct aver_list lines;                 /* of struct aver_verify_line */
    struct aver_note_key key;               /* of the log, as it was used; name absent when there was none */
    char claim_id[AVER_CLAIM_ID_BYTES + 1]; /* empty: not known */
    const struct aver_decision *decision;   /* as recorded; NULL: not read */
    uint64_t entry;                         /* of the claim in the log */
    uint64_t reads, opened; /* records that it touched, and those of them that are opened here */
};

/* Everything lies in the arena, or borrows `file` and what was put in. */
void aver_bundle_verify(struct aver_verify *verify, aver_bytes file, struct aver_arena *arena);

/* "same", "differs", "could not check". */
const char *aver_verdict_words(enum aver_verdict verdict);

#endif
