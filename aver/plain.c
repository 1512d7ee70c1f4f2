/* aver/plain.c - see plain.h: what a template's names stand for, and how it is filled. */
#include "aver/plain.h"

#include <string.h>

#include "aver/carc_words.h"
#include "aver/plain_words.h"
#include "base/money.h"
#include "ledger/transition/adjudicate.h"

#define SENTENCES_MAX 4096 /* bytes said of one adjustment */

struct facts {
    const char *amount;   /* what this adjustment takes, without its sign */
    const char *value;    /* of the policy */
    const char *price;    /* the charge less the adjustments up to this one */
    const char *rest;     /* the charge less those before it */
    const char *left;     /* deductible: what was left of the amount that binds */
    const char *whose;    /* ... "your" or "your family's" */
    const char *reported; /* ... " (pbm reported $90.00 of it)", or nothing */
    const char *year;     /* of the accumulator */
    const char *room;     /* what was left of the out-of-pocket maximum that binds */
    const char *roomof;   /* ... "your" or "your family's" */
    const char *maximum;  /* "20 visits a year", "$1500.00 a lifetime" */
    const char *note;     /* the contract's words for the member */
    const char *words;    /* short words for the code, the licensed ones first */
    /* flags: "" or NULL */
    const char *met, *capped, *exact, *whole, *agreed;
    const char *passed; /* a limit of units, which a line may pass without its being used up */
    const char *first;  /* nothing was taken before it but what makes the price */
};

static const struct {
    const char *name;
    size_t at;
} fact_names[] = {
    {"amount", offsetof(struct facts, amount)}, {"value", offsetof(struct facts, value)},
    {"price", offsetof(struct facts, price)},   {"rest", offsetof(struct facts, rest)},
    {"left", offsetof(struct facts, left)},     {"whose", offsetof(struct facts, whose)},
    {"year", offsetof(struct facts, year)},     {"reported", offsetof(struct facts, reported)},
    {"room", offsetof(struct facts, room)},     {"maximum", offsetof(struct facts, maximum)},
    {"note", offsetof(struct facts, note)},     {"words", offsetof(struct facts, words)},
    {"met", offsetof(struct facts, met)},       {"capped", offsetof(struct facts, capped)},
    {"exact", offsetof(struct facts, exact)},   {"whole", offsetof(struct facts, whole)},
    {"agreed", offsetof(struct facts, agreed)}, {"roomof", offsetof(struct facts, roomof)},
    {"first", offsetof(struct facts, first)},   {"passed", offsetof(struct facts, passed)},
};

static const char *fact(const struct facts *f, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof fact_names / sizeof *fact_names; i++)
        if (strlen(fact_names[i].name) == len && !memcmp(fact_names[i].name, name, len)) {
            const char *value;
            memcpy(&value, (const char *)f + fact_names[i].at, sizeof(char *));
            return value;
        }
    AVER_UNREACHABLE(); /* a name that the table of sentences has and this file does not */
}

/* False when something that the template names is not known; `out` is then as before. */
static bool fill(struct aver_buf *out, const char *text, const struct facts *f)
{
    size_t start = out->len;
    for (const char *p = text; *p; p++) {
        if (*p != '{') {
            aver_buf_byte(out, (uint8_t)*p);
            continue;
        }
        const char *end = strchr(p, '}');
        AVER_ASSERT(end);
        const char *value = fact(f, p + 1, (size_t)(end - p - 1));
        if (!value) {
            out->len = start;
            return false;
        }
        aver_buf_str(out, value);
        p = end;
    }
    return true;
}

/* What is kept of a text that was put together. */
static const char *keep(struct aver_arena *arena, struct aver_buf *text)
{
    const char *kept =
        (const char *)aver_arena_copy(arena, text->len ? aver_buf_view(text) : aver_bytes_of("", 0)).ptr;
    aver_buf_free(text);
    return kept;
}

const char *aver_plain_money(struct aver_arena *arena, int64_t cents)
{
    char text[AVER_MONEY_TEXT];
    aver_cents_text(text, cents < 0 ? -cents : cents);
    return aver_arena_printf(arena, "%s$%s", cents < 0 ? "-" : "", text);
}

static const char *named(struct aver_arena *arena, const struct aver_plain_name *names, aver_bytes name)
{
    for (; names->name; names++)
        if (aver_bytes_is(name, names->name)) return names->words;
    char *text = aver_arena_printf(arena, "%.*s", AVER_STR(name));
    for (char *p = text; *p; p++)
        if (*p == '_' || *p == '.') *p = ' ';
    return text;
}

const char *aver_plain_tier(struct aver_arena *arena, aver_bytes tier)
{
    return named(arena, aver_plain_tiers, tier);
}

const char *aver_plain_counter(struct aver_arena *arena, aver_bytes counter)
{
    if (!aver_case_counter_is_maximum(counter)) return named(arena, aver_plain_counters, counter);
    aver_bytes id = aver_bytes_cut(counter, sizeof "maxima." - 1, counter.len - (sizeof "maxima." - 1));
    return aver_arena_printf(arena, "%s maximum",
                             named(arena, (const struct aver_plain_name[]){{NULL, NULL}}, id));
}

const char *aver_plain_period(struct aver_arena *arena, aver_bytes period)
{
    if (aver_bytes_is(period, "all")) return "your lifetime";
    return aver_arena_printf(arena, "%s%.*s", period.len > 4 ? "the year from " : "", AVER_STR(period));
}

static const struct aver_policy_node *at(const struct aver_policy_loaded *policy, aver_bytes path)
{
    return policy && path.ptr ? aver_policy_at(&policy->root, path) : NULL;
}

const struct aver_line *aver_plain_line(const struct aver_plain *p, uint64_t number)
{
    const struct aver_line *line = p->claim->lines.items;
    for (size_t i = 0; i < p->claim->lines.count; i++)
        if (line[i].number == number) return &line[i];
    return NULL;
}

const char *aver_plain_patient(const struct aver_plain *p)
{
    const struct aver_person *who = p->claim->patient ? p->claim->patient : p->claim->subscriber;
    if (!who) return "";
    return aver_arena_printf(p->arena, "%.*s%s%.*s", AVER_STR(who->first_name),
                             who->first_name.len && who->last_name.len ? " " : "", AVER_STR(who->last_name));
}

const char *aver_plain_provider(const struct aver_plain *p, const struct aver_line *line)
{
    const struct aver_provider *who = aver_claim_provider(p->claim, line, "82");
    if (!who) who = p->claim->billing_provider;
    if (!who->name.len)
        return aver_arena_printf(p->arena, "provider %.*s",
                                 AVER_STR(who->npi.len ? who->npi : aver_claim_payee_id(p->claim)));
    return aver_arena_printf(p->arena, "%.*s%s%.*s", AVER_STR(who->first_name),
                             who->first_name.len ? " " : "", AVER_STR(who->name));
}

const char *aver_plain_days(struct aver_arena *arena, aver_day from, aver_day to)
{
    char a[AVER_DAY_TEXT], b[AVER_DAY_TEXT];
    if (to == from || to == AVER_NO_DAY) return aver_arena_printf(arena, "%s", aver_day_iso(a, from));
    return aver_arena_printf(arena, "%s to %s", aver_day_iso(a, from), aver_day_iso(b, to));
}

const char *aver_plain_policy(const struct aver_plain *p, const char *path)
{
    const struct aver_policy_node *n = at(p->policy, aver_bytes_str(path));
    return n && n->kind == AVER_POLICY_TEXT ? aver_arena_printf(p->arena, "%.*s", AVER_STR(n->text)) : "";
}

const char *aver_plain_payee(const struct aver_plain *p)
{
    static const char member[] = "member:";
    const struct aver_provider *b = p->claim->billing_provider;
    aver_bytes payee = p->decision->payee;
    if (payee.len >= sizeof member - 1 && !memcmp(payee.ptr, member, sizeof member - 1)) return "you";
    if (!b->name.len) return aver_arena_printf(p->arena, "provider %.*s", AVER_STR(payee));
    return aver_arena_printf(p->arena, "%.*s%s%.*s", AVER_STR(b->first_name), b->first_name.len ? " " : "",
                             AVER_STR(b->name));
}

const char *aver_plain_service(const struct aver_plain *p, const struct aver_line_decision *d)
{
    const struct aver_line *line = aver_plain_line(p, d->number);
    const struct aver_policy_node *benefit = at(p->policy, d->benefit);
    const struct aver_policy_node *name = aver_policy_child(benefit, AVER_LIT("name"));
    aver_bytes text =
        line ? aver_codes_text(p->codes, AVER_CODES_PROCEDURE, line->procedure) : AVER_BYTES_NONE;
    if (!text.ptr && line && line->description.len) text = line->description;
    if (!text.ptr && name && name->kind == AVER_POLICY_TEXT) text = name->text;
    if (text.ptr) return aver_arena_printf(p->arena, "%.*s", AVER_STR(text));
    if (!line) return "Service";
    if (!line->procedure.ptr && line->revenue_code.ptr)
        return aver_arena_printf(p->arena, "Hospital service, revenue code %.*s",
                                 AVER_STR(line->revenue_code));
    return aver_arena_printf(p->arena, "Service %.*s", AVER_STR(line->procedure));
}

/* The section of the policy that has the limits of an accumulator: COUNTER.TIER, or the item of `maxima` with the id. */
static const struct aver_policy_node *limits_of(const struct aver_policy_loaded *policy,
                                                const struct aver_posting *posting)
{
    if (!policy) return NULL;
    const struct aver_policy_node *node = aver_case_counter_node(&policy->root, posting->counter);
    return posting->tier.ptr ? aver_policy_child(node, posting->tier) : node;
}

/* Whether the member's own limit of a counter binds: under an aggregate family rule only the family's does. */
static bool binds(const struct aver_policy_node *limits, uint64_t scope)
{
    const struct aver_policy_node *rule = aver_policy_child(limits, AVER_LIT("family_rule"));
    return scope == AVER_SCOPE_FAMILY || !rule || !aver_bytes_is(rule->text, "aggregate");
}

int64_t aver_plain_limit(const struct aver_policy_loaded *policy, const struct aver_posting *posting)
{
    const struct aver_policy_node *limits = limits_of(policy, posting);
    const struct aver_policy_node *limit = aver_policy_child(
        limits, posting->scope == AVER_SCOPE_FAMILY ? AVER_LIT("family") : AVER_LIT("individual"));
    bool is = limit && limit->kind == AVER_POLICY_MONEY && binds(limits, posting->scope);
    return is ? limit->number : -1;
}

/* Of the postings to a counter the one whose limit had least left. False: no limit is known. */
static bool tightest(const struct aver_plain *p, const struct aver_adjustment *a, const char *counter,
                     int64_t *left, const struct aver_posting **which)
{
    const struct aver_posting *posting = a->postings.items;
    *which = NULL;
    for (size_t i = 0; i < a->postings.count; i++) {
        int64_t limit = aver_plain_limit(p->policy, &posting[i]);
        if (!aver_bytes_is(posting[i].counter, counter) || limit < 0) continue;
        int64_t room = limit - posting[i].before.cents - posting[i].credit.cents;
        if (room < 0) room = 0;
        if (*which && room >= *left) continue;
        *left = room;
        *which = &posting[i];
    }
    return *which != NULL;
}

static const struct aver_plain_name no_names[] = {{NULL, NULL}};

/* "visits", "months": of one without its s. */
static const char *counted(struct aver_arena *arena, int64_t n, aver_bytes word)
{
    const char *text = named(arena, no_names, word);
    size_t len = strlen(text);
    return n == 1 && len && text[len - 1] == 's' ? aver_arena_printf(arena, "%.*s", (int)(len - 1), text)
                                                 : text;
}

static bool is_word(const struct aver_policy_node *n) { return n && n->kind == AVER_POLICY_TEXT; }

/* "1 service in any 12 months", "4 units a year": a rule of how often. */
static const char *often_words(const struct aver_plain *p, const struct aver_policy_node *n)
{
    const struct aver_policy_node *rule = n->parent, *count = aver_policy_child(rule, AVER_LIT("count")),
                                  *per = aver_policy_child(rule, AVER_LIT("per")),
                                  *window = aver_policy_child(rule, AVER_LIT("window")),
                                  *unit = aver_policy_child(rule, AVER_LIT("unit"));
    const char *what = counted(p->arena, n->number, is_word(count) ? count->text : AVER_LIT("services"));
    if (window && is_word(unit))
        return aver_arena_printf(p->arena, "%lld %s in any %lld %s", (long long)n->number, what,
                                 (long long)window->number, counted(p->arena, window->number, unit->text));
    return aver_arena_printf(p->arena, "%lld %s %s", (long long)n->number, what,
                             is_word(per) ? named(p->arena, aver_plain_periods, per->text) : "");
}

/* "20 visits a year", "$1500.00 a lifetime", "90 days": a maximum of the policy with what stands beside it. */
const char *aver_plain_maximum(const struct aver_plain *p, aver_bytes path)
{
    const struct aver_policy_node *n = at(p->policy, path);
    if (!n || (n->kind != AVER_POLICY_INT && n->kind != AVER_POLICY_MONEY)) return NULL;
    if (path.len > 10 && !memcmp(path.ptr, "frequency.", 10)) return often_words(p, n);
    const struct aver_policy_node *per = aver_policy_child(n->parent, AVER_LIT("per"));
    const struct aver_policy_node *unit = aver_policy_child(n->parent, AVER_LIT("unit"));
    struct aver_buf text = {0};
    aver_policy_text(&text, n);
    if (is_word(unit))
        aver_buf_printf(&text, " %s", counted(p->arena, n->number, unit->text));
    else if (n->kind == AVER_POLICY_INT && n->key.ptr)
        aver_buf_printf(&text, " %s", counted(p->arena, n->number, n->key));
    if (is_word(per)) aver_buf_printf(&text, " %s", named(p->arena, aver_plain_periods, per->text));
    if (aver_bytes_is(n->key, "family")) aver_buf_str(&text, " for your family");
    return keep(p->arena, &text);
}

static const char *words_of(const struct aver_plain *p, aver_bytes carc)
{
    aver_bytes text = aver_codes_text(p->codes, AVER_CODES_CARC, carc);
    return text.ptr ? aver_arena_printf(p->arena, "%.*s", AVER_STR(text)) : aver_carc_words(carc);
}

/* Whether the tier's schedule is what the provider agreed to: not where a protected member is only treated as in network. */
static bool agreed(const struct aver_line_decision *d, aver_bytes because)
{
    static const char prefix[] = "fee_schedule.";
    size_t n = sizeof prefix - 1;
    return d->tier.len && !aver_bytes_is(d->tier, "out_of_network") && because.len > n + d->tier.len &&
           !memcmp(because.ptr, prefix, n) && !memcmp(because.ptr + n, d->tier.ptr, d->tier.len) &&
           because.ptr[n + d->tier.len] == '.';
}

/* How many of the adjustments, which come first, make the price of the service. */
static size_t priced_by(const struct aver_line_decision *d)
{
    static const char *const price[] = {"45", "94", "59", NULL};
    const struct aver_adjustment *a = d->adjustments.items;
    for (size_t n = 0; n < d->adjustments.count; n++) {
        size_t i = 0;
        while (price[i] && !aver_bytes_is(a[n].carc, price[i])) i++;
        if (!price[i]) return n;
    }
    return d->adjustments.count;
}

static const char *yes(bool is) { return is ? "" : NULL; }

static void gather(const struct aver_plain *p, const struct aver_line_decision *d, size_t index,
                   struct facts *f)
{
    const struct aver_adjustment *all = d->adjustments.items, *a = &all[index];
    const struct aver_policy_node *value = at(p->policy, a->because);
    const struct aver_posting *which;
    int64_t rest = (int64_t)d->charge.cents, left = 0, room = 0, part = 0, amount = a->amount.cents;
    for (size_t i = 0; i < index; i++) rest -= all[i].amount.cents;
    *f = (struct facts){.amount = aver_plain_money(p->arena, amount < 0 ? -amount : amount),
                        .rest = aver_plain_money(p->arena, rest),
                        .price = aver_plain_money(p->arena, rest - amount),
                        .maximum = aver_plain_maximum(p, a->because),
                        .words = words_of(p, a->carc)};
    if (a->value.ptr) f->value = aver_arena_printf(p->arena, "%.*s", AVER_STR(a->value));
    if (aver_bytes_is(a->carc, "29") && f->maximum) f->value = f->maximum;
    if (a->note.len) f->note = aver_arena_printf(p->arena, "%.*s", AVER_STR(a->note));
    if (a->postings.count) {
        const struct aver_posting *first = a->postings.items;
        f->year = aver_plain_period(p->arena, first->period);
        f->whose = "your";
    }
    if (tightest(p, a, "deductible", &left, &which)) {
        f->left = aver_plain_money(p->arena, left);
        f->whose = which->scope == AVER_SCOPE_FAMILY ? "your family's" : "your";
        f->year = aver_plain_period(p->arena, which->period);
        f->met = yes(left == amount);
        const char *said = aver_plain_reported(p, which->counter, which->tier, which->period, which->scope);
        f->reported = *said ? aver_arena_printf(p->arena, " (%s)", said) : "";
    }
    if (tightest(p, a, "oop_max", &room, &which)) {
        f->room = aver_plain_money(p->arena, room);
        f->roomof = which->scope == AVER_SCOPE_FAMILY ? "your family's" : "your";
    }
    bool cut = which && room == amount; /* all that was left of it is taken */
    bool rate = value && value->kind == AVER_POLICY_RATE;
    if (rate && aver_muldiv(&part, rest, value->number, 10000, AVER_ROUND_HALF_UP) == AVER_OK) {
        f->exact = yes(part - amount >= -1 && part - amount <= 1); /* whatever the rounding */
        f->capped = yes(part > amount && cut);
    } else if (aver_bytes_is(a->carc, "1")) {
        f->capped = yes(cut && amount < left && amount < rest);
    } else {
        f->capped = yes(cut && amount < rest && value && amount < value->number);
    }
    f->whole = yes(value && value->kind == AVER_POLICY_MONEY && value->number == amount);
    f->agreed = yes(agreed(d, a->because));
    f->first = yes(index == priced_by(d));
    const struct aver_policy_node *count = value ? aver_policy_child(value->parent, AVER_LIT("count")) : NULL;
    f->passed = yes(is_word(count) && aver_bytes_is(count->text, "units"));
}

static bool row_is_for(const struct aver_plain_row *row, const struct aver_adjustment *a)
{
    return (!row->carc || aver_bytes_is(a->carc, row->carc)) &&
           (!row->group || !strcmp(row->group, aver_group_names[a->group]));
}

static const struct aver_plain_row *say(const struct aver_plain *p, const struct aver_line_decision *d,
                                        size_t index, struct aver_buf *out)
{
    const struct aver_adjustment *a = d->adjustments.items;
    struct facts f;
    gather(p, d, index, &f);
    for (const struct aver_plain_row *row = aver_plain_rows; row->text; row++)
        if (row_is_for(row, &a[index]) && fill(out, row->text, &f)) return row;
    AVER_UNREACHABLE(); /* the last row asks for nothing that is not always known */
}

/* With whom an amount stays, where the sentence has not said it. */
static void say_bearer(const struct aver_plain *p, const struct aver_adjustment *a, struct aver_buf *out)
{
    const char *amount = aver_plain_money(p->arena, a->amount.cents);
    if (a->amount.cents < 0) return;
    switch ((enum aver_group)a->group) {
    case AVER_GROUP_PR: aver_buf_printf(out, " You may owe %s.", amount); return;
    case AVER_GROUP_CO: aver_buf_printf(out, " The provider may not bill you the %s.", amount); return;
    case AVER_GROUP_OA:
    case AVER_GROUP_PI: aver_buf_printf(out, " You do not owe the %s.", amount); return;
    }
    AVER_UNREACHABLE();
}

const char *aver_plain_adjustment(const struct aver_plain *p, const struct aver_line_decision *d,
                                  size_t index)
{
    const struct aver_adjustment *a = d->adjustments.items;
    struct aver_buf text = {0};
    const struct aver_plain_row *row = say(p, d, index, &text);
    if (!row->own) say_bearer(p, &a[index], &text);
    if (a[index].note.len && !strstr(row->text, "{note}"))
        aver_buf_printf(&text, " Note: %.*s.", AVER_STR(a[index].note));
    if (text.len > SENTENCES_MAX) text.len = SENTENCES_MAX;
    return keep(p->arena, &text);
}

const char *aver_plain_status(const struct aver_plain *p, const struct aver_line_decision *d)
{
    switch ((enum aver_line_status)d->status) {
    case AVER_LINE_DECIDED: return "";
    case AVER_LINE_DENIED:
        return d->adjustments.count ? "The plan pays nothing for this." : "Nothing was charged for this.";
    case AVER_LINE_PENDED:
        if (!d->reason.len)
            return "This is not decided yet: it waits with the other services of the claim. Do not pay it yet.";
        return aver_arena_printf(
            p->arena,
            "This is not decided yet: a person at the plan has to look at it (%.*s). You need not do "
            "anything now. Do not pay it yet.",
            AVER_STR(d->reason));
    case AVER_LINE_HELD:
        return "This is not decided yet: the plan has to mend something on its side first. You need not do anything now. Do not "
               "pay it yet.";
    }
    AVER_UNREACHABLE();
}

const char *aver_plain_next(const struct aver_plain *p, const struct aver_line_decision *d)
{
    struct aver_buf out = {0}, unused = {0};
    const char *said[AVER_LINE_ADJUSTMENTS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < d->adjustments.count && n < AVER_LINE_ADJUSTMENTS_MAX; i++) {
        const char *next = say(p, d, i, &unused)->next;
        bool again = !next;
        for (size_t k = 0; k < n && !again; k++) again = !strcmp(said[k], next);
        if (again) continue;
        said[n++] = next;
        aver_buf_printf(&out, "%s%s", out.len ? " " : "", next);
    }
    aver_buf_free(&unused);
    return keep(p->arena, &out);
}

const char *aver_plain_task(const struct aver_line_decision *d)
{
    const struct aver_plain_task_row *row = aver_plain_tasks;
    for (; row->path; row++) {
        size_t n = strlen(row->path);
        if (d->because.len >= n && !memcmp(d->because.ptr, row->path, n)) break;
    }
    return row->text;
}

const char *aver_plain_appeal(const struct aver_plain *p)
{
    const struct aver_policy_node *appeals = at(p->policy, AVER_LIT("appeals"));
    const struct aver_policy_node *within = aver_policy_child(appeals, AVER_LIT("within"));
    const struct aver_policy_node *unit = aver_policy_child(appeals, AVER_LIT("unit"));
    const struct aver_policy_node *how = aver_policy_child(appeals, AVER_LIT("how"));
    const struct aver_policy_node *external = aver_policy_child(appeals, AVER_LIT("external"));
    bool open = p->decision->status == AVER_CLAIM_PENDED || p->decision->status == AVER_CLAIM_HELD;
    if (open || !within || !unit || !how) return "";
    return aver_arena_printf(
        p->arena,
        "You may ask the plan to look at this decision again within %lld %.*s of getting it. %.*s%s%.*s",
        (long long)within->number, AVER_STR(unit->text), AVER_STR(how->text), external ? " " : "",
        AVER_STR(external ? external->text : AVER_BYTES_NONE));
}

void aver_plain_sum(struct aver_plain_sums *sums, const struct aver_line_decision *d)
{
    const struct aver_adjustment *a = d->adjustments.items;
    sums->charge += (int64_t)d->charge.cents;
    sums->allowed += (int64_t)d->allowed.cents;
    sums->paid += (int64_t)d->paid.cents;
    for (size_t i = 0; i < d->adjustments.count; i++) {
        int64_t cents = a[i].amount.cents;
        bool member = a[i].group == AVER_GROUP_PR;
        if (!member)
            sums->off += cents;
        else if (aver_bytes_is(a[i].carc, "1"))
            sums->deductible += cents;
        else if (aver_bytes_is(a[i].carc, "2"))
            sums->coinsurance += cents;
        else if (aver_bytes_is(a[i].carc, "3"))
            sums->copay += cents;
        else
            sums->not_covered += cents;
        if (member) sums->owed += cents;
    }
}

static struct aver_plain_standing *standing_of(struct aver_arena *arena, struct aver_list *list,
                                               const struct aver_posting *q)
{
    struct aver_plain_standing *s = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (s[i].scope == q->scope && aver_bytes_eq(s[i].counter, q->counter) &&
            aver_bytes_eq(s[i].tier, q->tier) && aver_bytes_eq(s[i].period, q->period))
            return &s[i];
    s = aver_list_add(arena, list, sizeof *s);
    *s = (struct aver_plain_standing){.counter = q->counter,
                                      .tier = q->tier,
                                      .period = q->period,
                                      .scope = q->scope,
                                      .before = q->before.cents,
                                      .after = q->before.cents};
    return s;
}

static void stand(const struct aver_plain *p, struct aver_list *list, const struct aver_list *postings)
{
    const struct aver_posting *q = postings->items;
    for (size_t k = 0; k < postings->count; k++) {
        int64_t after = q[k].before.cents + q[k].amount.cents, limit = aver_plain_limit(p->policy, &q[k]);
        if (limit < 0 && q[k].scope == AVER_SCOPE_FAMILY) continue; /* it limits nobody */
        struct aver_plain_standing *s = standing_of(p->arena, list, &q[k]);
        /* Whatever the order in which lines were decided. */
        if (q[k].before.cents < s->before) s->before = q[k].before.cents;
        if (after > s->after) s->after = after;
        if (q[k].credit.cents > s->credit) s->credit = q[k].credit.cents;
        s->limit = limit;
        s->left = s->limit > s->after + s->credit ? s->limit - s->after - s->credit : 0;
    }
}

struct aver_list aver_plain_standings(const struct aver_plain *p)
{
    struct aver_list out = {0};
    const struct aver_line_decision *line = p->decision->lines.items;
    for (size_t l = 0; l < p->decision->lines.count; l++) {
        const struct aver_adjustment *a = line[l].adjustments.items;
        for (size_t i = 0; i < line[l].adjustments.count; i++) stand(p, &out, &a[i].postings);
        stand(p, &out, &line[l].postings);
    }
    return out;
}
