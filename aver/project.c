/* aver/project.c - see project.h. */
#include "aver/project.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/csv_members.h"
#include "adapters/csv_tables.h"
#include "adapters/policy_yaml.h"
#include "aver/contract.h"
#include "aver/files.h"
#include "aver/policy_edit.h"
#include "ledger/transition/contract.h"

#define NPI_OUT "1679576722" /* a made-up provider on no roster: its check digit is right */

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);
    return n > e && !strcmp(name + n - e, ending);
}

static int by_path(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

aver_err aver_project_list(struct aver_command *cmd, struct aver_list *out, const char *dir, const char *sub,
                           const char *ending)
{
    const char *path = !*sub              ? dir
                       : strcmp(dir, ".") ? aver_arena_printf(&cmd->arena, "%s/%s", dir, sub)
                                          : sub;
    DIR *d = opendir(path);
    size_t from = out->count;
    if (!d && (errno == ENOENT || errno == ENOTDIR)) return AVER_OK;
    if (!d) return aver_fail_errno(&cmd->why, "read the directory", path);
    aver_err err = AVER_OK;
    for (const struct dirent *e; err == AVER_OK && (e = readdir(d));) {
        if (e->d_name[0] == '.' || !ends_with(e->d_name, ending)) continue;
        if (out->count - from == AVER_PROJECT_FILES_MAX)
            err = aver_fail(&cmd->why, AVER_E_LIMIT, "PROJECT-FILES", path,
                            "more than %d files that end with %s", AVER_PROJECT_FILES_MAX, ending);
        *(const char **)aver_list_add(&cmd->arena, out, sizeof(char *)) =
            aver_arena_printf(&cmd->arena, "%s/%s", path, e->d_name);
    }
    closedir(d);
    if (out->count > from)
        qsort((const char **)out->items + from, out->count - from, sizeof(char *), by_path);
    return err;
}

static aver_err read_file(struct aver_command *cmd, struct aver_project_file *out, const char *path,
                          const char *ending, uint64_t max)
{
    struct aver_buf bytes = {0};
    aver_err err = aver_path_read(&bytes, path, max, &cmd->why);
    *out = (struct aver_project_file){path, aver_path_base(path, ending),
                                      aver_arena_copy(&cmd->arena, aver_buf_view(&bytes))};
    aver_buf_free(&bytes);
    return err;
}

static aver_err read_all(struct aver_command *cmd, struct aver_list *out, const char *dir, const char *sub,
                         const char *ending, uint64_t max)
{
    struct aver_list paths = {0};
    AVER_TRY(aver_project_list(cmd, &paths, dir, sub, ending));
    const char *const *path = paths.items;
    for (size_t i = 0; i < paths.count; i++)
        AVER_TRY(read_file(cmd, aver_list_add(&cmd->arena, out, sizeof(struct aver_project_file)), path[i],
                           ending, max));
    return AVER_OK;
}

aver_err aver_project_read(struct aver_command *cmd, struct aver_project *p, const char *dir)
{
    *p = (struct aver_project){.dir = dir};
    AVER_TRY(read_all(cmd, &p->contracts, dir, "contracts", ".lua", AVER_VM_SOURCE_BYTES_MAX));
    AVER_TRY(read_all(cmd, &p->policies, dir, "", ".yaml", AVER_YAML_BYTES_MAX));
    AVER_TRY(read_all(cmd, &p->tables, dir, "tables", ".csv", AVER_TABLE_BYTES_MAX));
    const char *members = aver_arena_printf(&cmd->arena, "%s/members.csv", dir);
    aver_err err = read_file(cmd, &p->members, members, ".csv", AVER_ENROLMENT_BYTES_MAX);
    if (err == AVER_E_NOT_FOUND) p->members.path = NULL;
    if (err != AVER_E_NOT_FOUND) AVER_TRY(err);
    if (!p->contracts.count || !p->policies.count)
        return aver_fail(
            &cmd->why, AVER_E_NOT_FOUND, "PROJECT-DIR", dir,
            "a contract directory has contracts/NAME.lua and a policy NAME.yaml; aver contract new "
            "makes one");
    p->machines[0] = aver_machine_new();
    p->machines[1] = aver_machine_new_counting();
    return AVER_OK;
}

aver_err aver_project_load(struct aver_command *cmd, struct aver_project *p, const char *dir)
{
    AVER_TRY(aver_project_read(cmd, p, dir));
    const struct aver_project_file *f = p->contracts.items;
    for (size_t i = 0; i < p->contracts.count; i++)
        AVER_TRY(aver_contract_dialect(cmd, aver_contract_setup(), f[i].path, f[i].bytes));
    return AVER_OK;
}

void aver_project_end(struct aver_project *p)
{
    for (int i = 0; i < 2; i++)
        if (p->machines[i]) aver_machine_free(p->machines[i]);
    *p = (struct aver_project){0};
}

/* ---- the ledger of it ------------------------------------------------------------------------------------------------ */

struct opening {
    struct aver_project *project;
    const struct aver_setting *settings;
    size_t settings_count;
    struct aver_bench *bench;
    struct aver_arena *arena;
    struct aver_why *why;
    aver_bytes fee_table; /* that `fee` changes; absent: the policy names none */
    bool fee_table_put;
};

static aver_err resolve(void *ctx, aver_digest *out, aver_bytes contract, struct aver_why *why)
{
    const struct opening *o = ctx;
    const struct aver_project_file *f = o->project->contracts.items;
    (void)why;
    for (size_t i = 0; i < o->project->contracts.count; i++)
        if (aver_bytes_eq(f[i].name, contract)) {
            *out = aver_sha256(f[i].bytes);
            return AVER_OK;
        }
    return AVER_E_NOT_FOUND;
}

static aver_err put_contracts(struct opening *o)
{
    const struct aver_project_file *f = o->project->contracts.items;
    for (size_t i = 0; i < o->project->contracts.count; i++) {
        struct aver_vm *vm;
        /* Loaded here first, so that what is wrong is told with the file's own name. */
        AVER_TRY(aver_vm_new(&vm, aver_contract_setup(), f[i].path, f[i].bytes, o->why));
        aver_vm_free(vm);
        AVER_TRY(aver_bench_publish(o->bench, AVER_ARTIFACT_CONTRACT, f[i].name, f[i].bytes, o->why));
    }
    return AVER_OK;
}

static aver_err load_policy(struct opening *o, const struct aver_project_file *file, aver_bytes *bytes,
                            struct aver_policy_loaded *loaded)
{
    struct aver_policy_edit *edits = AVER_NEW_ARRAY(o->arena, struct aver_policy_edit, o->settings_count + 1);
    size_t count = 0;
    struct aver_list findings = {0};
    struct aver_buf compiled = {0};
    aver_bytes yaml;
    for (size_t i = 0; i < o->settings_count; i++)
        if (o->settings[i].kind == AVER_SETTING_SET || o->settings[i].kind == AVER_SETTING_WITHOUT)
            edits[count++] = (struct aver_policy_edit){o->settings[i].name, o->settings[i].value};
    AVER_TRY(aver_policy_edit(&yaml, file->path, file->bytes, edits, count, o->arena, o->why));
    aver_err err = aver_policy_compile(&compiled, file->path, yaml, resolve, o, o->arena, &findings, o->why);
    *bytes = aver_arena_copy(o->arena, aver_buf_view(&compiled));
    aver_buf_free(&compiled);
    AVER_TRY(err);
    return aver_policy_load(loaded, *bytes, o->arena, o->why);
}

static aver_err put_policy(struct opening *o, const struct aver_project_file *file)
{
    struct aver_policy_loaded loaded;
    aver_bytes bytes;
    AVER_TRY(load_policy(o, file, &bytes, &loaded));
    const struct aver_policy_node *fees = aver_policy_child(&loaded.root, AVER_LIT("fee_schedule"));
    for (size_t i = 0; fees && !o->fee_table.ptr && i < fees->count; i++) {
        const struct aver_policy_node *table = aver_policy_child(&fees->children[i], AVER_LIT("table"));
        if (table) o->fee_table = table->text;
    }
    return aver_bench_publish(o->bench, AVER_ARTIFACT_POLICY, loaded.policy.plan_id, bytes, o->why);
}

static aver_err first_finding(const struct opening *o, const char *path, const struct aver_list *findings,
                              aver_err err)
{
    const struct aver_sheet_finding *f = findings->items;
    for (size_t i = 0; i < findings->count; i++)
        if (f[i].error)
            return aver_fail(o->why, err, f[i].code,
                             aver_arena_printf(o->arena, "%s:%llu", path, (unsigned long long)f[i].line),
                             "%.*s", AVER_STR(f[i].text));
    return err;
}

static int by_code(const void *a, const void *b)
{
    return aver_bytes_cmp(((const struct aver_table_entry *)a)->code,
                          ((const struct aver_table_entry *)b)->code);
}

/* The table with the fees that the test names, which take the place of those it had for the code. */
static aver_err override(struct opening *o, struct aver_table *table)
{
    for (size_t i = 0; i < o->settings_count; i++) {
        const struct aver_setting *s = &o->settings[i];
        if (s->kind != AVER_SETTING_FEE && s->kind != AVER_SETTING_BUNDLED) continue;
        struct aver_table_entry *e = table->entries.items, *entry = NULL;
        for (size_t k = 0; k < table->entries.count; k++)
            if (aver_bytes_eq(e[k].code, s->name)) entry = &e[k];
        if (!entry) entry = aver_list_add(o->arena, &table->entries, sizeof *entry);
        *entry = (struct aver_table_entry){.code = s->name};
        struct aver_table_row *row = aver_list_add(o->arena, &entry->rows, sizeof *row);
        *row = (struct aver_table_row){
            .from = AVER_DAY_MIN, .to = AVER_NO_DAY, .bundled = s->kind == AVER_SETTING_BUNDLED};
        if (!row->bundled && aver_decimal_parse(&row->price, s->value, 6) != AVER_OK)
            return aver_fail(o->why, AVER_E_INPUT, "TEST-FORM",
                             aver_arena_printf(o->arena, "line %llu", (unsigned long long)s->line),
                             "\"%.*s\" is no price", AVER_STR(s->value));
    }
    qsort(table->entries.items, table->entries.count, sizeof(struct aver_table_entry), by_code);
    return AVER_OK;
}

static bool changes_fees(const struct opening *o)
{
    for (size_t i = 0; i < o->settings_count; i++)
        if (o->settings[i].kind == AVER_SETTING_FEE || o->settings[i].kind == AVER_SETTING_BUNDLED)
            return true;
    return false;
}

static aver_err put_table(struct opening *o, struct aver_table *table)
{
    struct aver_buf buf = {0};
    if (aver_bytes_eq(table->name, o->fee_table) && changes_fees(o)) AVER_TRY(override(o, table));
    o->fee_table_put = o->fee_table_put || aver_bytes_eq(table->name, o->fee_table);
    aver_schema_encode(&buf, &aver_table_schema, table);
    aver_err err =
        aver_bench_publish(o->bench, AVER_ARTIFACT_TABLE, table->name, aver_buf_view(&buf), o->why);
    aver_buf_free(&buf);
    return err;
}

/* By its columns: a roster has `npi`, a fee schedule `price`, pairs `column1`, units `mue_units`, relative values `rvu_work`,
 * indices `gpci_work`, localities `locality` and no price; all else is a code set. */
static enum aver_table_kind kind_of(aver_bytes csv)
{
    const uint8_t *end = csv.len ? memchr(csv.ptr, '\n', csv.len) : NULL;
    aver_bytes head = aver_bytes_cut(csv, 0, end ? (size_t)(end - csv.ptr) : csv.len);
    if (head.len && memmem(head.ptr, head.len, "npi", 3)) return AVER_TABLE_ROSTER;
    if (head.len && memmem(head.ptr, head.len, "price", 5)) return AVER_TABLE_FEES;
    if (head.len && memmem(head.ptr, head.len, "column1", 7)) return AVER_TABLE_PAIRS;
    if (head.len && memmem(head.ptr, head.len, "mue_units", 9)) return AVER_TABLE_UNITS;
    if (head.len && memmem(head.ptr, head.len, "rvu_work", 8)) return AVER_TABLE_RVUS;
    if (head.len && memmem(head.ptr, head.len, "gpci_work", 9)) return AVER_TABLE_GPCIS;
    if (head.len && memmem(head.ptr, head.len, "locality", 8)) return AVER_TABLE_LOCALITIES;
    return AVER_TABLE_CODES;
}

static aver_err read_table(const struct opening *o, const struct aver_project_file *f,
                           struct aver_table *table)
{
    struct aver_list findings = {0};
    *table = (struct aver_table){0};
    aver_err err = aver_table_from_csv(table, f->name, kind_of(f->bytes), f->path, f->bytes, o->arena,
                                       &findings, o->why);
    return err == AVER_OK ? err : first_finding(o, f->path, &findings, err);
}

static aver_err put_tables(struct opening *o)
{
    const struct aver_project_file *f = o->project->tables.items;
    struct aver_table table;
    for (size_t i = 0; i < o->project->tables.count; i++) {
        AVER_TRY(read_table(o, &f[i], &table));
        AVER_TRY(put_table(o, &table));
    }
    if (o->fee_table_put || !o->fee_table.ptr || !changes_fees(o)) return AVER_OK;
    table = (struct aver_table){.name = o->fee_table, .kind = AVER_TABLE_FEES};
    return put_table(o, &table);
}

/* Members whose cover a test changes keep the plan and group of their first period. */
static aver_err change_covers(struct opening *o, struct aver_member *m, bool *used)
{
    for (size_t i = 0; i < o->settings_count; i++) {
        const struct aver_setting *s = &o->settings[i];
        if (s->kind != AVER_SETTING_COVER || !aver_bytes_eq(s->name, m->member_id)) continue;
        struct aver_cover *cover = AVER_NEW(o->arena, struct aver_cover);
        *cover = *(const struct aver_cover *)m->covers.items;
        m->covers = (struct aver_list){cover, 1, 1};
        used[i] = true;
        if (s->value.len != 22 ||
            aver_day_parse_iso(&cover->from, aver_bytes_cut(s->value, 0, 10)) != AVER_OK ||
            aver_day_parse_iso(&cover->to, aver_bytes_cut(s->value, 12, 10)) != AVER_OK)
            return aver_fail(o->why, AVER_E_INPUT, "TEST-FORM",
                             aver_arena_printf(o->arena, "line %llu", (unsigned long long)s->line),
                             "a cover is MEMBER 2026-01-01..2026-12-31");
    }
    return AVER_OK;
}

static aver_err put_members(struct opening *o)
{
    const struct aver_project_file *f = &o->project->members;
    struct aver_list families = {0}, findings = {0};
    bool *used = AVER_NEW_ARRAY(o->arena, bool, o->settings_count + 1);
    if (f->path) {
        aver_err err = aver_families_from_csv(&families, f->path, f->bytes, o->arena, &findings, o->why);
        if (err != AVER_OK) return first_finding(o, f->path, &findings, err);
    }
    struct aver_family *family = families.items;
    for (size_t i = 0; i < families.count; i++) {
        struct aver_member *m = family[i].members.items;
        for (size_t k = 0; k < family[i].members.count; k++) AVER_TRY(change_covers(o, &m[k], used));
        AVER_TRY(aver_bench_enrol(o->bench, &family[i], o->why));
    }
    for (size_t i = 0; i < o->settings_count; i++)
        if (o->settings[i].kind == AVER_SETTING_COVER && !used[i])
            return aver_fail(
                o->why, AVER_E_INPUT, "TEST-FORM",
                aver_arena_printf(o->arena, "line %llu", (unsigned long long)o->settings[i].line),
                "members.csv has no member %.*s", AVER_STR(o->settings[i].name));
    return AVER_OK;
}

aver_err aver_project_open(struct aver_project *project, const struct aver_list *settings, int which,
                           uint64_t seed, struct aver_arena *arena, struct aver_bench *bench,
                           struct aver_why *why)
{
    struct opening o = {.project = project,
                        .settings = settings ? settings->items : NULL,
                        .settings_count = settings ? settings->count : 0,
                        .bench = bench,
                        .arena = arena,
                        .why = why};
    AVER_TRY(aver_bench_open(bench, NULL, project->machines[which], arena, seed, why));
    AVER_TRY(put_contracts(&o));
    const struct aver_project_file *policy = project->policies.items;
    for (size_t i = 0; i < project->policies.count; i++) AVER_TRY(put_policy(&o, &policy[i]));
    AVER_TRY(put_tables(&o));
    return put_members(&o);
}

aver_err aver_project_policies(struct aver_project *project, struct aver_arena *arena, struct aver_list *out,
                               struct aver_why *why)
{
    struct opening o = {.project = project, .arena = arena, .why = why};
    const struct aver_project_file *f = project->policies.items;
    aver_bytes bytes;
    for (size_t i = 0; i < project->policies.count; i++)
        AVER_TRY(
            load_policy(&o, &f[i], &bytes, aver_list_add(arena, out, sizeof(struct aver_policy_loaded))));
    return AVER_OK;
}

/* The codes that a policy names as procedures, anywhere below the node. */
static void add_procedures(struct aver_arena *arena, struct aver_list *out,
                           const struct aver_policy_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct aver_policy_node *child = &node->children[i];
        struct aver_policy_range range;
        if (!aver_bytes_is(node->key, "procedures"))
            add_procedures(arena, out, child);
        else if (child->kind == AVER_POLICY_TEXT && aver_policy_range(&range, child->text)) {
            *(aver_bytes *)aver_list_add(arena, out, sizeof(aver_bytes)) = range.from;
            *(aver_bytes *)aver_list_add(arena, out, sizeof(aver_bytes)) = range.to;
        }
    }
}

aver_err aver_project_words(struct aver_project *p, struct aver_arena *arena, struct aver_list *procedures,
                            struct aver_list *members, aver_day *from, aver_day *to, struct aver_why *why)
{
    struct opening o = {.project = p, .arena = arena, .why = why};
    struct aver_list policies = {0}, families = {0}, findings = {0};
    const struct aver_project_file *f = p->tables.items;
    for (size_t i = 0; i < p->tables.count; i++) {
        struct aver_table table;
        if (kind_of(f[i].bytes) != AVER_TABLE_FEES) continue;
        AVER_TRY(read_table(&o, &f[i], &table));
        const struct aver_table_entry *e = table.entries.items;
        for (size_t k = 0; k < table.entries.count; k++)
            *(aver_bytes *)aver_list_add(arena, procedures, sizeof(aver_bytes)) = e[k].code;
    }
    AVER_TRY(aver_project_policies(p, arena, &policies, why));
    const struct aver_policy_loaded *policy = policies.items;
    for (size_t i = 0; i < policies.count; i++) add_procedures(arena, procedures, &policy[i].root);
    *from = policy[0].policy.effective_from;
    *to = policy[0].policy.effective_to;
    if (!p->members.path) return AVER_OK;
    AVER_TRY(aver_families_from_csv(&families, p->members.path, p->members.bytes, arena, &findings, why));
    const struct aver_family *family = families.items;
    for (size_t i = 0; i < families.count; i++) {
        const struct aver_member *m = family[i].members.items;
        for (size_t k = 0; k < family[i].members.count; k++)
            *(aver_bytes *)aver_list_add(arena, members, sizeof(aver_bytes)) = m[k].member_id;
    }
    return AVER_OK;
}

/* ---- providers ------------------------------------------------------------------------------------------------------- */

static void find_providers(struct aver_project *p)
{
    const struct aver_project_file *f = p->tables.items;
    struct aver_arena arena = {0};
    struct opening o = {.arena = &arena};
    struct aver_table table;
    for (size_t i = 0; i < 2; i++) snprintf(p->npi[i], sizeof p->npi[i], NPI_OUT);
    for (size_t i = 0; i < p->tables.count; i++) {
        if (kind_of(f[i].bytes) != AVER_TABLE_ROSTER || read_table(&o, &f[i], &table) != AVER_OK) continue;
        const struct aver_table_entry *e = table.entries.items;
        for (size_t k = 0; k < 2 && k < table.entries.count; k++)
            snprintf(p->npi[k], sizeof p->npi[k], "%.*s", AVER_STR(e[k].code));
        break;
    }
    aver_arena_free(&arena);
}

aver_bytes aver_project_provider(struct aver_project *p, aver_bytes word)
{
    if (aver_bytes_is(word, "out")) return AVER_LIT(NPI_OUT);
    if (word.ptr && !aver_bytes_is(word, "in") && !aver_bytes_is(word, "in2")) return word;
    if (!p->npi[0][0]) find_providers(p);
    return aver_bytes_str(p->npi[aver_bytes_is(word, "in2")]);
}
