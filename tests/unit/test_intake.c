/* tests/unit/test_intake.c - claims taken in by several threads: log, receipts and state are those of one thread, whatever comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "ledger/storage/audit.h"
#include "tests/unit/bundle_story.h"
#include "tests/unit/rng.h"

#define FAMILIES   40
#define ONE_BY_ONE 1300
#define TOGETHER   1700

/* What arrives: the same bytes for every ledger. */
struct arrival {
    struct aver_buf cose;
    struct aver_batch_item *items;
    size_t count;
};
struct arrivals {
    struct arrival at[ONE_BY_ONE + 100];
    size_t count;
};

static void add(struct bundle_story *b, struct arrivals *all, uint64_t kind, struct aver_batch_item *items,
                size_t count, const struct story_key *key, int64_t not_after)
{
    struct arrival *a = &all->at[all->count++];
    *a = (struct arrival){.items = items, .count = count};
    story_sign(&b->s, &a->cose, kind, items, count, key, not_after);
}

static struct aver_batch_item *one(struct bundle_story *b, aver_bytes item)
{
    struct aver_batch_item *it = AVER_NEW(&b->s.arena, struct aver_batch_item);
    it->item = item;
    return it;
}

/* Of all kinds: members of families, of none, of a plan whose contract fails; found by their day of birth; two payees; filed twice. */
static aver_bytes some_claim(struct bundle_story *b, uint64_t *rng, unsigned n)
{
    static const char *const members[] = {"ADA", "BEA", "KIM", "LEE", "NOBODY"};
    uint64_t kind = rng_below(rng, 10);
    const char *member = kind < 4 ? members[rng_below(rng, 5)]
                                  : aver_arena_printf(&b->s.arena, "N%u", (unsigned)rng_below(rng, FAMILIES));
    struct claim_wish wish = {
        .control = aver_arena_printf(&b->s.arena, "C%u", n),
        .member = member,
        .npi = rng_below(rng, 3) ? CLINIC_NPI : OTHER_NPI,
        .born = kind == 1 ? aver_day_of(2016, 5, 5) : AVER_NO_DAY,
        .first_name = "Ada",
        .lines = 1 + (unsigned)rng_below(rng, 4),
        /* Some procedures have no fee: pended. */
        .procedure = 1 + (unsigned)rng_below(rng, 39),
        .day = (unsigned)rng_below(rng, 60),
    };
    if (kind == 1) wish.member = "KIM";
    return bundle_claim(b, &wish);
}

static struct aver_batch_item *enrolment(struct bundle_story *b, unsigned n, unsigned members)
{
    static struct aver_cover cover;
    cover = (struct aver_cover){.plan = AVER_LIT("plan"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
    struct aver_member *m = AVER_NEW_ARRAY(&b->s.arena, struct aver_member, members);
    for (unsigned i = 0; i < members; i++)
        m[i] = bundle_member(i ? aver_arena_printf(&b->s.arena, "N%u-%u", n, i)
                               : aver_arena_printf(&b->s.arena, "N%u", n),
                             "Noa", aver_day_of(1990, 1, 1), &cover);
    uint8_t *secret = aver_arena_alloc(&b->s.arena, 32);
    memset(secret, (int)n + 1, 32);
    struct aver_family family = {
        .family_id = aver_bytes_str(aver_arena_printf(&b->s.arena, "NF%u", n)),
        .secret = aver_bytes_of(secret, 32),
        .members = {m, members, members},
    };
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_family_schema, &family);
    struct aver_batch_item *it = one(b, aver_arena_copy(&b->s.arena, aver_buf_view(&bytes)));
    aver_buf_free(&bytes);
    return it;
}

static struct aver_batch_item *party(struct bundle_story *b, const char *id, uint8_t seed)
{
    struct story_key *key = AVER_NEW(&b->s.arena, struct story_key);
    *key = story_key(seed);
    struct aver_party_act act = {.action = AVER_PARTY_ADD,
                                 .party = aver_bytes_str(id),
                                 .name = AVER_LIT("Another"),
                                 .role = AVER_ROLE_PROVIDER,
                                 .public_key = aver_bytes_of(key->pk.b, 32)};
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_party_act_schema, &act);
    struct aver_batch_item *it = one(b, aver_arena_copy(&b->s.arena, aver_buf_view(&bytes)));
    aver_buf_free(&bytes);
    return it;
}

static struct aver_batch_item *revoked(struct bundle_story *b, const char *id)
{
    struct aver_party_act act = {
        .action = AVER_PARTY_REVOKE, .party = aver_bytes_str(id), .reason = AVER_LIT("left")};
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_party_act_schema, &act);
    struct aver_batch_item *it = one(b, aver_arena_copy(&b->s.arena, aver_buf_view(&bytes)));
    aver_buf_free(&bytes);
    return it;
}

static void make_arrivals(struct bundle_story *b, struct arrivals *all, uint64_t *rng)
{
    const int64_t day = 86400000;
    struct story_key stranger = story_key(77), late = story_key(78);
    aver_bytes earlier = AVER_BYTES_NONE;
    for (unsigned i = 0; i < FAMILIES; i++) /* half now, half between the claims */
        if (i % 2)
            add(b, all, AVER_TX_ENROL, enrolment(b, i, 1 + i % 3), 1, &b->s.operations, STORY_NOW + day);
    for (unsigned n = 0; n < ONE_BY_ONE; n++) {
        aver_bytes claim = some_claim(b, rng, n);
        struct aver_batch_item *item = one(b, claim);
        const struct story_key *key = &b->s.clinic;
        int64_t not_after = STORY_NOW + day;
        switch (n % 100) {
        case 11: item->item = earlier; break; /* filed twice */
        case 23: item->item = AVER_LIT("\xa1\x01\x02"); break;
        case 31: key = &stranger; break;
        case 37: not_after = STORY_NOW - 1; break;
        case 43: not_after = STORY_NOW + 31 * day; break;
        case 51: key = &late; break; /* unknown at first */
        default: break;
        }
        if (n % 100 == 10) earlier = claim;
        add(b, all, AVER_TX_CLAIMS, item, 1, key, not_after);
        if (n % 100 == 61) all->at[all->count - 1].cose.ptr[all->at[all->count - 1].cose.len - 1] ^= 1;
        if (n % 100 == 67) item->salt = AVER_LIT("short");
        if (n % 100 == 71)
            add(b, all, AVER_TX_ENROL, enrolment(b, n / 100 * 2, 2), 1, &b->s.operations, STORY_NOW + day);
        if (n == 1240) add(b, all, AVER_TX_PARTY, revoked(b, "late"), 1, &b->s.operations, STORY_NOW + day);
        if (n == 640) add(b, all, AVER_TX_PARTY, party(b, "late", 78), 1, &b->s.operations, STORY_NOW + day);
    }
}

struct outcome_of {
    struct aver_ledger_facts facts;
    uint8_t results[32]; /* SHA-256 of all that was answered */
    uint64_t how[4];
};

static void digest_of(struct aver_buf *all, const struct aver_submission *sub)
{
    aver_buf_printf(all, "%d %s ", (int)sub->err, sub->err == AVER_OK ? "" : sub->why.text);
    for (size_t i = 0; sub->err == AVER_OK && i < sub->count; i++) {
        const struct aver_item_result *r = &sub->results[i];
        aver_buf_printf(all, "%d %d %s %llu %llu %s %llu ", (int)r->how, (int)r->outcome, r->claim_id,
                        (unsigned long long)r->entry, (unsigned long long)r->height, r->words ? r->words : "",
                        (unsigned long long)r->decided.paid.cents);
        aver_buf_bytes(all, r->intake_receipt);
    }
}

static void send(struct story *s, const struct arrival *at, size_t count, struct outcome_of *out,
                 struct aver_buf *all)
{
    struct aver_submission *subs = AVER_NEW_ARRAY(&s->arena, struct aver_submission, count);
    struct aver_why why = {0};
    for (size_t i = 0; i < count; i++)
        subs[i] = (struct aver_submission){
            .cose = aver_buf_view(&at[i].cose),
            .items = at[i].items,
            .count = at[i].count,
            .results = AVER_NEW_ARRAY(&s->arena, struct aver_item_result, at[i].count)};
    story_ok(aver_ledger_submit_all(s->ledger, subs, count, &s->arena, NULL, NULL, &why), &why);
    for (size_t i = 0; i < count; i++) {
        digest_of(all, &subs[i]);
        for (size_t k = 0; subs[i].err == AVER_OK && k < subs[i].count; k++)
            out->how[subs[i].results[k].how]++;
    }
}

/* What lies in the directory now, as a crash would leave it, opened again: nothing that was acknowledged is missing. */
static void crash(const struct story *s)
{
    struct story copy = {0};
    struct aver_ledger_facts facts = aver_ledger_facts(s->ledger), again;
    struct aver_why why = {0};
    story_ok(aver_ledger_wait(s->ledger, &why), &why); /* a copy is not made in one moment */
    story_temp(copy.dir);
    story_copy(s->dir, copy.dir);
    story_open(&copy, AVER_LEDGER_WRITE);
    again = aver_ledger_facts(copy.ledger);
    assert_int_equal(again.entries, facts.entries);
    assert_memory_equal(&again.state_root, &facts.state_root, sizeof(aver_digest));
    assert_memory_equal(&again.log_root, &facts.log_root, sizeof(aver_digest));
    story_end(&copy);
}

static void take_in(const char *from, unsigned threads, bool deferred, const struct arrivals *singly,
                    const struct arrivals *batches, struct outcome_of *out)
{
    struct story s = {0};
    struct aver_buf all = {0};
    struct aver_audit audit = {0};
    struct aver_why why = {0};
    memset(out, 0, sizeof *out);
    story_temp(s.dir);
    story_copy(from, s.dir);
    story_open(&s, AVER_LEDGER_WRITE);
    aver_ledger_threads(s.ledger, threads);
    if (deferred) story_ok(aver_ledger_defer(s.ledger, true, &why), &why);
    for (size_t i = 0; i < singly->count; i += 650) {
        s.ledger->epoch_ms = 0; /* deferred, an epoch ends by the clock: here with each call, as without */
        send(&s, singly->at + i, singly->count - i < 650 ? singly->count - i : 650, out, &all);
        if (deferred && i == 0) crash(&s);
        s.ledger->checkpoint_ms = 0; /* the next one is due */
    }
    s.ledger->epoch_ms = 0;
    send(&s, batches->at, batches->count, out, &all);
    /* Everything again, in pieces: nothing is filed twice. */
    for (size_t i = 0; i < singly->count; i += 350) {
        s.ledger->epoch_ms = 0;
        send(&s, singly->at + i, singly->count - i < 350 ? singly->count - i : 350, out, &all);
        s.ledger->checkpoint_ms = 0;
    }
    if (deferred) crash(&s);
    out->facts = aver_ledger_facts(s.ledger);
    aver_digest digest = aver_sha256(aver_buf_view(&all));
    memcpy(out->results, digest.b, sizeof out->results);
    aver_buf_free(&all);
    aver_ledger_close(s.ledger); /* which settles */
    s.ledger = NULL;
    story_ok(aver_ledger_audit(s.dir, &audit, &s.arena, NULL, NULL, &why), &why);
    assert_int_equal(audit.verdict, AVER_AUDIT_SAME);
    assert_memory_equal(&audit.state_root, &out->facts.state_root, sizeof(aver_digest));
    story_end(&s);
}

/* Deferred, an epoch goes on through calls until the clock ends it; a crash ends it too, and so does settling. */
static void an_epoch_of_several_calls(struct story *s, const struct arrivals *singly)
{
    struct outcome_of out = {0};
    struct aver_buf all = {0};
    struct aver_audit audit = {0};
    struct aver_why why = {0};
    story_open(s, AVER_LEDGER_WRITE);
    story_ok(aver_ledger_defer(s->ledger, true, &why), &why);
    struct aver_ledger_facts before = aver_ledger_facts(s->ledger), facts;
    s->ledger->epoch_ms = INT64_MAX / 2; /* not for a long time */
    for (size_t i = 0; i < singly->count; i += 650)
        send(s, singly->at + i, singly->count - i < 650 ? singly->count - i : 650, &out, &all);
    facts = aver_ledger_facts(s->ledger);
    assert_memory_equal(&facts.state_root, &before.state_root, sizeof(aver_digest));
    struct story copy = {0};
    story_temp(copy.dir);
    story_copy(s->dir, copy.dir);
    story_open(&copy, AVER_LEDGER_WRITE);
    struct aver_ledger_facts crashed = aver_ledger_facts(copy.ledger);
    assert_int_equal(crashed.entries, facts.entries + 2); /* the state root, and its group's header */
    story_end(&copy);
    story_ok(aver_ledger_settle(s->ledger, &why), &why);
    facts = aver_ledger_facts(s->ledger);
    assert_memory_equal(&facts, &crashed, sizeof facts);
    /* Nothing came since: nothing is written. */
    story_ok(aver_ledger_settle(s->ledger, &why), &why);
    assert_int_equal(aver_ledger_facts(s->ledger).entries, facts.entries);
    aver_ledger_close(s->ledger);
    s->ledger = NULL;
    story_ok(aver_ledger_audit(s->dir, &audit, &s->arena, NULL, NULL, &why), &why);
    assert_int_equal(audit.verdict, AVER_AUDIT_SAME);
    aver_buf_free(&all);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct bundle_story b;
    uint64_t rng = 20261121;
    struct arrivals *singly = calloc(1, sizeof *singly), *batches = calloc(1, sizeof *batches);
    struct outcome_of first, other;
    assert_true(singly && batches);
    bundle_begin(&b);
    aver_ledger_close(b.s.ledger);
    b.s.ledger = NULL;
    make_arrivals(&b, singly, &rng);
    /* A batch of several groups, a small one, and one whose items are not those that were signed. */
    struct aver_batch_item *large = AVER_NEW_ARRAY(&b.s.arena, struct aver_batch_item, TOGETHER);
    for (unsigned i = 0; i < TOGETHER; i++)
        large[i].item = some_claim(&b, &rng, 10000 + i / 2 * (i % 3 ? 2 : 1));
    large[700].item = AVER_LIT("\xa0");
    add(&b, batches, AVER_TX_CLAIMS, large, TOGETHER, &b.s.clinic, STORY_NOW + 86400000);
    struct aver_batch_item *small = AVER_NEW_ARRAY(&b.s.arena, struct aver_batch_item, 7);
    for (unsigned i = 0; i < 7; i++) small[i].item = some_claim(&b, &rng, 20000 + i);
    add(&b, batches, AVER_TX_CLAIMS, small, 7, &b.s.clinic, STORY_NOW + 86400000);
    struct aver_batch_item *altered = AVER_NEW_ARRAY(&b.s.arena, struct aver_batch_item, 90);
    for (unsigned i = 0; i < 90; i++) altered[i].item = some_claim(&b, &rng, 30000 + i);
    add(&b, batches, AVER_TX_CLAIMS, altered, 90, &b.s.clinic, STORY_NOW + 86400000);
    altered[89].item = some_claim(&b, &rng, 40000);

    take_in(b.s.dir, 1, false, singly, batches, &first);
    assert_true(first.how[AVER_ITEM_NEW] > 2500 && first.how[AVER_ITEM_REPEATED] > 1200 &&
                first.how[AVER_ITEM_REFUSED] > 20);
    static const struct {
        unsigned threads;
        bool deferred;
    } ways[] = {{2, false}, {4, true}, {7, false}, {1, true}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        take_in(b.s.dir, ways[i].threads, ways[i].deferred, singly, batches, &other);
        assert_int_equal(other.facts.entries, first.facts.entries);
        assert_memory_equal(&other.facts.state_root, &first.facts.state_root, sizeof(aver_digest));
        assert_memory_equal(&other.facts.log_root, &first.facts.log_root, sizeof(aver_digest));
        assert_memory_equal(other.results, first.results, sizeof first.results);
    }
    an_epoch_of_several_calls(&b.s, singly);
    for (size_t i = 0; i < singly->count; i++) aver_buf_free(&singly->at[i].cose);
    for (size_t i = 0; i < batches->count; i++) aver_buf_free(&batches->at[i].cose);
    free(singly);
    free(batches);
    bundle_end(&b);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_number_of_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
