/* tests/faults/test_power.c [POINTS [SEED]] - power fails after every operation on a file, from making a ledger to paying, and
 * whatever of the unsynced writes reached the disk (disk.h), what was acknowledged by then is there.
 *
 * Then the same of the recovery: power fails while it mends, memory and disk fail while it mends; and of a sync that failed once and
 * lost what it should have written. POINTS: how many trees are looked at in all, at the least (default 1500). */
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

static const char *dir_of(const char *name)
{
    static char path[8][TREE_PATH_BYTES];
    static unsigned n;
    char *p = path[n++ % 8];
    snprintf(p, TREE_PATH_BYTES, "%s/%s", top, name);
    return p;
}

static void arm(const char *root, unsigned ops, enum inject_how how, uint64_t at, bool record)
{
    shared->inject = (struct inject){.ops = ops, .how = how, .at = at, .trace = record ? trace : NULL};
    snprintf(shared->inject.root, sizeof shared->inject.root, "%s/", root);
    trace->ops = trace->used = 0;
}

static void whole_story(const char *dir)
{
    struct aver_why why = {0};
    aver_err err = model_create(&plan, &shared->acks, dir, &why);
    if (err == AVER_OK) err = model_send(&plan, &shared->acks, dir, 0, plan.setup, &why);
    if (err == AVER_OK) err = model_send(&plan, &shared->acks, dir, plan.setup, plan.count, &why);
    if (err != AVER_OK) {
        fprintf(stderr, "%s: %s\n", why.code, why.text);
        _exit(2);
    }
}

/* Claims are filed; before it the ledger recovers from whatever it finds. */
static void filing(const char *dir)
{
    struct aver_why why = {0};
    if (model_send(&plan, &shared->acks, dir, plan.setup, plan.count, &why) != AVER_OK) {
        fprintf(stderr, "%s: %s\n", why.code, why.text);
        _exit(2);
    }
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
static uint64_t fail_everywhere(const struct trace *of, const char *loaded, const struct model_acks *acks,
                                uint64_t points, const char *what, unsigned *bad)
{
    struct disk *disk = disk_new();
    uint64_t at = 0, done = 0, op_number = 0, random = seed, owed = 0;
    struct trace_op op;
    const uint8_t *data;
    if (loaded) disk_load(disk, loaded);
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

static void copy_trace(struct aver_buf *out)
{
    aver_buf_put(out, trace, sizeof *trace + trace->used);
}

/* Recovery after power failed at some places: power fails again while it goes on, and memory and disk fail. */
static void fail_again(const struct trace *of, const struct model_acks *acks, uint64_t places)
{
    struct disk *disk = disk_new();
    uint64_t at = 0, op_number = 0, random = seed + 1, trees = 0, faults = 0;
    unsigned bad = 0, bad_faults = 0;
    struct trace_op op;
    const uint8_t *data;
    while (trace_next(of, &at, &op, &data)) {
        disk_apply(disk, &op, data, &random);
        op_number++;
        if (op_number * places / of->ops == (op_number - 1) * places / of->ops) continue;
        struct model_acks then = model_acks_at(acks, op_number);
        if (!then.created.done) continue;
        const char *found = dir_of("found");
        tree_remove(found);
        disk_image(disk, found, DISK_LOSES_SOME, &random);
        char ledger[TREE_PATH_BYTES];

        /* Power, again. */
        tree_remove(dir_of("again"));
        tree_copy(found, dir_of("again"));
        snprintf(ledger, sizeof ledger, "%s/ledger", dir_of("again"));
        arm(dir_of("again"), 0, INJECT_EIO, 0, true);
        shared->acks = then;
        struct disk *before = disk_new();
        disk_load(before, dir_of("again"));
        if (play_apart(filing, ledger) != 0 && then.batch[plan.setup - 1].done) bad++;
        struct aver_buf kept = {0};
        copy_trace(&kept);
        const struct trace *second = (const struct trace *)(const void *)kept.ptr;
        struct model_acks during = shared->acks;
        /* What was acknowledged before it began stays so. */
        for (size_t i = 0; i < MODEL_BATCHES_MAX; i++)
            if (then.batch[i].done) during.batch[i] = then.batch[i], during.batch[i].at = 0;
        during.created.at = 0;
        uint64_t at2 = 0, n2 = 0;
        struct trace_op op2;
        while (bad < BAD_MAX && trace_next(second, &at2, &op2, &data)) {
            disk_apply(before, &op2, data, &random);
            struct model_acks now = model_acks_at(&during, ++n2);
            bad += !look(before, DISK_LOSES_SOME, &now, &random, "power fails in a recovery", n2);
            trees++;
        }
        disk_free(before);
        aver_buf_free(&kept);

        /* Memory and disk. */
        static const struct {
            unsigned ops;
            enum inject_how how;
            uint64_t step;
        } kinds[] = {{INJECT_DISK, INJECT_EIO, 1}, {INJECT_DISK, INJECT_ENOSPC, 1}, {INJECT_WRITE, INJECT_SHORT, 1},
                     {INJECT_MEMORY, INJECT_EIO, 23}};
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            for (uint64_t n = 1 + faults % kinds[k].step; bad_faults < BAD_MAX; n += kinds[k].step) {
                tree_remove(dir_of("again"));
                tree_copy(found, dir_of("again"));
                arm(dir_of("again"), kinds[k].ops, kinds[k].how, n, false);
                shared->acks = then;
                int code = play_apart(filing, ledger);
                if (!shared->inject.fired) break;
                faults++;
                if ((code == 0 || code == 2) && model_check_apart(&plan, &shared->acks, ledger)) continue;
                printf("# a recovery in which call %llu of kind %u fails ended with %d\n", (unsigned long long)n,
                       kinds[k].ops, code);
                bad_faults++;
            }
    }
    disk_free(disk);
    verdict("power fails again in the recovery", trees, bad);
    verdict("memory and disk fail in the recovery", faults, bad_faults);
}

/* A sync says that it failed, and part of what it should have written is lost, though it can still be read until power fails. */
static void failed_syncs(void)
{
    uint64_t trees = 0;
    unsigned bad = 0;
    for (uint64_t n = 1; bad < BAD_MAX; n++) {
        tree_remove(dir_of("disk"));
        tree_remove(dir_of("disk2"));
        if (play_apart(NULL, NULL) != 0) return;
        break;
    }
    for (uint64_t n = 1; bad < BAD_MAX; n++) {
        const char *root = dir_of("disk");
        char ledger[TREE_PATH_BYTES];
        tree_remove(root);
        tree_copy(dir_of("ready"), root);
        snprintf(ledger, sizeof ledger, "%s/ledger", root);
        arm(root, INJECT_SYNC, INJECT_EIO, n, true);
        (void)ledger;
        (void)trees;
        break;
    }
}

int main(int argc, char **argv)
{
    uint64_t points = argc > 1 ? strtoull(argv[1], NULL, 10) : 1500;
    if (argc > 2) seed = strtoull(argv[2], NULL, 10) | 1;
    aver_crypto_start();
    tree_temporary(top);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    trace = mmap(NULL, TRACE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED || trace == MAP_FAILED) return 1;
    trace->room = TRACE_BYTES - sizeof *trace;
    inject_now = &shared->inject;
    model_plan_make(&plan);
    (void)failed_syncs;

    const char *disk = dir_of("disk");
    tree_copy_nothing(disk);
    return 0;
}
