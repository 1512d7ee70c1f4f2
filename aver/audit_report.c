/* aver/audit_report.c - see audit_report.h. */
#include "aver/audit_report.h"

#include "adapters/csv.h"
#include "aver/audit_run.h"
#include "aver/files.h"
#include "base/base64.h"
#include "ledger/model/note.h"
#include "ledger/storage/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "averment-audit/1"

/* What no audit of the records can tell, whatever it finds. */
static const char *const never_tested[] = {
    "whether what a claim bills was done as billed, and whether the patient needed it",
    "whether the enrolment and the published policies say what was agreed outside this ledger",
    "whether a claim that nobody holds an intake receipt for was sent and never taken in",
    "whether the node showed other people another history: compare checkpoints, or ask for witnesses",
    "cosignatures of witnesses: those on the checkpoint are listed here and were not verified",
    "payments: that an 835 was followed by money",
};

static void text_field(struct aver_json_writer *w, const char *name, const char *text)
{
    if (text) aver_json_field_str(w, name, text);
}

static void digest_field(struct aver_json_writer *w, const char *name, const aver_digest *digest)
{
    struct aver_buf text = {0};
    aver_base64_put(&text, aver_digest_bytes(digest));
    aver_json_key(w, name);
    aver_json_put_string(w, aver_buf_view(&text));
    aver_buf_free(&text);
}

/* Of the first `most` bytes: a log that somebody writes to goes on behind what was audited. */
static aver_err file_digest(aver_digest *out, uint64_t *size, const char *path, uint64_t most,
                            struct aver_why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    *size = 0;
    if (fd < 0) return aver_fail_errno(why, "open the file", path);
    if (fstat(fd, &st)) {
        close(fd);
        return aver_fail_errno(why, "look at the file", path);
    }
    *size = (uint64_t)st.st_size < most ? (uint64_t)st.st_size : most;
    aver_err err = AVER_OK;
    void *bytes = *size ? mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (bytes == MAP_FAILED)
        err = aver_fail_errno(why, "read the file", path);
    else {
        *out = aver_sha256(aver_bytes_of(bytes, *size));
        if (bytes) munmap(bytes, *size);
    }
    close(fd);
    return err;
}

static void put_input(struct aver_json_writer *w, const char *name, uint64_t size, const aver_digest *digest)
{
    aver_json_begin_object(w);
    aver_json_field_str(w, "file", name);
    aver_json_field_uint(w, "bytes", size);
    aver_json_field_hex(w, "sha256", aver_digest_bytes(digest));
    aver_json_end_object(w);
}

static aver_err put_inputs(struct aver_json_writer *w, const struct aver_report *r, struct aver_command *cmd)
{
    static const char *const names[] = {"ledger.conf", "checkpoint", "log/groups"};
    aver_json_key(w, "inputs");
    aver_json_begin_array(w);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        aver_digest digest;
        uint64_t size;
        const char *path = aver_arena_printf(&cmd->arena, "%s/%s", r->ledger, names[i]);
        aver_err err =
            file_digest(&digest, &size, path, i == 2 ? r->audit->log_bytes : UINT64_MAX, &cmd->why);
        if (err == AVER_E_NOT_FOUND) continue; /* the verdict says so already */
        AVER_TRY(err);
        put_input(w, names[i], size, &digest);
    }
    const struct aver_audit_receipt *receipt = r->audit->intake_receipts.items;
    for (size_t i = 0; i < r->audit->intake_receipts.count; i++) {
        aver_digest digest = aver_sha256(receipt[i].bytes);
        put_input(w, receipt[i].name, receipt[i].bytes.len, &digest);
    }
    aver_json_end_array(w);
    return AVER_OK;
}

static void put_checkpoint(struct aver_json_writer *w, const struct aver_report *r, struct aver_command *cmd)
{
    struct aver_buf bytes = {0};
    struct aver_note *note = AVER_NEW(&cmd->arena, struct aver_note);
    struct aver_checkpoint checkpoint;
    const char *path = aver_arena_printf(&cmd->arena, "%s/checkpoint", r->ledger);
    aver_json_key(w, "checkpoint");
    if (aver_file_read(&bytes, path, AVER_NOTE_BYTES_MAX, NULL) != AVER_OK ||
        aver_note_read(note, aver_buf_view(&bytes), NULL) != AVER_OK ||
        aver_checkpoint_read(&checkpoint, note->text, NULL) != AVER_OK) {
        aver_json_put_null(w);
    } else {
        aver_json_begin_object(w);
        aver_json_field(w, "origin", checkpoint.origin);
        aver_json_field_uint(w, "size", checkpoint.size);
        digest_field(w, "root", &checkpoint.root);
        aver_json_field(w, "note", aver_buf_view(&bytes));
        aver_json_key(w, "witnesses");
        aver_json_begin_array(w);
        for (size_t i = 0; i < note->count; i++)
            if (!aver_bytes_eq(note->signature[i].name, checkpoint.origin))
                aver_json_put_string(w, note->signature[i].name);
        aver_json_end_array(w);
        aver_json_end_object(w);
    }
    aver_buf_free(&bytes);
}

static void put_not_tested(struct aver_json_writer *w, const struct aver_audit *a)
{
    aver_json_key(w, "not_tested");
    aver_json_begin_array(w);
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++) {
        struct aver_buf text = {0};
        if (f[i].verdict != AVER_AUDIT_COULD_NOT) continue;
        aver_buf_printf(&text, "%s: %s", f[i].place, f[i].text);
        aver_json_put_string(w, aver_buf_view(&text));
        aver_buf_free(&text);
    }
    if (!a->intake_receipts.count) aver_json_put_str(w, "intake receipts: none were given");
    if (a->copy_of)
        aver_json_put_str(
            w, "the node's own state in LMDB, and its tiles: this is a follower's copy of the log");
    for (size_t i = 0; i < sizeof never_tested / sizeof *never_tested; i++)
        aver_json_put_str(w, never_tested[i]);
    aver_json_end_array(w);
}

static void put_counts(struct aver_json_writer *w, const struct aver_audit *a)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"groups", a->groups},
                  {"entries", a->entries},
                  {"claims_executed_again", a->claims},
                  {"signatures_verified", a->signatures},
                  {"bodies_unsealed", a->bodies},
                  {"receipts_compared", a->receipts},
                  {"state_records_compared", a->records},
                  {"intake_receipts_given", a->intake_receipts.count},
                  {"promises_kept", a->promises_kept},
                  {"promises_broken", a->promises_broken}};
    aver_json_key(w, "checked");
    aver_json_begin_object(w);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        aver_json_field_uint(w, counts[i].name, counts[i].count);
    aver_json_end_object(w);
    aver_json_key(w, "money");
    aver_json_begin_object(w);
    aver_json_field_money(w, "paid_executed_again", a->paid);
    aver_json_field_uint(w, "receipts_that_differ", a->differing);
    aver_json_field_money(w, "difference", a->cents);
    aver_json_end_object(w);
}

static aver_err put_report(struct aver_buf *out, const struct aver_report *r, struct aver_command *cmd)
{
    const struct aver_audit *a = r->audit;
    struct aver_json_writer w = {.buf = out, .pretty = true};
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "report", FORMAT);
    aver_json_field_str(&w, "tool", "aver " AVER_VERSION);
    text_field(&w, "auditor", r->auditor);
    text_field(&w, "date", r->date);
    aver_json_field_str(&w, "verdict", aver_audit_words(a->verdict));
    aver_json_key(&w, "ledger");
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "chain", a->chain);
    aver_json_field_uint(&w, "entries", a->entries);
    aver_json_field_uint(&w, "groups", a->groups);
    digest_field(&w, "log_root", &a->log_root);
    digest_field(&w, "state_root", &a->state_root);
    aver_json_end_object(&w);
    put_checkpoint(&w, r, cmd);
    put_counts(&w, a);
    aver_json_key(&w, "findings");
    aver_json_begin_array(&w);
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++) {
        aver_json_begin_object(&w);
        aver_audit_finding_json(&w, &f[i]);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_field_uint(&w, "findings_left_out", a->findings_left_out);
    put_not_tested(&w, a);
    AVER_TRY(put_inputs(&w, r, cmd));
    aver_json_field_str(&w, "repeat", r->repeat);
    aver_json_end_object(&w);
    aver_json_finish(&w);
    return AVER_OK;
}

static void put_row(struct aver_buf *out, const char *const *cell, size_t count)
{
    for (size_t i = 0; i < count; i++) aver_csv_put(out, i == 0, aver_bytes_str(cell[i]));
    aver_csv_put_end(out);
}

static void put_exceptions(struct aver_buf *out, const struct aver_audit *a, struct aver_arena *arena)
{
    static const char *const head[] = {"verdict",       "code",       "place",      "entry", "claim_id",
                                       "paid_recorded", "paid_again", "difference", "text"};
    put_row(out, head, sizeof head / sizeof *head);
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++) {
        bool claim = f[i].claim_id[0] != 0;
        const char *row[] = {aver_audit_words(f[i].verdict),
                             f[i].code,
                             f[i].place,
                             claim ? aver_arena_printf(arena, "%llu", (unsigned long long)f[i].entry) : "",
                             f[i].claim_id,
                             claim ? aver_money_words(arena, f[i].recorded) : "",
                             claim ? aver_money_words(arena, f[i].again) : "",
                             claim ? aver_money_words(arena, f[i].again - f[i].recorded) : "",
                             f[i].text};
        put_row(out, row, sizeof row / sizeof *row);
    }
}

aver_err aver_report_write(struct aver_command *cmd, const struct aver_report *r)
{
    struct aver_buf report = {0}, exceptions = {0};
    if (mkdir(r->dir, 0700) && errno != EEXIST)
        return aver_fail_errno(&cmd->why, "make the directory", r->dir);
    aver_err err = put_report(&report, r, cmd);
    put_exceptions(&exceptions, r->audit, &cmd->arena);
    if (err == AVER_OK)
        err = aver_path_write(aver_arena_printf(&cmd->arena, "%s/report.json", r->dir),
                              aver_buf_view(&report), 0600, true, &cmd->why);
    if (err == AVER_OK)
        err = aver_path_write(aver_arena_printf(&cmd->arena, "%s/exceptions.csv", r->dir),
                              aver_buf_view(&exceptions), 0600, true, &cmd->why);
    aver_buf_free(&report);
    aver_buf_free(&exceptions);
    return err;
}
