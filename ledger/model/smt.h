/* ledger/model/smt.h - the state trie: a compact sparse Merkle trie hashed as ICS-23 SmtSpec (see smt_proof.h), kept in
 * pages (smt_page.h) behind an interface, so that LMDB, a memory map or plain memory can hold them. Its root depends on
 * what it holds and not on the order in which that was written.
 *
 * Two kinds, one set of functions:
 *   the state   keys and values are commitments of 32 bytes (DESIGN section 4). Leaves keep them as they are, so that the
 *               trie can open a neighbour in an ICS-23 proof of absence;
 *   a table     keys and values are any bytes (a fee schedule, a code set). Leaves keep only their SHA-256. */
#ifndef AVER_LEDGER_MODEL_SMT_H
#define AVER_LEDGER_MODEL_SMT_H

#include "ledger/model/smt_page.h"
#include "ledger/model/smt_proof.h"

#define AVER_SMT_PAGE_BYTES_MAX 4096 /* more than any page has */

/* Who keeps the pages. Any error it returns is handed through, and leaves a change half written: the caller then drops
 * the transaction the store works in. */
struct aver_smt_store {
    void *ctx;
    /* The page's bytes, borrowed until the next call to this store; absent when there is no such page. */
    aver_err (*get)(void *ctx, aver_bytes *out, const struct aver_smt_place *place, struct aver_why *why);
    /* Keeps a copy of the bytes, in place of any before. A batch puts each page once at most, those below before those
     * above, and otherwise in path order. */
    aver_err (*put)(void *ctx, const struct aver_smt_place *place, aver_bytes page, struct aver_why *why);
    /* The page is there, and is to go. */
    aver_err (*del)(void *ctx, const struct aver_smt_place *place, struct aver_why *why);
};

/* A page's key for a store ordered by bytes: the prefix cut to whole bytes, then the depth in pages, so that a page lies near those
 * below it and what changes one changes few pages of the store. Returns the length. */
#define AVER_SMT_PLACE_KEY_MAX 33
size_t aver_smt_place_key(uint8_t out[AVER_SMT_PLACE_KEY_MAX], const struct aver_smt_place *place);

struct aver_smt {
    struct aver_smt_store store;
    bool table; /* what the leaves keep: SHA-256 of key and value rather than the commitments themselves */
};

/* One change: a key's new value, or that it goes. Made by one of the two functions below, which do the key's and the
 * leaf's hashing, so that several threads can make changes before one applies them. */
struct aver_smt_update {
    aver_digest path;       /* SHA-256 of the key */
    aver_digest leaf;       /* hash of the leaf; zero when gone */
    aver_digest key, value; /* as the leaf keeps them */
    bool gone;
};
void aver_smt_set(struct aver_smt_update *out, const aver_digest *key,
                  const aver_digest *value);                                          /* value NULL: gone */
void aver_smt_set_row(struct aver_smt_update *out, aver_bytes key, aver_bytes value); /* value absent: gone */

/* Path order, as aver_smt_apply wants it. */
void aver_smt_sort(struct aver_smt_update *updates, size_t n);
/* Applies a sorted batch in one descent and gives the new root. Each page that changes is written once; one that does not
 * is not written. A key that goes and was not there changes nothing. Asserts that the order is strict: one change a key.
 * SMT-PAGE, AVER_E_CORRUPT: a page is damaged or missing. Else the store's errors. No allocation. */
AVER_MUST_CHECK aver_err aver_smt_apply(const struct aver_smt *smt, aver_digest *root,
                                        const struct aver_smt_update *updates, size_t n,
                                        struct aver_why *why);

/* All below read only, and fail with SMT-PAGE, AVER_E_CORRUPT or the store's errors besides what they name. */

/* 32 zero bytes for an empty trie. */
AVER_MUST_CHECK aver_err aver_smt_root(const struct aver_smt *smt, aver_digest *root, struct aver_why *why);

struct aver_smt_leaf {
    aver_digest key, value; /* as the leaf keeps them */
};
/* SMT-ABSENT, AVER_E_NOT_FOUND. */
AVER_MUST_CHECK aver_err aver_smt_get(const struct aver_smt *smt, struct aver_smt_leaf *out,
                                      const aver_digest *path, struct aver_why *why);
/* What the trie shows at a path, member or absent. `leaf` may be NULL; else it is the leaf met, zero if none was. */
AVER_MUST_CHECK aver_err aver_smt_prove(const struct aver_smt *smt, struct aver_smt_proof *out,
                                        struct aver_smt_leaf *leaf, const aver_digest *path,
                                        struct aver_why *why);
/* The next leaves on both sides of a path, itself left out: what ICS-23 wants for an absent key. */
struct aver_smt_neighbours {
    bool has_left, has_right;
    struct aver_smt_leaf left, right;
};
AVER_MUST_CHECK aver_err aver_smt_neighbours(const struct aver_smt *smt, struct aver_smt_neighbours *out,
                                             const aver_digest *path, struct aver_why *why);

/* Visits every leaf in path order and hashes all anew, from the leaves to the root; `visit` may be NULL. SMT-HASH,
 * AVER_E_CORRUPT: a page whose hashes, places or shape are not right, named by its prefix. An error of `visit` ends it. */
typedef aver_err aver_smt_visit(void *ctx, const aver_digest *path, const struct aver_smt_leaf *leaf,
                                struct aver_why *why);
AVER_MUST_CHECK aver_err aver_smt_walk(const struct aver_smt *smt, aver_digest *root, aver_smt_visit *visit,
                                       void *ctx, struct aver_why *why);

/* The path of a leaf's key as kept. */
aver_digest aver_smt_leaf_path(const struct aver_smt *smt, const aver_digest *key);

#endif
