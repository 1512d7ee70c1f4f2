/* ledger/transition/host_library.c - what a contract can ask: the policy's benefits, published tables, accumulators, history. */
#include "ledger/transition/contract.h"
#include "ledger/transition/host.h"
#include "ledger/transition/host_gas.h"

#include <string.h>

void aver_host_charge_read(struct aver_call *call)
{
    struct aver_case *c = call->host;
    uint64_t due = c->read - c->read_paid;
    c->read_paid = c->read;
    due = HOST_GAS_READ * due + HOST_GAS_TIER * c->tiers + HOST_GAS_CONSUMED / 2 * c->carried;
    c->tiers = c->carried = 0;
    aver_call_charge(call, due);
}

void aver_host_charge_maxima(struct aver_call *call, aver_bytes counter)
{
    const struct aver_case *c = call->host;
    const struct aver_policy_node *maxima = aver_policy_child(&c->policy->root, AVER_LIT("maxima"));
    if (maxima && aver_case_counter_is_maximum(counter))
        aver_call_charge(call, HOST_GAS_MAXIMUM * (uint64_t)maxima->count);
}

/* opt(node, path): the policy's value at a dotted path below node, nil where there is none. */
static enum aver_trap opt(struct aver_call *call)
{
    aver_bytes path;
    if (call->args[0].kind == AVER_NIL) return AVER_TRAP_NONE;
    if (call->args[0].kind != AVER_OBJECT || call->args[0].object.type != &aver_node_type)
        return aver_call_say(call, "the first argument must be a part of the policy"), AVER_TRAP_ARGUMENT;
    enum aver_trap trap = aver_arg_text(call, 1, "path", &path);
    if (trap) return trap;
    aver_call_charge(call, path.len / HOST_GAS_PATH_BYTES);
    const struct aver_policy_node *n = aver_policy_at(call->args[0].object.self, path);
    if (n) call->result = aver_host_node(n);
    return AVER_TRAP_NONE;
}

bool aver_host_in_list(const struct aver_policy_node *list, aver_bytes code)
{
    for (size_t i = 0; list && code.ptr && i < list->count; i++)
        if (list->children[i].range.from.ptr && aver_policy_range_has(&list->children[i].range, code))
            return true;
    return false;
}

/* in_ranges(list, code) */
static enum aver_trap in_ranges(struct aver_call *call)
{
    aver_bytes code = AVER_BYTES_NONE;
    if (call->args[0].kind != AVER_OBJECT || call->args[0].object.type != &aver_node_type)
        return aver_call_say(call, "the first argument must be a list of the policy"), AVER_TRAP_ARGUMENT;
    if (call->args[1].kind != AVER_NIL) {
        enum aver_trap trap = aver_arg_text(call, 1, "code", &code);
        if (trap) return trap;
    }
    const struct aver_policy_node *list = call->args[0].object.self;
    aver_call_charge(call, HOST_GAS_RANGE * (uint64_t)list->count);
    call->result = aver_bool(aver_host_in_list(list, code));
    return AVER_TRAP_NONE;
}

/* Whether an entry of the policy is for the line: its `procedures` have the line's procedure, or its `revenue_codes` the line's
 * revenue code. Charges for the codes. */
static bool is_for(struct aver_call *call, const struct aver_policy_node *rule, const struct aver_line *line)
{
    const struct aver_policy_node *procedures = aver_policy_child(rule, AVER_LIT("procedures"));
    const struct aver_policy_node *revenue =
        line->revenue_code.ptr ? aver_policy_child(rule, AVER_LIT("revenue_codes")) : NULL;
    aver_call_charge(call, HOST_GAS_RANGE * (uint64_t)((procedures ? procedures->count : 0) +
                                                       (revenue ? revenue->count : 0)));
    return aver_host_in_list(procedures, line->procedure) || aver_host_in_list(revenue, line->revenue_code);
}

static const struct aver_policy_node *arg_node(const struct aver_call *call, int i)
{
    bool is = call->args[i].kind == AVER_OBJECT && call->args[i].object.type == &aver_node_type;
    return is ? call->args[i].object.self : NULL;
}

/* concerns(rule, line) */
static enum aver_trap concerns(struct aver_call *call)
{
    struct aver_case_line *l;
    const struct aver_policy_node *rule = arg_node(call, 0);
    if (!rule)
        return aver_call_say(call, "the first argument must be a part of the policy"), AVER_TRAP_ARGUMENT;
    enum aver_trap trap = aver_arg_line(call, 1, &l);
    if (trap) return trap;
    call->result = aver_bool(is_for(call, rule, l->line));
    return AVER_TRAP_NONE;
}

/* rule_for(rules, line, after?): the first entry of a list of the policy that concerns the line, of those behind `after`. */
static enum aver_trap rule_for(struct aver_call *call)
{
    struct aver_case_line *l;
    const struct aver_policy_node *rules = arg_node(call, 0), *after = arg_node(call, 2);
    if (!rules || rules->kind != AVER_POLICY_LIST)
        return aver_call_say(call, "the first argument must be a list of the policy"), AVER_TRAP_ARGUMENT;
    enum aver_trap trap = aver_arg_line(call, 1, &l);
    if (trap) return trap;
    if (call->args[2].kind != AVER_NIL && (!after || after->parent != rules))
        return aver_call_say(call, "after must be an entry of the list"), AVER_TRAP_ARGUMENT;
    for (size_t i = after ? (size_t)(after - rules->children) + 1 : 0; i < rules->count; i++) {
        aver_call_charge(call, HOST_GAS_BENEFIT);
        if (!is_for(call, &rules->children[i], l->line)) continue;
        call->result = aver_host_node(&rules->children[i]);
        break;
    }
    return AVER_TRAP_NONE;
}

/* benefit_for(line): the benefit whose match holds the line's procedure (and place, where it names places); where none does, its
 * revenue code. Publication refuses benefits that overlap, so there is at most one. */
static enum aver_trap benefit_for(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    const struct aver_policy_match *matches = c->policy->matches.items;
    const struct aver_policy_node *by_revenue = NULL;
    aver_bytes place = l->line->place_of_service.ptr ? l->line->place_of_service : c->claim->place_of_service;
    for (size_t i = 0; i < c->policy->matches.count; i++) {
        const struct aver_policy_match *m = &matches[i];
        const struct aver_policy_node *revenue = l->line->revenue_code.ptr ? m->revenue_codes : NULL;
        uint64_t codes = (m->procedures ? m->procedures->count : 0) + (m->places ? m->places->count : 0) +
                         (revenue ? revenue->count : 0);
        aver_call_charge(call, HOST_GAS_BENEFIT + HOST_GAS_RANGE * codes);
        if (m->places && !aver_host_in_list(m->places, place)) continue;
        if (aver_host_in_list(m->procedures, l->line->procedure)) {
            call->result = aver_host_node(m->benefit);
            return AVER_TRAP_NONE;
        }
        if (!by_revenue && aver_host_in_list(revenue, l->line->revenue_code)) by_revenue = m->benefit;
    }
    if (by_revenue) call->result = aver_host_node(by_revenue);
    return AVER_TRAP_NONE;
}

/* The root of a published table, noted in the decision. A policy that names an unpublished one holds the claim. */
static enum aver_trap table_root(struct aver_call *call, aver_bytes name, struct aver_table_used **out)
{
    struct aver_case *c = call->host;
    struct aver_name_state state;
    struct aver_table_used *t = c->tables.items;
    for (size_t i = 0; i < c->tables.count; i++)
        if (aver_bytes_eq(t[i].name, name)) {
            *out = &t[i];
            return AVER_TRAP_NONE;
        }
    aver_err err =
        aver_work_get(c->work, aver_work_name(c->work, "t/", name), &aver_name_state_schema, &state, c->why);
    if (err == AVER_E_NOT_FOUND)
        return aver_call_say(call, "the table %.*s is not published", AVER_STR(name)), AVER_TRAP_RULE;
    if (err) return aver_case_failed(c, err);
    if (c->tables.count == AVER_TABLES_USED_MAX)
        return aver_call_say(call, "one claim uses at most %d tables", AVER_TABLES_USED_MAX), AVER_TRAP_RULE;
    t = aver_list_add(c->arena, &c->tables, sizeof *t);
    *t = (struct aver_table_used){aver_arena_copy(c->arena, name), state.artifact};
    *out = t;
    return AVER_TRAP_NONE;
}

enum aver_trap aver_host_table_entry(struct aver_call *call, aver_bytes table, aver_bytes code,
                                     struct aver_table_used **used, const struct aver_table_entry **out)
{
    static const struct aver_table_entry none;
    struct aver_case *c = call->host;
    aver_bytes bytes;
    *out = &none;
    enum aver_trap trap = table_root(call, table, used);
    if (trap) return trap;
    aver_err err = c->view->table_entry(c->view->self, (*used)->root, code, &bytes, c->why);
    if (err == AVER_E_NOT_FOUND) return AVER_TRAP_NONE;
    if (err) return aver_case_failed(c, err);
    aver_call_charge(call, HOST_GAS_ENTRY_BYTE * (uint64_t)bytes.len);
    err = aver_machine_entry(c->machine, bytes, out, c->why);
    return err ? aver_case_failed(c, AVER_E_CORRUPT) : AVER_TRAP_NONE;
}

/* roster.tier(table, provider_id, day): the tier of the provider on that day, nil if it is on no roster then. */
static enum aver_trap roster_tier(struct aver_call *call)
{
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    aver_bytes table, id;
    int64_t day;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_text(call, 1, "provider_id", &id))) return trap;
    if ((trap = aver_arg_int(call, 2, "day", &day))) return trap;
    if (day < AVER_DAY_MIN || day > AVER_DAY_MAX)
        return aver_call_say(call, "day is no valid day number"), AVER_TRAP_ARGUMENT;
    if ((trap = aver_host_table_entry(call, table, id, &used, &entry))) return trap;
    const struct aver_table_row *row =
        aver_table_row_on(entry, (aver_day)day, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
    if (row) call->result = aver_text(row->tier);
    return AVER_TRAP_NONE;
}

/* network_of(provider_id, day): the network whose roster has the provider on that day with the network's name as its tier; nil if
 * there is none. A provider on the rosters of two networks is for the insurer to mend: the claim is held. */
static enum aver_trap network_of(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    aver_bytes id;
    int64_t day;
    const struct aver_policy_node *found = NULL;
    enum aver_trap trap = aver_arg_text(call, 0, "provider_id", &id);
    if (trap) return trap;
    if ((trap = aver_arg_int(call, 1, "day", &day))) return trap;
    if (day < AVER_DAY_MIN || day > AVER_DAY_MAX)
        return aver_call_say(call, "day is no valid day number"), AVER_TRAP_ARGUMENT;
    const struct aver_policy_node *networks = aver_policy_child(&c->policy->root, AVER_LIT("networks"));
    for (size_t i = 0; networks && i < networks->count; i++) {
        const struct aver_policy_node *network = &networks->children[i];
        const struct aver_policy_node *table = aver_policy_child(network, AVER_LIT("roster"));
        if (!table) continue;
        aver_call_charge(call, HOST_GAS_NETWORK);
        if ((trap = aver_host_table_entry(call, table->text, id, &used, &entry))) return trap;
        const struct aver_table_row *row =
            aver_table_row_on(entry, (aver_day)day, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
        if (!row || !aver_bytes_eq(row->tier, network->key)) continue;
        if (found)
            return aver_call_say(call, "%.*s is on the rosters of %.*s and %.*s on that day", AVER_STR(id),
                                 AVER_STR(found->key), AVER_STR(network->key)),
                   AVER_TRAP_RULE;
        found = network;
    }
    if (found) call->result = aver_text(found->key);
    return AVER_TRAP_NONE;
}

/* codes.known(table, code, day) */
static enum aver_trap codes_known(struct aver_call *call)
{
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    aver_bytes table, code;
    int64_t day;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_text(call, 1, "code", &code))) return trap;
    if ((trap = aver_arg_int(call, 2, "day", &day))) return trap;
    if (day < AVER_DAY_MIN || day > AVER_DAY_MAX)
        return aver_call_say(call, "day is no valid day number"), AVER_TRAP_ARGUMENT;
    if ((trap = aver_host_table_entry(call, table, code, &used, &entry))) return trap;
    call->result =
        aver_bool(aver_table_row_on(entry, (aver_day)day, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE) != NULL);
    return AVER_TRAP_NONE;
}

/* edits.units(table, procedure, day): how many units are paid (adjudication-rules 21); nil where no row holds on the day. */
static enum aver_trap edits_units(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    aver_bytes table, code;
    int64_t day;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_text(call, 1, "procedure", &code))) return trap;
    if ((trap = aver_arg_int(call, 2, "day", &day))) return trap;
    if (day < AVER_DAY_MIN || day > AVER_DAY_MAX)
        return aver_call_say(call, "day is no valid day number"), AVER_TRAP_ARGUMENT;
    if ((trap = aver_host_table_entry(call, table, code, &used, &entry))) return trap;
    const struct aver_table_row *row =
        aver_table_row_on(entry, (aver_day)day, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
    if (!row) return AVER_TRAP_NONE;
    struct aver_host_edit *edit = AVER_NEW(c->arena, struct aver_host_edit);
    *edit = (struct aver_host_edit){.units = row->units,
                                    .indicator = row->indicator,
                                    .table = used->name,
                                    .code = aver_arena_copy(c->arena, code)};
    call->result = aver_obj(&aver_edit_type, edit);
    return AVER_TRAP_NONE;
}

/* edits.pairs(table, column_1, line): the pairs of a procedure, in force on the line's day, whose column 2 the claim or an
 * earlier one bills on that day (adjudication-rules 22). */
static enum aver_trap edits_pairs(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    struct aver_list codes;
    aver_bytes table, column_1;
    size_t unsorted, count;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_text(call, 1, "column_1", &column_1))) return trap;
    if ((trap = aver_arg_line(call, 2, &l))) return trap;
    if ((trap = aver_host_table_entry(call, table, column_1, &used, &entry))) return trap;
    struct aver_list *out = AVER_NEW(c->arena, struct aver_list);
    call->result = aver_obj(&aver_edits_type, out);
    if (entry->rows.count == 0) return AVER_TRAP_NONE;
    aver_err err = aver_case_codes_count(c, l, &unsorted, &count);
    if (err) return aver_case_failed(c, err);
    aver_call_charge(call,
                     HOST_GAS_PAIRS_SORTED * (uint64_t)unsorted + HOST_GAS_PAIRS_CODE * (uint64_t)count);
    if ((err = aver_case_codes(c, l, &codes))) return aver_case_failed(c, err);
    column_1 = aver_arena_copy(c->arena, column_1);
    const aver_bytes *code = codes.items;
    size_t at = 0;
    for (size_t i = 0; i < codes.count && at < entry->rows.count; i++) {
        const struct aver_table_row *row = aver_table_pair_on(entry, &at, code[i], l->line->service_from);
        if (!row) continue;
        struct aver_host_edit *edit = aver_list_add(c->arena, out, sizeof *edit);
        *edit = (struct aver_host_edit){
            .indicator = row->indicator, .table = used->name, .code = column_1, .column_2 = code[i]};
    }
    return AVER_TRAP_NONE;
}

static enum aver_trap arg_counter(struct aver_call *call, aver_bytes *counter, struct aver_case_line **l)
{
    enum aver_trap trap = aver_arg_text(call, 0, "counter", counter);
    if (trap) return trap;
    if ((trap = aver_arg_line(call, 1, l))) return trap;
    aver_host_charge_maxima(call, *counter);
    if (!aver_case_counter_known(call->host, *counter))
        return aver_call_say(call, "the policy has no accumulator %.*s", AVER_STR(*counter)), AVER_TRAP_RULE;
    if (!(*l)->decision->tier.ptr) return aver_call_say(call, "set the line's tier first"), AVER_TRAP_RULE;
    return AVER_TRAP_NONE;
}

/* accum.left(counter, line): cents left in the line's tier and benefit year, for this member (adjudication-rules 3 and 19); of
 * "maxima.NAME" whatever the tier, in the benefit year or of the lifetime. */
static enum aver_trap accum_left(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    aver_bytes counter;
    int64_t left;
    enum aver_trap trap = arg_counter(call, &counter, &l);
    if (trap) return trap;
    aver_err err = aver_case_left(c, l, counter, &left);
    if (err) return aver_case_failed(c, err);
    aver_host_charge_read(call);
    call->result = aver_int(left);
    return AVER_TRAP_NONE;
}

/* accum.limit(counter, line): the policy path of the limit, the member's or the family's, that leaves least; nil without one. */
static enum aver_trap accum_limit(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    aver_bytes counter, path;
    enum aver_trap trap = arg_counter(call, &counter, &l);
    if (trap) return trap;
    aver_err err = aver_case_limit_path(c, l, counter, &path);
    if (err) return aver_case_failed(c, err);
    aver_host_charge_read(call);
    if (path.ptr) call->result = aver_text(path);
    return AVER_TRAP_NONE;
}

/* history.duplicate(line): "exact", "suspected" or nil (adjudication-rules 13). */
static enum aver_trap history_duplicate(struct aver_call *call)
{
    struct aver_case_line *l;
    enum aver_duplicate d;
    size_t size;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    aver_err err = aver_case_services_count(call->host, l, &size);
    if (err) return aver_case_failed(call->host, err);
    aver_call_charge(call, HOST_GAS_SEEN * (uint64_t)size);
    err = aver_case_duplicate(call->host, l, &d);
    if (err) return aver_case_failed(call->host, err);
    if (d != AVER_DUPLICATE_NONE)
        call->result = aver_text(d == AVER_DUPLICATE_EXACT ? AVER_LIT("exact") : AVER_LIT("suspected"));
    return AVER_TRAP_NONE;
}

/* history.day(line): what earlier claims billed for the member on the line's day, and was not denied. */
static enum aver_trap history_day(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    const struct aver_list *services;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    aver_err err = aver_case_day(c, l, &services);
    if (err) return aver_case_failed(c, err);
    call->result =
        aver_host_records(c, aver_schema_field(&aver_services_schema, AVER_LIT("items"))->of, services);
    return AVER_TRAP_NONE;
}

/* history.visit(line): the visit that the line belongs to, of its benefit. */
static enum aver_trap history_visit(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    if (!l->benefit) return aver_call_say(call, "set the line's benefit first"), AVER_TRAP_RULE;
    size_t size;
    struct aver_visit_facts *v = AVER_NEW(c->arena, struct aver_visit_facts);
    aver_err err = aver_case_visits_count(c, l, &size);
    if (err) return aver_case_failed(c, err);
    aver_host_charge_read(call);
    aver_call_charge(call, HOST_GAS_SEEN * (uint64_t)size);
    err = aver_case_visit(c, l, v);
    if (err == AVER_E_RANGE)
        return aver_call_say(call, "the copays of one day leave the range of money"), AVER_TRAP_RANGE;
    if (err) return aver_case_failed(c, err);
    call->result = aver_obj(&aver_visit_type, v);
    return AVER_TRAP_NONE;
}

enum aver_trap aver_arg_rule(struct aver_call *call, int i, const struct aver_policy_node **out)
{
    struct aver_case *c = call->host;
    const struct aver_policy_node *rules = aver_policy_child(&c->policy->root, AVER_LIT("frequency"));
    size_t size;
    *out = call->args[i].kind == AVER_OBJECT && call->args[i].object.type == &aver_node_type
               ? call->args[i].object.self
               : NULL;
    if (!*out || !rules || (*out)->parent != rules)
        return aver_call_say(call, "the rule must be one of the policy's frequency"), AVER_TRAP_ARGUMENT;
    aver_err err = aver_case_uses_count(c, *out, &size);
    if (err) return aver_case_failed(c, err);
    aver_host_charge_read(call);
    aver_call_charge(call, HOST_GAS_USE * (uint64_t)size);
    return AVER_TRAP_NONE;
}

/* history.uses(line, rule): thousandths that other lines have used of a rule of how often, in the fullest window that has the
 * line's day in it. */
static enum aver_trap history_uses(struct aver_call *call)
{
    struct aver_case *c = call->host;
    struct aver_case_line *l;
    const struct aver_policy_node *rule;
    struct aver_use_facts facts;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    if ((trap = aver_arg_rule(call, 1, &rule))) return trap;
    aver_err err = aver_case_uses(c, l, rule, &facts);
    if (err) return aver_case_failed(c, err);
    call->result = aver_int((int64_t)facts.used);
    return AVER_TRAP_NONE;
}

static const struct aver_function globals[] = {
    {"opt", opt, 5, "fun(node: Policy?, path: string): any", NULL},
    {"in_ranges", in_ranges, 5, "fun(list: Policy, code: string?): boolean", NULL},
    {"concerns", concerns, 10, "fun(rule: Policy, line: Line): boolean", NULL},
    {"rule_for", rule_for, 10, "fun(rules: Policy, line: Line, after: Policy?): Policy?", NULL},
    {"benefit_for", benefit_for, 10, "fun(line: Line): Policy?", NULL},
    {"network_of", network_of, 50, "fun(provider_id: string, day: integer): string?", NULL},
    {"locality_of", aver_host_locality_of, 20, "fun(line: Line): string?", NULL},
};
static const struct aver_function roster[] = {
    {"tier", roster_tier, 100, "fun(table: string, provider_id: string, day: integer): string?", NULL}};
static const struct aver_function codes[] = {
    {"known", codes_known, 100, "fun(table: string, code: string, day: integer): boolean", NULL}};
static const struct aver_function accum[] = {
    {"left", accum_left, 50, "fun(counter: string, line: Line): integer", NULL},
    {"limit", accum_limit, 50, "fun(counter: string, line: Line): string?", NULL}};
static const struct aver_function history[] = {
    {"duplicate", history_duplicate, 100, "fun(line: Line): string?", NULL},
    {"visit", history_visit, 50, "fun(line: Line): Visit", NULL},
    {"day", history_day, 50, "fun(line: Line): List", NULL},
    {"uses", history_uses, 100, "fun(line: Line, rule: Policy): integer", NULL},
};
static const struct aver_function edits[] = {
    {"pairs", edits_pairs, 200, "fun(table: string, column_1: string, line: Line): Edits", NULL},
    {"units", edits_units, 100, "fun(table: string, procedure: string, day: integer): Edit?", NULL},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
const struct aver_library aver_host_libraries[] = {
    {NULL, globals, COUNT(globals)},   {"fees", aver_host_fees, AVER_HOST_FEES},
    {"roster", roster, COUNT(roster)}, {"codes", codes, COUNT(codes)},
    {"accum", accum, COUNT(accum)},    {"history", history, COUNT(history)},
    {"edits", edits, COUNT(edits)},
};
const size_t aver_host_libraries_count = COUNT(aver_host_libraries);

/* ---- prices ---- */

static void price_rows(struct aver_buf *out, const char *of, const char *between,
                       const struct aver_function *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        aver_buf_printf(out, "| %s%s%s | %llu |\n", of ? of : "", of ? between : "", rows[i].name,
                        (unsigned long long)rows[i].gas);
}

void aver_contract_prices(struct aver_buf *out)
{
    size_t types_count;
    const struct aver_object_type *const *types = aver_contract_types(&types_count);
    aver_buf_str(out, "| of the host | gas |\n|---|---|\n");
    for (size_t i = 0; i < aver_host_libraries_count; i++)
        price_rows(out, aver_host_libraries[i].name, ".", aver_host_libraries[i].functions,
                   aver_host_libraries[i].count);
    for (size_t i = 0; i < types_count; i++)
        price_rows(out, types[i]->name, ":", types[i]->methods, types[i]->methods_count);
#define ROW(name, gas, text) aver_buf_printf(out, "| " text " | %d |\n", gas);
    HOST_PRICES(ROW)
#undef ROW
    aver_buf_printf(out, "| opt: each %d bytes of the path | 1 |\n", HOST_GAS_PATH_BYTES);
    aver_buf_printf(
        out,
        "| fees.find, fees.relative, locality_of, roster.tier, codes.known, network_of, edits.pairs, edits.units: each byte of the entry | %d |\n",
        HOST_GAS_ENTRY_BYTE);
}
