/* tests/unit/test_policy.c - a policy file becomes the compiled form, and every way in which it can be wrong is found, named
 * and placed. Each bad file is the good one with one change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "adapters/policy_yaml.h"
#include "tests/unit/data.h"

static struct aver_arena arena;

static int clean(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

/* Line numbers matter: the tests name them. */
static const char base[] =
    "format: payer-policy/1\n" /* 1 */
    "payer: {id: P1, name: Payer, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
    "plan:\n"
    "  id: plan-1\n"
    "  name: Plan\n" /* 5 */
    "  effective: {start: 2026-01-01, end: 2026-12-31}\n"
    "  benefit_year: calendar\n"
    "  claim_filing_indicator: \"12\"\n"
    "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
    "networks:\n"
    "  in_network: {roster: providers}\n" /* 11 */
    "  out_of_network: {}\n"
    "deductible:\n"
    "  in_network: {individual: 500.00, family: 1000.00, family_rule: embedded}\n"
    "oop_max:\n"
    "  in_network: {individual: 4000, family: 8000}\n" /* 16 */
    "  out_of_network: {individual: 9000, family: 18000}\n"
    "cost_share: {order: [copay, deductible, coinsurance], rounding: half_up}\n"
    "fee_schedule:\n"
    "  in_network: {table: fees}\n"
    "  out_of_network: {table: fees, percent: 80 %}\n" /* 21 */
    "  lesser_of: per_line\n"
    "  missing: pend\n"
    "balance_billing: {in_network: CO, out_of_network: PR}\n"
    "benefits:\n"
    "  visit:\n"
    "    name: Visit\n" /* 27 */
    "    match: {procedures: [\"99202-99215\", \"G0402\"]}\n"
    "    limit: {visits: 20, per: benefit_year}\n"
    "    cost_share:\n"
    "      in_network: {copay: 15.00, deductible: true, coinsurance: 12.5 %}\n"
    "      out_of_network: {coinsurance: 40%, counts_to_oop: false}\n" /* 32 */
    "  imaging:\n"
    "    name: Imaging\n"
    "    match: {procedures: [\"70010-76499\"]}\n"
    "    cost_share: {in_network: {}, out_of_network: {copay: 5}}\n"
    "  none:\n" /* 37 */
    "    name: Not covered\n"
    "    match: {procedures: [\"10004-10005\"]}\n"
    "    covered: false\n"
    "prior_auth:\n"
    "  - {id: scans, procedures: [\"70551-70553\"], exempt_places: [\"23\"]}\n" /* 42 */
    "exclusions:\n"
    "  - {id: cosmetic, procedures: [\"15820-15823\"], group: PR, carc: \"96\", rarc: [N130]}\n"
    "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"
    "duplicates: {exact: deny, suspected: pend}\n"
    "span: pend\n";

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    if (aver_bytes_is(contract, "absent")) return AVER_E_NOT_FOUND;
    if (aver_bytes_is(contract, "broken")) return aver_fail(why, AVER_E_IO, "IO", "", "the disk is gone");
    *out = aver_sha256(contract);
    ++*(int *)ctx;
    return AVER_OK;
}

static aver_err compile(struct aver_buf *out, aver_bytes yaml, struct aver_list *findings,
                        struct aver_why *why)
{
    int calls = 0;
    return aver_policy_compile(out, "p.yaml", yaml, resolve, &calls, &arena, findings, why);
}

/* The good file with `from` once replaced. */
static aver_bytes changed(const char *from, const char *to)
{
    const char *p = strstr(base, from);
    if (!p) fail_msg("the base has no \"%s\"", from);
    return aver_bytes_str(aver_arena_printf(&arena, "%.*s%s%s", (int)(p - base), base, to, p + strlen(from)));
}

static const struct aver_policy_finding *has(const struct aver_list *l, const char *code, uint64_t line)
{
    const struct aver_policy_finding *f = l->items;
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(f[i].code, code) == 0 && f[i].line == line) return &f[i];
    return NULL;
}

static void print_findings(const struct aver_list *l)
{
    const struct aver_policy_finding *f = l->items;
    for (size_t i = 0; i < l->count; i++)
        print_message("%zu:%zu %s %.*s: %.*s\n", (size_t)f[i].line, (size_t)f[i].column, f[i].code,
                      AVER_STR(f[i].path), AVER_STR(f[i].text));
}

static const struct aver_policy_node *at(const struct aver_policy_loaded *p, const char *path)
{
    const struct aver_policy_node *n = aver_policy_at(&p->root, aver_bytes_str(path));
    if (!n) fail_msg("no %s", path);
    return n;
}

static void has_text(const struct aver_policy_loaded *p, const char *path, const char *want)
{
    struct aver_buf b = {0};
    aver_policy_text(&b, at(p, path));
    aver_buf_byte(&b, 0);
    assert_string_equal((const char *)b.ptr, want);
    aver_buf_free(&b);
}

static void test_compiles(void **state)
{
    (void)state;
    struct aver_buf out = {0}, again = {0};
    struct aver_list findings;
    struct aver_why why = {0};
    aver_buf_str(&out, "kept");
    if (compile(&out, aver_bytes_str(base), &findings, &why) != AVER_OK) {
        print_findings(&findings);
        fail();
    }
    assert_int_equal(findings.count, 0);
    assert_memory_equal(out.ptr, "kept", 4);
    aver_bytes bytes = aver_bytes_cut(aver_buf_view(&out), 4, out.len - 4);
    assert_int_equal(compile(&again, aver_bytes_str(base), &findings, &why), AVER_OK);
    assert_true(aver_bytes_eq(bytes, aver_buf_view(&again)));

    struct aver_policy_loaded p;
    if (aver_policy_load(&p, bytes, &arena, &why) != AVER_OK)
        fail_msg("%s %s %s", why.code, why.place, why.text);
    assert_true(aver_bytes_is(p.policy.plan_id, "plan-1"));
    assert_int_equal(p.policy.effective_from, aver_day_of(2026, 1, 1));
    assert_int_equal(p.policy.effective_to, aver_day_of(2026, 12, 31));
    aver_digest payout = aver_sha256(AVER_LIT("payout")), source = aver_sha256(aver_bytes_str(base)),
                all = aver_sha256(bytes);
    assert_true(aver_digest_eq(p.policy.payout, payout));
    assert_true(aver_digest_eq(p.policy.source, source));
    assert_true(aver_digest_eq(p.digest, all));

    assert_int_equal(at(&p, "benefits.visit.cost_share.in_network.copay")->number, 1500);
    assert_int_equal(at(&p, "benefits.visit.cost_share.in_network.copay")->line, 31);
    assert_int_equal(at(&p, "benefits.visit.cost_share.in_network.copay")->kind, AVER_POLICY_MONEY);
    assert_int_equal(at(&p, "benefits.visit.cost_share.in_network.coinsurance")->number, 1250);
    assert_int_equal(at(&p, "benefits.visit.cost_share.out_of_network.coinsurance")->number, 4000);
    assert_int_equal(at(&p, "benefits.visit")->line, 26);
    assert_int_equal(at(&p, "fee_schedule.out_of_network.percent")->number, 8000);
    assert_int_equal(at(&p, "prior_auth.0")->line, 42);
    assert_true(aver_bytes_is(at(&p, "prior_auth.0.procedures.0")->path, "prior_auth.0.procedures.0"));
    assert_ptr_equal(at(&p, "prior_auth.0")->parent, at(&p, "prior_auth"));
    assert_ptr_equal(at(&p, ""), &p.root);
    static const char *const absent[] = {
        "benefits.x",   "benefits.visit.", ".benefits", "prior_auth.1",
        "prior_auth.x", "prior_auth.00",   "format.x",  "prior_auth.18446744073709551616"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_null(aver_policy_at(&p.root, aver_bytes_str(absent[i])));
    assert_null(aver_policy_child(NULL, AVER_LIT("x")));

    has_text(&p, "benefits.visit.cost_share.in_network.copay", "$15.00");
    has_text(&p, "benefits.visit.cost_share.in_network.coinsurance", "12.5 %");
    has_text(&p, "plan.effective.end", "2026-12-31");
    has_text(&p, "benefits.none.covered", "false");
    has_text(&p, "benefits.visit.limit.visits", "20");
    has_text(&p, "prior_auth.0.procedures", "[70551-70553]");
    has_text(&p, "benefits.visit.limit", "{per: benefit_year, visits: 20}");
    struct aver_buf text = {0};
    aver_policy_text(&text, &p.root);
    assert_true(text.len <= 80);
    assert_memory_equal(text.ptr + text.len - 4, "...}", 4);
    aver_buf_free(&text);
    aver_buf_free(&out);
    aver_buf_free(&again);
}

static void test_the_example(void **state)
{
    (void)state;
    const char *path = "examples/summit-ppo-2026.yaml";
    FILE *f = fopen(path, "rb");
    if (!f) {
        if (getenv("CI")) fail_msg("%s is not there; run from the root of the repository", path);
        skip();
    }
    fclose(f);
    struct aver_buf out = {0};
    struct aver_list findings;
    struct aver_why why = {0};
    aver_err err = compile(&out, data_file(&arena, path), &findings, &why);
    if (err != AVER_OK) print_findings(&findings);
    assert_int_equal(err, AVER_OK);
    struct aver_policy_loaded p;
    assert_int_equal(aver_policy_load(&p, aver_buf_view(&out), &arena, &why), AVER_OK);
    has_text(&p, "benefits.therapy.cost_share.in_network.copay", "$15.00");
    aver_buf_free(&out);
}

/* One change, and the finding it must lead to. NULL place: a warning, and the policy compiles. */
static void test_findings(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *code, *place, *text;
        uint64_t line;
    } cases[] = {
        /* keys */
        {"  lesser_of: per", "  leser_of: per", "POLICY-KEY", "p.yaml:22:3", "did you mean lesser_of", 22},
        {"rounding:", "roundng:", "POLICY-KEY", "p.yaml:18:55", "did you mean rounding", 18},
        {"rounding:", "colour:", "POLICY-KEY", "p.yaml:18:55", "remove it", 18},
        {"  benefit_year: calendar\n", "", "POLICY-KEY", "p.yaml:3:1", "benefit_year is missing", 3},
        {"  visit:\n", "  path:\n", "POLICY-KEY", "p.yaml:26:3", "no name", 26},
        {"  visit:\n", "  Visit:\n", "POLICY-KEY", "p.yaml:26:3", "no name", 26},
        {"out_of_network: {individual: 9000", "out_of_netwrk: {individual: 9000", "POLICY-TIER",
         "p.yaml:17:3", "did you mean out_of_network", 17},
        {"span: pend\n", "", "POLICY-KEY", "p.yaml:1:1", "span is missing", 1},
        {"  missing: pend\n", "", "POLICY-KEY", "p.yaml:19:1", "missing is missing", 19},
        {"  missing: pend\n", "  missing: deny\n", "POLICY-VALUE", "p.yaml:23:12", "the word pend", 23},
        /* values */
        {"payer-policy/1", "payer-policy/2", "POLICY-VALUE", "p.yaml:1:9", "is not the word payer-policy/1",
         1},
        {"500.00", "500.001", "POLICY-VALUE", "p.yaml:14:28", "two decimals", 14},
        {"500.00", "1e3", "POLICY-VALUE", "p.yaml:14:28", "two decimals", 14},
        {"500.00", "-1", "POLICY-VALUE", "p.yaml:14:28", "two decimals", 14},
        {"500.00", "$500", "POLICY-VALUE", "p.yaml:14:28", "two decimals", 14},
        {"12.5 %", "12.5", "POLICY-VALUE", "p.yaml:31:65", "percentage", 31},
        {"12.5 %", "100.01 %", "POLICY-VALUE", "p.yaml:31:65", "percentage", 31},
        {"12.5 %", "0x10 %", "POLICY-VALUE", "p.yaml:31:65", "percentage", 31},
        {"percent: 80 %", "percent: 0 %", "POLICY-VALUE", "p.yaml:21:42", "above 0", 21},
        {"deductible: true", "deductible: yes", "POLICY-VALUE", "p.yaml:31:46", "true or false", 31},
        {"2026-12-31", "2026-02-30", "POLICY-VALUE", "p.yaml:6:39", "a date", 6},
        {"2026-12-31", "20261231", "POLICY-VALUE", "p.yaml:6:39", "a date", 6},
        {"embedded", "embeded", "POLICY-VALUE", "p.yaml:14:66", "did you mean embedded", 14},
        {"visits: 20", "visits: 0x14", "POLICY-VALUE", "p.yaml:29:21", "whole number", 29},
        {"visits: 20", "visits: 010", "POLICY-VALUE", "p.yaml:29:21", "whole number", 29},
        {"visits: 20", "visits: 0", "POLICY-VALUE", "p.yaml:29:21", "from 1", 29},
        {"\"70551-70553\"", "", "POLICY-VALUE", "p.yaml:42:29", "at least 1", 42},
        {"[\"70551-70553\"]", "70551", "POLICY-VALUE", "p.yaml:42:29", "is not a list", 42},
        {"  id: plan-1", "  id:", "POLICY-VALUE", "p.yaml:4:6", "empty", 4},
        {"  name: Plan", "  name: [Plan]", "POLICY-VALUE", "p.yaml:5:9", "a list stands where", 5},
        {"{roster: providers}", "{roster: ../providers}", "POLICY-VALUE", "p.yaml:11:24", "a name of", 11},
        {"{table: fees}", "{table: Fees}", "POLICY-VALUE", "p.yaml:20:23", "a name of", 20},
        {"state: CO", "state: Colorado", "POLICY-VALUE", "p.yaml:2:68", "code of two", 2},
        /* what no table can say */
        {"2026-12-31", "2025-12-31", "POLICY-DATES", "p.yaml:6:39", "before it begins", 6},
        {"  out_of_network: {}\n", "", "POLICY-NETWORK", "p.yaml:10:1", "must be out_of_network", 10},
        {"  in_network: {roster: providers}\n  out_of_network: {}\n",
         "  out_of_network: {}\n  in_network: {roster: providers}\n", "POLICY-NETWORK", "p.yaml:11:3",
         "move it down", 11},
        {"{roster: providers}", "{}", "POLICY-NETWORK", "p.yaml:11:3", "needs a roster", 11},
        {"  out_of_network: {}\n", "  out_of_network: {roster: x}\n", "POLICY-NETWORK", "p.yaml:12:3",
         "no roster", 12},
        {"  out_of_network: {table: fees, percent: 80 %}\n", "", "POLICY-TIER", "p.yaml:19:1", "add it", 19},
        {", out_of_network: PR}", "}", "POLICY-TIER", "p.yaml:24:1", "add it", 24},
        {"  out_of_network: {individual: 9000, family: 18000}\n", "", "POLICY-OOP", NULL, "caps", 15},
        {"eligibility: eligibility", "eligibility: absent", "POLICY-CONTRACT", "p.yaml:9:26",
         "deploy it first", 9},
        {"\"99202-99215\"", "\"99215-99202\"", "POLICY-RANGE", "p.yaml:28:26", "swap them", 28},
        {"\"99202-99215\"", "\"99202-G0215\"", "POLICY-RANGE", "p.yaml:28:26", "two shapes", 28},
        {"\"99202-99215\"", "\"99202-992\"", "POLICY-RANGE", "p.yaml:28:26", "two shapes", 28},
        {"\"99202-99215\"", "\"99202 - 99215\"", "POLICY-VALUE", "p.yaml:28:26", "range of codes", 28},
        {"\"70010-76499\"", "\"70010-76499\", \"99215-99300\"", "POLICY-OVERLAP", "p.yaml:35:41",
         "visit on line 28", 35},
        {"\"10004-10005\"", "\"75000\"", "POLICY-OVERLAP", "p.yaml:39:26", "imaging on line 35", 39},
        {"\"G0402\"", "\"G0402\", \"99203\"", "POLICY-OVERLAP", NULL, "same benefit", 28},
        {"      out_of_network: {coinsurance: 40%, counts_to_oop: false}\n", "", "POLICY-COST-SHARE",
         "p.yaml:30:5", "no cost share for the tier out_of_network", 30},
        {"    covered: false\n", "", "POLICY-COST-SHARE", "p.yaml:37:3", "no cost share", 37},
        {"    covered: false\n", "    covered: false\n    limit: {visits: 1, per: lifetime}\n",
         "POLICY-COST-SHARE", NULL, "no effect", 41},
        {"{copay: 5}", "{copay_per: day}", "POLICY-COST-SHARE", NULL, "without a copay", 36},
        {"{copay: 5}", "{deductible: true}", "POLICY-DEDUCTIBLE", "p.yaml:36:63",
         "add deductible.out_of_network", 36},
        {"order: [copay, deductible, coinsurance], ", "", "POLICY-ORDER", "p.yaml:31:7",
         "add cost_share.order", 31},
        {"[copay, deductible, coinsurance]", "[copay, deductible]", "POLICY-ORDER", "p.yaml:18:14",
         "coinsurance stands 0", 18},
        {"[copay, deductible, coinsurance]", "[copay, copay, deductible, coinsurance]", "POLICY-ORDER",
         "p.yaml:18:14", "copay stands 2", 18},
        {"visits: 20, ", "", "POLICY-KEY", "p.yaml:29:5", "visits", 29},
        {"visits: 20, ", "visits: 20, dollars: 50, ", "POLICY-KEY", "p.yaml:29:25", "dollars", 29},
        {"individual: 500.00", "individual: 1000.01", "POLICY-FAMILY", "p.yaml:14:28",
         "$1000.01 is above family $1000.00", 14},
        {"family: 1000.00, ", "", "POLICY-FAMILY", NULL, "no effect", 14},
        {"family: 1000.00, family_rule: embedded", "family_rule: aggregate", "POLICY-FAMILY", "p.yaml:14:49",
         "add family", 14},
        {"family_rule: embedded", "counts_to: [out_of_netwrok]", "POLICY-NAME", "p.yaml:14:65",
         "no tier out_of_netwrok", 14},
        {"family_rule: embedded", "counts_to: [in_network]", "POLICY-NAME", "p.yaml:14:65", "the tier itself",
         14},
        {"benefit_year: calendar", "benefit_year: calendar\n  benefit_year_begins: 2026-07-01", "POLICY-YEAR",
         "p.yaml:8:24", "write benefit_year: plan", 8},
        {"benefit_year: calendar", "benefit_year: plan\n  benefit_year_begins: 2024-02-29", "POLICY-YEAR",
         "p.yaml:8:24", "February 29th", 8},
        {"exclusions:\n",
         "frequency: [{id: a, procedures: [\"99202\"], limit: 1, per: rolling}]\nexclusions:\n",
         "POLICY-WINDOW", "p.yaml:43:13", "add window and unit", 43},
        {"exclusions:\n",
         "frequency: [{id: a, procedures: [\"99202\"], limit: 1, per: lifetime, window: 1}]\nexclusions:\n",
         "POLICY-WINDOW", "p.yaml:43:77", "only a limit that rolls", 43},
        {"exclusions:\n", "maxima: [{id: a, individual: 0.00, per: lifetime}]\nexclusions:\n",
         "POLICY-MAXIMUM", "p.yaml:43:30", "nothing is paid", 43},
        {"exclusions:\n", "maxima: [{id: a, individual: 2.00, family: 1.00, per: lifetime}]\nexclusions:\n",
         "POLICY-FAMILY", "p.yaml:43:30", "above family", 43},
        {"exclusions:\n",
         "maxima: [{id: a, individual: 2.00, per: lifetime}, {id: a, individual: 1.00, per: lifetime}]\nexclusions:\n",
         "POLICY-ID", "p.yaml:43:57", "already", 43},
        {"exclusions:\n",
         "maxima: [{id: a, individual: 2.00, per: lifetime, benefits: [nothing]}]\nexclusions:\n",
         "POLICY-NAME", "p.yaml:43:62", "no benefit nothing", 43},
        {"exclusions:\n",
         "maxima: [{id: a, individual: 2.00, per: lifetime, tiers: [in_network, in_network]}]\nexclusions:\n",
         "POLICY-NAME", "p.yaml:43:71", "twice", 43},
        {"exclusions:\n",
         "exclusions:\n  - {id: cosmetic, procedures: [\"D0120\"], group: PR, carc: \"204\"}\n", "POLICY-ID",
         "p.yaml:45:10", "already", 45},
        {", rarc: [N130]", "", "POLICY-REMARK", NULL, "add rarc", 44},
        {"\"70551-70553\"", "\"80047\"", "POLICY-UNREACHABLE", NULL, "in no benefit", 42},
        {"\"70551-70553\"", "\"10004\"", "POLICY-UNREACHABLE", NULL, "in no benefit", 42},
        {"\"15820-15823\"", "\"70010-76499\"", "POLICY-UNREACHABLE", NULL, "comes first", 35},
        {"\"15820-15823\"", "\"70000-77000\"", "POLICY-UNREACHABLE", NULL, "comes first", 42},
        {"\"15820-15823\"", "\"15820-15823\", \"15821\"", "POLICY-UNREACHABLE", NULL, "already", 44},
        /* prices */
        {"{table: fees}", "{table: fees, percent_of_charge: 60 %}", "POLICY-PRICE", "p.yaml:20:48",
         "keep one of them", 20},
        {"{table: fees}", "{}", "POLICY-PRICE", "p.yaml:20:3", "name its table", 20},
        {"table: fees, percent: 80 %", "percent: 80 %, percent_of_charge: 60 %", "POLICY-PRICE",
         "p.yaml:21:29", "write percent_of_charge alone", 21},
        {"span: pend\n",
         "span: pend\nmodifier_prices: [{modifier: \"52\", percent: 50 %}, {modifier: \"52\", percent: 40 %}]\n",
         "POLICY-ID", "p.yaml:48:63", "on line 48 already", 48},
        {"span: pend\n",
         "span: pend\nmultiple_procedures: [{id: s, procedures: [\"99202\", \"80047\"], percents: [100 %, 50 %]}]\n",
         "POLICY-UNREACHABLE", NULL, "never reduced", 48},
        {"span: pend\n",
         "span: pend\nmultiple_procedures: [{id: s, procedures: [\"99202\"], percents: [100 %]}]\n",
         "POLICY-UNREACHABLE", NULL, "takes nothing off", 48},
        {"span: pend\n",
         "span: pend\nmultiple_procedures: [{id: s, procedures: [\"99202\"], percents: [0 %]}]\n",
         "POLICY-VALUE", "p.yaml:48:65", "above 0", 48},
        {"span: pend\n",
         "span: pend\nmultiple_procedures:\n  - {id: s, procedures: [\"99202-99204\"], percents: [50 %]}\n"
         "  - {id: t, procedures: [\"99204\"], percents: [50 %]}\n",
         "POLICY-OVERLAP", "p.yaml:50:26", "a procedure belongs to one rule", 50},
        {"span: pend\n", "span: pend\nprotected: [{id: er, places: [\"23\"], tier: out_of_network}]\n",
         "POLICY-TIER", "p.yaml:48:44", "no tier that protects", 48},
        {"span: pend\n", "span: pend\nprotected: [{id: er, tier: in_network}]\n", "POLICY-KEY",
         "p.yaml:48:13", "add places, procedures or revenue_codes", 48},
        /* edits */
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"99202\"]}]\n", "POLICY-KEY",
         "p.yaml:48:9", "asks nothing", 48},
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"99202\"], age: {}}]\n", "POLICY-KEY",
         "p.yaml:48:40", "add one", 48},
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"99202\"], age: {from: 18, to: 17}}]\n",
         "POLICY-VALUE", "p.yaml:48:52", "swap from and to", 48},
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"99202\"], sex: X}]\n", "POLICY-VALUE",
         "p.yaml:48:45", "F or M", 48},
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"80047\"], sex: F}]\n",
         "POLICY-UNREACHABLE", NULL, "denied anyway", 48},
        {"{copay: 5}", "{copay: 5, copay_per: line, copay_rest: drop}", "POLICY-COST-SHARE", NULL,
         "without a copay for a visit or a day", 36},
        {"    covered: false\n", "    covered: false\n    waiting_period: {limit: 1, unit: days}\n",
         "POLICY-COST-SHARE", NULL, "no effect", 41},
        {"span: pend\n", "span: pend\nncci: {units: {table: mue, above: deny}}\n", "POLICY-KEY",
         "p.yaml:48:8", "zero is missing", 48},
        {"span: pend\n", "span: pend\nncci: {pairs: {table: ptp, earlier_column_2: pend}}\n", "POLICY-KEY",
         "p.yaml:48:8", "modifiers is missing", 48},
        /* codes */
        {"carc: \"96\"", "carc: \"999\"", "POLICY-CODE", NULL, "no reason code in use", 44},
        {"carc: \"96\"", "carc: \"17\"", "POLICY-CODE", NULL, "no reason code in use", 44},
        {"carc: \"96\"", "carc: \"096\"", "POLICY-CODE", NULL, "no reason code in use", 44},
        {"carc: \"96\"", "carc: \"1\"", "POLICY-CODE", "p.yaml:44:66", "member's share", 44},
        {"carc: \"96\"", "carc: \"45\"", "POLICY-CODE", "p.yaml:44:66", "never all of it", 44},
        {"carc: \"96\"", "carc: \"18\"", "POLICY-CODE", NULL, "group OA", 44},
        {"N130", "X130", "POLICY-CODE", "p.yaml:44:79", "begin with M, MA or N", 44},
        {"N130", "MA", "POLICY-CODE", "p.yaml:44:79", "begin with M, MA or N", 44},
        {"span: pend\n", "span: pend\nprotected: [{id: er, places: [\"48\"], tier: in_network}]\n",
         "POLICY-CODE", NULL, "no place of service", 48},
        {"span: pend\n", "span: pend\nedits: [{id: e, procedures: [\"99202\"], places: [\"1A\"]}]\n",
         "POLICY-CODE", NULL, "no place of service", 48},
        /* sections that do not agree */
        {"individual: 500.00, family: 1000.00", "individual: 500.00, family: 8000.01", "POLICY-OOP", NULL,
         "above the out-of-pocket maximum $8000.00 on line 16", 14},
        {"span: pend\n", "span: pend\nbarred_providers: [{id: a, table: x}, {id: b, table: x}]\n",
         "POLICY-UNREACHABLE", NULL, "on line 48 already", 48},
        {"span: pend\n",
         "span: pend\nmultiple_procedures: [{id: s, procedures: [\"99202\"], percents: [50 %, 100 %]}]\n",
         "POLICY-PRICE", NULL, "from the greatest down", 48},
        {"[\"70551-70553\"]", "[\"70551-70553\", \"70552\"]", "POLICY-UNREACHABLE", NULL,
         "covered by 70551-70553 on line 42 already", 42},
        /* what explanations tell */
        {"span: pend\n", "span: pend\ncitations: [{of: deductibel, source: x}]\n", "POLICY-CITATION",
         "p.yaml:48:18", "nothing at deductibel", 48},
        {"span: pend\n", "span: pend\ncitations: [{of: payer, source: x}, {of: payer, source: y}]\n",
         "POLICY-CITATION", "p.yaml:48:42", "on line 48 already", 48},
        {"span: pend\n", "span: pend\nappeals: {within: 180, unit: days}\n", "POLICY-KEY", "p.yaml:48:1",
         "the key how is missing", 48},
        /* no YAML */
        {"plan-1", "*x", "YAML-ALIAS", "p.yaml:4:7", "aliases", 4},
        {"  name: Plan\n", "  id: plan-2\n", "YAML-DUPLICATE", "p.yaml:5:3", "line 4", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_buf out = {0};
        struct aver_list findings;
        struct aver_why why = {0};
        aver_err err = compile(&out, changed(cases[i].from, cases[i].to), &findings, &why);
        const struct aver_policy_finding *f = has(&findings, cases[i].code, cases[i].line);
        char column[32] = "";
        if (f) snprintf(column, sizeof column, "p.yaml:%zu:%zu", (size_t)f->line, (size_t)f->column);
        bool ok = f && strstr((const char *)f->text.ptr, cases[i].text) &&
                  (cases[i].place ? err == AVER_E_INPUT && f->severity == AVER_ERROR && out.len == 0 &&
                                        strcmp(column, cases[i].place) == 0
                                  : err == AVER_OK && f->severity == AVER_WARNING && out.len > 0);
        if (!ok) {
            print_findings(&findings);
            fail_msg("\"%s\" -> \"%s\" should give %s at %s with \"%s\"", cases[i].from, cases[i].to,
                     cases[i].code, cases[i].place ? cases[i].place : "a warning", cases[i].text);
        }
        struct aver_list checked;
        aver_err check = aver_policy_compile(NULL, "p.yaml", changed(cases[i].from, cases[i].to), NULL, NULL,
                                             &arena, &checked, NULL);
        assert_int_equal(check, strcmp(cases[i].code, "POLICY-CONTRACT") == 0 ? AVER_OK : err);
        aver_buf_free(&out);
        aver_arena_reset(&arena);
    }
}

static void test_all_findings_of_a_file(void **state)
{
    (void)state;
    aver_bytes yaml = AVER_LIT("format: x\nplan: {id: a b, colour: red}\nnetworks: [1]\nbenefits: {}\n");
    struct aver_buf out = {0};
    struct aver_list findings;
    struct aver_why why = {0};
    assert_int_equal(compile(&out, yaml, &findings, &why), AVER_E_INPUT);
    const struct aver_policy_finding *f = findings.items;
    for (size_t i = 1; i < findings.count; i++) assert_true(f[i - 1].line <= f[i].line);
    assert_non_null(has(&findings, "POLICY-VALUE", 1));
    assert_non_null(has(&findings, "POLICY-KEY", 2));
    assert_non_null(has(&findings, "POLICY-VALUE", 2));
    assert_non_null(has(&findings, "POLICY-VALUE", 3));
    assert_non_null(has(&findings, "POLICY-VALUE", 4));
    assert_true(findings.count >= 12);
    assert_string_equal(why.place, "p.yaml:1:1");
    assert_int_equal(compile(&out, AVER_LIT("[]"), &findings, &why), AVER_E_INPUT);
    assert_int_equal(findings.count, 1);

    struct aver_buf many = {0};
    aver_buf_str(&many, base);
    for (size_t i = 0; i < 2000; i++) aver_buf_printf(&many, "x%zu: 1\n", i);
    assert_int_equal(compile(&out, aver_buf_view(&many), &findings, &why), AVER_E_INPUT);
    f = findings.items;
    assert_int_equal(findings.count, AVER_POLICY_FINDINGS_MAX + 1);
    assert_string_equal(f[AVER_POLICY_FINDINGS_MAX].code, "POLICY-MORE");
    aver_buf_free(&many);
    aver_buf_free(&out);
}

static void test_resolver_errors_end_it(void **state)
{
    (void)state;
    struct aver_buf out = {0};
    struct aver_list findings;
    struct aver_why why = {0};
    assert_int_equal(compile(&out, changed("coverage: coverage", "coverage: broken"), &findings, &why),
                     AVER_E_IO);
    assert_string_equal(why.code, "IO");
    assert_int_equal(out.len, 0);
}

/* 1,800 benefits of four ranges each: as large as a file gets, and not quadratic. */
static void test_large(void **state)
{
    (void)state;
    struct aver_buf b = {0}, out = {0};
    const char *from = strstr(base, "benefits:\n"), *to = strstr(base, "prior_auth:\n");
    aver_buf_put(&b, base, (size_t)(from - base));
    aver_buf_str(&b, "benefits:\n");
    for (unsigned i = 0; i < 1800; i++) {
        aver_buf_printf(&b, "  b%u: {name: B, match: {procedures: [", i);
        for (unsigned k = 0; k < 4; k++)
            aver_buf_printf(&b, "%05u-%05u%s", i * 40 + k * 10, i * 40 + k * 10 + 4, k < 3 ? "," : "");
        aver_buf_str(&b, "]}, cost_share: {in_network: {}, out_of_network: {}}}\n");
    }
    aver_buf_str(&b, to);
    struct aver_list findings;
    struct aver_why why = {0};
    aver_err err = compile(&out, aver_buf_view(&b), &findings, &why);
    if (err != AVER_E_INPUT || strcmp(why.code, "POLICY-SIZE") != 0)
        fail_msg("%s %s %s", why.code, why.place, why.text);
    assert_int_equal(out.len, 0);
    aver_buf_free(&b);
    aver_buf_free(&out);
}

static void test_ranges(void **state)
{
    (void)state;
    struct aver_policy_range r;
    assert_true(aver_policy_range(&r, AVER_LIT("70010-76499")));
    assert_true(aver_policy_range_has(&r, AVER_LIT("70010")));
    assert_true(aver_policy_range_has(&r, AVER_LIT("76499")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("76500")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("70009")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("7010F")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("7001")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("")));
    assert_false(aver_policy_range_has(&r, AVER_BYTES_NONE));
    assert_true(aver_policy_range(&r, AVER_LIT("0001T-0999T")));
    assert_true(aver_policy_range_has(&r, AVER_LIT("0042T")));
    assert_false(aver_policy_range_has(&r, AVER_LIT("00420")));
    assert_true(aver_policy_range(&r, AVER_LIT("G0402")));
    assert_true(aver_policy_range_has(&r, AVER_LIT("G0402")));
    static const char *const bad[] = {"",   "-",     "1-",   "-1",           "2-1", "1-2-3",
                                      "a1", "A1-1A", "1-22", "123456789012", "1 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(aver_policy_range(&r, aver_bytes_str(bad[i])));
}

/* A node may be of no other form than aver_policy_encode gives it. */
static void test_load_refuses(void **state)
{
    (void)state;
    const struct {
        aver_bytes tree;
        const char *code;
    } cases[] = {
        {AVER_LIT("\x83\x01\x01\xa0"), NULL},
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x03\x61x"),
         NULL},
        {AVER_LIT("\x83\x01\x02\x80"), "POLICY-TREE"},                    /* the root is a list */
        {AVER_LIT("\x82\x01\x01"), "POLICY-TREE"},                        /* two items */
        {AVER_LIT("\x83\x01\x09\xa0"), "POLICY-TREE"},                    /* kind 9 */
        {AVER_LIT("\x83\x01\x01\x80"), "CBOR-TYPE"},                      /* a map that is an array */
        {AVER_LIT("\x83\x01\x01\xa1\x01\x83\x01\x03\x61x"), "CBOR-TYPE"}, /* a key that is a number */
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "A\x83\x01\x03\x61x"),
         "POLICY-TREE"}, /* a key of another alphabet */
        {AVER_LIT("\x83\x01\x01\xa1\x64path\x83\x01\x03\x61x"), "POLICY-TREE"},
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x03\x60"),
         "POLICY-TREE"}, /* empty text */
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x06\x20"),
         "POLICY-TREE"}, /* money below zero */
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x07\x1a\x00\x01\x86\xa1"),
         "POLICY-TREE"}, /* a rate of 100,001 */
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x08\x1a\x7f\xff\xff\xff"),
         "POLICY-TREE"}, /* no date */
        {AVER_LIT("\x83\x01\x01\xa1\x61"
                  "a\x83\x01\x05\x01"),
         "CBOR-TYPE"},                                 /* a bool that is 1 */
        {AVER_LIT("\x83\x00\x01\xa0"), "POLICY-TREE"}, /* no line */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_buf b = {0};
        struct aver_policy p = {
            .format = AVER_LIT(AVER_POLICY_FORMAT), .plan_id = AVER_LIT("p"), .tree = cases[i].tree};
        aver_schema_encode(&b, &aver_policy_schema, &p);
        struct aver_policy_loaded loaded;
        struct aver_why why = {0};
        aver_err err = aver_policy_load(&loaded, aver_buf_view(&b), &arena, &why);
        if (cases[i].code ? err != AVER_E_INPUT || strcmp(why.code, cases[i].code) != 0 : err != AVER_OK)
            fail_msg("tree %zu: %s %s %s", i, aver_err_name(err), why.code, why.text);
        aver_buf_free(&b);
    }
}

/* Every single byte of a compiled policy changed: it loads or is refused, and what loads encodes to the same bytes. */
static void test_load_survives_changes(void **state)
{
    (void)state;
    struct aver_buf out = {0};
    struct aver_list findings;
    assert_int_equal(compile(&out, aver_bytes_str(base), &findings, NULL), AVER_OK);
    for (size_t i = 0; i < out.len; i++) {
        static const uint8_t flips[] = {0x01, 0x20, 0x80, 0xff};
        for (size_t k = 0; k < 4; k++) {
            out.ptr[i] ^= flips[k];
            struct aver_policy_loaded p;
            if (aver_policy_load(&p, aver_buf_view(&out), &arena, NULL) == AVER_OK) {
                struct aver_buf tree = {0};
                aver_policy_encode(&tree, &p.root);
                assert_true(aver_bytes_eq(aver_buf_view(&tree), p.policy.tree));
                aver_buf_free(&tree);
            }
            out.ptr[i] ^= flips[k];
        }
        aver_arena_reset(&arena);
    }
    aver_buf_free(&out);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_compiles, clean),
        cmocka_unit_test_teardown(test_the_example, clean),
        cmocka_unit_test_teardown(test_findings, clean),
        cmocka_unit_test_teardown(test_all_findings_of_a_file, clean),
        cmocka_unit_test_teardown(test_resolver_errors_end_it, clean),
        cmocka_unit_test_teardown(test_large, clean),
        cmocka_unit_test_teardown(test_ranges, clean),
        cmocka_unit_test_teardown(test_load_refuses, clean),
        cmocka_unit_test_teardown(test_load_survives_changes, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
