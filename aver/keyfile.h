/* aver/keyfile.h - an Ed25519 key in a text file of mode 0600:
 *
 *     averment-key/1
 *     public <64 hexadecimal digits>
 *     seed <64 hexadecimal digits>
 */
#ifndef AVER_AVER_KEYFILE_H
#define AVER_AVER_KEYFILE_H

#include "base/hash.h"

#define AVER_KEY_FILE_BYTES_MAX 512

struct aver_key {
    struct aver_public_key public_key;
    struct aver_secret_key secret;
    uint8_t kid[16];
};

void aver_key_make(struct aver_key *key); /* of random bytes */
void aver_key_wipe(struct aver_key *key);

/* AVER_E_NOT_FOUND NO-FILE; AVER_E_REFUSED KEY-MODE: others may read it; AVER_E_INPUT KEY-FORM: another form, or the public
 * key is not the seed's; AVER_E_IO. */
AVER_MUST_CHECK aver_err aver_key_read(struct aver_key *out, const char *path, struct aver_why *why);
/* AVER_E_EXISTS FILE-EXISTS unless `replace`; else as aver_path_write. */
AVER_MUST_CHECK aver_err aver_key_write(const struct aver_key *key, const char *path, bool replace,
                                        struct aver_why *why);

#endif
