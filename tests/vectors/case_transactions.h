/* tests/vectors/case_transactions.h - signed batches of every kind that is not the genesis, which a ledger takes in their order;
 * and the first of them in other encodings, which it refuses although the content is the same. See cases.h. */
#ifndef AVER_TESTS_VECTOR_CASE_TRANSACTIONS_H
#define AVER_TESTS_VECTOR_CASE_TRANSACTIONS_H

#include "base/cose.h"
#include "ledger/model/batch.h"
#include "ledger/model/table.h"
#include "tests/vectors/case_records.h"

#define TX_NOT_AFTER INT64_C(1774915200000)
enum { TX_OPERATIONS = 1, TX_COMPLIANCE, TX_CLINIC }; /* the signers: 32 bytes of this are the seed */

struct vector_signer {
    uint8_t seed[32];
    struct aver_public_key pk;
    struct aver_secret_key sk;
};
static inline struct vector_signer vector_signer(uint8_t n)
{
    struct vector_signer s;
    memset(s.seed, n, sizeof s.seed);
    aver_key_from_seed(&s.pk, &s.sk, s.seed);
    return s;
}

/* One batch, and all of which it is made. Its envelope, in the arena. */
static inline aver_bytes put_transaction(struct aver_json_writer *w, struct aver_arena *a,
                                         const char *description, uint8_t signer, enum aver_tx_kind kind,
                                         const aver_bytes *items, size_t count)
{
    struct vector_signer s = vector_signer(signer);
    struct aver_batch_item *item = AVER_NEW_ARRAY(a, struct aver_batch_item, count);
    struct aver_batch batch = {.chain = AVER_LIT(CHAIN), .kind = kind, .not_after = TX_NOT_AFTER};
    struct aver_buf cose = {0};
    for (size_t i = 0; i < count; i++) item[i] = (struct aver_batch_item){salt_of(a, (uint8_t)i), items[i]};
    aver_batch_sign(&cose, &batch, item, count, &s.pk, &s.sk);
    aver_bytes bytes = aver_arena_copy(a, aver_buf_view(&cose));
    aver_buf_free(&cose);
    begin(w, description);
    put_hex(w, "seed", aver_bytes_of(s.seed, sizeof s.seed));
    put_hex(w, "public_key", aver_bytes_of(s.pk.b, sizeof s.pk.b));
    put_str(w, "purpose", "batch");
    put_str(w, "chain", CHAIN);
    put_str(w, "content_type", AVER_BATCH_CONTENT_TYPE);
    aver_json_key(w, "kind");
    aver_json_put_uint(w, kind);
    aver_json_key(w, "not_after");
    aver_json_put_int(w, batch.not_after);
    aver_json_key(w, "items");
    aver_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        aver_json_begin_object(w);
        put_hex(w, "salt", item[i].salt);
        put_hex(w, "item", item[i].item);
        put_digest(w, "leaf", aver_leaf(item[i].salt, item[i].item));
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    put_digest(w, "root", batch.root);
    put_hex(w, "cose", bytes);
    put_digest(w, "digest", aver_sha256(bytes));
    aver_json_end_object(w);
    return bytes;
}

static inline void put_refused(struct aver_json_writer *w, const char *description,
                               const struct aver_buf *cose)
{
    struct aver_cose read;
    struct aver_why why = {0};
    struct vector_signer s = vector_signer(TX_OPERATIONS);
    /* What stands inside the envelope is refused as well as the envelope itself. */
    if (aver_cose_read(&read, aver_buf_view(cose), &why) == AVER_OK) {
        struct aver_batch batch;
        struct aver_arena arena = {0};
        AVER_ASSERT(aver_cose_verify(&read, "batch", AVER_LIT(CHAIN), &s.pk));
        AVER_ASSERT(aver_schema_read(read.payload, &aver_batch_schema, &batch, &arena, &why) != AVER_OK);
        aver_arena_free(&arena);
    }
    begin(w, description);
    put_hex(w, "public_key", aver_bytes_of(s.pk.b, sizeof s.pk.b));
    put_hex(w, "cose", aver_buf_view(cose));
    put_str(w, "refused", why.code);
    aver_json_end_object(w);
}

/* An envelope put together from parts, signed over them: what another library may well write. */
static inline void refuse_signed(struct aver_json_writer *w, const char *description,
                                 aver_bytes protected_header, aver_bytes payload)
{
    struct vector_signer s = vector_signer(TX_OPERATIONS);
    struct aver_signature signature;
    struct aver_buf to_sign = {0}, out = {0};
    aver_cbor_put_array(&to_sign, 4);
    aver_cbor_put_text(&to_sign, AVER_LIT("Signature1"));
    aver_cbor_put_bytes(&to_sign, protected_header);
    aver_cbor_put_bytes(&to_sign, AVER_LIT("averment/1 batch " CHAIN));
    aver_cbor_put_bytes(&to_sign, payload);
    aver_sign(&signature, aver_buf_view(&to_sign), &s.sk);
    aver_buf_byte(&out, 0xd2);
    aver_cbor_put_array(&out, 4);
    aver_cbor_put_bytes(&out, protected_header);
    aver_cbor_put_map(&out, 0);
    aver_cbor_put_bytes(&out, payload);
    aver_cbor_put_bytes(&out, aver_bytes_of(signature.b, sizeof signature.b));
    put_refused(w, description, &out);
    aver_buf_free(&to_sign);
    aver_buf_free(&out);
}

/* `good` with other bytes in place of the `len` at `at`. */
static inline aver_bytes spliced(struct aver_arena *a, aver_bytes good, size_t at, size_t len,
                                 aver_bytes with)
{
    struct aver_buf out = {0};
    aver_buf_bytes(&out, aver_bytes_cut(good, 0, at));
    aver_buf_bytes(&out, with);
    aver_buf_bytes(&out, aver_bytes_cut(good, at + len, good.len - at - len));
    aver_bytes copy = aver_arena_copy(a, aver_buf_view(&out));
    aver_buf_free(&out);
    return copy;
}

static inline void make_refused(struct aver_json_writer *w, struct aver_arena *a, aver_bytes good)
{
    struct aver_cose c;
    AVER_ASSERT(aver_cose_read(&c, good, NULL) == AVER_OK);
    const aver_bytes p = c.payload, h = c.protected_header;
    AVER_ASSERT(p.ptr[0] == 0xa6 && p.ptr[1] == 1 && p.ptr[2] == 1 && p.ptr[3] == 2 && h.ptr[0] == 0xa3);
    refuse_signed(w, "the payload's version, 1, in two bytes", h, spliced(a, p, 2, 1, AVER_LIT("\x18\x01")));
    refuse_signed(w, "the payload's map of indefinite length", h,
                  spliced(a, spliced(a, p, p.len, 0, AVER_LIT("\xff")), 0, 1, AVER_LIT("\xbf")));
    refuse_signed(
        w, "the payload's keys 1 and 2 in the other order", h,
        spliced(a, spliced(a, p, 1, 2, AVER_LIT("")), 1 + 2 + sizeof CHAIN - 1, 0, AVER_LIT("\x01\x01")));
    refuse_signed(w, "a field 1 that comes twice", h,
                  spliced(a, spliced(a, p, 1, 0, AVER_LIT("\x01\x01")), 0, 1, AVER_LIT("\xa7")));
    refuse_signed(w, "the version as a float", h, spliced(a, p, 2, 1, AVER_LIT("\xf9\x3c\x00")));
    refuse_signed(w, "the version with a tag", h, spliced(a, p, 2, 1, AVER_LIT("\xc1\x01")));
    refuse_signed(w, "the chain's name in two parts", h,
                  spliced(a, p, 4, sizeof CHAIN, AVER_LIT("\x7f\x66summit\x65-demo\xff")));
    refuse_signed(w, "a byte after the payload's map", h, spliced(a, p, p.len, 0, AVER_LIT("\x00")));
    refuse_signed(w, "the protected header's keys in the other order",
                  spliced(a, spliced(a, h, 1, 2, AVER_LIT("")), h.len - 2, 0, AVER_LIT("\x01\x27")), p);
    refuse_signed(w, "a protected header with a field more, the hash envelope's 258",
                  spliced(a, spliced(a, h, h.len, 0, AVER_LIT("\x19\x01\x02\x2f")), 0, 1, AVER_LIT("\xa4")),
                  p);
    struct aver_buf out = {0};
    aver_buf_bytes(&out, spliced(a, good, 1, 1, AVER_LIT("\x98\x04")));
    put_refused(w, "the envelope's array head in two bytes", &out);
    out.len = 0;
    aver_buf_bytes(&out, spliced(a, good, 0, 1, AVER_LIT("\xd8\x12")));
    put_refused(w, "the tag 18 in two bytes", &out);
    out.len = 0;
    aver_buf_bytes(&out, spliced(a, good, 4 + h.len, 1, AVER_LIT("\xa1\x64note\x60")));
    put_refused(w, "a note in the unprotected header, which no signature covers", &out);
    out.len = 0;
    aver_buf_bytes(&out, spliced(a, spliced(a, good, good.len, 0, AVER_LIT("\xff")), 1, 1, AVER_LIT("\x9f")));
    put_refused(w, "the envelope's array of indefinite length", &out);
    aver_buf_free(&out);
}

static inline void make_transactions(struct aver_json_writer *w, struct aver_arena *a)
{
    struct vector_signer clinic = vector_signer(TX_CLINIC);
    struct aver_party_act act = {.action = AVER_PARTY_ADD,
                                 .party = AVER_LIT(PARTY),
                                 .name = AVER_LIT("Clinic A"),
                                 .role = AVER_ROLE_PROVIDER,
                                 .npi = AVER_LIT("1999999984"),
                                 .public_key = aver_bytes_of(clinic.pk.b, sizeof clinic.pk.b)};
    aver_bytes item = encoded(a, &aver_party_act_schema, &act);
    aver_bytes first =
        put_transaction(w, a, "an insurer adds a clinic", TX_OPERATIONS, AVER_TX_PARTY, &item, 1);

    struct aver_member member = {.member_id = AVER_LIT("M100"),
                                 .relationship = AVER_SELF,
                                 .last_name = AVER_LIT("Example"),
                                 .first_name = AVER_LIT("Zo\xc3\xab"),
                                 .birth_date = aver_day_of(1969, 12, 31),
                                 .sex = AVER_LIT("F")};
    struct aver_cover cover = {
        .plan = AVER_LIT("SUMMIT-PPO-2026"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
    member.covers = (struct aver_list){.items = &cover, .count = 1};
    struct aver_family family = {
        .family_id = AVER_LIT("F1"), .secret = counting(), .members = {.items = &member, .count = 1}};
    item = encoded(a, &aver_family_schema, &family);
    (void)put_transaction(w, a, "a family of one", TX_OPERATIONS, AVER_TX_ENROL, &item, 1);

    struct aver_table_row row = {.from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY, .price = 87000};
    struct aver_table_entry entry = {.code = AVER_LIT("97010"), .rows = {.items = &row, .count = 1}};
    struct aver_table table = {.name = AVER_LIT("fees"),
                               .kind = AVER_TABLE_FEES,
                               .source = aver_sha256(AVER_LIT("code,from,price")),
                               .entries = {.items = &entry, .count = 1}};
    struct aver_publication publication = {.kind = AVER_ARTIFACT_TABLE,
                                           .name = AVER_LIT("fees"),
                                           .content = encoded(a, &aver_table_schema, &table)};
    item = encoded(a, &aver_publication_schema, &publication);
    (void)put_transaction(w, a, "a fee schedule", TX_OPERATIONS, AVER_TX_PUBLISH, &item, 1);
    struct aver_approval approval = {aver_table_root(&table)};
    item = encoded(a, &aver_approval_schema, &approval);
    (void)put_transaction(w, a, "the other insurer party approves it", TX_COMPLIANCE, AVER_TX_APPROVE, &item,
                          1);

    struct aver_claim *claim = vector_claim(a);
    aver_bytes claims[3];
    static const char *const controls[] = {"PCN-0001", "PCN-0002", "PCN-0003"};
    for (size_t i = 0; i < 3; i++) {
        claim->patient_control_number = aver_bytes_str(controls[i]);
        claims[i] = encoded(a, &aver_claim_schema, claim);
    }
    (void)put_transaction(w, a, "the clinic files three claims", TX_CLINIC, AVER_TX_CLAIMS, claims, 3);
    struct aver_remit remit = {
        .payee = aver_claim_payee_id(claim), .trace = AVER_LIT("T-0001"), .date = aver_day_of(2026, 3, 31)};
    item = encoded(a, &aver_remit_schema, &remit);
    (void)put_transaction(w, a, "the remittance that reports them", TX_OPERATIONS, AVER_TX_REMIT, &item, 1);
    make_refused(w, a, first);
}

#endif
