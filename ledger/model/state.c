/* ledger/model/state.c - see state.h. */
#include "ledger/model/state.h"

#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/tx.h"

#define ID_MAX     80 /* payees and members, as the claim carries them */
#define PARTY_MAX  64
#define REASON_MAX 400

#define K struct aver_key_state
static const struct aver_field key_state_fields[] = {
    AVER_FIELD(1, K, party, TEXT, PARTY_MAX),
    AVER_FIELD(2, K, public_key, FIXED, 32),
    AVER_FIELD(3, K, from, UINT, 0),
    AVER_OPTIONAL(4, K, revoked, UINT, 0),
    AVER_OPTIONAL(5, K, reason, TEXT, REASON_MAX),
};
AVER_SCHEMA(aver_key_state_schema, "key_state", K, key_state_fields);
#undef K

#define P struct aver_party_state
static const struct aver_field party_state_fields[] = {
    AVER_OPTIONAL(1, P, name, TEXT, 120),       AVER_ENUM(2, P, role, AVER_ROLE_MAX, aver_role_names),
    AVER_OPTIONAL(3, P, npi, TEXT, ID_MAX),     AVER_FIELD(4, P, since, UINT, 0),
    AVER_OPTIONAL(5, P, revoked, UINT, 0),      AVER_OPTIONAL(6, P, kids, TEXTS, AVER_PARTY_KEYS_MAX),
    AVER_OPTIONAL(7, P, word, TEXT, PARTY_MAX),
};
AVER_SCHEMA(aver_party_state_schema, "party_state", P, party_state_fields);
#undef P

#define A struct aver_artifact_state
static const struct aver_field artifact_state_fields[] = {
    AVER_ENUM(1, A, kind, 3, aver_artifact_kind_names),
    AVER_FIELD(2, A, name, TEXT, 80),
    AVER_FIELD(3, A, proposer, TEXT, PARTY_MAX),
    AVER_FIELD(4, A, proposed, UINT, 0),
    AVER_OPTIONAL(5, A, approved, UINT, 0),
    AVER_OPTIONAL(6, A, approver, TEXT, PARTY_MAX),
    AVER_FIELD(7, A, entry, UINT, 0),
};
AVER_SCHEMA(aver_artifact_state_schema, "artifact_state", A, artifact_state_fields);
#undef A

#define N struct aver_name_state
static const struct aver_field name_state_fields[] = {
    AVER_FIELD(1, N, artifact, DIGEST, 0),
    AVER_FIELD(2, N, height, UINT, 0),
};
AVER_SCHEMA(aver_name_state_schema, "name_state", N, name_state_fields);
#undef N

#define P struct aver_plan_version
static const struct aver_field plan_version_fields[] = {
    AVER_FIELD(1, P, policy, DIGEST, 0),
    AVER_FIELD(2, P, from, DAY, 0),
    AVER_OPTIONAL(3, P, to, DAY, 0),
    AVER_FIELD(4, P, height, UINT, 0),
};
static AVER_SCHEMA(plan_version_schema, "plan_version", P, plan_version_fields);
#undef P

#define P struct aver_plan_state
static const struct aver_field plan_state_fields[] = {
    AVER_SUB(1, P, versions, LIST, AVER_PLAN_VERSIONS_MAX, &plan_version_schema),
};
AVER_SCHEMA(aver_plan_state_schema, "plan_state", P, plan_state_fields);
#undef P

#define M struct aver_member_state
static const struct aver_field member_state_fields[] = {
    AVER_FIELD(1, M, family, TEXT, 40),
    AVER_FIELD(2, M, secret, DIGEST, 0),
};
AVER_SCHEMA(aver_member_state_schema, "member_state", M, member_state_fields);
#undef M

#define E struct aver_enrolled
static const struct aver_field enrolled_fields[] = {
    AVER_OPT_SUB(1, E, member, STRUCT, 0, &aver_member_schema),
};
AVER_SCHEMA(aver_enrolled_schema, "enrolled", E, enrolled_fields);
#undef E

#define B struct aver_born_member
static const struct aver_field born_member_fields[] = {
    AVER_FIELD(1, B, member_id, TEXT, ID_MAX),
    AVER_OPTIONAL(2, B, first_name, TEXT, 35),
};
static AVER_SCHEMA(born_member_schema, "born_member", B, born_member_fields);
#undef B

#define B struct aver_born
static const struct aver_field born_fields[] = {
    AVER_SUB(1, B, members, LIST, AVER_FAMILY_MEMBERS_MAX, &born_member_schema),
};
AVER_SCHEMA(aver_born_schema, "born", B, born_fields);
#undef B

#define B struct aver_balance
static const struct aver_field balance_fields[] = {
    AVER_FIELD(1, B, counter, TEXT, AVER_COUNTER_MAX),
    AVER_OPTIONAL(2, B, tier, TEXT, 64),
    AVER_FIELD(3, B, used, DELTA, 0),
    AVER_FIELD(4, B, postings, UINT, 0),
    AVER_FIELD(5, B, head, DIGEST, 0),
};
static AVER_SCHEMA(balance_schema, "balance", B, balance_fields);
#undef B

#define B struct aver_balances
static const struct aver_field balances_fields[] = {
    AVER_SUB(1, B, items, LIST, AVER_BALANCES_MAX, &balance_schema),
};
AVER_SCHEMA(aver_balances_schema, "balances", B, balances_fields);
#undef B

#define S struct aver_service
static const struct aver_field service_fields[] = {
    AVER_FIELD(1, S, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(2, S, line, UINT, 999999),
    AVER_FIELD(3, S, provider, TEXT, ID_MAX),
    AVER_FIELD(4, S, to, DAY, 0),
    AVER_OPTIONAL(5, S, procedure, TEXT, 48),
    AVER_OPTIONAL(6, S, modifiers, TEXTS, 4),
    AVER_OPTIONAL(7, S, place, TEXT, 2),
    AVER_FIELD(8, S, units, UINT, AVER_CLAIM_UNITS_MAX),
    AVER_FIELD(9, S, charge, MONEY, 0),
    AVER_OPTIONAL(10, S, waits, BOOL, 0),
    AVER_OPTIONAL(11, S, units_denied, UINT, AVER_CLAIM_UNITS_MAX),
};
static AVER_SCHEMA(service_schema, "service", S, service_fields);
#undef S

#define S struct aver_services
static const struct aver_field services_fields[] = {
    AVER_SUB(1, S, items, LIST, AVER_SERVICES_MAX, &service_schema),
};
AVER_SCHEMA(aver_services_schema, "services", S, services_fields);
#undef S

#define V struct aver_visit
static const struct aver_field visit_fields[] = {
    AVER_FIELD(1, V, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(2, V, provider, TEXT, ID_MAX),
    AVER_FIELD(3, V, day, DAY, 0),
    AVER_OPTIONAL(4, V, copay, MONEY, 0),
    AVER_OPTIONAL(5, V, counted, BOOL, 0),
};
static AVER_SCHEMA(visit_schema, "visit", V, visit_fields);
#undef V

#define V struct aver_visits
static const struct aver_field visits_fields[] = {
    AVER_SUB(1, V, items, LIST, AVER_VISITS_MAX, &visit_schema),
};
AVER_SCHEMA(aver_visits_schema, "visits", V, visits_fields);
#undef V

#define U struct aver_use
static const struct aver_field use_fields[] = {
    AVER_FIELD(1, U, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(2, U, line, UINT, 999999),
    AVER_FIELD(3, U, day, DAY, 0),
    AVER_FIELD(4, U, units, UINT, AVER_CLAIM_UNITS_MAX),
};
static AVER_SCHEMA(use_schema, "use", U, use_fields);
#undef U

#define U struct aver_uses
static const struct aver_field uses_fields[] = {
    AVER_SUB(1, U, items, LIST, AVER_USES_MAX, &use_schema),
};
AVER_SCHEMA(aver_uses_schema, "uses", U, uses_fields);
#undef U

#define R struct aver_accrual_state
static const struct aver_field accrual_state_fields[] = {
    AVER_FIELD(1, R, source, TEXT, 64),
    AVER_FIELD(2, R, reference, TEXT, 64),
    AVER_FIELD(3, R, member_id, TEXT, 80),
    AVER_FIELD(4, R, plan, TEXT, 80),
    AVER_FIELD(5, R, pool, TEXT, 64),
    AVER_FIELD(6, R, day, DAY, 0),
    AVER_SUB(7, R, postings, LIST, AVER_POSTINGS_MAX, &aver_posting_schema),
    AVER_FIELD(8, R, height, UINT, 0),
    AVER_OPTIONAL(9, R, reversed, UINT, 0),
    AVER_OPTIONAL(10, R, past, BOOL, 0),
};
AVER_SCHEMA(aver_accrual_state_schema, "accrual_state", R, accrual_state_fields);
#undef R

#define C struct aver_claim_state
static const struct aver_field claim_state_fields[] = {
    AVER_FIELD(1, C, version, UINT, 0),
    AVER_ENUM(2, C, status, 4, aver_claim_status_names),
    AVER_FIELD(3, C, party, TEXT, PARTY_MAX),
    AVER_FIELD(4, C, filing_id, FIXED, 16),
    AVER_FIELD(5, C, leaf, DIGEST, 0),
    AVER_FIELD(6, C, received, INT, 0),
    AVER_FIELD(7, C, height, UINT, 0),
    AVER_FIELD(8, C, entry, UINT, 0),
    AVER_FIELD(9, C, payee, TEXT, AVER_PAYEE_MAX),
    AVER_FIELD(10, C, charge, MONEY, 0),
    AVER_FIELD(11, C, paid, MONEY, 0),
    AVER_OPTIONAL(12, C, open_before, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_OPTIONAL(13, C, trace, TEXT, 30),
    AVER_OPTIONAL(14, C, family, TEXT, 40),
    AVER_FIELD(15, C, control, TEXT, 38),
};
AVER_SCHEMA(aver_claim_state_schema, "claim_state", C, claim_state_fields);
#undef C

#define P struct aver_payee_state
static const struct aver_field payee_state_fields[] = {
    AVER_OPTIONAL(1, P, newest, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(2, P, open, UINT, 0),
    AVER_FIELD(3, P, remittances, UINT, 0),
    AVER_FIELD(4, P, carried, DELTA, 0),
};
AVER_SCHEMA(aver_payee_state_schema, "payee_state", P, payee_state_fields);
#undef P

#define R struct aver_remittance
static const struct aver_field remittance_fields[] = {
    AVER_FIELD(1, R, payee, TEXT, AVER_PAYEE_MAX),
    AVER_FIELD(2, R, trace, TEXT, 30),
    AVER_FIELD(3, R, date, DAY, 0),
    AVER_FIELD(4, R, claims, TEXTS, AVER_REMIT_CLAIMS_MAX),
    AVER_FIELD(5, R, claims_paid, DELTA, 0),
    AVER_FIELD(6, R, carried_in, DELTA, 0),
    AVER_FIELD(7, R, carried_out, DELTA, 0),
    AVER_FIELD(8, R, payment, MONEY, 0),
    AVER_FIELD(9, R, entry, UINT, 0),
};
AVER_SCHEMA(aver_remittance_schema, "remittance", R, remittance_fields);
#undef R

void aver_name_escape(struct aver_buf *out, aver_bytes text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                     c == '_' || c == '-';
        if (plain)
            aver_buf_byte(out, c);
        else
            aver_buf_put(out, (const char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
}

aver_bytes aver_name_family(aver_bytes name)
{
    if (name.len < 2 || name.ptr[0] != 'f' || name.ptr[1] != '/') return AVER_BYTES_NONE;
    size_t end = 2;
    while (end < name.len && name.ptr[end] != '/') end++;
    return aver_bytes_cut(name, 2, end - 2);
}

static aver_digest key_opening(const struct aver_hmac_key *secret, aver_bytes name)
{
    return aver_hmac256_by(secret, (aver_bytes[]){AVER_LIT("k"), name}, 2);
}

static aver_digest value_opening(const struct aver_hmac_key *secret, aver_bytes name, uint64_t height)
{
    uint8_t big_endian[8];
    for (size_t i = 0; i < 8; i++) big_endian[i] = (uint8_t)(height >> (56 - 8 * i));
    return aver_hmac256_by(secret, (aver_bytes[]){AVER_LIT("v"), aver_bytes_of(big_endian, 8), name}, 3);
}

static struct aver_hmac_key ready(aver_bytes secret)
{
    struct aver_hmac_key key;
    aver_hmac_key_make(&key, secret);
    return key;
}

aver_digest aver_state_key_opening(aver_bytes secret, aver_bytes name)
{
    struct aver_hmac_key key = ready(secret);
    return key_opening(&key, name);
}

aver_digest aver_state_value_opening(aver_bytes secret, aver_bytes name, uint64_t height)
{
    struct aver_hmac_key key = ready(secret);
    return value_opening(&key, name, height);
}

aver_digest aver_state_key_by(const struct aver_hmac_key *secret, aver_bytes name)
{
    aver_digest opening = key_opening(secret, name);
    return aver_sha256_parts((aver_bytes[]){aver_digest_bytes(&opening), name}, 2);
}

aver_digest aver_state_value_by(const struct aver_hmac_key *secret, aver_bytes name, uint64_t height,
                                aver_bytes record)
{
    aver_digest opening = value_opening(secret, name, height);
    return aver_sha256_parts((aver_bytes[]){aver_digest_bytes(&opening), record}, 2);
}

aver_digest aver_state_key(aver_bytes secret, aver_bytes name)
{
    struct aver_hmac_key key = ready(secret);
    return aver_state_key_by(&key, name);
}

aver_digest aver_state_value(aver_bytes secret, aver_bytes name, uint64_t height, aver_bytes record)
{
    struct aver_hmac_key key = ready(secret);
    return aver_state_value_by(&key, name, height, record);
}
