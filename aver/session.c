/* aver/session.c - see session.h. */
#include "aver/session.h"

#include "aver/claims.h"
#include "aver/output.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)

aver_err aver_session_open(struct aver_command *cmd, struct aver_session *s, enum aver_ledger_mode mode)
{
    return aver_ledger_open(&s->ledger, aver_option(cmd, "ledger"), mode, &cmd->why);
}

aver_err aver_session_key(struct aver_command *cmd, struct aver_session *s, const char *option)
{
    return aver_key_read(&s->key, aver_option(cmd, option), &cmd->why);
}

void aver_session_close(struct aver_session *s)
{
    aver_ledger_close(s->ledger);
    s->ledger = NULL;
    aver_key_wipe(&s->key);
}

aver_err aver_session_clock(struct aver_command *cmd, int64_t *ms)
{
    const char *given = getenv("AVER_CLOCK_MS");
    uint64_t set;
    if (given && *given) {
        if (aver_bytes_u64(&set, aver_bytes_str(given)) != AVER_OK || set > AVER_TIME_MAX)
            return aver_fail(
                &cmd->why, AVER_E_IO, "CLOCK", "AVER_CLOCK_MS",
                "it takes milliseconds since 1970, at most the year 9999; unset it to use the clock");
        *ms = (int64_t)set;
        return AVER_OK;
    }
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (t.tv_sec < 0 || t.tv_sec > AVER_TIME_MAX / 1000)
        return aver_fail(&cmd->why, AVER_E_IO, "CLOCK", "",
                         "the clock does not say a time from 1970 to 9999: set it");
    *ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    return AVER_OK;
}

/* What was signed a moment ago has expired only if this clock is behind the ledger's. */
static aver_err behind(struct aver_command *cmd, struct aver_session *s)
{
    return aver_fail(
        &cmd->why, AVER_E_REFUSED, "TX-EXPIRED", "not_after",
        "the clock is behind the ledger, which has reached %s: a batch signed now has expired; set the clock",
        aver_time_words(&cmd->arena, aver_ledger_view(s->ledger)->time));
}

aver_err aver_session_add(struct aver_command *cmd, struct aver_list *items, const struct aver_schema *schema,
                          const void *record)
{
    AVER_TRY(aver_schema_check(schema, record, &cmd->why));
    struct aver_buf bytes = {0};
    uint8_t salt[AVER_SALT_BYTES];
    aver_schema_encode(&bytes, schema, record);
    aver_random(salt, sizeof salt);
    struct aver_batch_item *item = aver_list_add(&cmd->arena, items, sizeof *item);
    item->salt = aver_arena_copy(&cmd->arena, aver_bytes_of(salt, sizeof salt));
    item->item = aver_arena_copy(&cmd->arena, aver_buf_view(&bytes));
    aver_buf_free(&bytes);
    return AVER_OK;
}

aver_err aver_session_send(struct aver_command *cmd, struct aver_session *s, enum aver_tx_kind kind,
                           const struct aver_list *items, uint64_t not_after_hours,
                           struct aver_item_result **results)
{
    if (items->count > AVER_BATCH_ITEMS_MAX)
        return aver_fail(&cmd->why, AVER_E_LIMIT, "BATCH-ITEMS", "",
                         "%zu items are more than the %d of one batch: split the file", items->count,
                         AVER_BATCH_ITEMS_MAX);
    struct aver_batch header = {.chain = aver_ledger_chain(s->ledger), .kind = kind};
    AVER_TRY(aver_session_clock(cmd, &header.not_after));
    header.not_after += (int64_t)not_after_hours * HOUR_MS;
    struct aver_buf cose = {0};
    aver_batch_sign(&cose, &header, items->items, items->count, &s->key.public_key, &s->key.secret);
    *results = AVER_NEW_ARRAY(&cmd->arena, struct aver_item_result, items->count);
    struct aver_progress progress = aver_progress_begin(aver_tx_kind_names[kind]);
    aver_err err = aver_ledger_submit(s->ledger, aver_buf_view(&cose), items->items, items->count, *results,
                                      &cmd->arena, aver_progress_step, &progress, &cmd->why);
    aver_progress_end(&progress);
    aver_buf_free(&cose);
    return err == AVER_E_REFUSED && !strcmp(cmd->why.code, "TX-EXPIRED") ? behind(cmd, s) : err;
}

aver_err aver_session_refused(struct aver_command *cmd, const struct aver_item_result *result)
{
    char code[sizeof cmd->why.code];
    if (result->how == AVER_ITEM_QUARANTINED)
        return aver_fail(&cmd->why, AVER_E_REFUSED, "TX-QUARANTINED", "", "%s", result->words);
    snprintf(code, sizeof code, "OUT-%s", aver_outcome_names[result->outcome]);
    for (char *p = code; *p; p++) *p = *p == '_' ? '-' : (char)toupper((unsigned char)*p);
    return aver_fail(&cmd->why, AVER_E_REFUSED, code, "", "%s",
                     result->words ? result->words : "the ledger refused it");
}

aver_err aver_session_act(struct aver_command *cmd, struct aver_session *s, enum aver_tx_kind kind,
                          const struct aver_list *items)
{
    struct aver_item_result *results;
    AVER_TRY(aver_session_send(cmd, s, kind, items, AVER_NOT_AFTER_HOURS, &results));
    for (size_t i = 0; i < items->count; i++)
        if (!aver_item_stands(&results[i])) return aver_session_refused(cmd, &results[i]);
    return AVER_OK;
}

aver_err aver_session_get(struct aver_command *cmd, struct aver_session *s, const struct aver_schema *schema,
                          void *record, const char *name)
{
    const struct aver_view *view = aver_ledger_view(s->ledger);
    struct aver_stored stored;
    AVER_TRY(view->get(view->self, aver_bytes_str(name), &stored, &cmd->why));
    memset(record, 0, schema->size);
    return aver_schema_read(aver_arena_copy(&cmd->arena, stored.record), schema, record, &cmd->arena,
                            &cmd->why);
}

aver_err aver_session_member(struct aver_command *cmd, struct aver_session *s, aver_bytes id,
                             aver_bytes *family, struct aver_member **member)
{
    struct aver_member_state known = {0};
    struct aver_enrolled enrolled = {0};
    struct aver_buf escaped = {0};
    aver_name_escape(&escaped, id);
    const char *text = aver_arena_printf(&cmd->arena, "%.*s", AVER_STR(aver_buf_view(&escaped)));
    aver_buf_free(&escaped);
    *family = AVER_BYTES_NONE;
    AVER_TRY(aver_session_get(cmd, s, &aver_member_state_schema, &known,
                              aver_arena_printf(&cmd->arena, "m/%s", text)));
    *family = known.family;
    AVER_TRY(aver_session_get(cmd, s, &aver_enrolled_schema, &enrolled,
                              aver_arena_printf(&cmd->arena, "f/%.*s/m/%s", AVER_STR(known.family), text)));
    *member = enrolled.member;
    return enrolled.member ? AVER_OK : AVER_E_NOT_FOUND;
}

aver_err aver_session_artifact(struct aver_command *cmd, struct aver_session *s, aver_digest digest,
                               aver_bytes *content)
{
    const struct aver_view *view = aver_ledger_view(s->ledger);
    return view->artifact(view->self, digest, content, &cmd->why);
}
