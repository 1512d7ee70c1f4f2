/* aver/lua_given.c - what a test in Lua gives: claims, and the world that they come into; and how they are decided. */
#include "aver/lua_fuzz.h"
#include "aver/lua_host.h"
#include "aver/output.h"
#include "ledger/model/benefit_year.h"

struct option {
    const char *name;
    enum aver_case_column column;
    enum aver_cell cell;
};

/* The options of a table into a row. `also` are names that stand in it too. */
static enum aver_trap read_options(struct aver_call *call, const struct aver_value *table,
                                   const struct option *options, size_t count, struct aver_case_row *row)
{
    const char *names[16];
    aver_bytes other;
    AVER_ASSERT(count < sizeof names / sizeof names[0]);
    for (size_t i = 0; i < count; i++) names[i] = options[i].name;
    names[count] = NULL;
    if (!aver_call_keys(call, table, names, &other)) {
        const char *near =
            aver_nearest_name(aver_arena_printf(aver_lua_arena(call), "%.*s", AVER_STR(other)), names, count);
        return aver_lua_refuse(call, "there is no option \"%.*s\"%s%s%s", AVER_STR(other),
                               near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
    }
    for (size_t i = 0; i < count; i++) {
        struct aver_value v = aver_call_field(call, table, options[i].name);
        enum aver_trap trap =
            aver_lua_cell(call, &v, options[i].cell, options[i].name, &row->cell[options[i].column]);
        if (trap) return trap;
    }
    return AVER_TRAP_NONE;
}

/* ---- what is given --------------------------------------------------------------------------------------------------- */

const struct aver_object_type aver_given_line_type = {.name = "GivenLine"};
struct given_claim {
    struct aver_case_row *rows;
    size_t count;
    bool filed;
};
const struct aver_object_type aver_given_claim_type = {.name = "GivenClaim"};

enum aver_trap aver_lua_given_line(struct aver_call *call)
{
    static const struct option options[] = {
        {"units", AVER_COL_UNITS, AVER_CELL_NUMBER},       {"modifiers", AVER_COL_MODIFIERS, AVER_CELL_TEXT},
        {"diagnoses", AVER_COL_DIAGNOSES, AVER_CELL_TEXT}, {"place", AVER_COL_PLACE, AVER_CELL_TEXT},
        {"auth", AVER_COL_AUTH, AVER_CELL_TEXT},           {"day", AVER_COL_DAY, AVER_CELL_DAY},
        {"revenue", AVER_COL_REVENUE, AVER_CELL_TEXT},     {"drug", AVER_COL_DRUG, AVER_CELL_TEXT}};
    struct aver_case_row *row = AVER_NEW(aver_lua_arena(call), struct aver_case_row);
    row->line = aver_lua_line(call);
    enum aver_trap trap =
        aver_lua_cell(call, &call->args[0], AVER_CELL_TEXT, "the procedure", &row->cell[AVER_COL_PROCEDURE]);
    if (!trap)
        trap =
            aver_lua_cell(call, &call->args[1], AVER_CELL_MONEY, "the charge", &row->cell[AVER_COL_CHARGE]);
    if (!trap && !row->cell[AVER_COL_CHARGE].ptr) return aver_lua_refuse(call, "the charge is missing");
    if (!trap && call->args[2].kind != AVER_NIL) {
        if (call->args[2].kind != AVER_TABLE)
            return aver_lua_refuse(call, "the options are a table: { units = 2 }");
        trap = read_options(call, &call->args[2], options, sizeof options / sizeof options[0], row);
    }
    if (!trap && !row->cell[AVER_COL_PROCEDURE].ptr && !row->cell[AVER_COL_REVENUE].ptr)
        return aver_lua_refuse(call, "the procedure is missing");
    call->result = aver_obj(&aver_given_line_type, row);
    return trap;
}

static enum aver_trap table_argument(struct aver_call *call, const char *words)
{
    return call->args[0].kind == AVER_TABLE ? AVER_TRAP_NONE
                                            : aver_lua_refuse(call, "it takes a table: %s", words);
}

static enum aver_trap given_claim(struct aver_call *call)
{
    static const struct option options[] = {{"id", AVER_COL_CLAIM, AVER_CELL_TEXT},
                                            {"member", AVER_COL_MEMBER, AVER_CELL_TEXT},
                                            {"provider", AVER_COL_PROVIDER, AVER_CELL_TEXT},
                                            {"day", AVER_COL_DAY, AVER_CELL_DAY},
                                            {"received", AVER_COL_RECEIVED, AVER_CELL_DAY},
                                            {"frequency", AVER_COL_FREQUENCY, AVER_CELL_NUMBER},
                                            {"assigned", AVER_COL_ASSIGNED, AVER_CELL_TEXT},
                                            {"payer", AVER_COL_PAYER, AVER_CELL_TEXT},
                                            {"postal", AVER_COL_POSTAL, AVER_CELL_TEXT},
                                            {"drg", AVER_COL_DRG, AVER_CELL_TEXT},
                                            {"statement", AVER_COL_STATEMENT, AVER_CELL_TEXT},
                                            {"admitted", AVER_COL_ADMITTED, AVER_CELL_DAY}};
    struct aver_lua_host *h = call->host;
    struct aver_case_row all = {.line = aver_lua_line(call)};
    struct aver_list rows = {0};
    enum aver_trap trap = table_argument(call, "given.claim { line(\"99213\", \"150.00\") }");
    if (!trap) trap = read_options(call, &call->args[0], options, sizeof options / sizeof options[0], &all);
    if (trap) return trap;
    if (!all.cell[AVER_COL_CLAIM].ptr)
        all.cell[AVER_COL_CLAIM] = aver_bytes_str(
            aver_arena_printf(aver_lua_arena(call), "C-%llu", (unsigned long long)++h->claims));
    for (uint64_t i = 1;; i++) {
        struct aver_value v = aver_call_item(call, &call->args[0], i);
        if (v.kind == AVER_NIL) break;
        if (v.kind != AVER_OBJECT || v.object.type != &aver_given_line_type)
            return aver_lua_refuse(call, "item %llu is no line(...)", (unsigned long long)i);
        if (i > AVER_CLAIM_LINES_MAX)
            return aver_lua_refuse(call, "a claim has at most %d lines", AVER_CLAIM_LINES_MAX);
        struct aver_case_row *row = aver_list_add(aver_lua_arena(call), &rows, sizeof *row);
        *row = *(const struct aver_case_row *)v.object.self;
        for (size_t k = 0; k < AVER_COL_ALLOWED; k++)
            if (!row->cell[k].ptr) row->cell[k] = all.cell[k];
    }
    if (!rows.count)
        return aver_lua_refuse(call, "a claim has a line: given.claim { line(\"99213\", \"150.00\") }");
    struct given_claim *claim = AVER_NEW(aver_lua_arena(call), struct given_claim);
    *claim = (struct given_claim){rows.items, rows.count, false};
    call->result = aver_obj(&aver_given_claim_type, claim);
    return AVER_TRAP_NONE;
}

/* What the world is like can be said until the first claim is filed. */
static enum aver_trap before_claims(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    if (!h->opened) return AVER_TRAP_NONE;
    return aver_lua_refuse(call, "it comes before the first adjudicate: a ledger begins with it");
}

static enum aver_trap add_setting(struct aver_call *call, enum aver_setting_kind kind, aver_bytes name,
                                  aver_bytes value)
{
    struct aver_lua_host *h = call->host;
    *(struct aver_setting *)aver_list_add(aver_lua_arena(call), &h->settings, sizeof(struct aver_setting)) =
        (struct aver_setting){kind, name, value, aver_lua_line(call)};
    return AVER_TRAP_NONE;
}

static enum aver_trap given_set(struct aver_call *call)
{
    aver_bytes name, value = AVER_BYTES_NONE;
    enum aver_trap trap = before_claims(call);
    if (!trap) trap = aver_lua_text(call, 0, "the path", &name);
    if (!trap) trap = aver_lua_cell(call, &call->args[1], AVER_CELL_NUMBER, "the value", &value);
    if (!trap && !value.ptr)
        return aver_lua_refuse(call, "the value is missing; given.without takes a key out");
    return trap ? trap : add_setting(call, AVER_SETTING_SET, name, value);
}

static enum aver_trap given_without(struct aver_call *call)
{
    aver_bytes name;
    enum aver_trap trap = before_claims(call);
    if (!trap) trap = aver_lua_text(call, 0, "the path", &name);
    return trap ? trap : add_setting(call, AVER_SETTING_WITHOUT, name, AVER_BYTES_NONE);
}

static enum aver_trap given_fee(struct aver_call *call)
{
    aver_bytes name, value = AVER_BYTES_NONE;
    enum aver_trap trap = before_claims(call);
    if (!trap) trap = aver_lua_text(call, 0, "the procedure", &name);
    if (!trap) trap = aver_lua_cell(call, &call->args[1], AVER_CELL_MONEY, "the price", &value);
    if (!trap && !value.ptr) return aver_lua_refuse(call, "the price is missing");
    return trap ? trap : add_setting(call, AVER_SETTING_FEE, name, value);
}

static enum aver_trap given_bundled(struct aver_call *call)
{
    aver_bytes name;
    enum aver_trap trap = before_claims(call);
    if (!trap) trap = aver_lua_text(call, 0, "the procedure", &name);
    return trap ? trap : add_setting(call, AVER_SETTING_BUNDLED, name, AVER_BYTES_NONE);
}

static const struct {
    const char *option, *counter;
    bool is_left;
} openings[] = {{"deductible_left", "deductible", true},
                {"deductible_used", "deductible", false},
                {"oop_left", "oop_max", true},
                {"oop_used", "oop_max", false}};
#define OPENINGS (sizeof openings / sizeof openings[0])

static enum aver_trap given_member(struct aver_call *call)
{
    static const char *const names[] = {"id",       "cover",    "tier", "deductible_left", "deductible_used",
                                        "oop_left", "oop_used", NULL};
    struct aver_lua_host *h = call->host;
    aver_bytes other, id = AVER_BYTES_NONE, cover = AVER_BYTES_NONE, tier = AVER_LIT("in_network");
    enum aver_trap trap = before_claims(call);
    if (!trap) trap = table_argument(call, "given.member { id = \"M-1001\" }");
    if (trap) return trap;
    if (!aver_call_keys(call, &call->args[0], names, &other)) {
        const char *near =
            aver_nearest_name(aver_arena_printf(aver_lua_arena(call), "%.*s", AVER_STR(other)), names, 7);
        return aver_lua_refuse(call, "a member has no \"%.*s\"%s%s", AVER_STR(other),
                               near ? ": did you mean " : "", near ? near : "");
    }
    struct aver_value v = aver_call_field(call, &call->args[0], "id");
    if ((trap = aver_lua_cell(call, &v, AVER_CELL_TEXT, "id", &id))) return trap;
    v = aver_call_field(call, &call->args[0], "tier");
    if ((trap = aver_lua_cell(call, &v, AVER_CELL_TEXT, "tier", &tier))) return trap;
    v = aver_call_field(call, &call->args[0], "cover");
    if ((trap = aver_lua_cell(call, &v, AVER_CELL_TEXT, "cover", &cover))) return trap;
    if (id.ptr) h->member = id;
    if (cover.ptr) {
        if (!id.ptr) return aver_lua_refuse(call, "a cover needs the member's id");
        add_setting(call, AVER_SETTING_COVER, id, cover);
    }
    for (size_t i = 0; i < OPENINGS; i++) {
        int64_t cents;
        v = aver_call_field(call, &call->args[0], openings[i].option);
        if (v.kind == AVER_NIL) continue;
        if ((trap = aver_lua_money(call, &v, openings[i].option, &cents))) return trap;
        *(struct aver_lua_opening *)aver_list_add(
            aver_lua_arena(call), &h->openings, sizeof(struct aver_lua_opening)) = (struct aver_lua_opening){
            aver_lua_line(call), id, aver_bytes_str(openings[i].counter), tier, openings[i].is_left, cents};
    }
    return AVER_TRAP_NONE;
}

enum aver_trap aver_lua_on(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    aver_day day;
    aver_bytes text = AVER_BYTES_NONE;
    enum aver_trap trap = aver_lua_cell(call, &call->args[0], AVER_CELL_DAY, "the day", &text);
    if (trap) return trap;
    if (!text.ptr || aver_day_parse_iso(&day, text) != AVER_OK)
        return aver_lua_refuse(call, "it takes a day: on \"2026-03-10\"");
    h->day = text;
    return AVER_TRAP_NONE;
}

/* ---- deciding -------------------------------------------------------------------------------------------------------- */

static aver_err open_counter(struct aver_lua_host *h, const struct aver_lua_opening *o, aver_bytes member,
                             aver_day day)
{
    const struct aver_policy_loaded *policy;
    struct aver_case_run *r = h->run;
    int64_t used = o->cents;
    char on[AVER_DAY_TEXT];
    aver_err err = aver_bench_policy(&r->out->bench, member, day, &policy, &r->cmd->why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", aver_case_place(r, o->line),
                         "members.csv has no member %.*s whom a plan covers on %s", AVER_STR(member),
                         aver_day_iso(on, day));
    AVER_TRY(err);
    struct aver_benefit_year year = aver_benefit_year_of(policy, day);
    if (o->is_left) {
        const char *path =
            aver_arena_printf(r->arena, "%.*s.%.*s.individual", AVER_STR(o->counter), AVER_STR(o->tier));
        const struct aver_policy_node *n = aver_policy_at(&policy->root, aver_bytes_str(path));
        if (!n || n->number < o->cents)
            return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", aver_case_place(r, o->line),
                             "the policy leaves no %s at %s", aver_money_words(r->arena, o->cents), path);
        used = n->number - o->cents;
    }
    aver_bytes period = aver_arena_copy(r->arena, aver_bytes_str(year.period));
    return aver_case_opening(r, o->line, member, o->counter, o->tier, aver_policy_pool(policy), period, used);
}

/* Makes the ledger that the test described. */
static aver_err open_ledger(struct aver_lua_host *h, const struct aver_fuzz_world *world, aver_day day)
{
    const struct aver_lua_opening *o = h->openings.items;
    const aver_bytes *member = world->members.items;
    h->opened = true;
    AVER_TRY(aver_case_open(h->run, &h->settings));
    for (size_t i = 0; i < h->openings.count; i++) {
        aver_bytes id = o[i].member.ptr ? o[i].member : h->member.ptr ? h->member : member[0];
        AVER_TRY(open_counter(h, &o[i], id, day));
    }
    return AVER_OK;
}

static aver_err adjudicate_rows(struct aver_lua_host *h, const struct given_claim *given)
{
    const struct aver_fuzz_world *world;
    struct aver_case_run *r = h->run;
    char iso[AVER_DAY_TEXT];
    aver_day day;
    AVER_TRY(aver_lua_world(r, &world));
    const aver_bytes *member = world->members.items;
    if (!world->members.count)
        return aver_fail(&r->cmd->why, AVER_E_INPUT, "TEST-FORM", "members.csv",
                         "there is no member to file claims for");
    if (!h->day.ptr) h->day = aver_arena_copy(r->arena, aver_bytes_str(aver_day_iso(iso, world->from)));
    if (aver_day_parse_iso(&day, aver_bytes_cut(h->day, 0, 10)) != AVER_OK) AVER_UNREACHABLE();
    if (!h->opened) AVER_TRY(open_ledger(h, world, day));
    for (size_t i = 0; i < given->count; i++) {
        aver_bytes *cell = given->rows[i].cell;
        if (!cell[AVER_COL_DAY].ptr) cell[AVER_COL_DAY] = h->day;
        if (!cell[AVER_COL_MEMBER].ptr) cell[AVER_COL_MEMBER] = h->member.ptr ? h->member : member[0];
    }
    return aver_case_file(r, given->rows, given->count);
}

enum aver_trap aver_lua_adjudicate(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    if (call->args[0].kind != AVER_OBJECT || call->args[0].object.type != &aver_given_claim_type)
        return aver_lua_refuse(call, "it takes a claim: adjudicate(given.claim { ... })");
    struct given_claim *given = call->args[0].object.self;
    if (given->filed)
        return aver_lua_refuse(call, "this claim was filed before: give another one, even if it is the same");
    given->filed = true;
    aver_err err = adjudicate_rows(h, given);
    if (err != AVER_OK) return aver_lua_failed(call, err);
    struct aver_lua_decided *d = AVER_NEW(aver_lua_arena(call), struct aver_lua_decided);
    d->claim = h->run->out->claims.count - 1;
    call->result = aver_obj(&aver_lua_decision_type, d);
    return AVER_TRAP_NONE;
}

static const struct aver_function given_functions[] = {
    {"claim", given_claim, 50,
     "fun(claim: {[integer]: GivenLine, id?: string, member?: string, provider?: string, day?: string|integer, received?: string|integer, frequency?: integer, assigned?: string, payer?: string, postal?: string, drg?: string, statement?: string, admitted?: string|integer}): GivenClaim",
     NULL},
    {"member", given_member, 50,
     "fun(member: {id?: string, cover?: string, tier?: string, deductible_left?: string|integer, deductible_used?: string|integer, oop_left?: string|integer, oop_used?: string|integer})",
     NULL},
    {"set", given_set, 50, "fun(path: string, value: string|integer)", NULL},
    {"without", given_without, 50, "fun(path: string)", NULL},
    {"fee", given_fee, 50, "fun(procedure: string, price: string|integer)", NULL},
    {"bundled", given_bundled, 50, "fun(procedure: string)", NULL},
};
const struct aver_library aver_lua_given = {"given", given_functions,
                                            sizeof given_functions / sizeof *given_functions};
