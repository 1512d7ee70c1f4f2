/* aver/case_claim.c - the claim that some rows of a test describe. */
#include <string.h>

#include "adapters/code_forms.h"
#include "aver/case_run.h"

static aver_err days_of(struct aver_case_run *r, const struct aver_case_row *row,
                        enum aver_case_column column, aver_day *from, aver_day *to)
{
    aver_bytes text = row->cell[column];
    bool two = text.len == 22;
    aver_err err = aver_day_parse_iso(from, two ? aver_bytes_cut(text, 0, 10) : text);
    *to = *from;
    if (err == AVER_OK && two) err = aver_day_parse_iso(to, aver_bytes_cut(text, 12, 10));
    return err == AVER_OK ? AVER_OK : aver_case_bad(r, row, column, "2026-03-01 or 2026-03-01..2026-03-02");
}

static aver_bytes word_before(aver_bytes *rest, char end)
{
    const uint8_t *p = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    aver_bytes head = p ? aver_bytes_cut(*rest, 0, (size_t)(p - rest->ptr)) : *rest;
    *rest = p ? aver_bytes_cut(*rest, head.len + 1, rest->len - head.len - 1) : AVER_BYTES_NONE;
    return aver_bytes_trim(head);
}

/* Where the diagnosis stands in the claim, from 1; added where it is new. */
static uint64_t point_at(struct aver_case_run *r, struct aver_claim *c, aver_bytes code)
{
    const struct aver_diagnosis *d = c->diagnoses.items;
    for (size_t i = 0; i < c->diagnoses.count; i++)
        if (aver_bytes_eq(d[i].code, code)) return i + 1;
    struct aver_diagnosis *added = aver_list_add(r->arena, &c->diagnoses, sizeof *added);
    *added = (struct aver_diagnosis){.role = c->diagnoses.count == 1 ? AVER_LIT("ABK") : AVER_LIT("ABF"),
                                     .code = code};
    return c->diagnoses.count;
}

/* "00002-7512-01 2.5 ML" */
static aver_err drug_of(struct aver_case_run *r, const struct aver_case_row *row, struct aver_line *l)
{
    aver_bytes rest = row->cell[AVER_COL_DRUG], code = word_before(&rest, ' ');
    l->drug_code = aver_ndc_digits(r->arena, code);
    aver_bytes units = word_before(&rest, ' ');
    l->drug_unit = aver_bytes_trim(rest);
    if (!l->drug_code.ptr || aver_decimal_parse(&l->drug_units, units, 3) != AVER_OK ||
        !aver_drug_unit_valid(l->drug_unit))
        return aver_case_bad(r, row, AVER_COL_DRUG, "an NDC, a quantity and its unit, 00002-7512-01 2.5 ML");
    return AVER_OK;
}

/* A claim with a revenue code, DRG, statement or admission is a hospital's. */
static aver_err stay_of(struct aver_case_run *r, const struct aver_case_row *row, struct aver_claim *c)
{
    static const enum aver_case_column of_hospitals[] = {AVER_COL_REVENUE, AVER_COL_DRG, AVER_COL_STATEMENT,
                                                         AVER_COL_ADMITTED};
    for (size_t i = 0; i < sizeof of_hospitals / sizeof of_hospitals[0]; i++)
        if (row->cell[of_hospitals[i]].ptr) c->type = AVER_CLAIM_INSTITUTIONAL;
    c->drg = row->cell[AVER_COL_DRG];
    if (row->cell[AVER_COL_STATEMENT].ptr)
        AVER_TRY(days_of(r, row, AVER_COL_STATEMENT, &c->statement_from, &c->statement_to));
    if (row->cell[AVER_COL_ADMITTED].ptr || c->drg.ptr) {
        struct aver_named_date *d = aver_list_add(r->arena, &c->dates, sizeof *d);
        *d = (struct aver_named_date){AVER_LIT("435"), c->statement_from, c->statement_from};
        if (row->cell[AVER_COL_ADMITTED].ptr) AVER_TRY(days_of(r, row, AVER_COL_ADMITTED, &d->from, &d->to));
    }
    return AVER_OK;
}

static aver_err add_line(struct aver_case_run *r, struct aver_claim *c, const struct aver_case_row *row)
{
    struct aver_line *l = aver_list_add(r->arena, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = c->lines.count;
    l->procedure = row->cell[AVER_COL_PROCEDURE];
    l->revenue_code = row->cell[AVER_COL_REVENUE];
    l->units = 1000;
    l->unit = aver_revenue_code_is_stay(l->revenue_code) ? AVER_LIT("DA") : AVER_LIT("UN");
    l->place_of_service = row->cell[AVER_COL_PLACE];
    if (aver_money_parse(&l->charge, row->cell[AVER_COL_CHARGE]) != AVER_OK)
        return aver_case_bad(r, row, AVER_COL_CHARGE, "dollars, 120.00");
    if (row->cell[AVER_COL_UNITS].ptr &&
        aver_decimal_parse(&l->units, row->cell[AVER_COL_UNITS], 3) != AVER_OK)
        return aver_case_bad(r, row, AVER_COL_UNITS, "a number with up to three decimals");
    AVER_TRY(days_of(r, row, AVER_COL_DAY, &l->service_from, &l->service_to));
    if (c->statement_from == AVER_NO_DAY || l->service_from < c->statement_from)
        c->statement_from = l->service_from;
    if (c->statement_to == AVER_NO_DAY || l->service_to > c->statement_to) c->statement_to = l->service_to;
    for (aver_bytes rest = row->cell[AVER_COL_MODIFIERS]; rest.ptr;)
        *(aver_bytes *)aver_list_add(r->arena, &l->modifiers, sizeof(aver_bytes)) = word_before(&rest, ',');
    for (aver_bytes rest = row->cell[AVER_COL_DIAGNOSES]; rest.ptr;)
        *(uint64_t *)aver_list_add(r->arena, &l->diagnosis_pointers, sizeof(uint64_t)) =
            point_at(r, c, word_before(&rest, ','));
    if (row->cell[AVER_COL_AUTH].ptr)
        *(struct aver_reference *)aver_list_add(r->arena, &l->references, sizeof(struct aver_reference)) =
            (struct aver_reference){AVER_LIT("G1"), row->cell[AVER_COL_AUTH]};
    if (row->cell[AVER_COL_DRUG].ptr) AVER_TRY(drug_of(r, row, l));
    if (aver_money_add(&c->total_charge, c->total_charge, l->charge) != AVER_OK)
        return aver_case_bad(r, row, AVER_COL_CHARGE, "too large with the others");
    return AVER_OK;
}

aver_err aver_case_claim(struct aver_case_run *r, struct aver_claim **out, const struct aver_case_row *rows,
                         size_t count)
{
    struct aver_claim *c = *out = aver_claim_new(r->arena);
    c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->frequency = AVER_FREQUENCY_ORIGINAL;
    c->patient_control_number = rows->cell[AVER_COL_CLAIM];
    c->place_of_service = AVER_LIT("11");
    c->subscriber->member_id = rows->cell[AVER_COL_MEMBER];
    c->subscriber->last_name = AVER_LIT("Example");
    c->coverage->responsibility = rows->cell[AVER_COL_PAYER].ptr ? rows->cell[AVER_COL_PAYER] : AVER_LIT("P");
    c->billing_provider->role = AVER_LIT("85");
    c->billing_provider->name = AVER_LIT("Clinic");
    c->billing_provider->npi = aver_project_provider(r->bases->project, rows->cell[AVER_COL_PROVIDER]);
    aver_bytes postal = rows->cell[AVER_COL_POSTAL];
    if (postal.len == 2)
        c->billing_provider->state = postal;
    else
        c->billing_provider->postal_code = postal;
    c->source->format = AVER_FORMAT_CSV;
    c->assignment = rows->cell[AVER_COL_ASSIGNED];
    if (rows->cell[AVER_COL_FREQUENCY].ptr) {
        if (aver_bytes_u64(&c->frequency, rows->cell[AVER_COL_FREQUENCY]) != AVER_OK)
            return aver_case_bad(r, rows, AVER_COL_FREQUENCY, "1, 7 or 8");
        c->original_reference = AVER_LIT("EARLIER");
    }
    for (size_t i = 0; i < count; i++) AVER_TRY(add_line(r, c, &rows[i]));
    AVER_TRY(stay_of(r, rows, c));
    struct aver_why why;
    aver_err err = aver_claim_check(c, &why);
    return err == AVER_OK
               ? AVER_OK
               : aver_fail(&r->cmd->why, err, why.code, aver_case_place(r, rows->line), "%s", why.text);
}
