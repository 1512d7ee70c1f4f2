/* aver/explain_earlier.c - see explain.h: which earlier line a duplicate is of.
 *
 * A decision says that a line was billed before, and not by which claim: that stands in the member's services of the day
 * (adjudication-rules 13). */
#include "aver/explain.h"

#include <string.h>

static bool repeats(aver_bytes modifier)
{
    return aver_bytes_is(modifier, "76") || aver_bytes_is(modifier, "77");
}

/* Every modifier of the one is among the other's; those that say that a procedure was repeated do not count. */
static bool among(const struct aver_list *these, const struct aver_list *those)
{
    const aver_bytes *a = these->items, *b = those->items;
    for (size_t i = 0; i < these->count; i++) {
        size_t k = 0;
        while (k < those->count && !aver_bytes_eq(a[i], b[k])) k++;
        if (k == those->count && !repeats(a[i])) return false;
    }
    return true;
}

static bool is_duplicate(const struct aver_line_decision *line)
{
    static const char path[] = "duplicates.";
    const struct aver_adjustment *a = line->adjustments.items;
    aver_bytes because = line->adjustments.count ? a->because : line->because;
    return because.len >= sizeof path - 1 && !memcmp(because.ptr, path, sizeof path - 1);
}

/* Whether the service was billed before this line: by an earlier line of the claim, or by a claim that came before it. */
static aver_err is_before(struct aver_explaining *e, const struct aver_service *s,
                          const struct aver_line *line, struct aver_claim_state *state, bool *before)
{
    struct aver_stored stored;
    if (aver_bytes_is(s->claim_id, e->found->id)) {
        *state = e->found->state;
        *before = s->line < line->number;
        return AVER_OK;
    }
    const char *name = aver_arena_printf(&e->cmd->arena, "c/%.*s", AVER_STR(s->claim_id));
    AVER_TRY(e->view->get(e->view->self, aver_bytes_str(name), &stored, &e->cmd->why));
    memset(state, 0, sizeof *state);
    AVER_TRY(aver_schema_read(aver_arena_copy(&e->cmd->arena, stored.record), &aver_claim_state_schema, state,
                              &e->cmd->arena, &e->cmd->why));
    *before = state->entry < e->found->state.entry;
    return AVER_OK;
}

static aver_err add_earlier(struct aver_explaining *e, const struct aver_service *s,
                            const struct aver_line *line)
{
    struct aver_claim_state state;
    aver_bytes code = line->procedure.ptr ? line->procedure : line->revenue_code;
    bool before;
    if (s->to != line->service_to || !aver_bytes_eq(s->procedure, code) ||
        !aver_bytes_eq(s->provider, aver_claim_rendering_id(&e->found->claim, line)) ||
        !among(&s->modifiers, &line->modifiers) || !among(&line->modifiers, &s->modifiers))
        return AVER_OK;
    AVER_TRY(is_before(e, s, line, &state, &before));
    if (!before) return AVER_OK;
    struct aver_plain_earlier *x = aver_list_add(&e->cmd->arena, &e->plain.earlier, sizeof *x);
    *x = (struct aver_plain_earlier){line->number, state.control, s->claim_id,
                                     s->line,      s->charge,     state.received};
    return AVER_OK;
}

/* What the member was billed for on the line's day. */
static aver_err look(struct aver_explaining *e, const struct aver_line *line)
{
    const struct aver_decision *d = e->found->decision;
    char day[AVER_DAY_TEXT];
    struct aver_stored stored;
    struct aver_services services = {0};
    struct aver_buf name = {0};
    aver_buf_printf(&name, "f/%.*s/d/", AVER_STR(d->family_id));
    aver_name_escape(&name, d->member_id);
    aver_buf_printf(&name, "/%s", aver_day_iso(day, line->service_from));
    aver_err err = e->view->get(e->view->self, aver_buf_view(&name), &stored, &e->cmd->why);
    aver_buf_free(&name);
    if (err == AVER_E_NOT_FOUND) return AVER_OK;
    AVER_TRY(err);
    AVER_TRY(aver_schema_read(aver_arena_copy(&e->cmd->arena, stored.record), &aver_services_schema,
                              &services, &e->cmd->arena, &e->cmd->why));
    const struct aver_service *s = services.items.items;
    for (size_t i = 0; i < services.items.count; i++) AVER_TRY(add_earlier(e, &s[i], line));
    return AVER_OK;
}

aver_err aver_explain_earlier(struct aver_explaining *e)
{
    const struct aver_decision *d = e->found->decision;
    const struct aver_line_decision *line = d->lines.items;
    if (!d->family_id.ptr) return AVER_OK;
    for (size_t i = 0; i < d->lines.count; i++) {
        const struct aver_line *of = aver_claim_line(&e->found->claim, line[i].number);
        if (of && is_duplicate(&line[i])) AVER_TRY(look(e, of));
    }
    return AVER_OK;
}
