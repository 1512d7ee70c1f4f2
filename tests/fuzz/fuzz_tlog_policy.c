/* tests/fuzz/fuzz_tlog_policy.c - any bytes as a trust policy. What is read keeps its own rules, and a checkpoint that
 * nobody signed satisfies none. */
#include "ledger/model/merkle.h"
#include "ledger/model/tlog_policy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void keeps_its_rules(const struct aver_tlog_policy *p)
{
    uint32_t members[AVER_TLOG_NODES_MAX] = {0};
    AVER_ASSERT(p->logs_count <= AVER_TLOG_LOGS_MAX && p->nodes_count <= AVER_TLOG_NODES_MAX);
    AVER_ASSERT(p->quorum == AVER_TLOG_NONE || p->quorum < p->nodes_count);
    for (size_t i = 0; i < p->nodes_count; i++) {
        const struct aver_tlog_node *n = &p->node[i];
        AVER_ASSERT(n->name.len && !aver_bytes_is(n->name, "none"));
        if (n->group)
            AVER_ASSERT(n->need >= 1 && n->need <= n->of && members[i] == n->of);
        else
            AVER_ASSERT(n->key.type == AVER_NOTE_COSIGNATURE);
        if (n->parent == AVER_TLOG_NONE) continue;
        AVER_ASSERT(n->parent > i && n->parent < p->nodes_count && p->node[n->parent].group);
        members[n->parent]++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct aver_tlog_policy policy;
    static struct aver_buf note;
    struct aver_why why;
    if (note.len == 0) {
        struct aver_note_key key;
        struct aver_public_key pk;
        struct aver_secret_key sk;
        const uint8_t seed[32] = {1, 2, 3}; /* no policy of the corpus names this key */
        aver_crypto_start();
        aver_key_from_seed(&pk, &sk, seed);
        AVER_ASSERT(aver_note_key_of(&key, AVER_LIT("nobody.example"), &pk, NULL) == AVER_OK);
        aver_digest root = aver_merkle_empty();
        aver_checkpoint_sign(&note, 0, &root, &key, &sk);
    }
    if (aver_tlog_policy_read(&policy, aver_bytes_of(data, size), &why) != AVER_OK) {
        AVER_ASSERT(why.text[0] && !memcmp(why.code, "TRUST-", 6));
        return 0;
    }
    keeps_its_rules(&policy);
    AVER_ASSERT(aver_tlog_policy_check(&policy, NULL, aver_buf_view(&note), NULL, &why) == AVER_E_REFUSED);
    return 0;
}
