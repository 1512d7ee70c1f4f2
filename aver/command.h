/* aver/command.h - a verb of the program, described once: the row serves parsing, --help, and errors with the nearest
 * match. A verb's function gets what was given, writes results and says how it went by its exit code. */
#ifndef AVER_AVER_COMMAND_H
#define AVER_AVER_COMMAND_H

#include "base/arena.h"
#include "base/json.h"
#include "base/version.h"

enum aver_exit {
    AVER_EXIT_DONE = 0,
    AVER_EXIT_NO = 1,        /* the answer is no: rejected, refused, differs */
    AVER_EXIT_COULD_NOT = 2, /* the world's fault: no answer */
    AVER_EXIT_FORKED = 3,    /* a log shows another history than before */
    AVER_EXIT_USAGE = 64,    /* sysexits.h EX_USAGE: the command line itself is wrong */
};

struct aver_option {
    const char
        *name; /* without dashes; NULL ends the table. One letter: a flag that may be repeated, -v or -vv */
    const char *value; /* name of its value in the help; NULL: a flag */
    bool required;
    const char *help;
    const char *env; /* the environment variable that stands in for it, or NULL */
};

#define AVER_OPTIONS_MAX 16
/* Rows that many verbs share. */
#define AVER_OPTION_LEDGER                                                                                   \
    {                                                                                                        \
        "ledger", "DIR", true, "the ledger's directory", "AVER_LEDGER"                                       \
    }
#define AVER_OPTION_KEY                                                                                      \
    {                                                                                                        \
        "key", "FILE", true, "the key that signs (aver key new)", NULL                                       \
    }
#define AVER_OPTION_END                                                                                      \
    {                                                                                                        \
        NULL, NULL, false, NULL, NULL                                                                        \
    }

struct aver_command;
struct aver_verb {
    const char *name; /* "party add" */
    const char *args; /* "ID", "FILE..." or "" */
    size_t args_min, args_max;
    const char *summary; /* one line */
    const char *more;    /* further lines of the help, or NULL */
    const struct aver_option *options;
    const char *examples[2];
    int (*run)(struct aver_command *cmd); /* an enum aver_exit */
    bool program;                         /* a program of its own, not a word after "aver" */
};

struct aver_command {
    const struct aver_verb *verb;
    const char *values[AVER_OPTIONS_MAX]; /* by row of the option table; a flag that was given: "" */
    char **args;
    size_t args_count;
    bool json;
    struct aver_arena arena; /* until the program ends */
    struct aver_why why;     /* of the last error */
    bool shown; /* it was shown already, at its place in the source; aver_command_fail then adds no line */
    struct aver_buf out; /* results not yet on stdout */
    bool out_failed;
    struct aver_why out_why; /* why stdout failed */
};

/* The value of an option of the verb's table, NULL when it was not given. Asserts that the table has it. */
const char *aver_option(const struct aver_command *cmd, const char *name);
static inline bool aver_flag(const struct aver_command *cmd, const char *name)
{
    return aver_option(cmd, name);
}
/* How often a flag of one letter was given, at most 8. */
size_t aver_option_count(const struct aver_command *cmd, const char *name);
/* A whole number between min and max. AVER_E_INPUT USAGE. `fallback` when it was not given. */
AVER_MUST_CHECK aver_err aver_option_number(struct aver_command *cmd, const char *name, uint64_t min,
                                            uint64_t max, uint64_t fallback, uint64_t *out);
/* The index in `names`, 1 to `max`, of the option's value; 0 when it was not given. AVER_E_INPUT USAGE, with the names that
 * there are. */
AVER_MUST_CHECK aver_err aver_option_choice(struct aver_command *cmd, const char *name,
                                            const char *const *names, uint64_t max, uint64_t *out);
/* A sentence about the command line in cmd->why: AVER_E_INPUT USAGE. */
AVER_MUST_CHECK aver_err aver_usage(struct aver_command *cmd, const char *fmt, ...) AVER_PRINTF(2, 3);

/* Reads argv (argv[0] is the verb's last word) into cmd, whose verb is set. Returns AVER_OK; AVER_E_NOT_FOUND when --help
 * was asked for and given; AVER_E_INPUT USAGE (unknown option with the nearest one, missing value, wrong count ...). */
AVER_MUST_CHECK aver_err aver_command_parse(struct aver_command *cmd, int argc, char **argv);
void aver_command_help(struct aver_buf *out, const struct aver_verb *verb);

/* The candidate nearest to `word` (adapters/nearest.h), NULL when none is near enough. */
const char *aver_nearest_name(const char *word, const char *const *candidates, size_t count);

/* Says cmd->why in one sentence: on stderr "aver VERB: TEXT [CODE] (PLACE)", and with --json {"error": {...}} on stdout.
 * Returns the exit code that belongs to the error: AVER_EXIT_USAGE where the code is USAGE. */
int aver_command_fail(struct aver_command *cmd, aver_err err);

/* What a program does around its verb. Begin: libsodium, a broken pipe and a file at its size limit as errors of a write like
 * any other, and --json known before anything is parsed, so that an error of the parsing is told as JSON too. End: the
 * results go out and what cmd holds is freed; returns `code`, AVER_EXIT_COULD_NOT where the results could not be written. */
void aver_command_begin(struct aver_command *cmd, int argc, char **argv);
int aver_command_end(struct aver_command *cmd, int code);
/* Parses argv for cmd's verb and runs it; the exit code. */
int aver_command_run(struct aver_command *cmd, int argc, char **argv);
/* The whole of a program of one verb. */
int aver_command_main(const struct aver_verb *verb, int argc, char **argv);

/* Leaves a verb's function with the error, if there is one. */
#define AVER_CLI_TRY(cmd, e)                                                                                 \
    do {                                                                                                     \
        aver_err cli_err_ = (e);                                                                             \
        if (cli_err_ != AVER_OK) return aver_command_fail((cmd), cli_err_);                                  \
    } while (0)

#endif
