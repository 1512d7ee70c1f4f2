/* ledger/model/smt_read.c - see smt.h: looking things up in the trie, proving them, and checking all of it. */
#include "ledger/model/smt.h"

#include <string.h>

/* A page below the root has to exist where the page above says so. */
static aver_err load(const struct aver_smt *smt, struct aver_smt_page *page, unsigned depth,
                     const aver_digest *path, struct aver_why *why)
{
    struct aver_smt_place place = aver_smt_place_of(depth, path);
    aver_bytes bytes = AVER_BYTES_NONE;
    AVER_TRY(smt->store.get(smt->store.ctx, &bytes, &place, why));
    if (!bytes.ptr && depth > 0)
        return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "",
                         "a page of the state trie is missing; rebuild the state from the log");
    return aver_smt_page_read(page, bytes, why);
}

static struct aver_smt_leaf leaf_at(const struct aver_smt_page *page, unsigned slot)
{
    return (struct aver_smt_leaf){page->key[slot], page->value[slot]};
}

aver_err aver_smt_root(const struct aver_smt *smt, aver_digest *root, struct aver_why *why)
{
    const aver_digest any = {{0}};
    struct aver_smt_page page;
    AVER_TRY(load(smt, &page, 0, &any, why));
    *root = aver_smt_page_top(&page);
    return AVER_OK;
}

aver_err aver_smt_get(const struct aver_smt *smt, struct aver_smt_leaf *out, const aver_digest *path,
                      struct aver_why *why)
{
    struct aver_smt_page page;
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, path, why));
        unsigned slot = aver_smt_slot(path, depth);
        enum aver_smt_node kind = (enum aver_smt_node)page.kind[AVER_SMT_SLOTS + slot];
        if (kind == AVER_SMT_NODE_INNER) continue;
        if (kind == AVER_SMT_NODE_EMPTY) break;
        aver_digest there = aver_smt_leaf_path(smt, &page.key[slot]);
        if (!aver_digest_eq(there, *path)) break;
        *out = leaf_at(&page, slot);
        return AVER_OK;
    }
    return aver_fail(why, AVER_E_NOT_FOUND, "SMT-ABSENT", "", "the state holds nothing at this key");
}

/* The end of a proof: a slot or a node above one, empty or a leaf that has risen to it. */
static void prove_end(const struct aver_smt *smt, struct aver_smt_proof *out, struct aver_smt_leaf *leaf,
                      const struct aver_smt_page *page, unsigned node, const aver_digest *path)
{
    out->end = AVER_SMT_EMPTY;
    out->other_path = out->other_value_hash = (aver_digest){{0}};
    *leaf = (struct aver_smt_leaf){{{0}}, {{0}}};
    if (page->kind[node] == AVER_SMT_NODE_EMPTY) return;
    *leaf = leaf_at(page, aver_smt_page_leaf(page, node));
    aver_digest there = aver_smt_leaf_path(smt, &leaf->key);
    out->end = aver_digest_eq(there, *path) ? AVER_SMT_MEMBER : AVER_SMT_OTHER;
    if (out->end == AVER_SMT_MEMBER) return;
    out->other_path = there;
    out->other_value_hash = smt->table ? leaf->value : aver_sha256(aver_digest_bytes(&leaf->value));
}

aver_err aver_smt_prove(const struct aver_smt *smt, struct aver_smt_proof *out, struct aver_smt_leaf *leaf,
                        const aver_digest *path, struct aver_why *why)
{
    struct aver_smt_leaf ignored;
    struct aver_smt_page page;
    out->depth = 0;
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, path, why));
        unsigned node = 1;
        while (node < AVER_SMT_SLOTS && page.kind[node] == AVER_SMT_NODE_INNER) {
            node = 2 * node + aver_smt_bit(path, out->depth);
            out->sibling[out->depth++] = page.hash[node ^ 1];
        }
        if (page.kind[node] == AVER_SMT_NODE_INNER) continue;
        prove_end(smt, out, leaf ? leaf : &ignored, &page, node, path);
        return AVER_OK;
    }
    return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "", "the state trie is deeper than a path is long");
}

/* ---- neighbours ---- */

/* The first leaf (side > 0) or the last (side < 0) of the page at `depth` on `path`, which has one. */
static aver_err outermost(const struct aver_smt *smt, struct aver_smt_leaf *out, unsigned depth,
                          aver_digest path, int side, struct aver_why *why)
{
    struct aver_smt_page page;
    for (; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, &path, why));
        int s = side > 0 ? 0 : AVER_SMT_SLOTS - 1;
        while (s >= 0 && s < AVER_SMT_SLOTS && page.kind[AVER_SMT_SLOTS + s] == AVER_SMT_NODE_EMPTY)
            s += side;
        if (s < 0 || s == AVER_SMT_SLOTS) break;
        if (page.kind[AVER_SMT_SLOTS + s] == AVER_SMT_NODE_LEAF) {
            *out = leaf_at(&page, (unsigned)s);
            return AVER_OK;
        }
        path.b[depth / 2] = (uint8_t)(depth & 1 ? (path.b[depth / 2] & 0xf0) | s : s << 4);
    }
    return aver_fail(why, AVER_E_CORRUPT, "SMT-PAGE", "",
                     "a page of the state trie below the root holds no leaf");
}

/* The leaf next to `path` on one side, sought from the slot of the path outward: page by page down the path, each page
 * that has something on that side is nearer than those above it. */
static aver_err next_leaf(const struct aver_smt *smt, struct aver_smt_leaf *out, bool *found,
                          const aver_digest *path, int side, struct aver_why *why)
{
    struct aver_smt_page page;
    aver_digest toward = *path; /* where the best page so far leads, if it does not hold the leaf itself */
    unsigned toward_depth = 0;
    *found = false;
    for (unsigned depth = 0; depth < AVER_SMT_PAGES_DEEP; depth++) {
        AVER_TRY(load(smt, &page, depth, path, why));
        int at = (int)aver_smt_slot(path, depth);
        for (int s = at + side; s >= 0 && s < AVER_SMT_SLOTS; s += side) {
            uint8_t kind = page.kind[AVER_SMT_SLOTS + s];
            if (kind == AVER_SMT_NODE_EMPTY) continue;
            *found = true;
            toward_depth = 0;
            *out = leaf_at(&page, (unsigned)s);
            if (kind == AVER_SMT_NODE_INNER) {
                toward = *path;
                toward.b[depth / 2] = (uint8_t)(depth & 1 ? (toward.b[depth / 2] & 0xf0) | s : s << 4);
                toward_depth = depth + 1;
            }
            break;
        }
        uint8_t kind = page.kind[AVER_SMT_SLOTS + at];
        if (kind == AVER_SMT_NODE_INNER) continue;
        if (kind == AVER_SMT_NODE_LEAF) {
            aver_digest there = aver_smt_leaf_path(smt, &page.key[at]);
            int order = memcmp(there.b, path->b, sizeof there.b);
            if (side > 0 ? order > 0 : order < 0) {
                *found = true;
                toward_depth = 0;
                *out = leaf_at(&page, (unsigned)at);
            }
        }
        break;
    }
    return toward_depth ? outermost(smt, out, toward_depth, toward, side, why) : AVER_OK;
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

static aver_err walk_page(struct walk *walk, aver_digest *top, const struct aver_smt_place *place)
{
    const struct aver_smt *smt = walk->smt;
    struct aver_smt_page page;
    unsigned depth = place->depth;
    AVER_TRY(load(smt, &page, depth, &place->prefix, walk->why));
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        unsigned node = AVER_SMT_SLOTS + s;
        if (page.kind[node] == AVER_SMT_NODE_EMPTY) continue;
        aver_digest hash, path = place->prefix;
        path.b[depth / 2] |= (uint8_t)(depth & 1 ? s : s << 4);
        if (page.kind[node] == AVER_SMT_NODE_INNER) {
            if (depth + 1 == AVER_SMT_PAGES_DEEP) return wrong(walk, place, "a page leads below the deepest");
            struct aver_smt_place below = aver_smt_place_of(depth + 1, &path);
            AVER_TRY(walk_page(walk, &hash, &below));
        } else {
            struct aver_smt_leaf leaf = leaf_at(&page, s);
            path = aver_smt_leaf_path(smt, &leaf.key);
            struct aver_smt_place home = aver_smt_place_of(depth, &path);
            if (!aver_digest_eq(home.prefix, place->prefix) || aver_smt_slot(&path, depth) != s)
                return wrong(walk, place, "a leaf stands where its key does not lead");
            aver_digest value_hash = smt->table ? leaf.value : aver_sha256(aver_digest_bytes(&leaf.value));
            hash = aver_smt_leaf_hash(&path, &value_hash);
            if (walk->visit) AVER_TRY(walk->visit(walk->ctx, &path, &leaf, walk->why));
        }
        if (!aver_digest_eq(hash, page.hash[node]))
            return wrong(walk, place, "a slot's hash is not that of its content");
    }
    struct aver_smt_page anew = page;
    aver_smt_page_hash(&anew, 0xffff);
    for (unsigned node = 2; node < AVER_SMT_SLOTS; node++)
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
