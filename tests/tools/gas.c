/* tests/tools/gas.c - prints what contracts do: outcome, place, gas, a hash of what they wrote. The same lines must come from
 * every Lua 5.4:
 *
 *     find tests/bombs tests/fuzz/corpus/vm -type f | sort | xargs build/dev/tools/gas > here
 *     make B=build/other PKGS="libsodium lmdb yaml-0.1" CFLAGS=-I$LUA LDLIBS="$LUA/liblua.a -lm ..." build/other/tools/gas
 */
#include "base/hash.h"
#include "tests/unit/vm_host.h"

#include <stdlib.h>

#define GAS      5000000
#define FILE_MAX 65536

static void show(const char *path)
{
    static uint8_t source[FILE_MAX];
    static struct vm_host host;
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    struct aver_arena arena = {0};
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "could not open %s\n", path);
        exit(1);
    }
    size_t n = fread(source, 1, sizeof source, f);
    fclose(f);
    aver_err err = aver_vm_new(&vm, vm_host_setup(), name, aver_bytes_of(source, n), &why);
    if (err != AVER_OK) {
        printf("%s: %s %s: %s\n", name, aver_err_name(err), why.code, why.place);
        return;
    }
    struct aver_list entries = aver_vm_entries(vm, &arena);
    for (size_t i = 0; i < entries.count; i++) {
        struct aver_run run;
        const char *entry = (const char *)((aver_bytes *)entries.items)[i].ptr;
        err = vm_host_run(vm, &host, entry, GAS, &run, &why);
        if (err != AVER_OK)
            printf("%s %s: %s %s\n", name, entry, aver_err_name(err), why.code);
        else
            printf("%s %s: trap %d line %" PRIu64 " gas %" PRIu64 " wrote %016" PRIx64 "\n", name, entry,
                   run.trap, run.trap_line, run.gas_used, host.log_hash);
    }
    aver_arena_free(&arena);
    aver_vm_free(vm);
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    for (int i = 1; i < argc; i++) show(argv[i]);
    return 0;
}
