/* adapters/x835_check.c - reads the bytes of an 835 again and says whether they balance. Uses nothing of the writer, of the 837
 * reader, nor of base/money: its tokenizer and its arithmetic are its own. */
#include "adapters/x835_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ISA_LEN     106
#define ISA_ELEMENT 3 /* where its delimiters stand */
#define ISA_TERM    105
#define DIGITS_MAX  15 /* of an amount, before the point */
#define CENTS_TEXT  40

/* Where in a file, then in a set, the reader is. The order is that of the guide. */
enum part { OUTSIDE, INTERCHANGE, GROUP, HEADER, PAYER, PAYEE, DETAIL, CLAIM, LINE, SUMMARY };
#define IN(p) (1U << (p))

/* Which segments may stand where; those that open or close a part are handled by name first. */
static const struct {
    const char *id;
    unsigned parts;
} allowed[] = {
    {"BPR", IN(HEADER)},
    {"TRN", IN(HEADER)},
    {"CUR", IN(HEADER)},
    {"N3", IN(PAYER) | IN(PAYEE)},
    {"N4", IN(PAYER) | IN(PAYEE)},
    {"RDM", IN(PAYEE)},
    {"TS2", IN(DETAIL)},
    {"TS3", IN(DETAIL)},
    {"CAS", IN(CLAIM) | IN(LINE)},
    {"NM1", IN(CLAIM)},
    {"MIA", IN(CLAIM)},
    {"MOA", IN(CLAIM)},
    {"LQ", IN(LINE)},
    {"PER", IN(PAYER) | IN(CLAIM)},
    {"REF", IN(HEADER) | IN(PAYER) | IN(PAYEE) | IN(CLAIM) | IN(LINE)},
    {"DTM", IN(HEADER) | IN(CLAIM) | IN(LINE)},
    {"AMT", IN(CLAIM) | IN(LINE)},
    {"QTY", IN(CLAIM) | IN(LINE)},
};

struct reason {
    aver_bytes group, code;
};

/* A claim or a line, and what was adjusted on itself. */
struct sums {
    int64_t charge, paid, adjusted;
    struct reason reasons[AVER_X835_REASONS_MAX];
    size_t count;
};

struct check {
    const uint8_t *p, *end;
    uint8_t separator, terminator;
    aver_bytes e[AVER_X835_ELEMENTS_MAX]; /* e[0] is the id; trimmed */
    size_t n;
    uint64_t segment;        /* ordinal in the file, from 1 */
    uint64_t in_set;         /* ordinal in the set, ST is 1; 0 outside */
    uint64_t clp_at, svc_at; /* ordinals in the set, of the claim and the line that are open */
    enum part part;
    aver_bytes isa13, gs06, st02, clp01;
    uint64_t groups, sets; /* so far in the interchange, in the group */
    bool payer_n3, payer_n4;
    bool patient, reversal;                             /* of the claim: NM1*QC was there; CLP02 = 22 */
    int64_t payment, set_paid, set_plb;                 /* of the set */
    int64_t claim_adjusted, claim_patient, claim_lines; /* of the claim with its lines */
    int64_t clp05;
    bool has_lines;
    struct sums claim, line;
    struct aver_x835_totals totals;
    struct aver_why *why;
};

/* --- faults --- */

static aver_err vfault(struct check *c, aver_err err, const char *code, uint64_t at, aver_bytes id,
                       const char *fmt, va_list args)
{
    char place[sizeof((struct aver_why *)0)->place] = "";
    char text[sizeof((struct aver_why *)0)->text];
    vsnprintf(text, sizeof text, fmt, args);
    int len = (int)(id.len < 3 ? id.len : 3);
    const char *name = (const char *)id.ptr;
    if (c->in_set) {
        int used = snprintf(place, sizeof place, "segment %" PRIu64 " (%.*s), ST %.*s", at, len, name,
                            (int)(c->st02.len < 9 ? c->st02.len : 9), (const char *)c->st02.ptr);
        if (c->clp01.len && used > 0 && (size_t)used < sizeof place)
            snprintf(place + used, sizeof place - (size_t)used, ", claim %.*s",
                     (int)(c->clp01.len < 38 ? c->clp01.len : 38), (const char *)c->clp01.ptr);
    } else {
        snprintf(place, sizeof place, "segment %" PRIu64 " of the file (%.*s)", at, len, name);
    }
    for (char *s = place; *s; s++) /* what is quoted may hold anything */
        if ((unsigned char)*s < ' ' || (unsigned char)*s > '~') *s = '?';
    for (char *s = text; *s; s++)
        if ((unsigned char)*s < ' ' || (unsigned char)*s > '~') *s = '?';
    return aver_fail(c->why, err, code, place, "%s", text);
}

/* A fault of the segment just read. */
static AVER_PRINTF(4, 5) aver_err fault(struct check *c, aver_err err, const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfault(c, err, code, c->in_set ? c->in_set : c->segment, c->n ? c->e[0] : aver_bytes_of("", 0), fmt,
           args);
    va_end(args);
    return err;
}

/* A fault that shows at the end of what the segment `at` began. */
static AVER_PRINTF(6, 7) aver_err fault_at(struct check *c, aver_err err, const char *code, uint64_t at,
                                           const char *id, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfault(c, err, code, at, aver_bytes_of(id, strlen(id)), fmt, args);
    va_end(args);
    return err;
}

static const char *dollars(char out[CENTS_TEXT], int64_t cents)
{
    uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    snprintf(out, CENTS_TEXT, "%s%" PRIu64 ".%02" PRIu64, cents < 0 ? "-" : "", size / 100, size % 100);
    return out;
}

/* --- segments and elements --- */

static bool blank(uint8_t b) { return b == ' ' || b == '\t' || b == '\r' || b == '\n'; }

static aver_bytes trimmed(const uint8_t *from, const uint8_t *to)
{
    while (from < to && blank(*from)) from++;
    while (to > from && blank(to[-1])) to--;
    return aver_bytes_of(from, (size_t)(to - from));
}

static bool is(aver_bytes b, const char *s) { return b.len == strlen(s) && memcmp(b.ptr, s, b.len) == 0; }
static bool same(aver_bytes a, aver_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static aver_bytes element(const struct check *c, size_t i)
{
    return i < c->n ? c->e[i] : aver_bytes_of("", 0);
}

static bool segment_id(aver_bytes id)
{
    if (id.len < 2 || id.len > 3) return false;
    for (size_t i = 0; i < id.len; i++)
        if (!(id.ptr[i] >= 'A' && id.ptr[i] <= 'Z') && !(i > 0 && id.ptr[i] >= '0' && id.ptr[i] <= '9'))
            return false;
    return true;
}

/* The delimiters of the interchange that begins at c->p. */
static aver_err delimiters(struct check *c)
{
    c->n = 0;
    if (c->end - c->p < ISA_LEN || memcmp(c->p, "ISA", 3) != 0)
        return fault(c, AVER_E_INPUT, "X835-FORM",
                     "an interchange begins with an ISA segment of 106 bytes; this does not");
    c->separator = c->p[ISA_ELEMENT];
    c->terminator = c->p[ISA_TERM];
    size_t seen = 0;
    for (size_t i = 0; i < ISA_TERM; i++) seen += c->p[i] == c->separator;
    if (seen != 16 || c->separator == c->terminator || memchr(c->p, c->terminator, ISA_TERM) ||
        (c->separator >= '0' && c->separator <= '9') ||
        segment_id(aver_bytes_of((uint8_t[]){'A', c->terminator}, 2)))
        return fault(c, AVER_E_INPUT, "X835-FORM",
                     "the ISA segment has not 16 elements of fixed length and a terminator of its own");
    return AVER_OK;
}

/* The next segment into c->e, or `more` false at the end of the file. */
static aver_err next_segment(struct check *c, bool *more)
{
    while (c->p < c->end && blank(*c->p) && (c->part == OUTSIDE || *c->p != c->terminator)) c->p++;
    *more = c->p < c->end;
    if (!*more) return AVER_OK;
    c->segment++;
    if (c->in_set) c->in_set++;
    if (c->part == OUTSIDE) AVER_TRY(delimiters(c));
    const uint8_t *stop = memchr(c->p, c->terminator, (size_t)(c->end - c->p));
    c->n = 0;
    if (!stop) return fault(c, AVER_E_INPUT, "X835-FORM", "the file ends within a segment");
    for (const uint8_t *from = c->p;;) {
        const uint8_t *to = memchr(from, c->separator, (size_t)(stop - from));
        if (!to) to = stop;
        if (c->n == AVER_X835_ELEMENTS_MAX)
            return fault(c, AVER_E_LIMIT, "X835-LIMIT", "the segment has more than %d elements",
                         AVER_X835_ELEMENTS_MAX - 1);
        c->e[c->n++] = trimmed(from, to);
        if (to == stop) break;
        from = to + 1;
    }
    c->p = stop + 1;
    if (!segment_id(c->e[0])) return fault(c, AVER_E_INPUT, "X835-FORM", "the segment has no segment id");
    return AVER_OK;
}

static aver_err need(struct check *c, size_t i)
{
    if (element(c, i).len) return AVER_OK;
    return fault(c, AVER_E_INPUT, "X835-MISSING", "element %zu is required", i);
}

/* An X12 decimal with at most two places that count: "-12.5", "100", ".5"; absent is 0. */
static aver_err amount(struct check *c, size_t i, int64_t *out)
{
    aver_bytes t = element(c, i);
    size_t k = 0, whole = 0, places = 0;
    bool negative = t.len > 0 && t.ptr[0] == '-';
    int64_t v = 0;
    *out = 0;
    if (t.len == 0) return AVER_OK;
    if (negative) k++;
    for (; k < t.len && t.ptr[k] >= '0' && t.ptr[k] <= '9' && whole < DIGITS_MAX; k++, whole++)
        v = v * 10 + (t.ptr[k] - '0');
    v *= 100;
    if (k < t.len && t.ptr[k] == '.')
        for (k++; k < t.len && t.ptr[k] >= '0' && t.ptr[k] <= (places < 2 ? '9' : '0'); k++, places++)
            v += (places == 0 ? 10 : places == 1 ? 1 : 0) * (t.ptr[k] - '0');
    if (k != t.len || whole + places == 0)
        return fault(c, AVER_E_INPUT, "X835-AMOUNT",
                     "element %zu is no amount of at most %d digits with two decimal places", i, DIGITS_MAX);
    *out = negative ? -v : v;
    return AVER_OK;
}

static aver_err add(struct check *c, int64_t *to, int64_t v)
{
    if (__builtin_add_overflow(*to, v, to))
        return fault(c, AVER_E_INPUT, "X835-AMOUNT", "the sum of the amounts is too large");
    return AVER_OK;
}

static aver_err required_amount(struct check *c, size_t i, int64_t *out)
{
    AVER_TRY(need(c, i));
    return amount(c, i, out);
}

/* SE01, GE01, IEA01: a number without its leading zeros. */
static aver_err counted(struct check *c, uint64_t want)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, want);
    aver_bytes t = element(c, 1);
    while (t.len > 1 && t.ptr[0] == '0') t.ptr++, t.len--;
    if (is(t, text)) return AVER_OK;
    return fault(c, AVER_E_INPUT, "X835-COUNT", "element 1 is %.*s, but %s were counted",
                 (int)(t.len < 20 ? t.len : 20), (const char *)t.ptr, text);
}

static aver_err controlled(struct check *c, aver_bytes opened)
{
    if (opened.len && same(element(c, 2), opened)) return AVER_OK;
    return fault(c, AVER_E_INPUT, "X835-CONTROL",
                 "the control number is not that of the segment that opened this envelope");
}

/* --- adjustments and balances --- */

static void begin(struct sums *s) { s->charge = s->paid = s->adjusted = 0, s->count = 0; }

static aver_err take_cas(struct check *c)
{
    struct sums *s = c->part == LINE ? &c->line : &c->claim;
    aver_bytes group = element(c, 1);
    AVER_TRY(need(c, 1));
    AVER_TRY(need(c, 2));
    AVER_TRY(need(c, 3));
    for (size_t i = 2; i < c->n; i += 3) {
        aver_bytes code = element(c, i);
        if (code.len == 0 && element(c, i + 1).len == 0) continue;
        int64_t cents;
        AVER_TRY(need(c, i));
        AVER_TRY(required_amount(c, i + 1, &cents));
        if (cents == 0) return fault(c, AVER_E_INPUT, "X835-ZERO", "element %zu adjusts by zero", i + 1);
        for (size_t k = 0; k < s->count; k++)
            if (same(s->reasons[k].group, group) && same(s->reasons[k].code, code))
                return fault(c, AVER_E_INPUT, "X835-TWICE", "reason %.*s stands twice in group %.*s",
                             (int)(code.len < 5 ? code.len : 5), (const char *)code.ptr,
                             (int)(group.len < 2 ? group.len : 2), (const char *)group.ptr);
        if (s->count == AVER_X835_REASONS_MAX)
            return fault(c, AVER_E_LIMIT, "X835-LIMIT", "more than %d reasons", AVER_X835_REASONS_MAX);
        s->reasons[s->count++] = (struct reason){group, code};
        AVER_TRY(add(c, &s->adjusted, cents));
        AVER_TRY(add(c, &c->claim_adjusted, cents));
        if (is(group, "PR")) AVER_TRY(add(c, &c->claim_patient, cents));
    }
    return AVER_OK;
}

/* Which rule, and the segment that the amounts are of. */
struct rule {
    const char *code, *says, *id;
    uint64_t at;
};

static aver_err must_equal(struct check *c, struct rule r, int64_t want, int64_t found)
{
    char a[CENTS_TEXT], b[CENTS_TEXT];
    if (want == found) return AVER_OK;
    return fault_at(c, AVER_E_DIFFERS, r.code, r.at, r.id, "%s, which makes %s, but it is %s", r.says,
                    dollars(a, want), dollars(b, found));
}

static aver_err balance(struct check *c, struct rule r, int64_t charge, int64_t adjusted, int64_t paid)
{
    int64_t rest;
    if (__builtin_sub_overflow(charge, adjusted, &rest))
        return fault(c, AVER_E_INPUT, "X835-AMOUNT", "the sum of the amounts is too large");
    return must_equal(c, r, rest, paid);
}

static aver_err leave_line(struct check *c)
{
    struct rule line = {"X835-LINE", "SVC03 should be SVC02 less the CAS amounts of the line", "SVC",
                        c->svc_at};
    return balance(c, line, c->line.charge, c->line.adjusted, c->line.paid);
}

static aver_err leave_claim(struct check *c)
{
    struct rule charge = {"X835-CHARGE", "CLP03 should be the sum of SVC02", "CLP", c->clp_at};
    struct rule paid = {"X835-CLAIM", "CLP04 should be CLP03 less the CAS amounts of the claim and its lines",
                        "CLP", c->clp_at};
    struct rule patient = {"X835-PATIENT", "CLP05 should be the sum of the PR adjustments", "CLP", c->clp_at};
    if (c->part == LINE) AVER_TRY(leave_line(c));
    if (!c->patient)
        return fault_at(c, AVER_E_INPUT, "X835-MISSING", c->clp_at, "CLP",
                        "the claim has no NM1*QC, its patient");
    if (c->has_lines) AVER_TRY(must_equal(c, charge, c->claim_lines, c->claim.charge));
    AVER_TRY(balance(c, paid, c->claim.charge, c->claim_adjusted, c->claim.paid));
    if (!c->reversal) AVER_TRY(must_equal(c, patient, c->claim_patient, c->clp05));
    c->clp01 = AVER_BYTES_NONE;
    return AVER_OK;
}

/* What LX, CLP, PLB and SE have in common: a claim that was open is over. */
static aver_err leave(struct check *c)
{
    return c->part == CLAIM || c->part == LINE ? leave_claim(c) : AVER_OK;
}

static aver_err misplaced(struct check *c)
{
    return fault(c, AVER_E_INPUT, "X835-ORDER", "this segment does not belong here");
}

static aver_err missing(struct check *c, const char *what)
{
    return fault(c, AVER_E_INPUT, "X835-MISSING", "%s is required before this segment", what);
}

/* --- the parts of a set --- */

static aver_err take_bpr(struct check *c)
{
    AVER_TRY(need(c, 1));
    AVER_TRY(required_amount(c, 2, &c->payment));
    for (size_t i = 3; i <= 4; i++) AVER_TRY(need(c, i));
    if (c->payment < 0)
        return fault(c, AVER_E_INPUT, "X835-NEGATIVE",
                     "a payment is never below zero: carry the balance forward by PLB FB");
    return add(c, &c->totals.payment, c->payment);
}

static aver_err take_header(struct check *c)
{
    bool bpr = is(c->e[0], "BPR"), trn = is(c->e[0], "TRN");
    if ((bpr && c->in_set != 2) || (trn && c->in_set != 3)) return misplaced(c);
    if (bpr) return take_bpr(c);
    if (trn)
        for (size_t i = 1; i <= 3; i++) AVER_TRY(need(c, i));
    return AVER_OK;
}

static aver_err take_n1(struct check *c)
{
    AVER_TRY(need(c, 2));
    if (c->part == HEADER && is(element(c, 1), "PR")) {
        if (c->in_set < 4) return missing(c, "TRN");
        c->part = PAYER;
    } else if (c->part == PAYER && is(element(c, 1), "PE")) {
        if (!c->payer_n3 || !c->payer_n4) return missing(c, "the payer's address, N3 and N4,");
        c->part = PAYEE;
    } else {
        return c->part == HEADER ? missing(c, "N1*PR") : misplaced(c);
    }
    return AVER_OK;
}

static aver_err take_clp(struct check *c)
{
    if (c->part < DETAIL || c->part > LINE) return c->part == PAYEE ? missing(c, "LX") : misplaced(c);
    AVER_TRY(leave(c));
    c->part = CLAIM;
    c->clp01 = element(c, 1);
    c->clp_at = c->in_set;
    c->claim_adjusted = c->claim_patient = c->claim_lines = 0;
    c->has_lines = c->patient = false;
    begin(&c->claim);
    AVER_TRY(need(c, 1));
    AVER_TRY(need(c, 2));
    AVER_TRY(required_amount(c, 3, &c->claim.charge));
    AVER_TRY(required_amount(c, 4, &c->claim.paid));
    AVER_TRY(amount(c, 5, &c->clp05));
    AVER_TRY(need(c, 6));
    AVER_TRY(need(c, 7));
    c->reversal = is(element(c, 2), "22");
    c->totals.claims++;
    AVER_TRY(add(c, &c->totals.paid, c->claim.paid));
    return add(c, &c->set_paid, c->claim.paid);
}

static aver_err take_svc(struct check *c)
{
    if (c->part != CLAIM && c->part != LINE) return misplaced(c);
    if (c->part == LINE) AVER_TRY(leave_line(c));
    c->part = LINE;
    c->svc_at = c->in_set;
    c->has_lines = true;
    begin(&c->line);
    AVER_TRY(need(c, 1));
    AVER_TRY(required_amount(c, 2, &c->line.charge));
    AVER_TRY(required_amount(c, 3, &c->line.paid));
    c->totals.lines++;
    return add(c, &c->claim_lines, c->line.charge);
}

static aver_err take_plb(struct check *c)
{
    if (c->part < PAYEE) return misplaced(c);
    AVER_TRY(leave(c));
    c->part = SUMMARY;
    AVER_TRY(need(c, 1));
    AVER_TRY(need(c, 2));
    AVER_TRY(need(c, 3));
    AVER_TRY(need(c, 4));
    for (size_t i = 3; i < c->n; i += 2) {
        int64_t cents;
        if (element(c, i).len == 0 && element(c, i + 1).len == 0) continue;
        AVER_TRY(need(c, i));
        AVER_TRY(required_amount(c, i + 1, &cents));
        if (cents == 0) return fault(c, AVER_E_INPUT, "X835-ZERO", "element %zu adjusts by zero", i + 1);
        AVER_TRY(add(c, &c->set_plb, cents));
        AVER_TRY(add(c, &c->totals.provider, cents));
    }
    return AVER_OK;
}

static aver_err take_se(struct check *c)
{
    if (c->part < PAYEE) return missing(c, c->part == HEADER ? "N1*PR" : "N1*PE");
    AVER_TRY(leave(c));
    AVER_TRY(counted(c, c->in_set));
    AVER_TRY(controlled(c, c->st02));
    struct rule payment = {"X835-PAYMENT", "BPR02 should be the sum of CLP04 less the PLB amounts", "BPR", 2};
    AVER_TRY(balance(c, payment, c->set_paid, c->set_plb, c->payment));
    c->totals.sets++;
    c->part = GROUP;
    c->in_set = 0;
    return AVER_OK;
}

static aver_err take_other(struct check *c)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (!is(c->e[0], allowed[i].id)) continue;
        if (!(allowed[i].parts & IN(c->part))) return misplaced(c);
        if (c->part == HEADER) return take_header(c);
        if (c->part == PAYER && is(c->e[0], "N3")) c->payer_n3 = true;
        if (c->part == PAYER && is(c->e[0], "N4")) c->payer_n4 = true;
        if (c->part == CLAIM && is(c->e[0], "NM1") && is(element(c, 1), "QC")) c->patient = true;
        return is(c->e[0], "CAS") ? take_cas(c) : AVER_OK;
    }
    return fault(c, AVER_E_INPUT, "X835-ORDER", "an 835 has no segment %.*s", (int)c->e[0].len,
                 (const char *)c->e[0].ptr);
}

static aver_err take_in_set(struct check *c)
{
    if (c->part == HEADER && c->in_set <= 3) { /* BPR and TRN are the second and third segment of every set */
        if (c->in_set == 2 && !is(c->e[0], "BPR")) return missing(c, "BPR");
        if (c->in_set == 3 && !is(c->e[0], "TRN")) return missing(c, "TRN");
    }
    if (is(c->e[0], "N1")) return take_n1(c);
    if (is(c->e[0], "LX")) {
        if (c->part < PAYEE) return missing(c, c->part == HEADER ? "N1*PR" : "N1*PE");
        if (c->part == SUMMARY) return misplaced(c);
        AVER_TRY(leave(c));
        c->part = DETAIL;
        return need(c, 1);
    }
    if (is(c->e[0], "CLP")) return take_clp(c);
    if (is(c->e[0], "SVC")) return take_svc(c);
    if (is(c->e[0], "PLB")) return take_plb(c);
    if (is(c->e[0], "SE")) return take_se(c);
    return take_other(c);
}

/* --- envelopes --- */

static aver_err envelope_fault(struct check *c, const char *what)
{
    return fault(c, AVER_E_INPUT, "X835-ENVELOPE", "%s", what);
}

static void open_set(struct check *c)
{
    c->part = HEADER;
    c->in_set = 1;
    c->st02 = element(c, 2);
    c->clp01 = AVER_BYTES_NONE;
    c->payer_n3 = c->payer_n4 = false;
    c->payment = c->set_paid = c->set_plb = 0;
    c->sets++;
}

static aver_err take_segment(struct check *c)
{
    static const char *const envelopes[] = {"ISA", "GS", "ST", "GE", "IEA"};
    bool envelope = false;
    for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++)
        envelope = envelope || is(c->e[0], envelopes[i]);
    if (c->part >= HEADER)
        return envelope ? envelope_fault(c, "the set before this has no SE") : take_in_set(c);
    if (c->part == OUTSIDE) { /* delimiters() saw an ISA */
        c->part = INTERCHANGE;
        c->isa13 = element(c, 13);
        c->groups = 0;
        c->totals.interchanges++;
        return AVER_OK;
    }
    if (c->part == INTERCHANGE && is(c->e[0], "GS")) {
        if (!is(element(c, 1), "HP"))
            return envelope_fault(c, "the group is not of payment advices: GS01 is not HP");
        c->part = GROUP;
        c->gs06 = element(c, 6);
        c->sets = 0;
        c->groups++;
        return AVER_OK;
    }
    if (c->part == GROUP && is(c->e[0], "ST")) {
        if (!is(element(c, 1), "835"))
            return envelope_fault(c, "the set is not a payment advice: ST01 is not 835");
        open_set(c);
        return AVER_OK;
    }
    if (c->part == GROUP && is(c->e[0], "GE")) {
        c->part = INTERCHANGE;
        AVER_TRY(counted(c, c->sets));
        return controlled(c, c->gs06);
    }
    if (c->part == INTERCHANGE && is(c->e[0], "IEA")) {
        c->part = OUTSIDE;
        AVER_TRY(counted(c, c->groups));
        return controlled(c, c->isa13);
    }
    return envelope_fault(c, c->part == GROUP ? "within a group only ST and GE may stand here"
                                              : "within an interchange only GS and IEA may stand here");
}

aver_err aver_x835_check(aver_bytes file, struct aver_x835_totals *totals, struct aver_why *why)
{
    struct check c = {.p = file.ptr, .end = file.ptr + file.len, .why = why};
    if (file.len > AVER_X835_FILE_MAX)
        return fault(&c, AVER_E_LIMIT, "X835-LIMIT", "the file is larger than 100 MiB");
    if (file.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0) c.p += 3; /* a byte order mark */
    for (bool more = true;;) {
        AVER_TRY(next_segment(&c, &more));
        if (!more) break;
        AVER_TRY(take_segment(&c));
    }
    if (c.part != OUTSIDE) return envelope_fault(&c, "the file ends before its IEA");
    if (c.totals.interchanges == 0)
        return fault(&c, AVER_E_INPUT, "X835-FORM", "the file is empty: there is no ISA segment");
    if (totals) *totals = c.totals;
    return AVER_OK;
}
