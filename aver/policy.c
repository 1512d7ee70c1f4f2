/* aver/policy.c - aver policy publish, verify, list. */
#include "adapters/policy_yaml.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/policy.h"
#include "aver/publish.h"
#include "aver/verbs.h"
#include "ledger/transition/contract.h"

#include <string.h>

static aver_err resolve_published(struct aver_resolving *r, aver_digest *out, aver_bytes contract)
{
    const aver_digest *digests[] = {&r->as_published->eligibility, &r->as_published->coverage,
                                    &r->as_published->payout};
    for (size_t i = 0; i < 3; i++) {
        struct aver_artifact_state state;
        char hex[65];
        aver_hex(hex, aver_digest_bytes(digests[i]));
        AVER_TRY(aver_session_get(r->cmd, r->s, &aver_artifact_state_schema, &state,
                                  aver_arena_printf(&r->cmd->arena, "a/%s", hex)));
        *out = *digests[i];
        if (aver_bytes_eq(state.name, contract)) return AVER_OK;
    }
    return AVER_E_NOT_FOUND;
}

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    struct aver_resolving *r = ctx;
    (void)why; /* the command's own */
    return r->as_published ? resolve_published(r, out, contract)
                           : aver_in_force(r->cmd, r->s, "n/", contract, out);
}

void aver_policy_say(struct aver_command *cmd, const char *path, const struct aver_list *findings)
{
    const struct aver_policy_finding *f = findings->items;
    for (size_t i = 0; i < findings->count; i++)
        aver_note(cmd, "%s: %.*s [%s] (%s:%llu:%llu%s%.*s)",
                  f[i].severity == AVER_ERROR ? "error" : "warning", AVER_STR(f[i].text), f[i].code, path,
                  (unsigned long long)f[i].line, (unsigned long long)f[i].column, f[i].path.len ? ", " : "",
                  AVER_STR(f[i].path));
}

aver_err aver_policy_yaml(struct aver_command *cmd, const char *path, aver_bytes *out)
{
    struct aver_buf text = {0};
    aver_err err = aver_path_read(&text, path, AVER_YAML_BYTES_MAX, &cmd->why);
    *out = aver_arena_copy(&cmd->arena, aver_buf_view(&text));
    aver_buf_free(&text);
    return err;
}

/* Its contracts, as they would be prepared for it. */
static aver_err prepare_contracts(struct aver_command *cmd, struct aver_session *s, aver_bytes compiled,
                                  struct aver_list *findings)
{
    struct aver_policy_loaded policy;
    AVER_TRY(aver_policy_load(&policy, compiled, &cmd->arena, &cmd->why));
    const struct {
        const char *name;
        aver_digest digest;
    } contracts[] = {{"eligibility", policy.policy.eligibility},
                     {"coverage", policy.policy.coverage},
                     {"payout", policy.policy.payout}};
    for (size_t i = 0; i < 3; i++) {
        aver_bytes source;
        struct aver_why why = {0};
        AVER_TRY(aver_session_artifact(cmd, s, contracts[i].digest, &source));
        aver_err err = aver_contract_prepare(contracts[i].name, source, &policy, NULL, NULL, &why);
        if (err == AVER_OK) continue;
        cmd->why = why;
        if (err != AVER_E_INPUT) return err;
        *(struct aver_policy_finding *)aver_list_add(
            &cmd->arena, findings, sizeof(struct aver_policy_finding)) = (struct aver_policy_finding){
            .severity = AVER_ERROR,
            .code = "POLICY-PREPARE",
            .line = 1,
            .column = 1,
            .path = AVER_LIT("contracts"),
            .text = aver_bytes_str(aver_arena_printf(&cmd->arena, "%s: %s", why.place, why.text))};
        return err;
    }
    return AVER_OK;
}

static aver_err resolve_nothing(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    (void)ctx, (void)contract, (void)why;
    *out = (aver_digest){{0}};
    return AVER_OK;
}

aver_err aver_policy_build(struct aver_command *cmd, struct aver_resolving *r, const char *path,
                           aver_bytes yaml, aver_bytes *out, struct aver_list *findings)
{
    struct aver_buf bytes = {0};
    aver_err err = aver_policy_compile(&bytes, path, yaml, r->s ? resolve : resolve_nothing, r, &cmd->arena,
                                       findings, &cmd->why);
    *out = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    if (err == AVER_OK && r->s && !r->as_published) err = prepare_contracts(cmd, r->s, *out, findings);
    return err;
}

static int run_publish(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_resolving r = {.cmd = cmd, .s = &s};
    struct aver_list findings = {0}, publications = {0};
    struct aver_policy_loaded policy;
    aver_bytes yaml, compiled;
    AVER_CLI_TRY(cmd, aver_policy_yaml(cmd, cmd->args[0], &yaml));
    AVER_CLI_TRY(cmd, aver_session_open(cmd, &s, AVER_LEDGER_WRITE));
    aver_err err = aver_policy_build(cmd, &r, cmd->args[0], yaml, &compiled, &findings);
    if (err == AVER_OK) err = aver_policy_look(cmd, &s, NULL, compiled, NULL, &findings);
    aver_policy_say(cmd, cmd->args[0], &findings);
    if (err == AVER_OK) err = aver_policy_load(&policy, compiled, &cmd->arena, &cmd->why);
    if (err != AVER_OK) {
        cmd->shown = err == AVER_E_INPUT && findings.count; /* the first error is a finding */
        aver_session_close(&s);
        return aver_command_fail(cmd, err);
    }
    struct aver_publication *p = aver_list_add(&cmd->arena, &publications, sizeof *p);
    *p = (struct aver_publication){AVER_ARTIFACT_POLICY, policy.policy.plan_id, compiled};
    int code = aver_publish(cmd, &s, &publications);
    aver_session_close(&s);
    return code;
}

static const struct aver_option publish_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY,
                                                     AVER_OPTION_APPROVE_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_policy_publish = {
    .name = "policy publish",
    .args = "FILE.yaml",
    .args_min = 1,
    .args_max = 1,
    .summary = "Compiles a policy and publishes it; it is in force once a second person approves.",
    .options = publish_options,
    .examples =
        {"aver policy publish summit-ppo-2026.yaml --ledger summit --key operations.key",
         "aver policy publish summit-ppo-2026.yaml --key operations.key --approve-key compliance.key"},
    .run = run_publish,
};

struct verifying {
    bool same;
    aver_digest compiled, published; /* published: the one that is the same, else the plan's newest */
    uint64_t height;
    aver_bytes plan;
};

static aver_err plan_state(struct aver_command *cmd, struct aver_session *s, aver_bytes plan,
                           struct aver_plan_state *out)
{
    struct aver_buf name = {0};
    aver_buf_str(&name, "l/");
    aver_name_escape(&name, plan);
    aver_buf_byte(&name, 0);
    aver_err err = aver_session_get(cmd, s, &aver_plan_state_schema, out, (const char *)name.ptr);
    aver_buf_free(&name);
    return err;
}

/* Whether this YAML, with the contracts that the published policy names, compiles to its bytes. */
static aver_err same_as(struct aver_command *cmd, struct aver_session *s, aver_bytes yaml,
                        aver_digest published, bool *same)
{
    struct aver_policy_loaded policy;
    struct aver_resolving r = {.cmd = cmd, .s = s};
    struct aver_list findings = {0};
    aver_bytes content, compiled;
    AVER_TRY(aver_session_artifact(cmd, s, published, &content));
    AVER_TRY(aver_policy_load(&policy, aver_arena_copy(&cmd->arena, content), &cmd->arena, &cmd->why));
    r.as_published = &policy.policy;
    aver_err err = aver_policy_build(cmd, &r, cmd->args[0], yaml, &compiled, &findings);
    *same = err == AVER_OK && aver_digest_eq(aver_sha256(compiled), published);
    return err == AVER_E_INPUT ? AVER_OK : err; /* it names another contract */
}

static aver_err verify(struct aver_command *cmd, struct aver_session *s, struct verifying *v)
{
    struct aver_resolving r = {.cmd = cmd, .s = s};
    struct aver_list findings = {0};
    struct aver_policy_loaded policy;
    struct aver_plan_state plan;
    aver_bytes yaml, compiled;
    AVER_TRY(aver_policy_yaml(cmd, cmd->args[0], &yaml));
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_READ));
    aver_err err = aver_policy_build(cmd, &r, cmd->args[0], yaml, &compiled, &findings);
    if (err != AVER_OK) aver_policy_say(cmd, cmd->args[0], &findings);
    AVER_TRY(err);
    AVER_TRY(aver_policy_load(&policy, compiled, &cmd->arena, &cmd->why));
    v->plan = policy.policy.plan_id;
    v->compiled = policy.digest;
    err = plan_state(cmd, s, v->plan, &plan);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&cmd->why, AVER_E_DIFFERS, "POLICY-UNPUBLISHED", cmd->args[0],
                         "no policy of the plan %.*s is in force on this ledger", AVER_STR(v->plan));
    AVER_TRY(err);
    const struct aver_plan_version *version = plan.versions.items;
    for (size_t i = plan.versions.count; i > 0 && !v->same; i--) {
        v->published = version[i - 1].policy;
        v->height = version[i - 1].height;
        AVER_TRY(same_as(cmd, s, yaml, v->published, &v->same));
    }
    if (!v->same) v->published = version[plan.versions.count - 1].policy;
    return AVER_OK;
}

static int run_verify(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct verifying v = {0};
    char compiled[65], published[65];
    aver_err err = verify(cmd, &s, &v);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    aver_hex(published, aver_digest_bytes(&v.published));
    aver_hex(compiled, aver_digest_bytes(v.same ? &v.published : &v.compiled));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "verdict", v.same ? "same" : "differs");
        aver_json_field(&w, "plan", v.plan);
        aver_json_field_str(&w, "published", published);
        aver_json_field_str(&w, "compiled", compiled);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "plan %.*s\npublished  %s\ncompiled   %s\n%s\n", AVER_STR(v.plan), published,
                   compiled, v.same ? "same" : "differs");
    }
    return v.same ? AVER_EXIT_DONE : AVER_EXIT_NO;
}

static const struct aver_option ledger_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_policy_verify = {
    .name = "policy verify",
    .args = "FILE.yaml",
    .args_min = 1,
    .args_max = 1,
    .summary =
        "Compiles a policy again and compares it with the published ones of its plan: same or differs.",
    .options = ledger_options,
    .examples = {"aver policy verify summit-ppo-2026.yaml --ledger summit",
                 "aver policy verify summit-ppo-2026.yaml --ledger summit --json"},
    .run = run_verify,
};

static aver_err list_plan(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_command *cmd = user;
    struct aver_plan_state plan = {0};
    AVER_TRY(aver_schema_read(aver_arena_copy(&cmd->arena, stored.record), &aver_plan_state_schema, &plan,
                              &cmd->arena, why));
    aver_bytes id = aver_bytes_cut(name, 2, name.len - 2);
    const struct aver_plan_version *v = plan.versions.items;
    for (size_t i = 0; i < plan.versions.count; i++) {
        char from[AVER_DAY_TEXT], to[AVER_DAY_TEXT], hex[65];
        aver_day_iso(from, v[i].from);
        aver_day_iso(to, v[i].to);
        aver_hex(hex, aver_digest_bytes(&v[i].policy));
        if (!cmd->json) {
            aver_print(cmd, "%-32.*s %s to %s  height %-8llu %s\n", AVER_STR(id), from, to,
                       (unsigned long long)v[i].height, hex);
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "plan", id);
        aver_json_field_str(&w, "from", from);
        aver_json_field_str(&w, "to", to);
        aver_json_field_uint(&w, "height", v[i].height);
        aver_json_field_str(&w, "digest", hex);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
    return AVER_OK;
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "l/", list_plan, cmd, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

const struct aver_verb aver_verb_policy_list = {
    .name = "policy list",
    .args = "",
    .summary = "Lists the policies in force, all versions of each plan.",
    .options = ledger_options,
    .examples = {"aver policy list --ledger summit", "aver policy list --ledger summit --json"},
    .run = run_list,
};
