/* ledger/model/smt_proof.h - what the state trie proves, and the check of it. Needs neither trie nor storage, so that
 * an auditor's verifier is small.
 *
 * Hashing is ICS-23's SmtSpec (cosmos/ics23, go/proof.go, as in celestiaorg/smt):
 *   leaf   SHA-256(0x00 || SHA-256(key) || SHA-256(value))
 *   inner  SHA-256(0x01 || left || right)
 *   empty  32 zero bytes
 * A key lies where the bits of SHA-256(key), its path, lead: the first bit chooses below the root, 0 goes left. A leaf
 * that is alone in its subtree stands at the top of it; an inner node has two leaves or more below it. */
#ifndef AVER_LEDGER_MODEL_SMT_PROOF_H
#define AVER_LEDGER_MODEL_SMT_PROOF_H

#include "base/hash.h"

#define AVER_SMT_DEPTH_MAX 256 /* ICS-23 SmtSpec: MaxDepth */

aver_digest aver_smt_leaf_hash(const aver_digest *path, const aver_digest *value_hash);
aver_digest aver_smt_node_hash(const aver_digest *left, const aver_digest *right);
/* The bit of a path that chooses the side below its first `depth` bits: 1 is right. */
static inline unsigned aver_smt_bit(const aver_digest *path, unsigned depth)
{
    return path->b[depth / 8] >> (7 - depth % 8) & 1;
}

/* What the path of a key ends at. */
enum aver_smt_end {
    AVER_SMT_MEMBER = 0, /* the key's own leaf */
    AVER_SMT_EMPTY = 1,  /* nothing */
    AVER_SMT_OTHER = 2,  /* another key's leaf, alone in the subtree where this key would lie */
};

/* The path of one key from the root. sibling[d] is the node beside the path below its first d bits, zero when empty. */
struct aver_smt_proof {
    enum aver_smt_end end;
    unsigned depth;
    aver_digest sibling[AVER_SMT_DEPTH_MAX];
    aver_digest other_path, other_value_hash; /* AVER_SMT_OTHER only; else zero */
};

/* As bytes, one form for each proof: `end` (1 byte), depth (2 bytes, big-endian), a bitmap of (depth + 7) / 8 bytes whose
 * bit d (the first is the highest of the first byte) says that sibling[d] is not empty, the siblings that are not, from
 * the root down, and for AVER_SMT_OTHER the other leaf's path and value hash. */
#define AVER_SMT_PROOF_BYTES_MAX (3 + AVER_SMT_DEPTH_MAX / 8 + 32 * AVER_SMT_DEPTH_MAX + 64)
void aver_smt_proof_write(struct aver_buf *buf, const struct aver_smt_proof *proof);
/* Reads all of `in`. SMT-PROOF, AVER_E_INPUT: not the one form above. */
AVER_MUST_CHECK aver_err aver_smt_proof_read(struct aver_smt_proof *proof, aver_bytes in,
                                             struct aver_why *why);

/* That the trie under `root` holds exactly `value` at `key`. Key and value are what ICS-23 calls so, before hashing: for
 * the state their commitments of 32 bytes, for a table its own bytes. SMT-DIFFERS, AVER_E_DIFFERS: it does not show it. */
AVER_MUST_CHECK aver_err aver_smt_verify_member(const aver_digest *root, aver_bytes key, aver_bytes value,
                                                const struct aver_smt_proof *proof, struct aver_why *why);
/* That the trie under `root` holds nothing at `key`. SMT-DIFFERS, AVER_E_DIFFERS. */
AVER_MUST_CHECK aver_err aver_smt_verify_absent(const aver_digest *root, aver_bytes key,
                                                const struct aver_smt_proof *proof, struct aver_why *why);
/* The root to which the proof leads, with the key's own value hash for AVER_SMT_MEMBER (else it is not read): for who
 * follows several proofs and changes himself. SMT-DIFFERS, AVER_E_DIFFERS: the other leaf does not lie on this path. */
AVER_MUST_CHECK aver_err aver_smt_proof_root(aver_digest *root, const aver_digest *path,
                                             const aver_digest *value_hash,
                                             const struct aver_smt_proof *proof, struct aver_why *why);

/* ICS-23 messages (proto/cosmos/ics23/v1/proofs.proto, CommitmentProof), for its libraries. A member is one existence
 * proof; an absent key is the existence proofs of its neighbours in path order, see aver_smt_neighbours. */
struct aver_smt_opened {
    aver_bytes key, value; /* before hashing */
    const struct aver_smt_proof *proof;
};
/* Asserts that the proof is AVER_SMT_MEMBER. */
void aver_smt_ics23_exist(struct aver_buf *buf, const struct aver_smt_opened *member);
/* `left` or `right` is NULL where there is no such neighbour; not both (an ICS-23 proof cannot show an empty trie). */
void aver_smt_ics23_absent(struct aver_buf *buf, aver_bytes key, const struct aver_smt_opened *left,
                           const struct aver_smt_opened *right);

#endif
