/* aver/audit.c - aver audit: the ledger executed again from its first entry, and one of three answers. */
#include "aver/audit_run.h"
#include "aver/verbs.h"

static int run_audit(struct aver_command *cmd)
{
    struct aver_audit audit = {.state = aver_option(cmd, "resume")};
    const char *receipts = aver_option(cmd, "receipts");
    uint64_t threads;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "threads", 1, AVER_AUDIT_THREADS_MAX, 0, &threads));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "save-every", 1, INT64_MAX, 0, &audit.save_every));
    audit.threads = (unsigned)threads;
    aver_err err = receipts ? aver_audit_read_receipts(cmd, receipts, &audit.intake_receipts) : AVER_OK;
    if (err == AVER_OK) err = aver_audit_run(cmd, cmd->args[0], &audit);
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    aver_audit_say(cmd, &audit);
    return aver_audit_exit(audit.verdict);
}

static const struct aver_option options[] = {
    {"receipts", "DIR2", false, "also hold the intake receipts DIR2/*.receipt against the log", NULL},
    {"threads", "N", false, "how many; all cores if not given, and the same answer with any", NULL},
    {"resume", "FILE", false, "keep an unfinished audit there, and go on from it (it holds health data)",
     NULL},
    {"save-every", "N", false, "items between two savings (100000)", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_audit = {
    .name = "audit",
    .args = "DIR",
    .args_min = 1,
    .args_max = 1,
    .summary = "Executes a ledger again from its first entry: same, differs, or could not check.",
    .more = "Exit code 0: same; 1: differs; 2: could not check. docs/audit.md says what is checked.",
    .options = options,
    .examples = {"aver audit summit", "aver audit summit --receipts clinic-receipts --json"},
    .run = run_audit,
};
