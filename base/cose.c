/* base/cose.c - see cose.h. */
#include "base/cose.h"

#include <string.h>

#define TAG_SIGN1 0xd2 /* 18, in one byte */

static aver_err malformed(struct aver_why *why, const char *code, const char *text)
{
    return aver_fail(why, AVER_E_INPUT, code, "COSE_Sign1", "%s", text);
}

static aver_err read_header(struct aver_cose *out, struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(out->protected_header, why);
    size_t n;
    uint64_t label;
    int64_t alg;
    AVER_TRY(aver_cbor_map(&in, &n));
    if (n != 3)
        return malformed(why, "COSE-FORM",
                         "the protected header must hold alg, content type and kid, and nothing else");
    AVER_TRY(aver_cbor_uint(&in, &label));
    if (label != 1) return malformed(why, "COSE-FORM", "the protected header must begin with alg (1)");
    AVER_TRY(aver_cbor_int(&in, &alg));
    if (alg != -8) return malformed(why, "COSE-ALG", "alg must be -8 (EdDSA with Ed25519)");
    AVER_TRY(aver_cbor_uint(&in, &label));
    if (label != 3)
        return malformed(why, "COSE-FORM", "the second protected header must be the content type (3)");
    AVER_TRY(aver_cbor_text(&in, &out->content_type));
    AVER_TRY(aver_cbor_uint(&in, &label));
    if (label != 4) return malformed(why, "COSE-FORM", "the third protected header must be kid (4)");
    AVER_TRY(aver_cbor_bytes(&in, &out->kid));
    if (out->kid.len != 16) return malformed(why, "COSE-FORM", "kid must be 16 bytes");
    return aver_cbor_end(&in);
}

aver_err aver_cose_read(struct aver_cose *out, aver_bytes bytes, struct aver_why *why)
{
    if (bytes.len == 0 || bytes.ptr[0] != TAG_SIGN1)
        return malformed(why, "COSE-FORM", "it does not begin with tag 18: this is no COSE_Sign1");
    struct aver_cbor in = aver_cbor_open(aver_bytes_cut(bytes, 1, bytes.len - 1), why);
    size_t n;
    aver_bytes signature;
    AVER_TRY(aver_cbor_array(&in, &n));
    if (n != 4) return malformed(why, "COSE-FORM", "the array must have four items");
    AVER_TRY(aver_cbor_bytes(&in, &out->protected_header));
    AVER_TRY(aver_cbor_map(&in, &n));
    if (n != 0) return malformed(why, "COSE-UNPROTECTED", "the unprotected header must be empty");
    AVER_TRY(aver_cbor_bytes(&in, &out->payload));
    AVER_TRY(aver_cbor_bytes(&in, &signature));
    if (signature.len != sizeof out->signature.b)
        return malformed(why, "COSE-FORM", "the signature must be 64 bytes");
    memcpy(out->signature.b, signature.ptr, sizeof out->signature.b);
    AVER_TRY(aver_cbor_end(&in));
    return read_header(out, why);
}

/* RFC 9052 4.4: Sig_structure = ["Signature1", body_protected, external_aad, payload]. */
static void sig_structure(struct aver_buf *out, aver_bytes protected_header, const char *purpose,
                          aver_bytes chain, aver_bytes payload)
{
    struct aver_buf aad = {0};
    aver_buf_str(&aad, "averment/1 ");
    aver_buf_str(&aad, purpose);
    aver_buf_byte(&aad, ' ');
    aver_buf_bytes(&aad, chain);
    aver_cbor_put_array(out, 4);
    aver_cbor_put_text(out, AVER_LIT("Signature1"));
    aver_cbor_put_bytes(out, protected_header);
    aver_cbor_put_bytes(out, aver_buf_view(&aad));
    aver_cbor_put_bytes(out, payload);
    aver_buf_free(&aad);
}

bool aver_cose_verify(const struct aver_cose *c, const char *purpose, aver_bytes chain,
                      const struct aver_public_key *key)
{
    struct aver_buf message = {0};
    sig_structure(&message, c->protected_header, purpose, chain, c->payload);
    bool ok = aver_verify(&c->signature, aver_buf_view(&message), key);
    aver_buf_free(&message);
    return ok;
}

void aver_cose_sign(struct aver_buf *out, const char *content_type, aver_bytes payload, const char *purpose,
                    aver_bytes chain, const struct aver_public_key *pk, const struct aver_secret_key *sk)
{
    struct aver_buf header = {0}, message = {0};
    struct aver_signature sig;
    uint8_t kid[16];
    aver_kid(kid, pk);
    aver_cbor_put_map(&header, 3);
    aver_cbor_put_uint(&header, 1);
    aver_cbor_put_int(&header, -8);
    aver_cbor_put_uint(&header, 3);
    aver_cbor_put_text(&header, aver_bytes_str(content_type));
    aver_cbor_put_uint(&header, 4);
    aver_cbor_put_bytes(&header, aver_bytes_of(kid, sizeof kid));
    sig_structure(&message, aver_buf_view(&header), purpose, chain, payload);
    aver_sign(&sig, aver_buf_view(&message), sk);
    aver_buf_byte(out, TAG_SIGN1);
    aver_cbor_put_array(out, 4);
    aver_cbor_put_bytes(out, aver_buf_view(&header));
    aver_cbor_put_map(out, 0);
    aver_cbor_put_bytes(out, payload);
    aver_cbor_put_bytes(out, aver_bytes_of(sig.b, sizeof sig.b));
    aver_buf_free(&header);
    aver_buf_free(&message);
}
