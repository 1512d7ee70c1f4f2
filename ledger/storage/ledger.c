/* ledger/storage/ledger.c - making, opening and closing a ledger's directory: see ledger.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/model/batch.h"
#include "ledger/storage/backup.h"
#include "ledger/storage/ledger_private.h"

#define CONF_BYTES_MAX    4096
#define GENESIS_EXPIRY_MS INT64_C(3600000)
/* Blocks as large as these, which arenas of a group or a storage checkpoint have, go back to the system when they are freed: glibc
 * would raise the bound to the largest block ever freed, and hold what lies between. */
#define MALLOC_MMAP_BYTES 1048576
#define MALLOC_TRIM_BYTES 8388608

int64_t aver_ledger_clock(void)
{
    const char *set = getenv("AVER_CLOCK_MS");
    uint64_t ms;
    if (set && aver_bytes_u64(&ms, aver_bytes_str(set)) == AVER_OK && ms <= INT64_MAX / 2) return (int64_t)ms;
    struct timespec now;
    AVER_ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

aver_err aver_ledger_leap(int64_t ledger_time, int64_t now, struct aver_why *why)
{
    const char *set = getenv("AVER_CLOCK_MS"), *accepted = getenv("AVER_ACCEPT_TIME");
    char today[11];
    if (now - ledger_time <= AVER_LEAP_MS || (set && *set)) return AVER_OK;
    aver_day_iso(today, aver_day_of_ms(now));
    if (accepted && strcmp(accepted, today) == 0) return AVER_OK;
    return aver_fail(
        why, AVER_E_IO, "CLOCK-LEAP", "",
        "the clock says %s, %lld days after the ledger's last group, and what is filed by a wrong clock "
        "stays in the ledger's time for good: set the clock, or if it is right, say so once by "
        "AVER_ACCEPT_TIME=%s",
        today, (long long)((now - ledger_time) / INT64_C(86400000)), today);
}

aver_err aver_ledger_writable(const struct aver_ledger *ledger, struct aver_why *why)
{
    if (!ledger->write)
        return aver_fail(why, AVER_E_REFUSED, "LEDGER-READ", ledger->dir,
                         "the ledger was opened for reading");
    if (ledger->broken)
        return aver_fail(
            why, AVER_E_IO, "LEDGER-BROKEN", ledger->dir,
            "a write failed and what is on the disk is not known; end this process and open the ledger again");
    return AVER_OK;
}

/* ---- the directory ---- */

static bool chain_valid(aver_bytes chain)
{
    if (chain.len == 0 || chain.len > AVER_CHAIN_BYTES_MAX) return false;
    for (size_t i = 0; i < chain.len; i++) {
        uint8_t c = chain.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) return false;
    }
    return true;
}

static aver_err set_paths(struct aver_ledger *l, const char *dir, struct aver_why *why)
{
    if (strlen(dir) >= sizeof l->dir)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", "",
                         "the path of the ledger is longer than %zu bytes", sizeof l->dir - 1);
    snprintf(l->dir, sizeof l->dir, "%s", dir);
    snprintf(l->log_path, sizeof l->log_path, "%s/log/groups", dir);
    snprintf(l->state_path, sizeof l->state_path, "%s/state", dir);
    snprintf(l->lock_path, sizeof l->lock_path, "%s/lock", dir);
    return AVER_OK;
}

/* Two lines: the format, and "chain NAME". */
aver_err aver_ledger_conf(const char *dir, char chain[AVER_CHAIN_BYTES_MAX + 1], struct aver_why *why)
{
    char path[AVER_PATH_BYTES];
    struct aver_buf text = {0};
    snprintf(path, sizeof path, "%s/ledger.conf", dir);
    aver_err err = aver_file_read(&text, path, CONF_BYTES_MAX, why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(why, err, "LEDGER-NONE", dir, "there is no ledger here; aver init makes one");
    aver_bytes all = aver_buf_view(&text), head = AVER_LIT(AVER_FORMAT_LINE "\nchain ");
    bool ok = err == AVER_OK && all.len > head.len + 1 && memcmp(all.ptr, head.ptr, head.len) == 0 &&
              all.ptr[all.len - 1] == '\n';
    if (ok) {
        aver_bytes name = aver_bytes_cut(all, head.len, all.len - head.len - 1);
        ok = chain_valid(name);
        if (ok) snprintf(chain, AVER_CHAIN_BYTES_MAX + 1, "%.*s", AVER_STR(name));
    }
    aver_buf_free(&text);
    if (ok) return AVER_OK;
    return err != AVER_OK ? err
                          : aver_fail(why, AVER_E_CORRUPT, "LEDGER-CONF", path,
                                      "the file should say \"" AVER_FORMAT_LINE "\" and then \"chain NAME\"");
}

static aver_err lock(struct aver_ledger *l, struct aver_why *why)
{
    l->lock_fd = open(l->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (l->lock_fd < 0) return aver_fail_errno(why, "open the lock", l->lock_path);
    for (int i = 0; i < AVER_LOCK_TRIES; i++) {
        if (flock(l->lock_fd, LOCK_EX | LOCK_NB) == 0) return AVER_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return aver_fail_errno(why, "lock the ledger", l->lock_path);
        usleep(AVER_LOCK_WAIT_US);
    }
    return aver_fail(
        why, AVER_E_BUSY, "LEDGER-BUSY", l->dir,
        "another process writes to this ledger; wait for it, or submit through the node that runs");
}

static bool somebody_writes(const struct aver_ledger *l)
{
    int fd = open(l->lock_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

/* ---- opening ---- */

static aver_err open_key(struct aver_ledger *l, struct aver_why *why)
{
    char path[AVER_PATH_BYTES];
    uint8_t seed[AVER_NODE_SEED];
    snprintf(path, sizeof path, "%s/keys/node.key", l->dir);
    aver_err err = aver_key_file_read(seed, sizeof seed, path, true, why);
    if (err == AVER_OK) aver_key_from_seed(&l->node_pk, &l->node_sk, seed);
    aver_wipe(seed, sizeof seed);
    return err;
}

static aver_err key_below(void *self, aver_bytes id, uint64_t *number, struct aver_why *why)
{
    struct aver_ledger *l = self;
    aver_bytes value;
    const struct aver_map_item *item = aver_map_find(&l->behind.keys, id);
    if (item)
        value = aver_map_value(item);
    else
        AVER_TRY(aver_store_get(l->store, AVER_DB_KEY, id, &value, why));
    if (value.len != sizeof *number) return AVER_E_NOT_FOUND;
    memcpy(number, value.ptr, sizeof *number);
    return AVER_OK;
}

/* A reader cannot bring LMDB up to the log. It says so, unless a writer is about to. */
static aver_err check_behind(struct aver_ledger *l, struct aver_why *why)
{
    struct aver_buf payload = {0};
    uint64_t next;
    if (l->log.end < l->head.offset)
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-SHORT", l->log_path,
                         "the log is %" PRIu64
                         " bytes shorter than the state that was made from it; restore it from a backup",
                         l->head.offset - l->log.end);
    aver_err err = aver_log_read(&l->log, &payload, &next, l->head.offset, why);
    aver_buf_free(&payload);
    if (err == AVER_OK && !somebody_writes(l))
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-BEHIND", l->state_path,
            "the state is behind the log, as after a crash; open the ledger once for writing to mend it");
    if (err == AVER_E_INPUT) return aver_log_tail(&l->log, l->head.offset, why);
    return err == AVER_E_NOT_FOUND ? AVER_OK : err;
}

/* What the log says of itself must be what the files beside it say. */
static aver_err check_genesis(struct aver_ledger *l, struct aver_why *why)
{
    struct aver_stored stored;
    struct aver_genesis genesis;
    struct aver_arena arena = {0};
    const struct aver_view *view = &l->view.view;
    aver_err err = view->get(view->self, AVER_LIT("g"), &stored, why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(
            why, AVER_E_CORRUPT, "LEDGER-EMPTY", l->dir,
            "the ledger has no genesis: making it was interrupted; remove the directory and make it again");
    if (err == AVER_OK) err = aver_schema_read(stored.record, &aver_genesis_schema, &genesis, &arena, why);
    if (err == AVER_OK && !aver_bytes_eq(genesis.chain, l->chain))
        err =
            aver_fail(why, AVER_E_CORRUPT, "LEDGER-CONF", l->dir,
                      "ledger.conf names the chain %s, the log %.*s", l->chain_name, AVER_STR(genesis.chain));
    if (err == AVER_OK && l->write && memcmp(genesis.node_key.ptr, l->node_pk.b, sizeof l->node_pk.b) != 0)
        err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-KEYS", l->dir,
                        "keys/node.key is not the key of this ledger's node");
    if (err == AVER_OK) memcpy(l->node_pk.b, genesis.node_key.ptr, sizeof l->node_pk.b);
    aver_arena_free(&arena);
    return err;
}

static aver_err open_files(struct aver_ledger *l, struct aver_why *why)
{
    if (l->write) AVER_TRY(lock(l, why));
    if (l->write) AVER_TRY(open_key(l, why));
    AVER_TRY(aver_bodies_open(&l->bodies, l->dir, l->write, why));
    if (l->write) AVER_TRY(aver_quarantine_open(&l->quarantine, l->dir, &l->bodies, why));
    aver_err err = aver_store_open(&l->store, l->state_path, l->write, why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(why, AVER_E_CORRUPT, "LEDGER-BEHIND", l->state_path,
                         "there is no state; open the ledger once for writing to rebuild it from the log");
    AVER_TRY(err);
    l->backing = aver_store_backing(l->store);
    l->layer = (struct aver_layer){&l->behind.view, &l->backing};
    l->layered = aver_layer_backing(&l->layer);
    aver_view_memory_init(&l->view, &l->layered);
    AVER_TRY(aver_store_head(l->store, &l->head, why));
    AVER_TRY(aver_log_open(&l->log, l->log_path, l->write, why));
    aver_append_init(&l->append, &l->log);
    l->bodies.below = key_below;
    l->bodies.self = l;
    return aver_bodies_load(&l->bodies, l->head.keys <= l->bodies.written ? l->head.keys : 0, why);
}

aver_err aver_ledger_start(struct aver_ledger **out, const char *dir, bool write, struct aver_why *why)
{
    struct aver_ledger *l = calloc(1, sizeof *l);
    if (!l) aver_oom(sizeof *l);
    mallopt(M_MMAP_THRESHOLD, MALLOC_MMAP_BYTES);
    mallopt(M_TRIM_THRESHOLD, MALLOC_TRIM_BYTES);
    *l = (struct aver_ledger){.write = write, .lock_fd = -1, .log = {.fd = -1}, .bodies = {.fd = -1}};
    aver_err err = set_paths(l, dir, why);
    if (err == AVER_OK) err = aver_ledger_conf(dir, l->chain_name, why);
    l->chain = aver_bytes_str(l->chain_name);
    if (err == AVER_OK) err = open_files(l, why);
    if (err == AVER_OK) {
        l->machine = aver_machine_new();
        *out = l;
    } else {
        aver_ledger_close(l);
    }
    return err;
}

static aver_err bring_up(struct aver_ledger *l, struct aver_why *why)
{
    l->publisher = (struct aver_publisher){.dir = l->dir, .sk = &l->node_sk};
    AVER_TRY(aver_note_key_of(&l->publisher.key, l->chain, &l->node_pk, why));
    if (l->write)
        AVER_TRY(aver_ledger_recover(l, why));
    else
        AVER_TRY(check_behind(l, why));
    l->recent.first = l->recent.at = l->head.tree.size;
    l->recent.count = l->recent.pos = l->recent.bytes.len = 0;
    l->view.view.height = l->head.height;
    l->view.view.time = l->head.time;
    return AVER_OK;
}

aver_err aver_ledger_open(struct aver_ledger **out, const char *dir, enum aver_ledger_mode mode,
                          struct aver_why *why)
{
    struct aver_ledger *l;
    if (mode == AVER_LEDGER_WRITE && aver_ledger_restored(dir))
        return aver_fail(
            why, AVER_E_REFUSED, "LEDGER-RESTORED", dir,
            "this is a backup: it can be read, and written to once aver resume --after CHECKPOINT has "
            "found in it all that was published");
    AVER_TRY(aver_ledger_start(&l, dir, mode == AVER_LEDGER_WRITE, why));
    aver_err err = bring_up(l, why);
    if (err == AVER_OK) err = check_genesis(l, why);
    if (err == AVER_OK) err = aver_note_key_of(&l->publisher.key, l->chain, &l->node_pk, why);
    if (err == AVER_OK && l->write) {
        aver_digest root = aver_merkle_root(&l->head.tree);
        aver_publish_look(&l->publisher, l->head.tree.size, &root);
        aver_err told = aver_ledger_publish(l, NULL);
        (void)told; /* a full disk keeps nobody from reading; the next submit tries again */
    }
    if (err == AVER_OK)
        *out = l;
    else
        aver_ledger_close(l);
    return err;
}

void aver_ledger_close(struct aver_ledger *l)
{
    if (!l) return;
    if (l->deferred) {
        aver_err waited = aver_ledger_wait(l, NULL);
        aver_err settled = waited == AVER_OK ? aver_ledger_settle(l, NULL) : waited;
        (void)settled; /* what LMDB lacks is in the log: the next open executes it */
    }
    aver_intake_crew_free(l->crew);
    aver_machine_free(l->machine);
    aver_view_memory_free(&l->view);
    aver_view_memory_free(&l->behind.view);
    aver_map_free(&l->behind.hashes);
    aver_map_free(&l->behind.groups);
    aver_map_free(&l->behind.keys);
    aver_map_free(&l->hashes);
    aver_map_free(&l->groups);
    aver_store_close(l->store);
    aver_quarantine_close(&l->quarantine);
    aver_bodies_close(&l->bodies);
    aver_append_free(&l->append);
    aver_log_close(&l->log);
    for (int i = 0; i < AVER_FRAME_SLOTS; i++) {
        aver_buf_free(&l->cache[i].payload);
        aver_arena_free(&l->cache[i].arena);
    }
    aver_buf_free(&l->recent.bytes);
    aver_buf_free(&l->behind.recent.bytes);
    if (l->lock_fd >= 0) close(l->lock_fd);
    aver_wipe(&l->node_sk, sizeof l->node_sk);
    free(l);
}

/* ---- making ---- */

static aver_err make_empty(const char *dir, struct aver_why *why)
{
    if (mkdir(dir, 0700) && errno != EEXIST) return aver_fail_errno(why, "make the directory", dir);
    DIR *d = opendir(dir);
    if (!d) return aver_fail_errno(why, "open the directory", dir);
    bool empty = true;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) empty = false;
    closedir(d);
    if (!empty)
        return aver_fail(why, AVER_E_EXISTS, "LEDGER-EXISTS", dir,
                         "the directory is not empty; name one that is empty or not there yet");
    return AVER_OK;
}

static aver_err sync_dir(const char *dir, struct aver_why *why)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the directory", dir);
    aver_err err = fsync(fd) ? aver_fail_errno(why, "sync the directory", dir) : AVER_OK;
    close(fd);
    return err;
}

/* So that the directory's own name survives a loss of power. */
static aver_err sync_parent(const char *dir, struct aver_why *why)
{
    char parent[AVER_PATH_BYTES];
    snprintf(parent, sizeof parent, "%s", dir);
    size_t n = strlen(parent);
    while (n > 1 && parent[n - 1] == '/') parent[--n] = 0;
    char *slash = strrchr(parent, '/');
    if (!slash) return sync_dir(".", why);
    slash[slash == parent] = 0;
    return sync_dir(parent, why);
}

static aver_err lay_out(const char *dir, const char *chain, struct aver_why *why)
{
    char path[AVER_PATH_BYTES], sub[AVER_PATH_BYTES], conf[256];
    uint8_t key[AVER_WRAP_KEY_BYTES];
    snprintf(sub, sizeof sub, "%s/keys", dir);
    if (mkdir(sub, 0700)) return aver_fail_errno(why, "make the directory", sub);
    static const char *const random_keys[] = {"node.key", "node.wrap"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/keys/%s", dir, random_keys[i]);
        aver_random(key, sizeof key);
        aver_err err = aver_key_file_write(path, key, sizeof key, why);
        aver_wipe(key, sizeof key);
        AVER_TRY(err);
    }
    snprintf(path, sizeof path, "%s/keys/bodies", dir);
    AVER_TRY(aver_key_file_write(path, (const uint8_t *)"", 0, why));
    AVER_TRY(sync_dir(sub, why));
    snprintf(sub, sizeof sub, "%s/log", dir);
    if (mkdir(sub, 0700)) return aver_fail_errno(why, "make the directory", sub);
    snprintf(path, sizeof path, "%s/log/groups", dir);
    AVER_TRY(aver_log_create(sub, path, why));
    int n = snprintf(conf, sizeof conf, AVER_FORMAT_LINE "\nchain %s\n", chain);
    snprintf(path, sizeof path, "%s/ledger.conf", dir);
    AVER_TRY(aver_key_file_write(path, (const uint8_t *)conf, (size_t)n, why));
    AVER_TRY(sync_dir(dir, why));
    return sync_parent(dir, why);
}

static aver_err write_genesis(struct aver_ledger *l, const struct aver_insurer *insurers, size_t count,
                              struct aver_why *why)
{
    uint8_t secret[32], filing[32], salt[AVER_SALT_BYTES];
    struct aver_arena arena = {0};
    struct aver_buf item = {0}, cose = {0};
    struct aver_item_result result = {0};
    aver_random(secret, sizeof secret);
    aver_random(filing, sizeof filing);
    aver_random(salt, sizeof salt);
    struct aver_genesis genesis = {.chain = l->chain,
                                   .node_key = aver_bytes_of(l->node_pk.b, sizeof l->node_pk.b),
                                   .secret = aver_bytes_of(secret, sizeof secret),
                                   .filing_secret = aver_bytes_of(filing, sizeof filing)};
    for (size_t i = 0; i < count; i++) {
        struct aver_genesis_party *party = aver_list_add(&arena, &genesis.insurers, sizeof *party);
        party->id = aver_bytes_str(insurers[i].party);
        party->public_key = aver_bytes_of(insurers[i].key.b, sizeof insurers[i].key.b);
    }
    aver_err err = aver_schema_check(&aver_genesis_schema, &genesis, why);
    if (err == AVER_OK) {
        aver_schema_encode(&item, &aver_genesis_schema, &genesis);
        struct aver_batch header = {
            .chain = l->chain, .kind = AVER_TX_GENESIS, .not_after = aver_ledger_clock() + GENESIS_EXPIRY_MS};
        struct aver_batch_item only = {aver_bytes_of(salt, sizeof salt), aver_buf_view(&item)};
        aver_batch_sign(&cose, &header, &only, 1, &l->node_pk, &l->node_sk);
        struct aver_submission all = {
            .cose = aver_buf_view(&cose), .items = &only, .count = 1, .results = &result};
        err = aver_ledger_take(l, &all, 1, &arena, NULL, NULL, &l->node_pk, why);
        if (err == AVER_OK && all.err != AVER_OK) {
            err = all.err;
            if (why) *why = all.why;
        }
        if (err == AVER_OK && result.how != AVER_ITEM_NEW)
            err = aver_fail(why, AVER_E_INPUT, "LEDGER-GENESIS", l->dir, "%s", result.words);
    }
    aver_wipe(secret, sizeof secret);
    aver_wipe(filing, sizeof filing);
    aver_buf_free(&item);
    aver_buf_free(&cose);
    aver_arena_free(&arena);
    return err;
}

aver_err aver_ledger_create(const char *dir, const char *chain, const struct aver_insurer *insurers,
                            size_t insurers_count, struct aver_why *why)
{
    struct aver_ledger *l;
    if (!chain_valid(aver_bytes_str(chain)))
        return aver_fail(why, AVER_E_INPUT, "LEDGER-CHAIN", chain,
                         "a chain's name has 1 to %d of: small letters, digits, dots and hyphens",
                         AVER_CHAIN_BYTES_MAX);
    AVER_TRY(make_empty(dir, why));
    AVER_TRY(lay_out(dir, chain, why));
    AVER_TRY(aver_ledger_start(&l, dir, true, why));
    aver_err err = bring_up(l, why);
    if (err == AVER_OK) err = write_genesis(l, insurers, insurers_count, why);
    if (err == AVER_OK) err = aver_ledger_publish(l, why);
    aver_ledger_close(l);
    return err;
}
