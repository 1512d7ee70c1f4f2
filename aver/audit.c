/* aver/audit.c - aver audit: the ledger executed again from its first entry, and one of three answers. */
#include "aver/files.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "base/base64.h"
#include "ledger/storage/ledger.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define RECEIPT_BYTES_MAX 65536
#define RECEIPT_ENDING    ".receipt"

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Every file DIR/....receipt, in the order of their names. */
static aver_err read_receipts(struct aver_command *cmd, const char *dir, struct aver_list *receipts)
{
    struct aver_list names = {0};
    DIR *d = opendir(dir);
    if (!d) return aver_fail_errno(&cmd->why, "open the directory", dir);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t n = strlen(entry->d_name), m = strlen(RECEIPT_ENDING);
        if (n <= m || strcmp(entry->d_name + n - m, RECEIPT_ENDING)) continue;
        char **name = aver_list_add(&cmd->arena, &names, sizeof *name);
        *name = aver_arena_printf(&cmd->arena, "%s/%s", dir, entry->d_name);
    }
    closedir(d);
    if (names.count) qsort(names.items, names.count, sizeof(char *), by_name);
    char *const *name = names.items;
    struct aver_buf bytes = {0};
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < names.count; i++) {
        bytes.len = 0;
        err = aver_path_read(&bytes, name[i], RECEIPT_BYTES_MAX, &cmd->why);
        if (err == AVER_OK)
            *(aver_bytes *)aver_list_add(&cmd->arena, receipts, sizeof(aver_bytes)) =
                aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    }
    aver_buf_free(&bytes);
    return err;
}

static const char *verdict_words(enum aver_audit_verdict verdict)
{
    switch (verdict) {
    case AVER_AUDIT_SAME: return "same";
    case AVER_AUDIT_DIFFERS: return "differs";
    case AVER_AUDIT_COULD_NOT: return "could not check";
    }
    AVER_UNREACHABLE();
}

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
    say_count(cmd, "claims", a->claims, "adjudicated again");
    say_count(cmd, "signatures", a->signatures, "verified");
    say_count(cmd, "bodies", a->bodies, "unsealed and held against their commitments");
    say_count(cmd, "receipts", a->receipts, "made again, byte for byte");
    say_count(cmd, "state records", a->records, "compared with those of the re-execution");
    if (a->intake_receipts.count) {
        say_count(cmd, "promises", a->promises_kept, "intake receipts that the log keeps");
        say_count(cmd, "promises broken", a->promises_broken, "intake receipts that it does not");
    }
    aver_print(cmd, "  %-16s %12s  over all decisions\n", "paid", aver_money_words(&cmd->arena, a->paid));
    say_root(cmd, "log root", &a->log_root);
    say_root(cmd, "state root", &a->state_root);
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++)
        aver_print(cmd, "%s%s: %s [%s] (%s)\n", i ? "" : "\n", verdict_words(f[i].verdict), f[i].text,
                   f[i].code, f[i].place);
    aver_print(cmd, "\n%s\n", verdict_words(a->verdict));
}

static void say_json(struct aver_command *cmd, const struct aver_audit *a)
{
    const struct aver_audit_finding *f = a->findings.items;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "verdict", verdict_words(a->verdict));
    aver_json_field_uint(&w, "groups", a->groups);
    aver_json_field_uint(&w, "entries", a->entries);
    aver_json_field_uint(&w, "claims", a->claims);
    aver_json_field_uint(&w, "signatures", a->signatures);
    aver_json_field_uint(&w, "bodies", a->bodies);
    aver_json_field_uint(&w, "receipts", a->receipts);
    aver_json_field_uint(&w, "records", a->records);
    aver_json_field_uint(&w, "promises_kept", a->promises_kept);
    aver_json_field_uint(&w, "promises_broken", a->promises_broken);
    aver_json_field_money(&w, "paid", a->paid);
    aver_json_field_hex(&w, "log_root", aver_digest_bytes(&a->log_root));
    aver_json_field_hex(&w, "state_root", aver_digest_bytes(&a->state_root));
    aver_json_key(&w, "findings");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < a->findings.count; i++) {
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "verdict", verdict_words(f[i].verdict));
        aver_json_field_str(&w, "code", f[i].code);
        aver_json_field_str(&w, "place", f[i].place);
        aver_json_field_str(&w, "text", f[i].text);
        aver_json_end_object(&w);
    }
    aver_json_end_array(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

/* What kept the audit from an answer is itself the third answer, whatever kind of error it was. */
static int could_not(struct aver_command *cmd, aver_err err)
{
    int code = aver_command_fail(cmd, err);
    if (code == AVER_EXIT_USAGE) return code;
    if (!cmd->json) aver_print(cmd, "%s\n", verdict_words(AVER_AUDIT_COULD_NOT));
    return AVER_EXIT_COULD_NOT;
}

static int run_audit(struct aver_command *cmd)
{
    struct aver_audit audit = {0};
    const char *receipts = aver_option(cmd, "receipts");
    if (receipts) {
        aver_err err = read_receipts(cmd, receipts, &audit.intake_receipts);
        if (err != AVER_OK) return could_not(cmd, err);
    }
    struct aver_progress progress = aver_progress_begin("audit");
    aver_err err =
        aver_ledger_audit(cmd->args[0], &audit, &cmd->arena, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    if (err != AVER_OK) return could_not(cmd, err);
    (cmd->json ? say_json : say)(cmd, &audit);
    switch (audit.verdict) {
    case AVER_AUDIT_SAME: return AVER_EXIT_DONE;
    case AVER_AUDIT_DIFFERS: return AVER_EXIT_NO;
    case AVER_AUDIT_COULD_NOT: return AVER_EXIT_COULD_NOT;
    }
    AVER_UNREACHABLE();
}

static const struct aver_option options[] = {
    {"receipts", "DIR2", false, "also hold the intake receipts DIR2/*.receipt against the log", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_audit = {
    .name = "audit",
    .args = "DIR",
    .args_min = 1,
    .args_max = 1,
    .summary = "Executes a ledger again from its first entry: same, differs, or could not check.",
    .more = "Exit code 0: same; 1: differs; 2: could not check.",
    .options = options,
    .examples = {"aver audit summit", "aver audit summit --receipts clinic-receipts --json"},
    .run = run_audit,
};
