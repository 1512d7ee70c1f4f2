/* aver/audit.c - aver audit: the ledger executed again from its first entry, and one of three answers; and, by an auditor who keeps
 * a copy of his own, a fourth: the history is another than it was. */
#include "aver/audit_report.h"
#include "aver/audit_run.h"
#include "aver/files.h"
#include "aver/verbs.h"
#include "ledger/storage/audit_follow.h"

#include <stdlib.h>
#include <string.h>

#define EVIDENCE_BYTES_MAX 1048576

/* ---- what was asked for, and how to ask it again ---- */

static void argument(struct aver_buf *out, const char *text)
{
    aver_buf_str(out, " ");
    bool plain =
        text[0] && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:=,@-") ==
                       strlen(text);
    if (plain) {
        aver_buf_str(out, text);
        return;
    }
    aver_buf_str(out, "'");
    for (; *text; text++) aver_buf_str(out, *text == '\'' ? "'\\''" : (char[]){*text, 0});
    aver_buf_str(out, "'");
}

/* NULL: none is named. */
static const char *ledger(const struct aver_command *cmd)
{
    const char *set = getenv("AVER_LEDGER");
    return cmd->args_count ? cmd->args[0] : set && *set ? set : NULL;
}

static const char *repeat(struct aver_command *cmd)
{
    static const char *const names[] = {"follow", "state", "receipts", "report", "auditor", "date"};
    struct aver_buf out = {0};
    aver_buf_str(&out, "aver audit");
    if (!aver_option(cmd, "follow")) argument(&out, ledger(cmd));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = aver_option(cmd, names[i]);
        if (!value) continue;
        aver_buf_printf(&out, " --%s", names[i]);
        argument(&out, value);
    }
    const char *text = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&out)));
    aver_buf_free(&out);
    return text;
}

static int end(struct aver_command *cmd, const struct aver_audit *audit, const char *ledger)
{
    const char *report = aver_option(cmd, "report");
    if (report) {
        aver_err err = aver_report_write(cmd, &(struct aver_report){.dir = report,
                                                                    .ledger = ledger,
                                                                    .auditor = aver_option(cmd, "auditor"),
                                                                    .date = aver_option(cmd, "date"),
                                                                    .repeat = repeat(cmd),
                                                                    .audit = audit});
        if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    }
    aver_audit_say(cmd, audit);
    return aver_audit_exit(audit->verdict);
}

/* ---- following ---- */

static void say_fork(struct aver_command *cmd, const struct aver_follow *f)
{
    bool fork = f->kind == AVER_EVIDENCE_FORK;
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "verdict", fork ? "forked" : "rolled back");
        aver_json_field_uint(&w, "kept_entries", f->kept_size);
        aver_json_field_uint(&w, "shown_entries", f->shown_size);
        aver_json_field_str(&w, "evidence", f->evidence);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(
        cmd,
        fork
            ? "the node signed a checkpoint of %llu entries before, and shows one of %llu entries now that it also "
              "signed: no log has both\n"
            : "the node signed a checkpoint of %llu entries before, and shows one of %llu entries now: it is of the "
              "same history, and an older one\n",
        (unsigned long long)f->kept_size, (unsigned long long)f->shown_size);
    aver_print(cmd, "evidence   %s (aver audit evidence FILE checks it)\n\n%s\n", f->evidence,
               fork ? "forked" : "rolled back");
}

static void say_followed(struct aver_command *cmd, const struct aver_follow *f)
{
    uint64_t more = f->shown_size - f->kept_size;
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_uint(&w, "followed", f->shown_size);
        aver_json_field_uint(&w, "new", more);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
        return;
    }
    aver_print(cmd, "followed to %llu entries, %llu of them new; %s\n", (unsigned long long)f->shown_size,
               (unsigned long long)more,
               f->first ? "nothing was kept before, so this is where the kept history begins"
                        : "the history is the one that was kept");
}

static int run_follow(struct aver_command *cmd, struct aver_audit *audit)
{
    struct aver_follow f = {.from = aver_option(cmd, "follow"),
                            .own = aver_option(cmd, "state"),
                            .vkey = aver_option(cmd, "vkey"),
                            .audit = *audit};
    if (!strncmp(f.from, "file://", 7)) f.from += 7;
    if (strstr(f.from, "://"))
        return aver_command_fail(
            cmd, aver_usage(cmd,
                            "aver reads no network: synchronise or mount what is published at %s, "
                            "and follow that directory",
                            f.from));
    if (cmd->args_count || !f.own)
        return aver_command_fail(
            cmd, aver_usage(cmd, "give --follow DIR and --state OWN_DIR, and no other directory"));
    aver_err err = aver_audit_run_follow(cmd, &f);
    if (err == AVER_E_DIFFERS) {
        (void)aver_command_fail(cmd, err);
        if (!cmd->json) aver_print(cmd, "%s\n", aver_audit_words(AVER_AUDIT_DIFFERS));
        return AVER_EXIT_NO;
    }
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    (f.forked ? say_fork : say_followed)(cmd, &f);
    return f.forked ? AVER_EXIT_FORKED : end(cmd, &f.audit, f.own);
}

static int run_audit(struct aver_command *cmd)
{
    struct aver_audit audit = {.state = aver_option(cmd, "resume")};
    const char *receipts = aver_option(cmd, "receipts");
    uint64_t threads;
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "threads", 1, AVER_AUDIT_THREADS_MAX, 0, &threads));
    AVER_CLI_TRY(cmd, aver_option_number(cmd, "save-every", 1, INT64_MAX, 0, &audit.save_every));
    audit.threads = (unsigned)threads;
    aver_err err = receipts ? aver_audit_read_receipts(cmd, receipts, &audit.intake_receipts) : AVER_OK;
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    if (aver_option(cmd, "follow")) return run_follow(cmd, &audit);
    if (aver_option(cmd, "state") || aver_option(cmd, "vkey"))
        return aver_command_fail(cmd, aver_usage(cmd, "--state and --vkey go with --follow"));
    const char *dir = ledger(cmd);
    if (!dir)
        return aver_command_fail(
            cmd, aver_usage(cmd, "give the ledger's directory, or set the environment variable AVER_LEDGER"));
    err = aver_audit_run(cmd, dir, &audit);
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    return end(cmd, &audit, dir);
}

static const struct aver_option options[] = {
    {"receipts", "DIR2", false, "also hold the intake receipts DIR2/*.receipt against the log", NULL},
    {"threads", "N", false, "how many; all cores if not given, and the same answer with any", NULL},
    {"resume", "FILE", false, "keep an unfinished audit there, and go on from it (it holds health data)",
     NULL},
    {"save-every", "N", false, "items between two savings (100000)", NULL},
    {"follow", "DIR", false,
     "keep a copy of this ledger, and find a fork; a mounted or synchronised directory, or file://DIR", NULL},
    {"state", "OWN_DIR", false, "with --follow: where the copy is kept", NULL},
    {"vkey", "WORD", false, "with --follow, the first time: the node's key, as aver log vkey prints it",
     NULL},
    {"report", "DIR3", false, "leave report.json and exceptions.csv there", NULL},
    {"auditor", "NAME", false, "who audits, for the report", NULL},
    {"date", "TEXT", false, "when, for the report, which reads no clock", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_audit = {
    .name = "audit",
    .args = "[DIR]",
    .args_min = 0,
    .args_max = 1,
    .summary = "Executes a ledger again from its first entry: same, differs, or could not check.",
    .more =
        "DIR is the ledger's directory (or AVER_LEDGER). Exit code 0: same; 1: differs; 2: could not check; 3: it\n"
        "forked. docs/audit.md says what is checked.",
    .options = options,
    .examples = {"aver audit summit --receipts clinic-receipts --report march",
                 "aver audit --follow /mnt/summit --state own-copy"},
    .run = run_audit,
};

/* ---- evidence ---- */

static int run_evidence(struct aver_command *cmd)
{
    struct aver_buf text = {0};
    struct aver_evidence e;
    enum aver_evidence_kind kind;
    struct aver_checkpoint smaller, larger;
    const char *vkey = aver_option(cmd, "vkey");
    aver_err err = aver_path_read(&text, cmd->args[0], EVIDENCE_BYTES_MAX, &cmd->why);
    if (err == AVER_OK) err = aver_evidence_read(&e, aver_buf_view(&text), &cmd->arena, &cmd->why);
    if (err != AVER_OK) return aver_audit_could_not(cmd, err);
    if (vkey && !aver_bytes_is(e.vkey, vkey))
        err = aver_fail(&cmd->why, AVER_E_REFUSED, "EVIDENCE-KEY", "vkey", "it is about the key %.*s",
                        AVER_STR(e.vkey));
    if (err == AVER_OK) err = aver_evidence_check(&e, &kind, &smaller, &larger, &cmd->why);
    if (err != AVER_OK) {
        (void)aver_command_fail(cmd, err);
        if (!cmd->json) aver_print(cmd, "proves nothing\n");
        return AVER_EXIT_NO;
    }
    const char *words = kind == AVER_EVIDENCE_FORK ? "forked" : "rolled back";
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "proves", words);
        aver_json_field(&w, "vkey", e.vkey);
        aver_json_field_uint(&w, "smaller", smaller.size);
        aver_json_field_uint(&w, "larger", larger.size);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "key        %.*s\n", AVER_STR(e.vkey));
        aver_print(cmd, "signed     %llu entries, and %llu entries\n", (unsigned long long)smaller.size,
                   (unsigned long long)larger.size);
        aver_print(
            cmd, "%s\n\n%s\n",
            kind == AVER_EVIDENCE_FORK
                ? "proved     the log of the larger one does not begin with that of the smaller one: who holds this key "
                  "signed two histories"
                : "proved     both are of one history: somebody showed the smaller one after the larger one, which a "
                  "stale copy can do as well",
            words);
    }
    return AVER_EXIT_DONE;
}

static const struct aver_option evidence_options[] = {
    {"vkey", "WORD", false, "the node's key, as aver log vkey prints it: the evidence must be about it",
     NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_audit_evidence = {
    .name = "audit evidence",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "Checks what a follower kept of a fork, with nothing but that file.",
    .more = "Exit code 0: it proves what it says; 1: it proves nothing; 2: could not read it.",
    .options = evidence_options,
    .examples = {"aver audit evidence own-copy/evidence-40-44-1a2b3c4d.json",
                 "aver audit evidence evidence.json --vkey \"$(cat summit.vkey)\""},
    .run = run_evidence,
};
