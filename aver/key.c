/* aver/key.c - aver key new, show, revoke, rotate. */
#include "aver/output.h"
#include "aver/session.h"
#include "aver/verbs.h"

#include <string.h>
#include <unistd.h>

static void say_key(struct aver_command *cmd, const struct aver_key *key, const char *path, aver_bytes party,
                    const char *standing)
{
    char public_key[65], kid[33];
    aver_hex(public_key, aver_bytes_of(key->public_key.b, 32));
    aver_hex(kid, aver_bytes_of(key->kid, 16));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "key_file", path);
        aver_json_field_str(&w, "public", public_key);
        aver_json_field_str(&w, "kid", kid);
        aver_json_field(&w, "party", party);
        if (standing) aver_json_field_str(&w, "standing", standing);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(cmd, "public %s\nkid    %s\n", public_key, kid);
    if (party.ptr) aver_print(cmd, "party  %.*s (%s)\n", AVER_STR(party), standing);
}

static int run_new(struct aver_command *cmd)
{
    struct aver_key key;
    aver_key_make(&key);
    aver_err err = aver_key_write(&key, cmd->args[0], aver_flag(cmd, "force"), &cmd->why);
    aver_wipe(&key.secret, sizeof key.secret);
    AVER_CLI_TRY(cmd, err);
    say_key(cmd, &key, cmd->args[0], AVER_BYTES_NONE, NULL);
    if (!cmd->json)
        aver_print(
            cmd, "\nAn insurer makes it known: aver party add ID --role provider --name TEXT --public HEX\n");
    return AVER_EXIT_DONE;
}

static const struct aver_option new_options[] = {
    {"force", NULL, false, "replace a key file that is there", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_key_new = {
    .name = "key new",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Makes an Ed25519 key in a file of mode 0600.",
    .options = new_options,
    .examples = {"aver key new clinic.key", "aver key new clinic.key --force"},
    .run = run_new,
};

static aver_err look_up(struct aver_command *cmd, struct aver_session *s, aver_bytes *party,
                        const char **standing)
{
    char kid[33];
    struct aver_key_state state;
    aver_hex(kid, aver_bytes_of(s->key.kid, 16));
    aver_err err =
        aver_session_get(cmd, s, &aver_key_state_schema, &state, aver_arena_printf(&cmd->arena, "k/%s", kid));
    if (err == AVER_E_NOT_FOUND) {
        *party = AVER_LIT("none");
        *standing = "this ledger does not know the key";
        return AVER_OK;
    }
    AVER_TRY(err);
    *party = state.party;
    *standing = state.revoked ? "revoked" : "in force";
    return AVER_OK;
}

static int run_show(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_bytes party = AVER_BYTES_NONE;
    const char *standing = NULL;
    aver_err err = aver_key_read(&s.key, cmd->args[0], &cmd->why);
    if (err == AVER_OK && aver_option(cmd, "ledger")) {
        err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
        if (err == AVER_OK) err = look_up(cmd, &s, &party, &standing);
    }
    if (err == AVER_OK) say_key(cmd, &s.key, cmd->args[0], party, standing);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option show_options[] = {
    {"ledger", "DIR", false, "also say whose key it is there", "AVER_LEDGER"},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_key_show = {
    .name = "key show",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Shows a key file's public key and key id, never its secret.",
    .options = show_options,
    .examples = {"aver key show clinic.key", "aver key show clinic.key --ledger summit --json"},
    .run = run_show,
};

static void say_acts(struct aver_command *cmd, const struct aver_list *acts)
{
    const struct aver_party_act *act = acts->items;
    for (size_t i = 0; i < acts->count; i++) {
        uint8_t kid[16];
        if (act[i].public_key.ptr) {
            struct aver_public_key pk;
            memcpy(pk.b, act[i].public_key.ptr, sizeof pk.b);
            aver_kid(kid, &pk);
        } else {
            memcpy(kid, act[i].kid.ptr, sizeof kid);
        }
        char hex[33];
        aver_hex(hex, aver_bytes_of(kid, sizeof kid));
        bool added = act[i].action == AVER_PARTY_KEY_ADD;
        if (cmd->json) {
            struct aver_json_writer w = aver_json_line(cmd);
            aver_json_begin_object(&w);
            aver_json_field_str(&w, "kid", hex);
            aver_json_field(&w, "party", act[i].party);
            aver_json_field_str(&w, "standing", added ? "in force" : "revoked");
            aver_json_end_object(&w);
            aver_json_end_line(cmd, &w);
        } else {
            aver_print(cmd, "%s %s of %.*s\n", added ? "added  " : "revoked", hex, AVER_STR(act[i].party));
        }
    }
}

/* Sends party acts as one batch: they take effect at one height. */
static aver_err send_acts(struct aver_command *cmd, struct aver_session *s, const struct aver_list *acts)
{
    const struct aver_party_act *act = acts->items;
    struct aver_list items = {0};
    for (size_t i = 0; i < acts->count; i++)
        AVER_TRY(aver_session_add(cmd, &items, &aver_party_act_schema, &act[i]));
    AVER_TRY(aver_session_act(cmd, s, AVER_TX_PARTY, &items));
    say_acts(cmd, acts);
    return AVER_OK;
}

static aver_err revoke_key(struct aver_command *cmd, struct aver_session *s)
{
    uint8_t kid[16];
    struct aver_key_state state;
    const char *hex = cmd->args[0];
    if (aver_unhex(kid, sizeof kid, aver_bytes_str(hex)) != AVER_OK)
        return aver_usage(cmd, "a key id is 32 hexadecimal digits, as aver key show prints it");
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    AVER_TRY(aver_session_key(cmd, s, "key"));
    char lower[33];
    aver_hex(lower, aver_bytes_of(kid, sizeof kid));
    aver_err err = aver_session_get(cmd, s, &aver_key_state_schema, &state,
                                    aver_arena_printf(&cmd->arena, "k/%s", lower));
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "KEY-UNKNOWN", lower,
                         "this ledger knows no key of this id");
    AVER_TRY(err);
    struct aver_list acts = {0};
    struct aver_party_act *act = aver_list_add(&cmd->arena, &acts, sizeof *act);
    *act = (struct aver_party_act){.action = AVER_PARTY_KEY_REVOKE,
                                   .party = state.party,
                                   .kid = aver_bytes_of(kid, sizeof kid),
                                   .reason = aver_bytes_str(aver_option(cmd, "reason"))};
    return send_acts(cmd, s, &acts);
}

static int run_revoke(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = revoke_key(cmd, &s);
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
const struct aver_verb aver_verb_key_revoke = {
    .name = "key revoke",
    .args = "KID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Revokes a key: it signs nothing from the next group on; what it signed before stands.",
    .options = revoke_options,
    .examples =
        {"aver key revoke 9f3c41d2a0b1c2d3e4f5061728394a5b --reason \"laptop lost\" --ledger summit --key operations.key",
         "aver key revoke 9f3c41d2a0b1c2d3e4f5061728394a5b --reason left --key operations.key"},
    .run = run_revoke,
};

/* The new key's file is read, or made if it is not there. */
static aver_err new_key(struct aver_command *cmd, struct aver_key *key, const char *path)
{
    if (access(path, F_OK) == 0) return aver_key_read(key, path, &cmd->why);
    aver_key_make(key);
    return aver_key_write(key, path, false, &cmd->why);
}

static aver_err rotate(struct aver_command *cmd, struct aver_session *s)
{
    const char *party = cmd->args[0], *path = cmd->args[1];
    struct aver_party_state state;
    struct aver_key fresh;
    AVER_TRY(aver_session_key(cmd, s, "key"));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    aver_err err = aver_session_get(cmd, s, &aver_party_state_schema, &state,
                                    aver_arena_printf(&cmd->arena, "p/%s", party));
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "PARTY-UNKNOWN", party,
                         "there is no such party; aver party list shows them");
    AVER_TRY(err);
    AVER_TRY(new_key(cmd, &fresh, path));
    aver_wipe(&fresh.secret, sizeof fresh.secret);
    struct aver_list acts = {0};
    struct aver_party_act *act = aver_list_add(&cmd->arena, &acts, sizeof *act);
    *act = (struct aver_party_act){.action = AVER_PARTY_KEY_ADD,
                                   .party = aver_bytes_str(party),
                                   .public_key =
                                       aver_arena_copy(&cmd->arena, aver_bytes_of(fresh.public_key.b, 32))};
    const aver_bytes *kids = state.kids.items;
    for (size_t i = 0; i < state.kids.count; i++) {
        struct aver_key_state old;
        uint8_t kid[16];
        AVER_TRY(aver_session_get(cmd, s, &aver_key_state_schema, &old,
                                  aver_arena_printf(&cmd->arena, "k/%.*s", AVER_STR(kids[i]))));
        if (old.revoked || aver_unhex(kid, sizeof kid, kids[i]) != AVER_OK ||
            !memcmp(kid, fresh.kid, sizeof kid))
            continue;
        act = aver_list_add(&cmd->arena, &acts, sizeof *act);
        *act = (struct aver_party_act){.action = AVER_PARTY_KEY_REVOKE,
                                       .party = aver_bytes_str(party),
                                       .kid = aver_arena_copy(&cmd->arena, aver_bytes_of(kid, sizeof kid)),
                                       .reason = AVER_LIT("rotated")};
    }
    return send_acts(cmd, s, &acts);
}

static int run_rotate(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = rotate(cmd, &s);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option rotate_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_key_rotate = {
    .name = "key rotate",
    .args = "PARTY NEWFILE",
    .args_min = 2,
    .args_max = 2,
    .summary = "Gives a party a new key and revokes its old ones, in one batch.",
    .more = "NEWFILE is made if it is not there; --key is an insurer's.",
    .options = rotate_options,
    .examples = {"aver key rotate clinic clinic-2.key --ledger summit --key operations.key",
                 "aver key rotate operations operations-2.key --key compliance.key"},
    .run = run_rotate,
};
