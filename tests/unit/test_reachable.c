/* tests/unit/test_reachable.c - all that an adjudication contract can reach, as a node runs it, compared with the list that was meant:
 * tests/unit/reachable.golden. What Lua's own values lead to is found by walking through them; what the host's objects can do
 * is what their types list; their fields are data, those of the records in docs/formats.cddl. A change of the list is a change of
 * what contracts can do: read it, then
 *
 *     build/dev/unit/test_reachable --print > tests/unit/reachable.golden */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "ledger/transition/contract.h"

#define GOLDEN       "tests/unit/reachable.golden"
#define GOLDEN_BYTES 32768

static struct aver_buf list_of(void)
{
    struct aver_buf out = {0};
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    size_t count;
    aver_bytes source = AVER_LIT("return {payout = function(claim, member) end}");
    if (aver_vm_new(&vm, aver_contract_setup(), "reach", source, &why) != AVER_OK) fail_msg("%s", why.text);
    aver_vm_reachable(vm, &out);
    aver_vm_free(vm);
    for (size_t i = 0; i < aver_contract_setup()->objects_count; i++)
        aver_buf_printf(&out, "%s: object, while an entry point runs\n", aver_contract_setup()->objects[i]);
    const struct aver_object_type *const *types = aver_contract_types(&count);
    for (size_t i = 0; i < count; i++) {
        const struct aver_object_type *t = types[i];
        aver_buf_printf(&out, "%s: object%s%s\n", t->name, t->index ? ", a list" : "",
                        t->length ? ", has a length" : "");
        for (size_t k = 0; k < t->fields_count; k++) aver_buf_printf(&out, "%s.%s\n", t->name, t->fields[k]);
        for (size_t k = 0; k < t->methods_count; k++)
            aver_buf_printf(&out, "%s:%s %s\n", t->name, t->methods[k].name, t->methods[k].signature);
    }
    aver_buf_byte(&out, 0);
    return out;
}

static void test_is_what_was_meant(void **state)
{
    static char golden[GOLDEN_BYTES];
    (void)state;
    FILE *f = fopen(GOLDEN, "rb");
    if (!f) fail_msg("run from the root of the repository");
    golden[fread(golden, 1, sizeof golden - 1, f)] = 0;
    fclose(f);
    struct aver_buf now = list_of();
    const char *a = golden, *b = (const char *)now.ptr;
    while (*a && *a == *b) a++, b++;
    while (a > golden && a[-1] != '\n') a--, b--;
    if (strcmp(a, b) != 0)
        fail_msg("meant: %.*s\nthere is: %.*s", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    aver_buf_free(&now);
}

/* Nothing of Lua's own, by any name it ever had. */
static void test_nothing_of_luas_own(void **state)
{
    static const char *const names[] = {
        "_G",           "_ENV",       "_VERSION", "arg",          "assert",    "bit32",    "collectgarbage",
        "coroutine",    "debug",      "dofile",   "error",        "getfenv",   "gcinfo",   "io",
        "getmetatable", "ipairs",     "load",     "jit",          "loadfile",  "newproxy", "module",
        "next",         "loadstring", "os",       "package",      "pairs",     "pcall",    "print",
        "rawlen",       "rawequal",   "rawget",   "rawset",       "require",   "select",   "setfenv",
        "string",       "table",      "tonumber", "setmetatable", "tostring",  "type",     "unpack",
        "utf8",         "warn",       "xpcall",   "ffi",          "__G",       "__more",   "__own",
        "__set",        "__add",      "__over",   "__mod",        "__turns",   "__at",     "__index",
        "math.huge",    "math.pi",    "str.rep",  "str.gsub",     "str.format"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char source[128];
        struct aver_why why = {0};
        int n = snprintf(source, sizeof source, "return {payout = function() local x = %s end}", names[i]);
        aver_err err =
            aver_vm_check(aver_contract_setup(), "t", aver_bytes_of(source, (size_t)n), NULL, &why);
        if (err != AVER_E_INPUT || strncmp(why.code, "DIALECT-", 8) != 0)
            fail_msg("%s is let through", names[i]);
    }
}

int main(int argc, char **argv)
{
    aver_crypto_start();
    if (argc == 2 && strcmp(argv[1], "--print") == 0) {
        struct aver_buf now = list_of();
        fputs((const char *)now.ptr, stdout);
        aver_buf_free(&now);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_what_was_meant),
        cmocka_unit_test(test_nothing_of_luas_own),
    };
    return cmocka_run_group_tests_name("reachable", tests, NULL, NULL);
}
