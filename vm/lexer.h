/* vm/lexer.h - the source cut into tokens, as the manual of Lua 5.4 says in 3.1, without fractions. */
#ifndef AVER_VM_LEXER_H
#define AVER_VM_LEXER_H

#include "vm/dialect.h"

/* A single character is its own kind. */
enum vm_token_kind {
    TK_END = 256,
    TK_NAME,
    TK_INTEGER,
    TK_TEXT,
    TK_EQ,     /* == */
    TK_NE,     /* ~= */
    TK_LE,     /* <= */
    TK_GE,     /* >= */
    TK_CONCAT, /* .. */
    TK_DIVIDE, /* // */
    TK_AND,    /* keywords from here, in the order of their names */
    TK_BREAK,
    TK_DO,
    TK_ELSE,
    TK_ELSEIF,
    TK_DONE, /* end */
    TK_FALSE,
    TK_FOR,
    TK_FUNCTION,
    TK_IF,
    TK_IN,
    TK_LOCAL,
    TK_NIL,
    TK_NOT,
    TK_OR,
    TK_REPEAT,
    TK_RETURN,
    TK_THEN,
    TK_TRUE,
    TK_UNTIL,
    TK_WHILE,
};

struct vm_token {
    int kind;
    struct vm_place at;
    aver_bytes text; /* a NAME; the bytes that a TEXT stands for, in the arena */
    int64_t integer;
    aver_bytes raw; /* as it stands in the source */
};

struct vm_lexer {
    struct vm_source *source;
    const uint8_t *p, *end, *line_start;
    uint32_t line;
    uint8_t *scratch; /* as long as the source */
};

void vm_lexer_start(struct vm_lexer *lx, struct vm_source *source);
/* Does not return when there is no token of the dialect: DIALECT-TEXT, DIALECT-NUMBER, DIALECT-NAME, DIALECT-OPERATOR,
 * DIALECT-FEATURE, DIALECT-SYNTAX. */
struct vm_token vm_lexer_next(struct vm_lexer *lx);

#endif
