/* tests/bench/world.h - the ledger that bench.c measures, for who measures another one. */
#ifndef AVER_TESTS_BENCH_WORLD_H
#define AVER_TESTS_BENCH_WORLD_H

#include "ledger/storage/ledger.h"
#include "tests/bench/bench.h"

double now(void);         /* seconds */
double cpu_seconds(void); /* of all threads; what else runs on the machine does not count */
void must(aver_err err, const struct aver_why *why, const char *doing);
struct signer {
    struct aver_public_key pk;
    struct aver_secret_key sk;
};
extern struct signer operations;
void named_signers(void); /* the same in every run, for a ledger that is used again */
extern struct aver_ledger *ledger;
extern struct aver_arena work; /* what is submitted */
extern unsigned members;       /* enrolled: whom claims are of */
/* Makes and opens a ledger with the standard contracts and a policy, nobody enrolled. */
void build_ledger(const char *dir);
aver_bytes member_id(unsigned number);
/* A professional claim of six lines, of its own day and member. */
aver_bytes claim_bytes(unsigned number);
/* As one batch; ends the program if an item is refused. */
void submit(uint64_t kind, struct aver_batch_item *items, size_t count, const struct signer *key,
            const char *doing);
/* Claims, each signed alone. Seconds until all are durable, and the same of all cores together. */
double submit_signed(struct aver_batch_item *items, size_t count, double *cpu);

#endif
