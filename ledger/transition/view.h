/* ledger/transition/view.h - the world as the transition sees it: state by name, artifacts by digest, and the facts of the
 * group. ledger/storage implements it over LMDB, the audit over memory, a bundle over what it carries. */
#ifndef AVER_LEDGER_TRANSITION_VIEW_H
#define AVER_LEDGER_TRANSITION_VIEW_H

#include "base/arena.h"
#include "base/hash.h"

struct aver_stored {
    aver_bytes record; /* borrowed; good until the next put or the end of the group */
    uint64_t height;   /* of the group that wrote it */
    /* Its commitments, as they were given to `put`, if the view still has them; else both NULL. Borrowed as the record is. */
    const aver_digest *key, *value;
};

struct aver_view {
    void *self;
    /* AVER_E_NOT_FOUND when there is no such name; other errors are the world's. */
    aver_err (*get)(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why);
    /* Replaces the record, as of view->height. `key` and `value` are its commitments (ledger/model/state.h), for the trie. */
    aver_err (*put)(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                    struct aver_why *why);
    /* Content of a published artifact, borrowed while the view lives. AVER_E_NOT_FOUND. */
    aver_err (*artifact)(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why);
    aver_err (*artifact_put)(void *self, aver_digest digest, aver_bytes content, struct aver_why *why);
    /* The encoded entry (struct aver_table_entry) of a code in the table with this root. AVER_E_NOT_FOUND: the table has no
     * such code. The table itself being absent is AVER_E_CORRUPT. */
    aver_err (*table_entry)(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                            struct aver_why *why);
    /* NULL where the records that hold the secrets of the state can be read. Else (a bundle that is made for one reader) what
     * opens the commitments of a name (ledger/model/state.h): of its key, and of its value as written at `height`.
     * AVER_E_NOT_FOUND: it is not opened. Both are set, or neither. */
    aver_err (*open_key)(void *self, aver_bytes name, aver_digest *out, struct aver_why *why);
    aver_err (*open_value)(void *self, aver_bytes name, uint64_t height, aver_digest *out,
                           struct aver_why *why);
    uint64_t height; /* of the group that is being made */
    int64_t time;    /* its time, ms since 1970 UTC: the only clock there is */
};

#endif
