/* ledger/storage/scrub.c - see scrub.h. */
#include "ledger/storage/scrub.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/model/table.h"
#include "ledger/storage/ledger_private.h"
#include "ledger/storage/prove.h"

enum part { PART_LOG, PART_STATE, PART_ARTIFACTS, PART_ROWS, PARTS };

struct aver_scrub {
    struct aver_ledger *ledger;
    aver_scrub_fn *found;
    void *user;
    enum part part;
    struct aver_scrub_counts counts;
    uint64_t left;         /* bytes of this step */
    struct aver_head now;  /* of LMDB's moment */
    struct aver_head head; /* LOG: after the last group that was read */
    struct aver_buf from;  /* else: the key to go on from; empty: the first */
    struct aver_arena arena;
    struct aver_buf family; /* whose secret it is */
    uint8_t secret[32];
    bool has_secret;
};

struct aver_scrub *aver_scrub_new(struct aver_ledger *ledger, aver_scrub_fn *found, void *user)
{
    struct aver_scrub *s = calloc(1, sizeof *s);
    if (!s) aver_oom(sizeof *s);
    *s = (struct aver_scrub){.ledger = ledger, .found = found, .user = user};
    return s;
}

void aver_scrub_free(struct aver_scrub *s)
{
    if (!s) return;
    aver_wipe(s->secret, sizeof s->secret);
    aver_buf_free(&s->from);
    aver_buf_free(&s->family);
    aver_arena_free(&s->arena);
    free(s);
}

struct aver_scrub_counts aver_scrub_counts(const struct aver_scrub *s) { return s->counts; }

static bool is_damage(aver_err err)
{
    return err == AVER_E_CORRUPT || err == AVER_E_DIFFERS || err == AVER_E_INPUT || err == AVER_E_NOT_FOUND;
}

/* Damage is told, and it goes on; anything else ends the step. */
static aver_err tell(struct aver_scrub *s, aver_err err, const struct aver_why *why, const char *place,
                     struct aver_why *out)
{
    struct aver_why told = *why;
    if (!is_damage(err)) {
        *out = *why;
        return err;
    }
    if (place) snprintf(told.place, sizeof told.place, "%s", place);
    s->counts.found++;
    s->found(s->user, &told);
    return AVER_OK;
}

static aver_err differs(struct aver_scrub *s, const char *place, const char *what, struct aver_why *why)
{
    struct aver_why told;
    aver_err err =
        aver_fail(&told, AVER_E_CORRUPT, "LEDGER-STATE", place,
                  "%s; delete the directory state/ and open the ledger for writing to rebuild it", what);
    return tell(s, err, &told, NULL, why);
}

static void spend(struct aver_scrub *s, uint64_t bytes)
{
    s->counts.bytes += bytes;
    s->left = bytes < s->left ? s->left - bytes : 0;
}

/* ---- the log ---- */

struct made {
    struct aver_scrub *scrub;
    bool wrong;
};

static void hash_made(void *ctx, unsigned level, uint64_t index, const aver_digest *hash)
{
    struct made *m = ctx;
    uint8_t key[AVER_HASH_KEY_BYTES];
    aver_bytes run;
    size_t at = index % AVER_HASH_RUN * sizeof *hash;
    aver_hash_key(key, level, index);
    m->wrong = m->wrong ||
               aver_store_get(m->scrub->ledger->store, AVER_DB_LOG, aver_bytes_of(key, sizeof key), &run,
                              NULL) != AVER_OK ||
               run.len < at + sizeof *hash || memcmp(run.ptr + at, hash->b, sizeof hash->b) != 0;
}

/* False: what comes after cannot be followed. */
static aver_err one_group(struct aver_scrub *s, bool *on, struct aver_why *why)
{
    struct aver_buf payload = {0};
    struct aver_frame frame;
    struct aver_chain_group group;
    struct aver_store_group index;
    struct made made = {s, false};
    struct aver_why what = {0};
    char place[64];
    uint64_t next = 0, offset = s->head.offset, first = s->head.tree.size;
    snprintf(place, sizeof place, "group %" PRIu64 ", log/groups, byte %" PRIu64, s->head.height + 1, offset);
    aver_arena_reset(&s->arena);
    aver_err err = aver_log_read(&s->ledger->log, &payload, &next, offset, &what);
    if (err == AVER_OK) err = aver_frame_read(&frame, aver_buf_view(&payload), &s->arena, &what);
    if (err == AVER_OK)
        err = aver_chain_frame(&s->head, &group, &frame, offset, next, hash_made, &made, &what);
    aver_buf_free(&payload);
    *on = err == AVER_OK;
    if (err != AVER_OK) return tell(s, err, &what, place, why);
    spend(s, next - offset);
    s->counts.groups++;
    if (made.wrong)
        AVER_TRY(differs(s, place, "the state's hashes of the log are not those of this group", why));
    err = aver_store_group(s->ledger->store, first, &index, &what);
    if (err != AVER_OK && !is_damage(err)) return tell(s, err, &what, NULL, why);
    if (err != AVER_OK || index.first != first || index.offset != offset)
        return differs(s, place, "the state does not know where this group lies", why);
    return AVER_OK;
}

static aver_err scrub_log(struct aver_scrub *s, bool *ended, struct aver_why *why)
{
    bool on = true;
    while (on && s->left && s->head.offset < s->now.offset) AVER_TRY(one_group(s, &on, why));
    *ended = !on || s->head.offset >= s->now.offset;
    return AVER_OK;
}

/* ---- the state ---- */

static aver_err secret_of(struct aver_scrub *s, aver_bytes name, struct aver_why *why)
{
    aver_bytes family = aver_name_family(name);
    if (s->has_secret && aver_bytes_eq(family, aver_buf_view(&s->family))) return AVER_OK;
    s->has_secret = false;
    AVER_TRY(aver_ledger_secret(s->ledger, name, s->secret, why));
    s->family.len = 0;
    aver_buf_bytes(&s->family, family);
    s->has_secret = true;
    return AVER_OK;
}

/* The record under its name stands in the trie of this moment, and the way there hashes to the state root. */
static aver_err check_record(struct aver_scrub *s, aver_bytes name, aver_bytes value, struct aver_why *why)
{
    struct aver_stored stored;
    struct aver_smt_proof proof;
    struct aver_smt smt = {.store = aver_view_memory_pages(&s->ledger->view)};
    AVER_TRY(aver_store_record(&stored, name, value, why));
    AVER_TRY(secret_of(s, name, why));
    aver_bytes secret = aver_bytes_of(s->secret, sizeof s->secret);
    aver_digest key = aver_state_key(secret, name),
                commitment = aver_state_value(secret, name, stored.height, stored.record),
                path = aver_sha256(aver_digest_bytes(&key));
    AVER_TRY(aver_smt_prove(&smt, &proof, NULL, &path, why));
    if (proof.end == AVER_SMT_MEMBER)
        return aver_smt_verify_member(&s->now.state_root, aver_digest_bytes(&key),
                                      aver_digest_bytes(&commitment), &proof, why);
    return aver_fail(why, AVER_E_CORRUPT, "LEDGER-STATE", "",
                     "the trie has no leaf for a record of this name");
}

static aver_err record(void *ctx, aver_bytes name, aver_bytes value, struct aver_why *why)
{
    struct aver_scrub *s = ctx;
    struct aver_why what = {0};
    s->counts.records++;
    spend(s, name.len + value.len);
    aver_err err = check_record(s, name, value, &what);
    if (err == AVER_OK) return AVER_OK;
    char place[256];
    snprintf(place, sizeof place, "state/data.mdb, record %.*s", AVER_STR(name));
    return is_damage(err) ? differs(s, place, what.text, why) : tell(s, err, &what, place, why);
}

/* ---- artifacts and tables ---- */

static aver_err check_rows(struct aver_scrub *s, aver_bytes root, const struct aver_table *table,
                           struct aver_why *why)
{
    const struct aver_table_entry *entry = table->entries.items;
    struct aver_buf key = {0}, row = {0};
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < table->entries.count; i++) {
        aver_bytes value, stands;
        key.len = row.len = 0;
        aver_buf_bytes(&key, root);
        aver_buf_bytes(&key, entry[i].code);
        aver_schema_encode(&row, &aver_table_entry_schema, &entry[i]);
        err = aver_store_get(s->ledger->store, AVER_DB_TABLE, aver_buf_view(&key), &value, why);
        if (err == AVER_OK) err = aver_store_table_entry(&stands, aver_buf_view(&key), value, why);
        if (err == AVER_OK && !aver_bytes_eq(stands, aver_buf_view(&row)))
            err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-STATE", "", "the row of %.*s is not the table's",
                            AVER_STR(entry[i].code));
        else if (err != AVER_OK)
            err = aver_fail(why, err, "LEDGER-STATE", "", "the row of %.*s is missing or damaged",
                            AVER_STR(entry[i].code));
    }
    aver_buf_free(&key);
    aver_buf_free(&row);
    return err;
}

static aver_err check_artifact(struct aver_scrub *s, aver_bytes key, aver_bytes content, struct aver_why *why)
{
    struct aver_table table;
    aver_digest hash = aver_sha256(content);
    if (aver_bytes_eq(key, aver_digest_bytes(&hash))) return AVER_OK;
    AVER_TRY(aver_schema_read(content, &aver_table_schema, &table, &s->arena, why));
    AVER_TRY(aver_table_check(&table, why));
    aver_digest root = aver_table_root(&table);
    if (!aver_bytes_eq(key, aver_digest_bytes(&root)))
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-STATE", "", "the content has another digest");
    return check_rows(s, key, &table, why);
}

static aver_err artifact(void *ctx, aver_bytes key, aver_bytes content, struct aver_why *why)
{
    struct aver_scrub *s = ctx;
    struct aver_why what = {0};
    char hex[2 * AVER_SMT_PLACE_KEY_MAX + 1], place[128];
    s->counts.artifacts++;
    spend(s, content.len);
    aver_arena_reset(&s->arena);
    aver_err err = check_artifact(s, key, content, &what);
    if (err == AVER_OK) return AVER_OK;
    aver_hex(hex,
             aver_bytes_cut(key, 0, key.len < AVER_SMT_PLACE_KEY_MAX ? key.len : AVER_SMT_PLACE_KEY_MAX));
    snprintf(place, sizeof place, "state/data.mdb, artifact %s", hex);
    return is_damage(err) ? differs(s, place, what.text, why) : tell(s, err, &what, place, why);
}

static aver_err row(void *ctx, aver_bytes key, aver_bytes value, struct aver_why *why)
{
    struct aver_scrub *s = ctx;
    struct aver_why what = {0};
    aver_bytes entry, content;
    char place[128];
    s->counts.rows++;
    spend(s, key.len + value.len);
    aver_err err = aver_store_table_entry(&entry, key, value, &what);
    bool rooted = key.len > sizeof(aver_digest) &&
                  aver_store_get(s->ledger->store, AVER_DB_ARTIFACT,
                                 aver_bytes_cut(key, 0, sizeof(aver_digest)), &content, &what) == AVER_OK;
    if (err == AVER_OK && rooted) return AVER_OK;
    aver_bytes code = key.len > sizeof(aver_digest)
                          ? aver_bytes_cut(key, sizeof(aver_digest), key.len - sizeof(aver_digest))
                          : AVER_BYTES_NONE;
    snprintf(place, sizeof place, "state/data.mdb, row %.*s of a table", AVER_STR(code));
    return differs(s, place, err == AVER_OK ? "there is no such table" : what.text, why);
}

/* ---- a step ---- */

struct step {
    struct aver_scrub *scrub;
    aver_store_walk_fn *fn;
    bool full;
};

static aver_err walk_one(void *ctx, aver_bytes key, aver_bytes value, struct aver_why *why)
{
    struct step *w = ctx;
    struct aver_scrub *s = w->scrub;
    if (s->left == 0) {
        s->from.len = 0;
        aver_buf_bytes(&s->from, key);
        w->full = true;
        return AVER_E_LIMIT;
    }
    return w->fn(s, key, value, why);
}

static aver_err walk(struct aver_scrub *s, enum aver_store_db db, aver_store_walk_fn *fn, bool *ended,
                     struct aver_why *why)
{
    struct step w = {s, fn, false};
    struct aver_buf from = s->from;
    s->from = (struct aver_buf){0};
    aver_err err = aver_store_walk(s->ledger->store, db, aver_buf_view(&from), walk_one, &w, why);
    aver_buf_free(&from);
    *ended = !w.full;
    return w.full ? AVER_OK : err;
}

static aver_err part(struct aver_scrub *s, bool *ended, struct aver_why *why)
{
    switch (s->part) {
    case PART_LOG: return scrub_log(s, ended, why);
    case PART_STATE: return walk(s, AVER_DB_STATE, record, ended, why);
    case PART_ARTIFACTS: return walk(s, AVER_DB_ARTIFACT, artifact, ended, why);
    case PART_ROWS: return walk(s, AVER_DB_TABLE, row, ended, why);
    case PARTS: break;
    }
    AVER_UNREACHABLE();
}

aver_err aver_scrub_step(struct aver_scrub *s, uint64_t bytes, bool *whole, struct aver_why *why)
{
    bool ended = true;
    struct aver_why local;
    if (!why) why = &local;
    *whole = false;
    s->left = bytes ? bytes : 1;
    s->has_secret = false; /* of another moment */
    if (s->part == PART_LOG && s->head.offset == 0) s->counts = (struct aver_scrub_counts){0};
    aver_err err = aver_store_refresh(s->ledger->store, why);
    if (err == AVER_OK) err = aver_store_head(s->ledger->store, &s->now, why);
    /* LMDB holds only what the log does, and the log has grown since the ledger was opened. */
    if (err == AVER_OK && s->now.offset > s->ledger->log.end) s->ledger->log.end = s->now.offset;
    while (err == AVER_OK && ended && s->left && !*whole) {
        err = part(s, &ended, why);
        if (err != AVER_OK || !ended) break;
        s->part++;
        *whole = s->part == PARTS;
        if (*whole) s->part = PART_LOG;
        if (*whole) s->head = (struct aver_head){0};
    }
    aver_store_rest(s->ledger->store);
    return err;
}
