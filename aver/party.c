/* aver/party.c - aver party add, list, revoke: who may sign what. */
#include "aver/output.h"
#include "aver/session.h"
#include "aver/verbs.h"

static aver_err public_key(struct aver_command *cmd, aver_bytes *out)
{
    const char *hex = aver_option(cmd, "public"), *file = aver_option(cmd, "key-file");
    if (!hex == !file)
        return aver_usage(cmd, "the party's key is needed: --public HEX or --key-file FILE, one of them");
    uint8_t *bytes = aver_arena_alloc(&cmd->arena, 32);
    *out = aver_bytes_of(bytes, 32);
    if (hex) {
        if (aver_unhex(bytes, 32, aver_bytes_str(hex)) != AVER_OK)
            return aver_usage(cmd, "--public takes 64 hexadecimal digits, as aver key show prints them");
        return AVER_OK;
    }
    struct aver_key key;
    AVER_TRY(aver_key_read(&key, file, &cmd->why));
    for (size_t i = 0; i < 32; i++) bytes[i] = key.public_key.b[i];
    aver_key_wipe(&key);
    return AVER_OK;
}

/* Sends one act and says what came of it. */
static aver_err act_one(struct aver_command *cmd, struct aver_session *s, const struct aver_party_act *act,
                        const char *said)
{
    struct aver_list items = {0};
    AVER_TRY(aver_session_add(cmd, &items, &aver_party_act_schema, act));
    AVER_TRY(aver_session_key(cmd, s, "key"));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    AVER_TRY(aver_session_act(cmd, s, AVER_TX_PARTY, &items));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "party", act->party);
        aver_json_field_str(&w, "standing", act->action == AVER_PARTY_ADD ? "in force" : "revoked");
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "%.*s %s\n", AVER_STR(act->party), said);
    }
    return AVER_OK;
}

static int run_add(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_party_act act = {.action = AVER_PARTY_ADD,
                                 .party = aver_bytes_str(cmd->args[0]),
                                 .name = aver_bytes_str(aver_option(cmd, "name")),
                                 .npi = aver_bytes_str(aver_option(cmd, "npi"))};
    AVER_CLI_TRY(cmd, aver_option_choice(cmd, "role", aver_role_names, AVER_ROLE_MAX, &act.role));
    AVER_CLI_TRY(cmd, public_key(cmd, &act.public_key));
    aver_err err = act_one(cmd, &s, &act, "may sign from now on");
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option add_options[] = {
    {"role", "ROLE", true, "insurer, provider, auditor, patient or regulator", NULL},
    {"name", "TEXT", true, "the party's name", NULL},
    {"npi", "N", false, "a provider's NPI", NULL},
    {"public", "HEX", false, "the party's public key", NULL},
    {"key-file", "FILE", false, "or the key file that holds it", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_KEY,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_party_add = {
    .name = "party add",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Adds a party with its first key. An insurer signs.",
    .options = add_options,
    .examples =
        {"aver party add clinic --role provider --name \"Ridge Clinic\" --npi 1234567893 --key-file clinic.key --key operations.key",
         "aver party add auditor-1 --role auditor --name \"Fell & Co\" --public HEX --ledger summit --key operations.key"},
    .run = run_add,
};

static int run_revoke(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_party_act act = {.action = AVER_PARTY_REVOKE,
                                 .party = aver_bytes_str(cmd->args[0]),
                                 .reason = aver_bytes_str(aver_option(cmd, "reason"))};
    aver_err err = act_one(cmd, &s, &act, "is revoked: none of its keys signs any more");
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option revoke_options[] = {
    {"reason", "TEXT", true, "why; it stands in the log", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_KEY,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_party_revoke = {
    .name = "party revoke",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Revokes a party and with it all its keys. An insurer signs.",
    .options = revoke_options,
    .examples = {"aver party revoke clinic --reason \"contract ended\" --ledger summit --key operations.key",
                 "aver party revoke auditor-1 --reason \"term over\" --key compliance.key"},
    .run = run_revoke,
};

static aver_err list_one(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_command *cmd = user;
    struct aver_party_state p = {0};
    AVER_TRY(aver_schema_read(aver_arena_copy(&cmd->arena, stored.record), &aver_party_state_schema, &p,
                              &cmd->arena, why));
    aver_bytes id = aver_bytes_cut(name, 2, name.len - 2);
    const char *role = p.role >= 1 && p.role <= AVER_ROLE_MAX ? aver_role_names[p.role] : "?";
    const aver_bytes *kids = p.kids.items;
    if (!cmd->json) {
        aver_print(cmd, "%-20.*s %-10s %-10.*s %zu key%s  %.*s%s\n", AVER_STR(id), role, AVER_STR(p.npi),
                   p.kids.count, p.kids.count == 1 ? " " : "s", AVER_STR(p.name),
                   p.revoked ? "  revoked" : "");
        return AVER_OK;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "party", id);
    aver_json_field_str(&w, "role", role);
    aver_json_field(&w, "name", p.name);
    aver_json_field(&w, "npi", p.npi);
    aver_json_field_str(&w, "standing", p.revoked ? "revoked" : "in force");
    aver_json_key(&w, "kids");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < p.kids.count; i++) aver_json_put_string(&w, kids[i]);
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
    return AVER_OK;
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "p/", list_one, cmd, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_party_list = {
    .name = "party list",
    .args = "",
    .summary = "Lists the parties, their roles and keys.",
    .options = list_options,
    .examples = {"aver party list --ledger summit", "aver party list --ledger summit --json"},
    .run = run_list,
};
