/* tests/fuzz/fuzz_export.c - any bytes as a file of aver state export. What is read has the root that it names; nothing is taken
 * for more than the file holds. */
#include "ledger/storage/export.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static aver_err visit(void *ctx, const struct aver_exported *item, struct aver_why *why)
{
    (void)item, (void)why;
    ++*(uint64_t *)ctx;
    return AVER_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_export export;
    struct aver_why why = {0};
    uint64_t met = 0;
    char path[64];
    int fd = memfd_create("export", MFD_CLOEXEC);
    if (fd < 0) return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, data, size) == (ssize_t)size) {
        aver_err err = aver_export_read(path, &export, visit, &met, &why);
        AVER_ASSERT(err == AVER_OK || (err == AVER_E_INPUT || err == AVER_E_DIFFERS));
        if (err == AVER_OK) AVER_ASSERT(met == export.count && size >= 8 + 4 + 4 * met + 4);
        if (err != AVER_OK) AVER_ASSERT(why.code[0] && why.text[0]);
    }
    close(fd);
    return 0;
}
