/* tests/unit/test_csv.c - rows and fields as RFC 4180 has them, the writer, enrolment, and claims from a flat file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "adapters/csv_claims.h"
#include "adapters/csv_members.h"
#include "base/nearest.h"

static struct aver_arena arena;

static int clean(void **state)
{
    (void)state;
    aver_arena_free(&arena);
    return 0;
}

/* The rows as one text: fields joined by '|', rows by '/', a bad row as its code, each with its line before it. */
static const char *rows_of(const char *in, size_t len)
{
    struct aver_csv csv;
    struct aver_csv_row row;
    struct aver_why why;
    struct aver_buf b = {0};
    aver_csv_open(&csv, aver_bytes_of(in, len), &arena);
    size_t covered = 0;
    for (enum aver_csv_step step; (step = aver_csv_next(&csv, &row, &why)) != AVER_CSV_END;) {
        assert_true(row.offset >= covered && row.length > 0);
        covered = row.offset + row.length;
        aver_buf_printf(&b, "%s%zu:", b.len ? "/" : "", (size_t)row.line);
        if (step == AVER_CSV_BAD) aver_buf_str(&b, why.code);
        for (size_t i = 0; step == AVER_CSV_ROW && i < row.count; i++)
            aver_buf_printf(&b, "%s%.*s", i ? "|" : "", AVER_STR(row.fields[i]));
    }
    assert_true(covered <= len);
    const char *text = aver_arena_printf(&arena, "%.*s", (int)b.len, b.len ? (const char *)b.ptr : "");
    aver_buf_free(&b);
    return text;
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"", ""},
        {"\xef\xbb\xbf", ""},
        {"\n\r\n\n", ""},
        {"a,b", "1:a|b"},
        {"\xef\xbb\xbf"
         "a,b\r\n1,2\r\n",
         "1:a|b/2:1|2"},
        {"a,b\n,\n", "1:a|b/2:|"},
        {"a\n\"\"\n", "1:a/2:"},
        {"a,b\n\n\n1,2", "1:a|b/4:1|2"},
        {"a\n\"x,y\"\n", "1:a/2:x,y"},
        {"a\n\"x\"\"y\"\n", "1:a/2:x\"y"},
        {"a\n\"\"\"\"\"\"\n", "1:a/2:\"\""},
        {"a,b\n\"1\n2\",3\n4,5\n", "1:a|b/2:1\n2|3/4:4|5"},
        {"a,b\n\"1\r\n2\",3\r\n4,5", "1:a|b/2:1\r\n2|3/4:4|5"},
        {" a , b \n", "1: a | b "},
        {"a,b\n1\n2,3\n", "1:a|b/2:CSV-FIELDS/3:2|3"},
        {"a,b\n1,2,3\n2,3\n", "1:a|b/2:CSV-FIELDS/3:2|3"},
        {"a,b\n1,x\"y\n2,3\n", "1:a|b/2:CSV-QUOTE/3:2|3"},
        {"a,b\n\"1\"x,2\n2,3\n", "1:a|b/2:CSV-QUOTE/3:2|3"},
        {"a,b\n\"1\" ,2\n2,3\n", "1:a|b/2:CSV-QUOTE/3:2|3"},
        {"a,b\n\"1,2\n2,3\n", "1:a|b/2:CSV-UNCLOSED/3:2|3"},
        {"a,b\n1,2\n\"", "1:a|b/2:1|2/3:CSV-UNCLOSED"},
        {"a,b\n1\r2,3\n2,3\n", "1:a|b/2:CSV-CR/3:2|3"},
        {"a,b\r1,2\r", "1:CSV-CR"},
        {"a,b\n1,\xff\n2,3\n", "1:a|b/2:CSV-UTF8/3:2|3"},
        {"a,b\n1,\xc3\xa9\n", "1:a|b/2:1|\xc3\xa9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(rows_of(cases[i].in, strlen(cases[i].in)), cases[i].want);
    assert_string_equal(rows_of("a,b\n1,\0\n2,3\n", 12), "1:a|b/2:CSV-NUL/3:2|3");
    assert_string_equal(rows_of("a,b\n1,\"\0\"\n2,3\n", 14), "1:a|b/2:CSV-NUL/3:2|3");
}

static void test_bounds(void **state)
{
    (void)state;
    struct aver_buf b = {0};
    aver_buf_str(&b, "a\n");
    for (size_t i = 0; i < AVER_CSV_FIELD_MAX; i++) aver_buf_byte(&b, 'x');
    assert_true(strstr(rows_of((const char *)b.ptr, b.len), "2:x") != NULL);
    aver_buf_str(&b, "x\nb");
    assert_string_equal(rows_of((const char *)b.ptr, b.len), "1:a/2:CSV-SIZE/3:b");
    b.len = 2;
    for (size_t i = 0; i < 2 * AVER_CSV_ROW_MAX; i++) aver_buf_byte(&b, i % 100 ? 'x' : ',');
    aver_buf_str(&b, "\nb");
    assert_string_equal(rows_of((const char *)b.ptr, b.len), "1:a/2:CSV-SIZE/3:b");
    b.len = 2;
    for (size_t i = 0; i < AVER_CSV_FIELDS_MAX; i++) aver_buf_byte(&b, ',');
    aver_buf_str(&b, "\nb");
    assert_string_equal(rows_of((const char *)b.ptr, b.len), "1:a/2:CSV-SIZE/3:b");
    /* a quote that closes too late swallows nothing but its own line */
    b.len = 2;
    aver_buf_byte(&b, '"');
    for (size_t i = 0; i < AVER_CSV_ROW_MAX; i++) aver_buf_str(&b, "x\n");
    const char *rows = rows_of((const char *)b.ptr, b.len);
    assert_memory_equal(rows, "1:a/2:CSV-UNCLOSED/3:x/4:x/", 27);
    aver_buf_free(&b);
}

static void test_writer(void **state)
{
    (void)state;
    static const struct {
        const char *field, *want;
    } cases[] = {{"", ""},
                 {"a b", "a b"},
                 {"a,b", "\"a,b\""},
                 {"a\"b", "\"a\"\"b\""},
                 {"a\nb", "\"a\nb\""},
                 {"=1+1", "'=1+1"},
                 {"=a,b", "\"'=a,b\""},
                 {"+1", "'+1"},
                 {"@x", "'@x"},
                 {"-5.00", "-5.00"},
                 {"-", "'-"},
                 {"-1-1", "'-1-1"},
                 {"-1.2.3", "'-1.2.3"},
                 {"\tx", "'\tx"},
                 {" x", "\" x\""},
                 {"O'Hara", "O'Hara"}};
    struct aver_buf b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b.len = 0;
        aver_csv_put(&b, true, aver_bytes_str(cases[i].field));
        aver_buf_byte(&b, 0);
        assert_string_equal((const char *)b.ptr, cases[i].want);
    }
    b.len = 0;
    aver_csv_put(&b, true, AVER_LIT("a\"\r\n"));
    aver_csv_put(&b, false, AVER_BYTES_NONE);
    aver_csv_put_end(&b);
    assert_string_equal(rows_of((const char *)b.ptr, b.len), "1:a\"\r\n|");
    aver_buf_free(&b);
}

static void test_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *known, *best;
    } cases[] = {{"copya", "copay", "copay"}, {"coopay", "copay", "copay"},
                 {"Copay", "copay", "copay"}, {"cpay", "copay", "copay"},
                 {"dollars", "copay", NULL},  {"x", "y", "y"},
                 {"units", "unit", "unit"},   {"billing_npj", "billing_npi", "billing_npi"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_nearest n = {.wanted = aver_bytes_str(cases[i].wanted)};
        aver_nearest_offer(&n, aver_bytes_str(cases[i].known));
        if (!aver_bytes_is(n.best, cases[i].best)) fail_msg("%s", cases[i].wanted);
    }
    struct aver_nearest n = {.wanted = AVER_LIT("charg")};
    aver_nearest_offer(&n, AVER_LIT("change"));
    aver_nearest_offer(&n, AVER_LIT("charge"));
    assert_true(aver_bytes_is(n.best, "charge"));
}

#define MEMBERS                                                                                              \
    "family_id,member_id,relationship,last_name,first_name,birth_date,sex,plan,group_number,coverage_from,coverage_to\n"

static void test_families(void **state)
{
    (void)state;
    static const char csv[] = MEMBERS "F2,M3,self,Ray,Ann,1980-02-29,F,plan-1,G1,2026-01-01,\n"
                                      "F1,M2,child,Lee,Bo,20150301,U,plan-1,G1,2026-01-01,2026-06-30\n"
                                      "F1,M1,self,Lee,Cy,1970-01-01,M,plan-1,G1,2026-01-01,2026-03-31\n"
                                      "F1,M1,self,Lee,Cy,1970-01-01,M,plan-2,,2026-04-01,\n";
    struct aver_list families, findings;
    struct aver_why why = {0};
    aver_err err = aver_families_from_csv(&families, "m.csv", aver_bytes_str(csv), &arena, &findings, &why);
    if (err != AVER_OK) fail_msg("%s %s %s", why.code, why.place, why.text);
    assert_int_equal(findings.count, 0);
    assert_int_equal(families.count, 2);
    struct aver_family *f = families.items;
    assert_true(aver_bytes_is(f[0].family_id, "F1"));
    assert_int_equal(f[0].members.count, 2);
    const struct aver_member *m = f[0].members.items;
    assert_true(aver_bytes_is(m[0].member_id, "M1"));
    assert_int_equal(m[0].relationship, AVER_SELF);
    assert_int_equal(m[0].covers.count, 2);
    const struct aver_cover *c = m[0].covers.items;
    assert_true(aver_bytes_is(c[1].plan, "plan-2"));
    assert_null(c[1].group_number.ptr);
    assert_int_equal(c[0].to, aver_day_of(2026, 3, 31));
    assert_int_equal(c[1].to, AVER_NO_DAY);
    assert_int_equal(m[1].relationship, AVER_CHILD);
    assert_true(aver_bytes_is(m[1].sex, "U"));
    uint8_t secret[32] = {1};
    for (size_t i = 0; i < 2; i++) {
        f[i].secret = aver_bytes_of(secret, 32);
        assert_int_equal(aver_schema_check(&aver_family_schema, &f[i], &why), AVER_OK);
    }
}

static void test_family_findings(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *code, *column;
        uint64_t line;
        size_t families;
    } cases[] = {
        {"F 1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\n", "CSV-VALUE", "family_id", 2, 0},
        {"F1,M1,me,A,B,1970-01-01,M,p,g,2026-01-01,\n", "CSV-VALUE", "relationship", 2, 0},
        {"F1,M1,self,A,B,1970-13-01,M,p,g,2026-01-01,\n", "CSV-VALUE", "birth_date", 2, 0},
        {"F1,M1,self,A,B,1970-01-01,X,p,g,2026-01-01,\n", "CSV-VALUE", "sex", 2, 0},
        {"F1,M1,self,A,B,1970-01-01,M,,g,2026-01-01,\n", "CSV-MISSING", "plan", 2, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,2025-01-01\n", "MEMBER-DATES", "coverage_to", 2, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,2026-02-01\nF1,M1,self,A,C,1970-01-01,M,p,g,2026-03-01,\n",
         "MEMBER-DIFFERS", "first_name", 3, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,2026-02-01\nF1,M1,self,A,B,1970-01-01,M,p,g,2026-02-01,\n",
         "MEMBER-OVERLAP", "coverage_from", 3, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\nF1,M1,self,A,B,1970-01-01,M,p,g,2027-02-01,\n",
         "MEMBER-OVERLAP", "coverage_from", 3, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\nF2,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\n",
         "MEMBER-FAMILY", "member_id", 3, 0},
        {"F1,M1,child,A,B,1970-01-01,M,p,g,2026-01-01,\n", "MEMBER-SELF", "relationship", 2, 0},
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\nF1,M2,self,A,B,1970-01-01,M,p,g,2026-01-01,\n",
         "MEMBER-SELF", "relationship", 2, 0},
        /* a bad row takes its family with it, and no other */
        {"F1,M1,self,A,B,1970-01-01,M,p,g,2026-01-01,\nF1,M2,child,A,B,1970-01-01,M,p,g,soon,\nF2,M3,self,A,B,1970-01-01,M,p,g,2026-01-01,\n",
         "CSV-VALUE", "coverage_from", 3, 1},
        {"F1,M1,self\nF2,M3,self,A,B,1970-01-01,M,p,g,2026-01-01,\n", "CSV-FIELDS", NULL, 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct aver_list families, findings;
        struct aver_why why = {0};
        aver_bytes csv = aver_bytes_str(aver_arena_printf(&arena, "%s%s", MEMBERS, cases[i].rows));
        assert_int_equal(aver_families_from_csv(&families, "m.csv", csv, &arena, &findings, &why),
                         AVER_E_INPUT);
        const struct aver_sheet_finding *f = findings.items, *hit = NULL;
        for (size_t k = 0; k < findings.count; k++)
            if (!strcmp(f[k].code, cases[i].code) && f[k].line == cases[i].line &&
                aver_bytes_is(f[k].column, cases[i].column))
                hit = &f[k];
        if (!hit || families.count != cases[i].families)
            fail_msg("case %zu: %s %s %s, %zu families", i, why.code, why.place, why.text, families.count);
    }
}

#define CLAIMS                                                                                                            \
    "patient_control_number,member_id,total_charge,billing_npi,rendering_npi,diagnoses,procedure,modifiers,units,charge," \
    "service_from,service_to,diagnosis_pointers,place_of_service,relationship,last_name,birth_date,frequency,original_reference\n"

static struct aver_intake intake;

static void read_claims(aver_bytes csv)
{
    aver_intake_init(&intake, &arena);
    aver_csv_claims_read(&intake, csv);
    /* Nothing is lost: each finding has its words, each rejection its finding. */
    for (size_t i = 0; i < intake.findings.count; i++) {
        const struct aver_finding *f = &aver_intake_findings(&intake)[i];
        assert_true(f->code.len > 0 && f->text.len > 0);
        assert_true(f->covers_to <= csv.len && f->covers_from <= f->covers_to);
    }
    for (size_t i = 0; i < intake.rejected.count; i++) {
        size_t f = aver_intake_rejects(&intake)[i].finding;
        assert_true(f < intake.findings.count && aver_intake_findings(&intake)[f].level >= AVER_LEVEL_CLAIM);
    }
}

static void test_claims(void **state)
{
    (void)state;
    static const char csv[] = CLAIMS
        "A1,M1,250.50,1234567893,1245319599,J20.9 R05,99213,25 59,1,200,2026-03-02,,1 2,11,,Lee,1970-01-01,,\r\n"
        "A1,,,,1234567893,,\"97110\",,1.5,50.5,2026-03-01,2026-03-03,2,22,,,,,\r\n"
        "B2,M2,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,child,Ray,2015-02-03,7,X9\r\n";
    read_claims(aver_bytes_str(csv));
    if (intake.rejected.count) fail_msg("%.*s", AVER_STR(aver_intake_findings(&intake)->text));
    assert_int_equal(intake.claims.count, 2);
    assert_int_equal(intake.findings.count, 0);
    const struct aver_claim *a = aver_intake_claims(&intake)[0].claim,
                            *b = aver_intake_claims(&intake)[1].claim;
    assert_true(aver_bytes_is(aver_intake_claims(&intake)[1].place, "row 3, line 4"));
    assert_int_equal(a->total_charge.cents, 25050);
    assert_int_equal(a->lines.count, 2);
    const struct aver_line *l = a->lines.items;
    assert_int_equal(l[1].units, 1500);
    assert_int_equal(l[1].number, 2);
    assert_int_equal(l[0].modifiers.count, 2);
    assert_true(aver_bytes_is(((aver_bytes *)l[0].modifiers.items)[1], "59"));
    assert_int_equal(((uint64_t *)l[0].diagnosis_pointers.items)[1], 2);
    assert_int_equal(l[0].service_to, aver_day_of(2026, 3, 2));
    assert_int_equal(a->statement_from, aver_day_of(2026, 3, 1));
    assert_int_equal(a->statement_to, aver_day_of(2026, 3, 3));
    assert_true(aver_bytes_is(a->place_of_service, "11"));
    assert_null(l[0].place_of_service.ptr);
    assert_true(aver_bytes_is(l[1].place_of_service, "22"));
    assert_true(aver_bytes_is(aver_claim_rendering_id(a, &l[0]), "1245319599"));
    assert_true(aver_bytes_is(aver_claim_rendering_id(a, &l[1]), "1234567893"));
    const struct aver_diagnosis *d = a->diagnoses.items;
    assert_true(aver_bytes_is(d[0].code, "J209") && aver_bytes_is(d[0].role, "ABK") &&
                aver_bytes_is(d[1].role, "ABF"));
    assert_null(a->patient);
    assert_true(aver_bytes_is(a->subscriber->last_name, "Lee"));
    assert_true(aver_bytes_is(a->coverage->relationship, "18"));
    assert_int_equal(a->frequency, 1);
    assert_int_equal(a->source->format, AVER_FORMAT_CSV);
    assert_int_equal(a->source->offset, sizeof CLAIMS - 1);
    assert_memory_equal(csv + b->source->offset, "B2,", 3);
    assert_int_equal(a->source->offset + a->source->length, b->source->offset);
    assert_int_equal(b->source->offset + b->source->length, sizeof csv - 1);
    aver_digest sha = aver_sha256(aver_bytes_str(csv));
    assert_true(aver_digest_eq(a->source->sha256, sha));
    assert_non_null(b->patient);
    assert_true(aver_bytes_is(b->patient->last_name, "Ray"));
    assert_null(b->patient->member_id.ptr);
    assert_true(aver_bytes_is(b->subscriber->member_id, "M2"));
    assert_true(aver_bytes_is(b->coverage->relationship, "19"));
    assert_int_equal(b->frequency, 7);
    assert_true(aver_bytes_is(b->original_reference, "X9"));
}

#define GOOD "G1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,,Ray,,,\n"

/* A bad claim between two good ones: they stand, it is rejected for the reason named. */
static void test_claim_findings(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *code, *path;
        uint64_t line;
    } cases[] = {
        {"A1,,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\n", "CSV-MISSING", "member_id", 3},
        {"A1,M1,,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\n", "CSV-MISSING", "total_charge", 3},
        {"A1,M1,10,1234567893,,Z00,,,1,10,20260304,,,11,,,,,\n", "CSV-MISSING", "procedure", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,ten,20260304,,,11,,,,,\n", "CSV-VALUE", "charge", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1.2345,10,20260304,,,11,,,,,\n", "CSV-VALUE", "units", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,0,10,20260304,,,11,,,,,\n", "CLAIM-UNITS", "/lines/0", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,25-59,1,10,20260304,,,11,,,,,\n", "CSV-VALUE", "modifiers", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,,2,11,,,,,\n", "CSV-VALUE", "diagnosis_pointers", 3},
        {"A1,M1,10,1234567893,,\"Z00,R05\",G0402,,1,10,20260304,,,11,,,,,\n", "CSV-VALUE", "diagnoses", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,20260303,,11,,,,,\n", "CLAIM-DATES", "/statement_to",
         3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,uncle,,,,\n", "CSV-VALUE", "relationship", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,2,\n", "CSV-VALUE", "frequency", 3},
        {"A1,M1,10,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,8,\n", "CLAIM-FREQUENCY",
         "/original_reference", 3},
        {"A1,M1,10,,,Z00,G0402,,1,10,20260304,,,11,,,,,\n", "CLAIM-PROVIDER", "/billing_provider", 3},
        {"A1,M1,11,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\n", "CLAIM-TOTAL", "/total_charge", 3},
        {"A1,M1,20,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\nA1,M2,,,,,G0402,,1,10,20260304,,,11,,,,,\n",
         "CSV-CLAIM", "member_id", 4},
        {"A1,M1,20,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\nA1,x\nA1,M1,,,,,G0402,,1,10,20260304,,,11,,,,,\n",
         "CSV-FIELDS", NULL, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_claims(aver_bytes_str(aver_arena_printf(&arena, "%s%s%s%s", CLAIMS, GOOD, cases[i].rows, GOOD)));
        const struct aver_intake_rejected *r = aver_intake_rejects(&intake);
        const struct aver_finding *f =
            intake.rejected.count ? &aver_intake_findings(&intake)[r->finding] : NULL;
        if (intake.claims.count != 2 || intake.rejected.count != 1 ||
            !aver_bytes_is(f->code, cases[i].code) || f->at.line != cases[i].line ||
            !aver_bytes_is(f->path, cases[i].path) || !aver_bytes_is(r->claim, "A1") ||
            !aver_bytes_is(f->claim, "A1"))
            fail_msg("case %zu: %zu claims, %zu rejected, %.*s %.*s line %zu: %.*s", i, intake.claims.count,
                     intake.rejected.count, AVER_STR(f ? f->code : AVER_BYTES_NONE),
                     AVER_STR(f ? f->path : AVER_BYTES_NONE), f ? (size_t)f->at.line : 0,
                     AVER_STR(f ? f->text : AVER_BYTES_NONE));
        size_t good = sizeof CLAIMS - 1 + sizeof GOOD - 1;
        assert_int_equal(f->covers_from, good);
        assert_int_equal(f->covers_to, good + strlen(cases[i].rows));
    }
}

/* Rows that belong to no claim that can be known are rejected by themselves; what they tear out of a claim shows in its total. */
static void test_lost_rows(void **state)
{
    (void)state;
    read_claims(AVER_LIT(CLAIMS GOOD "x\n" GOOD));
    assert_int_equal(intake.claims.count,
                     0); /* the same control number on both sides: one claim with a hole */
    assert_int_equal(intake.rejected.count, 1);
    read_claims(AVER_LIT(CLAIMS GOOD "x\n\"y\n"));
    assert_int_equal(intake.claims.count, 1);
    assert_int_equal(intake.rejected.count, 2);
    assert_null(aver_intake_rejects(&intake)[0].claim.ptr);
    assert_true(aver_bytes_is(aver_intake_rejects(&intake)[1].place, "row 3, line 4"));
    read_claims(
        AVER_LIT(CLAIMS GOOD "A1,M1,20,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\nA1,M1\n" GOOD));
    assert_int_equal(intake.claims.count, 2);
    assert_int_equal(intake.rejected.count, 2); /* A1 for its total, and the row */
    read_claims(AVER_LIT(CLAIMS ",M1,20,1234567893,,Z00,G0402,,1,10,20260304,,,11,,,,,\n" GOOD));
    assert_int_equal(intake.claims.count, 1);
    assert_int_equal(intake.rejected.count, 1);
}

static void test_claim_files(void **state)
{
    (void)state;
    static const struct {
        const char *csv, *code;
    } cases[] = {{"", "CSV-EMPTY"},
                 {"patient_control_numbr,member_id\n", "CSV-COLUMN"},
                 {"a,\"b\n", "CSV-UNCLOSED"},
                 {"1234567893,M1,20.00\n", "CSV-COLUMN"},
                 {"patient_control_number;member_id\n", "CSV-COLUMN"},
                 {"PK\x03\x04,", "CSV-FORMAT"},
                 {"\xff\xfep", "CSV-FORMAT"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_claims(aver_bytes_str(cases[i].csv));
        assert_int_equal(intake.claims.count + intake.rejected.count, 0);
        const struct aver_finding *f = aver_intake_findings(&intake);
        assert_true(aver_bytes_is(f->code, cases[i].code));
        assert_int_equal(f->level, AVER_LEVEL_FILE);
        assert_int_equal(f->covers_to, strlen(cases[i].csv));
    }
    read_claims(AVER_LIT(CLAIMS));
    assert_int_equal(intake.findings.count, 1);
    assert_int_equal(aver_intake_findings(&intake)->level, AVER_LEVEL_WARNING);
    read_claims(AVER_LIT(CLAIMS "A1,M1,10,1234567890,,Z00,G0402,,1,10,20260304,,,11,,,,,\n"));
    assert_int_equal(intake.claims.count, 1);
    assert_int_equal(intake.findings.count, 1);
    assert_true(aver_bytes_is(aver_intake_findings(&intake)->code, "CSV-NPI"));
    assert_int_equal(aver_intake_findings(&intake)->level, AVER_LEVEL_WARNING);
}

/* What spreadsheets do to a file: empty rows and columns are no data, and a code that has become a number is refused. */
static void test_spreadsheets(void **state)
{
    (void)state;
    static const char columns[] =
        "patient_control_number,member_id,total_charge,billing_npi,place_of_service,procedure,"
        "units,charge,service_from,,\n";
    static const struct {
        const char *row, *code; /* NULL: it is read */
    } cases[] = {{"A1,M1,10,1234567893,11,99213,1,10,2026-03-02,,\n,,,,,,,,,,\n , ,,,,,,,,,\n", NULL},
                 {"A1,M1,10,1234567893,01,00100,1,10,2026-03-02,,\n", NULL},
                 {"A1,M1,10,1234567893,1,99213,1,10,2026-03-02,,\n", "CSV-VALUE"},
                 {"A1,M1,10,1234567893,11,100,1,10,2026-03-02,,\n", "CSV-VALUE"},
                 {"A1,M1,10,1234567893,11,1E+05,1,10,2026-03-02,,\n", "CSV-VALUE"},
                 {"A1,M1,10,1.23457E+09,11,99213,1,10,2026-03-02,,\n", "CSV-NPI"},
                 {"A1,M1,10,123456789,11,99213,1,10,2026-03-02,,\n", "CSV-NPI"},
                 {"A1,M1,10,1234567893,11,99213,1,10,2026-03-02,,lost\n", "CSV-COLUMN"},
                 {"A1,M1,10,1234567893,11,99213,1,10,46083,,\n", "CSV-VALUE"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char csv[512];
        snprintf(csv, sizeof csv, "%s%s", columns, cases[i].row);
        read_claims(aver_bytes_str(csv));
        assert_int_equal(intake.claims.count, cases[i].code == NULL);
        assert_int_equal(intake.rejected.count, cases[i].code != NULL);
        if (!cases[i].code) continue;
        const struct aver_finding *f = aver_intake_findings(&intake);
        if (!aver_bytes_is(f->code, cases[i].code)) fail_msg("%s: %.*s", cases[i].row, AVER_STR(f->code));
    }
}

int main(void)
{
    aver_crypto_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_rows, clean),
        cmocka_unit_test_teardown(test_bounds, clean),
        cmocka_unit_test_teardown(test_writer, clean),
        cmocka_unit_test_teardown(test_nearest, clean),
        cmocka_unit_test_teardown(test_families, clean),
        cmocka_unit_test_teardown(test_family_findings, clean),
        cmocka_unit_test_teardown(test_claims, clean),
        cmocka_unit_test_teardown(test_claim_findings, clean),
        cmocka_unit_test_teardown(test_lost_rows, clean),
        cmocka_unit_test_teardown(test_claim_files, clean),
        cmocka_unit_test_teardown(test_spreadsheets, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
