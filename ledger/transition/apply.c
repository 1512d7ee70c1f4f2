/* ledger/transition/apply.c - one item of a batch takes effect, or does not: see apply.h. What a claim needs is in adjudicate.c, a
 * remittance in remit.c, an enrolment in enrol.c; the other kinds are small and here. */
#include "ledger/transition/apply.h"

#include "ledger/model/policy.h"
#include "ledger/model/table.h"
#include "ledger/transition/adjudicate.h"
#include "ledger/transition/contract.h"
#include "ledger/transition/kinds.h"

#include <stdio.h>
#include <string.h>

#define RECEIPT_BYTES 4096 /* most have no more */

enum aver_outcome aver_say(struct aver_act *a, enum aver_outcome outcome, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a->out->words, sizeof a->out->words, fmt, ap);
    va_end(ap);
    return outcome;
}

bool aver_act_decode(struct aver_act *a, const struct aver_schema *schema, void *record)
{
    struct aver_why why = {0};
    if (aver_schema_read(a->item->item, schema, record, a->work.arena, &why) == AVER_OK) return true;
    aver_say(a, AVER_OUT_MALFORMED, "%s (%s)", why.text, why.place);
    return false;
}

aver_err aver_act_lookup(struct aver_act *a, aver_bytes name, const struct aver_schema *schema, void *record,
                         bool *found)
{
    aver_err err = aver_work_get(&a->work, name, schema, record, a->why);
    *found = err == AVER_OK;
    return err == AVER_E_NOT_FOUND ? AVER_OK : err;
}

/* ---- genesis and parties ------------------------------------------------------------------------------------------ */

static aver_err add_key(struct aver_act *a, aver_bytes party, aver_bytes public_key,
                        struct aver_party_state *state, enum aver_outcome *outcome)
{
    struct aver_public_key pk;
    struct aver_key_state key;
    bool found;
    uint8_t kid[16];
    memcpy(pk.b, public_key.ptr, sizeof pk.b);
    aver_kid(kid, &pk);
    aver_bytes name = aver_work_name_hex(&a->work, "k/", aver_bytes_of(kid, sizeof kid));
    AVER_TRY(aver_act_lookup(a, name, &aver_key_state_schema, &key, &found));
    if (found) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "this key belongs to %.*s already", AVER_STR(key.party));
        return AVER_OK;
    }
    if (state->kids.count == AVER_PARTY_KEYS_MAX) {
        *outcome =
            aver_say(a, AVER_OUT_CONFLICT, "%.*s has %d keys already", AVER_STR(party), AVER_PARTY_KEYS_MAX);
        return AVER_OK;
    }
    key = (struct aver_key_state){.party = party, .public_key = public_key, .from = a->work.view->height};
    aver_work_put(&a->work, name, &aver_key_state_schema, &key);
    *(aver_bytes *)aver_list_add(a->work.arena, &state->kids, sizeof(aver_bytes)) =
        aver_bytes_cut(name, 2, 32);
    return AVER_OK;
}

static aver_err add_party(struct aver_act *a, aver_bytes id, const struct aver_party_state *fresh,
                          aver_bytes public_key, enum aver_outcome *outcome)
{
    struct aver_party_state party;
    bool found;
    aver_bytes name = aver_work_name(&a->work, "p/", id);
    AVER_TRY(aver_act_lookup(a, name, &aver_party_state_schema, &party, &found));
    if (found) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "the party %.*s exists already", AVER_STR(id));
        return AVER_OK;
    }
    party = *fresh;
    party.since = a->work.view->height;
    AVER_TRY(add_key(a, id, public_key, &party, outcome));
    if (*outcome == AVER_OUT_APPLIED) aver_work_put(&a->work, name, &aver_party_state_schema, &party);
    return AVER_OK;
}

static aver_err genesis(struct aver_act *a, enum aver_outcome *outcome)
{
    struct aver_genesis g, before;
    bool found;
    if (!aver_act_decode(a, &aver_genesis_schema, &g)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    a->work.ledger_secret = g.secret;
    AVER_TRY(aver_act_lookup(a, AVER_LIT("g"), &aver_genesis_schema, &before, &found));
    if (found) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "the ledger has its genesis already");
        return AVER_OK;
    }
    aver_work_put(&a->work, AVER_LIT("g"), &aver_genesis_schema, &g);
    const struct aver_genesis_party *insurers = g.insurers.items;
    if (g.insurers.count < 2) {
        *outcome = aver_say(a, AVER_OUT_MALFORMED,
                            "a ledger begins with two insurers or more: one could approve nothing");
        return AVER_OK;
    }
    for (size_t i = 0; i < g.insurers.count && *outcome == AVER_OUT_APPLIED; i++) {
        struct aver_party_state p = {.name = insurers[i].id, .role = AVER_ROLE_INSURER};
        AVER_TRY(add_party(a, insurers[i].id, &p, insurers[i].public_key, outcome));
    }
    return AVER_OK;
}

/* Publishing takes two signatures of two who do not stand on one word: else one key could add a party of its own, and approve with
 * that. The word of an insurer of the genesis is its own; of one added later, that of who added it. */
static aver_err word_of(struct aver_act *a, aver_bytes party, aver_bytes *out)
{
    struct aver_party_state state;
    AVER_TRY(aver_work_get(&a->work, aver_work_name(&a->work, "p/", party), &aver_party_state_schema, &state,
                           a->why));
    *out = state.word.ptr ? state.word : party;
    return AVER_OK;
}

static aver_err revoke_key(struct aver_act *a, const struct aver_party_act *act, enum aver_outcome *outcome)
{
    struct aver_key_state key;
    bool found;
    aver_bytes name = aver_work_name_hex(&a->work, "k/", act->kid);
    AVER_TRY(aver_act_lookup(a, name, &aver_key_state_schema, &key, &found));
    if (!found || !aver_bytes_eq(key.party, act->party))
        *outcome = aver_say(a, AVER_OUT_UNKNOWN, "the party %.*s has no such key", AVER_STR(act->party));
    else if (key.revoked)
        *outcome = aver_say(a, AVER_OUT_CONFLICT, "the key is revoked already");
    else {
        /* From the next group on: what this group holds was signed while the key stood. */
        key.revoked = a->work.view->height + 1;
        key.reason = act->reason;
        aver_work_put(&a->work, name, &aver_key_state_schema, &key);
    }
    return AVER_OK;
}

static aver_err party(struct aver_act *a, enum aver_outcome *outcome)
{
    struct aver_party_act act;
    struct aver_party_state state;
    bool found;
    if (!aver_act_decode(a, &aver_party_act_schema, &act)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    bool needs_key = act.action == AVER_PARTY_ADD || act.action == AVER_PARTY_KEY_ADD;
    if (!aver_name_valid(act.party) || (needs_key && !act.public_key.ptr) ||
        (act.action == AVER_PARTY_ADD && (!act.role || !act.name.ptr)) ||
        (act.action == AVER_PARTY_KEY_REVOKE && !act.kid.ptr)) {
        *outcome = aver_say(a, AVER_OUT_MALFORMED, "the act on the party %.*s lacks what it needs",
                            AVER_STR(act.party));
        return AVER_OK;
    }
    if (act.action == AVER_PARTY_ADD) {
        state = (struct aver_party_state){.name = act.name, .role = act.role, .npi = act.npi};
        if (act.role == AVER_ROLE_INSURER) AVER_TRY(word_of(a, a->env->party, &state.word));
        return add_party(a, act.party, &state, act.public_key, outcome);
    }
    if (act.action == AVER_PARTY_KEY_REVOKE) return revoke_key(a, &act, outcome);
    aver_bytes name = aver_work_name(&a->work, "p/", act.party);
    AVER_TRY(aver_act_lookup(a, name, &aver_party_state_schema, &state, &found));
    if (!found) {
        *outcome = aver_say(a, AVER_OUT_UNKNOWN, "there is no party %.*s", AVER_STR(act.party));
        return AVER_OK;
    }
    if (state.revoked) {
        *outcome = aver_say(a, AVER_OUT_CONFLICT, "the party %.*s is revoked", AVER_STR(act.party));
        return AVER_OK;
    }
    if (act.action == AVER_PARTY_KEY_ADD && state.role == AVER_ROLE_INSURER &&
        !aver_bytes_eq(act.party, a->env->party)) {
        *outcome = aver_say(a, AVER_OUT_ROLE,
                            "only %.*s itself adds a key to %.*s, which approves what others publish",
                            AVER_STR(act.party), AVER_STR(act.party));
        return AVER_OK;
    }
    if (act.action == AVER_PARTY_KEY_ADD)
        AVER_TRY(add_key(a, act.party, act.public_key, &state, outcome));
    else
        state.revoked = a->work.view->height + 1;
    if (*outcome == AVER_OUT_APPLIED) aver_work_put(&a->work, name, &aver_party_state_schema, &state);
    return AVER_OK;
}

/* ---- publishing: one party proposes, another approves -------------------------------------------------------------- */

/* Does the artifact load? What is in force must never be found broken by a claim. */
static aver_err load(struct aver_act *a, const struct aver_publication *p, enum aver_outcome *outcome)
{
    struct aver_why why = {0};
    struct aver_arena scratch = {0};
    struct aver_policy_loaded policy;
    struct aver_table table;
    struct aver_vm *vm = NULL;
    aver_err err = AVER_OK;
    switch ((enum aver_artifact_kind)p->kind) {
    case AVER_ARTIFACT_CONTRACT:
        err = aver_vm_new(&vm, aver_contract_setup(), "contract", p->content, &why);
        aver_vm_free(err == AVER_OK ? vm : NULL);
        break;
    case AVER_ARTIFACT_POLICY:
        err = aver_policy_load(&policy, p->content, &scratch, &why);
        if (err == AVER_OK && !aver_bytes_eq(policy.policy.plan_id, p->name))
            err = aver_fail(&why, AVER_E_INPUT, "POLICY-NAME", "", "it is the policy of plan %.*s",
                            AVER_STR(policy.policy.plan_id));
        break;
    case AVER_ARTIFACT_TABLE:
        err = aver_schema_read(p->content, &aver_table_schema, &table, &scratch, &why);
        if (err == AVER_OK) err = aver_table_check(&table, &why);
        if (err == AVER_OK && !aver_bytes_eq(table.name, p->name))
            err =
                aver_fail(&why, AVER_E_INPUT, "TABLE-NAME", "", "it is the table %.*s", AVER_STR(table.name));
        break;
    }
    aver_arena_free(&scratch);
    if (err == AVER_E_INPUT) {
        *outcome = aver_say(a, AVER_OUT_UNPUBLISHABLE, "%s does not load: %s %s",
                            aver_artifact_kind_names[p->kind], why.place, why.text);
        return AVER_OK;
    }
    /* That this node has no memory, or a Lua it cannot use, says nothing about the artifact. */
    if (err != AVER_OK && a->why) *a->why = why;
    return err;
}

static aver_err publish(struct aver_act *a, struct aver_view *view, enum aver_outcome *outcome)
{
    struct aver_publication p;
    struct aver_artifact_state state;
    aver_digest digest;
    bool found;
    if (!aver_act_decode(a, &aver_publication_schema, &p)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    if (!aver_name_valid(p.name)) {
        *outcome = aver_say(a, AVER_OUT_MALFORMED, "%.*s is no name: 1 to 64 of a-z, 0-9, '.', '_', '-'",
                            AVER_STR(p.name));
        return AVER_OK;
    }
    AVER_TRY(load(a, &p, outcome));
    if (*outcome != AVER_OUT_APPLIED) return AVER_OK;
    AVER_TRY(aver_artifact_digest(&digest, &p, a->work.arena, a->why));
    aver_bytes name = aver_work_name_hex(&a->work, "a/", aver_digest_bytes(&digest));
    AVER_TRY(aver_act_lookup(a, name, &aver_artifact_state_schema, &state, &found));
    if (found) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "this %s is published already, as %.*s",
                            aver_artifact_kind_names[p.kind], AVER_STR(state.name));
        return AVER_OK;
    }
    state = (struct aver_artifact_state){.kind = p.kind,
                                         .name = p.name,
                                         .proposer = a->env->party,
                                         .proposed = a->work.view->height,
                                         .entry = a->item->entry};
    aver_work_put(&a->work, name, &aver_artifact_state_schema, &state);
    return view->artifact_put(view->self, digest, p.content, a->why);
}

/* Whether its contracts can be prepared for it: what traps there would trap in every claim. */
static aver_err prepares(struct aver_act *a, const struct aver_policy_loaded *policy,
                         enum aver_outcome *outcome)
{
    const struct {
        const char *name;
        aver_digest digest;
    } contracts[] = {{"eligibility", policy->policy.eligibility},
                     {"coverage", policy->policy.coverage},
                     {"payout", policy->policy.payout}};
    for (size_t i = 0; *outcome == AVER_OUT_APPLIED && i < 3; i++) {
        struct aver_why why = {0};
        aver_bytes source;
        AVER_TRY(a->work.view->artifact(a->work.view->self, contracts[i].digest, &source, a->why));
        aver_err err = aver_contract_prepare(contracts[i].name, source, policy, NULL, NULL, &why);
        if (err == AVER_E_INPUT)
            *outcome = aver_say(a, AVER_OUT_UNPUBLISHABLE, "%s: %s", why.place, why.text);
        else if (err != AVER_OK && a->why)
            *a->why = why;
        if (err != AVER_E_INPUT) AVER_TRY(err);
    }
    return AVER_OK;
}

static aver_err policy_in_force(struct aver_act *a, aver_digest digest,
                                const struct aver_artifact_state *artifact, enum aver_outcome *outcome)
{
    aver_bytes content;
    struct aver_policy_loaded policy;
    struct aver_plan_state plan;
    struct aver_artifact_state contract;
    bool found;
    AVER_TRY(a->work.view->artifact(a->work.view->self, digest, &content, a->why));
    AVER_TRY(aver_policy_load(&policy, aver_arena_copy(a->work.arena, content), a->work.arena, a->why));
    const aver_digest *contracts[] = {&policy.policy.eligibility, &policy.policy.coverage,
                                      &policy.policy.payout};
    for (size_t i = 0; i < 3; i++) {
        AVER_TRY(aver_act_lookup(a, aver_work_name_hex(&a->work, "a/", aver_digest_bytes(contracts[i])),
                                 &aver_artifact_state_schema, &contract, &found));
        if (!found || contract.kind != AVER_ARTIFACT_CONTRACT || !contract.approved) {
            *outcome =
                aver_say(a, AVER_OUT_UNKNOWN,
                         "the policy names a contract that is not in force: deploy and approve it first");
            return AVER_OK;
        }
    }
    AVER_TRY(prepares(a, &policy, outcome));
    if (*outcome != AVER_OUT_APPLIED) return AVER_OK;
    aver_bytes name = aver_work_name(&a->work, "l/", artifact->name);
    AVER_TRY(aver_act_lookup(a, name, &aver_plan_state_schema, &plan, &found));
    if (!found) plan = (struct aver_plan_state){0};
    if (plan.versions.count == AVER_PLAN_VERSIONS_MAX) {
        *outcome = aver_say(a, AVER_OUT_CONFLICT, "the plan has %d versions already", AVER_PLAN_VERSIONS_MAX);
        return AVER_OK;
    }
    struct aver_plan_version *v = aver_list_add(a->work.arena, &plan.versions, sizeof *v);
    *v = (struct aver_plan_version){digest, policy.policy.effective_from, policy.policy.effective_to,
                                    a->work.view->height};
    aver_work_put(&a->work, name, &aver_plan_state_schema, &plan);
    return AVER_OK;
}

static aver_err approve(struct aver_act *a, enum aver_outcome *outcome)
{
    struct aver_approval approval;
    struct aver_artifact_state state;
    struct aver_name_state in_force;
    bool found;
    if (!aver_act_decode(a, &aver_approval_schema, &approval)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    aver_bytes name = aver_work_name_hex(&a->work, "a/", aver_digest_bytes(&approval.artifact));
    AVER_TRY(aver_act_lookup(a, name, &aver_artifact_state_schema, &state, &found));
    if (!found)
        *outcome = aver_say(a, AVER_OUT_UNKNOWN, "nothing was published with this digest");
    else if (state.approved)
        *outcome = aver_say(a, AVER_OUT_EXISTS, "%.*s was approved already, by %.*s", AVER_STR(state.name),
                            AVER_STR(state.approver));
    else if (aver_bytes_eq(state.proposer, a->env->party))
        *outcome = aver_say(a, AVER_OUT_SAME_SIGNER,
                            "%.*s proposed it and cannot approve it: another insurer party must",
                            AVER_STR(state.proposer));
    if (*outcome != AVER_OUT_APPLIED) return AVER_OK;
    aver_bytes proposed_on, approved_on;
    AVER_TRY(word_of(a, state.proposer, &proposed_on));
    AVER_TRY(word_of(a, a->env->party, &approved_on));
    if (aver_bytes_eq(proposed_on, approved_on)) {
        *outcome = aver_say(a, AVER_OUT_SAME_SIGNER,
                            "%.*s and %.*s both stand on the word of %.*s: another insurer must approve",
                            AVER_STR(state.proposer), AVER_STR(a->env->party), AVER_STR(proposed_on));
        return AVER_OK;
    }
    state.approved = a->work.view->height;
    state.approver = a->env->party;
    aver_work_put(&a->work, name, &aver_artifact_state_schema, &state);
    if (state.kind == AVER_ARTIFACT_POLICY) return policy_in_force(a, approval.artifact, &state, outcome);
    aver_bytes slot =
        aver_work_name(&a->work, state.kind == AVER_ARTIFACT_CONTRACT ? "n/" : "t/", state.name);
    AVER_TRY(aver_act_lookup(a, slot, &aver_name_state_schema, &in_force, &found));
    in_force = (struct aver_name_state){approval.artifact, a->work.view->height};
    aver_work_put(&a->work, slot, &aver_name_state_schema, &in_force);
    return AVER_OK;
}

/* ---- claims -------------------------------------------------------------------------------------------------------- */

/* Claims that were decided wait for a remittance, newest first; each points at the one before it. */
static aver_err open_for_payee(struct aver_act *a, struct aver_claim_state *state, aver_bytes id)
{
    struct aver_payee_state payee = {0};
    bool found;
    aver_bytes name = aver_work_name(&a->work, "q/", state->payee);
    AVER_TRY(aver_act_lookup(a, name, &aver_payee_state_schema, &payee, &found));
    if (!found) payee = (struct aver_payee_state){0};
    state->open_before = payee.newest;
    payee.newest = id;
    payee.open++;
    aver_work_put(&a->work, name, &aver_payee_state_schema, &payee);
    return AVER_OK;
}

enum aver_outcome aver_claim_outcome(uint64_t status)
{
    switch ((enum aver_claim_status)status) {
    case AVER_CLAIM_PAYABLE:
    case AVER_CLAIM_DENIED: return AVER_OUT_DECIDED;
    case AVER_CLAIM_PENDED: return AVER_OUT_PENDED;
    case AVER_CLAIM_HELD: return AVER_OUT_TRAPPED;
    }
    AVER_UNREACHABLE();
}

static aver_err claim(struct aver_act *a, struct aver_machine *machine, enum aver_outcome *outcome)
{
    struct aver_claim c;
    struct aver_why why = {0};
    struct aver_claim_state state;
    struct aver_genesis g;
    uint8_t filing[16];
    if (!aver_act_decode(a, &aver_claim_schema, &c)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    aver_bytes member =
        c.patient && c.patient->member_id.ptr ? c.patient->member_id : c.subscriber->member_id;
    snprintf(a->out->subject, sizeof a->out->subject, "m/%.*s", AVER_STR(member));
    if (aver_claim_check_read(&c, a->item->item.len, &why) != AVER_OK) {
        *outcome = aver_say(a, AVER_OUT_MALFORMED, "%s: %s", why.code, why.text);
        return AVER_OK;
    }
    AVER_TRY(aver_work_get(&a->work, AVER_LIT("g"), &aver_genesis_schema, &g, a->why));
    if (a->item->filing)
        memcpy(filing, a->item->filing, sizeof filing);
    else
        aver_filing_id(filing, g.filing_secret, a->env->party, a->item->item);
    aver_claim_id(a->out->claim_id, a->env->party, filing);
    aver_bytes id = aver_arena_copy(a->work.arena, aver_bytes_str(a->out->claim_id));
    aver_bytes name = aver_work_name(&a->work, "c/", id);
    bool found;
    AVER_TRY(aver_act_lookup(a, name, &aver_claim_state_schema, &state, &found));
    if (found) {
        *outcome = aver_say(a, AVER_OUT_EXISTS, "this claim was filed before, as %s", a->out->claim_id);
        return AVER_OK;
    }
    struct aver_decision *d = AVER_NEW(a->work.arena, struct aver_decision);
    struct aver_case *decided;
    AVER_TRY(aver_adjudicate(&decided, machine, &a->work, a->out->claim_id, &c, d, a->out, a->why));
    AVER_TRY(aver_adjudicate_write(decided));
    *outcome = aver_claim_outcome(d->status);
    state = (struct aver_claim_state){
        .version = 1,
        .status = d->status,
        .party = a->env->party,
        .filing_id = aver_arena_copy(a->work.arena, aver_bytes_of(filing, sizeof filing)),
        .leaf = a->item->leaf,
        .received = a->work.view->time,
        .height = a->work.view->height,
        .entry = a->item->entry,
        .payee = d->payee,
        .charge = d->charge,
        .paid = d->paid,
        .family = d->family_id,
        .control = c.patient_control_number};
    if (*outcome == AVER_OUT_DECIDED) AVER_TRY(open_for_payee(a, &state, id));
    aver_work_put(&a->work, name, &aver_claim_state_schema, &state);
    a->out->record.decision = d;
    return AVER_OK;
}

/* -------------------------------------------------------------------------------------------------------------------- */

static aver_err dispatch(struct aver_act *a, struct aver_machine *machine, struct aver_view *view,
                         enum aver_outcome *outcome)
{
    switch ((enum aver_tx_kind)a->env->batch.kind) {
    case AVER_TX_GENESIS: return genesis(a, outcome);
    case AVER_TX_PARTY: return party(a, outcome);
    case AVER_TX_PUBLISH: return publish(a, view, outcome);
    case AVER_TX_APPROVE: return approve(a, outcome);
    case AVER_TX_ENROL: return aver_apply_enrol(a, outcome);
    case AVER_TX_CLAIMS: return claim(a, machine, outcome);
    case AVER_TX_REMIT: return aver_apply_remit(a, outcome);
    case AVER_TX_ACCRUAL: return aver_apply_accrual(a, machine, outcome);
    }
    AVER_UNREACHABLE();
}

static bool took_effect(enum aver_outcome outcome) { return outcome < AVER_OUT_MALFORMED; }

aver_err aver_apply(struct aver_machine *machine, struct aver_view *view, const struct aver_envelope *env,
                    const struct aver_item *item, struct aver_arena *arena, struct aver_applied *out,
                    struct aver_why *why)
{
    struct aver_act a = {.env = env, .item = item, .out = out, .why = why};
    enum aver_outcome outcome = AVER_OUT_APPLIED;
    *out = (struct aver_applied){0};
    snprintf(out->subject, sizeof out->subject, "ledger");
    AVER_TRY(aver_work_begin(&a.work, view, arena, why));
    a.work.memo = aver_machine_memo(machine);
    AVER_TRY(dispatch(&a, machine, view, &outcome));
    out->outcome = outcome;
    out->record.outcome = outcome;
    out->record.height = view->height;
    out->record.touches = aver_work_touches(&a.work);
    if (took_effect(outcome)) {
        AVER_TRY(aver_work_commit(&a.work, view, why));
    } else {
        /* Nothing changed, so the receipt names only what was read. */
        struct aver_touch *t = out->record.touches.items;
        for (size_t i = 0; i < out->record.touches.count; i++) t[i].after = (aver_digest){{0}};
        out->record.decision = NULL;
    }
    struct aver_buf bytes = {0};
    aver_buf_reserve(&bytes, RECEIPT_BYTES);
    aver_schema_encode(&bytes, &aver_receipt_schema, &out->record);
    out->receipt = aver_arena_copy(arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    return AVER_OK;
}
