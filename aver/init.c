/* aver/init.c - aver init: a new ledger, and the keys of the two persons whose signatures publishing needs. */
#include "aver/output.h"
#include "aver/session.h"
#include "aver/verbs.h"

#define INSURERS 2
static const char *const insurer_names[INSURERS] = {"operations", "compliance"};

static aver_err make(struct aver_command *cmd, const char *dir, const char *chain,
                     struct aver_key keys[INSURERS], const char *paths[INSURERS])
{
    struct aver_insurer insurers[INSURERS];
    for (size_t i = 0; i < INSURERS; i++) {
        aver_key_make(&keys[i]);
        insurers[i] = (struct aver_insurer){insurer_names[i], keys[i].public_key};
        paths[i] = aver_arena_printf(&cmd->arena, "%s/keys/%s.key", dir, insurer_names[i]);
    }
    AVER_TRY(aver_ledger_create(dir, chain, insurers, INSURERS, &cmd->why));
    for (size_t i = 0; i < INSURERS; i++) AVER_TRY(aver_key_write(&keys[i], paths[i], false, &cmd->why));
    return AVER_OK;
}

static void say_json(struct aver_command *cmd, const char *dir, const char *chain,
                     const struct aver_key keys[INSURERS], const char *paths[INSURERS])
{
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "ledger", dir);
    aver_json_field_str(&w, "chain", chain);
    aver_json_key(&w, "parties");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < INSURERS; i++) {
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "id", insurer_names[i]);
        aver_json_field_str(&w, "role", "insurer");
        aver_json_field_hex(&w, "public", aver_bytes_of(keys[i].public_key.b, 32));
        aver_json_field_hex(&w, "kid", aver_bytes_of(keys[i].kid, 16));
        aver_json_field_str(&w, "key_file", paths[i]);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_init(struct aver_command *cmd)
{
    const char *dir = cmd->args[0], *chain = aver_option(cmd, "chain"), *paths[INSURERS];
    struct aver_key keys[INSURERS];
    aver_err err = make(cmd, dir, chain, keys, paths);
    for (size_t i = 0; i < INSURERS; i++) aver_wipe(&keys[i].secret, sizeof keys[i].secret);
    AVER_CLI_TRY(cmd, err);
    if (cmd->json) {
        say_json(cmd, dir, chain, keys, paths);
        return AVER_EXIT_DONE;
    }
    aver_print(cmd, "The ledger %s of chain %s is made.\n\n", dir, chain);
    aver_print(
        cmd,
        "Publishing takes two signatures. Give these two key files to two persons, and keep no copy here:\n"
        "  %s\n  %s\n\n"
        "Next:\n"
        "  export AVER_LEDGER=%s\n"
        "  aver contract deploy eligibility.lua coverage.lua payout.lua --key OPERATIONS --approve-key COMPLIANCE\n"
        "  aver table publish NAME FILE.csv --kind fees --key OPERATIONS --approve-key COMPLIANCE\n"
        "  aver policy publish PLAN.yaml --key OPERATIONS --approve-key COMPLIANCE\n"
        "  aver member import MEMBERS.csv --key OPERATIONS\n"
        "  aver key new clinic.key; aver party add clinic --role provider --name TEXT --key-file clinic.key --key OPERATIONS\n"
        "  aver submit CLAIMS --key clinic.key\n",
        paths[0], paths[1], dir);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"chain", "NAME", true, "the name that signatures are made for: a-z, 0-9, '.' and '-', at most 64", NULL},
    AVER_OPTION_END,
};

const struct aver_verb aver_verb_init = {
    .name = "init",
    .args = "DIR",
    .args_min = 1,
    .args_max = 1,
    .summary = "Makes a new ledger with two insurer parties, operations and compliance, and their keys.",
    .more = "The keys lie in DIR/keys/operations.key and DIR/keys/compliance.key, mode 0600.",
    .options = options,
    .examples = {"aver init summit --chain summit-2026",
                 "aver init /var/lib/aver/summit --chain summit.example --json"},
    .run = run_init,
};
