/* aver/audit_sample.c - aver audit sample: claims drawn by a seed that neither the auditor nor the audited could choose. */
#include "aver/audit_run.h"
#include "aver/files.h"
#include "aver/verbs.h"
#include "base/date.h"
#include "ledger/storage/audit_sample.h"

#include <string.h>

#define NONCE_TEXT (2 * AVER_NONCE_LENGTH)

static aver_err read_nonce(struct aver_command *cmd, const char *path, uint8_t nonce[AVER_NONCE_LENGTH])
{
    struct aver_buf text = {0};
    aver_err err = aver_path_read(&text, path, 4096, &cmd->why);
    if (err == AVER_OK) {
        while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) text.len--;
        if (text.len != NONCE_TEXT || aver_unhex(nonce, AVER_NONCE_LENGTH, aver_buf_view(&text)) != AVER_OK)
            err = aver_fail(
                &cmd->why, AVER_E_INPUT, "SAMPLE-NONCE", path,
                "a nonce is %d hexadecimal digits on one line; aver audit sample --commit FILE makes one",
                NONCE_TEXT);
    }
    aver_buf_free(&text);
    return err;
}

/* A nonce that is there is kept: its commitment may be published already. */
static aver_err nonce_of(struct aver_command *cmd, const char *path, uint8_t nonce[AVER_NONCE_LENGTH])
{
    struct aver_buf text = {0};
    aver_random(nonce, AVER_NONCE_LENGTH);
    aver_buf_hex(&text, aver_bytes_of(nonce, AVER_NONCE_LENGTH));
    aver_buf_str(&text, "\n");
    aver_err err = aver_path_write(path, aver_buf_view(&text), 0600, false, &cmd->why);
    aver_buf_free(&text);
    return err == AVER_E_EXISTS ? read_nonce(cmd, path, nonce) : err;
}

static void say_log(struct aver_command *cmd, const char *what, const struct aver_sample_log *log)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, aver_digest_bytes(&log->root));
    char day[AVER_DAY_TEXT];
    aver_print(cmd, "%-12s %llu entries, group %llu of %s %02d:%02d UTC, root %.*s\n", what,
               (unsigned long long)log->size, (unsigned long long)log->height,
               aver_day_iso(day, aver_day_of_ms(log->time)), (int)(log->time / 3600000 % 24),
               (int)(log->time / 60000 % 60), AVER_STR(aver_buf_view(&hex)));
    aver_buf_free(&hex);
}

static void say_hex(struct aver_command *cmd, const char *what, const aver_digest *digest)
{
    struct aver_buf hex = {0};
    aver_buf_hex(&hex, aver_digest_bytes(digest));
    aver_print(cmd, "%-12s %.*s\n", what, AVER_STR(aver_buf_view(&hex)));
    aver_buf_free(&hex);
}

static void log_json(struct aver_json_writer *w, const char *name, const struct aver_sample_log *log)
{
    aver_json_key(w, name);
    aver_json_begin_object(w);
    aver_json_field_uint(w, "size", log->size);
    aver_json_field_uint(w, "height", log->height);
    aver_json_field_uint(w, "time", (uint64_t)log->time);
    aver_json_field_hex(w, "root", aver_digest_bytes(&log->root));
    aver_json_end_object(w);
}

static int run_commit(struct aver_command *cmd, const char *dir, const char *file)
{
    uint8_t nonce[AVER_NONCE_LENGTH];
    struct aver_sample_log now;
    struct aver_progress progress = aver_progress_begin("reading the log");
    aver_err err = aver_sample_now(dir, &now, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    if (err == AVER_OK) err = nonce_of(cmd, file, nonce);
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    aver_digest commitment = aver_sha256(aver_bytes_of(nonce, sizeof nonce));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_hex(&w, "commitment", aver_digest_bytes(&commitment));
        log_json(&w, "frame", &now);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return AVER_EXIT_DONE;
    }
    say_hex(cmd, "commitment", &commitment);
    say_log(cmd, "frame", &now);
    aver_print(
        cmd,
        "\nPublish these two lines now, and keep %s to yourself. When the ledger has a further group, draw with\n"
        "  aver audit sample %s --frame %llu --nonce %s --size N\n",
        file, dir, (unsigned long long)now.size, file);
    return AVER_EXIT_DONE;
}

static void csv(struct aver_buf *out, const struct aver_sample *s)
{
    const struct aver_sample_pick *p = s->picks.items;
    char charge[AVER_MONEY_TEXT], paid[AVER_MONEY_TEXT];
    aver_buf_str(out, "draw,entry,group,claim_id,charge,paid\n");
    for (size_t i = 0; i < s->picks.count; i++) {
        aver_buf_printf(out, "%zu,%llu,%llu,%s,%s,%s\n", i + 1, (unsigned long long)p[i].entry,
                        (unsigned long long)p[i].height, p[i].claim_id,
                        p[i].opened ? aver_cents_text(charge, p[i].charge) : "",
                        p[i].opened ? aver_cents_text(paid, p[i].paid) : "");
    }
}

static void say_json(struct aver_command *cmd, const struct aver_sample *s)
{
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "chain", s->chain);
    log_json(&w, "frame", &s->frame_log);
    aver_json_field_uint(&w, "from", s->from);
    aver_json_field_uint(&w, "to", s->to);
    aver_json_field_uint(&w, "claims", s->claims);
    aver_json_field_hex(&w, "claims_sha256", aver_digest_bytes(&s->claims_list));
    aver_json_field_hex(&w, "commitment", aver_digest_bytes(&s->commitment));
    log_json(&w, "seed_log", &s->seed_log);
    aver_json_field_hex(&w, "seed", aver_digest_bytes(&s->seed));
    aver_json_key(&w, "sample");
    aver_json_begin_array(&w);
    const struct aver_sample_pick *p = s->picks.items;
    for (size_t i = 0; i < s->picks.count; i++) {
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "entry", p[i].entry);
        aver_json_field_uint(&w, "group", p[i].height);
        if (p[i].opened) {
            aver_json_field_str(&w, "claim", p[i].claim_id);
            aver_json_field_money(&w, "charge", p[i].charge);
            aver_json_field_money(&w, "paid", p[i].paid);
        }
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_draw(struct aver_command *cmd, const char *dir)
{
    struct aver_sample s = {0};
    const char *nonce = aver_option(cmd, "nonce"), *out = aver_option(cmd, "out");
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "size", 1, INT64_MAX, 0, &s.size));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "frame", 1, INT64_MAX, 0, &s.frame));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "from", 0, INT64_MAX, 0, &s.from));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "to", 1, INT64_MAX, 0, &s.to));
    if (!nonce || !s.size || !s.frame)
        return aver_command_fail(
            cmd, aver_usage(cmd, "give --commit FILE, or --nonce FILE, --frame SIZE and --size N"));
    aver_err err = read_nonce(cmd, nonce, s.nonce);
    struct aver_progress progress = aver_progress_begin("reading the log");
    if (err == AVER_OK)
        err = aver_sample_draw(dir, &s, &cmd->arena, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    struct aver_buf text = {0};
    csv(&text, &s);
    if (err == AVER_OK && out) err = aver_path_write(out, aver_buf_view(&text), 0600, true, &cmd->why);
    if (err != AVER_OK) {
        aver_buf_free(&text);
        return aver_audit_could_not(cmd, err);
    }
    if (cmd->json) {
        say_json(cmd, &s);
    } else {
        say_log(cmd, "frame", &s.frame_log);
        aver_print(cmd, "%-12s %llu, in entries %llu to %llu of the log\n", "claims",
                   (unsigned long long)s.claims, (unsigned long long)s.from, (unsigned long long)s.to);
        say_hex(cmd, "claims list", &s.claims_list);
        say_hex(cmd, "commitment", &s.commitment);
        say_log(cmd, "drawn by", &s.seed_log);
        say_hex(cmd, "seed", &s.seed);
        aver_print(cmd, "%-12s %zu claims%s%s\n\n", "sample", s.picks.count, out ? ", in " : "",
                   out ? out : "");
        if (!out) aver_buf_bytes(&cmd->out, aver_buf_view(&text));
    }
    aver_buf_free(&text);
    return AVER_EXIT_DONE;
}

static int run_sample(struct aver_command *cmd)
{
    /* A bug of ours is no answer about the ledger. */
    static const struct aver_assert_watch could_not_check = {.status = AVER_EXIT_COULD_NOT};
    aver_assert_watched_by(&could_not_check);
    const char *commit = aver_option(cmd, "commit");
    return commit ? run_commit(cmd, cmd->args[0], commit) : run_draw(cmd, cmd->args[0]);
}

static const struct aver_option options[] = {
    {"commit", "FILE", false, "make a nonce there and say what to publish: its hash, and the frame", NULL},
    {"nonce", "FILE", false, "draw with the nonce that was committed to", NULL},
    {"frame", "SIZE", false, "entries of the log when the frame was fixed", NULL},
    {"size", "N", false, "how many claims to draw", NULL},
    {"from", "ENTRY", false, "only claims from this log entry on", NULL},
    {"to", "ENTRY", false, "and before this one", NULL},
    {"out", "FILE.csv", false, "write the sample there", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_audit_sample = {
    .name = "audit sample",
    .args = "DIR",
    .args_min = 1,
    .args_max = 1,
    .summary = "Draws claims by a seed that nobody could choose and anybody can draw by again.",
    .more =
        "First --commit, and publish what it says; after the ledger's next group, draw. docs/audit.md has the rule.",
    .options = options,
    .examples = {"aver audit sample summit --commit nonce.txt",
                 "aver audit sample summit --nonce nonce.txt --frame 10230 --size 100 --out sample.csv"},
    .run = run_sample,
};
