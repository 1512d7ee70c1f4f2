/* aver/explain.h - why each cent of a claim was or was not paid, printed: for aver explain from a ledger, for the tools of
 * contract authors from one in memory. */
#ifndef AVER_AVER_EXPLAIN_H
#define AVER_AVER_EXPLAIN_H

#include "aver/claims.h"

struct aver_explaining {
    struct aver_command *cmd;
    const struct aver_view *view; /* where contracts and tables are found */
    const struct aver_found *found;
    bool source; /* also the text of the contract's source lines */
};

/* All lines, or only the one of this number (0: all); with --json one object a line. AVER_E_REFUSED CLAIM-LINE. */
AVER_MUST_CHECK aver_err aver_explain_lines(const struct aver_explaining *e, uint64_t only);
/* Where a trap held the claim; nothing for any other. */
void aver_explain_held(const struct aver_explaining *e);
/* "coverage.lua:36 < 55": where the adjustment was made, then who called. In the command's arena. */
const char *aver_explain_chain(const struct aver_explaining *e, const struct aver_adjustment *a);

#endif
