/* tests/faults/inject.c - see inject.h. The kernel is called directly, so that nothing here allocates or comes round again. */
#include "tests/faults/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 1024

static struct inject own;
struct inject *inject_now = &own;
static char fired_path[INJECT_PATH_BYTES];

static struct {
    bool tracked, dir, dsync;
    uint64_t inode;
    char path[INJECT_PATH_BYTES];
} files[FDS];

static bool tracked(int fd) { return fd >= 0 && fd < FDS && files[fd].tracked; }

/* ---- what fails ------------------------------------------------------------------------------------------------------- */

static bool strikes(unsigned op)
{
    struct inject *in = inject_now;
    if (!in->armed || !(in->ops & op)) return false;
    uint64_t n = atomic_fetch_add(&in->seen, 1) + 1;
    if (!in->at || (n != in->at && !(in->forever && n > in->at))) return false;
    atomic_store(&in->fired, true);
    if (fired_path[0]) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, fired_path, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0) syscall(SYS_close, fd);
    }
    return true;
}

/* True if the operation fails, errno being set. A short write is none. */
static bool fails(unsigned op)
{
    if (!strikes(op)) return false;
    if (op == INJECT_MEMORY || op == INJECT_MAP) {
        errno = ENOMEM;
        return true;
    }
    if (inject_now->how == INJECT_SHORT) return false;
    if (inject_now->how == INJECT_KILL) _exit(INJECT_KILLED);
    errno = inject_now->how == INJECT_ENOSPC ? ENOSPC : EIO;
    return true;
}

/* ---- what is recorded ------------------------------------------------------------------------------------------------- */

static atomic_flag recording = ATOMIC_FLAG_INIT;

static void begin_record(void)
{
    while (atomic_flag_test_and_set(&recording)) {
    }
}
static void end_record(void) { atomic_flag_clear(&recording); }

static uint8_t *record(const struct trace_op *op)
{
    struct trace *t = inject_now->trace;
    uint64_t need = sizeof *op + ((op->len + 7) & ~UINT64_C(7));
    if (!inject_now->armed || !t) return NULL;
    if (t->room - t->used < need) {
        static const char words[] = "the trace is full\n";
        syscall(SYS_write, 2, words, sizeof words - 1);
        _exit(99);
    }
    uint8_t *at = t->bytes + t->used;
    memcpy(at, op, sizeof *op);
    t->used += need;
    t->ops++;
    return at + sizeof *op;
}

static const char *below_root(const char *path)
{
    size_t n = strlen(inject_now->root); /* with its slash */
    if (n && strncmp(path, inject_now->root, n) == 0) return path + n;
    return n && strncmp(path, inject_now->root, n - 1) == 0 && !path[n - 1] ? "" : NULL; /* the root itself */
}

static void record_path(enum trace_kind kind, const char *path, const char *to, uint64_t inode)
{
    const char *a = below_root(path), *b = to ? below_root(to) : "";
    if (!a || !b) return;
    size_t n = strlen(a) + 1, m = to ? strlen(b) + 1 : 0;
    uint8_t *at = record(&(struct trace_op){.kind = kind, .inode = inode, .len = n + m});
    if (!at) return;
    memcpy(at, a, n);
    memcpy(at + n, b, m);
}

static void record_data(int fd, const struct iovec *part, int parts, uint64_t offset, uint64_t len)
{
    uint8_t *at = record(&(struct trace_op){TRACE_WRITE, files[fd].dsync, files[fd].inode, offset, len});
    for (int i = 0; at && i < parts && len; i++) {
        size_t n = part[i].iov_len < len ? part[i].iov_len : (size_t)len;
        memcpy(at, part[i].iov_base, n);
        at += n;
        len -= n;
    }
}

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n) { return fails(INJECT_MEMORY) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return fails(INJECT_MEMORY) ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return fails(INJECT_MEMORY) ? NULL : __libc_realloc(p, n); }
int posix_memalign(void **out, size_t align, size_t n)
{
    void *p = fails(INJECT_MEMORY) ? NULL : __libc_memalign(align, n);
    if (!p) return ENOMEM;
    *out = p;
    return 0;
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
    if (fails(INJECT_MAP)) return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, len, prot, flags, fd, offset);
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static int open_file(const char *path, int flags, mode_t mode)
{
    const char *name = below_root(path);
    if (!name) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if ((flags & O_ACCMODE) != O_RDONLY && fails(INJECT_OPEN)) return -1;
    begin_record();
    bool made = (flags & O_CREAT) && faccessat(AT_FDCWD, path, F_OK, 0) != 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    struct stat st;
    if (fd >= 0 && fd < FDS && fstat(fd, &st) == 0) {
        files[fd].tracked = (flags & O_ACCMODE) != O_RDONLY || S_ISDIR(st.st_mode);
        files[fd].dir = S_ISDIR(st.st_mode);
        files[fd].dsync = (flags & O_DSYNC) != 0;
        files[fd].inode = st.st_ino;
        snprintf(files[fd].path, sizeof files[fd].path, "%s", path);
        if (made) record_path(TRACE_CREATE, path, NULL, st.st_ino);
        if (!made && (flags & O_TRUNC))
            record(&(struct trace_op){.kind = TRACE_TRUNCATE, .inode = st.st_ino});
    }
    end_record();
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_file(path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int close(int fd)
{
    if (fd >= 0 && fd < FDS) files[fd].tracked = false;
    return (int)syscall(SYS_close, fd);
}

/* at == UINT64_MAX: at the file's position. */
static ssize_t write_parts(int fd, const struct iovec *part, int parts, uint64_t at)
{
    struct iovec half[8];
    if (!tracked(fd)) {
        return at == UINT64_MAX ? syscall(SYS_writev, fd, part, parts)
                                : syscall(SYS_pwritev, fd, part, parts, at, 0);
    }
    bool struck = strikes(INJECT_WRITE);
    int err = inject_now->how == INJECT_ENOSPC ? ENOSPC : inject_now->how == INJECT_EIO ? EIO : 0;
    if (struck && err == ENOSPC) {
        errno = err;
        return -1;
    }
    if (struck) {
        size_t len = 0;
        for (int i = 0; i < parts; i++) len += part[i].iov_len;
        len = len > 1 ? len / 2 : len;
        int n = 0;
        for (; n < parts && n < 8 && len; n++) {
            half[n] = part[n];
            if (half[n].iov_len > len) half[n].iov_len = len;
            len -= half[n].iov_len;
        }
        part = half;
        parts = n;
    }
    begin_record();
    uint64_t offset = at == UINT64_MAX ? (uint64_t)lseek(fd, 0, SEEK_CUR) : at;
    ssize_t done = syscall(SYS_pwritev, fd, part, parts, offset, 0);
    if (done > 0 && at == UINT64_MAX) lseek(fd, (off_t)offset + done, SEEK_SET);
    if (done > 0) record_data(fd, part, parts, offset, (uint64_t)done);
    end_record();
    if (struck && inject_now->how == INJECT_KILL) _exit(INJECT_KILLED);
    if (struck && err) {
        errno = err;
        return -1;
    }
    return done;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (!tracked(fd)) return syscall(SYS_write, fd, bytes, len);
    return write_parts(fd, &(struct iovec){(void *)(uintptr_t)bytes, len}, 1, UINT64_MAX);
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return write_parts(fd, &(struct iovec){(void *)(uintptr_t)bytes, len}, 1, (uint64_t)at);
}
ssize_t writev(int fd, const struct iovec *part, int parts)
{
    return write_parts(fd, part, parts, UINT64_MAX);
}
ssize_t pwritev(int fd, const struct iovec *part, int parts, off_t at)
{
    return write_parts(fd, part, parts, (uint64_t)at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t at) __attribute__((alias("pwrite")));
ssize_t pwritev64(int fd, const struct iovec *part, int parts, off_t at) __attribute__((alias("pwritev")));

static int sync_file(int fd, long number)
{
    if (!tracked(fd)) return (int)syscall(number, fd);
    begin_record();
    bool failed = fails(INJECT_SYNC);
    int err = errno, rc = failed ? -1 : (int)syscall(number, fd);
    if (files[fd].dir && !failed)
        record_path(TRACE_SYNC_DIR, files[fd].path, NULL, 0);
    else if (!files[fd].dir)
        record(&(struct trace_op){.kind = failed ? TRACE_SYNC_FAILED : TRACE_SYNC, .inode = files[fd].inode});
    end_record();
    if (failed) errno = err;
    return rc;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }
int msync(void *at, size_t len, int flags)
{
    return fails(INJECT_SYNC) ? -1 : (int)syscall(SYS_msync, at, len, flags);
}

int ftruncate(int fd, off_t size)
{
    if (!tracked(fd)) return (int)syscall(SYS_ftruncate, fd, size);
    if (fails(INJECT_TRUNCATE)) return -1;
    begin_record();
    int rc = (int)syscall(SYS_ftruncate, fd, size);
    if (rc == 0)
        record(
            &(struct trace_op){.kind = TRACE_TRUNCATE, .inode = files[fd].inode, .offset = (uint64_t)size});
    end_record();
    return rc;
}
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));

/* ---- names ------------------------------------------------------------------------------------------------------------ */

int rename(const char *from, const char *to)
{
    if (below_root(to) && fails(INJECT_NAME)) return -1;
    begin_record();
    int rc = renameat(AT_FDCWD, from, AT_FDCWD, to);
    if (rc == 0) record_path(TRACE_RENAME, from, to, 0);
    end_record();
    return rc;
}

int link(const char *from, const char *to)
{
    if (below_root(to) && fails(INJECT_NAME)) return -1;
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
    if (below_root(path) && fails(INJECT_NAME)) return -1;
    begin_record();
    int rc = mkdirat(AT_FDCWD, path, mode);
    if (rc == 0) record_path(TRACE_MKDIR, path, NULL, 0);
    end_record();
    return rc;
}

int unlink(const char *path)
{
    begin_record();
    int rc = unlinkat(AT_FDCWD, path, 0);
    if (rc == 0) record_path(TRACE_UNLINK, path, NULL, 0);
    end_record();
    return rc;
}

int rmdir(const char *path)
{
    begin_record();
    int rc = unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
    if (rc == 0) record_path(TRACE_UNLINK, path, NULL, 0);
    end_record();
    return rc;
}

/* ---- by LD_PRELOAD ---------------------------------------------------------------------------------------------------- */

static unsigned op_named(const char *name, size_t len)
{
    static const struct {
        const char *name;
        unsigned op;
    } ops[] = {{"memory", INJECT_MEMORY}, {"write", INJECT_WRITE},
               {"sync", INJECT_SYNC},     {"truncate", INJECT_TRUNCATE},
               {"name", INJECT_NAME},     {"open", INJECT_OPEN},
               {"map", INJECT_MAP}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (strlen(ops[i].name) == len && strncmp(ops[i].name, name, len) == 0) return ops[i].op;
    return 0;
}

__attribute__((constructor)) static void from_environment(void)
{
    const char *spec = getenv("AVER_FAULT"), *root = getenv("AVER_FAULT_ROOT"),
               *fired = getenv("AVER_FAULT_FIRED");
    if (!spec) return;
    if (root) snprintf(own.root, sizeof own.root, "%s", root);
    if (fired) snprintf(fired_path, sizeof fired_path, "%s", fired);
    while (*spec && *spec != ':') {
        size_t n = strcspn(spec, "+:");
        own.ops |= op_named(spec, n);
        spec += n + (spec[n] == '+');
    }
    if (*spec == ':') own.at = strtoull(spec + 1, (char **)(uintptr_t)&spec, 10);
    if (strncmp(spec, ":enospc", 7) == 0) own.how = INJECT_ENOSPC;
    if (strncmp(spec, ":short", 6) == 0) own.how = INJECT_SHORT;
    if (strncmp(spec, ":kill", 5) == 0) own.how = INJECT_KILL;
    own.forever = strstr(spec, ":forever") != NULL;
    own.armed = true;
}
