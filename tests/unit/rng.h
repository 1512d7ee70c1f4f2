/* tests/unit/rng.h - a seeded generator for property tests: the same numbers on every machine and in every run. */
#ifndef AVER_TESTS_RNG_H
#define AVER_TESTS_RNG_H

#include <stdint.h>

/* splitmix64; the state is the seed, any value will do. */
static inline uint64_t rng_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 <= result < n, near enough to even for a test. */
static inline uint64_t rng_below(uint64_t *state, uint64_t n) { return rng_next(state) % n; }

/* Numbers of all lengths in bits, so that small ones are as common as large ones. */
static inline uint64_t rng_bits(uint64_t *state) { return rng_next(state) >> rng_below(state, 64); }

#endif
