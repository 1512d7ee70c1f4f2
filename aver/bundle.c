/* aver/bundle.c - aver bundle: one claim in one file, for who wants to check it without the ledger. */
#include "aver/claims.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/model/note.h"
#include "ledger/storage/bundle.h"

static const char *const readers[] = {NULL, "provider", "member", "auditor"};

static aver_err make(struct aver_command *cmd, struct aver_session *s, struct aver_buf *out, uint64_t reader,
                     struct aver_found *found)
{
    AVER_TRY(aver_claim_find(cmd, s, cmd->args[0], found));
    struct aver_bundle_wish wish = {.claim_id = aver_bytes_str(found->id),
                                    .reader = (enum aver_bundle_reader)reader,
                                    .no_pack = aver_flag(cmd, "no-pack")};
    struct aver_progress progress = aver_progress_begin("bundle");
    aver_err err =
        aver_bundle_make(s->ledger, &wish, out, &cmd->arena, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    return err;
}

/* The key to give to aver-verify, by another way than the bundle. */
static aver_err node_key(struct aver_command *cmd, struct aver_session *s, struct aver_buf *vkey)
{
    struct aver_note_key key;
    AVER_TRY(
        aver_note_key_of(&key, aver_ledger_chain(s->ledger), aver_ledger_node_key(s->ledger), &cmd->why));
    aver_note_vkey_put(vkey, &key);
    return AVER_OK;
}

static void say(struct aver_command *cmd, const struct aver_found *found, const char *file, size_t bytes,
                const char *reader, aver_bytes vkey)
{
    if (!cmd->json) {
        aver_print(cmd, "%s: claim %s for %s %s, %zu bytes\n", file, found->id, *reader == 'a' ? "an" : "a",
                   reader, bytes);
        aver_print(cmd, "check it with: aver-verify %s --node-key '%.*s'\n", file, AVER_STR(vkey));
        return;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "claim", found->id);
    aver_json_field_str(&w, "for", reader);
    aver_json_field_str(&w, "file", file);
    aver_json_field_uint(&w, "bytes", bytes);
    aver_json_field(&w, "node_key", vkey);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_bundle(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_found found;
    struct aver_buf bytes = {0}, vkey = {0};
    uint64_t reader = 0;
    const char *file = aver_option(cmd, "out");
    AVER_CLI_TRY(cmd, aver_option_choice(cmd, "for", readers, AVER_BUNDLE_AUDITOR, &reader));
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = make(cmd, &s, &bytes, reader, &found);
    if (err == AVER_OK) err = node_key(cmd, &s, &vkey);
    /* It holds health data: nobody else reads it. */
    if (err == AVER_OK) err = aver_path_write(file, aver_buf_view(&bytes), 0600, true, &cmd->why);
    if (err == AVER_OK) say(cmd, &found, file, bytes.len, readers[reader], aver_buf_view(&vkey));
    aver_buf_free(&bytes);
    aver_buf_free(&vkey);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    AVER_OPTION_LEDGER,
    {"for", "WHOM", true, "provider, member or auditor: what it opens", NULL},
    {"out", "FILE", true, "where to write it", NULL},
    {"no-pack", NULL, false, "leave out the contracts and the policy", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_bundle = {
    .name = "bundle",
    .args = "CLAIM",
    .args_min = 1,
    .args_max = 1,
    .summary = "Writes one claim, with the proofs of all that decided it, into one file.",
    .more =
        "CLAIM is a claim's id or patient control number. aver-verify checks the file without a ledger, and decides the\n"
        "claim again. For a member or a provider it opens the records of that patient and of no one else.",
    .options = options,
    .examples = {"aver bundle 0A1B2C3D4E5F6G7H8J9K0M1N --for auditor --out claim.bundle --ledger summit",
                 "aver bundle V-1001 --for member --out v-1001.bundle --ledger summit"},
    .run = run_bundle,
};
