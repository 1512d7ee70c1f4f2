/* ledger/storage/audit_state.c - LMDB against the state that was executed again.
 *
 * LMDB believes its file: a byte altered in it can send its reader anywhere. So a child reads it, with the state executed again
 * in its memory, and tells its parent through a pipe; a child that dies or falls silent is a finding as well. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/storage/audit_private.h"

#define SILENCE_MS    60000
#define EXIT_OOM      2     /* of the child: aver_oom's */
#define EXIT_DAMAGED  4     /* by LMDB's own word */
#define HEARTBEAT     10000 /* records */
#define TOLD_MAX      20    /* findings of the child: a damaged page can hold thousands */
#define NAME_TOLD_MAX 120

struct message {
    enum { SAYS_ALIVE = 1, SAYS_FINDING, SAYS_END } what;
    uint64_t records;
    struct aver_audit_finding finding;
};
_Static_assert(sizeof(struct message) <= 4096, "a message goes through the pipe in one piece"); /* PIPE_BUF */

struct child {
    const struct aver_audit_run *run;
    struct aver_store *store;
    int pipe;
    uint64_t records, told;
};

static void say(struct child *c, const struct message *m)
{
    if (write(c->pipe, m, sizeof *m) != (ssize_t)sizeof *m) _exit(1); /* the parent is gone */
}

static void find(struct child *c, enum aver_audit_verdict verdict, const char *code, const char *place,
                 const char *text)
{
    struct message m = {.what = SAYS_FINDING, .records = c->records};
    if (c->told++ >= TOLD_MAX) return;
    m.finding.verdict = verdict;
    snprintf(m.finding.code, sizeof m.finding.code, "%s", code);
    snprintf(m.finding.place, sizeof m.finding.place, "%s", place);
    snprintf(m.finding.text, sizeof m.finding.text, "%s", text);
    say(c, &m);
}

/* The state could not be read: it is damaged, or this machine has no memory, no files or no disk to read it with. */
static void unread(struct child *c, aver_err err, const struct aver_why *why, const char *place)
{
    bool ours = err == AVER_E_IO || err == AVER_E_FULL;
    find(c, ours ? AVER_AUDIT_COULD_NOT : AVER_AUDIT_DIFFERS, why->code, place, why->text);
}

/* A name is text; any other key is shown in hexadecimal. */
static void name_record(char out[256], enum aver_store_db db, aver_bytes key)
{
    size_t len = key.len < NAME_TOLD_MAX ? key.len : NAME_TOLD_MAX;
    bool text = db == AVER_DB_STATE;
    for (size_t i = 0; text && i < len; i++) text = key.ptr[i] >= ' ' && key.ptr[i] < 127;
    int n = snprintf(out, 256, "state/data.mdb, %s ", aver_store_db_names[db]);
    if (text)
        snprintf(out + n, 256 - (size_t)n, "%.*s", (int)len, (const char *)key.ptr);
    else
        aver_hex(out + n, aver_bytes_cut(key, 0, len < 100 ? len : 100));
}

static void alive(struct child *c)
{
    if (++c->records % HEARTBEAT == 0) say(c, &(struct message){.what = SAYS_ALIVE, .records = c->records});
}

static void differs(struct child *c, enum aver_store_db db, aver_bytes key, const char *text)
{
    char place[256];
    name_record(place, db, key);
    find(c, AVER_AUDIT_DIFFERS, "LEDGER-STATE", place, text);
}

struct compare {
    struct child *child;
    enum aver_store_db db;
    struct aver_map_item **want; /* in key order */
    size_t count, next;
};

static bool same_value(enum aver_store_db db, const struct aver_map_item *item, aver_bytes value)
{
    struct aver_stored stored;
    if (db == AVER_DB_TABLE && aver_store_table_entry(&value, item->key, value, NULL) != AVER_OK)
        return false;
    if (db != AVER_DB_STATE) return aver_bytes_eq(aver_map_value(item), value);
    return aver_store_record(&stored, item->key, value, NULL) == AVER_OK && stored.height == item->height &&
           aver_bytes_eq(stored.record, aver_map_value(item));
}

static aver_err met(void *ctx, aver_bytes key, aver_bytes value, struct aver_why *why)
{
    struct compare *c = ctx;
    (void)why;
    alive(c->child);
    while (c->next < c->count && (c->want[c->next]->gone || aver_bytes_cmp(c->want[c->next]->key, key) < 0)) {
        if (!c->want[c->next]->gone) differs(c->child, c->db, c->want[c->next]->key, "the record is missing");
        c->next++;
    }
    if (c->next < c->count && aver_bytes_eq(c->want[c->next]->key, key)) {
        if (!same_value(c->db, c->want[c->next], value))
            differs(c->child, c->db, key, "the record is not the one that the log gives");
        c->next++;
        return AVER_OK;
    }
    differs(c->child, c->db, key, "there is no such record when the log is executed again");
    return c->child->told > TOLD_MAX ? AVER_E_DIFFERS : AVER_OK; /* a damaged tree can have no end */
}

static void compare_db(struct child *c, enum aver_store_db db, const struct aver_map *map)
{
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    struct compare compare = {c, db, aver_map_sorted(map, &arena), map->count, 0};
    aver_err err = aver_store_walk(c->store, db, AVER_BYTES_NONE, met, &compare, &why);
    if (err == AVER_OK)
        for (; compare.next < compare.count; compare.next++) {
            if (!compare.want[compare.next]->gone)
                differs(c, db, compare.want[compare.next]->key, "the record is missing");
        }
    else if (err != AVER_E_DIFFERS)
        unread(c, err, &why, aver_store_db_names[db]);
    aver_arena_free(&arena);
}

/* ---- the hashes of the log tree: grown again from the leaves that LMDB has ---- */

struct hashes {
    struct child *child;
    uint64_t wrong;
    aver_err unread; /* not their fault */
    struct aver_why why;
};

static aver_err hash_at(struct hashes *h, aver_digest *out, unsigned level, uint64_t index)
{
    uint8_t key[AVER_HASH_KEY_BYTES];
    aver_bytes run;
    size_t at = index % AVER_HASH_RUN * sizeof *out;
    aver_hash_key(key, level, index);
    aver_err err =
        aver_store_get(h->child->store, AVER_DB_LOG, aver_bytes_of(key, sizeof key), &run, &h->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) h->unread = err;
    AVER_TRY(err);
    if (run.len < at + sizeof *out) return AVER_E_NOT_FOUND;
    memcpy(out->b, run.ptr + at, sizeof out->b);
    return AVER_OK;
}

static void grown(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    struct hashes *h = ctx;
    aver_digest kept;
    if (hash_at(h, &kept, level, index) != AVER_OK || !aver_digest_eq(kept, *hash)) h->wrong++;
}

static void compare_hashes(struct child *c)
{
    struct aver_merkle tree = {0};
    struct hashes h = {.child = c};
    for (uint64_t i = 0; i < c->run->head.tree.size && h.wrong == 0; i++) {
        aver_digest leaf;
        if (hash_at(&h, &leaf, 0, i) != AVER_OK)
            h.wrong++;
        else
            aver_merkle_append(&tree, &leaf, grown, &h);
        alive(c);
    }
    if (h.unread != AVER_OK)
        unread(c, h.unread, &h.why, "state/data.mdb, log");
    else if (h.wrong || !aver_digest_eq(aver_merkle_root(&tree), aver_merkle_root(&c->run->head.tree)))
        find(c, AVER_AUDIT_DIFFERS, "LEDGER-STATE", "state/data.mdb, log",
             "the hashes of the log tree are not those of the log");
}

/* ---- where LMDB stands ---- */

static bool same_place(struct child *c)
{
    struct aver_head head, want = c->run->head;
    struct aver_why why = {0};
    aver_err err = aver_store_head(c->store, &head, &why);
    if (err != AVER_OK) {
        unread(c, err, &why, why.place);
        return false;
    }
    if (head.height != want.height && c->run->live) {
        find(
            c, AVER_AUDIT_COULD_NOT, "LEDGER-LIVE", "state/data.mdb",
            "somebody writes to the ledger, and the state stands at another group than the log when it was read; audit it "
            "when nobody writes, or a backup of it");
        return false;
    }
    if (head.height < want.height) {
        find(c, AVER_AUDIT_COULD_NOT, "LEDGER-BEHIND", "state/data.mdb",
             "the state is behind the log, as after a crash; open the ledger once for writing to mend it");
        return false;
    }
    struct aver_buf a = {0}, b = {0};
    head.keys = want.keys = 0;
    aver_head_write(&a, &head);
    aver_head_write(&b, &want);
    if (!aver_bytes_eq(aver_buf_view(&a), aver_buf_view(&b)))
        find(
            c, AVER_AUDIT_DIFFERS, "LEDGER-STATE", "state/data.mdb, meta",
            "the state says that it stands elsewhere than the log ends; delete the directory state/ and open the ledger for "
            "writing to rebuild it, or restore the log");
    aver_buf_free(&a);
    aver_buf_free(&b);
    return true;
}

static aver_err key_met(void *ctx, aver_bytes id, aver_bytes number, struct aver_why *why)
{
    struct child *c = ctx;
    (void)why;
    alive(c);
    const struct aver_map_item *item = aver_map_find(&c->run->bodies.numbers, id);
    if (!item || !aver_bytes_eq(aver_map_value(item), number))
        differs(c, AVER_DB_KEY, id, "the record does not say where the key is");
    return c->told > TOLD_MAX ? AVER_E_DIFFERS : AVER_OK;
}

static void child_main(struct child *c)
{
    struct aver_why why = {0};
    aver_err err = aver_store_open(&c->store, c->run->state_path, false, &why);
    if (err == AVER_E_NOT_FOUND) {
        find(c, AVER_AUDIT_COULD_NOT, "LEDGER-BEHIND", "state/",
             "there is no state to compare; open the ledger once for writing to rebuild it");
    } else if (err != AVER_OK) {
        unread(c, err, &why, why.place);
    } else if (same_place(c)) {
        compare_db(c, AVER_DB_STATE, &c->run->view.state);
        compare_db(c, AVER_DB_TRIE, &c->run->view.pages);
        compare_db(c, AVER_DB_ARTIFACT, &c->run->view.artifacts);
        compare_db(c, AVER_DB_TABLE, &c->run->view.tables);
        compare_db(c, AVER_DB_ENTRY, &c->run->groups);
        compare_hashes(c);
        err = aver_store_walk(c->store, AVER_DB_KEY, AVER_BYTES_NONE, key_met, c, &why);
        if (err != AVER_OK && err != AVER_E_DIFFERS) unread(c, err, &why, why.place);
    }
    say(c, &(struct message){.what = SAYS_END, .records = c->records});
}

/* ---- the parent ---- */

enum heard { HEARD_END, HEARD_DEATH, HEARD_SILENCE };

static enum heard listen(struct aver_audit_run *run, int fd)
{
    struct message m;
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        int ready = poll(&p, 1, SILENCE_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return HEARD_SILENCE;
        ssize_t n = read(fd, &m, sizeof m);
        if (n < 0 && errno == EINTR) continue;
        if (n != (ssize_t)sizeof m) return HEARD_DEATH;
        run->audit->records = m.records;
        if (m.what == SAYS_END) return HEARD_END;
        if (m.what == SAYS_FINDING)
            aver_audit_find(run, m.finding.verdict, m.finding.code, m.finding.place, "%s", m.finding.text);
    }
}

aver_err aver_audit_state(struct aver_audit_run *run, struct aver_why *why)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC)) return aver_fail_errno(why, "make a pipe", run->dir);
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return aver_fail_errno(why, "start a process", run->dir);
    }
    if (pid == 0) {
        static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
        struct rlimit none = {0, 0};
        int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)setrlimit(RLIMIT_CORE, &none); /* health data would lie in it */
        for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) signal(deadly[i], SIG_DFL);
        if (quiet >= 0) (void)dup2(quiet, STDERR_FILENO); /* LMDB's last words help nobody */
        aver_store_damaged_exit = EXIT_DAMAGED;
        struct child c = {.run = run, .pipe = fds[1]};
        child_main(&c);
        _exit(0);
    }
    close(fds[1]);
    enum heard heard = listen(run, fds[0]);
    close(fds[0]);
    if (heard == HEARD_SILENCE) kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    /* Memory exhausted says nothing about the file: aver_oom, or the kernel's choice of whom to kill. */
    bool memory = heard == HEARD_DEATH && ((WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OOM) ||
                                           (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    if (memory)
        aver_audit_find(
            run, AVER_AUDIT_COULD_NOT, "LEDGER-STATE", "state/data.mdb",
            "the process that compares the state was ended for lack of memory; audit again with more");
    else if (heard != HEARD_END)
        aver_audit_find(
            run, AVER_AUDIT_DIFFERS, "LEDGER-STATE", "state/data.mdb",
            "the file is so damaged that it cannot be read to its end; delete the directory state/ and open the "
            "ledger for writing to rebuild it from the log");
    return AVER_OK;
}
