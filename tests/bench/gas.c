/* tests/bench/gas.c - what metering costs, and how far the worst program known lies above the price of a gas.
 *
 *   worst_to_median_ns_per_gas    the programs of tests/gas/worst, which the search found, to the median over all prices
 *   metered_to_unmetered_*        the same source with its charges and without them, in turns, in processor time
 *
 * Without charges: the tree is not priced, so that nothing is printed of them (vm/print.c). The bench is linked so that it can leave
 * vm_price out; nothing else can. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/gas/programs.h"
#include "vm/gas.h"

#define ROUNDS   21
#define REPEATS  5
#define WORST    "tests/gas/worst"
#define GAS_MOST (UINT64_C(1) << 30)

bool bench_unmetered;

void __real_vm_price(struct vm_function *chunk);
void __wrap_vm_price(struct vm_function *chunk);
void __wrap_vm_price(struct vm_function *chunk)
{
    if (!bench_unmetered) __real_vm_price(chunk);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static struct aver_vm *loaded(const char *source, bool unmetered)
{
    static const struct aver_vm_setup nothing;
    struct aver_vm *vm;
    struct aver_why why = {0};
    bench_unmetered = unmetered;
    aver_err err = aver_vm_new(&vm, &nothing, "bench", aver_bytes_str(source), &why);
    bench_unmetered = false;
    if (err == AVER_OK) return vm;
    fprintf(stderr, "bench: %s: %s\n", why.place, why.text);
    exit(2);
}

static double run(struct aver_vm *vm)
{
    struct aver_why why = {0};
    struct aver_run run = {.entry = "f", .gas_limit = GAS_MOST};
    double start = gas_clock();
    if (aver_vm_run(vm, &run, &why) != AVER_OK || run.trap != AVER_TRAP_NONE) {
        fprintf(stderr, "bench: %s%s\n", why.text, run.trap_text);
        exit(2);
    }
    return gas_clock() - start;
}

static void metering(const char *name, const char *source, const char *unit)
{
    struct aver_vm *metered = loaded(source, false), *plain = loaded(source, true);
    double ratios[ROUNDS];
    run(metered), run(plain);
    for (int i = 0; i < ROUNDS; i++) {
        double with = run(metered);
        ratios[i] = with / run(plain);
    }
    figure(name, bench_median(ratios, ROUNDS), unit);
    aver_vm_free(metered);
    aver_vm_free(plain);
}

static void worst_program(void)
{
    struct gas_world *w = gas_world_open();
    struct gas_worst worst;
    double median = gas_median(w, NULL, REPEATS);
    if (gas_replay(w, WORST, REPEATS, &worst) == 0) {
        fprintf(stderr, "bench: run it in the project's folder: no programs in %s\n", WORST);
        exit(2);
    }
    figure("worst_to_median_ns_per_gas", worst.ratio / median,
           "the worst program known, to the median of all prices");
    gas_world_close(w);
}

void bench_gas(void)
{
    worst_program();
    metering("metered_to_unmetered_loop",
             "return { f = function() local x = 0 for i = 1, 500000 do x = (x + i) % 1000 end end }",
             "a tight numeric loop with its charges, to the same without");
    metering(
        "metered_to_unmetered_while",
        "return { f = function() local i, x = 0, 0 while i < 500000 do i = i + 1 x = (x + i) % 1000 end end }",
        "a tight while loop");
    metering("metered_to_unmetered_fib",
             "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
             "return { f = function() fib(22) end }",
             "nothing but calls");
}
