/* tests/fuzz/fuzz_yaml.c - any bytes as a policy: every finding has a place and words, and what compiles loads, says what it
 * said when compiled again, and encodes to its own bytes. */
#include <string.h>

#include "adapters/policy_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    (void)ctx;
    (void)why;
    *out = aver_sha256(contract);
    return AVER_OK;
}

static void must_text(const struct aver_policy_node *node)
{
    struct aver_buf b = {0};
    aver_policy_text(&b, node);
    AVER_ASSERT(b.len > 0 && aver_bytes_utf8(aver_buf_view(&b)));
    aver_buf_free(&b);
    for (size_t i = 0; i < node->count; i++) must_text(&node->children[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_crypto_start();
    struct aver_arena arena = {0};
    struct aver_buf out = {0}, tree = {0};
    struct aver_list findings;
    struct aver_why why = {0};
    aver_err err =
        aver_policy_compile(&out, "f", aver_bytes_of(data, size), resolve, NULL, &arena, &findings, &why);
    AVER_ASSERT(err == AVER_OK || err == AVER_E_INPUT);
    bool error = false;
    const struct aver_policy_finding *f = findings.items;
    for (size_t i = 0; i < findings.count; i++) {
        AVER_ASSERT(f[i].line > 0 && f[i].column > 0 && f[i].code[0] && f[i].text.len > 0);
        error |= f[i].severity == AVER_ERROR;
    }
    AVER_ASSERT(error == (err != AVER_OK) && (out.len == 0) == error);
    if (err == AVER_OK) {
        struct aver_policy_loaded p;
        AVER_ASSERT(aver_policy_load(&p, aver_buf_view(&out), &arena, &why) == AVER_OK);
        aver_policy_encode(&tree, &p.root);
        AVER_ASSERT(aver_bytes_eq(aver_buf_view(&tree), p.policy.tree));
        must_text(&p.root);
    } else {
        AVER_ASSERT(why.code[0] && why.place[0] && why.text[0]);
    }
    aver_buf_free(&tree);
    aver_buf_free(&out);
    aver_arena_free(&arena);
    return 0;
}
