/* aver/cases.h - tests of contracts as tables: each row a line of a claim, what is filed and what must come of it.
 *
 * NAME.test is text:
 *
 *     scenario the line that meets the deductible is split
 *     set deductible.in_network.individual 25.00
 *     fee 99213 100.00
 *     claim | member | day        | procedure | charge | allowed | adjustments            | paid
 *     A     | M-1    | 2026-03-01 | 99213     | 100.00 | 100.00  | PR-1 25.00, PR-2 15.00 | 60.00
 *
 * NAME.csv has the same columns and one more before them, `test`: the scenario's title, in its first row or in each. docs/
 * contract-tools.md lists the columns. A scenario begins with a new ledger; its claims are filed from top to bottom. */
#ifndef AVER_AVER_CASES_H
#define AVER_AVER_CASES_H

#include "aver/claims.h"
#include "aver/project.h"

#define AVER_CASE_FILE_MAX (1 << 20)

/* What the columns mean: the input first, what is expected from `allowed` on. */
enum aver_case_column {
    AVER_COL_CLAIM,
    AVER_COL_MEMBER,
    AVER_COL_PROVIDER,
    AVER_COL_DAY,
    AVER_COL_PROCEDURE,
    AVER_COL_MODIFIERS,
    AVER_COL_DIAGNOSES,
    AVER_COL_UNITS,
    AVER_COL_CHARGE,
    AVER_COL_PLACE,
    AVER_COL_AUTH,
    AVER_COL_RECEIVED,
    AVER_COL_FREQUENCY,
    AVER_COL_ASSIGNED,
    AVER_COL_PAYER,
    AVER_COL_POSTAL,
    AVER_COL_REVENUE,
    AVER_COL_DRG,
    AVER_COL_STATEMENT,
    AVER_COL_ADMITTED,
    AVER_COL_DRUG,
    AVER_COL_ALLOWED,
    AVER_COL_ADJUSTMENTS,
    AVER_COL_BECAUSE,
    AVER_COL_PAID,
    AVER_COL_STATUS,
    AVER_COL_CLAIM_STATUS,
    AVER_COL_PAYEE,
    AVER_COL_DEDUCTIBLE,
    AVER_COL_OOP,
    AVER_COL_USED,
    AVER_COL_COUNT
};
extern const char *const aver_case_columns[AVER_COL_COUNT];

struct aver_case_row {
    uint64_t line;                   /* of the file */
    aver_bytes cell[AVER_COL_COUNT]; /* absent where there is no such column or the cell is empty */
};
struct aver_case_test {
    const char *file;
    uint64_t line;
    aver_bytes title;
    struct aver_list settings;       /* of struct aver_setting */
    struct aver_list rows;           /* of struct aver_case_row; rows of one claim stand together */
    const struct aver_lua_test *lua; /* of a test in Lua (lua_test.h), which has neither; else NULL */
};

/* Appends the file's tests, in the command's arena. AVER_E_INPUT TEST-FORM with "file:line". */
AVER_MUST_CHECK aver_err aver_cases_read(struct aver_command *cmd, struct aver_list *tests, const char *path);

/* One difference. `expected` and `got` are absent where `words` says all of it. */
struct aver_case_fault {
    uint64_t line;      /* of the test's file */
    uint64_t number;    /* of the claim's line; 0: the claim as a whole */
    const char *column; /* NULL: a law that holds in every test */
    aver_bytes expected, got;
    const char *words;
    size_t claim; /* index in the result's claims */
};
struct aver_case_claim {
    struct aver_found found;
    uint64_t stage_gas[AVER_STAGE_HOST]; /* by enum aver_stage */
    const char *words;                   /* of a trap; empty where there is none */
    aver_bytes receipt;
};
struct aver_case_result {
    const struct aver_case_test *test;
    struct aver_list notes; /* of const char *: what the test itself said */
    const char
        *with;     /* of a test with arguments: what they were in these claims, "charge = 15000"; else NULL */
    uint64_t runs; /* how often it was run with other arguments; 0: it has none */
    struct aver_list claims; /* of struct aver_case_claim */
    struct aver_list faults; /* of struct aver_case_fault */
    uint64_t stage_gas[AVER_STAGE_HOST], gas;
    const struct aver_view *view; /* after the last claim; good until aver_case_end */
    struct aver_bench bench;
    struct aver_bench own_base; /* where the test has settings */
    struct aver_arena arena;
};

/* What all tests of a directory share: ledgers that hold its files, one for each of two machines. */
struct aver_case_bases {
    struct aver_project *project;
    struct aver_bench bench[2];
    struct aver_arena arena;
    uint64_t seed, runs;                 /* runs: of a test with arguments */
    const struct aver_fuzz_world *world; /* what arguments are drawn from; NULL: not looked for yet */
};
/* Opens both, so that what is wrong with the directory is told before any test runs. To be ended after an error too. */
AVER_MUST_CHECK aver_err aver_case_bases_open(struct aver_case_bases *bases, struct aver_project *project,
                                              uint64_t seed, uint64_t runs, struct aver_why *why);
void aver_case_bases_end(struct aver_case_bases *bases);

/* Runs the test on both machines and compares: with what the table or the Lua says, and with the laws (case_run.h), which are
 * never asked for. The returned error is of what
 * cannot be run (a bad cell, a setting that the policy does not have); faults are in the result. To be ended after an error too, and not moved before. */
AVER_MUST_CHECK aver_err aver_case_run(struct aver_command *cmd, struct aver_case_bases *bases,
                                       const struct aver_case_test *test, struct aver_case_result *out);
void aver_case_end(struct aver_case_result *result);

/* "CO-45 38.00, PR-3 30.00"; "-" for none. */
void aver_case_adjustments(struct aver_buf *out, const struct aver_line_decision *d);

#endif
