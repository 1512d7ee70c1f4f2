/* aver/contract.c - aver contract check and deploy. */
#include "ledger/transition/contract.h"

#include "aver/files.h"
#include "aver/output.h"
#include "aver/publish.h"
#include "aver/verbs.h"

#include <stdio.h>

#define CONTRACT_ENDING ".lua"
#define CONTRACTS_MAX   100

static aver_err read_contract(struct aver_command *cmd, const char *path, struct aver_publication *out)
{
    struct aver_buf text = {0};
    aver_err err = aver_path_read(&text, path, AVER_VM_SOURCE_BYTES_MAX, &cmd->why);
    *out = (struct aver_publication){.kind = AVER_ARTIFACT_CONTRACT,
                                     .name = aver_path_base(path, CONTRACT_ENDING),
                                     .content = aver_arena_copy(&cmd->arena, aver_buf_view(&text))};
    aver_buf_free(&text);
    AVER_TRY(err);
    if (!aver_name_valid(out->name))
        return aver_fail(
            &cmd->why, AVER_E_INPUT, "CONTRACT-NAME", path,
            "the file's name becomes the contract's: 1 to 64 of a-z, 0-9, '.', '_' and '-', then .lua");
    return AVER_OK;
}

/* Loads it as a node would and says what it offers. */
static aver_err check_one(struct aver_command *cmd, const char *path)
{
    struct aver_publication p;
    struct aver_vm *vm;
    AVER_TRY(read_contract(cmd, path, &p));
    struct aver_buf report = {0};
    if (aver_vm_check(aver_contract_setup(), path, p.content, &report, &cmd->why) != AVER_OK && report.len &&
        !cmd->json)
        fprintf(stderr, "%.*s", AVER_STR(aver_buf_view(&report)));
    aver_buf_free(&report);
    AVER_TRY(aver_vm_new(&vm, aver_contract_setup(), path, p.content, &cmd->why));
    struct aver_list entries = aver_vm_entries(vm, &cmd->arena);
    aver_vm_free(vm);
    const aver_bytes *entry = entries.items;
    aver_digest digest = aver_sha256(p.content);
    char hex[65];
    aver_hex(hex, aver_digest_bytes(&digest));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", path);
        aver_json_field(&w, "name", p.name);
        aver_json_field_str(&w, "status", "accepted");
        aver_json_field_str(&w, "digest", hex);
        aver_json_key(&w, "entries");
        aver_json_begin_array(&w);
        for (size_t i = 0; i < entries.count; i++) aver_json_put_string(&w, entry[i]);
        aver_json_end_array(&w);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return AVER_OK;
    }
    aver_print(cmd, "%s  %s  entry points:", path, hex);
    for (size_t i = 0; i < entries.count; i++) aver_print(cmd, " %.*s", AVER_STR(entry[i]));
    aver_print(cmd, "\n");
    return AVER_OK;
}

static int run_check(struct aver_command *cmd)
{
    int code = AVER_EXIT_DONE;
    for (size_t i = 0; i < cmd->args_count; i++) {
        aver_err err = check_one(cmd, cmd->args[i]);
        int one = err == AVER_OK ? AVER_EXIT_DONE : aver_command_fail(cmd, err);
        if (one > code) code = one;
    }
    return code;
}

static const struct aver_option check_options[] = {AVER_OPTION_END};
const struct aver_verb aver_verb_contract_check = {
    .name = "contract check",
    .args = "FILE.lua...",
    .args_min = 1,
    .args_max = CONTRACTS_MAX,
    .summary = "Loads contracts as a node would, and lists their entry points.",
    .options = check_options,
    .examples = {"aver contract check coverage.lua", "aver contract check contracts/*.lua --json"},
    .run = run_check,
};

static int run_deploy(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_list publications = {0};
    for (size_t i = 0; i < cmd->args_count; i++) {
        struct aver_publication *p = aver_list_add(&cmd->arena, &publications, sizeof *p);
        struct aver_vm *vm;
        AVER_CLI_TRY(cmd, read_contract(cmd, cmd->args[i], p));
        AVER_CLI_TRY(cmd, aver_vm_new(&vm, aver_contract_setup(), cmd->args[i], p->content, &cmd->why));
        aver_vm_free(vm);
    }
    AVER_CLI_TRY(cmd, aver_session_open(cmd, &s, AVER_LEDGER_WRITE));
    int code = aver_publish(cmd, &s, &publications);
    aver_session_close(&s);
    return code;
}

static const struct aver_option deploy_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY,
                                                    AVER_OPTION_APPROVE_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_contract_deploy = {
    .name = "contract deploy",
    .args = "FILE.lua...",
    .args_min = 1,
    .args_max = CONTRACTS_MAX,
    .summary =
        "Publishes contracts under their files' names; they are in force once a second person approves.",
    .options = deploy_options,
    .examples = {"aver contract deploy coverage.lua --ledger summit --key operations.key",
                 "aver contract deploy contracts/*.lua --key operations.key --approve-key compliance.key"},
    .run = run_deploy,
};
