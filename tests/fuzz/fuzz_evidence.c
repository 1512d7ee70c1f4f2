/* tests/fuzz/fuzz_evidence.c - any bytes as evidence of a fork. What is read is written again and read as the same; what is believed
 * was signed by the key in it. */
#include "ledger/storage/audit_evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct aver_arena arena = {0};
    struct aver_evidence e, again;
    struct aver_why why;
    struct aver_buf text = {0};
    if (!started) aver_crypto_start();
    started = true;
    if (aver_evidence_read(&e, aver_bytes_of(data, size), &arena, &why) == AVER_OK) {
        enum aver_evidence_kind kind;
        struct aver_checkpoint smaller, larger;
        aver_evidence_write(&text, &e);
        AVER_ASSERT(aver_evidence_read(&again, aver_buf_view(&text), &arena, &why) == AVER_OK);
        AVER_ASSERT(aver_bytes_eq(again.vkey, e.vkey) && aver_bytes_eq(again.smaller, e.smaller) &&
                    aver_bytes_eq(again.larger, e.larger) && again.proof.count == e.proof.count);
        if (aver_evidence_check(&e, &kind, &smaller, &larger, &why) == AVER_OK)
            AVER_ASSERT(smaller.size <= larger.size &&
                        (kind == AVER_EVIDENCE_FORK || kind == AVER_EVIDENCE_ROLLBACK));
    }
    aver_buf_free(&text);
    aver_arena_free(&arena);
    return 0;
}
