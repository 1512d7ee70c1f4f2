/* aver/sheet.c - see sheet.h. */
#include "aver/sheet.h"

#include "aver/output.h"

#include <string.h>

/* The value as it stands in the column; of a member's rows, whose they are. */
static const char *value_words(struct aver_arena *arena, const struct aver_sheet_finding *f)
{
    if (!f->column.len || !f->value.len) return "";
    bool whose = !strncmp(f->code, "MEMBER-", 7) && !aver_bytes_is(f->column, "member_id");
    return aver_arena_printf(arena, whose ? ", of %.*s" : ": \"%.*s\"", AVER_STR(f->value));
}

void aver_sheet_say(struct aver_command *cmd, const char *path, const struct aver_list *findings)
{
    const struct aver_sheet_finding *f = findings->items;
    for (size_t i = 0; i < findings->count; i++)
        aver_note(cmd, "%s: %.*s [%s] (%s:%llu%s%.*s%s)", f[i].error ? "error" : "warning",
                  AVER_STR(f[i].text), f[i].code, path, (unsigned long long)f[i].line,
                  f[i].column.len ? ", column " : "", AVER_STR(f[i].column), value_words(&cmd->arena, &f[i]));
}

void aver_sheet_json(struct aver_json_writer *w, const struct aver_list *findings)
{
    const struct aver_sheet_finding *f = findings->items;
    aver_json_key(w, "findings");
    aver_json_begin_array(w);
    for (size_t i = 0; i < findings->count; i++) {
        aver_json_begin_object(w);
        aver_json_field_str(w, "severity", f[i].error ? "error" : "warning");
        aver_json_field_str(w, "code", f[i].code);
        aver_json_field_uint(w, "line", f[i].line);
        aver_json_field_uint(w, "row", f[i].row);
        aver_json_field(w, "column", f[i].column);
        aver_json_field(w, "text", f[i].text);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}
