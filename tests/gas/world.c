/* tests/gas/world.c - see world.h. */
#include "tests/gas/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapters/policy_yaml.h"
#include "ledger/model/batch.h"
#include "ledger/storage/ledger.h"
#include "ledger/transition/contract.h"
#include "ledger/transition/host.h"

#define NPI     "1234567893"
#define MEMBER  "kim"
#define FAMILY  "F1"
#define PLAN    "plan"
#define DAY_MS  INT64_C(86400000)
#define RANGES  200 /* of procedures that are excluded */
#define BENEFIT 40  /* benefits beside those that lines fall under */
#define MAXIMA  20
#define COVERS  100 /* AVER_MEMBER_COVERS_MAX */

static const char DRUG[] = "00002751201"; /* of every line */

struct signer {
    struct aver_public_key pk;
    struct aver_secret_key sk;
};

struct crafted {
    aver_bytes prefix, record;
};

struct gas_world {
    char dir[64];
    struct aver_arena arena; /* of the world */
    struct aver_arena run;   /* of one execution */
    struct aver_ledger *ledger;
    struct aver_machine *machine;
    const struct aver_view *below;
    struct aver_view view;
    struct crafted crafted[4];
    struct aver_claim *claim;
    struct aver_member member;
    struct aver_policy_loaded policy;
    struct signer operations, compliance;
    struct aver_why why;
    aver_day day;
};

static void must(const struct gas_world *w, aver_err err, const char *doing)
{
    if (err == AVER_OK) return;
    fprintf(stderr, "gas: could not %s: %s [%s] (%s)\n", doing, w->why.text, w->why.code, w->why.place);
    exit(2);
}

double gas_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ---- the ledger ------------------------------------------------------------------------------------------------------ */

static void submit(struct gas_world *w, uint64_t kind, const struct aver_schema *schema, const void *record,
                   const struct signer *key, const char *doing)
{
    struct aver_buf bytes = {0}, cose = {0};
    struct aver_item_result result;
    struct timespec t;
    uint8_t salt[AVER_SALT_BYTES];
    aver_random(salt, sizeof salt);
    aver_schema_encode(&bytes, schema, record);
    struct aver_batch_item item = {aver_bytes_of(salt, sizeof salt), aver_buf_view(&bytes)};
    clock_gettime(CLOCK_REALTIME, &t);
    struct aver_batch header = {
        .chain = aver_ledger_chain(w->ledger), .kind = kind, .not_after = (int64_t)t.tv_sec * 1000 + DAY_MS};
    aver_batch_sign(&cose, &header, &item, 1, &key->pk, &key->sk);
    must(w,
         aver_ledger_submit(w->ledger, aver_buf_view(&cose), &item, 1, &result, &w->arena, NULL, NULL,
                            &w->why),
         doing);
    if (result.how == AVER_ITEM_REFUSED || result.outcome != AVER_OUT_APPLIED) {
        fprintf(stderr, "gas: %s: %s\n", doing, result.words);
        exit(2);
    }
    aver_buf_free(&bytes);
    aver_buf_free(&cose);
}

static void publish(struct gas_world *w, uint64_t kind, const char *name, aver_bytes content)
{
    struct aver_publication p = {.kind = kind, .name = aver_bytes_str(name), .content = content};
    struct aver_approval approval;
    submit(w, AVER_TX_PUBLISH, &aver_publication_schema, &p, &w->operations, name);
    must(w, aver_artifact_digest(&approval.artifact, &p, &w->arena, &w->why), name);
    submit(w, AVER_TX_APPROVE, &aver_approval_schema, &approval, &w->compliance, name);
}

/* Every code has many rows, and the row that holds is the last. */
static void publish_table(struct gas_world *w, const char *name, uint64_t kind, const char *const *codes,
                          size_t count, size_t rows)
{
    struct aver_table t = {.name = aver_bytes_str(name), .kind = kind, .source = {{1}}};
    for (size_t i = 0; i < count; i++) {
        struct aver_table_entry *e = aver_list_add(&w->arena, &t.entries, sizeof *e);
        e->code = aver_bytes_str(codes[i]);
        for (size_t k = 0; k < rows; k++) {
            struct aver_table_row *r = aver_list_add(&w->arena, &e->rows, sizeof *r);
            *r = (struct aver_table_row){.from = w->day - 100 * (aver_day)(rows - k) + 50,
                                         .to = w->day - 100 * (aver_day)(rows - k) + 149,
                                         .price = kind == AVER_TABLE_FEES ? 45250000 : 0};
            if (kind == AVER_TABLE_PAIRS) r->column_2 = AVER_LIT("Z9999");
            if (codes[i] == DRUG) r->unit = AVER_LIT("ML");
            if (kind == AVER_TABLE_UNITS) r->units = 9, r->indicator = 1;
            if (kind == AVER_TABLE_ROSTER) r->tier = AVER_LIT("in_network");
            if (kind == AVER_TABLE_LOCALITIES) r->tier = AVER_LIT("90001-01");
            if (kind == AVER_TABLE_RVUS) r->price = 33287500;
            if (kind == AVER_TABLE_RVUS || kind == AVER_TABLE_GPCIS)
                r->work = 13000, r->practice = 12000, r->malpractice = 1000;
        }
    }
    struct aver_buf b = {0};
    aver_schema_encode(&b, &aver_table_schema, &t);
    publish(w, AVER_ARTIFACT_TABLE, name, aver_arena_copy(&w->arena, aver_buf_view(&b)));
    aver_buf_free(&b);
}

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes name, struct aver_why *why)
{
    (void)ctx, (void)name, (void)why;
    memset(out->b, 1, sizeof out->b);
    return AVER_OK;
}

/* A plan with many benefits, the lines' own the last, and a long list of codes. */
static aver_bytes policy_text(void)
{
    struct aver_buf b = {0};
    aver_buf_str(
        &b,
        "format: payer-policy/1\n"
        "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
        "plan: {id: " PLAN
        ", name: Plan, effective: {start: 2026-01-01, end: 2026-12-31}, benefit_year: calendar,\n"
        "       claim_filing_indicator: \"12\"}\n"
        "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
        "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
        "deductible: {in_network: {individual: 500000.00, family: 800000.00}, out_of_network: {individual: 50.00, family: 80.00}}\n"
        "oop_max:\n"
        "  in_network: {individual: 500000.00, family: 800000.00}\n"
        "  out_of_network: {individual: 50.00, family: 80.00, counts_to: [in_network]}\n"
        "fee_schedule: {in_network: {rbrvs: {rvus: rvus, gpcis: gpcis, facility_places: [\"21\", \"22\", \"23\", \"24\"]}},\n"
        "               out_of_network: {table: fees}, lesser_of: per_line, missing: pend}\n"
        "localities: {table: localities}\n"
        "cost_share: {order: [copay, deductible, coinsurance]}\n"
        "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"
        "duplicates: {exact: deny, suspected: pend}\n"
        "span: pend\n"
        "balance_billing: {in_network: CO, out_of_network: PR}\n"
        "exclusions:\n"
        "  - {id: many, group: PR, carc: \"96\", procedures: [");
    for (int i = 0; i < RANGES; i++)
        aver_buf_printf(&b, "%s\"X%04d-X%04d\"", i ? ", " : "", 10 * i, 10 * i + 8);
    aver_buf_str(&b, "]}\n");
    aver_buf_str(&b, "maxima:\n");
    for (int i = 0; i < MAXIMA; i++)
        aver_buf_printf(&b, "  - {id: m%02d, individual: 500000.00, per: benefit_year, basis: allowed}\n", i);
    aver_buf_str(
        &b,
        "frequency:\n"
        "  - {id: often, procedures: [\"P0001-P0002\"], limit: 9999, per: rolling, window: 10, unit: years}\n"
        "benefits:\n");
    for (int i = 0; i < BENEFIT; i++)
        aver_buf_printf(
            &b,
            "  benefit_%03d:\n    name: Benefit\n"
            "    match: {procedures: [\"B%02d00-B%02d19\", \"B%02d20-B%02d39\"]}\n"
            "    cost_share: {in_network: {deductible: true}, out_of_network: {deductible: true}}\n",
            i, i, i, i, i);
    aver_buf_str(&b,
                 "  visits_of_the_lines:\n    name: Visit\n    match: {procedures: [\"P0001-P9999\"]}\n"
                 "    limit: {visits: 9999, per: benefit_year}\n"
                 "    cost_share: {in_network: {deductible: true}, out_of_network: {deductible: true}}\n");
    return aver_buf_view(&b);
}

static void build_ledger(struct gas_world *w)
{
    static const char *const fees[] = {"P0001", "P0002"}, *const known[] = {"P0001"}, *const npi[] = {NPI},
                             *const pairs[] = {"P0001"}, *const indices[] = {"90001-01"},
                             *const zip[] = {"80202"}, *const drugs[] = {DRUG};
    char inside[96];
    uint8_t seed[32] = {1};
    aver_key_from_seed(&w->operations.pk, &w->operations.sk, seed);
    seed[0] = 2;
    aver_key_from_seed(&w->compliance.pk, &w->compliance.sk, seed);
    struct aver_insurer insurers[] = {{"operations", w->operations.pk}, {"compliance", w->compliance.pk}};
    snprintf(w->dir, sizeof w->dir, "/tmp/aver-gas-XXXXXX");
    if (!mkdtemp(w->dir)) {
        perror("gas: no scratch directory");
        exit(2);
    }
    snprintf(inside, sizeof inside, "%s/ledger", w->dir);
    must(w, aver_ledger_create(inside, "gas", insurers, 2, &w->why), "create the ledger");
    must(w, aver_ledger_open(&w->ledger, inside, AVER_LEDGER_WRITE, &w->why), "open the ledger");
    publish_table(w, "fees", AVER_TABLE_FEES, fees, 2, 1);
    publish_table(w, "many", AVER_TABLE_FEES, fees, 2, GAS_WORLD_ROWS);
    publish_table(w, "drugs", AVER_TABLE_FEES, drugs, 1, 1);
    publish_table(w, "providers", AVER_TABLE_ROSTER, npi, 1, 1);
    publish_table(w, "codes", AVER_TABLE_CODES, known, 1, 1);
    publish_table(w, "pairs", AVER_TABLE_PAIRS, pairs, 1, 1);
    publish_table(w, "units", AVER_TABLE_UNITS, known, 1, 1);
    publish_table(w, "rvus", AVER_TABLE_RVUS, fees, 2, 1);
    publish_table(w, "gpcis", AVER_TABLE_GPCIS, indices, 1, 1);
    publish_table(w, "localities", AVER_TABLE_LOCALITIES, zip, 1, 1);
    aver_ledger_close(w->ledger);
    /* Opened anew, everything lies in LMDB. */
    must(w, aver_ledger_open(&w->ledger, inside, AVER_LEDGER_READ, &w->why), "open the ledger again");
    w->below = aver_ledger_view(w->ledger);
}

/* ---- what the member has behind it ----------------------------------------------------------------------------------- */

static aver_bytes encoded(struct gas_world *w, const struct aver_schema *schema, const void *record)
{
    struct aver_buf b = {0};
    aver_schema_encode(&b, schema, record);
    aver_bytes out = aver_arena_copy(&w->arena, aver_buf_view(&b));
    aver_buf_free(&b);
    return out;
}

static aver_bytes printed(struct gas_world *w, const char *form, int i)
{
    char text[64];
    snprintf(text, sizeof text, form, i);
    return aver_arena_copy(&w->arena, aver_bytes_str(text));
}

static void craft_history(struct gas_world *w)
{
    struct aver_balances balances = {0};
    struct aver_services services = {0};
    struct aver_visits visits = {0};
    for (int i = 0; i < GAS_WORLD_BALANCES; i++) {
        struct aver_balance *b = aver_list_add(&w->arena, &balances.items, sizeof *b);
        *b = (struct aver_balance){.counter = printed(w, "counter_%04d", i),
                                   .tier = AVER_LIT("in_network"),
                                   .used = {100},
                                   .postings = 1};
    }
    for (int i = 0; i < GAS_WORLD_SERVICES; i++) {
        struct aver_service *s = aver_list_add(&w->arena, &services.items, sizeof *s);
        *s = (struct aver_service){.claim_id = AVER_LIT("0123456789abcdef01234567"),
                                   .line = 1,
                                   .provider = AVER_LIT(NPI),
                                   .to = w->day,
                                   .procedure = i % 2 ? AVER_LIT("P0002") : printed(w, "Q%04d", i),
                                   .place = AVER_LIT("11"),
                                   .units = 1000,
                                   .charge = {(uint64_t)i + 1}};
    }
    for (int i = 0; i < GAS_WORLD_VISITS; i++) {
        struct aver_visit *v = aver_list_add(&w->arena, &visits.items, sizeof *v);
        *v = (struct aver_visit){.claim_id = AVER_LIT("0123456789abcdef01234567"),
                                 .provider = printed(w, "9%09d", i),
                                 .day = w->day,
                                 .counted = true};
    }
    w->crafted[0] =
        (struct crafted){AVER_LIT("f/" FAMILY "/y/"), encoded(w, &aver_balances_schema, &balances)};
    w->crafted[1] =
        (struct crafted){AVER_LIT("f/" FAMILY "/d/"), encoded(w, &aver_services_schema, &services)};
    struct aver_uses uses = {0};
    for (int i = 0; i < GAS_WORLD_USES; i++)
        *(struct aver_use *)aver_list_add(&w->arena, &uses.items, sizeof(struct aver_use)) =
            (struct aver_use){AVER_LIT("0123456789abcdef01234567"), 1, w->day - GAS_WORLD_USES + i, 1000};
    w->crafted[3] = (struct crafted){AVER_LIT("f/" FAMILY "/u/"), encoded(w, &aver_uses_schema, &uses)};
    w->crafted[2] = (struct crafted){AVER_LIT("f/" FAMILY "/v/"), encoded(w, &aver_visits_schema, &visits)};
}

/* State by name: of the family what was made up above, after as much of a search in LMDB as for any name. */
static aver_err get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct gas_world *w = self;
    aver_err err = w->below->get(w->below->self, name, out, why);
    for (size_t i = 0; i < sizeof w->crafted / sizeof w->crafted[0]; i++) {
        const struct crafted *c = &w->crafted[i];
        if (name.len < c->prefix.len || memcmp(name.ptr, c->prefix.ptr, c->prefix.len) != 0) continue;
        *out = (struct aver_stored){.record = c->record, .height = 1};
        return AVER_OK;
    }
    return err;
}
static aver_err artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *v = ((struct gas_world *)self)->below;
    return v->artifact(v->self, digest, out, why);
}
static aver_err table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                            struct aver_why *why)
{
    const struct aver_view *v = ((struct gas_world *)self)->below;
    return v->table_entry(v->self, root, code, out, why);
}

static void build_claim(struct gas_world *w)
{
    struct aver_claim *c = w->claim = aver_claim_new(&w->arena);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = AVER_LIT("P00000001");
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = AVER_LIT(MEMBER);
    c->subscriber->last_name = AVER_LIT("Example");
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->npi = AVER_LIT(NPI);
    c->billing_provider->postal_code = AVER_LIT("802021234");
    c->assignment = AVER_LIT("AY");
    c->statement_from = c->statement_to = w->day;
    c->source->format = AVER_FORMAT_CSV;
    c->source->length = 1;
    for (unsigned i = 0; i < GAS_WORLD_LINES; i++) {
        struct aver_line *l = aver_list_add(&w->arena, &c->lines, sizeof *l);
        aver_schema_init(&aver_line_schema, l);
        l->number = i + 1;
        l->procedure = i % 2 ? AVER_LIT("P0002") : AVER_LIT("P0001");
        l->charge.cents = 1000000;
        l->units = 1000;
        l->unit = AVER_LIT("UN");
        l->revenue_code = AVER_LIT("0636");
        l->drug_code = aver_bytes_str(DRUG);
        l->drug_units = 2500;
        l->drug_unit = AVER_LIT("ML");
        l->service_from = l->service_to = w->day;
        l->description =
            AVER_LIT("an ordinary service with a description of eighty characters at the very most");
        c->total_charge.cents += l->charge.cents;
        for (int k = 0; k < 40; k++) {
            struct aver_reference *r = aver_list_add(&w->arena, &l->references, sizeof *r);
            *r = (struct aver_reference){AVER_LIT("9F"), AVER_LIT("REFERRAL")};
        }
    }
}

struct gas_world *gas_world_open(void)
{
    struct gas_world *w = calloc(1, sizeof *w);
    if (!w) aver_oom(sizeof *w);
    w->day = aver_day_of(2026, 3, 2);
    w->machine = aver_machine_new();
    build_ledger(w);
    struct aver_buf policy = {0};
    struct aver_list findings = {0};
    must(w,
         aver_policy_compile(&policy, "plan.yaml", policy_text(), resolve, NULL, &w->arena, &findings,
                             &w->why),
         "compile the policy");
    must(w,
         aver_policy_load(&w->policy, aver_arena_copy(&w->arena, aver_buf_view(&policy)), &w->arena, &w->why),
         "load the policy");
    aver_buf_free(&policy);
    struct aver_cover *covers = AVER_NEW_ARRAY(&w->arena, struct aver_cover, COVERS);
    for (int i = 0; i < COVERS; i++)
        covers[i] = (struct aver_cover){.plan = AVER_LIT(PLAN),
                                        .from = w->day - 100 * (COVERS - 1 - i) - 50,
                                        .to = w->day - 100 * (COVERS - 1 - i) + 49};
    w->member = (struct aver_member){.member_id = AVER_LIT(MEMBER),
                                     .relationship = AVER_SELF,
                                     .last_name = AVER_LIT("Example"),
                                     .first_name = AVER_LIT("Kim"),
                                     .birth_date = 1000,
                                     .covers = {covers, COVERS, COVERS}};
    craft_history(w);
    build_claim(w);
    must(w, aver_claim_check(w->claim, &w->why), "make a claim");
    w->view = (struct aver_view){.self = w,
                                 .get = get,
                                 .artifact = artifact,
                                 .table_entry = table_entry,
                                 .height = w->below->height + 1,
                                 .time = w->day * DAY_MS};
    return w;
}

void gas_world_close(struct gas_world *w)
{
    char command[128];
    aver_machine_free(w->machine);
    aver_ledger_close(w->ledger);
    snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
    if (system(command) != 0) fprintf(stderr, "gas: %s is left\n", w->dir);
    aver_arena_free(&w->run);
    aver_arena_free(&w->arena);
    free(w);
}

/* ---- one execution --------------------------------------------------------------------------------------------------- */

aver_err gas_load(struct aver_vm **out, aver_bytes source, struct aver_why *why)
{
    return aver_vm_new(out, aver_contract_setup(), "contract", source, why);
}

bool gas_execute(struct gas_world *w, struct aver_vm *vm, uint64_t limit, struct gas_run *out)
{
    struct aver_work work;
    struct aver_decision decision;
    struct aver_case c = {.claim = w->claim,
                          .id = "0123456789abcdef01234567",
                          .received = w->day,
                          .decision = &decision,
                          .work = &work,
                          .arena = &w->run,
                          .view = &w->view,
                          .machine = w->machine,
                          .family = AVER_LIT(FAMILY),
                          .member = &w->member,
                          .policy = &w->policy,
                          .stage = AVER_STAGE_PAYOUT,
                          .why = &w->why};
    aver_arena_reset(&w->run);
    must(w, aver_work_begin(&work, &w->view, &w->run, &w->why), "begin an execution");
    aver_work_family(&work, AVER_LIT(FAMILY), AVER_LIT("a family's secret of 32 bytes ..."));
    aver_case_begin(&c);
    bool room; /* reads the services of the days, as before every claim */
    must(w, aver_case_history_room(&c, &room), "read the history");
    c.pool = AVER_LIT("plan");
    aver_case_years(&c);
    struct aver_value args[] = {aver_host_claim(&c), aver_host_member(&c)};
    struct aver_value objects[] = {aver_host_policy(&c)};
    struct aver_run run = {
        .entry = "main", .args = args, .args_count = 2, .objects = objects, .host = &c, .gas_limit = limit};
    double start = gas_clock();
    aver_err err = aver_vm_run(vm, &run, &w->why);
    out->ns = gas_clock() - start;
    if (err != AVER_OK) return false;
    must(w, c.failed, "answer a contract");
    out->gas = run.gas_used;
    out->trap = run.trap;
    out->line = run.trap_line;
    memcpy(out->words, run.trap_text, sizeof out->words);
    return true;
}
