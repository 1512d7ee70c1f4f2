/* aver/lua_test.c - reads and runs tests in Lua: see lua_test.h. */
#include "aver/lua_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aver/contract.h"
#include "aver/files.h"
#include "aver/lua_fuzz.h"
#include "aver/lua_host.h"

#define SHRINK_MAX 500 /* runs that look for a smaller case */
#define ASSUME_MAX 10  /* as many times the runs are drawn at most, for those that assume() gave up */

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int by_line(const void *a, const void *b)
{
    const struct aver_case_test *x = a, *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : aver_bytes_cmp(x->title, y->title);
}

static aver_err add_test(struct aver_command *cmd, struct aver_list *tests, const char *path,
                         aver_bytes source, struct aver_vm *vm, aver_bytes entry)
{
    struct aver_case_test *test = aver_list_add(&cmd->arena, tests, sizeof *test);
    struct aver_lua_test *lua = AVER_NEW(&cmd->arena, struct aver_lua_test);
    struct aver_list all = {0};
    *test = (struct aver_case_test){.file = path, .title = entry, .lua = lua};
    *lua = (struct aver_lua_test){.source = source, .entry = entry};
    aver_vm_entry(vm, entry, &cmd->arena, &test->line, &all);
    const aver_bytes *name = all.items;
    for (size_t i = 1; i < all.count; i++) {
        if (!aver_fuzz_knows(name[i]) || i == AVER_VM_ARGS_MAX)
            return aver_fail(
                &cmd->why, AVER_E_INPUT, "TEST-FORM",
                aver_arena_printf(&cmd->arena, "%s:%llu", path, (unsigned long long)test->line),
                i == AVER_VM_ARGS_MAX
                    ? "the test has too many arguments, from \"%.*s\" on"
                    : "nothing is drawn for an argument \"%.*s\": there are charge, amount, units, count, day, "
                      "procedure, member, provider, place, modifier and flag",
                AVER_STR(name[i]));
        *(aver_bytes *)aver_list_add(&cmd->arena, &lua->parameters, sizeof *name) = name[i];
    }
    return AVER_OK;
}

aver_err aver_lua_tests_read(struct aver_command *cmd, struct aver_list *tests, const char *path)
{
    struct aver_buf bytes = {0};
    struct aver_vm *vm;
    size_t from = tests->count;
    aver_err err = aver_path_read(&bytes, path, AVER_VM_SOURCE_BYTES_MAX, &cmd->why);
    aver_bytes source = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    AVER_TRY(aver_contract_dialect(cmd, aver_lua_test_setup(), path, source));
    AVER_TRY(aver_vm_new(&vm, aver_lua_test_setup(), path, source, &cmd->why));
    struct aver_list entries = aver_vm_entries(vm, &cmd->arena);
    const aver_bytes *entry = entries.items;
    for (size_t i = 0; err == AVER_OK && i < entries.count; i++)
        err = add_test(cmd, tests, path, source, vm, entry[i]);
    aver_vm_free(vm);
    qsort((struct aver_case_test *)tests->items + from, tests->count - from, sizeof(struct aver_case_test),
          by_line);
    return err;
}

/* ---- one run --------------------------------------------------------------------------------------------------------- */

struct running {
    struct aver_command *cmd;
    struct aver_case_bases *bases;
    const struct aver_case_test *test;
    struct aver_vm *vm;
    struct aver_fuzz_arg args[AVER_VM_ARGS_MAX];
    size_t args_count;
};

aver_err aver_lua_world(struct aver_case_run *run, const struct aver_fuzz_world **out)
{
    struct aver_case_bases *b = run->bases;
    if (!b->world) {
        struct aver_fuzz_world *w = AVER_NEW(&b->arena, struct aver_fuzz_world);
        AVER_TRY(aver_project_words(b->project, &b->arena, &w->procedures, &w->members, &w->from, &w->to,
                                    &run->cmd->why));
        *(aver_bytes *)aver_list_add(&b->arena, &w->procedures, sizeof(aver_bytes)) = AVER_LIT("ZZ999");
        b->world = w;
    }
    *out = b->world;
    return AVER_OK;
}

/* A contract that ends early is a fault unless the test said so. */
static void unexpected_traps(struct aver_lua_host *h)
{
    struct aver_case_result *out = h->run->out;
    const struct aver_case_claim *c = out->claims.items;
    const size_t *held = h->held.items;
    for (size_t i = 0; i < out->claims.count; i++) {
        bool said = c[i].found.decision->status != AVER_CLAIM_HELD;
        for (size_t k = 0; k < h->held.count; k++) said = said || held[k] == i;
        if (said) continue;
        struct aver_case_fault *f = aver_case_fault_add(h->run, h->run->test->line, 0);
        f->claim = i;
        f->words = aver_arena_printf(h->run->arena, "claim %.*s is held, and :held() was not expected: %s",
                                     AVER_STR(c[i].found.claim.patient_control_number), c[i].words);
    }
}

/* Runs the test once with the arguments as they stand. `out` is to be ended. *skipped: assume() gave it up. */
static aver_err run_once(struct running *r, struct aver_case_result *out, bool *skipped)
{
    *out = (struct aver_case_result){.test = r->test};
    struct aver_case_run run = {
        .cmd = r->cmd, .bases = r->bases, .test = r->test, .out = out, .arena = &out->arena};
    struct aver_lua_host host = {.run = &run};
    struct aver_value args[AVER_VM_ARGS_MAX] = {aver_obj(&aver_test_type, &host)};
    for (size_t i = 0; i < r->args_count; i++) args[i + 1] = aver_fuzz_value(&r->args[i]);
    struct aver_run vm_run = {.entry = (const char *)r->test->lua->entry.ptr,
                              .args = args,
                              .args_count = 1 + r->args_count,
                              .host = &host,
                              .gas_limit = AVER_LUA_TEST_GAS};
    aver_err err = aver_vm_run(r->vm, &vm_run, &r->cmd->why);
    aver_case_close(&run);
    if (err == AVER_OK) err = host.failed;
    AVER_TRY(err);
    *skipped = host.assumed_away;
    if (vm_run.trap != AVER_TRAP_NONE && !host.assumed_away) {
        struct aver_case_fault *f = aver_case_fault_add(&run, vm_run.trap_line, 0);
        f->claim = SIZE_MAX;
        f->words = aver_arena_printf(&out->arena, "the test ends early: %s", vm_run.trap_text);
    }
    unexpected_traps(&host);
    return AVER_OK;
}

/* ---- many runs ------------------------------------------------------------------------------------------------------- */

/* Whether the test fails with this value in the place of an argument's. */
static aver_err fails_with(struct running *r, struct aver_fuzz_arg *arg, int64_t value, bool *fails)
{
    struct aver_case_result result;
    int64_t kept = arg->value;
    bool skipped = false;
    arg->value = value;
    aver_err err = run_once(r, &result, &skipped);
    *fails = !skipped && result.faults.count > 0;
    aver_case_end(&result);
    arg->value = kept;
    return err;
}

/* Makes the arguments of a failure smaller, one after the other, as long as one of them can be. */
static aver_err shrink(struct running *r)
{
    unsigned tries = 0;
    for (bool better = true; better;) {
        better = false;
        for (size_t i = 0; i < r->args_count; i++) {
            int64_t value;
            for (unsigned step = 0; tries < SHRINK_MAX && aver_fuzz_smaller(&r->args[i], step, &value);
                 tries++) {
                bool fails;
                AVER_TRY(fails_with(r, &r->args[i], value, &fails));
                step = fails ? 0 : step + 1;
                if (!fails) continue;
                r->args[i].value = value;
                better = true;
            }
        }
    }
    return AVER_OK;
}

static const char *with_words(struct running *r, struct aver_arena *arena)
{
    struct aver_buf text = {0};
    for (size_t i = 0; i < r->args_count; i++) {
        if (i) aver_buf_str(&text, ", ");
        aver_fuzz_print(&text, &r->args[i]);
    }
    const char *words = aver_arena_printf(arena, "%.*s", AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return words;
}

/* Where the drawing begins: another place for each test, whatever else is run. */
static uint64_t state_of(const struct running *r)
{
    struct aver_buf text = {0};
    uint64_t state;
    aver_buf_printf(&text, "%llu %.*s", (unsigned long long)r->bases->seed, AVER_STR(r->test->title));
    aver_digest digest = aver_sha256(aver_buf_view(&text));
    aver_buf_free(&text);
    memcpy(&state, digest.b, sizeof state);
    return state;
}

static aver_err run_many(struct running *r, struct aver_case_result *out)
{
    uint64_t state = state_of(r), done = 0, drawn = 0;
    bool skipped = true;
    *out = (struct aver_case_result){.test = r->test};
    while (done < r->bases->runs && drawn < r->bases->runs * ASSUME_MAX) {
        aver_case_end(out);
        for (size_t i = 0; i < r->args_count; i++) aver_fuzz_draw(&r->args[i], &state);
        drawn++;
        AVER_TRY(run_once(r, out, &skipped));
        if (skipped) continue;
        done++;
        if (!out->faults.count) continue;
        AVER_TRY(shrink(r));
        aver_case_end(out);
        AVER_TRY(run_once(r, out, &skipped));
        break;
    }
    out->with = with_words(r, &out->arena);
    out->runs = done;
    if (done) return AVER_OK;
    struct aver_case_fault *f = aver_list_add(&out->arena, &out->faults, sizeof *f);
    *f = (struct aver_case_fault){
        .line = r->test->line, .claim = SIZE_MAX, .words = "assume() gave up every run: nothing was tested"};
    return AVER_OK;
}

static aver_err plan_args(struct running *r)
{
    const struct aver_lua_test *lua = r->test->lua;
    const struct aver_fuzz_world *world;
    struct aver_case_run run = {.cmd = r->cmd, .bases = r->bases};
    const aver_bytes *name = lua->parameters.items;
    AVER_TRY(aver_lua_world(&run, &world));
    for (size_t i = 0; i < lua->parameters.count; i++) {
        r->args[i] = aver_fuzz_arg(name[i], world);
        if (r->args[i].most < r->args[i].least)
            return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", r->test->file,
                             "there is nothing to draw \"%.*s\" from", AVER_STR(name[i]));
    }
    r->args_count = lua->parameters.count;
    return AVER_OK;
}

aver_err aver_lua_test_run(struct aver_command *cmd, struct aver_case_bases *bases,
                           const struct aver_case_test *test, struct aver_case_result *out)
{
    struct running r = {.cmd = cmd, .bases = bases, .test = test};
    bool skipped;
    *out = (struct aver_case_result){.test = test};
    AVER_TRY(plan_args(&r));
    AVER_TRY(aver_vm_new(&r.vm, aver_lua_test_setup(), test->file, test->lua->source, &cmd->why));
    aver_err err = r.args_count ? run_many(&r, out) : run_once(&r, out, &skipped);
    aver_vm_free(r.vm);
    return err;
}
