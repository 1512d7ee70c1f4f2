/* ledger/storage/intake_ahead.c - claims and enrolments taken in by all cores, with the result of one: signatures and salts are
 * checked, items executed ahead of their turn (ahead.h), sealed and acknowledged by whoever is free, and then put into the group
 * one after the other. What cannot be done ahead is done at its turn, as if there were no other threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cose.h"
#include "ledger/model/claim.h"
#include "ledger/storage/ahead.h"
#include "ledger/storage/crew.h"
#include "ledger/storage/intake.h"

#define STRETCH_ITEMS 500     /* half a group: what threads leave idle at its end is little */
#define STRETCH_BYTES 2097152 /* of items */
#define LEAVES_PIECE  64      /* leaves of a large batch that a thread makes at a time */
#define RANDOM_NONCES 128     /* drawn at once: a call to the system costs as much as sealing */
#define KEYS_MAX      1024    /* parties whose next batches are opened while others are put into the group */
#define THREADS_MAX   (AVER_STORE_READERS_MAX / 2)

/* An item on its way. */
struct job {
    struct aver_intake_batch *batch;
    size_t index;
    bool repeated; /* its result is ready: filed before, or in quarantine */
    bool ready;    /* to be executed ahead */
    char claim_id[AVER_CLAIM_ID_BYTES + 1], subject[AVER_SUBJECT_MAX];
    uint8_t filing[16]; /* of a claim */
    aver_bytes family;  /* what it is executed in the order of */
    bool has_key;
    uint8_t key_id[AVER_KEY_ID_BYTES], key[32];
    uint64_t entry; /* if none before it is refused */
    struct aver_ahead_item ahead;
    bool refused, sealed;
    struct aver_sealed_item seal;
};

/* What a member of the crew works with. */
struct hand {
    const struct aver_ledger *ledger;
    struct aver_ahead ahead;
    struct aver_machine *machine;
    struct aver_store_reader *reader;
    struct aver_backing backing, layered; /* LMDB; with the storage checkpoint that is being made */
    struct aver_layer layer;
    struct aver_arena item, results; /* of one item; the caller's in the end */
    struct aver_at_work at_work;     /* of what it works on */
    struct aver_buf scratch;
    uint8_t random[RANDOM_NONCES * AVER_NONCE_BYTES];
    size_t random_used;
};

struct aver_intake_crew {
    struct aver_crew *crew;
    struct hand *hands;
    unsigned hands_count;
    struct aver_arena arena; /* of a stretch: what follows */
    struct aver_intake *intake;
    size_t first, end;     /* batches that may have to be opened */
    size_t soon, soon_end; /* those of the next stretch */
    struct aver_map
        keys; /* records under k/ and p/ that batches were opened by, for those of the next stretch */
    struct aver_view keys_view;
    uint8_t last_kid[16];
    struct job *jobs;
    size_t jobs_count;
    size_t *runs; /* first jobs of what one thread executes */
    size_t runs_count;
};

/* ---- the crew ---- */

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

void aver_ledger_threads(struct aver_ledger *ledger, unsigned threads)
{
    aver_intake_crew_free(ledger->crew);
    ledger->crew = NULL;
    ledger->threads = threads > THREADS_MAX ? THREADS_MAX : threads;
}

static aver_err crew_of(struct aver_ledger *ledger, struct aver_intake_crew **out, struct aver_why *why)
{
    struct aver_intake_crew *c = ledger->crew;
    if (!c) {
        c = calloc(1, sizeof *c);
        if (!c) aver_oom(sizeof *c);
        ledger->crew = c;
        c->crew = aver_crew_new(ledger->threads ? ledger->threads : cores());
        unsigned count = aver_crew_size(c->crew);
        c->hands = calloc(count, sizeof *c->hands);
        if (!c->hands) aver_oom(count * sizeof *c->hands);
        for (; c->hands_count < count; c->hands_count++) {
            struct hand *h = &c->hands[c->hands_count];
            aver_err err = aver_store_reader_new(&h->reader, ledger->store, why);
            if (err != AVER_OK) {
                aver_intake_crew_free(c);
                ledger->crew = NULL;
                return err;
            }
            h->backing = aver_store_reader_backing(h->reader);
            h->layer = (struct aver_layer){&ledger->behind.view, &h->backing};
            h->layered = aver_layer_backing(&h->layer);
            h->ledger = ledger;
            h->machine = c->hands_count == 0 ? ledger->machine : aver_machine_new();
        }
    }
    AVER_ASSERT(c->hands_count == aver_crew_size(c->crew));
    *out = c;
    return AVER_OK;
}

void aver_intake_crew_free(struct aver_intake_crew *c)
{
    if (!c) return;
    for (unsigned i = 0; i < c->hands_count; i++) {
        struct hand *h = &c->hands[i];
        if (i > 0) aver_machine_free(h->machine);
        aver_store_reader_free(h->reader);
        aver_arena_free(&h->ahead.keep);
        aver_arena_free(&h->item);
        aver_arena_free(&h->results);
        aver_buf_free(&h->scratch);
    }
    aver_crew_free(c->crew);
    aver_arena_free(&c->arena);
    aver_map_free(&c->keys);
    free(c->hands);
    free(c);
}

/* ---- which items ---- */

bool aver_intake_gathers(struct aver_intake *s, const struct aver_intake_batch *batch)
{
    struct aver_cose parts;
    struct aver_batch header;
    aver_arena_reset(&s->item);
    if (s->genesis_key || batch->of->count == 0) return false;
    if (batch->opened) return true; /* it gathered before */
    if (aver_quarantine_envelope(&s->ledger->quarantine, batch->of->cose)) return false;
    aver_intake_watch(&s->at_work, s, batch, SIZE_MAX, AVER_DOING_INTAKE);
    bool gathers = aver_cose_read(&parts, batch->of->cose, NULL) == AVER_OK &&
                   aver_schema_read(parts.payload, &aver_batch_schema, &header, &s->item, NULL) == AVER_OK &&
                   (header.kind == AVER_TX_CLAIMS || header.kind == AVER_TX_ENROL);
    aver_at_work_end();
    return gathers;
}

static void gather(struct aver_intake_crew *c, size_t *batch, size_t *item)
{
    struct aver_intake *s = c->intake;
    bool fresh = !s->group.open || aver_group_full(&s->group);
    size_t room = fresh ? AVER_GROUP_ITEMS_MAX : AVER_GROUP_ITEMS_MAX - s->group.items_count, bytes = 0;
    if (room > STRETCH_ITEMS) room = STRETCH_ITEMS;
    c->jobs = AVER_NEW_ARRAY(&c->arena, struct job, room);
    c->runs = AVER_NEW_ARRAY(&c->arena, size_t, room);
    c->jobs_count = c->runs_count = 0;
    c->first = *batch;
    while (*batch < s->batches_count) {
        struct aver_intake_batch *b = &s->batches[*batch];
        if (*item == 0 && *batch > c->first && !aver_intake_gathers(s, b)) break;
        if (b->opened && b->of->err != AVER_OK) *item = b->of->count; /* nothing more of it is taken in */
        for (; *item < b->of->count && c->jobs_count < room && bytes < STRETCH_BYTES; ++*item) {
            c->jobs[c->jobs_count++] = (struct job){.batch = b, .index = *item};
            bytes += b->of->items[*item].item.len;
        }
        if (*item < b->of->count) break;
        *item = 0;
        ++*batch;
    }
    c->end = *item ? *batch + 1 : *batch;
}

/* ---- opening batches ---- */

static void step_leaves(void *ctx, unsigned who, size_t index)
{
    struct aver_intake_batch *b = ctx;
    (void)who;
    aver_digest *leaves = (aver_digest *)(uintptr_t)b->leaves;
    size_t from = index * LEAVES_PIECE, to = from + LEAVES_PIECE;
    for (size_t i = from; i < to && i < b->of->count; i++)
        leaves[i] = aver_leaf(b->of->items[i].salt, b->of->items[i].item);
}

static void step_open(void *ctx, unsigned who, size_t index)
{
    struct aver_intake_crew *c = ctx;
    struct aver_intake_batch *b = &c->intake->batches[c->first + index];
    struct hand *h = &c->hands[who];
    if (b->opened) return;
    b->opened = true;
    aver_intake_watch(&h->at_work, c->intake, b, SIZE_MAX, AVER_DOING_AHEAD);
    b->of->err = aver_intake_open(c->intake, b, &h->ahead.peek.view, &h->results, &b->of->why);
    aver_at_work_end();
}

static void open_all(struct aver_intake_crew *c)
{
    struct aver_intake *s = c->intake;
    for (size_t i = c->first; i < c->end; i++) {
        struct aver_intake_batch *b = &s->batches[i];
        if (b->opened || b->of->count <= LEAVES_PIECE || b->of->count > AVER_BATCH_ITEMS_MAX) continue;
        b->leaves = AVER_NEW_ARRAY(s->arena, aver_digest, b->of->count);
        aver_crew_work(c->crew, step_leaves, b, (b->of->count + LEAVES_PIECE - 1) / LEAVES_PIECE);
    }
    aver_crew_work(c->crew, step_open, c, c->end - c->first);
}

/* ---- and those of the next stretch ---- */

/* While items are put into the group the state is written, so that nobody else may read it. Signatures are checked meanwhile, by
 * copies of the records that earlier ones were checked by: only a batch that does not gather changes those. */

static aver_err key_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    const struct aver_map_item *item = aver_map_find(self, name);
    (void)why;
    if (!item) return AVER_E_NOT_FOUND;
    *out = (struct aver_stored){.record = aver_map_value(item), .height = item->height};
    return AVER_OK;
}

static void remember(struct aver_intake_crew *c, struct hand *h, const char *prefix, aver_bytes part,
                     bool hex)
{
    struct aver_stored stored;
    const struct aver_view *view = &h->ahead.peek.view;
    h->scratch.len = 0;
    aver_buf_str(&h->scratch, prefix);
    hex ? aver_buf_hex(&h->scratch, part) : aver_name_escape(&h->scratch, part);
    aver_bytes name = aver_buf_view(&h->scratch);
    if (!aver_map_find(&c->keys, name) && view->get(view->self, name, &stored, NULL) == AVER_OK)
        aver_map_set(&c->keys, name, stored.record)->height = stored.height;
}

static void remember_keys(struct aver_intake_crew *c)
{
    for (size_t i = c->first; i < c->end && c->keys.count < KEYS_MAX; i++) {
        const struct aver_intake_batch *b = &c->intake->batches[i];
        if (b->of->err != AVER_OK) continue;
        if (c->keys.count && memcmp(b->env.kid, c->last_kid, sizeof c->last_kid) == 0) continue;
        memcpy(c->last_kid, b->env.kid, sizeof c->last_kid);
        remember(c, &c->hands[0], "k/", aver_bytes_of(b->env.kid, sizeof b->env.kid), true);
        remember(c, &c->hands[0], "p/", b->env.party, false);
    }
}

void aver_intake_forget(struct aver_ledger *ledger)
{
    if (ledger->crew && ledger->crew->keys.count) aver_map_clear(&ledger->crew->keys);
}

static void step_open_soon(void *ctx, unsigned who, size_t index)
{
    struct aver_intake_crew *c = ctx;
    struct aver_intake_batch *b = &c->intake->batches[c->soon + index];
    struct hand *h = &c->hands[who];
    if (b->opened) return;
    h->at_work = (struct aver_at_work){.quarantine = &h->ledger->quarantine,
                                       .doing = AVER_DOING_AHEAD,
                                       .height = c->keys_view.height,
                                       .time = c->keys_view.time,
                                       .cose = b->of->cose};
    aver_at_work_begin(&h->at_work);
    b->of->err = aver_intake_open(c->intake, b, &c->keys_view, &h->results, &b->of->why);
    aver_at_work_end();
    /* Another key than these: opened in its stretch. */
    b->opened = b->of->err != AVER_E_REFUSED && b->of->err != AVER_E_NOT_FOUND;
    if (!b->opened) b->of->err = AVER_OK;
}

static void open_soon(struct aver_intake_crew *c)
{
    struct aver_intake *s = c->intake;
    size_t items = 0;
    c->soon = c->soon_end = c->end;
    c->keys_view = (struct aver_view){.self = &c->keys,
                                      .height = s->ledger->view.view.height,
                                      .time = s->ledger->view.view.time,
                                      .get = key_get};
    for (; c->soon_end < s->batches_count && items < STRETCH_ITEMS; c->soon_end++) {
        struct aver_intake_batch *b = &s->batches[c->soon_end];
        if (b->of->count > LEAVES_PIECE || !aver_intake_gathers(s, b)) break;
        items += b->of->count;
    }
    aver_crew_begin(c->crew, step_open_soon, c, c->soon_end - c->soon);
}

/* ---- what an item is about ---- */

static aver_err key_below(void *self, aver_bytes id, uint64_t *number, struct aver_why *why)
{
    const struct hand *h = self;
    aver_bytes value;
    const struct aver_map_item *item = aver_map_find(&h->ledger->behind.keys, id);
    if (item)
        value = aver_map_value(item);
    else
        AVER_TRY(aver_store_reader_get(h->reader, AVER_DB_KEY, id, &value, why));
    if (value.len != sizeof *number) return AVER_E_NOT_FOUND;
    memcpy(number, value.ptr, sizeof *number);
    return AVER_OK;
}

/* A claim's order is that of its member's family; that of an unknown member is of no matter. */
static void family_of_member(struct hand *h, struct job *job, aver_bytes member)
{
    struct aver_member_state state;
    struct aver_stored stored;
    const struct aver_view *view = &h->ahead.peek.view;
    h->scratch.len = 0;
    aver_buf_str(&h->scratch, "m/");
    aver_name_escape(&h->scratch, member);
    if (view->get(view->self, aver_buf_view(&h->scratch), &stored, NULL) == AVER_OK &&
        aver_schema_read(stored.record, &aver_member_state_schema, &state, &h->item, NULL) == AVER_OK)
        job->family = aver_arena_copy(&h->ahead.keep, state.family);
}

static bool look_at_claim(struct aver_intake_crew *c, struct hand *h, struct job *job)
{
    struct aver_intake_batch *b = job->batch;
    struct aver_item_result *out = &b->of->results[job->index];
    aver_bytes item = b->of->items[job->index].item;
    struct aver_claim_state state;
    struct aver_claim claim;
    aver_err err = aver_filed_before(&state, job->claim_id, job->filing, &h->ahead.peek.view, &b->env, item,
                                     &h->item, NULL);
    if (err == AVER_OK) {
        job->repeated = true;
        out->how = AVER_ITEM_REPEATED;
        out->outcome = aver_claim_outcome(state.status);
        memcpy(out->claim_id, job->claim_id, sizeof out->claim_id);
        aver_intake_receipt(c->intake->ledger, out, &state, &h->results);
    }
    if (err == AVER_E_NOT_FOUND &&
        aver_intake_quarantined(c->intake, b, job->index, job->claim_id, &h->results))
        job->repeated = true;
    if (err != AVER_E_NOT_FOUND || job->repeated ||
        aver_schema_read(item, &aver_claim_schema, &claim, &h->item, NULL) != AVER_OK ||
        aver_claim_check_read(&claim, item.len, NULL) != AVER_OK)
        return false;
    aver_bytes payee = aver_claim_payee_id(&claim);
    aver_bytes member = claim.patient && claim.patient->member_id.ptr ? claim.patient->member_id
                                                                      : claim.subscriber->member_id;
    if (payee.ptr) {
        h->scratch.len = 0;
        aver_buf_str(&h->scratch, "q/");
        aver_name_escape(&h->scratch, payee);
        job->ahead.payee_name = aver_arena_copy(&h->ahead.keep, aver_buf_view(&h->scratch));
    }
    snprintf(job->subject, sizeof job->subject, "m/%.*s", AVER_STR(member));
    family_of_member(h, job, claim.subscriber->member_id);
    return true;
}

static bool look_at_enrolment(struct hand *h, struct job *job)
{
    struct aver_family family;
    aver_bytes item = job->batch->of->items[job->index].item;
    if (aver_schema_read(item, &aver_family_schema, &family, &h->item, NULL) != AVER_OK) return false;
    snprintf(job->subject, sizeof job->subject, "f/%.*s", AVER_STR(family.family_id));
    job->family = aver_arena_copy(&h->ahead.keep, family.family_id);
    return true;
}

static void step_look(void *ctx, unsigned who, size_t index)
{
    struct aver_intake_crew *c = ctx;
    struct hand *h = &c->hands[who];
    struct job *job = &c->jobs[index];
    if (job->batch->of->err != AVER_OK) return;
    job->repeated = aver_intake_quarantined(c->intake, job->batch, job->index, NULL, &h->results);
    if (job->repeated) return;
    aver_arena_reset(&h->item);
    aver_intake_watch(&h->at_work, c->intake, job->batch, job->index, AVER_DOING_AHEAD);
    h->at_work.claim_id = job->claim_id;
    job->ready =
        job->batch->env.batch.kind == AVER_TX_CLAIMS ? look_at_claim(c, h, job) : look_at_enrolment(h, job);
    aver_at_work_end();
    /* What will be refused is not logged: those behind it stand one earlier. */
    if (!job->batch->unexpired &&
        aver_envelope_expired(&job->batch->env, &h->ahead.peek.view, NULL) != AVER_OK)
        job->ready = false;
    job->has_key = job->ready && aver_bodies_known(&c->intake->ledger->bodies, job->key_id, job->key,
                                                   job->subject, key_below, h, NULL) == AVER_OK;
}

/* ---- in which order ---- */

static struct job *before(struct aver_map *map, aver_bytes key, struct job *job)
{
    struct job *last = NULL;
    const struct aver_map_item *item = aver_map_find(map, key);
    if (item) memcpy(&last, item->value, sizeof last);
    aver_map_set(map, key, aver_bytes_of(&job, sizeof job));
    return last;
}

/* Who waits for whom, where each will stand in the log, and the keys that nobody made yet. */
static aver_err put_in_order(struct aver_intake_crew *c, struct aver_why *why)
{
    struct aver_ledger *ledger = c->intake->ledger;
    struct aver_map families = {0}, payees = {0}, claims = {0};
    uint64_t entry = c->intake->group.head.tree.size;
    struct job *family = NULL, *last = NULL;
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < c->jobs_count; i++) {
        struct job *job = &c->jobs[i], *payee;
        bool claim = job->claim_id[0] != 0;
        /* Filed twice in one stretch: the second is found out at its turn. */
        if (job->ready && claim && before(&claims, aver_bytes_str(job->claim_id), job)) job->ready = false;
        if (!job->ready) continue;
        job->entry = entry++;
        job->ahead.height = ledger->view.view.height;
        job->ahead.time = ledger->view.view.time;
        job->ahead.claim_id = aver_bytes_str(job->claim_id);
        family = job->family.ptr ? before(&families, job->family, job) : NULL;
        job->ahead.family_before = family ? &family->ahead : NULL;
        payee = job->ahead.payee_name.ptr ? before(&payees, job->ahead.payee_name, job) : NULL;
        job->ahead.payee_before = payee ? &payee->ahead : NULL;
        if (!family || family != last) c->runs[c->runs_count++] = i;
        last = job;
        if (!job->has_key) err = aver_bodies_key(&ledger->bodies, job->key_id, job->key, job->subject, why);
        job->has_key = err == AVER_OK;
    }
    aver_map_free(&families);
    aver_map_free(&payees);
    aver_map_free(&claims);
    return err;
}

/* ---- execution ---- */

static const uint8_t *fresh_nonces(struct hand *h)
{
    if (h->random_used == 0 || h->random_used == sizeof h->random) {
        aver_random(h->random, sizeof h->random);
        h->random_used = 0;
    }
    h->random_used += (size_t)2 * AVER_NONCE_BYTES;
    return h->random + h->random_used - (size_t)2 * AVER_NONCE_BYTES;
}

static bool acknowledge(struct aver_ledger *ledger, struct hand *h, struct job *job,
                        struct aver_item_result *out)
{
    struct aver_claim_state state;
    char name[2 + AVER_CLAIM_ID_BYTES + 1] = "c/";
    memcpy(name + 2, job->claim_id, AVER_CLAIM_ID_BYTES + 1);
    aver_bytes record = aver_ahead_wrote(&job->ahead, aver_bytes_str(name));
    if (!record.ptr || aver_schema_read(record, &aver_claim_state_schema, &state, &h->item, NULL) != AVER_OK)
        return false;
    aver_intake_receipt(ledger, out, &state, &h->results);
    return true;
}

static void execute(struct aver_intake_crew *c, struct hand *h, struct job *job)
{
    struct aver_ledger *ledger = c->intake->ledger;
    struct aver_intake_batch *b = job->batch;
    const struct aver_batch_item *item = &b->of->items[job->index];
    struct aver_item_result *out = &b->of->results[job->index];
    struct aver_item what = {item->salt, item->item, b->leaves[job->index], job->entry,
                             job->claim_id[0] ? job->filing : NULL};
    struct aver_applied applied;
    aver_arena_reset(&h->item);
    if (!aver_ahead_execute(&h->ahead, &job->ahead, h->machine, &b->env, &what, &h->item, &applied)) return;
    aver_intake_applied(out, &applied, &h->results);
    out->entry = job->entry;
    out->height = job->ahead.height;
    memcpy(out->claim_id, job->claim_id, sizeof out->claim_id);
    if ((unsigned)applied.outcome >= AVER_OUT_MALFORMED) {
        out->how = AVER_ITEM_REFUSED;
        out->entry = out->height = 0;
        job->refused = true;
        return;
    }
    out->how = AVER_ITEM_NEW;
    if (strcmp(applied.subject, job->subject) != 0 || strcmp(applied.claim_id, job->claim_id) != 0) return;
    if (job->claim_id[0] && !acknowledge(ledger, h, job, out)) return;
    aver_group_seal(&job->seal, ledger->chain, &b->env.digest, job->index, item, applied.receipt, job->key_id,
                    job->key, fresh_nonces(h), &h->ahead.keep);
    job->sealed = true;
}

/* One family's adjacent items, one after the other. */
static void step_execute(void *ctx, unsigned who, size_t index)
{
    struct aver_intake_crew *c = ctx;
    size_t end = index + 1 < c->runs_count ? c->runs[index + 1] : c->jobs_count;
    for (size_t i = c->runs[index]; i < end; i++) {
        struct hand *h = &c->hands[who];
        struct job *job = &c->jobs[i];
        if (!job->ready) continue;
        aver_intake_watch(&h->at_work, c->intake, job->batch, job->index, AVER_DOING_AHEAD);
        h->at_work.entry = job->entry;
        h->at_work.height = job->ahead.height;
        h->at_work.time = job->ahead.time;
        h->at_work.claim_id = job->claim_id;
        execute(c, h, job);
        aver_at_work_end();
    }
}

/* ---- at its turn ---- */

static bool stands(const struct aver_intake *s, const struct job *job)
{
    return (job->refused || job->sealed) && s->group.open && !aver_group_full(&s->group) &&
           s->ledger->view.view.height == job->ahead.height && s->group.head.tree.size == job->entry &&
           aver_ahead_holds(&s->ledger->view, &job->ahead);
}

static aver_err take(struct aver_intake *s, struct job *job, struct aver_why *why)
{
    struct aver_intake_batch *b = job->batch;
    struct aver_item_result *out = &b->of->results[job->index];
    if (job->repeated) return AVER_OK;
    if (!stands(s, job)) {
        *out = (struct aver_item_result){0};
        return aver_intake_item(s, b, job->index, why);
    }
    if (!b->unexpired) AVER_TRY(aver_envelope_expired(&b->env, &s->ledger->view.view, why));
    b->unexpired = true;
    if (job->refused) return AVER_OK;
    AVER_TRY(aver_ahead_commit(&s->ledger->view, &job->ahead, why));
    aver_intake_name(s, b);
    aver_group_put(s->ledger, &s->group, job->index, &job->seal);
    return AVER_OK;
}

aver_err aver_intake_ahead(struct aver_intake *s, size_t *batch, size_t *item, struct aver_why *why)
{
    struct aver_intake_crew *c;
    bool any = false;
    AVER_TRY(crew_of(s->ledger, &c, why));
    c->intake = s;
    gather(c, batch, item);
    for (unsigned i = 0; i < c->hands_count; i++)
        aver_ahead_start(&c->hands[i].ahead, &s->ledger->view, &c->hands[i].layered);
    open_all(c);
    remember_keys(c);
    aver_crew_work(c->crew, step_look, c, c->jobs_count);
    for (size_t i = 0; i < c->jobs_count; i++) any = any || c->jobs[i].ready;
    aver_err err = any ? aver_intake_group(s, why) : AVER_OK;
    /* Closing a group may bring LMDB up to date, and then the state that was looked at is elsewhere. */
    for (unsigned i = 0; i < c->hands_count; i++)
        aver_ahead_start(&c->hands[i].ahead, &s->ledger->view, &c->hands[i].layered);
    if (err == AVER_OK) err = put_in_order(c, why);
    if (err == AVER_OK) aver_crew_work(c->crew, step_execute, c, c->runs_count);
    open_soon(c);
    for (size_t i = 0; err == AVER_OK && i < c->jobs_count; i++) {
        struct job *job = &c->jobs[i];
        if (job->batch->of->err != AVER_OK) continue;
        struct aver_why local;
        err = aver_intake_done(s, job->batch, take(s, job, &local), &local);
        if (err != AVER_OK && why) *why = local;
    }
    aver_crew_join(c->crew);
    for (size_t i = 0; i < c->jobs_count; i++) aver_wipe(c->jobs[i].key, sizeof c->jobs[i].key);
    for (unsigned i = 0; i < c->hands_count; i++) {
        aver_arena_adopt(s->arena, &c->hands[i].results);
        aver_arena_reset(&c->hands[i].ahead.keep);
    }
    aver_arena_reset(&c->arena);
    return err;
}
