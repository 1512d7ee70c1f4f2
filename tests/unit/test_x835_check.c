/* tests/unit/test_x835_check.c - the checker finds each amount that does not balance, whatever the form of the file, by single
 * changed amounts in what we write and by other people's 835s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/paper835.h"

/* What we wrote with one text replaced by another. */
static aver_bytes changed(const char *from, const char *to)
{
    const char *s = (const char *)out.ptr, *at = strstr(s, from);
    if (!at) fail_msg("%s is not there", from);
    assert_null(strstr(at + 1, from)); /* one place only */
    return aver_bytes_str(aver_arena_printf(&arena, "%.*s%s%s", (int)(at - s), s, to, at + strlen(from)));
}

static void finds(aver_bytes bytes, const char *code, const char *place)
{
    struct aver_why why = {0};
    struct aver_x835_totals totals = {.claims = 77};
    aver_err err = aver_x835_check(bytes, &totals, &why);
    if (strcmp(why.code, code) != 0 || strcmp(why.place, place) != 0)
        print_error("wanted %s at %s, found %s at %s: %s\n", code, place, why.code, why.place, why.text);
    assert_int_not_equal(err, AVER_OK);
    assert_string_equal(why.code, code);
    assert_string_equal(why.place, place);
    assert_int_equal(totals.claims, 77);
}

static void test_each_changed_amount_is_found(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    p.remit.control = 42;
    p.remittance.carried_in.cents = -1000;
    report_paid(&p);
    write_paper(&p);
    static const struct {
        const char *from, *to, *code, *place;
    } t[] = {
        {"BPR*I*100*", "BPR*I*100.01*", "X835-PAYMENT", "segment 2 (BPR), ST 0001"},
        {"BPR*I*100*", "BPR*I*-100*", "X835-NEGATIVE", "segment 2 (BPR), ST 0001"},
        {"BPR*I*100*", "BPR*I*1e2*", "X835-AMOUNT", "segment 2 (BPR), ST 0001"},
        {"BPR*I*100*", "BPR*I**", "X835-MISSING", "segment 2 (BPR), ST 0001"},
        {"*FB*10~", "*FB*-10~", "X835-PAYMENT", "segment 2 (BPR), ST 0001"},
        {"*FB*10~", "*FB*0~", "X835-ZERO", "segment 27 (PLB), ST 0001"},
        {"*FB*10~", "*FB~", "X835-MISSING", "segment 27 (PLB), ST 0001"},
        {"CLP*PCN-1*1*200*110*30*", "CLP*PCN-1*1*200*111*30*", "X835-CLAIM",
         "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"CLP*PCN-1*1*200*110*30*", "CLP*PCN-1*1*201*110*30*", "X835-CHARGE",
         "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"CLP*PCN-1*1*200*110*30*", "CLP*PCN-1*1*200*110*29.99*", "X835-PATIENT",
         "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"CLP*PCN-1*1*200*110*30*", "CLP*PCN-1*1*200*110**", "X835-PATIENT",
         "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"NM1*QC*1*", "NM1*74*1*", "X835-MISSING", "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"SVC*HC:99213*200*110*", "SVC*HC:99213*200*110.5*", "X835-LINE",
         "segment 20 (SVC), ST 0001, claim PCN-1"},
        {"SVC*HC:99213*200*110*", "SVC*HC:99213*199*110*", "X835-LINE",
         "segment 20 (SVC), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO*45*60.01~", "X835-LINE", "segment 20 (SVC), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO*45*50**45*10~", "X835-TWICE", "segment 22 (CAS), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO*45*60**94*0~", "X835-ZERO", "segment 22 (CAS), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO*45*60.001~", "X835-AMOUNT", "segment 22 (CAS), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO*45*1234567890123456~", "X835-AMOUNT",
         "segment 22 (CAS), ST 0001, claim PCN-1"},
        {"CAS*CO*45*60~", "CAS*CO~", "X835-MISSING", "segment 22 (CAS), ST 0001, claim PCN-1"},
        {"CAS*PR*3*30~", "CAS*CO*3*30~", "X835-PATIENT", "segment 15 (CLP), ST 0001, claim PCN-1"},
        {"SE*28*0001~", "SE*27*0001~", "X835-COUNT", "segment 28 (SE), ST 0001"},
        {"SE*28*0001~", "SE*28*0002~", "X835-CONTROL", "segment 28 (SE), ST 0001"},
        {"SE*28*0001~\n", "", "X835-ENVELOPE", "segment 28 (GE), ST 0001"},
        {"GE*1*42~", "GE*2*42~", "X835-COUNT", "segment 31 of the file (GE)"},
        {"GE*1*42~", "GE*1*43~", "X835-CONTROL", "segment 31 of the file (GE)"},
        {"IEA*1*", "IEA*0*", "X835-COUNT", "segment 32 of the file (IEA)"},
        {"IEA*1*000000042", "IEA*1*42", "X835-CONTROL", "segment 32 of the file (IEA)"},
        {"IEA*1*000000042~\n", "", "X835-ENVELOPE", "segment 31 of the file (GE)"},
        {"IEA*1*000000042~\n", "IEA*1*000000042", "X835-FORM", "segment 32 of the file ()"},
        {"TRN*1*EFT-000017*90SUMMIT01~\n", "", "X835-MISSING", "segment 3 (DTM), ST 0001"},
        {"N4*Denver*CO*802021234~\n", "", "X835-MISSING", "segment 9 (N1), ST 0001"},
        {"N1*PR*Summit", "N1*PE*Summit", "X835-MISSING", "segment 5 (N1), ST 0001"},
        {"LX*1~\n", "", "X835-MISSING", "segment 14 (CLP), ST 0001"},
        {"AMT*B6*140~\n", "AMT*B6*140~\nNM1*82*2*X~\n", "X835-ORDER",
         "segment 27 (NM1), ST 0001, claim PCN-1"},
        {"LX*1~\n", "LX*1~\nSVC*HC:1*1*1~\n", "X835-ORDER", "segment 15 (SVC), ST 0001"},
        {"REF*TJ*841234567~", "HL*1~", "X835-ORDER", "segment 13 (HL), ST 0001"},
        {"GS*HP*", "GS*HC*", "X835-ENVELOPE", "segment 2 of the file (GS)"},
        {"ST*835*", "ST*837*", "X835-ENVELOPE", "segment 3 of the file (ST)"},
        {"AMT*AU*140",
         "AMT*AU*1*2*3*4*5*6*7*8*9*10*11*12*13*14*15*16*17*18*19*20*21*22*23*24*25*26*27*28*29*30*31",
         "X835-LIMIT", "segment 19 (AMT), ST 0001, claim PCN-1"},
    };
    check_ok(aver_buf_view(&out));
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
        finds(changed(t[i].from, t[i].to), t[i].code, t[i].place);
    /* What is no fault: other forms of the same number, leading zeros, one reason in two groups, trailing empties. */
    check_ok(changed("BPR*I*100*", "BPR*I*0100.000*"));
    check_ok(changed("CAS*CO*45*60~", "CAS*CO*45*60.00*~"));
    check_ok(changed("SE*28*", "SE*0028*"));
    check_ok(changed("CAS*CO*45*60~\nCAS*PR*3*30~\n", "CAS*CO*3*60.5*1*45*-.5~\nCAS*PR*3*30*1~\n"));
}

static void test_envelopes_of_any_form(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    write_paper(&p);
    /* No line ends, CR LF, indents, a byte order mark, other delimiters, twice in one file. */
    struct aver_buf b = {0};
    for (int form = 0; form < 5; form++) {
        b.len = 0;
        if (form == 3) aver_buf_str(&b, "\xef\xbb\xbf");
        for (int copies = 0; copies <= (form == 4); copies++)
            for (size_t i = 0; i < out.len; i++) {
                char c = (char)out.ptr[i];
                if (form == 1 && c == '\n')
                    aver_buf_str(&b, "\r\n  ");
                else if (form == 2 && c == '*')
                    aver_buf_byte(&b, '|');
                else if (form == 2 && c == '~')
                    aver_buf_byte(&b, 0x1e);
                else if (form != 0 || c != '\n')
                    aver_buf_byte(&b, (uint8_t)c);
            }
        assert_int_equal(check_ok(aver_buf_view(&b)).claims, form == 4 ? 2 : 1);
    }
    /* A terminator that is a line end. */
    b.len = 0;
    for (size_t i = 0; i < out.len; i++)
        if (out.ptr[i] != '~') aver_buf_byte(&b, out.ptr[i]);
    check_ok(aver_buf_view(&b));
    /* Cut anywhere, it is refused; only white space at the end may go. */
    struct aver_why why;
    for (size_t len = 0; len + 1 < out.len; len++)
        assert_int_not_equal(aver_x835_check(aver_bytes_of(out.ptr, len), NULL, &why), AVER_OK);
    check_ok(aver_bytes_of(out.ptr, out.len - 1));
    finds(AVER_BYTES_NONE, "X835-FORM", "segment 0 of the file ()");
    aver_buf_free(&b);
}

static void test_reasons_have_a_bound(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    write_paper(&p);
    struct aver_buf b = {0};
    aver_buf_str(&b, "DTM*472*20260302~\n");
    for (int i = 0; i <= AVER_X835_REASONS_MAX; i++) aver_buf_printf(&b, "CAS*OA*X%d*1~\n", i);
    aver_buf_byte(&b, 0);
    finds(changed("DTM*472*20260302~\n", (char *)b.ptr), "X835-LIMIT",
          "segment 278 (CAS), ST 0001, claim PCN-1");
    aver_buf_free(&b);
}

/* Other people's 835s: which balance, and why the others do not. */
static void test_third_party(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint64_t claims;
        const char *code; /* NULL: balanced */
        const char *place;
    } t[] = {
        {"linuxforhealth-x12/835_005010X221A1/cob-contractural-adjustment.835", 1, NULL, NULL},
        {"linuxforhealth-x12/835_005010X221A1/managed-care.835", 2, NULL, NULL},
        {"linuxforhealth-x12/835_005010X221A1/medicare-part-a.835", 2, NULL, NULL},
        {"linuxforhealth-x12/835_005010X221A1/secondary-payment.835", 2, NULL, NULL},
        {"linuxforhealth-x12/demo-file/demo.835", 2, NULL, NULL},
        {"edi-835-parser/test_edi_835_files/emedny_sample.txt", 3, NULL, NULL},
        {"edi-835-parser/test_edi_835_files/united_healthcare_legacy_sample.txt", 2, NULL, NULL},
        /* SVC*HC*24599.00*1766.50: the component separator was lost, so the procedure stands where the charge should. */
        {"linuxforhealth-x12/835_005010X221A1/tertiary-payment.835", 0, "X835-LINE",
         "segment 18 (SVC), ST 0001, claim 0001000054"},
        {"moov-x12/example_5010_835/sample1.txt", 0, "X835-NEGATIVE", "segment 2 (BPR), ST 0001"},
        /* CAS*CO*42*0*0 beside the real adjustment. */
        {"oopfactory-x12/INS/_835/_5010/Example1.txt", 0, "X835-ZERO",
         "segment 28 (CAS), ST 07504123, claim 999999"},
        {"oopfactory-x12/INS/_835/_4010/Example1_GripElements.txt", 0, "X835-ZERO",
         "segment 28 (CAS), ST 07504123, claim 999999"},
        /* Amounts of single lines were changed when the file was de-identified. */
        {"oopfactory-x12/INS/_835/_4010/FromNth/835_DeIdent_01.dat", 0, "X835-LINE",
         "segment 59 (SVC), ST 999999, claim 9999999999-999"},
        /* A line end before each '~': byte 106 of the ISA, the terminator, is the line end. */
        {"tigershark/835-example.txt", 0, "X835-FORM", "segment 2 of the file (~GS)"},
        {"tigershark/835-example-2.txt", 0, "X835-FORM", "segment 2 of the file (~GS)"},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        aver_bytes file = data_file(&arena, data_path(&arena, t[i].path));
        if (t[i].code)
            finds(file, t[i].code, t[i].place);
        else
            assert_int_equal(check_ok(file).claims, t[i].claims);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, forget)
    const struct CMUnitTest tests[] = {
        T(test_each_changed_amount_is_found),
        T(test_envelopes_of_any_form),
        T(test_reasons_have_a_bound),
        T(test_third_party),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
