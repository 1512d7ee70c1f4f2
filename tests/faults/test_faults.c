/* tests/faults/test_faults.c - each allocation and each operation on a file fails, one after the other, once and for good,
 * in everything a ledger does: making it, publishing, enrolling, filing, paying, auditing, and opening after a crash.
 *
 * The oracle (model.h): the process ends by itself, with an error and no signal; afterwards the ledger opens, what was
 * acknowledged is there, nothing is there twice, and the audit says same. The argument EVERY: only every n-th place (default 1: all). */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define SECONDS_MAX 30 /* for one run */

enum stage { CREATE, SETUP, FILE_CLAIMS, PAY, AUDIT, REOPEN, LATER, STAGES };
static const char *const stage_names[] = {"init",     "publish and enrol",         "submit", "remit", "audit",
                                          "recovery", "publish to remit, deferred"};

struct shared {
    struct inject inject;
    struct model_acks acks;
};
static struct shared *shared;
static struct model_plan plan;
static char top[TREE_TOP_BYTES];
static struct model_acks before[STAGES]; /* acknowledged when a stage begins */
static unsigned passed, failed;

static const char *dir_of(const char *name)
{
    static char path[4][TREE_PATH_BYTES];
    static unsigned n;
    char *p = path[n++ % 4];
    snprintf(p, TREE_PATH_BYTES, "%s/%s", top, name);
    return p;
}

static const char *base_of(enum stage stage)
{
    char name[16];
    snprintf(name, sizeof name, "base%d", (int)(stage == LATER ? SETUP : stage));
    return dir_of(name);
}

static aver_err play(enum stage stage, const char *dir, struct aver_why *why)
{
    struct model_acks *acks = &shared->acks;
    switch (stage) {
    case CREATE: return model_create(&plan, acks, dir, why);
    case SETUP: return model_send(&plan, acks, dir, 0, plan.setup, why);
    case FILE_CLAIMS: return model_send(&plan, acks, dir, plan.setup, plan.setup + 2, why);
    case PAY: return model_send(&plan, acks, dir, plan.setup + 2, plan.count, why);
    case AUDIT: return model_audit(dir, why);
    case REOPEN: return model_send(&plan, acks, dir, 0, 0, why);
    case LATER: plan.deferred = true; return model_send(&plan, acks, dir, 0, plan.count, why);
    case STAGES: break;
    }
    AVER_UNREACHABLE();
}

/* Plays a stage in a process of its own. 0: it did what it should; 2: it says that it could not; anything else is wrong. */
static int play_apart(enum stage stage, const char *dir)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct aver_why why = {0};
        if (!freopen(dir_of("stderr"), "w", stderr)) _exit(1);
        alarm(SECONDS_MAX);
        shared->inject.armed = true;
        aver_err err = play(stage, dir, &why);
        shared->inject.armed = false;
        if (err != AVER_OK) fprintf(stderr, "%s: %s %s\n", aver_err_name(err), why.code, why.text);
        fflush(NULL);
        _exit(err == AVER_OK ? 0 : 2);
    }
    if (waitpid(pid, &status, 0) != pid) return 1;
    shared->inject.armed = false;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void arm(unsigned ops, enum inject_how how, uint64_t at, bool forever)
{
    shared->inject = (struct inject){.ops = ops, .how = how, .at = at, .forever = forever};
    snprintf(shared->inject.root, sizeof shared->inject.root, "%s/", top);
}

static void copy_base(enum stage stage, const char *dir)
{
    tree_remove(dir);
    if (stage != CREATE) tree_copy(base_of(stage), dir);
}

/* What each stage begins with. The recovery begins with a log that LMDB has not seen, and half a group at its end. */
static void make_bases(void)
{
    arm(0, INJECT_EIO, 0, false);
    for (enum stage stage = CREATE; stage < REOPEN; stage++) {
        before[stage] = shared->acks;
        const char *work = dir_of("work");
        copy_base(stage, work);
        if (play_apart(stage, work) != 0) {
            printf("%s does not work without any fault\n", stage_names[stage]);
            exit(1);
        }
        tree_copy(work, base_of(stage + 1));
    }
    before[REOPEN] = shared->acks;
    before[LATER] = before[SETUP];
    char path[TREE_PATH_BYTES];
    struct aver_buf log = {0};
    snprintf(path, sizeof path, "%s/state", base_of(REOPEN));
    tree_remove(path);
    snprintf(path, sizeof path, "%s/state", base_of(FILE_CLAIMS));
    char to[TREE_PATH_BYTES];
    snprintf(to, sizeof to, "%s/state", base_of(REOPEN));
    tree_copy(path, to);
    snprintf(path, sizeof path, "%s/log/groups", base_of(REOPEN));
    tree_read(&log, path);
    size_t whole = log.len;
    aver_buf_put(&log, log.ptr, whole < 300 ? whole : 300);
    tree_write(path, aver_buf_view(&log));
    aver_buf_free(&log);
}

static void show(const char *path)
{
    struct aver_buf words = {0};
    tree_read(&words, path);
    printf("%.*s", AVER_STR(aver_buf_view(&words)));
    aver_buf_free(&words);
}

/* One kind of fault at each place of a stage, until a run sees none. */
static void loop(enum stage stage, const char *what, unsigned ops, enum inject_how how, bool forever,
                 uint64_t every)
{
    uint64_t at = 1, tried = 0;
    unsigned bad = 0, could_not = 0;
    for (;; at += every) {
        const char *work = dir_of("work");
        copy_base(stage, work);
        shared->acks = before[stage];
        arm(ops, how, at, forever);
        int code = play_apart(stage, work);
        if (!shared->inject.fired) break;
        tried++;
        if (code == 2) could_not++;
        bool fine = code == 0 || code == 2;
        if (!fine)
            printf("# %s, %s %llu: ended with %d\n", stage_names[stage], what, (unsigned long long)at, code);
        if (!fine) show(dir_of("stderr"));
        if (fine && !model_check_apart(&plan, &shared->acks, work)) {
            fine = false;
            printf("# %s, %s %llu: see above; ended with %d\n", stage_names[stage], what,
                   (unsigned long long)at, code);
            show(dir_of("stderr"));
        }
        if (!fine && ++bad == 5) break;
    }
    printf("%s %s: %s%s: %llu faults, %u runs ended in an error\n", bad ? "not ok" : "ok", stage_names[stage],
           what, forever ? " and all after it" : "", (unsigned long long)tried, could_not);
    if (bad)
        failed++;
    else
        passed++;
}

int main(int argc, char **argv)
{
    uint64_t every = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    if (!every) every = 1;
    aver_crypto_start();
    tree_temporary(top);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    inject_now = &shared->inject;
    model_plan_make(&plan);
    make_bases();
    static const struct {
        const char *what;
        unsigned ops;
        enum inject_how how;
        bool forever;
    } kinds[] = {
        {"an allocation fails", INJECT_MEMORY, INJECT_EIO, false},
        {"an allocation fails", INJECT_MEMORY, INJECT_EIO, true},
        {"a map fails", INJECT_MAP, INJECT_EIO, false},
        {"a write fails half done", INJECT_WRITE, INJECT_EIO, false},
        {"a write fails half done", INJECT_WRITE, INJECT_EIO, true},
        {"a write is short", INJECT_WRITE, INJECT_SHORT, false},
        {"a write is short", INJECT_WRITE, INJECT_SHORT, true},
        {"a sync fails", INJECT_SYNC, INJECT_EIO, false},
        {"a truncation fails", INJECT_TRUNCATE, INJECT_EIO, false},
        {"a name fails", INJECT_NAME, INJECT_EIO, false},
        {"an open fails", INJECT_OPEN, INJECT_EIO, false},
        {"the disk fails", INJECT_DISK, INJECT_EIO, true},
        {"the disk is full for a moment", INJECT_DISK, INJECT_ENOSPC, false},
        {"the disk is full", INJECT_DISK, INJECT_ENOSPC, true},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (enum stage stage = CREATE; stage < STAGES; stage++)
            loop(stage, kinds[k].what, kinds[k].ops, kinds[k].how, kinds[k].forever, every);
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
