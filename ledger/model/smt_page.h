/* ledger/model/smt_page.h - one page of the state trie: four levels of the binary trie, 16 slots at their foot.
 *
 *            1              Nodes are numbered as in a heap; node 1 is the page's top, 16 to 31 are its slots.
 *        2       3          A slot is empty, holds a leaf, or stands for the page below it by its hash.
 *      4   5   6   7        The hashes of the nodes between are kept in the page, so that a change of one slot
 *     ...         ...       costs four hashes and not fifteen.
 *    16 17 ...  30 31
 *
 * A page exists where two leaves or more lie in its subtree, and at the root where there is one. */
#ifndef AVER_LEDGER_MODEL_SMT_PAGE_H
#define AVER_LEDGER_MODEL_SMT_PAGE_H

#include "base/hash.h"

#define AVER_SMT_SLOTS      16
#define AVER_SMT_PAGE_BITS  4
#define AVER_SMT_PAGES_DEEP 64 /* 256 bits of path, four to a page */

enum aver_smt_node {
    AVER_SMT_NODE_EMPTY = 0,
    AVER_SMT_NODE_LEAF,  /* one leaf in the subtree: it rises, so the hash is the leaf's own */
    AVER_SMT_NODE_INNER, /* two or more; in a slot: the page below */
};

/* A page laid open. What is not said by `kind` to be there is zero. */
struct aver_smt_page {
    uint8_t kind[2 * AVER_SMT_SLOTS];
    aver_digest hash[2 * AVER_SMT_SLOTS];
    aver_digest key[AVER_SMT_SLOTS], value[AVER_SMT_SLOTS]; /* of the slots that are leaves */
};

/* Bytes: which slots hold leaves (2 bytes, big-endian, slot 0 is the lowest bit), which stand for pages (2 bytes), the
 * hashes of the inner nodes among 2 to 15 in order, then slot by slot: of a leaf key, value and leaf hash, of a page its
 * hash. Which nodes are inner follows from the slots. */
#define AVER_SMT_PAGE_BYTES_MAX (4 + 32 * (AVER_SMT_SLOTS - 2) + 96 * AVER_SMT_SLOTS)

/* SMT-PAGE, AVER_E_CORRUPT: not such bytes. Absent bytes give an empty page. Hashes are taken as they stand;
 * that of node 1 is not in the bytes and stays zero until aver_smt_page_top or aver_smt_page_hash. */
AVER_MUST_CHECK aver_err aver_smt_page_read(struct aver_smt_page *page, aver_bytes in, struct aver_why *why);
/* Returns the length. */
size_t aver_smt_page_write(uint8_t out[AVER_SMT_PAGE_BYTES_MAX], const struct aver_smt_page *page);
/* Brings nodes 1 to 15 up to date after the slots in `changed` (a bit for each) were set. */
void aver_smt_page_hash(struct aver_smt_page *page, unsigned changed);
/* The hash of node 1, from those of 2 and 3. */
aver_digest aver_smt_page_top(struct aver_smt_page *page);
/* The slot of the one leaf below a node of kind LEAF. */
unsigned aver_smt_page_leaf(const struct aver_smt_page *page, unsigned node);

/* Where a page lies: below the first 4 * depth bits of `prefix`; the bits after those are zero. */
struct aver_smt_place {
    uint8_t depth;
    aver_digest prefix;
};
struct aver_smt_place aver_smt_place_of(unsigned depth, const aver_digest *path);
static inline unsigned aver_smt_slot(const aver_digest *path, unsigned depth)
{
    return path->b[depth / 2] >> (depth & 1 ? 0 : 4) & 15;
}

#endif
