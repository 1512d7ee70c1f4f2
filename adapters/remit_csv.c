/* adapters/remit_csv.c - a remittance as CSV, for people and spreadsheets. */
#include "adapters/remit_csv.h"

#include "adapters/csv.h"

#include <inttypes.h>
#include <string.h>

static const char header[] =
    "record,trace,payment_date,payee,patient_control_number,claim_id,version,status,member_id,last_name,first_name,"
    "received,line,procedure,modifiers,revenue_code,service_from,service_to,units,charge,allowed,paid,"
    "group,carc,rarc,amount,because,policy_value,note,carc_text,rarc_text\r\n";

/* The cells left empty in a row that is about no claim. */
#define CELLS_BEFORE_PAID 17 /* patient_control_number .. allowed */
#define CELLS_AFTER_PAID  9  /* group .. rarc_text */

static void cell(struct aver_buf *out, aver_bytes text) { aver_csv_put(out, false, text); }

static void cents(struct aver_buf *out, bool there, bool negated, int64_t value)
{
    char text[AVER_MONEY_TEXT];
    aver_buf_byte(out, ',');
    if (there) aver_buf_str(out, aver_cents_text(text, negated ? -value : value));
}

static void day(struct aver_buf *out, aver_day d)
{
    char text[AVER_DAY_TEXT];
    aver_buf_byte(out, ',');
    if (d != AVER_NO_DAY) aver_buf_str(out, aver_day_iso(text, d));
}

static void joined(struct aver_buf *out, const struct aver_list *texts)
{
    struct aver_buf all = {0};
    const aver_bytes *item = texts->items;
    for (size_t i = 0; i < texts->count; i++) {
        if (i) aver_buf_byte(&all, ' ');
        aver_buf_bytes(&all, item[i]);
    }
    cell(out, aver_buf_view(&all));
    aver_buf_free(&all);
}

/* The texts of the codes, where somebody has a licence to them: of the remarks one a line. */
static void texts_of(struct aver_buf *out, const struct aver_x835_remit *r, const struct aver_adjustment *a)
{
    struct aver_buf all = {0};
    const aver_bytes *rarc = a->rarc.items;
    cell(out, r->carc_text ? r->carc_text(r->texts, a->carc) : AVER_BYTES_NONE);
    for (size_t i = 0; r->rarc_text && i < a->rarc.count; i++) {
        aver_bytes text = r->rarc_text(r->texts, rarc[i]);
        if (text.len && all.len) aver_buf_byte(&all, '\n');
        aver_buf_bytes(&all, text);
    }
    cell(out, aver_buf_view(&all));
    aver_buf_free(&all);
}

static void begin(struct aver_buf *out, const struct aver_x835_remit *r, const char *record)
{
    aver_buf_str(out, record);
    cell(out, r->remittance->trace);
    day(out, r->remittance->date);
    cell(out, r->remittance->payee);
}

static void balance_row(struct aver_buf *out, const struct aver_x835_remit *r, const char *record,
                        int64_t paid)
{
    if (paid == 0) return;
    begin(out, r, record);
    for (int i = 0; i < CELLS_BEFORE_PAID; i++) aver_buf_byte(out, ',');
    cents(out, true, false, paid);
    for (int i = 0; i < CELLS_AFTER_PAID; i++) aver_buf_byte(out, ',');
    aver_buf_str(out, "\r\n");
}

/* One row; `first` of its line carries the line's amounts. `a` may be NULL. */
static void row(struct aver_buf *out, const struct aver_x835_remit *r, const struct aver_x835_claim *c,
                const struct aver_line *line, const struct aver_line_decision *d,
                const struct aver_adjustment *a, bool first)
{
    const struct aver_person *patient = c->claim->patient ? c->claim->patient : c->claim->subscriber;
    aver_bytes member = c->decision->member_id;
    if (member.len == 0)
        member = patient->member_id.len ? patient->member_id : c->claim->subscriber->member_id;
    begin(out, r, c->reversal ? "reversal" : "claim");
    cell(out, c->claim->patient_control_number);
    cell(out, c->decision->claim_id);
    aver_buf_printf(out, ",%" PRIu64 ",%s", c->decision->version, aver_line_status_names[d->status]);
    cell(out, member);
    cell(out, patient->last_name);
    cell(out, patient->first_name);
    day(out, c->received);
    aver_buf_printf(out, ",%" PRIu64, d->number);
    cell(out, line->procedure);
    joined(out, &line->modifiers);
    cell(out, line->revenue_code);
    day(out, line->service_from);
    day(out, line->service_to);
    aver_buf_printf(out, ",%" PRIu64, line->units / 1000);
    if (line->units % 1000) aver_buf_printf(out, ".%03u", (unsigned)(line->units % 1000));
    cents(out, first, c->reversal, (int64_t)d->charge.cents);
    cents(out, first, c->reversal, (int64_t)d->allowed.cents);
    cents(out, first, c->reversal, (int64_t)d->paid.cents);
    if (a) {
        cell(out, aver_bytes_str(aver_group_names[a->group]));
        cell(out, a->carc);
        joined(out, &a->rarc);
        cents(out, true, c->reversal, a->amount.cents);
        cell(out, a->because);
        cell(out, a->value);
        cell(out, a->note);
        texts_of(out, r, a);
    } else {
        for (int i = 0; i < CELLS_AFTER_PAID; i++) aver_buf_byte(out, ',');
    }
    aver_buf_str(out, "\r\n");
}

aver_err aver_remit_csv_write(struct aver_buf *out, const struct aver_x835_remit *r, struct aver_why *why)
{
    AVER_TRY(aver_x835_ready(r, why));
    aver_buf_str(out, header);
    for (size_t i = 0; i < r->count; i++) {
        const struct aver_x835_claim *c = &r->claims[i];
        const struct aver_line *lines = c->claim->lines.items;
        const struct aver_line_decision *d = c->decision->lines.items;
        for (size_t k = 0; k < c->decision->lines.count; k++) {
            const struct aver_adjustment *a = d[k].adjustments.items;
            if (d[k].adjustments.count == 0) row(out, r, c, &lines[k], &d[k], NULL, true);
            for (size_t n = 0; n < d[k].adjustments.count; n++)
                row(out, r, c, &lines[k], &d[k], &a[n], n == 0);
        }
    }
    balance_row(out, r, "carried_in", r->remittance->carried_in.cents);
    balance_row(out, r, "carried_out", -r->remittance->carried_out.cents);
    return AVER_OK;
}
