/* tests/fuzz/fuzz_frame.c - the frame reader on any bytes: it refuses, or what it read writes back byte for byte. */
#include <string.h>

#include "ledger/storage/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_arena arena = {0};
    struct aver_frame frame;
    struct aver_why why;
    struct aver_buf batches = {0}, items = {0}, again = {0};
    aver_crypto_start();
    if (aver_frame_read(&frame, aver_bytes_of(data, size), &arena, &why) == AVER_OK) {
        const struct aver_frame_batch *batch = frame.batches.items;
        const struct aver_frame_item *item = frame.items.items;
        for (size_t i = 0; i < frame.batches.count; i++) {
            if (batch[i].continued)
                aver_frame_put_continued(&batches, &batch[i].digest);
            else
                aver_frame_put_batch(&batches, batch[i].cose, batch[i].leaves, batch[i].leaves_count);
        }
        for (size_t i = 0; i < frame.items.count; i++) aver_frame_put_item(&items, &item[i]);
        aver_frame_write(&again,
                         &(struct aver_frame_parts){frame.height, &batches, &items, frame.batches.count,
                                                    frame.items.count, frame.state, frame.header});
        AVER_ASSERT(aver_bytes_eq(aver_buf_view(&again), aver_bytes_of(data, size)));
    } else {
        AVER_ASSERT(why.code[0] && why.text[0]);
    }
    aver_buf_free(&batches);
    aver_buf_free(&items);
    aver_buf_free(&again);
    aver_arena_free(&arena);
    return 0;
}
