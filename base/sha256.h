/* base/sha256.h - the compression function of SHA-256 (FIPS 180-4, 6.2.2), by libsodium or by the processor's own instructions,
 * which take a sixth of the time. For base/hash.c, which pads, and its test: all others hash by base/hash.h. */
#ifndef AVER_BASE_SHA256_H
#define AVER_BASE_SHA256_H

#include "base/bytes.h"

#define AVER_SHA256_BLOCK 64

/* Takes `count` whole blocks into the state. */
typedef void aver_sha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count);

aver_sha256_compress aver_sha256_by_sodium;
/* By the processor's instructions; NULL where it has none. */
aver_sha256_compress *aver_sha256_by_processor(void);

#endif
