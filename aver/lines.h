/* aver/lines.h - what the lines of a directory's contracts did in the tests: how often each ran, and its gas. */
#ifndef AVER_AVER_LINES_H
#define AVER_AVER_LINES_H

#include "aver/project.h"
#include "vm/vm.h"

struct aver_lines_file {
    const char *path;
    aver_bytes source;
    const struct aver_vm_line *line; /* by number; [0]: executions as such */
    size_t count;
    size_t code, reached; /* lines on which a statement begins, and of them those that ran */
};
struct aver_lines_of {
    struct aver_command *cmd; /* whose arena holds all of it */
    struct aver_list files;   /* of struct aver_lines_file */
    size_t code, reached;
};

/* Adds the project's contracts, as its second machine counted them so far. AVER_E_*: of aver_vm_new_counting. */
AVER_MUST_CHECK aver_err aver_lines_add(struct aver_lines_of *lines, struct aver_project *project);
/* Of the lines, rounded down; 100 where there is none. */
uint64_t aver_lines_percent(size_t reached, size_t code);
/* The text of a line, without blanks around it. Borrows the file. */
aver_bytes aver_lines_text(const struct aver_lines_file *file, size_t number);
/* "47, 63-65": lines that never ran; empty for none. In the command's arena. */
const char *aver_lines_never(struct aver_lines_of *lines, const struct aver_lines_file *file);

#endif
