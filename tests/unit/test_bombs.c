/* tests/unit/test_bombs.c - contracts that try to take more than they pay for. Each ends as the first line of its file says, by
 * gas, by a trap or by being refused, soon, and alike each time.
 *
 * With --time the program prints what each took, the dearest nanoseconds for a gas last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "vm_host.h"

#define GAS      5000000 /* what a claim may take, without that for its lines */
#define BOMBS    "tests/bombs"
#define FILE_MAX 4096
#define RUNS     3
/* Of this thread's processor time, the least of the runs. Other threads of a shared core, and instruments, take their part. */
#define MS_MAX 50
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
#define INSTRUMENTED 1
#define SLACK        40
#else
#define INSTRUMENTED 0
#define SLACK        2
#endif
/* Of the process: the memory of one execution, twice the memory of its image, the program and this test. */
#define RSS_MAX_KB ((AVER_VM_MEMORY_MAX >> 10) + 2 * (8 << 10) + (32 << 10))
#define BOMB_MIN   120 /* so many kinds of attack are shown to fail */
#define BOMB_MAX   400

struct bomb {
    char name[64], expect[16];
    char source[FILE_MAX];
    double ms;
    struct aver_run run;
};
static struct bomb bombs[BOMB_MAX];
static size_t bombs_count;

static void read_bombs(void)
{
    DIR *d = opendir(BOMBS);
    if (!d) fail_msg("could not open %s; run from the root of the repository", BOMBS);
    for (struct dirent *e; (e = readdir(d));) {
        char path[512];
        if (!strstr(e->d_name, ".lua")) continue;
        assert_true(bombs_count < BOMB_MAX);
        struct bomb *b = &bombs[bombs_count++];
        snprintf(b->name, sizeof b->name, "%.60s", e->d_name);
        snprintf(path, sizeof path, "%s/%s", BOMBS, e->d_name);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        b->source[fread(b->source, 1, sizeof b->source - 1, f)] = 0;
        fclose(f);
        if (sscanf(b->source, "-- expect: %15s", b->expect) != 1) fail_msg("%s expects nothing", b->name);
    }
    closedir(d);
}

static const char *trap_name(enum aver_trap trap)
{
    static const char *const names[] = {"none",  "gas",   "error", "fail", "argument",
                                        "field", "range", "entry", "rule", "family"};
    return names[trap];
}

static void run_bomb(struct bomb *b)
{
    static struct vm_host host;
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    struct timespec from, to;
    aver_err err = aver_vm_new(&vm, vm_host_setup(), b->name, aver_bytes_str(b->source), &why);
    if (strcmp(b->expect, "refused") == 0) {
        assert_int_equal(err, AVER_E_INPUT);
        if (strncmp(why.code, "DIALECT-", 8) != 0) fail_msg("%s: %s %s", b->name, why.code, why.text);
        return;
    }
    if (err != AVER_OK) fail_msg("%s: %s %s: %s", b->name, why.code, why.place, why.text);
    b->ms = 1e9;
    for (int i = 0; i < RUNS; i++) {
        uint64_t gas = b->run.gas_used, line = b->run.trap_line;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        if (vm_host_run(vm, &host, "main", GAS, &b->run, &why) != AVER_OK)
            fail_msg("%s: %s %s", b->name, why.code, why.text);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        if (ms < b->ms) b->ms = ms;
        if (strcmp(trap_name(b->run.trap), b->expect) != 0)
            fail_msg("%s: %s %s", b->name, trap_name(b->run.trap), b->run.trap_text);
        if (i) assert_true(gas == b->run.gas_used && line == b->run.trap_line);
    }
    if (b->run.trap == AVER_TRAP_GAS) {
        struct aver_run most;
        assert_int_equal(b->run.gas_used, GAS);
        /* Gas ends before memory does, up to the largest limit for which that is promised. */
        if (vm_host_run(vm, &host, "main", AVER_VM_GAS_LIMIT_MAX, &most, &why) != AVER_OK)
            fail_msg("%s: %s %s", b->name, why.code, why.text);
    }
    aver_vm_free(vm);
}

static void test_bombs(void **state)
{
    (void)state;
    read_bombs();
    assert_true(bombs_count >= BOMB_MIN);
    for (size_t i = 0; i < bombs_count; i++) {
        run_bomb(&bombs[i]);
        if (bombs[i].ms > MS_MAX * SLACK) fail_msg("%s took %.0f ms", bombs[i].name, bombs[i].ms);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    print_message("%zu bombs, at most %ld MiB\n", bombs_count, usage.ru_maxrss >> 10);
    if (!INSTRUMENTED) assert_true(usage.ru_maxrss < RSS_MAX_KB);
}

static double cost(const struct bomb *b) { return b->ms * 1e6 / (double)(b->run.gas_used + 1); }
static int by_cost(const void *a, const void *b) { return (cost(a) > cost(b)) - (cost(a) < cost(b)); }

static void print_times(void)
{
    read_bombs();
    for (size_t i = 0; i < bombs_count; i++) run_bomb(&bombs[i]);
    qsort(bombs, bombs_count, sizeof bombs[0], by_cost);
    for (size_t i = 0; i < bombs_count; i++)
        if (bombs[i].run.gas_used)
            printf("%7.2f ns/gas %8.2f ms %8" PRIu64 " gas %-8s %s\n", cost(&bombs[i]), bombs[i].ms,
                   bombs[i].run.gas_used, trap_name(bombs[i].run.trap), bombs[i].name);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--time") == 0) return print_times(), 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bombs)};
    return cmocka_run_group_tests_name("bombs", tests, NULL, NULL);
}
