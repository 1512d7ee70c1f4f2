/* ledger/model/claim.c - see claim.h. */
#include "ledger/model/claim.h"

#include <stdio.h>
#include <string.h>

const char *const aver_claim_type_names[] = {NULL, "professional", "institutional", "dental"};
const char *const aver_format_names[] = {NULL, "837p", "837i", "837d", "fhir", "csv"};
static const char *const use_names[] = {NULL, "claim", "encounter", "preauthorization", "predetermination"};

#define P struct aver_provider
static const struct aver_field provider_fields[] = {
    AVER_OPTIONAL(1, P, role, TEXT, 3),          AVER_OPTIONAL(2, P, npi, TEXT, 80),
    AVER_OPTIONAL(3, P, name, TEXT, 120),        AVER_OPTIONAL(4, P, first_name, TEXT, 70),
    AVER_OPTIONAL(5, P, middle_name, TEXT, 50),  AVER_OPTIONAL(6, P, tax_id, TEXT, 50),
    AVER_OPTIONAL(7, P, taxonomy, TEXT, 50),     AVER_OPTIONAL(8, P, address, TEXT, 120),
    AVER_OPTIONAL(9, P, city, TEXT, 60),         AVER_OPTIONAL(10, P, state, TEXT, 3),
    AVER_OPTIONAL(11, P, postal_code, TEXT, 15), AVER_OPTIONAL(12, P, other_id, TEXT, 50),
};
AVER_SCHEMA(aver_provider_schema, "provider", P, provider_fields);
#undef P

#define P struct aver_person
static const struct aver_field person_fields[] = {
    AVER_OPTIONAL(1, P, member_id, TEXT, 80),  AVER_OPTIONAL(2, P, last_name, TEXT, 60),
    AVER_OPTIONAL(3, P, first_name, TEXT, 35), AVER_OPTIONAL(4, P, middle_name, TEXT, 25),
    AVER_OPTIONAL(5, P, birth_date, DAY, 0),   AVER_OPTIONAL(6, P, sex, TEXT, 1),
    AVER_OPTIONAL(7, P, address, TEXT, 120),   AVER_OPTIONAL(8, P, city, TEXT, 60),
    AVER_OPTIONAL(9, P, state, TEXT, 3),       AVER_OPTIONAL(10, P, postal_code, TEXT, 15),
};
AVER_SCHEMA(aver_person_schema, "person", P, person_fields);
#undef P

#define C struct aver_coverage
static const struct aver_field coverage_fields[] = {
    AVER_OPTIONAL(1, C, responsibility, TEXT, 1),   AVER_OPTIONAL(2, C, relationship, TEXT, 2),
    AVER_OPTIONAL(3, C, group_number, TEXT, 50),    AVER_OPTIONAL(4, C, plan_name, TEXT, 60),
    AVER_OPTIONAL(5, C, filing_indicator, TEXT, 2), AVER_OPTIONAL(6, C, payer_id, TEXT, 80),
    AVER_OPTIONAL(7, C, payer_name, TEXT, 60),
};
AVER_SCHEMA(aver_coverage_schema, "coverage", C, coverage_fields);
#undef C

#define D struct aver_diagnosis
static const struct aver_field diagnosis_fields[] = {
    AVER_FIELD(1, D, role, TEXT, 3),
    AVER_FIELD(2, D, code, TEXT, 30),
    AVER_OPTIONAL(3, D, present_on_admission, TEXT, 1),
};
AVER_SCHEMA(aver_diagnosis_schema, "diagnosis", D, diagnosis_fields);
#undef D

#define D struct aver_named_date
static const struct aver_field date_fields[] = {
    AVER_FIELD(1, D, kind, TEXT, 3),
    AVER_FIELD(2, D, from, DAY, 0),
    AVER_FIELD(3, D, to, DAY, 0),
};
static AVER_SCHEMA(date_schema, "date", D, date_fields);
#undef D

#define R struct aver_reference
static const struct aver_field reference_fields[] = {
    AVER_FIELD(1, R, kind, TEXT, 3),
    AVER_FIELD(2, R, value, TEXT, 80),
};
static AVER_SCHEMA(reference_schema, "reference", R, reference_fields);
#undef R

#define A struct aver_amount
static const struct aver_field amount_fields[] = {
    AVER_FIELD(1, A, kind, TEXT, 3),
    AVER_FIELD(2, A, amount, DELTA, 0),
};
static AVER_SCHEMA(amount_schema, "amount", A, amount_fields);
#undef A

#define A struct aver_other_adjustment
static const struct aver_field other_adjustment_fields[] = {
    AVER_FIELD(1, A, group, TEXT, 2),
    AVER_FIELD(2, A, reason, TEXT, 5),
    AVER_FIELD(3, A, amount, DELTA, 0),
    AVER_OPTIONAL(4, A, quantity, UINT, AVER_CLAIM_UNITS_MAX),
};
static AVER_SCHEMA(other_adjustment_schema, "other_adjustment", A, other_adjustment_fields);
#undef A

#define O struct aver_other_payer
static const struct aver_field other_payer_fields[] = {
    AVER_OPTIONAL(1, O, responsibility, TEXT, 1),
    AVER_OPTIONAL(2, O, relationship, TEXT, 2),
    AVER_OPTIONAL(3, O, filing_indicator, TEXT, 2),
    AVER_OPTIONAL(4, O, payer_id, TEXT, 80),
    AVER_OPTIONAL(5, O, payer_name, TEXT, 60),
    AVER_OPTIONAL(6, O, paid, MONEY, 0),
    AVER_OPT_SUB(7, O, adjustments, LIST, 150, &other_adjustment_schema),
    AVER_OPTIONAL(8, O, subscriber_id, TEXT, 80),
    AVER_OPTIONAL(9, O, adjudicated, DAY, 0),
    AVER_OPT_SUB(10, O, amounts, LIST, 15, &amount_schema),
};
static AVER_SCHEMA(other_payer_schema, "other_payer", O, other_payer_fields);
#undef O

#define O struct aver_other_line
static const struct aver_field other_line_fields[] = {
    AVER_OPTIONAL(1, O, payer_id, TEXT, 80),
    AVER_OPTIONAL(2, O, paid, MONEY, 0),
    AVER_OPTIONAL(3, O, procedure, TEXT, 48),
    AVER_OPTIONAL(4, O, units, UINT, AVER_CLAIM_UNITS_MAX),
    AVER_OPT_SUB(5, O, adjustments, LIST, 150, &other_adjustment_schema),
    AVER_OPTIONAL(6, O, adjudicated, DAY, 0),
    AVER_OPT_SUB(7, O, amounts, LIST, 15, &amount_schema),
};
static AVER_SCHEMA(other_line_schema, "other_adjudication", O, other_line_fields);
#undef O

#define L struct aver_line
static const struct aver_field line_fields[] = {
    AVER_FIELD(1, L, number, UINT, 999999),
    AVER_OPTIONAL(2, L, procedure, TEXT, 48),
    AVER_OPTIONAL(3, L, modifiers, TEXTS, 4),
    AVER_OPTIONAL(4, L, revenue_code, TEXT, 48),
    AVER_FIELD(5, L, charge, MONEY, 0),
    AVER_FIELD(6, L, units, UINT, AVER_CLAIM_UNITS_MAX),
    AVER_OPTIONAL(7, L, unit, TEXT, 2),
    AVER_OPTIONAL(8, L, place_of_service, TEXT, 2),
    AVER_OPTIONAL(9, L, diagnosis_pointers, UINTS, 12),
    AVER_FIELD(10, L, service_from, DAY, 0),
    AVER_FIELD(11, L, service_to, DAY, 0),
    AVER_OPTIONAL(12, L, control_number, TEXT, 50),
    AVER_OPT_SUB(13, L, providers, LIST, 16, &aver_provider_schema),
    AVER_OPT_SUB(14, L, references, LIST, 60, &reference_schema),
    AVER_OPT_SUB(15, L, dates, LIST, 40, &date_schema),
    AVER_OPTIONAL(16, L, drug_code, TEXT, 48),
    AVER_OPTIONAL(17, L, drug_units, UINT, AVER_CLAIM_UNITS_MAX),
    AVER_OPTIONAL(18, L, drug_unit, TEXT, 2),
    AVER_OPT_SUB(19, L, other_adjudications, LIST, 15, &other_line_schema),
    AVER_OPT_SUB(20, L, amounts, LIST, 20, &amount_schema),
    AVER_OPTIONAL(21, L, emergency, BOOL, 0),
    AVER_OPTIONAL(22, L, procedure_qualifier, TEXT, 2),
    AVER_OPTIONAL(23, L, description, TEXT, 80),
};
AVER_SCHEMA(aver_line_schema, "line", L, line_fields);
#undef L

#define S struct aver_source
static const struct aver_field source_fields[] = {
    AVER_ENUM(1, S, format, 5, aver_format_names),
    AVER_FIELD(2, S, sha256, DIGEST, 0),
    AVER_FIELD(3, S, offset, UINT, 0),
    AVER_FIELD(4, S, length, UINT, 0),
    AVER_OPTIONAL(5, S, interchange, TEXT, 9),
    AVER_OPTIONAL(6, S, group, TEXT, 9),
    AVER_OPTIONAL(7, S, set, TEXT, 9),
};
AVER_SCHEMA(aver_source_schema, "source", S, source_fields);
#undef S

#define C struct aver_claim
static const struct aver_field claim_fields[] = {
    AVER_ENUM(1, C, type, 3, aver_claim_type_names),
    AVER_ENUM(2, C, use, 4, use_names),
    AVER_FIELD(3, C, patient_control_number, TEXT, 38),
    AVER_FIELD(4, C, total_charge, MONEY, 0),
    AVER_OPTIONAL(5, C, place_of_service, TEXT, 2),
    AVER_FIELD(6, C, frequency, UINT, 9),
    AVER_OPTIONAL(7, C, original_reference, TEXT, 50),
    AVER_FIELD(8, C, statement_from, DAY, 0),
    AVER_FIELD(9, C, statement_to, DAY, 0),
    AVER_SUB(10, C, subscriber, STRUCT, 0, &aver_person_schema),
    AVER_OPT_SUB(11, C, patient, STRUCT, 0, &aver_person_schema),
    AVER_SUB(12, C, coverage, STRUCT, 0, &aver_coverage_schema),
    AVER_SUB(13, C, billing_provider, STRUCT, 0, &aver_provider_schema),
    AVER_OPT_SUB(14, C, providers, LIST, 16, &aver_provider_schema),
    AVER_OPT_SUB(15, C, diagnoses, LIST, AVER_CLAIM_DIAGNOSES_MAX, &aver_diagnosis_schema),
    AVER_SUB(16, C, lines, LIST, AVER_CLAIM_LINES_MAX, &aver_line_schema),
    AVER_OPT_SUB(17, C, dates, LIST, 40, &date_schema),
    AVER_OPT_SUB(18, C, references, LIST, 60, &reference_schema),
    AVER_OPT_SUB(19, C, amounts, LIST, 20, &amount_schema),
    AVER_OPT_SUB(20, C, other_payers, LIST, 10, &other_payer_schema),
    AVER_OPTIONAL(21, C, assignment, TEXT, 4),
    AVER_OPTIONAL(22, C, accident, TEXT, 16),
    AVER_SUB(23, C, source, STRUCT, 0, &aver_source_schema),
    AVER_OPTIONAL(24, C, drg, TEXT, 30),
};
AVER_SCHEMA(aver_claim_schema, "claim", C, claim_fields);
#undef C

/* The source is always there; 24 fields are the most, so a head is one byte or two. */
bool aver_claim_unsource(struct aver_claim_unsourced *out, aver_bytes encoded)
{
    struct aver_cbor in = aver_cbor_open(encoded, NULL);
    const uint8_t *first, *source = NULL, *rest = NULL;
    size_t count;
    uint64_t key;
    aver_bytes value;
    if (aver_cbor_map(&in, &count) != AVER_OK || count > 24) return false;
    first = in.p;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = in.p;
        if (aver_cbor_uint(&in, &key) != AVER_OK || aver_cbor_item(&in, &value) != AVER_OK) return false;
        if (key != 23) continue;
        source = at;
        rest = in.p;
    }
    if (!source || aver_cbor_end(&in) != AVER_OK) return false;
    struct aver_buf head = {0};
    aver_cbor_put_map(&head, count - 1);
    AVER_ASSERT(head.len <= sizeof out->head);
    memcpy(out->head, head.ptr, out->head_len = head.len);
    aver_buf_free(&head);
    out->before = aver_bytes_of(first, (size_t)(source - first));
    out->after = aver_bytes_of(rest, (size_t)(in.p - rest));
    return true;
}

struct aver_claim *aver_claim_new(struct aver_arena *arena)
{
    struct aver_claim *c = AVER_NEW(arena, struct aver_claim);
    aver_schema_init(&aver_claim_schema, c);
    c->subscriber = AVER_NEW(arena, struct aver_person);
    aver_schema_init(&aver_person_schema, c->subscriber);
    c->coverage = AVER_NEW(arena, struct aver_coverage);
    c->billing_provider = AVER_NEW(arena, struct aver_provider);
    c->source = AVER_NEW(arena, struct aver_source);
    return c;
}

/* The place is the caller's to say. */
static aver_err line_check(const struct aver_claim *c, const struct aver_line *l, size_t i,
                           struct aver_why *why)
{
    if (i > 0 && l->number <= (l - 1)->number)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-LINES", "", "line numbers must ascend");
    if (l->units == 0) return aver_fail(why, AVER_E_INPUT, "CLAIM-UNITS", "", "the line has zero units");
    if (l->service_to < l->service_from)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-DATES", "", "the service ends before it begins");
    for (size_t k = 0; k < l->diagnosis_pointers.count; k++) {
        uint64_t p = ((const uint64_t *)l->diagnosis_pointers.items)[k];
        if (p == 0 || p > c->diagnoses.count)
            return aver_fail(why, AVER_E_INPUT, "CLAIM-POINTER", "",
                             "diagnosis pointer %u points at no diagnosis; the claim has %zu", (unsigned)p,
                             c->diagnoses.count);
    }
    return AVER_OK;
}

static bool has_admission(const struct aver_claim *c)
{
    const struct aver_named_date *d = c->dates.items;
    size_t i = 0;
    while (i < c->dates.count && !aver_bytes_is(d[i].kind, "435")) i++;
    return i < c->dates.count;
}

/* How a decision names a member as its payee. */
#define MEMBER_PAYEE AVER_LIT("member:")

/* The statement of a professional or dental claim is its lines': it is not submitted, and says nothing of its own. */
static aver_err dates_check(const struct aver_claim *c, struct aver_why *why)
{
    const struct aver_line *l = c->lines.items;
    aver_day from = l[0].service_from, to = l[0].service_to;
    for (size_t i = 1; i < c->lines.count; i++) {
        if (l[i].service_from < from) from = l[i].service_from;
        if (l[i].service_to > to) to = l[i].service_to;
    }
    if (c->type == AVER_CLAIM_INSTITUTIONAL || (from == c->statement_from && to == c->statement_to))
        return AVER_OK;
    return aver_fail(why, AVER_E_INPUT, "CLAIM-DATES", "/statement_from",
                     "the statement's days are not the first and the last of the lines'");
}

static aver_err too_large(size_t bytes, struct aver_why *why)
{
    return aver_fail(why, AVER_E_INPUT, "CLAIM-SIZE", "", "the claim takes %zu bytes, at most %d are allowed",
                     bytes, AVER_CLAIM_BYTES_MAX);
}

aver_err aver_claim_check(const struct aver_claim *c, struct aver_why *why)
{
    AVER_TRY(aver_schema_check(&aver_claim_schema, c, why));
    AVER_TRY(aver_claim_check_read(c, 0, why));
    struct aver_buf bytes = {0};
    aver_schema_encode(&bytes, &aver_claim_schema, c);
    size_t size = bytes.len;
    aver_buf_free(&bytes);
    return size > AVER_CLAIM_BYTES_MAX ? too_large(size, why) : AVER_OK;
}

aver_err aver_claim_check_read(const struct aver_claim *c, size_t size, struct aver_why *why)
{
    if (!c->subscriber->member_id.ptr)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-MEMBER", "/subscriber/member_id",
                         "the subscriber has no member id");
    if (!aver_claim_payee_id(c).ptr)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-PROVIDER", "/billing_provider",
                         "the billing provider has neither an NPI nor a tax id nor another id");
    if (aver_claim_payee_id(c).len >= MEMBER_PAYEE.len &&
        memcmp(aver_claim_payee_id(c).ptr, MEMBER_PAYEE.ptr, MEMBER_PAYEE.len) == 0)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-PROVIDER", "/billing_provider",
                         "a provider's id must not begin with \"%.*s\", which names a member who is paid",
                         AVER_STR(MEMBER_PAYEE));
    if ((c->frequency == AVER_FREQUENCY_REPLACEMENT || c->frequency == AVER_FREQUENCY_VOID) &&
        !c->original_reference.ptr)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-FREQUENCY", "/original_reference",
                         "frequency %u needs the claim it replaces or voids (REF F8)",
                         (unsigned)c->frequency);
    if (c->drg.ptr && (c->type != AVER_CLAIM_INSTITUTIONAL || !has_admission(c)))
        return aver_fail(
            why, AVER_E_INPUT, "CLAIM-DRG", "/drg",
            "only an institutional claim with its day of admission (DTP 435) has a DRG; take it out, or add the day");
    if (c->statement_to < c->statement_from)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-DATES", "/statement_to",
                         "the statement ends before it begins");
    if (c->lines.count == 0)
        return aver_fail(why, AVER_E_INPUT, "CLAIM-LINES", "/lines", "the claim has no line");
    aver_money sum = {0};
    const struct aver_line *lines = c->lines.items;
    for (size_t i = 0; i < c->lines.count; i++) {
        aver_err err = line_check(c, &lines[i], i, why);
        if (err != AVER_OK) {
            if (why) snprintf(why->place, sizeof why->place, "/lines/%zu", i);
            return err;
        }
        if (aver_money_add(&sum, sum, lines[i].charge))
            return aver_fail(why, AVER_E_INPUT, "CLAIM-TOTAL", "/total_charge",
                             "the lines' charges pass the largest amount");
    }
    AVER_TRY(dates_check(c, why));
    if (sum.cents != c->total_charge.cents) {
        char total[AVER_MONEY_TEXT], lines_sum[AVER_MONEY_TEXT];
        return aver_fail(why, AVER_E_INPUT, "CLAIM-TOTAL", "/total_charge",
                         "the claim's total is %s and its lines add up to %s",
                         aver_cents_text(total, (int64_t)c->total_charge.cents),
                         aver_cents_text(lines_sum, (int64_t)sum.cents));
    }
    return size > AVER_CLAIM_BYTES_MAX ? too_large(size, why) : AVER_OK;
}

static const struct aver_provider *with_role(const struct aver_list *list, const char *role)
{
    const struct aver_provider *p = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (aver_bytes_is(p[i].role, role)) return &p[i];
    return NULL;
}

const struct aver_provider *aver_claim_provider(const struct aver_claim *c, const struct aver_line *l,
                                                const char *role)
{
    const struct aver_provider *p = l ? with_role(&l->providers, role) : NULL;
    return p ? p : with_role(&c->providers, role);
}

const struct aver_provider *aver_claim_site(const struct aver_claim *c, const struct aver_line *l)
{
    const struct aver_provider *facility = aver_claim_provider(c, l, "77");
    return facility && (facility->postal_code.ptr || facility->state.ptr) ? facility : c->billing_provider;
}

aver_bytes aver_claim_zip(const struct aver_provider *site)
{
    const size_t digits = 5;
    return site->postal_code.len >= digits ? aver_bytes_cut(site->postal_code, 0, digits) : AVER_BYTES_NONE;
}

static aver_bytes provider_id(const struct aver_provider *p)
{
    return p->npi.ptr ? p->npi : p->tax_id.ptr ? p->tax_id : p->other_id;
}

aver_bytes aver_claim_rendering_id(const struct aver_claim *c, const struct aver_line *l)
{
    const struct aver_provider *p = aver_claim_provider(c, l, "82");
    return p && p->npi.ptr ? p->npi : provider_id(c->billing_provider);
}

aver_bytes aver_claim_payee_id(const struct aver_claim *c) { return provider_id(c->billing_provider); }

static aver_bytes reference(const struct aver_list *list, const char *kind)
{
    const struct aver_reference *r = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (aver_bytes_is(r[i].kind, kind)) return r[i].value;
    return AVER_BYTES_NONE;
}

aver_bytes aver_claim_reference(const struct aver_claim *c, const struct aver_line *l, const char *kind)
{
    aver_bytes v = l ? reference(&l->references, kind) : AVER_BYTES_NONE;
    return v.ptr ? v : reference(&c->references, kind);
}
