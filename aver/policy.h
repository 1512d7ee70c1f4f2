/* aver/policy.h - a policy file on the command line: read, compiled, and looked at beside its tables and the other versions. */
#ifndef AVER_AVER_POLICY_H
#define AVER_AVER_POLICY_H

#include "adapters/policy_yaml.h"
#include "aver/session.h"
#include "ledger/model/policy.h"

struct aver_resolving {
    struct aver_command *cmd;
    struct aver_session *s; /* NULL: contracts are not looked up, and nothing is compiled for publication */
    const struct aver_policy
        *as_published; /* its contracts, whatever is in force now; NULL: those in force */
};

/* The file's bytes, in the command's arena. Errors: as aver_path_read. */
AVER_MUST_CHECK aver_err aver_policy_yaml(struct aver_command *cmd, const char *path, aver_bytes *out);
/* Compiles into the arena. With no session the contracts count as zero digests. Errors: as aver_policy_compile. */
AVER_MUST_CHECK aver_err aver_policy_build(struct aver_command *cmd, struct aver_resolving *r,
                                           const char *path, aver_bytes yaml, aver_bytes *out,
                                           struct aver_list *findings);
/* The findings on stderr, one a line. */
void aver_policy_say(struct aver_command *cmd, const char *path, const struct aver_list *findings);

/* Adds what is found beside the compiled policy: tables of the directory `tables` (NAME.csv) or, without one, in force on the
 * ledger; versions of the plan on the ledger and those of `others` (struct aver_policy_version). Each may be NULL. AVER_E_INPUT: a
 * table's file is wrong. */
AVER_MUST_CHECK aver_err aver_policy_look(struct aver_command *cmd, struct aver_session *s,
                                          const char *tables, aver_bytes compiled,
                                          const struct aver_list *others, struct aver_list *findings);

#endif
