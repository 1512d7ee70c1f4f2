/* aver/quarantine.c - aver quarantine list, show and release: what made the program stop by a bug of its own. */
#include "aver/output.h"
#include "aver/claims.h"
#include "aver/verbs.h"
#include "ledger/storage/quarantine.h"

struct keeping {
    struct aver_bodies bodies;
    struct aver_quarantine quarantine;
};

static aver_err open_quarantine(struct aver_command *cmd, struct keeping *k)
{
    const char *dir = aver_option(cmd, "ledger");
    AVER_TRY(aver_bodies_open(&k->bodies, dir, false, &cmd->why));
    return aver_quarantine_open(&k->quarantine, dir, &k->bodies, &cmd->why);
}

static void close_quarantine(struct keeping *k)
{
    aver_quarantine_close(&k->quarantine);
    aver_bodies_close(&k->bodies);
}

static const char *kind_of(const struct aver_quarantined *r)
{
    return r->kind ? aver_tx_kind_names[r->kind] : "envelope";
}

/* `whole`: with the transaction itself. */
static void say_json(struct aver_command *cmd, const struct aver_quarantine_entry *e, bool whole)
{
    const struct aver_quarantined *r = &e->record;
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "id", e->id);
    if (e->read) {
        aver_json_field_str(&w, "at", aver_time_words(&cmd->arena, r->at));
        aver_json_field(&w, "program", r->program);
        aver_json_field(&w, "assert", r->assertion);
        aver_json_field(&w, "place", r->place);
        aver_json_field_str(&w, "doing", aver_doing_names[r->doing]);
        aver_json_field_str(&w, "kind", kind_of(r));
        aver_json_field(&w, "party", r->party);
        aver_json_field(&w, "claim", r->claim_id);
        aver_json_field_uint(&w, "height", r->height);
        aver_json_field_uint(&w, "entry", r->entry);
        aver_json_field_str(&w, "time", aver_time_words(&cmd->arena, r->time));
    } else {
        aver_json_field_str(&w, "code", e->why.code);
        aver_json_field_str(&w, "error", e->why.text);
    }
    if (whole && e->read) {
        aver_json_field_hex(&w, "envelope", r->cose);
        aver_json_field_uint(&w, "index", r->index);
        aver_json_field_hex(&w, "salt", r->salt);
        aver_json_field_hex(&w, "item", r->item);
    }
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_list(struct aver_command *cmd)
{
    struct keeping k = {.bodies = {.fd = -1}};
    aver_err err = open_quarantine(cmd, &k);
    const struct aver_quarantine_entry *e = k.quarantine.entries.items;
    for (size_t i = 0; err == AVER_OK && i < k.quarantine.entries.count; i++) {
        const struct aver_quarantined *r = &e[i].record;
        if (cmd->json)
            say_json(cmd, &e[i], false);
        else if (e[i].read)
            aver_print(cmd, "%s  %s  %-8s %-12.*s %-8s %.*s\n", e[i].id, aver_time_words(&cmd->arena, r->at),
                       aver_doing_names[r->doing], AVER_STR(r->party), kind_of(r), AVER_STR(r->place));
        else
            aver_print(cmd, "%s  cannot be read: %s\n", e[i].id, e[i].why.text);
    }
    close_quarantine(&k);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static void hex(struct aver_command *cmd, const char *what, aver_bytes bytes)
{
    struct aver_buf out = {0};
    if (bytes.ptr) aver_buf_hex(&out, bytes);
    if (out.len) aver_print(cmd, "%-9s %.*s\n", what, AVER_STR(aver_buf_view(&out)));
    aver_buf_free(&out);
}

static void say(struct aver_command *cmd, const struct aver_quarantined *r)
{
    aver_print(cmd, "program   %.*s\nassert    %.*s\nplace     %.*s\nat        %s\n", AVER_STR(r->program),
               AVER_STR(r->assertion), AVER_STR(r->place), aver_time_words(&cmd->arena, r->at));
    aver_print(cmd, "doing     %s, group %llu, entry %llu, ledger time %s\n", aver_doing_names[r->doing],
               (unsigned long long)r->height, (unsigned long long)r->entry,
               aver_time_words(&cmd->arena, r->time));
    aver_print(cmd, "what      %s, item %llu of its batch\n", kind_of(r), (unsigned long long)r->index);
    if (r->party.ptr) aver_print(cmd, "party     %.*s\n", AVER_STR(r->party));
    if (r->claim_id.ptr) aver_print(cmd, "claim     %.*s\n", AVER_STR(r->claim_id));
    hex(cmd, "envelope", r->cose);
    hex(cmd, "salt", r->salt);
    hex(cmd, "item", r->item);
}

static aver_err show(struct aver_command *cmd, const struct keeping *k)
{
    const struct aver_quarantine_entry *e = k->quarantine.entries.items;
    for (size_t i = 0; i < k->quarantine.entries.count; i++) {
        if (strcmp(e[i].id, cmd->args[0]) != 0) continue;
        if (!e[i].read) {
            cmd->why = e[i].why;
            return AVER_E_CORRUPT;
        }
        cmd->json ? say_json(cmd, &e[i], true) : say(cmd, &e[i].record);
        return AVER_OK;
    }
    return aver_fail(&cmd->why, AVER_E_NOT_FOUND, "QUARANTINE-NONE", cmd->args[0],
                     "nothing of that name is in quarantine; aver quarantine list says what is");
}

static int run_show(struct aver_command *cmd)
{
    struct keeping k = {.bodies = {.fd = -1}};
    aver_err err = open_quarantine(cmd, &k);
    if (err == AVER_OK) err = show(cmd, &k);
    close_quarantine(&k);
    AVER_CLI_TRY(cmd, err);
    return AVER_EXIT_DONE;
}

static int run_release(struct aver_command *cmd)
{
    AVER_CLI_TRY(cmd, aver_quarantine_release(aver_option(cmd, "ledger"), cmd->args[0], &cmd->why));
    aver_note(cmd, "released: the next open takes it in again when it is sent again");
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_quarantine_list = {
    .name = "quarantine list",
    .args = "",
    .summary = "Lists what made the program stop by a bug of its own and is not taken in.",
    .options = options,
    .examples = {"aver quarantine list --ledger summit", "aver quarantine list --ledger summit --json"},
    .run = run_list,
};
const struct aver_verb aver_verb_quarantine_show = {
    .name = "quarantine show",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Shows the evidence of one: the assert, its place, the transaction's bytes.",
    .more = "It holds health data in clear. Whoever mends the program needs it; show it to nobody else.",
    .options = options,
    .examples = {"aver quarantine show 00112233445566778899aabbccddeeff --ledger summit",
                 "aver quarantine show 00112233445566778899aabbccddeeff --ledger summit --json >bug.json"},
    .run = run_show,
};
const struct aver_verb aver_verb_quarantine_release = {
    .name = "quarantine release",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "Deletes the evidence of one, so that it is taken in when it is sent again.",
    .more = "With the program that failed it stops the program again. Whoever sent it has to send it again.",
    .options = options,
    .examples = {"aver quarantine release 00112233445566778899aabbccddeeff --ledger summit",
                 "aver quarantine release 00112233445566778899aabbccddeeff --ledger summit --json"},
    .run = run_release,
};
