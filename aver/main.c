/* aver/main.c - finds the verb, runs it, and sees to it that the results arrive. */
#include "aver/output.h"
#include "aver/verbs.h"
#include "vm/vm.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_BYTES 64

static int run_version(struct aver_command *cmd);
static const struct aver_option no_options[] = {AVER_OPTION_END};
static const struct aver_verb verb_version = {
    .name = "version",
    .args = "",
    .summary = "Says which version this is.",
    .options = no_options,
    .examples = {"aver version", "aver version --json"},
    .run = run_version,
};

static const struct aver_verb *const verbs[] = {
    &aver_verb_init,
    &aver_verb_key_new,
    &aver_verb_key_show,
    &aver_verb_key_revoke,
    &aver_verb_key_rotate,
    &aver_verb_party_add,
    &aver_verb_party_list,
    &aver_verb_party_revoke,
    &aver_verb_contract_new,
    &aver_verb_contract_check,
    &aver_verb_contract_test,
    &aver_verb_contract_cover,
    &aver_verb_contract_gas,
    &aver_verb_contract_trace,
    &aver_verb_contract_diff,
    &aver_verb_contract_deploy,
    &aver_verb_table_publish,
    &aver_verb_table_list,
    &aver_verb_codes_load,
    &aver_verb_codes_list,
    &aver_verb_policy_check,
    &aver_verb_policy_publish,
    &aver_verb_policy_verify,
    &aver_verb_policy_list,
    &aver_verb_approve,
    &aver_verb_member_import,
    &aver_verb_member_list,
    &aver_verb_member_review,
    &aver_verb_accumulator_post,
    &aver_verb_accumulator_list,
    &aver_verb_submit,
    &aver_verb_claim_list,
    &aver_verb_claim_show,
    &aver_verb_explain,
    &aver_verb_remit,
    &aver_verb_remit_show,
    &aver_verb_audit,
    &aver_verb_audit_sample,
    &aver_verb_audit_evidence,
    &aver_verb_state_prove,
    &aver_verb_state_export,
    &aver_verb_state_verify,
    &aver_verb_state_rebuild,
    &aver_verb_bundle,
    &aver_verb_log_checkpoint,
    &aver_verb_log_vkey,
    &aver_verb_log_prove,
    &aver_verb_log_consistency,
    &aver_verb_log_verify,
    &aver_verb_log_witness_request,
    &aver_verb_log_witness_accept,
    &aver_verb_backup,
    &aver_verb_resume,
    &aver_verb_doctor,
    &aver_verb_scrub,
    &aver_verb_quarantine_list,
    &aver_verb_quarantine_show,
    &aver_verb_quarantine_release,
    &aver_verb_witness,
    &aver_verb_witness_vkey,
    &verb_version,
};
#define VERBS_COUNT (sizeof verbs / sizeof verbs[0])

static int run_version(struct aver_command *cmd)
{
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "version", AVER_VERSION);
        aver_json_field_uint(&w, "gas_table", AVER_GAS_TABLE_VERSION);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "aver %s, gas price table %d\n", AVER_VERSION, AVER_GAS_TABLE_VERSION);
    }
    return AVER_EXIT_DONE;
}

static const struct aver_verb *verb_named(const char *name)
{
    for (size_t i = 0; i < VERBS_COUNT; i++)
        if (!strcmp(verbs[i]->name, name)) return verbs[i];
    return NULL;
}

/* Whether some verb begins with this word and has a second one. */
static bool is_group(const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i < VERBS_COUNT; i++)
        if (!strncmp(verbs[i]->name, word, n) && verbs[i]->name[n] == ' ') return true;
    return false;
}

/* All verbs, or those of a group. */
static void list_verbs(struct aver_buf *out, const char *group)
{
    size_t n = group ? strlen(group) : 0;
    if (!group) aver_buf_str(out, "aver VERB [ARGUMENTS] [--OPTIONS]\n\n");
    for (size_t i = 0; i < VERBS_COUNT; i++) {
        if (group && (strncmp(verbs[i]->name, group, n) || verbs[i]->name[n] != ' ')) continue;
        aver_buf_printf(out, "  %-18s %s\n", verbs[i]->name, verbs[i]->summary);
    }
    aver_buf_str(
        out,
        "\naver VERB --help, or aver help VERB, says more. The ledger's directory may be set once: AVER_LEDGER.\n"
        "AVER_CLOCK_MS (milliseconds since 1970) stands in for the clock, for tests and rehearsals.\n"
        "Exit codes: 0 done, 1 the answer is no, 2 could not, 64 wrong usage.\n");
}

static aver_err unknown_verb(struct aver_command *cmd, const char *first, const char *second)
{
    char given[NAME_MAX_BYTES];
    const char *names[VERBS_COUNT], *near = NULL;
    for (size_t i = 0; i < VERBS_COUNT; i++) names[i] = verbs[i]->name;
    bool group = is_group(first);
    snprintf(given, sizeof given, "%s%s%s", first, second ? " " : "", second ? second : "");
    if (second || !group) near = aver_nearest_name(given, names, VERBS_COUNT);
    if (!near && second && !group) near = aver_nearest_name(first, names, VERBS_COUNT);
    if (near) return aver_usage(cmd, "there is no aver %s; did you mean aver %s?", given, near);
    if (group)
        return aver_usage(cmd, "aver %s needs a second word that there is; aver help %s lists them", first,
                          first);
    return aver_usage(cmd, "there is no aver %s; aver help lists all verbs", given);
}

/* `words` are those after "aver": finds the verb, and how many words name it. 0: none. */
static size_t find_verb(const struct aver_verb **out, char **words, size_t count)
{
    char name[NAME_MAX_BYTES];
    for (size_t n = count < 2 ? count : 2; n > 0; n--) {
        snprintf(name, sizeof name, "%s%s%s", words[0], n > 1 ? " " : "", n > 1 ? words[1] : "");
        *out = verb_named(name);
        if (*out) return n;
    }
    return 0;
}

static bool is_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int help(struct aver_command *cmd, char **words, size_t count)
{
    const struct aver_verb *verb;
    if (count == 0) {
        list_verbs(&cmd->out, NULL);
        return AVER_EXIT_DONE;
    }
    if (find_verb(&verb, words, count)) {
        aver_command_help(&cmd->out, verb);
        return AVER_EXIT_DONE;
    }
    if (count == 1 && is_group(words[0])) {
        list_verbs(&cmd->out, words[0]);
        return AVER_EXIT_DONE;
    }
    return aver_command_fail(cmd, unknown_verb(cmd, words[0], count > 1 ? words[1] : NULL));
}

static int run(struct aver_command *cmd, char **words, size_t count)
{
    if (count == 0) {
        list_verbs(&cmd->out, NULL);
        return AVER_EXIT_USAGE;
    }
    if (is_help(words[0])) return help(cmd, words + 1, count - 1);
    if (!strcmp(words[0], "--version")) return run_version(cmd);
    if (count == 2 && is_group(words[0]) && !verb_named(words[0]) && is_help(words[1]))
        return help(cmd, words, 1);
    size_t used = find_verb(&cmd->verb, words, count);
    if (!used) {
        const char *second = count > 1 && words[1][0] != '-' ? words[1] : NULL;
        return aver_command_fail(cmd, unknown_verb(cmd, words[0], second));
    }
    return aver_command_run(cmd, (int)(count - used + 1), words + used - 1);
}

/* The state is read through a map of its file: where the file ends too early or its disk fails, the system says so by SIGBUS. */
static void unreadable(int sig)
{
    static const char words[] =
        "aver: a file of the ledger is shorter than it says, or its disk cannot be read; aver audit says which. If it is "
        "state/data.mdb, delete the directory state/ and open the ledger for writing to rebuild it [LEDGER-STATE]\n";
    (void)sig;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) _exit(AVER_EXIT_COULD_NOT);
    _exit(AVER_EXIT_COULD_NOT);
}

#ifndef __SANITIZE_ADDRESS__
/* A bug of ours, or LMDB led astray by a page that somebody altered: nobody can tell from here, so it stays a crash, with words. */
static void astray(int sig)
{
    static const char words[] =
        "aver: stopped by a read of memory that is not there: state/data.mdb is damaged, or this is a bug; aver audit says "
        "which. If it is damaged, delete the directory state/ and open the ledger for writing to rebuild it [LEDGER-STATE]\n";
    signal(sig, SIG_DFL);
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) return;
}
#endif

int main(int argc, char **argv)
{
    signal(SIGBUS, unreadable);
#ifndef __SANITIZE_ADDRESS__
    signal(SIGSEGV, astray);
#endif
    struct aver_command cmd = {0};
    aver_command_begin(&cmd, argc, argv);
    return aver_command_end(&cmd, run(&cmd, argv + 1, argc > 0 ? (size_t)argc - 1 : 0));
}
