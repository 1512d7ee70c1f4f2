/* adapters/csv_cells.c - see csv_cells.h. */
#include "adapters/csv_cells.h"

#include <string.h>

#include "adapters/x12_837.h"

bool aver_cell_word(aver_bytes *cell, aver_bytes *word)
{
    *cell = aver_bytes_trim(*cell);
    size_t n = 0;
    while (n < cell->len && cell->ptr[n] != ' ') n++;
    *word = aver_bytes_cut(*cell, 0, n);
    *cell = aver_bytes_cut(*cell, n, cell->len - n);
    return n > 0;
}

static bool ten_digits(aver_bytes v)
{
    size_t n = 0;
    while (n < v.len && v.ptr[n] >= '0' && v.ptr[n] <= '9') n++;
    return v.len == 10 && n == 10;
}

aver_bytes aver_cell_place(struct aver_sheet *s, size_t column)
{
    aver_bytes v = aver_sheet_code(s, column, 2);
    if (v.len == 1)
        aver_sheet_find(s, true, "CSV-VALUE", column,
                        "place_of_service has two digits; write 01 for 1, and format the column as text");
    return v;
}

aver_bytes aver_cell_procedure(struct aver_sheet *s, size_t column)
{
    aver_bytes v = aver_sheet_code(s, column, 48);
    size_t n = 0;
    while (n < v.len && v.ptr[n] >= '0' && v.ptr[n] <= '9') n++;
    if (v.len && n == v.len && n < 5)
        aver_sheet_find(
            s, true, "CSV-VALUE", column,
            "procedure has %zu digits, and codes of digits alone have five; write the zeros in front, and format the "
            "column as text",
            n);
    return v;
}

aver_bytes aver_cell_npi(struct aver_sheet *s, size_t column)
{
    aver_bytes v = aver_sheet_text(s, column, 80);
    if (v.ptr && !ten_digits(v))
        aver_sheet_find(s, true, "CSV-NPI", column,
                        "%s has not ten digits; write it in full, and format the column as text",
                        s->columns[column].name);
    else if (v.ptr && !aver_npi_valid(v))
        aver_sheet_find(s, false, "CSV-NPI", column,
                        "%s has a wrong check digit; see that it is the right one", s->columns[column].name);
    return v;
}

aver_bytes aver_cell_relationship(struct aver_sheet *s, size_t column)
{
    static const struct {
        const char *word, *x12;
    } words[] = {{"self", "18"}, {"spouse", "01"}, {"child", "19"}, {"other", "G8"}};
    aver_bytes v = s->values[column];
    if (!v.ptr) return AVER_LIT("18");
    for (size_t i = 0; i < 4; i++)
        if (aver_bytes_is(v, words[i].word)) return aver_bytes_str(words[i].x12);
    if (v.len == 2) return aver_sheet_code(s, column, 2);
    aver_sheet_find(s, true, "CSV-VALUE", column,
                    "relationship is not self, spouse, child, other or an X12 code of two characters");
    return AVER_BYTES_NONE;
}

aver_bytes aver_cell_diagnosis(struct aver_sheet *s, size_t column, aver_bytes word)
{
    const uint8_t *point = memchr(word.ptr, '.', word.len);
    size_t before = point ? (size_t)(point - word.ptr) : word.len;
    if (point)
        word = aver_bytes_str(aver_arena_printf(s->arena, "%.*s%.*s", (int)before, (const char *)word.ptr,
                                                (int)(word.len - before - 1), (const char *)point + 1));
    bool good = word.len >= 1 && word.len <= 30;
    for (size_t i = 0; i < word.len; i++)
        good &= (word.ptr[i] >= 'A' && word.ptr[i] <= 'Z') || (word.ptr[i] >= '0' && word.ptr[i] <= '9');
    if (!good)
        aver_sheet_find(
            s, true, "CSV-VALUE", column,
            "\"%.*s\" is not a diagnosis code of capital letters and digits; put spaces between codes",
            AVER_STR(word));
    return word;
}

bool aver_cell_echoes(aver_bytes control)
{
    for (size_t i = 0; i < control.len; i++)
        if (control.ptr[i] < ' ' || control.ptr[i] > '~' || strchr("*~:^", control.ptr[i])) return false;
    return true;
}
