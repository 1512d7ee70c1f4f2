/* ledger/storage/publish.h - the log laid out for the world: DIR/checkpoint and DIR/tile/... (ledger/model/note.h, tile.h).
 *
 * All of it follows from the log. Files are written whole under another name and moved into place, tiles before the checkpoint
 * that needs them. They are synced all together once in a while, and DIR/tile.synced says up to which size of the log that was
 * done (decimal, a newline): what came after it is compared, and where power took it written again, at the next open. Partial
 * tiles of earlier checkpoints stay until the tile is full. */
#ifndef AVER_LEDGER_STORAGE_PUBLISH_H
#define AVER_LEDGER_STORAGE_PUBLISH_H

#include "ledger/model/note.h"
#include "ledger/model/tile.h"

#define AVER_PUBLISH_SYNC_EVERY                                                                              \
    65536 /* entries: a sync of all that lies there, which an acknowledgement may have to wait for */

struct aver_publisher {
    const char *dir; /* borrowed */
    struct aver_note_key key;
    const struct aver_secret_key *sk; /* borrowed */
    uint64_t size;                    /* of the checkpoint in the directory; 0: none that counts */
    uint64_t synced;                  /* size of the log up to which all tiles survive a loss of power */
    bool checked;                     /* those beyond it hold what they should */
};

/* Looks at what is published: `size` becomes the checkpoint's if it is this log's own, not beyond `log_size`, and every file
 * that it needs is there with the size that it should have. */
void aver_publish_look(struct aver_publisher *publisher, uint64_t log_size, const aver_digest *root);
/* From what is published to a log of `size` entries. AVER_E_FULL, AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_publish_grow(struct aver_publisher *publisher, uint64_t size,
                                           const aver_digest *root, struct aver_merkle_source hashes,
                                           struct aver_tile_log entries, struct aver_why *why);

/* A file, whole, appended to `out`. AVER_E_NOT_FOUND, AVER_E_LIMIT (larger than max), AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_file_read(struct aver_buf *out, const char *path, size_t max,
                                        struct aver_why *why);
/* Bytes `from` to `to` of a file, read and written again and synced: they may come from a process that ended before it synced them,
 * or whose sync failed; then they can be read and are on no disk, and no later sync writes them unless they are written again.
 * Of more than AVER_SETTLE_BYTES_MAX the last ones. AVER_E_IO, AVER_E_FULL. */
#define AVER_SETTLE_BYTES_MAX 268435456
AVER_MUST_CHECK aver_err aver_file_settle(int fd, uint64_t from, uint64_t to, const char *path,
                                          struct aver_why *why);
/* Replaces the file in one step. */
AVER_MUST_CHECK aver_err aver_file_replace(const char *path, aver_bytes bytes, struct aver_why *why);
/* The same for what the log cannot give again: when it returns AVER_OK, the file survives a loss of power. */
AVER_MUST_CHECK aver_err aver_file_replace_synced(const char *path, aver_bytes bytes, struct aver_why *why);

#endif
