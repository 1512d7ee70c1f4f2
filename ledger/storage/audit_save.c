/* ledger/storage/audit_save.c - an unfinished audit in a file of the auditor's: see struct aver_audit.state in audit.h.
 *
 *   file     = [version: 1, chain, head, bytes, root, counted, findings, artifacts, state] || HMAC-SHA-256(key, all before it)
 *   head     = as LMDB has it (head.h), of the last group that was executed
 *   bytes    = aver_audit_chain_bytes over the log up to there, so that the same log can be told from another
 *   root     = of the state trie, which is grown again from the records when the file is read, and must come out the same
 *   counted  = [claims, signatures, bodies, receipts, paid, differing, cents, findings left out, verdict]
 *   findings = [* [verdict, code, place, text, height, entry, claim id, recorded, again]]   those of the execution
 *   artifacts, state = [* [digest, content]], [* [name, height, record]]   by name
 *
 * The key lies in FILE.key. Who can read it can forge the file, and could as well have altered the auditor's program. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/storage/audit_private.h"

#define VERSION       1
#define KEY_BYTES     32
#define FILE_MAX      SIZE_MAX
#define COUNTED       9
#define FINDING_PARTS 9

aver_digest aver_audit_chain_bytes(const aver_digest *before, const struct aver_buf *payload)
{
    aver_bytes parts[] = {aver_digest_bytes(before),
                          aver_bytes_of(payload->ptr + payload->len, sizeof before->b)};
    return aver_sha256_parts(parts, 2);
}

static aver_digest tag_of(const uint8_t key[KEY_BYTES], aver_bytes content)
{
    aver_bytes parts[] = {AVER_LIT("averment/1 audit-state "), content};
    return aver_hmac256(aver_bytes_of(key, KEY_BYTES), parts, 2);
}

static aver_err file_key(uint8_t key[KEY_BYTES], const char *file, bool make, struct aver_why *why)
{
    char path[AVER_PATH_BYTES];
    if ((size_t)snprintf(path, sizeof path, "%s.key", file) >= sizeof path)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", file, "the path of the audit's state is too long");
    aver_err err = aver_key_file_read(key, KEY_BYTES, path, true, why);
    if (err != AVER_E_NOT_FOUND || !make) return err;
    aver_random(key, KEY_BYTES);
    return aver_key_file_write(path, key, KEY_BYTES, why);
}

/* ---- writing ---- */

aver_err aver_audit_write_private(const char *path, aver_bytes bytes, struct aver_why *why)
{
    char fresh[AVER_PATH_BYTES];
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", path) >= sizeof fresh)
        return aver_fail(why, AVER_E_LIMIT, "LEDGER-PATH", path, "the path is too long");
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return aver_fail_errno(why, "create the file", fresh);
    aver_err err = AVER_OK;
    for (size_t done = 0; err == AVER_OK && done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            err = aver_fail_errno(why, "write the file", fresh);
        else
            done += (size_t)n;
    }
    if (err == AVER_OK && fsync(fd)) err = aver_fail_errno(why, "sync the file", fresh);
    close(fd);
    if (err == AVER_OK && rename(fresh, path)) err = aver_fail_errno(why, "move the file into place", path);
    if (err != AVER_OK) unlink(fresh);
    return err;
}

static void put_text(struct aver_buf *out, const char *text)
{
    aver_cbor_put_bytes(out, aver_bytes_str(text));
}

static void put_counted(struct aver_buf *out, const struct aver_audit_run *run)
{
    const struct aver_replay *r = &run->replay;
    const struct aver_audit *a = run->audit;
    const int64_t counted[COUNTED] = {(int64_t)r->claims,
                                      (int64_t)r->signatures,
                                      (int64_t)r->bodies_opened,
                                      (int64_t)r->receipts,
                                      r->paid,
                                      (int64_t)a->differing,
                                      a->cents,
                                      (int64_t)a->findings_left_out,
                                      (int64_t)a->verdict};
    aver_cbor_put_array(out, COUNTED);
    for (size_t i = 0; i < COUNTED; i++) aver_cbor_put_int(out, counted[i]);
}

static void put_findings(struct aver_buf *out, const struct aver_audit *audit)
{
    const struct aver_audit_finding *f = audit->findings.items;
    size_t count = 0;
    for (size_t i = 0; i < audit->findings.count; i++) count += f[i].by_execution;
    aver_cbor_put_array(out, count);
    for (size_t i = 0; i < audit->findings.count; i++) {
        if (!f[i].by_execution) continue;
        aver_cbor_put_array(out, FINDING_PARTS);
        aver_cbor_put_uint(out, f[i].verdict);
        put_text(out, f[i].code);
        put_text(out, f[i].place);
        put_text(out, f[i].text);
        aver_cbor_put_uint(out, f[i].height);
        aver_cbor_put_uint(out, f[i].entry);
        put_text(out, f[i].claim_id);
        aver_cbor_put_int(out, f[i].recorded);
        aver_cbor_put_int(out, f[i].again);
    }
}

static void put_maps(struct aver_buf *out, const struct aver_audit_run *run)
{
    struct aver_arena arena = {0};
    struct aver_map_item **item = aver_map_sorted(&run->view.artifacts, &arena);
    aver_cbor_put_array(out, run->view.artifacts.count);
    for (size_t i = 0; i < run->view.artifacts.count; i++) {
        aver_cbor_put_array(out, 2);
        aver_cbor_put_bytes(out, item[i]->key);
        aver_cbor_put_bytes(out, aver_map_value(item[i]));
    }
    item = aver_map_sorted(&run->view.state, &arena);
    aver_cbor_put_array(out, run->view.state.count);
    for (size_t i = 0; i < run->view.state.count; i++) {
        aver_cbor_put_array(out, 3);
        aver_cbor_put_bytes(out, item[i]->key);
        aver_cbor_put_uint(out, item[i]->height);
        aver_cbor_put_bytes(out, aver_map_value(item[i]));
    }
    aver_arena_free(&arena);
}

aver_err aver_audit_save(struct aver_audit_run *run, struct aver_why *why)
{
    uint8_t key[KEY_BYTES];
    struct aver_buf out = {0}, head = {0};
    aver_digest root;
    AVER_TRY(aver_view_memory_root(&run->view, &root, why));
    AVER_TRY(file_key(key, run->audit->state, true, why));
    aver_cbor_put_array(&out, 9);
    aver_cbor_put_uint(&out, VERSION);
    put_text(&out, run->chain);
    aver_head_write(&head, &run->executed_head);
    aver_cbor_put_bytes(&out, aver_buf_view(&head));
    aver_cbor_put_bytes(&out, aver_digest_bytes(&run->executed_bytes));
    aver_cbor_put_bytes(&out, aver_digest_bytes(&root));
    put_counted(&out, run);
    put_findings(&out, run->audit);
    put_maps(&out, run);
    aver_digest tag = tag_of(key, aver_buf_view(&out));
    aver_wipe(key, sizeof key);
    aver_buf_bytes(&out, aver_digest_bytes(&tag));
    aver_err err = aver_audit_write_private(run->audit->state, aver_buf_view(&out), why);
    aver_buf_free(&out);
    aver_buf_free(&head);
    run->since_saved = 0;
    return err;
}

/* ---- reading ---- */

static aver_err read_digest(struct aver_cbor *in, aver_digest *out)
{
    aver_bytes b;
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len != sizeof out->b) return aver_cbor_fail(in, "AUDIT-STATE", "a digest has 32 bytes");
    memcpy(out->b, b.ptr, sizeof out->b);
    return AVER_OK;
}

static aver_err read_text(struct aver_cbor *in, char *out, size_t size)
{
    aver_bytes b;
    AVER_TRY(aver_cbor_bytes(in, &b));
    if (b.len >= size) return aver_cbor_fail(in, "AUDIT-STATE", "a text is too long");
    memcpy(out, b.ptr, b.len);
    out[b.len] = 0;
    return AVER_OK;
}

static aver_err read_parts(struct aver_cbor *in, size_t want)
{
    size_t n;
    AVER_TRY(aver_cbor_array(in, &n));
    return n == want ? AVER_OK : aver_cbor_fail(in, "AUDIT-STATE", "it has another number of parts");
}

static aver_err read_counted(struct aver_cbor *in, struct aver_audit_run *run)
{
    int64_t counted[COUNTED];
    AVER_TRY(read_parts(in, COUNTED));
    for (size_t i = 0; i < COUNTED; i++) AVER_TRY(aver_cbor_int(in, &counted[i]));
    struct aver_replay *r = &run->replay;
    struct aver_audit *a = run->audit;
    r->claims = (uint64_t)counted[0];
    r->signatures = (uint64_t)counted[1];
    r->bodies_opened = (uint64_t)counted[2];
    r->receipts = (uint64_t)counted[3];
    r->paid = counted[4];
    a->differing = (uint64_t)counted[5];
    a->cents = counted[6];
    a->findings_left_out = (uint64_t)counted[7];
    if (counted[8] < AVER_AUDIT_SAME || counted[8] > AVER_AUDIT_COULD_NOT)
        return aver_cbor_fail(in, "AUDIT-STATE", "there is no such verdict");
    a->verdict = (enum aver_audit_verdict)counted[8];
    return AVER_OK;
}

static aver_err read_findings(struct aver_cbor *in, struct aver_audit_run *run)
{
    size_t n;
    AVER_TRY(aver_cbor_array(in, &n));
    for (size_t i = 0; i < n; i++) {
        uint64_t verdict;
        struct aver_audit_finding f = {.by_execution = true};
        AVER_TRY(read_parts(in, FINDING_PARTS));
        AVER_TRY(aver_cbor_uint(in, &verdict));
        AVER_TRY(read_text(in, f.code, sizeof f.code));
        AVER_TRY(read_text(in, f.place, sizeof f.place));
        AVER_TRY(read_text(in, f.text, sizeof f.text));
        AVER_TRY(aver_cbor_uint(in, &f.height));
        AVER_TRY(aver_cbor_uint(in, &f.entry));
        AVER_TRY(read_text(in, f.claim_id, sizeof f.claim_id));
        AVER_TRY(aver_cbor_int(in, &f.recorded));
        AVER_TRY(aver_cbor_int(in, &f.again));
        f.verdict = (enum aver_audit_verdict)verdict;
        *(struct aver_audit_finding *)aver_list_add(run->arena, &run->audit->findings, sizeof f) = f;
    }
    return AVER_OK;
}

/* The secret that commits to a name, out of the records themselves. */
static aver_err secret_of(const struct aver_map *records, aver_bytes name, aver_bytes *out,
                          struct aver_arena *arena)
{
    struct aver_buf key = {0};
    struct aver_genesis genesis;
    struct aver_family family;
    aver_bytes id = aver_name_family(name);
    aver_buf_str(&key, id.ptr ? "f/" : "g");
    if (id.ptr) aver_buf_bytes(&key, id);
    const struct aver_map_item *item = aver_map_find(records, aver_buf_view(&key));
    aver_buf_free(&key);
    if (!item) return AVER_E_NOT_FOUND;
    aver_arena_reset(arena);
    aver_bytes record = aver_map_value(item);
    if (id.ptr) {
        AVER_TRY(aver_schema_read(record, &aver_family_schema, &family, arena, NULL));
        *out = family.secret;
    } else {
        AVER_TRY(aver_schema_read(record, &aver_genesis_schema, &genesis, arena, NULL));
        *out = genesis.secret;
    }
    return AVER_OK;
}

/* Into `records` first: a family's secret stands in its record, wherever that comes. */
static aver_err read_state(struct aver_cbor *in, struct aver_audit_run *run, struct aver_map *records,
                           struct aver_arena *arena)
{
    struct aver_view *view = &run->view.view;
    struct aver_cbor again;
    size_t n;
    aver_bytes name, record, secret;
    AVER_TRY(aver_cbor_array(in, &n));
    again = *in;
    for (int pass = 0; pass < 2; pass++) {
        if (pass) *in = again;
        for (size_t i = 0; i < n; i++) {
            AVER_TRY(read_parts(in, 3));
            AVER_TRY(aver_cbor_bytes(in, &name));
            AVER_TRY(aver_cbor_uint(in, &view->height));
            AVER_TRY(aver_cbor_bytes(in, &record));
            if (!pass) {
                bool secrets = aver_bytes_is(name, "g") || (name.len > 2 && memcmp(name.ptr, "f/", 2) == 0 &&
                                                            !memchr(name.ptr + 2, '/', name.len - 2));
                if (secrets) aver_map_set(records, name, record);
                continue;
            }
            if (secret_of(records, name, &secret, arena) != AVER_OK)
                return aver_cbor_fail(in, "AUDIT-STATE", "the secret of a record is not there");
            AVER_TRY(view->put(view->self, name, record, aver_state_key(secret, name),
                               aver_state_value(secret, name, view->height, record), in->why));
        }
    }
    return AVER_OK;
}

static aver_err read_artifacts(struct aver_cbor *in, struct aver_audit_run *run)
{
    struct aver_view *view = &run->view.view;
    size_t n;
    AVER_TRY(aver_cbor_array(in, &n));
    for (size_t i = 0; i < n; i++) {
        aver_digest digest;
        aver_bytes content;
        AVER_TRY(read_parts(in, 2));
        AVER_TRY(read_digest(in, &digest));
        AVER_TRY(aver_cbor_bytes(in, &content));
        AVER_TRY(view->artifact_put(view->self, digest, content, in->why));
    }
    return AVER_OK;
}

static aver_err read_all(struct aver_cbor *in, struct aver_audit_run *run, struct aver_map *records,
                         struct aver_arena *arena)
{
    uint64_t version;
    aver_bytes chain, head;
    aver_digest root, grown;
    AVER_TRY(read_parts(in, 9));
    AVER_TRY(aver_cbor_uint(in, &version));
    if (version != VERSION) return aver_cbor_fail(in, "AUDIT-STATE", "another version wrote it");
    AVER_TRY(aver_cbor_bytes(in, &chain));
    if (!aver_bytes_is(chain, run->chain))
        return aver_cbor_fail(in, "AUDIT-STATE", "it is of the ledger %.*s", AVER_STR(chain));
    AVER_TRY(aver_cbor_bytes(in, &head));
    AVER_TRY(aver_head_read(&run->executed_head, head, in->why));
    AVER_TRY(read_digest(in, &run->saved.bytes));
    AVER_TRY(read_digest(in, &root));
    AVER_TRY(read_counted(in, run));
    AVER_TRY(read_findings(in, run));
    AVER_TRY(read_artifacts(in, run));
    AVER_TRY(read_state(in, run, records, arena));
    AVER_TRY(aver_cbor_end(in));
    AVER_TRY(aver_view_memory_root(&run->view, &grown, in->why));
    if (!aver_digest_eq(root, grown))
        return aver_cbor_fail(in, "AUDIT-STATE", "its records do not have the root that it says");
    run->saved.offset = run->executed_head.offset;
    run->audit->resumed = run->executed_head.tree.size;
    return AVER_OK;
}

aver_err aver_audit_load(struct aver_audit_run *run, struct aver_why *why)
{
    const char *file = run->audit->state;
    uint8_t key[KEY_BYTES];
    struct aver_buf bytes = {0};
    struct aver_map records = {0};
    struct aver_arena arena = {0};
    struct aver_why what = {0};
    aver_err err = aver_file_read(&bytes, file, FILE_MAX, why);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    if (err == AVER_OK) err = file_key(key, file, false, &what);
    if (err == AVER_OK && bytes.len < sizeof(aver_digest))
        err = aver_fail(&what, AVER_E_INPUT, "AUDIT-STATE", "", "it is too short");
    if (err == AVER_OK) {
        aver_digest tag;
        bytes.len -= sizeof tag;
        memcpy(tag.b, bytes.ptr + bytes.len, sizeof tag.b);
        if (!aver_digest_eq(tag, tag_of(key, aver_buf_view(&bytes))))
            err = aver_fail(&what, AVER_E_INPUT, "AUDIT-STATE", "", "it does not have the tag of its key");
    }
    aver_wipe(key, sizeof key);
    if (err == AVER_OK) {
        struct aver_cbor in = aver_cbor_open(aver_buf_view(&bytes), &what);
        err = read_all(&in, run, &records, &arena);
    }
    aver_buf_free(&bytes);
    aver_map_free(&records);
    aver_arena_free(&arena);
    if (err == AVER_OK || err == AVER_E_IO) return err;
    return aver_fail(
        why, AVER_E_CORRUPT, "AUDIT-STATE", file,
        "the saved audit is not one that this auditor wrote for this ledger (%s); delete it to begin anew",
        what.text);
}
