/* tests/unit/test_hospital.c - what hospitals bill: the forms of their codes, their claims in CSV and as canonical claims, drugs'
 * prices in tables, and what a policy says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "adapters/code_forms.h"
#include "adapters/csv_claims.h"
#include "adapters/csv_tables.h"
#include "adapters/policy_rows.h"
#include "ledger/model/claim.h"
#include "ledger/model/tx.h"

static struct aver_arena arena;

static void test_code_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digits; /* NULL: none */
    } ndc[] = {{"00002751201", "00002751201"},
               {"00002-7512-01", "00002751201"},
               {"0002-7512-01", "00002751201"},
               {"50242-060-01", "50242006001"},
               {"50242-0060-1", "50242006001"},
               {"0002751201", NULL},
               {"000027512012", NULL},
               {"0002-751-01", NULL},
               {"50242-060-1", NULL},
               {"00002-7512", NULL},
               {"00002-7512-01-1", NULL},
               {"00002-7512-", NULL},
               {"-7512-01", NULL},
               {"00002-75I2-01", NULL},
               {"000002-7512-01", NULL},
               {"--", NULL},
               {"", NULL}};
    for (size_t i = 0; i < sizeof ndc / sizeof ndc[0]; i++) {
        aver_bytes digits = aver_ndc_digits(&arena, aver_bytes_str(ndc[i].text));
        if (ndc[i].digits ? !aver_bytes_is(digits, ndc[i].digits) : digits.ptr != NULL)
            fail_msg("%s gives %.*s", ndc[i].text, AVER_STR(digits));
    }
    assert_true(aver_revenue_code_valid(AVER_LIT("0001")) && aver_revenue_code_valid(AVER_LIT("9999")));
    assert_false(aver_revenue_code_valid(AVER_LIT("450")) || aver_revenue_code_valid(AVER_LIT("04500")) ||
                 aver_revenue_code_valid(AVER_LIT("045X")) || aver_revenue_code_valid(AVER_BYTES_NONE));
    assert_true(aver_revenue_code_is_stay(AVER_LIT("0100")) && aver_revenue_code_is_stay(AVER_LIT("0219")));
    assert_false(aver_revenue_code_is_stay(AVER_LIT("0099")) || aver_revenue_code_is_stay(AVER_LIT("0220")));
    assert_true(aver_drg_valid(AVER_LIT("003")) && aver_drg_valid(AVER_LIT("3024")));
    assert_false(aver_drg_valid(AVER_LIT("3")) || aver_drg_valid(AVER_LIT("30245")) ||
                 aver_drg_valid(AVER_LIT("47A")) || aver_drg_valid(AVER_BYTES_NONE));
    assert_true(aver_drug_unit_valid(AVER_LIT("ML")) && !aver_drug_unit_valid(AVER_LIT("MG")));
    aver_arena_reset(&arena);
}

/* ---- claims ---------------------------------------------------------------------------------------------------------- */

#define CLAIMS                                                                                               \
    "patient_control_number,member_id,total_charge,billing_npi,type,type_of_bill,statement_from,"            \
    "statement_to,admission_date,drg,frequency,place_of_service,revenue_code,procedure,units,charge,"        \
    "service_from,service_to,ndc,ndc_units,ndc_unit\n"
#define FIRST "H,M,100,1234567893,institutional,"
static struct aver_intake intake;

static void read_claims(const char *rows)
{
    aver_intake_init(&intake, &arena);
    aver_csv_claims_read(&intake, aver_bytes_str(aver_arena_printf(&arena, CLAIMS "%s", rows)));
}

static void test_claims(void **state)
{
    (void)state;
    read_claims(
        "H1,M1,9040.50,1234567893,institutional,0111,2026-03-01,2026-03-04,2026-02-28,470,,,0120,,3,6000,,,,,\n"
        "H1,,,,,,,,,,,,0636,J1234,2,3000,2026-03-02,,0002-7512-01,2.505,ML\n"
        "H1,,,,,,,,,,,,0270,,1,40.50,2026-03-02,2026-03-03,,,\n"
        "P1,M1,5,1234567893,professional,,,,,,,11,,99213,1,5,2026-03-02,,00002751201,1,UN\n"
        "O1,M1,5,1234567893,institutional,131,2026-03-05,2026-03-05,,,1,,0450,99283,1,5,,,,,\n");
    if (intake.rejected.count) fail_msg("%.*s", AVER_STR(aver_intake_findings(&intake)->text));
    assert_int_equal(intake.claims.count, 3);
    assert_int_equal(intake.findings.count, 0);
    const struct aver_claim *h = aver_intake_claims(&intake)[0].claim,
                            *p = aver_intake_claims(&intake)[1].claim,
                            *o = aver_intake_claims(&intake)[2].claim;
    assert_int_equal(h->type, AVER_CLAIM_INSTITUTIONAL);
    assert_true(aver_bytes_is(h->place_of_service, "11") && h->frequency == 1);
    assert_int_equal(h->statement_from, aver_day_of(2026, 3, 1));
    assert_int_equal(h->statement_to, aver_day_of(2026, 3, 4));
    assert_true(aver_bytes_is(h->drg, "470"));
    const struct aver_named_date *admitted = h->dates.items;
    assert_int_equal(h->dates.count, 1);
    assert_true(aver_bytes_is(admitted->kind, "435") && admitted->from == aver_day_of(2026, 2, 28));
    const struct aver_line *l = h->lines.items;
    assert_true(aver_bytes_is(l[0].revenue_code, "0120") && !l[0].procedure.ptr);
    assert_true(aver_bytes_is(l[0].unit, "DA") && aver_bytes_is(l[1].unit, "UN"));
    assert_int_equal(l[0].service_from, h->statement_from);
    assert_int_equal(l[0].service_to, h->statement_to);
    assert_int_equal(l[1].service_to, aver_day_of(2026, 3, 2));
    assert_int_equal(l[2].service_to, aver_day_of(2026, 3, 3));
    assert_true(aver_bytes_is(l[1].drug_code, "00002751201") && aver_bytes_is(l[1].drug_unit, "ML"));
    assert_int_equal(l[1].drug_units, 2505);
    assert_int_equal(p->type, AVER_CLAIM_PROFESSIONAL);
    assert_true(aver_bytes_is(((const struct aver_line *)p->lines.items)->drug_unit, "UN"));
    assert_true(aver_bytes_is(o->place_of_service, "13") && o->dates.count == 0 && !o->drg.ptr);
    aver_arena_reset(&arena);
}

/* Each row has one fault; the claim is rejected with these words, or only warned of. */
static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *row, *code, *text;
    } cases[] = {
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,3,,,0120,,1,100,,,,,", "CSV-VALUE", "write 003, not 3"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,450,,1,100,,,,,", "CSV-VALUE",
         "write 0450, not 450"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,,99213,1,100,,,,,", "CSV-MISSING",
         "revenue_code is empty"},
        {FIRST "111,2026-03-01,2026-03-04,,470,,,0120,,1,100,,,,,", "CSV-MISSING",
         "needs its admission_date"},
        {FIRST "131,2026-03-01,2026-03-04,,470,,,0450,,1,100,,,,,", "CSV-MISSING",
         "write its admission_date"},
        {FIRST "211,2026-03-01,2026-03-04,,,,,0120,,1,100,,,,,", "CSV-MISSING", "needs its admission_date"},
        {FIRST "111,,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-MISSING", "statement_from is empty"},
        {FIRST "111,2026-03-01,,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-MISSING", "statement_to is empty"},
        {FIRST "111,2026-03-04,2026-03-01,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-VALUE",
         "ends before it begins"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-05,470,,,0120,,1,100,,,,,", "CSV-VALUE",
         "after the statement's last day"},
        {FIRST ",2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-MISSING",
         "three digits, such as 111"},
        {FIRST "11,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-VALUE",
         "three digits, such as 111"},
        {FIRST "1111,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-VALUE",
         "three digits, such as 111"},
        {FIRST "112,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-VALUE",
         "bill the whole stay"},
        {FIRST "115,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CSV-VALUE", "late charge"},
        {FIRST "117,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,,,,", "CLAIM-FREQUENCY", "REF F8"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,8,,0120,,1,100,,,,,", "CSV-VALUE",
         "empty one of the two"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,21,0120,,1,100,,,,,", "CSV-TYPE",
         "empty place_of_service"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,0,100,,,,,", "CLAIM-UNITS", "zero units"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,,2026-03-02,,,", "CSV-MISSING",
         "write service_from, too"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,1,100,2026-02-28,,,,", "CSV-STATEMENT",
         "outside the claim's statement_from"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0636,,1,100,,,0002751201,1,ML", "CSV-VALUE",
         "an NDC has"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0636,,1,100,,,00002751201,,ML", "CSV-MISSING",
         "ndc_units is empty"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0636,,1,100,,,00002751201,0,ML", "CSV-VALUE",
         "must be above 0"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0636,,1,100,,,00002751201,0.0001,ML", "CSV-VALUE",
         "at most three decimals"},
        {FIRST "111,2026-03-01,2026-03-04,2026-03-01,470,,,0636,,1,100,,,00002751201,1,MG", "CSV-VALUE",
         "the unit of a drug is F2"},
        {"H,M,100,1234567893,dental,,,,,,,11,,99213,1,100,2026-03-01,,,,", "CSV-VALUE",
         "professional or institutional"},
        {"H,M,100,1234567893,,,,,,470,,,,99213,1,100,2026-03-01,,,,", "CSV-TYPE",
         "only an institutional claim has drg"},
        {"H,M,100,1234567893,,111,,,,,,,,99213,1,100,2026-03-01,,,,", "CSV-TYPE", "has type_of_bill"},
        {"H,M,100,1234567893,,,,,2026-03-01,,,,,99213,1,100,2026-03-01,,,,", "CSV-TYPE",
         "has admission_date"},
        {"H,M,100,1234567893,,,,,,,,,0450,99213,1,100,2026-03-01,,,,", "CSV-TYPE", "has revenue_code"},
        {"H,M,100,1234567893,,,,,,,,11,,,1,100,2026-03-01,,,,", "CSV-MISSING", "procedure is empty"},
        {"H,M,100,1234567893,,,,,,,,11,,99213,1,100,,,,,", "CSV-MISSING", "service_from is empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_claims(aver_arena_printf(&arena, "%s\n", cases[i].row));
        bool warning = !strcmp(cases[i].code, "CSV-STATEMENT"), found = false;
        for (size_t k = 0; k < intake.findings.count; k++) {
            const struct aver_finding *f = &aver_intake_findings(&intake)[k];
            found |= aver_bytes_is(f->code, cases[i].code) &&
                     strstr(aver_arena_printf(&arena, "%.*s", AVER_STR(f->text)), cases[i].text);
        }
        if (!found || intake.rejected.count != !warning || intake.findings.count != 1) {
            for (size_t k = 0; k < intake.findings.count; k++)
                print_error("%.*s\n", AVER_STR(aver_intake_findings(&intake)[k].text));
            fail_msg("%s: not %s \"%s\" alone", cases[i].row, cases[i].code, cases[i].text);
        }
        aver_arena_reset(&arena);
    }
    /* The columns that one of two is needed of. */
    aver_intake_init(&intake, &arena);
    aver_csv_claims_read(&intake,
                         AVER_LIT("patient_control_number,member_id,total_charge,units,charge\nA,M,1,1,1\n"));
    assert_int_equal(intake.claims.count + intake.rejected.count, 0);
    assert_true(aver_bytes_is(aver_intake_findings(&intake)[0].code, "CSV-COLUMN"));
    aver_arena_reset(&arena);
}

/* The last field of a claim is the 24th: its number takes two bytes, and so does the head of a map of them all. */
static void test_canonical(void **state)
{
    (void)state;
    read_claims(
        "H1,M1,100,1234567893,institutional,0111,2026-03-01,2026-03-04,2026-03-01,470,,,0120,,3,100,,,,,\n");
    assert_int_equal(intake.claims.count, 1);
    struct aver_claim *c = aver_intake_claims(&intake)[0].claim, back;
    c->original_reference = c->accident = c->assignment = AVER_LIT("AY");
    c->patient = c->subscriber;
    struct aver_reference reference = {AVER_LIT("G1"), AVER_LIT("A")};
    struct aver_amount amount = {AVER_LIT("F5"), {1}};
    struct aver_diagnosis diagnosis = {AVER_LIT("ABK"), AVER_LIT("Z00"), AVER_BYTES_NONE};
    struct aver_other_payer other = {.responsibility = AVER_LIT("P"), .adjudicated = AVER_NO_DAY};
    struct aver_provider provider = {.role = AVER_LIT("71"), .npi = AVER_LIT("1234567893")};
    c->references = (struct aver_list){&reference, 1, 1};
    c->amounts = (struct aver_list){&amount, 1, 1};
    c->diagnoses = (struct aver_list){&diagnosis, 1, 1};
    c->other_payers = (struct aver_list){&other, 1, 1};
    c->providers = (struct aver_list){&provider, 1, 1};
    for (int whole = 0; whole < 2; whole++) { /* without an accident 23 fields are there, with it 24 */
        c->accident = whole ? AVER_LIT("AA") : AVER_BYTES_NONE;
        struct aver_buf bytes = {0}, other_source = {0};
        struct aver_why why;
        aver_schema_encode(&bytes, &aver_claim_schema, c);
        assert_memory_equal(bytes.ptr, whole ? "\xb8\x18" : "\xb7\x01", 2);
        assert_memory_equal(bytes.ptr + bytes.len - 6,
                            "\x18\x18\x63"
                            "470",
                            6);
        if (aver_schema_read(aver_buf_view(&bytes), &aver_claim_schema, &back, &arena, &why))
            fail_msg("%s", why.text);
        assert_true(aver_bytes_is(back.drg, "470"));
        assert_int_equal(aver_claim_check(&back, &why), AVER_OK);

        /* The same claim from another file is the same filing; of another DRG it is not. */
        uint8_t one[16], two[16], three[16];
        aver_filing_id(one, AVER_LIT("secret"), AVER_LIT("clinic"), aver_buf_view(&bytes));
        struct aver_source moved = *c->source;
        moved.offset += 9;
        back.source = &moved;
        aver_schema_encode(&other_source, &aver_claim_schema, &back);
        aver_filing_id(two, AVER_LIT("secret"), AVER_LIT("clinic"), aver_buf_view(&other_source));
        assert_memory_equal(one, two, 16);
        back.drg = AVER_LIT("471");
        other_source.len = 0;
        aver_schema_encode(&other_source, &aver_claim_schema, &back);
        aver_filing_id(three, AVER_LIT("secret"), AVER_LIT("clinic"), aver_buf_view(&other_source));
        assert_memory_not_equal(one, three, 16);

        struct aver_list dates = back.dates;
        back.dates.count = 0;
        assert_int_equal(aver_claim_check(&back, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "CLAIM-DRG");
        back.dates = dates;
        back.type = AVER_CLAIM_PROFESSIONAL;
        assert_int_equal(aver_claim_check(&back, &why), AVER_E_INPUT);
        assert_string_equal(why.code, "CLAIM-DRG");
        aver_buf_free(&bytes);
        aver_buf_free(&other_source);
    }
    aver_arena_reset(&arena);
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static void test_drug_prices(void **state)
{
    (void)state;
    static const struct {
        const char *row, *code; /* NULL: nothing is wrong */
    } cases[] = {{"00002-7512-01,1.5,2026-01-01,ML", NULL},
                 {"0002-7512-01,0.000001,2026-01-01,F2", NULL},
                 {"0120,1500,2026-01-01,", NULL},
                 {"470,12000,2026-01-01,", NULL},
                 {"00002751201,1.5,2026-01-01,", "TABLE-ROW"},
                 {"J1234,1.5,2026-01-01,ML", "TABLE-ROW"},
                 {"00002751201,1.5,2026-01-01,MG", "CSV-VALUE"},
                 {"0002751201,1.5,2026-01-01,ML", "TABLE-ROW"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct aver_list findings = {0};
        struct aver_table table;
        struct aver_why why = {0};
        const char *csv = aver_arena_printf(&arena, "code,price,from,unit\n%s\n", cases[i].row);
        aver_err err = aver_table_from_csv(&table, AVER_LIT("drugs"), AVER_TABLE_FEES, "drugs.csv",
                                           aver_bytes_str(csv), &arena, &findings, &why);
        if (cases[i].code ? strcmp(why.code, cases[i].code) != 0 : err != AVER_OK)
            fail_msg("%s: %s %s", cases[i].row, why.code, why.text);
        if (i < 2)
            assert_true(aver_bytes_is(((struct aver_table_entry *)table.entries.items)->code, "00002751201"));
    }
    aver_arena_reset(&arena);
}

/* ---- policies -------------------------------------------------------------------------------------------------------- */

#define TO_TIER                                                                                              \
    "format: payer-policy/1\n"                                                                               \
    "payer: {id: P, name: P, address: 1 Road, city: X, state: CO, postal_code: \"80202\", phone: \"1\"}\n"   \
    "plan: {id: p, name: P, effective: {start: 2026-01-01, end: 2026-12-31}, benefit_year: calendar, "       \
    "claim_filing_indicator: \"12\"}\n"                                                                      \
    "contracts: {eligibility: e, coverage: c, payout: p}\n"                                                  \
    "networks: {in_network: {roster: r}, out_of_network: {}}\n"                                              \
    "oop_max: {in_network: {individual: 1.00}, out_of_network: {individual: 1.00}}\n"                        \
    "cost_share: {order: [copay, deductible, coinsurance]}\n"                                                \
    "balance_billing: {in_network: CO, out_of_network: PR}\n"                                                \
    "timely_filing: {limit: 1, unit: years, counted_from: service_from, institutional_from: statement_to}\n" \
    "duplicates: {exact: deny, suspected: pend}\nspan: pend\n"                                               \
    "fee_schedule:\n  lesser_of: per_line\n  missing: pend\n  out_of_network: {percent_of_charge: 50 %%}\n"  \
    "  in_network: {table: fees%s}\n"                                                                        \
    "benefits:\n  a:\n    name: A\n    match: {%s}\n    cost_share: {in_network: {}, out_of_network: {}}\n"  \
    "  b:\n    name: B\n    match: {procedures: [\"B0001\"], revenue_codes: [\"0450-0459\"]}\n"              \
    "    cost_share: {in_network: {}, out_of_network: {}}\n%s\n"

static void test_policies(void **state)
{
    (void)state;
    static const struct {
        const char *tier, *match, *more, *code, *text; /* code NULL: nothing is found */
    } cases[] = {
        {"", "revenue_codes: [\"0100-0219\", \"0250\"]", "", NULL, NULL},
        {"", "procedures: [\"A0001\"], revenue_codes: [\"0100-0219\"]", "", NULL, NULL},
        {", case_rates: [{id: x, drgs: [\"469-470\", \"4701\"], table: t, base_rate: 6500.00, carve_outs: [\"0278\", "
         "\"A0001\"], stop_loss: {above: 1.00, percent: 60 %}}], per_diem: [{id: y, revenue_codes: [\"0100-0219\"], rate: "
         "1.00}], drugs: {table: d, percent: 106 %, missing: pend}",
         "revenue_codes: [\"0100-0219\"]",
         "exclusions: [{id: e, revenue_codes: [\"0990-0999\"], group: PR, carc: \"96\", rarc: [N130]}]\n"
         "prior_auth: [{id: e, revenue_codes: [\"0118\"]}]\n"
         "edits: [{id: e, revenue_codes: [\"0170\"], age: {to: 0}}]\n"
         "frequency: [{id: e, revenue_codes: [\"0110-0219\"], limit: 30, count: units, per: benefit_year}]\n"
         "protected: [{id: e, revenue_codes: [\"0450\"], tier: in_network}]\n"
         "code_sets: {revenue_codes: k}",
         NULL, NULL},
        /* forms */
        {"", "revenue_codes: [\"450\"]", "", "POLICY-VALUE", "not a revenue code of four digits"},
        {"", "revenue_codes: [\"A450\"]", "", "POLICY-VALUE", "not a revenue code of four digits"},
        {"", "revenue_codes: [\"0219-0100\"]", "", "POLICY-RANGE", "comes after"},
        {"", "revenue_code: [\"0120\"]", "", "POLICY-KEY", "revenue_codes"},
        {"", "", "", "POLICY-KEY", "which services are meant"},
        {"", "procedures: [\"A0001\"]", "prior_auth: [{id: e}]", "POLICY-KEY", "which services are meant"},
        {"", "procedures: [\"A0001\"]", "code_sets: {}", "POLICY-KEY", "which services are meant"},
        {", case_rates: [{id: x, drgs: [\"47\"], rate: 1.00}]", "procedures: [\"A0001\"]", "", "POLICY-VALUE",
         "not a DRG of three digits"},
        {", case_rates: [{id: x, drg: [\"470\"], rate: 1.00}]", "procedures: [\"A0001\"]", "", "POLICY-KEY",
         "drgs"},
        {", case_rates: [{id: x, rate: 1.00}]", "procedures: [\"A0001\"]", "", "POLICY-KEY", "or drgs"},
        {", per_diem: [{id: x, drgs: [\"470\"], rate: 1.00}]", "procedures: [\"A0001\"]", "", "POLICY-KEY",
         "drgs"},
        {", drugs: {table: d}", "procedures: [\"A0001\"]", "", "POLICY-KEY", "missing is missing"},
        {", drugs: {table: d, missing: hcpcs}", "procedures: [\"A0001\"]", "", "POLICY-VALUE", "procedure"},
        /* what contradicts itself */
        {"", "revenue_codes: [\"0455\"]", "", "POLICY-OVERLAP", "a revenue code belongs to one benefit"},
        {"", "revenue_codes: [\"0120\", \"0100-0219\"]", "", "POLICY-OVERLAP", "one of them suffices"},
        {", case_rates: [{id: x, drgs: [\"469-470\"], rate: 1.00}, {id: y, drgs: [\"470-471\"], rate: 2.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-OVERLAP", "a DRG belongs to one rate"},
        {", per_diem: [{id: x, revenue_codes: [\"0100-0219\"], rate: 1.00}, {id: y, revenue_codes: [\"0120\"], rate: "
         "2.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-UNREACHABLE", "paid by 0100-0219"},
        {"", "revenue_codes: [\"0120\"]",
         "exclusions: [{id: e, revenue_codes: [\"0100-0219\"], group: PR, carc: \"96\", rarc: [N130]}]",
         "POLICY-UNREACHABLE", "0120 never decides anything"},
        {", case_rates: [{id: x, drgs: [\"470\"], procedures: [\"A0001\"], rate: 1.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-PRICE", "take procedures out"},
        {", case_rates: [{id: x, drgs: [\"470\"], includes: [\"A0001\"], rate: 1.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-PRICE", "take includes out"},
        {", case_rates: [{id: x, procedures: [\"A0001\"], carve_outs: [\"0278\"], rate: 1.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-PRICE", "only a rate for DRGs has carve_outs"},
        {", case_rates: [{id: x, procedures: [\"A0001\"], stop_loss: {above: 1.00, percent: 1 %}, rate: 1.00}]",
         "procedures: [\"A0001\"]", "", "POLICY-PRICE", "only a rate for DRGs has stop_loss"},
        {", case_rates: [{id: x, drgs: [\"470\"], base_rate: 1.00, rate: 1.00}]", "procedures: [\"A0001\"]",
         "", "POLICY-PRICE", "weights of a table"},
        {", case_rates: [{id: x, drgs: [\"470\"]}]", "procedures: [\"A0001\"]", "", "POLICY-PRICE",
         "write rate or table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct aver_list findings = {0};
        struct aver_why why = {0};
        const char *yaml = aver_arena_printf(&arena, TO_TIER, cases[i].tier, cases[i].match, cases[i].more);
        aver_err err =
            aver_policy_compile(NULL, "p.yaml", aver_bytes_str(yaml), NULL, NULL, &arena, &findings, &why);
        const struct aver_policy_finding *f = findings.items;
        bool found = false;
        for (size_t k = 0; k < findings.count; k++)
            found |= cases[i].code && !strcmp(f[k].code, cases[i].code) &&
                     strstr(aver_arena_printf(&arena, "%.*s", AVER_STR(f[k].text)), cases[i].text);
        if (cases[i].code ? !found : (err != AVER_OK || findings.count > 0)) {
            for (size_t k = 0; k < findings.count; k++)
                print_error("%s %.*s\n", f[k].code, AVER_STR(f[k].text));
            fail_msg("%zu: %s%s%s: %s %s", i, cases[i].tier, cases[i].match, cases[i].more,
                     cases[i].code ? cases[i].code : "nothing", why.text);
        }
        aver_arena_reset(&arena);
    }
}

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    (void)ctx, (void)contract, (void)why;
    *out = (aver_digest){{0}};
    return AVER_OK;
}

/* A policy against the rows of the tables that it names. */
static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *tier, *match, *more, *path, *rows, *code, *text; /* code NULL: nothing is found */
    } cases[] = {
        {"", "revenue_codes: [\"0120\"]", "", "fee_schedule.in_network.table",
         "0120,1,2026-01-01,\nB0001,1,2026-01-01,\n", NULL, NULL},
        {"", "revenue_codes: [\"0120\"]", "", "fee_schedule.in_network.table", "0450,1,2026-01-01,\n",
         "POLICY-GAP", "no code of the benefit a"},
        {"", "revenue_codes: [\"0120\"]", "", "fee_schedule.in_network.table",
         "0120,1,2026-01-01,\n0450,1,2026-01-01,\n0636,1,2026-01-01,\n", "POLICY-UNREACHABLE",
         "a price for 0636"},
        {"", "revenue_codes: [\"0120\"]",
         "exclusions: [{id: x, revenue_codes: [\"0636\"], group: CO, carc: \"97\"}]",
         "fee_schedule.in_network.table", "0120,1,2026-01-01,\n0450,1,2026-01-01,\n0636,1,2026-01-01,\n",
         NULL, NULL},
        {"", "revenue_codes: [\"0120\"]", "", "fee_schedule.in_network.table",
         "0120,1,2026-01-01,\n0450,1,2026-01-01,\n00002-7512-01,1,2026-01-01,ML\n", "POLICY-UNREACHABLE",
         "name the table under drugs"},
        /* what is agreed needs no price of the tier's table */
        {", per_diem: [{id: x, revenue_codes: [\"0110-0169\"], rate: 1.00}]",
         "revenue_codes: [\"0100-0219\"]", "", "fee_schedule.in_network.table", "0450,1,2026-01-01,\n", NULL,
         NULL},
        {", case_rates: [{id: x, drgs: [\"470\"], rate: 1.00}]", "revenue_codes: [\"0100-0219\"]", "",
         "fee_schedule.in_network.table", "0450,1,2026-01-01,\n", NULL, NULL},
        {", per_diem: [{id: x, revenue_codes: [\"0220\"], rate: 1.00}]", "revenue_codes: [\"0100-0219\"]", "",
         "fee_schedule.in_network.table", "0450,1,2026-01-01,\n", "POLICY-GAP", "no code of the benefit a"},
        {", drugs: {table: d, missing: pend}", "procedures: [\"A0001\"]", "",
         "fee_schedule.in_network.drugs.table", "00002-7512-01,1,2026-01-01,ML\n", NULL, NULL},
        {", drugs: {table: d, missing: pend}", "procedures: [\"A0001\"]", "",
         "fee_schedule.in_network.drugs.table", "A0001,1,2026-01-01,\n", "POLICY-UNREACHABLE",
         "fill its column unit"},
        {", case_rates: [{id: x, drgs: [\"470\"], table: t}]", "procedures: [\"A0001\"]", "",
         "fee_schedule.in_network.case_rates.0.table", "470,1,2026-02-01,\n", NULL, NULL},
        {", case_rates: [{id: x, drgs: [\"470\"], table: t}]", "procedures: [\"A0001\"]", "",
         "fee_schedule.in_network.case_rates.0.table", "470,1,2027-01-01,\n", "POLICY-GAP",
         "no row for any day"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct aver_list findings = {0}, other = {0};
        struct aver_policy_loaded policy;
        struct aver_table table;
        struct aver_buf compiled = {0};
        struct aver_why why = {0};
        const char *yaml = aver_arena_printf(&arena, TO_TIER, cases[i].tier, cases[i].match, cases[i].more);
        const char *csv = aver_arena_printf(&arena, "code,price,from,unit\n%s", cases[i].rows);
        if (aver_policy_compile(&compiled, "p.yaml", aver_bytes_str(yaml), resolve, NULL, &arena, &other,
                                &why) ||
            aver_policy_load(&policy, aver_buf_view(&compiled), &arena, &why) ||
            aver_table_from_csv(&table, AVER_LIT("fees"), AVER_TABLE_FEES, "fees.csv", aver_bytes_str(csv),
                                &arena, &other, &why))
            fail_msg("%zu: %s", i, why.text);
        struct aver_policy_table named = {aver_policy_at(&policy.root, aver_bytes_str(cases[i].path)),
                                          &table};
        assert_non_null(named.node);
        aver_policy_check_rows(&findings, &arena, &policy, &named, 1);
        const struct aver_policy_finding *f = findings.items;
        bool found = false;
        for (size_t k = 0; k < findings.count; k++)
            found |= cases[i].code && !strcmp(f[k].code, cases[i].code) &&
                     strstr(aver_arena_printf(&arena, "%.*s", AVER_STR(f[k].text)), cases[i].text);
        if (cases[i].code ? !found : findings.count > 0) {
            for (size_t k = 0; k < findings.count; k++)
                print_error("%s %.*s\n", f[k].code, AVER_STR(f[k].text));
            fail_msg("%zu: %s", i, cases[i].code ? cases[i].code : "nothing");
        }
        aver_buf_free(&compiled);
        aver_arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_forms),  cmocka_unit_test(test_claims),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_drug_prices), cmocka_unit_test(test_policies),
        cmocka_unit_test(test_rows),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    aver_arena_free(&arena);
    return failed;
}
