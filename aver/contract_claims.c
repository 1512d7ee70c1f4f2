/* aver/contract_claims.c - see contract_claims.h. */
#include "aver/contract_claims.h"

#include <inttypes.h>
#include <string.h>

#include "aver/files.h"
#include "aver/intake.h"
#include "aver/output.h"
#include "aver/project.h"
#include "aver/session.h"
#include "aver/suite.h"
#include "base/cose.h"

#define DAY_MS INT64_C(86400000)

static aver_err read_file(struct aver_command *cmd, const char *path, struct aver_intake *intake, int *code)
{
    struct aver_buf bytes = {0};
    size_t from = intake->findings.count;
    aver_err err = aver_path_read(&bytes, path, AVER_INTAKE_FILE_MAX, &cmd->why);
    aver_bytes file = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    aver_intake_read(intake, file, AVER_INTAKE_AUTO);
    const struct aver_finding *f = aver_intake_findings(intake);
    for (size_t i = from; i < intake->findings.count; i++) {
        bool warning = f[i].level == AVER_LEVEL_WARNING;
        aver_note(cmd, "%s: %s%.*s [%.*s] (%.*s)", path, warning ? "warning: " : "", AVER_STR(f[i].text),
                  AVER_STR(f[i].code), AVER_STR(f[i].place));
        if (!warning) *code = AVER_EXIT_NO;
    }
    return AVER_OK;
}

aver_err aver_claims_of_files(struct aver_command *cmd, struct aver_list *out, const char *path, int *code)
{
    struct aver_list files = {0};
    struct aver_intake intake;
    aver_intake_init(&intake, &cmd->arena);
    if (!aver_suite_is_dir(path))
        AVER_TRY(read_file(cmd, path, &intake, code));
    else {
        AVER_TRY(aver_project_list(cmd, &files, path, "", ""));
        const char *const *file = files.items;
        for (size_t i = 0; i < files.count; i++) AVER_TRY(read_file(cmd, file[i], &intake, code));
    }
    const struct aver_intake_claim *claim = aver_intake_claims(&intake);
    for (size_t i = 0; i < intake.claims.count; i++)
        *(struct aver_happening *)aver_list_add(&cmd->arena, out, sizeof(struct aver_happening)) =
            (struct aver_happening){.claim = claim[i].claim, .received = claim[i].claim->statement_to};
    return AVER_OK;
}

/* A claim is received on the day of its group, which its record in the state keeps. */
static aver_err recorded_claim(struct aver_command *cmd, struct aver_session *s,
                               const struct aver_opened *opened, struct aver_happening *out)
{
    struct aver_claim *claim = AVER_NEW(&cmd->arena, struct aver_claim);
    struct aver_claim_state state;
    struct aver_receipt receipt;
    AVER_TRY(aver_schema_read(opened->body.item, &aver_claim_schema, claim, &cmd->arena, &cmd->why));
    AVER_TRY(aver_schema_read(opened->receipt, &aver_receipt_schema, &receipt, &cmd->arena, &cmd->why));
    AVER_ASSERT(receipt.decision);
    AVER_TRY(
        aver_session_get(cmd, s, &aver_claim_state_schema, &state,
                         aver_arena_printf(&cmd->arena, "c/%.*s", AVER_STR(receipt.decision->claim_id))));
    *out = (struct aver_happening){.claim = claim, .received = (aver_day)(state.received / DAY_MS)};
    return AVER_OK;
}

static aver_err recorded_entry(struct aver_command *cmd, struct aver_session *s, uint64_t entry,
                               struct aver_list *out)
{
    struct aver_opened opened;
    struct aver_cose cose;
    struct aver_batch batch;
    struct aver_happening happening;
    AVER_TRY(aver_ledger_item(s->ledger, entry, &opened, &cmd->arena, &cmd->why));
    if (opened.entry.kind != AVER_ENTRY_ITEM) return AVER_OK;
    AVER_TRY(aver_cose_read(&cose, opened.cose, &cmd->why));
    AVER_TRY(aver_schema_read(cose.payload, &aver_batch_schema, &batch, &cmd->arena, &cmd->why));
    if (batch.kind == AVER_TX_ENROL) {
        struct aver_family *family = AVER_NEW(&cmd->arena, struct aver_family);
        AVER_TRY(aver_schema_read(opened.body.item, &aver_family_schema, family, &cmd->arena, &cmd->why));
        happening = (struct aver_happening){.enrolled = family};
    } else if (batch.kind == AVER_TX_CLAIMS) {
        AVER_TRY(recorded_claim(cmd, s, &opened, &happening));
    } else {
        return AVER_OK;
    }
    *(struct aver_happening *)aver_list_add(&cmd->arena, out, sizeof happening) = happening;
    return AVER_OK;
}

static aver_err recorded(struct aver_command *cmd, struct aver_session *s, struct aver_list *out, int *code)
{
    AVER_TRY(aver_session_open(cmd, s, AVER_LEDGER_READ));
    uint64_t entries = aver_ledger_facts(s->ledger).entries;
    for (uint64_t i = 0; i < entries; i++) {
        aver_err err = recorded_entry(cmd, s, i, out);
        if (err == AVER_E_KEY_GONE) {
            aver_note(cmd, "entry %" PRIu64 " is left out: nobody can open it any more", i);
            *code = AVER_EXIT_NO;
        } else if (err != AVER_OK) {
            return err;
        }
    }
    return AVER_OK;
}

aver_err aver_claims_recorded(struct aver_command *cmd, struct aver_list *out, int *code)
{
    struct aver_session s = {0};
    aver_err err = recorded(cmd, &s, out, code);
    aver_session_close(&s);
    return err;
}

aver_err aver_claims_decide(struct aver_command *cmd, struct aver_bench *bench,
                            const struct aver_happening *happening, struct aver_found *out,
                            struct aver_applied *applied)
{
    const struct aver_claim *claim = happening->claim;
    AVER_TRY(aver_bench_file(bench, claim, happening->received, applied, &cmd->why));
    *out = (struct aver_found){
        .claim = *claim, .receipt = applied->record, .decision = applied->record.decision};
    memcpy(out->id, applied->claim_id, sizeof out->id);
    out->state.control = claim->patient_control_number;
    out->state.height = applied->record.height;
    return AVER_OK;
}

void aver_claims_refused(struct aver_command *cmd, const struct aver_claim *claim,
                         const struct aver_applied *applied)
{
    aver_note(cmd, "claim %.*s: %s: %s", AVER_STR(claim->patient_control_number),
              aver_outcome_names[applied->outcome], applied->words);
}

aver_err aver_claims_received(struct aver_command *cmd, struct aver_list *happenings)
{
    const char *text = aver_option(cmd, "received");
    struct aver_happening *h = happenings->items;
    aver_day day;
    if (!text) return AVER_OK;
    if (aver_day_parse_iso(&day, aver_bytes_str(text)) != AVER_OK)
        return aver_usage(cmd, "--received is a day: 2026-03-31");
    for (size_t i = 0; i < happenings->count; i++) h[i].received = day;
    return AVER_OK;
}
