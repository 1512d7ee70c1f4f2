/* aver/case_run.c - runs a test: files its claims on two ledgers in memory, and compares with what a table says. */
#include "aver/case_run.h"

#include <string.h>

#include "aver/lua_test.h"

const char *aver_case_place(struct aver_case_run *r, uint64_t line)
{
    return aver_arena_printf(&r->cmd->arena, "%s:%llu", r->test->file, (unsigned long long)line);
}

aver_err aver_case_bad(struct aver_case_run *r, const struct aver_case_row *row, enum aver_case_column column,
                       const char *what)
{
    return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", aver_case_place(r, row->line),
                     "%s \"%.*s\": it is %s", aver_case_columns[column], AVER_STR(row->cell[column]), what);
}

/* ---- what came of it ------------------------------------------------------------------------------------------------- */

struct aver_case_fault *aver_case_fault_add(struct aver_case_run *r, uint64_t line, uint64_t number)
{
    struct aver_case_fault *f = aver_list_add(r->arena, &r->out->faults, sizeof *f);
    *f = (struct aver_case_fault){.line = line, .number = number, .claim = r->out->claims.count - 1};
    return f;
}

static void expect(struct aver_case_run *r, const struct aver_case_row *row, uint64_t number,
                   enum aver_case_column column, aver_bytes got)
{
    if (!row->cell[column].ptr || aver_bytes_eq(row->cell[column], got)) return;
    struct aver_case_fault *f = aver_case_fault_add(r, row->line, number);
    f->column = aver_case_columns[column];
    f->expected = row->cell[column];
    f->got = aver_arena_copy(r->arena, got.ptr ? got : AVER_LIT("-"));
}

static void expect_cents(struct aver_case_run *r, const struct aver_case_row *row, uint64_t number,
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

void aver_case_reasons(struct aver_buf *out, const struct aver_line_decision *d, bool waits)
{
    const struct aver_adjustment *a = d->adjustments.items;
    if (waits) aver_buf_bytes(out, d->because);
    for (size_t i = 0; !waits && i < d->adjustments.count; i++) {
        if (i) aver_buf_str(out, ", ");
        aver_buf_bytes(out, a[i].because);
    }
    if (out->len == 0) aver_buf_byte(out, '-');
}

/* What the member has used of a counter, in network, in the benefit year of the row's day. */
static aver_err expect_used(struct aver_case_run *r, const struct aver_case_row *row,
                            const struct aver_found *found, uint64_t number, enum aver_case_column column,
                            aver_bytes counter)
{
    int64_t used;
    if (!row->cell[column].ptr) return AVER_OK;
    const struct aver_case_counter of = {.person = found->decision->member_id,
                                         .counter = counter,
                                         .tier = AVER_LIT("in_network"),
                                         .day = aver_claim_line(&found->claim, number)->service_from};
    AVER_TRY(aver_case_used(r, found->decision, &of, &used));
    expect_cents(r, row, number, column, used);
    return AVER_OK;
}

static aver_err expect_counters(struct aver_case_run *r, const struct aver_case_row *row,
                                const struct aver_found *found, uint64_t number)
{
    struct aver_buf got = {0};
    if (!row->cell[AVER_COL_USED].ptr) return AVER_OK;
    aver_err err = aver_case_counters(r, row, found, number, &got);
    if (err == AVER_OK) expect(r, row, number, AVER_COL_USED, aver_buf_view(&got));
    aver_buf_free(&got);
    return err;
}

static aver_err compare_line(struct aver_case_run *r, const struct aver_case_row *row,
                             const struct aver_case_claim *c, size_t i)
{
    const struct aver_decision *d = c->found.decision;
    const struct aver_line_decision *l = (const struct aver_line_decision *)d->lines.items + i;
    struct aver_buf text = {0};
    bool waits = l->status == AVER_LINE_PENDED || l->status == AVER_LINE_HELD;
    if (waits && !row->cell[AVER_COL_STATUS].ptr)
        aver_case_fault_add(r, row->line, l->number)->words =
            aver_arena_printf(r->arena, "the line is %s, and no status was expected: %.*s%s",
                              aver_line_status_names[l->status], AVER_STR(l->reason), c->words);
    expect_cents(r, row, l->number, AVER_COL_ALLOWED, (int64_t)l->allowed.cents);
    aver_case_adjustments(&text, l);
    expect(r, row, l->number, AVER_COL_ADJUSTMENTS, aver_buf_view(&text));
    text.len = 0;
    aver_case_reasons(&text, l, waits);
    expect(r, row, l->number, AVER_COL_BECAUSE, aver_buf_view(&text));
    aver_buf_free(&text);
    expect_cents(r, row, l->number, AVER_COL_PAID, (int64_t)l->paid.cents);
    expect(r, row, l->number, AVER_COL_STATUS, aver_bytes_str(aver_line_status_names[l->status]));
    expect(r, row, l->number, AVER_COL_CLAIM_STATUS, aver_bytes_str(aver_claim_status_names[d->status]));
    expect(r, row, l->number, AVER_COL_PAYEE, d->payee);
    AVER_TRY(expect_used(r, row, &c->found, l->number, AVER_COL_DEDUCTIBLE, AVER_LIT("deductible")));
    AVER_TRY(expect_used(r, row, &c->found, l->number, AVER_COL_OOP, AVER_LIT("oop_max")));
    return expect_counters(r, row, &c->found, l->number);
}

static void keep(struct aver_case_run *r, const struct aver_claim *claim, const struct aver_applied *applied)
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

aver_err aver_case_file(struct aver_case_run *r, const struct aver_case_row *rows, size_t count)
{
    struct aver_claim *claim;
    struct aver_applied applied, again;
    aver_day received;
    AVER_TRY(aver_case_claim(r, &claim, rows, count));
    received = claim->statement_to;
    if (rows->cell[AVER_COL_RECEIVED].ptr &&
        aver_day_parse_iso(&received, rows->cell[AVER_COL_RECEIVED]) != AVER_OK)
        return aver_case_bad(r, rows, AVER_COL_RECEIVED, "a day, 2026-03-01");
    AVER_TRY(aver_bench_file(&r->out->bench, claim, received, &applied, &r->cmd->why));
    AVER_TRY(aver_bench_file(&r->second, claim, received, &again, &r->cmd->why));
    if (!applied.record.decision)
        return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", aver_case_place(r, rows->line), "%s: %s",
                         aver_outcome_names[applied.outcome], applied.words);
    keep(r, claim, &applied);
    return aver_case_laws(r, rows->line, again.receipt);
}

/* ---- one test --------------------------------------------------------------------------------------------------------- */

/* The ledger that the test begins from, on one machine: its own where it has settings, else the one that all share. */
static aver_err base_of(struct aver_case_run *r, const struct aver_list *settings, int which,
                        struct aver_bench *own, struct aver_bench **out)
{
    struct aver_case_bases *b = r->bases;
    if (settings->count) {
        *out = own;
        return aver_project_open(b->project, settings, which, b->seed, r->arena, own, &r->cmd->why);
    }
    *out = &b->bench[which];
    return AVER_OK;
}

aver_err aver_case_open(struct aver_case_run *r, const struct aver_list *settings)
{
    struct aver_bench *base[2];
    AVER_TRY(base_of(r, settings, 0, &r->out->own_base, &base[0]));
    AVER_TRY(base_of(r, settings, 1, &r->second_own, &base[1]));
    AVER_TRY(aver_bench_open(&r->out->bench, base[0], r->bases->project->machines[0], r->arena,
                             r->bases->seed, &r->cmd->why));
    AVER_TRY(aver_bench_open(&r->second, base[1], r->bases->project->machines[1], r->arena, r->bases->seed,
                             &r->cmd->why));
    r->out->view = &r->out->bench.memory.view;
    return AVER_OK;
}

aver_err aver_case_opening(struct aver_case_run *r, uint64_t line, aver_bytes member, aver_bytes counter,
                           aver_bytes tier, aver_bytes pool, aver_bytes period, int64_t used)
{
    aver_bytes family;
    aver_err err =
        aver_bench_opening(&r->out->bench, member, counter, tier, pool, period, used, &family, &r->cmd->why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", aver_case_place(r, line),
                         "members.csv has no member %.*s", AVER_STR(member));
    AVER_TRY(err);
    AVER_TRY(
        aver_bench_opening(&r->second, member, counter, tier, pool, period, used, &family, &r->cmd->why));
    aver_case_laws_opening(r, family, member, counter, tier, period, used);
    return AVER_OK;
}

void aver_case_close(struct aver_case_run *r)
{
    aver_bench_close(&r->second);
    aver_bench_close(&r->second_own);
}

static aver_err run_table(struct aver_case_run *r)
{
    const struct aver_case_row *row = r->test->rows.items;
    AVER_TRY(aver_case_open(r, &r->test->settings));
    for (size_t from = 0; from < r->test->rows.count;) {
        size_t to = from + 1;
        while (to < r->test->rows.count &&
               aver_bytes_eq(row[to].cell[AVER_COL_CLAIM], row[from].cell[AVER_COL_CLAIM]))
            to++;
        AVER_TRY(aver_case_file(r, &row[from], to - from));
        const struct aver_case_claim *c =
            (const struct aver_case_claim *)r->out->claims.items + r->out->claims.count - 1;
        for (size_t i = from; i < to; i++) AVER_TRY(compare_line(r, &row[i], c, i - from));
        from = to;
    }
    return AVER_OK;
}

aver_err aver_case_run(struct aver_command *cmd, struct aver_case_bases *bases,
                       const struct aver_case_test *test, struct aver_case_result *out)
{
    if (test->lua) return aver_lua_test_run(cmd, bases, test, out);
    *out = (struct aver_case_result){.test = test};
    struct aver_case_run r = {.cmd = cmd, .bases = bases, .test = test, .out = out, .arena = &out->arena};
    aver_err err = run_table(&r);
    aver_case_close(&r);
    return err;
}

void aver_case_end(struct aver_case_result *result)
{
    aver_bench_close(&result->bench);
    aver_bench_close(&result->own_base);
    aver_arena_free(&result->arena);
}

aver_err aver_case_bases_open(struct aver_case_bases *b, struct aver_project *project, uint64_t seed,
                              uint64_t runs, struct aver_why *why)
{
    *b = (struct aver_case_bases){.project = project, .seed = seed, .runs = runs};
    for (int i = 0; i < 2; i++)
        AVER_TRY(aver_project_open(project, NULL, i, seed, &b->arena, &b->bench[i], why));
    return AVER_OK;
}

void aver_case_bases_end(struct aver_case_bases *bases)
{
    for (int i = 0; i < 2; i++) aver_bench_close(&bases->bench[i]);
    aver_arena_free(&bases->arena);
}
