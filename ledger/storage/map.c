/* ledger/storage/map.c - see map.h. */
#include "ledger/storage/map.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 256
#define VALUE_MIN 32

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes at a time, each multiplied to 128 bits whose halves are folded, after a random seed. The length tells keys apart that
 * differ in zero bytes at their end. */
static uint64_t hash_of(const struct aver_map *map, aver_bytes key)
{
    uint64_t h = map->seed ^ key.len, eight;
    const uint8_t *p = key.ptr;
    size_t left = key.len;
    for (; left >= sizeof eight; p += sizeof eight, left -= sizeof eight) {
        memcpy(&eight, p, sizeof eight);
        h = mix(h ^ eight, UINT64_C(0x9e3779b97f4a7c15) ^ map->seed);
    }
    eight = 0;
    if (left) memcpy(&eight, p, left);
    return mix(mix(h ^ eight, UINT64_C(0xd6e8feb86659fd93)), map->seed | 1);
}

static struct aver_map_item *find(const struct aver_map *map, aver_bytes key, uint64_t hash)
{
    struct aver_map_item *item = map->slots[hash & (map->slots_count - 1)];
    while (item && (item->hash != hash || !aver_bytes_eq(item->key, key))) item = item->chain;
    return item;
}

struct aver_map_item *aver_map_find(const struct aver_map *map, aver_bytes key)
{
    return map->count ? find(map, key, hash_of(map, key)) : NULL;
}

static void grow(struct aver_map *map)
{
    size_t count = map->slots_count ? map->slots_count * 2 : SLOTS_MIN;
    struct aver_map_item **slots = calloc(count, sizeof(struct aver_map_item *));
    if (!slots) aver_oom(count * sizeof(struct aver_map_item *));
    for (size_t i = 0; i < map->slots_count; i++)
        for (struct aver_map_item *item = map->slots[i], *next; item; item = next) {
            next = item->chain;
            item->chain = slots[item->hash & (count - 1)];
            slots[item->hash & (count - 1)] = item;
        }
    free(map->slots);
    map->slots = slots;
    map->slots_count = count;
}

struct aver_map_item *aver_map_set(struct aver_map *map, aver_bytes key, aver_bytes value)
{
    if (!map->seed) {
        aver_random(&map->seed, sizeof map->seed);
        map->seed |= 1;
    }
    uint64_t hash = hash_of(map, key);
    struct aver_map_item *item = map->count ? find(map, key, hash) : NULL;
    if (!item) {
        if (map->count >= map->slots_count) grow(map);
        item = AVER_NEW(&map->arena, struct aver_map_item);
        item->key = aver_arena_copy(&map->arena, key);
        item->hash = hash;
        item->chain = map->slots[item->hash & (map->slots_count - 1)];
        map->slots[item->hash & (map->slots_count - 1)] = item;
        map->count++;
        map->bytes += key.len;
    }
    if (value.len > item->cap || !item->value) {
        /* A value that grows leaves its old room behind; doubling keeps what is lost below what is used. */
        size_t cap = item->value ? item->cap * 2 : VALUE_MIN;
        if (cap < value.len) cap = value.len;
        uint8_t *room = aver_arena_raw(&map->arena, cap);
        if (value.len) memcpy(room, value.ptr, value.len);
        item->value = room;
        item->cap = cap;
    } else if (value.len) {
        memmove(item->value, value.ptr, value.len);
    }
    item->len = value.len;
    item->gone = false;
    map->bytes += value.len;
    return item;
}

static int by_key(const void *a, const void *b)
{
    const struct aver_map_item *const *x = a, *const *y = b;
    return aver_bytes_cmp((*x)->key, (*y)->key);
}

struct aver_map_item **aver_map_sorted(const struct aver_map *map, struct aver_arena *arena)
{
    struct aver_map_item **all = AVER_NEW_ARRAY(arena, struct aver_map_item *, map->count + 1);
    size_t n = 0;
    for (size_t i = 0; i < map->slots_count; i++)
        for (struct aver_map_item *item = map->slots[i]; item; item = item->chain) all[n++] = item;
    if (n) qsort(all, n, sizeof *all, by_key);
    return all;
}

void aver_map_clear(struct aver_map *map)
{
    if (map->slots_count > 16 * SLOTS_MIN) {
        free(map->slots);
        map->slots = NULL;
        map->slots_count = 0;
    } else if (map->count) {
        memset(map->slots, 0, map->slots_count * sizeof(struct aver_map_item *));
    }
    map->count = 0;
    map->bytes = 0;
    aver_arena_reset(&map->arena);
}

void aver_map_free(struct aver_map *map)
{
    free(map->slots);
    aver_arena_free(&map->arena);
    *map = (struct aver_map){0};
}
