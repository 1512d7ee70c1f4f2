/* base/hash.h - SHA-256, HMAC-SHA-256, Ed25519, random bytes: libsodium behind names of ours.
 * aver_crypto_start must have run; the programs and the tests call it first thing. */
#ifndef AVER_BASE_HASH_H
#define AVER_BASE_HASH_H

#include "base/bytes.h"

typedef struct aver_digest {
    uint8_t b[32];
} aver_digest;

void aver_crypto_start(void);

aver_digest aver_sha256(aver_bytes a);
/* SHA-256 of the parts one after the other; absent parts are empty. Callers see to it that the split is unambiguous. */
aver_digest aver_sha256_parts(const aver_bytes *parts, size_t n);
aver_digest aver_hmac256(aver_bytes key, const aver_bytes *parts, size_t n);
/* The same by a key that is made ready once. As secret as the key; holds no memory. */
struct aver_hmac_key {
    uint32_t inner[8], outer[8];
};
void aver_hmac_key_make(struct aver_hmac_key *out, aver_bytes key);
aver_digest aver_hmac256_by(const struct aver_hmac_key *key, const aver_bytes *parts, size_t n);
bool aver_digest_eq(aver_digest a, aver_digest b);
static inline aver_bytes aver_digest_bytes(const aver_digest *d) { return (aver_bytes){d->b, sizeof d->b}; }

struct aver_public_key {
    uint8_t b[32];
};
struct aver_secret_key { /* libsodium's form: seed, then public key */
    uint8_t b[64];
};
struct aver_signature {
    uint8_t b[64];
};

void aver_key_from_seed(struct aver_public_key *pk, struct aver_secret_key *sk, const uint8_t seed[32]);
void aver_sign(struct aver_signature *sig, aver_bytes message, const struct aver_secret_key *sk);
/* libsodium 1.0.18's verdict: canonical S, canonical points, no small-order key (docs/formats.md pins it by vectors). */
bool aver_verify(const struct aver_signature *sig, aver_bytes message, const struct aver_public_key *pk);
/* kid: the first 16 bytes of SHA-256 of the public key. */
void aver_kid(uint8_t kid[16], const struct aver_public_key *pk);

void aver_random(void *out, size_t len); /* for keys and salts only; never in the transition */
void aver_wipe(void *p, size_t len);     /* zeroes that the compiler may not leave out */

/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): out holds in.len + 16, and may be where `in` lies. */
void aver_seal(uint8_t *out, aver_bytes in, aver_bytes aad, const uint8_t nonce[24], const uint8_t key[32]);
/* out holds in.len - 16. AVER_E_SIGNATURE when the tag does not match. */
AVER_MUST_CHECK aver_err aver_unseal(uint8_t *out, aver_bytes in, aver_bytes aad, const uint8_t nonce[24],
                                     const uint8_t key[32]);

#endif
