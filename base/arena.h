/* base/arena.h - memory for one piece of work, given back at once.
 * All zeros is an empty arena. Allocation never fails (see aver_oom) and is zeroed and aligned for any type. */
#ifndef AVER_BASE_ARENA_H
#define AVER_BASE_ARENA_H

#include "base/bytes.h"

struct aver_arena {
    struct aver_arena_block *head;
};

void *aver_arena_alloc(struct aver_arena *arena, size_t bytes);
void *aver_arena_raw(struct aver_arena *arena, size_t bytes); /* not zeroed: who asks fills it */
void *aver_arena_array(struct aver_arena *arena, size_t count,
                       size_t size);                                /* count * size, overflow checked */
aver_bytes aver_arena_copy(struct aver_arena *arena, aver_bytes b); /* absent stays absent; NUL follows */
char *aver_arena_printf(struct aver_arena *arena, const char *fmt, ...) AVER_PRINTF(2, 3);
/* Forgets everything but keeps one block for the next use; aver_arena_free gives all of it back. */
void aver_arena_reset(struct aver_arena *arena);
void aver_arena_free(struct aver_arena *arena);
/* What `from` holds now belongs to `arena`, where it lies; `from` is empty. */
void aver_arena_adopt(struct aver_arena *arena, struct aver_arena *from);

#define AVER_NEW(arena, type)          ((type *)aver_arena_alloc((arena), sizeof(type)))
#define AVER_NEW_ARRAY(arena, type, n) ((type *)aver_arena_array((arena), (n), sizeof(type)))

/* A list that grows in an arena: items lie side by side. All zeros is empty. */
struct aver_list {
    void *items;
    size_t count, cap;
};
/* A new zeroed item at the end. Earlier items may move. */
void *aver_list_add(struct aver_arena *arena, struct aver_list *list, size_t item_size);

#endif
