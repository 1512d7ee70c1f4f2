/* ledger/model/bundle.c - see bundle.h. */
#include "ledger/model/bundle.h"

#include <string.h>

#include "ledger/model/note.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"

#define HASH_BYTES      32
#define PATH_HASHES_MAX AVER_MERKLE_PROOF_MAX
#define ENTRY_MAX       4096
#define RECORD_MAX      67108864
#define COSE_MAX        65536
#define ARTIFACT_MAX    67108864

const char *const aver_bundle_end_names[] = {NULL, "member", "empty", "other"};

#define E struct aver_bundle_entry
static const struct aver_field entry_fields[] = {
    AVER_FIELD(1, E, index, UINT, 0),
    AVER_OPTIONAL(2, E, bytes, BYTES, ENTRY_MAX),
    AVER_OPTIONAL(3, E, path, UINTS, PATH_HASHES_MAX),
};
static AVER_SCHEMA(entry_schema, "bundle_entry", E, entry_fields);
#undef E

#define G struct aver_bundle_genesis
static const struct aver_field genesis_fields[] = {
    AVER_FIELD(1, G, batch, DIGEST, 0),
    AVER_FIELD(2, G, salt, FIXED, AVER_SALT_BYTES),
    AVER_FIELD(3, G, receipt, DIGEST, 0),
    AVER_OPTIONAL(4, G, path, UINTS, PATH_HASHES_MAX),
    AVER_OPTIONAL(5, G, family_secret, FIXED, HASH_BYTES),
};
static AVER_SCHEMA(genesis_schema, "bundle_genesis", G, genesis_fields);
#undef G

#define P struct aver_bundle_proof
static const struct aver_field proof_fields[] = {
    AVER_ENUM(1, P, end, 3, aver_bundle_end_names),
    AVER_OPTIONAL(2, P, siblings, UINTS, AVER_SMT_DEPTH_MAX),
    AVER_OPTIONAL(3, P, other_path, DIGEST, 0),
    AVER_OPTIONAL(4, P, other_value, DIGEST, 0),
};
static AVER_SCHEMA(proof_schema, "bundle_proof", P, proof_fields);
#undef P

#define R struct aver_bundle_read
static const struct aver_field read_fields[] = {
    AVER_OPTIONAL(1, R, name, TEXT, AVER_STATE_NAME_MAX),
    AVER_OPTIONAL(2, R, key, DIGEST, 0),
    AVER_OPTIONAL(3, R, record, BYTES, RECORD_MAX),
    AVER_OPTIONAL(4, R, height, UINT, 0),
    AVER_OPTIONAL(5, R, key_opening, FIXED, HASH_BYTES),
    AVER_OPTIONAL(6, R, value_opening, FIXED, HASH_BYTES),
    AVER_OPTIONAL(7, R, after_opening, FIXED, HASH_BYTES),
    AVER_OPT_SUB(8, R, proof, STRUCT, 0, &proof_schema),
    AVER_OPTIONAL(9, R, writer, UINT, AVER_BUNDLE_READS_MAX),
};
static AVER_SCHEMA(read_schema, "bundle_read", R, read_fields);
#undef R

#define W struct aver_bundle_writer
static const struct aver_field writer_fields[] = {
    AVER_FIELD(1, W, index, UINT, 0),
    AVER_OPTIONAL(2, W, path, UINTS, PATH_HASHES_MAX),
    AVER_FIELD(3, W, body, DIGEST, 0),
    AVER_FIELD(4, W, salt, FIXED, AVER_SALT_BYTES),
    AVER_FIELD(5, W, touches, BYTES, RECORD_MAX),
    AVER_FIELD(6, W, decision, DIGEST, 0),
};
static AVER_SCHEMA(writer_schema, "bundle_writer", W, writer_fields);
#undef W

#define T struct aver_bundle_table
static const struct aver_field table_fields[] = {
    AVER_FIELD(1, T, root, DIGEST, 0),
    AVER_FIELD(2, T, code, BYTES, AVER_BUNDLE_CODE_MAX),
    AVER_OPTIONAL(3, T, entry, BYTES, RECORD_MAX),
    AVER_SUB(4, T, proof, STRUCT, 0, &proof_schema),
};
static AVER_SCHEMA(table_schema, "bundle_table", T, table_fields);
#undef T

#define C struct aver_bundle_content
static const struct aver_field content_fields[] = {
    AVER_FIELD(1, C, bytes, BYTES, ARTIFACT_MAX),
};
static AVER_SCHEMA(content_schema, "bundle_content", C, content_fields);
#undef C

#define B struct aver_bundle
static const struct aver_field bundle_fields[] = {
    AVER_FIELD(1, B, format, TEXT, 32),
    AVER_FIELD(2, B, chain, TEXT, AVER_CHAIN_BYTES_MAX),
    AVER_FIELD(3, B, node_key, FIXED, HASH_BYTES),
    AVER_FIELD(4, B, checkpoint, BYTES, AVER_NOTE_BYTES_MAX),
    AVER_FIELD(5, B, hashes, BYTES, (uint64_t)AVER_BUNDLE_HASHES_MAX *HASH_BYTES),
    AVER_FIELD(6, B, batch, BYTES, COSE_MAX),
    AVER_FIELD(7, B, index, UINT, AVER_BATCH_ITEMS_MAX - 1),
    AVER_OPTIONAL(8, B, batch_path, UINTS, PATH_HASHES_MAX),
    AVER_FIELD(9, B, salt, FIXED, AVER_SALT_BYTES),
    AVER_FIELD(10, B, item, BYTES, AVER_ITEM_BYTES_MAX),
    AVER_FIELD(11, B, receipt, BYTES, RECORD_MAX),
    AVER_SUB(12, B, claim, STRUCT, 0, &entry_schema),
    AVER_SUB(13, B, state, STRUCT, 0, &entry_schema),
    AVER_SUB(14, B, header, STRUCT, 0, &entry_schema),
    AVER_FIELD(15, B, previous, BYTES, ENTRY_MAX),
    AVER_OPT_SUB(16, B, genesis, STRUCT, 0, &genesis_schema),
    AVER_OPT_SUB(17, B, reads, LIST, AVER_BUNDLE_READS_MAX, &read_schema),
    AVER_OPT_SUB(18, B, writers, LIST, AVER_BUNDLE_READS_MAX, &writer_schema),
    AVER_OPT_SUB(19, B, tables, LIST, AVER_BUNDLE_TABLES_MAX, &table_schema),
    AVER_OPT_SUB(20, B, contents, LIST, AVER_BUNDLE_CONTENTS_MAX, &content_schema),
};
AVER_SCHEMA(aver_bundle_schema, "bundle", B, bundle_fields);
#undef B

/* ---- form ---- */

static aver_err bad(struct aver_why *why, const char *place, const char *what)
{
    return aver_fail(why, AVER_E_INPUT, "BUNDLE-FORM", place, "%s", what);
}

static bool zero(const aver_digest *d) { return aver_digest_eq(*d, (aver_digest){{0}}); }

static aver_err check_read(const struct aver_bundle_read *r, bool secrets, struct aver_why *why)
{
    bool found = r->record.ptr != NULL;
    if ((r->name.ptr != NULL) != zero(&r->key))
        return bad(why, "reads", "a read has a name, or a key instead");
    bool genesis = secrets && r->name.ptr && aver_bytes_is(r->name, "g");
    if ((r->proof != NULL) + (r->writer != 0) != (genesis ? 0 : 1))
        return bad(why, "reads", "a read has a proof, or a writer instead; that of the genesis neither");
    if ((found && secrets) != (r->height != 0))
        return bad(why, "reads", "a record has the height that wrote it, if it is not opened by itself");
    if (!r->name.ptr || secrets) {
        if (r->key_opening.ptr || r->value_opening.ptr || r->after_opening.ptr || (!r->name.ptr && found))
            return bad(why, "reads", "an opening where nothing is to be opened by it");
        return AVER_OK;
    }
    if (!r->key_opening.ptr || found != (r->value_opening.ptr != NULL))
        return bad(why, "reads", "a read that is not opened has no name");
    return AVER_OK;
}

static int by_read(const struct aver_bundle_read *a, const struct aver_bundle_read *b)
{
    if (!a->name.ptr || !b->name.ptr) {
        if (a->name.ptr || b->name.ptr) return a->name.ptr ? -1 : 1;
        return memcmp(a->key.b, b->key.b, sizeof a->key.b);
    }
    return aver_bytes_cmp(a->name, b->name);
}

static aver_err check_lists(const struct aver_bundle *b, struct aver_why *why)
{
    const struct aver_bundle_read *r = b->reads.items;
    const struct aver_bundle_writer *w = b->writers.items;
    const struct aver_bundle_table *t = b->tables.items;
    struct aver_bundle_content *c = b->contents.items;
    for (size_t i = 0; i < b->reads.count; i++) {
        AVER_TRY(check_read(&r[i], b->genesis != NULL, why));
        if (r[i].writer > b->writers.count)
            return bad(why, "reads", "a read names a writer that is not here");
        if (i && by_read(&r[i - 1], &r[i]) >= 0) return bad(why, "reads", "the reads are not in order");
    }
    for (size_t i = 1; i < b->writers.count; i++)
        if (w[i - 1].index >= w[i].index) return bad(why, "writers", "the writers are not in order");
    for (size_t i = 1; i < b->tables.count; i++) {
        int order = memcmp(t[i - 1].root.b, t[i].root.b, sizeof t[i].root.b);
        if (order > 0 || (order == 0 && aver_bytes_cmp(t[i - 1].code, t[i].code) >= 0))
            return bad(why, "tables", "the table rows are not in order");
    }
    for (size_t i = 0; i < b->contents.count; i++) {
        c[i].digest = aver_sha256(c[i].bytes);
        if (i && memcmp(c[i - 1].digest.b, c[i].digest.b, sizeof c[i].digest.b) >= 0)
            return bad(why, "contents", "the contents are not in order");
    }
    return AVER_OK;
}

aver_err aver_bundle_read(struct aver_bundle *out, aver_bytes bytes, struct aver_arena *arena,
                          struct aver_why *why)
{
    if (bytes.len > AVER_BUNDLE_BYTES_MAX) return bad(why, "", "a bundle has at most 256 MiB");
    AVER_TRY(aver_schema_read(bytes, &aver_bundle_schema, out, arena, why));
    if (!aver_bytes_is(out->format, AVER_BUNDLE_FORMAT))
        return bad(why, "format", "this program reads bundles of the format " AVER_BUNDLE_FORMAT);
    if (out->hashes.len % HASH_BYTES) return bad(why, "hashes", "hashes have 32 bytes each");
    if (out->claim->bytes.ptr || !out->state->bytes.ptr || !out->header->bytes.ptr)
        return bad(why, "state",
                   "the claim's entry is not written out; the state root's and the header's are");
    return check_lists(out, why);
}

/* ---- proofs ---- */

uint64_t aver_bundle_hash(struct aver_bundle_pool *pool, const aver_digest *hash)
{
    uint64_t n = pool->hashes.len / HASH_BYTES;
    for (uint64_t i = 0; i < n; i++)
        if (memcmp(pool->hashes.ptr + i * HASH_BYTES, hash->b, HASH_BYTES) == 0) return i;
    aver_buf_put(&pool->hashes, hash->b, HASH_BYTES);
    return n;
}

static void add(struct aver_list *list, uint64_t n, struct aver_arena *arena)
{
    *(uint64_t *)aver_list_add(arena, list, sizeof n) = n;
}

void aver_bundle_put_path(struct aver_bundle_pool *pool, struct aver_list *path,
                          const struct aver_merkle_proof *proof, struct aver_arena *arena)
{
    for (size_t i = 0; i < proof->count; i++) add(path, aver_bundle_hash(pool, &proof->hash[i]), arena);
}

struct aver_bundle_proof *aver_bundle_put_proof(struct aver_bundle_pool *pool,
                                                const struct aver_smt_proof *proof, struct aver_arena *arena)
{
    struct aver_bundle_proof *out = AVER_NEW(arena, struct aver_bundle_proof);
    *out = (struct aver_bundle_proof){.end = (uint64_t)proof->end + 1,
                                      .other_path = proof->other_path,
                                      .other_value = proof->other_value_hash};
    for (unsigned d = 0; d < proof->depth; d++)
        add(&out->siblings, zero(&proof->sibling[d]) ? 0 : 1 + aver_bundle_hash(pool, &proof->sibling[d]),
            arena);
    return out;
}

static aver_err hash_at(struct aver_bundle_hashes *h, aver_digest *out, uint64_t n, struct aver_why *why)
{
    if (n >= h->hashes.len / HASH_BYTES) return bad(why, "hashes", "a proof names a hash that is not here");
    if (n > h->used) return bad(why, "hashes", "the hashes are not in the order in which they are needed");
    if (n == h->used) h->used++;
    memcpy(out->b, h->hashes.ptr + n * HASH_BYTES, HASH_BYTES);
    return AVER_OK;
}

aver_err aver_bundle_path(struct aver_bundle_hashes *h, struct aver_merkle_proof *out,
                          const struct aver_list *path, struct aver_why *why)
{
    const uint64_t *n = path->items;
    AVER_ASSERT(path->count <= AVER_MERKLE_PROOF_MAX);
    out->count = path->count;
    for (size_t i = 0; i < path->count; i++) AVER_TRY(hash_at(h, &out->hash[i], n[i], why));
    return AVER_OK;
}

aver_err aver_bundle_proof(struct aver_bundle_hashes *h, struct aver_smt_proof *out,
                           const struct aver_bundle_proof *proof, struct aver_why *why)
{
    const uint64_t *n = proof->siblings.items;
    out->end = (enum aver_smt_end)(proof->end - 1);
    out->depth = (unsigned)proof->siblings.count;
    out->other_path = proof->other_path;
    out->other_value_hash = proof->other_value;
    bool other = out->end == AVER_SMT_OTHER;
    if (other == zero(&proof->other_path) || other == zero(&proof->other_value))
        return bad(why, "proof", "another leaf stands in a proof that ends at one, and in no other");
    for (unsigned d = 0; d < out->depth; d++) {
        out->sibling[d] = (aver_digest){{0}};
        if (n[d]) AVER_TRY(hash_at(h, &out->sibling[d], n[d] - 1, why));
        if (n[d] && zero(&out->sibling[d])) return bad(why, "proof", "an empty sibling is written out");
    }
    return AVER_OK;
}
