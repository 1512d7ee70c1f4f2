/* tests/unit/test_bundle.c - one claim in one file: same, differs and could not check, each where it belongs and nowhere else; every
 * byte matters; who opens a record wrongly is caught; and nobody sees another person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/storage/prove.h"
#include "tests/unit/bundle_story.h"

static struct bundle_story b;

static const enum aver_bundle_reader readers[] = {AVER_BUNDLE_PROVIDER, AVER_BUNDLE_MEMBER,
                                                  AVER_BUNDLE_AUDITOR};

static struct aver_verify checked(aver_bytes bundle)
{
    struct aver_verify v = {.log = &b.key};
    aver_bundle_verify(&v, bundle, &b.s.arena);
    return v;
}

static void print_lines(const struct aver_verify *v)
{
    const struct aver_verify_line *l = v->lines.items;
    for (size_t i = 0; i < v->lines.count; i++)
        print_message("  %s: %s %s %s\n", l[i].what, aver_verdict_words(l[i].verdict), l[i].code, l[i].text);
}

/* The verdict, and where it is not the same the code of the line that says so. */
static void expect(const struct aver_verify *v, enum aver_verdict verdict, const char *code)
{
    const struct aver_verify_line *l = v->lines.items;
    bool said = code == NULL;
    for (size_t i = 0; i < v->lines.count; i++)
        said = said || (l[i].verdict == verdict && strcmp(l[i].code, code) == 0);
    if (v->verdict == verdict && said) return;
    print_lines(v);
    fail_msg("%s, and not %s %s", aver_verdict_words(v->verdict), aver_verdict_words(verdict),
             code ? code : "");
}

static void same(aver_bytes bundle)
{
    struct aver_verify v = checked(bundle);
    expect(&v, AVER_VERDICT_SAME, NULL);
    assert_true(v.decided_again && v.trusted);
}

static const struct claim_wish six = {"SIX", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 6, 1, 0};

static int setup(void **state)
{
    (void)state;
    aver_crypto_start();
    bundle_begin(&b);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bundle_end(&b);
    return 0;
}

/* ---- same ---- */

static void every_kind_of_claim(void **state)
{
    (void)state;
    const struct claim_wish wishes[] = {
        six,
        {"AGAIN", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 0},       /* denied: billed before */
        {"NOBODY", "NOBODY", CLINIC_NPI, AVER_NO_DAY, NULL, 2, 1, 0},   /* denied: unknown */
        {"NOFEE", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 50, 1},      /* pended */
        {"NOBENEFIT", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 500, 1}, /* denied */
        {"TRAP", "LEE", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 0},        /* held */
        {"CHILD", "KIM", CLINIC_NPI, 0, "Ada", 2, 1, 3},
        {"STRANGER", "SPOUSE", OTHER_NPI, AVER_NO_DAY, NULL, 1, 7, 4}, /* out of network */
    };
    const uint64_t status[] = {AVER_CLAIM_PAYABLE, AVER_CLAIM_DENIED, AVER_CLAIM_DENIED,  AVER_CLAIM_PENDED,
                               AVER_CLAIM_DENIED,  AVER_CLAIM_HELD,   AVER_CLAIM_PAYABLE, AVER_CLAIM_PAYABLE};
    enum { COUNT = sizeof wishes / sizeof wishes[0] };
    struct claim_wish all[COUNT];
    memcpy(all, wishes, sizeof all);
    all[6].born = aver_day_of(2016, 5, 5);
    struct aver_item_result *r = bundle_file_claims(&b, all, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        if (r[i].decided.status != status[i])
            fail_msg("%s: %s", all[i].control, aver_claim_status_names[r[i].decided.status]);
        for (size_t k = 0; k < 3; k++) same(bundle_make(&b, r[i].claim_id, readers[k], false));
    }
}

/* The first of its epoch reads nothing but the state root; those after it what earlier items wrote. */
static void one_of_many(void **state)
{
    (void)state;
    enum { MANY = AVER_GROUP_ITEMS_MAX + 60 };
    struct claim_wish *wishes = AVER_NEW_ARRAY(&b.s.arena, struct claim_wish, MANY);
    for (unsigned i = 0; i < MANY; i++)
        wishes[i] = (struct claim_wish){aver_arena_printf(&b.s.arena, "MANY-%04u-NEIGHBOUR", i),
                                        i % 3 ? "NOBODY" : "KIM",
                                        CLINIC_NPI,
                                        AVER_NO_DAY,
                                        NULL,
                                        1,
                                        1 + i % 40,
                                        10 + i / 40};
    struct aver_item_result *r = bundle_file_claims(&b, wishes, MANY);
    /* A claim that has the contracts lends them. */
    struct aver_bundle self;
    aver_bytes pack[8];
    size_t count = 0;
    assert_int_equal(
        aver_bundle_read(&self, bundle_make(&b, r[0].claim_id, AVER_BUNDLE_MEMBER, false), &b.s.arena, NULL),
        AVER_OK);
    const struct aver_bundle_content *c = self.contents.items;
    for (; count < self.contents.count && count < 8; count++) pack[count] = c[count].bytes;
    const unsigned picks[] = {0, 1, 600, AVER_GROUP_ITEMS_MAX - 1, AVER_GROUP_ITEMS_MAX, MANY - 1};
    for (size_t i = 0; i < sizeof picks / sizeof picks[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            aver_bytes bundle = bundle_make(&b, r[picks[i]].claim_id, readers[k], true);
            struct parts p;
            struct aver_verify v = {.log = &b.key, .pack = pack, .pack_count = count};
            take_apart(&p, bundle, &b.s.arena);
            assert_int_equal(p.b.writers.count > 0, i > 0);
            aver_bundle_verify(&v, bundle, &b.s.arena);
            expect(&v, AVER_VERDICT_SAME, NULL);
            /* The neighbours stay unseen. */
            for (unsigned n = 0; n < MANY; n += 53)
                if (n != picks[i])
                    assert_null(memmem(bundle.ptr, bundle.len, wishes[n].control, strlen(wishes[n].control)));
        }
}

/* ---- whom to believe ---- */

static void trust(void **state)
{
    (void)state;
    struct claim_wish wish = six;
    wish.control = "TRUST";
    wish.day = 40;
    aver_bytes bundle =
        bundle_make(&b, bundle_file_claims(&b, &wish, 1)->claim_id, AVER_BUNDLE_AUDITOR, false);
    struct aver_verify v = {.log = NULL};
    aver_bundle_verify(&v, bundle, &b.s.arena);
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-TRUST");
    assert_int_equal(v.otherwise, AVER_VERDICT_SAME);
    assert_false(v.trusted);

    struct story_key stranger = story_key(77);
    struct aver_note_key other;
    assert_int_equal(aver_note_key_of(&other, AVER_LIT(STORY_CHAIN), &stranger.pk, NULL), AVER_OK);
    v = (struct aver_verify){.log = &other};
    aver_bundle_verify(&v, bundle, &b.s.arena);
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-UNSOUND");

    /* A policy that names the log, and then one that wants a witness too. */
    struct aver_buf none = {0}, quorum = {0}, cosigned = {0};
    struct aver_note_key witness;
    struct aver_tlog_policy policy;
    struct parts p;
    struct aver_why why = {0};
    struct aver_note note;
    aver_buf_str(&none, "log ");
    aver_note_vkey_put(&none, &b.key);
    aver_buf_str(&none, "\n");
    aver_buf_bytes(&quorum, aver_buf_view(&none));
    aver_buf_str(&none, "quorum none\n");
    assert_int_equal(aver_note_cosigner_of(&witness, AVER_LIT("witness.example"), &stranger.pk, NULL),
                     AVER_OK);
    aver_buf_str(&quorum, "witness w ");
    aver_note_vkey_put(&quorum, &witness);
    aver_buf_str(&quorum, "\nquorum w\n");

    story_ok(aver_tlog_policy_read(&policy, aver_buf_view(&none), &why), &why);
    v = (struct aver_verify){.policy = &policy};
    aver_bundle_verify(&v, bundle, &b.s.arena);
    expect(&v, AVER_VERDICT_SAME, NULL);

    story_ok(aver_tlog_policy_read(&policy, aver_buf_view(&quorum), &why), &why);
    v = (struct aver_verify){.policy = &policy};
    aver_bundle_verify(&v, bundle, &b.s.arena);
    expect(&v, AVER_VERDICT_COULD_NOT, "TRUST-WITNESSES");

    take_apart(&p, bundle, &b.s.arena);
    aver_buf_bytes(&cosigned, p.b.checkpoint);
    story_ok(aver_note_read(&note, p.b.checkpoint, &why), &why);
    aver_note_cosign(&cosigned, note.text, &witness, &stranger.sk, 1780000000);
    p.b.checkpoint = aver_buf_view(&cosigned);
    v = (struct aver_verify){.policy = &policy};
    aver_bundle_verify(&v, put_together(&p, &b.s.arena), &b.s.arena);
    expect(&v, AVER_VERDICT_SAME, NULL);
    aver_buf_free(&none);
    aver_buf_free(&quorum);
    aver_buf_free(&cosigned);
}

/* ---- differs: a node that lied, and signed it ---- */

static struct parts parts_of_new_claim(const char *control, unsigned day)
{
    struct claim_wish wish = six;
    struct parts p;
    wish.control = control;
    wish.day = day;
    take_apart(&p, bundle_make(&b, bundle_file_claims(&b, &wish, 1)->claim_id, AVER_BUNDLE_AUDITOR, false),
               &b.s.arena);
    return p;
}

static struct aver_receipt *receipt_of(struct parts *p)
{
    struct aver_receipt *r = AVER_NEW(&b.s.arena, struct aver_receipt);
    struct aver_why why = {0};
    story_ok(aver_schema_read(p->b.receipt, &aver_receipt_schema, r, &b.s.arena, &why), &why);
    return r;
}

static void set_receipt(struct parts *p, const struct aver_receipt *r)
{
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_receipt_schema, r);
    p->b.receipt = aver_arena_copy(&b.s.arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
}

static void forged_receipts(void **state)
{
    (void)state;
    struct parts p = parts_of_new_claim("FORGE-0", 41);
    same(forge(&b, &p)); /* nothing changed but the signature over it */

    p = parts_of_new_claim("FORGE-1", 42);
    struct aver_receipt *r = receipt_of(&p);
    r->decision->gas++;
    set_receipt(&p, r);
    struct aver_verify v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "BUNDLE-REPLAY");

    /* One cent from an adjustment to the payment: every sum holds, and it is another decision. */
    p = parts_of_new_claim("FORGE-2", 43);
    r = receipt_of(&p);
    struct aver_line_decision *l = r->decision->lines.items;
    struct aver_adjustment *a = l[0].adjustments.items;
    a[0].amount.cents--;
    l[0].paid.cents++;
    r->decision->paid.cents++;
    set_receipt(&p, r);
    v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "BUNDLE-REPLAY");
    /* Without the key of the log it accuses nobody. */
    v = (struct aver_verify){.log = NULL};
    aver_bundle_verify(&v, forge(&b, &p), &b.s.arena);
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-TRUST");
    assert_int_equal(v.otherwise, AVER_VERDICT_DIFFERS);

    p = parts_of_new_claim("FORGE-3", 44);
    r = receipt_of(&p);
    r->decision->paid.cents++;
    set_receipt(&p, r);
    v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "MONEY-CLAIM");

    /* Decided by another balance than the state holds. */
    p = parts_of_new_claim("FORGE-4", 45);
    r = receipt_of(&p);
    struct aver_touch *t = r->touches.items;
    for (size_t i = 0; i < r->touches.count; i++)
        if (!aver_digest_eq(t[i].after, (aver_digest){{0}}) &&
            !aver_digest_eq(t[i].before, (aver_digest){{0}}))
            t[i].before.b[0] ^= 1;
    set_receipt(&p, r);
    v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "BUNDLE-OTHER");
}

static void forged_envelopes(void **state)
{
    (void)state;
    struct parts p = parts_of_new_claim("FORGE-5", 46);
    uint8_t *cose = (uint8_t *)(uintptr_t)aver_arena_copy(&b.s.arena, p.b.batch).ptr;
    cose[p.b.batch.len - 1] ^= 1;
    p.b.batch = aver_bytes_of(cose, p.b.batch.len);
    struct aver_verify v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "TX-SIGNATURE");

    /* Signed by an insurer whose key it is not to say for whom: another party files, and so it is another claim. */
    p = parts_of_new_claim("FORGE-6", 47);
    struct aver_buf again = {0};
    struct aver_batch_item item = {p.b.salt, p.b.item};
    struct aver_batch header = {
        .chain = AVER_LIT(STORY_CHAIN), .kind = AVER_TX_CLAIMS, .not_after = STORY_NOW - 1};
    aver_batch_sign(&again, &header, &item, 1, &b.s.clinic.pk, &b.s.clinic.sk);
    p.b.batch = aver_buf_view(&again);
    v = checked(forge(&b, &p));
    expect(&v, AVER_VERDICT_DIFFERS, "TX-EXPIRED");
    aver_buf_free(&again);
}

/* ---- could not check ---- */

/* Whatever byte is changed: found, and nobody is accused. */
static void flip_all(aver_bytes bundle, const aver_bytes *pack, size_t pack_count)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)bundle.ptr;
    for (size_t i = 0; i < bundle.len; i++) {
        struct aver_arena arena = {0};
        struct aver_verify v = {.log = &b.key, .pack = pack, .pack_count = pack_count};
        bytes[i] ^= (uint8_t)(1u << i % 8);
        aver_bundle_verify(&v, bundle, &arena);
        bytes[i] ^= (uint8_t)(1u << i % 8);
        if (v.verdict != AVER_VERDICT_COULD_NOT) {
            print_lines(&v);
            fail_msg("byte %zu of %zu: %s", i, bundle.len, aver_verdict_words(v.verdict));
        }
        aver_arena_free(&arena);
    }
}

static void every_byte(void **state)
{
    (void)state;
    struct claim_wish wishes[] = {{"FLIP-A", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 50},
                                  {"FLIP-B", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 6, 10, 51}};
    struct aver_item_result *r = bundle_file_claims(&b, wishes, 2);
    for (size_t k = 0; k < 3; k++) {
        struct aver_bundle self;
        aver_bytes whole = bundle_make(&b, r[1].claim_id, readers[k], false), pack[8];
        aver_bytes bare = bundle_make(&b, r[1].claim_id, readers[k], true);
        size_t n = 0;
        same(whole);
        assert_int_equal(aver_bundle_read(&self, whole, &b.s.arena, NULL), AVER_OK);
        for (; n < self.contents.count; n++)
            pack[n] = ((struct aver_bundle_content *)self.contents.items)[n].bytes;
        flip_all(bare, pack, n);
        if (readers[k] == AVER_BUNDLE_AUDITOR) flip_all(whole, NULL, 0);
        /* Cut anywhere, or with something after it. */
        for (size_t len = 0; len < bare.len; len += 97) {
            struct aver_verify v = checked(aver_bytes_of(bare.ptr, len));
            expect(&v, AVER_VERDICT_COULD_NOT, NULL);
        }
    }
}

static void without_the_pack(void **state)
{
    (void)state;
    struct claim_wish wish = six;
    wish.control = "BARE";
    wish.day = 55;
    struct aver_verify v =
        checked(bundle_make(&b, bundle_file_claims(&b, &wish, 1)->claim_id, AVER_BUNDLE_AUDITOR, true));
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-PACK");
    assert_false(v.decided_again);
}

/* Twins: the record that tells them apart names both, so neither is shown it, nor the provider. The auditor is. */
static void twins(void **state)
{
    (void)state;
    struct claim_wish wish = {"TWIN", "KIM", CLINIC_NPI, aver_day_of(2018, 6, 6), "Bea", 1, 1, 56};
    struct aver_item_result *r = bundle_file_claims(&b, &wish, 1);
    struct aver_opened opened;
    struct aver_receipt receipt;
    struct aver_why why = {0};
    story_ok(aver_ledger_item(b.s.ledger, r->entry, &opened, &b.s.arena, &why), &why);
    story_ok(aver_schema_read(opened.receipt, &aver_receipt_schema, &receipt, &b.s.arena, &why), &why);
    assert_true(aver_bytes_is(receipt.decision->member_id, "BEA"));
    for (size_t k = 0; k < 3; k++) {
        aver_bytes bundle = bundle_make(&b, r->claim_id, readers[k], false);
        struct aver_verify v = checked(bundle);
        if (readers[k] == AVER_BUNDLE_AUDITOR) {
            expect(&v, AVER_VERDICT_SAME, NULL);
        } else {
            expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-CLOSED");
            /* As CBOR text: three letters alone turn up among hashes. */
            assert_null(memmem(bundle.ptr, bundle.len,
                               "\x63"
                               "CEE",
                               4));
        }
    }
}

/* ---- openings ---- */

static size_t absent_read(const struct parts *p)
{
    const struct aver_bundle_read *r = p->b.reads.items;
    for (size_t i = 0; i < p->b.reads.count; i++)
        if (r[i].name.ptr && !r[i].record.ptr && r[i].proof) return i;
    fail_msg("nothing was absent");
    return 0;
}

/* Anything is absent under a wrong opening: the receipt says which key was meant. Here a balance that is there is shown as none, with
 * a proof of absence that holds. */
static void lying_opener(void **state)
{
    (void)state;
    struct claim_wish wish = six;
    struct parts p;
    struct aver_why why = {0};
    wish.control = "LIE";
    wish.member = "SPOUSE";
    wish.day = 60;
    struct aver_item_result *result = bundle_file_claims(&b, &wish, 1);
    take_apart(&p, bundle_make(&b, result->claim_id, AVER_BUNDLE_MEMBER, false), &b.s.arena);
    same(put_together(&p, &b.s.arena));
    struct aver_bundle_read *r = p.b.reads.items;
    for (int which = 0; which < 2; which++) {
        take_apart(&p, bundle_make(&b, result->claim_id, AVER_BUNDLE_MEMBER, false), &b.s.arena);
        r = p.b.reads.items;
        size_t i = absent_read(&p);
        if (which == 1) {
            for (i = 0; i < p.b.reads.count; i++)
                if (r[i].name.ptr && r[i].record.ptr && r[i].proof &&
                    memmem(r[i].name.ptr, r[i].name.len, "/y/SPOUSE/", 10))
                    break;
            assert_true(i < p.b.reads.count);
            r[i].record = r[i].value_opening = AVER_BYTES_NONE;
            r[i].after_opening = AVER_BYTES_NONE;
        }
        uint8_t *wrong = aver_arena_alloc(&b.s.arena, 32);
        memset(wrong, 7, 32);
        r[i].key_opening = aver_bytes_of(wrong, 32);
        aver_digest key = aver_sha256_parts((aver_bytes[]){r[i].key_opening, r[i].name}, 2), value;
        struct aver_epoch epoch;
        struct aver_past *past;
        story_ok(aver_epoch_before(b.s.ledger, p.b.claim->index, &epoch, &why), &why);
        story_ok(aver_past_open(&past, b.s.ledger, &epoch, AVER_PAST_COMMITMENTS, NULL, NULL, &why), &why);
        story_ok(aver_past_prove(past, &key, &p.reads[i], &value, &why), &why);
        aver_past_close(past);
        assert_true(p.reads[i].end != AVER_SMT_MEMBER);
        struct aver_verify v = checked(put_together(&p, &b.s.arena));
        expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-UNSOUND");
    }
    /* The value that it wrote, opened wrongly: nobody is accused of it. */
    take_apart(&p, bundle_make(&b, result->claim_id, AVER_BUNDLE_MEMBER, false), &b.s.arena);
    r = p.b.reads.items;
    for (size_t i = 0; i < p.b.reads.count; i++)
        if (r[i].after_opening.ptr) r[i].after_opening = r[i].key_opening;
    struct aver_verify v = checked(put_together(&p, &b.s.arena));
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-AFTER");
    /* An opening of what it did not write is a bundle in another form. */
    take_apart(&p, bundle_make(&b, result->claim_id, AVER_BUNDLE_MEMBER, false), &b.s.arena);
    r = p.b.reads.items;
    for (size_t i = 0; i < p.b.reads.count; i++) {
        if (!r[i].name.ptr || (memcmp(r[i].name.ptr, "k/", 2) != 0 && memcmp(r[i].name.ptr, "p/", 2) != 0))
            continue;
        r[i].after_opening = r[i].key_opening;
        v = checked(put_together(&p, &b.s.arena));
        expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-CLOSED");
        r[i].after_opening = AVER_BYTES_NONE;
    }
    same(put_together(&p, &b.s.arena));
}

/* For an auditor the secrets are shown, and each is bound: the ledger's by the first entry of the log, a family's by its member. */
static void lying_secrets(void **state)
{
    (void)state;
    struct parts p = parts_of_new_claim("SECRET", 61);
    struct aver_bundle_read *r = p.b.reads.items;
    uint8_t secret[32] = {9};
    struct aver_verify v;
    for (size_t i = 0; i < p.b.reads.count; i++) {
        struct aver_genesis g;
        struct aver_buf other = {0};
        aver_bytes before = r[i].record;
        if (!aver_bytes_is(r[i].name, "g")) continue;
        assert_int_equal(aver_schema_read(before, &aver_genesis_schema, &g, &b.s.arena, NULL), AVER_OK);
        g.secret = aver_bytes_of(secret, 32);
        aver_schema_encode(&other, &aver_genesis_schema, &g);
        r[i].record = aver_buf_view(&other);
        v = checked(put_together(&p, &b.s.arena));
        expect(&v, AVER_VERDICT_COULD_NOT, "MERKLE-PROOF");
        r[i].record = before;
        aver_buf_free(&other);
        /* Nothing proves its height: whoever changes it accuses nobody. */
        r[i].height++;
        v = checked(put_together(&p, &b.s.arena));
        expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-UNSOUND");
        r[i].height--;
    }
    aver_bytes before = p.b.genesis->family_secret;
    p.b.genesis->family_secret = aver_bytes_of(secret, 32);
    v = checked(put_together(&p, &b.s.arena));
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-UNSOUND");
    p.b.genesis->family_secret = AVER_BYTES_NONE;
    v = checked(put_together(&p, &b.s.arena));
    expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-UNSOUND");
    p.b.genesis->family_secret = before;
    same(put_together(&p, &b.s.arena));
}

/* ---- what a reader sees ---- */

static bool holds(aver_bytes bundle, const void *what, size_t len)
{
    return memmem(bundle.ptr, bundle.len, what, len);
}

static void disclosure(void **state)
{
    (void)state;
    struct claim_wish wishes[] = {
        {"SPOUSE-1", "SPOUSE", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 70},
        {"ELSEWHERE", "KIM", OTHER_NPI, AVER_NO_DAY, NULL, 1, 20, 70},
        {"HERE", "KIM", CLINIC_NPI, AVER_NO_DAY, NULL, 2, 1, 70},
        {"DEPENDANT", "KIM", CLINIC_NPI, aver_day_of(2016, 5, 5), NULL, 1, 1, 70},
    };
    struct aver_item_result *r = bundle_file_claims(&b, wishes, 4);
    struct aver_genesis g;
    struct aver_stored stored;
    uint8_t family[32];
    memset(family, 0x51, sizeof family);
    const struct aver_view *view = aver_ledger_view(b.s.ledger);
    assert_int_equal(view->get(view->self, AVER_LIT("g"), &stored, NULL), AVER_OK);
    aver_bytes record = aver_arena_copy(&b.s.arena, stored.record);
    assert_int_equal(aver_schema_read(record, &aver_genesis_schema, &g, &b.s.arena, NULL), AVER_OK);
    for (size_t i = 2; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            bool all = readers[k] == AVER_BUNDLE_AUDITOR;
            aver_bytes bundle = bundle_make(&b, r[i].claim_id, readers[k], false);
            assert_int_equal(holds(bundle, g.secret.ptr, 32), all);
            assert_int_equal(holds(bundle, g.filing_secret.ptr, 32), all);
            assert_int_equal(holds(bundle, family, sizeof family), all);
            /* Not even an auditor sees of the family whom this claim is not about; the subscriber has the card. */
            assert_false(holds(bundle, "Sparrow", 7) || holds(bundle, "SPOUSE", 6) ||
                         holds(bundle, "Bea", 3));
            if (i == 3) assert_false(holds(bundle, "Kim", 3));
            assert_false(holds(bundle, r[0].claim_id, 24) &&
                         !all); /* the payee's list names the claim before */
            /* What another provider billed that day is between that provider and the patient. */
            if (i == 2) assert_int_equal(holds(bundle, OTHER_NPI, 10), readers[k] != AVER_BUNDLE_PROVIDER);
            struct aver_verify v = checked(bundle);
            if (i == 2 && readers[k] == AVER_BUNDLE_PROVIDER)
                expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-CLOSED");
            else
                expect(&v, AVER_VERDICT_SAME, NULL);
        }
}

/* A visit to another provider on another day stands in the record of visits alone. */
static void disclosure_of_visits(void **state)
{
    (void)state;
    struct claim_wish wishes[] = {
        {"FIRST", "BEA", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 80},
        {"OWN", "BEA", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 81},
        {"OTHER", "BEA", OTHER_NPI, AVER_NO_DAY, NULL, 1, 1, 82},
        {"AFTER", "BEA", CLINIC_NPI, AVER_NO_DAY, NULL, 1, 1, 83},
    };
    struct aver_item_result *r = bundle_file_claims(&b, wishes, 4);
    for (size_t i = 1; i < 4; i++)
        for (size_t k = 0; k < 3 && i != 2; k++) {
            bool closed = i == 3 && readers[k] == AVER_BUNDLE_PROVIDER;
            aver_bytes bundle = bundle_make(&b, r[i].claim_id, readers[k], false);
            struct aver_verify v = checked(bundle);
            assert_int_equal(holds(bundle, r[0].claim_id, 24), !closed);
            assert_int_equal(holds(bundle, OTHER_NPI, 10), i == 3 && !closed);
            assert_int_equal(holds(bundle, r[2].claim_id, 24), i == 3 && !closed);
            if (closed)
                expect(&v, AVER_VERDICT_COULD_NOT, "BUNDLE-CLOSED");
            else
                expect(&v, AVER_VERDICT_SAME, NULL);
        }
}

static void no_such_claim(void **state)
{
    (void)state;
    struct aver_bundle_wish wish = {AVER_LIT("000000000000000000000000"), AVER_BUNDLE_AUDITOR, false};
    struct aver_buf out = {0};
    struct aver_why why = {0};
    assert_int_equal(aver_bundle_make(b.s.ledger, &wish, &out, &b.s.arena, NULL, NULL, &why),
                     AVER_E_NOT_FOUND);
    assert_string_equal(why.code, "LEDGER-CLAIM");
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_claim),

        cmocka_unit_test(trust),
        cmocka_unit_test(forged_receipts),
        cmocka_unit_test(forged_envelopes),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(without_the_pack),
        cmocka_unit_test(twins),
        cmocka_unit_test(lying_opener),
        cmocka_unit_test(lying_secrets),

        cmocka_unit_test(no_such_claim),
        cmocka_unit_test(one_of_many),
        cmocka_unit_test(disclosure),
        cmocka_unit_test(disclosure_of_visits),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
