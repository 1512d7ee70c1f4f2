/* tests/fuzz/fuzz_x835_check.c - the 835 checker reads any bytes and says where it stopped; what balances still balances with
 * itself once more behind it, and with a byte too many it does not. */
#include <string.h>

#include "adapters/x835_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_why why = {0}, again = {0};
    struct aver_x835_totals totals = {0}, same = {0};
    aver_err err = aver_x835_check(aver_bytes_of(data, size), &totals, &why);
    AVER_ASSERT(aver_x835_check(aver_bytes_of(data, size), &same, &again) == err);
    AVER_ASSERT(strcmp(why.code, again.code) == 0 && memcmp(&totals, &same, sizeof totals) == 0);
    if (err != AVER_OK) {
        AVER_ASSERT(err == AVER_E_INPUT || err == AVER_E_LIMIT || err == AVER_E_DIFFERS);
        AVER_ASSERT(strncmp(why.code, "X835-", 5) == 0 && why.text[0] &&
                    strncmp(why.place, "segment ", 8) == 0);
        AVER_ASSERT(totals.interchanges == 0);
        return 0;
    }
    AVER_ASSERT(totals.interchanges > 0 && totals.payment == totals.paid - totals.provider &&
                totals.payment >= 0);
    /* A second interchange behind the first, and a byte too many. */
    struct aver_buf twice = {0};
    size_t bom = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    aver_buf_put(&twice, data + bom, size - bom);
    aver_buf_put(&twice, data + bom, size - bom);
    AVER_ASSERT(aver_x835_check(aver_buf_view(&twice), &same, NULL) == AVER_OK);
    AVER_ASSERT(same.claims == 2 * totals.claims && same.interchanges == 2 * totals.interchanges);
    aver_buf_byte(&twice, 'X');
    AVER_ASSERT(aver_x835_check(aver_buf_view(&twice), &same, NULL) == AVER_E_INPUT);
    aver_buf_free(&twice);
    return 0;
}
