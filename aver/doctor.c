/* aver/doctor.c - aver doctor: what is wrong with a ledger and its machine, and what to do. */
#include "aver/output.h"
#include "aver/verbs.h"
#include "ledger/storage/doctor.h"

static const char *const grade_names[] = {"fine", "warning", "bad"};

static void say_json(struct aver_command *cmd, const struct aver_doctor_finding *f)
{
    struct aver_json_writer w = aver_json_line(cmd);
    aver_json_begin_object(&w);
    aver_json_field_str(&w, "what", f->what);
    aver_json_field_str(&w, "grade", grade_names[f->grade]);
    if (f->code[0]) aver_json_field_str(&w, "code", f->code);
    aver_json_field_str(&w, "text", f->text);
    aver_json_end_object(&w);
    aver_json_end_line(cmd, &w);
}

static int run_doctor(struct aver_command *cmd)
{
    struct aver_list findings = {0};
    struct aver_progress progress = aver_progress_begin("scrub");
    enum aver_doctor_grade worst = aver_ledger_doctor(aver_option(cmd, "ledger"), aver_flag(cmd, "scrub"),
                                                      &findings, &cmd->arena, aver_progress_step, &progress);
    aver_progress_end(&progress);
    const struct aver_doctor_finding *f = findings.items;
    for (size_t i = 0; i < findings.count; i++) {
        if (cmd->json)
            say_json(cmd, &f[i]);
        else
            aver_print(cmd, "%-8s %-10s %s%s%s%s\n", grade_names[f[i].grade], f[i].what, f[i].text,
                       f[i].code[0] ? " [" : "", f[i].code, f[i].code[0] ? "]" : "");
    }
    return worst == AVER_DOCTOR_BAD ? AVER_EXIT_NO : AVER_EXIT_DONE;
}

static const struct aver_option options[] = {
    {"scrub", NULL, false, "also read every group and record, and hold each against its hash or check", NULL},
    AVER_OPTION_LEDGER,
    AVER_OPTION_END,
};
const struct aver_verb aver_verb_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "Says what is wrong with a ledger, its keys, its disk and its clock, and what to do.",
    .more =
        "It changes nothing and may look while somebody writes. Exit 1 if anything is bad. Whether decisions are right says\n"
        "aver audit.",
    .options = options,
    .examples = {"aver doctor --ledger summit", "aver doctor --ledger summit --scrub --json"},
    .run = run_doctor,
};
