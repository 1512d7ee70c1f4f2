/* tests/vectors/cases.h - how each file of frozen vectors is made: fixed keys, salts and records in, JSON out. The tool that
 * wrote the files and the test that compares them both build from here, so a change of any format shows as a difference.
 * Every amount, name and number is invented. */
#ifndef AVER_TESTS_VECTOR_CASES_H
#define AVER_TESTS_VECTOR_CASES_H

#include "base/cose.h"
#include "ledger/model/entry.h"
#include "ledger/model/policy.h"
#include "ledger/model/smt_memory.h"
#include "tests/vectors/case_records.h"
#include "tests/vectors/case_receipts.h"
#include "tests/vectors/case_tlog.h"
#include "tests/vectors/case_state.h"
#include "tests/vectors/case_transactions.h"

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

static inline void put_filing(struct aver_json_writer *w, const char *description, aver_bytes claim)
{
    uint8_t filing[16];
    char id[AVER_CLAIM_ID_BYTES + 1];
    begin(w, description);
    put_str(w, "kind", "filing");
    put_hex(w, "filing_secret", counting());
    put_str(w, "party", PARTY);
    put_hex(w, "claim", claim);
    aver_filing_id(filing, counting(), AVER_LIT(PARTY), claim);
    aver_claim_id(id, AVER_LIT(PARTY), filing);
    put_hex(w, "filing_id", aver_bytes_of(filing, 16));
    put_str(w, "claim_id", id);
    aver_json_end_object(w);
}

static inline void make_ids(struct aver_json_writer *w, struct aver_arena *a)
{
    aver_bytes claim = encoded(a, &aver_claim_schema, vector_claim(a));
    aver_digest leaves[3];
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
    put_filing(
        w,
        "filing id: HMAC(HMAC(genesis filing secret, party), claim) cut to 16 bytes; the claim's id from it",
        claim);
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
    put_filing(w, "the same of a hospital's claim, whose source is not its last field",
               encoded(a, &aver_claim_schema, vector_stay(a)));
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

/* [line, kind, value]: what stands before each value of the tree. */
static inline void put_node(struct aver_buf *out, uint64_t line, enum aver_policy_kind kind)
{
    aver_cbor_put_array(out, 3);
    aver_cbor_put_uint(out, line);
    aver_cbor_put_uint(out, kind);
}
static inline void put_key(struct aver_buf *out, const char *key)
{
    aver_cbor_put_text(out, aver_bytes_str(key));
}

static inline void make_policy(struct aver_json_writer *w, struct aver_arena *a)
{
    struct aver_buf tree = {0};
    put_node(&tree, 1, AVER_POLICY_MAP);
    aver_cbor_put_map(&tree, 6);
    put_key(&tree, "from"); /* shorter keys come first: their heads are smaller */
    put_node(&tree, 1, AVER_POLICY_DATE);
    aver_cbor_put_int(&tree, aver_day_of(2026, 1, 1));
    put_key(&tree, "plan");
    put_node(&tree, 2, AVER_POLICY_TEXT);
    aver_cbor_put_text(&tree, AVER_LIT("Summit"));
    put_key(&tree, "copay");
    put_node(&tree, 3, AVER_POLICY_MONEY);
    aver_cbor_put_int(&tree, 3000);
    put_key(&tree, "visits");
    put_node(&tree, 4, AVER_POLICY_INT);
    aver_cbor_put_int(&tree, 20);
    put_key(&tree, "embedded");
    put_node(&tree, 5, AVER_POLICY_BOOL);
    aver_cbor_put_bool(&tree, true);
    put_key(&tree, "coinsurance");
    put_node(&tree, 6, AVER_POLICY_LIST);
    aver_cbor_put_array(&tree, 2);
    put_node(&tree, 7, AVER_POLICY_RATE);
    aver_cbor_put_int(&tree, 2000);
    put_node(&tree, 8, AVER_POLICY_RATE);
    aver_cbor_put_int(&tree, 0);
    begin(w, "a tree with a value of each kind; plain: maps and lists as they are, else [line, kind, value]");
    put_hex(w, "tree", aver_buf_view(&tree));
    aver_json_key(w, "plain");
    static const char plain[] =
        "{\"from\":[1,\"date\",20454],\"plan\":[2,\"text\",\"Summit\"],\"copay\":[3,\"money\",3000],"
        "\"visits\":[4,\"int\",20],\"embedded\":[5,\"bool\",true],"
        "\"coinsurance\":[[7,\"rate\",2000],[8,\"rate\",0]]}";
    const struct aver_json *value;
    AVER_ASSERT(aver_json_parse(&value, a, aver_bytes_str(plain), NULL) == AVER_OK);
    aver_json_put_value(w, value);
    struct aver_policy policy = {.format = AVER_LIT(AVER_POLICY_FORMAT),
                                 .plan_id = AVER_LIT("SUMMIT-PPO-2026"),
                                 .effective_from = aver_day_of(2026, 1, 1),
                                 .effective_to = aver_day_of(2026, 12, 31),
                                 .eligibility = aver_sha256(AVER_LIT("eligibility")),
                                 .coverage = aver_sha256(AVER_LIT("coverage")),
                                 .payout = aver_sha256(AVER_LIT("payout")),
                                 .source = aver_sha256(AVER_LIT("yaml")),
                                 .tree = aver_buf_view(&tree)};
    aver_bytes bytes = encoded(a, &aver_policy_schema, &policy);
    put_hex(w, "hex", bytes);
    put_digest(w, "digest", aver_sha256(bytes));
    aver_json_key(w, "fields");
    aver_schema_json(w, &aver_policy_schema, &policy);
    aver_json_end_object(w);
    aver_buf_free(&tree);
}

/* A row as a map by field number: 1 from, 2 to, 3 modifier, 4 place, 5 price. */
static inline void put_row(struct aver_buf *out, int64_t from, int64_t to, const char *modifier,
                           uint64_t price)
{
    aver_cbor_put_map(out, 2 + (to != AVER_NO_DAY) + (modifier != NULL));
    aver_cbor_put_uint(out, 1);
    aver_cbor_put_int(out, from);
    if (to != AVER_NO_DAY) {
        aver_cbor_put_uint(out, 2);
        aver_cbor_put_int(out, to);
    }
    if (modifier) {
        aver_cbor_put_uint(out, 3);
        aver_cbor_put_text(out, aver_bytes_str(modifier));
    }
    aver_cbor_put_uint(out, 5);
    aver_cbor_put_uint(out, price);
}

/* An entry: 1 code, 2 rows. */
static inline void put_entry_head(struct aver_buf *out, const char *code, size_t rows)
{
    aver_cbor_put_map(out, 2);
    aver_cbor_put_uint(out, 1);
    aver_cbor_put_text(out, aver_bytes_str(code));
    aver_cbor_put_uint(out, 2);
    aver_cbor_put_array(out, rows);
}

/* Written without the table's own code, so that it pins what that code must make. */
static inline void make_table(struct aver_json_writer *w, struct aver_arena *a)
{
    static const char *const codes[] = {"97010", "97110", "99213"};
    const aver_day from = aver_day_of(2026, 1, 1), middle = aver_day_of(2026, 6, 30),
                   end = aver_day_of(2026, 12, 31);
    struct aver_buf entry[3] = {{0}}, table = {0};
    struct aver_smt_update updates[3];
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {.store = aver_smt_memory_store(&memory), .table = true};
    aver_digest root, source = aver_sha256(AVER_LIT("code,from,price"));
    put_entry_head(&entry[0], codes[0], 1);
    put_row(&entry[0], from, AVER_NO_DAY, NULL, 87000); /* 0.0870 a unit */
    put_entry_head(&entry[1], codes[1], 2);
    put_row(&entry[1], from, middle, NULL, 30500000);
    put_row(&entry[1], middle + 1, end, NULL, 31250000);
    put_entry_head(&entry[2], codes[2], 2);
    put_row(&entry[2], from, end, NULL, 92000000);
    put_row(&entry[2], from, end, "25", 46000000);
    aver_cbor_put_map(&table, 4);
    aver_cbor_put_uint(&table, 1);
    aver_cbor_put_text(&table, AVER_LIT("fees"));
    aver_cbor_put_uint(&table, 2);
    aver_cbor_put_uint(&table, 1);
    aver_cbor_put_uint(&table, 3);
    aver_cbor_put_bytes(&table, aver_digest_bytes(&source));
    aver_cbor_put_uint(&table, 4);
    aver_cbor_put_array(&table, 3);
    for (size_t i = 0; i < 3; i++) {
        aver_buf_bytes(&table, aver_buf_view(&entry[i]));
        aver_smt_set_row(&updates[i], aver_bytes_str(codes[i]), aver_buf_view(&entry[i]));
    }
    aver_smt_sort(updates, 3);
    AVER_ASSERT(aver_smt_apply(&smt, &root, updates, 3, NULL) == AVER_OK);
    begin(
        w,
        "a fee schedule of three codes, prices in millionths of a dollar; its digest is the root over (code, entry)");
    put_hex(w, "hex", aver_buf_view(&table));
    put_digest(w, "root", root);
    aver_json_key(w, "fields");
    static const char fields[] =
        "{\"name\":\"fees\",\"kind\":\"fees\",\"source\":\"34f9f7da6e017d4db0506c017ee7f54da91fbb943ed4b33077c3dcb2331e2099\",\"entries\":["
        "{\"code\":\"97010\",\"rows\":[{\"from\":\"2026-01-01\",\"price\":87000}]},"
        "{\"code\":\"97110\",\"rows\":[{\"from\":\"2026-01-01\",\"to\":\"2026-06-30\",\"price\":30500000},"
        "{\"from\":\"2026-07-01\",\"to\":\"2026-12-31\",\"price\":31250000}]},"
        "{\"code\":\"99213\",\"rows\":[{\"from\":\"2026-01-01\",\"to\":\"2026-12-31\",\"price\":92000000},"
        "{\"from\":\"2026-01-01\",\"to\":\"2026-12-31\",\"modifier\":\"25\",\"price\":46000000}]}]}";
    const struct aver_json *value;
    AVER_ASSERT(aver_json_parse(&value, a, aver_bytes_str(fields), NULL) == AVER_OK);
    aver_json_put_value(w, value);
    aver_json_end_object(w);
    for (size_t i = 0; i < 3; i++) aver_buf_free(&entry[i]);
    aver_buf_free(&table);
    aver_smt_memory_free(&memory);
}

struct vector_file {
    const char *name;
    void (*make)(struct aver_json_writer *w, struct aver_arena *a);
};
static const struct vector_file vector_files[] = {
    {"cbor", make_cbor},
    {"cose", make_cose},
    {"records", make_records},
    {"ids", make_ids},
    {"receipts", make_receipts},
    {"entries", make_entries},
    {"merkle", make_merkle},
    {"smt", make_smt},
    {"policy", make_policy},
    {"table", make_table},
    {"transactions", make_transactions},
    {"state", make_state},
    {"tlog", make_tlog},
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
