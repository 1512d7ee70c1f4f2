/* tests/unit/test_audit.c - what an audit says of a ledger that is right, and of one that somebody changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cose.h"
#include "ledger/storage/audit.h"
#include "ledger/storage/log.h"
#include "ledger/storage/replay.h"
#include "tests/unit/storage_story.h"

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
    for (int i = 0; i < 20; i++) hold(&s, &a, "held", r[i].intake_receipt);
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

static void broken_promise(void **state)
{
    (void)state;
    struct story s;
    struct aver_audit a = {0};
    struct aver_cose cose;
    struct aver_intake_receipt receipt;
    struct aver_why why = {0};
    struct aver_item_result *r = begin(&s, 1);
    story_ok(aver_cose_read(&cose, r[0].intake_receipt, &why), &why);
    story_ok(aver_schema_read(cose.payload, &aver_intake_receipt_schema, &receipt, &s.arena, &why), &why);
    /* Signed with the node's own key, for a claim that the log does not have. */
    struct aver_public_key pk;
    struct aver_secret_key sk;
    struct aver_buf seed = {0}, payload = {0}, forged = {0};
    story_ok(aver_file_read(&seed, path_in(s.dir, "keys/node.key"), 64, &why), &why);
    assert_int_equal(seed.len, 32);
    aver_key_from_seed(&pk, &sk, seed.ptr);
    receipt.claim_id = AVER_LIT("ABCDEFGHJKMNPQRSTVWXYZ01");
    aver_schema_encode(&payload, &aver_intake_receipt_schema, &receipt);
    aver_cose_sign(&forged, AVER_RECEIPT_CONTENT_TYPE, aver_buf_view(&payload), AVER_RECEIPT_PURPOSE,
                   AVER_LIT(STORY_CHAIN), &pk, &sk);
    hold(&s, &a, "forged", aver_buf_view(&forged));
    assert_int_equal(audit(&s, &a), AVER_AUDIT_DIFFERS);
    assert_int_equal(a.promises_broken, 1);
    /* One that the node never signed proves nothing. */
    forged.ptr[forged.len - 1] ^= 1;
    assert_int_equal(audit(&s, &a), AVER_AUDIT_COULD_NOT);
    assert_int_equal(a.promises_broken, 0);
    aver_buf_free(&seed);
    aver_buf_free(&payload);
    aver_buf_free(&forged);
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
        cmocka_unit_test(broken_promise),
        cmocka_unit_test(unfinished_tail),
        cmocka_unit_test(first_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
