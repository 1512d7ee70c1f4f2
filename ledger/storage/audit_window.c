/* ledger/storage/audit_window.c - see audit_window.h. */
#include "ledger/storage/audit_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cose.h"
#include "ledger/model/decision.h"
#include "ledger/storage/ahead.h"

#define FRAMES_MAX   256
#define ITEMS_FULL   2000
#define BYTES_FULL   (32 << 20)
#define PAYLOAD_KEPT (1 << 20)

struct batch {
    const struct aver_frame_batch *frame; /* NULL: it was opened in an earlier window */
    struct aver_replay_batch opened;
    aver_err err;
    struct aver_why *why;
    uint64_t height, entry; /* entry: of its first item */
    int64_t time;
};

struct job { /* one item */
    const struct aver_frame_item *item;
    struct batch *batch;
    uint64_t entry, height;
    int64_t time;
    bool opens; /* its batch */
    /* step 1 */
    aver_err err;
    struct aver_why *why;
    struct aver_replay_item opened;
    /* what its receipt on record says: believed by nobody */
    int64_t paid;
    aver_bytes family; /* what it is executed in the order of */
    /* step 2 */
    struct aver_ahead_item ahead;
    bool same; /* its receipt came out as it is on record */
};

/* What a member of the crew works with. */
struct hand {
    struct aver_machine *machine;
    struct aver_ahead ahead; /* what it keeps lies there until the window ends */
    struct aver_arena item;  /* until the item does */
    struct aver_at_work at_work;
};

struct aver_window {
    struct aver_replay *replay;
    struct aver_crew *crew;
    struct hand *hands;
    struct aver_window_frame frames[FRAMES_MAX];
    size_t frames_count, items_count, bytes;
    enum { LAST_GATHERS, LAST_APART, LAST_ALONE } last; /* the last frame, once it was taken in */
    uint64_t last_kind; /* of the last batch taken in: what a frame that continues it holds */
    uint64_t again;
    struct aver_arena arena; /* what follows */
    struct batch *batches;
    size_t batches_count;
    struct job *jobs;
    size_t jobs_count;
    size_t *runs; /* first jobs of what one thread executes */
    size_t runs_count;
};

/* ---- making one ---- */

struct aver_window *aver_window_new(struct aver_replay *replay, struct aver_crew *crew)
{
    struct aver_window *w = calloc(1, sizeof *w);
    if (!w) aver_oom(sizeof *w);
    AVER_ASSERT(replay->view->below == NULL);
    w->replay = replay;
    w->crew = crew;
    w->hands = calloc(aver_crew_size(crew), sizeof *w->hands);
    if (!w->hands) aver_oom(aver_crew_size(crew) * sizeof *w->hands);
    for (unsigned i = 0; i < aver_crew_size(crew); i++) {
        struct hand *h = &w->hands[i];
        h->machine = i == 0 ? replay->machine : aver_machine_new();
    }
    return w;
}

void aver_window_free(struct aver_window *w)
{
    if (!w) return;
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) {
        struct hand *h = &w->hands[i];
        if (i > 0) aver_machine_free(h->machine);
        aver_arena_free(&h->ahead.keep);
        aver_arena_free(&h->item);
    }
    for (size_t i = 0; i < FRAMES_MAX; i++) {
        aver_buf_free(&w->frames[i].payload);
        aver_arena_free(&w->frames[i].arena);
    }
    aver_arena_free(&w->arena);
    free(w->hands);
    free(w);
}

uint64_t aver_window_again(const struct aver_window *w) { return w->again; }

struct aver_window_frame *aver_window_next(struct aver_window *w)
{
    AVER_ASSERT(w->frames_count < FRAMES_MAX);
    struct aver_window_frame *f = &w->frames[w->frames_count];
    f->payload.len = 0;
    aver_arena_reset(&f->arena);
    return f;
}

/* What a batch says that it holds, before anything of it is believed; 0: it is no batch. */
static uint64_t kind_of(struct aver_window_frame *f, aver_bytes cose)
{
    struct aver_cose parts;
    struct aver_batch batch;
    if (aver_cose_read(&parts, cose, NULL) != AVER_OK ||
        aver_schema_read(parts.payload, &aver_batch_schema, &batch, &f->arena, NULL) != AVER_OK)
        return 0;
    return batch.kind;
}

/* Claims read what enrolments write, so a window has the ones or the others; what comes with another kind comes after. */
void aver_window_take(struct aver_window *w, bool *full)
{
    struct aver_window_frame *f = &w->frames[w->frames_count];
    const struct aver_frame_batch *batch = f->frame.batches.items;
    uint64_t before = w->last_kind;
    bool gathers = true, mixed = false;
    for (size_t i = 0; i < f->frame.batches.count; i++) {
        if (!batch[i].continued)
            w->last_kind = kind_of(f, batch[i].cose);
        else if (w->replay->last.leaves && w->frames_count == 0)
            w->last_kind = w->replay->last.envelope.batch.kind;
        gathers = gathers && (w->last_kind == AVER_TX_CLAIMS || w->last_kind == AVER_TX_ENROL);
        mixed = mixed || (w->frames_count > 0 && w->last_kind != before);
    }
    w->last = !gathers ? LAST_ALONE : mixed ? LAST_APART : LAST_GATHERS;
    w->frames_count++;
    w->items_count += f->frame.items.count;
    w->bytes += f->payload.len;
    *full = w->last != LAST_GATHERS || w->frames_count == FRAMES_MAX || w->items_count >= ITEMS_FULL ||
            w->bytes >= BYTES_FULL;
}

/* ---- step 1: everything by itself ---- */

static void lay_out_frame(struct aver_window *w, const struct aver_window_frame *f)
{
    const struct aver_frame_batch *batch = f->frame.batches.items;
    const struct aver_frame_item *item = f->frame.items.items;
    size_t first = w->batches_count;
    for (size_t i = 0; i < f->frame.batches.count; i++) {
        if (batch[i].continued && w->batches_count > 0) {
            first--; /* the last one of the frame before goes on */
            continue;
        }
        struct batch *b = &w->batches[w->batches_count++];
        if (batch[i].continued)
            b->opened = w->replay->last;
        else
            *b = (struct batch){.frame = &batch[i], .height = f->frame.height, .time = f->group.header.time};
    }
    for (size_t i = 0; i < f->frame.items.count; i++) {
        struct job *job = &w->jobs[w->jobs_count++];
        job->item = &item[i];
        job->batch = &w->batches[first + item[i].batch];
        job->entry = f->group.first + i;
        job->height = f->frame.height;
        job->time = f->group.header.time;
        job->opens = (i == 0 || item[i].batch != item[i - 1].batch) && !batch[item[i].batch].continued;
        if (job->opens) job->batch->entry = job->entry;
    }
}

static void lay_out(struct aver_window *w, size_t from, size_t to)
{
    size_t batches = 0;
    aver_arena_reset(&w->arena);
    for (size_t i = from; i < to; i++) batches += w->frames[i].frame.batches.count;
    w->batches = AVER_NEW_ARRAY(&w->arena, struct batch, batches);
    w->jobs = AVER_NEW_ARRAY(&w->arena, struct job, w->items_count);
    w->runs = AVER_NEW_ARRAY(&w->arena, size_t, w->items_count);
    w->batches_count = w->jobs_count = w->runs_count = 0;
    for (size_t i = from; i < to; i++) lay_out_frame(w, &w->frames[i]);
}

static struct aver_why *kept(struct hand *h, aver_err err, const struct aver_why *why)
{
    struct aver_why *copy = err == AVER_OK ? NULL : AVER_NEW(&h->ahead.keep, struct aver_why);
    if (copy) *copy = *why;
    return copy;
}

static void open_batch(const struct aver_window *w, struct hand *h, struct batch *b)
{
    struct aver_why why = {0};
    struct aver_view view = w->replay->view->view;
    if (!b->frame) return;
    view.height = b->height;
    view.time = b->time;
    b->err = aver_replay_open(&b->opened, &view, w->replay->chain, b->frame, NULL, &h->ahead.keep, &why);
    b->why = kept(h, b->err, &why);
}

static void open_item(const struct aver_window *w, struct hand *h, struct job *job)
{
    struct aver_why why = {0};
    struct aver_receipt receipt;
    job->err = aver_replay_unseal(&job->opened, w->replay->bodies, w->replay->chain, job->item, job->entry,
                                  job->height, &h->ahead.keep, &why);
    job->why = kept(h, job->err, &why);
    aver_arena_reset(&h->item);
    if (job->err != AVER_OK ||
        aver_schema_read(job->opened.receipt, &aver_receipt_schema, &receipt, &h->item, NULL) != AVER_OK)
        return;
    const struct aver_decision *decision = receipt.decision;
    if (!decision) return;
    job->paid = (int64_t)decision->paid.cents;
    job->family = aver_arena_copy(&h->ahead.keep, decision->family_id);
    job->ahead.claim_id = aver_arena_copy(&h->ahead.keep, decision->claim_id);
    if (!decision->payee.ptr) return;
    struct aver_buf name = {0};
    aver_buf_str(&name, "q/");
    aver_name_escape(&name, decision->payee);
    job->ahead.payee_name = aver_arena_copy(&h->ahead.keep, aver_buf_view(&name));
    aver_buf_free(&name);
}

static void step_open(void *ctx, unsigned who, size_t index)
{
    struct aver_window *w = ctx;
    struct hand *h = &w->hands[who];
    if (index < w->batches_count) {
        struct batch *b = &w->batches[index];
        aver_replay_watch(&h->at_work, w->replay, NULL, NULL, b->entry, b->height, b->time);
        open_batch(w, h, b);
    } else {
        struct job *job = &w->jobs[index - w->batches_count];
        aver_replay_watch(&h->at_work, w->replay, NULL, NULL, job->entry, job->height, job->time);
        open_item(w, h, job);
    }
    aver_at_work_end();
}

/* ---- step 2: ahead of their turn ---- */

static struct job *before(struct aver_map *map, aver_bytes key, struct job *job)
{
    struct job *last = NULL;
    const struct aver_map_item *item = aver_map_find(map, key);
    if (item) memcpy(&last, item->value, sizeof last);
    aver_map_set(map, key, aver_bytes_of(&job, sizeof job));
    return last;
}

/* Who waits for whom. */
static void put_in_order(struct aver_window *w)
{
    struct aver_map families = {0}, payees = {0};
    struct job *family, *payee;
    for (size_t i = 0; i < w->jobs_count; i++) {
        struct job *job = &w->jobs[i];
        job->ahead.height = job->height;
        job->ahead.time = job->time;
        family = job->family.ptr ? before(&families, job->family, job) : NULL;
        job->ahead.family_before = family ? &family->ahead : NULL;
        payee = job->ahead.payee_name.ptr ? before(&payees, job->ahead.payee_name, job) : NULL;
        job->ahead.payee_before = payee ? &payee->ahead : NULL;
        if (!family || family + 1 != job) w->runs[w->runs_count++] = i;
    }
    aver_map_free(&families);
    aver_map_free(&payees);
}

static void execute(const struct aver_window *w, struct hand *h, struct job *job)
{
    struct aver_applied applied;
    const struct aver_replay_batch *batch = &job->batch->opened;
    if (job->err != AVER_OK || job->batch->err != AVER_OK ||
        !aver_replay_signed(batch, job->item, &job->opened)) {
        aver_ahead_skip(&job->ahead); /* told at its turn */
        return;
    }
    aver_arena_reset(&h->item);
    struct aver_item item = {job->opened.body.salt, job->opened.body.item, batch->leaves[job->item->index],
                             job->entry, NULL};
    aver_replay_watch(&h->at_work, w->replay, batch, &job->opened, job->entry, job->height, job->time);
    job->same =
        aver_ahead_execute(&h->ahead, &job->ahead, h->machine, &batch->envelope, &item, &h->item, &applied) &&
        aver_bytes_eq(applied.receipt, job->opened.receipt);
    aver_at_work_end();
}

/* One family's adjacent items, one after the other. */
static void step_execute(void *ctx, unsigned who, size_t index)
{
    struct aver_window *w = ctx;
    size_t end = index + 1 < w->runs_count ? w->runs[index + 1] : w->jobs_count;
    for (size_t i = w->runs[index]; i < end; i++) execute(w, &w->hands[who], &w->jobs[i]);
}

/* ---- step 3: in order ---- */

static aver_err commit_item(struct aver_window *w, struct job *job, struct aver_why *why)
{
    struct aver_replay *r = w->replay;
    struct batch *b = job->batch;
    if (job->err != AVER_OK) {
        if (why) *why = *job->why;
        return job->err;
    }
    r->bodies_opened++;
    if (job->opens && b->err != AVER_OK) {
        if (why) {
            *why = *b->why;
            snprintf(why->place, sizeof why->place, "%s", job->opened.place);
        }
        return b->err;
    }
    if (job->opens) r->signatures++;
    if (!job->same || !aver_ahead_holds(r->view, &job->ahead)) {
        w->again++;
        aver_arena_reset(&r->item);
        return aver_replay_apply(r, &b->opened, job->item, &job->opened, job->entry, why);
    }
    if (b->opened.envelope.batch.kind == AVER_TX_CLAIMS) r->claims++;
    r->receipts++;
    r->paid += job->paid;
    return aver_ahead_commit(r->view, &job->ahead, why);
}

static aver_err commit(struct aver_window *w, size_t from, size_t to, aver_window_fn *committed, void *ctx,
                       struct aver_why *why)
{
    struct aver_replay *r = w->replay;
    struct job *job = w->jobs;
    for (size_t i = from; i < to; i++) {
        const struct aver_window_frame *f = &w->frames[i];
        r->view->view.height = f->frame.height;
        r->view->view.time = f->group.header.time;
        for (size_t k = 0; k < f->frame.items.count; k++, job++) AVER_TRY(commit_item(w, job, why));
        AVER_TRY(aver_replay_root(r, &f->frame, &f->group, why));
        AVER_TRY(committed(ctx, f, why));
    }
    const struct batch *last = w->batches_count ? &w->batches[w->batches_count - 1] : NULL;
    if (last && last->frame) aver_replay_keep(r, &last->opened, last->frame->cose);
    return AVER_OK;
}

/* Memory that one large frame needed is not kept for all that follow. */
static void give_back(struct aver_window *w)
{
    for (size_t i = 0; i < w->frames_count; i++)
        if (w->frames[i].payload.cap > PAYLOAD_KEPT) aver_buf_free(&w->frames[i].payload);
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) aver_arena_reset(&w->hands[i].ahead.keep);
    w->frames_count = w->items_count = w->bytes = 0;
    w->last = LAST_GATHERS;
}

static aver_err at_once(struct aver_window *w, size_t from, size_t to, aver_window_fn *committed, void *ctx,
                        struct aver_why *why)
{
    if (from == to) return AVER_OK;
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) aver_arena_reset(&w->hands[i].ahead.keep);
    lay_out(w, from, to);
    aver_crew_work(w->crew, step_open, w, w->batches_count + w->jobs_count);
    put_in_order(w);
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++)
        aver_ahead_start(&w->hands[i].ahead, w->replay->view, NULL);
    aver_crew_work(w->crew, step_execute, w, w->runs_count);
    return commit(w, from, to, committed, ctx, why);
}

aver_err aver_window_execute(struct aver_window *w, aver_window_fn *committed, void *ctx,
                             struct aver_why *why)
{
    size_t all = w->frames_count, gathered = w->last == LAST_GATHERS ? all : all - 1;
    const struct aver_window_frame *last = &w->frames[gathered];
    aver_err err = at_once(w, 0, gathered, committed, ctx, why);
    if (err == AVER_OK && w->last == LAST_APART) err = at_once(w, gathered, all, committed, ctx, why);
    if (err == AVER_OK && w->last == LAST_ALONE) {
        err = aver_replay_frame(w->replay, &last->frame, &last->group, why);
        if (err == AVER_OK) err = committed(ctx, last, why);
    }
    give_back(w);
    return err;
}
