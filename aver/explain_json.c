/* aver/explain_json.c - the facts of an explanation as one JSON object a line of the claim. */
#include "aver/carc_words.h"
#include "aver/explain.h"
#include "aver/output.h"

static void put_digest(struct aver_json_writer *w, const char *name, const aver_digest *digest)
{
    aver_json_field_hex(w, name, aver_digest_bytes(digest));
}

static void put_text(struct aver_json_writer *w, const char *name, const char *text)
{
    if (*text) aver_json_field_str(w, name, text);
}

/* Where in the contracts it was done, innermost first. */
static void put_lines(const struct aver_explaining *e, struct aver_json_writer *w,
                      const struct aver_adjustment *a)
{
    const uint64_t *line = a->lines.items;
    aver_json_key(w, "source_lines");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->lines.count; i++) aver_json_put_uint(w, line[i]);
    aver_json_end_array(w);
    if (!e->source) return;
    aver_json_key(w, "source_text");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->lines.count; i++)
        aver_json_put_string(w, aver_explain_source(e, a->stage, line[i]));
    aver_json_end_array(w);
}

static void put_entry(const struct aver_explaining *e, struct aver_json_writer *w,
                      const struct aver_adjustment *a, const struct aver_line *line)
{
    struct aver_entry_used used;
    char day[AVER_DAY_TEXT];
    aver_json_field(w, "table", a->table);
    aver_json_field(w, "table_key", a->table_key);
    if (!a->table.ptr || !aver_explain_entry(e, a, line, &used)) return;
    put_digest(w, "table_root", &used.root);
    put_digest(w, "table_entry", &used.digest);
    const struct aver_table_row *row = used.row;
    if (!row) return;
    aver_json_key(w, "table_row");
    aver_json_begin_object(w);
    aver_json_field_str(w, "from", aver_day_iso(day, row->from));
    if (row->to != AVER_NO_DAY) aver_json_field_str(w, "to", aver_day_iso(day, row->to));
    aver_json_field(w, "modifier", row->modifier);
    aver_json_field(w, "place", row->place);
    if (row->price) aver_json_field_str(w, "price", aver_explain_price(&e->cmd->arena, row->price));
    if (row->unit.ptr) aver_json_field(w, "unit", row->unit);
    if (row->bundled) {
        aver_json_key(w, "bundled");
        aver_json_put_bool(w, true);
    }
    if (row->indicator) aver_json_field_uint(w, "indicator", row->indicator);
    if (row->units) aver_json_field_uint(w, "units", row->units);
    aver_json_field(w, "column_2", row->column_2);
    aver_json_end_object(w);
}

static void put_postings(const struct aver_explaining *e, struct aver_json_writer *w, const char *key,
                         const struct aver_list *postings)
{
    const struct aver_posting *p = postings->items;
    aver_json_key(w, key);
    aver_json_begin_array(w);
    for (size_t i = 0; i < postings->count; i++) {
        int64_t limit = aver_plain_limit(e->plain.policy, &p[i]);
        aver_json_begin_object(w);
        aver_json_field(w, "counter", p[i].counter);
        aver_json_field(w, "tier", p[i].tier);
        aver_json_field_str(w, "scope", aver_scope_names[p[i].scope]);
        aver_json_field(w, "period", p[i].period);
        aver_json_field_money(w, "amount", p[i].amount.cents);
        aver_json_field_money(w, "before", p[i].before.cents);
        aver_json_field_money(w, "after", p[i].before.cents + p[i].amount.cents);
        if (p[i].credit.cents) aver_json_field_money(w, "credit", p[i].credit.cents);
        if (limit >= 0) aver_json_field_money(w, "limit", limit);
        if (p[i].pool.ptr) aver_json_field(w, "pool", p[i].pool);
        if (p[i].basis) aver_json_field_str(w, "basis", aver_basis_names[p[i].basis]);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

static void put_counts(const struct aver_explaining *e, struct aver_json_writer *w,
                       const struct aver_list *counts)
{
    struct aver_arena *arena = &e->cmd->arena;
    const struct aver_count *n = counts->items;
    aver_json_key(w, "counts");
    aver_json_begin_array(w);
    for (size_t i = 0; i < counts->count; i++) {
        aver_json_begin_object(w);
        aver_json_field(w, "limit", n[i].limit);
        aver_json_field_str(w, "before", aver_units_words(arena, n[i].before));
        aver_json_field_str(w, "after", aver_units_words(arena, n[i].before + n[i].amount));
        aver_json_field_str(w, "of", aver_units_words(arena, n[i].most));
        put_text(w, "member_words", aver_plain_count(&e->plain, &n[i]));
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

static void put_remarks(const struct aver_explaining *e, struct aver_json_writer *w,
                        const struct aver_adjustment *a)
{
    const aver_bytes *rarc = a->rarc.items;
    bool any = false;
    aver_json_key(w, "rarc");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->rarc.count; i++) {
        aver_json_put_string(w, rarc[i]);
        any |= aver_codes_text(e->codes, AVER_CODES_RARC, rarc[i]).ptr != NULL;
    }
    aver_json_end_array(w);
    if (!any) return;
    aver_json_key(w, "rarc_text");
    aver_json_begin_array(w);
    for (size_t i = 0; i < a->rarc.count; i++)
        aver_json_put_string(w, aver_codes_text(e->codes, AVER_CODES_RARC, rarc[i]));
    aver_json_end_array(w);
}

static void put_adjustment(const struct aver_explaining *e, struct aver_json_writer *w,
                           const struct aver_line_decision *d, size_t at, const struct aver_line *line)
{
    const struct aver_adjustment *a = (const struct aver_adjustment *)d->adjustments.items + at;
    aver_json_begin_object(w);
    aver_json_field_money(w, "amount", a->amount.cents);
    aver_json_field_str(w, "group", aver_group_names[a->group]);
    aver_json_field(w, "carc", a->carc);
    aver_json_field_str(w, "words", aver_carc_words(a->carc));
    aver_json_field(w, "carc_text", aver_codes_text(e->codes, AVER_CODES_CARC, a->carc));
    put_remarks(e, w, a);
    aver_json_field_str(w, "bearer", aver_group_words(a->group));
    aver_json_field_str(w, "member_words", aver_plain_adjustment(&e->plain, d, at));
    aver_json_field(w, "because", a->because);
    aver_json_field(w, "value", a->value);
    aver_json_field_uint(w, "policy_line", a->policy_line);
    aver_json_field(w, "citation", aver_explain_citation(e, a->because));
    aver_json_field_str(w, "stage", aver_stage_names[a->stage]);
    aver_json_field_str(w, "source", aver_explain_chain(e, a));
    put_lines(e, w, a);
    put_entry(e, w, a, line);
    put_postings(e, w, "postings", &a->postings);
    aver_json_field(w, "note", a->note);
    aver_json_end_object(w);
}

static void put_earlier(const struct aver_explaining *e, struct aver_json_writer *w, uint64_t line)
{
    const struct aver_plain_earlier *x = e->plain.earlier.items;
    bool any = false;
    for (size_t i = 0; i < e->plain.earlier.count; i++) {
        if (x[i].line != line) continue;
        if (!any) {
            aver_json_key(w, "earlier");
            aver_json_begin_array(w);
        }
        any = true;
        aver_json_begin_object(w);
        aver_json_field(w, "claim", x[i].control);
        aver_json_field(w, "id", x[i].id);
        aver_json_field_uint(w, "line", x[i].number);
        aver_json_field_money(w, "charge", (int64_t)x[i].charge.cents);
        aver_json_field_str(w, "received", aver_time_words(&e->cmd->arena, x[i].received));
        aver_json_end_object(w);
    }
    if (any) aver_json_end_array(w);
}

static void put_reports(const struct aver_explaining *e, struct aver_json_writer *w)
{
    const struct aver_plain_report *r = e->plain.reports.items;
    if (!e->plain.reports.count) return;
    aver_json_key(w, "reported");
    aver_json_begin_array(w);
    for (size_t i = 0; i < e->plain.reports.count; i++) {
        aver_json_begin_object(w);
        aver_json_field(w, "source", r[i].source);
        aver_json_field(w, "counter", r[i].counter);
        aver_json_field(w, "tier", r[i].tier);
        aver_json_field_str(w, "scope", aver_scope_names[r[i].scope]);
        aver_json_field(w, "period", r[i].period);
        aver_json_field_money(w, "amount", r[i].cents);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
}

static void put_claim(const struct aver_explaining *e, struct aver_json_writer *w)
{
    const struct aver_decision *d = e->found->decision;
    const struct aver_table_used *t = d->tables.items;
    aver_json_field_str(w, "claim_status", aver_claim_status_names[d->status]);
    if (d->status == AVER_CLAIM_HELD) {
        aver_json_field_str(w, "trap", aver_explain_trap(d->trap));
        aver_json_field_uint(w, "trap_line", d->trap_line);
    }
    aver_json_field_str(w, "next", aver_explain_next(e));
    put_text(w, "appeal", aver_plain_appeal(&e->plain));
    aver_json_field(w, "plan", d->plan);
    put_digest(w, "policy", &d->policy);
    put_digest(w, "eligibility", &d->eligibility);
    put_digest(w, "coverage", &d->coverage);
    put_digest(w, "payout", &d->payout);
    aver_json_key(w, "tables");
    aver_json_begin_array(w);
    for (size_t i = 0; i < d->tables.count; i++) {
        aver_json_begin_object(w);
        aver_json_field(w, "name", t[i].name);
        put_digest(w, "root", &t[i].root);
        aver_json_end_object(w);
    }
    aver_json_end_array(w);
    put_reports(e, w);
    aver_json_field_uint(w, "gas", d->gas);
    aver_json_field_uint(w, "gas_table", d->gas_table);
    aver_json_field_str(w, "decided_by", aver_explain_decider(d));
    aver_json_field_uint(w, "entry", e->found->state.entry);
    aver_json_field_uint(w, "height", e->found->state.height);
}

void aver_explain_json(const struct aver_explaining *e, const struct aver_line_decision *d)
{
    const struct aver_line *l = aver_claim_line(&e->found->claim, d->number);
    struct aver_json_writer w = aver_json_line(e->cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "claim", e->found->state.control);
    aver_json_field_str(&w, "id", e->found->id);
    aver_json_field_uint(&w, "line", d->number);
    if (l) aver_json_field(&w, "procedure", l->procedure);
    if (l && l->revenue_code.ptr) aver_json_field(&w, "revenue_code", l->revenue_code);
    if (l && l->drug_code.ptr) {
        aver_json_field(&w, "drug", l->drug_code);
        aver_json_field_str(&w, "drug_units", aver_units_words(&e->cmd->arena, l->drug_units));
        aver_json_field(&w, "drug_unit", l->drug_unit);
    }
    aver_json_field_str(&w, "service", aver_plain_service(&e->plain, d));
    aver_json_field_str(&w, "status", aver_line_status_names[d->status]);
    aver_json_field_money(&w, "charge", (int64_t)d->charge.cents);
    aver_json_field_money(&w, "allowed", (int64_t)d->allowed.cents);
    aver_json_field_money(&w, "paid", (int64_t)d->paid.cents);
    aver_json_field_money(&w, "member_owes", aver_line_owed(d));
    aver_json_field(&w, "benefit", d->benefit);
    aver_json_field(&w, "tier", d->tier);
    aver_json_key(&w, "adjustments");
    aver_json_begin_array(&w);
    for (size_t i = 0; i < d->adjustments.count; i++) put_adjustment(e, &w, d, i, l);
    aver_json_end_array(&w);
    if (d->postings.count) put_postings(e, &w, "postings", &d->postings);
    if (d->counts.count) put_counts(e, &w, &d->counts);
    put_text(&w, "spared", aver_plain_spared(&e->plain, d));
    aver_json_field(&w, "reason", d->reason);
    aver_json_field(&w, "because", d->because);
    if (d->because.len) aver_json_field(&w, "citation", aver_explain_citation(e, d->because));
    if (d->status == AVER_LINE_PENDED && d->reason.ptr) aver_json_field_str(&w, "task", aver_plain_task(d));
    put_text(&w, "member_words", aver_plain_status(&e->plain, d));
    put_earlier(e, &w, d->number);
    put_text(&w, "line_next", aver_plain_next(&e->plain, d));
    put_claim(e, &w);
    aver_json_end_object(&w);
    aver_json_end_line(e->cmd, &w);
}
