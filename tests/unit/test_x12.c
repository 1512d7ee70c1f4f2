/* tests/unit/test_x12.c - adapters/x12*.c: one good 837P of ours, and every rule broken in it one at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/x12_837.h"

#define ISA                                                                                                  \
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*0800*^*00501*000000042*0*T*:~\n"

/* Three claims: a subscriber who is the patient, and a child with a claim and its replacement. "#" is the count of
 * segments from ST to SE. */
static const char BASE[] = ISA "GS*HC*SENDER*RECEIVER*20260301*0800*7*X*005010X222A1~\n"
                               "ST*837*0021*005010X222A1~\n"
                               "BHT*0019*00*B17*20260301*0800*CH~\n"
                               "NM1*41*2*HARBOUR BILLING*****46*S1~\n"
                               "PER*IC*ANNA*TE*5550100~\n"
                               "NM1*40*2*LINDEN HEALTH*****46*R1~\n"
                               "HL*1**20*1~\n"
                               "PRV*BI*PXC*207Q00000X~\n"
                               "NM1*85*2*HARBOUR CLINIC*****XX*1234567893~\n"
                               "N3*1 QUAY STREET*SUITE 2~\n"
                               "N4*PORTLAND*ME*041010000~\n"
                               "REF*EI*010000001~\n"
                               "NM1*87*2~\n"
                               "N3*PO BOX 9~\n"
                               "N4*PORTLAND*ME*04101~\n"
                               "HL*2*1*22*0~\n"
                               "SBR*P*18*GRP1*PLAN ONE*****CI~\n"
                               "NM1*IL*1*ABEL*ADA*M***MI*M-1001~\n"
                               "N3*5 ELM ROAD~\n"
                               "N4*BATH*ME*04530~\n"
                               "DMG*D8*19700102*F~\n"
                               "NM1*PR*2*LINDEN HEALTH*****PI*LIN01~\n"
                               "CLM*A-1*150.5***11:B:1*Y*A*Y*Y**AA:EM::ME~\n"
                               "DTP*439*D8*20260110~\n"
                               "AMT*F5*20~\n"
                               "REF*G1*PA77~\n"
                               "REF*D9*TRACE9~\n"
                               "NTE*ADD*A NOTE~\n"
                               "HI*ABK:J101*ABF:R509~\n"
                               "NM1*DN*1*BAKER*BO****XX*1234567893~\n"
                               "NM1*82*1*CARR*CY****XX*1234567893~\n"
                               "PRV*PE*PXC*208D00000X~\n"
                               "SBR*S*01*G2******CI~\n"
                               "CAS*PR*1*10**2*5.25*1~\n"
                               "AMT*D*39.15~\n"
                               "AMT*EAF*15.25~\n"
                               "OI***Y***Y~\n"
                               "NM1*IL*1*ABEL*AL****MI*O-77~\n"
                               "NM1*PR*2*OTHER PLAN*****PI*OTH9~\n"
                               "DTP*573*D8*20260201~\n"
                               "LX*1~\n"
                               "SV1*HC:99213:25*100.25*UN*1***1:2**Y~\n"
                               "DTP*472*D8*20260111~\n"
                               "REF*6R*L1~\n"
                               "LX*2~\n"
                               "SV1*HC:J1100:::::NOTE*50.25*UN*2.5*12**1~\n"
                               "DTP*472*RD8*20260109-20260110~\n"
                               "LIN**N4*00002751201~\n"
                               "CTP****1.5*ML~\n"
                               "NM1*DK*1*DORN*DI****XX*1234567893~\n"
                               "SVD*OTH9*39.15*HC:J1100**2.5~\n"
                               "CAS*CO*45*11.1~\n"
                               "DTP*573*D8*20260201~\n"
                               "HL*3*1*22*1~\n"
                               "SBR*P**GRP2******CI~\n"
                               "NM1*IL*1*ECK*EVA****MI*M-1002~\n"
                               "NM1*PR*2*LINDEN HEALTH*****PI*LIN01~\n"
                               "HL*4*3*23*0~\n"
                               "PAT*19~\n"
                               "NM1*QC*1*ECK*FAY~\n"
                               "N3*6 ELM ROAD~\n"
                               "N4*BATH*ME*04530~\n"
                               "DMG*D8*20150607*F~\n"
                               "CLM*B-1*80***11:B:1*Y*A*Y*Y~\n"
                               "HI*ABK:J020~\n"
                               "LX*1~\n"
                               "SV1*HC:99212*80*UN*1***1~\n"
                               "DTP*472*D8*20260112~\n"
                               "CLM*B-2*80***11:B:7*Y*A*Y*Y~\n"
                               "REF*F8*PAYERNO1~\n"
                               "HI*ABK:J020~\n"
                               "LX*1~\n"
                               "SV1*HC:99212*80*UN*1***1~\n"
                               "DTP*472*D8*20260112~\n"
                               "SE*#*0021~\n"
                               "GE*1*7~\n"
                               "IEA*1*000000042~\n";

struct work {
    struct aver_arena arena;
    struct aver_intake intake;
    char *text;
};

/* A copy of `text` with the first `from` replaced by `to`; fails when it is not there. NULL: nothing is replaced. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = from ? strstr(text, from) : text;
    if (!at) fail_msg("\"%s\" is not in the text", from);
    size_t n = strlen(text) + (to ? strlen(to) : 0) + 1, before = (size_t)(at - text);
    char *out = malloc(n);
    assert_non_null(out);
    snprintf(out, n, "%.*s%s%s", (int)before, text, to ? to : "", at + (from ? strlen(from) : 0));
    return out;
}

/* Puts the count of segments in the place of "#". */
static char *counted(char *text)
{
    const char *mark = strchr(text, '#');
    if (!mark) return text;
    const char *st = strstr(text, "\nST*");
    unsigned n = 1;
    for (const char *p = st; p && p < mark; p++) n += *p == '~';
    char number[16];
    snprintf(number, sizeof number, "%u", n);
    char *out = replaced(text, "#", number);
    free(text);
    return counted(out);
}

static void read_bytes(struct work *w, const void *bytes, size_t len)
{
    memset(&w->arena, 0, sizeof w->arena);
    aver_intake_init(&w->intake, &w->arena);
    aver_x12_837_read(&w->intake, aver_bytes_of(bytes, len));
}

static void read_with(struct work *w, const char *from, const char *to)
{
    w->text = counted(replaced(BASE, from, to));
    read_bytes(w, w->text, strlen(w->text));
}

static void work_end(struct work *w)
{
    aver_arena_free(&w->arena);
    free(w->text);
    w->text = NULL;
}

static const struct aver_finding *first_of(const struct aver_intake *in, bool warning)
{
    const struct aver_finding *f = aver_intake_findings(in);
    for (size_t i = 0; i < in->findings.count; i++)
        if ((f[i].level == AVER_LEVEL_WARNING) == warning) return &f[i];
    return NULL;
}

static void assert_text(aver_bytes got, const char *want)
{
    if (!aver_bytes_is(got, want)) fail_msg("got \"%.*s\", want \"%s\"", AVER_STR(got), want);
}

static void test_maps_every_field(void **state)
{
    (void)state;
    struct work w;
    read_with(&w, NULL, NULL);
    if (w.intake.findings.count) fail_msg("%.*s", AVER_STR(aver_intake_findings(&w.intake)[0].text));
    assert_int_equal(w.intake.claims.count, 3);
    assert_int_equal(w.intake.rejected.count, 0);
    const struct aver_claim *c = aver_intake_claims(&w.intake)[0].claim;
    assert_text(aver_intake_claims(&w.intake)[0].place, "ISA 000000042, ST 0021, segment 22 (CLM), line 24");
    assert_int_equal(c->type, AVER_CLAIM_PROFESSIONAL);
    assert_int_equal(c->use, AVER_USE_CLAIM);
    assert_text(c->patient_control_number, "A-1");
    assert_int_equal(c->total_charge.cents, 15050);
    assert_text(c->place_of_service, "11");
    assert_int_equal(c->frequency, AVER_FREQUENCY_ORIGINAL);
    assert_int_equal(c->statement_from, aver_day_of(2026, 1, 9));
    assert_int_equal(c->statement_to, aver_day_of(2026, 1, 11));
    assert_text(c->subscriber->member_id, "M-1001");
    assert_text(c->subscriber->last_name, "ABEL");
    assert_text(c->subscriber->middle_name, "M");
    assert_text(c->subscriber->sex, "F");
    assert_text(c->subscriber->postal_code, "04530");
    assert_int_equal(c->subscriber->birth_date, aver_day_of(1970, 1, 2));
    assert_null(c->patient);
    assert_text(c->coverage->responsibility, "P");
    assert_text(c->coverage->relationship, "18");
    assert_text(c->coverage->group_number, "GRP1");
    assert_text(c->coverage->plan_name, "PLAN ONE");
    assert_text(c->coverage->filing_indicator, "CI");
    assert_text(c->coverage->payer_id, "LIN01");
    assert_text(c->coverage->payer_name, "LINDEN HEALTH");
    assert_text(c->billing_provider->role, "85");
    assert_text(c->billing_provider->npi, "1234567893");
    assert_text(c->billing_provider->tax_id, "010000001");
    assert_text(c->billing_provider->taxonomy, "207Q00000X");
    assert_text(c->billing_provider->address, "1 QUAY STREET, SUITE 2");
    const struct aver_provider *p = c->providers.items;
    assert_int_equal(c->providers.count, 3);
    assert_text(p[0].role, "87");
    assert_text(p[0].address, "PO BOX 9");
    assert_text(p[1].role, "DN");
    assert_text(p[1].first_name, "BO");
    assert_text(p[2].role, "82");
    assert_text(p[2].taxonomy, "208D00000X");
    const struct aver_diagnosis *d = c->diagnoses.items;
    assert_int_equal(c->diagnoses.count, 2);
    assert_text(d[0].role, "ABK");
    assert_text(d[1].code, "R509");
    assert_text(c->assignment, "AY");
    assert_text(c->accident, "AA:EM");
    const struct aver_named_date *date = c->dates.items;
    assert_int_equal(c->dates.count, 1);
    assert_text(date->kind, "439");
    assert_int_equal(date->to, aver_day_of(2026, 1, 10));
    assert_text(aver_claim_reference(c, NULL, "G1"), "PA77");
    assert_text(aver_claim_reference(c, NULL, "D9"), "TRACE9");
    const struct aver_amount *a = c->amounts.items;
    assert_int_equal(c->amounts.count, 1);
    assert_int_equal(a->amount.cents, 2000);
    const struct aver_other_payer *o = c->other_payers.items;
    assert_int_equal(c->other_payers.count, 1);
    assert_text(o->payer_id, "OTH9");
    assert_text(o->subscriber_id, "O-77");
    assert_int_equal(o->paid.cents, 3915);
    assert_int_equal(o->adjudicated, aver_day_of(2026, 2, 1));
    const struct aver_other_adjustment *adj = o->adjustments.items;
    assert_int_equal(o->adjustments.count, 2);
    assert_text(adj[1].group, "PR");
    assert_text(adj[1].reason, "2");
    assert_int_equal(adj[1].amount.cents, 525);
    assert_int_equal(adj[1].quantity, 1000);
    const struct aver_line *l = c->lines.items;
    assert_int_equal(c->lines.count, 2);
    assert_text(l[0].procedure, "99213");
    assert_text(*(aver_bytes *)l[0].modifiers.items, "25");
    assert_int_equal(l[0].charge.cents, 10025);
    assert_true(l[0].emergency);
    assert_text(l[0].control_number, "L1");
    assert_int_equal(((uint64_t *)l[0].diagnosis_pointers.items)[1], 2);
    assert_int_equal(l[1].units, 2500);
    assert_text(l[1].place_of_service, "12");
    assert_text(l[1].description, "NOTE");
    assert_int_equal(l[1].service_from, aver_day_of(2026, 1, 9));
    assert_text(l[1].drug_code, "00002751201");
    assert_int_equal(l[1].drug_units, 1500);
    assert_text(l[1].drug_unit, "ML");
    assert_text(((struct aver_provider *)l[1].providers.items)->role, "DK");
    const struct aver_other_line *ol = l[1].other_adjudications.items;
    assert_text(ol->payer_id, "OTH9");
    assert_text(ol->procedure, "J1100");
    assert_int_equal(ol->units, 2500);
    assert_int_equal(((struct aver_other_adjustment *)ol->adjustments.items)->amount.cents, 1110);

    const struct aver_claim *child = aver_intake_claims(&w.intake)[1].claim,
                            *again = aver_intake_claims(&w.intake)[2].claim;
    assert_text(child->subscriber->member_id, "M-1002");
    assert_text(child->patient->first_name, "FAY");
    assert_text(child->coverage->relationship, "19");
    assert_text(again->original_reference, "PAYERNO1");
    assert_int_equal(again->frequency, AVER_FREQUENCY_REPLACEMENT);
    assert_text(again->patient->first_name, "FAY");
    work_end(&w);
}

/* The claim's bytes can be found again. */
static void test_source_is_the_claims_bytes(void **state)
{
    (void)state;
    struct work w;
    read_with(&w, NULL, NULL);
    const struct aver_source *s = aver_intake_claims(&w.intake)[1].claim->source;
    assert_memory_equal(w.text + s->offset, "CLM*B-1*", 8);
    assert_memory_equal(w.text + s->offset + s->length - 20, "DTP*472*D8*20260112~", 20);
    assert_text(s->interchange, "000000042");
    assert_text(s->group, "7");
    assert_text(s->set, "0021");
    aver_digest want = aver_sha256(aver_bytes_str(w.text));
    assert_true(aver_digest_eq(s->sha256, want));
    work_end(&w);
}

struct breach {
    const char *from, *to;
    size_t accepted, rejected;
    const char
        *code; /* of the first finding that rejects, or else of the first warning; NULL: no finding at all */
    unsigned element;
};

/* Whether the breach gives what its row says; says what it gives if not. */
static bool breach_holds(const struct breach *b)
{
    static const struct aver_finding none;
    struct work w;
    read_with(&w, b->from, b->to);
    const struct aver_finding *f = first_of(&w.intake, false);
    if (!f) f = first_of(&w.intake, true);
    bool found = f != NULL;
    if (!f) f = &none;
    bool same = w.intake.claims.count == b->accepted && w.intake.rejected.count == b->rejected &&
                found == (b->code != NULL) &&
                (!found || (aver_bytes_is(f->code, b->code) && f->at.element == b->element));
    if (found && f->level != AVER_LEVEL_WARNING && f->covers_to <= f->covers_from) same = false;
    if (!same)
        print_error("\"%s\" -> \"%s\": accepted %zu rejected %zu, %.*s element %u: %.*s [%.*s]\n", b->from,
                    b->to, w.intake.claims.count, w.intake.rejected.count, AVER_STR(f->code), f->at.element,
                    AVER_STR(f->text), AVER_STR(f->place));
    work_end(&w);
    return same;
}

static void breaches_check(const struct breach *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) wrong += !breach_holds(&rows[i]);
    assert_int_equal(wrong, 0);
}
#define BREACHES(rows) breaches_check(rows, sizeof(rows) / sizeof(rows[0]))

static void test_envelopes(void **state)
{
    (void)state;
    static const struct breach rows[] = {
        {"SE*#*", "SE*3*", 0, 3, "X12-SE01", 1},
        {"SE*#*0021", "SE*#*0022", 0, 3, "X12-SE02", 2},
        {"SE*#*0021~\n", "", 0, 3, "X12-SE-MISSING", 0},
        {"GE*1*7", "GE*2*7", 0, 3, "X12-GE01", 1},
        {"GE*1*7", "GE*1*8", 0, 3, "X12-GE02", 2},
        {"GE*1*7~\n", "", 0, 3, "X12-GE-MISSING", 0},
        {"IEA*1*", "IEA*2*", 0, 3, "X12-IEA01", 1},
        {"IEA*1*000000042", "IEA*1*000000043", 0, 3, "X12-IEA02", 2},
        {"IEA*1*000000042~\n", "", 0, 3, "X12-TRUNCATED", 0},
        {"GE*1*7~\nIEA*1*000000042~\n", "", 0, 3, "X12-TRUNCATED", 0},
        {"*000000042~\n", "*42~\n", 3, 0, NULL, 0},
        {"IEA*1*000000042~\n", "IEA*1*000000042", 3, 0, "X12-TERMINATOR", 0},
        {"ISA*00*", "\xef\xbb\xbfISA*00*", 3, 0, "X12-BYTE-ORDER-MARK", 0},
        {"ISA*00*", " \n ISA*00*", 3, 0, "X12-SPACE", 0},
        {"~\nGS*", "~\r\n\r\nGS*", 3, 0, NULL, 0},
        {"~\nGS*", "~GS*", 3, 0, NULL, 0},
        {"~\nGS*", "~\n  GS*", 3, 0, "X12-SPACE", 0},
        {"~\nGS*", "~~GS*", 3, 0, "X12-SEGMENT-EMPTY", 0},
        {"ISA*00*  ", "ISA*00* ", 0, 0, "X12-ISA", 0},
        {"*T*:~", "*T*^~", 0, 0, "X12-DELIMITERS", 0},
        {"*T*:~", "*T*A~", 0, 0, "X12-DELIMITERS", 0},
        {"*T*:~", "*T* ~", 0, 0, "X12-DELIMITERS", 0},
        {"*0800*^*00501", "*0800*U*00501", 3, 0, "X12-ISA11", 0},
        {ISA, "", 0, 0, "X12-NO-ISA", 0},
        {"GS*HC*", "GS*FA*", 0, 3, "X12-GS01", 1},
        {"7*X*005010X222A1", "7*X*005010X222", 0, 3, "X12-GS08", 8},
        {"7*X*005010X222A1", "7*X*005010X223A2", 0, 3, "X12-GS08", 8},
        {"7*X*005010X222A1", "7*X*004010X098A1", 0, 3, "X12-GS08", 8},
        {"7*X*005010X222A1", "7*X*005010X222A2", 3, 0, "X12-ST03", 3},
        {"0021*005010X222A1", "0021*005010X223A2", 0, 3, "X12-ST03", 3},
        {"ST*837*", "ST*835*", 0, 3, "X12-ST01", 1},
        {"ST*837*0021*", "ST*837**", 0, 3, "X12-ST02", 2},
        {"GS*HC", "N1*X~\nGS*HC", 0, 3, "X12-ENVELOPE", 0},
        {"ST*837", "N1*X~\nST*837", 0, 3, "X12-ENVELOPE", 0},
        {"GS*HC", "TA1*000000001*260301*0800*A*000~\nGS*HC", 3, 0, NULL, 0},
        {"IEA*1*000000042~\n", "IEA*1*000000042~\nJUNK", 3, 0, "X12-NO-ISA", 0},
        {"*ABEL*ADA", "*ISAAC*ISA", 3, 0, NULL, 0},
    };
    BREACHES(rows);
}

static void test_levels(void **state)
{
    (void)state;
    static const struct breach rows[] = {
        {"HL*2*1*22*0", "HL*2*9*22*0", 2, 1, "X12-HL-PARENT", 2},
        {"HL*2*1*22*0", "HL*2**22*0", 2, 1, "X12-HL-PARENT", 2},
        {"HL*1**20*1", "HL*1*1*20*1", 0, 3, "X12-HL-PARENT", 2},
        {"HL*4*3*23*0", "HL*4*2*23*0", 1, 2, "X12-HL-PARENT", 2},
        {"HL*3*1*22*1", "HL*2*1*22*1", 1, 2, "X12-HL-NUMBER", 1},
        {"HL*3*1*22*1", "HL*X*1*22*1", 1, 2, "X12-HL01", 1},
        {"HL*4*3*23*0", "HL*6*3*23*0", 3, 0, "X12-HL-NUMBER", 1},
        {"HL*4*3*23*0", "HL*4*3*24*0", 1, 2, "X12-SEGMENT-QUALIFIER", 3},
        {"SBR*P*18*GRP1", "SBR*P**GRP1", 2, 1, "X12-HL-PATIENT", 0},
        {"SBR*P**GRP2", "SBR*P*18*GRP2", 1, 2, "X12-HL-PATIENT", 3},
        {"HL*1**20*1~\n", "", 0, 3, "X12-SEGMENT-PLACE", 0},
        {"HL*2*1*22*0~\n", "", 0, 3, "X12-SEGMENT-PLACE", 0},
        {"SBR*P*18*GRP1", "SBR*X*18*GRP1", 2, 1, "X12-SBR01", 1},
        {"SBR*P*18*GRP1", "SBR*P*01*GRP1", 2, 1, "X12-SBR02", 2},
        {"PAT*19", "PAT*99", 1, 2, "X12-PAT01", 1},
        {"PAT*19~\n", "", 1, 2, "X12-REQUIRED", 0},
        {"NM1*PR*2*LINDEN HEALTH*****PI*LIN01~\nCLM", "CLM", 2, 1, "X12-REQUIRED", 0},
        {"NM1*QC*1*ECK*FAY", "NM1*QC*1**FAY", 1, 2, "X12-NM103", 3},
        {"**MI*M-1001", "", 2, 1, "X12-NM109", 9},
        {"*MI*M-1001", "*XX*M-1001", 2, 1, "X12-NM108", 8},
        {"*PI*LIN01", "*ZZ*LIN01", 2, 1, "X12-NM108", 8},
        {"DMG*D8*19700102*F", "DMG*D8*19700230*F", 2, 1, "X12-DMG02", 2},
        {"DMG*D8*19700102*F", "DMG*D8*19700102*X", 2, 1, "X12-DMG03", 3},
        {"REF*EI*010000001~\n", "REF*EI*010000001~\nREF*SY*010000001~\n", 0, 3, "X12-REF-DUPLICATE", 1},
        {"REF*EI*010000001~\n", "", 3, 0, "X12-REQUIRED", 0},
        {"REF*EI*", "REF*ZZ*", 0, 3, "X12-REF01", 1},
        {"PRV*BI*", "PRV*PE*", 0, 3, "X12-PRV01", 1},
        {"HL*2*1*22*0", "CUR*85*USD~\nHL*2*1*22*0", 0, 3, "X12-SEGMENT-ORDER", 0},
        {"NM1*85*2*HARBOUR", "CUR*85*CAD~\nNM1*85*2*HARBOUR", 0, 3, "X12-CUR02", 2},
        {"BHT*0019", "BHT*0020", 0, 3, "X12-BHT01", 1},
        {"*0800*CH~", "*0800*XX~", 0, 3, "X12-BHT06", 6},
        {"BHT*0019*00*B17*20260301*0800*CH~\n", "", 0, 3, "X12-REQUIRED", 0},
        {"NM1*40*2*LINDEN HEALTH*****46*R1~\n", "", 0, 3, "X12-REQUIRED", 0},
        {"PER*IC*ANNA*TE*5550100~\n", "", 3, 0, "X12-REQUIRED", 0},
        {"N3*1 QUAY STREET*SUITE 2~\n", "", 0, 3, "X12-REQUIRED", 0},
        {"XX*1234567893~\nN3*1 QUAY", "XX*1234567890~\nN3*1 QUAY", 3, 0, "X12-NPI", 9},
        {"XX*1234567893~\nN3*1 QUAY", "XX*12345~\nN3*1 QUAY", 0, 3, "X12-NM109", 9},
        {"*****XX*1234567893~\nN3*1 QUAY", "*****XX~\nN3*1 QUAY", 0, 3, "X12-NM109", 9},
    };
    BREACHES(rows);
}

static void test_claims(void **state)
{
    (void)state;
    static const struct breach rows[] = {
        {"CLM*A-1*150.5*", "CLM*A-1*150.51*", 2, 1, "X12-CLM02-SUM", 2},
        {"CLM*A-1*150.5*", "CLM*A-1*150.50*", 3, 0, NULL, 0},
        {"CLM*A-1*150.5*", "CLM*A-1*150.505*", 2, 1, "X12-MONEY", 2},
        {"CLM*A-1*150.5*", "CLM*A-1*-150.5*", 2, 1, "X12-MONEY", 2},
        {"CLM*A-1*150.5*", "CLM*A-1*100000000*", 2, 1, "X12-MONEY", 2},
        {"CLM*A-1*150.5*", "CLM**150.5*", 2, 1, "X12-CLM01", 1},
        {"CLM*A-1*150.5*", "CLM*A-1**", 2, 1, "X12-CLM02", 2},
        {"CLM*A-1*", "CLM*123456789012345678901234567890123456789*", 2, 1, "X12-CLM01", 1},
        {"CLM*A-1*", "CLM* A-1 *", 3, 0, NULL, 0},
        {"11:B:1*Y*A*Y*Y**AA", "11:A:1*Y*A*Y*Y**AA", 2, 1, "X12-CLM05", 5},
        {"11:B:1*Y*A*Y*Y**AA", "11:B:2*Y*A*Y*Y**AA", 2, 1, "X12-CLM05", 5},
        {"11:B:1*Y*A*Y*Y**AA", "11:B*Y*A*Y*Y**AA", 2, 1, "X12-CLM05", 5},
        {"11:B:1*Y*A*Y*Y**AA", "11::1*Y*A*Y*Y**AA", 3, 0, "X12-CLM05", 5},
        {"11:B:1*Y*A*Y*Y**AA", "112:B:1*Y*A*Y*Y**AA", 2, 1, "X12-CLM05", 5},
        {"11:B:1*Y*A*Y*Y**AA", "11:B:1*Z*A*Y*Y**AA", 2, 1, "X12-CLM06", 6},
        {"11:B:1*Y*A*Y*Y**AA", "11:B:1*Y*D*Y*Y**AA", 2, 1, "X12-CLM07", 7},
        {"11:B:1*Y*A*Y*Y**AA", "11:B:1*Y*A*X*Y**AA", 2, 1, "X12-CLM08", 8},
        {"11:B:1*Y*A*Y*Y**AA", "11:B:1*Y*A*Y*N**AA", 2, 1, "X12-CLM09", 9},
        {"**AA:EM::ME", "**AA:XX::ME", 2, 1, "X12-CLM11", 11},
        {"11:B:7*", "11:B:8*", 3, 0, NULL, 0},
        {"REF*F8*PAYERNO1~\n", "", 2, 1, "X12-REF-F8", 0},
        {"REF*F8*PAYERNO1~\n", "REF*F8*PAYERNO1~\nREF*F8*PAYERNO2~\n", 2, 1, "X12-REF-DUPLICATE", 1},
        {"REF*D9*TRACE9~\n", "REF*D9*TRACE9~\nREF*D9*TRACE8~\n", 2, 1, "X12-REF-DUPLICATE", 1},
        {"REF*D9*", "REF*QQ*", 2, 1, "X12-REF01", 1},
        {"DTP*439*D8*20260110~\n", "DTP*439*D8*20260110~\nDTP*439*D8*20260111~\n", 2, 1, "X12-DTP-DUPLICATE",
         1},
        {"DTP*439*D8*20260110", "DTP*434*D8*20260110", 2, 1, "X12-DTP01", 1},
        {"DTP*439*D8*20260110", "DTP*439*DT*202601100800", 2, 1, "X12-DTP02", 2},
        {"DTP*439*D8*20260110", "DTP*439*D8*20260132", 2, 1, "X12-DTP03", 3},
        {"AMT*F5*20", "AMT*F6*20", 2, 1, "X12-AMT01", 1},
        {"AMT*F5*20", "AMT*F5*-20", 2, 1, "X12-MONEY", 2},
        {"NTE*ADD*A NOTE", "QQQ*1", 2, 1, "X12-SEGMENT-UNKNOWN", 0},
        {"NTE*ADD*A NOTE", "DTP*431*D8*20260101", 2, 1, "X12-SEGMENT-ORDER", 0},
        {"NTE*ADD*A NOTE", "SVD*1*1", 2, 1, "X12-SEGMENT-PLACE", 0},
        {"NTE*ADD*A NOTE", "NTE*ADD*A ^ NOTE", 3, 0, NULL, 0},
        {"ABEL*ADA", "ABEL^BELL*ADA", 2, 1, "X12-REPETITION", 3},
        {"ABEL*ADA", "ABEL\tBELL*ADA", 2, 1, "X12-CHARACTER", 3},
        {"ABEL*ADA", "AB\xc9L*ADA", 2, 1, "X12-CHARACTER", 3},
        {"ABEL*ADA", "AB\xc3\x89L*ADA", 3, 0, NULL, 0},
        {"HI*ABK:J101*ABF:R509~\n", "", 2, 1, "X12-REQUIRED", 0},
        {"HI*ABK:J101*", "HI*ABF:J101*", 2, 1, "X12-HI01", 1},
        {"*ABF:R509", "*ABK:R509", 2, 1, "X12-HI02", 2},
        {"*ABF:R509", "**ABF:R509", 2, 1, "X12-HI03", 3},
        {"*ABF:R509", "*ABF", 2, 1, "X12-HI02", 2},
        {"*ABF:R509", "*ABF:R50.9", 3, 0, "X12-HI-POINT", 2},
        {"HI*ABK:J101*ABF:R509~\n", "HI*ABK:J101*ABF:R509~\nHI*BG:01~\n", 3, 0, NULL, 0},
        {"HI*ABK:J101*ABF:R509~\n", "HI*ABK:J101*ABF:R509~\nHI*ABK:J101~\n", 2, 1, "X12-HI01", 1},
        {"NM1*DN*1*BAKER", "NM1*ZZ*1*BAKER", 2, 1, "X12-SEGMENT-QUALIFIER", 1},
        {"NM1*82*1*CARR*CY****XX*1234567893~\n", "NM1*82*1*CARR*CY****XX*1234567893~\nNM1*82*1*CARR*CY~\n", 2,
         1, "X12-SEGMENT-REPEAT", 0},
        {"PRV*PE*PXC", "PRV*PE*ZZ", 2, 1, "X12-PRV02", 2},
        {"NM1*DN*1", "NM1*DN*3", 2, 1, "X12-NM102", 2},
        {"SBR*S*01*", "SBR*S*99*", 2, 1, "X12-SBR02", 2},
        {"OI***Y***Y~\n", "", 2, 1, "X12-REQUIRED", 0},
        {"CAS*PR*1*10", "CAS*XX*1*10", 2, 1, "X12-CAS01", 1},
        {"CAS*PR*1*10", "CAS*PR*1*1.001", 2, 1, "X12-MONEY", 3},
        {"CAS*PR*1*10", "CAS*PR*1*-10", 3, 0, NULL, 0},
        {"NM1*PR*2*OTHER PLAN*****PI*OTH9~\nDTP*573*D8*20260201~\n", "", 3, 0, "X12-REQUIRED", 0},
    };
    BREACHES(rows);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct breach rows[] = {
        {"LX*2~", "LX*3~", 3, 0, "X12-LX01", 1},
        {"LX*2~", "LX*1~", 2, 1, "X12-LX01", 1},
        {"LX*2~", "LX*B~", 2, 1, "X12-LX01", 1},
        {"LX*1~\nSV1*HC:99213", "LX*2~\nSV1*HC:99213", 2, 1, "X12-LX01", 1},
        {"*100.25*UN", "*100.25*XX", 2, 1, "X12-SV103", 3},
        {"*100.25*UN*1*", "*100.25*UN*1.0001*", 2, 1, "X12-SV104", 4},
        {"*100.25*UN*1*", "*100.25*UN*0*", 2, 1, "CLAIM-UNITS", 0},
        {"*100.25*UN*1*", "*100.25*UN**", 2, 1, "X12-SV104", 4},
        {"HC:99213:25", "ZZ:99213:25", 2, 1, "X12-SV101", 1},
        {"HC:99213:25", "HC", 2, 1, "X12-SV101", 1},
        {"HC:99213:25", "HC:99213:255", 2, 1, "X12-SV101", 1},
        {"***1:2**Y", "***1:3**Y", 2, 1, "X12-POINTER", 7},
        {"***1:2**Y", "***0**Y", 2, 1, "X12-SV107", 7},
        {"***1:2**Y", "***1:1:1:1:1**Y", 2, 1, "X12-SV107", 7},
        {"***1:2**Y", "*****Y", 2, 1, "X12-SV107", 7},
        {"***1:2**Y", "***1:2**Q", 2, 1, "X12-SV109", 9},
        {"DTP*472*D8*20260111~\n", "", 2, 1, "X12-REQUIRED", 0},
        {"DTP*472*D8*20260111~\n", "DTP*471*D8*20260111~\n", 2, 1, "X12-DTP472", 0},
        {"DTP*472*D8*20260111~\n", "DTP*472*D8*20260111~\nDTP*472*D8*20260111~\n", 2, 1, "X12-DTP-DUPLICATE",
         1},
        {"20260109-20260110", "20260110-20260109", 2, 1, "X12-DTP03", 3},
        {"20260109-20260110", "2026010920260110", 2, 1, "X12-DTP03", 3},
        {"REF*6R*L1~\n", "REF*6R*L1~\nREF*6R*L2~\n", 2, 1, "X12-REF-DUPLICATE", 1},
        {"REF*6R*L1~\n", "REF*G1*P1~\nREF*G1*P2~\n", 3, 0, NULL, 0},
        {"SV1*HC:99213:25*100.25*UN*1***1:2**Y~\n", "", 2, 1, "X12-REQUIRED", 0},
        {"LIN**N4*", "LIN**ZZ*", 2, 1, "X12-LIN02", 2},
        {"CTP****1.5*ML~\n", "", 2, 1, "X12-REQUIRED", 0},
        {"CTP****1.5*ML", "CTP****1.5*XX", 2, 1, "X12-CTP05", 5},
        {"SVD*OTH9*39.15", "SVD*OTH9*39.155", 2, 1, "X12-MONEY", 2},
        {"CAS*CO*45*11.1~\nDTP*573*D8*20260201~\n", "CAS*CO*45*11.1~\n", 2, 1, "X12-REQUIRED", 0},
        {"***1:2**Y~", "***1:2**Y*************1~", 2, 1, "X12-ELEMENTS", 22},
    };
    BREACHES(rows);
}

/* 50 lines are read, the 51st is refused. */
static void test_line_count(void **state)
{
    (void)state;
    for (unsigned lines = 50; lines <= 51; lines++) {
        char body[8192];
        size_t n = (size_t)snprintf(body, sizeof body, "CLM*B-1*%u***11:B:1*Y*A*Y*Y~\nHI*ABK:J020~\n", lines);
        for (unsigned i = 1; i <= lines; i++)
            n += (size_t)snprintf(body + n, sizeof body - n,
                                  "LX*%u~\nSV1*HC:99212*1*UN*1***1~\nDTP*472*D8*20260112~\n", i);
        struct breach b = {
            "CLM*B-1*80***11:B:1*Y*A*Y*Y~\nHI*ABK:J020~\nLX*1~\nSV1*HC:99212*80*UN*1***1~\nDTP*472*D8*20260112~\n",
            body,
            lines == 50 ? 3 : 2,
            lines == 50 ? 0 : 1,
            lines == 50 ? NULL : "X12-SEGMENT-REPEAT",
            0};
        assert_true(breach_holds(&b));
    }
}

static void test_encounters_and_numbers_of_the_payer(void **state)
{
    (void)state;
    struct work w;
    read_with(&w, "*0800*CH~", "*0800*RP~");
    assert_int_equal(aver_intake_claims(&w.intake)[0].claim->use, AVER_USE_ENCOUNTER);
    work_end(&w);
    /* A provider without NPI is known by its number with this payer, which stands in the payer's loop. */
    read_with(
        &w, "*****XX*1234567893~\nN3*1 QUAY STREET*SUITE 2~\nN4*PORTLAND*ME*041010000~\nREF*EI*010000001~\n",
        "~\nN3*1 QUAY STREET*SUITE 2~\nN4*PORTLAND*ME*041010000~\nREF*EI*010000001~\n");
    assert_int_equal(w.intake.claims.count, 3);
    assert_null(aver_intake_claims(&w.intake)[0].claim->billing_provider->npi.ptr);
    work_end(&w);
}

/* Several sets, groups and interchanges; what is broken in one leaves the others alone. */
static void test_only_the_broken_part_is_refused(void **state)
{
    (void)state;
    struct work w;
    char *good = counted(replaced(BASE, NULL, NULL)), *bad = counted(replaced(BASE, "SE*#*", "SE*1*"));
    size_t n = strlen(good) * 2 + strlen(bad) + 64;
    w.text = malloc(n);
    snprintf(w.text, n, "%sGARBAGE~CLM*X*1~\n%s%s", good, bad, good);
    read_bytes(&w, w.text, strlen(w.text));
    assert_int_equal(w.intake.claims.count, 6);
    assert_int_equal(w.intake.rejected.count, 3);
    assert_int_equal(w.intake.sets.count, 3);
    const struct aver_intake_set *sets = w.intake.sets.items;
    assert_true(sets[0].refused == AVER_INTAKE_NONE && sets[2].refused == AVER_INTAKE_NONE);
    assert_text(aver_intake_findings(&w.intake)[sets[1].refused].code, "X12-SE01");
    const struct aver_finding *f = first_of(&w.intake, false);
    assert_text(f->code, "X12-NO-ISA");
    assert_int_equal(f->covers_from, strlen(good));
    assert_memory_equal(w.text + f->covers_to, "ISA*", 4);
    assert_text(aver_intake_rejects(&w.intake)[2].claim, "B-2");
    work_end(&w);
    /* The first interchange loses its end: the second is read. */
    w.text = malloc(n);
    snprintf(w.text, n, "%.*s%s", (int)(strstr(good, "SE*") - good), good, good);
    read_bytes(&w, w.text, strlen(w.text));
    assert_int_equal(w.intake.claims.count, 3);
    assert_int_equal(w.intake.rejected.count, 3);
    assert_text(first_of(&w.intake, false)->code, "X12-IEA-MISSING");
    work_end(&w);
    free(good);
    free(bad);
}

static void test_a_set_number_used_twice_in_a_group(void **state)
{
    (void)state;
    char *set = counted(replaced(BASE, NULL, NULL));
    char *st = strstr(set, "ST*837"), *ge = strstr(set, "GE*1*7");
    struct work w;
    size_t n = strlen(set) * 2;
    w.text = malloc(n);
    snprintf(w.text, n, "%.*s%.*s%.*sGE*2*7~\nIEA*1*000000042~\n", (int)(st - set), set, (int)(ge - st), st,
             (int)(ge - st), st);
    read_bytes(&w, w.text, strlen(w.text));
    assert_int_equal(w.intake.claims.count, 3);
    assert_int_equal(w.intake.rejected.count, 3);
    assert_text(first_of(&w.intake, false)->code, "X12-ST02");
    work_end(&w);
    free(set);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Hostile files cost linear time and are refused in whole (reliability 4.3, X12). */
static void test_hostile_files(void **state)
{
    (void)state;
    enum { SIZE = 8 << 20 };
    static const struct {
        const char *head, *unit;
    } rows[] = {
        {ISA, "A"},      /* no terminator */
        {ISA, "~"},      /* empty segments */
        {ISA, "GS*HC~"}, /* groups without end */
        {ISA "GS*HC*A*B*20260301*0800*7*X*005010X222A1~", "ST*837*1~"},
        {ISA "GS*HC*A*B*20260301*0800*7*X*005010X222A1~ST*837*0001*005010X222A1~", "HL*1**20~"},
        {ISA "GS*HC*A*B*20260301*0800*7*X*005010X222A1~ST*837*0001*005010X222A1~", "CLM*1*1~"},
        {ISA "GS*HC*A*B*20260301*0800*7*X*005010X222A1~ST*837*0001*005010X222A1~", "LX*1~"},
        {ISA "GS*HC*A*B*20260301*0800*7*X*005010X222A1~ST*837*0001*005010X222A1~", "***************"},
        {"", ISA},
        {"", "ISA"},
        {"",
         "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260301*0800*^*00501*000000042*0*T*::"},
        {"", "\xef\xbb\xbf"},
    };
    char *text = malloc(SIZE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i].head), u = strlen(rows[i].unit);
        memcpy(text, rows[i].head, n);
        for (; n + u <= SIZE; n += u) memcpy(text + n, rows[i].unit, u);
        struct work w = {0};
        double t = seconds();
        read_bytes(&w, text, n);
        t = seconds() - t;
        assert_int_equal(w.intake.claims.count, 0);
        if (i != 11) assert_non_null(first_of(&w.intake, false));
        if (t > 8) fail_msg("row %zu took %.1f s", i, t);
        work_end(&w);
    }
    free(text);
}

/* Cut anywhere, the file is refused with a place, and no claim is lost or accepted. */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    char *text = counted(replaced(BASE, NULL, NULL));
    size_t len = strlen(text) - strlen("IEA*1*000000042~\n");
    for (size_t n = 1; n < len; n += 7) {
        char *part = malloc(n);
        memcpy(part, text, n);
        struct work w = {0};
        read_bytes(&w, part, n);
        assert_int_equal(w.intake.claims.count, 0);
        assert_non_null(first_of(&w.intake, false));
        work_end(&w);
        free(part);
    }
    free(text);
}

static void test_npi_check_digit(void **state)
{
    (void)state;
    assert_true(aver_npi_valid(AVER_LIT("1234567893")));
    assert_false(aver_npi_valid(AVER_LIT("1234567894")));
    assert_false(aver_npi_valid(AVER_LIT("123456789")));
    assert_false(aver_npi_valid(AVER_LIT("12345678X3")));
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
        cmocka_unit_test(test_maps_every_field),
        cmocka_unit_test(test_source_is_the_claims_bytes),
        cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_line_count),
        cmocka_unit_test(test_encounters_and_numbers_of_the_payer),
        cmocka_unit_test(test_only_the_broken_part_is_refused),
        cmocka_unit_test(test_a_set_number_used_twice_in_a_group),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_npi_check_digit),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
