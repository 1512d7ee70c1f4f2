/* aver/publish.h - publishing with two signatures, as contract deploy, policy publish and table publish share it. */
#ifndef AVER_AVER_PUBLISH_H
#define AVER_AVER_PUBLISH_H

#include "aver/session.h"

/* The rows of their option tables: a ledger, the key that proposes, the key that approves. */
#define AVER_OPTION_APPROVE_KEY                                                                              \
    {                                                                                                        \
        "approve-key", "FILE", false, "the second person's key, to approve at once", NULL                    \
    }

/* Opens the ledger, proposes what is not published yet, and approves what is not in force yet if there is a second key; says
 * for each what it came to, and which command the second person runs. `publications`: of struct aver_publication. Returns an
 * exit code. */
int aver_publish(struct aver_command *cmd, struct aver_session *s, const struct aver_list *publications);

/* The digest of what is in force under this prefix ("n/", "t/") and name. AVER_E_NOT_FOUND. */
AVER_MUST_CHECK aver_err aver_in_force(struct aver_command *cmd, struct aver_session *s, const char *prefix,
                                       aver_bytes name, aver_digest *out);

#endif
