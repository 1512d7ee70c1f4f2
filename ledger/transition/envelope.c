/* ledger/transition/envelope.c - who signed a batch, and whether they may: see apply.h. */
#include "base/cose.h"
#include "ledger/model/merkle.h"
#include "ledger/transition/apply.h"

#include <string.h>

/* Who may send what. The insurer answers for its members, its contracts and its money; providers file for themselves. */
static bool role_may(uint64_t role, uint64_t kind)
{
    switch ((enum aver_tx_kind)kind) {
    case AVER_TX_GENESIS: return false;
    case AVER_TX_PARTY:
    case AVER_TX_PUBLISH:
    case AVER_TX_APPROVE:
    case AVER_TX_ENROL:
    case AVER_TX_REMIT:
    case AVER_TX_ACCRUAL: return role == AVER_ROLE_INSURER;
    case AVER_TX_CLAIMS: return role == AVER_ROLE_INSURER || role == AVER_ROLE_PROVIDER;
    }
    AVER_UNREACHABLE();
}

static aver_err read_state(const struct aver_view *view, const char *prefix, aver_bytes part, bool hex,
                           const struct aver_schema *schema, void *record, struct aver_arena *arena,
                           struct aver_why *why)
{
    struct aver_buf name = {0};
    struct aver_stored stored = {0};
    aver_buf_str(&name, prefix);
    if (hex)
        aver_buf_hex(&name, part);
    else
        aver_name_escape(&name, part);
    aver_err err = view->get(view->self, aver_buf_view(&name), &stored, why);
    aver_buf_free(&name);
    AVER_TRY(err);
    return aver_schema_read(aver_arena_copy(arena, stored.record), schema, record, arena, why);
}

static aver_err standing(struct aver_envelope *out, const struct aver_view *view, struct aver_public_key *key,
                         struct aver_arena *arena, struct aver_why *why)
{
    struct aver_key_state k;
    struct aver_party_state p;
    aver_bytes kid = aver_bytes_of(out->kid, sizeof out->kid);
    char hex[33];
    aver_hex(hex, kid);
    aver_err err = read_state(view, "k/", kid, true, &aver_key_state_schema, &k, arena, why);
    if (err == AVER_E_NOT_FOUND)
        return aver_fail(why, AVER_E_REFUSED, "TX-KEY-UNKNOWN", "kid",
                         "no party of this ledger has the key %s; an insurer adds it with aver party add",
                         hex);
    AVER_TRY(err);
    AVER_TRY(read_state(view, "p/", k.party, false, &aver_party_state_schema, &p, arena, why));
    if (k.from > view->height || (k.revoked && k.revoked <= view->height))
        return aver_fail(why, AVER_E_REFUSED, "TX-KEY-REVOKED", "kid",
                         "the key %s of %.*s was revoked at height %u", hex, AVER_STR(k.party),
                         (unsigned)k.revoked);
    if (p.revoked && p.revoked <= view->height)
        return aver_fail(why, AVER_E_REFUSED, "TX-KEY-REVOKED", "kid",
                         "the party %.*s was revoked at height %u", AVER_STR(k.party), (unsigned)p.revoked);
    if (!role_may(p.role, out->batch.kind))
        return aver_fail(why, AVER_E_REFUSED, "TX-ROLE", "kind", "%.*s is %s %s and may not send %s",
                         AVER_STR(k.party),
                         p.role == AVER_ROLE_INSURER || p.role == AVER_ROLE_AUDITOR ? "an" : "a",
                         aver_role_names[p.role], aver_tx_kind_names[out->batch.kind]);
    out->party = k.party;
    out->role = p.role;
    memcpy(key->b, k.public_key.ptr, sizeof key->b);
    return AVER_OK;
}

aver_err aver_envelope_open(struct aver_envelope *out, const struct aver_view *view, aver_bytes bytes,
                            aver_bytes chain, const struct aver_public_key *genesis_node_key,
                            struct aver_arena *arena, struct aver_why *why)
{
    struct aver_cose cose;
    struct aver_public_key key;
    *out = (struct aver_envelope){.digest = aver_sha256(bytes)};
    AVER_TRY(aver_cose_read(&cose, bytes, why));
    if (!aver_bytes_is(cose.content_type, AVER_BATCH_CONTENT_TYPE))
        return aver_fail(why, AVER_E_INPUT, "TX-FORM", "content type",
                         "this is signed as %.*s, not as a batch", AVER_STR(cose.content_type));
    AVER_TRY(aver_schema_read(cose.payload, &aver_batch_schema, &out->batch, arena, why));
    memcpy(out->kid, cose.kid.ptr, sizeof out->kid);
    if (out->batch.version != AVER_BATCH_VERSION)
        return aver_fail(why, AVER_E_INPUT, "TX-FORM", "version", "batch version %u is not known",
                         (unsigned)out->batch.version);
    if ((out->batch.kind == AVER_TX_GENESIS) != (genesis_node_key != NULL))
        return aver_fail(why, AVER_E_REFUSED, "TX-ROLE", "kind", "a ledger begins with its genesis, once");
    if (!aver_bytes_eq(out->batch.chain, chain))
        return aver_fail(why, AVER_E_REFUSED, "TX-CHAIN", "chain",
                         "it was signed for the chain %.*s; this is %.*s", AVER_STR(out->batch.chain),
                         AVER_STR(chain));
    if (genesis_node_key)
        key = *genesis_node_key;
    else
        AVER_TRY(standing(out, view, &key, arena, why));
    if (!aver_cose_verify(&cose, "batch", chain, &key))
        return aver_fail(why, AVER_E_SIGNATURE, "TX-SIGNATURE", "signature",
                         "the signature does not match the batch and its key");
    return AVER_OK;
}

aver_err aver_envelope_expired(const struct aver_envelope *env, const struct aver_view *view,
                               struct aver_why *why)
{
    if (view->time > env->batch.not_after)
        return aver_fail(why, AVER_E_REFUSED, "TX-EXPIRED", "not_after",
                         "the batch expired before it was received; sign it again");
    if (env->batch.not_after - view->time > AVER_BATCH_NOT_AFTER_MS)
        return aver_fail(why, AVER_E_REFUSED, "TX-NOT-AFTER", "not_after",
                         "the batch expires more than 30 days ahead; sign it with an earlier not_after");
    return AVER_OK;
}

aver_err aver_envelope_leaves(const struct aver_envelope *env, const aver_digest *leaves, size_t count,
                              struct aver_why *why)
{
    if (count != env->batch.count)
        return aver_fail(why, AVER_E_REFUSED, "TX-ROOT", "count", "%u items were signed and %zu are here",
                         (unsigned)env->batch.count, count);
    if (!aver_digest_eq(aver_merkle_root_of(leaves, count), env->batch.root))
        return aver_fail(why, AVER_E_REFUSED, "TX-ROOT", "root", "the items are not those that were signed");
    return AVER_OK;
}

aver_err aver_filed_before(struct aver_claim_state *out, char id[AVER_CLAIM_ID_BYTES + 1],
                           uint8_t filing_out[16], const struct aver_view *view,
                           const struct aver_envelope *env, aver_bytes claim, struct aver_arena *arena,
                           struct aver_why *why)
{
    struct aver_genesis genesis;
    uint8_t filing[16];
    AVER_TRY(read_state(view, "g", AVER_BYTES_NONE, false, &aver_genesis_schema, &genesis, arena, why));
    aver_filing_id(filing, genesis.filing_secret, env->party, claim);
    aver_claim_id(id, env->party, filing);
    if (filing_out) memcpy(filing_out, filing, sizeof filing);
    return read_state(view, "c/", aver_bytes_str(id), false, &aver_claim_state_schema, out, arena, why);
}
