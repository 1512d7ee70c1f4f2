/* tests/unit/test_storage.c - a ledger in a directory: what it keeps, what it says, and what it survives. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/cose.h"
#include "ledger/model/merkle.h"
#include "ledger/model/receipts.h"
#include "ledger/model/tlog_proof.h"
#include "ledger/storage/log.h"
#include "tests/unit/storage_story.h"

/* Good until the fourth call after it. */
static const char *path_in(const char *dir, const char *name)
{
    static char path[4][400];
    static unsigned n;
    char *p = path[n++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static void write_at(const char *path, long at, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static void flip(const char *path, long at)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    int c = fgetc(f);
    assert_int_not_equal(c, EOF);
    fseek(f, at, SEEK_SET);
    fputc(c ^ 1, f);
    fclose(f);
}

static long size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* ---- opening ---- */

static void create_and_open(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    assert_int_equal(facts.height, 2);
    assert_int_equal(facts.entries, 6); /* twice item, state root, header */
    assert_int_equal(facts.time, STORY_NOW);
    assert_true(aver_bytes_is(aver_ledger_chain(s.ledger), STORY_CHAIN));
    struct stat st;
    assert_int_equal(stat(path_in(s.dir, "keys/node.key"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 32);
    struct aver_why why = {0};
    story_ok(story_reopen(&s, &why), &why);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_memory_equal(&facts.log_root, &again.log_root, 32);
    assert_memory_equal(&facts.state_root, &again.state_root, 32);
    /* Not twice in one place, and not over something else. */
    struct aver_insurer insurers[] = {{"operations", s.operations.pk}, {"compliance", s.compliance.pk}};
    assert_int_equal(aver_ledger_create(s.dir, STORY_CHAIN, insurers, 2, &why), AVER_E_EXISTS);
    assert_int_equal(aver_ledger_create("/nowhere/at/all", "Bad Name", insurers, 2, &why), AVER_E_INPUT);
    story_end(&s);
}

static void not_a_ledger(void **state)
{
    (void)state;
    char dir[200];
    struct aver_ledger *l;
    struct aver_why why = {0};
    story_temp(dir);
    assert_int_equal(aver_ledger_open(&l, dir, AVER_LEDGER_READ, &why), AVER_E_NOT_FOUND);
    assert_string_equal(why.code, "LEDGER-NONE");
    assert_int_equal(aver_ledger_open(&l, path_in(dir, "absent"), AVER_LEDGER_WRITE, &why), AVER_E_NOT_FOUND);
    assert_string_equal(why.code, "LEDGER-NONE");
    FILE *f = fopen(path_in(dir, "ledger.conf"), "w");
    fputs("something else\n", f);
    fclose(f);
    assert_int_equal(aver_ledger_open(&l, dir, AVER_LEDGER_READ, &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "LEDGER-CONF");
    story_remove(dir);
}

static void one_writer(void **state)
{
    (void)state;
    struct story s;
    struct aver_ledger *other;
    struct aver_why why = {0};
    story_begin(&s);
    assert_int_equal(aver_ledger_open(&other, s.dir, AVER_LEDGER_WRITE, &why), AVER_E_BUSY);
    assert_string_equal(why.code, "LEDGER-BUSY");
    story_end(&s);
}

/* LMDB is not to be opened twice in a process, so the reader is another one. */
static void reader_beside_writer(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_claims(&s, 0, 3);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct aver_ledger *l;
        struct aver_why why = {0};
        struct aver_batch_item none = {0};
        struct aver_item_result result;
        struct aver_arena arena = {0};
        int ok = aver_ledger_open(&l, s.dir, AVER_LEDGER_READ, &why) == AVER_OK;
        ok = ok && aver_ledger_facts(l).height == 3;
        ok = ok && aver_ledger_submit(l, AVER_LIT("x"), &none, 1, &result, &arena, NULL, NULL, &why) ==
                       AVER_E_REFUSED;
        if (!ok) fprintf(stderr, "%s: %s\n", why.code, why.text);
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    story_end(&s);
}

static void keys_are_private(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    story_begin(&s);
    assert_int_equal(chmod(path_in(s.dir, "keys/node.key"), 0644), 0);
    assert_int_equal(story_reopen(&s, &why), AVER_E_REFUSED);
    assert_string_equal(why.code, "LEDGER-KEYMODE");
    chmod(path_in(s.dir, "keys/node.key"), 0600);
    assert_int_equal(truncate(path_in(s.dir, "keys/node.wrap"), 31), 0);
    assert_int_equal(story_reopen(&s, &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "LEDGER-KEYS");
    story_end(&s);
}

/* ---- filing ---- */

static void filing(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    story_begin(&s);
    struct aver_item_result *r = story_claims(&s, 0, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(r[i].how, AVER_ITEM_NEW);
        assert_int_equal(r[i].height, 3);
        assert_int_equal(r[i].entry, 6 + i);
        assert_int_equal(r[i].decided.status, AVER_CLAIM_DENIED);
        assert_null(r[i].words);
        struct aver_receipt_opened proof;
        story_ok(aver_receipt_open(&proof, r[i].receipt_proof, &s.arena, &why), &why);
        assert_true(aver_receipt_signed(&proof, aver_ledger_node_key(s.ledger)));
        assert_true(aver_bytes_is(proof.receipts.chain, STORY_CHAIN));
        assert_int_equal(proof.receipts.count, 3); /* one signature for all of them */
        struct aver_intake_receipt receipt = proof.receipt;
        assert_int_equal(receipt.by_height, 3);
        assert_int_equal(receipt.received, STORY_NOW);
        struct aver_opened opened;
        story_ok(aver_ledger_item(s.ledger, r[i].entry, &opened, &s.arena, &why), &why);
        assert_true(aver_bytes_eq(opened.body.item, story_claim(&s, i)));
        assert_memory_equal(&opened.leaf, &receipt.leaf, 32);
        assert_int_equal(opened.body.index, i);
    }
    struct aver_opened opened;
    story_ok(aver_ledger_item(s.ledger, 9, &opened, &s.arena, &why), &why);
    assert_int_equal(opened.entry.kind, AVER_ENTRY_STATE);
    story_ok(aver_ledger_item(s.ledger, 10, &opened, &s.arena, &why), &why);
    assert_int_equal(opened.entry.kind, AVER_ENTRY_HEADER);
    assert_int_equal(aver_ledger_item(s.ledger, 11, &opened, &s.arena, &why), AVER_E_NOT_FOUND);
    story_end(&s);
}

static void filing_twice(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_buf cose = {0};
    story_begin(&s);
    struct aver_item_result *first = story_claims(&s, 0, 2), again[4] = {0};
    struct aver_ledger_facts before = aver_ledger_facts(s.ledger);
    /* Other salts, another signature, and the batch long expired: the first receipt, byte for byte, and nothing logged. */
    story_clock(STORY_NOW + INT64_C(40) * 86400000);
    struct aver_batch_item items[4] = {{.item = story_claim(&s, 0)}, {.item = story_claim(&s, 1)}};
    story_sign(&s, &cose, AVER_TX_CLAIMS, items, 2, &s.clinic, STORY_NOW + 1000);
    story_ok(aver_ledger_submit(s.ledger, aver_buf_view(&cose), items, 2, again, &s.arena, NULL, NULL, &why),
             &why);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(again[i].how, AVER_ITEM_REPEATED);
        assert_string_equal(again[i].claim_id, first[i].claim_id);
        assert_int_equal(again[i].entry, first[i].entry);
        assert_int_equal(again[i].outcome, first[i].outcome);
        assert_true(aver_bytes_eq(again[i].intake_receipt, first[i].intake_receipt));
        /* And the same claims together, so the same proof. */
        assert_true(aver_bytes_eq(again[i].receipt_proof, first[i].receipt_proof));
    }
    assert_int_equal(aver_ledger_facts(s.ledger).height, before.height);
    /* One new among them, and the batch is refused whole. */
    cose.len = 0;
    items[1].item = story_claim(&s, 7);
    story_sign(&s, &cose, AVER_TX_CLAIMS, items, 2, &s.clinic, STORY_NOW + 1000);
    assert_int_equal(
        aver_ledger_submit(s.ledger, aver_buf_view(&cose), items, 2, again, &s.arena, NULL, NULL, &why),
        AVER_E_REFUSED);
    assert_string_equal(why.code, "TX-EXPIRED");
    assert_int_equal(aver_ledger_facts(s.ledger).height, before.height);
    /* Twice in one batch, and one before it. */
    story_clock(STORY_NOW);
    items[0].item = story_claim(&s, 8), items[1].item = story_claim(&s, 1),
    items[2].item = story_claim(&s, 8);
    items[3].item = AVER_LIT("no claim");
    story_ok(story_submit(&s, AVER_TX_CLAIMS, items, 4, &s.clinic, again, &why), &why);
    assert_int_equal(again[0].how, AVER_ITEM_NEW);
    assert_int_equal(again[1].how, AVER_ITEM_REPEATED);
    assert_int_equal(again[2].how, AVER_ITEM_REPEATED);
    assert_int_equal(again[3].how, AVER_ITEM_REFUSED);
    assert_int_equal(again[3].outcome, AVER_OUT_MALFORMED);
    assert_true(aver_bytes_eq(again[0].intake_receipt, again[2].intake_receipt));
    assert_int_equal(aver_ledger_facts(s.ledger).entries, before.entries + 3);
    story_ok(story_reopen(&s, &why), &why);
    aver_buf_free(&cose);
    story_end(&s);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_buf cose = {0};
    story_begin(&s);
    struct aver_item_result result[2];
    struct aver_batch_item items[2] = {{.item = story_claim(&s, 0)}, {.item = story_claim(&s, 1)}};
    story_sign(&s, &cose, AVER_TX_CLAIMS, items, 2, &s.clinic, STORY_NOW + 1000);
    aver_bytes signed_bytes = aver_buf_view(&cose);
    assert_int_equal(aver_ledger_submit(s.ledger, signed_bytes, items, 1, result, &s.arena, NULL, NULL, &why),
                     AVER_E_REFUSED);
    assert_string_equal(why.code, "TX-ROOT");
    cose.ptr[cose.len - 1] ^= 1;
    assert_int_equal(aver_ledger_submit(s.ledger, signed_bytes, items, 2, result, &s.arena, NULL, NULL, &why),
                     AVER_E_SIGNATURE);
    assert_int_equal(aver_ledger_submit(s.ledger, signed_bytes, items, 0, result, &s.arena, NULL, NULL, &why),
                     AVER_E_LIMIT);
    items[0].salt.len = 3;
    assert_int_equal(aver_ledger_submit(s.ledger, signed_bytes, items, 2, result, &s.arena, NULL, NULL, &why),
                     AVER_E_INPUT);
    assert_int_equal(aver_ledger_facts(s.ledger).height, 2);
    aver_buf_free(&cose);
    story_end(&s);
}

/* Batches that arrive together share a group; one that is wrong keeps none of the others out. */
static void together(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_buf cose[4] = {{0}};
    struct aver_batch_item items[4][2];
    struct aver_item_result results[4][2];
    struct aver_submission all[4];
    story_begin(&s);
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < 2; k++) items[i][k].item = story_claim(&s, i == 3 ? k : 2 * i + k);
        story_sign(&s, &cose[i], AVER_TX_CLAIMS, items[i], 2, &s.clinic,
                   i == 1 ? STORY_NOW - 1 : STORY_NOW + 1000);
        all[i] = (struct aver_submission){aver_buf_view(&cose[i]), items[i], 2, results[i], AVER_OK,
                                          {{0}, {0}, {0}}};
    }
    story_ok(aver_ledger_submit_all(s.ledger, all, 4, &s.arena, NULL, NULL, &why), &why);
    assert_int_equal(all[1].err, AVER_E_REFUSED);
    assert_string_equal(all[1].why.code, "TX-EXPIRED");
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; i != 1 && k < 2; k++) {
            assert_int_equal(all[i].err, AVER_OK);
            assert_int_equal(results[i][k].how, i == 3 ? AVER_ITEM_REPEATED : AVER_ITEM_NEW);
            assert_int_equal(results[i][k].height, 3);
        }
    assert_true(aver_bytes_eq(results[0][1].intake_receipt, results[3][1].intake_receipt));
    struct aver_opened opened;
    story_ok(aver_ledger_item(s.ledger, results[2][1].entry, &opened, &s.arena, &why), &why);
    assert_true(aver_bytes_eq(opened.cose, all[2].cose));
    assert_int_equal(opened.body.index, 1);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    assert_int_equal(facts.entries, 6 + 4 + 2);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    story_remove(path_in(s.dir, "state"));
    story_ok(story_reopen(&s, &why), &why);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_memory_equal(&facts.state_root, &again.state_root, 32);
    for (unsigned i = 0; i < 4; i++) aver_buf_free(&cose[i]);
    story_end(&s);
}

/* A batch of several groups: one envelope, found again from each. */
static void large_batch(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    unsigned n = 2 * AVER_GROUP_ITEMS_MAX + 37;
    story_begin(&s);
    struct aver_item_result *r = story_claims(&s, 0, n);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    assert_int_equal(facts.height, 5);
    assert_int_equal(facts.entries, 6 + n + 3 + 1); /* three headers, one state root */
    struct aver_opened first, last;
    story_ok(aver_ledger_item(s.ledger, r[n - 1].entry, &last, &s.arena, &why), &why);
    story_ok(aver_ledger_item(s.ledger, r[0].entry, &first, &s.arena, &why), &why);
    assert_true(aver_bytes_eq(first.cose, last.cose));
    assert_int_equal(last.body.index, n - 1);
    /* The whole log again, without LMDB. */
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    story_remove(path_in(s.dir, "state"));
    story_ok(story_reopen(&s, &why), &why);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_memory_equal(&facts.log_root, &again.log_root, 32);
    assert_memory_equal(&facts.state_root, &again.state_root, 32);
    story_ok(aver_ledger_item(s.ledger, r[n - 1].entry, &last, &s.arena, &why), &why);
    assert_true(aver_bytes_eq(first.cose, last.cose));
    story_end(&s);
}

/* ---- the log ---- */

struct place {
    long begin, end;
};

static struct place last_frame(const char *path)
{
    struct aver_log log;
    struct aver_why why = {0};
    struct aver_buf payload = {0};
    struct place p = {0, 0};
    uint64_t next;
    story_ok(aver_log_open(&log, path, false, &why), &why);
    while (aver_log_read(&log, &payload, &next, (uint64_t)p.end, &why) == AVER_OK)
        p = (struct place){p.end, (long)next};
    assert_int_equal(p.end, log.end);
    aver_log_close(&log);
    aver_buf_free(&payload);
    return p;
}

/* As after a crash during the append: LMDB and the checkpoint know nothing of the last frame. */
static void torn_frame(void **state)
{
    (void)state;
    struct story s;
    char before[200], copy[200];
    struct aver_why why = {0};
    story_begin(&s);
    story_claims(&s, 0, 1);
    aver_ledger_close(s.ledger);
    story_temp(before);
    story_copy(s.dir, before);
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_ledger_facts facts_before = aver_ledger_facts(s.ledger);
    story_claims(&s, 1, 1);
    struct aver_ledger_facts facts_after = aver_ledger_facts(s.ledger);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    struct place last = last_frame(path_in(s.dir, "log/groups"));
    struct aver_buf whole = {0};
    story_ok(aver_file_read(&whole, path_in(s.dir, "log/groups"), SIZE_MAX, &why), &why);
    story_temp(copy);
    for (long cut = last.begin; cut <= last.end; cut++) {
        struct story t = {0};
        story_remove(copy);
        story_copy(before, copy);
        snprintf(t.dir, sizeof t.dir, "%s", copy);
        /* The key of a subject is on the disk before the frame that uses it. */
        story_copy(path_in(s.dir, "keys/bodies"), aver_arena_printf(&s.arena, "%s/keys/bodies", copy));
        write_at(path_in(copy, "log/groups"), last.begin, whole.ptr + last.begin, (size_t)(cut - last.begin));
        story_open(&t, AVER_LEDGER_WRITE);
        struct aver_ledger_facts facts = aver_ledger_facts(t.ledger);
        const struct aver_ledger_facts *want = cut == last.end ? &facts_after : &facts_before;
        assert_int_equal(facts.height, want->height);
        assert_memory_equal(&facts.log_root, &want->log_root, 32);
        assert_memory_equal(&facts.state_root, &want->state_root, 32);
        aver_ledger_close(t.ledger);
        assert_int_equal(size_of(path_in(copy, "log/groups")), cut == last.end ? last.end : last.begin);
    }
    /* The same length, another content: a block that was never written. */
    for (long at = last.begin; at < last.end; at += 37) {
        struct story t = {0};
        story_remove(copy);
        story_copy(before, copy);
        snprintf(t.dir, sizeof t.dir, "%s", copy);
        write_at(path_in(copy, "log/groups"), last.begin, whole.ptr + last.begin,
                 (size_t)(last.end - last.begin));
        flip(path_in(copy, "log/groups"), at);
        story_open(&t, AVER_LEDGER_WRITE);
        assert_int_equal(aver_ledger_facts(t.ledger).height, facts_before.height);
        aver_ledger_close(t.ledger);
    }
    aver_buf_free(&whole);
    story_remove(copy);
    story_remove(before);
    story_end(&s);
}

static void damaged_log(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    story_begin(&s);
    story_claims(&s, 0, 2);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    const long size = size_of(path_in(s.dir, "log/groups"));
    const struct place last = last_frame(path_in(s.dir, "log/groups"));
    /* A frame before a valid one, met when the state is rebuilt. Nothing is cut off. */
    for (long at = 0; at < 100; at += 7) {
        story_remove(path_in(s.dir, "state"));
        flip(path_in(s.dir, "log/groups"), at);
        assert_int_equal(story_reopen(&s, &why), AVER_E_CORRUPT);
        assert_string_equal(why.code, "LEDGER-FRAME");
        assert_non_null(strstr(why.place, "byte 0"));
        assert_int_equal(size_of(path_in(s.dir, "log/groups")), size);
        flip(path_in(s.dir, "log/groups"), at);
    }
    /* The last frame, which the checkpoint has told the world of. */
    story_remove(path_in(s.dir, "state"));
    flip(path_in(s.dir, "log/groups"), last.begin + 40);
    assert_int_equal(story_reopen(&s, &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "LEDGER-SHORT");
    assert_int_equal(size_of(path_in(s.dir, "log/groups")), size);
    flip(path_in(s.dir, "log/groups"), last.begin + 40);
    story_ok(story_reopen(&s, &why), &why);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    /* Shorter than LMDB knows it. */
    assert_int_equal(truncate(path_in(s.dir, "log/groups"), last.begin), 0);
    assert_int_equal(story_reopen(&s, &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "LEDGER-SHORT");
    story_end(&s);
}

static void state_behind(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    char before[200];
    story_begin(&s);
    aver_ledger_close(s.ledger);
    story_temp(before);
    story_copy(path_in(s.dir, "state"), before);
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_item_result *r = story_claims(&s, 0, 2);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    story_remove(path_in(s.dir, "state"));
    story_copy(before, path_in(s.dir, "state"));
    assert_int_equal(aver_ledger_open(&s.ledger, s.dir, AVER_LEDGER_READ, &why), AVER_E_CORRUPT);
    assert_string_equal(why.code, "LEDGER-BEHIND");
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_memory_equal(&facts.log_root, &again.log_root, 32);
    assert_memory_equal(&facts.state_root, &again.state_root, 32);
    struct aver_batch_item items[] = {{.item = story_claim(&s, 1)}};
    struct aver_item_result repeated;
    story_ok(story_submit(&s, AVER_TX_CLAIMS, items, 1, &s.clinic, &repeated, &why), &why);
    assert_int_equal(repeated.how, AVER_ITEM_REPEATED);
    assert_true(aver_bytes_eq(repeated.intake_receipt, r[1].intake_receipt));
    story_remove(before);
    story_end(&s);
}

/* A crash within a large batch leaves whole groups without a state root: the next open ends the epoch. */
static void crash_within_a_batch(void **state)
{
    (void)state;
    struct story s;
    char before[200];
    story_begin(&s);
    aver_ledger_close(s.ledger);
    story_temp(before);
    story_copy(s.dir, before);
    story_open(&s, AVER_LEDGER_WRITE);
    story_claims(&s, 0, AVER_GROUP_ITEMS_MAX + 5);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    struct place last = last_frame(path_in(s.dir, "log/groups"));
    story_copy(path_in(s.dir, "log/groups"), path_in(before, "log/groups"));
    story_remove(path_in(before, "keys"));
    story_copy(path_in(s.dir, "keys"), aver_arena_printf(&s.arena, "%s/keys", before));
    assert_int_equal(truncate(path_in(before, "log/groups"), last.begin + 100), 0);
    struct story t = {.clinic = s.clinic};
    snprintf(t.dir, sizeof t.dir, "%s", before);
    story_open(&t, AVER_LEDGER_WRITE);
    assert_int_equal(aver_ledger_facts(t.ledger).height,
                     4); /* genesis, clinic, the whole group, the end of the epoch */
    /* What the log holds counts as filed when the batch is sent again. */
    struct aver_item_result *r = story_claims(&t, 0, AVER_GROUP_ITEMS_MAX + 5);
    assert_int_equal(r[AVER_GROUP_ITEMS_MAX - 1].how, AVER_ITEM_REPEATED);
    assert_int_equal(r[AVER_GROUP_ITEMS_MAX].how, AVER_ITEM_NEW);
    aver_ledger_close(t.ledger);
    story_remove(path_in(before, "state"));
    story_open(&t, AVER_LEDGER_WRITE);
    story_end(&t);
    story_end(&s);
}

static void disk_full(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    story_begin(&s);
    story_claims(&s, 0, 5); /* every member has its key */
    struct aver_ledger_facts before = aver_ledger_facts(s.ledger);
    long size = size_of(path_in(s.dir, "log/groups"));
    struct rlimit old, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = old;
    limit.rlim_cur = (rlim_t)size + 200;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct aver_batch_item items[] = {{.item = story_claim(&s, 5)}};
    struct aver_item_result result;
    aver_err err = story_submit(&s, AVER_TX_CLAIMS, items, 1, &s.clinic, &result, &why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err, AVER_E_FULL);
    assert_int_equal(size_of(path_in(s.dir, "log/groups")), size);
    struct aver_ledger_facts after = aver_ledger_facts(s.ledger);
    assert_int_equal(after.height, before.height);
    assert_memory_equal(&after.log_root, &before.log_root, 32);
    /* And it goes on when there is room. */
    struct aver_item_result *r = story_claims(&s, 5, 1);
    assert_int_equal(r[0].how, AVER_ITEM_NEW);
    story_ok(story_reopen(&s, &why), &why);
    story_end(&s);
}

/* ---- bodies ---- */

static void body_key_gone(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_opened opened;
    uint8_t zeros[48] = {0};
    story_begin(&s);
    struct aver_item_result *r = story_claims(&s, 0, 2);
    /* Records: "ledger", then the members of the two claims. */
    write_at(path_in(s.dir, "keys/bodies"), 88 + 40, zeros, sizeof zeros);
    assert_int_equal(aver_ledger_item(s.ledger, r[0].entry, &opened, &s.arena, &why), AVER_E_KEY_GONE);
    assert_string_equal(why.code, "BODY-KEY");
    assert_string_equal(why.place, "entry 6 (group 3)");
    story_ok(aver_ledger_item(s.ledger, r[1].entry, &opened, &s.arena, &why), &why);
    /* The same member again gets a key of its own. */
    r = story_claims(&s, 5, 1);
    story_ok(story_reopen(&s, &why), &why);
    story_ok(aver_ledger_item(s.ledger, r[0].entry, &opened, &s.arena, &why), &why);
    assert_int_equal(aver_ledger_item(s.ledger, 6, &opened, &s.arena, &why), AVER_E_KEY_GONE);
    story_end(&s);
}

static aver_err count_name(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    (void)why;
    assert_true(name.len > 2 && memcmp(name.ptr, "c/", 2) == 0);
    assert_int_equal(stored.height, 3);
    ++*(int *)user;
    return AVER_OK;
}

static void names_and_proofs(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_buf note = {0}, proof = {0};
    int names = 0;
    story_begin(&s);
    story_claims(&s, 0, 300);
    story_ok(aver_ledger_names(s.ledger, "c/", count_name, &names, &why), &why);
    assert_int_equal(names, 300);
    struct aver_note_key key;
    struct aver_checkpoint checkpoint;
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    story_ok(aver_note_key_of(&key, AVER_LIT(STORY_CHAIN), aver_ledger_node_key(s.ledger), &why), &why);
    story_ok(aver_ledger_checkpoint(s.ledger, &note, &why), &why);
    story_ok(aver_checkpoint_open(&checkpoint, aver_buf_view(&note), &key, &why), &why);
    assert_int_equal(checkpoint.size, facts.entries);
    assert_memory_equal(&checkpoint.root, &facts.log_root, 32);
    story_ok(aver_ledger_prove(s.ledger, 6, &proof, &why), &why);
    struct aver_tlog_proof entry6;
    struct aver_tlog_policy policy = {.quorum = AVER_TLOG_NONE};
    struct aver_buf entry = {0};
    story_ok(aver_tlog_proof_read(&entry6, &entry, aver_buf_view(&proof), &why), &why);
    assert_int_equal(entry6.index, 6);
    aver_digest leaf = aver_merkle_leaf(aver_buf_view(&entry));
    story_ok(aver_tlog_proof_check(&entry6, &leaf, &policy, &key, NULL, &why), &why);
    aver_buf_free(&entry);
    assert_int_equal(aver_ledger_prove(s.ledger, facts.entries, &proof, &why), AVER_E_NOT_FOUND);
    assert_int_equal(size_of(path_in(s.dir, "tile/0/000")), 8192);
    assert_int_equal(size_of(path_in(s.dir, "tile/1/000.p/1")), 32);
    assert_int_equal(size_of(path_in(s.dir, "tile/0/000.p")), -1);
    /* Lost tiles are written again. */
    story_remove(path_in(s.dir, "tile"));
    story_ok(story_reopen(&s, &why), &why);
    assert_int_equal(size_of(path_in(s.dir, "tile/0/000")), 8192);
    aver_buf_free(&note);
    aver_buf_free(&proof);
    story_end(&s);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_and_open),  cmocka_unit_test(not_a_ledger),
        cmocka_unit_test(one_writer),       cmocka_unit_test(reader_beside_writer),
        cmocka_unit_test(keys_are_private), cmocka_unit_test(filing),
        cmocka_unit_test(filing_twice),     cmocka_unit_test(what_is_refused),
        cmocka_unit_test(together),         cmocka_unit_test(large_batch),
        cmocka_unit_test(torn_frame),       cmocka_unit_test(damaged_log),
        cmocka_unit_test(state_behind),     cmocka_unit_test(crash_within_a_batch),
        cmocka_unit_test(disk_full),        cmocka_unit_test(body_key_gone),
        cmocka_unit_test(names_and_proofs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
