/* ledger/storage/ahead.h - items executed before their turn, by several threads, with the answer of one thread in order.
 *
 * Items stand in the order of the log. Each is executed over the state as it stood before all of them and what earlier items of
 * its family wrote, and waits for those: only for earlier ones, so who hands items to threads in their order is never stuck. What
 * crosses families is a payee's list of claims: each decided claim becomes its newest. An item that asks for its payee's record is
 * told the record as the earlier ones of that payee will leave it; of one that is still being decided it is guessed, after a moment,
 * that it will be put on the list as nearly all are. For waiting costs more: threads outnumber processors.
 *
 * At its turn nothing is believed: an item counts as executed only if every record that it read is the one that stands in the
 * state then (aver_ahead_holds). Any other is executed again at its turn, by its caller. */
#ifndef AVER_LEDGER_STORAGE_AHEAD_H
#define AVER_LEDGER_STORAGE_AHEAD_H

#include <stdatomic.h>

#include "ledger/storage/view_memory.h"
#include "ledger/transition/apply.h"

/* One item. All zeros but for what the caller sets. It must not move. */
struct aver_ahead_item {
    /* By the caller: */
    uint64_t height;
    int64_t time;
    struct aver_ahead_item *family_before; /* the one before it of its family; NULL: none */
    struct aver_ahead_item *payee_before;  /* of its payee */
    aver_bytes payee_name;                 /* of the payee's record; absent: it has none */
    aver_bytes claim_id;                   /* what becomes the payee's newest claim */
    /* Private: */
    bool executed;
    bool sure; /* nothing that payee_record says was guessed */
    atomic_uint stage;
    struct aver_ahead_put *puts;
    struct aver_ahead_seen *seen;
    aver_bytes payee_record; /* as it leaves it */
};

/* What a thread works with. All zeros, then aver_ahead_start. It must not move. */
struct aver_ahead {
    struct aver_view view;        /* as the item that is executed sees the world */
    struct aver_view_memory peek; /* the state before all items; for other reads, nothing is noted */
    struct aver_ahead_item *item;
    struct aver_arena keep; /* what items read and wrote; the owner empties it when all had their turn */
};
/* Before the first item of each stretch: the state from which it starts, borrowed and not written until all items are executed.
 * `below` is the thread's own way to what lies below the state, or NULL; borrowed. */
void aver_ahead_start(struct aver_ahead *ahead, const struct aver_view_memory *state,
                      const struct aver_backing *below);

/* Executes the item; false: it could not be, and its turn will tell why. `out` and its receipt lie in the arena. Ends with every
 * waiting item let go, whatever happens. */
bool aver_ahead_execute(struct aver_ahead *ahead, struct aver_ahead_item *item, struct aver_machine *machine,
                        const struct aver_envelope *env, const struct aver_item *what,
                        struct aver_arena *arena, struct aver_applied *out);
/* Lets the waiting items go without executing it. */
void aver_ahead_skip(struct aver_ahead_item *item);
/* The record that it wrote under a name, absent if none. */
aver_bytes aver_ahead_wrote(const struct aver_ahead_item *item, aver_bytes name);

/* At its turn, the items before it being in the state: whether it was executed and all that it read still holds. */
bool aver_ahead_holds(const struct aver_view_memory *state, const struct aver_ahead_item *item);
/* Puts what it wrote into the state. */
AVER_MUST_CHECK aver_err aver_ahead_commit(struct aver_view_memory *state, const struct aver_ahead_item *item,
                                           struct aver_why *why);

#endif
