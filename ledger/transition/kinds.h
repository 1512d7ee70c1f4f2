/* ledger/transition/kinds.h - what apply.c shares with the kinds of items that have files of their own. Private to transition. */
#ifndef AVER_LEDGER_TRANSITION_KINDS_H
#define AVER_LEDGER_TRANSITION_KINDS_H

#include "ledger/transition/apply.h"
#include "ledger/transition/work.h"

/* One item while it is applied. */
struct aver_act {
    const struct aver_envelope *env;
    const struct aver_item *item;
    struct aver_work work;
    struct aver_applied *out;
    struct aver_why *why;
};

/* Fills the words for people and returns the outcome. */
enum aver_outcome aver_say(struct aver_act *a, enum aver_outcome outcome, const char *fmt, ...)
    AVER_PRINTF(3, 4);

/* remit.c: all decided claims of a payee that no remittance has reported, in one payment. */
AVER_MUST_CHECK aver_err aver_apply_remit(struct aver_act *a, enum aver_outcome *outcome);

#endif
