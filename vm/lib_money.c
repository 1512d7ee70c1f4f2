/* vm/lib_money.c - money and date for contracts: base/money.h and base/date.h with checked arguments. */
#include "vm/internal.h"

#include "base/date.h"
#include "base/money.h"

/* money.split serves the largest remainder in one pass over all weights for each cent that is left. */
#define SPLIT_WEIGHTS_MAX 256

static enum aver_rounding rounding(struct aver_call *call, int i)
{
    static const char *const names[] = {[AVER_ROUND_HALF_UP] = "half_up",
                                        [AVER_ROUND_HALF_EVEN] = "half_even",
                                        [AVER_ROUND_DOWN] = "down",
                                        [AVER_ROUND_UP] = "up"};
    if (call->args[i].kind == AVER_NIL) return AVER_ROUND_HALF_UP;
    aver_bytes name = vm_arg_text(call, i, "rounding");
    for (int r = AVER_ROUND_HALF_UP; r <= AVER_ROUND_UP; r++)
        if (aver_bytes_is(name, names[r])) return (enum aver_rounding)r;
    vm_trap(call->vm, AVER_TRAP_ARGUMENT,
            "argument %d, \"rounding\", must be \"half_up\", \"half_even\", \"down\" or \"up\"", i + 1);
}

static enum aver_trap result_delta(struct aver_call *call, int64_t cents)
{
    aver_delta d;
    if (aver_delta_of(&d, cents) != AVER_OK) {
        aver_call_say(call, "the amount leaves the range of money");
        return AVER_TRAP_RANGE;
    }
    call->result = aver_int(d.cents);
    return AVER_TRAP_NONE;
}

static aver_delta arg_delta(struct aver_call *call, int i, const char *name)
{
    aver_delta d;
    if (aver_delta_of(&d, vm_arg_int(call, i, name)) != AVER_OK)
        vm_trap(call->vm, AVER_TRAP_RANGE, "argument %d, \"%s\", is no amount of money", i + 1, name);
    return d;
}

static enum aver_trap money_add(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_delta a = arg_delta(call, 0, "a"), b = arg_delta(call, 1, "b");
    return result_delta(call, a.cents + b.cents);
}

static enum aver_trap money_sub(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_delta a = arg_delta(call, 0, "a"), b = arg_delta(call, 1, "b");
    return result_delta(call, a.cents - b.cents);
}

static enum aver_trap money_bps(struct aver_call *call)
{
    vm_arg_count(call, 2, 3);
    aver_delta cents = arg_delta(call, 0, "cents");
    int64_t out, bps = vm_arg_int(call, 1, "bps");
    if (aver_muldiv(&out, cents.cents, bps, 10000, rounding(call, 2)) != AVER_OK) out = INT64_MAX;
    return result_delta(call, out);
}

static enum aver_trap money_muldiv(struct aver_call *call)
{
    vm_arg_count(call, 3, 4);
    int64_t v = vm_arg_int(call, 0, "v"), num = vm_arg_int(call, 1, "num"), den = vm_arg_int(call, 2, "den"),
            out;
    if (den <= 0) {
        aver_call_say(call, "argument 3, \"den\", must be above zero");
        return AVER_TRAP_ARGUMENT;
    }
    if (aver_muldiv(&out, v, num, den, rounding(call, 3)) != AVER_OK) {
        aver_call_say(call, "the result does not fit");
        return AVER_TRAP_RANGE;
    }
    call->result = aver_int(out);
    return AVER_TRAP_NONE;
}

static enum aver_trap money_split(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_delta cents = arg_delta(call, 0, "cents");
    if (call->args[1].kind != AVER_TABLE) vm_arg_bad(call, 1, "weights", "a table");
    uint64_t weights[SPLIT_WEIGHTS_MAX];
    int64_t shares[SPLIT_WEIGHTS_MAX];
    size_t n = 0;
    for (struct aver_value w; (w = aver_call_item(call, &call->args[1], n + 1)).kind != AVER_NIL; n++) {
        if (n == SPLIT_WEIGHTS_MAX || w.kind != AVER_INT || w.integer < 0) {
            aver_call_say(call, "\"weights\" must be at most %d whole numbers, none below zero",
                          SPLIT_WEIGHTS_MAX);
            return AVER_TRAP_ARGUMENT;
        }
        weights[n] = (uint64_t)w.integer;
    }
    vm_charge(call->vm, GAS_SPLIT_STEP * n * n);
    if (aver_money_split(shares, cents.cents, weights, n) != AVER_OK) {
        aver_call_say(call, "the weights sum to zero or to too much");
        return AVER_TRAP_RANGE;
    }
    lua_State *L = call->vm->L;
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, shares[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    call->vm->pushed = 1;
    return AVER_TRAP_NONE;
}

#define ROUNDING ", rounding?: \"half_up\"|\"half_even\"|\"down\"|\"up\"): integer"
static const struct aver_function money[] = {
    {"add", money_add, 6, "fun(a: integer, b: integer): integer", NULL},
    {"sub", money_sub, 6, "fun(a: integer, b: integer): integer", NULL},
    {"bps", money_bps, 10, "fun(cents: integer, bps: integer" ROUNDING, NULL},
    {"muldiv", money_muldiv, 10, "fun(v: integer, num: integer, den: integer" ROUNDING, NULL},
    {"split", money_split, 10, "fun(cents: integer, weights: integer[]): integer[]", NULL},
};
const struct aver_library vm_lib_money = {"money", money, sizeof money / sizeof money[0]};

/* ---- date ---- */

static aver_day arg_day(struct aver_call *call, int i, const char *name)
{
    int64_t v = vm_arg_int(call, i, name);
    if (v < AVER_DAY_MIN || v > AVER_DAY_MAX)
        vm_trap(call->vm, AVER_TRAP_ARGUMENT, "argument %d, \"%s\", is no day between the years 1 and 9999",
                i + 1, name);
    return (aver_day)v;
}

static enum aver_trap date_of(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    aver_day day;
    if (aver_day_parse_iso(&day, vm_arg_text(call, 0, "text")) != AVER_OK) {
        aver_call_say(call, "argument 1, \"text\", must be a date as in \"2026-03-01\"");
        return AVER_TRAP_ARGUMENT;
    }
    call->result = aver_int(day);
    return AVER_TRAP_NONE;
}

static enum aver_trap date_add_months(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_day day = arg_day(call, 0, "d");
    int64_t n = vm_arg_int(call, 1, "n");
    aver_day out = n < -120000 || n > 120000 ? AVER_NO_DAY : aver_day_add_months(day, (int)n);
    if (out == AVER_NO_DAY) {
        aver_call_say(call, "the day leaves the years 1 to 9999");
        return AVER_TRAP_RANGE;
    }
    call->result = aver_int(out);
    return AVER_TRAP_NONE;
}

static enum aver_trap date_years_between(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_day a = arg_day(call, 0, "a"), b = arg_day(call, 1, "b");
    if (a > b) {
        aver_call_say(call, "argument 1, \"a\", must not be after argument 2, \"b\"");
        return AVER_TRAP_ARGUMENT;
    }
    call->result = aver_int(aver_day_years_between(a, b));
    return AVER_TRAP_NONE;
}

static enum aver_trap date_year(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    call->result = aver_int(aver_day_civil(arg_day(call, 0, "d")).year);
    return AVER_TRAP_NONE;
}

static enum aver_trap date_text(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    char text[AVER_DAY_TEXT];
    aver_day_iso(text, arg_day(call, 0, "d"));
    vm_push_text(call->vm, aver_bytes_of(text, 10));
    call->vm->pushed = 1;
    return AVER_TRAP_NONE;
}

static const struct aver_function date[] = {
    {"of", date_of, 8, "fun(text: string): integer", NULL},
    {"add_months", date_add_months, 10, "fun(d: integer, n: integer): integer", NULL},
    {"years_between", date_years_between, 10, "fun(a: integer, b: integer): integer", NULL},
    {"year", date_year, 8, "fun(d: integer): integer", NULL},
    {"text", date_text, 30, "fun(d: integer): string", NULL},
};
const struct aver_library vm_lib_date = {"date", date, sizeof date / sizeof date[0]};
