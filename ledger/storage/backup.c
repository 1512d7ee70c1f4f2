/* ledger/storage/backup.c - see backup.h.
 *
 * The order makes the copy whole: checkpoints first, so that the log copied later holds what they sign; then the state, as LMDB has
 * it in one moment; then the log, up to where that state stands; then the keys, which are written before the groups that use them. */
#include "ledger/storage/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/storage/ledger_private.h"

#define COPY_BYTES 1048576

struct copying {
    const char *from;
    char to[AVER_PATH_BYTES];
};

static aver_err write_all(int fd, const uint8_t *bytes, size_t len, const char *path, struct aver_why *why)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return aver_fail_errno(why, "write the copy", path);
        bytes += n;
        len -= (size_t)n;
    }
    return AVER_OK;
}

/* The first `len` bytes, or all that there are; fewer than `at_least` are an error. */
static aver_err copy_bytes(int in, int out, uint64_t len, uint64_t at_least, const char *from, const char *to,
                           struct aver_why *why)
{
    struct aver_buf part = {0};
    aver_err err = AVER_OK;
    uint64_t done = 0;
    aver_buf_reserve(&part, COPY_BYTES);
    while (err == AVER_OK && done < len) {
        ssize_t n = read(in, part.ptr, len - done < COPY_BYTES ? (size_t)(len - done) : COPY_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) err = aver_fail_errno(why, "read the file", from);
        if (n <= 0) break;
        err = write_all(out, part.ptr, (size_t)n, to, why);
        done += (uint64_t)n;
    }
    aver_buf_free(&part);
    if (err == AVER_OK && done < at_least)
        err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-SHORT", from,
                        "the file has %" PRIu64 " bytes, and the state was made from %" PRIu64 " of it", done,
                        at_least);
    if (err == AVER_OK && fsync(out)) err = aver_fail_errno(why, "sync the copy", to);
    return err;
}

/* AVER_E_NOT_FOUND: there is no such file. */
static aver_err copy_file(const struct copying *c, const char *name, uint64_t len, uint64_t at_least,
                          mode_t mode, struct aver_why *why)
{
    char from[AVER_PATH_BYTES + 64], to[AVER_PATH_BYTES + 64];
    snprintf(from, sizeof from, "%s/%s", c->from, name);
    snprintf(to, sizeof to, "%s/%s", c->to, name);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return aver_fail_errno(why, "open the file", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    aver_err err = out < 0 ? aver_fail_errno(why, "make the copy", to)
                           : copy_bytes(in, out, len, at_least, from, to, why);
    if (out >= 0) close(out);
    close(in);
    return err;
}

static aver_err sync_directory(const char *path, struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the directory", path);
    aver_err err = fsync(fd) ? aver_fail_errno(why, "sync the directory", path) : AVER_OK;
    close(fd);
    return err;
}

static aver_err make_directory(const struct copying *c, const char *name, struct aver_why *why)
{
    char path[AVER_PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s%s%s", c->to, *name ? "/" : "", name);
    if (mkdir(path, 0700) == 0) return AVER_OK;
    if (errno == EEXIST)
        return aver_fail(
            why, AVER_E_EXISTS, "LEDGER-EXISTS", path,
            "it is there already, perhaps of a backup that was interrupted: remove it or name another");
    return aver_fail_errno(why, "make the directory", path);
}

/* LMDB's copy, and where it stands. */
static aver_err copy_state(const struct copying *c, struct aver_head *head, struct aver_why *why)
{
    char from[AVER_PATH_BYTES], to[AVER_PATH_BYTES + 64];
    struct aver_store *store;
    snprintf(from, sizeof from, "%s/state", c->from);
    snprintf(to, sizeof to, "%s/state", c->to);
    aver_err err = aver_store_open(&store, from, false, why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-BEHIND", from,
                         "there is no state; open the ledger once for writing to rebuild it from the log");
    AVER_TRY(err);
    err = aver_store_copy(store, to, why);
    aver_store_close(store);
    AVER_TRY(err);
    AVER_TRY(aver_store_open(&store, to, false, why));
    err = aver_store_head(store, head, why);
    aver_store_close(store);
    return err;
}

static aver_err copy_checkpoints(const struct copying *c, struct aver_why *why)
{
    static const char *const names[] = {"checkpoint", "checkpoint.asked", "checkpoint.cosigned"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        aver_err err = copy_file(c, names[i], UINT64_MAX, 0, 0644, why);
        if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    }
    return AVER_OK;
}

/* The tiles that the copied checkpoint needs, out of the copied log. */
static aver_err make_tiles(const struct copying *c, struct aver_why *why)
{
    struct aver_ledger *l;
    struct aver_buf note = {0};
    struct aver_checkpoint checkpoint;
    AVER_TRY(aver_ledger_open(&l, c->to, AVER_LEDGER_READ, why));
    struct aver_note_key key = aver_ledger_log_key(l);
    aver_err err = aver_ledger_checkpoint(l, &note, why);
    bool none = err == AVER_E_NOT_FOUND;
    if (err == AVER_OK) err = aver_checkpoint_open(&checkpoint, aver_buf_view(&note), &key, why);
    if (err == AVER_OK && checkpoint.size > l->head.tree.size)
        err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-SHORT", c->from,
                        "the signed checkpoint has more entries than the log; aver audit says more");
    if (err == AVER_OK) err = aver_ledger_tiles(l, checkpoint.size, why);
    aver_buf_free(&note);
    aver_ledger_close(l);
    return none ? AVER_OK : err;
}

/* The copy as a whole reaches the disk before it gets its name. */
static aver_err sync_copy(const struct copying *c, struct aver_why *why)
{
    char lock[AVER_PATH_BYTES + 64];
    snprintf(lock, sizeof lock, "%s/state/lock.mdb", c->to);
    (void)unlink(lock); /* of this process */
    int fd = open(c->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the directory", c->to);
    aver_err err = syncfs(fd) ? aver_fail_errno(why, "sync the copy", c->to) : AVER_OK;
    close(fd);
    return err;
}

static aver_err copy_rest(const struct copying *c, struct aver_backup *result, struct aver_why *why)
{
    struct aver_head head;
    char path[AVER_PATH_BYTES + 64], words[160];
    AVER_TRY(copy_checkpoints(c, why));
    AVER_TRY(copy_state(c, &head, why));
    AVER_TRY(copy_file(c, "log/groups", head.offset, head.offset, 0600, why));
    static const char *const keys[] = {"keys/node.key", "keys/node.wrap", "keys/bodies"};
    for (size_t i = 0; i < 3; i++) AVER_TRY(copy_file(c, keys[i], UINT64_MAX, 0, 0600, why));
    int n = snprintf(words, sizeof words, "a backup of %" PRIu64 " entries; see aver resume --help\n",
                     head.tree.size);
    snprintf(path, sizeof path, "%s/" AVER_RESTORED_FILE, c->to);
    AVER_TRY(aver_file_replace_synced(path, aver_bytes_of(words, (size_t)n), why));
    AVER_TRY(copy_file(c, "ledger.conf", UINT64_MAX, 1, 0600, why));
    AVER_TRY(make_tiles(c, why));
    AVER_TRY(sync_copy(c, why));
    *result = (struct aver_backup){head.height, head.tree.size, head.offset, aver_merkle_root(&head.tree)};
    return AVER_OK;
}

aver_err aver_ledger_backup(const char *dir, const char *out, struct aver_backup *result,
                            struct aver_why *why)
{
    struct copying c = {.from = dir};
    char chain[AVER_CHAIN_BYTES_MAX + 1], parent[AVER_PATH_BYTES];
    struct stat st;
    size_t len = strlen(out);
    while (len > 1 && out[len - 1] == '/') len--;
    if (len + 16 >= sizeof c.to || strlen(dir) + 16 >= sizeof c.to)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "", "the path is longer than %zu bytes",
                         sizeof c.to - 16);
    AVER_TRY(aver_ledger_conf(dir, chain, why));
    if (stat(out, &st) == 0)
        return aver_fail(why, AVER_E_EXISTS, "LEDGER-EXISTS", out,
                         "a backup goes to a directory that is not there yet");
    snprintf(c.to, sizeof c.to, "%.*s.partial", (int)len, out);
    static const char *const made[] = {"", "keys", "log", "state"};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) AVER_TRY(make_directory(&c, made[i], why));
    AVER_TRY(copy_rest(&c, result, why));
    if (rename(c.to, out)) return aver_fail_errno(why, "give the backup its name", out);
    snprintf(parent, sizeof parent, "%.*s", (int)len, out);
    char *slash = strrchr(parent, '/');
    if (slash) slash[slash == parent] = 0;
    return sync_directory(slash ? parent : ".", why);
}

/* ---- going on from it ---- */

bool aver_ledger_restored(const char *dir)
{
    char path[AVER_PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s/" AVER_RESTORED_FILE, dir);
    return access(path, F_OK) == 0;
}

/* The copy's own newest checkpoint, if it has any, is not newer. */
static aver_err not_older(struct aver_ledger *l, const struct aver_checkpoint *given,
                          const struct aver_note_key *key, struct aver_why *why)
{
    struct aver_buf note = {0};
    struct aver_checkpoint own;
    aver_err err = aver_ledger_checkpoint(l, &note, NULL);
    if (err == AVER_OK) err = aver_checkpoint_open(&own, aver_buf_view(&note), key, NULL);
    bool older = err == AVER_OK && given->size < own.size;
    aver_buf_free(&note);
    if (!older) return AVER_OK;
    return aver_fail(why, AVER_E_REFUSED, "RESUME-OLD", l->dir,
                     "the backup itself holds a newer checkpoint, of %" PRIu64
                     " entries: find the last that was published",
                     own.size);
}

static aver_err holds_all(struct aver_ledger *l, aver_bytes checkpoint, struct aver_why *why)
{
    struct aver_note_key key = aver_ledger_log_key(l);
    struct aver_ledger_facts facts = aver_ledger_facts(l);
    struct aver_merkle_proof growth;
    struct aver_checkpoint given;
    AVER_TRY(aver_checkpoint_open(&given, checkpoint, &key, why));
    if (given.size > facts.entries)
        return aver_fail(why, AVER_E_REFUSED, "RESUME-BEHIND", l->dir,
                         "%" PRIu64 " entries were published and the backup has %" PRIu64
                         ": find a newer backup or the end of the log; going on from here would fork it",
                         given.size, facts.entries);
    AVER_TRY(not_older(l, &given, &key, why));
    aver_err err = aver_ledger_growth(l, &growth, given.size, facts.entries, why);
    if (err == AVER_OK)
        err = aver_merkle_verify_consistency(&given.root, given.size, &facts.log_root, facts.entries,
                                             growth.hash, growth.count, why);
    if (err == AVER_OK || err == AVER_E_IO || err == AVER_E_CORRUPT) return err;
    return aver_fail(
        why, AVER_E_DIFFERS, "RESUME-FORK", l->dir,
        "the log of this backup does not lead to that checkpoint: one of the two is of another history");
}

aver_err aver_ledger_resume(const char *dir, aver_bytes checkpoint, struct aver_why *why)
{
    struct aver_ledger *l;
    char path[AVER_PATH_BYTES + 16];
    AVER_TRY(aver_ledger_open(&l, dir, AVER_LEDGER_READ, why));
    aver_err err = aver_ledger_restored(dir) ? holds_all(l, checkpoint, why)
                                             : aver_fail(why, AVER_E_REFUSED, "RESUME-NOT", dir,
                                                         "this is no backup that waits to be resumed");
    aver_ledger_close(l);
    AVER_TRY(err);
    snprintf(path, sizeof path, "%s/" AVER_RESTORED_FILE, dir);
    if (unlink(path)) return aver_fail_errno(why, "remove the mark", path);
    return sync_directory(dir, why);
}
