/* tests/unit/test_transition.c - what no contract, policy, claim or key holder may bring about: a record past its bound, a sum
 * past the largest amount, a service billed twice under another guise, a version of the plan of the sender's choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/world.h"
#include "vm/vm.h"

#define HEAD(start, end)                                                                                                 \
    "format: payer-policy/1\n"                                                                                           \
    "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n" \
    "plan: {id: plan, name: Plan, effective: {start: " start ", end: " end "}, benefit_year: calendar,\n"                \
    "       claim_filing_indicator: \"12\"}\n"                                                                           \
    "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"                                        \
    "balance_billing: {in_network: CO, out_of_network: PR}\n"                                                            \
    "timely_filing: {limit: 3650, unit: days, counted_from: service_from}\n"                                             \
    "duplicates: {exact: deny, suspected: pend}\n"                                                                       \
    "span: pend\n"                                                                                                       \
    "cost_share: {order: [copay, deductible, coinsurance], coinsurance_base: after_copay, rounding: half_up}\n"
#define TIERS                                                                                                \
    "networks: {in_network: {roster: providers}, out_of_network: {}}\n"                                      \
    "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees}, lesser_of: per_line, missing: pend}\n"
#define BENEFIT(share)                                                                                       \
    "benefits:\n"                                                                                            \
    "  visit:\n"                                                                                             \
    "    name: Visit\n"                                                                                      \
    "    match: {procedures: [\"P0001-P9999\"]}\n"                                                           \
    "    cost_share: {in_network: {" share "}, out_of_network: {" share "}}\n"
#define DEDUCTIBLE                                                                                           \
    "deductible: {in_network: {individual: 50.00, family: 80.00}, out_of_network: {individual: 50.00, family: 80.00}}\n"
#define PLAN HEAD("2026-01-01", "2026-12-31") TIERS DEDUCTIBLE BENEFIT("deductible: true")

static const char nothing[] = "return { eligibility = function(claim, member) end }\n";
static const char allow_all[] = "return { coverage = function(claim, member)\n"
                                "  for line in each(claim.lines) do\n"
                                "    if line.is_open then\n"
                                "    line:set_tier('in_network')\n"
                                "    line:set_benefit(benefit_for(line))\n"
                                "    line:allow(line.charge, 'fee_schedule')\n"
                                "    end\n"
                                "  end\n"
                                "end }\n";
static const char pay_all[] = "return { payout = function(claim, member) end }\n";

static struct world w;
static aver_day today;

/* A world with these contracts; NULL: the standard one of contracts/. */
static void start(const char *eligibility, const char *coverage, const char *payout)
{
    const char *const names[] = {"eligibility", "coverage", "payout"},
                      *sources[] = {eligibility, coverage, payout};
    today = aver_day_of(2026, 3, 1);
    world_start(&w, today);
    for (size_t i = 0; i < 3; i++) {
        if (sources[i])
            world_publish(&w, AVER_ARTIFACT_CONTRACT, names[i], aver_bytes_str(sources[i]));
        else
            world_contract_file(&w, names[i]);
    }
}

static void policy(const char *yaml)
{
    if (!world_policy(&w, "plan", "plan.yaml", aver_bytes_str(yaml)))
        fail_msg("%s: %s", w.why.place, w.why.text);
}

static struct aver_family family_of_kim(const struct aver_cover *covers, size_t count)
{
    static struct aver_member member;
    static const uint8_t secret[32] = {9};
    member = (struct aver_member){.member_id = AVER_LIT("kim"),
                                  .relationship = AVER_SELF,
                                  .birth_date = 1000,
                                  .covers = {(void *)(uintptr_t)covers, count, count}};
    return (struct aver_family){.family_id = AVER_LIT(WORLD_FAMILY),
                                .secret = aver_bytes_of(secret, sizeof secret),
                                .members = {&member, 1, 1}};
}

static void enrol(void)
{
    struct aver_cover cover = {.plan = AVER_LIT("plan"), .from = today - 2000, .to = AVER_NO_DAY};
    struct aver_family family = family_of_kim(&cover, 1);
    world_must(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
}

static struct aver_applied one_line(const char *control, const char *procedure, int64_t charge, aver_day day)
{
    struct aver_claim *claim = world_claim(&w, control, "kim", WORLD_NPI);
    world_line(&w, claim, procedure, charge, day);
    return world_file_claim(&w, claim);
}

static void assert_trap(const struct aver_applied *a, enum aver_trap trap, const char *words)
{
    if (a->outcome != AVER_OUT_TRAPPED || a->record.decision->trap != trap || !strstr(a->words, words))
        fail_msg("outcome %d, trap %d, \"%s\"", (int)a->outcome,
                 (int)(a->record.decision ? a->record.decision->trap : 0), a->words);
}

/* ---- bounds of records ---------------------------------------------------------------------------------------------- */

static void test_tables_used(void **state)
{
    (void)state;
    start(nothing,
          "return { coverage = function(claim, member)\n"
          "  for i = 1, 65 do codes.known('t' .. i, 'P0001', 1) end\n"
          "end }\n",
          pay_all);
    policy(PLAN);
    enrol();
    for (int i = 1; i <= 65; i++) {
        char name[16], code[16];
        snprintf(name, sizeof name, "t%d", i);
        snprintf(code, sizeof code, "C%d", i);
        struct aver_table_row row = {.from = 0, .to = AVER_NO_DAY};
        struct aver_table_entry entry = {aver_bytes_str(code), {&row, 1, 1}};
        struct aver_table table = {
            .name = aver_bytes_str(name), .kind = AVER_TABLE_CODES, .entries = {&entry, 1, 1}};
        world_table(&w, &table);
    }
    struct aver_applied a = one_line("A", "P0001", 100, today);
    assert_trap(&a, AVER_TRAP_RULE, "tables");
    world_end(&w);
}

/* A policy whose tree was not made by our compiler: texts go into decisions, where control characters have no place. */
static void test_policy_text(void **state)
{
    (void)state;
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    start(nothing, allow_all, pay_all);
    assert_int_equal(aver_policy_compile(&compiled, "plan.yaml", aver_bytes_str(PLAN), world_resolve, &w,
                                         &w.arena, &findings, &w.why),
                     AVER_OK);
    uint8_t *text = memmem(compiled.ptr, compiled.len, "1 Road", 6);
    assert_non_null(text);
    text[1] = '\n';
    struct aver_publication p = {AVER_ARTIFACT_POLICY, AVER_LIT("plan"), aver_buf_view(&compiled)};
    struct aver_applied a = world_send(&w, &w.proposer, AVER_TX_PUBLISH, &aver_publication_schema, &p);
    assert_int_equal(a.outcome, AVER_OUT_UNPUBLISHABLE);
    aver_buf_free(&compiled);
    world_end(&w);
}

/* A policy made by hand that has no benefits: its root is none either. */
static void test_policy_without_benefits(void **state)
{
    (void)state;
    struct aver_buf tree = {0}, bytes = {0};
    start(nothing,
          "return { coverage = function(claim, member)\n"
          "  for line in each(claim.lines) do line:set_benefit(policy) line:deny('PR', '96', 'rule') end\n"
          "end }\n",
          pay_all);
    struct aver_policy_node rule = {
        .kind = AVER_POLICY_TEXT, .line = 1, .key = AVER_LIT("rule"), .text = AVER_LIT("none")};
    struct aver_policy_node root = {.kind = AVER_POLICY_MAP, .line = 1, .count = 1, .children = &rule};
    aver_policy_encode(&tree, &root);
    struct aver_policy record = {.format = AVER_LIT(AVER_POLICY_FORMAT),
                                 .plan_id = AVER_LIT("plan"),
                                 .effective_from = aver_day_of(2026, 1, 1),
                                 .effective_to = aver_day_of(2026, 12, 31),
                                 .tree = aver_buf_view(&tree)};
    WORLD_OK(&w, world_resolve(&w, &record.eligibility, AVER_LIT("eligibility"), &w.why));
    WORLD_OK(&w, world_resolve(&w, &record.coverage, AVER_LIT("coverage"), &w.why));
    WORLD_OK(&w, world_resolve(&w, &record.payout, AVER_LIT("payout"), &w.why));
    record.source = record.payout;
    aver_schema_encode(&bytes, &aver_policy_schema, &record);
    world_publish(&w, AVER_ARTIFACT_POLICY, "plan", aver_arena_copy(&w.arena, aver_buf_view(&bytes)));
    enrol();
    struct aver_applied a = one_line("A", "P0001", 100, today);
    assert_trap(&a, AVER_TRAP_ARGUMENT, "benefit");
    aver_buf_free(&tree);
    aver_buf_free(&bytes);
    world_end(&w);
}

/* A policy for which one of its contracts cannot be prepared is never in force; one for which they can gives its claims what
 * prepare made of it, at no gas. */
static void test_prepared(void **state)
{
    (void)state;
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    static const char allow_by_terms[] =
        "return { prepare = function()\n"
        "  local n = 0\n"
        "  for i = 1, 100000 do n = n + i %% 2 end\n"
        "  return { because = policy.%s.path, n = n }\n"
        "end, coverage = function(claim, member, terms)\n"
        "  for line in each(claim.lines) do\n"
        "    line:set_tier('in_network') line:set_benefit(benefit_for(line))\n"
        "    line:allow(terms.n, terms.because)\n"
        "  end\n"
        "end }\n";
    char source[sizeof allow_by_terms + 16];
    snprintf(source, sizeof source, allow_by_terms, "no_such_key");
    start(nothing, source, pay_all);
    assert_int_equal(aver_policy_compile(&compiled, "plan.yaml", aver_bytes_str(PLAN), world_resolve, &w,
                                         &w.arena, &findings, &w.why),
                     AVER_OK);
    struct aver_publication p = {AVER_ARTIFACT_POLICY, AVER_LIT("plan"), aver_buf_view(&compiled)};
    struct aver_approval approval;
    WORLD_OK(&w, aver_artifact_digest(&approval.artifact, &p, &w.arena, &w.why));
    world_must(&w, &w.proposer, AVER_TX_PUBLISH, &aver_publication_schema, &p);
    struct aver_applied a = world_send(&w, &w.approver, AVER_TX_APPROVE, &aver_approval_schema, &approval);
    assert_int_equal(a.outcome, AVER_OUT_UNPUBLISHABLE);
    assert_non_null(strstr(a.words, "coverage:4"));
    aver_buf_free(&compiled);
    world_end(&w);

    snprintf(source, sizeof source, allow_by_terms, "fee_schedule");
    start(nothing, source, pay_all);
    policy(PLAN);
    enrol();
    a = one_line("A", "P0001", 60000, today);
    assert_int_equal(a.outcome, AVER_OUT_DECIDED);
    assert_int_equal(a.record.decision->allowed.cents, 50000);
    assert_in_range(a.record.decision->gas, 1, 10000);
    world_end(&w);
}

/* Copays of one visit that add up to more than money goes: two claims of 99 thousand million dollars. */
static void test_copays_past_money(void **state)
{
    (void)state;
    start(nothing, allow_all,
          "return { payout = function(claim, member)\n"
          "  for line in each(claim.lines) do\n"
          "    line:adjust('PR', '3', line:unexplained(), 'benefits', { copay = true })\n"
          "  end\n"
          "end }\n");
    policy(PLAN);
    enrol();
    struct aver_applied a = one_line("A", "P0001", AVER_MONEY_LIMIT - 1, today);
    assert_int_equal(a.outcome, AVER_OUT_DECIDED);
    a = one_line("B", "P0001", AVER_MONEY_LIMIT - 1, today);
    assert_trap(&a, AVER_TRAP_RANGE, "copay");
    world_end(&w);
}

/* An accumulator without a limit of its own has one: the largest amount. */
static void test_balance_past_money(void **state)
{
    (void)state;
    start(nothing, allow_all,
          "return { payout = function(claim, member)\n"
          "  for line in each(claim.lines) do\n"
          "    line:adjust('PR', '1', line:unexplained(), 'benefits', { consumes = { 'benefits' } })\n"
          "  end\n"
          "end }\n");
    policy(PLAN);
    enrol();
    struct aver_applied a = one_line("A", "P0001", AVER_MONEY_LIMIT - 1, today);
    assert_int_equal(a.outcome, AVER_OUT_DECIDED);
    a = one_line("B", "P0001", 1, today);
    assert_trap(&a, AVER_TRAP_RANGE, "benefits");
    world_end(&w);
}

/* ---- the same service under another guise ---------------------------------------------------------------------------- */

static void test_modifiers_are_a_set(void **state)
{
    (void)state;
    aver_bytes once[] = {AVER_LIT("25")}, twice[] = {AVER_LIT("25"), AVER_LIT("25")};
    start(NULL, allow_all, pay_all);
    policy(PLAN);
    enrol();
    struct aver_claim *first = world_claim(&w, "A", "kim", WORLD_NPI),
                      *again = world_claim(&w, "B", "kim", WORLD_NPI);
    world_line(&w, first, "P0001", 100, today)->modifiers = (struct aver_list){once, 1, 1};
    world_line(&w, again, "P0001", 100, today)->modifiers = (struct aver_list){twice, 2, 2};
    assert_int_equal(world_file_claim(&w, first).record.decision->status, AVER_CLAIM_PAYABLE);
    struct aver_applied a = world_file_claim(&w, again);
    assert_int_equal(a.record.decision->status, AVER_CLAIM_DENIED);
    world_end(&w);
}

/* A question is no bill: what was asked before is not a duplicate when it is billed. */
static void test_predetermination_is_no_service(void **state)
{
    (void)state;
    start(NULL, allow_all, pay_all);
    policy(PLAN);
    enrol();
    for (uint64_t use = AVER_USE_ENCOUNTER; use <= AVER_USE_PREDETERMINATION; use++) {
        char control[16];
        snprintf(control, sizeof control, "Q%d", (int)use);
        struct aver_claim *question = world_claim(&w, control, "kim", WORLD_NPI);
        question->use = use;
        world_line(&w, question, "P0001", 100, today);
        assert_int_equal(world_file_claim(&w, question).record.decision->status, AVER_CLAIM_PENDED);
    }
    struct aver_claim *cancel = world_claim(&w, "V", "kim", WORLD_NPI);
    cancel->frequency = AVER_FREQUENCY_VOID;
    cancel->original_reference = AVER_LIT("X");
    world_line(&w, cancel, "P0001", 100, today);
    assert_int_equal(world_file_claim(&w, cancel).record.decision->status, AVER_CLAIM_PENDED);
    struct aver_applied a = one_line("A", "P0001", 100, today);
    assert_int_equal(a.record.decision->status, AVER_CLAIM_PAYABLE);
    world_end(&w);
}

/* ---- versions of the plan, benefit years, cover ----------------------------------------------------------------------- */

static void test_dates_are_the_lines(void **state)
{
    (void)state;
    struct aver_why why = {0};
    start(nothing, allow_all, pay_all);
    struct aver_claim *claim = world_claim(&w, "A", "kim", WORLD_NPI);
    world_line(&w, claim, "P0001", 100, today);
    assert_int_equal(aver_claim_check(claim, &why), AVER_OK);
    claim->statement_from--;
    assert_int_equal(aver_claim_check(claim, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "CLAIM-DATES");
    claim->statement_from++;
    claim->statement_to++;
    assert_int_equal(aver_claim_check(claim, &why), AVER_E_INPUT);
    claim->type = AVER_CLAIM_INSTITUTIONAL;
    assert_int_equal(aver_claim_check(claim, &why), AVER_OK);
    world_end(&w);
}

/* The later of two versions holds from its first day: a claim with lines on both sides is for a person to split. */
static void test_versions_within_a_claim(void **state)
{
    (void)state;
    start(NULL, allow_all, pay_all);
    policy(PLAN);
    policy(HEAD("2026-02-01", "2026-12-31") TIERS DEDUCTIBLE BENEFIT("deductible: true"));
    enrol();
    struct aver_claim *claim = world_claim(&w, "A", "kim", WORLD_NPI);
    world_line(&w, claim, "P0001", 100, aver_day_of(2026, 1, 31));
    world_line(&w, claim, "P0002", 100, aver_day_of(2026, 2, 1));
    struct aver_applied a = world_file_claim(&w, claim);
    assert_int_equal(a.record.decision->status, AVER_CLAIM_PENDED);
    assert_int_equal(one_line("B", "P0003", 100, aver_day_of(2026, 1, 31)).record.decision->status,
                     AVER_CLAIM_PAYABLE);
    world_end(&w);
}

/* Two covers on one day: nobody could tell which plan pays. */
static void test_overlapping_covers(void **state)
{
    (void)state;
    start(nothing, allow_all, pay_all);
    struct aver_cover covers[] = {{.plan = AVER_LIT("plan"), .from = today - 10, .to = AVER_NO_DAY},
                                  {.plan = AVER_LIT("other"), .from = today, .to = AVER_NO_DAY}};
    struct aver_family family = family_of_kim(covers, 2);
    struct aver_applied a = world_send(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    assert_int_equal(a.outcome, AVER_OUT_MALFORMED);
    covers[0].to = today;
    a = world_send(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    assert_int_equal(a.outcome, AVER_OUT_MALFORMED);
    covers[0].to = today - 1;
    a = world_send(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    assert_int_equal(a.outcome, AVER_OUT_APPLIED);
    world_end(&w);
}

/* Who the patient is, by id and by day of birth: nothing but those born on that day is read for it. */
static struct aver_decision *decided_for(const char *subscriber, const char *patient, aver_day born,
                                         const char *first_name)
{
    static unsigned n;
    struct aver_claim *claim =
        world_claim(&w, aver_arena_printf(&w.arena, "W%u", n++), subscriber, WORLD_NPI);
    world_line(&w, claim, "P0001", 100, today);
    if (patient || born != AVER_NO_DAY) {
        claim->patient = AVER_NEW(&w.arena, struct aver_person);
        *claim->patient = *claim->subscriber;
        claim->patient->member_id = aver_bytes_str(patient);
        claim->patient->birth_date = born;
        claim->patient->first_name = aver_bytes_str(first_name);
    }
    return world_file_claim(&w, claim).record.decision;
}

static bool is_for(const struct aver_decision *d, const char *member)
{
    return member ? aver_bytes_is(d->member_id, member) && aver_bytes_is(d->family_id, WORLD_FAMILY)
                  : !d->member_id.ptr && !d->family_id.ptr && d->status == AVER_CLAIM_DENIED;
}

static void test_patient(void **state)
{
    (void)state;
    start(nothing, allow_all, pay_all);
    policy(PLAN);
    struct aver_cover cover = {.plan = AVER_LIT("plan"), .from = today - 2000, .to = AVER_NO_DAY};
    struct aver_family family = family_of_kim(&cover, 1);
    struct aver_member m[4];
    for (size_t i = 0; i < 4; i++) m[i] = *(struct aver_member *)family.members.items;
    const char *ids[] = {"ada", "bea", "kim", "lou"}, *names[] = {"Ada", "Bea", "Kim", "Lou"};
    const aver_day days[] = {9000, 9000, 1000, AVER_NO_DAY};
    for (size_t i = 0; i < 4; i++) {
        m[i].member_id = aver_bytes_str(ids[i]);
        m[i].first_name = aver_bytes_str(names[i]);
        m[i].birth_date = days[i];
    }
    family.members = (struct aver_list){m, 4, 4};
    world_must(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    assert_true(is_for(decided_for("kim", NULL, AVER_NO_DAY, NULL), "kim"));
    assert_true(is_for(decided_for("kim", "bea", AVER_NO_DAY, NULL), "bea"));
    assert_true(is_for(decided_for("kim", "lou", 9000, NULL), "lou")); /* the id is enough */
    assert_true(is_for(decided_for("kim", NULL, 9000, "ADA"), "ada"));
    for (int i = 0; i < 2; i++) { /* one of two: a person finds which */
        const struct aver_decision *d = decided_for("kim", NULL, 9000, i ? "Ann" : NULL);
        assert_int_equal(d->status, AVER_CLAIM_PENDED);
        assert_true(!d->member_id.ptr && !d->family_id.ptr);
    }
    assert_true(is_for(decided_for("kim", NULL, 1000, "Otto"), "kim"));
    assert_true(is_for(decided_for("kim", NULL, 9001, NULL), NULL));
    assert_true(is_for(decided_for("kim", "eve", 9000, NULL), NULL));
    assert_true(is_for(decided_for("eve", NULL, AVER_NO_DAY, NULL), NULL));
    /* One of the twins was born a day later, lou leaves. */
    m[1].birth_date = 9001;
    family.members.count = 3;
    world_must(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    assert_true(is_for(decided_for("kim", NULL, 9000, NULL), "ada"));
    assert_true(is_for(decided_for("kim", NULL, 9001, NULL), "bea"));
    assert_true(is_for(decided_for("kim", "bea", AVER_NO_DAY, NULL), "bea"));
    assert_true(is_for(decided_for("kim", "lou", AVER_NO_DAY, NULL), NULL));
    world_end(&w);
}

/* ---- money out --------------------------------------------------------------------------------------------------------- */

/* What one payment cannot hold stays for the next one. */
static void test_remit_past_money(void **state)
{
    (void)state;
    start(nothing, allow_all, pay_all);
    policy(PLAN);
    enrol();
    for (int i = 0; i < 3; i++) {
        char control[16];
        snprintf(control, sizeof control, "R%d", i);
        assert_int_equal(one_line(control, "P0001", AVER_MONEY_LIMIT - 1, today).outcome, AVER_OUT_DECIDED);
    }
    struct aver_remit remit = {.payee = AVER_LIT(WORLD_NPI), .trace = AVER_LIT("T0"), .date = today};
    for (int i = 0; i < 3; i++) {
        uint8_t trace[] = {'T', (uint8_t)('0' + i)};
        remit.trace = aver_bytes_of(trace, 2);
        world_must(&w, &w.proposer, AVER_TX_REMIT, &aver_remit_schema, &remit);
        struct aver_stored stored;
        struct aver_remittance r;
        char name[16];
        snprintf(name, sizeof name, "r/T%d", i);
        WORLD_OK(&w, world_get(&w, aver_bytes_str(name), &stored, &w.why));
        WORLD_OK(&w, aver_schema_read(stored.record, &aver_remittance_schema, &r, &w.arena, &w.why));
        assert_int_equal(r.payment.cents, AVER_MONEY_LIMIT - 1);
        assert_int_equal(r.claims.count, 1);
    }
    uint8_t trace[] = "T3";
    remit.trace = aver_bytes_of(trace, 2);
    struct aver_applied a = world_send(&w, &w.proposer, AVER_TX_REMIT, &aver_remit_schema, &remit);
    assert_int_equal(a.outcome, AVER_OUT_NOTHING);
    world_end(&w);
}

/* A provider's id must not pass for a member: "member:kim" is whom the plan pays when it pays the member. */
static void test_payee_is_no_member(void **state)
{
    (void)state;
    struct aver_why why = {0};
    start(nothing, allow_all, pay_all);
    struct aver_claim *claim = world_claim(&w, "A", "kim", "member:kim");
    world_line(&w, claim, "P0001", 100, today);
    assert_int_equal(aver_claim_check(claim, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "CLAIM-PROVIDER");
    world_end(&w);
}

/* One person's key must not come by the second signature: not by a party of its own making, nor by a key in another's name. */
static void test_one_key_publishes_nothing(void **unused)
{
    (void)unused;
    start(nothing, allow_all, pay_all);
    struct world_party shadow, key;
    uint8_t seed[32] = {99};
    aver_key_from_seed(&shadow.pk, &shadow.sk, seed);
    seed[0] = 98;
    aver_key_from_seed(&key.pk, &key.sk, seed);
    struct aver_party_act add = {.action = AVER_PARTY_ADD,
                                 .party = AVER_LIT("shadow"),
                                 .name = AVER_LIT("Shadow"),
                                 .role = AVER_ROLE_INSURER,
                                 .public_key = world_pk(&shadow)};
    struct aver_party_act steal = {
        .action = AVER_PARTY_KEY_ADD, .party = AVER_LIT("medical"), .public_key = world_pk(&key)};
    struct aver_publication p = {AVER_ARTIFACT_CONTRACT, AVER_LIT("mine"), aver_bytes_str(nothing)};
    struct aver_publication q = {AVER_ARTIFACT_CONTRACT, AVER_LIT("mine"),
                                 AVER_LIT("return { f = function() end }")};
    struct aver_approval approval, other;
    world_must(&w, &w.proposer, AVER_TX_PARTY, &aver_party_act_schema, &add);
    p.content = AVER_LIT("return { g = function() end }");
    assert_int_equal(aver_artifact_digest(&approval.artifact, &p, &w.arena, &w.why), AVER_OK);
    assert_int_equal(aver_artifact_digest(&other.artifact, &q, &w.arena, &w.why), AVER_OK);
    world_must(&w, &w.proposer, AVER_TX_PUBLISH, &aver_publication_schema, &p);
    assert_int_equal(world_send(&w, &shadow, AVER_TX_APPROVE, &aver_approval_schema, &approval).outcome,
                     AVER_OUT_SAME_SIGNER);
    world_must(&w, &shadow, AVER_TX_PUBLISH, &aver_publication_schema, &q);
    assert_int_equal(world_send(&w, &w.proposer, AVER_TX_APPROVE, &aver_approval_schema, &other).outcome,
                     AVER_OUT_SAME_SIGNER);
    assert_int_equal(world_send(&w, &w.proposer, AVER_TX_PARTY, &aver_party_act_schema, &steal).outcome,
                     AVER_OUT_ROLE);
    /* The other insurer of the genesis may do both. */
    world_must(&w, &w.approver, AVER_TX_PARTY, &aver_party_act_schema, &steal);
    world_must(&w, &w.approver, AVER_TX_APPROVE, &aver_approval_schema, &approval);
    world_must(&w, &key, AVER_TX_APPROVE, &aver_approval_schema, &other);
    world_end(&w);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_text),
        cmocka_unit_test(test_modifiers_are_a_set),
        cmocka_unit_test(test_predetermination_is_no_service),
        cmocka_unit_test(test_dates_are_the_lines),
        cmocka_unit_test(test_versions_within_a_claim),
        cmocka_unit_test(test_overlapping_covers),
        cmocka_unit_test(test_patient),
        cmocka_unit_test(test_payee_is_no_member),
        cmocka_unit_test(test_tables_used),
        cmocka_unit_test(test_policy_without_benefits),
        cmocka_unit_test(test_prepared),
        cmocka_unit_test(test_copays_past_money),
        cmocka_unit_test(test_balance_past_money),
        cmocka_unit_test(test_remit_past_money),
        cmocka_unit_test(test_one_key_publishes_nothing),
    };
    return cmocka_run_group_tests_name("transition", tests, NULL, NULL);
}
