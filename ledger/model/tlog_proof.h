/* ledger/model/tlog_proof.h - one entry's place in a log, as a text that is checked offline (c2sp.org/tlog-proof). Pure.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra hAEB...                          base64, left out where there is none: we put the log entry itself there
 *     index 73894
 *     gSKyXoYZUgZ6jduWYrkDOARinOMGJveX...    the hashes of an inclusion proof, the leaf's sibling first
 *
 *     claims.example.org/blue-river          the checkpoint with its signatures, as it is (note.h)
 *     109482
 *     ...
 *
 * Files of it end in .tlog-proof. */
#ifndef AVER_LEDGER_MODEL_TLOG_PROOF_H
#define AVER_LEDGER_MODEL_TLOG_PROOF_H

#include "ledger/model/merkle.h"
#include "ledger/model/tlog_policy.h"

#define AVER_TLOG_EXTRA_MAX       65535 /* bytes, as of a log entry */
#define AVER_TLOG_PROOF_BYTES_MAX (AVER_NOTE_BYTES_MAX + 131072)

/* `checkpoint` borrows what it was read from. */
struct aver_tlog_proof {
    uint64_t index;
    struct aver_merkle_proof path;
    aver_bytes checkpoint; /* a signed note, not yet looked into */
};

/* Appends the proof. `extra` absent or empty: none; asserts that it is at most AVER_TLOG_EXTRA_MAX bytes. */
void aver_tlog_proof_put(struct aver_buf *buf, const struct aver_tlog_proof *proof, aver_bytes extra);

/* Reads all of `bytes`; what `extra` holds is appended to the buffer, if that is not NULL. It "is not authenticated": believe it
 * only as the entry whose hash the proof was checked for.
 * TLOG-PROOF, AVER_E_INPUT, place is the line: another form. TLOG-PROOF, AVER_E_LIMIT: above a bound. */
AVER_MUST_CHECK aver_err aver_tlog_proof_read(struct aver_tlog_proof *out, struct aver_buf *extra,
                                              aver_bytes bytes, struct aver_why *why);

/* tlog-proof, "Verifying a tlog proof", steps 2 to 4: the checkpoint satisfies the policy, and the entry with this leaf hash is in
 * its tree at the proof's index. `known` and `seen` are those of aver_tlog_policy_check, whose errors it returns; MERKLE-RANGE,
 * MERKLE-PROOF: the entry is not there. */
AVER_MUST_CHECK aver_err aver_tlog_proof_check(const struct aver_tlog_proof *proof, const aver_digest *leaf,
                                               const struct aver_tlog_policy *policy,
                                               const struct aver_note_key *known, struct aver_tlog_seen *seen,
                                               struct aver_why *why);

/* ---- shared with the witness protocol: hashes on lines of their own ---- */

/* One line of base64 for each hash, then an empty line. */
void aver_tlog_path_put(struct aver_buf *buf, const struct aver_merkle_proof *path);
/* Reads at most `max` of such lines and the empty one, and cuts them off `rest`; *line counts on. False where that is not what
 * stands there, with `out->count` hashes read. */
bool aver_tlog_path_read(struct aver_merkle_proof *out, aver_bytes *rest, size_t max, unsigned *line);
/* The first line of `rest`, without its newline, cut off it; absent where no newline is left. */
aver_bytes aver_tlog_line(aver_bytes *rest);
/* Whether the line is this word, a space, and a plain decimal number. */
bool aver_tlog_number(uint64_t *out, aver_bytes line, const char *word);

#endif
