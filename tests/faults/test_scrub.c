/* tests/faults/test_scrub.c - the background scrub finds what is altered, or it is in no record: every n-th byte of LMDB's file and of
 * the log is changed, alone; whatever the scrub calls fine gives every record as it was. It works beside a writer, by small steps,
 * and holds no moment of LMDB between them. The argument EVERY (default 331; 1: each byte). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/storage/scrub.h"
#include "ledger/storage/store.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define SECONDS_MAX 20
#define FOUND       1
#define COULD_NOT   2
#define OTHER       3 /* fine, and a record is another than it was */

static struct model_plan plan;
static struct model_acks made;
static char top[TREE_TOP_BYTES], base[TREE_TOP_BYTES + 8], work[TREE_TOP_BYTES + 8];
static unsigned passed, failed;
static aver_digest as_it_was;

static void verdict(bool ok, const char *name)
{
    printf("%s %s\n", ok ? "ok" : "not ok", name);
    ok ? passed++ : failed++;
}

struct seen {
    unsigned count;
    struct aver_why last;
};
static void note(void *user, const struct aver_why *why)
{
    struct seen *seen = user;
    seen->count++;
    seen->last = *why;
}

/* Whole passes by steps of so many bytes. */
static aver_err scrub(struct aver_ledger *ledger, uint64_t bytes, unsigned passes, struct seen *seen,
                      struct aver_scrub_counts *counts, struct aver_why *why)
{
    struct aver_scrub *s = aver_scrub_new(ledger, note, seen);
    aver_err err = AVER_OK;
    for (bool whole; passes && err == AVER_OK; passes -= err == AVER_OK && whole) {
        err = aver_scrub_step(s, bytes, &whole, why);
        *counts = aver_scrub_counts(s);
    }
    aver_scrub_free(s);
    return err;
}

static aver_err add(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    (void)why;
    aver_buf_bytes(user, name);
    aver_buf_byte(user, 0);
    aver_buf_bytes(user, stored.record);
    return AVER_OK;
}

static aver_err all_records(struct aver_ledger *ledger, aver_digest *out, struct aver_why *why)
{
    struct aver_buf all = {0};
    aver_err err = aver_ledger_names(ledger, "", add, &all, why);
    *out = aver_sha256(aver_buf_view(&all));
    aver_buf_free(&all);
    return err;
}

/* In a process of its own, since LMDB led astray ends the one that reads. 0: fine, and everything as it was. */
static int look_apart(const char *dir)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct aver_ledger *ledger;
        struct aver_why why = {0};
        struct seen seen = {0};
        struct aver_scrub_counts counts;
        aver_digest now;
        alarm(SECONDS_MAX);
        if (!freopen("/dev/null", "w", stderr) ||
            aver_ledger_open(&ledger, dir, AVER_LEDGER_READ, &why) != AVER_OK ||
            scrub(ledger, 1 << 20, 1, &seen, &counts, &why) != AVER_OK)
            _exit(COULD_NOT);
        if (seen.count) _exit(seen.last.place[0] && seen.last.text[0] ? FOUND : OTHER);
        aver_ledger_close(ledger);
        if (aver_ledger_open(&ledger, dir, AVER_LEDGER_READ, &why) != AVER_OK ||
            all_records(ledger, &now, &why) != AVER_OK)
            _exit(OTHER);
        _exit(aver_digest_eq(now, as_it_was) ? 0 : OTHER);
    }
    if (waitpid(pid, &status, 0) != pid) return OTHER;
    return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status) == SIGALRM ? OTHER : COULD_NOT;
}

static void bytes_of(const char *file, uint64_t every, bool all_found)
{
    char path[sizeof work + 64], name[128];
    struct aver_buf bytes = {0};
    unsigned fine = 0, found = 0, could_not = 0, bad = 0;
    tree_remove(work);
    tree_copy(base, work);
    snprintf(path, sizeof path, "%s/%s", work, file);
    tree_read(&bytes, path);
    for (uint64_t at = 0; at < bytes.len && bad < 5; at += every) {
        bytes.ptr[at] ^= (uint8_t)(1u << at % 8);
        tree_write(path, aver_buf_view(&bytes));
        bytes.ptr[at] ^= (uint8_t)(1u << at % 8);
        int how = look_apart(work);
        fine += how == 0;
        found += how == FOUND;
        could_not += how == COULD_NOT;
        if (how == OTHER || (how == 0 && all_found)) {
            bad++;
            printf("# byte %llu of %s: %d\n", (unsigned long long)at, file, how);
        }
    }
    aver_buf_free(&bytes);
    snprintf(name, sizeof name, "bytes of %s: %u found, %u end it, %u in no record", file, found, could_not,
             fine);
    verdict(bad == 0 && found > 0, name);
}

/* A record altered with its check made right again, as somebody would who knows the format: the trie tells. */
static void on_purpose(void)
{
    char path[sizeof work + 64];
    struct aver_buf bytes = {0};
    struct aver_ledger *ledger;
    struct aver_why why = {0};
    struct aver_stored stored;
    unsigned changed = 0;
    tree_remove(work);
    tree_copy(base, work);
    bool ok = aver_ledger_open(&ledger, work, AVER_LEDGER_READ, &why) == AVER_OK;
    const struct aver_view *view = ok ? aver_ledger_view(ledger) : NULL;
    struct aver_buf value = {0};
    aver_bytes name = AVER_LIT("m/kim");
    ok = ok && view->get(view->self, name, &stored, &why) == AVER_OK;
    if (ok) aver_buf_bytes(&value, stored.record);
    if (ok) aver_ledger_close(ledger);
    snprintf(path, sizeof path, "%s/state/data.mdb", work);
    tree_read(&bytes, path);
    for (size_t at = 24; ok && at + value.len <= bytes.len; at++) {
        if (memcmp(bytes.ptr + at, value.ptr, value.len) != 0) continue;
        /* Check (8 bytes) and height (8) lie before the record: FNV-1a over name, height and record (store.h). */
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        bytes.ptr[at + value.len - 1] ^= 1;
        for (size_t i = 0; i < name.len; i++) hash = (hash ^ name.ptr[i]) * UINT64_C(0x100000001b3);
        for (size_t i = at - 8; i < at + value.len; i++)
            hash = (hash ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
        for (unsigned i = 0; i < 8; i++) bytes.ptr[at - 16 + i] = (uint8_t)(hash >> (56 - 8 * i));
        changed++;
    }
    tree_write(path, aver_buf_view(&bytes));
    struct seen seen = {0};
    struct aver_scrub_counts counts;
    ok = ok && changed && aver_ledger_open(&ledger, work, AVER_LEDGER_READ, &why) == AVER_OK &&
         scrub(ledger, 1 << 20, 1, &seen, &counts, &why) == AVER_OK;
    if (ok) aver_ledger_close(ledger);
    verdict(ok && seen.count == 1 && strstr(seen.last.place, "m/kim") &&
                strcmp(seen.last.code, "LEDGER-STATE") == 0,
            "a record altered with its check made right is found and named");
    aver_buf_free(&bytes);
    aver_buf_free(&value);
}

/* Somebody writes meanwhile; every step is small, and between two of them nobody looks back. */
static void beside_a_writer(bool deferred)
{
    struct aver_ledger *writer, *reader;
    struct aver_why why = {0};
    struct seen seen = {0};
    struct aver_arena arena = {0};
    static struct aver_item_result results[MODEL_ITEMS_MAX];
    tree_remove(work);
    tree_copy(base, work);
    fflush(NULL);
    int status, pipes[2];
    bool ok = pipe(pipes) == 0;
    pid_t pid = fork();
    if (pid == 0) { /* a writer in a process of its own, until the pipe closes */
        char c;
        close(pipes[1]);
        if (aver_ledger_open(&writer, work, AVER_LEDGER_WRITE, &why) != AVER_OK ||
            aver_ledger_defer(writer, deferred, &why) != AVER_OK)
            _exit(1);
        for (unsigned i = 0; read(pipes[0], &c, 1) == 1; i++) {
            struct model_plan one = {0};
            unsigned number = 200 + i;
            model_plan_numbers(&one, &number, 1);
            if (aver_ledger_submit(writer, one.batch[0].cose, one.batch[0].items, 1, results, &arena, NULL,
                                   NULL, &why) != AVER_OK ||
                results[0].how != AVER_ITEM_NEW)
                _exit(1);
            model_plan_free(&one);
        }
        aver_ledger_close(writer);
        _exit(0);
    }
    close(pipes[0]);
    usleep(50000);
    ok = ok && aver_ledger_open(&reader, work, AVER_LEDGER_READ, &why) == AVER_OK;
    struct aver_scrub *s = ok ? aver_scrub_new(reader, note, &seen) : NULL;
    unsigned steps = 0, passes = 0;
    uint64_t last = 0;
    for (bool whole; ok && passes < 3; steps++) {
        ok = write(pipes[1], "", 1) == 1 && aver_scrub_step(s, 2000, &whole, &why) == AVER_OK;
        passes += whole;
        last = whole ? aver_scrub_counts(s).records : last;
        usleep(500);
    }
    close(pipes[1]);
    ok = waitpid(pid, &status, 0) == pid && status == 0 && ok;
    aver_scrub_free(s);
    printf("# %u passes, %u steps, %llu records in the last; %s\n", passes, steps, (unsigned long long)last,
           seen.count ? seen.last.text : "nothing found");
    verdict(ok && seen.count == 0 && steps > 5 * passes && last > 10,
            deferred ? "beside a writer whose LMDB follows later" : "beside a writer");
    struct aver_store_health health = {.behind = 99};
    struct aver_store *store = NULL;
    char path[sizeof work + 16];
    snprintf(path, sizeof path, "%s/state", work);
    if (ok) aver_ledger_close(reader);
    if (aver_store_open(&store, path, false, &why) == AVER_OK)
        ok = aver_store_health(store, &health, &why) == AVER_OK;
    aver_store_close(store);
    verdict(ok && health.behind == 0, "and nothing is kept for it");
    aver_arena_free(&arena);
}

int main(int argc, char **argv)
{
    uint64_t every = argc > 1 ? strtoull(argv[1], NULL, 10) : 331;
    struct aver_why why = {0};
    struct aver_ledger *ledger;
    struct seen seen = {0};
    struct aver_scrub_counts counts = {0};
    aver_crypto_start();
    tree_temporary(top);
    snprintf(base, sizeof base, "%s/base", top);
    snprintf(work, sizeof work, "%s/work", top);
    model_plan_make(&plan);
    if (every == 0 || model_create(&plan, &made, base, &why) != AVER_OK ||
        model_send(&plan, &made, base, 0, plan.count, &why) != AVER_OK ||
        aver_ledger_open(&ledger, base, AVER_LEDGER_READ, &why) != AVER_OK) {
        printf("%s %s\n0 passed, 1 failed\n", why.code, why.text);
        return 1;
    }
    aver_err err = scrub(ledger, 100, 2, &seen, &counts, &why);
    if (err != AVER_OK) printf("# %s %s (%s)\n", why.code, why.text, why.place);
    printf("# %llu groups, %llu records, %llu artifacts\n", (unsigned long long)counts.groups,
           (unsigned long long)counts.records, (unsigned long long)counts.artifacts);
    verdict(err == AVER_OK && seen.count == 0 && counts.groups > 5 && counts.records > 20 &&
                counts.artifacts == 4,
            "a whole ledger is fine");
    aver_ledger_close(ledger);
    if (aver_ledger_open(&ledger, base, AVER_LEDGER_READ, &why) != AVER_OK ||
        all_records(ledger, &as_it_was, &why) != AVER_OK)
        return 1;
    aver_ledger_close(ledger);
    on_purpose();
    beside_a_writer(false);
    beside_a_writer(true);
    bytes_of("log/groups", every / 4 + 1, true);
    bytes_of("state/data.mdb", every, false);
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
