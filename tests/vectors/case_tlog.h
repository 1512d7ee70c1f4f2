/* tests/vectors/case_tlog.h - the frozen vectors of the log as texts: keys, checkpoints, cosignatures, proofs, requests and trust
 * policies. Log and witnesses have the keys of the seeds of 32 bytes 07, 14 and 15 (hexadecimal); entry i is the one byte i. */
#ifndef AVER_TESTS_VECTOR_CASE_TLOG_H
#define AVER_TESTS_VECTOR_CASE_TLOG_H

#include "ledger/model/tlog_proof.h"
#include "ledger/model/tlog_witness.h"
#include "tests/vectors/case_records.h"

#define TLOG_ENTRIES 9
#define TLOG_TIME    UINT64_C(1781510400)

struct tlog_cast {
    struct aver_note_key log, north, south;
    struct aver_secret_key log_sk, north_sk, south_sk;
    aver_digest leaf[TLOG_ENTRIES];
};

static inline void tlog_key(struct aver_note_key *key, struct aver_secret_key *sk, uint8_t fill, bool witness,
                            aver_bytes name)
{
    uint8_t seed[32];
    struct aver_public_key pk;
    memset(seed, fill, sizeof seed);
    aver_key_from_seed(&pk, sk, seed);
    AVER_ASSERT((witness ? aver_note_cosigner_of : aver_note_key_of)(key, name, &pk, NULL) == AVER_OK);
}

static inline void tlog_cast(struct tlog_cast *c)
{
    tlog_key(&c->log, &c->log_sk, 0x07, false, AVER_LIT("claims.example.org/blue-river"));
    tlog_key(&c->north, &c->north_sk, 0x14, true, AVER_LIT("witness.example.net/w0"));
    tlog_key(&c->south, &c->south_sk, 0x15, true, AVER_LIT("witness.example.net/w1"));
    for (uint8_t i = 0; i < TLOG_ENTRIES; i++) c->leaf[i] = aver_merkle_leaf(aver_bytes_of(&i, 1));
}

/* A checkpoint of `size` entries with so many witnesses. */
static inline void tlog_checkpoint(struct aver_buf *out, const struct tlog_cast *c, uint64_t size,
                                   int witnesses)
{
    struct aver_buf text = {0};
    struct aver_note note;
    aver_digest root = aver_merkle_root_of(c->leaf, size);
    aver_checkpoint_sign(out, size, &root, &c->log, &c->log_sk);
    AVER_ASSERT(aver_note_read(&note, aver_buf_view(out), NULL) == AVER_OK);
    aver_buf_bytes(&text, note.text);
    if (witnesses > 0) aver_note_cosign(out, aver_buf_view(&text), &c->north, &c->north_sk, TLOG_TIME);
    if (witnesses > 1) aver_note_cosign(out, aver_buf_view(&text), &c->south, &c->south_sk, TLOG_TIME + 2);
    aver_buf_free(&text);
}

static inline void tlog_policy_text(struct aver_buf *out, const struct tlog_cast *c, const char *rest)
{
    aver_buf_str(out, "# who is believed about the claims of Blue River\nlog ");
    aver_note_vkey_put(out, &c->log);
    aver_buf_str(out, "\nwitness north ");
    aver_note_vkey_put(out, &c->north);
    aver_buf_str(out, " https://w0.example.net/\nwitness south ");
    aver_note_vkey_put(out, &c->south);
    aver_buf_printf(out, "\n%s", rest);
}
#define TLOG_BOTH "group both all north south\nquorum both\n"
#define TLOG_ANY  "group one any north south\nquorum one\n"

static inline void tlog_proof(struct aver_buf *out, const struct tlog_cast *c, uint8_t index, uint64_t size)
{
    struct aver_merkle_leaves all = {c->leaf, TLOG_ENTRIES};
    struct aver_tlog_proof proof = {.index = index};
    struct aver_buf note = {0};
    AVER_ASSERT(aver_merkle_prove(&proof.path, index, size, aver_merkle_source_of(&all), NULL) == AVER_OK);
    tlog_checkpoint(&note, c, size, 2);
    proof.checkpoint = aver_buf_view(&note);
    aver_tlog_proof_put(out, &proof, aver_bytes_of(&index, 1));
    aver_buf_free(&note);
}

static inline void tlog_request(struct aver_buf *out, const struct tlog_cast *c, uint64_t old, uint64_t size)
{
    struct aver_merkle_leaves all = {c->leaf, TLOG_ENTRIES};
    struct aver_merkle_proof path = {0};
    struct aver_buf note = {0};
    if (old)
        AVER_ASSERT(aver_merkle_prove_consistency(&path, old, size, aver_merkle_source_of(&all), NULL) ==
                    AVER_OK);
    tlog_checkpoint(&note, c, size, 0);
    aver_witness_ask(out, old, &path, aver_buf_view(&note));
    aver_buf_free(&note);
}

static inline void tlog_text(struct aver_json_writer *w, const char *name, struct aver_buf *text)
{
    aver_json_key(w, name);
    aver_json_put_string(w, aver_buf_view(text));
    aver_buf_free(text);
    *text = (struct aver_buf){0};
}

/* What the policy says of a checkpoint: "" where it is satisfied, else the code. */
static inline void tlog_verdict(struct aver_json_writer *w, const struct tlog_cast *c, const char *rest,
                                int witnesses)
{
    static struct aver_tlog_policy policy;
    struct aver_buf text = {0}, note = {0};
    struct aver_why why = {0};
    tlog_policy_text(&text, c, rest);
    tlog_checkpoint(&note, c, 9, witnesses);
    AVER_ASSERT(aver_tlog_policy_read(&policy, aver_buf_view(&text), NULL) == AVER_OK);
    (void)!aver_tlog_policy_check(&policy, NULL, aver_buf_view(&note), NULL, &why);
    put_str(w, "verdict", why.code);
    tlog_text(w, "policy", &text);
    tlog_text(w, "note", &note);
}

static inline void make_tlog(struct aver_json_writer *w, struct aver_arena *a)
{
    struct tlog_cast c;
    struct aver_buf text = {0};
    (void)a;
    tlog_cast(&c);
    const struct aver_note_key *const keys[] = {&c.log, &c.north, &c.south};
    for (size_t i = 0; i < 3; i++) {
        begin(w, i ? "the key of a witness, type 0x04" : "the key of a log, type 0x01");
        put_str(w, "kind", "vkey");
        aver_note_vkey_put(&text, keys[i]);
        tlog_text(w, "vkey", &text);
        aver_json_key(w, "name");
        aver_json_put_string(w, keys[i]->name);
        put_hex(w, "public_key", aver_bytes_of(keys[i]->pk.b, 32));
        aver_json_end_object(w);
    }
    static const struct {
        const char *description, *rest;
        int witnesses;
    } rows[] = {
        {"a checkpoint, and a policy that asks for no witness", "quorum none\n", 0},
        {"a checkpoint without the witnesses that the policy asks for", TLOG_BOTH, 0},
        {"one of two witnesses where both are asked for", TLOG_BOTH, 1},
        {"one of two witnesses where any is enough", TLOG_ANY, 1},
        {"a checkpoint that both witnesses cosigned", TLOG_BOTH, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(w, rows[i].description);
        put_str(w, "kind", "checkpoint");
        tlog_verdict(w, &c, rows[i].rest, rows[i].witnesses);
        aver_json_end_object(w);
    }
    for (uint8_t index = 0; index < TLOG_ENTRIES; index += 4) {
        begin(w, "a proof that an entry is in the log, for a policy that wants both witnesses");
        put_str(w, "kind", "proof");
        tlog_proof(&text, &c, index, TLOG_ENTRIES);
        tlog_text(w, "proof", &text);
        tlog_policy_text(&text, &c, TLOG_BOTH);
        tlog_text(w, "policy", &text);
        put_hex(w, "entry", aver_bytes_of(&index, 1));
        aver_json_end_object(w);
    }
    static const uint64_t olds[] = {0, 4, 6, 9};
    for (size_t i = 0; i < 4; i++) {
        begin(w, "what a witness is asked, and its answer");
        put_str(w, "kind", "request");
        tlog_request(&text, &c, olds[i], TLOG_ENTRIES);
        tlog_text(w, "request", &text);
        put_digest(w, "old_root", aver_merkle_root_of(c.leaf, olds[i]));
        struct aver_buf note = {0};
        struct aver_note read;
        tlog_checkpoint(&note, &c, TLOG_ENTRIES, 0);
        AVER_ASSERT(aver_note_read(&read, aver_buf_view(&note), NULL) == AVER_OK);
        aver_note_cosign(&text, read.text, &c.north, &c.north_sk, TLOG_TIME);
        aver_buf_free(&note);
        tlog_text(w, "answer", &text);
        aver_json_end_object(w);
    }
}

#endif
