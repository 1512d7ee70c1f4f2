/* adapters/policy_codes.c - see policy_codes.h. Numbers only: the texts of the code lists are others'. */
#include "adapters/policy_codes.h"

#include <stdlib.h>

/* The claim adjustment reason codes in use (X12's list as of 2024), as spans of numbers behind a letter or none. */
struct span {
    char letter; /* 0: none */
    unsigned from, to;
};
static const struct span carcs[] = {
    {0, 1, 14},    {0, 16, 16},   {0, 18, 24},   {0, 26, 27},   {0, 29, 29},   {0, 31, 35},   {0, 39, 40},
    {0, 44, 45},   {0, 49, 51},   {0, 53, 56},   {0, 58, 61},   {0, 66, 66},   {0, 69, 70},   {0, 74, 76},
    {0, 78, 78},   {0, 85, 85},   {0, 89, 91},   {0, 94, 97},   {0, 100, 112}, {0, 114, 119}, {0, 121, 122},
    {0, 128, 137}, {0, 139, 140}, {0, 142, 144}, {0, 146, 155}, {0, 157, 161}, {0, 163, 164}, {0, 166, 167},
    {0, 169, 190}, {0, 192, 195}, {0, 197, 213}, {0, 215, 216}, {0, 219, 219}, {0, 222, 229}, {0, 231, 243},
    {0, 245, 254}, {0, 256, 306}, {'A', 0, 1},   {'A', 5, 6},   {'A', 8, 8},   {'B', 1, 1},   {'B', 4, 4},
    {'B', 7, 16},  {'B', 20, 20}, {'B', 22, 23}, {'P', 1, 32},
};
/* Places of service in use (CMS, place of service code set). */
static const struct span places[] = {
    {0, 1, 27},  {0, 31, 34}, {0, 41, 42}, {0, 49, 58}, {0, 60, 62},
    {0, 65, 66}, {0, 71, 72}, {0, 81, 81}, {0, 99, 99},
};

/* A letter or none, and a number without leading zeros (with them, where `padded`). */
static bool in_spans(const struct span *spans, size_t count, aver_bytes code, bool padded)
{
    struct span wanted = {0, 0, 0};
    size_t i = 0;
    if (code.len && code.ptr[0] > '9') wanted.letter = (char)code.ptr[i++];
    if (i == code.len || code.len - i > 3) return false;
    if (!padded && code.ptr[i] == '0' && code.len - i > 1) return false;
    for (; i < code.len; i++) {
        if (code.ptr[i] < '0' || code.ptr[i] > '9') return false;
        wanted.from = wanted.from * 10 + (unsigned)(code.ptr[i] - '0');
    }
    for (size_t k = 0; k < count; k++)
        if (spans[k].letter == wanted.letter && wanted.from >= spans[k].from && wanted.from <= spans[k].to)
            return true;
    return false;
}

/* M1, MA130, N519: by its form, since new ones come three times a year. */
static bool is_remark(aver_bytes code)
{
    size_t i = aver_bytes_is(aver_bytes_cut(code, 0, code.len < 2 ? code.len : 2), "MA") ? 2 : 1;
    if (!code.len || (code.ptr[0] != 'M' && code.ptr[0] != 'N') || i >= code.len || code.ptr[i] == '0')
        return false;
    for (; i < code.len; i++)
        if (code.ptr[i] < '0' || code.ptr[i] > '9') return false;
    return true;
}

static const struct aver_policy_node *child(const struct aver_policy_node *node, const char *key)
{
    return aver_policy_child(node, aver_bytes_str(key));
}

static bool is_list(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_LIST; }

static bool among(aver_bytes code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (aver_bytes_is(code, codes[i])) return true;
    return false;
}

/* What a whole line may be denied with: the identities that the ledger keeps (ledger/model/decision.h). */
static void check_denial(struct aver_policy_checking *c, const struct aver_policy_node *exclusion)
{
    static const char *const shares[] = {"1", "2", "3"}, *const others[] = {"18", "23"};
    const struct aver_policy_node *carc = child(exclusion, "carc"), *group = child(exclusion, "group");
    if (!carc || !carc->kind) return;
    if (!in_spans(carcs, sizeof carcs / sizeof *carcs, carc->text, false))
        aver_policy_find_at(
            c, AVER_WARNING, "POLICY-CODE", carc,
            "CARC %.*s is no reason code in use; write one that is, such as \"96\" (not covered)",
            AVER_STR(carc->text));
    if (among(carc->text, shares, 3))
        aver_policy_find_at(
            c, AVER_ERROR, "POLICY-CODE", carc,
            "CARC %.*s is the member's share of a price, and a line that is refused has none; "
            "write \"96\" or \"204\"",
            AVER_STR(carc->text));
    if (aver_bytes_is(carc->text, "45"))
        aver_policy_find_at(
            c, AVER_ERROR, "POLICY-CODE", carc,
            "CARC 45 is what a charge has above the price, never all of it; write \"96\" or \"97\"");
    if (among(carc->text, others, 2) && group && group->kind && !aver_bytes_is(group->text, "OA"))
        aver_policy_find_at(c, AVER_WARNING, "POLICY-CODE", group, "CARC %.*s goes with the group OA",
                            AVER_STR(carc->text));
}

/* CARCs that an 835 may not carry without a remark code, in the words of the code list: "At least one Remark Code must be
 * provided". */
static void check_remarks(struct aver_policy_checking *c, const struct aver_policy_node *exclusion)
{
    static const char *const want[] = {"16", "96", "226", "227", "252", "A1"};
    const struct aver_policy_node *carc = child(exclusion, "carc"), *rarc = child(exclusion, "rarc");
    for (size_t i = 0; is_list(rarc) && i < rarc->count; i++) {
        const struct aver_policy_node *code = &rarc->children[i];
        if (code->kind && !is_remark(code->text))
            aver_policy_find_at(c, AVER_ERROR, "POLICY-CODE", code,
                                "%.*s is no remark code; they begin with M, MA or N, such as N130",
                                AVER_STR(code->text));
    }
    if (!carc || !carc->kind || (rarc && (!rarc->kind || rarc->count))) return;
    if (among(carc->text, want, sizeof want / sizeof *want))
        aver_policy_find_at(c, AVER_WARNING, "POLICY-REMARK", carc,
                            "CARC %.*s wants at least one remark code; add rarc", AVER_STR(carc->text));
}

static void check_places(struct aver_policy_checking *c, const char *section, const char *key)
{
    const struct aver_policy_node *list = child(c->root, section);
    for (size_t i = 0; is_list(list) && i < list->count; i++) {
        const struct aver_policy_node *codes = child(&list->children[i], key);
        for (size_t k = 0; is_list(codes) && k < codes->count; k++) {
            const struct aver_policy_node *code = &codes->children[k];
            if (code->kind && !in_spans(places, sizeof places / sizeof *places, code->text, true))
                aver_policy_find_at(
                    c, AVER_WARNING, "POLICY-CODE", code,
                    "%.*s is no place of service in use; an emergency room is \"23\", an office \"11\"",
                    AVER_STR(code->text));
        }
    }
}

void aver_policy_check_codes(struct aver_policy_checking *c)
{
    const struct aver_policy_node *exclusions = child(c->root, "exclusions");
    for (size_t i = 0; is_list(exclusions) && i < exclusions->count; i++) {
        check_denial(c, &exclusions->children[i]);
        check_remarks(c, &exclusions->children[i]);
    }
    check_places(c, "prior_auth", "exempt_places");
    check_places(c, "protected", "places");
    check_places(c, "edits", "places");
}
