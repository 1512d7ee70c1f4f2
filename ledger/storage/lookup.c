/* ledger/storage/lookup.c - where the hashes, the groups and the entries of the log are found again: in what the last groups
 * left in memory, in LMDB's indexes, and then in the frames. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/storage/ledger_private.h"

/* ---- hashes of the log tree ---- */

static aver_err run_of(struct aver_ledger *ledger, aver_bytes *out, unsigned level, uint64_t index,
                       struct aver_why *why)
{
    uint8_t key[AVER_HASH_KEY_BYTES];
    aver_hash_key(key, level, index);
    const struct aver_map_item *item = aver_map_find(&ledger->hashes, aver_bytes_of(key, sizeof key));
    if (!item) item = aver_map_find(&ledger->behind.hashes, aver_bytes_of(key, sizeof key));
    if (item) {
        *out = aver_map_value(item);
        return AVER_OK;
    }
    return aver_store_get(ledger->store, AVER_DB_LOG, aver_bytes_of(key, sizeof key), out, why);
}

void aver_ledger_made(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    struct aver_ledger *ledger = ctx;
    uint8_t key[AVER_HASH_KEY_BYTES], run[AVER_HASH_RUN * sizeof(aver_digest)];
    size_t at = index % AVER_HASH_RUN * sizeof(aver_digest);
    aver_bytes before = AVER_BYTES_NONE;
    if (at && (run_of(ledger, &before, level, index, NULL) != AVER_OK || before.len != at)) {
        ledger->broken = true; /* LMDB lost what it had: nothing more is written on top of it */
        return;
    }
    if (at) memcpy(run, before.ptr, at);
    memcpy(run + at, hash->b, sizeof hash->b);
    aver_hash_key(key, level, index);
    aver_map_set(&ledger->hashes, aver_bytes_of(key, sizeof key), aver_bytes_of(run, at + sizeof hash->b));
}

static aver_err hash_get(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *why)
{
    aver_bytes run;
    size_t at = index % AVER_HASH_RUN * sizeof *out;
    aver_err err = run_of(ctx, &run, level, index, why);
    if (err == AVER_E_NOT_FOUND || (err == AVER_OK && run.len < at + sizeof *out))
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-STATE", "state/data.mdb",
            "a hash of the log is missing from the state; delete the directory state/ and open the ledger "
            "for writing to rebuild it from the log");
    AVER_TRY(err);
    memcpy(out->b, run.ptr + at, sizeof out->b);
    return AVER_OK;
}

struct aver_merkle_source aver_ledger_hashes(struct aver_ledger *ledger)
{
    return (struct aver_merkle_source){hash_get, ledger};
}

/* ---- groups ---- */

void aver_ledger_index(struct aver_ledger *ledger, uint64_t first, uint64_t offset, uint64_t batch_offset)
{
    uint8_t key[8], value[16];
    aver_put_u64(key, first);
    aver_put_u64(value, offset);
    aver_put_u64(value + 8, batch_offset);
    aver_map_set(&ledger->groups, aver_bytes_of(key, sizeof key), aver_bytes_of(value, sizeof value));
}

aver_err aver_ledger_frame(struct aver_ledger *ledger, enum aver_frame_slot slot, uint64_t offset,
                           const struct aver_frame **out, struct aver_why *why)
{
    struct aver_frame_cache *c = &ledger->cache[slot];
    if (!c->valid || c->offset != offset) {
        uint64_t next;
        c->valid = false;
        aver_arena_reset(&c->arena);
        aver_err err = aver_log_read(&ledger->log, &c->payload, &next, offset, why);
        if (err == AVER_OK) err = aver_frame_read(&c->frame, aver_buf_view(&c->payload), &c->arena, why);
        /* A frame that LMDB knows was whole once. */
        if (err == AVER_E_INPUT || err == AVER_E_NOT_FOUND) {
            char place[64];
            snprintf(place, sizeof place, "log/groups, byte %" PRIu64, offset);
            return aver_fail(
                why, AVER_E_CORRUPT, "LEDGER-FRAME", place,
                "the group here is damaged; aver audit says what else is, and a backup mends it");
        }
        AVER_TRY(err);
        c->offset = offset;
        c->valid = true;
    }
    *out = &c->frame;
    return AVER_OK;
}

/* ---- entries ---- */

void aver_ledger_recent(struct aver_ledger *ledger, aver_bytes entry)
{
    AVER_ASSERT(entry.len <= AVER_FRAME_ENTRY_MAX);
    aver_buf_byte(&ledger->recent.bytes, (uint8_t)(entry.len >> 8));
    aver_buf_byte(&ledger->recent.bytes, (uint8_t)entry.len);
    aver_buf_bytes(&ledger->recent.bytes, entry);
    ledger->recent.count++;
}

aver_bytes aver_recent_at(struct aver_recent *recent, uint64_t entry)
{
    AVER_ASSERT(entry >= recent->first && entry - recent->first < recent->count);
    if (entry < recent->at) {
        recent->at = recent->first;
        recent->pos = 0;
    }
    for (;;) {
        const uint8_t *p = recent->bytes.ptr + recent->pos;
        size_t len = (size_t)p[0] << 8 | p[1];
        if (recent->at == entry) return aver_bytes_of(p + 2, len);
        recent->pos += 2 + len;
        recent->at++;
    }
}

void aver_recent_cut(struct aver_recent *recent, uint64_t size)
{
    if (size >= recent->first + recent->count) return;
    if (size < recent->first) size = recent->first;
    recent->bytes.len = (size_t)(aver_recent_at(recent, size).ptr - 2 - recent->bytes.ptr);
    recent->count = size - recent->first;
    recent->at = recent->first;
    recent->pos = 0;
}

/* Entries in bundles that are full are not needed again. */
void aver_recent_drop(struct aver_recent *recent, uint64_t size)
{
    uint64_t keep = size / AVER_TILE_WIDTH * AVER_TILE_WIDTH, end = recent->first + recent->count;
    if (keep <= recent->first) return;
    if (keep >= end) {
        recent->bytes.len = 0;
        keep = end;
    } else {
        aver_bytes from = aver_recent_at(recent, keep);
        size_t pos = (size_t)(from.ptr - 2 - recent->bytes.ptr);
        memmove(recent->bytes.ptr, recent->bytes.ptr + pos, recent->bytes.len - pos);
        recent->bytes.len -= pos;
    }
    recent->first = recent->at = keep;
    recent->count = end - keep;
    recent->pos = 0;
}

aver_err aver_ledger_entry(struct aver_ledger *ledger, uint64_t entry, aver_bytes *out, struct aver_why *why)
{
    if (entry >= ledger->recent.first && entry - ledger->recent.first < ledger->recent.count) {
        *out = aver_recent_at(&ledger->recent, entry);
        return AVER_OK;
    }
    struct aver_store_group group;
    const struct aver_frame *frame;
    if (entry >= ledger->head.tree.size)
        return aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-ENTRY", "",
                         "the log has %" PRIu64 " entries, and none with index %" PRIu64,
                         ledger->head.tree.size, entry);
    AVER_TRY(aver_store_group(ledger->store, entry, &group, why));
    AVER_TRY(aver_ledger_frame(ledger, AVER_SLOT_ENTRIES, group.offset, &frame, why));
    uint64_t n = entry - group.first, items = frame->items.count;
    if (n < items)
        *out = ((const struct aver_frame_item *)frame->items.items)[n].entry;
    else if (frame->state.ptr && n == items)
        *out = frame->state;
    else if (n == items + (frame->state.ptr ? 1 : 0))
        *out = frame->header;
    else
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-STATE", "state/data.mdb",
            "the index of entries does not fit the log; delete the directory state/ and open the ledger for "
            "writing to rebuild it");
    return AVER_OK;
}

static aver_err entry_get(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *why)
{
    return aver_ledger_entry(ctx, index, out, why);
}

aver_err aver_ledger_publish(struct aver_ledger *ledger, struct aver_why *why)
{
    aver_digest root = aver_merkle_root(&ledger->head.tree);
    AVER_TRY(aver_publish_grow(&ledger->publisher, ledger->head.tree.size, &root, aver_ledger_hashes(ledger),
                               (struct aver_tile_log){entry_get, ledger}, why));
    aver_recent_drop(&ledger->recent, ledger->head.tree.size);
    return AVER_OK;
}

aver_err aver_ledger_tiles(struct aver_ledger *ledger, uint64_t size, struct aver_why *why)
{
    struct aver_publisher p = {.dir = ledger->dir, .key = ledger->publisher.key, .size = size};
    AVER_ASSERT(size <= ledger->head.tree.size);
    return aver_publish_grow(&p, size, NULL, aver_ledger_hashes(ledger),
                             (struct aver_tile_log){entry_get, ledger}, why);
}
