/* tests/unit/test_dialect_diff.c - random programs of the dialect: vm/ and the evaluator of tests/fuzz agree. The longer campaign
 * is fuzz_dialect_diff. Arguments: a first seed and how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "tests/fuzz/dialect_diff.h"

#define PROGRAMS 3000

static uint64_t first_seed = 1, programs = PROGRAMS;

static void test_agree(void **state)
{
    (void)state;
    uint64_t ends[16] = {0};
    uint8_t bytes[DIFF_SEEDED_MAX];
    for (uint64_t seed = first_seed; seed < first_seed + programs; seed++)
        ends[diff_check(bytes, diff_bytes(seed, bytes))]++;
    print_message("%d ran to their end, %d out of gas, %d errors, %d failed a bound, %d did not load\n",
                  (int)ends[AVER_TRAP_NONE], (int)ends[AVER_TRAP_GAS], (int)ends[AVER_TRAP_ERROR],
                  (int)ends[AVER_TRAP_RANGE], (int)ends[AVER_TRAP_ENTRY]);
    if (programs >= PROGRAMS)
        assert_true(ends[AVER_TRAP_NONE] > programs / 10 && ends[AVER_TRAP_GAS] > programs / 100 &&
                    ends[AVER_TRAP_ERROR] > programs / 100);
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    if (argc == 3 && strcmp(argv[1], "--print") == 0) {
        uint8_t bytes[DIFF_SEEDED_MAX];
        struct aver_buf program = diff_program(bytes, diff_bytes(strtoull(argv[2], NULL, 10), bytes));
        fputs((const char *)program.ptr, stdout);
        aver_buf_free(&program);
        return 0;
    }
    if (argc == 3) {
        first_seed = strtoull(argv[1], NULL, 10);
        programs = strtoull(argv[2], NULL, 10);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_agree)};
    return cmocka_run_group_tests_name("dialect_diff", tests, NULL, NULL);
}
