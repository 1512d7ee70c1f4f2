/* ledger/storage/crew.c - see crew.h. */
#include "ledger/storage/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

struct member {
    struct aver_crew *crew;
    unsigned who;
    pthread_t thread;
};

struct aver_crew {
    unsigned size;          /* the caller included */
    struct member *members; /* size - 1 */
    pthread_mutex_t mutex;
    pthread_cond_t begin, end;
    uint64_t round;   /* of work; a member works once in each */
    unsigned working; /* members that have not ended this round */
    bool leave;
    aver_crew_fn *fn;
    void *ctx;
    size_t count;
    atomic_size_t next;
};

static void share(struct aver_crew *c, unsigned who)
{
    for (size_t i; (i = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed)) < c->count;)
        c->fn(c->ctx, who, i);
}

static void *member_main(void *arg)
{
    struct member *m = arg;
    struct aver_crew *c = m->crew;
    uint64_t done = 0;
    pthread_mutex_lock(&c->mutex);
    for (;;) {
        while (c->round == done && !c->leave) pthread_cond_wait(&c->begin, &c->mutex);
        if (c->leave) break;
        done = c->round;
        pthread_mutex_unlock(&c->mutex);
        share(c, m->who);
        pthread_mutex_lock(&c->mutex);
        if (--c->working == 0) pthread_cond_signal(&c->end);
    }
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

struct aver_crew *aver_crew_new(unsigned threads)
{
    struct aver_crew *c = calloc(1, sizeof *c);
    if (!c) aver_oom(sizeof *c);
    AVER_ASSERT(threads > 0);
    c->size = 1;
    AVER_ASSERT(pthread_mutex_init(&c->mutex, NULL) == 0 && pthread_cond_init(&c->begin, NULL) == 0 &&
                pthread_cond_init(&c->end, NULL) == 0);
    if (threads == 1) return c;
    c->members = calloc(threads - 1, sizeof *c->members);
    if (!c->members) aver_oom((threads - 1) * sizeof *c->members);
    /* Signals are the caller's: a member would not know what to do with one. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; c->size < threads; c->size++) {
        struct member *m = &c->members[c->size - 1];
        *m = (struct member){.crew = c, .who = c->size};
        if (pthread_create(&m->thread, NULL, member_main, m)) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c;
}

void aver_crew_free(struct aver_crew *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->mutex);
    c->leave = true;
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->mutex);
    for (unsigned i = 0; i + 1 < c->size; i++) pthread_join(c->members[i].thread, NULL);
    pthread_cond_destroy(&c->end);
    pthread_cond_destroy(&c->begin);
    pthread_mutex_destroy(&c->mutex);
    free(c->members);
    free(c);
}

unsigned aver_crew_size(const struct aver_crew *c) { return c->size; }

void aver_crew_begin(struct aver_crew *c, aver_crew_fn *fn, void *ctx, size_t count)
{
    pthread_mutex_lock(&c->mutex);
    AVER_ASSERT(c->working == 0);
    c->fn = fn;
    c->ctx = ctx;
    c->count = count;
    atomic_store_explicit(&c->next, 0, memory_order_relaxed);
    c->working = count ? c->size - 1 : 0;
    if (c->working) {
        c->round++;
        pthread_cond_broadcast(&c->begin);
    }
    pthread_mutex_unlock(&c->mutex);
}

void aver_crew_join(struct aver_crew *c)
{
    share(c, 0);
    pthread_mutex_lock(&c->mutex);
    while (c->working) pthread_cond_wait(&c->end, &c->mutex);
    pthread_mutex_unlock(&c->mutex);
}

void aver_crew_work(struct aver_crew *c, aver_crew_fn *fn, void *ctx, size_t count)
{
    if (c->size == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++) fn(ctx, 0, i);
        return;
    }
    aver_crew_begin(c, fn, ctx, count);
    aver_crew_join(c);
}
