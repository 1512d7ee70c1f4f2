/* tests/faults/test_pressure.c - what gets too little for a while: a map of LMDB that is full, a reader that never ends or was killed, a
 * disk that is full at one write. The service degrades, says so, goes on when it can, and loses nothing.
 *
 * The map begins small because mdb_env_set_mapsize is wrapped by the linker (--wrap, Makefile), in this program alone. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/storage/doctor.h"
#include "ledger/storage/store.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define SMALL  (UINT64_C(1) << 18)
#define ROUNDS 130 /* of commits while a reader looks back: more than the doctor tells of */

static struct inject inject;
static struct model_plan plan;
static struct model_acks made;
static char top[TREE_TOP_BYTES], work[TREE_TOP_BYTES + 8];
static unsigned passed, failed, bad, grown;
static bool may_grow = true;

struct MDB_env;
int __real_mdb_env_set_mapsize(struct MDB_env *env, size_t size);
int __wrap_mdb_env_set_mapsize(struct MDB_env *env, size_t size);
int __wrap_mdb_env_set_mapsize(struct MDB_env *env, size_t size)
{
    if (size == AVER_STORE_MAP_MIN) return __real_mdb_env_set_mapsize(env, SMALL);
    if (size && !may_grow) return ENOMEM;
    grown += size > 0;
    return __real_mdb_env_set_mapsize(env, size);
}

static void check(bool ok, const char *what, const struct aver_why *why)
{
    if (ok) return;
    bad++;
    printf("# not so: %s (%s %s)\n", what, why ? why->code : "", why ? why->text : "");
}

static void end_of(const char *name)
{
    printf("%s %s\n", bad ? "not ok" : "ok", name);
    bad ? failed++ : passed++;
    bad = 0;
}

static void begin_story(void)
{
    struct aver_why why = {0};
    tree_remove(work);
    memset(&made, 0, sizeof made);
    grown = 0;
    may_grow = true;
    check(model_create(&plan, &made, work, &why) == AVER_OK, "a ledger is made", &why);
}

static void full_map(bool deferred)
{
    struct aver_why why = {0};
    begin_story();
    plan.deferred = deferred;
    check(model_send(&plan, &made, work, 0, plan.count, &why) == AVER_OK, "everything is taken", &why);
    plan.deferred = false;
    check(grown >= 2, "the map grew", NULL);
    check(model_check_apart(&plan, &made, work), "nothing is lost", NULL);
    end_of(deferred ? "a full map grows while LMDB follows later" : "a full map grows");
}

/* LMDB cannot follow any more: what is in the log stays, nothing is acknowledged without being there, and with room it goes on. */
static void map_ends(void)
{
    struct aver_why why = {0};
    begin_story();
    check(model_send(&plan, &made, work, 0, plan.setup, &why) == AVER_OK, "the ledger is set up", &why);
    may_grow = false;
    aver_err err = model_send(&plan, &made, work, plan.setup, plan.count, &why);
    check(err == AVER_E_FULL || err == AVER_E_IO, "a map that cannot grow is an error", &why);
    err = model_send(&plan, &made, work, 0, 0, &why);
    check(err == AVER_OK || err == AVER_E_FULL || err == AVER_E_IO, "so it stays", &why);
    may_grow = true;
    check(model_check_apart(&plan, &made, work),
          "with room everything acknowledged is there, and all can be filed", NULL);
    end_of("a map that cannot grow");
}

static aver_err count(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    (void)name, (void)stored, (void)why;
    ++*(uint64_t *)user;
    return AVER_OK;
}

static bool doctor_says(const char *code)
{
    struct aver_list findings = {0};
    struct aver_arena arena = {0};
    bool found = false;
    (void)aver_ledger_doctor(work, false, &findings, &arena, NULL, NULL);
    const struct aver_doctor_finding *f = findings.items;
    for (size_t i = 0; i < findings.count; i++) found = found || strcmp(f[i].code, code) == 0;
    aver_arena_free(&arena);
    return found;
}

static long long state_bytes(void)
{
    char path[sizeof work + 32];
    struct stat st;
    snprintf(path, sizeof path, "%s/state/data.mdb", work);
    return stat(path, &st) ? -1 : (long long)st.st_size;
}

/* A reader in a process of its own, that looks at one moment until it is told to end; 0: it saw what it should. */
static pid_t start_reader(int *to, int *from)
{
    int down[2], up[2];
    check(pipe(down) == 0 && pipe(up) == 0, "there are pipes", NULL);
    fflush(NULL);
    pid_t pid = fork();
    if (pid) {
        char c;
        check(read(up[0], &c, 1) == 1, "the reader has begun", NULL);
        *to = down[1];
        *from = up[0];
        return pid;
    }
    struct aver_ledger *ledger;
    struct aver_why why;
    uint64_t before = 0, after = 0;
    char c = 0;
    if (aver_ledger_open(&ledger, work, AVER_LEDGER_READ, &why) != AVER_OK ||
        aver_ledger_names(ledger, "", count, &before, &why) != AVER_OK)
        _exit(2);
    struct aver_ledger_facts facts = aver_ledger_facts(ledger);
    if (write(up[1], &c, 1) != 1 || read(down[0], &c, 1) < 0) _exit(2);
    if (aver_ledger_names(ledger, "", count, &after, &why) != AVER_OK) _exit(3);
    struct aver_ledger_facts then = aver_ledger_facts(ledger);
    aver_ledger_close(ledger);
    _exit(before == after && facts.entries == then.entries &&
                  aver_digest_eq(facts.state_root, then.state_root)
              ? 0
              : 1);
}

static void long_reader(bool killed)
{
    struct aver_why why = {0};
    int to, from, status = 0;
    begin_story();
    check(model_send(&plan, &made, work, 0, plan.setup, &why) == AVER_OK, "the ledger is set up", &why);
    pid_t pid = start_reader(&to, &from);
    long long before = state_bytes();
    /* One handle, as a node has: an open of its own would clean up by itself. */
    struct aver_ledger *ledger;
    static struct aver_item_result results[MODEL_ITEMS_MAX];
    check(aver_ledger_open(&ledger, work, AVER_LEDGER_WRITE, &why) == AVER_OK, "somebody writes", &why);
    if (killed)
        check(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid, "the reader is killed", NULL);
    for (unsigned i = 0; i < ROUNDS && !bad; i++) {
        struct aver_arena arena = {0};
        struct model_plan one = {0};
        unsigned number = 100 + i;
        model_plan_numbers(&one, &number, 1);
        const struct model_batch *b = &one.batch[0];
        check(aver_ledger_submit(ledger, b->cose, b->items, b->count, results, &arena, NULL, NULL, &why) ==
                  AVER_OK,
              "claims are filed meanwhile", &why);
        aver_arena_free(&arena);
        model_plan_free(&one);
    }
    bool told = doctor_says("LEDGER-READERS");
    aver_ledger_close(ledger);
    long long after = state_bytes();
    if (killed) {
        check(!told, "one that was killed holds nothing", NULL);
    } else {
        check(told, "the doctor tells of one that looks back", NULL);
        check(write(to, "", 1) == 1 && waitpid(pid, &status, 0) == pid && status == 0,
              "it saw one moment, to its end", NULL);
        check(!doctor_says("LEDGER-READERS"), "and then nothing", NULL);
    }
    close(to);
    close(from);
    printf("# the state grew by %lld KiB while %u claims were filed\n", (after - before) / 1024, ROUNDS);
    static long long growth[2];
    growth[killed] = after - before;
    if (killed) check(growth[1] < growth[0] / 2, "what it held is used again", NULL);
    check(model_check_apart(&plan, &made, work), "nothing is lost", NULL);
    end_of(killed ? "a reader that was killed" : "a reader that does not end");
}

/* The disk is full at the n-th write, once: the claims are refused, reading goes on, and the same handle files them when there is room, or
 * says that it has to be opened anew. */
static void full_for_a_moment(void)
{
    unsigned refused = 0, anew = 0, silent = 0;
    struct aver_why why = {0};
    for (uint64_t at = 1; at < 1000; at++) {
        static struct aver_item_result results[MODEL_ITEMS_MAX];
        const struct model_batch *b = &plan.batch[plan.setup];
        struct aver_ledger *ledger;
        struct aver_arena arena = {0};
        begin_story();
        check(model_send(&plan, &made, work, 0, plan.setup, &why) == AVER_OK, "the ledger is set up", &why);
        check(aver_ledger_open(&ledger, work, AVER_LEDGER_WRITE, &why) == AVER_OK, "it opens", &why);
        uint64_t claims = 0, entries = aver_ledger_facts(ledger).entries;
        inject = (struct inject){.ops = INJECT_WRITE, .how = INJECT_ENOSPC, .at = at, .armed = true};
        snprintf(inject.root, sizeof inject.root, "%s/", top);
        aver_err err =
            aver_ledger_submit(ledger, b->cose, b->items, b->count, results, &arena, NULL, NULL, &why);
        inject.armed = false;
        check(err == AVER_OK || err == AVER_E_FULL || err == AVER_E_IO, "it is the disk's fault", &why);
        refused += err != AVER_OK;
        if (err != AVER_OK && aver_ledger_names(ledger, "c/", count, &claims, &why) != AVER_OK) {
            check(strcmp(why.code, "LEDGER-BROKEN") == 0, "reading goes on, or says why not", &why);
            silent++;
        }
        check(aver_ledger_facts(ledger).entries >= entries, "nothing is forgotten", NULL);
        err = aver_ledger_submit(ledger, b->cose, b->items, b->count, results, &arena, NULL, NULL, &why);
        if (err == AVER_E_IO && strcmp(why.code, "LEDGER-BROKEN") == 0)
            anew++;
        else
            check(err == AVER_OK && (results[0].how == AVER_ITEM_NEW || results[0].how == AVER_ITEM_REPEATED),
                  "with room the same handle files them", &why);
        aver_ledger_close(ledger);
        aver_arena_free(&arena);
        if (!inject.fired || bad) break;
        check(model_check_apart(&plan, &made, work), "nothing is lost", NULL);
    }
    printf("# refused %u times; %u times it had to be opened anew, %u times for reading too\n", refused, anew,
           silent);
    check(refused > anew && anew > silent, "at some writes it goes on as it is, at most it can be read",
          NULL);
    end_of("a disk that is full for a moment");
}

int main(void)
{
    aver_crypto_start();
    tree_temporary(top);
    snprintf(work, sizeof work, "%s/work", top);
    inject_now = &inject;
    model_plan_make(&plan);
    long_reader(false);
    long_reader(true);
    full_for_a_moment();
    model_plan_claims(&plan, AVER_GROUP_ITEMS_MAX + 300);
    full_map(false);
    full_map(true);
    map_ends();
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
