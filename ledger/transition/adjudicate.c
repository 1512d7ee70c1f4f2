/* ledger/transition/adjudicate.c - see adjudicate.h. Read from the bottom: aver_adjudicate tells the order. */
#include "ledger/transition/adjudicate.h"

#include "ledger/model/benefit_year.h"
#include "ledger/transition/contract.h"
#include "ledger/transition/host.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool same_name(aver_bytes a, aver_bytes b)
{
    return a.len == b.len && a.len && strncasecmp((const char *)a.ptr, (const char *)b.ptr, a.len) == 0;
}

/* The only member born on that day, or of several (twins) the one with this first name. */
static aver_bytes born_on(const struct aver_born *born, aver_bytes first_name)
{
    const struct aver_born_member *m = born->members.items;
    aver_bytes by_name = AVER_BYTES_NONE;
    size_t same = 0;
    for (size_t i = 0; i < born->members.count; i++)
        if (same_name(m[i].first_name, first_name)) same++, by_name = m[i].member_id;
    return same == 1 ? by_name : born->members.count == 1 ? m[0].member_id : AVER_BYTES_NONE;
}

/* The secret stands in the family's record, which is read for nothing else. */
static aver_err open_family(struct aver_case *c, aver_bytes family_id)
{
    struct aver_stored stored = {0};
    struct aver_family family = {0};
    if (!c->view->open_key) {
        AVER_TRY(c->view->get(c->view->self, aver_work_family_name(c->work, family_id), &stored, c->why));
        AVER_TRY(aver_schema_read(aver_arena_copy(c->arena, stored.record), &aver_family_schema, &family,
                                  c->arena, c->why));
    }
    aver_work_family(c->work, family_id, family.secret);
    return AVER_OK;
}

/* A patient who is not the subscriber usually comes without a member id, and is found by the day of birth. Absent: not found. */
static aver_err patient_id(struct aver_case *c, aver_bytes family, aver_bytes *id)
{
    const struct aver_person *p = c->claim->patient ? c->claim->patient : c->claim->subscriber;
    struct aver_born *born = AVER_NEW(c->arena, struct aver_born);
    *id = p->member_id;
    if (id->ptr || p->birth_date == AVER_NO_DAY) return AVER_OK;
    aver_err err = aver_work_get(c->work, aver_work_born_name(c->work, family, p->birth_date),
                                 &aver_born_schema, born, c->why);
    if (err == AVER_OK) *id = born_on(born, p->first_name);
    c->twins = err == AVER_OK && !id->ptr && born->members.count > 1;
    return err == AVER_E_NOT_FOUND ? AVER_OK : err;
}

static aver_err find_member(struct aver_case *c)
{
    struct aver_member_state subscriber;
    struct aver_enrolled *enrolled = AVER_NEW(c->arena, struct aver_enrolled);
    struct aver_work *w = c->work;
    aver_bytes id;
    aver_err err = aver_work_get(w, aver_work_name(w, "m/", c->claim->subscriber->member_id),
                                 &aver_member_state_schema, &subscriber, c->why);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    AVER_TRY(open_family(c, subscriber.family));
    AVER_TRY(patient_id(c, subscriber.family, &id));
    if (!id.ptr) return AVER_OK;
    err = aver_work_get(w, aver_work_member_name(w, subscriber.family, id), &aver_enrolled_schema, enrolled,
                        c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (err == AVER_E_NOT_FOUND || !enrolled->member) return AVER_OK;
    c->member = enrolled->member;
    c->family = subscriber.family;
    c->decision->family_id = subscriber.family;
    c->decision->member_id = c->member->member_id;
    return AVER_OK;
}

/* Without cover on the day, the plan that explains why is the last one that began before, else the first there will be. */
static const struct aver_cover *nearest_cover(const struct aver_member *m, aver_day day)
{
    const struct aver_cover *covers = m->covers.items, *best = NULL;
    for (size_t i = 0; i < m->covers.count; i++) {
        if (!best)
            best = &covers[i];
        else if (covers[i].from <= day ? best->from > day || covers[i].from > best->from
                                       : best->from > day && covers[i].from < best->from)
            best = &covers[i];
    }
    return best;
}

static const struct aver_plan_version *version_on(const struct aver_plan_state *plan, aver_day day,
                                                  bool nearest)
{
    const struct aver_plan_version *v = plan->versions.items, *best = NULL;
    for (size_t i = 0; i < plan->versions.count; i++)
        if (v[i].from <= day && day <= v[i].to) best = &v[i]; /* later approvals come later */
    if (!best && nearest && plan->versions.count) best = &v[plan->versions.count - 1];
    return best;
}

static void text_field(aver_bytes *out, struct aver_case *c, const char *fmt, ...) AVER_PRINTF(3, 4);
static void text_field(aver_bytes *out, struct aver_case *c, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    /* Cut to the field's bound at a character's edge. */
    size_t n = strlen(text);
    if (n > 200) n = 200;
    while (n && !aver_bytes_utf8(aver_bytes_of(text, n))) n--;
    *out = aver_arena_copy(c->arena, aver_bytes_of(text, n));
}

/* The host holds the whole claim for a person. */
static void host_pend(struct aver_case *c, const char *because, const char *reason)
{
    for (size_t i = 0; i < c->lines_count; i++) {
        c->lines[i].decision->status = AVER_LINE_PENDED;
        text_field(&c->lines[i].decision->reason, c, "%s", reason);
        text_field(&c->lines[i].decision->because, c, "%s", because);
    }
}

/* An unknown member is a decision, so that the provider can prove that it filed: PR-31 on each line. */
static void deny_unknown_member(struct aver_case *c)
{
    for (size_t i = 0; i < c->lines_count; i++) {
        struct aver_line_decision *d = c->lines[i].decision;
        d->status = AVER_LINE_DENIED;
        if (c->lines[i].left == 0) continue;
        struct aver_adjustment *a = aver_list_add(c->arena, &d->adjustments, sizeof *a);
        *a = (struct aver_adjustment){.group = AVER_GROUP_PR,
                                      .carc = AVER_LIT("31"),
                                      .amount = {c->lines[i].left},
                                      .because = AVER_LIT("enrolment"),
                                      .value = AVER_LIT("no such member"),
                                      .stage = AVER_STAGE_HOST};
        c->lines[i].left = 0;
    }
}

/* Policies go by the date of service, and one policy decides the whole claim: lines of days on which another version of the plan
 * is in force are for a person to split off. An institutional claim goes by its first day (adjudication-rules 18). Days without
 * any version are for the contract to judge. */
static bool one_version(const struct aver_case *c, const struct aver_plan_state *plan,
                        const struct aver_plan_version *chosen)
{
    for (size_t i = 0; c->claim->type != AVER_CLAIM_INSTITUTIONAL && i < c->lines_count; i++) {
        const struct aver_plan_version *v = version_on(plan, c->lines[i].line->service_from, false);
        if (v && !aver_digest_eq(v->policy, chosen->policy)) return false;
    }
    return true;
}

/* Chooses the policy. *ready is false when the claim was decided or held without one. */
static aver_err find_policy(struct aver_case *c, bool *ready)
{
    aver_day day = c->claim->statement_from;
    const struct aver_cover *cover = aver_cover_on(c->member, day),
                            *plan = cover ? cover : nearest_cover(c->member, day);
    struct aver_plan_state state;
    char iso[AVER_DAY_TEXT], reason[200];
    *ready = false;
    if (!plan) {
        host_pend(c, "enrolment", "the member has no period of cover on file");
        return AVER_OK;
    }
    c->decision->plan = plan->plan;
    aver_err err = aver_work_get(c->work, aver_work_name(c->work, "l/", plan->plan), &aver_plan_state_schema,
                                 &state, c->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    const struct aver_plan_version *version = err == AVER_OK ? version_on(&state, day, cover == NULL) : NULL;
    if (!version) {
        snprintf(reason, sizeof reason, "no policy of plan %.*s is in force on %s", AVER_STR(plan->plan),
                 aver_day_iso(iso, day));
        host_pend(c, "plan", reason);
        return AVER_OK;
    }
    if (!one_version(c, &state, version)) {
        host_pend(c, "plan", "its services fall under different versions of the plan: split the claim");
        return AVER_OK;
    }
    AVER_TRY(aver_machine_policy(c->machine, c->view, version->policy, &c->policy, c->why));
    c->decision->policy = c->policy->digest;
    c->pool = aver_policy_pool(c->policy);
    *ready = true;
    return AVER_OK;
}

static bool any_pended(const struct aver_case *c)
{
    for (size_t i = 0; i < c->lines_count; i++)
        if (c->lines[i].decision->status == AVER_LINE_PENDED) return true;
    return false;
}

static void hold(struct aver_case *c, enum aver_trap trap, uint64_t line)
{
    c->decision->status = AVER_CLAIM_HELD;
    c->decision->trap = trap;
    c->decision->trap_stage = c->stage;
    c->decision->trap_line = line;
}

_Static_assert(AVER_GAS_CLAIM_MAX(AVER_CLAIM_LINES_MAX) <= AVER_VM_GAS_LIMIT_MAX,
               "gas ends before memory does");

static aver_err run_stage(struct aver_case *c, enum aver_stage stage, aver_digest contract, const char *entry,
                          struct aver_applied *said)
{
    struct aver_vm *vm;
    AVER_TRY(aver_machine_contract(c->machine, c->view, contract, &vm, c->why));
    struct aver_value args[] = {aver_host_claim(c), aver_host_member(c)};
    struct aver_value objects[] = {aver_host_policy(c)};
    struct aver_run run = {.entry = entry,
                           .args = args,
                           .args_count = 2,
                           .objects = objects,
                           .host = c,
                           .gas_limit = AVER_GAS_CLAIM_MAX(c->lines_count) - c->decision->gas};
    c->stage = stage;
    AVER_TRY(aver_vm_run(vm, &run, c->why));
    if (c->failed != AVER_OK) return c->failed;
    c->decision->gas += run.gas_used;
    said->stage_gas[stage] = run.gas_used;
    if (run.trap != AVER_TRAP_NONE) {
        hold(c, run.trap, run.trap_line);
        snprintf(said->words, sizeof said->words, "%s:%u: %s", entry, (unsigned)run.trap_line, run.trap_text);
    }
    return AVER_OK;
}

/* All three must explain the line: a line that nobody allowed, denied or pended has no decision. */
static void close_lines(struct aver_case *c, struct aver_applied *said)
{
    for (size_t i = 0; i < c->lines_count; i++) {
        if (c->lines[i].decision->status != 0) continue;
        if (!c->lines[i].allowed_set) {
            hold(c, AVER_TRAP_RULE, 0);
            snprintf(said->words, sizeof said->words, "line %u was neither allowed, denied nor pended",
                     (unsigned)c->lines[i].line->number);
            return;
        }
        c->lines[i].decision->status = AVER_LINE_DECIDED;
    }
}

/* What is left of a line is paid; a claim with a pended line is held whole and posts nothing (adjudication-rules 16). */
static void total(struct aver_case *c)
{
    struct aver_decision *d = c->decision;
    bool pended = any_pended(c), denied = true;
    if (d->status != AVER_CLAIM_HELD && pended) d->status = AVER_CLAIM_PENDED;
    for (size_t i = 0; i < c->lines_count; i++) {
        struct aver_line_decision *l = c->lines[i].decision;
        if (d->status == AVER_CLAIM_HELD || d->status == AVER_CLAIM_PENDED) {
            l->status = d->status == AVER_CLAIM_HELD ? AVER_LINE_HELD : AVER_LINE_PENDED;
            l->adjustments = l->postings = l->counts = (struct aver_list){0};
            l->allowed.cents = 0;
            continue;
        }
        denied = denied && l->status == AVER_LINE_DENIED;
        l->paid.cents = (uint64_t)c->lines[i].left;
        d->allowed.cents += l->allowed.cents;
        d->paid.cents += l->paid.cents;
        const struct aver_adjustment *a = l->adjustments.items;
        for (size_t k = 0; k < l->adjustments.count; k++)
            if (a[k].group == AVER_GROUP_PR) d->patient_responsibility.cents += (uint64_t)a[k].amount.cents;
    }
    if (d->status == 0) d->status = denied ? AVER_CLAIM_DENIED : AVER_CLAIM_PAYABLE;
}

static void tables_used(struct aver_case *c)
{
    struct aver_table_used *t = c->tables.items;
    for (size_t i = 1; i < c->tables.count; i++)
        for (size_t k = i; k > 0 && aver_bytes_cmp(t[k - 1].name, t[k].name) > 0; k--) {
            struct aver_table_used swap = t[k];
            t[k] = t[k - 1];
            t[k - 1] = swap;
        }
    c->decision->tables = c->tables;
}

void aver_case_begin(struct aver_case *c)
{
    const struct aver_claim *claim = c->claim;
    struct aver_decision *decision = c->decision;
    const struct aver_line *lines = claim->lines.items;
    c->lines_count = claim->lines.count;
    c->lines = AVER_NEW_ARRAY(c->arena, struct aver_case_line, c->lines_count);
    *decision = (struct aver_decision){.claim_id = aver_arena_copy(c->arena, aver_bytes_str(c->id)),
                                       .version = 1,
                                       .charge = claim->total_charge,
                                       .gas_table = AVER_GAS_TABLE_VERSION,
                                       .payee = aver_claim_payee_id(claim),
                                       .decided_by = 1};
    decision->lines.items = AVER_NEW_ARRAY(c->arena, struct aver_line_decision, c->lines_count);
    decision->lines.count = c->lines_count;
    for (size_t i = 0; i < c->lines_count; i++) {
        struct aver_line_decision *d = (struct aver_line_decision *)decision->lines.items + i;
        d->number = lines[i].number;
        d->charge = lines[i].charge;
        c->lines[i] = (struct aver_case_line){.of = c,
                                              .line = &lines[i],
                                              .decision = d,
                                              .left = (int64_t)lines[i].charge.cents,
                                              .service = aver_case_service(c, &lines[i]),
                                              .prior_auth = aver_claim_reference(claim, &lines[i], "G1")};
    }
}

static aver_err decide(struct aver_case *c, struct aver_applied *said)
{
    bool ready;
    AVER_TRY(find_member(c));
    if (!c->member && c->twins) {
        host_pend(
            c, "enrolment",
            "several of the family were born on the patient's day, and the first name tells none of them");
        return AVER_OK;
    }
    if (!c->member) {
        deny_unknown_member(c);
        return AVER_OK;
    }
    if (c->claim->use != AVER_USE_CLAIM) {
        host_pend(c, "claim.use",
                  "encounters, predeterminations and preauthorizations are not decided by contract");
        return AVER_OK;
    }
    if (c->claim->frequency != AVER_FREQUENCY_ORIGINAL) {
        host_pend(c, "claim.frequency", "a replacement, void or interim claim is decided by a person");
        return AVER_OK;
    }
    bool room;
    AVER_TRY(aver_case_history_room(c, &room));
    if (!room) {
        host_pend(c, "history", "the member has too many services on one of these days");
        return AVER_OK;
    }
    AVER_TRY(find_policy(c, &ready));
    if (!ready) return AVER_OK;
    aver_case_years(c);
    const struct aver_policy *p = &c->policy->policy;
    c->decision->eligibility = p->eligibility;
    c->decision->coverage = p->coverage;
    c->decision->payout = p->payout;
    const struct {
        enum aver_stage stage;
        const aver_digest *contract;
        const char *entry;
    } stages[] = {{AVER_STAGE_ELIGIBILITY, &p->eligibility, "eligibility"},
                  {AVER_STAGE_COVERAGE, &p->coverage, "coverage"},
                  {AVER_STAGE_PAYOUT, &p->payout, "payout"}};
    for (size_t i = 0; i < 3; i++) {
        AVER_TRY(run_stage(c, stages[i].stage, *stages[i].contract, stages[i].entry, said));
        if (c->decision->status == AVER_CLAIM_HELD || any_pended(c)) return AVER_OK;
    }
    close_lines(c, said);
    return AVER_OK;
}

aver_err aver_adjudicate(struct aver_case **out, struct aver_machine *machine, struct aver_work *work,
                         const char *claim_id, const struct aver_claim *claim, struct aver_decision *decision,
                         struct aver_applied *said, struct aver_why *why)
{
    struct aver_case *c = AVER_NEW(work->arena, struct aver_case);
    *c = (struct aver_case){.claim = claim,
                            .received = aver_day_of_ms(work->view->time),
                            .stage = AVER_STAGE_HOST,
                            .decision = decision,
                            .machine = machine,
                            .work = work,
                            .arena = work->arena,
                            .view = work->view,
                            .why = why};
    struct aver_why identity;
    snprintf(c->id, sizeof c->id, "%s", claim_id);
    aver_case_begin(c);
    AVER_TRY(decide(c, said));
    tables_used(c);
    total(c);
    /* The host functions let nothing through that breaks an identity; this says so of the whole, whatever they did. */
    if (aver_decision_check(decision, &identity) != AVER_OK) {
        c->stage = AVER_STAGE_HOST;
        hold(c, AVER_TRAP_RULE, 0);
        decision->allowed = decision->paid = decision->patient_responsibility = (aver_money){0};
        for (size_t i = 0; i < c->lines_count; i++) c->lines[i].decision->paid.cents = 0;
        total(c);
        snprintf(said->words, sizeof said->words, "%s: %.400s", identity.code, identity.text);
    }
    *out = c;
    return AVER_OK;
}

aver_err aver_adjudicate_write(struct aver_case *c)
{
    if (!c->member) return AVER_OK;
    AVER_TRY(aver_case_history_write(c));
    return c->decision->status == AVER_CLAIM_PAYABLE ? aver_case_balances_write(c) : AVER_OK;
}
