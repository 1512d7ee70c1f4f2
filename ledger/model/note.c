/* ledger/model/note.c - see note.h. */
#include "ledger/model/note.h"

#include "base/base64.h"
#include "ledger/model/merkle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EM_DASH           "\xe2\x80\x94" /* U+2014 */
#define SIGNATURE_BYTES   (4 + 64)       /* key id, Ed25519 signature */
#define COSIGNATURE_BYTES (4 + 8 + 64)   /* key id, time, Ed25519 signature */
#define BLOB_BYTES_MIN    5              /* "the base64 encoding of 4+n bytes" */

/* ---- names and keys ---- */

/* The code point at `at` of well-formed UTF-8, and its length. */
static uint32_t code_point(const uint8_t *at, size_t *len)
{
    if (at[0] < 0x80) return *len = 1, at[0];
    if (at[0] < 0xe0) return *len = 2, (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
    if (at[0] < 0xf0)
        return *len = 3, (uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
    *len = 4;
    return (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 | (uint32_t)(at[2] & 0x3f) << 6 |
           (at[3] & 0x3f);
}

/* Unicode's White_Space property, without those below U+0020, which are refused as control characters. */
static bool is_space(uint32_t c)
{
    return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* signed-note: "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters." */
static bool name_ok(aver_bytes name)
{
    if (name.len == 0 || name.len > AVER_NOTE_NAME_MAX || !aver_bytes_utf8(name)) return false;
    for (size_t i = 0, len; i < name.len; i += len) {
        uint32_t c = code_point(name.ptr + i, &len);
        if (c < 0x20 || c == '+' || is_space(c)) return false;
    }
    return true;
}

static uint32_t read_id(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void put_id(uint8_t out[4], uint32_t id)
{
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(id >> (24 - 8 * i));
}

static aver_err key_of(struct aver_note_key *out, enum aver_note_type type, aver_bytes name,
                       const struct aver_public_key *pk, struct aver_why *why)
{
    if (!name_ok(name))
        return aver_fail(
            why, AVER_E_INPUT, "NOTE-NAME", "",
            "a key name is 1 to %d bytes of UTF-8 without spaces and plus signs, such as example.org/log",
            AVER_NOTE_NAME_MAX);
    const uint8_t typed[2] = {'\n', (uint8_t)type};
    const aver_bytes parts[3] = {name, aver_bytes_of(typed, sizeof typed),
                                 aver_bytes_of(pk->b, sizeof pk->b)};
    aver_digest d = aver_sha256_parts(parts, 3);
    *out = (struct aver_note_key){name, read_id(d.b), *pk, type};
    return AVER_OK;
}

aver_err aver_note_key_of(struct aver_note_key *out, aver_bytes name, const struct aver_public_key *pk,
                          struct aver_why *why)
{
    return key_of(out, AVER_NOTE_ED25519, name, pk, why);
}

aver_err aver_note_cosigner_of(struct aver_note_key *out, aver_bytes name, const struct aver_public_key *pk,
                               struct aver_why *why)
{
    return key_of(out, AVER_NOTE_COSIGNATURE, name, pk, why);
}

void aver_note_vkey_put(struct aver_buf *buf, const struct aver_note_key *key)
{
    uint8_t typed[33] = {(uint8_t)key->type};
    memcpy(typed + 1, key->pk.b, 32);
    aver_buf_bytes(buf, key->name);
    aver_buf_printf(buf, "+%08" PRIx32 "+", key->id);
    aver_base64_put(buf, aver_bytes_of(typed, sizeof typed));
}

aver_err aver_note_vkey_read(struct aver_note_key *out, aver_bytes text, struct aver_why *why)
{
    const char *form =
        "a verifier key is name+id+key: eight lower-case hexadecimal digits, then base64 of 33 bytes";
    size_t plus = 0;
    while (plus < text.len && text.ptr[plus] != '+') plus++;
    if (text.len - plus < 10 || text.ptr[plus + 9] != '+')
        return aver_fail(why, AVER_E_INPUT, "NOTE-VKEY", "", "%s", form);
    uint8_t id[4], typed[33];
    aver_bytes hex = aver_bytes_cut(text, plus + 1, 8);
    for (size_t i = 0; i < hex.len; i++)
        if (hex.ptr[i] >= 'A' && hex.ptr[i] <= 'F')
            return aver_fail(why, AVER_E_INPUT, "NOTE-VKEY", "", "%s", form);
    if (aver_unhex(id, sizeof id, hex) != AVER_OK ||
        aver_base64_exact(typed, sizeof typed, aver_bytes_cut(text, plus + 10, text.len - plus - 10)) !=
            AVER_OK)
        return aver_fail(why, AVER_E_INPUT, "NOTE-VKEY", "", "%s", form);
    if (typed[0] != AVER_NOTE_ED25519 && typed[0] != AVER_NOTE_COSIGNATURE)
        return aver_fail(why, AVER_E_INPUT, "NOTE-VKEY", "",
                         "the key's type is 0x%02x; only Ed25519 is read: 0x01, and 0x04 of a witness",
                         typed[0]);
    struct aver_note_key key;
    struct aver_public_key pk;
    memcpy(pk.b, typed + 1, sizeof pk.b);
    AVER_TRY(key_of(&key, (enum aver_note_type)typed[0], aver_bytes_cut(text, 0, plus), &pk, why));
    if (key.id != read_id(id))
        return aver_fail(why, AVER_E_INPUT, "NOTE-VKEY", "",
                         "the id of this verifier key is not that of its name and key; copy it again");
    *out = key;
    return AVER_OK;
}

/* ---- notes ---- */

/* signed-note: "Signed notes MUST be valid UTF-8 and MUST NOT contain any ASCII control characters (those below U+0020)
 * other than newline." */
static bool text_ok(aver_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 && text.ptr[i] != '\n') return false;
    return aver_bytes_utf8(text);
}

/* "em dash (U+2014), space (U+0020), key name, space, base64-encoded signature, newline" */
static void put_signature(struct aver_buf *buf, aver_bytes name, aver_bytes blob)
{
    aver_buf_str(buf, EM_DASH " ");
    aver_buf_bytes(buf, name);
    aver_buf_byte(buf, ' ');
    aver_base64_put(buf, blob);
    aver_buf_byte(buf, '\n');
}

aver_err aver_note_sign(struct aver_buf *buf, aver_bytes text, const struct aver_note_key *key,
                        const struct aver_secret_key *sk, struct aver_why *why)
{
    if (text.len == 0 || text.ptr[text.len - 1] != '\n' || !text_ok(text))
        return aver_fail(
            why, AVER_E_INPUT, "NOTE-TEXT", "",
            "the text of a note is UTF-8, ends in a newline and has no other control characters");
    struct aver_signature sig;
    uint8_t blob[SIGNATURE_BYTES];
    AVER_ASSERT(key->type == AVER_NOTE_ED25519 && memcmp(sk->b + 32, key->pk.b, 32) == 0);
    aver_sign(&sig, text, sk);
    put_id(blob, key->id);
    memcpy(blob + 4, sig.b, sizeof sig.b);
    aver_buf_bytes(buf, text);
    aver_buf_byte(buf, '\n');
    put_signature(buf, key->name, aver_bytes_of(blob, sizeof blob));
    return AVER_OK;
}

/* tlog-cosignature, "Ed25519 signed message": "two newline (U+000A) terminated lines (one header line and one timestamp
 * line) followed by the whole note body of the cosigned checkpoint". */
static void put_cosigned(struct aver_buf *buf, aver_bytes text, uint64_t time)
{
    aver_buf_printf(buf, "cosignature/v1\ntime %" PRIu64 "\n", time);
    aver_buf_bytes(buf, text);
}

void aver_note_cosign(struct aver_buf *buf, aver_bytes text, const struct aver_note_key *key,
                      const struct aver_secret_key *sk, uint64_t time)
{
    struct aver_buf message = {0};
    struct aver_signature sig;
    uint8_t blob[COSIGNATURE_BYTES];
    AVER_ASSERT(key->type == AVER_NOTE_COSIGNATURE && memcmp(sk->b + 32, key->pk.b, 32) == 0);
    AVER_ASSERT(time >= 1 && time <= AVER_NOTE_TIME_MAX);
    put_cosigned(&message, text, time);
    aver_sign(&sig, aver_buf_view(&message), sk);
    aver_buf_free(&message);
    put_id(blob, key->id);
    for (int i = 0; i < 8; i++) blob[4 + i] = (uint8_t)(time >> (56 - 8 * i));
    memcpy(blob + 12, sig.b, sizeof sig.b);
    put_signature(buf, key->name, aver_bytes_of(blob, sizeof blob));
}

/* Cuts the first line off `in`, which ends in a newline; the line comes without it. */
static aver_bytes cut_line(aver_bytes *in)
{
    const uint8_t *nl = memchr(in->ptr, '\n', in->len);
    AVER_ASSERT(nl);
    size_t len = (size_t)(nl - in->ptr);
    aver_bytes line = aver_bytes_cut(*in, 0, len);
    *in = aver_bytes_cut(*in, len + 1, in->len - len - 1);
    return line;
}

static bool read_signature(struct aver_note_signature *out, aver_bytes line)
{
    const aver_bytes whole = {line.ptr, line.len + 1}; /* with the newline that it was cut off at */
    const size_t mark = sizeof EM_DASH " " - 1;
    if (line.len < mark || memcmp(line.ptr, EM_DASH " ", mark) != 0) return false;
    line = aver_bytes_cut(line, mark, line.len - mark);
    const uint8_t *space = memchr(line.ptr, ' ', line.len);
    if (!space) return false;
    *out = (struct aver_note_signature){.line = whole,
                                        .name = aver_bytes_cut(line, 0, (size_t)(space - line.ptr))};
    aver_bytes blob = aver_bytes_cut(line, out->name.len + 1, line.len - out->name.len - 1);
    if (!name_ok(out->name) || blob.len % 4 || blob.len < (BLOB_BYTES_MIN + 2) / 3 * 4) return false;

    /* Other types of signature may be long (post-quantum: some 5 kB), so they are checked piece by piece. */
    uint8_t head[COSIGNATURE_BYTES + 3], piece[3];
    size_t got, total = 0;
    for (size_t at = 0; at < blob.len; at += 4) {
        if (aver_base64_get(piece, &got, aver_bytes_cut(blob, at, 4)) != AVER_OK) return false;
        if (got < 3 && at + 4 < blob.len) return false;
        if (total + got <= sizeof head) memcpy(head + total, piece, got);
        total += got;
    }
    if (total < BLOB_BYTES_MIN) return false;
    out->id = read_id(head);
    if (total == SIGNATURE_BYTES) {
        out->type = AVER_NOTE_ED25519;
        memcpy(out->sig.b, head + 4, sizeof out->sig.b);
    } else if (total == COSIGNATURE_BYTES) {
        out->type = AVER_NOTE_COSIGNATURE;
        for (int i = 0; i < 8; i++) out->time = out->time << 8 | head[4 + i];
        memcpy(out->sig.b, head + 12, sizeof out->sig.b);
    }
    return true;
}

aver_err aver_note_read(struct aver_note *out, aver_bytes bytes, struct aver_why *why)
{
    if (bytes.len > AVER_NOTE_BYTES_MAX)
        return aver_fail(why, AVER_E_LIMIT, "NOTE-SIZE", "",
                         "a signed note of %zu bytes is above the %d that are read", bytes.len,
                         AVER_NOTE_BYTES_MAX);
    if (!text_ok(bytes))
        return aver_fail(why, AVER_E_INPUT, "NOTE-TEXT", "",
                         "a signed note is UTF-8 without control characters other than newline");
    if (bytes.len == 0 || bytes.ptr[bytes.len - 1] != '\n')
        return aver_fail(why, AVER_E_INPUT, "NOTE-FORM", "",
                         "a signed note ends in a newline; this one is cut off");
    /* "the text is separated from the signatures by the last empty line in the note" */
    size_t empty = bytes.len - 1;
    while (empty > 0 && !(bytes.ptr[empty] == '\n' && bytes.ptr[empty - 1] == '\n')) empty--;
    if (empty == 0)
        return aver_fail(why, AVER_E_INPUT, "NOTE-FORM", "",
                         "no empty line parts the text from its signatures");
    out->text = aver_bytes_cut(bytes, 0, empty);
    out->count = 0;
    aver_bytes rest = aver_bytes_cut(bytes, empty + 1, bytes.len - empty - 1);
    if (rest.len == 0) return aver_fail(why, AVER_E_INPUT, "NOTE-FORM", "", "the note has no signature");
    while (rest.len) {
        char place[32];
        snprintf(place, sizeof place, "signature %zu", out->count + 1);
        aver_bytes line = cut_line(&rest);
        if (out->count == AVER_NOTE_SIGNATURES_MAX)
            return aver_fail(why, AVER_E_LIMIT, "NOTE-SIZE", place, "more than %d signatures",
                             AVER_NOTE_SIGNATURES_MAX);
        if (!read_signature(&out->signature[out->count++], line))
            return aver_fail(why, AVER_E_INPUT, "NOTE-SIGNATURE", place,
                             "a signature line is an em dash, a space, the key name, a space and base64");
    }
    return AVER_OK;
}

static bool holds(const struct aver_note_signature *s, aver_bytes text, const struct aver_note_key *key)
{
    if (s->type != key->type) return false;
    if (s->type == AVER_NOTE_ED25519) return aver_verify(&s->sig, text, &key->pk);
    if (s->time == 0 || s->time > AVER_NOTE_TIME_MAX) return false;
    struct aver_buf message = {0};
    put_cosigned(&message, text, s->time);
    bool ok = aver_verify(&s->sig, aver_buf_view(&message), &key->pk);
    aver_buf_free(&message);
    return ok;
}

aver_err aver_note_find(const struct aver_note *note, const struct aver_note_key *key,
                        const struct aver_note_signature **out, struct aver_why *why)
{
    const struct aver_note_signature *found = NULL;
    for (size_t i = 0; i < note->count; i++) {
        const struct aver_note_signature *s = &note->signature[i];
        /* "If the key name and ID match a known key, verifiers MUST verify the signature. If a signature from a known key
         * fails to verify, clients SHOULD reject the whole note." */
        if (s->id != key->id || !aver_bytes_eq(s->name, key->name)) continue;
        if (!holds(s, note->text, key))
            return aver_fail(why, AVER_E_SIGNATURE, "NOTE-FORGED", "",
                             "the signature of %.*s does not match the text", AVER_STR(key->name));
        if (!found || s->time > found->time) found = s;
    }
    if (!found)
        return aver_fail(why, AVER_E_REFUSED, "NOTE-UNSIGNED", "",
                         "the note is not signed by %.*s+%08" PRIx32, AVER_STR(key->name), key->id);
    *out = found;
    return AVER_OK;
}

aver_err aver_note_verify(const struct aver_note *note, const struct aver_note_key *key, struct aver_why *why)
{
    const struct aver_note_signature *found;
    return aver_note_find(note, key, &found, why);
}

/* ---- checkpoints ---- */

void aver_checkpoint_sign(struct aver_buf *buf, uint64_t size, const aver_digest *root,
                          const struct aver_note_key *key, const struct aver_secret_key *sk)
{
    struct aver_buf text = {0};
    AVER_ASSERT(size <= AVER_MERKLE_SIZE_MAX);
    aver_buf_bytes(&text, key->name);
    aver_buf_printf(&text, "\n%" PRIu64 "\n", size);
    aver_base64_put(&text, aver_digest_bytes(root));
    aver_buf_byte(&text, '\n');
    aver_err err = aver_note_sign(buf, aver_buf_view(&text), key, sk, NULL);
    AVER_ASSERT(err == AVER_OK); /* the name was checked when the key was made */
    aver_buf_free(&text);
}

static aver_err bad_line(struct aver_why *why, unsigned line, const char *what)
{
    char place[16];
    snprintf(place, sizeof place, "line %u", line);
    return aver_fail(why, AVER_E_INPUT, "NOTE-CHECKPOINT", place, "%s", what);
}

aver_err aver_checkpoint_form(struct aver_checkpoint *out, aver_bytes text, struct aver_why *why)
{
    aver_bytes line[3], rest = text;
    if (text.len == 0 || text.ptr[text.len - 1] != '\n')
        return bad_line(why, 1, "a checkpoint's lines end in newlines");
    for (unsigned i = 0; i < 3; i++) {
        if (rest.len == 0)
            return bad_line(why, i + 1, "a checkpoint has three lines: origin, tree size, root hash");
        line[i] = cut_line(&rest);
        if (line[i].len == 0) return bad_line(why, i + 1, "the lines of a checkpoint are not empty");
    }
    struct aver_checkpoint cp = {.origin = line[0], .extension = rest};
    if (aver_bytes_u64(&cp.size, line[1]) != AVER_OK || cp.size > AVER_MERKLE_SIZE_MAX)
        return bad_line(why, 2, "the tree size is a decimal number below 2^63 without leading zeros");
    if (aver_base64_exact(cp.root.b, sizeof cp.root.b, line[2]) != AVER_OK)
        return bad_line(why, 3, "the root hash is 32 bytes in base64");
    for (unsigned i = 4; rest.len; i++)
        if (cut_line(&rest).len == 0) return bad_line(why, i, "the lines of a checkpoint are not empty");
    *out = cp;
    return AVER_OK;
}

aver_err aver_checkpoint_read(struct aver_checkpoint *out, aver_bytes text, struct aver_why *why)
{
    struct aver_checkpoint cp;
    AVER_TRY(aver_checkpoint_form(&cp, text, why));
    if (cp.size == 0 && !aver_digest_eq(cp.root, aver_merkle_empty()))
        return bad_line(why, 3, "the root hash of an empty log is SHA-256 of nothing");
    *out = cp;
    return AVER_OK;
}

aver_err aver_checkpoint_open(struct aver_checkpoint *out, aver_bytes bytes, const struct aver_note_key *key,
                              struct aver_why *why)
{
    struct aver_note note;
    AVER_TRY(aver_note_read(&note, bytes, why));
    AVER_TRY(aver_note_verify(&note, key, why));
    AVER_TRY(aver_checkpoint_read(out, note.text, why));
    if (!aver_bytes_eq(out->origin, key->name))
        return aver_fail(why, AVER_E_REFUSED, "NOTE-ORIGIN", "line 1",
                         "%.*s signed a checkpoint of another log, %.*s", AVER_STR(key->name),
                         AVER_STR(out->origin));
    return AVER_OK;
}
