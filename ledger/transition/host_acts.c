/* ledger/transition/host_acts.c - what a contract can do to a line: allow, adjust, deny, pend. There is no way to set a paid
 * amount. Each act keeps the identities of DESIGN section 6 or is a trap (AVER_TRAP_RULE), so what is left of a line is always
 * what its adjustments leave. */
#include "ledger/transition/act.h"
#include "ledger/transition/host_gas.h"

#include <string.h>

#define VALUE_BYTES_MAX 120 /* of a policy value in an adjustment */

/* PR 1, 2 and 3: deductible, coinsurance, copay. */
static bool is_share(const struct aver_act *act)
{
    return act->group == AVER_GROUP_PR &&
           (aver_bytes_is(act->carc, "1") || aver_bytes_is(act->carc, "2") || aver_bytes_is(act->carc, "3"));
}

/* What was prepared may be forgotten before the decision is. */
static struct aver_list copy_texts(struct aver_arena *arena, const struct aver_list *list)
{
    struct aver_list out = {0};
    const aver_bytes *text = list->items;
    for (size_t i = 0; i < list->count; i++)
        *(aver_bytes *)aver_list_add(arena, &out, sizeof *text) = aver_arena_copy(arena, text[i]);
    return out;
}

/* Whether the line takes the adjustment, and what the accumulators leave for it: above that the amount is a trap, or is cut off
 * where it may be (`fit`). */
static enum aver_trap make_room(struct aver_call *call, const struct aver_case_line *l,
                                const struct aver_act *act, bool fit, int64_t *cents)
{
    struct aver_case *c = call->host;
    const struct aver_act_options *o = act->options;
    const aver_bytes *consumes = o->consumes.items;
    if (l->sealed) return aver_act_rule(call, "what the plan pays of the line is counted: adjust it before");
    if (l->decision->adjustments.count == AVER_LINE_ADJUSTMENTS_MAX)
        return aver_act_rule(call, "too many adjustments on one line");
    if (o->consumes.count && (!l->decision->tier.ptr || act->group != AVER_GROUP_PR))
        return aver_act_rule(call, "only a PR adjustment of a line with a tier consumes accumulators");
    aver_call_charge(call, HOST_GAS_CONSUMED * (uint64_t)o->consumes.count);
    for (size_t i = 0; i < o->consumes.count; i++) {
        aver_bytes counter = consumes[i];
        int64_t left;
        for (size_t k = 0; k < i; k++)
            if (aver_bytes_eq(consumes[k], counter))
                return aver_act_rule(call, "one adjustment consumes no accumulator twice");
        if (!aver_case_counter_known(c, counter) || aver_case_counter_is_maximum(counter))
            return aver_call_say(call, "the policy has no accumulator %.*s that an adjustment consumes",
                                 AVER_STR(counter)),
                   AVER_TRAP_RULE;
        aver_err err = aver_case_left(c, l, counter, &left);
        if (err) return aver_case_failed(c, err);
        aver_host_charge_read(call);
        if (*cents <= left) continue;
        if (!fit)
            return aver_call_say(call, "%.*s has %lld cents left; %lld do not fit", AVER_STR(counter),
                                 (long long)left, (long long)*cents),
                   AVER_TRAP_RULE;
        *cents = left;
    }
    return AVER_TRAP_NONE;
}

/* Appends an adjustment, for which there is room, and takes it off what is left. The caller has checked the amount. */
static enum aver_trap append(struct aver_call *call, struct aver_case_line *l, const struct aver_act *act,
                             int64_t cents)
{
    struct aver_case *c = call->host;
    const struct aver_act_options *o = act->options;
    struct aver_list postings = {0};
    const aver_bytes *consumes = o->consumes.items;
    for (size_t i = 0; i < o->consumes.count; i++) {
        aver_bytes counter = consumes[i];
        aver_err err = aver_case_post(c, l, counter, cents, AVER_BASIS_ADJUSTMENT, &postings);
        if (err == AVER_E_RANGE)
            return aver_call_say(call, "%.*s leaves the range of money", AVER_STR(counter)), AVER_TRAP_RANGE;
        if (err == AVER_E_LIMIT)
            return aver_act_rule(call, "one person has too many accumulators in one year");
        if (err) return aver_case_failed(c, err);
    }
    aver_host_charge_read(call);
    uint64_t lines[AVER_CALL_CHAIN_MAX];
    size_t depth = aver_call_lines(call, lines, AVER_CALL_CHAIN_MAX);
    aver_bytes value = act->because->shown;
    while (value.len > VALUE_BYTES_MAX || !aver_bytes_utf8(value)) value.len--;
    struct aver_adjustment *a = aver_list_add(c->arena, &l->decision->adjustments, sizeof *a);
    *a = (struct aver_adjustment){.group = act->group,
                                  .carc = aver_arena_copy(c->arena, act->carc),
                                  .amount = {cents},
                                  .because = act->because->path,
                                  .value = value,
                                  .policy_line = act->because->line,
                                  .rarc = copy_texts(c->arena, &o->rarc),
                                  .stage = c->stage,
                                  .postings = postings};
    a->lines = (struct aver_list){AVER_NEW_ARRAY(c->arena, uint64_t, depth), depth, depth};
    memcpy(a->lines.items, lines, depth * sizeof *lines);
    if (o->note.ptr) a->note = aver_arena_copy(c->arena, o->note);
    if (o->fee) {
        a->table = o->fee->table;
        a->table_key = o->fee->code;
    }
    if (o->edit) {
        a->table = o->edit->table;
        a->table_key = o->edit->code;
    }
    if (is_share(act)) l->share += cents;
    l->left -= cents;
    return AVER_TRAP_NONE;
}

static enum aver_trap post(struct aver_call *call, struct aver_case_line *l, const struct aver_act *act,
                           int64_t cents)
{
    enum aver_trap trap = make_room(call, l, act, false, &cents);
    return trap ? trap : append(call, l, act, cents);
}

/* The contract may have read the fact before. */
static void changed(struct aver_call *call, struct aver_case_line *l, const char *fact)
{
    aver_call_changed(call, &(struct aver_object){&aver_line_type, l}, fact);
}

enum aver_trap aver_act_open_line(struct aver_call *call, struct aver_case_line **out)
{
    *out = call->self.self;
    if ((*out)->decision->status == 0) return AVER_TRAP_NONE;
    aver_call_say(call, "line %u is denied or pended already", (unsigned)(*out)->line->number);
    return AVER_TRAP_RULE;
}

/* line:allow(cents, because, options, fee): what the plan allows for the line. The rest of the charge is CARC 45, of the group in
 * options (CO unless it says PR); above the charge it is OA-94, negative. A zero fee is no CARC 45, which may not equal the
 * whole charge (adjudication-rules, corrections): deny or pend instead. */
static enum aver_trap line_allow(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_act act = {.carc = AVER_LIT("45"), .group = AVER_GROUP_CO};
    struct aver_act_options with_fee;
    int64_t cents;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_arg_int(call, 0, "cents", &cents))) return trap;
    if ((trap = aver_act_because(call, 1, &act.because))) return trap;
    if ((trap = aver_act_options_read(call, 2, &act))) return trap;
    if (l->allowed_set) return aver_act_rule(call, "the line's allowed amount is set already");
    int64_t charge = (int64_t)l->line->charge.cents;
    if (cents < 0 || cents >= AVER_MONEY_LIMIT || (cents == 0 && charge > 0))
        return aver_act_rule(
            call, "the allowed amount must be above zero: deny or pend a line that is allowed nothing");
    if (l->decision->adjustments.count)
        return aver_act_rule(call, "allow comes before the line's adjustments");
    if (act.options->grouped) act.group = act.options->group;
    if (call->args[3].kind != AVER_NIL) {
        if (call->args[3].kind != AVER_OBJECT || call->args[3].object.type != &aver_fee_type)
            return aver_call_say(call, "fee must be what fees.find returned"), AVER_TRAP_ARGUMENT;
        with_fee = *act.options;
        with_fee.fee = call->args[3].object.self;
        act.options = &with_fee;
    }
    if (act.group != AVER_GROUP_CO && act.group != AVER_GROUP_PR)
        return aver_act_rule(call, "CARC 45 takes the group CO or PR");
    if (cents > charge) {
        act.group = AVER_GROUP_OA;
        act.carc = AVER_LIT("94");
    }
    if (cents != charge && (trap = post(call, l, &act, charge - cents))) return trap;
    l->allowed_set = true;
    l->priced = l->decision->adjustments.count;
    l->decision->allowed.cents = (uint64_t)cents;
    changed(call, l, "allowed");
    return AVER_TRAP_NONE;
}

/* line:reduce(carc, cents, because, options): takes `cents` off what is allowed, for a reason of its own, such as CARC 59 for
 * the second procedure of a day (adjudication-rules 8). It stands between allow and the member's share; something stays
 * allowed. The group is CO, or PR where the options say so. */
static enum aver_trap line_reduce(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_act act = {.group = AVER_GROUP_CO};
    int64_t cents;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_act_carc(call, 0, &act))) return trap;
    if ((trap = aver_arg_int(call, 1, "cents", &cents))) return trap;
    if ((trap = aver_act_because(call, 2, &act.because))) return trap;
    if ((trap = aver_act_options_read(call, 3, &act))) return trap;
    if (act.options->grouped) act.group = act.options->group;
    if (act.group != AVER_GROUP_CO && act.group != AVER_GROUP_PR)
        return aver_act_rule(call, "a reduction takes the group CO or PR");
    if (aver_bytes_is(act.carc, "45")) return aver_act_rule(call, "CARC 45 is posted by allow alone");
    if (act.group == AVER_GROUP_PR && is_share(&act))
        return aver_act_rule(call, "deductible, coinsurance and copay are adjusted, not reduced");
    if (act.options->consuming) return aver_act_rule(call, "a reduction consumes nothing");
    if (!l->allowed_set) return aver_act_rule(call, "allow the line before reducing it");
    if (l->decision->adjustments.count != l->priced)
        return aver_act_rule(call, "reduce comes before the line's other adjustments");
    if (cents <= 0) return aver_act_rule(call, "a reduction must be above zero");
    if (cents >= (int64_t)l->decision->allowed.cents)
        return aver_act_rule(
            call, "a reduction leaves something allowed: deny or pend a line that is allowed nothing");
    if ((trap = post(call, l, &act, cents))) return trap;
    l->priced = l->decision->adjustments.count;
    l->decision->allowed.cents -= (uint64_t)cents;
    changed(call, l, "allowed");
    return AVER_TRAP_NONE;
}

/* line:pay_units(units): thousandths of the line's units that are paid, where fewer are than were billed: what later claims find
 * of it (adjudication-rules 21). What the others would have cost is reduced beside. */
static enum aver_trap line_pay_units(struct aver_call *call)
{
    struct aver_case_line *l;
    int64_t units;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_arg_int(call, 0, "units", &units))) return trap;
    if (units <= 0 || (uint64_t)units >= l->line->units)
        return aver_act_rule(call, "fewer units are paid than the line has, and more than none");
    if (l->decision->counts.count) return aver_act_rule(call, "units are set before the line is counted");
    l->decision->units_paid = (uint64_t)units;
    changed(call, l, "units_paid");
    return AVER_TRAP_NONE;
}

/* line:adjust(group, carc, cents, because, {consumes, rarc, note, copay, fee}) */
static enum aver_trap line_adjust(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_act act;
    int64_t cents;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_act_read(call, 0, 3, &act))) return trap;
    if ((trap = aver_arg_int(call, 2, "cents", &cents))) return trap;
    if (!l->allowed_set) return aver_act_rule(call, "allow the line before adjusting it");
    if (cents <= 0) return aver_act_rule(call, "an adjustment must be above zero");
    if (cents > l->left) return aver_act_rule(call, "the adjustment goes past what is left of the line");
    if (aver_bytes_is(act.carc, "45")) return aver_act_rule(call, "CARC 45 is posted by allow alone");
    if (is_share(&act) && l->share + cents > (int64_t)l->decision->allowed.cents)
        return aver_act_rule(call, "deductible, coinsurance and copay together pass the allowed amount");
    if (act.options->copay) {
        if (!l->benefit) return aver_act_rule(call, "a visit copay needs the line's benefit");
        trap = aver_act_visit(call, l, false, cents);
        if (trap) return trap;
    }
    return post(call, l, &act, cents);
}

/* line:owe(carc, cents, because, options): the same for what the member owes (PR) and as far as there is room: not above what is
 * left of the line and of the accumulators that it consumes. cents nil: all that is left. Gives how much it was, and posts
 * nothing where that is nothing. */
static enum aver_trap line_owe(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_act act = {.group = AVER_GROUP_PR};
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    int64_t cents = l->left;
    if ((trap = aver_act_carc(call, 0, &act))) return trap;
    if (call->args[1].kind != AVER_NIL && (trap = aver_arg_int(call, 1, "cents", &cents))) return trap;
    if ((trap = aver_act_because(call, 2, &act.because))) return trap;
    if ((trap = aver_act_options_read(call, 3, &act))) return trap;
    if (!l->allowed_set) return aver_act_rule(call, "allow the line before adjusting it");
    if (aver_bytes_is(act.carc, "45")) return aver_act_rule(call, "CARC 45 is posted by allow alone");
    if (cents > l->left) cents = l->left;
    if ((trap = make_room(call, l, &act, true, &cents))) return trap;
    if (cents < 0) cents = 0;
    call->result = aver_int(cents);
    if (cents == 0) return AVER_TRAP_NONE;
    if (is_share(&act) && l->share + cents > (int64_t)l->decision->allowed.cents)
        return aver_act_rule(call, "deductible, coinsurance and copay together pass the allowed amount");
    if (act.options->copay) {
        if (!l->benefit) return aver_act_rule(call, "a visit copay needs the line's benefit");
        if ((trap = aver_act_visit(call, l, false, cents))) return trap;
    }
    return append(call, l, &act, cents);
}

static enum aver_trap deny(struct aver_call *call, struct aver_case_line *l, const struct aver_act *act)
{
    if (l->decision->adjustments.count != l->priced)
        return aver_act_rule(call,
                             "a line with adjustments beside its price cannot be denied: deny it before");
    if (l->decision->postings.count)
        return aver_act_rule(call, "a line that counts to a maximum cannot be denied");
    if (l->decision->counts.count)
        return aver_act_rule(call, "a denied line is no use: deny it before it is counted");
    if (l->visit_counted)
        return aver_act_rule(call, "a denied line is no visit: deny it before its visit is counted");
    if (aver_bytes_is(act->carc, "45")) return aver_act_rule(call, "CARC 45 may not equal the whole charge");
    if (act->options->consuming) return aver_act_rule(call, "a denied line consumes nothing");
    /* One adjustment takes the whole charge: what allow and reduce took, which consumed nothing, is undone. */
    l->decision->adjustments.count = l->priced = 0;
    l->left = (int64_t)l->line->charge.cents;
    if (l->left > 0) {
        enum aver_trap trap = post(call, l, act, l->left);
        if (trap) return trap;
    }
    l->decision->status = AVER_LINE_DENIED;
    l->decision->allowed.cents = 0;
    l->decision->units_paid = 0;
    changed(call, l, "is_open");
    changed(call, l, "allowed");
    return AVER_TRAP_NONE;
}

/* line:deny(group, carc, because, options) */
static enum aver_trap line_deny(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_act act;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_act_read(call, 0, 2, &act))) return trap;
    return deny(call, l, &act);
}

static enum aver_trap read_reason(struct aver_call *call, aver_bytes *reason,
                                  const struct aver_policy_node **because)
{
    enum aver_trap trap = aver_arg_text(call, 0, "reason", reason);
    if (trap) return trap;
    if (!aver_act_one_line(*reason, 200))
        return aver_call_say(call, "the reason must be one line of 1 to 200 bytes"), AVER_TRAP_ARGUMENT;
    return aver_act_because(call, 1, because);
}

static void pend(struct aver_call *call, struct aver_case_line *l, aver_bytes reason,
                 const struct aver_policy_node *because)
{
    struct aver_case *c = call->host;
    l->decision->status = AVER_LINE_PENDED;
    l->decision->reason = aver_arena_copy(c->arena, reason);
    l->decision->because = because->path;
    changed(call, l, "is_open");
}

/* line:pend(reason, because) */
static enum aver_trap line_pend(struct aver_call *call)
{
    struct aver_case_line *l;
    aver_bytes reason;
    const struct aver_policy_node *because;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = read_reason(call, &reason, &because))) return trap;
    pend(call, l, reason, because);
    return AVER_TRAP_NONE;
}

static enum aver_trap line_unexplained(struct aver_call *call)
{
    call->result = aver_int(((struct aver_case_line *)call->self.self)->left);
    return AVER_TRAP_NONE;
}

static enum aver_trap line_set_tier(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    aver_bytes tier;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_arg_text(call, 0, "tier", &tier))) return trap;
    if (l->decision->tier.ptr) return aver_act_rule(call, "the line's tier is set already");
    const struct aver_policy_node *node =
        aver_policy_child(aver_policy_child(&c->policy->root, AVER_LIT("networks")), tier);
    if (!node) return aver_call_say(call, "the policy has no network %.*s", AVER_STR(tier)), AVER_TRAP_RULE;
    l->decision->tier = node->key;
    changed(call, l, "tier");
    return AVER_TRAP_NONE;
}

static enum aver_trap line_set_benefit(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    const struct aver_policy_node *benefits = aver_policy_child(&c->policy->root, AVER_LIT("benefits"));
    if (!benefits || call->args[0].kind != AVER_OBJECT || call->args[0].object.type != &aver_node_type ||
        ((const struct aver_policy_node *)call->args[0].object.self)->parent != benefits)
        return aver_call_say(call, "the benefit must be one of the policy's benefits"), AVER_TRAP_ARGUMENT;
    if (l->benefit) return aver_act_rule(call, "the line's benefit is set already");
    l->benefit = call->args[0].object.self;
    l->decision->benefit = l->benefit->path;
    changed(call, l, "benefit");
    return AVER_TRAP_NONE;
}

const struct aver_function aver_line_methods[] = {
    {"allow", line_allow, 150,
     "fun(self: Line, cents: integer, because: string, options?: {group?: string, fee?: Fee}, fee?: Fee)",
     NULL},
    {"reduce", line_reduce, 150,
     "fun(self: Line, carc: string, cents: integer, because: string, options?: {group?: string, rarc?: string[], edit?: Edit})",
     NULL},
    {"pay_units", line_pay_units, 20, "fun(self: Line, units: integer)", NULL},
    {"adjust", line_adjust, 150,
     "fun(self: Line, group: string, carc: string, cents: integer, because: string, options?: {consumes?: string[], rarc?: string[], note?: string, copay?: boolean, fee?: Fee})",
     NULL},
    {"owe", line_owe, 150,
     "fun(self: Line, carc: string, cents: integer?, because: string, options?: {consumes?: string[], rarc?: string[], note?: string, copay?: boolean}): integer",
     NULL},
    {"deny", line_deny, 150,
     "fun(self: Line, group: string, carc: string, because: string, options?: {rarc?: string[], note?: string, fee?: Fee, edit?: Edit})",
     NULL},
    {"pend", line_pend, 50, "fun(self: Line, reason: string, because: string)", NULL},
    {"unexplained", line_unexplained, 2, "fun(self: Line): integer", NULL},
    {"set_tier", line_set_tier, 10, "fun(self: Line, tier: string)", NULL},
    {"set_benefit", line_set_benefit, 10, "fun(self: Line, benefit: Policy)", NULL},
    {"count_visit", aver_line_count_visit, 50, "fun(self: Line)", NULL},
    {"count", aver_line_count, 50, "fun(self: Line, counters: string[])", NULL},
    {"count_use", aver_line_count_use, 100, "fun(self: Line, rule: Policy)", NULL},
};
const size_t aver_line_methods_count = sizeof aver_line_methods / sizeof aver_line_methods[0];

/* claim:deny and claim:pend act on every line that is still open. */
static enum aver_trap claim_deny(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_act act;
    enum aver_trap trap = aver_act_read(call, 0, 2, &act);
    aver_call_charge(call, HOST_GAS_EVERY_LINE * (uint64_t)c->lines_count);
    for (size_t i = 0; !trap && i < c->lines_count; i++) {
        if (c->lines[i].decision->status != 0) continue;
        aver_call_charge(call, HOST_GAS_DENIED);
        trap = deny(call, &c->lines[i], &act);
    }
    return trap;
}

static enum aver_trap claim_pend(struct aver_call *call)
{
    struct aver_case *c = call->host;
    aver_bytes reason;
    const struct aver_policy_node *because;
    enum aver_trap trap = read_reason(call, &reason, &because);
    aver_call_charge(call, HOST_GAS_EVERY_LINE * (uint64_t)c->lines_count);
    for (size_t i = 0; !trap && i < c->lines_count; i++)
        if (c->lines[i].decision->status == 0) pend(call, &c->lines[i], reason, because);
    return trap;
}

/* claim:pay_to("member"): out of network and without assignment the member is paid (adjudication-rules 24). */
static enum aver_trap claim_pay_to(struct aver_call *call)
{
    struct aver_case *c = call->host;
    aver_bytes who;
    enum aver_trap trap = aver_arg_text(call, 0, "who", &who);
    if (trap) return trap;
    if (aver_bytes_is(who, "member"))
        c->decision->payee =
            aver_bytes_str(aver_arena_printf(c->arena, "member:%.*s", AVER_STR(c->member->member_id)));
    else if (aver_bytes_is(who, "provider"))
        c->decision->payee = aver_claim_payee_id(c->claim);
    else
        return aver_call_say(call, "who must be \"provider\" or \"member\""), AVER_TRAP_ARGUMENT;
    return AVER_TRAP_NONE;
}

const struct aver_function aver_claim_methods[] = {
    {"deny", claim_deny, 100,
     "fun(self: Claim, group: string, carc: string, because: string, options?: {rarc?: string[], note?: string})",
     NULL},
    {"pend", claim_pend, 100, "fun(self: Claim, reason: string, because: string)", NULL},
    {"pay_to", claim_pay_to, 10, "fun(self: Claim, who: string)", NULL},
};
const size_t aver_claim_methods_count = sizeof aver_claim_methods / sizeof aver_claim_methods[0];

enum aver_trap aver_case_failed(struct aver_case *c, aver_err err)
{
    AVER_ASSERT(err != AVER_OK);
    c->failed = err;
    return AVER_TRAP_RULE; /* leaves the contract; run_stage returns the error before the trap is looked at */
}
