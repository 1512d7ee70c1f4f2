/* ledger/storage/rebuild.c - a ledger's state made from an export: see aver_state_rebuild in export.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/model/state.h"
#include "ledger/storage/export.h"
#include "ledger/storage/ledger_private.h"

struct rebuild {
    struct aver_ledger *ledger;
    struct aver_export export;
    struct aver_map artifacts; /* log index, 8 bytes big-endian -> digest: where their content lies */
    uint64_t found;            /* of them, in the log */
};

/* ---- the records ---- */

static aver_err take_record(void *ctx, const struct aver_exported *x, struct aver_why *why)
{
    struct rebuild *r = ctx;
    struct aver_view *view = &r->ledger->view.view;
    if (!x->name.ptr)
        return aver_fail(why, AVER_E_INPUT, "EXPORT-FORM", "",
                         "a state cannot be made from commitments: it takes an export of records");
    view->height = x->height;
    AVER_TRY(view->put(view->self, x->name, x->record, x->key, x->value, why));
    if (x->name.len < 2 || memcmp(x->name.ptr, "a/", 2) != 0) return AVER_OK;
    struct aver_artifact_state state;
    struct aver_arena arena = {0};
    uint8_t entry[8], digest[32];
    aver_err err = aver_schema_read(x->record, &aver_artifact_state_schema, &state, &arena, why);
    if (err == AVER_OK) err = aver_unhex(digest, sizeof digest, aver_bytes_cut(x->name, 2, x->name.len - 2));
    if (err == AVER_OK) {
        aver_put_u64(entry, state.entry);
        aver_map_set(&r->artifacts, aver_bytes_of(entry, sizeof entry), aver_bytes_of(digest, sizeof digest));
    }
    aver_arena_free(&arena);
    return err;
}

/* ---- the log, up to the epoch ---- */

static aver_err take_artifact(struct rebuild *r, const struct aver_frame_item *item, aver_bytes digest,
                              struct aver_arena *arena, struct aver_why *why)
{
    struct aver_ledger *l = r->ledger;
    struct aver_entry entry;
    struct aver_body body;
    struct aver_publication publication;
    aver_digest got;
    aver_bytes plain;
    uint8_t key[32];
    AVER_TRY(aver_entry_read(&entry, item->entry, why));
    AVER_TRY(aver_bodies_find(&l->bodies, key, item->key, why));
    aver_err err =
        aver_body_unseal(&plain, item->body, item->nonce_b, l->chain, &entry.body, key, "body", arena, why);
    aver_wipe(key, sizeof key);
    AVER_TRY(err);
    AVER_TRY(aver_body_read(&body, plain, why));
    AVER_TRY(aver_schema_read(body.item, &aver_publication_schema, &publication, arena, why));
    AVER_TRY(aver_artifact_digest(&got, &publication, arena, why));
    if (!aver_bytes_eq(aver_digest_bytes(&got), digest))
        return aver_fail(why, AVER_E_DIFFERS, "EXPORT-LOG", "",
                         "an artifact of the log is not the one that the export names");
    r->found++;
    return l->view.view.artifact_put(l->view.view.self, got, publication.content, why);
}

static aver_err take_frame(struct rebuild *r, aver_bytes payload, uint64_t next, struct aver_arena *arena,
                           struct aver_why *why)
{
    struct aver_ledger *l = r->ledger;
    struct aver_frame frame;
    struct aver_chain_group group;
    uint64_t offset = l->head.offset, batch_offset = l->head.batch_offset;
    AVER_TRY(aver_frame_read(&frame, payload, arena, why));
    AVER_TRY(aver_chain_frame(&l->head, &group, &frame, offset, next, aver_ledger_made, l, why));
    const struct aver_frame_batch *batch = frame.batches.items;
    aver_ledger_index(l, group.first, offset,
                      frame.batches.count && batch[0].continued ? batch_offset : offset);
    const struct aver_frame_item *item = frame.items.items;
    for (size_t i = 0; i < frame.items.count; i++) {
        uint8_t entry[8];
        aver_put_u64(entry, group.first + i);
        const struct aver_map_item *artifact =
            aver_map_find(&r->artifacts, aver_bytes_of(entry, sizeof entry));
        if (artifact) AVER_TRY(take_artifact(r, &item[i], aver_map_value(artifact), arena, why));
    }
    return AVER_OK;
}

static aver_err take_log(struct rebuild *r, struct aver_why *why)
{
    struct aver_ledger *l = r->ledger;
    const struct aver_epoch *epoch = &r->export.epoch;
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    aver_err err = AVER_OK;
    l->head = (struct aver_head){0};
    while (err == AVER_OK && l->head.height < epoch->height) {
        uint64_t next;
        aver_arena_reset(&arena);
        err = aver_log_read(&l->log, &payload, &next, l->head.offset, why);
        if (err == AVER_OK) err = take_frame(r, aver_buf_view(&payload), next, &arena, why);
    }
    aver_buf_free(&payload);
    aver_arena_free(&arena);
    bool ends_here = err == AVER_OK && aver_digest_eq(l->head.state_root, epoch->root) &&
                     l->head.tree.size == epoch->entry + 2 && strcmp(l->chain_name, r->export.chain) == 0;
    if (err == AVER_E_NOT_FOUND || (err == AVER_OK && !ends_here))
        return aver_fail(why, AVER_E_DIFFERS, "EXPORT-LOG", "",
                         "the log of this ledger has no such state root at entry %" PRIu64
                         ": the export is of another ledger, or of a log that was cut",
                         epoch->entry);
    if (err == AVER_OK && r->found != r->artifacts.count)
        return aver_fail(why, AVER_E_DIFFERS, "EXPORT-LOG", "",
                         "the log lacks an artifact that the export names");
    return err;
}

/* ---- all of it ---- */

static aver_err make(struct rebuild *r, const char *path, struct aver_why *why)
{
    struct aver_ledger *l = r->ledger;
    aver_digest root;
    AVER_TRY(aver_export_read(path, &r->export, take_record, r, why));
    AVER_TRY(take_log(r, why));
    AVER_TRY(aver_view_memory_root(&l->view, &root, why));
    AVER_ASSERT(
        aver_digest_eq(root, r->export.epoch.root)); /* the trie that is kept, and the one that was built */
    if (l->broken) return aver_ledger_writable(l, why);
    return aver_ledger_flush(l, why);
}

static void remove_state(const char *state)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char path[AVER_PATH_BYTES + 16];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", state, files[i]);
        unlink(path);
    }
    rmdir(state);
}

aver_err aver_state_rebuild(const char *dir, const char *path, struct aver_export *out, struct aver_why *why)
{
    struct rebuild r = {.ledger = NULL};
    struct stat st;
    char state[AVER_PATH_BYTES];
    *out = (struct aver_export){0};
    snprintf(state, sizeof state, "%s/state", dir);
    if (stat(state, &st) == 0)
        return aver_fail(why, AVER_E_EXISTS, "LEDGER-STATE", state,
                         "there is a state already; move it away if it is to be made anew");
    AVER_TRY(
        aver_export_read(path, out, NULL, NULL, why)); /* nothing is begun with a file that is not whole */
    aver_err err = aver_ledger_start(&r.ledger, dir, true, why);
    if (err == AVER_OK) err = make(&r, path, why);
    aver_map_free(&r.artifacts);
    aver_ledger_close(r.ledger);
    /* What came after the epoch is executed by the next open for writing: this one. */
    r.ledger = NULL;
    if (err == AVER_OK) err = aver_ledger_open(&r.ledger, dir, AVER_LEDGER_WRITE, why);
    aver_ledger_close(r.ledger);
    if (err != AVER_OK && err != AVER_E_BUSY) remove_state(state);
    return err;
}
