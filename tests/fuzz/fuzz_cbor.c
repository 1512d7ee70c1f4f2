/* tests/fuzz/fuzz_cbor.c - what the strict reader accepts, the writer writes back byte for byte; what it refuses has a code
 * and a place; and neither reads past its input nor believes a length in it. */
#include "base/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input was accepted, so every typed read succeeds. */
static void rewrite(struct aver_buf *out, struct aver_cbor *in)
{
    aver_bytes b;
    int64_t n;
    bool flag;
    size_t count;
    switch (aver_cbor_peek(in)) {
    case AVER_CBOR_UINT:
    case AVER_CBOR_NINT:
        AVER_ASSERT(aver_cbor_int(in, &n) == AVER_OK);
        aver_cbor_put_int(out, n);
        return;
    case AVER_CBOR_BYTES:
        AVER_ASSERT(aver_cbor_bytes(in, &b) == AVER_OK);
        aver_cbor_put_bytes(out, b);
        return;
    case AVER_CBOR_TEXT:
        AVER_ASSERT(aver_cbor_text(in, &b) == AVER_OK);
        aver_cbor_put_text(out, b);
        return;
    case AVER_CBOR_ARRAY:
        AVER_ASSERT(aver_cbor_array(in, &count) == AVER_OK);
        aver_cbor_put_array(out, count);
        while (count--) rewrite(out, in);
        return;
    case AVER_CBOR_MAP:
        AVER_ASSERT(aver_cbor_map(in, &count) == AVER_OK);
        aver_cbor_put_map(out, count);
        for (count *= 2; count--;) rewrite(out, in);
        return;
    case AVER_CBOR_SIMPLE:
        if (aver_cbor_null(in)) {
            aver_cbor_put_null(out);
            return;
        }
        AVER_ASSERT(aver_cbor_bool(in, &flag) == AVER_OK);
        aver_cbor_put_bool(out, flag);
        return;
    default: AVER_UNREACHABLE();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aver_why why = {0};
    if (aver_cbor_check(aver_bytes_of(data, size), &why) != AVER_OK) {
        AVER_ASSERT(why.code[0] && why.place[0] && why.text[0]);
        return 0;
    }
    struct aver_cbor in = aver_cbor_open(aver_bytes_of(data, size), NULL);
    struct aver_buf again = {0};
    rewrite(&again, &in);
    AVER_ASSERT(aver_cbor_end(&in) == AVER_OK);
    AVER_ASSERT(aver_bytes_eq(aver_bytes_of(data, size), aver_buf_view(&again)));
    aver_buf_free(&again);
    return 0;
}
