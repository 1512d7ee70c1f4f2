/* tests/unit/test_date.c - every day there is, against a calendar that counts one day at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/date.h"
#include "tests/unit/rng.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int days_in(int year, int month)
{
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void test_every_day(void **state)
{
    (void)state;
    aver_day day = AVER_DAY_MIN;
    for (int y = 1; y <= 9999; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= days_in(y, m); d++, day++) {
                struct aver_civil c = aver_day_civil(day);
                if (c.year != y || c.month != m || c.day != d || aver_day_of(y, m, d) != day)
                    fail_msg("day %d is %d-%d-%d and should be %d-%d-%d", day, c.year, c.month, c.day, y, m,
                             d);
                char iso[AVER_DAY_TEXT], plain[AVER_DAY_TEXT];
                aver_day back = AVER_NO_DAY;
                if (aver_day_parse_iso(&back, aver_bytes_str(aver_day_iso(iso, day))) || back != day)
                    fail_msg("%s", iso);
                back = AVER_NO_DAY;
                if (aver_day_parse_ccyymmdd(&back, aver_bytes_str(aver_day_ccyymmdd(plain, day))) ||
                    back != day)
                    fail_msg("%s", plain);
            }
    assert_int_equal(day, AVER_DAY_MAX + 1);
}

static void test_known_days(void **state)
{
    (void)state;
    assert_int_equal(aver_day_of(1970, 1, 1), 0);
    assert_int_equal(aver_day_of(1969, 12, 31), -1);
    assert_int_equal(aver_day_of(2000, 3, 1), 11017);
    assert_int_equal(aver_day_of(2026, 3, 1), 20513);
    char text[AVER_DAY_TEXT];
    assert_string_equal(aver_day_iso(text, 0), "1970-01-01");
    assert_string_equal(aver_day_ccyymmdd(text, AVER_DAY_MIN), "00010101");
    assert_string_equal(aver_day_iso(text, AVER_DAY_MAX), "9999-12-31");
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(aver_civil_valid(2000, 2, 29) && aver_civil_valid(2024, 2, 29) && aver_civil_valid(1, 1, 1));
    assert_false(aver_civil_valid(1900, 2, 29) || aver_civil_valid(2100, 2, 29) ||
                 aver_civil_valid(2023, 2, 29));
    assert_false(aver_civil_valid(0, 1, 1) || aver_civil_valid(10000, 1, 1) || aver_civil_valid(2026, 0, 1));
    assert_false(aver_civil_valid(2026, 13, 1) || aver_civil_valid(2026, 1, 0) ||
                 aver_civil_valid(2026, 4, 31));
    assert_false(aver_civil_valid(2026, -1, 1) || aver_civil_valid(2026, 1, -1) ||
                 aver_civil_valid(2026, 1, 32));
}

static void test_parse(void **state)
{
    (void)state;
    static const char *const not_iso[] = {
        "",           "2026-3-01",  "2026-03-1",  "2026/03/01", "20260301",
        "2026-02-29", "2026-13-01", "0000-01-01", "2026-03-00", "2026-03-01 ",
        " 2026-03-1", "-026-03-01", "2026-03-0x", "2026-03",    "2026-03-01T00:00:00Z",
    };
    static const char *const not_plain[] = {"",         "2026030",  "202603011", "2026-3-1",
                                            "20260229", "00000101", "2026 301",  "2026+301"};
    aver_day day = 7;
    for (size_t i = 0; i < COUNT(not_iso); i++)
        assert_int_equal(aver_day_parse_iso(&day, aver_bytes_str(not_iso[i])), AVER_E_INPUT);
    for (size_t i = 0; i < COUNT(not_plain); i++)
        assert_int_equal(aver_day_parse_ccyymmdd(&day, aver_bytes_str(not_plain[i])), AVER_E_INPUT);
    assert_int_equal(aver_day_parse_iso(&day, AVER_BYTES_NONE), AVER_E_INPUT);
    assert_int_equal(aver_day_parse_ccyymmdd(&day, AVER_BYTES_NONE), AVER_E_INPUT);
    assert_int_equal(day, 7);
}

/* adjudication-rules 12: "months/years = same day number, else the month's last day". */
static void test_add_months(void **state)
{
    (void)state;
    static const struct {
        int y, m, d, months, wy, wm, wd;
    } cases[] = {
        {2023, 8, 31, 6, 2024, 2, 29},     {2022, 8, 31, 6, 2023, 2, 28},   {2024, 2, 29, 12, 2025, 2, 28},
        {2024, 2, 29, 48, 2028, 2, 29},    {2024, 1, 31, 1, 2024, 2, 29},   {2024, 3, 31, -1, 2024, 2, 29},
        {2024, 1, 15, 0, 2024, 1, 15},     {2024, 12, 31, 1, 2025, 1, 31},  {2024, 1, 31, -1, 2023, 12, 31},
        {2024, 5, 31, -12, 2023, 5, 31},   {2024, 10, 31, 1, 2024, 11, 30}, {1, 1, 1, 119987, 9999, 12, 1},
        {9999, 12, 31, -119987, 1, 1, 31}, {1896, 2, 29, 48, 1900, 2, 28},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(
            aver_day_add_months(aver_day_of(cases[i].y, cases[i].m, cases[i].d), cases[i].months),
            aver_day_of(cases[i].wy, cases[i].wm, cases[i].wd));
    /* The other unit of the same rule: 180 days from 2023-08-31 is 2024-02-27. */
    assert_int_equal(aver_day_of(2023, 8, 31) + 180, aver_day_of(2024, 2, 27));
    assert_int_equal(aver_day_add_months(AVER_DAY_MAX, 1), AVER_NO_DAY);
    assert_int_equal(aver_day_add_months(AVER_DAY_MIN, -1), AVER_NO_DAY);
    assert_int_equal(aver_day_add_months(0, INT32_MAX), AVER_NO_DAY);
    assert_int_equal(aver_day_add_months(0, INT32_MIN), AVER_NO_DAY);
    assert_int_equal(aver_day_add_months(AVER_DAY_MIN, -120000), AVER_NO_DAY);
}

static aver_day any_day(uint64_t *seed)
{
    return AVER_DAY_MIN + (aver_day)rng_below(seed, AVER_DAY_MAX - AVER_DAY_MIN + 1);
}

static void test_add_months_property(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < 100000; i++) {
        aver_day day = any_day(&seed);
        int months = (int)rng_below(&seed, 1200) - 600;
        struct aver_civil c = aver_day_civil(day);
        int y = c.year, m = c.month;
        for (int k = 0; k < months; k++) m == 12 ? (m = 1, y++) : m++;
        for (int k = 0; k > months; k--) m == 1 ? (m = 12, y--) : m--;
        aver_day want = AVER_NO_DAY;
        if (y >= 1 && y <= 9999) want = aver_day_of(y, m, c.day < days_in(y, m) ? c.day : days_in(y, m));
        assert_int_equal(aver_day_add_months(day, months), want);
    }
}

static int age(int by, int bm, int bd, int y, int m, int d)
{
    return aver_day_years_between(aver_day_of(by, bm, bd), aver_day_of(y, m, d));
}

static void test_years_between(void **state)
{
    (void)state;
    assert_int_equal(age(2000, 6, 15, 2000, 6, 15), 0);
    assert_int_equal(age(2000, 6, 15, 2026, 6, 14), 25);
    assert_int_equal(age(2000, 6, 15, 2026, 6, 15), 26);
    assert_int_equal(age(2000, 6, 15, 2026, 5, 30), 25);
    assert_int_equal(age(2000, 6, 15, 2026, 7, 1), 26);
    /* A 29 February birthday is reached on 1 March of a common year. */
    assert_int_equal(age(2000, 2, 29, 2001, 2, 28), 0);
    assert_int_equal(age(2000, 2, 29, 2001, 3, 1), 1);
    assert_int_equal(age(2000, 2, 29, 2004, 2, 28), 3);
    assert_int_equal(age(2000, 2, 29, 2004, 2, 29), 4);
    assert_int_equal(age(1896, 2, 29, 1900, 2, 28), 3);
    assert_int_equal(age(1, 1, 1, 9999, 12, 31), 9998);
}

/* An age is the number of birthdays after birth. */
static void test_years_property(void **state)
{
    (void)state;
    uint64_t seed = 29;
    for (int i = 0; i < 20000; i++) {
        aver_day from = any_day(&seed), to = from + (aver_day)rng_below(&seed, 40000);
        if (rng_below(&seed, 4) == 0) from = aver_day_of(4 + 400 * (int)rng_below(&seed, 20), 2, 29);
        if (to > AVER_DAY_MAX || to < from) continue;
        struct aver_civil born = aver_day_civil(from), now = aver_day_civil(to);
        int years = 0;
        for (int y = born.year + 1; y <= now.year; y++) {
            bool moved = born.month == 2 && born.day == 29 && days_in(y, 2) == 28;
            years += (moved ? aver_day_of(y, 3, 1) : aver_day_of(y, born.month, born.day)) <= to;
        }
        assert_int_equal(aver_day_years_between(from, to), years);
    }
}

static void test_day_of_ms(void **state)
{
    (void)state;
    assert_int_equal(aver_day_of_ms(0), 0);
    assert_int_equal(aver_day_of_ms(86399999), 0);
    assert_int_equal(aver_day_of_ms(86400000), 1);
    assert_int_equal(aver_day_of_ms(-1), -1);
    assert_int_equal(aver_day_of_ms(-86400000), -1);
    assert_int_equal(aver_day_of_ms(-86400001), -2);
    assert_int_equal(aver_day_of_ms(INT64_C(86400000) * AVER_DAY_MIN), AVER_DAY_MIN);
    assert_int_equal(aver_day_of_ms(INT64_C(86400000) * (AVER_DAY_MAX + 1) - 1), AVER_DAY_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day),     cmocka_unit_test(test_known_days),
        cmocka_unit_test(test_valid),         cmocka_unit_test(test_parse),
        cmocka_unit_test(test_add_months),    cmocka_unit_test(test_add_months_property),
        cmocka_unit_test(test_years_between), cmocka_unit_test(test_years_property),
        cmocka_unit_test(test_day_of_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
