/* aver/contract_look.c - what a contract says in so many words, held against its policies and the codes: see contract.h. */
#include <stdlib.h>
#include <string.h>

#include "aver/carc_words.h"
#include "aver/contract.h"
#include "base/nearest.h"
#include "ledger/model/decision.h"
#include "ledger/transition/contract.h"

#define METHODS_MAX 64

struct look {
    struct aver_command *cmd;
    const struct aver_list *policies; /* of const struct aver_policy_loaded * */
    struct aver_list *findings;
    struct aver_list optional; /* aver_bytes: paths of which the contract asks whether they are there */
    bool gathering;            /* `optional`, before anything is judged */
};

/* Where the acts of lines and claims have what; -1: they have none. */
static const struct act {
    const char *name;
    int group, carc, because;
} acts[] = {{"allow", -1, -1, 1}, {"adjust", 0, 1, 3}, {"deny", 0, 1, 2}, {"pend", -1, -1, 1}};

static void find(struct look *l, bool warning, uint64_t line, uint64_t column, const char *code,
                 const char *text, const char *instead)
{
    *(struct aver_contract_finding *)aver_list_add(&l->cmd->arena, l->findings,
                                                   sizeof(struct aver_contract_finding)) =
        (struct aver_contract_finding){warning, line, column, code, text, instead};
}

static const char *print(struct look *l, const char *fmt, aver_bytes text)
{
    return aver_arena_printf(&l->cmd->arena, fmt, AVER_STR(text));
}

/* ---- methods --------------------------------------------------------------------------------------------------------- */

static void check_method(struct look *l, const struct aver_vm_use *use)
{
    const char *names[METHODS_MAX];
    size_t count = 0, types_count;
    const struct aver_object_type *const *types = aver_contract_types(&types_count);
    for (size_t i = 0; i < types_count; i++)
        for (size_t k = 0; k < types[i]->methods_count && count < METHODS_MAX; k++) {
            names[count++] = types[i]->methods[k].name;
            if (aver_bytes_is(use->name, names[count - 1])) return;
        }
    const char *near = aver_nearest_name(print(l, "%.*s", use->name), names, count);
    find(l, false, use->line, use->column, "CHECK-METHOD",
         print(l, "no object has a method \"%.*s\"", use->name),
         near ? aver_arena_printf(&l->cmd->arena, "did you mean \"%s\"?", near)
              : "api.meta.lua lists them all");
}

/* ---- codes ----------------------------------------------------------------------------------------------------------- */

static bool is_upper(uint8_t c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* `letters` capital letters at most, at least `least`, then one to `digits` digits. */
static bool is_code(aver_bytes text, size_t least, size_t letters, size_t digits)
{
    size_t n = 0, k = 0;
    while (n < text.len && n < letters && is_upper(text.ptr[n])) n++;
    while (n + k < text.len && is_digit(text.ptr[n + k])) k++;
    return n >= least && k >= 1 && k <= digits && n + k == text.len;
}

static void check_group(struct look *l, const struct aver_vm_said *s)
{
    if (s->kind != AVER_SAID_TEXT) return;
    for (enum aver_group g = AVER_GROUP_CO; g <= AVER_GROUP_PR; g++)
        if (aver_bytes_is(s->text, aver_group_names[g])) return;
    find(l, false, s->line, s->column, "CHECK-GROUP", print(l, "there is no group \"%.*s\"", s->text),
         "CO: the provider writes it off; PR: the patient owes it; OA; PI");
}

static void check_carc(struct look *l, const struct aver_vm_said *s)
{
    if (s->kind != AVER_SAID_TEXT) return;
    if (!is_code(s->text, 0, 1, 3))
        find(l, false, s->line, s->column, "CHECK-CARC",
             print(l, "\"%.*s\" is no claim adjustment reason code", s->text),
             "one such as \"45\" or \"B7\"");
    else if (!aver_carc_known(s->text))
        find(l, true, s->line, s->column, "CHECK-CARC",
             print(l, "the reason code %.*s is none that we have words for", s->text),
             "look it up in X12's code list");
}

static void check_rarc(struct look *l, const struct aver_vm_said *s)
{
    if (s->kind == AVER_SAID_TEXT && !is_code(s->text, 1, 2, 4))
        find(l, false, s->line, s->column, "CHECK-RARC", print(l, "\"%.*s\" is no remark code", s->text),
             "one such as \"N130\" or \"MA01\"");
}

/* ---- paths ----------------------------------------------------------------------------------------------------------- */

static bool below(aver_bytes path, aver_bytes root)
{
    return path.len >= root.len && !memcmp(path.ptr, root.ptr, root.len) &&
           (path.len == root.len || path.ptr[root.len] == '.');
}

static bool is_optional(const struct look *l, aver_bytes path)
{
    const aver_bytes *o = l->optional.items;
    for (size_t i = 0; i < l->optional.count; i++)
        if (below(path, o[i])) return true;
    return false;
}

/* What may have been meant; or the longest beginning of the path that the policy has, and what stands below. */
static const char *beginning(struct look *l, const struct aver_policy_loaded *policy, aver_bytes path)
{
    aver_bytes asked = path;
    while (path.len && !aver_policy_at(&policy->root, path)) {
        while (path.len && path.ptr[path.len - 1] != '.') path.len--;
        if (path.len) path.len--;
    }
    const struct aver_policy_node *node = aver_policy_at(&policy->root, path);
    const char *names = "";
    size_t from = path.len ? path.len + 1 : 0, to = from;
    while (to < asked.len && asked.ptr[to] != '.') to++;
    struct aver_nearest near = {.wanted = aver_bytes_cut(asked, from, to - from)};
    for (size_t i = 0; node && i < node->count; i++) aver_nearest_offer(&near, node->children[i].key);
    if (near.best.ptr)
        return aver_arena_printf(&l->cmd->arena, "did you mean %.*s%s%.*s?", AVER_STR(path),
                                 path.len ? "." : "", AVER_STR(near.best));
    for (size_t i = 0; node && i < node->count && i < 8; i++)
        names = aver_arena_printf(&l->cmd->arena, "%s%s%.*s", names, i ? ", " : "",
                                  AVER_STR(node->children[i].key));
    return aver_arena_printf(&l->cmd->arena, "%.*s%s%s", AVER_STR(path),
                             path.len ? " has: " : "it has: ", names);
}

static void check_path(struct look *l, aver_bytes path, uint64_t line, uint64_t column)
{
    const struct aver_policy_loaded *const *policy = l->policies->items;
    for (size_t i = 0; i < l->policies->count; i++) {
        if (!path.len || aver_policy_at(&policy[i]->root, path) || is_optional(l, path)) continue;
        find(l, false, line, column, "CHECK-PATH",
             aver_arena_printf(&l->cmd->arena, "the policy of %.*s has nothing at %.*s",
                               AVER_STR(policy[i]->policy.plan_id), AVER_STR(path)),
             beginning(l, policy[i], path));
        return;
    }
}

static void check_because(struct look *l, const struct aver_vm_said *s)
{
    aver_bytes path = s->text;
    if (s->kind != AVER_SAID_TEXT && s->kind != AVER_SAID_BEGINNING) return;
    /* "duplicates." .. kind: what comes before the last dot. */
    if (s->kind == AVER_SAID_BEGINNING) {
        while (path.len && path.ptr[path.len - 1] != '.') path.len--;
        if (path.len) path.len--;
    }
    check_path(l, path, s->line, s->column);
}

static void check_object(struct look *l, const struct aver_vm_use *use)
{
    aver_bytes path = use->path;
    if (!aver_bytes_is(use->name, "policy")) return;
    /* Each part of the policy knows its own path. */
    if (path.len >= 5 && !memcmp(path.ptr + path.len - 5, ".path", 5)) path.len -= 5;
    check_path(l, aver_bytes_is(path, "path") ? AVER_BYTES_NONE : path, use->line, use->column);
}

static void check_counter(struct look *l, const struct aver_vm_said *s)
{
    const struct aver_policy_loaded *const *policy = l->policies->items;
    for (size_t i = 0; s->kind == AVER_SAID_TEXT && i < l->policies->count; i++)
        if (!aver_policy_child(&policy[i]->root, s->text) && !is_optional(l, s->text)) {
            find(l, false, s->line, s->column, "CHECK-COUNTER",
                 aver_arena_printf(&l->cmd->arena, "the policy of %.*s has no accumulator \"%.*s\"",
                                   AVER_STR(policy[i]->policy.plan_id), AVER_STR(s->text)),
                 "its limits stand in the policy at COUNTER.TIER.individual and COUNTER.TIER.family");
            return;
        }
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static void look_at(void *user, const struct aver_vm_use *use)
{
    struct look *l = user;
    if (l->gathering) {
        if (use->kind == AVER_USE_FUNCTION && aver_bytes_is(use->name, "opt") && use->argc == 2 &&
            use->args[0].kind == AVER_SAID_OBJECT && aver_bytes_is(use->args[0].text, "policy") &&
            use->args[1].kind == AVER_SAID_TEXT)
            *(aver_bytes *)aver_list_add(&l->cmd->arena, &l->optional, sizeof(aver_bytes)) =
                aver_arena_copy(&l->cmd->arena, use->args[1].text);
        return;
    }
    if (use->kind == AVER_USE_OBJECT) check_object(l, use);
    for (size_t i = 0; use->kind == AVER_USE_OPTION && i < use->argc; i++) {
        if (aver_bytes_is(use->name, "rarc")) check_rarc(l, &use->args[i]);
        if (aver_bytes_is(use->name, "consumes")) check_counter(l, &use->args[i]);
    }
    if (use->kind == AVER_USE_FUNCTION && aver_bytes_is(use->path, "accum") && use->argc)
        check_counter(l, &use->args[0]);
    if (use->kind != AVER_USE_METHOD) return;
    check_method(l, use);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (!aver_bytes_is(use->name, acts[i].name)) continue;
        if (acts[i].group >= 0 && use->argc > (size_t)acts[i].group)
            check_group(l, &use->args[acts[i].group]);
        if (acts[i].carc >= 0 && use->argc > (size_t)acts[i].carc) check_carc(l, &use->args[acts[i].carc]);
        if (use->argc > (size_t)acts[i].because) check_because(l, &use->args[acts[i].because]);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct aver_contract_finding *x = a, *y = b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return x->column != y->column ? (x->column < y->column ? -1 : 1) : strcmp(x->code, y->code);
}

aver_err aver_contract_look(struct aver_command *cmd, const char *path, aver_bytes source,
                            const struct aver_list *policies, struct aver_list *findings)
{
    struct look l = {.cmd = cmd, .policies = policies, .findings = findings, .gathering = true};
    AVER_TRY(aver_vm_uses(aver_contract_setup(), path, source, look_at, &l, &cmd->why));
    l.gathering = false;
    AVER_TRY(aver_vm_uses(aver_contract_setup(), path, source, look_at, &l, &cmd->why));
    if (findings->count)
        qsort(findings->items, findings->count, sizeof(struct aver_contract_finding), by_place);
    return AVER_OK;
}
