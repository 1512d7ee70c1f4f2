/* adapters/x12_837_values.c - elements of the current segment as values of ours. See x12_837_state.h. */
#include "adapters/x12_837_state.h"

#include <string.h>

/* 005010X222 section 1: amounts have at most 10 characters without their point, 99999999.99. */
#define CENTS_MAX INT64_C(9999999999)

aver_bytes aver_837_text(struct aver_837 *s, unsigned element)
{
    return aver_x12_element(&s->x12.segment, element);
}

static bool amount(struct aver_837 *s, int64_t *cents, unsigned element, bool negative)
{
    aver_bytes text = aver_837_text(s, element);
    if (!text.ptr) return false;
    aver_delta d = {0};
    if (aver_delta_parse(&d, text) != AVER_OK || (d.cents < 0 && !negative) || d.cents > CENTS_MAX ||
        d.cents < -CENTS_MAX) {
        aver_837_reject(s, "X12-MONEY", element, 0, "6",
                        "\"%.*s\" is not an amount of dollars with at most two decimals%s up to 99999999.99",
                        AVER_STR(text), negative ? "" : ", not negative,");
        return false;
    }
    *cents = d.cents;
    return true;
}

bool aver_837_money(struct aver_837 *s, aver_money *out, unsigned element)
{
    int64_t cents;
    return amount(s, &cents, element, false) && aver_money_of(out, cents) == AVER_OK;
}

bool aver_837_delta(struct aver_837 *s, aver_delta *out, unsigned element)
{
    int64_t cents;
    return amount(s, &cents, element, true) && aver_delta_of(out, cents) == AVER_OK;
}

bool aver_837_quantity(struct aver_837 *s, uint64_t *out, unsigned element)
{
    aver_bytes text = aver_837_text(s, element);
    if (!text.ptr) return false;
    uint64_t v = 0;
    if (aver_decimal_parse(&v, text, 3) != AVER_OK || v > AVER_CLAIM_UNITS_MAX) {
        aver_837_reject(s, aver_837_code(s, element), element, 0, "6",
                        "\"%.*s\" is not a quantity with at most three decimals", AVER_STR(text));
        return false;
    }
    *out = v;
    return true;
}

bool aver_837_number(struct aver_837 *s, uint64_t *out, unsigned element)
{
    aver_bytes text = aver_837_text(s, element), digits = text;
    if (!text.ptr) return false;
    while (digits.len > 1 && digits.ptr[0] == '0') digits.ptr++, digits.len--;
    uint64_t v = 0;
    if (aver_bytes_u64(&v, digits) != AVER_OK || v > UINT32_MAX) {
        aver_837_reject(s, aver_837_code(s, element), element, 0, "6", "\"%.*s\" is not a number",
                        AVER_STR(text));
        return false;
    }
    *out = v;
    return true;
}

bool aver_837_dates(struct aver_837 *s, aver_day *from, aver_day *to, unsigned format, unsigned element)
{
    aver_bytes f = aver_837_text(s, format), text = aver_837_text(s, element);
    if (!f.ptr || !text.ptr) return false;
    bool good = false;
    aver_day a = AVER_NO_DAY, b = AVER_NO_DAY;
    if (aver_bytes_is(f, "D8")) {
        good = aver_day_parse_ccyymmdd(&a, text) == AVER_OK;
        b = a;
    } else if (aver_bytes_is(f, "RD8")) {
        good = text.len == 17 && text.ptr[8] == '-' &&
               aver_day_parse_ccyymmdd(&a, aver_bytes_cut(text, 0, 8)) == AVER_OK &&
               aver_day_parse_ccyymmdd(&b, aver_bytes_cut(text, 9, 8)) == AVER_OK && a <= b;
    } else {
        aver_837_reject(s, aver_837_code(s, format), format, 0, "7",
                        "\"%.*s\" is not a date format that may stand here; send D8 or RD8", AVER_STR(f));
        return false;
    }
    if (!good) {
        aver_837_reject(s, aver_837_code(s, element), element, 0, "8", "\"%.*s\" is not a %s", AVER_STR(text),
                        f.len == 2 ? "date CCYYMMDD" : "range CCYYMMDD-CCYYMMDD that begins before it ends");
        return false;
    }
    *from = a;
    *to = b;
    return true;
}

aver_bytes aver_837_join(struct aver_837 *s, aver_bytes a, aver_bytes between, aver_bytes b)
{
    uint8_t *text = aver_arena_alloc(s->intake->arena, a.len + between.len + b.len);
    if (a.len) memcpy(text, a.ptr, a.len);
    if (between.len) memcpy(text + a.len, between.ptr, between.len);
    if (b.len) memcpy(text + a.len + between.len, b.ptr, b.len);
    return aver_bytes_of(text, a.len + between.len + b.len);
}

aver_bytes aver_837_address(struct aver_837 *s)
{
    aver_bytes a = aver_837_text(s, 1), b = aver_837_text(s, 2);
    if (!a.ptr || !b.ptr) return a;
    return aver_837_join(s, a, AVER_LIT(", "), b);
}

bool aver_npi_valid(aver_bytes npi)
{
    if (npi.len != 10) return false;
    unsigned sum = 24; /* what "80840" contributes */
    for (size_t i = 0; i < 10; i++) {
        if (npi.ptr[i] < '0' || npi.ptr[i] > '9') return false;
        unsigned d = npi.ptr[i] - (unsigned)'0';
        if (i % 2 == 0) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

void aver_837_npi_check(struct aver_837 *s, aver_bytes npi, unsigned element)
{
    bool digits = npi.len == 10;
    for (size_t i = 0; i < npi.len; i++) digits = digits && npi.ptr[i] >= '0' && npi.ptr[i] <= '9';
    if (!digits) {
        aver_837_reject(s, aver_837_code(s, element), element, 0, "6", "\"%.*s\" is not an NPI of ten digits",
                        AVER_STR(npi));
        return;
    }
    if (aver_npi_valid(npi)) return;
    /* One provider stands on many claims; one warning for each is enough. */
    for (size_t i = 0; i < AVER_837_NPI_CACHE; i++)
        if (aver_bytes_eq(s->npi_warned[i], npi)) return;
    s->npi_warned[s->npi_next++ % AVER_837_NPI_CACHE] = npi;
    aver_837_warn(s, "X12-NPI", element, 0, "the check digit of the NPI %.*s is wrong; look the number up",
                  AVER_STR(npi));
}
