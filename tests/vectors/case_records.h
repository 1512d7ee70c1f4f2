/* tests/vectors/case_records.h - the records of the frozen vectors, and what every file of them is written with. See cases.h. */
#ifndef AVER_TESTS_VECTOR_CASE_RECORDS_H
#define AVER_TESTS_VECTOR_CASE_RECORDS_H

#include <string.h>

#include "base/schema_json.h"
#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/merkle.h"
#include "ledger/model/outcome.h"
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

/* A hospital's: all 24 fields are there, the DRG after the source. */
static inline struct aver_claim *vector_stay(struct aver_arena *a)
{
    struct aver_claim *c = vector_claim(a);
    c->type = AVER_CLAIM_INSTITUTIONAL;
    c->frequency = AVER_FREQUENCY_REPLACEMENT;
    c->original_reference = AVER_LIT("GXSE5PD3TFMBQEYGWM43S8H8");
    c->statement_to = aver_day_of(2026, 3, 5);
    struct aver_named_date *admitted = aver_list_add(a, &c->dates, sizeof *admitted);
    *admitted = (struct aver_named_date){AVER_LIT("435"), c->statement_from, c->statement_from};
    struct aver_reference *r = aver_list_add(a, &c->references, sizeof *r);
    *r = (struct aver_reference){AVER_LIT("G1"), AVER_LIT("AUTH-1")};
    struct aver_amount *paid = aver_list_add(a, &c->amounts, sizeof *paid);
    *paid = (struct aver_amount){AVER_LIT("F5"), {1000}};
    struct aver_other_payer *other = aver_list_add(a, &c->other_payers, sizeof *other);
    *other = (struct aver_other_payer){.responsibility = AVER_LIT("S"), .adjudicated = AVER_NO_DAY};
    c->assignment = AVER_LIT("AY");
    c->accident = AVER_LIT("AA");
    c->drg = AVER_LIT("470");
    struct aver_line *l = c->lines.items;
    l[0].procedure = AVER_BYTES_NONE;
    l[0].modifiers.count = 0;
    l[0].revenue_code = AVER_LIT("0120");
    l[0].unit = AVER_LIT("DA");
    l[0].service_to = c->statement_to;
    l[1].revenue_code = AVER_LIT("0636");
    l[1].drug_code = AVER_LIT("00002751201");
    l[1].drug_units = 2500;
    l[1].drug_unit = AVER_LIT("ML");
    return c;
}

static inline aver_bytes copy_with(struct aver_arena *a, aver_bytes b, size_t at, uint8_t value)
{
    aver_bytes copy = aver_arena_copy(a, b);
    ((uint8_t *)(uintptr_t)copy.ptr)[at] = value;
    return copy;
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
    put_record(
        w, a,
        "a hospital's claim, all 24 fields: the number of the last takes two bytes, and so does the head",
        &aver_claim_schema, vector_stay(a));
}

#endif
