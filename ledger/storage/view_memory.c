/* ledger/storage/view_memory.c - see view_memory.h. */
#include "ledger/storage/view_memory.h"

#include <string.h>

#include "ledger/model/table.h"

#define ROW_KEY_MAX (32 + 64) /* a table's root and a code */

struct aver_stored aver_view_memory_stored(const struct aver_map_item *item)
{
    return (struct aver_stored){aver_map_value(item), item->height, &item->trie_key, &item->trie_value};
}

static aver_err get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct aver_view_memory *m = self;
    const struct aver_map_item *item = aver_map_find(&m->state, name);
    if (item) {
        *out = aver_view_memory_stored(item);
        return AVER_OK;
    }
    return m->below ? m->below->get(m->below->self, name, out, why) : AVER_E_NOT_FOUND;
}

static aver_err put(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                    struct aver_why *why)
{
    struct aver_view_memory *m = self;
    (void)why;
    struct aver_map_item *item = aver_map_set(&m->state, name, record);
    item->height = m->view.height;
    item->written = ++m->writes;
    item->trie_key = key;
    item->trie_value = value;
    if (!item->is_due) {
        item->is_due = true;
        item->due = m->due;
        m->due = item;
        m->due_count++;
    }
    return AVER_OK;
}

static aver_err artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    struct aver_view_memory *m = self;
    const struct aver_map_item *item = aver_map_find(&m->artifacts, aver_digest_bytes(&digest));
    if (item) {
        *out = aver_map_value(item);
        return AVER_OK;
    }
    return m->below ? m->below->artifact(m->below->self, aver_digest_bytes(&digest), out, why)
                    : AVER_E_NOT_FOUND;
}

/* Root and code as one key; false for a code that no table has. */
static bool row_key(uint8_t key[ROW_KEY_MAX], size_t *len, const aver_digest *root, aver_bytes code)
{
    if (code.len > ROW_KEY_MAX - sizeof root->b) return false;
    memcpy(key, root->b, sizeof root->b);
    if (code.len) memcpy(key + sizeof root->b, code.ptr, code.len);
    *len = sizeof root->b + code.len;
    return true;
}

/* A table is named by its root, anything else by the hash of its content. Its entries are laid out by code as well, so
 * that reading one is one get. */
static aver_err artifact_put(void *self, aver_digest digest, aver_bytes content, struct aver_why *why)
{
    struct aver_view_memory *m = self;
    aver_map_set(&m->artifacts, aver_digest_bytes(&digest), content);
    if (aver_digest_eq(aver_sha256(content), digest)) return AVER_OK;
    struct aver_arena arena = {0};
    struct aver_buf row = {0};
    struct aver_table table;
    aver_err err = aver_schema_read(content, &aver_table_schema, &table, &arena, why);
    const struct aver_table_entry *entry = table.entries.items;
    for (size_t i = 0; err == AVER_OK && i < table.entries.count; i++) {
        uint8_t key[ROW_KEY_MAX];
        size_t len;
        row.len = 0;
        aver_schema_encode(&row, &aver_table_entry_schema, &entry[i]);
        AVER_ASSERT(row_key(key, &len, &digest, entry[i].code));
        aver_map_set(&m->tables, aver_bytes_of(key, len), aver_buf_view(&row));
    }
    aver_buf_free(&row);
    aver_arena_free(&arena);
    return err;
}

static aver_err table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                            struct aver_why *why)
{
    struct aver_view_memory *m = self;
    uint8_t key[ROW_KEY_MAX];
    size_t len;
    aver_err err = AVER_E_NOT_FOUND;
    if (row_key(key, &len, &root, code)) {
        const struct aver_map_item *item = aver_map_find(&m->tables, aver_bytes_of(key, len));
        if (item) {
            *out = aver_map_value(item);
            return AVER_OK;
        }
        if (m->below) err = m->below->table(m->below->self, aver_bytes_of(key, len), out, why);
    }
    if (err != AVER_E_NOT_FOUND) return err;
    aver_bytes content;
    err = artifact(m, root, &content, why);
    if (err != AVER_E_NOT_FOUND) return err == AVER_OK ? AVER_E_NOT_FOUND : err;
    char hex[65];
    aver_hex(hex, aver_digest_bytes(&root));
    return aver_fail(why, AVER_E_CORRUPT, "LEDGER-STATE", hex,
                     "the state has no table with this root; delete the "
                     "directory state/ and open the ledger for writing to rebuild it from the log");
}

static aver_err page_get(void *ctx, aver_bytes *out, const struct aver_smt_place *place, struct aver_why *why)
{
    struct aver_view_memory *m = ctx;
    uint8_t key[AVER_SMT_PLACE_KEY_MAX];
    aver_bytes k = aver_bytes_of(key, aver_smt_place_key(key, place));
    const struct aver_map_item *item = aver_map_find(&m->pages, k);
    *out = AVER_BYTES_NONE;
    if (item) {
        if (!item->gone) *out = aver_map_value(item);
        return AVER_OK;
    }
    if (!m->below) return AVER_OK;
    aver_err err = m->below->page(m->below->self, k, out, why);
    if (err == AVER_E_NOT_FOUND) *out = AVER_BYTES_NONE;
    return err == AVER_E_NOT_FOUND ? AVER_OK : err;
}

static aver_err page_put(void *ctx, const struct aver_smt_place *place, aver_bytes page, struct aver_why *why)
{
    struct aver_view_memory *m = ctx;
    uint8_t key[AVER_SMT_PLACE_KEY_MAX];
    (void)why;
    aver_map_set(&m->pages, aver_bytes_of(key, aver_smt_place_key(key, place)), page);
    return AVER_OK;
}

static aver_err page_del(void *ctx, const struct aver_smt_place *place, struct aver_why *why)
{
    struct aver_view_memory *m = ctx;
    uint8_t key[AVER_SMT_PLACE_KEY_MAX];
    (void)why;
    aver_map_set(&m->pages, aver_bytes_of(key, aver_smt_place_key(key, place)), AVER_BYTES_NONE)->gone = true;
    return AVER_OK;
}

struct aver_smt_store aver_view_memory_pages(struct aver_view_memory *memory)
{
    return (struct aver_smt_store){memory, page_get, page_put, page_del};
}

/* ---- as a backing ---- */

static aver_err layer_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    const struct aver_layer *l = self;
    const struct aver_map_item *item = aver_map_find(&l->over->state, name);
    if (!item) return l->below->get(l->below->self, name, out, why);
    *out = aver_view_memory_stored(item);
    return AVER_OK;
}

static bool layer_find(const struct aver_map *map, aver_bytes key, aver_bytes *out, aver_err *err)
{
    const struct aver_map_item *item = aver_map_find(map, key);
    if (!item) return false;
    *err = item->gone ? AVER_E_NOT_FOUND : AVER_OK;
    *out = aver_map_value(item);
    return true;
}

static aver_err layer_artifact(void *self, aver_bytes digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_layer *l = self;
    aver_err err;
    if (layer_find(&l->over->artifacts, digest, out, &err)) return err;
    return l->below->artifact(l->below->self, digest, out, why);
}

static aver_err layer_table(void *self, aver_bytes key, aver_bytes *out, struct aver_why *why)
{
    const struct aver_layer *l = self;
    aver_err err;
    if (layer_find(&l->over->tables, key, out, &err)) return err;
    return l->below->table(l->below->self, key, out, why);
}

static aver_err layer_page(void *self, aver_bytes place, aver_bytes *out, struct aver_why *why)
{
    const struct aver_layer *l = self;
    aver_err err;
    if (layer_find(&l->over->pages, place, out, &err)) return err;
    return l->below->page(l->below->self, place, out, why);
}

struct aver_backing aver_layer_backing(struct aver_layer *layer)
{
    return (struct aver_backing){layer, layer_get, layer_artifact, layer_table, layer_page};
}

void aver_view_memory_init(struct aver_view_memory *memory, const struct aver_backing *below)
{
    *memory = (struct aver_view_memory){.below = below};
    memory->view = (struct aver_view){.self = memory,
                                      .get = get,
                                      .put = put,
                                      .artifact = artifact,
                                      .artifact_put = artifact_put,
                                      .table_entry = table_entry};
}

aver_err aver_view_memory_root(struct aver_view_memory *memory, aver_digest *root, struct aver_why *why)
{
    struct aver_smt smt = {.store = aver_view_memory_pages(memory)};
    if (memory->due_count == 0) return aver_smt_root(&smt, root, why);
    struct aver_arena arena = {0};
    struct aver_smt_update *updates = AVER_NEW_ARRAY(&arena, struct aver_smt_update, memory->due_count);
    size_t n = 0;
    for (struct aver_map_item *item = memory->due; item; item = item->due) {
        item->is_due = false;
        aver_smt_set(&updates[n++], &item->trie_key, &item->trie_value);
    }
    AVER_ASSERT(n == memory->due_count);
    memory->due = NULL;
    memory->due_count = 0;
    aver_smt_sort(updates, n);
    aver_err err = aver_smt_apply(&smt, root, updates, n, why);
    aver_arena_free(&arena);
    return err;
}

void aver_view_memory_clear(struct aver_view_memory *memory)
{
    aver_map_clear(&memory->state);
    aver_map_clear(&memory->artifacts);
    aver_map_clear(&memory->tables);
    aver_map_clear(&memory->pages);
    memory->due = NULL;
    memory->due_count = 0;
}

void aver_view_memory_free(struct aver_view_memory *memory)
{
    aver_map_free(&memory->state);
    aver_map_free(&memory->artifacts);
    aver_map_free(&memory->tables);
    aver_map_free(&memory->pages);
    *memory = (struct aver_view_memory){0};
}
