/* aver/verify_main.c - aver-verify: a bundle checked without ledger, database and network, and its claim decided again. A program of
 * its own, with as little in it as that takes. */
#include "aver/files.h"
#include "aver/output.h"
#include "ledger/transition/verify.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_FILE_MAX 4096
#define PACK_MAX     1000 /* files */

struct inputs {
    struct aver_buf bundle, key_text, policy_text;
    struct aver_note_key key;
    struct aver_tlog_policy policy;
    struct aver_list pack; /* of aver_bytes */
};

/* A word, or a file that holds it. */
static aver_err read_key(struct aver_command *cmd, struct inputs *in, const char *given)
{
    aver_bytes text = aver_bytes_str(given);
    if (aver_note_vkey_read(&in->key, text, &cmd->why) == AVER_OK) return AVER_OK;
    struct stat st;
    if (stat(given, &st) != 0)
        return aver_usage(cmd, "--node-key is neither a key (NAME+HASH+BASE64) nor a file that holds one");
    AVER_TRY(aver_path_read(&in->key_text, given, KEY_FILE_MAX, &cmd->why));
    text = aver_buf_view(&in->key_text);
    while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) text.len--;
    return aver_note_vkey_read(&in->key, text, &cmd->why);
}

static aver_err read_policy(struct aver_command *cmd, struct inputs *in, const char *file)
{
    AVER_TRY(aver_path_read(&in->policy_text, file, AVER_TLOG_POLICY_BYTES_MAX, &cmd->why));
    return aver_tlog_policy_read(&in->policy, aver_buf_view(&in->policy_text), &cmd->why);
}

/* A contract, a compiled policy, or another bundle that carries them. */
static aver_err read_pack_file(struct aver_command *cmd, struct inputs *in, const char *file)
{
    struct aver_buf bytes = {0};
    struct aver_bundle other;
    if (in->pack.count >= PACK_MAX)
        return aver_fail(&cmd->why, AVER_E_LIMIT, "FILE-COUNT", file, "a pack has at most %d files",
                         PACK_MAX);
    AVER_TRY(aver_path_read(&bytes, file, AVER_BUNDLE_BYTES_MAX, &cmd->why));
    aver_bytes kept = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    if (aver_bundle_read(&other, kept, &cmd->arena, NULL) != AVER_OK) {
        *(aver_bytes *)aver_list_add(&cmd->arena, &in->pack, sizeof kept) = kept;
        return AVER_OK;
    }
    const struct aver_bundle_content *c = other.contents.items;
    for (size_t i = 0; i < other.contents.count; i++)
        *(aver_bytes *)aver_list_add(&cmd->arena, &in->pack, sizeof kept) = c[i].bytes;
    return AVER_OK;
}

static aver_err read_pack(struct aver_command *cmd, struct inputs *in, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir && errno != ENOTDIR) return aver_fail_errno(&cmd->why, "open the pack", path);
    if (!dir) return read_pack_file(cmd, in, path);
    aver_err err = AVER_OK;
    for (struct dirent *e; err == AVER_OK && (e = readdir(dir));) {
        const char *file = aver_arena_printf(&cmd->arena, "%s/%s", path, e->d_name);
        struct stat st;
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) err = read_pack_file(cmd, in, file);
    }
    closedir(dir);
    return err;
}

static void say(struct aver_command *cmd, const struct aver_verify *v)
{
    const struct aver_verify_line *line = v->lines.items;
    if (v->claim_id[0]) aver_print(cmd, "claim %s\n", v->claim_id);
    for (size_t i = 0; i < v->lines.count; i++) {
        bool holds = line[i].verdict == AVER_VERDICT_SAME;
        aver_print(cmd, "  %-14s %s%s%s%s%s%s\n", line[i].what,
                   holds ? "" : aver_verdict_words(line[i].verdict), holds ? "" : ": ", line[i].text,
                   holds ? "" : " [", line[i].code, holds ? "" : "]");
    }
    if (v->decision && v->verdict != AVER_VERDICT_DIFFERS)
        aver_print(cmd, "  %-14s charge %s, paid %s, patient %s\n", "recorded",
                   aver_money_words(&cmd->arena, (int64_t)v->decision->charge.cents),
                   aver_money_words(&cmd->arena, (int64_t)v->decision->paid.cents),
                   aver_money_words(&cmd->arena, (int64_t)v->decision->patient_responsibility.cents));
    if (v->trusted || v->otherwise == AVER_VERDICT_COULD_NOT)
        aver_print(cmd, "\n%s\n", aver_verdict_words(v->verdict));
    else
        aver_print(cmd, "\n%s: %s, if the log key %.*s+%08" PRIx32 " is the node's\n",
                   aver_verdict_words(v->verdict), aver_verdict_words(v->otherwise), AVER_STR(v->key.name),
                   v->key.id);
}

static void say_json(struct aver_command *cmd, const struct aver_verify *v)
{
    const struct aver_verify_line *line = v->lines.items;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "verdict", aver_verdict_words(v->verdict));
    if (v->claim_id[0]) aver_json_field_str(&w, "claim", v->claim_id);
    aver_json_key(&w, "trusted");
    aver_json_put_bool(&w, v->trusted);
    aver_json_key(&w, "decided_again");
    aver_json_put_bool(&w, v->decided_again);
    aver_json_field_uint(&w, "entry", v->entry);
    aver_json_field_uint(&w, "records", v->reads);
    aver_json_field_uint(&w, "records_opened", v->opened);
    if (v->decision) {
        aver_json_field_money(&w, "charge", (int64_t)v->decision->charge.cents);
        aver_json_field_money(&w, "paid", (int64_t)v->decision->paid.cents);
    }
    aver_json_key(&w, "checks");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < v->lines.count; i++) {
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "check", line[i].what);
        aver_json_field_str(&w, "verdict",
                            line[i].verdict == AVER_VERDICT_SAME ? "holds"
                                                                 : aver_verdict_words(line[i].verdict));
        if (line[i].code[0]) aver_json_field_str(&w, "code", line[i].code);
        aver_json_field_str(&w, "text", line[i].text);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

/* What kept it from an answer is itself the third answer. */
static int could_not(struct aver_command *cmd, aver_err err)
{
    int code = aver_command_fail(cmd, err);
    if (code == AVER_EXIT_USAGE) return code;
    if (!cmd->json) aver_print(cmd, "%s\n", aver_verdict_words(AVER_VERDICT_COULD_NOT));
    return AVER_EXIT_COULD_NOT;
}

static aver_err read_all(struct aver_command *cmd, struct inputs *in, struct aver_verify *v)
{
    const char *key = aver_option(cmd, "node-key"), *policy = aver_option(cmd, "policy"),
               *pack = aver_option(cmd, "pack");
    if (key) AVER_TRY(read_key(cmd, in, key));
    if (policy) AVER_TRY(read_policy(cmd, in, policy));
    if (pack) AVER_TRY(read_pack(cmd, in, pack));
    AVER_TRY(aver_path_read(&in->bundle, cmd->args[0], AVER_BUNDLE_BYTES_MAX, &cmd->why));
    *v = (struct aver_verify){.log = key ? &in->key : NULL,
                              .policy = policy ? &in->policy : NULL,
                              .pack = in->pack.items,
                              .pack_count = in->pack.count};
    return AVER_OK;
}

static int run_verify(struct aver_command *cmd)
{
    struct inputs *in = AVER_NEW(&cmd->arena, struct inputs);
    struct aver_verify v;
    *in = (struct inputs){.pack = {0}};
    aver_err err = read_all(cmd, in, &v);
    int code = AVER_EXIT_COULD_NOT;
    if (err != AVER_OK) {
        code = could_not(cmd, err);
    } else {
        aver_bundle_verify(&v, aver_buf_view(&in->bundle), &cmd->arena);
        (cmd->json ? say_json : say)(cmd, &v);
        code = (int)v.verdict;
    }
    aver_buf_free(&in->bundle);
    aver_buf_free(&in->key_text);
    aver_buf_free(&in->policy_text);
    return code;
}

static const struct aver_option options[] = {
    {"node-key", "KEY|FILE", false, "the log key of the node, as its operator tells it", NULL},
    {"policy", "FILE", false, "which logs and witnesses to believe (C2SP tlog-policy)", NULL},
    {"pack", "FILE|DIR", false, "contracts and policy, or a bundle with them, for one without", NULL},
    AVER_OPTION_END,
};
static const struct aver_verb verb = {
    .name = "aver-verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Checks a bundle and decides its claim again: same, differs, or could not check.",
    .more =
        "Exit code 0: same; 1: differs; 2: could not check. Without --node-key and --policy nothing says whose log it is,\n"
        "and the answer is at best 2.",
    .options = options,
    .examples = {"aver-verify claim.bundle --node-key node.vkey",
                 "aver-verify claim.bundle --policy trust.policy --json"},
    .run = run_verify,
    .program = true,
};

int main(int argc, char **argv)
{
    /* A bug of ours is no answer about the bundle. */
    static const struct aver_assert_watch could_not_check = {.status = AVER_EXIT_COULD_NOT};
    aver_assert_watched_by(&could_not_check);
    return aver_command_main(&verb, argc, argv);
}
