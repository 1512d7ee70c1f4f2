/* aver/lua_host.h - a test in Lua while it runs: what the lua_*.c files share. */
#ifndef AVER_AVER_LUA_HOST_H
#define AVER_AVER_LUA_HOST_H

#include "aver/case_run.h"
#include "aver/lua_test.h"

struct aver_lua_opening { /* an accumulator as the test wants it before the first claim */
    uint64_t line;
    aver_bytes member, counter, tier; /* member absent: the first there is */
    bool is_left;                     /* cents is what is left of the policy's limit, not what is used */
    int64_t cents;
};

struct aver_lua_host {
    struct aver_case_run *run;
    struct aver_list settings; /* of struct aver_setting */
    struct aver_list openings; /* of struct aver_lua_opening */
    struct aver_list held;     /* of size_t: claims of which the test said that they are held */
    bool opened;
    aver_bytes day;    /* of `on`; absent: the policy's first */
    aver_bytes member; /* whose claims these are unless they say so; absent: the first there is */
    uint64_t claims;   /* given so far, for their names */
    aver_err failed;   /* the world's error, which ends all */
    bool assumed_away;
};

/* What arguments and defaults are drawn from: once for a directory. */
AVER_MUST_CHECK aver_err aver_lua_world(struct aver_case_run *run, const struct aver_fuzz_world **out);

/* How a value becomes the cell of a row: money is text in dollars or integer cents, a day text or its number. */
enum aver_cell { AVER_CELL_TEXT, AVER_CELL_MONEY, AVER_CELL_DAY, AVER_CELL_NUMBER };

/* lua_args.c. Each is a trap with words that say what is wrong; `name` is what the value is for. Texts lie in the arena. */
enum aver_trap aver_lua_refuse(struct aver_call *call, const char *fmt, ...) AVER_PRINTF(2, 3);
enum aver_trap aver_lua_cell(struct aver_call *call, const struct aver_value *value, enum aver_cell cell,
                             const char *name, aver_bytes *out); /* nil leaves `out` as it is */
enum aver_trap aver_lua_text(struct aver_call *call, int i, const char *name, aver_bytes *out);
enum aver_trap aver_lua_money(struct aver_call *call, const struct aver_value *value, const char *name,
                              int64_t *cents);
/* The same, and what is below zero: an adjustment may be. */
enum aver_trap aver_lua_delta(struct aver_call *call, const struct aver_value *value, const char *name,
                              int64_t *cents);
/* What is wrong with the test is told at its line; the world's error ends all tests. */
enum aver_trap aver_lua_failed(struct aver_call *call, aver_err err);
struct aver_arena *aver_lua_arena(const struct aver_call *call); /* of the result */
uint64_t aver_lua_line(struct aver_call *call);                  /* of the test, under way */

/* What `adjudicate` gives: a claim of the result, by its index; with `number` a line of it. */
struct aver_lua_decided {
    size_t claim;
    uint64_t number;
};

/* lua_given.c, lua_expect.c: the functions, for the list in lua_library.c. */
enum aver_trap aver_lua_given_line(struct aver_call *call);
enum aver_trap aver_lua_on(struct aver_call *call);
enum aver_trap aver_lua_adjudicate(struct aver_call *call);
enum aver_trap aver_lua_expect(struct aver_call *call);
enum aver_trap aver_lua_check(struct aver_call *call);
extern const struct aver_library aver_lua_given;
extern const struct aver_object_type aver_test_type, aver_given_line_type, aver_given_claim_type,
    aver_lua_decision_type, aver_lua_line_type, aver_lua_adjustment_type, aver_lua_expectation_type;

#endif
