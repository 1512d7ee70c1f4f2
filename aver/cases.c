/* aver/cases.c - reads test tables, as text and as CSV: see cases.h. */
#include "aver/cases.h"

#include <string.h>

#include "adapters/csv.h"
#include "aver/files.h"

const char *const aver_case_columns[AVER_COL_COUNT] = {
    "claim",           "member",      "provider", "day",  "procedure", "modifiers",    "diagnoses",
    "units",           "charge",      "place",    "auth", "received",  "frequency",    "assigned",
    "payer",           "postal",      "revenue",  "drg",  "statement", "admitted",     "drug",
    "allowed",         "adjustments", "because",  "paid", "status",    "claim status", "payee",
    "deductible used", "oop used",    "used"};

#define COL_TEST    AVER_COL_COUNT /* of CSV only */
#define COLUMNS_MAX (AVER_COL_COUNT + 1)

struct reading {
    struct aver_command *cmd;
    const char *path;
    struct aver_list *tests;
    struct aver_case_test *test; /* the last of them; NULL before the first */
    size_t columns[COLUMNS_MAX], columns_count;
};

static aver_err bad(struct reading *r, uint64_t line, const char *what, aver_bytes text)
{
    return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM",
                     aver_arena_printf(&r->cmd->arena, "%s:%llu", r->path, (unsigned long long)line),
                     "%s \"%.*s\"", what, AVER_STR(text));
}

static aver_bytes cut_before(aver_bytes *rest, char end)
{
    const uint8_t *p = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    aver_bytes head = p ? aver_bytes_cut(*rest, 0, (size_t)(p - rest->ptr)) : *rest;
    *rest = p ? aver_bytes_cut(*rest, head.len + 1, rest->len - head.len - 1) : AVER_BYTES_NONE;
    return aver_bytes_trim(head);
}

static void begin_test(struct reading *r, uint64_t line, aver_bytes title)
{
    r->test = aver_list_add(&r->cmd->arena, r->tests, sizeof *r->test);
    *r->test = (struct aver_case_test){.file = r->path, .line = line, .title = aver_bytes_trim(title)};
}

static aver_err add_column(struct reading *r, uint64_t line, aver_bytes name, size_t known)
{
    size_t i = 0;
    while (i < AVER_COL_COUNT && !aver_bytes_is(name, aver_case_columns[i])) i++;
    if (i == AVER_COL_COUNT && !(known > AVER_COL_COUNT && aver_bytes_is(name, "test"))) {
        aver_bytes word = aver_arena_copy(&r->cmd->arena, name);
        const char *near = aver_nearest_name((const char *)word.ptr, aver_case_columns, AVER_COL_COUNT);
        return bad(
            r, line,
            near ? aver_arena_printf(&r->cmd->arena, "did you mean the column \"%s\"? there is no", near)
                 : "there is no column",
            name);
    }
    for (size_t k = 0; k < r->columns_count; k++)
        if (r->columns[k] == i) return bad(r, line, "the column stands twice:", name);
    r->columns[r->columns_count++] = i;
    return AVER_OK;
}

/* What a row needs to be filed at all. */
static aver_err add_row(struct reading *r, const struct aver_case_row *row)
{
    static const enum aver_case_column needed[] = {AVER_COL_CLAIM, AVER_COL_MEMBER, AVER_COL_DAY,
                                                   AVER_COL_CHARGE};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!row->cell[needed[i]].ptr)
            return bad(r, row->line, "the row needs a", aver_bytes_str(aver_case_columns[needed[i]]));
    if (!row->cell[AVER_COL_PROCEDURE].ptr && !row->cell[AVER_COL_REVENUE].ptr)
        return bad(r, row->line, "the row needs a", AVER_LIT("procedure"));
    *(struct aver_case_row *)aver_list_add(&r->cmd->arena, &r->test->rows, sizeof *row) = *row;
    return AVER_OK;
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static aver_err read_table_line(struct reading *r, uint64_t line, aver_bytes rest)
{
    aver_bytes first = rest;
    if (!r->test) return bad(r, line, "a table needs \"scenario TITLE\" before it, not", rest);
    if (aver_bytes_is(cut_before(&first, '|'), "claim")) {
        r->columns_count = 0;
        while (rest.ptr) AVER_TRY(add_column(r, line, cut_before(&rest, '|'), AVER_COL_COUNT));
        return AVER_OK;
    }
    struct aver_case_row row = {.line = line};
    for (size_t i = 0; rest.ptr; i++) {
        aver_bytes cell = cut_before(&rest, '|');
        if (i >= r->columns_count) return bad(r, line, "more cells than columns at", cell);
        if (cell.len) row.cell[r->columns[i]] = cell;
    }
    return add_row(r, &row);
}

static aver_err read_setting(struct reading *r, uint64_t line, aver_bytes word, aver_bytes rest)
{
    static const char *const words[] = {"set", "without", "fee", "bundled", "cover"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!aver_bytes_is(word, words[i])) continue;
        if (!r->test) return bad(r, line, "a setting needs \"scenario TITLE\" before it:", word);
        if (r->test->rows.count) return bad(r, line, "a setting stands before the scenario's table:", word);
        aver_bytes name = cut_before(&rest, ' ');
        bool valued = i != AVER_SETTING_WITHOUT && i != AVER_SETTING_BUNDLED;
        if (!name.len || (valued && !aver_bytes_trim(rest).len))
            return bad(r, line, "it lacks a value:", word);
        struct aver_setting *s = aver_list_add(&r->cmd->arena, &r->test->settings, sizeof *s);
        *s = (struct aver_setting){(enum aver_setting_kind)i, name,
                                   valued ? aver_bytes_trim(rest) : AVER_BYTES_NONE, line};
        return AVER_OK;
    }
    return bad(r, line, "a line is scenario, set, without, fee, bundled, cover or a row of a table, not",
               word);
}

static aver_err read_text(struct reading *r, aver_bytes text)
{
    for (uint64_t number = 1; text.len; number++) {
        aver_bytes line = cut_before(&text, '\n'), rest;
        line = cut_before(&line, '#');
        if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
        rest = line;
        if (line.len == 0) continue;
        aver_bytes word = cut_before(&rest, ' ');
        if (aver_bytes_is(word, "scenario")) {
            begin_test(r, number, rest);
            r->columns_count = 0;
        } else if (memchr(line.ptr, '|', line.len)) {
            AVER_TRY(read_table_line(r, number, line));
        } else {
            AVER_TRY(read_setting(r, number, word, rest));
        }
    }
    return AVER_OK;
}

/* ---- CSV ------------------------------------------------------------------------------------------------------------- */

static aver_err read_csv_row(struct reading *r, const struct aver_csv_row *in)
{
    struct aver_case_row row = {.line = in->line};
    for (size_t i = 0; i < in->count; i++) {
        aver_bytes cell = aver_bytes_trim(in->fields[i]);
        if (!cell.len) continue;
        if (r->columns[i] != COL_TEST)
            row.cell[r->columns[i]] = cell;
        else if (!r->test || !aver_bytes_eq(r->test->title, cell))
            begin_test(r, in->line, cell);
    }
    if (!r->test)
        return bad(r, in->line, "the first row needs the test's title, in the column", AVER_LIT("test"));
    return add_row(r, &row);
}

static aver_err read_csv(struct reading *r, aver_bytes text)
{
    struct aver_csv csv;
    struct aver_csv_row row;
    aver_csv_open(&csv, text, &r->cmd->arena);
    for (;;) {
        enum aver_csv_step step = aver_csv_next(&csv, &row, &r->cmd->why);
        if (step == AVER_CSV_END) return AVER_OK;
        if (step == AVER_CSV_BAD) return bad(r, row.line, r->cmd->why.text, AVER_BYTES_NONE);
        if (row.row > 0) {
            AVER_TRY(read_csv_row(r, &row));
            continue;
        }
        if (row.count > COLUMNS_MAX) return bad(r, row.line, "too many columns", AVER_BYTES_NONE);
        for (size_t i = 0; i < row.count; i++)
            AVER_TRY(add_column(r, row.line, aver_bytes_trim(row.fields[i]), COLUMNS_MAX));
    }
}

aver_err aver_cases_read(struct aver_command *cmd, struct aver_list *tests, const char *path)
{
    struct reading r = {.cmd = cmd, .path = path, .tests = tests};
    struct aver_buf bytes = {0};
    size_t n = strlen(path);
    aver_err err = aver_path_read(&bytes, path, AVER_CASE_FILE_MAX, &cmd->why);
    aver_bytes text = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    return n > 4 && !strcmp(path + n - 4, ".csv") ? read_csv(&r, text) : read_text(&r, text);
}
