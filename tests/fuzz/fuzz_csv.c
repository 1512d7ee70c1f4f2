/* tests/fuzz/fuzz_csv.c - any bytes as rows, as tables, as enrolment and as claims: rows cover the file in order, what is
 * written reads the same again, and what is accepted keeps the bounds of its records. */
#include <string.h>

#include "adapters/csv_claims.h"
#include "adapters/csv_members.h"
#include "adapters/csv_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rows(aver_bytes in, struct aver_arena *arena)
{
    struct aver_csv csv, again;
    struct aver_csv_row row, same;
    struct aver_why why;
    size_t at = 0;
    aver_csv_open(&csv, in, arena);
    for (enum aver_csv_step step; (step = aver_csv_next(&csv, &row, &why)) != AVER_CSV_END;) {
        AVER_ASSERT(row.offset >= at && row.length > 0 && row.line > 0);
        at = row.offset + row.length;
        AVER_ASSERT(at <= in.len);
        if (step == AVER_CSV_BAD) {
            AVER_ASSERT(why.code[0] && why.text[0]);
            continue;
        }
        struct aver_buf b = {0};
        bool formula = false;
        for (size_t i = 0; i < row.count; i++) {
            aver_csv_put(&b, i == 0, row.fields[i]);
            formula |= row.fields[i].len && memchr("=+-@\t\r", row.fields[i].ptr[0], 6);
        }
        aver_csv_put_end(&b);
        aver_csv_open(&again, aver_buf_view(&b), arena);
        bool blank = row.count == 1 && row.fields[0].len == 0;
        bool mark = b.len >= 3 && memcmp(b.ptr, "\xef\xbb\xbf", 3) == 0;
        if (!formula && !blank && !mark && b.len < AVER_CSV_ROW_MAX) {
            AVER_ASSERT(aver_csv_next(&again, &same, &why) == AVER_CSV_ROW && same.count == row.count);
            for (size_t i = 0; i < row.count; i++) AVER_ASSERT(aver_bytes_eq(row.fields[i], same.fields[i]));
        }
        aver_buf_free(&b);
    }
}

static void tables(aver_bytes in, struct aver_arena *arena)
{
    for (enum aver_table_kind kind = AVER_TABLE_FEES; kind <= AVER_TABLE_KINDS; kind++) {
        struct aver_table t;
        struct aver_list findings;
        struct aver_why why = {0};
        if (aver_table_from_csv(&t, AVER_LIT("t"), kind, "f", in, arena, &findings, &why) != AVER_OK)
            AVER_ASSERT(findings.count > 0 && why.code[0]);
        else
            AVER_ASSERT(aver_table_check(&t, &why) == AVER_OK);
    }
}

static void members(aver_bytes in, struct aver_arena *arena)
{
    struct aver_list families, findings;
    static const uint8_t secret[32];
    (void)!aver_families_from_csv(&families, "f", in, arena, &findings, NULL);
    struct aver_family *f = families.items;
    for (size_t i = 0; i < families.count; i++) {
        f[i].secret = aver_bytes_of(secret, 32);
        AVER_ASSERT(aver_schema_check(&aver_family_schema, &f[i], NULL) == AVER_OK);
    }
}

static void claims(aver_bytes in, struct aver_arena *arena)
{
    struct aver_intake intake;
    aver_intake_init(&intake, arena);
    aver_csv_claims_read(&intake, in);
    for (size_t i = 0; i < intake.claims.count; i++) {
        const struct aver_claim *c = aver_intake_claims(&intake)[i].claim;
        AVER_ASSERT(aver_claim_check(c, NULL) == AVER_OK);
        AVER_ASSERT(c->source->offset + c->source->length <= in.len);
    }
    for (size_t i = 0; i < intake.rejected.count; i++)
        AVER_ASSERT(aver_intake_findings(&intake)[aver_intake_rejects(&intake)[i].finding].level >=
                    AVER_LEVEL_CLAIM);
    for (size_t i = 0; i < intake.findings.count; i++) {
        const struct aver_finding *f = &aver_intake_findings(&intake)[i];
        AVER_ASSERT(f->code.len && f->text.len && f->covers_from <= f->covers_to && f->covers_to <= in.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aver_crypto_start();
    struct aver_arena arena = {0};
    aver_bytes in = aver_bytes_of(data, size);
    rows(in, &arena);
    tables(in, &arena);
    members(in, &arena);
    claims(in, &arena);
    aver_arena_free(&arena);
    return 0;
}
