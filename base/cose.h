/* base/cose.h - COSE_Sign1 (RFC 9052 section 4.2) in the one form that this ledger writes and accepts.
 *
 *   18([ << {1: -8, 3: content type, 4: kid} >>, {}, payload, signature ])
 * alg is -8 (EdDSA, with Ed25519; -19 of RFC 9864 is reserved and refused), the content type is text, kid 16 bytes; the
 * unprotected header is the empty map, else anyone could change the bytes and so their hash without breaking the signature;
 * the payload is attached. external_aad is "averment/1 " and the purpose, a space, and the chain's name: a signature
 * made for one chain or purpose is none on another. */
#ifndef AVER_BASE_COSE_H
#define AVER_BASE_COSE_H

#include "base/cbor.h"
#include "base/hash.h"

struct aver_cose {
    aver_bytes content_type, kid, payload; /* borrowed */
    struct aver_signature signature;
    aver_bytes protected_header; /* its encoding */
};

/* The form only; the signature is checked by aver_cose_verify. AVER_E_INPUT: CBOR-*, COSE-FORM (another shape or header),
 * COSE-ALG, COSE-UNPROTECTED. */
AVER_MUST_CHECK aver_err aver_cose_read(struct aver_cose *out, aver_bytes bytes, struct aver_why *why);
bool aver_cose_verify(const struct aver_cose *cose, const char *purpose, aver_bytes chain,
                      const struct aver_public_key *key);
void aver_cose_sign(struct aver_buf *out, const char *content_type, aver_bytes payload, const char *purpose,
                    aver_bytes chain, const struct aver_public_key *pk, const struct aver_secret_key *sk);

#endif
