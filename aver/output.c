/* aver/output.c - see output.h. */
#include "aver/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OUT_FLUSH_BYTES 65536
#define BAR_FIRST_MS    1000
#define BAR_EVERY_MS    100
#define LINE_EVERY_MS   10000

/* Control characters could move the cursor or worse: C0 and DEL, and C1 as UTF-8 writes it (C2 80 to C2 9F). */
static void harmless(uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((p[i] < 0x20 && p[i] != '\n') || p[i] == 0x7f) p[i] = '?';
        if (p[i] == 0xc2 && i + 1 < len && p[i + 1] >= 0x80 && p[i + 1] <= 0x9f) p[i] = p[i + 1] = '?';
    }
}

static void flush_if_full(struct aver_command *cmd)
{
    /* A failure is kept in out_failed, and told when the verb has ended. */
    if (cmd->out.len >= OUT_FLUSH_BYTES && aver_out_flush(cmd) != AVER_OK) cmd->out.len = 0;
}

void aver_print(struct aver_command *cmd, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    AVER_ASSERT(n >= 0);
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    harmless((uint8_t *)text, len);
    aver_buf_put(&cmd->out, text, len);
    flush_if_full(cmd);
}

void aver_note(struct aver_command *cmd, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    harmless((uint8_t *)text, strlen(text));
    /* In the order they were said. */
    (void)(aver_out_flush(cmd) == AVER_OK);
    const struct aver_verb *verb = cmd->verb;
    fprintf(stderr, "%s%s%s: %s\n", verb && verb->program ? "" : "aver", verb && !verb->program ? " " : "",
            verb ? verb->name : "", text);
}

struct aver_json_writer aver_json_line(struct aver_command *cmd)
{
    return (struct aver_json_writer){.buf = &cmd->out};
}

void aver_json_end_line(struct aver_command *cmd, struct aver_json_writer *w)
{
    aver_json_finish(w);
    aver_buf_str(&cmd->out, "\n");
    flush_if_full(cmd);
}

void aver_json_field(struct aver_json_writer *w, const char *name, aver_bytes text)
{
    if (!text.ptr) return;
    aver_json_key(w, name);
    aver_json_put_string(w, text);
}

void aver_json_field_str(struct aver_json_writer *w, const char *name, const char *text)
{
    aver_json_key(w, name);
    aver_json_put_str(w, text);
}

void aver_json_field_uint(struct aver_json_writer *w, const char *name, uint64_t value)
{
    aver_json_key(w, name);
    aver_json_put_uint(w, value);
}

void aver_json_field_hex(struct aver_json_writer *w, const char *name, aver_bytes bytes)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, bytes);
    aver_json_key(w, name);
    aver_json_put_string(w, aver_bytes_of(hex.ptr ? hex.ptr : (const uint8_t *)"", hex.len));
    aver_buf_free(&hex);
}

void aver_json_field_money(struct aver_json_writer *w, const char *name, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    aver_json_field_str(w, name, aver_cents_text(text, cents));
}

aver_err aver_out_flush(struct aver_command *cmd)
{
    size_t done = 0;
    while (done < cmd->out.len && !cmd->out_failed) {
        ssize_t n = write(STDOUT_FILENO, cmd->out.ptr + done, cmd->out.len - done);
        if (n < 0) {
            cmd->out_failed = true;
            (void)aver_fail_errno(&cmd->out_why, "write the results", "standard output");
        } else {
            done += (size_t)n;
        }
    }
    cmd->out.len = 0;
    return cmd->out_failed ? AVER_E_IO : AVER_OK;
}

const char *aver_money_words(struct aver_arena *arena, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    return aver_arena_printf(arena, "%s", aver_cents_text(text, cents));
}

const char *aver_digest_words(struct aver_arena *arena, const uint8_t *bytes, size_t len)
{
    AVER_ASSERT(len >= 6);
    return aver_arena_printf(arena, "%02x%02x%02x%02x..%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3],
                             bytes[len - 2], bytes[len - 1]);
}

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct aver_progress aver_progress_begin(const char *what)
{
    return (struct aver_progress){
        .what = what, .started_ms = monotonic_ms(), .terminal = isatty(STDERR_FILENO)};
}

void aver_progress_step(void *progress, uint64_t done, uint64_t total)
{
    struct aver_progress *p = progress;
    int64_t now = monotonic_ms(), spent = now - p->started_ms;
    if (spent < BAR_FIRST_MS || now - p->drawn_ms < (p->terminal ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
    if (!p->terminal && spent < LINE_EVERY_MS) return;
    uint64_t rate = done * 1000 / (uint64_t)spent;
    fprintf(stderr, "%s%s  %llu/%llu  %llu %%  %llu/s", p->terminal ? "\r\033[K" : "", p->what,
            (unsigned long long)done, (unsigned long long)total,
            (unsigned long long)(total ? done * 100 / total : 100), (unsigned long long)rate);
    if (rate && total > done) fprintf(stderr, "  %llu s left", (unsigned long long)((total - done) / rate));
    if (!p->terminal) fputc('\n', stderr);
    p->drawn_ms = now;
    p->shown = p->terminal;
}

void aver_progress_end(struct aver_progress *progress)
{
    if (progress->shown) fputs("\r\033[K", stderr);
    progress->shown = false;
}
