/* base/err.c - see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

aver_err aver_fail(struct aver_why *why, aver_err err, const char *code, const char *place, const char *fmt,
                   ...)
{
    if (why) {
        /* `code` and `place` may be those of `why` itself, when a caller adds to what a callee said. */
        if (code != why->code) snprintf(why->code, sizeof why->code, "%s", code ? code : "");
        if (place != why->place) snprintf(why->place, sizeof why->place, "%s", place ? place : "");
        va_list ap;
        va_start(ap, fmt);
        char text[sizeof why->text];
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        memcpy(why->text, text, sizeof text);
    }
    return err;
}

aver_err aver_fail_errno(struct aver_why *why, const char *doing, const char *path)
{
    int e = errno;
    aver_err err = e == ENOSPC || e == EDQUOT || e == EFBIG ? AVER_E_FULL
                   : e == ENOENT                            ? AVER_E_NOT_FOUND
                   : e == EEXIST                            ? AVER_E_EXISTS
                                                            : AVER_E_IO;
    const char *code = err == AVER_E_FULL ? "DISK-FULL" : err == AVER_E_NOT_FOUND ? "NO-FILE" : "IO";
    return aver_fail(why, err, code, path, "could not %s: %s", doing, strerror(e));
}

const char *aver_err_name(aver_err err)
{
    switch (err) {
    case AVER_OK: return "ok";
    case AVER_E_INPUT: return "bad input";
    case AVER_E_LIMIT: return "over a limit";
    case AVER_E_RANGE: return "out of range";
    case AVER_E_NOT_FOUND: return "not found";
    case AVER_E_EXISTS: return "exists already";
    case AVER_E_REFUSED: return "refused";
    case AVER_E_SIGNATURE: return "signature does not match";
    case AVER_E_KEY_GONE: return "key is gone";
    case AVER_E_DIFFERS: return "differs";
    case AVER_E_CORRUPT: return "corrupt";
    case AVER_E_BUSY: return "busy";
    case AVER_E_FULL: return "disk full";
    case AVER_E_IO: return "input/output error";
    }
    AVER_UNREACHABLE();
}

static _Thread_local const struct aver_assert_watch *watched_by;

void aver_assert_watched_by(const struct aver_assert_watch *watch) { watched_by = watch; }

void aver_assert_failed(const char *expr, const char *file, int line)
{
    const struct aver_assert_watch *watch = watched_by;
    watched_by = NULL;
    fprintf(stderr, "aver: a bug in this program: %s at %s:%d; it stops before it writes anything wrong\n",
            expr, file, line);
    if (watch && watch->failed) watch->failed(watch, expr, file, line);
    if (watch && watch->status) _exit(watch->status);
    abort();
}

/* 2 is "could not": no caller may mistake it for an answer. _exit, since exit handlers might allocate. */
void aver_oom(size_t bytes)
{
    fprintf(stderr, "aver: out of memory (%zu bytes asked); nothing was acknowledged, start it again\n",
            bytes);
    _exit(2);
}
