/* adapters/intake.c - see intake.h. */
#include "adapters/intake.h"

#include <stdio.h>
#include <string.h>

void aver_intake_init(struct aver_intake *intake, struct aver_arena *arena)
{
    *intake = (struct aver_intake){.arena = arena};
}

struct aver_finding *aver_intake_finding(struct aver_intake *intake, enum aver_level level, const char *code)
{
    struct aver_finding *f = aver_list_add(intake->arena, &intake->findings, sizeof *f);
    f->level = level;
    f->code = aver_bytes_str(code);
    return f;
}

void aver_finding_say(struct aver_intake *intake, struct aver_finding *finding, const char *fmt, ...)
{
    /* The texts quote the input, so they are as long as the input wants: cut where struct aver_why would cut. */
    char text[sizeof((struct aver_why *)0)->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    finding->text = aver_arena_copy(intake->arena, aver_bytes_str(text));
}

void aver_finding_original(struct aver_finding *finding, aver_bytes bytes)
{
    size_t len = bytes.len;
    if (len > AVER_INTAKE_ORIGINAL_MAX) {
        len = AVER_INTAKE_ORIGINAL_MAX;
        while (len > AVER_INTAKE_ORIGINAL_MAX - 4 && (bytes.ptr[len] & 0xc0) == 0x80) len--;
    }
    finding->original = aver_bytes_of(bytes.ptr, len);
}

void aver_intake_accept(struct aver_intake *intake, struct aver_claim *claim, aver_bytes place)
{
    struct aver_intake_claim *c = aver_list_add(intake->arena, &intake->claims, sizeof *c);
    *c = (struct aver_intake_claim){claim, place};
}

void aver_intake_reject(struct aver_intake *intake, aver_bytes claim, aver_bytes place, size_t finding)
{
    AVER_ASSERT(finding < intake->findings.count);
    struct aver_intake_rejected *r = aver_list_add(intake->arena, &intake->rejected, sizeof *r);
    *r = (struct aver_intake_rejected){claim, place, finding};
}

void aver_intake_withdraw(struct aver_intake *intake, size_t from, size_t finding)
{
    AVER_ASSERT(from <= intake->claims.count);
    const struct aver_intake_claim *c = intake->claims.items;
    for (size_t i = from; i < intake->claims.count; i++)
        aver_intake_reject(intake, c[i].claim->patient_control_number, c[i].place, finding);
    intake->claims.count = from;
}

const char *aver_level_name(enum aver_level level)
{
    switch (level) {
    case AVER_LEVEL_WARNING: return "warning";
    case AVER_LEVEL_CLAIM: return "claim";
    case AVER_LEVEL_SET: return "set";
    case AVER_LEVEL_GROUP: return "group";
    case AVER_LEVEL_INTERCHANGE: return "interchange";
    case AVER_LEVEL_FILE: return "file";
    }
    AVER_UNREACHABLE();
}
