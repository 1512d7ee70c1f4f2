/* ledger/model/batch.h - the sender's side of tx.h: items become a signed batch.
 * Pure: salts, key and not_after are handed in. */
#ifndef AVER_LEDGER_MODEL_BATCH_H
#define AVER_LEDGER_MODEL_BATCH_H

#include "ledger/model/tx.h"

/* What travels beside the envelope. */
struct aver_batch_item {
    aver_bytes salt, item;
};

/* Appends the COSE_Sign1 over the header of these items to `cose`: chain, kind and not_after are taken from `header`;
 * its version, count and root are filled in. Asserts 1 <= count <= AVER_BATCH_ITEMS_MAX, salts of AVER_SALT_BYTES, and a
 * header that keeps its bounds. */
void aver_batch_sign(struct aver_buf *cose, struct aver_batch *header, const struct aver_batch_item *items,
                     size_t count, const struct aver_public_key *pk, const struct aver_secret_key *sk);

#endif
