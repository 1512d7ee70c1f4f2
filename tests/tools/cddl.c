/* tests/tools/cddl.c - prints docs/formats.cddl (RFC 8610) from the record tables, so that the document can't say something else
 * than the code: tests/run.sh compares the two. */
#include "ledger/model/receipts.h"
#include "base/schema.h"
#include "ledger/model/bundle.h"
#include "ledger/model/claim.h"
#include "ledger/model/decision.h"
#include "ledger/model/policy.h"
#include "ledger/model/state.h"
#include "ledger/model/table.h"
#include "ledger/model/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct aver_schema *seen[128];
static size_t seen_count;

static void name(const char *text)
{
    for (; *text; text++) putchar(*text == '_' ? '-' : *text);
}

static void type(const struct aver_field *f)
{
    switch ((enum aver_type)f->type) {
    case AVER_T_UINT:
        if (f->names)
            for (uint64_t i = 1, n = 0; i <= f->max; i++) {
                if (f->names[i]) printf("%s%" PRIu64, n++ ? " / " : "", i);
            }
        else if (f->max)
            printf("0..%" PRIu64, f->max);
        else
            printf("uint63");
        return;
    case AVER_T_INT: printf("int64"); return;
    case AVER_T_BOOL: printf("bool"); return;
    case AVER_T_MONEY: printf("money"); return;
    case AVER_T_DELTA: printf("delta"); return;
    case AVER_T_DAY: printf("day"); return;
    case AVER_T_TEXT: printf("tstr .size (1..%" PRIu64 ")", f->max); return;
    case AVER_T_BYTES: printf("bstr .size (0..%" PRIu64 ")", f->max); return;
    case AVER_T_FIXED: printf("bstr .size %" PRIu64, f->max); return;
    case AVER_T_DIGEST: printf("digest"); return;
    case AVER_T_STRUCT: name(f->of->name); return;
    case AVER_T_LIST:
        printf("[%d*%" PRIu64 " ", f->optional ? 1 : 0, f->max);
        name(f->of->name);
        putchar(']');
        return;
    case AVER_T_TEXTS:
        printf("[%d*%" PRIu64 " tstr .size (1..%d)]", f->optional ? 1 : 0, f->max, AVER_TEXTS_BYTES_MAX);
        return;
    case AVER_T_UINTS: printf("[%d*%" PRIu64 " uint63]", f->optional ? 1 : 0, f->max); return;
    case AVER_T_RAW: printf("item"); return;
    }
}

static void comment(const struct aver_field *f)
{
    printf("  ; %s", f->name);
    if (!f->names) return;
    for (uint64_t i = 1, n = 0; i <= f->max; i++) {
        if (f->names[i]) printf("%s%" PRIu64 " %s", n++ ? ", " : ": ", i, f->names[i]);
    }
}

static void print(const struct aver_schema *s)
{
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i] == s) return;
    seen[seen_count++] = s;
    putchar('\n');
    name(s->name);
    printf(" = {\n");
    for (size_t i = 0; i < s->count; i++) {
        const struct aver_field *f = &s->fields[i];
        printf("  %s%u => ", f->optional ? "? " : "", f->key);
        type(f);
        putchar(',');
        comment(f);
        putchar('\n');
    }
    printf("}\n");
    for (size_t i = 0; i < s->count; i++)
        if (s->fields[i].of) print(s->fields[i].of);
}

int main(void)
{
    static const struct aver_schema *const all[] = {
        &aver_batch_schema,         &aver_genesis_schema,        &aver_party_act_schema,
        &aver_publication_schema,   &aver_approval_schema,       &aver_family_schema,
        &aver_claim_schema,         &aver_remit_schema,          &aver_receipt_schema,
        &aver_policy_schema,        &aver_table_schema,          &aver_intake_receipt_schema,
        &aver_receipts_schema,      &aver_receipt_proof_schema,  &aver_key_state_schema,
        &aver_party_state_schema,   &aver_artifact_state_schema, &aver_name_state_schema,
        &aver_plan_state_schema,    &aver_member_state_schema,   &aver_balances_schema,
        &aver_services_schema,      &aver_visits_schema,         &aver_claim_state_schema,
        &aver_payee_state_schema,   &aver_remittance_schema,     &aver_enrolled_schema,
        &aver_bundle_schema,        &aver_born_schema,           &aver_accrual_schema,
        &aver_accrual_state_schema, &aver_uses_schema,
    };
    printf(
        "; Made from the record tables of the source by tests/tools/cddl.c; docs/formats.md says what the records mean.\n"
        "; Every map is deterministic CBOR: keys ascending, optional fields left out when absent or empty.\n\n"
        "uint63 = 0..9223372036854775807\n"
        "int64 = -9223372036854775808..9223372036854775807\n"
        "money = 0..9999999999999            ; cents\n"
        "delta = -9999999999999..9999999999999 ; cents\n"
        "day = -719162..2932896              ; days since 1970-01-01\n"
        "digest = bstr .size 32              ; SHA-256\n"
        "item = any                          ; one item of the profile\n");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) print(all[i]);
    return 0;
}
