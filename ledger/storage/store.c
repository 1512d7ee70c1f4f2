/* ledger/storage/store.c - see store.h. */
#include "ledger/storage/store.h"

#include "ledger/model/state.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const aver_store_db_names[AVER_DB_COUNT] = {"state", "trie",  "artifact", "table",
                                                        "log",   "entry", "key",      "meta"};

int aver_store_damaged_exit = 2;

struct aver_store_reader {
    struct aver_store *store;
    MDB_txn *txn;
    /* In the state, where a family was read last: its names lie side by side, so that the next one is most often on the same page. */
    MDB_cursor *family;
};

struct aver_store {
    MDB_env *env;
    struct aver_store_reader readers[AVER_STORE_READERS_MAX]; /* the first is the store's own */
    size_t readers_count;
    MDB_dbi db[AVER_DB_COUNT];
    bool write;
    char path[512];
};

static aver_err fail(const struct aver_store *s, struct aver_why *why, int rc, const char *doing)
{
    if (rc == ENOSPC || rc == EDQUOT || rc == EFBIG || rc == MDB_MAP_FULL)
        return aver_fail(why, AVER_E_FULL, "DISK-FULL", s->path, "could not %s: %s", doing, mdb_strerror(rc));
    if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH ||
        rc == MDB_PANIC || rc == MDB_BAD_VALSIZE || rc == MDB_INCOMPATIBLE || rc == MDB_NOTFOUND)
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-STATE", s->path,
            "could not %s: %s; delete the directory and open the ledger for writing to rebuild it from the log",
            doing, mdb_strerror(rc));
    /* LMDB gives up after a write of its first pages failed, and its readers are gone. */
    if (rc == EINVAL || rc == MDB_BAD_TXN)
        return aver_fail(why, AVER_E_IO, "LEDGER-BROKEN", s->path,
                         "could not %s: a write failed before; end this process and open the ledger again",
                         doing);
    return aver_fail(why, AVER_E_IO, "IO", s->path, "could not %s: %s", doing, mdb_strerror(rc));
}

static MDB_val val(aver_bytes b) { return (MDB_val){b.len, (void *)(uintptr_t)b.ptr}; }
static aver_bytes bytes(MDB_val v) { return aver_bytes_of(v.mv_data, v.mv_size); }

/* Makes the map larger when half of it is used, so that one group always fits. */
static int grow(struct aver_store *s, bool must)
{
    MDB_envinfo info;
    MDB_stat stat;
    int rc = mdb_env_info(s->env, &info);
    if (rc == 0) rc = mdb_env_stat(s->env, &stat);
    if (rc) return rc;
    uint64_t size = info.me_mapsize, used = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
    if (!must && used < size / 2) return 0;
    do size *= AVER_STORE_MAP_GROWS;
    while (used >= size / 2 && size < AVER_STORE_MAP_MAX);
    return size > AVER_STORE_MAP_MAX ? MDB_MAP_FULL : mdb_env_set_mapsize(s->env, size);
}

static int begin_one(struct aver_store_reader *r)
{
    int rc = r->txn ? mdb_txn_renew(r->txn) : mdb_txn_begin(r->store->env, NULL, MDB_RDONLY, &r->txn);
    return rc == 0 && r->family ? mdb_cursor_renew(r->txn, r->family) : rc;
}

static void end_one(struct aver_store_reader *r)
{
    if (r->family) mdb_cursor_close(r->family);
    if (r->txn) mdb_txn_abort(r->txn);
    r->family = NULL;
    r->txn = NULL;
}

static void end_read(struct aver_store *s)
{
    for (size_t i = 0; i < s->readers_count; i++)
        if (s->readers[i].txn) mdb_txn_reset(s->readers[i].txn);
}

static int begin_read(struct aver_store *s)
{
    int rc = begin_one(&s->readers[0]);
    if (rc == MDB_MAP_RESIZED) {
        /* A writer in another process made the map larger. */
        rc = mdb_env_set_mapsize(s->env, 0);
        if (rc == 0) rc = begin_one(&s->readers[0]);
    }
    /* Only a writer has more of them, and nobody writes between these. */
    for (size_t i = 1; rc == 0 && i < s->readers_count; i++)
        if (s->readers[i].txn) rc = begin_one(&s->readers[i]);
    return rc;
}

static aver_err open_databases(struct aver_store *s, struct aver_why *why)
{
    MDB_txn *txn = NULL;
    int rc;
    if (s->write) {
        int stale;
        rc = mdb_reader_check(s->env, &stale);
        if (rc == 0) rc = grow(s, false);
        if (rc == 0) rc = mdb_txn_begin(s->env, NULL, 0, &txn);
    } else {
        rc = begin_read(s);
        txn = s->readers[0].txn;
    }
    for (int i = 0; rc == 0 && i < AVER_DB_COUNT; i++)
        rc = mdb_dbi_open(txn, aver_store_db_names[i], s->write ? MDB_CREATE : 0, &s->db[i]);
    /* Handles are those of the transaction until it is committed, a reader's too. */
    s->readers[0].txn = NULL;
    if (rc == 0)
        rc = mdb_txn_commit(txn);
    else if (txn)
        mdb_txn_abort(txn);
    if (rc == 0) rc = begin_read(s);
    return rc ? fail(s, why, rc, "open the state") : AVER_OK;
}

/* LMDB asserts on pages that are not what they should be: not a bug of this program but a damaged file. It cannot be left but by
 * ending the process, and 2 is "could not". What is in the log is safe. */
static void damaged(MDB_env *env, const char *what)
{
    const char *path = "";
    (void)mdb_env_get_path(env, &path);
    fprintf(
        stderr,
        "aver: the state is damaged (%s); delete the directory and open the ledger for writing to rebuild it from the "
        "log [LEDGER-STATE] (%s)\n",
        what, path);
    _exit(aver_store_damaged_exit);
}

static aver_err sync_directory(const char *path, struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the directory", path);
    aver_err err = fsync(fd) ? aver_fail_errno(why, "sync the directory", path) : AVER_OK;
    close(fd);
    return err;
}

static int make_empty(const char *dir)
{
    MDB_env *env;
    MDB_txn *txn = NULL;
    MDB_dbi db;
    int rc = mdb_env_create(&env);
    if (rc) return rc;
    rc = mdb_env_set_maxdbs(env, AVER_DB_COUNT);
    if (rc == 0) rc = mdb_env_set_mapsize(env, AVER_STORE_MAP_MIN);
    if (rc == 0) rc = mdb_env_open(env, dir, MDB_NOTLS, 0600);
    if (rc == 0) rc = mdb_txn_begin(env, NULL, 0, &txn);
    for (int i = 0; rc == 0 && i < AVER_DB_COUNT; i++)
        rc = mdb_dbi_open(txn, aver_store_db_names[i], MDB_CREATE, &db);
    if (rc == 0)
        rc = mdb_txn_commit(txn);
    else if (txn)
        mdb_txn_abort(txn);
    mdb_env_close(env);
    return rc;
}

/* LMDB writes a new file in steps and syncs no name. Stopped in between, it would leave a file that it refuses ever after; so the
 * file is made elsewhere and gets its place when it is whole. */
static aver_err make_database(const struct aver_store *s, const char *dir, struct aver_why *why)
{
    char elsewhere[520], from[560], to[560], lock[560];
    struct stat st;
    snprintf(to, sizeof to, "%s/data.mdb", dir);
    if (stat(to, &st) == 0 && st.st_size > 0) return AVER_OK;
    snprintf(elsewhere, sizeof elsewhere, "%s.new", dir);
    snprintf(from, sizeof from, "%s/data.mdb", elsewhere);
    snprintf(lock, sizeof lock, "%s/lock.mdb", elsewhere);
    if (mkdir(elsewhere, 0700) && errno != EEXIST)
        return aver_fail_errno(why, "make the directory", elsewhere);
    (void)unlink(from); /* of an earlier try */
    (void)unlink(lock);
    int rc = make_empty(elsewhere);
    if (rc) return fail(s, why, rc, "make the state");
    if (mkdir(dir, 0700) && errno != EEXIST) return aver_fail_errno(why, "make the state's directory", dir);
    if (rename(from, to)) return aver_fail_errno(why, "move the state into place", to);
    (void)unlink(lock);
    (void)rmdir(elsewhere); /* an empty directory harms nobody */
    AVER_TRY(sync_directory(dir, why));
    *strrchr(elsewhere, '/') = 0;
    return sync_directory(elsewhere, why);
}

aver_err aver_store_open(struct aver_store **out, const char *dir, bool write, struct aver_why *why)
{
    struct aver_store *s = calloc(1, sizeof *s);
    if (!s) aver_oom(sizeof *s);
    s->write = write;
    s->readers[0].store = s;
    s->readers_count = 1;
    snprintf(s->path, sizeof s->path, "%s", dir);
    struct stat st;
    aver_err made = write ? make_database(s, dir, why) : AVER_OK;
    if (made != AVER_OK) {
        free(s);
        return made;
    }
    if (stat(dir, &st)) {
        free(s);
        return aver_fail_errno(why, "open the state", dir);
    }
    int rc = mdb_env_create(&s->env);
    if (rc == 0) rc = mdb_env_set_assert(s->env, damaged);
    if (rc == 0) rc = mdb_env_set_maxdbs(s->env, AVER_DB_COUNT);
    if (rc == 0 && write) rc = mdb_env_set_mapsize(s->env, AVER_STORE_MAP_MIN);
    /* NOTLS ties the one read transaction to this handle rather than to the thread that opened it; it changes nothing
     * that is written. */
    if (rc == 0) rc = mdb_env_open(s->env, dir, MDB_NOTLS | (write ? 0 : MDB_RDONLY), 0600);
    aver_err err = rc == ENOENT
                       ? aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-STATE", dir, "there is no state here")
                   : rc ? fail(s, why, rc, "open the state")
                        : open_databases(s, why);
    if (err == AVER_OK)
        *out = s;
    else
        aver_store_close(s);
    return err;
}

void aver_store_close(struct aver_store *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->readers_count; i++) end_one(&s->readers[i]);
    if (s->env) mdb_env_close(s->env);
    free(s);
}

aver_err aver_store_refresh(struct aver_store *s, struct aver_why *why)
{
    end_read(s);
    int rc = begin_read(s);
    return rc ? fail(s, why, rc, "read the state") : AVER_OK;
}

void aver_store_rest(struct aver_store *s) { end_read(s); }

aver_err aver_store_reader_new(struct aver_store_reader **out, struct aver_store *s, struct aver_why *why)
{
    size_t i = 1;
    while (i < s->readers_count && s->readers[i].txn) i++;
    if (i == AVER_STORE_READERS_MAX)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-READERS", s->path, "it has %d readers already",
                         AVER_STORE_READERS_MAX);
    s->readers[i] = (struct aver_store_reader){.store = s};
    int rc = begin_one(&s->readers[i]);
    if (rc) return fail(s, why, rc, "read the state");
    if (i == s->readers_count) s->readers_count++;
    *out = &s->readers[i];
    return AVER_OK;
}

void aver_store_reader_free(struct aver_store_reader *reader) { end_one(reader); }

static int get_of_family(struct aver_store_reader *r, MDB_val *k, MDB_val *v)
{
    int rc = r->family ? 0 : mdb_cursor_open(r->txn, r->store->db[AVER_DB_STATE], &r->family);
    return rc ? rc : mdb_cursor_get(r->family, k, v, MDB_SET);
}

aver_err aver_store_reader_get(struct aver_store_reader *reader, enum aver_store_db db, aver_bytes key,
                               aver_bytes *out, struct aver_why *why)
{
    const struct aver_store *s = reader->store;
    if (key.len == 0 || key.len > 511) return AVER_E_NOT_FOUND; /* mdb.c MDB_MAXKEYSIZE */
    MDB_val k = val(key), v;
    int rc = db == AVER_DB_STATE && aver_name_family(key).ptr ? get_of_family(reader, &k, &v)
                                                              : mdb_get(reader->txn, s->db[db], &k, &v);
    if (rc == MDB_NOTFOUND) return AVER_E_NOT_FOUND;
    if (rc) return fail(s, why, rc, "read the state");
    *out = bytes(v);
    return AVER_OK;
}

aver_err aver_store_get(struct aver_store *s, enum aver_store_db db, aver_bytes key, aver_bytes *out,
                        struct aver_why *why)
{
    return aver_store_reader_get(&s->readers[0], db, key, out, why);
}

aver_err aver_store_walk(struct aver_store *s, enum aver_store_db db, aver_bytes from, aver_store_walk_fn *fn,
                         void *ctx, struct aver_why *why)
{
    MDB_cursor *cursor;
    MDB_val k = val(from), v;
    int rc = mdb_cursor_open(s->readers[0].txn, s->db[db], &cursor);
    if (rc) return fail(s, why, rc, "read the state");
    aver_err err = AVER_OK;
    rc = mdb_cursor_get(cursor, &k, &v, from.len ? MDB_SET_RANGE : MDB_FIRST);
    while (rc == 0 && err == AVER_OK) {
        err = fn(ctx, bytes(k), bytes(v), why);
        if (err == AVER_OK) rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc && rc != MDB_NOTFOUND ? fail(s, why, rc, "read the state") : err;
}

aver_err aver_store_copy(struct aver_store *s, const char *to, struct aver_why *why)
{
    char path[600];
    int rc = mdb_env_copy(s->env, to);
    if (rc) return fail(s, why, rc, "copy the state");
    snprintf(path, sizeof path, "%s/data.mdb", to);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the copy", path);
    /* LMDB makes it readable for others; its directory is not, but it may be moved. */
    aver_err err = fchmod(fd, 0600) || fsync(fd) ? aver_fail_errno(why, "sync the copy", path) : AVER_OK;
    close(fd);
    return err;
}

struct oldest {
    uint64_t txn;
    long pid;
};

/* A line of mdb_reader_list: process, thread (hexadecimal), and the transaction it looks at or "-". */
static int look_at_reader(const char *line, void *ctx)
{
    struct oldest *oldest = ctx;
    char *end;
    long pid = strtol(line, &end, 10);
    (void)strtoull(end, &end, 16);
    uint64_t txn = strtoull(end, NULL, 10);
    if (pid && txn && (!oldest->txn || txn < oldest->txn)) *oldest = (struct oldest){txn, pid};
    return 0;
}

aver_err aver_store_health(struct aver_store *s, struct aver_store_health *out, struct aver_why *why)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct oldest oldest = {0};
    int stale = 0, rc = mdb_env_info(s->env, &info);
    if (rc == 0) rc = mdb_env_stat(s->env, &stat);
    if (rc == 0) rc = mdb_reader_check(s->env, &stale);
    if (rc == 0 && mdb_reader_list(s->env, look_at_reader, &oldest) < 0) rc = MDB_INVALID;
    if (rc) return fail(s, why, rc, "look at the state");
    bool back = oldest.txn && oldest.txn < info.me_last_txnid;
    *out = (struct aver_store_health){.used = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize,
                                      .map = info.me_mapsize,
                                      .readers = info.me_numreaders,
                                      .stale = (unsigned)stale,
                                      .behind = back ? info.me_last_txnid - oldest.txn : 0,
                                      .behind_pid = oldest.pid,
                                      .version = mdb_version(NULL, NULL, NULL)};
    return AVER_OK;
}

aver_err aver_store_head(struct aver_store *s, struct aver_head *out, struct aver_why *why)
{
    aver_bytes value;
    aver_err err = aver_store_get(s, AVER_DB_META, AVER_LIT("head"), &value, why);
    if (err == AVER_E_NOT_FOUND) {
        *out = (struct aver_head){0};
        return AVER_OK;
    }
    return err == AVER_OK ? aver_head_read(out, value, why) : err;
}

static uint64_t fnv1a(uint64_t hash, aver_bytes b)
{
    for (size_t i = 0; i < b.len; i++) hash = (hash ^ b.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t check_of(aver_bytes key, aver_bytes rest)
{
    return fnv1a(fnv1a(UINT64_C(0xcbf29ce484222325), key), rest);
}

/* A value without its check. */
static aver_err checked(aver_bytes *out, aver_bytes key, aver_bytes value, size_t least, struct aver_why *why)
{
    if (value.len >= 8 + least) {
        *out = aver_bytes_cut(value, 8, value.len - 8);
        if (check_of(key, *out) == aver_get_u64(value.ptr)) return AVER_OK;
    }
    return aver_fail(
        why, AVER_E_CORRUPT, "LEDGER-STATE", "state/data.mdb",
        "a record is damaged; delete the directory state/ and open the ledger for writing to rebuild it");
}

aver_err aver_store_record(struct aver_stored *out, aver_bytes name, aver_bytes value, struct aver_why *why)
{
    aver_bytes rest;
    AVER_TRY(checked(&rest, name, value, 8, why));
    *out = (struct aver_stored){.record = aver_bytes_cut(rest, 8, rest.len - 8),
                                .height = aver_get_u64(rest.ptr)};
    return AVER_OK;
}

aver_err aver_store_table_entry(aver_bytes *out, aver_bytes key, aver_bytes value, struct aver_why *why)
{
    return checked(out, key, value, 0, why);
}

static aver_err backing_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    aver_bytes value;
    AVER_TRY(aver_store_reader_get(self, AVER_DB_STATE, name, &value, why));
    return aver_store_record(out, name, value, why);
}
static aver_err backing_artifact(void *self, aver_bytes digest, aver_bytes *out, struct aver_why *why)
{
    return aver_store_reader_get(self, AVER_DB_ARTIFACT, digest, out, why);
}
static aver_err backing_table(void *self, aver_bytes key, aver_bytes *out, struct aver_why *why)
{
    aver_bytes value;
    AVER_TRY(aver_store_reader_get(self, AVER_DB_TABLE, key, &value, why));
    return aver_store_table_entry(out, key, value, why);
}
static aver_err backing_page(void *self, aver_bytes place, aver_bytes *out, struct aver_why *why)
{
    return aver_store_reader_get(self, AVER_DB_TRIE, place, out, why);
}

struct aver_backing aver_store_reader_backing(struct aver_store_reader *reader)
{
    return (struct aver_backing){reader, backing_get, backing_artifact, backing_table, backing_page};
}

struct aver_backing aver_store_backing(struct aver_store *s)
{
    return aver_store_reader_backing(&s->readers[0]);
}

aver_err aver_store_group(struct aver_store *s, uint64_t entry, struct aver_store_group *out,
                          struct aver_why *why)
{
    uint8_t want[8];
    MDB_cursor *cursor;
    MDB_val k = {sizeof want, want}, v;
    aver_put_u64(want, entry);
    int rc = mdb_cursor_open(s->readers[0].txn, s->db[AVER_DB_ENTRY], &cursor);
    if (rc) return fail(s, why, rc, "read the state");
    /* The last group that begins at or before the entry. */
    rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    if (rc == MDB_NOTFOUND)
        rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
    else if (rc == 0 && (k.mv_size != sizeof want || memcmp(k.mv_data, want, sizeof want) != 0))
        rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
    mdb_cursor_close(cursor);
    if (rc == MDB_NOTFOUND) return AVER_E_NOT_FOUND;
    if (rc == 0 && (k.mv_size != 8 || v.mv_size != 16)) rc = MDB_CORRUPTED;
    if (rc) return fail(s, why, rc, "read the state");
    *out = (struct aver_store_group){aver_get_u64(k.mv_data), aver_get_u64(v.mv_data),
                                     aver_get_u64((const uint8_t *)v.mv_data + 8)};
    return AVER_OK;
}

/* In key order, which is what makes a large commit cheap. */
static int put_map(struct aver_store *s, MDB_txn *txn, enum aver_store_db db, const struct aver_map *map,
                   const struct aver_head *head)
{
    struct aver_arena arena = {0};
    struct aver_map_item **item = aver_map_sorted(map, &arena);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < map->count; i++) {
        MDB_val k = val(item[i]->key), v = val(aver_map_value(item[i]));
        uint64_t number;
        if (db == AVER_DB_KEY && v.mv_size == sizeof number) {
            /* A key that could not be written to its file has no place there yet. */
            memcpy(&number, v.mv_data, sizeof number);
            if (number >= head->keys) continue;
        }
        if (item[i]->gone) {
            rc = mdb_del(txn, s->db[db], &k, NULL);
            if (rc == MDB_NOTFOUND) rc = 0;
        } else if (db == AVER_DB_STATE || db == AVER_DB_TABLE) {
            size_t before = db == AVER_DB_STATE ? 16 : 8;
            v.mv_size += before;
            rc = mdb_put(txn, s->db[db], &k, &v, MDB_RESERVE);
            if (rc) break;
            uint8_t *at = v.mv_data;
            if (db == AVER_DB_STATE) aver_put_u64(at + 8, item[i]->height);
            if (item[i]->len) memcpy(at + before, item[i]->value, item[i]->len);
            aver_put_u64(at, check_of(item[i]->key, aver_bytes_of(at + 8, v.mv_size - 8)));
        } else {
            rc = mdb_put(txn, s->db[db], &k, &v, 0);
        }
    }
    aver_arena_free(&arena);
    return rc;
}

static int put_all(struct aver_store *s, MDB_txn *txn, const struct aver_store_change *c)
{
    int rc = put_map(s, txn, AVER_DB_STATE, &c->view->state, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_TRIE, &c->view->pages, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_ARTIFACT, &c->view->artifacts, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_TABLE, &c->view->tables, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_LOG, c->log, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_ENTRY, c->entry, c->head);
    if (rc == 0) rc = put_map(s, txn, AVER_DB_KEY, c->key, c->head);
    if (rc) return rc;
    struct aver_buf head = {0};
    aver_head_write(&head, c->head);
    MDB_val k = val(AVER_LIT("head")), v = val(aver_buf_view(&head));
    rc = mdb_put(txn, s->db[AVER_DB_META], &k, &v, 0);
    aver_buf_free(&head);
    return rc;
}

static int write_all(struct aver_store *s, const struct aver_store_change *change)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->env, NULL, 0, &txn);
    if (rc) return rc;
    rc = put_all(s, txn, change);
    if (rc == 0) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

aver_err aver_store_committed(struct aver_store *s, struct aver_why *why)
{
    int stale;
    end_read(s);
    int rc = mdb_reader_check(s->env, &stale); /* a reader that was killed lets nothing be used again */
    if (rc == 0) rc = grow(s, false);
    if (rc == 0) rc = begin_read(s);
    return rc ? fail(s, why, rc, "commit the state") : AVER_OK;
}

aver_err aver_store_commit(struct aver_store *s, const struct aver_store_change *change, struct aver_why *why)
{
    int rc;
    AVER_ASSERT(s->write);
    end_read(s);
    while ((rc = write_all(s, change)) == MDB_MAP_FULL) {
        rc = grow(s, true); /* and all of it again */
        if (rc) break;
    }
    if (rc == 0) return aver_store_committed(s, why);
    int read = begin_read(s);
    (void)read; /* who only reads goes on at the moment before, unless LMDB gave up */
    return fail(s, why, rc, "commit the state");
}

aver_err aver_store_commit_behind(struct aver_store *s, const struct aver_store_change *change, bool *whole,
                                  struct aver_why *why)
{
    AVER_ASSERT(s->write);
    int rc = write_all(s, change);
    *whole = rc == 0;
    return rc && rc != MDB_MAP_FULL ? fail(s, why, rc, "commit the state") : AVER_OK;
}
