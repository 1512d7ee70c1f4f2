/* ledger/storage/proofs.c - what a ledger tells the world about its log, and keeps of what witnesses answer: see ledger.h. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"
#include "ledger/storage/ledger_private.h"

/* ---- checkpoints ---- */

struct aver_note_key aver_ledger_log_key(const struct aver_ledger *ledger) { return ledger->publisher.key; }

static const char *name_of(enum aver_ledger_told which)
{
    switch (which) {
    case AVER_TOLD_NEWEST: return "checkpoint";
    case AVER_TOLD_COSIGNED: return "checkpoint.cosigned";
    case AVER_TOLD_ASKED: return "checkpoint.asked";
    }
    AVER_UNREACHABLE();
}

aver_err aver_ledger_told(struct aver_ledger *ledger, enum aver_ledger_told which, struct aver_buf *out,
                          struct aver_why *why)
{
    char path[AVER_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", ledger->dir, name_of(which));
    aver_err err = aver_file_read(out, path, AVER_NOTE_BYTES_MAX, why);
    if (err == AVER_E_NOT_FOUND && which == AVER_TOLD_NEWEST)
        return aver_fail(why, err, "LEDGER-CHECKPOINT", path,
                         "there is no checkpoint; open the ledger once for writing to publish it again");
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(
            why, err, "LEDGER-COSIGNED", path,
            "no checkpoint has been cosigned; aver log witness-request makes what to ask a witness");
    return err;
}

aver_err aver_ledger_checkpoint(struct aver_ledger *ledger, struct aver_buf *out, struct aver_why *why)
{
    return aver_ledger_told(ledger, AVER_TOLD_NEWEST, out, why);
}

/* The same, opened: `out` borrows `note`. */
static aver_err open_told(struct aver_ledger *ledger, enum aver_ledger_told which, struct aver_buf *note,
                          struct aver_checkpoint *out, struct aver_why *why)
{
    AVER_TRY(aver_ledger_told(ledger, which, note, why));
    return aver_checkpoint_open(out, aver_buf_view(note), &ledger->publisher.key, why);
}

/* ---- proofs ---- */

/* The log has `size` entries at least. A writer may have gone on since this snapshot was taken. */
static aver_err reach(struct aver_ledger *ledger, uint64_t size, struct aver_why *why)
{
    if (size > ledger->head.tree.size && !ledger->write) {
        AVER_TRY(aver_store_refresh(ledger->store, why));
        AVER_TRY(aver_store_head(ledger->store, &ledger->head, why));
    }
    if (size <= ledger->head.tree.size) return AVER_OK;
    return aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-ENTRY", "",
                     "the log has %" PRIu64 " entries, and %" PRIu64 " are asked for", ledger->head.tree.size,
                     size);
}

aver_err aver_ledger_path(struct aver_ledger *ledger, struct aver_merkle_proof *out, uint64_t entry,
                          uint64_t size, struct aver_why *why)
{
    AVER_TRY(reach(ledger, size, why));
    if (entry >= size)
        return aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-ENTRY", "",
                         "the checkpoint has %" PRIu64 " entries, and none with index %" PRIu64, size, entry);
    return aver_merkle_prove(out, entry, size, aver_ledger_hashes(ledger), why);
}

aver_err aver_ledger_growth(struct aver_ledger *ledger, struct aver_merkle_proof *out, uint64_t old,
                            uint64_t size, struct aver_why *why)
{
    AVER_TRY(reach(ledger, size, why));
    out->count = 0;
    if (old == 0) return AVER_OK; /* "the empty tree is consistent with any tree" */
    return aver_merkle_prove_consistency(out, old, size, aver_ledger_hashes(ledger), why);
}

aver_err aver_ledger_note_for(struct aver_ledger *ledger, uint64_t entry, struct aver_buf *note,
                              struct aver_checkpoint *checkpoint, struct aver_why *why)
{
    if (open_told(ledger, AVER_TOLD_COSIGNED, note, checkpoint, NULL) == AVER_OK && entry < checkpoint->size)
        return AVER_OK;
    note->len = 0;
    return open_told(ledger, AVER_TOLD_NEWEST, note, checkpoint, why);
}

aver_err aver_ledger_prove(struct aver_ledger *ledger, uint64_t entry, struct aver_buf *out,
                           struct aver_why *why)
{
    struct aver_buf note = {0};
    struct aver_checkpoint checkpoint;
    struct aver_tlog_proof proof = {.index = entry};
    aver_bytes bytes;
    aver_err err = aver_ledger_note_for(ledger, entry, &note, &checkpoint, why);
    if (err == AVER_OK) err = aver_ledger_path(ledger, &proof.path, entry, checkpoint.size, why);
    if (err == AVER_OK) err = aver_ledger_entry(ledger, entry, &bytes, why);
    if (err == AVER_OK) {
        proof.checkpoint = aver_buf_view(&note);
        aver_tlog_proof_put(out, &proof, bytes);
    }
    aver_buf_free(&note);
    return err;
}

/* ---- witnesses ---- */

static aver_err keep(struct aver_ledger *ledger, enum aver_ledger_told which, aver_bytes note,
                     struct aver_why *why)
{
    char path[AVER_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", ledger->dir, name_of(which));
    return aver_file_replace_synced(path, note, why);
}

aver_err aver_ledger_ask(struct aver_ledger *ledger, uint64_t old, bool again, struct aver_buf *out,
                         struct aver_why *why)
{
    struct aver_buf note = {0}, asked = {0};
    struct aver_checkpoint checkpoint, before;
    struct aver_merkle_proof path;
    aver_err err = open_told(ledger, again ? AVER_TOLD_ASKED : AVER_TOLD_NEWEST, &note, &checkpoint, why);
    if (err == AVER_OK) err = aver_ledger_growth(ledger, &path, old, checkpoint.size, why);
    /* Asked about the same once more: what was answered already stays. */
    bool same =
        again || (err == AVER_OK && open_told(ledger, AVER_TOLD_ASKED, &asked, &before, NULL) == AVER_OK &&
                  before.size == checkpoint.size && aver_digest_eq(before.root, checkpoint.root));
    if (err == AVER_OK && !same) err = keep(ledger, AVER_TOLD_ASKED, aver_buf_view(&note), why);
    if (err == AVER_OK) aver_witness_ask(out, old, &path, aver_buf_view(&note));
    aver_buf_free(&note);
    aver_buf_free(&asked);
    return err;
}

/* Whether a file of this kind holds that checkpoint, or an earlier one (-1), or a later one (1). Nothing there is earlier. */
static int compare(struct aver_ledger *ledger, enum aver_ledger_told which,
                   const struct aver_checkpoint *with)
{
    struct aver_buf note = {0};
    struct aver_checkpoint checkpoint;
    int is = -1;
    if (open_told(ledger, which, &note, &checkpoint, NULL) == AVER_OK)
        is = checkpoint.size < with->size ? -1 : checkpoint.size > with->size;
    aver_buf_free(&note);
    return is;
}

/* Writes the note with its new lines wherever it belongs. */
static aver_err take(struct aver_ledger *ledger, aver_bytes note, const struct aver_checkpoint *checkpoint,
                     bool enough, struct aver_why *why)
{
    AVER_TRY(keep(ledger, AVER_TOLD_ASKED, note, why));
    if (enough && compare(ledger, AVER_TOLD_COSIGNED, checkpoint) <= 0)
        AVER_TRY(keep(ledger, AVER_TOLD_COSIGNED, note, why));
    if (compare(ledger, AVER_TOLD_NEWEST, checkpoint) == 0)
        AVER_TRY(keep(ledger, AVER_TOLD_NEWEST, note, why));
    return AVER_OK;
}

aver_err aver_ledger_answer(struct aver_ledger *ledger, aver_bytes answer,
                            const struct aver_tlog_policy *policy, size_t *added, bool *enough,
                            struct aver_why *missing, struct aver_why *why)
{
    struct aver_buf asked = {0}, merged = {0};
    struct aver_checkpoint checkpoint;
    AVER_TRY(aver_ledger_writable(ledger, why));
    aver_err err = open_told(ledger, AVER_TOLD_ASKED, &asked, &checkpoint, why);
    if (err == AVER_E_NOT_FOUND)
        err = aver_fail(why, AVER_E_REFUSED, "WITNESS-ASK", "",
                        "no witness was asked yet; aver log witness-request makes what to ask");
    if (err == AVER_OK) err = aver_witness_merge(&merged, aver_buf_view(&asked), answer, policy, added, why);
    if (err == AVER_OK) {
        *enough = aver_tlog_policy_check(policy, &ledger->publisher.key, aver_buf_view(&merged), NULL,
                                         missing) == AVER_OK;
        err = take(ledger, aver_buf_view(&merged), &checkpoint, *enough, why);
    }
    aver_buf_free(&asked);
    aver_buf_free(&merged);
    return err;
}
