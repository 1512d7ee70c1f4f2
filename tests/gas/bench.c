/* tests/gas/bench.c - what one gas takes, in nanoseconds of processor time, by each price there is (make gas-bench).
 *
 *     bench [--json] [--repeats N]    the table, sorted by ns a gas, and the median; --json one object a line
 *     bench --complete                only whether every row of the price tables has its program, every program its row, and
 *                                     vm/GAS.md the prices of the host */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "ledger/transition/contract.h"
#include "tests/gas/programs.h"

static int by_ratio(const void *a, const void *b)
{
    double x = gas_ratio(a), y = gas_ratio(b);
    return (x > y) - (x < y);
}

static int complete(void)
{
    struct aver_arena arena = {0};
    struct aver_list rows = gas_rows(&arena);
    const char *const *row = rows.items;
    size_t missing = 0;
    for (size_t i = 0; i < rows.count; i++) {
        size_t k = 0;
        while (k < gas_programs_count && strcmp(gas_programs[k].row, row[i]) != 0) k++;
        if (k == gas_programs_count) missing++, printf("no program measures the price \"%s\"\n", row[i]);
    }
    for (size_t k = 0; k < gas_programs_count; k++) {
        size_t i = 0;
        while (i < rows.count && strcmp(gas_programs[k].row, row[i]) != 0) i++;
        if (i == rows.count) missing++, printf("there is no price \"%s\"\n", gas_programs[k].row);
    }
    struct aver_buf host = {0};
    static char report[65536];
    aver_contract_prices(&host);
    aver_buf_byte(&host, 0);
    FILE *f = fopen("vm/GAS.md", "rb");
    if (f) report[fread(report, 1, sizeof report - 1, f)] = 0, fclose(f);
    if (!strstr(report, (const char *)host.ptr))
        missing++, printf("vm/GAS.md should hold\n%s", (const char *)host.ptr);
    aver_buf_free(&host);
    printf("%zu prices, %zu programs\n%d passed, %d failed\n", rows.count, gas_programs_count,
           missing || !rows.count ? 0 : 1, missing || !rows.count ? 1 : 0);
    aver_arena_free(&arena);
    return missing || !rows.count ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool json = false;
    int repeats = 21;
    static struct gas_figure figures[GAS_PROGRAMS_MAX];
    aver_crypto_start();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--complete") == 0) return complete();
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--repeats") == 0 && i + 1 < argc)
            repeats = (int)strtol(argv[++i], NULL, 10);
        else
            return fprintf(stderr, "usage: bench [--json] [--repeats N] | bench --complete\n"), 64;
    }
    if (repeats < 1 || gas_programs_count > GAS_PROGRAMS_MAX) return 64;
    struct gas_world *w = gas_world_open();
    double median = gas_median(w, figures, repeats);
    qsort(figures, gas_programs_count, sizeof figures[0], by_ratio);
    if (!json) printf("%8s %12s %10s  %s\n", "ns/gas", "ns", "gas", "price (and what was run)");
    for (size_t i = 0; i < gas_programs_count; i++) {
        const struct gas_figure *f = &figures[i];
        const struct gas_program *p = f->program;
        double n = p->turns ? (double)p->turns * p->times : 1;
        printf(json ? "{\"ns_per_gas\": %.3f, \"ns\": %.1f, \"gas\": %.1f, \"price\": \""
                    : "%8.2f %12.1f %10.1f  ",
               gas_ratio(f), f->ns / n, f->gas / n);
        for (const char *c = p->row; *c; c++) printf(json && (*c == '"' || *c == '\\') ? "\\%c" : "%c", *c);
        if (json)
            printf("\"}\n");
        else
            printf("  [%s]\n", p->body);
    }
    printf(json ? "{\"median_ns_per_gas\": %.3f, \"prices\": %zu}\n" : "median %.2f ns/gas of %zu programs\n",
           median, gas_programs_count);
    gas_world_close(w);
    return 0;
}
