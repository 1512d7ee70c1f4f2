/* aver/contract_new.c - aver contract new: a contract directory that works at once.
 *
 * What it lays down are files of the share directory: contracts/NAME.lua and, below contracts/skeleton/, the rest with @NAME@ for the
 * plan's name. The definitions for editors are made from what this program's contracts can reach. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aver/files.h"
#include "aver/lua_test.h"
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/model/policy.h"
#include "ledger/model/tx.h"
#include "ledger/transition/contract.h"

#define FILE_MAX    (1 << 20)
#define DEPTH_MAX   4
#define PLACEHOLDER "@NAME@"
#define DEFINITIONS "api.meta.lua"

/* A file for editors, and what .luacheckrc has for its names. */
struct definitions {
    const char *file, *placeholder;
    aver_bytes text, globals;
};

struct laying {
    struct aver_command *cmd;
    const char *share, *name, *dir;
    struct definitions api, tests;
    size_t files;
};

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Beside the program, as `make install` and a source tree have it; else below where one stands. */
static aver_err find_share(struct laying *l)
{
    char self[PATH_MAX];
    struct aver_arena *arena = &l->cmd->arena;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *program = "";
    if (n > 0) {
        self[n] = 0;
        *strrchr(self, '/') = 0;
        program = self;
    }
    const char *places[] = {aver_arena_printf(arena, "%s/../share/aver/contracts", program),
                            aver_arena_printf(arena, "%s/../contracts", program), "contracts"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (is_dir(aver_arena_printf(arena, "%s/skeleton", places[i]))) {
            l->share = places[i];
            return AVER_OK;
        }
    return aver_fail(&l->cmd->why, AVER_E_NOT_FOUND, "SHARE-DIR", places[0],
                     "the standard contracts are not there: make install puts them beside the program");
}

static aver_err make_dir(struct laying *l, const char *path)
{
    if (mkdir(path, 0777) && errno != EEXIST)
        return aver_fail_errno(&l->cmd->why, "make the directory", path);
    return AVER_OK;
}

static void replace(struct aver_buf *out, aver_bytes in, const char *word, aver_bytes with)
{
    size_t n = strlen(word);
    for (size_t i = 0; i < in.len;) {
        if (i + n <= in.len && !memcmp(in.ptr + i, word, n)) {
            aver_buf_bytes(out, with);
            i += n;
        } else {
            aver_buf_byte(out, in.ptr[i++]);
        }
    }
}

static aver_err lay_file(struct laying *l, const char *from, const char *to)
{
    struct aver_buf in = {0}, named = {0}, half = {0}, out = {0};
    aver_err err = aver_path_read(&in, from, FILE_MAX, &l->cmd->why);
    if (err == AVER_OK) {
        replace(&named, aver_buf_view(&in), PLACEHOLDER, aver_bytes_str(l->name));
        replace(&half, aver_buf_view(&named), l->api.placeholder, l->api.globals);
        replace(&out, aver_buf_view(&half), l->tests.placeholder, l->tests.globals);
        err = aver_path_write(to, aver_buf_view(&out), 0644, false, &l->cmd->why);
    }
    aver_buf_free(&in);
    aver_buf_free(&named);
    aver_buf_free(&half);
    aver_buf_free(&out);
    l->files++;
    return err;
}

static aver_err lay_dir(struct laying *l, const char *from, const char *to, const char *ending, int depth)
{
    struct aver_arena *arena = &l->cmd->arena;
    AVER_TRY(make_dir(l, to));
    DIR *d = opendir(from);
    aver_err err = AVER_OK;
    if (!d) return aver_fail_errno(&l->cmd->why, "read the directory", from);
    for (const struct dirent *e; err == AVER_OK && (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        const char *source = aver_arena_printf(arena, "%s/%s", from, e->d_name);
        /* The policy bears the plan's name. */
        const char *name =
            strcmp(e->d_name, "policy.yaml") ? e->d_name : aver_arena_printf(arena, "%s.yaml", l->name);
        const char *target = aver_arena_printf(arena, "%s/%s", to, name);
        size_t n = strlen(name), k = strlen(ending);
        if (is_dir(source)) {
            if (depth > 0) err = lay_dir(l, source, target, "", depth - 1);
        } else if (n > k && !strcmp(name + n - k, ending)) {
            err = lay_file(l, source, target);
        }
    }
    closedir(d);
    return err;
}

/* The names that a definitions file gives: lines that begin "NAME = ". */
static void list_globals(struct aver_buf *out, aver_bytes definitions)
{
    for (size_t i = 0; i < definitions.len;) {
        const uint8_t *end = memchr(definitions.ptr + i, '\n', definitions.len - i);
        size_t len = end ? (size_t)(end - definitions.ptr) - i : definitions.len - i;
        const uint8_t *line = definitions.ptr + i, *equals = memmem(line, len, " = ", 3);
        if (equals && line[0] != '-' && !memchr(line, '.', (size_t)(equals - line)))
            aver_buf_printf(out, "%s\"%.*s\"", out->len ? ", " : "", (int)(equals - line),
                            (const char *)line);
        i += len + 1;
    }
}

static void keep(struct laying *l, struct definitions *d, const char *file, const char *placeholder,
                 struct aver_buf *text)
{
    struct aver_buf globals = {0};
    *d = (struct definitions){file, placeholder, aver_arena_copy(&l->cmd->arena, aver_buf_view(text)),
                              AVER_BYTES_NONE};
    list_globals(&globals, d->text);
    d->globals = aver_arena_copy(&l->cmd->arena, aver_buf_view(&globals));
    aver_buf_free(&globals);
    aver_buf_free(text);
    *text = (struct aver_buf){0};
}

static void define(struct laying *l)
{
    struct aver_buf text = {0};
    size_t count;
    const struct aver_object_type *const *types = aver_contract_types(&count);
    aver_vm_definitions(&text, aver_contract_setup(), types, count);
    keep(l, &l->api, DEFINITIONS, "@GLOBALS@", &text);
    types = aver_lua_test_types(&count);
    aver_vm_definitions_more(&text, aver_lua_test_setup(), types, count);
    keep(l, &l->tests, "tests.meta.lua", "@TEST_GLOBALS@", &text);
}

static aver_err lay_definitions(struct laying *l, const struct definitions *d)
{
    l->files++;
    return aver_path_write(aver_arena_printf(&l->cmd->arena, "%s/%s", l->dir, d->file), d->text, 0644, false,
                           &l->cmd->why);
}

static aver_err lay(struct laying *l)
{
    struct aver_arena *arena = &l->cmd->arena;
    if (!aver_name_valid(aver_bytes_str(l->name)))
        return aver_usage(l->cmd, "NAME becomes the plan's: 1 to 64 of a-z, 0-9, '.', '_' and '-'");
    AVER_TRY(find_share(l));
    define(l);
    if (mkdir(l->dir, 0777))
        return errno == EEXIST ? aver_fail(&l->cmd->why, AVER_E_EXISTS, "FILE-EXISTS", l->dir,
                                           "it is there already and is left as it is")
                               : aver_fail_errno(&l->cmd->why, "make the directory", l->dir);
    AVER_TRY(lay_dir(l, aver_arena_printf(arena, "%s/skeleton", l->share), l->dir, "", DEPTH_MAX));
    AVER_TRY(lay_dir(l, l->share, aver_arena_printf(arena, "%s/contracts", l->dir), ".lua", 0));
    AVER_TRY(lay_definitions(l, &l->api));
    return lay_definitions(l, &l->tests);
}

static int run_new(struct aver_command *cmd)
{
    const char *dir = aver_option(cmd, "dir");
    struct laying l = {.cmd = cmd, .name = cmd->args[0], .dir = dir ? dir : cmd->args[0]};
    AVER_CLI_TRY(cmd, lay(&l));
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "name", l.name);
        aver_json_field_str(&w, "dir", l.dir);
        aver_json_field_uint(&w, "files", l.files);
        aver_json_field_str(&w, "next", aver_arena_printf(&cmd->arena, "aver contract test %s", l.dir));
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "%s: contracts, a policy, tables, members, claims and tests, %zu files\n", l.dir,
                   l.files);
        aver_print(cmd, "next: aver contract test %s\n", l.dir);
    }
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"dir", "DIR", false, "the directory to make (default: NAME)", NULL},
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_contract_new = {
    .name = "contract new",
    .args = "NAME",
    .args_min = 1,
    .args_max = 1,
    .summary = "Lays down a directory with contracts, a policy, tables, claims and tests that pass at once.",
    .options = options,
    .examples = {"aver contract new summit-ppo", "aver contract new summit-ppo --dir plans/summit --json"},
    .run = run_new,
};
