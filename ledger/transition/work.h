/* ledger/transition/work.h - the state as one item sees and changes it.
 *
 * Reads go to the view once and are remembered; writes stay here until the item has succeeded, then go to the view whole.
 * The names touched, with their commitments before and after, are the receipt's touch list. */
#ifndef AVER_LEDGER_TRANSITION_WORK_H
#define AVER_LEDGER_TRANSITION_WORK_H

#include "ledger/model/decision.h"
#include "ledger/model/state.h"
#include "ledger/model/tx.h"
#include "ledger/transition/memo.h"
#include "ledger/transition/view.h"

struct aver_work {
    const struct aver_view *view;
    struct aver_arena *arena;
    aver_bytes ledger_secret;         /* 32 bytes; absent until the genesis is read or applied */
    aver_bytes family, family_secret; /* the one family that this item may touch; absent: none */
    struct aver_hmac_key keys[2];     /* of the ledger and of the family, with the touch list */
    struct aver_list entries;         /* struct work_entry, private */
    struct aver_memo *memo;           /* set after aver_work_begin, or NULL: without it all is made anew */
};

/* Reads the genesis, if there is one, for its secret. */
AVER_MUST_CHECK aver_err aver_work_begin(struct aver_work *work, const struct aver_view *view,
                                         struct aver_arena *arena, struct aver_why *why);
/* From now on names of this family may be touched. Both borrowed for the life of the work; the secret is absent where the view
 * opens commitments (view.h, open_key). */
void aver_work_family(struct aver_work *work, aver_bytes family, aver_bytes secret);

/* Decodes the record of a name. AVER_E_NOT_FOUND when there is none (and the absence is touched). Asserts that the name is of no
 * family but the work's own: contracts cannot name state, so another one is a bug of ours. */
AVER_MUST_CHECK aver_err aver_work_get(struct aver_work *work, aver_bytes name,
                                       const struct aver_schema *schema, void *record, struct aver_why *why);
void aver_work_put(struct aver_work *work, aver_bytes name, const struct aver_schema *schema,
                   const void *record);

/* Name builders: "p/operations"; an aver_bytes part is escaped, a family is not. In the arena. */
aver_bytes aver_work_name(struct aver_work *work, const char *prefix, aver_bytes part);
aver_bytes aver_work_name_hex(struct aver_work *work, const char *prefix, aver_bytes part);
/* "f/<family>/<kind>/<member>" and the parts; member absent: "*". */
aver_bytes aver_work_family_part(struct aver_work *work, aver_bytes family, const char *kind,
                                 aver_bytes member, const aver_bytes *parts, size_t count);
/* "f/<family>", "f/<family>/m/<member>", "f/<family>/b/<day>". */
aver_bytes aver_work_family_name(struct aver_work *work, aver_bytes family);
aver_bytes aver_work_member_name(struct aver_work *work, aver_bytes family, aver_bytes member);
aver_bytes aver_work_born_name(struct aver_work *work, aver_bytes family, aver_day day);
/* "f/<family>/y/<member>/<pool>/<period>"; member absent: the family's own. */
aver_bytes aver_work_balances_name(struct aver_work *work, aver_bytes family, aver_bytes member,
                                   aver_bytes pool, aver_bytes period);

/* The touch list, keys ascending: asked for once, when nothing more is touched. Where the view opens commitments, `after` is zero for a name whose value of now it does not
 * open. */
struct aver_list aver_work_touches(struct aver_work *work);
/* Hands every write to the view, with the commitments of the touch list: asked for after it. */
AVER_MUST_CHECK aver_err aver_work_commit(struct aver_work *work, struct aver_view *view,
                                          struct aver_why *why);

#endif
