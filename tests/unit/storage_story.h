/* tests/unit/storage_story.h - a small ledger in a temporary directory, for the tests of ledger/storage. Include after
 * cmocka.h. */
#ifndef AVER_TESTS_STORAGE_STORY_H
#define AVER_TESTS_STORAGE_STORY_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/model/claim.h"
#include "ledger/storage/ledger.h"
#include "ledger/storage/publish.h"

#define STORY_NOW   INT64_C(1780000000000)
#define STORY_CHAIN "claims.example"

struct story_key {
    struct aver_public_key pk;
    struct aver_secret_key sk;
};
struct story {
    char dir[200];
    struct aver_ledger *ledger;
    struct aver_arena arena;
    struct story_key operations, compliance, clinic;
};

static inline void story_clock(int64_t ms)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)ms);
    setenv("AVER_CLOCK_MS", text, 1);
}

static inline void story_ok(aver_err err, const struct aver_why *why)
{
    if (err != AVER_OK) fail_msg("%s: %s %s: %s", aver_err_name(err), why->code, why->place, why->text);
}

static inline struct story_key story_key(uint8_t n)
{
    uint8_t seed[32] = {n};
    struct story_key k;
    aver_key_from_seed(&k.pk, &k.sk, seed);
    return k;
}

static inline void story_remove(const char *path)
{
    DIR *d = opendir(path);
    if (d) {
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char *sub;
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
            assert_true(asprintf(&sub, "%s/%s", path, e->d_name) > 0);
            story_remove(sub);
            free(sub);
        }
        closedir(d);
        rmdir(path);
    } else {
        unlink(path);
    }
}

static inline void story_copy(const char *from, const char *to)
{
    DIR *d = opendir(from);
    if (d) {
        mkdir(to, 0700);
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char *a = NULL, *b = NULL;
            if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
            assert_true(asprintf(&a, "%s/%s", from, e->d_name) > 0 &&
                        asprintf(&b, "%s/%s", to, e->d_name) > 0);
            story_copy(a, b);
            free(a);
            free(b);
        }
        closedir(d);
        return;
    }
    struct aver_buf bytes = {0};
    struct aver_why why;
    struct stat st;
    story_ok(aver_file_read(&bytes, from, SIZE_MAX, &why), &why);
    FILE *f = fopen(to, "wb");
    if (!f) fail_msg("could not write %s", to);
    if (bytes.len) assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    fclose(f);
    if (stat(from, &st) == 0) chmod(to, st.st_mode & 0777);
    aver_buf_free(&bytes);
}

static inline void story_temp(char out[200])
{
    snprintf(out, 200, "%s/averXXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(out));
}

static inline void story_open(struct story *s, enum aver_ledger_mode mode)
{
    struct aver_why why = {0};
    story_ok(aver_ledger_open(&s->ledger, s->dir, mode, &why), &why);
}

static inline aver_err story_reopen(struct story *s, struct aver_why *why)
{
    aver_ledger_close(s->ledger);
    s->ledger = NULL;
    return aver_ledger_open(&s->ledger, s->dir, AVER_LEDGER_WRITE, why);
}

static inline void story_sign(struct story *s, struct aver_buf *cose, uint64_t kind,
                              struct aver_batch_item *items, size_t count, const struct story_key *key,
                              int64_t not_after)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *salt = aver_arena_alloc(&s->arena, AVER_SALT_BYTES);
        aver_random(salt, AVER_SALT_BYTES);
        items[i].salt = aver_bytes_of(salt, AVER_SALT_BYTES);
    }
    struct aver_batch header = {.chain = AVER_LIT(STORY_CHAIN), .kind = kind, .not_after = not_after};
    aver_batch_sign(cose, &header, items, count, &key->pk, &key->sk);
}

static inline aver_err story_submit(struct story *s, uint64_t kind, struct aver_batch_item *items,
                                    size_t count, const struct story_key *key,
                                    struct aver_item_result *results, struct aver_why *why)
{
    struct aver_buf cose = {0};
    story_sign(s, &cose, kind, items, count, key, STORY_NOW + 86400000);
    aver_err err = aver_ledger_submit(s->ledger, aver_buf_view(&cose), items, count, results, &s->arena, NULL,
                                      NULL, why);
    aver_buf_free(&cose);
    return err;
}

/* A professional claim of one line for a member nobody enrolled: it is denied, and logged like any other. */
static inline aver_bytes story_claim(struct story *s, unsigned n)
{
    struct aver_claim *c = aver_claim_new(&s->arena);
    aver_day day = aver_day_of(2026, 3, 2);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_bytes_str(aver_arena_printf(&s->arena, "P%u", n));
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = aver_bytes_str(aver_arena_printf(&s->arena, "M%u", n % 5));
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->npi = AVER_LIT("1234567893");
    c->assignment = AVER_LIT("AY");
    c->statement_from = c->statement_to = day;
    c->source->format = AVER_FORMAT_CSV;
    c->source->length = 1;
    c->source->sha256 = aver_sha256(c->patient_control_number);
    struct aver_line *l = aver_list_add(&s->arena, &c->lines, sizeof *l);
    l->number = 1;
    l->procedure = AVER_LIT("99213");
    l->charge.cents = c->total_charge.cents = 10000 + n;
    l->units = 1000;
    l->unit = AVER_LIT("UN");
    l->service_from = l->service_to = day;
    struct aver_buf b = {0};
    struct aver_why why = {0};
    story_ok(aver_claim_check(c, &why), &why);
    aver_schema_encode(&b, &aver_claim_schema, c);
    aver_bytes bytes = aver_arena_copy(&s->arena, aver_buf_view(&b));
    aver_buf_free(&b);
    return bytes;
}

/* Claims number `from` to `from + count - 1` in one batch. */
static inline struct aver_item_result *story_claims(struct story *s, unsigned from, unsigned count)
{
    struct aver_batch_item *items = AVER_NEW_ARRAY(&s->arena, struct aver_batch_item, count);
    struct aver_item_result *results = AVER_NEW_ARRAY(&s->arena, struct aver_item_result, count);
    struct aver_why why = {0};
    for (unsigned i = 0; i < count; i++) items[i].item = story_claim(s, from + i);
    story_ok(story_submit(s, AVER_TX_CLAIMS, items, count, &s->clinic, results, &why), &why);
    return results;
}

/* A ledger with two insurers and a clinic, open for writing. */
static inline void story_begin(struct story *s)
{
    struct aver_why why = {0};
    *s = (struct story){.operations = story_key(1), .compliance = story_key(2), .clinic = story_key(3)};
    story_clock(STORY_NOW);
    story_temp(s->dir);
    struct aver_insurer insurers[] = {{"operations", s->operations.pk}, {"compliance", s->compliance.pk}};
    story_ok(aver_ledger_create(s->dir, STORY_CHAIN, insurers, 2, &why), &why);
    story_open(s, AVER_LEDGER_WRITE);
    struct aver_party_act party = {.action = AVER_PARTY_ADD,
                                   .party = AVER_LIT("clinic"),
                                   .name = AVER_LIT("Clinic"),
                                   .role = AVER_ROLE_PROVIDER,
                                   .public_key = aver_bytes_of(s->clinic.pk.b, 32)};
    struct aver_buf item = {0};
    struct aver_item_result result;
    aver_schema_encode(&item, &aver_party_act_schema, &party);
    struct aver_batch_item items[] = {{AVER_BYTES_NONE, aver_buf_view(&item)}};
    story_ok(story_submit(s, AVER_TX_PARTY, items, 1, &s->operations, &result, &why), &why);
    assert_int_equal(result.how, AVER_ITEM_NEW);
    aver_buf_free(&item);
}

static inline void story_end(struct story *s)
{
    aver_ledger_close(s->ledger);
    aver_arena_free(&s->arena);
    story_remove(s->dir);
}

#endif
