/* aver/contract_check.c - aver contract check: is it of the dialect, does it load, and does what it says stand in its policies. */
#include <stdio.h>
#include <string.h>

#include "aver/contract.h"
#include "aver/files.h"
#include "aver/lua_test.h"
#include "aver/output.h"
#include "aver/policy_tables.h"
#include "aver/suite.h"
#include "aver/verbs.h"
#include "ledger/transition/contract.h"

struct checking {
    struct aver_command *cmd;
    struct aver_arena *arena;
    struct aver_list loaded; /* of struct aver_policy_loaded: the policies of the directory */
    size_t errors, warnings;
};

/* The policies that this contract decides by. */
static struct aver_list policies_of(struct checking *c, aver_bytes source)
{
    struct aver_list out = {0};
    aver_digest digest = aver_sha256(source);
    struct aver_policy_loaded *p = c->loaded.items;
    for (size_t i = 0; i < c->loaded.count; i++)
        if (aver_digest_eq(p[i].policy.eligibility, digest) || aver_digest_eq(p[i].policy.coverage, digest) ||
            aver_digest_eq(p[i].policy.payout, digest))
            *(const struct aver_policy_loaded **)aver_list_add(c->arena, &out, sizeof(void *)) = &p[i];
    return out;
}

/* The line with a caret, on stderr. */
static void show(struct checking *c, const char *path, aver_bytes source,
                 const struct aver_contract_finding *f)
{
    struct aver_buf out = {0};
    if (c->cmd->json) return;
    aver_vm_show(&out, path, source, f->line, f->column, f->warning ? "warning" : f->code, f->text,
                 f->instead);
    fprintf(stderr, "%.*s", AVER_STR(aver_buf_view(&out)));
    aver_buf_free(&out);
}

static void json_findings(struct aver_json_writer *w, const struct aver_list *findings)
{
    const struct aver_contract_finding *f = findings->items;
    aver_json_key(w, "findings");
    aver_json_begin_array(w);
    for (size_t i = 0; i < findings->count; i++) {
        aver_json_begin_object(w);
        aver_json_field_str(w, "level", f[i].warning ? "warning" : "error");
        aver_json_field_str(w, "code", f[i].code);
        aver_json_field_uint(w, "line", f[i].line);
        aver_json_field_uint(w, "column", f[i].column);
        aver_json_field_str(w, "text", f[i].text);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

static void say(struct checking *c, const char *path, const struct aver_publication *p,
                const struct aver_list *entries, const struct aver_list *policies,
                const struct aver_list *findings, bool bad)
{
    const aver_bytes *entry = entries->items;
    const struct aver_policy_loaded *const *policy = policies->items;
    aver_digest digest = aver_sha256(p->content);
    char hex[65];
    aver_hex(hex, aver_digest_bytes(&digest));
    if (c->cmd->json) {
        struct aver_json_writer w = aver_json_line(c->cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", path);
        aver_json_field(&w, "name", p->name);
        aver_json_field_str(&w, "status", bad ? "rejected" : "accepted");
        aver_json_field_str(&w, "digest", hex);
        aver_json_key(&w, "entries");
        aver_json_begin_array(&w);
        for (size_t i = 0; i < entries->count; i++) aver_json_put_string(&w, entry[i]);
        aver_json_end_array(&w);
        aver_json_key(&w, "policies");
        aver_json_begin_array(&w);
        for (size_t i = 0; i < policies->count; i++) aver_json_put_string(&w, policy[i]->policy.plan_id);
        aver_json_end_array(&w);
        json_findings(&w, findings);
        aver_json_end_object(&w);
        aver_json_end_line(c->cmd, &w);
        return;
    }
    aver_print(c->cmd, "%s  %s  entry points:", path, hex);
    for (size_t i = 0; i < entries->count; i++) aver_print(c->cmd, " %.*s", AVER_STR(entry[i]));
    if (policies->count) aver_print(c->cmd, "  policies:");
    for (size_t i = 0; i < policies->count; i++)
        aver_print(c->cmd, " %.*s", AVER_STR(policy[i]->policy.plan_id));
    aver_print(c->cmd, "%s\n", bad ? "  rejected" : "");
}

/* Its entry point `prepare`, with each of its policies. */
static aver_err check_prepared(struct checking *c, const char *path, aver_bytes source,
                               const struct aver_list *policies, struct aver_list *findings)
{
    const struct aver_policy_loaded *const *policy = policies->items;
    for (size_t i = 0; i < policies->count; i++) {
        uint64_t line;
        aver_err err = aver_contract_prepare(path, source, policy[i], NULL, &line, &c->cmd->why);
        if (err != AVER_E_INPUT) AVER_TRY(err);
        if (err == AVER_OK) continue;
        *(struct aver_contract_finding *)aver_list_add(c->arena, findings,
                                                       sizeof(struct aver_contract_finding)) =
            (struct aver_contract_finding){.line = line,
                                           .column = 1,
                                           .code = "CHECK-PREPARE",
                                           .text = aver_arena_printf(c->arena, "%s", c->cmd->why.text),
                                           .instead = "no claim of this plan could be decided"};
        c->cmd->why = (struct aver_why){0};
    }
    return AVER_OK;
}

/* Loads it as a node would, and looks through what it says. */
static aver_err check_contract(struct checking *c, const char *path)
{
    struct aver_command *cmd = c->cmd;
    struct aver_publication p;
    struct aver_vm *vm;
    struct aver_list findings = {0};
    AVER_TRY(aver_contract_read(cmd, path, &p));
    AVER_TRY(aver_contract_dialect(cmd, aver_contract_setup(), path, p.content));
    AVER_TRY(aver_vm_new(&vm, aver_contract_setup(), path, p.content, &cmd->why));
    struct aver_list entries = aver_vm_entries(vm, &cmd->arena), policies = policies_of(c, p.content);
    aver_vm_free(vm);
    AVER_TRY(aver_contract_look(cmd, path, p.content, &policies, &findings));
    AVER_TRY(check_prepared(c, path, p.content, &policies, &findings));
    const struct aver_contract_finding *f = findings.items;
    bool bad = false;
    for (size_t i = 0; i < findings.count; i++) {
        show(c, path, p.content, &f[i]);
        bad = bad || !f[i].warning;
        ++*(f[i].warning ? &c->warnings : &c->errors);
    }
    say(c, path, &p, &entries, &policies, &findings, bad);
    return AVER_OK;
}

/* Tests of the directory: that they are of the dialect. */
static aver_err check_tests(struct checking *c, const char *path)
{
    struct aver_list tests = {0};
    AVER_TRY(aver_lua_tests_read(c->cmd, &tests, path));
    if (!c->cmd->json) {
        aver_print(c->cmd, "%s  %zu tests\n", path, tests.count);
        return AVER_OK;
    }
    struct aver_json_writer w = aver_json_line(c->cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "file", path);
    aver_json_field_str(&w, "status", "accepted");
    aver_json_field_uint(&w, "tests", tests.count);
    aver_json_end_object(&w);
    aver_json_end_line(c->cmd, &w);
    return AVER_OK;
}

static void worse(int *code, int one)
{
    if (one > *code) *code = one;
}

static int each(struct checking *c, const struct aver_list *paths,
                aver_err (*check)(struct checking *, const char *))
{
    const char *const *path = paths->items;
    int code = AVER_EXIT_DONE;
    for (size_t i = 0; i < paths->count; i++) {
        aver_err err = check(c, path[i]);
        if (err == AVER_OK) continue;
        if (c->cmd->shown) aver_print(c->cmd, "%s  rejected\n", path[i]);
        c->errors++;
        worse(&code, aver_command_fail(c->cmd, err));
    }
    return code;
}

/* ---- tables that a policy names ---- */

static bool has_table(const struct aver_project *p, aver_bytes name)
{
    const struct aver_project_file *f = p->tables.items;
    for (size_t i = 0; i < p->tables.count; i++)
        if (aver_bytes_eq(f[i].name, name)) return true;
    return false;
}

static void check_tables(struct checking *c, const struct aver_project *p)
{
    const struct aver_policy_loaded *policy = c->loaded.items;
    const struct aver_project_file *file = p->policies.items;
    for (size_t i = 0; i < c->loaded.count; i++) {
        struct aver_list findings = {0}, tables = aver_policy_tables(c->arena, &policy[i]);
        const struct aver_policy_node *const *table = tables.items;
        for (size_t k = 0; k < tables.count; k++)
            if (!has_table(p, table[k]->text))
                *(struct aver_contract_finding *)aver_list_add(c->arena, &findings,
                                                               sizeof(struct aver_contract_finding)) =
                    (struct aver_contract_finding){
                        .warning = true,
                        .line = table[k]->line,
                        .column = 1,
                        .code = "CHECK-TABLE",
                        .text = aver_arena_printf(c->arena, "%.*s: there is no tables/%.*s.csv",
                                                  AVER_STR(table[k]->path), AVER_STR(table[k]->text)),
                        .instead = "what needs the table is held, here and on a ledger without it"};
        c->warnings += findings.count;
        const struct aver_contract_finding *f = findings.items;
        for (size_t k = 0; k < findings.count; k++) show(c, file[i].path, file[i].bytes, &f[k]);
        if (!c->cmd->json || !findings.count) continue;
        struct aver_json_writer w = aver_json_line(c->cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", file[i].path);
        aver_json_field_str(&w, "status", "accepted");
        json_findings(&w, &findings);
        aver_json_end_object(&w);
        aver_json_end_line(c->cmd, &w);
    }
}

static aver_err load_policies(struct checking *c, const char *dir, bool with_tables)
{
    struct aver_project project = {0};
    aver_err err = aver_project_read(c->cmd, &project, dir);
    if (err == AVER_OK) err = aver_project_policies(&project, c->arena, &c->loaded, &c->cmd->why);
    if (err == AVER_OK && with_tables) check_tables(c, &project);
    aver_project_end(&project);
    return err;
}

static int check_dir(struct checking *c, const char *dir)
{
    struct aver_list contracts = {0}, tests = {0};
    int code = AVER_EXIT_DONE;
    c->loaded = (struct aver_list){0};
    aver_err err = load_policies(c, dir, true);
    if (err != AVER_OK) {
        c->loaded = (struct aver_list){0};
        worse(&code, aver_command_fail(c->cmd, err));
        if (err == AVER_E_NOT_FOUND) return code;
    }
    AVER_CLI_TRY(c->cmd, aver_project_list(c->cmd, &contracts, dir, "contracts", ".lua"));
    AVER_CLI_TRY(c->cmd, aver_project_list(c->cmd, &tests, dir, "tests", ".lua"));
    worse(&code, each(c, &contracts, check_contract));
    worse(&code, each(c, &tests, check_tests));
    return code;
}

static int check_word(struct checking *c, const char *word)
{
    if (aver_suite_is_dir(word)) return check_dir(c, word);
    struct aver_list one = {&word, 1, 1};
    /* DIR/contracts/NAME.lua belongs to a directory that may have policies; without them, what needs one is not looked at. */
    const char *slash = strrchr(word, '/');
    const char *dir = slash ? aver_arena_printf(c->arena, "%.*s/..", (int)(slash - word), word) : "..";
    c->loaded = (struct aver_list){0};
    if (load_policies(c, dir, false) != AVER_OK) c->loaded = (struct aver_list){0};
    return each(c, &one, check_contract);
}

static int run_check(struct aver_command *cmd)
{
    struct checking c = {.cmd = cmd, .arena = &cmd->arena};
    int code = AVER_EXIT_DONE;
    if (!cmd->args_count) code = check_dir(&c, ".");
    for (size_t i = 0; i < cmd->args_count; i++) worse(&code, check_word(&c, cmd->args[i]));
    if (!cmd->json && (c.errors || c.warnings))
        aver_note(cmd, "%zu error%s, %zu warning%s", c.errors, c.errors == 1 ? "" : "s", c.warnings,
                  c.warnings == 1 ? "" : "s");
    if (c.errors) worse(&code, AVER_EXIT_NO);
    return code;
}

static const struct aver_option options[] = {AVER_OPTION_END};
const struct aver_verb aver_verb_contract_check = {
    .name = "contract check",
    .args = "[DIR|FILE.lua]...",
    .args_max = AVER_CONTRACTS_MAX,
    .summary =
        "Loads contracts as a node would, and holds what they say against their policies and the codes.",
    .more =
        "Looked at: syntax and dialect, names and methods, groups, reason and remark codes, and whether each path of the policy\n"
        "that stands in the source is in the policies that name the contract. Of a directory, its tests in Lua too.",
    .options = options,
    .examples = {"aver contract check summit-ppo", "aver contract check contracts/*.lua --json"},
    .run = run_check,
};
