/* ledger/storage/view_memory.h - the world of the transition (ledger/transition/view.h) in memory.
 *
 * Alone it is the whole state of an audit. Over a backing it holds what was changed since LMDB's last commit: reads that it
 * cannot answer go below. The trie of the state is brought up to date when its root is asked for, once per epoch. */
#ifndef AVER_LEDGER_STORAGE_VIEW_MEMORY_H
#define AVER_LEDGER_STORAGE_VIEW_MEMORY_H

#include "ledger/model/smt.h"
#include "ledger/storage/map.h"
#include "ledger/transition/view.h"

/* What lies below. Each returns AVER_E_NOT_FOUND where there is none; what they give is good until the next commit. */
struct aver_backing {
    void *self;
    aver_err (*get)(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why);
    aver_err (*artifact)(void *self, aver_bytes digest, aver_bytes *out, struct aver_why *why);
    aver_err (*table)(void *self, aver_bytes root_and_code, aver_bytes *out, struct aver_why *why);
    aver_err (*page)(void *self, aver_bytes place, aver_bytes *out, struct aver_why *why); /* of the trie */
};

struct aver_view_memory;
/* A memory that nobody writes any more, over what lies below it: as a backing, for reads by any thread. */
struct aver_layer {
    const struct aver_view_memory *over;
    const struct aver_backing *below;
};
struct aver_backing aver_layer_backing(struct aver_layer *layer); /* borrows the layer */

struct aver_view_memory {
    struct aver_view view;                           /* what the transition gets */
    const struct aver_backing *below;                /* NULL: nothing */
    struct aver_map state, artifacts, tables, pages; /* tables: root, then code; pages: aver_smt_place_key */
    struct aver_map_item *due;                       /* records that the trie has not seen */
    size_t due_count;
    uint64_t writes; /* so far */
};

/* `below` is borrowed, and may be NULL. The view must not move afterwards. */
void aver_view_memory_init(struct aver_view_memory *memory, const struct aver_backing *below);
/* Brings the trie up to date and gives its root: 32 zero bytes when it is empty. Errors: of aver_smt_apply and the backing. */
AVER_MUST_CHECK aver_err aver_view_memory_root(struct aver_view_memory *memory, aver_digest *root,
                                               struct aver_why *why);
/* What an item of `state` holds, borrowed. */
struct aver_stored aver_view_memory_stored(const struct aver_map_item *item);
/* The pages as a store; borrows `memory`. */
struct aver_smt_store aver_view_memory_pages(struct aver_view_memory *memory);
/* Forgets everything that is not below. */
void aver_view_memory_clear(struct aver_view_memory *memory);
void aver_view_memory_free(struct aver_view_memory *memory);

#endif
