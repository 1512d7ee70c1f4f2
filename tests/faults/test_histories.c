/* tests/faults/test_histories.c - several processes file, pay and read at once, are killed in the middle of writes, and each has a clock
 * of its own that goes back and forth; what each was answered, and when, is held against the log that is there in the end.
 *
 * The log is one order of all that happened, so a history is linearizable (Herlihy and Wing) exactly if the answers can be put at
 * points between question and answer that ascend in that order: a check in linear time, where a search would be needed for a
 * model without a log. Beside it: no claim twice, one receipt for each, to the byte; what a reader saw is the log up to some
 * entry; a remittance reports exactly the open claims before it; no time goes back; the audit says same.
 *
 * The arguments HISTORIES (default 50) and SEED. What processes do follows from the seed; how they interleave, from the machine. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/storage/audit.h"
#include "tests/faults/disk.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define WRITERS      3
#define READERS      2
#define PROCESSES    (WRITERS + READERS)
#define SESSIONS     5 /* of a process: opens of the ledger */
#define OPS_MAX      512
#define NUMBERS      24 /* claims there are; batches share them */
#define BATCHES      26
#define REMITS       6
#define HOURS_ASTRAY 10 /* of a clock, either way; what is signed is good for a day */
#define SECONDS_MAX  60
#define FOREVER      INT64_MAX

/* Something that was asked, and when; answered once `after` is set. */
struct op {
    enum { OP_SEND = 1, OP_READ } what;
    int64_t before, after; /* ns, by one clock for all processes */
    aver_err err;
    size_t batch; /* SEND */
    struct model_item_ack item[MODEL_ITEMS_KEPT];
    uint64_t entries, claims; /* READ: of the log that it saw */
};

struct shared {
    _Atomic unsigned ops;
    struct op op[OPS_MAX];
};
static struct shared *shared;
static struct model_plan plan;
static struct model_acks made;
static aver_digest number_of[NUMBERS]; /* of its item */
static char top[TREE_TOP_BYTES], work[TREE_TOP_BYTES + 8], base[TREE_TOP_BYTES + 8];
static unsigned passed, failed;
static uint64_t sends, reads, kills, busy;

static int64_t now(void)
{
    struct timespec t;
    AVER_ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct op *ask(int what)
{
    unsigned n = atomic_fetch_add(&shared->ops, 1);
    AVER_ASSERT(n < OPS_MAX);
    shared->op[n].what = what;
    shared->op[n].before = now();
    return &shared->op[n];
}

/* ---- what processes do ---- */

static void set_clock(uint64_t *random)
{
    char text[32];
    int64_t hours = (int64_t)disk_random(random, 2 * HOURS_ASTRAY + 1) - HOURS_ASTRAY;
    snprintf(text, sizeof text, "%lld", (long long)(MODEL_CLOCK_MS + hours * 3600000));
    setenv("AVER_CLOCK_MS", text, 1);
}

static void write_session(uint64_t *random, bool deferred)
{
    static struct aver_item_result results[MODEL_ITEMS_MAX];
    struct aver_ledger *ledger;
    struct aver_arena arena = {0};
    struct aver_why why;
    set_clock(random);
    while (aver_ledger_open(&ledger, work, AVER_LEDGER_WRITE, &why) != AVER_OK) {
        if (strcmp(why.code, "LEDGER-BUSY") != 0) {
            fprintf(stderr, "%s %s\n", why.code, why.text);
            _exit(3);
        }
        usleep(500);
    }
    aver_ledger_threads(ledger, 1 + (unsigned)disk_random(random, 3));
    if (deferred && disk_random(random, 2) && aver_ledger_defer(ledger, true, &why) != AVER_OK) _exit(3);
    for (uint64_t n = disk_random(random, 3) + 1; n > 0; n--) {
        size_t batch = plan.setup + (size_t)disk_random(random, plan.count - plan.setup);
        const struct model_batch *b = &plan.batch[batch];
        struct op *op = ask(OP_SEND);
        op->batch = batch;
        op->err = aver_ledger_submit(ledger, b->cose, b->items, b->count, results, &arena, NULL, NULL, &why);
        for (size_t i = 0; op->err == AVER_OK && i < b->count; i++)
            op->item[i] = (struct model_item_ack){(int)results[i].how, results[i].entry,
                                                  aver_sha256(results[i].intake_receipt)};
        if (op->err != AVER_OK) {
            fprintf(stderr, "%s %s\n", why.code, why.text);
            _exit(3);
        }
        op->after = now();
    }
    aver_ledger_close(ledger);
    aver_arena_free(&arena);
}

static aver_err count(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    (void)name, (void)stored, (void)why;
    ++*(uint64_t *)user;
    return AVER_OK;
}

static void read_session(void)
{
    struct aver_ledger *ledger;
    struct aver_why why;
    uint64_t claims = 0;
    struct op *op = ask(OP_READ);
    op->err = aver_ledger_open(&ledger, work, AVER_LEDGER_READ, &why);
    /* After a kill, until somebody writes. */
    if (op->err != AVER_OK && strcmp(why.code, "LEDGER-BEHIND") == 0) return;
    if (op->err == AVER_OK) {
        op->entries = aver_ledger_facts(ledger).entries;
        op->err = aver_ledger_names(ledger, "c/", count, &claims, &why);
        op->claims = claims;
        aver_ledger_close(ledger);
    }
    if (op->err != AVER_OK) {
        fprintf(stderr, "%s %s\n", why.code, why.text);
        _exit(3);
    }
    op->after = now();
}

/* A process's whole life. Half of the writers are killed at one of their next operations on a file, at every second session. */
static void live(unsigned who, uint64_t random, bool deferred)
{
    static struct inject own;
    alarm(SECONDS_MAX);
    inject_now = &own;
    for (int i = 0; i < SESSIONS; i++) {
        if (who >= WRITERS) {
            read_session();
        } else {
            if (disk_random(&random, 4) == 0) {
                own = (struct inject){
                    .ops = INJECT_DISK, .how = INJECT_KILL, .at = 1 + disk_random(&random, 60)};
                snprintf(own.root, sizeof own.root, "%s/", top);
                own.armed = true;
            }
            write_session(&random, deferred);
            own.armed = false;
        }
        usleep((useconds_t)disk_random(&random, 2000));
    }
    _exit(0);
}

/* ---- the log in the end ---- */

struct truth {
    uint64_t entries;
    struct place {  /* of an entry */
        int number; /* of its claim; -1: it is none */
        bool remit;
        char trace[16];           /* of the claim, in the end; or the remittance's own */
        aver_digest receipt;      /* the intake receipt */
        int64_t earliest, latest; /* when it was asked for and answered; earliest moves to its point */
        bool decided;
    } * at;
    uint64_t by_number[NUMBERS]; /* entry + 1 */
};

static int number(aver_bytes item)
{
    aver_digest d = aver_sha256(item);
    for (int i = 0; i < NUMBERS; i++)
        if (aver_digest_eq(d, number_of[i])) return i;
    return -1;
}

static bool wrong(uint64_t seed, const char *what, uint64_t a, uint64_t b)
{
    printf("# seed %llu: %s (%llu, %llu)\n", (unsigned long long)seed, what, (unsigned long long)a,
           (unsigned long long)b);
    return false;
}

static bool read_entry(struct truth *t, struct aver_ledger *ledger, uint64_t entry, int64_t *time,
                       struct aver_arena *arena)
{
    struct aver_opened o;
    struct aver_why why = {0};
    struct place *p = &t->at[entry];
    *p = (struct place){.number = -1, .latest = FOREVER};
    if (aver_ledger_item(ledger, entry, &o, arena, &why) != AVER_OK) return false;
    if (o.entry.kind == AVER_ENTRY_HEADER) {
        if (o.entry.time < *time) return false;
        *time = o.entry.time;
    }
    if (!o.body.item.ptr) return true;
    struct aver_receipt receipt;
    if (aver_schema_read(o.receipt, &aver_receipt_schema, &receipt, arena, &why) != AVER_OK) return false;
    for (size_t i = plan.setup; i < plan.count; i++) {
        const struct model_batch *b = &plan.batch[i];
        if (b->kind != AVER_TX_REMIT || !aver_bytes_eq(b->items[0].item, o.body.item)) continue;
        struct aver_remit remit;
        p->remit = aver_schema_read(o.body.item, &aver_remit_schema, &remit, arena, &why) == AVER_OK;
        if (p->remit) snprintf(p->trace, sizeof p->trace, "%.*s", AVER_STR(remit.trace));
        return p->remit;
    }
    p->number = number(o.body.item);
    if (p->number < 0) return true;
    if (t->by_number[p->number]) return false;
    t->by_number[p->number] = entry + 1;
    p->decided = receipt.outcome == AVER_OUT_DECIDED;
    struct aver_claim_state state;
    struct aver_stored stored;
    const struct aver_view *view = aver_ledger_view(ledger);
    const char *name = aver_arena_printf(arena, "c/%.*s", AVER_STR(receipt.decision->claim_id));
    if (view->get(view->self, aver_bytes_str(name), &stored, &why) != AVER_OK ||
        aver_schema_read(aver_arena_copy(arena, stored.record), &aver_claim_state_schema, &state, arena,
                         &why) != AVER_OK ||
        state.entry != entry)
        return false;
    snprintf(p->trace, sizeof p->trace, "%.*s", AVER_STR(state.trace));
    return true;
}

/* A remittance reports the open claims that stand before it, each claim once. */
static bool check_remits(const struct truth *t, uint64_t seed)
{
    uint64_t from = 0;
    for (uint64_t r = 0; r < t->entries; r++) {
        if (!t->at[r].remit) continue;
        for (uint64_t e = from; e < r; e++)
            if (t->at[e].number >= 0 && t->at[e].decided && strcmp(t->at[e].trace, t->at[r].trace) != 0)
                return wrong(seed, "a claim is not in the remittance that follows it", e, r);
        from = r;
    }
    for (uint64_t e = from; e < t->entries; e++)
        if (t->at[e].number >= 0 && t->at[e].trace[0])
            return wrong(seed, "a claim is paid before it was filed", e, from);
    return true;
}

/* ---- the answers against it ---- */

static bool check_send(struct truth *t, const struct op *op, uint64_t seed)
{
    const struct model_batch *b = &plan.batch[op->batch];
    for (size_t i = 0; i < b->count; i++) {
        const struct model_item_ack *ack = &op->item[i];
        if (!op->after) { /* killed: it may stand there or not, by this or by a later one */
            int n = number(b->items[i].item);
            if (n >= 0 && t->by_number[n] && op->before < t->at[t->by_number[n] - 1].earliest)
                t->at[t->by_number[n] - 1].earliest = op->before;
            continue;
        }
        if (ack->how != AVER_ITEM_NEW && ack->how != AVER_ITEM_REPEATED) {
            if (b->kind == AVER_TX_CLAIMS) return wrong(seed, "a claim was refused", op->batch, i);
            continue;
        }
        if (ack->entry >= t->entries)
            return wrong(seed, "an acknowledged entry is not there", ack->entry, t->entries);
        struct place *p = &t->at[ack->entry];
        if (b->kind == AVER_TX_REMIT) {
            if (!p->remit) return wrong(seed, "an acknowledged remittance is not there", ack->entry, 0);
        } else {
            if (p->number < 0 || p->number != number(b->items[i].item))
                return wrong(seed, "another item stands where a claim was acknowledged", ack->entry, i);
            static const aver_digest none;
            if (aver_digest_eq(p->receipt, none)) p->receipt = ack->receipt;
            if (!aver_digest_eq(p->receipt, ack->receipt))
                return wrong(seed, "a claim has two receipts", ack->entry, i);
        }
        if (ack->how == AVER_ITEM_REPEATED) continue;
        if (p->latest != FOREVER) return wrong(seed, "an entry was new twice", ack->entry, i);
        p->earliest = op->before;
        p->latest = op->after;
    }
    return true;
}

static int by_entries(const void *a, const void *b)
{
    const struct op *x = *(const struct op *const *)a, *y = *(const struct op *const *)b;
    return x->entries < y->entries ? -1 : x->entries > y->entries;
}

/* Points that ascend in the order of the log: each as early as can be. A reader's lies after the entries that it saw and, unless LMDB
 * may follow later, before the next one. */
static bool check_order(struct truth *t, bool deferred, uint64_t seed)
{
    static const struct op *seen[OPS_MAX];
    size_t n = 0, next = 0;
    int64_t point = 0;
    for (unsigned i = 0; i < shared->ops; i++)
        if (shared->op[i].what == OP_READ && shared->op[i].after) seen[n++] = &shared->op[i];
    if (n) qsort(seen, n, sizeof *seen, by_entries);
    uint64_t claims = 0;
    for (uint64_t e = 0; e <= t->entries; e++) {
        int64_t readers = point;
        for (; next < n && seen[next]->entries == e; next++) {
            if (seen[next]->claims != claims)
                return wrong(seed, "a reader saw other claims than the log has", e, seen[next]->claims);
            if (seen[next]->after < point)
                return wrong(seed, "a reader saw what was not asked for yet", e, 0);
            if (!deferred && seen[next]->before > readers) readers = seen[next]->before;
        }
        point = readers;
        if (e == t->entries) break;
        struct place *p = &t->at[e];
        if (p->number >= 0) claims++;
        if (p->number < 0 && !p->remit) continue;
        if (p->earliest < point) p->earliest = point;
        if (p->earliest > p->latest)
            return wrong(seed, "an entry stands before one that was answered earlier", e, 0);
        point = p->earliest;
    }
    for (unsigned i = 0; i < shared->ops; i++) {
        const struct op *op = &shared->op[i];
        for (size_t k = 0; op->what == OP_SEND && op->after && k < plan.batch[op->batch].count; k++)
            if (op->item[k].how == AVER_ITEM_REPEATED && t->at[op->item[k].entry].earliest > op->after)
                return wrong(seed, "a claim was known before it was filed", op->item[k].entry, 0);
    }
    return true;
}

static bool check_history(bool deferred, uint64_t seed)
{
    struct aver_ledger *ledger;
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    struct truth t = {0};
    int64_t time = 0;
    if (aver_ledger_open(&ledger, work, AVER_LEDGER_WRITE, &why) != AVER_OK) {
        printf("# %s %s (%s)\n", why.code, why.text, why.place);
        return wrong(seed, "the ledger does not open", 0, 0);
    }
    t.entries = aver_ledger_facts(ledger).entries;
    t.at = AVER_NEW_ARRAY(&arena, struct place, t.entries + 1);
    bool ok = true;
    for (uint64_t e = 0; ok && e < t.entries; e++)
        if (!read_entry(&t, ledger, e, &time, &arena))
            ok = wrong(seed, "an entry is not right, or a claim stands twice", e, 0);
    for (uint64_t e = 0; ok && e < t.entries; e++) t.at[e].earliest = FOREVER;
    for (unsigned i = 0; ok && i < shared->ops; i++)
        if (shared->op[i].what == OP_SEND) ok = check_send(&t, &shared->op[i], seed);
    for (uint64_t e = 0; ok && e < t.entries; e++)
        if (t.at[e].earliest == FOREVER)
            t.at[e].earliest = 0; /* of the setup; a remittance that was not answered */
    ok = ok && check_remits(&t, seed) && check_order(&t, deferred, seed);
    aver_ledger_close(ledger);
    aver_arena_free(&arena);
    if (ok && model_audit(work, &why) != AVER_OK) ok = wrong(seed, "the audit does not say same", 0, 0);
    return ok;
}

static bool history(uint64_t seed)
{
    pid_t pid[PROCESSES];
    uint64_t random = seed;
    bool ok = true, deferred = disk_random(&random, 2);
    tree_remove(work);
    tree_copy(base, work);
    memset(shared, 0, sizeof *shared);
    fflush(NULL);
    for (unsigned i = 0; i < PROCESSES; i++) {
        uint64_t own = random + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        pid[i] = fork();
        if (pid[i] == 0) live(i, own | 1, deferred);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        if (waitpid(pid[i], &status, 0) != pid[i] || !WIFEXITED(status) ||
            (WEXITSTATUS(status) && WEXITSTATUS(status) != INJECT_KILLED))
            ok = wrong(seed, "a process ended with", i, (uint64_t)status);
        else
            kills += WEXITSTATUS(status) == INJECT_KILLED;
    }
    for (unsigned i = 0; i < shared->ops; i++) shared->op[i].what == OP_SEND ? sends++ : reads++;
    for (unsigned i = 0; i < shared->ops; i++) busy += shared->op[i].what == OP_READ && !shared->op[i].after;
    setenv("AVER_CLOCK_MS", "1780000000000", 1);
    return ok && check_history(deferred, seed);
}

/* The check finds what is planted in a history that passed. */
static unsigned planted(uint64_t seed)
{
    static struct shared good;
    struct op *last = NULL, *read = NULL;
    bool deferred = false;
    unsigned found = 0;
    memcpy(&good, shared, sizeof good);
    for (unsigned i = 0; i < shared->ops; i++) {
        struct op *op = &shared->op[i];
        if (op->what == OP_READ && op->after) read = op;
        if (op->what == OP_SEND && op->after && op->item[0].how == AVER_ITEM_NEW &&
            plan.batch[op->batch].kind == AVER_TX_CLAIMS &&
            (!last || op->item[0].entry > last->item[0].entry))
            last = op;
    }
    if (!last || !read) return 0;
    printf("# four that are planted:\n");
    last->item[0].entry++;
    found += !check_history(deferred, seed);
    memcpy(shared, &good, sizeof good);
    last->before = 1, last->after = 2;
    found += !check_history(deferred, seed);
    memcpy(shared, &good, sizeof good);
    read->claims++;
    found += !check_history(deferred, seed);
    memcpy(shared, &good, sizeof good);
    shared->op[shared->ops] = *last;
    shared->op[shared->ops].item[0].receipt.b[0] ^= 1;
    shared->ops++;
    found += !check_history(deferred, seed);
    return found;
}

int main(int argc, char **argv)
{
    uint64_t histories = argc > 1 ? strtoull(argv[1], NULL, 10) : 50;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260101, random = seed | 1;
    struct aver_why why = {0};
    aver_crypto_start();
    tree_temporary(top);
    snprintf(work, sizeof work, "%s/work", top);
    snprintf(base, sizeof base, "%s/base", top);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    model_plan_make(&plan);
    plan.count = plan.setup; /* claims of our own from here on */
    unsigned numbers[NUMBERS];
    for (unsigned i = 0; i < NUMBERS; i++) numbers[i] = i;
    size_t all = plan.count;
    for (unsigned i = 0; i < NUMBERS; i += MODEL_ITEMS_KEPT)
        model_plan_numbers(&plan, numbers + i, MODEL_ITEMS_KEPT);
    for (unsigned i = 0; i < NUMBERS; i++)
        number_of[i] = aver_sha256(plan.batch[all + i / MODEL_ITEMS_KEPT].items[i % MODEL_ITEMS_KEPT].item);
    plan.count = all;
    for (unsigned i = 0; i < BATCHES; i++) {
        unsigned count_of = 1 + (unsigned)disk_random(&random, 4),
                 first = (unsigned)disk_random(&random, NUMBERS);
        for (unsigned k = 0; k < count_of; k++) numbers[k] = (first + k * 5) % NUMBERS;
        model_plan_numbers(&plan, numbers, count_of);
    }
    for (unsigned i = 0; i < REMITS; i++) {
        char trace[16];
        snprintf(trace, sizeof trace, "H%u", i);
        model_plan_remit(&plan, trace);
    }
    if (model_create(&plan, &made, base, &why) != AVER_OK ||
        model_send(&plan, &made, base, 0, plan.setup, &why) != AVER_OK) {
        printf("%s %s\n0 passed, 1 failed\n", why.code, why.text);
        return 1;
    }
    printf("# random numbers from %llu\n", (unsigned long long)seed);
    for (uint64_t i = 0; i < histories && failed < 5; i++)
        if (history(seed + i * 2 + 1))
            passed++;
        else
            failed++;
    printf("# %llu sent, %llu read (%llu after a kill), %llu processes killed\n", (unsigned long long)sends,
           (unsigned long long)reads, (unsigned long long)busy, (unsigned long long)kills);
    bool finds = failed > 0 || planted(seed) == 4;
    printf("%s the check finds what is planted\n", finds ? "ok" : "not ok");
    finds ? passed++ : failed++;
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
