/* ledger/model/entry.c - see entry.h. */
#include "ledger/model/entry.h"

#include "base/date.h"

#include <string.h>

#include "ledger/model/tx.h"

#define RECEIPT_TOUCHES 3 /* the number of the field: decision.c */

/* Of the array; 0 for a kind that there is not. */
static size_t items_in(uint64_t kind)
{
    return kind == AVER_ENTRY_ITEM || kind == AVER_ENTRY_STATE ? 4 : kind == AVER_ENTRY_HEADER ? 7 : 0;
}

static void put_digest(struct aver_buf *out, const aver_digest *d)
{
    aver_cbor_put_bytes(out, aver_digest_bytes(d));
}

static aver_err get_digest(struct aver_cbor *in, aver_digest *out)
{
    aver_bytes b;
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len != sizeof out->b)
        return aver_cbor_fail(in, "ENTRY-FORM", "a digest of %zu bytes, not 32", b.len);
    memcpy(out->b, b.ptr, sizeof out->b);
    return AVER_OK;
}

void aver_entry_encode(struct aver_buf *out, const struct aver_entry *e)
{
    AVER_ASSERT(items_in(e->kind) != 0);
    aver_cbor_put_array(out, items_in(e->kind));
    aver_cbor_put_uint(out, AVER_ENTRY_VERSION);
    aver_cbor_put_uint(out, e->kind);
    switch ((enum aver_entry_kind)e->kind) {
    case AVER_ENTRY_ITEM:
        put_digest(out, &e->body);
        put_digest(out, &e->receipt);
        return;
    case AVER_ENTRY_STATE:
        aver_cbor_put_uint(out, e->height);
        put_digest(out, &e->root);
        return;
    case AVER_ENTRY_HEADER:
        aver_cbor_put_uint(out, e->height);
        aver_cbor_put_int(out, e->time);
        put_digest(out, &e->previous);
        aver_cbor_put_uint(out, e->size);
        put_digest(out, &e->root);
        return;
    }
    AVER_UNREACHABLE();
}

static aver_err read_fields(struct aver_entry *out, struct aver_cbor *in)
{
    switch ((enum aver_entry_kind)out->kind) {
    case AVER_ENTRY_ITEM: AVER_TRY(get_digest(in, &out->body)); return get_digest(in, &out->receipt);
    case AVER_ENTRY_STATE: AVER_TRY(aver_cbor_uint(in, &out->height)); return get_digest(in, &out->root);
    case AVER_ENTRY_HEADER:
        AVER_TRY(aver_cbor_uint(in, &out->height));
        AVER_TRY(aver_cbor_int(in, &out->time));
        if (out->time < 0 || out->time > AVER_TIME_MAX)
            return aver_cbor_fail(in, "ENTRY-FORM", "a time is from 1970 to 9999");
        AVER_TRY(get_digest(in, &out->previous));
        AVER_TRY(aver_cbor_uint(in, &out->size));
        return get_digest(in, &out->root);
    }
    AVER_UNREACHABLE();
}

aver_err aver_entry_read(struct aver_entry *out, aver_bytes bytes, struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(bytes, why);
    size_t count;
    uint64_t version;
    memset(out, 0, sizeof *out);
    AVER_TRY(aver_cbor_array(&in, &count));
    AVER_TRY(aver_cbor_uint(&in, &version));
    if (version != AVER_ENTRY_VERSION)
        return aver_cbor_fail(&in, "ENTRY-VERSION", "this program reads entries of version %d",
                              AVER_ENTRY_VERSION);
    AVER_TRY(aver_cbor_uint(&in, &out->kind));
    size_t want = items_in(out->kind);
    if (want == 0) return aver_cbor_fail(&in, "ENTRY-FORM", "an entry of an unknown kind");
    if (count != want)
        return aver_cbor_fail(&in, "ENTRY-FORM", "an entry of this kind has %zu items, not %zu", want, count);
    AVER_TRY(read_fields(out, &in));
    return aver_cbor_end(&in);
}

void aver_body_encode(struct aver_buf *out, const struct aver_body *body)
{
    AVER_ASSERT(body->salt.len == AVER_SALT_BYTES);
    aver_cbor_put_array(out, 4);
    put_digest(out, &body->batch);
    aver_cbor_put_uint(out, body->index);
    aver_cbor_put_bytes(out, body->salt);
    aver_cbor_put_bytes(out, body->item);
}

aver_err aver_body_read(struct aver_body *out, aver_bytes bytes, struct aver_why *why)
{
    struct aver_cbor in = aver_cbor_open(bytes, why);
    size_t count;
    AVER_TRY(aver_cbor_array(&in, &count));
    if (count != 4) return aver_cbor_fail(&in, "ENTRY-FORM", "a body has 4 items, not %zu", count);
    AVER_TRY(get_digest(&in, &out->batch));
    AVER_TRY(aver_cbor_uint(&in, &out->index));
    AVER_TRY(aver_cbor_bytes(&in, &out->salt));
    if (out->salt.len != AVER_SALT_BYTES)
        return aver_cbor_fail(&in, "ENTRY-FORM", "the salt must be %d bytes", AVER_SALT_BYTES);
    AVER_TRY(aver_cbor_bytes(&in, &out->item));
    return aver_cbor_end(&in);
}

aver_digest aver_body_commitment(aver_bytes salt, aver_bytes body)
{
    aver_bytes purpose = AVER_LIT("body");
    aver_digest derived = aver_hmac256(salt, &purpose, 1);
    return aver_sha256_parts((aver_bytes[]){aver_bytes_of(derived.b, AVER_SALT_BYTES), body}, 2);
}

/* A receipt around its touch list. Of bytes that are no receipt everything is the rest. */
struct receipt_parts {
    aver_bytes before, touches, after;
};

static struct receipt_parts cut_receipt(aver_bytes receipt)
{
    struct receipt_parts whole = {receipt, AVER_BYTES_NONE, AVER_BYTES_NONE}, parts;
    struct aver_cbor in = aver_cbor_open(receipt, NULL);
    size_t pairs;
    uint64_t key;
    if (aver_cbor_map(&in, &pairs) != AVER_OK) return whole;
    for (size_t i = 0; i < pairs; i++) {
        if (aver_cbor_uint(&in, &key) != AVER_OK) return whole;
        size_t at = (size_t)(in.p - in.start);
        if (aver_cbor_item(&in, &parts.touches) != AVER_OK) return whole;
        if (key != RECEIPT_TOUCHES) continue;
        parts.before = aver_bytes_cut(receipt, 0, at);
        at += parts.touches.len;
        parts.after = aver_bytes_cut(receipt, at, receipt.len - at);
        return parts;
    }
    return whole;
}

static aver_digest receipt_salts(aver_bytes salt)
{
    aver_bytes purpose = AVER_LIT("receipt");
    return aver_hmac256(salt, &purpose, 1);
}

static struct aver_touches_opened open_touches(const aver_digest *salts, aver_bytes receipt)
{
    struct receipt_parts p = cut_receipt(receipt);
    return (struct aver_touches_opened){
        .salt = aver_bytes_of(salts->b, AVER_SALT_BYTES),
        .touches = p.touches,
        .decision = aver_sha256_parts(
            (aver_bytes[]){aver_bytes_of(salts->b + AVER_SALT_BYTES, AVER_SALT_BYTES), p.before, p.after},
            3)};
}

aver_digest aver_touches_commitment(const struct aver_touches_opened *o)
{
    aver_digest touches = aver_sha256_parts((aver_bytes[]){o->salt, o->touches}, 2);
    return aver_sha256_parts((aver_bytes[]){aver_digest_bytes(&touches), aver_digest_bytes(&o->decision)}, 2);
}

struct aver_touches_opened aver_touches_open(aver_bytes salt, aver_bytes receipt, struct aver_arena *arena)
{
    aver_digest salts = receipt_salts(salt);
    struct aver_touches_opened o = open_touches(&salts, receipt);
    o.salt = aver_arena_copy(arena, o.salt);
    return o;
}

aver_digest aver_receipt_commitment(aver_bytes salt, aver_bytes receipt)
{
    aver_digest salts = receipt_salts(salt);
    struct aver_touches_opened o = open_touches(&salts, receipt);
    return aver_touches_commitment(&o);
}
