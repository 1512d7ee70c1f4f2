/* tests/unit/vm_host.h - a small host for contracts in tests of vm/: three lines of a claim, and a log. Entry points are called as
 * main(lines, 7, "seven"); put(...) writes to the log; policy is 77. */
#ifndef AVER_TESTS_VM_HOST_H
#define AVER_TESTS_VM_HOST_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/vm.h"

#define VM_HOST_LOG 4096

struct vm_host {
    char log[VM_HOST_LOG]; /* its first part, NUL after it */
    size_t log_len;
    uint64_t log_hash; /* of all of it */
};

struct vm_host_line {
    int64_t charge;
    const char *procedure;
};
static const struct vm_host_line vm_host_lines[] = {{15000, "99213"}, {12000, "97110"}, {250000, "70553"}};
#define VM_HOST_LINES (sizeof vm_host_lines / sizeof vm_host_lines[0])

static inline void vm_host_write(struct vm_host *h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) h->log_hash = (h->log_hash ^ (uint8_t)p[i]) * UINT64_C(0x100000001b3);
    size_t room = sizeof h->log - 1 - h->log_len;
    memcpy(h->log + h->log_len, p, n < room ? n : room);
    h->log_len += n < room ? n : room;
}

static inline enum aver_trap vm_host_put(struct aver_call *call)
{
    struct vm_host *h = call->host;
    for (int i = 0; i < call->argc; i++) {
        const struct aver_value *v = &call->args[i];
        char number[32];
        switch (v->kind) {
        case AVER_NIL: vm_host_write(h, "nil ", 4); break;
        case AVER_BOOL: vm_host_write(h, v->boolean ? "true " : "false ", v->boolean ? 5 : 6); break;
        case AVER_INT:
            vm_host_write(h, number, (size_t)snprintf(number, sizeof number, "%" PRId64 " ", v->integer));
            break;
        case AVER_TEXT:
            vm_host_write(h, (const char *)v->text.ptr, v->text.len);
            vm_host_write(h, " ", 1);
            break;
        case AVER_OBJECT: vm_host_write(h, "object ", 7); break;
        case AVER_TABLE: vm_host_write(h, "table ", 6); break;
        }
    }
    return AVER_TRAP_NONE;
}

static inline enum aver_trap vm_host_line_get(void *host, void *self, aver_bytes field,
                                              struct aver_value *out)
{
    const struct vm_host_line *l = self;
    (void)host;
    if (aver_bytes_is(field, "charge"))
        *out = aver_int(l->charge);
    else if (aver_bytes_is(field, "procedure"))
        *out = aver_text(aver_bytes_str(l->procedure));
    else if (!aver_bytes_is(field, "modifier"))
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}

static inline enum aver_trap vm_host_adjust(struct aver_call *call)
{
    uint64_t lines[AVER_VM_CALL_LINES_MAX];
    char number[32];
    size_t n = aver_call_lines(call, lines, AVER_VM_CALL_LINES_MAX);
    if (call->argc != 2 || call->args[0].kind != AVER_TEXT || call->args[1].kind != AVER_INT)
        return AVER_TRAP_ARGUMENT;
    for (size_t i = 0; i < n; i++)
        vm_host_write(call->host, number, (size_t)snprintf(number, sizeof number, "<%" PRIu64, lines[i]));
    vm_host_write(call->host, " ", 1);
    return AVER_TRAP_NONE;
}

static inline enum aver_trap vm_host_lines_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    static const struct aver_function methods[] = {
        {"adjust", vm_host_adjust, 20, "fun(group: string, cents: integer)", NULL}};
    static const struct aver_object_type line = {
        .name = "Line", .get = vm_host_line_get, .methods = methods, .methods_count = 1};
    (void)host;
    (void)self;
    if (i <= VM_HOST_LINES) *out = aver_obj(&line, (void *)(uintptr_t)&vm_host_lines[i - 1]);
    return AVER_TRAP_NONE;
}
static inline uint64_t vm_host_lines_length(void *host, void *self)
{
    (void)host;
    (void)self;
    return VM_HOST_LINES;
}

/* big(): a list of a million numbers, with a text as long as a text may be, one that is longer, and itself. */
#define VM_HOST_BIG 1000000

static inline enum aver_trap vm_host_big_index(void *host, void *self, uint64_t i, struct aver_value *out)
{
    (void)host;
    (void)self;
    if (i <= VM_HOST_BIG) *out = aver_int((int64_t)(i * 7919 % 1000003));
    return AVER_TRAP_NONE;
}
static inline uint64_t vm_host_big_length(void *host, void *self)
{
    (void)host;
    (void)self;
    return VM_HOST_BIG;
}
static inline const struct aver_object_type *vm_host_big_type(void);
static inline enum aver_trap vm_host_big_get(void *host, void *self, aver_bytes field, struct aver_value *out)
{
    static uint8_t text[AVER_VM_STRING_MAX + 1];
    (void)host;
    if (aver_bytes_is(field, "text"))
        *out = aver_text(aver_bytes_of(text, AVER_VM_STRING_MAX));
    else if (aver_bytes_is(field, "longer"))
        *out = aver_text(aver_bytes_of(text, sizeof text));
    else if (aver_bytes_is(field, "nested"))
        *out = aver_obj(vm_host_big_type(), self);
    else
        return AVER_TRAP_FIELD;
    return AVER_TRAP_NONE;
}
static inline const struct aver_object_type *vm_host_big_type(void)
{
    static const struct aver_object_type type = {
        .name = "Big", .get = vm_host_big_get, .index = vm_host_big_index, .length = vm_host_big_length};
    return &type;
}
static inline enum aver_trap vm_host_big(struct aver_call *call)
{
    static const uint8_t self = 0;
    call->result = aver_obj(vm_host_big_type(), (void *)(uintptr_t)&self);
    return AVER_TRAP_NONE;
}

static inline const struct aver_vm_setup *vm_host_setup(void)
{
    static const struct aver_function functions[] = {{"put", vm_host_put, 3, "fun(...)", NULL},
                                                     {"big", vm_host_big, 3, "fun(): Big", NULL}};
    static const struct aver_library libraries[] = {{NULL, functions, 2}};
    static const char *const objects[] = {"policy"};
    static const struct aver_vm_setup setup = {
        .libraries = libraries, .libraries_count = 1, .objects = objects, .objects_count = 1};
    return &setup;
}

/* Runs one entry point; the host is cleared first. */
static inline aver_err vm_host_run(struct aver_vm *vm, struct vm_host *h, const char *entry, uint64_t gas,
                                   struct aver_run *run, struct aver_why *why)
{
    static const struct aver_object_type lines = {
        .name = "Lines", .index = vm_host_lines_index, .length = vm_host_lines_length};
    static const struct aver_value policy = {.kind = AVER_INT, .integer = 77};
    struct aver_value args[] = {aver_obj(&lines, (void *)(uintptr_t)vm_host_lines), aver_int(7),
                                aver_text(AVER_LIT("seven"))};
    *h = (struct vm_host){.log_hash = UINT64_C(0xcbf29ce484222325)};
    *run = (struct aver_run){
        .entry = entry, .args = args, .args_count = 3, .objects = &policy, .host = h, .gas_limit = gas};
    return aver_vm_run(vm, run, why);
}

#endif
