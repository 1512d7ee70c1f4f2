/* tests/fuzz/fuzz_vm.c - any text as a contract: refused with a place, or loaded and run to an end that is the same
 * twice. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "vm/vm.h"

#define GAS 20000

static enum aver_trap list_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    (void)host;
    (void)self;
    if (i <= 3) *out = aver_int((int64_t)i * 100);
    return AVER_TRAP_NONE;
}
static uint64_t list_length(void *host, void *self)
{
    (void)host;
    (void)self;
    return 3;
}

static enum aver_trap put(struct aver_call *call)
{
    uint64_t lines[AVER_VM_CALL_LINES_MAX];
    aver_call_lines(call, lines, AVER_VM_CALL_LINES_MAX);
    struct aver_value v = call->args[0];
    for (int depth = 0; v.kind == AVER_TABLE && depth < 4; depth++) {
        struct aver_value inner = aver_call_field(call, &v, "rarc");
        v = inner.kind == AVER_TABLE ? inner : aver_call_item(call, &v, 1);
    }
    call->result = v.kind == AVER_TABLE ? aver_nil() : v;
    return AVER_TRAP_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct aver_function functions[] = {{"put", put, 5, "fun(v: any): any", NULL}};
    static const struct aver_library libraries[] = {{NULL, functions, 1}};
    static const struct aver_vm_setup setup = {.libraries = libraries, .libraries_count = 1};
    static const struct aver_object_type list = {.name = "List", .index = list_index, .length = list_length};
    aver_crypto_start();
    struct aver_vm *vm;
    struct aver_why why = {0};
    if (aver_vm_new(&vm, &setup, "fuzz", aver_bytes_of(data, size), &why) != AVER_OK) {
        AVER_ASSERT(why.code[0] && why.text[0]);
        return 0;
    }
    struct aver_arena arena = {0};
    struct aver_list entries = aver_vm_entries(vm, &arena);
    struct aver_value args[] = {aver_obj(&list, &arena), aver_int(7)};
    for (size_t i = 0; i < entries.count && i < 4; i++) {
        const char *entry = (const char *)((aver_bytes *)entries.items)[i].ptr;
        struct aver_run a = {.entry = entry, .args = args, .args_count = 2, .gas_limit = GAS}, b = a;
        AVER_ASSERT(aver_vm_run(vm, &a, &why) == AVER_OK && aver_vm_run(vm, &b, &why) == AVER_OK);
        AVER_ASSERT(a.gas_used <= GAS && a.gas_used == b.gas_used && a.trap == b.trap &&
                    a.trap_line == b.trap_line);
    }
    struct aver_buf out = {0};
    aver_vm_reachable(vm, &out);
    aver_buf_free(&out);
    aver_arena_free(&arena);
    aver_vm_free(vm);
    return 0;
}
