/* ledger/storage/bundle_private.h - a bundle in the making: bundle.c gathers what the claim read, bundle_write.c decides what of it
 * the reader may see, and proves it. Nobody else includes this. */
#ifndef AVER_LEDGER_STORAGE_BUNDLE_PRIVATE_H
#define AVER_LEDGER_STORAGE_BUNDLE_PRIVATE_H

#include "ledger/model/decision.h"
#include "ledger/storage/bundle.h"
#include "ledger/storage/prove.h"
#include "ledger/storage/view_memory.h"

struct aver_bundle_seen {
    aver_bytes name, record; /* record absent: there was none */
    uint64_t height;
};
struct aver_bundle_artifact {
    aver_digest digest;
    aver_bytes bytes;
};

struct aver_bundle_making {
    struct aver_view_memory layer; /* first: put_noted finds the rest by it */
    struct aver_backing below;
    aver_err (*put)(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                    struct aver_why *why); /* the layer's own */
    uint64_t current;                      /* entry of the item that is executed */
    struct aver_map written; /* since the epoch: key -> entry of the item that wrote it last, 8 bytes */

    struct aver_ledger *ledger;
    const struct aver_bundle_wish *wish;
    struct aver_arena *arena, frame;
    struct aver_machine *machine;
    struct aver_epoch epoch;
    struct aver_past *past;

    uint64_t entry; /* of the claim */
    struct aver_opened opened;
    struct aver_receipt receipt;
    uint64_t first, header_index; /* of the claim's group */
    struct aver_entry header;
    aver_bytes header_bytes;
    aver_bytes family_secret;   /* of the one that it touches; absent: none */
    struct aver_list names;     /* of struct aver_bundle_seen */
    struct aver_list artifacts; /* of struct aver_bundle_artifact */
    struct aver_list tables;    /* of struct aver_bundle_table, without proofs */

    struct aver_bundle_pool pool;
    struct aver_bundle bundle;
};

/* bundle_write.c */
AVER_MUST_CHECK aver_err aver_bundle_assemble(struct aver_bundle_making *making, struct aver_buf *out,
                                              struct aver_why *why);

#endif
