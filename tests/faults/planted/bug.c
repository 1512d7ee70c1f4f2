/* tests/faults/planted/bug.c - the program with a bug in it, for tests/faults/quarantine.sh: an item that holds the text of AVER_PLANTED
 * makes its execution fail an assert. Linked around aver_apply (--wrap) into build/dev/faults/aver, and into nothing else. */
#include <stdlib.h>
#include <string.h>

#include "ledger/transition/apply.h"

aver_err __real_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why);
aver_err __wrap_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why);
aver_err __wrap_aver_apply(struct aver_machine *machine, struct aver_view *view,
                           const struct aver_envelope *env, const struct aver_item *item,
                           struct aver_arena *arena, struct aver_applied *out, struct aver_why *why)
{
    const char *planted = getenv("AVER_PLANTED");
    AVER_ASSERT(!planted || !memmem(item->item.ptr, item->item.len, planted, strlen(planted)));
    return __real_aver_apply(machine, view, env, item, arena, out, why);
}
