/* aver/table.c - aver table publish and list. */
#include "adapters/csv_tables.h"
#include "adapters/table_join.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/publish.h"
#include "aver/sheet.h"
#include "aver/verbs.h"

/* Reads one of the files, in the command's arena. What is wrong with it is told. */
static aver_err read_file(struct aver_command *cmd, const char *path, uint64_t kind, struct aver_table *table)
{
    struct aver_list findings = {0};
    struct aver_buf bytes = {0};
    aver_err err = aver_path_read(&bytes, path, AVER_TABLE_BYTES_MAX, &cmd->why);
    aver_bytes csv = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    AVER_TRY(err);
    err = aver_table_from_csv(table, aver_bytes_str(cmd->args[0]), (enum aver_table_kind)kind, path, csv,
                              &cmd->arena, &findings, &cmd->why);
    aver_sheet_say(cmd, path, &findings);
    if (err != AVER_E_INPUT) return err;
    struct aver_why first = cmd->why; /* it is told with the others */
    size_t errors = 0;
    const struct aver_sheet_finding *f = findings.items;
    for (size_t i = 0; i < findings.count; i++) errors += f[i].error;
    return aver_fail(&cmd->why, err, first.code, path, "the table has %zu error%s and is not published",
                     errors, errors == 1 ? "" : "s");
}

/* All files as one table. Its source is then SHA-256 of the files' SHA-256, in the order given. */
static aver_err read_table(struct aver_command *cmd, struct aver_table *table)
{
    uint64_t kind;
    struct aver_buf sources = {0};
    aver_err err = aver_option_choice(cmd, "kind", aver_table_kind_names, AVER_TABLE_KINDS, &kind);
    for (size_t i = 1; err == AVER_OK && i < cmd->args_count; i++) {
        struct aver_table more = {0};
        err = read_file(cmd, cmd->args[i], kind, i == 1 ? table : &more);
        if (err == AVER_OK && i > 1) err = aver_table_join(table, &more, &cmd->arena, &cmd->why);
        aver_buf_bytes(&sources, aver_digest_bytes(i == 1 ? &table->source : &more.source));
    }
    if (cmd->args_count > 2) table->source = aver_sha256(aver_buf_view(&sources));
    aver_buf_free(&sources);
    return err;
}

/* The table of this name in force. AVER_E_NOT_FOUND: there is none. */
static aver_err in_force(struct aver_command *cmd, struct aver_session *s, const char *name,
                         struct aver_table *table)
{
    struct aver_name_state state = {0};
    aver_bytes content;
    AVER_TRY(aver_session_get(cmd, s, &aver_name_state_schema, &state,
                              aver_arena_printf(&cmd->arena, "t/%s", name)));
    AVER_TRY(aver_session_artifact(cmd, s, state.artifact, &content));
    return aver_schema_read(aver_arena_copy(&cmd->arena, content), &aver_table_schema, table, &cmd->arena,
                            &cmd->why);
}

/* With --from: the next edition of what is in force. */
static aver_err join(struct aver_command *cmd, struct aver_session *s, struct aver_table *table)
{
    const char *text = aver_option(cmd, "from");
    struct aver_table before = {0};
    aver_day from;
    if (!text) return AVER_OK;
    if (aver_day_parse_iso(&from, aver_bytes_str(text)) != AVER_OK)
        return aver_usage(cmd, "--from %s is no date; write it as 2026-10-01", text);
    aver_err err = in_force(cmd, s, cmd->args[0], &before);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    return aver_table_from(table, from, err == AVER_OK ? &before : NULL, &cmd->arena, &cmd->why);
}

static aver_err publication_of(struct aver_command *cmd, struct aver_session *s, struct aver_table *table,
                               struct aver_publication *out)
{
    struct aver_buf bytes = {0};
    AVER_TRY(join(cmd, s, table));
    aver_schema_encode(&bytes, &aver_table_schema, table);
    *out = (struct aver_publication){AVER_ARTIFACT_TABLE, table->name,
                                     aver_arena_copy(&cmd->arena, aver_buf_view(&bytes))};
    aver_buf_free(&bytes);
    return AVER_OK;
}

static int run_publish(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct aver_table table = {0};
    struct aver_list publications = {0};
    int code = AVER_EXIT_DONE;
    AVER_CLI_TRY(cmd, read_table(cmd, &table));
    AVER_CLI_TRY(cmd, aver_session_open(cmd, &s, AVER_LEDGER_WRITE));
    aver_err err = publication_of(cmd, &s, &table,
                                  aver_list_add(&cmd->arena, &publications, sizeof(struct aver_publication)));
    if (err == AVER_OK) code = aver_publish(cmd, &s, &publications);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return code;
}

static const struct aver_option publish_options[] = {
    {"kind", "KIND", true, "fees, roster, codes, pairs, units, rvus, gpcis or localities", NULL},
    {"from", "DATE", false,
     "the next edition: rows without dates begin then; what is in force stays for the days before", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_KEY,
    AVER_OPTION_APPROVE_KEY,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_table_publish = {
    .name = "table publish",
    .args = "NAME FILE.csv...",
    .args_min = 2,
    .args_max = 100,
    .summary =
        "Publishes a fee schedule, roster, code set or edits; it is in force once a second person approves.",
    .more =
        "fees: code, price, from [, modifier, place, locality, to, bundled, description, unit]; roster: npi, tier, from [, to, description];\n"
        "codes: code, from [, to, description], or the OIG's list of excluded providers as published;\n"
        "pairs (NCCI PTP): column1, column2, modifier_indicator [, effective, deleted, rationale];\n"
        "units (NCCI MUE): hcpcs_code, mue_units, mue_mai [, effective, deleted, mue_rationale, mue_service];\n"
        "pairs and units also as CMS publishes them, text or CSV, of several files one table; a quarter's units with --from and its first day;\n"
        "rvus: hcpcs_code, rvu_work, rvu_non_pe, rvu_fac_pe, rvu_mp, cf [, mod, effective, deleted];\n"
        "gpcis: mac, locality, gpci_work, gpci_pe, gpci_mp; localities: postal_code or state, locality, from [, to].",
    .options = publish_options,
    .examples =
        {"aver table publish summit-fees fees.csv --kind fees --ledger summit --key operations.key",
         "aver table publish summit-providers roster.csv --kind roster --key operations.key --approve-key compliance.key"},
    .run = run_publish,
};

struct listing {
    struct aver_command *cmd;
    struct aver_session *s;
};

static aver_err list_one(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct listing *l = user;
    struct aver_command *cmd = l->cmd;
    struct aver_name_state state = {0};
    struct aver_artifact_state artifact;
    struct aver_table table = {0};
    aver_bytes content;
    char hex[65];
    AVER_TRY(aver_schema_read(stored.record, &aver_name_state_schema, &state, &cmd->arena, why));
    aver_bytes id = aver_arena_copy(&cmd->arena, aver_bytes_cut(name, 2, name.len - 2));
    aver_hex(hex, aver_digest_bytes(&state.artifact));
    AVER_TRY(aver_session_get(cmd, l->s, &aver_artifact_state_schema, &artifact,
                              aver_arena_printf(&cmd->arena, "a/%s", hex)));
    AVER_TRY(aver_session_artifact(cmd, l->s, state.artifact, &content));
    AVER_TRY(aver_schema_read(aver_arena_copy(&cmd->arena, content), &aver_table_schema, &table, &cmd->arena,
                              why));
    if (!cmd->json) {
        aver_print(cmd, "%-24.*s %-7s %8zu codes  height %-8llu %s\n", AVER_STR(id),
                   aver_table_kind_names[table.kind], table.entries.count, (unsigned long long)state.height,
                   hex);
        return AVER_OK;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field(&w, "name", id);
    aver_json_field_str(&w, "kind", aver_table_kind_names[table.kind]);
    aver_json_field_uint(&w, "codes", table.entries.count);
    aver_json_field_uint(&w, "height", state.height);
    aver_json_field_str(&w, "digest", hex);
    aver_json_field(&w, "proposer", artifact.proposer);
    aver_json_field(&w, "approver", artifact.approver);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
    return AVER_OK;
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    struct listing l = {cmd, &s};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "t/", list_one, &l, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_table_list = {
    .name = "table list",
    .args = "",
    .summary = "Lists the tables in force.",
    .options = list_options,
    .examples = {"aver table list --ledger summit", "aver table list --ledger summit --json"},
    .run = run_list,
};
