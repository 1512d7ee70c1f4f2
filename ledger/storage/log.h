/* ledger/storage/log.h - the file log/groups: frames (frame.h) one after the other, and nothing else.
 * An append is whole or not at all: it is synced before it counts, and what a crash leaves of one is cut off. */
#ifndef AVER_LEDGER_STORAGE_LOG_H
#define AVER_LEDGER_STORAGE_LOG_H

#include "ledger/storage/frame.h"

struct aver_log {
    int fd;
    uint64_t end;     /* where the next frame goes */
    const char *path; /* borrowed */
};

/* Opens `path`; `create` makes it (it must not be there) and syncs `dir`, where it lies. Errors: as aver_fail_errno. */
AVER_MUST_CHECK aver_err aver_log_open(struct aver_log *log, const char *path, bool write,
                                       struct aver_why *why);
AVER_MUST_CHECK aver_err aver_log_create(const char *dir, const char *path, struct aver_why *why);
void aver_log_close(struct aver_log *log);

/* Appends a frame, its payload in pieces that follow each other, and syncs it; *offset is where it begins. AVER_E_FULL: no room, and the log is as it was. AVER_E_IO: what
 * is on the disk is not known; nothing may be appended before the ledger was opened anew. */
#define AVER_LOG_PIECES_MAX 8
AVER_MUST_CHECK aver_err aver_log_append(struct aver_log *log, uint64_t *offset, const aver_bytes *pieces,
                                         size_t count, struct aver_why *why);

/* The payload of the frame at `offset`, in `payload` (emptied before; its SHA-256 lies in the 32 bytes behind it), and where the next begins. AVER_E_NOT_FOUND: the log
 * ends there. AVER_E_INPUT LEDGER-FRAME: no whole frame lies there; whether it is an unfinished last one, aver_log_tail
 * says. */
AVER_MUST_CHECK aver_err aver_log_read(const struct aver_log *log, struct aver_buf *payload, uint64_t *next,
                                       uint64_t offset, struct aver_why *why);
/* After aver_log_read failed at `offset`: AVER_OK if no whole frame follows, so that it may be cut off; else
 * AVER_E_CORRUPT LEDGER-FRAME with both places. */
AVER_MUST_CHECK aver_err aver_log_tail(const struct aver_log *log, uint64_t offset, struct aver_why *why);
AVER_MUST_CHECK aver_err aver_log_cut(struct aver_log *log, uint64_t offset, struct aver_why *why);

#endif
