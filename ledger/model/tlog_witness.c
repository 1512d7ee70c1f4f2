/* ledger/model/tlog_witness.c - see tlog_witness.h. */
#include "ledger/model/tlog_witness.h"

#include "ledger/model/tlog_proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the log's side ---- */

void aver_witness_ask(struct aver_buf *buf, uint64_t old, const struct aver_merkle_proof *path,
                      aver_bytes checkpoint)
{
    AVER_ASSERT(path->count <= AVER_WITNESS_PATH_MAX);
    aver_buf_printf(buf, "old %" PRIu64 "\n", old);
    aver_tlog_path_put(buf, path);
    aver_buf_bytes(buf, checkpoint);
}

struct line { /* of the merged note */
    const struct aver_note_signature *sig;
    bool log; /* a key of this name signs as the log */
};

static int line_cmp(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    if (a->log != b->log) return a->log ? -1 : 1;
    int by_name = aver_bytes_cmp(a->sig->name, b->sig->name);
    if (by_name) return by_name;
    if (a->sig->id != b->sig->id) return a->sig->id < b->sig->id ? -1 : 1;
    return aver_bytes_cmp(a->sig->line, b->sig->line);
}

static bool same_signer(const struct aver_note_signature *a, const struct aver_note_signature *b)
{
    return a->id == b->id && aver_bytes_eq(a->name, b->name);
}

/* Puts a line among the others; one of the same signer gives way to a later time. */
static void keep(struct line *lines, size_t *count, const struct aver_note_signature *sig, bool log)
{
    for (size_t i = 0; i < *count; i++) {
        if (!same_signer(lines[i].sig, sig)) continue;
        if (sig->time > lines[i].sig->time) lines[i].sig = sig;
        return;
    }
    lines[(*count)++] = (struct line){sig, log};
}

/* The answer's lines as a note of their own over the same text, so that one reader reads all. */
static aver_err read_answer(struct aver_note *out, struct aver_buf *bytes, aver_bytes text, aver_bytes answer,
                            struct aver_why *why)
{
    aver_buf_bytes(bytes, text);
    aver_buf_byte(bytes, '\n');
    aver_buf_bytes(bytes, answer);
    AVER_TRY(aver_note_read(out, aver_buf_view(bytes), why));
    if (out->text.len != text.len)
        return aver_fail(why, AVER_E_INPUT, "NOTE-FORM", "",
                         "a witness answers with signature lines and nothing else; this has an empty line");
    return AVER_OK;
}

static aver_err merge(struct line *lines, size_t *count, const struct aver_note *note,
                      const struct aver_note *answer, const struct aver_tlog_policy *policy, size_t *added,
                      struct aver_why *why)
{
    for (size_t i = 0; i < policy->nodes_count; i++) {
        const struct aver_tlog_node *node = &policy->node[i];
        const struct aver_note_signature *found;
        struct aver_why inner;
        if (node->group) continue;
        /* A line that was there and does not hold could stand in for a better one by its time. */
        aver_err err = aver_note_find(note, &node->key, &found, &inner);
        if (err != AVER_E_SIGNATURE) err = aver_note_find(answer, &node->key, &found, &inner);
        if (err == AVER_E_REFUSED) continue;
        if (err != AVER_OK) {
            if (why) *why = inner;
            return err;
        }
        keep(lines, count, found, false);
        ++*added;
    }
    return AVER_OK;
}

aver_err aver_witness_merge(struct aver_buf *buf, aver_bytes bytes, aver_bytes answer,
                            const struct aver_tlog_policy *policy, size_t *added, struct aver_why *why)
{
    struct aver_note note, more;
    struct aver_checkpoint checkpoint;
    struct aver_buf joined = {0};
    struct line lines[2 * AVER_NOTE_SIGNATURES_MAX];
    size_t count = 0;
    *added = 0;
    AVER_TRY(aver_note_read(&note, bytes, why));
    AVER_TRY(aver_checkpoint_read(&checkpoint, note.text, why));
    for (size_t i = 0; i < note.count; i++)
        keep(lines, &count, &note.signature[i], aver_bytes_eq(note.signature[i].name, checkpoint.origin));
    aver_err err = read_answer(&more, &joined, note.text, answer, why);
    if (err == AVER_OK) err = merge(lines, &count, &note, &more, policy, added, why);
    if (err == AVER_OK && *added == 0)
        err = aver_fail(why, AVER_E_REFUSED, "WITNESS-NONE", "",
                        "no line of the answer is of a witness that the policy names");
    if (err == AVER_OK && count > AVER_NOTE_SIGNATURES_MAX)
        err = aver_fail(why, AVER_E_LIMIT, "NOTE-SIZE", "",
                        "the checkpoint would have more than %d signatures", AVER_NOTE_SIGNATURES_MAX);
    if (err == AVER_OK) {
        qsort(lines, count, sizeof lines[0], line_cmp);
        aver_buf_bytes(buf, note.text);
        aver_buf_byte(buf, '\n');
        for (size_t i = 0; i < count; i++) aver_buf_bytes(buf, lines[i].sig->line);
    }
    aver_buf_free(&joined);
    return err;
}

/* ---- the witness's side ---- */

static enum aver_witness_status no(enum aver_witness_status status, struct aver_why *why, const char *what)
{
    char code[16];
    snprintf(code, sizeof code, "WITNESS-%d", (int)status);
    aver_fail(why, AVER_E_REFUSED, code, "", "%s", what);
    return status;
}

static bool read_request(struct aver_witness_request *out, aver_bytes bytes, struct aver_why *why)
{
    unsigned line = 1;
    if (bytes.len > AVER_WITNESS_REQUEST_MAX || !aver_tlog_number(&out->old, aver_tlog_line(&bytes), "old")) {
        no(AVER_WITNESS_BAD, why, "a request begins with the word old, a space, and a size");
        return false;
    }
    if (!aver_tlog_path_read(&out->path, &bytes, AVER_WITNESS_PATH_MAX, &line)) {
        no(AVER_WITNESS_BAD, why,
           "after the old size stand at most 63 hashes, each 32 bytes in base64, and an empty line");
        return false;
    }
    struct aver_why inner;
    if (aver_note_read(&out->note, bytes, &inner) == AVER_OK &&
        aver_checkpoint_form(&out->checkpoint, out->note.text, &inner) == AVER_OK)
        return true;
    no(AVER_WITNESS_BAD, why, inner.text);
    return false;
}

enum aver_witness_status aver_witness_open(struct aver_witness_request *out, aver_bytes bytes,
                                           const struct aver_tlog_policy *logs, struct aver_why *why)
{
    bool known = false, signed_by = false;
    if (!read_request(out, bytes, why)) return AVER_WITNESS_BAD;
    for (size_t i = 0; i < logs->logs_count; i++) {
        const struct aver_note_key *key = &logs->log[i].key;
        if (!aver_bytes_eq(key->name, out->checkpoint.origin)) continue;
        known = true;
        struct aver_why inner;
        aver_err err = aver_note_verify(&out->note, key, &inner);
        if (err == AVER_OK) signed_by = true;
        if (err == AVER_E_SIGNATURE) return no(AVER_WITNESS_FORBIDDEN, why, inner.text);
    }
    if (!known) return no(AVER_WITNESS_UNKNOWN, why, "no log of this origin is known here");
    if (!signed_by)
        return no(AVER_WITNESS_FORBIDDEN, why,
                  "no key that is trusted for this origin signed the checkpoint");
    return AVER_WITNESS_COSIGNED;
}

enum aver_witness_status aver_witness_judge(const struct aver_witness_request *request,
                                            const struct aver_witness_last *last, bool *fork,
                                            struct aver_why *why)
{
    const struct aver_checkpoint *c = &request->checkpoint;
    struct aver_why inner = {0};
    *fork = c->size == last->size && c->size > 0 && !aver_digest_eq(c->root, last->root);
    if (request->old > c->size)
        return no(AVER_WITNESS_BAD, why, "the old size is above the checkpoint's: a log does not shrink");
    if (request->old != last->size)
        return no(AVER_WITNESS_CONFLICT, why, "the old size is not that of the checkpoint cosigned last");
    if (c->size == 0 && !aver_digest_eq(c->root, aver_merkle_empty()))
        return no(AVER_WITNESS_REFUSED, why, "the root hash of an empty log is SHA-256 of nothing");
    if (request->old == 0) {
        if (request->path.count)
            return no(AVER_WITNESS_REFUSED, why,
                      "every log is consistent with an empty one: no proof belongs here");
        return AVER_WITNESS_COSIGNED;
    }
    if (aver_merkle_verify_consistency(&last->root, last->size, &c->root, c->size, request->path.hash,
                                       request->path.count, &inner) != AVER_OK)
        return no(AVER_WITNESS_REFUSED, why, inner.text);
    return AVER_WITNESS_COSIGNED;
}

void aver_witness_cosign(struct aver_buf *kept, struct aver_buf *line,
                         const struct aver_witness_request *request, const struct aver_tlog_policy *logs,
                         const struct aver_note_key *key, const struct aver_secret_key *sk, uint64_t time)
{
    const struct aver_note *note = &request->note;
    size_t from = line->len;
    aver_buf_bytes(kept, note->text);
    aver_buf_byte(kept, '\n');
    for (size_t i = 0; i < logs->logs_count; i++) {
        const struct aver_note_signature *found;
        const struct aver_note_key *log = &logs->log[i].key;
        if (aver_bytes_eq(log->name, request->checkpoint.origin) &&
            aver_note_find(note, log, &found, NULL) == AVER_OK)
            aver_buf_bytes(kept, found->line);
    }
    aver_note_cosign(line, note->text, key, sk, time);
    aver_buf_put(kept, line->ptr + from, line->len - from);
}
