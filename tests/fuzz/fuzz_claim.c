/* tests/fuzz/fuzz_claim.c - a claim that decodes encodes to the same bytes, keeps its table's bounds, survives the claim's own
 * checks and look-ups, and becomes JSON that reads. */
#include "base/schema_json.h"
#include "ledger/model/claim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_arena arena = {0};
    struct aver_claim claim;
    struct aver_why why = {0};
    if (aver_schema_read(aver_bytes_of(data, size), &aver_claim_schema, &claim, &arena, &why) == AVER_OK) {
        struct aver_buf again = {0}, text = {0};
        struct aver_json_writer w = {.buf = &text};
        const struct aver_json *tree;
        AVER_ASSERT(aver_schema_check(&aver_claim_schema, &claim, NULL) == AVER_OK);
        aver_schema_encode(&again, &aver_claim_schema, &claim);
        AVER_ASSERT(aver_bytes_eq(aver_bytes_of(data, size), aver_buf_view(&again)));
        if (aver_claim_check(&claim, &why) == AVER_OK) {
            const struct aver_line *lines = claim.lines.items;
            AVER_ASSERT(claim.lines.count > 0 && aver_claim_payee_id(&claim).ptr);
            AVER_ASSERT(aver_claim_rendering_id(&claim, &lines[0]).ptr);
        } else {
            AVER_ASSERT(why.code[0] && why.text[0]);
        }
        aver_schema_json(&w, &aver_claim_schema, &claim);
        aver_json_finish(&w);
        AVER_ASSERT(aver_json_parse(&tree, &arena, aver_buf_view(&text), NULL) == AVER_OK);
        aver_buf_free(&again);
        aver_buf_free(&text);
    } else {
        AVER_ASSERT(why.code[0] && why.place[0] && why.text[0]);
    }
    aver_arena_free(&arena);
    return 0;
}
