/* base/arena.c - see arena.h. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct aver_arena_block {
    struct aver_arena_block *next;
    size_t used, cap;
    _Alignas(max_align_t) uint8_t data[];
};

#define BLOCK_BYTES 16384

void *aver_arena_raw(struct aver_arena *arena, size_t bytes)
{
    size_t need;
    if (__builtin_add_overflow(bytes, _Alignof(max_align_t) - 1, &need)) aver_oom(bytes);
    need &= ~(_Alignof(max_align_t) - 1);
    struct aver_arena_block *b = arena->head;
    if (!b || b->cap - b->used < need) {
        /* Blocks double, so that a large piece of work costs few of them. */
        size_t cap = b ? b->cap * 2 : BLOCK_BYTES, total;
        if (cap > (size_t)16 << 20) cap = (size_t)16 << 20;
        if (cap < need) cap = need;
        if (__builtin_add_overflow(cap, sizeof *b, &total)) aver_oom(bytes);
        b = malloc(total);
        if (!b) aver_oom(total);
        *b = (struct aver_arena_block){.next = arena->head, .used = 0, .cap = cap};
        arena->head = b;
    }
    void *p = b->data + b->used;
    b->used += need;
    return p;
}

void *aver_arena_alloc(struct aver_arena *arena, size_t bytes)
{
    return memset(aver_arena_raw(arena, bytes), 0, bytes);
}

void *aver_arena_array(struct aver_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) aver_oom(SIZE_MAX);
    return aver_arena_alloc(arena, bytes);
}

aver_bytes aver_arena_copy(struct aver_arena *arena, aver_bytes b)
{
    if (!b.ptr) return AVER_BYTES_NONE;
    uint8_t *p = aver_arena_raw(arena, b.len + 1);
    if (b.len) memcpy(p, b.ptr, b.len);
    p[b.len] = 0;
    return aver_bytes_of(p, b.len);
}

char *aver_arena_printf(struct aver_arena *arena, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    AVER_ASSERT(n >= 0);
    char *p = aver_arena_raw(arena, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void aver_arena_reset(struct aver_arena *arena)
{
    if (!arena->head) return;
    while (arena->head->next) {
        struct aver_arena_block *next = arena->head->next->next;
        free(arena->head->next);
        arena->head->next = next;
    }
    arena->head->used = 0;
}

void aver_arena_free(struct aver_arena *arena)
{
    aver_arena_reset(arena);
    free(arena->head);
    arena->head = NULL;
}

void aver_arena_adopt(struct aver_arena *arena, struct aver_arena *from)
{
    struct aver_arena_block **end = &from->head;
    while (*end) end = &(*end)->next;
    if (arena->head) {
        *end = arena->head->next;
        arena->head->next = from->head;
    } else {
        arena->head = from->head;
    }
    from->head = NULL;
}

void *aver_list_add(struct aver_arena *arena, struct aver_list *list, size_t item_size)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        size_t bytes;
        if (__builtin_mul_overflow(cap, item_size, &bytes)) aver_oom(SIZE_MAX);
        void *items = aver_arena_raw(arena, bytes);
        if (list->count) memcpy(items, list->items, list->count * item_size);
        list->items = items;
        list->cap = cap;
    }
    return memset((uint8_t *)list->items + item_size * list->count++, 0, item_size);
}
