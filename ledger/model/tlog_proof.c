/* ledger/model/tlog_proof.c - see tlog_proof.h. */
#include "ledger/model/tlog_proof.h"

#include "base/base64.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define EXTRA      "extra "
/* tlog-proof has no bound of its own; of a tree below 2^63 entries no path is longer. */
#define PATH_MAX_HASHES AVER_MERKLE_LEVELS

/* ---- lines ---- */

aver_bytes aver_tlog_line(aver_bytes *rest)
{
    const uint8_t *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    if (!end) return AVER_BYTES_NONE;
    size_t len = (size_t)(end - rest->ptr);
    aver_bytes line = aver_bytes_cut(*rest, 0, len);
    *rest = aver_bytes_cut(*rest, len + 1, rest->len - len - 1);
    return line;
}

bool aver_tlog_number(uint64_t *out, aver_bytes line, const char *word)
{
    size_t n = strlen(word);
    return line.len > n + 1 && !memcmp(line.ptr, word, n) && line.ptr[n] == ' ' &&
           aver_bytes_u64(out, aver_bytes_cut(line, n + 1, line.len - n - 1)) == AVER_OK;
}

void aver_tlog_path_put(struct aver_buf *buf, const struct aver_merkle_proof *path)
{
    for (size_t i = 0; i < path->count; i++) {
        aver_base64_put(buf, aver_digest_bytes(&path->hash[i]));
        aver_buf_byte(buf, '\n');
    }
    aver_buf_byte(buf, '\n');
}

bool aver_tlog_path_read(struct aver_merkle_proof *out, aver_bytes *rest, size_t max, unsigned *line)
{
    for (out->count = 0;; out->count++) {
        aver_bytes text = aver_tlog_line(rest);
        ++*line;
        if (text.ptr && text.len == 0) return true;
        aver_digest hash;
        if (!text.ptr || out->count == max || aver_base64_exact(hash.b, sizeof hash.b, text) != AVER_OK)
            return false;
        out->hash[out->count] = hash;
    }
}

/* ---- writing and reading ---- */

void aver_tlog_proof_put(struct aver_buf *buf, const struct aver_tlog_proof *proof, aver_bytes extra)
{
    AVER_ASSERT(extra.len <= AVER_TLOG_EXTRA_MAX);
    aver_buf_str(buf, FIRST_LINE "\n");
    if (extra.len) {
        aver_buf_str(buf, EXTRA);
        aver_base64_put(buf, extra);
        aver_buf_byte(buf, '\n');
    }
    aver_buf_printf(buf, "index %" PRIu64 "\n", proof->index);
    aver_tlog_path_put(buf, &proof->path);
    aver_buf_bytes(buf, proof->checkpoint);
}

static aver_err bad_line(struct aver_why *why, aver_err err, unsigned line, const char *what)
{
    char place[24];
    snprintf(place, sizeof place, "line %u", line);
    return aver_fail(why, err, "TLOG-PROOF", place, "%s", what);
}

static aver_err read_extra(struct aver_buf *extra, aver_bytes text, struct aver_why *why)
{
    uint8_t bytes[AVER_TLOG_EXTRA_MAX + 3];
    size_t len;
    if (text.len > (AVER_TLOG_EXTRA_MAX + 2) / 3 * 4)
        return bad_line(why, AVER_E_LIMIT, 2, "the extra data is longer than is read");
    if (text.len == 0 || aver_base64_get(bytes, &len, text) != AVER_OK)
        return bad_line(why, AVER_E_INPUT, 2,
                        "the extra data is base64; where there is none the line is left out");
    if (len > AVER_TLOG_EXTRA_MAX)
        return bad_line(why, AVER_E_LIMIT, 2, "the extra data is longer than is read");
    if (extra) aver_buf_put(extra, bytes, len);
    return AVER_OK;
}

aver_err aver_tlog_proof_read(struct aver_tlog_proof *out, struct aver_buf *extra, aver_bytes bytes,
                              struct aver_why *why)
{
    const size_t mark = sizeof EXTRA - 1;
    unsigned line = 2;
    if (bytes.len > AVER_TLOG_PROOF_BYTES_MAX)
        return bad_line(why, AVER_E_LIMIT, 1, "the proof is larger than is read");
    if (!aver_bytes_is(aver_tlog_line(&bytes), FIRST_LINE))
        return bad_line(why, AVER_E_INPUT, 1, "a proof of a log entry begins with the line " FIRST_LINE);
    aver_bytes text = aver_tlog_line(&bytes);
    if (text.len >= mark && !memcmp(text.ptr, EXTRA, mark)) {
        AVER_TRY(read_extra(extra, aver_bytes_cut(text, mark, text.len - mark), why));
        text = aver_tlog_line(&bytes);
        line = 3;
    }
    if (!aver_tlog_number(&out->index, text, "index") || out->index >= AVER_MERKLE_SIZE_MAX)
        return bad_line(why, AVER_E_INPUT, line,
                        "here stands the word index, a space, and a decimal number below 2^63");
    if (!aver_tlog_path_read(&out->path, &bytes, PATH_MAX_HASHES, &line))
        return bad_line(
            why, AVER_E_INPUT, line,
            "after the index stand at most 63 hashes, each 32 bytes in base64, and an empty line");
    if (bytes.len == 0) return bad_line(why, AVER_E_INPUT, line + 1, "the checkpoint is missing");
    out->checkpoint = bytes;
    return AVER_OK;
}

aver_err aver_tlog_proof_check(const struct aver_tlog_proof *proof, const aver_digest *leaf,
                               const struct aver_tlog_policy *policy, const struct aver_note_key *known,
                               struct aver_tlog_seen *seen, struct aver_why *why)
{
    struct aver_tlog_seen here;
    if (!seen) seen = &here;
    AVER_TRY(aver_tlog_policy_check(policy, known, proof->checkpoint, seen, why));
    return aver_merkle_verify(&seen->checkpoint.root, seen->checkpoint.size, proof->index, leaf,
                              proof->path.hash, proof->path.count, why);
}
