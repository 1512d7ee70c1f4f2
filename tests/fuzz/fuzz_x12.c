/* tests/fuzz/fuzz_x12.c - any bytes at all as an X12 file. What must hold: reading ends, every finding has a place and a
 * text, what is accepted keeps aver_claim_check, and no claim is lost: each CLM segment, found here by another and simpler
 * scanner, is accepted, or rejected by name, or lies in the bytes of a finding of level SET or above. */
#include <stdlib.h>
#include <string.h>

#include "adapters/x12_837.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool covered(const struct aver_intake *in, uint64_t at)
{
    const struct aver_intake_claim *c = aver_intake_claims(in);
    for (size_t i = 0; i < in->claims.count; i++)
        if (c[i].claim->source->offset == at) return true;
    const struct aver_finding *f = aver_intake_findings(in);
    for (size_t i = 0; i < in->findings.count; i++)
        if (f[i].level != AVER_LEVEL_WARNING && f[i].covers_from <= at && at < f[i].covers_to) return true;
    return false;
}

static bool isa_at(const uint8_t *p, size_t n)
{
    static const uint8_t at[] = {6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103};
    if (n < 106 || memcmp(p, "ISA", 3) != 0) return false;
    for (size_t i = 0; i < sizeof at; i++)
        if (p[at[i]] != p[3]) return false;
    return true;
}

/* Every "CLM" that begins a segment by the delimiters of the ISA before it. */
static void claims_check(const struct aver_intake *in, const uint8_t *data, size_t size)
{
    uint8_t separator = 0, terminator = 0;
    bool known = false;
    for (size_t i = 0; i + 4 <= size; i++) {
        if (isa_at(data + i, size - i) && !known) {
            known = true;
            separator = data[i + 3];
            terminator = data[i + 105];
            i += 105;
            continue;
        }
        if (!known || memcmp(data + i, "CLM", 3) != 0 || data[i + 3] != separator) continue;
        size_t k = i;
        while (k > 0 && data[k - 1] <= ' ' && data[k - 1] != terminator) k--;
        if (k == 0 || data[k - 1] != terminator) continue;
        if (!covered(in, i)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_crypto_start();
    struct aver_arena arena = {0};
    struct aver_intake in;
    aver_intake_init(&in, &arena);
    aver_x12_837_read(&in, aver_bytes_of(data, size));
    const struct aver_finding *f = aver_intake_findings(&in);
    for (size_t i = 0; i < in.findings.count; i++) {
        if (!f[i].code.len || !f[i].place.len || !f[i].text.len) abort();
        if (f[i].original.len > AVER_INTAKE_ORIGINAL_MAX || f[i].covers_to > size) abort();
    }
    const struct aver_intake_rejected *r = aver_intake_rejects(&in);
    for (size_t i = 0; i < in.rejected.count; i++)
        if (r[i].finding >= in.findings.count || f[r[i].finding].level == AVER_LEVEL_WARNING) abort();
    const struct aver_intake_claim *c = aver_intake_claims(&in);
    for (size_t i = 0; i < in.claims.count; i++) {
        const struct aver_source *s = c[i].claim->source;
        if (aver_claim_check(c[i].claim, NULL) != AVER_OK) abort();
        if (s->offset > size || s->length > size - s->offset || memcmp(data + s->offset, "CLM", 3) != 0)
            abort();
    }
    claims_check(&in, data, size);
    aver_arena_free(&arena);
    return 0;
}
