/* ledger/storage/append.c - see append.h. */
#include "ledger/storage/append.h"

#include <signal.h>

static void append_due(struct aver_append *a)
{
    uint64_t offset;
    a->err = aver_log_append(a->log, &offset, a->pieces, a->pieces_count, &a->why);
}

static void *append_main(void *arg)
{
    struct aver_append *a = arg;
    pthread_mutex_lock(&a->mutex);
    for (;;) {
        while (a->step != AVER_APPEND_DUE && a->step != AVER_APPEND_LEAVE)
            pthread_cond_wait(&a->changed, &a->mutex);
        if (a->step == AVER_APPEND_LEAVE) break;
        pthread_mutex_unlock(&a->mutex);
        append_due(a);
        pthread_mutex_lock(&a->mutex);
        a->step = AVER_APPEND_DONE;
        pthread_cond_broadcast(&a->changed);
    }
    pthread_mutex_unlock(&a->mutex);
    return NULL;
}

void aver_append_init(struct aver_append *a, struct aver_log *log) { *a = (struct aver_append){.log = log}; }

/* Without a thread, the caller appends itself: slower, and the answer is the same. */
static void start(struct aver_append *a)
{
    sigset_t all, before;
    AVER_ASSERT(pthread_mutex_init(&a->mutex, NULL) == 0 && pthread_cond_init(&a->changed, NULL) == 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the caller's */
    a->running = pthread_create(&a->thread, NULL, append_main, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (a->running) return;
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->mutex);
}

static void set(struct aver_append *a, enum aver_append_step step)
{
    pthread_mutex_lock(&a->mutex);
    a->step = step;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->mutex);
}

uint64_t aver_append_end(const struct aver_append *a) { return a->on_its_way ? a->next : a->log->end; }

uint64_t aver_append_begin(struct aver_append *a, const aver_bytes *pieces, size_t count,
                           struct aver_buf *const memory[AVER_APPEND_BUFFERS])
{
    uint64_t offset = a->log->end;
    AVER_ASSERT(!a->on_its_way && count <= AVER_LOG_PIECES_MAX);
    a->next = offset + AVER_FRAME_HEAD_BYTES + AVER_FRAME_TAIL_BYTES;
    a->pieces_count = count;
    for (size_t i = 0; i < count; i++) a->next += (a->pieces[i] = pieces[i]).len;
    for (size_t i = 0; i < AVER_APPEND_BUFFERS; i++) {
        struct aver_buf other = a->memory[i];
        a->memory[i] = *memory[i];
        *memory[i] = other;
        memory[i]->len = 0;
    }
    a->on_its_way = true;
    if (!a->running) start(a);
    if (a->running)
        set(a, AVER_APPEND_DUE);
    else
        append_due(a);
    return offset;
}

aver_err aver_append_wait(struct aver_append *a, struct aver_why *why)
{
    if (!a->on_its_way) return AVER_OK;
    if (a->running) {
        pthread_mutex_lock(&a->mutex);
        while (a->step != AVER_APPEND_DONE) pthread_cond_wait(&a->changed, &a->mutex);
        a->step = AVER_APPEND_IDLE;
        pthread_mutex_unlock(&a->mutex);
    }
    a->on_its_way = false;
    if (a->err != AVER_OK && why) *why = a->why;
    return a->err;
}

void aver_append_free(struct aver_append *a)
{
    aver_err err = aver_append_wait(a, NULL);
    (void)err; /* nobody was told of it: the next open finds out */
    if (a->running) {
        set(a, AVER_APPEND_LEAVE);
        pthread_join(a->thread, NULL);
        pthread_cond_destroy(&a->changed);
        pthread_mutex_destroy(&a->mutex);
    }
    a->running = false;
    for (size_t i = 0; i < AVER_APPEND_BUFFERS; i++) aver_buf_free(&a->memory[i]);
}
