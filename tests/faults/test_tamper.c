/* tests/faults/test_tamper.c - each byte of a ledger's files, altered alone: the audit finds it and names the file, and says "same" of
 * nothing that was altered. LMDB's bytes: found, or nobody is told anything else, now or after the state is made again.
 *
 * The argument AUDITS: about how many bytes are altered at the most (default 1500; 0: all of them), evenly over each file. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/storage/audit.h"
#include "tests/faults/model.h"
#include "tests/faults/tree.h"

#define FILES_MAX    256
#define BAD_MAX      5
#define EXIT_SAME    10
#define EXIT_FOUND   11
#define EXIT_UNNAMED 12
#define SECONDS_MAX  120

static struct model_plan plan;
static struct model_acks acks;
static char top[TREE_TOP_BYTES], ledger[TREE_TOP_BYTES + 16];
static unsigned passed, failed;

struct part {
    char name[128];
    uint64_t size;
};
static struct part parts[FILES_MAX];
static size_t parts_count;

static void find_parts(const char *below)
{
    char path[TREE_PATH_BYTES];
    struct stat st;
    snprintf(path, sizeof path, "%s/%.250s", ledger, below);
    if (stat(path, &st)) return;
    if (!S_ISDIR(st.st_mode)) {
        AVER_ASSERT(parts_count < FILES_MAX);
        struct part *p = &parts[parts_count++];
        snprintf(p->name, sizeof p->name, "%s", below);
        p->size = (uint64_t)st.st_size;
        return;
    }
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char sub[256];
        if (e->d_name[0] == '.') continue;
        snprintf(sub, sizeof sub, "%.120s/%.120s", below, e->d_name);
        find_parts(sub);
    }
    if (d) closedir(d);
}

/* Another value of the byte; which one changes with the place. */
static void alter(const char *path, uint64_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    AVER_ASSERT(fd >= 0 && pread(fd, &byte, 1, (off_t)at) == 1);
    byte ^= (uint8_t)(1 << at % 8);
    AVER_ASSERT(pwrite(fd, &byte, 1, (off_t)at) == 1);
    close(fd);
}

static bool names(const struct aver_audit *a, const char *what)
{
    const struct aver_audit_finding *f = a->findings.items;
    for (size_t i = 0; i < a->findings.count; i++)
        if (strstr(f[i].place, what) || strstr(f[i].text, what)) return true;
    return false;
}

/* What an audit says, in a process of its own: EXIT_*, or what else it ended with. */
static int audit_apart(const char *what)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct aver_audit a = {.threads = 1};
        struct aver_arena arena = {0};
        struct aver_why why = {0};
        alarm(SECONDS_MAX);
        if (aver_ledger_audit(ledger, &a, &arena, NULL, NULL, &why) != AVER_OK)
            _exit(strstr(why.place, what) || strstr(why.text, what) ? EXIT_FOUND : EXIT_UNNAMED);
        if (a.verdict == AVER_AUDIT_SAME) _exit(EXIT_SAME);
        _exit(names(&a, what) ? EXIT_FOUND : EXIT_UNNAMED);
    }
    if (waitpid(pid, &status, 0) != pid) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What a finding must name when a byte of the file was altered. */
static const char *named_as(const char *file)
{
    if (strcmp(file, "log/groups") == 0) return ""; /* an entry, a group or the file: each is a place in it */
    if (strncmp(file, "keys/", 5) == 0)
        return "the body's key"; /* with its id, at the entry that it should open */
    if (strcmp(file, "ledger.conf") == 0) return "";
    return file;
}

static void every_byte(const struct part *p, uint64_t most)
{
    char path[TREE_PATH_BYTES];
    uint64_t step = most && p->size > most ? (p->size + most - 1) / most : 1, tried = 0;
    unsigned bad = 0;
    snprintf(path, sizeof path, "%s/%.127s", ledger, p->name);
    for (uint64_t at = 0; at < p->size && bad < BAD_MAX; at += step, tried++) {
        alter(path, at);
        int code = audit_apart(named_as(p->name));
        alter(path, at);
        if (code == EXIT_FOUND) continue;
        printf("# %s byte %llu: %s (%d)\n", p->name, (unsigned long long)at,
               code == EXIT_SAME      ? "same"
               : code == EXIT_UNNAMED ? "found, but not named"
                                      : "the audit ended",
               code);
        bad++;
    }
    printf("%s %s: %llu of %llu bytes\n", bad ? "not ok" : "ok", p->name, (unsigned long long)tried,
           (unsigned long long)p->size);
    if (bad)
        failed++;
    else
        passed++;
}

/* ---- LMDB ------------------------------------------------------------------------------------------------------------- */

static aver_err add_record(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_buf *all = user;
    (void)why;
    aver_buf_bytes(all, name);
    aver_buf_bytes(all, stored.record);
    return AVER_OK;
}

/* A digest of every answer that a reader gets: the whole state, roots, and each entry. */
static bool answers(aver_digest *out, enum aver_ledger_mode mode)
{
    struct aver_ledger *l;
    struct aver_buf all = {0};
    struct aver_arena arena = {0};
    struct aver_why why = {0};
    if (aver_ledger_open(&l, ledger, mode, &why) != AVER_OK) return false;
    aver_err err = aver_ledger_names(l, "", add_record, &all, &why);
    struct aver_ledger_facts facts = aver_ledger_facts(l);
    aver_buf_put(&all, &facts.log_root, sizeof facts.log_root);
    aver_buf_put(&all, &facts.state_root, sizeof facts.state_root);
    for (uint64_t i = 0; err == AVER_OK && i < facts.entries; i++) {
        struct aver_opened opened;
        struct aver_merkle_proof path;
        err = aver_ledger_item(l, i, &opened, &arena, &why);
        if (err == AVER_OK) aver_buf_bytes(&all, opened.receipt);
        if (err == AVER_OK) err = aver_ledger_path(l, &path, i, facts.entries, &why);
        for (size_t k = 0; err == AVER_OK && k < path.count; k++) aver_buf_put(&all, &path.hash[k], 32);
    }
    *out = aver_sha256(aver_buf_view(&all));
    aver_buf_free(&all);
    aver_arena_free(&arena);
    aver_ledger_close(l);
    return err == AVER_OK;
}

/* Nobody is told anything else: the same answers, or none, to a reader; and the same after a rebuild. Runs in a child. */
static bool tells_nothing_else(const aver_digest *right, bool rebuild)
{
    aver_digest got;
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(SECONDS_MAX);
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        if (answers(&got, AVER_LEDGER_READ) && !aver_digest_eq(got, *right)) _exit(3);
        if (!rebuild) _exit(0);
        char state[TREE_PATH_BYTES];
        snprintf(state, sizeof state, "%s/state", ledger);
        tree_remove(state);
        _exit(answers(&got, AVER_LEDGER_WRITE) && aver_digest_eq(got, *right) ? 0 : 4);
    }
    /* A crash tells nothing. */
    return waitpid(pid, &status, 0) == pid && !(WIFEXITED(status) && WEXITSTATUS(status) >= 3);
}

static void every_state_byte(const struct part *p, uint64_t most)
{
    char path[TREE_PATH_BYTES], state[TREE_PATH_BYTES], kept[TREE_PATH_BYTES];
    uint64_t step = most && p->size > most ? (p->size + most - 1) / most | 1 : 1, tried = 0, found = 0,
             same = 0;
    unsigned bad = 0;
    aver_digest right;
    snprintf(path, sizeof path, "%s/%.127s", ledger, p->name);
    snprintf(state, sizeof state, "%s/state", ledger);
    snprintf(kept, sizeof kept, "%s/kept", top);
    tree_copy(state, kept);
    if (!answers(&right, AVER_LEDGER_READ)) {
        printf("the answers cannot be read without any damage\n");
        exit(1);
    }
    for (uint64_t at = 0; at < p->size && bad < BAD_MAX; at += step, tried++) {
        alter(path, at);
        int code = audit_apart("state");
        if (code == EXIT_FOUND) found++;
        if (code == EXIT_SAME) same++;
        bool rebuild = tried % 64 == 0;
        /* What the audit calls the same must be; what it found may tell anything but must be mended by a rebuild. */
        bool fine = code == EXIT_FOUND || (code == EXIT_SAME && tells_nothing_else(&right, false));
        if (fine && rebuild && code == EXIT_SAME) fine = tells_nothing_else(&right, true);
        if (rebuild) {
            tree_remove(state);
            tree_copy(kept, state);
        } else {
            alter(path, at);
        }
        if (fine) continue;
        printf("# %s byte %llu: audit %d, and other answers\n", p->name, (unsigned long long)at, code);
        bad++;
    }
    printf("%s %s: %llu of %llu bytes: %llu found, %llu in which nothing lies\n", bad ? "not ok" : "ok",
           p->name, (unsigned long long)tried, (unsigned long long)p->size, (unsigned long long)found,
           (unsigned long long)same);
    if (bad)
        failed++;
    else
        passed++;
}

int main(int argc, char **argv)
{
    uint64_t audits = argc > 1 ? strtoull(argv[1], NULL, 10) : 1500, bytes = 0;
    struct aver_why why = {0};
    aver_crypto_start();
    tree_temporary(top);
    snprintf(ledger, sizeof ledger, "%s/ledger", top);
    model_plan_make(&plan);
    aver_err err = model_create(&plan, &acks, ledger, &why);
    if (err == AVER_OK) err = model_send(&plan, &acks, ledger, 0, plan.count, &why);
    if (err != AVER_OK || audit_apart("") != EXIT_SAME) {
        printf("the ledger cannot be made: %s %s\n", why.code, why.text);
        return 1;
    }
    static const char *const below[] = {
        "log", "checkpoint", "tile", "keys/bodies", "keys/node.wrap", "ledger.conf", "state/data.mdb"};
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) find_parts(below[i]);
    for (size_t i = 0; i < parts_count; i++) bytes += parts[i].size;
    /* A third for the log, a third for LMDB, the rest for all the small files. */
    uint64_t third = audits / 3, each = audits && parts_count > 2 ? third / (parts_count - 2) + 1 : 0;
    printf("# %zu files, %llu bytes\n", parts_count, (unsigned long long)bytes);
    for (size_t i = 0; i < parts_count; i++) {
        if (strcmp(parts[i].name, "state/data.mdb") == 0)
            every_state_byte(&parts[i], third);
        else
            every_byte(&parts[i], strcmp(parts[i].name, "log/groups") == 0 ? third : each);
    }
    tree_remove(top);
    model_plan_free(&plan);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0;
}
