/* tests/bench/bench.h - what the files of the bench share. */
#ifndef AVER_TESTS_BENCH_H
#define AVER_TESTS_BENCH_H

/* One more row of the table and of build/bench.json. `name` and `unit` must stay valid. */
void figure(const char *name, double value, const char *unit);

/* adjudication.c: adjudications_per_core_s and applied_per_core_s. */
void bench_adjudication(void);

#endif
