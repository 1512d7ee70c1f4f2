/* ledger/transition/history.c - what was billed before, by the day of service: duplicates. */
#include "ledger/transition/adjudicate.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/model/benefit_year.h"

struct case_services {
    aver_day day;
    aver_bytes name;
    struct aver_services record;
    bool sorted;
    struct aver_list codes; /* aver_bytes: the different procedures of the day, once sorted */
    bool changed;
};

aver_bytes aver_case_name(struct aver_case *c, const char *kind, const aver_bytes *parts, size_t count)
{
    return aver_work_family_part(c->work, c->family, kind, c->member->member_id, parts, count);
}

static aver_err services_of(struct aver_case *c, aver_day day, struct case_services **out)
{
    char text[AVER_DAY_TEXT];
    struct case_services *s = c->services.items;
    for (size_t i = 0; i < c->services.count; i++)
        if (s[i].day == day) {
            *out = &s[i];
            return AVER_OK;
        }
    s = aver_list_add(c->arena, &c->services, sizeof *s);
    s->day = day;
    aver_bytes iso = aver_bytes_str(aver_day_iso(text, day));
    s->name = aver_case_name(c, "d", &iso, 1);
    aver_err err = aver_work_get(c->work, s->name, &aver_services_schema, &s->record, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    *out = s;
    return AVER_OK;
}

static int by_text(const void *a, const void *b)
{
    return aver_bytes_cmp(*(const aver_bytes *)a, *(const aver_bytes *)b);
}

/* The texts of a list, sorted in place. */
static struct aver_list each_once(struct aver_list list)
{
    if (list.count == 0) return list;
    aver_bytes *m = list.items;
    size_t kept = 1;
    qsort(m, list.count, sizeof(aver_bytes), by_text);
    for (size_t i = 1; i < list.count; i++)
        if (!aver_bytes_eq(m[i], m[kept - 1])) m[kept++] = m[i];
    list.count = kept;
    return list;
}

/* Modifiers are compared as a set. */
static struct aver_list set_of_modifiers(struct aver_case *c, const struct aver_line *l)
{
    struct aver_list out = {0};
    for (size_t i = 0; i < l->modifiers.count; i++)
        *(aver_bytes *)aver_list_add(c->arena, &out, sizeof(aver_bytes)) =
            ((const aver_bytes *)l->modifiers.items)[i];
    return each_once(out);
}

static aver_bytes place_of(const struct aver_case *c, const struct aver_line *l)
{
    return l->place_of_service.ptr ? l->place_of_service : c->claim->place_of_service;
}

struct aver_service aver_case_service(struct aver_case *c, const struct aver_line *l)
{
    return (struct aver_service){
        .claim_id = aver_bytes_str(c->id),
        .line = l->number,
        .provider = aver_claim_rendering_id(c->claim, l),
        .to = l->service_to,
        .procedure = l->procedure.ptr ? l->procedure : l->revenue_code,
        .modifiers = set_of_modifiers(c, l),
        .place = place_of(c, l),
        .units = l->units,
        .charge = l->charge,
    };
}

/* 76 and 77: a procedure repeated by the same physician, by another. */
static bool says_repeated(aver_bytes modifier)
{
    return aver_bytes_is(modifier, "76") || aver_bytes_is(modifier, "77");
}

static bool any_repeated(struct aver_list modifiers)
{
    const aver_bytes *m = modifiers.items;
    for (size_t i = 0; i < modifiers.count; i++)
        if (says_repeated(m[i])) return true;
    return false;
}

static bool sets_equal(struct aver_list a, struct aver_list b)
{
    const aver_bytes *x = a.items, *y = b.items;
    if (a.count != b.count) return false;
    for (size_t i = 0; i < a.count; i++)
        if (!aver_bytes_eq(x[i], y[i])) return false;
    return true;
}

/* Of sets, leaving out what says that a procedure was repeated. */
static bool modifiers_equal(struct aver_list a, struct aver_list b)
{
    const aver_bytes *x = a.items, *y = b.items;
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.count && says_repeated(x[i])) i++;
        while (k < b.count && says_repeated(y[k])) k++;
        if (i == a.count || k == b.count) return i == a.count && k == b.count;
        if (!aver_bytes_eq(x[i++], y[k++])) return false;
    }
}

/* Adjudication-rules 13: key member, rendering NPI, dates, procedure, modifier set, place, units, charge. All equal: exact.
 * Equal but for charge, units or place, or with modifier 76 or 77: suspected. */
static enum aver_duplicate compare(const struct aver_service *a, const struct aver_service *b)
{
    if (!aver_bytes_eq(a->provider, b->provider) || a->to != b->to ||
        !aver_bytes_eq(a->procedure, b->procedure) || !modifiers_equal(a->modifiers, b->modifiers))
        return AVER_DUPLICATE_NONE;
    if (any_repeated(a->modifiers) || any_repeated(b->modifiers) || a->charge.cents != b->charge.cents ||
        a->units != b->units || !aver_bytes_eq(a->place, b->place))
        return AVER_DUPLICATE_SUSPECTED;
    return AVER_DUPLICATE_EXACT;
}

/* Of one claim: nothing tells the two lines apart, also where both say that they repeat. */
static bool twins(const struct aver_service *a, const struct aver_service *b)
{
    return compare(a, b) != AVER_DUPLICATE_NONE && sets_equal(a->modifiers, b->modifiers) &&
           a->charge.cents == b->charge.cents && a->units == b->units && aver_bytes_eq(a->place, b->place);
}

aver_err aver_case_services_count(struct aver_case *c, const struct aver_case_line *line, size_t *out)
{
    struct case_services *s;
    AVER_TRY(services_of(c, line->line->service_from, &s));
    *out = s->record.items.count + c->lines_count;
    return AVER_OK;
}

aver_err aver_case_day(struct aver_case *c, const struct aver_case_line *line, const struct aver_list **out)
{
    struct case_services *s;
    AVER_TRY(services_of(c, line->line->service_from, &s));
    /* A copy of the list's head: the case's lists move when another day is read. */
    struct aver_list *items = AVER_NEW(c->arena, struct aver_list);
    *items = s->record.items;
    *out = items;
    return AVER_OK;
}

aver_err aver_case_codes_count(struct aver_case *c, const struct aver_case_line *line, size_t *unsorted,
                               size_t *codes)
{
    struct case_services *s;
    AVER_TRY(services_of(c, line->line->service_from, &s));
    *unsorted = s->sorted ? 0 : s->record.items.count + c->lines_count;
    *codes = s->sorted ? s->codes.count : *unsorted;
    return AVER_OK;
}

static void add_text(struct aver_case *c, struct aver_list *list, aver_bytes text)
{
    *(aver_bytes *)aver_list_add(c->arena, list, sizeof text) = text;
}

aver_err aver_case_codes(struct aver_case *c, const struct aver_case_line *line, struct aver_list *out)
{
    struct case_services *s;
    AVER_TRY(services_of(c, line->line->service_from, &s));
    const struct aver_service *earlier = s->record.items.items;
    for (size_t i = 0; !s->sorted && i < s->record.items.count; i++)
        add_text(c, &s->codes, earlier[i].procedure);
    for (size_t i = 0; !s->sorted && i < c->lines_count; i++)
        if (c->lines[i].line->service_from == s->day) add_text(c, &s->codes, c->lines[i].service.procedure);
    if (!s->sorted) s->codes = each_once(s->codes);
    s->sorted = true;
    *out = s->codes;
    return AVER_OK;
}

aver_err aver_case_duplicate(struct aver_case *c, const struct aver_case_line *line, enum aver_duplicate *out)
{
    struct case_services *s;
    const struct aver_service *mine = &line->service;
    *out = AVER_DUPLICATE_NONE;
    AVER_TRY(services_of(c, line->line->service_from, &s));
    const struct aver_service *earlier = s->record.items.items;
    for (size_t i = 0; i < s->record.items.count; i++) {
        enum aver_duplicate d = compare(&earlier[i], mine);
        if (d > *out) *out = d;
    }
    /* Two equal lines inside one claim are for a person to tell apart, never denied by a rule. */
    for (size_t i = 0; i < c->lines_count && &c->lines[i] != line; i++) {
        if (c->lines[i].line->service_from != line->line->service_from) continue;
        if (twins(&c->lines[i].service, mine) && *out == AVER_DUPLICATE_NONE) *out = AVER_DUPLICATE_SUSPECTED;
    }
    return AVER_OK;
}

/* Whether the days of this claim still have room: a day that is full is for a person to look at. */
aver_err aver_case_history_room(struct aver_case *c, bool *room)
{
    *room = true;
    for (size_t i = 0; i < c->lines_count; i++) {
        struct case_services *s;
        AVER_TRY(services_of(c, c->lines[i].line->service_from, &s));
        if (s->record.items.count + c->lines_count > AVER_SERVICES_MAX) *room = false;
    }
    return AVER_OK;
}

/* A predetermination asks what would be paid, an encounter asks for nothing, a void takes back: none of them bills a service
 * that a later claim could repeat. */
static bool bills(const struct aver_claim *claim)
{
    return claim->use == AVER_USE_CLAIM && claim->frequency != AVER_FREQUENCY_VOID;
}

/* Lines that were not denied stand in the history, pended ones too: they are in process. */
aver_err aver_case_history_write(struct aver_case *c)
{
    struct case_services *s;
    for (size_t i = 0; bills(c->claim) && i < c->lines_count; i++) {
        if (c->lines[i].decision->status == AVER_LINE_DENIED) continue;
        AVER_TRY(services_of(c, c->lines[i].line->service_from, &s));
        if (s->record.items.count == AVER_SERVICES_MAX) continue;
        struct aver_service *service = aver_list_add(c->arena, &s->record.items, sizeof *service);
        *service = c->lines[i].service;
        service->waits = c->lines[i].decision->status != AVER_LINE_DECIDED;
        service->units_denied = service->units - aver_case_units(&c->lines[i]);
        s->changed = true;
    }
    s = c->services.items;
    for (size_t i = 0; i < c->services.count; i++)
        if (s[i].changed) aver_work_put(c->work, s[i].name, &aver_services_schema, &s[i].record);
    if (c->decision->status != AVER_CLAIM_PAYABLE) return AVER_OK;
    aver_case_visits_write(c);
    aver_case_uses_write(c);
    return AVER_OK;
}
