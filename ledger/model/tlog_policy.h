/* ledger/model/tlog_policy.h - whom to believe about a log: a trust policy (c2sp.org/tlog-policy), and whether a checkpoint
 * satisfies it. Pure: no clock, so what a witness's time is worth is the caller's to judge.
 *
 *     log claims.example.org/blue-river+154c61c0+AepK...      any one of the logs must have signed
 *     witness north witness.example.net/n+1a2b3c4d+BPm0...    a name of this file's own, a key of type 0x04
 *     witness south witness.example.com/s+9f8e7d6c+BKz1...
 *     group both all north south                              any, all or a number; each name in one group at most
 *     quorum both                                             exactly once; `none`: no witness is needed
 *
 * Lines end in newlines; words are parted by spaces and tabs; empty lines and lines that begin with # are passed over; a
 * URL may stand at the end of a log's and a witness's line. A group or quorum names only what stands above it. */
#ifndef AVER_LEDGER_MODEL_TLOG_POLICY_H
#define AVER_LEDGER_MODEL_TLOG_POLICY_H

#include "ledger/model/note.h"

/* tlog-policy: "strongly recommended that an implementation supports at least up to 32 logs, 32 witnesses, and 32 groups". */
#define AVER_TLOG_POLICY_BYTES_MAX 65536
#define AVER_TLOG_LOGS_MAX         48
#define AVER_TLOG_WITNESSES_MAX    48
#define AVER_TLOG_GROUPS_MAX       48
#define AVER_TLOG_NODES_MAX        (AVER_TLOG_WITNESSES_MAX + AVER_TLOG_GROUPS_MAX)
#define AVER_TLOG_NONE             UINT32_MAX

struct aver_tlog_log {
    struct aver_note_key key; /* its name is the log's origin; of type 0x01 or 0x04 */
    aver_bytes url;           /* absent where there is none */
};

/* A witness or a group, in the order of the file: so a group stands behind its members. */
struct aver_tlog_node {
    aver_bytes name; /* any bytes but spaces and control characters */
    bool group;
    uint32_t need, of;        /* a group's: how many of its members; both 0 for a witness */
    uint32_t parent;          /* the group that it is a member of, or AVER_TLOG_NONE */
    struct aver_note_key key; /* a witness's, of type 0x04 */
    aver_bytes url;           /* a witness's; absent where there is none */
};

struct aver_tlog_policy {
    size_t logs_count, nodes_count;
    uint32_t quorum; /* a node; AVER_TLOG_NONE: no cosignature is needed */
    struct aver_tlog_log log[AVER_TLOG_LOGS_MAX];
    struct aver_tlog_node node[AVER_TLOG_NODES_MAX];
};

/* Reads a policy; `out` borrows its bytes. The place of an error is the line: "line 3".
 * AVER_E_INPUT: TRUST-TEXT (a control character, no newline at the end), TRUST-LINE (an unknown first word, too few or too
 * many words, a threshold that is not 1 to the number of members), TRUST-KEY (a key that is none, of a type that does not
 * belong there or that this program cannot check, or that stands there twice), TRUST-NAME (taken, unknown at this line, `none`, or a
 * member twice), TRUST-QUORUM (none, or a second one). AVER_E_LIMIT TRUST-SIZE: above one of the bounds. */
AVER_MUST_CHECK aver_err aver_tlog_policy_read(struct aver_tlog_policy *out, aver_bytes text,
                                               struct aver_why *why);

/* What of a checkpoint the policy vouches for. */
struct aver_tlog_seen {
    struct aver_checkpoint checkpoint;  /* borrows the note */
    struct aver_note_key log;           /* the key that signed it */
    size_t witnesses;                   /* of the policy, that cosigned it */
    uint64_t time[AVER_TLOG_NODES_MAX]; /* by node, seconds since 1970 UTC; 0: no cosignature, or a group */
};

/* Whether a checkpoint with its signatures satisfies the policy. `known` is the log's key where the caller knows it from elsewhere
 * (a ledger's genesis), else NULL: then it must have signed, and be one of the policy's logs if those are listed.
 *
 * Signatures of keys that neither names are passed over; one of a key that is named must hold, whether it is needed or not.
 * AVER_E_INPUT, AVER_E_LIMIT NOTE-*: no note, or no checkpoint in it. AVER_E_SIGNATURE NOTE-FORGED. AVER_E_REFUSED
 * TRUST-LOG: no log of the policy signed it; or the policy lists none and `known` is NULL. AVER_E_REFUSED TRUST-WITNESSES: the
 * quorum is not reached; the words say which requirement lacks what. `out` may be NULL; after TRUST-WITNESSES it is filled
 * nevertheless. */
AVER_MUST_CHECK aver_err aver_tlog_policy_check(const struct aver_tlog_policy *policy,
                                                const struct aver_note_key *known, aver_bytes note,
                                                struct aver_tlog_seen *out, struct aver_why *why);

#endif
