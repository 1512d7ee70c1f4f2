/* ledger/storage/audit_sample.c - see audit_sample.h. */
#include "ledger/storage/audit_sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cose.h"
#include "ledger/storage/audit_private.h"

struct candidate {
    aver_digest rank;
    uint64_t entry, height;
};

struct walk {
    const char *dir;
    char chain[AVER_CHAIN_BYTES_MAX + 1], log_path[AVER_PATH_BYTES];
    struct aver_log log;
    struct aver_head head;
    uint64_t kind; /* of the last batch */
    struct aver_arena frame_arena;
    struct aver_frame frame;
    struct aver_chain_group group;
    struct aver_buf checkpoint;
    struct aver_checkpoint claimed;
    bool has_checkpoint, met;
    /* drawing: */
    struct aver_sample *sample;
    struct aver_buf entries; /* u64be each */
    struct aver_buf heights; /* beside them */
};

static uint64_t kind_of(struct walk *w, aver_bytes cose)
{
    struct aver_cose parts;
    struct aver_batch batch;
    if (aver_cose_read(&parts, cose, NULL) != AVER_OK ||
        aver_schema_read(parts.payload, &aver_batch_schema, &batch, &w->frame_arena, NULL) != AVER_OK)
        return 0;
    return batch.kind;
}

static void put_u64(struct aver_buf *out, uint64_t v)
{
    uint8_t b[8];
    aver_put_u64(b, v);
    aver_buf_put(out, b, sizeof b);
}

/* What a batch holds is signed with it and lies in clear: to know which entries are claims takes no key. */
static void gather(struct walk *w)
{
    const struct aver_frame_batch *batch = w->frame.batches.items;
    const struct aver_frame_item *item = w->frame.items.items;
    size_t kinds_count = w->frame.batches.count;
    uint64_t *kinds = AVER_NEW_ARRAY(&w->frame_arena, uint64_t, kinds_count + 1);
    for (size_t i = 0; i < kinds_count; i++) {
        if (!batch[i].continued) w->kind = kind_of(w, batch[i].cose);
        kinds[i] = w->kind;
    }
    const struct aver_sample *s = w->sample;
    for (size_t i = 0; s && i < w->frame.items.count; i++) {
        uint64_t entry = w->group.first + i;
        if (kinds[item[i].batch] != AVER_TX_CLAIMS || entry < s->from || entry >= s->to) continue;
        put_u64(&w->entries, entry);
        put_u64(&w->heights, w->frame.height);
    }
}

static aver_err one_frame(struct walk *w, aver_bytes payload, uint64_t next, struct aver_why *why)
{
    uint64_t offset = w->head.offset;
    aver_arena_reset(&w->frame_arena);
    aver_err err = aver_frame_read(&w->frame, payload, &w->frame_arena, why);
    if (err == AVER_OK) err = aver_chain_frame(&w->head, &w->group, &w->frame, offset, next, NULL, NULL, why);
    if (err == AVER_E_INPUT) err = AVER_E_CORRUPT;
    AVER_TRY(err);
    gather(w);
    if (!w->has_checkpoint || w->claimed.size != w->head.tree.size) return AVER_OK;
    w->met = true;
    if (aver_digest_eq(w->claimed.root, aver_merkle_root(&w->head.tree))) return AVER_OK;
    return aver_fail(why, AVER_E_DIFFERS, "LEDGER-CHECKPOINT", "checkpoint",
                     "the published root is not that of the log; run aver audit");
}

static struct aver_sample_log stands(const struct walk *w)
{
    return (struct aver_sample_log){w->head.tree.size, w->head.height, w->head.time,
                                    aver_merkle_root(&w->head.tree)};
}

static void read_checkpoint(struct walk *w)
{
    char path[AVER_PATH_BYTES];
    struct aver_note note;
    snprintf(path, sizeof path, "%.400s/checkpoint", w->dir);
    w->has_checkpoint = aver_file_read(&w->checkpoint, path, AVER_NOTE_BYTES_MAX, NULL) == AVER_OK &&
                        aver_note_read(&note, aver_buf_view(&w->checkpoint), NULL) == AVER_OK &&
                        aver_checkpoint_read(&w->claimed, note.text, NULL) == AVER_OK;
}

/* The whole log. What lies behind the last whole group was never acknowledged. */
static aver_err walk_log(struct walk *w, aver_progress_fn progress, void *user, struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_why end = {0};
    uint64_t next;
    aver_err err = AVER_OK, read;
    while (err == AVER_OK &&
           (read = aver_log_read(&w->log, &payload, &next, w->head.offset, &end)) == AVER_OK) {
        err = one_frame(w, aver_buf_view(&payload), next, why);
        struct aver_sample *s = w->sample;
        if (s && w->head.tree.size == s->frame) s->frame_log = stands(w);
        if (s && s->frame_log.size && w->head.tree.size > s->frame && !s->seed_log.size)
            s->seed_log = stands(w);
        if (progress) progress(user, next, w->log.end);
    }
    aver_buf_free(&payload);
    AVER_TRY(err);
    if (read == AVER_E_INPUT) return aver_log_tail(&w->log, w->head.offset, why);
    if (read != AVER_E_NOT_FOUND && why) *why = end;
    if (read != AVER_E_NOT_FOUND) return read;
    if (w->has_checkpoint && !w->met)
        return aver_fail(
            why, AVER_E_DIFFERS, "LEDGER-SHORT", "checkpoint",
            "the log has no group that ends where the published checkpoint does; run aver audit");
    return AVER_OK;
}

static aver_err walk_begin(struct walk *w, const char *dir, struct aver_why *why)
{
    *w = (struct walk){.dir = dir, .log = {.fd = -1}};
    if (strlen(dir) >= AVER_PATH_BYTES - 32)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "", "the path of the ledger is too long");
    AVER_TRY(aver_ledger_conf(dir, w->chain, why));
    snprintf(w->log_path, sizeof w->log_path, "%.400s/log/groups", dir);
    read_checkpoint(w);
    return aver_log_open(&w->log, w->log_path, false, why);
}

static void walk_end(struct walk *w)
{
    aver_log_close(&w->log);
    aver_arena_free(&w->frame_arena);
    aver_buf_free(&w->checkpoint);
    aver_buf_free(&w->entries);
    aver_buf_free(&w->heights);
}

aver_err aver_sample_now(const char *dir, struct aver_sample_log *out, aver_progress_fn progress, void *user,
                         struct aver_why *why)
{
    struct walk w;
    aver_err err = walk_begin(&w, dir, why);
    if (err == AVER_OK) err = walk_log(&w, progress, user, why);
    if (err == AVER_OK && w.head.height == 0)
        err = aver_fail(why, AVER_E_NOT_FOUND, "SAMPLE-EMPTY", "log/groups", "the log has no group yet");
    *out = stands(&w);
    walk_end(&w);
    return err;
}

static int by_rank(const void *a, const void *b)
{
    return memcmp(((const struct candidate *)a)->rank.b, ((const struct candidate *)b)->rank.b, 32);
}

/* What the auditor will want to look up, where the keys are here. */
static void open_pick(struct walk *w, struct aver_bodies *bodies, struct aver_sample_pick *pick,
                      const struct aver_frame_item *item, struct aver_arena *arena)
{
    struct aver_replay_item opened;
    struct aver_receipt receipt;
    if (aver_replay_unseal(&opened, bodies, aver_bytes_str(w->chain), item, pick->entry, pick->height, arena,
                           NULL) != AVER_OK ||
        aver_schema_read(opened.receipt, &aver_receipt_schema, &receipt, arena, NULL) != AVER_OK ||
        !receipt.decision)
        return;
    pick->opened = true;
    snprintf(pick->claim_id, sizeof pick->claim_id, "%.*s", AVER_STR(receipt.decision->claim_id));
    pick->charge = (int64_t)receipt.decision->charge.cents;
    pick->paid = (int64_t)receipt.decision->paid.cents;
}

/* A second reading, for the few that were drawn. */
static void open_picks(struct walk *w)
{
    struct aver_bodies bodies = {.fd = -1};
    struct aver_buf payload = {0};
    struct aver_arena arena = {0};
    struct aver_sample_pick *pick = w->sample->picks.items;
    uint64_t at = 0, next;
    if (aver_bodies_open(&bodies, w->dir, false, NULL) == AVER_OK &&
        aver_bodies_load(&bodies, 0, NULL) == AVER_OK) {
        struct aver_chain_group group;
        w->head = (struct aver_head){0};
        for (; aver_log_read(&w->log, &payload, &next, at, NULL) == AVER_OK; at = next) {
            aver_arena_reset(&w->frame_arena);
            if (aver_frame_read(&w->frame, aver_buf_view(&payload), &w->frame_arena, NULL) != AVER_OK ||
                aver_chain_frame(&w->head, &group, &w->frame, at, next, NULL, NULL, NULL) != AVER_OK)
                break;
            const struct aver_frame_item *item = w->frame.items.items;
            for (size_t i = 0; i < w->sample->picks.count; i++) {
                if (pick[i].entry < group.first || pick[i].entry >= group.first + w->frame.items.count)
                    continue;
                aver_arena_reset(&arena);
                open_pick(w, &bodies, &pick[i], &item[pick[i].entry - group.first], &arena);
            }
        }
    }
    aver_bodies_close(&bodies);
    aver_buf_free(&payload);
    aver_arena_free(&arena);
}

static void draw(struct walk *w, struct aver_arena *arena)
{
    struct aver_sample *s = w->sample;
    aver_bytes nonce = aver_bytes_of(s->nonce, sizeof s->nonce);
    aver_bytes parts[] = {aver_digest_bytes(&s->seed_log.root), nonce};
    struct aver_arena scratch = {0};
    s->claims = w->entries.len / 8;
    s->claims_list = aver_sha256(aver_buf_view(&w->entries));
    s->commitment = aver_sha256(nonce);
    s->seed = aver_sha256_parts(parts, 2);
    struct candidate *all = AVER_NEW_ARRAY(&scratch, struct candidate, s->claims);
    for (uint64_t i = 0; i < s->claims; i++) {
        aver_bytes entry = aver_bytes_of(w->entries.ptr + 8 * i, 8);
        all[i].entry = aver_get_u64(entry.ptr);
        all[i].height = aver_get_u64(w->heights.ptr + 8 * i);
        all[i].rank = aver_hmac256(aver_digest_bytes(&s->seed), &entry, 1);
    }
    qsort(all, s->claims, sizeof *all, by_rank);
    for (uint64_t i = 0; i < s->size && i < s->claims; i++) {
        struct aver_sample_pick *p = aver_list_add(arena, &s->picks, sizeof *p);
        *p = (struct aver_sample_pick){.entry = all[i].entry, .height = all[i].height, .rank = all[i].rank};
    }
    aver_arena_free(&scratch);
}

static aver_err checked(const struct aver_sample *s, const struct walk *w, struct aver_why *why)
{
    if (s->frame_log.size != s->frame)
        return aver_fail(
            why, AVER_E_INPUT, "SAMPLE-FRAME", "",
            "no group of the log ends at %" PRIu64
            " entries; the frame is the size of a checkpoint, as aver audit sample --commit said it",
            s->frame);
    if (!s->seed_log.size)
        return aver_fail(why, AVER_E_NOT_FOUND, "SAMPLE-EARLY", "",
                         "no group came after the frame of %" PRIu64
                         " entries yet, so there is no root to draw by: wait for the next one",
                         s->frame);
    if (w->entries.len == 0)
        return aver_fail(why, AVER_E_NOT_FOUND, "SAMPLE-EMPTY", "", "the frame holds no claim");
    return AVER_OK;
}

aver_err aver_sample_draw(const char *dir, struct aver_sample *s, struct aver_arena *arena,
                          aver_progress_fn progress, void *user, struct aver_why *why)
{
    struct walk w;
    if (s->to == 0) s->to = s->frame;
    if (s->from >= s->to || s->to > s->frame)
        return aver_fail(why, AVER_E_INPUT, "SAMPLE-FRAME", "",
                         "from %" PRIu64 " to %" PRIu64 " is no range of a log of %" PRIu64 " entries",
                         s->from, s->to, s->frame);
    aver_err err = walk_begin(&w, dir, why);
    w.sample = s;
    if (err == AVER_OK) err = walk_log(&w, progress, user, why);
    if (err == AVER_OK) err = checked(s, &w, why);
    if (err == AVER_OK) {
        memcpy(s->chain, w.chain, sizeof s->chain);
        draw(&w, arena);
        open_picks(&w);
    }
    walk_end(&w);
    return err;
}
