/* ledger/model/smt.c - see smt.h: changing the trie. Reading it is in smt_read.c. */
#include "ledger/model/smt.h"

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
    out[0] = place->depth;
    memcpy(out + 1, place->prefix.b, len);
    return 1 + len;
}

aver_digest aver_smt_leaf_path(const struct aver_smt *smt, const aver_digest *key)
{
    return smt->table ? *key : aver_sha256(aver_digest_bytes(key));
}

/* What stands in a slot. Where `kind` is INNER only the hash counts. */
struct slot {
    enum aver_smt_node kind;
    aver_digest hash, key, value;
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

static aver_err descend(struct run *run, struct slot *io, unsigned depth, const struct aver_smt_update *u,
                        size_t n);

/* `u` all lead into this one slot. Three cases: it stays empty, it ends with one leaf, or it needs a page below. */
static aver_err change_slot(struct run *run, struct slot *slot, unsigned depth,
                            const struct aver_smt_update *u, size_t n)
{
    if (slot->kind == AVER_SMT_NODE_INNER) return descend(run, slot, depth + 1, u, n);

    const struct aver_smt_update *put = NULL;
    size_t puts = 0;
    bool keeps = slot->kind == AVER_SMT_NODE_LEAF; /* the leaf that was there stays as it is */
    for (size_t i = 0; i < n; i++) {
        if (keeps && aver_digest_eq(slot->key, u[i].key)) keeps = false;
        if (u[i].gone) continue;
        put = &u[i];
        puts++;
    }
    if (puts + keeps > 1) {
        if (!keeps) slot->kind = AVER_SMT_NODE_EMPTY;
        return descend(run, slot, depth + 1, u, n);
    }
    if (puts) {
        *slot = (struct slot){AVER_SMT_NODE_LEAF, put->leaf, put->key, put->value};
    } else if (!keeps) {
        *slot = (struct slot){.kind = AVER_SMT_NODE_EMPTY};
    }
    return AVER_OK;
}

/* Applies `u`, n >= 1, to the page at `depth` on their common path. `io` is what stands for it in the page above, before
 * and after: INNER, the page exists; LEAF, it does not, and this leaf moves down into it; EMPTY, it does not. */
static aver_err descend(struct run *run, struct slot *io, unsigned depth, const struct aver_smt_update *u,
                        size_t n)
{
    const struct aver_smt_store *store = &run->smt->store;
    struct aver_smt_place place = aver_smt_place_of(depth, &u[0].path);
    struct aver_smt_page page;
    aver_bytes bytes = AVER_BYTES_NONE;
    bool existed = io->kind == AVER_SMT_NODE_INNER;
    unsigned changed = 0;

    if (existed) {
        AVER_TRY(store->get(store->ctx, &bytes, &place, run->why));
        if (!bytes.ptr && depth > 0)
            return aver_fail(run->why, AVER_E_CORRUPT, "SMT-PAGE", "",
                             "a page of the state trie is missing; rebuild the state from the log");
        existed = bytes.ptr;
    }
    AVER_TRY(aver_smt_page_read(&page, bytes, run->why));
    if (io->kind == AVER_SMT_NODE_LEAF) {
        aver_digest path = aver_smt_leaf_path(run->smt, &io->key);
        unsigned s = aver_smt_slot(&path, depth);
        slot_write(&page, s, io);
        changed |= 1u << s;
    }

    for (size_t from = 0, to; from < n; from = to) {
        unsigned s = aver_smt_slot(&u[from].path, depth);
        for (to = from + 1; to < n && aver_smt_slot(&u[to].path, depth) == s;) to++;
        struct slot was = slot_read(&page, s), is = was;
        AVER_TRY(change_slot(run, &is, depth, u + from, to - from));
        if (is.kind == was.kind && aver_digest_eq(is.hash, was.hash)) continue;
        slot_write(&page, s, &is);
        changed |= 1u << s;
    }
    if (!changed) return AVER_OK;

    aver_smt_page_hash(&page, changed);
    bool stays = page.kind[1] == AVER_SMT_NODE_INNER || (depth == 0 && page.kind[1] == AVER_SMT_NODE_LEAF);
    if (stays) {
        size_t len = aver_smt_page_write(run->bytes, &page);
        AVER_TRY(store->put(store->ctx, &place, aver_bytes_of(run->bytes, len), run->why));
    } else if (existed) {
        AVER_TRY(store->del(store->ctx, &place, run->why));
    }
    if (page.kind[1] == AVER_SMT_NODE_LEAF)
        *io = slot_read(&page, aver_smt_page_leaf(&page, 1));
    else
        *io = (struct slot){.kind = (enum aver_smt_node)page.kind[1], .hash = page.hash[1]};
    return AVER_OK;
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
