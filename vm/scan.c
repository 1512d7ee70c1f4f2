/* vm/scan.c - what the dialect leaves out, found before Lua reads the text.
 * Cuts the source into the tokens that Lua 5.4 cuts it into (manual 3.1) and refuses some. Where a text is no Lua at all
 * it lets it pass: Lua says what is wrong, and what Lua refuses cannot hide a token. */
#include "vm/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* For Lua's own words about a value it walks back along a chain of fields, by recursion. */
#define CHAIN_MAX 32

struct scan {
    const uint8_t *p, *end;
    uint64_t line;
    const char *name;
    struct aver_why *why;
};

static aver_err refuse(struct scan *s, const char *what)
{
    char place[256];
    snprintf(place, sizeof place, "%.200s:%" PRIu64, s->name, s->line);
    return aver_fail(s->why, AVER_E_INPUT, "CONTRACT-SYNTAX", place, "%s", what);
}

static int peek(const struct scan *s, size_t ahead)
{
    return (size_t)(s->end - s->p) > ahead ? s->p[ahead] : -1;
}

static bool is_newline(int c) { return c == '\n' || c == '\r'; }
static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_name(int c)
{
    return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "\r\n" and "\n\r" are one line end, as in Lua. */
static void newline(struct scan *s)
{
    int first = peek(s, 0);
    s->p++;
    if (is_newline(peek(s, 0)) && peek(s, 0) != first) s->p++;
    s->line++;
}

/* At "[": the number of "=" if a long bracket opens here, else -1. */
static int long_level(const struct scan *s)
{
    size_t n = 0;
    while (peek(s, 1 + n) == '=') n++;
    return peek(s, 1 + n) == '[' ? (int)n : -1;
}

static void long_text(struct scan *s, int level)
{
    s->p += level + 2;
    while (s->p < s->end) {
        if (is_newline(*s->p)) {
            newline(s);
            continue;
        }
        if (*s->p == ']') {
            int n = 0;
            while (peek(s, 1 + (size_t)n) == '=') n++;
            if (n == level && peek(s, 1 + (size_t)n) == ']') {
                s->p += level + 2;
                return;
            }
        }
        s->p++;
    }
}

static void short_text(struct scan *s)
{
    int quote = *s->p++;
    while (s->p < s->end && *s->p != quote && !is_newline(*s->p)) {
        if (*s->p != '\\') {
            s->p++;
            continue;
        }
        s->p++;
        if (is_newline(peek(s, 0))) {
            newline(s);
        } else if (peek(s, 0) == 'z') {
            s->p++;
            while (s->p < s->end && is_space(*s->p)) {
                if (is_newline(*s->p))
                    newline(s);
                else
                    s->p++;
            }
        } else if (s->p < s->end) {
            s->p++;
        }
    }
    if (peek(s, 0) == quote) s->p++;
}

static void comment(struct scan *s)
{
    s->p += 2;
    int level = peek(s, 0) == '[' ? long_level(s) : -1;
    if (level >= 0) {
        long_text(s, level);
        return;
    }
    while (s->p < s->end && !is_newline(*s->p)) s->p++;
}

static aver_err number(struct scan *s)
{
    bool hex = *s->p == '0' && (peek(s, 1) == 'x' || peek(s, 1) == 'X');
    if (hex) s->p += 2;
    uint64_t v = 0;
    for (; is_name(peek(s, 0)) || peek(s, 0) == '.'; s->p++) {
        int c = *s->p, digit = is_digit(c) ? c - '0' : (c | 32) - 'a' + 10;
        if (c == '.' || (c | 32) == (hex ? 'p' : 'e'))
            return refuse(s, "numbers are whole: write amounts in cents and rates in basis points");
        if (digit >= (hex ? 16 : 10)) return refuse(s, "a number runs into a letter");
        if (__builtin_mul_overflow(v, hex ? (uint64_t)16 : (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)digit, &v) || v > INT64_MAX)
            return refuse(s, "a number above 9223372036854775807");
    }
    return AVER_OK;
}

static aver_err symbol(struct scan *s)
{
    static const struct {
        const char *text, *words;
    } symbols[] = {/* longer ones first; without words: allowed */
                   {"...", "functions take a fixed number of arguments: \"...\" is not part of the dialect"},
                   {"::", "labels and goto are not part of the dialect"},
                   {"<<", "bitwise operators are not part of the dialect"},
                   {">>", "bitwise operators are not part of the dialect"},
                   {"..", NULL},
                   {"//", NULL},
                   {"~=", NULL},
                   {"==", NULL},
                   {"<=", NULL},
                   {">=", NULL},
                   {"/", "\"/\" gives fractions: use \"//\", money.bps or money.muldiv"},
                   {"^", "\"^\" gives fractions and is not part of the dialect"},
                   {"&", "bitwise operators are not part of the dialect"},
                   {"|", "bitwise operators are not part of the dialect"},
                   {"~", "bitwise operators are not part of the dialect"}};
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        size_t n = strlen(symbols[i].text);
        if ((size_t)(s->end - s->p) < n || memcmp(s->p, symbols[i].text, n) != 0) continue;
        if (symbols[i].words) return refuse(s, symbols[i].words);
        s->p += n;
        return AVER_OK;
    }
    s->p++;
    return AVER_OK;
}

aver_err vm_scan(const char *name, aver_bytes source, struct aver_why *why)
{
    static const char *const keywords[] = {"and", "break",    "do",     "else", "elseif", "end",   "false",
                                           "for", "function", "if",     "in",   "local",  "nil",   "not",
                                           "or",  "repeat",   "return", "then", "true",   "until", "while"};
    struct scan s = {source.ptr, source.ptr + source.len, 1, name, why};
    int chain = 0;
    bool attribute = false; /* the token before was "<" */
    while (s.p < s.end) {
        int c = *s.p;
        if (is_newline(c)) {
            newline(&s);
        } else if (is_space(c)) {
            s.p++;
        } else if (c == '-' && peek(&s, 1) == '-') {
            comment(&s);
        } else if (is_name(c) && !is_digit(c)) {
            const uint8_t *from = s.p;
            while (is_name(peek(&s, 0))) s.p++;
            aver_bytes word = aver_bytes_of(from, (size_t)(s.p - from));
            if (aver_bytes_is(word, "_ENV"))
                return refuse(&s, "the name \"_ENV\" is not part of the dialect");
            if (aver_bytes_is(word, "goto")) return refuse(&s, "labels and goto are not part of the dialect");
            if (attribute && aver_bytes_is(word, "close"))
                return refuse(&s, "\"<close>\" is not part of the dialect, nor is \"close\" after \"<\"");
            for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
                if (aver_bytes_is(word, keywords[i])) chain = 0;
            attribute = false;
        } else if (c == '"' || c == '\'') {
            short_text(&s);
            attribute = false;
        } else if (c == '[' && long_level(&s) >= 0) {
            long_text(&s, long_level(&s));
            attribute = false;
        } else if (is_digit(c) || (c == '.' && is_digit(peek(&s, 1)))) {
            AVER_TRY(number(&s));
            attribute = false;
        } else {
            if (c == '.' && peek(&s, 1) != '.')
                chain++;
            else if (c == '[')
                chain++;
            else if (c != ']')
                chain = 0;
            if (chain > CHAIN_MAX)
                return refuse(&s, "a chain of more than 32 fields: name a part of it with \"local\"");
            attribute = c == '<' && peek(&s, 1) != '=';
            AVER_TRY(symbol(&s));
        }
    }
    return AVER_OK;
}
