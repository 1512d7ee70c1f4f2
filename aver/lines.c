/* aver/lines.c - see lines.h. */
#include "aver/lines.h"

#include <string.h>

#include "ledger/transition/contract.h"
#include "ledger/transition/machine.h"

/* A contract that decided nothing: its lines of code, none of which ran. */
static aver_err unused(struct aver_command *cmd, const struct aver_project_file *f, struct aver_vm_line **out,
                       size_t *count)
{
    struct aver_vm *vm;
    AVER_TRY(aver_vm_new_counting(&vm, aver_contract_setup(), f->path, f->bytes, &cmd->why));
    const struct aver_vm_line *line = aver_vm_lines(vm, count);
    *out = AVER_NEW_ARRAY(&cmd->arena, struct aver_vm_line, *count);
    for (size_t i = 0; i < *count; i++) (*out)[i].code = line[i].code;
    aver_vm_free(vm);
    return AVER_OK;
}

static aver_err add_file(struct aver_lines_of *l, struct aver_project *project,
                         const struct aver_project_file *f)
{
    const struct aver_vm *vm = aver_machine_ready(project->machines[1], aver_sha256(f->bytes));
    struct aver_lines_file *file = aver_list_add(&l->cmd->arena, &l->files, sizeof *file);
    struct aver_vm_line *line;
    *file = (struct aver_lines_file){.path = f->path, .source = f->bytes};
    if (vm) {
        const struct aver_vm_line *counted = aver_vm_lines(vm, &file->count);
        line = AVER_NEW_ARRAY(&l->cmd->arena, struct aver_vm_line, file->count);
        memcpy(line, counted, file->count * sizeof *line);
    } else {
        AVER_TRY(unused(l->cmd, f, &line, &file->count));
    }
    file->line = line;
    for (size_t i = 1; i < file->count; i++) {
        file->code += line[i].code;
        file->reached += line[i].code && line[i].runs;
    }
    l->code += file->code;
    l->reached += file->reached;
    return AVER_OK;
}

aver_err aver_lines_add(struct aver_lines_of *l, struct aver_project *project)
{
    const struct aver_project_file *f = project->contracts.items;
    for (size_t i = 0; i < project->contracts.count; i++) AVER_TRY(add_file(l, project, &f[i]));
    return AVER_OK;
}

uint64_t aver_lines_percent(size_t reached, size_t code)
{
    return code ? (uint64_t)reached * 100 / code : 100;
}

aver_bytes aver_lines_text(const struct aver_lines_file *file, size_t number)
{
    aver_bytes rest = file->source;
    for (size_t i = 1;; i++) {
        const uint8_t *end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
        size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        if (i == number || !end) return aver_bytes_trim(aver_bytes_cut(rest, 0, i == number ? len : 0));
        rest = aver_bytes_cut(rest, len + 1, rest.len - len - 1);
    }
}

const char *aver_lines_never(struct aver_lines_of *l, const struct aver_lines_file *file)
{
    struct aver_buf out = {0};
    for (size_t i = 1; i < file->count; i++) {
        if (!file->line[i].code || file->line[i].runs) continue;
        size_t last = i;
        /* A stretch may hold lines on which nothing begins. */
        for (size_t k = i + 1; k < file->count && (!file->line[k].code || !file->line[k].runs); k++)
            if (file->line[k].code) last = k;
        aver_buf_printf(&out, "%s%zu", out.len ? ", " : "", i);
        if (last > i) aver_buf_printf(&out, "-%zu", last);
        i = last;
    }
    const char *kept = aver_arena_printf(&l->cmd->arena, "%.*s", AVER_STR(aver_buf_view(&out)));
    aver_buf_free(&out);
    return kept;
}
