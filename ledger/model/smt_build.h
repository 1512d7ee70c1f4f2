/* ledger/model/smt_build.h - the root of a trie (smt_proof.h) from its leaves in path order, without keeping the trie: what checks
 * an export needs no more memory than one path is deep. */
#ifndef AVER_LEDGER_MODEL_SMT_BUILD_H
#define AVER_LEDGER_MODEL_SMT_BUILD_H

#include "ledger/model/smt_proof.h"

/* All zeros has no leaves. A left node waits until the right one beside it is whole. */
struct aver_smt_build {
    uint64_t count;
    aver_digest path, leaf; /* the last that was added; where it stands depends on the next */
    unsigned shared;        /* bits that its path shares with that of the one before */
    unsigned waiting;
    struct {
        unsigned depth; /* it stands below this many bits */
        aver_digest hash;
    } left[AVER_SMT_DEPTH_MAX];
};

/* Adds the leaf with this hash. False, and nothing added: the path is not above the last one. */
AVER_MUST_CHECK bool aver_smt_build_add(struct aver_smt_build *build, const aver_digest *path,
                                        const aver_digest *leaf);
/* 32 zero bytes for no leaves. More may be added afterwards. */
aver_digest aver_smt_build_root(const struct aver_smt_build *build);

#endif
