/* ledger/storage/settle.c - LMDB and the published log brought up to the log: at once, or by a thread while claims are taken in on top
 * of what it writes (a storage checkpoint). */
#include <signal.h>
#include <time.h>

#include "ledger/storage/ledger_private.h"

#define CHECKPOINT_MS 1000
/* Deferred: little is to be hashed at the end of an epoch, so that no acknowledgement waits for it for long. */
#define EPOCH_MS 250
/* A state root is due when so many records were changed, or bytes of them, if not by AVER_EPOCH_ITEMS_MAX before: the pages of the
 * trie that it changes are in memory together. */
#define EPOCH_RECORDS_MAX 6000
#define EPOCH_BYTES_MAX   33554432

static int64_t monotonic_ms(void)
{
    struct timespec now;
    AVER_ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool aver_ledger_much(const struct aver_ledger *l)
{
    const struct aver_view_memory *view = &l->view;
    size_t bytes = view->state.bytes + view->pages.bytes + view->artifacts.bytes + view->tables.bytes;
    return bytes >= AVER_CHECKPOINT_BYTES || view->state.count + view->pages.count >= AVER_CHECKPOINT_CHANGES;
}

/* ---- the thread ---- */

struct told {
    struct aver_behind *behind;
    struct aver_store_reader *reader;
};

static aver_err hash_told(void *ctx, aver_digest *out, unsigned level, uint64_t index, struct aver_why *why)
{
    struct told *t = ctx;
    uint8_t key[AVER_HASH_KEY_BYTES];
    aver_bytes run;
    size_t at = index % AVER_HASH_RUN * sizeof *out;
    aver_hash_key(key, level, index);
    const struct aver_map_item *item = aver_map_find(&t->behind->hashes, aver_bytes_of(key, sizeof key));
    if (item)
        run = aver_map_value(item);
    else
        AVER_TRY(aver_store_reader_get(t->reader, AVER_DB_LOG, aver_bytes_of(key, sizeof key), &run, why));
    if (run.len < at + sizeof *out) return AVER_E_CORRUPT; /* the next settling publishes, and says so */
    memcpy(out->b, run.ptr + at, sizeof out->b);
    return AVER_OK;
}

static aver_err entry_told(void *ctx, aver_bytes *out, uint64_t index, struct aver_why *why)
{
    struct aver_recent *recent = &((struct told *)ctx)->behind->recent;
    (void)why;
    if (index < recent->first || index - recent->first >= recent->count) return AVER_E_NOT_FOUND;
    *out = aver_recent_at(recent, index);
    return AVER_OK;
}

static void *behind_main(void *arg)
{
    struct aver_ledger *l = arg;
    struct aver_behind *b = &l->behind;
    struct aver_store_change change = {&b->head, &b->view, &b->hashes, &b->groups, &b->keys};
    b->err = aver_store_commit_behind(l->store, &change, &b->whole, &b->why);
    if (b->err == AVER_OK && b->whole) {
        struct told told = {b, l->behind_reader};
        aver_digest root = aver_merkle_root(&b->head.tree);
        aver_err err = aver_publish_grow(&l->publisher, b->head.tree.size, &root,
                                         (struct aver_merkle_source){hash_told, &told},
                                         (struct aver_tile_log){entry_told, &told}, NULL);
        (void)err; /* the next one tells it */
    }
    atomic_store_explicit(&b->ended, true, memory_order_release);
    return NULL;
}

static void give_up(struct aver_behind *b)
{
    aver_view_memory_clear(&b->view);
    aver_map_clear(&b->hashes);
    aver_map_clear(&b->groups);
    aver_map_clear(&b->keys);
}

static aver_err finish(struct aver_ledger *l, struct aver_why *why)
{
    struct aver_behind *b = &l->behind;
    aver_err err = b->err;
    b->running = false;
    if (err != AVER_OK && why) *why = b->why;
    if (err == AVER_OK && !b->whole) {
        struct aver_store_change change = {&b->head, &b->view, &b->hashes, &b->groups, &b->keys};
        err = aver_store_commit(l->store, &change, why);
    } else if (err == AVER_OK) {
        err = aver_store_committed(l->store, why);
    }
    if (err != AVER_OK) l->broken = true;
    aver_recent_drop(&l->recent, l->publisher.size);
    give_up(b);
    return err;
}

aver_err aver_ledger_wait(struct aver_ledger *l, struct aver_why *why)
{
    if (!l->behind.running) return AVER_OK;
    AVER_ASSERT(pthread_join(l->behind.thread, NULL) == 0);
    return finish(l, why);
}

/* ---- epochs ---- */

bool aver_ledger_epoch_due(const struct aver_ledger *l, size_t items, bool last)
{
    return l->epoch_items + items >= AVER_EPOCH_ITEMS_MAX || l->view.due_count >= EPOCH_RECORDS_MAX ||
           l->view.state.bytes >= EPOCH_BYTES_MAX ||
           (last && (!l->deferred || monotonic_ms() - l->epoch_ms >= EPOCH_MS));
}

aver_err aver_ledger_epoch_end(struct aver_ledger *l, struct aver_why *why)
{
    struct aver_group_work group = {0};
    if (l->epoch_items == 0) return AVER_OK;
    aver_group_begin(l, &group, l->head.time);
    aver_err err = aver_group_end(l, &group, true, false, why);
    aver_group_free(&group);
    l->view.view.height = l->head.height;
    l->view.view.time = l->head.time;
    return err;
}

/* ---- checkpoints ---- */

aver_err aver_ledger_flush(struct aver_ledger *l, struct aver_why *why)
{
    AVER_TRY(aver_ledger_appended(l, why));
    AVER_TRY(aver_ledger_wait(l, why));
    struct aver_store_change change = {&l->head, &l->view, &l->hashes, &l->groups, &l->bodies.numbers};
    l->head.keys = l->bodies.written;
    aver_err err = aver_store_commit(l->store, &change, why);
    if (err != AVER_OK) {
        l->broken = true;
        return err;
    }
    aver_view_memory_clear(&l->view);
    aver_map_clear(&l->hashes);
    aver_map_clear(&l->groups);
    if (l->bodies.fresh.len == 0 && !l->bodies.whole) aver_map_clear(&l->bodies.numbers);
    return AVER_OK;
}

/* Takes the map's content and leaves it what the other was emptied to. */
static void swap(struct aver_map *a, struct aver_map *b)
{
    struct aver_map other = *a;
    *a = *b;
    *b = other;
}

static void begin(struct aver_ledger *l)
{
    struct aver_behind *b = &l->behind;
    AVER_ASSERT(!b->running && l->view.due_count == 0 && b->view.state.count == 0);
    swap(&b->view.state, &l->view.state);
    swap(&b->view.artifacts, &l->view.artifacts);
    swap(&b->view.tables, &l->view.tables);
    swap(&b->view.pages, &l->view.pages);
    swap(&b->hashes, &l->hashes);
    swap(&b->groups, &l->groups);
    swap(&b->keys, &l->bodies.numbers);
    l->head.keys = l->bodies.written;
    b->head = l->head;
    b->recent.first = b->recent.at = l->recent.first;
    b->recent.count = l->recent.count;
    b->recent.pos = b->recent.bytes.len = 0;
    aver_buf_bytes(&b->recent.bytes, aver_buf_view(&l->recent.bytes));
    b->whole = false;
    b->err = AVER_OK;
    atomic_store_explicit(&b->ended, false, memory_order_relaxed);
    /* Signals are the caller's. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    b->running = pthread_create(&b->thread, NULL, behind_main, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

aver_err aver_ledger_epoch_ended(struct aver_ledger *l, struct aver_why *why)
{
    struct aver_behind *b = &l->behind;
    if (!l->deferred) return aver_ledger_flush(l, why);
    l->epoch_ms = monotonic_ms();
    bool much = aver_ledger_much(l);
    if (b->running && (much || atomic_load_explicit(&b->ended, memory_order_acquire)))
        AVER_TRY(aver_ledger_wait(l, why));
    int64_t now = l->epoch_ms;
    if (b->running || (!much && now - l->checkpoint_ms < CHECKPOINT_MS)) return AVER_OK;
    l->checkpoint_ms = now;
    AVER_TRY(aver_ledger_appended(l, why));
    /* Keys that are not in their file yet stay with the bodies. */
    if (l->bodies.whole || l->bodies.fresh.len) return aver_ledger_flush(l, why);
    begin(l);
    if (b->running) return AVER_OK;
    /* No thread is to be had: done here. */
    (void)behind_main(l);
    return finish(l, why);
}

aver_err aver_ledger_settle(struct aver_ledger *l, struct aver_why *why)
{
    AVER_TRY(aver_ledger_writable(l, why));
    AVER_TRY(aver_ledger_epoch_end(l, why));
    AVER_TRY(l->hashes.count ? aver_ledger_flush(l, why) : aver_ledger_wait(l, why));
    return aver_ledger_publish(l, why);
}

/* Entries of the bundle that is not full, as aver_ledger_recent keeps those that come. */
static aver_err recall(struct aver_ledger *l, struct aver_why *why)
{
    uint64_t from = l->head.tree.size / AVER_TILE_WIDTH * AVER_TILE_WIDTH;
    struct aver_recent recent = {.first = from, .at = from};
    aver_err err = AVER_OK;
    for (uint64_t i = from; err == AVER_OK && i < l->head.tree.size; i++) {
        aver_bytes entry;
        err = aver_ledger_entry(l, i, &entry, why);
        if (err != AVER_OK) break;
        aver_buf_byte(&recent.bytes, (uint8_t)(entry.len >> 8));
        aver_buf_byte(&recent.bytes, (uint8_t)entry.len);
        aver_buf_bytes(&recent.bytes, entry);
        recent.count++;
    }
    aver_buf_free(err == AVER_OK ? &l->recent.bytes : &recent.bytes);
    if (err == AVER_OK) l->recent = recent;
    return err;
}

aver_err aver_ledger_defer(struct aver_ledger *l, bool deferred, struct aver_why *why)
{
    AVER_TRY(aver_ledger_settle(l, why));
    if (deferred) AVER_TRY(recall(l, why));
    if (deferred && !l->behind_reader) AVER_TRY(aver_store_reader_new(&l->behind_reader, l->store, why));
    l->deferred = deferred;
    l->checkpoint_ms = l->epoch_ms = monotonic_ms();
    return AVER_OK;
}
