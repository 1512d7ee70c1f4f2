/* aver/backup.c - aver backup and aver resume. */
#include "aver/files.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/model/note.h"
#include "ledger/storage/backup.h"

#include <inttypes.h>

static int run_backup(struct aver_command *cmd)
{
    const char *out = cmd->args[0];
    struct aver_backup b;
    AVER_CLI_TRY(cmd, aver_ledger_backup(aver_option(cmd, "ledger"), out, &b, &cmd->why));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "backup", out);
        aver_json_field_uint(&w, "height", b.height);
        aver_json_field_uint(&w, "entries", b.entries);
        aver_json_field_hex(&w, "log_root", aver_digest_bytes(&b.log_root));
        aver_json_field_uint(&w, "log_bytes", b.bytes);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return AVER_EXIT_DONE;
    }
    aver_print(cmd,
               "%s: %" PRIu64 " entries, %" PRIu64
               " bytes of log. It holds the ledger's secret keys: keep it as safe.\n",
               out, b.entries, b.bytes);
    return AVER_EXIT_DONE;
}

static const struct aver_option backup_options[] = {
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_backup = {
    .name = "backup",
    .args = "OUT",
    .args_min = 1,
    .args_max = 1,
    .summary = "Copies a ledger, while it is written to, into a directory that is not there yet.",
    .more =
        "Log, state, keys and checkpoints as of one moment. The copy can be read and audited at once, and written to after\n"
        "aver resume. Put it where the ledger's disk is not.",
    .options = backup_options,
    .examples = {"aver backup /mnt/safe/summit-2026-03-05 --ledger summit",
                 "aver backup /mnt/safe/tonight --json"},
    .run = run_backup,
};

static int run_resume(struct aver_command *cmd)
{
    const char *dir = aver_option(cmd, "ledger");
    struct aver_buf note = {0};
    AVER_CLI_TRY(cmd, aver_path_read(&note, aver_option(cmd, "after"), AVER_NOTE_BYTES_MAX, &cmd->why));
    aver_err err = aver_ledger_resume(dir, aver_buf_view(&note), &cmd->why);
    aver_buf_free(&note);
    AVER_CLI_TRY(cmd, err);
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "ledger", dir);
        aver_json_field_str(&w, "status", "resumed");
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return AVER_EXIT_DONE;
    }
    aver_print(cmd, "%s holds all that was published, and can be written to.\n", dir);
    return AVER_EXIT_DONE;
}

static const struct aver_option resume_options[] = {
    {"after", "CHECKPOINT", true,
     "the last checkpoint that the lost ledger published, or - for standard input", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_resume = {
    .name = "resume",
    .args = "",
    .summary = "Makes a backup the ledger, if it holds all that was ever published.",
    .more =
        "Witnesses, auditors and followers have the last checkpoint (aver log checkpoint shows a ledger's own). Whoever goes on\n"
        "from a backup that is older forks the log, and everybody who watches it can prove so. Exit 1: it is older, or\n"
        "of another history. The lost ledger must never run again.",
    .options = resume_options,
    .examples = {"aver resume --after checkpoint --ledger /mnt/safe/summit-2026-03-05",
                 "curl -s https://log.example/checkpoint | aver resume --after - --ledger restored"},
    .run = run_resume,
};
