/* adapters/x835.c - writes a remittance as an X12 835. Segment order is that of 005010X221A1. */
#include "adapters/x835.h"

#include <stdio.h>
#include <string.h>

#include "adapters/x12_write.h"

#define VERSION        "005010X221A1"
#define CONTROL_MAX    UINT64_C(999999999)
#define CAS_TRIPLES    6  /* of one CAS segment */
#define POLICIES_MAX   5  /* REF*0K of one line: the guide allows five */
#define REF_MAX        50 /* REF02, CLP07, TRN02, PLB03-2 */
#define DRG_MAX        4  /* CLP11 */
#define COMPANY_ID_LEN 10 /* TRN03, BPR10 */
#define NAME_MAX       60
#define ADDRESS_MAX    55
#define REMARKS_MAX    99 /* LQ of one line */

struct writer {
    struct aver_x12_writer x;
    const struct aver_x835_remit *r;
    char company[COMPANY_ID_LEN + 1];
};

/* One (group, reason) of a line, all its adjustments together. */
struct merged {
    uint64_t group;
    aver_bytes carc;
    int64_t cents;
    bool written;
};

static aver_bytes payee_id(const struct aver_x835_payee *p)
{
    return p->npi.ptr ? p->npi : p->tax_id.ptr ? p->tax_id : p->other_id;
}

static int64_t signed_cents(const struct aver_x835_claim *c, uint64_t cents)
{
    return c->reversal ? -(int64_t)cents : (int64_t)cents;
}

/* --- what must hold before the first byte --- */

static aver_err check_parties(const struct aver_x835_remit *r, struct aver_why *why)
{
    const struct aver_x835_payer *p = &r->payer;
    const aver_bytes need[] = {p->id, p->name, p->address, p->city, p->state, p->postal_code, p->phone};
    static const char *const names[] = {"id", "name", "address", "city", "state", "postal_code", "phone"};
    for (size_t i = 0; i < sizeof need / sizeof need[0]; i++)
        if (need[i].len == 0)
            return aver_fail(why, AVER_E_INPUT, "X835-PAYER", "payer",
                             "the payer has no %s: add it to the policy's payer block", names[i]);
    if (r->payee.name.len == 0 || payee_id(&r->payee).len == 0)
        return aver_fail(why, AVER_E_INPUT, "X835-PAYEE", "payee",
                         "the payee needs a name and an NPI, tax id or other id");
    if ((r->usage != 'P' && r->usage != 'T') || r->control > CONTROL_MAX)
        return aver_fail(why, AVER_E_INPUT, "X835-USAGE", "ISA",
                         "the usage indicator is P or T, and the control number has at most nine digits");
    return AVER_OK;
}

static aver_err check_claim(const struct aver_x835_claim *c, struct aver_why *why)
{
    const struct aver_decision *d = c->decision;
    if (d->status != AVER_CLAIM_PAYABLE && d->status != AVER_CLAIM_DENIED)
        return aver_fail(why, AVER_E_INPUT, "X835-PENDED", "",
                         "claim %.*s is not decided yet, so no remittance can report it",
                         AVER_STR(d->claim_id));
    bool same = d->lines.count == c->claim->lines.count;
    const struct aver_line *lines = c->claim->lines.items;
    const struct aver_line_decision *decided = d->lines.items;
    for (size_t i = 0; same && i < d->lines.count; i++) same = lines[i].number == decided[i].number;
    if (!same)
        return aver_fail(why, AVER_E_INPUT, "X835-LINES", "",
                         "the decision on claim %.*s is about other lines than the claim's",
                         AVER_STR(d->claim_id));
    return AVER_OK;
}

aver_err aver_x835_ready(const struct aver_x835_remit *r, struct aver_why *why)
{
    aver_delta sum = r->remittance->carried_in;
    aver_err err = AVER_OK;
    for (size_t i = 0; i < r->count; i++) {
        AVER_TRY(check_claim(&r->claims[i], why));
        int64_t paid = signed_cents(&r->claims[i], r->claims[i].decision->paid.cents);
        if (!err) err = aver_delta_add(&sum, sum, (aver_delta){paid});
    }
    if (!err) err = aver_delta_add(&sum, sum, (aver_delta){-r->remittance->carried_out.cents});
    if (err || sum.cents != (int64_t)r->remittance->payment.cents) {
        char payment[AVER_MONEY_TEXT], found[AVER_MONEY_TEXT];
        return aver_fail(
            why, AVER_E_INPUT, "X835-SUM", "",
            "remittance %.*s pays %s, but its claims and carried balances make %s: give exactly the claims it "
            "lists",
            AVER_STR(r->remittance->trace), aver_cents_text(payment, (int64_t)r->remittance->payment.cents),
            aver_cents_text(found, sum.cents));
    }
    return AVER_OK;
}

/* --- header: payment, payer, payee --- */

/* ANSI identification code designators of BPR10 and TRN03: 1 = employer's tax id, 9 = assigned by the user. */
static void company_id(char out[COMPANY_ID_LEN + 1], const struct aver_x835_payer *p)
{
    struct aver_buf digits = {0};
    aver_bytes id = p->tax_id.ptr ? p->tax_id : p->id;
    for (size_t i = 0; i < id.len; i++) /* "12-3456789" is written without its hyphen */
        if (id.ptr[i] != '-') aver_buf_byte(&digits, id.ptr[i]);
    struct aver_buf text = {0};
    aver_x12_clean(&text, aver_buf_view(&digits), COMPANY_ID_LEN - 1);
    memset(out, '0', COMPANY_ID_LEN);
    out[0] = p->tax_id.ptr ? '1' : '9';
    if (text.len) memcpy(out + COMPANY_ID_LEN - text.len, text.ptr, text.len);
    out[COMPANY_ID_LEN] = '\0';
    aver_buf_free(&digits);
    aver_buf_free(&text);
}

static void bank(struct aver_x12_writer *x, aver_bytes routing, aver_bytes account)
{
    aver_x12_put_code(x, "01"); /* ABA transit routing number with its check digit */
    aver_x12_put_text(x, routing, 12);
    aver_x12_put_code(x, "DA");
    aver_x12_put_text(x, account, 35);
}

/* A payment of zero is H and NON: no money moves and none is referred to (X12 RFI 352, 2228). Otherwise I: the 835 travels
 * apart from the money. */
static void put_bpr(struct writer *w)
{
    struct aver_x12_writer *x = &w->x;
    const struct aver_x835_ach *ach = w->r->ach;
    int64_t payment = (int64_t)w->r->remittance->payment.cents;
    if (payment == 0) ach = NULL;
    aver_x12_put_segment(x, "BPR");
    aver_x12_put_code(x, payment == 0 ? "H" : "I");
    aver_x12_put_cents(x, payment);
    aver_x12_put_code(x, "C");
    aver_x12_put_code(x, payment == 0 ? "NON" : ach ? "ACH" : "CHK");
    if (ach) {
        aver_x12_put_text(x, ach->format, 10);
        bank(x, ach->payer_routing, ach->payer_account);
        aver_x12_put_code(x, w->company);
        aver_x12_put_code(x, ""); /* BPR11 */
        bank(x, ach->payee_routing, ach->payee_account);
    } else {
        for (int i = 5; i <= 15; i++) aver_x12_put_code(x, "");
    }
    aver_x12_put_day(x, w->r->remittance->date);
    aver_x12_put_end(x);
}

static void put_ref(struct aver_x12_writer *x, const char *kind, aver_bytes value)
{
    if (value.len == 0) return;
    aver_x12_put_segment(x, "REF");
    aver_x12_put_code(x, kind);
    aver_x12_put_text(x, value, REF_MAX);
    aver_x12_put_end(x);
}

static void put_dtm(struct aver_x12_writer *x, const char *kind, aver_day day)
{
    if (day == AVER_NO_DAY) return;
    aver_x12_put_segment(x, "DTM");
    aver_x12_put_code(x, kind);
    aver_x12_put_day(x, day);
    aver_x12_put_end(x);
}

static void put_amt(struct aver_x12_writer *x, const char *kind, int64_t cents)
{
    if (cents == 0) return;
    aver_x12_put_segment(x, "AMT");
    aver_x12_put_code(x, kind);
    aver_x12_put_cents(x, cents);
    aver_x12_put_end(x);
}

/* N3 and N4. An address longer than one element goes on in N302, parted at a space where there is one. */
static void put_address(struct aver_x12_writer *x, aver_bytes address, aver_bytes city, aver_bytes state,
                        aver_bytes postal)
{
    struct aver_buf text = {0};
    aver_x12_clean(&text, address, 2 * ADDRESS_MAX + 1);
    if (text.len) {
        size_t cut = text.len;
        if (cut > ADDRESS_MAX)
            for (cut = ADDRESS_MAX; cut > 0 && text.ptr[cut] != ' ';) cut--;
        if (cut == 0) cut = ADDRESS_MAX;
        aver_bytes all = aver_buf_view(&text);
        aver_x12_put_segment(x, "N3");
        aver_x12_put_text(x, aver_bytes_cut(all, 0, cut), ADDRESS_MAX);
        aver_x12_put_text(x, aver_bytes_cut(all, cut, all.len - cut), ADDRESS_MAX);
        aver_x12_put_end(x);
    }
    aver_buf_free(&text);
    if (city.len == 0) return;
    struct aver_buf digits = {0};
    for (size_t i = 0; i < postal.len; i++) /* N403 carries no punctuation: "80202-1234" is 802021234 */
        if (postal.ptr[i] != '-' && postal.ptr[i] != ' ') aver_buf_byte(&digits, postal.ptr[i]);
    aver_x12_put_segment(x, "N4");
    aver_x12_put_text(x, city, 30);
    aver_x12_put_text(x, state, 2);
    aver_x12_put_text(x, aver_buf_view(&digits), 15);
    aver_x12_put_end(x);
    aver_buf_free(&digits);
}

static void put_payer(struct writer *w)
{
    struct aver_x12_writer *x = &w->x;
    const struct aver_x835_payer *p = &w->r->payer;
    aver_x12_put_segment(x, "N1");
    aver_x12_put_code(x, "PR");
    aver_x12_put_text(x, p->name, NAME_MAX);
    aver_x12_put_end(x);
    put_address(x, p->address, p->city, p->state, p->postal_code);
    put_ref(x, "2U", p->id);
    aver_x12_put_segment(x, "PER");
    aver_x12_put_code(x, "BL");
    aver_x12_put_text(x, p->name, NAME_MAX);
    aver_x12_put_code(x, "TE");
    aver_x12_put_text(x, p->phone, 256);
    aver_x12_put_end(x);
}

static void put_payee(struct writer *w)
{
    struct aver_x12_writer *x = &w->x;
    const struct aver_x835_payee *p = &w->r->payee;
    aver_x12_put_segment(x, "N1");
    aver_x12_put_code(x, "PE");
    struct aver_buf name = {0};
    aver_buf_bytes(&name, p->name);
    if (p->first_name.len) aver_buf_printf(&name, ", %.*s", AVER_STR(p->first_name));
    aver_x12_put_text(x, aver_buf_view(&name), NAME_MAX);
    aver_buf_free(&name);
    aver_x12_put_code(x, p->npi.ptr ? "XX" : p->tax_id.ptr ? "FI" : "");
    aver_x12_put_text(x, p->npi.ptr ? p->npi : p->tax_id, 80);
    aver_x12_put_end(x);
    put_address(x, p->address, p->city, p->state, p->postal_code);
    if (p->npi.ptr) put_ref(x, "TJ", p->tax_id);
    if (!p->npi.ptr && !p->tax_id.ptr) put_ref(x, "PQ", p->other_id);
}

static void put_header(struct writer *w)
{
    struct aver_x12_writer *x = &w->x;
    x->segments = 0;
    aver_x12_put_segment(x, "ST");
    aver_x12_put_code(x, "835");
    aver_x12_put_code(x, "0001");
    aver_x12_put_end(x);
    put_bpr(w);
    aver_x12_put_segment(x, "TRN");
    aver_x12_put_code(x, "1");
    aver_x12_put_text(x, w->r->remittance->trace, REF_MAX);
    aver_x12_put_code(x, w->company);
    aver_x12_put_end(x);
    /* REF*EV: required when the receiver is another than the payee. */
    if (!aver_bytes_eq(w->r->receiver, payee_id(&w->r->payee))) put_ref(x, "EV", w->r->receiver);
    put_dtm(x, "405", w->r->remittance->date);
    put_payer(w);
    put_payee(w);
}

/* --- claim --- */

/* The member was not recognised: PR-31 is all that was said of every line (X12 RFI 1423, 1885). */
static bool member_unknown(const struct aver_decision *d)
{
    if (d->status != AVER_CLAIM_DENIED) return false;
    const struct aver_line_decision *lines = d->lines.items;
    size_t found = 0;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_adjustment *a = lines[i].adjustments.items;
        for (size_t k = 0; k < lines[i].adjustments.count; k++, found++)
            if (a[k].group != AVER_GROUP_PR || !aver_bytes_is(a[k].carc, "31")) return false;
    }
    return found > 0;
}

/* CLP02. A claim denied in full is still 1, 2 or 3 (adjudication-rules 15). */
static const char *claim_status(const struct aver_x835_claim *c)
{
    if (c->reversal) return "22";
    if (member_unknown(c->decision)) return "4";
    const struct aver_coverage *coverage = c->claim->coverage;
    aver_bytes order = coverage ? coverage->responsibility : AVER_BYTES_NONE;
    if (aver_bytes_is(order, "S")) return "2";
    if (aver_bytes_is(order, "T") || (order.len == 1 && order.ptr[0] >= 'A' && order.ptr[0] <= 'H'))
        return "3";
    return "1";
}

static void put_clp(struct writer *w, const struct aver_x835_claim *c)
{
    struct aver_x12_writer *x = &w->x;
    const struct aver_decision *d = c->decision;
    const struct aver_coverage *coverage = c->claim->coverage;
    aver_bytes filing = c->filing_indicator;
    if (filing.len == 0 && coverage) filing = coverage->filing_indicator;
    if (filing.len == 0) filing = AVER_LIT("ZZ");
    aver_x12_put_segment(x, "CLP");
    aver_x12_put_text(x, c->claim->patient_control_number, 38);
    aver_x12_put_code(x, claim_status(c));
    aver_x12_put_cents(x, signed_cents(c, d->charge.cents));
    aver_x12_put_cents(x, signed_cents(c, d->paid.cents));
    if (c->reversal || d->patient_responsibility.cents == 0)
        aver_x12_put_code(x, "");
    else
        aver_x12_put_cents(x, (int64_t)d->patient_responsibility.cents);
    aver_x12_put_text(x, filing, 2);
    aver_x12_put_text(x, d->claim_id, REF_MAX);
    aver_x12_put_text(x, c->claim->place_of_service, 2);
    if (c->claim->frequency)
        aver_x12_put_number(x, c->claim->frequency);
    else
        aver_x12_put_code(x, "");
    aver_x12_put_code(x, ""); /* CLP10: a status of the patient, which no claim says */
    aver_x12_put_text(x, c->claim->drg, DRG_MAX);
    aver_x12_put_end(x);
}

static void put_person(struct aver_x12_writer *x, const char *role, const struct aver_person *p,
                       aver_bytes member_id)
{
    aver_x12_put_segment(x, "NM1");
    aver_x12_put_code(x, role);
    aver_x12_put_code(x, "1");
    aver_x12_put_text(x, p->last_name, NAME_MAX);
    aver_x12_put_text(x, p->first_name, 35);
    aver_x12_put_text(x, p->middle_name, 25);
    aver_x12_put_code(x, "");
    aver_x12_put_code(x, "");
    if (member_id.len) {
        aver_x12_put_code(x, "MI");
        aver_x12_put_text(x, member_id, 80);
    }
    aver_x12_put_end(x);
}

static void put_people(struct writer *w, const struct aver_x835_claim *c)
{
    const struct aver_claim *claim = c->claim;
    const struct aver_person *patient = claim->patient ? claim->patient : claim->subscriber;
    aver_bytes id = c->decision->member_id;
    if (id.len == 0) id = patient->member_id;
    if (id.len == 0) id = claim->subscriber->member_id;
    put_person(&w->x, "QC", patient, id);
    if (claim->patient) put_person(&w->x, "IL", claim->subscriber, claim->subscriber->member_id);
}

static bool is_payee(const struct aver_provider *a, const struct aver_x835_payee *b)
{
    if (a->npi.ptr || b->npi.ptr) return aver_bytes_eq(a->npi, b->npi);
    return aver_bytes_eq(a->tax_id, b->tax_id) && aver_bytes_eq(a->name, b->name);
}

static void put_rendering(struct writer *w, const struct aver_claim *claim)
{
    struct aver_x12_writer *x = &w->x;
    const struct aver_provider *p = aver_claim_provider(claim, NULL, "82");
    if (!p) p = claim->billing_provider; /* where the member is paid */
    if (is_payee(p, &w->r->payee)) return;
    bool npi = p->npi.ptr, tax = !npi && p->tax_id.ptr;
    aver_bytes id = npi ? p->npi : tax ? p->tax_id : p->other_id;
    if (id.len == 0) return; /* NM108 and NM109 are required */
    aver_x12_put_segment(x, "NM1");
    aver_x12_put_code(x, "82");
    aver_x12_put_code(x, p->first_name.ptr ? "1" : "2");
    aver_x12_put_text(x, p->name, NAME_MAX);
    aver_x12_put_text(x, p->first_name, 35);
    aver_x12_put_text(x, p->middle_name, 25);
    aver_x12_put_code(x, "");
    aver_x12_put_code(x, "");
    aver_x12_put_code(x, npi ? "XX" : tax ? "FI" : "PC");
    aver_x12_put_text(x, id, 80);
    aver_x12_put_end(x);
}

/* --- line --- */

static void put_svc(struct writer *w, const struct aver_x835_claim *c, const struct aver_line *line,
                    const struct aver_line_decision *d)
{
    struct aver_x12_writer *x = &w->x;
    bool procedure = line->procedure.len > 0;
    aver_x12_put_segment(x, "SVC");
    if (!procedure)
        aver_x12_put_code(x, "NU"); /* a line of a hospital's bill that has but a revenue code */
    else if (line->procedure_qualifier.len)
        aver_x12_put_text(x, line->procedure_qualifier, 2);
    else
        aver_x12_put_code(x, "HC");
    aver_x12_put_component(x, procedure ? line->procedure : line->revenue_code, 48);
    const aver_bytes *modifiers = line->modifiers.items;
    for (size_t i = 0; procedure && i < line->modifiers.count && i < 4; i++)
        aver_x12_put_component(x, modifiers[i], 2);
    aver_x12_put_cents(x, signed_cents(c, d->charge.cents));
    aver_x12_put_cents(x, signed_cents(c, d->paid.cents));
    aver_x12_put_text(x, procedure ? line->revenue_code : AVER_BYTES_NONE, 48);
    if (d->status == AVER_LINE_DENIED || d->units_paid) { /* SVC05: what was paid for; SVC07: as submitted */
        aver_x12_put_units(x, d->units_paid);
        aver_x12_put_code(x, "");
    }
    aver_x12_put_units(x, line->units);
    aver_x12_put_end(x);
}

static void put_service_dates(struct writer *w, const struct aver_line *line)
{
    if (line->service_to == AVER_NO_DAY || line->service_to == line->service_from) {
        put_dtm(&w->x, "472", line->service_from);
    } else {
        put_dtm(&w->x, "150", line->service_from);
        put_dtm(&w->x, "151", line->service_to);
    }
}

/* One reason may be sent once in a group of a line, so those posted apart are added; what adds to zero is not sent. */
static size_t merge(struct merged out[AVER_LINE_ADJUSTMENTS_MAX], const struct aver_x835_claim *c,
                    const struct aver_line_decision *d)
{
    const struct aver_adjustment *a = d->adjustments.items;
    size_t n = 0;
    AVER_ASSERT(d->adjustments.count <= AVER_LINE_ADJUSTMENTS_MAX);
    for (size_t i = 0; i < d->adjustments.count; i++) {
        int64_t cents = c->reversal ? -a[i].amount.cents : a[i].amount.cents;
        size_t k = 0;
        while (k < n && !(out[k].group == a[i].group && aver_bytes_eq(out[k].carc, a[i].carc))) k++;
        if (k == n) out[n++] = (struct merged){.group = a[i].group, .carc = a[i].carc};
        out[k].cents += cents; /* 64 amounts below 10^13 each */
    }
    size_t kept = 0;
    for (size_t k = 0; k < n; k++)
        if (out[k].cents != 0) out[kept++] = out[k];
    return kept;
}

static void put_cas(struct writer *w, const struct aver_x835_claim *c, const struct aver_line_decision *d)
{
    struct aver_x12_writer *x = &w->x;
    struct merged all[AVER_LINE_ADJUSTMENTS_MAX];
    size_t n = merge(all, c, d);
    for (size_t first = 0; first < n; first++) {
        if (all[first].written) continue;
        unsigned triples = 0;
        aver_x12_put_segment(x, "CAS");
        aver_x12_put_code(x, aver_group_names[all[first].group]);
        for (size_t k = first; k < n && triples < CAS_TRIPLES; k++) {
            if (all[k].written || all[k].group != all[first].group) continue;
            if (triples++ > 0) aver_x12_put_code(x, ""); /* the quantity of the triple before */
            aver_x12_put_text(x, all[k].carc, 5);
            aver_x12_put_cents(x, all[k].cents);
            all[k].written = true;
        }
        aver_x12_put_end(x);
    }
}

/* REF02 holds 50 characters: of a longer path what stands before one of its names, then '#' and the line of the policy's file
 * on which the value stands: "benefits.rehabilitation.cost_share#72" is still a path of the policy, and leads to the value.
 * The CSV of the remittance and `aver explain` have the whole. `text` holds REF_MAX + 1. */
static aver_bytes short_path(char *text, const struct aver_adjustment *a)
{
    char line[24] = "";
    if (a->because.len <= REF_MAX) return a->because;
    if (a->policy_line) snprintf(line, sizeof line, "#%llu", (unsigned long long)a->policy_line);
    size_t most = REF_MAX - strlen(line), cut = most;
    while (cut > 0 && a->because.ptr[cut] != '.') cut--;
    if (cut == 0) cut = most;
    snprintf(text, REF_MAX + 1, "%.*s%s", (int)cut, (const char *)a->because.ptr, line);
    return aver_bytes_str(text);
}

static void put_policies(struct writer *w, const struct aver_line_decision *d)
{
    const struct aver_adjustment *a = d->adjustments.items;
    aver_bytes seen[POLICIES_MAX];
    char text[POLICIES_MAX][REF_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < d->adjustments.count && n < POLICIES_MAX; i++) {
        aver_bytes path = short_path(text[n], &a[i]);
        bool again = path.len == 0;
        for (size_t k = 0; k < n && !again; k++) again = aver_bytes_eq(seen[k], path);
        if (again) continue;
        seen[n++] = path;
        put_ref(&w->x, "0K", path);
    }
}

static void put_remarks(struct writer *w, const struct aver_line_decision *d)
{
    const struct aver_adjustment *a = d->adjustments.items;
    aver_bytes seen[REMARKS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < d->adjustments.count; i++) {
        const aver_bytes *rarc = a[i].rarc.items;
        for (size_t k = 0; k < a[i].rarc.count && n < REMARKS_MAX; k++) {
            bool again = false;
            for (size_t s = 0; s < n && !again; s++) again = aver_bytes_eq(seen[s], rarc[k]);
            if (again) continue;
            seen[n++] = rarc[k];
            aver_x12_put_segment(&w->x, "LQ");
            aver_x12_put_code(&w->x, "HE");
            aver_x12_put_text(&w->x, rarc[k], 30);
            aver_x12_put_end(&w->x);
        }
    }
}

static void put_line(struct writer *w, const struct aver_x835_claim *c, const struct aver_line *line,
                     const struct aver_line_decision *d)
{
    put_svc(w, c, line, d);
    put_service_dates(w, line);
    put_cas(w, c, d);
    put_ref(&w->x, "6R", line->control_number);
    const struct aver_provider *own = aver_claim_provider(c->claim, line, "82");
    if (own && own != aver_claim_provider(c->claim, NULL, "82") && !is_payee(own, &w->r->payee))
        put_ref(&w->x, "HPI", own->npi);
    put_policies(w, d);
    put_amt(&w->x, "B6", signed_cents(c, d->allowed.cents));
    put_remarks(w, d);
}

static void put_claim(struct writer *w, const struct aver_x835_claim *c)
{
    put_clp(w, c);
    put_people(w, c);
    put_rendering(w, c->claim);
    put_dtm(&w->x, "232", c->claim->statement_from);
    put_dtm(&w->x, "233", c->claim->statement_to);
    put_dtm(&w->x, "050", c->received);
    put_amt(&w->x, "AU", signed_cents(c, c->decision->allowed.cents));
    const struct aver_line *lines = c->claim->lines.items;
    const struct aver_line_decision *decided = c->decision->lines.items;
    for (size_t i = 0; i < c->decision->lines.count; i++) put_line(w, c, &lines[i], &decided[i]);
}

/* --- summary --- */

static void put_forward(struct aver_x12_writer *x, aver_bytes reference, int64_t cents)
{
    if (cents == 0) return;
    aver_x12_put_code(x, "FB");
    if (reference.len) aver_x12_put_component(x, reference, REF_MAX);
    aver_x12_put_cents(x, cents);
}

/* PLB amounts are taken off the payment: a balance that is carried forward is negative here, which raises the payment to
 * zero, and positive under the same reference in the remittance that takes it up (X12 RFI 222). */
static void put_plb(struct writer *w)
{
    const struct aver_remittance *r = w->r->remittance;
    if (r->carried_in.cents == 0 && r->carried_out.cents == 0) return;
    struct aver_x12_writer *x = &w->x;
    char year_end[16];
    char day[AVER_DAY_TEXT];
    aver_day_ccyymmdd(day, r->date);
    memcpy(year_end, day, 4);
    memcpy(year_end + 4, "1231", 5);
    aver_x12_put_segment(x, "PLB");
    aver_x12_put_text(x, payee_id(&w->r->payee), REF_MAX);
    aver_x12_put_code(x, year_end);
    put_forward(x, w->r->carried_in_trace, -r->carried_in.cents);
    put_forward(x, r->trace, r->carried_out.cents);
    aver_x12_put_end(x);
}

/* ISA13 must not repeat between two partners soon: nine digits of the trace's hash, never zero. */
static uint64_t control_number(const struct aver_x835_remit *r)
{
    if (r->control) return r->control;
    aver_digest d = aver_sha256(r->remittance->trace);
    uint64_t n = 0;
    for (int i = 0; i < 8; i++) n = n << 8 | d.b[i];
    return n % CONTROL_MAX + 1;
}

aver_err aver_x835_write(struct aver_buf *out, const struct aver_x835_remit *remit, struct aver_why *why)
{
    AVER_TRY(check_parties(remit, why));
    AVER_TRY(aver_x835_ready(remit, why));
    struct writer w = {.x = {.out = out}, .r = remit};
    uint64_t control = control_number(remit);
    aver_bytes receiver = remit->receiver.len ? remit->receiver : payee_id(&remit->payee);
    company_id(w.company, &remit->payer);
    aver_x12_begin_interchange(&w.x, remit->payer.id, receiver, remit->remittance->date, control,
                               remit->usage, "HP", VERSION);
    put_header(&w);
    if (remit->count) {
        aver_x12_put_segment(&w.x, "LX");
        aver_x12_put_number(&w.x, 1);
        aver_x12_put_end(&w.x);
    }
    for (size_t i = 0; i < remit->count; i++) put_claim(&w, &remit->claims[i]);
    put_plb(&w);
    uint64_t segments = w.x.segments + 1;
    aver_x12_put_segment(&w.x, "SE");
    aver_x12_put_number(&w.x, segments);
    aver_x12_put_code(&w.x, "0001");
    aver_x12_put_end(&w.x);
    aver_x12_end_interchange(&w.x, 1, control);
    return AVER_OK;
}
