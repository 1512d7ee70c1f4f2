/* ledger/model/note.h - signed notes (c2sp.org/signed-note) and, in them, the head of a log (c2sp.org/tlog-checkpoint):
 * the one thing a ledger signs for the world, so that existing transparency-log tools can follow and witness it.
 *
 *     claims.example.org/blue-river          origin
 *     20852163                               tree size
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2...    root hash, base64
 *                                            an empty line ends the text
 *     - claims.example.org/blue-river Az3g   signature lines (with an em dash): key name, base64(key id, signature)
 *     - witness.example.net jWbP...          a witness's: base64(key id, time, signature) (c2sp.org/tlog-cosignature)
 *
 * Of the signature types this reads and writes Ed25519 (0x01) and the timed cosignature with Ed25519 (0x04); others are
 * skipped as unknown keys are. */
#ifndef AVER_LEDGER_MODEL_NOTE_H
#define AVER_LEDGER_MODEL_NOTE_H

#include "base/hash.h"

#define AVER_NOTE_BYTES_MAX      262144
#define AVER_NOTE_SIGNATURES_MAX 64 /* signed-note: verifiers "MUST accept at least up to 16 signatures" */
#define AVER_NOTE_NAME_MAX       255

/* signed-note, "Signature types". */
enum aver_note_type {
    AVER_NOTE_OTHER = 0,
    AVER_NOTE_ED25519 = 0x01, /* over the text */
    AVER_NOTE_COSIGNATURE =
        0x04, /* over "cosignature/v1", a time and the text: what a witness gives a checkpoint */
};

/* A key that may sign notes. `name` is borrowed. */
struct aver_note_key {
    aver_bytes name;
    uint32_t id;
    struct aver_public_key pk;
    enum aver_note_type type; /* never OTHER */
};

/* A key of type 0x01. signed-note: "key ID = SHA-256(key name || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]".
 * NOTE-NAME, AVER_E_INPUT: a name that is empty, longer than AVER_NOTE_NAME_MAX, not UTF-8, or has a control character, a
 * Unicode space or a plus. */
AVER_MUST_CHECK aver_err aver_note_key_of(struct aver_note_key *out, aver_bytes name,
                                          const struct aver_public_key *pk, struct aver_why *why);
/* A key of type 0x04. tlog-cosignature: "SHA-256(<name> || "\n" || 0x04 || 32-byte Ed25519 cosigner public key)[:4]". */
AVER_MUST_CHECK aver_err aver_note_cosigner_of(struct aver_note_key *out, aver_bytes name,
                                               const struct aver_public_key *pk, struct aver_why *why);
/* The key as one word, as tools and policies write it: name+hex8(id)+base64(type || public key). */
void aver_note_vkey_put(struct aver_buf *buf, const struct aver_note_key *key);
/* Reads such a word; `out->name` borrows it. NOTE-VKEY, AVER_E_INPUT: not of this form, or of another type than 0x01 and
 * 0x04, or its id is not that of its name and key. NOTE-NAME as above. */
AVER_MUST_CHECK aver_err aver_note_vkey_read(struct aver_note_key *out, aver_bytes text,
                                             struct aver_why *why);

struct aver_note_signature {
    aver_bytes line; /* all of it, with its newline */
    aver_bytes name;
    uint32_t id;
    enum aver_note_type type; /* that of which the blob has the length; OTHER: `sig` is not set */
    uint64_t time;            /* COSIGNATURE: seconds since 1970 UTC, as the witness says; else 0 */
    struct aver_signature sig;
};
/* A note taken apart, not yet believed. It borrows the bytes it was read from. */
struct aver_note {
    aver_bytes text; /* what is signed: with its last newline, without the empty line */
    size_t count;
    struct aver_note_signature signature[AVER_NOTE_SIGNATURES_MAX];
};

/* Appends the note: text, empty line, one signature. `text` ends in a newline, is UTF-8 and has no other control
 * character; else NOTE-TEXT, AVER_E_INPUT. Asserts that `sk` belongs to the key. */
AVER_MUST_CHECK aver_err aver_note_sign(struct aver_buf *buf, aver_bytes text,
                                        const struct aver_note_key *key, const struct aver_secret_key *sk,
                                        struct aver_why *why);
/* NOTE-SIZE, NOTE-TEXT (no UTF-8, or a control character), NOTE-FORM (no empty line, no newline at the end),
 * NOTE-SIGNATURE (a signature line that is not one): AVER_E_INPUT; too large or too many: AVER_E_LIMIT. */
AVER_MUST_CHECK aver_err aver_note_read(struct aver_note *out, aver_bytes bytes, struct aver_why *why);
/* Whether this key signed the text. A line counts as this key's if name and id match; each of those must hold.
 * NOTE-UNSIGNED, AVER_E_REFUSED: no such line. NOTE-FORGED, AVER_E_SIGNATURE: one does not verify. */
AVER_MUST_CHECK aver_err aver_note_verify(const struct aver_note *note, const struct aver_note_key *key,
                                          struct aver_why *why);
/* The same, and which line it was: of several the one with the latest time. */
AVER_MUST_CHECK aver_err aver_note_find(const struct aver_note *note, const struct aver_note_key *key,
                                        const struct aver_note_signature **out, struct aver_why *why);

/* Appends the signature line of a witness under a checkpoint's text: what a witness says of the log as of `time`, seconds
 * since 1970 UTC, 1 to AVER_NOTE_TIME_MAX. Asserts that the key is a cosigner's and `sk` belongs to it. */
#define AVER_NOTE_TIME_MAX INT64_MAX /* tlog-cosignature: "It MUST NOT exceed 2^63 - 1" */
void aver_note_cosign(struct aver_buf *buf, aver_bytes text, const struct aver_note_key *key,
                      const struct aver_secret_key *sk, uint64_t time);

/* ---- checkpoints ---- */

struct aver_checkpoint {
    aver_bytes origin;
    uint64_t size;
    aver_digest root;
    aver_bytes
        extension; /* lines after the third, each not empty and with its newline; empty where there are none */
};

/* Appends a checkpoint signed by the log's key; its origin is the key's name. tlog-checkpoint: "The log's key name in its
 * signature line SHOULD match the origin line." Asserts size <= AVER_MERKLE_SIZE_MAX. */
void aver_checkpoint_sign(struct aver_buf *buf, uint64_t size, const aver_digest *root,
                          const struct aver_note_key *key, const struct aver_secret_key *sk);
/* Reads the text of a note; `out` borrows it. NOTE-CHECKPOINT, AVER_E_INPUT, place is the line: fewer than three lines, an
 * empty one, a size that is not plain decimal or above AVER_MERKLE_SIZE_MAX, a root that is not 32 bytes of base64, or not
 * the empty root where the size is 0. */
AVER_MUST_CHECK aver_err aver_checkpoint_read(struct aver_checkpoint *out, aver_bytes text,
                                              struct aver_why *why);
/* The same without the last rule: a witness has an answer of its own for a wrong empty root. */
AVER_MUST_CHECK aver_err aver_checkpoint_form(struct aver_checkpoint *out, aver_bytes text,
                                              struct aver_why *why);
/* All at once: reads the note, wants this log's signature, reads the checkpoint, wants this log's origin.
 * NOTE-ORIGIN, AVER_E_REFUSED: the key signed for another origin. Else as above. */
AVER_MUST_CHECK aver_err aver_checkpoint_open(struct aver_checkpoint *out, aver_bytes bytes,
                                              const struct aver_note_key *key, struct aver_why *why);

#endif
