/* tests/gas/programs.h - for each row of the price tables a small program that costs that price and as little else as can be. */
#ifndef AVER_TESTS_GAS_PROGRAMS_H
#define AVER_TESTS_GAS_PROGRAMS_H

#include "tests/gas/world.h"

#define GAS_PROGRAMS_MAX 200

/* What `body` takes longer and costs more than `base` is the price's; without a base, what the execution takes. Both stand in a loop of `turns` turns, `times` times
 * in each, after `prep`; with turns 0 they stand alone, once. */
struct gas_program {
    const char *row; /* of the price tables, without its gas: aver_vm_prices, aver_contract_prices */
    const char *prep, *base, *body;
    int turns, times;
};
extern const struct gas_program gas_programs[];
extern const size_t gas_programs_count;

/* The rows of both tables, in their order; each a text in the arena. */
struct aver_list gas_rows(struct aver_arena *arena);

struct gas_figure {
    const struct gas_program *program;
    double ns, gas; /* of the difference; gas 0: of the whole */
};
/* ns a gas, below zero when it could not be told from nothing. */
static inline double gas_ratio(const struct gas_figure *f) { return f->gas > 0 ? f->ns / f->gas : 0; }
/* The median of `repeats` runs of each. Ends the process when a program does not run to its end. */
struct gas_figure gas_measure(struct gas_world *w, const struct gas_program *p, int repeats);
/* The median over all programs of ns a gas; the figure of each in `figures`, unless it is NULL. */
double gas_median(struct gas_world *w, struct gas_figure *figures, int repeats);

#define GAS_BELIEVE 1500000 /* the limit under which a program is measured that has no end */
struct gas_worst {
    double ratio; /* ns a gas */
    char name[64];
};
/* The programs DIR/NAME.lua, each the least of `repeats` executions of GAS_BELIEVE gas. Returns how many there are. */
size_t gas_replay(struct gas_world *w, const char *dir, int repeats, struct gas_worst *worst);

#endif
