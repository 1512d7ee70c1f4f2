/* aver/case_run.c - runs a test of cases.h: files its claims on a ledger in memory and compares. */
#include <string.h>

#include "aver/cases.h"
#include "ledger/transition/adjudicate.h"

struct running {
    struct aver_command *cmd;
    struct aver_case_bases *bases;
    const struct aver_case_test *test;
    struct aver_case_result *out;
    struct aver_arena *arena; /* of the result */
};

static const char *place(struct running *r, uint64_t line)
{
    return aver_arena_printf(&r->cmd->arena, "%s:%llu", r->test->file, (unsigned long long)line);
}

static aver_err bad(struct running *r, const struct aver_case_row *row, enum aver_case_column column,
                    const char *what)
{
    return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", place(r, row->line), "%s \"%.*s\": it is %s",
                     aver_case_columns[column], AVER_STR(row->cell[column]), what);
}

/* ---- the claim of some rows ------------------------------------------------------------------------------------------ */

static aver_err days_of(struct running *r, const struct aver_case_row *row, aver_day *from, aver_day *to)
{
    aver_bytes text = row->cell[AVER_COL_DAY];
    bool two = text.len == 22;
    aver_err err = aver_day_parse_iso(from, two ? aver_bytes_cut(text, 0, 10) : text);
    *to = *from;
    if (err == AVER_OK && two) err = aver_day_parse_iso(to, aver_bytes_cut(text, 12, 10));
    return err == AVER_OK ? AVER_OK : bad(r, row, AVER_COL_DAY, "2026-03-01 or 2026-03-01..2026-03-02");
}

static aver_bytes word_before(aver_bytes *rest, char end)
{
    const uint8_t *p = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    aver_bytes head = p ? aver_bytes_cut(*rest, 0, (size_t)(p - rest->ptr)) : *rest;
    *rest = p ? aver_bytes_cut(*rest, head.len + 1, rest->len - head.len - 1) : AVER_BYTES_NONE;
    return aver_bytes_trim(head);
}

static aver_err add_line(struct running *r, struct aver_claim *c, const struct aver_case_row *row)
{
    struct aver_line *l = aver_list_add(r->arena, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = c->lines.count;
    l->procedure = row->cell[AVER_COL_PROCEDURE];
    l->units = 1000;
    l->unit = AVER_LIT("UN");
    l->place_of_service = row->cell[AVER_COL_PLACE];
    if (aver_money_parse(&l->charge, row->cell[AVER_COL_CHARGE]) != AVER_OK)
        return bad(r, row, AVER_COL_CHARGE, "dollars, 120.00");
    if (row->cell[AVER_COL_UNITS].ptr &&
        aver_decimal_parse(&l->units, row->cell[AVER_COL_UNITS], 3) != AVER_OK)
        return bad(r, row, AVER_COL_UNITS, "a number with up to three decimals");
    AVER_TRY(days_of(r, row, &l->service_from, &l->service_to));
    if (c->statement_from == AVER_NO_DAY || l->service_from < c->statement_from)
        c->statement_from = l->service_from;
    if (c->statement_to == AVER_NO_DAY || l->service_to > c->statement_to) c->statement_to = l->service_to;
    for (aver_bytes rest = row->cell[AVER_COL_MODIFIERS]; rest.ptr;)
        *(aver_bytes *)aver_list_add(r->arena, &l->modifiers, sizeof(aver_bytes)) = word_before(&rest, ',');
    if (row->cell[AVER_COL_AUTH].ptr)
        *(struct aver_reference *)aver_list_add(r->arena, &l->references, sizeof(struct aver_reference)) =
            (struct aver_reference){AVER_LIT("G1"), row->cell[AVER_COL_AUTH]};
    if (aver_money_add(&c->total_charge, c->total_charge, l->charge) != AVER_OK)
        return bad(r, row, AVER_COL_CHARGE, "too large with the others");
    return AVER_OK;
}

static aver_err build(struct running *r, struct aver_claim **out, const struct aver_case_row *rows,
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
    c->source->format = AVER_FORMAT_CSV;
    c->assignment = rows->cell[AVER_COL_ASSIGNED];
    if (rows->cell[AVER_COL_FREQUENCY].ptr) {
        if (aver_bytes_u64(&c->frequency, rows->cell[AVER_COL_FREQUENCY]) != AVER_OK)
            return bad(r, rows, AVER_COL_FREQUENCY, "1, 7 or 8");
        c->original_reference = AVER_LIT("EARLIER");
    }
    for (size_t i = 0; i < count; i++) AVER_TRY(add_line(r, c, &rows[i]));
    struct aver_why why;
    aver_err err = aver_claim_check(c, &why);
    return err == AVER_OK ? AVER_OK
                          : aver_fail(&r->cmd->why, err, why.code, place(r, rows->line), "%s", why.text);
}

/* ---- what came of it ------------------------------------------------------------------------------------------------- */

static struct aver_case_fault *fault(struct running *r, const struct aver_case_row *row, uint64_t number)
{
    struct aver_case_fault *f = aver_list_add(r->arena, &r->out->faults, sizeof *f);
    *f = (struct aver_case_fault){.line = row->line, .number = number, .claim = r->out->claims.count - 1};
    return f;
}

static void expect(struct running *r, const struct aver_case_row *row, uint64_t number,
                   enum aver_case_column column, aver_bytes got)
{
    if (!row->cell[column].ptr || aver_bytes_eq(row->cell[column], got)) return;
    struct aver_case_fault *f = fault(r, row, number);
    f->column = aver_case_columns[column];
    f->expected = row->cell[column];
    f->got = aver_arena_copy(r->arena, got.ptr ? got : AVER_LIT("-"));
}

static void expect_cents(struct running *r, const struct aver_case_row *row, uint64_t number,
                         enum aver_case_column column, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    expect(r, row, number, column, aver_bytes_str(aver_cents_text(text, cents)));
}

void aver_case_adjustments(struct aver_buf *out, const struct aver_line_decision *d)
{
    const struct aver_adjustment *a = d->adjustments.items;
    char cents[AVER_MONEY_TEXT];
    for (size_t i = 0; i < d->adjustments.count; i++)
        aver_buf_printf(out, "%s%s-%.*s %s", i ? ", " : "", aver_group_names[a[i].group], AVER_STR(a[i].carc),
                        aver_cents_text(cents, a[i].amount.cents));
    if (d->adjustments.count == 0) aver_buf_byte(out, '-');
}

static void reasons(struct aver_buf *out, const struct aver_line_decision *d, bool waits)
{
    const struct aver_adjustment *a = d->adjustments.items;
    if (waits) aver_buf_bytes(out, d->because);
    for (size_t i = 0; !waits && i < d->adjustments.count; i++) {
        if (i) aver_buf_str(out, ", ");
        aver_buf_bytes(out, a[i].because);
    }
    if (out->len == 0) aver_buf_byte(out, '-');
}

/* What the member has used of a counter, in network, in the calendar year of the row's day. */
static aver_err expect_used(struct running *r, const struct aver_case_row *row,
                            const struct aver_found *found, uint64_t number, enum aver_case_column column,
                            const char *counter)
{
    struct aver_stored stored;
    struct aver_balances balances = {0};
    struct aver_buf name = {0};
    const struct aver_decision *d = found->decision;
    if (!row->cell[column].ptr) return AVER_OK;
    aver_buf_printf(&name, "f/%.*s/y/", AVER_STR(d->family_id));
    aver_name_escape(&name, d->member_id);
    aver_buf_printf(&name, "/%.*s", 4, (const char *)row->cell[AVER_COL_DAY].ptr);
    aver_err err = r->out->view->get(r->out->view->self, aver_buf_view(&name), &stored, &r->cmd->why);
    aver_buf_free(&name);
    if (err == AVER_OK)
        err = aver_schema_read(aver_arena_copy(r->arena, stored.record), &aver_balances_schema, &balances,
                               r->arena, &r->cmd->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    int64_t used = 0;
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; i < balances.items.count; i++)
        if (aver_bytes_is(b[i].counter, counter) && aver_bytes_is(b[i].tier, "in_network"))
            used = b[i].used.cents;
    expect_cents(r, row, number, column, used);
    return AVER_OK;
}

static aver_err compare_line(struct running *r, const struct aver_case_row *row,
                             const struct aver_case_claim *c, size_t i)
{
    const struct aver_decision *d = c->found.decision;
    const struct aver_line_decision *l = (const struct aver_line_decision *)d->lines.items + i;
    struct aver_buf text = {0};
    bool waits = l->status == AVER_LINE_PENDED || l->status == AVER_LINE_HELD;
    if (waits && !row->cell[AVER_COL_STATUS].ptr)
        fault(r, row, l->number)->words =
            aver_arena_printf(r->arena, "the line is %s, and no status was expected: %.*s%s",
                              aver_line_status_names[l->status], AVER_STR(l->reason), c->words);
    expect_cents(r, row, l->number, AVER_COL_ALLOWED, (int64_t)l->allowed.cents);
    aver_case_adjustments(&text, l);
    expect(r, row, l->number, AVER_COL_ADJUSTMENTS, aver_buf_view(&text));
    text.len = 0;
    reasons(&text, l, waits);
    expect(r, row, l->number, AVER_COL_BECAUSE, aver_buf_view(&text));
    aver_buf_free(&text);
    expect_cents(r, row, l->number, AVER_COL_PAID, (int64_t)l->paid.cents);
    expect(r, row, l->number, AVER_COL_STATUS, aver_bytes_str(aver_line_status_names[l->status]));
    expect(r, row, l->number, AVER_COL_CLAIM_STATUS, aver_bytes_str(aver_claim_status_names[d->status]));
    expect(r, row, l->number, AVER_COL_PAYEE, d->payee);
    AVER_TRY(expect_used(r, row, &c->found, l->number, AVER_COL_DEDUCTIBLE, "deductible"));
    return expect_used(r, row, &c->found, l->number, AVER_COL_OOP, "oop_max");
}

/* The laws: nobody asks for them. */
static void laws(struct running *r, const struct aver_case_row *row, const struct aver_case_claim *c,
                 aver_bytes again)
{
    struct aver_why why;
    if (aver_decision_check(c->found.decision, &why) != AVER_OK)
        fault(r, row, 0)->words = aver_arena_printf(r->arena, "%s: %s (%s)", why.code, why.text, why.place);
    if (c->found.decision->gas > AVER_GAS_CLAIM_MAX)
        fault(r, row, 0)->words = "more gas was used than a claim may use";
    if (!aver_bytes_eq(c->receipt, again))
        fault(r, row, 0)->words = "a second run of the same claims gave another receipt";
}

static void keep(struct running *r, const struct aver_claim *claim, const struct aver_applied *applied)
{
    struct aver_case_claim *c = aver_list_add(r->arena, &r->out->claims, sizeof *c);
    c->found = (struct aver_found){
        .claim = *claim, .receipt = applied->record, .decision = applied->record.decision};
    memcpy(c->found.id, applied->claim_id, sizeof c->found.id);
    c->found.state.control = claim->patient_control_number;
    c->found.state.height = applied->record.height;
    c->receipt = applied->receipt;
    c->words = aver_arena_printf(r->arena, "%s", applied->words);
    memcpy(c->stage_gas, applied->stage_gas, sizeof c->stage_gas);
    for (size_t i = 0; i < AVER_STAGE_HOST; i++) {
        r->out->stage_gas[i] += applied->stage_gas[i];
        r->out->gas += applied->stage_gas[i];
    }
}

static aver_err file_claim(struct running *r, const struct aver_case_row *rows, size_t count,
                           struct aver_bench *second)
{
    struct aver_claim *claim;
    struct aver_applied applied, again;
    aver_day received;
    AVER_TRY(build(r, &claim, rows, count));
    received = claim->statement_to;
    if (rows->cell[AVER_COL_RECEIVED].ptr &&
        aver_day_parse_iso(&received, rows->cell[AVER_COL_RECEIVED]) != AVER_OK)
        return bad(r, rows, AVER_COL_RECEIVED, "a day, 2026-03-01");
    AVER_TRY(aver_bench_file(&r->out->bench, claim, received, &applied, &r->cmd->why));
    AVER_TRY(aver_bench_file(second, claim, received, &again, &r->cmd->why));
    if (!applied.record.decision)
        return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", place(r, rows->line), "%s: %s",
                         aver_outcome_names[applied.outcome], applied.words);
    keep(r, claim, &applied);
    const struct aver_case_claim *c =
        (const struct aver_case_claim *)r->out->claims.items + r->out->claims.count - 1;
    laws(r, rows, c, again.receipt);
    for (size_t i = 0; i < count; i++) AVER_TRY(compare_line(r, &rows[i], c, i));
    return AVER_OK;
}

/* ---- one test --------------------------------------------------------------------------------------------------------- */

/* The ledger that the test begins from, on one machine: its own where it has settings, else the one that all share. */
static aver_err base_of(struct running *r, int which, struct aver_bench *own, struct aver_bench **out)
{
    struct aver_case_bases *b = r->bases;
    if (r->test->settings.count) {
        *out = own;
        return aver_project_open(b->project, &r->test->settings, which, b->seed, r->arena, own, &r->cmd->why);
    }
    *out = &b->bench[which];
    return AVER_OK;
}

static aver_err run(struct running *r, struct aver_bench *second, struct aver_bench *second_own)
{
    struct aver_bench *base[2];
    const struct aver_case_row *row = r->test->rows.items;
    AVER_TRY(base_of(r, 0, &r->out->own_base, &base[0]));
    AVER_TRY(base_of(r, 1, second_own, &base[1]));
    AVER_TRY(aver_bench_open(&r->out->bench, base[0], r->bases->project->machines[0], r->arena,
                             r->bases->seed, &r->cmd->why));
    AVER_TRY(aver_bench_open(second, base[1], r->bases->project->machines[1], r->arena, r->bases->seed,
                             &r->cmd->why));
    r->out->view = &r->out->bench.memory.view;
    for (size_t from = 0; from < r->test->rows.count;) {
        size_t to = from + 1;
        while (to < r->test->rows.count &&
               aver_bytes_eq(row[to].cell[AVER_COL_CLAIM], row[from].cell[AVER_COL_CLAIM]))
            to++;
        AVER_TRY(file_claim(r, &row[from], to - from, second));
        from = to;
    }
    return AVER_OK;
}

aver_err aver_case_run(struct aver_command *cmd, struct aver_case_bases *bases,
                       const struct aver_case_test *test, struct aver_case_result *out)
{
    struct aver_bench second = {0}, second_own = {0};
    *out = (struct aver_case_result){.test = test};
    struct running r = {cmd, bases, test, out, &out->arena};
    aver_err err = run(&r, &second, &second_own);
    aver_bench_close(&second);
    aver_bench_close(&second_own);
    return err;
}

void aver_case_end(struct aver_case_result *result)
{
    aver_bench_close(&result->bench);
    aver_bench_close(&result->own_base);
    aver_arena_free(&result->arena);
}

aver_err aver_case_bases_open(struct aver_case_bases *b, struct aver_project *project, uint64_t seed,
                              struct aver_why *why)
{
    *b = (struct aver_case_bases){.project = project, .seed = seed};
    for (int i = 0; i < 2; i++)
        AVER_TRY(aver_project_open(project, NULL, i, seed, &b->arena, &b->bench[i], why));
    return AVER_OK;
}

void aver_case_bases_end(struct aver_case_bases *bases)
{
    for (int i = 0; i < 2; i++) aver_bench_close(&bases->bench[i]);
    aver_arena_free(&bases->arena);
}
