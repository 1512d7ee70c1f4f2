/* ledger/storage/map.h - a hash map from bytes to bytes in an arena: what a group has changed and LMDB does not hold yet,
 * and the whole state of an audit. Nothing is given back but all at once. */
#ifndef AVER_LEDGER_STORAGE_MAP_H
#define AVER_LEDGER_STORAGE_MAP_H

#include "base/arena.h"
#include "base/hash.h"

struct aver_map_item {
    struct aver_map_item *chain; /* same slot */
    struct aver_map_item *due;   /* list of its user */
    uint64_t hash;
    aver_bytes key;
    uint8_t *value;
    size_t len, cap;
    /* A state record's height, number among all writes, and commitments; zero for anything else. */
    uint64_t height, written;
    aver_digest trie_key, trie_value;
    bool is_due; /* it is on that list */
    bool gone;   /* deleted: hides what lies below */
};

/* All zeros is an empty map. */
struct aver_map {
    struct aver_map_item **slots;
    size_t slots_count, count;
    uint64_t seed; /* random, so that names chosen by others do not choose their slot */
    size_t bytes;  /* of keys and values put so far */
    struct aver_arena arena;
};

static inline aver_bytes aver_map_value(const struct aver_map_item *item)
{
    return aver_bytes_of(item->value, item->len);
}
/* NULL if there is none. Items do not move while the map lives; values do, with the next set. */
struct aver_map_item *aver_map_find(const struct aver_map *map, aver_bytes key);
/* Copies key and value, in place of any before. The value may be what the map holds for the key now. */
struct aver_map_item *aver_map_set(struct aver_map *map, aver_bytes key, aver_bytes value);
/* All items in key order, in the arena. */
struct aver_map_item **aver_map_sorted(const struct aver_map *map, struct aver_arena *arena);
void aver_map_clear(struct aver_map *map); /* keeps some memory for the next use */
void aver_map_free(struct aver_map *map);

#endif
