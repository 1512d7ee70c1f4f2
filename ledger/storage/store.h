/* ledger/storage/store.h - LMDB: the state by name and what makes answers quick. The only file with lmdb.h is store.c.
 *
 *   database   key                                    value
 *   state      name                                   check (8 bytes), height (8 bytes, big-endian), record
 *   trie       place of a page (aver_smt_place_key)   page
 *   artifact   digest                                 content
 *   table      root of a table, code                  check (8 bytes), encoded struct aver_table_entry
 *   log        level, number of a run (head.h)        up to AVER_HASH_RUN hashes of the log tree
 *   entry      log index of a group's first entry     where its frame begins, and where the frame does that holds the
 *                                                     envelope of a batch that it continues (8 bytes each)
 *   key        key id (bodies.h)                      number of the record in keys/bodies
 *   meta       "head"                                 aver_head
 *
 * LMDB does not know of its damage, and a claim decided by a damaged balance or fee would stand in the log for good. So what decides
 * claims is checked when it is read: artifacts by their digest (machine.h), state and tables by the check, FNV-1a (64 bits) over
 * key and the rest of the value. It finds accidents; whoever alters a file on purpose is found by the audit.
 *
 * Opened with LMDB's default flags only: a commit is synced, and stray writes cannot reach the map. Nothing is stored twice under
 * one key (no DUPSORT). One transaction brings all databases from one epoch's end to another's. */
#ifndef AVER_LEDGER_STORAGE_STORE_H
#define AVER_LEDGER_STORAGE_STORE_H

#include "ledger/storage/head.h"
#include "ledger/storage/view_memory.h"

#define AVER_STORE_MAP_MIN   (UINT64_C(1) << 30) /* 1 GiB to begin with */
#define AVER_STORE_MAP_MAX   (UINT64_C(1) << 46)
#define AVER_STORE_MAP_GROWS 2 /* times, when half is used or a commit did not fit */

enum aver_store_db {
    AVER_DB_STATE,
    AVER_DB_TRIE,
    AVER_DB_ARTIFACT,
    AVER_DB_TABLE,
    AVER_DB_LOG,
    AVER_DB_ENTRY,
    AVER_DB_KEY,
    AVER_DB_META
};
#define AVER_DB_COUNT (AVER_DB_META + 1)
extern const char *const aver_store_db_names[AVER_DB_COUNT];

/* What a process ends with when LMDB finds a page that cannot be: it cannot be left otherwise. 2, "could not"; a child that only
 * reads may set another, so that its parent can tell damage from anything else. */
extern int aver_store_damaged_exit;

struct aver_store;
/* `dir` is the state's own directory. Reading: AVER_E_NOT_FOUND when it is not there. Writing makes what is missing.
 * AVER_E_CORRUPT LEDGER-STATE: what LMDB says is not a database of ours. */
AVER_MUST_CHECK aver_err aver_store_open(struct aver_store **out, const char *dir, bool write,
                                         struct aver_why *why);
void aver_store_close(struct aver_store *store); /* NULL is fine */

/* All reads see one moment: that of the last commit or aver_store_refresh. What they give is borrowed until the next of these. */
AVER_MUST_CHECK aver_err aver_store_get(struct aver_store *store, enum aver_store_db db, aver_bytes key,
                                        aver_bytes *out,
                                        struct aver_why *why); /* AVER_E_NOT_FOUND, AVER_E_IO */
/* Goes to the first key that is not below `from` and on from there, until the callback returns other than AVER_OK. */
typedef aver_err aver_store_walk_fn(void *ctx, aver_bytes key, aver_bytes value, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_store_walk(struct aver_store *store, enum aver_store_db db, aver_bytes from,
                                         aver_store_walk_fn *fn, void *ctx, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_store_refresh(struct aver_store *store, struct aver_why *why);
/* Looks at no moment until the next refresh, so that nothing is kept for it; until then nothing may be read. */
void aver_store_rest(struct aver_store *store);

/* The same reads for one more thread: each thread has a reader of its own, all see the same moment. The store owns it. AVER_E_IO,
 * AVER_E_LIMIT LEDGER-READERS: AVER_STORE_READERS_MAX are made. */
#define AVER_STORE_READERS_MAX 64
struct aver_store_reader;
AVER_MUST_CHECK aver_err aver_store_reader_new(struct aver_store_reader **out, struct aver_store *store,
                                               struct aver_why *why);
AVER_MUST_CHECK aver_err aver_store_reader_get(struct aver_store_reader *reader, enum aver_store_db db,
                                               aver_bytes key, aver_bytes *out, struct aver_why *why);
void aver_store_reader_free(struct aver_store_reader *reader);
struct aver_backing aver_store_reader_backing(struct aver_store_reader *reader);

/* Copies the database, as of one moment, into an empty directory, synced; a writer may go on. AVER_E_FULL, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_store_copy(struct aver_store *store, const char *to, struct aver_why *why);

/* How LMDB is: bytes in use and of the map, slots of readers, those of ended processes that were just forgotten. */
struct aver_store_health {
    uint64_t used, map;
    unsigned readers, stale;
    /* Commits since the moment that the oldest reader looks at, and its process; 0: nobody looks back. What was freed since is not
     * used again while it does, and the file grows. */
    uint64_t behind;
    long behind_pid;
    const char *version;
};
AVER_MUST_CHECK aver_err aver_store_health(struct aver_store *store, struct aver_store_health *out,
                                           struct aver_why *why);

/* Empty when there is none yet. */
AVER_MUST_CHECK aver_err aver_store_head(struct aver_store *store, struct aver_head *out,
                                         struct aver_why *why);
/* The backing of a view; borrows the store. */
struct aver_backing aver_store_backing(struct aver_store *store);
/* A stored state record taken apart. AVER_E_CORRUPT LEDGER-STATE. */
AVER_MUST_CHECK aver_err aver_store_record(struct aver_stored *out, aver_bytes name, aver_bytes value,
                                           struct aver_why *why);
/* The entry in a value of AVER_DB_TABLE, borrowed. AVER_E_CORRUPT LEDGER-STATE. */
AVER_MUST_CHECK aver_err aver_store_table_entry(aver_bytes *out, aver_bytes key, aver_bytes value,
                                                struct aver_why *why);
/* The group that holds an entry. AVER_E_NOT_FOUND: beyond the last. */
struct aver_store_group {
    uint64_t first, offset, batch_offset;
};
AVER_MUST_CHECK aver_err aver_store_group(struct aver_store *store, uint64_t entry,
                                          struct aver_store_group *out, struct aver_why *why);

/* Everything since the last commit, in one transaction. On success the map is made larger if half is used. Any error means that
 * nothing of it is known to be on the disk: the process should end, and the next open brings the state up to the log. */
struct aver_store_change {
    const struct aver_head *head;
    const struct aver_view_memory *view;
    const struct aver_map *log, *entry, *key;
};
AVER_MUST_CHECK aver_err aver_store_commit(struct aver_store *store, const struct aver_store_change *change,
                                           struct aver_why *why);
/* The same by another thread, while this one and its readers go on to see the moment before: until aver_store_committed, which the
 * thread of all other calls calls afterwards. *whole false: there was no room in the map, nothing was written, and aver_store_commit does
 * it. */
AVER_MUST_CHECK aver_err aver_store_commit_behind(struct aver_store *store,
                                                  const struct aver_store_change *change, bool *whole,
                                                  struct aver_why *why);
AVER_MUST_CHECK aver_err aver_store_committed(struct aver_store *store, struct aver_why *why);

#endif
