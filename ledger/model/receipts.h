/* ledger/model/receipts.h - intake receipts, many under one signature of the node.
 *
 * What is acknowledged together is signed together: each receipt, as its deterministic CBOR, is a leaf of an RFC 9162 tree
 * (SHA-256(0x00, receipt)), and the node signs version, chain, count and root once. Whoever filed a claim is handed a proof: its
 * receipt, its place, the hashes on the way to the root and the signed message. It needs nothing else to hold the node to what
 * it promised, and learns of the others' receipts only hashes of what cannot be guessed (each holds a filing id).
 *
 * The receipt is the promise; which others were signed with it is chance. A claim that is sent again has the same receipt, byte for
 * byte, in whatever tree. Pure: the key is handed in. */
#ifndef AVER_LEDGER_MODEL_RECEIPTS_H
#define AVER_LEDGER_MODEL_RECEIPTS_H

#include "base/cose.h"
#include "ledger/model/merkle.h"
#include "ledger/model/tx.h"

#define AVER_RECEIPTS_VERSION      1
#define AVER_RECEIPTS_MAX          1024 /* under one signature of ours; a reader takes any number */
#define AVER_RECEIPTS_CONTENT_TYPE "application/vnd.averment.intake-receipts+cbor"
#define AVER_RECEIPTS_PURPOSE      "intake-receipts" /* of base/cose.h's external_aad */

struct aver_receipts { /* the signed payload */
    uint64_t version;  /* AVER_RECEIPTS_VERSION */
    aver_bytes chain;
    uint64_t count;   /* of receipts, at least 1 */
    aver_digest root; /* RFC 9162 root over them */
};
extern const struct aver_schema aver_receipts_schema;

struct aver_receipt_proof { /* what the sender keeps */
    aver_bytes receipt;     /* struct aver_intake_receipt, encoded */
    uint64_t index;         /* its leaf, from 0 */
    aver_bytes path;     /* RFC 9162 inclusion proof, 32 bytes a hash; of no bytes where it is the only one */
    aver_bytes receipts; /* COSE_Sign1 of struct aver_receipts */
};
extern const struct aver_schema aver_receipt_proof_schema;

/* Signs the receipts (1 to AVER_RECEIPTS_MAX, encoded) of the chain; proofs[i] is the encoded proof of receipts[i], in the arena. */
void aver_receipts_sign(aver_bytes *proofs, const aver_bytes *receipts, size_t count, aver_bytes chain,
                        const struct aver_public_key *pk, const struct aver_secret_key *sk,
                        struct aver_arena *arena);

struct aver_receipt_opened { /* borrows the proof and the arena */
    struct aver_intake_receipt receipt;
    struct aver_receipts receipts;
    struct aver_cose cose;
};
/* All but the signature: forms, content type, one chain in both, and that the receipt is the leaf. Who believes it then calls
 * aver_receipt_signed. AVER_E_INPUT: CBOR-*, RECORD-FIELD, COSE-*, RECEIPT-FORM; AVER_E_RANGE MERKLE-RANGE and AVER_E_DIFFERS
 * MERKLE-PROOF: it is not the receipt at this place of what was signed. */
AVER_MUST_CHECK aver_err aver_receipt_open(struct aver_receipt_opened *out, aver_bytes proof,
                                           struct aver_arena *arena, struct aver_why *why);
/* Whether the node with this key signed it, for the chain that it names. */
bool aver_receipt_signed(const struct aver_receipt_opened *opened, const struct aver_public_key *key);

#endif
