/* ledger/storage/ledger_private.h - what the files that make up a ledger's handle share; nobody else includes it. */
#ifndef AVER_LEDGER_STORAGE_LEDGER_PRIVATE_H
#define AVER_LEDGER_STORAGE_LEDGER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/model/note.h"
#include "ledger/storage/append.h"
#include "ledger/storage/ledger.h"
#include "ledger/storage/publish.h"
#include "ledger/storage/quarantine.h"
#include "ledger/storage/replay.h"
#include "ledger/storage/store.h"

#define AVER_PATH_BYTES   480
#define AVER_FORMAT_LINE  "format averment-ledger/1"
#define AVER_NODE_SEED    32
#define AVER_LOCK_TRIES   20 /* a reader that looks whether somebody writes holds the lock for a moment */
#define AVER_LOCK_WAIT_US 10000

/* Frames that were read last are kept: one for its entries, one for the envelope that a large batch has in common. */
enum aver_frame_slot { AVER_SLOT_ENTRIES, AVER_SLOT_ENVELOPE };
#define AVER_FRAME_SLOTS (AVER_SLOT_ENVELOPE + 1)

/* Entries that are not yet in full bundles, each after its length (2 bytes), so that publishing reads no frame. */
struct aver_recent {
    uint64_t first, count;
    struct aver_buf bytes;
    uint64_t at; /* the entry that begins at `pos` */
    size_t pos;
};

/* A storage checkpoint: what LMDB is given and the world is told by a thread of its own, while claims are taken in on top of it.
 * Nobody writes to it while it runs. */
struct aver_behind {
    struct aver_view_memory view;
    struct aver_map hashes, groups, keys;
    struct aver_head head;
    struct aver_recent recent; /* a copy */
    pthread_t thread;
    bool running, whole;
    atomic_bool ended;
    aver_err err;
    struct aver_why why;
};

struct aver_ledger {
    char dir[AVER_PATH_BYTES - 32], log_path[AVER_PATH_BYTES], state_path[AVER_PATH_BYTES],
        lock_path[AVER_PATH_BYTES];
    bool write, broken; /* broken: what is on the disk is not known; only a new open finds out */
    int lock_fd;
    char chain_name[AVER_CHAIN_BYTES_MAX + 1];
    aver_bytes chain;
    struct aver_public_key node_pk;
    struct aver_secret_key node_sk; /* WRITE */
    struct aver_log log;
    struct aver_append append; /* to it, while the next group is made; nothing is on its way between calls */
    struct aver_bodies bodies;
    struct aver_quarantine quarantine; /* WRITE */
    struct aver_store *store;
    struct aver_backing backing; /* LMDB */
    struct aver_layer layer;     /* the storage checkpoint that is being made, over it; else nothing */
    struct aver_backing layered; /* what lies below `view` */
    struct aver_behind behind;   /* settle.c */
    struct aver_store_reader *behind_reader; /* of its thread */
    bool deferred;                           /* LMDB follows by storage checkpoints */
    int64_t checkpoint_ms; /* when the last one was begun, by a clock that only goes forward */
    int64_t epoch_ms;      /* when the last epoch ended, by the same; deferred only */
    struct aver_machine *machine;
    struct aver_intake_crew *crew;  /* intake_ahead.c; NULL until it is needed */
    unsigned threads;               /* of the crew; 0: one for each processor */
    struct aver_head head;          /* where the ledger stands; durable, but for a frame that is on its way */
    struct aver_view_memory view;   /* what LMDB does not hold yet, over what it does */
    struct aver_map hashes, groups; /* the same for its log and entry databases */
    uint64_t epoch_items;           /* since the last state root */
    struct aver_publisher publisher;
    struct aver_recent recent;
    struct aver_frame_cache {
        uint64_t offset;
        bool valid;
        struct aver_buf payload;
        struct aver_arena arena;
        struct aver_frame frame;
    } cache[AVER_FRAME_SLOTS];
};

/* The files of a ledger opened as they stand, LMDB not yet brought up to the log. Errors of aver_ledger_open. */
AVER_MUST_CHECK aver_err aver_ledger_start(struct aver_ledger **out, const char *dir, bool write,
                                           struct aver_why *why);
/* An aver_merkle_made: keeps the hashes of the log tree; ctx is the ledger. A fault of LMDB's breaks the ledger. */
void aver_ledger_made(void *ctx, unsigned level, uint64_t index, const aver_digest *hash);
/* Every hash of the tree as the ledger stands. */
struct aver_merkle_source aver_ledger_hashes(struct aver_ledger *ledger);
/* Notes where a group begins, for LMDB. */
void aver_ledger_index(struct aver_ledger *ledger, uint64_t first, uint64_t offset, uint64_t batch_offset);
/* What LMDB does not hold yet is bounded, as is what one commit of it takes: a page of LMDB's own (4 KiB) for each change, at worst. A
 * storage checkpoint is due when there is so much, and the one before it is waited for: two of them are all there is. */
#define AVER_CHECKPOINT_BYTES   33554432
#define AVER_CHECKPOINT_CHANGES 12000 /* records and pages of the trie */
bool aver_ledger_much(const struct aver_ledger *ledger);
/* Writes everything to LMDB. On failure the ledger is broken. A storage checkpoint that is being made is waited for. */
AVER_MUST_CHECK aver_err aver_ledger_flush(struct aver_ledger *ledger, struct aver_why *why);
/* After a group that ends an epoch: LMDB and the published log follow, at once or, deferred, by a storage checkpoint when it is time.
 * Errors as aver_ledger_flush; that the world could not be told is none. */
AVER_MUST_CHECK aver_err aver_ledger_epoch_ended(struct aver_ledger *ledger, struct aver_why *why);
/* Whether a group of so many items is to end the epoch: it is large, or this is the last group of a call and, deferred, a while is over. */
bool aver_ledger_epoch_due(const struct aver_ledger *ledger, size_t items, bool last);
/* Waits for the frame that is on its way, if one is. AVER_E_FULL, AVER_E_IO, and then the ledger is broken. */
AVER_MUST_CHECK aver_err aver_ledger_appended(struct aver_ledger *ledger, struct aver_why *why);
/* Ends the epoch by a group of no items, if any item came since the last. Errors as aver_group_end. */
AVER_MUST_CHECK aver_err aver_ledger_epoch_end(struct aver_ledger *ledger, struct aver_why *why);
/* Waits for the storage checkpoint that is being made, if one is. On failure the ledger is broken. */
AVER_MUST_CHECK aver_err aver_ledger_wait(struct aver_ledger *ledger, struct aver_why *why);
/* Forgets what LMDB does not hold and executes the log from where LMDB stands: after a crash and after a group that came to
 * nothing. On failure the ledger is broken. */
AVER_MUST_CHECK aver_err aver_ledger_recover(struct aver_ledger *ledger, struct aver_why *why);
/* A frame of the log, through the cache; borrowed until the next call for the same slot. */
AVER_MUST_CHECK aver_err aver_ledger_frame(struct aver_ledger *ledger, enum aver_frame_slot slot,
                                           uint64_t offset, const struct aver_frame **out,
                                           struct aver_why *why);
/* Tiles and checkpoint up to the head. */
AVER_MUST_CHECK aver_err aver_ledger_publish(struct aver_ledger *ledger, struct aver_why *why);
/* The tiles that a checkpoint of `size` entries needs, without it. */
AVER_MUST_CHECK aver_err aver_ledger_tiles(struct aver_ledger *ledger, uint64_t size, struct aver_why *why);
/* An entry that is kept, borrowed. */
aver_bytes aver_recent_at(struct aver_recent *recent, uint64_t entry);
/* Keeps an entry that was just appended, for publishing. */
void aver_ledger_recent(struct aver_ledger *ledger, aver_bytes entry);
/* Forgets those that a log of `size` entries does not have. */
void aver_recent_cut(struct aver_recent *recent, uint64_t size);
/* Forgets those that full bundles hold, of a log of `size` entries. */
void aver_recent_drop(struct aver_recent *recent, uint64_t size);
/* Bytes of an entry, borrowed until the next call. AVER_E_NOT_FOUND: there is none yet. */
AVER_MUST_CHECK aver_err aver_ledger_entry(struct aver_ledger *ledger, uint64_t entry, aver_bytes *out,
                                           struct aver_why *why);
/* Reads ledger.conf. AVER_E_NOT_FOUND LEDGER-NONE, AVER_E_CORRUPT LEDGER-CONF. */
AVER_MUST_CHECK aver_err aver_ledger_conf(const char *dir, char chain[AVER_CHAIN_BYTES_MAX + 1],
                                          struct aver_why *why);
/* Milliseconds since 1970 UTC: AVER_CLOCK_MS if it is set, else the system's. The one clock that is read. */
int64_t aver_ledger_clock(void);
/* AVER_E_IO CLOCK-LEAP: the system's clock is so far after the ledger's time that it is rather wrong than right, and nobody said that it
 * is right (ledger.h, AVER_ACCEPT_TIME). */
#define AVER_LEAP_MS INT64_C(34560000000) /* 400 days */
AVER_MUST_CHECK aver_err aver_ledger_leap(int64_t ledger_time, int64_t now, struct aver_why *why);
/* AVER_E_REFUSED LEDGER-READ (opened for reading), AVER_E_IO LEDGER-BROKEN. */
AVER_MUST_CHECK aver_err aver_ledger_writable(const struct aver_ledger *ledger, struct aver_why *why);

/* ---- group.c: a group in the making ---- */

#define AVER_GROUP_BYTES_MAX 8388608 /* of sealed items and envelopes: a group is closed when it has more */

/* All zeros is none. */
struct aver_group_work {
    struct aver_buf batches, items; /* as frame.h writes them */
    struct aver_buf entries;        /* of its items, as struct aver_ledger keeps recent ones */
    size_t batches_count, items_count;
    struct aver_head head; /* as it will be, but for state root and header */
    uint64_t first;        /* log index of its first entry */
    uint64_t batch_offset; /* where the frame lies that holds the envelope of its first batch */
    bool open;
};
/* Sets the view's height and time for it. */
void aver_group_begin(struct aver_ledger *ledger, struct aver_group_work *group, int64_t now);
/* The items that follow belong to this batch. `cose` absent: it is the last one of the group before, and goes on. */
void aver_group_batch(struct aver_ledger *ledger, struct aver_group_work *group, const aver_digest *digest,
                      aver_bytes cose, const aver_digest *leaves, size_t count);
/* An item that was applied, sealed: what the frame holds of it (aver_frame_put_tail), in an arena, and its entry, which is the end
 * of that. */
struct aver_sealed_item {
    aver_bytes tail, entry;
};
/* Seals it with the key of its subject and two fresh nonces (2 * AVER_NONCE_BYTES). Touches nothing but `out` and the arena. */
void aver_group_seal(struct aver_sealed_item *out, aver_bytes chain, const aver_digest *batch, uint64_t index,
                     const struct aver_batch_item *item, aver_bytes receipt,
                     const uint8_t key_id[AVER_KEY_ID_BYTES], const uint8_t key[32], const uint8_t *nonces,
                     struct aver_arena *arena);
/* Takes in a sealed item of the batch that was named last. */
void aver_group_put(struct aver_ledger *ledger, struct aver_group_work *group, uint64_t index,
                    const struct aver_sealed_item *sealed);
/* Both, for an item that was applied at its turn. */
AVER_MUST_CHECK aver_err aver_group_item(struct aver_ledger *ledger, struct aver_group_work *group,
                                         uint64_t index, const struct aver_batch_item *item,
                                         const struct aver_applied *applied, struct aver_arena *arena,
                                         struct aver_why *why);
bool aver_group_full(const struct aver_group_work *group);
/* Closes it, with a state root if it ends an epoch, and makes it durable in the log; where another group `follows`, it is on its way when this returns (append.h). AVER_E_FULL, AVER_E_IO: of this or the one before. */
AVER_MUST_CHECK aver_err aver_group_end(struct aver_ledger *ledger, struct aver_group_work *group, bool epoch,
                                        bool follows, struct aver_why *why);
void aver_group_free(struct aver_group_work *group);

/* ---- submit.c ---- */

/* aver_ledger_submit_all; a genesis comes alone, with the key that signs it, else NULL. */
AVER_MUST_CHECK aver_err aver_ledger_take(struct aver_ledger *ledger, struct aver_submission *submissions,
                                          size_t count, struct aver_arena *arena, aver_progress_fn progress,
                                          void *user, const struct aver_public_key *genesis_key,
                                          struct aver_why *why);

/* ---- intake_ahead.c ---- */

void aver_intake_crew_free(struct aver_intake_crew *crew); /* NULL is fine */

#endif
