/* aver/eob.c - the explanation of benefits as one HTML page, for paper and for screen readers.
 *
 * It holds no script and fetches nothing; the policy that forbids both stands in it. The amounts of the table add up on the page:
 * the charge is what was taken off, what is not covered, deductible, copay, coinsurance and what the plan pays. The same claim gives
 * the same bytes: nothing of the clock, the machine or the run is in it. */
#include "aver/carc_words.h"
#include "aver/explain.h"
#include "aver/html.h"
#include "aver/output.h"

static const char style[] =
    "body{font:16px/1.45 Georgia,serif;color:#111;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}h3{font-size:1rem;margin:1.1rem 0 .2rem}"
    ".bill{font-weight:bold;border:2px solid #111;padding:.3rem .7rem;display:inline-block;margin:.8rem 0}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dt{font-weight:bold}dd{margin:0}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "caption{text-align:left;padding:.3rem 0}th,td{border:1px solid #666;padding:.3rem .45rem;text-align:left;vertical-align:top}"
    "td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}tfoot td,tfoot th{font-weight:bold}"
    ".d{font-family:monospace;font-size:.8rem;overflow-wrap:anywhere}p{margin:.35rem 0}"
    "@media print{body{margin:0;max-width:none;font-size:11pt}tr,h3,dl{break-inside:avoid}h2,h3{break-after:avoid}}"
    "@page{margin:15mm}";

#define T(...)  aver_html_printf(o, __VA_ARGS__)
#define H(text) aver_buf_str(o, text)

static void put_pair(struct aver_buf *o, const char *name, const char *value)
{
    if (!*value) return;
    H("<dt>"), T("%s", name), H("</dt><dd>"), T("%s", value), H("</dd>\n");
}

static void put_digest(struct aver_buf *o, const char *name, const aver_digest *digest)
{
    static const aver_digest none;
    char hex[65];
    if (aver_digest_eq(*digest, none)) return;
    aver_hex(hex, aver_digest_bytes(digest));
    H("<dt>"), T("%s", name), H("</dt><dd class=\"d\">"), T("%s", hex), H("</dd>\n");
}

static void put_head(const struct aver_explaining *e, struct aver_buf *o)
{
    const struct aver_plain *p = &e->plain;
    const char *payer = aver_plain_policy(p, "payer.name");
    H("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
      "<title>Explanation of benefits, claim ");
    T("%.*s", AVER_STR(e->found->state.control));
    H("</title>\n<style>"), H(style),
        H("</style>\n</head>\n<body>\n<main>\n<header>\n<h1>Explanation of benefits</h1>\n");
    if (*payer) {
        H("<p>"), T("%s", payer), H("<br/>");
        T("%s, %s, %s %s", aver_plain_policy(p, "payer.address"), aver_plain_policy(p, "payer.city"),
          aver_plain_policy(p, "payer.state"), aver_plain_policy(p, "payer.postal_code"));
        H("<br/>"), T("Telephone %s", aver_plain_policy(p, "payer.phone")), H("</p>\n");
    }
    H("<p class=\"bill\">This is not a bill</p>\n</header>\n<dl>\n");
    put_pair(o, "Patient", aver_plain_patient(p));
    put_pair(o, "Member number",
             aver_arena_printf(p->arena, "%.*s",
                               AVER_STR(p->decision->member_id.ptr ? p->decision->member_id
                                                                   : p->claim->subscriber->member_id)));
    put_pair(o, "Plan", aver_plain_policy(p, "plan.name"));
    put_pair(o, "Claim", aver_arena_printf(p->arena, "%.*s", AVER_STR(e->found->state.control)));
    put_pair(o, "Provider", aver_plain_provider(p, NULL));
    put_pair(o, "Received", aver_time_words(p->arena, e->found->state.received));
    put_pair(o, "Decided by",
             p->decision->decided_by == 2 ? "a person" : "the plan's rules, without a person");
    H("</dl>\n");
}

static void put_cents(struct aver_buf *o, const struct aver_plain *p, int64_t cents)
{
    H("<td class=\"n\">"), T("%s", aver_plain_money(p->arena, cents)), H("</td>");
}

static void put_amounts(struct aver_buf *o, const struct aver_plain *p, const struct aver_plain_sums *s)
{
    const int64_t amounts[] = {s->charge, s->allowed,     s->off,  s->not_covered, s->deductible,
                               s->copay,  s->coinsurance, s->paid, s->owed};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) put_cents(o, p, amounts[i]);
}

static void put_row(struct aver_buf *o, const struct aver_plain *p, const struct aver_line_decision *d)
{
    const struct aver_line *l = aver_plain_line(p, d->number);
    struct aver_plain_sums sums = {0};
    aver_plain_sum(&sums, d);
    H("<tr><th scope=\"row\">"), T("%llu. %s", (unsigned long long)d->number, aver_plain_service(p, d));
    if (l) H("<br/>"), T("%s", aver_plain_days(p->arena, l->service_from, l->service_to));
    H("</th>");
    if (d->status == AVER_LINE_PENDED || d->status == AVER_LINE_HELD) {
        put_cents(o, p, sums.charge);
        H("<td colspan=\"8\">not decided yet</td>");
    } else {
        put_amounts(o, p, &sums);
    }
    H("</tr>\n");
}

static void put_table(const struct aver_explaining *e, struct aver_buf *o)
{
    static const char *const columns[] = {"Charge",      "Plan&#39;s price", "Taken off",
                                          "Not covered", "Deductible",       "Copay",
                                          "Coinsurance", "Plan paid",        "You may owe"};
    const struct aver_plain *p = &e->plain;
    const struct aver_line_decision *line = p->decision->lines.items;
    bool open = p->decision->status == AVER_CLAIM_PENDED || p->decision->status == AVER_CLAIM_HELD;
    struct aver_plain_sums sums = {0};
    H("<h2>What was charged, and who pays what</h2>\n<div class=\"scroll\">\n<table>\n<caption>Charge = taken off + not covered + "
      "deductible + copay + coinsurance + plan paid. You may owe = not covered + deductible + copay + coinsurance; what you have "
      "already paid the provider counts toward it.</caption>\n<thead><tr><th scope=\"col\">Service</th>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        H("<th scope=\"col\" class=\"n\">"), H(columns[i]), H("</th>");
    H("</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < p->decision->lines.count; i++) {
        put_row(o, p, &line[i]);
        aver_plain_sum(&sums, &line[i]);
    }
    H("</tbody>\n<tfoot><tr><th scope=\"row\">Together</th>");
    if (open) {
        put_cents(o, p, sums.charge);
        H("<td colspan=\"8\">not decided yet</td>");
    } else {
        put_amounts(o, p, &sums);
    }
    H("</tr></tfoot>\n</table>\n</div>\n");
    if (!open && sums.paid) {
        H("<p>");
        T("The plan pays %s to %s.", aver_plain_money(p->arena, sums.paid), aver_plain_payee(p));
        H("</p>\n");
    }
}

static void put_sentences(const struct aver_explaining *e, struct aver_buf *o)
{
    const struct aver_plain *p = &e->plain;
    const struct aver_line_decision *line = p->decision->lines.items;
    H("<h2>Why</h2>\n");
    for (size_t i = 0; i < p->decision->lines.count; i++) {
        const struct aver_line_decision *d = &line[i];
        const char *status = aver_plain_status(p, d), *next = aver_plain_next(p, d);
        const struct aver_line *l = aver_plain_line(p, d->number);
        H("<h3>"), T("%llu. %s", (unsigned long long)d->number, aver_plain_service(p, d));
        if (l) T(", %s", aver_plain_provider(p, l));
        H("</h3>\n");
        for (size_t k = 0; k < d->adjustments.count; k++)
            H("<p>"), T("%s", aver_plain_adjustment(p, d, k)), H("</p>\n");
        const char *spared = aver_plain_spared(p, d);
        if (*spared) H("<p>"), T("%s", spared), H("</p>\n");
        const struct aver_count *count = d->counts.items;
        for (size_t k = 0; k < d->counts.count; k++)
            H("<p>"), T("%s", aver_plain_count(p, &count[k])), H("</p>\n");
        if (*status) H("<p>"), T("%s", status), H("</p>\n");
        const char *earlier = aver_plain_earlier_words(p, d);
        if (*earlier) H("<p>"), T("%s", earlier), H("</p>\n");
        if (d->status == AVER_LINE_DECIDED)
            H("<p>"),
                T("The plan pays %s. You may owe %s.", aver_plain_money(p->arena, (int64_t)d->paid.cents),
                  aver_plain_money(p->arena, aver_line_owed(d))),
                H("</p>\n");
        if (*next) H("<p><strong>What to do:</strong> "), T("%s", next), H("</p>\n");
    }
}

static void put_standings(const struct aver_explaining *e, struct aver_buf *o)
{
    const struct aver_plain *p = &e->plain;
    struct aver_list list = aver_plain_standings(p);
    const struct aver_plain_standing *s = list.items;
    if (!list.count) return;
    H("<h2>Where you stand after this claim</h2>\n<table>\n<caption>Of each amount, what this claim used and what is left; beside it counts what other networks and the year before add. Limit = used now + beside it + left.</caption>\n"
      "<thead><tr><th scope=\"col\">Amount</th><th scope=\"col\">Whose</th><th scope=\"col\">Period</th>"
      "<th scope=\"col\" class=\"n\">Limit</th><th scope=\"col\" class=\"n\">Used before</th><th scope=\"col\" class=\"n\">This claim</th>"
      "<th scope=\"col\" class=\"n\">Used now</th><th scope=\"col\" class=\"n\">Beside it</th><th scope=\"col\" class=\"n\">Left</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < list.count; i++) {
        H("<tr><th scope=\"row\">");
        T("%s%s%s", aver_plain_counter(p->arena, s[i].counter), s[i].tier.len ? ", " : "",
          s[i].tier.len ? aver_plain_tier(p->arena, s[i].tier) : "");
        const char *reported = aver_plain_reported(p, s[i].counter, s[i].tier, s[i].period, s[i].scope);
        if (*reported) H("<br/>"), T("%s", reported);
        H("</th><td>"), H(s[i].scope == AVER_SCOPE_FAMILY ? "family" : "you"), H("</td><td>");
        T("%s", aver_plain_period(p->arena, s[i].period)), H("</td>");
        if (s[i].limit >= 0)
            put_cents(o, p, s[i].limit);
        else
            H("<td class=\"n\">none</td>");
        put_cents(o, p, s[i].before);
        put_cents(o, p, s[i].after - s[i].before);
        put_cents(o, p, s[i].after);
        put_cents(o, p, s[i].credit);
        if (s[i].limit >= 0)
            put_cents(o, p, s[i].left);
        else
            H("<td class=\"n\">no limit</td>");
        H("</tr>\n");
    }
    H("</tbody>\n</table>\n");
}

static void put_code(struct aver_buf *o, const char *code, const char *amount, uint64_t number,
                     aver_bytes text, const char *words)
{
    H("<tr><td>"), T("%llu", (unsigned long long)number), H("</td><td>"), T("%s", code),
        H("</td><td class=\"n\">");
    T("%s", amount), H("</td><td>");
    if (text.ptr)
        aver_html_text(o, text);
    else
        T("%s", words);
    H("</td></tr>\n");
}

static void put_codes(const struct aver_explaining *e, struct aver_buf *o)
{
    const struct aver_plain *p = &e->plain;
    const struct aver_line_decision *line = p->decision->lines.items;
    size_t any = 0;
    for (size_t i = 0; i < p->decision->lines.count; i++) any += line[i].adjustments.count;
    if (!any) return;
    H("<h2>Codes, for your provider</h2>\n<table>\n<caption>The same amounts as codes: who bears it (CO the provider, PR the patient, OA "
      "and PI nobody of the two), and why.</caption>\n<thead><tr><th scope=\"col\">Service</th><th scope=\"col\">Code</th>"
      "<th scope=\"col\" class=\"n\">Amount</th><th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < p->decision->lines.count; i++) {
        const struct aver_adjustment *a = line[i].adjustments.items;
        for (size_t k = 0; k < line[i].adjustments.count; k++) {
            const aver_bytes *rarc = a[k].rarc.items;
            put_code(o, aver_reason_words(p->arena, &a[k]), aver_plain_money(p->arena, a[k].amount.cents),
                     line[i].number, aver_codes_text(e->codes, AVER_CODES_CARC, a[k].carc),
                     aver_carc_words(a[k].carc));
            for (size_t r = 0; r < a[k].rarc.count; r++)
                put_code(o, aver_arena_printf(p->arena, "%.*s", AVER_STR(rarc[r])), "", line[i].number,
                         aver_codes_text(e->codes, AVER_CODES_RARC, rarc[r]), "remark");
        }
    }
    H("</tbody>\n</table>\n");
}

static void put_end(const struct aver_explaining *e, struct aver_buf *o)
{
    const struct aver_plain *p = &e->plain;
    const char *appeal = aver_plain_appeal(p);
    if (*appeal) H("<h2>If you disagree</h2>\n<p>"), T("%s", appeal), H("</p>\n");
    H("<h2>How to check this</h2>\n<p>This claim lies in a ledger that nobody can change without being seen. Ask the plan for the claim&#39;s "
      "bundle: the program <code>aver-verify</code> then decides it again, on a computer of your choice, and must come to the amounts of this "
      "page.</p>\n<dl>\n");
    put_pair(o, "Claim id", e->found->id);
    put_pair(o, "Log entry", aver_arena_printf(p->arena, "%llu", (unsigned long long)e->found->state.entry));
    put_pair(o, "Height", aver_arena_printf(p->arena, "%llu", (unsigned long long)e->found->state.height));
    put_digest(o, "Claim digest", &e->found->state.leaf);
    put_digest(o, "Policy", &p->decision->policy);
    put_digest(o, "Eligibility", &p->decision->eligibility);
    put_digest(o, "Coverage", &p->decision->coverage);
    put_digest(o, "Payout", &p->decision->payout);
    H("</dl>\n</main>\n</body>\n</html>\n");
}

void aver_explain_page(const struct aver_explaining *e, struct aver_buf *out)
{
    put_head(e, out);
    put_table(e, out);
    put_sentences(e, out);
    put_standings(e, out);
    put_codes(e, out);
    put_end(e, out);
}
