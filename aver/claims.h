/* aver/claims.h - one claim of the ledger, with what was decided on it, as several verbs need it. */
#ifndef AVER_AVER_CLAIMS_H
#define AVER_AVER_CLAIMS_H

#include "aver/session.h"
#include "ledger/model/claim.h"

struct aver_found {
    char id[AVER_CLAIM_ID_BYTES + 1];
    struct aver_claim_state state;
    struct aver_claim claim;
    struct aver_receipt receipt;
    const struct aver_decision *decision; /* of the receipt */
};

/* By claim id. AVER_E_REFUSED CLAIM-UNKNOWN; AVER_E_KEY_GONE, AVER_E_SIGNATURE, AVER_E_CORRUPT: its body cannot be read. All in
 * the command's arena. */
AVER_MUST_CHECK aver_err aver_claim_load(struct aver_command *cmd, struct aver_session *s, aver_bytes id,
                                         struct aver_found *out);
/* By claim id, or by patient control number where only one claim has it. CLAIM-UNKNOWN, CLAIM-AMBIGUOUS. */
AVER_MUST_CHECK aver_err aver_claim_find(struct aver_command *cmd, struct aver_session *s, const char *word,
                                         struct aver_found *out);

/* All claims' states, in ledger order. */
struct aver_claim_row {
    aver_bytes id;
    struct aver_claim_state state;
};
AVER_MUST_CHECK aver_err aver_claim_rows(struct aver_command *cmd, struct aver_session *s,
                                         struct aver_list *rows);

/* The claim's line of this number; NULL if there is none. */
const struct aver_line *aver_claim_line(const struct aver_claim *claim, uint64_t number);

/* What the line was billed as, for people: its procedure, else "rev 0120"; nothing for NULL. */
const char *aver_billed_words(struct aver_arena *arena, const struct aver_line *line);
/* "2", "1.5": thousandths, for people. */
const char *aver_units_words(struct aver_arena *arena, uint64_t thousandths);
/* What the member owes on a line: its adjustments of group PR. */
int64_t aver_line_owed(const struct aver_line_decision *line);
/* "CO-45". */
const char *aver_reason_words(struct aver_arena *arena, const struct aver_adjustment *adjustment);
/* "2026-03-05 10:00:00 UTC". */
const char *aver_time_words(struct aver_arena *arena, int64_t ms);

#endif
