/* vm/lib_str.c - text functions for contracts: bytewise, linear in what they look at, charged before they look. */
#include "vm/internal.h"

#include <string.h>

static aver_bytes text_charged(struct aver_call *call, int i, const char *name)
{
    aver_bytes t = vm_arg_text(call, i, name);
    vm_charge(call->vm, t.len / GAS_TEXT_BYTES);
    return t;
}

static enum aver_trap give_text(struct aver_call *call, aver_bytes text)
{
    call->result = aver_text(text);
    return AVER_TRAP_NONE;
}

static enum aver_trap starts_with(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_bytes s = text_charged(call, 0, "s"), prefix = text_charged(call, 1, "prefix");
    call->result = aver_bool(s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
    return AVER_TRAP_NONE;
}

static enum aver_trap ends_with(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_bytes s = text_charged(call, 0, "s"), suffix = text_charged(call, 1, "suffix");
    call->result =
        aver_bool(s.len >= suffix.len && memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
    return AVER_TRAP_NONE;
}

#define FIND_BITS 64  /* needles of so many bytes are found by bits, */
#define FIND_LONG 256 /* in texts that are worth a table of all bytes */

/* As place_of. Bit i of the state: the text up to here ends with the first i + 1 bytes of the needle (Baeza-Yates and Gonnet). */
static size_t place_by_bits(aver_bytes s, aver_bytes needle)
{
    uint64_t places[256] = {0}, state = 0, whole = UINT64_C(1) << (needle.len - 1);
    for (size_t i = 0; i < needle.len; i++) places[needle.ptr[i]] |= UINT64_C(1) << i;
    for (size_t i = 0; i < s.len; i++) {
        state = (state << 1 | 1) & places[s.ptr[i]];
        if (state & whole) return i + 1 - needle.len;
    }
    return s.len;
}

/* The place of `needle` in `s`, from 0; s.len if it is not there. Knuth, Morris and Pratt: fewer than two comparisons for each
 * byte of both, whatever the texts are. (memmem of glibc compares up to 256 bytes at each place.) */
static size_t place_of(aver_bytes s, aver_bytes needle)
{
    uint16_t next[AVER_VM_STRING_MAX + 1]; /* how much still agrees after a byte that does not */
    const uint8_t *p = needle.ptr;
    size_t m = needle.len, k = 0;
    if (m == 0) return 0;
    if (m <= FIND_BITS && s.len >= FIND_LONG) return place_by_bits(s, needle);
    AVER_ASSERT(m <= AVER_VM_STRING_MAX);
    next[0] = next[1] = 0;
    for (size_t i = 1; i < m; i++) {
        while (k > 0 && p[i] != p[k]) k = next[k];
        if (p[i] == p[k]) k++;
        next[i + 1] = (uint16_t)k;
    }
    k = 0;
    for (size_t i = 0; i < s.len; i++) {
        while (k > 0 && s.ptr[i] != p[k]) k = next[k];
        if (s.ptr[i] == p[k] && ++k == m) return i + 1 - m;
    }
    return s.len;
}

static enum aver_trap find(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_bytes s = text_charged(call, 0, "s"), needle = text_charged(call, 1, "needle");
    vm_charge(call->vm, (s.len + needle.len) / GAS_FIND_BYTES);
    size_t at = needle.len <= s.len ? place_of(s, needle) : s.len;
    if (at < s.len || needle.len == 0) call->result = aver_int((int64_t)at + 1);
    return AVER_TRAP_NONE;
}

static enum aver_trap sub(struct aver_call *call)
{
    vm_arg_count(call, 2, 3);
    aver_bytes s = text_charged(call, 0, "s");
    int64_t from = vm_arg_int(call, 1, "from"),
            to = call->argc > 2 ? vm_arg_int(call, 2, "to") : (int64_t)s.len;
    if (from < 1 || to < 0) {
        aver_call_say(call, "positions count from 1");
        return AVER_TRAP_ARGUMENT;
    }
    if (to > (int64_t)s.len) to = (int64_t)s.len;
    if (from > to) return give_text(call, AVER_LIT(""));
    return give_text(call, aver_bytes_cut(s, (size_t)from - 1, (size_t)(to - from + 1)));
}

static enum aver_trap upper(struct aver_call *call)
{
    vm_arg_count(call, 1, 1);
    aver_bytes s = text_charged(call, 0, "s");
    uint8_t out[AVER_VM_STRING_MAX];
    vm_charge(call->vm, s.len / GAS_STRING_BYTES);
    AVER_ASSERT(s.len <= sizeof out);
    for (size_t i = 0; i < s.len; i++) out[i] = s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 32 : s.ptr[i];
    vm_push_text(call->vm, aver_bytes_of(out, s.len));
    call->vm->pushed = 1;
    return AVER_TRAP_NONE;
}

static enum aver_trap compare(struct aver_call *call)
{
    vm_arg_count(call, 2, 2);
    aver_bytes a = text_charged(call, 0, "a"), b = text_charged(call, 1, "b");
    int order = aver_bytes_cmp(a, b);
    call->result = aver_int((order > 0) - (order < 0));
    return AVER_TRAP_NONE;
}

static const struct aver_function str[] = {
    {"starts_with", starts_with, 8, "fun(s: string, prefix: string): boolean", NULL},
    {"ends_with", ends_with, 8, "fun(s: string, suffix: string): boolean", NULL},
    {"compare", compare, 8, "fun(a: string, b: string): integer", NULL},
    {"find", find, 10, "fun(s: string, needle: string): integer?", NULL},
    {"sub", sub, 10, "fun(s: string, from: integer, to?: integer): string", NULL},
    {"upper", upper, 10, "fun(s: string): string", NULL},
};
const struct aver_library vm_lib_str = {"str", str, sizeof str / sizeof str[0]};
