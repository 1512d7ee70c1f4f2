/* ledger/storage/prove.h - the state as it stood at an epoch's end, and proofs under that epoch's root.
 *
 * LMDB holds the newest state only. What undoes an epoch stands in the log: each receipt names the keys that its item wrote, with
 * their commitments before and after (docs/formats.md section 9). So the trie of an older epoch is the newest one with what
 * came since taken back, or the empty one with what came before put on; the end that is nearer in the log is taken.
 * Nothing is executed, and nothing has to be believed: the root that comes out must be the one in the log. Records are
 * commitments here; who needs them themselves executes the log up to the epoch.
 *
 * A past borrows its ledger and is good until the ledger's next submit or its end. */
#ifndef AVER_LEDGER_STORAGE_PROVE_H
#define AVER_LEDGER_STORAGE_PROVE_H

#include "ledger/model/smt.h"
#include "ledger/storage/ledger.h"

/* The end of an epoch: a state root entry of the log. */
struct aver_epoch {
    uint64_t entry;   /* log index of the state root */
    uint64_t height;  /* of the group that it closes */
    aver_digest root; /* of the state trie then */
    uint64_t offset;  /* in log/groups: where the group after it begins */
};
/* The last epoch that was over when the group of `entry` began; for an entry that the log does not have yet, the newest of all.
 * AVER_E_NOT_FOUND LEDGER-EPOCH: there is none, as for the genesis. Errors of aver_ledger_item. */
AVER_MUST_CHECK aver_err aver_epoch_before(struct aver_ledger *ledger, uint64_t entry, struct aver_epoch *out,
                                           struct aver_why *why);

struct aver_past;
enum aver_past_kind {
    AVER_PAST_COMMITMENTS, /* the trie, by touch lists: seconds for a million items */
    AVER_PAST_RECORDS, /* the trie and the records, by executing the log from its genesis, as an audit does */
};
/* `progress` may be NULL; it counts bytes of the log. AVER_E_KEY_GONE BODY-KEY: a receipt on the way cannot be opened (for
 * COMMITMENTS: on both ways). AVER_E_DIFFERS LEDGER-STATE-ROOT: it leads to another root, so the log or the state is damaged.
 * For RECORDS also the errors of aver_replay_frame. On an error *out is NULL. */
AVER_MUST_CHECK aver_err aver_past_open(struct aver_past **out, struct aver_ledger *ledger,
                                        const struct aver_epoch *epoch, enum aver_past_kind kind,
                                        aver_progress_fn progress, void *user, struct aver_why *why);
void aver_past_close(struct aver_past *past); /* NULL is fine */

const struct aver_epoch *aver_past_epoch(const struct aver_past *past);
/* get, artifact and table_entry as they were; NULL for COMMITMENTS. */
const struct aver_view *aver_past_view(const struct aver_past *past);

/* What the trie shows at a key (its commitment, aver_state_key): member or absent. `value`, which may be NULL, is the value's
 * commitment, zero if absent. */
AVER_MUST_CHECK aver_err aver_past_prove(struct aver_past *past, const aver_digest *key,
                                         struct aver_smt_proof *out, aver_digest *value,
                                         struct aver_why *why);
/* Appends the same as an ICS-23 CommitmentProof, which for an absent key shows the commitments of both neighbours. AVER_E_NOT_FOUND
 * SMT-ABSENT: the trie is empty, which ICS-23 cannot show. */
AVER_MUST_CHECK aver_err aver_past_ics23(struct aver_past *past, const aver_digest *key, struct aver_buf *out,
                                         struct aver_why *why);

/* The secret under which a name is committed: its family's, or the ledger's; 32 bytes. AVER_E_NOT_FOUND STATE-SECRET: there is no
 * such family. */
AVER_MUST_CHECK aver_err aver_ledger_secret(struct aver_ledger *ledger, aver_bytes name, uint8_t secret[32],
                                            struct aver_why *why);

#endif
