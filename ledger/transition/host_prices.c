/* ledger/transition/host_prices.c - what a contract can ask of prices: fee schedules, relative values, and the locality that both may
 * depend on. Which price holds, and whether the charge is less, is the contract's. */
#include "ledger/transition/host.h"
#include "ledger/transition/host_gas.h"

#include <string.h>

/* ---- localities --------------------------------------------------------------------------------------------------- */

/* The locality of a code of the table of localities: of a ZIP code or a state. */
static enum aver_trap locality_at(struct aver_call *call, aver_bytes table, aver_bytes code, aver_day day,
                                  aver_bytes *out)
{
    struct aver_case *c = call->host;
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    if (!code.ptr) return AVER_TRAP_NONE;
    enum aver_trap trap = aver_host_table_entry(call, table, code, &used, &entry);
    if (trap) return trap;
    const struct aver_table_row *row =
        aver_table_row_on(entry, day, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
    if (row) *out = aver_arena_copy(c->arena, row->tier);
    return AVER_TRAP_NONE;
}

/* Absent where the policy has no table of localities, or the table neither the ZIP code nor the state. Found once a line. */
static enum aver_trap locate(struct aver_call *call, struct aver_case_line *l)
{
    struct aver_case *c = call->host;
    if (l->located) return AVER_TRAP_NONE;
    l->located = true;
    const struct aver_policy_node *table = aver_policy_at(&c->policy->root, AVER_LIT("localities.table"));
    if (!table) return AVER_TRAP_NONE;
    const struct aver_provider *site = aver_claim_site(c->claim, l->line);
    enum aver_trap trap =
        locality_at(call, table->text, aver_claim_zip(site), l->line->service_from, &l->locality);
    if (!trap && !l->locality.ptr)
        trap = locality_at(call, table->text, site->state, l->line->service_from, &l->locality);
    return trap;
}

/* locality_of(line) */
enum aver_trap aver_host_locality_of(struct aver_call *call)
{
    struct aver_case_line *l;
    enum aver_trap trap = aver_arg_line(call, 0, &l);
    if (trap) return trap;
    if ((trap = locate(call, l))) return trap;
    call->result = aver_text(l->locality);
    return AVER_TRAP_NONE;
}

/* ---- prices ------------------------------------------------------------------------------------------------------- */

static enum aver_trap read_bps(struct aver_call *call, int i, int64_t *bps)
{
    *bps = 10000;
    if (call->args[i].kind == AVER_NIL) return AVER_TRAP_NONE;
    enum aver_trap trap = aver_arg_int(call, i, "bps", bps);
    if (trap) return trap;
    if (*bps >= 0 && *bps <= 1000000) return AVER_TRAP_NONE;
    aver_call_say(call, "bps must be from 0 to 1000000");
    return AVER_TRAP_ARGUMENT;
}

static enum aver_trap read_rounding(struct aver_call *call, int i, enum aver_rounding *out)
{
    static const char *const names[] = {[AVER_ROUND_HALF_UP] = "half_up",
                                        [AVER_ROUND_HALF_EVEN] = "half_even",
                                        [AVER_ROUND_DOWN] = "down",
                                        [AVER_ROUND_UP] = "up"};
    aver_bytes name = AVER_LIT("half_up");
    if (call->args[i].kind != AVER_NIL) {
        enum aver_trap trap = aver_arg_text(call, i, "rounding", &name);
        if (trap) return trap;
    }
    for (int r = AVER_ROUND_HALF_UP; r <= AVER_ROUND_UP; r++)
        if (aver_bytes_is(name, names[r])) {
            *out = (enum aver_rounding)r;
            return AVER_TRAP_NONE;
        }
    aver_call_say(call, "rounding must be half_up, half_even, down or up");
    return AVER_TRAP_ARGUMENT;
}

static enum aver_trap out_of_range(struct aver_call *call)
{
    aver_call_say(call, "the price leaves the range of money");
    return AVER_TRAP_RANGE;
}

static aver_bytes place_of(const struct aver_case_line *l)
{
    return l->line->place_of_service.ptr ? l->line->place_of_service : l->of->claim->place_of_service;
}

static void found(struct aver_call *call, aver_bytes code, const struct aver_table_row *row,
                  const struct aver_table_used *used, int64_t cents)
{
    struct aver_case *c = call->host;
    struct aver_host_fee *fee = AVER_NEW(c->arena, struct aver_host_fee);
    *fee = (struct aver_host_fee){.cents = cents,
                                  .bundled = row->bundled,
                                  .modifier = aver_arena_copy(c->arena, row->modifier),
                                  .unit = aver_arena_copy(c->arena, row->unit),
                                  .table = used->name,
                                  .code = aver_arena_copy(c->arena, code)};
    call->result = aver_obj(&aver_fee_type, fee);
}

/* What the table has for the code on the line's day of service, extended by units and percentage and rounded once
 * (adjudication-rules 6 and 7). `of_drug`: only what is priced by a unit of measure is a drug's, and nothing else is. */
static enum aver_trap price(struct aver_call *call, aver_bytes table, struct aver_case_line *l,
                            aver_bytes code, int64_t units, int64_t bps, enum aver_rounding how, bool of_drug)
{
    struct aver_table_used *used;
    const struct aver_table_entry *entry;
    int64_t cents;
    aver_money checked;
    enum aver_trap trap = aver_host_table_entry(call, table, code, &used, &entry);
    if (trap) return trap;
    if (!l->located && aver_table_by_locality(entry)) {
        /* Looking the locality up reads another entry into the place of this one. */
        if ((trap = locate(call, l))) return trap;
        if ((trap = aver_host_table_entry(call, table, code, &used, &entry))) return trap;
    }
    const struct aver_table_row *row =
        aver_table_row_on(entry, l->line->service_from, l->line->modifiers.items, l->line->modifiers.count,
                          place_of(l), l->locality);
    if (!row || (row->unit.ptr != NULL) != of_drug) return AVER_TRAP_NONE;
    /* micros x thousandths x basis points: 10^-13 dollars; a cent is 10^11 of them. Units are below 10^11 and bps at most 10^6,
     * so their product fits. */
    if (aver_muldiv(&cents, (int64_t)row->price, units * bps, INT64_C(100000000000), how) ||
        aver_money_of(&checked, cents))
        return out_of_range(call);
    found(call, code, row, used, cents);
    return AVER_TRAP_NONE;
}

/* fees.find(table, line, bps?, rounding?, units?, code?): the price of the line, by its procedure unless another code is given,
 * for its units (thousandths) unless others are; nil where the table has none. */
static enum aver_trap fees_find(struct aver_call *call)
{
    struct aver_case_line *l;
    enum aver_rounding how;
    aver_bytes table, code;
    int64_t bps, units;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_line(call, 1, &l))) return trap;
    if ((trap = read_bps(call, 2, &bps))) return trap;
    if ((trap = read_rounding(call, 3, &how))) return trap;
    units = (int64_t)l->line->units;
    if (call->args[4].kind != AVER_NIL && (trap = aver_arg_int(call, 4, "units", &units))) return trap;
    if (units < 1 || (uint64_t)units > AVER_CLAIM_UNITS_MAX)
        return aver_call_say(call, "units must be thousandths above zero"), AVER_TRAP_ARGUMENT;
    code = l->line->procedure;
    if (call->args[5].kind != AVER_NIL && (trap = aver_arg_text(call, 5, "code", &code))) return trap;
    return code.ptr ? price(call, table, l, code, units, bps, how, false) : AVER_TRAP_NONE;
}

/* fees.drug(table, line, bps?, rounding?): the price of the line's drug by its NDC, for its quantity; nil where the table has none or
 * the line no drug with a quantity. Its unit is the row's: whether it is the line's, the contract sees to. */
static enum aver_trap fees_drug(struct aver_call *call)
{
    struct aver_case_line *l;
    enum aver_rounding how;
    aver_bytes table;
    int64_t bps;
    enum aver_trap trap = aver_arg_text(call, 0, "table", &table);
    if (trap) return trap;
    if ((trap = aver_arg_line(call, 1, &l))) return trap;
    if ((trap = read_bps(call, 2, &bps))) return trap;
    if ((trap = read_rounding(call, 3, &how))) return trap;
    if (!l->line->drug_code.ptr || !l->line->drug_units) return AVER_TRAP_NONE;
    return price(call, table, l, l->line->drug_code, (int64_t)l->line->drug_units, bps, how, true);
}

/* The published fee of one unit, in cents: (work x index + practice x index + malpractice x index) x conversion factor, rounded
 * half up once, as the Medicare physician fee schedule's amounts are (42 CFR 414.20). Values and indices are ten-thousandths, the
 * factor millionths of a dollar: 10^-14 dollars, a cent is 10^12 of them; the sum of products is below 3 x 10^16. */
static aver_err unit_fee(int64_t *cents, const struct aver_table_row *values, bool facility,
                         const struct aver_table_row *indices)
{
    uint64_t practice = facility ? values->practice_facility : values->practice;
    uint64_t sum = values->work * indices->work + practice * indices->practice +
                   values->malpractice * indices->malpractice;
    return aver_muldiv(cents, (int64_t)sum, (int64_t)values->price, INT64_C(1000000000000),
                       AVER_ROUND_HALF_UP);
}

static enum aver_trap read_tables(struct aver_call *call, const struct aver_policy_node **rvus,
                                  const struct aver_policy_node **gpcis,
                                  const struct aver_policy_node **facilities)
{
    const struct aver_policy_node *node =
        call->args[0].kind == AVER_OBJECT && call->args[0].object.type == &aver_node_type
            ? call->args[0].object.self
            : NULL;
    *rvus = aver_policy_child(node, AVER_LIT("rvus"));
    *gpcis = aver_policy_child(node, AVER_LIT("gpcis"));
    *facilities = aver_policy_child(node, AVER_LIT("facility_places"));
    if (*rvus && *gpcis) return AVER_TRAP_NONE;
    aver_call_say(call, "the first argument must be a part of the policy with rvus and gpcis");
    return AVER_TRAP_ARGUMENT;
}

/* fees.relative(of, line, bps?, rounding?): the line's price by relative values, with the tables and facility_places of that part of
 * the policy: the fee of a unit to the cent, then extended by units and the percentage. Nil where its locality is unknown or a table
 * has no row. */
static enum aver_trap fees_relative(struct aver_call *call)
{
    struct aver_case_line *l;
    struct aver_table_used *used, *of_index;
    const struct aver_table_entry *entry;
    const struct aver_policy_node *rvus, *gpcis, *facilities;
    enum aver_rounding how;
    int64_t bps, cents;
    aver_money checked;
    enum aver_trap trap = read_tables(call, &rvus, &gpcis, &facilities);
    if (trap) return trap;
    if ((trap = aver_arg_line(call, 1, &l))) return trap;
    if ((trap = read_bps(call, 2, &bps))) return trap;
    if ((trap = read_rounding(call, 3, &how))) return trap;
    if ((trap = locate(call, l))) return trap;
    if (!l->line->procedure.ptr || !l->locality.ptr) return AVER_TRAP_NONE;
    if ((trap = aver_host_table_entry(call, gpcis->text, l->locality, &of_index, &entry))) return trap;
    const struct aver_table_row *row =
        aver_table_row_on(entry, l->line->service_from, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
    if (!row) return AVER_TRAP_NONE;
    const struct aver_table_row indices = *row; /* the next entry takes its place */
    if ((trap = aver_host_table_entry(call, rvus->text, l->line->procedure, &used, &entry))) return trap;
    row = aver_table_row_on(entry, l->line->service_from, l->line->modifiers.items, l->line->modifiers.count,
                            AVER_BYTES_NONE, AVER_BYTES_NONE);
    if (!row) return AVER_TRAP_NONE;
    if (unit_fee(&cents, row, aver_host_in_list(facilities, place_of(l)), &indices) ||
        aver_muldiv(&cents, cents, (int64_t)l->line->units * bps, INT64_C(10000000), how) ||
        aver_money_of(&checked, cents))
        return out_of_range(call);
    found(call, l->line->procedure, row, used, cents);
    return AVER_TRAP_NONE;
}

const struct aver_function aver_host_fees[AVER_HOST_FEES] = {
    {"find", fees_find, 100,
     "fun(table: string, line: Line, bps?: integer, rounding?: string, units?: integer, code?: string): Fee?",
     NULL},
    {"drug", fees_drug, 100, "fun(table: string, line: Line, bps?: integer, rounding?: string): Fee?", NULL},
    {"relative", fees_relative, 300, "fun(of: Policy, line: Line, bps?: integer, rounding?: string): Fee?",
     NULL},
};
