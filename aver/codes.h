/* aver/codes.h - the texts of code lists, for whoever has a licence to them.
 *
 * The program ships numbers with short words of its own (carc_words.h): the official texts belong to X12, the AMA and others.
 * `aver codes load` keeps texts that a user brings in LEDGER/codes.csv, mode 0600: beside the log and never in it, decided by
 * nobody, in no bundle and in no backup. */
#ifndef AVER_AVER_CODES_H
#define AVER_AVER_CODES_H

#include "base/arena.h"

#define AVER_CODES_MAX       500000
#define AVER_CODES_BYTES_MAX 67108864
#define AVER_CODES_TEXT_MAX  2000 /* bytes of one text */

enum aver_code_set {
    AVER_CODES_CARC = 1,
    AVER_CODES_RARC,
    AVER_CODES_GROUP, /* CO, OA, PI, PR */
    AVER_CODES_PROCEDURE,
    AVER_CODES_MODIFIER,
    AVER_CODES_PLACE, /* of service */
    AVER_CODES_DIAGNOSIS
};
#define AVER_CODE_SETS AVER_CODES_DIAGNOSIS
extern const char *const aver_code_set_names[]; /* "carc", "rarc", "group", "procedure", ... */

struct aver_code_text {
    uint64_t set;
    aver_bytes code, text;
    uint64_t order; /* in the file: of two with one code the later holds */
};
/* All zeros has none. */
struct aver_codes {
    struct aver_list items; /* of struct aver_code_text, by (set, code), each once */
};

/* The texts kept for the ledger in this directory; none where there is no such file. AVER_E_INPUT CSV-*: the file is not as
 * it was written; load it again. AVER_E_IO. All in the arena. */
AVER_MUST_CHECK aver_err aver_codes_open(struct aver_codes *out, const char *ledger, struct aver_arena *arena,
                                         struct aver_why *why);
/* Absent when there is none, or `codes` is NULL. */
aver_bytes aver_codes_text(const struct aver_codes *codes, enum aver_code_set set, aver_bytes code);

#endif
