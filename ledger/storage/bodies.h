/* ledger/storage/bodies.h - the keys that seal bodies: a random one per patient, wrapped, in the file keys/bodies.
 *
 *   record   key id (16 bytes), nonce (24), key sealed with the wrap key and the key id as associated data (48)
 *   key id   the first 16 bytes of HMAC(wrap key, subject): it names no patient to who has only the file
 *
 * Records are appended and never moved. To erase what is known of a patient, overwrite the last 48 bytes of the record with
 * zeros: the bodies stay in the log, and nobody can open them any more. What comes later of the same subject is sealed with
 * a key of the next generation, whose id is that of the subject followed by a zero byte and the generation's number. */
#ifndef AVER_LEDGER_STORAGE_BODIES_H
#define AVER_LEDGER_STORAGE_BODIES_H

#include "ledger/storage/frame.h"
#include "ledger/storage/map.h"

#define AVER_WRAP_KEY_BYTES   32
#define AVER_KEY_RECORD_BYTES 88
#define AVER_KEY_GENERATIONS  255

struct aver_bodies {
    int fd;
    uint64_t count;   /* records, those not yet written included */
    uint64_t written; /* of them in the file */
    bool has_wrap;    /* else nothing can be opened or sealed */
    uint8_t wrap[AVER_WRAP_KEY_BYTES];
    struct aver_hmac_key ids; /* the wrap key, ready to make key ids */
    struct aver_map numbers;  /* key id -> number of its record, 8 bytes: those that `below` does not know */
    /* Numbers known elsewhere (LMDB); AVER_E_NOT_FOUND. May be NULL. */
    aver_err (*below)(void *self, aver_bytes key_id, uint64_t *number, struct aver_why *why);
    void *self;
    struct aver_buf fresh; /* records made and not yet written */
    bool whole;            /* `numbers` knows the whole file */
    char path[512];
};

/* Reads keys/node.wrap and opens keys/bodies below `dir`. A missing wrap key is no error here: see has_wrap. A record that a
 * crash left unfinished is cut off when opened for writing. AVER_E_CORRUPT LEDGER-KEYS: the wrap key has another length.
 * LEDGER-KEYMODE, AVER_E_REFUSED (write): others than the owner may read a key. */
AVER_MUST_CHECK aver_err aver_bodies_open(struct aver_bodies *bodies, const char *dir, bool write,
                                          struct aver_why *why);
void aver_bodies_close(struct aver_bodies *bodies);
/* Reads the ids of the records from number `from` on. */
AVER_MUST_CHECK aver_err aver_bodies_load(struct aver_bodies *bodies, uint64_t from, struct aver_why *why);

/* The key of a subject; made if there is none yet, and then on disk only after aver_bodies_sync. */
AVER_MUST_CHECK aver_err aver_bodies_key(struct aver_bodies *bodies, uint8_t id[AVER_KEY_ID_BYTES],
                                         uint8_t key[32], const char *subject, struct aver_why *why);
/* The key of a subject if it has one at hand, by `below` in place of the bodies' own: for threads that work while nobody makes keys.
 * AVER_E_NOT_FOUND: aver_bodies_key must be asked. */
AVER_MUST_CHECK aver_err aver_bodies_known(const struct aver_bodies *bodies, uint8_t id[AVER_KEY_ID_BYTES],
                                           uint8_t key[32], const char *subject,
                                           aver_err (*below)(void *self, aver_bytes key_id, uint64_t *number,
                                                             struct aver_why *why),
                                           void *self, struct aver_why *why);
/* The key with an id. AVER_E_KEY_GONE BODY-KEY: there is none, or it was destroyed, or its wrap key is not here. */
AVER_MUST_CHECK aver_err aver_bodies_find(struct aver_bodies *bodies, uint8_t key[32], aver_bytes id,
                                          struct aver_why *why);
/* Writes and syncs the new records; before the frame that uses them. Those of a group that came to nothing are written with
 * the next, and used when their subject comes again. AVER_E_FULL, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_bodies_sync(struct aver_bodies *bodies, struct aver_why *why);

/* Sealing: the associated data is the chain's name and the commitment of what is sealed (entry.h). Sealed bytes are appended
 * to `out`. The nonce is random and used once. */
/* The same to where plain.len + AVER_SEAL_BYTES bytes fit; `plain` may lie there. */
void aver_body_seal_at(uint8_t *out, const uint8_t nonce[AVER_NONCE_BYTES], aver_bytes plain,
                       aver_bytes chain, const aver_digest *commitment, const uint8_t key[32]);
void aver_body_seal(struct aver_buf *out, const uint8_t nonce[AVER_NONCE_BYTES], aver_bytes plain,
                    aver_bytes chain, const aver_digest *commitment, const uint8_t key[32]);
/* In the arena. AVER_E_SIGNATURE BODY-SEAL: altered; `what` is "body" or "receipt". */
AVER_MUST_CHECK aver_err aver_body_unseal(aver_bytes *plain, aver_bytes sealed, aver_bytes nonce,
                                          aver_bytes chain, const aver_digest *commitment,
                                          const uint8_t key[32], const char *what, struct aver_arena *arena,
                                          struct aver_why *why);

/* A key file of exactly `len` bytes. AVER_E_NOT_FOUND, AVER_E_CORRUPT LEDGER-KEYS, AVER_E_REFUSED LEDGER-KEYMODE as above. */
AVER_MUST_CHECK aver_err aver_key_file_read(uint8_t *out, size_t len, const char *path, bool strict,
                                            struct aver_why *why);
/* Makes it, mode 0600, synced. AVER_E_EXISTS. */
AVER_MUST_CHECK aver_err aver_key_file_write(const char *path, const uint8_t *bytes, size_t len,
                                             struct aver_why *why);

#endif
