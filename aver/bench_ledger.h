/* aver/bench_ledger.h - a ledger in memory on which contract authors try things: every item goes through the transition as
 * on a node, but nothing is signed, kept or proved.
 *
 * One bench may stand over another: it sees all that the lower one holds and writes only to itself, so that contracts,
 * tables and members are put once and each test begins from there. */
#ifndef AVER_AVER_BENCH_LEDGER_H
#define AVER_AVER_BENCH_LEDGER_H

#include "ledger/model/claim.h"
#include "ledger/storage/view_memory.h"
#include "ledger/transition/apply.h"
#include "ledger/transition/machine.h"

struct aver_bench {
    struct aver_view_memory memory;
    struct aver_backing below;
    struct aver_machine *machine; /* borrowed */
    struct aver_arena *arena;     /* borrowed: receipts and decisions lie in it */
    uint64_t seed;                /* of salts and of family secrets */
    uint64_t entry;
};

/* An empty ledger with its genesis, or one over `below`, which must outlive it and not change meanwhile. `bench` must not
 * move afterwards. */
AVER_MUST_CHECK aver_err aver_bench_open(struct aver_bench *bench, struct aver_bench *below,
                                         struct aver_machine *machine, struct aver_arena *arena,
                                         uint64_t seed, struct aver_why *why);
void aver_bench_close(struct aver_bench *bench);

/* Published and approved, as by two insurers. AVER_E_REFUSED with the outcome's words: it does not load. */
AVER_MUST_CHECK aver_err aver_bench_publish(struct aver_bench *bench, enum aver_artifact_kind kind,
                                            aver_bytes name, aver_bytes content, struct aver_why *why);
/* The family's secret is set by the seed. */
AVER_MUST_CHECK aver_err aver_bench_enrol(struct aver_bench *bench, const struct aver_family *family,
                                          struct aver_why *why);
/* Files the claim as of this day. What it came to is in `out`, in the arena; AVER_E_* only for the world's errors. */
AVER_MUST_CHECK aver_err aver_bench_file(struct aver_bench *bench, const struct aver_claim *claim,
                                         aver_day received, struct aver_applied *out, struct aver_why *why);

/* What a member has used of a counter before any claim here, cents: adds as much to the family's too. *family is its id, in the
 * arena. AVER_E_NOT_FOUND: there is no such member. */
AVER_MUST_CHECK aver_err aver_bench_opening(struct aver_bench *bench, aver_bytes member, aver_bytes counter,
                                            aver_bytes tier, aver_bytes pool, aver_bytes period, int64_t used,
                                            aver_bytes *family, struct aver_why *why);
/* The policy of the member's plan on a day, borrowed from the machine. AVER_E_NOT_FOUND: no such member, no cover, no policy. */
AVER_MUST_CHECK aver_err aver_bench_policy(struct aver_bench *bench, aver_bytes member, aver_day day,
                                           const struct aver_policy_loaded **out, struct aver_why *why);

#endif
