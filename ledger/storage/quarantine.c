/* ledger/storage/quarantine.c - see quarantine.h. */
#include "ledger/storage/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/version.h"
#include "ledger/storage/ledger_private.h"

#define VERSION     1
#define MAGIC_BYTES (sizeof AVER_QUARANTINE_MAGIC - 1)
#define HEAD_BYTES  (MAGIC_BYTES + AVER_NONCE_BYTES)
#define PROGRAM_MAX 64
#define ASSERT_MAX  600
#define PLACE_MAX   200
#define FILE_MAX    ((size_t)AVER_ITEM_BYTES_MAX * 2 + 65536)
#define ID_LOGGED   0x80 /* beside the kind, in what an id is made of */
#define COULD_NOT   2    /* an audit's exit */

const char *const aver_doing_names[] = {NULL, "intake", "intake_ahead", "recovery", "audit"};

static const struct aver_field fields[] = {
    AVER_FIELD(1, struct aver_quarantined, version, UINT, 1),
    AVER_FIELD(2, struct aver_quarantined, at, INT, 0),
    AVER_FIELD(3, struct aver_quarantined, program, TEXT, PROGRAM_MAX),
    AVER_FIELD(4, struct aver_quarantined, assertion, TEXT, ASSERT_MAX),
    AVER_FIELD(5, struct aver_quarantined, place, TEXT, PLACE_MAX),
    AVER_ENUM(6, struct aver_quarantined, doing, AVER_DOING_MAX, aver_doing_names),
    AVER_FIELD(7, struct aver_quarantined, height, UINT, 0),
    AVER_FIELD(8, struct aver_quarantined, time, INT, 0),
    AVER_FIELD(9, struct aver_quarantined, entry, UINT, 0),
    AVER_OPT_ENUM(10, struct aver_quarantined, kind, AVER_TX_KIND_MAX, aver_tx_kind_names),
    AVER_OPTIONAL(11, struct aver_quarantined, party, TEXT, 64),
    AVER_OPTIONAL(12, struct aver_quarantined, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_OPTIONAL(13, struct aver_quarantined, cose, BYTES, AVER_ITEM_BYTES_MAX),
    AVER_OPTIONAL(14, struct aver_quarantined, index, UINT, AVER_BATCH_ITEMS_MAX),
    AVER_OPTIONAL(15, struct aver_quarantined, salt, BYTES, AVER_SALT_BYTES),
    AVER_OPTIONAL(16, struct aver_quarantined, item, BYTES, AVER_ITEM_BYTES_MAX),
};
AVER_SCHEMA(aver_quarantined_schema, "quarantined", struct aver_quarantined, fields);

/* ---- names ---- */

struct id {
    uint8_t b[AVER_QUARANTINE_ID_BYTES];
};

/* The parts have lengths of their own before them, so that the split is unambiguous. */
static struct id id_of(const struct aver_quarantine *q, uint64_t what, uint64_t entry, aver_bytes party,
                       aver_bytes bytes)
{
    uint8_t head[24];
    struct id id;
    aver_put_u64(head, what);
    aver_put_u64(head + 8, entry);
    aver_put_u64(head + 16, party.len);
    const aver_bytes parts[] = {aver_bytes_of(head, sizeof head), party, bytes};
    aver_digest d = aver_hmac256_by(&q->ids, parts, 3);
    memcpy(id.b, d.b, sizeof id.b);
    return id;
}

static bool is_logged(uint64_t doing) { return doing == AVER_DOING_RECOVERY || doing == AVER_DOING_AUDIT; }

static const struct aver_quarantine_entry *find(const struct aver_quarantine *q, aver_bytes key)
{
    uint64_t at;
    const struct aver_map_item *item = aver_map_find(&q->known, key);
    if (!item) return NULL;
    memcpy(&at, item->value, sizeof at);
    return (const struct aver_quarantine_entry *)q->entries.items + at;
}

const struct aver_quarantine_entry *aver_quarantine_item(const struct aver_quarantine *q, uint64_t kind,
                                                         aver_bytes party, aver_bytes item,
                                                         const char *claim_id)
{
    if (q->known.count == 0) return NULL;
    struct id id = id_of(q, kind, 0, party, item);
    const struct aver_quarantine_entry *e = find(q, aver_bytes_of(id.b, sizeof id.b));
    return e || !claim_id || !*claim_id ? e : find(q, aver_bytes_str(claim_id));
}

const struct aver_quarantine_entry *aver_quarantine_envelope(const struct aver_quarantine *q, aver_bytes cose)
{
    if (q->known.count == 0) return NULL;
    struct id id = id_of(q, 0, 0, AVER_BYTES_NONE, cose);
    return find(q, aver_bytes_of(id.b, sizeof id.b));
}

const struct aver_quarantine_entry *aver_quarantine_logged(const struct aver_quarantine *q, uint64_t first,
                                                           uint64_t end, bool audit)
{
    const struct aver_quarantine_entry *e = q->entries.items, *found = NULL;
    for (size_t i = 0; i < q->entries.count; i++)
        if ((e[i].record.doing == AVER_DOING_RECOVERY || (audit && e[i].record.doing == AVER_DOING_AUDIT)) &&
            e[i].record.entry >= first && e[i].record.entry < end &&
            (!found || e[i].record.entry < found->record.entry))
            found = &e[i];
    return found;
}

aver_err aver_quarantine_refuse(const struct aver_quarantine_entry *e, struct aver_why *why)
{
    if (!e->read)
        return aver_fail(
            why, AVER_E_REFUSED, "TX-QUARANTINED", e->id,
            "this made the node's program stop by a bug of its own and is not filed; the insurer "
            "finds it as %s by aver doctor, and says when to send it again",
            e->id);
    return aver_fail(
        why, AVER_E_REFUSED, "TX-QUARANTINED", e->id,
        "this made the node's program (%.*s) stop by a bug of its own (%.*s) and is not filed; the "
        "insurer finds it as %s by aver doctor, and says when to send it again",
        AVER_STR(e->record.program), AVER_STR(e->record.place), e->id);
}

/* ---- what is kept ---- */

static void remember(struct aver_quarantine *q, aver_bytes key, uint64_t at)
{
    aver_map_set(&q->known, key, aver_bytes_of(&at, sizeof at));
}

static aver_err open_record(struct aver_quarantine *q, struct aver_quarantined *out, const char *path,
                            aver_bytes id, struct aver_why *why)
{
    struct aver_buf file = {0};
    aver_err err = aver_file_read(&file, path, FILE_MAX, why);
    aver_bytes all = aver_buf_view(&file);
    if (err == AVER_OK && !q->has_key)
        err =
            aver_fail(why, AVER_E_KEY_GONE, "BODY-KEY", path, "keys/node.wrap, which opens it, is not here");
    if (err == AVER_OK &&
        (all.len < HEAD_BYTES + AVER_SEAL_BYTES || memcmp(all.ptr, AVER_QUARANTINE_MAGIC, MAGIC_BYTES) != 0))
        err =
            aver_fail(why, AVER_E_CORRUPT, "QUARANTINE-FORM", path, "this is no evidence of this program's");
    if (err == AVER_OK) {
        size_t len = all.len - HEAD_BYTES;
        uint8_t *plain = aver_arena_alloc(&q->arena, len);
        err = aver_unseal(plain, aver_bytes_cut(all, HEAD_BYTES, len), id, all.ptr + MAGIC_BYTES, q->key);
        if (err == AVER_OK)
            err = aver_schema_read(aver_bytes_of(plain, len - AVER_SEAL_BYTES), &aver_quarantined_schema, out,
                                   &q->arena, why);
        else
            (void)aver_fail(why, err, "BODY-SEAL", path, "the evidence was altered");
    }
    aver_buf_free(&file);
    return err;
}

/* A name that is not an id is no evidence: a file that was never finished, or somebody's notes. */
static void load_one(struct aver_quarantine *q, const char *name)
{
    struct id id;
    char path[sizeof q->dir + AVER_QUARANTINE_ID_CHARS + 2];
    if (strlen(name) != AVER_QUARANTINE_ID_CHARS ||
        aver_unhex(id.b, sizeof id.b, aver_bytes_str(name)) != AVER_OK)
        return;
    uint64_t at = q->entries.count;
    struct aver_quarantine_entry *e = aver_list_add(&q->arena, &q->entries, sizeof *e);
    snprintf(e->id, sizeof e->id, "%s", name);
    snprintf(path, sizeof path, "%s/%s", q->dir, name);
    struct aver_quarantined record;
    aver_schema_init(&aver_quarantined_schema, memset(&record, 0, sizeof record));
    e->read = open_record(q, &record, path, aver_bytes_of(id.b, sizeof id.b), &e->why) == AVER_OK;
    if (e->read) e->record = record;
    if (e->read && is_logged(record.doing)) return;
    remember(q, aver_bytes_of(id.b, sizeof id.b), at);
    if (e->read && record.claim_id.ptr) remember(q, record.claim_id, at);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

aver_err aver_quarantine_open(struct aver_quarantine *q, const char *dir, const struct aver_bodies *bodies,
                              struct aver_why *why)
{
    *q = (struct aver_quarantine){0};
    if (strlen(dir) + sizeof "/quarantine" > sizeof q->dir)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "", "the path of the ledger is too long");
    snprintf(q->dir, sizeof q->dir, "%s/quarantine", dir);
    q->has_key = bodies->has_wrap;
    if (q->has_key) {
        const aver_bytes label = AVER_LIT("quarantine");
        aver_digest key = aver_hmac256(aver_bytes_of(bodies->wrap, sizeof bodies->wrap), &label, 1);
        memcpy(q->key, key.b, sizeof q->key);
        aver_hmac_key_make(&q->ids, aver_bytes_of(q->key, sizeof q->key));
        aver_wipe(&key, sizeof key);
    }
    DIR *d = opendir(q->dir);
    if (!d) return errno == ENOENT ? AVER_OK : aver_fail_errno(why, "open the directory", q->dir);
    struct aver_list names = {0};
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        *(char **)aver_list_add(&q->arena, &names, sizeof(char *)) =
            aver_arena_printf(&q->arena, "%s", e->d_name);
    closedir(d);
    if (names.count) qsort(names.items, names.count, sizeof(char *), by_name);
    for (size_t i = 0; i < names.count; i++) load_one(q, ((char **)names.items)[i]);
    return AVER_OK;
}

void aver_quarantine_close(struct aver_quarantine *q)
{
    aver_map_free(&q->known);
    aver_arena_free(&q->arena);
    aver_wipe(q, sizeof *q);
}

static aver_err sync_dir(const char *path, struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the directory", path);
    aver_err err = fsync(fd) ? aver_fail_errno(why, "sync the directory", path) : AVER_OK;
    close(fd);
    return err;
}

aver_err aver_quarantine_release(const char *dir, const char *id, struct aver_why *why)
{
    char top[AVER_PATH_BYTES + 32], path[AVER_PATH_BYTES + 80];
    uint8_t b[AVER_QUARANTINE_ID_BYTES];
    if (strlen(dir) >= AVER_PATH_BYTES)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "", "the path of the ledger is too long");
    snprintf(top, sizeof top, "%s/quarantine", dir);
    snprintf(path, sizeof path, "%s/%s", top, id);
    if (strlen(id) != AVER_QUARANTINE_ID_CHARS || aver_unhex(b, sizeof b, aver_bytes_str(id)) != AVER_OK ||
        access(path, F_OK))
        return aver_fail(why, AVER_E_NOT_FOUND, "QUARANTINE-NONE", id,
                         "nothing of that name is in quarantine; aver quarantine list says what is");
    if (unlink(path)) return aver_fail_errno(why, "remove the file", path);
    return sync_dir(top, why);
}

/* ---- evidence ---- */

static aver_bytes clip(const char *text, size_t max)
{
    size_t n = strlen(text);
    return aver_bytes_of(text, n < max ? n : max);
}

static aver_err keep(const struct aver_at_work *e, const struct id *id, aver_bytes record, char *path,
                     size_t path_size, struct aver_why *why)
{
    const struct aver_quarantine *q = e->quarantine;
    struct aver_buf file = {0};
    char name[AVER_QUARANTINE_ID_CHARS + 1], parent[sizeof q->dir];
    uint8_t nonce[AVER_NONCE_BYTES];
    aver_hex(name, aver_bytes_of(id->b, sizeof id->b));
    snprintf(path, path_size, "%s/%s", q->dir, name);
    snprintf(parent, sizeof parent, "%s", q->dir);
    *strrchr(parent, '/') = 0;
    if (mkdir(q->dir, 0700) && errno != EEXIST) return aver_fail_errno(why, "make the directory", q->dir);
    AVER_TRY(sync_dir(parent, why));
    aver_random(nonce, sizeof nonce);
    aver_buf_str(&file, AVER_QUARANTINE_MAGIC);
    aver_buf_put(&file, nonce, sizeof nonce);
    aver_buf_reserve(&file, record.len + AVER_SEAL_BYTES);
    aver_seal(file.ptr + file.len, record, aver_bytes_of(id->b, sizeof id->b), nonce, q->key);
    file.len += record.len + AVER_SEAL_BYTES;
    aver_err err = aver_file_replace_synced(path, aver_buf_view(&file), why);
    aver_buf_free(&file);
    return err;
}

static void say(const struct aver_at_work *e, aver_err err, const char *path, const struct aver_why *why)
{
    if (err != AVER_OK)
        fprintf(
            stderr,
            "aver: what it was working on could not be kept as evidence: %s (%s); sent again it would stop "
            "the program again\n",
            why->text, why->place);
    else if (is_logged(e->doing))
        fprintf(stderr,
                "aver: it executed entry %" PRIu64 " of the log (group %" PRIu64
                ") again; the evidence is %s, and aver doctor says what to do\n",
                e->entry, e->height, path);
    else
        fprintf(
            stderr,
            "aver: it was taking in an item that is now in quarantine and not filed; the evidence is %s, and aver "
            "doctor says what to do. Send the same again: what is left is taken in\n",
            path);
}

static void failed(const struct aver_assert_watch *watch, const char *expr, const char *file, int line)
{
    const struct aver_at_work *e = (const struct aver_at_work *)(const void *)watch;
    char place[PLACE_MAX], path[sizeof e->quarantine->dir + AVER_QUARANTINE_ID_CHARS + 2] = "";
    struct aver_why why = {0};
    struct aver_buf record = {0};
    snprintf(place, sizeof place, "%s:%d", file, line);
    struct aver_quarantined r = {.version = VERSION,
                                 .at = aver_ledger_clock(),
                                 .program = AVER_LIT("aver " AVER_VERSION),
                                 .assertion = clip(expr, ASSERT_MAX),
                                 .place = aver_bytes_str(place),
                                 .doing = e->doing,
                                 .height = e->height,
                                 .time = e->time,
                                 .entry = e->entry,
                                 .kind = e->env ? e->env->batch.kind : 0,
                                 .party = e->env ? e->env->party : AVER_BYTES_NONE,
                                 .claim_id = e->claim_id && *e->claim_id ? aver_bytes_str(e->claim_id)
                                                                         : AVER_BYTES_NONE,
                                 .cose = e->cose,
                                 .index = e->index,
                                 .salt = e->salt,
                                 .item = e->item};
    struct id id = is_logged(e->doing)
                       ? id_of(e->quarantine, ID_LOGGED, e->entry, AVER_BYTES_NONE, AVER_BYTES_NONE)
                   : e->item.ptr ? id_of(e->quarantine, r.kind, 0, r.party, r.item)
                                 : id_of(e->quarantine, 0, 0, AVER_BYTES_NONE, r.cose);
    aver_err err = aver_schema_check(&aver_quarantined_schema, &r, &why);
    if (err == AVER_OK) {
        aver_schema_encode(&record, &aver_quarantined_schema, &r);
        err = keep(e, &id, aver_buf_view(&record), path, sizeof path, &why);
    }
    say(e, err, path, &why);
}

void aver_at_work_begin(struct aver_at_work *e)
{
    e->watch.failed = e->quarantine->has_key ? failed : NULL;
    e->watch.status = e->doing == AVER_DOING_AUDIT ? COULD_NOT : 0;
    aver_assert_watched_by(&e->watch);
}

void aver_at_work_end(void) { aver_assert_watched_by(NULL); }
