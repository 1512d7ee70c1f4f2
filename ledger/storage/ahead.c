/* ledger/storage/ahead.c - see ahead.h. */
#include "ledger/storage/ahead.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

/* What is waited for takes microseconds, unless the thread that does it was put aside. */
#define SPINS    200  /* before the processor is given away */
#define YIELDS   2000 /* before it is left alone */
#define PAUSE_US 50

enum stage {
    STAGE_WAITED_FOR,
    STAGE_ASKED, /* it knows the payee's record and is on its list */
    STAGE_ENDED,
};

/* A record that an item wrote. */
struct aver_ahead_put {
    struct aver_ahead_put *next;
    aver_bytes name, record;
    aver_digest key, value;
};

/* A record that an item read. */
struct aver_ahead_seen {
    struct aver_ahead_seen *next;
    enum {
        SEEN_STANDING = 1, /* in the state's memory */
        SEEN_BELOW,        /* or below it, or nowhere */
        SEEN_TOLD,         /* as an earlier item leaves it */
    } how;
    const struct aver_map_item *item; /* STANDING: `written` says that it is as it was */
    uint64_t written;
    aver_bytes name;   /* BELOW, TOLD */
    aver_bytes record; /* TOLD */
    uint64_t height;
};

static enum stage stage_of(const struct aver_ahead_item *item)
{
    return (enum stage)atomic_load_explicit(&item->stage, memory_order_acquire);
}

static void pause_briefly(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

static void wait_for(const struct aver_ahead_item *item, enum stage stage)
{
    for (unsigned tries = 0; stage_of(item) < stage; tries++)
        if (tries > YIELDS)
            usleep(PAUSE_US);
        else if (tries > SPINS)
            sched_yield();
}

static void reach(struct aver_ahead_item *item, enum stage stage)
{
    if (atomic_load_explicit(&item->stage, memory_order_relaxed) < stage)
        atomic_store_explicit(&item->stage, stage, memory_order_release);
}

static struct aver_ahead_seen *see(struct aver_ahead *a, int how)
{
    struct aver_ahead_seen *s = AVER_NEW(&a->keep, struct aver_ahead_seen);
    s->how = how;
    s->next = a->item->seen;
    a->item->seen = s;
    return s;
}

static aver_err tell(struct aver_ahead *a, aver_bytes name, struct aver_stored as, struct aver_stored *out)
{
    struct aver_ahead_seen *s = see(a, SEEN_TOLD);
    s->name = aver_arena_copy(&a->keep, name);
    s->record = as.record;
    s->height = as.height;
    *out = as;
    return AVER_OK;
}

static aver_err standing(struct aver_ahead *a, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    const struct aver_map_item *item = aver_map_find(&a->peek.state, name);
    if (item) {
        struct aver_ahead_seen *s = see(a, SEEN_STANDING);
        s->item = item;
        s->written = item->written;
        *out = aver_view_memory_stored(item);
        return AVER_OK;
    }
    see(a, SEEN_BELOW)->name = aver_arena_copy(&a->keep, name);
    const struct aver_backing *below = a->peek.below;
    return below ? below->get(below->self, name, out, why) : AVER_E_NOT_FOUND;
}

/* The payee's record as `opened` more claims leave it, of which `newest` is the last; as open_for_payee of the transition does it. If
 * it does not, the next one of the payee does not hold at its turn. */
static aver_err open_more(struct aver_ahead *a, aver_bytes *out, aver_bytes record, aver_bytes newest,
                          uint64_t opened)
{
    struct aver_payee_state payee = {0};
    struct aver_buf buf = {0};
    if (record.ptr) AVER_TRY(aver_schema_read(record, &aver_payee_state_schema, &payee, &a->keep, NULL));
    payee.newest = newest;
    payee.open += opened;
    aver_schema_encode(&buf, &aver_payee_state_schema, &payee);
    *out = aver_arena_copy(&a->keep, aver_buf_view(&buf));
    aver_buf_free(&buf);
    return AVER_OK;
}

static aver_err get_payee(struct aver_ahead *a, aver_bytes name, struct aver_stored *out,
                          struct aver_why *why)
{
    struct aver_ahead_item *item = a->item;
    const struct aver_ahead_item *last = item->payee_before, *newest = NULL, *p;
    aver_bytes record;
    uint64_t opened = 0;
    for (unsigned tries = 0; last && tries < SPINS && stage_of(last) < STAGE_ASKED; tries++) pause_briefly();
    item->sure = true;
    for (p = last; p; p = p->payee_before) {
        enum stage stage = stage_of(p);
        bool asked = stage >= STAGE_ASKED && p->payee_record.ptr;
        if (asked && p->sure) break;
        if (stage == STAGE_ENDED && !asked) continue; /* it is on no list */
        if (stage < STAGE_ASKED) item->sure = false;
        if (opened++ == 0) newest = p;
    }
    aver_err err = AVER_OK;
    struct aver_stored base = {0};
    if (p) {
        base = (struct aver_stored){.record = p->payee_record, .height = p->height};
    } else if (opened) {
        const struct aver_view *peek = &a->peek.view;
        err = peek->get(peek->self, name, &base, why);
        if (err == AVER_E_NOT_FOUND) err = AVER_OK, base.record = AVER_BYTES_NONE;
    }
    record = base.record;
    if (err == AVER_OK && opened) err = open_more(a, &record, base.record, newest->claim_id, opened);
    if (!newest) newest = p;
    if (err == AVER_OK)
        err = newest ? tell(a, name, (struct aver_stored){.record = record, .height = newest->height}, out)
                     : standing(a, name, out, why);
    if (err == AVER_OK || err == AVER_E_NOT_FOUND) {
        aver_bytes now = err == AVER_OK ? out->record : AVER_BYTES_NONE;
        if (open_more(a, &record, now, item->claim_id, 1) == AVER_OK) item->payee_record = record;
    }
    reach(item, STAGE_ASKED);
    return err;
}

static const struct aver_ahead_put *put_of(const struct aver_ahead_item *item, aver_bytes name)
{
    const struct aver_ahead_put *put = item->puts;
    while (put && !aver_bytes_eq(put->name, name)) put = put->next;
    return put;
}

static aver_err ahead_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct aver_ahead *a = self;
    if (a->item->payee_name.ptr && aver_bytes_eq(name, a->item->payee_name))
        return get_payee(a, name, out, why);
    if (aver_name_family(name).ptr)
        for (const struct aver_ahead_item *p = a->item->family_before; p; p = p->family_before) {
            const struct aver_ahead_put *put = put_of(p, name);
            if (put)
                return tell(a, name, (struct aver_stored){put->record, p->height, &put->key, &put->value},
                            out);
        }
    return standing(a, name, out, why);
}

static aver_err ahead_put(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                          struct aver_why *why)
{
    struct aver_ahead *a = self;
    (void)why;
    struct aver_ahead_put *put = AVER_NEW(&a->keep, struct aver_ahead_put);
    *put = (struct aver_ahead_put){a->item->puts, aver_arena_copy(&a->keep, name),
                                   aver_arena_copy(&a->keep, record), key, value};
    a->item->puts = put;
    return AVER_OK;
}

static aver_err ahead_artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *peek = &((struct aver_ahead *)self)->peek.view;
    return peek->artifact(peek->self, digest, out, why);
}

static aver_err ahead_artifact_put(void *self, aver_digest digest, aver_bytes content, struct aver_why *why)
{
    (void)self, (void)digest, (void)content, (void)why;
    AVER_UNREACHABLE(); /* a publication is executed at its turn */
}

static aver_err ahead_table_entry(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                                  struct aver_why *why)
{
    const struct aver_view *peek = &((struct aver_ahead *)self)->peek.view;
    return peek->table_entry(peek->self, root, code, out, why);
}

void aver_ahead_start(struct aver_ahead *a, const struct aver_view_memory *state,
                      const struct aver_backing *below)
{
    a->peek = *state;
    a->peek.below = below;
    a->peek.view.self = &a->peek;
    a->view = (struct aver_view){.self = a,
                                 .get = ahead_get,
                                 .put = ahead_put,
                                 .artifact = ahead_artifact,
                                 .artifact_put = ahead_artifact_put,
                                 .table_entry = ahead_table_entry};
}

bool aver_ahead_execute(struct aver_ahead *a, struct aver_ahead_item *item, struct aver_machine *machine,
                        const struct aver_envelope *env, const struct aver_item *what,
                        struct aver_arena *arena, struct aver_applied *out)
{
    struct aver_why why;
    if (item->family_before) wait_for(item->family_before, STAGE_ENDED);
    a->item = item;
    a->view.height = item->height;
    a->view.time = item->time;
    item->executed = aver_apply(machine, &a->view, env, what, arena, out, &why) == AVER_OK;
    if (!item->executed) item->puts = NULL;
    reach(item, STAGE_ENDED);
    return item->executed;
}

void aver_ahead_skip(struct aver_ahead_item *item) { reach(item, STAGE_ENDED); }

aver_bytes aver_ahead_wrote(const struct aver_ahead_item *item, aver_bytes name)
{
    const struct aver_ahead_put *put = put_of(item, name);
    return put ? put->record : AVER_BYTES_NONE;
}

bool aver_ahead_holds(const struct aver_view_memory *state, const struct aver_ahead_item *item)
{
    if (!item->executed) return false;
    for (const struct aver_ahead_seen *s = item->seen; s; s = s->next) {
        const struct aver_map_item *now;
        switch (s->how) {
        case SEEN_STANDING:
            if (s->item->written != s->written) return false;
            break;
        case SEEN_BELOW:
            if (aver_map_find(&state->state, s->name)) return false;
            break;
        case SEEN_TOLD:
            now = aver_map_find(&state->state, s->name);
            if (!now || now->height != s->height || !aver_bytes_eq(aver_map_value(now), s->record))
                return false;
            break;
        }
    }
    return true;
}

aver_err aver_ahead_commit(struct aver_view_memory *state, const struct aver_ahead_item *item,
                           struct aver_why *why)
{
    struct aver_view *view = &state->view;
    for (const struct aver_ahead_put *put = item->puts; put; put = put->next)
        AVER_TRY(view->put(view->self, put->name, put->record, put->key, put->value, why));
    return AVER_OK;
}
