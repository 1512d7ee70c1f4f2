/* aver/case_counters.c - what accumulators hold after a claim, for who compares: see case_run.h. */
#include "aver/case_run.h"

#include "ledger/model/benefit_year.h"

aver_err aver_case_policy(struct aver_case_run *r, const struct aver_decision *d,
                          const struct aver_policy_loaded **out)
{
    static const aver_digest none;
    *out = NULL;
    if (aver_digest_eq(d->policy, none)) return AVER_OK;
    return aver_machine_policy(r->bases->project->machines[0], r->out->view, d->policy, out, &r->cmd->why);
}

aver_err aver_case_balances_of(struct aver_case_run *r, aver_bytes family, aver_bytes person, aver_bytes pool,
                               aver_bytes period, struct aver_balances *out)
{
    struct aver_stored stored;
    struct aver_work names = {.arena = r->arena};
    *out = (struct aver_balances){0};
    aver_bytes name = aver_work_balances_name(
        &names, family, aver_bytes_is(person, "*") ? AVER_BYTES_NONE : person, pool, period);
    aver_err err = r->out->view->get(r->out->view->self, name, &stored, &r->cmd->why);
    if (err == AVER_OK)
        err = aver_schema_read(aver_arena_copy(r->arena, stored.record), &aver_balances_schema, out, r->arena,
                               &r->cmd->why);
    return err == AVER_E_NOT_FOUND ? AVER_OK : err;
}

/* Of a maximum per lifetime there is one period; else it is the benefit year of the day. */
static aver_bytes period_of(struct aver_case_run *r, const struct aver_policy_loaded *policy,
                            const struct aver_case_counter *c)
{
    const struct aver_policy_node *per =
        aver_policy_child(aver_case_counter_node(&policy->root, c->counter), AVER_LIT("per"));
    struct aver_benefit_year year = aver_benefit_year_of(policy, c->day);
    if (c->period.ptr) return c->period;
    if (per && aver_bytes_is(per->text, "lifetime")) return AVER_LIT(AVER_PERIOD_LIFETIME);
    return aver_arena_copy(r->arena, aver_bytes_str(year.period));
}

aver_err aver_case_used(struct aver_case_run *r, const struct aver_decision *d,
                        const struct aver_case_counter *c, int64_t *out)
{
    struct aver_balances balances;
    const struct aver_policy_loaded *policy;
    *out = 0;
    AVER_TRY(aver_case_policy(r, d, &policy));
    if (!policy) return AVER_OK;
    AVER_TRY(aver_case_balances_of(r, d->family_id, c->person, aver_policy_pool(policy),
                                   period_of(r, policy, c), &balances));
    const struct aver_balance *b = balances.items.items;
    for (size_t i = 0; i < balances.items.count; i++)
        if (aver_bytes_eq(b[i].counter, c->counter) && aver_bytes_eq(b[i].tier, c->tier))
            *out = b[i].used.cents;
    return AVER_OK;
}

static aver_bytes next_word(aver_bytes *rest, uint8_t end)
{
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != end) n++;
    aver_bytes word = aver_bytes_cut(*rest, 0, n);
    size_t skip = n;
    while (skip < rest->len && (rest->ptr[skip] == end || rest->ptr[skip] == ' ')) skip++;
    *rest = aver_bytes_cut(*rest, skip, rest->len - skip);
    return word;
}

static bool is_period(aver_bytes word)
{
    return aver_bytes_is(word, AVER_PERIOD_LIFETIME) || (word.ptr[0] >= '0' && word.ptr[0] <= '9');
}

/* All but the last word of an item, as they stand; the amount is what the counter holds. */
static aver_err one_counter(struct aver_case_run *r, const struct aver_case_row *row,
                            const struct aver_found *found, struct aver_case_counter c, aver_bytes item,
                            struct aver_buf *out)
{
    char text[AVER_MONEY_TEXT];
    int64_t used;
    for (aver_bytes word = next_word(&item, ' '); item.len; word = next_word(&item, ' ')) {
        aver_buf_bytes(out, word);
        aver_buf_byte(out, ' ');
        if (!c.counter.ptr)
            c.counter = word;
        else if (aver_bytes_is(word, "family"))
            c.person = AVER_LIT("*");
        else if (is_period(word))
            c.period = word;
        else
            c.tier = word;
    }
    if (!c.counter.ptr) return aver_case_bad(r, row, AVER_COL_USED, "a counter and its amount");
    AVER_TRY(aver_case_used(r, found->decision, &c, &used));
    aver_buf_str(out, aver_cents_text(text, used));
    return AVER_OK;
}

aver_err aver_case_counters(struct aver_case_run *r, const struct aver_case_row *row,
                            const struct aver_found *found, uint64_t number, struct aver_buf *out)
{
    const struct aver_case_counter c = {.person = found->decision->member_id,
                                        .day = aver_claim_line(&found->claim, number)->service_from};
    for (aver_bytes rest = row->cell[AVER_COL_USED]; rest.len;) {
        if (out->len) aver_buf_str(out, ", ");
        AVER_TRY(one_counter(r, row, found, c, next_word(&rest, ','), out));
    }
    return AVER_OK;
}
