/* tests/tools/gas.c - prints what contracts do: outcome, line, gas, a hash of what they wrote. The same lines must come from every
 * process, build and release of Lua 5.4 (tests/twins.sh, tests/lua_releases.sh).
 *
 *     gas FILE...                 the contracts in these files, each of their entry points
 *     gas --random FIRST COUNT    programs of tests/fuzz/dialect_diff.h, made from these seeds */
#include "base/hash.h"
#include "tests/fuzz/dialect_diff.h"

#define GAS      5000000
#define FILE_MAX 65536

/* NULL, and a line that says why, if it does not load. */
static struct aver_vm *load(const char *name, aver_bytes source)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    aver_err err = aver_vm_new(&vm, vm_host_setup(), name, source, &why);
    if (err != AVER_OK) printf("%s: %s %s: %s\n", name, aver_err_name(err), why.code, why.place);
    return err == AVER_OK ? vm : NULL;
}

static void show_run(const char *name, const char *entry, aver_err err, const struct aver_run *run,
                     const struct vm_host *host, const struct aver_why *why)
{
    if (err != AVER_OK)
        printf("%s %s: %s %s\n", name, entry, aver_err_name(err), why->code);
    else
        printf("%s %s: trap %d line %" PRIu64 " gas %" PRIu64 " wrote %016" PRIx64 "\n", name, entry,
               run->trap, run->trap_line, run->gas_used, host->log_hash);
}

static void show_file(const char *path)
{
    static uint8_t source[FILE_MAX];
    static struct vm_host host;
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
    struct aver_vm *vm = load(name, aver_bytes_of(source, n));
    if (!vm) return;
    struct aver_list entries = aver_vm_entries(vm, &arena);
    for (size_t i = 0; i < entries.count; i++) {
        struct aver_run run;
        const char *entry = (const char *)((aver_bytes *)entries.items)[i].ptr;
        show_run(name, entry, vm_host_run(vm, &host, entry, GAS, &run, &why), &run, &host, &why);
    }
    aver_arena_free(&arena);
    aver_vm_free(vm);
}

static void show_random(uint64_t seed)
{
    static struct vm_host host;
    static const struct aver_value policy = {.kind = AVER_INT, .integer = 77};
    struct aver_value args[] = {aver_int(7), aver_text(AVER_LIT("seven"))};
    struct aver_run run = {.entry = "main",
                           .args = args,
                           .args_count = 2,
                           .objects = &policy,
                           .host = &host,
                           .gas_limit = DIFF_GAS};
    struct aver_why why = {0};
    uint8_t bytes[DIFF_SEEDED_MAX];
    char name[32];
    struct aver_buf program = diff_program(bytes, diff_bytes(seed, bytes));
    snprintf(name, sizeof name, "%" PRIu64, seed);
    struct aver_vm *vm = load(name, aver_bytes_of(program.ptr, program.len - 1));
    if (vm) {
        host = (struct vm_host){.log_hash = UINT64_C(0xcbf29ce484222325)};
        show_run(name, "main", aver_vm_run(vm, &run, &why), &run, &host, &why);
    }
    aver_vm_free(vm);
    aver_buf_free(&program);
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    if (argc == 4 && strcmp(argv[1], "--random") == 0) {
        uint64_t first = strtoull(argv[2], NULL, 10), count = strtoull(argv[3], NULL, 10);
        for (uint64_t seed = first; seed < first + count; seed++) show_random(seed);
        return 0;
    }
    for (int i = 1; i < argc; i++) show_file(argv[i]);
    return 0;
}
