/* tests/unit/paper835.h - claims and decisions to report, written as an 835 and read again: for the tests of the writer and of the
 * checker. Include after cmocka.h. */
#ifndef AVER_TESTS_PAPER835_H
#define AVER_TESTS_PAPER835_H

#include <string.h>

#include "adapters/x835.h"
#include "adapters/x835_check.h"
#include "tests/unit/data.h"

static struct aver_arena arena;
static struct aver_buf out;

static inline int fresh(void **state)
{
    (void)state;
    aver_crypto_start();
    return 0;
}

static inline int forget(void **state)
{
    (void)state;
    aver_buf_free(&out);
    out = (struct aver_buf){0};
    aver_arena_free(&arena);
    return 0;
}

static inline aver_bytes text(const char *s) { return aver_bytes_str(s); }

static inline struct aver_claim *new_claim(const char *control)
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

static inline struct aver_decision *new_decision(const char *id)
{
    struct aver_decision *d = AVER_NEW(&arena, struct aver_decision);
    d->claim_id = text(id);
    d->version = 1;
    d->status = AVER_CLAIM_PAYABLE;
    d->member_id = text("M100");
    return d;
}

static inline struct aver_line_decision *add_line(struct aver_claim *c, struct aver_decision *d,
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

static inline struct aver_adjustment *adjust(struct aver_decision *d, struct aver_line_decision *l,
                                             enum aver_group group, const char *carc, int64_t cents,
                                             const char *because)
{
    struct aver_adjustment *a = aver_list_add(&arena, &l->adjustments, sizeof *a);
    *a = (struct aver_adjustment){
        .group = group, .carc = text(carc), .amount = {cents}, .because = text(because)};
    if (group == AVER_GROUP_PR) d->patient_responsibility.cents += (uint64_t)cents;
    return a;
}

static inline void remark(struct aver_adjustment *a, const char *rarc)
{
    *(aver_bytes *)aver_list_add(&arena, &a->rarc, sizeof(aver_bytes)) = text(rarc);
}

struct paper {
    struct aver_x835_claim claims[8];
    struct aver_remittance remittance;
    struct aver_x835_remit remit;
};

static inline void new_paper(struct paper *p)
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

static inline struct aver_x835_claim *report(struct paper *p, struct aver_claim *c, struct aver_decision *d)
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
static inline void report_paid(struct paper *p)
{
    struct aver_claim *c = new_claim("PCN-1");
    struct aver_decision *d = new_decision("c0ffee01");
    struct aver_line_decision *l = add_line(c, d, "99213", 20000, 14000, 11000);
    adjust(d, l, AVER_GROUP_CO, "45", 6000, "fee_schedule.in_network");
    adjust(d, l, AVER_GROUP_PR, "3", 3000, "benefits.office_visit.cost_share.in_network.copay");
    report(p, c, d);
}

static inline const char *write_paper(struct paper *p)
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

static inline struct aver_x835_totals check_ok(aver_bytes bytes)
{
    struct aver_why why = {0};
    struct aver_x835_totals totals = {0};
    aver_err err = aver_x835_check(bytes, &totals, &why);
    if (err) print_error("%s %s: %s\n%.*s\n", why.code, why.place, why.text, AVER_STR(bytes));
    assert_int_equal(err, AVER_OK);
    return totals;
}

static inline void has(const char *segment)
{
    if (strstr((const char *)out.ptr, segment)) return;
    print_error("%s is not in\n%s\n", segment, (const char *)out.ptr);
    fail();
}

static inline void has_not(const char *segment)
{
    if (!strstr((const char *)out.ptr, segment)) return;
    print_error("%s is in\n%s\n", segment, (const char *)out.ptr);
    fail();
}

#endif
