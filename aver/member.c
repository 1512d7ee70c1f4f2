/* aver/member.c - aver member import and list: enrolment. */
#include "aver/output.h"
#include "aver/session.h"
#include "aver/verbs.h"

#include <string.h>

static void list_member(struct aver_command *cmd, const struct aver_family *family,
                        const struct aver_member *m)
{
    const struct aver_cover *cover = m->covers.items;
    for (size_t i = 0; i < m->covers.count; i++) {
        char from[AVER_DAY_TEXT], to[AVER_DAY_TEXT] = "";
        aver_day_iso(from, cover[i].from);
        if (cover[i].to != AVER_NO_DAY) aver_day_iso(to, cover[i].to);
        if (!cmd->json) {
            aver_print(cmd, "%-20.*s %-16.*s %-7s %-24.*s %s to %s\n", AVER_STR(m->member_id),
                       AVER_STR(family->family_id), aver_relationship_names[m->relationship],
                       AVER_STR(cover[i].plan), from, *to ? to : "open");
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "member_id", m->member_id);
        aver_json_field(&w, "family_id", family->family_id);
        aver_json_field_str(&w, "relationship", aver_relationship_names[m->relationship]);
        aver_json_field(&w, "plan", cover[i].plan);
        aver_json_field(&w, "group_number", cover[i].group_number);
        aver_json_field_str(&w, "from", from);
        if (*to) aver_json_field_str(&w, "to", to);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
}

static aver_err list_family(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_command *cmd = user;
    struct aver_arena arena = {0};
    struct aver_family family = {0};
    if (memchr(name.ptr + 2, '/', name.len - 2)) return AVER_OK; /* what the family used, not the family */
    aver_err err = aver_schema_read(stored.record, &aver_family_schema, &family, &arena, why);
    const struct aver_member *m = family.members.items;
    for (size_t i = 0; err == AVER_OK && i < family.members.count; i++) list_member(cmd, &family, &m[i]);
    aver_arena_free(&arena);
    return err;
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "f/", list_family, cmd, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_member_list = {
    .name = "member list",
    .args = "",
    .summary = "Lists members and their periods of cover, without names or dates of birth.",
    .options = list_options,
    .examples = {"aver member list --ledger summit", "aver member list --ledger summit --json"},
    .run = run_list,
};
