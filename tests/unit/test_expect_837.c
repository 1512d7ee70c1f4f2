/* tests/unit/test_expect_837.c - verdicts about real 837P files that nobody here wrote, each checked by reading the file
 * against 005010X222A1 (tests/expect-837.tsv), and the same files with their faults mended one after the other. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "adapters/x12_837.h"
#include "tests/unit/data.h"

/* "accepted<TAB>rejected<TAB>segment:ordinal:element<TAB>code" of the first finding that rejects; "-" twice if none. */
static const char *verdict(struct aver_arena *arena, aver_bytes file)
{
    struct aver_intake in;
    aver_intake_init(&in, arena);
    aver_x12_837_read(&in, file);
    const struct aver_finding *f = aver_intake_findings(&in);
    for (size_t i = 0; i < in.findings.count; i++, f++) {
        if (f->level == AVER_LEVEL_WARNING) continue;
        return aver_arena_printf(arena, "%zu\t%zu\t%.*s:%u:%u\t%.*s", in.claims.count, in.rejected.count,
                                 AVER_STR(f->at.segment_id), f->at.segment, f->at.element, AVER_STR(f->code));
    }
    return aver_arena_printf(arena, "%zu\t%zu\t-\t-", in.claims.count, in.rejected.count);
}

static void test_every_file_has_its_verdict(void **state)
{
    (void)state;
    struct aver_arena arena = {0};
    (void)data_path(&arena, "");
    FILE *tsv = fopen("tests/expect-837.tsv", "r");
    assert_non_null(tsv);
    char row[1024];
    size_t rows = 0, wrong = 0;
    while (fgets(row, sizeof row, tsv)) {
        if (row[0] == '#') continue;
        row[strcspn(row, "\n")] = 0;
        char *tab = strchr(row, '\t');
        assert_non_null(tab);
        *tab = 0;
        aver_bytes file = data_file(&arena, data_path(&arena, row));
        const char *got = verdict(&arena, file);
        rows++;
        if (strcmp(got, tab + 1) != 0) {
            print_error("%s\n  want %s\n  got  %s\n", row, tab + 1, got);
            wrong++;
        }
    }
    fclose(tsv);
    aver_arena_free(&arena);
    assert_true(rows >= 30);
    assert_int_equal(wrong, 0);
}

/* The bytes with every `from` replaced by `to`; fails when there is none. */
static aver_bytes mended(struct aver_arena *arena, aver_bytes in, const char *from, const char *to)
{
    struct aver_buf out = {0};
    size_t n = strlen(from), times = 0;
    for (size_t i = 0; i < in.len;) {
        if (n && in.len - i >= n && memcmp(in.ptr + i, from, n) == 0) {
            aver_buf_str(&out, to);
            i += n;
            times++;
        } else
            aver_buf_byte(&out, in.ptr[i++]);
    }
    if (times == 0) fail_msg("\"%s\" is not in the file", from);
    aver_bytes copy = aver_arena_copy(arena, aver_buf_view(&out));
    aver_buf_free(&out);
    return copy;
}

struct mend {
    const char *from, *to, *verdict; /* after this step and those before it */
};

static void mends_check(const char *name, const char *before, const struct mend *mends, size_t n)
{
    struct aver_arena arena = {0};
    aver_bytes file = data_file(&arena, data_path(&arena, name));
    assert_string_equal(verdict(&arena, file), before);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        file = mended(&arena, file, mends[i].from, mends[i].to);
        const char *got = verdict(&arena, file);
        if (strcmp(got, mends[i].verdict) == 0) continue;
        print_error("%s, \"%s\" -> \"%s\"\n  want %s\n  got  %s\n", name, mends[i].from, mends[i].to,
                    mends[i].verdict, got);
        wrong++;
    }
    aver_arena_free(&arena);
    assert_int_equal(wrong, 0);
}
#define MENDS(name, before, rows) mends_check(name, before, rows, sizeof(rows) / sizeof(rows[0]))

#define IMSWEB "imsweb-x12-parser/837_5010/"
#define OOP    "oopfactory-x12/INS/_837P/_5010/"
#define LINUX  "linuxforhealth-x12/837_005010X222A2/"

static void test_the_valid_file_of_imsweb(void **state)
{
    (void)state;
    static const struct mend rows[] = {
        {"SBR*P**", "SBR*P*18*", "0\t2\tHI:21:1\tX12-HI01"},
        {"HI*BK*8901*BF*87200*BF:5559", "HI*BK:8901*BF:87200*BF:5559", "0\t2\tCLM:20:2\tX12-CLM02-SUM"},
        {"CLM*A37YH556*500*", "CLM*A37YH556*12.25*", "0\t2\tHL:25:1\tX12-HL-NUMBER"},
        {"HL*2*3*22*1", "HL*3*3*22*1", "0\t2\tHL:25:2\tX12-HL-PARENT"},
        {"HL*3*3*22*1", "HL*3*1*22*1", "0\t2\tHI:30:1\tX12-HI01"},
        {"HI*BK*1987*BF*4134*BF:5559", "HI*BK:1987*BF:4134*BF:5559", "0\t2\tCLM:29:2\tX12-CLM02-SUM"},
        {"CLM*A37YH667*500*", "CLM*A37YH667*12.25*", "0\t2\tSE:34:1\tX12-SE01"},
        {"SE*25*", "SE*34*", "2\t0\t-\t-"},
    };
    MENDS(IMSWEB "x12_valid.txt", "0\t2\tCLM:20:0\tX12-HL-PATIENT", rows);
}

static void test_broken_first_segments(void **state)
{
    (void)state;
    static const struct mend isa[] = {
        {"ISA*00*         *01", "ISA*00*          *01", "0\t2\tCLM:20:0\tX12-HL-PATIENT"}};
    MENDS(IMSWEB "x12_bad_first_line.txt", "0\t0\t:0:0\tX12-ISA", isa);
    static const struct mend version[] = {{"005010X222", "005010X222A1", "1\t0\t-\t-"}};
    MENDS(OOP "Example1_HealthInsurance.txt", "0\t1\tGS:0:8\tX12-GS08", version);
    MENDS(OOP "Example2_Encounter.txt", "0\t1\tGS:0:8\tX12-GS08", version);
    static const struct mend header[] = {{"BHT*9999", "BHT*0019", "0\t5\tCLM:20:5\tX12-CLM05"}};
    MENDS(OOP "MedicaidExample.txt", "0\t5\tBHT:2:1\tX12-BHT01", header);
}

static void test_segments_out_of_place(void **state)
{
    (void)state;
    static const struct mend cob[] = {
        {"005010X222", "005010X222A1", "0\t1\tDMG:38:0\tX12-SEGMENT-PLACE"},
        {"SBR*S*01*******CI~\r\n                DMG*D8*19430501*F~", "SBR*S*01*******CI~",
         "0\t1\tSE:52:1\tX12-SE01"},
        {"SE*53*", "SE*52*", "1\t0\t-\t-"},
    };
    MENDS(OOP "Example3_COB.txt", "0\t1\tGS:0:8\tX12-GS08", cob);
    static const struct mend order[] = {
        {"REF*EI*123456789~\nN4*CALVERTON*MD*20705~", "N4*CALVERTON*MD*20705~\nREF*EI*123456789~",
         "0\t2\tN4:14:0\tX12-REQUIRED"},
        {"N4*GREENBELT*MD*20770~\nN3*227 LASTNER LANE~", "N3*227 LASTNER LANE~\nN4*GREENBELT*MD*20770~",
         "0\t2\tCLM:20:0\tX12-HL-PATIENT"},
    };
    MENDS(IMSWEB "x12_segments_out_of_order.txt", "0\t2\tREF:9:0\tX12-REQUIRED", order);
    static const struct mend missing[] = {
        {"NM1*85*2*MEDICAL GROUP*****XX*1234567890~\n",
         "NM1*85*2*MEDICAL GROUP*****XX*1234567890~\nN3*3901 CALVERTON BLVD~\n",
         "0\t1\tREF:11:1\tX12-REF-DUPLICATE"},
        {"REF*EI*423534563~\n", "", "0\t1\tCLM:19:0\tX12-HL-PATIENT"},
        {"SBR*P**", "SBR*P*18*", "0\t1\tLX:20:0\tX12-REQUIRED"},
        {"LX*1~", "HI*BK:8901*BF:87200*BF:5559~\nLX*1~", "0\t1\tCLM:19:2\tX12-CLM02-SUM"},
        {"*500*", "*12.25*", "0\t1\tSE:24:1\tX12-SE01"},
        {"SE*25*", "SE*24*", "1\t0\t-\t-"},
    };
    MENDS(IMSWEB "x12_segment_errors.txt", "0\t1\tN4:8:0\tX12-REQUIRED", missing);
    static const struct mend qualifier[] = {{"NM1*117*", "NM1*85*", "0\t2\tCLM:20:0\tX12-HL-PATIENT"}};
    MENDS(IMSWEB "x12_bad_valid_code.txt", "0\t2\tNM1:7:1\tX12-SEGMENT-QUALIFIER", qualifier);
}

static void test_components_and_identifiers(void **state)
{
    (void)state;
    static const struct mend separator[] = {{"*T*:~", "*T*>~", "1\t0\t-\t-"}};
    MENDS(LINUX "demo.example12.837", "0\t1\tCLM:24:5\tX12-CLM05", separator);
    MENDS(LINUX "demo.example11.837", "0\t1\tCLM:19:5\tX12-CLM05", separator);
    static const struct mend npi[] = {
        {"SBR*P**", "SBR*P*18*", "0\t1\tSV1:28:7\tX12-POINTER"},
        {"**1:2:3**Y", "**1**Y", "0\t1\tNM1:31:9\tX12-NM109"},
        {"XX*058895", "XX*1234567893", "0\t1\tCLM:23:2\tX12-CLM02-SUM"},
        {"*500*", "*12.25*", "0\t1\tSE:33:1\tX12-SE01"},
        {"SE*25*", "SE*33*", "1\t0\t-\t-"},
    };
    MENDS(IMSWEB "x12_ambiguous_loop.txt", "0\t1\tCLM:23:0\tX12-HL-PATIENT", npi);
}

static int start(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_file_has_its_verdict), cmocka_unit_test(test_the_valid_file_of_imsweb),
        cmocka_unit_test(test_broken_first_segments),      cmocka_unit_test(test_segments_out_of_place),
        cmocka_unit_test(test_components_and_identifiers),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
