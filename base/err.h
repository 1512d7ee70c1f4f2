/* base/err.h - the three kinds of wrong (DESIGN section 3), two of which live here.
 *
 *   our bug            AVER_ASSERT, on in release too: the process stops before it writes anything wrong.
 *   the world's fault  an aver_err, local to this node, never written to a receipt. `struct aver_why` says in one
 *                      sentence what is wrong, where, and what to do. Memory exhaustion is of this kind and ends the
 *                      process at once (aver_oom): a ledger survives kill -9 at any moment, so there is nothing to put
 *                      back, and no caller has a path on which a failed allocation could become an answer.
 *   a domain result    not here: enum aver_outcome in ledger/model/outcome.h, identical on every node. */
#ifndef AVER_BASE_ERR_H
#define AVER_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVER_MUST_CHECK   __attribute__((warn_unused_result))
#define AVER_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define AVER_NORETURN     __attribute__((noreturn))

typedef enum aver_err {
    AVER_OK = 0,
    AVER_E_INPUT,     /* bytes from outside do not have the form they should: why->place says where */
    AVER_E_LIMIT,     /* input passes a named bound (size, depth, count) */
    AVER_E_RANGE,     /* a number does not fit, or an arithmetic step would overflow */
    AVER_E_NOT_FOUND, /* what was asked for is not there */
    AVER_E_EXISTS,    /* what was to be made is already there */
    AVER_E_REFUSED,   /* well formed, but not allowed: wrong key, wrong role, wrong chain, expired */
    AVER_E_SIGNATURE, /* a signature or an authentication tag does not match */
    AVER_E_KEY_GONE,  /* the key that opens this body is not here: could not check */
    AVER_E_DIFFERS,   /* re-execution or a hash gives another answer than the record */
    AVER_E_CORRUPT,   /* a file of the ledger is not what this program wrote */
    AVER_E_BUSY,      /* another process holds the ledger */
    AVER_E_FULL,      /* no space left on the disk, or the map is full */
    AVER_E_IO,        /* any other failure of the operating system */
} aver_err;

/* One sentence for a person, and what a program needs. Filled by the function that found the fault; left alone on
 * success. Every function that takes a `why` accepts NULL for it. */
struct aver_why {
    char code[32];   /* stable, documented in docs/outcomes.md: "X12-CLM02-SUM", "TX-EXPIRED" */
    char place[256]; /* file:line, segment and element, JSON Pointer, log entry; empty where there is none */
    char text[640];  /* what is wrong and what to do, one sentence, no newline */
};

/* Fills `why` and returns `err`, so that a failure is one line at its place:
 *     return aver_fail(why, AVER_E_INPUT, "JSON-DEPTH", place, "more than %d levels deep", max); */
aver_err aver_fail(struct aver_why *why, aver_err err, const char *code, const char *place, const char *fmt,
                   ...) AVER_PRINTF(5, 6);

/* The same from errno: ENOSPC, EDQUOT and EFBIG become AVER_E_FULL, ENOENT AVER_E_NOT_FOUND, EEXIST AVER_E_EXISTS, all else
 * AVER_E_IO. `doing` completes "could not ...". */
aver_err aver_fail_errno(struct aver_why *why, const char *doing, const char *path);

/* The error's short name, for words on stderr: "not found". Never NULL. */
const char *aver_err_name(aver_err err);

AVER_NORETURN void aver_assert_failed(const char *expr, const char *file, int line);
/* Who keeps evidence when an assert fails on this thread: `failed` is called once, before the process stops. It may allocate and write
 * files; an assert that fails in it stops the process at once. Running out of memory is no bug and calls nobody. */
struct aver_assert_watch {
    void (*failed)(const struct aver_assert_watch *watch, const char *expr, const char *file,
                   int line); /* NULL: nobody is told */
    int status;               /* what the process ends with; 0: it aborts */
};
/* From now on, of this thread; borrowed until the next call. NULL: nobody. */
void aver_assert_watched_by(const struct aver_assert_watch *watch);
AVER_NORETURN void aver_oom(size_t bytes);

#define AVER_ASSERT(e)     ((e) ? (void)0 : aver_assert_failed(#e, __FILE__, __LINE__))
#define AVER_UNREACHABLE() aver_assert_failed("unreachable", __FILE__, __LINE__)

/* Leaves the function with the error, if there is one. */
#define AVER_TRY(e)                                                                                          \
    do {                                                                                                     \
        aver_err try_err_ = (e);                                                                             \
        if (try_err_ != AVER_OK) return try_err_;                                                            \
    } while (0)

#endif
