/* aver/command.c - see command.h. */
#include "aver/command.h"

#include "base/hash.h"
#include "base/nearest.h"
#include "aver/output.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

/* What stands before the verb on the command line. */
static const char *before(const struct aver_verb *verb) { return verb->program ? "" : "aver "; }

static size_t options_count(const struct aver_verb *verb)
{
    size_t n = 0;
    while (verb->options[n].name) n++;
    AVER_ASSERT(n <= AVER_OPTIONS_MAX);
    return n;
}

const char *aver_option(const struct aver_command *cmd, const char *name)
{
    for (size_t i = 0; cmd->verb->options[i].name; i++)
        if (!strcmp(cmd->verb->options[i].name, name)) return cmd->values[i];
    AVER_UNREACHABLE();
}

aver_err aver_usage(struct aver_command *cmd, const char *fmt, ...)
{
    char text[sizeof cmd->why.text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return aver_fail(&cmd->why, AVER_E_INPUT, "USAGE", "", "%s", text);
}

aver_err aver_option_number(struct aver_command *cmd, const char *name, uint64_t min, uint64_t max,
                            uint64_t fallback, uint64_t *out)
{
    const char *text = aver_option(cmd, name);
    *out = fallback;
    if (!text) return AVER_OK;
    if (aver_bytes_u64(out, aver_bytes_str(text)) != AVER_OK || *out < min || *out > max)
        return aver_usage(cmd, "--%s must be a whole number from %llu to %llu", name, (unsigned long long)min,
                          (unsigned long long)max);
    return AVER_OK;
}

aver_err aver_option_choice(struct aver_command *cmd, const char *name, const char *const *names,
                            uint64_t max, uint64_t *out)
{
    const char *text = aver_option(cmd, name);
    *out = 0;
    if (!text) return AVER_OK;
    struct aver_buf list = {0};
    for (uint64_t i = 1; i <= max; i++) {
        if (!strcmp(names[i], text)) {
            *out = i;
            aver_buf_free(&list);
            return AVER_OK;
        }
        aver_buf_printf(&list, "%s%s", i > 1 ? ", " : "", names[i]);
    }
    aver_err err = aver_usage(cmd, "--%s cannot be \"%.*s\": it is one of %.*s", name, WORD_MAX, text,
                              AVER_STR(aver_buf_view(&list)));
    aver_buf_free(&list);
    return err;
}

const char *aver_nearest_name(const char *word, const char *const *candidates, size_t count)
{
    struct aver_nearest nearest = {.wanted = aver_bytes_str(word)};
    for (size_t i = 0; i < count; i++) aver_nearest_offer(&nearest, aver_bytes_str(candidates[i]));
    return (const char *)nearest.best.ptr; /* borrows the whole candidate, so its NUL follows */
}

static aver_err unknown_option(struct aver_command *cmd, const char *given)
{
    const char *names[AVER_OPTIONS_MAX + 2];
    size_t n = 0;
    for (; cmd->verb->options[n].name; n++) names[n] = cmd->verb->options[n].name;
    names[n++] = "json";
    names[n++] = "help";
    const char *near = strncmp(given, "--", 2) ? NULL : aver_nearest_name(given + 2, names, n);
    if (near) return aver_usage(cmd, "there is no option %.*s; did you mean --%s?", WORD_MAX, given, near);
    return aver_usage(cmd, "there is no option %.*s; %s%s --help lists those there are", WORD_MAX, given,
                      before(cmd->verb), cmd->verb->name);
}

static aver_err check_given(struct aver_command *cmd)
{
    for (size_t i = 0; cmd->verb->options[i].name; i++) {
        const struct aver_option *o = &cmd->verb->options[i];
        if (!cmd->values[i] && o->env) {
            const char *value = getenv(o->env);
            if (value && *value) cmd->values[i] = value;
        }
        if (!cmd->values[i] && o->required)
            return aver_usage(cmd, "--%s %s is needed: %s%s%s", o->name, o->value, o->help,
                              o->env ? "; it may also come from the environment variable " : "",
                              o->env ? o->env : "");
    }
    if (cmd->args_count < cmd->verb->args_min)
        return aver_usage(cmd, "%s is missing: %s%s %s", cmd->verb->args, before(cmd->verb), cmd->verb->name,
                          cmd->verb->args);
    if (cmd->args_count > cmd->verb->args_max)
        return aver_usage(cmd, "\"%.*s\" is one argument too many: %s%s %s", WORD_MAX,
                          cmd->args[cmd->verb->args_max], before(cmd->verb), cmd->verb->name,
                          cmd->verb->args);
    return AVER_OK;
}

size_t aver_option_count(const struct aver_command *cmd, const char *name)
{
    const char *value = aver_option(cmd, name);
    return value ? strlen(value) : 0;
}

static bool is_letter(const struct aver_option *o) { return o->name[1] == 0; }

/* Once more: as many characters as times, up to the most that are told apart. */
static const char *once_more(const char *value)
{
    static const char many[] = "++++++++";
    size_t n = value ? strlen(value) : 0;
    return many + sizeof many - 1 - (n < sizeof many - 1 ? n + 1 : n);
}

aver_err aver_command_parse(struct aver_command *cmd, int argc, char **argv)
{
    size_t n = options_count(cmd->verb), letters = 1;
    struct option table[AVER_OPTIONS_MAX + 3] = {0};
    char short_options[AVER_OPTIONS_MAX + 2] = ":";
    for (size_t i = 0; i < n; i++)
        if (is_letter(&cmd->verb->options[i])) short_options[letters++] = cmd->verb->options[i].name[0];
    for (size_t i = 0; i < n; i++)
        table[i] = (struct option){cmd->verb->options[i].name, cmd->verb->options[i].value ? 1 : 0, NULL,
                                   (int)i + 1};
    table[n] = (struct option){"json", 0, NULL, 'j'};
    table[n + 1] = (struct option){"help", 0, NULL, 'h'};
    opterr = 0;
    optind = 1;
    for (;;) {
        int got = getopt_long(argc, argv, short_options, table, NULL);
        if (got == -1) break;
        if (got == 'j') {
            cmd->json = true;
        } else if (got == 'h') {
            aver_command_help(&cmd->out, cmd->verb);
            return AVER_E_NOT_FOUND;
        } else if (got == ':') {
            return aver_usage(cmd, "%.*s needs a value", WORD_MAX, argv[optind - 1]);
        } else if (got == '?') {
            /* optopt: the row of a flag that was given a value, an unknown letter, or 0 for an unknown word. */
            if (optopt > 0 && ((size_t)optopt <= n || optopt == 'j' || optopt == 'h') &&
                argv[optind - 1][1] == '-')
                return aver_usage(cmd, "%.*s takes no value", WORD_MAX, argv[optind - 1]);
            char letter[] = {'-', (char)optopt, 0};
            return unknown_option(cmd, optopt ? letter : argv[optind - 1]);
        } else {
            size_t i = (size_t)got - 1;
            if ((size_t)got > n)
                for (i = 0; cmd->verb->options[i].name[0] != got || !is_letter(&cmd->verb->options[i]);) i++;
            if (is_letter(&cmd->verb->options[i])) {
                cmd->values[i] = once_more(cmd->values[i]);
                continue;
            }
            if (cmd->values[i]) return aver_usage(cmd, "--%s is given twice", cmd->verb->options[i].name);
            cmd->values[i] = optarg ? optarg : "";
        }
    }
    cmd->args = argv + optind;
    cmd->args_count = (size_t)(argc - optind);
    return check_given(cmd);
}

void aver_command_help(struct aver_buf *out, const struct aver_verb *verb)
{
    aver_buf_printf(out, "%s%s%s%s\n\n%s\n", before(verb), verb->name, *verb->args ? " " : "", verb->args,
                    verb->summary);
    if (verb->more) aver_buf_printf(out, "%s\n", verb->more);
    aver_buf_str(out, "\n");
    for (size_t i = 0; verb->options[i].name; i++) {
        const struct aver_option *o = &verb->options[i];
        char left[WORD_MAX];
        snprintf(left, sizeof left, "%s%s%s%s", is_letter(o) ? "-" : "--", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        aver_buf_printf(out, "  %-24s %s%s%s%s%s\n", left, o->help, o->required ? " (needed" : "",
                        o->env ? o->required ? "; or " : " (or " : "", o->env ? o->env : "",
                        o->required || o->env ? ")" : "");
    }
    aver_buf_printf(out, "  %-24s %s\n", "--json", "results as JSON, one object a line");
    aver_buf_printf(out, "\nExamples:\n  %s\n  %s\n", verb->examples[0], verb->examples[1]);
}

static int exit_of(aver_err err)
{
    switch (err) {
    case AVER_OK: return AVER_EXIT_DONE;
    case AVER_E_INPUT:
    case AVER_E_LIMIT:
    case AVER_E_RANGE:
    case AVER_E_EXISTS:
    case AVER_E_REFUSED:
    case AVER_E_SIGNATURE:
    case AVER_E_DIFFERS: return AVER_EXIT_NO;
    case AVER_E_NOT_FOUND:
    case AVER_E_KEY_GONE:
    case AVER_E_CORRUPT:
    case AVER_E_BUSY:
    case AVER_E_FULL:
    case AVER_E_IO: return AVER_EXIT_COULD_NOT;
    }
    AVER_UNREACHABLE();
}

static void say_error(struct aver_command *cmd)
{
    const struct aver_why *why = &cmd->why;
    bool placed = why->place[0] != 0;
    if (!cmd->shown)
        aver_note(cmd, "%s [%s]%s%s%s", why->text, why->code, placed ? " (" : "", why->place,
                  placed ? ")" : "");
    if (!cmd->json) return;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_key(&w, "error");
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "code", why->code);
    aver_json_field_str(&w, "place", why->place);
    aver_json_field_str(&w, "text", why->text);
    aver_json_end_object(&w);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

int aver_command_fail(struct aver_command *cmd, aver_err err)
{
    if (!cmd->why.text[0]) (void)aver_fail(&cmd->why, err, "ERROR", "", "%s", aver_err_name(err));
    say_error(cmd);
    cmd->shown = false;
    return strcmp(cmd->why.code, "USAGE") ? exit_of(err) : AVER_EXIT_USAGE;
}

void aver_command_begin(struct aver_command *cmd, int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    aver_crypto_start();
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--json")) cmd->json = true;
}

int aver_command_end(struct aver_command *cmd, int code)
{
    if (aver_out_flush(cmd) != AVER_OK) {
        aver_note(cmd, "%s [%s] (%s)", cmd->out_why.text, cmd->out_why.code, cmd->out_why.place);
        code = AVER_EXIT_COULD_NOT;
    }
    aver_arena_free(&cmd->arena);
    aver_buf_free(&cmd->out);
    return code;
}

int aver_command_run(struct aver_command *cmd, int argc, char **argv)
{
    aver_err err = aver_command_parse(cmd, argc, argv);
    if (err == AVER_E_NOT_FOUND) return AVER_EXIT_DONE;
    if (err != AVER_OK) return aver_command_fail(cmd, err);
    return cmd->verb->run(cmd);
}

int aver_command_main(const struct aver_verb *verb, int argc, char **argv)
{
    struct aver_command cmd = {.verb = verb};
    aver_command_begin(&cmd, argc, argv);
    return aver_command_end(&cmd, aver_command_run(&cmd, argc, argv));
}
