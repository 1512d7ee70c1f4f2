/* base/hash.c - see hash.h. The one place below ledger/storage that knows libsodium. */
#include "base/hash.h"

#include <sodium.h>
#include <string.h>

void aver_crypto_start(void) { AVER_ASSERT(sodium_init() >= 0); }

aver_digest aver_sha256_parts(const aver_bytes *parts, size_t n)
{
    crypto_hash_sha256_state st;
    aver_digest d;
    crypto_hash_sha256_init(&st);
    for (size_t i = 0; i < n; i++)
        if (parts[i].len) crypto_hash_sha256_update(&st, parts[i].ptr, parts[i].len);
    crypto_hash_sha256_final(&st, d.b);
    return d;
}

aver_digest aver_sha256(aver_bytes a) { return aver_sha256_parts(&a, 1); }

aver_digest aver_hmac256(aver_bytes key, const aver_bytes *parts, size_t n)
{
    crypto_auth_hmacsha256_state st;
    aver_digest d;
    crypto_auth_hmacsha256_init(&st, key.ptr, key.len);
    for (size_t i = 0; i < n; i++)
        if (parts[i].len) crypto_auth_hmacsha256_update(&st, parts[i].ptr, parts[i].len);
    crypto_auth_hmacsha256_final(&st, d.b);
    return d;
}

bool aver_digest_eq(aver_digest a, aver_digest b) { return memcmp(a.b, b.b, sizeof a.b) == 0; }

void aver_key_from_seed(struct aver_public_key *pk, struct aver_secret_key *sk, const uint8_t seed[32])
{
    crypto_sign_ed25519_seed_keypair(pk->b, sk->b, seed);
}

void aver_sign(struct aver_signature *sig, aver_bytes message, const struct aver_secret_key *sk)
{
    crypto_sign_ed25519_detached(sig->b, NULL, message.ptr, message.len, sk->b);
}

bool aver_verify(const struct aver_signature *sig, aver_bytes message, const struct aver_public_key *pk)
{
    return crypto_sign_ed25519_verify_detached(sig->b, message.ptr, message.len, pk->b) == 0;
}

void aver_kid(uint8_t kid[16], const struct aver_public_key *pk)
{
    aver_digest d = aver_sha256(aver_bytes_of(pk->b, sizeof pk->b));
    memcpy(kid, d.b, 16);
}

void aver_random(void *out, size_t len) { randombytes_buf(out, len); }
void aver_wipe(void *p, size_t len) { sodium_memzero(p, len); }

void aver_seal(uint8_t *out, aver_bytes in, aver_bytes aad, const uint8_t nonce[24], const uint8_t key[32])
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in.ptr, in.len, aad.ptr, aad.len, NULL, nonce, key);
}

aver_err aver_unseal(uint8_t *out, aver_bytes in, aver_bytes aad, const uint8_t nonce[24],
                     const uint8_t key[32])
{
    if (in.len < 16) return AVER_E_SIGNATURE;
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in.ptr, in.len, aad.ptr, aad.len,
                                                         nonce, key);
    return bad ? AVER_E_SIGNATURE : AVER_OK;
}
