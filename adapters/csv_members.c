/* adapters/csv_members.c - see csv_members.h. */
#include "adapters/csv_members.h"

#include <stdlib.h>

enum { FAMILY, MEMBER, RELATIONSHIP, LAST, FIRST, BIRTH, SEX, PLAN, GROUP, FROM, TO, PAYS_FIRST, COLUMNS };
static const struct aver_sheet_column columns[] = {
    {"family_id", true, true},     {"member_id", true, true},     {"relationship", true, true},
    {"last_name", true, true},     {"first_name", true, true},    {"birth_date", true, true},
    {"sex", true, true},           {"plan", true, true},          {"group_number", true, false},
    {"coverage_from", true, true}, {"coverage_to", false, false}, {"pays_first", false, false}};

struct enrolment { /* a row whose family and member are known */
    aver_bytes family;
    struct aver_member person; /* without covers */
    struct aver_cover cover;
    struct aver_csv_row at;
    bool bad;
};

static const char *const sexes[] = {NULL, "F", "M", "U"};

static void read_row(struct aver_sheet *s, struct enrolment *e)
{
    struct aver_member *p = &e->person;
    e->family = aver_sheet_text(s, FAMILY, 40);
    if (e->family.ptr && !aver_family_id_valid(e->family))
        aver_sheet_find(s, true, "CSV-VALUE", FAMILY,
                        "a family_id is of letters, digits, '.', '_' and '-', at most 40 long");
    p->member_id = aver_sheet_text(s, MEMBER, 80);
    p->relationship = aver_sheet_enum(s, RELATIONSHIP, aver_relationship_names, AVER_OTHER_DEPENDANT);
    p->last_name = aver_sheet_text(s, LAST, 60);
    p->first_name = aver_sheet_text(s, FIRST, 35);
    p->birth_date = aver_sheet_day(s, BIRTH);
    if (aver_sheet_enum(s, SEX, sexes, 3)) p->sex = s->values[SEX];
    e->cover = (struct aver_cover){aver_sheet_text(s, PLAN, 64), aver_sheet_text(s, GROUP, 50),
                                   aver_sheet_day(s, FROM), aver_sheet_day(s, TO),
                                   aver_sheet_text(s, PAYS_FIRST, 60)};
    if (e->cover.from != AVER_NO_DAY && e->cover.to != AVER_NO_DAY && e->cover.to < e->cover.from)
        aver_sheet_find(s, true, "MEMBER-DATES", TO,
                        "cover ends before it begins; mend coverage_from or coverage_to");
    e->bad = s->bad;
    e->at = s->row;
}

static int by_member(const void *a, const void *b)
{
    const struct enrolment *x = a, *y = b;
    int c = aver_bytes_cmp(x->person.member_id, y->person.member_id);
    if (c == 0) c = aver_bytes_cmp(x->family, y->family);
    return c ? c : x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

static int by_family(const void *a, const void *b)
{
    const struct enrolment *x = a, *y = b;
    int c = aver_bytes_cmp(x->family, y->family);
    if (c == 0) c = aver_bytes_cmp(x->person.member_id, y->person.member_id);
    if (c == 0) c = (x->cover.from > y->cover.from) - (x->cover.from < y->cover.from);
    return c ? c : x->at.line < y->at.line ? -1 : x->at.line > y->at.line;
}

static void refuse_two_families(struct aver_sheet *s, struct enrolment *e, size_t n)
{
    if (n) qsort(e, n, sizeof *e, by_member);
    for (size_t i = 1; i < n; i++) {
        if (!aver_bytes_eq(e[i - 1].person.member_id, e[i].person.member_id)) continue;
        if (aver_bytes_eq(e[i - 1].family, e[i].family)) continue;
        aver_sheet_find_at(s, true, "MEMBER-FAMILY", &e[i].at, "member_id", e[i].person.member_id,
                           "this member belongs to the family %.*s on line %zu; a member has one family",
                           AVER_STR(e[i - 1].family), (size_t)e[i - 1].at.line);
        e[i - 1].bad = e[i].bad = true;
    }
}

static const char *difference(const struct aver_member *a, const struct aver_member *b)
{
    if (a->relationship != b->relationship) return "relationship";
    if (!aver_bytes_eq(a->last_name, b->last_name)) return "last_name";
    if (!aver_bytes_eq(a->first_name, b->first_name)) return "first_name";
    if (a->birth_date != b->birth_date) return "birth_date";
    return aver_bytes_eq(a->sex, b->sex) ? NULL : "sex";
}

/* Adds a row to its family. False, with a finding, when it does not fit the rows before it. */
static bool add_row(struct aver_sheet *s, struct aver_family *family, const struct enrolment *e,
                    const struct enrolment *before)
{
    struct aver_member *m = family->members.items;
    size_t n = family->members.count;
    if (n && aver_bytes_eq(m[n - 1].member_id, e->person.member_id)) {
        m = &m[n - 1];
        const char *column = difference(&before->person, &e->person);
        if (column) {
            aver_sheet_find_at(s, true, "MEMBER-DIFFERS", &e->at, column, e->person.member_id,
                               "the %s of this member is another on line %zu; make them agree", column,
                               (size_t)before->at.line);
            return false;
        }
        const struct aver_cover *last = (const struct aver_cover *)m->covers.items + m->covers.count - 1;
        if (last->to == AVER_NO_DAY || last->to >= e->cover.from) {
            aver_sheet_find_at(s, true, "MEMBER-OVERLAP", &e->at, "coverage_from", e->person.member_id,
                               "this cover begins before the one on line %zu ends; end that one first",
                               (size_t)before->at.line);
            return false;
        }
    } else {
        m = aver_list_add(s->arena, &family->members, sizeof *m);
        *m = e->person;
    }
    *(struct aver_cover *)aver_list_add(s->arena, &m->covers, sizeof e->cover) = e->cover;
    if (family->members.count <= AVER_FAMILY_MEMBERS_MAX && m->covers.count <= AVER_MEMBER_COVERS_MAX)
        return true;
    aver_sheet_find_at(s, true, "MEMBER-COUNT", &e->at, "member_id", e->person.member_id,
                       "a family has at most %d members, and a member at most %d periods of cover",
                       AVER_FAMILY_MEMBERS_MAX, AVER_MEMBER_COVERS_MAX);
    return false;
}

/* The rows of one family, sorted. True if the family is whole and right. */
static bool build_family(struct aver_sheet *s, struct aver_family *family, const struct enrolment *e,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (e[i].bad) return false;
    *family = (struct aver_family){.family_id = e->family};
    for (size_t i = 0; i < n; i++) {
        if (!add_row(s, family, &e[i], i ? &e[i - 1] : NULL)) return false;
        if (e[i].person.birth_date > e[i].cover.from)
            aver_sheet_find_at(s, false, "MEMBER-BORN", &e[i].at, "birth_date", e[i].person.member_id,
                               "this cover begins before the member is born; see that both days are right");
    }
    size_t selves = 0;
    const struct aver_member *m = family->members.items;
    for (size_t i = 0; i < family->members.count; i++) selves += m[i].relationship == AVER_SELF;
    if (selves == 1) return true;
    aver_sheet_find_at(s, true, "MEMBER-SELF", &e->at, "relationship", e->family,
                       "the family has %zu members whose relationship is self; it needs one", selves);
    return false;
}

aver_err aver_families_from_csv(struct aver_list *families, const char *file_name, aver_bytes csv,
                                struct aver_arena *arena, struct aver_list *findings, struct aver_why *why)
{
    *families = (struct aver_list){0};
    struct aver_sheet s;
    struct aver_list rows = {0};
    struct aver_csv_row first = {.line = 1};
    bool open = aver_sheet_open(&s, csv, columns, COLUMNS, arena);
    if (csv.len > AVER_ENROLMENT_BYTES_MAX) {
        aver_sheet_find_at(&s, true, "MEMBER-SIZE", &first, NULL, AVER_BYTES_NONE,
                           "the file has %zu bytes, at most %d are allowed; split it between families",
                           csv.len, AVER_ENROLMENT_BYTES_MAX);
        open = false;
    }
    while (open && aver_sheet_next(&s)) {
        struct enrolment e = {.person = {.birth_date = AVER_NO_DAY}};
        read_row(&s, &e);
        if (e.family.ptr) *(struct enrolment *)aver_list_add(arena, &rows, sizeof e) = e;
    }
    struct enrolment *e = rows.items;
    refuse_two_families(&s, e, rows.count);
    if (rows.count) qsort(e, rows.count, sizeof *e, by_family);
    for (size_t i = 0, n; i < rows.count; i += n) {
        for (n = 1; i + n < rows.count && aver_bytes_eq(e[i].family, e[i + n].family);) n++;
        struct aver_family family;
        if (build_family(&s, &family, e + i, n))
            *(struct aver_family *)aver_list_add(arena, families, sizeof family) = family;
    }
    *findings = s.findings;
    return aver_sheet_verdict(&s, file_name, why);
}
