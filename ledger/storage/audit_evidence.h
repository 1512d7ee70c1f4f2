/* ledger/storage/audit_evidence.h - what an auditor who follows a log keeps when its history forks: two checkpoints that the
 * node signed, and a proof that both cannot be of one log. Anybody can check it, with nothing but the file and the node's key.
 *
 *     {"evidence": "averment-checkpoints/1", "vkey": "NAME+ID+KEY",
 *      "smaller": "<signed note>", "larger": "<signed note>",
 *      "root": "<base64>", "proof": ["<base64>", ...]}
 *
 * `root` is the root that the larger one's log had at the smaller one's size, and `proof` the consistency proof (RFC 9162 2.1.4)
 * from it to the larger root. Where it is not the root in `smaller`, the node has signed two histories: a fork. Where it is, the
 * file shows that a smaller checkpoint was shown after a larger one, which by itself any stale copy can do: a rollback. */
#ifndef AVER_LEDGER_STORAGE_AUDIT_EVIDENCE_H
#define AVER_LEDGER_STORAGE_AUDIT_EVIDENCE_H

#include "base/arena.h"
#include "ledger/model/merkle.h"
#include "ledger/model/note.h"

struct aver_evidence {
    aver_bytes vkey;            /* as aver_note_vkey_put writes it */
    aver_bytes smaller, larger; /* signed notes; of two of one size, either */
    aver_digest root;
    struct aver_merkle_proof proof;
};

enum aver_evidence_kind { AVER_EVIDENCE_FORK = 1, AVER_EVIDENCE_ROLLBACK };

void aver_evidence_write(struct aver_buf *out, const struct aver_evidence *evidence);
/* Borrows the arena. AVER_E_INPUT: JSON-*, EVIDENCE-FORM. */
AVER_MUST_CHECK aver_err aver_evidence_read(struct aver_evidence *out, aver_bytes text,
                                            struct aver_arena *arena, struct aver_why *why);
/* What it proves of the key in it; whose key that is the reader must know. AVER_E_INPUT NOTE-* and AVER_E_SIGNATURE, AVER_E_REFUSED:
 * a checkpoint that this key did not sign; AVER_E_DIFFERS MERKLE-PROOF: the proof leads nowhere; AVER_E_RANGE MERKLE-RANGE. */
AVER_MUST_CHECK aver_err aver_evidence_check(const struct aver_evidence *evidence,
                                             enum aver_evidence_kind *kind, struct aver_checkpoint *smaller,
                                             struct aver_checkpoint *larger, struct aver_why *why);

#endif
