/* tests/unit/test_x835.c - what is decided is what the 835 and the CSV say. The golden segments are written out by hand from
 * 005010X221A1; the balances are judged by the checker, which shares nothing with the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/policy_yaml.h"
#include "adapters/remit_csv.h"
#include "adapters/x12_write.h"
#include "tests/unit/paper835.h"

static void test_paid(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    p.claims[0].received = aver_day_of(2026, 3, 10);
    write_paper(&p);
    /* The whole interchange, so that no segment, order or count escapes. The control number is 1 + the first eight bytes of
     * SHA-256("EFT-000017") modulo 999999999. */
    p.remit.control = 42;
    assert_string_equal(
        write_paper(&p),
        "ISA*00*          *00*          *ZZ*SUMMIT01       *ZZ*1234567893     *260320*0000*^*00501*000000042*0*T*:~\n"
        "GS*HP*SUMMIT01*1234567893*20260320*0000*42*X*005010X221A1~\n"
        "ST*835*0001~\n"
        "BPR*I*110*C*CHK************20260320~\n"
        "TRN*1*EFT-000017*90SUMMIT01~\n"
        "DTM*405*20260320~\n"
        "N1*PR*Summit Health Plan~\n"
        "N3*100 Ridge Road~\n"
        "N4*Denver*CO*802021234~\n"
        "REF*2U*SUMMIT01~\n"
        "PER*BL*Summit Health Plan*TE*8005550199~\n"
        "N1*PE*Lakeside Clinic*XX*1234567893~\n"
        "N3*5 Shore Drive~\n"
        "N4*Aurora*CO*80010~\n"
        "REF*TJ*841234567~\n"
        "LX*1~\n"
        "CLP*PCN-1*1*200*110*30*12*c0ffee01*11*1~\n"
        "NM1*QC*1*Rivera*Ana****MI*M100~\n"
        "DTM*232*20260302~\n"
        "DTM*233*20260304~\n"
        "DTM*050*20260310~\n"
        "AMT*AU*140~\n"
        "SVC*HC:99213*200*110**1~\n"
        "DTM*472*20260302~\n"
        "CAS*CO*45*60~\n"
        "CAS*PR*3*30~\n"
        "REF*0K*fee_schedule.in_network~\n"
        "REF*0K*benefits.office_visit.cost_share.in_network.copay~\n"
        "AMT*B6*140~\n"
        "SE*28*0001~\n"
        "GE*1*42~\n"
        "IEA*1*000000042~\n");
    struct aver_x835_totals t = check_ok(aver_buf_view(&out));
    assert_int_equal(t.claims, 1);
    assert_int_equal(t.lines, 1);
    assert_int_equal(t.paid, 11000);
    assert_int_equal(t.payment, 11000);
}

static void test_control_number_from_trace(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    struct aver_buf first = {0};
    aver_buf_str(&first, write_paper(&p));
    assert_string_equal(write_paper(&p), aver_arena_printf(&arena, "%.*s", AVER_STR(aver_buf_view(&first))));
    p.remittance.trace = text("EFT-000018");
    write_paper(&p);
    assert_memory_not_equal(out.ptr + 90, first.ptr + 90, 9); /* ISA13 */
    check_ok(aver_buf_view(&out));
    aver_buf_free(&first);
}

/* Of units of which some are paid SVC05 has those, SVC07 all that were submitted. */
static void test_some_units_paid(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    struct aver_claim *c = new_claim("PCN-1");
    struct aver_decision *d = new_decision("c0ffee01");
    struct aver_line_decision *l = add_line(c, d, "97110", 5000, 3000, 3000);
    ((struct aver_line *)c->lines.items)[0].units = 5000;
    remark(adjust(d, l, AVER_GROUP_CO, "151", 2000, "ncci.units.table"), "N362");
    l->units_paid = 3000;
    report(&p, c, d);
    write_paper(&p);
    has("\nSVC*HC:97110*50*30**3**5~\n");
}

/* A claim denied in full is processed as primary, and a payment of zero moves no money. */
static void test_denied_pays_nothing(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    struct aver_claim *c = new_claim("PCN-2");
    struct aver_decision *d = new_decision("c0ffee02");
    struct aver_line_decision *l = add_line(c, d, "15820", 90000, 0, 0);
    ((struct aver_line *)c->lines.items)[0].units = 2500;
    ((struct aver_line *)c->lines.items)[0].control_number = text("L1");
    struct aver_adjustment *a = adjust(d, l, AVER_GROUP_PR, "96", 90000, "exclusions.0");
    remark(a, "N130");
    remark(a, "M15");
    l->status = AVER_LINE_DENIED;
    d->status = AVER_CLAIM_DENIED;
    report(&p, c, d);
    write_paper(&p);
    has("\nBPR*H*0*C*NON************20260320~\n");
    has("\nCLP*PCN-2*1*900*0*900*12*c0ffee02*11*1~\n");
    has("\nSVC*HC:15820*900*0**0**2.5~\nDTM*472*20260302~\nCAS*PR*96*900~\nREF*6R*L1~\nREF*0K*exclusions.0~\nLQ*HE*N130~\nLQ*HE*M15~\n");
    has_not("AMT*");
    assert_int_equal(check_ok(aver_buf_view(&out)).payment, 0);
    p.remit.ach = &(struct aver_x835_ach){.format = text("CCP")};
    write_paper(&p);
    has("\nBPR*H*0*C*NON************20260320~\n"); /* RFI 2228: never ACH with zero */
}

static void test_member_unknown(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    struct aver_claim *c = new_claim("PCN-3");
    struct aver_decision *d = new_decision("c0ffee03");
    d->member_id = AVER_BYTES_NONE;
    for (int i = 0; i < 2; i++) {
        struct aver_line_decision *l = add_line(c, d, "99213", 5000, 0, 0);
        adjust(d, l, AVER_GROUP_PR, "31", 5000, "plan");
        l->status = AVER_LINE_DENIED;
    }
    d->status = AVER_CLAIM_DENIED;
    report(&p, c, d);
    write_paper(&p);
    has("\nCLP*PCN-3*4*100*0*100*12*c0ffee03*11*1~\nNM1*QC*1*Rivera*Ana****MI*M100~\n");
    check_ok(aver_buf_view(&out));
    ((struct aver_adjustment *)((struct aver_line_decision *)d->lines.items)[1].adjustments.items)[0].carc =
        text("96");
    write_paper(&p);
    has("\nCLP*PCN-3*1*");
}

/* A secondary payer, a patient who is not the subscriber, another rendering provider, a span of days. */
static void test_secondary(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    struct aver_claim *c = new_claim("PCN-4");
    struct aver_decision *d = new_decision("c0ffee04");
    c->coverage->responsibility = text("S");
    c->patient = AVER_NEW(&arena, struct aver_person);
    c->patient->birth_date = AVER_NO_DAY;
    c->patient->last_name = text("Rivera");
    c->patient->first_name = text("Leo");
    d->member_id = text("M100-02");
    struct aver_provider *rendering = aver_list_add(&arena, &c->providers, sizeof *rendering);
    *rendering = (struct aver_provider){
        .role = text("82"), .npi = text("1992000008"), .name = text("Okafor"), .first_name = text("Chi")};
    struct aver_line_decision *l = add_line(c, d, "97110", 10000, 8000, 3000);
    struct aver_line *line = c->lines.items;
    line->service_to = aver_day_of(2026, 3, 4);
    line->units = 4000;
    *(aver_bytes *)aver_list_add(&arena, &line->modifiers, sizeof(aver_bytes)) = text("GP");
    *(aver_bytes *)aver_list_add(&arena, &line->modifiers, sizeof(aver_bytes)) = text("59");
    adjust(d, l, AVER_GROUP_OA, "23", 7000, "cob");
    report(&p, c, d)->filing_indicator = AVER_BYTES_NONE;
    write_paper(&p);
    has("\nCLP*PCN-4*2*100*30**CI*c0ffee04*11*1~\nNM1*QC*1*Rivera*Leo****MI*M100-02~\nNM1*IL*1*Rivera*Ana****MI*M100~\n"
        "NM1*82*1*Okafor*Chi****XX*1992000008~\n");
    has("\nSVC*HC:97110:GP:59*100*30**4~\nDTM*150*20260302~\nDTM*151*20260304~\nCAS*OA*23*70~\n");
    check_ok(aver_buf_view(&out));
    c->coverage->responsibility = text("T");
    write_paper(&p);
    has("\nCLP*PCN-4*3*");
    *rendering =
        (struct aver_provider){.role = text("82"), .npi = c->billing_provider->npi, .name = text("Okafor")};
    write_paper(&p);
    has_not("NM1*82");
}

/* Reasons posted apart are merged, those that cancel out are left out, and seven of one group need two segments. */
static void test_adjustments_merge(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    struct aver_claim *c = new_claim("PCN-5");
    struct aver_decision *d = new_decision("c0ffee05");
    struct aver_line_decision *l = add_line(c, d, "72148", 100000, 80000, 5000);
    static const char *const codes[] = {"1", "2", "3", "35", "100", "119", "204"};
    adjust(d, l, AVER_GROUP_CO, "45", 15000, "fee_schedule");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        adjust(d, l, AVER_GROUP_PR, codes[i], 10000, "deductible.in_network.individual");
    adjust(d, l, AVER_GROUP_PR, "1", 2500, "deductible.in_network.family");
    static const char longer[] = "benefits.rehabilitation_outpatient.cost_share.in_network.copay";
    adjust(d, l, AVER_GROUP_CO, "59", 700, longer)->policy_line = 1234;
    adjust(d, l, AVER_GROUP_CO, "59", -700, longer)->policy_line = 1234;
    adjust(d, l, AVER_GROUP_CO, "45", 7500,
           "contracts.a_name_that_is_long.and_then_another_one_that.is_longer.still");
    report(&p, c, d);
    write_paper(&p);
    has("\nCAS*CO*45*225~\nCAS*PR*1*125**2*100**3*100**35*100**100*100**119*100~\nCAS*PR*204*100~\n");
    has("\nREF*0K*contracts.a_name_that_is_long~\n"); /* 50 characters at most, and a path still */
    has("\nREF*0K*benefits.rehabilitation_outpatient.cost_share#1234~\n"); /* with the line of the value: 50 in all */
    check_ok(aver_buf_view(&out));
}

/* A balance below zero is carried forward, and taken up in the next remittance under the same reference (X12 RFI 222). */
static void test_carried_forward(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    p.claims[0].reversal = true;
    p.remittance.claims_paid.cents = -11000;
    p.remittance.carried_out.cents = -11000;
    p.remittance.payment.cents = 0;
    write_paper(&p);
    has("\nBPR*H*0*C*NON*");
    has("\nCLP*PCN-1*22*-200*-110**12*c0ffee01*11*1~\n");
    has("\nSVC*HC:99213*-200*-110**1~\nDTM*472*20260302~\nCAS*CO*45*-60~\nCAS*PR*3*-30~\n");
    has("\nPLB*1234567893*20261231*FB:EFT-000017*-110~\n");
    struct aver_x835_totals t = check_ok(aver_buf_view(&out));
    assert_int_equal(t.paid, -11000);
    assert_int_equal(t.provider, -11000);

    new_paper(&p);
    p.remittance.trace = text("EFT-000018");
    p.remittance.carried_in.cents = -11000;
    p.remit.carried_in_trace = text("EFT-000017");
    report_paid(&p);
    report_paid(&p);
    p.claims[1].decision = p.claims[0].decision, p.claims[1].claim = p.claims[0].claim;
    assert_int_equal(p.remittance.payment.cents, 11000);
    write_paper(&p);
    has("\nBPR*I*110*C*CHK*");
    has("\nPLB*1234567893*20261231*FB:EFT-000017*110~\n");
    check_ok(aver_buf_view(&out));

    /* In and out at once, and no claim at all. */
    new_paper(&p);
    p.remittance.carried_in.cents = p.remittance.carried_out.cents = -500;
    p.remit.carried_in_trace = text("EFT-1");
    write_paper(&p);
    has("\nPLB*1234567893*20261231*FB:EFT-1*5*FB:EFT-000017*-5~\n");
    has_not("LX*");
    check_ok(aver_buf_view(&out));
}

static void test_transfer_and_receiver(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    p.remit.ach = &(struct aver_x835_ach){.format = text("CCP"),
                                          .payer_routing = text("102000021"),
                                          .payer_account = text("777"),
                                          .payee_routing = text("102001017"),
                                          .payee_account = text("888")};
    p.remit.payer.tax_id = text("84-7654321");
    p.remit.receiver = text("CLEARING");
    p.remit.usage = 'P';
    p.remit.payee = (struct aver_x835_payee){
        .tax_id = text("841234567"), .name = text("Okafor"), .first_name = text("Chi")};
    write_paper(&p);
    has("\nBPR*I*110*C*ACH*CCP*01*102000021*DA*777*1847654321**01*102001017*DA*888*20260320~\n");
    has("\nTRN*1*EFT-000017*1847654321~\nREF*EV*CLEARING~\nDTM*405*");
    has("\nN1*PE*Okafor, Chi*FI*841234567~\nLX*1~\n");
    has("*ZZ*CLEARING       *");
    has("*0*P*:~\n");
    check_ok(aver_buf_view(&out));
    p.remit.payee = (struct aver_x835_payee){.other_id = text("P-9"), .name = text("Okafor")};
    write_paper(&p);
    has("\nN1*PE*Okafor~\nREF*PQ*P-9~\n");
}

static aver_err any_contract(void *ctx, aver_digest *digest, aver_bytes contract, struct aver_why *why)
{
    (void)ctx, (void)why;
    *digest = aver_sha256(contract);
    return AVER_OK;
}

static void test_parties_of_policy_and_claim(void **state)
{
    (void)state;
    struct aver_buf compiled = {0};
    struct aver_list findings = {0};
    struct aver_why why = {0};
    struct aver_policy_loaded policy;
    aver_bytes yaml = data_file(&arena, "examples/summit-ppo-2026.yaml");
    if (aver_policy_compile(&compiled, "p", yaml, any_contract, NULL, &arena, &findings, &why))
        fail_msg("%s %s", why.code, why.text);
    assert_int_equal(aver_policy_load(&policy, aver_buf_view(&compiled), &arena, &why), AVER_OK);
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    p.remit.payer = aver_x835_payer_from_policy(&policy.root);
    p.claims[0].filing_indicator = aver_x835_filing_indicator(&policy.root);
    p.remit.payee = aver_x835_payee_from_claim(p.claims[0].claim);
    write_paper(&p);
    has("\nN1*PR*Summit Health Plan~\nN3*100 Ridge Road~\nN4*Denver*CO*80202~\nREF*2U*SUMMIT01~\n"
        "PER*BL*Summit Health Plan*TE*8005550199~\nN1*PE*Lakeside Clinic*XX*1234567893~\nREF*TJ*841234567~\n");
    has("\nCLP*PCN-1*1*200*110*30*12*");
    check_ok(aver_buf_view(&out));
    aver_buf_free(&compiled);
    /* A root without a payer gives none, and the writer says what to mend. */
    struct aver_policy_node empty = {.kind = AVER_POLICY_MAP};
    p.remit.payer = aver_x835_payer_from_policy(&empty);
    out.len = 0;
    assert_int_equal(aver_x835_write(&out, &p.remit, &why), AVER_E_INPUT);
    assert_string_equal(why.code, "X835-PAYER");
}

static void test_text_is_made_fit(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t max;
        const char *want;
    } t[] = {
        {"Ann*Marie~^:", 60, "Ann-Marie---"},
        {"  Jos\xc3\xa9 Mu\xc3\xb1oz ", 60, "Jose Munoz"},
        {"\xe6\x9d\x8e", 60, "?"},
        {"a\nb\tc`d", 60, "a b c'd"},
        {"abcdef", 3, "abc"},
        {"ab def", 3, "ab"},
        {"\xff\xc3", 9, "??"},
        {"   ", 9, ""},
        {"\xc3\x97\xc3\xbf", 9, "?y"},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct aver_buf b = {0};
        aver_x12_clean(&b, text(t[i].in), t[i].max);
        aver_buf_byte(&b, 0);
        assert_string_equal((char *)b.ptr, t[i].want);
        aver_buf_free(&b);
    }
    struct paper p;
    new_paper(&p);
    report_paid(&p);
    struct aver_claim *c = new_claim("A~ISA*B");
    c->subscriber->last_name = text("O'Ne*il~SE*1*0001");
    c->lines = p.claims[0].claim->lines;
    p.claims[0].claim = c;
    p.remit.payer.address =
        text("1000 A Street With A Very Long Name Indeed And Suite 12, Building 4, Floor 3");
    write_paper(&p);
    has("\nN3*1000 A Street With A Very Long Name Indeed And Suite*12, Building 4, Floor 3~\n");
    has("\nCLP*A-ISA-B*");
    has("\nNM1*QC*1*O'Ne-il-SE-1-0001*");
    check_ok(aver_buf_view(&out));
}

static void test_writer_refuses(void **state)
{
    (void)state;
    struct paper p;
    struct aver_why why;
#define REFUSED(code_)                                                                                       \
    do {                                                                                                     \
        out.len = 0;                                                                                         \
        why = (struct aver_why){0};                                                                          \
        assert_int_equal(aver_x835_write(&out, &p.remit, &why), AVER_E_INPUT);                               \
        assert_string_equal(why.code, code_);                                                                \
        assert_int_equal(out.len, 0);                                                                        \
        new_paper(&p);                                                                                       \
        report_paid(&p);                                                                                     \
    } while (0)
    new_paper(&p);
    report_paid(&p);
    p.remit.payer.phone = AVER_BYTES_NONE;
    REFUSED("X835-PAYER");
    p.remit.payee.name = AVER_BYTES_NONE;
    REFUSED("X835-PAYEE");
    p.remit.payee.npi = p.remit.payee.tax_id = AVER_BYTES_NONE;
    REFUSED("X835-PAYEE");
    p.remit.usage = 'X';
    REFUSED("X835-USAGE");
    p.remit.control = 1000000000;
    REFUSED("X835-USAGE");
    ((struct aver_decision *)p.claims[0].decision)->status = AVER_CLAIM_PENDED;
    REFUSED("X835-PENDED");
    ((struct aver_line *)p.claims[0].claim->lines.items)[0].number = 2;
    REFUSED("X835-LINES");
    p.remittance.payment.cents++;
    REFUSED("X835-SUM");
    p.remittance.carried_out.cents = -1;
    REFUSED("X835-SUM");
    p.claims[0].reversal = true;
    REFUSED("X835-SUM");
}

/* --- the CSV form --- */

static void test_csv(void **state)
{
    (void)state;
    struct paper p;
    new_paper(&p);
    p.remittance.carried_in.cents = -1000;
    report_paid(&p);
    struct aver_claim *c = (struct aver_claim *)p.claims[0].claim;
    c->patient_control_number = text("=1+2");
    c->subscriber->last_name = text("Rivera, \"Jr\"");
    c->subscriber->first_name = text("-Ana");
    struct aver_adjustment *a =
        ((struct aver_line_decision *)p.claims[0].decision->lines.items)->adjustments.items;
    remark(&a[0], "N130");
    remark(&a[0], "M15");
    a[1].value = text("$30.00");
    p.remittance.payee = text("1234567893");
    struct aver_why why = {0};
    assert_int_equal(aver_remit_csv_write(&out, &p.remit, &why), AVER_OK);
    aver_buf_byte(&out, 0);
    const char *body = strstr((char *)out.ptr, "\r\n");
    assert_non_null(body);
    assert_string_equal(
        body + 2,
        "claim,EFT-000017,2026-03-20,1234567893,'=1+2,c0ffee01,1,decided,M100,\"Rivera, \"\"Jr\"\"\",'-Ana,,1,99213,,,"
        "2026-03-02,2026-03-02,1,200.00,140.00,110.00,CO,45,N130 M15,60.00,fee_schedule.in_network,,,,\r\n"
        "claim,EFT-000017,2026-03-20,1234567893,'=1+2,c0ffee01,1,decided,M100,\"Rivera, \"\"Jr\"\"\",'-Ana,,1,99213,,,"
        "2026-03-02,2026-03-02,1,,,,PR,3,,30.00,benefits.office_visit.cost_share.in_network.copay,$30.00,,,\r\n"
        "carried_in,EFT-000017,2026-03-20,1234567893,,,,,,,,,,,,,,,,,,-10.00,,,,,,,,,\r\n");
    /* Every row has the cells of the header. */
    size_t want = 0;
    for (const char *s = (char *)out.ptr; s < body; s++) want += *s == ',';
    size_t found = 0;
    bool quoted = false;
    for (const char *s = body + 2; *s; s++) {
        if (*s == '"') quoted = !quoted;
        found += *s == ',' && !quoted;
        if (*s != '\n') continue;
        assert_int_equal(found, want);
        found = 0;
    }
    out.len = 0;
    p.remittance.payment.cents++;
    assert_int_equal(aver_remit_csv_write(&out, &p.remit, &why), AVER_E_INPUT);
    assert_int_equal(out.len, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, forget)
    const struct CMUnitTest tests[] = {
        T(test_paid),
        T(test_control_number_from_trace),
        T(test_some_units_paid),
        T(test_denied_pays_nothing),
        T(test_member_unknown),
        T(test_secondary),
        T(test_adjustments_merge),
        T(test_carried_forward),
        T(test_transfer_and_receiver),
        T(test_parties_of_policy_and_claim),
        T(test_text_is_made_fit),
        T(test_writer_refuses),
        T(test_csv),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
