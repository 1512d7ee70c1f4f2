/* ledger/transition/enrol.c - a family is enrolled: what of it goes under which name of the state. */
#include "ledger/transition/kinds.h"

#include <stdio.h>

/* On such a day nobody could tell which plan pays. */
static bool overlap(const struct aver_cover *a, const struct aver_cover *b)
{
    return (a->to == AVER_NO_DAY || b->from <= a->to) && (b->to == AVER_NO_DAY || a->from <= b->to);
}

static bool family_valid(struct aver_act *a, const struct aver_family *f)
{
    const struct aver_member *m = f->members.items;
    if (!aver_family_id_valid(f->family_id)) {
        aver_say(a, AVER_OUT_MALFORMED, "%.*s is no family id: 1 to 40 of A-Z, a-z, 0-9, '.', '_', '-'",
                 AVER_STR(f->family_id));
        return false;
    }
    for (size_t i = 0; i < f->members.count; i++) {
        if (i > 0 && aver_bytes_cmp(m[i - 1].member_id, m[i].member_id) >= 0) {
            aver_say(a, AVER_OUT_MALFORMED, "members must be sorted by member id and unique");
            return false;
        }
        const struct aver_cover *c = m[i].covers.items;
        for (size_t k = 0; k < m[i].covers.count; k++) {
            if (c[k].to != AVER_NO_DAY && c[k].to < c[k].from) {
                aver_say(a, AVER_OUT_MALFORMED, "a period of cover of %.*s ends before it begins",
                         AVER_STR(m[i].member_id));
                return false;
            }
            for (size_t n = 0; n < k; n++)
                if (overlap(&c[n], &c[k])) {
                    aver_say(a, AVER_OUT_MALFORMED,
                             "two periods of cover of %.*s overlap: end the first before the second begins",
                             AVER_STR(m[i].member_id));
                    return false;
                }
        }
    }
    return true;
}

/* Under the member's id: of what family it is, and by what secret. */
static aver_err place_id(struct aver_act *a, const struct aver_family *family, aver_bytes member_id,
                         enum aver_outcome *outcome)
{
    struct aver_member_state state;
    bool found;
    aver_bytes slot = aver_work_name(&a->work, "m/", member_id);
    AVER_TRY(aver_act_lookup(a, slot, &aver_member_state_schema, &state, &found));
    if (found && !aver_bytes_eq(state.family, family->family_id))
        *outcome = aver_say(a, AVER_OUT_CONFLICT, "the member %.*s is enrolled in another family",
                            AVER_STR(member_id));
    if (found) return AVER_OK;
    state = (struct aver_member_state){family->family_id, aver_sha256(family->secret)};
    aver_work_put(&a->work, slot, &aver_member_state_schema, &state);
    return AVER_OK;
}

/* The member's own record; `member` NULL: has left. */
static aver_err place_member(struct aver_act *a, const struct aver_family *family, aver_bytes member_id,
                             const struct aver_member *member)
{
    struct aver_enrolled known, enrolled = {(struct aver_member *)(uintptr_t)member};
    bool found;
    aver_bytes name = aver_work_member_name(&a->work, family->family_id, member_id);
    AVER_TRY(aver_act_lookup(a, name, &aver_enrolled_schema, &known, &found));
    aver_work_put(&a->work, name, &aver_enrolled_schema, &enrolled);
    return AVER_OK;
}

/* Those born on a day, as the family has them now: nobody, where they left or the day was corrected. */
static aver_err place_born(struct aver_act *a, const struct aver_family *family, aver_day day)
{
    struct aver_born known, born = {0};
    bool found;
    const struct aver_member *m = family->members.items;
    if (day == AVER_NO_DAY) return AVER_OK;
    aver_bytes name = aver_work_born_name(&a->work, family->family_id, day);
    for (size_t i = 0; i < family->members.count; i++)
        if (m[i].birth_date == day)
            *(struct aver_born_member *)aver_list_add(a->work.arena, &born.members,
                                                      sizeof(struct aver_born_member)) =
                (struct aver_born_member){m[i].member_id, m[i].first_name};
    AVER_TRY(aver_act_lookup(a, name, &aver_born_schema, &known, &found));
    aver_work_put(&a->work, name, &aver_born_schema, &born);
    return AVER_OK;
}

static bool day_met(const struct aver_member *m, size_t count, aver_day day)
{
    for (size_t i = 0; i < count; i++)
        if (m[i].birth_date == day) return true;
    return false;
}

static bool id_met(const struct aver_member *m, size_t count, aver_bytes id)
{
    for (size_t i = 0; i < count; i++)
        if (aver_bytes_eq(m[i].member_id, id)) return true;
    return false;
}

static aver_err place_all(struct aver_act *a, const struct aver_family *family,
                          const struct aver_family *before, enum aver_outcome *outcome)
{
    const struct aver_member *m = family->members.items, *old = before->members.items;
    size_t count = family->members.count;
    for (size_t i = 0; i < count; i++) {
        AVER_TRY(place_id(a, family, m[i].member_id, outcome));
        if (*outcome != AVER_OUT_APPLIED) return AVER_OK;
        AVER_TRY(place_member(a, family, m[i].member_id, &m[i]));
        if (!day_met(m, i, m[i].birth_date)) AVER_TRY(place_born(a, family, m[i].birth_date));
    }
    for (size_t i = 0; i < before->members.count; i++) {
        if (!id_met(m, count, old[i].member_id)) AVER_TRY(place_member(a, family, old[i].member_id, NULL));
        if (!day_met(m, count, old[i].birth_date) && !day_met(old, i, old[i].birth_date))
            AVER_TRY(place_born(a, family, old[i].birth_date));
    }
    return AVER_OK;
}

aver_err aver_apply_enrol(struct aver_act *a, enum aver_outcome *outcome)
{
    struct aver_family family, before = {0};
    struct aver_stored stored = {0};
    bool found;
    if (!aver_act_decode(a, &aver_family_schema, &family) || !family_valid(a, &family)) {
        *outcome = AVER_OUT_MALFORMED;
        return AVER_OK;
    }
    snprintf(a->out->subject, sizeof a->out->subject, "f/%.*s", AVER_STR(family.family_id));
    aver_bytes name = aver_work_family_name(&a->work, family.family_id);
    /* The family's secret is for good: its commitments would not be found under another. */
    const struct aver_view *view = a->work.view;
    aver_err err = view->get(view->self, name, &stored, a->why);
    if (err != AVER_OK && err != AVER_E_NOT_FOUND) return err;
    if (err == AVER_OK) {
        AVER_TRY(aver_schema_read(aver_arena_copy(a->work.arena, stored.record), &aver_family_schema, &before,
                                  a->work.arena, a->why));
        if (!aver_bytes_eq(before.secret, family.secret)) {
            *outcome = aver_say(a, AVER_OUT_CONFLICT, "the family %.*s has another secret",
                                AVER_STR(family.family_id));
            return AVER_OK;
        }
    }
    aver_work_family(&a->work, family.family_id, family.secret);
    AVER_TRY(aver_act_lookup(a, name, &aver_family_schema, &before, &found));
    if (!found) before = (struct aver_family){0};
    aver_work_put(&a->work, name, &aver_family_schema, &family);
    return place_all(a, &family, &before, outcome);
}
