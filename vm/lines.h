/* vm/lines.h - what is known of the lines of a contract that is measured. Not for others: they read vm.h. */
#ifndef AVER_VM_LINES_H
#define AVER_VM_LINES_H

#include "vm/ast.h"
#include "vm/vm.h"

struct vm_part { /* of a charge */
    uint32_t line;
    uint64_t gas;
};
struct vm_paid {            /* a place where a charge is taken */
    struct aver_list parts; /* of struct vm_part; together the charge */
};
struct vm_lines {
    struct aver_arena arena;   /* of all of it */
    struct aver_vm_line *line; /* by number */
    size_t count;
    struct aver_list paid; /* of struct vm_paid, by its place less one */
};

/* Notes what each charge of the priced tree is for, and gives the places their numbers. */
void vm_lines_of(struct vm_lines *lines, struct vm_function *chunk, aver_bytes source);

#endif
