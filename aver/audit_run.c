/* aver/audit_run.c - see audit_run.h. */
#include "aver/audit_run.h"

#include "aver/files.h"
#include "base/base64.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECEIPT_BYTES_MAX 65536
#define RECEIPT_ENDING    ".receipt"
#define BAR_FIRST_MS      500
#define BAR_EVERY_MS      100
#define BAR_WIDTH         24

const char *aver_audit_words(enum aver_audit_verdict verdict)
{
    switch (verdict) {
    case AVER_AUDIT_SAME: return "same";
    case AVER_AUDIT_DIFFERS: return "differs";
    case AVER_AUDIT_COULD_NOT: return "could not check";
    }
    AVER_UNREACHABLE();
}

int aver_audit_exit(enum aver_audit_verdict verdict)
{
    switch (verdict) {
    case AVER_AUDIT_SAME: return AVER_EXIT_DONE;
    case AVER_AUDIT_DIFFERS: return AVER_EXIT_NO;
    case AVER_AUDIT_COULD_NOT: return AVER_EXIT_COULD_NOT;
    }
    AVER_UNREACHABLE();
}

int aver_audit_could_not(struct aver_command *cmd, aver_err err)
{
    int code = aver_command_fail(cmd, err);
    if (code == AVER_EXIT_USAGE) return code;
    if (!cmd->json) aver_print(cmd, "%s\n", aver_audit_words(AVER_AUDIT_COULD_NOT));
    return AVER_EXIT_COULD_NOT;
}

/* ---- receipts ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

aver_err aver_audit_read_receipts(struct aver_command *cmd, const char *dir, struct aver_list *receipts)
{
    struct aver_list names = {0};
    DIR *d = opendir(dir);
    if (!d) return aver_fail_errno(&cmd->why, "open the directory", dir);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t n = strlen(entry->d_name), m = strlen(RECEIPT_ENDING);
        if (n <= m || strcmp(entry->d_name + n - m, RECEIPT_ENDING)) continue;
        char **name = aver_list_add(&cmd->arena, &names, sizeof *name);
        *name = aver_arena_printf(&cmd->arena, "%s", entry->d_name);
    }
    closedir(d);
    if (!names.count)
        return aver_fail(&cmd->why, AVER_E_NOT_FOUND, "RECEIPT-NONE", dir,
                         "there is no file that ends in " RECEIPT_ENDING);
    qsort(names.items, names.count, sizeof(char *), by_name);
    char *const *name = names.items;
    struct aver_buf bytes = {0};
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < names.count; i++) {
        bytes.len = 0;
        err = aver_path_read(&bytes, aver_arena_printf(&cmd->arena, "%s/%s", dir, name[i]), RECEIPT_BYTES_MAX,
                             &cmd->why);
        if (err == AVER_OK)
            *(struct aver_audit_receipt *)aver_list_add(&cmd->arena, receipts,
                                                        sizeof(struct aver_audit_receipt)) =
                (struct aver_audit_receipt){name[i], aver_arena_copy(&cmd->arena, aver_buf_view(&bytes))};
    }
    aver_buf_free(&bytes);
    return err;
}

/* ---- the bar ---- */

struct bar {
    const struct aver_audit *audit;
    bool terminal, shown;
    int64_t began_ms, drawn_ms;
};

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* "audit  [======          ]  31 %  12480 claims  1904 claims/s  14 s left". The share is of the log's bytes. */
static void bar_step(void *user, uint64_t done, uint64_t total)
{
    struct bar *b = user;
    int64_t now = monotonic_ms(), spent = now - b->began_ms;
    if (!b->terminal || spent < BAR_FIRST_MS || now - b->drawn_ms < BAR_EVERY_MS) return;
    char mark[BAR_WIDTH + 1];
    unsigned percent = total ? (unsigned)(done / (total / 100 + 1)) : 100;
    for (unsigned i = 0; i < BAR_WIDTH; i++) mark[i] = i * 100 < percent * BAR_WIDTH ? '=' : ' ';
    mark[BAR_WIDTH] = 0;
    uint64_t claims = b->audit->claims, kib = done / 1024 + 1;
    fprintf(stderr, "\r\033[Kaudit  [%s]  %u %%  %llu claims  %llu claims/s  %llu s left", mark, percent,
            (unsigned long long)claims, (unsigned long long)(claims * 1000 / (uint64_t)spent),
            (unsigned long long)((total - done) / 1024 * (uint64_t)spent / kib / 1000));
    fflush(stderr);
    b->drawn_ms = now;
    b->shown = true;
}

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    (void)number;
    signalled = 1;
}

static bool interrupted(void *user)
{
    (void)user;
    return signalled;
}

/* `follow` NULL: of `dir`, else a round of it. */
static aver_err run(struct aver_command *cmd, const char *dir, struct aver_audit *audit,
                    struct aver_follow *follow)
{
    struct bar bar = {.audit = audit, .terminal = isatty(STDERR_FILENO), .began_ms = monotonic_ms()};
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND}, before[2];
    sigaction(SIGINT, &act, &before[0]);
    sigaction(SIGTERM, &act, &before[1]);
    audit->interrupted = interrupted;
    aver_err err = follow ? aver_ledger_follow(follow, &cmd->arena, bar_step, &bar, &cmd->why)
                          : aver_ledger_audit(dir, audit, &cmd->arena, bar_step, &bar, &cmd->why);
    sigaction(SIGINT, &before[0], NULL);
    sigaction(SIGTERM, &before[1], NULL);
    if (bar.shown) fputs("\r\033[K", stderr);
    return err;
}

aver_err aver_audit_run(struct aver_command *cmd, const char *dir, struct aver_audit *audit)
{
    return run(cmd, dir, audit, NULL);
}

aver_err aver_audit_run_follow(struct aver_command *cmd, struct aver_follow *follow)
{
    return run(cmd, NULL, &follow->audit, follow);
}

/* ---- telling ---- */

static void say_count(struct aver_command *cmd, const char *what, uint64_t count, const char *how)
{
    aver_print(cmd, "  %-16s %12llu  %s\n", what, (unsigned long long)count, how);
}

/* In base64, as the checkpoint writes a root. */
static void say_root(struct aver_command *cmd, const char *what, const aver_digest *root)
{
    struct aver_buf text = {0};
    aver_base64_put(&text, aver_digest_bytes(root));
    aver_print(cmd, "  %-16s %.*s\n", what, AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
}

static void say(struct aver_command *cmd, const struct aver_audit *a)
{
    aver_print(cmd, "checked\n");
    say_count(cmd, "groups", a->groups, "frames read whole, in order");
    say_count(cmd, "entries", a->entries, "hashed into the log tree");
    if (a->resumed) say_count(cmd, "of them", a->resumed, "executed by the audit that this one went on from");
    say_count(cmd, "claims", a->claims, "adjudicated again");
    say_count(cmd, "signatures", a->signatures, "verified");
    say_count(cmd, "bodies", a->bodies, "unsealed and held against their commitments");
    say_count(cmd, "receipts", a->receipts, "made again, byte for byte");
    say_count(cmd, "state records", a->records, "compared with those of the re-execution");
    if (a->intake_receipts.count) {
        say_count(cmd, "promises", a->promises_kept, "intake receipts that the log keeps");
        say_count(cmd, "promises broken", a->promises_broken, "intake receipts that it does not");
    }
    if (a->differing) {
        say_count(cmd, "differing", a->differing, "receipts that come out otherwise");
        aver_print(cmd, "  %-16s %12s  between what they pay\n", "difference",
                   aver_money_words(&cmd->arena, a->cents));
    }
    aver_print(cmd, "  %-16s %12s  over all decisions\n", "paid", aver_money_words(&cmd->arena, a->paid));
    say_root(cmd, "log root", &a->log_root);
    say_root(cmd, "state root", &a->state_root);
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++)
        aver_print(cmd, "%s%s: %s [%s] (%s)\n", i ? "" : "\n", aver_audit_words(f[i].verdict), f[i].text,
                   f[i].code, f[i].place);
    if (a->findings_left_out)
        aver_print(cmd, "and %llu findings more\n", (unsigned long long)a->findings_left_out);
    aver_print(cmd, "\n%s\n", aver_audit_words(a->verdict));
}

void aver_audit_finding_json(struct aver_json_writer *w, const struct aver_audit_finding *f)
{
    aver_json_field_str(w, "verdict", aver_audit_words(f->verdict));
    aver_json_field_str(w, "code", f->code);
    aver_json_field_str(w, "place", f->place);
    aver_json_field_str(w, "text", f->text);
    if (!f->claim_id[0]) return;
    aver_json_field_uint(w, "entry", f->entry);
    aver_json_field_str(w, "claim", f->claim_id);
    aver_json_field_money(w, "paid_recorded", f->recorded);
    aver_json_field_money(w, "paid_again", f->again);
}

static void say_json(struct aver_command *cmd, const struct aver_audit *a)
{
    const struct aver_audit_finding *f = a->findings.items;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "verdict", aver_audit_words(a->verdict));
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"groups", a->groups},
                  {"entries", a->entries},
                  {"resumed", a->resumed},
                  {"claims", a->claims},
                  {"signatures", a->signatures},
                  {"bodies", a->bodies},
                  {"receipts", a->receipts},
                  {"records", a->records},
                  {"promises_kept", a->promises_kept},
                  {"promises_broken", a->promises_broken},
                  {"differing", a->differing}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        aver_json_field_uint(&w, counts[i].name, counts[i].count);
    aver_json_field_money(&w, "difference", a->cents);
    aver_json_field_money(&w, "paid", a->paid);
    aver_json_field_hex(&w, "log_root", aver_digest_bytes(&a->log_root));
    aver_json_field_hex(&w, "state_root", aver_digest_bytes(&a->state_root));
    aver_json_key(&w, "findings");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < a->findings.count; i++) {
        aver_json_begin_object(&w);
        aver_audit_finding_json(&w, &f[i]);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_field_uint(&w, "findings_left_out", a->findings_left_out);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

void aver_audit_say(struct aver_command *cmd, const struct aver_audit *audit)
{
    (cmd->json ? say_json : say)(cmd, audit);
}
