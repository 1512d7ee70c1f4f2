/* tests/unit/test_vm_lines.c - counting what the lines of a contract do changes nothing that it does, and every gas is on a
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>

#include "base/hash.h"
#include "vm_host.h"

#define GAS 1000000

static uint8_t source[AVER_VM_SOURCE_BYTES_MAX];
static struct vm_host host;

static struct aver_vm *counting(const char *text)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    if (aver_vm_new_counting(&vm, vm_host_setup(), "test.lua", aver_bytes_str(text), &why) != AVER_OK)
        fail_msg("%s %s: %s", why.code, why.place, why.text);
    return vm;
}

static uint64_t gas_of_lines(const struct aver_vm *vm)
{
    size_t count;
    const struct aver_vm_line *line = aver_vm_lines(vm, &count);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += line[i].gas;
    return sum;
}

static struct aver_run run(struct aver_vm *vm, const char *entry)
{
    struct aver_run r;
    struct aver_why why = {0};
    if (vm_host_run(vm, &host, entry, GAS, &r, &why) != AVER_OK) fail_msg("%s: %s", why.code, why.text);
    return r;
}

/* ---- the same ---- */

static size_t compared;

static void compare(const char *path)
{
    struct aver_vm *plain = NULL, *counted = NULL;
    struct aver_why why = {0}, other = {0};
    struct aver_arena arena = {0};
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    size_t n = fread(source, 1, sizeof source, f);
    fclose(f);
    aver_err err = aver_vm_new(&plain, vm_host_setup(), "c", aver_bytes_of(source, n), &why);
    assert_int_equal(aver_vm_new_counting(&counted, vm_host_setup(), "c", aver_bytes_of(source, n), &other),
                     err);
    if (err != AVER_OK) {
        assert_string_equal(why.code, other.code);
        assert_string_equal(why.place, other.place);
        return;
    }
    struct aver_list entries = aver_vm_entries(plain, &arena);
    const aver_bytes *entry = entries.items;
    uint64_t sum = 0;
    bool exact = true;
    for (size_t i = 0; i < entries.count; i++) {
        struct aver_run a = run(plain, (const char *)entry[i].ptr);
        uint64_t wrote = host.log_hash;
        struct aver_run b = run(counted, (const char *)entry[i].ptr);
        if (a.trap != b.trap || a.trap_line != b.trap_line || a.gas_used != b.gas_used ||
            wrote != host.log_hash)
            fail_msg("%s %s: trap %d line %d gas %d, counted trap %d line %d gas %d", path, entry[i].ptr,
                     a.trap, (int)a.trap_line, (int)a.gas_used, b.trap, (int)b.trap_line, (int)b.gas_used);
        exact = exact && a.trap != AVER_TRAP_GAS;
        sum += b.gas_used;
        compared++;
    }
    if (exact && sum != gas_of_lines(counted))
        fail_msg("%s: %d gas used, %d on the lines", path, (int)sum, (int)gas_of_lines(counted));
    aver_arena_free(&arena);
    aver_vm_free(plain);
    aver_vm_free(counted);
}

static void compare_dir(const char *dir)
{
    DIR *d = opendir(dir);
    char path[512];
    if (!d) fail_msg("%s is not there", dir);
    for (const struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        compare(path);
    }
    closedir(d);
}

static void test_same(void **state)
{
    (void)state;
    compare_dir("tests/bombs");
    compare_dir("tests/fuzz/corpus/vm");
    assert_true(compared > 50);
}

/* Every kind of statement, so that each way to pay is there; on one line there would be nothing to tell apart. */
static void test_every_statement(void **state)
{
    (void)state;
    struct aver_vm *vm = counting("local limit = 3\n"
                                  "local function twice(n)\n"
                                  "  return n * 2\n"
                                  "end\n"
                                  "local M = {}\n"
                                  "function M.main(lines, n, s)\n"
                                  "  local sum, t = 0, {}\n"
                                  "  for i = 1, 10 do\n"
                                  "    sum = sum + i\n"
                                  "  end\n"
                                  "  for l in each(lines) do\n"
                                  "    t.last = l.charge\n"
                                  "    if l.charge > 100000 then\n"
                                  "      put(twice(l.charge), twice(1), twice(2), \"much\")\n"
                                  "    elseif l.charge > 13000 then\n"
                                  "      break\n"
                                  "    else\n"
                                  "      put(1)\n"
                                  "    end\n"
                                  "  end\n"
                                  "  while sum > 50 do\n"
                                  "    sum = sum - twice(1)\n"
                                  "  end\n"
                                  "  repeat\n"
                                  "    sum = sum - 1\n"
                                  "  until sum < 40\n"
                                  "  do\n"
                                  "    local f = function() return limit end\n"
                                  "    put(f())\n"
                                  "  end\n"
                                  "  if n == 0 then\n"
                                  "    put(\"never\")\n"
                                  "  end\n"
                                  "  return sum\n"
                                  "end\n"
                                  "return M\n");
    struct aver_run r = run(vm, "main");
    assert_int_equal(r.trap, AVER_TRAP_NONE);
    assert_int_equal(gas_of_lines(vm), r.gas_used);
    size_t count;
    const struct aver_vm_line *line = aver_vm_lines(vm, &count);
    static const struct {
        unsigned line;
        int runs; /* -1: no code */
    } wanted[] = {{1, 1},   {3, 3},  {4, -1}, {6, 1},   {8, 1},  {9, 10}, {10, -1}, {12, 1}, {13, 1},
                  {14, 0},  {15, 1}, {16, 1}, {17, -1}, {18, 0}, {21, 1}, {22, 3},  {24, 1}, {25, 10},
                  {26, 10}, {28, 2}, {29, 1}, {31, 1},  {32, 0}, {34, 1}, {36, 1}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct aver_vm_line *l = &line[wanted[i].line];
        if (l->code != (wanted[i].runs >= 0) || (l->code && l->runs != (uint64_t)wanted[i].runs))
            fail_msg("line %u: code %d, ran %d times, not %d", wanted[i].line, l->code, (int)l->runs,
                     wanted[i].runs);
    }
    assert_true(line[0].gas >= 100); /* the execution as such */
    assert_true(line[25].gas > 0 && line[26].gas > 0);
    aver_vm_free(vm);
    struct aver_vm *plain = NULL;
    struct aver_why why;
    assert_int_equal(
        aver_vm_new(&plain, vm_host_setup(), "t", AVER_LIT("return {main = function() end}"), &why), AVER_OK);
    assert_null(aver_vm_lines(plain, &count));
    assert_int_equal(count, 0);
    aver_vm_free(plain);
}

/* ---- entry points that are declared ---- */

static const struct aver_vm_setup declaring = {.declares = "test"};

static void refused(const char *text, const char *code, const char *place, const char *words)
{
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    if (aver_vm_new(&vm, &declaring, "t.lua", aver_bytes_str(text), &why) == AVER_OK)
        fail_msg("accepted: %s", text);
    if (strcmp(why.code, code) || strcmp(why.place, place) || !strstr(why.text, words))
        fail_msg("%s %s: %s\n%s", why.code, why.place, why.text, text);
}

static void test_declared(void **state)
{
    (void)state;
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    struct aver_arena arena = {0};
    struct aver_list names, parameters = {0};
    uint64_t line;
    assert_int_equal(aver_vm_new(&vm, &declaring, "t.lua",
                                 AVER_LIT("local n = 0\n"
                                          "test(\"one\", function(t, charge, units)\n"
                                          "  n = n + 1\n"
                                          "  if n ~= 1 then fail(\"it ran before\") end\n"
                                          "end)\n"
                                          "for name in each({\"x\", \"y\"}) do\n"
                                          "  test(\"two \" .. name, function() fail(name) end)\n"
                                          "end\n"),
                                 &why),
                     AVER_OK);
    names = aver_vm_entries(vm, &arena);
    assert_int_equal(names.count, 3);
    aver_vm_entry(vm, AVER_LIT("one"), &arena, &line, &parameters);
    assert_int_equal(line, 2);
    assert_int_equal(parameters.count, 3);
    assert_true(aver_bytes_is(((aver_bytes *)parameters.items)[2], "units"));
    for (int i = 0; i < 2; i++) {
        struct aver_run r = {.entry = "one", .gas_limit = GAS};
        assert_int_equal(aver_vm_run(vm, &r, &why), AVER_OK);
        assert_int_equal(r.trap, AVER_TRAP_NONE);
    }
    struct aver_run r = {.entry = "two y", .gas_limit = GAS};
    assert_int_equal(aver_vm_run(vm, &r, &why), AVER_OK);
    assert_int_equal(r.trap, AVER_TRAP_FAIL);
    assert_non_null(strstr(r.trap_text, "y"));
    aver_arena_free(&arena);
    aver_vm_free(vm);
    refused("local a = 1", "CONTRACT-ENTRY", "t.lua", "no test(");
    refused("\ntest(\"a\", function() end)\ntest(\"a\", function() end)", "CONTRACT-LOAD", "t.lua:3",
            "stands here and before");
    refused("test(\"a\", len)", "CONTRACT-LOAD", "t.lua:1", "a name and a function");
    refused("test = 1", "DIALECT-GLOBAL", "t.lua:1:1", "read only");
    assert_int_equal(aver_vm_new(&vm, &declaring, "t.lua",
                                 AVER_LIT("test(\"a\", function() test(\"b\", function() end) end)"), &why),
                     AVER_OK);
    struct aver_run inner = {.entry = "a", .gas_limit = GAS};
    assert_int_equal(aver_vm_run(vm, &inner, &why), AVER_OK);
    assert_int_equal(inner.trap, AVER_TRAP_ERROR);
    aver_vm_free(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_every_statement),
                                       cmocka_unit_test(test_declared)};
    aver_crypto_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
