/* ledger/transition/uses.c - how often: services or units of some procedures, within a window that rolls, a benefit year or a
 * lifetime. Each use names the claim that made it, so that a reversal takes back its own. */
#include "ledger/transition/adjudicate.h"

#include <string.h>

#include "ledger/model/benefit_year.h"

/* The uses of one rule of the policy's frequency, as this claim has changed them so far. */
struct case_uses {
    const struct aver_policy_node *rule;
    aver_bytes name;
    struct aver_uses record;
    bool changed;
};

static aver_err uses_of(struct aver_case *c, const struct aver_policy_node *rule, struct case_uses **out)
{
    struct case_uses *u = c->uses.items;
    const struct aver_policy_node *id = aver_policy_child(rule, AVER_LIT("id"));
    for (size_t i = 0; i < c->uses.count; i++)
        if (u[i].rule == rule) {
            *out = &u[i];
            return AVER_OK;
        }
    u = aver_list_add(c->arena, &c->uses, sizeof *u);
    *u = (struct case_uses){.rule = rule};
    u->name = aver_case_name(c, "u", (aver_bytes[]){c->pool, id ? id->text : rule->key}, 2);
    aver_err err = aver_work_get(c->work, u->name, &aver_uses_schema, &u->record, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    c->read += u->record.items.count;
    *out = u;
    return AVER_OK;
}

static uint64_t number(const struct aver_policy_node *rule, const char *key)
{
    const struct aver_policy_node *n = aver_policy_child(rule, aver_bytes_str(key));
    return n && n->number > 0 ? (uint64_t)n->number : 0;
}

static bool says(const struct aver_policy_node *rule, const char *key, const char *word)
{
    const struct aver_policy_node *n = aver_policy_child(rule, aver_bytes_str(key));
    return n && aver_bytes_is(n->text, word);
}

/* How far a window of the rule reaches. */
struct window {
    bool days;
    int length;  /* days or months */
    int at_most; /* days */
};

static struct window window_of(const struct aver_policy_node *rule)
{
    uint64_t length = number(rule, "window");
    if (length > AVER_USE_WINDOW_MAX) length = AVER_USE_WINDOW_MAX;
    struct window w = {.days = says(rule, "unit", "days"), .length = (int)length};
    if (says(rule, "unit", "years")) w.length *= 12;
    w.at_most = w.days ? w.length : 31 * w.length;
    return w;
}

/* The first day after the window that begins on this one. */
static aver_day window_end(const struct window *w, aver_day from)
{
    if (w->days) return from + w->length;
    aver_day end = aver_day_add_months(from, w->length);
    return end == AVER_NO_DAY ? AVER_DAY_MAX : end;
}

/* Of all windows that have the day in them, what the fullest holds. Uses ascend by day. */
static uint64_t rolling(const struct aver_policy_node *rule, const struct aver_uses *uses, aver_day day)
{
    const struct aver_use *u = uses->items.items;
    struct window w = window_of(rule);
    size_t count = uses->items.count, last = 0, i = 0;
    uint64_t sum = 0, most = 0;
    while (i < count && u[i].day + w.at_most <= day) i++; /* such a window has ended */
    for (last = i; i <= count; i++) {
        bool own = i == count || u[i].day >= day; /* the window that begins with the day itself */
        aver_day end = window_end(&w, own ? day : u[i].day);
        for (; end > day && last < count && u[last].day < end; last++) sum += u[last].units;
        if (end > day && sum > most) most = sum;
        if (own) break;
        if (i < last)
            sum -= u[i].units;
        else
            last = i + 1;
    }
    return most;
}

static uint64_t within(const struct aver_uses *uses, aver_day from, aver_day to)
{
    const struct aver_use *u = uses->items.items;
    uint64_t sum = 0;
    for (size_t i = 0; i < uses->items.count; i++)
        if (u[i].day >= from && u[i].day <= to) sum += u[i].units;
    return sum;
}

aver_err aver_case_uses_count(struct aver_case *c, const struct aver_policy_node *rule, size_t *out)
{
    struct case_uses *u;
    AVER_TRY(uses_of(c, rule, &u));
    *out = u->record.items.count;
    return AVER_OK;
}

aver_err aver_case_uses(struct aver_case *c, const struct aver_case_line *line,
                        const struct aver_policy_node *rule, struct aver_use_facts *out)
{
    struct case_uses *u;
    AVER_TRY(uses_of(c, rule, &u));
    out->mine = says(rule, "count", "units") ? aver_case_units(line) : 1000;
    out->limit = number(rule, "limit") * 1000;
    if (says(rule, "per", "rolling"))
        out->used = rolling(rule, &u->record, line->accrues);
    else if (says(rule, "per", "lifetime"))
        out->used = within(&u->record, AVER_DAY_MIN, AVER_DAY_MAX);
    else
        out->used = within(&u->record, line->year.from, line->year.to);
    return AVER_OK;
}

aver_err aver_case_use_add(struct aver_case *c, const struct aver_case_line *line,
                           const struct aver_policy_node *rule, uint64_t units)
{
    struct case_uses *u;
    AVER_TRY(uses_of(c, rule, &u));
    struct aver_list *list = &u->record.items;
    if (list->count == AVER_USES_MAX) return AVER_E_LIMIT;
    aver_list_add(c->arena, list, sizeof(struct aver_use));
    struct aver_use *items = list->items;
    size_t at = list->count - 1;
    for (; at > 0 && items[at - 1].day > line->accrues; at--) items[at] = items[at - 1];
    items[at] = (struct aver_use){
        .claim_id = aver_bytes_str(c->id), .line = line->line->number, .day = line->accrues, .units = units};
    u->changed = true;
    return AVER_OK;
}

void aver_case_uses_write(struct aver_case *c)
{
    const struct case_uses *u = c->uses.items;
    for (size_t i = 0; i < c->uses.count; i++)
        if (u[i].changed) aver_work_put(c->work, u[i].name, &aver_uses_schema, &u[i].record);
}
