/* aver/publish.c - see publish.h; and aver approve, the second person's command. */
#include "aver/publish.h"

#include "aver/output.h"
#include "aver/verbs.h"

struct one {
    const struct aver_publication *publication; /* NULL when only approving */
    aver_digest digest;
    char hex[65];
    bool published, approved; /* before this command */
    struct aver_artifact_state state;
};

static aver_err standing(struct aver_command *cmd, struct aver_session *s, struct one *o)
{
    aver_err err = aver_session_get(cmd, s, &aver_artifact_state_schema, &o->state,
                                    aver_arena_printf(&cmd->arena, "a/%s", o->hex));
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    o->published = true;
    o->approved = o->state.approved != 0;
    return AVER_OK;
}

static aver_err propose(struct aver_command *cmd, struct aver_session *s, struct one *ones, size_t count)
{
    struct aver_list items = {0};
    for (size_t i = 0; i < count; i++) {
        AVER_TRY(aver_artifact_digest(&ones[i].digest, ones[i].publication, &cmd->arena, &cmd->why));
        aver_hex(ones[i].hex, aver_digest_bytes(&ones[i].digest));
        AVER_TRY(standing(cmd, s, &ones[i]));
        if (!ones[i].published)
            AVER_TRY(aver_session_add(cmd, &items, &aver_publication_schema, ones[i].publication));
    }
    return items.count ? aver_session_act(cmd, s, AVER_TX_PUBLISH, &items) : AVER_OK;
}

static aver_err approve(struct aver_command *cmd, struct aver_session *s, const struct one *ones,
                        size_t count)
{
    struct aver_list items = {0};
    for (size_t i = 0; i < count; i++) {
        struct aver_approval approval = {ones[i].digest};
        if (!ones[i].approved) AVER_TRY(aver_session_add(cmd, &items, &aver_approval_schema, &approval));
    }
    return items.count ? aver_session_act(cmd, s, AVER_TX_APPROVE, &items) : AVER_OK;
}

static void say(struct aver_command *cmd, const struct one *o, bool in_force)
{
    const char *kind = aver_artifact_kind_names[o->publication->kind], *ledger = aver_option(cmd, "ledger");
    const char *next =
        aver_arena_printf(&cmd->arena, "aver approve %s --ledger %s --key SECOND.key", o->hex, ledger);
    const char *how = o->approved ? "unchanged" : in_force ? "in force" : "waiting";
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "kind", kind);
        aver_json_field(&w, "name", o->publication->name);
        aver_json_field_str(&w, "digest", o->hex);
        aver_json_field_str(&w, "standing", how);
        if (!in_force) aver_json_field_str(&w, "next", next);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(cmd, "%s %.*s  %s  %s\n", kind, AVER_STR(o->publication->name), o->hex,
               o->approved ? "in force already, unchanged"
               : in_force  ? "in force"
                           : "waits for the second person, who runs:");
    if (!in_force) aver_print(cmd, "  %s\n", next);
}

static aver_err publish(struct aver_command *cmd, struct aver_session *s, struct one *ones, size_t count)
{
    AVER_TRY(aver_session_key(cmd, s, "key"));
    AVER_TRY(propose(cmd, s, ones, count));
    if (!aver_option(cmd, "approve-key")) return AVER_OK;
    AVER_TRY(aver_session_key(cmd, s, "approve-key"));
    return approve(cmd, s, ones, count);
}

int aver_publish(struct aver_command *cmd, struct aver_session *s, const struct aver_list *publications)
{
    struct one *ones = AVER_NEW_ARRAY(&cmd->arena, struct one, publications->count);
    const struct aver_publication *p = publications->items;
    for (size_t i = 0; i < publications->count; i++) ones[i].publication = &p[i];
    AVER_CLI_TRY(cmd, publish(cmd, s, ones, publications->count));
    bool second = aver_option(cmd, "approve-key");
    for (size_t i = 0; i < publications->count; i++) say(cmd, &ones[i], ones[i].approved || second);
    return AVER_EXIT_DONE;
}

aver_err aver_in_force(struct aver_command *cmd, struct aver_session *s, const char *prefix, aver_bytes name,
                       aver_digest *out)
{
    struct aver_name_state state;
    struct aver_buf text = {0};
    aver_buf_str(&text, prefix);
    aver_name_escape(&text, name);
    aver_buf_byte(&text, 0);
    aver_err err = text.len <= AVER_STATE_NAME_MAX
                       ? aver_session_get(cmd, s, &aver_name_state_schema, &state, (const char *)text.ptr)
                       : AVER_E_NOT_FOUND;
    aver_buf_free(&text);
    AVER_TRY(err);
    *out = state.artifact;
    return AVER_OK;
}

static aver_err run_approvals(struct aver_command *cmd, struct aver_session *s, struct one *ones)
{
    for (size_t i = 0; i < cmd->args_count; i++)
        if (aver_unhex(ones[i].digest.b, sizeof ones[i].digest.b, aver_bytes_str(cmd->args[i])) != AVER_OK)
            return aver_usage(cmd, "a digest is 64 hexadecimal digits, as the publishing command printed it");
    AVER_TRY(aver_session_key(cmd, s, "key"));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    AVER_TRY(approve(cmd, s, ones, cmd->args_count));
    for (size_t i = 0; i < cmd->args_count; i++) {
        aver_hex(ones[i].hex, aver_digest_bytes(&ones[i].digest));
        AVER_TRY(standing(cmd, s, &ones[i]));
    }
    return AVER_OK;
}

static int run_approve(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct one *ones = AVER_NEW_ARRAY(&cmd->arena, struct one, cmd->args_count);
    aver_err err = run_approvals(cmd, &s, ones);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    for (size_t i = 0; i < cmd->args_count; i++) {
        const struct aver_artifact_state *state = &ones[i].state;
        const char *kind = aver_artifact_kind_names[state->kind];
        if (!cmd->json) {
            aver_print(cmd, "%s %.*s  %s  in force\n", kind, AVER_STR(state->name), ones[i].hex);
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "kind", kind);
        aver_json_field(&w, "name", state->name);
        aver_json_field_str(&w, "digest", ones[i].hex);
        aver_json_field_str(&w, "standing", "in force");
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
    return AVER_EXIT_DONE;
}

static const struct aver_option approve_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_approve = {
    .name = "approve",
    .args = "DIGEST...",
    .args_min = 1,
    .args_max = 100,
    .summary = "Puts what another person published in force: a contract, a policy, a table.",
    .options = approve_options,
    .examples = {"aver approve DIGEST --ledger summit --key compliance.key",
                 "aver approve DIGEST DIGEST DIGEST --key compliance.key --json"},
    .run = run_approve,
};
