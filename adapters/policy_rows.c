/* adapters/policy_rows.c - see policy_rows.h. */
#include "adapters/policy_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 400

struct checking {
    struct aver_list *findings;
    struct aver_arena *arena;
    const struct aver_policy_loaded *policy;
    aver_day from, to; /* of the version */
};

static void find(struct checking *c, enum aver_severity severity, const char *code,
                 const struct aver_policy_node *node, const char *fmt, ...) AVER_PRINTF(5, 6);
static void find(struct checking *c, enum aver_severity severity, const char *code,
                 const struct aver_policy_node *node, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;
    if (c->findings->count >= AVER_POLICY_FINDINGS_MAX) return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct aver_policy_finding *f = aver_list_add(c->arena, c->findings, sizeof *f);
    *f = (struct aver_policy_finding){.line = node->line,
                                      .column = 1,
                                      .code = code,
                                      .path = node->path,
                                      .text = aver_arena_copy(c->arena, aver_bytes_str(text)),
                                      .severity = severity};
}

static bool begins(aver_bytes text, const char *with)
{
    size_t n = strlen(with);
    return text.len >= n && !memcmp(text.ptr, with, n);
}

static bool ends(aver_bytes text, const char *with)
{
    size_t n = strlen(with);
    return text.len >= n && !memcmp(text.ptr + text.len - n, with, n);
}

enum aver_table_kind aver_policy_table_kind(aver_bytes path)
{
    if (begins(path, "networks.")) return AVER_TABLE_ROSTER;
    if (ends(path, ".rbrvs.rvus")) return AVER_TABLE_RVUS;
    if (ends(path, ".rbrvs.gpcis")) return AVER_TABLE_GPCIS;
    if (begins(path, "localities.")) return AVER_TABLE_LOCALITIES;
    if (begins(path, "fee_schedule.")) return AVER_TABLE_FEES;
    if (begins(path, "ncci.pairs.")) return AVER_TABLE_PAIRS;
    if (begins(path, "ncci.units.")) return AVER_TABLE_UNITS;
    return AVER_TABLE_CODES;
}

/* ", and 12 codes more" */
static const char *and_more(struct checking *c, size_t count)
{
    if (count < 2) return "";
    return aver_arena_printf(c->arena, ", and %zu code%s more", count - 1, count == 2 ? "" : "s");
}

static bool same_group(const struct aver_table_row *a, const struct aver_table_row *b)
{
    return aver_bytes_eq(a->modifier, b->modifier) && aver_bytes_eq(a->place, b->place) &&
           aver_bytes_eq(a->locality, b->locality);
}

static bool in_plan(const struct checking *c, const struct aver_table_row *row)
{
    return row->from <= c->to && (row->to == AVER_NO_DAY || row->to >= c->from);
}

/* The first days of the plan, after some row of the code held, on which none of its group does. */
static bool gap_of(const struct checking *c, const struct aver_table_entry *entry, aver_day *from,
                   aver_day *to)
{
    const struct aver_table_row *row = entry->rows.items;
    for (size_t i = 0; i < entry->rows.count; i++) {
        bool next = i + 1 < entry->rows.count && same_group(&row[i], &row[i + 1]);
        if (row[i].to == AVER_NO_DAY || row[i].to >= c->to) continue;
        if (row[i].to < c->from && !(next && row[i + 1].from <= c->to)) continue; /* over before the plan */
        *from = row[i].to + 1 > c->from ? row[i].to + 1 : c->from;
        *to = next && row[i + 1].from <= c->to ? row[i + 1].from - 1 : c->to;
        if (*from <= *to) return true;
    }
    return false;
}

static void check_gaps(struct checking *c, const struct aver_policy_table *t, const char *so)
{
    const struct aver_table_entry *entry = t->table->entries.items, *first = NULL;
    aver_day from = 0, to = 0, a, b;
    size_t gaps = 0, held = 0;
    for (size_t i = 0; i < t->table->entries.count; i++) {
        const struct aver_table_row *row = entry[i].rows.items;
        for (size_t k = 0; k < entry[i].rows.count; k++) held += in_plan(c, &row[k]);
        if (!gap_of(c, &entry[i], &a, &b)) continue;
        if (gaps++ == 0) {
            first = &entry[i];
            from = a;
            to = b;
        }
    }
    char x[AVER_DAY_TEXT], y[AVER_DAY_TEXT];
    aver_day_iso(x, held ? from : c->from);
    aver_day_iso(y, held ? to : c->to);
    if (!held)
        find(c, AVER_WARNING, "POLICY-GAP", t->node,
             "the table %.*s has no row for any day from %s to %s: %s; publish one that begins by then",
             AVER_STR(t->node->text), x, y, so);
    else if (first)
        find(
            c, AVER_WARNING, "POLICY-GAP", t->node,
            "the table %.*s has nothing for %.*s from %s to %s%s: %s; add a row for these days, or leave the last one open",
            AVER_STR(t->node->text), AVER_STR(first->code), x, y, and_more(c, gaps), so);
}

/* Whether the table has a code of the range. Entries are sorted bytewise. */
static bool has_any(const struct aver_table *table, const struct aver_policy_range *range)
{
    const struct aver_table_entry *entry = table->entries.items;
    size_t lo = 0, hi = table->entries.count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (aver_bytes_cmp(entry[mid].code, range->from) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < table->entries.count && aver_bytes_cmp(entry[lo].code, range->to) <= 0; lo++)
        if (aver_policy_range_has(range, entry[lo].code)) return true;
    return false;
}

static bool covered(const struct aver_policy_node *benefit)
{
    const struct aver_policy_node *is = aver_policy_child(benefit, AVER_LIT("covered"));
    return !is || is->number;
}

/* Whether the table has a code of this list of the benefit; none may be there. */
static bool has_any_of(const struct aver_policy_table *t, const struct aver_policy_node *list)
{
    bool any = false;
    for (size_t k = 0; list && !any && k < list->count; k++) {
        struct aver_policy_range range;
        any = aver_policy_range(&range, list->children[k].text) && has_any(t->table, &range);
    }
    return any;
}

static bool lists_meet(const struct aver_policy_node *one, const struct aver_policy_node *two)
{
    for (size_t i = 0; one && two && i < one->count; i++)
        for (size_t k = 0; k < two->count; k++) {
            struct aver_policy_range a, b;
            if (!aver_policy_range(&a, one->children[i].text) ||
                !aver_policy_range(&b, two->children[k].text))
                continue;
            if (aver_policy_range_has(&a, b.from) || aver_policy_range_has(&b, a.from)) return true;
        }
    return false;
}

/* Whether the tier has an agreed rate for lines of the benefit, which then has prices without the tier's table. */
static bool is_agreed(const struct aver_policy_node *tier, const struct aver_policy_node *match)
{
    static const char *const kinds[] = {"case_rates", "per_diem"};
    const struct aver_policy_node *procedures = aver_policy_child(match, AVER_LIT("procedures"));
    const struct aver_policy_node *revenue = aver_policy_child(match, AVER_LIT("revenue_codes"));
    for (size_t k = 0; k < 2; k++) {
        const struct aver_policy_node *rates = aver_policy_child(tier, aver_bytes_str(kinds[k]));
        for (size_t i = 0; rates && i < rates->count; i++) {
            const struct aver_policy_node *rate = &rates->children[i];
            if (lists_meet(aver_policy_child(rate, AVER_LIT("procedures")), procedures) ||
                lists_meet(aver_policy_child(rate, AVER_LIT("revenue_codes")), revenue) ||
                (revenue && aver_policy_child(rate, AVER_LIT("drgs"))))
                return true;
        }
    }
    return false;
}

/* Benefits of which the table has no code at all. `code`: what the finding is. `key`: of the list that must have one; NULL: any
 * of both. */
static void check_benefits(struct checking *c, const struct aver_policy_table *t, const char *key,
                           const char *code, const char *so)
{
    const struct aver_policy_node *benefits = aver_policy_child(&c->policy->root, AVER_LIT("benefits"));
    for (size_t i = 0; benefits && i < benefits->count; i++) {
        const struct aver_policy_node *benefit = &benefits->children[i];
        const struct aver_policy_node *match = aver_policy_child(benefit, AVER_LIT("match"));
        const struct aver_policy_node *procedures = aver_policy_child(match, AVER_LIT("procedures"));
        const struct aver_policy_node *revenue = aver_policy_child(match, AVER_LIT("revenue_codes"));
        if (key && !strcmp(key, "procedures")) revenue = NULL;
        if (key && !strcmp(key, "revenue_codes")) procedures = NULL;
        if (is_agreed(t->node->parent, match)) continue;
        if (covered(benefit) && (procedures || revenue) && !has_any_of(t, procedures) &&
            !has_any_of(t, revenue))
            find(c, AVER_WARNING, code, procedures ? procedures : revenue,
                 "the table %.*s (line %zu) has no code of the benefit %.*s: %s", AVER_STR(t->node->text),
                 (size_t)t->node->line, AVER_STR(benefit->key), so);
    }
}

static bool names(const struct aver_policy_node *list, aver_bytes code)
{
    for (size_t i = 0; list && i < list->count; i++) {
        struct aver_policy_range range;
        if (aver_policy_range(&range, list->children[i].text) && aver_policy_range_has(&range, code))
            return true;
    }
    return false;
}

static bool names_either(const struct aver_policy_node *entry, aver_bytes code)
{
    return names(aver_policy_child(entry, AVER_LIT("procedures")), code) ||
           names(aver_policy_child(entry, AVER_LIT("revenue_codes")), code);
}

/* Whether some benefit or exclusion speaks of the code. */
static bool spoken_of(const struct checking *c, aver_bytes code)
{
    const struct aver_policy_node *benefits = aver_policy_child(&c->policy->root, AVER_LIT("benefits"));
    const struct aver_policy_node *exclusions = aver_policy_child(&c->policy->root, AVER_LIT("exclusions"));
    for (size_t i = 0; benefits && i < benefits->count; i++)
        if (names_either(aver_policy_child(&benefits->children[i], AVER_LIT("match")), code)) return true;
    for (size_t i = 0; exclusions && i < exclusions->count; i++)
        if (names_either(&exclusions->children[i], code)) return true;
    return false;
}

/* Prices by a unit of measure are drugs', and drugs have no others: a row of the other kind is never found. */
static void check_drug_rows(struct checking *c, const struct aver_policy_table *t, bool drugs)
{
    const struct aver_table_entry *entry = t->table->entries.items, *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < t->table->entries.count; i++) {
        const struct aver_table_row *row = entry[i].rows.items;
        bool other = false;
        for (size_t k = 0; k < entry[i].rows.count; k++) other |= (row[k].unit.ptr != NULL) != drugs;
        if (other && n++ == 0) first = &entry[i];
    }
    if (first)
        find(c, AVER_WARNING, "POLICY-UNREACHABLE", t->node,
             "the table %.*s has a price for %.*s%s %s a unit of measure, which is never found here: %s",
             AVER_STR(t->node->text), AVER_STR(first->code), and_more(c, n), drugs ? "without" : "by",
             drugs ? "fill its column unit" : "name the table under drugs");
}

static void check_unreached(struct checking *c, const struct aver_policy_table *t)
{
    const struct aver_table_entry *entry = t->table->entries.items, *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < t->table->entries.count; i++) {
        const struct aver_table_row *row = entry[i].rows.items;
        if ((row && row->unit.ptr) || spoken_of(c, entry[i].code)) continue;
        if (n++ == 0) first = &entry[i];
    }
    if (first)
        find(
            c, AVER_WARNING, "POLICY-UNREACHABLE", t->node,
            "the table %.*s has a price for %.*s%s, and no benefit has that code: it is refused (PR-204); add it to a benefit",
            AVER_STR(t->node->text), AVER_STR(first->code), and_more(c, n));
}

static void check_roster(struct checking *c, const struct aver_policy_table *t)
{
    const struct aver_policy_node *networks = aver_policy_child(&c->policy->root, AVER_LIT("networks"));
    const struct aver_table_entry *entry = t->table->entries.items;
    for (size_t i = 0; i < t->table->entries.count; i++) {
        const struct aver_table_row *row = entry[i].rows.items;
        for (size_t k = 0; k < entry[i].rows.count; k++) {
            if (!in_plan(c, &row[k]) || !row[k].tier.len || aver_policy_child(networks, row[k].tier))
                continue;
            find(c, AVER_WARNING, "POLICY-TIER", t->node,
                 "the roster %.*s puts %.*s into the tier %.*s, which networks does not have; add it there",
                 AVER_STR(t->node->text), AVER_STR(entry[i].code), AVER_STR(row[k].tier));
            return;
        }
    }
}

static void check_table(struct checking *c, const struct aver_policy_table *t)
{
    enum aver_table_kind want = aver_policy_table_kind(t->node->path);
    if (!t->table) {
        find(c, AVER_WARNING, "POLICY-TABLE", t->node,
             "no table \"%.*s\" is published: claims that need it are held until then",
             AVER_STR(t->node->text));
        return;
    }
    if (t->table->kind != want) {
        find(c, AVER_ERROR, "POLICY-TABLE", t->node,
             "the table %.*s holds %s, where %s must stand; name another", AVER_STR(t->node->text),
             aver_table_kind_names[t->table->kind], aver_table_kind_names[want]);
        return;
    }
    switch (want) {
    case AVER_TABLE_FEES:
        check_gaps(c, t, "such a line waits for a person");
        if (ends(t->node->path, ".drugs.table")) {
            check_drug_rows(c, t, true);
            return;
        }
        /* Agreed rates are for their own procedures only. */
        if (t->node->parent->parent->kind == AVER_POLICY_LIST) return;
        check_drug_rows(c, t, false);
        check_benefits(c, t, NULL, "POLICY-GAP", "every line of it waits for a person; add prices");
        check_unreached(c, t);
        return;
    case AVER_TABLE_ROSTER:
        check_gaps(c, t, "the provider is out of network then");
        check_roster(c, t);
        return;
    case AVER_TABLE_CODES:
        if (!begins(t->node->path, "code_sets.")) return;
        if (ends(t->node->path, ".revenue_codes")) {
            check_gaps(c, t, "it is refused then (CO-16)");
            check_benefits(c, t, "revenue_codes", "POLICY-CODE",
                           "every line of it is refused (CO-16); mend the range or the code set");
            return;
        }
        check_gaps(c, t, "it is refused then (CO-181)");
        check_benefits(c, t, "procedures", "POLICY-CODE",
                       "every line of it is refused (CO-181); mend the range or the code set");
        return;
    case AVER_TABLE_RVUS: check_gaps(c, t, "such a line waits for a person"); return;
    case AVER_TABLE_GPCIS:
    case AVER_TABLE_LOCALITIES: check_gaps(c, t, "its price is not known then"); return;
    case AVER_TABLE_PAIRS:
    case AVER_TABLE_UNITS: return;
    }
    AVER_UNREACHABLE();
}

void aver_policy_check_rows(struct aver_list *findings, struct aver_arena *arena,
                            const struct aver_policy_loaded *policy, const struct aver_policy_table *tables,
                            size_t count)
{
    struct checking c = {findings, arena, policy, policy->policy.effective_from, policy->policy.effective_to};
    for (size_t i = 0; i < count; i++) {
        bool again = false; /* one table for several tiers */
        for (size_t k = 0; k < i; k++)
            again |=
                aver_bytes_eq(tables[k].node->text, tables[i].node->text) &&
                aver_policy_table_kind(tables[k].node->path) == aver_policy_table_kind(tables[i].node->path);
        if (!again) check_table(&c, &tables[i]);
    }
}

/* ---- versions -------------------------------------------------------------------------------------------------------- */

static bool held(const struct aver_policy_version *all, size_t count, aver_day day)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].from <= day && day <= all[i].to) return true;
    return false;
}

void aver_policy_check_versions(struct aver_list *findings, struct aver_arena *arena,
                                const struct aver_policy_loaded *policy,
                                const struct aver_policy_version *others, size_t count)
{
    struct checking c = {findings, arena, policy, policy->policy.effective_from, policy->policy.effective_to};
    const struct aver_policy_node *start = aver_policy_at(&policy->root, AVER_LIT("plan.effective.start"));
    const struct aver_policy_node *end = aver_policy_at(&policy->root, AVER_LIT("plan.effective.end"));
    const struct aver_policy_version *before = NULL, *after = NULL;
    char x[AVER_DAY_TEXT], y[AVER_DAY_TEXT], z[AVER_DAY_TEXT];
    for (size_t i = 0; i < count; i++) {
        const struct aver_policy_version *o = &others[i];
        if (o->to < c.from && (!before || o->to > before->to)) before = o;
        if (o->from > c.to && o->published && (!after || o->from < after->from)) after = o;
        bool meets = o->from <= c.to && o->to >= c.from, whole = c.from <= o->from && o->to <= c.to;
        if (!meets || whole) continue;
        aver_day first = o->from > c.from ? o->from : c.from, last = o->to < c.to ? o->to : c.to;
        find(&c, AVER_WARNING, "POLICY-VERSIONS", start,
             "the days from %s to %s are those of %s too: the version that is published last decides them; "
             "if this one should follow it, let it start on %s",
             aver_day_iso(x, first), aver_day_iso(y, last), o->what, aver_day_iso(z, o->to + 1));
    }
    if (before && before->to + 1 < c.from && !held(others, count, c.from - 1))
        find(&c, AVER_WARNING, "POLICY-VERSIONS", start,
             "from %s to %s no version of the plan holds, after %s: services of these days wait; start on %s",
             aver_day_iso(x, before->to + 1), aver_day_iso(y, c.from - 1), before->what,
             aver_day_iso(z, before->to + 1));
    if (after && after->from - 1 > c.to && !held(others, count, c.to + 1))
        find(&c, AVER_WARNING, "POLICY-VERSIONS", end,
             "from %s to %s no version of the plan holds, before %s: services of these days wait; end on %s",
             aver_day_iso(x, c.to + 1), aver_day_iso(y, after->from - 1), after->what,
             aver_day_iso(z, after->from - 1));
}
