/* ledger/model/outcome.h - the answers that every node gives alike, by number. They stand in receipts.
 *
 * Precedence: the checks run in the order of these numbers within each kind of item, and the first that fails is the
 * outcome. docs/outcomes.md explains each to the people who meet it. */
#ifndef AVER_LEDGER_MODEL_OUTCOME_H
#define AVER_LEDGER_MODEL_OUTCOME_H

enum aver_outcome {
    AVER_OUT_APPLIED = 1, /* a party, publication, approval, enrolment, accrual or remittance took effect */
    AVER_OUT_DECIDED = 2, /* the claim was adjudicated: its decision says what is paid, zero included */
    AVER_OUT_PENDED = 3,  /* the claim is held for a person; nothing posted */
    AVER_OUT_TRAPPED = 4, /* a contract broke a rule or ran out of gas; the claim is held, nothing posted */

    AVER_OUT_MALFORMED = 10,   /* the item is not a record of its kind */
    AVER_OUT_ROLE = 11,        /* the signer's party may not do this */
    AVER_OUT_EXISTS = 12,      /* what it adds is already there */
    AVER_OUT_UNKNOWN = 13,     /* what it names is not there */
    AVER_OUT_SAME_SIGNER = 14, /* the approval comes from the party that proposed */
    AVER_OUT_CONFLICT = 15,    /* it contradicts the record: another secret, another family, a closed state */
    AVER_OUT_NOTHING = 16,     /* a remittance with no claim to report */
    AVER_OUT_UNPUBLISHABLE = 17, /* the artifact does not load: contract, policy or table */
};
extern const char *const aver_outcome_names[]; /* by number, NULL where there is none */
#define AVER_OUTCOME_MAX 17

#endif
