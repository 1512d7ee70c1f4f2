/* tests/faults/model.c - see model.h. */
#include "tests/faults/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/policy_yaml.h"
#include "ledger/model/claim.h"
#include "ledger/model/receipts.h"
#include "ledger/storage/audit.h"

#define NPI    "1234567893"
#define DAY_MS INT64_C(86400000)

static const char policy_yaml[] =
    "format: payer-policy/1\n"
    "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
    "plan: {id: plan, name: Plan, effective: {start: 2026-01-01, end: 2026-12-31}, benefit_year: calendar,\n"
    "       claim_filing_indicator: \"12\"}\n"
    "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
    "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
    "deductible: {in_network: {individual: 50.00, family: 80.00}, out_of_network: {individual: 50.00, family: 80.00}}\n"
    "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees}, lesser_of: per_line, missing: pend}\n"
    "cost_share: {order: [copay, deductible, coinsurance]}\n"
    "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"
    "duplicates: {exact: deny, suspected: pend}\n"
    "span: pend\n"
    "balance_billing: {in_network: CO, out_of_network: PR}\n"
    "benefits:\n"
    "  visit:\n"
    "    name: Visit\n"
    "    match: {procedures: [\"P0001-P9999\"]}\n"
    "    cost_share: {in_network: {deductible: true}, out_of_network: {deductible: true}}\n";
static const char *const contract_names[] = {"eligibility", "coverage", "payout"};
static const char *const contract_sources[] = {
    "return { eligibility = function(claim, member) end }\n",
    "return { coverage = function(claim, member)\n"
    "  for line in each(claim.lines) do\n"
    "    line:set_tier('in_network')\n"
    "    line:set_benefit(benefit_for(line))\n"
    "    line:allow(line.charge, 'fee_schedule')\n"
    "  end\n"
    "end }\n",
    "return { payout = function(claim, member) end }\n",
};

/* ---- the plan --------------------------------------------------------------------------------------------------------- */

static void must(aver_err err, const struct aver_why *why)
{
    if (err == AVER_OK) return;
    printf("%s: %s %s (%s)\n", aver_err_name(err), why->code, why->text, why->place);
    exit(1);
}

struct signer {
    struct aver_public_key pk;
    struct aver_secret_key sk;
};

static struct signer signer_of(uint8_t n)
{
    uint8_t seed[32] = {n};
    struct signer s;
    aver_key_from_seed(&s.pk, &s.sk, seed);
    return s;
}

static struct model_batch *begin_batch(struct model_plan *p, const char *name, enum aver_tx_kind kind)
{
    AVER_ASSERT(p->count < MODEL_BATCHES_MAX);
    struct model_batch *b = &p->batch[p->count++];
    *b = (struct model_batch){.name = name, .kind = kind};
    b->items = AVER_NEW_ARRAY(&p->arena, struct aver_batch_item, MODEL_ITEMS_MAX);
    return b;
}

static void put(struct model_plan *p, struct model_batch *b, const struct aver_schema *schema,
                const void *record)
{
    struct aver_buf bytes = {0};
    struct aver_why why = {0};
    uint8_t salt[AVER_SALT_BYTES];
    AVER_ASSERT(b->count < MODEL_ITEMS_MAX);
    must(aver_schema_check(schema, record, &why), &why);
    aver_schema_encode(&bytes, schema, record);
    aver_random(salt, sizeof salt);
    b->items[b->count++] =
        (struct aver_batch_item){.salt = aver_arena_copy(&p->arena, aver_bytes_of(salt, sizeof salt)),
                                 .item = aver_arena_copy(&p->arena, aver_buf_view(&bytes))};
    aver_buf_free(&bytes);
}

static void sign(struct model_plan *p, struct model_batch *b, const struct signer *who)
{
    struct aver_buf cose = {0};
    struct aver_batch header = {
        .chain = AVER_LIT(MODEL_CHAIN), .kind = b->kind, .not_after = MODEL_CLOCK_MS + DAY_MS};
    aver_batch_sign(&cose, &header, b->items, b->count, &who->pk, &who->sk);
    b->cose = aver_arena_copy(&p->arena, aver_buf_view(&cose));
    aver_buf_free(&cose);
}

static aver_digest published[4];

static void publish(struct model_plan *p, enum aver_artifact_kind kind, const char *name, aver_bytes content,
                    aver_digest *digest)
{
    struct signer a = signer_of(1), b = signer_of(2);
    struct aver_why why = {0};
    struct aver_publication record = {kind, aver_bytes_str(name), content};
    struct model_batch *batch = begin_batch(p, "publish", AVER_TX_PUBLISH);
    put(p, batch, &aver_publication_schema, &record);
    sign(p, batch, &a);
    must(aver_artifact_digest(digest, &record, &p->arena, &why), &why);
    struct aver_approval approval = {*digest};
    batch = begin_batch(p, "approve", AVER_TX_APPROVE);
    put(p, batch, &aver_approval_schema, &approval);
    sign(p, batch, &b);
}

static aver_err resolve(void *self, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    (void)self, (void)why;
    for (size_t i = 0; i < 3; i++)
        if (aver_bytes_is(contract, contract_names[i])) {
            *out = published[i];
            return AVER_OK;
        }
    return AVER_E_NOT_FOUND;
}

static void put_claim(struct model_plan *p, struct model_batch *batch, unsigned n)
{
    struct aver_claim *c = aver_claim_new(&p->arena);
    struct aver_why why = {0};
    aver_day day = aver_day_of(2026, 3, 1) + (aver_day)(n % 60);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_bytes_str(aver_arena_printf(&p->arena, "P%u", n));
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = n % 4 == 3 ? AVER_LIT("nobody") : AVER_LIT("kim");
    c->subscriber->last_name = AVER_LIT("Example");
    c->coverage->responsibility = AVER_LIT("P");
    c->billing_provider->role = AVER_LIT("85");
    c->billing_provider->name = AVER_LIT("Clinic");
    c->billing_provider->npi = AVER_LIT(NPI);
    c->assignment = AVER_LIT("AY");
    c->source->format = AVER_FORMAT_CSV;
    c->source->length = 1;
    c->source->sha256 = aver_sha256(c->patient_control_number);
    struct aver_line *l = aver_list_add(&p->arena, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = 1;
    l->procedure = AVER_LIT("P0001");
    l->charge.cents = c->total_charge.cents = 10000 + n;
    l->units = 1000;
    l->unit = AVER_LIT("UN");
    l->service_from = l->service_to = c->statement_from = c->statement_to = day;
    must(aver_claim_check(c, &why), &why);
    put(p, batch, &aver_claim_schema, c);
}

void model_plan_make(struct model_plan *p)
{
    struct signer operations = signer_of(1), compliance = signer_of(2), clinic = signer_of(3);
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    struct aver_why why = {0};
    char clock[32];
    snprintf(clock, sizeof clock, "%lld", (long long)MODEL_CLOCK_MS);
    setenv("AVER_CLOCK_MS", clock, 1);
    *p = (struct model_plan){.operations = operations.pk, .compliance = compliance.pk};
    for (size_t i = 0; i < 3; i++)
        publish(p, AVER_ARTIFACT_CONTRACT, contract_names[i], aver_bytes_str(contract_sources[i]),
                &published[i]);
    must(aver_policy_compile(&compiled, "plan.yaml", aver_bytes_str(policy_yaml), resolve, NULL, &p->arena,
                             &findings, &why),
         &why);
    publish(p, AVER_ARTIFACT_POLICY, "plan", aver_buf_view(&compiled), &published[3]);
    aver_buf_free(&compiled);
    struct aver_party_act party = {.action = AVER_PARTY_ADD,
                                   .party = AVER_LIT("clinic"),
                                   .name = AVER_LIT("Clinic"),
                                   .role = AVER_ROLE_PROVIDER,
                                   .npi = AVER_LIT(NPI),
                                   .public_key = aver_bytes_of(clinic.pk.b, sizeof clinic.pk.b)};
    struct model_batch *b = begin_batch(p, "party", AVER_TX_PARTY);
    put(p, b, &aver_party_act_schema, &party);
    sign(p, b, &operations);
    uint8_t secret[32] = {9};
    struct aver_cover cover = {.plan = AVER_LIT("plan"), .from = 1000, .to = AVER_NO_DAY};
    struct aver_member member = {.member_id = AVER_LIT("kim"),
                                 .relationship = AVER_SELF,
                                 .last_name = AVER_LIT("Example"),
                                 .first_name = AVER_LIT("Kim"),
                                 .birth_date = 1000,
                                 .covers = {&cover, 1, 1}};
    struct aver_family family = {.family_id = AVER_LIT("F1"),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {&member, 1, 1}};
    b = begin_batch(p, "enrol", AVER_TX_ENROL);
    put(p, b, &aver_family_schema, &family);
    sign(p, b, &operations);
    p->setup = p->count;
    for (unsigned n = 0; n < 2; n++) { /* claims 0 to 3, then 2 to 6 */
        b = begin_batch(p, "claims", AVER_TX_CLAIMS);
        for (unsigned i = 2 * n; i < 4 + 3 * n; i++) put_claim(p, b, i);
        sign(p, b, &clinic);
    }
    model_plan_remit(p, "R1");
}

void model_plan_claims(struct model_plan *p, unsigned count)
{
    struct signer clinic = signer_of(3);
    struct model_batch *b = begin_batch(p, "many claims", AVER_TX_CLAIMS);
    for (unsigned i = 0; i < count; i++) put_claim(p, b, 1000 + i);
    sign(p, b, &clinic);
}

void model_plan_numbers(struct model_plan *p, const unsigned *numbers, size_t count)
{
    struct signer clinic = signer_of(3);
    struct model_batch *b = begin_batch(p, "claims", AVER_TX_CLAIMS);
    for (size_t i = 0; i < count; i++) put_claim(p, b, numbers[i]);
    sign(p, b, &clinic);
}

void model_plan_remit(struct model_plan *p, const char *trace)
{
    struct signer operations = signer_of(1);
    struct aver_remit remit = {AVER_LIT(NPI), aver_bytes_str(trace), aver_day_of(2026, 6, 1)};
    struct model_batch *b = begin_batch(p, "remit", AVER_TX_REMIT);
    put(p, b, &aver_remit_schema, &remit);
    sign(p, b, &operations);
}

void model_plan_again(struct model_plan *p, size_t batch)
{
    struct signer clinic = signer_of(3);
    struct aver_why why = {0};
    struct model_batch *b = begin_batch(p, "the same claims", AVER_TX_CLAIMS);
    for (size_t i = 0; i < p->batch[batch].count; i++) {
        struct aver_claim claim;
        must(aver_schema_read(p->batch[batch].items[i].item, &aver_claim_schema, &claim, &p->arena, &why),
             &why);
        claim.source->length = 2;
        put(p, b, &aver_claim_schema, &claim);
    }
    sign(p, b, &clinic);
}

void model_plan_free(struct model_plan *p) { aver_arena_free(&p->arena); }

/* ---- what the ledger is asked to do ----------------------------------------------------------------------------------- */

struct model_acks model_acks_at(const struct model_acks *acks, uint64_t at)
{
    struct model_acks then = *acks;
    if (then.created.at > at) then.created.done = false;
    for (size_t i = 0; i < MODEL_BATCHES_MAX; i++)
        if (then.batch[i].at > at) then.batch[i].done = false;
    return then;
}

static uint64_t recorded(void) { return inject_now->trace ? inject_now->trace->ops : 0; }

aver_err model_create(const struct model_plan *p, struct model_acks *acks, const char *dir,
                      struct aver_why *why)
{
    struct aver_insurer insurers[] = {{"operations", p->operations}, {"compliance", p->compliance}};
    AVER_TRY(aver_ledger_create(dir, MODEL_CHAIN, insurers, 2, why));
    acks->created.at = recorded();
    acks->created.done = true;
    return AVER_OK;
}

static aver_digest receipts_of(const struct aver_item_result *results, size_t count)
{
    struct aver_buf all = {0};
    for (size_t i = 0; i < count; i++) aver_buf_bytes(&all, results[i].intake_receipt);
    aver_digest digest = aver_sha256(aver_buf_view(&all));
    aver_buf_free(&all);
    return digest;
}

static void acknowledge(struct aver_ledger *ledger, struct model_ack *ack,
                        const struct aver_item_result *results, size_t count)
{
    struct aver_ledger_facts facts = aver_ledger_facts(ledger);
    ack->at = recorded();
    ack->size = facts.entries;
    ack->root = facts.log_root;
    ack->receipts = receipts_of(results, count);
    for (size_t i = 0; i < count && i < MODEL_ITEMS_KEPT; i++)
        ack->item[i] = (struct model_item_ack){(int)results[i].how, results[i].entry,
                                               aver_sha256(results[i].intake_receipt)};
    ack->done = true;
}

aver_err model_send(const struct model_plan *p, struct model_acks *acks, const char *dir, size_t from,
                    size_t to, struct aver_why *why)
{
    struct aver_ledger *ledger;
    static struct aver_item_result results[MODEL_ITEMS_MAX];
    struct aver_arena arena = {0};
    aver_err first = AVER_OK;
    AVER_TRY(aver_ledger_open(&ledger, dir, AVER_LEDGER_WRITE, why));
    if (p->deferred) first = aver_ledger_defer(ledger, true, why);
    for (size_t i = from; i < to; i++) {
        const struct model_batch *b = &p->batch[i];
        struct aver_why local = {0};
        aver_err err =
            aver_ledger_submit(ledger, b->cose, b->items, b->count, results, &arena, NULL, NULL, &local);
        if (err == AVER_OK) acknowledge(ledger, &acks->batch[i], results, b->count);
        if (err == AVER_OK || first != AVER_OK) continue;
        first = err;
        *why = local;
    }
    aver_ledger_close(ledger);
    aver_arena_free(&arena);
    return first;
}

aver_err model_audit(const char *dir, struct aver_why *why)
{
    struct aver_audit audit = {.threads = 1};
    struct aver_arena arena = {0};
    aver_err err = aver_ledger_audit(dir, &audit, &arena, NULL, NULL, why);
    if (err == AVER_OK && audit.verdict != AVER_AUDIT_SAME) {
        const struct aver_audit_finding *f = audit.findings.items;
        bool differs = audit.verdict == AVER_AUDIT_DIFFERS;
        for (size_t i = 0; differs && i < audit.findings.count; i++)
            printf("# audit: %s %s: %s\n", f[i].code, f[i].place, f[i].text);
        fflush(stdout);
        if (differs) _exit(MODEL_DIFFERS);
        err = aver_fail(why, AVER_E_IO, f[0].code, f[0].place, "the audit could not check: %s", f[0].text);
    }
    aver_arena_free(&arena);
    return err;
}

/* ---- the check -------------------------------------------------------------------------------------------------------- */

static bool wrong(const char *fmt, const char *what, const struct aver_why *why)
{
    printf("# ");
    printf(fmt, what);
    printf(": %s %s (%s)\n", why->code, why->text, why->place);
    return false;
}

/* An acknowledged item stands at its entry, under the root that was acknowledged with it. */
static bool item_there(struct aver_ledger *ledger, const struct model_batch *b, const struct model_ack *ack,
                       size_t i, struct aver_arena *arena)
{
    struct aver_opened opened;
    struct aver_why why = {0};
    struct aver_merkle_proof path;
    struct aver_buf entry = {0};
    aver_digest batch = aver_sha256(b->cose);
    if (aver_ledger_item(ledger, ack->item[i].entry, &opened, arena, &why) != AVER_OK)
        return wrong("an acknowledged item of %s is not there", b->name, &why);
    if (ack->item[i].how == AVER_ITEM_NEW &&
        (!aver_digest_eq(opened.body.batch, batch) || opened.body.index != i ||
         !aver_bytes_eq(opened.body.item, b->items[i].item)))
        return wrong("another item stands where one of %s was acknowledged", b->name, &why);
    aver_entry_encode(&entry, &opened.entry);
    aver_digest leaf = aver_merkle_leaf(aver_buf_view(&entry));
    aver_buf_free(&entry);
    if (aver_ledger_path(ledger, &path, ack->item[i].entry, ack->size, &why) != AVER_OK ||
        aver_merkle_verify(&ack->root, ack->size, ack->item[i].entry, &leaf, path.hash, path.count, &why) !=
            AVER_OK)
        return wrong("the log of %s is another than was acknowledged", b->name, &why);
    return true;
}

/* No item of a batch and no claim stands in the log twice. */
static bool none_twice(struct aver_ledger *ledger, struct aver_arena *arena)
{
    uint64_t entries = aver_ledger_facts(ledger).entries;
    struct aver_opened *all = AVER_NEW_ARRAY(arena, struct aver_opened, entries + 1);
    struct aver_why why = {0};
    for (uint64_t i = 0; i < entries; i++) {
        if (aver_ledger_item(ledger, i, &all[i], arena, &why) != AVER_OK)
            return wrong("an entry of %s cannot be read", "the log", &why);
        if (!all[i].body.item.ptr) continue;
        for (uint64_t k = 0; k < i; k++)
            if (all[k].body.item.ptr && aver_bytes_eq(all[k].body.item, all[i].body.item)) {
                printf("# entries %llu and %llu are one item\n", (unsigned long long)k,
                       (unsigned long long)i);
                return false;
            }
    }
    return true;
}

/* Claims may always be filed again: the same receipt, or the first one. */
/* Each receipt with its proof, by the node's key. */
static bool proved(const struct aver_ledger *ledger, const struct aver_item_result *results, size_t count,
                   struct aver_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        struct aver_receipt_opened opened;
        if (!results[i].intake_receipt.ptr) continue;
        if (aver_receipt_open(&opened, results[i].receipt_proof, arena, NULL) != AVER_OK ||
            !aver_receipt_signed(&opened, aver_ledger_node_key(ledger)))
            return false;
    }
    return true;
}

static bool file_again(struct aver_ledger *ledger, const struct model_batch *b, const struct model_ack *ack,
                       struct aver_arena *arena)
{
    static struct aver_item_result results[MODEL_ITEMS_MAX];
    struct aver_why why = {0};
    if (aver_ledger_submit(ledger, b->cose, b->items, b->count, results, arena, NULL, NULL, &why) != AVER_OK)
        return wrong("%s are refused when they are filed again", b->name, &why);
    if (ack->done && !aver_digest_eq(ack->receipts, receipts_of(results, b->count)))
        return wrong("%s: filed again, they have other receipts", b->name, &why);
    if (!proved(ledger, results, b->count, arena))
        return wrong("%s: filed again, a receipt is not proved", b->name, &why);
    for (size_t i = 0; i < b->count && i < MODEL_ITEMS_KEPT; i++) {
        if (!ack->done || ack->item[i].how == AVER_ITEM_REFUSED) continue;
        aver_digest receipt = aver_sha256(results[i].intake_receipt);
        if (results[i].how != AVER_ITEM_REPEATED || !aver_digest_eq(receipt, ack->item[i].receipt))
            return wrong("%s: filed again, a claim has another receipt", b->name, &why);
    }
    return true;
}

static bool check_open(struct aver_ledger *ledger, const struct model_plan *p, const struct model_acks *acks,
                       struct aver_arena *arena)
{
    bool clinic = false;
    for (size_t i = 0; i < p->count; i++) {
        const struct model_ack *ack = &acks->batch[i];
        for (size_t k = 0; ack->done && k < p->batch[i].count && k < MODEL_ITEMS_KEPT; k++)
            if (ack->item[k].how != AVER_ITEM_REFUSED && !item_there(ledger, &p->batch[i], ack, k, arena))
                return false;
        if (ack->done && p->batch[i].kind == AVER_TX_PARTY) clinic = true;
    }
    if (!none_twice(ledger, arena)) return false;
    for (size_t i = p->setup; i < p->count; i++)
        if (clinic && p->batch[i].kind == AVER_TX_CLAIMS &&
            !file_again(ledger, &p->batch[i], &acks->batch[i], arena))
            return false;
    return none_twice(ledger, arena);
}

bool model_check(const struct model_plan *p, const struct model_acks *acks, const char *dir)
{
    struct aver_ledger *ledger;
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    if (aver_ledger_open(&ledger, dir, AVER_LEDGER_WRITE, &why) != AVER_OK)
        return !acks->created.done || wrong("%s does not open", dir, &why);
    bool ok = check_open(ledger, p, acks, &arena);
    aver_ledger_close(ledger);
    aver_arena_free(&arena);
    if (ok && model_audit(dir, &why) != AVER_OK) ok = wrong("%s is not audited", dir, &why);
    return ok;
}

bool model_check_apart(const struct model_plan *p, const struct model_acks *acks, const char *dir)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        bool ok = model_check(p, acks, dir);
        fflush(stdout);
        _exit(ok ? 0 : 1);
    }
    if (waitpid(pid, &status, 0) != pid || status == 0) return status == 0;
    printf("# the check ended with %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return false;
}
