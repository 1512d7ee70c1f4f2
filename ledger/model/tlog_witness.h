/* ledger/model/tlog_witness.h - the witness protocol (c2sp.org/tlog-witness) as bytes: what a log asks, what a witness answers,
 * and how a log keeps the answer. Pure: the connection, the clock and the witness's memory are the caller's.
 *
 *     old 20852014                           request (add-checkpoint): the size that the witness saw last,
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9te...    a consistency proof from there,
 *
 *     example.com/behind-the-sofa            and the checkpoint with its signatures
 *     ...
 *
 * The answer to it is one line or more, each a signature line of a note. */
#ifndef AVER_LEDGER_MODEL_TLOG_WITNESS_H
#define AVER_LEDGER_MODEL_TLOG_WITNESS_H

#include "ledger/model/merkle.h"
#include "ledger/model/tlog_policy.h"

#define AVER_WITNESS_REQUEST_MAX  (AVER_NOTE_BYTES_MAX + 4096)
#define AVER_WITNESS_RESPONSE_MAX AVER_NOTE_BYTES_MAX
#define AVER_WITNESS_PATH_MAX     63 /* "The client MUST NOT send more than 63 consistency proof lines." */

/* ---- the log's side ---- */

/* Appends a request. Asserts that the proof has at most AVER_WITNESS_PATH_MAX hashes. */
void aver_witness_ask(struct aver_buf *buf, uint64_t old, const struct aver_merkle_proof *path,
                      aver_bytes checkpoint);

/* Appends the checkpoint with what the witnesses of the policy answered: its own lines, and of each witness the line with the latest
 * time. Lines of keys that the policy does not name are left out of the answer, as the protocol asks; those that `note` had
 * stay. Order: the lines of keys whose name is the origin, then by name and key id. *added: how many lines of the answer are in it.
 * NOTE-*: `note` is none, or the answer is not lines of signatures. NOTE-FORGED, AVER_E_SIGNATURE: a line of a witness does not hold
 * for this checkpoint. WITNESS-NONE, AVER_E_REFUSED: no line is of a witness that the policy names. */
AVER_MUST_CHECK aver_err aver_witness_merge(struct aver_buf *buf, aver_bytes note, aver_bytes answer,
                                            const struct aver_tlog_policy *policy, size_t *added,
                                            struct aver_why *why);

/* ---- the witness's side ---- */

/* The protocol's answers, by their HTTP status. */
enum aver_witness_status {
    AVER_WITNESS_COSIGNED = 200,
    AVER_WITNESS_BAD = 400, /* no request of this form, or an old size above the checkpoint's */
    AVER_WITNESS_FORBIDDEN =
        403,                    /* no signature of a key trusted for this origin, or one that does not hold */
    AVER_WITNESS_UNKNOWN = 404, /* no key is trusted for this origin */
    AVER_WITNESS_CONFLICT =
        409, /* the old size is not that cosigned last; the answer is that size on a line */
    AVER_WITNESS_REFUSED = 422, /* the proof does not hold: a rollback, a fork, or a mistake */
};

struct aver_witness_request {
    uint64_t old;
    struct aver_merkle_proof path;
    struct aver_note note; /* borrows the request's bytes */
    struct aver_checkpoint checkpoint;
};

/* Reads a request and wants a signature of one of the policy's logs with that origin; of the policy nothing else counts.
 * Returns AVER_WITNESS_COSIGNED when the request may go on to aver_witness_judge; else BAD, UNKNOWN or FORBIDDEN, and `why` says
 * what is wrong. */
enum aver_witness_status aver_witness_open(struct aver_witness_request *out, aver_bytes bytes,
                                           const struct aver_tlog_policy *logs, struct aver_why *why);

/* What the witness cosigned last for an origin: size 0 and the empty root where it never did. */
struct aver_witness_last {
    uint64_t size;
    aver_digest root;
};
/* Whether the checkpoint follows from the last one. COSIGNED: cosign it, once it is kept durably as the last one; the last one must be
 * looked up, compared and replaced with no other request in between. Else BAD, CONFLICT or REFUSED and `why`. `*fork` becomes true
 * where the log's key signed two roots for one size: the request is the proof of it, and worth keeping. */
enum aver_witness_status aver_witness_judge(const struct aver_witness_request *request,
                                            const struct aver_witness_last *last, bool *fork,
                                            struct aver_why *why);

/* The cosigned checkpoint as the witness keeps and shows it: text, the log's lines of trusted keys, the witness's own. The last
 * line is appended to `line` too, which is the answer. `time`: seconds since 1970 UTC, 1 to AVER_NOTE_TIME_MAX. */
void aver_witness_cosign(struct aver_buf *kept, struct aver_buf *line,
                         const struct aver_witness_request *request, const struct aver_tlog_policy *logs,
                         const struct aver_note_key *key, const struct aver_secret_key *sk, uint64_t time);

#endif
