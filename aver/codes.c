/* aver/codes.c - see codes.h; aver codes load and list. */
#include "aver/codes.h"

#include <stdlib.h>

#include "adapters/csv_sheet.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/session.h"
#include "aver/sheet.h"
#include "aver/verbs.h"

#define CODE_MAX 16 /* bytes of a code */

const char *const aver_code_set_names[] = {NULL,        "carc",     "rarc",  "group",
                                           "procedure", "modifier", "place", "diagnosis"};

enum { COLUMN_SET, COLUMN_CODE, COLUMN_TEXT, COLUMNS };
static const struct aver_sheet_column columns[COLUMNS] = {
    {"code_set", true, true}, {"code", true, true}, {"text", true, true}};

static int by_code(const void *a, const void *b)
{
    const struct aver_code_text *x = a, *y = b;
    if (x->set != y->set) return x->set < y->set ? -1 : 1;
    int c = aver_bytes_cmp(x->code, y->code);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

/* Sorted, the last of each code. */
static void finish(struct aver_codes *codes)
{
    struct aver_code_text *t = codes->items.items;
    size_t n = 0;
    if (codes->items.count) qsort(t, codes->items.count, sizeof *t, by_code);
    for (size_t i = 0; i < codes->items.count; i++) {
        bool again =
            i + 1 < codes->items.count && t[i].set == t[i + 1].set && aver_bytes_eq(t[i].code, t[i + 1].code);
        if (!again) t[n++] = t[i];
    }
    codes->items.count = n;
}

/* As people write it: "E11.9" is the diagnosis E119. */
static aver_bytes plain_code(struct aver_arena *arena, aver_bytes code)
{
    char text[CODE_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < code.len && n < CODE_MAX; i++) {
        uint8_t c = code.ptr[i];
        if (c == '.') continue;
        text[n++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return aver_arena_copy(arena, aver_bytes_of(text, n));
}

static void read_rows(struct aver_sheet *sheet, struct aver_codes *out, struct aver_arena *arena)
{
    while (aver_sheet_next(sheet)) {
        uint64_t set = aver_sheet_enum(sheet, COLUMN_SET, aver_code_set_names, AVER_CODE_SETS);
        aver_bytes code = aver_sheet_text(sheet, COLUMN_CODE, CODE_MAX);
        aver_bytes text = aver_sheet_text(sheet, COLUMN_TEXT, AVER_CODES_TEXT_MAX);
        if (sheet->bad) continue;
        if (out->items.count >= AVER_CODES_MAX) {
            aver_sheet_find(sheet, true, "CODES-SIZE", SIZE_MAX,
                            "more than %d codes; leave out the sets that nobody reads", AVER_CODES_MAX);
            return;
        }
        struct aver_code_text *t = aver_list_add(arena, &out->items, sizeof *t);
        *t = (struct aver_code_text){set, plain_code(arena, code), text, out->items.count};
    }
}

static aver_err read_codes(struct aver_codes *out, const char *path, struct aver_arena *arena,
                           struct aver_list *findings, struct aver_why *why)
{
    struct aver_buf bytes = {0};
    struct aver_sheet sheet = {0};
    *out = (struct aver_codes){0};
    aver_err err = aver_path_read(&bytes, path, AVER_CODES_BYTES_MAX, why);
    aver_bytes csv = aver_arena_copy(arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    if (aver_sheet_open(&sheet, csv, columns, COLUMNS, arena)) read_rows(&sheet, out, arena);
    *findings = sheet.findings;
    finish(out);
    return aver_sheet_verdict(&sheet, path, why);
}

static const char *path_in(struct aver_arena *arena, const char *ledger)
{
    return aver_arena_printf(arena, "%s/codes.csv", ledger);
}

aver_err aver_codes_open(struct aver_codes *out, const char *ledger, struct aver_arena *arena,
                         struct aver_why *why)
{
    struct aver_list findings;
    struct aver_why absent;
    aver_err err = read_codes(out, path_in(arena, ledger), arena, &findings, &absent);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    if (err != AVER_OK) *why = absent;
    return err;
}

aver_bytes aver_codes_text(const struct aver_codes *codes, enum aver_code_set set, aver_bytes code)
{
    struct aver_code_text wanted = {.set = set, .code = code};
    const struct aver_code_text *t = codes ? codes->items.items : NULL;
    size_t lo = 0, hi = codes ? codes->items.count : 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        wanted.order = t[mid].order;
        int c = by_code(&t[mid], &wanted);
        if (c == 0) return t[mid].text;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return AVER_BYTES_NONE;
}

/* Always in quotes, and as it is: an explanation prints it, no spreadsheet opens it. */
static void put_field(struct aver_buf *out, bool first, aver_bytes text)
{
    aver_buf_str(out, first ? "\"" : ",\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') aver_buf_byte(out, '"');
        aver_buf_byte(out, text.ptr[i]);
    }
    aver_buf_byte(out, '"');
}

static void write_csv(struct aver_buf *out, const struct aver_codes *codes)
{
    const struct aver_code_text *t = codes->items.items;
    aver_buf_str(out, "code_set,code,text\n");
    for (size_t i = 0; i < codes->items.count; i++) {
        put_field(out, true, aver_bytes_str(aver_code_set_names[t[i].set]));
        put_field(out, false, t[i].code);
        put_field(out, false, t[i].text);
        aver_buf_byte(out, '\n');
    }
}

static void count_sets(const struct aver_codes *codes, uint64_t counts[AVER_CODE_SETS + 1])
{
    const struct aver_code_text *t = codes->items.items;
    for (size_t i = 0; i <= AVER_CODE_SETS; i++) counts[i] = 0;
    for (size_t i = 0; i < codes->items.count; i++) counts[t[i].set]++;
}

static void say_sets(struct aver_command *cmd, const struct aver_codes *codes, const uint64_t *given)
{
    uint64_t counts[AVER_CODE_SETS + 1];
    count_sets(codes, counts);
    for (size_t s = 1; s <= AVER_CODE_SETS; s++) {
        if (!counts[s]) continue;
        if (!cmd->json) {
            aver_print(cmd, "%-10s %8llu code%s%s\n", aver_code_set_names[s], (unsigned long long)counts[s],
                       counts[s] == 1 ? "" : "s", given && given[s] ? "  loaded" : "");
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "code_set", aver_code_set_names[s]);
        aver_json_field_uint(&w, "codes", counts[s]);
        if (given) {
            aver_json_key(&w, "loaded");
            aver_json_put_bool(&w, given[s] > 0);
        }
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
}

/* The sets of the file take the place of those that were kept; the others stay. */
static aver_err load(struct aver_command *cmd, struct aver_codes *codes, uint64_t *given)
{
    const char *ledger = aver_option(cmd, "ledger"), *path = cmd->args[0];
    struct aver_codes kept;
    struct aver_list findings = {0};
    struct aver_buf csv = {0};
    struct aver_session s = {0};
    AVER_TRY(aver_session_open(cmd, &s, AVER_LEDGER_READ)); /* that it is a ledger's directory */
    aver_session_close(&s);
    aver_err err = aver_codes_open(&kept, ledger, &cmd->arena, &cmd->why);
    if (err == AVER_E_INPUT) kept = (struct aver_codes){0}; /* replaced as a whole */
    if (err != AVER_E_INPUT) AVER_TRY(err);
    err = read_codes(codes, path, &cmd->arena, &findings, &cmd->why);
    aver_sheet_say(cmd, path, &findings);
    cmd->shown = err == AVER_E_INPUT && findings.count;
    AVER_TRY(err);
    count_sets(codes, given);
    const struct aver_code_text *t = kept.items.items;
    for (size_t i = 0; i < kept.items.count; i++)
        if (!given[t[i].set])
            *(struct aver_code_text *)aver_list_add(&cmd->arena, &codes->items, sizeof *t) = t[i];
    finish(codes);
    write_csv(&csv, codes);
    err = aver_path_write(path_in(&cmd->arena, ledger), aver_buf_view(&csv), 0600, true, &cmd->why);
    aver_buf_free(&csv);
    return err;
}

static int run_load(struct aver_command *cmd)
{
    struct aver_codes codes;
    uint64_t given[AVER_CODE_SETS + 1];
    AVER_CLI_TRY(cmd, load(cmd, &codes, given));
    say_sets(cmd, &codes, given);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_codes_load = {
    .name = "codes load",
    .args = "FILE.csv",
    .args_min = 1,
    .args_max = 1,
    .summary =
        "Keeps the texts of code lists that you have a licence to, for explanations; never in the log.",
    .more =
        "Columns: code_set (carc, rarc, group, procedure, modifier, place, diagnosis), code, text. A set that the file has\n"
        "takes the place of the one kept before. They lie in DIR/codes.csv; delete it and they are gone.",
    .options = options,
    .examples = {"aver codes load x12-reasons.csv --ledger summit",
                 "aver codes load cpt-2026.csv --ledger summit --json"},
    .run = run_load,
};

static int run_list(struct aver_command *cmd)
{
    struct aver_codes codes;
    AVER_CLI_TRY(cmd, aver_codes_open(&codes, aver_option(cmd, "ledger"), &cmd->arena, &cmd->why));
    if (!codes.items.count && !cmd->json)
        aver_note(cmd, "no texts are kept: explanations use this program's own short words");
    say_sets(cmd, &codes, NULL);
    return AVER_EXIT_DONE;
}

const struct aver_verb aver_verb_codes_list = {
    .name = "codes list",
    .args = "",
    .summary = "Says how many texts of each code list are kept.",
    .options = options,
    .examples = {"aver codes list --ledger summit", "aver codes list --ledger summit --json"},
    .run = run_list,
};
