/* ledger/storage/scrub.h - everything that a ledger holds read again in the background and hashed anew, a little at a time, while
 * somebody writes.
 *
 *   log     each group's hash, the chain of headers, the log tree's hashes and the index of groups in LMDB
 *   state   each record under its secret against its leaf, and each leaf's path against the state root; so a record that was altered,
 *           one under a name that it was not written to, and any page of the trie
 *   tables  artifacts against their digests, the rows of tables against their tables
 *
 * It executes nothing: whether decisions are right says the audit. It looks in a handle and a process of its own, opened for reading, so
 * that what damage does to LMDB does not reach who writes; and between two steps it holds no moment of LMDB, so that nothing waits
 * for it. A record that somebody removed whole is not missed here: the audit finds it. */
#ifndef AVER_LEDGER_STORAGE_SCRUB_H
#define AVER_LEDGER_STORAGE_SCRUB_H

#include "ledger/storage/ledger.h"

struct aver_scrub;
/* Told of each damage, place being the record: AVER_E_CORRUPT or AVER_E_DIFFERS of what was found. */
typedef void aver_scrub_fn(void *user, const struct aver_why *why);

/* Begins at the log's first group. The ledger is open for reading and used for nothing else; borrowed. */
struct aver_scrub *aver_scrub_new(struct aver_ledger *ledger, aver_scrub_fn *found, void *user);
void aver_scrub_free(struct aver_scrub *scrub); /* NULL is fine */
/* Reads about so many bytes more. *whole: that was the last of one whole pass; the next step begins anew. The error is of what kept it
 * from reading, no finding. */
AVER_MUST_CHECK aver_err aver_scrub_step(struct aver_scrub *scrub, uint64_t bytes, bool *whole,
                                         struct aver_why *why);
struct aver_scrub_counts { /* of the pass so far */
    uint64_t bytes, groups, records, artifacts, rows, found;
};
struct aver_scrub_counts aver_scrub_counts(const struct aver_scrub *scrub);

#endif
