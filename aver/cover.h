/* aver/cover.h - which rows of a policy the tests reached: benefits by tier, limits, exclusions, prior authorization, networks;
 * and which reason codes. A row is reached when an adjustment, or a line that waits, names it or something in it; when a decided
 * line has that benefit and tier. */
#ifndef AVER_AVER_COVER_H
#define AVER_AVER_COVER_H

#include "aver/cases.h"

struct aver_cover_row {
    aver_bytes plan, path;
    const char *id; /* of an exclusion or prior authorization, which have no key of their own; else NULL */
    uint64_t line;  /* of the policy */
    uint64_t hits;
};
struct aver_cover_code {
    const char *code; /* "CO-45" */
    uint64_t hits;
};
struct aver_cover_of {
    struct aver_command *cmd; /* whose arena holds all of it */
    struct aver_list rows;    /* of struct aver_cover_row, in the order of the policy */
    struct aver_list codes;   /* of struct aver_cover_code, sorted */
};

AVER_MUST_CHECK aver_err aver_cover_begin(struct aver_cover_of *cover, struct aver_project *project);
void aver_cover_add(struct aver_cover_of *cover, const struct aver_case_result *result);
size_t aver_cover_reached(const struct aver_cover_of *cover);
/* "exclusions.0 (cosmetic)"; in the command's arena. */
const char *aver_cover_name(const struct aver_cover_of *cover, const struct aver_cover_row *row);

#endif
