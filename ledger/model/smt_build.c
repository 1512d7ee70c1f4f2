/* ledger/model/smt_build.c - see smt_build.h. */
#include "ledger/model/smt_build.h"

#include <string.h>

static unsigned shared_bits(const aver_digest *a, const aver_digest *b)
{
    unsigned n = 0;
    while (n < AVER_SMT_DEPTH_MAX && aver_smt_bit(a, n) == aver_smt_bit(b, n)) n++;
    return n;
}

/* The hash of the subtree below the first `to` bits of the last path, which ends with that leaf; the leaf itself stands below
 * `from` bits. *waiting loses the left nodes that it takes in. */
static aver_digest rise(const struct aver_smt_build *b, unsigned *waiting, unsigned from, unsigned to)
{
    const aver_digest empty = {{0}};
    aver_digest hash = b->leaf;
    for (unsigned depth = from; depth > to; depth--) {
        if (!aver_smt_bit(&b->path, depth - 1)) {
            hash = aver_smt_node_hash(&hash, &empty);
            continue;
        }
        const aver_digest *left = &empty;
        if (*waiting && b->left[*waiting - 1].depth == depth) left = &b->left[--*waiting].hash;
        hash = aver_smt_node_hash(left, &hash);
    }
    return hash;
}

bool aver_smt_build_add(struct aver_smt_build *b, const aver_digest *path, const aver_digest *leaf)
{
    unsigned shared = 0;
    if (b->count) {
        if (memcmp(path->b, b->path.b, sizeof path->b) <= 0) return false;
        shared = shared_bits(path, &b->path);
        unsigned from = b->count > 1 && b->shared > shared ? b->shared + 1 : shared + 1;
        aver_digest hash = rise(b, &b->waiting, from, shared + 1);
        b->left[b->waiting].depth = shared + 1;
        b->left[b->waiting++].hash = hash;
    }
    b->path = *path;
    b->leaf = *leaf;
    b->shared = shared;
    b->count++;
    return true;
}

aver_digest aver_smt_build_root(const struct aver_smt_build *b)
{
    unsigned waiting = b->waiting;
    if (b->count == 0) return (aver_digest){{0}};
    return b->count == 1 ? b->leaf : rise(b, &waiting, b->shared + 1, 0);
}
