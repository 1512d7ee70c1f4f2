/* ledger/storage/bundle_write.c - what a claim read becomes a bundle: what its reader may see of it, each thing with its proof, in the
 * order in which they are checked (docs/formats.md section 10). Read from the bottom. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/model/claim.h"
#include "ledger/model/smt_memory.h"
#include "ledger/model/table.h"
#include "ledger/storage/bundle_private.h"
#include "ledger/storage/ledger_private.h"

/* ---- what a reader may see ---- */

static bool begins(aver_bytes name, const char *with)
{
    size_t n = strlen(with);
    return name.len >= n && memcmp(name.ptr, with, n) == 0;
}

/* The letter of what kind of record of a family a name is: "f/<family>/X/..."; 0 for the family's own. */
static char family_kind(aver_bytes name)
{
    size_t at = 2 + aver_name_family(name).len;
    return at + 1 < name.len ? (char)name.ptr[at + 1] : 0;
}

/* Whether this provider is one of the claim's. */
static bool own_provider(const struct aver_claim *claim, aver_bytes provider)
{
    const struct aver_line *l = claim->lines.items;
    for (size_t i = 0; i < claim->lines.count; i++)
        if (aver_bytes_eq(provider, aver_claim_rendering_id(claim, &l[i]))) return true;
    return false;
}

static bool own_services(struct aver_bundle_making *m, const struct aver_claim *claim, aver_bytes record)
{
    struct aver_services services;
    if (aver_schema_read(record, &aver_services_schema, &services, m->arena, NULL) != AVER_OK) return false;
    const struct aver_service *s = services.items.items;
    for (size_t i = 0; i < services.items.count; i++)
        if (!own_provider(claim, s[i].provider)) return false;
    return true;
}

static bool own_visits(struct aver_bundle_making *m, const struct aver_claim *claim, aver_bytes record)
{
    struct aver_visits visits;
    if (aver_schema_read(record, &aver_visits_schema, &visits, m->arena, NULL) != AVER_OK) return false;
    const struct aver_visit *v = visits.items.items;
    for (size_t i = 0; i < visits.items.count; i++)
        if (!own_provider(claim, v[i].provider)) return false;
    return true;
}

/* Nobody but the patient. */
static bool born_alone(struct aver_bundle_making *m, aver_bytes record)
{
    struct aver_born born;
    const struct aver_decision *d = m->receipt.decision;
    if (aver_schema_read(record, &aver_born_schema, &born, m->arena, NULL) != AVER_OK) return false;
    const struct aver_born_member *b = born.members.items;
    for (size_t i = 0; i < born.members.count; i++)
        if (!d || !aver_bytes_eq(b[i].member_id, d->member_id)) return false;
    return true;
}

static bool may_see(struct aver_bundle_making *m, const struct aver_claim *claim,
                    const struct aver_bundle_seen *s)
{
    bool provider = m->wish->reader == AVER_BUNDLE_PROVIDER;
    if (m->wish->reader == AVER_BUNDLE_AUDITOR) return true;
    if (begins(s->name, "f/")) switch (family_kind(s->name)) {
        case 'm':
        case 'y': return true;
        case 'b': return !s->record.ptr || born_alone(m, s->record);
        case 'd': return !s->record.ptr || !provider || own_services(m, claim, s->record);
        case 'v': return !s->record.ptr || !provider || own_visits(m, claim, s->record);
        case 'u': return !s->record.ptr || !provider; /* it does not say whose uses they are */
        default: return false;
        }
    return begins(s->name, "k/") || begins(s->name, "p/") || begins(s->name, "m/") || begins(s->name, "l/") ||
           begins(s->name, "t/");
}

/* ---- reads ---- */

static const struct aver_bundle_seen *seen_named(const struct aver_bundle_making *m, aver_bytes name)
{
    const struct aver_bundle_seen *s = m->names.items;
    for (size_t i = 0; i < m->names.count; i++)
        if (aver_bytes_eq(s[i].name, name)) return &s[i];
    return NULL;
}

static aver_err secret_of(struct aver_bundle_making *m, aver_bytes name, aver_bytes *secret,
                          struct aver_why *why)
{
    struct aver_genesis genesis;
    struct aver_family record;
    aver_bytes family = aver_name_family(name);
    const struct aver_bundle_seen *s =
        seen_named(m, family.ptr ? aver_bytes_cut(name, 0, 2 + family.len) : AVER_LIT("g"));
    AVER_ASSERT(s && s->record.ptr); /* the claim could not have been executed without */
    if (family.ptr) {
        AVER_TRY(aver_schema_read(s->record, &aver_family_schema, &record, m->arena, why));
        *secret = record.secret;
    } else {
        AVER_TRY(aver_schema_read(s->record, &aver_genesis_schema, &genesis, m->arena, why));
        *secret = genesis.secret;
    }
    return AVER_OK;
}

static const struct aver_touch *touch_of(const struct aver_bundle_making *m, const aver_digest *key)
{
    const struct aver_touch *t = m->receipt.touches.items;
    for (size_t i = 0; i < m->receipt.touches.count; i++)
        if (aver_digest_eq(t[i].key, *key)) return &t[i];
    return NULL;
}

static aver_bytes kept(struct aver_bundle_making *m, aver_digest digest)
{
    return aver_arena_copy(m->arena, aver_digest_bytes(&digest));
}

/* What opens the commitments of one name and nothing else. */
static void open_read(struct aver_bundle_making *m, struct aver_bundle_read *r, aver_bytes secret,
                      const struct aver_touch *touch)
{
    uint64_t height = m->header.height;
    bool written = touch && !aver_digest_eq(touch->after, (aver_digest){{0}});
    r->key_opening = kept(m, aver_state_key_opening(secret, r->name));
    if (r->record.ptr) r->value_opening = kept(m, aver_state_value_opening(secret, r->name, r->height));
    r->height = 0;
    if (written) r->after_opening = kept(m, aver_state_value_opening(secret, r->name, height));
}

/* One read with its key, for sorting and proving. */
struct part {
    struct aver_bundle_read read;
    aver_digest key;
    uint64_t writer; /* entry; 0: none, since entry 0 is the genesis */
};

static int by_name(const void *a, const void *b)
{
    const struct aver_bundle_read *x = &((const struct part *)a)->read, *y = &((const struct part *)b)->read;
    if (x->name.ptr && y->name.ptr) return aver_bytes_cmp(x->name, y->name);
    if (x->name.ptr || y->name.ptr) return x->name.ptr ? -1 : 1;
    return memcmp(x->key.b, y->key.b, sizeof x->key.b);
}

static aver_err gather_reads(struct aver_bundle_making *m, struct aver_list *parts, struct aver_why *why)
{
    struct aver_claim claim;
    const struct aver_bundle_seen *s = m->names.items;
    AVER_TRY(aver_schema_read(m->opened.body.item, &aver_claim_schema, &claim, m->arena, why));
    for (size_t i = 0; i < m->names.count; i++) {
        aver_bytes secret, family = aver_name_family(s[i].name);
        AVER_TRY(secret_of(m, s[i].name, &secret, why));
        if (family.ptr) m->family_secret = secret;
        if (family.ptr && s[i].name.len == 2 + family.len) continue; /* read for its secret only */
        aver_digest key = aver_state_key(secret, s[i].name);
        const struct aver_touch *touch = touch_of(m, &key);
        bool open = may_see(m, &claim, &s[i]);
        if (!open && !touch) continue; /* the receipt does not name it: there is nothing to hold it against */
        struct part *p = aver_list_add(m->arena, parts, sizeof *p);
        p->key = key;
        if (open)
            p->read =
                (struct aver_bundle_read){.name = s[i].name, .record = s[i].record, .height = s[i].height};
        else
            p->read.key = key;
        if (open && m->wish->reader != AVER_BUNDLE_AUDITOR) open_read(m, &p->read, secret, touch);
        const struct aver_map_item *item = aver_map_find(&m->written, aver_digest_bytes(&key));
        if (item) p->writer = aver_get_u64(item->value);
    }
    if (parts->count) qsort(parts->items, parts->count, sizeof(struct part), by_name);
    return AVER_OK;
}

/* ---- the log ---- */

static aver_err prove_entry(struct aver_bundle_making *m, struct aver_list *path, uint64_t index,
                            uint64_t size, struct aver_why *why)
{
    struct aver_merkle_proof proof;
    AVER_TRY(aver_merkle_prove(&proof, index, size, aver_ledger_hashes(m->ledger), why));
    aver_bundle_put_path(&m->pool, path, &proof, m->arena);
    return AVER_OK;
}

static aver_err entry_at(struct aver_bundle_making *m, struct aver_bundle_entry **out, uint64_t index,
                         uint64_t size, bool with_bytes, struct aver_why *why)
{
    struct aver_bundle_entry *e = *out = AVER_NEW(m->arena, struct aver_bundle_entry);
    aver_bytes bytes;
    *e = (struct aver_bundle_entry){.index = index};
    if (with_bytes) {
        AVER_TRY(aver_ledger_entry(m->ledger, index, &bytes, why));
        e->bytes = aver_arena_copy(m->arena, bytes);
    }
    return prove_entry(m, &e->path, index, size, why);
}

static aver_err checkpoint(struct aver_bundle_making *m, uint64_t *size, struct aver_why *why)
{
    struct aver_buf note = {0};
    struct aver_checkpoint c;
    aver_err err = aver_ledger_note_for(m->ledger, m->header_index, &note, &c, why);
    if (err == AVER_OK && c.size <= m->header_index)
        err =
            aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-CHECKPOINT", "checkpoint",
                      "the claim is not under the signed checkpoint yet; open the ledger once for writing to "
                      "publish it");
    if (err == AVER_OK && c.size > m->ledger->head.tree.size)
        err = aver_fail(why, AVER_E_NOT_FOUND, "LEDGER-CHECKPOINT", "checkpoint",
                        "the ledger went on while it was read; try again");
    if (err == AVER_OK) {
        *size = c.size;
        m->bundle.checkpoint = aver_arena_copy(m->arena, aver_buf_view(&note));
    }
    aver_buf_free(&note);
    return err;
}

static aver_err prove_batch(struct aver_bundle_making *m, struct aver_why *why)
{
    struct aver_store_group group;
    const struct aver_frame *frame;
    struct aver_merkle_proof proof;
    AVER_TRY(aver_store_group(m->ledger->store, m->entry, &group, why));
    AVER_TRY(aver_ledger_frame(m->ledger, AVER_SLOT_ENTRIES, group.offset, &frame, why));
    const struct aver_frame_item *item =
        (const struct aver_frame_item *)frame->items.items + (m->entry - group.first);
    const struct aver_frame_batch *batch =
        (const struct aver_frame_batch *)frame->batches.items + item->batch;
    if (batch->continued) {
        AVER_TRY(aver_ledger_frame(m->ledger, AVER_SLOT_ENVELOPE, group.batch_offset, &frame, why));
        batch = (const struct aver_frame_batch *)frame->batches.items + (frame->batches.count - 1);
    }
    struct aver_merkle_leaves leaves = {batch->leaves, batch->leaves_count};
    AVER_TRY(
        aver_merkle_prove(&proof, m->opened.body.index, leaves.count, aver_merkle_source_of(&leaves), why));
    aver_bundle_put_path(&m->pool, &m->bundle.batch_path, &proof, m->arena);
    return AVER_OK;
}

static aver_err prove_log(struct aver_bundle_making *m, uint64_t size, struct aver_why *why)
{
    struct aver_bundle *b = &m->bundle;
    aver_bytes previous;
    AVER_TRY(prove_batch(m, why));
    AVER_TRY(entry_at(m, &b->claim, m->entry, size, false, why));
    AVER_TRY(entry_at(m, &b->state, m->epoch.entry, size, true, why));
    AVER_TRY(entry_at(m, &b->header, m->header_index, size, true, why));
    AVER_TRY(aver_ledger_entry(m->ledger, m->first - 1, &previous, why));
    b->previous = aver_arena_copy(m->arena, previous);
    return AVER_OK;
}

/* The record of "g" is the item of the first entry, so only what stands around it is carried. */
static aver_err prove_genesis(struct aver_bundle_making *m, uint64_t size, struct aver_why *why)
{
    struct aver_opened opened;
    struct aver_bundle_genesis *g = m->bundle.genesis = AVER_NEW(m->arena, struct aver_bundle_genesis);
    AVER_TRY(aver_ledger_item(m->ledger, 0, &opened, m->arena, why));
    *g = (struct aver_bundle_genesis){.batch = opened.body.batch,
                                      .salt = opened.body.salt,
                                      .receipt = opened.entry.receipt,
                                      .family_secret = m->family_secret};
    return prove_entry(m, &g->path, 0, size, why);
}

/* ---- the state ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The items since the epoch that wrote what the claim read: of each its touch list, which is commitments. */
static aver_err prove_writers(struct aver_bundle_making *m, struct part *parts, size_t count, uint64_t size,
                              struct aver_why *why)
{
    struct aver_list entries = {0};
    for (size_t i = 0; i < count; i++)
        if (parts[i].writer)
            *(uint64_t *)aver_list_add(m->arena, &entries, sizeof(uint64_t)) = parts[i].writer;
    uint64_t *e = entries.items;
    if (entries.count) qsort(e, entries.count, sizeof *e, by_number);
    for (size_t i = 0; i < entries.count; i++) {
        if (i && e[i] == e[i - 1]) continue;
        struct aver_opened opened;
        AVER_TRY(aver_ledger_item(m->ledger, e[i], &opened, m->arena, why));
        struct aver_touches_opened t = aver_touches_open(opened.body.salt, opened.receipt, m->arena);
        struct aver_bundle_writer *w = aver_list_add(m->arena, &m->bundle.writers, sizeof *w);
        *w = (struct aver_bundle_writer){.index = e[i],
                                         .body = opened.entry.body,
                                         .salt = t.salt,
                                         .touches = t.touches,
                                         .decision = t.decision};
        AVER_TRY(prove_entry(m, &w->path, e[i], size, why));
        for (size_t k = 0; k < count; k++)
            if (parts[k].writer == e[i]) parts[k].read.writer = m->bundle.writers.count;
    }
    return AVER_OK;
}

static aver_err prove_reads(struct aver_bundle_making *m, struct part *parts, size_t count,
                            struct aver_why *why)
{
    struct aver_smt_proof *proof = AVER_NEW(m->arena, struct aver_smt_proof);
    for (size_t i = 0; i < count; i++) {
        struct aver_bundle_read *r = aver_list_add(m->arena, &m->bundle.reads, sizeof *r);
        *r = parts[i].read;
        if (r->writer) continue;
        if (m->bundle.genesis && aver_bytes_is(r->name, "g")) continue;
        AVER_TRY(aver_past_prove(m->past, &parts[i].key, proof, NULL, why));
        r->proof = aver_bundle_put_proof(&m->pool, proof, m->arena);
    }
    return AVER_OK;
}

/* ---- tables and contents ---- */

static int by_root_and_code(const void *a, const void *b)
{
    const struct aver_bundle_table *x = a, *y = b;
    int order = memcmp(x->root.b, y->root.b, sizeof x->root.b);
    return order ? order : aver_bytes_cmp(x->code, y->code);
}

/* The proofs of all entries of one table that were asked for; its trie is built for them. */
static aver_err prove_table(struct aver_bundle_making *m, struct aver_bundle_table *t, size_t count,
                            struct aver_why *why)
{
    struct aver_table table;
    struct aver_smt_memory memory = {0};
    struct aver_smt smt = {aver_smt_memory_store(&memory), true};
    struct aver_smt_proof *proof = AVER_NEW(m->arena, struct aver_smt_proof);
    struct aver_buf row = {0};
    aver_bytes content;
    aver_digest root = {{0}};
    AVER_TRY(m->layer.view.artifact(&m->layer, t->root, &content, why));
    AVER_TRY(aver_schema_read(content, &aver_table_schema, &table, m->arena, why));
    const struct aver_table_entry *entry = table.entries.items;
    size_t n = table.entries.count;
    struct aver_smt_update *updates = AVER_NEW_ARRAY(m->arena, struct aver_smt_update, n + 1);
    for (size_t i = 0; i < n; i++) {
        row.len = 0;
        aver_schema_encode(&row, &aver_table_entry_schema, &entry[i]);
        aver_smt_set_row(&updates[i], entry[i].code, aver_buf_view(&row));
    }
    aver_buf_free(&row);
    aver_smt_sort(updates, n);
    aver_err err = n ? aver_smt_apply(&smt, &root, updates, n, why) : AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < count; i++) {
        aver_digest path = aver_sha256(t[i].code);
        err = aver_smt_prove(&smt, proof, NULL, &path, why);
        if (err == AVER_OK) t[i].proof = aver_bundle_put_proof(&m->pool, proof, m->arena);
    }
    aver_smt_memory_free(&memory);
    return err;
}

static aver_err prove_tables(struct aver_bundle_making *m, struct aver_why *why)
{
    struct aver_bundle_table *t = m->tables.items;
    size_t count = m->tables.count;
    if (count) qsort(t, count, sizeof *t, by_root_and_code);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && aver_digest_eq(t[from].root, t[to].root);) to++;
        AVER_TRY(prove_table(m, &t[from], to - from, why));
    }
    m->bundle.tables = m->tables;
    return AVER_OK;
}

static int by_digest(const void *a, const void *b)
{
    return memcmp(((const struct aver_bundle_artifact *)a)->digest.b,
                  ((const struct aver_bundle_artifact *)b)->digest.b, sizeof(aver_digest));
}

static void put_contents(struct aver_bundle_making *m)
{
    struct aver_bundle_artifact *a = m->artifacts.items;
    if (m->artifacts.count) qsort(a, m->artifacts.count, sizeof *a, by_digest);
    for (size_t i = 0; i < m->artifacts.count; i++)
        ((struct aver_bundle_content *)aver_list_add(m->arena, &m->bundle.contents,
                                                     sizeof(struct aver_bundle_content)))
            ->bytes = a[i].bytes;
}

aver_err aver_bundle_assemble(struct aver_bundle_making *m, struct aver_buf *out, struct aver_why *why)
{
    struct aver_list parts = {0};
    uint64_t size = 0;
    struct aver_bundle *b = &m->bundle;
    *b = (struct aver_bundle){.format = AVER_LIT(AVER_BUNDLE_FORMAT),
                              .chain = m->ledger->chain,
                              .node_key = aver_bytes_of(m->ledger->node_pk.b, sizeof m->ledger->node_pk.b),
                              .batch = m->opened.cose,
                              .index = m->opened.body.index,
                              .salt = m->opened.body.salt,
                              .item = m->opened.body.item,
                              .receipt = m->opened.receipt};
    AVER_TRY(gather_reads(m, &parts, why));
    AVER_TRY(checkpoint(m, &size, why));
    AVER_TRY(prove_log(m, size, why));
    if (m->wish->reader == AVER_BUNDLE_AUDITOR) AVER_TRY(prove_genesis(m, size, why));
    AVER_TRY(prove_writers(m, parts.items, parts.count, size, why));
    AVER_TRY(prove_reads(m, parts.items, parts.count, why));
    AVER_TRY(prove_tables(m, why));
    if (!m->wish->no_pack) put_contents(m);
    b->hashes = m->pool.hashes.len ? aver_buf_view(&m->pool.hashes) : AVER_LIT("");
    AVER_TRY(aver_schema_check(&aver_bundle_schema, b, why));
    aver_schema_encode(out, &aver_bundle_schema, b);
    return AVER_OK;
}
