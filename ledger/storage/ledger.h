/* ledger/storage/ledger.h - a ledger in a directory.
 *
 *   DIR/ledger.conf        chain name and format version (text)
 *   DIR/log/groups         the truth: one frame per group, appended and synced (docs/formats.md, group frame)
 *   DIR/keys/node.key      the node's Ed25519 key, mode 0600     DIR/keys/node.wrap  the key that wraps the body keys, 0600
 *   DIR/keys/bodies        a random key per patient, wrapped; a file of its own, so that a key can be destroyed
 *   DIR/state/             LMDB: state by name, trie pages, artifacts, indexes; all of it can be rebuilt from the log
 *   DIR/checkpoint, DIR/tile/...  C2SP tlog-checkpoint and tlog-tiles; rebuilt from the log
 *   DIR/checkpoint.asked   the checkpoint that witnesses were asked about last, with what they answered so far
 *   DIR/checkpoint.cosigned  the newest with cosignatures enough; nothing can rebuild these two
 *   DIR/tile.synced        up to which size of the log the tiles survive a loss of power (publish.h)
 *   DIR/restored           this is a backup and only to be read (backup.h)
 *   DIR/quarantine/        what made this program fail an assert, sealed (quarantine.h)
 *   DIR/lock               one writer at a time
 *
 * A group is one durable append: items are applied, the frame is written and synced, then LMDB commits. After a crash
 * the frames that LMDB has not seen are applied again from the log. Only an unfinished last frame is ever cut off.
 *
 * The time of a group is the system's clock, read once for it, and never before that of the group before. The environment
 * variable AVER_CLOCK_MS (milliseconds since 1970 UTC, decimal) takes the clock's place, for tests and demonstrations that
 * give the same result every time. A system's clock that is more than 400 days after that time takes nothing in (AVER_E_IO CLOCK-LEAP),
 * for the ledger would never come back from a wrong one; AVER_ACCEPT_TIME=YYYY-MM-DD, that day in UTC, says that it is right. */
#ifndef AVER_LEDGER_STORAGE_LEDGER_H
#define AVER_LEDGER_STORAGE_LEDGER_H

#include "ledger/model/batch.h"
#include "ledger/model/entry.h"
#include "ledger/model/tlog_policy.h"
#include "ledger/model/merkle.h"
#include "ledger/transition/apply.h"

#define AVER_GROUP_ITEMS_MAX 1000
#define AVER_EPOCH_ITEMS_MAX 20000

struct aver_ledger;
enum aver_ledger_mode { AVER_LEDGER_READ, AVER_LEDGER_WRITE };

struct aver_insurer { /* the first keys: name and public key */
    const char *party;
    struct aver_public_key key;
};

/* Makes the directory and its genesis group. AVER_E_EXISTS when it is not empty. */
AVER_MUST_CHECK aver_err aver_ledger_create(const char *dir, const char *chain,
                                            const struct aver_insurer *insurers, size_t insurers_count,
                                            struct aver_why *why);
/* AVER_E_NOT_FOUND LEDGER-NONE: no ledger there. AVER_E_BUSY LEDGER-BUSY: another process writes (WRITE only).
 * AVER_E_REFUSED LEDGER-RESTORED: it is a backup (WRITE only). AVER_E_IO LEDGER-QUARANTINE: an item of the log that LMDB lacks
 * made this program fail an assert when it was executed again (WRITE only). AVER_E_CORRUPT LEDGER-*: a frame or file that is not what this program wrote, with its place. Brings LMDB up to the log. */
AVER_MUST_CHECK aver_err aver_ledger_open(struct aver_ledger **out, const char *dir,
                                          enum aver_ledger_mode mode, struct aver_why *why);
void aver_ledger_close(struct aver_ledger *ledger); /* NULL is fine */

struct aver_item_result {
    /* QUARANTINED: it made this program stop by a bug and is not taken in again for now (quarantine.h); no outcome. */
    enum { AVER_ITEM_NEW = 1, AVER_ITEM_REPEATED, AVER_ITEM_REFUSED, AVER_ITEM_QUARANTINED } how;
    enum aver_outcome outcome;
    char claim_id[AVER_CLAIM_ID_BYTES + 1];
    aver_bytes intake_receipt; /* of a claim: the same whenever it is sent again; in the arena */
    aver_bytes receipt_proof;  /* that the node signed it (ledger/model/receipts.h), for whoever sent it */
    uint64_t entry, height;    /* where it stands in the log */
    const char *words;         /* REFUSED, QUARANTINED, TRAPPED: why, in the arena; else NULL */
    struct aver_item_decided { /* of a new claim, as the decision in its receipt says (aver_ledger_item) */
        uint64_t status;       /* enum aver_claim_status; 0: it is none */
        aver_money charge, allowed, paid, patient_responsibility;
    } decided;
};
/* It stands in the log. */
static inline bool aver_item_stands(const struct aver_item_result *result)
{
    return result->how == AVER_ITEM_NEW || result->how == AVER_ITEM_REPEATED;
}
/* Called while a large batch is worked on; may be NULL. */
typedef void (*aver_progress_fn)(void *user, uint64_t done, uint64_t total);

/* Takes in a signed batch with its items. When it returns AVER_OK every NEW item is durable; results[i] belongs to items[i].
 * Refused items are not logged and leave nothing behind. On any error nothing of the batch was acknowledged, and what was
 * logged of it (whole groups) counts as filed when it is sent again. Errors: as aver_envelope_open, _expired, _leaves;
 * AVER_E_REFUSED TX-QUARANTINED (the envelope itself), AVER_E_FULL, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_ledger_submit(struct aver_ledger *ledger, aver_bytes cose,
                                            const struct aver_batch_item *items, size_t count,
                                            struct aver_item_result *results, struct aver_arena *arena,
                                            aver_progress_fn progress, void *user, struct aver_why *why);

/* Several batches that arrived together: they share groups, and so one sync. Each is accepted or refused by itself, as above;
 * `err` and `why` say of each what aver_ledger_submit would return. An error of the whole (AVER_E_FULL, AVER_E_IO, why) is
 * returned, and then none of them was acknowledged. */
struct aver_submission {
    aver_bytes cose;
    const struct aver_batch_item *items;
    size_t count;
    struct aver_item_result *results; /* of `count` */
    aver_err err;                     /* out */
    struct aver_why why;              /* out */
};
AVER_MUST_CHECK aver_err aver_ledger_submit_all(struct aver_ledger *ledger,
                                                struct aver_submission *submissions, size_t count,
                                                struct aver_arena *arena, aver_progress_fn progress,
                                                void *user, struct aver_why *why);

/* How many threads take claims in: 0, as at first, is one for each processor. Log, receipts and state do not depend on it. */
void aver_ledger_threads(struct aver_ledger *ledger, unsigned threads);

/* For a program that takes claims in all day. With `deferred`, a submit returns when its claims are durable in the log; LMDB and the
 * published checkpoint follow about once a second, by a thread of their own, and at aver_ledger_settle and aver_ledger_close; a state
 * root is written about four times a second, not with each call. Until
 * then aver_ledger_view, _facts and submits see everything; who calls anything else here or in prove.h, bundle.h and export.h settles
 * first. After a crash the next open executes what LMDB lacks again. Errors of both: as aver_ledger_submit. */
AVER_MUST_CHECK aver_err aver_ledger_defer(struct aver_ledger *ledger, bool deferred, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_ledger_settle(struct aver_ledger *ledger, struct aver_why *why);

/* The ledger as of its last group. Borrowed: good until the next submit. get, artifact and table_entry only. */
const struct aver_view *aver_ledger_view(struct aver_ledger *ledger);
aver_bytes aver_ledger_chain(const struct aver_ledger *ledger);
const struct aver_public_key *aver_ledger_node_key(const struct aver_ledger *ledger);

/* What an entry commits to, unsealed. AVER_E_KEY_GONE BODY-KEY, AVER_E_SIGNATURE BODY-SEAL (altered), AVER_E_NOT_FOUND. Of a
 * state root or a header there is the entry and nothing else: body, receipt and cose are absent. */
struct aver_opened {
    struct aver_entry entry;
    struct aver_body body; /* borrows the arena */
    aver_bytes receipt;
    aver_bytes cose; /* of its batch */
    aver_digest leaf;
};
AVER_MUST_CHECK aver_err aver_ledger_item(struct aver_ledger *ledger, uint64_t entry, struct aver_opened *out,
                                          struct aver_arena *arena, struct aver_why *why);
/* Calls back with every name (and record) that begins with the prefix, in order, until the callback returns other than AVER_OK. */
typedef aver_err (*aver_name_fn)(void *user, aver_bytes name, struct aver_stored stored,
                                 struct aver_why *why);
AVER_MUST_CHECK aver_err aver_ledger_names(struct aver_ledger *ledger, const char *prefix, aver_name_fn fn,
                                           void *user, struct aver_why *why);

struct aver_ledger_facts {
    uint64_t height, entries;
    int64_t time;
    aver_digest log_root, state_root;
};
struct aver_ledger_facts aver_ledger_facts(struct aver_ledger *ledger);
/* ---- what is told to the world: proofs.c ---- */

/* The ledger's key as a log: its name is the chain, which is the log's origin. Borrows the ledger. */
struct aver_note_key aver_ledger_log_key(const struct aver_ledger *ledger);
/* A published checkpoint, a signed note. AVER_E_NOT_FOUND LEDGER-CHECKPOINT, LEDGER-COSIGNED. */
enum aver_ledger_told {
    AVER_TOLD_NEWEST,   /* signed by the ledger; the witnesses of the last request may have cosigned it */
    AVER_TOLD_COSIGNED, /* the newest that satisfied the trust policy when the answers came in; it stays when a newer one is published */
    AVER_TOLD_ASKED,    /* that of the last request, with the answers so far */
};
AVER_MUST_CHECK aver_err aver_ledger_told(struct aver_ledger *ledger, enum aver_ledger_told which,
                                          struct aver_buf *out, struct aver_why *why);
/* The newest. */
AVER_MUST_CHECK aver_err aver_ledger_checkpoint(struct aver_ledger *ledger, struct aver_buf *out,
                                                struct aver_why *why);
/* An entry's inclusion proof in the log of `size` entries, and that this log grew out of that of `old` entries. AVER_E_NOT_FOUND
 * LEDGER-ENTRY: there is no such entry, or the log is not so large. AVER_E_RANGE MERKLE-RANGE: old > size. */
AVER_MUST_CHECK aver_err aver_ledger_path(struct aver_ledger *ledger, struct aver_merkle_proof *out,
                                          uint64_t entry, uint64_t size, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_ledger_growth(struct aver_ledger *ledger, struct aver_merkle_proof *out,
                                            uint64_t old, uint64_t size, struct aver_why *why);
/* The cosigned checkpoint if it has the entry, else the newest: what proofs of it are made under. Errors of aver_ledger_told. */
AVER_MUST_CHECK aver_err aver_ledger_note_for(struct aver_ledger *ledger, uint64_t entry,
                                              struct aver_buf *note, struct aver_checkpoint *checkpoint,
                                              struct aver_why *why);
/* A tlog-proof of an entry (ledger/model/tlog_proof.h), its bytes as extra data: under the cosigned checkpoint if that has the
 * entry, else under the newest. AVER_E_NOT_FOUND LEDGER-ENTRY. */
AVER_MUST_CHECK aver_err aver_ledger_prove(struct aver_ledger *ledger, uint64_t entry,
                                           struct aver_buf *tlog_proof, struct aver_why *why);
/* What to ask a witness that saw the log at `old` entries last (ledger/model/tlog_witness.h): about the newest checkpoint, which then
 * becomes the one asked about; or with `again` about that one, so that several witnesses cosign the same. */
AVER_MUST_CHECK aver_err aver_ledger_ask(struct aver_ledger *ledger, uint64_t old, bool again,
                                         struct aver_buf *out, struct aver_why *why);
/* A witness's answer. Its lines are kept with the checkpoint asked about, durably, and with the newest if that is the same; once they
 * satisfy the policy, it becomes the cosigned one. *enough: they do; else `missing` says what they lack. AVER_E_REFUSED WITNESS-ASK:
 * nothing was asked; LEDGER-READ; as aver_witness_merge. */
AVER_MUST_CHECK aver_err aver_ledger_answer(struct aver_ledger *ledger, aver_bytes answer,
                                            const struct aver_tlog_policy *policy, size_t *added,
                                            bool *enough, struct aver_why *missing, struct aver_why *why);

#endif
