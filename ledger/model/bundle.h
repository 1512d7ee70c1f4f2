/* ledger/model/bundle.h - one claim in one file: everything that it takes to check what was decided on it, and to decide it again,
 * without the ledger. docs/formats.md section 10 says how it is checked; ledger/transition/verify.h does it.
 *
 * Hashes of proofs stand once in `hashes`, in the order in which the proofs first need them, and proofs name them by number: the
 * upper levels of a tree are common to most proofs. Every hash, read, writer, table and content must be needed by something:
 * a bundle has no byte that could be changed unnoticed.
 *
 * Two kinds. With `genesis` it is for an auditor: the secrets of the state are in the records that it carries, and the genesis
 * that the log begins with vouches for the ledger's own. Without, it is for one reader: each read is opened by itself, or closed. */
#ifndef AVER_LEDGER_MODEL_BUNDLE_H
#define AVER_LEDGER_MODEL_BUNDLE_H

#include "base/schema.h"
#include "ledger/model/merkle.h"
#include "ledger/model/smt_proof.h"

#define AVER_BUNDLE_FORMAT       "averment-bundle/1"
#define AVER_BUNDLE_BYTES_MAX    268435456
#define AVER_BUNDLE_HASHES_MAX   1000000
#define AVER_BUNDLE_READS_MAX    10000 /* of one claim */
#define AVER_BUNDLE_TABLES_MAX   100000
#define AVER_BUNDLE_CONTENTS_MAX 16
#define AVER_BUNDLE_CODE_MAX     65536 /* what a contract may ask a table for */

/* An entry of the log and where it stands; bytes absent: they follow from what else the bundle carries. */
struct aver_bundle_entry {
    uint64_t index;
    aver_bytes bytes;
    struct aver_list path; /* uint64_t: hashes of the inclusion proof, RFC 9162 order */
};

/* What the first entry of the log commits to, but for the item, which is the record of "g" among the reads: that entry proves it,
 * and no proof in the state is carried. And the secret of the patient's family, which the record of "m/" vouches for. */
struct aver_bundle_genesis {
    aver_digest batch; /* SHA-256 of its COSE_Sign1 */
    aver_bytes salt;   /* AVER_SALT_BYTES */
    aver_digest receipt;
    struct aver_list path;
    aver_bytes family_secret; /* 32 bytes; absent: the claim touches no family */
};

/* The path of one key in a trie (smt_proof.h). Siblings from the root down: 0 is an empty one, else 1 + number of the hash. */
struct aver_bundle_proof {
    uint64_t end;                        /* 1 + enum aver_smt_end */
    struct aver_list siblings;           /* uint64_t */
    aver_digest other_path, other_value; /* AVER_SMT_OTHER only */
};
extern const char *const aver_bundle_end_names[];

/* A record of the state as the claim met it. */
struct aver_bundle_read {
    aver_bytes name;   /* absent: closed, and then `key` stands for it */
    aver_digest key;   /* its commitment */
    aver_bytes record; /* absent: there was none, or it is closed */
    uint64_t height;   /* of the group that wrote the record; 0 where the value is opened by itself */
    aver_bytes key_opening, value_opening; /* for one reader: what opens the commitments */
    aver_bytes after_opening;              /* and that of the value that the claim wrote */
    /* Where the value comes from: the state root, by this proof, */
    struct aver_bundle_proof *proof;
    uint64_t writer; /* or an item since: 1 + its number among the writers */
};

/* An item between the state root and the claim, with its touch list opened (entry.h). */
struct aver_bundle_writer {
    uint64_t index; /* of its entry */
    struct aver_list path;
    aver_digest body;   /* commitment */
    aver_bytes salt;    /* AVER_SALT_BYTES */
    aver_bytes touches; /* encoded */
    aver_digest decision;
};

struct aver_bundle_table {
    aver_digest root;
    aver_bytes code;
    aver_bytes entry; /* encoded; absent: the table has no such code */
    struct aver_bundle_proof *proof;
};

struct aver_bundle_content {
    aver_bytes bytes;   /* of a contract or a policy */
    aver_digest digest; /* SHA-256 of them, which reading a bundle makes: no field of the record */
};

struct aver_bundle {
    aver_bytes format, chain;
    aver_bytes node_key;   /* 32 bytes: of whom the checkpoint should be; not to be believed */
    aver_bytes checkpoint; /* signed note, with its cosignatures */
    aver_bytes hashes;     /* 32 bytes each */
    aver_bytes batch;      /* COSE_Sign1 */
    uint64_t index;        /* of the claim in it */
    struct aver_list batch_path;
    aver_bytes salt, item, receipt;
    struct aver_bundle_entry *claim;  /* its entry */
    struct aver_bundle_entry *state;  /* the state root before it */
    struct aver_bundle_entry *header; /* of its group */
    aver_bytes previous;              /* the header entry before that */
    struct aver_bundle_genesis *genesis;
    struct aver_list
        reads; /* of struct aver_bundle_read, in the order of the names, then closed ones by key */
    struct aver_list writers;  /* of struct aver_bundle_writer, index ascending */
    struct aver_list tables;   /* of struct aver_bundle_table, by (root, code) */
    struct aver_list contents; /* of struct aver_bundle_content, by digest */
};
extern const struct aver_schema aver_bundle_schema;

/* Reads the form and what the order of the lists asks; nothing is proved yet. AVER_E_INPUT: CBOR-*, RECORD-FIELD, BUNDLE-FORM.
 * Borrows `bytes`. */
AVER_MUST_CHECK aver_err aver_bundle_read(struct aver_bundle *out, aver_bytes bytes, struct aver_arena *arena,
                                          struct aver_why *why);

/* ---- proofs, taken apart and put together ---- */

/* Hashes while a bundle is made: each is kept once. All zeros is empty. */
struct aver_bundle_pool {
    struct aver_buf hashes;
};
/* The number of the hash. */
uint64_t aver_bundle_hash(struct aver_bundle_pool *pool, const aver_digest *hash);
void aver_bundle_put_path(struct aver_bundle_pool *pool, struct aver_list *path,
                          const struct aver_merkle_proof *proof, struct aver_arena *arena);
struct aver_bundle_proof *aver_bundle_put_proof(struct aver_bundle_pool *pool,
                                                const struct aver_smt_proof *proof, struct aver_arena *arena);

/* Hashes while it is read: `used` says up to which of them something was asked for. */
struct aver_bundle_hashes {
    aver_bytes hashes;
    uint64_t used;
};
/* AVER_E_INPUT BUNDLE-FORM: a number beyond the hashes, or one that comes before those below it, or a proof that cannot be. */
AVER_MUST_CHECK aver_err aver_bundle_path(struct aver_bundle_hashes *hashes, struct aver_merkle_proof *out,
                                          const struct aver_list *path, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_bundle_proof(struct aver_bundle_hashes *hashes, struct aver_smt_proof *out,
                                           const struct aver_bundle_proof *proof, struct aver_why *why);

#endif
