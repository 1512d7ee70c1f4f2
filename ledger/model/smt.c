/* ledger/model/smt.c - see smt.h: changing the trie. Reading it is in smt_read.c. */
#include "ledger/model/smt_bucket.h"

#include <stdlib.h>
#include <string.h>

void aver_smt_set(struct aver_smt_update *out, const aver_digest *key, const aver_digest *value)
{
    *out = (struct aver_smt_update){.path = aver_sha256(aver_digest_bytes(key)), .key = *key, .gone = !value};
    if (!value) return;
    aver_digest value_hash = aver_sha256(aver_digest_bytes(value));
    out->value = *value;
    out->leaf = aver_smt_leaf_hash(&out->path, &value_hash);
}

void aver_smt_set_row(struct aver_smt_update *out, aver_bytes key, aver_bytes value)
{
    *out = (struct aver_smt_update){.path = aver_sha256(key), .gone = !value.ptr};
    out->key = out->path;
    if (!value.ptr) return;
    out->value = aver_sha256(value);
    out->leaf = aver_smt_leaf_hash(&out->path, &out->value);
}

static int by_path(const void *a, const void *b)
{
    const struct aver_smt_update *x = a, *y = b;
    return memcmp(x->path.b, y->path.b, sizeof x->path.b);
}

void aver_smt_sort(struct aver_smt_update *updates, size_t n)
{
    if (n > 1) qsort(updates, n, sizeof *updates, by_path);
}

size_t aver_smt_place_key(uint8_t out[AVER_SMT_PLACE_KEY_MAX], const struct aver_smt_place *place)
{
    size_t len = (place->depth + 1u) / 2;
    memcpy(out, place->prefix.b, len);
    out[len] = place->depth;
    return len + 1;
}

aver_digest aver_smt_leaf_path(const struct aver_smt *smt, const aver_digest *key)
{
    return smt->table ? *key : aver_sha256(aver_digest_bytes(key));
}

/* What stands in a branch's slot, or for a page in the page above it. Where `kind` is INNER only the hash counts. */
struct slot {
    enum aver_smt_node kind;
    aver_digest hash, key, value;
};

/* Changes that lead to one place, sorted: leaves that are to lie there as well, from a page that stood higher or was a bucket, and
 * what an apply changes. */
struct load {
    const struct aver_smt_update *old, *u;
    size_t old_count, n;
};

struct run {
    const struct aver_smt *smt;
    struct aver_why *why;
    uint8_t bytes[AVER_SMT_PAGE_BYTES_MAX]; /* a page on its way to the store: one at a time */
};

static struct slot slot_read(const struct aver_smt_page *page, unsigned s)
{
    return (struct slot){(enum aver_smt_node)page->kind[AVER_SMT_SLOTS + s], page->hash[AVER_SMT_SLOTS + s],
                         page->key[s], page->value[s]};
}

static void slot_write(struct aver_smt_page *page, unsigned s, const struct slot *slot)
{
    page->kind[AVER_SMT_SLOTS + s] = (uint8_t)slot->kind;
    page->hash[AVER_SMT_SLOTS + s] = slot->hash;
    page->key[s] = slot->key;
    page->value[s] = slot->value;
}

/* The next of both lists, the newer in place of the older; NULL at the end. One that goes is given as such. */
static const struct aver_smt_update *next(const struct load *load, size_t *i, size_t *k)
{
    bool old = *i < load->old_count, new = *k < load->n;
    if (!old && !new) return NULL;
    int order = !old ? 1 : !new ? -1 : by_path(&load->old[*i], &load->u[*k]);
    const struct aver_smt_update *is = order < 0 ? &load->old[*i] : &load->u[*k];
    *i += order <= 0;
    *k += order >= 0;
    return is;
}

/* How many leaves there will be, two meaning two or more; *one is the last one met. */
static unsigned live(const struct load *load, const struct aver_smt_update **one)
{
    unsigned count = 0;
    const struct aver_smt_update *is;
    for (size_t i = 0, k = 0; count < 2 && (is = next(load, &i, &k)) != NULL;)
        if (!is->gone) {
            *one = is;
            count++;
        }
    return count;
}

/* The part of a sorted list that leads into a slot, which is at its beginning. */
static size_t part(const struct aver_smt_update *u, size_t n, unsigned slot, unsigned depth)
{
    size_t k = 0;
    while (k < n && aver_smt_slot(&u[k].path, depth) == slot) k++;
    return k;
}

static aver_err keep(struct run *run, const struct aver_smt_place *place, size_t len)
{
    const struct aver_smt_store *store = &run->smt->store;
    return store->put(store->ctx, place, aver_bytes_of(run->bytes, len), run->why);
}

static aver_err drop(struct run *run, const struct aver_smt_place *place)
{
    const struct aver_smt_store *store = &run->smt->store;
    return store->del(store->ctx, place, run->why);
}

/* Puts the bucket that was made in place of the one before, whose bytes are `before`, or of nothing. */
static aver_err keep_bucket(struct run *run, struct slot *io, const struct aver_smt_place *place,
                            const struct aver_smt_bucket *bucket, aver_bytes before, size_t len,
                            const struct aver_smt_bucket_top *top)
{
    if (before.len == len && memcmp(before.ptr, run->bytes, len) == 0) {
        io->hash = top->hash;
        return AVER_OK;
    }
    *io = (struct slot){top->count > 1 ? AVER_SMT_NODE_INNER : (enum aver_smt_node)top->count, top->hash,
                        top->key, top->value};
    if (top->count > 1 || (top->count == 1 && place->depth == 0)) return keep(run, place, len);
    return bucket ? drop(run, place) : AVER_OK;
}

static aver_err descend(struct run *run, struct slot *io, unsigned depth, const struct aver_smt_update *u,
                        size_t n);
static aver_err make(struct run *run, struct slot *io, unsigned depth, const struct load *load,
                     const struct aver_smt_bucket *bucket, aver_bytes before);

static aver_err change_slot(struct run *run, struct slot *slot, unsigned depth, const struct load *load)
{
    const struct aver_smt_update *one = NULL;
    if (slot->kind == AVER_SMT_NODE_INNER) return descend(run, slot, depth + 1, load->u, load->n);
    switch (live(load, &one)) {
    case 0: *slot = (struct slot){.kind = AVER_SMT_NODE_EMPTY}; return AVER_OK;
    case 1: *slot = (struct slot){AVER_SMT_NODE_LEAF, one->leaf, one->key, one->value}; return AVER_OK;
    default: return make(run, slot, depth + 1, load, NULL, AVER_BYTES_NONE);
    }
}

/* Applies to a branch at this place all that leads to it. */
static aver_err change_branch(struct run *run, struct slot *io, const struct aver_smt_place *place,
                              struct aver_smt_page *page, const struct load *load, bool existed)
{
    unsigned changed = 0, depth = place->depth;
    struct load rest = *load;
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        struct load in = {rest.old, rest.u, part(rest.old, rest.old_count, s, depth),
                          part(rest.u, rest.n, s, depth)};
        rest = (struct load){rest.old + in.old_count, rest.u + in.n, rest.old_count - in.old_count,
                             rest.n - in.n};
        if (in.old_count + in.n == 0) continue;
        struct slot was = slot_read(page, s), is = was;
        struct aver_smt_update alone;
        if (was.kind == AVER_SMT_NODE_LEAF) {
            AVER_ASSERT(in.old_count == 0);
            alone = (struct aver_smt_update){.path = aver_smt_leaf_path(run->smt, &was.key),
                                             .leaf = was.hash,
                                             .key = was.key,
                                             .value = was.value};
            in.old = &alone;
            in.old_count = 1;
        }
        AVER_TRY(change_slot(run, &is, depth, &in));
        if (is.kind == was.kind && aver_digest_eq(is.hash, was.hash)) continue;
        slot_write(page, s, &is);
        changed |= 1u << s;
    }
    if (!changed && load->old_count == 0) return AVER_OK;

    aver_smt_page_hash(page, changed);
    bool stays = page->kind[1] == AVER_SMT_NODE_INNER || (depth == 0 && page->kind[1] == AVER_SMT_NODE_LEAF);
    if (stays)
        AVER_TRY(keep(run, place, aver_smt_page_write(run->bytes, page)));
    else if (existed)
        AVER_TRY(drop(run, place));
    if (page->kind[1] == AVER_SMT_NODE_LEAF)
        *io = slot_read(page, aver_smt_page_leaf(page, 1));
    else
        *io = (struct slot){.kind = (enum aver_smt_node)page->kind[1], .hash = page->hash[1]};
    return AVER_OK;
}

/* How many leaves there will be, no more than `most` being counted. */
static size_t live_count(const struct load *load, size_t most)
{
    size_t count = 0;
    const struct aver_smt_update *is;
    for (size_t i = 0, k = 0; count < most && (is = next(load, &i, &k)) != NULL;) count += !is->gone;
    return count;
}

/* Both lists as one, which fit in a bucket together; in place of `bucket`, unless it is NULL. */
static aver_err make_bucket(struct run *run, struct slot *io, const struct aver_smt_place *place,
                            const struct load *load, const struct aver_smt_bucket *bucket, aver_bytes before)
{
    struct aver_smt_update all[AVER_SMT_BUCKET_LEAVES];
    const struct aver_smt_update *is;
    struct aver_smt_bucket_top top;
    size_t count = 0;
    for (size_t i = 0, k = 0; (is = next(load, &i, &k)) != NULL;)
        if (!is->gone) all[count++] = *is;
    size_t len = aver_smt_bucket_change(run->smt, run->bytes, &top, NULL, place->depth, all, count);
    return keep_bucket(run, io, place, bucket, before, len, &top);
}

/* The page at a place that has none, or a bucket that may be full: then what it held is among the load. */
static aver_err make(struct run *run, struct slot *io, unsigned depth, const struct load *load,
                     const struct aver_smt_bucket *bucket, aver_bytes before)
{
    struct aver_smt_place place = aver_smt_place_of(depth, load->n ? &load->u[0].path : &load->old[0].path);
    struct aver_smt_page page;
    if (live_count(load, AVER_SMT_BUCKET_LEAVES + 1) <= AVER_SMT_BUCKET_LEAVES)
        return make_bucket(run, io, &place, load, bucket, before);
    memset(&page, 0, sizeof page);
    return change_branch(run, io, &place, &page, load, bucket);
}

/* A bucket that may have no room for all of `u`. */
static aver_err open_bucket(struct run *run, struct slot *io, unsigned depth,
                            const struct aver_smt_bucket *bucket, aver_bytes before,
                            const struct aver_smt_update *u, size_t n)
{
    struct aver_smt_update old[AVER_SMT_BUCKET_LEAVES];
    struct load load = {old, u, aver_smt_bucket_leaves(run->smt, bucket, old), n};
    for (size_t i = 1; i < load.old_count; i++)
        if (by_path(&old[i - 1], &old[i]) >= 0) return aver_smt_page_corrupt(run->why);
    return make(run, io, depth, &load, bucket, before);
}

/* Applies `u`, n >= 1, to the page at `depth` on their common path, whose hash stands in the page above: `io`, before and
 * after. */
static aver_err descend(struct run *run, struct slot *io, unsigned depth, const struct aver_smt_update *u,
                        size_t n)
{
    const struct aver_smt_store *store = &run->smt->store;
    struct aver_smt_place place = aver_smt_place_of(depth, &u[0].path);
    struct load load = {.u = u, .n = n};
    aver_bytes bytes = AVER_BYTES_NONE;
    AVER_TRY(store->get(store->ctx, &bytes, &place, run->why));
    if (!bytes.ptr && depth > 0)
        return aver_fail(run->why, AVER_E_CORRUPT, "SMT-PAGE", "",
                         "a page of the state trie is missing; rebuild the state from the log");
    if (!bytes.ptr) return make(run, io, depth, &load, NULL, AVER_BYTES_NONE);
    if (aver_smt_is_bucket(bytes)) {
        struct aver_smt_bucket bucket;
        AVER_TRY(aver_smt_bucket_read(&bucket, bytes, run->why));
        if (bucket.count + n > AVER_SMT_BUCKET_LEAVES)
            return open_bucket(run, io, depth, &bucket, bytes, u, n);
        struct aver_smt_bucket_top top;
        size_t len = aver_smt_bucket_change(run->smt, run->bytes, &top, &bucket, depth, u, n);
        return keep_bucket(run, io, &place, &bucket, bytes, len, &top);
    }
    struct aver_smt_page page;
    AVER_TRY(aver_smt_page_read(&page, bytes, run->why));
    return change_branch(run, io, &place, &page, &load, true);
}

aver_err aver_smt_apply(const struct aver_smt *smt, aver_digest *root, const struct aver_smt_update *updates,
                        size_t n, struct aver_why *why)
{
    for (size_t i = 1; i < n; i++) AVER_ASSERT(by_path(&updates[i - 1], &updates[i]) < 0);
    if (n == 0) return aver_smt_root(smt, root, why);
    struct run run = {.smt = smt, .why = why};
    /* The root page may or may not exist; INNER makes the descent look. Its hash comes back unless nothing changed. */
    struct slot top = {.kind = AVER_SMT_NODE_INNER};
    AVER_TRY(descend(&run, &top, 0, updates, n));
    if (top.kind == AVER_SMT_NODE_INNER && aver_digest_eq(top.hash, (aver_digest){{0}}))
        return aver_smt_root(smt, root, why);
    *root = top.hash;
    return AVER_OK;
}
