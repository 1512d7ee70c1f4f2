/* tests/gas/search.c - looks for programs that take more time than they pay for (make gas-search): hill climbing over programs of
 * grammar.c, by processor time for a gas.
 *
 *     search [--seconds N] [--seed N] [--out DIR]   searches; prints the worst programs; exit 1 if one passes WORST_MAX medians
 *     search --plant N [--seconds N]                with one of the prices of plant.h made ten times too cheap: ends as soon as a
 *                                                   program above WORST_MAX medians is found that is not above it without the
 *                                                   plant; exit 1 if none is
 *     search --plants [--seconds N]                 that for each plant, each with N seconds
 *
 * Seconds are of processor time, so that a busy machine finds as much. What looks expensive is measured again, longer and five
 * times, before it is believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "tests/gas/grammar.h"
#include "tests/gas/plant.h"
#include "tests/gas/programs.h"

#define WORST_MAX     5   /* times the median that a program may cost */
#define PLANTED_TIMES 1.5 /* that a planted price must make of a program's cost to be its cause */
#define POPULATION    24
#define GAS_LOOK      150000 /* of a first look */
#define GAS_LEAST     3000   /* a program that pays less says little */
#define SHOWN         5

struct candidate {
    struct gas_genome genome;
    double ratio;
};

struct search {
    struct gas_world *world;
    double median, empty_ns, started;
    uint64_t looked, refused;
    struct candidate kept[POPULATION]; /* the worst first */
    int count;
};

static double seconds(const struct search *s) { return (gas_clock() - s->started) / 1e9; }

/* The least of `times` executions, for a gas; 0 when it is refused, ends at once, or passes this node's memory. */
static double cost(struct search *s, const struct gas_genome *g, uint64_t limit, int times)
{
    struct aver_buf text = {0};
    struct aver_vm *vm;
    struct aver_why why = {0};
    struct gas_run run;
    double least = 0;
    gas_print(&text, g);
    aver_err err = gas_load(&vm, aver_buf_view(&text), &why);
    aver_buf_free(&text);
    s->looked++;
    if (err != AVER_OK) return s->refused++, 0;
    for (int i = 0; i < times; i++) {
        if (!gas_execute(s->world, vm, limit, &run) || run.gas < GAS_LEAST) {
            least = 0;
            break;
        }
        double ratio = (run.ns - s->empty_ns) / (double)run.gas;
        if (i == 0 || ratio < least) least = ratio;
        if (i == 0 && s->count == POPULATION && least < s->kept[POPULATION - 1].ratio) break;
    }
    aver_vm_free(vm);
    return least;
}

/* What is believed: the least of five longer executions. */
static double believed(struct search *s, const struct gas_genome *g) { return cost(s, g, GAS_BELIEVE, 5); }

static bool same(const struct gas_genome *a, const struct gas_genome *b)
{
    if (a->count != b->count || a->first != b->first) return false;
    for (int i = 0; i < a->count; i++)
        if (strcmp(a->gene[i], b->gene[i]) != 0) return false;
    return true;
}

/* Keeps it if it is worth it; whether it is now the worst. */
static bool keep(struct search *s, const struct gas_genome *g, double ratio)
{
    int at = s->count;
    while (at > 0 && s->kept[at - 1].ratio < ratio) at--;
    if (at == POPULATION) return false;
    for (int i = 0; i < s->count; i++)
        if (same(&s->kept[i].genome, g)) return false;
    if (s->count < POPULATION) s->count++;
    memmove(&s->kept[at + 1], &s->kept[at], (size_t)(s->count - at - 1) * sizeof s->kept[0]);
    s->kept[at].genome = *g;
    s->kept[at].ratio = ratio;
    return at == 0;
}

static void forget(struct search *s, int at)
{
    s->count--;
    memmove(&s->kept[at], &s->kept[at + 1], (size_t)(s->count - at) * sizeof s->kept[0]);
}

static void show(const struct gas_genome *g)
{
    for (int i = 0; i < g->count; i++) printf("      %s %s\n", i < g->first ? "once" : "loop", g->gene[i]);
}

/* Whether the planted price is what makes it expensive. */
static bool by_plant(struct search *s, const struct gas_genome *g, double with, double *without)
{
    int plant = gas_plant;
    gas_plant = GAS_PLANT_NONE;
    *without = believed(s, g);
    gas_plant = plant;
    return *without <= WORST_MAX * s->median && *without * PLANTED_TIMES <= with;
}

/* Looks at one program. True: the search for a plant is over. */
static bool look(struct search *s, const struct gas_genome *g)
{
    double ratio = cost(s, g, GAS_LOOK, 3), without;
    if (ratio <= 0 || !keep(s, g, ratio)) return false;
    ratio = believed(s, g);
    forget(s, 0);
    keep(s, g, ratio);
    if (!gas_plant || ratio <= WORST_MAX * s->median || !by_plant(s, g, ratio, &without)) return false;
    printf("  found after %.1f s and %llu programs: %.1f ns/gas, %.1f medians; without the plant %.1f\n",
           seconds(s), (unsigned long long)s->looked, ratio, ratio / s->median, without);
    show(g);
    return true;
}

/* True: found what was planted. */
static bool climb(struct search *s, double budget)
{
    static struct gas_genome g;
    double told = 0;
    s->count = 0;
    s->looked = s->refused = 0;
    s->started = gas_clock();
    for (int round = 0; round < 2; round++)
        for (unsigned kind = 0; gas_simple(&g, kind) && seconds(s) < budget; kind++)
            if (look(s, &g)) return true;
    while (seconds(s) < budget) {
        if (s->count < 2 || gas_pick(12) == 0) {
            gas_random(&g);
        } else {
            /* The worse half is seldom chosen. */
            unsigned at = gas_pick(1 + gas_pick((unsigned)s->count));
            g = s->kept[at].genome;
            for (unsigned n = 1 + gas_pick(3); n > 0; n--)
                gas_mutate(&g, &s->kept[gas_pick((unsigned)s->count)].genome);
        }
        if (look(s, &g)) return true;
        if (seconds(s) - told >= 30) {
            told = seconds(s);
            /* What was kept by luck goes. */
            for (int i = s->count - 1; i >= 0; i--) {
                struct candidate c = s->kept[i];
                double ratio = cost(s, &c.genome, GAS_LOOK * 4, 3);
                if (ratio >= c.ratio * 0.9) continue;
                forget(s, i);
                if (ratio > 0) keep(s, &c.genome, ratio);
            }
            printf("  %4.0f s, %llu programs, %llu refused: worst %.1f ns/gas, %.2f medians\n", told,
                   (unsigned long long)s->looked, (unsigned long long)s->refused, s->kept[0].ratio,
                   s->kept[0].ratio / s->median);
            fflush(stdout);
        }
    }
    return false;
}

/* Statements that do not matter are taken out. */
static void reduce(struct search *s, struct gas_genome *g)
{
    double ratio = believed(s, g);
    for (int i = g->count - 1; i >= 0 && g->count > 1; i--) {
        struct gas_genome less = *g;
        memmove(less.gene[i], less.gene[i + 1], (size_t)(less.count - i - 1) * GENE_MAX);
        less.first -= i < less.first;
        less.count--;
        double r = believed(s, &less);
        if (r < ratio * 0.97) continue;
        *g = less;
        if (r > ratio) ratio = r;
    }
}

static void save(const char *dir, int n, const struct gas_genome *g, double ratio, double median)
{
    char path[512];
    struct aver_buf text = {0};
    snprintf(path, sizeof path, "%s/worst_%d.lua", dir, n);
    aver_buf_printf(&text, "-- %.1f ns/gas where the median is %.1f: found by tests/gas/search.c\n", ratio,
                    median);
    gas_print(&text, g);
    FILE *f = fopen(path, "wb");
    if (f) fwrite(text.ptr, 1, text.len, f), fclose(f);
    aver_buf_free(&text);
}

static bool run(struct search *s, int plant, double budget, const char *out)
{
    printf("plant %d: %s; median %.2f ns/gas, worst allowed %.1f\n", plant, gas_plant_names[plant], s->median,
           WORST_MAX * s->median);
    gas_plant = plant;
    bool found = climb(s, budget);
    gas_plant = GAS_PLANT_NONE;
    if (found) return true;
    double worst = 0;
    int shown = 0;
    printf("  %llu programs, %llu of them refused\n", (unsigned long long)s->looked,
           (unsigned long long)s->refused);
    for (int i = 0; i < s->count && shown < SHOWN; i++) {
        struct gas_genome g = s->kept[i].genome;
        reduce(s, &g);
        double ratio = believed(s, &g);
        if (ratio > worst) worst = ratio;
        printf("  %.1f ns/gas, %.2f medians\n", ratio, ratio / s->median);
        show(&g);
        shown++;
        if (out) save(out, shown, &g, ratio, s->median);
    }
    if (!plant) printf("worst %.2f ns/gas, median %.2f, ratio %.2f\n", worst, s->median, worst / s->median);
    return plant ? false : worst <= WORST_MAX * s->median;
}

int main(int argc, char **argv)
{
    static struct search s;
    double budget = 300;
    int from = 0, to = 0, missed = 0;
    const char *out = NULL;
    aver_crypto_start();
    gas_seed(1);
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--plants") == 0)
            from = 1, to = GAS_PLANTS - 1;
        else if (strcmp(argv[i], "--plant") == 0 && more)
            from = to = (int)strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seconds") == 0 && more)
            budget = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--seed") == 0 && more)
            gas_seed(strtoull(argv[++i], NULL, 10));
        else if (strcmp(argv[i], "--out") == 0 && more)
            out = argv[++i];
        else
            from = -1;
    }
    if (from < 0 || to >= GAS_PLANTS || budget <= 0)
        return fprintf(stderr,
                       "usage: search [--seconds N] [--seed N] [--out DIR] [--plant 1..%d | --plants]\n",
                       GAS_PLANTS - 1),
               64;
    size_t bombs = gas_bombs("tests/bombs");
    if (!bombs) return fprintf(stderr, "search: run it in the project's folder: no tests/bombs\n"), 2;
    s.world = gas_world_open();
    s.median = gas_median(s.world, NULL, 3);
    s.started = gas_clock();
    for (int plant = from; plant <= to; plant++) missed += !run(&s, plant, budget, out);
    printf("%d passed, %d failed\n", to - from + 1 - missed, missed);
    gas_world_close(s.world);
    return missed ? 1 : 0;
}
