/* vm/dialect.c - the passes in their order, and how a refusal looks. */
#include "vm/dialect.h"

#include "vm/gas.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SOURCE_LINE_SHOWN 160

void vm_refuse(struct vm_source *s, struct vm_place at, const char *code, const char *instead,
               const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s->what, sizeof s->what, fmt, ap);
    va_end(ap);
    snprintf(s->code, sizeof s->code, "%s", code);
    snprintf(s->instead, sizeof s->instead, "%s", instead);
    s->at = at;
    longjmp(s->leave, 1);
}

aver_err vm_dialect(struct vm_source *s, struct vm_function **chunk, struct aver_buf *out,
                    struct aver_why *why)
{
    if (setjmp(s->leave) != 0) {
        char place[256];
        snprintf(place, sizeof place, "%.200s:%u:%u", s->name, s->at.line, s->at.column);
        return aver_fail(why, AVER_E_INPUT, s->code, place, "%s%s%s", s->what, s->instead[0] ? ": " : "",
                         s->instead);
    }
    *chunk = vm_parse(s);
    vm_check(s, *chunk);
    vm_bounds(*chunk);
    vm_price(*chunk);
    if (s->lines) vm_lines_of(s->lines, *chunk, s->text);
    vm_print(*chunk, s->lines != NULL, out);
    return AVER_OK;
}

static aver_bytes source_line(aver_bytes text, uint32_t line)
{
    const uint8_t *p = text.ptr, *end = text.ptr + text.len;
    for (uint32_t n = 1; n < line && p < end; p++) {
        if (*p != '\n' && *p != '\r') continue;
        if (p + 1 < end && (p[1] == '\n' || p[1] == '\r') && p[1] != *p) p++;
        n++;
    }
    const uint8_t *from = p;
    while (p < end && *p != '\n' && *p != '\r') p++;
    return aver_bytes_of(from, (size_t)(p - from));
}

void aver_vm_show(struct aver_buf *out, const char *name, aver_bytes source, uint64_t number, uint64_t at,
                  const char *code, const char *what, const char *instead)
{
    aver_bytes line = source_line(source, (uint32_t)number);
    size_t column = at - 1, from = column > SOURCE_LINE_SHOWN / 2 ? column - SOURCE_LINE_SHOWN / 2 : 0;
    if (from > line.len) from = line.len;
    aver_bytes shown =
        aver_bytes_cut(line, from, line.len - from < SOURCE_LINE_SHOWN ? line.len - from : SOURCE_LINE_SHOWN);
    aver_buf_printf(out, "%s:%" PRIu64 ":%" PRIu64 ": %s: %s\n%5" PRIu64 " | ", name, number, at, code, what,
                    number);
    for (size_t i = 0; i < shown.len; i++) aver_buf_byte(out, shown.ptr[i] < ' ' ? ' ' : shown.ptr[i]);
    aver_buf_str(out, "\n      | ");
    /* One column a character, also where it takes several bytes. */
    for (size_t i = 0; from + i < column && i < shown.len; i++)
        if ((shown.ptr[i] & 0xc0) != 0x80) aver_buf_byte(out, ' ');
    aver_buf_str(out, "^\n");
    if (instead[0]) aver_buf_printf(out, "        %s\n", instead);
}

aver_err aver_vm_check(const struct aver_vm_setup *setup, const char *name, aver_bytes source,
                       struct aver_buf *out, struct aver_why *why)
{
    if (source.len > AVER_VM_SOURCE_BYTES_MAX)
        return aver_fail(why, AVER_E_INPUT, "CONTRACT-SIZE", name,
                         "the contract's source is longer than %d bytes", AVER_VM_SOURCE_BYTES_MAX);
    struct aver_arena arena = {0};
    struct aver_buf printed = {0};
    struct vm_source s = {.name = name, .text = source, .arena = &arena, .setup = setup};
    struct vm_function *chunk;
    aver_err err = vm_dialect(&s, &chunk, &printed, why);
    if (err != AVER_OK && out)
        aver_vm_show(out, name, source, s.at.line, s.at.column, s.code, s.what, s.instead);
    aver_buf_free(&printed);
    aver_arena_free(&arena);
    return err;
}
