/* ledger/model/smt_bucket.c - see smt_bucket.h. */
#include "ledger/model/smt_bucket.h"

#include <string.h>

enum { LEAF_BYTES = 64, SLOT_0 = AVER_SMT_SLOTS };

static enum aver_smt_node kind_of(unsigned leaves)
{
    return leaves == 0 ? AVER_SMT_NODE_EMPTY : leaves == 1 ? AVER_SMT_NODE_LEAF : AVER_SMT_NODE_INNER;
}

/* Kinds of the nodes 1 to 15; the count, and how many are inner. */
static unsigned count_up(struct aver_smt_bucket *b)
{
    unsigned below[2 * AVER_SMT_SLOTS], inner = 0;
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) below[SLOT_0 + s] = b->slot[s];
    for (unsigned node = SLOT_0; --node > 0;) {
        below[node] = below[2 * node] + below[2 * node + 1];
        b->kind[node] = (uint8_t)kind_of(below[node]);
        inner += below[node] > 1;
    }
    b->count = below[1];
    return inner;
}

aver_err aver_smt_bucket_read(struct aver_smt_bucket *b, aver_bytes in, struct aver_why *why)
{
    memset(b, 0, sizeof *b);
    if (in.len < 1 + AVER_SMT_SLOTS || in.ptr[0] != AVER_SMT_TAG_BUCKET) return aver_smt_page_corrupt(why);
    memcpy(b->slot, in.ptr + 1, sizeof b->slot);
    unsigned inner = count_up(b);
    if (b->count == 0 || b->count > AVER_SMT_BUCKET_LEAVES ||
        in.len != 1 + AVER_SMT_SLOTS + (size_t)LEAF_BYTES * b->count + (size_t)32 * inner)
        return aver_smt_page_corrupt(why);
    b->leaves = in.ptr + 1 + AVER_SMT_SLOTS;
    const uint8_t *at = b->leaves + (size_t)LEAF_BYTES * b->count;
    for (unsigned node = 1; node < SLOT_0; node++) {
        if (b->kind[node] != AVER_SMT_NODE_INNER) continue;
        memcpy(b->hash[node].b, at, 32);
        at += 32;
    }
    return AVER_OK;
}

struct aver_smt_update aver_smt_bucket_leaf(const struct aver_smt *smt, const struct aver_smt_bucket *b,
                                            unsigned index)
{
    struct aver_smt_update leaf = {.gone = false};
    AVER_ASSERT(index < b->count);
    memcpy(leaf.key.b, b->leaves + (size_t)LEAF_BYTES * index, 32);
    memcpy(leaf.value.b, b->leaves + (size_t)LEAF_BYTES * index + 32, 32);
    leaf.path = aver_smt_leaf_path(smt, &leaf.key);
    aver_digest value_hash = smt->table ? leaf.value : aver_sha256(aver_digest_bytes(&leaf.value));
    leaf.leaf = aver_smt_leaf_hash(&leaf.path, &value_hash);
    return leaf;
}

unsigned aver_smt_bucket_leaves(const struct aver_smt *smt, const struct aver_smt_bucket *b,
                                struct aver_smt_update out[AVER_SMT_BUCKET_LEAVES])
{
    for (unsigned i = 0; i < b->count; i++) out[i] = aver_smt_bucket_leaf(smt, b, i);
    return b->count;
}

aver_digest aver_smt_leaves_hash(const struct aver_smt_update *leaves, size_t n, unsigned depth)
{
    if (n == 0) return (aver_digest){{0}};
    /* Of a page that is damaged, two leaves may have one path. */
    if (n == 1 || depth == AVER_SMT_DEPTH_MAX) return leaves[0].leaf;
    size_t left = 0;
    while (left < n && !aver_smt_bit(&leaves[left].path, depth)) left++;
    aver_digest l = aver_smt_leaves_hash(leaves, left, depth + 1),
                r = aver_smt_leaves_hash(leaves + left, n - left, depth + 1);
    return aver_smt_node_hash(&l, &r);
}

/* ---- a change ---- */

struct change {
    const struct aver_smt *smt;
    const struct aver_smt_bucket *old;
    struct aver_smt_bucket new;
    uint8_t from[AVER_SMT_SLOTS]; /* a slot's first leaf in `new` */
    unsigned depth, changed;      /* slots, a bit each */
    aver_digest slot[AVER_SMT_SLOTS];
};

/* The leaves of a slot that changes, in path order, old ones and new; returns how many. */
static unsigned merge_slot(const struct change *c, struct aver_smt_update out[AVER_SMT_BUCKET_LEAVES],
                           unsigned first, unsigned old, const struct aver_smt_update *u, size_t n)
{
    unsigned count = 0;
    size_t k = 0;
    for (unsigned i = 0; i < old || k < n;) {
        int order = 1;
        struct aver_smt_update leaf;
        if (i < old) {
            leaf = aver_smt_bucket_leaf(c->smt, c->old, first + i);
            order = k < n ? memcmp(leaf.path.b, u[k].path.b, sizeof leaf.path.b) : -1;
        }
        if (order < 0) out[count++] = leaf;
        if (order >= 0 && !u[k].gone) out[count++] = u[k];
        i += order <= 0;
        k += order >= 0;
    }
    return count;
}

static aver_digest node_hash(struct change *c, unsigned node);

static aver_digest slot_hash(struct change *c, unsigned s)
{
    struct aver_smt_update leaves[AVER_SMT_BUCKET_LEAVES];
    if (c->changed >> s & 1) return c->slot[s];
    unsigned n = c->new.slot[s];
    for (unsigned i = 0; i < n; i++) leaves[i] = aver_smt_bucket_leaf(c->smt, &c->new, c->from[s] + i);
    return aver_smt_leaves_hash(leaves, n, AVER_SMT_PAGE_BITS * (c->depth + 1));
}

/* Whether a slot below the node changed. */
static bool touched(const struct change *c, unsigned node)
{
    unsigned first = node, last = node;
    while (first < SLOT_0) first *= 2, last = 2 * last + 1;
    return (c->changed >> (first - SLOT_0) & ((1u << (last - first + 1)) - 1)) != 0;
}

static aver_digest node_hash(struct change *c, unsigned node)
{
    if (node >= SLOT_0) return slot_hash(c, node - SLOT_0);
    if (c->new.kind[node] == AVER_SMT_NODE_EMPTY) return (aver_digest){{0}};
    bool inner = c->new.kind[node] == AVER_SMT_NODE_INNER;
    if (inner && !touched(c, node)) return c->old->hash[node];
    aver_digest left = node_hash(c, 2 * node), right = node_hash(c, 2 * node + 1);
    if (inner) return c->new.hash[node] = aver_smt_node_hash(&left, &right);
    return aver_digest_eq(left, (aver_digest){{0}}) ? right : left;
}

size_t aver_smt_bucket_change(const struct aver_smt *smt, uint8_t out[AVER_SMT_BUCKET_BYTES_MAX],
                              struct aver_smt_bucket_top *top, const struct aver_smt_bucket *bucket,
                              unsigned depth, const struct aver_smt_update *u, size_t n)
{
    static const struct aver_smt_bucket none;
    struct change c = {.smt = smt, .old = bucket ? bucket : &none, .depth = depth};
    struct aver_smt_update leaves[AVER_SMT_BUCKET_LEAVES];
    uint8_t *at = out + 1 + AVER_SMT_SLOTS;
    unsigned first = 0;
    AVER_ASSERT(c.old->count + n <= AVER_SMT_BUCKET_LEAVES);
    c.new.leaves = at;
    for (unsigned s = 0, k = 0, to; s < AVER_SMT_SLOTS; first += c.old->slot[s++], k = to) {
        for (to = k; to < n && aver_smt_slot(&u[to].path, depth) == s;) to++;
        c.from[s] = (uint8_t)((size_t)(at - c.new.leaves) / LEAF_BYTES);
        if (to == k) {
            size_t same = (size_t)LEAF_BYTES * c.old->slot[s];
            if (same) memcpy(at, c.old->leaves + (size_t)LEAF_BYTES * first, same);
            at += same;
            c.new.slot[s] = c.old->slot[s];
            continue;
        }
        unsigned count = merge_slot(&c, leaves, first, c.old->slot[s], u + k, to - k);
        for (unsigned i = 0; i < count; i++, at += LEAF_BYTES) {
            memcpy(at, leaves[i].key.b, 32);
            memcpy(at + 32, leaves[i].value.b, 32);
        }
        c.new.slot[s] = (uint8_t)count;
        c.changed |= 1u << s;
        c.slot[s] = aver_smt_leaves_hash(leaves, count, AVER_SMT_PAGE_BITS * (depth + 1));
    }
    count_up(&c.new);
    out[0] = AVER_SMT_TAG_BUCKET;
    memcpy(out + 1, c.new.slot, sizeof c.new.slot);
    *top = (struct aver_smt_bucket_top){.count = c.new.count, .hash = node_hash(&c, 1)};
    if (top->count == 1) {
        memcpy(top->key.b, c.new.leaves, 32);
        memcpy(top->value.b, c.new.leaves + 32, 32);
    }
    for (unsigned node = 1; node < SLOT_0; node++) {
        if (c.new.kind[node] != AVER_SMT_NODE_INNER) continue;
        memcpy(at, touched(&c, node) ? c.new.hash[node].b : c.old->hash[node].b, 32);
        at += 32;
    }
    return (size_t)(at - out);
}
