/* ledger/model/smt_proof.c - see smt_proof.h. */
#include "ledger/model/smt_proof.h"

#include <string.h>

static const aver_digest zero;

static aver_digest hash_of(uint8_t prefix, const aver_digest *a, const aver_digest *b)
{
    uint8_t all[65];
    all[0] = prefix;
    memcpy(all + 1, a->b, 32);
    memcpy(all + 33, b->b, 32);
    return aver_sha256(aver_bytes_of(all, sizeof all));
}

aver_digest aver_smt_leaf_hash(const aver_digest *path, const aver_digest *value_hash)
{
    return hash_of(0x00, path, value_hash);
}

aver_digest aver_smt_node_hash(const aver_digest *left, const aver_digest *right)
{
    return hash_of(0x01, left, right);
}

static bool is_zero(const aver_digest *d) { return aver_digest_eq(*d, zero); }

/* ---- bytes ---- */

void aver_smt_proof_write(struct aver_buf *buf, const struct aver_smt_proof *proof)
{
    uint8_t map[AVER_SMT_DEPTH_MAX / 8] = {0};
    AVER_ASSERT(proof->depth <= AVER_SMT_DEPTH_MAX);
    for (unsigned d = 0; d < proof->depth; d++)
        if (!is_zero(&proof->sibling[d])) map[d / 8] |= (uint8_t)(0x80 >> d % 8);
    aver_buf_byte(buf, (uint8_t)proof->end);
    aver_buf_byte(buf, (uint8_t)(proof->depth >> 8));
    aver_buf_byte(buf, (uint8_t)proof->depth);
    aver_buf_put(buf, map, (proof->depth + 7) / 8);
    for (unsigned d = 0; d < proof->depth; d++)
        if (!is_zero(&proof->sibling[d])) aver_buf_put(buf, proof->sibling[d].b, 32);
    if (proof->end == AVER_SMT_OTHER) {
        aver_buf_put(buf, proof->other_path.b, 32);
        aver_buf_put(buf, proof->other_value_hash.b, 32);
    }
}

static aver_err bad(struct aver_why *why, const char *what)
{
    return aver_fail(why, AVER_E_INPUT, "SMT-PROOF", "", "%s", what);
}

aver_err aver_smt_proof_read(struct aver_smt_proof *proof, aver_bytes in, struct aver_why *why)
{
    if (in.len < 3) return bad(why, "the state proof ends before its depth");
    unsigned end = in.ptr[0], depth = (unsigned)in.ptr[1] << 8 | in.ptr[2];
    if (end > AVER_SMT_OTHER) return bad(why, "a state proof begins with 0, 1 or 2");
    if (depth > AVER_SMT_DEPTH_MAX) return bad(why, "a state proof is at most 256 levels deep");
    size_t map_len = (depth + 7) / 8, at = 3 + map_len;
    if (in.len < at) return bad(why, "the state proof ends inside its bitmap");
    const uint8_t *map = in.ptr + 3;
    if (depth % 8 && (map[map_len - 1] & (0xff >> depth % 8)))
        return bad(why, "the bitmap names siblings below the depth");
    proof->end = (enum aver_smt_end)end;
    proof->depth = depth;
    for (unsigned d = 0; d < depth; d++) {
        proof->sibling[d] = zero;
        if (!(map[d / 8] & 0x80 >> d % 8)) continue;
        if (in.len - at < 32) return bad(why, "the state proof ends inside a sibling");
        memcpy(proof->sibling[d].b, in.ptr + at, 32);
        at += 32;
        if (is_zero(&proof->sibling[d])) return bad(why, "an empty sibling is written out");
    }
    proof->other_path = proof->other_value_hash = zero;
    if (end == AVER_SMT_OTHER) {
        if (in.len - at < 64) return bad(why, "the state proof ends inside the other leaf");
        memcpy(proof->other_path.b, in.ptr + at, 32);
        memcpy(proof->other_value_hash.b, in.ptr + at + 32, 32);
        at += 64;
    }
    if (at != in.len) return bad(why, "bytes follow the end of the state proof");
    return AVER_OK;
}

/* ---- checking ---- */

static aver_err differs(struct aver_why *why, const char *what)
{
    return aver_fail(why, AVER_E_DIFFERS, "SMT-DIFFERS", "", "%s", what);
}

aver_err aver_smt_proof_root(aver_digest *root, const aver_digest *path, const aver_digest *value_hash,
                             const struct aver_smt_proof *proof, struct aver_why *why)
{
    aver_digest r = zero;
    AVER_ASSERT(proof->depth <= AVER_SMT_DEPTH_MAX);
    switch (proof->end) {
    case AVER_SMT_MEMBER: r = aver_smt_leaf_hash(path, value_hash); break;
    case AVER_SMT_EMPTY: break;
    case AVER_SMT_OTHER:
        if (aver_digest_eq(*path, proof->other_path))
            return differs(why, "the other leaf of the proof is the key's own");
        for (unsigned d = 0; d < proof->depth; d++)
            if (aver_smt_bit(path, d) != aver_smt_bit(&proof->other_path, d))
                return differs(why, "the other leaf of the proof does not stand in this key's place");
        r = aver_smt_leaf_hash(&proof->other_path, &proof->other_value_hash);
        break;
    }
    for (unsigned d = proof->depth; d-- > 0;)
        r = aver_smt_bit(path, d) ? aver_smt_node_hash(&proof->sibling[d], &r)
                                  : aver_smt_node_hash(&r, &proof->sibling[d]);
    *root = r;
    return AVER_OK;
}

static aver_err expect_root(const aver_digest *root, const aver_digest *path, const aver_digest *value_hash,
                            const struct aver_smt_proof *proof, struct aver_why *why)
{
    aver_digest got;
    AVER_TRY(aver_smt_proof_root(&got, path, value_hash, proof, why));
    if (!aver_digest_eq(got, *root)) return differs(why, "the state proof does not lead to this root");
    return AVER_OK;
}

aver_err aver_smt_verify_member(const aver_digest *root, aver_bytes key, aver_bytes value,
                                const struct aver_smt_proof *proof, struct aver_why *why)
{
    if (proof->end != AVER_SMT_MEMBER)
        return differs(why, "the proof shows an absent key where a value is claimed");
    aver_digest path = aver_sha256(key), value_hash = aver_sha256(value);
    return expect_root(root, &path, &value_hash, proof, why);
}

aver_err aver_smt_verify_absent(const aver_digest *root, aver_bytes key, const struct aver_smt_proof *proof,
                                struct aver_why *why)
{
    if (proof->end == AVER_SMT_MEMBER)
        return differs(why, "the proof shows a value where the key should be absent");
    aver_digest path = aver_sha256(key);
    return expect_root(root, &path, &zero, proof, why);
}

/* ---- ICS-23 ---- */

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 }; /* protobuf wire types */

static void put_varint(struct aver_buf *buf, size_t v)
{
    for (; v >= 0x80; v >>= 7) aver_buf_byte(buf, (uint8_t)(v | 0x80));
    aver_buf_byte(buf, (uint8_t)v);
}

static void put_number(struct aver_buf *buf, unsigned field, size_t v)
{
    put_varint(buf, field << 3 | WIRE_VARINT);
    put_varint(buf, v);
}

static void put_field(struct aver_buf *buf, unsigned field, aver_bytes b)
{
    put_varint(buf, field << 3 | WIRE_BYTES);
    put_varint(buf, b.len);
    aver_buf_bytes(buf, b);
}

static void put_message(struct aver_buf *buf, unsigned field, struct aver_buf *message)
{
    put_field(buf, field, aver_buf_view(message));
    aver_buf_free(message);
}

enum { ICS23_SHA256 = 1 };

/* message ExistenceProof { bytes key = 1; bytes value = 2; LeafOp leaf = 3; repeated InnerOp path = 4; } */
static void put_existence(struct aver_buf *buf, unsigned field, const struct aver_smt_opened *member)
{
    const struct aver_smt_proof *proof = member->proof;
    AVER_ASSERT(proof->end == AVER_SMT_MEMBER);
    aver_digest path = aver_sha256(member->key);
    struct aver_buf exist = {0}, op = {0};
    put_field(&exist, 1, member->key);
    put_field(&exist, 2, member->value);
    for (unsigned f = 1; f <= 3; f++) put_number(&op, f, ICS23_SHA256); /* hash, prehash_key, prehash_value */
    put_field(&op, 5, AVER_LIT("\x00"));
    put_message(&exist, 3, &op);
    for (unsigned d = proof->depth; d-- > 0;) {
        uint8_t prefix[33] = {0x01};
        bool right = aver_smt_bit(&path, d);
        memcpy(prefix + 1, proof->sibling[d].b, 32);
        put_number(&op, 1, ICS23_SHA256);
        put_field(&op, 2, aver_bytes_of(prefix, right ? 33 : 1));
        if (!right) put_field(&op, 3, aver_digest_bytes(&proof->sibling[d]));
        put_message(&exist, 4, &op);
    }
    put_message(buf, field, &exist);
}

void aver_smt_ics23_exist(struct aver_buf *buf, const struct aver_smt_opened *member)
{
    put_existence(buf, 1, member);
}

void aver_smt_ics23_absent(struct aver_buf *buf, aver_bytes key, const struct aver_smt_opened *left,
                           const struct aver_smt_opened *right)
{
    AVER_ASSERT(left || right);
    struct aver_buf absent = {0};
    put_field(&absent, 1, key);
    if (left) put_existence(&absent, 2, left);
    if (right) put_existence(&absent, 3, right);
    put_message(buf, 2, &absent);
}
