/* adapters/csv_accruals.c - see csv_accruals.h. */
#include "adapters/csv_accruals.h"

#include <string.h>

enum { SOURCE, REFERENCE, MEMBER, PLAN, DAY, COUNTER, TIER, AMOUNT, REVERSES, NOTE, COLUMNS };
static const struct aver_sheet_column columns[] = {
    {"source", true, true},     {"reference", true, true}, {"member_id", true, true}, {"plan", true, true},
    {"day", true, true},        {"counter", true, true},   {"tier", false, false},    {"amount", true, false},
    {"reverses", false, false}, {"note", false, false}};

#define COUNTER_BYTES_MAX 80

static bool is_maximum(aver_bytes counter)
{
    return counter.len > 7 && memcmp(counter.ptr, "maxima.", 7) == 0;
}

static void read_amount(struct aver_sheet *s, struct aver_accrual *a)
{
    aver_bytes text = s->values[AMOUNT];
    if (a->reverses && text.ptr)
        aver_sheet_find(s, true, "ACCRUAL-AMOUNT", AMOUNT,
                        "a row that takes back has no amount: all that was reported is taken back");
    else if (text.ptr && aver_delta_parse(&a->amount, text) != AVER_OK)
        aver_sheet_find(s, true, "CSV-VALUE", AMOUNT, "an amount is in dollars, 120.00 or -5.00");
    else if (!a->reverses && a->amount.cents == 0)
        aver_sheet_find(s, true, "ACCRUAL-AMOUNT", AMOUNT,
                        "a report of nothing says nothing; give an amount");
}

static void read_row(struct aver_sheet *s, struct aver_accrual *a)
{
    a->source = aver_sheet_text(s, SOURCE, 64);
    if (a->source.ptr && !aver_name_valid(a->source))
        aver_sheet_find(s, true, "CSV-VALUE", SOURCE,
                        "a source is of a-z, 0-9, '.', '_' and '-', at most 64 long");
    a->reference = aver_sheet_text(s, REFERENCE, 64);
    a->member_id = aver_sheet_text(s, MEMBER, 80);
    a->plan = aver_sheet_text(s, PLAN, 64);
    a->day = aver_sheet_day(s, DAY);
    a->counter = aver_sheet_text(s, COUNTER, COUNTER_BYTES_MAX);
    a->tier = aver_sheet_text(s, TIER, 64);
    a->reverses = aver_sheet_flag(s, REVERSES);
    a->note = aver_sheet_text(s, NOTE, 256);
    read_amount(s, a);
    if (!a->counter.ptr) return;
    if (!is_maximum(a->counter) && !aver_bytes_is(a->counter, "deductible") &&
        !aver_bytes_is(a->counter, "oop_max"))
        aver_sheet_find(s, true, "CSV-VALUE", COUNTER, "a counter is deductible, oop_max or maxima.ID");
    else if (is_maximum(a->counter) == (a->tier.ptr != NULL))
        aver_sheet_find(s, true, "ACCRUAL-TIER", TIER,
                        a->tier.ptr ? "a maximum has no tier; leave it empty"
                                    : "a deductible or oop_max is of a tier, such as in_network; name it");
}

aver_err aver_accruals_from_csv(struct aver_list *accruals, const char *file_name, aver_bytes csv,
                                struct aver_arena *arena, struct aver_list *findings, struct aver_why *why)
{
    struct aver_sheet s;
    struct aver_csv_row first = {.line = 1};
    *accruals = (struct aver_list){0};
    bool open = aver_sheet_open(&s, csv, columns, COLUMNS, arena);
    if (csv.len > AVER_ACCRUALS_BYTES_MAX) {
        aver_sheet_find_at(&s, true, "ACCRUAL-SIZE", &first, NULL, AVER_BYTES_NONE,
                           "the file has %zu bytes, at most %d are allowed; split it", csv.len,
                           AVER_ACCRUALS_BYTES_MAX);
        open = false;
    }
    while (open && aver_sheet_next(&s)) {
        struct aver_accrual a = {.day = AVER_NO_DAY};
        read_row(&s, &a);
        if (!s.bad) *(struct aver_accrual *)aver_list_add(arena, accruals, sizeof a) = a;
    }
    *findings = s.findings;
    return aver_sheet_verdict(&s, file_name, why);
}
