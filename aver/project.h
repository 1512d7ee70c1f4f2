/* aver/project.h - a contract directory: what a contract author works on, and the ledger in memory that comes of it.
 *
 *     DIR/contracts/NAME.lua      the contracts, each under its file's name
 *     DIR/NAME.yaml               the policies that they decide by
 *     DIR/tables/NAME.csv         tables under their files' names; the columns tell a fee schedule, a roster, a code set
 *     DIR/members.csv             who is covered
 *     DIR/tests/NAME.test, .csv   tests as tables (cases.h); NAME.lua: in Lua (lua_test.h)
 *     DIR/claims/...              claim files
 *     DIR/gas.snapshot            what each test may use (aver contract gas) */
#ifndef AVER_AVER_PROJECT_H
#define AVER_AVER_PROJECT_H

#include "aver/bench_ledger.h"
#include "aver/command.h"
#include "ledger/model/policy.h"
#include "ledger/model/table.h"

#define AVER_PROJECT_FILES_MAX 1000 /* of one kind */

struct aver_project_file {
    const char *path;
    aver_bytes name, bytes;
};
struct aver_project {
    const char *dir;
    struct aver_list contracts, policies, tables; /* of struct aver_project_file */
    struct aver_project_file members;             /* path NULL: there is none */
    struct aver_machine
        *machines[2]; /* that run the same things twice; the second counts the contracts' lines */
    char npi[2][AVER_TABLE_CODE_MAX + 1]; /* the roster's first two providers; empty: not looked for yet */
};

enum aver_setting_kind {
    AVER_SETTING_SET,     /* a value of the policy: policy_edit.h */
    AVER_SETTING_WITHOUT, /* the same, taken out */
    AVER_SETTING_FEE, /* name: procedure, value: dollars a unit; in the table that fee_schedule names first */
    AVER_SETTING_BUNDLED,
    AVER_SETTING_COVER, /* name: member id, value: 2026-01-01..2026-06-30 */
};
struct aver_setting {
    enum aver_setting_kind kind;
    aver_bytes name, value;
    uint64_t line; /* of the test's file */
};

/* Reads the directory's files into the command's arena. AVER_E_NOT_FOUND PROJECT-DIR: it lacks contracts or a policy. */
AVER_MUST_CHECK aver_err aver_project_read(struct aver_command *cmd, struct aver_project *project,
                                           const char *dir);
/* The same for who runs them: contracts that are not of the dialect are shown at their place. Also errors of aver_contract_dialect. */
AVER_MUST_CHECK aver_err aver_project_load(struct aver_command *cmd, struct aver_project *project,
                                           const char *dir);
void aver_project_end(struct aver_project *project);

/* Opens a bench that holds all of it, with the settings. What is wrong with policy, tables or members is AVER_E_INPUT or
 * AVER_E_REFUSED with its place. The bench uses machine `which` (0 or 1) and `arena`. To be closed also after an error. */
AVER_MUST_CHECK aver_err aver_project_open(struct aver_project *project, const struct aver_list *settings,
                                           int which, uint64_t seed, struct aver_arena *arena,
                                           struct aver_bench *bench, struct aver_why *why);

/* The policies as they stand, without any setting: a list of struct aver_policy_loaded in the arena. Errors as above. */
AVER_MUST_CHECK aver_err aver_project_policies(struct aver_project *project, struct aver_arena *arena,
                                               struct aver_list *out, struct aver_why *why);

/* What tests may draw from, in the arena: lists of aver_bytes, and the days of the first policy. Procedures are those of the fee
 * schedules, then the ends of the ranges that policies name. Errors as above. */
AVER_MUST_CHECK aver_err aver_project_words(struct aver_project *project, struct aver_arena *arena,
                                            struct aver_list *procedures, struct aver_list *members,
                                            aver_day *from, aver_day *to, struct aver_why *why);

/* The files of DIR/SUB that end with this, sorted, appended to `out` (of const char *, paths). None when there is no such
 * directory. In the command's arena. AVER_E_LIMIT PROJECT-FILES; AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_project_list(struct aver_command *cmd, struct aver_list *out, const char *dir,
                                           const char *sub, const char *ending);
/* The NPI of a test's provider: `in` and `in2` are the first and the second of the roster, `out` is on none; anything else
 * stands for itself. Borrows the project or `word`. */
aver_bytes aver_project_provider(struct aver_project *project, aver_bytes word);

#endif
