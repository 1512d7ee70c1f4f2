/* base/money.h - money is a type, in whole cents, and no arithmetic on it is unchecked.
 *
 *   aver_money  an amount: 0 <= cents < 10^13 (one hundred billion dollars)
 *   aver_delta  a difference: |cents| < 10^13 (adjustments, reversals, imports)
 *   aver_price  a price per unit or a factor, in millionths of a dollar: unit prices carry more decimals than cents
 *               (adjudication-rules 7: 0.1234 x 37 = 457 cents, where a pre-rounded 0.12 gives 444)
 * No double anywhere near them; text is read digit by digit. */
#ifndef AVER_BASE_MONEY_H
#define AVER_BASE_MONEY_H

#include "base/bytes.h"

#define AVER_MONEY_LIMIT INT64_C(10000000000000)

typedef struct aver_money {
    uint64_t cents;
} aver_money;
typedef struct aver_delta {
    int64_t cents;
} aver_delta;
typedef struct aver_price {
    uint64_t micros; /* millionths of a dollar, below 10^16 */
} aver_price;

enum aver_rounding { AVER_ROUND_HALF_UP = 1, AVER_ROUND_HALF_EVEN, AVER_ROUND_DOWN, AVER_ROUND_UP };

/* All fail with AVER_E_RANGE when the result would leave its type, and leave *out alone then. */
AVER_MUST_CHECK aver_err aver_money_of(aver_money *out, int64_t cents);
AVER_MUST_CHECK aver_err aver_delta_of(aver_delta *out, int64_t cents);
AVER_MUST_CHECK aver_err aver_money_add(aver_money *out, aver_money a, aver_money b);
AVER_MUST_CHECK aver_err aver_money_sub(aver_money *out, aver_money a, aver_money b); /* also when b > a */
AVER_MUST_CHECK aver_err aver_delta_add(aver_delta *out, aver_delta a, aver_delta b);

/* value x num / den in 128 bits, rounded as named; ties and directions go by magnitude. den > 0.
 * Half up: 0.5 -> 1 and -0.5 -> -1. AVER_E_RANGE when the result does not fit an int64. */
AVER_MUST_CHECK aver_err aver_muldiv(int64_t *out, int64_t value, int64_t num, int64_t den,
                                     enum aver_rounding how);

/* price x units (thousandths) in cents. */
AVER_MUST_CHECK aver_err aver_price_extend(aver_money *out, aver_price price, uint64_t units_milli,
                                           enum aver_rounding how);

/* Shares of `total` in proportion to weights, largest remainder first, ties to the lower index; the shares always sum
 * to the total. n >= 1 and the sum of weights > 0, else AVER_E_RANGE. */
AVER_MUST_CHECK aver_err aver_money_split(int64_t *shares, int64_t total, const uint64_t *weights, size_t n);

/* Decimal dollars as a person or X12 writes them: "125", "125.5", "125.50", ".5", "-3.10" where a delta is read.
 * More than two decimals, signs, spaces, exponents, commas: AVER_E_INPUT. X12 R elements may drop trailing zeros and a
 * leading zero (X12 5010 B.1.1.3.1.2). */
AVER_MUST_CHECK aver_err aver_money_parse(aver_money *out, aver_bytes text);
AVER_MUST_CHECK aver_err aver_delta_parse(aver_delta *out, aver_bytes text);
/* A decimal with up to `decimals` (at most 9) places as an integer of that scale: ("1.5", 3) -> 1500. Not negative. */
AVER_MUST_CHECK aver_err aver_decimal_parse(uint64_t *out, aver_bytes text, unsigned decimals);

#define AVER_MONEY_TEXT 24
/* "1234.50", "-0.05": always two decimals. `out` holds AVER_MONEY_TEXT bytes. Returns out. */
char *aver_cents_text(char *out, int64_t cents);
/* As X12 wants a decimal element: "1234.5", "100", "0": no trailing zeros, no trailing point. Returns out. */
char *aver_cents_x12(char *out, int64_t cents);

#endif
