/* ledger/storage/doctor.c - see doctor.h. */
#include "ledger/storage/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ledger/storage/backup.h"
#include "ledger/storage/ledger_private.h"

struct visit {
    const char *dir;
    bool scrub, writer; /* somebody writes now */
    struct aver_list *findings;
    struct aver_arena *arena;
    aver_progress_fn progress;
    void *user;
    enum aver_doctor_grade worst;
    uint64_t log_bytes;
};

AVER_PRINTF(5, 6)
static void say(struct visit *v, enum aver_doctor_grade grade, const char *what, const char *code,
                const char *fmt, ...)
{
    struct aver_doctor_finding *f = aver_list_add(v->arena, v->findings, sizeof *f);
    va_list ap;
    f->grade = grade;
    f->what = what;
    snprintf(f->code, sizeof f->code, "%s", code);
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
    if (grade > v->worst) v->worst = grade;
}

static void bad_why(struct visit *v, const char *what, const struct aver_why *why)
{
    say(v, AVER_DOCTOR_BAD, what, why->code, "%s (%s)", why->text, why->place);
}

static const char *path_of(struct visit *v, const char *name)
{
    return aver_arena_printf(v->arena, "%s/%s", v->dir, name);
}

/* ---- the machine ---- */

static void look_at_disk(struct visit *v)
{
    struct statvfs fs;
    if (statvfs(v->dir, &fs)) {
        say(v, AVER_DOCTOR_BAD, "disk", "IO", "the disk cannot be looked at: %s", strerror(errno));
        return;
    }
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (fs.f_flag & ST_RDONLY)
        say(v, AVER_DOCTOR_BAD, "disk", "DISK-READ",
            "the file system is mounted for reading only: nothing can be filed");
    if (left < AVER_DOCTOR_FREE_BYTES)
        say(v, AVER_DOCTOR_WARNS, "disk", "DISK-FULL",
            "%" PRIu64 " MiB are left: make room; a full disk refuses claims and loses none", left >> 20);
    else if (fs.f_files && fs.f_favail < 10000)
        say(v, AVER_DOCTOR_WARNS, "disk", "DISK-FILES",
            "%" PRIu64 " files can still be made on this file system: make room", (uint64_t)fs.f_favail);
    else
        say(v, AVER_DOCTOR_FINE, "disk", "", "%" PRIu64 " MiB are left", left >> 20);
}

static void look_at_clock(struct visit *v, int64_t ledger_time)
{
    int64_t now = aver_ledger_clock();
    struct aver_why why;
    if (now < 0 || now > AVER_TIME_MAX)
        say(v, AVER_DOCTOR_BAD, "clock", "CLOCK", "the clock does not say a time from 1970 to 9999: set it");
    else if (now < ledger_time)
        say(v, AVER_DOCTOR_BAD, "clock", "CLOCK-BEHIND",
            "the clock is %" PRId64
            " seconds behind the last group: what is signed by it may have expired; set it, or if it "
            "is right, wait: the ledger's time never goes back",
            (ledger_time - now) / 1000);
    else if (aver_ledger_leap(ledger_time, now, &why) != AVER_OK)
        say(v, AVER_DOCTOR_BAD, "clock", why.code, "%s", why.text);
    else if (now - ledger_time > AVER_DOCTOR_DAY_MS)
        say(v, AVER_DOCTOR_FINE, "clock", "", "ahead of the last group, which is %" PRId64 " days old",
            (now - ledger_time) / AVER_DOCTOR_DAY_MS);
    else
        say(v, AVER_DOCTOR_FINE, "clock", "", "not before the last group");
}

/* ---- files ---- */

static void look_at_keys(struct visit *v)
{
    static const struct {
        const char *name;
        off_t bytes; /* 0: any whole number of records */
    } keys[] = {
        {"keys/node.key", AVER_NODE_SEED}, {"keys/node.wrap", AVER_WRAP_KEY_BYTES}, {"keys/bodies", 0}};
    bool fine = true;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct stat st;
        if (stat(path_of(v, keys[i].name), &st)) {
            say(v, AVER_DOCTOR_BAD, "keys", "LEDGER-KEYS",
                "%s cannot be looked at (%s): bring it back from a backup; without it nothing can be filed or opened",
                keys[i].name, strerror(errno));
            fine = false;
            continue;
        }
        if (st.st_mode & 077) {
            say(v, AVER_DOCTOR_BAD, "keys", "LEDGER-KEYMODE",
                "others than its owner may read or change %s (mode %03o): chmod 600 it, and if anybody can have read it, the "
                "bodies are no longer secret",
                keys[i].name, (unsigned)st.st_mode & 0777);
            fine = false;
        }
        if (keys[i].bytes ? st.st_size != keys[i].bytes : st.st_size % AVER_KEY_RECORD_BYTES && !v->writer) {
            say(v, keys[i].bytes ? AVER_DOCTOR_BAD : AVER_DOCTOR_WARNS, "keys", "LEDGER-KEYS",
                keys[i].bytes
                    ? "%s has %lld bytes, which no such key has: bring it back from a backup"
                    : "%s ends in an unfinished record (%lld bytes), as after a crash: the next open for writing "
                      "cuts it off",
                keys[i].name, (long long)st.st_size);
            fine = false;
        }
    }
    if (fine) say(v, AVER_DOCTOR_FINE, "keys", "", "there, and only their owner's");
}

static bool look_at_lock(struct visit *v)
{
    int fd = open(path_of(v, "lock"), O_RDONLY | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0) close(fd);
    say(v, AVER_DOCTOR_FINE, "writer", "", held ? "somebody writes now" : "nobody writes now");
    return held;
}

/* What made the program fail an assert: what became of it, and what to do. */
static void say_quarantined(struct visit *v, const struct aver_quarantine_entry *e)
{
    const struct aver_quarantined *r = &e->record;
    if (!e->read)
        say(v, AVER_DOCTOR_WARNS, "quarantine", e->why.code,
            "%s is kept and refused, but its evidence cannot be read (%s): aver quarantine release %s, and have "
            "what is missing sent again",
            e->id, e->why.text, e->id);
    else if (r->doing == AVER_DOING_RECOVERY || r->doing == AVER_DOING_AUDIT)
        say(v, r->doing == AVER_DOING_RECOVERY ? AVER_DOCTOR_BAD : AVER_DOCTOR_WARNS, "quarantine",
            "LEDGER-QUARANTINE",
            "entry %" PRIu64
            " of the log made %.*s fail an assert (%.*s) when %s executed it again, and %s: report it "
            "(aver quarantine show %s), and with a program without that bug aver quarantine release it",
            r->entry, AVER_STR(r->program), AVER_STR(r->place),
            r->doing == AVER_DOING_RECOVERY ? "an open for writing" : "an audit",
            r->doing == AVER_DOING_RECOVERY ? "until then nothing can be filed; nothing is lost"
                                            : "until then audits end before it",
            e->id);
    else
        say(v, AVER_DOCTOR_WARNS, "quarantine", "TX-QUARANTINED",
            "an item (%s) from %.*s made %.*s fail an assert (%.*s) and is not filed: report it (aver quarantine show %s), "
            "and with a program without that bug aver quarantine release it and have it sent again",
            r->kind ? aver_tx_kind_names[r->kind] : "envelope",
            AVER_STR(r->party.ptr ? r->party : AVER_LIT("an unknown party")), AVER_STR(r->program),
            AVER_STR(r->place), e->id);
}

static void look_at_quarantine(struct visit *v)
{
    struct aver_bodies bodies = {.fd = -1};
    struct aver_quarantine q;
    struct aver_why why = {0};
    aver_err opened = aver_bodies_open(&bodies, v->dir, false, NULL);
    (void)
        opened; /* without the key what is kept is counted all the same; look_at_keys says what is wrong with it */
    if (aver_quarantine_open(&q, v->dir, &bodies, &why) != AVER_OK) bad_why(v, "quarantine", &why);
    const struct aver_quarantine_entry *e = q.entries.items;
    for (size_t i = 0; i < q.entries.count; i++) say_quarantined(v, &e[i]);
    aver_quarantine_close(&q);
    aver_bodies_close(&bodies);
}

/* The log from where the state stands: how much is not in LMDB, and how it ends. */
static void look_at_tail(struct visit *v, struct aver_log *log, uint64_t offset)
{
    struct aver_buf payload = {0};
    struct aver_why why = {0};
    uint64_t next, groups = 0;
    aver_err err;
    while ((err = aver_log_read(log, &payload, &next, offset, &why)) == AVER_OK) {
        offset = next;
        groups++;
    }
    aver_buf_free(&payload);
    if (groups && !v->writer)
        say(v, AVER_DOCTOR_WARNS, "state", "LEDGER-BEHIND",
            "the state is %" PRIu64
            " groups behind the log, as after a crash: the next open for writing executes them",
            groups);
    if (err == AVER_E_INPUT && !v->writer) {
        struct aver_why tail = {0};
        err = aver_log_tail(log, offset, &tail);
        if (err == AVER_OK)
            say(v, AVER_DOCTOR_WARNS, "log", "LEDGER-TAIL",
                "the last group is unfinished (%" PRIu64
                " bytes), as after a crash: the next open for writing cuts it off; it "
                "was never acknowledged",
                log->end - offset);
        else
            bad_why(v, "log", &tail);
    } else if (err != AVER_E_NOT_FOUND && err != AVER_E_INPUT) {
        bad_why(v, "log", &why);
    } else {
        say(v, AVER_DOCTOR_FINE, "log", "", "%" PRIu64 " bytes, and its end is whole", log->end);
    }
}

static void look_at_checkpoint(struct visit *v, uint64_t entries)
{
    struct aver_buf bytes = {0};
    struct aver_why why = {0};
    struct aver_note note;
    struct aver_checkpoint checkpoint;
    aver_err err = aver_file_read(&bytes, path_of(v, "checkpoint"), AVER_NOTE_BYTES_MAX, &why);
    if (err == AVER_OK) err = aver_note_read(&note, aver_buf_view(&bytes), &why);
    if (err == AVER_OK) err = aver_checkpoint_read(&checkpoint, note.text, &why);
    if (err == AVER_E_NOT_FOUND)
        say(v, AVER_DOCTOR_WARNS, "checkpoint", "LEDGER-CHECKPOINT",
            "there is none: the next open for writing publishes it");
    else if (err != AVER_OK)
        say(v, AVER_DOCTOR_WARNS, "checkpoint", why.code, "%s: the next open for writing publishes it again",
            why.text);
    else if (checkpoint.size > entries && !v->writer)
        say(v, AVER_DOCTOR_BAD, "checkpoint", "LEDGER-SHORT",
            "it was published with %" PRIu64 " entries and the state knows %" PRIu64
            ": if the log is as short, restore it from a backup; else the next open for writing brings the state up",
            checkpoint.size, entries);
    else if (checkpoint.size < entries && !v->writer)
        say(v, AVER_DOCTOR_WARNS, "checkpoint", "LEDGER-CHECKPOINT",
            "the last %" PRIu64 " entries are under none: the next open for writing publishes one",
            entries - checkpoint.size);
    else
        say(v, AVER_DOCTOR_FINE, "checkpoint", "", "of %" PRIu64 " entries", checkpoint.size);
    aver_buf_free(&bytes);
}

/* ---- every record ---- */

static void scrub_log(struct visit *v, const struct aver_log *log)
{
    struct aver_buf payload = {0};
    struct aver_why why = {0};
    uint64_t offset = 0, next, groups = 0;
    aver_err err;
    while ((err = aver_log_read(log, &payload, &next, offset, &why)) == AVER_OK) {
        offset = next;
        groups++;
        if (v->progress) v->progress(v->user, offset, log->end);
    }
    aver_buf_free(&payload);
    if (err == AVER_E_NOT_FOUND)
        say(v, AVER_DOCTOR_FINE, "scrub", "", "%" PRIu64 " groups of the log have their hash", groups);
    else if (err != AVER_E_INPUT)
        bad_why(v, "scrub", &why);
    else if (aver_log_tail(log, offset, &why) != AVER_OK)
        bad_why(v, "scrub", &why);
}

struct scrubbing {
    uint64_t records;
    enum aver_store_db db;
};

static aver_err scrub_record(void *ctx, aver_bytes key, aver_bytes value, struct aver_why *why)
{
    struct scrubbing *s = ctx;
    struct aver_stored stored;
    aver_bytes entry;
    s->records++;
    if (s->db == AVER_DB_STATE) return aver_store_record(&stored, key, value, why);
    if (s->db == AVER_DB_TABLE) return aver_store_table_entry(&entry, key, value, why);
    return AVER_OK;
}

static void scrub_state(struct visit *v, struct aver_store *store)
{
    struct scrubbing s = {0};
    for (int db = 0; db < AVER_DB_COUNT; db++) {
        struct aver_why why = {0};
        s.db = (enum aver_store_db)db;
        if (aver_store_walk(store, s.db, AVER_BYTES_NONE, scrub_record, &s, &why) == AVER_OK) continue;
        bad_why(v, "scrub", &why);
        return;
    }
    say(v, AVER_DOCTOR_FINE, "scrub", "",
        "%" PRIu64
        " records of the state can be read and have their checks; aver audit holds them against the log",
        s.records);
}

/* ---- all of it ---- */

static void look_at_state(struct visit *v)
{
    struct aver_store *store = NULL;
    struct aver_log log = {.fd = -1};
    struct aver_store_health health;
    struct aver_head head;
    struct aver_why why = {0};
    aver_err err = aver_log_open(&log, path_of(v, "log/groups"), false, &why);
    if (err != AVER_OK) {
        say(v, AVER_DOCTOR_BAD, "log", why.code, "%s: restore it from a backup; all else follows from it",
            why.text);
        return;
    }
    err = aver_store_open(&store, path_of(v, "state"), false, &why);
    if (err == AVER_OK) err = aver_store_head(store, &head, &why);
    if (err == AVER_OK) err = aver_store_health(store, &health, &why);
    if (err == AVER_E_NOT_FOUND)
        say(v, AVER_DOCTOR_WARNS, "state", "LEDGER-BEHIND",
            "there is none: the next open for writing makes it from the log");
    else if (err != AVER_OK)
        bad_why(v, "state", &why);
    if (err == AVER_OK) {
        say(v, AVER_DOCTOR_FINE, "state", "",
            "%" PRIu64 " MiB in use of a map of %" PRIu64 ", which grows by itself; %u readers; LMDB %s",
            health.used >> 20, health.map >> 20, health.readers, health.version);
        if (health.stale)
            say(v, AVER_DOCTOR_WARNS, "readers", "LEDGER-READERS",
                "%u readers ended without a word and kept the file from shrinking: they are forgotten now",
                health.stale);
        if (health.behind >= AVER_DOCTOR_READER_COMMITS)
            say(v, AVER_DOCTOR_WARNS, "readers", "LEDGER-READERS",
                "process %ld has looked at one moment of the state for %" PRIu64
                " commits, and until it ends the file grows: end it if it should have ended",
                health.behind_pid, health.behind);
        if (log.end < head.offset)
            say(v, AVER_DOCTOR_BAD, "log", "LEDGER-SHORT",
                "it is %" PRIu64
                " bytes shorter than the state that was made from it: restore it from a backup",
                head.offset - log.end);
        else
            look_at_tail(v, &log, head.offset);
        look_at_checkpoint(v, head.tree.size);
        look_at_clock(v, head.time);
        if (v->scrub) scrub_state(v, store);
    }
    if (v->scrub) scrub_log(v, &log);
    aver_store_close(store);
    aver_log_close(&log);
}

enum aver_doctor_grade aver_ledger_doctor(const char *dir, bool scrub, struct aver_list *findings,
                                          struct aver_arena *arena, aver_progress_fn progress, void *user)
{
    struct visit v = {
        .dir = dir, .scrub = scrub, .findings = findings, .arena = arena, .progress = progress, .user = user};
    char chain[AVER_CHAIN_BYTES_MAX + 1];
    struct aver_why why = {0};
    if (strlen(dir) >= AVER_PATH_BYTES - 32) {
        say(&v, AVER_DOCTOR_BAD, "ledger", "LEDGER-PATH", "the path is too long");
        return v.worst;
    }
    if (aver_ledger_conf(dir, chain, &why) != AVER_OK) {
        bad_why(&v, "ledger", &why);
        return v.worst;
    }
    say(&v, AVER_DOCTOR_FINE, "ledger", "", "of chain %s", chain);
    if (aver_ledger_restored(dir))
        say(&v, AVER_DOCTOR_WARNS, "backup", "LEDGER-RESTORED",
            "this is a backup and only read: aver resume --after CHECKPOINT makes it the ledger");
    v.writer = look_at_lock(&v);
    look_at_disk(&v);
    look_at_keys(&v);
    look_at_quarantine(&v);
    look_at_state(&v);
    return v.worst;
}
