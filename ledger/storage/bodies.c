/* ledger/storage/bodies.c - see bodies.h. */
#include "ledger/storage/bodies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOAD_RECORDS        4096 /* read at a time */
#define AVER_KEY_PATH_BYTES 600

aver_err aver_key_file_read(uint8_t *out, size_t len, const char *path, bool strict, struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return aver_fail_errno(why, "open the key", path);
    struct stat st;
    aver_err err = AVER_OK;
    if (fstat(fd, &st))
        err = aver_fail_errno(why, "look at the key", path);
    else if (strict && (st.st_mode & 077))
        err = aver_fail(why, AVER_E_REFUSED, "LEDGER-KEYMODE", path,
                        "others than its owner may read or change this key; chmod 600 it");
    else if ((uint64_t)st.st_size != len || read(fd, out, len) != (ssize_t)len)
        err = aver_fail(why, AVER_E_CORRUPT, "LEDGER-KEYS", path,
                        "the key file has %lld bytes and should have %zu; restore it from a backup",
                        (long long)st.st_size, len);
    close(fd);
    return err;
}

aver_err aver_key_file_write(const char *path, const uint8_t *bytes, size_t len, struct aver_why *why)
{
    /* It gets its name when it is whole: half a key would be no key ever after, and nobody could make it again. */
    char fresh[AVER_KEY_PATH_BYTES];
    struct stat st;
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", path, "the path is too long");
    errno = EEXIST;
    if (lstat(path, &st) == 0) return aver_fail_errno(why, "create the key", path);
    (void)unlink(fresh); /* of an earlier try */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return aver_fail_errno(why, "create the key", path);
    errno = ENOSPC; /* what a short write means */
    aver_err err = write(fd, bytes, len) != (ssize_t)len || fsync(fd)
                       ? aver_fail_errno(why, "write the key", path)
                       : AVER_OK;
    close(fd);
    if (err == AVER_OK && rename(fresh, path)) err = aver_fail_errno(why, "move the key into place", path);
    if (err != AVER_OK) unlink(fresh);
    return err;
}

aver_err aver_bodies_open(struct aver_bodies *b, const char *dir, bool write, struct aver_why *why)
{
    *b = (struct aver_bodies){.fd = -1};
    snprintf(b->path, sizeof b->path, "%s/keys/node.wrap", dir);
    aver_err err = aver_key_file_read(b->wrap, sizeof b->wrap, b->path, write, why);
    if (err != AVER_OK && (write || err != AVER_E_NOT_FOUND)) return err;
    b->has_wrap = err == AVER_OK;
    aver_hmac_key_make(&b->ids, aver_bytes_of(b->wrap, sizeof b->wrap));
    snprintf(b->path, sizeof b->path, "%s/keys/bodies", dir);
    b->fd = open(b->path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    struct stat st = {0};
    if (b->fd < 0) {
        if (write || errno != ENOENT) return aver_fail_errno(why, "open the keys of the bodies", b->path);
        return AVER_OK;
    }
    if (fstat(b->fd, &st)) return aver_fail_errno(why, "look at the keys of the bodies", b->path);
    b->count = b->written = (uint64_t)st.st_size / AVER_KEY_RECORD_BYTES;
    if (write && (uint64_t)st.st_size % AVER_KEY_RECORD_BYTES &&
        ftruncate(b->fd, (off_t)(b->count * AVER_KEY_RECORD_BYTES)))
        return aver_fail_errno(why, "cut off an unfinished key", b->path);
    return AVER_OK;
}

void aver_bodies_close(struct aver_bodies *b)
{
    if (b->fd >= 0) close(b->fd);
    b->fd = -1;
    aver_wipe(b->wrap, sizeof b->wrap);
    aver_wipe(&b->ids, sizeof b->ids);
    aver_map_free(&b->numbers);
    aver_buf_free(&b->fresh);
}

static void remember(struct aver_bodies *b, aver_bytes id, uint64_t number)
{
    aver_map_set(&b->numbers, id, aver_bytes_of(&number, sizeof number));
}

aver_err aver_bodies_load(struct aver_bodies *b, uint64_t from, struct aver_why *why)
{
    struct aver_buf chunk = {0};
    aver_err err = AVER_OK;
    aver_buf_reserve(&chunk, LOAD_RECORDS * AVER_KEY_RECORD_BYTES);
    for (uint64_t n = from; err == AVER_OK && n < b->written;) {
        ssize_t got =
            pread(b->fd, chunk.ptr, LOAD_RECORDS * AVER_KEY_RECORD_BYTES, (off_t)(n * AVER_KEY_RECORD_BYTES));
        if (got < AVER_KEY_RECORD_BYTES) {
            err = aver_fail_errno(why, "read the keys of the bodies", b->path);
            break;
        }
        for (size_t i = 0; i + AVER_KEY_RECORD_BYTES <= (size_t)got && n < b->written;
             i += AVER_KEY_RECORD_BYTES)
            remember(b, aver_bytes_of(chunk.ptr + i, AVER_KEY_ID_BYTES), n++);
    }
    aver_buf_free(&chunk);
    if (from == 0 && err == AVER_OK) b->whole = true;
    return err;
}

static aver_err read_record(const struct aver_bodies *b, uint8_t record[AVER_KEY_RECORD_BYTES],
                            uint64_t number, struct aver_why *why)
{
    if (number >= b->written) {
        AVER_ASSERT(number < b->count);
        memcpy(record, b->fresh.ptr + (number - b->written) * AVER_KEY_RECORD_BYTES, AVER_KEY_RECORD_BYTES);
        return AVER_OK;
    }
    if (pread(b->fd, record, AVER_KEY_RECORD_BYTES, (off_t)(number * AVER_KEY_RECORD_BYTES)) ==
        AVER_KEY_RECORD_BYTES)
        return AVER_OK;
    return aver_fail_errno(why, "read the keys of the bodies", b->path);
}

/* The record of an id. What LMDB remembers is a hint: if it does not hold, the file is read whole. */
static aver_err record_of(struct aver_bodies *b, uint8_t record[AVER_KEY_RECORD_BYTES], aver_bytes id,
                          struct aver_why *why)
{
    uint64_t number;
    const struct aver_map_item *item = aver_map_find(&b->numbers, id);
    if (!item && b->below && !b->whole) {
        aver_err err = b->below(b->self, id, &number, why);
        if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
        if (err == AVER_E_NOT_FOUND) return err;
        if (number < b->written) {
            AVER_TRY(read_record(b, record, number, why));
            if (memcmp(record, id.ptr, AVER_KEY_ID_BYTES) == 0) return AVER_OK;
        }
        AVER_TRY(aver_bodies_load(b, 0, why));
        item = aver_map_find(&b->numbers, id);
    }
    if (!item) return AVER_E_NOT_FOUND;
    memcpy(&number, item->value, sizeof number);
    return read_record(b, record, number, why);
}

static aver_err gone(struct aver_why *why, aver_bytes id, const char *how)
{
    char hex[2 * AVER_KEY_ID_BYTES + 1];
    aver_hex(hex, id);
    return aver_fail(why, AVER_E_KEY_GONE, "BODY-KEY", "keys/bodies",
                     "the body's key %s %s; what it sealed cannot be read", hex, how);
}

static aver_err unwrap(const struct aver_bodies *b, uint8_t key[32],
                       const uint8_t record[AVER_KEY_RECORD_BYTES], struct aver_why *why)
{
    aver_bytes id = aver_bytes_of(record, AVER_KEY_ID_BYTES);
    if (aver_unseal(key, aver_bytes_of(record + 40, 48), id, record + AVER_KEY_ID_BYTES, b->wrap) != AVER_OK)
        return gone(why, id, "was destroyed");
    return AVER_OK;
}

aver_err aver_bodies_find(struct aver_bodies *b, uint8_t key[32], aver_bytes id, struct aver_why *why)
{
    uint8_t record[AVER_KEY_RECORD_BYTES];
    if (!b->has_wrap) return gone(why, id, "is wrapped by keys/node.wrap, which is not here");
    aver_err err = record_of(b, record, id, why);
    if (err == AVER_E_NOT_FOUND) return gone(why, id, "is not in the file of keys");
    AVER_TRY(err);
    return unwrap(b, key, record, why);
}

static void key_id(const struct aver_bodies *b, uint8_t id[AVER_KEY_ID_BYTES], const char *subject,
                   unsigned generation)
{
    uint8_t suffix[2] = {0, (uint8_t)generation};
    aver_bytes parts[] = {aver_bytes_str(subject), aver_bytes_of(suffix, sizeof suffix)};
    aver_digest digest = aver_hmac256_by(&b->ids, parts, generation ? 2 : 1);
    memcpy(id, digest.b, AVER_KEY_ID_BYTES);
}

aver_err aver_bodies_key(struct aver_bodies *b, uint8_t id[AVER_KEY_ID_BYTES], uint8_t key[32],
                         const char *subject, struct aver_why *why)
{
    uint8_t record[AVER_KEY_RECORD_BYTES];
    aver_bytes id_bytes = aver_bytes_of(id, AVER_KEY_ID_BYTES);
    AVER_ASSERT(b->has_wrap);
    for (unsigned generation = 0; generation <= AVER_KEY_GENERATIONS; generation++) {
        key_id(b, id, subject, generation);
        aver_err err = record_of(b, record, id_bytes, why);
        if (err == AVER_OK) {
            err = unwrap(b, key, record, why);
            if (err == AVER_E_KEY_GONE) continue;
        }
        if (err != AVER_E_NOT_FOUND) return err;
        aver_random(key, 32);
        memcpy(record, id, AVER_KEY_ID_BYTES);
        aver_random(record + AVER_KEY_ID_BYTES, AVER_NONCE_BYTES);
        aver_seal(record + 40, aver_bytes_of(key, 32), id_bytes, record + AVER_KEY_ID_BYTES, b->wrap);
        aver_buf_put(&b->fresh, record, sizeof record);
        remember(b, id_bytes, b->count++);
        return AVER_OK;
    }
    return gone(why, id_bytes, "is the last of too many that were destroyed");
}

aver_err aver_bodies_known(const struct aver_bodies *b, uint8_t id[AVER_KEY_ID_BYTES], uint8_t key[32],
                           const char *subject,
                           aver_err (*below)(void *self, aver_bytes key_id, uint64_t *number,
                                             struct aver_why *why),
                           void *self, struct aver_why *why)
{
    uint8_t record[AVER_KEY_RECORD_BYTES];
    uint64_t number;
    aver_bytes id_bytes = aver_bytes_of(id, AVER_KEY_ID_BYTES);
    key_id(b, id, subject, 0);
    const struct aver_map_item *item = aver_map_find(&b->numbers, id_bytes);
    if (item)
        memcpy(&number, item->value, sizeof number);
    else if (b->whole)
        return AVER_E_NOT_FOUND;
    else
        AVER_TRY(below(self, id_bytes, &number, why));
    if (number >= b->count) return AVER_E_NOT_FOUND;
    AVER_TRY(read_record(b, record, number, why));
    if (memcmp(record, id, AVER_KEY_ID_BYTES) != 0 || unwrap(b, key, record, NULL) != AVER_OK)
        return AVER_E_NOT_FOUND;
    return AVER_OK;
}

aver_err aver_bodies_sync(struct aver_bodies *b, struct aver_why *why)
{
    if (b->fresh.len == 0) return AVER_OK;
    off_t at = (off_t)(b->written * AVER_KEY_RECORD_BYTES);
    size_t done = 0;
    while (done < b->fresh.len) {
        ssize_t n = pwrite(b->fd, b->fresh.ptr + done, b->fresh.len - done, at + (off_t)done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
            aver_err err = aver_fail_errno(why, "append to the keys of the bodies", b->path);
            if (!full || ftruncate(b->fd, at)) return err == AVER_E_FULL ? AVER_E_IO : err;
            return aver_fail(why, AVER_E_FULL, "DISK-FULL", b->path,
                             "no room for a new key; the ledger is as it was");
        }
        done += (size_t)n;
    }
    if (fdatasync(b->fd)) {
        aver_err err = aver_fail_errno(why, "sync the keys of the bodies", b->path);
        return err == AVER_E_FULL ? AVER_E_IO : err;
    }
    b->written = b->count;
    b->fresh.len = 0;
    return AVER_OK;
}

/* chain, commitment: 96 bytes at most */
static aver_bytes aad_of(uint8_t aad[AVER_CHAIN_BYTES_MAX + 32], aver_bytes chain,
                         const aver_digest *commitment)
{
    AVER_ASSERT(chain.len <= AVER_CHAIN_BYTES_MAX);
    memcpy(aad, chain.ptr, chain.len);
    memcpy(aad + chain.len, commitment->b, sizeof commitment->b);
    return aver_bytes_of(aad, chain.len + sizeof commitment->b);
}

void aver_body_seal_at(uint8_t *out, const uint8_t nonce[AVER_NONCE_BYTES], aver_bytes plain,
                       aver_bytes chain, const aver_digest *commitment, const uint8_t key[32])
{
    uint8_t aad[AVER_CHAIN_BYTES_MAX + 32];
    aver_seal(out, plain, aad_of(aad, chain, commitment), nonce, key);
}

void aver_body_seal(struct aver_buf *out, const uint8_t nonce[AVER_NONCE_BYTES], aver_bytes plain,
                    aver_bytes chain, const aver_digest *commitment, const uint8_t key[32])
{
    aver_buf_reserve(out, plain.len + AVER_SEAL_BYTES);
    aver_body_seal_at(out->ptr + out->len, nonce, plain, chain, commitment, key);
    out->len += plain.len + AVER_SEAL_BYTES;
}

aver_err aver_body_unseal(aver_bytes *plain, aver_bytes sealed, aver_bytes nonce, aver_bytes chain,
                          const aver_digest *commitment, const uint8_t key[32], const char *what,
                          struct aver_arena *arena, struct aver_why *why)
{
    uint8_t aad[AVER_CHAIN_BYTES_MAX + 32];
    AVER_ASSERT(sealed.len >= AVER_SEAL_BYTES && nonce.len == AVER_NONCE_BYTES);
    uint8_t *out = aver_arena_raw(arena, sealed.len - AVER_SEAL_BYTES + 1);
    if (aver_unseal(out, sealed, aad_of(aad, chain, commitment), nonce.ptr, key) != AVER_OK)
        return aver_fail(why, AVER_E_SIGNATURE, "BODY-SEAL", "", "the sealed %s was altered", what);
    out[sealed.len - AVER_SEAL_BYTES] = 0;
    *plain = aver_bytes_of(out, sealed.len - AVER_SEAL_BYTES);
    return AVER_OK;
}
