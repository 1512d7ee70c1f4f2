/* aver/bench_ledger.c - see bench_ledger.h. */
#include "aver/bench_ledger.h"

#include <string.h>

#include "ledger/transition/work.h"

#define CHAIN    "bench"
#define PROPOSER "claims"
#define APPROVER "medical"
#define PROVIDER "clinic"
#define DAY_MS   INT64_C(86400000)

/* ---- what lies below -------------------------------------------------------------------------------------------------- */

static aver_err below_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    const struct aver_view *v = &((struct aver_bench *)self)->memory.view;
    return v->get(v->self, name, out, why);
}

static aver_err below_artifact(void *self, aver_bytes digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *v = &((struct aver_bench *)self)->memory.view;
    aver_digest d;
    AVER_ASSERT(digest.len == sizeof d.b);
    memcpy(d.b, digest.ptr, sizeof d.b);
    return v->artifact(v->self, d, out, why);
}

static aver_err below_table(void *self, aver_bytes root_and_code, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view_memory *m = &((struct aver_bench *)self)->memory;
    (void)why;
    const struct aver_map_item *item = aver_map_find(&m->tables, root_and_code);
    if (!item) return AVER_E_NOT_FOUND;
    *out = aver_map_value(item);
    return AVER_OK;
}

/* No root of a bench is ever asked for, so there are no pages. */
static aver_err below_page(void *self, aver_bytes place, aver_bytes *out, struct aver_why *why)
{
    (void)self, (void)place, (void)out, (void)why;
    return AVER_E_NOT_FOUND;
}

/* ---- one item --------------------------------------------------------------------------------------------------------- */

static aver_digest seeded(const struct aver_bench *bench, const char *what, aver_bytes name)
{
    struct aver_buf text = {0};
    aver_buf_printf(&text, "%s %llu ", what, (unsigned long long)bench->seed);
    aver_buf_bytes(&text, name);
    aver_digest digest = aver_sha256(aver_buf_view(&text));
    aver_buf_free(&text);
    return digest;
}

static aver_err send(struct aver_bench *bench, enum aver_tx_kind kind, const char *party,
                     const struct aver_schema *schema, const void *record, struct aver_applied *out,
                     struct aver_why *why)
{
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, schema, record);
    aver_digest salt =
        seeded(bench, "salt", aver_bytes_of(&bench->entry, sizeof bench->entry)); /* differs in each item */
    struct aver_item item = {.salt = aver_arena_copy(bench->arena, aver_bytes_of(salt.b, AVER_SALT_BYTES)),
                             .item = aver_arena_copy(bench->arena, aver_buf_view(&bytes)),
                             .entry = bench->entry++};
    aver_buf_free(&bytes);
    item.leaf = aver_leaf(item.salt, item.item);
    struct aver_envelope env = {
        .batch = {.version = AVER_BATCH_VERSION, .chain = AVER_LIT(CHAIN), .kind = kind, .count = 1},
        .party = aver_bytes_str(party),
        .role = kind == AVER_TX_CLAIMS ? AVER_ROLE_PROVIDER : AVER_ROLE_INSURER};
    bench->memory.view.height++;
    return aver_apply(bench->machine, &bench->memory.view, &env, &item, bench->arena, out, why);
}

/* For what must take effect. */
static aver_err act(struct aver_bench *bench, enum aver_tx_kind kind, const char *party,
                    const struct aver_schema *schema, const void *record, const char *place,
                    struct aver_why *why)
{
    struct aver_applied applied;
    AVER_TRY(send(bench, kind, party, schema, record, &applied, why));
    if (applied.outcome == AVER_OUT_APPLIED) return AVER_OK;
    return aver_fail(why, AVER_E_REFUSED, "BENCH-REFUSED", place, "%s: %s",
                     aver_outcome_names[applied.outcome], applied.words);
}

static aver_err genesis(struct aver_bench *bench, struct aver_why *why)
{
    /* Keys that nobody holds: nothing here is signed. */
    aver_digest keys[] = {seeded(bench, "node", AVER_BYTES_NONE), seeded(bench, PROPOSER, AVER_BYTES_NONE),
                          seeded(bench, APPROVER, AVER_BYTES_NONE)};
    struct aver_genesis_party insurers[] = {{AVER_LIT(PROPOSER), aver_digest_bytes(&keys[1])},
                                            {AVER_LIT(APPROVER), aver_digest_bytes(&keys[2])}};
    aver_digest secret = aver_sha256(AVER_LIT("averment bench"));
    struct aver_genesis g = {.chain = AVER_LIT(CHAIN),
                             .node_key = aver_digest_bytes(&keys[0]),
                             .secret = aver_digest_bytes(&secret),
                             .insurers = {insurers, 2, 2},
                             .filing_secret = aver_digest_bytes(&secret)};
    return act(bench, AVER_TX_GENESIS, PROPOSER, &aver_genesis_schema, &g, "genesis", why);
}

aver_err aver_bench_open(struct aver_bench *bench, struct aver_bench *below, struct aver_machine *machine,
                         struct aver_arena *arena, uint64_t seed, struct aver_why *why)
{
    *bench = (struct aver_bench){.machine = machine, .arena = arena, .seed = seed};
    if (!below) {
        aver_view_memory_init(&bench->memory, NULL);
        return genesis(bench, why);
    }
    bench->below = (struct aver_backing){below, below_get, below_artifact, below_table, below_page};
    bench->entry = below->entry;
    aver_view_memory_init(&bench->memory, &bench->below);
    bench->memory.view.height = below->memory.view.height;
    return AVER_OK;
}

void aver_bench_close(struct aver_bench *bench)
{
    aver_view_memory_free(&bench->memory);
    *bench = (struct aver_bench){0};
}

aver_err aver_bench_publish(struct aver_bench *bench, enum aver_artifact_kind kind, aver_bytes name,
                            aver_bytes content, struct aver_why *why)
{
    struct aver_publication p = {kind, name, content};
    struct aver_approval approval;
    const char *place =
        aver_arena_printf(bench->arena, "%s %.*s", aver_artifact_kind_names[kind], AVER_STR(name));
    AVER_TRY(aver_artifact_digest(&approval.artifact, &p, bench->arena, why));
    AVER_TRY(act(bench, AVER_TX_PUBLISH, PROPOSER, &aver_publication_schema, &p, place, why));
    return act(bench, AVER_TX_APPROVE, APPROVER, &aver_approval_schema, &approval, place, why);
}

aver_err aver_bench_enrol(struct aver_bench *bench, const struct aver_family *family, struct aver_why *why)
{
    struct aver_family enrolled = *family;
    aver_digest secret = seeded(bench, "family", family->family_id);
    enrolled.secret = aver_digest_bytes(&secret);
    return act(bench, AVER_TX_ENROL, PROPOSER, &aver_family_schema, &enrolled,
               aver_arena_printf(bench->arena, "family %.*s", AVER_STR(family->family_id)), why);
}

aver_err aver_bench_file(struct aver_bench *bench, const struct aver_claim *claim, aver_day received,
                         struct aver_applied *out, struct aver_why *why)
{
    bench->memory.view.time = received * DAY_MS;
    return send(bench, AVER_TX_CLAIMS, PROVIDER, &aver_claim_schema, claim, out, why);
}

/* ---- what stands before the first claim -------------------------------------------------------------------------------- */

/* The member's family, whose names the work may touch from now on. */
static aver_err family_of(struct aver_bench *bench, struct aver_work *w, aver_bytes member,
                          struct aver_family *family, struct aver_why *why)
{
    struct aver_member_state state;
    struct aver_stored stored;
    const struct aver_view *v = &bench->memory.view;
    AVER_TRY(aver_work_begin(w, v, bench->arena, why));
    AVER_TRY(aver_work_get(w, aver_work_name(w, "m/", member), &aver_member_state_schema, &state, why));
    aver_bytes name = aver_work_family_name(w, state.family);
    AVER_TRY(v->get(v->self, name, &stored, why));
    AVER_TRY(aver_schema_read(aver_arena_copy(bench->arena, stored.record), &aver_family_schema, family,
                              bench->arena, why));
    aver_work_family(w, family->family_id, family->secret);
    return AVER_OK;
}

static aver_err add_used(struct aver_bench *bench, struct aver_work *w, aver_bytes name, aver_bytes counter,
                         aver_bytes tier, int64_t used, struct aver_why *why)
{
    struct aver_balances record = {0};
    aver_err err = aver_work_get(w, name, &aver_balances_schema, &record, why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    struct aver_balance *b = record.items.items;
    size_t at = 0;
    int order = 1;
    for (; at < record.items.count; at++) {
        order = aver_bytes_cmp(b[at].counter, counter);
        if (!order) order = aver_bytes_cmp(b[at].tier, tier);
        if (order >= 0) break;
    }
    if (at == record.items.count || order) {
        aver_list_add(bench->arena, &record.items, sizeof *b);
        b = record.items.items;
        memmove(&b[at + 1], &b[at], (record.items.count - 1 - at) * sizeof *b);
        b[at] = (struct aver_balance){.counter = counter, .tier = tier};
    }
    b[at].used.cents += used;
    b[at].postings++;
    aver_work_put(w, name, &aver_balances_schema, &record);
    return AVER_OK;
}

aver_err aver_bench_opening(struct aver_bench *bench, aver_bytes member, aver_bytes counter, aver_bytes tier,
                            aver_bytes pool, aver_bytes period, int64_t used, aver_bytes *family_id,
                            struct aver_why *why)
{
    struct aver_work w;
    struct aver_family family;
    AVER_TRY(family_of(bench, &w, member, &family, why));
    *family_id = family.family_id;
    for (int whole = 0; whole < 2; whole++) {
        aver_bytes name =
            aver_work_balances_name(&w, family.family_id, whole ? AVER_BYTES_NONE : member, pool, period);
        AVER_TRY(add_used(bench, &w, name, counter, tier, used, why));
    }
    aver_work_touches(&w);
    return aver_work_commit(&w, &bench->memory.view, why);
}

aver_err aver_bench_policy(struct aver_bench *bench, aver_bytes member, aver_day day,
                           const struct aver_policy_loaded **out, struct aver_why *why)
{
    struct aver_work w;
    struct aver_family family;
    struct aver_plan_state plan;
    AVER_TRY(family_of(bench, &w, member, &family, why));
    const struct aver_member *m = family.members.items;
    for (size_t i = 0; i < family.members.count; i++) {
        const struct aver_cover *c = m[i].covers.items;
        for (size_t k = 0; aver_bytes_eq(m[i].member_id, member) && k < m[i].covers.count; k++) {
            if (day < c[k].from || (c[k].to != AVER_NO_DAY && day > c[k].to)) continue;
            AVER_TRY(
                aver_work_get(&w, aver_work_name(&w, "l/", c[k].plan), &aver_plan_state_schema, &plan, why));
            const struct aver_plan_version *v = plan.versions.items;
            for (size_t n = plan.versions.count; n-- > 0;)
                if (v[n].from <= day && day <= v[n].to)
                    return aver_machine_policy(bench->machine, &bench->memory.view, v[n].policy, out, why);
        }
    }
    return aver_fail(why, AVER_E_NOT_FOUND, "POLICY-NONE", "", "%.*s is covered by no policy on that day",
                     AVER_STR(member));
}
