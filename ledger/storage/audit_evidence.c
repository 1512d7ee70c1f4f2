/* ledger/storage/audit_evidence.c - see audit_evidence.h. */
#include "ledger/storage/audit_evidence.h"

#include "base/base64.h"
#include "base/json.h"

#define FORMAT "averment-checkpoints/1"

static void put_digest(struct aver_json_writer *w, const aver_digest *digest)
{
    struct aver_buf text = {0};
    aver_base64_put(&text, aver_digest_bytes(digest));
    aver_json_put_string(w, aver_buf_view(&text));
    aver_buf_free(&text);
}

static void field(struct aver_json_writer *w, const char *name, aver_bytes text)
{
    aver_json_key(w, name);
    aver_json_put_string(w, text);
}

void aver_evidence_write(struct aver_buf *out, const struct aver_evidence *e)
{
    struct aver_json_writer w = {.buf = out, .pretty = true};
    aver_json_begin_object(&w);
    field(&w, "evidence", AVER_LIT(FORMAT));
    field(&w, "vkey", e->vkey);
    field(&w, "smaller", e->smaller);
    field(&w, "larger", e->larger);
    aver_json_key(&w, "root");
    put_digest(&w, &e->root);
    aver_json_key(&w, "proof");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < e->proof.count; i++) put_digest(&w, &e->proof.hash[i]);
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_finish(&w);
}

static aver_err form(struct aver_why *why, const char *place, const char *what)
{
    return aver_fail(why, AVER_E_INPUT, "EVIDENCE-FORM", place, "this is no evidence about checkpoints: %s",
                     what);
}

static aver_err read_digest(aver_digest *out, const struct aver_json *value, const char *place,
                            struct aver_why *why)
{
    aver_bytes text = aver_json_string(value);
    if (!text.ptr || aver_base64_exact(out->b, sizeof out->b, text) != AVER_OK)
        return form(why, place, "a hash is 32 bytes in base64");
    return AVER_OK;
}

aver_err aver_evidence_read(struct aver_evidence *out, aver_bytes text, struct aver_arena *arena,
                            struct aver_why *why)
{
    const struct aver_json *root;
    *out = (struct aver_evidence){0};
    AVER_TRY(aver_json_parse(&root, arena, text, why));
    if (!aver_bytes_is(aver_json_string(aver_json_get(root, "evidence")), FORMAT))
        return form(why, "evidence", "it does not say " FORMAT);
    out->vkey = aver_json_string(aver_json_get(root, "vkey"));
    out->smaller = aver_json_string(aver_json_get(root, "smaller"));
    out->larger = aver_json_string(aver_json_get(root, "larger"));
    if (!out->vkey.ptr || !out->smaller.ptr || !out->larger.ptr)
        return form(why, "vkey, smaller, larger", "one of them is missing");
    AVER_TRY(read_digest(&out->root, aver_json_get(root, "root"), "root", why));
    const struct aver_json *proof = aver_json_get(root, "proof");
    if (!proof || proof->kind != AVER_JSON_ARRAY) return form(why, "proof", "it is no list");
    for (AVER_JSON_EACH(hash, proof)) {
        if (out->proof.count == AVER_MERKLE_PROOF_MAX) return form(why, "proof", "it has too many hashes");
        AVER_TRY(read_digest(&out->proof.hash[out->proof.count++], hash, "proof", why));
    }
    return AVER_OK;
}

aver_err aver_evidence_check(const struct aver_evidence *e, enum aver_evidence_kind *kind,
                             struct aver_checkpoint *smaller, struct aver_checkpoint *larger,
                             struct aver_why *why)
{
    struct aver_note_key key;
    AVER_TRY(aver_note_vkey_read(&key, e->vkey, why));
    AVER_TRY(aver_checkpoint_open(smaller, e->smaller, &key, why));
    AVER_TRY(aver_checkpoint_open(larger, e->larger, &key, why));
    AVER_TRY(aver_merkle_verify_consistency(&e->root, smaller->size, &larger->root, larger->size,
                                            e->proof.hash, e->proof.count, why));
    *kind = aver_digest_eq(e->root, smaller->root) ? AVER_EVIDENCE_ROLLBACK : AVER_EVIDENCE_FORK;
    return AVER_OK;
}
