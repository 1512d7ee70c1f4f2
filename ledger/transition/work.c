/* ledger/transition/work.c - see work.h. */
#include "ledger/transition/work.h"

#include <stdlib.h>
#include <string.h>

struct work_entry {
    aver_bytes name, record;  /* record absent: there is none */
    struct aver_stored first; /* what the view had; its record absent: nothing */
    struct aver_touch touch;  /* the commitments; `after` with the touch list */
    bool committed_to, written;
};

/* Whether the family's secret commits to the name, or the ledger's. Asserts that the item may touch it. */
static bool of_family(const struct aver_work *w, aver_bytes name)
{
    aver_bytes family = aver_name_family(name);
    AVER_ASSERT(family.ptr ? aver_bytes_eq(family, w->family) : w->ledger_secret.ptr != NULL);
    return family.ptr != NULL;
}

static aver_digest opened_by(const aver_digest *opening, aver_bytes what)
{
    return aver_sha256_parts((aver_bytes[]){aver_digest_bytes(opening), what}, 2);
}

static aver_err key_of(const struct aver_work *w, aver_bytes name, aver_digest *out, struct aver_why *why)
{
    const struct aver_view *view = w->view;
    if (!view->open_key) {
        *out = aver_state_key_by(&w->keys[of_family(w, name)], name);
        return AVER_OK;
    }
    aver_digest opening;
    AVER_TRY(view->open_key(view->self, name, &opening, why));
    *out = opened_by(&opening, name);
    return AVER_OK;
}

static aver_err value_of(const struct aver_work *w, aver_bytes name, uint64_t height, aver_bytes record,
                         aver_digest *out, struct aver_why *why)
{
    const struct aver_view *view = w->view;
    if (!view->open_key) {
        *out = aver_state_value_by(&w->keys[of_family(w, name)], name, height, record);
        return AVER_OK;
    }
    aver_digest opening;
    AVER_TRY(view->open_value(view->self, name, height, &opening, why));
    *out = opened_by(&opening, record);
    return AVER_OK;
}

/* Where nothing is opened an item cannot go on: what it would read is not known. */
static aver_err not_opened(struct aver_why *why, aver_err err, aver_bytes name)
{
    if (err != AVER_E_NOT_FOUND) return err;
    return aver_fail(why, AVER_E_KEY_GONE, "STATE-CLOSED", "", "the commitments of %.*s are not opened here",
                     AVER_STR(name));
}

static aver_err commit_to(const struct aver_work *w, struct work_entry *e, struct aver_why *why)
{
    if (e->committed_to) return AVER_OK;
    struct aver_memo_entry *memo = w->view->open_key || aver_name_family(e->name).ptr
                                       ? NULL
                                       : aver_memo_key(w->memo, w->ledger_secret, &w->keys[false], e->name);
    if (memo) {
        if (e->first.record.ptr)
            e->touch.before =
                aver_memo_value(memo, &w->keys[false], e->name, e->first.height, e->first.record);
        e->touch.key = memo->key;
        e->committed_to = true;
        return AVER_OK;
    }
    if (e->first.record.ptr)
        AVER_TRY(value_of(w, e->name, e->first.height, e->first.record, &e->touch.before, why));
    AVER_TRY(key_of(w, e->name, &e->touch.key, why));
    e->committed_to = true;
    return AVER_OK;
}

/* A claim touches some ten names, so a list is searched faster than a map would be kept. */
static struct work_entry *find(struct aver_work *w, aver_bytes name)
{
    struct work_entry *e = w->entries.items;
    for (size_t i = 0; i < w->entries.count; i++)
        if (aver_bytes_eq(e[i].name, name)) return &e[i];
    return NULL;
}

static aver_err fetch(struct aver_work *w, aver_bytes name, struct work_entry **out, struct aver_why *why)
{
    struct work_entry *e = find(w, name);
    if (!e) {
        struct aver_stored stored = {0};
        struct work_entry fresh = {.name = aver_arena_copy(w->arena, name)};
        aver_err err = w->view->get(w->view->self, name, &stored, why);
        if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
        if (err == AVER_OK) {
            fresh.record = fresh.first.record = aver_arena_copy(w->arena, stored.record);
            fresh.first.height = stored.height;
            fresh.first.key = fresh.first.value = NULL;
            if (stored.key) {
                AVER_ASSERT(!w->view->open_key);
                fresh.touch.key = *stored.key;
                fresh.touch.before = *stored.value;
                fresh.committed_to = true;
            }
        }
        /* Commitments that are only opened to us may be missing, and then the item ends here. Those that we make cost more
         * than deciding does, and are made when it is done. */
        if (w->view->open_key)
            AVER_TRY(not_opened(why, commit_to(w, &fresh, why), name));
        else
            (void)of_family(w, name);
        e = aver_list_add(w->arena, &w->entries, sizeof *e);
        *e = fresh;
    }
    *out = e;
    return AVER_OK;
}

aver_err aver_work_begin(struct aver_work *w, const struct aver_view *view, struct aver_arena *arena,
                         struct aver_why *why)
{
    struct aver_stored stored = {0};
    struct aver_genesis genesis;
    *w = (struct aver_work){.view = view, .arena = arena};
    aver_err err = view->get(view->self, AVER_LIT("g"), &stored, why);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    AVER_TRY(
        aver_schema_read(aver_arena_copy(arena, stored.record), &aver_genesis_schema, &genesis, arena, why));
    w->ledger_secret = genesis.secret;
    return AVER_OK;
}

void aver_work_family(struct aver_work *w, aver_bytes family, aver_bytes secret)
{
    AVER_ASSERT(!w->family.ptr || aver_bytes_eq(w->family, family));
    w->family = family;
    w->family_secret = secret;
}

/* That a record is absent is mostly what its reader expects, so these words are not formatted. */
static aver_err no_record(struct aver_why *why, aver_bytes name)
{
    static const char code[] = "STATE-NONE", words[] = "there is no ";
    if (!why) return AVER_E_NOT_FOUND;
    size_t start = sizeof words - 1, room = sizeof why->text - 1 - start;
    size_t len = name.len < room ? name.len : room;
    memcpy(why->code, code, sizeof code);
    why->place[0] = 0;
    memcpy(why->text, words, start);
    memcpy(why->text + start, name.ptr, len);
    why->text[start + len] = 0;
    return AVER_E_NOT_FOUND;
}

aver_err aver_work_get(struct aver_work *w, aver_bytes name, const struct aver_schema *schema, void *record,
                       struct aver_why *why)
{
    struct work_entry *e;
    AVER_TRY(fetch(w, name, &e, why));
    if (!e->record.ptr) return no_record(why, name);
    if (aver_schema_read(e->record, schema, record, w->arena, why) != AVER_OK)
        return aver_fail(why, AVER_E_CORRUPT, "STATE-RECORD", "state", "the record %.*s does not decode",
                         AVER_STR(name));
    return AVER_OK;
}

void aver_work_put(struct aver_work *w, aver_bytes name, const struct aver_schema *schema, const void *record)
{
    struct aver_buf buf = {0};
    struct work_entry *e = find(w, name);
    /* A write without a read would leave the touch list without what was there before. */
    AVER_ASSERT(e != NULL);
    aver_schema_encode(&buf, schema, record);
    e->record = aver_arena_copy(w->arena, aver_buf_view(&buf));
    e->written = true;
    aver_buf_free(&buf);
}

/* A buffer in the arena, for a name of at most so many bytes: it never grows, and is not freed. */
static struct aver_buf room(struct aver_work *w, size_t bytes)
{
    return (struct aver_buf){.ptr = aver_arena_raw(w->arena, bytes), .cap = bytes};
}

static size_t escaped_max(aver_bytes text) { return 3 * text.len + 1; }

aver_bytes aver_work_name(struct aver_work *w, const char *prefix, aver_bytes part)
{
    struct aver_buf name = room(w, strlen(prefix) + escaped_max(part));
    aver_buf_str(&name, prefix);
    aver_name_escape(&name, part);
    return aver_buf_view(&name);
}

aver_bytes aver_work_name_hex(struct aver_work *w, const char *prefix, aver_bytes part)
{
    struct aver_buf name = room(w, strlen(prefix) + 2 * part.len + 1);
    aver_buf_str(&name, prefix);
    aver_buf_hex(&name, part);
    return aver_buf_view(&name);
}

aver_bytes aver_work_family_name(struct aver_work *w, aver_bytes family)
{
    struct aver_buf name = room(w, 2 + family.len);
    aver_buf_str(&name, "f/");
    aver_buf_bytes(&name, family);
    return aver_buf_view(&name);
}

aver_bytes aver_work_family_part(struct aver_work *w, aver_bytes family, const char *kind, aver_bytes member,
                                 const aver_bytes *parts, size_t count)
{
    size_t most = 2 + family.len + 1 + strlen(kind) + 1 + escaped_max(member);
    for (size_t i = 0; i < count; i++) most += escaped_max(parts[i]);
    struct aver_buf name = room(w, most);
    aver_buf_str(&name, "f/");
    aver_buf_bytes(&name, family);
    aver_buf_byte(&name, '/');
    aver_buf_str(&name, kind);
    aver_buf_byte(&name, '/');
    if (member.ptr)
        aver_name_escape(&name, member);
    else
        aver_buf_byte(&name, '*');
    for (size_t i = 0; i < count; i++) {
        aver_buf_byte(&name, '/');
        aver_name_escape(&name, parts[i]);
    }
    return aver_buf_view(&name);
}

aver_bytes aver_work_member_name(struct aver_work *w, aver_bytes family, aver_bytes member)
{
    return aver_work_family_part(w, family, "m", member, NULL, 0);
}

aver_bytes aver_work_balances_name(struct aver_work *w, aver_bytes family, aver_bytes member, aver_bytes pool,
                                   aver_bytes period)
{
    return aver_work_family_part(w, family, "y", member, (aver_bytes[]){pool, period}, 2);
}

aver_bytes aver_work_born_name(struct aver_work *w, aver_bytes family, aver_day day)
{
    char text[AVER_DAY_TEXT];
    return aver_work_family_part(w, family, "b", aver_bytes_str(aver_day_iso(text, day)), NULL, 0);
}

static int by_key(const void *a, const void *b)
{
    return memcmp(((const struct aver_touch *)a)->key.b, ((const struct aver_touch *)b)->key.b, 32);
}

struct aver_list aver_work_touches(struct aver_work *w)
{
    struct aver_list touches = {0};
    struct work_entry *e = w->entries.items;
    aver_hmac_key_make(&w->keys[false], w->ledger_secret);
    aver_hmac_key_make(&w->keys[true], w->family_secret);
    for (size_t i = 0; i < w->entries.count; i++) {
        AVER_ASSERT(commit_to(w, &e[i], NULL) == AVER_OK);
        /* A value that is not opened leaves zero: see work.h. */
        if (e[i].written &&
            value_of(w, e[i].name, w->view->height, e[i].record, &e[i].touch.after, NULL) != AVER_OK)
            e[i].touch.after = (aver_digest){{0}};
        *(struct aver_touch *)aver_list_add(w->arena, &touches, sizeof(struct aver_touch)) = e[i].touch;
    }
    if (touches.count) qsort(touches.items, touches.count, sizeof(struct aver_touch), by_key);
    return touches;
}

aver_err aver_work_commit(struct aver_work *w, struct aver_view *view, struct aver_why *why)
{
    const struct work_entry *e = w->entries.items;
    for (size_t i = 0; i < w->entries.count; i++) {
        if (!e[i].written) continue;
        AVER_ASSERT(e[i].committed_to && view->height == w->view->height);
        aver_digest value = e[i].touch.after;
        if (view->open_value) /* which may refuse */
            AVER_TRY(value_of(w, e[i].name, view->height, e[i].record, &value, why));
        AVER_TRY(view->put(view->self, e[i].name, e[i].record, e[i].touch.key, value, why));
    }
    return AVER_OK;
}
