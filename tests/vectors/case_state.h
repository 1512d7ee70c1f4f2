/* tests/vectors/case_state.h - a state of names and records, its commitments, and proofs in our form and in ICS-23's. See cases.h. */
#ifndef AVER_TESTS_VECTOR_CASE_STATE_H
#define AVER_TESTS_VECTOR_CASE_STATE_H

#include "ledger/model/smt_memory.h"
#include "tests/vectors/case_records.h"

#define STATE_RECORDS 24
#define STATE_ABSENT  8

struct vector_state {
    struct aver_smt_memory memory;
    struct aver_smt smt;
    aver_digest root;
};

/* Names as a ledger has them: of the ledger itself, and of families with a secret each. */
static inline aver_bytes state_name(struct aver_arena *a, size_t i, uint8_t secret[32])
{
    static const char *const kinds[] = {"m/M%zu", "f/F%zu", "f/F%zu/y/M%zu/2026", "f/F%zu/y/*/2026",
                                        "q/19999999%02zu"};
    size_t kind = i % 5;
    memset(secret, kind >= 1 && kind <= 3 ? 0x40 + (int)(i / 5) : 0x3f, 32);
    return aver_bytes_str(aver_arena_printf(a, kinds[kind], 100 + i / 5, 100 + i / 5));
}

static inline void put_proof(struct aver_json_writer *w, struct vector_state *s, const aver_digest *key,
                             const aver_digest *value)
{
    struct aver_smt_proof proof, beside[2];
    struct aver_smt_opened side[2];
    struct aver_buf own = {0}, ics23 = {0};
    aver_digest path = aver_sha256(aver_digest_bytes(key));
    AVER_ASSERT(aver_smt_prove(&s->smt, &proof, NULL, &path, NULL) == AVER_OK);
    AVER_ASSERT((proof.end == AVER_SMT_MEMBER) == (value != NULL));
    aver_smt_proof_write(&own, &proof);
    if (value) {
        side[0] = (struct aver_smt_opened){aver_digest_bytes(key), aver_digest_bytes(value), &proof};
        aver_smt_ics23_exist(&ics23, &side[0]);
    } else {
        struct aver_smt_neighbours n;
        AVER_ASSERT(aver_smt_neighbours(&s->smt, &n, &path, NULL) == AVER_OK);
        const struct aver_smt_leaf *leaf[2] = {n.has_left ? &n.left : NULL, n.has_right ? &n.right : NULL};
        for (size_t i = 0; i < 2; i++) {
            if (!leaf[i]) continue;
            path = aver_sha256(aver_digest_bytes(&leaf[i]->key));
            AVER_ASSERT(aver_smt_prove(&s->smt, &beside[i], NULL, &path, NULL) == AVER_OK);
            side[i] = (struct aver_smt_opened){aver_digest_bytes(&leaf[i]->key),
                                               aver_digest_bytes(&leaf[i]->value), &beside[i]};
        }
        aver_smt_ics23_absent(&ics23, aver_digest_bytes(key), leaf[0] ? &side[0] : NULL,
                              leaf[1] ? &side[1] : NULL);
    }
    put_hex(w, "proof", aver_buf_view(&own));
    put_hex(w, "ics23", aver_buf_view(&ics23));
    aver_buf_free(&own);
    aver_buf_free(&ics23);
}

static inline void make_state(struct aver_json_writer *w, struct aver_arena *a)
{
    struct vector_state s = {0};
    struct aver_smt_update updates[STATE_RECORDS];
    aver_digest key[STATE_RECORDS + STATE_ABSENT], value[STATE_RECORDS];
    uint8_t secret[32];
    s.smt.store = aver_smt_memory_store(&s.memory);
    begin(
        w,
        "a state of 24 records, each with its secret, its commitments and the proof of it; then of 8 names that "
        "it does not have. proof: docs/formats.md section 8; ics23: CommitmentProof");
    for (size_t i = 0; i < STATE_RECORDS; i++) {
        uint8_t record[] = {0xa1, 0x01, 0x18, (uint8_t)(24 + i)};
        aver_bytes name = state_name(a, i, secret), own = aver_bytes_of(secret, 32);
        key[i] = aver_state_key(own, name);
        value[i] = aver_state_value(own, name, 3 + i, aver_bytes_of(record, sizeof record));
        aver_smt_set(&updates[i], &key[i], &value[i]);
    }
    aver_smt_sort(updates, STATE_RECORDS);
    AVER_ASSERT(aver_smt_apply(&s.smt, &s.root, updates, STATE_RECORDS, NULL) == AVER_OK);
    put_digest(w, "root", s.root);
    aver_json_key(w, "records");
    aver_json_begin_array(w);
    for (size_t i = 0; i < STATE_RECORDS + STATE_ABSENT; i++) {
        bool there = i < STATE_RECORDS;
        uint8_t record[] = {0xa1, 0x01, 0x18, (uint8_t)(24 + i)};
        aver_bytes name = state_name(a, i, secret), own = aver_bytes_of(secret, 32);
        if (i == STATE_RECORDS) {
            aver_json_end_array(w);
            aver_json_key(w, "absent");
            aver_json_begin_array(w);
        }
        aver_json_begin_object(w);
        aver_json_key(w, "name");
        aver_json_put_string(w, name);
        put_hex(w, "secret", own);
        if (there) {
            aver_json_key(w, "height");
            aver_json_put_uint(w, 3 + i);
            put_hex(w, "record", aver_bytes_of(record, sizeof record));
        }
        key[i] = aver_state_key(own, name);
        put_digest(w, "key", key[i]);
        if (there) put_digest(w, "value", value[i]);
        put_proof(w, &s, &key[i], there ? &value[i] : NULL);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    aver_json_end_object(w);
    aver_smt_memory_free(&s.memory);
}

#endif
