/* adapters/code_forms.c - see code_forms.h. */
#include "adapters/code_forms.h"

static bool all_digits(aver_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
    return text.len > 0;
}

bool aver_revenue_code_valid(aver_bytes code)
{
    return code.len == AVER_REVENUE_CODE_DIGITS && all_digits(code);
}

bool aver_revenue_code_is_stay(aver_bytes code)
{
    return aver_revenue_code_valid(code) && aver_bytes_cmp(code, AVER_LIT("0100")) >= 0 &&
           aver_bytes_cmp(code, AVER_LIT("0219")) <= 0;
}

bool aver_drg_valid(aver_bytes code) { return (code.len == 3 || code.len == 4) && all_digits(code); }

aver_bytes aver_ndc_digits(struct aver_arena *arena, aver_bytes text)
{
    static const size_t widths[] = {5, 4, 2};
    if (text.len == AVER_NDC_DIGITS && all_digits(text)) return text;
    uint8_t digits[AVER_NDC_DIGITS];
    size_t n = 0, missing = 0;
    for (size_t part = 0; part < 3; part++) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] != '-') len++;
        bool last = part == 2;
        if (last != (len == text.len) || len > widths[part] || len + 1 < widths[part] ||
            !all_digits(aver_bytes_cut(text, 0, len)))
            return AVER_BYTES_NONE;
        missing += widths[part] - len;
        if (len < widths[part]) digits[n++] = '0';
        for (size_t i = 0; i < len; i++) digits[n++] = text.ptr[i];
        text = aver_bytes_cut(text, last ? len : len + 1, text.len - (last ? len : len + 1));
    }
    return missing > 1 ? AVER_BYTES_NONE : aver_arena_copy(arena, aver_bytes_of(digits, n));
}

bool aver_drug_unit_valid(aver_bytes unit)
{
    static const char *const units[] = {"F2", "GR", "ME", "ML", "UN"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (aver_bytes_is(unit, units[i])) return true;
    return false;
}
