/* adapters/csv_tables.c - see csv_tables.h. */
#include "adapters/csv_tables.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/code_forms.h"
#include "adapters/csv_ncci.h"
#include "adapters/x12_837.h"
#include "ledger/model/tx.h"

enum {
    FEE_CODE,
    FEE_PRICE,
    FEE_FROM,
    FEE_TO,
    FEE_MODIFIER,
    FEE_PLACE,
    FEE_LOCALITY,
    FEE_BUNDLED,
    FEE_DESCRIPTION,
    FEE_UNIT,
    FEE_COLUMNS
};
static const struct aver_sheet_column fee_columns[] = {
    {"code", true, true},       {"price", true, false},     {"from", true, true},
    {"to", false, false},       {"modifier", false, false}, {"place", false, false},
    {"locality", false, false}, {"bundled", false, false},  {"description", false, false},
    {"unit", false, false}};

enum { ROSTER_NPI, ROSTER_TIER, ROSTER_FROM, ROSTER_TO, ROSTER_DESCRIPTION, ROSTER_COLUMNS };
static const struct aver_sheet_column roster_columns[] = {{"npi", true, true},
                                                          {"tier", true, true},
                                                          {"from", true, true},
                                                          {"to", false, false},
                                                          {"description", false, false}};

enum { CODE_CODE, CODE_FROM, CODE_TO, CODE_DESCRIPTION, CODE_COLUMNS };
static const struct aver_sheet_column code_columns[] = {
    {"code", true, true}, {"from", true, true}, {"to", false, false}, {"description", false, false}};

/* The National Correct Coding Initiative's two tables, under the names that the published files' readers give their columns. */
enum { PAIR_ONE, PAIR_TWO, PAIR_INDICATOR, PAIR_FROM, PAIR_TO, PAIR_REASON, PAIR_COLUMNS };
static const struct aver_sheet_column pair_columns[] = {
    {"column1", true, true},     {"column2", true, true},   {"modifier_indicator", true, true},
    {"effective", false, false}, {"deleted", false, false}, {"rationale", false, false}};
enum { UNITS_CODE, UNITS_UNITS, UNITS_MAI, UNITS_FROM, UNITS_TO, UNITS_REASON, UNITS_SERVICE, UNITS_COLUMNS };
static const struct aver_sheet_column units_columns[] = {
    {"hcpcs_code", true, true},   {"mue_units", true, true}, {"mue_mai", true, true},
    {"effective", false, false},  {"deleted", false, false}, {"mue_rationale", false, false},
    {"mue_service", false, false}};

/* The Medicare physician fee schedule's relative values and indices, under the names that the published files' readers give. */
enum {
    RVU_CODE,
    RVU_WORK,
    RVU_PRACTICE,
    RVU_FACILITY,
    RVU_MALPRACTICE,
    RVU_FACTOR,
    RVU_MODIFIER,
    RVU_FROM,
    RVU_TO,
    RVU_SUMS,
    RVU_COLUMNS = RVU_SUMS + 5
};
static const struct aver_sheet_column rvu_columns[] = {{"hcpcs_code", true, true},
                                                       {"rvu_work", true, true},
                                                       {"rvu_non_pe", true, true},
                                                       {"rvu_fac_pe", true, true},
                                                       {"rvu_mp", true, true},
                                                       {"cf", true, true},
                                                       {"mod", false, false},
                                                       {"effective", false, false},
                                                       {"deleted", false, false},
                                                       {"rvu_non_sum", false, false},
                                                       {"rvu_fac_sum", false, false},
                                                       {"rvu_opps_non_pe", false, false},
                                                       {"rvu_opps_fac_pe", false, false},
                                                       {"rvu_opps_mp", false, false}};
enum {
    GPCI_MAC,
    GPCI_LOCALITY,
    GPCI_WORK,
    GPCI_PRACTICE,
    GPCI_MALPRACTICE,
    GPCI_FROM,
    GPCI_TO,
    GPCI_NAME,
    GPCI_COLUMNS = GPCI_NAME + 3
};
static const struct aver_sheet_column gpci_columns[] = {
    {"mac", true, true},       {"locality", true, true},        {"gpci_work", true, true},
    {"gpci_pe", true, true},   {"gpci_mp", true, true},         {"effective", false, false},
    {"deleted", false, false}, {"locality_name", false, false}, {"state", false, false},
    {"gpci_gaf", false, false}};
enum { LOCAL_ZIP, LOCAL_STATE, LOCAL_LOCALITY, LOCAL_FROM, LOCAL_TO, LOCAL_DESCRIPTION, LOCAL_COLUMNS };
static const struct aver_sheet_column local_columns[] = {
    {"postal_code", false, false}, {"state", false, false}, {"locality", true, true},
    {"from", true, true},          {"to", false, false},    {"description", false, false}};

/* The list of excluded individuals and entities of the US Department of Health's inspector general, as it is published. */
enum { LEIE_BUSINESS = 3, LEIE_NPI = 7, LEIE_TYPE = 13, LEIE_FROM, LEIE_BACK, LEIE_COLUMNS = 18 };
static const struct aver_sheet_column leie_columns[] = {
    {"LASTNAME", true, false}, {"FIRSTNAME", true, false},  {"MIDNAME", true, false},
    {"BUSNAME", true, false},  {"GENERAL", true, false},    {"SPECIALTY", true, false},
    {"UPIN", true, false},     {"NPI", true, true},         {"DOB", true, false},
    {"ADDRESS", true, false},  {"CITY", true, false},       {"STATE", true, false},
    {"ZIP", true, false},      {"EXCLTYPE", true, false},   {"EXCLDATE", true, true},
    {"REINDATE", true, false}, {"WAIVERDATE", true, false}, {"WVRSTATE", true, false}};
#define LEIE_BEGINS "LASTNAME"
#define LEIE_NONE   AVER_LIT("00000000") /* no such date */

struct line { /* a good row with its code and its place */
    aver_bytes code;
    struct aver_table_row row;
    struct aver_csv_row at;
};

static void read_days(struct aver_sheet *s, struct aver_table_row *r, size_t from, size_t to)
{
    r->from = aver_sheet_day(s, from);
    r->to = aver_sheet_day(s, to);
    if (r->from != AVER_NO_DAY && r->to != AVER_NO_DAY && r->to < r->from)
        aver_sheet_find(s, true, "TABLE-ROW", to, "the row ends before it begins; mend from or to");
}

/* As the table of indices names it: letters, digits and '-'. */
static aver_bytes locality_name(struct aver_sheet *s, size_t column)
{
    aver_bytes v = s->values[column];
    bool good = v.len <= AVER_TABLE_LOCALITY_MAX;
    for (size_t i = 0; good && i < v.len; i++)
        good =
            (v.ptr[i] >= '0' && v.ptr[i] <= '9') || (v.ptr[i] >= 'A' && v.ptr[i] <= 'Z') || v.ptr[i] == '-';
    if (good) return v;
    aver_sheet_find(s, true, "CSV-VALUE", column,
                    "a locality has at most %d capital letters, digits and '-', such as 10112-00",
                    AVER_TABLE_LOCALITY_MAX);
    return AVER_BYTES_NONE;
}

/* With a unit of measure the code is a drug's NDC, and without one it is none, so that no drug is priced by the vial where it is
 * billed by the milliliter. */
static void read_fee_code(struct aver_sheet *s, struct line *l)
{
    aver_bytes ndc = aver_ndc_digits(s->arena, s->values[FEE_CODE]);
    l->row.unit = s->values[FEE_UNIT];
    if (ndc.ptr && !l->row.unit.ptr)
        aver_sheet_find(s, true, "TABLE-ROW", FEE_UNIT,
                        "the price of an NDC is for a unit; write " AVER_DRUG_UNITS);
    else if (l->row.unit.ptr && !aver_drug_unit_valid(l->row.unit))
        aver_sheet_find(s, true, "CSV-VALUE", FEE_UNIT, "the unit of a drug is " AVER_DRUG_UNITS);
    else if (l->row.unit.ptr && s->values[FEE_CODE].ptr && !ndc.ptr)
        aver_sheet_find(
            s, true, "TABLE-ROW", FEE_CODE,
            "a price with a unit is a drug's, whose NDC has 11 digits, or three parts with hyphens");
    l->code = ndc.ptr ? ndc : aver_sheet_code(s, FEE_CODE, AVER_TABLE_CODE_MAX);
}

static void read_fee(struct aver_sheet *s, struct line *l)
{
    read_fee_code(s, l);
    read_days(s, &l->row, FEE_FROM, FEE_TO);
    l->row.modifier = aver_sheet_code(s, FEE_MODIFIER, 2);
    l->row.place = aver_sheet_code(s, FEE_PLACE, 2);
    l->row.locality = locality_name(s, FEE_LOCALITY);
    l->row.description = aver_sheet_text(s, FEE_DESCRIPTION, 120);
    l->row.bundled = aver_sheet_flag(s, FEE_BUNDLED);
    l->row.price = aver_sheet_decimal(s, FEE_PRICE, 6, AVER_TABLE_PRICE_MAX,
                                      "dollars a unit with up to six decimals, such as 0.0870");
    if (s->bad) return;
    if (l->row.bundled && l->row.price)
        aver_sheet_find(s, true, "TABLE-ROW", FEE_PRICE,
                        "a bundled service has no price of its own; empty one of the two");
    if (!l->row.bundled && !s->values[FEE_PRICE].ptr)
        aver_sheet_find(
            s, true, "TABLE-ROW", FEE_PRICE,
            "the price is empty; write it, or yes under bundled if another service pays for this one");
}

static bool has_ten_digits(aver_bytes npi)
{
    bool digits = npi.len == 10;
    for (size_t i = 0; i < npi.len; i++) digits &= npi.ptr[i] >= '0' && npi.ptr[i] <= '9';
    return digits;
}

static void read_provider(struct aver_sheet *s, struct line *l)
{
    l->code = s->values[ROSTER_NPI];
    bool digits = has_ten_digits(l->code);
    if (l->code.ptr && !digits) aver_sheet_find(s, true, "CSV-VALUE", ROSTER_NPI, "an NPI has ten digits");
    if (digits && !aver_npi_valid(l->code))
        aver_sheet_find(s, false, "TABLE-NPI", ROSTER_NPI,
                        "the check digit of this NPI is wrong; see that it is the right one");
    read_days(s, &l->row, ROSTER_FROM, ROSTER_TO);
    l->row.tier = aver_sheet_text(s, ROSTER_TIER, 40);
    l->row.description = aver_sheet_text(s, ROSTER_DESCRIPTION, 120);
    for (size_t i = 0; i < l->row.tier.len; i++) {
        uint8_t c = l->row.tier.ptr[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') continue;
        aver_sheet_find(s, true, "CSV-VALUE", ROSTER_TIER,
                        "a tier is a name of a-z, 0-9 and '_', as the policy's networks have it");
        break;
    }
}

static void read_code(struct aver_sheet *s, struct line *l)
{
    l->code = aver_sheet_code(s, CODE_CODE, AVER_TABLE_CODE_MAX);
    read_days(s, &l->row, CODE_FROM, CODE_TO);
    l->row.description = aver_sheet_text(s, CODE_DESCRIPTION, 120);
}

/* From the day of the exclusion to the day before the provider was taken back. Most have no NPI and are passed over. */
static bool has_no_npi(const struct aver_sheet *s)
{
    return !s->values[LEIE_NPI].ptr || aver_bytes_is(s->values[LEIE_NPI], "0000000000");
}

static bool read_excluded(struct aver_sheet *s, struct line *l)
{
    l->code = s->values[LEIE_NPI];
    if (has_no_npi(s)) return false;
    if (!has_ten_digits(l->code)) aver_sheet_find(s, true, "CSV-VALUE", LEIE_NPI, "an NPI has ten digits");
    if (aver_bytes_eq(s->values[LEIE_BACK], LEIE_NONE)) s->values[LEIE_BACK] = AVER_BYTES_NONE;
    read_days(s, &l->row, LEIE_FROM, LEIE_BACK);
    if (l->row.to != AVER_NO_DAY) l->row.to--;
    l->row.description = aver_sheet_text(s, LEIE_TYPE, 120);
    return l->row.to == AVER_NO_DAY || l->row.to >= l->row.from;
}

/* Without a first day a row holds from the beginning, and 9999-12-31 is no last one. */
static void read_ncci_days(struct aver_sheet *s, struct line *l, size_t from, size_t to)
{
    if (aver_bytes_is(s->values[to], "9999-12-31")) s->values[to] = AVER_BYTES_NONE;
    read_days(s, &l->row, from, to);
    if (!s->values[from].ptr) l->row.from = AVER_DAY_MIN;
}

static void read_pair(struct aver_sheet *s, struct line *l)
{
    l->code = aver_sheet_code(s, PAIR_ONE, AVER_TABLE_CODE_MAX);
    l->row.column_2 = aver_sheet_code(s, PAIR_TWO, AVER_TABLE_CODE_MAX);
    l->row.indicator = aver_sheet_decimal(s, PAIR_INDICATOR, 0, 9, "0, 1 or 9");
    if (!s->bad && l->row.indicator > 1 && l->row.indicator != 9)
        aver_sheet_find(s, true, "CSV-VALUE", PAIR_INDICATOR,
                        "0: never paid together, 1: with a modifier, 9: no longer; no other");
    read_ncci_days(s, l, PAIR_FROM, PAIR_TO);
    l->row.description = aver_sheet_text(s, PAIR_REASON, 120);
}

static void read_units(struct aver_sheet *s, struct line *l)
{
    l->code = aver_sheet_code(s, UNITS_CODE, AVER_TABLE_CODE_MAX);
    l->row.units = aver_sheet_decimal(s, UNITS_UNITS, 0, AVER_TABLE_UNITS_MAX, "a whole number of units");
    l->row.indicator = aver_sheet_decimal(s, UNITS_MAI, 0, 9, "1, 2 or 3");
    if (!s->bad && (l->row.indicator < 1 || l->row.indicator > 3))
        aver_sheet_find(s, true, "CSV-VALUE", UNITS_MAI, "1: a line; 2, 3: a day; no other");
    read_ncci_days(s, l, UNITS_FROM, UNITS_TO);
    l->row.description = aver_sheet_text(s, UNITS_REASON, 120);
}

static uint64_t relative(struct aver_sheet *s, size_t column)
{
    return aver_sheet_decimal(s, column, 4, AVER_TABLE_VALUE_MAX,
                              "a number with up to four decimals, such as 1.042");
}

/* False where the code has no value at all: it is priced by the contractor, or not at all. */
static bool read_rvus(struct aver_sheet *s, struct line *l)
{
    l->code = aver_sheet_code(s, RVU_CODE, AVER_TABLE_CODE_MAX);
    l->row.modifier = aver_sheet_code(s, RVU_MODIFIER, 2);
    l->row.work = relative(s, RVU_WORK);
    l->row.practice = relative(s, RVU_PRACTICE);
    l->row.practice_facility = relative(s, RVU_FACILITY);
    l->row.malpractice = relative(s, RVU_MALPRACTICE);
    l->row.price = aver_sheet_decimal(s, RVU_FACTOR, 6, AVER_TABLE_FACTOR_MAX,
                                      "a conversion factor with up to six decimals, such as 33.2875");
    read_ncci_days(s, l, RVU_FROM, RVU_TO);
    if (!s->bad && l->row.price == 0)
        aver_sheet_find(s, true, "CSV-VALUE", RVU_FACTOR,
                        "the conversion factor is zero; write that of the year");
    return l->row.work || l->row.practice || l->row.practice_facility || l->row.malpractice;
}

static void read_gpcis(struct aver_sheet *s, struct line *l)
{
    aver_bytes mac = aver_sheet_code(s, GPCI_MAC, 9), locality = aver_sheet_code(s, GPCI_LOCALITY, 2);
    l->row.work = relative(s, GPCI_WORK);
    l->row.practice = relative(s, GPCI_PRACTICE);
    l->row.malpractice = relative(s, GPCI_MALPRACTICE);
    l->row.description = aver_sheet_text(s, GPCI_NAME, 120);
    read_ncci_days(s, l, GPCI_FROM, GPCI_TO);
    if (!s->bad)
        l->code = aver_bytes_str(aver_arena_printf(s->arena, "%.*s-%.*s", AVER_STR(mac), AVER_STR(locality)));
}

static void read_locality(struct aver_sheet *s, struct line *l)
{
    aver_bytes zip = aver_sheet_code(s, LOCAL_ZIP, 5), area = aver_sheet_code(s, LOCAL_STATE, 2);
    read_days(s, &l->row, LOCAL_FROM, LOCAL_TO);
    l->row.tier = locality_name(s, LOCAL_LOCALITY);
    l->row.description = aver_sheet_text(s, LOCAL_DESCRIPTION, 120);
    l->code = zip.ptr ? zip : area;
    if (s->bad) return;
    if (!zip.ptr == !area.ptr)
        aver_sheet_find(s, true, "TABLE-ROW", LOCAL_ZIP, "write a postal code or a state, one of both");
    else if (l->code.len != (zip.ptr ? 5u : 2u))
        aver_sheet_find(s, true, "CSV-VALUE", zip.ptr ? LOCAL_ZIP : LOCAL_STATE,
                        "a postal code has five digits, a state two letters");
}

static int line_order(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int c = aver_bytes_cmp(x->code, y->code);
    if (c == 0) c = aver_table_row_cmp(&x->row, &y->row);
    return c ? c : x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

static int end_order(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int c = aver_bytes_cmp(x->code, y->code);
    if (c == 0) c = aver_bytes_cmp(x->row.column_2, y->row.column_2);
    bool x_open = x->row.to == AVER_NO_DAY, y_open = y->row.to == AVER_NO_DAY;
    if (c == 0) c = x_open != y_open ? x_open - y_open : (x->row.to > y->row.to) - (x->row.to < y->row.to);
    return c ? c : x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

/* Edits that tell only when they ended: one that came back began after the one before it was over. */
static void chain(struct line *lines, size_t n)
{
    if (n) qsort(lines, n, sizeof *lines, end_order);
    for (size_t i = 1; i < n; i++)
        if (aver_bytes_eq(lines[i - 1].code, lines[i].code) &&
            aver_bytes_eq(lines[i - 1].row.column_2, lines[i].row.column_2) &&
            lines[i - 1].row.to != AVER_NO_DAY && lines[i - 1].row.to != lines[i].row.to)
            lines[i].row.from = lines[i - 1].row.to + 1;
}

/* The rows of each code, which lie side by side after sorting. Of rows with the same modifier and place the one that holds
 * longest so far is compared with the next. */
static void group(struct aver_sheet *s, struct aver_table *out, struct line *lines, size_t n, bool merge)
{
    struct aver_table_entry *entry = NULL;
    const struct line *longest = NULL;
    for (size_t i = 0; i < n; i++) {
        struct line *l = &lines[i];
        bool same_code = entry && aver_bytes_eq(entry->code, l->code);
        bool overlaps = same_code && aver_table_row_overlaps(&longest->row, &l->row);
        if (overlaps && merge) { /* the longer holds */
            struct aver_table_row *last = (struct aver_table_row *)entry->rows.items + entry->rows.count - 1;
            if (last->to != AVER_NO_DAY && (l->row.to == AVER_NO_DAY || l->row.to > last->to))
                last->to = l->row.to, longest = l;
            continue;
        }
        if (overlaps) {
            aver_sheet_find_at(
                s, true, "TABLE-OVERLAP", &l->at,
                out->kind >= AVER_TABLE_PAIRS && out->kind != AVER_TABLE_LOCALITIES ? "effective" : "from",
                AVER_BYTES_NONE,
                "%.*s on line %zu holds on days that line %zu holds too; end the one before the other begins",
                AVER_STR(l->code), (size_t)l->at.line, (size_t)longest->at.line);
            continue;
        }
        longest = l;
        if (!same_code) {
            entry = aver_list_add(s->arena, &out->entries, sizeof *entry);
            entry->code = l->code;
        }
        *(struct aver_table_row *)aver_list_add(s->arena, &entry->rows, sizeof l->row) = l->row;
        if (entry->rows.count == AVER_TABLE_ROWS_MAX + 1)
            aver_sheet_find_at(s, true, "TABLE-SIZE", &l->at, "code", l->code,
                               "the code has more than %d rows", AVER_TABLE_ROWS_MAX);
    }
    struct aver_csv_row first = {.line = 1};
    if (out->entries.count > AVER_TABLE_ENTRIES_MAX)
        aver_sheet_find_at(s, true, "TABLE-SIZE", &first, NULL, AVER_BYTES_NONE,
                           "%zu codes, at most %d are allowed; split the table", out->entries.count,
                           AVER_TABLE_ENTRIES_MAX);
}

static void read_rows(struct aver_sheet *s, struct aver_table *out, bool leie)
{
    struct aver_list lines = {0};
    struct aver_csv_row first = {.line = 1};
    size_t unnumbered = 0;
    while (aver_sheet_next(s)) {
        if (s->bad) continue;
        unnumbered += leie && has_no_npi(s);
        struct line l = {.row = {.from = AVER_NO_DAY, .to = AVER_NO_DAY}, .at = s->row};
        switch ((enum aver_table_kind)out->kind) {
        case AVER_TABLE_FEES: read_fee(s, &l); break;
        case AVER_TABLE_ROSTER: read_provider(s, &l); break;
        case AVER_TABLE_CODES:
            if (leie && !read_excluded(s, &l)) continue;
            if (!leie) read_code(s, &l);
            break;
        case AVER_TABLE_PAIRS: read_pair(s, &l); break;
        case AVER_TABLE_UNITS: read_units(s, &l); break;
        case AVER_TABLE_RVUS:
            if (!read_rvus(s, &l)) continue;
            break;
        case AVER_TABLE_GPCIS: read_gpcis(s, &l); break;
        case AVER_TABLE_LOCALITIES: read_locality(s, &l); break;
        }
        if (!s->bad) *(struct line *)aver_list_add(s->arena, &lines, sizeof l) = l;
    }
    if (unnumbered)
        aver_sheet_find_at(s, false, "TABLE-LEIE", &first, "NPI", AVER_BYTES_NONE,
                           "%zu of those excluded have no NPI and are not in the table: it bars none of them",
                           unnumbered);
    if (out->kind == AVER_TABLE_PAIRS && s->where[PAIR_FROM] == SIZE_MAX) chain(lines.items, lines.count);
    if (lines.count) qsort(lines.items, lines.count, sizeof(struct line), line_order);
    group(s, out, lines.items, lines.count, leie);
}

/* The list begins with its own columns, after a byte order mark or with quotes or without. */
static bool is_leie(aver_bytes csv)
{
    if (csv.len >= 3 && !memcmp(csv.ptr, "\xef\xbb\xbf", 3)) csv = aver_bytes_cut(csv, 3, csv.len - 3);
    if (csv.len && csv.ptr[0] == '"') csv = aver_bytes_cut(csv, 1, csv.len - 1);
    return csv.len >= sizeof LEIE_BEGINS - 1 && !memcmp(csv.ptr, LEIE_BEGINS, sizeof LEIE_BEGINS - 1);
}

aver_err aver_table_from_csv(struct aver_table *out, aver_bytes name, enum aver_table_kind kind,
                             const char *file_name, aver_bytes csv, struct aver_arena *arena,
                             struct aver_list *findings, struct aver_why *why)
{
    static const struct {
        const struct aver_sheet_column *columns;
        size_t count;
    } sheets[] = {{NULL, 0},
                  {fee_columns, FEE_COLUMNS},
                  {roster_columns, ROSTER_COLUMNS},
                  {code_columns, CODE_COLUMNS},
                  {pair_columns, PAIR_COLUMNS},
                  {units_columns, UNITS_COLUMNS},
                  {rvu_columns, RVU_COLUMNS},
                  {gpci_columns, GPCI_COLUMNS},
                  {local_columns, LOCAL_COLUMNS}};
    *out = (struct aver_table){.name = name, .kind = kind, .source = aver_sha256(csv)};
    aver_bytes published = aver_ncci_normal(kind, csv, arena);
    if (published.ptr) csv = published;
    struct aver_sheet sheet;
    struct aver_csv_row first = {.line = 1};
    bool leie = kind == AVER_TABLE_CODES && is_leie(csv);
    bool open = aver_sheet_open(&sheet, csv, leie ? leie_columns : sheets[kind].columns,
                                leie ? LEIE_COLUMNS : sheets[kind].count, arena);
    if (!aver_name_valid(name))
        aver_sheet_find_at(&sheet, true, "TABLE-NAME", &first, NULL, name,
                           "a table's name is of a-z, 0-9, '.', '_' and '-', at most 64 long");
    if (csv.len > AVER_TABLE_BYTES_MAX)
        aver_sheet_find_at(&sheet, true, "TABLE-SIZE", &first, NULL, AVER_BYTES_NONE,
                           "the file has %zu bytes, at most %d are allowed; split the table", csv.len,
                           AVER_TABLE_BYTES_MAX);
    else if (open)
        read_rows(&sheet, out, leie);
    if (open && !sheet.errors && !out->entries.count)
        aver_sheet_find_at(&sheet, false, "TABLE-EMPTY", &first, NULL, AVER_BYTES_NONE,
                           "the table has no row: it knows no code on any day");
    *findings = sheet.findings;
    return aver_sheet_verdict(&sheet, file_name, why);
}
