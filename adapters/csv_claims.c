/* adapters/csv_claims.c - see csv_claims.h. */
#include "adapters/csv_claims.h"

#include <string.h>

#include "adapters/code_forms.h"
#include "adapters/csv_cells.h"
#include "adapters/csv_sheet.h"
#include "adapters/x12_837.h"

enum {
    CONTROL,
    MEMBER,
    LAST,
    FIRST,
    BIRTH,
    SEX,
    RELATIONSHIP,
    GROUP,
    PAYER,
    PAYER_NAME,
    BILLING_NPI,
    BILLING_NAME,
    BILLING_TAX,
    BILLING_POSTAL,
    BILLING_STATE,
    FREQUENCY,
    ORIGINAL,
    DIAGNOSES,
    ASSIGNMENT,
    TYPE,
    BILL,
    STATEMENT_FROM,
    STATEMENT_TO,
    ADMISSION,
    DRG,
    TOTAL,
    CLAIM_COLUMNS,
    RENDERING = CLAIM_COLUMNS,
    PLACE,
    AUTH,
    NUMBER,
    PROCEDURE,
    REVENUE,
    MODIFIERS,
    UNITS,
    CHARGE,
    SERVICE_FROM,
    SERVICE_TO,
    POINTERS,
    LINE_CONTROL,
    NDC,
    NDC_UNITS,
    NDC_UNIT,
    COLUMNS
};
static const struct aver_sheet_column columns[COLUMNS] = {
    [CONTROL] = {"patient_control_number", true, true},
    [MEMBER] = {"member_id", true, false},
    [LAST] = {"last_name", false, false},
    [FIRST] = {"first_name", false, false},
    [BIRTH] = {"birth_date", false, false},
    [SEX] = {"sex", false, false},
    [RELATIONSHIP] = {"relationship", false, false},
    [GROUP] = {"group_number", false, false},
    [PAYER] = {"payer_id", false, false},
    [PAYER_NAME] = {"payer_name", false, false},
    [BILLING_NPI] = {"billing_npi", false, false},
    [BILLING_NAME] = {"billing_name", false, false},
    [BILLING_TAX] = {"billing_tax_id", false, false},
    [BILLING_POSTAL] = {"billing_postal_code", false, false},
    [BILLING_STATE] = {"billing_state", false, false},
    [FREQUENCY] = {"frequency", false, false},
    [ORIGINAL] = {"original_reference", false, false},
    [DIAGNOSES] = {"diagnoses", false, false},
    [ASSIGNMENT] = {"assignment", false, false},
    [TYPE] = {"type", false, false},
    [BILL] = {"type_of_bill", false, false},
    [STATEMENT_FROM] = {"statement_from", false, false},
    [STATEMENT_TO] = {"statement_to", false, false},
    [ADMISSION] = {"admission_date", false, false},
    [DRG] = {"drg", false, false},
    [TOTAL] = {"total_charge", true, false},
    [RENDERING] = {"rendering_npi", false, false},
    [PLACE] = {"place_of_service", false, false},
    [AUTH] = {"prior_auth", false, false},
    [NUMBER] = {"line_number", false, false},
    [PROCEDURE] = {"procedure", false, false},
    [REVENUE] = {"revenue_code", false, false},
    [MODIFIERS] = {"modifiers", false, false},
    [UNITS] = {"units", true, true},
    [CHARGE] = {"charge", true, true},
    [SERVICE_FROM] = {"service_from", false, false},
    [SERVICE_TO] = {"service_to", false, false},
    [POINTERS] = {"diagnosis_pointers", false, false},
    [LINE_CONTROL] = {"control_number", false, false},
    [NDC] = {"ndc", false, false},
    [NDC_UNITS] = {"ndc_units", false, false},
    [NDC_UNIT] = {"ndc_unit", false, false},
};

#define NONE SIZE_MAX

struct reading {
    struct aver_intake *intake;
    aver_bytes file;
    aver_digest sha256;
    struct aver_sheet sheet;
    /* the claim whose rows are being read */
    struct aver_claim *claim;
    aver_bytes control;
    aver_bytes first[COLUMNS]; /* the values of its first row */
    struct aver_csv_row first_row;
    size_t end;           /* of its last row */
    size_t findings_from; /* its findings in the intake */
    size_t rejected_by;   /* the finding that rejects it; NONE so far */
    size_t orphan;        /* finding of a row that is no CSV, and whose claim the next row will tell; NONE */
    struct aver_csv_row orphan_row;
};

static aver_bytes row_place(struct reading *r, const struct aver_csv_row *row)
{
    return aver_bytes_str(
        aver_arena_printf(r->intake->arena, "row %zu, line %zu", (size_t)row->row, (size_t)row->line));
}

/* With the value, where one stands in the column. */
static aver_bytes column_place(struct reading *r, const struct aver_csv_row *row,
                               const struct aver_sheet_finding *f)
{
    if (!f->column.ptr) return row_place(r, row);
    bool shown = f->value.len > 0;
    return aver_bytes_str(aver_arena_printf(r->intake->arena, "row %zu, line %zu, column %.*s%s%.*s%s",
                                            (size_t)row->row, (size_t)row->line, AVER_STR(f->column),
                                            shown ? ": \"" : "", AVER_STR(shown ? f->value : AVER_BYTES_NONE),
                                            shown ? "\"" : ""));
}

/* Moves what the sheet found in the current row into the intake; the index of the first error, NONE if there is none. */
static size_t take_findings(struct reading *r, const struct aver_csv_row *row)
{
    size_t first_error = NONE;
    const struct aver_sheet_finding *f = r->sheet.findings.items;
    for (size_t i = 0; i < r->sheet.findings.count; i++) {
        if (f[i].error && first_error == NONE) first_error = r->intake->findings.count;
        struct aver_finding *to =
            aver_intake_finding(r->intake, f[i].error ? AVER_LEVEL_CLAIM : AVER_LEVEL_WARNING, f[i].code);
        to->place = column_place(r, row, &f[i]);
        to->path = f[i].column;
        to->text = f[i].text;
        aver_finding_original(to, f[i].value.ptr ? f[i].value
                                                 : aver_bytes_cut(r->file, row->offset, row->length));
        to->at = (struct aver_position){.offset = row->offset, .line = row->line, .row = row->row};
        to->covers_from = row->offset;
        to->covers_to = f[i].error ? row->offset + row->length : row->offset;
    }
    r->sheet.findings.count = 0;
    return first_error;
}

static void read_person(struct aver_sheet *s, struct aver_person *p)
{
    static const char *const sexes[] = {NULL, "F", "M", "U"};
    p->last_name = aver_sheet_text(s, LAST, 60);
    p->first_name = aver_sheet_text(s, FIRST, 35);
    p->birth_date = aver_sheet_day(s, BIRTH);
    if (aver_sheet_enum(s, SEX, sexes, 3)) p->sex = s->values[SEX];
}

/* ---- institutional claims ------------------------------------------------------------------------------------------- */

/* What stands on an institutional claim only. */
static void refuse_institutional(struct aver_sheet *s)
{
    static const size_t only[] = {BILL, STATEMENT_FROM, STATEMENT_TO, ADMISSION, DRG};
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (s->values[only[i]].ptr)
            aver_sheet_find(s, true, "CSV-TYPE", only[i],
                            "only an institutional claim has %s; write institutional under type, or empty it",
                            columns[only[i]].name);
}

/* Facility and frequency (CLM05-1 and -3) from "111" or, as UB-04 form locator 4 prints it, "0111". */
static void read_bill(struct aver_sheet *s, struct aver_claim *c)
{
    aver_bytes v = s->values[BILL];
    if (v.len == 4 && v.ptr[0] == '0') v = aver_bytes_cut(v, 1, 3);
    bool good = v.len == 3;
    for (size_t i = 0; i < v.len; i++) good &= v.ptr[i] >= '0' && v.ptr[i] <= '9';
    if (!good) {
        aver_sheet_find(s, true, s->values[BILL].ptr ? "CSV-VALUE" : "CSV-MISSING", BILL,
                        "an institutional claim has a type of bill of three digits, such as 111");
        return;
    }
    c->place_of_service = aver_bytes_cut(v, 0, 2);
    uint64_t frequency = (uint64_t)(v.ptr[2] - '0');
    if (s->values[FREQUENCY].ptr && frequency != c->frequency)
        aver_sheet_find(s, true, "CSV-VALUE", FREQUENCY,
                        "the type of bill ends in %u, another frequency; empty one of the two",
                        (unsigned)frequency);
    c->frequency = frequency;
    if (frequency != AVER_FREQUENCY_ORIGINAL && frequency != AVER_FREQUENCY_REPLACEMENT &&
        frequency != AVER_FREQUENCY_VOID)
        aver_sheet_find(
            s, true, "CSV-VALUE", BILL,
            "a type of bill that ends in 1 (whole), 7 (replacement) or 8 (void) is read; an interim bill "
            "or late charge (2 to 5) is not: bill the whole stay, or replace the claim");
    if (s->values[PLACE].ptr)
        aver_sheet_find(s, true, "CSV-TYPE", PLACE,
                        "the place of an institutional claim is its type of bill; empty place_of_service");
}

static void read_stay(struct aver_sheet *s, struct aver_claim *c, struct aver_arena *arena)
{
    static const char *const inpatient[] = {"11", "18", "21", "41"}; /* hospital, swing bed, nursing, RNHCI */
    c->statement_from = aver_sheet_day(s, STATEMENT_FROM);
    c->statement_to = aver_sheet_day(s, STATEMENT_TO);
    for (size_t i = STATEMENT_FROM; i <= STATEMENT_TO; i++)
        if (!s->values[i].ptr)
            aver_sheet_find(
                s, true, "CSV-MISSING", i,
                "%s is empty; an institutional claim is for the days from statement_from to statement_to",
                columns[i].name);
    if (c->statement_from != AVER_NO_DAY && c->statement_to != AVER_NO_DAY &&
        c->statement_to < c->statement_from)
        aver_sheet_find(s, true, "CSV-VALUE", STATEMENT_TO,
                        "the statement ends before it begins; mend one of its days");
    aver_day admitted = aver_sheet_day(s, ADMISSION);
    if (admitted != AVER_NO_DAY)
        *(struct aver_named_date *)aver_list_add(arena, &c->dates, sizeof(struct aver_named_date)) =
            (struct aver_named_date){AVER_LIT("435"), admitted, admitted};
    if (admitted != AVER_NO_DAY && c->statement_to != AVER_NO_DAY && admitted > c->statement_to)
        aver_sheet_find(s, true, "CSV-VALUE", ADMISSION, "the admission is after the statement's last day");
    for (size_t i = 0; i < sizeof inpatient / sizeof inpatient[0] && !s->values[ADMISSION].ptr; i++)
        if (aver_bytes_is(c->place_of_service, inpatient[i]))
            aver_sheet_find(s, true, "CSV-MISSING", ADMISSION,
                            "an inpatient claim (type of bill %sx) needs its admission_date", inpatient[i]);
    c->drg = s->values[DRG];
    if (c->drg.ptr && !s->values[ADMISSION].ptr && !s->bad)
        aver_sheet_find(s, true, "CSV-MISSING", ADMISSION,
                        "a DRG is of an inpatient stay: write its admission_date, or empty drg");
    if (c->drg.ptr && !aver_drg_valid(c->drg))
        aver_sheet_find(s, true, "CSV-VALUE", DRG,
                        "a DRG has three digits, or four with its severity; write 003, not 3");
}

/* ---- claims ---------------------------------------------------------------------------------------------------------- */

static void read_claim(struct reading *r)
{
    struct aver_sheet *s = &r->sheet;
    struct aver_arena *arena = r->intake->arena;
    struct aver_claim *c = r->claim = aver_claim_new(arena);
    c->type = aver_sheet_enum(s, TYPE, aver_claim_type_names, AVER_CLAIM_INSTITUTIONAL);
    if (!c->type) c->type = AVER_CLAIM_PROFESSIONAL;
    c->use = AVER_USE_CLAIM;
    c->patient_control_number = aver_sheet_text(s, CONTROL, 38);
    if (!aver_cell_echoes(c->patient_control_number))
        aver_sheet_find(
            s, false, "CSV-CONTROL", CONTROL,
            "the 835 cannot carry this patient_control_number as it is; use ASCII without * ~ : ^");
    c->subscriber->member_id = aver_sheet_text(s, MEMBER, 80);
    c->coverage->relationship = aver_cell_relationship(s, RELATIONSHIP);
    if (!aver_bytes_is(c->coverage->relationship, "18")) {
        c->patient = AVER_NEW(arena, struct aver_person);
        aver_schema_init(&aver_person_schema, c->patient);
    }
    read_person(s, c->patient ? c->patient : c->subscriber);
    c->coverage->group_number = aver_sheet_text(s, GROUP, 50);
    c->coverage->payer_id = aver_sheet_text(s, PAYER, 80);
    c->coverage->payer_name = aver_sheet_text(s, PAYER_NAME, 60);
    c->billing_provider->role = AVER_LIT("85");
    c->billing_provider->npi = aver_cell_npi(s, BILLING_NPI);
    c->billing_provider->name = aver_sheet_text(s, BILLING_NAME, 120);
    c->billing_provider->tax_id = aver_sheet_text(s, BILLING_TAX, 50);
    c->billing_provider->postal_code = aver_sheet_text(s, BILLING_POSTAL, 15);
    c->billing_provider->state = aver_sheet_text(s, BILLING_STATE, 2);
    c->frequency = s->values[FREQUENCY].ptr ? aver_sheet_decimal(s, FREQUENCY, 0, 9, "1, 7 or 8")
                                            : AVER_FREQUENCY_ORIGINAL;
    if (!s->bad && c->frequency != AVER_FREQUENCY_ORIGINAL && c->frequency != AVER_FREQUENCY_REPLACEMENT &&
        c->frequency != AVER_FREQUENCY_VOID)
        aver_sheet_find(s, true, "CSV-VALUE", FREQUENCY,
                        "frequency is not 1 (original), 7 (replacement) or 8 (void)");
    c->original_reference = aver_sheet_text(s, ORIGINAL, 50);
    c->assignment = aver_sheet_text(s, ASSIGNMENT, 4);
    if (!s->values[MEMBER].ptr)
        aver_sheet_find(s, true, "CSV-MISSING", MEMBER, "member_id is empty in the claim's first row");
    if (!s->values[TOTAL].ptr)
        aver_sheet_find(s, true, "CSV-MISSING", TOTAL, "total_charge is empty in the claim's first row");
    c->total_charge = aver_sheet_money(s, TOTAL);
    aver_bytes cell = s->values[DIAGNOSES], word;
    while (aver_cell_word(&cell, &word)) {
        struct aver_diagnosis d = {.role = c->diagnoses.count ? AVER_LIT("ABF") : AVER_LIT("ABK"),
                                   .code = aver_cell_diagnosis(s, DIAGNOSES, word)};
        *(struct aver_diagnosis *)aver_list_add(arena, &c->diagnoses, sizeof d) = d;
    }
    aver_bytes rendering = aver_cell_npi(s, RENDERING), auth = aver_sheet_text(s, AUTH, 80);
    if (rendering.ptr)
        *(struct aver_provider *)aver_list_add(arena, &c->providers, sizeof(struct aver_provider)) =
            (struct aver_provider){.role = AVER_LIT("82"), .npi = rendering};
    if (auth.ptr)
        *(struct aver_reference *)aver_list_add(arena, &c->references, sizeof(struct aver_reference)) =
            (struct aver_reference){AVER_LIT("G1"), auth};
    if (c->type == AVER_CLAIM_INSTITUTIONAL) {
        read_bill(s, c);
        read_stay(s, c, arena);
    } else {
        refuse_institutional(s);
        c->place_of_service = aver_cell_place(s, PLACE);
    }
    *c->source =
        (struct aver_source){.format = AVER_FORMAT_CSV, .sha256 = r->sha256, .offset = s->row.offset};
    r->control = c->patient_control_number;
    memcpy(r->first, s->values, sizeof r->first);
    r->first_row = s->row;
}

/* What a later row says of the claim is what the first one said; what of the line, the line keeps. */
static void read_later_row(struct reading *r, struct aver_line *l)
{
    struct aver_sheet *s = &r->sheet;
    struct aver_arena *arena = r->intake->arena;
    for (size_t i = CONTROL + 1; i < CLAIM_COLUMNS; i++)
        if (s->values[i].ptr && !aver_bytes_eq(s->values[i], r->first[i]))
            aver_sheet_find(
                s, true, "CSV-CLAIM", i,
                "%s is another than in the claim's first row (line %zu); repeat it or leave it empty",
                columns[i].name, (size_t)r->first_row.line);
    if (s->values[RENDERING].ptr && !aver_bytes_eq(s->values[RENDERING], r->first[RENDERING]))
        *(struct aver_provider *)aver_list_add(arena, &l->providers, sizeof(struct aver_provider)) =
            (struct aver_provider){.role = AVER_LIT("82"), .npi = aver_cell_npi(s, RENDERING)};
    if (s->values[AUTH].ptr && !aver_bytes_eq(s->values[AUTH], r->first[AUTH]))
        *(struct aver_reference *)aver_list_add(arena, &l->references, sizeof(struct aver_reference)) =
            (struct aver_reference){AVER_LIT("G1"), aver_sheet_text(s, AUTH, 80)};
    if (s->values[PLACE].ptr && r->claim->type == AVER_CLAIM_INSTITUTIONAL)
        aver_sheet_find(s, true, "CSV-TYPE", PLACE,
                        "the place of an institutional claim is its type of bill; empty place_of_service");
    else if (s->values[PLACE].ptr && !aver_bytes_eq(s->values[PLACE], r->first[PLACE]))
        l->place_of_service = aver_cell_place(s, PLACE);
}

/* What was done: a procedure; on an institutional claim a revenue code, with or without one. */
static void read_service(struct aver_sheet *s, const struct aver_claim *c, struct aver_line *l)
{
    bool institutional = c->type == AVER_CLAIM_INSTITUTIONAL;
    size_t needed = institutional ? REVENUE : PROCEDURE;
    l->procedure = aver_cell_procedure(s, PROCEDURE);
    l->revenue_code = s->values[REVENUE];
    l->unit = aver_revenue_code_is_stay(l->revenue_code) ? AVER_LIT("DA") : AVER_LIT("UN");
    if (!s->values[needed].ptr)
        aver_sheet_find(s, true, "CSV-MISSING", needed, "%s is empty; every row%s needs it",
                        columns[needed].name, institutional ? " of an institutional claim" : "");
    if (l->revenue_code.ptr && !institutional)
        aver_sheet_find(
            s, true, "CSV-TYPE", REVENUE,
            "only an institutional claim has revenue_code; write institutional under type, or empty it");
    else if (l->revenue_code.ptr && !aver_revenue_code_valid(l->revenue_code))
        aver_sheet_find(s, true, "CSV-VALUE", REVENUE, "a revenue code has four digits; write 0450, not 450");
}

/* An institutional line without days of its own is of the statement's. */
static void read_days(struct aver_sheet *s, const struct aver_claim *c, struct aver_line *l)
{
    bool institutional = c->type == AVER_CLAIM_INSTITUTIONAL;
    l->service_from = aver_sheet_day(s, SERVICE_FROM);
    l->service_to = s->values[SERVICE_TO].ptr ? aver_sheet_day(s, SERVICE_TO) : l->service_from;
    if (s->values[SERVICE_FROM].ptr) {
        if (institutional && !s->bad && c->statement_from != AVER_NO_DAY &&
            (l->service_from < c->statement_from || l->service_to > c->statement_to))
            aver_sheet_find(s, false, "CSV-STATEMENT", SERVICE_FROM,
                            "the service lies outside the claim's statement_from and statement_to");
        return;
    }
    if (!institutional)
        aver_sheet_find(s, true, "CSV-MISSING", SERVICE_FROM, "%s is empty; every row needs it",
                        columns[SERVICE_FROM].name);
    else if (s->values[SERVICE_TO].ptr)
        aver_sheet_find(s, true, "CSV-MISSING", SERVICE_FROM,
                        "there is a service_to; write service_from, too");
    l->service_from = c->statement_from;
    l->service_to = c->statement_to;
}

/* A drug by its national code, beside what it was billed as. */
static void read_drug(struct aver_sheet *s, struct aver_line *l)
{
    static const size_t all[] = {NDC, NDC_UNITS, NDC_UNIT};
    size_t given = 0;
    for (size_t i = 0; i < 3; i++) given += s->values[all[i]].ptr != NULL;
    if (!given) return;
    for (size_t i = 0; i < 3; i++)
        if (!s->values[all[i]].ptr)
            aver_sheet_find(s, true, "CSV-MISSING", all[i],
                            "%s is empty; a drug has ndc, ndc_units and ndc_unit", columns[all[i]].name);
    l->drug_code = aver_ndc_digits(s->arena, s->values[NDC]);
    l->drug_units = aver_sheet_decimal(s, NDC_UNITS, 3, AVER_CLAIM_UNITS_MAX,
                                       "a number above 0 with at most three decimals");
    l->drug_unit = s->values[NDC_UNIT];
    if (s->values[NDC].ptr && !l->drug_code.ptr)
        aver_sheet_find(s, true, "CSV-VALUE", NDC,
                        "an NDC has 11 digits, or three parts with hyphens, such as 00002-7512-01");
    if (s->values[NDC_UNITS].ptr && l->drug_units == 0 && !s->bad)
        aver_sheet_find(s, true, "CSV-VALUE", NDC_UNITS, "ndc_units must be above 0");
    if (l->drug_unit.ptr && !aver_drug_unit_valid(l->drug_unit))
        aver_sheet_find(s, true, "CSV-VALUE", NDC_UNIT, "the unit of a drug is " AVER_DRUG_UNITS);
}

static void read_line(struct reading *r, bool first)
{
    struct aver_sheet *s = &r->sheet;
    struct aver_arena *arena = r->intake->arena;
    struct aver_claim *c = r->claim;
    if (c->lines.count == AVER_CLAIM_LINES_MAX) {
        aver_sheet_find(s, true, "CSV-LINES", SIZE_MAX, "the claim has more than %d lines; split it",
                        AVER_CLAIM_LINES_MAX);
        return;
    }
    uint64_t number = c->lines.count + 1;
    struct aver_line *l = aver_list_add(arena, &c->lines, sizeof *l);
    aver_schema_init(&aver_line_schema, l);
    l->number = s->values[NUMBER].ptr ? aver_sheet_decimal(s, NUMBER, 0, 999999, "a whole number") : number;
    read_service(s, c, l);
    read_drug(s, l);
    l->charge = aver_sheet_money(s, CHARGE);
    l->units = aver_sheet_decimal(s, UNITS, 3, AVER_CLAIM_UNITS_MAX, "a number with at most three decimals");
    read_days(s, c, l);
    l->control_number = aver_sheet_text(s, LINE_CONTROL, 50);
    aver_bytes cell = s->values[MODIFIERS], word;
    while (aver_cell_word(&cell, &word)) {
        bool good = word.len == 2 && l->modifiers.count < 4;
        if (!good)
            aver_sheet_find(s, true, "CSV-VALUE", MODIFIERS,
                            "modifiers are at most four, each of two characters, with spaces between");
        if (!good) break;
        *(aver_bytes *)aver_list_add(arena, &l->modifiers, sizeof word) = word;
    }
    cell = s->values[POINTERS];
    while (aver_cell_word(&cell, &word)) {
        uint64_t pointer;
        bool good = aver_bytes_u64(&pointer, word) == AVER_OK && pointer > 0 &&
                    pointer <= c->diagnoses.count && l->diagnosis_pointers.count < 12;
        if (!good)
            aver_sheet_find(
                s, true, "CSV-VALUE", POINTERS,
                "diagnosis_pointers are numbers of the claim's %zu diagnoses, counted from 1, with spaces between",
                c->diagnoses.count);
        if (!good) break;
        *(uint64_t *)aver_list_add(arena, &l->diagnosis_pointers, sizeof pointer) = pointer;
    }
    if (!first) read_later_row(r, l);
    if (s->bad || c->type == AVER_CLAIM_INSTITUTIONAL) return;
    if (c->statement_from == AVER_NO_DAY || l->service_from < c->statement_from)
        c->statement_from = l->service_from;
    if (c->statement_to == AVER_NO_DAY || l->service_to > c->statement_to) c->statement_to = l->service_to;
}

/* A row that is no CSV between the rows of two claims is rejected by itself. */
static void give_up_orphan(struct reading *r)
{
    if (r->orphan != NONE)
        aver_intake_reject(r->intake, AVER_BYTES_NONE, row_place(r, &r->orphan_row), r->orphan);
    r->orphan = NONE;
}

static void close_claim(struct reading *r)
{
    struct aver_claim *c = r->claim;
    if (!c) return;
    struct aver_intake *intake = r->intake;
    c->source->length = r->end - c->source->offset;
    aver_bytes place = row_place(r, &r->first_row);
    struct aver_why why;
    if (r->rejected_by == NONE && aver_claim_check(c, &why) != AVER_OK) {
        r->rejected_by = intake->findings.count;
        const char *code = (const char *)aver_arena_copy(intake->arena, aver_bytes_str(why.code)).ptr;
        struct aver_finding *f = aver_intake_finding(intake, AVER_LEVEL_CLAIM, code);
        f->place = place;
        f->path = aver_arena_copy(intake->arena, aver_bytes_str(why.place));
        bool total = !strcmp(code, "CLAIM-TOTAL");
        aver_finding_say(intake, f, "%s%s", why.text,
                         total ? "; is a row missing, or does one stand apart from the others of its claim?"
                               : "");
        aver_finding_original(f, aver_bytes_cut(r->file, r->first_row.offset, r->first_row.length));
        f->at = (struct aver_position){
            .offset = r->first_row.offset, .line = r->first_row.line, .row = r->first_row.row};
    }
    for (size_t i = r->findings_from; i < intake->findings.count; i++) {
        struct aver_finding *f = &aver_intake_findings(intake)[i];
        if (r->orphan != NONE && i >= r->orphan && i != r->rejected_by) continue;
        f->claim = r->control;
        if (f->level == AVER_LEVEL_WARNING) continue;
        f->covers_from = c->source->offset;
        f->covers_to = r->end;
    }
    if (r->rejected_by == NONE)
        aver_intake_accept(intake, c, place);
    else
        aver_intake_reject(intake, r->control, place, r->rejected_by);
    r->claim = NULL;
}

static void read_row(struct reading *r)
{
    struct aver_sheet *s = &r->sheet;
    aver_bytes control = s->values[CONTROL];
    if (!control.ptr) { /* which claim it belongs to, the next row tells, if any does */
        give_up_orphan(r);
        struct aver_csv_row row = s->row;
        r->orphan = take_findings(r, &row);
        r->orphan_row = row;
        return;
    }
    bool same = r->claim && aver_bytes_eq(control, r->first[CONTROL]);
    if (same) {
        if (r->orphan != NONE && r->rejected_by == NONE) r->rejected_by = r->orphan;
        r->orphan = NONE;
    } else {
        close_claim(r);
        give_up_orphan(r);
        r->findings_from = r->intake->findings.count;
        r->rejected_by = NONE;
        read_claim(r);
    }
    read_line(r, !same);
    r->end = s->row.offset + s->row.length;
    size_t error = take_findings(r, &s->row);
    if (r->rejected_by == NONE) r->rejected_by = error;
}

static void refuse_file(struct reading *r)
{
    struct aver_csv_row row = r->sheet.row;
    size_t from = r->intake->findings.count;
    (void)take_findings(r, &row);
    for (size_t i = from; i < r->intake->findings.count; i++) {
        struct aver_finding *f = &aver_intake_findings(r->intake)[i];
        f->level = AVER_LEVEL_FILE;
        f->covers_from = 0;
        f->covers_to = r->file.len;
    }
}

void aver_csv_claims_read(struct aver_intake *intake, aver_bytes file)
{
    struct reading r = {.intake = intake, .file = file, .rejected_by = NONE, .orphan = NONE};
    if (file.len > AVER_INTAKE_FILE_MAX) {
        struct aver_finding *f = aver_intake_finding(intake, AVER_LEVEL_FILE, "CSV-FILE");
        aver_finding_say(intake, f,
                         "the file has %zu bytes, at most %zu are allowed; split it between claims", file.len,
                         (size_t)AVER_INTAKE_FILE_MAX);
        f->covers_to = file.len;
        return;
    }
    r.sha256 = aver_sha256(file);
    if (!aver_sheet_open(&r.sheet, file, columns, COLUMNS, intake->arena)) {
        refuse_file(&r);
        return;
    }
    static const size_t either[][2] = {{PROCEDURE, REVENUE}, {SERVICE_FROM, STATEMENT_FROM}};
    for (size_t i = 0; i < 2; i++)
        if (r.sheet.where[either[i][0]] == SIZE_MAX && r.sheet.where[either[i][1]] == SIZE_MAX) {
            aver_sheet_find_at(&r.sheet, true, "CSV-COLUMN", &r.sheet.row, columns[either[i][0]].name,
                               AVER_BYTES_NONE, "the column %s is missing; add it",
                               columns[either[i][0]].name);
            refuse_file(&r);
            return;
        }
    r.sheet.errors_max = r.sheet.warnings_max = SIZE_MAX;
    bool rows = false;
    while (aver_sheet_next(&r.sheet)) {
        rows = true;
        read_row(&r);
    }
    close_claim(&r);
    give_up_orphan(&r);
    if (rows) return;
    struct aver_finding *f = aver_intake_finding(intake, AVER_LEVEL_WARNING, "CSV-EMPTY");
    aver_finding_say(intake, f, "the file names its columns and has no rows: nothing is filed");
    f->place = AVER_LIT("line 1");
}
