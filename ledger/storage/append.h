/* ledger/storage/append.h - frames appended to the log by a thread of their own: while one is written and synced, the next group is made.
 *
 * One frame is on its way at a time. It counts when aver_append_wait has returned AVER_OK, and not before: until then nothing of
 * it may be acknowledged, told or written elsewhere. Between aver_append_begin and the wait the log is the thread's. */
#ifndef AVER_LEDGER_STORAGE_APPEND_H
#define AVER_LEDGER_STORAGE_APPEND_H

#include <pthread.h>

#include "ledger/storage/log.h"

#define AVER_APPEND_BUFFERS 3

struct aver_append {
    struct aver_log *log; /* borrowed */
    uint64_t next;        /* where the frame after the one on its way will lie */
    bool on_its_way;
    /* Private: */
    bool running; /* the thread is there; it is made when it is first needed */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum aver_append_step { AVER_APPEND_IDLE, AVER_APPEND_DUE, AVER_APPEND_DONE, AVER_APPEND_LEAVE } step;
    aver_bytes pieces[AVER_LOG_PIECES_MAX];
    size_t pieces_count;
    struct aver_buf memory[AVER_APPEND_BUFFERS];
    aver_err err;
    struct aver_why why;
};

/* The log must be open; it and `append` must not move until aver_append_free. */
void aver_append_init(struct aver_append *append, struct aver_log *log);
void aver_append_free(struct aver_append *append); /* waits; all zeros is fine */
/* Where the next frame will lie. */
uint64_t aver_append_end(const struct aver_append *append);
/* Hands over a frame, as pieces and the buffers in which they lie, whose memory is taken: they are empty then. Returns where the frame will
 * begin. None may be on its way. */
uint64_t aver_append_begin(struct aver_append *append, const aver_bytes *pieces, size_t count,
                           struct aver_buf *const memory[AVER_APPEND_BUFFERS]);
/* Returns when no frame is on its way: AVER_OK, or as aver_log_append for the last one. */
AVER_MUST_CHECK aver_err aver_append_wait(struct aver_append *append, struct aver_why *why);

#endif
