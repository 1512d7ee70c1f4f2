/* ledger/transition/apply.h - the state machine that every node and every auditor must agree on.
 *
 * A batch is opened (form, chain, key's standing, signature), then its items are applied one after the other. An item
 * either takes effect whole or leaves the state untouched; its receipt says which. Nothing here reads a clock, a file,
 * the environment or randomness: the same view and the same items give the same receipts and puts, bit for bit. */
#ifndef AVER_LEDGER_TRANSITION_APPLY_H
#define AVER_LEDGER_TRANSITION_APPLY_H

#include "ledger/model/decision.h"
#include "ledger/model/outcome.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"
#include "ledger/transition/view.h"

/* Contracts and policies made ready, by digest; kept across items. Belongs to one thread. */
struct aver_machine;
struct aver_machine *aver_machine_new(void);
void aver_machine_free(struct aver_machine *machine);

struct aver_envelope {
    aver_digest digest; /* SHA-256 of the COSE_Sign1 bytes */
    struct aver_batch batch;
    uint8_t kid[16];
    aver_bytes party; /* of the key; for GENESIS absent */
    uint64_t role;    /* of the party */
};

/* Opens a batch envelope against the view: AVER_E_INPUT (CBOR-*, COSE-*, RECORD-FIELD, TX-FORM), AVER_E_REFUSED in this order
 * of precedence: TX-CHAIN (another chain), TX-KEY-UNKNOWN, TX-KEY-REVOKED (revoked, or its party is; judged at view->height),
 * TX-ROLE (the party's role may not send this kind), then AVER_E_SIGNATURE TX-SIGNATURE. Does not look at not_after: see
 * aver_envelope_expired. Text and bytes borrow `cose`; party lies in the arena.
 * GENESIS: `genesis_node_key` (from the item) verifies the signature; it is NULL for every other kind. */
AVER_MUST_CHECK aver_err aver_envelope_open(struct aver_envelope *out, const struct aver_view *view,
                                            aver_bytes cose, aver_bytes chain,
                                            const struct aver_public_key *genesis_node_key,
                                            struct aver_arena *arena, struct aver_why *why);
/* AVER_E_REFUSED TX-EXPIRED when view->time is past not_after, TX-NOT-AFTER when not_after lies more than 30 days ahead. */
AVER_MUST_CHECK aver_err aver_envelope_expired(const struct aver_envelope *env, const struct aver_view *view,
                                               struct aver_why *why);
/* AVER_E_REFUSED TX-ROOT when the leaves are not those that were signed (count or root). */
AVER_MUST_CHECK aver_err aver_envelope_leaves(const struct aver_envelope *env, const aver_digest *leaves,
                                              size_t count, struct aver_why *why);

struct aver_item {
    aver_bytes salt, item;
    aver_digest leaf;
    uint64_t entry; /* the log index that the item's entry has, or will have */
    const uint8_t *
        filing; /* of a claim: the 16 bytes that aver_filed_before gave for this envelope and item; NULL: not known */
};

#define AVER_SUBJECT_MAX 120
struct aver_applied {
    enum aver_outcome outcome;
    aver_bytes receipt;         /* encoded struct aver_receipt, in the arena */
    struct aver_receipt record; /* the same, decoded */
    /* Whose key seals the body: "m/<member id>" of the patient for a claim, "f/<family>" for an enrolment, "ledger" for
     * all else. */
    char subject[AVER_SUBJECT_MAX];
    char claim_id[AVER_CLAIM_ID_BYTES + 1]; /* of a claim */
    uint64_t stage_gas[AVER_STAGE_HOST];    /* of a claim, by enum aver_stage; not part of the receipt */
    char
        words[512]; /* what is wrong, for people, when the outcome is 4 or above 9; not part of the receipt */
};

/* The outcome of a claim whose decision has this status. */
enum aver_outcome aver_claim_outcome(uint64_t status);

/* Has this claim been filed before? Sets *out to its state, or returns AVER_E_NOT_FOUND; `id` and, unless it is NULL, `filing` in
 * either case. */
AVER_MUST_CHECK aver_err aver_filed_before(struct aver_claim_state *out, char id[AVER_CLAIM_ID_BYTES + 1],
                                           uint8_t filing[16], const struct aver_view *view,
                                           const struct aver_envelope *env, aver_bytes claim,
                                           struct aver_arena *arena, struct aver_why *why);

/* Applies one item. Domain results are outcomes; the returned error is the world's, and then nothing was put. Outcomes above 9
 * put nothing. */
AVER_MUST_CHECK aver_err aver_apply(struct aver_machine *machine, struct aver_view *view,
                                    const struct aver_envelope *env, const struct aver_item *item,
                                    struct aver_arena *arena, struct aver_applied *out, struct aver_why *why);

#endif
