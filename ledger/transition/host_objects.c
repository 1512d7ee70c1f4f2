/* ledger/transition/host_objects.c - the claim, its member and the policy as contracts see them: read-only, fields by the names of
 * the record tables, money in cents, units in thousandths, dates as day numbers. */
#include "ledger/transition/host.h"

#include "ledger/transition/contract.h"

#include <stdio.h>
#include <string.h>

/* Any record of a table, and any list of records or texts. */
struct record_ref {
    const struct aver_schema *schema;
    const void *record;
};
struct list_ref {
    const struct aver_schema *of; /* NULL: of texts, or of numbers */
    bool numbers;
    const struct aver_list *list;
};

static struct aver_value record_value(struct aver_case *c, const struct aver_schema *schema,
                                      const void *record)
{
    if (!record) return aver_nil();
    struct record_ref *r = AVER_NEW(c->arena, struct record_ref);
    *r = (struct record_ref){schema, record};
    return aver_obj(&aver_record_type, r);
}

static struct aver_value list_value(struct aver_case *c, const struct aver_field *f,
                                    const struct aver_list *list)
{
    struct list_ref *r = AVER_NEW(c->arena, struct list_ref);
    *r = (struct list_ref){f->type == AVER_T_LIST ? f->of : NULL, f->type == AVER_T_UINTS, list};
    return aver_obj(&aver_list_type, r);
}

struct aver_value aver_host_records(struct aver_case *c, const struct aver_schema *of,
                                    const struct aver_list *list)
{
    struct list_ref *r = AVER_NEW(c->arena, struct list_ref);
    *r = (struct list_ref){of, false, list};
    return aver_obj(&aver_list_type, r);
}

static struct aver_value field_value(struct aver_case *c, const struct aver_field *f, const void *record)
{
    const void *p = (const uint8_t *)record + f->offset;
    bool list = f->type == AVER_T_LIST || f->type == AVER_T_TEXTS || f->type == AVER_T_UINTS;
    /* An absent list is an empty one; any other absent optional value is nil, but for amounts and flags, which are 0 and false. */
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: {
        uint64_t v = *(const uint64_t *)p;
        return f->names ? aver_text(aver_bytes_str(f->names[v])) : aver_int((int64_t)v);
    }
    case AVER_T_INT: return aver_int(*(const int64_t *)p);
    case AVER_T_BOOL: return aver_bool(*(const bool *)p);
    case AVER_T_MONEY: return aver_int((int64_t)((const aver_money *)p)->cents);
    case AVER_T_DELTA: return aver_int(((const aver_delta *)p)->cents);
    case AVER_T_DAY: return *(const aver_day *)p == AVER_NO_DAY ? aver_nil() : aver_int(*(const aver_day *)p);
    case AVER_T_TEXT: return aver_text(*(const aver_bytes *)p);
    case AVER_T_STRUCT: return record_value(c, f->of, *(void *const *)p);
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: return list_value(c, f, p);
    case AVER_T_BYTES:
    case AVER_T_FIXED:
    case AVER_T_DIGEST:
    case AVER_T_RAW: return aver_nil(); /* no contract has a use for a hash */
    }
    AVER_ASSERT(!list);
    AVER_UNREACHABLE();
}

/* ---- what the fields of a type are: of its own, and of the record behind it ---- */

struct own_field {
    const char *name;
    struct aver_property property;
};
typedef enum aver_trap (*property_read)(void *host, void *self, const void *user, struct aver_value *out);

static bool find_own(const struct own_field *fields, size_t count, aver_bytes name, struct aver_property *out)
{
    for (size_t i = 0; i < count; i++)
        if (aver_bytes_is(name, fields[i].name)) {
            *out = fields[i].property;
            return true;
        }
    return false;
}

static bool find_in_record(const struct aver_schema *schema, property_read read, aver_bytes name,
                           struct aver_property *out)
{
    const struct aver_field *f = aver_schema_field(schema, name);
    if (!f) return false;
    *out = (struct aver_property){read, f};
    return true;
}

#define OWN(f) f, sizeof(f) / sizeof((f)[0])

/* Where self is the record. */
static enum aver_trap read_record(void *host, void *self, const void *field, struct aver_value *out)
{
    *out = field_value(host, field, self);
    return AVER_TRAP_NONE;
}

static enum aver_trap record_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct record_ref *r = self;
    const struct aver_field *f = aver_schema_field(r->schema, field);
    if (!f) return AVER_TRAP_FIELD;
    *out = field_value(host, f, r->record);
    return AVER_TRAP_NONE;
}
const struct aver_object_type aver_record_type = {.name = "Record", .get = record_get};

static enum aver_trap list_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    const struct list_ref *r = self;
    if (i > r->list->count) return AVER_TRAP_NONE;
    if (r->of)
        *out = record_value(host, r->of, (const uint8_t *)r->list->items + (i - 1) * r->of->size);
    else if (r->numbers)
        *out = aver_int((int64_t)((const uint64_t *)r->list->items)[i - 1]);
    else
        *out = aver_text(((const aver_bytes *)r->list->items)[i - 1]);
    return AVER_TRAP_NONE;
}
static uint64_t list_length(void *host, void *self)
{
    (void)host;
    return ((const struct list_ref *)self)->list->count;
}
const struct aver_object_type aver_list_type = {.name = "List", .index = list_index, .length = list_length};

/* The claim's lines are no plain records: they can be decided. */
static enum aver_trap lines_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    struct aver_case *c = host;
    (void)self;
    if (i <= c->lines_count) *out = aver_obj(&aver_line_type, &c->lines[i - 1]);
    return AVER_TRAP_NONE;
}
static uint64_t lines_length(void *host, void *self)
{
    (void)self;
    return ((struct aver_case *)host)->lines_count;
}
static const struct aver_object_type lines_type = {
    .name = "Lines", .index = lines_index, .length = lines_length};

static enum aver_trap claim_lines(void *host, void *self, const void *user, struct aver_value *out)
{
    (void)host, (void)user;
    *out = aver_obj(&lines_type, self);
    return AVER_TRAP_NONE;
}
static enum aver_trap claim_id(void *host, void *self, const void *user, struct aver_value *out)
{
    (void)host, (void)user;
    *out = aver_text(aver_bytes_str(((struct aver_case *)self)->id));
    return AVER_TRAP_NONE;
}
static enum aver_trap claim_received(void *host, void *self, const void *user, struct aver_value *out)
{
    (void)host, (void)user;
    *out = aver_int(((struct aver_case *)self)->received);
    return AVER_TRAP_NONE;
}
static enum aver_trap claim_read(void *host, void *self, const void *field, struct aver_value *out)
{
    *out = field_value(host, field, ((struct aver_case *)self)->claim);
    return AVER_TRAP_NONE;
}
static bool claim_find(aver_bytes name, struct aver_property *out)
{
    static const struct own_field own[] = {
        {"lines", {claim_lines, NULL}}, {"id", {claim_id, NULL}}, {"received", {claim_received, NULL}}};
    if (aver_bytes_is(name, "source"))
        return false; /* the same claim is decided alike in whatever file it came */
    return find_own(OWN(own), name, out) || find_in_record(&aver_claim_schema, claim_read, name, out);
}
/* The types' method tables have to be constant, so the counts are repeated here and asserted in aver_contract_setup. */
#define CLAIM_METHODS 3
#define LINE_METHODS  13
#define LIBRARIES     7
const struct aver_object_type aver_claim_type = {
    .name = "Claim", .find = claim_find, .methods = aver_claim_methods, .methods_count = CLAIM_METHODS};

#define LINE_FIELD(name, expression)                                                                         \
    static enum aver_trap line_##name(void *host, void *self, const void *user, struct aver_value *out)      \
    {                                                                                                        \
        const struct aver_case_line *l = self;                                                               \
        const struct aver_case *c = host;                                                                    \
        (void)l, (void)c, (void)user;                                                                        \
        *out = (expression);                                                                                 \
        return AVER_TRAP_NONE;                                                                               \
    }
LINE_FIELD(is_open, aver_bool(l->decision->status == 0))
LINE_FIELD(allowed, l->allowed_set ? aver_int((int64_t)l->decision->allowed.cents) : aver_nil())
LINE_FIELD(units_paid, aver_int((int64_t)aver_case_units(l)))
LINE_FIELD(tier, aver_text(l->decision->tier))
LINE_FIELD(benefit, l->benefit ? aver_host_node(l->benefit) : aver_nil())
LINE_FIELD(period, aver_text(l->year.period))
LINE_FIELD(year_end, l->by_admission ? aver_nil() : aver_int(l->year.to))
LINE_FIELD(rendering_id, aver_text(l->service.provider))
LINE_FIELD(place,
           aver_text(l->line->place_of_service.ptr ? l->line->place_of_service : c->claim->place_of_service))
LINE_FIELD(prior_auth, aver_text(l->prior_auth))
#undef LINE_FIELD

static enum aver_trap line_read(void *host, void *self, const void *field, struct aver_value *out)
{
    *out = field_value(host, field, ((struct aver_case_line *)self)->line);
    return AVER_TRAP_NONE;
}
static bool line_find(aver_bytes name, struct aver_property *out)
{
    static const struct own_field own[] = {
        {"is_open", {line_is_open, NULL}},       {"allowed", {line_allowed, NULL}},
        {"units_paid", {line_units_paid, NULL}}, {"tier", {line_tier, NULL}},
        {"benefit", {line_benefit, NULL}},       {"period", {line_period, NULL}},
        {"year_end", {line_year_end, NULL}},     {"rendering_id", {line_rendering_id, NULL}},
        {"place", {line_place, NULL}},           {"prior_auth", {line_prior_auth, NULL}}};
    return find_own(OWN(own), name, out) || find_in_record(&aver_line_schema, line_read, name, out);
}
const struct aver_object_type aver_line_type = {
    .name = "Line", .find = line_find, .methods = aver_line_methods, .methods_count = LINE_METHODS};

static bool cover_find(aver_bytes name, struct aver_property *out)
{
    return find_in_record(&aver_cover_schema, read_record, name, out);
}
const struct aver_object_type aver_cover_type = {.name = "Cover", .find = cover_find};

static bool member_find(aver_bytes name, struct aver_property *out)
{
    return find_in_record(&aver_member_schema, read_record, name, out);
}

static enum aver_trap member_cover_on(struct aver_call *call)
{
    int64_t day;
    enum aver_trap trap = aver_arg_int(call, 0, "day", &day);
    if (trap) return trap;
    const struct aver_cover *cover = aver_cover_on(call->self.self, day);
    if (cover) call->result = aver_obj(&aver_cover_type, (void *)(uintptr_t)cover);
    return AVER_TRAP_NONE;
}

static enum aver_trap member_covered_before(struct aver_call *call)
{
    const struct aver_member *m = call->self.self;
    const struct aver_cover *covers = m->covers.items;
    int64_t day;
    enum aver_trap trap = aver_arg_int(call, 0, "day", &day);
    if (trap) return trap;
    bool before = false;
    for (size_t i = 0; !before && i < m->covers.count; i++) before = covers[i].from < day;
    call->result = aver_bool(before);
    return AVER_TRAP_NONE;
}

static const struct aver_function member_methods[] = {
    {"cover_on", member_cover_on, 5, "fun(self: Member, day: integer): Cover?", NULL},
    {"covered_before", member_covered_before, 5, "fun(self: Member, day: integer): boolean", NULL},
};
const struct aver_object_type aver_member_type = {
    .name = "Member", .find = member_find, .methods = member_methods, .methods_count = 2};

static enum aver_trap fee_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_host_fee *f = self;
    (void)host;
    if (aver_bytes_is(field, "cents"))
        *out = aver_int(f->cents);
    else if (aver_bytes_is(field, "bundled"))
        *out = aver_bool(f->bundled);
    else if (aver_bytes_is(field, "modifier"))
        *out = aver_text(f->modifier);
    else if (aver_bytes_is(field, "unit"))
        *out = aver_text(f->unit);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
const struct aver_object_type aver_fee_type = {.name = "Fee", .get = fee_get};

static enum aver_trap edit_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_host_edit *e = self;
    (void)host;
    if (aver_bytes_is(field, "indicator"))
        *out = aver_int((int64_t)e->indicator);
    else if (aver_bytes_is(field, "units"))
        *out = aver_int((int64_t)e->units);
    else if (aver_bytes_is(field, "column_2"))
        *out = aver_text(e->column_2);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
const struct aver_object_type aver_edit_type = {.name = "Edit", .get = edit_get};

static enum aver_trap edits_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    const struct aver_list *edits = self;
    (void)host;
    if (i <= edits->count) *out = aver_obj(&aver_edit_type, (struct aver_host_edit *)edits->items + i - 1);
    return AVER_TRAP_NONE;
}
static uint64_t edits_length(void *host, void *self)
{
    (void)host;
    return ((const struct aver_list *)self)->count;
}
const struct aver_object_type aver_edits_type = {
    .name = "Edits", .index = edits_index, .length = edits_length};

static enum aver_trap visit_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_visit_facts *v = self;
    (void)host;
    if (aver_bytes_is(field, "used"))
        *out = aver_int((int64_t)v->used);
    else if (aver_bytes_is(field, "counted"))
        *out = aver_bool(v->counted);
    else if (aver_bytes_is(field, "copay"))
        *out = aver_int((int64_t)v->copay.cents);
    else if (aver_bytes_is(field, "day_copay"))
        *out = aver_int((int64_t)v->day_copay.cents);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
const struct aver_object_type aver_visit_type = {.name = "Visit", .get = visit_get};

struct aver_value aver_host_node(const struct aver_policy_node *n)
{
    switch (n->kind) {
    case AVER_POLICY_MAP:
    case AVER_POLICY_LIST: return aver_obj(&aver_node_type, (void *)(uintptr_t)n);
    case AVER_POLICY_TEXT: return aver_text(n->text);
    case AVER_POLICY_BOOL: return aver_bool(n->number != 0);
    case AVER_POLICY_INT:
    case AVER_POLICY_MONEY:
    case AVER_POLICY_RATE:
    case AVER_POLICY_DATE: return aver_int(n->number);
    }
    AVER_UNREACHABLE();
}

/* A missing key is a trap, never nil: a misspelt `deductable` must not become a plan without a deductible. opt() asks. */
static enum aver_trap node_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    const struct aver_policy_node *n = self, *child = aver_policy_child(n, field);
    (void)host;
    if (!child && aver_bytes_is(field, "path")) {
        *out = aver_text(n->path);
        return AVER_TRAP_NONE;
    }
    if (!child) return AVER_TRAP_FIELD;
    *out = aver_host_node(child);
    return AVER_TRAP_NONE;
}
/* The parts of a map by number come in the order of their keys, for each(). */
static enum aver_trap node_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    const struct aver_policy_node *n = self;
    (void)host;
    if (i <= n->count) *out = aver_host_node(&n->children[i - 1]);
    return AVER_TRAP_NONE;
}
static uint64_t node_length(void *host, void *self)
{
    (void)host;
    return ((const struct aver_policy_node *)self)->count;
}
static bool node_part(void *self, uint64_t i, aver_bytes *name, struct aver_value *out)
{
    const struct aver_policy_node *n = self;
    *name = AVER_BYTES_NONE;
    if (i == 0) {
        *name = AVER_LIT("path");
        *out = aver_text(n->path);
        return true;
    }
    if (i > n->count) return false;
    const struct aver_policy_node *child = &n->children[i - 1];
    if (n->kind == AVER_POLICY_MAP) *name = child->key;
    *out = aver_host_node(child);
    return true;
}
const struct aver_object_type aver_node_type = {
    .name = "Policy", .get = node_get, .index = node_index, .length = node_length, .part = node_part};

struct aver_value aver_host_claim(struct aver_case *c) { return aver_obj(&aver_claim_type, c); }
struct aver_value aver_host_member(struct aver_case *c)
{
    return aver_obj(&aver_member_type, (void *)(uintptr_t)c->member);
}
struct aver_value aver_host_policy(struct aver_case *c)
{
    return aver_obj(&aver_node_type, (void *)(uintptr_t)&c->policy->root);
}

enum aver_trap aver_arg_text(struct aver_call *call, int i, const char *name, aver_bytes *out)
{
    if (call->args[i].kind != AVER_TEXT) {
        aver_call_say(call, "%s must be a string", name);
        return AVER_TRAP_ARGUMENT;
    }
    *out = call->args[i].text;
    return AVER_TRAP_NONE;
}

enum aver_trap aver_arg_int(struct aver_call *call, int i, const char *name, int64_t *out)
{
    if (call->args[i].kind != AVER_INT) {
        aver_call_say(call, "%s must be an integer", name);
        return AVER_TRAP_ARGUMENT;
    }
    *out = call->args[i].integer;
    return AVER_TRAP_NONE;
}

enum aver_trap aver_arg_line(struct aver_call *call, int i, struct aver_case_line **out)
{
    if (call->args[i].kind != AVER_OBJECT || call->args[i].object.type != &aver_line_type) {
        aver_call_say(call, "argument %d must be a line of the claim", i + 1);
        return AVER_TRAP_ARGUMENT;
    }
    *out = call->args[i].object.self;
    return AVER_TRAP_NONE;
}

const struct aver_vm_setup *aver_contract_setup(void)
{
    static const char *const objects[] = {"policy"};
    /* Constant, since several threads ask for it. */
    static const char *const prepare_calls[] = {"opt", "in_ranges", NULL};
    static const char *const claim_facts[] = {"lines", "received", NULL},
                             *const line_facts[] = {"procedure",    "charge",  "service_from", "service_to",
                                                    "rendering_id", "is_open", "allowed",      "tier",
                                                    "benefit",      NULL},
                             *const cover_facts[] = {"plan", "from", "to", "pays_first", NULL},
                             *const fee_facts[] = {"cents", "bundled", NULL},
                             *const visit_facts[] = {"used", "counted", "copay", "day_copay", NULL};
    static const struct aver_facts facts[] = {{&aver_claim_type, claim_facts, 1},
                                              {&aver_line_type, line_facts, 12},
                                              {&aver_cover_type, cover_facts, 4},
                                              {&aver_fee_type, fee_facts, 12},
                                              {&aver_visit_type, visit_facts, 8}};
    static const struct aver_vm_setup setup = {.libraries = aver_host_libraries,
                                               .libraries_count = LIBRARIES,
                                               .objects = objects,
                                               .objects_count = 1,
                                               .prepare = "prepare",
                                               .prepare_calls = prepare_calls,
                                               .facts = facts,
                                               .facts_count = sizeof facts / sizeof facts[0]};
    AVER_ASSERT(aver_claim_methods_count == CLAIM_METHODS && aver_line_methods_count == LINE_METHODS &&
                aver_host_libraries_count == LIBRARIES);
    return &setup;
}

aver_err aver_contract_prepare(const char *name, aver_bytes source, const struct aver_policy_loaded *policy,
                               uint64_t *gas, uint64_t *line, struct aver_why *why)
{
    struct aver_vm *vm;
    struct aver_value object = aver_obj(&aver_node_type, (void *)(uintptr_t)&policy->root);
    struct aver_run run = {.objects = &object};
    char place[256];
    if (gas) *gas = 0;
    if (line) *line = 0;
    AVER_TRY(aver_vm_new(&vm, aver_contract_setup(), name, source, why));
    aver_err err = aver_vm_prepare(vm, &run, why);
    aver_vm_free(vm);
    if (err != AVER_OK) return err;
    if (gas) *gas = run.gas_used;
    if (run.trap == AVER_TRAP_NONE) return AVER_OK;
    if (line) *line = run.trap_line;
    snprintf(place, sizeof place, "%.200s:%llu", name, (unsigned long long)run.trap_line);
    return aver_fail(why, AVER_E_INPUT, "CONTRACT-PREPARE", place,
                     "it cannot be prepared for the policy of %.*s: %s", AVER_STR(policy->policy.plan_id),
                     run.trap_text);
}

const struct aver_object_type *const *aver_contract_types(size_t *count)
{
    static const struct aver_object_type *const types[] = {
        &aver_claim_type, &lines_type,       &aver_line_type, &aver_member_type,
        &aver_cover_type, &aver_node_type,   &aver_fee_type,  &aver_edit_type,
        &aver_visit_type, &aver_record_type, &aver_list_type, &aver_edits_type};
    *count = sizeof types / sizeof types[0];
    return types;
}
