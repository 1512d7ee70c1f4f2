/* tests/unit/test_x835.c - what is decided is what the 835 says, and the checker finds each amount that is not.
 *
 * The golden segments are written out by hand from 005010X221A1; the balances of what we write are judged by the checker, which
 * shares nothing with the writer, and the checker by third-party files and by single changed amounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "adapters/policy_yaml.h"
#include "adapters/remit_csv.h"
#include "adapters/x12_write.h"
#include "adapters/x835.h"
#include "adapters/x835_check.h"
#include "tests/unit/data.h"

static struct aver_arena arena;
static struct aver_buf out;

static int fresh(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

static int forget(void **state)
{
    (void)state;
    aver_buf_free(&out);
    out = (struct aver_buf){0};
    aver_arena_free(&arena);
    return 0;
}

/* --- claims and decisions to report --- */

static aver_bytes text(const char *s) { return aver_bytes_str(s); }

static struct aver_claim *new_claim(const char *control)
{
    struct aver_claim *c = aver_claim_new(&arena);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->patient_control_number = text(control);
    c->place_of_service = text("11");
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->statement_from = aver_day_of(2026, 3, 2);
    c->statement_to = aver_day_of(2026, 3, 4);
    c->subscriber->member_id = text("M100");
    c->subscriber->last_name = text("Rivera");
    c->subscriber->first_name = text("Ana");
    c->coverage->responsibility = text("P");
    c->coverage->filing_indicator = text("CI");
    c->billing_provider->npi = text("1234567893");
    c->billing_provider->name = text("Lakeside Clinic");
    c->billing_provider->tax_id = text("841234567");
    return c;
}

static struct aver_decision *new_decision(const char *id)
{
    struct aver_decision *d = AVER_NEW(&arena, struct aver_decision);
    d->claim_id = text(id);
    d->version = 1;
    d->status = AVER_CLAIM_PAYABLE;
    d->member_id = text("M100");
    return d;
}

static struct aver_line_decision *add_line(struct aver_claim *c, struct aver_decision *d,
                                           const char *procedure, uint64_t charge, uint64_t allowed,
                                           uint64_t paid)
{
    struct aver_line *line = aver_list_add(&arena, &c->lines, sizeof *line);
    struct aver_line_decision *l = aver_list_add(&arena, &d->lines, sizeof *l);
    line->number = l->number = c->lines.count;
    line->procedure = text(procedure);
    line->charge.cents = l->charge.cents = charge;
    line->units = 1000;
    line->service_from = line->service_to = aver_day_of(2026, 3, 2);
    l->status = AVER_LINE_DECIDED;
    l->allowed.cents = allowed;
    l->paid.cents = paid;
    c->total_charge.cents += charge;
    d->charge.cents += charge;
    d->allowed.cents += allowed;
    d->paid.cents += paid;
    return l;
}

static struct aver_adjustment *adjust(struct aver_decision *d, struct aver_line_decision *l,
                                      enum aver_group group, const char *carc, int64_t cents,
                                      const char *because)
{
    struct aver_adjustment *a = aver_list_add(&arena, &l->adjustments, sizeof *a);
    *a = (struct aver_adjustment){
        .group = group, .carc = text(carc), .amount = {cents}, .because = text(because)};
    if (group == AVER_GROUP_PR) d->patient_responsibility.cents += (uint64_t)cents;
    return a;
}

static void remark(struct aver_adjustment *a, const char *rarc)
{
    *(aver_bytes *)aver_list_add(&arena, &a->rarc, sizeof(aver_bytes)) = text(rarc);
}

struct paper {
    struct aver_x835_claim claims[8];
    struct aver_remittance remittance;
    struct aver_x835_remit remit;
};

static void new_paper(struct paper *p)
{
    memset(p, 0, sizeof *p);
    p->remittance.trace = text("EFT-000017");
    p->remittance.date = aver_day_of(2026, 3, 20);
    p->remit = (struct aver_x835_remit){
        .remittance = &p->remittance,
        .payer = {.id = text("SUMMIT01"),
                  .name = text("Summit Health Plan"),
                  .address = text("100 Ridge Road"),
                  .city = text("Denver"),
                  .state = text("CO"),
                  .postal_code = text("80202-1234"),
                  .phone = text("8005550199")},
        .payee = {.npi = text("1234567893"),
                  .tax_id = text("841234567"),
                  .name = text("Lakeside Clinic"),
                  .address = text("5 Shore Drive"),
                  .city = text("Aurora"),
                  .state = text("CO"),
                  .postal_code = text("80010")},
        .claims = p->claims,
        .usage = 'T',
    };
}

static struct aver_x835_claim *report(struct paper *p, struct aver_claim *c, struct aver_decision *d)
{
    struct aver_x835_claim *x = &p->claims[p->remit.count++];
    *x = (struct aver_x835_claim){
        .claim = c, .decision = d, .filing_indicator = text("12"), .received = AVER_NO_DAY};
    p->remittance.claims_paid.cents += (int64_t)d->paid.cents;
    int64_t sum = p->remittance.claims_paid.cents + p->remittance.carried_in.cents;
    p->remittance.payment.cents = sum > 0 ? (uint64_t)sum : 0;
    return x;
}

/* Charge 200: 60 written off, 30 copay, 110 paid. */
static void report_paid(struct paper *p)
{
    struct aver_claim *c = new_claim("PCN-1");
    struct aver_decision *d = new_decision("c0ffee01");
    struct aver_line_decision *l = add_line(c, d, "99213", 20000, 14000, 11000);
    adjust(d, l, AVER_GROUP_CO, "45", 6000, "fee_schedule.in_network");
    adjust(d, l, AVER_GROUP_PR, "3", 3000, "benefits.office_visit.cost_share.in_network.copay");
    report(p, c, d);
}

static const char *write_paper(struct paper *p)
{
    struct aver_why why = {0};
    out.len = 0;
    aver_err err = aver_x835_write(&out, &p->remit, &why);
    if (err) print_error("%s %s\n", why.code, why.text);
    assert_int_equal(err, AVER_OK);
    aver_buf_byte(&out, 0);
    out.len--;
    return (const char *)out.ptr;
}

static struct aver_x835_totals check_ok(aver_bytes bytes)
{
    struct aver_why why = {0};
    struct aver_x835_totals totals = {0};
    aver_err err = aver_x835_check(bytes, &totals, &why);
    if (err) print_error("%s %s: %s\n%.*s\n", why.code, why.place, why.text, AVER_STR(bytes));
    assert_int_equal(err, AVER_OK);
    return totals;
}

static void has(const char *segment)
{
    if (strstr((const char *)out.ptr, segment)) return;
    print_error("%s is not in\n%s\n", segment, (const char *)out.ptr);
    fail();
}

static void has_not(const char *segment)
{
    if (!strstr((const char *)out.ptr, segment)) return;
    print_error("%s is in\n%s\n", segment, (const char *)out.ptr);
    fail();
}

/* --- the writer --- */

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
    adjust(d, l, AVER_GROUP_CO, "59", 700, "reductions");
    adjust(d, l, AVER_GROUP_CO, "59", -700, "reductions");
    adjust(d, l, AVER_GROUP_CO, "45", 7500,
           "contracts.a_name_that_is_long.and_then_another_one_that.is_longer.still");
    report(&p, c, d);
    write_paper(&p);
    has("\nCAS*CO*45*225~\nCAS*PR*1*125**2*100**3*100**35*100**100*100**119*100~\nCAS*PR*204*100~\n");
    has("\nREF*0K*contracts.a_name_that_is_long~\n"); /* 50 characters at most, and a path still */
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

/* --- the checker --- */

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
    struct aver_why why = {0};
    assert_int_equal(aver_remit_csv_write(&out, &p.remit, &why), AVER_OK);
    aver_buf_byte(&out, 0);
    const char *body = strstr((char *)out.ptr, "\r\n");
    assert_non_null(body);
    assert_string_equal(
        body + 2,
        "claim,EFT-000017,2026-03-20,1234567893,'=1+2,c0ffee01,1,decided,M100,\"Rivera, \"\"Jr\"\"\",'-Ana,,1,99213,,,"
        "2026-03-02,2026-03-02,1,200.00,140.00,110.00,CO,45,N130 M15,60.00,fee_schedule.in_network,,\r\n"
        "claim,EFT-000017,2026-03-20,1234567893,'=1+2,c0ffee01,1,decided,M100,\"Rivera, \"\"Jr\"\"\",'-Ana,,1,99213,,,"
        "2026-03-02,2026-03-02,1,,,,PR,3,,30.00,benefits.office_visit.cost_share.in_network.copay,$30.00,\r\n"
        "carried_in,EFT-000017,2026-03-20,1234567893,,,,,,,,,,,,,,,,,,-10.00,,,,,,,\r\n");
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
        T(test_denied_pays_nothing),
        T(test_member_unknown),
        T(test_secondary),
        T(test_adjustments_merge),
        T(test_carried_forward),
        T(test_transfer_and_receiver),
        T(test_parties_of_policy_and_claim),
        T(test_text_is_made_fit),
        T(test_writer_refuses),
        T(test_each_changed_amount_is_found),
        T(test_envelopes_of_any_form),
        T(test_reasons_have_a_bound),
        T(test_third_party),
        T(test_csv),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
