/* tests/fuzz/dialect_diff.h - a program of the dialect made from bytes, run by vm/ and by the evaluator; value, trap and gas must
 * agree. Mostly well typed, so that programs get somewhere, and sometimes not. */
#ifndef AVER_TESTS_DIALECT_DIFF_H
#define AVER_TESTS_DIALECT_DIFF_H

#include <stdlib.h>

#include "tests/fuzz/evaluator.h"
#include "tests/unit/rng.h"

#define DIFF_NAMES_MAX  64
#define DIFF_GAS        20000
#define DIFF_BYTES_MAX  24000 /* of a program */
#define DIFF_SEEDED_MAX 600   /* bytes that a seed stands for */

enum diff_type { DIFF_INT, DIFF_TEXT, DIFF_TABLE, DIFF_FUNCTION, DIFF_TYPES };

struct diff {
    const uint8_t *p, *end;
    struct aver_buf out;
    enum diff_type types[DIFF_NAMES_MAX]; /* of the names v0, v1 ... that can be seen */
    int ids[DIFF_NAMES_MAX];
    int names, next_id;
    int depth, loops, functions;
};

/* 0 when there are no more bytes, which always chooses the simplest. */
static inline unsigned diff_pick(struct diff *d, unsigned n) { return d->p < d->end ? *d->p++ % n : 0; }
static inline void diff_put(struct diff *d, const char *s) { aver_buf_str(&d->out, s); }

static inline bool diff_name(struct diff *d, enum diff_type type)
{
    int found[DIFF_NAMES_MAX], n = 0;
    for (int i = 0; i < d->names; i++)
        if (d->types[i] == type) found[n++] = d->ids[i];
    if (!n) return false;
    aver_buf_printf(&d->out, "v%d", found[diff_pick(d, (unsigned)n)]);
    return true;
}

static inline void diff_show(struct diff *d, enum diff_type type, int id)
{
    if (d->names == DIFF_NAMES_MAX) d->names = DIFF_NAMES_MAX - 1;
    d->types[d->names] = type;
    d->ids[d->names++] = id;
}
static inline int diff_declare(struct diff *d, enum diff_type type)
{
    diff_show(d, type, d->next_id);
    return d->next_id++;
}

static void diff_expr(struct diff *d, enum diff_type type);
static void diff_block(struct diff *d, int statements);

static inline void diff_pair(struct diff *d, const char *open, enum diff_type a, const char *between,
                             enum diff_type b, const char *close)
{
    diff_put(d, open);
    diff_expr(d, a);
    diff_put(d, between);
    diff_expr(d, b);
    diff_put(d, close);
}

static inline void diff_condition(struct diff *d)
{
    static const char *const compare[] = {" < ", " <= ", " > ", " >= ", " == ", " ~= "};
    switch (diff_pick(d, 7)) {
    default: diff_pair(d, "", DIFF_INT, compare[diff_pick(d, 6)], DIFF_INT, ""); return;
    case 2: diff_pair(d, "", DIFF_TEXT, diff_pick(d, 2) ? " == " : " ~= ", DIFF_TEXT, ""); return;
    case 3:
        diff_put(d, "not (");
        diff_condition(d);
        diff_put(d, ")");
        return;
    case 4:
        diff_pair(d, "(", DIFF_INT, " == ", DIFF_INT, diff_pick(d, 2) ? " and true)" : " or nil)");
        return;
    case 5: diff_pair(d, "(", DIFF_TABLE, ")[ ", DIFF_INT, "] ~= nil"); return;
    case 6: diff_pair(d, "str.compare(", DIFF_TEXT, ", ", DIFF_TEXT, ") < 0"); return;
    }
}

static inline void diff_function(struct diff *d, int self)
{
    int names = d->names, loops = d->loops;
    d->loops = 0;
    d->functions++;
    int a = diff_declare(d, DIFF_INT), b = diff_declare(d, DIFF_INT);
    aver_buf_printf(&d->out, "(v%d, v%d)\n", a, b);
    if (diff_pick(d, 8) != 7) aver_buf_printf(&d->out, "if v%d < 1 then return v%d end\n", a, b);
    diff_block(d, 1 + (int)diff_pick(d, 4));
    diff_put(d, "return ");
    if (self >= 0 && diff_pick(d, 2)) {
        aver_buf_printf(&d->out, "v%d(v%d - 1, ", self, a);
        diff_expr(d, DIFF_INT);
        diff_put(d, ")");
    } else {
        diff_expr(d, DIFF_INT);
    }
    diff_put(d, "\nend");
    d->functions--;
    d->names = names;
    d->loops = loops;
}

static inline void diff_int(struct diff *d)
{
    static const char *const operators[] = {" + ", " - ", " * ", " // ", " % "};
    static const char *const literals[] = {"0",    "1",    "2",   "3", "7", "100", "9223372036854775807",
                                           "0x10", "(-1)", "(-7)"};
    switch (d->depth > 5 ? diff_pick(d, 2) : diff_pick(d, 14)) {
    case 0: diff_put(d, literals[diff_pick(d, 10)]); return;
    default:
        if (!diff_name(d, DIFF_INT)) diff_put(d, "5");
        return;
    case 4:
    case 5: diff_pair(d, "(", DIFF_INT, operators[diff_pick(d, 5)], DIFF_INT, ")"); return;
    case 6:
        diff_put(d, "#");
        diff_expr(d, diff_pick(d, 2) ? DIFF_TEXT : DIFF_TABLE);
        return;
    case 7: diff_pair(d, diff_pick(d, 2) ? "math.min(" : "math.max(", DIFF_INT, ", ", DIFF_INT, ")"); return;
    case 8:
        if (!diff_name(d, DIFF_FUNCTION)) diff_put(d, "money.add");
        diff_pair(d, "(", DIFF_INT, ", ", DIFF_INT, ")");
        return;
    case 9:
        diff_pair(d, "((", DIFF_TABLE, ")[ ", DIFF_INT, "] or ");
        diff_expr(d, DIFF_INT);
        diff_put(d, ")");
        return;
    case 10:
        diff_put(d, "(");
        diff_condition(d);
        diff_pair(d, " and ", DIFF_INT, " or ", DIFF_INT, ")");
        return;
    case 11:
        diff_put(d, "- ");
        diff_expr(d, DIFF_INT);
        return;
    case 12:
        diff_put(d, "((");
        diff_expr(d, DIFF_TABLE);
        diff_put(d, diff_pick(d, 2) || !d->functions ? ").x or 4)" : ").y or policy)");
        return;
    case 13:
        diff_put(d, "len(");
        diff_expr(d, diff_pick(d, 2) ? DIFF_TEXT : DIFF_TABLE);
        diff_put(d, ")");
        return;
    }
}

static inline void diff_text(struct diff *d)
{
    static const char *const literals[] = {"\"\"",
                                           "\"a\"",
                                           "\"b\\0\\255\"",
                                           "'ccc'",
                                           "[[\nd\n]]",
                                           "\"\\\"\\n\"",
                                           "\"long enough to be no short text at all, forty bytes\""};
    switch (d->depth > 5 ? diff_pick(d, 2) : diff_pick(d, 6)) {
    case 0: diff_put(d, literals[diff_pick(d, 7)]); return;
    default:
        if (!diff_name(d, DIFF_TEXT)) diff_put(d, "\"none\"");
        return;
    case 3: diff_pair(d, "(", DIFF_TEXT, " .. ", diff_pick(d, 2) ? DIFF_TEXT : DIFF_INT, ")"); return;
    case 4:
        diff_pair(d, "(", DIFF_TEXT, " .. ", DIFF_INT, " .. ");
        diff_expr(d, DIFF_TEXT);
        diff_put(d, ")");
        return;
    case 5:
        diff_put(d, "text(");
        diff_expr(d, DIFF_INT);
        diff_put(d, ")");
        return;
    }
}

static inline void diff_sort(struct diff *d)
{
    diff_put(d, "sort(");
    switch (diff_pick(d, 3)) {
    case 0: diff_expr(d, DIFF_TABLE); break;
    case 1: diff_pair(d, "", DIFF_TABLE, ", ", DIFF_TABLE, ""); break;
    default:
        diff_put(d, "{11, 12, 13, 14, 15}, {");
        for (int i = 0; i < 5; i++) {
            diff_expr(d, DIFF_INT);
            diff_put(d, ", ");
        }
        diff_put(d, "}");
        break;
    }
    diff_put(d, ")");
}

static inline void diff_table(struct diff *d)
{
    if (d->depth > 4 || diff_pick(d, 3)) {
        if (!diff_name(d, DIFF_TABLE)) diff_put(d, "{}");
        return;
    }
    if (diff_pick(d, 4) == 3) {
        diff_sort(d);
        return;
    }
    diff_put(d, "{");
    for (unsigned n = diff_pick(d, 5); n > 0; n--) {
        switch (diff_pick(d, 5)) {
        default: diff_expr(d, DIFF_INT); break;
        case 2:
            diff_put(d, "x = ");
            diff_expr(d, DIFF_INT);
            break;
        case 3: diff_pair(d, "[ ", diff_pick(d, 2) ? DIFF_TEXT : DIFF_INT, "] = ", DIFF_INT, ""); break;
        case 4: diff_put(d, "nil"); break;
        }
        diff_put(d, ", ");
    }
    diff_put(d, "}");
}

static void diff_expr(struct diff *d, enum diff_type type)
{
    if (d->p < d->end && *d->p == 255) { /* now and then another type than is wanted */
        d->p++;
        type = (enum diff_type)diff_pick(d, DIFF_TYPES);
    }
    d->depth++;
    switch (type) {
    case DIFF_INT: diff_int(d); break;
    case DIFF_TEXT: diff_text(d); break;
    case DIFF_TABLE: diff_table(d); break;
    case DIFF_FUNCTION:
        if (d->functions > 3 || d->depth > 4 || diff_pick(d, 2)) {
            if (!diff_name(d, DIFF_FUNCTION)) diff_put(d, "len");
        } else {
            diff_put(d, "function");
            diff_function(d, -1);
        }
        break;
    case DIFF_TYPES: break;
    }
    d->depth--;
}

static inline void diff_body(struct diff *d, bool loop)
{
    int names = d->names;
    d->loops += loop;
    diff_block(d, 1 + (int)diff_pick(d, 3));
    d->loops -= loop;
    d->names = names;
}

static inline void diff_if(struct diff *d)
{
    diff_put(d, "if ");
    diff_condition(d);
    diff_put(d, " then\n");
    diff_body(d, false);
    for (unsigned n = diff_pick(d, 3); n > 1; n--) {
        diff_put(d, "elseif ");
        diff_condition(d);
        diff_put(d, " then\n");
        diff_body(d, false);
    }
    if (diff_pick(d, 2)) {
        diff_put(d, "else\n");
        diff_body(d, false);
    }
    diff_put(d, "end");
}

static inline void diff_loop(struct diff *d)
{
    int names = d->names, id = d->next_id;
    d->next_id += 2;
    switch (diff_pick(d, 5)) {
    case 0:
        aver_buf_printf(&d->out, "for v%d = ", id);
        diff_pair(d, "", DIFF_INT, ", ", DIFF_INT, "");
        if (diff_pick(d, 3) == 2) {
            diff_put(d, ", ");
            diff_expr(d, DIFF_INT);
        }
        diff_show(d, DIFF_INT, id);
        break;
    case 1:
        aver_buf_printf(&d->out, "for v%d = 1, %u", id, diff_pick(d, 6));
        diff_show(d, DIFF_INT, id);
        break;
    case 2:
    case 3: {
        bool list = diff_pick(d, 2);
        aver_buf_printf(&d->out, "for v%d, v%d in %s(", id, id + 1, list ? "each" : "sorted_pairs");
        diff_expr(d, DIFF_TABLE);
        diff_put(d, ")");
        diff_show(d, list ? DIFF_INT : DIFF_TEXT, id);
        diff_show(d, DIFF_INT, id + 1);
        break;
    }
    default:
        if (diff_pick(d, 2)) {
            diff_put(d, "repeat\n");
            diff_body(d, true);
            diff_put(d, "until ");
            diff_condition(d);
            return;
        }
        diff_put(d, "while ");
        diff_condition(d);
        break;
    }
    diff_put(d, " do\n");
    diff_body(d, true);
    diff_put(d, "end");
    d->names = names;
}

static inline void diff_local(struct diff *d)
{
    enum diff_type type = (enum diff_type)diff_pick(d, DIFF_TYPES);
    if (type == DIFF_FUNCTION && diff_pick(d, 2)) {
        int id = diff_declare(d, DIFF_FUNCTION);
        aver_buf_printf(&d->out, "local function v%d", id);
        diff_function(d, id);
        return;
    }
    int id = d->next_id++;
    bool constant = diff_pick(d, 8) == 7;
    aver_buf_printf(&d->out, "local v%d%s = ", id, constant ? " <const>" : "");
    diff_expr(d, type);
    if (!constant)
        diff_show(d, type, id); /* what is constant is not seen again, so that nothing assigns to it */
}

static inline void diff_assign(struct diff *d)
{
    enum diff_type type = (enum diff_type)diff_pick(d, DIFF_TYPES);
    if (!diff_name(d, type)) {
        diff_put(d, "put(1)");
        return;
    }
    if (diff_pick(d, 6) == 5) {
        diff_put(d, ", ");
        diff_name(d, type);
        diff_put(d, " = ");
        diff_expr(d, type);
        diff_put(d, ", ");
    } else {
        diff_put(d, " = ");
    }
    diff_expr(d, type);
}

static inline void diff_set(struct diff *d)
{
    static const char *const fields[] = {"[1]", ".x", ".y", "[\"z\"]", "[2]"};
    if (!diff_name(d, DIFF_TABLE)) {
        diff_put(d, "put(2)");
        return;
    }
    switch (diff_pick(d, 4)) {
    case 0: diff_put(d, fields[diff_pick(d, 5)]); break;
    case 1:
        diff_put(d, "[ ");
        diff_expr(d, DIFF_INT);
        diff_put(d, "]");
        break;
    case 2:
        diff_put(d, "[ ");
        diff_expr(d, DIFF_TEXT);
        diff_put(d, "]");
        break;
    default: diff_put(d, ".x"); break;
    }
    diff_put(d, " = ");
    if (diff_pick(d, 3) == 2)
        diff_put(d, "nil");
    else
        diff_expr(d, DIFF_INT);
}

static inline void diff_statement(struct diff *d)
{
    /* While it is loaded there is no host to write to: mostly declarations then. */
    if (!d->functions && diff_pick(d, 8) != 7) {
        diff_local(d);
        return;
    }
    switch (diff_pick(d, 12)) {
    default: diff_local(d); return;
    case 2:
    case 3: diff_assign(d); return;
    case 4:
    case 5: diff_set(d); return;
    case 6: diff_if(d); return;
    case 7: diff_loop(d); return;
    case 8: diff_pair(d, "put(", DIFF_INT, ", ", (enum diff_type)diff_pick(d, DIFF_TABLE + 1), ")"); return;
    case 9:
        diff_put(d, "do\n");
        diff_body(d, false);
        diff_put(d, "end");
        return;
    case 10:
        if (d->loops && diff_pick(d, 2)) {
            diff_put(d, "if ");
            diff_condition(d);
            diff_put(d, " then break end");
        } else if (d->functions && diff_pick(d, 2)) {
            diff_put(d, "if ");
            diff_condition(d);
            diff_put(d, " then return ");
            diff_expr(d, DIFF_INT);
            diff_put(d, " end");
        } else {
            diff_pair(d, "put(", DIFF_INT, ", ", DIFF_TEXT, ")");
        }
        return;
    case 11: {
        /* A list, appended to. */
        size_t from = d->out.len;
        if (!diff_name(d, DIFF_TABLE)) {
            diff_put(d, "put(3)");
            return;
        }
        char name[16];
        snprintf(name, sizeof name, "%.*s", (int)(d->out.len - from), (const char *)d->out.ptr + from);
        aver_buf_printf(&d->out, "[#%s + 1] = ", name);
        diff_expr(d, DIFF_INT);
        return;
    }
    }
}

/* What it declares is forgotten by who opened it. */
static void diff_block(struct diff *d, int statements)
{
    d->depth++;
    for (int i = 0; i < statements && d->depth < 10 && d->out.len < DIFF_BYTES_MAX; i++) {
        diff_statement(d);
        diff_put(d, "\n");
    }
    d->depth--;
}

/* What a seed stands for: how many bytes. */
static inline size_t diff_bytes(uint64_t seed, uint8_t bytes[DIFF_SEEDED_MAX])
{
    uint64_t r = seed;
    size_t n = 40 + rng_next(&r) % (DIFF_SEEDED_MAX - 40);
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)rng_next(&r);
    return n;
}

/* The program, NUL after it; the caller frees it. */
static inline struct aver_buf diff_program(const uint8_t *data, size_t size)
{
    struct diff d = {.p = data, .end = data + size};
    aver_buf_reserve(&d.out, 64);
    diff_block(&d, 2 + (int)diff_pick(&d, 4));
    diff_put(&d, "return {main = function");
    d.functions = 1;
    int n = diff_declare(&d, DIFF_INT), s = diff_declare(&d, DIFF_TEXT);
    aver_buf_printf(&d.out, "(v%d, v%d)\n", n, s);
    diff_block(&d, 3 + (int)diff_pick(&d, 12));
    diff_put(&d, "end}\n");
    aver_buf_byte(&d.out, 0);
    return d.out;
}

#define DIFF_ASSERT(e, program)                                                                              \
    do {                                                                                                     \
        if (!(e)) {                                                                                          \
            fprintf(stderr, "%s\n", (const char *)(program));                                                \
            AVER_ASSERT(e);                                                                                  \
        }                                                                                                    \
    } while (0)

/* Both ways, with this limit. Returns the gas used; *trap is how it ended. */
static inline uint64_t diff_once(struct aver_vm *vm, struct vm_function *chunk, struct aver_buf *program,
                                 uint64_t limit, enum aver_trap *trap)
{
    static struct evaluator ev;
    static struct vm_host host;
    static const struct aver_value policy = {.kind = AVER_INT, .integer = 77};
    struct aver_value args[] = {aver_int(7), aver_text(AVER_LIT("seven"))};
    struct aver_run run = {.entry = "main",
                           .args = args,
                           .args_count = 2,
                           .objects = &policy,
                           .host = &host,
                           .gas_limit = limit};
    struct aver_why why = {0};
    bool loaded = ev_run(&ev, chunk, program->len - 1, limit, 7, AVER_LIT("seven"));
    DIFF_ASSERT(loaded == (vm != NULL), program->ptr);
    *trap = AVER_TRAP_NONE;
    if (loaded) {
        host = (struct vm_host){.log_hash = UINT64_C(0xcbf29ce484222325)};
        DIFF_ASSERT(aver_vm_run(vm, &run, &why) == AVER_OK, program->ptr);
        if (run.trap != ev.trap || run.gas_used != limit - ev.gas || host.log_hash != ev.host.log_hash)
            fprintf(stderr, "vm: trap %d (%s, line %d) gas %d wrote %s\nevaluator: trap %d gas %d wrote %s\n",
                    run.trap, run.trap_text, (int)run.trap_line, (int)run.gas_used, host.log, ev.trap,
                    (int)(limit - ev.gas), ev.host.log);
        DIFF_ASSERT(run.trap == ev.trap, program->ptr);
        DIFF_ASSERT(run.gas_used == limit - ev.gas, program->ptr);
        DIFF_ASSERT(host.log_hash == ev.host.log_hash, program->ptr);
        *trap = run.trap;
    }
    aver_arena_free(&ev.arena);
    return run.gas_used;
}

/* The trap that the program ended with; AVER_TRAP_ENTRY if it was refused or did not load. */
static inline enum aver_trap diff_check(const uint8_t *data, size_t size)
{
    struct aver_buf program = diff_program(data, size), printed = {0};
    struct aver_arena arena = {0};
    struct vm_source s = {.name = "diff",
                          .text = aver_bytes_of(program.ptr, program.len - 1),
                          .arena = &arena,
                          .setup = vm_host_setup()};
    struct vm_function *chunk = NULL;
    struct aver_vm *vm = NULL;
    struct aver_why why = {0};
    enum aver_trap trap = AVER_TRAP_ENTRY;
    aver_err err = vm_dialect(&s, &chunk, &printed, &why);
    aver_err made = aver_vm_new(&vm, vm_host_setup(), "diff", s.text, &why);
    if (err != AVER_OK) {
        /* Bounds, and what comes of wrong types; the rest is a mistake of this file. */
        bool meant = strcmp(why.code, "DIALECT-LIMIT") == 0 || strcmp(why.code, "DIALECT-OPERATOR") == 0 ||
                     strcmp(why.code, "DIALECT-INDEX") == 0 || strcmp(why.code, "DIALECT-CALL") == 0;
        if (!meant) fprintf(stderr, "%s %s: %s\n", why.code, why.place, why.text);
        DIFF_ASSERT(made == AVER_E_INPUT && meant, program.ptr);
    } else {
        if (made != AVER_OK && strcmp(why.code, "CONTRACT-LOAD") != 0)
            fprintf(stderr, "%s: %s\n", why.code, why.text);
        DIFF_ASSERT(made == AVER_OK || strcmp(why.code, "CONTRACT-LOAD") == 0, program.ptr);
        uint64_t gas = diff_once(vm, chunk, &program, DIFF_GAS, &trap);
        if (!vm) trap = AVER_TRAP_ENTRY;
        enum aver_trap less;
        if (vm && trap != AVER_TRAP_GAS && gas > 0) {
            diff_once(vm, chunk, &program, gas - 1, &less);
            DIFF_ASSERT(less == AVER_TRAP_GAS, program.ptr);
            diff_once(vm, chunk, &program, gas, &less);
            DIFF_ASSERT(less == trap, program.ptr);
        }
    }
    aver_vm_free(vm);
    aver_buf_free(&printed);
    aver_buf_free(&program);
    aver_arena_free(&arena);
    return trap;
}

#endif
