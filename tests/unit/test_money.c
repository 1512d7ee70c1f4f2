/* tests/unit/test_money.c - money keeps its limits, every rounding is the one named, shares sum to their total, and what
 * is printed reads back. Seeds are fixed: a failure can be replayed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "tests/unit/rng.h"

__extension__ typedef __int128 i128;

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define LIMIT    AVER_MONEY_LIMIT

static const enum aver_rounding HOW[] = {AVER_ROUND_HALF_UP, AVER_ROUND_HALF_EVEN, AVER_ROUND_DOWN,
                                         AVER_ROUND_UP};

static void test_limits(void **state)
{
    (void)state;
    aver_money m = {7}, top, one;
    aver_delta d = {7}, least;
    assert_int_equal(aver_money_of(&m, -1), AVER_E_RANGE);
    assert_int_equal(aver_money_of(&m, LIMIT), AVER_E_RANGE);
    assert_int_equal(aver_money_of(&m, INT64_MIN), AVER_E_RANGE);
    assert_int_equal(aver_delta_of(&d, LIMIT), AVER_E_RANGE);
    assert_int_equal(aver_delta_of(&d, -LIMIT), AVER_E_RANGE);
    assert_int_equal(m.cents, 7);
    assert_int_equal(d.cents, 7);
    assert_int_equal(aver_money_of(&top, LIMIT - 1), AVER_OK);
    assert_int_equal(aver_money_of(&one, 1), AVER_OK);
    assert_int_equal(aver_delta_of(&least, 1 - LIMIT), AVER_OK);

    assert_int_equal(aver_money_add(&m, top, one), AVER_E_RANGE);
    assert_int_equal(aver_money_add(&m, top, top), AVER_E_RANGE);
    assert_int_equal(aver_money_sub(&m, one, top), AVER_E_RANGE);
    assert_int_equal(aver_delta_add(&d, least, (aver_delta){-1}), AVER_E_RANGE);
    assert_int_equal(aver_delta_add(&d, least, least), AVER_E_RANGE);
    assert_int_equal(m.cents, 7);
    assert_int_equal(d.cents, 7);
    assert_int_equal(aver_money_sub(&m, top, one), AVER_OK);
    assert_int_equal(aver_money_add(&m, m, one), AVER_OK);
    assert_int_equal(m.cents, LIMIT - 1);
    assert_int_equal(aver_money_sub(&m, m, top), AVER_OK);
    assert_int_equal(m.cents, 0);
    assert_int_equal(aver_delta_add(&d, least, (aver_delta){LIMIT - 1}), AVER_OK);
    assert_int_equal(d.cents, 0);
}

static void test_rounding(void **state)
{
    (void)state;
    /* value x num / den, and the result half up, half even, down, up. */
    static const struct {
        int64_t value, num, den, want[4];
    } cases[] = {
        {0, 5, 10, {0, 0, 0, 0}},       {4, 1, 10, {0, 0, 0, 1}},       {5, 1, 10, {1, 0, 0, 1}},
        {6, 1, 10, {1, 1, 0, 1}},       {10, 1, 10, {1, 1, 1, 1}},      {14, 1, 10, {1, 1, 1, 2}},
        {15, 1, 10, {2, 2, 1, 2}},      {25, 1, 10, {3, 2, 2, 3}},      {35, 1, 10, {4, 4, 3, 4}},
        {-4, 1, 10, {0, 0, 0, -1}},     {-5, 1, 10, {-1, 0, 0, -1}},    {-6, 1, 10, {-1, -1, 0, -1}},
        {-15, 1, 10, {-2, -2, -1, -2}}, {-25, 1, 10, {-3, -2, -2, -3}}, {15, -1, 10, {-2, -2, -1, -2}},
        {-15, -1, 10, {2, 2, 1, 2}},    {1, 1, 3, {0, 0, 0, 1}},        {2, 1, 3, {1, 1, 0, 1}},
        {-1, 1, 3, {0, 0, 0, -1}},      {-2, 1, 3, {-1, -1, 0, -1}},    {7, 3, 2, {11, 10, 10, 11}},
        {9, 3, 2, {14, 14, 13, 14}},    {0, -3, 2, {0, 0, 0, 0}},       {1, 1, INT64_MAX, {0, 0, 0, 1}},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t h = 0; h < COUNT(HOW); h++) {
            int64_t got = -99;
            assert_int_equal(aver_muldiv(&got, cases[i].value, cases[i].num, cases[i].den, HOW[h]), AVER_OK);
            if (got != cases[i].want[h]) fail_msg("case %zu, rounding %zu: %lld", i, h, (long long)got);
        }
}

static void test_muldiv_extremes(void **state)
{
    (void)state;
    static const struct {
        int64_t value, num, den, want;
    } fits[] = {
        {INT64_MAX, 1, 1, INT64_MAX},
        {INT64_MIN, 1, 1, INT64_MIN},
        {INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN},
        {INT64_MAX, -1, 1, -INT64_MAX},
        {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX},
        {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN},
        {INT64_MIN / 2, 2, 1, INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(fits); i++)
        for (size_t h = 0; h < COUNT(HOW); h++) {
            int64_t got = 0;
            assert_int_equal(aver_muldiv(&got, fits[i].value, fits[i].num, fits[i].den, HOW[h]), AVER_OK);
            assert_true(got == fits[i].want);
        }
    static const int64_t over[][3] = {
        {INT64_MIN, -1, 1},        {INT64_MIN, INT64_MIN, INT64_MAX}, {INT64_MAX, 2, 1},
        {INT64_MAX, INT64_MAX, 1}, {INT64_MIN, INT64_MIN, 1},         {INT64_MIN, 2, 1},
    };
    for (size_t i = 0; i < COUNT(over); i++)
        for (size_t h = 0; h < COUNT(HOW); h++) {
            int64_t got = 77;
            assert_int_equal(aver_muldiv(&got, over[i][0], over[i][1], over[i][2], HOW[h]), AVER_E_RANGE);
            assert_true(got == 77);
        }
    /* (2^63 - 1) x 3 / 2 does not fit; the last halves that do and do not. */
    int64_t got = 77;
    assert_int_equal(aver_muldiv(&got, INT64_MAX, 3, 3, AVER_ROUND_UP), AVER_OK);
    assert_int_equal(aver_muldiv(&got, INT64_MAX, 3, 2, AVER_ROUND_DOWN), AVER_E_RANGE);
}

/* The result, seen from its definition: how far it may lie from the exact quotient, and on which side. */
static bool rounded_right(i128 product, i128 den, i128 q, enum aver_rounding how)
{
    if (product < 0) product = -product, q = -q;
    i128 rest = product - q * den; /* exact less result, times den */
    switch (how) {
    case AVER_ROUND_HALF_UP: return 2 * rest < den && -2 * rest <= den;
    case AVER_ROUND_HALF_EVEN:
        return (2 * rest < den && -2 * rest < den) || ((2 * rest == den || -2 * rest == den) && q % 2 == 0);
    case AVER_ROUND_DOWN: return rest >= 0 && rest < den;
    case AVER_ROUND_UP: return rest <= 0 && -rest < den;
    }
    return false;
}

static int64_t any_int64(uint64_t *seed)
{
    uint64_t bits = rng_bits(seed) >> 1;
    return rng_below(seed, 2) ? (int64_t)bits : -(int64_t)bits - (int64_t)rng_below(seed, 2);
}

static void test_muldiv_property(void **state)
{
    (void)state;
    uint64_t seed = 20260301;
    size_t fit = 0, ties = 0;
    for (int i = 0; i < 400000; i++) {
        int64_t value = any_int64(&seed), num = any_int64(&seed), den = (int64_t)(rng_bits(&seed) >> 1);
        if (den == 0) den = 2;
        enum aver_rounding how = HOW[rng_below(&seed, COUNT(HOW))];
        i128 product = (i128)value * num;
        int64_t q = 0;
        aver_err err = aver_muldiv(&q, value, num, den, how);
        if (err == AVER_OK) {
            fit++, ties += product % den != 0 && 2 * (product % den) % den == 0;
            if (!rounded_right(product, den, q, how))
                fail_msg("%lld x %lld / %lld, %d: %lld", (long long)value, (long long)num, (long long)den,
                         how, (long long)q);
        } else {
            assert_int_equal(err, AVER_E_RANGE);
            i128 truncated = product / den, most = INT64_MAX, least = INT64_MIN;
            assert_true(truncated >= most || truncated <= least);
            assert_true(product != most * den && product != least * den);
        }
    }
    assert_true(fit > 100000 && ties > 1000);
}

/* adjudication-rules 6: allowed 1005 at 10 %: PR2 = 101, paid 904; half even 100 / 905. */
static void test_rule_6(void **state)
{
    (void)state;
    static const int64_t member[] = {101, 100, 100, 101};
    for (size_t h = 0; h < COUNT(HOW); h++) {
        int64_t share;
        aver_money allowed, coinsurance, paid;
        assert_int_equal(aver_money_of(&allowed, 1005), AVER_OK);
        assert_int_equal(aver_muldiv(&share, 1005, 10, 100, HOW[h]), AVER_OK);
        assert_int_equal(aver_money_of(&coinsurance, share), AVER_OK);
        assert_int_equal(aver_money_sub(&paid, allowed, coinsurance), AVER_OK);
        assert_int_equal(coinsurance.cents, member[h]);
        assert_int_equal(paid.cents, 1005 - member[h]);
    }
}

static uint64_t extend(uint64_t micros, uint64_t units_milli)
{
    aver_money m;
    assert_int_equal(aver_price_extend(&m, (aver_price){micros}, units_milli, AVER_ROUND_HALF_UP), AVER_OK);
    return m.cents;
}

/* adjudication-rules 7: the unit price keeps its decimals until it was multiplied. */
static void test_rule_7(void **state)
{
    (void)state;
    uint64_t fee = extend(35000000, 4000), charge = 12000;
    assert_int_equal(fee, 14000);
    assert_int_equal(fee < charge ? fee : charge, 12000);
    assert_int_equal((int64_t)charge - (int64_t)fee, -2000);
    assert_int_equal(extend(123400, 37000), 457);
    assert_int_equal(extend(120000, 37000), 444);
}

static void test_price_extend(void **state)
{
    (void)state;
    aver_money m = {7};
    assert_int_equal(extend(87000, 1000), 9); /* $0.0870 a unit */
    assert_int_equal(extend(87000, 500), 4);  /* 4.35 cents */
    assert_int_equal(extend(5000, 1000), 1);  /* half a cent */
    assert_int_equal(extend(4999, 1000), 0);
    assert_int_equal(extend(0, 1000), 0);
    assert_int_equal(extend(1000000, 0), 0);
    assert_int_equal(extend(UINT64_C(99999999999990000), 1000), LIMIT - 1);
    assert_int_equal(aver_price_extend(&m, (aver_price){UINT64_C(100000000000000000)}, 1000, AVER_ROUND_DOWN),
                     AVER_E_RANGE);
    assert_int_equal(aver_price_extend(&m, (aver_price){UINT64_C(99999999999990001)}, 1000, AVER_ROUND_UP),
                     AVER_E_RANGE);
    assert_int_equal(aver_price_extend(&m, (aver_price){UINT64_MAX}, 1, AVER_ROUND_DOWN), AVER_E_RANGE);
    assert_int_equal(aver_price_extend(&m, (aver_price){1}, UINT64_MAX, AVER_ROUND_DOWN), AVER_E_RANGE);
    assert_int_equal(m.cents, 7);
}

static void split_is(int64_t total, const uint64_t *weights, size_t n, const int64_t *want)
{
    int64_t shares[8];
    assert_int_equal(aver_money_split(shares, total, weights, n), AVER_OK);
    for (size_t i = 0; i < n; i++) assert_int_equal(shares[i], want[i]);
}

static void test_split(void **state)
{
    (void)state;
    split_is(100, (uint64_t[]){1, 1, 1}, 3, (int64_t[]){34, 33, 33});
    split_is(101, (uint64_t[]){1, 1, 1}, 3, (int64_t[]){34, 34, 33});
    split_is(-100, (uint64_t[]){1, 1, 1}, 3, (int64_t[]){-34, -33, -33});
    split_is(100, (uint64_t[]){0, 1, 2}, 3, (int64_t[]){0, 33, 67});
    split_is(0, (uint64_t[]){5, 0}, 2, (int64_t[]){0, 0});
    split_is(1, (uint64_t[]){1, 1}, 2, (int64_t[]){1, 0});
    split_is(LIMIT - 1, (uint64_t[]){9}, 1, (int64_t[]){LIMIT - 1});
    split_is(1 - LIMIT, (uint64_t[]){INT64_MAX - 1, 1}, 2, (int64_t[]){1 - LIMIT, 0});
    int64_t shares[2] = {7, 7};
    assert_int_equal(aver_money_split(shares, 1, (uint64_t[]){1}, 0), AVER_E_RANGE);
    assert_int_equal(aver_money_split(shares, 1, (uint64_t[]){0, 0}, 2), AVER_E_RANGE);
    assert_int_equal(aver_money_split(shares, 1, (uint64_t[]){INT64_MAX, 1}, 2), AVER_E_RANGE);
    assert_int_equal(aver_money_split(shares, 1, (uint64_t[]){UINT64_MAX, UINT64_MAX}, 2), AVER_E_RANGE);
    assert_int_equal(aver_money_split(shares, LIMIT, (uint64_t[]){1, 1}, 2), AVER_E_RANGE);
    assert_int_equal(aver_money_split(shares, -LIMIT, (uint64_t[]){1, 1}, 2), AVER_E_RANGE);
    assert_int_equal(shares[0], 7);
}

/* Every share is the exact one rounded down or up, whoever was rounded up had the larger remainder, or the same and the
 * lower index, and nothing is lost. */
static void test_split_property(void **state)
{
    (void)state;
    uint64_t seed = 835;
    for (int round = 0; round < 20000; round++) {
        uint64_t weights[12], sum = 0;
        int64_t shares[12], total_back = 0;
        size_t n = 1 + rng_below(&seed, 12);
        bool small = rng_below(&seed, 2);
        for (size_t i = 0; i < n; i++) sum += weights[i] = small ? rng_below(&seed, 4) : rng_bits(&seed) >> 5;
        if (sum == 0) sum = weights[0] = 1;
        int64_t cents = (int64_t)(rng_bits(&seed) % (uint64_t)LIMIT),
                total = rng_below(&seed, 2) ? cents : -cents;
        assert_int_equal(aver_money_split(shares, total, weights, n), AVER_OK);
        i128 rest[12];
        bool up[12];
        for (size_t i = 0; i < n; i++) {
            i128 exact = (i128)cents * (int64_t)weights[i], share = total < 0 ? -(i128)shares[i] : shares[i];
            rest[i] = exact % (int64_t)sum;
            up[i] = share == exact / (int64_t)sum + 1;
            assert_true(up[i] || share == exact / (int64_t)sum);
            total_back += shares[i];
        }
        assert_true(total_back == total);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                if (up[i] && !up[k]) assert_true(rest[i] > rest[k] || (rest[i] == rest[k] && i < k));
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t cents;
    } good[] = {
        {"0", 0},          {"125", 12500},  {"125.5", 12550},
        {"125.50", 12550}, {".5", 50},      {".05", 5},
        {"0.00", 0},       {"007.50", 750}, {"99999999999.99", LIMIT - 1},
    };
    static const char *const bad[] = {
        "",    ".",     "5.", "1.234", "1.500", "+1",  " 1",  "1 ",       "1,000",
        "1e3", "1.2.3", "$5", "--1",   "0x1",   "1/2", "NaN", "\xd9\xa1",
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        aver_money m;
        aver_delta d;
        char negative[40];
        snprintf(negative, sizeof negative, "-%s", good[i].text);
        assert_int_equal(aver_money_parse(&m, aver_bytes_str(good[i].text)), AVER_OK);
        assert_int_equal(m.cents, good[i].cents);
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(good[i].text)), AVER_OK);
        assert_int_equal(d.cents, good[i].cents);
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(negative)), AVER_OK);
        assert_int_equal(d.cents, -good[i].cents);
        assert_int_equal(aver_money_parse(&m, aver_bytes_str(negative)), AVER_E_INPUT);
    }
    aver_money m = {7};
    aver_delta d = {7};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(aver_money_parse(&m, aver_bytes_str(bad[i])), AVER_E_INPUT);
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(bad[i])), AVER_E_INPUT);
    }
    static const char *const over[] = {"100000000000", "100000000000.00", "184467440737095516.16",
                                       "99999999999999999999999"};
    for (size_t i = 0; i < COUNT(over); i++) {
        assert_int_equal(aver_money_parse(&m, aver_bytes_str(over[i])), AVER_E_RANGE);
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(over[i])), AVER_E_RANGE);
    }
    assert_int_equal(aver_money_parse(&m, AVER_BYTES_NONE), AVER_E_INPUT);
    assert_int_equal(aver_delta_parse(&d, AVER_LIT("-")), AVER_E_INPUT);
    assert_int_equal(m.cents, 7);
    assert_int_equal(d.cents, 7);
}

static void test_decimal_parse(void **state)
{
    (void)state;
    uint64_t v = 7;
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("1.5"), 3), AVER_OK);
    assert_int_equal(v, 1500);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("0.0870"), 6), AVER_OK);
    assert_int_equal(v, 87000);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("12"), 0), AVER_OK);
    assert_int_equal(v, 12);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("12.0"), 0), AVER_E_INPUT);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("18446744073709551615"), 0), AVER_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("18446744073709551616"), 0), AVER_E_RANGE);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("18446744073.709551615"), 9), AVER_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(aver_decimal_parse(&v, AVER_LIT("18446744074"), 9), AVER_E_RANGE);
    assert_true(v == UINT64_MAX);
}

static void test_text(void **state)
{
    (void)state;
    static const struct {
        int64_t cents;
        const char *text, *x12;
    } cases[] = {
        {0, "0.00", "0"},
        {5, "0.05", "0.05"},
        {-5, "-0.05", "-0.05"},
        {50, "0.50", "0.5"},
        {100, "1.00", "1"},
        {-100, "-1.00", "-1"},
        {1000, "10.00", "10"},
        {10000, "100.00", "100"},
        {123450, "1234.50", "1234.5"},
        {-123451, "-1234.51", "-1234.51"},
        {10010, "100.10", "100.1"},
        {LIMIT - 1, "99999999999.99", "99999999999.99"},
        {INT64_MIN, "-92233720368547758.08", "-92233720368547758.08"},
        {INT64_MAX, "92233720368547758.07", "92233720368547758.07"},
    };
    char out[AVER_MONEY_TEXT];
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(aver_cents_text(out, cases[i].cents), cases[i].text);
        assert_string_equal(aver_cents_x12(out, cases[i].cents), cases[i].x12);
    }
    uint64_t seed = 837;
    for (int i = 0; i < 100000; i++) {
        int64_t cents = (int64_t)(rng_bits(&seed) % (uint64_t)LIMIT);
        if (rng_below(&seed, 2)) cents = -cents;
        aver_delta d;
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(aver_cents_text(out, cents))), AVER_OK);
        assert_true(d.cents == cents);
        assert_int_equal(aver_delta_parse(&d, aver_bytes_str(aver_cents_x12(out, cents))), AVER_OK);
        assert_true(d.cents == cents);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_muldiv_extremes), cmocka_unit_test(test_muldiv_property),
        cmocka_unit_test(test_rule_6),          cmocka_unit_test(test_rule_7),
        cmocka_unit_test(test_price_extend),    cmocka_unit_test(test_split),
        cmocka_unit_test(test_split_property),  cmocka_unit_test(test_parse),
        cmocka_unit_test(test_decimal_parse),   cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
