/* ledger/model/smt_page.h - the pages that the state trie is kept in: branches above, buckets below.
 *
 * A branch is four levels of the binary trie, 16 slots at their foot:
 *
 *            1              Nodes are numbered as in a heap; node 1 is the page's top, 16 to 31 are its slots.
 *        2       3          A slot is empty, holds a leaf, or stands for the page below it by its hash.
 *      4   5   6   7        Hashes of the nodes 4 to 7 are kept in the page, so that a change of one slot costs
 *     ...         ...       five hashes and not fifteen; those of the others follow.
 *    16 17 ...  30 31
 *
 * A bucket is all of a subtree that has few leaves (smt_bucket.h). Pages lie where a subtree holds two leaves or more, and at the
 * root where it holds one: a bucket where they fit in it, a branch where they do not. A branch that lost leaves stays a
 * branch while there are two; where none goes, as in the state, the pages follow from the leaves, as the root always does. */
#ifndef AVER_LEDGER_MODEL_SMT_PAGE_H
#define AVER_LEDGER_MODEL_SMT_PAGE_H

#include "base/hash.h"

#define AVER_SMT_SLOTS      16
#define AVER_SMT_PAGE_BITS  4
#define AVER_SMT_PAGES_DEEP 64 /* 256 bits of path, four to a page */

/* The first byte of a page. */
#define AVER_SMT_TAG_BRANCH 1
#define AVER_SMT_TAG_BUCKET 2

enum aver_smt_node {
    AVER_SMT_NODE_EMPTY = 0,
    AVER_SMT_NODE_LEAF,  /* one leaf in the subtree: it rises, so the hash is the leaf's own */
    AVER_SMT_NODE_INNER, /* two or more; in a slot: the page below */
};
static inline uint8_t aver_smt_kind_above(uint8_t left, uint8_t right)
{
    if (left == AVER_SMT_NODE_EMPTY) return right;
    return right == AVER_SMT_NODE_EMPTY ? left : AVER_SMT_NODE_INNER;
}

/* A branch laid open. What is not said by `kind` to be there is zero. */
struct aver_smt_page {
    uint8_t kind[2 * AVER_SMT_SLOTS];
    aver_digest hash[2 * AVER_SMT_SLOTS];
    aver_digest key[AVER_SMT_SLOTS], value[AVER_SMT_SLOTS]; /* of the slots that are leaves */
};

/* Bytes: the tag, which slots hold leaves (2 bytes, big-endian, slot 0 is the lowest bit), which stand for pages (2 bytes), the
 * hashes of the inner nodes among 4 to 7 in order, then slot by slot: of a leaf key, value and leaf hash, of a page its
 * hash. Which nodes are inner follows from the slots. */
#define AVER_SMT_BRANCH_BYTES_MAX (5 + 32 * 4 + 96 * AVER_SMT_SLOTS)

/* SMT-PAGE, AVER_E_CORRUPT: not such bytes. Absent bytes give an empty page. Hashes are taken as they stand; those that are not
 * in the bytes stay zero until aver_smt_page_hash. */
AVER_MUST_CHECK aver_err aver_smt_page_read(struct aver_smt_page *page, aver_bytes in, struct aver_why *why);
/* Returns the length. */
size_t aver_smt_page_write(uint8_t out[AVER_SMT_BRANCH_BYTES_MAX], const struct aver_smt_page *page);
/* Brings nodes 1 to 15 up to date after the slots in `changed` (a bit for each) were set; with 0 it fills in those that were not
 * in the bytes and whose slots did not change, but for 8 to 15. */
void aver_smt_page_hash(struct aver_smt_page *page, unsigned changed);
/* The slot of the one leaf below a node of kind LEAF. */
unsigned aver_smt_page_leaf(const struct aver_smt_page *page, unsigned node);
/* AVER_E_CORRUPT SMT-PAGE. */
AVER_MUST_CHECK aver_err aver_smt_page_corrupt(struct aver_why *why);

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
