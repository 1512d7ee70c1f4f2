/* tests/fuzz/fuzz_dialect_diff.c - programs made from the input by a grammar: vm/ and the evaluator must agree on value, trap and
 * gas. */
#include "base/hash.h"
#include "tests/fuzz/dialect_diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_crypto_start();
    diff_check(data, size);
    return 0;
}
