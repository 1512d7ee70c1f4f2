/* aver/claims.c - see claims.h. */
#include "aver/claims.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static aver_err open_body(struct aver_command *cmd, struct aver_session *s, struct aver_found *out)
{
    struct aver_opened opened;
    AVER_TRY(aver_ledger_item(s->ledger, out->state.entry, &opened, &cmd->arena, &cmd->why));
    AVER_TRY(aver_schema_read(opened.body.item, &aver_claim_schema, &out->claim, &cmd->arena, &cmd->why));
    AVER_TRY(aver_schema_read(opened.receipt, &aver_receipt_schema, &out->receipt, &cmd->arena, &cmd->why));
    out->decision = out->receipt.decision;
    if (!out->decision)
        return aver_fail(&cmd->why, AVER_E_CORRUPT, "CLAIM-RECEIPT", out->id,
                         "the receipt of this claim carries no decision; run aver audit");
    return AVER_OK;
}

aver_err aver_claim_load(struct aver_command *cmd, struct aver_session *s, aver_bytes id,
                         struct aver_found *out)
{
    memset(out, 0, sizeof *out);
    aver_err err = AVER_E_NOT_FOUND;
    if (id.len == AVER_CLAIM_ID_BYTES) {
        for (size_t i = 0; i < id.len; i++) out->id[i] = (char)toupper(id.ptr[i]);
        err = aver_session_get(cmd, s, &aver_claim_state_schema, &out->state,
                               aver_arena_printf(&cmd->arena, "c/%s", out->id));
    }
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "CLAIM-UNKNOWN", "",
                         "this ledger has no claim of that id or patient control "
                         "number; aver claim list shows those it has");
    AVER_TRY(err);
    return open_body(cmd, s, out);
}

struct collecting {
    struct aver_command *cmd;
    struct aver_list *rows;
};

static aver_err collect(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct collecting *c = user;
    struct aver_claim_row *row = aver_list_add(&c->cmd->arena, c->rows, sizeof *row);
    row->id = aver_arena_copy(&c->cmd->arena, aver_bytes_cut(name, 2, name.len - 2));
    return aver_schema_read(aver_arena_copy(&c->cmd->arena, stored.record), &aver_claim_state_schema,
                            &row->state, &c->cmd->arena, why);
}

static int by_entry(const void *a, const void *b)
{
    uint64_t x = ((const struct aver_claim_row *)a)->state.entry,
             y = ((const struct aver_claim_row *)b)->state.entry;
    return x < y ? -1 : x > y;
}

aver_err aver_claim_rows(struct aver_command *cmd, struct aver_session *s, struct aver_list *rows)
{
    struct collecting c = {cmd, rows};
    AVER_TRY(aver_ledger_names(s->ledger, "c/", collect, &c, &cmd->why));
    if (rows->count) qsort(rows->items, rows->count, sizeof(struct aver_claim_row), by_entry);
    return AVER_OK;
}

aver_err aver_claim_find(struct aver_command *cmd, struct aver_session *s, const char *word,
                         struct aver_found *out)
{
    aver_bytes wanted = aver_bytes_str(word), id = AVER_BYTES_NONE;
    aver_err err = aver_claim_load(cmd, s, wanted, out);
    if (err == AVER_OK || strcmp(cmd->why.code, "CLAIM-UNKNOWN")) return err;
    struct aver_list rows = {0};
    AVER_TRY(aver_claim_rows(cmd, s, &rows));
    const struct aver_claim_row *row = rows.items;
    size_t matches = 0;
    for (size_t i = 0; i < rows.count; i++)
        if (aver_bytes_eq(row[i].state.control, wanted)) id = row[i].id, matches++;
    if (matches > 1)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "CLAIM-AMBIGUOUS", "",
                         "%zu claims have this patient control number: name one by its id (aver claim list)",
                         matches);
    return aver_claim_load(cmd, s, id, out);
}

const struct aver_line *aver_claim_line(const struct aver_claim *claim, uint64_t number)
{
    const struct aver_line *line = claim->lines.items;
    for (size_t i = 0; i < claim->lines.count; i++)
        if (line[i].number == number) return &line[i];
    return NULL;
}

const char *aver_billed_words(struct aver_arena *arena, const struct aver_line *line)
{
    if (!line) return "";
    if (line->procedure.ptr || !line->revenue_code.ptr)
        return aver_arena_printf(arena, "%.*s", AVER_STR(line->procedure));
    return aver_arena_printf(arena, "rev %.*s", AVER_STR(line->revenue_code));
}

const char *aver_units_words(struct aver_arena *arena, uint64_t thousandths)
{
    char *text = aver_arena_printf(arena, "%llu.%03u", (unsigned long long)(thousandths / 1000),
                                   (unsigned)(thousandths % 1000));
    size_t n = strlen(text);
    while (text[n - 1] == '0') n--;
    if (text[n - 1] == '.') n--;
    text[n] = 0;
    return text;
}

int64_t aver_line_owed(const struct aver_line_decision *line)
{
    int64_t owed = 0;
    const struct aver_adjustment *a = line->adjustments.items;
    for (size_t i = 0; i < line->adjustments.count; i++)
        if (a[i].group == AVER_GROUP_PR) owed += a[i].amount.cents;
    return owed;
}

const char *aver_reason_words(struct aver_arena *arena, const struct aver_adjustment *adjustment)
{
    return aver_arena_printf(arena, "%s-%.*s", aver_group_names[adjustment->group],
                             AVER_STR(adjustment->carc));
}

const char *aver_time_words(struct aver_arena *arena, int64_t ms)
{
    char day[AVER_DAY_TEXT];
    int64_t in_day = (ms % DAY_MS + DAY_MS) % DAY_MS / 1000;
    return aver_arena_printf(arena, "%s %02d:%02d:%02d UTC", aver_day_iso(day, aver_day_of_ms(ms)),
                             (int)(in_day / 3600), (int)(in_day / 60 % 60), (int)(in_day % 60));
}
