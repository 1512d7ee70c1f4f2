/* aver/suite.c - see suite.h. */
#include "aver/suite.h"

#include <regex.h>
#include <string.h>
#include <sys/stat.h>

#include "aver/lua_test.h"

#define GROUP_MAX 40

/* ---- what is named --------------------------------------------------------------------------------------------------- */

bool aver_suite_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *above(struct aver_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return strcmp(path, ".") ? "." : "..";
    return slash == path ? "/" : aver_arena_printf(arena, "%.*s", (int)(slash - path), path);
}

/* The contract directory of a test file. */
static const char *home_of(struct aver_arena *arena, const char *file)
{
    const char *dir = above(arena, file);
    return aver_suite_is_dir(aver_arena_printf(arena, "%s/contracts", dir)) ? dir : above(arena, dir);
}

struct place {
    const char *dir;
    struct aver_list files; /* of const char * */
};

static aver_err add_word(struct aver_command *cmd, struct aver_list *places, const char *word)
{
    bool dir = aver_suite_is_dir(word);
    const char *home = dir ? word : home_of(&cmd->arena, word);
    struct place *last = places->count ? (struct place *)places->items + places->count - 1 : NULL;
    if (!last || dir || strcmp(last->dir, home)) {
        last = aver_list_add(&cmd->arena, places, sizeof *last);
        *last = (struct place){.dir = home};
    }
    if (!dir) {
        *(const char **)aver_list_add(&cmd->arena, &last->files, sizeof(char *)) = word;
        return AVER_OK;
    }
    AVER_TRY(aver_project_list(cmd, &last->files, word, "tests", ".test"));
    AVER_TRY(aver_project_list(cmd, &last->files, word, "tests", ".csv"));
    return aver_project_list(cmd, &last->files, word, "tests", ".lua");
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

const char *aver_suite_group(struct aver_command *cmd, const struct aver_case_test *test)
{
    const char *slash = strrchr(test->file, '/'), *name = slash ? slash + 1 : test->file;
    const char *dot = strrchr(name, '.');
    size_t n = dot ? (size_t)(dot - name) : strlen(name);
    return aver_arena_printf(&cmd->arena, "%.*s", (int)(n < GROUP_MAX ? n : GROUP_MAX), name);
}

const char *aver_suite_count(struct aver_arena *arena, uint64_t number)
{
    if (number < 1000) return aver_arena_printf(arena, "%llu", (unsigned long long)number);
    return aver_arena_printf(arena, "%s %03u", aver_suite_count(arena, number / 1000),
                             (unsigned)(number % 1000));
}

static bool matches(struct aver_suite *s, const regex_t *re, const struct aver_case_test *test)
{
    const char *text = aver_arena_printf(&s->cmd->arena, "%s: %.*s", test->file, AVER_STR(test->title));
    return !s->match || regexec(re, text, 0, NULL, 0) == 0;
}

/* Tests stand alone, so that their order may change nothing: Fisher-Yates by SplitMix64. */
static void shuffle(struct aver_list *tests, uint64_t seed)
{
    struct aver_case_test *t = tests->items;
    for (size_t i = tests->count; i > 1; i--) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        size_t k = (size_t)((z ^ (z >> 31)) % i);
        struct aver_case_test kept = t[k];
        t[k] = t[i - 1];
        t[i - 1] = kept;
    }
}

/* A fault of the test itself is its failure; the world's ends the run. */
static bool is_tests(aver_err err)
{
    return err == AVER_E_INPUT || err == AVER_E_REFUSED || err == AVER_E_NOT_FOUND || err == AVER_E_LIMIT;
}

static aver_err run_one(struct aver_suite *s, struct aver_case_bases *bases,
                        const struct aver_case_test *test)
{
    struct aver_case_result result;
    aver_err err = aver_case_run(s->cmd, bases, test, &result);
    if (err != AVER_OK && is_tests(err)) {
        struct aver_case_fault *f = aver_list_add(&result.arena, &result.faults, sizeof *f);
        *f = (struct aver_case_fault){
            .line = test->line,
            .words = aver_arena_printf(&result.arena, "it could not be run: %s [%s] (%s)", s->cmd->why.text,
                                       s->cmd->why.code, s->cmd->why.place),
            .claim = SIZE_MAX};
        err = AVER_OK;
    }
    if (err == AVER_OK) err = s->each(s->user, &result);
    aver_case_end(&result);
    return err;
}

static aver_err run_place(struct aver_suite *s, const regex_t *re, const struct place *place,
                          struct aver_list *gathered)
{
    struct aver_list tests = {0};
    struct aver_project project = {0};
    struct aver_case_bases bases = {0};
    const char *const *file = place->files.items;
    for (size_t i = 0; i < place->files.count; i++) {
        struct aver_list read = {0};
        bool lua = strlen(file[i]) > 4 && !strcmp(file[i] + strlen(file[i]) - 4, ".lua");
        AVER_TRY((lua ? aver_lua_tests_read : aver_cases_read)(s->cmd, &read, file[i]));
        const struct aver_case_test *t = read.items;
        for (size_t k = 0; k < read.count; k++)
            if (matches(s, re, &t[k]))
                *(struct aver_case_test *)aver_list_add(&s->cmd->arena, &tests, sizeof *t) = t[k];
    }
    if (s->shuffled) shuffle(&tests, s->seed);
    const struct aver_case_test *t = tests.items;
    for (size_t i = 0; i < tests.count; i++)
        *(struct aver_case_test *)aver_list_add(&s->cmd->arena, gathered, sizeof *t) = t[i];
    if (!s->each) return AVER_OK;
    aver_err err = aver_project_load(s->cmd, &project, place->dir);
    if (err == AVER_OK) err = aver_case_bases_open(&bases, &project, s->seed, s->runs, &s->cmd->why);
    if (err == AVER_OK && s->begin) err = s->begin(s->user, &project);
    for (size_t i = 0; err == AVER_OK && i < tests.count; i++) err = run_one(s, &bases, &t[i]);
    if (err == AVER_OK && s->end) err = s->end(s->user, &project);
    aver_case_bases_end(&bases);
    aver_project_end(&project);
    return err;
}

aver_err aver_suite_run(struct aver_suite *s, char *const *words, size_t count, struct aver_list *tests)
{
    struct aver_list places = {0};
    regex_t re;
    char what[128];
    if (!count) AVER_TRY(add_word(s->cmd, &places, "."));
    for (size_t i = 0; i < count; i++) AVER_TRY(add_word(s->cmd, &places, words[i]));
    int bad = s->match ? regcomp(&re, s->match, REG_EXTENDED | REG_NOSUB) : 0;
    if (bad) {
        regerror(bad, &re, what, sizeof what);
        return aver_usage(s->cmd, "--match is no extended regular expression: %s", what);
    }
    aver_err err = AVER_OK;
    const struct place *place = places.items;
    for (size_t i = 0; err == AVER_OK && i < places.count; i++) err = run_place(s, &re, &place[i], tests);
    if (s->match) regfree(&re);
    if (err == AVER_OK && !tests->count)
        return aver_fail(&s->cmd->why, AVER_E_NOT_FOUND, "TEST-NONE", place->dir,
                         s->match ? "no test matches" : "there are no tests: tests/NAME.test, .csv or .lua");
    return err;
}
