/* tests/unit/test_policy_rows.c - a policy beside its tables and the other versions of its plan: each way in which they do not
 * agree is found, at the policy's line, with what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "adapters/csv_tables.h"
#include "adapters/policy_rows.h"

static struct aver_arena arena;

static int clean(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static const char yaml[] =
    "format: payer-policy/1\n" /* 1 */
    "payer: {id: P1, name: Payer, address: 1 Road, city: Denver, state: CO, postal_code: \"80202\", phone: \"8005550199\"}\n"
    "plan: {id: plan-1, name: Plan, benefit_year: calendar, claim_filing_indicator: \"12\",\n"
    "  effective: {start: 2026-01-01,\n"
    "    end: 2026-12-31}}\n" /* 5 */
    "contracts: {eligibility: eligibility, coverage: coverage, payout: payout}\n"
    "networks:\n"
    "  in_network: {roster: providers}\n" /* 8 */
    "  out_of_network: {}\n"
    "oop_max:\n"
    "  in_network: {individual: 4000, family: 8000}\n"
    "  out_of_network: {individual: 9000, family: 18000}\n"
    "cost_share: {order: [copay, deductible, coinsurance]}\n"
    "fee_schedule:\n"
    "  in_network: {table: fees}\n" /* 15 */
    "  out_of_network: {table: fees, percent: 80 %}\n"
    "  lesser_of: per_line\n"
    "  missing: pend\n"
    "balance_billing: {in_network: CO, out_of_network: PR}\n"
    "code_sets: {procedures: codes}\n" /* 20 */
    "benefits:\n"
    "  visit:\n"
    "    name: Visit\n"
    "    match: {procedures: [\"99202-99215\", \"G0402\"]}\n" /* 24 */
    "    cost_share: {in_network: {copay: 15.00}, out_of_network: {}}\n"
    "  none:\n"
    "    name: Not covered\n"
    "    match: {procedures: [\"10004-10005\"]}\n"
    "    covered: false\n"
    "exclusions:\n" /* 30 */
    "  - {id: cosmetic, procedures: [\"15820-15823\"], group: PR, carc: \"96\", rarc: [N130]}\n"
    "timely_filing: {limit: 365, unit: days, counted_from: service_from}\n"
    "duplicates: {exact: deny, suspected: pend}\n"
    "span: pend\n";

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    (void)ctx, (void)contract, (void)why;
    *out = (aver_digest){{0}};
    return AVER_OK;
}

static void load(struct aver_policy_loaded *out)
{
    struct aver_buf bytes = {0};
    struct aver_list findings;
    assert_int_equal(
        aver_policy_compile(&bytes, "p.yaml", aver_bytes_str(yaml), resolve, NULL, &arena, &findings, NULL),
        AVER_OK);
    assert_int_equal(findings.count, 0);
    assert_int_equal(aver_policy_load(out, aver_arena_copy(&arena, aver_buf_view(&bytes)), &arena, NULL),
                     AVER_OK);
    aver_buf_free(&bytes);
}

static const struct aver_table *table(enum aver_table_kind kind, const char *name, const char *csv)
{
    struct aver_list findings;
    struct aver_table *t = AVER_NEW(&arena, struct aver_table);
    struct aver_why why = {0};
    if (!csv) return NULL;
    if (aver_table_from_csv(t, aver_bytes_str(name), kind, name, aver_bytes_str(csv), &arena, &findings,
                            &why) != AVER_OK)
        fail_msg("%s: %s", name, why.text);
    return t;
}

static void print_findings(const struct aver_list *findings)
{
    const struct aver_policy_finding *f = findings->items;
    for (size_t i = 0; i < findings->count; i++)
        print_error("%zu %s %.*s\n", (size_t)f[i].line, f[i].code, AVER_STR(f[i].text));
}

/* Exactly this one; code NULL: none. */
static void expect(const struct aver_list *findings, uint64_t line, const char *code, const char *text,
                   enum aver_severity severity, const char *what)
{
    const struct aver_policy_finding *f = findings->items;
    bool ok = code ? findings->count == 1 && f->line == line && !strcmp(f->code, code) &&
                         strstr((const char *)f->text.ptr, text) && f->severity == severity
                   : findings->count == 0;
    if (ok) return;
    print_findings(findings);
    fail_msg("%s should give %s on line %zu with \"%s\"", what, code ? code : "nothing", (size_t)line,
             text ? text : "");
}

#define FEES   "code,price,from,to\n99213,92.00,2026-01-01,\nG0402,10,2025-01-01,\n"
#define ROSTER "npi,tier,from\n1234567893,in_network,2026-01-01\n"
#define CODES  "code,from\n99213,2026-01-01\nG0402,2026-01-01\n"

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *fees, *roster, *codes; /* NULL: not there; "": as above */
        uint64_t line;
        const char *code, *text;
        enum aver_severity severity;
    } cases[] = {
        {"", "", "", 0, NULL, NULL, AVER_WARNING},
        {NULL, "", "", 15, "POLICY-TABLE", "no table \"fees\" is published", AVER_WARNING},
        {"", NULL, "", 8, "POLICY-TABLE", "no table \"providers\"", AVER_WARNING},
        /* rows that do not chain */
        {"code,price,from,to\n99213,92.00,2026-01-01,2026-03-31\n99213,95.00,2026-05-01,\nG0402,10,2025-01-01,\n",
         "", "", 15, "POLICY-GAP", "nothing for 99213 from 2026-04-01 to 2026-04-30: such a line waits",
         AVER_WARNING},
        {"code,price,from,to\n99213,92.00,2026-01-01,2026-03-31\n99213,95.00,2026-04-01,\nG0402,10,2025-01-01,\n",
         "", "", 0, NULL, NULL, AVER_WARNING},
        {"code,price,from,to\n99213,92.00,2026-01-01,2026-12-30\nG0402,10,2025-01-01,2026-06-30\n", "", "",
         15, "POLICY-GAP", "nothing for 99213 from 2026-12-31 to 2026-12-31, and 1 code more", AVER_WARNING},
        {"code,price,from,to\n99213,92.00,2026-01-01,2026-12-31\nG0402,10,2025-01-01,\n", "", "", 0, NULL,
         NULL, AVER_WARNING},
        {"code,price,from,to,modifier\n99213,92.00,2026-01-01,,\n99213,46.00,2026-01-01,2026-06-30,26\nG0402,10,2025-01-01,,\n",
         "", "", 15, "POLICY-GAP", "nothing for 99213 from 2026-07-01", AVER_WARNING},
        {"code,price,from,to\n99213,92.00,2027-01-01,\nG0402,10,2027-01-01,\n", "", "", 15, "POLICY-GAP",
         "no row for any day from 2026-01-01 to 2026-12-31", AVER_WARNING},
        {"", "npi,tier,from,to\n1234567893,in_network,2026-01-01,2026-06-30\n", "", 8, "POLICY-GAP",
         "the provider is out of network then", AVER_WARNING},
        /* codes that do not meet */
        {"code,price,from\n10004,92.00,2026-01-01\n", "", "", 24, "POLICY-GAP",
         "table fees (line 15) has no code of the benefit visit", AVER_WARNING},
        {FEES "97110,60,2026-01-01,\n97112,60,2026-01-01,\n", "", "", 15, "POLICY-UNREACHABLE",
         "a price for 97110, and 1 code more, and no benefit has that code", AVER_WARNING},
        {FEES "15821,60,2026-01-01,\n", "", "", 0, NULL, NULL, AVER_WARNING}, /* excluded: spoken of */
        {"", "npi,tier,from\n1234567893,gold,2026-01-01\n", "", 8, "POLICY-TIER", "into the tier gold",
         AVER_WARNING},
        {"", "npi,tier,from,to\n1234567893,in_network,2026-01-01,\n1987654328,gold,2025-01-01,2025-12-31\n",
         "", 0, NULL, NULL, AVER_WARNING}, /* before the plan */
        {"", "", "code,from\n97110,2026-01-01\n", 24, "POLICY-CODE",
         "table codes (line 20) has no code of the benefit visit: every line of it is refused", AVER_WARNING},
        {"", "", "code,from,to\n99213,2026-01-01,2026-02-28\nG0402,2026-01-01,\n", 20, "POLICY-GAP",
         "nothing for 99213 from 2026-03-01 to 2026-12-31: it is refused then", AVER_WARNING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_policy_loaded policy;
        struct aver_list findings = {0};
        load(&policy);
        const char *fees = cases[i].fees && !*cases[i].fees ? FEES : cases[i].fees;
        const char *roster = cases[i].roster && !*cases[i].roster ? ROSTER : cases[i].roster;
        const char *codes = cases[i].codes && !*cases[i].codes ? CODES : cases[i].codes;
        const struct aver_table *prices = table(AVER_TABLE_FEES, "fees", fees);
        const struct aver_policy_table tables[] = {
            {aver_policy_at(&policy.root, AVER_LIT("fee_schedule.in_network.table")), prices},
            {aver_policy_at(&policy.root, AVER_LIT("fee_schedule.out_of_network.table")), prices},
            {aver_policy_at(&policy.root, AVER_LIT("networks.in_network.roster")),
             table(AVER_TABLE_ROSTER, "providers", roster)},
            {aver_policy_at(&policy.root, AVER_LIT("code_sets.procedures")),
             table(AVER_TABLE_CODES, "codes", codes)}};
        char what[40];
        snprintf(what, sizeof what, "case %zu", i);
        aver_policy_check_rows(&findings, &arena, &policy, tables, 4);
        /* A benefit without a price leaves the prices that there are without a benefit: not here what is asked. */
        if (findings.count == 2 && cases[i].line == 24) findings.count = 1;
        expect(&findings, cases[i].line, cases[i].code, cases[i].text, cases[i].severity, what);
        aver_arena_reset(&arena);
    }
}

static void test_kind(void **state)
{
    (void)state;
    struct aver_policy_loaded policy;
    struct aver_list findings = {0};
    load(&policy);
    const struct aver_policy_table wrong = {
        aver_policy_at(&policy.root, AVER_LIT("networks.in_network.roster")),
        table(AVER_TABLE_FEES, "providers", FEES)};
    aver_policy_check_rows(&findings, &arena, &policy, &wrong, 1);
    expect(&findings, 8, "POLICY-TABLE", "holds fees, where roster must stand", AVER_ERROR,
           "fees as a roster");
    assert_int_equal(aver_policy_table_kind(AVER_LIT("ncci.pairs.table")), AVER_TABLE_PAIRS);
    assert_int_equal(aver_policy_table_kind(AVER_LIT("ncci.units.table")), AVER_TABLE_UNITS);
    assert_int_equal(aver_policy_table_kind(AVER_LIT("barred_providers.0.table")), AVER_TABLE_CODES);
}

static aver_day day(const char *text)
{
    aver_day out = 0;
    assert_int_equal(aver_day_parse_iso(&out, aver_bytes_str(text)), AVER_OK);
    return out;
}

/* The version of 2026 beside others. */
static void test_versions(void **state)
{
    (void)state;
    static const struct {
        struct {
            const char *from, *to;
            bool published;
        } other[2];
        uint64_t line;
        const char *text;
    } cases[] = {
        {{{"2025-01-01", "2025-12-31", true}}, 0, NULL},
        {{{"2025-01-01", "2025-12-31", true}, {"2027-01-01", "2027-12-31", true}}, 0, NULL},
        {{{"2025-01-01", "2025-12-30", true}},
         4,
         "from 2025-12-31 to 2025-12-31 no version of the plan holds, after other 0"},
        {{{"2025-01-01", "2025-06-30", false}}, 4, "start on 2025-07-01"},
        {{{"2027-02-01", "2027-12-31", true}},
         5,
         "from 2027-01-01 to 2027-01-31 no version of the plan holds, before other 0"},
        {{{"2027-02-01", "2027-12-31", false}}, 0, NULL}, /* said at the other file */
        {{{"2026-01-01", "2026-12-31", true}}, 0, NULL},  /* a correction of the whole */
        {{{"2026-03-01", "2026-06-30", true}}, 0, NULL},
        {{{"2025-07-01", "2026-06-30", true}},
         4,
         "the days from 2026-01-01 to 2026-06-30 are those of other 0 too"},
        {{{"2025-07-01", "2026-06-30", true}}, 4, "let it start on 2026-07-01"},
        {{{"2025-01-01", "2025-06-30", true}, {"2025-07-01", "2025-12-31", true}}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_policy_loaded policy;
        struct aver_policy_version others[2];
        struct aver_list findings = {0};
        static const char *const names[] = {"other 0", "other 1"};
        size_t n = 0;
        load(&policy);
        for (; n < 2 && cases[i].other[n].from; n++)
            others[n] = (struct aver_policy_version){day(cases[i].other[n].from), day(cases[i].other[n].to),
                                                     names[n], cases[i].other[n].published};
        aver_policy_check_versions(&findings, &arena, &policy, others, n);
        expect(&findings, cases[i].line, cases[i].text ? "POLICY-VERSIONS" : NULL, cases[i].text,
               AVER_WARNING, cases[i].other[0].from);
        aver_arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_rows, clean),
        cmocka_unit_test_teardown(test_kind, clean),
        cmocka_unit_test_teardown(test_versions, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
