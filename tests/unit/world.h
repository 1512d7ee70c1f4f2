/* tests/unit/world.h - a small insurer's world for tests of decisions: a ledger in memory with its parties, where anything can
 * be signed, sent and applied as on a real node. The view is the naive one (lists searched from the newest back): a second
 * implementation of ledger/transition/view.h beside storage's.
 *
 * Faults of the test itself end the process (WORLD_OK); what an item came to is for the caller to look at. */
#ifndef AVER_TESTS_WORLD_H
#define AVER_TESTS_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/policy_yaml.h"
#include "ledger/model/batch.h"
#include "ledger/model/claim.h"
#include "ledger/model/table.h"
#include "ledger/transition/apply.h"

#define WORLD_CHAIN    "world.example"
#define WORLD_NPI      "1234567893" /* the provider party's own */
#define WORLD_FAMILY   "F1"
#define WORLD_DAY_MS   INT64_C(86400000)
#define WORLD_FILE_MAX (1 << 20)

#define WORLD_OK(w, e)                                                                                       \
    do {                                                                                                     \
        aver_err world_err_ = (e);                                                                           \
        if (world_err_ != AVER_OK) {                                                                         \
            printf("%s:%d: %s: %s %s (%s)\n", __FILE__, __LINE__, aver_err_name(world_err_), (w)->why.code,  \
                   (w)->why.text, (w)->why.place);                                                           \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

struct world_record {
    aver_bytes name, value;
    uint64_t height;
};
struct world_party {
    struct aver_public_key pk;
    struct aver_secret_key sk;
};

struct world {
    struct aver_arena arena;
    struct aver_list state, artifacts; /* of struct world_record */
    struct aver_view view;
    struct aver_machine *machine;
    struct world_party node, proposer, approver, provider;
    struct aver_list contracts; /* of struct world_record: name and digest of each contract in force */
    uint64_t entry;
    struct aver_why why;
};

static inline struct world_record *world_find(struct aver_list *list, aver_bytes name)
{
    struct world_record *r = list->items;
    for (size_t i = list->count; i-- > 0;)
        if (aver_bytes_eq(r[i].name, name)) return &r[i];
    return NULL;
}

static inline void world_keep(struct world *w, struct aver_list *list, aver_bytes name, aver_bytes value)
{
    struct world_record *r = world_find(list, name);
    if (!r) {
        r = aver_list_add(&w->arena, list, sizeof *r);
        r->name = aver_arena_copy(&w->arena, name);
    }
    r->value = aver_arena_copy(&w->arena, value);
    r->height = w->view.height;
}

static inline aver_err world_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct world *w = self;
    (void)why;
    const struct world_record *r = world_find(&w->state, name);
    if (!r) return AVER_E_NOT_FOUND;
    *out = (struct aver_stored){.record = r->value, .height = r->height};
    return AVER_OK;
}

static inline aver_err world_put(void *self, aver_bytes name, aver_bytes record, aver_digest key,
                                 aver_digest value, struct aver_why *why)
{
    struct world *w = self;
    (void)key, (void)value, (void)why;
    world_keep(w, &w->state, name, record);
    return AVER_OK;
}

static inline aver_err world_artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    struct world *w = self;
    (void)why;
    const struct world_record *r = world_find(&w->artifacts, aver_digest_bytes(&digest));
    if (!r) return AVER_E_NOT_FOUND;
    *out = r->value;
    return AVER_OK;
}

static inline aver_err world_artifact_put(void *self, aver_digest digest, aver_bytes content,
                                          struct aver_why *why)
{
    struct world *w = self;
    (void)why;
    world_keep(w, &w->artifacts, aver_digest_bytes(&digest), content);
    return AVER_OK;
}

static inline aver_err world_table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                                         struct aver_why *why)
{
    struct world *w = self;
    struct aver_table table;
    aver_bytes content;
    if (world_artifact(w, root, &content, why) != AVER_OK) return AVER_E_CORRUPT;
    AVER_TRY(aver_schema_read(content, &aver_table_schema, &table, &w->arena, why));
    const struct aver_table_entry *entry = aver_table_find(&table, code);
    if (!entry) return AVER_E_NOT_FOUND;
    struct aver_buf buf = {0};
    aver_schema_encode(&buf, &aver_table_entry_schema, entry);
    *out = aver_arena_copy(&w->arena, aver_buf_view(&buf));
    aver_buf_free(&buf);
    return AVER_OK;
}

/* One record, signed by `who`, through the whole of the transition in a group of its own. The receipt's record lies in the
 * world's arena. */
static inline struct aver_applied world_send(struct world *w, const struct world_party *who,
                                             enum aver_tx_kind kind, const struct aver_schema *schema,
                                             const void *record)
{
    struct aver_buf item = {0}, cose = {0};
    uint8_t salt[AVER_SALT_BYTES];
    struct aver_envelope env;
    struct aver_applied out;
    aver_schema_encode(&item, schema, record);
    aver_bytes bytes = aver_arena_copy(&w->arena, aver_buf_view(&item));
    /* Salts must differ, not be secret: the entry number will do, and makes every run the same. */
    memset(salt, 0, sizeof salt);
    memcpy(salt, &w->entry, sizeof w->entry);
    struct aver_batch_item sent = {aver_arena_copy(&w->arena, aver_bytes_of(salt, sizeof salt)), bytes};
    struct aver_batch header = {
        .chain = AVER_LIT(WORLD_CHAIN), .kind = kind, .not_after = w->view.time + WORLD_DAY_MS};
    aver_batch_sign(&cose, &header, &sent, 1, &who->pk, &who->sk);
    aver_bytes signed_bytes = aver_arena_copy(&w->arena, aver_buf_view(&cose));
    aver_buf_free(&cose);
    aver_buf_free(&item);

    w->view.height++;
    WORLD_OK(w, aver_envelope_open(&env, &w->view, signed_bytes, AVER_LIT(WORLD_CHAIN),
                                   kind == AVER_TX_GENESIS ? &w->node.pk : NULL, &w->arena, &w->why));
    WORLD_OK(w, aver_envelope_expired(&env, &w->view, &w->why));
    struct aver_item it = {
        .salt = sent.salt, .item = bytes, .leaf = aver_leaf(sent.salt, bytes), .entry = w->entry};
    WORLD_OK(w, aver_envelope_leaves(&env, &it.leaf, 1, &w->why));
    WORLD_OK(w, aver_apply(w->machine, &w->view, &env, &it, &w->arena, &out, &w->why));
    w->entry++;
    return out;
}

/* For what the test takes for granted. */
static inline void world_must(struct world *w, const struct world_party *who, enum aver_tx_kind kind,
                              const struct aver_schema *schema, const void *record)
{
    struct aver_applied a = world_send(w, who, kind, schema, record);
    if (a.outcome == AVER_OUT_APPLIED) return;
    printf("%s was refused: %s %s\n", aver_tx_kind_names[kind], aver_outcome_names[a.outcome], a.words);
    exit(1);
}

static inline aver_bytes world_pk(const struct world_party *p)
{
    return aver_bytes_of(p->pk.b, sizeof p->pk.b);
}

static inline void world_start(struct world *w, aver_day day)
{
    *w = (struct world){.view = {.self = w,
                                 .get = world_get,
                                 .put = world_put,
                                 .artifact = world_artifact,
                                 .artifact_put = world_artifact_put,
                                 .table_entry = world_table_entry,
                                 .time = day * WORLD_DAY_MS},
                        .machine = aver_machine_new()};
    struct world_party *parties[] = {&w->node, &w->proposer, &w->approver, &w->provider};
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[32] = {i + 1};
        aver_key_from_seed(&parties[i]->pk, &parties[i]->sk, seed);
    }
    uint8_t secret[32] = {7};
    struct aver_genesis_party insurers[] = {{AVER_LIT("claims"), world_pk(&w->proposer)},
                                            {AVER_LIT("medical"), world_pk(&w->approver)}};
    struct aver_genesis genesis = {.chain = AVER_LIT(WORLD_CHAIN),
                                   .node_key = world_pk(&w->node),
                                   .secret = aver_bytes_of(secret, sizeof secret),
                                   .filing_secret = aver_bytes_of(secret, sizeof secret),
                                   .insurers = {insurers, 2, 2}};
    world_must(w, &w->node, AVER_TX_GENESIS, &aver_genesis_schema, &genesis);
    struct aver_party_act act = {.action = AVER_PARTY_ADD,
                                 .party = AVER_LIT("clinic"),
                                 .name = AVER_LIT("Clinic"),
                                 .role = AVER_ROLE_PROVIDER,
                                 .npi = AVER_LIT(WORLD_NPI),
                                 .public_key = world_pk(&w->provider)};
    world_must(w, &w->proposer, AVER_TX_PARTY, &aver_party_act_schema, &act);
}

static inline void world_end(struct world *w)
{
    aver_machine_free(w->machine);
    aver_arena_free(&w->arena);
}

/* Proposed by one insurer party and approved by the other. */
static inline aver_digest world_publish(struct world *w, enum aver_artifact_kind kind, const char *name,
                                        aver_bytes content)
{
    struct aver_publication p = {kind, aver_bytes_str(name), content};
    struct aver_approval approval;
    WORLD_OK(w, aver_artifact_digest(&approval.artifact, &p, &w->arena, &w->why));
    world_must(w, &w->proposer, AVER_TX_PUBLISH, &aver_publication_schema, &p);
    world_must(w, &w->approver, AVER_TX_APPROVE, &aver_approval_schema, &approval);
    if (kind == AVER_ARTIFACT_CONTRACT)
        world_keep(w, &w->contracts, p.name, aver_digest_bytes(&approval.artifact));
    return approval.artifact;
}

static inline aver_bytes world_file(struct world *w, const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = aver_arena_alloc(&w->arena, WORLD_FILE_MAX);
    size_t n = f ? fread(data, 1, WORLD_FILE_MAX, f) : 0;
    if (!f || n == 0 || n == WORLD_FILE_MAX) {
        printf("could not read %s; run from the root of the repository\n", path);
        exit(1);
    }
    fclose(f);
    return aver_bytes_of(data, n);
}

/* contracts/NAME.lua under its name. */
static inline void world_contract_file(struct world *w, const char *name)
{
    world_publish(w, AVER_ARTIFACT_CONTRACT, name,
                  world_file(w, aver_arena_printf(&w->arena, "contracts/%s.lua", name)));
}

static inline aver_err world_resolve(void *self, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    struct world *w = self;
    (void)why;
    const struct world_record *r = world_find(&w->contracts, contract);
    if (!r) return AVER_E_NOT_FOUND;
    memcpy(out->b, r->value.ptr, sizeof out->b);
    return AVER_OK;
}

/* Compiles and publishes the policy of plan `plan_id`. False, with the first finding in w->why, when it does not compile. */
static inline bool world_policy(struct world *w, const char *plan_id, const char *file, aver_bytes yaml)
{
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    if (aver_policy_compile(&compiled, file, yaml, world_resolve, w, &w->arena, &findings, &w->why) !=
        AVER_OK)
        return false;
    world_publish(w, AVER_ARTIFACT_POLICY, plan_id, aver_arena_copy(&w->arena, aver_buf_view(&compiled)));
    aver_buf_free(&compiled);
    return true;
}

static inline void world_table(struct world *w, const struct aver_table *table)
{
    struct aver_buf buf = {0};
    aver_schema_encode(&buf, &aver_table_schema, table);
    aver_bytes content = aver_arena_copy(&w->arena, aver_buf_view(&buf));
    aver_buf_free(&buf);
    world_publish(w, AVER_ARTIFACT_TABLE, aver_arena_printf(&w->arena, "%.*s", AVER_STR(table->name)),
                  content);
}

/* A professional claim for one member, without lines. */
static inline struct aver_claim *world_claim(struct world *w, const char *control, const char *member,
                                             const char *npi)
{
    struct aver_claim *c = aver_claim_new(&w->arena);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_arena_copy(&w->arena, aver_bytes_str(control));
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = aver_arena_copy(&w->arena, aver_bytes_str(member));
    c->subscriber->last_name = AVER_LIT("Example");
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->role = AVER_LIT("85");
    c->billing_provider->name = AVER_LIT("Clinic");
    c->billing_provider->npi = aver_arena_copy(&w->arena, aver_bytes_str(npi));
    c->source->format = AVER_FORMAT_CSV;
    return c;
}

/* A line of one unit on one day; the claim's total and dates follow. */
static inline struct aver_line *world_line(struct world *w, struct aver_claim *c, const char *procedure,
                                           int64_t charge, aver_day day)
{
    struct aver_line *l = aver_list_add(&w->arena, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = c->lines.count;
    l->procedure = aver_arena_copy(&w->arena, aver_bytes_str(procedure));
    l->charge.cents = (uint64_t)charge;
    l->units = 1000;
    l->unit = AVER_LIT("UN");
    l->service_from = l->service_to = day;
    c->total_charge.cents += (uint64_t)charge;
    if (c->statement_from == AVER_NO_DAY || day < c->statement_from) c->statement_from = day;
    if (c->statement_to == AVER_NO_DAY || day > c->statement_to) c->statement_to = day;
    return l;
}

static inline struct aver_applied world_file_claim(struct world *w, const struct aver_claim *c)
{
    WORLD_OK(w, aver_claim_check(c, &w->why));
    return world_send(w, &w->provider, AVER_TX_CLAIMS, &aver_claim_schema, c);
}

#endif
