/* aver/case_run.h - a test under way: what tables (case_run.c) and tests in Lua (lua_test.c) share.
 *
 * Claims are filed on two ledgers in memory, each on a machine of its own, of which the second counts lines; both must come to
 * the same bytes. */
#ifndef AVER_AVER_CASE_RUN_H
#define AVER_AVER_CASE_RUN_H

#include "aver/cases.h"
#include "ledger/transition/adjudicate.h"

struct aver_case_run {
    struct aver_command *cmd;
    struct aver_case_bases *bases;
    const struct aver_case_test *test;
    struct aver_case_result *out;
    struct aver_arena *arena; /* of the result */
    struct aver_bench second, second_own;
    struct aver_list
        seen; /* struct seen, private to case_laws.c: what the accumulators held after the last claim */
    struct aver_list shares; /* struct share, private to case_laws.c: what members were charged */
};

/* Makes the ledgers ready. To be closed also after an error; the result is ended apart. */
AVER_MUST_CHECK aver_err aver_case_open(struct aver_case_run *run, const struct aver_list *settings);
void aver_case_close(struct aver_case_run *run);

/* Files the claim of some rows and appends what came of it to the result's claims; faults where it breaks a law. AVER_E_INPUT
 * TEST-FORM and the codes of aver_claim_check: the rows make no claim. */
AVER_MUST_CHECK aver_err aver_case_file(struct aver_case_run *run, const struct aver_case_row *rows,
                                        size_t count);
/* Gives a member accumulators as earlier claims of the period would have left them, on both ledgers. `used` in cents.
 * AVER_E_INPUT TEST-FORM: there is no such member. */
AVER_MUST_CHECK aver_err aver_case_opening(struct aver_case_run *run, uint64_t line, aver_bytes member,
                                           aver_bytes counter, aver_bytes tier, aver_bytes pool,
                                           aver_bytes period, int64_t used);

/* case_claim.c. AVER_E_INPUT TEST-FORM and the codes of aver_claim_check. */
AVER_MUST_CHECK aver_err aver_case_claim(struct aver_case_run *run, struct aver_claim **out,
                                         const struct aver_case_row *rows, size_t count);

/* case_laws.c: what holds of every claim, unasked; of the last one that was filed. `again` is the second ledger's receipt.
 *   - aver_decision_check, the same bytes from both ledgers, gas within AVER_GAS_CLAIM_MAX
 *   - no accumulator goes down, none moves but by a posting, none passes the limit that the policy gives it
 *   - deductible, coinsurance and copay (PR 1, 2, 3) of a member or family in a benefit year stay within oop_max.TIER, of
 *     benefits that count to it, whatever the contract consumed
 *   - what the plan paid of the lines that a maximum is for stays within it, whatever the contract counted
 * The returned error is the world's. */
AVER_MUST_CHECK aver_err aver_case_laws(struct aver_case_run *run, uint64_t line, aver_bytes again);
/* case_told.c: a law, too: of each adjustment the member is told the amount, in a sentence without codes; of a line that waits,
 * that it does. `policy` is NULL where none decided. */
void aver_case_told(struct aver_case_run *run, uint64_t line, const struct aver_found *found,
                    const struct aver_policy_loaded *policy);
/* What aver_case_opening put there: it belongs to no claim. */
void aver_case_laws_opening(struct aver_case_run *run, aver_bytes family, aver_bytes member,
                            aver_bytes counter, aver_bytes tier, aver_bytes period, int64_t used);
/* The policy that decided; NULL where none did. */
AVER_MUST_CHECK aver_err aver_case_policy(struct aver_case_run *run, const struct aver_decision *decision,
                                          const struct aver_policy_loaded **out);

/* A fault at a line of the test's file, of a line (0: all) of the last claim. */
struct aver_case_fault *aver_case_fault_add(struct aver_case_run *run, uint64_t line, uint64_t number);
/* "FILE:LINE", in the command's arena. */
const char *aver_case_place(struct aver_case_run *run, uint64_t line);
/* AVER_E_INPUT TEST-FORM: the cell is no `what`. */
AVER_MUST_CHECK aver_err aver_case_bad(struct aver_case_run *run, const struct aver_case_row *row,
                                       enum aver_case_column column, const char *what);

/* case_counters.c. The record of a person's accumulators ("*": the family's) in a period, in the result's arena; empty where there is none. */
AVER_MUST_CHECK aver_err aver_case_balances_of(struct aver_case_run *run, aver_bytes family,
                                               aver_bytes person, aver_bytes pool, aver_bytes period,
                                               struct aver_balances *out);
/* A counter of the accumulators that the decision's plan uses. */
struct aver_case_counter {
    aver_bytes person; /* member id; "*": of the family */
    aver_bytes counter, tier;
    aver_bytes period; /* absent: the benefit year of `day`, or of a lifetime */
    aver_day day;
};
/* Cents that are used of it. */
AVER_MUST_CHECK aver_err aver_case_used(struct aver_case_run *run, const struct aver_decision *decision,
                                        const struct aver_case_counter *counter, int64_t *out);
/* The cell `used` of a row with what the counters hold in place of its amounts: "maxima.dental 60.00, deductible out_of_network
 * family 2027 20.00". AVER_E_INPUT TEST-FORM. */
AVER_MUST_CHECK aver_err aver_case_counters(struct aver_case_run *run, const struct aver_case_row *row,
                                            const struct aver_found *found, uint64_t number,
                                            struct aver_buf *out);
/* The paths of the adjustments, or where the line waits; "-" for none. */
void aver_case_reasons(struct aver_buf *out, const struct aver_line_decision *d, bool waits);

#endif
