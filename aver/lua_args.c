/* aver/lua_args.c - what tests in Lua hand to their library: texts, money, days; and how it refuses. */
#include <stdio.h>

#include "aver/lua_host.h"

enum aver_trap aver_lua_refuse(struct aver_call *call, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    aver_call_say(call, "%s", text);
    return AVER_TRAP_ARGUMENT;
}

struct aver_arena *aver_lua_arena(const struct aver_call *call)
{
    return ((struct aver_lua_host *)call->host)->run->arena;
}

/* The line of the test that is under way. */
uint64_t aver_lua_line(struct aver_call *call)
{
    uint64_t line = 0;
    aver_call_lines(call, &line, 1);
    return line;
}

/* ---- arguments ------------------------------------------------------------------------------------------------------- */

enum aver_trap aver_lua_cell(struct aver_call *call, const struct aver_value *v, enum aver_cell cell,
                             const char *name, aver_bytes *out)
{
    struct aver_arena *arena = aver_lua_arena(call);
    char text[AVER_MONEY_TEXT > AVER_DAY_TEXT ? AVER_MONEY_TEXT : AVER_DAY_TEXT];
    if (v->kind == AVER_NIL) return AVER_TRAP_NONE;
    if (v->kind == AVER_TEXT) {
        *out = aver_arena_copy(arena, v->text);
        return v->text.len ? AVER_TRAP_NONE : aver_lua_refuse(call, "%s is empty", name);
    }
    if (v->kind != AVER_INT || cell == AVER_CELL_TEXT)
        return aver_lua_refuse(call, "%s must be %s", name,
                               cell == AVER_CELL_MONEY
                                   ? "dollars as text, \"150.00\", or cents as a whole number"
                               : cell == AVER_CELL_DAY  ? "a day, \"2026-03-10\", or its number"
                               : cell == AVER_CELL_TEXT ? "a text"
                                                        : "a whole number, or a text such as \"1.5\"");
    if (cell == AVER_CELL_DAY && (v->integer < AVER_DAY_MIN || v->integer > AVER_DAY_MAX))
        return aver_lua_refuse(call, "%s is no day: %lld", name, (long long)v->integer);
    if (cell == AVER_CELL_MONEY)
        aver_cents_text(text, v->integer);
    else if (cell == AVER_CELL_DAY)
        aver_day_iso(text, (aver_day)v->integer);
    else
        snprintf(text, sizeof text, "%lld", (long long)v->integer);
    *out = aver_arena_copy(arena, aver_bytes_str(text));
    return AVER_TRAP_NONE;
}

enum aver_trap aver_lua_text(struct aver_call *call, int i, const char *name, aver_bytes *out)
{
    *out = AVER_BYTES_NONE;
    enum aver_trap trap = aver_lua_cell(call, &call->args[i], AVER_CELL_TEXT, name, out);
    if (!trap && !out->ptr) return aver_lua_refuse(call, "%s is missing", name);
    return trap;
}

enum aver_trap aver_lua_money(struct aver_call *call, const struct aver_value *v, const char *name,
                              int64_t *cents)
{
    aver_bytes text = AVER_BYTES_NONE;
    aver_money money;
    *cents = 0;
    enum aver_trap trap = aver_lua_cell(call, v, AVER_CELL_MONEY, name, &text);
    if (trap) return trap;
    if (!text.ptr || aver_money_parse(&money, text) != AVER_OK)
        return aver_lua_refuse(call, "%s must be dollars, \"150.00\", or cents", name);
    *cents = (int64_t)money.cents;
    return AVER_TRAP_NONE;
}

enum aver_trap aver_lua_delta(struct aver_call *call, const struct aver_value *v, const char *name,
                              int64_t *cents)
{
    struct aver_value of = *v;
    bool below =
        of.kind == AVER_TEXT ? of.text.len && of.text.ptr[0] == '-' : of.kind == AVER_INT && of.integer < 0;
    if (below && of.kind == AVER_TEXT) of.text = aver_bytes_cut(of.text, 1, of.text.len - 1);
    if (below && of.kind == AVER_INT && of.integer > -AVER_MONEY_LIMIT) of.integer = -of.integer;
    enum aver_trap trap = aver_lua_money(call, &of, name, cents);
    if (below) *cents = -*cents;
    return trap;
}

/* The world's error ends all tests; what is wrong with the test is told at its line. */
enum aver_trap aver_lua_failed(struct aver_call *call, aver_err err)
{
    struct aver_lua_host *h = call->host;
    const struct aver_why *why = &h->run->cmd->why;
    if (err == AVER_E_INPUT || err == AVER_E_REFUSED || err == AVER_E_NOT_FOUND || err == AVER_E_LIMIT)
        return aver_lua_refuse(call, "%s [%s]", why->text, why->code);
    h->failed = err;
    return AVER_TRAP_RULE;
}
