/* aver/state.c - aver state prove, export, verify and rebuild: the state as those who do not trust the node check it. */
#include "aver/claims.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/model/state.h"
#include "ledger/storage/export.h"

#include <string.h>

/* ---- prove ---- */

/* All that is said of one name. */
struct proved {
    aver_bytes name;
    struct aver_epoch epoch;
    aver_digest key_opening, key, value;
    struct aver_smt_proof proof;
    struct aver_buf bytes, ics23;
    bool open; /* and, of a member, what follows */
    struct aver_stored stored;
    aver_digest value_opening;
};

static aver_err entry_before(struct aver_command *cmd, struct aver_session *s, uint64_t *entry)
{
    struct aver_found found;
    const char *word = aver_option(cmd, "before");
    *entry = UINT64_MAX;
    if (!word) return AVER_OK;
    if (aver_bytes_u64(entry, aver_bytes_str(word)) == AVER_OK &&
        *entry < aver_ledger_facts(s->ledger).entries)
        return AVER_OK;
    AVER_TRY(aver_claim_find(cmd, s, word, &found));
    *entry = found.state.entry;
    return AVER_OK;
}

static aver_err fill(struct aver_command *cmd, struct proved *p, struct aver_past *past, aver_bytes secret)
{
    const struct aver_view *view = aver_past_view(past);
    p->key_opening = aver_state_key_opening(secret, p->name);
    p->key = aver_state_key(secret, p->name);
    AVER_TRY(aver_past_prove(past, &p->key, &p->proof, &p->value, &cmd->why));
    aver_smt_proof_write(&p->bytes, &p->proof);
    AVER_TRY(aver_past_ics23(past, &p->key, &p->ics23, &cmd->why));
    p->open = view && p->proof.end == AVER_SMT_MEMBER;
    if (!p->open) return AVER_OK;
    AVER_TRY(view->get(view->self, p->name, &p->stored, &cmd->why));
    p->stored.record = aver_arena_copy(&cmd->arena, p->stored.record);
    p->value_opening = aver_state_value_opening(secret, p->name, p->stored.height);
    return AVER_OK;
}

static aver_err prove(struct aver_command *cmd, struct aver_session *s, struct proved *p)
{
    uint8_t secret[32];
    uint64_t entry;
    struct aver_past *past;
    enum aver_past_kind kind = aver_flag(cmd, "open") ? AVER_PAST_RECORDS : AVER_PAST_COMMITMENTS;
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_READ));
    AVER_TRY(entry_before(cmd, s, &entry));
    AVER_TRY(aver_epoch_before(s->ledger, entry, &p->epoch, &cmd->why));
    AVER_TRY(aver_ledger_secret(s->ledger, p->name, secret, &cmd->why));
    struct aver_progress progress = aver_progress_begin("state");
    aver_err err =
        aver_past_open(&past, s->ledger, &p->epoch, kind, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    if (err == AVER_OK) err = fill(cmd, p, past, aver_bytes_of(secret, sizeof secret));
    aver_past_close(past);
    return err;
}

static void say_hex(struct aver_command *cmd, const char *name, aver_bytes bytes)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, bytes);
    aver_print(cmd, "  %-14s %.*s\n", name, AVER_STR(aver_buf_view(&hex)));
    aver_buf_free(&hex);
}

static void say_proved(struct aver_command *cmd, const struct proved *p)
{
    bool member = p->proof.end == AVER_SMT_MEMBER;
    aver_print(cmd, "%.*s is %s\n", AVER_STR(p->name), member ? "there" : "absent");
    aver_print(cmd, "  %-14s %llu, entry %llu of the log\n", "epoch of group",
               (unsigned long long)p->epoch.height, (unsigned long long)p->epoch.entry);
    say_hex(cmd, "root", aver_digest_bytes(&p->epoch.root));
    say_hex(cmd, "key opening", aver_digest_bytes(&p->key_opening));
    say_hex(cmd, "key", aver_digest_bytes(&p->key));
    if (p->open) {
        aver_print(cmd, "  %-14s %llu\n", "written at", (unsigned long long)p->stored.height);
        say_hex(cmd, "record", p->stored.record);
        say_hex(cmd, "value opening", aver_digest_bytes(&p->value_opening));
    }
    if (member) say_hex(cmd, "value", aver_digest_bytes(&p->value));
    say_hex(cmd, "proof", aver_buf_view(&p->bytes));
    say_hex(cmd, "ics23", aver_buf_view(&p->ics23));
}

static void say_proved_json(struct aver_command *cmd, const struct proved *p)
{
    bool member = p->proof.end == AVER_SMT_MEMBER;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "name", p->name);
    aver_json_field_str(&w, "shows", member ? "member" : "absent");
    aver_json_field_uint(&w, "height", p->epoch.height);
    aver_json_field_uint(&w, "entry", p->epoch.entry);
    aver_json_field_hex(&w, "root", aver_digest_bytes(&p->epoch.root));
    aver_json_field_hex(&w, "key_opening", aver_digest_bytes(&p->key_opening));
    aver_json_field_hex(&w, "key", aver_digest_bytes(&p->key));
    if (p->open) {
        aver_json_field_uint(&w, "written_at", p->stored.height);
        aver_json_field_hex(&w, "record", p->stored.record);
        aver_json_field_hex(&w, "value_opening", aver_digest_bytes(&p->value_opening));
    }
    if (member) aver_json_field_hex(&w, "value", aver_digest_bytes(&p->value));
    aver_json_field_hex(&w, "proof", aver_buf_view(&p->bytes));
    aver_json_field_hex(&w, "ics23", aver_buf_view(&p->ics23));
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_prove(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct proved *p = AVER_NEW(&cmd->arena, struct proved);
    p->name = aver_bytes_str(cmd->args[0]);
    aver_err err = prove(cmd, &s, p);
    if (err == AVER_OK) (cmd->json ? say_proved_json : say_proved)(cmd, p);
    aver_buf_free(&p->bytes);
    aver_buf_free(&p->ics23);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option prove_options[] = {
    AVER_OPTION_LEDGER,
    {"before", "ENTRY|CLAIM", false, "at the last state root before this was decided; without it the newest",
     NULL},
    {"open", NULL, false, "also the record, which executes the log up to there", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_state_prove = {
    .name = "state prove",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "Proves what the state holds under a name, or that it holds nothing.",
    .more =
        "Names are those of docs/formats.md section 7: c/CLAIM, m/MEMBER, f/FAMILY/y/MEMBER/PLAN/PERIOD ... The proof comes in\n"
        "our own form and as an ICS-23 CommitmentProof, under a state root that stands in the log.",
    .options = prove_options,
    .examples = {"aver state prove m/M-1001 --ledger summit",
                 "aver state prove f/F1/y/M-1001/summit-ppo-2026/2026 --before V-1 --ledger summit --json"},
    .run = run_prove,
};

/* ---- export and verify ---- */

static void say_export(struct aver_command *cmd, const char *verdict, const struct aver_export *e, bool held)
{
    const char *what = e->kind == AVER_EXPORT_RECORDS ? "records" : "commitments";
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        if (verdict) aver_json_field_str(&w, "verdict", verdict);
        aver_json_field_str(&w, "kind", what);
        aver_json_field_str(&w, "chain", e->chain);
        aver_json_field_uint(&w, "count", e->count);
        aver_json_field_uint(&w, "height", e->epoch.height);
        aver_json_field_uint(&w, "entry", e->epoch.entry);
        aver_json_field_hex(&w, "root", aver_digest_bytes(&e->epoch.root));
        if (held) aver_json_field_str(&w, "in_log", "yes");
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(cmd, "%llu %s of %s as of group %llu\n", (unsigned long long)e->count, what, e->chain,
               (unsigned long long)e->epoch.height);
    say_hex(cmd, "root", aver_digest_bytes(&e->epoch.root));
    aver_print(cmd, "  %-14s entry %llu%s\n", "in the log", (unsigned long long)e->epoch.entry,
               held ? "" : ", by its own word");
    if (verdict) aver_print(cmd, "\n%s\n", verdict);
}

static int run_export(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_export made, read;
    const char *path = cmd->args[0];
    enum aver_export_kind kind =
        aver_flag(cmd, "commitments") ? AVER_EXPORT_COMMITMENTS : AVER_EXPORT_RECORDS;
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_state_export(s.ledger, kind, path, &made, &cmd->why);
    if (err == AVER_OK)
        err = aver_export_read(path, &read, NULL, NULL, &cmd->why); /* what was written is what was meant */
    if (err == AVER_OK) err = aver_export_held(s.ledger, &read, &cmd->why);
    if (err == AVER_OK) say_export(cmd, NULL, &read, true);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option export_options[] = {
    AVER_OPTION_LEDGER,
    {"commitments", NULL, false, "keys and values as commitments only: nothing of any person", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_state_export = {
    .name = "state export",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Writes the newest state to a new file, in the order of its keys, and checks it.",
    .more =
        "The same state gives the same bytes. Without --commitments the file holds health data and secrets: keep it like\n"
        "the ledger itself.",
    .options = export_options,
    .examples = {"aver state export summit.state --ledger summit",
                 "aver state export summit.commitments --commitments --ledger summit"},
    .run = run_export,
};

static int run_verify(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_export read;
    bool ledger = aver_option(cmd, "ledger");
    aver_err err = aver_export_read(cmd->args[0], &read, NULL, NULL, &cmd->why);
    bool differs = err == AVER_E_INPUT || err == AVER_E_DIFFERS;
    if (err == AVER_OK && ledger) {
        err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
        if (err == AVER_OK) {
            err = aver_export_held(s.ledger, &read, &cmd->why);
            differs = err == AVER_E_DIFFERS;
        }
        aver_session_close(&s);
    }
    if (err == AVER_OK) {
        say_export(cmd, "same", &read, ledger);
        return AVER_EXIT_DONE;
    }
    (void)aver_command_fail(cmd, err);
    if (!cmd->json) aver_print(cmd, "%s\n", differs ? "differs" : "could not check");
    return differs ? AVER_EXIT_NO : AVER_EXIT_COULD_NOT;
}

static const struct aver_option verify_options[] = {
    {"ledger", "DIR", false, "hold it against this ledger's log too", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_state_verify = {
    .name = "state verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Computes the root of an exported state: same, differs, or could not check.",
    .more =
        "Exit code 0: same; 1: differs; 2: could not check. Without --ledger the file is held against the root that it names;\n"
        "with it, that root against the log.",
    .options = verify_options,
    .examples = {"aver state verify summit.commitments", "aver state verify summit.state --ledger summit"},
    .run = run_verify,
};

/* ---- rebuild ---- */

static int run_rebuild(struct aver_command *cmd)
{
    struct aver_export e;
    aver_err err = aver_state_rebuild(aver_option(cmd, "ledger"), cmd->args[0], &e, &cmd->why);
    if (err == AVER_OK) say_export(cmd, NULL, &e, true);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option rebuild_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_state_rebuild = {
    .name = "state rebuild",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Makes a ledger's state/ from an export of its records and its log.",
    .more =
        "For a ledger whose log cannot be executed from the beginning any more, since a patient's bodies were erased. What the log\n"
        "holds after the export is executed. The directory state/ must not be there.",
    .options = rebuild_options,
    .examples = {"aver state rebuild summit.state --ledger summit",
                 "aver state rebuild summit.state --ledger summit --json"},
    .run = run_rebuild,
};
