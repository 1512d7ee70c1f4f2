/* adapters/intake.h - what every claim reader (X12 837, FHIR, CSV) produces: claims, and findings about the file.
 *
 * Nothing is lost: every claim that a reader met stands either in `claims` or in `rejected`, and each rejected one names
 * the finding that rejected it. A part of the file so broken that its claims cannot even be counted is covered by a
 * finding of level SET or above, whose byte range says which part. A finding rejects what its level names and nothing
 * more: the rest of the file goes on.
 *
 * Bad input is never an aver_err here, size caps included; a reader returns an aver_err only for the world's faults.
 *
 * Memory: the arena is the caller's and holds the lists and the texts made here; `original` and the fields of the claims
 * borrow the input, which must stay as long as the intake is used. */
#ifndef AVER_ADAPTERS_INTAKE_H
#define AVER_ADAPTERS_INTAKE_H

#include "base/arena.h"
#include "ledger/model/claim.h"

#define AVER_INTAKE_FILE_MAX     (UINT64_C(100) << 20) /* bytes of one submitted file */
#define AVER_INTAKE_ORIGINAL_MAX 80                    /* bytes kept of the part a finding is about */

/* What a finding rejects, the lesser first. A format without sets, groups and interchanges uses WARNING, CLAIM, FILE. */
enum aver_level {
    AVER_LEVEL_WARNING = 1, /* nothing: the claim stands, the sender should mend it */
    AVER_LEVEL_CLAIM,       /* one claim, or every claim below a broken provider, subscriber or patient */
    AVER_LEVEL_SET,         /* X12 ST..SE */
    AVER_LEVEL_GROUP,       /* X12 GS..GE */
    AVER_LEVEL_INTERCHANGE, /* X12 ISA..IEA */
    AVER_LEVEL_FILE,
};

/* Where a finding stands, for programs. What a format does not have is 0 or absent. */
struct aver_position {
    uint64_t offset; /* of the first byte of the segment, row or value, from the start of the file */
    uint64_t line;   /* 1-based line of the file (CSV: physical line) */
    uint64_t row;    /* CSV: data row, 1-based, header not counted */
    aver_bytes interchange, group, set; /* X12: ISA13, GS06, ST02 */
    uint32_t segment;                   /* X12: ordinal in the set, ST is 1 (999 IK302) */
    aver_bytes segment_id;              /* X12: "CLM" (999 IK301) */
    uint32_t element;   /* X12: element 1.., 0 when the segment as a whole is meant (999 IK401-1) */
    uint32_t component; /* X12: component 1.., 0 when the whole element is meant (999 IK401-2) */
};

struct aver_finding {
    enum aver_level level;
    aver_bytes code;  /* stable, "X12-CLM02-SUM" */
    aver_bytes place; /* for people: "ISA 000000905, ST 0021, segment 23 (CLM), element 2, line 31" */
    aver_bytes
        path; /* into the structure: X12 loop "2300" (999 IK303), FHIR "/entry/3/resource/item/0/net", CSV column name; or absent */
    aver_bytes claim; /* patient control number; absent when no single claim is meant or it has none */
    aver_bytes text;  /* one sentence: what is wrong and what to do */
    aver_bytes
        original; /* the segment's, value's or row's bytes, at most AVER_INTAKE_ORIGINAL_MAX; absent if there are none */
    struct aver_position at;
    aver_bytes ik304; /* 999 IK304 segment error code ("8": segment has data element errors), where known */
    aver_bytes ik403; /* 999 IK403 element error code ("7": invalid code value), where known */
    aver_bytes category;             /* 277CA STC01-1 ("A3", "A6", "A7", "A8"), where known */
    uint64_t covers_from, covers_to; /* bytes [from, to) that the finding rejects; equal for a warning */
};

struct aver_intake_claim {
    struct aver_claim *claim;
    aver_bytes place; /* "ISA 000000905, ST 0021, segment 23 (CLM), line 31", "row 5", "/entry/3/resource" */
};

struct aver_intake_rejected {
    aver_bytes claim; /* patient control number, absent if the file gives none that can be read */
    aver_bytes place;
    size_t finding; /* index in findings, of the one that rejected it */
};

/* X12 only: one ST..SE, for those who write its 999. The segments are borrowed, without their terminators. */
struct aver_intake_set {
    aver_bytes isa, gs, st;
    size_t refused; /* the finding of level SET or above that refused it; AVER_INTAKE_NONE if none did */
};
#define AVER_INTAKE_NONE SIZE_MAX

struct aver_intake {
    struct aver_arena *arena;
    struct aver_list claims;   /* of struct aver_intake_claim, in file order */
    struct aver_list rejected; /* of struct aver_intake_rejected, in the order they were given up */
    struct aver_list findings; /* of struct aver_finding, in file order where they concern single claims */
    struct aver_list sets;     /* of struct aver_intake_set, in file order */
};

/* An empty intake whose memory is the arena's. */
void aver_intake_init(struct aver_intake *intake, struct aver_arena *arena);

/* Adds an empty finding of this level and code (a literal) and returns it: good until the next one is added. */
struct aver_finding *aver_intake_finding(struct aver_intake *intake, enum aver_level level, const char *code);
/* Sets the finding's text. */
void aver_finding_say(struct aver_intake *intake, struct aver_finding *finding, const char *fmt, ...)
    AVER_PRINTF(3, 4);
/* Sets `original`: the first AVER_INTAKE_ORIGINAL_MAX bytes, never cut inside a UTF-8 sequence. */
void aver_finding_original(struct aver_finding *finding, aver_bytes bytes);

void aver_intake_accept(struct aver_intake *intake, struct aver_claim *claim, aver_bytes place);
void aver_intake_reject(struct aver_intake *intake, aver_bytes claim, aver_bytes place, size_t finding);
/* Takes back the claims accepted since claims.count was `from`: they become rejected by this finding. For an envelope
 * whose end shows that it cannot be trusted. */
void aver_intake_withdraw(struct aver_intake *intake, size_t from, size_t finding);

static inline struct aver_intake_claim *aver_intake_claims(const struct aver_intake *i)
{
    return i->claims.items;
}
static inline struct aver_intake_rejected *aver_intake_rejects(const struct aver_intake *i)
{
    return i->rejected.items;
}
static inline struct aver_finding *aver_intake_findings(const struct aver_intake *i)
{
    return i->findings.items;
}

/* "warning", "claim", "set", "group", "interchange", "file". */
const char *aver_level_name(enum aver_level level);

#endif
