/* base/date.h - civil days. A date is a count of days since 1970-01-01 in the proleptic Gregorian calendar: no clock,
 * no time zone, no locale. Valid days are 0001-01-01 to 9999-12-31. */
#ifndef AVER_BASE_DATE_H
#define AVER_BASE_DATE_H

#include "base/bytes.h"

typedef int32_t aver_day;
#define AVER_NO_DAY  INT32_MIN /* absent */
#define AVER_DAY_MIN (-719162) /* 0001-01-01 */
#define AVER_DAY_MAX 2932896   /* 9999-12-31 */
#define AVER_TIME_MAX                                                                                        \
    (INT64_C(86400000) * (AVER_DAY_MAX + 1) - 1) /* ms: the end of that day; a time is from 0 to it */

struct aver_civil {
    int year, month, day;
};

bool aver_civil_valid(int year, int month, int day);
aver_day aver_day_of(int year, int month, int day); /* asserts that the date is valid */
struct aver_civil aver_day_civil(aver_day day);
/* The same day number `months` later; where that month is shorter, its last day (adjudication-rules 12:
 * 2023-08-31 + 6 months = 2024-02-29). AVER_NO_DAY when it leaves the valid range. */
aver_day aver_day_add_months(aver_day day, int months);
/* Whole years from `from` to `to`, as an age is counted; a 29 February birthday is reached on 1 March of a common
 * year. Asserts from <= to. */
int aver_day_years_between(aver_day from, aver_day to);

AVER_MUST_CHECK aver_err aver_day_parse_iso(aver_day *out, aver_bytes text); /* "2026-03-01", nothing else */
AVER_MUST_CHECK aver_err aver_day_parse_ccyymmdd(aver_day *out, aver_bytes t); /* "20260301" (X12 D8) */

#define AVER_DAY_TEXT 12
char *aver_day_iso(char *out, aver_day day);      /* "2026-03-01"; returns out */
char *aver_day_ccyymmdd(char *out, aver_day day); /* "20260301"; returns out */

/* The UTC day of a ledger time in milliseconds since 1970. */
aver_day aver_day_of_ms(int64_t ms);

#endif
