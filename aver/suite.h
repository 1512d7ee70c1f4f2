/* aver/suite.h - the tests that a command line names, run one after the other: what contract test, gas and cover share. */
#ifndef AVER_AVER_SUITE_H
#define AVER_AVER_SUITE_H

#include "aver/cases.h"

#define AVER_SUITE_RUNS 100 /* of a test with arguments, unless one says otherwise */

struct aver_suite {
    struct aver_command *cmd;
    const char *match;   /* an extended regular expression on "FILE: TITLE", or NULL */
    uint64_t seed, runs; /* runs: of a test with arguments */
    bool shuffled;       /* run in an order that the seed gives; else in that of the files */
    void *user;
    /* Called once a directory, before its tests, and once a test. An error ends the run. */
    aver_err (*begin)(void *user, struct aver_project *project);
    aver_err (*each)(void *user, struct aver_case_result *result);
    aver_err (*end)(void *user, struct aver_project *project); /* after a directory's tests; may be NULL */
};

/* `words` are directories and test files; none: the directory one stands in. A directory's tests are tests/NAME.test, .csv
 * and .lua; a file belongs to the directory of its own that has contracts/, else to the one above. A test that cannot be run has one
 * fault that says why. With each NULL nothing is run, and `tests` only gathers. AVER_E_INPUT USAGE (--match), TEST-FORM; errors of
 * aver_project_load and _open; AVER_E_NOT_FOUND TEST-NONE. */
AVER_MUST_CHECK aver_err aver_suite_run(struct aver_suite *suite, char *const *words, size_t count,
                                        struct aver_list *tests);

/* Whether one of `words` is a directory, with all its tests. */
bool aver_suite_is_dir(const char *path);
/* "cost-share" of "tests/cost-share.test", in the command's arena. */
const char *aver_suite_group(struct aver_command *cmd, const struct aver_case_test *test);
/* "9 214". In the arena. */
const char *aver_suite_count(struct aver_arena *arena, uint64_t number);

#endif
