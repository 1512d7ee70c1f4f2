/* tests/unit/bundle_story.h - a ledger with the standard contracts, a plan, two families and claims that come to everything that a
 * claim can come to; and bundles taken apart and put together again, to lie with. Include after cmocka.h. */
#ifndef AVER_TESTS_BUNDLE_STORY_H
#define AVER_TESTS_BUNDLE_STORY_H

#include "adapters/policy_yaml.h"
#include "base/cose.h"
#include "ledger/model/table.h"
#include "ledger/storage/bodies.h"
#include "ledger/storage/bundle.h"
#include "ledger/storage/ledger_private.h"
#include "ledger/transition/verify.h"
#include "tests/unit/storage_story.h"

#define CLINIC_NPI "1234567893"
#define OTHER_NPI  "1555000110"

struct bundle_story {
    struct story s;
    struct aver_note_key key;
    struct story_key node;
    struct aver_list contracts; /* of struct named */
};
struct named {
    const char *name;
    aver_digest digest;
};

static inline void bundle_send(struct bundle_story *b, uint64_t kind, const struct aver_schema *schema,
                               const void *record, const struct story_key *key)
{
    struct aver_buf item = {0};
    struct aver_item_result result;
    struct aver_why why = {0};
    aver_schema_encode(&item, schema, record);
    struct aver_batch_item items[] = {{AVER_BYTES_NONE, aver_buf_view(&item)}};
    story_ok(story_submit(&b->s, kind, items, 1, key, &result, &why), &why);
    if (result.how != AVER_ITEM_NEW || result.outcome != AVER_OUT_APPLIED) fail_msg("%s", result.words);
    aver_buf_free(&item);
}

static inline aver_digest bundle_publish(struct bundle_story *b, enum aver_artifact_kind kind,
                                         const char *name, aver_bytes content)
{
    struct aver_publication p = {kind, aver_bytes_str(name), content};
    struct aver_approval approval;
    struct aver_why why = {0};
    story_ok(aver_artifact_digest(&approval.artifact, &p, &b->s.arena, &why), &why);
    bundle_send(b, AVER_TX_PUBLISH, &aver_publication_schema, &p, &b->s.operations);
    bundle_send(b, AVER_TX_APPROVE, &aver_approval_schema, &approval, &b->s.compliance);
    return approval.artifact;
}

static inline void bundle_contract(struct bundle_story *b, const char *name, aver_bytes source)
{
    struct named *n = aver_list_add(&b->s.arena, &b->contracts, sizeof *n);
    n->name = name;
    n->digest = bundle_publish(b, AVER_ARTIFACT_CONTRACT, name, source);
}

static inline aver_bytes bundle_file(struct bundle_story *b, const char *path)
{
    struct aver_buf bytes = {0};
    struct aver_why why = {0};
    story_ok(aver_file_read(&bytes, path, 1 << 20, &why), &why);
    aver_bytes kept = aver_arena_copy(&b->s.arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    return kept;
}

static inline aver_err bundle_resolve(void *self, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    struct bundle_story *b = self;
    const struct named *n = b->contracts.items;
    (void)why;
    for (size_t i = 0; i < b->contracts.count; i++)
        if (aver_bytes_is(contract, n[i].name)) {
            *out = n[i].digest;
            return AVER_OK;
        }
    return AVER_E_NOT_FOUND;
}

static inline void bundle_policy(struct bundle_story *b, const char *plan, aver_bytes yaml)
{
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    struct aver_why why = {0};
    story_ok(aver_policy_compile(&compiled, plan, yaml, bundle_resolve, b, &b->s.arena, &findings, &why),
             &why);
    bundle_publish(b, AVER_ARTIFACT_POLICY, plan, aver_buf_view(&compiled));
    aver_buf_free(&compiled);
}

static inline void bundle_table(struct bundle_story *b, const char *name, uint64_t kind,
                                struct aver_table_entry *entries, size_t count)
{
    struct aver_buf bytes = {0};
    struct aver_table table = {
        .name = aver_bytes_str(name), .kind = kind, .entries = {entries, count, count}};
    aver_schema_encode(&bytes, &aver_table_schema, &table);
    bundle_publish(b, AVER_ARTIFACT_TABLE, name, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
}

static inline void bundle_family(struct bundle_story *b, const char *id, uint8_t secret,
                                 const struct aver_member *members, size_t count)
{
    uint8_t *bytes = aver_arena_alloc(&b->s.arena, 32);
    memset(bytes, secret, 32);
    struct aver_family family = {.family_id = aver_bytes_str(id),
                                 .secret = aver_bytes_of(bytes, 32),
                                 .members = {(void *)(uintptr_t)members, count, count}};
    bundle_send(b, AVER_TX_ENROL, &aver_family_schema, &family, &b->s.operations);
}

#define PLAN_HEAD(id, contract)                                                                                           \
    "format: payer-policy/1\n"                                                                                            \
    "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"  \
    "plan: {id: " id                                                                                                      \
    ", name: Plan, effective: {start: 2026-01-01, end: 2026-12-31}, benefit_year: calendar,\n"                            \
    "       claim_filing_indicator: \"12\"}\n"                                                                            \
    "contracts: {eligibility: eligibility, coverage: " contract ", payout: payout}\n"                                     \
    "balance_billing: {in_network: CO, out_of_network: PR}\n"                                                             \
    "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"                                               \
    "duplicates: {exact: deny, suspected: pend}\n"                                                                        \
    "span: pend\n"                                                                                                        \
    "cost_share: {order: [copay, deductible, coinsurance], coinsurance_base: after_copay, rounding: half_up}\n"           \
    "networks: {in_network: {roster: providers}, out_of_network: {}}\n"                                                   \
    "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees}, lesser_of: per_line, missing: pend}\n"      \
    "deductible: {in_network: {individual: 50.00, family: 80.00}, out_of_network: {individual: 50.00, family: 80.00}}\n"  \
    "oop_max: {in_network: {individual: 400.00, family: 800.00}, out_of_network: {individual: 400.00, family: 800.00}}\n" \
    "benefits:\n"                                                                                                         \
    "  visit:\n"                                                                                                          \
    "    name: Visit\n"                                                                                                   \
    "    match: {procedures: [\"P0001-P0099\"]}\n"                                                                        \
    "    limit: {visits: 20, per: benefit_year}\n"                                                                        \
    "    cost_share: {in_network: {copay: 10.00, deductible: true, coinsurance: 20 %}, out_of_network: {coinsurance: 40 %}}\n"

static inline struct aver_member bundle_member(const char *id, const char *first_name, aver_day born,
                                               struct aver_cover *cover)
{
    struct aver_member m = {.member_id = aver_bytes_str(id),
                            .relationship = AVER_OTHER_DEPENDANT,
                            .first_name = aver_bytes_str(first_name),
                            .last_name = AVER_LIT("ROE"),
                            .birth_date = born,
                            .covers = {cover, 1, 1}};
    return m;
}

/* Open for writing, with its contracts, tables, two plans and two families. */
static inline void bundle_begin(struct bundle_story *b)
{
    static struct aver_cover plain, rough;
    uint8_t seed[32];
    char path[300];
    struct aver_why why = {0};
    memset(b, 0, sizeof *b);
    story_begin(&b->s);
    plain = (struct aver_cover){.plan = AVER_LIT("plan"), .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY};
    rough = plain;
    rough.plan = AVER_LIT("rough");
    snprintf(path, sizeof path, "%s/keys/node.key", b->s.dir);
    story_ok(aver_key_file_read(seed, sizeof seed, path, false, &why), &why);
    aver_key_from_seed(&b->node.pk, &b->node.sk, seed);
    story_ok(aver_note_key_of(&b->key, AVER_LIT(STORY_CHAIN), &b->node.pk, &why), &why);
    bundle_contract(b, "eligibility", bundle_file(b, "contracts/eligibility.lua"));
    bundle_contract(b, "coverage", bundle_file(b, "contracts/coverage.lua"));
    bundle_contract(b, "payout", bundle_file(b, "contracts/payout.lua"));
    bundle_contract(b, "rough",
                    AVER_LIT("return { coverage = function(claim, member)\n"
                             "  local x = nil\n"
                             "  return x.y\n"
                             "end }\n"));
    struct aver_table_entry fees[40], roster[1];
    struct aver_table_row rows[40];
    for (size_t i = 0; i < 40; i++) {
        rows[i] = (struct aver_table_row){
            .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY, .price = 60000000 + i * 1000000};
        fees[i] = (struct aver_table_entry){aver_bytes_str(aver_arena_printf(&b->s.arena, "P%04zu", i + 1)),
                                            {&rows[i], 1, 1}};
    }
    bundle_table(b, "fees", AVER_TABLE_FEES, fees, 40);
    struct aver_table_row in_network = {
        .from = aver_day_of(2026, 1, 1), .to = AVER_NO_DAY, .tier = AVER_LIT("in_network")};
    roster[0] = (struct aver_table_entry){AVER_LIT(CLINIC_NPI), {&in_network, 1, 1}};
    bundle_table(b, "providers", AVER_TABLE_ROSTER, roster, 1);
    bundle_policy(b, "plan", AVER_LIT(PLAN_HEAD("plan", "coverage")));
    bundle_policy(b, "rough", AVER_LIT(PLAN_HEAD("rough", "rough")));
    struct aver_member f1[] = {
        bundle_member("ADA", "Ada", aver_day_of(2016, 5, 5), &plain),
        bundle_member("BEA", "Bea", aver_day_of(2018, 6, 6), &plain),
        bundle_member("CEE", "Cee", aver_day_of(2018, 6, 6), &plain),
        bundle_member("KIM", "Kim", aver_day_of(1980, 1, 2), &plain),
        bundle_member("SPOUSE", "Sparrow", aver_day_of(1981, 1, 3), &plain),
    };
    struct aver_member f2[] = {bundle_member("LEE", "Lee", aver_day_of(1970, 3, 3), &rough)};
    bundle_family(b, "F1", 0x51, f1, 5);
    bundle_family(b, "F2", 0x52, f2, 1);
}

static inline void bundle_end(struct bundle_story *b) { story_end(&b->s); }

/* A claim of `lines` lines from procedure P0001 on; `born` not AVER_NO_DAY: the patient is another than the subscriber, found by it. */
struct claim_wish {
    const char *control, *member, *npi;
    aver_day born;
    const char *first_name;
    unsigned lines, procedure, day;
};

static inline aver_bytes bundle_claim(struct bundle_story *b, const struct claim_wish *w)
{
    struct aver_claim *c = aver_claim_new(&b->s.arena);
    struct aver_why why = {0};
    aver_day day = aver_day_of(2026, 3, 2) + (aver_day)w->day;
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_bytes_str(w->control);
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = aver_bytes_str(w->member);
    if (w->born != AVER_NO_DAY) {
        c->patient = AVER_NEW(&b->s.arena, struct aver_person);
        *c->patient =
            (struct aver_person){.birth_date = w->born, .first_name = aver_bytes_str(w->first_name)};
    }
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->npi = aver_bytes_str(w->npi);
    c->assignment = AVER_LIT("AY");
    c->statement_from = c->statement_to = day;
    c->source->format = AVER_FORMAT_CSV;
    c->source->length = 1;
    for (unsigned i = 0; i < w->lines; i++) {
        struct aver_line *l = aver_list_add(&b->s.arena, &c->lines, sizeof *l);
        aver_schema_init(&aver_line_schema, l);
        l->number = i + 1;
        l->procedure = aver_bytes_str(aver_arena_printf(&b->s.arena, "P%04u", w->procedure + i));
        l->charge.cents = 9000;
        c->total_charge.cents += 9000;
        l->units = 1000;
        l->unit = AVER_LIT("UN");
        l->service_from = l->service_to = day;
    }
    story_ok(aver_claim_check(c, &why), &why);
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_claim_schema, c);
    aver_bytes kept = aver_arena_copy(&b->s.arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    return kept;
}

static inline struct aver_item_result *bundle_file_claims(struct bundle_story *b,
                                                          const struct claim_wish *wishes, size_t count)
{
    struct aver_batch_item *items = AVER_NEW_ARRAY(&b->s.arena, struct aver_batch_item, count);
    struct aver_item_result *results = AVER_NEW_ARRAY(&b->s.arena, struct aver_item_result, count);
    struct aver_why why = {0};
    for (size_t i = 0; i < count; i++) items[i].item = bundle_claim(b, &wishes[i]);
    story_ok(story_submit(&b->s, AVER_TX_CLAIMS, items, count, &b->s.clinic, results, &why), &why);
    for (size_t i = 0; i < count; i++)
        if (results[i].how != AVER_ITEM_NEW) fail_msg("%s", results[i].words);
    return results;
}

static inline aver_bytes bundle_make(struct bundle_story *b, const char *claim_id,
                                     enum aver_bundle_reader reader, bool no_pack)
{
    struct aver_bundle_wish wish = {aver_bytes_str(claim_id), reader, no_pack};
    struct aver_buf out = {0};
    struct aver_why why = {0};
    story_ok(aver_bundle_make(b->s.ledger, &wish, &out, &b->s.arena, NULL, NULL, &why), &why);
    aver_bytes kept = aver_arena_copy(&b->s.arena, aver_buf_view(&out));
    aver_buf_free(&out);
    return kept;
}

/* ---- bundles taken apart: every proof as what it is, so that anything can be changed and the rest be put right again ---- */

struct parts {
    struct aver_bundle b;
    struct aver_merkle_proof batch, claim, state, header, genesis, *writers;
    struct aver_smt_proof *reads, *tables;
};

static inline void take_apart(struct parts *p, aver_bytes bytes, struct aver_arena *arena)
{
    struct aver_why why = {0};
    story_ok(aver_bundle_read(&p->b, bytes, arena, &why), &why);
    struct aver_bundle_hashes h = {p->b.hashes, 0};
    struct aver_bundle_writer *w = p->b.writers.items;
    struct aver_bundle_read *r = p->b.reads.items;
    struct aver_bundle_table *t = p->b.tables.items;
    p->writers = AVER_NEW_ARRAY(arena, struct aver_merkle_proof, p->b.writers.count + 1);
    p->reads = AVER_NEW_ARRAY(arena, struct aver_smt_proof, p->b.reads.count + 1);
    p->tables = AVER_NEW_ARRAY(arena, struct aver_smt_proof, p->b.tables.count + 1);
    story_ok(aver_bundle_path(&h, &p->batch, &p->b.batch_path, &why), &why);
    story_ok(aver_bundle_path(&h, &p->claim, &p->b.claim->path, &why), &why);
    story_ok(aver_bundle_path(&h, &p->state, &p->b.state->path, &why), &why);
    story_ok(aver_bundle_path(&h, &p->header, &p->b.header->path, &why), &why);
    if (p->b.genesis) story_ok(aver_bundle_path(&h, &p->genesis, &p->b.genesis->path, &why), &why);
    for (size_t i = 0; i < p->b.writers.count; i++)
        story_ok(aver_bundle_path(&h, &p->writers[i], &w[i].path, &why), &why);
    for (size_t i = 0; i < p->b.reads.count; i++)
        if (r[i].proof) story_ok(aver_bundle_proof(&h, &p->reads[i], r[i].proof, &why), &why);
    for (size_t i = 0; i < p->b.tables.count; i++)
        story_ok(aver_bundle_proof(&h, &p->tables[i], t[i].proof, &why), &why);
}

static inline void path_again(struct aver_bundle_pool *pool, struct aver_list *path,
                              const struct aver_merkle_proof *proof, struct aver_arena *arena)
{
    *path = (struct aver_list){0};
    aver_bundle_put_path(pool, path, proof, arena);
}

static inline aver_bytes put_together(struct parts *p, struct aver_arena *arena)
{
    struct aver_bundle_pool pool = {0};
    struct aver_buf out = {0};
    struct aver_bundle_writer *w = p->b.writers.items;
    struct aver_bundle_read *r = p->b.reads.items;
    struct aver_bundle_table *t = p->b.tables.items;
    path_again(&pool, &p->b.batch_path, &p->batch, arena);
    path_again(&pool, &p->b.claim->path, &p->claim, arena);
    path_again(&pool, &p->b.state->path, &p->state, arena);
    path_again(&pool, &p->b.header->path, &p->header, arena);
    if (p->b.genesis) path_again(&pool, &p->b.genesis->path, &p->genesis, arena);
    for (size_t i = 0; i < p->b.writers.count; i++) path_again(&pool, &w[i].path, &p->writers[i], arena);
    for (size_t i = 0; i < p->b.reads.count; i++)
        if (r[i].proof) r[i].proof = aver_bundle_put_proof(&pool, &p->reads[i], arena);
    for (size_t i = 0; i < p->b.tables.count; i++)
        t[i].proof = aver_bundle_put_proof(&pool, &p->tables[i], arena);
    p->b.hashes = aver_arena_copy(arena, aver_buf_view(&pool.hashes));
    aver_schema_encode(&out, &aver_bundle_schema, &p->b);
    aver_bytes kept = aver_arena_copy(arena, aver_buf_view(&out));
    aver_buf_free(&out);
    aver_buf_free(&pool.hashes);
    return kept;
}

/* What a lying node would have: its log with another entry for the claim, signed anew. The claim is in the last group. */
static inline aver_bytes forge(struct bundle_story *b, struct parts *p)
{
    struct aver_arena *arena = &b->s.arena;
    struct aver_why why = {0};
    uint64_t size = p->b.header->index + 1;
    aver_digest *leaf = AVER_NEW_ARRAY(arena, aver_digest, size);
    struct aver_entry header, item = {.kind = AVER_ENTRY_ITEM};
    for (uint64_t i = 0; i < size; i++) {
        aver_bytes bytes;
        story_ok(aver_ledger_entry(b->s.ledger, i, &bytes, &why), &why);
        leaf[i] = aver_merkle_leaf(bytes);
        if (i == p->b.header->index) story_ok(aver_entry_read(&header, bytes, &why), &why);
    }
    struct aver_body body = {aver_sha256(p->b.batch), p->b.index, p->b.salt, p->b.item};
    struct aver_buf bytes = {0}, entry = {0}, note = {0};
    aver_body_encode(&bytes, &body);
    item.body = aver_body_commitment(p->b.salt, aver_buf_view(&bytes));
    item.receipt = aver_receipt_commitment(p->b.salt, p->b.receipt);
    aver_entry_encode(&entry, &item);
    leaf[p->b.claim->index] = aver_merkle_leaf(aver_buf_view(&entry));
    header.root = aver_merkle_root_of(leaf, size - 1);
    entry.len = 0;
    aver_entry_encode(&entry, &header);
    leaf[size - 1] = aver_merkle_leaf(aver_buf_view(&entry));
    p->b.header->bytes = aver_arena_copy(arena, aver_buf_view(&entry));
    aver_digest root = aver_merkle_root_of(leaf, size);
    aver_checkpoint_sign(&note, size, &root, &b->key, &b->node.sk);
    p->b.checkpoint = aver_arena_copy(arena, aver_buf_view(&note));
    struct aver_merkle_leaves leaves = {leaf, size};
    struct aver_merkle_source source = aver_merkle_source_of(&leaves);
    struct aver_bundle_writer *w = p->b.writers.items;
    story_ok(aver_merkle_prove(&p->claim, p->b.claim->index, size, source, &why), &why);
    story_ok(aver_merkle_prove(&p->state, p->b.state->index, size, source, &why), &why);
    story_ok(aver_merkle_prove(&p->header, p->b.header->index, size, source, &why), &why);
    story_ok(aver_merkle_prove(&p->genesis, 0, size, source, &why), &why);
    for (size_t i = 0; i < p->b.writers.count; i++)
        story_ok(aver_merkle_prove(&p->writers[i], w[i].index, size, source, &why), &why);
    aver_buf_free(&bytes);
    aver_buf_free(&entry);
    aver_buf_free(&note);
    return put_together(p, arena);
}

#endif
