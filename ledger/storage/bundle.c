/* ledger/storage/bundle.c - a claim is executed once more on the state as it was, every read is written down, and then proved: see
 * bundle.h. Read from the bottom. */
#include "ledger/storage/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/storage/bundle_private.h"
#include "ledger/storage/ledger_private.h"

/* ---- the state between the epoch and the claim: the past below, what came since above ---- */

static aver_err below_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    const struct aver_view *past = self;
    return past->get(past->self, name, out, why);
}

static aver_err below_artifact(void *self, aver_bytes digest, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *past = self;
    aver_digest d;
    memcpy(d.b, digest.ptr, sizeof d.b);
    return past->artifact(past->self, d, out, why);
}

static aver_err below_table(void *self, aver_bytes root_and_code, aver_bytes *out, struct aver_why *why)
{
    const struct aver_view *past = self;
    aver_digest root;
    (void)why;
    memcpy(root.b, root_and_code.ptr, sizeof root.b);
    aver_bytes code = aver_bytes_cut(root_and_code, sizeof root.b, root_and_code.len - sizeof root.b);
    aver_err err = past->table_entry(past->self, root, code, out, NULL);
    return err == AVER_E_CORRUPT ? AVER_E_NOT_FOUND : err; /* the table came since */
}

static aver_err below_page(void *self, aver_bytes place, aver_bytes *out, struct aver_why *why)
{
    (void)self, (void)place, (void)out, (void)why;
    return AVER_E_NOT_FOUND; /* proofs are asked of the past */
}

/* Which item wrote a key last. */
static aver_err put_noted(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                          struct aver_why *why)
{
    struct aver_bundle_making *m = self; /* the layer is its first member */
    uint8_t entry[8];
    aver_put_u64(entry, m->current);
    aver_map_set(&m->written, aver_digest_bytes(&key), aver_bytes_of(entry, sizeof entry));
    return m->put(&m->layer, name, record, key, value, why);
}

/* What was recorded otherwise than it comes out is for the reader of the bundle to see. */
static aver_err differs(void *ctx, const struct aver_replay_difference *difference)
{
    (void)ctx, (void)difference;
    return AVER_OK;
}

/* One item of a frame as a frame of its own. */
static aver_err replay_one(struct aver_bundle_making *m, struct aver_replay *replay,
                           const struct aver_frame *frame, uint64_t first, size_t i, struct aver_why *why)
{
    struct aver_frame_item *items = frame->items.items;
    struct aver_frame one = *frame;
    struct aver_chain_group group = {.first = first + i, .header = m->header};
    size_t count = frame->batches.count;
    one.items = (struct aver_list){&items[i], 1, 1};
    one.state = AVER_BYTES_NONE;
    one.batches.items = AVER_NEW_ARRAY(&m->frame, struct aver_frame_batch, count);
    memcpy(one.batches.items, frame->batches.items, count * sizeof(struct aver_frame_batch));
    struct aver_frame_batch *batch = (struct aver_frame_batch *)one.batches.items + items[i].batch;
    batch->continued = batch->continued || (i > 0 && items[i - 1].batch == items[i].batch);
    m->current = first + i;
    return aver_replay_frame(replay, &one, &group, why);
}

static aver_err resume(struct aver_bundle_making *m, struct aver_replay *replay, uint64_t offset,
                       struct aver_why *why)
{
    const struct aver_frame *frame;
    struct aver_entry header;
    AVER_TRY(aver_ledger_frame(m->ledger, AVER_SLOT_ENVELOPE, offset, &frame, why));
    AVER_TRY(aver_entry_read(&header, frame->header, why));
    return aver_replay_resume(replay, frame, header.time, why);
}

/* Executes what stands between the epoch and the claim. */
static aver_err follow(struct aver_bundle_making *m, struct aver_replay *replay, struct aver_why *why)
{
    struct aver_store_group group;
    const struct aver_frame *frame;
    for (uint64_t first = m->epoch.entry + 2;; first = m->header_index + 1) {
        AVER_TRY(aver_store_group(m->ledger->store, first, &group, why));
        AVER_TRY(aver_ledger_frame(m->ledger, AVER_SLOT_ENTRIES, group.offset, &frame, why));
        AVER_TRY(aver_entry_read(&m->header, frame->header, why));
        const struct aver_frame_batch *batch = frame->batches.items;
        if (frame->batches.count && batch[0].continued && !replay->last.leaves)
            AVER_TRY(resume(m, replay, group.batch_offset, why));
        m->first = first;
        m->header_index = first + frame->items.count + (frame->state.ptr ? 1 : 0);
        for (size_t i = 0; i < frame->items.count && first + i < m->entry; i++) {
            aver_arena_reset(&m->frame);
            AVER_TRY(replay_one(m, replay, frame, first, i, why));
        }
        if (m->entry < m->header_index) {
            m->header_bytes = aver_arena_copy(m->arena, frame->header);
            return AVER_OK;
        }
    }
}

static aver_err state_before(struct aver_bundle_making *m, aver_progress_fn progress, void *user,
                             struct aver_why *why)
{
    AVER_TRY(aver_epoch_before(m->ledger, m->entry, &m->epoch, why));
    AVER_TRY(aver_past_open(&m->past, m->ledger, &m->epoch, AVER_PAST_RECORDS, progress, user, why));
    m->below = (struct aver_backing){.self = (void *)(uintptr_t)aver_past_view(m->past),
                                     .get = below_get,
                                     .artifact = below_artifact,
                                     .table = below_table,
                                     .page = below_page};
    aver_view_memory_init(&m->layer, &m->below);
    m->put = m->layer.view.put;
    m->layer.view.put = put_noted;
    struct aver_replay replay = {.view = &m->layer,
                                 .machine = m->machine,
                                 .bodies = &m->ledger->bodies,
                                 .chain = m->ledger->chain,
                                 .differs = differs};
    aver_err err = follow(m, &replay, why);
    aver_replay_free(&replay);
    return err;
}

/* ---- the claim itself, with every read written down ---- */

static aver_err seen_get(void *self, aver_bytes name, struct aver_stored *out, struct aver_why *why)
{
    struct aver_bundle_making *m = self;
    aver_err err = m->layer.view.get(&m->layer, name, out, why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    struct aver_bundle_seen *s = m->names.items;
    for (size_t i = 0; i < m->names.count; i++)
        if (aver_bytes_eq(s[i].name, name)) return err;
    s = aver_list_add(m->arena, &m->names, sizeof *s);
    s->name = aver_arena_copy(m->arena, name);
    if (err == AVER_OK) {
        s->record = aver_arena_copy(m->arena, out->record);
        s->height = out->height;
    }
    return err;
}

/* It is known already what the item wrote: its receipt says so. */
static aver_err seen_put(void *self, aver_bytes name, aver_bytes record, aver_digest key, aver_digest value,
                         struct aver_why *why)
{
    (void)self, (void)name, (void)record, (void)key, (void)value, (void)why;
    return AVER_OK;
}

static aver_err seen_artifact(void *self, aver_digest digest, aver_bytes *out, struct aver_why *why)
{
    struct aver_bundle_making *m = self;
    AVER_TRY(m->layer.view.artifact(&m->layer, digest, out, why));
    struct aver_bundle_artifact *a = m->artifacts.items;
    for (size_t i = 0; i < m->artifacts.count; i++)
        if (aver_digest_eq(a[i].digest, digest)) return AVER_OK;
    a = aver_list_add(m->arena, &m->artifacts, sizeof *a);
    *a = (struct aver_bundle_artifact){digest, aver_arena_copy(m->arena, *out)};
    return AVER_OK;
}

static aver_err seen_artifact_put(void *self, aver_digest digest, aver_bytes content, struct aver_why *why)
{
    (void)self, (void)digest, (void)content, (void)why;
    return AVER_OK;
}

static aver_err seen_table(void *self, aver_digest root, aver_bytes code, aver_bytes *out,
                           struct aver_why *why)
{
    struct aver_bundle_making *m = self;
    aver_err err = m->layer.view.table_entry(&m->layer, root, code, out, why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    struct aver_bundle_table *t = m->tables.items;
    for (size_t i = 0; i < m->tables.count; i++)
        if (aver_digest_eq(t[i].root, root) && aver_bytes_eq(t[i].code, code)) return err;
    t = aver_list_add(m->arena, &m->tables, sizeof *t);
    *t = (struct aver_bundle_table){.root = root, .code = aver_arena_copy(m->arena, code)};
    if (!t->code.ptr) t->code = AVER_LIT("");
    if (err == AVER_OK) t->entry = aver_arena_copy(m->arena, *out);
    return err;
}

static aver_err execute(struct aver_bundle_making *m, struct aver_why *why)
{
    struct aver_envelope env;
    struct aver_applied applied;
    struct aver_view view = {.self = m,
                             .get = seen_get,
                             .put = seen_put,
                             .artifact = seen_artifact,
                             .artifact_put = seen_artifact_put,
                             .table_entry = seen_table,
                             .height = m->header.height,
                             .time = m->header.time};
    /* A machine that knows nothing yet asks for every artifact that it needs. */
    struct aver_machine *machine = aver_machine_new();
    struct aver_item item = {m->opened.body.salt, m->opened.body.item, m->opened.leaf, m->entry, NULL};
    aver_err err = aver_envelope_open(&env, &view, m->opened.cose, m->ledger->chain, NULL, m->arena, why);
    if (err == AVER_OK) err = aver_apply(machine, &view, &env, &item, m->arena, &applied, why);
    aver_machine_free(machine);
    AVER_TRY(err);
    return aver_schema_read(m->opened.receipt, &aver_receipt_schema, &m->receipt, m->arena, why);
}

/* ---- all of it ---- */

static aver_err find_claim(struct aver_bundle_making *m, struct aver_why *why)
{
    struct aver_claim_state state;
    struct aver_stored stored;
    struct aver_buf name = {0};
    const struct aver_view *view = aver_ledger_view(m->ledger);
    aver_buf_str(&name, "c/");
    aver_name_escape(&name, m->wish->claim_id);
    aver_err err = view->get(view->self, aver_buf_view(&name), &stored, why);
    aver_buf_free(&name);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(why, err, "LEDGER-CLAIM", "", "the ledger has no claim %.*s",
                         AVER_STR(m->wish->claim_id));
    AVER_TRY(err);
    AVER_TRY(aver_schema_read(stored.record, &aver_claim_state_schema, &state, m->arena, why));
    m->entry = state.entry;
    return aver_ledger_item(m->ledger, m->entry, &m->opened, m->arena, why);
}

static aver_err make(struct aver_bundle_making *m, struct aver_buf *out, aver_progress_fn progress,
                     void *user, struct aver_why *why)
{
    AVER_TRY(find_claim(m, why));
    AVER_TRY(state_before(m, progress, user, why));
    AVER_TRY(execute(m, why));
    return aver_bundle_assemble(m, out, why);
}

aver_err aver_bundle_make(struct aver_ledger *ledger, const struct aver_bundle_wish *wish,
                          struct aver_buf *out, struct aver_arena *arena, aver_progress_fn progress,
                          void *user, struct aver_why *why)
{
    struct aver_bundle_making *m = AVER_NEW(arena, struct aver_bundle_making);
    *m = (struct aver_bundle_making){
        .ledger = ledger, .wish = wish, .arena = arena, .machine = aver_machine_new()};
    aver_err err = make(m, out, progress, user, why);
    aver_past_close(m->past);
    aver_machine_free(m->machine);
    aver_map_free(&m->written);
    aver_view_memory_free(&m->layer);
    aver_arena_free(&m->frame);
    aver_buf_free(&m->pool.hashes);
    return err;
}
