/* aver/trust.h - a trust policy in a file (ledger/model/tlog_policy.h), as several verbs take it. */
#ifndef AVER_AVER_TRUST_H
#define AVER_AVER_TRUST_H

#include "aver/command.h"
#include "ledger/model/tlog_policy.h"

/* All zeros is none. */
struct aver_trust {
    struct aver_buf text;
    struct aver_tlog_policy policy; /* borrows text */
};

/* Reads the file of this option. AVER_E_NOT_FOUND NO-FILE, AVER_E_IO; TRUST-*, the place with the file's name before it. */
AVER_MUST_CHECK aver_err aver_trust_read(struct aver_command *cmd, struct aver_trust *trust,
                                         const char *option);
void aver_trust_free(struct aver_trust *trust);

#endif
