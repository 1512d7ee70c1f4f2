/* tests/unit/test_hostile_contract.c - contracts that try to break the books. Whatever they do, the claim is held with the trap
 * that says why, pays nothing and posts nothing, and the identities of a decision still hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/world.h"
#include "vm/vm.h"

static const char plan[] =
    "format: payer-policy/1\n"
    "payer: {id: P, name: P, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
    "plan: {id: plan, name: Plan, effective: {start: 2026-01-01, end: 2026-12-31}, benefit_year: calendar,\n"
    "       claim_filing_indicator: \"12\"}\n"
    "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
    "networks: {in_network: {roster: providers}, out_of_network: {}}\n"
    "deductible: {in_network: {individual: 50.00, family: 80.00}, out_of_network: {individual: 50.00, family: 80.00}}\n"
    "fee_schedule: {in_network: {table: fees}, out_of_network: {table: fees}, lesser_of: per_line,\n"
    "               missing: pend}\n"
    "cost_share: {order: [copay, deductible, coinsurance]}\n"
    "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"
    "duplicates: {exact: deny, suspected: pend}\n"
    "span: pend\n"
    "balance_billing: {in_network: CO, out_of_network: PR}\n"
    "frequency:\n"
    "  - {id: often, procedures: [\"P0001-P9999\"], limit: 1, per: lifetime}\n"
    "maxima:\n"
    "  - {id: paid, individual: 70.00, family: 90.00, per: lifetime}\n"
    "  - {id: considered, individual: 70.00, per: benefit_year, basis: allowed}\n"
    "  - {id: few, individual: 59.99, per: benefit_year}\n"
    "benefits:\n"
    "  visit:\n"
    "    name: Visit\n"
    "    match: {procedures: [\"P0001-P9999\"]}\n"
    "    cost_share: {in_network: {deductible: true}, out_of_network: {deductible: true}}\n";

/* Contracts that do no harm: charge 100.00, allowed 60.00, nothing owed. */
static const char good_eligibility[] = "return { eligibility = function(claim, member) end }\n";
static const char good_coverage[] = "return { coverage = function(claim, member)\n"
                                    "  for line in each(claim.lines) do\n"
                                    "    line:set_tier('in_network')\n"
                                    "    line:set_benefit(benefit_for(line))\n"
                                    "    line:allow(6000, 'fee_schedule')\n"
                                    "  end\n"
                                    "end }\n";
static const char good_payout[] = "return { payout = function(claim, member) end }\n";

static struct world w;

static struct aver_applied decide(const char *eligibility, const char *coverage, const char *payout)
{
    static struct aver_cover cover;
    static struct aver_member member;
    uint8_t secret[32] = {9};
    aver_day day = aver_day_of(2026, 3, 1);
    world_start(&w, day);
    world_publish(&w, AVER_ARTIFACT_CONTRACT, "eligibility", aver_bytes_str(eligibility));
    world_publish(&w, AVER_ARTIFACT_CONTRACT, "coverage", aver_bytes_str(coverage));
    world_publish(&w, AVER_ARTIFACT_CONTRACT, "payout", aver_bytes_str(payout));
    if (!world_policy(&w, "plan", "plan.yaml", aver_bytes_str(plan)))
        fail_msg("%s: %s", w.why.place, w.why.text);
    cover = (struct aver_cover){.plan = AVER_LIT("plan"), .from = day - 100, .to = AVER_NO_DAY};
    member = (struct aver_member){.member_id = AVER_LIT("kim"),
                                  .relationship = AVER_SELF,
                                  .last_name = AVER_LIT("Example"),
                                  .first_name = AVER_LIT("Kim"),
                                  .birth_date = 1000,
                                  .covers = {&cover, 1, 1}};
    struct aver_family family = {.family_id = AVER_LIT(WORLD_FAMILY),
                                 .secret = aver_bytes_of(secret, sizeof secret),
                                 .members = {&member, 1, 1}};
    world_must(&w, &w.proposer, AVER_TX_ENROL, &aver_family_schema, &family);
    struct aver_claim *claim = world_claim(&w, "HOSTILE", "kim", WORLD_NPI);
    world_line(&w, claim, "P0001", 10000, day);
    world_line(&w, claim, "P0002", 10000, day);
    return world_file_claim(&w, claim);
}

static bool state_has(const char *prefix)
{
    const struct world_record *r = w.state.items;
    size_t len = strlen(prefix);
    for (size_t i = 0; i < w.state.count; i++)
        if (r[i].name.len >= len && memcmp(r[i].name.ptr, prefix, len) == 0) return true;
    return false;
}

struct attack {
    const char *what;
    enum aver_stage stage;
    const char *body; /* of function(claim, member), with `line` the first line */
    enum aver_trap trap;
    const char *words; /* part of what the host says */
};

/* The paths that attacks name. */
#define DEDUCTIBLE "'deductible.in_network.individual'"
#define COVER      "line:set_tier('in_network') line:set_benefit(benefit_for(line)) "

static const struct attack attacks[] = {
    /* There is no way to set a paid amount. */
    {"set paid", AVER_STAGE_PAYOUT, "line.paid = 999999", AVER_TRAP_FIELD, ""},
    {"set allowed", AVER_STAGE_PAYOUT, "line.allowed = 999999", AVER_TRAP_FIELD, ""},
    {"set charge", AVER_STAGE_PAYOUT, "line.charge = 1", AVER_TRAP_FIELD, ""},
    {"replace a line", AVER_STAGE_PAYOUT, "claim.lines[1] = claim.lines[2]", AVER_TRAP_FIELD, ""},
    {"change the policy", AVER_STAGE_PAYOUT, "policy.deductible.in_network.individual = 0", AVER_TRAP_FIELD,
     ""},
    {"change the member", AVER_STAGE_PAYOUT, "member.member_id = 'lee'", AVER_TRAP_FIELD, ""},

    /* line: charge - sum(adjustments) = paid, never below zero. */
    {"adjust past what is left", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', line:unexplained() + 1, 'benefits')", AVER_TRAP_RULE, "past what is left"},
    {"adjust past it in two steps", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 4000, 'benefits') line:adjust('PR', '3', 2001, 'benefits')", AVER_TRAP_RULE,
     "past what is left"},
    {"adjust by zero", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 0, 'benefits')", AVER_TRAP_RULE,
     "above zero"},
    {"adjust by less than zero", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', -1, 'benefits')", AVER_TRAP_RULE,
     "above zero"},
    {"adjust by the least integer", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', -9223372036854775807 - 1, 'benefits')", AVER_TRAP_RULE, "above zero"},
    {"adjust by a text", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', '10', 'benefits')", AVER_TRAP_ARGUMENT,
     "integer"},
    {"post 65 adjustments", AVER_STAGE_PAYOUT, "for i = 1, 65 do line:adjust('PR', '2', 1, 'benefits') end",
     AVER_TRAP_RULE, "too many adjustments"},

    /* 0 <= paid <= allowed; allowed above the charge only by OA-94, which the host posts. */
    {"allow twice", AVER_STAGE_PAYOUT, "line:allow(9000, 'fee_schedule')", AVER_TRAP_RULE, "set already"},
    {"allow nothing", AVER_STAGE_COVERAGE, COVER "line:allow(0, 'fee_schedule')", AVER_TRAP_RULE,
     "above zero"},
    {"allow less than nothing", AVER_STAGE_COVERAGE, COVER "line:allow(-1, 'fee_schedule')", AVER_TRAP_RULE,
     "above zero"},
    {"allow more than money goes", AVER_STAGE_COVERAGE, COVER "line:allow(10000000000000, 'fee_schedule')",
     AVER_TRAP_RULE, "above zero"},
    {"adjust before allowing", AVER_STAGE_COVERAGE, COVER "line:adjust('PR', '2', 1, 'benefits')",
     AVER_TRAP_RULE, "allow the line"},
    {"never decide a line", AVER_STAGE_COVERAGE, COVER "line:allow(6000, 'fee_schedule')", AVER_TRAP_RULE,
     "neither allowed"},

    /* CARC 45 is the host's: CO or PR, never the whole charge. */
    {"post CARC 45", AVER_STAGE_PAYOUT, "line:adjust('CO', '45', 100, 'fee_schedule')", AVER_TRAP_RULE,
     "CARC 45"},
    {"deny by CARC 45", AVER_STAGE_COVERAGE, "line:deny('CO', '45', 'fee_schedule')", AVER_TRAP_RULE,
     "CARC 45"},
    {"CARC 45 in group PI", AVER_STAGE_COVERAGE, COVER "line:allow(6000, 'fee_schedule', {group = 'PI'})",
     AVER_TRAP_RULE, "CO or PR"},

    /* Each adjustment names a policy path that exists, a group and a code. */
    {"a path that does not exist", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 1, 'deductable.in_network')",
     AVER_TRAP_RULE, "nothing at"},
    {"an empty path", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 1, '')", AVER_TRAP_RULE, "nothing at"},
    {"no path", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 1)", AVER_TRAP_ARGUMENT, "because"},
    {"deny without a path", AVER_STAGE_COVERAGE, "line:deny('CO', '97', 'nowhere')", AVER_TRAP_RULE,
     "nothing at"},
    {"pend without a path", AVER_STAGE_COVERAGE, "line:pend('look at it', 'nowhere')", AVER_TRAP_RULE,
     "nothing at"},
    {"a group that is none", AVER_STAGE_PAYOUT, "line:adjust('CR', '2', 1, 'benefits')", AVER_TRAP_ARGUMENT,
     "group"},
    {"a code that is none", AVER_STAGE_PAYOUT, "line:adjust('PR', '2~CAS', 1, 'benefits')",
     AVER_TRAP_ARGUMENT, "carc"},
    {"segments in a remark code", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 1, 'benefits', {rarc = {'N130~CAS*CO*45*100*1~CAS*CO*45*1'}})",
     AVER_TRAP_ARGUMENT, "rarc"},
    {"a note of control characters", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 1, 'benefits', {note = 'a\\nb'})", AVER_TRAP_ARGUMENT, "note"},
    {"a note that is no UTF-8", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 1, 'benefits', {note = '\\xff'})",
     AVER_TRAP_ARGUMENT, "note"},
    {"a reason of control characters", AVER_STAGE_PAYOUT, "line:pend('a\\nb', 'benefits')",
     AVER_TRAP_ARGUMENT, "reason"},
    {"options that are none", AVER_STAGE_PAYOUT, "line:adjust('PR', '2', 1, 'benefits', 7)",
     AVER_TRAP_ARGUMENT, "options"},

    /* A reduction is of what is allowed, before the member's share, and never all of it. */
    {"pay no unit", AVER_STAGE_PAYOUT, "line:pay_units(0)", AVER_TRAP_RULE, "more than none"},
    {"pay all units in part", AVER_STAGE_PAYOUT, "line:pay_units(line.units)", AVER_TRAP_RULE, "fewer units"},
    {"reduce before allowing", AVER_STAGE_COVERAGE, COVER "line:reduce('59', 1, 'benefits')", AVER_TRAP_RULE,
     "allow the line"},
    {"reduce to nothing", AVER_STAGE_COVERAGE,
     COVER "line:allow(6000, 'fee_schedule') line:reduce('59', 6000, 'benefits')", AVER_TRAP_RULE,
     "leaves something"},
    {"reduce by nothing", AVER_STAGE_PAYOUT, "line:reduce('59', 0, 'benefits')", AVER_TRAP_RULE,
     "above zero"},
    {"reduce by less than nothing", AVER_STAGE_PAYOUT, "line:reduce('59', -5, 'benefits')", AVER_TRAP_RULE,
     "above zero"},
    {"reduce by CARC 45", AVER_STAGE_PAYOUT, "line:reduce('45', 1, 'benefits')", AVER_TRAP_RULE, "CARC 45"},
    {"reduce by a copay", AVER_STAGE_PAYOUT, "line:reduce('3', 1, 'benefits', {group = 'PR'})",
     AVER_TRAP_RULE, "adjusted, not reduced"},
    {"reduce for the payer", AVER_STAGE_PAYOUT, "line:reduce('59', 1, 'benefits', {group = 'PI'})",
     AVER_TRAP_RULE, "CO or PR"},
    {"reduce and consume", AVER_STAGE_PAYOUT,
     "line:reduce('59', 1, 'benefits', {group = 'PR', consumes = {'deductible'}})", AVER_TRAP_RULE,
     "consumes nothing"},
    {"reduce after the member's share", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 1, 'benefits') line:reduce('59', 1, 'benefits')", AVER_TRAP_RULE,
     "comes before"},
    {"reduce without a path", AVER_STAGE_PAYOUT, "line:reduce('59', 1, 'nowhere')", AVER_TRAP_RULE,
     "nothing at"},
    {"allow after reducing", AVER_STAGE_COVERAGE,
     COVER
     "line:allow(6000, 'fee_schedule') line:reduce('59', 1, 'benefits') line:allow(6000, 'fee_schedule')",
     AVER_TRAP_RULE, "set already"},

    /* Every posting is backed by its adjustment; a counter does not pass its limit. */
    {"consume past the member's limit", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '1', 5001, " DEDUCTIBLE ", {consumes = {'deductible'}})", AVER_TRAP_RULE,
     "cents left"},
    {"consume past it over two lines", AVER_STAGE_PAYOUT,
     "for l in each(claim.lines) do l:adjust('PR', '1', 2501, " DEDUCTIBLE
     ", {consumes = {'deductible'}}) end",
     AVER_TRAP_RULE, "cents left"},
    {"consume past it by naming it twice", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '1', 4000, " DEDUCTIBLE ", {consumes = {'deductible', 'deductible'}})",
     AVER_TRAP_RULE, "twice"},
    {"consume an accumulator that is none", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '1', 1, 'benefits', {consumes = {'jackpot'}})", AVER_TRAP_RULE, "no accumulator"},
    {"consume what the member does not pay", AVER_STAGE_PAYOUT,
     "line:adjust('CO', '97', 1, 'benefits', {consumes = {'deductible'}})", AVER_TRAP_RULE, "only a PR"},
    {"deny and consume", AVER_STAGE_COVERAGE,
     "line:deny('PR', '96', 'benefits', {consumes = {'deductible'}})", AVER_TRAP_RULE, "consumes nothing"},
    /* How often, and how many visits. */
    {"use more often than the rule says", AVER_STAGE_PAYOUT,
     "for l in each(claim.lines) do l:count_use(policy.frequency[1]) end", AVER_TRAP_RULE, "are used"},
    {"use a rule twice by one line", AVER_STAGE_PAYOUT,
     "line:count_use(policy.frequency[1]) line:count_use(policy.frequency[1])", AVER_TRAP_RULE, "once"},
    {"use a rule that is none", AVER_STAGE_PAYOUT, "line:count_use(policy.maxima[1])", AVER_TRAP_ARGUMENT,
     "frequency"},
    {"use before allowing", AVER_STAGE_COVERAGE, COVER "line:count_use(policy.frequency[1])", AVER_TRAP_RULE,
     "allow the line"},
    {"deny what was used", AVER_STAGE_COVERAGE,
     COVER
     "line:allow(10000, 'fee_schedule') line:count_use(policy.frequency[1]) line:deny('PR', '96', 'benefits')",
     AVER_TRAP_RULE, "no use"},
    {"ask how often of a benefit", AVER_STAGE_PAYOUT, "local x = history.uses(line, policy.benefits.visit)",
     AVER_TRAP_ARGUMENT, "frequency"},
    /* A maximum counts what the plan pays, or considers, and no more than it has left. */
    {"count past a maximum", AVER_STAGE_PAYOUT, "line:count({'maxima.few'})", AVER_TRAP_RULE, "cents left"},
    {"count past it over two lines", AVER_STAGE_PAYOUT,
     "for l in each(claim.lines) do l:count({'maxima.paid'}) end", AVER_TRAP_RULE, "cents left"},
    {"count past what is considered over two lines", AVER_STAGE_PAYOUT,
     "for l in each(claim.lines) do l:count({'maxima.considered'}) end", AVER_TRAP_RULE, "cents left"},
    {"count a line twice", AVER_STAGE_PAYOUT, "line:count({'maxima.paid', 'maxima.paid'})", AVER_TRAP_RULE,
     "once"},
    {"count a line again", AVER_STAGE_PAYOUT,
     "line:count({'maxima.paid'}) line:adjust('PR', '119', 1, 'maxima') line:count({'maxima.paid'})",
     AVER_TRAP_RULE, "counted"},
    {"pay less than was counted", AVER_STAGE_PAYOUT,
     "line:count({'maxima.paid'}) line:adjust('PR', '2', 1, 'benefits')", AVER_TRAP_RULE, "counted"},
    {"reduce what was counted", AVER_STAGE_COVERAGE,
     COVER "line:allow(6000, 'fee_schedule') line:count({'maxima.paid'}) line:reduce('59', 1, 'benefits')",
     AVER_TRAP_RULE, "counted"},
    {"deny what was counted", AVER_STAGE_COVERAGE,
     COVER "line:allow(10000, 'fee_schedule') line:adjust('PR', '119', 4000, 'maxima') "
           "line:count({'maxima.paid'}) line:deny('PR', '96', 'benefits')",
     AVER_TRAP_RULE, "cannot be denied"},
    {"count nothing of a line that is denied", AVER_STAGE_COVERAGE,
     COVER "line:deny('PR', '96', 'benefits') line:count({'maxima.paid'})", AVER_TRAP_RULE, "already"},
    {"consider after the member's share", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 1, 'benefits') line:count({'maxima.considered'})", AVER_TRAP_RULE,
     "before the member's share"},
    {"consider after what is paid", AVER_STAGE_PAYOUT, "line:count({'maxima.paid', 'maxima.considered'})",
     AVER_TRAP_RULE, "before the member's share"},
    {"count before allowing", AVER_STAGE_COVERAGE, COVER "line:count({'maxima.paid'})", AVER_TRAP_RULE,
     "allow the line"},
    {"count without a tier", AVER_STAGE_COVERAGE,
     "line:allow(6000, 'fee_schedule') line:count({'maxima.paid'})", AVER_TRAP_RULE, "set its tier"},
    {"count to a maximum that is none", AVER_STAGE_PAYOUT, "line:count({'maxima.jackpot'})", AVER_TRAP_RULE,
     "no maximum"},
    {"count to the list of maxima", AVER_STAGE_PAYOUT, "line:count({'maxima'})", AVER_TRAP_RULE,
     "no maximum"},
    {"count to a deductible", AVER_STAGE_PAYOUT, "line:count({'deductible'})", AVER_TRAP_RULE, "no maximum"},
    {"count to what is carried over", AVER_STAGE_PAYOUT, "line:count({'carry_over'})", AVER_TRAP_RULE,
     "no maximum"},
    {"count to a number", AVER_STAGE_PAYOUT, "line:count({7})", AVER_TRAP_ARGUMENT, "texts"},
    {"count to nothing at all", AVER_STAGE_PAYOUT, "line:count('maxima.paid')", AVER_TRAP_ARGUMENT, "list"},
    {"consume a maximum", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '1', 1, 'benefits', {consumes = {'maxima.paid'}})", AVER_TRAP_RULE, "no accumulator"},
    {"consume what is carried over", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '1', 1, 'benefits', {consumes = {'carry_over'}})", AVER_TRAP_RULE, "no accumulator"},
    {"ask for the list of maxima", AVER_STAGE_PAYOUT, "local x = accum.left('maxima', line)", AVER_TRAP_RULE,
     "no accumulator"},
    {"deny after counting the visit", AVER_STAGE_COVERAGE,
     COVER "line:allow(10000, 'fee_schedule') line:count_visit() line:deny('PR', '96', 'benefits')",
     AVER_TRAP_RULE, "visit"},
    {"count a visit of no benefit", AVER_STAGE_ELIGIBILITY, "line:count_visit()", AVER_TRAP_RULE, "benefit"},

    /* A decided line stays decided. */
    {"deny after adjusting", AVER_STAGE_PAYOUT,
     "line:adjust('PR', '2', 1, 'benefits') line:deny('PR', '96', 'benefits')", AVER_TRAP_RULE,
     "cannot be denied"},
    {"deny twice", AVER_STAGE_COVERAGE, "line:deny('PR', '96', 'benefits') line:deny('CO', '97', 'benefits')",
     AVER_TRAP_RULE, "already"},
    {"allow after denying", AVER_STAGE_COVERAGE,
     "line:deny('PR', '96', 'benefits') line:allow(1, 'fee_schedule')", AVER_TRAP_RULE, "already"},
    {"adjust after pending", AVER_STAGE_PAYOUT,
     "line:pend('look at it', 'benefits') line:adjust('PR', '2', 1, 'benefits')", AVER_TRAP_RULE, "already"},
    {"move to a better network", AVER_STAGE_PAYOUT, "line:set_tier('in_network')", AVER_TRAP_RULE,
     "set already"},
    {"a network that is none", AVER_STAGE_COVERAGE, "line:set_tier('platinum')", AVER_TRAP_RULE,
     "no network"},
    {"a benefit that is none", AVER_STAGE_COVERAGE, "line:set_benefit(policy.plan)", AVER_TRAP_ARGUMENT,
     "benefits"},
    {"pay someone else", AVER_STAGE_PAYOUT, "claim:pay_to('mallory')", AVER_TRAP_ARGUMENT, "provider"},

    /* It cannot hang, exhaust memory, or reach outside. */
    {"loop for ever", AVER_STAGE_PAYOUT, "while true do end", AVER_TRAP_GAS, ""},
    {"recurse for ever", AVER_STAGE_PAYOUT, "local function f(n) return 1 + f(n + 1) end f(1)",
     AVER_TRAP_RANGE, ""},
    {"fill the memory", AVER_STAGE_PAYOUT, "local t = {} for i = 1, 1000000000 do t[i] = {i} end",
     AVER_TRAP_GAS, ""},
    {"give up", AVER_STAGE_PAYOUT, "fail('I will not')", AVER_TRAP_FAIL, "I will not"},
    {"an error of its own", AVER_STAGE_PAYOUT, "local x = nil + 1", AVER_TRAP_ERROR, ""},
};

/* What the dialect leaves out is never published. */
static void test_not_published(void **state)
{
    (void)state;
    static const char *const bodies[] = {"io.open('/etc/passwd')",
                                         "pcall(line.adjust, line, 'PR', '2', -1, 'benefits')", "x = 1",
                                         "local x = 1 / 2"};
    world_start(&w, aver_day_of(2026, 3, 1));
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const char *source = aver_arena_printf(
            &w.arena,
            "return { payout = function(claim, member)\n  local line = claim.lines[1]\n  %s\nend }\n",
            bodies[i]);
        struct aver_publication p = {AVER_ARTIFACT_CONTRACT, AVER_LIT("payout"), aver_bytes_str(source)};
        struct aver_applied out = world_send(&w, &w.proposer, AVER_TX_PUBLISH, &aver_publication_schema, &p);
        assert_int_equal(out.outcome, AVER_OUT_UNPUBLISHABLE);
        assert_non_null(strstr(out.words, "contract:3:"));
    }
    world_end(&w);
}

/* False, having said so, when the attack came to something else. */
static bool one(const struct attack *a)
{
    static const char *const entries[] = {NULL, "eligibility", "coverage", "payout"};
    static const char *const good[] = {NULL, good_eligibility, good_coverage, good_payout};
    const char *source[] = {NULL, good_eligibility, good_coverage, good_payout};
    char body[2048];
    snprintf(body, sizeof body,
             "return { %s = function(claim, member)\n  local line = claim.lines[1]\n  %s\nend }\n",
             entries[a->stage], a->body);
    source[a->stage] = body;
    assert_ptr_not_equal(source[a->stage], good[a->stage]);
    struct aver_applied out = decide(source[1], source[2], source[3]);
    const struct aver_decision *d = out.record.decision;
    if (out.outcome != AVER_OUT_TRAPPED || d->trap != a->trap || !strstr(out.words, a->words)) {
        print_message("%s: outcome %d, trap %d, \"%s\"\n", a->what, (int)out.outcome, (int)(d ? d->trap : 0),
                      out.words);
        world_end(&w);
        return false;
    }
    assert_int_equal(d->status, AVER_CLAIM_HELD);
    assert_int_equal(d->charge.cents, 20000);
    assert_int_equal(d->allowed.cents, 0);
    assert_int_equal(d->paid.cents, 0);
    assert_int_equal(d->patient_responsibility.cents, 0);
    const struct aver_line_decision *l = d->lines.items;
    for (size_t i = 0; i < d->lines.count; i++) {
        assert_int_equal(l[i].status, AVER_LINE_HELD);
        assert_int_equal(l[i].paid.cents, 0);
        assert_int_equal(l[i].adjustments.count, 0);
    }
    struct aver_why why = {0};
    assert_int_equal(aver_decision_check(d, &why), AVER_OK);
    /* No balance, no visit, nothing to remit. */
    assert_false(state_has("f/" WORLD_FAMILY "/y/"));
    assert_false(state_has("f/" WORLD_FAMILY "/v/"));
    assert_false(state_has("f/" WORLD_FAMILY "/u/"));
    assert_false(state_has("q/"));
    assert_true(state_has("c/"));
    world_end(&w);
    return true;
}

static void test_attacks(void **state)
{
    (void)state;
    size_t held = 0, count = sizeof attacks / sizeof attacks[0];
    for (size_t i = 0; i < count; i++) held += one(&attacks[i]);
    print_message("%zu of %zu attacks held\n", held, count);
    assert_int_equal(held, count);
}

/* The attacks fail for what they do, not for where they stand: without them the claim is paid. */
static void test_good_contracts_pay(void **state)
{
    (void)state;
    struct aver_applied out = decide(good_eligibility, good_coverage, good_payout);
    assert_int_equal(out.outcome, AVER_OUT_DECIDED);
    assert_int_equal(out.record.decision->status, AVER_CLAIM_PAYABLE);
    assert_int_equal(out.record.decision->paid.cents, 12000);
    assert_true(state_has("q/"));
    world_end(&w);
}

/* The boundary of each rule is allowed: the whole of what is left, the whole of a limit. */
static void test_boundaries(void **state)
{
    (void)state;
    struct aver_applied out =
        decide(good_eligibility, good_coverage,
               "return { payout = function(claim, member)\n"
               "  claim.lines[1]:adjust('PR', '1', 5000, " DEDUCTIBLE ", {consumes = {'deductible'}})\n"
               "  claim.lines[1]:adjust('PR', '2', 1000, 'benefits')\n"
               "  for i = 1, 63 do claim.lines[2]:adjust('PR', '2', 1, 'benefits') end\n"
               "end }\n");
    const struct aver_decision *d = out.record.decision;
    assert_int_equal(out.outcome, AVER_OUT_DECIDED);
    assert_int_equal(d->paid.cents, 6000 - 63);
    assert_int_equal(d->patient_responsibility.cents, 6063);
    assert_true(state_has("f/" WORLD_FAMILY "/y/kim/plan/2026"));
    world_end(&w);
}

/* A contract without its entry point cannot decide, whatever else it has. */
static void test_no_entry(void **state)
{
    (void)state;
    struct aver_applied out = decide(good_eligibility, good_coverage, "return { pay = function() end }\n");
    assert_int_equal(out.outcome, AVER_OUT_TRAPPED);
    assert_int_equal(out.record.decision->trap, AVER_TRAP_ENTRY);
    assert_int_equal(out.record.decision->paid.cents, 0);
    world_end(&w);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_contracts_pay), cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_not_published),      cmocka_unit_test(test_attacks),
        cmocka_unit_test(test_no_entry),
    };
    return cmocka_run_group_tests_name("hostile_contract", tests, NULL, NULL);
}
