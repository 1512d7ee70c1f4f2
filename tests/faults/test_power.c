/* tests/faults/test_power.c - power fails after every operation on a file, from making a ledger to paying, and
 * whatever of the unsynced writes reached the disk (disk.h), what was acknowledged by then is there.
 *
 * Then the same of the recovery: power fails while it mends, memory and disk fail while it mends; and of a sync that failed once and
 * lost what it should have written. The arguments POINTS and SEED: how many trees are looked at in all, at the least (default 1500), and what luck they have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/disk.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define TRACE_BYTES (256u << 20)
#define BAD_MAX     5

struct shared {
    struct inject inject;
    struct model_acks acks;
};
static struct shared *shared;
static struct trace *trace;
static struct model_plan plan;
static char top[TREE_TOP_BYTES];
static unsigned passed, failed;
static uint64_t seed = 20260101;

/* A path below the top: the same pointer for the same name, for good. */
static const char *dir_of(const char *name)
{
    static char path[16][TREE_PATH_BYTES];
    char wanted[TREE_PATH_BYTES];
    size_t i = 0;
    snprintf(wanted, sizeof wanted, "%s/%s", top, name);
    while (path[i][0] && strcmp(path[i], wanted) != 0) AVER_ASSERT(++i < 16);
    memcpy(path[i], wanted, sizeof wanted);
    return path[i];
}

static void arm(const char *root, unsigned ops, enum inject_how how, uint64_t at, bool record)
{
    shared->inject = (struct inject){.ops = ops, .how = how, .at = at, .trace = record ? trace : NULL};
    snprintf(shared->inject.root, sizeof shared->inject.root, "%s/", root);
    trace->ops = trace->used = 0;
}

static void must(aver_err err, const struct aver_why *why)
{
    if (err == AVER_OK) return;
    fprintf(stderr, "%s: %s\n", why->code, why->text);
    _exit(2);
}

static void whole_story(const char *dir)
{
    struct aver_why why = {0};
    must(model_create(&plan, &shared->acks, dir, &why), &why);
    must(model_send(&plan, &shared->acks, dir, 0, plan.setup, &why), &why);
    must(model_send(&plan, &shared->acks, dir, plan.setup, plan.count, &why), &why);
}

/* Everything but claims and payment. */
static void setup(const char *dir)
{
    struct aver_why why = {0};
    must(model_create(&plan, &shared->acks, dir, &why), &why);
    must(model_send(&plan, &shared->acks, dir, 0, plan.setup, &why), &why);
}

/* Claims are filed; before it the ledger recovers from whatever it finds. */
static void filing(const char *dir)
{
    struct aver_why why = {0};
    must(model_send(&plan, &shared->acks, dir, plan.setup, plan.count, &why), &why);
}

/* A batch of several groups. */
static void filing_many(const char *dir)
{
    struct aver_why why = {0};
    must(model_send(&plan, &shared->acks, dir, plan.count - 1, plan.count, &why), &why);
}

/* 0: done; 2: it says that it could not; else wrong. */
static int play_apart(void (*play)(const char *dir), const char *dir)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen(dir_of("stderr"), "w", stderr)) _exit(1);
        alarm(30);
        shared->inject.armed = true;
        play(dir);
        shared->inject.armed = false;
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid) return 1;
    shared->inject.armed = false;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void verdict(const char *what, uint64_t points, unsigned bad)
{
    printf("%s %s: %llu trees\n", bad ? "not ok" : "ok", what, (unsigned long long)points);
    if (bad)
        failed++;
    else
        passed++;
}

/* A tree that power left behind, held against what was acknowledged by then. */
static bool look(const struct disk *disk, enum disk_fate fate, const struct model_acks *acks,
                 uint64_t *random, const char *what, uint64_t op)
{
    const char *image = dir_of("image");
    uint64_t was = *random;
    tree_remove(image);
    disk_image(disk, image, fate, random);
    char ledger[TREE_PATH_BYTES];
    snprintf(ledger, sizeof ledger, "%s/ledger", image);
    if (model_check_apart(&plan, acks, ledger)) return true;
    static const char *const fates[] = {"all", "nothing", "some"};
    printf("# %s: after operation %llu, of what was not synced %s lost (random %llu)\n", what,
           (unsigned long long)op, fates[fate], (unsigned long long)was);
    return false;
}

/* Power fails after each operation of the record. Returns how many trees were looked at. */
static uint64_t fail_everywhere(const struct trace *of, const struct model_acks *acks, uint64_t points,
                                const char *what, unsigned *bad)
{
    struct disk *disk = disk_new();
    uint64_t at = 0, done = 0, op_number = 0, random = seed, owed = 0;
    struct trace_op op;
    const uint8_t *data;
    while (*bad < BAD_MAX && trace_next(of, &at, &op, &data)) {
        bool synced = disk_apply(disk, &op, data, &random);
        struct model_acks then = model_acks_at(acks, ++op_number);
        *bad += !look(disk, synced ? DISK_LOSES_ALL : DISK_LOSES_NOTHING, &then, &random, what, op_number);
        done++;
        for (owed += points; *bad < BAD_MAX && done < owed / of->ops; done++)
            *bad += !look(disk, DISK_LOSES_SOME, &then, &random, what, op_number);
    }
    disk_free(disk);
    return done;
}

/* A copy of what was recorded, in the heap. */
static struct trace *kept_trace(void)
{
    struct trace *copy = malloc(sizeof *copy + trace->used);
    AVER_ASSERT(copy);
    memcpy(copy, trace, sizeof *copy + trace->used);
    return copy;
}

static const char *ledger_in(const char *root)
{
    static char path[TREE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/ledger", root);
    return path;
}

/* A fresh copy of a tree, and the disk that it lies on. */
static struct disk *disk_with(const char *from, const char *root)
{
    struct disk *disk = disk_new();
    tree_remove(root);
    tree_copy(from, root);
    disk_load(disk, root);
    return disk;
}

/* What was acknowledged before a recording began counts from its beginning. */
static struct model_acks before_and(const struct model_acks *before, struct model_acks acks)
{
    if (before->created.done) acks.created.at = 0;
    for (size_t i = 0; i < MODEL_BATCHES_MAX; i++)
        if (before->batch[i].done) acks.batch[i].at = 0;
    return acks;
}

/* ---- a recovery that is disturbed ------------------------------------------------------------------------------------- */

static uint64_t power_again(const char *found, const struct model_acks *then, uint64_t *random, unsigned *bad)
{
    const char *root = dir_of("again");
    struct disk *disk = disk_with(found, root);
    arm(root, 0, INJECT_EIO, 0, true);
    shared->acks = *then;
    if (play_apart(filing, ledger_in(root)) != 0 && then->batch[plan.setup - 1].done) (*bad)++;
    struct trace *second = kept_trace();
    struct model_acks during = before_and(then, shared->acks);
    uint64_t at = 0, n = 0;
    struct trace_op op;
    const uint8_t *data;
    while (*bad < BAD_MAX && trace_next(second, &at, &op, &data)) {
        disk_apply(disk, &op, data, random);
        struct model_acks now = model_acks_at(&during, ++n);
        *bad += !look(disk, DISK_LOSES_SOME, &now, random, "power fails in a recovery", n);
    }
    disk_free(disk);
    free(second);
    return n;
}

static uint64_t faults_in_recovery(const char *found, const struct model_acks *then, unsigned *bad)
{
    static const struct {
        unsigned ops;
        enum inject_how how;
        uint64_t step;
    } kinds[] = {{INJECT_DISK, INJECT_EIO, 3},
                 {INJECT_DISK, INJECT_ENOSPC, 3},
                 {INJECT_WRITE, INJECT_SHORT, 3},
                 {INJECT_DISK, INJECT_KILL, 3},
                 {INJECT_MEMORY, INJECT_EIO, 67}};
    static uint64_t turn;
    uint64_t faults = 0;
    const char *root = dir_of("again");
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (uint64_t n = 1 + turn++ % kinds[k].step; *bad < BAD_MAX; n += kinds[k].step) {
            tree_remove(root);
            tree_copy(found, root);
            arm(root, kinds[k].ops, kinds[k].how, n, false);
            shared->acks = *then;
            int code = play_apart(filing, ledger_in(root));
            if (!shared->inject.fired) break;
            faults++;
            if ((code == 0 || code == 2 || code == INJECT_KILLED) &&
                model_check_apart(&plan, &shared->acks, ledger_in(root)))
                continue;
            printf("# a recovery in which call %llu of kind %u fails ended with %d\n", (unsigned long long)n,
                   kinds[k].ops, code);
            (*bad)++;
        }
    return faults;
}

/* Recovery after power failed at some places of the record: power fails again while it goes on, and memory and disk fail. */
static void disturbed_recoveries(const struct trace *of, const struct model_acks *acks, uint64_t places)
{
    struct disk *disk = disk_new();
    uint64_t at = 0, n = 0, random = seed + 1, trees = 0, faults = 0;
    unsigned bad = 0, bad_faults = 0;
    struct trace_op op;
    const uint8_t *data;
    while (trace_next(of, &at, &op, &data)) {
        disk_apply(disk, &op, data, &random);
        n++;
        struct model_acks then = model_acks_at(acks, n);
        if (n * places / of->ops == (n - 1) * places / of->ops || !then.created.done) continue;
        const char *found = dir_of("found");
        tree_remove(found);
        disk_image(disk, found, DISK_LOSES_SOME, &random);
        trees += power_again(found, &then, &random, &bad);
        faults += faults_in_recovery(found, &then, &bad_faults);
    }
    disk_free(disk);
    verdict("power fails again in the recovery", trees, bad);
    verdict("memory and disk fail in the recovery", faults, bad_faults);
}

/* ---- the process ends, or a sync fails; then it is started again; then power fails ------------------------------------------ */

/* What the first process wrote and did not sync is still read by the second one, which must not build on it: until it is synced,
 * power can take it away. */
static void stopped_then_power(const char *what, unsigned ops, enum inject_how how)
{
    uint64_t trees = 0, random = seed + 2;
    unsigned bad = 0;
    struct model_acks ready = shared->acks;
    for (uint64_t n = 1; bad < BAD_MAX; n++) {
        const char *root = dir_of("again");
        struct disk *disk = disk_with(dir_of("ready"), root);
        arm(root, ops, how, n, true);
        shared->acks = before_and(&ready, ready);
        int code = play_apart(filing, ledger_in(root));
        bool fired = shared->inject.fired;
        shared->inject.at = 0;
        if (fired && (code == 0 || code == 2 || code == INJECT_KILLED))
            code = play_apart(filing, ledger_in(root));
        if (fired && code != 0) {
            printf("# %s, call %llu: the second process ended with %d\n", what, (unsigned long long)n, code);
            bad++;
        }
        struct trace *both = kept_trace();
        uint64_t at = 0;
        struct trace_op op;
        const uint8_t *data;
        while (trace_next(both, &at, &op, &data)) disk_apply(disk, &op, data, &random);
        for (int fate = DISK_LOSES_ALL; fired && fate <= DISK_LOSES_SOME && bad < BAD_MAX; fate++, trees++)
            bad += !look(disk, (enum disk_fate)fate, &shared->acks, &random, what, n);
        disk_free(disk);
        free(both);
        if (!fired) break;
    }
    shared->acks = ready;
    verdict(what, trees, bad);
}

/* ---- a batch of several groups: whole groups of it may stand in the log before it is acknowledged ----------------------------- */

static void many_claims(uint64_t points)
{
    uint64_t random = seed + 3, trees = 0, at = 0, n = 0;
    unsigned bad = 0;
    struct model_acks ready = shared->acks;
    const char *root = dir_of("again");
    model_plan_claims(&plan, AVER_GROUP_ITEMS_MAX + 300);
    struct disk *disk = disk_with(dir_of("ready"), root);
    arm(root, 0, INJECT_EIO, 0, true);
    if (play_apart(filing_many, ledger_in(root)) != 0) bad++;
    struct trace *story = kept_trace();
    struct model_acks during = before_and(&ready, shared->acks);
    struct trace_op op;
    const uint8_t *data;
    while (bad < BAD_MAX && trace_next(story, &at, &op, &data)) {
        disk_apply(disk, &op, data, &random);
        n++;
        if (n * points / story->ops == (n - 1) * points / story->ops) continue;
        struct model_acks now = model_acks_at(&during, n);
        bad += !look(disk, DISK_LOSES_SOME, &now, &random, "power fails in a large batch", n);
        trees++;
    }
    disk_free(disk);
    free(story);
    plan.count--;
    verdict("power fails within a batch of several groups", trees, bad);
}

int main(int argc, char **argv)
{
    uint64_t points = argc > 1 ? strtoull(argv[1], NULL, 10) : 1500;
    if (argc > 2) seed = strtoull(argv[2], NULL, 10) | 1;
    aver_crypto_start();
    tree_temporary(top);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    trace =
        mmap(NULL, TRACE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED || trace == MAP_FAILED) return 1;
    trace->room = TRACE_BYTES - sizeof *trace;
    inject_now = &shared->inject;
    model_plan_make(&plan);
    printf("# random numbers from %llu\n", (unsigned long long)seed);

    const char *disk = dir_of("disk");
    tree_make(disk);
    arm(disk, 0, INJECT_EIO, 0, true);
    if (play_apart(whole_story, ledger_in(disk)) != 0) {
        printf("the story does not work without any fault\n");
        return 1;
    }
    struct trace *story = kept_trace();
    struct model_acks acks = shared->acks;
    unsigned bad = 0;
    uint64_t trees = fail_everywhere(story, &acks, points, "power fails", &bad);
    printf("# %llu operations\n", (unsigned long long)story->ops);
    verdict("power fails after each operation", trees, bad);
    disturbed_recoveries(story, &acks, points < 10000 ? 8 : story->ops);
    free(story);

    tree_remove(disk);
    tree_make(disk);
    plan.deferred = true;
    shared->acks = (struct model_acks){0};
    arm(disk, 0, INJECT_EIO, 0, true);
    if (play_apart(whole_story, ledger_in(disk)) != 0) return 1;
    plan.deferred = false;
    story = kept_trace();
    acks = shared->acks;
    bad = 0;
    trees = fail_everywhere(story, &acks, points / 2, "power fails, LMDB follows later", &bad);
    verdict("power fails after each operation while LMDB follows later", trees, bad);
    free(story);

    tree_make(dir_of("ready"));
    shared->acks = (struct model_acks){0};
    arm(dir_of("ready"), 0, INJECT_EIO, 0, false);
    if (play_apart(setup, ledger_in(dir_of("ready"))) != 0) return 1;
    stopped_then_power("the process is killed and started again, then power fails", INJECT_DISK, INJECT_KILL);
    stopped_then_power("a sync fails and the process is started again, then power fails", INJECT_SYNC,
                       INJECT_EIO);

    many_claims(points < 10000 ? 12 : 500);

    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
