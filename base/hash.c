/* base/hash.c - see hash.h. Below ledger/storage only this file and sha256.c know libsodium. */
#include "base/hash.h"

#include "base/sha256.h"

#include <sodium.h>
#include <string.h>

static aver_sha256_compress *compress = aver_sha256_by_sodium;

void aver_crypto_start(void)
{
    AVER_ASSERT(sodium_init() >= 0);
    if (aver_sha256_by_processor()) compress = aver_sha256_by_processor();
}

/* ---- SHA-256 (FIPS 180-4) and HMAC (RFC 2104) ---- */

struct sha {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[AVER_SHA256_BLOCK]; /* what of `bytes` is no whole block yet */
};

static struct sha sha_from(const uint32_t state[8], uint64_t bytes)
{
    struct sha s;
    memcpy(s.state, state, sizeof s.state);
    s.bytes = bytes;
    return s;
}

static void sha_take(struct sha *s, aver_bytes b)
{
    size_t held = s->bytes % AVER_SHA256_BLOCK;
    s->bytes += b.len;
    if (held + b.len < AVER_SHA256_BLOCK) {
        if (b.len) memcpy(s->block + held, b.ptr, b.len);
        return;
    }
    if (held) {
        size_t missing = AVER_SHA256_BLOCK - held;
        memcpy(s->block + held, b.ptr, missing);
        compress(s->state, s->block, 1);
        b = aver_bytes_of(b.ptr + missing, b.len - missing);
    }
    size_t whole = b.len / AVER_SHA256_BLOCK;
    if (whole) compress(s->state, b.ptr, whole);
    if (b.len % AVER_SHA256_BLOCK)
        memcpy(s->block, b.ptr + whole * AVER_SHA256_BLOCK, b.len % AVER_SHA256_BLOCK);
}

static void put_word(uint8_t *out, uint32_t w)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    w = __builtin_bswap32(w);
#endif
    memcpy(out, &w, sizeof w);
}

/* 5.1.1: a one bit, zeros, and the length in bits as 64 bits at the end of a block. */
static aver_digest sha_end(struct sha *s)
{
    size_t held = s->bytes % AVER_SHA256_BLOCK;
    uint64_t bits = s->bytes * 8;
    aver_digest d;
    s->block[held++] = 0x80;
    if (held > AVER_SHA256_BLOCK - 8) {
        memset(s->block + held, 0, AVER_SHA256_BLOCK - held);
        compress(s->state, s->block, 1);
        held = 0;
    }
    memset(s->block + held, 0, AVER_SHA256_BLOCK - 8 - held);
    put_word(s->block + AVER_SHA256_BLOCK - 8, (uint32_t)(bits >> 32));
    put_word(s->block + AVER_SHA256_BLOCK - 4, (uint32_t)bits);
    compress(s->state, s->block, 1);
    for (size_t i = 0; i < 8; i++) put_word(d.b + 4 * i, s->state[i]);
    return d;
}

/* 5.3.3 */
static const uint32_t first_state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

aver_digest aver_sha256_parts(const aver_bytes *parts, size_t n)
{
    struct sha s = sha_from(first_state, 0);
    for (size_t i = 0; i < n; i++) sha_take(&s, parts[i]);
    return sha_end(&s);
}

aver_digest aver_sha256(aver_bytes a) { return aver_sha256_parts(&a, 1); }

void aver_hmac_key_make(struct aver_hmac_key *out, aver_bytes key)
{
    uint8_t inner[AVER_SHA256_BLOCK] = {0}, outer[AVER_SHA256_BLOCK];
    if (key.len > sizeof inner) {
        aver_digest d = aver_sha256(key);
        memcpy(inner, d.b, sizeof d.b);
    } else if (key.len) {
        memcpy(inner, key.ptr, key.len);
    }
    for (size_t i = 0; i < sizeof inner; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    memcpy(out->inner, first_state, sizeof first_state);
    memcpy(out->outer, first_state, sizeof first_state);
    compress(out->inner, inner, 1);
    compress(out->outer, outer, 1);
    aver_wipe(inner, sizeof inner);
    aver_wipe(outer, sizeof outer);
}

aver_digest aver_hmac256_by(const struct aver_hmac_key *key, const aver_bytes *parts, size_t n)
{
    struct sha s = sha_from(key->inner, AVER_SHA256_BLOCK);
    for (size_t i = 0; i < n; i++) sha_take(&s, parts[i]);
    aver_digest d = sha_end(&s);
    s = sha_from(key->outer, AVER_SHA256_BLOCK);
    sha_take(&s, aver_digest_bytes(&d));
    return sha_end(&s);
}

aver_digest aver_hmac256(aver_bytes key, const aver_bytes *parts, size_t n)
{
    struct aver_hmac_key k;
    aver_hmac_key_make(&k, key);
    return aver_hmac256_by(&k, parts, n);
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
