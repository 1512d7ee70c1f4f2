/* aver/output.h - results on stdout, words on stderr, a progress bar on a terminal.
 *
 * Results gather in cmd->out; text from outside is made harmless for a terminal. Nothing here says more of a patient than
 * the control number a caller hands it. */
#ifndef AVER_AVER_OUTPUT_H
#define AVER_AVER_OUTPUT_H

#include "aver/command.h"
#include "base/money.h"

/* Result text, for people. */
void aver_print(struct aver_command *cmd, const char *fmt, ...) AVER_PRINTF(2, 3);
/* One sentence on stderr: "aver VERB: ...". */
void aver_note(struct aver_command *cmd, const char *fmt, ...) AVER_PRINTF(2, 3);

/* With --json: a writer of one object into the results; aver_json_end_line after its last end. */
struct aver_json_writer aver_json_line(struct aver_command *cmd);
void aver_json_end_line(struct aver_command *cmd, struct aver_json_writer *w);
void aver_json_field(struct aver_json_writer *w, const char *name,
                     aver_bytes text); /* left out when absent */
void aver_json_field_str(struct aver_json_writer *w, const char *name, const char *text);
void aver_json_field_uint(struct aver_json_writer *w, const char *name, uint64_t value);
void aver_json_field_hex(struct aver_json_writer *w, const char *name, aver_bytes bytes);
/* Decimal dollars as text, "62.00": no reader may make a double of them. */
void aver_json_field_money(struct aver_json_writer *w, const char *name, int64_t cents);

/* Puts the results on stdout. AVER_E_FULL, AVER_E_IO: they could not be written. */
AVER_MUST_CHECK aver_err aver_out_flush(struct aver_command *cmd);

/* Decimal dollars in the arena: "1,234.50" is written 1234.50. */
const char *aver_money_words(struct aver_arena *arena, int64_t cents);
/* The first bytes of a digest as people compare them: "9f3c41d2..e1". In the arena. */
const char *aver_digest_words(struct aver_arena *arena, const uint8_t *bytes, size_t len);

/* A bar on stderr: only on a terminal, only after the first second, at most ten times a second; where stderr is no
 * terminal a plain line every ten seconds. */
struct aver_progress {
    const char *what;
    int64_t started_ms, drawn_ms;
    bool terminal, shown;
};
struct aver_progress aver_progress_begin(const char *what);
void aver_progress_step(void *progress, uint64_t done, uint64_t total); /* an aver_progress_fn */
void aver_progress_end(struct aver_progress *progress);

#endif
