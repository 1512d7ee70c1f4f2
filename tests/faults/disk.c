/* tests/faults/disk.c - see disk.h. */
#include "tests/faults/disk.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "tests/faults/tree.h"

struct pending {
    bool truncate, lost;
    uint64_t offset, len;
    const uint8_t *data;
};
struct file {
    uint64_t inode;
    struct aver_buf durable;
    struct pending *pending;
    size_t count, cap;
};
struct name {
    const char *path;  /* below the root */
    struct file *file; /* NULL: a directory */
};
struct change { /* of a name */
    enum trace_kind kind;
    const char *path, *to;
    struct file *file;
};

struct disk {
    struct aver_arena arena;
    struct aver_list files;   /* of struct file * */
    struct aver_list names;   /* of struct name: durable */
    struct aver_list changes; /* of struct change: not durable yet, in order */
};

uint64_t disk_random(uint64_t *state, uint64_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (*state * UINT64_C(2685821657736338717) >> 11) % below;
}

struct disk *disk_new(void)
{
    struct disk *d = calloc(1, sizeof *d);
    AVER_ASSERT(d);
    return d;
}

void disk_free(struct disk *d)
{
    struct file **f = d->files.items;
    for (size_t i = 0; i < d->files.count; i++) {
        aver_buf_free(&f[i]->durable);
        free(f[i]->pending);
    }
    aver_arena_free(&d->arena);
    free(d);
}

static struct file *new_file(struct disk *d, uint64_t inode)
{
    struct file *f = AVER_NEW(&d->arena, struct file);
    f->inode = inode;
    *(struct file **)aver_list_add(&d->arena, &d->files, sizeof f) = f;
    return f;
}

/* The newest: an inode's number is used again. */
static struct file *file_of(struct disk *d, uint64_t inode)
{
    struct file **f = d->files.items;
    for (size_t i = d->files.count; i-- > 0;)
        if (f[i]->inode == inode) return f[i];
    printf("the record writes to a file that was never opened\n");
    exit(1);
}

static void load(struct disk *d, const char *full, const char *path)
{
    struct stat st;
    if (stat(full, &st)) return;
    struct name *name = NULL;
    if (*path) {
        name = aver_list_add(&d->arena, &d->names, sizeof *name);
        *name = (struct name){.path = aver_arena_printf(&d->arena, "%s", path)};
    }
    if (!S_ISDIR(st.st_mode)) {
        struct file *f = new_file(d, st.st_ino);
        tree_read(&f->durable, full);
        if (name) name->file = f;
        return;
    }
    DIR *dir = opendir(full);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        load(d, aver_arena_printf(&d->arena, "%s/%s", full, e->d_name),
             aver_arena_printf(&d->arena, "%s%s%s", path, *path ? "/" : "", e->d_name));
    }
    closedir(dir);
}

void disk_load(struct disk *d, const char *root) { load(d, root, ""); }

bool trace_next(const struct trace *t, uint64_t *at, struct trace_op *op, const uint8_t **data)
{
    if (*at >= t->used) return false;
    memcpy(op, t->bytes + *at, sizeof *op);
    *data = t->bytes + *at + sizeof *op;
    *at += sizeof *op + ((op->len + 7) & ~UINT64_C(7));
    return true;
}

/* ---- contents --------------------------------------------------------------------------------------------------------- */

static void set_size(struct aver_buf *b, uint64_t size)
{
    if (size > b->len) {
        aver_buf_reserve(b, size - b->len);
        memset(b->ptr + b->len, 0, size - b->len);
    }
    b->len = size;
}

static void put(struct aver_buf *b, const uint8_t *data, uint64_t offset, uint64_t len)
{
    if (offset + len > b->len) set_size(b, offset + len);
    if (len) memcpy(b->ptr + offset, data, len);
}

static void settle(struct aver_buf *b, const struct pending *p)
{
    if (p->lost) return;
    if (p->truncate)
        set_size(b, p->offset);
    else
        put(b, p->data, p->offset, p->len);
}

/* A write of which only some sectors reached the disk. */
static void settle_torn(struct aver_buf *b, const struct pending *p, uint64_t *random)
{
    bool half = disk_random(random, 2) == 0;
    uint64_t end = p->offset + p->len, middle = p->offset + p->len / 2;
    for (uint64_t at = p->offset; at < end;) {
        uint64_t next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
        if (next > end) next = end;
        if (half ? next <= middle : disk_random(random, 2)) put(b, p->data + (at - p->offset), at, next - at);
        at = next;
    }
    /* The file's length may be told before its bytes are. */
    if (end > b->len && disk_random(random, 2)) set_size(b, end);
}

static void add_pending(struct file *f, struct pending p)
{
    if (f->count == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 16;
        f->pending = realloc(f->pending, f->cap * sizeof *f->pending);
        AVER_ASSERT(f->pending);
    }
    f->pending[f->count++] = p;
}

static bool sync_file(struct file *f)
{
    bool any = f->count > 0;
    for (size_t i = 0; i < f->count; i++) settle(&f->durable, &f->pending[i]);
    f->count = 0;
    return any;
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static bool in_directory(const char *path, const char *dir)
{
    size_t n = strlen(dir);
    if (n == 0) return strchr(path, '/') == NULL;
    return strncmp(path, dir, n) == 0 && path[n] == '/' && strchr(path + n + 1, '/') == NULL;
}

static struct name *name_of(struct aver_list *names, const char *path)
{
    struct name *n = names->items;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(n[i].path, path) == 0) return &n[i];
    return NULL;
}

static void drop_name(struct aver_list *names, const char *path)
{
    struct name *n = name_of(names, path), *all = names->items;
    if (n) *n = all[--names->count];
}

static void change(struct aver_list *names, struct aver_arena *arena, const struct change *c)
{
    if (c->kind == TRACE_UNLINK) {
        drop_name(names, c->path);
        return;
    }
    const char *path = c->kind == TRACE_RENAME ? c->to : c->path;
    drop_name(names, path);
    /* A rename carries the file, whether or not its old name had reached the disk. */
    if (c->kind == TRACE_RENAME) drop_name(names, c->path);
    *(struct name *)aver_list_add(arena, names, sizeof(struct name)) = (struct name){path, c->file};
}

/* The file that has the name now, with all that is not durable yet. */
static struct file *current(struct disk *d, const char *path)
{
    struct change *c = d->changes.items;
    for (size_t i = d->changes.count; i-- > 0;) {
        if (c[i].kind == TRACE_RENAME && strcmp(c[i].to, path) == 0) return c[i].file;
        if (c[i].kind == TRACE_CREATE && strcmp(c[i].path, path) == 0) return c[i].file;
    }
    struct name *n = name_of(&d->names, path);
    return n ? n->file : NULL;
}

static bool sync_names(struct disk *d, const char *dir)
{
    struct change *c = d->changes.items;
    size_t kept = 0, all = d->changes.count;
    for (size_t i = 0; i < all; i++) {
        if (in_directory(c[i].path, dir))
            change(&d->names, &d->arena, &c[i]);
        else
            c[kept++] = c[i];
    }
    d->changes.count = kept;
    return kept < all;
}

bool disk_apply(struct disk *d, const struct trace_op *op, const uint8_t *data, uint64_t *random)
{
    const char *path = (const char *)data;
    struct change c = {.kind = (enum trace_kind)op->kind, .path = path};
    struct file *f;
    switch ((enum trace_kind)op->kind) {
    case TRACE_CREATE: c.file = new_file(d, op->inode); break;
    case TRACE_RENAME:
        c.to = path + strlen(path) + 1;
        c.file = current(d, path);
        break;
    case TRACE_UNLINK:
    case TRACE_MKDIR: break;
    case TRACE_WRITE:
        f = file_of(d, op->inode);
        struct pending p = {.offset = op->offset, .len = op->len, .data = data};
        if (op->synced)
            settle(&f->durable, &p);
        else
            add_pending(f, p);
        return op->synced;
    case TRACE_TRUNCATE:
        add_pending(file_of(d, op->inode), (struct pending){.truncate = true, .offset = op->offset});
        return false;
    case TRACE_SYNC: return sync_file(file_of(d, op->inode));
    case TRACE_SYNC_FAILED:
        f = file_of(d, op->inode);
        for (size_t i = 0; i < f->count; i++)
            if (disk_random(random, 2)) f->pending[i].lost = true;
        return false;
    case TRACE_SYNC_DIR: return sync_names(d, path);
    }
    *(struct change *)aver_list_add(&d->arena, &d->changes, sizeof c) = c;
    return false;
}

/* ---- what is found ---------------------------------------------------------------------------------------------------- */

static void content(struct aver_buf *out, const struct file *f, enum disk_fate fate, uint64_t *random)
{
    aver_buf_put(out, f->durable.ptr, f->durable.len);
    for (size_t i = 0; fate != DISK_LOSES_ALL && i < f->count; i++) {
        const struct pending *p = &f->pending[i];
        uint64_t luck = fate == DISK_LOSES_NOTHING ? 1 : disk_random(random, 3);
        if (luck == 1)
            settle(out, p);
        else if (luck == 2 && !p->truncate && !p->lost)
            settle_torn(out, p, random);
    }
}

static bool parent_there(const char *out, const char *path)
{
    char dir[TREE_PATH_BYTES];
    struct stat st;
    snprintf(dir, sizeof dir, "%s/%s", out, path);
    char *slash = strrchr(dir, '/');
    *slash = 0;
    return stat(dir, &st) == 0;
}

void disk_image(const struct disk *d, const char *out, enum disk_fate fate, uint64_t *random)
{
    struct aver_arena arena = {0};
    struct aver_list names = {0};
    const struct name *durable = d->names.items;
    const struct change *c = d->changes.items;
    for (size_t i = 0; i < d->names.count; i++)
        *(struct name *)aver_list_add(&arena, &names, sizeof *durable) = durable[i];
    /* Names in order up to a point, as a journal keeps them, or each by its own luck. */
    size_t up_to = disk_random(random, d->changes.count + 1);
    bool ordered = disk_random(random, 2);
    for (size_t i = 0; fate != DISK_LOSES_ALL && i < d->changes.count; i++)
        if (fate == DISK_LOSES_NOTHING || (ordered ? i < up_to : disk_random(random, 2) == 0))
            change(&names, &arena, &c[i]);
    mkdir(out, 0700);
    const struct name *n = names.items;
    bool more = true;
    for (int depth = 0; more && depth < 16; depth++) { /* a directory may stand after what is in it */
        more = false;
        for (size_t i = 0; i < names.count; i++) {
            char path[TREE_PATH_BYTES];
            snprintf(path, sizeof path, "%s/%s", out, n[i].path);
            if (!n[i].file && parent_there(out, n[i].path) && mkdir(path, 0700) == 0) more = true;
        }
    }
    for (size_t i = 0; i < names.count; i++) {
        char path[TREE_PATH_BYTES];
        struct aver_buf bytes = {0};
        if (!n[i].file || !parent_there(out, n[i].path)) continue; /* its directory was lost, and it too */
        snprintf(path, sizeof path, "%s/%s", out, n[i].path);
        content(&bytes, n[i].file, fate, random);
        tree_write(path, aver_buf_view(&bytes));
        aver_buf_free(&bytes);
    }
    aver_arena_free(&arena);
}
