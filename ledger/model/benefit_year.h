/* ledger/model/benefit_year.h - when the accumulators of a plan begin anew, and whose they are (adjudication-rules 18). */
#ifndef AVER_LEDGER_MODEL_BENEFIT_YEAR_H
#define AVER_LEDGER_MODEL_BENEFIT_YEAR_H

#include "ledger/model/claim.h"
#include "ledger/model/policy.h"

/* The period of what never begins anew: limits per lifetime. */
#define AVER_PERIOD_LIFETIME "all"

struct aver_benefit_year {
    aver_day from, to; /* its first and last day */
    char period
        [AVER_DAY_TEXT]; /* "2026"; of a year that begins on another day than January 1st that day, "2026-07-01" */
};

/* plan.benefit_year `calendar`, or `plan`: from the month and day of plan.benefit_year_begins, else of the policy's first day.
 * A year that begins on February 29th, which no YAML compiles to, begins on the 28th. */
struct aver_benefit_year aver_benefit_year_of(const struct aver_policy_loaded *policy, aver_day day);

/* plan.accumulators: a name by which plans share accumulators; else the plan's own id. Borrows the policy. */
aver_bytes aver_policy_pool(const struct aver_policy_loaded *policy);

/* The admission of an inpatient claim (DTP 435 of an institutional one, X12 005010X223A2 2300), by which accumulators go for the
 * whole claim. AVER_NO_DAY: each line goes by its service_from, as everywhere where plan.inpatient_year is service_from. */
aver_day aver_admission_day(const struct aver_policy_loaded *policy, const struct aver_claim *claim);

#endif
