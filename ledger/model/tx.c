/* ledger/model/tx.c - see tx.h. */
#include "ledger/model/decision.h"
#include "ledger/model/tx.h"

#include "ledger/model/claim.h"

#include <string.h>

#define NAME_MAX_BYTES   64
#define FAMILY_ID_BYTES  40
#define REASON_BYTES_MAX 400

const char *const aver_tx_kind_names[] = {NULL,    "genesis", "party", "publish", "approve",
                                          "enrol", "claims",  "remit", "accrual"};
const char *const aver_role_names[] = {NULL, "insurer", "provider", "auditor", "patient", "regulator"};
const char *const aver_party_action_names[] = {NULL, "add", "key_add", "key_revoke", "revoke"};
const char *const aver_artifact_kind_names[] = {NULL, "contract", "policy", "table"};
const char *const aver_relationship_names[] = {NULL, "self", "spouse", "child", "other"};

#define B struct aver_batch
static const struct aver_field batch_fields[] = {
    AVER_FIELD(1, B, version, UINT, AVER_BATCH_VERSION),
    AVER_FIELD(2, B, chain, TEXT, AVER_CHAIN_BYTES_MAX),
    AVER_ENUM(3, B, kind, AVER_TX_KIND_MAX, aver_tx_kind_names),
    AVER_FIELD(4, B, count, UINT, AVER_BATCH_ITEMS_MAX),
    AVER_FIELD(5, B, root, DIGEST, 0),
    AVER_FIELD(6, B, not_after, INT, 0),
};
AVER_SCHEMA(aver_batch_schema, "batch", B, batch_fields);
#undef B

#define G struct aver_genesis_party
static const struct aver_field genesis_party_fields[] = {
    AVER_FIELD(1, G, id, TEXT, NAME_MAX_BYTES),
    AVER_FIELD(2, G, public_key, FIXED, 32),
};
static AVER_SCHEMA(genesis_party_schema, "genesis_party", G, genesis_party_fields);
#undef G

#define G struct aver_genesis
static const struct aver_field genesis_fields[] = {
    AVER_FIELD(1, G, chain, TEXT, AVER_CHAIN_BYTES_MAX),
    AVER_FIELD(2, G, node_key, FIXED, 32),
    AVER_FIELD(3, G, secret, FIXED, 32),
    AVER_SUB(4, G, insurers, LIST, AVER_GENESIS_INSURERS_MAX, &genesis_party_schema),
    AVER_FIELD(5, G, filing_secret, FIXED, 32),
};
AVER_SCHEMA(aver_genesis_schema, "genesis", G, genesis_fields);
#undef G

#define P struct aver_party_act
static const struct aver_field party_act_fields[] = {
    AVER_ENUM(1, P, action, 4, aver_party_action_names),
    AVER_FIELD(2, P, party, TEXT, NAME_MAX_BYTES),
    AVER_OPTIONAL(3, P, name, TEXT, 120),
    AVER_OPT_ENUM(4, P, role, AVER_ROLE_MAX, aver_role_names),
    AVER_OPTIONAL(5, P, npi, TEXT, 80),
    AVER_OPTIONAL(6, P, public_key, FIXED, 32),
    AVER_OPTIONAL(7, P, kid, FIXED, 16),
    AVER_OPTIONAL(8, P, reason, TEXT, REASON_BYTES_MAX),
};
AVER_SCHEMA(aver_party_act_schema, "party_act", P, party_act_fields);
#undef P

#define P struct aver_publication
static const struct aver_field publication_fields[] = {
    AVER_ENUM(1, P, kind, 3, aver_artifact_kind_names),
    AVER_FIELD(2, P, name, TEXT, 80),
    AVER_FIELD(3, P, content, BYTES, AVER_ITEM_BYTES_MAX),
};
AVER_SCHEMA(aver_publication_schema, "publication", P, publication_fields);
#undef P

#define A struct aver_approval
static const struct aver_field approval_fields[] = {
    AVER_FIELD(1, A, artifact, DIGEST, 0),
};
AVER_SCHEMA(aver_approval_schema, "approval", A, approval_fields);
#undef A

#define C struct aver_cover
static const struct aver_field cover_fields[] = {
    AVER_FIELD(1, C, plan, TEXT, 80),
    AVER_OPTIONAL(2, C, group_number, TEXT, 50),
    AVER_FIELD(3, C, from, DAY, 0),
    AVER_OPTIONAL(4, C, to, DAY, 0),
    AVER_OPTIONAL(5, C, pays_first, TEXT, 60),
};
AVER_SCHEMA(aver_cover_schema, "cover", C, cover_fields);
#undef C

const struct aver_cover *aver_cover_on(const struct aver_member *member, int64_t day)
{
    const struct aver_cover *covers = member->covers.items;
    for (size_t i = 0; i < member->covers.count; i++)
        if (covers[i].from <= day && (covers[i].to == AVER_NO_DAY || day <= covers[i].to)) return &covers[i];
    return NULL;
}

#define M struct aver_member
static const struct aver_field member_fields[] = {
    AVER_FIELD(1, M, member_id, TEXT, 80),
    AVER_ENUM(2, M, relationship, 4, aver_relationship_names),
    AVER_OPTIONAL(3, M, last_name, TEXT, 60),
    AVER_OPTIONAL(4, M, first_name, TEXT, 35),
    AVER_OPTIONAL(5, M, birth_date, DAY, 0),
    AVER_OPTIONAL(6, M, sex, TEXT, 1),
    AVER_SUB(7, M, covers, LIST, AVER_MEMBER_COVERS_MAX, &aver_cover_schema),
};
AVER_SCHEMA(aver_member_schema, "member", M, member_fields);
#undef M

#define F struct aver_family
static const struct aver_field family_fields[] = {
    AVER_FIELD(1, F, family_id, TEXT, FAMILY_ID_BYTES),
    AVER_FIELD(2, F, secret, FIXED, 32),
    AVER_SUB(3, F, members, LIST, AVER_FAMILY_MEMBERS_MAX, &aver_member_schema),
};
AVER_SCHEMA(aver_family_schema, "family", F, family_fields);
#undef F

#define R struct aver_remit
static const struct aver_field remit_fields[] = {
    AVER_FIELD(1, R, payee, TEXT, 96),
    AVER_FIELD(2, R, trace, TEXT, 30),
    AVER_FIELD(3, R, date, DAY, 0),
};
AVER_SCHEMA(aver_remit_schema, "remit", R, remit_fields);
#undef R

#define R struct aver_accrual
static const struct aver_field accrual_fields[] = {
    AVER_FIELD(1, R, source, TEXT, NAME_MAX_BYTES),
    AVER_FIELD(2, R, reference, TEXT, 64),
    AVER_FIELD(3, R, member_id, TEXT, 80),
    AVER_FIELD(4, R, plan, TEXT, 80),
    AVER_FIELD(5, R, day, DAY, 0),
    AVER_FIELD(6, R, counter, TEXT, AVER_COUNTER_MAX),
    AVER_OPTIONAL(7, R, tier, TEXT, 64),
    AVER_OPTIONAL(8, R, amount, DELTA, 0),
    AVER_OPTIONAL(9, R, reverses, BOOL, 0),
    AVER_OPTIONAL(10, R, note, TEXT, 256),
};
AVER_SCHEMA(aver_accrual_schema, "accrual", R, accrual_fields);
#undef R

#define I struct aver_intake_receipt
static const struct aver_field intake_receipt_fields[] = {
    AVER_FIELD(1, I, chain, TEXT, AVER_CHAIN_BYTES_MAX),
    AVER_FIELD(2, I, claim_id, TEXT, AVER_CLAIM_ID_BYTES),
    AVER_FIELD(3, I, party, TEXT, NAME_MAX_BYTES),
    AVER_FIELD(4, I, patient_control_number, TEXT, 38),
    AVER_FIELD(5, I, leaf, DIGEST, 0),
    AVER_FIELD(6, I, filing_id, FIXED, 16),
    AVER_FIELD(7, I, received, INT, 0),
    AVER_FIELD(8, I, by_height, UINT, 0),
};
AVER_SCHEMA(aver_intake_receipt_schema, "intake_receipt", I, intake_receipt_fields);
#undef I

aver_digest aver_leaf(aver_bytes salt, aver_bytes item)
{
    AVER_ASSERT(salt.len == AVER_SALT_BYTES);
    return aver_sha256_parts((aver_bytes[]){AVER_LIT("\0"), salt, item}, 3);
}

void aver_filing_id(uint8_t out[16], aver_bytes genesis_filing_secret, aver_bytes party, aver_bytes claim)
{
    aver_digest secret = aver_hmac256(genesis_filing_secret, &party, 1);
    struct aver_claim_unsourced u;
    aver_bytes parts[3] = {claim, AVER_BYTES_NONE, AVER_BYTES_NONE};
    if (aver_claim_unsource(&u, claim)) {
        parts[0] = aver_bytes_of(u.head, u.head_len);
        parts[1] = u.before;
        parts[2] = u.after;
    }
    aver_digest id = aver_hmac256(aver_digest_bytes(&secret), parts, 3);
    memcpy(out, id.b, 16);
    aver_wipe(&secret, sizeof secret);
}

/* Five bits a letter, the first bit the highest: 24 letters are exactly 15 bytes. */
static void letters(char out[25], const aver_digest *d)
{
    static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (size_t i = 0; i < 24; i++) {
        size_t bit = i * 5;
        unsigned window = (unsigned)d->b[bit / 8] << 8 | d->b[bit / 8 + 1];
        out[i] = crockford[window >> (11 - bit % 8) & 31];
    }
    out[24] = '\0';
}

void aver_accrual_id(char out[AVER_ACCRUAL_ID_BYTES + 1], const struct aver_accrual *r)
{
    const aver_bytes parts[] = {r->source, r->reference, r->member_id, r->counter, r->tier};
    struct aver_buf text = {0};
    aver_buf_str(&text, "averment/1 accrual");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        AVER_ASSERT(parts[i].len <= UINT8_MAX);
        aver_buf_byte(&text, (uint8_t)parts[i].len);
        aver_buf_bytes(&text, parts[i]);
    }
    aver_digest d = aver_sha256(aver_buf_view(&text));
    aver_buf_free(&text);
    letters(out, &d);
}

void aver_claim_id(char out[AVER_CLAIM_ID_BYTES + 1], aver_bytes party, const uint8_t filing_id[16])
{
    AVER_ASSERT(party.len <= UINT8_MAX);
    uint8_t party_len = (uint8_t)party.len;
    aver_bytes parts[] = {AVER_LIT("averment/1 claim"), aver_bytes_of(&party_len, 1), party,
                          aver_bytes_of(filing_id, 16)};
    aver_digest d = aver_sha256_parts(parts, 4);
    letters(out, &d);
}

static bool name_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool aver_name_valid(aver_bytes name)
{
    if (name.len < 1 || name.len > NAME_MAX_BYTES) return false;
    for (size_t i = 0; i < name.len; i++)
        if (!name_byte(name.ptr[i])) return false;
    return true;
}

bool aver_family_id_valid(aver_bytes id)
{
    if (id.len < 1 || id.len > FAMILY_ID_BYTES) return false;
    for (size_t i = 0; i < id.len; i++)
        if (!name_byte(id.ptr[i]) && !(id.ptr[i] >= 'A' && id.ptr[i] <= 'Z')) return false;
    return true;
}
