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

/* The item as a record of its kind. False for one that does not decode: the item's fault, an outcome. */
bool aver_act_decode(struct aver_act *a, const struct aver_schema *schema, void *record);
/* Reads a record that may be absent. */
AVER_MUST_CHECK aver_err aver_act_lookup(struct aver_act *a, aver_bytes name,
                                         const struct aver_schema *schema, void *record, bool *found);

/* enrol.c: a family, as it is from now on. */
AVER_MUST_CHECK aver_err aver_apply_enrol(struct aver_act *a, enum aver_outcome *outcome);
/* accrual.c: what another party reports of a member's accumulators. */
AVER_MUST_CHECK aver_err aver_apply_accrual(struct aver_act *a, struct aver_machine *machine,
                                            enum aver_outcome *outcome);
/* remit.c: all decided claims of a payee that no remittance has reported, in one payment. */
AVER_MUST_CHECK aver_err aver_apply_remit(struct aver_act *a, enum aver_outcome *outcome);

#endif
