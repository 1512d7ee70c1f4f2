/* tests/fuzz/fuzz_dialect.c - any bytes as a source: refused with a code, a place that exists and a report, or printed as a text
 * that Lua takes, in which every statement is on its own line. */
#include <string.h>

#include "base/hash.h"
#include "tests/unit/vm_host.h"
#include "vm/dialect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_why why = {0};
    struct aver_buf report = {0};
    struct aver_vm *vm = NULL;
    aver_bytes source = aver_bytes_of(data, size);
    aver_crypto_start();
    if (aver_vm_check(vm_host_setup(), "fuzz", source, &report, &why) != AVER_OK) {
        unsigned line, column;
        bool placed = sscanf(why.place, "fuzz:%u:%u", &line, &column) == 2 && line >= 1 && column >= 1;
        AVER_ASSERT(size > AVER_VM_SOURCE_BYTES_MAX || (placed && strncmp(why.code, "DIALECT-", 8) == 0));
        AVER_ASSERT(why.text[0] && (report.len || !placed));
    } else if (aver_vm_new(&vm, vm_host_setup(), "fuzz", source, &why) != AVER_OK) {
        /* What the dialect lets through, Lua takes. */
        AVER_ASSERT(strcmp(why.code, "CONTRACT-LOAD") == 0 || strcmp(why.code, "CONTRACT-ENTRY") == 0);
    }
    aver_vm_free(vm);
    aver_buf_free(&report);
    return 0;
}
