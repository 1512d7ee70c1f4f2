/* aver/contract.c - aver contract deploy. */
#include "aver/contract.h"

#include <stdio.h>

#include "aver/files.h"
#include "aver/output.h"
#include "aver/publish.h"
#include "aver/verbs.h"
#include "ledger/transition/contract.h"

#define CONTRACT_ENDING ".lua"

aver_err aver_contract_read(struct aver_command *cmd, const char *path, struct aver_publication *out)
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

aver_err aver_contract_dialect(struct aver_command *cmd, const struct aver_vm_setup *setup, const char *path,
                               aver_bytes source)
{
    struct aver_buf report = {0};
    aver_err err = aver_vm_check(setup, path, source, &report, &cmd->why);
    if (err != AVER_OK && report.len && !cmd->json) {
        fprintf(stderr, "%.*s", AVER_STR(aver_buf_view(&report)));
        cmd->shown = true;
    }
    aver_buf_free(&report);
    return err;
}

static int run_deploy(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_list publications = {0};
    for (size_t i = 0; i < cmd->args_count; i++) {
        struct aver_publication *p = aver_list_add(&cmd->arena, &publications, sizeof *p);
        struct aver_vm *vm;
        AVER_CLI_TRY(cmd, aver_contract_read(cmd, cmd->args[i], p));
        AVER_CLI_TRY(cmd, aver_contract_dialect(cmd, aver_contract_setup(), cmd->args[i], p->content));
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
    .args_max = AVER_CONTRACTS_MAX,
    .summary =
        "Publishes contracts under their files' names; they are in force once a second person approves.",
    .options = deploy_options,
    .examples = {"aver contract deploy coverage.lua --ledger summit --key operations.key",
                 "aver contract deploy contracts/*.lua --key operations.key --approve-key compliance.key"},
    .run = run_deploy,
};
