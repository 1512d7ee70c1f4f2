/* aver/witness.c - aver witness: a witness of logs (C2SP tlog-witness), one request a run. It cosigns a checkpoint that follows from
 * the one it cosigned last, and keeps that durably first; a fork or a rollback it refuses.
 *
 *   DIR/lock                  held while a request is judged
 *   DIR/ORIGIN/checkpoint     cosigned last, where ORIGIN is the SHA-256 of the log's origin in hexadecimal: the file that the protocol
 *                             serves under that path. It is the witness's whole memory
 *   DIR/ORIGIN/fork           a request in which the log signed a second root for the same size */
#include "aver/claims.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/trust.h"
#include "aver/verbs.h"
#include "ledger/model/tlog_witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct witness {
    struct aver_command *cmd;
    struct aver_key key;
    struct aver_note_key name;
    struct aver_trust logs;
    struct aver_buf request, last, kept, answer;
    const char *dir; /* of this origin */
    int lock_fd;
};

static aver_err read_name(struct aver_command *cmd, struct aver_key *key, struct aver_note_key *name)
{
    AVER_TRY(aver_key_read(key, aver_option(cmd, "key"), &cmd->why));
    return aver_note_cosigner_of(name, aver_bytes_str(aver_option(cmd, "name")), &key->public_key, &cmd->why);
}

/* ---- memory ---- */

static aver_err make_dir(struct aver_command *cmd, const char *dir)
{
    if (mkdir(dir, 0755) && errno != EEXIST) return aver_fail_errno(&cmd->why, "make the directory", dir);
    return AVER_OK;
}

/* Nobody else judges a request meanwhile: "checking the old size against the latest checkpoint and persisting the new checkpoint
 * must be performed atomically". */
static aver_err lock(struct witness *w, const char *state)
{
    struct aver_command *cmd = w->cmd;
    const char *path = aver_arena_printf(&cmd->arena, "%s/lock", state);
    AVER_TRY(make_dir(cmd, state));
    w->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (w->lock_fd < 0) return aver_fail_errno(&cmd->why, "open the file", path);
    while (flock(w->lock_fd, LOCK_EX))
        if (errno != EINTR) return aver_fail_errno(&cmd->why, "lock the file", path);
    return AVER_OK;
}

static aver_err altered(struct witness *w, const char *path)
{
    return aver_fail(
        &w->cmd->why, AVER_E_CORRUPT, "WITNESS-STATE", path,
        "this is not a checkpoint of the log that this witness cosigned with this key; restore the "
        "file, for without it a fork would go unseen");
}

static aver_err read_last(struct witness *w, aver_bytes origin, struct aver_witness_last *out)
{
    const char *path = aver_arena_printf(&w->cmd->arena, "%s/checkpoint", w->dir);
    struct aver_note note;
    struct aver_checkpoint checkpoint;
    *out = (struct aver_witness_last){0, aver_merkle_empty()};
    aver_err err = aver_path_read(&w->last, path, AVER_NOTE_BYTES_MAX, &w->cmd->why);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    if (aver_note_read(&note, aver_buf_view(&w->last), NULL) != AVER_OK ||
        aver_note_verify(&note, &w->name, NULL) != AVER_OK ||
        aver_checkpoint_read(&checkpoint, note.text, NULL) != AVER_OK ||
        !aver_bytes_eq(checkpoint.origin, origin))
        return altered(w, path);
    *out = (struct aver_witness_last){checkpoint.size, checkpoint.root};
    return AVER_OK;
}

/* ---- one request ---- */

static aver_err cosign(struct witness *w, const struct aver_witness_request *request)
{
    struct aver_command *cmd = w->cmd;
    int64_t now;
    AVER_TRY(aver_session_clock(cmd, &now));
    if (now < 1000)
        return aver_fail(&cmd->why, AVER_E_IO, "CLOCK", "",
                         "the clock stands at the beginning of 1970: set it");
    aver_witness_cosign(&w->kept, &w->answer, request, &w->logs.policy, &w->name, &w->key.secret,
                        (uint64_t)now / 1000);
    AVER_TRY(make_dir(cmd, w->dir));
    return aver_path_write(aver_arena_printf(&cmd->arena, "%s/checkpoint", w->dir), aver_buf_view(&w->kept),
                           0644, true, &cmd->why);
}

static aver_err judge(struct witness *w, const struct aver_witness_request *request,
                      enum aver_witness_status *status)
{
    struct aver_command *cmd = w->cmd;
    struct aver_witness_last last;
    bool fork;
    AVER_TRY(read_last(w, request->checkpoint.origin, &last));
    *status = aver_witness_judge(request, &last, &fork, &cmd->why);
    if (*status == AVER_WITNESS_CONFLICT) aver_buf_printf(&w->answer, "%" PRIu64 "\n", last.size);
    if (fork) { /* the first one is proof enough, and nobody fills the disk */
        aver_err err = aver_path_write(aver_arena_printf(&cmd->arena, "%s/fork", w->dir),
                                       aver_buf_view(&w->request), 0644, false, NULL);
        if (err != AVER_OK && err != AVER_E_EXISTS) aver_note(cmd, "the proof of a fork could not be kept");
    }
    return *status == AVER_WITNESS_COSIGNED ? cosign(w, request) : AVER_OK;
}

static aver_err serve(struct witness *w, enum aver_witness_status *status)
{
    struct aver_command *cmd = w->cmd;
    struct aver_witness_request request;
    const char *state = aver_option(cmd, "state");
    char hex[65];
    *status = aver_witness_open(&request, aver_buf_view(&w->request), &w->logs.policy, &cmd->why);
    if (*status != AVER_WITNESS_COSIGNED) return AVER_OK;
    aver_digest origin = aver_sha256(request.checkpoint.origin);
    aver_hex(hex, aver_digest_bytes(&origin));
    w->dir = aver_arena_printf(&cmd->arena, "%s/%s", state, hex);
    AVER_TRY(lock(w, state));
    return judge(w, &request, status);
}

/* RFC 3875 (CGI) 4.2: "the script MUST NOT attempt to read more than CONTENT_LENGTH bytes", and the server need not end them. */
static aver_err read_request(struct witness *w)
{
    struct aver_command *cmd = w->cmd;
    const char *length = getenv("CONTENT_LENGTH");
    uint64_t left;
    if (cmd->args_count)
        return aver_path_read(&w->request, cmd->args[0], AVER_WITNESS_REQUEST_MAX, &cmd->why);
    if (!aver_flag(cmd, "cgi") || !length || aver_bytes_u64(&left, aver_bytes_str(length)) != AVER_OK)
        return aver_path_read(&w->request, "-", AVER_WITNESS_REQUEST_MAX, &cmd->why);
    if (left > AVER_WITNESS_REQUEST_MAX) left = AVER_WITNESS_REQUEST_MAX + 1; /* refused when it is read */
    aver_buf_reserve(&w->request, left);
    while (left) {
        ssize_t n = read(STDIN_FILENO, w->request.ptr + w->request.len, left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return aver_fail_errno(&cmd->why, "read the request", "");
        if (n == 0) break;
        w->request.len += (size_t)n;
        left -= (uint64_t)n;
    }
    return AVER_OK;
}

/* ---- the answer ---- */

static const char *reason(enum aver_witness_status status)
{
    switch (status) {
    case AVER_WITNESS_COSIGNED: return "200 OK";
    case AVER_WITNESS_BAD: return "400 Bad Request";
    case AVER_WITNESS_FORBIDDEN: return "403 Forbidden";
    case AVER_WITNESS_UNKNOWN: return "404 Not Found";
    case AVER_WITNESS_CONFLICT: return "409 Conflict";
    case AVER_WITNESS_REFUSED: return "422 Unprocessable Entity";
    }
    AVER_UNREACHABLE();
}

static int say(struct witness *w, enum aver_witness_status status)
{
    struct aver_command *cmd = w->cmd;
    bool cosigned = status == AVER_WITNESS_COSIGNED;
    if (cmd->json) {
        struct aver_json_writer j = aver_json_line(cmd);
        aver_json_begin_object(&j);
        aver_json_field_uint(&j, "status", (uint64_t)status);
        aver_json_field(&j, "answer", aver_buf_view(&w->answer));
        if (!cosigned) aver_json_field_str(&j, "reason", cmd->why.text);
        aver_json_end_object(&j);
        aver_json_end_line(cmd, &j);
        return cosigned ? AVER_EXIT_DONE : AVER_EXIT_NO;
    }
    if (aver_flag(cmd, "cgi")) {
        const char *type = status == AVER_WITNESS_CONFLICT ? "text/x.tlog.size" : "text/plain; charset=utf-8";
        aver_buf_printf(&cmd->out, "Status: %s\r\nContent-Type: %s\r\n\r\n", reason(status), type);
        if (!w->answer.len) aver_print(cmd, "%s\n", cmd->why.text);
    } else if (!cosigned) {
        aver_note(cmd, "%s: %s", reason(status), cmd->why.text);
    }
    aver_buf_bytes(&cmd->out, aver_buf_view(&w->answer));
    return cosigned || aver_flag(cmd, "cgi") ? AVER_EXIT_DONE : AVER_EXIT_NO;
}

static int run_witness(struct aver_command *cmd)
{
    struct witness w = {.cmd = cmd, .lock_fd = -1};
    enum aver_witness_status status = AVER_WITNESS_BAD;
    aver_err err = read_name(cmd, &w.key, &w.name);
    if (err == AVER_OK) err = aver_trust_read(cmd, &w.logs, "logs");
    if (err == AVER_OK) err = read_request(&w);
    if (err == AVER_OK) err = serve(&w, &status);
    int code = err == AVER_OK ? say(&w, status) : aver_command_fail(cmd, err);
    if (w.lock_fd >= 0) close(w.lock_fd);
    aver_key_wipe(&w.key);
    aver_trust_free(&w.logs);
    aver_buf_free(&w.request);
    aver_buf_free(&w.last);
    aver_buf_free(&w.kept);
    aver_buf_free(&w.answer);
    return code;
}

#define OPTION_NAME                                                                                          \
    {                                                                                                        \
        "name", "NAME", true, "the witness's name, such as witness.example.org/w1", NULL                     \
    }
static const struct aver_option witness_options[] = {
    AVER_OPTION_KEY,
    OPTION_NAME,
    {"logs", "FILE", true, "the logs it watches: a trust policy, of which the log lines count", NULL},
    {"state", "DIR", true, "its memory; made if it is not there", NULL},
    {"cgi", NULL, false, "answers as a CGI program of a web server, with the status", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_witness = {
    .name = "witness",
    .args = "[REQUEST]",
    .args_max = 1,
    .summary = "Answers one request as a witness: cosigns a log that only grew (C2SP tlog-witness).",
    .more =
        "REQUEST is the body of add-checkpoint, else standard input; the answer's body goes to stdout. Exit 0: "
        "cosigned. A refusal names its\nHTTP status on stderr; with --cgi it is part of the answer. Keep DIR: "
        "a witness without memory sees no fork.",
    .options = witness_options,
    .examples =
        {"aver witness --key w1.key --name witness.example.org/w1 --logs summit.policy --state w1 < request > answer",
         "aver witness --key w1.key --name witness.example.org/w1 --logs summit.policy --state w1 --cgi"},
    .run = run_witness,
};

static int run_vkey(struct aver_command *cmd)
{
    struct aver_key key;
    struct aver_note_key name;
    struct aver_buf vkey = {0};
    aver_err err = read_name(cmd, &key, &name);
    aver_key_wipe(&key);
    AVER_CLI_TRY(cmd, err);
    aver_note_vkey_put(&vkey, &name);
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "vkey", aver_buf_view(&vkey));
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "%.*s\n", AVER_STR(aver_buf_view(&vkey)));
    }
    aver_buf_free(&vkey);
    return AVER_EXIT_DONE;
}

static const struct aver_option vkey_options[] = {AVER_OPTION_KEY, OPTION_NAME, AVER_OPTION_END};
const struct aver_verb aver_verb_witness_vkey = {
    .name = "witness vkey",
    .args = "",
    .summary = "Prints the witness's key as one word, for trust policies.",
    .more =
        "In a trust policy (C2SP tlog-policy) it stands on a line after the word witness and a short name.",
    .options = vkey_options,
    .examples = {"aver witness vkey --key w1.key --name witness.example.org/w1",
                 "aver witness vkey --key w1.key --name witness.example.org/w1 --json"},
    .run = run_vkey,
};
