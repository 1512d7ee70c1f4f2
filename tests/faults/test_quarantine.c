/* tests/faults/test_quarantine.c - an assert fails while a transaction is executed: at intake, at its turn and ahead of it, in an
 * envelope, in recovery and in an audit. The process stops, the transaction is kept with its evidence and is not filed, the next start
 * works, whoever sends it again is told the same, and the claims of others go on.
 *
 * The assert is planted around aver_apply and aver_envelope_open by the linker (--wrap, Makefile), in this program alone. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/version.h"
#include "ledger/storage/audit.h"
#include "ledger/storage/doctor.h"
#include "ledger/storage/quarantine.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define SECONDS_MAX 30
#define ABORTED     (128 + SIGABRT)

struct shared {
    struct inject inject;
    struct model_acks acks;
    struct aver_item_result
        result[MODEL_ITEMS_KEPT]; /* of the last batch that was sent; what they point to is gone */
    char words[MODEL_ITEMS_KEPT][512];
    struct aver_why why;
    int err;
    uint64_t entries;
};
static struct shared *shared;
static struct model_plan plan;
static size_t first, again, kim; /* batches: claims P0 to P3; the same from another file; one other claim */
static char top[TREE_TOP_BYTES], work[TREE_TOP_BYTES + 8], base[TREE_TOP_BYTES + 8];
static unsigned passed, failed, bad;

/* ---- the planted bug ---- */

static aver_bytes planted_item, planted_envelope; /* absent: none */
static bool disk_fails;                           /* from the moment the assert fails */

static bool meets_bug(aver_bytes bytes, aver_bytes planted)
{
    if (!planted.ptr || bytes.len < planted.len || !memmem(bytes.ptr, bytes.len, planted.ptr, planted.len))
        return false;
    if (disk_fails) shared->inject.armed = true;
    return true;
}

aver_err __real_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why);
aver_err __wrap_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why);
aver_err __wrap_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why)
{
    AVER_ASSERT(!meets_bug(item->item, planted_item));
    return __real_aver_apply(machine, view, env, item, arena, out, why);
}

aver_err __real_aver_envelope_open(struct aver_envelope *out, const struct aver_view *view, aver_bytes cose,
                                   aver_bytes chain, const struct aver_public_key *key,
                                   struct aver_arena *arena, struct aver_why *why);
aver_err __wrap_aver_envelope_open(struct aver_envelope *out, const struct aver_view *view, aver_bytes cose,
                                   aver_bytes chain, const struct aver_public_key *key,
                                   struct aver_arena *arena, struct aver_why *why);
aver_err __wrap_aver_envelope_open(struct aver_envelope *out, const struct aver_view *view, aver_bytes cose,
                                   aver_bytes chain, const struct aver_public_key *key,
                                   struct aver_arena *arena, struct aver_why *why)
{
    AVER_ASSERT(!meets_bug(cose, planted_envelope));
    return __real_aver_envelope_open(out, view, cose, chain, key, arena, why);
}

/* ---- what is done, each in a process of its own ---- */

enum act { OPEN, SEND, SEND_TWO, AUDIT };
struct doing {
    enum act act;
    size_t batch;
    unsigned threads;
};

static void keep_results(const struct aver_item_result *results, size_t count)
{
    for (size_t i = 0; i < count && i < MODEL_ITEMS_KEPT; i++) {
        shared->result[i] = results[i];
        snprintf(shared->words[i], sizeof shared->words[i], "%s", results[i].words ? results[i].words : "");
    }
}

static aver_err send(const struct doing *d, struct aver_ledger *ledger, struct aver_arena *arena)
{
    static struct aver_item_result results[2][MODEL_ITEMS_MAX];
    const struct model_batch *b = &plan.batch[d->batch];
    struct aver_submission two[2];
    aver_ledger_threads(ledger, d->threads);
    if (d->act == SEND) {
        AVER_TRY(aver_ledger_submit(ledger, b->cose, b->items, b->count, results[0], arena, NULL, NULL,
                                    &shared->why));
        keep_results(results[0], b->count);
        return AVER_OK;
    }
    for (size_t i = 0; i < 2; i++) {
        b = &plan.batch[i ? kim : d->batch];
        two[i] = (struct aver_submission){
            .cose = b->cose, .items = b->items, .count = b->count, .results = results[i]};
    }
    AVER_TRY(aver_ledger_submit_all(ledger, two, 2, arena, NULL, NULL, &shared->why));
    shared->result[0] = results[1][0];
    shared->why = two[0].why;
    return two[0].err;
}

static aver_err act(const struct doing *d)
{
    struct aver_ledger *ledger;
    struct aver_arena arena = {0};
    if (d->act == AUDIT) {
        struct aver_audit audit = {.threads = d->threads};
        AVER_TRY(aver_ledger_audit(work, &audit, &arena, NULL, NULL, &shared->why));
        const struct aver_audit_finding *f = audit.findings.items;
        if (audit.findings.count) {
            snprintf(shared->why.code, sizeof shared->why.code, "%s", f[0].code);
            snprintf(shared->why.place, sizeof shared->why.place, "%s", f[0].place);
        }
        shared->entries = audit.entries;
        return audit.verdict == AVER_AUDIT_SAME      ? AVER_OK
               : audit.verdict == AVER_AUDIT_DIFFERS ? AVER_E_DIFFERS
                                                     : AVER_E_KEY_GONE;
    }
    AVER_TRY(aver_ledger_open(&ledger, work, AVER_LEDGER_WRITE, &shared->why));
    aver_err err = d->act == OPEN ? AVER_OK : send(d, ledger, &arena);
    shared->entries = aver_ledger_facts(ledger).entries;
    aver_ledger_close(ledger);
    aver_arena_free(&arena);
    return err;
}

/* 0, and shared->err what it returned; else what the process ended with. */
static int apart(struct doing d)
{
    int status;
    memset(shared->result, 0, sizeof shared->result);
    memset(&shared->why, 0, sizeof shared->why);
    if (!d.threads) d.threads = 2;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        char path[TREE_PATH_BYTES];
        snprintf(path, sizeof path, "%s/stderr", top);
        if (!freopen(path, "w", stderr)) _exit(1);
        alarm(SECONDS_MAX);
        shared->err = (int)act(&d);
        shared->inject.armed = false;
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid) return 1;
    shared->inject.armed = false;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void check(bool ok, const char *what)
{
    if (ok) return;
    bad++;
    printf("# not so: %s (err %d, %s %s, %s)\n", what, shared->err, shared->why.code, shared->why.text,
           shared->why.place);
}

static void end_of(const char *name)
{
    printf("%s %s\n", bad ? "not ok" : "ok", name);
    bad ? failed++ : passed++;
    bad = 0;
}

/* ---- what is kept ---- */

static struct aver_quarantine opened;
static struct aver_bodies bodies;

static const struct aver_quarantine_entry *kept(size_t count)
{
    struct aver_why why = {0};
    aver_quarantine_close(&opened);
    aver_bodies_close(&bodies);
    check(aver_bodies_open(&bodies, work, false, &why) == AVER_OK &&
              aver_quarantine_open(&opened, work, &bodies, &why) == AVER_OK,
          "the quarantine can be read");
    check(opened.entries.count == count, "so many are kept");
    return opened.entries.count ? opened.entries.items : NULL;
}

static void release_all(void)
{
    struct aver_why why = {0};
    const struct aver_quarantine_entry *e = kept(1);
    if (e) check(aver_quarantine_release(work, e->id, &why) == AVER_OK, "it is released");
    if (e) check(aver_quarantine_release(work, e->id, &why) == AVER_E_NOT_FOUND, "once");
    (void)kept(0);
}

static bool doctor_says(const char *code, enum aver_doctor_grade grade)
{
    struct aver_list findings = {0};
    struct aver_arena arena = {0};
    (void)aver_ledger_doctor(work, false, &findings, &arena, NULL, NULL);
    const struct aver_doctor_finding *f = findings.items;
    bool found = false;
    for (size_t i = 0; i < findings.count; i++)
        found = found ||
                (strcmp(f[i].code, code) == 0 && f[i].grade == grade && strstr(f[i].text, "aver quarantine"));
    aver_arena_free(&arena);
    return found;
}

/* Nothing of the transaction can be read in the file. */
static bool sealed(const struct aver_quarantine_entry *e, aver_bytes text)
{
    char path[TREE_PATH_BYTES];
    struct aver_buf file = {0};
    snprintf(path, sizeof path, "%s/quarantine/%s", work, e->id);
    tree_read(&file, path);
    bool found = memmem(file.ptr, file.len, text.ptr, text.len);
    aver_buf_free(&file);
    return !found;
}

static void begin_story(void)
{
    tree_remove(work);
    tree_copy(base, work);
    planted_item = planted_envelope = AVER_BYTES_NONE;
    disk_fails = false;
}

static bool audit_says_same(void)
{
    return apart((struct doing){.act = AUDIT}) == 0 && shared->err == AVER_OK;
}

static uint64_t entries_of_base;

/* ---- the stories ---- */

/* The control number of the second claim, as its item has it. */
static const aver_bytes poison = {(const uint8_t *)"\x62P1", 3};

static void check_evidence(const struct aver_quarantine_entry *e, const struct model_batch *b, size_t index,
                           uint64_t doing)
{
    const struct aver_quarantined *r = &e->record;
    check(e->read && r->version == 1 && r->doing == doing && r->index == index,
          "the evidence says what was done");
    check(aver_bytes_eq(r->item, b->items[index].item) && aver_bytes_eq(r->salt, b->items[index].salt),
          "the evidence holds the transaction");
    check(aver_bytes_is(r->program, "aver " AVER_VERSION), "the evidence names the program");
    check(memmem(r->assertion.ptr, r->assertion.len, "meets_bug", 9) &&
              memmem(r->place.ptr, r->place.len, "tests/faults/test_quarantine.c:", 31),
          "the evidence has the assert and its place");
    check(r->kind == b->kind && r->height && r->time == MODEL_CLOCK_MS,
          "the evidence has kind, height and time");
    check(sealed(e, poison) && sealed(e, AVER_LIT("kim")), "nothing of it lies there in clear");
}

static void claim_at_intake(unsigned threads)
{
    char name[64];
    begin_story();
    planted_item = poison;
    struct doing send_first = {SEND, first, threads}, send_again = {SEND, again, threads};
    check(apart(send_first) == ABORTED, "the process stops");
    const struct aver_quarantine_entry *e = kept(1);
    if (e) check_evidence(e, &plan.batch[first], 1, AVER_DOING_AHEAD);
    if (e) check(aver_bytes_eq(e->record.cose, plan.batch[first].cose), "the evidence has the envelope");
    if (e) check(aver_bytes_is(e->record.party, "clinic") && e->record.claim_id.len, "and party and claim");
    check(doctor_says("TX-QUARANTINED", AVER_DOCTOR_WARNS), "the doctor says what to do");
    check(apart((struct doing){.act = OPEN}) == 0 && shared->err == AVER_OK, "the next start works");
    check(shared->entries == entries_of_base, "nothing was filed");
    for (int i = 0; i < 4; i++) { /* the same bytes, the same claims from another file, and each again */
        check(apart(i & 1 ? send_again : send_first) == 0 && shared->err == AVER_OK, "it is sent again");
        check(shared->result[1].how == AVER_ITEM_QUARANTINED && strstr(shared->words[1], "aver doctor") &&
                  shared->result[1].entry == 0 && shared->result[1].intake_receipt.len == 0,
              "the one is refused in words");
        for (size_t k = 0; k < 4; k += k ? 1 : 2)
            check(shared->result[k].how == (i ? AVER_ITEM_REPEATED : AVER_ITEM_NEW), "the others are filed");
    }
    check(apart((struct doing){SEND, kim, threads}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
          "the claims of others are filed");
    planted_item = AVER_BYTES_NONE;
    check(audit_says_same(), "the audit says same");
    check(apart(send_first) == 0 && shared->result[1].how == AVER_ITEM_QUARANTINED,
          "without the bug it is refused until it is released");
    planted_item = poison;
    release_all();
    check(apart(send_again) == ABORTED, "released with the bug it stops the process again");
    (void)kept(1);
    check(apart(send_first) == 0 && shared->result[1].how == AVER_ITEM_QUARANTINED,
          "and is known by its claim id");
    planted_item = AVER_BYTES_NONE;
    release_all();
    check(apart(send_first) == 0 && shared->result[1].how == AVER_ITEM_NEW,
          "released without the bug it is filed");
    check(apart(send_again) == 0 && shared->result[1].how == AVER_ITEM_REPEATED, "once");
    check(audit_says_same(), "the audit says same in the end");
    snprintf(name, sizeof name, "a claim at intake, %u threads", threads);
    end_of(name);
}

/* What is executed at its turn: the claim twice in one batch, of which the second is looked at when the first was decided, and a party. */
static void item_at_its_turn(void)
{
    size_t party = plan.setup - 2;
    tree_remove(work);
    struct aver_why why = {0};
    check(model_create(&plan, &shared->acks, work, &why) == AVER_OK, "a ledger is made");
    planted_item = AVER_LIT("clinic");
    check(apart((struct doing){SEND, party, 2}) == ABORTED, "the process stops");
    const struct aver_quarantine_entry *e = kept(1);
    if (e) check_evidence(e, &plan.batch[party], 0, AVER_DOING_INTAKE);
    check(apart((struct doing){SEND, party, 2}) == 0 && shared->result[0].how == AVER_ITEM_QUARANTINED,
          "it is refused");
    check(apart((struct doing){SEND, 0, 2}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
          "another is taken");
    planted_item = AVER_BYTES_NONE;
    release_all();
    check(apart((struct doing){SEND, party, 2}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
          "released it is taken");
    check(audit_says_same(), "the audit says same");
    end_of("an item at its turn");
}

static void envelope(void)
{
    begin_story();
    aver_bytes cose = plan.batch[first].cose;
    planted_envelope = aver_bytes_cut(cose, cose.len - 64, 64);
    check(apart((struct doing){SEND_TWO, first, 2}) == ABORTED, "the process stops");
    const struct aver_quarantine_entry *e = kept(1);
    if (e)
        check(aver_bytes_eq(e->record.cose, cose) && !e->record.kind && !e->record.item.ptr,
              "the envelope is kept");
    check(apart((struct doing){SEND_TWO, first, 2}) == 0 && shared->err == AVER_E_REFUSED &&
              strcmp(shared->why.code, "TX-QUARANTINED") == 0,
          "it is refused");
    check(shared->result[0].how == AVER_ITEM_NEW, "the other one that came with it is taken");
    check(doctor_says("TX-QUARANTINED", AVER_DOCTOR_WARNS), "the doctor says what to do");
    planted_envelope = AVER_BYTES_NONE;
    release_all();
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
          "released it is taken");
    check(audit_says_same(), "the audit says same");
    end_of("an envelope");
}

/* The log is ahead of LMDB, as after a crash. */
static void make_behind(void)
{
    char from[TREE_PATH_BYTES], to[TREE_PATH_BYTES];
    begin_story();
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[1].how == AVER_ITEM_NEW,
          "claims are filed");
    snprintf(from, sizeof from, "%s/state", base);
    snprintf(to, sizeof to, "%s/state", work);
    tree_remove(to);
    tree_copy(from, to);
}

static void recovery(void)
{
    struct aver_buf before = {0}, after = {0};
    char log[TREE_PATH_BYTES];
    make_behind();
    uint64_t entry = shared->result[1].entry;
    snprintf(log, sizeof log, "%s/log/groups", work);
    tree_read(&before, log);
    planted_item = poison;
    check(apart((struct doing){.act = OPEN}) == ABORTED, "the process stops");
    const struct aver_quarantine_entry *e = kept(1);
    if (e) check_evidence(e, &plan.batch[first], 1, AVER_DOING_RECOVERY);
    if (e) check(e->record.entry == entry, "the evidence names the entry");
    check(doctor_says("LEDGER-QUARANTINE", AVER_DOCTOR_BAD), "the doctor says what to do");
    for (int i = 0; i < 2; i++) {
        check(apart((struct doing){.act = OPEN}) == 0 && shared->err == AVER_E_IO &&
                  strcmp(shared->why.code, "LEDGER-QUARANTINE") == 0 && strstr(shared->why.place, "entry "),
              "the next start ends in words");
        planted_item = AVER_BYTES_NONE; /* until it is released */
    }
    tree_read(&after, log);
    check(aver_bytes_eq(aver_buf_view(&before), aver_buf_view(&after)), "the log is as it was");
    release_all();
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[1].how == AVER_ITEM_REPEATED,
          "without the bug nothing is lost");
    check(audit_says_same(), "the audit says same");
    aver_buf_free(&before);
    aver_buf_free(&after);
    end_of("recovery");
}

static void audit(unsigned threads)
{
    char name[64];
    begin_story();
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[1].how == AVER_ITEM_NEW,
          "claims are filed");
    uint64_t entry = shared->result[1].entry;
    planted_item = poison;
    check(apart((struct doing){AUDIT, 0, threads}) == 2, "the process stops, and could not check");
    const struct aver_quarantine_entry *e = kept(1);
    if (e) check_evidence(e, &plan.batch[first], 1, AVER_DOING_AUDIT);
    if (e) check(e->record.entry == entry, "the evidence names the entry");
    check(doctor_says("LEDGER-QUARANTINE", AVER_DOCTOR_WARNS), "the doctor says what to do");
    snprintf(name, sizeof name, "entry %llu (", (unsigned long long)entry);
    check(apart((struct doing){AUDIT, 0, threads}) == 0 && shared->err == AVER_E_KEY_GONE &&
              strcmp(shared->why.code, "LEDGER-QUARANTINE") == 0 && strstr(shared->why.place, name),
          "the next audit reads all and could not check from there");
    check(apart((struct doing){SEND, kim, 2}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
          "claims are filed meanwhile");
    planted_item = AVER_BYTES_NONE;
    release_all();
    check(audit_says_same(), "without the bug the audit says same");
    snprintf(name, sizeof name, "an audit, %u threads", threads);
    end_of(name);
}

/* Each operation on a file fails while evidence is kept; what is kept is whole, and the next start works. */
static void evidence_fails(void)
{
    unsigned none = 0, whole = 0;
    for (uint64_t at = 1;; at++) {
        begin_story();
        planted_item = poison;
        disk_fails = true;
        shared->inject = (struct inject){.ops = INJECT_DISK, .how = INJECT_ENOSPC, .at = at, .forever = true};
        snprintf(shared->inject.root, sizeof shared->inject.root, "%s/", top);
        check(apart((struct doing){SEND, first, 2}) == ABORTED, "the process stops");
        bool fired = shared->inject.fired;
        disk_fails = false;
        struct aver_why why = {0};
        aver_quarantine_close(&opened);
        aver_bodies_close(&bodies);
        check(aver_bodies_open(&bodies, work, false, &why) == AVER_OK &&
                  aver_quarantine_open(&opened, work, &bodies, &why) == AVER_OK,
              "the quarantine can be read");
        const struct aver_quarantine_entry *e = opened.entries.items;
        check(opened.entries.count < 2 && (!opened.entries.count || e->read), "what is kept is whole");
        opened.entries.count ? whole++ : none++;
        check(apart((struct doing){SEND, kim, 2}) == 0 && shared->result[0].how == AVER_ITEM_NEW,
              "the next start works");
        if (!fired || bad) break;
    }
    check(none > 1 && whole > 0, "some were kept, some not");
    printf("# %u times evidence could not be kept, %u times it was whole\n", none, whole);
    end_of("the disk fails while evidence is kept");
}

static void damaged(void)
{
    char path[TREE_PATH_BYTES];
    struct aver_buf file = {0};
    begin_story();
    planted_item = poison;
    check(apart((struct doing){SEND, first, 2}) == ABORTED, "the process stops");
    const struct aver_quarantine_entry *e = kept(1);
    if (!e) {
        end_of("damaged evidence");
        return;
    }
    snprintf(path, sizeof path, "%s/quarantine/%s", work, e->id);
    tree_read(&file, path);
    for (size_t at = 0; at < file.len; at += at < 64 ? 1 : 97) {
        file.ptr[at] ^= 1;
        tree_write(path, aver_buf_view(&file));
        e = kept(1);
        check(e && !e->read, "altered evidence is not believed");
        file.ptr[at] ^= 1;
    }
    check(doctor_says(opened.entries.count ? e->why.code : "", AVER_DOCTOR_WARNS),
          "the doctor says what to do");
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[1].how == AVER_ITEM_QUARANTINED,
          "it is refused all the same");
    planted_item = AVER_BYTES_NONE;
    release_all();
    check(apart((struct doing){SEND, first, 2}) == 0 && shared->result[1].how == AVER_ITEM_NEW,
          "released it is filed");
    aver_buf_free(&file);
    end_of("damaged evidence");
}

int main(void)
{
    struct aver_why why = {0};
    aver_crypto_start();
    tree_temporary(top);
    snprintf(work, sizeof work, "%s/work", top);
    snprintf(base, sizeof base, "%s/base", top);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    inject_now = &shared->inject;
    model_plan_make(&plan);
    first = plan.setup;
    again = plan.count;
    model_plan_again(&plan, first);
    kim = plan.count;
    model_plan_claims(&plan, 1);
    if (model_create(&plan, &shared->acks, base, &why) != AVER_OK ||
        model_send(&plan, &shared->acks, base, 0, plan.setup, &why) != AVER_OK) {
        printf("%s %s\n0 passed, 1 failed\n", why.code, why.text);
        return 1;
    }
    entries_of_base = shared->acks.batch[plan.setup - 1].size;
    claim_at_intake(1);
    claim_at_intake(2);
    claim_at_intake(4);
    item_at_its_turn();
    envelope();
    recovery();
    audit(1);
    audit(3);
    evidence_fails();
    damaged();
    aver_quarantine_close(&opened);
    aver_bodies_close(&bodies);
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
