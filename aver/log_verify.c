/* aver/log_verify.c - aver log verify: what a log promised, checked offline against a trust policy. It needs no ledger. */
#include "aver/claims.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/trust.h"
#include "aver/verbs.h"
#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"

#include <inttypes.h>
#include <string.h>

struct verifying {
    struct aver_command *cmd;
    struct aver_trust trust;
    struct aver_buf file, entry, old; /* as given; the entry also as the proof carries it */
    struct aver_tlog_seen seen;
    struct aver_json_writer w; /* with --json: the open object */
};

/* ---- words ---- */

static const char *kind_words(uint64_t kind)
{
    return kind == AVER_ENTRY_ITEM ? "item" : kind == AVER_ENTRY_STATE ? "state root" : "group header";
}

static void say_checkpoint(struct verifying *v)
{
    struct aver_command *cmd = v->cmd;
    const struct aver_checkpoint *c = &v->seen.checkpoint;
    if (cmd->json) {
        aver_json_field(&v->w, "origin", c->origin);
        aver_json_field_uint(&v->w, "size", c->size);
        aver_json_field_hex(&v->w, "root", aver_digest_bytes(&c->root));
        return;
    }
    aver_print(cmd, "the log       %.*s, %" PRIu64 " entries\n", AVER_STR(c->origin), c->size);
}

static void say_witnesses(struct verifying *v)
{
    struct aver_command *cmd = v->cmd;
    const struct aver_tlog_policy *p = &v->trust.policy;
    if (cmd->json) {
        aver_json_key(&v->w, "witnesses");
        aver_json_begin_array(&v->w);
    }
    for (size_t i = 0; i < p->nodes_count; i++) {
        if (!v->seen.time[i]) continue;
        if (cmd->json) {
            aver_json_begin_object(&v->w);
            aver_json_field(&v->w, "name", p->node[i].name);
            aver_json_field_uint(&v->w, "time", v->seen.time[i]);
            aver_json_end_object(&v->w);
        } else if (v->seen.time[i] <= AVER_TIME_MAX / 1000) {
            aver_print(cmd, "cosigned by   %.*s at %s\n", AVER_STR(p->node[i].name),
                       aver_time_words(&cmd->arena, (int64_t)v->seen.time[i] * 1000));
        } else {
            aver_print(cmd, "cosigned by   %.*s at second %" PRIu64 "\n", AVER_STR(p->node[i].name),
                       v->seen.time[i]);
        }
    }
    if (cmd->json) aver_json_end_array(&v->w);
}

static void say_entry(struct verifying *v, uint64_t index, const aver_digest *leaf)
{
    struct aver_command *cmd = v->cmd;
    struct aver_entry entry;
    bool ours = aver_entry_read(&entry, aver_buf_view(&v->entry), NULL) == AVER_OK;
    if (cmd->json) {
        aver_json_field_uint(&v->w, "index", index);
        aver_json_field_hex(&v->w, "leaf", aver_digest_bytes(leaf));
        if (ours) aver_json_field_str(&v->w, "kind", kind_words(entry.kind));
        aver_json_field_hex(&v->w, "entry", aver_buf_view(&v->entry));
        return;
    }
    aver_print(cmd, "is in it      entry %" PRIu64 ", %s of %zu bytes\n", index,
               ours ? kind_words(entry.kind) : "data", v->entry.len);
}

/* ---- the three kinds of file ---- */

static aver_err verify_entry(struct verifying *v)
{
    struct aver_command *cmd = v->cmd;
    struct aver_tlog_proof proof;
    const char *file = aver_option(cmd, "entry");
    AVER_TRY(aver_tlog_proof_read(&proof, &v->entry, aver_buf_view(&v->file), &cmd->why));
    if (file) {
        v->entry.len = 0;
        AVER_TRY(aver_path_read(&v->entry, file, AVER_TLOG_EXTRA_MAX, &cmd->why));
    } else if (v->entry.len == 0) {
        return aver_usage(cmd, "the proof does not carry its entry: give it by --entry FILE");
    }
    aver_digest leaf = aver_merkle_leaf(aver_buf_view(&v->entry));
    AVER_TRY(aver_tlog_proof_check(&proof, &leaf, &v->trust.policy, NULL, &v->seen, &cmd->why));
    say_checkpoint(v);
    say_entry(v, proof.index, &leaf);
    return AVER_OK;
}

/* The log's own signature under the earlier checkpoint: whoever keeps it saw it before, so it needs no witness. */
static aver_err read_old(struct verifying *v, struct aver_checkpoint *old)
{
    struct aver_command *cmd = v->cmd;
    struct aver_tlog_seen seen;
    const char *file = aver_option(cmd, "old");
    uint32_t quorum = v->trust.policy.quorum;
    if (!file) return aver_usage(cmd, "this proves growth: give the earlier checkpoint by --old FILE");
    AVER_TRY(aver_path_read(&v->old, file, AVER_NOTE_BYTES_MAX, &cmd->why));
    v->trust.policy.quorum = AVER_TLOG_NONE;
    aver_err err = aver_tlog_policy_check(&v->trust.policy, NULL, aver_buf_view(&v->old), &seen, &cmd->why);
    v->trust.policy.quorum = quorum;
    *old = seen.checkpoint;
    return err;
}

static aver_err verify_growth(struct verifying *v)
{
    struct aver_command *cmd = v->cmd;
    struct aver_merkle_proof path;
    struct aver_checkpoint old;
    aver_bytes rest = aver_buf_view(&v->file);
    uint64_t size;
    unsigned line = 1;
    if (!aver_tlog_number(&size, aver_tlog_line(&rest), "old") ||
        !aver_tlog_path_read(&path, &rest, AVER_WITNESS_PATH_MAX, &line))
        return aver_fail(
            &cmd->why, AVER_E_INPUT, "TLOG-PROOF", aver_arena_printf(&cmd->arena, "line %u", line),
            "a proof of growth is the word old and a size, at most 63 hashes in base64, an empty "
            "line and the checkpoint");
    AVER_TRY(aver_tlog_policy_check(&v->trust.policy, NULL, rest, &v->seen, &cmd->why));
    AVER_TRY(read_old(v, &old));
    const struct aver_checkpoint *now = &v->seen.checkpoint;
    if (!aver_bytes_eq(old.origin, now->origin))
        return aver_fail(&cmd->why, AVER_E_DIFFERS, "NOTE-ORIGIN", aver_option(cmd, "old"),
                         "the two checkpoints are of two logs, %.*s and %.*s", AVER_STR(old.origin),
                         AVER_STR(now->origin));
    if (old.size != size)
        return aver_fail(&cmd->why, AVER_E_DIFFERS, "MERKLE-PROOF", aver_option(cmd, "old"),
                         "the earlier checkpoint has %" PRIu64 " entries and the proof begins at %" PRIu64,
                         old.size, size);
    if (old.size > 0)
        AVER_TRY(aver_merkle_verify_consistency(&old.root, old.size, &now->root, now->size, path.hash,
                                                path.count, &cmd->why));
    say_checkpoint(v);
    if (cmd->json)
        aver_json_field_uint(&v->w, "old", size);
    else
        aver_print(cmd, "only grew     since it had %" PRIu64 " entries\n", size);
    return AVER_OK;
}

static aver_err verify_checkpoint(struct verifying *v)
{
    AVER_TRY(aver_tlog_policy_check(&v->trust.policy, NULL, aver_buf_view(&v->file), &v->seen, &v->cmd->why));
    say_checkpoint(v);
    return AVER_OK;
}

static bool begins(const struct aver_buf *file, const char *with)
{
    size_t n = strlen(with);
    return file->len >= n && !memcmp(file->ptr, with, n);
}

static aver_err verify(struct verifying *v)
{
    struct aver_command *cmd = v->cmd;
    AVER_TRY(aver_trust_read(cmd, &v->trust, "policy"));
    AVER_TRY(aver_path_read(&v->file, cmd->args[0], AVER_TLOG_PROOF_BYTES_MAX, &cmd->why));
    if (cmd->json) {
        v->w = aver_json_line(cmd);
        aver_json_begin_object(&v->w);
        aver_json_field_str(&v->w, "verdict", "holds");
    }
    if (begins(&v->file, "c2sp.org/tlog-proof")) return verify_entry(v);
    if (begins(&v->file, "old ")) return verify_growth(v);
    return verify_checkpoint(v);
}

static int run_verify(struct aver_command *cmd)
{
    struct verifying v = {.cmd = cmd};
    size_t before = cmd->out.len;
    aver_err err = verify(&v);
    if (err == AVER_OK) {
        say_witnesses(&v);
        if (cmd->json) {
            aver_json_end_object(&v.w);
            aver_json_end_line(cmd, &v.w);
        } else {
            aver_print(cmd, "holds\n");
        }
    } else {
        cmd->out.len = before; /* an object that was begun */
    }
    aver_buf_free(&v.file);
    aver_buf_free(&v.entry);
    aver_buf_free(&v.old);
    aver_trust_free(&v.trust);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"policy", "FILE", true, "whom to believe: logs and witnesses (C2SP tlog-policy)", NULL},
    {"entry", "FILE", false, "the entry, where the proof does not carry it", NULL},
    {"old", "FILE", false, "the earlier checkpoint, for a proof that the log only grew", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_log_verify = {
    .name = "log verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Checks a proof or a checkpoint of any log against a trust policy, offline.",
    .more =
        "FILE is a tlog-proof (aver log prove), a proof of growth (aver log consistency), or a checkpoint. "
        "Exit 0: it holds.",
    .options = options,
    .examples = {"aver log verify claim.tlog-proof --policy summit.policy",
                 "aver log verify growth --old yesterday.checkpoint --policy summit.policy"},
    .run = run_verify,
};
