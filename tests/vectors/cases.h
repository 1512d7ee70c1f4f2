/* tests/vectors/cases.h - how each file of frozen vectors is made: fixed keys, salts and records in, JSON out. The tool that
 * wrote the files and the test that compares them both build from here, so a change of any format shows as a difference.
 * Every amount, name and number is invented. */
#ifndef AVER_TESTS_VECTOR_CASES_H
#define AVER_TESTS_VECTOR_CASES_H

#include <string.h>

#include "base/cose.h"
#include "base/schema_json.h"
#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/entry.h"
#include "ledger/model/merkle.h"
#include "ledger/model/outcome.h"
#include "ledger/model/smt_memory.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"

#define CHAIN "summit-demo"
#define PARTY "clinic-a"

static inline aver_bytes counting(void)
{
    static uint8_t b[32];
    for (uint8_t i = 0; i < 32; i++) b[i] = i;
    return aver_bytes_of(b, sizeof b);
}
static inline aver_bytes salt_of(struct aver_arena *a, uint8_t n)
{
    uint8_t salt[AVER_SALT_BYTES];
    memset(salt, 0xa0 + n, sizeof salt);
    return aver_arena_copy(a, aver_bytes_of(salt, sizeof salt));
}

static inline void put_hex(struct aver_json_writer *w, const char *key, aver_bytes b)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, b);
    aver_json_key(w, key);
    aver_json_put_string(w, hex.len ? aver_buf_view(&hex) : AVER_LIT(""));
    aver_buf_free(&hex);
}
static inline void put_digest(struct aver_json_writer *w, const char *key, aver_digest d)
{
    put_hex(w, key, aver_digest_bytes(&d));
}
static inline void put_str(struct aver_json_writer *w, const char *key, const char *text)
{
    aver_json_key(w, key);
    aver_json_put_str(w, text);
}
static inline void begin(struct aver_json_writer *w, const char *description)
{
    aver_json_begin_object(w);
    put_str(w, "description", description);
}

static inline void make_cbor(struct aver_json_writer *w, struct aver_arena *a)
{
    static const struct {
        const char *description, *hex, *code;
    } rows[] = {
        {"zero", "00", NULL},
        {"23, the last in one byte", "17", NULL},
        {"24 in two bytes", "1818", NULL},
        {"65535", "19ffff", NULL},
        {"the largest integer, 2^63 - 1", "1b7fffffffffffffff", NULL},
        {"the smallest integer, -2^63", "3b7fffffffffffffff", NULL},
        {"true, false, null in an array", "83f5f4f6", NULL},
        {"a text of two-byte letters", "62c3bc", NULL},
        {"bytes, empty", "40", NULL},
        {"a map with keys 1, 2 and a nested map", "a201a0028101", NULL},
        {"map keys 100, -1, text a: sorted bytewise by encoding", "a31864002000616100", NULL},
        {"arrays 16 deep around null", "81818181818181818181818181818181f6", NULL},
        {"nothing at all", "", "CBOR-SHORT"},
        {"0 in two bytes", "1800", "CBOR-MINIMAL"},
        {"1 in three bytes", "190001", "CBOR-MINIMAL"},
        {"a length of 1 in two bytes", "780161", "CBOR-MINIMAL"},
        {"2^63", "1b8000000000000000", "CBOR-RANGE"},
        {"-2^63 - 1", "3b8000000000000000", "CBOR-RANGE"},
        {"2^28 items announced in five bytes", "9a10000000", "CBOR-SHORT"},
        {"2^28 items announced in nine bytes", "9b0000000010000000", "CBOR-MINIMAL"},
        {"an array of indefinite length", "9fff", "CBOR-FORM"},
        {"a float", "f93c00", "CBOR-TYPE"},
        {"undefined", "f7", "CBOR-TYPE"},
        {"a tag", "c11a514b67b0", "CBOR-TYPE"},
        {"text that is not UTF-8", "61ff", "CBOR-UTF8"},
        {"text with a surrogate", "63eda080", "CBOR-UTF8"},
        {"a key twice", "a201020103", "CBOR-ORDER"},
        {"keys out of order", "a203040102", "CBOR-ORDER"},
        {"arrays 17 deep", "8181818181818181818181818181818181f6", "CBOR-DEPTH"},
        {"a byte after the end", "0000", "CBOR-TRAILING"},
    };
    (void)a;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(w, rows[i].description);
        put_str(w, "hex", rows[i].hex);
        if (rows[i].code) put_str(w, "refused", rows[i].code);
        aver_json_end_object(w);
    }
}

/* One envelope and what should be said of it under a key, chain and purpose. */
static inline void put_cose(struct aver_json_writer *w, const char *description, aver_bytes bytes,
                            const struct aver_public_key *pk, const char *purpose, const char *chain)
{
    struct aver_cose cose;
    struct aver_why why = {0};
    bool read = aver_cose_read(&cose, bytes, &why) == AVER_OK;
    begin(w, description);
    put_str(w, "purpose", purpose);
    put_str(w, "chain", chain);
    put_hex(w, "public_key", aver_bytes_of(pk->b, sizeof pk->b));
    put_hex(w, "cose", bytes);
    if (read) {
        put_hex(w, "protected", cose.protected_header);
        aver_json_key(w, "content_type");
        aver_json_put_string(w, cose.content_type);
        put_hex(w, "kid", cose.kid);
        put_hex(w, "payload", cose.payload);
        aver_json_key(w, "verifies");
        aver_json_put_bool(w, aver_cose_verify(&cose, purpose, aver_bytes_str(chain), pk));
    } else {
        put_str(w, "refused", why.code);
    }
    aver_json_end_object(w);
}

static inline aver_bytes copy_with(struct aver_arena *a, aver_bytes b, size_t at, uint8_t value)
{
    aver_bytes copy = aver_arena_copy(a, b);
    ((uint8_t *)(uintptr_t)copy.ptr)[at] = value;
    return copy;
}

/* S + L: the same scalar, written again. RFC 8032 5.1.7 wants 0 <= S < L. */
static inline aver_bytes with_larger_s(struct aver_arena *a, aver_bytes cose)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    aver_bytes copy = aver_arena_copy(a, cose);
    uint8_t *s = (uint8_t *)(uintptr_t)copy.ptr + copy.len - 32;
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)s[i] + order[i];
        s[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return copy;
}

static inline void make_cose(struct aver_json_writer *w, struct aver_arena *a)
{
    struct aver_public_key pk, small = {{1}};
    struct aver_secret_key sk;
    struct aver_buf out = {0};
    uint8_t seed[32];
    memset(seed, 7, sizeof seed);
    aver_key_from_seed(&pk, &sk, seed);
    aver_cose_sign(&out, "application/vnd.averment.test", AVER_LIT("payload"), "batch", AVER_LIT(CHAIN), &pk,
                   &sk);
    aver_bytes good = aver_buf_view(&out);
    put_cose(w, "signed with the key of the seed of 32 bytes 07", good, &pk, "batch", CHAIN);
    put_cose(w, "the same, taken for another chain", good, &pk, "batch", "summit-demo2");
    put_cose(w, "the same, taken for another purpose", good, &pk, "intake-receipt", CHAIN);
    put_cose(w, "one bit of the signature changed",
             copy_with(a, good, good.len - 64, good.ptr[good.len - 64] ^ 1), &pk, "batch", CHAIN);
    put_cose(w, "S of the signature plus the group order", with_larger_s(a, good), &pk, "batch", CHAIN);
    /* With A the neutral element, [S]B = R + [h]A holds for S = 0 and R neutral, whatever the message. */
    aver_bytes forged = aver_arena_copy(a, good);
    uint8_t *signature = (uint8_t *)(uintptr_t)forged.ptr + forged.len - 64;
    memset(signature, 0, 64);
    signature[0] = 1;
    put_cose(w, "a key of small order, and the signature that would fit any message", forged, &small, "batch",
             CHAIN);
    put_cose(w, "untagged", aver_bytes_cut(good, 1, good.len - 1), &pk, "batch", CHAIN);
    put_cose(w, "alg -7 in the protected header", copy_with(a, good, 6, 0x26), &pk, "batch", CHAIN);
    put_cose(w, "cut short", aver_bytes_cut(good, 0, good.len - 1), &pk, "batch", CHAIN);
    aver_buf_free(&out);
}

static inline struct aver_claim *vector_claim(struct aver_arena *a)
{
    struct aver_claim *c = aver_claim_new(a);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->patient_control_number = AVER_LIT("PCN-0001");
    c->total_charge.cents = 25000;
    c->place_of_service = AVER_LIT("11");
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->statement_from = c->statement_to = aver_day_of(2026, 3, 2);
    c->subscriber->member_id = AVER_LIT("M100");
    c->subscriber->last_name = AVER_LIT("Example");
    c->subscriber->birth_date = aver_day_of(1969, 12, 31);
    c->patient = AVER_NEW(a, struct aver_person);
    aver_schema_init(&aver_person_schema, c->patient);
    c->patient->first_name = AVER_LIT("Zo\xc3\xab");
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->npi = AVER_LIT("1999999984");
    struct aver_provider *p = aver_list_add(a, &c->providers, sizeof *p);
    p->role = AVER_LIT("82");
    p->npi = AVER_LIT("1999999992");
    struct aver_diagnosis *d = aver_list_add(a, &c->diagnoses, sizeof *d);
    *d = (struct aver_diagnosis){.role = AVER_LIT("ABK"), .code = AVER_LIT("M545")};
    struct aver_line *l = aver_list_add(a, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = 1;
    l->procedure = AVER_LIT("97110");
    *(aver_bytes *)aver_list_add(a, &l->modifiers, sizeof(aver_bytes)) = AVER_LIT("GP");
    *(aver_bytes *)aver_list_add(a, &l->modifiers, sizeof(aver_bytes)) = AVER_LIT("59");
    l->charge.cents = 20000;
    l->units = 4000;
    l->unit = AVER_LIT("UN");
    *(uint64_t *)aver_list_add(a, &l->diagnosis_pointers, sizeof(uint64_t)) = 1;
    l->service_from = l->service_to = aver_day_of(2026, 3, 2);
    struct aver_amount *m = aver_list_add(a, &l->amounts, sizeof *m);
    *m = (struct aver_amount){.kind = AVER_LIT("F5"), .amount = {-1250}};
    l = aver_list_add(a, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = 2;
    l->procedure = AVER_LIT("97010");
    l->charge.cents = 5000;
    l->units = 1500;
    l->service_from = l->service_to = aver_day_of(2026, 3, 2);
    l->emergency = true;
    c->source->format = AVER_FORMAT_CSV;
    c->source->sha256 = aver_sha256(AVER_LIT("the file"));
    c->source->length = 8;
    return c;
}

static inline aver_bytes encoded(struct aver_arena *a, const struct aver_schema *s, const void *record)
{
    struct aver_buf out = {0};
    aver_schema_encode(&out, s, record);
    aver_bytes copy = aver_arena_copy(a, aver_buf_view(&out));
    aver_buf_free(&out);
    return copy;
}

static inline struct aver_receipt *vector_receipt(struct aver_arena *a, const char *claim_id)
{
    struct aver_receipt *r = AVER_NEW(a, struct aver_receipt);
    struct aver_decision *d = AVER_NEW(a, struct aver_decision);
    *r = (struct aver_receipt){.outcome = AVER_OUT_DECIDED, .height = 7, .decision = d};
    struct aver_touch *t = aver_list_add(a, &r->touches, sizeof *t);
    *t = (struct aver_touch){.key = aver_sha256(AVER_LIT("read")), .before = aver_sha256(AVER_LIT("was"))};
    t = aver_list_add(a, &r->touches, sizeof *t);
    *t = (struct aver_touch){.key = aver_sha256(AVER_LIT("written")), .after = aver_sha256(AVER_LIT("is"))};
    d->claim_id = aver_bytes_str(claim_id);
    d->version = 1;
    d->status = AVER_CLAIM_PAYABLE;
    d->charge.cents = 25000;
    d->allowed.cents = 12000;
    d->paid.cents = 9000;
    d->patient_responsibility.cents = 3000;
    d->family_id = AVER_LIT("F1");
    d->member_id = AVER_LIT("M100");
    d->plan = AVER_LIT("SUMMIT-PPO-2026");
    d->policy = aver_sha256(AVER_LIT("policy"));
    d->payout = aver_sha256(AVER_LIT("return {}"));
    struct aver_table_used *u = aver_list_add(a, &d->tables, sizeof *u);
    *u = (struct aver_table_used){.name = AVER_LIT("fees"), .root = aver_sha256(AVER_LIT("fees"))};
    d->gas = 4321;
    d->gas_table = 1;
    d->payee = AVER_LIT("1999999984");
    d->decided_by = 1;
    struct aver_line_decision *l = aver_list_add(a, &d->lines, sizeof *l);
    *l = (struct aver_line_decision){.number = 1,
                                     .status = AVER_LINE_DECIDED,
                                     .charge = {20000},
                                     .allowed = {12000},
                                     .paid = {9000},
                                     .benefit = AVER_LIT("benefits.therapy"),
                                     .tier = AVER_LIT("in")};
    struct aver_adjustment *x = aver_list_add(a, &l->adjustments, sizeof *x);
    *x = (struct aver_adjustment){.group = AVER_GROUP_CO,
                                  .carc = AVER_LIT("45"),
                                  .amount = {8000},
                                  .because = AVER_LIT("pricing.fees"),
                                  .value = AVER_LIT("fees"),
                                  .policy_line = 12,
                                  .stage = AVER_STAGE_PAYOUT,
                                  .table = AVER_LIT("fees"),
                                  .table_key = AVER_LIT("97110")};
    *(uint64_t *)aver_list_add(a, &x->lines, sizeof(uint64_t)) = 31;
    *(uint64_t *)aver_list_add(a, &x->lines, sizeof(uint64_t)) = 8;
    x = aver_list_add(a, &l->adjustments, sizeof *x);
    *x = (struct aver_adjustment){.group = AVER_GROUP_PR,
                                  .carc = AVER_LIT("3"),
                                  .amount = {3000},
                                  .because = AVER_LIT("benefits.therapy.copay"),
                                  .value = AVER_LIT("$30.00"),
                                  .policy_line = 40,
                                  .stage = AVER_STAGE_PAYOUT,
                                  .note = AVER_LIT("Your copay.")};
    *(aver_bytes *)aver_list_add(a, &x->rarc, sizeof(aver_bytes)) = AVER_LIT("N130");
    struct aver_posting *p = aver_list_add(a, &x->postings, sizeof *p);
    *p = (struct aver_posting){.counter = AVER_LIT("oop_max"),
                               .tier = AVER_LIT("in"),
                               .scope = AVER_SCOPE_FAMILY,
                               .period = AVER_LIT("2026"),
                               .amount = {3000}};
    l = aver_list_add(a, &d->lines, sizeof *l);
    *l = (struct aver_line_decision){.number = 2, .status = AVER_LINE_DENIED, .charge = {5000}};
    x = aver_list_add(a, &l->adjustments, sizeof *x);
    *x = (struct aver_adjustment){.group = AVER_GROUP_CO,
                                  .carc = AVER_LIT("97"),
                                  .amount = {5000},
                                  .because = AVER_LIT("pricing.fees"),
                                  .stage = AVER_STAGE_COVERAGE};
    return r;
}

static inline void put_record(struct aver_json_writer *w, struct aver_arena *a, const char *description,
                              const struct aver_schema *s, const void *record)
{
    begin(w, description);
    put_str(w, "record", s->name);
    put_hex(w, "hex", encoded(a, s, record));
    aver_json_key(w, "fields");
    aver_schema_json(w, s, record);
    aver_json_end_object(w);
}

static inline struct aver_batch vector_batch(struct aver_arena *a)
{
    aver_digest leaf = aver_leaf(salt_of(a, 0), encoded(a, &aver_claim_schema, vector_claim(a)));
    return (struct aver_batch){.version = AVER_BATCH_VERSION,
                               .chain = AVER_LIT(CHAIN),
                               .kind = AVER_TX_CLAIMS,
                               .count = 1,
                               .root = aver_merkle_root_of(&leaf, 1),
                               .not_after = INT64_C(1774915200000)};
}

static inline void make_records(struct aver_json_writer *w, struct aver_arena *a)
{
    const struct aver_claim *claim = vector_claim(a);
    aver_bytes claim_bytes = encoded(a, &aver_claim_schema, claim);
    uint8_t filing[16];
    char id[AVER_CLAIM_ID_BYTES + 1];
    aver_filing_id(filing, counting(), AVER_LIT(PARTY), claim_bytes);
    aver_claim_id(id, AVER_LIT(PARTY), filing);
    put_record(w, a, "a claim of two lines", &aver_claim_schema, claim);
    struct aver_batch batch = vector_batch(a);
    put_record(w, a, "the payload of a batch of that claim alone, salt 16 bytes a0", &aver_batch_schema,
               &batch);
    struct aver_intake_receipt intake = {.chain = AVER_LIT(CHAIN),
                                         .claim_id = aver_bytes_str(id),
                                         .party = AVER_LIT(PARTY),
                                         .patient_control_number = claim->patient_control_number,
                                         .leaf = aver_leaf(salt_of(a, 0), claim_bytes),
                                         .filing_id = aver_bytes_of(filing, 16),
                                         .received = INT64_C(1772409600123),
                                         .by_height = 9};
    put_record(w, a, "the receipt that the node signs at intake of that claim", &aver_intake_receipt_schema,
               &intake);
    put_record(w, a,
               "a receipt with its decision: 120.00 allowed, copay 30.00, 90.00 paid; the second line denied",
               &aver_receipt_schema, vector_receipt(a, id));
    struct aver_receipt applied = {.outcome = AVER_OUT_APPLIED, .height = 1};
    put_record(w, a, "the smallest receipt", &aver_receipt_schema, &applied);
    struct aver_claim_state state = {.version = 1,
                                     .status = AVER_CLAIM_PAYABLE,
                                     .party = AVER_LIT(PARTY),
                                     .filing_id = aver_bytes_of(filing, 16),
                                     .leaf = intake.leaf,
                                     .received = INT64_C(1772409600123),
                                     .height = 7,
                                     .entry = 41,
                                     .payee = AVER_LIT("1999999984"),
                                     .charge = {25000},
                                     .paid = {9000},
                                     .family = AVER_LIT("F1"),
                                     .control = claim->patient_control_number};
    put_record(w, a, "the claim in the state", &aver_claim_state_schema, &state);
    struct aver_remittance remittance = {.payee = AVER_LIT("1999999984"),
                                         .trace = AVER_LIT("TRACE-1"),
                                         .date = aver_day_of(2026, 3, 31),
                                         .claims_paid = {9000},
                                         .carried_in = {-10000},
                                         .carried_out = {-1000},
                                         .entry = 50};
    *(aver_bytes *)aver_list_add(a, &remittance.claims, sizeof(aver_bytes)) = aver_bytes_str(id);
    put_record(w, a, "a remittance that carries a negative balance forward", &aver_remittance_schema,
               &remittance);
}

static inline void make_ids(struct aver_json_writer *w, struct aver_arena *a)
{
    aver_bytes claim = encoded(a, &aver_claim_schema, vector_claim(a));
    aver_digest leaves[3];
    uint8_t filing[16];
    char id[AVER_CLAIM_ID_BYTES + 1];
    begin(w, "leaf: SHA-256(0x00, salt, item)");
    put_str(w, "kind", "leaf");
    put_hex(w, "salt", salt_of(a, 0));
    put_hex(w, "item", claim);
    put_digest(w, "leaf", aver_leaf(salt_of(a, 0), claim));
    aver_json_end_object(w);
    begin(w, "root of a batch of three items, salts 16 bytes a0, a1, a2");
    put_str(w, "kind", "batch_root");
    aver_json_key(w, "items");
    aver_json_begin_array(w);
    static const char *const items[] = {"one", "two", "three"};
    for (uint8_t i = 0; i < 3; i++) {
        leaves[i] = aver_leaf(salt_of(a, i), aver_bytes_str(items[i]));
        aver_json_begin_object(w);
        put_hex(w, "salt", salt_of(a, i));
        put_hex(w, "item", aver_bytes_str(items[i]));
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    put_digest(w, "root", aver_merkle_root_of(leaves, 3));
    aver_json_end_object(w);
    begin(
        w,
        "filing id: HMAC(HMAC(genesis filing secret, party), claim) cut to 16 bytes; the claim's id from it");
    put_str(w, "kind", "filing");
    put_hex(w, "filing_secret", counting());
    put_str(w, "party", PARTY);
    put_hex(w, "claim", claim);
    aver_filing_id(filing, counting(), AVER_LIT(PARTY), claim);
    aver_claim_id(id, AVER_LIT(PARTY), filing);
    put_hex(w, "filing_id", aver_bytes_of(filing, 16));
    put_str(w, "claim_id", id);
    aver_json_end_object(w);
    static const char *const names[] = {"g", "f/F1", "f/F1/y/M100/2026"};
    for (size_t i = 0; i < 3; i++) {
        begin(w, "commitments of a state name and its record");
        put_str(w, "kind", "state");
        put_hex(w, "secret", counting());
        put_str(w, "name", names[i]);
        aver_json_key(w, "height");
        aver_json_put_uint(w, 1 + 300 * i);
        put_hex(w, "record", AVER_LIT("\xa1\x01\x02"));
        put_digest(w, "key_opening", aver_state_key_opening(counting(), aver_bytes_str(names[i])));
        put_digest(w, "key", aver_state_key(counting(), aver_bytes_str(names[i])));
        put_digest(w, "value_opening",
                   aver_state_value_opening(counting(), aver_bytes_str(names[i]), 1 + 300 * i));
        put_digest(
            w, "value",
            aver_state_value(counting(), aver_bytes_str(names[i]), 1 + 300 * i, AVER_LIT("\xa1\x01\x02")));
        aver_json_end_object(w);
    }
    static const char *const escapes[] = {"M100", "a/b c", "50%*\xc3\xa9"};
    for (size_t i = 0; i < 3; i++) {
        struct aver_buf out = {0};
        aver_name_escape(&out, aver_bytes_str(escapes[i]));
        begin(w, "an identifier as it stands in a state name");
        put_str(w, "kind", "escape");
        put_str(w, "text", escapes[i]);
        aver_json_key(w, "escaped");
        aver_json_put_string(w, aver_buf_view(&out));
        aver_json_end_object(w);
        aver_buf_free(&out);
    }
}

static inline void put_entry(struct aver_json_writer *w, const char *description, const struct aver_entry *e)
{
    struct aver_buf out = {0};
    aver_entry_encode(&out, e);
    begin(w, description);
    put_hex(w, "hex", aver_buf_view(&out));
    aver_json_key(w, "entry");
    aver_json_begin_object(w);
    aver_json_key(w, "kind");
    aver_json_put_uint(w, e->kind);
    if (e->kind == AVER_ENTRY_ITEM) {
        put_digest(w, "body", e->body);
        put_digest(w, "receipt", e->receipt);
    } else {
        aver_json_key(w, "height");
        aver_json_put_uint(w, e->height);
        if (e->kind == AVER_ENTRY_HEADER) {
            aver_json_key(w, "time");
            aver_json_put_int(w, e->time);
            put_digest(w, "previous", e->previous);
            aver_json_key(w, "size");
            aver_json_put_uint(w, e->size);
        }
        put_digest(w, "root", e->root);
    }
    aver_json_end_object(w);
    aver_json_end_object(w);
    aver_buf_free(&out);
}

static inline void make_entries(struct aver_json_writer *w, struct aver_arena *a)
{
    struct aver_buf body = {0};
    struct aver_body b = {.batch = aver_sha256(AVER_LIT("batch")),
                          .index = 2,
                          .salt = salt_of(a, 0),
                          .item = encoded(a, &aver_claim_schema, vector_claim(a))};
    aver_bytes receipt = encoded(a, &aver_receipt_schema, vector_receipt(a, "0123456789ABCDEFGHJKMNPQ"));
    aver_body_encode(&body, &b);
    begin(
        w,
        "a body: the batch's SHA-256, the place in it, the salt, the item; and the commitments to it and to a receipt");
    put_hex(w, "hex", aver_buf_view(&body));
    aver_json_key(w, "body");
    aver_json_begin_object(w);
    put_digest(w, "batch", b.batch);
    aver_json_key(w, "index");
    aver_json_put_uint(w, b.index);
    put_hex(w, "salt", b.salt);
    put_hex(w, "item", b.item);
    aver_json_end_object(w);
    put_hex(w, "receipt", receipt);
    struct aver_entry item = {.kind = AVER_ENTRY_ITEM,
                              .body = aver_body_commitment(b.salt, aver_buf_view(&body)),
                              .receipt = aver_receipt_commitment(b.salt, receipt)};
    put_digest(w, "body_commitment", item.body);
    put_digest(w, "receipt_commitment", item.receipt);
    aver_json_end_object(w);
    aver_buf_free(&body);
    put_entry(w, "the entry of that item", &item);
    struct aver_entry state = {.kind = AVER_ENTRY_STATE, .height = 7, .root = aver_sha256(AVER_LIT("state"))};
    put_entry(w, "a state root", &state);
    struct aver_entry first = {.kind = AVER_ENTRY_HEADER,
                               .height = 1,
                               .time = INT64_C(1772409600000),
                               .size = 1,
                               .root = aver_sha256(AVER_LIT("log"))};
    put_entry(w, "the header of the first group: no header before it", &first);
    struct aver_entry header = {.kind = AVER_ENTRY_HEADER,
                                .height = 300,
                                .time = INT64_C(1772409600123),
                                .previous = aver_sha256(AVER_LIT("header")),
                                .size = 70000,
                                .root = aver_sha256(AVER_LIT("log"))};
    put_entry(w, "the header of a later group", &header);
}

static inline void make_merkle(struct aver_json_writer *w, struct aver_arena *a)
{
    aver_digest leaves[9];
    (void)a;
    for (uint8_t i = 0; i < 9; i++) leaves[i] = aver_merkle_leaf(aver_bytes_of(&i, 1));
    for (size_t n = 0; n <= 9; n++) {
        begin(w, "the tree over the first entries of one byte each: 00, 01, 02 ...");
        aver_json_key(w, "size");
        aver_json_put_uint(w, n);
        put_digest(w, "root", aver_merkle_root_of(leaves, n));
        aver_json_end_object(w);
    }
}

#define SMT_KEYS 3
static inline void make_smt(struct aver_json_writer *w, struct aver_arena *a)
{
    static const char *const names[SMT_KEYS + 1] = {"g", "f/F1", "c/0123456789ABCDEFGHJKMNPQ", "not there"};
    aver_digest key[SMT_KEYS + 1], value[SMT_KEYS + 1], root = {{0}}, path;
    struct aver_smt_update updates[SMT_KEYS];
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {.store = aver_smt_memory_store(&memory)};
    struct aver_smt_proof proof, beside[2];
    (void)a;
    for (size_t i = 0; i <= SMT_KEYS; i++) {
        key[i] = aver_state_key(counting(), aver_bytes_str(names[i]));
        value[i] = aver_state_value(counting(), aver_bytes_str(names[i]), 5, AVER_LIT("\xa0"));
    }
    for (size_t i = 0; i < SMT_KEYS; i++) aver_smt_set(&updates[i], &key[i], &value[i]);
    aver_smt_sort(updates, SMT_KEYS);
    AVER_ASSERT(aver_smt_apply(&smt, &root, updates, SMT_KEYS, NULL) == AVER_OK);
    begin(
        w,
        "the state trie over three keys, each an ICS-23 existence proof (CommitmentProof); and a key that is not there");
    aver_json_key(w, "keys");
    aver_json_begin_array(w);
    for (size_t i = 0; i < SMT_KEYS; i++) {
        struct aver_buf out = {0};
        path = aver_sha256(aver_digest_bytes(&key[i]));
        AVER_ASSERT(aver_smt_prove(&smt, &proof, NULL, &path, NULL) == AVER_OK &&
                    proof.end == AVER_SMT_MEMBER);
        struct aver_smt_opened opened = {aver_digest_bytes(&key[i]), aver_digest_bytes(&value[i]), &proof};
        aver_smt_ics23_exist(&out, &opened);
        aver_json_begin_object(w);
        put_digest(w, "key", key[i]);
        put_digest(w, "value", value[i]);
        put_hex(w, "ics23", aver_buf_view(&out));
        aver_json_end_object(w);
        aver_buf_free(&out);
    }
    aver_json_end_array(w);
    put_digest(w, "root", root);
    struct aver_smt_neighbours n;
    struct aver_smt_opened side[2] = {{.proof = NULL}};
    struct aver_buf out = {0};
    path = aver_sha256(aver_digest_bytes(&key[SMT_KEYS]));
    AVER_ASSERT(aver_smt_neighbours(&smt, &n, &path, NULL) == AVER_OK);
    const struct aver_smt_leaf *leaf[2] = {n.has_left ? &n.left : NULL, n.has_right ? &n.right : NULL};
    for (size_t i = 0; i < 2; i++) {
        if (!leaf[i]) continue;
        path = aver_sha256(aver_digest_bytes(&leaf[i]->key));
        AVER_ASSERT(aver_smt_prove(&smt, &beside[i], NULL, &path, NULL) == AVER_OK);
        side[i] = (struct aver_smt_opened){aver_digest_bytes(&leaf[i]->key),
                                           aver_digest_bytes(&leaf[i]->value), &beside[i]};
    }
    aver_smt_ics23_absent(&out, aver_digest_bytes(&key[SMT_KEYS]), leaf[0] ? &side[0] : NULL,
                          leaf[1] ? &side[1] : NULL);
    put_digest(w, "absent", key[SMT_KEYS]);
    put_hex(w, "ics23_absent", aver_buf_view(&out));
    aver_json_end_object(w);
    aver_buf_free(&out);
    aver_smt_memory_free(&memory);
    begin(w, "the empty trie");
    aver_json_key(w, "keys");
    aver_json_begin_array(w);
    aver_json_end_array(w);
    put_hex(w, "root", aver_bytes_of((uint8_t[32]){0}, 32));
    aver_json_end_object(w);
}

struct vector_file {
    const char *name;
    void (*make)(struct aver_json_writer *w, struct aver_arena *a);
};
static const struct vector_file vector_files[] = {
    {"cbor", make_cbor},       {"cose", make_cose},     {"records", make_records}, {"ids", make_ids},
    {"entries", make_entries}, {"merkle", make_merkle}, {"smt", make_smt},
};
#define VECTOR_FILES (sizeof vector_files / sizeof vector_files[0])

/* The file's bytes. */
static inline void vector_make(struct aver_buf *out, const struct vector_file *file)
{
    struct aver_arena arena = {0};
    struct aver_json_writer w = {.buf = out, .pretty = true};
    aver_json_begin_array(&w);
    file->make(&w, &arena);
    aver_json_end_array(&w);
    aver_json_finish(&w);
    aver_arena_free(&arena);
}

#endif
