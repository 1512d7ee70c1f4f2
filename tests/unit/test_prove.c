/* tests/unit/test_prove.c - the state as of an epoch that is over: every record proved, by touch lists and by execution; a
 * byte changed anywhere refuses; and nothing in a proof says anything of another record to who guesses its name and content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "ledger/model/state.h"
#include "ledger/storage/prove.h"
#include "tests/unit/storage_story.h"

#define FAMILIES 12
#define EPOCHS   6    /* genesis, party, families, claims three times */
#define LARGE    1100 /* claims: two groups, one epoch */

struct known {
    aver_bytes name, record;
    aver_digest key, value;
};
struct world {
    struct story s;
    uint64_t size[EPOCHS]; /* the log's, after each */
    aver_digest root[EPOCHS];
    struct aver_list names[EPOCHS]; /* of struct known: the state after each */
};

static aver_err name_met(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct world *w = ((void **)user)[0];
    struct aver_list *list = ((void **)user)[1];
    uint8_t secret[32];
    struct known *k = aver_list_add(&w->s.arena, list, sizeof *k);
    AVER_TRY(aver_ledger_secret(w->s.ledger, name, secret, why));
    *k = (struct known){aver_arena_copy(&w->s.arena, name), aver_arena_copy(&w->s.arena, stored.record),
                        aver_state_key(aver_bytes_of(secret, 32), name),
                        aver_state_value(aver_bytes_of(secret, 32), name, stored.height, stored.record)};
    return AVER_OK;
}

static void note(struct world *w, unsigned epoch)
{
    struct aver_ledger_facts facts = aver_ledger_facts(w->s.ledger);
    struct aver_why why = {0};
    w->size[epoch] = facts.entries;
    w->root[epoch] = facts.state_root;
    story_ok(aver_ledger_names(w->s.ledger, "", name_met, (void *[]){w, &w->names[epoch]}, &why), &why);
}

static void enrol(struct world *w)
{
    struct aver_batch_item items[FAMILIES];
    struct aver_item_result results[FAMILIES];
    struct aver_why why = {0};
    struct aver_arena *arena = &w->s.arena;
    for (unsigned i = 0; i < FAMILIES; i++) {
        uint8_t secret[32];
        struct aver_buf item = {0};
        aver_random(secret, sizeof secret);
        struct aver_member member;
        memset(&member, 0, sizeof member);
        aver_schema_init(&aver_member_schema, &member);
        member.member_id = aver_bytes_str(aver_arena_printf(arena, "E%u", i));
        member.relationship = AVER_SELF;
        member.last_name = AVER_LIT("DOE");
        member.first_name = AVER_LIT("ANN");
        member.birth_date = aver_day_of(1980, 1, 2);
        member.sex = AVER_LIT("F");
        struct aver_family family = {.family_id = aver_bytes_str(aver_arena_printf(arena, "F%u", i)),
                                     .secret = aver_bytes_of(secret, sizeof secret),
                                     .members = {.items = &member, .count = 1}};
        story_ok(aver_schema_check(&aver_family_schema, &family, &why), &why);
        aver_schema_encode(&item, &aver_family_schema, &family);
        items[i].item = aver_arena_copy(arena, aver_buf_view(&item));
        aver_buf_free(&item);
    }
    story_ok(story_submit(&w->s, AVER_TX_ENROL, items, FAMILIES, &w->s.operations, results, &why), &why);
    for (unsigned i = 0; i < FAMILIES; i++) assert_int_equal(results[i].how, AVER_ITEM_NEW);
}

static int setup(void **state)
{
    static struct world w;
    aver_crypto_start();
    memset(&w, 0, sizeof w);
    story_begin(&w.s);
    note(&w, 1);
    enrol(&w);
    note(&w, 2);
    story_claims(&w.s, 0, 5); /* of M0 to M4 */
    note(&w, 3);
    story_claims(&w.s, 1000, LARGE);
    note(&w, 4);
    story_claims(&w.s, 5, 3); /* of M0 to M2 */
    note(&w, 5);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    story_end(&((struct world *)*state)->s);
    return 0;
}

static struct aver_epoch epoch_at(struct world *w, unsigned n)
{
    struct aver_epoch epoch;
    struct aver_why why = {0};
    story_ok(aver_epoch_before(w->s.ledger, w->size[n], &epoch, &why), &why);
    assert_int_equal(epoch.entry, w->size[n] - 2); /* state root, header */
    assert_true(aver_digest_eq(epoch.root, w->root[n]));
    return epoch;
}

static struct aver_past *past_at(struct world *w, unsigned n, enum aver_past_kind kind)
{
    struct aver_epoch epoch = epoch_at(w, n);
    struct aver_past *past;
    struct aver_why why = {0};
    story_ok(aver_past_open(&past, w->s.ledger, &epoch, kind, NULL, NULL, &why), &why);
    return past;
}

/* ---- which epoch ---- */

static void the_epoch_before_an_entry(void **state)
{
    struct world *w = *state;
    struct aver_epoch epoch;
    struct aver_why why = {0};
    assert_int_equal(aver_epoch_before(w->s.ledger, 0, &epoch, &why), AVER_E_NOT_FOUND);
    assert_string_equal(why.code, "LEDGER-EPOCH");
    for (unsigned n = 1; n < EPOCHS; n++) {
        (void)epoch_at(w, n);
        /* Of any entry of the groups that follow, up to the end of their epoch. */
        uint64_t last = n + 1 < EPOCHS ? w->size[n + 1] - 1 : w->size[n] + 100;
        for (uint64_t e = w->size[n]; e <= last; e += 1 + (last - e) / 3) {
            story_ok(aver_epoch_before(w->s.ledger, e, &epoch, &why), &why);
            assert_true(aver_digest_eq(epoch.root, w->root[n]));
        }
    }
    struct aver_opened opened;
    story_ok(aver_ledger_item(w->s.ledger, epoch.entry, &opened, &w->s.arena, &why), &why);
    assert_int_equal(opened.entry.kind, AVER_ENTRY_STATE);
    assert_true(aver_digest_eq(opened.entry.root, epoch.root));
}

/* ---- every record of every epoch ---- */

static const struct known *find(const struct aver_list *names, aver_bytes name)
{
    const struct known *k = names->items;
    for (size_t i = 0; i < names->count; i++)
        if (aver_bytes_eq(k[i].name, name)) return &k[i];
    return NULL;
}

static void every_record_at_every_epoch(void **state)
{
    struct world *w = *state;
    static struct aver_smt_proof proof;
    struct aver_why why = {0};
    const struct known *last = w->names[EPOCHS - 1].items;
    for (unsigned n = 1; n < EPOCHS; n++)
        for (int kind = AVER_PAST_COMMITMENTS; kind <= AVER_PAST_RECORDS; kind++) {
            struct aver_past *past = past_at(w, n, (enum aver_past_kind)kind);
            const struct aver_view *view = aver_past_view(past);
            size_t members = 0, absent = 0;
            assert_int_equal(view != NULL, kind == AVER_PAST_RECORDS);
            assert_true(aver_digest_eq(aver_past_epoch(past)->root, w->root[n]));
            for (size_t i = 0; i < w->names[EPOCHS - 1].count; i++) {
                aver_digest value;
                struct aver_stored stored;
                const struct known *k = find(&w->names[n], last[i].name);
                aver_bytes key = aver_digest_bytes(&last[i].key);
                story_ok(aver_past_prove(past, &last[i].key, &proof, &value, &why), &why);
                aver_err err = view ? view->get(view->self, last[i].name, &stored, &why) : AVER_OK;
                if (k) {
                    assert_true(aver_digest_eq(k->value, value));
                    story_ok(
                        aver_smt_verify_member(&w->root[n], key, aver_digest_bytes(&value), &proof, &why),
                        &why);
                    if (view) assert_true(err == AVER_OK && aver_bytes_eq(stored.record, k->record));
                    members++;
                } else {
                    story_ok(aver_smt_verify_absent(&w->root[n], key, &proof, &why), &why);
                    if (view) assert_int_equal(err, AVER_E_NOT_FOUND);
                    absent++;
                }
            }
            assert_int_equal(members, w->names[n].count);
            if (n < EPOCHS - 1) assert_true(absent > 0);
            aver_past_close(past);
        }
}

/* A reader sees the same, and one without the node's wrap key still the newest epoch. */
static void a_reader_proves_too(void **state)
{
    struct world *w = *state;
    struct aver_why why = {0};
    struct aver_ledger *writer = w->s.ledger, *reader;
    char wrap[300], away[300];
    snprintf(wrap, sizeof wrap, "%s/keys/node.wrap", w->s.dir);
    snprintf(away, sizeof away, "%s/keys/away", w->s.dir);
    for (int keys = 1; keys >= 0; keys--) {
        if (!keys) assert_int_equal(rename(wrap, away), 0);
        story_ok(aver_ledger_open(&reader, w->s.dir, AVER_LEDGER_READ, &why), &why);
        w->s.ledger = reader;
        aver_past_close(past_at(w, EPOCHS - 1, AVER_PAST_COMMITMENTS));
        struct aver_epoch epoch = epoch_at(w, 2);
        struct aver_past *past;
        aver_err err = aver_past_open(&past, reader, &epoch, AVER_PAST_COMMITMENTS, NULL, NULL, &why);
        assert_int_equal(err, keys ? AVER_OK : AVER_E_KEY_GONE);
        assert_true(keys ? past != NULL : past == NULL);
        aver_past_close(past);
        aver_ledger_close(reader);
        w->s.ledger = writer;
    }
    assert_int_equal(rename(away, wrap), 0);
}

/* ---- any byte changed ---- */

static bool shows(const aver_digest *root, bool member, aver_bytes key, aver_bytes value, aver_bytes bytes)
{
    static struct aver_smt_proof proof;
    if (aver_smt_proof_read(&proof, bytes, NULL) != AVER_OK) return false;
    return (member ? aver_smt_verify_member(root, key, value, &proof, NULL)
                   : aver_smt_verify_absent(root, key, &proof, NULL)) == AVER_OK;
}

/* A proof of absence shows an empty place, and so the absence of every key that leads there. */
static bool leads_there_too(const aver_digest *a, aver_bytes b, unsigned depth)
{
    aver_digest x = aver_sha256(aver_digest_bytes(a)), y = aver_sha256(b);
    for (unsigned d = 0; d < depth; d++)
        if (aver_smt_bit(&x, d) != aver_smt_bit(&y, d)) return false;
    return true;
}

static void any_byte_changed_is_refused(void **state)
{
    struct world *w = *state;
    static struct aver_smt_proof proof;
    struct aver_why why = {0};
    struct aver_past *past = past_at(w, 3, AVER_PAST_COMMITMENTS);
    const struct known *last = w->names[EPOCHS - 1].items;
    size_t members = 0, absent = 0;
    for (size_t i = 0; i < w->names[EPOCHS - 1].count; i++) {
        bool member = find(&w->names[3], last[i].name);
        if ((member ? members : absent) >= 8) continue;
        *(member ? &members : &absent) += 1;
        struct aver_buf all = {0};
        aver_digest value;
        story_ok(aver_past_prove(past, &last[i].key, &proof, &value, &why), &why);
        unsigned depth = proof.depth;
        aver_buf_put(&all, w->root[3].b, 32); /* root, key, value, proof */
        aver_buf_put(&all, last[i].key.b, 32);
        aver_buf_put(&all, value.b, 32);
        aver_smt_proof_write(&all, &proof);
        for (size_t at = 0; at <= all.len; at++)
            for (unsigned bit = 0; bit < 8; bit++) {
                if (!member && at >= 64 && at < 96) continue; /* there is no value */
                if (at < all.len) all.ptr[at] ^= (uint8_t)(1u << bit);
                aver_digest root;
                aver_bytes key = aver_bytes_of(all.ptr + 32, 32);
                memcpy(root.b, all.ptr, 32);
                bool right = at == all.len ||
                             (!member && at >= 32 && at < 64 && leads_there_too(&last[i].key, key, depth));
                assert_int_equal(shows(&root, member, key, aver_bytes_of(all.ptr + 64, 32),
                                       aver_bytes_of(all.ptr + 96, all.len - 96)),
                                 right);
                if (at < all.len) all.ptr[at] ^= (uint8_t)(1u << bit);
            }
        aver_buf_free(&all);
    }
    assert_true(members >= 8 && absent >= 8);
    aver_past_close(past);
}

/* ---- what a proof says of others ---- */

struct guess {
    aver_digest made[64];
    size_t count;
};

static aver_digest add(struct guess *g, aver_digest d)
{
    assert_in_range(g->count, 0, 63);
    return g->made[g->count++] = d;
}

static const aver_bytes L0 = {(const uint8_t *)"\x00", 1};

/* All that somebody can compute who guessed name and record right and lacks the secret S, or takes one that is none. */
static void guesses(struct guess *g, aver_bytes name, aver_bytes record, uint64_t height,
                    const uint8_t other[32])
{
    static const uint8_t zeros[32];
    const aver_bytes secrets[] = {AVER_LIT(""), aver_bytes_of(zeros, 32), aver_bytes_of(other, 32), name};
    g->count = 0;
    aver_digest n = add(g, aver_sha256(name)), r = add(g, aver_sha256(record));
    (void)add(g, aver_sha256(aver_digest_bytes(&n)));
    (void)add(g, aver_sha256(aver_digest_bytes(&r)));
    (void)add(g, aver_smt_leaf_hash(&n, &r)); /* a trie of names and records as they are */
    (void)add(g, aver_sha256_parts((aver_bytes[]){L0, name, record}, 3));
    (void)add(g, aver_sha256_parts((aver_bytes[]){L0, name}, 2));
    (void)add(g, aver_sha256_parts((aver_bytes[]){L0, record}, 2));
    (void)add(g, aver_sha256_parts((aver_bytes[]){name, record}, 2));
    (void)add(g, aver_sha256_parts((aver_bytes[]){AVER_LIT("k"), name}, 2));
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        (void)add(g, aver_state_key_opening(secrets[i], name));
        (void)add(g, aver_state_value_opening(secrets[i], name, height));
        aver_digest key = add(g, aver_state_key(secrets[i], name));
        aver_digest value = add(g, aver_state_value(secrets[i], name, height, record));
        aver_digest path = add(g, aver_sha256(aver_digest_bytes(&key)));
        aver_digest hash = add(g, aver_sha256(aver_digest_bytes(&value)));
        (void)add(g, aver_smt_leaf_hash(&path, &hash));
    }
}

static bool holds(const struct aver_buf *in, aver_bytes what)
{
    return memmem(in->ptr, in->len, what.ptr, what.len);
}

/* Of a proof and all names of the ledger: how many neighbours it shows by their commitments, and that it shows no more. */
static size_t says_nothing_of_others(struct world *w, unsigned n, const struct aver_buf *proof,
                                     const aver_digest *own)
{
    const struct known *k = w->names[n].items;
    static const uint8_t other[32] = {7};
    struct guess g;
    size_t neighbours = 0;
    for (size_t i = 0; i < w->names[n].count; i++) {
        if (aver_digest_eq(k[i].key, *own)) continue;
        neighbours += holds(proof, aver_digest_bytes(&k[i].key));
        for (uint64_t height = 1; height <= 3; height++) {
            guesses(&g, k[i].name, k[i].record, height, other);
            for (size_t j = 0; j < g.count; j++) assert_false(holds(proof, aver_digest_bytes(&g.made[j])));
        }
        if (k[i].name.len > 3) assert_false(holds(proof, k[i].name));
        assert_false(holds(proof, k[i].record));
        for (size_t at = 2; at + 8 <= k[i].name.len; at++) /* nor a part of a name */
            assert_false(holds(proof, aver_bytes_cut(k[i].name, at, 8)));
    }
    return neighbours;
}

static void a_proof_says_nothing_of_others(void **state)
{
    struct world *w = *state;
    const unsigned n = 3;
    static struct aver_smt_proof proof;
    struct aver_why why = {0};
    struct aver_past *past = past_at(w, n, AVER_PAST_COMMITMENTS);
    const struct known *last = w->names[EPOCHS - 1].items;
    size_t shown = 0, absent = 0;
    assert_true(w->names[n].count > 30);
    for (size_t i = 0; i < w->names[EPOCHS - 1].count && absent < 40; i++) {
        struct aver_buf bytes = {0}, ics23 = {0};
        bool member = find(&w->names[n], last[i].name);
        absent += !member;
        story_ok(aver_past_prove(past, &last[i].key, &proof, NULL, &why), &why);
        aver_smt_proof_write(&bytes, &proof);
        assert_int_equal(says_nothing_of_others(w, n, &bytes, &last[i].key), 0);
        story_ok(aver_past_ics23(past, &last[i].key, &ics23, &why), &why);
        size_t neighbours = says_nothing_of_others(w, n, &ics23, &last[i].key);
        assert_true(member ? neighbours == 0 : neighbours >= 1 && neighbours <= 2);
        shown += neighbours;
        aver_buf_free(&bytes);
        aver_buf_free(&ics23);
    }
    assert_true(shown > 40); /* the search finds what is there: neighbours stand there by their commitments */
    aver_past_close(past);
}

static void another_secret_another_commitment(void **state)
{
    struct world *w = *state;
    const struct known *k = w->names[2].items;
    size_t tried = 0;
    for (size_t i = 0; i < w->names[2].count; i++) {
        struct guess g;
        uint8_t other[32];
        aver_random(other, sizeof other);
        guesses(&g, k[i].name, k[i].record, 2, other);
        for (size_t j = 0; j < g.count; j++) {
            assert_false(aver_digest_eq(g.made[j], k[i].key));
            assert_false(aver_digest_eq(g.made[j], k[i].value));
            tried++;
        }
        aver_bytes s = aver_bytes_of(other, sizeof other);
        aver_digest one = aver_state_value(s, k[i].name, 1, k[i].record);
        assert_false(aver_digest_eq(one, aver_state_value(s, k[i].name, 2, k[i].record))); /* written again */
    }
    assert_true(tried > 1000);
    uint8_t secret[32];
    struct aver_why why = {0};
    assert_int_equal(aver_ledger_secret(w->s.ledger, AVER_LIT("f/none/y/a/2026"), secret, &why),
                     AVER_E_NOT_FOUND);
    assert_string_equal(why.code, "STATE-SECRET");
}

/* ---- damage and erasure: last, since they are not undone ---- */

static void erase(struct world *w, unsigned record)
{
    static const uint8_t zeros[48];
    char path[300];
    snprintf(path, sizeof path, "%s/keys/bodies", w->s.dir);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 88 * (off_t)record + 40), sizeof zeros);
    close(fd);
}

static void where_a_key_is_gone_the_other_way_is_taken(void **state)
{
    struct world *w = *state;
    struct aver_past *past;
    struct aver_why why = {0};
    /* Records of keys/bodies: the ledger's own, twelve families, then M0 to M4. M3 files in the third and fourth epoch. */
    erase(w, 1 + FAMILIES + 3);
    static const bool gone[EPOCHS] = {[3] = true};
    for (unsigned n = 1; n < EPOCHS; n++) {
        struct aver_epoch epoch = epoch_at(w, n);
        aver_err err = aver_past_open(&past, w->s.ledger, &epoch, AVER_PAST_COMMITMENTS, NULL, NULL, &why);
        assert_int_equal(err, gone[n] ? AVER_E_KEY_GONE : AVER_OK);
        aver_past_close(past);
        err = aver_past_open(&past, w->s.ledger, &epoch, AVER_PAST_RECORDS, NULL, NULL, &why);
        assert_int_equal(err, n >= 3 ? AVER_E_KEY_GONE : AVER_OK);
        aver_past_close(past);
    }
}

static void another_root_is_told(void **state)
{
    struct world *w = *state;
    struct aver_past *past;
    struct aver_why why = {0};
    struct aver_epoch epoch = epoch_at(w, EPOCHS - 1);
    epoch.root.b[5] ^= 1;
    assert_int_equal(aver_past_open(&past, w->s.ledger, &epoch, AVER_PAST_COMMITMENTS, NULL, NULL, &why),
                     AVER_E_DIFFERS);
    assert_string_equal(why.code, "LEDGER-STATE-ROOT");
    assert_null(past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_epoch_before_an_entry),
        cmocka_unit_test(every_record_at_every_epoch),
        cmocka_unit_test(a_reader_proves_too),
        cmocka_unit_test(any_byte_changed_is_refused),
        cmocka_unit_test(a_proof_says_nothing_of_others),
        cmocka_unit_test(another_secret_another_commitment),
        cmocka_unit_test(another_root_is_told),
        cmocka_unit_test(where_a_key_is_gone_the_other_way_is_taken),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
