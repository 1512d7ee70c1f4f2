/* aver/lua_expect.c - decisions as tests in Lua read them, and what they expect of them. */
#include <string.h>

#include "aver/lua_host.h"

static const struct aver_object_type decided_lines_type, adjustments_type;

/* ---- decisions, as tests read them ----------------------------------------------------------------------------------- */

static const struct aver_case_claim *claim_of(void *host, const struct aver_lua_decided *d)
{
    const struct aver_lua_host *h = host;
    return (const struct aver_case_claim *)h->run->out->claims.items + d->claim;
}

static const struct aver_line_decision *decided_line(void *host, const struct aver_lua_decided *d)
{
    const struct aver_decision *decision = claim_of(host, d)->found.decision;
    return (const struct aver_line_decision *)decision->lines.items + d->number - 1;
}

static struct aver_value part_of(void *host, const struct aver_object_type *type,
                                 const struct aver_lua_decided *d, uint64_t number)
{
    struct aver_lua_decided *part =
        AVER_NEW(((struct aver_lua_host *)host)->run->arena, struct aver_lua_decided);
    *part = (struct aver_lua_decided){d->claim, number};
    return aver_obj(type, part);
}

static const char *trap_name(uint64_t trap)
{
    static const char *const names[] = {NULL,    "GAS",   "ERROR", "FAIL", "ARGUMENT",
                                        "FIELD", "RANGE", "ENTRY", "RULE", "FAMILY"};
    return trap < sizeof names / sizeof names[0] ? names[trap] : NULL;
}

static enum aver_trap decision_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_case_claim *c = claim_of(host, self);
    const struct aver_decision *d = c->found.decision;
    if (aver_bytes_is(field, "status"))
        *out = aver_text(aver_bytes_str(aver_claim_status_names[d->status]));
    else if (aver_bytes_is(field, "charge"))
        *out = aver_int((int64_t)d->charge.cents);
    else if (aver_bytes_is(field, "allowed"))
        *out = aver_int((int64_t)d->allowed.cents);
    else if (aver_bytes_is(field, "paid"))
        *out = aver_int((int64_t)d->paid.cents);
    else if (aver_bytes_is(field, "owes"))
        *out = aver_int((int64_t)d->patient_responsibility.cents);
    else if (aver_bytes_is(field, "gas"))
        *out = aver_int((int64_t)d->gas);
    else if (aver_bytes_is(field, "payee"))
        *out = aver_text(d->payee);
    else if (aver_bytes_is(field, "trap"))
        *out = trap_name(d->trap) ? aver_text(aver_bytes_str(trap_name(d->trap))) : aver_nil();
    else if (aver_bytes_is(field, "words"))
        *out = aver_text(aver_bytes_str(c->words));
    else if (aver_bytes_is(field, "lines"))
        *out = aver_obj(&decided_lines_type, self);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
static const char *const decision_fields[] = {
    "status \"decided\"|\"denied\"|\"pended\"|\"held\"",
    "charge integer",
    "allowed integer",
    "paid integer",
    "owes integer what the member owes",
    "gas integer",
    "payee string",
    "trap string? why a contract ended early",
    "words string",
    "lines DecidedLine[]",
};
const struct aver_object_type aver_lua_decision_type = {.name = "Decision",
                                                        .get = decision_get,
                                                        .fields = decision_fields,
                                                        .fields_count =
                                                            sizeof decision_fields / sizeof *decision_fields};

static uint64_t lines_length(void *host, void *self)
{
    return claim_of(host, self)->found.decision->lines.count;
}

static enum aver_trap lines_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    if (i <= lines_length(host, self)) *out = part_of(host, &aver_lua_line_type, self, i);
    return AVER_TRAP_NONE;
}
static const struct aver_object_type decided_lines_type = {
    .name = "DecidedLines", .index = lines_index, .length = lines_length};

static enum aver_trap line_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_line_decision *l = decided_line(host, self);
    if (aver_bytes_is(field, "number"))
        *out = aver_int((int64_t)l->number);
    else if (aver_bytes_is(field, "status"))
        *out = aver_text(aver_bytes_str(aver_line_status_names[l->status]));
    else if (aver_bytes_is(field, "charge"))
        *out = aver_int((int64_t)l->charge.cents);
    else if (aver_bytes_is(field, "allowed"))
        *out = aver_int((int64_t)l->allowed.cents);
    else if (aver_bytes_is(field, "paid"))
        *out = aver_int((int64_t)l->paid.cents);
    else if (aver_bytes_is(field, "owes"))
        *out = aver_int(aver_line_owed(l));
    else if (aver_bytes_is(field, "benefit"))
        *out = aver_text(l->benefit);
    else if (aver_bytes_is(field, "tier"))
        *out = aver_text(l->tier);
    else if (aver_bytes_is(field, "because"))
        *out = aver_text(l->because);
    else if (aver_bytes_is(field, "reason"))
        *out = aver_text(l->reason);
    else if (aver_bytes_is(field, "adjustments"))
        *out = aver_obj(&adjustments_type, self);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
static const char *const line_fields[] = {"number integer",
                                          "status string",
                                          "charge integer",
                                          "allowed integer",
                                          "paid integer",
                                          "owes integer",
                                          "benefit string?",
                                          "tier string?",
                                          "because string? where a line waits",
                                          "reason string?",
                                          "adjustments Adjustment[]"};
const struct aver_object_type aver_lua_line_type = {.name = "DecidedLine",
                                                    .get = line_get,
                                                    .fields = line_fields,
                                                    .fields_count = sizeof line_fields / sizeof *line_fields};

static uint64_t adjustments_length(void *host, void *self)
{
    return decided_line(host, self)->adjustments.count;
}

static enum aver_trap adjustments_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    const struct aver_adjustment *a = decided_line(host, self)->adjustments.items;
    if (i <= adjustments_length(host, self))
        *out = aver_obj(&aver_lua_adjustment_type, (void *)(uintptr_t)&a[i - 1]);
    return AVER_TRAP_NONE;
}
static const struct aver_object_type adjustments_type = {
    .name = "Adjustments", .index = adjustments_index, .length = adjustments_length};

static enum aver_trap adjustment_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_adjustment *a = self;
    (void)host;
    if (aver_bytes_is(field, "group"))
        *out = aver_text(aver_bytes_str(aver_group_names[a->group]));
    else if (aver_bytes_is(field, "carc"))
        *out = aver_text(a->carc);
    else if (aver_bytes_is(field, "amount"))
        *out = aver_int(a->amount.cents);
    else if (aver_bytes_is(field, "because"))
        *out = aver_text(a->because);
    else if (aver_bytes_is(field, "value"))
        *out = aver_text(a->value);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
static const char *const adjustment_fields[] = {"group string", "carc string", "amount integer",
                                                "because string",
                                                "value string the policy's, as a person reads it"};
const struct aver_object_type aver_lua_adjustment_type = {.name = "Adjustment",
                                                          .get = adjustment_get,
                                                          .fields = adjustment_fields,
                                                          .fields_count = sizeof adjustment_fields /
                                                                          sizeof *adjustment_fields};

/* ---- what is expected ------------------------------------------------------------------------------------------------ */

static struct aver_case_fault *fault(struct aver_call *call, const struct aver_lua_decided *d)
{
    struct aver_lua_host *h = call->host;
    struct aver_case_fault *f = aver_case_fault_add(h->run, aver_lua_line(call), d ? d->number : 0);
    f->claim = d ? d->claim : SIZE_MAX;
    return f;
}

static void differs(struct aver_call *call, const char *column, aver_bytes expected, aver_bytes got)
{
    struct aver_case_fault *f = fault(call, call->self.self);
    f->column = column;
    f->expected = aver_arena_copy(aver_lua_arena(call), expected.ptr ? expected : AVER_LIT("-"));
    f->got = aver_arena_copy(aver_lua_arena(call), got.ptr ? got : AVER_LIT("-"));
}

enum aver_trap aver_lua_expect(struct aver_call *call)
{
    if (call->args[0].kind != AVER_OBJECT || call->args[0].object.type != &aver_lua_decision_type)
        return aver_lua_refuse(call, "it takes what adjudicate gave; a condition is for check(...)");
    call->result = aver_obj(&aver_lua_expectation_type, call->args[0].object.self);
    return AVER_TRAP_NONE;
}

static enum aver_trap expect_line(struct aver_call *call)
{
    const struct aver_lua_decided *d = call->self.self;
    uint64_t count = claim_of(call->host, d)->found.decision->lines.count;
    if (call->args[0].kind != AVER_INT || call->args[0].integer < 1 ||
        (uint64_t)call->args[0].integer > count)
        return aver_lua_refuse(call, "the claim has the lines 1 to %llu", (unsigned long long)count);
    call->result = part_of(call->host, &aver_lua_expectation_type, d, (uint64_t)call->args[0].integer);
    return AVER_TRAP_NONE;
}

/* paid, allowed, charge, owes: which, stands in the function's row. */
static enum aver_trap expect_money(struct aver_call *call)
{
    const struct aver_lua_decided *d = call->self.self;
    const char *column = call->user;
    struct aver_value got;
    char wanted_text[AVER_MONEY_TEXT], got_text[AVER_MONEY_TEXT];
    int64_t wanted;
    enum aver_trap trap = aver_lua_money(call, &call->args[0], column, &wanted);
    if (trap) return trap;
    trap = (d->number ? line_get : decision_get)(call->host, call->self.self, aver_bytes_str(column), &got);
    AVER_ASSERT(!trap);
    if (got.integer != wanted)
        differs(call, column, aver_bytes_str(aver_cents_text(wanted_text, wanted)),
                aver_bytes_str(aver_cents_text(got_text, got.integer)));
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    return AVER_TRAP_NONE;
}

/* The adjustments of the line, or of all lines: "CO-45 58.00, PR-3 30.00". In the arena. */
static aver_bytes adjustments_words(struct aver_call *call, const struct aver_lua_decided *d)
{
    struct aver_buf text = {0};
    const struct aver_decision *decision = claim_of(call->host, d)->found.decision;
    const struct aver_line_decision *l = decision->lines.items;
    for (size_t i = 0; i < decision->lines.count; i++) {
        if (d->number && l[i].number != d->number) continue;
        if (text.len) aver_buf_str(&text, "; ");
        aver_case_adjustments(&text, &l[i]);
    }
    aver_bytes kept = aver_arena_copy(aver_lua_arena(call), aver_buf_view(&text));
    aver_buf_free(&text);
    return kept;
}

/* amount NULL: any. */
static bool has_adjustment(struct aver_call *call, const struct aver_lua_decided *d, aver_bytes group,
                           aver_bytes carc, const int64_t *amount, aver_bytes because)
{
    const struct aver_decision *decision = claim_of(call->host, d)->found.decision;
    const struct aver_line_decision *l = decision->lines.items;
    for (size_t i = 0; i < decision->lines.count; i++) {
        const struct aver_adjustment *a = l[i].adjustments.items;
        for (size_t k = 0; (!d->number || l[i].number == d->number) && k < l[i].adjustments.count; k++)
            if (aver_bytes_is(group, aver_group_names[a[k].group]) && aver_bytes_eq(a[k].carc, carc) &&
                (!amount || a[k].amount.cents == *amount) &&
                (!because.ptr || aver_bytes_eq(a[k].because, because)))
                return true;
    }
    return false;
}

static enum aver_trap expect_adjusted(struct aver_call *call)
{
    const struct aver_lua_decided *d = call->self.self;
    aver_bytes group, carc, because = AVER_BYTES_NONE;
    char text[AVER_MONEY_TEXT];
    int64_t amount;
    enum aver_trap trap = aver_lua_text(call, 0, "the group", &group);
    if (!trap) trap = aver_lua_text(call, 1, "the reason code", &carc);
    if (!trap) trap = aver_lua_delta(call, &call->args[2], "the amount", &amount);
    if (!trap) trap = aver_lua_cell(call, &call->args[3], AVER_CELL_TEXT, "because", &because);
    if (trap) return trap;
    if (!has_adjustment(call, d, group, carc, &amount, because))
        differs(call, "adjusted",
                aver_bytes_str(aver_arena_printf(aver_lua_arena(call), "%.*s-%.*s %s%s%.*s", AVER_STR(group),
                                                 AVER_STR(carc), aver_cents_text(text, amount),
                                                 because.ptr ? " because " : "", AVER_STR(because))),
                adjustments_words(call, d));
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    return AVER_TRAP_NONE;
}

/* All of them, in the order posted. */
static enum aver_trap expect_adjustments(struct aver_call *call)
{
    aver_bytes wanted = AVER_LIT("-");
    enum aver_trap trap = aver_lua_cell(call, &call->args[0], AVER_CELL_TEXT, "the adjustments", &wanted);
    if (trap) return trap;
    aver_bytes got = adjustments_words(call, call->self.self);
    if (!aver_bytes_eq(wanted, got)) differs(call, "adjustments", wanted, got);
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    return AVER_TRAP_NONE;
}

static const char *status_of(struct aver_call *call, const struct aver_lua_decided *d)
{
    return d->number ? aver_line_status_names[decided_line(call->host, d)->status]
                     : aver_claim_status_names[claim_of(call->host, d)->found.decision->status];
}

static bool status_is(struct aver_call *call, const char *wanted)
{
    const char *got = status_of(call, call->self.self);
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    if (!strcmp(got, wanted)) return true;
    differs(call, "status", aver_bytes_str(wanted), aver_bytes_str(got));
    return false;
}

static enum aver_trap expect_decided(struct aver_call *call)
{
    status_is(call, "decided");
    return AVER_TRAP_NONE;
}

static enum aver_trap expect_denied(struct aver_call *call)
{
    const struct aver_lua_decided *d = call->self.self;
    aver_bytes group = AVER_BYTES_NONE, carc = AVER_BYTES_NONE, because = AVER_BYTES_NONE;
    enum aver_trap trap = aver_lua_cell(call, &call->args[0], AVER_CELL_TEXT, "the group", &group);
    if (!trap) trap = aver_lua_cell(call, &call->args[1], AVER_CELL_TEXT, "the reason code", &carc);
    if (!trap) trap = aver_lua_cell(call, &call->args[2], AVER_CELL_TEXT, "because", &because);
    if (trap) return trap;
    if (group.ptr && !carc.ptr)
        return aver_lua_refuse(call, "the reason code is missing: denied(\"PR\", \"96\")");
    if (status_is(call, "denied") && group.ptr && !has_adjustment(call, d, group, carc, NULL, because))
        differs(call, "denied",
                aver_bytes_str(aver_arena_printf(aver_lua_arena(call), "%.*s-%.*s%s%.*s", AVER_STR(group),
                                                 AVER_STR(carc), because.ptr ? " because " : "",
                                                 AVER_STR(because))),
                adjustments_words(call, d));
    return AVER_TRAP_NONE;
}

static enum aver_trap expect_pended(struct aver_call *call)
{
    const struct aver_lua_decided *d = call->self.self;
    const struct aver_decision *decision = claim_of(call->host, d)->found.decision;
    const struct aver_line_decision *l = decision->lines.items;
    aver_bytes because = AVER_BYTES_NONE, got = AVER_BYTES_NONE;
    enum aver_trap trap = aver_lua_cell(call, &call->args[0], AVER_CELL_TEXT, "because", &because);
    if (trap || !status_is(call, "pended") || !because.ptr) return trap;
    /* Of a claim: one of its lines waits there. */
    for (size_t i = 0; i < decision->lines.count; i++) {
        if (d->number && l[i].number != d->number) continue;
        if (aver_bytes_eq(l[i].because, because)) return AVER_TRAP_NONE;
        if (!got.ptr) got = l[i].because;
    }
    differs(call, "because", because, got);
    return AVER_TRAP_NONE;
}

static enum aver_trap expect_held(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    const struct aver_lua_decided *d = call->self.self;
    const struct aver_case_claim *c = claim_of(h, d);
    aver_bytes wanted = AVER_BYTES_NONE;
    enum aver_trap trap = aver_lua_cell(call, &call->args[0], AVER_CELL_TEXT, "the trap", &wanted);
    if (trap) return trap;
    *(size_t *)aver_list_add(aver_lua_arena(call), &h->held, sizeof(size_t)) = d->claim;
    const char *got = trap_name(c->found.decision->trap);
    if (status_is(call, "held") && wanted.ptr && !aver_bytes_is(wanted, got))
        differs(call, "trap", wanted,
                aver_bytes_str(aver_arena_printf(aver_lua_arena(call), "%s: %s", got ? got : "-", c->words)));
    return AVER_TRAP_NONE;
}

static enum aver_trap expect_payee(struct aver_call *call)
{
    aver_bytes wanted, got = claim_of(call->host, call->self.self)->found.decision->payee;
    enum aver_trap trap = aver_lua_text(call, 0, "the payee", &wanted);
    if (!trap && !aver_bytes_eq(wanted, got)) differs(call, "payee", wanted, got);
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    return trap;
}

/* used(counter, amount, tier): what the member has used after all claims so far, in the year of the claim's first day. */
static enum aver_trap expect_used(struct aver_call *call)
{
    struct aver_lua_host *h = call->host;
    const struct aver_case_claim *c = claim_of(h, call->self.self);
    aver_bytes counter, tier = AVER_LIT("in_network");
    char wanted_text[AVER_MONEY_TEXT], got_text[AVER_MONEY_TEXT];
    int64_t wanted, got;
    enum aver_trap trap = aver_lua_text(call, 0, "the counter", &counter);
    if (!trap) trap = aver_lua_money(call, &call->args[1], "the amount", &wanted);
    if (!trap) trap = aver_lua_cell(call, &call->args[2], AVER_CELL_TEXT, "the tier", &tier);
    if (trap) return trap;
    if (aver_case_counter_is_maximum(counter)) tier = AVER_BYTES_NONE;
    const struct aver_case_counter of = {.person = c->found.decision->member_id,
                                         .counter = counter,
                                         .tier = tier,
                                         .day = c->found.claim.statement_from};
    aver_err err = aver_case_used(h->run, c->found.decision, &of, &got);
    if (err != AVER_OK) return aver_lua_failed(call, err);
    if (got != wanted)
        differs(call, aver_arena_printf(aver_lua_arena(call), "%.*s used", AVER_STR(counter)),
                aver_bytes_str(aver_cents_text(wanted_text, wanted)),
                aver_bytes_str(aver_cents_text(got_text, got)));
    call->result = aver_obj(&aver_lua_expectation_type, call->self.self);
    return AVER_TRAP_NONE;
}

#define MONEY_SIGNATURE "fun(amount: string|integer): Expectation"
static const struct aver_function expectation_methods[] = {
    {"line", expect_line, 10, "fun(number: integer): Expectation", NULL},
    {"paid", expect_money, 10, MONEY_SIGNATURE, "paid"},
    {"allowed", expect_money, 10, MONEY_SIGNATURE, "allowed"},
    {"charge", expect_money, 10, MONEY_SIGNATURE, "charge"},
    {"owes", expect_money, 10, MONEY_SIGNATURE, "owes"},
    {"adjusted", expect_adjusted, 10,
     "fun(group: \"CO\"|\"OA\"|\"PI\"|\"PR\", carc: string, amount: string|integer, because?: string): Expectation",
     NULL},
    {"adjustments", expect_adjustments, 10, "fun(all?: string): Expectation", NULL},
    {"decided", expect_decided, 10, "fun(): Expectation", NULL},
    {"denied", expect_denied, 10, "fun(group?: string, carc?: string, because?: string): Expectation", NULL},
    {"pended", expect_pended, 10, "fun(because?: string): Expectation", NULL},
    {"held", expect_held, 10, "fun(trap?: string): Expectation", NULL},
    {"payee", expect_payee, 10, "fun(payee: string): Expectation", NULL},
    {"used", expect_used, 10, "fun(counter: string, amount: string|integer, tier?: string): Expectation",
     NULL},
};
const struct aver_object_type aver_lua_expectation_type = {.name = "Expectation",
                                                           .methods = expectation_methods,
                                                           .methods_count = sizeof expectation_methods /
                                                                            sizeof *expectation_methods};

enum aver_trap aver_lua_check(struct aver_call *call)
{
    aver_bytes words = AVER_LIT("it does not hold");
    enum aver_trap trap = aver_lua_cell(call, &call->args[1], AVER_CELL_TEXT, "the words", &words);
    if (trap) return trap;
    bool holds =
        call->args[0].kind != AVER_NIL && !(call->args[0].kind == AVER_BOOL && !call->args[0].boolean);
    if (!holds)
        fault(call, NULL)->words = aver_arena_printf(aver_lua_arena(call), "check: %.*s", AVER_STR(words));
    return AVER_TRAP_NONE;
}
