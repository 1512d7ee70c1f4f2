/* aver/keyfile.c - see keyfile.h. */
#include "aver/keyfile.h"

#include "aver/files.h"

#include <string.h>
#include <sys/stat.h>

#define LINE_KIND   "averment-key/1\n"
#define LINE_PUBLIC "public "
#define LINE_SEED   "seed "

static void from_seed(struct aver_key *key, const uint8_t seed[32])
{
    aver_key_from_seed(&key->public_key, &key->secret, seed);
    aver_kid(key->kid, &key->public_key);
}

void aver_key_make(struct aver_key *key)
{
    uint8_t seed[32];
    aver_random(seed, sizeof seed);
    from_seed(key, seed);
    aver_wipe(seed, sizeof seed);
}

void aver_key_wipe(struct aver_key *key) { aver_wipe(key, sizeof *key); }

/* Takes `word` from the front. */
static bool take(aver_bytes *in, const char *word)
{
    size_t n = strlen(word);
    if (in->len < n || memcmp(in->ptr, word, n)) return false;
    *in = aver_bytes_cut(*in, n, in->len - n);
    return true;
}

static bool take_hex(aver_bytes *in, uint8_t out[32])
{
    if (in->len < 64 || aver_unhex(out, 32, aver_bytes_cut(*in, 0, 64)) != AVER_OK) return false;
    *in = aver_bytes_cut(*in, 64, in->len - 64);
    return take(in, "\n");
}

static aver_err parse(struct aver_key *out, aver_bytes text, const char *path, struct aver_why *why)
{
    uint8_t public_key[32], seed[32];
    bool formed = take(&text, LINE_KIND) && take(&text, LINE_PUBLIC) && take_hex(&text, public_key) &&
                  take(&text, LINE_SEED) && take_hex(&text, seed) && text.len == 0;
    if (formed) from_seed(out, seed);
    aver_wipe(seed, sizeof seed);
    if (!formed)
        return aver_fail(why, AVER_E_INPUT, "KEY-FORM", path,
                         "this is no key file as `aver key new` makes it");
    if (memcmp(public_key, out->public_key.b, sizeof public_key))
        return aver_fail(why, AVER_E_INPUT, "KEY-FORM", path,
                         "the public key is not that of the seed: the file was altered");
    return AVER_OK;
}

aver_err aver_key_read(struct aver_key *out, const char *path, struct aver_why *why)
{
    struct stat st;
    if (stat(path, &st)) return aver_fail_errno(why, "open the key file", path);
    if (!S_ISREG(st.st_mode)) return aver_fail(why, AVER_E_INPUT, "KEY-FORM", path, "this is no file");
    if (st.st_mode & 077)
        return aver_fail(
            why, AVER_E_REFUSED, "KEY-MODE", path,
            "others than its owner may use this key file (mode %03o): make a new key, or run chmod 600 if "
            "nobody can have seen it",
            (unsigned)st.st_mode & 0777);
    struct aver_buf text = {0};
    aver_err err = aver_path_read(&text, path, AVER_KEY_FILE_BYTES_MAX, why);
    if (err == AVER_OK) err = parse(out, aver_buf_view(&text), path, why);
    aver_wipe(text.ptr, text.cap);
    aver_buf_free(&text);
    return err;
}

aver_err aver_key_write(const struct aver_key *key, const char *path, bool replace, struct aver_why *why)
{
    struct aver_buf text = {0};
    aver_buf_reserve(&text,
                     AVER_KEY_FILE_BYTES_MAX); /* never moved, so that no copy of the seed stays behind */
    aver_buf_str(&text, LINE_KIND LINE_PUBLIC);
    aver_buf_hex(&text, aver_bytes_of(key->public_key.b, sizeof key->public_key.b));
    aver_buf_str(&text, "\n" LINE_SEED);
    aver_buf_hex(&text, aver_bytes_of(key->secret.b, 32));
    aver_buf_str(&text, "\n");
    aver_err err = aver_path_write(path, aver_buf_view(&text), 0600, replace, why);
    aver_wipe(text.ptr, text.cap);
    aver_buf_free(&text);
    return err;
}
