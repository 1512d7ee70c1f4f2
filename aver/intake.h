/* aver/intake.h - which reader a submitted file is for. */
#ifndef AVER_AVER_INTAKE_H
#define AVER_AVER_INTAKE_H

#include "adapters/intake.h"

enum aver_intake_format { AVER_INTAKE_AUTO = 1, AVER_INTAKE_837P, AVER_INTAKE_CSV };
#define AVER_INTAKE_FORMAT_MAX AVER_INTAKE_CSV
extern const char *const aver_intake_format_names[]; /* "auto", "837p", "csv" */

/* Reads the file with the reader of this format; 0 and AUTO go by the content: an 837 begins with ISA. The file must stay as
 * long as the intake is used. Bad input is a finding; FILE-FORMAT where no reader knows the content. */
void aver_intake_read(struct aver_intake *intake, aver_bytes file, uint64_t format);

#endif
