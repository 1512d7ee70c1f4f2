/* ledger/model/entry.h - the entries of the log, and the bodies that they commit to.
 *
 * An entry is a CBOR array; its first item is the format's version, its second the kind.
 *   item        [1, 1, SHA-256(salt_b, body), receipt commitment]         one per item of a batch, whatever its kind
 *   state root  [1, 2, height, root]                                      closes an epoch
 *   header      [1, 3, height, time, previous, size, root]                closes a group
 * where salt_b is the first 16 bytes of HMAC(the item's salt, "body"); previous is the SHA-256 of the header entry before (zero
 * for the first); size and root are of the log tree just before this header. A receipt is committed to in two parts, so that its
 * touch list can be opened alone:
 *   SHA-256(SHA-256(salt_t, touches), SHA-256(salt_d, the receipt without them))
 * where salt_t and salt_d are the two halves of HMAC(salt, "receipt").
 * The header comes last in its group and names everything before it, so that a group without its header is unfinished and
 * nothing else ever is.
 *   body        [SHA-256 of the batch's COSE_Sign1, index in the batch, salt, item] */
#ifndef AVER_LEDGER_MODEL_ENTRY_H
#define AVER_LEDGER_MODEL_ENTRY_H

#include "base/arena.h"
#include "base/cbor.h"
#include "base/hash.h"

#define AVER_ENTRY_VERSION 1
enum aver_entry_kind { AVER_ENTRY_ITEM = 1, AVER_ENTRY_STATE, AVER_ENTRY_HEADER };

struct aver_entry {
    uint64_t kind;
    aver_digest body, receipt; /* ITEM */
    uint64_t height;           /* STATE, HEADER */
    aver_digest root;          /* STATE: of the state trie; HEADER: of the log tree */
    int64_t time; /* HEADER: ms since 1970 UTC, at most AVER_TIME_MAX, never before the header before */
    aver_digest previous; /* HEADER */
    uint64_t size;        /* HEADER */
};
void aver_entry_encode(struct aver_buf *out, const struct aver_entry *entry);
AVER_MUST_CHECK aver_err aver_entry_read(struct aver_entry *out, aver_bytes bytes, struct aver_why *why);

struct aver_body {
    aver_digest batch;
    uint64_t index;
    aver_bytes salt; /* AVER_SALT_BYTES */
    aver_bytes item;
};
void aver_body_encode(struct aver_buf *out, const struct aver_body *body);
AVER_MUST_CHECK aver_err aver_body_read(struct aver_body *out, aver_bytes bytes, struct aver_why *why);

aver_digest aver_body_commitment(aver_bytes salt, aver_bytes body);
/* `receipt` is an encoded struct aver_receipt (decision.h). */
aver_digest aver_receipt_commitment(aver_bytes salt, aver_bytes receipt);

/* The touch list of a receipt opened alone. */
struct aver_touches_opened {
    aver_bytes salt;      /* salt_t, AVER_SALT_BYTES */
    aver_bytes touches;   /* the value of the receipt's field 3 as it is encoded; empty where there is none */
    aver_digest decision; /* SHA-256(salt_d, the rest) */
};
/* Salt in the arena, touches borrowed. */
struct aver_touches_opened aver_touches_open(aver_bytes salt, aver_bytes receipt, struct aver_arena *arena);
aver_digest aver_touches_commitment(const struct aver_touches_opened *opened);

#endif
