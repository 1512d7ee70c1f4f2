/* tests/unit/random_record.h - records filled at random from their field tables: everything a table allows, its boundaries
 * more often than chance would. */
#ifndef AVER_TESTS_RANDOM_RECORD_H
#define AVER_TESTS_RANDOM_RECORD_H

#include <string.h>

#include "base/schema.h"

/* splitmix64: small, seeded, the same everywhere. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0..max, the ends and small numbers often. */
static inline uint64_t random_upto(uint64_t *state, uint64_t max)
{
    switch (random_next(state) % 4) {
    case 0: return max;
    case 1: return random_next(state) % (max < 30 ? max + 1 : 30);
    default: return max == UINT64_MAX ? random_next(state) : random_next(state) % (max + 1);
    }
}

static inline aver_bytes random_text(uint64_t *state, struct aver_arena *arena, uint64_t max)
{
    static const char *const letters[] = {"A", "z", "0", " ", "-", "\xc3\xa9", "\xe6\xb0\xb4"};
    uint64_t want = 1 + random_upto(state, max - 1);
    if (want > 40 && random_next(state) % 8) want = 1 + want % 40;
    char *out = aver_arena_alloc(arena, want + 1);
    size_t len = 0;
    while (len < want) {
        const char *l = letters[random_next(state) % 7];
        if (len + strlen(l) > want) l = "x";
        memcpy(out + len, l, strlen(l));
        len += strlen(l);
    }
    return aver_bytes_of(out, len);
}

static inline aver_bytes random_bytes(uint64_t *state, struct aver_arena *arena, size_t len)
{
    uint8_t *out = aver_arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) out[i] = (uint8_t)random_next(state);
    return aver_bytes_of(out, len);
}

static inline void random_record(uint64_t *state, struct aver_arena *arena, const struct aver_schema *s,
                                 void *record);

static inline void random_list(uint64_t *state, struct aver_arena *arena, const struct aver_field *f,
                               struct aver_list *list)
{
    size_t most = f->max < 3 ? f->max : 3,
           count = f->optional + random_next(state) % (most + 1 - f->optional);
    for (size_t i = 0; i < count; i++) {
        if (f->type == AVER_T_LIST)
            random_record(state, arena, f->of, aver_list_add(arena, list, f->of->size));
        else if (f->type == AVER_T_TEXTS)
            *(aver_bytes *)aver_list_add(arena, list, sizeof(aver_bytes)) =
                random_text(state, arena, AVER_TEXTS_BYTES_MAX);
        else
            *(uint64_t *)aver_list_add(arena, list, sizeof(uint64_t)) = random_upto(state, INT64_MAX);
    }
}

static inline uint64_t random_enum(uint64_t *state, const struct aver_field *f)
{
    for (;;) {
        uint64_t v = 1 + random_next(state) % f->max;
        if (f->names[v]) return v;
    }
}

/* Never the absent value where the field is optional. */
static inline void random_value(uint64_t *state, struct aver_arena *arena, const struct aver_field *f,
                                void *slot)
{
    uint64_t least = f->optional;
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT: {
        uint64_t max = f->max ? f->max : INT64_MAX;
        *(uint64_t *)slot = f->names ? random_enum(state, f) : least + random_upto(state, max - least);
        return;
    }
    case AVER_T_INT: {
        int64_t n = (int64_t)random_upto(state, UINT64_MAX);
        *(int64_t *)slot = n == 0 ? (int64_t)least : n;
        return;
    }
    case AVER_T_BOOL: *(bool *)slot = f->optional || random_next(state) % 2; return;
    case AVER_T_MONEY:
        ((aver_money *)slot)->cents = least + random_upto(state, AVER_MONEY_LIMIT - 1 - least);
        return;
    case AVER_T_DELTA: {
        int64_t n = (int64_t)(least + random_upto(state, AVER_MONEY_LIMIT - 1 - least));
        ((aver_delta *)slot)->cents = random_next(state) % 2 ? n : -n;
        return;
    }
    case AVER_T_DAY:
        *(aver_day *)slot = AVER_DAY_MIN + (aver_day)random_upto(state, AVER_DAY_MAX - AVER_DAY_MIN);
        return;
    case AVER_T_TEXT: *(aver_bytes *)slot = random_text(state, arena, f->max); return;
    case AVER_T_BYTES: *(aver_bytes *)slot = random_bytes(state, arena, random_next(state) % 33); return;
    case AVER_T_FIXED: *(aver_bytes *)slot = random_bytes(state, arena, f->max); return;
    case AVER_T_RAW: *(aver_bytes *)slot = AVER_LIT("\x82\x01\xf6"); return;
    case AVER_T_DIGEST: memcpy(slot, random_bytes(state, arena, 32).ptr, 32); return;
    case AVER_T_STRUCT: {
        void *sub = aver_arena_alloc(arena, f->of->size);
        random_record(state, arena, f->of, sub);
        *(void **)slot = sub;
        return;
    }
    case AVER_T_LIST:
    case AVER_T_TEXTS:
    case AVER_T_UINTS: random_list(state, arena, f, slot); return;
    }
}

/* `record` is zeroed. */
static inline void random_record(uint64_t *state, struct aver_arena *arena, const struct aver_schema *s,
                                 void *record)
{
    aver_schema_init(s, record);
    for (size_t i = 0; i < s->count; i++)
        if (!s->fields[i].optional || random_next(state) % 2)
            random_value(state, arena, &s->fields[i], (uint8_t *)record + s->fields[i].offset);
}

#endif
