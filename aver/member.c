/* aver/member.c - aver member import and list: enrolment.
 *
 * An import says of each member in its file all there is to say: the member's periods of cover become those of the file.
 * Members of a known family whom the file does not name stay as they are, so that half a file ends nobody's cover. */
#include "adapters/csv_members.h"
#include "aver/files.h"
#include "aver/output.h"
#include "aver/session.h"
#include "aver/sheet.h"
#include "aver/verbs.h"

#include <string.h>

#define FAMILIES_A_BATCH                                                                                     \
    10000 /* one signature for each: what came before an interruption stands, and the rest is sent again */

#define PLANS_MAX 1000 /* different ones that are looked up */

struct importing {
    struct aver_command *cmd;
    struct aver_session s;
    struct aver_buf csv;
    struct aver_list findings; /* of struct aver_sheet_finding */
    struct aver_list items;    /* of struct aver_batch_item: the families that are new or changed */
    struct aver_list names;    /* of aver_bytes: their ids */
    struct aver_list plans;    /* of aver_bytes: those looked up */
    uint64_t added, changed, unchanged, refused;
};

/* A plan that no policy is published for may be a slip of the pen: its members' claims would all wait. */
static aver_err look_up_plan(struct importing *im, aver_bytes plan)
{
    struct aver_command *cmd = im->cmd;
    const struct aver_view *view = aver_ledger_view(im->s.ledger);
    const aver_bytes *known = im->plans.items;
    for (size_t i = im->plans.count; i-- > 0;)
        if (aver_bytes_eq(known[i], plan)) return AVER_OK;
    if (im->plans.count < PLANS_MAX)
        *(aver_bytes *)aver_list_add(&cmd->arena, &im->plans, sizeof plan) = plan;
    struct aver_buf name = {0};
    struct aver_stored stored;
    aver_buf_str(&name, "l/");
    aver_name_escape(&name, plan);
    aver_err err = name.len > AVER_STATE_NAME_MAX
                       ? AVER_E_NOT_FOUND
                       : view->get(view->self, aver_buf_view(&name), &stored, &cmd->why);
    aver_buf_free(&name);
    if (err != AVER_E_NOT_FOUND) return err;
    aver_note(
        cmd,
        "warning: no policy of plan %.*s is published: the claims of its members wait for a person until one is "
        "[MEMBER-PLAN]",
        AVER_STR(plan));
    return AVER_OK;
}

static aver_err look_up_plans(struct importing *im, const struct aver_family *family)
{
    const struct aver_member *m = family->members.items;
    for (size_t i = 0; i < family->members.count && im->plans.count < PLANS_MAX; i++) {
        const struct aver_cover *c = m[i].covers.items;
        for (size_t k = 0; k < m[i].covers.count; k++) AVER_TRY(look_up_plan(im, c[k].plan));
    }
    return AVER_OK;
}

/* Both sorted by member id; where both have one, the newer says what holds. */
static struct aver_list merge(struct aver_arena *arena, const struct aver_list *older,
                              const struct aver_list *newer)
{
    struct aver_list out = {0};
    const struct aver_member *a = older->items, *b = newer->items;
    size_t i = 0, j = 0;
    while (i < older->count || j < newer->count) {
        int c = i == older->count   ? 1
                : j == newer->count ? -1
                                    : aver_bytes_cmp(a[i].member_id, b[j].member_id);
        struct aver_member *m = aver_list_add(arena, &out, sizeof *m);
        *m = c < 0 ? a[i] : b[j];
        i += c <= 0;
        j += c >= 0;
    }
    return out;
}

/* Adds the family to what is sent, unless the ledger has it just so. */
static aver_err add_family(struct importing *im, struct aver_family *family)
{
    struct aver_command *cmd = im->cmd;
    const struct aver_view *view = aver_ledger_view(im->s.ledger);
    struct aver_family known;
    struct aver_stored stored = {0};
    struct aver_buf name = {0}, bytes = {0};
    aver_buf_printf(&name, "f/%.*s", AVER_STR(family->family_id));
    aver_err err = view->get(view->self, aver_buf_view(&name), &stored, &cmd->why);
    aver_buf_free(&name);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (err == AVER_OK) {
        memset(&known, 0, sizeof known);
        aver_bytes record = aver_arena_copy(&cmd->arena, stored.record);
        AVER_TRY(aver_schema_read(record, &aver_family_schema, &known, &cmd->arena, &cmd->why));
        family->secret = known.secret;
        family->members = merge(&cmd->arena, &known.members, &family->members);
        AVER_TRY(aver_schema_check(&aver_family_schema, family, &cmd->why));
        aver_schema_encode(&bytes, &aver_family_schema, family);
        bool same = aver_bytes_eq(aver_buf_view(&bytes), record);
        aver_buf_free(&bytes);
        same ? im->unchanged++ : im->changed++;
        if (same) return AVER_OK;
    } else {
        uint8_t secret[32];
        aver_random(secret, sizeof secret);
        family->secret = aver_arena_copy(&cmd->arena, aver_bytes_of(secret, sizeof secret));
        aver_wipe(secret, sizeof secret);
        im->added++;
    }
    *(aver_bytes *)aver_list_add(&cmd->arena, &im->names, sizeof(aver_bytes)) = family->family_id;
    return aver_session_add(cmd, &im->items, &aver_family_schema, family);
}

static aver_err send_batch(struct importing *im, size_t first, size_t count)
{
    struct aver_item_result *results;
    struct aver_list part = {(struct aver_batch_item *)im->items.items + first, count, count};
    const aver_bytes *name = (const aver_bytes *)im->names.items + first;
    AVER_TRY(aver_session_send(im->cmd, &im->s, AVER_TX_ENROL, &part, AVER_NOT_AFTER_HOURS, &results));
    for (size_t i = 0; i < count; i++) {
        if (aver_item_stands(&results[i])) continue;
        (void)aver_session_refused(im->cmd, &results[i]);
        aver_note(im->cmd, "error: family %.*s: %s [%s]", AVER_STR(name[i]), im->cmd->why.text,
                  im->cmd->why.code);
        im->refused++;
    }
    return AVER_OK;
}

/* A book of several batches is brought to LMDB by storage checkpoints, while the next families are taken in. */
static aver_err send_families(struct importing *im)
{
    struct aver_why *why = &im->cmd->why;
    size_t count = im->items.count;
    if (count <= FAMILIES_A_BATCH) return count ? send_batch(im, 0, count) : AVER_OK;
    aver_err err = aver_ledger_defer(im->s.ledger, true, why);
    for (size_t i = 0; err == AVER_OK && i < count; i += FAMILIES_A_BATCH)
        err = send_batch(im, i, count - i < FAMILIES_A_BATCH ? count - i : FAMILIES_A_BATCH);
    return err == AVER_OK ? aver_ledger_defer(im->s.ledger, false, why) : err;
}

/* *rejected: some family of the file was left out. */
static aver_err import(struct importing *im, bool *rejected)
{
    struct aver_command *cmd = im->cmd;
    const char *path = cmd->args[0];
    struct aver_list families = {0};
    AVER_TRY(aver_path_read(&im->csv, path, AVER_ENROLMENT_BYTES_MAX, &cmd->why));
    AVER_TRY(aver_session_key(cmd, &im->s, "key"));
    AVER_TRY(aver_session_open(cmd, &im->s, AVER_LEDGER_WRITE));
    aver_err err = aver_families_from_csv(&families, path, aver_buf_view(&im->csv), &cmd->arena,
                                          &im->findings, &cmd->why);
    aver_sheet_say(cmd, path, &im->findings);
    if (err != AVER_OK && err != AVER_E_INPUT) return err;
    *rejected = err == AVER_E_INPUT;
    struct aver_family *family = families.items;
    for (size_t i = 0; i < families.count; i++) {
        AVER_TRY(look_up_plans(im, &family[i]));
        AVER_TRY(add_family(im, &family[i]));
    }
    return send_families(im);
}

static int run_import(struct aver_command *cmd)
{
    struct importing im = {.cmd = cmd};
    bool rejected = false;
    aver_err err = import(&im, &rejected);
    aver_session_close(&im.s);
    aver_buf_free(&im.csv);
    AVER_CLI_TRY(cmd, err);
    if (cmd->json) {
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field_str(&w, "file", cmd->args[0]);
        aver_json_field_str(&w, "status", rejected || im.refused ? "rejected" : "accepted");
        aver_json_field_uint(&w, "added", im.added);
        aver_json_field_uint(&w, "changed", im.changed);
        aver_json_field_uint(&w, "unchanged", im.unchanged);
        aver_json_field_uint(&w, "refused", im.refused);
        aver_sheet_json(&w, &im.findings);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    } else {
        aver_print(cmd, "families: %llu new, %llu changed, %llu unchanged, %llu refused%s\n",
                   (unsigned long long)im.added, (unsigned long long)im.changed,
                   (unsigned long long)im.unchanged, (unsigned long long)im.refused,
                   rejected ? "; those with errors in the file were left out" : "");
        if (im.changed) aver_note(cmd, "aver member review lists what was decided under other cover");
    }
    return rejected || im.refused ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option import_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_KEY, AVER_OPTION_END};
const struct aver_verb aver_verb_member_import = {
    .name = "member import",
    .args = "FILE.csv",
    .args_min = 1,
    .args_max = 1,
    .summary = "Enrols families from CSV: who was covered when, by which plan.",
    .more =
        "Columns: family_id, member_id, relationship (self, spouse, child, other), last_name, first_name, birth_date, sex,\n"
        "plan, group_number, coverage_from, coverage_to, pays_first (another plan that pays before this one, such as Medicare).\n"
        "One row a period of cover. The file gives all periods of the members it names; other members of a known family stay\n"
        "as they are.",
    .options = import_options,
    .examples = {"aver member import members.csv --ledger summit --key operations.key",
                 "aver member import members.csv --key operations.key --json"},
    .run = run_import,
};

static void list_member(struct aver_command *cmd, const struct aver_family *family,
                        const struct aver_member *m)
{
    const struct aver_cover *cover = m->covers.items;
    for (size_t i = 0; i < m->covers.count; i++) {
        char from[AVER_DAY_TEXT], to[AVER_DAY_TEXT] = "";
        aver_day_iso(from, cover[i].from);
        if (cover[i].to != AVER_NO_DAY) aver_day_iso(to, cover[i].to);
        if (!cmd->json) {
            aver_print(cmd, "%-20.*s %-16.*s %-7s %-24.*s %s to %s%s%.*s\n", AVER_STR(m->member_id),
                       AVER_STR(family->family_id), aver_relationship_names[m->relationship],
                       AVER_STR(cover[i].plan), from, *to ? to : "open",
                       cover[i].pays_first.len ? ", after " : "", AVER_STR(cover[i].pays_first));
            continue;
        }
        struct aver_json_writer w = aver_json_line(cmd);
        aver_json_begin_object(&w);
        aver_json_field(&w, "member_id", m->member_id);
        aver_json_field(&w, "family_id", family->family_id);
        aver_json_field_str(&w, "relationship", aver_relationship_names[m->relationship]);
        aver_json_field(&w, "plan", cover[i].plan);
        aver_json_field(&w, "group_number", cover[i].group_number);
        aver_json_field_str(&w, "from", from);
        if (*to) aver_json_field_str(&w, "to", to);
        aver_json_field(&w, "pays_first", cover[i].pays_first);
        aver_json_end_object(&w);
        aver_json_end_line(cmd, &w);
    }
}

static aver_err list_family(void *user, aver_bytes name, struct aver_stored stored, struct aver_why *why)
{
    struct aver_command *cmd = user;
    struct aver_arena arena = {0};
    struct aver_family family = {0};
    if (memchr(name.ptr + 2, '/', name.len - 2)) return AVER_OK; /* what the family used, not the family */
    aver_err err = aver_schema_read(stored.record, &aver_family_schema, &family, &arena, why);
    const struct aver_member *m = family.members.items;
    for (size_t i = 0; err == AVER_OK && i < family.members.count; i++) list_member(cmd, &family, &m[i]);
    aver_arena_free(&arena);
    return err;
}

static int run_list(struct aver_command *cmd)
{
    struct aver_session s = {0};
    aver_err err = aver_session_open(cmd, &s, AVER_LEDGER_READ);
    if (err == AVER_OK) err = aver_ledger_names(s.ledger, "f/", list_family, cmd, &cmd->why);
    aver_session_close(&s);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static const struct aver_option list_options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_member_list = {
    .name = "member list",
    .args = "",
    .summary = "Lists members and their periods of cover, without names or dates of birth.",
    .options = list_options,
    .examples = {"aver member list --ledger summit", "aver member list --ledger summit --json"},
    .run = run_list,
};
