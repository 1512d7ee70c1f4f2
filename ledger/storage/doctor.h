/* ledger/storage/doctor.h - what is wrong with a ledger's directory and the machine that it lies on, and what to do about it.
 *
 * It changes nothing, needs no key, and may look while somebody writes. It does not execute the log: whether what stands there is
 * right says the audit; whether the node can run with it, this. */
#ifndef AVER_LEDGER_STORAGE_DOCTOR_H
#define AVER_LEDGER_STORAGE_DOCTOR_H

#include "ledger/storage/ledger.h"

#define AVER_DOCTOR_FREE_BYTES UINT64_C(1073741824) /* below it the disk is told to be nearly full */
#define AVER_DOCTOR_DAY_MS                                                                                   \
    INT64_C(86400000) /* by so much may a quiet ledger's time lie behind the clock, told as such */

#define AVER_DOCTOR_READER_COMMITS 100 /* told of a reader that looks back by so many */

enum aver_doctor_grade { AVER_DOCTOR_FINE, AVER_DOCTOR_WARNS, AVER_DOCTOR_BAD };
struct aver_doctor_finding {
    enum aver_doctor_grade grade;
    const char *what; /* "disk", "clock": stable, for programs */
    char code[32];    /* empty where it is fine */
    char text[640];   /* what is so, and what to do */
};
/* Looks at everything in turn; findings (of struct aver_doctor_finding) lie in the arena. `scrub` also reads each group of the log and
 * each record of the state and holds it against its hash or check, `progress` being told bytes of the log. Returns the worst grade. */
enum aver_doctor_grade aver_ledger_doctor(const char *dir, bool scrub, struct aver_list *findings,
                                          struct aver_arena *arena, aver_progress_fn progress, void *user);

#endif
