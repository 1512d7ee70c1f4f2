/* aver/lua_fuzz.h - arguments of tests: drawn by the parameter's name, and made smaller.
 *
 *   charge, amount, price, cents, copay    cents, 0 to 100,000.00; often near a whole dollar or a bound
 *   units                                  1 to 99
 *   count, number, days, n                 0 to 1,000
 *   day, date, from, to                    a day number: within the first policy's dates, at their ends, a month around them
 *   procedure, code                        of the fee schedules, of the policy's ranges, and one that is in none
 *   member, provider, place, modifier      of members.csv; in, in2, out; places of service; modifiers
 *   flag                                   true or false
 *
 * A number may follow the name (charge2), and words may come before it (first_charge). The smallest value of each stands first in
 * its line, or is the first of its list. */
#ifndef AVER_AVER_LUA_FUZZ_H
#define AVER_AVER_LUA_FUZZ_H

#include "base/arena.h"
#include "base/date.h"
#include "vm/vm.h"

struct aver_fuzz_world {
    struct aver_list procedures, members; /* aver_bytes */
    aver_day from, to;
};

struct aver_fuzz_arg {
    aver_bytes name;
    enum aver_fuzz_kind {
        AVER_FUZZ_MONEY,
        AVER_FUZZ_INT,
        AVER_FUZZ_DAY,
        AVER_FUZZ_TEXT,
        AVER_FUZZ_FLAG
    } kind;
    const aver_bytes *texts; /* of TEXT; value is an index */
    int64_t least, most;     /* of value, both inclusive; least is the smallest case */
    int64_t small;           /* of DAY: the smallest case, within least and most; else least */
    int64_t value;
};

/* Whether something is drawn for a parameter of this name. */
bool aver_fuzz_knows(aver_bytes name);
/* The argument, its value not yet drawn. The name is known. Borrows the world. */
struct aver_fuzz_arg aver_fuzz_arg(aver_bytes name, const struct aver_fuzz_world *world);
/* A value, from this state of a generator, which moves on. */
void aver_fuzz_draw(struct aver_fuzz_arg *arg, uint64_t *state);
/* The step-th try at a smaller value: the smallest first, then halfway there, a quarter ... at last the next one. False: no more. */
bool aver_fuzz_smaller(const struct aver_fuzz_arg *arg, unsigned step, int64_t *value);
struct aver_value aver_fuzz_value(const struct aver_fuzz_arg *arg);
/* "charge = 15000 (150.00)", "procedure = \"99213\"", "day = 20512 (2026-02-28)". */
void aver_fuzz_print(struct aver_buf *out, const struct aver_fuzz_arg *arg);

#endif
