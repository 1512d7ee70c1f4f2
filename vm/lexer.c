/* vm/lexer.c - see lexer.h. */
#include "vm/lexer.h"

#include <string.h>

static bool is_newline(int c) { return c == '\n' || c == '\r'; }
static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_letter(int c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static bool is_name(int c) { return is_letter(c) || is_digit(c) || c == '_'; }
static int hex_value(int c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static int peek(const struct vm_lexer *lx, size_t ahead)
{
    return (size_t)(lx->end - lx->p) > ahead ? lx->p[ahead] : -1;
}

static struct vm_place here(const struct vm_lexer *lx)
{
    return (struct vm_place){lx->line, (uint32_t)(lx->p - lx->line_start) + 1};
}

/* "\r\n" and "\n\r" are one line end, as in Lua. */
static void newline(struct vm_lexer *lx)
{
    int first = peek(lx, 0);
    lx->p++;
    if (is_newline(peek(lx, 0)) && peek(lx, 0) != first) lx->p++;
    lx->line++;
    lx->line_start = lx->p;
}

void vm_lexer_start(struct vm_lexer *lx, struct vm_source *source)
{
    aver_bytes t = source->text;
    *lx =
        (struct vm_lexer){.source = source, .p = t.ptr, .end = t.ptr + t.len, .line_start = t.ptr, .line = 1};
    lx->scratch = aver_arena_alloc(source->arena, t.len + 8);
    if (peek(lx, 0) == 0x1b)
        vm_refuse(source, here(lx), "DIALECT-SYNTAX", "give the source text",
                  "compiled Lua is not accepted: this is a binary chunk");
}

/* At "[": the number of "=" if a long bracket opens here, else -1. */
static int long_level(const struct vm_lexer *lx)
{
    size_t n = 0;
    while (peek(lx, 1 + n) == '=') n++;
    return peek(lx, 1 + n) == '[' ? (int)n : -1;
}

/* The text of a long bracket; a comment's is thrown away. */
static aver_bytes long_text(struct vm_lexer *lx, int level, bool keep)
{
    struct vm_place start = here(lx);
    uint8_t *out = keep ? lx->scratch : NULL;
    size_t n = 0;
    lx->p += level + 2;
    if (is_newline(peek(lx, 0))) newline(lx);
    while (lx->p < lx->end) {
        if (is_newline(*lx->p)) {
            newline(lx);
            if (out) out[n++] = '\n';
            continue;
        }
        if (*lx->p == ']') {
            int equals = 0;
            while (peek(lx, 1 + (size_t)equals) == '=') equals++;
            if (equals == level && peek(lx, 1 + (size_t)equals) == ']') {
                lx->p += level + 2;
                return keep ? aver_arena_copy(lx->source->arena, aver_bytes_of(out, n)) : AVER_BYTES_NONE;
            }
        }
        if (out) out[n++] = *lx->p;
        lx->p++;
    }
    vm_refuse(lx->source, start, "DIALECT-TEXT", "close it with the same long bracket", "this %s has no end",
              keep ? "text" : "comment");
}

static size_t utf8_put(uint8_t *out, uint32_t c)
{
    if (c < 0x80) return out[0] = (uint8_t)c, 1;
    if (c < 0x800) return out[0] = (uint8_t)(0xc0 | c >> 6), out[1] = (uint8_t)(0x80 | (c & 63)), 2;
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

/* After the backslash. Returns how many bytes were put. */
static size_t escape(struct vm_lexer *lx, uint8_t *out)
{
    static const char letters[] = "abfnrtv\\\"'", values[] = "\a\b\f\n\r\t\v\\\"'";
    struct vm_place at = here(lx);
    at.column--;
    int c = peek(lx, 0);
    const char *simple = c > 0 ? strchr(letters, c) : NULL;
    if (simple) {
        lx->p++;
        return out[0] = (uint8_t)values[simple - letters], 1;
    }
    if (is_newline(c)) return newline(lx), out[0] = '\n', 1;
    if (c == 'z') {
        lx->p++;
        while (is_space(peek(lx, 0))) {
            if (is_newline(*lx->p))
                newline(lx);
            else
                lx->p++;
        }
        return 0;
    }
    if (c == 'x' && hex_value(peek(lx, 1)) >= 0 && hex_value(peek(lx, 2)) >= 0) {
        out[0] = (uint8_t)(hex_value(peek(lx, 1)) * 16 + hex_value(peek(lx, 2)));
        lx->p += 3;
        return 1;
    }
    if (is_digit(c)) {
        int v = 0;
        for (int i = 0; i < 3 && is_digit(peek(lx, 0)); i++) v = v * 10 + (*lx->p++ - '0');
        if (v <= 255) return out[0] = (uint8_t)v, 1;
    }
    if (c == 'u' && peek(lx, 1) == '{' && hex_value(peek(lx, 2)) >= 0) {
        uint32_t v = 0;
        lx->p += 2;
        for (; hex_value(peek(lx, 0)) >= 0 && v <= 0x10ffff; lx->p++)
            v = v * 16 + (uint32_t)hex_value(*lx->p);
        if (peek(lx, 0) == '}' && v <= 0x10ffff) return lx->p++, utf8_put(out, v);
    }
    vm_refuse(lx->source, at, "DIALECT-TEXT",
              "use \\n, \\t, \\\\, \\\", \\ddd up to 255, \\xXX or \\u{XXX} up to 10FFFF",
              "this escape means nothing");
}

static aver_bytes short_text(struct vm_lexer *lx)
{
    struct vm_place start = here(lx);
    int quote = *lx->p++;
    uint8_t *out = lx->scratch; /* no escape is longer than what it is written as */
    size_t n = 0;
    for (;;) {
        int c = peek(lx, 0);
        if (c < 0 || is_newline(c))
            vm_refuse(lx->source, start, "DIALECT-TEXT", "close it on the line on which it begins",
                      "this text has no end");
        lx->p++;
        if (c == quote) return aver_arena_copy(lx->source->arena, aver_bytes_of(out, n));
        if (c == '\\')
            n += escape(lx, out + n);
        else
            out[n++] = (uint8_t)c;
    }
}

static int64_t number(struct vm_lexer *lx)
{
    struct vm_place start = here(lx);
    bool hex = peek(lx, 0) == '0' && (peek(lx, 1) == 'x' || peek(lx, 1) == 'X'), fraction = false,
         bad = false, large = false;
    uint64_t v = 0;
    size_t digits = 0;
    if (hex) lx->p += 2;
    for (;; lx->p++) {
        int c = peek(lx, 0), d = hex_value(c);
        if (c == '.' || (c == 'p' || c == 'P' ? hex : (c == 'e' || c == 'E') && !hex)) {
            fraction = true;
            if (c != '.' && (peek(lx, 1) == '+' || peek(lx, 1) == '-')) lx->p++;
        } else if (d >= 0 && (hex || d < 10)) {
            uint64_t base = hex ? 16 : 10;
            digits++;
            large = large || v > (INT64_MAX - (uint64_t)d) / base;
            if (!large) v = v * base + (uint64_t)d;
        } else if (is_name(c)) {
            bad = true;
        } else {
            break;
        }
    }
    if (bad || (digits == 0 && !fraction))
        vm_refuse(lx->source, start, "DIALECT-NUMBER", "put a space between a number and a name",
                  "this is no number");
    if (fraction)
        vm_refuse(lx->source, start, "DIALECT-NUMBER",
                  "count in the smallest unit: cents, thousandths, basis points",
                  "a fraction: numbers are whole");
    if (large) vm_refuse(lx->source, start, "DIALECT-NUMBER", "", "a number above 9223372036854775807");
    return (int64_t)v;
}

static int name_or_keyword(struct vm_lexer *lx, struct vm_token *t)
{
    static const char *const keywords[] = {"and", "break",    "do",     "else", "elseif", "end",   "false",
                                           "for", "function", "if",     "in",   "local",  "nil",   "not",
                                           "or",  "repeat",   "return", "then", "true",   "until", "while"};
    /* Where those of a first letter begin, from 1. */
    static const uint8_t begin['z' + 1] = {
        ['a'] = 1,  ['b'] = 2,  ['d'] = 3,  ['e'] = 4,  ['f'] = 7,  ['i'] = 10, ['l'] = 12,
        ['n'] = 13, ['o'] = 15, ['r'] = 16, ['t'] = 18, ['u'] = 20, ['w'] = 21};
    enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };
    const uint8_t *from = lx->p;
    while (lx->p < lx->end && is_name(*lx->p)) lx->p++;
    aver_bytes word = aver_bytes_of(from, (size_t)(lx->p - from));
    size_t i = *from <= 'z' && begin[*from] ? begin[*from] - 1u : KEYWORDS;
    for (; i < KEYWORDS && keywords[i][0] == (char)*from; i++)
        if (aver_bytes_is(word, keywords[i])) return TK_AND + (int)i;
    if (aver_bytes_is(word, "goto"))
        vm_refuse(lx->source, t->at, "DIALECT-FEATURE", "use \"if\", \"break\" or a function",
                  "labels and goto are not part of the dialect");
    if (aver_bytes_is(word, "_ENV") || (word.len >= 2 && memcmp(word.ptr, VM_RESERVED, 2) == 0))
        vm_refuse(
            lx->source, t->at, "DIALECT-NAME", "choose another name",
            "the name \"%.*s\" is reserved: _ENV and names that begin with two underscores are not part "
            "of the dialect",
            (int)(word.len < 60 ? word.len : 60), (const char *)word.ptr);
    t->text = word;
    return TK_NAME;
}

static int symbol(struct vm_lexer *lx, struct vm_place at)
{
    static const struct {
        const char *text;
        int kind;
        const char *code, *what, *instead;
    } symbols[] = {
        /* longer ones first; without a kind: refused */
        {"...", 0, "DIALECT-FEATURE", "functions take a fixed number of arguments", "give a list in a table"},
        {"::", 0, "DIALECT-FEATURE", "labels and goto are not part of the dialect",
         "use \"if\", \"break\" or a function"},
        {"<<", 0, "DIALECT-OPERATOR", "bitwise operators are not part of the dialect", "use \"*\""},
        {">>", 0, "DIALECT-OPERATOR", "bitwise operators are not part of the dialect", "use \"//\""},
        {"==", TK_EQ, NULL, NULL, NULL},
        {"~=", TK_NE, NULL, NULL, NULL},
        {"<=", TK_LE, NULL, NULL, NULL},
        {">=", TK_GE, NULL, NULL, NULL},
        {"..", TK_CONCAT, NULL, NULL, NULL},
        {"//", TK_DIVIDE, NULL, NULL, NULL},
        {"/", 0, "DIALECT-OPERATOR", "\"/\" gives fractions", "use \"//\", money.bps or money.muldiv"},
        {"^", 0, "DIALECT-OPERATOR", "\"^\" gives fractions", "multiply"},
        {"&", 0, "DIALECT-OPERATOR", "bitwise operators are not part of the dialect", ""},
        {"|", 0, "DIALECT-OPERATOR", "bitwise operators are not part of the dialect", ""},
        {"~", 0, "DIALECT-OPERATOR", "bitwise operators are not part of the dialect",
         "\"not equal\" is \"~=\""}};
    int c = *lx->p;
    bool alone = c > ' ' && c < '.' && c != '&'; /* no symbol of several characters begins with it */
    for (size_t i = 0; !alone && i < sizeof symbols / sizeof symbols[0]; i++) {
        if (symbols[i].text[0] != c) continue;
        size_t n = strlen(symbols[i].text);
        if ((size_t)(lx->end - lx->p) < n || memcmp(lx->p, symbols[i].text, n) != 0) continue;
        if (!symbols[i].kind)
            vm_refuse(lx->source, at, symbols[i].code, symbols[i].instead, "%s", symbols[i].what);
        lx->p += n;
        return symbols[i].kind;
    }
    if (c > ' ' && c < 0x7f && !strchr("+-*%#<>=(){}[];:,.", c))
        vm_refuse(lx->source, at, "DIALECT-SYNTAX",
                  c == '!' ? "\"not equal\" is \"~=\", \"not\" is \"not\"" : "", "unexpected symbol \"%c\"",
                  c);
    if (c <= ' ' || c >= 0x7f)
        vm_refuse(lx->source, at, "DIALECT-SYNTAX", "such characters stand in texts and remarks only",
                  "unexpected symbol of byte %02x", (unsigned)c);
    lx->p++;
    return c;
}

struct vm_token vm_lexer_next(struct vm_lexer *lx)
{
    for (;;) {
        int c = peek(lx, 0);
        if (is_newline(c)) {
            newline(lx);
        } else if (is_space(c)) {
            lx->p++;
        } else if (c == '-' && peek(lx, 1) == '-') {
            lx->p += 2;
            int level = peek(lx, 0) == '[' ? long_level(lx) : -1;
            if (level >= 0)
                long_text(lx, level, false);
            else
                while (lx->p < lx->end && !is_newline(*lx->p)) lx->p++;
        } else {
            break;
        }
    }
    struct vm_token t = {.at = here(lx)};
    const uint8_t *from = lx->p;
    int c = peek(lx, 0);
    if (c < 0) {
        t.kind = TK_END;
    } else if (is_name(c) && !is_digit(c)) {
        t.kind = name_or_keyword(lx, &t);
    } else if (c == '"' || c == '\'') {
        t.kind = TK_TEXT;
        t.text = short_text(lx);
    } else if (c == '[' && long_level(lx) >= 0) {
        t.kind = TK_TEXT;
        t.text = long_text(lx, long_level(lx), true);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1)))) {
        t.kind = TK_INTEGER;
        t.integer = number(lx);
    } else {
        t.kind = symbol(lx, t.at);
    }
    if (t.kind == TK_TEXT && t.text.len > AVER_VM_STRING_MAX)
        vm_refuse(lx->source, t.at, "DIALECT-LIMIT", "split it", "a text of more than %d bytes",
                  AVER_VM_STRING_MAX);
    t.raw = aver_bytes_of(from, (size_t)(lx->p - from));
    return t;
}
