/* aver/member_review.c - aver member review: decided claims held against the enrolment as it is now.
 *
 * Cover is often reported late. What was decided stands as it was decided, under what was known then; this says which lines
 * would meet another enrolment today, so that somebody can ask for money back, or the provider file again. */
#include "aver/claims.h"
#include "aver/output.h"
#include "aver/session.h"
#include "aver/verbs.h"

#include <string.h>

struct review {
    struct aver_command *cmd;
    struct aver_session s;
    aver_bytes family, member; /* asked for; absent: all */
    uint64_t lines, paid_lines, unread;
    aver_delta paid; /* of those lines that would not be paid so today */
};

/* Whether the line was denied because there was no cover (PR-26, PR-27), or nobody known (PR-31). */
static bool denied_without_cover(const struct aver_line_decision *line)
{
    const struct aver_adjustment *a = line->adjustments.items;
    return line->status == AVER_LINE_DENIED && line->adjustments.count == 1 && a->group == AVER_GROUP_PR &&
           (aver_bytes_is(a->carc, "26") || aver_bytes_is(a->carc, "27") || aver_bytes_is(a->carc, "31"));
}

/* What is different now about the cover of this line; NULL: nothing. */
static const char *difference(struct aver_arena *arena, const struct aver_decision *d,
                              const struct aver_line_decision *line, const struct aver_cover *now)
{
    if (denied_without_cover(line))
        return now ? aver_arena_printf(arena,
                                       "it was denied without cover, and plan %.*s covers that day now",
                                       AVER_STR(now->plan))
                   : NULL;
    if (line->status != AVER_LINE_DECIDED) return NULL;
    if (!now) return "no plan covers that day any more";
    if (!aver_bytes_eq(now->plan, d->plan))
        return aver_arena_printf(arena, "plan %.*s decided it, and plan %.*s covers that day now",
                                 AVER_STR(d->plan), AVER_STR(now->plan));
    return now->pays_first.len ? aver_arena_printf(arena, "%.*s pays first on that day, which was not known",
                                                   AVER_STR(now->pays_first))
                               : NULL;
}

static aver_err say(struct review *r, const struct aver_found *found, const struct aver_line *line,
                    const struct aver_line_decision *decided, const char *what)
{
    struct aver_command *cmd = r->cmd;
    aver_bytes member =
        found->decision->member_id.ptr ? found->decision->member_id : found->claim.subscriber->member_id;
    int64_t paid = (int64_t)decided->paid.cents;
    char day[AVER_DAY_TEXT];
    aver_day_iso(day, line->service_from);
    if (aver_delta_add(&r->paid, r->paid, (aver_delta){paid}))
        return aver_fail(&cmd->why, AVER_E_RANGE, "MONEY-RANGE", found->id,
                         "together the lines are more money than one sum holds; name a member");
    r->lines++;
    r->paid_lines += paid > 0;
    if (!cmd->json) {
        aver_print(cmd, "%s line %-3llu %-20.*s %s  paid %10s  %s\n", found->id,
                   (unsigned long long)line->number, AVER_STR(member), day,
                   aver_money_words(&cmd->arena, paid), what);
        return AVER_OK;
    }
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "claim", found->id);
    aver_json_field_uint(&w, "line", line->number);
    aver_json_field(&w, "member_id", member);
    aver_json_field_str(&w, "service_from", day);
    aver_json_field_money(&w, "paid", paid);
    aver_json_field_str(&w, "difference", what);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
    return AVER_OK;
}

/* A claim that waits posts nothing, and meets the enrolment of the day on which somebody decides it. */
static bool settled(uint64_t status) { return status == AVER_CLAIM_PAYABLE || status == AVER_CLAIM_DENIED; }

static aver_err compare(struct review *r, const struct aver_found *found, struct aver_arena *arena,
                        const struct aver_member *now)
{
    const struct aver_line_decision *d = found->decision->lines.items;
    for (size_t i = 0; i < found->decision->lines.count; i++) {
        const struct aver_line *line = aver_claim_line(&found->claim, d[i].number);
        const char *what = line ? difference(arena, found->decision, &d[i],
                                             now ? aver_cover_on(now, line->service_from) : NULL)
                                : NULL;
        if (what) AVER_TRY(say(r, found, line, &d[i], what));
    }
    return AVER_OK;
}

/* `one` is the command with an arena for this claim alone: a book of claims does not fit in memory. */
static aver_err review_claim(struct review *r, struct aver_command *one, const struct aver_claim_row *row)
{
    struct aver_found found;
    struct aver_member *now = NULL;
    aver_bytes family;
    if (!settled(row->state.status)) return AVER_OK;
    if (r->family.ptr && row->state.family.ptr && !aver_bytes_eq(r->family, row->state.family))
        return AVER_OK;
    aver_err err = aver_claim_load(one, &r->s, row->id, &found);
    if (err == AVER_E_KEY_GONE) {
        r->unread++;
        return AVER_OK;
    }
    AVER_TRY(err);
    aver_bytes id =
        found.decision->member_id.ptr ? found.decision->member_id : found.claim.subscriber->member_id;
    if (r->member.ptr && !aver_bytes_eq(r->member, id)) return AVER_OK;
    err = aver_session_member(one, &r->s, id, &family, &now);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    err = compare(r, &found, &one->arena, now);
    if (err != AVER_OK) one->why = r->cmd->why;
    return err;
}

static aver_err review_all(struct review *r)
{
    struct aver_command *cmd = r->cmd;
    struct aver_list rows = {0};
    AVER_TRY(aver_claim_rows(cmd, &r->s, &rows));
    const struct aver_claim_row *row = rows.items;
    struct aver_progress bar = aver_progress_begin("claims reviewed");
    aver_err err = AVER_OK;
    for (size_t i = 0; err == AVER_OK && i < rows.count; i++) {
        struct aver_command one = {.verb = cmd->verb};
        err = review_claim(r, &one, &row[i]);
        if (err != AVER_OK) cmd->why = one.why;
        aver_arena_free(&one.arena);
        aver_progress_step(&bar, i + 1, rows.count);
    }
    aver_progress_end(&bar);
    return err;
}

static aver_err review(struct review *r)
{
    struct aver_command *cmd = r->cmd;
    AVER_TRY(aver_session_open(cmd, &r->s, AVER_LEDGER_READ));
    if (cmd->args_count) {
        struct aver_member *now;
        r->member = aver_bytes_str(cmd->args[0]);
        aver_err err = aver_session_member(cmd, &r->s, r->member, &r->family, &now);
        if (err == AVER_E_NOT_FOUND && !r->family.ptr)
            return aver_fail(&cmd->why, AVER_E_REFUSED, "MEMBER-UNKNOWN", "",
                             "this ledger has no member %s; aver member list shows those it has",
                             cmd->args[0]);
        if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    }
    return review_all(r);
}

static int run_review(struct aver_command *cmd)
{
    struct review r = {.cmd = cmd};
    aver_err err = review(&r);
    aver_session_close(&r.s);
    AVER_CLI_TRY(cmd, err);
    aver_note(cmd, "%llu line%s would meet another enrolment today; %s was paid on %llu of them%s",
              (unsigned long long)r.lines, r.lines == 1 ? "" : "s",
              aver_money_words(&cmd->arena, r.paid.cents), (unsigned long long)r.paid_lines,
              r.unread ? "; claims whose key is gone were not read" : "");
    return AVER_EXIT_DONE;
}

static const struct aver_option options[] = {AVER_OPTION_LEDGER, AVER_OPTION_END};
const struct aver_verb aver_verb_member_review = {
    .name = "member review",
    .args = "[MEMBER]",
    .args_max = 1,
    .summary =
        "Lists decided lines whose cover is another now: ended or begun in retrospect, or second to another plan.",
    .more =
        "Nothing is changed: a decision stands until somebody takes it back. Lines that were denied without cover, and now\n"
        "have it, may be filed again.",
    .options = options,
    .examples = {"aver member review --ledger summit", "aver member review M-1001 --ledger summit --json"},
    .run = run_review,
};
