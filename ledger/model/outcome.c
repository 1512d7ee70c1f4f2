/* ledger/model/outcome.c - see outcome.h. */
#include "ledger/model/outcome.h"

#include <stddef.h>

const char *const aver_outcome_names[AVER_OUTCOME_MAX + 1] = {
    [AVER_OUT_APPLIED] = "applied",         [AVER_OUT_DECIDED] = "decided",
    [AVER_OUT_PENDED] = "pended",           [AVER_OUT_TRAPPED] = "trapped",
    [AVER_OUT_MALFORMED] = "malformed",     [AVER_OUT_ROLE] = "role",
    [AVER_OUT_EXISTS] = "exists",           [AVER_OUT_UNKNOWN] = "unknown",
    [AVER_OUT_SAME_SIGNER] = "same_signer", [AVER_OUT_CONFLICT] = "conflict",
    [AVER_OUT_NOTHING] = "nothing",         [AVER_OUT_UNPUBLISHABLE] = "unpublishable",
};
