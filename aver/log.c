/* aver/log.c - aver log checkpoint and prove: what the log promises, for those who keep it honest. */
#include "aver/claims.h"
#include "aver/output.h"
#include "aver/verbs.h"

/* The text as it is, or as one JSON object. */
static void put_text(struct aver_command *cmd, const char *name, const struct aver_buf *text)
{
    if (!cmd->json) {
        aver_buf_bytes(&cmd->out, aver_buf_view(text));
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, name, aver_buf_view(text));
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_checkpoint(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_buf text = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_checkpoint(s.ledger, &text, &cmd->why);
    if (err == AVER_OK) put_text(cmd, "checkpoint", &text);
    aver_buf_free(&text);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_log_checkpoint = {
    .name = "log checkpoint",
    .args = "",
    .summary = "Prints the signed checkpoint of the log (C2SP tlog-checkpoint).",
    .options = options,
    .examples = {"aver log checkpoint --ledger summit",
                 "aver log checkpoint --ledger summit > yesterday.checkpoint"},
    .run = run_checkpoint,
};

/* An entry's index, or the entry of a claim. */
static aver_err entry_of(struct aver_command *cmd, struct aver_session *s, uint64_t *entry)
{
    struct aver_found found;
    uint64_t entries = aver_ledger_facts(s->ledger).entries;
    if (aver_bytes_u64(entry, aver_bytes_str(cmd->args[0])) == AVER_OK && *entry < entries) return AVER_OK;
    AVER_TRY(aver_claim_find(cmd, s, cmd->args[0], &found));
    *entry = found.state.entry;
    return AVER_OK;
}

static int run_prove(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_buf text = {0};
    uint64_t entry = 0;
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = entry_of(cmd, &s, &entry);
    if (err == AVER_OK) err = aver_ledger_prove(s.ledger, entry, &text, &cmd->why);
    if (err == AVER_OK) put_text(cmd, "proof", &text);
    aver_buf_free(&text);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

const struct aver_verb aver_verb_log_prove = {
    .name = "log prove",
    .args = "ENTRY|CLAIM",
    .args_min = 1,
    .args_max = 1,
    .summary = "Proves that an entry, or a claim's, is in the log (C2SP tlog-proof).",
    .more =
        "A number below the log's size is an entry; anything else a claim's id or patient control number.",
    .options = options,
    .examples = {"aver log prove 12 --ledger summit",
                 "aver log prove 0A1B2C3D4E5F6G7H8J9K0M1N --ledger summit"},
    .run = run_prove,
};
