/* aver/audit_run.h - what the verbs of an audit share: running one with a bar on a terminal, and telling what came out. */
#ifndef AVER_AVER_AUDIT_RUN_H
#define AVER_AVER_AUDIT_RUN_H

#include "aver/output.h"
#include "ledger/storage/audit_follow.h"

const char *aver_audit_words(enum aver_audit_verdict verdict); /* "same", "differs", "could not check" */
int aver_audit_exit(enum aver_audit_verdict verdict);          /* an enum aver_exit */
/* What kept the audit from an answer is itself the third answer, whatever kind of error it was. Returns the exit code. */
int aver_audit_could_not(struct aver_command *cmd, aver_err err);

/* Every file DIR/....receipt, in the order of their names, with their names. AVER_E_NOT_FOUND RECEIPT-NONE: there is none. */
AVER_MUST_CHECK aver_err aver_audit_read_receipts(struct aver_command *cmd, const char *dir,
                                                  struct aver_list *receipts);

/* aver_ledger_audit with a bar on stderr if that is a terminal, and nothing there if it is not. SIGINT and SIGTERM end it at
 * the next group, saved where there is a state file; a second one ends the program. */
AVER_MUST_CHECK aver_err aver_audit_run(struct aver_command *cmd, const char *dir, struct aver_audit *audit);
/* The same for a follower's round. */
AVER_MUST_CHECK aver_err aver_audit_run_follow(struct aver_command *cmd, struct aver_follow *follow);

/* One object on a line, or the table, the findings and the verdict as the last line. */
void aver_audit_say(struct aver_command *cmd, const struct aver_audit *audit);
/* The members of a finding, into an object that is open. */
void aver_audit_finding_json(struct aver_json_writer *w, const struct aver_audit_finding *finding);

#endif
