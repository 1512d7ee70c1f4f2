/* adapters/x835_parties.c - who pays and who is paid, from the policy and the claim. */
#include "adapters/x835.h"

#include <string.h>

static aver_bytes text_at(const struct aver_policy_node *root, const char *path)
{
    const struct aver_policy_node *node = aver_policy_at(root, aver_bytes_str(path));
    return node && node->kind == AVER_POLICY_TEXT ? node->text : AVER_BYTES_NONE;
}

struct aver_x835_payer aver_x835_payer_from_policy(const struct aver_policy_node *root)
{
    return (struct aver_x835_payer){
        .id = text_at(root, "payer.id"),
        .name = text_at(root, "payer.name"),
        .address = text_at(root, "payer.address"),
        .city = text_at(root, "payer.city"),
        .state = text_at(root, "payer.state"),
        .postal_code = text_at(root, "payer.postal_code"),
        .phone = text_at(root, "payer.phone"),
    };
}

aver_bytes aver_x835_filing_indicator(const struct aver_policy_node *root)
{
    return text_at(root, "plan.claim_filing_indicator");
}

struct aver_x835_payee aver_x835_payee_from_claim(const struct aver_claim *claim)
{
    const struct aver_provider *p = claim->billing_provider;
    return (struct aver_x835_payee){
        .npi = p->npi,
        .tax_id = p->tax_id,
        .other_id = p->other_id,
        .name = p->name,
        .first_name = p->first_name,
        .address = p->address,
        .city = p->city,
        .state = p->state,
        .postal_code = p->postal_code,
    };
}

static struct aver_x835_payee member_payee(aver_bytes id, const struct aver_claim *claim)
{
    const struct aver_person *p = claim->patient ? claim->patient : claim->subscriber;
    return (struct aver_x835_payee){
        .other_id = id,
        .name = p->last_name,
        .first_name = p->last_name.len ? p->first_name : AVER_BYTES_NONE,
        .address = p->address,
        .city = p->city,
        .state = p->state,
        .postal_code = p->postal_code,
    };
}

struct aver_x835_payee aver_x835_payee_of(aver_bytes payee, const struct aver_claim *claim)
{
    static const char member[] = "member:";
    size_t n = sizeof member - 1;
    bool is_member = payee.len > n && !memcmp(payee.ptr, member, n);
    aver_bytes id = is_member ? aver_bytes_cut(payee, n, payee.len - n) : payee;
    struct aver_x835_payee out = is_member ? member_payee(id, claim) : aver_x835_payee_from_claim(claim);
    if (!out.name.len) out.name = id;
    return out;
}
