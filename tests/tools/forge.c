/* tests/tools/forge.c - forge LEDGER CHAIN ENTRY CENTS: rewrites a ledger, with its node's own keys, so that the claim of one log
 * entry pays so much less and everything else fits. For the tests of the audit. */
#include "tests/unit/forge.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: forge LEDGER CHAIN ENTRY CENTS\n");
        return 64;
    }
    aver_crypto_start();
    forge_ledger(argv[1], argv[2], strtoull(argv[3], NULL, 10), forge_decision, strtoll(argv[4], NULL, 10));
    return 0;
}
