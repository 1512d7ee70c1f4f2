/* ledger/model/batch.c - see batch.h. */
#include "ledger/model/batch.h"

#include "base/cose.h"
#include "ledger/model/merkle.h"

void aver_batch_sign(struct aver_buf *cose, struct aver_batch *header, const struct aver_batch_item *items,
                     size_t count, const struct aver_public_key *pk, const struct aver_secret_key *sk)
{
    AVER_ASSERT(count >= 1 && count <= AVER_BATCH_ITEMS_MAX);
    struct aver_merkle tree = {0};
    for (size_t i = 0; i < count; i++) {
        AVER_ASSERT(items[i].salt.len == AVER_SALT_BYTES);
        aver_digest leaf = aver_leaf(items[i].salt, items[i].item);
        aver_merkle_append(&tree, &leaf, NULL, NULL);
    }
    header->version = AVER_BATCH_VERSION;
    header->count = count;
    header->root = aver_merkle_root(&tree);
    struct aver_buf payload = {0};
    aver_schema_encode(&payload, &aver_batch_schema, header);
    aver_cose_sign(cose, AVER_BATCH_CONTENT_TYPE, aver_buf_view(&payload), AVER_BATCH_PURPOSE, header->chain,
                   pk, sk);
    aver_buf_free(&payload);
}
