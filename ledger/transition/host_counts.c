/* ledger/transition/host_counts.c - what a contract counts: visits, uses of a rule of how often, and what goes to the maxima. Each
 * is a trap (AVER_TRAP_RULE) where the limit leaves no room for it. */
#include "ledger/transition/act.h"
#include "ledger/transition/host_gas.h"

enum aver_trap aver_act_visit(struct aver_call *call, struct aver_case_line *l, bool count, int64_t copay)
{
    size_t size;
    aver_err err = aver_case_visits_count(call->host, l, &size);
    if (err) return aver_case_failed(call->host, err);
    aver_host_charge_read(call);
    aver_call_charge(call, HOST_GAS_SEEN * (uint64_t)size);
    err = aver_case_visit_add(call->host, l, count, copay);
    if (err == AVER_E_LIMIT) return aver_act_rule(call, "too many claims for visits in this period");
    if (err == AVER_E_RANGE)
        return aver_call_say(call, "the copays of one day leave the range of money"), AVER_TRAP_RANGE;
    return err ? aver_case_failed(call->host, err) : AVER_TRAP_NONE;
}

static enum aver_trap note_count(struct aver_call *call, struct aver_case_line *l, aver_bytes limit,
                                 uint64_t before, uint64_t amount, uint64_t most)
{
    struct aver_case *c = call->host;
    struct aver_list *counts = &l->decision->counts;
    if (counts->count == AVER_LINE_COUNTS_MAX) return aver_act_rule(call, "too many counts on one line");
    *(struct aver_count *)aver_list_add(c->arena, counts, sizeof(struct aver_count)) =
        (struct aver_count){limit, before, amount, most};
    return AVER_TRAP_NONE;
}

/* line:count_use(rule): the line is a use of a rule of how often, and within it. */
enum aver_trap aver_line_count_use(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    const struct aver_policy_node *of, *limit;
    struct aver_use_facts facts;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if ((trap = aver_arg_rule(call, 0, &of))) return trap;
    if (!l->allowed_set) return aver_act_rule(call, "allow the line before counting it");
    limit = aver_policy_child(of, AVER_LIT("limit"));
    if (!limit) return aver_act_rule(call, "the rule has no limit");
    const struct aver_count *counts = l->decision->counts.items;
    for (size_t i = 0; i < l->decision->counts.count; i++)
        if (aver_bytes_eq(counts[i].limit, limit->path))
            return aver_act_rule(call, "a line is a use of a rule once");
    aver_err err = aver_case_uses(c, l, of, &facts);
    if (err) return aver_case_failed(c, err);
    if (facts.used > facts.limit || facts.mine > facts.limit - facts.used)
        return aver_call_say(call, "%.*s is %llu thousandths and %llu are used", AVER_STR(limit->path),
                             (unsigned long long)facts.limit, (unsigned long long)facts.used),
               AVER_TRAP_RULE;
    err = aver_case_use_add(c, l, of, facts.mine);
    if (err == AVER_E_LIMIT) return aver_act_rule(call, "too many uses of one rule");
    if (err) return aver_case_failed(c, err);
    return note_count(call, l, limit->path, facts.used, facts.mine, facts.limit);
}

/* line:count_visit(): this line's visit counts against the limit of its benefit. */
enum aver_trap aver_line_count_visit(struct aver_call *call)
{
    struct aver_case_line *l;
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if (!l->benefit)
        return aver_act_rule(call, "a visit is counted for a benefit: set the line's benefit first");
    const struct aver_policy_node *limit = aver_policy_at(l->benefit, AVER_LIT("limit.visits"));
    struct aver_visit_facts visit;
    size_t size;
    aver_err err = aver_case_visits_count(call->host, l, &size);
    if (err) return aver_case_failed(call->host, err);
    aver_host_charge_read(call);
    aver_call_charge(call, HOST_GAS_SEEN * (uint64_t)size);
    err = aver_case_visit(call->host, l, &visit);
    if (err == AVER_E_RANGE)
        return aver_call_say(call, "the copays of one day leave the range of money"), AVER_TRAP_RANGE;
    if (err) return aver_case_failed(call->host, err);
    uint64_t most = limit && limit->number > 0 ? (uint64_t)limit->number : 0;
    if (limit && !visit.counted && visit.used >= most)
        return aver_act_rule(call, "the visits of the line's benefit are used up");
    l->visit_counted = true;
    if ((trap = aver_act_visit(call, l, true, 0))) return trap;
    if (!limit || visit.counted) return AVER_TRAP_NONE;
    return note_count(call, l, limit->path, visit.used * 1000, 1000, most * 1000);
}

static enum aver_trap count_one(struct aver_call *call, struct aver_case_line *l, aver_bytes counter,
                                enum aver_basis basis)
{
    struct aver_case *c = call->host;
    struct aver_list *postings = &l->decision->postings;
    const struct aver_posting *p = postings->items;
    int64_t left;
    for (size_t i = 0; i < postings->count; i++)
        if (aver_bytes_eq(p[i].counter, counter))
            return aver_act_rule(call, "a line counts to a maximum once");
    if (postings->count + 2 > AVER_LINE_POSTINGS_MAX)
        return aver_act_rule(call, "a line counts to too many maxima");
    aver_err err = aver_case_left(c, l, counter, &left);
    if (err) return aver_case_failed(c, err);
    aver_host_charge_read(call);
    if (l->left > left)
        return aver_call_say(call, "%.*s has %lld cents left; %lld do not fit", AVER_STR(counter),
                             (long long)left, (long long)l->left),
               AVER_TRAP_RULE;
    err = aver_case_post(c, l, counter, l->left, basis, postings);
    if (err == AVER_E_RANGE)
        return aver_call_say(call, "%.*s leaves the range of money", AVER_STR(counter)), AVER_TRAP_RANGE;
    if (err == AVER_E_LIMIT) return aver_act_rule(call, "one person has too many accumulators in one year");
    return err ? aver_case_failed(c, err) : AVER_TRAP_NONE;
}

/* line:count(counters): what is left of the line counts to these maxima (adjudication-rules 11). Of one with the basis plan_paid
 * it is what the plan pays, and nothing may be adjusted afterwards; of one with the basis allowed it is what is considered, and
 * the member's share comes afterwards. */
enum aver_trap aver_line_count(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    struct aver_value list = call->args[0];
    enum aver_trap trap = aver_act_open_line(call, &l);
    if (trap) return trap;
    if (list.kind != AVER_TABLE) return aver_call_say(call, "counters must be a list"), AVER_TRAP_ARGUMENT;
    if (!l->allowed_set || !l->decision->tier.ptr)
        return aver_act_rule(call, "allow the line and set its tier before counting it");
    for (uint64_t i = 1;; i++) {
        struct aver_value v = aver_call_item(call, &list, i);
        if (v.kind == AVER_NIL) break;
        if (v.kind != AVER_TEXT) return aver_call_say(call, "counters must be texts"), AVER_TRAP_ARGUMENT;
        aver_call_charge(call, HOST_GAS_CONSUMED);
        aver_host_charge_maxima(call, v.text);
        if (!aver_case_counter_is_maximum(v.text) || !aver_case_counter_known(c, v.text))
            return aver_call_say(call, "the policy has no maximum %.*s", AVER_STR(v.text)), AVER_TRAP_RULE;
        bool paid = aver_case_maximum_of_paid(c, v.text);
        if (!paid && (l->sealed || l->share))
            return aver_act_rule(call, "what a maximum considers is counted before the member's share");
        if (l->left > 0 &&
            (trap = count_one(call, l, v.text, paid ? AVER_BASIS_PAID : AVER_BASIS_CONSIDERED)))
            return trap;
        l->sealed |= paid;
    }
    return AVER_TRAP_NONE;
}
