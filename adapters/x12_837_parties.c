/* adapters/x12_837_parties.c - HL levels, and the people and organisations of an 837P: billing provider, subscriber,
 * patient, payers, and whoever else took part. See x12_837_state.h. */
#include "adapters/x12_837_state.h"

#include <string.h>

#define I2 AVER_X12_ID2
#define I3 AVER_X12_ID3

/* --- HL (005010X222A1 2000A, 2000B, 2000C) --- */

static void person_clear(struct aver_person *p)
{
    memset(p, 0, sizeof *p);
    p->birth_date = AVER_NO_DAY;
}

void aver_837_hl(struct aver_837 *s, enum aver_837_loop loop)
{
    enum aver_837_scope scope = loop == AVER_837_2000A   ? AVER_837_BILLING
                                : loop == AVER_837_2000B ? AVER_837_SUBSCRIBER
                                                         : AVER_837_PATIENT;
    for (unsigned k = scope; k < AVER_837_SCOPES; k++) {
        s->refused[k] = AVER_INTAKE_NONE;
        s->described[k] = 0;
        s->scope_from[k] = s->x12.segment.offset;
    }
    s->has_patient = loop == AVER_837_2000C;
    person_clear(&s->patient);
    s->relationship = AVER_BYTES_NONE;
    if (loop != AVER_837_2000C) {
        s->self = false;
        person_clear(&s->subscriber);
        memset(&s->coverage, 0, sizeof s->coverage);
        s->payer_provider_id = s->casualty_claim = AVER_BYTES_NONE;
    }
    if (loop == AVER_837_2000A) {
        memset(&s->billing, 0, sizeof s->billing);
        memset(&s->pay_to, 0, sizeof s->pay_to);
        s->has_pay_to = false;
    }

    /* HL01 counts from 1 through the set; HL02 names the level above, which is the open one. */
    uint64_t number = 0, parent = 0;
    if (aver_837_number(s, &number, 1)) {
        if (number <= s->hl_last)
            aver_837_reject(s, "X12-HL-NUMBER", 1, 0, "7",
                            "HL01 is %llu after %llu; number the levels 1, 2, 3 ... through the set",
                            (unsigned long long)number, (unsigned long long)s->hl_last);
        else if (number != s->hl_last + 1)
            aver_837_warn(s, "X12-HL-NUMBER", 1, 0,
                          "HL01 is %llu after %llu; number the levels 1, 2, 3 ... through the set",
                          (unsigned long long)number, (unsigned long long)s->hl_last);
        if (number > s->hl_last) s->hl_last = number;
    }
    bool has_parent = aver_837_number(s, &parent, 2);
    uint64_t above = loop == AVER_837_2000B ? s->hl_billing : s->hl_subscriber;
    if (loop == AVER_837_2000A) {
        if (has_parent)
            aver_837_reject(s, "X12-HL-PARENT", 2, 0, "I10",
                            "a billing provider's HL has no parent; leave HL02 empty");
        s->hl_billing = number;
    } else if (!has_parent || parent != above) {
        aver_837_reject(s, "X12-HL-PARENT", 2, 0, "7", "HL02 is \"%.*s\", but the level above is HL %llu",
                        AVER_STR(aver_837_text(s, 2)), (unsigned long long)above);
    }
    if (loop == AVER_837_2000B) s->hl_subscriber = number;
    if (loop == AVER_837_2000C && s->self)
        aver_837_reject(
            s, "X12-HL-PATIENT", 3, 0, "7",
            "SBR02 says that the subscriber is the patient, so no patient level may follow; leave SBR02 empty or this level out");
}

/* --- names and addresses --- */

/* The qualifiers that NM108 may hold, per loop; NULL where the guide uses no identifier. */
static const char *id_qualifiers(enum aver_837_loop loop)
{
    switch ((int)loop) {
    case AVER_837_1000A:
    case AVER_837_1000B: return "46";
    case AVER_837_2010AC:
    case AVER_837_2010BB:
    case AVER_837_2330B: return "PI XV";
    case AVER_837_2010BA:
    case AVER_837_2330A: return "MI II";
    case AVER_837_2010AB:
    case AVER_837_2010CA:
    case AVER_837_2310E:
    case AVER_837_2310F:
    case AVER_837_2330C:
    case AVER_837_2420G:
    case AVER_837_2420H: return NULL;
    default: return "XX";
    }
}

static bool id_required(enum aver_837_loop loop)
{
    return loop == AVER_837_2010BA || loop == AVER_837_2010BB || loop == AVER_837_2330A ||
           loop == AVER_837_2330B;
}

static bool name_required(enum aver_837_loop loop)
{
    return loop == AVER_837_2010AA || loop == AVER_837_2010BA || loop == AVER_837_2010BB ||
           loop == AVER_837_2010CA;
}

static void nm1_check(struct aver_837 *s, enum aver_837_loop loop)
{
    aver_bytes q = aver_837_text(s, 8), id = aver_837_text(s, 9);
    const char *list = id_qualifiers(loop);
    if (name_required(loop) && !aver_837_text(s, 3).ptr)
        aver_837_reject(s, "X12-NM103", 3, 0, "1", "the name is required and missing");
    if (list && q.ptr && !aver_837_listed(list, q))
        aver_837_reject(s, "X12-NM108", 8, 0, "7", "\"%.*s\" may not stand here; %s may", AVER_STR(q), list);
    else if (id_required(loop) && !id.ptr)
        aver_837_reject(s, "X12-NM109", 9, 0, "1",
                        loop == AVER_837_2010BA ? "the subscriber's member id is required and missing"
                                                : "the identifier is required and missing");
    else if (list && (q.ptr != NULL) != (id.ptr != NULL))
        aver_837_reject(s, q.ptr ? "X12-NM109" : "X12-NM108", q.ptr ? 9 : 8, 0, "2",
                        "NM108 and NM109 stand together or not at all");
    else if (id.ptr && aver_bytes_is(q, "XX"))
        aver_837_npi_check(s, id, 9);
}

static struct aver_provider *provider_of(struct aver_837 *s, enum aver_837_loop loop)
{
    switch ((int)loop) {
    case AVER_837_2010AA: return &s->billing;
    case AVER_837_2010AB: return &s->pay_to;
    case AVER_837_2310A:
    case AVER_837_2310B:
    case AVER_837_2310C:
    case AVER_837_2310D:
    case AVER_837_2310E:
    case AVER_837_2310F:
        if (s->claim)
            return aver_list_add(s->intake->arena, &s->claim->providers, sizeof(struct aver_provider));
        break;
    case AVER_837_2420A:
    case AVER_837_2420B:
    case AVER_837_2420C:
    case AVER_837_2420D:
    case AVER_837_2420E:
    case AVER_837_2420F:
    case AVER_837_2420G:
    case AVER_837_2420H:
        if (s->line)
            return aver_list_add(s->intake->arena, &s->line->providers, sizeof(struct aver_provider));
        break;
    default: break;
    }
    return &s->unused;
}

static void provider_nm1(struct aver_837 *s, enum aver_837_loop loop)
{
    s->provider = provider_of(s, loop);
    aver_bytes taxonomy = loop == AVER_837_2010AA ? s->billing.taxonomy : AVER_BYTES_NONE;
    *s->provider = (struct aver_provider){
        .role = aver_837_text(s, 1),
        .npi = aver_bytes_is(aver_837_text(s, 8), "XX") ? aver_837_text(s, 9) : AVER_BYTES_NONE,
        .name = aver_837_text(s, 3),
        .first_name = aver_837_text(s, 4),
        .middle_name = aver_837_text(s, 5),
        .taxonomy = taxonomy};
    if (loop == AVER_837_2010AB) s->has_pay_to = true;
}

static void provider_ref(struct aver_837 *s, enum aver_837_loop loop)
{
    struct aver_provider *p = s->provider;
    aver_bytes kind = aver_837_text(s, 1), value = aver_837_text(s, 2);
    const char *list = loop == AVER_837_2010AA   ? "EI SY 0B 1G"
                       : loop == AVER_837_2010AC ? "2U FY NF EI"
                       : loop == AVER_837_2330B  ? "2U EI FY NF G1 9F T4 F8"
                                                 : "0B 1G G2 LU";
    if (kind.ptr && !aver_837_listed(list, kind)) {
        aver_837_reject(s, "X12-REF01", 1, 0, "7", "\"%.*s\" may not stand here; %s may", AVER_STR(kind),
                        list);
        return;
    }
    if (loop != AVER_837_2010AA) {
        /* REF04 names another payer whose number this is. */
        if (!p->npi.ptr && !p->other_id.ptr && !aver_837_text(s, 4).ptr) p->other_id = value;
        return;
    }
    if (aver_bytes_is(kind, "EI") || aver_bytes_is(kind, "SY")) {
        if (p->tax_id.ptr)
            aver_837_reject(s, "X12-REF-DUPLICATE", 1, 0, "7",
                            "the billing provider has two tax ids; send one REF EI or SY");
        p->tax_id = value;
    } else if (!p->npi.ptr && !p->other_id.ptr)
        p->other_id = value;
}

static void provider_segment(struct aver_837 *s, enum aver_837_loop loop)
{
    struct aver_provider *p = s->provider;
    switch (s->x12.segment.id) {
    case I3('N', 'M', '1'): provider_nm1(s, loop); return;
    case I2('N', '3'): p->address = aver_837_address(s); return;
    case I2('N', '4'):
        p->city = aver_837_text(s, 1);
        p->state = aver_837_text(s, 2);
        p->postal_code = aver_837_text(s, 3);
        return;
    case I3('P', 'R', 'V'):
        if (!aver_bytes_is(aver_837_text(s, 1), "PE"))
            aver_837_reject(s, "X12-PRV01", 1, 0, "7", "\"%.*s\" may not stand here; PE may",
                            AVER_STR(aver_837_text(s, 1)));
        p->taxonomy = aver_837_text(s, 3);
        return;
    case I3('R', 'E', 'F'): provider_ref(s, loop); return;
    default: return;
    }
}

static void person_segment(struct aver_837 *s, struct aver_person *p)
{
    switch (s->x12.segment.id) {
    case I3('N', 'M', '1'):
        p->last_name = aver_837_text(s, 3);
        p->first_name = aver_837_text(s, 4);
        p->middle_name = aver_837_text(s, 5);
        if (p == &s->subscriber) p->member_id = aver_837_text(s, 9);
        return;
    case I2('N', '3'): p->address = aver_837_address(s); return;
    case I2('N', '4'):
        p->city = aver_837_text(s, 1);
        p->state = aver_837_text(s, 2);
        p->postal_code = aver_837_text(s, 3);
        return;
    case I3('D', 'M', 'G'): {
        aver_day day, to;
        if (aver_837_dates(s, &day, &to, 1, 2)) p->birth_date = day;
        p->sex = aver_837_text(s, 3);
        return;
    }
    case I3('R', 'E', 'F'):
        if (!aver_837_listed("SY Y4 1W", aver_837_text(s, 1)))
            aver_837_reject(s, "X12-REF01", 1, 0, "7", "\"%.*s\" may not stand here; SY Y4 1W may",
                            AVER_STR(aver_837_text(s, 1)));
        else if (aver_bytes_is(aver_837_text(s, 1), "Y4"))
            s->casualty_claim = aver_837_text(s, 2);
        return;
    default: return;
    }
}

/* --- the levels' own segments --- */

static void subscriber_segment(struct aver_837 *s)
{
    if (s->x12.segment.id != I3('S', 'B', 'R')) return;
    s->coverage.responsibility = aver_837_text(s, 1);
    s->self = aver_bytes_is(aver_837_text(s, 2), "18");
    s->coverage.group_number = aver_837_text(s, 3);
    s->coverage.plan_name = aver_837_text(s, 4);
    s->coverage.filing_indicator = aver_837_text(s, 9);
}

static void payer_segment(struct aver_837 *s)
{
    aver_bytes kind;
    switch (s->x12.segment.id) {
    case I3('N', 'M', '1'):
        s->coverage.payer_name = aver_837_text(s, 3);
        s->coverage.payer_id = aver_837_text(s, 9);
        return;
    case I3('R', 'E', 'F'):
        kind = aver_837_text(s, 1);
        if (!aver_837_listed("2U EI FY NF G2 LU", kind))
            aver_837_reject(s, "X12-REF01", 1, 0, "7", "\"%.*s\" may not stand here; 2U EI FY NF G2 LU may",
                            AVER_STR(kind));
        /* G2 and LU are the billing provider's numbers with this payer, though they stand in the payer's loop. */
        else if ((aver_bytes_is(kind, "G2") || aver_bytes_is(kind, "LU")) && !s->payer_provider_id.ptr)
            s->payer_provider_id = aver_837_text(s, 2);
        return;
    default: return;
    }
}

static void billing_segment(struct aver_837 *s)
{
    aver_bytes v = aver_837_text(s, 1);
    if (s->x12.segment.id == I3('P', 'R', 'V')) {
        if (!aver_bytes_is(v, "BI"))
            aver_837_reject(s, "X12-PRV01", 1, 0, "7", "\"%.*s\" may not stand here; BI may", AVER_STR(v));
        s->billing.taxonomy = aver_837_text(s, 3);
    } else if (s->x12.segment.id == I3('C', 'U', 'R')) {
        v = aver_837_text(s, 2);
        if (!aver_bytes_is(v, "USD"))
            aver_837_reject(s, "X12-CUR02", 2, 0, "7", "the currency is \"%.*s\"; only USD is read",
                            AVER_STR(v));
    }
}

bool aver_837_is_party(enum aver_837_loop loop)
{
    switch ((int)loop) {
    case AVER_837_HEADER:
    case AVER_837_2300:
    case AVER_837_2320:
    case AVER_837_2400:
    case AVER_837_2410:
    case AVER_837_2430:
    case AVER_837_2440: return false;
    default: return true;
    }
}

void aver_837_party(struct aver_837 *s, enum aver_837_loop loop)
{
    if (s->x12.segment.id == I3('N', 'M', '1')) nm1_check(s, loop);
    switch ((int)loop) {
    case AVER_837_1000A:
    case AVER_837_1000B: return;
    case AVER_837_2000A: billing_segment(s); return;
    case AVER_837_2000B: subscriber_segment(s); return;
    case AVER_837_2010BA: person_segment(s, &s->subscriber); return;
    case AVER_837_2010BB: payer_segment(s); return;
    case AVER_837_2000C:
        if (s->x12.segment.id == I3('P', 'A', 'T')) s->relationship = aver_837_text(s, 1);
        return;
    case AVER_837_2010CA: person_segment(s, &s->patient); return;
    case AVER_837_2330A:
        if (s->x12.segment.id == I3('N', 'M', '1') && s->other) s->other->subscriber_id = aver_837_text(s, 9);
        return;
    case AVER_837_2330B:
        if (s->x12.segment.id == I3('N', 'M', '1') && s->other) {
            s->other->payer_name = aver_837_text(s, 3);
            s->other->payer_id = aver_837_text(s, 9);
        } else if (s->x12.segment.id == I3('D', 'T', 'P') && s->other) {
            aver_day day, to;
            if (!aver_bytes_is(aver_837_text(s, 1), "573"))
                aver_837_reject(s, "X12-DTP01", 1, 0, "7", "\"%.*s\" may not stand here; 573 may",
                                AVER_STR(aver_837_text(s, 1)));
            else if (aver_837_dates(s, &day, &to, 2, 3))
                s->other->adjudicated = day;
        }
        return;
    default: provider_segment(s, loop); return;
    }
}
