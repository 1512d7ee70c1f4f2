/* tests/gas/grammar.h - programs of the dialect as lists of statements, made at random and changed a little at a time.
 *
 * All statements share one set of names (the front of every program), so that any of them may stand in any program. */
#ifndef AVER_TESTS_GAS_GRAMMAR_H
#define AVER_TESTS_GAS_GRAMMAR_H

#include "base/arena.h"

#define GENES_MAX 24  /* statements of a program */
#define GENE_MAX  640 /* bytes of one */

struct gas_genome {
    int first; /* so many statements run once; those after them in an endless loop */
    int count;
    char gene[GENES_MAX][GENE_MAX];
};

/* A random number below n; n > 0. The same seed gives the same numbers. */
void gas_seed(uint64_t seed);
unsigned gas_pick(unsigned n);

/* Statements of contracts that were written as attacks: DIR/NAME.lua. Returns how many it took. */
size_t gas_bombs(const char *dir);
/* The one statement of kind `kind`, or a bomb, in a loop; false when there is no such kind. */
bool gas_simple(struct gas_genome *g, unsigned kind);
void gas_random(struct gas_genome *g);
/* One change: a statement doubled, put in, taken out, replaced, moved, wrapped in a loop; an operand or a size replaced; a statement
 * of `other`. */
void gas_mutate(struct gas_genome *g, const struct gas_genome *other);

void gas_print(struct aver_buf *out, const struct gas_genome *g);

#endif
