/* ledger/storage/export.c - see export.h: writing an export, and reading one. */
#include "ledger/storage/export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cbor.h"
#include "ledger/model/smt_build.h"
#include "ledger/model/state.h"
#include "ledger/storage/ledger_private.h"

#define ITEM_BYTES_MAX                                                                                       \
    (AVER_ITEM_BYTES_MAX + AVER_STATE_NAME_MAX + 64) /* a record, its name, and what stands around */
#define MAGIC_BYTES    (sizeof AVER_EXPORT_MAGIC - 1)
#define FORMAT_VERSION 1

/* ---- writing ---- */

struct writer {
    FILE *file;
    const char *path;
    struct aver_buf item;
    uint64_t count;
};

static aver_err put(struct writer *w, struct aver_why *why)
{
    uint8_t length[4];
    for (int i = 0; i < 4; i++) length[i] = (uint8_t)(w->item.len >> (24 - 8 * i));
    AVER_ASSERT(w->item.len <= ITEM_BYTES_MAX);
    if (fwrite(length, 1, sizeof length, w->file) != sizeof length ||
        (w->item.len && fwrite(w->item.ptr, 1, w->item.len, w->file) != w->item.len))
        return aver_fail_errno(why, "write the export", w->path);
    w->item.len = 0;
    return AVER_OK;
}

static aver_err put_header(struct writer *w, const struct aver_export *e, struct aver_why *why)
{
    if (fwrite(AVER_EXPORT_MAGIC, 1, MAGIC_BYTES, w->file) != MAGIC_BYTES)
        return aver_fail_errno(why, "write the export", w->path);
    aver_cbor_put_array(&w->item, 6);
    aver_cbor_put_uint(&w->item, FORMAT_VERSION);
    aver_cbor_put_uint(&w->item, e->kind);
    aver_cbor_put_text(&w->item, aver_bytes_str(e->chain));
    aver_cbor_put_uint(&w->item, e->epoch.height);
    aver_cbor_put_uint(&w->item, e->epoch.entry);
    aver_cbor_put_bytes(&w->item, aver_digest_bytes(&e->epoch.root));
    return put(w, why);
}

static aver_err put_record(void *ctx, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct writer *w = ctx;
    aver_cbor_put_array(&w->item, 3);
    aver_cbor_put_text(&w->item, name);
    aver_cbor_put_uint(&w->item, stored.height);
    aver_cbor_put_bytes(&w->item, stored.record);
    w->count++;
    return put(w, why);
}

static aver_err put_leaf(void *ctx, const aver_digest *path, const struct aver_smt_leaf *leaf,
                         struct aver_why *why)
{
    struct writer *w = ctx;
    (void)path;
    aver_cbor_put_array(&w->item, 2);
    aver_cbor_put_bytes(&w->item, aver_digest_bytes(&leaf->key));
    aver_cbor_put_bytes(&w->item, aver_digest_bytes(&leaf->value));
    w->count++;
    return put(w, why);
}

static aver_err put_all(struct writer *w, struct aver_ledger *l, const struct aver_export *e,
                        struct aver_why *why)
{
    struct aver_smt smt = {.store = aver_view_memory_pages(&l->view)};
    aver_digest root;
    AVER_TRY(aver_smt_root(&smt, &root, why));
    AVER_TRY(put_header(w, e, why));
    if (e->kind == AVER_EXPORT_RECORDS)
        AVER_TRY(aver_ledger_names(l, "", put_record, w, why));
    else
        AVER_TRY(aver_smt_walk(&smt, &root, put_leaf, w, why));
    if (!aver_digest_eq(root, e->epoch.root))
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-STATE", l->state_path,
            "the state is not the one whose root is in the log; aver audit says what is damaged");
    AVER_TRY(put(w, why)); /* of no length: the end */
    if (fflush(w->file) || fsync(fileno(w->file))) return aver_fail_errno(why, "write the export", w->path);
    return AVER_OK;
}

aver_err aver_state_export(struct aver_ledger *l, enum aver_export_kind kind, const char *path,
                           struct aver_export *out, struct aver_why *why)
{
    struct writer w = {.path = path};
    *out = (struct aver_export){.kind = kind};
    if (l->broken) return aver_ledger_writable(l, why);
    snprintf(out->chain, sizeof out->chain, "%s", l->chain_name);
    AVER_TRY(aver_epoch_before(l, UINT64_MAX, &out->epoch, why));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return aver_fail_errno(why, "make the export", path);
    w.file = fdopen(fd, "wb");
    if (!w.file) aver_oom(sizeof *w.file);
    aver_err err = put_all(&w, l, out, why);
    if (fclose(w.file) && err == AVER_OK) err = aver_fail_errno(why, "write the export", path);
    if (err != AVER_OK) unlink(path);
    out->count = w.count;
    aver_buf_free(&w.item);
    return err;
}

/* ---- reading ---- */

struct reader {
    FILE *file;
    const char *path;
    uint64_t at; /* where the item that is read begins */
    uint64_t end;
    struct aver_buf item;
    struct aver_export *out;
    aver_export_visit *visit;
    void *ctx;
    /* Of records: */
    uint8_t secret[32];
    bool has_secret;
    struct aver_map families; /* family -> secret */
    struct aver_buf name;     /* the last one */
    struct aver_buf leaves;   /* struct leaf, of all */
    struct aver_smt_build build;
};
struct leaf {
    aver_digest path, hash;
};

static aver_err bad(const struct reader *r, struct aver_why *why, const char *code, const char *what)
{
    char place[64];
    snprintf(place, sizeof place, "byte %" PRIu64, r->at);
    return aver_fail(why, AVER_E_INPUT, code, place, "%s", what);
}

static aver_err take(struct reader *r, void *out, size_t len, struct aver_why *why)
{
    errno = 0;
    if (fread(out, 1, len, r->file) == len) {
        r->end += len;
        return AVER_OK;
    }
    if (ferror(r->file)) return aver_fail_errno(why, "read the export", r->path);
    return bad(r, why, "EXPORT-FORM", "the export ends too early");
}

/* The next item; of no length at the end, and then nothing follows. */
static aver_err next_item(struct reader *r, struct aver_why *why)
{
    uint8_t length[4];
    r->at = r->end;
    AVER_TRY(take(r, length, sizeof length, why));
    size_t len = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    r->item.len = 0;
    if (len > ITEM_BYTES_MAX)
        return bad(r, why, "EXPORT-FORM", "an item of the export is longer than any can be");
    /* In steps, so that no more is allocated than is there. */
    for (size_t got = 0, step; got < len; got += step) {
        step = len - got < 65536 ? len - got : 65536;
        aver_buf_reserve(&r->item, step);
        AVER_TRY(take(r, r->item.ptr + got, step, why));
        r->item.len = got + step;
    }
    if (len == 0 && fgetc(r->file) != EOF)
        return bad(r, why, "EXPORT-FORM", "something follows the end of the export");
    return AVER_OK;
}

static aver_err item_read(struct reader *r, struct aver_cbor *in, size_t want, struct aver_why *why)
{
    size_t count;
    *in = aver_cbor_open(aver_buf_view(&r->item), why);
    if (r->item.len == 0) return bad(r, why, "EXPORT-FORM", "the export has no header");
    AVER_TRY(aver_cbor_array(in, &count));
    return count == want ? AVER_OK : bad(r, why, "EXPORT-FORM", "an item of the export has another form");
}

static aver_err digest_read(struct reader *r, struct aver_cbor *in, aver_digest *out, struct aver_why *why)
{
    aver_bytes b;
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len != sizeof out->b) return bad(r, why, "EXPORT-FORM", "a digest of the export has not 32 bytes");
    memcpy(out->b, b.ptr, sizeof out->b);
    return AVER_OK;
}

static aver_err read_header(struct reader *r, struct aver_why *why)
{
    struct aver_cbor in;
    struct aver_export *e = r->out;
    char magic[MAGIC_BYTES];
    uint64_t version, kind;
    aver_bytes chain;
    AVER_TRY(take(r, magic, sizeof magic, why));
    if (memcmp(magic, AVER_EXPORT_MAGIC, sizeof magic) != 0)
        return bad(r, why, "EXPORT-FORM", "this is no export of a state: aver state export makes one");
    AVER_TRY(next_item(r, why));
    AVER_TRY(item_read(r, &in, 6, why));
    AVER_TRY(aver_cbor_uint(&in, &version));
    AVER_TRY(aver_cbor_uint(&in, &kind));
    AVER_TRY(aver_cbor_text(&in, &chain));
    AVER_TRY(aver_cbor_uint(&in, &e->epoch.height));
    AVER_TRY(aver_cbor_uint(&in, &e->epoch.entry));
    AVER_TRY(digest_read(r, &in, &e->epoch.root, why));
    AVER_TRY(aver_cbor_end(&in));
    if (version != FORMAT_VERSION || kind < 1 || kind > AVER_EXPORT_KIND_MAX || chain.len == 0 ||
        chain.len > AVER_CHAIN_BYTES_MAX || memchr(chain.ptr, 0, chain.len))
        return bad(r, why, "EXPORT-FORM",
                   "the export is of a version or kind that is not known here, or names no chain");
    e->kind = (enum aver_export_kind)kind;
    snprintf(e->chain, sizeof e->chain, "%.*s", AVER_STR(chain));
    return AVER_OK;
}

static aver_err read_record(struct reader *r, struct aver_exported *x, struct aver_why *why)
{
    struct aver_cbor in;
    AVER_TRY(item_read(r, &in, 3, why));
    AVER_TRY(aver_cbor_text(&in, &x->name));
    AVER_TRY(aver_cbor_uint(&in, &x->height));
    AVER_TRY(aver_cbor_bytes(&in, &x->record));
    AVER_TRY(aver_cbor_end(&in));
    if (x->name.len == 0 || x->name.len > AVER_STATE_NAME_MAX)
        return bad(r, why, "EXPORT-FORM", "a name of the state has 1 to 400 bytes");
    if (r->name.len && aver_bytes_cmp(aver_buf_view(&r->name), x->name) >= 0)
        return bad(r, why, "EXPORT-ORDER", "the names of the export do not ascend");
    r->name.len = 0;
    aver_buf_bytes(&r->name, x->name);
    return AVER_OK;
}

/* First over the records: the secrets, which lie in records that others may stand before. */
static aver_err keep_secret(struct reader *r, const struct aver_exported *x, struct aver_why *why)
{
    struct aver_arena arena = {0};
    aver_bytes family = aver_name_family(x->name);
    aver_err err = AVER_OK;
    if (aver_bytes_is(x->name, "g")) {
        struct aver_genesis genesis;
        err = aver_schema_read(x->record, &aver_genesis_schema, &genesis, &arena, why);
        if (err == AVER_OK) memcpy(r->secret, genesis.secret.ptr, sizeof r->secret);
        r->has_secret = err == AVER_OK;
    } else if (family.ptr && x->name.len == 2 + family.len) {
        struct aver_family record;
        err = aver_schema_read(x->record, &aver_family_schema, &record, &arena, why);
        if (err == AVER_OK) aver_map_set(&r->families, family, record.secret);
    }
    aver_arena_free(&arena);
    return err;
}

static aver_err commit(struct reader *r, struct aver_exported *x, struct aver_why *why)
{
    aver_bytes secret = r->has_secret ? aver_bytes_of(r->secret, sizeof r->secret) : AVER_BYTES_NONE;
    aver_bytes family = aver_name_family(x->name);
    if (family.ptr) {
        const struct aver_map_item *item = aver_map_find(&r->families, family);
        secret = item ? aver_map_value(item) : AVER_BYTES_NONE;
    }
    if (!secret.ptr)
        return bad(r, why, "EXPORT-SECRET", "the export lacks the record that holds the secret of this one");
    x->key = aver_state_key(secret, x->name);
    x->value = aver_state_value(secret, x->name, x->height, x->record);
    return AVER_OK;
}

static struct leaf leaf_of(const struct aver_exported *x)
{
    aver_digest value_hash = aver_sha256(aver_digest_bytes(&x->value));
    struct leaf leaf = {.path = aver_sha256(aver_digest_bytes(&x->key))};
    leaf.hash = aver_smt_leaf_hash(&leaf.path, &value_hash);
    return leaf;
}

/* Secrets in the first pass, the rest in the second. */
static aver_err pass(struct reader *r, bool second, struct aver_why *why)
{
    struct aver_cbor in;
    bool records = r->out->kind == AVER_EXPORT_RECORDS;
    for (;;) {
        struct aver_exported x = {.name = AVER_BYTES_NONE};
        AVER_TRY(next_item(r, why));
        if (r->item.len == 0) return AVER_OK;
        if (records) {
            AVER_TRY(read_record(r, &x, why));
            if (!second) {
                AVER_TRY(keep_secret(r, &x, why));
                continue;
            }
            AVER_TRY(commit(r, &x, why));
        } else {
            AVER_TRY(item_read(r, &in, 2, why));
            AVER_TRY(digest_read(r, &in, &x.key, why));
            AVER_TRY(digest_read(r, &in, &x.value, why));
            AVER_TRY(aver_cbor_end(&in));
        }
        struct leaf leaf = leaf_of(&x);
        if (records)
            aver_buf_put(&r->leaves, &leaf, sizeof leaf);
        else if (!aver_smt_build_add(&r->build, &leaf.path, &leaf.hash))
            return bad(r, why, "EXPORT-ORDER", "the commitments of the export are not in path order");
        r->out->count++;
        if (r->visit) AVER_TRY(r->visit(r->ctx, &x, why));
    }
}

static int by_path(const void *a, const void *b)
{
    return memcmp(((const struct leaf *)a)->path.b, ((const struct leaf *)b)->path.b, sizeof(aver_digest));
}

static aver_err read_all(struct reader *r, struct aver_why *why)
{
    AVER_TRY(read_header(r, why));
    if (r->out->kind == AVER_EXPORT_RECORDS) {
        uint64_t body = r->end;
        AVER_TRY(pass(r, false, why));
        if (fseeko(r->file, (off_t)body, SEEK_SET)) return aver_fail_errno(why, "read the export", r->path);
        r->end = body;
        r->name.len = 0;
    }
    AVER_TRY(pass(r, true, why));
    size_t n = r->leaves.len / sizeof(struct leaf);
    struct leaf *leaf = (struct leaf *)(void *)r->leaves.ptr;
    if (n > 1) qsort(leaf, n, sizeof *leaf, by_path);
    for (size_t i = 0; i < n; i++)
        if (!aver_smt_build_add(&r->build, &leaf[i].path, &leaf[i].hash))
            return bad(r, why, "EXPORT-ORDER", "two names of the export have one key");
    if (!aver_digest_eq(aver_smt_build_root(&r->build), r->out->epoch.root))
        return aver_fail(why, AVER_E_DIFFERS, "EXPORT-ROOT", "",
                         "the content of the export gives another root than it names");
    return AVER_OK;
}

aver_err aver_export_read(const char *path, struct aver_export *out, aver_export_visit *visit, void *ctx,
                          struct aver_why *why)
{
    *out = (struct aver_export){0};
    struct reader *r = calloc(1, sizeof *r);
    if (!r) aver_oom(sizeof *r);
    r->path = path;
    r->out = out;
    r->visit = visit;
    r->ctx = ctx;
    r->file = fopen(path, "rbe");
    aver_err err = r->file ? read_all(r, why) : aver_fail_errno(why, "open the export", path);
    if (err == AVER_E_INPUT && why) /* not where in the item, but where the item is */
        snprintf(why->place, sizeof why->place, "byte %" PRIu64, r->at);
    if (r->file) fclose(r->file);
    aver_map_free(&r->families);
    aver_buf_free(&r->item);
    aver_buf_free(&r->name);
    aver_buf_free(&r->leaves);
    aver_wipe(r->secret, sizeof r->secret);
    free(r);
    return err;
}

aver_err aver_export_held(struct aver_ledger *l, const struct aver_export *e, struct aver_why *why)
{
    struct aver_opened opened;
    struct aver_arena arena = {0};
    aver_err err = AVER_E_NOT_FOUND;
    if (strcmp(e->chain, l->chain_name) == 0) err = aver_ledger_item(l, e->epoch.entry, &opened, &arena, why);
    bool same = err == AVER_OK && opened.entry.kind == AVER_ENTRY_STATE &&
                opened.entry.height == e->epoch.height && aver_digest_eq(opened.entry.root, e->epoch.root);
    aver_arena_free(&arena);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (same) return AVER_OK;
    return aver_fail(why, AVER_E_DIFFERS, "EXPORT-LOG", "",
                     "the log of this ledger has no such state root at entry %" PRIu64
                     ": the export is of another "
                     "ledger, or of a log that was cut",
                     e->epoch.entry);
}
