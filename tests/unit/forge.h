/* tests/unit/forge.h - what somebody with the node's keys can do: write another amount into one decision and make everything
 * around it fit, frames, entries, headers, log root, checkpoint and tiles. Only executing the claim again tells. */
#ifndef AVER_TESTS_FORGE_H
#define AVER_TESTS_FORGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cose.h"
#include "ledger/model/decision.h"
#include "ledger/storage/bodies.h"
#include "ledger/storage/log.h"
#include "ledger/storage/publish.h"
#include "ledger/storage/replay.h"

static inline void forge_must(aver_err err, const struct aver_why *why)
{
    if (err == AVER_OK) return;
    fprintf(stderr, "forge: %s [%s] (%s)\n", why->text, why->code, why->place);
    exit(2);
}

/* `cents` more are taken by the first adjustment of the first line that pays so much. */
static inline void forge_decision(struct aver_decision *d, int64_t cents)
{
    struct aver_line_decision *line = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        if ((int64_t)line[i].paid.cents < cents || !line[i].adjustments.count) continue;
        ((struct aver_adjustment *)line[i].adjustments.items)[0].amount.cents += cents;
        line[i].paid.cents -= (uint64_t)cents;
        d->paid.cents -= (uint64_t)cents;
        return;
    }
    fprintf(stderr, "forge: no line pays so much\n");
    exit(2);
}

/* What becomes of the decision; forge_decision is one. */
typedef void forge_fn(struct aver_decision *decision, int64_t amount);

struct forge {
    forge_fn *change;
    struct aver_arena arena;
    struct aver_bodies bodies;
    aver_bytes chain;
    struct aver_head head;
    bool forged;
    struct aver_list entries; /* aver_bytes */
    struct aver_list leaves;  /* aver_digest */
};

static inline void forge_entry(struct forge *f, aver_bytes entry)
{
    entry = aver_arena_copy(&f->arena, entry);
    *(aver_bytes *)aver_list_add(&f->arena, &f->entries, sizeof entry) = entry;
    *(aver_digest *)aver_list_add(&f->arena, &f->leaves, sizeof(aver_digest)) = aver_merkle_leaf(entry);
}

static inline void forge_item(struct forge *f, struct aver_frame_item *item, int64_t cents)
{
    struct aver_why why = {0};
    struct aver_replay_item opened;
    struct aver_receipt receipt;
    struct aver_buf plain = {0}, sealed = {0}, entry = {0};
    uint8_t key[32];
    forge_must(aver_replay_unseal(&opened, &f->bodies, f->chain, item, 0, 0, &f->arena, &why), &why);
    forge_must(aver_schema_read(opened.receipt, &aver_receipt_schema, &receipt, &f->arena, &why), &why);
    f->change(receipt.decision, cents);
    f->forged = true;
    aver_schema_encode(&plain, &aver_receipt_schema, &receipt);
    struct aver_entry e = opened.entry;
    e.receipt = aver_receipt_commitment(opened.body.salt, aver_buf_view(&plain));
    aver_entry_encode(&entry, &e);
    forge_must(aver_bodies_find(&f->bodies, key, item->key, &why), &why);
    aver_body_seal(&sealed, item->nonce_r.ptr, aver_buf_view(&plain), f->chain, &e.receipt, key);
    item->receipt = aver_arena_copy(&f->arena, aver_buf_view(&sealed));
    item->entry = aver_arena_copy(&f->arena, aver_buf_view(&entry));
    aver_buf_free(&plain);
    aver_buf_free(&sealed);
    aver_buf_free(&entry);
}

static inline void forge_frame(struct forge *f, struct aver_log *log, aver_bytes payload, uint64_t target,
                               int64_t cents)
{
    struct aver_why why = {0};
    struct aver_frame frame;
    struct aver_entry header;
    struct aver_buf batches = {0}, items = {0}, out = {0}, close = {0};
    uint64_t offset;
    forge_must(aver_frame_read(&frame, payload, &f->arena, &why), &why);
    forge_must(aver_entry_read(&header, frame.header, &why), &why);
    const struct aver_frame_batch *batch = frame.batches.items;
    struct aver_frame_item *item = frame.items.items;
    for (size_t i = 0; i < frame.batches.count; i++)
        if (batch[i].continued)
            aver_frame_put_continued(&batches, &batch[i].digest);
        else
            aver_frame_put_batch(&batches, batch[i].cose, batch[i].leaves, batch[i].leaves_count);
    for (size_t i = 0; i < frame.items.count; i++) {
        if (f->head.tree.size == target) forge_item(f, &item[i], cents);
        aver_frame_put_item(&items, &item[i]);
        aver_chain_append(&f->head, item[i].entry, NULL, NULL);
        forge_entry(f, item[i].entry);
    }
    if (frame.state.ptr) {
        aver_chain_append(&f->head, frame.state, NULL, NULL);
        forge_entry(f, frame.state);
    }
    aver_chain_close(&f->head, header.time, &close, NULL, NULL);
    forge_entry(f, aver_buf_view(&close));
    aver_frame_write(&out, &(struct aver_frame_parts){frame.height, &batches, &items, frame.batches.count,
                                                      frame.items.count, frame.state, aver_buf_view(&close)});
    forge_must(aver_log_append(log, &offset, &(aver_bytes){out.ptr, out.len}, 1, &why), &why);
    aver_buf_free(&batches);
    aver_buf_free(&items);
    aver_buf_free(&out);
    aver_buf_free(&close);
}

static inline aver_err forge_get(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *why)
{
    (void)why;
    *out = ((const aver_bytes *)((struct forge *)ctx)->entries.items)[index];
    return AVER_OK;
}

static inline void forge_publish(struct forge *f, const char *dir)
{
    struct aver_why why = {0};
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_buf seed = {0};
    char path[600], chain[80];
    snprintf(path, sizeof path, "%s/keys/node.key", dir);
    forge_must(aver_file_read(&seed, path, 64, &why), &why);
    aver_key_from_seed(&pk, &sk, seed.ptr);
    snprintf(chain, sizeof chain, "%.*s", AVER_STR(f->chain));
    struct aver_publisher publisher = {.dir = dir, .sk = &sk};
    forge_must(aver_note_key_of(&publisher.key, aver_bytes_str(chain), &pk, &why), &why);
    struct aver_merkle_leaves leaves = {f->leaves.items, f->leaves.count};
    aver_digest root = aver_merkle_root(&f->head.tree);
    forge_must(aver_publish_grow(&publisher, f->head.tree.size, &root, aver_merkle_source_of(&leaves),
                                 (struct aver_tile_log){forge_get, f}, &why),
               &why);
    aver_buf_free(&seed);
}

/* Rewrites the ledger in `dir`, of this chain, with another decision for the claim of log entry `target`. LMDB stays as it was. */
static inline void forge_ledger(const char *dir, const char *chain, uint64_t target, forge_fn *change,
                                int64_t cents)
{
    struct forge f = {.change = change, .bodies = {.fd = -1}, .chain = aver_bytes_str(chain)};
    struct aver_why why = {0};
    struct aver_log from, to;
    struct aver_buf payload = {0};
    char log[600], fresh[600], logs[600], old[1400];
    uint64_t next = 0;
    snprintf(logs, sizeof logs, "%s/log", dir);
    snprintf(log, sizeof log, "%s/log/groups", dir);
    snprintf(fresh, sizeof fresh, "%s/log/forged", dir);
    snprintf(old, sizeof old, "rm -rf '%.600s/tile' '%.600s/checkpoint'", dir, dir);
    forge_must(aver_bodies_open(&f.bodies, dir, false, &why), &why);
    forge_must(aver_bodies_load(&f.bodies, 0, &why), &why);
    forge_must(aver_log_open(&from, log, false, &why), &why);
    forge_must(aver_log_create(logs, fresh, &why), &why);
    forge_must(aver_log_open(&to, fresh, true, &why), &why);
    while (aver_log_read(&from, &payload, &next, next, &why) == AVER_OK)
        forge_frame(&f, &to, aver_buf_view(&payload), target, cents);
    if (!f.forged) forge_must(aver_fail(&why, AVER_E_NOT_FOUND, "FORGE", "", "no item there"), &why);
    aver_log_close(&from);
    aver_log_close(&to);
    if (rename(fresh, log) || system(old)) exit(2);
    forge_publish(&f, dir);
    aver_bodies_close(&f.bodies);
    aver_buf_free(&payload);
    aver_arena_free(&f.arena);
}

#endif
