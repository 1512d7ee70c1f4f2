/* ledger/model/smt_read.c - see smt.h: looking things up in the trie, proving them, and checking all of it. */
#include "ledger/model/smt_bucket.h"

#include <string.h>

/* A page laid open, one kind or the other. */
struct page {
    bool is_bucket;
    struct aver_smt_page branch;
    struct aver_smt_update leaf[AVER_SMT_BUCKET_LEAVES]; /* of a bucket, all */
    unsigned count;
};

/* A page below the root has to exist where the page above says so. */
static aver_err fetch(const struct aver_smt *smt, aver_bytes *bytes, unsigned depth, const aver_digest *path,
                      struct aver_why *why)
{
    struct aver_smt_place place = aver_smt_place_of(depth, path);
    *bytes = AVER_BYTES_NONE;
    AVER_TRY(smt->store.get(smt->store.ctx, bytes, &place, why));
    if (bytes->ptr || depth == 0) return AVER_OK;
    return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "",
                     "a page of the state trie is missing; rebuild the state from the log");
}

static aver_err load(const struct aver_smt *smt, struct page *page, unsigned depth, const aver_digest *path,
                     struct aver_why *why)
{
    aver_bytes bytes;
    AVER_TRY(fetch(smt, &bytes, depth, path, why));
    page->is_bucket = aver_smt_is_bucket(bytes);
    if (!page->is_bucket) return aver_smt_page_read(&page->branch, bytes, why);
    struct aver_smt_bucket bucket;
    AVER_TRY(aver_smt_bucket_read(&bucket, bytes, why));
    page->count = aver_smt_bucket_leaves(smt, &bucket, page->leaf);
    return AVER_OK;
}

static struct aver_smt_leaf leaf_at(const struct aver_smt_page *page, unsigned slot)
{
    return (struct aver_smt_leaf){page->key[slot], page->value[slot]};
}

static struct aver_smt_leaf leaf_of(const struct aver_smt_update *u)
{
    return (struct aver_smt_leaf){u->key, u->value};
}

aver_err aver_smt_root(const struct aver_smt *smt, aver_digest *root, struct aver_why *why)
{
    const aver_digest any = {{0}};
    struct aver_smt_page branch;
    struct aver_smt_bucket bucket;
    aver_bytes bytes;
    AVER_TRY(fetch(smt, &bytes, 0, &any, why));
    if (aver_smt_is_bucket(bytes)) {
        AVER_TRY(aver_smt_bucket_read(&bucket, bytes, why));
        *root = bucket.count > 1 ? bucket.hash[1] : aver_smt_bucket_leaf(smt, &bucket, 0).leaf;
        return AVER_OK;
    }
    AVER_TRY(aver_smt_page_read(&branch, bytes, why));
    aver_smt_page_hash(&branch, 0);
    *root = branch.hash[1];
    return AVER_OK;
}

static aver_err absent(struct aver_why *why)
{
    return aver_fail(why, AVER_E_NOT_FOUND, "SMT-ABSENT", "", "the state holds nothing at this key");
}

/* Only the slot of the path is hashed. */
static aver_err get_of_bucket(const struct aver_smt *smt, struct aver_smt_leaf *out, aver_bytes bytes,
                              unsigned depth, const aver_digest *path, struct aver_why *why)
{
    struct aver_smt_bucket bucket;
    unsigned slot = aver_smt_slot(path, depth), i = 0;
    AVER_TRY(aver_smt_bucket_read(&bucket, bytes, why));
    for (unsigned s = 0; s < slot; s++) i += bucket.slot[s];
    for (unsigned end = i + bucket.slot[slot]; i < end; i++) {
        struct aver_smt_update leaf = aver_smt_bucket_leaf(smt, &bucket, i);
        if (!aver_digest_eq(leaf.path, *path)) continue;
        *out = leaf_of(&leaf);
        return AVER_OK;
    }
    return absent(why);
}

aver_err aver_smt_get(const struct aver_smt *smt, struct aver_smt_leaf *out, const aver_digest *path,
                      struct aver_why *why)
{
    struct aver_smt_page page;
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        aver_bytes bytes;
        AVER_TRY(fetch(smt, &bytes, depth, path, why));
        if (aver_smt_is_bucket(bytes)) return get_of_bucket(smt, out, bytes, depth, path, why);
        AVER_TRY(aver_smt_page_read(&page, bytes, why));
        unsigned slot = aver_smt_slot(path, depth);
        enum aver_smt_node kind = (enum aver_smt_node)page.kind[AVER_SMT_SLOTS + slot];
        if (kind == AVER_SMT_NODE_INNER) continue;
        if (kind == AVER_SMT_NODE_EMPTY) break;
        aver_digest there = aver_smt_leaf_path(smt, &page.key[slot]);
        if (!aver_digest_eq(there, *path)) break;
        *out = leaf_at(&page, slot);
        return AVER_OK;
    }
    return absent(why);
}

/* The end of a proof: nothing, or the one leaf there is below where it ended. */
static void prove_end(const struct aver_smt *smt, struct aver_smt_proof *out, struct aver_smt_leaf *leaf,
                      const aver_digest *path)
{
    aver_digest there = aver_smt_leaf_path(smt, &leaf->key);
    out->end = aver_digest_eq(there, *path) ? AVER_SMT_MEMBER : AVER_SMT_OTHER;
    if (out->end == AVER_SMT_MEMBER) return;
    out->other_path = there;
    out->other_value_hash = smt->table ? leaf->value : aver_sha256(aver_digest_bytes(&leaf->value));
}

static void prove_in_bucket(const struct aver_smt *smt, struct aver_smt_proof *out,
                            struct aver_smt_leaf *leaf, const struct page *page, const aver_digest *path)
{
    const struct aver_smt_update *u = page->leaf;
    size_t n = page->count;
    while (n > 1 && out->depth < AVER_SMT_DEPTH_MAX) {
        size_t left = 0;
        while (left < n && !aver_smt_bit(&u[left].path, out->depth)) left++;
        bool right = aver_smt_bit(path, out->depth);
        const struct aver_smt_update *beside = right ? u : u + left;
        size_t others = right ? left : n - left;
        out->sibling[out->depth] = aver_smt_leaves_hash(beside, others, out->depth + 1);
        out->depth++;
        if (right) u += left;
        n -= others;
    }
    if (!n) return;
    *leaf = leaf_of(u);
    prove_end(smt, out, leaf, path);
}

aver_err aver_smt_prove(const struct aver_smt *smt, struct aver_smt_proof *out, struct aver_smt_leaf *leaf,
                        const aver_digest *path, struct aver_why *why)
{
    struct aver_smt_leaf ignored;
    struct page page;
    out->depth = 0;
    out->end = AVER_SMT_EMPTY;
    out->other_path = out->other_value_hash = (aver_digest){{0}};
    if (!leaf) leaf = &ignored;
    *leaf = (struct aver_smt_leaf){{{0}}, {{0}}};
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, path, why));
        if (page.is_bucket) {
            prove_in_bucket(smt, out, leaf, &page, path);
            return AVER_OK;
        }
        aver_smt_page_hash(&page.branch, 0xffff);
        unsigned node = 1;
        while (node < AVER_SMT_SLOTS && page.branch.kind[node] == AVER_SMT_NODE_INNER) {
            node = 2 * node + aver_smt_bit(path, out->depth);
            out->sibling[out->depth++] = page.branch.hash[node ^ 1];
        }
        if (page.branch.kind[node] == AVER_SMT_NODE_INNER) continue;
        if (page.branch.kind[node] == AVER_SMT_NODE_EMPTY) return AVER_OK;
        *leaf = leaf_at(&page.branch, aver_smt_page_leaf(&page.branch, node));
        prove_end(smt, out, leaf, path);
        return AVER_OK;
    }
    return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "", "the state trie is deeper than a path is long");
}

/* ---- neighbours ---- */

/* The first leaf (side > 0) or the last (side < 0) of the page at `depth` on `path`, which has one. */
static aver_err outermost(const struct aver_smt *smt, struct aver_smt_leaf *out, unsigned depth,
                          aver_digest path, int side, struct aver_why *why)
{
    struct page page;
    for (; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, &path, why));
        if (page.is_bucket) {
            *out = leaf_of(&page.leaf[side > 0 ? 0 : page.count - 1]);
            return AVER_OK;
        }
        const uint8_t *kind = page.branch.kind + AVER_SMT_SLOTS;
        int s = side > 0 ? 0 : AVER_SMT_SLOTS - 1;
        while (s >= 0 && s < AVER_SMT_SLOTS && kind[s] == AVER_SMT_NODE_EMPTY) s += side;
        if (s < 0 || s == AVER_SMT_SLOTS) break;
        if (kind[s] == AVER_SMT_NODE_LEAF) {
            *out = leaf_at(&page.branch, (unsigned)s);
            return AVER_OK;
        }
        path.b[depth / 2] = (uint8_t)(depth & 1 ? (path.b[depth / 2] & 0xf0) | s : s << 4);
    }
    return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "",
                     "a page of the state trie below the root holds no leaf");
}

/* The leaf next to `path` on one side, sought from the slot of the path outward: page by page down the path, each page
 * that has something on that side is nearer than those above it. */
struct nearest {
    bool found;
    struct aver_smt_leaf leaf;
    aver_digest toward; /* where the best page so far leads, if it does not hold the leaf itself: */
    unsigned depth;     /* then not 0 */
};

static void is_nearest(struct nearest *best, const struct aver_smt_leaf *leaf, const aver_digest *there,
                       const aver_digest *path, int side)
{
    int order = memcmp(there->b, path->b, sizeof there->b);
    if (side > 0 ? order > 0 : order < 0) *best = (struct nearest){.found = true, .leaf = *leaf};
}

static void look_in_bucket(struct nearest *best, const struct page *page, const aver_digest *path, int side)
{
    for (unsigned i = 0; i < page->count; i++) {
        /* The nearest is looked at last. */
        const struct aver_smt_update *u = &page->leaf[side > 0 ? page->count - 1 - i : i];
        struct aver_smt_leaf leaf = leaf_of(u);
        is_nearest(best, &leaf, &u->path, path, side);
    }
}

static aver_err next_leaf(const struct aver_smt *smt, struct aver_smt_leaf *out, bool *found,
                          const aver_digest *path, int side, struct aver_why *why)
{
    struct page page;
    struct nearest best = {.found = false};
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, path, why));
        if (page.is_bucket) {
            look_in_bucket(&best, &page, path, side);
            break;
        }
        const uint8_t *kind = page.branch.kind + AVER_SMT_SLOTS;
        int at = (int)aver_smt_slot(path, depth), s = at + side;
        while (s >= 0 && s < AVER_SMT_SLOTS && kind[s] == AVER_SMT_NODE_EMPTY) s += side;
        if (s >= 0 && s < AVER_SMT_SLOTS) {
            best =
                (struct nearest){.found = true, .leaf = leaf_at(&page.branch, (unsigned)s), .toward = *path};
            uint8_t *nibble = &best.toward.b[depth / 2];
            *nibble = (uint8_t)(depth & 1 ? (*nibble & 0xf0) | s : s << 4);
            best.depth = kind[s] == AVER_SMT_NODE_INNER ? depth + 1 : 0;
        }
        if (kind[at] == AVER_SMT_NODE_INNER) continue;
        if (kind[at] == AVER_SMT_NODE_LEAF) {
            struct aver_smt_leaf leaf = leaf_at(&page.branch, (unsigned)at);
            aver_digest there = aver_smt_leaf_path(smt, &leaf.key);
            is_nearest(&best, &leaf, &there, path, side);
        }
        break;
    }
    *found = best.found;
    *out = best.leaf;
    return best.depth ? outermost(smt, out, best.depth, best.toward, side, why) : AVER_OK;
}

aver_err aver_smt_neighbours(const struct aver_smt *smt, struct aver_smt_neighbours *out,
                             const aver_digest *path, struct aver_why *why)
{
    memset(out, 0, sizeof *out);
    AVER_TRY(next_leaf(smt, &out->left, &out->has_left, path, -1, why));
    return next_leaf(smt, &out->right, &out->has_right, path, 1, why);
}

/* ---- the whole trie ---- */

struct walk {
    const struct aver_smt *smt;
    aver_smt_visit *visit;
    void *ctx;
    struct aver_why *why;
};

static aver_err wrong(struct walk *walk, const struct aver_smt_place *place, const char *what)
{
    char prefix[2 * 32 + 1];
    aver_hex(prefix, aver_bytes_of(place->prefix.b, (place->depth + 1u) / 2));
    prefix[place->depth] = 0;
    return aver_fail(walk->why, AVER_E_CORRUPT, "SMT-HASH", prefix, "%s; rebuild the state from the log",
                     what);
}

static aver_err walk_bucket(struct walk *walk, aver_digest *top, const struct aver_smt_place *place,
                            const struct aver_smt_bucket *bucket)
{
    struct aver_smt_update leaf[AVER_SMT_BUCKET_LEAVES];
    unsigned n = aver_smt_bucket_leaves(walk->smt, bucket, leaf), depth = place->depth;
    uint8_t slots[AVER_SMT_SLOTS] = {0};
    for (unsigned i = 0; i < n; i++) {
        struct aver_smt_place home = aver_smt_place_of(depth, &leaf[i].path);
        slots[aver_smt_slot(&leaf[i].path, depth)]++;
        if (!aver_digest_eq(home.prefix, place->prefix) ||
            (i > 0 && memcmp(leaf[i - 1].path.b, leaf[i].path.b, sizeof leaf[i].path.b) >= 0))
            return wrong(walk, place, "a leaf stands where its key does not lead");
    }
    if (memcmp(slots, bucket->slot, sizeof slots) != 0)
        return wrong(walk, place, "a leaf stands where its key does not lead");
    if (depth > 0 && n < 2) return wrong(walk, place, "a page below the root holds fewer than two leaves");
    uint8_t bytes[AVER_SMT_BUCKET_BYTES_MAX];
    struct aver_smt_bucket anew;
    struct aver_smt_bucket_top is;
    size_t len = aver_smt_bucket_change(walk->smt, bytes, &is, NULL, depth, leaf, n);
    AVER_TRY(aver_smt_bucket_read(&anew, aver_bytes_of(bytes, len), walk->why));
    if (memcmp(anew.hash, bucket->hash, sizeof anew.hash) != 0)
        return wrong(walk, place, "a hash kept in the page is wrong");
    *top = is.hash;
    for (unsigned i = 0; walk->visit && i < n; i++) {
        struct aver_smt_leaf one = leaf_of(&leaf[i]);
        AVER_TRY(walk->visit(walk->ctx, &leaf[i].path, &one, walk->why));
    }
    return AVER_OK;
}

static aver_err walk_leaf(struct walk *walk, aver_digest *hash, const struct aver_smt_place *place,
                          unsigned slot, const struct aver_smt_leaf *leaf)
{
    const struct aver_smt *smt = walk->smt;
    aver_digest path = aver_smt_leaf_path(smt, &leaf->key);
    struct aver_smt_place home = aver_smt_place_of(place->depth, &path);
    if (!aver_digest_eq(home.prefix, place->prefix) || aver_smt_slot(&path, place->depth) != slot)
        return wrong(walk, place, "a leaf stands where its key does not lead");
    aver_digest value_hash = smt->table ? leaf->value : aver_sha256(aver_digest_bytes(&leaf->value));
    *hash = aver_smt_leaf_hash(&path, &value_hash);
    return walk->visit ? walk->visit(walk->ctx, &path, leaf, walk->why) : AVER_OK;
}

static aver_err walk_page(struct walk *walk, aver_digest *top, const struct aver_smt_place *place)
{
    struct aver_smt_page page;
    struct aver_smt_bucket bucket;
    aver_bytes bytes;
    unsigned depth = place->depth;
    AVER_TRY(fetch(walk->smt, &bytes, depth, &place->prefix, walk->why));
    if (aver_smt_is_bucket(bytes)) {
        AVER_TRY(aver_smt_bucket_read(&bucket, bytes, walk->why));
        return walk_bucket(walk, top, place, &bucket);
    }
    AVER_TRY(aver_smt_page_read(&page, bytes, walk->why));
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        unsigned node = AVER_SMT_SLOTS + s;
        aver_digest hash, path = place->prefix;
        path.b[depth / 2] |= (uint8_t)(depth & 1 ? s : s << 4);
        if (page.kind[node] == AVER_SMT_NODE_EMPTY) continue;
        if (page.kind[node] == AVER_SMT_NODE_INNER) {
            if (depth + 1 == AVER_SMT_PAGES_DEEP) return wrong(walk, place, "a page leads below the deepest");
            struct aver_smt_place below = aver_smt_place_of(depth + 1, &path);
            AVER_TRY(walk_page(walk, &hash, &below));
        } else {
            struct aver_smt_leaf leaf = leaf_at(&page, s);
            AVER_TRY(walk_leaf(walk, &hash, place, s, &leaf));
        }
        if (!aver_digest_eq(hash, page.hash[node]))
            return wrong(walk, place, "a slot's hash is not that of its content");
    }
    struct aver_smt_page anew = page;
    aver_smt_page_hash(&anew, 0xffff);
    for (unsigned node = 4; node < 8; node++)
        if (!aver_digest_eq(anew.hash[node], page.hash[node]))
            return wrong(walk, place, "a hash kept in the page is wrong");
    if (depth > 0 && anew.kind[1] != AVER_SMT_NODE_INNER)
        return wrong(walk, place, "a page below the root holds fewer than two leaves");
    *top = anew.hash[1];
    return AVER_OK;
}

aver_err aver_smt_walk(const struct aver_smt *smt, aver_digest *root, aver_smt_visit *visit, void *ctx,
                       struct aver_why *why)
{
    struct walk walk = {smt, visit, ctx, why};
    struct aver_smt_place place = {0};
    return walk_page(&walk, root, &place);
}
