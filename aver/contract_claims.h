/* aver/contract_claims.h - the claims that contract trace and diff decide in memory: of files, or as a ledger recorded them. */
#ifndef AVER_AVER_CONTRACT_CLAIMS_H
#define AVER_AVER_CONTRACT_CLAIMS_H

#include "aver/bench_ledger.h"
#include "aver/explain.h"

/* What happens to the ledger in memory, one after the other. */
struct aver_happening {
    const struct aver_family *enrolled;
    const struct aver_claim *claim; /* where nobody is enrolled */
    aver_day received;
};

/* Claims of an 837P or CSV file, or of all files of a directory by their names. What was refused is told on stderr, and *code becomes 1.
 * All in the command's arena; list of struct aver_happening. */
AVER_MUST_CHECK aver_err aver_claims_of_files(struct aver_command *cmd, struct aver_list *out,
                                              const char *path, int *code);
/* Enrolments and claims of the ledger of --ledger, in the order of its log, claims on the days on which they came. What nobody can
 * open any more is told on stderr, and *code becomes 1. */
AVER_MUST_CHECK aver_err aver_claims_recorded(struct aver_command *cmd, struct aver_list *out, int *code);

/* Files one claim. `out->decision` is NULL where the ledger would not take it; aver_claims_refused says why. */
AVER_MUST_CHECK aver_err aver_claims_decide(struct aver_command *cmd, struct aver_bench *bench,
                                            const struct aver_happening *happening, struct aver_found *out,
                                            struct aver_applied *applied);
void aver_claims_refused(struct aver_command *cmd, const struct aver_claim *claim,
                         const struct aver_applied *applied);

/* The day of --received in every claim of the list; without the option they stay as they are. */
AVER_MUST_CHECK aver_err aver_claims_received(struct aver_command *cmd, struct aver_list *happenings);
#define AVER_OPTION_RECEIVED                                                                                 \
    {                                                                                                        \
        "received", "DAY", false, "when the claims arrived (default: the last day of each)", NULL            \
    }

#endif
