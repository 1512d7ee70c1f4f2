/* tests/unit/test_table.c - tables from CSV, what they refuse, which row holds on a day, and that the root is the trie's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "adapters/csv_tables.h"
#include "adapters/table_join.h"
#include "ledger/model/smt_memory.h"
#include "tests/unit/data.h"

static struct aver_arena arena;

static int clean(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

static aver_day day(int y, int m, int d) { return aver_day_of(y, m, d); }

static const char fees[] = "\xef\xbb\xbf"
                           "code,modifier,place,price,from,to,bundled,description\r\n"
                           "G0402,,,150.25,2026-01-01,,,Welcome visit\r\n"
                           "99213,,,92.471234,2026-01-01,2026-06-30,,\"Visit, short\"\r\n"
                           "99213,,,95,2026-07-01,,,\r\n"
                           "99213,TC,,10,20260101,,,\r\n"
                           "99213,26,,20,2026-01-01,,,\r\n"
                           "99213,26,22,30,2026-01-01,,,\r\n"
                           "99213,,22,40,2026-01-01,,,\r\n"
                           "36415,,,,2026-01-01,,yes,\r\n"
                           "\r\n"
                           "A4550,,,0,2026-01-01,,no,";

static struct aver_table table_ok(const char *name, enum aver_table_kind kind, const char *csv)
{
    struct aver_table t;
    struct aver_list findings;
    struct aver_why why = {0};
    aver_err err = aver_table_from_csv(&t, aver_bytes_str(name), kind, "t.csv", aver_bytes_str(csv), &arena,
                                       &findings, &why);
    if (err != AVER_OK) fail_msg("%s %s %s", why.code, why.place, why.text);
    err = aver_table_check(&t, &why);
    if (err != AVER_OK) fail_msg("%s %s %s", why.code, why.place, why.text);
    return t;
}

static void test_fees(void **state)
{
    (void)state;
    struct aver_table t = table_ok("fees", AVER_TABLE_FEES, fees);
    assert_int_equal(t.entries.count, 4);
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("99213"));
    assert_non_null(e);
    assert_int_equal(e->rows.count, 6);
    assert_null(aver_table_find(&t, AVER_LIT("99214")));
    assert_null(aver_table_find(&t, AVER_LIT("")));
    const aver_bytes mods[] = {AVER_LIT("26"), AVER_LIT("TC")}, other[] = {AVER_LIT("TC"), AVER_LIT("26")};
    const aver_bytes none = AVER_BYTES_NONE, office = AVER_LIT("11"), hospital = AVER_LIT("22");
    const struct aver_table_row *r = aver_table_row_on(e, day(2026, 6, 30), NULL, 0, none, AVER_BYTES_NONE);
    assert_int_equal(r->price, 92471234);
    assert_true(aver_bytes_is(r->description, "Visit, short"));
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), NULL, 0, none, AVER_BYTES_NONE)->price, 95000000);
    assert_null(aver_table_row_on(e, day(2025, 12, 31), NULL, 0, none, AVER_BYTES_NONE));
    /* modifier and place, modifier, place, neither; of two modifiers the first on the line */
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), mods, 2, hospital, none)->price, 30000000);
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), other, 2, hospital, none)->price, 30000000);
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), mods, 2, office, none)->price, 20000000);
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), other, 2, office, none)->price, 10000000);
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), NULL, 0, hospital, AVER_BYTES_NONE)->price,
                     40000000);
    assert_int_equal(aver_table_row_on(e, day(2026, 7, 1), NULL, 0, office, AVER_BYTES_NONE)->price,
                     95000000);
    e = aver_table_find(&t, AVER_LIT("36415"));
    assert_true(aver_table_row_on(e, day(2026, 1, 1), NULL, 0, none, AVER_BYTES_NONE)->bundled);
    assert_int_equal(
        aver_table_row_on(aver_table_find(&t, AVER_LIT("A4550")), day(2030, 1, 1), mods, 2, office, none)
            ->price,
        0);
}

static void test_roster_and_codes(void **state)
{
    (void)state;
    struct aver_table t = table_ok("roster", AVER_TABLE_ROSTER,
                                   "npi,tier,from,to\n1245319599,in_network,2026-01-01,2026-03-31\n"
                                   "1245319599,preferred,2026-04-01,\n1234567893,in_network,2026-01-01,\n");
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("1245319599"));
    assert_true(aver_bytes_is(
        aver_table_row_on(e, day(2026, 4, 1), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE)->tier, "preferred"));
    t = table_ok("codes", AVER_TABLE_CODES, "to,code,from\n,99213,2026-01-01\n2026-12-31,99214,2026-01-01\n");
    assert_int_equal(t.entries.count, 2);
    t = table_ok("none", AVER_TABLE_CODES, "code,from\n");
    assert_int_equal(t.entries.count, 0);
}

/* One fault a file; the findings name line, column and value. */
#define LEIE_HEADER                                                                                          \
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,"     \
    "EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n"
#define LEIE_ROW(npi, from, back) ",,,,,,," npi ",,,,,,1128a1," from "," back ",00000000,\n"

/* Excluded until the day before the provider is taken back; two exclusions of one provider hold as long as the longer. */
static void test_excluded(void **state)
{
    (void)state;
    struct aver_table t = table_ok("oig", AVER_TABLE_CODES,
                                   LEIE_HEADER LEIE_ROW("1234567893", "20200319", "00000000")
                                       LEIE_ROW("0000000000", "20200319", "00000000")
                                           LEIE_ROW("1245319599", "20200101", "20210101")
                                               LEIE_ROW("1245319599", "20200601", "20220101")
                                                   LEIE_ROW("1679576722", "20200101", "20200101"));
    assert_int_equal(t.entries.count, 2);
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("1234567893"));
    assert_null(aver_table_row_on(e, day(2020, 3, 18), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
    assert_non_null(aver_table_row_on(e, day(2020, 3, 19), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
    assert_non_null(aver_table_row_on(e, day(2090, 1, 1), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
    e = aver_table_find(&t, AVER_LIT("1245319599"));
    assert_int_equal(e->rows.count, 1);
    assert_non_null(aver_table_row_on(e, day(2021, 12, 31), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
    assert_null(aver_table_row_on(e, day(2022, 1, 1), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
}

/* The published file's own rows: four businesses, of which one has a number. */
static void test_excluded_as_published(void **state)
{
    (void)state;
    aver_bytes csv = data_file(&arena, data_path(&arena, "oig-leie/leie_head_business_rows.csv"));
    struct aver_table t;
    struct aver_list findings;
    struct aver_why why;
    assert_int_equal(
        aver_table_from_csv(&t, AVER_LIT("oig"), AVER_TABLE_CODES, "leie.csv", csv, &arena, &findings, &why),
        AVER_OK);
    assert_int_equal(findings.count, 1);
    const struct aver_sheet_finding *f = findings.items;
    assert_false(f->error);
    assert_string_equal(f->code, "TABLE-LEIE");
    assert_int_equal(t.entries.count, 1);
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("1972902351"));
    assert_null(aver_table_row_on(e, day(2022, 3, 19), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
    assert_non_null(aver_table_row_on(e, day(2022, 3, 20), NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE));
}

static void test_pairs_and_units(void **state)
{
    (void)state;
    struct aver_table t = table_ok("ptp", AVER_TABLE_PAIRS,
                                   "column1,column2,deleted,modifier_indicator,rationale\n"
                                   "A4301,A4300,2001-12-31,1,\"Standards\"\nA4301,A4302,9999-12-31,0,x\n");
    assert_null(aver_table_find(&t, AVER_LIT("A4300")));
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("A4301"));
    size_t at = 0;
    const struct aver_table_row *row = aver_table_pair_on(e, &at, AVER_LIT("A4300"), day(2001, 12, 31));
    assert_int_equal(row->indicator, 1);
    assert_null(aver_table_pair_on(e, &at, AVER_LIT("A4300"), day(2002, 1, 1)));
    assert_null(aver_table_pair_on(e, &at, AVER_LIT("A4301"), day(2001, 12, 31)));
    row = aver_table_pair_on(e, &at, AVER_LIT("A4302"), day(2050, 1, 1));
    assert_int_equal(row->indicator, 0);
    assert_null(aver_table_pair_on(e, &at, AVER_LIT("A4303"), day(2050, 1, 1)));
    assert_int_equal(at, e->rows.count);
    /* A column 2 is of pairs, and of pairs only. */
    struct aver_why why;
    struct aver_table_row *first = e->rows.items;
    first->column_2 = AVER_BYTES_NONE;
    assert_int_equal(aver_table_check(&t, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "TABLE-ROW");
    t = table_ok(
        "mue", AVER_TABLE_UNITS,
        "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\nA4206,0,3,CMS Policy,DME Supplier\nA4207,12,1,,\n");
    row = aver_table_row_on(aver_table_find(&t, AVER_LIT("A4207")), day(2026, 1, 1), NULL, 0, AVER_BYTES_NONE,
                            AVER_BYTES_NONE);
    assert_int_equal(row->units, 12);
    assert_int_equal(row->indicator, 1);
}

/* Each column 2 of a code with many is found, from the first on and from the one before it, on its days alone. */
static void test_partners_of_a_code(void **state)
{
    (void)state;
    struct aver_buf csv = {0};
    aver_buf_str(&csv, "column1,column2,modifier_indicator,effective,deleted\n");
    for (int i = 0; i < 500; i++)
        aver_buf_printf(&csv, "A0001,B%04d,1,2020-01-01,2020-12-31\nA0001,B%04d,0,2021-01-01,\n", 2 * i,
                        2 * i);
    aver_buf_byte(&csv, 0);
    struct aver_table t = table_ok("ptp", AVER_TABLE_PAIRS, (const char *)csv.ptr);
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("A0001"));
    assert_int_equal(e->rows.count, 1000);
    for (size_t step = 1; step < 400; step += 37) {
        size_t along = 0;
        for (size_t i = 0; i < 1000; i += step) {
            aver_bytes code = aver_bytes_str(aver_arena_printf(&arena, "B%04zu", i));
            size_t anew = 0;
            const struct aver_table_row *row = aver_table_pair_on(e, &anew, code, day(2020, 12, 31));
            assert_ptr_equal(row, aver_table_pair_on(e, &along, code, day(2020, 12, 31)));
            assert_int_equal(anew, along);
            assert_true(i % 2 ? row == NULL : row->indicator == 1 && aver_bytes_eq(row->column_2, code));
            row = aver_table_pair_on(e, &along, code, day(2021, 1, 1));
            assert_true(i % 2 ? row == NULL : row->indicator == 0);
            assert_null(aver_table_pair_on(e, &along, code, day(2019, 12, 31)));
        }
    }
    aver_buf_free(&csv);
}

/* As CMS publishes them: notices and headings first, tabs and stars, words in the indicator's column. Made up here. */
static void test_ncci_in_the_published_form(void **state)
{
    (void)state;
    static const char ptp[] =
        "A notice of copyright.\r\n\r\nColumn1/Column 2 Edits\t\t\t\t\t\t\r\n"
        "Column 1\tColumn 2\t*=in existence \tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
        "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
        "G0101\tG0102\t\t20250101\t*\t1\tStandards, or \"practice\"\r\n"
        "G0101\tG0103\t*\t19960101\t20241231\t0\tMutually exclusive\r\n"
        "G0101\tG0104\t\t20250101\t20250101\t9\tNever held\r\n";
    struct aver_table t = table_ok("ptp", AVER_TABLE_PAIRS, ptp);
    assert_int_equal(t.entries.count, 1);
    const struct aver_table_entry *entry = t.entries.items;
    const struct aver_table_row *row = entry->rows.items;
    assert_int_equal(entry->rows.count, 2);
    assert_int_equal(row[0].from, day(2025, 1, 1));
    assert_int_equal(row[0].to, AVER_NO_DAY);
    assert_int_equal(row[0].indicator, 1);
    assert_int_equal(row[1].to, day(2024, 12, 31));
    aver_digest source = aver_sha256(aver_bytes_str(ptp));
    assert_true(aver_digest_eq(t.source, source));

    t = table_ok(
        "mue", AVER_TABLE_UNITS,
        "\"A notice, of\ncopyright\",,,\n\"HCPCS/\nCPT Code\",\"Practitioner Services MUE Values\","
        "\"MUE Adjudication Indicator\",\"MUE Rationale\"\n"
        "A4206,0,3 Date of Service Edit: Clinical,CMS Policy\nG0101,2,1 Line Edit,\"Data, and more\"\n");
    assert_int_equal(t.entries.count, 2);
    row = ((struct aver_table_entry *)t.entries.items)[1].rows.items;
    assert_int_equal(row->units, 2);
    assert_int_equal(row->indicator, 1);
    assert_int_equal(row->from, AVER_DAY_MIN);

    /* What is wrong is found on its own line. */
    struct aver_list findings;
    struct aver_why why;
    assert_int_equal(
        aver_table_from_csv(&t, AVER_LIT("t"), AVER_TABLE_PAIRS, "ptp.txt",
                            AVER_LIT("Column 1\tColumn 2\n\nG0101\tG0102\t\t20250101\t*\t1\tGood\n"
                                     "G0101\tG0103\t\t20250101\t*\t7\tBad\n"),
                            &arena, &findings, &why),
        AVER_E_INPUT);
    assert_string_equal(why.place, "ptp.txt:4");
}

static const struct aver_table_row *on(const struct aver_table *t, const char *code, aver_day when)
{
    const struct aver_table_entry *entry = aver_table_find(t, aver_bytes_str(code));
    return entry ? aver_table_row_on(entry, when, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE) : NULL;
}

/* Quarters that carry no dates: each ends the one before, what it leaves out holds no longer, and one may be mended. */
static void test_next_edition(void **state)
{
    (void)state;
    struct aver_why why;
    struct aver_table first =
        table_ok("mue", AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai\nA1111,1,3\nA2222,2,3\n");
    assert_int_equal(aver_table_from(&first, day(2026, 7, 1), NULL, &arena, &why), AVER_OK);
    assert_null(on(&first, "A1111", day(2026, 6, 30)));
    assert_int_equal(on(&first, "A1111", day(2026, 7, 1))->units, 1);

    struct aver_table second =
        table_ok("mue", AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai\nA1111,5,3\nA3333,3,3\n");
    assert_int_equal(aver_table_from(&second, day(2026, 10, 1), &first, &arena, &why), AVER_OK);
    assert_int_equal(on(&second, "A1111", day(2026, 9, 30))->units, 1);
    assert_int_equal(on(&second, "A1111", day(2026, 10, 1))->units, 5);
    assert_int_equal(on(&second, "A2222", day(2026, 9, 30))->units, 2);
    assert_null(on(&second, "A2222", day(2026, 10, 1)));
    assert_null(on(&second, "A3333", day(2026, 9, 30)));
    assert_int_equal(on(&first, "A2222", day(2026, 10, 1))->units, 2);

    struct aver_table mended = table_ok("mue", AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai\nA1111,6,3\n");
    assert_int_equal(aver_table_from(&mended, day(2026, 10, 1), &second, &arena, &why), AVER_OK);
    assert_int_equal(on(&mended, "A1111", day(2026, 10, 1))->units, 6);
    assert_int_equal(on(&mended, "A1111", day(2026, 9, 30))->units, 1);
    assert_null(aver_table_find(&mended, AVER_LIT("A3333")));

    /* Files of one publication: their rows together, none twice. */
    struct aver_table half = table_ok("ptp", AVER_TABLE_PAIRS,
                                      "column1,column2,modifier_indicator\nA1111,A2222,0\nA3333,A1111,0\n");
    struct aver_table rest = table_ok("ptp", AVER_TABLE_PAIRS,
                                      "column1,column2,modifier_indicator\nA1111,A0000,1\nA2222,A1111,0\n");
    assert_int_equal(aver_table_join(&half, &rest, &arena, &why), AVER_OK);
    assert_int_equal(half.entries.count, 3);
    assert_int_equal(aver_table_find(&half, AVER_LIT("A1111"))->rows.count, 2);
    assert_int_equal(aver_table_join(&half, &rest, &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "TABLE-OVERLAP");
    assert_string_equal(why.place, "A1111");

    struct aver_table dated =
        table_ok("mue", AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai,effective\nA1111,6,3,2026-12-31\n");
    assert_int_equal(aver_table_from(&dated, day(2027, 1, 1), &mended, &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "TABLE-FROM");
    assert_string_equal(why.place, "A1111");
    struct aver_table codes = table_ok("mue", AVER_TABLE_CODES, "code,from\nA1111,2027-01-01\n");
    assert_int_equal(aver_table_from(&codes, day(2027, 1, 1), &mended, &arena, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "TABLE-KIND");
}

static struct aver_table published(const char *file, enum aver_table_kind kind)
{
    aver_bytes csv = data_file(&arena, data_path(&arena, file));
    struct aver_table t;
    struct aver_list findings;
    struct aver_why why;
    aver_err err = aver_table_from_csv(&t, AVER_LIT("t"), kind, file, csv, &arena, &findings, &why);
    if (err != AVER_OK) fail_msg("%s %s %s", why.code, why.place, why.text);
    assert_int_equal(aver_table_check(&t, &why), AVER_OK);
    return t;
}

/* What the Centers for Medicare & Medicaid Services publish, all of it. */
static void test_ncci_as_published(void **state)
{
    (void)state;
    struct aver_table t = published("cms-policy-northstar/ncci_ptp_prac_level2_pairs.csv", AVER_TABLE_PAIRS);
    size_t by_indicator[10] = {0};
    const struct aver_table_entry *e = t.entries.items;
    assert_true(t.entries.count > 0);
    for (size_t i = 0; i < t.entries.count; i++)
        for (size_t k = 0; k < e[i].rows.count; k++)
            by_indicator[((const struct aver_table_row *)e[i].rows.items)[k].indicator]++;
    assert_int_equal(by_indicator[0], 1129);
    assert_int_equal(by_indicator[1], 1858);
    assert_int_equal(by_indicator[9], 171);
    t = published("cms-policy-northstar/ncci_mue_dme_level2.csv", AVER_TABLE_UNITS);
    assert_int_equal(t.entries.count, 2928);
    /* Of the practitioners' table about half are 0, which denies all where the policy says so; all three indicators. */
    t = published("cms-policy-northstar/ncci_mue_prac_level2.csv", AVER_TABLE_UNITS);
    size_t by_mai[4] = {0}, zero = 0;
    e = t.entries.items;
    for (size_t i = 0; i < t.entries.count; i++) {
        const struct aver_table_row *r = e[i].rows.items;
        assert_int_equal(e[i].rows.count, 1);
        by_mai[r->indicator]++;
        zero += r->units == 0;
    }
    print_message("practitioner MUE: %zu codes, MAI 1 %zu, 2 %zu, 3 %zu, zero %zu\n", t.entries.count,
                  by_mai[1], by_mai[2], by_mai[3], zero);
    assert_int_equal(by_mai[1] + by_mai[2] + by_mai[3], t.entries.count);
}

/* The physician fee schedule's two tables as they are published; a code without any value has no row. */
static void test_relative_values_as_published(void **state)
{
    (void)state;
    struct aver_table t = published("cms-policy-northstar/pfs_rvu_amt_level2.csv", AVER_TABLE_RVUS);
    size_t rows = 0;
    const struct aver_table_entry *e = t.entries.items;
    for (size_t i = 0; i < t.entries.count; i++) rows += e[i].rows.count;
    assert_true(rows >= 229);
    e = aver_table_find(&t, AVER_LIT("G0011"));
    assert_non_null(e);
    const struct aver_table_row *r = e->rows.items;
    assert_int_equal(r->work, 4500);
    assert_int_equal(r->practice, 3100);
    assert_int_equal(r->practice_facility, 1900);
    assert_int_equal(r->malpractice, 300);
    assert_int_equal(r->price, 33287500);
    assert_null(aver_table_find(&t, AVER_LIT("A0021")));
    t = published("cms-policy-northstar/pfs_gpci.csv", AVER_TABLE_GPCIS);
    assert_int_equal(t.entries.count, 109);
    r = aver_table_find(&t, AVER_LIT("10112-00"))->rows.items;
    assert_int_equal(r->work, 10000);
    assert_int_equal(r->practice, 8690);
    assert_int_equal(r->malpractice, 5750);
}

static void test_rows_of_a_locality(void **state)
{
    (void)state;
    struct aver_table t =
        table_ok("t", AVER_TABLE_FEES,
                 "code,price,from,modifier,place,locality\nA,1,2026-01-01,,,\nA,2,2026-01-01,,,L-1\n"
                 "A,3,2026-01-01,,22,\nA,4,2026-01-01,26,,L-1\n");
    const struct aver_table_entry *e = aver_table_find(&t, AVER_LIT("A"));
    const aver_bytes none = AVER_BYTES_NONE, mods[] = {AVER_LIT("26")}, here = AVER_LIT("L-1");
    aver_day d = day(2026, 3, 1);
    assert_true(aver_table_by_locality(e));
    assert_int_equal(aver_table_row_on(e, d, NULL, 0, none, none)->price, 1000000);
    assert_int_equal(aver_table_row_on(e, d, NULL, 0, none, AVER_LIT("L-2"))->price, 1000000);
    assert_int_equal(aver_table_row_on(e, d, NULL, 0, none, here)->price, 2000000);
    assert_int_equal(aver_table_row_on(e, d, NULL, 0, AVER_LIT("22"), here)->price, 3000000);
    assert_int_equal(aver_table_row_on(e, d, mods, 1, AVER_LIT("22"), here)->price, 4000000);
    assert_int_equal(aver_table_row_on(e, d, mods, 1, AVER_LIT("22"), none)->price, 3000000);
}

static void test_findings(void **state)
{
    (void)state;
    static const struct {
        enum aver_table_kind kind;
        const char *csv, *code;
        uint64_t line;
        const char *column, *value, *text;
    } cases[] = {
        {AVER_TABLE_FEES, "", "CSV-EMPTY", 1, NULL, NULL, "empty"},
        {AVER_TABLE_FEES, "code,pice,from\n", "CSV-COLUMN", 1, NULL, "pice", "did you mean price"},
        {AVER_TABLE_FEES, "code,price,from,colour\n", "CSV-COLUMN", 1, NULL, "colour", "remove it"},
        {AVER_TABLE_FEES, "code,price\n", "CSV-COLUMN", 1, "from", NULL, "missing"},
        {AVER_TABLE_FEES, "code,price,from,price\n", "CSV-COLUMN", 1, "price", "price", "twice"},
        {AVER_TABLE_FEES, "code,price,from\n,1,2026-01-01\n", "CSV-MISSING", 2, "code", NULL, "empty"},
        {AVER_TABLE_FEES, "code,price,from\n99213,1\n", "CSV-FIELDS", 2, NULL, NULL, "2 fields"},
        {AVER_TABLE_FEES, "code,price,from\ng0402,1,2026-01-01\n", "CSV-VALUE", 2, "code", "g0402",
         "capital"},
        {AVER_TABLE_FEES, "code,price,from\n99213,$1,2026-01-01\n", "CSV-VALUE", 2, "price", "$1", "dollars"},
        {AVER_TABLE_FEES, "code,price,from\n99213,0.0000001,2026-01-01\n", "CSV-VALUE", 2, "price",
         "0.0000001", "six"},
        {AVER_TABLE_FEES, "code,price,from\n99213,1,01/02/2026\n", "CSV-VALUE", 2, "from", "01/02/2026",
         "2026-03-01"},
        {AVER_TABLE_FEES, "code,price,from,to\n99213,1,2026-02-01,2026-01-01\n", "TABLE-ROW", 2, "to",
         "2026-01-01", "ends"},
        {AVER_TABLE_FEES, "code,price,from\n99213,,2026-01-01\n", "TABLE-ROW", 2, "price", NULL, "empty"},
        {AVER_TABLE_FEES, "code,price,from,bundled\n99213,1,2026-01-01,y\n", "TABLE-ROW", 2, "price", "1",
         "bundled"},
        {AVER_TABLE_FEES, "code,price,from,bundled\n99213,1,2026-01-01,maybe\n", "CSV-VALUE", 2, "bundled",
         "maybe", "yes or no"},
        {AVER_TABLE_FEES, "code,price,from,modifier\n99213,1,2026-01-01,123\n", "CSV-VALUE", 2, "modifier",
         "123", "capital"},
        {AVER_TABLE_FEES, "code,price,from\n99213,1,2026-01-01\n\"9\n", "CSV-UNCLOSED", 3, NULL, NULL,
         "not closed"},
        {AVER_TABLE_PAIRS, "column1,column2,modifier_indicator\nA,B,2\n", "CSV-VALUE", 2,
         "modifier_indicator", "2", "0: never"},
        {AVER_TABLE_PAIRS, "column1,column2,modifier_indicator\nA,B,0\nA,B,1\n", "TABLE-OVERLAP", 3,
         "effective", NULL, "line 2"},
        {AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai\nA,1,4\n", "CSV-VALUE", 2, "mue_mai", "4",
         "1: a line"},
        {AVER_TABLE_UNITS, "hcpcs_code,mue_units,mue_mai\nA,1.5,1\n", "CSV-VALUE", 2, "mue_units", "1.5",
         "whole number"},
        {AVER_TABLE_CODES, "code,from,to\nA,2026-01-01,2026-02-01\nA,2026-02-01,\n", "TABLE-OVERLAP", 3,
         "from", NULL, "line 2"},
        {AVER_TABLE_CODES, "code,from,to\nA,2026-01-01,\nA,2026-02-01,2026-02-02\n", "TABLE-OVERLAP", 3,
         "from", NULL, "line 2"},
        {AVER_TABLE_CODES, "code,from,to\nA,2026-01-01,2026-12-31\nA,2026-02-01,2026-02-02\nA,2026-03-01,\n",
         "TABLE-OVERLAP", 4, "from", NULL, "line 2"},
        {AVER_TABLE_FEES, "code,price,from,locality\nA,1,2026-01-01,l 1\n", "CSV-VALUE", 2, "locality", "l 1",
         "10112-00"},
        {AVER_TABLE_FEES, "code,price,from,locality\nA,1,2026-01-01,L\nA,2,2026-02-01,L\n", "TABLE-OVERLAP",
         3, "from", NULL, "line 2"},
        {AVER_TABLE_RVUS, "hcpcs_code,rvu_work,rvu_non_pe,rvu_fac_pe,rvu_mp,cf\nA,1,1,1,1,0\n", "CSV-VALUE",
         2, "cf", "0", "zero"},
        {AVER_TABLE_RVUS, "hcpcs_code,rvu_work,rvu_non_pe,rvu_fac_pe,rvu_mp,cf\nA,-1,1,1,1,1\n", "CSV-VALUE",
         2, "rvu_work", "-1", "1.042"},
        {AVER_TABLE_RVUS, "hcpcs_code,rvu_work,rvu_non_pe,rvu_fac_pe,rvu_mp,cf\nA,1,1,1,10000,1\n",
         "CSV-VALUE", 2, "rvu_mp", "10000", "1.042"},
        {AVER_TABLE_GPCIS, "mac,locality,gpci_work,gpci_pe,gpci_mp\n1,00,1,1,1\n1,00,1,1,1\n",
         "TABLE-OVERLAP", 3, "effective", NULL, "line 2"},
        {AVER_TABLE_LOCALITIES, "postal_code,state,locality,from\n80202,CO,1-00,2026-01-01\n", "TABLE-ROW", 2,
         "postal_code", "80202", "one of both"},
        {AVER_TABLE_LOCALITIES, "postal_code,locality,from\n8020,1-00,2026-01-01\n", "CSV-VALUE", 2,
         "postal_code", "8020", "five digits"},
        {AVER_TABLE_LOCALITIES, "postal_code,locality,from\n80202,1-00,2026-01-01\n80202,1-01,2026-02-01\n",
         "TABLE-OVERLAP", 3, "from", NULL, "line 2"},
        {AVER_TABLE_ROSTER, "npi,tier,from\n123,a,2026-01-01\n", "CSV-VALUE", 2, "npi", "123", "ten digits"},
        {AVER_TABLE_ROSTER, "npi,tier,from\n1234567893,In Network,2026-01-01\n", "CSV-VALUE", 2, "tier",
         "In Network", "networks"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_table t;
        struct aver_list l;
        struct aver_why why = {0};
        aver_err err = aver_table_from_csv(&t, AVER_LIT("t"), cases[i].kind, "t.csv",
                                           aver_bytes_str(cases[i].csv), &arena, &l, &why);
        const struct aver_sheet_finding *f = l.items, *hit = NULL;
        for (size_t k = 0; k < l.count; k++)
            if (strcmp(f[k].code, cases[i].code) == 0 && f[k].line == cases[i].line &&
                aver_bytes_is(f[k].column, cases[i].column) && aver_bytes_is(f[k].value, cases[i].value) &&
                strstr((const char *)f[k].text.ptr, cases[i].text))
                hit = &f[k];
        if (err != AVER_E_INPUT || !hit || !hit->error) {
            for (size_t k = 0; k < l.count; k++)
                print_message("%s %zu %.*s \"%.*s\": %.*s\n", f[k].code, (size_t)f[k].line,
                              AVER_STR(f[k].column), AVER_STR(f[k].value), AVER_STR(f[k].text));
            fail_msg("%s: no %s", cases[i].csv, cases[i].code);
        }
        assert_non_null(strstr(why.place, "t.csv:"));
    }
    struct aver_table t;
    struct aver_list l;
    struct aver_why why = {0};
    assert_int_equal(aver_table_from_csv(&t, AVER_LIT("A b"), AVER_TABLE_CODES, "t.csv",
                                         AVER_LIT("code,from\n"), &arena, &l, &why),
                     AVER_E_INPUT);
    assert_string_equal(why.code, "TABLE-NAME");
    assert_int_equal(aver_table_from_csv(&t, AVER_LIT("r"), AVER_TABLE_ROSTER, "t.csv",
                                         AVER_LIT("npi,tier,from\n1234567890,a,2026-01-01\n"), &arena, &l,
                                         &why),
                     AVER_OK);
    assert_int_equal(l.count, 1);
    assert_string_equal(((struct aver_sheet_finding *)l.items)->code, "TABLE-NPI");
}

static void test_findings_are_capped(void **state)
{
    (void)state;
    struct aver_buf b = {0};
    aver_buf_str(&b, "code,from\n");
    for (int i = 0; i < 3000; i++) aver_buf_str(&b, "a,b\n");
    struct aver_table t;
    struct aver_list l;
    assert_int_equal(aver_table_from_csv(&t, AVER_LIT("t"), AVER_TABLE_CODES, "t.csv", aver_buf_view(&b),
                                         &arena, &l, NULL),
                     AVER_E_INPUT);
    assert_int_equal(l.count, AVER_SHEET_ERRORS_MAX);
    aver_buf_free(&b);
}

static void test_check(void **state)
{
    (void)state;
    struct aver_table_row rows[] = {{.from = 10, .to = 20}, {.from = 21, .to = AVER_NO_DAY}};
    struct aver_table_entry entries[] = {{AVER_LIT("A"), {rows, 2, 2}}, {AVER_LIT("B"), {rows, 2, 2}}};
    struct aver_table t = {AVER_LIT("t"), AVER_TABLE_CODES, {{1}}, {entries, 2, 2}};
    struct aver_why why = {0};
    assert_int_equal(aver_table_check(&t, &why), AVER_OK);
#define BAD(change, undo, c)                                                                                 \
    do {                                                                                                     \
        change;                                                                                              \
        assert_int_equal(aver_table_check(&t, &why), AVER_E_INPUT);                                          \
        assert_string_equal(why.code, c);                                                                    \
        undo;                                                                                                \
        assert_int_equal(aver_table_check(&t, &why), AVER_OK);                                               \
    } while (0)
    BAD(rows[0].to = 21, rows[0].to = 20, "TABLE-OVERLAP");
    BAD(rows[0].to = AVER_NO_DAY, rows[0].to = 20, "TABLE-OVERLAP");
    BAD(rows[0].to = 9, rows[0].to = 20, "TABLE-ROW");
    BAD(rows[0].from = 30; rows[0].to = 40, rows[0].from = 10; rows[0].to = 20, "TABLE-ORDER");
    BAD(rows[0].price = 1, rows[0].price = 0, "TABLE-ROW");
    BAD(rows[0].tier = AVER_LIT("x"), rows[0].tier = AVER_BYTES_NONE, "TABLE-ROW");
    BAD(entries[1].code = AVER_LIT("A"), entries[1].code = AVER_LIT("B"), "TABLE-ORDER");
    BAD(entries[1].rows.count = 0, entries[1].rows.count = 2, "TABLE-ROW");
    BAD(t.name = AVER_LIT("T"), t.name = AVER_LIT("t"), "TABLE-NAME");
    BAD(t.kind = AVER_TABLE_KINDS + 1, t.kind = AVER_TABLE_CODES, "RECORD-FIELD");
    BAD(rows[1].description = AVER_LIT("a\nb"), rows[1].description = AVER_BYTES_NONE, "RECORD-FIELD");
    t.kind = AVER_TABLE_ROSTER;
    assert_int_equal(aver_table_check(&t, &why), AVER_E_INPUT);
    assert_string_equal(why.text, "a row of a roster needs its tier");
}

/* The root opens each entry to the bytes of its encoding, and shows that another code has none. */
static void test_root(void **state)
{
    (void)state;
    struct aver_table t = table_ok("fees", AVER_TABLE_FEES, fees);
    aver_digest root = aver_table_root(&t);
    const struct aver_table_entry *e = t.entries.items;
    struct aver_smt_update updates[8];
    struct aver_buf rows[8] = {{0}};
    for (size_t i = 0; i < t.entries.count; i++) {
        aver_schema_encode(&rows[i], &aver_table_entry_schema, &e[i]);
        aver_smt_set_row(&updates[i], e[i].code, aver_buf_view(&rows[i]));
    }
    aver_smt_sort(updates, t.entries.count);
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), true};
    aver_digest same;
    assert_int_equal(aver_smt_apply(&smt, &same, updates, t.entries.count, NULL), AVER_OK);
    assert_true(aver_digest_eq(root, same));
    struct aver_smt_proof proof;
    for (size_t i = 0; i < t.entries.count; i++) {
        aver_digest path = aver_sha256(e[i].code);
        assert_int_equal(aver_smt_prove(&smt, &proof, NULL, &path, NULL), AVER_OK);
        assert_int_equal(aver_smt_verify_member(&root, e[i].code, aver_buf_view(&rows[i]), &proof, NULL),
                         AVER_OK);
    }
    aver_digest path = aver_sha256(AVER_LIT("99214"));
    assert_int_equal(aver_smt_prove(&smt, &proof, NULL, &path, NULL), AVER_OK);
    assert_int_equal(aver_smt_verify_absent(&root, AVER_LIT("99214"), &proof, NULL), AVER_OK);
    aver_smt_memory_free(&memory);
    for (size_t i = 0; i < t.entries.count; i++) aver_buf_free(&rows[i]);

    struct aver_table none = table_ok("none", AVER_TABLE_CODES, "code,from\n");
    aver_digest empty = aver_table_root(&none), zero = {{0}};
    assert_true(aver_digest_eq(empty, zero));

    /* and the record survives its encoding */
    struct aver_buf b = {0};
    aver_schema_encode(&b, &aver_table_schema, &t);
    struct aver_table read;
    assert_int_equal(aver_schema_read(aver_buf_view(&b), &aver_table_schema, &read, &arena, NULL), AVER_OK);
    aver_digest again = aver_table_root(&read);
    assert_true(aver_digest_eq(root, again));
    assert_int_equal(aver_table_check(&read, NULL), AVER_OK);
    aver_buf_free(&b);
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_fees, clean),
        cmocka_unit_test_teardown(test_roster_and_codes, clean),
        cmocka_unit_test_teardown(test_excluded, clean),
        cmocka_unit_test_teardown(test_excluded_as_published, clean),
        cmocka_unit_test_teardown(test_pairs_and_units, clean),
        cmocka_unit_test_teardown(test_partners_of_a_code, clean),
        cmocka_unit_test_teardown(test_ncci_in_the_published_form, clean),
        cmocka_unit_test_teardown(test_next_edition, clean),
        cmocka_unit_test_teardown(test_ncci_as_published, clean),
        cmocka_unit_test_teardown(test_relative_values_as_published, clean),
        cmocka_unit_test_teardown(test_rows_of_a_locality, clean),
        cmocka_unit_test_teardown(test_findings, clean),
        cmocka_unit_test_teardown(test_findings_are_capped, clean),
        cmocka_unit_test_teardown(test_check, clean),
        cmocka_unit_test_teardown(test_root, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
