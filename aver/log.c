/* aver/log.c - aver log checkpoint, vkey, prove, consistency, witness-request, witness-accept: what the log promises, and for
 * those who keep it honest. What others check of it is in log_verify.c. */
#include "aver/claims.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/trust.h"
#include "aver/verbs.h"
#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"

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

/* A verb that opens the ledger, makes one text and prints it. */
static int run_text(struct aver_command *cmd, enum aver_ledger_mode mode, const char *name,
                    aver_err (*make)(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text))
{
    struct aver_session s = {0};
    struct aver_buf text = {0};
    aver_err err = aver_session_open(cmd, &s, mode);
    if (err == AVER_OK) err = make(cmd, &s, &text);
    if (err == AVER_OK && text.len) put_text(cmd, name, &text);
    aver_buf_free(&text);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

/* ---- checkpoint, vkey ---- */

static aver_err make_checkpoint(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text)
{
    return aver_ledger_told(s->ledger, aver_flag(cmd, "cosigned") ? AVER_TOLD_COSIGNED : AVER_TOLD_NEWEST,
                            text, &cmd->why);
}

static int run_checkpoint(struct aver_command *cmd)
{
    return run_text(cmd, AVER_LEDGER_READ, "checkpoint", make_checkpoint);
}

static const struct aver_option checkpoint_options[] = {
    {"cosigned", NULL, false, "the newest that witnesses have cosigned, as many as the policy asked for",
     NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_log_checkpoint = {
    .name = "log checkpoint",
    .args = "",
    .summary = "Prints the signed checkpoint of the log (C2SP tlog-checkpoint).",
    .options = checkpoint_options,
    .examples = {"aver log checkpoint --ledger summit",
                 "aver log checkpoint --cosigned --ledger summit > yesterday.checkpoint"},
    .run = run_checkpoint,
};

static aver_err make_vkey(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text)
{
    struct aver_note_key key = aver_ledger_log_key(s->ledger);
    aver_note_vkey_put(text, &key);
    if (!cmd->json) aver_buf_byte(text, '\n');
    return AVER_OK;
}

static int run_vkey(struct aver_command *cmd) { return run_text(cmd, AVER_LEDGER_READ, "vkey", make_vkey); }

static const struct aver_option ledger_option[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_log_vkey = {
    .name = "log vkey",
    .args = "",
    .summary = "Prints the log's key as one word, for trust policies and witnesses.",
    .more = "In a trust policy (C2SP tlog-policy) it stands on a line after the word log.",
    .options = ledger_option,
    .examples = {"aver log vkey --ledger summit", "aver log vkey --ledger summit --json"},
    .run = run_vkey,
};

/* ---- proofs ---- */

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

static aver_err make_proof(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text)
{
    uint64_t entry = 0;
    const char *file = aver_option(cmd, "out");
    AVER_TRY(entry_of(cmd, s, &entry));
    AVER_TRY(aver_ledger_prove(s->ledger, entry, text, &cmd->why));
    if (!file) return AVER_OK;
    AVER_TRY(aver_path_write(file, aver_buf_view(text), 0644, false, &cmd->why));
    text->len = 0;
    return AVER_OK;
}

static int run_prove(struct aver_command *cmd)
{
    return run_text(cmd, AVER_LEDGER_READ, "proof", make_proof);
}

static const struct aver_option prove_options[] = {
    {"out", "FILE", false, "writes the proof there; such files end in .tlog-proof", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_log_prove = {
    .name = "log prove",
    .args = "ENTRY|CLAIM",
    .args_min = 1,
    .args_max = 1,
    .summary = "Proves that an entry, or a claim's, is in the log (C2SP tlog-proof).",
    .more =
        "A number below the log's size is an entry; anything else a claim's id or patient control number. The "
        "proof is under the\ncosigned checkpoint if that has the entry, else under the newest; aver log verify "
        "checks it.",
    .options = prove_options,
    .examples = {"aver log prove 12 --ledger summit",
                 "aver log prove 0A1B2C3D4E5F6G7H8J9K0M1N --out claim.tlog-proof --ledger summit"},
    .run = run_prove,
};

static aver_err make_growth(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text)
{
    struct aver_buf note = {0};
    struct aver_note_key key = aver_ledger_log_key(s->ledger);
    struct aver_checkpoint old, now;
    struct aver_merkle_proof path;
    uint64_t size;
    const char *given = cmd->args[0];
    if (aver_bytes_u64(&size, aver_bytes_str(given)) != AVER_OK) {
        aver_err err = aver_path_read(&note, given, AVER_NOTE_BYTES_MAX, &cmd->why);
        if (err == AVER_OK) err = aver_checkpoint_open(&old, aver_buf_view(&note), &key, &cmd->why);
        if (err == AVER_OK) size = old.size;
        note.len = 0;
        if (err != AVER_OK) aver_buf_free(&note);
        AVER_TRY(err);
    }
    aver_err err = aver_ledger_checkpoint(s->ledger, &note, &cmd->why);
    if (err == AVER_OK) err = aver_checkpoint_open(&now, aver_buf_view(&note), &key, &cmd->why);
    if (err == AVER_OK) err = aver_ledger_growth(s->ledger, &path, size, now.size, &cmd->why);
    if (err == AVER_OK) aver_witness_ask(text, size, &path, aver_buf_view(&note));
    aver_buf_free(&note);
    return err;
}

static int run_consistency(struct aver_command *cmd)
{
    return run_text(cmd, AVER_LEDGER_READ, "consistency", make_growth);
}

const struct aver_verb aver_verb_log_consistency = {
    .name = "log consistency",
    .args = "SIZE|CHECKPOINT",
    .args_min = 1,
    .args_max = 1,
    .summary = "Proves that the log only grew since an earlier size or checkpoint.",
    .more =
        "Prints the old size, the proof and the newest checkpoint, in the form in which a witness is asked (C2SP "
        "tlog-witness).\naver log verify --old CHECKPOINT checks it.",
    .options = ledger_option,
    .examples = {"aver log consistency yesterday.checkpoint --ledger summit > growth",
                 "aver log consistency 100 --ledger summit"},
    .run = run_consistency,
};

/* ---- witnesses ---- */

static aver_err make_request(struct aver_command *cmd, struct aver_session *s, struct aver_buf *text)
{
    uint64_t old = 0;
    AVER_TRY(aver_option_number(cmd, "old", 0, AVER_MERKLE_SIZE_MAX, 0, &old));
    return aver_ledger_ask(s->ledger, old, aver_flag(cmd, "again"), text, &cmd->why);
}

static int run_request(struct aver_command *cmd)
{
    return run_text(cmd, AVER_LEDGER_WRITE, "request", make_request);
}

static const struct aver_option request_options[] = {
    {"old", "SIZE", true, "the size that this witness cosigned last; 0 if it never did", NULL},
    {"again", NULL, false, "about the checkpoint asked about last: so several witnesses cosign the same",
     NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_log_witness_request = {
    .name = "log witness-request",
    .args = "",
    .summary = "Prints what to ask a witness: the body of add-checkpoint (C2SP tlog-witness).",
    .more =
        "Send it by POST to the witness's add-checkpoint. Its answer 409 says on a line which --old it wants; its "
        "answer 200 is for\naver log witness-accept.",
    .options = request_options,
    .examples = {"aver log witness-request --old 0 --ledger summit > request",
                 "aver log witness-request --old 120 --again --ledger summit | curl --data-binary @- "
                 "https://witness.example/add-checkpoint > answer"},
    .run = run_request,
};

static void say_accepted(struct aver_command *cmd, size_t added, bool enough, const struct aver_why *missing)
{
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "cosignatures", added);
        aver_json_field_str(&w, "policy", enough ? "satisfied" : "not yet");
        if (!enough) aver_json_field_str(&w, "missing", missing->text);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(cmd, "%zu cosignature%s kept. ", added, added == 1 ? "" : "s");
    if (enough)
        aver_print(cmd, "The policy is satisfied: aver log checkpoint --cosigned prints the checkpoint.\n");
    else
        aver_print(cmd, "The policy is not satisfied yet: %s.\n", missing->text);
}

static aver_err accept(struct aver_command *cmd, struct aver_session *s, struct aver_trust *trust,
                       struct aver_buf *answer)
{
    size_t added;
    bool enough;
    struct aver_why missing = {0};
    AVER_TRY(aver_trust_read(cmd, trust, "policy"));
    AVER_TRY(aver_path_read(answer, cmd->args[0], AVER_WITNESS_RESPONSE_MAX, &cmd->why));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_WRITE));
    AVER_TRY(aver_ledger_answer(s->ledger, aver_buf_view(answer), &trust->policy, &added, &enough, &missing,
                                &cmd->why));
    say_accepted(cmd, added, enough, &missing);
    return AVER_OK;
}

static int run_accept(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_trust trust = {0};
    struct aver_buf answer = {0};
    aver_err err = accept(cmd, &s, &trust, &answer);
    aver_buf_free(&answer);
    aver_trust_free(&trust);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option accept_options[] = {
    {"policy", "FILE", true, "the trust policy that names the witnesses (C2SP tlog-policy)", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_log_witness_accept = {
    .name = "log witness-accept",
    .args = "ANSWER",
    .args_min = 1,
    .args_max = 1,
    .summary = "Checks a witness's answer and publishes its cosignatures with the checkpoint.",
    .more =
        "They go into the checkpoint that was asked about; once they satisfy the policy, it is the cosigned "
        "one, and stays so when\nnewer ones are published.",
    .options = accept_options,
    .examples = {"aver log witness-accept answer --policy summit.policy --ledger summit",
                 "aver log witness-accept - --policy summit.policy --ledger summit < answer"},
    .run = run_accept,
};
