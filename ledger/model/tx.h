/* ledger/model/tx.h - what is signed, and what it carries.
 *
 * There is one envelope for everything: a batch. A COSE_Sign1 (base/cose.h) signs the batch header: chain, kind, count, the
 * root over its items, and not_after. The items travel beside it, each with a salt of 16 random bytes; a leaf is
 * SHA-256(0x00, salt, item), and the root is the RFC 9162 tree over the leaves. So one signature serves one item or a
 * hundred thousand, and each can be proved and disclosed alone. */
#ifndef AVER_LEDGER_MODEL_TX_H
#define AVER_LEDGER_MODEL_TX_H

#include "base/schema.h"

#define AVER_BATCH_VERSION        1
#define AVER_BATCH_ITEMS_MAX      100000
#define AVER_BATCH_NOT_AFTER_MS   INT64_C(2592000000) /* 30 days: how far ahead not_after may lie */
#define AVER_BATCH_CONTENT_TYPE   "application/vnd.averment.batch+cbor"
#define AVER_BATCH_PURPOSE        "batch" /* of base/cose.h's external_aad */
#define AVER_SALT_BYTES           16
#define AVER_CHAIN_BYTES_MAX      64 /* [a-z0-9.-]{1,64} */
#define AVER_ITEM_BYTES_MAX       67108864
#define AVER_GENESIS_INSURERS_MAX 64
#define AVER_FAMILY_MEMBERS_MAX   40
#define AVER_MEMBER_COVERS_MAX    100

enum aver_tx_kind {
    AVER_TX_GENESIS = 1, /* struct aver_genesis; once, signed by the node's key that it names */
    AVER_TX_PARTY,       /* struct aver_party_act, by an insurer */
    AVER_TX_PUBLISH,     /* struct aver_publication, by an insurer: in force after an approval */
    AVER_TX_APPROVE,     /* struct aver_approval, by another insurer party */
    AVER_TX_ENROL,       /* struct aver_family, by an insurer */
    AVER_TX_CLAIMS,      /* struct aver_claim, by a provider or an insurer on its behalf */
    AVER_TX_REMIT,       /* struct aver_remit, by an insurer */
    AVER_TX_ACCRUAL,     /* struct aver_accrual, by an insurer: of accumulators, from elsewhere */
};
#define AVER_TX_KIND_MAX AVER_TX_ACCRUAL
extern const char *const aver_tx_kind_names[];

struct aver_batch {   /* the signed payload */
    uint64_t version; /* AVER_BATCH_VERSION */
    aver_bytes chain;
    uint64_t kind;
    uint64_t count;    /* of items, at least 1 */
    aver_digest root;  /* RFC 9162 root over the leaves */
    int64_t not_after; /* ms since 1970 UTC: past it the batch is refused, except what was filed before */
};
extern const struct aver_schema aver_batch_schema;

enum aver_role {
    AVER_ROLE_INSURER = 1,
    AVER_ROLE_PROVIDER,
    AVER_ROLE_AUDITOR,
    AVER_ROLE_PATIENT,
    AVER_ROLE_REGULATOR
};
#define AVER_ROLE_MAX AVER_ROLE_REGULATOR
extern const char *const aver_role_names[];

struct aver_genesis_party {
    aver_bytes id;         /* [a-z0-9._-]{1,64} */
    aver_bytes public_key; /* 32 bytes */
};
struct aver_genesis {
    aver_bytes chain;
    aver_bytes node_key;       /* 32 bytes: signs checkpoints, intake receipts and this item */
    aver_bytes secret;         /* 32 bytes: the commitment secret of state that belongs to no family */
    struct aver_list insurers; /* of struct aver_genesis_party: two or more */
    aver_bytes filing_secret;  /* 32 bytes, random: from it each party's filing secret is derived */
};
extern const struct aver_schema aver_genesis_schema;

enum aver_party_action { AVER_PARTY_ADD = 1, AVER_PARTY_KEY_ADD, AVER_PARTY_KEY_REVOKE, AVER_PARTY_REVOKE };
extern const char *const aver_party_action_names[];
struct aver_party_act {
    uint64_t action;
    aver_bytes party;      /* [a-z0-9._-]{1,64} */
    aver_bytes name;       /* ADD */
    uint64_t role;         /* ADD */
    aver_bytes npi;        /* ADD, providers */
    aver_bytes public_key; /* ADD, KEY_ADD: 32 bytes */
    aver_bytes kid;        /* KEY_REVOKE: 16 bytes */
    aver_bytes reason;     /* KEY_REVOKE, REVOKE */
};
extern const struct aver_schema aver_party_act_schema;

enum aver_artifact_kind { AVER_ARTIFACT_CONTRACT = 1, AVER_ARTIFACT_POLICY, AVER_ARTIFACT_TABLE };
extern const char *const aver_artifact_kind_names[];
struct aver_publication {
    uint64_t kind;
    aver_bytes name;    /* contract or table: [a-z0-9._-]{1,64}; policy: its plan_id */
    aver_bytes content; /* contract: Lua source; policy: struct aver_policy; table: struct aver_table */
};
extern const struct aver_schema aver_publication_schema;
/* What names an artifact everywhere: contract and policy SHA-256 of the content, table its root. AVER_E_INPUT for a table
 * that does not decode or breaks what aver_table_check asks. */
AVER_MUST_CHECK aver_err aver_artifact_digest(aver_digest *out, const struct aver_publication *p,
                                              struct aver_arena *arena, struct aver_why *why);

struct aver_approval {
    aver_digest artifact;
};
extern const struct aver_schema aver_approval_schema;

struct aver_cover {
    aver_bytes plan; /* plan_id of a policy */
    aver_bytes group_number;
    aver_day from, to;     /* both inclusive; `to` absent: open */
    aver_bytes pays_first; /* the plan that pays before this one; absent: none does */
};
enum aver_relationship { AVER_SELF = 1, AVER_SPOUSE, AVER_CHILD, AVER_OTHER_DEPENDANT };
extern const char *const aver_relationship_names[]; /* self, spouse, child, other */
struct aver_member {
    aver_bytes member_id;
    uint64_t relationship;
    aver_bytes last_name, first_name;
    aver_day birth_date;
    aver_bytes sex;          /* F, M, U */
    struct aver_list covers; /* of struct aver_cover */
};
struct aver_family {
    aver_bytes family_id; /* [A-Za-z0-9._-]{1,40} */
    aver_bytes secret;    /* 32 random bytes: the commitment secret of this family's state; never changes */
    struct aver_list members; /* of struct aver_member, member_id ascending bytewise, at most 40 */
};
extern const struct aver_schema aver_family_schema, aver_member_schema, aver_cover_schema;
/* The member's cover of this day number, whatever integer it is; NULL: none. Periods of one member do not overlap. */
const struct aver_cover *aver_cover_on(const struct aver_member *member, int64_t day);

struct aver_remit {
    aver_bytes payee; /* as aver_claim_payee_id gives it */
    aver_bytes trace; /* TRN02: unique on this ledger, [A-Z0-9-]{1,30} */
    aver_day date;    /* BPR16: the payment's date */
};
extern const struct aver_schema aver_remit_schema;

/* What a member used elsewhere, as its source reports it: a pharmacy manager, or the carrier before. It is posted to the member's
 * balance and the family's; or it takes back what was reported under the same source, reference, member, counter and tier. */
struct aver_accrual {
    aver_bytes source;    /* [a-z0-9._-]{1,64} */
    aver_bytes reference; /* the source's own number of it */
    aver_bytes member_id;
    aver_bytes plan;    /* plan_id of a policy that is in force on the day */
    aver_day day;       /* of service: it chooses the policy and the benefit year */
    aver_bytes counter; /* "deductible", "oop_max", "maxima.ID" */
    aver_bytes tier;    /* absent: of a maximum */
    aver_delta amount;  /* cents, not zero; absent where it takes back */
    bool reverses;
    aver_bytes note;
};
extern const struct aver_schema aver_accrual_schema;
/* 24 letters and digits, as a claim's id, from source, reference, member, counter and tier: what is reported is posted once. */
#define AVER_ACCRUAL_ID_BYTES 24
void aver_accrual_id(char out[AVER_ACCRUAL_ID_BYTES + 1], const struct aver_accrual *report);

/* SHA-256(0x00, salt, item). */
aver_digest aver_leaf(aver_bytes salt, aver_bytes item);

/* The party's filing secret, HMAC(genesis filing_secret, party id), and from it a claim's filing id: HMAC(secret, the claim's
 * encoding without its source) cut to 16 bytes. A claim sent again, with whatever salt and signature and in whatever file,
 * has the same filing id. */
void aver_filing_id(uint8_t out[16], aver_bytes genesis_filing_secret, aver_bytes party, aver_bytes claim);
/* The claim's id: 24 letters and digits (Crockford base32 of the first 15 bytes of SHA-256("averment/1 claim", party length
 * as one byte, party, filing id)). It fits CLP07 and REF, and cannot be guessed from the claim. */
#define AVER_CLAIM_ID_BYTES 24
void aver_claim_id(char out[AVER_CLAIM_ID_BYTES + 1], aver_bytes party, const uint8_t filing_id[16]);

/* What the node promises at intake, and signs by receipts.h: this claim, from this party, was received then, and stands in the log by this height. */
struct aver_intake_receipt {
    aver_bytes chain;
    aver_bytes claim_id;
    aver_bytes party;
    aver_bytes patient_control_number;
    aver_digest leaf;     /* of the first filing: the provider holds the salt and the claim that open it */
    aver_bytes filing_id; /* 16 bytes */
    int64_t received;     /* ms since 1970 UTC */
    uint64_t by_height;   /* the claim's entry lies in the group of this height or an earlier one */
};
extern const struct aver_schema aver_intake_receipt_schema;

/* [a-z0-9._-]{1,64}: names of parties, contracts, tables. */
bool aver_name_valid(aver_bytes name);
/* [A-Za-z0-9._-]{1,40} */
bool aver_family_id_valid(aver_bytes id);

#endif
