/* adapters/x12_837_claim.c - 2300 with everything inside it that is not a party, and the end of a claim.
 * See x12_837_state.h. */
#include "adapters/code_forms.h"
#include "adapters/x12_837_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define I2 AVER_X12_ID2
#define I3 AVER_X12_ID3

#define CLAIM_DATES "431 454 304 453 439 484 455 471 314 360 361 297 296 435 096 090 091 444 050"
#define CLAIM_REFS  "4N F5 EW 9F G1 F8 X4 9A 9C LX D9 EA P4 1J"
#define LINE_DATES  "472 471 607 463 461 304 738 739 011 455 454"
#define LINE_REFS   "9B 9D G1 6R EW X4 F4 BT 9F"

static aver_bytes component(struct aver_837 *s, unsigned element, unsigned n)
{
    return aver_x12_component_at(&s->x12, aver_837_text(s, element), n);
}

static void qualifier_refuse(struct aver_837 *s, const char *code, const char *list)
{
    aver_bytes kind = aver_837_text(s, 1);
    if (kind.ptr)
        aver_837_reject(s, code, 1, 0, "7", "\"%.*s\" may not stand here; %s may", AVER_STR(kind), list);
}

/* --- lists of the claim and of the line --- */

static void date_add(struct aver_837 *s, struct aver_list *dates, aver_bytes kind)
{
    const struct aver_named_date *d = dates->items;
    for (size_t i = 0; i < dates->count; i++)
        if (aver_bytes_eq(d[i].kind, kind)) {
            aver_837_reject(s, "X12-DTP-DUPLICATE", 1, 0, "7",
                            "the date %.*s stands twice in one loop; send it once", AVER_STR(kind));
            return;
        }
    aver_day from, to;
    if (!aver_837_dates(s, &from, &to, 2, 3)) return;
    struct aver_named_date *n = aver_list_add(s->intake->arena, dates, sizeof *n);
    *n = (struct aver_named_date){kind, from, to};
}

static void reference_add(struct aver_837 *s, struct aver_list *refs, aver_bytes kind, aver_bytes value,
                          bool once)
{
    const struct aver_reference *r = refs->items;
    for (size_t i = 0; i < refs->count; i++)
        if (once && aver_bytes_eq(r[i].kind, kind)) {
            aver_837_reject(s, "X12-REF-DUPLICATE", 1, 0, "7",
                            "the reference %.*s stands twice in one loop; send it once", AVER_STR(kind));
            return;
        }
    if (!value.ptr) return;
    struct aver_reference *n = aver_list_add(s->intake->arena, refs, sizeof *n);
    *n = (struct aver_reference){kind, value};
}

static void amount_add(struct aver_837 *s, struct aver_list *amounts, aver_bytes kind)
{
    const struct aver_amount *a = amounts->items;
    for (size_t i = 0; i < amounts->count; i++)
        if (aver_bytes_eq(a[i].kind, kind)) {
            aver_837_reject(s, "X12-AMT-DUPLICATE", 1, 0, "7",
                            "the amount %.*s stands twice in one loop; send it once", AVER_STR(kind));
            return;
        }
    aver_money money;
    if (!aver_837_money(s, &money, 2) || money.cents == 0) return;
    struct aver_amount *n = aver_list_add(s->intake->arena, amounts, sizeof *n);
    *n = (struct aver_amount){kind, {(int64_t)money.cents}};
}

static void adjustments_add(struct aver_837 *s, struct aver_list *list)
{
    for (unsigned e = 2; e + 1 <= s->x12.segment.count && e <= 17; e += 3) {
        aver_bytes reason = aver_837_text(s, e);
        if (!reason.ptr) {
            if (aver_837_text(s, e + 1).ptr)
                aver_837_reject(s, aver_837_code(s, e), e, 0, "1",
                                "an adjustment has an amount and no reason code");
            continue;
        }
        if (reason.len > 5)
            aver_837_reject(s, aver_837_code(s, e), e, 0, "5", "a reason code has at most 5 characters");
        if (!aver_837_text(s, e + 1).ptr && e > 2)
            aver_837_reject(s, aver_837_code(s, e + 1), e + 1, 0, "1",
                            "an adjustment has a reason code and no amount");
        struct aver_other_adjustment adjustment = {.group = aver_837_text(s, 1), .reason = reason};
        if (!aver_837_delta(s, &adjustment.amount, e + 1)) continue;
        (void)aver_837_quantity(s, &adjustment.quantity, e + 2);
        *(struct aver_other_adjustment *)aver_list_add(s->intake->arena, list, sizeof adjustment) =
            adjustment;
    }
}

/* --- 2300 --- */

static void place_read(struct aver_837 *s, struct aver_claim *c)
{
    aver_bytes place = component(s, 5, 1), kind = component(s, 5, 2), frequency = component(s, 5, 3);
    if (!place.ptr || place.len > 2)
        aver_837_reject(s, "X12-CLM05", 5, 1, place.ptr ? "5" : "1",
                        "CLM05-1 must be a place of service of two characters, in CLM05 \"%.*s\"",
                        AVER_STR(aver_837_text(s, 5)));
    c->place_of_service = place;
    if (!kind.ptr) /* B is the only value that may stand there, so nothing is lost */
        aver_837_warn(s, "X12-CLM05", 5, 2, "CLM05-2 is missing; it must be B");
    else if (!aver_bytes_is(kind, "B"))
        aver_837_reject(s, "X12-CLM05", 5, 2, "7", "CLM05-2 is \"%.*s\"; a professional claim sends B",
                        AVER_STR(kind));
    if (!frequency.ptr)
        aver_837_reject(s, "X12-CLM05", 5, 3, "1", "CLM05-3, the frequency, is required and missing");
    else if (!aver_837_listed("1 7 8", frequency))
        aver_837_reject(s, "X12-CLM05", 5, 3, "7",
                        "the frequency is \"%.*s\"; 1 original, 7 replacement and 8 void are read",
                        AVER_STR(frequency));
    else
        c->frequency = (uint64_t)(frequency.ptr[0] - '0');
}

static void claim_begin(struct aver_837 *s)
{
    struct aver_arena *arena = s->intake->arena;
    aver_837_spot_keep(&s->clm, &s->x12.segment);
    s->refused[AVER_837_CLAIM] = AVER_INTAKE_NONE;
    s->described[AVER_837_CLAIM] = 0;
    s->scope_from[AVER_837_CLAIM] = s->x12.segment.offset;
    s->line = NULL;
    s->other = NULL;
    s->other_line = NULL;
    struct aver_claim *c = s->claim = aver_claim_new(arena);
    c->lines = (struct aver_list){.items = s->lines, .cap = AVER_837P_LINES_MAX};
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = s->use;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = aver_837_text(s, 1);
    (void)aver_837_money(s, &c->total_charge, 2);
    place_read(s, c);
    aver_bytes assignment = aver_837_text(s, 7), benefits = aver_837_text(s, 8);
    if (assignment.ptr) c->assignment = aver_837_join(s, assignment, AVER_BYTES_NONE, benefits);
    char causes[16];
    int n = 0;
    for (unsigned k = 1; k <= 3; k++) {
        aver_bytes cause = component(s, 11, k);
        if (!cause.ptr) continue;
        if (!aver_837_listed("AA EM OA", cause))
            aver_837_reject(s, "X12-CLM11", 11, k, "7",
                            "the accident cause \"%.*s\" may not stand here; AA EM OA may", AVER_STR(cause));
        else
            n += snprintf(causes + n, sizeof causes - (size_t)n, n ? ":%.2s" : "%.2s",
                          (const char *)cause.ptr);
    }
    if (n) c->accident = aver_arena_copy(arena, aver_bytes_of(causes, (size_t)n));

    *c->subscriber = s->subscriber;
    if (s->has_patient) {
        c->patient = AVER_NEW(arena, struct aver_person);
        *c->patient = s->patient;
    } else if (!s->self)
        aver_837_reject(
            s, "X12-HL-PATIENT", 0, 0, NULL,
            "SBR02 is empty, so the patient is not the subscriber, but no patient level (HL 23) stands before the claim");
    *c->coverage = s->coverage;
    c->coverage->relationship = s->has_patient ? s->relationship : s->self ? AVER_LIT("18") : AVER_BYTES_NONE;
    *c->billing_provider = s->billing;
    if (!s->billing.npi.ptr && s->payer_provider_id.ptr) c->billing_provider->other_id = s->payer_provider_id;
    if (s->has_pay_to)
        *(struct aver_provider *)aver_list_add(arena, &c->providers, sizeof s->pay_to) = s->pay_to;
    if (s->casualty_claim.ptr)
        *(struct aver_reference *)aver_list_add(arena, &c->references, sizeof(struct aver_reference)) =
            (struct aver_reference){AVER_LIT("Y4"), s->casualty_claim};
    *c->source = (struct aver_source){.format = AVER_FORMAT_837P,
                                      .sha256 = s->sha256,
                                      .offset = s->x12.segment.offset,
                                      .interchange = s->x12.interchange,
                                      .group = s->x12.group,
                                      .set = s->x12.set};
}

/* X12 carries diagnosis codes without their point. */
static aver_bytes diagnosis_code(struct aver_837 *s, aver_bytes code, unsigned element)
{
    const uint8_t *point = memchr(code.ptr, '.', code.len);
    if (!point) return code;
    aver_837_warn(s, "X12-HI-POINT", element, 2,
                  "the diagnosis %.*s has a decimal point, which is left out; send none", AVER_STR(code));
    size_t before = (size_t)(point - code.ptr);
    return aver_bytes_str(aver_arena_printf(s->intake->arena, "%.*s%.*s", (int)before, code.ptr,
                                            (int)(code.len - before - 1), point + 1));
}

static void diagnoses_read(struct aver_837 *s, struct aver_claim *c)
{
    aver_bytes first = component(s, 1, 1);
    if (aver_837_listed("BP BG", first)) return; /* anaesthesia procedure, condition information */
    if (c->diagnoses.count) {
        aver_837_reject(s, "X12-HI01", 1, 1, "7",
                        "the claim has two HI segments with diagnoses; send one with up to 12");
        return;
    }
    bool gap = false;
    for (unsigned e = 1; e <= s->x12.segment.count && e <= 12; e++) {
        if (!aver_837_text(s, e).ptr) {
            gap = true;
            continue;
        }
        aver_bytes role = component(s, e, 1), code = component(s, e, 2);
        const char *list = e == 1 ? "ABK BK" : "ABF BF";
        if (gap)
            aver_837_reject(
                s, aver_837_code(s, e), e, 0, "1",
                "an empty diagnosis stands before this one; pointers count diagnoses without gaps");
        else if (!role.ptr || !aver_837_listed(list, role))
            aver_837_reject(s, aver_837_code(s, e), e, 1, role.ptr ? "7" : "1",
                            "the diagnosis qualifier \"%.*s\" may not stand here; %s may", AVER_STR(role),
                            list);
        else if (!code.ptr)
            aver_837_reject(s, aver_837_code(s, e), e, 2, "1",
                            "the diagnosis has no code; send qualifier and code as two components");
        else if (code.len > 30)
            aver_837_reject(s, aver_837_code(s, e), e, 2, "5", "a diagnosis code has at most 30 characters");
        else {
            code = diagnosis_code(s, code, e);
            struct aver_diagnosis *d = aver_list_add(s->intake->arena, &c->diagnoses, sizeof *d);
            d->role = role;
            d->code = code;
        }
        gap = false;
    }
}

static void claim_segment(struct aver_837 *s)
{
    struct aver_claim *c = s->claim;
    aver_bytes kind = aver_837_text(s, 1);
    switch (s->x12.segment.id) {
    case I3('C', 'L', 'M'): claim_begin(s); return;
    case I3('D', 'T', 'P'):
        if (aver_837_listed(CLAIM_DATES, kind))
            date_add(s, &c->dates, kind);
        else
            qualifier_refuse(s, "X12-DTP01", CLAIM_DATES);
        return;
    case I3('A', 'M', 'T'):
        if (aver_bytes_is(kind, "F5"))
            amount_add(s, &c->amounts, kind);
        else
            qualifier_refuse(s, "X12-AMT01", "F5");
        return;
    case I3('R', 'E', 'F'):
        if (!aver_837_listed(CLAIM_REFS, kind))
            qualifier_refuse(s, "X12-REF01", CLAIM_REFS);
        else if (!aver_bytes_is(kind, "F8"))
            reference_add(s, &c->references, kind, aver_837_text(s, 2), true);
        else if (c->original_reference.ptr)
            aver_837_reject(s, "X12-REF-DUPLICATE", 1, 0, "7",
                            "the reference F8 stands twice in one loop; send it once");
        else
            c->original_reference = aver_837_text(s, 2);
        return;
    case I2('H', 'I'): diagnoses_read(s, c); return;
    default: return;
    }
}

/* --- 2320 --- */

static void other_payer_segment(struct aver_837 *s)
{
    aver_bytes kind = aver_837_text(s, 1);
    switch (s->x12.segment.id) {
    case I3('S', 'B', 'R'):
        s->other = aver_list_add(s->intake->arena, &s->claim->other_payers, sizeof *s->other);
        s->other->responsibility = kind;
        s->other->relationship = aver_837_text(s, 2);
        s->other->filing_indicator = aver_837_text(s, 9);
        s->other->adjudicated = AVER_NO_DAY;
        return;
    case I3('C', 'A', 'S'): adjustments_add(s, &s->other->adjustments); return;
    case I3('A', 'M', 'T'):
        if (aver_bytes_is(kind, "D"))
            (void)aver_837_money(s, &s->other->paid, 2);
        else if (aver_837_listed("A8 EAF", kind))
            amount_add(s, &s->other->amounts, kind);
        else
            qualifier_refuse(s, "X12-AMT01", "D A8 EAF");
        return;
    default: return;
    }
}

/* --- 2400 --- */

static void line_begin(struct aver_837 *s)
{
    const struct aver_line *lines = s->claim->lines.items;
    uint64_t last = s->claim->lines.count ? lines[s->claim->lines.count - 1].number : 0, number = 0;
    if (aver_837_number(s, &number, 1)) {
        if (number <= last)
            aver_837_reject(s, "X12-LX01", 1, 0, "7",
                            "line %llu follows line %llu; number the lines 1, 2, 3 ...",
                            (unsigned long long)number, (unsigned long long)last);
        else if (number != last + 1)
            aver_837_warn(s, "X12-LX01", 1, 0, "line %llu follows line %llu; number the lines 1, 2, 3 ...",
                          (unsigned long long)number, (unsigned long long)last);
    }
    AVER_ASSERT(s->claim->lines.count < AVER_837P_LINES_MAX); /* the table of 2400 */
    s->line = &s->lines[s->claim->lines.count++];
    memset(s->line, 0, sizeof *s->line);
    s->line->number = number;
    s->line->service_from = s->line->service_to = AVER_NO_DAY;
    s->other_line = NULL;
    aver_837_spot_keep(&s->sv1[s->claim->lines.count - 1], &s->x12.segment);
}

static void pointers_read(struct aver_837 *s, struct aver_line *l)
{
    unsigned n = aver_x12_components(&s->x12, aver_837_text(s, 7));
    if (!aver_837_text(s, 7).ptr) return;
    if (n > 4) aver_837_reject(s, "X12-SV107", 7, 5, "3", "a line points at no more than 4 diagnoses");
    for (unsigned k = 1; k <= n && k <= 4; k++) {
        aver_bytes p = component(s, 7, k);
        uint64_t v = 0;
        if (!p.ptr) continue;
        if (aver_bytes_u64(&v, p) != AVER_OK || v == 0 || v > 12) {
            aver_837_reject(s, "X12-SV107", 7, k, "7", "\"%.*s\" is not a pointer from 1 to 12", AVER_STR(p));
            continue;
        }
        if (v > s->claim->diagnoses.count)
            aver_837_reject(s, "X12-POINTER", 7, k, "7",
                            "the line points at diagnosis %u, and the claim has %zu", (unsigned)v,
                            s->claim->diagnoses.count);
        *(uint64_t *)aver_list_add(s->intake->arena, &l->diagnosis_pointers, sizeof v) = v;
    }
}

static void service_read(struct aver_837 *s, struct aver_line *l)
{
    aver_837_spot_keep(&s->sv1[s->claim->lines.count - 1], &s->x12.segment);
    aver_bytes qualifier = component(s, 1, 1);
    l->procedure = component(s, 1, 2);
    if (qualifier.ptr && !aver_837_listed("HC ER IV WK", qualifier))
        aver_837_reject(s, "X12-SV101", 1, 1, "7",
                        "the procedure qualifier \"%.*s\" may not stand here; HC ER IV WK may",
                        AVER_STR(qualifier));
    if (!qualifier.ptr || !l->procedure.ptr) {
        if (aver_837_text(s, 1).ptr)
            aver_837_reject(s, "X12-SV101", 1, qualifier.ptr ? 2 : 1, "1",
                            "SV101 must hold a qualifier and a procedure code");
    } else if (l->procedure.len > 48)
        aver_837_reject(s, "X12-SV101", 1, 2, "5", "a procedure code has at most 48 characters");
    if (!aver_bytes_is(qualifier, "HC")) l->procedure_qualifier = qualifier;
    for (unsigned k = 3; k <= 6; k++) {
        aver_bytes m = component(s, 1, k);
        if (!m.ptr) continue;
        if (m.len != 2)
            aver_837_reject(s, "X12-SV101", 1, k, m.len > 2 ? "5" : "4",
                            "the modifier \"%.*s\" has not two characters", AVER_STR(m));
        else
            *(aver_bytes *)aver_list_add(s->intake->arena, &l->modifiers, sizeof m) = m;
    }
    l->description = component(s, 1, 7);
    if (l->description.len > 80)
        aver_837_reject(s, "X12-SV101", 1, 7, "5", "a description has at most 80 characters");
    (void)aver_837_money(s, &l->charge, 2);
    l->unit = aver_837_text(s, 3);
    (void)aver_837_quantity(s, &l->units, 4);
    l->place_of_service = aver_837_text(s, 5);
    pointers_read(s, l);
    l->emergency = aver_bytes_is(aver_837_text(s, 9), "Y");
}

static void line_segment(struct aver_837 *s)
{
    struct aver_line *l = s->line;
    aver_bytes kind = aver_837_text(s, 1);
    switch (s->x12.segment.id) {
    case I2('L', 'X'): line_begin(s); return;
    case I3('S', 'V', '1'): service_read(s, l); return;
    case I3('D', 'T', 'P'):
        if (!aver_837_listed(LINE_DATES, kind))
            qualifier_refuse(s, "X12-DTP01", LINE_DATES);
        else if (!aver_bytes_is(kind, "472"))
            date_add(s, &l->dates, kind);
        else if (l->service_from != AVER_NO_DAY)
            aver_837_reject(s, "X12-DTP-DUPLICATE", 1, 0, "7",
                            "the date 472 stands twice in one loop; send it once");
        else
            (void)aver_837_dates(s, &l->service_from, &l->service_to, 2, 3);
        return;
    case I3('R', 'E', 'F'):
        if (!aver_837_listed(LINE_REFS, kind))
            qualifier_refuse(s, "X12-REF01", LINE_REFS);
        else if (aver_bytes_is(kind, "6R")) {
            if (l->control_number.ptr)
                aver_837_reject(s, "X12-REF-DUPLICATE", 1, 0, "7",
                                "the reference 6R stands twice in one loop; send it once");
            l->control_number = aver_837_text(s, 2);
        } else if (!aver_837_text(s, 4).ptr) /* REF04 names another payer whose number this is */
            reference_add(s, &l->references, kind, aver_837_text(s, 2), !aver_837_listed("G1 9F", kind));
        return;
    case I3('A', 'M', 'T'):
        if (aver_837_listed("T F4", kind))
            amount_add(s, &l->amounts, kind);
        else
            qualifier_refuse(s, "X12-AMT01", "T F4");
        return;
    default: return;
    }
}

static void drug_segment(struct aver_837 *s)
{
    struct aver_line *l = s->line;
    switch (s->x12.segment.id) {
    case I3('L', 'I', 'N'):
        /* In the one form that tables have; what is no NDC stays as it came, and no price is found for it. */
        if (aver_bytes_is(aver_837_text(s, 2), "N4")) {
            aver_bytes ndc = aver_ndc_digits(s->intake->arena, aver_837_text(s, 3));
            l->drug_code = ndc.ptr ? ndc : aver_837_text(s, 3);
        }
        return;
    case I3('C', 'T', 'P'): {
        aver_bytes unit = component(s, 5, 1);
        if (unit.ptr && !aver_837_listed("F2 GR ME ML UN", unit))
            aver_837_reject(s, "X12-CTP05", 5, 1, "7",
                            "the unit \"%.*s\" may not stand here; F2 GR ME ML UN may", AVER_STR(unit));
        uint64_t units = 0;
        if (aver_837_quantity(s, &units, 4) && l->drug_code.ptr) {
            l->drug_units = units;
            l->drug_unit = unit;
        }
        return;
    }
    case I3('R', 'E', 'F'):
        if (!aver_837_listed("VY XZ", aver_837_text(s, 1)))
            qualifier_refuse(s, "X12-REF01", "VY XZ");
        else
            reference_add(s, &l->references, aver_837_text(s, 1), aver_837_text(s, 2), true);
        return;
    default: return;
    }
}

static void other_line_segment(struct aver_837 *s)
{
    aver_bytes kind = aver_837_text(s, 1);
    aver_day to;
    switch (s->x12.segment.id) {
    case I3('S', 'V', 'D'):
        s->other_line = aver_list_add(s->intake->arena, &s->line->other_adjudications, sizeof *s->other_line);
        s->other_line->adjudicated = AVER_NO_DAY;
        s->other_line->payer_id = kind;
        (void)aver_837_money(s, &s->other_line->paid, 2);
        s->other_line->procedure = component(s, 3, 2);
        (void)aver_837_quantity(s, &s->other_line->units, 5);
        return;
    case I3('C', 'A', 'S'): adjustments_add(s, &s->other_line->adjustments); return;
    case I3('D', 'T', 'P'):
        if (!aver_bytes_is(kind, "573"))
            qualifier_refuse(s, "X12-DTP01", "573");
        else
            (void)aver_837_dates(s, &s->other_line->adjudicated, &to, 2, 3);
        return;
    case I3('A', 'M', 'T'):
        if (aver_bytes_is(kind, "EAF"))
            amount_add(s, &s->other_line->amounts, kind);
        else
            qualifier_refuse(s, "X12-AMT01", "EAF");
        return;
    default: return;
    }
}

void aver_837_claim_segment(struct aver_837 *s, enum aver_837_loop loop)
{
    switch ((int)loop) {
    case AVER_837_2300: claim_segment(s); return;
    case AVER_837_2320: other_payer_segment(s); return;
    case AVER_837_2400: line_segment(s); return;
    case AVER_837_2410: drug_segment(s); return;
    case AVER_837_2430: other_line_segment(s); return;
    default: return;
    }
}

/* --- the end of a claim --- */

static void statement_dates(struct aver_claim *c)
{
    const struct aver_line *l = c->lines.items;
    for (size_t i = 0; i < c->lines.count; i++) {
        if (l[i].service_from == AVER_NO_DAY) continue;
        if (c->statement_from == AVER_NO_DAY || l[i].service_from < c->statement_from)
            c->statement_from = l[i].service_from;
        if (c->statement_to == AVER_NO_DAY || l[i].service_to > c->statement_to)
            c->statement_to = l[i].service_to;
    }
}

/* What the whole claim must keep. Assumes that no single segment of it is at fault. */
static void claim_check(struct aver_837 *s)
{
    struct aver_claim *c = s->claim;
    struct aver_x12_segment at;
    aver_837_spot_show(&s->clm, &at);
    const struct aver_line *lines = c->lines.items;
    for (size_t i = 0; i < c->lines.count; i++) {
        if (lines[i].service_from != AVER_NO_DAY) continue;
        aver_837_spot_show(&s->sv1[i], &at);
        struct aver_x12_fault f = {.code = "X12-DTP472", .loop = "2400", .ik304 = "3", .category = "A6"};
        aver_837_reject_at(s, &at, f, AVER_837_CLAIM, "line %llu has no date of service (DTP 472)",
                           (unsigned long long)lines[i].number);
        return;
    }
    uint64_t sum = 0; /* 50 lines of at most 10 digits */
    for (size_t i = 0; i < c->lines.count; i++) sum += lines[i].charge.cents;
    if (sum != c->total_charge.cents) {
        char total[AVER_MONEY_TEXT], added[AVER_MONEY_TEXT];
        struct aver_x12_fault f = {.code = "X12-CLM02-SUM",
                                   .loop = "2300",
                                   .element = 2,
                                   .ik304 = "8",
                                   .ik403 = "I12",
                                   .category = "A8"};
        aver_837_reject_at(s, &at, f, AVER_837_CLAIM,
                           "CLM02 is %s and the lines' charges (SV102) add up to %s; they must be equal",
                           aver_cents_text(total, (int64_t)c->total_charge.cents),
                           aver_cents_text(added, (int64_t)sum));
        return;
    }
    if (c->frequency != AVER_FREQUENCY_ORIGINAL && !c->original_reference.ptr) {
        struct aver_x12_fault f = {.code = "X12-REF-F8", .loop = "2300", .ik304 = "I6", .category = "A6"};
        aver_837_reject_at(s, &at, f, AVER_837_CLAIM,
                           "frequency %u replaces or voids a claim and needs that claim's number in REF F8",
                           (unsigned)c->frequency);
        return;
    }
    struct aver_why why;
    if (aver_claim_check(c, &why) == AVER_OK) return;
    if (strncmp(why.place, "/lines/", 7) == 0) {
        size_t i = (size_t)strtoul(why.place + 7, NULL, 10);
        if (i < c->lines.count && i < AVER_837P_LINES_MAX) aver_837_spot_show(&s->sv1[i], &at);
    }
    struct aver_x12_fault f = {
        .code = aver_arena_printf(s->intake->arena, "%s", why.code), .loop = "2300", .category = "A3"};
    aver_837_reject_at(s, &at, f, AVER_837_CLAIM, "%s: %s", why.place, why.text);
}

void aver_837_claim_finish(struct aver_837 *s)
{
    struct aver_claim *c = s->claim;
    if (!c) return;
    c->source->length = s->last_end - c->source->offset;
    statement_dates(c);
    if (s->refused[AVER_837_CLAIM] == AVER_INTAKE_NONE) claim_check(s);
    struct aver_x12_segment at;
    aver_837_spot_show(&s->clm, &at);
    aver_bytes place = aver_x12_place(&s->x12, &at, 0, 0);
    size_t refused = aver_837_refused(s);
    if (refused == AVER_INTAKE_NONE) {
        struct aver_line *lines = AVER_NEW_ARRAY(s->intake->arena, struct aver_line, c->lines.count);
        memcpy(lines, s->lines, c->lines.count * sizeof *lines);
        c->lines.items = lines;
        c->lines.cap = c->lines.count;
        aver_intake_accept(s->intake, c, place);
    } else {
        aver_intake_reject(s->intake, c->patient_control_number, place, refused);
        struct aver_finding *f = &aver_intake_findings(s->intake)[refused];
        if (c->source->offset < f->covers_from) f->covers_from = c->source->offset;
        if (s->last_end > f->covers_to) f->covers_to = s->last_end;
    }
    s->claim = NULL;
    s->line = NULL;
    s->other = NULL;
    s->other_line = NULL;
    s->refused[AVER_837_CLAIM] = AVER_INTAKE_NONE;
}
