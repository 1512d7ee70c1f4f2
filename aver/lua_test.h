/* aver/lua_test.h - tests in Lua, as contracts are written: DIR/tests/NAME.lua, in the same dialect.
 *
 *     test("a visit costs a copay", function(t)
 *       given.member { deductible_left = "0.00" }
 *       on "2026-03-10"
 *       local claim = given.claim { line("99213", "150.00") }
 *       expect(adjudicate(claim)):line(1):paid("62.00"):adjusted("CO", "45", "58.00"):adjusted("PR", "3", "30.00")
 *     end)
 *
 * Each test begins from a new ledger. Money is text in dollars, "150.00", or integer cents: the dialect has no fractions. A test whose
 * function has more parameters than `t` is run with many arguments, drawn by the parameters' names (lua_fuzz.h); those of a
 * failure are made as small as they still fail. docs/contract-tools.md lists what there is. */
#ifndef AVER_AVER_LUA_TEST_H
#define AVER_AVER_LUA_TEST_H

#include "aver/cases.h"
#include "vm/vm.h"

#define AVER_LUA_TEST_GAS AVER_VM_GAS_LIMIT_MAX /* of one run of a test, without the contracts that it runs */

struct aver_lua_test {
    aver_bytes source, entry;
    struct aver_list parameters; /* aver_bytes, of those after `t` */
};

/* Appends the file's tests, in the order of its lines, in the command's arena. AVER_E_INPUT: as aver_vm_new; TEST-FORM: a parameter
 * of a name that nothing is drawn for. */
AVER_MUST_CHECK aver_err aver_lua_tests_read(struct aver_command *cmd, struct aver_list *tests,
                                             const char *path);

/* aver_case_run for a test in Lua. */
AVER_MUST_CHECK aver_err aver_lua_test_run(struct aver_command *cmd, struct aver_case_bases *bases,
                                           const struct aver_case_test *test, struct aver_case_result *out);

/* What tests can reach, for running, checking and documenting. */
const struct aver_vm_setup *aver_lua_test_setup(void);
const struct aver_object_type *const *aver_lua_test_types(size_t *count);

#endif
