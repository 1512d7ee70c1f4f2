/* ledger/storage/audit_window.c - see audit_window.h. */
#include "ledger/storage/audit_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cose.h"
#include "ledger/model/decision.h"
#include "ledger/model/outcome.h"

#define FRAMES_MAX   256
#define ITEMS_FULL   2000
#define BYTES_FULL   (32 << 20)
#define PAYLOAD_KEPT (1 << 20)

/* A record that an item wrote out of turn. */
struct put {
    struct put *next;
    aver_bytes name, record;
    aver_digest key, value;
    uint64_t height;
};

/* A record that an item read out of turn. */
struct seen {
    struct seen *next;
    enum { SEEN_STANDING = 1, SEEN_NONE, SEEN_TOLD } how;
    const struct aver_map_item
        *item;         /* STANDING: it had this height, so nothing of the window had written it */
    aver_bytes name;   /* NONE, TOLD */
    aver_bytes record; /* TOLD: by the family's earlier items, or as a guess */
    uint64_t height;
};

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
    /* what its receipt on record says */
    bool decided;
    int64_t paid;
    aver_bytes family, payee, claim_id;
    /* the guess: the payee's record before it */
    aver_bytes payee_name, payee_record;
    uint64_t payee_height;
    /* step 2 */
    struct job *of_family; /* the next one */
    bool executed;
    struct put *puts;
    struct seen *seen;
};

/* What a member of the crew works with. */
struct hand {
    struct aver_machine *machine;
    struct aver_at_work at_work;  /* of what it works on */
    struct aver_arena keep, item; /* until the window ends; until the item does */
    /* The view of the item that it executes: */
    struct aver_view view;
    const struct aver_view_memory *below;
    struct aver_map wrote; /* by the family's earlier items: name -> struct put * */
    struct job *job;
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
    struct job **firsts; /* of each family */
    size_t firsts_count;
};

/* ---- the state as an item sees it out of turn ---- */

static struct seen *see(struct hand *h, int how)
{
    struct seen *s = AVER_NEW(&h->keep, struct seen);
    s->how = how;
    s->next = h->job->seen;
    h->job->seen = s;
    return s;
}

static aver_err tell(struct hand *h, aver_bytes name, aver_bytes record, uint64_t height,
                     struct aver_stored *out)
{
    struct seen *s = see(h, SEEN_TOLD);
    s->name = aver_arena_copy(&h->keep, name);
    s->record = record;
    s->height = height;
    *out = (struct aver_stored){.record = record, .height = height};
    return AVER_OK;
}

static aver_err hand_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct hand *h = self;
    (void)why;
    /* The guess first: items of other families may stand between the family's own. */
    if (h->job->payee_record.ptr && aver_bytes_eq(name, h->job->payee_name))
        return tell(h, name, h->job->payee_record, h->job->payee_height, out);
    const struct aver_map_item *item = aver_map_find(&h->wrote, name);
    if (item) {
        const struct put *put;
        memcpy(&put, item->value, sizeof put);
        AVER_TRY(tell(h, name, put->record, put->height, out));
        out->key = &put->key;
        out->value = &put->value;
        return AVER_OK;
    }
    item = aver_map_find(&h->below->state, name);
    struct seen *s = see(h, item ? SEEN_STANDING : SEEN_NONE);
    if (!item) {
        s->name = aver_arena_copy(&h->keep, name);
        return AVER_E_NOT_FOUND;
    }
    s->item = item;
    s->height = item->height;
    *out = aver_view_memory_stored(item);
    return AVER_OK;
}

static aver_err hand_put(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                         struct aver_why *why)
{
    struct hand *h = self;
    (void)why;
    struct put *put = AVER_NEW(&h->keep, struct put);
    *put = (struct put){.next = h->job->puts,
                        .name = aver_arena_copy(&h->keep, name),
                        .record = aver_arena_copy(&h->keep, record),
                        .key = key,
                        .value = value,
                        .height = h->job->height};
    h->job->puts = put;
    return AVER_OK;
}

static aver_err hand_artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *below = &((struct hand *)self)->below->view;
    return below->artifact(below->self, digest, out, why);
}

static aver_err hand_artifact_put(void *self, aver_digest digest, aver_bytes content, struct aver_why *why)
{
    (void)self, (void)digest, (void)content, (void)why;
    AVER_UNREACHABLE(); /* publications do not gather */
}

static aver_err hand_table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                                 struct aver_why *why)
{
    const struct aver_view *below = &((struct hand *)self)->below->view;
    return below->table_entry(below->self, root, code, out, why);
}

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
        h->below = replay->view;
        h->view = (struct aver_view){.self = h,
                                     .get = hand_get,
                                     .put = hand_put,
                                     .artifact = hand_artifact,
                                     .artifact_put = hand_artifact_put,
                                     .table_entry = hand_table_entry};
    }
    return w;
}

void aver_window_free(struct aver_window *w)
{
    if (!w) return;
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) {
        struct hand *h = &w->hands[i];
        if (i > 0) aver_machine_free(h->machine);
        aver_arena_free(&h->keep);
        aver_arena_free(&h->item);
        aver_map_free(&h->wrote);
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
    w->firsts = AVER_NEW_ARRAY(&w->arena, struct job *, w->items_count);
    w->batches_count = w->jobs_count = w->firsts_count = 0;
    for (size_t i = from; i < to; i++) lay_out_frame(w, &w->frames[i]);
}

static struct aver_why *kept(struct hand *h, aver_err err, const struct aver_why *why)
{
    struct aver_why *copy = err == AVER_OK ? NULL : AVER_NEW(&h->keep, struct aver_why);
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
    b->err = aver_replay_open(&b->opened, &view, w->replay->chain, b->frame, NULL, &h->keep, &why);
    b->why = kept(h, b->err, &why);
}

static void open_item(const struct aver_window *w, struct hand *h, struct job *job)
{
    struct aver_why why = {0};
    struct aver_receipt receipt;
    job->err = aver_replay_unseal(&job->opened, w->replay->bodies, w->replay->chain, job->item, job->entry,
                                  job->height, &h->keep, &why);
    job->why = kept(h, job->err, &why);
    aver_arena_reset(&h->item);
    if (job->err != AVER_OK ||
        aver_schema_read(job->opened.receipt, &aver_receipt_schema, &receipt, &h->item, NULL) != AVER_OK)
        return;
    if (!receipt.decision) return;
    job->decided = receipt.outcome == AVER_OUT_DECIDED;
    job->paid = (int64_t)receipt.decision->paid.cents;
    job->family = aver_arena_copy(&h->keep, receipt.decision->family_id);
    job->payee = aver_arena_copy(&h->keep, receipt.decision->payee);
    job->claim_id = aver_arena_copy(&h->keep, receipt.decision->claim_id);
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

/* ---- step 2: by family ---- */

struct payee {
    struct aver_payee_state state;
    aver_bytes record; /* absent: there is none yet */
    uint64_t height;
};

static struct payee *payee_find(struct aver_window *w, struct aver_map *payees, aver_bytes name)
{
    struct payee *p;
    const struct aver_map_item *item = aver_map_find(payees, name);
    if (item) {
        memcpy(&p, item->value, sizeof p);
        return p;
    }
    p = AVER_NEW(&w->arena, struct payee);
    const struct aver_map_item *standing = aver_map_find(&w->replay->view->state, name);
    if (standing && aver_schema_read(aver_map_value(standing), &aver_payee_state_schema, &p->state, &w->arena,
                                     NULL) == AVER_OK) {
        p->record = aver_map_value(standing); /* stays until the window commits */
        p->height = standing->height;
        p->state.newest = aver_arena_copy(&w->arena, p->state.newest);
    }
    aver_map_set(payees, name, aver_bytes_of(&p, sizeof p));
    return p;
}

/* As open_for_payee of the transition will do it, if the receipts say the truth. */
static void guess_payees(struct aver_window *w)
{
    struct aver_map payees = {0};
    struct aver_buf buf = {0};
    for (size_t i = 0; i < w->jobs_count; i++) {
        struct job *job = &w->jobs[i];
        if (!job->decided || !job->payee.ptr) continue;
        buf.len = 0;
        aver_buf_str(&buf, "q/");
        aver_name_escape(&buf, job->payee);
        struct payee *p = payee_find(w, &payees, aver_buf_view(&buf));
        job->payee_name = aver_arena_copy(&w->arena, aver_buf_view(&buf));
        job->payee_record = p->record;
        job->payee_height = p->height;
        p->state.newest = job->claim_id;
        p->state.open++;
        p->height = job->height;
        buf.len = 0;
        aver_schema_encode(&buf, &aver_payee_state_schema, &p->state);
        p->record = aver_arena_copy(&w->arena, aver_buf_view(&buf));
    }
    aver_buf_free(&buf);
    aver_map_free(&payees);
}

static void group_families(struct aver_window *w)
{
    struct aver_map families = {0};
    for (size_t i = 0; i < w->jobs_count; i++) {
        struct job *job = &w->jobs[i], *before;
        const struct aver_map_item *item = job->family.ptr ? aver_map_find(&families, job->family) : NULL;
        if (item) {
            memcpy(&before, item->value, sizeof before);
            before->of_family = job;
        } else {
            w->firsts[w->firsts_count++] = job;
        }
        if (job->family.ptr) aver_map_set(&families, job->family, aver_bytes_of(&job, sizeof job));
    }
    aver_map_free(&families);
}

static void execute(const struct aver_window *w, struct hand *h, struct job *job)
{
    struct aver_applied applied;
    struct aver_why why;
    const struct aver_replay_batch *batch = &job->batch->opened;
    if (job->err != AVER_OK || job->batch->err != AVER_OK ||
        !aver_replay_signed(batch, job->item, &job->opened))
        return; /* told at its turn */
    h->job = job;
    h->view.height = job->height;
    h->view.time = job->time;
    aver_arena_reset(&h->item);
    struct aver_item item = {job->opened.body.salt, job->opened.body.item, batch->leaves[job->item->index],
                             job->entry, NULL};
    aver_replay_watch(&h->at_work, w->replay, batch, &job->opened, job->entry, job->height, job->time);
    aver_err err = aver_apply(h->machine, &h->view, &batch->envelope, &item, &h->item, &applied, &why);
    aver_at_work_end();
    if (err != AVER_OK) return;
    job->executed = aver_bytes_eq(applied.receipt, job->opened.receipt);
    for (struct put *put = job->of_family ? job->puts : NULL; put; put = put->next)
        aver_map_set(&h->wrote, put->name, aver_bytes_of(&put, sizeof put));
}

static void step_execute(void *ctx, unsigned who, size_t index)
{
    struct aver_window *w = ctx;
    struct hand *h = &w->hands[who];
    aver_map_clear(&h->wrote);
    for (struct job *job = w->firsts[index]; job; job = job->of_family) execute(w, h, job);
}

/* ---- step 3: in order ---- */

static bool holds(const struct aver_view_memory *view, const struct seen *s)
{
    for (; s; s = s->next) {
        const struct aver_map_item *item = s->item;
        switch (s->how) {
        case SEEN_STANDING:
            if (item->height != s->height) return false;
            break;
        case SEEN_NONE:
            if (aver_map_find(&view->state, s->name)) return false;
            break;
        case SEEN_TOLD:
            item = aver_map_find(&view->state, s->name);
            if (!item || item->height != s->height || !aver_bytes_eq(aver_map_value(item), s->record))
                return false;
            break;
        }
    }
    return true;
}

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
    if (!job->executed || !holds(r->view, job->seen)) {
        w->again++;
        aver_arena_reset(&r->item);
        return aver_replay_apply(r, &b->opened, job->item, &job->opened, job->entry, why);
    }
    if (b->opened.envelope.batch.kind == AVER_TX_CLAIMS) r->claims++;
    r->receipts++;
    r->paid += job->paid;
    struct aver_view *view = &r->view->view;
    for (const struct put *put = job->puts; put; put = put->next)
        AVER_TRY(view->put(view->self, put->name, put->record, put->key, put->value, why));
    return AVER_OK;
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
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) aver_arena_reset(&w->hands[i].keep);
    w->frames_count = w->items_count = w->bytes = 0;
    w->last = LAST_GATHERS;
}

static aver_err at_once(struct aver_window *w, size_t from, size_t to, aver_window_fn *committed, void *ctx,
                        struct aver_why *why)
{
    if (from == to) return AVER_OK;
    for (unsigned i = 0; i < aver_crew_size(w->crew); i++) aver_arena_reset(&w->hands[i].keep);
    lay_out(w, from, to);
    aver_crew_work(w->crew, step_open, w, w->batches_count + w->jobs_count);
    guess_payees(w);
    group_families(w);
    aver_crew_work(w->crew, step_execute, w, w->firsts_count);
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
