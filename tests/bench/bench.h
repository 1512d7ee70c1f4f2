/* tests/bench/bench.h - what the files of the bench share. */
#ifndef AVER_TESTS_BENCH_H
#define AVER_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>

/* One more row of the table and of build/bench.json. `name` and `unit` must stay valid. */
void figure(const char *name, double value, const char *unit);

/* members.c: `bench members`. */
void bench_members(const char *dir, unsigned few, unsigned many);

/* adjudication.c: adjudications_per_core_s and applied_per_core_s. */
void bench_adjudication(void);

/* gas.c: worst_to_median_ns_per_gas and metered_to_unmetered_loop, _while, _fib. */
void bench_gas(void);
/* While it is set, contracts are loaded without the charges of their source. */
extern bool bench_unmetered;
/* Sorts them. */
double bench_median(double *values, size_t count);
/* bundle.c: bundle_bytes, bundle_bytes_self_contained and bundle_verify_ms, of the last claim of a ledger. */
void bench_bundle(const char *dir);

#endif
