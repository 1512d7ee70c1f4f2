/* aver/scrub.c - aver scrub: the ledger's files read and hashed again in the background, so many bytes a second. */
#include <signal.h>
#include <time.h>

#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/storage/scrub.h"

#define RATE_DEFAULT 4    /* MiB a second */
#define RATE_MAX     4096 /* 0 is no limit */
#define ROUNDS_MAX   1000000
#define SLICES       20                  /* a second */
#define ROUND_NS     INT64_C(1000000000) /* between two passes, so that a small ledger is not read in a loop */
#define STEP_BYTES   (UINT64_C(1) << 20) /* without a limit */

static volatile sig_atomic_t asked_to_end;

static void end(int sig)
{
    (void)sig;
    asked_to_end = 1;
}

static void found(void *user, const struct aver_why *why)
{
    struct aver_command *cmd = user;
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "grade", "bad");
        aver_json_field_str(&w, "code", why->code);
        aver_json_field_str(&w, "place", why->place);
        aver_json_field_str(&w, "text", why->text);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "bad      %s: %s [%s]\n", why->place, why->text, why->code);
    }
    /* At once: a pass may take hours. */
    aver_err told = aver_out_flush(cmd);
    (void)told; /* the end says it */
}

static void say_round(struct aver_command *cmd, const struct aver_scrub_counts *c)
{
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "grade", c->found ? "bad" : "fine");
        aver_json_field_uint(&w, "groups", c->groups);
        aver_json_field_uint(&w, "records", c->records);
        aver_json_field_uint(&w, "artifacts", c->artifacts);
        aver_json_field_uint(&w, "rows", c->rows);
        aver_json_field_uint(&w, "bytes", c->bytes);
        aver_json_field_uint(&w, "found", c->found);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(
            cmd, "%-8s %llu groups, %llu records, %llu artifacts, %llu rows hashed again; %llu damaged\n",
            c->found ? "bad" : "fine", (unsigned long long)c->groups, (unsigned long long)c->records,
            (unsigned long long)c->artifacts, (unsigned long long)c->rows, (unsigned long long)c->found);
    }
    aver_err told = aver_out_flush(cmd);
    (void)told;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Until the time that so many bytes may have taken is over; a signal ends the wait. */
static void wait_until(int64_t ns)
{
    int64_t left = ns - now_ns();
    if (left <= 0) return;
    struct timespec t = {(time_t)(left / 1000000000), (long)(left % 1000000000)};
    nanosleep(&t, NULL);
}

/* *bad: some round found damage. */
static aver_err rounds(struct aver_command *cmd, struct aver_ledger *ledger, uint64_t mib, uint64_t count,
                       bool *bad)
{
    struct aver_scrub *scrub = aver_scrub_new(ledger, found, cmd);
    uint64_t bytes = mib ? (mib << 20) / SLICES : STEP_BYTES;
    aver_err err = AVER_OK;
    for (uint64_t done = 0; err == AVER_OK && !asked_to_end && !*bad && (count == 0 || done < count);) {
        bool whole;
        int64_t begun = now_ns();
        uint64_t before = aver_scrub_counts(scrub).bytes;
        err = aver_scrub_step(scrub, bytes, &whole, &cmd->why);
        struct aver_scrub_counts c = aver_scrub_counts(scrub);
        if (err == AVER_OK && whole) {
            done++;
            *bad = c.found > 0;
            say_round(cmd, &c);
        }
        uint64_t read = c.bytes > before ? c.bytes - before : c.bytes;
        if (err != AVER_OK || (count && done == count)) continue;
        if (mib) wait_until(begun + (int64_t)(read * 1000 / (mib << 20) * 1000000));
        if (whole) wait_until(now_ns() + ROUND_NS);
    }
    aver_scrub_free(scrub);
    return err;
}

static int run_scrub(struct aver_command *cmd)
{
    uint64_t mib, count;
    struct aver_ledger *ledger;
    bool bad = false;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "mib-per-second", 0, RATE_MAX, RATE_DEFAULT, &mib));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "rounds", 0, ROUNDS_MAX, 1, &count));
    AVER_CLI_TRY(cmd, aver_ledger_open(&ledger, aver_option(cmd, "ledger"), AVER_LEDGER_READ, &cmd->why));
    struct sigaction ask = {.sa_handler = end};
    sigaction(SIGINT, &ask, NULL);
    sigaction(SIGTERM, &ask, NULL);
    aver_err err = rounds(cmd, ledger, mib, count, &bad);
    aver_ledger_close(ledger);
    AVER_CLI_TRY(cmd, err);
    return bad ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"mib-per-second", "N", false, "read so much a second, 0 without a limit (default 4)", NULL},
    {"rounds", "N", false, "so many passes, 0 until it is ended (default 1)", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_scrub = {
    .name = "scrub",
    .args = "",
    .summary = "Reads the whole ledger in the background and hashes it again, a little at a time.",
    .more =
        "It changes nothing and may run while somebody writes, who does not wait for it. Each damage is told at once with its\n"
        "record; exit 1 after a pass with damage, 0 when asked to end (SIGTERM). Whether decisions are right says aver audit.",
    .options = options,
    .examples = {"aver scrub --ledger summit --rounds 0 --mib-per-second 2",
                 "aver scrub --ledger summit --json"},
    .run = run_scrub,
};
