/* adapters/x12_837.c - walks an 837P from segment to segment and decides how much a fault gives up. See x12_837.h. */
#include "adapters/x12_837_state.h"

#include <stdio.h>
#include <string.h>

#define I2 AVER_X12_ID2
#define I3 AVER_X12_ID3

#define ACCEPTED "005010X222A1 005010X222A2"

/* --- findings --- */

enum aver_837_scope aver_837_scope_now(const struct aver_837 *s)
{
    if (s->claim) return AVER_837_CLAIM;
    return aver_837_open(&s->walk, AVER_837_2000C)   ? AVER_837_PATIENT
           : aver_837_open(&s->walk, AVER_837_2000B) ? AVER_837_SUBSCRIBER
           : aver_837_open(&s->walk, AVER_837_2000A) ? AVER_837_BILLING
                                                     : AVER_837_SET;
}

size_t aver_837_refused(const struct aver_837 *s)
{
    size_t k = aver_x12_refused(&s->x12);
    for (unsigned scope = 0; k == AVER_INTAKE_NONE && scope < AVER_837_SCOPES; scope++) k = s->refused[scope];
    return k;
}

static size_t reject(struct aver_837 *s, const struct aver_x12_segment *at, struct aver_x12_fault *f,
                     enum aver_837_scope scope, const char *fmt, va_list ap)
{
    size_t *refused = &s->refused[scope];
    if (*refused != AVER_INTAKE_NONE && ++s->described[scope] >= AVER_837_FINDINGS_MAX) return *refused;
    char text[sizeof((struct aver_why *)0)->text];
    vsnprintf(text, sizeof text, fmt, ap);
    f->level = scope == AVER_837_SET ? AVER_LEVEL_SET : AVER_LEVEL_CLAIM;
    if (s->claim) f->claim = s->claim->patient_control_number;
    size_t k = aver_x12_find(&s->x12, at, f, "%s", text);
    if (*refused == AVER_INTAKE_NONE) *refused = k;
    if (scope == AVER_837_SET && s->x12.set_refused == AVER_INTAKE_NONE) s->x12.set_refused = k;
    return k;
}

size_t aver_837_reject_at(struct aver_837 *s, const struct aver_x12_segment *at, struct aver_x12_fault fault,
                          enum aver_837_scope scope, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t k = reject(s, at, &fault, scope, fmt, ap);
    va_end(ap);
    return k;
}

size_t aver_837_reject(struct aver_837 *s, const char *code, unsigned element, unsigned component,
                       const char *ik403, const char *fmt, ...)
{
    struct aver_x12_fault f = {.code = code,
                               .loop = aver_837_loop_name(aver_837_top(&s->walk)),
                               .element = element,
                               .component = component,
                               .ik304 = "8",
                               .ik403 = ik403,
                               .category = ik403 && strcmp(ik403, "1") == 0 ? "A6" : "A7"};
    va_list ap;
    va_start(ap, fmt);
    size_t k = reject(s, &s->x12.segment, &f, aver_837_scope_now(s), fmt, ap);
    va_end(ap);
    return k;
}

void aver_837_warn(struct aver_837 *s, const char *code, unsigned element, unsigned component,
                   const char *fmt, ...)
{
    struct aver_x12_fault f = {.level = AVER_LEVEL_WARNING,
                               .code = code,
                               .loop = aver_837_loop_name(aver_837_top(&s->walk)),
                               .element = element,
                               .component = component,
                               .claim = s->claim ? s->claim->patient_control_number : AVER_BYTES_NONE};
    char text[sizeof((struct aver_why *)0)->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)aver_x12_find(&s->x12, &s->x12.segment, &f, "%s", text);
}

const char *aver_837_code(struct aver_837 *s, unsigned element)
{
    return aver_arena_printf(s->intake->arena, "X12-%.*s%02u", AVER_STR(s->x12.segment.e[0]), element);
}

void aver_837_spot_keep(struct aver_837_spot *spot, const struct aver_x12_segment *g)
{
    *spot = (struct aver_837_spot){g->raw, g->e[0], g->offset, g->end, g->line, g->ordinal, g->id};
}

void aver_837_spot_show(const struct aver_837_spot *spot, struct aver_x12_segment *g)
{
    g->raw = spot->raw;
    g->offset = spot->offset;
    g->end = spot->end;
    g->line = spot->line;
    g->ordinal = spot->ordinal;
    g->id = spot->id;
    g->count = 0;
    g->flags = 0;
    g->e[0] = spot->id_text;
}

/* --- places --- */

static void missing_report(struct aver_837 *s, enum aver_837_loop loop, enum aver_837_scope scope,
                           unsigned count, const char *const *missed, const bool *hard)
{
    for (unsigned i = 0; i < count; i++) {
        struct aver_x12_fault f = {.level = AVER_LEVEL_WARNING,
                                   .code = "X12-REQUIRED",
                                   .loop = aver_837_loop_name(loop),
                                   .ik304 = "3",
                                   .category = "A6"};
        if (hard[i])
            aver_837_reject_at(s, &s->x12.segment, f, scope,
                               "%s is required in loop %s and missing before this segment", missed[i],
                               f.loop);
        else
            (void)aver_x12_find(&s->x12, &s->x12.segment, &f,
                                "%s should stand in loop %s and is missing before this segment", missed[i],
                                f.loop);
    }
}

/* Closes `n` loops and says what they should have held. */
static void loops_close(struct aver_837 *s, unsigned n)
{
    for (; n > 0; n--) {
        const char *missed[AVER_837_MISSED_MAX];
        bool hard[AVER_837_MISSED_MAX];
        enum aver_837_loop loop = aver_837_top(&s->walk);
        enum aver_837_scope scope = aver_837_scope_now(s);
        unsigned count = aver_837_close(&s->walk, missed, hard);
        missing_report(s, loop, scope, count, missed, hard);
        if (loop == AVER_837_2300) aver_837_claim_finish(s);
    }
}

static bool opens_a_loop(uint32_t id)
{
    switch (id) {
    case I2('H', 'L'):
    case I3('N', 'M', '1'):
    case I3('C', 'L', 'M'):
    case I3('S', 'B', 'R'):
    case I2('L', 'X'):
    case I3('L', 'I', 'N'):
    case I3('S', 'V', 'D'):
    case I2('L', 'Q'): return true;
    default: return false;
    }
}

/* A claim whose CLM cannot be read where it stands. */
static void claim_lost(struct aver_837 *s, size_t finding)
{
    aver_intake_reject(s->intake, aver_x12_element(&s->x12.segment, 1),
                       aver_x12_place(&s->x12, &s->x12.segment, 0, 0), finding);
}

static void misfit(struct aver_837 *s, const struct aver_837_step *step)
{
    const struct aver_x12_segment *g = &s->x12.segment;
    static const struct {
        const char *code, *ik304, *text;
    } says[] = {
        [AVER_837_UNKNOWN] = {"X12-SEGMENT-UNKNOWN", "1", "the guide 005010X222A1 has no such segment"},
        [AVER_837_NOT_HERE] = {"X12-SEGMENT-PLACE", "2", "the segment may not stand here, in or behind loop"},
        [AVER_837_ORDER] =
            {"X12-SEGMENT-ORDER", "7",
             "the segment comes too late; it stands earlier in the guide than what was before it, in loop"},
        [AVER_837_QUALIFIER] = {"X12-SEGMENT-QUALIFIER", "8",
                                "the qualifier may not stand here, in or behind loop"},
        [AVER_837_REPEAT] =
            {"X12-SEGMENT-REPEAT", "5",
             "the segment or its loop stands more often than the guide allows, in or behind loop"},
    };
    const char *loop = aver_837_loop_name(step->loop);
    struct aver_x12_fault f = {
        .code = says[step->fit].code, .loop = loop, .ik304 = says[step->fit].ik304, .category = "A3"};
    if (step->fit == AVER_837_QUALIFIER) {
        f.element = step->qualifier;
        f.ik403 = "7";
    }
    bool hl = g->id == I2('H', 'L'), clm = g->id == I3('C', 'L', 'M');
    /* A level or a claim in the wrong place ends what stands before it, which is not at fault. */
    enum aver_837_scope scope = aver_837_scope_now(s);
    if ((hl || clm) && scope > AVER_837_BILLING) {
        unsigned keep = 0;
        while (keep < s->walk.depth && s->walk.stack[keep].loop != (hl ? AVER_837_2000B : AVER_837_2300))
            keep++;
        loops_close(s, s->walk.depth - keep);
        scope = aver_837_scope_now(s);
    }
    size_t refused_before = s->refused[scope];
    size_t k = aver_837_reject_at(s, g, f, scope, "%s %s", says[step->fit].text,
                                  step->fit == AVER_837_UNKNOWN ? "" : loop);
    s->skipping = opens_a_loop(g->id);
    if (hl || clm) {
        s->lost = k;
        s->lost_to_hl = hl;
        /* What is lost stands behind this segment, up to the next HL or CLM: the level above goes on. */
        if (scope != AVER_837_SET) s->refused[scope] = refused_before;
    }
    if (clm) claim_lost(s, k);
}

/* While something is lost: true when this segment is passed over. */
static bool pass_over(struct aver_837 *s)
{
    const struct aver_x12_segment *g = &s->x12.segment;
    if (s->lost == AVER_INTAKE_NONE) return false;
    bool hl = g->id == I2('H', 'L'), clm = g->id == I3('C', 'L', 'M');
    if (hl || (clm && !s->lost_to_hl)) {
        s->lost = AVER_INTAKE_NONE;
        s->skipping = false;
        return false;
    }
    struct aver_finding *f = &aver_intake_findings(s->intake)[s->lost];
    if (g->end > f->covers_to) f->covers_to = g->end;
    if (clm) claim_lost(s, s->lost);
    return true;
}

/* --- a set --- */

static void bht_read(struct aver_837 *s)
{
    s->use = aver_bytes_is(aver_837_text(s, 6), "RP") ? AVER_USE_ENCOUNTER : AVER_USE_CLAIM;
    if (!aver_837_text(s, 6).ptr)
        aver_837_warn(s, "X12-BHT06", 6, 0, "BHT06 is missing; the set is read as claims (CH)");
}

static void segment_read(struct aver_837 *s)
{
    const struct aver_x12_segment *g = &s->x12.segment;
    if (pass_over(s)) return;
    if (s->skipping && !opens_a_loop(g->id)) {
        s->last_end = g->end;
        return;
    }
    struct aver_837_step step = aver_837_find(&s->walk, g);
    if (step.fit != AVER_837_FITS) {
        misfit(s, &step);
        s->last_end = g->end;
        return;
    }
    s->skipping = false;
    loops_close(s, step.closes);
    const char *missed[AVER_837_MISSED_MAX];
    bool hard[AVER_837_MISSED_MAX];
    unsigned count = aver_837_passed(&s->walk, &step, missed, hard);
    missing_report(s, aver_837_top(&s->walk), aver_837_scope_now(s), count, missed, hard);
    aver_837_take(&s->walk, &step);
    enum aver_837_loop loop = step.loop;
    s->last_end = g->end;
    if (g->id == I3('C', 'L', 'M')) {
        /* Opened before its elements are looked at, so that their faults are this claim's. */
        aver_837_claim_segment(s, loop);
        aver_837_elements_check(s, loop);
        return;
    }
    if (g->id == I2('H', 'L')) aver_837_hl(s, loop);
    aver_837_elements_check(s, loop);
    if (aver_837_is_party(loop))
        aver_837_party(s, loop);
    else if (loop == AVER_837_HEADER)
        bht_read(s);
    else
        aver_837_claim_segment(s, loop);
}

static void set_begin(struct aver_837 *s)
{
    struct aver_x12 *x = &s->x12;
    const struct aver_x12_segment *g = &x->segment;
    s->claims_from = s->intake->claims.count;
    s->claim = NULL;
    s->line = NULL;
    s->other = NULL;
    s->other_line = NULL;
    s->provider = &s->unused;
    s->lost = AVER_INTAKE_NONE;
    s->skipping = false;
    s->use = AVER_USE_CLAIM;
    s->hl_last = s->hl_billing = s->hl_subscriber = 0;
    s->has_patient = s->self = s->has_pay_to = false;
    for (unsigned k = 0; k < AVER_837_SCOPES; k++) {
        s->refused[k] = AVER_INTAKE_NONE;
        s->described[k] = 0;
    }
    aver_837_walk_start(&s->walk);
    s->reading = x->group_refused == AVER_INTAKE_NONE;
    if (!s->reading) return;
    struct aver_x12_fault f = {.level = AVER_LEVEL_SET,
                               .code = "X12-ST01",
                               .element = 1,
                               .ik304 = "8",
                               .ik403 = "7",
                               .category = "A3"};
    size_t k = AVER_INTAKE_NONE;
    if (!aver_bytes_is(x->set_id, "837"))
        k = aver_x12_find(x, g, &f, "the set is %.*s and not a claim; 837 is read here", AVER_STR(x->set_id));
    else if (x->set_version.ptr && !aver_837_listed(ACCEPTED, x->set_version)) {
        f.code = "X12-ST03";
        f.element = 3;
        k = aver_x12_find(x, g, &f, "the set is of version %.*s, which is not read yet; %s are",
                          AVER_STR(x->set_version), ACCEPTED);
    } else if (!aver_bytes_eq(x->set_version, x->version)) {
        f.level = AVER_LEVEL_WARNING;
        f.code = "X12-ST03";
        f.element = 3;
        (void)aver_x12_find(x, g, &f, "ST03 is \"%.*s\" and GS08 is \"%.*s\"; they must be equal",
                            AVER_STR(x->set_version), AVER_STR(x->version));
    }
    if (k != AVER_INTAKE_NONE) {
        s->reading = false;
        if (x->set_refused == AVER_INTAKE_NONE) x->set_refused = k;
    }
}

static void set_end(struct aver_837 *s)
{
    if (s->reading && s->lost == AVER_INTAKE_NONE)
        loops_close(s, s->walk.depth);
    else if (s->reading)
        aver_837_claim_finish(s);
    s->reading = false;
    size_t refused = aver_x12_refused(&s->x12);
    if (refused == AVER_INTAKE_NONE) refused = s->refused[AVER_837_SET];
    if (refused != AVER_INTAKE_NONE) aver_intake_withdraw(s->intake, s->claims_from, refused);
    if (s->x12.set_refused == AVER_INTAKE_NONE) s->x12.set_refused = refused;
}

static void group_begin(struct aver_837 *s)
{
    struct aver_x12 *x = &s->x12;
    struct aver_x12_fault f = {.level = AVER_LEVEL_GROUP,
                               .code = "X12-GS01",
                               .element = 1,
                               .ik304 = "8",
                               .ik403 = "7",
                               .category = "A3"};
    if (!aver_bytes_is(x->functional, "HC"))
        x->group_refused =
            aver_x12_find(x, &x->segment, &f, "the group holds \"%.*s\" and not claims; HC is read here",
                          AVER_STR(x->functional));
    else if (!aver_837_listed(ACCEPTED, x->version)) {
        f.code = "X12-GS08";
        f.element = 8;
        x->group_refused = aver_x12_find(x, &x->segment, &f,
                                         "the group is of version \"%.*s\", which is not read yet; %s are",
                                         AVER_STR(x->version), ACCEPTED);
    }
}

void aver_x12_837_read(struct aver_intake *intake, aver_bytes file)
{
    if (file.len > AVER_INTAKE_FILE_MAX) {
        struct aver_finding *f = aver_intake_finding(intake, AVER_LEVEL_FILE, "X12-FILE-SIZE");
        f->place = AVER_LIT("the whole file");
        f->covers_to = file.len;
        aver_finding_say(intake, f, "the file has %zu bytes, at most %llu are read; split it", file.len,
                         (unsigned long long)AVER_INTAKE_FILE_MAX);
        return;
    }
    struct aver_837 *s = AVER_NEW(intake->arena, struct aver_837);
    s->intake = intake;
    s->sha256 = aver_sha256(file);
    s->provider = &s->unused;
    aver_x12_start(&s->x12, intake, file);
    for (;;) {
        switch (aver_x12_next(&s->x12)) {
        case AVER_X12_GROUP: group_begin(s); break;
        case AVER_X12_SET: set_begin(s); break;
        case AVER_X12_SEGMENT:
            if (s->reading)
                segment_read(s);
            else if (s->x12.segment.id == I3('C', 'L', 'M'))
                claim_lost(s, aver_x12_refused(&s->x12));
            break;
        case AVER_X12_SET_END: set_end(s); break;
        case AVER_X12_GROUP_END: break;
        case AVER_X12_END: return;
        }
    }
}
