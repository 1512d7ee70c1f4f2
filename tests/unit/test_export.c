/* tests/unit/test_export.c - the state in a file: the same bytes every time, checked by nothing but itself, any byte of it
 * changed or cut is found, and a ledger's state made from it is the state that its log gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "ledger/model/table.h"
#include "ledger/storage/audit.h"
#include "ledger/storage/export.h"
#include "tests/unit/storage_story.h"

static char path_buf[4][400];
static const char *path_in(unsigned n, const char *dir, const char *name)
{
    snprintf(path_buf[n], sizeof path_buf[n], "%s/%s", dir, name);
    return path_buf[n];
}

static aver_bytes file(struct story *s, const char *path)
{
    struct aver_buf b = {0};
    struct aver_why why = {0};
    story_ok(aver_file_read(&b, path, SIZE_MAX, &why), &why);
    aver_bytes copy = aver_arena_copy(&s->arena, aver_buf_view(&b));
    aver_buf_free(&b);
    return copy;
}

static void write_file(const char *path, aver_bytes bytes)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (bytes.len) assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static void send(struct story *s, uint64_t kind, const struct aver_schema *schema, const void *record,
                 const struct story_key *key)
{
    struct aver_buf b = {0};
    struct aver_why why = {0};
    struct aver_item_result result;
    aver_schema_encode(&b, schema, record);
    struct aver_batch_item item = {AVER_BYTES_NONE, aver_buf_view(&b)};
    story_ok(story_submit(s, kind, &item, 1, key, &result, &why), &why);
    if (result.how != AVER_ITEM_NEW) fail_msg("%s", result.words);
    aver_buf_free(&b);
}

/* A family, a table that is in force, and claims. */
static void begin(struct story *s)
{
    uint8_t secret[32];
    struct aver_member member;
    struct aver_buf content = {0};
    story_begin(s);
    aver_random(secret, sizeof secret);
    memset(&member, 0, sizeof member);
    aver_schema_init(&aver_member_schema, &member);
    member.member_id = AVER_LIT("E1");
    member.relationship = AVER_SELF;
    member.last_name = AVER_LIT("DOE");
    member.first_name = AVER_LIT("ANN");
    member.birth_date = aver_day_of(1980, 1, 2);
    member.sex = AVER_LIT("F");
    struct aver_family family = {.family_id = AVER_LIT("F1"),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {.items = &member, .count = 1}};
    send(s, AVER_TX_ENROL, &aver_family_schema, &family, &s->operations);
    struct aver_table_row row = {.from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY, .price = 87000};
    struct aver_table_entry entry = {.code = AVER_LIT("97010"), .rows = {.items = &row, .count = 1}};
    struct aver_table table = {.name = AVER_LIT("fees"),
                               .kind = AVER_TABLE_FEES,
                               .source = aver_sha256(AVER_LIT("csv")),
                               .entries = {.items = &entry, .count = 1}};
    aver_schema_encode(&content, &aver_table_schema, &table);
    struct aver_publication publication = {
        .kind = AVER_ARTIFACT_TABLE, .name = AVER_LIT("fees"), .content = aver_buf_view(&content)};
    send(s, AVER_TX_PUBLISH, &aver_publication_schema, &publication, &s->operations);
    struct aver_approval approval = {aver_table_root(&table)};
    send(s, AVER_TX_APPROVE, &aver_approval_schema, &approval, &s->compliance);
    aver_buf_free(&content);
    story_claims(s, 0, 7);
}

static const char *export_as(struct story *s, unsigned n, const char *name, enum aver_export_kind kind)
{
    struct aver_export e;
    struct aver_why why = {0};
    const char *path = path_in(n, s->dir, name);
    story_ok(aver_state_export(s->ledger, kind, path, &e, &why), &why);
    assert_true(e.count > 10);
    return path;
}

static void the_same_state_gives_the_same_bytes(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct stat st;
    begin(&s);
    for (int kind = AVER_EXPORT_RECORDS; kind <= AVER_EXPORT_KIND_MAX; kind++) {
        struct aver_export made, read;
        const char *one = path_in(0, s.dir, kind == 1 ? "r1" : "c1"),
                   *two = path_in(1, s.dir, kind == 1 ? "r2" : "c2");
        story_ok(aver_state_export(s.ledger, (enum aver_export_kind)kind, one, &made, &why), &why);
        assert_int_equal(stat(one, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        /* Not over a file that is there. */
        assert_int_equal(aver_state_export(s.ledger, (enum aver_export_kind)kind, one, &read, &why),
                         AVER_E_EXISTS);
        story_ok(aver_export_read(one, &read, NULL, NULL, &why), &why);
        assert_int_equal(read.kind, kind);
        assert_string_equal(read.chain, STORY_CHAIN);
        assert_int_equal(read.count, made.count);
        assert_int_equal(read.epoch.entry, made.epoch.entry);
        struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
        assert_true(aver_digest_eq(read.epoch.root, facts.state_root));
        assert_int_equal(read.epoch.entry, facts.entries - 2);
        assert_int_equal(read.epoch.height, facts.height);
        story_ok(aver_export_held(s.ledger, &read, &why), &why);
        /* From a state that was made from the log again. */
        aver_ledger_close(s.ledger);
        story_remove(path_in(2, s.dir, "state"));
        story_open(&s, AVER_LEDGER_WRITE);
        story_ok(aver_state_export(s.ledger, (enum aver_export_kind)kind, two, &made, &why), &why);
        assert_true(aver_bytes_eq(file(&s, one), file(&s, two)));
    }
    story_end(&s);
}

/* Commitments show no name and nothing of a record. */
static aver_err name_met(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    const aver_bytes *commitments = user;
    (void)why;
    if (name.len > 3) assert_null(memmem(commitments->ptr, commitments->len, name.ptr, name.len));
    assert_null(memmem(commitments->ptr, commitments->len, stored.record.ptr, stored.record.len));
    return AVER_OK;
}

static void commitments_show_no_name(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    begin(&s);
    aver_bytes bytes = file(&s, export_as(&s, 0, "c", AVER_EXPORT_COMMITMENTS));
    story_ok(aver_ledger_names(s.ledger, "", name_met, &bytes, &why), &why);
    story_end(&s);
}

static void any_byte_changed_or_cut_is_found(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_export e;
    begin(&s);
    for (int kind = AVER_EXPORT_RECORDS; kind <= AVER_EXPORT_KIND_MAX; kind++) {
        aver_bytes good = file(&s, export_as(&s, 0, kind == 1 ? "r" : "c", (enum aver_export_kind)kind));
        const char *bent = path_in(1, s.dir, "bent");
        uint8_t *b = (uint8_t *)(uintptr_t)good.ptr;
        size_t header = 8 + 4 + (size_t)b[11], by_log = 0;
        for (size_t at = 0; at < good.len; at += at < header + 200 ? 1 : 7) {
            b[at] ^= (uint8_t)(1u << at % 8);
            write_file(bent, good);
            aver_err err = aver_export_read(bent, &e, NULL, NULL, &why);
            if (err == AVER_OK) { /* where in the log, and of which chain, only the log can say */
                assert_in_range(at, 12, header - 33);
                err = aver_export_held(s.ledger, &e, &why);
                assert_string_equal(why.code, "EXPORT-LOG");
                by_log++;
            }
            assert_true(err == AVER_E_INPUT || err == AVER_E_DIFFERS);
            b[at] ^= (uint8_t)(1u << at % 8);
        }
        assert_in_range(by_log, 10, 20); /* the chain's name, height, entry */
        for (size_t len = 0; len < good.len; len += len < header + 200 ? 1 : 11) {
            write_file(bent, aver_bytes_of(good.ptr, len));
            assert_int_equal(aver_export_read(bent, &e, NULL, NULL, &why), AVER_E_INPUT);
            assert_string_equal(why.code, "EXPORT-FORM");
        }
        struct aver_buf more = {0};
        aver_buf_bytes(&more, good);
        aver_buf_byte(&more, 0);
        write_file(bent, aver_buf_view(&more));
        assert_int_equal(aver_export_read(bent, &e, NULL, NULL, &why), AVER_E_INPUT);
        aver_buf_free(&more);
    }
    assert_int_equal(aver_export_read(path_in(1, s.dir, "nowhere"), &e, NULL, NULL, &why), AVER_E_NOT_FOUND);
    /* An item said to be long is not believed. */
    write_file(path_in(1, s.dir, "bent"), AVER_LIT(AVER_EXPORT_MAGIC "\x03\xff\xff\xff\x00"));
    assert_int_equal(aver_export_read(path_buf[1], &e, NULL, NULL, &why), AVER_E_INPUT);
    write_file(path_in(1, s.dir, "bent"), AVER_LIT(AVER_EXPORT_MAGIC "\xff\xff\xff\xff\x00"));
    assert_int_equal(aver_export_read(path_buf[1], &e, NULL, NULL, &why), AVER_E_INPUT);
    story_end(&s);
}

/* The state directory of a copy made anew from an export that is older than the log's end. */
static void a_state_from_an_older_export(void **state)
{
    (void)state;
    struct story s;
    struct aver_why why = {0};
    struct aver_export e;
    struct aver_arena arena = {0};
    struct aver_audit audit = {0};
    begin(&s);
    const char *records = export_as(&s, 0, "r", AVER_EXPORT_RECORDS);
    const char *commitments = export_as(&s, 1, "c", AVER_EXPORT_COMMITMENTS);
    story_claims(&s, 20, 1100); /* two groups */
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    const char *state_dir = path_in(2, s.dir, "state");

    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    assert_int_equal(aver_state_rebuild(s.dir, records, &e, &why), AVER_E_EXISTS);
    story_remove(state_dir);
    assert_int_equal(aver_state_rebuild(s.dir, commitments, &e, &why), AVER_E_INPUT);
    assert_int_not_equal(access(state_dir, F_OK), 0);
    story_ok(aver_state_rebuild(s.dir, records, &e, &why), &why);
    assert_true(e.count > 10);

    story_ok(aver_ledger_audit(s.dir, &audit, &arena, NULL, NULL, &why), &why);
    const struct aver_audit_finding *f = audit.findings.items;
    if (audit.verdict != AVER_AUDIT_SAME) fail_msg("%s %s: %s", f->code, f->place, f->text);
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_int_equal(facts.entries, again.entries);
    assert_true(aver_digest_eq(facts.state_root, again.state_root));
    /* It goes on as before; and an export of what is now there, of the whole log. */
    struct aver_item_result *r = story_claims(&s, 3, 1);
    assert_int_equal(r[0].how, AVER_ITEM_REPEATED);
    r = story_claims(&s, 5000, 2);
    assert_int_equal(r[0].how, AVER_ITEM_NEW);
    const char *newest = export_as(&s, 3, "newest", AVER_EXPORT_RECORDS);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    story_remove(state_dir);
    story_ok(aver_state_rebuild(s.dir, newest, &e, &why), &why);
    aver_arena_reset(&arena);
    audit = (struct aver_audit){0};
    story_ok(aver_ledger_audit(s.dir, &audit, &arena, NULL, NULL, &why), &why);
    assert_int_equal(audit.verdict, AVER_AUDIT_SAME);
    aver_arena_free(&arena);
    story_end(&s);
}

static void a_patient_erased_and_the_state_lost(void **state)
{
    (void)state;
    static const uint8_t zeros[48];
    struct story s;
    struct aver_why why = {0};
    struct aver_export e;
    begin(&s);
    const char *records = export_as(&s, 0, "r", AVER_EXPORT_RECORDS);
    struct aver_ledger_facts facts = aver_ledger_facts(s.ledger);
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    int fd = open(path_in(1, s.dir, "keys/bodies"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 88 * 3 + 40), sizeof zeros); /* ledger, family, M0, M1 */
    close(fd);
    story_remove(path_in(2, s.dir, "state"));
    assert_int_equal(aver_ledger_open(&s.ledger, s.dir, AVER_LEDGER_WRITE, &why), AVER_E_KEY_GONE);
    s.ledger = NULL;
    story_remove(path_in(2, s.dir, "state"));
    story_ok(aver_state_rebuild(s.dir, records, &e, &why), &why);
    story_open(&s, AVER_LEDGER_WRITE);
    struct aver_ledger_facts again = aver_ledger_facts(s.ledger);
    assert_true(aver_digest_eq(facts.state_root, again.state_root));
    assert_int_equal(story_claims(&s, 100, 1)->how, AVER_ITEM_NEW);
    story_end(&s);
}

static void an_export_of_another_ledger(void **state)
{
    (void)state;
    struct story s, other;
    struct aver_why why = {0};
    struct aver_export e;
    begin(&s);
    begin(&other);
    const char *records = export_as(&other, 0, "r", AVER_EXPORT_RECORDS);
    story_ok(aver_export_read(records, &e, NULL, NULL, &why), &why);
    assert_int_equal(aver_export_held(s.ledger, &e, &why), AVER_E_DIFFERS);
    assert_string_equal(why.code, "EXPORT-LOG");
    aver_ledger_close(s.ledger);
    s.ledger = NULL;
    story_remove(path_in(2, s.dir, "state"));
    assert_int_equal(aver_state_rebuild(s.dir, records, &e, &why), AVER_E_DIFFERS);
    assert_string_equal(why.code, "EXPORT-LOG");
    assert_int_not_equal(access(path_buf[2], F_OK), 0); /* nothing half made stays */
    story_open(&s, AVER_LEDGER_WRITE);
    story_end(&other);
    story_end(&s);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_state_gives_the_same_bytes), cmocka_unit_test(commitments_show_no_name),
        cmocka_unit_test(any_byte_changed_or_cut_is_found),    cmocka_unit_test(a_state_from_an_older_export),
        cmocka_unit_test(a_patient_erased_and_the_state_lost), cmocka_unit_test(an_export_of_another_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
