/* tests/unit/test_audit.c - what an audit says of a ledger that is right, and of one that somebody changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cose.h"
#include "ledger/model/receipts.h"
#include "ledger/storage/audit.h"
#include "ledger/storage/log.h"
#include "ledger/storage/replay.h"
#include "tests/unit/forge.h"
#include "tests/unit/storage_story.h"

#include <signal.h>
#include <sys/wait.h>

static const char *path_in(const char *dir, const char *name)
{
    static char path[4][400];
    static unsigned n;
    char *p = path[n++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static long size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static void flip(const char *path, long at)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    int c = fgetc(f);
    assert_int_not_equal(c, EOF);
    fseek(f, at, SEEK_SET);
    fputc(c ^ 1 << at % 8, f);
    fclose(f);
}

static enum aver_audit_verdict audit(struct story *s, struct aver_audit *a)
{
    struct aver_why why = {0};
    story_ok(aver_ledger_audit(s->dir, a, &s->arena, NULL, NULL, &why), &why);
    return a->verdict;
}

static void hold(struct story *s, struct aver_audit *a, const char *name, aver_bytes receipt)
{
    *(struct aver_audit_receipt *)aver_list_add(&s->arena, &a->intake_receipts,
                                                sizeof(struct aver_audit_receipt)) =
        (struct aver_audit_receipt){name, receipt};
}

static const struct aver_audit_finding *finding(const struct aver_audit *a, const char *code)
{
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++)
        if (strcmp(f[i].code, code) == 0) return &f[i];
    return NULL;
}

static void print_findings(const struct aver_audit *a)
{
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++)
        print_message("%s %s: %s\n", f[i].code, f[i].place, f[i].text);
}

/* Closed, with claims in it. */
static struct aver_item_result *begin(struct story *s, unsigned claims)
{
    story_begin(s);
    struct aver_item_result *r = story_claims(s, 0, claims);
    aver_ledger_close(s->ledger);
    s->ledger = NULL;
    return r;
}

static void same(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    struct aver_item_result *r = begin(&s, AVER_GROUP_ITEMS_MAX + 300);
    for (int i = 0; i < 20; i++) hold(&s, &a, "held", r[i].receipt_proof);
    if (audit(&s, &a) != AVER_AUDIT_SAME) print_findings(&a);
    assert_int_equal(a.verdict, AVER_AUDIT_SAME);
    assert_int_equal(a.findings.count, 0);
    assert_int_equal(a.groups, 4);
    assert_int_equal(a.claims, AVER_GROUP_ITEMS_MAX + 300);
    assert_int_equal(a.bodies, AVER_GROUP_ITEMS_MAX + 302);
    assert_int_equal(a.receipts, a.bodies);
    assert_int_equal(a.signatures, 3 + 1 + 20); /* batches, checkpoint, receipts */
    assert_int_equal(a.promises_kept, 20);
    assert_true(a.records > a.claims);
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    assert_memory_equal(&facts.log_root, &a.log_root, 32);
    assert_memory_equal(&facts.state_root, &a.state_root, 32);
    /* Beside a writer, too. */
    assert_int_equal(audit(&s, &a), AVER_AUDIT_SAME);
    story_end(&s);
}

static void every_byte(struct story *s, const char *name, long step)
{
    struct aver_audit a = {0};
    const char *path = aver_arena_printf(&s->arena, "%s/%s", s->dir, name);
    long size = size_of(path);
    assert_true(size > 0);
    for (long at = 0; at < size; at += at + step < size || at == size - 1 ? step : size - 1 - at) {
        flip(path, at);
        enum aver_audit_verdict v = audit(s, &a);
        flip(path, at);
        if (v != AVER_AUDIT_DIFFERS) {
            print_findings(&a);
            fail_msg("%s byte %ld of %ld: verdict %d", name, at, size, (int)v);
        }
    }
}

static void altered_files(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    begin(&s, 2);
    every_byte(&s, "log/groups", 5);
    every_byte(&s, "checkpoint", 1);
    every_byte(&s, "tile/0/000.p/6", 3);
    every_byte(&s, "tile/0/000.p/10", 7);
    every_byte(&s, "tile/entries/000.p/10", 7);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_SAME);
    story_remove(path_in(s.dir, "tile/0/000.p/10"));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_DIFFERS);
    assert_non_null(finding(&a, "LEDGER-TILE"));
    story_end(&s);
}

/* LMDB does not know of its damage. Whatever is altered there, the audit ends, and says so where a record is another. */
static void altered_state(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    unsigned differs = 0, all = 0;
    begin(&s, 40);
    const char *path = path_in(s.dir, "state/data.mdb");
    struct aver_buf bytes = {0};
    struct aver_why why = {0};
    char *kept = aver_arena_printf(&s.arena, "%s", path);
    story_ok(aver_file_read(&bytes, kept, SIZE_MAX, &why), &why);
    for (long at = 0; at < (long)bytes.len; at += 1009, all++) {
        flip(kept, at);
        differs += audit(&s, &a) == AVER_AUDIT_DIFFERS;
        flip(kept, at);
    }
    print_message("%u of %u alterations in data.mdb met a record\n", differs, all);
    assert_true(differs > 0);
    /* A record that everybody would believe; the file has older copies of it, in pages that nothing leads to. */
    bool named = false;
    const uint8_t *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    while (!named && (at = memmem(at, (size_t)(end - at), "p/clinic", 8)) != NULL) {
        const uint8_t *party = memmem(at, (size_t)(end - at), "Clinic", 6);
        assert_non_null(party);
        flip(kept, party - bytes.ptr);
        const struct aver_audit_finding *f =
            audit(&s, &a) == AVER_AUDIT_DIFFERS ? finding(&a, "LEDGER-STATE") : NULL;
        named = f && strcmp(f->place, "state/data.mdb, state p/clinic") == 0;
        flip(kept, party - bytes.ptr);
        at++;
    }
    assert_true(named);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_SAME);
    /* No state at all, and one that is behind. */
    story_remove(path_in(s.dir, "state"));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_non_null(finding(&a, "LEDGER-BEHIND"));
    aver_buf_free(&bytes);
    story_end(&s);
}

static aver_err name_read(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    (void)user, (void)name, (void)stored, (void)why;
    return AVER_OK;
}

/* A record that was altered in LMDB decides nothing: who reads it is told. */
static void altered_record_is_refused(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_buf bytes = {0};
    begin(&s, 3);
    char *kept = aver_arena_printf(&s.arena, "%s", path_in(s.dir, "state/data.mdb"));
    story_ok(aver_file_read(&bytes, kept, SIZE_MAX, &why), &why);
    /* In every copy of the payee's record, the live one among them: behind its name, check and height. */
    unsigned damaged = 0, all = 0;
    const uint8_t *at = bytes.ptr, *end = bytes.ptr + bytes.len;
    for (; (at = memmem(at, (size_t)(end - at), "q/", 2)) != NULL; at++, all++) {
        struct aver_ledger *l;
        flip(kept, at - bytes.ptr + 2 + 10 + 16 + 8);
        why = (struct aver_why){0};
        aver_err err = aver_ledger_open(&l, s.dir, AVER_LEDGER_READ, &why);
        if (err == AVER_OK) {
            err = aver_ledger_names(l, "q/", name_read, NULL, &why);
            aver_ledger_close(l);
        }
        damaged += err == AVER_E_CORRUPT && strcmp(why.code, "LEDGER-STATE") == 0;
        flip(kept, at - bytes.ptr + 2 + 10 + 16 + 8);
    }
    print_message("%u of %u alterations met a record that is read\n", damaged, all);
    assert_true(damaged > 0);
    aver_buf_free(&bytes);
    story_end(&s);
}

static void keys_gone(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    begin(&s, 2);
    /* Records: "ledger", then the members of the two claims. */
    flip(path_in(s.dir, "keys/bodies"), 88 + 50);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    const struct aver_audit_finding *f = finding(&a, "BODY-KEY");
    assert_non_null(f);
    assert_string_equal(f->place, "entry 6 (group 3)");
    assert_non_null(finding(&a, "AUDIT-STOPPED"));
    assert_int_equal(a.groups, 3);
    assert_int_equal(a.entries, 10);
    flip(path_in(s.dir, "keys/bodies"), 88 + 50);
    flip(path_in(s.dir, "keys/node.wrap"), 3);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    flip(path_in(s.dir, "keys/node.wrap"), 3);
    story_remove(path_in(s.dir, "keys/node.wrap"));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    story_end(&s);
}

/* Somebody who knows the frames' form alters a sealed body and sets the frame's hash right. */
static void altered_seal(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    struct aver_why why = {0};
    begin(&s, 2);
    struct aver_log log;
    struct aver_buf payload = {0};
    struct aver_frame frame;
    uint64_t at = 0, next = 0;
    char *path = aver_arena_printf(&s.arena, "%s/log/groups", s.dir);
    story_ok(aver_log_open(&log, path, false, &why), &why);
    for (int i = 0; i < 3; i++, at = i < 3 ? next : at)
        story_ok(aver_log_read(&log, &payload, &next, at, &why), &why);
    story_ok(aver_frame_read(&frame, aver_buf_view(&payload), &s.arena, &why), &why);
    const struct aver_frame_item *item = frame.items.items;
    size_t place = (size_t)(item[1].body.ptr - payload.ptr) + 20;
    payload.ptr[place] ^= 4;
    aver_digest digest = aver_sha256(aver_buf_view(&payload));
    FILE *f = fopen(path, "r+b");
    fseek(f, (long)at + AVER_FRAME_HEAD_BYTES, SEEK_SET);
    fwrite(payload.ptr, 1, payload.len, f);
    fwrite(digest.b, 1, sizeof digest.b, f);
    fclose(f);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_DIFFERS);
    const struct aver_audit_finding *found = finding(&a, "BODY-SEAL");
    assert_non_null(found);
    assert_string_equal(found->place, "entry 7 (group 3)");
    assert_string_equal(found->text, "the sealed body was altered");
    aver_log_close(&log);
    aver_buf_free(&payload);
    story_end(&s);
}

/* ---- promises ---- */

typedef void change_fn(struct aver_intake_receipt *receipt);
static void absent(struct aver_intake_receipt *r) { r->claim_id = AVER_LIT("ABCDEFGHJKMNPQRSTVWXYZ01"); }
static void late(struct aver_intake_receipt *r) { r->by_height--; }
static void other_time(struct aver_intake_receipt *r) { r->received--; }
static void other_claim(struct aver_intake_receipt *r) { r->leaf.b[3] ^= 1; }
static void other_party(struct aver_intake_receipt *r) { r->party = AVER_LIT("clinic-2"); }
static void other_ledger(struct aver_intake_receipt *r) { r->chain = AVER_LIT("claims.other"); }
static void nothing(struct aver_intake_receipt *r) { (void)r; }

/* The receipt with one thing changed, signed with the node's own key. */
static aver_bytes resigned(struct story *s, aver_bytes receipt_bytes, change_fn *change)
{
    struct aver_receipt_opened opened;
    struct aver_why why = {0};
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_buf seed = {0}, receipt = {0};
    story_ok(aver_receipt_open(&opened, receipt_bytes, &s->arena, &why), &why);
    story_ok(aver_file_read(&seed, path_in(s->dir, "keys/node.key"), 64, &why), &why);
    assert_int_equal(seed.len, 32);
    aver_key_from_seed(&pk, &sk, seed.ptr);
    change(&opened.receipt);
    aver_schema_encode(&receipt, &aver_intake_receipt_schema, &opened.receipt);
    aver_bytes proof, given = aver_buf_view(&receipt);
    aver_receipts_sign(&proof, &given, 1, opened.receipt.chain, &pk, &sk, &s->arena);
    aver_buf_free(&seed);
    aver_buf_free(&receipt);
    return proof;
}

static void broken_promises(void **state)
{
    (void)state;
    static const struct {
        change_fn *change;
        enum aver_audit_verdict verdict;
        const char *code;
    } cases[] = {
        {nothing, AVER_AUDIT_SAME, NULL},
        {absent, AVER_AUDIT_DIFFERS, "RECEIPT-ABSENT"},
        {late, AVER_AUDIT_DIFFERS, "RECEIPT-LATE"},
        {other_time, AVER_AUDIT_DIFFERS, "RECEIPT-TIME"},
        {other_claim, AVER_AUDIT_DIFFERS, "RECEIPT-CLAIM"},
        {other_party, AVER_AUDIT_DIFFERS, "RECEIPT-CLAIM"},
        {other_ledger, AVER_AUDIT_COULD_NOT, "RECEIPT-CHAIN"},
    };
    struct story s;
    struct aver_item_result *r = begin(&s, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_audit a = {0};
        hold(&s, &a, "held", r[0].receipt_proof);
        hold(&s, &a, "changed", resigned(&s, r[0].receipt_proof, cases[i].change));
        assert_int_equal(audit(&s, &a), cases[i].verdict);
        assert_int_equal(a.promises_kept, cases[i].code ? 1 : 2);
        assert_int_equal(a.promises_broken, cases[i].verdict == AVER_AUDIT_DIFFERS);
        if (!cases[i].code) continue;
        assert_int_equal(a.findings.count, 1);
        assert_non_null(finding(&a, cases[i].code));
        assert_string_equal(finding(&a, cases[i].code)->place, "intake receipt changed");
    }
    /* What the node never signed proves nothing, and is no pass either. */
    struct aver_audit a = {0};
    uint8_t *bent = aver_arena_alloc(&s.arena, r[0].receipt_proof.len);
    memcpy(bent, r[0].receipt_proof.ptr, r[0].receipt_proof.len);
    bent[r[0].receipt_proof.len - 1] ^= 1;
    hold(&s, &a, "bent", aver_bytes_of(bent, r[0].receipt_proof.len));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_non_null(finding(&a, "RECEIPT-SIGNATURE"));
    a = (struct aver_audit){0};
    uint8_t *id = memmem(bent, r[0].receipt_proof.len, r[0].claim_id, AVER_CLAIM_ID_BYTES);
    id[0] = id[0] == 'A' ? 'B' : 'A';
    hold(&s, &a, "bent", aver_bytes_of(bent, r[0].receipt_proof.len));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_non_null(finding(&a, "RECEIPT-PROOF"));
    a = (struct aver_audit){0};
    hold(&s, &a, "text", AVER_LIT("a receipt"));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_non_null(finding(&a, "RECEIPT-FORM"));
    assert_int_equal(a.promises_kept + a.promises_broken, 0);
    story_end(&s);
}

/* ---- threads ---- */

static void same_answer(struct aver_audit *a, const struct aver_audit *b)
{
    const struct aver_audit_finding *x = a->findings.items, *y = b->findings.items;
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->findings.count, b->findings.count);
    for (size_t i = 0; i < a->findings.count; i++) {
        assert_string_equal(x[i].code, y[i].code);
        assert_string_equal(x[i].place, y[i].place);
        assert_string_equal(x[i].text, y[i].text);
        assert_int_equal(x[i].recorded, y[i].recorded);
        assert_int_equal(x[i].again, y[i].again);
    }
    assert_memory_equal(&a->log_root, &b->log_root, 32);
    assert_memory_equal(&a->state_root, &b->state_root, 32);
    assert_int_equal(a->groups, b->groups);
    assert_int_equal(a->entries, b->entries);
    assert_int_equal(a->claims, b->claims);
    assert_int_equal(a->signatures, b->signatures);
    assert_int_equal(a->bodies, b->bodies);
    assert_int_equal(a->receipts, b->receipts);
    assert_int_equal(a->records, b->records);
    assert_int_equal(a->paid, b->paid);
    assert_int_equal(a->differing, b->differing);
    assert_int_equal(a->cents, b->cents);
}

static void with_threads(struct story *s, struct aver_audit *one)
{
    *one = (struct aver_audit){.threads = 1};
    audit(s, one);
    for (unsigned threads = 2; threads <= 7; threads += 2) {
        struct aver_audit many = {.threads = threads};
        audit(s, &many);
        same_answer(&many, one);
        assert_int_equal(many.again, one->again);
    }
}

static void other_payee(struct aver_decision *d, int64_t unused)
{
    (void)unused;
    d->payee = AVER_LIT("1999999999");
}
static void unnamed(struct aver_decision *d, int64_t unused)
{
    (void)unused;
    d->claim_id = AVER_LIT("000000000000000000000000");
}

/* A receipt that lies about what others will read, and one that lies about itself: each is the only one that is told. */
static void threads_agree(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a;
    begin(&s, AVER_GROUP_ITEMS_MAX + 300);
    with_threads(&s, &a);
    assert_int_equal(a.verdict, AVER_AUDIT_SAME);
    assert_int_equal(a.again, 0);
    forge_fn *const lies[] = {other_payee, unnamed};
    for (size_t i = 0; i < 2; i++) {
        uint64_t entry = 500 + i;
        forge_ledger(s.dir, STORY_CHAIN, entry, lies[i], 0);
        with_threads(&s, &a);
        assert_int_equal(a.verdict, AVER_AUDIT_DIFFERS);
        assert_int_equal(a.differing, i + 1);
        assert_true(a.again > 100); /* all behind it have read another list than was guessed */
        const struct aver_audit_finding *f = a.findings.items;
        assert_int_equal(f[i].entry, entry);
        assert_string_equal(f[i].code, "LEDGER-REPLAY");
    }
    /* A body that cannot be opened, in the middle of a window. */
    flip(path_in(s.dir, "keys/bodies"), 2 * 88 + 50);
    with_threads(&s, &a);
    assert_non_null(finding(&a, "BODY-KEY"));
    assert_non_null(finding(&a, "AUDIT-STOPPED"));
    story_end(&s);
}

/* ---- an audit that was interrupted ---- */

struct stopper {
    uint64_t groups; /* after which it ends */
    bool kill;
};

static bool enough(void *user)
{
    struct stopper *s = user;
    if (s->groups-- > 1) return false;
    if (s->kill) kill(getpid(), SIGKILL);
    return true;
}

static void many_groups(struct story *s)
{
    story_begin(s);
    for (unsigned i = 0; i < 12; i++) story_claims(s, i * 30, 30);
    aver_ledger_close(s->ledger);
    s->ledger = NULL;
}

static void taken_up_again(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit whole = {0};
    struct aver_why why = {0};
    many_groups(&s);
    forge_ledger(s.dir, STORY_CHAIN, 20, other_payee, 0);
    char *file = aver_arena_printf(&s.arena, "%s/audit", s.dir);
    audit(&s, &whole);
    for (uint64_t groups = 1; groups < 15; groups += 4) {
        struct stopper stop = {.groups = groups};
        struct aver_audit a = {.state = file, .interrupted = enough, .interrupted_user = &stop};
        assert_int_equal(audit(&s, &a), groups > 3 ? AVER_AUDIT_DIFFERS : AVER_AUDIT_COULD_NOT);
        assert_non_null(finding(&a, "AUDIT-ENDED"));
        struct aver_audit b = {.state = file};
        audit(&s, &b);
        assert_true(b.resumed > 0);
        same_answer(&b, &whole);
        story_remove(file);
    }
    /* Killed while at work, a saved state behind it. */
    pid_t pid = fork();
    if (pid == 0) {
        struct stopper stop = {.groups = 9, .kill = true};
        struct aver_audit a = {
            .state = file, .save_every = 1, .threads = 1, .interrupted = enough, .interrupted_user = &stop};
        (void)(aver_ledger_audit(s.dir, &a, &s.arena, NULL, NULL, NULL) == AVER_OK);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct aver_audit b = {.state = file, .save_every = 50};
    audit(&s, &b);
    same_answer(&b, &whole);
    /* Once more from what is complete: nothing is left to execute. */
    struct aver_audit c = {.state = file};
    audit(&s, &c);
    assert_true(c.resumed > whole.entries / 2);
    same_answer(&c, &whole);
    /* A state that somebody else wrote, or for another ledger, is never gone on from. */
    long size = size_of(file);
    for (long at = 0; at < size; at += size / 40 + 1) {
        struct aver_audit d = {.state = file};
        flip(file, at);
        assert_int_equal(aver_ledger_audit(s.dir, &d, &s.arena, NULL, NULL, &why), AVER_E_CORRUPT);
        assert_string_equal(why.code, "AUDIT-STATE");
        flip(file, at);
    }
    /* The log before it is read again: a byte that changed since is found, though nothing is executed for it. */
    struct aver_audit e = {.state = file};
    forge_ledger(s.dir, STORY_CHAIN, 20, unnamed, 0);
    assert_int_equal(audit(&s, &e), AVER_AUDIT_DIFFERS);
    assert_non_null(finding(&e, "LEDGER-REWRITTEN"));
    story_end(&s);
}

/* As a crash leaves it: an unfinished frame that nobody was told of. */
static void unfinished_tail(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    begin(&s, 1);
    FILE *f = fopen(path_in(s.dir, "log/groups"), "ab");
    fputs("AVERGRP1", f);
    fclose(f);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_non_null(finding(&a, "LEDGER-TAIL"));
    story_open(&s, AVER_LEDGER_WRITE);
    assert_int_equal(audit(&s, &a), AVER_AUDIT_SAME);
    story_end(&s);
}

static void first_difference(void **state)
{
    (void)state;
    struct story s;
    struct aver_buf a = {0}, b = {0}, text = {0};
    struct aver_opened opened;
    struct aver_receipt r;
    struct aver_why why = {0};
    begin(&s, 1);
    story_open(&s, AVER_LEDGER_WRITE);
    story_ok(aver_ledger_item(s.ledger, 6, &opened, &s.arena, &why), &why);
    story_ok(aver_schema_read(opened.receipt, &aver_receipt_schema, &r, &s.arena, &why), &why);
    ((struct aver_line_decision *)r.decision->lines.items)[0].charge.cents++;
    aver_schema_encode(&a, &aver_receipt_schema, &r);
    aver_receipt_difference(&text, opened.receipt, aver_buf_view(&a), &s.arena);
    aver_buf_byte(&text, 0);
    assert_string_equal(
        (char *)text.ptr,
        "decision.lines[0].charge is 10000 cents in the record and 10001 cents when executed again");
    text.len = 0;
    aver_receipt_difference(&text, opened.receipt, AVER_LIT("x"), &s.arena);
    aver_buf_byte(&text, 0);
    assert_string_equal((char *)text.ptr, "executed again it gives no receipt");
    aver_buf_free(&a);
    aver_buf_free(&b);
    aver_buf_free(&text);
    story_end(&s);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same),
        cmocka_unit_test(altered_files),
        cmocka_unit_test(altered_state),
        cmocka_unit_test(altered_record_is_refused),
        cmocka_unit_test(keys_gone),
        cmocka_unit_test(altered_seal),
        cmocka_unit_test(broken_promises),
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(taken_up_again),
        cmocka_unit_test(unfinished_tail),
        cmocka_unit_test(first_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
