/* base/money.c - see money.h. */
#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

aver_err aver_money_of(aver_money *out, int64_t cents)
{
    if (cents < 0 || cents >= AVER_MONEY_LIMIT) return AVER_E_RANGE;
    out->cents = (uint64_t)cents;
    return AVER_OK;
}

aver_err aver_delta_of(aver_delta *out, int64_t cents)
{
    if (cents <= -AVER_MONEY_LIMIT || cents >= AVER_MONEY_LIMIT) return AVER_E_RANGE;
    out->cents = cents;
    return AVER_OK;
}

/* Both operands are below 10^13 by their type, so the sums fit an int64 with room to spare. */
aver_err aver_money_add(aver_money *out, aver_money a, aver_money b)
{
    return aver_money_of(out, (int64_t)(a.cents + b.cents));
}

aver_err aver_money_sub(aver_money *out, aver_money a, aver_money b)
{
    return aver_money_of(out, (int64_t)a.cents - (int64_t)b.cents);
}

aver_err aver_delta_add(aver_delta *out, aver_delta a, aver_delta b)
{
    return aver_delta_of(out, a.cents + b.cents);
}

__extension__ typedef unsigned __int128 u128;

aver_err aver_muldiv(int64_t *out, int64_t value, int64_t num, int64_t den, enum aver_rounding how)
{
    AVER_ASSERT(den > 0);
    bool negative = (value < 0) != (num < 0);
    u128 v = value < 0 ? (u128)0 - (u128)value : (u128)value;
    u128 n = num < 0 ? (u128)0 - (u128)num : (u128)num;
    u128 product = (v & UINT64_MAX) * (n & UINT64_MAX), d = (u128)den;
    u128 q = product / d, r = product % d;
    bool up = false;
    switch (how) {
    case AVER_ROUND_HALF_UP: up = r * 2 >= d; break;
    case AVER_ROUND_HALF_EVEN: up = r * 2 > d || (r * 2 == d && (q & 1)); break;
    case AVER_ROUND_DOWN: break;
    case AVER_ROUND_UP: up = r != 0; break;
    }
    q += up;
    /* INT64_MIN has no positive counterpart. */
    if (q > (u128)INT64_MAX + negative) return AVER_E_RANGE;
    *out = negative && q ? -(int64_t)(q - 1) - 1 : (int64_t)q;
    return AVER_OK;
}

aver_err aver_price_extend(aver_money *out, aver_price price, uint64_t units_milli, enum aver_rounding how)
{
    /* micros x milli-units = 10^-9 dollars; a cent is 10^7 of them. */
    int64_t cents;
    if (price.micros > INT64_MAX || units_milli > INT64_MAX) return AVER_E_RANGE;
    AVER_TRY(aver_muldiv(&cents, (int64_t)price.micros, (int64_t)units_milli, 10000000, how));
    return aver_money_of(out, cents);
}

aver_err aver_money_split(int64_t *shares, int64_t total, const uint64_t *weights, size_t n)
{
    u128 sum = 0;
    for (size_t i = 0; i < n; i++) sum += weights[i];
    if (n == 0 || sum == 0 || sum > INT64_MAX || total <= -AVER_MONEY_LIMIT || total >= AVER_MONEY_LIMIT)
        return AVER_E_RANGE;
    u128 magnitude = (u128)(total < 0 ? -total : total);
    int64_t left = (int64_t)magnitude;
    for (size_t i = 0; i < n; i++) {
        shares[i] = (int64_t)(magnitude * weights[i] / sum);
        left -= shares[i];
    }
    /* Fewer than n cents are left; each goes to the largest remainder not yet served. A served remainder is told by
     * its share being one above the floor, so no memory is needed. */
    for (; left > 0; left--) {
        size_t best = n;
        u128 best_rem = 0;
        for (size_t i = 0; i < n; i++) {
            u128 floor = magnitude * weights[i] / sum, rem = magnitude * weights[i] % sum;
            if ((u128)shares[i] == floor && rem > best_rem) best = i, best_rem = rem;
        }
        AVER_ASSERT(best < n);
        shares[best]++;
    }
    if (total < 0)
        for (size_t i = 0; i < n; i++) shares[i] = -shares[i];
    return AVER_OK;
}

aver_err aver_decimal_parse(uint64_t *out, aver_bytes text, unsigned decimals)
{
    AVER_ASSERT(decimals <= 9);
    uint64_t v = 0;
    unsigned seen = 0;
    bool point = false, digit = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return AVER_E_INPUT;
        digit = true;
        if (point && ++seen > decimals) return AVER_E_INPUT;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return AVER_E_RANGE;
    }
    if (!digit || (point && seen == 0)) return AVER_E_INPUT;
    for (; seen < decimals; seen++)
        if (__builtin_mul_overflow(v, (uint64_t)10, &v)) return AVER_E_RANGE;
    *out = v;
    return AVER_OK;
}

aver_err aver_money_parse(aver_money *out, aver_bytes text)
{
    uint64_t cents;
    AVER_TRY(aver_decimal_parse(&cents, text, 2));
    return cents > INT64_MAX ? AVER_E_RANGE : aver_money_of(out, (int64_t)cents);
}

aver_err aver_delta_parse(aver_delta *out, aver_bytes text)
{
    bool negative = text.len && text.ptr[0] == '-';
    aver_money m;
    AVER_TRY(aver_money_parse(&m, negative ? aver_bytes_cut(text, 1, text.len - 1) : text));
    return aver_delta_of(out, negative ? -(int64_t)m.cents : (int64_t)m.cents);
}

char *aver_cents_text(char *out, int64_t cents)
{
    uint64_t m = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    snprintf(out, AVER_MONEY_TEXT, "%s%" PRIu64 ".%02u", cents < 0 ? "-" : "", m / 100, (unsigned)(m % 100));
    return out;
}

char *aver_cents_x12(char *out, int64_t cents)
{
    aver_cents_text(out, cents);
    size_t n = strlen(out);
    if (out[n - 1] == '0') out[--n] = 0;
    if (out[n - 1] == '0') out[n - 2] = 0;
    return out;
}
