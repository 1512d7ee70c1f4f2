/* aver/policy_look.c - aver policy check: a policy by itself, beside its tables, and beside the other versions of its plan. */
#include <sys/stat.h>

#include "adapters/csv_tables.h"
#include "adapters/policy_rows.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/policy.h"
#include "aver/policy_tables.h"
#include "aver/publish.h"
#include "aver/sheet.h"
#include "aver/verbs.h"

#define FILES_MAX 100

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

/* DIR/NAME.csv as the kind that the policy wants of it; NULL where there is no such file. */
static aver_err table_of_dir(struct aver_command *cmd, const char *dir, const struct aver_policy_node *node,
                             const struct aver_table **out)
{
    const char *path = aver_arena_printf(&cmd->arena, "%s/%.*s.csv", dir, AVER_STR(node->text));
    struct aver_buf bytes = {0};
    struct aver_list findings = {0};
    struct aver_table *table = AVER_NEW(&cmd->arena, struct aver_table);
    struct stat st;
    *out = NULL;
    if (stat(path, &st)) return AVER_OK;
    aver_err err = aver_path_read(&bytes, path, AVER_TABLE_BYTES_MAX, &cmd->why);
    aver_bytes csv = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    err = aver_table_from_csv(table, node->text, aver_policy_table_kind(node->path), path, csv, &cmd->arena,
                              &findings, &cmd->why);
    if (err == AVER_OK) *out = table;
    if (err != AVER_OK) aver_sheet_say(cmd, path, &findings);
    return err;
}

/* The one in force; NULL where none of that name is. */
static aver_err table_in_force(struct aver_command *cmd, struct aver_session *s,
                               const struct aver_policy_node *node, const struct aver_table **out)
{
    struct aver_table *table = AVER_NEW(&cmd->arena, struct aver_table);
    aver_digest digest;
    aver_bytes content;
    *out = NULL;
    aver_err err = aver_in_force(cmd, s, "t/", node->text, &digest);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    AVER_TRY(aver_session_artifact(cmd, s, digest, &content));
    AVER_TRY(aver_schema_read(aver_arena_copy(&cmd->arena, content), &aver_table_schema, table, &cmd->arena,
                              &cmd->why));
    *out = table;
    return AVER_OK;
}

static aver_err look_at_tables(struct aver_command *cmd, struct aver_session *s, const char *dir,
                               const struct aver_policy_loaded *policy, struct aver_list *findings)
{
    struct aver_list named = aver_policy_tables(&cmd->arena, policy);
    const struct aver_policy_node *const *node = named.items;
    struct aver_policy_table *tables = AVER_NEW_ARRAY(&cmd->arena, struct aver_policy_table, named.count + 1);
    for (size_t i = 0; i < named.count; i++) {
        tables[i].node = node[i];
        AVER_TRY(dir ? table_of_dir(cmd, dir, node[i], &tables[i].table)
                     : table_in_force(cmd, s, node[i], &tables[i].table));
    }
    aver_policy_check_rows(findings, &cmd->arena, policy, tables, named.count);
    return AVER_OK;
}

/* ---- versions -------------------------------------------------------------------------------------------------------- */

static aver_err published_versions(struct aver_command *cmd, struct aver_session *s, aver_bytes plan,
                                   struct aver_list *out)
{
    struct aver_plan_state state = {0};
    struct aver_buf name = {0};
    aver_buf_str(&name, "l/");
    aver_name_escape(&name, plan);
    aver_buf_byte(&name, 0);
    aver_err err = aver_session_get(cmd, s, &aver_plan_state_schema, &state, (const char *)name.ptr);
    aver_buf_free(&name);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    const struct aver_plan_version *v = state.versions.items;
    for (size_t i = 0; i < state.versions.count; i++)
        *(struct aver_policy_version *)aver_list_add(&cmd->arena, out, sizeof(struct aver_policy_version)) =
            (struct aver_policy_version){v[i].from, v[i].to,
                                         aver_arena_printf(&cmd->arena,
                                                           "the version published at height %llu",
                                                           (unsigned long long)v[i].height),
                                         true};
    return AVER_OK;
}

aver_err aver_policy_look(struct aver_command *cmd, struct aver_session *s, const char *tables,
                          aver_bytes compiled, const struct aver_list *others, struct aver_list *findings)
{
    struct aver_policy_loaded policy;
    struct aver_list versions = {0};
    AVER_TRY(aver_policy_load(&policy, compiled, &cmd->arena, &cmd->why));
    if (s || tables) AVER_TRY(look_at_tables(cmd, s, tables, &policy, findings));
    if (s) AVER_TRY(published_versions(cmd, s, policy.policy.plan_id, &versions));
    const struct aver_policy_version *other = others ? others->items : NULL;
    for (size_t i = 0; others && i < others->count; i++)
        *(struct aver_policy_version *)aver_list_add(&cmd->arena, &versions, sizeof *other) = other[i];
    aver_policy_check_versions(findings, &cmd->arena, &policy, versions.items, versions.count);
    return AVER_OK;
}

/* ---- aver policy check ------------------------------------------------------------------------------------------------ */

static void json_findings(struct aver_json_writer *w, const struct aver_list *findings)
{
    const struct aver_policy_finding *f = findings->items;
    aver_json_key(w, "findings");
    aver_json_begin_array(w);
    for (size_t i = 0; i < findings->count; i++) {
        aver_json_begin_object(w);
        aver_json_field_str(w, "severity", f[i].severity == AVER_ERROR ? "error" : "warning");
        aver_json_field_str(w, "code", f[i].code);
        aver_json_field_uint(w, "line", f[i].line);
        aver_json_field_uint(w, "column", f[i].column);
        aver_json_field(w, "path", f[i].path);
        aver_json_field(w, "text", f[i].text);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

/* What policy check says; the exit code. `digested`: the compiled bytes where their digest means something, else absent. */
static int say_checked(struct aver_command *cmd, const char *path, aver_err err, aver_bytes digested,
                       const struct aver_list *findings)
{
    if (err != AVER_OK && err != AVER_E_INPUT) return aver_command_fail(cmd, err);
    char hex[65] = "";
    aver_digest digest = aver_sha256(digested);
    if (digested.len) aver_hex(hex, aver_digest_bytes(&digest));
    aver_policy_say(cmd, path, findings);
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", path);
        aver_json_field_str(&w, "status", err == AVER_OK ? "accepted" : "rejected");
        if (*hex) aver_json_field_str(&w, "digest", hex);
        json_findings(&w, findings);
        if (err != AVER_OK) {
            aver_json_key(&w, "error");
            aver_json_begin_object(&w);
            aver_json_field_str(&w, "code", cmd->why.code);
            aver_json_field_str(&w, "place", cmd->why.place);
            aver_json_field_str(&w, "text", cmd->why.text);
            aver_json_end_object(&w);
        }
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else if (err == AVER_OK) {
        aver_print(cmd, "%s  %s%saccepted, %zu warning%s\n", path, hex, *hex ? "  " : "", findings->count,
                   findings->count == 1 ? "" : "s");
    } else if (!findings->count) {
        aver_note(cmd, "error: %s [%s] (%s)", cmd->why.text, cmd->why.code, cmd->why.place);
    }
    return err == AVER_OK ? AVER_EXIT_DONE : AVER_EXIT_NO;
}

/* One of the files that are checked together. */
struct looked {
    const char *path;
    aver_bytes compiled; /* absent: it has errors */
    struct aver_list findings;
    struct aver_policy_loaded policy;
    aver_err err;
    struct aver_why why;
};

/* The versions of the same plan among the other files. */
static struct aver_list versions_beside(struct aver_command *cmd, const struct looked *files, size_t count,
                                        size_t at)
{
    struct aver_list out = {0};
    for (size_t i = 0; i < count; i++) {
        const struct aver_policy *p = &files[i].policy.policy;
        if (i == at || files[i].err != AVER_OK || !aver_bytes_eq(p->plan_id, files[at].policy.policy.plan_id))
            continue;
        *(struct aver_policy_version *)aver_list_add(&cmd->arena, &out, sizeof(struct aver_policy_version)) =
            (struct aver_policy_version){p->effective_from, p->effective_to, files[i].path, false};
    }
    return out;
}

static aver_err check_all(struct aver_command *cmd, struct aver_session *s, struct looked *files)
{
    struct aver_resolving r = {.cmd = cmd, .s = s};
    for (size_t i = 0; i < cmd->args_count; i++) {
        struct looked *f = &files[i];
        aver_bytes yaml;
        f->path = cmd->args[i];
        AVER_TRY(aver_policy_yaml(cmd, f->path, &yaml));
        f->err = aver_policy_build(cmd, &r, f->path, yaml, &f->compiled, &f->findings);
        f->why = cmd->why;
        if (f->err == AVER_E_INPUT) continue;
        AVER_TRY(f->err);
        AVER_TRY(aver_policy_load(&f->policy, f->compiled, &cmd->arena, &cmd->why));
    }
    for (size_t i = 0; i < cmd->args_count; i++) {
        struct aver_list beside = versions_beside(cmd, files, cmd->args_count, i);
        if (files[i].err != AVER_OK) continue;
        AVER_TRY(aver_policy_look(cmd, s, aver_option(cmd, "tables"), files[i].compiled, &beside,
                                  &files[i].findings));
        const struct aver_policy_finding *f = files[i].findings.items;
        for (size_t k = 0; k < files[i].findings.count && files[i].err == AVER_OK; k++)
            if (f[k].severity == AVER_ERROR)
                files[i].err = aver_fail(&files[i].why, AVER_E_INPUT, f[k].code, files[i].path, "%.*s",
                                         AVER_STR(f[k].text));
    }
    return AVER_OK;
}

static int run_check(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct looked *files = AVER_NEW_ARRAY(&cmd->arena, struct looked, cmd->args_count);
    bool ledger = aver_option(cmd, "ledger") != NULL;
    int code = AVER_EXIT_DONE;
    if (ledger) AVER_CLI_TRY(cmd, aver_session_open(cmd, &s, AVER_LEDGER_READ));
    aver_err err = check_all(cmd, ledger ? &s : NULL, files);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    for (size_t i = 0; i < cmd->args_count; i++) {
        cmd->why = files[i].why;
        if (say_checked(cmd, files[i].path, files[i].err, ledger ? files[i].compiled : AVER_BYTES_NONE,
                        &files[i].findings))
            code = AVER_EXIT_NO;
    }
    return code;
}

static const struct aver_option check_options[] = {
    {"tables", "DIR", false, "also look into its tables, DIR/NAME.csv", NULL},
    {"ledger", "DIR", false, "also look up contracts, tables and other versions there, and give the digest",
     "AVER_LEDGER"},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_policy_check = {
    .name = "policy check",
    .args = "FILE.yaml...",
    .args_min = 1,
    .args_max = FILES_MAX,
    .summary = "Says everything that is wrong with a policy.",
    .more =
        "Several files that are versions of one plan are also held against each other: their days must join.",
    .options = check_options,
    .examples = {"aver policy check summit-ppo-2026.yaml --tables tables",
                 "aver policy check summit-ppo-2026.yaml summit-ppo-2027.yaml --ledger summit --json"},
    .run = run_check,
};
