/* aver/explain_facts.c - see explain.h: what every form of an explanation tells, looked up once. */
#include <string.h>

#include "aver/explain.h"
#include "aver/output.h"
#include "ledger/model/benefit_year.h"
#include "vm/vm.h"

static aver_digest contract_of(const struct aver_decision *d, uint64_t stage)
{
    switch ((enum aver_stage)stage) {
    case AVER_STAGE_ELIGIBILITY: return d->eligibility;
    case AVER_STAGE_COVERAGE: return d->coverage;
    case AVER_STAGE_PAYOUT: return d->payout;
    case AVER_STAGE_HOST: return (aver_digest){{0}};
    }
    AVER_UNREACHABLE();
}

/* "coverage.lua", from the name under which the contract was published; the stage's name where that cannot be told. */
const char *aver_explain_contract(const struct aver_explaining *e, uint64_t stage)
{
    if (stage == AVER_STAGE_HOST) return "the ledger itself";
    struct aver_artifact_state state;
    struct aver_stored stored;
    char hex[65];
    aver_digest digest = contract_of(e->found->decision, stage);
    aver_hex(hex, aver_digest_bytes(&digest));
    aver_err err = e->view->get(e->view->self, aver_bytes_str(aver_arena_printf(&e->cmd->arena, "a/%s", hex)),
                                &stored, NULL);
    if (err == AVER_OK)
        err = aver_schema_read(aver_arena_copy(&e->cmd->arena, stored.record), &aver_artifact_state_schema,
                               &state, &e->cmd->arena, NULL);
    return err == AVER_OK ? aver_arena_printf(&e->cmd->arena, "%.*s.lua", AVER_STR(state.name))
                          : aver_stage_names[stage];
}

/* Line `number` of a text, trimmed; absent when there is none. */
static aver_bytes line_of(aver_bytes text, uint64_t number)
{
    while (number > 1 && text.len) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) + 1 : text.len;
        text = aver_bytes_cut(text, n, text.len - n);
        number--;
    }
    if (number != 1 || !text.len) return AVER_BYTES_NONE;
    const uint8_t *end = memchr(text.ptr, '\n', text.len);
    return aver_bytes_trim(aver_bytes_cut(text, 0, end ? (size_t)(end - text.ptr) : text.len));
}

aver_bytes aver_explain_source(const struct aver_explaining *e, uint64_t stage, uint64_t number)
{
    aver_bytes text;
    if (stage == AVER_STAGE_HOST || !number) return AVER_BYTES_NONE;
    if (e->view->artifact(e->view->self, contract_of(e->found->decision, stage), &text, NULL) != AVER_OK)
        return AVER_BYTES_NONE;
    return line_of(text, number);
}

/* "coverage.lua:36 < 55": where it was done, then who called. */
const char *aver_explain_chain(const struct aver_explaining *e, const struct aver_adjustment *a)
{
    struct aver_buf text = {0};
    const uint64_t *line = a->lines.items;
    aver_buf_str(&text, aver_explain_contract(e, a->stage));
    for (size_t i = 0; i < a->lines.count; i++)
        aver_buf_printf(&text, "%s%llu", i ? " < " : ":", (unsigned long long)line[i]);
    const char *kept = aver_arena_printf(&e->cmd->arena, "%.*s", AVER_STR(aver_buf_view(&text)));
    aver_buf_free(&text);
    return kept;
}

aver_err aver_explain_begin(struct aver_explaining *e)
{
    static const aver_digest none;
    struct aver_arena *arena = &e->cmd->arena;
    const struct aver_decision *d = e->found->decision;
    aver_bytes bytes;
    e->plain =
        (struct aver_plain){.arena = arena, .claim = &e->found->claim, .decision = d, .codes = e->codes};
    if (aver_digest_eq(d->policy, none)) return AVER_OK;
    struct aver_policy_loaded *policy = AVER_NEW(arena, struct aver_policy_loaded);
    AVER_TRY(e->view->artifact(e->view->self, d->policy, &bytes, &e->cmd->why));
    AVER_TRY(aver_policy_load(policy, aver_arena_copy(arena, bytes), arena, &e->cmd->why));
    e->plain.policy = policy;
    return AVER_OK;
}

static struct aver_plain_report *report_of(struct aver_explaining *e, aver_bytes source,
                                           const struct aver_posting *of)
{
    struct aver_plain_report *r = e->plain.reports.items;
    for (size_t i = 0; i < e->plain.reports.count; i++)
        if (r[i].scope == of->scope && aver_bytes_eq(r[i].source, source) &&
            aver_bytes_eq(r[i].counter, of->counter) && aver_bytes_eq(r[i].tier, of->tier) &&
            aver_bytes_eq(r[i].period, of->period))
            return &r[i];
    r = aver_list_add(&e->cmd->arena, &e->plain.reports, sizeof *r);
    *r = (struct aver_plain_report){source, of->counter, of->tier, of->period, of->scope, 0};
    return r;
}

/* One report: it counts if it stood when the claim was decided. */
static aver_err add_report(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_explaining *e = user;
    struct aver_accrual_state state;
    uint64_t then = e->found->state.height;
    (void)name;
    AVER_TRY(aver_schema_read(aver_arena_copy(&e->cmd->arena, stored.record), &aver_accrual_state_schema,
                              &state, &e->cmd->arena, why));
    bool stood = state.height < then && (!state.reversed || state.reversed >= then);
    bool own = aver_bytes_eq(state.member_id, e->found->decision->member_id);
    if (!stood || !aver_bytes_eq(state.pool, aver_policy_pool(e->plain.policy))) return AVER_OK;
    const struct aver_posting *p = state.postings.items;
    for (size_t i = 0; i < state.postings.count; i++)
        if (own || p[i].scope == AVER_SCOPE_FAMILY)
            report_of(e, state.source, &p[i])->cents += p[i].amount.cents;
    return AVER_OK;
}

aver_err aver_explain_reports(struct aver_explaining *e, struct aver_ledger *ledger)
{
    const struct aver_decision *d = e->found->decision;
    if (!e->plain.policy || !d->family_id.ptr) return AVER_OK;
    const char *prefix = aver_arena_printf(&e->cmd->arena, "f/%.*s/x/", AVER_STR(d->family_id));
    return aver_ledger_names(ledger, prefix, add_report, e, &e->cmd->why);
}

/* Of the paths of `citations` the longest that leads to this one. */
aver_bytes aver_explain_citation(const struct aver_explaining *e, aver_bytes path)
{
    const struct aver_policy_loaded *policy = e->plain.policy;
    const struct aver_policy_node *list =
        policy ? aver_policy_child(&policy->root, AVER_LIT("citations")) : NULL;
    aver_bytes best = AVER_BYTES_NONE, source = AVER_BYTES_NONE;
    for (size_t i = 0; list && i < list->count; i++) {
        const struct aver_policy_node *p = aver_policy_child(&list->children[i], AVER_LIT("of"));
        const struct aver_policy_node *s = aver_policy_child(&list->children[i], AVER_LIT("source"));
        if (!p || !s || p->text.len > path.len || memcmp(p->text.ptr, path.ptr, p->text.len)) continue;
        if (p->text.len < path.len && path.ptr[p->text.len] != '.') continue;
        if (best.ptr && best.len >= p->text.len) continue;
        best = p->text;
        source = s->text;
    }
    return source;
}

static const struct aver_table_used *table_named(const struct aver_explaining *e, aver_bytes name)
{
    const struct aver_table_used *t = e->found->decision->tables.items;
    for (size_t i = 0; i < e->found->decision->tables.count; i++)
        if (aver_bytes_eq(t[i].name, name)) return &t[i];
    return NULL;
}

/* An entry of a table that the decision used, in the command's arena. */
static bool entry_at(const struct aver_explaining *e, const struct aver_table_used *table, aver_bytes code,
                     struct aver_table_entry *out, aver_digest *digest)
{
    aver_bytes bytes;
    if (e->view->table_entry(e->view->self, table->root, code, &bytes, NULL) != AVER_OK) return false;
    bytes = aver_arena_copy(&e->cmd->arena, bytes);
    *digest = aver_sha256(bytes);
    return aver_schema_read(bytes, &aver_table_entry_schema, out, &e->cmd->arena, NULL) == AVER_OK;
}

/* Where the policy has localities: the one that the line's price went by. */
static aver_bytes locality_of(const struct aver_explaining *e, const struct aver_line *line)
{
    const struct aver_policy_node *named =
        e->plain.policy ? aver_policy_at(&e->plain.policy->root, AVER_LIT("localities.table")) : NULL;
    const struct aver_table_used *table = named ? table_named(e, named->text) : NULL;
    const struct aver_provider *site = aver_claim_site(&e->found->claim, line);
    const aver_bytes codes[] = {aver_claim_zip(site), site->state};
    for (size_t i = 0; table && i < 2; i++) {
        struct aver_table_entry entry = {0};
        aver_digest digest;
        if (!codes[i].ptr || !entry_at(e, table, codes[i], &entry, &digest)) continue;
        const struct aver_table_row *row =
            aver_table_row_on(&entry, line->service_from, NULL, 0, AVER_BYTES_NONE, AVER_BYTES_NONE);
        if (row) return row->tier;
    }
    return AVER_BYTES_NONE;
}

bool aver_explain_entry(const struct aver_explaining *e, const struct aver_adjustment *a,
                        const struct aver_line *line, struct aver_entry_used *out)
{
    const struct aver_table_used *table = a->table.ptr ? table_named(e, a->table) : NULL;
    *out = (struct aver_entry_used){0};
    if (!table || !entry_at(e, table, a->table_key, &out->entry, &out->digest)) return false;
    out->root = table->root;
    if (!line) return true;
    const struct aver_table_row *rows = out->entry.rows.items;
    if (out->entry.rows.count && rows[0].column_2.ptr) { /* a pair, of which this line is column 2 */
        out->row = aver_table_pair_on(&out->entry, &(size_t){0}, line->procedure, line->service_from);
        return true;
    }
    aver_bytes place = line->place_of_service.ptr ? line->place_of_service : e->found->claim.place_of_service;
    out->row = aver_table_row_on(&out->entry, line->service_from, line->modifiers.items,
                                 line->modifiers.count, place, locality_of(e, line));
    return true;
}

/* "92.00", "0.087": millionths of a dollar, for people. */
const char *aver_explain_price(struct aver_arena *arena, uint64_t micros)
{
    char *text = aver_arena_printf(arena, "%llu.%06u", (unsigned long long)(micros / 1000000),
                                   (unsigned)(micros % 1000000));
    size_t n = strlen(text);
    while (text[n - 1] == '0' && text[n - 3] != '.') n--; /* two decimals stay */
    text[n] = 0;
    return text;
}

const char *aver_explain_trap(uint64_t trap)
{
    switch ((enum aver_trap)trap) {
    case AVER_TRAP_NONE: return "nothing";
    case AVER_TRAP_GAS: return "it ran out of gas";
    case AVER_TRAP_ERROR: return "an error in its code";
    case AVER_TRAP_FAIL: return "it gave up by fail()";
    case AVER_TRAP_ARGUMENT: return "a function was given what it does not take";
    case AVER_TRAP_FIELD: return "it used a field that there is not";
    case AVER_TRAP_RANGE: return "a number left its range";
    case AVER_TRAP_ENTRY: return "it lacks the entry point";
    case AVER_TRAP_RULE: return "it would have broken a rule of adjudication";
    case AVER_TRAP_FAMILY: return "it reached for another family's state";
    }
    AVER_UNREACHABLE();
}

/* What the reader can do about it. */
const char *aver_explain_next(const struct aver_explaining *e)
{
    const struct aver_decision *d = e->found->decision;
    switch ((enum aver_claim_status)d->status) {
    case AVER_CLAIM_PAYABLE:
        return e->found->state.trace.ptr
                   ? aver_arena_printf(&e->cmd->arena,
                                       "reported in remittance %.*s; aver remit show prints it",
                                       AVER_STR(e->found->state.trace))
                   : "the next remittance to the payee reports it (aver remit)";
    case AVER_CLAIM_DENIED:
        return "nothing is paid; where a line lacks something, the provider mends it and files a new claim, with a patient control "
               "number of its own";
    case AVER_CLAIM_PENDED:
        return "a person of the insurer settles what is pended above; until then nothing is paid, owed or used up, and no remittance "
               "reports it";
    case AVER_CLAIM_HELD:
        return "the insurer mends the contract; the claim keeps the date on which it was filed, nothing is paid, owed or used up";
    }
    AVER_UNREACHABLE();
}

const char *aver_explain_decider(const struct aver_decision *d)
{
    return d->decided_by == 2 ? "person" : "contract";
}
