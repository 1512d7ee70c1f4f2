/* ledger/storage/crew.h - threads that share out a list of equal pieces of work, again and again. The caller is one of
 * them, so that a crew of one has no thread at all. Knows nothing of ledgers. */
#ifndef AVER_LEDGER_STORAGE_CREW_H
#define AVER_LEDGER_STORAGE_CREW_H

#include "base/err.h"

struct aver_crew;

/* `threads` of them in all, at least 1. Where the system gives fewer it is a smaller crew: no error, the answer is the same. */
struct aver_crew *aver_crew_new(unsigned threads);
void aver_crew_free(struct aver_crew *crew); /* NULL is fine */
unsigned aver_crew_size(const struct aver_crew *crew);
/* Piece `index` of the work, done by member `who` (0 is the caller, below aver_crew_size). */
typedef void aver_crew_fn(void *ctx, unsigned who, size_t index);
/* Calls fn once for each index below count, by any member; returns when all are done, and what they wrote is then seen by the caller.
 * Pieces are begun in their order, so that one may wait for an earlier one. */
void aver_crew_work(struct aver_crew *crew, aver_crew_fn *fn, void *ctx, size_t count);
/* The same in two steps: the other members begin, and the caller does something else before it joins them. Where there are none, all is
 * done in the second. Nothing else is asked of the crew between them. */
void aver_crew_begin(struct aver_crew *crew, aver_crew_fn *fn, void *ctx, size_t count);
void aver_crew_join(struct aver_crew *crew);

#endif
