/* base/date.c - see date.h. The conversions count from 1 March, so that the leap day is the last of a year. */
#include "base/date.h"

#include <stdio.h>

static bool leap(int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : days[m - 1];
}

bool aver_civil_valid(int y, int m, int d)
{
    return y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= month_days(y, m);
}

aver_day aver_day_of(int y, int m, int d)
{
    AVER_ASSERT(aver_civil_valid(y, m, d));
    int yy = m <= 2 ? y - 1 : y;
    int era = yy / 400, yoe = yy % 400;
    int doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct aver_civil aver_day_civil(aver_day day)
{
    AVER_ASSERT(day >= AVER_DAY_MIN && day <= AVER_DAY_MAX);
    int z = day + 719468;
    int era = z / 146097, doe = z % 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    int m = mp < 10 ? mp + 3 : mp - 9;
    return (struct aver_civil){yoe + era * 400 + (m <= 2), m, doy - (153 * mp + 2) / 5 + 1};
}

aver_day aver_day_add_months(aver_day day, int months)
{
    struct aver_civil c = aver_day_civil(day);
    if (months < -12 * 10000 || months > 12 * 10000) return AVER_NO_DAY;
    int total = c.year * 12 + (c.month - 1) + months;
    int y = total / 12, m = total % 12 + 1;
    if (total < 12 || y > 9999) return AVER_NO_DAY;
    int last = month_days(y, m);
    return aver_day_of(y, m, c.day < last ? c.day : last);
}

int aver_day_years_between(aver_day from, aver_day to)
{
    AVER_ASSERT(from <= to);
    struct aver_civil a = aver_day_civil(from), b = aver_day_civil(to);
    return b.year - a.year - (b.month < a.month || (b.month == a.month && b.day < a.day));
}

static bool digits(int *out, aver_bytes t, size_t from, size_t n)
{
    int v = 0;
    for (size_t i = from; i < from + n; i++) {
        if (t.ptr[i] < '0' || t.ptr[i] > '9') return false;
        v = v * 10 + (t.ptr[i] - '0');
    }
    *out = v;
    return true;
}

static aver_err parse(aver_day *out, aver_bytes t, size_t month_at, size_t day_at)
{
    int y, m, d;
    if (!digits(&y, t, 0, 4) || !digits(&m, t, month_at, 2) || !digits(&d, t, day_at, 2)) return AVER_E_INPUT;
    if (!aver_civil_valid(y, m, d)) return AVER_E_INPUT;
    *out = aver_day_of(y, m, d);
    return AVER_OK;
}

aver_err aver_day_parse_iso(aver_day *out, aver_bytes t)
{
    if (t.len != 10 || t.ptr[4] != '-' || t.ptr[7] != '-') return AVER_E_INPUT;
    return parse(out, t, 5, 8);
}

aver_err aver_day_parse_ccyymmdd(aver_day *out, aver_bytes t)
{
    return t.len == 8 ? parse(out, t, 4, 6) : AVER_E_INPUT;
}

static char *put_digits(char *out, int value, int count)
{
    for (int i = count; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
    return out + count;
}

char *aver_day_iso(char *out, aver_day day)
{
    struct aver_civil c = aver_day_civil(day);
    char *p = put_digits(out, c.year, 4);
    *p++ = '-';
    p = put_digits(p, c.month, 2);
    *p++ = '-';
    *put_digits(p, c.day, 2) = 0;
    return out;
}

char *aver_day_ccyymmdd(char *out, aver_day day)
{
    struct aver_civil c = aver_day_civil(day);
    *put_digits(put_digits(put_digits(out, c.year, 4), c.month, 2), c.day, 2) = 0;
    return out;
}

aver_day aver_day_of_ms(int64_t ms)
{
    int64_t d = ms / 86400000 - (ms % 86400000 < 0);
    AVER_ASSERT(d >= AVER_DAY_MIN && d <= AVER_DAY_MAX);
    return (aver_day)d;
}
