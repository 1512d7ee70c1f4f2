/* aver/audit_report.h - what an audit leaves for the file: report.json and exceptions.csv in a directory. The same audit gives the
 * same bytes: nothing in it is read from a clock or of the machine. */
#ifndef AVER_AVER_AUDIT_REPORT_H
#define AVER_AVER_AUDIT_REPORT_H

#include "aver/output.h"
#include "ledger/storage/audit.h"

struct aver_report {
    const char *dir;                /* made when it is not there */
    const char *ledger;             /* the directory that was audited; of a follower his own copy */
    const char *auditor, *date;     /* as the auditor says them, or NULL */
    const char *repeat;             /* the command that repeats it */
    const struct aver_audit *audit; /* done */
};
/* Writes both files, replacing those of an earlier run. */
AVER_MUST_CHECK aver_err aver_report_write(struct aver_command *cmd, const struct aver_report *report);

#endif
