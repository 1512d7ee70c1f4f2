/* aver/sheet.h - what is wrong with a CSV file, told: on stderr for people, as an array for programs. */
#ifndef AVER_AVER_SHEET_H
#define AVER_AVER_SHEET_H

#include "adapters/csv_sheet.h"
#include "aver/command.h"

/* `findings`: of struct aver_sheet_finding. The cells themselves are not told: they may be about a person. */
void aver_sheet_say(struct aver_command *cmd, const char *path, const struct aver_list *findings);
void aver_sheet_json(struct aver_json_writer *w, const struct aver_list *findings); /* "findings": [...] */

#endif
