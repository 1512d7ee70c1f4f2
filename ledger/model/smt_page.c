/* ledger/model/smt_page.c - see smt_page.h: branches, and where pages lie. */
#include "ledger/model/smt_page.h"

#include "ledger/model/smt_proof.h"

#include <string.h>

enum {
    EMPTY = AVER_SMT_NODE_EMPTY,
    LEAF = AVER_SMT_NODE_LEAF,
    INNER = AVER_SMT_NODE_INNER,
    SLOT_0 = AVER_SMT_SLOTS,
    KEPT_0 = 4, /* nodes whose hashes are in the bytes */
    KEPT_END = 8
};

/* Inner below, nothing beside it: the subtree has two leaves or more, so the node above is inner as well.
 * aver_smt_kind_above gives just that, because EMPTY beside INNER is INNER. */
static void hash_node(struct aver_smt_page *page, unsigned node)
{
    unsigned left = 2 * node, right = left + 1;
    page->kind[node] = aver_smt_kind_above(page->kind[left], page->kind[right]);
    switch ((enum aver_smt_node)page->kind[node]) {
    case AVER_SMT_NODE_EMPTY: page->hash[node] = (aver_digest){{0}}; break;
    case AVER_SMT_NODE_LEAF: page->hash[node] = page->hash[page->kind[left] == LEAF ? left : right]; break;
    case AVER_SMT_NODE_INNER:
        page->hash[node] = aver_smt_node_hash(&page->hash[left], &page->hash[right]);
        break;
    }
}

void aver_smt_page_hash(struct aver_smt_page *page, unsigned changed)
{
    for (unsigned kept = KEPT_0; kept < KEPT_END; kept++) {
        if (!(changed >> 4 * (kept - KEPT_0) & 15)) continue;
        hash_node(page, 2 * kept);
        hash_node(page, 2 * kept + 1);
        hash_node(page, kept);
    }
    for (unsigned node = KEPT_0; --node > 0;) hash_node(page, node);
}

unsigned aver_smt_page_leaf(const struct aver_smt_page *page, unsigned node)
{
    AVER_ASSERT(page->kind[node] == LEAF);
    while (node < SLOT_0) node = page->kind[2 * node] == LEAF ? 2 * node : 2 * node + 1;
    return node - SLOT_0;
}

aver_err aver_smt_page_corrupt(struct aver_why *why)
{
    return aver_fail(
        why, AVER_E_CORRUPT, "SMT-PAGE", "",
        "a page of the state trie is not what this program wrote; delete the directory state/ and open the "
        "ledger for writing to rebuild it from the log");
}

aver_err aver_smt_page_read(struct aver_smt_page *page, aver_bytes in, struct aver_why *why)
{
    memset(page, 0, sizeof *page);
    if (!in.ptr) return AVER_OK;
    if (in.len < 5 || in.ptr[0] != AVER_SMT_TAG_BRANCH) return aver_smt_page_corrupt(why);
    unsigned leaves = (unsigned)in.ptr[1] << 8 | in.ptr[2], pages = (unsigned)in.ptr[3] << 8 | in.ptr[4];
    if (leaves & pages) return aver_smt_page_corrupt(why);
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++)
        page->kind[SLOT_0 + s] = leaves >> s & 1 ? LEAF : pages >> s & 1 ? INNER : EMPTY;
    size_t need = 5 + 96 * (size_t)__builtin_popcount(leaves) + 32 * (size_t)__builtin_popcount(pages);
    for (unsigned node = SLOT_0; --node > 0;) {
        page->kind[node] = aver_smt_kind_above(page->kind[2 * node], page->kind[2 * node + 1]);
        if (node >= KEPT_0 && node < KEPT_END && page->kind[node] == INNER) need += 32;
    }
    if (in.len != need) return aver_smt_page_corrupt(why);

    const uint8_t *at = in.ptr + 5;
    for (unsigned node = KEPT_0; node < KEPT_END; node++) {
        if (page->kind[node] != INNER) continue;
        memcpy(page->hash[node].b, at, 32);
        at += 32;
    }
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        if (page->kind[SLOT_0 + s] == LEAF) {
            memcpy(page->key[s].b, at, 32);
            memcpy(page->value[s].b, at + 32, 32);
            at += 64;
        }
        if (page->kind[SLOT_0 + s] == EMPTY) continue;
        memcpy(page->hash[SLOT_0 + s].b, at, 32);
        at += 32;
    }
    for (unsigned node = KEPT_0; node < KEPT_END; node++)
        if (page->kind[node] == LEAF) page->hash[node] = page->hash[SLOT_0 + aver_smt_page_leaf(page, node)];
    return AVER_OK;
}

size_t aver_smt_page_write(uint8_t out[AVER_SMT_BRANCH_BYTES_MAX], const struct aver_smt_page *page)
{
    unsigned leaves = 0, pages = 0;
    uint8_t *at = out + 5;
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        leaves |= (unsigned)(page->kind[SLOT_0 + s] == LEAF) << s;
        pages |= (unsigned)(page->kind[SLOT_0 + s] == INNER) << s;
    }
    out[0] = AVER_SMT_TAG_BRANCH;
    out[1] = (uint8_t)(leaves >> 8), out[2] = (uint8_t)leaves;
    out[3] = (uint8_t)(pages >> 8), out[4] = (uint8_t)pages;
    for (unsigned node = KEPT_0; node < KEPT_END; node++) {
        if (page->kind[node] != INNER) continue;
        memcpy(at, page->hash[node].b, 32);
        at += 32;
    }
    for (unsigned s = 0; s < AVER_SMT_SLOTS; s++) {
        if (page->kind[SLOT_0 + s] == LEAF) {
            memcpy(at, page->key[s].b, 32);
            memcpy(at + 32, page->value[s].b, 32);
            at += 64;
        }
        if (page->kind[SLOT_0 + s] == EMPTY) continue;
        memcpy(at, page->hash[SLOT_0 + s].b, 32);
        at += 32;
    }
    return (size_t)(at - out);
}

struct aver_smt_place aver_smt_place_of(unsigned depth, const aver_digest *path)
{
    struct aver_smt_place place = {.depth = (uint8_t)depth};
    AVER_ASSERT(depth < AVER_SMT_PAGES_DEEP);
    memcpy(place.prefix.b, path->b, (depth + 1) / 2);
    if (depth & 1) place.prefix.b[depth / 2] &= 0xf0;
    return place;
}
