/* adapters/x835.h - writes a remittance as an X12 835 (005010X221A1), one interchange of one ST-SE.
 *
 * The writer only says what was decided: every amount comes from a decision or from the remittance, none is computed here but
 * sums of them. Claims carry no CAS of their own: decisions adjust lines. Who sends the bytes on checks them first with
 * adapters/x835_check.h, which shares nothing with this file.
 *
 * Bounded by the caller's records (AVER_REMIT_CLAIMS_MAX claims, the bounds of claim.h and decision.h). Text is made fit for
 * X12: a delimiter becomes '-', a letter with an accent of Latin-1 loses it, any other character outside X12's
 * extended set becomes '?', control characters become spaces, and each element is cut to its length in the guide. */
#ifndef AVER_ADAPTERS_X835_H
#define AVER_ADAPTERS_X835_H

#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/policy.h"
#include "ledger/model/state.h"

struct aver_x835_payer { /* loop 1000A */
    aver_bytes
        id; /* N104 is not sent (only XV is allowed there); REF*2U, ISA06, GS02, and TRN03 without a tax id */
    aver_bytes tax_id; /* TRN03 = "1" and this; absent: "9" (assigned by the user) and the id */
    aver_bytes name, address, city, state, postal_code;
    aver_bytes phone; /* PER*BL, which the guide requires */
};

struct aver_x835_payee {   /* loop 1000B */
    aver_bytes npi;        /* N103 = XX */
    aver_bytes tax_id;     /* N103 = FI without an NPI, else REF*TJ */
    aver_bytes other_id;   /* REF*PQ, when there is neither */
    aver_bytes name;       /* organisation, or last name */
    aver_bytes first_name; /* of a person */
    aver_bytes address, city, state, postal_code;
};

/* An electronic transfer: BPR05 to BPR15. */
struct aver_x835_ach {
    aver_bytes format;                       /* "CCP" or "CTX" */
    aver_bytes payer_routing, payer_account; /* ABA number; demand deposit account */
    aver_bytes payee_routing, payee_account;
};

struct aver_x835_claim {
    const struct aver_claim *claim;
    const struct aver_decision
        *decision; /* of this claim: the same lines in the same order; neither pended nor held */
    aver_bytes
        filing_indicator; /* CLP06: the policy's plan.claim_filing_indicator; absent: the claim's; else "ZZ" */
    aver_day received;    /* DTM*050; AVER_NO_DAY: not sent */
    bool
        reversal; /* takes back what this decision paid: CLP02 = 22 and every amount negated (no CLP05: X12 RFI 2548) */
};

struct aver_x835_remit {
    const struct aver_remittance
        *remittance; /* trace, date, carried amounts, payment; its list of claims is not read */
    aver_bytes
        carried_in_trace; /* TRN02 of the remittance that carried forward, PLB03-2 (X12 RFI 222); absent: not sent */
    struct aver_x835_payer payer;
    struct aver_x835_payee payee;
    const struct aver_x835_ach *ach; /* NULL: BPR04 = CHK; a payment of zero is NON whatever stands here */
    const struct aver_x835_claim *claims;
    size_t count; /* may be 0: a remittance of a balance alone */
    /* The texts of codes, for a CSV that people read; never in an 835. NULL: none. They return an absent text for what they lack. */
    aver_bytes (*carc_text)(const void *texts, aver_bytes code);
    aver_bytes (*rarc_text)(const void *texts, aver_bytes code);
    const void *texts;
    char usage;          /* ISA15: 'P' production or 'T' test */
    aver_bytes receiver; /* ISA08, GS03, REF*EV; absent: the payee's id */
    uint64_t control;    /* ISA13, GS06: 1..999999999; 0: from the trace (SHA-256, so the same each time) */
};

/* The policy's `payer` block; what it lacks stays absent. Borrows the policy. */
struct aver_x835_payer aver_x835_payer_from_policy(const struct aver_policy_node *root);
/* The pay-to address is the billing provider's. Borrows the claim. */
struct aver_x835_payee aver_x835_payee_from_claim(const struct aver_claim *claim);
/* The payee of a remittance, as a claim of it knows it. "member:ID" is the patient: named as the claim names patient or
 * subscriber, with the member id as other_id; any other payee is the billing provider. Whoever the claim gives no name has
 * their id for one, since N102 may not be empty. Borrows both. */
struct aver_x835_payee aver_x835_payee_of(aver_bytes payee, const struct aver_claim *claim);
/* The policy's plan.claim_filing_indicator, absent if it has none. */
aver_bytes aver_x835_filing_indicator(const struct aver_policy_node *root);

/* Appends the interchange, a newline after each segment terminator. AVER_E_INPUT, and `out` as it was:
 *   X835-PAYER   the payer lacks id, name, address, city, state, postal code or phone: mend the policy's payer block
 *   X835-PAYEE   the payee lacks a name, or every id
 *   X835-PENDED  a claim is pended or held: it has no place in a remittance
 *   X835-LINES   the decision's lines are not the claim's
 *   X835-SUM     claims paid + carried in - carried out is not the payment, or the payment of the remittance is another
 *   X835-USAGE   a usage indicator other than P and T, or a control number of more than nine digits */
AVER_MUST_CHECK aver_err aver_x835_write(struct aver_buf *out, const struct aver_x835_remit *remit,
                                         struct aver_why *why);

/* The checks X835-PENDED, X835-LINES and X835-SUM alone. */
AVER_MUST_CHECK aver_err aver_x835_ready(const struct aver_x835_remit *remit, struct aver_why *why);

#endif
